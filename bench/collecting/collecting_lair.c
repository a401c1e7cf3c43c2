/* collecting_lair.c: bench-gc on liblair: a user type, counts and the collector as they come, or as
 * LAIR_OPTIONS says. */
#include <lair/lair.h>

enum { LINKS = 3 };

typedef struct node {
    lair_object object;
    lair_object *links[LINKS];
} node;

static lair_heap *heap;
static lair_type *type;

static node *node_new(void)
{
    return (node *)(void *)lair_new(type);
}

static node *node_link(const node *self, int i)
{
    return (node *)(void *)self->links[i];
}

static void node_set(node *self, int i, node *to)
{
    lair_set_ref(&self->links[i], &to->object);
}

static void node_drop(node *self)
{
    lair_decref(&self->object);
}

static void host_poll(void)
{
}

static void host_open(void);
static void host_collect(void);

#include "collecting.h"

static void host_open(void)
{
    const lair_type_spec spec = {.name = "node",
                                 .size = sizeof(node),
                                 .flags = LAIR_TYPE_CONTAINER,
                                 .links = offsetof(node, links),
                                 .link_count = LINKS};
    lair_options options;
    lair_options_defaults(&options);
    if (lair_options_from_environment(&options, LAIR_HOST_C) == LAIR_OK) {
        lair_heap_options heap_options;
        lair_options_to_heap(&options, &heap_options);
        heap = lair_heap_open(&heap_options);
    }
    type = heap != NULL ? lair_type_new(heap, &spec) : NULL;
    if (type == NULL) {
        fprintf(stderr, "collecting_lair: %s\n", lair_error_message());
        exit(1);
    }
}

static void host_collect(void)
{
    (void)lair_gc_collect(heap, 2, NULL);
}

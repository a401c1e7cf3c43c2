/* capsule.c: foreign resources as objects.
 *
 * Capsules that are open and have something to destroy are in their space's list, so that the end
 * of the heap finds them.
 */
#include "capsule.h"

#include <lair/capsule.h>

#include "builtin.h"
#include "walk.h"

struct capsule {
    lair_object object;
    void *pointer; /* NULL: closed */
    void (*destroy)(void *pointer);
    struct capsule *next, *prev; /* in space->capsules, while open and destroy is not NULL */
    char name[];
};

static struct capsule *capsule_of(const lair_object *object)
{
    return (struct capsule *)(void *)object;
}

/* -- beginning and end ----------------------------------------------------------------------- */

lair_object *lair_capsule_new(lair_heap *heap, const char *name, void *pointer,
                              void (*destroy)(void *pointer))
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    if (name == NULL || pointer == NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "the %s of a capsule is NULL",
                        name == NULL ? "name" : "pointer");
        return NULL;
    }
    if (space->closing) {
        (void)lair_fail(LAIR_ERR_BUSY, "a capsule '%s' in a heap that is closing", name);
        return NULL;
    }
    size_t name_bytes = strlen(name) + 1;
    struct capsule *capsule =
        object_alloc(builtin_type(space, LAIR_KIND_CAPSULE), sizeof(struct capsule) + name_bytes);
    if (capsule == NULL)
        return NULL;
    memcpy(capsule->name, name, name_bytes);
    capsule->pointer = pointer;
    capsule->destroy = destroy;
    if (destroy != NULL) {
        capsule->prev = NULL;
        capsule->next = space->capsules;
        if (capsule->next != NULL)
            capsule->next->prev = capsule;
        space->capsules = capsule;
    }
    return &capsule->object;
}

/* Destroys the resource, if that was not done yet. The program's code runs last, since it may drop
 * the capsule itself, and what it has to say of failures is its own. */
static void capsule_end(struct capsule *capsule)
{
    void *pointer = capsule->pointer;
    capsule->pointer = NULL;
    if (pointer == NULL || capsule->destroy == NULL)
        return;
    if (capsule->prev != NULL)
        capsule->prev->next = capsule->next;
    else
        capsule->object.type->space->capsules = capsule->next;
    if (capsule->next != NULL)
        capsule->next->prev = capsule->prev;
    struct error_kept error;
    error_keep(&error);
    capsule->destroy(pointer);
    error_restore(&error);
}

void capsules_close(struct space *space)
{
    while (space->capsules != NULL)
        capsule_end(space->capsules);
}

/* -- what programs call ---------------------------------------------------------------------- */

void *lair_capsule_get(const lair_object *self, const char *name)
{
    if (!expect(self, LAIR_KIND_CAPSULE))
        return NULL;
    const struct capsule *capsule = capsule_of(self);
    if (name == NULL || strcmp(name, capsule->name) != 0)
        (void)lair_fail(LAIR_ERR_TYPE, "a capsule '%s' was expected, not '%s'",
                        name != NULL ? name : "", capsule->name);
    else if (capsule->pointer == NULL)
        (void)lair_fail(LAIR_ERR_VALUE, "the capsule '%s' is closed", name);
    else
        return capsule->pointer;
    return NULL;
}

lair_status lair_capsule_close(lair_object *self)
{
    if (!expect(self, LAIR_KIND_CAPSULE))
        return lair_error_status();
    capsule_end(capsule_of(self));
    return LAIR_OK;
}

/* -- the type -------------------------------------------------------------------------------- */

static void capsule_dealloc(lair_object *self)
{
    capsule_end(capsule_of(self));
}

static lair_step capsule_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const struct capsule *capsule = capsule_of(frame->self);
    return step_of(capsule->pointer != NULL
                       ? lair_write_format(writer, "<capsule '%s' at %p>", capsule->name,
                                           (const void *)frame->self)
                       : lair_write_format(writer, "<capsule '%s', closed>", capsule->name));
}

const lair_type_spec capsule_spec = {
    .name = "capsule",
    .size = sizeof(struct capsule),
    .item_size = 1, /* the name */
    .dealloc = capsule_dealloc,
    .repr = capsule_repr,
};

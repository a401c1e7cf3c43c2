/* collecting_boehm.c: bench-gc on the collector of Boehm, Demers and Weiser: no counts, roots found
 * by looking at the stack, as it comes but for memory that need not be looked at.
 */
#include <gc.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINKS = 3 };

typedef struct node node;
struct node {
    node *links[LINKS];
};

static node *node_new(void)
{
    node *self = GC_MALLOC(sizeof(node));
    if (self == NULL) {
        fprintf(stderr, "collecting_boehm: no memory\n");
        exit(1);
    }
    return self;
}

static node *node_link(const node *self, int i)
{
    return self->links[i];
}

static void node_set(node *self, int i, node *to)
{
    self->links[i] = to;
}

static void node_drop(node *self)
{
    (void)self;
}

static void host_poll(void)
{
}

static void host_open(void)
{
    GC_INIT();
}

static void host_collect(void)
{
    GC_gcollect();
}

#include "collecting.h"

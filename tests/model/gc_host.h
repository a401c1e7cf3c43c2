/* gc_host.h: the collector's third host, a graph in arrays.
 *
 * It proves that the passes know nothing of objects, and lets them be compared with what is
 * obviously right. A node's references are indexes of nodes; `held` counts the references that
 * come from nowhere in the graph.
 */
#ifndef LAIR_TESTS_MODEL_GC_HOST_H
#define LAIR_TESTS_MODEL_GC_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bits.h"
#include "gc/host.h"

enum {
    GC_GRANULE_SHIFT = 3,
    GC_PART = 4, /* small, so that parts are common */
    GC_FEW = 100,
    NODES_MAX = 400,
    EDGES_MAX = 12,
};

typedef struct node {
    uint32_t edge_count;
    uint32_t held;
    bool forever;
    bool dead; /* its place is free: nobody may look at it */
    uint16_t edges[EDGES_MAX];
    struct graph *graph;
} node;

typedef struct graph {
    size_t count;
    node nodes[NODES_MAX];
    uint32_t refs[NODES_MAX]; /* held and edges to it, counted by graph_count */
    size_t reached;           /* calls of gc_host_reached */
    size_t stale;             /* looks at what is dead */
} graph;

typedef node gc_object;
typedef int (*gc_host_visit)(gc_object *referent, void *arg);
struct gc;

static inline size_t node_index(const node *object)
{
    return (size_t)(object - object->graph->nodes);
}

static inline uint32_t gc_host_refs(const gc_object *object)
{
    object->graph->stale += object->dead;
    return object->forever ? GC_REFS_FOREVER : object->graph->refs[node_index(object)];
}

GC_INLINE size_t gc_host_scan(gc_object *object, size_t from, gc_host_visit visit, void *arg)
{
    size_t end = object->edge_count;
    object->graph->stale += object->dead;
    if (from >= end) /* it has lost edges since the last part */
        return 0;
    if (end - from > GC_PART)
        end = from + GC_PART;
    for (size_t i = from; i < end; i++)
        if (visit(&object->graph->nodes[object->edges[i]], arg) != 0)
            return 0;
    return end < object->edge_count ? end : 0;
}

static inline bool gc_host_reached(struct gc *gc, gc_object *object)
{
    (void)gc;
    object->graph->reached++;
    return true;
}

GC_INLINE void gc_host_prefetch(const gc_object *object)
{
    __builtin_prefetch(object);
}

GC_INLINE void gc_host_prefetch_contents(const gc_object *object)
{
    (void)object;
}

static inline const char *gc_host_name(const gc_object *object)
{
    (void)object;
    return "node";
}

#endif /* LAIR_TESTS_MODEL_GC_HOST_H */

/* order.h: garbage in sets closed under referrers, so that it can be reclaimed a few at a time.
 *
 * Whoever reclaims a set of objects must know that nothing outside the set refers into it. From the
 * first object not yet taken, take all it reaches, breadth first: a tree. A tree refers to itself
 * and to earlier trees, never to later ones, which begin with what it did not reach. So the last
 * trees, as many as one likes, are closed under referrers, and no search for components is needed.
 *
 * A batch fits the cache, and a pause can end where a batch does.
 */
#ifndef LAIR_GC_ORDER_H
#define LAIR_GC_ORDER_H

#include "trial.h"

/* Set in the queue with the first object of a tree. */
#define GC_TREE ((uintptr_t)1)

struct gc_taking {
    struct gc *gc;
    size_t end;
};

GC_INLINE int gc_visit_take(gc_object *object, void *arg)
{
    struct gc_taking *taking = arg;
    struct gc *gc = taking->gc;
    if (address_set_take_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
        gc->queue[taking->end++] = object;
    return 0;
}

/* Orders gc->garbage, which is white, and is no longer afterwards. False: no memory; the garbage
 * can be reclaimed all at once. */
static inline bool gc_order(struct gc *gc)
{
    gc->queue = gc_take(gc->garbage_count, sizeof(*gc->queue));
    if (gc->queue == NULL)
        return false;
    gc->queue_room = gc->garbage_count;
    struct gc_taking taking = {gc, 0};
    size_t at = 0;
    gc->tree_count = 0;
    for (size_t i = 0; i < gc->garbage_count; i++) {
        size_t start = taking.end;
        (void)gc_visit_take(gc->garbage[i], &taking);
        if (taking.end == start)
            continue;
        for (; at < taking.end; at++) {
            gc_fetch_ahead(gc->queue, at, taking.end);
            gc_object *object = gc->queue[at];
            for (size_t from = gc_host_scan(object, 0, gc_visit_take, &taking); from != 0;)
                from = gc_host_scan(object, from, gc_visit_take, &taking);
        }
        gc->queue[start] = (gc_object *)((uintptr_t)gc->queue[start] | GC_TREE);
        gc->tree_count++;
    }
    lair_assert(taking.end == gc->garbage_count, "%zu of %zu objects were ordered", taking.end,
                gc->garbage_count);
    gc->queue_left = taking.end;
    return true;
}

/* In place of gc_order where the garbage, of gc_list_garbage, is to be reclaimed all at once: the
 * list is the queue as it is. */
static inline void gc_order_as_one(struct gc *gc)
{
    gc->queue = gc->garbage;
    gc->queue_room = gc->queue_left = gc->garbage_count;
    if (gc->scratch[GC_SCRATCH_GARBAGE].bytes > GC_SCRATCH_KEPT) /* gc_end would unmap it */
        gc_scratch_leave(gc, GC_SCRATCH_GARBAGE);
    gc->tree_count = gc->garbage_count != 0;
    if (gc->garbage_count != 0)
        gc->queue[0] = (gc_object *)((uintptr_t)gc->queue[0] | GC_TREE);
}

/* The next batch: whole trees, until there are `goal` objects, from gc->queue + gc->queue_left on.
 * Returns how many; 0: there are no more. */
static inline size_t gc_batch(struct gc *gc, size_t goal)
{
    size_t end = gc->queue_left;
    while (gc->queue_left > 0 && end - gc->queue_left < goal) {
        uintptr_t first;
        do {
            first = (uintptr_t)gc->queue[--gc->queue_left];
        } while ((first & GC_TREE) == 0);
        gc->queue[gc->queue_left] = (gc_object *)(first & ~GC_TREE);
    }
    return end - gc->queue_left;
}

#endif /* LAIR_GC_ORDER_H */

/* gc_trees.h: the trial and the order of what it finds, with one look at each suspect.
 *
 * trial.h looks at each suspect for its count, then for its references; order.h once more, to put
 * what is garbage in trees. Where there is much garbage, each look is some cache misses. So here
 * all suspects are put in trees, and counts are taken on the way. They start at zero and take what
 * comes, modulo 2^32: references that exist are added, inner ones subtracted.
 *
 * Then those who are alive leave the trees, and what is left is in trees still: if the first object
 * of a tree is alive, all of it is; from the others only what their first objects reach is missing.
 *
 * `young` of a region, which is the host's own, has a bit for what is in a tree.
 */
#ifndef LAIR_GC_TREES_H
#define LAIR_GC_TREES_H

#include <string.h>

#include "gc_host.h"

enum { TREES_REFS_MOST = INT32_MAX }; /* what lives for ever; there are never as many inner ones */

struct trees {
    struct gc *gc;
    size_t at, end; /* of the queue: what is to be scanned */
};

GC_INLINE void trees_take(struct trees *trees, struct address_region *region, size_t word,
                          uint64_t bit, gc_object *object)
{
    if ((region->young[word] & bit) != 0)
        return;
    region->young[word] |= bit;
    trees->gc->queue[trees->end++] = object;
}

GC_INLINE int gc_visit_tree(gc_object *object, void *arg)
{
    struct trees *trees = arg;
    struct gc *gc = trees->gc;
    uintptr_t address = (uintptr_t)object;
    struct address_region *region = address_region_of(&gc->set, GC_GRANULE_SHIFT, address);
    if (region == NULL)
        return 0;
    size_t word = address_word(GC_GRANULE_SHIFT, address);
    uint64_t bit = address_bit(GC_GRANULE_SHIFT, address);
    uint64_t white = region->white[word], before = white & (bit - 1);
    if ((white & bit) == 0)
        return 0;
    --gc->counts[region->rank[word] +
                 (gc->native ? popcount64_native(before) : popcount64(before))];
    trees_take(trees, region, word, bit, object);
    return 0;
}

/* Adds a tree: object, unless it is in one already, and all suspects it reaches, breadth first. */
static inline void trees_grow(struct trees *trees, gc_object *object)
{
    struct gc *gc = trees->gc;
    uintptr_t address = (uintptr_t)object;
    struct address_region *region = address_region_of(&gc->set, GC_GRANULE_SHIFT, address);
    size_t start = trees->end;
    trees_take(trees, region, address_word(GC_GRANULE_SHIFT, address),
               address_bit(GC_GRANULE_SHIFT, address), object);
    for (; trees->at < trees->end; trees->at++) {
        gc_fetch_ahead(gc->queue, trees->at, trees->end);
        gc_object *next = gc->queue[trees->at];
        uint32_t refs = gc_host_refs(next);
        *gc_count_of(gc, next) += refs < TREES_REFS_MOST ? refs : TREES_REFS_MOST;
        size_t from = 0;
        do {
            from = gc_host_scan(next, from, gc_visit_tree, trees);
        } while (from != 0);
    }
    if (trees->end != start)
        gc->queue[start] = (gc_object *)((uintptr_t)gc->queue[start] | GC_TREE);
}

static void trees_forget_taken(struct gc *gc)
{
    for (struct address_region *region = gc->set.active; region; region = region->next_active)
        for (size_t word = 0; address_region_next_word(region, &word); word++)
            region->young[word] = 0;
}

/* In place of gc_trial_count: the counts of the suspects, which are all white, less the references
 * they hold to each other; and all of them in trees, in gc->queue. False: no memory. */
static bool trees_count(struct gc *gc)
{
    gc->whites = address_set_rank(&gc->set);
    gc->counts = gc_scratch_take(gc, GC_SCRATCH_COUNTS, gc->whites * sizeof(*gc->counts));
    gc->queue = gc_take(gc->suspect_count, sizeof(*gc->queue));
    if (gc->counts == NULL || gc->queue == NULL)
        return false;
    gc->queue_room = gc->suspect_count;
    memset(gc->counts, 0, gc->whites * sizeof(*gc->counts));
    struct trees trees = {.gc = gc};
    for (size_t i = 0; i < gc->suspect_count; i++) {
        gc_fetch_ahead(gc->suspects, i, gc->suspect_count);
        trees_grow(&trees, gc->suspects[i]);
    }
    lair_assert(trees.end == gc->suspect_count, "%zu of %zu suspects are in trees", trees.end,
                gc->suspect_count);
    gc->queue_left = trees.end;
    trees_forget_taken(gc);
    return true;
}

static inline gc_object *trees_object(gc_object *entry)
{
    return (gc_object *)((uintptr_t)entry & ~GC_TREE);
}

/* After gc_trial_decide: takes those who are alive out of the queue. */
static void trees_keep_garbage(struct gc *gc)
{
    size_t kept = 0;
    for (size_t i = 0; i < gc->queue_left; i++) {
        gc_object *object = trees_object(gc->queue[i]);
        if (address_set_is_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
            gc->queue[kept++] = gc->queue[i];
    }
    lair_assert(kept == gc->garbage_count, "%zu of %zu objects of garbage are in trees", kept,
                gc->garbage_count);
    lair_assert(kept == 0 || ((uintptr_t)gc->queue[0] & GC_TREE) != 0,
                "the garbage begins in the middle of a tree");
    gc->queue_left = kept;
}

#endif /* LAIR_GC_TREES_H */

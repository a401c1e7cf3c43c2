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

enum {
    TREES_REFS_MOST = INT32_MAX, /* what lives for ever; there are never as many inner ones */
    TREES_AT_ONCE = GC_SCRATCH_KEPT / sizeof(gc_object *) - 1,
};

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

static void trees_grow_all(struct trees *trees, gc_object *const *objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gc_fetch_ahead(objects, i, count);
        trees_grow(trees, objects[i]);
    }
}

/* The same of all that is white, by way of `some`, where TREES_AT_ONCE have room: enough to be
 * fetched ahead. */
static void trees_grow_whites(struct trees *trees, gc_object **some)
{
    const struct address_set *set = &trees->gc->set;
    size_t count = 0;
    for (const struct address_region *region = set->active; region; region = region->next_active)
        for (size_t word = 0; address_region_next_word(region, &word); word++)
            for (uint64_t bits = region->white[word]; bits != 0; bits &= bits - 1) {
                some[count++] = (gc_object *)address_of_bit(set, region, word, ctz64(bits));
                if (count == TREES_AT_ONCE) {
                    trees_grow_all(trees, some, count);
                    count = 0;
                }
            }
    trees_grow_all(trees, some, count);
}

/* In place of gc_trial_count: the counts of the suspects, which are all white, less the references
 * they hold to each other; and all of them in trees, in gc->queue. Without a list of them they are
 * what is white, no more and no less, and begin at granules. False: no memory. */
static bool trees_count(struct gc *gc, bool listed)
{
    gc->whites = address_set_rank(&gc->set);
    gc->counts = gc_scratch_take(gc, GC_SCRATCH_COUNTS, gc->whites * sizeof(*gc->counts));
    gc->queue = gc_take(gc->suspect_count, sizeof(*gc->queue));
    gc->queue_room = gc->suspect_count;
    gc_object **some = gc_scratch_take(gc, GC_SCRATCH_GARBAGE, TREES_AT_ONCE * sizeof(gc_object *));
    if (gc->counts == NULL || gc->queue == NULL || some == NULL)
        return false;
    memset(gc->counts, 0, gc->whites * sizeof(*gc->counts));
    struct trees trees = {.gc = gc};
    if (listed)
        trees_grow_all(&trees, gc->suspects, gc->suspect_count);
    else
        trees_grow_whites(&trees, some);
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

/* After marking from those who are referred to from outside: what is white still is garbage. All
 * else leaves the queue. */
static void trees_keep_garbage(struct gc *gc)
{
    size_t kept = 0;
    for (size_t i = 0; i < gc->queue_left; i++) {
        gc_object *object = trees_object(gc->queue[i]);
        if (address_set_is_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
            gc->queue[kept++] = gc->queue[i];
    }
    lair_assert(kept == 0 || ((uintptr_t)gc->queue[0] & GC_TREE) != 0,
                "the garbage begins in the middle of a tree");
    gc->queue_left = gc->garbage_count = kept;
}

#endif /* LAIR_GC_TREES_H */

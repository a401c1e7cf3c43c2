/* trial.h: which suspects nothing outside refers to.
 *
 * Trial deletion, as Bacon and Rajan call it, in the form CPython's collector gave it: copy the
 * counts, subtract the references that suspects hold to each other; whose count stays above zero is
 * referred to from outside. That, and all it reaches, is alive; the rest is garbage. Sound for any
 * set of suspects, since what is not in it counts as outside.
 *
 * Sources: D. F. Bacon and V. T. Rajan, "Concurrent cycle collection in reference counted systems",
 * ECOOP 2001; document 1, on the copy of the counts and the two sets.
 */
#ifndef LAIR_GC_TRIAL_H
#define LAIR_GC_TRIAL_H

#include "mark.h"

/* Whether object is white, and its rank then. */
GC_INLINE bool gc_rank_of(struct gc *gc, const gc_object *object, size_t *rank)
{
    uintptr_t address = (uintptr_t)object;
    const struct address_region *region = address_region_of(&gc->set, GC_GRANULE_SHIFT, address);
    if (region == NULL)
        return false;
    size_t at = address_word(GC_GRANULE_SHIFT, address);
    uint64_t bit = address_bit(GC_GRANULE_SHIFT, address);
    uint64_t white = region->white[at];
    if ((white & bit) == 0)
        return false;
    uint64_t before = white & (bit - 1);
    *rank = region->rank[at] + (gc->native ? popcount64_native(before) : popcount64(before));
    return true;
}

/* Where the count of a white object is; NULL when object is not white. */
GC_INLINE uint32_t *gc_count_of(struct gc *gc, const gc_object *object)
{
    size_t rank;
    return gc_rank_of(gc, object, &rank) ? &gc->counts[rank] : NULL;
}

GC_INLINE int gc_visit_subtract(gc_object *object, void *arg)
{
    uint32_t *count = gc_count_of(arg, object);
    if (count == NULL || *count == GC_REFS_FOREVER)
        return 0;
    lair_assert(*count != 0, "%p, a %s, is referred to more often than its count says",
                (void *)object, gc_host_name(object));
    --*count; /* what wraps lives for ever */
    return 0;
}

/* How far ahead of a loop over objects their memory is fetched. */
enum { GC_AHEAD_CONTENTS = 8, GC_AHEAD = 16 };

GC_INLINE void gc_fetch_ahead(gc_object *const *objects, size_t at, size_t count)
{
    if (count <= GC_FEW)
        return;
    if (at + GC_AHEAD < count)
        gc_host_prefetch(objects[at + GC_AHEAD]);
    if (at + GC_AHEAD_CONTENTS < count)
        gc_host_prefetch_contents(objects[at + GC_AHEAD_CONTENTS]);
}

static inline void gc_copy_counts(struct gc *gc)
{
    for (size_t i = 0; i < gc->suspect_count; i++) {
        if (gc->suspect_count > GC_FEW && i + GC_AHEAD < gc->suspect_count)
            gc_host_prefetch(gc->suspects[i + GC_AHEAD]);
        uint32_t *count = gc_count_of(gc, gc->suspects[i]);
        lair_assert(count != NULL, "suspect %p, a %s, is not white", (void *)gc->suspects[i],
                    gc_host_name(gc->suspects[i]));
        uint32_t refs = gc_host_refs(gc->suspects[i]);
        *count = refs != GC_REFS_FOREVER ? refs - gc->pins : refs;
    }
}

static inline void gc_subtract_references(struct gc *gc)
{
    for (size_t i = 0; i < gc->suspect_count; i++) {
        gc_fetch_ahead(gc->suspects, i, gc->suspect_count);
        size_t from = 0;
        do {
            from = gc_host_scan(gc->suspects[i], from, gc_visit_subtract, gc);
        } while (from != 0);
    }
}

/* Suspects that are referred to from outside come to the front. Their number. */
static inline size_t gc_part_outside(struct gc *gc)
{
    size_t outside = 0;
    for (size_t i = 0; i < gc->suspect_count; i++) {
        gc_object *object = gc->suspects[i];
        if (*gc_count_of(gc, object) == 0)
            continue;
        gc->suspects[i] = gc->suspects[outside];
        gc->suspects[outside++] = object;
    }
    return outside;
}

/* The first half of gc_trial: the counts of the suspects, which are all white, less the references
 * they hold to each other. False: no memory. gc_part_outside follows, then gc_trial_decide. */
static bool gc_trial_count(struct gc *gc)
{
    gc->whites = address_set_rank(&gc->set);
    gc->counts = gc_scratch_take(gc, GC_SCRATCH_COUNTS, gc->whites * sizeof(*gc->counts));
    if (gc->counts == NULL)
        return false;
    gc_copy_counts(gc);
    gc_subtract_references(gc);
    return true;
}

/* The second half: the first `outside` suspects are alive, with all they reach. */
static void gc_trial_decide(struct gc *gc, size_t outside)
{
    for (size_t i = 0; i < outside; i++)
        gc_mark(gc, gc->suspects[i]);
    gc_drain(gc);
    gc->garbage = gc->suspects;
    gc->garbage_count = 0;
    for (size_t i = outside; i < gc->suspect_count; i++) {
        gc_object *object = gc->suspects[i];
        if (!address_set_is_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
            continue;
        gc->suspects[i] = gc->garbage[gc->garbage_count];
        gc->garbage[gc->garbage_count++] = object;
    }
}

/* Finds the garbage among the suspects, which are all white: gc->garbage, in the order of the
 * suspects but for exchanges. The other suspects follow it: gc->suspects up to gc->suspect_count.
 * False: no memory, and nothing has been decided. */
static inline bool gc_trial(struct gc *gc)
{
    if (!gc_trial_count(gc))
        return false;
    gc_trial_decide(gc, gc_part_outside(gc));
    return true;
}

#endif /* LAIR_GC_TRIAL_H */

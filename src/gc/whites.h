/* whites.h: the trial where the suspects are what is white, no more and no less.
 *
 * As trial.h, for hosts whose tracked set is exact and whose objects begin at granules: then no
 * list of the suspects is needed. They are gone through in the order of their bits, which is that
 * of their ranks, so that the next object's count is the next count; and one look at each is enough
 * for its own count and the references it holds. That order is the order of addresses, too: memory
 * comes as it is read.
 */
#ifndef LAIR_GC_WHITES_H
#define LAIR_GC_WHITES_H

#include "trial.h"

/* Counts start at zero and take what comes in whatever order, modulo 2^32: references that exist
 * are added, inner ones subtracted. What lives for ever has more than there can be inner ones. */
enum { GC_REFS_MOST = INT32_MAX };

GC_INLINE int gc_visit_subtract_any(gc_object *object, void *arg)
{
    struct gc *gc = arg;
    size_t rank;
    if (gc_rank_of(gc, object, &rank))
        --gc->counts[rank];
    return 0;
}

static inline uint32_t gc_refs_at_most(const struct gc *gc, const gc_object *object)
{
    uint32_t refs = gc_host_refs(object);
    return refs < GC_REFS_MOST ? refs - gc->pins : GC_REFS_MOST;
}

/* Fetches the objects of the next word, and the contents of those of this one, which begin at
 * `first`. */
GC_INLINE void gc_fetch_words(const struct address_region *region, size_t at, uintptr_t first)
{
    uint64_t next = at + 1 < REGION_WORDS ? region->white[at + 1] : 0;
    for (uint64_t bits = next; bits != 0; bits &= bits - 1)
        gc_host_prefetch(
            (gc_object *)(first + ((uintptr_t)(64 + ctz64(bits)) << GC_GRANULE_SHIFT)));
    for (uint64_t bits = region->white[at]; bits != 0; bits &= bits - 1)
        gc_host_prefetch_contents(
            (gc_object *)(first + ((uintptr_t)ctz64(bits) << GC_GRANULE_SHIFT)));
}

/* The counts of all that is white, of which there are gc->whites, ranked. */
static inline void gc_count_whites(struct gc *gc)
{
    uint32_t *count = gc->counts;
    bool many = gc->whites > GC_FEW;
    for (struct address_region *region = gc->set.active; region; region = region->next_active)
        for (size_t at = 0; address_region_next_word(region, &at); at++) {
            uintptr_t first = address_of_bit(&gc->set, region, at, 0);
            if (many)
                gc_fetch_words(region, at, first);
            for (uint64_t bits = region->white[at]; bits != 0; bits &= bits - 1) {
                gc_object *object =
                    (gc_object *)(first + ((uintptr_t)ctz64(bits) << GC_GRANULE_SHIFT));
                *count++ += gc_refs_at_most(gc, object);
                size_t from = 0;
                do {
                    from = gc_host_scan(object, from, gc_visit_subtract_any, gc);
                } while (from != 0);
            }
        }
}

/* What is referred to from outside is gray, and no longer white. */
static inline void gc_gray_outside(struct gc *gc)
{
    const uint32_t *count = gc->counts;
    for (struct address_region *region = gc->set.active; region; region = region->next_active)
        for (size_t at = 0; address_region_next_word(region, &at); at++) {
            uintptr_t first = address_of_bit(&gc->set, region, at, 0);
            uint64_t white = region->white[at], outside = 0;
            for (uint64_t bits = white; bits != 0; bits &= bits - 1, count++) {
                if (*count == 0)
                    continue;
                gc_object *object =
                    (gc_object *)(first + ((uintptr_t)ctz64(bits) << GC_GRANULE_SHIFT));
                lair_assert(*count <= GC_REFS_MOST,
                            "%p, a %s, is referred to more often than its count says",
                            (void *)object, gc_host_name(object));
                outside |= bits & -bits;
                *gc->gray_top++ = object;
            }
            region->white[at] = white & ~outside;
        }
}

/* Of all that is white, of which there are gc->whites, ranked, what is garbage stays white. False:
 * no memory, and nothing has been decided. */
static bool gc_trial_whites(struct gc *gc)
{
    gc->counts = gc_scratch_take_clear(gc, GC_SCRATCH_COUNTS, gc->whites * sizeof(*gc->counts));
    if (gc->counts == NULL)
        return false;
    gc_count_whites(gc);
    gc_gray_outside(gc);
    gc_drain(gc);
    return true;
}

/* Lists what stayed white: gc->garbage, in the order of addresses. The memory of marking and
 * counting goes first. False: no memory. */
static inline bool gc_list_garbage(struct gc *gc)
{
    gc->gray = gc->gray_top = NULL;
    gc->parts = gc->parts_end = NULL;
    gc->counts = NULL;
    gc_scratch_shrink(gc, GC_SCRATCH_GRAY, GC_SCRATCH_KEPT);
    gc_scratch_shrink(gc, GC_SCRATCH_COUNTS, GC_SCRATCH_KEPT);
    size_t count = 0;
    for (struct address_region *region = gc->set.active; region; region = region->next_active)
        for (size_t at = 0; address_region_next_word(region, &at); at++)
            count += popcount64(region->white[at]);
    gc->garbage = gc_scratch_take(gc, GC_SCRATCH_GARBAGE, count * sizeof(*gc->garbage));
    if (gc->garbage == NULL)
        return false;
    for (struct address_region *region = gc->set.active; region; region = region->next_active)
        for (size_t at = 0; address_region_next_word(region, &at); at++)
            for (uint64_t bits = region->white[at]; bits != 0; bits &= bits - 1)
                gc->garbage[gc->garbage_count++] =
                    (gc_object *)address_of_bit(&gc->set, region, at, ctz64(bits));
    return true;
}

#endif /* LAIR_GC_WHITES_H */

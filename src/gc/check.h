/* check.h: what must hold after a pass, looked at independently of how it was found. For debug
 * builds and tests: it costs as much as the pass.
 */
#ifndef LAIR_GC_CHECK_H
#define LAIR_GC_CHECK_H

#include "trial.h"

struct gc_edge {
    struct gc *gc;
    gc_object *from;
};

static inline int gc_visit_black(gc_object *object, void *arg)
{
    const struct gc_edge *edge = arg;
    if (address_set_is_white(&edge->gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
        lair_fatal("the collector took %p, a %s, for garbage, which %p, a %s, refers to",
                   (void *)object, gc_host_name(object), (void *)edge->from,
                   gc_host_name(edge->from));
    return 0;
}

/* Nothing that object, which is black, refers to is white. */
static inline void gc_check_marked(struct gc *gc, gc_object *object)
{
    struct gc_edge edge = {gc, object};
    size_t from = 0;
    do {
        from = gc_host_scan(object, from, gc_visit_black, &edge);
    } while (from != 0);
}

/* After gc_trial, or gc_trial_whites with the suspects listed before it: each reference to garbage
 * is held by garbage; all who live are black. */
static inline void gc_check_trial(struct gc *gc)
{
    size_t black = 0;
    for (size_t i = 0; i < gc->suspect_count; i++) {
        if (address_set_is_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)gc->suspects[i]))
            continue;
        gc_check_marked(gc, gc->suspects[i]);
        black++;
    }
    lair_assert(black + gc->garbage_count == gc->suspect_count,
                "%zu of %zu suspects are garbage, and %zu are white", gc->garbage_count,
                gc->suspect_count, gc->suspect_count - black);
    size_t whites = address_set_rank(&gc->set);
    uint32_t *kept = gc->counts;
    gc->counts = gc_take(whites, sizeof(*gc->counts));
    if (gc->counts != NULL) {
        gc_object **suspects = gc->suspects;
        size_t suspect_count = gc->suspect_count;
        gc->suspects = gc->garbage;
        gc->suspect_count = gc->garbage_count;
        gc_copy_counts(gc);
        gc_subtract_references(gc);
        for (size_t i = 0; i < gc->garbage_count; i++)
            if (*gc_count_of(gc, gc->garbage[i]) != 0)
                lair_fatal("the collector took %p, a %s, for garbage, to which %u references come "
                           "from outside",
                           (void *)gc->garbage[i], gc_host_name(gc->garbage[i]),
                           (unsigned)*gc_count_of(gc, gc->garbage[i]));
        gc->suspects = suspects;
        gc->suspect_count = suspect_count;
        gc_give_back(gc->counts, whites, sizeof(*gc->counts));
    }
    gc->counts = kept;
}

#endif /* LAIR_GC_CHECK_H */

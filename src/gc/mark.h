/* mark.h: what is alive because something alive refers to it.
 *
 * Depth first, from the objects that gc_mark names. Objects on the stack are not touched until they
 * are scanned, and that is a cache miss each; so between stack and scan they pass through a ring,
 * and are fetched as they enter it, their contents half-way through.
 */
#ifndef LAIR_GC_MARK_H
#define LAIR_GC_MARK_H

#include "state.h"

enum {
    GC_RING = 32,     /* places; a power of two */
    GC_CONTENTS = 14, /* steps from the stack until contents are fetched */
    GC_DUE = 24,      /* ... until the scan */
};

/* Greys object if it is white. */
GC_INLINE int gc_visit_mark(gc_object *object, void *arg)
{
    struct gc *gc = arg;
    if (address_set_take_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
        *gc->gray_top++ = object;
    return 0;
}

/* A root, or an object known to be alive. NULL is none. */
static inline void gc_mark(struct gc *gc, gc_object *object)
{
    if (object != NULL)
        (void)gc_visit_mark(object, gc);
}

static inline void gc_scan_part(struct gc *gc, gc_object *object, size_t from)
{
    size_t next = gc_host_scan(object, from, gc_visit_mark, gc);
    if (unlikely(next != 0))
        *--gc->parts = (struct gc_part){object, next};
}

/* As gc_drain where there are so few candidates that they are in the cache. */
static inline void gc_drain_few(struct gc *gc)
{
    for (;;) {
        if (gc->gray_top != gc->gray) {
            gc_object *next = *--gc->gray_top;
            if (!gc_host_reached(gc, next))
                continue;
            gc->reached++;
            gc_scan_part(gc, next, 0);
        } else if (gc->parts != gc->parts_end) {
            struct gc_part part = *gc->parts++;
            gc_scan_part(gc, part.object, part.from);
        } else {
            return;
        }
    }
}

/* What waits in the ring goes back on the stack: the oldest on top. */
static inline void gc_ring_return(struct gc *gc, gc_object *const *ring, unsigned at)
{
    for (unsigned i = 0; i < GC_DUE; i++)
        if (ring[(at - i) % GC_RING] != NULL)
            *gc->gray_top++ = ring[(at - i) % GC_RING];
}

/* Scans until nothing is gray, or `most` objects and parts were scanned. Returns whether nothing is
 * gray. */
static inline bool gc_drain_some(struct gc *gc, size_t most)
{
    gc_object *ring[GC_RING] = {0};
    unsigned at = 0;
    for (unsigned idle = 0; idle <= GC_DUE; at++, idle++) {
        gc_object *next = NULL;
        if (gc->gray_top != gc->gray) {
            next = *--gc->gray_top;
            gc_host_prefetch(next);
            idle = 0;
        } else if (idle == GC_DUE && gc->parts != gc->parts_end) {
            struct gc_part part = *gc->parts++;
            gc_scan_part(gc, part.object, part.from);
            idle = 0;
            most--;
        }
        ring[at % GC_RING] = next;
        gc_object *soon = ring[(at - GC_CONTENTS) % GC_RING];
        if (soon != NULL)
            gc_host_prefetch_contents(soon);
        gc_object *due = ring[(at - GC_DUE) % GC_RING];
        if (due != NULL) {
            idle = 0;
            if (gc_host_reached(gc, due)) {
                gc->reached++;
                gc_scan_part(gc, due, 0);
            }
            most--;
        }
        if (unlikely(most == 0)) {
            gc_ring_return(gc, ring, at);
            return gc->gray_top == gc->gray && gc->parts == gc->parts_end;
        }
    }
    return true;
}

/* Scans until nothing is gray. */
static inline void gc_drain(struct gc *gc)
{
    if (gc->candidates <= GC_FEW)
        gc_drain_few(gc);
    else
        (void)gc_drain_some(gc, SIZE_MAX);
}

#endif /* LAIR_GC_MARK_H */

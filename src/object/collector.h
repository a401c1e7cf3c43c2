/* collector.h: the collector of a heap's objects, for the files that make and end objects.
 *
 * A container is tracked from the moment it is made, with its references NULL or valid, until its
 * last reference is gone. Collections start at safe points alone (lair/gc.h): where a public
 * function has not touched anything yet, never inside the object model's own work.
 */
#ifndef LAIR_OBJECT_COLLECTOR_H
#define LAIR_OBJECT_COLLECTOR_H

#include <lair/gc.h>

typedef lair_object gc_object;
enum { GC_GRANULE_SHIFT = 3, GC_PART = 256, GC_FEW = 8192 };

#include "gc/pace.h"
#include "gc/state.h"

/* Addresses of objects that are in a generation, or were: what has died since is not tracked any
 * more, or is young again. Each young address is in its vector once (its young bit says so). */
struct generation {
    lair_object **objects, **top, **end;
    size_t count, threshold;
    lair_gc_stats stats;
};

struct gc_callback_entry {
    lair_gc_callback callback;
    void *arg;
};

/* When slices happen, see collector_round.c. */
struct round_pace {
    size_t quantum;     /* containers between two slices */
    uint64_t slice_ns;  /* of a slice */
    size_t smallest;    /* a heap with fewer old objects counts as one with so many */
    size_t chunk, goal; /* of struct gc_round; 0: as they are there */
};

struct collector {
    struct gc gc;
    struct generation generation[LAIR_GC_GENERATIONS]; /* the oldest has no vector: all the rest */
    size_t trigger; /* threshold of generation 0, or SIZE_MAX while nothing starts by itself */
    struct gc_pace pace;
    size_t tracked;         /* objects; frozen ones not among them */
    struct address_set ice; /* the frozen */
    size_t frozen;
    bool enabled, collecting;
    bool calling; /* callbacks: none is moved */
    bool settled; /* the last round or full collection has found what there was */
    lair_gctype mode;
    unsigned flags;
    struct round *round;         /* NULL: there was none yet */
    struct address_set *waiting; /* what a round that is under way looks at; NULL: there is none */
    struct round_pace rounds;
    size_t batch;         /* objects that are reclaimed together; less in tests */
    lair_object *garbage; /* the list; NULL until asked for */
    lair_object *const **roots;
    size_t root_count, root_room;
    struct gc_callback_entry *callbacks;
    size_t callback_count, callback_room;
    lair_gc_listener listener;
    void *listener_arg;
};

struct space;

void collector_open(struct space *space);

/* Collects everything, when the heap closes. */
void collector_finish(struct space *space);

/* Gives all memory back but that of the heap. */
void collector_close(struct space *space);

/* Memory is short: vectors shrink. */
void collector_trim(struct space *space);

/* Collects; inside a collection nothing. LAIR_ERR_NO_MEMORY: the error is set. */
lair_status collector_collect(struct space *space, int generation, size_t *found);

/* Generation 0 is due: collects it, or older ones with it. */
void collector_run(struct space *space);

/* Sets when collections start by themselves. */
void collector_rearm(struct collector *collector);

void collector_set_listener(struct space *space, lair_gc_listener listener, void *arg);

/* Out of line: the set has no region for object (false: no memory, the error is set); the vector is
 * full; there are frozen objects. */
bool collector_extend(struct collector *collector, const lair_object *object);
void collector_note_young(struct collector *collector, lair_object *object);
void collector_untrack_frozen(struct collector *collector, const lair_object *object);

/* -- tracking -------------------------------------------------------------------------------- */

static inline struct address_region *tracking_region(const struct collector *collector,
                                                     const lair_object *object)
{
    return address_region_of(&collector->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

/* Object is a new one. False: no memory, the error is set. */
static inline bool collector_track(struct collector *collector, lair_object *object)
{
    struct address_region *region = tracking_region(collector, object);
    if (unlikely(region == NULL)) {
        if (!collector_extend(collector, object))
            return false;
        region = tracking_region(collector, object);
    }
    size_t word = address_word(GC_GRANULE_SHIFT, (uintptr_t)object);
    uint64_t bit = address_bit(GC_GRANULE_SHIFT, (uintptr_t)object);
    region->tracked[word] |= bit;
    collector->tracked++;
    struct generation *young = &collector->generation[0];
    young->count++;
    if ((region->young[word] & bit) == 0) {
        region->young[word] |= bit;
        if (unlikely(young->top == young->end))
            collector_note_young(collector, object);
        else
            *young->top++ = object;
    }
    return true;
}

/* Object is about to end, or is no container any more. It need not be tracked. */
static inline void collector_untrack(struct collector *collector, const lair_object *object)
{
    struct address_region *region = tracking_region(collector, object);
    size_t word = address_word(GC_GRANULE_SHIFT, (uintptr_t)object);
    uint64_t bit = address_bit(GC_GRANULE_SHIFT, (uintptr_t)object);
    if (region != NULL && (region->tracked[word] & bit) != 0) {
        region->tracked[word] &= ~bit;
        collector->tracked--;
        if (collector->generation[0].count > 0)
            collector->generation[0].count--;
    }
    if (region != NULL && collector->collecting)
        region->white[word] &= ~bit;
    if (unlikely(collector->waiting != NULL))
        address_set_remove(collector->waiting, GC_GRANULE_SHIFT, (uintptr_t)object);
    if (unlikely(collector->frozen != 0))
        collector_untrack_frozen(collector, object);
}

/* Whether object is tracked and among the young. */
static inline bool collector_is_young(const struct collector *collector, const lair_object *object)
{
    const struct address_region *region = tracking_region(collector, object);
    size_t word = address_word(GC_GRANULE_SHIFT, (uintptr_t)object);
    return region != NULL && (region->tracked[word] & region->young[word] &
                              address_bit(GC_GRANULE_SHIFT, (uintptr_t)object)) != 0;
}

#endif /* LAIR_OBJECT_COLLECTOR_H */

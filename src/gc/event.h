/* event.h: what a collection tells about itself.
 *
 * A listener hears the start, each pass when it is over, and the stop. Statistics, logs and
 * histograms are listeners; the passes keep none.
 */
#ifndef LAIR_GC_EVENT_H
#define LAIR_GC_EVENT_H

#include <stdint.h>

/* X(constant, name, what is counted) */
#define GC_EVENTS(X)                                                                               \
    X(GC_EVENT_START, "start", "generation")                                                       \
    X(GC_EVENT_CANDIDATES, "candidates", "candidates")                                             \
    X(GC_EVENT_MARK, "mark", "objects reached from roots")                                         \
    X(GC_EVENT_SUSPECTS, "suspects", "objects not reached")                                        \
    X(GC_EVENT_TRIAL, "trial", "of these, garbage")                                                \
    X(GC_EVENT_ORDER, "order", "sets that refer to each other")                                    \
    X(GC_EVENT_RECLAIM, "reclaim", "objects reclaimed")                                            \
    X(GC_EVENT_STOP, "stop", "objects reclaimed")

#define GC_EVENT_CONSTANT(constant, name, counted) constant,
typedef enum gc_event { GC_EVENTS(GC_EVENT_CONSTANT) GC_EVENT_COUNT } gc_event;
#undef GC_EVENT_CONSTANT

/* count: see the table; ns: nanoseconds of the pass; of the whole collection with the stop, 0 with
 * the start. Called inside a collection: it may not allocate from the collected heap, touch an
 * object or collect. */
typedef struct gc_listener {
    void (*event)(void *arg, gc_event event, uint64_t count, uint64_t ns);
    void *arg;
} gc_listener;

#endif /* LAIR_GC_EVENT_H */

/* collector_round.h: collections of everything in slices (gc/incremental.h), of liblair's objects.
 */
#ifndef LAIR_OBJECT_COLLECTOR_ROUND_H
#define LAIR_OBJECT_COLLECTOR_ROUND_H

#include "collector.h"

extern const struct round_pace ROUND_PACE;

/* More containers than the trigger have been made in incremental mode: begins a round if one is
 * due, or does a slice. Returns whether young objects are to be collected as well. */
bool round_run(struct space *space);

/* A slice of so many nanoseconds, of the round that is under way or of a new one, if there may be
 * garbage. Returns whether there may be some still, and memory to look for it. */
bool round_step(struct space *space, uint64_t ns);

bool rounds_are_active(const struct collector *collector);

/* When the next slice is to happen: containers since the last collection of the young. */
size_t round_trigger(const struct collector *collector, size_t threshold);

/* Whoever looks at all objects is to meet none that is being taken apart. */
void round_settle(struct space *space);

/* Ends a round before its time: what it has learned is lost. In code that runs while a batch is
 * reclaimed: as soon as it is. */
void rounds_abandon(struct space *space);

/* Gives the memory back. */
void round_close(struct collector *collector);

/* -- what collector.c does for rounds --------------------------------------------------------- */

/* What a collection has come to. */
struct outcome {
    size_t collected, resurrected, uncollectable;
    bool no_memory;
};

/* Tells of a round that begins, or of one that is over with an outcome. */
void collector_announce(struct space *space, const struct outcome *outcome, uint64_t ns);
void collector_count_round(struct collector *collector, const struct outcome *outcome,
                           uint64_t total_ns, uint64_t longest_ns);

void collector_mark_roots(struct collector *collector, struct gc *gc);

/* Takes hold of a batch of tracked objects and finds the garbage in it, whoever refers to what:
 * it comes first. Returns how much. collector_reclaim_proved follows, which runs finalizers and
 * callbacks of the program and lets go of the batch. */
size_t collector_prove(struct space *space, lair_object **batch, size_t count,
                       struct outcome *outcome);
void collector_reclaim_proved(struct space *space, lair_object **batch, size_t count,
                              size_t garbage, struct outcome *outcome);

/* So many objects were cleared and counted as collected, but have not died. */
void collector_reclaim_left(struct space *space, lair_object **left, size_t count,
                            struct outcome *outcome);

#endif /* LAIR_OBJECT_COLLECTOR_ROUND_H */

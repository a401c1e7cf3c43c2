/* collector_round.h: a full collection in slices, under CPython (gc/incremental.h). */
#ifndef LAIR_COLLECTOR_ROUND_H
#define LAIR_COLLECTOR_ROUND_H

#include "collector_full.h"
#include "host_cpython_gc.h"

#if CPYTHON_INTERNALS

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a round has found and done. */
typedef struct round_counts {
    size_t slices;
    uint64_t ns, longest_ns; /* of slices, with what they reclaimed */
    size_t reached;          /* objects that marking has scanned */
    size_t suspects;         /* ... not reached */
    size_t survivors;        /* objects of the oldest generation at the end */
    size_t collected, uncollectable;
    size_t batches, largest_tree; /* the latter in objects */
    bool starved;                 /* it ended early, for want of memory */
} round_counts;

/* Makes what rounds need; once. False with an exception set. */
bool round_prepare(void);

/* Whether a round is under way. */
bool round_is_active(void);

/* Begins a round. FULL_NOT_YET: not all has been prepared until the deadline, it is to be called
 * again. FULL_NO_MEMORY: nothing has begun. */
full_readiness round_begin(PyInterpreterState *interpreter, uint64_t deadline);

/* One slice: until the deadline (of os_now_ns) but for one step, or until the round is over; then
 * true, and counts is filled in. Runs finalizers and callbacks of the program, which may end the
 * round (round_abandon): then false. */
bool round_slice(uint64_t deadline, round_counts *counts);

/* CPython has moved survivors of a young collection to the oldest generation: how many. */
size_t round_promoted(void);

/* Ends a round before its time: what it has learned is lost, and nothing else. What was found to be
 * garbage is cleared, which may run code of the program's. */
void round_abandon(void);

#endif /* CPYTHON_INTERNALS */

#endif /* LAIR_COLLECTOR_ROUND_H */

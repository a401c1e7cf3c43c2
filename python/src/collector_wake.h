/* collector_wake.h: when the slices of a round happen. */
#ifndef LAIR_COLLECTOR_WAKE_H
#define LAIR_COLLECTOR_WAKE_H

#include "collector_round.h"

#if CPYTHON_INTERNALS

#include "gc/pace.h"

/* The incremental mode begins; it ends, or the interpreter does: no slices any more. */
void wake_start(PyInterpreterState *interpreter);
void wake_stop(PyInterpreterState *interpreter);

/* CPython is about to collect young objects by itself. Does a slice if there is one to do; when the
 * round is over, collector_round_over is told. Returns whether this was all: then CPython has
 * nothing to collect, and wake_end follows with the generation that it thinks it collected. */
bool wake_begin(PyInterpreterState *interpreter, const struct gc_pace *full);
void wake_end(PyInterpreterState *interpreter, int generation);

/* CPython has collected by itself; all, where there was no memory for a round. */
void wake_collected(PyInterpreterState *interpreter, int generation);

/* Brings back the young objects, if wake_end was not called. */
void wake_settle(PyInterpreterState *interpreter);

/* A slice at a safe point outside collections. */
void wake_idle(void);

#endif /* CPYTHON_INTERNALS */

#endif /* LAIR_COLLECTOR_WAKE_H */

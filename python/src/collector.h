/* collector.h: what the files of the collector under CPython offer each other.
 *
 *   collector.c          attach, detach, the hook in each collection. Read it first
 *   collector_full.c     the garbage of the whole heap, by the passes in src/gc
 *   collector_reclaim.c  one batch of garbage, reclaimed by CPython
 *   collector_round.c    a full collection in slices, by src/gc/incremental.h
 *   collector_wake.c     when the slices happen
 *   collector_timer.c    ... where nothing is allocated
 *   collector_log.c      what was done: counts, pauses, the log
 *   gc_host.h            the objects of CPython, as the passes see them
 *   gc_trees.h           the trial of suspects, and their order
 *   gc_batches.h         much garbage in batches
 *   gc_roots.c           what CPython holds from outside all objects
 *   gc_builtins.c        functions of the module gc that look at or move the lists
 *   gc_untrack.c         tuples and dictionaries that cannot be part of a cycle
 *   gc_lists.h           the lists of CPython's collector
 *
 * Everything here runs under the GIL of the main interpreter, and belongs to it alone: others keep
 * the collector they have.
 */
#ifndef LAIR_COLLECTOR_H
#define LAIR_COLLECTOR_H

#include "host_cpython_gc.h"

#include "collector_full.h"
#include "collector_round.h"
#include "host.h"

#if CPYTHON_INTERNALS

/* -- collector.c ----------------------------------------------------------------------------- */

/* Whether the calling thread runs the interpreter whose collector is ours. Any thread with a
 * thread state. */
bool collector_is_here(void);

/* Brings every object back on the list it belongs to, if a collection of ours left some out. */
void collector_settle(void);

/* gc.freeze() or gc.unfreeze() is about to move objects. */
void collector_lists_move(void);

/* gc.collect() begins; false: it will do nothing, as a collection is under way. */
bool collector_asked(void);

/* gc.collect() is over, with this result: returns, for it, the one to be given. */
PyObject *collector_answered(PyObject *result);

/* A round is over. */
void collector_round_over(const round_counts *counts);

/* A safe point outside collections. */
void collector_idle(void);

/* Whether automatic collections are held off, and then what gc.isenabled() is to say. */
bool collector_holds_off(void);
bool collector_enabled(void);
void collector_set_enabled(bool enabled);

/* -- collector_reclaim.c --------------------------------------------------------------------- */

typedef struct reclaim_counts {
    size_t collected, uncollectable; /* as CPython counts them */
} reclaim_counts;

/* Has CPython collect exactly the objects on batch, a list of tracked objects: validates that they
 * are garbage, and reclaims what is: weak references, finalizers, resurrection, gc.garbage. Runs
 * Python code. What is left of the batch and still tracked is appended to left, unless a finalizer
 * made all lists complete (collector_settle): then it is among the objects of the middle
 * generation. What finalizers make is on the youngest list, and counted there.
 *
 * Afterwards batch is empty. Lists, counts and statistics of the program's are otherwise as they
 * were, as is an exception that is set. Nothing is announced to callbacks.
 *
 * To be called with the GIL held, where Python code may run: inside the start hook of a collection,
 * or where collector_may_reclaim. No debug flag should be set: it would print a collection of the
 * youngest generation. */
reclaim_counts collector_reclaim(PyGC_Head *batch, PyGC_Head *left);

/* Whether no collection is under way, nor a batch. */
bool collector_may_reclaim(void);

/* Brings back what is set aside while a batch is reclaimed; collector_settle calls it. */
void reclaim_settle(void);

/* -- gc_builtins.c --------------------------------------------------------------------------- */

/* Puts our functions in the place of gc's. False with an exception set: they are not as expected.
 * Both may be called again. */
bool builtins_install(void);
void builtins_restore(void);

/* gc.collect(generation), CPython's own, while ours are in place. Clears exceptions. */
void builtins_collect(int generation);

/* -- collector_log.c ------------------------------------------------------------------------- */

/* One collection, from the start hook to the stop hook. */
typedef struct collection {
    int generation;
    bool asked, stock; /* by gc.collect(); left to the built-in collector alone */
    uint64_t began_ns, ns;
    size_t collected, uncollectable;
    full_counts full;
    reclaim_counts reclaimed; /* in batches, before CPython's own pass; part of the numbers above */
} collection;

/* Takes note of a collection that is over. */
void log_collection(const collection *done);

/* Takes note of a round that is over, of each of its slices, and of a pause that was a slice alone.
 */
void log_round(const round_counts *counts);
void log_step(void);
void log_pause(uint64_t ns);

/* A listener that adds to the passes of the next collection noted. */
gc_listener log_listener(void);

#endif /* CPYTHON_INTERNALS */

#endif /* LAIR_COLLECTOR_H */

/* lair/gc.h: the collector of a heap's objects: garbage that counts cannot see.
 *
 * Counts free an object with its last reference. Objects that refer to each other in a cycle keep
 * each other's counts up when nobody else refers to them; the collector finds and frees them. It is
 * generational: new objects are young, those that survive a collection grow older, and old ones are
 * looked at seldom. Only what can be part of a cycle is tracked: containers (LAIR_TYPE_CONTAINER),
 * but for tuples without any, and weak references with a callback.
 *
 * When it runs. In mode automatic, when a container is made and more than the threshold have been
 * made since, net of those that died: at the beginning of the function that makes it, before it
 * holds anything. In mode incremental at the same places, but old objects are collected in rounds:
 * a slice at a time, between which the program runs. In every mode, on lair_gc_collect, which is
 * not sliced, and when the heap closes.
 *
 * What it may run. Finalizers and callbacks of weak references, which may do anything but fail; so,
 * when automatic, any function that makes a container may. A reference that is BORROWED from a
 * container those may change must be made one's own before.
 *
 * Order. Weak references to garbage are cleared before any finalizer runs, and their callbacks run
 * unless they are garbage too. Finalizers run once in an object's life. What they make reachable
 * again (resurrection) stays, with all it refers to; the rest is cleared. All this in sets of
 * objects that nothing outside refers to; the order among such sets is not defined.
 *
 * Threads: the heap's owner. Errors: functions without a status cannot fail.
 *
 * Sources: the interface is that of Python's gc module (its reference, "gc - Garbage Collector
 * interface"); finalizers and resurrection as in PEP 442; docs/collector.md tells the rest.
 */
#ifndef LAIR_GC_H
#define LAIR_GC_H

#include <lair/object.h>
#include <lair/options.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LAIR_GC_GENERATIONS = 3 };

/* -- collecting ------------------------------------------------------------------------------ */

/* LAIR_GC_AUTO: by thresholds, as at first unless the heap's options say otherwise. LAIR_GC_MANUAL:
 * on lair_gc_collect and when the heap closes. LAIR_GC_INCREMENTAL: generations 0 and 1 by
 * thresholds; all objects in rounds, of which one begins when generation 2 would be collected for
 * what has grown old, and of which a slice of half a millisecond is done for every 500 containers
 * that are made. What was garbage when a round began is freed when it ends, but for what was found
 * alive by its count in one of the three rounds before, and what that refers to. Another mode than
 * before ends a round that is under way, with nothing more found. Others: LAIR_ERR_UNSUPPORTED. */
LAIR_API lair_status lair_gc_set_mode(lair_heap *heap, lair_gctype mode);
LAIR_API lair_gctype lair_gc_get_mode(lair_heap *heap);

/* Collects generation (0 young, 1, 2 all) and those younger than it now. *found, unless NULL: the
 * objects that were garbage when it began, those uncollectable or resurrected among them. Inside a
 * collection it does nothing, successfully. LAIR_ERR_INVALID: no such generation.
 * LAIR_ERR_NO_MEMORY: nothing, or not all, was collected. */
LAIR_API lair_status lair_gc_collect(lair_heap *heap, int generation, size_t *found);

/* A slice of about ns nanoseconds, at least one small step, for programs that make nothing for a
 * while, in any mode. If no round is under way collects the young and begins one, unless one has
 * gone by since anything was made. Returns whether there is more to do: called until it returns
 * false it frees all that was garbage before the last round, as lair_gc_collect does (without
 * memory for that: nothing, or not all). Runs finalizers and callbacks as any collection does;
 * inside one it does nothing. */
LAIR_API bool lair_gc_step(lair_heap *heap, uint64_t ns);

/* Stops and restarts automatic collection, whatever the mode. At first it is enabled. */
LAIR_API void lair_gc_enable(lair_heap *heap);
LAIR_API void lair_gc_disable(lair_heap *heap);
LAIR_API bool lair_gc_is_enabled(lair_heap *heap);

/* Whether a collection of heap is running. */
LAIR_API bool lair_gc_is_collecting(lair_heap *heap);

/* -- generations ----------------------------------------------------------------------------- */

/* Generation 0 is collected when more than thresholds[0] tracked objects were made, less those that
 * died, since; 1 after more than thresholds[1] collections of 0; 2 after more than thresholds[2] of
 * 1, and when a quarter as many objects as survived the last one have grown old since (the longer
 * the fruitless ones, the more: up to as many). At first 700, 10, 10. 0 for thresholds[0]:
 * never. NULL: LAIR_ERR_INVALID. */
LAIR_API lair_status lair_gc_set_thresholds(lair_heap *heap,
                                            const size_t thresholds[LAIR_GC_GENERATIONS]);
LAIR_API void lair_gc_get_thresholds(lair_heap *heap, size_t thresholds[LAIR_GC_GENERATIONS]);

/* What the thresholds are compared with. */
LAIR_API void lair_gc_get_counts(lair_heap *heap, size_t counts[LAIR_GC_GENERATIONS]);

typedef struct lair_gc_stats {
    uint64_t collections;
    uint64_t collected;     /* objects found to be garbage and freed */
    uint64_t uncollectable; /* ... and not freed by clearing them */
    uint64_t resurrected;   /* ... and kept alive by finalizers */
    uint64_t total_ns;      /* nanoseconds */
    uint64_t longest_ns;    /* of a collection; of a round, which counts for generation 2, of its
                               longest slice */
} lair_gc_stats;
LAIR_API void lair_gc_get_stats(lair_heap *heap, lair_gc_stats stats[LAIR_GC_GENERATIONS]);

/* Puts all that is tracked now aside: the collector no longer looks at it (nor, after fork, writes
 * to it), until it is unfrozen and old. Counts free it as ever. LAIR_ERR_NO_MEMORY: nothing is
 * frozen. */
LAIR_API lair_status lair_gc_freeze(lair_heap *heap);
LAIR_API lair_status lair_gc_unfreeze(lair_heap *heap);
LAIR_API size_t lair_gc_frozen(lair_heap *heap);

/* -- roots ----------------------------------------------------------------------------------- */

/* Tells the collector of a variable that holds a reference (or NULL): what it reaches need not be
 * counted to be known as alive, which makes collections of everything several times faster. No
 * program needs roots to be correct. The variable must stay until it is removed or the heap
 * closes. LAIR_ERR_NO_MEMORY; removing one that was not added: LAIR_ERR_INVALID. */
LAIR_API lair_status lair_gc_add_root(lair_heap *heap, lair_object *const *variable);
LAIR_API lair_status lair_gc_remove_root(lair_heap *heap, lair_object *const *variable);

/* -- looking --------------------------------------------------------------------------------- */

/* Whether the collector looks at object, frozen or not; whether its finalizer has run. */
LAIR_API bool lair_gc_is_tracked(const lair_object *object);
LAIR_API bool lair_gc_is_finalized(const lair_object *object);

/* A new list of all tracked objects, or of one generation's (0, 1, 2; -1: all but frozen ones).
 * The list itself is not in it. */
LAIR_API lair_object *lair_gc_objects(lair_heap *heap, int generation);

/* A new list of the tracked objects that refer to object; of the objects that object refers to,
 * each as often as it does. */
LAIR_API lair_object *lair_gc_referrers(lair_object *object);
LAIR_API lair_object *lair_gc_referents(lair_object *object);

/* -- debugging ------------------------------------------------------------------------------- */

typedef enum lair_gc_flags {
    LAIR_GC_STATS = 1,         /* each collection says on standard error what it did */
    LAIR_GC_COLLECTABLE = 2,   /* ... and names each object it found */
    LAIR_GC_UNCOLLECTABLE = 4, /* ... and each that clearing did not free */
    LAIR_GC_SAVE_ALL = 8,      /* garbage is not freed but appended to lair_gc_garbage */
} lair_gc_flags;
LAIR_API void lair_gc_set_flags(lair_heap *heap, unsigned flags);
LAIR_API unsigned lair_gc_get_flags(lair_heap *heap);

/* BORROWED: the list of garbage that could not be freed, because a type's clear function leaves
 * references of a cycle, and of what LAIR_GC_SAVE_ALL saved. The program may change it. NULL: no
 * memory to make it. */
LAIR_API lair_object *lair_gc_garbage(lair_heap *heap);

/* -- callbacks and events -------------------------------------------------------------------- */

typedef struct lair_gc_info {
    bool stop; /* false: about to start */
    int generation;
    size_t collected, uncollectable; /* with stop */
} lair_gc_info;

/* Called before and after each collection, of a round when its first slice begins and when its last
 * ends: young objects may be collected between the two. May do anything but collect (it does
 * nothing then). Those added meanwhile are called from the next time on, those removed no more. */
typedef void (*lair_gc_callback)(lair_heap *heap, const lair_gc_info *info, void *arg);
LAIR_API lair_status lair_gc_add_callback(lair_heap *heap, lair_gc_callback callback, void *arg);

/* The first added with the same two. LAIR_ERR_INVALID: there is none. */
LAIR_API lair_status lair_gc_remove_callback(lair_heap *heap, lair_gc_callback callback, void *arg);

/* One step of a collection, when it is over. */
typedef struct lair_gc_event {
    const char *pass;    /* "start", "candidates", "mark", "suspects", "trial", "order", "reclaim",
                            "stop" */
    const char *counted; /* what count counts, in words */
    uint64_t count;
    uint64_t ns; /* nanoseconds the pass took; the collection, with "stop"; 0 with "start" */
} lair_gc_event;

/* Called for each event, of a round for all when it is over. May not touch the heap or its objects.
 * NULL removes it. */
typedef void (*lair_gc_listener)(lair_heap *heap, const lair_gc_event *event, void *arg);
LAIR_API void lair_gc_set_listener(lair_heap *heap, lair_gc_listener listener, void *arg);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_GC_H */

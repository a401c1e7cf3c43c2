/* host_cpython.h: the inside of CPython, version by version, as small functions of one meaning.
 *
 * With host_cpython_gc.h, which continues it for the collector in a file for each version, the one
 * file that names a version or reads an internal structure: the size of PyInterpreterState, its
 * `gc` and its `ceval` member, and the list of pending calls. 3.14 and later are served by the
 * public API alone: there each function gives the answer "unknown" that its comment names. compat.c
 * and the collector's files include it, before anything else, and nobody else does.
 */
#ifndef LAIR_HOST_CPYTHON_H
#define LAIR_HOST_CPYTHON_H

#include <patchlevel.h> /* PY_VERSION_HEX, which Python.h wants to know the next line before */

#define CPYTHON_INTERNALS (PY_VERSION_HEX < 0x030E0000)

#if CPYTHON_INTERNALS
#define Py_BUILD_CORE_MODULE 1
#endif

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>

#if CPYTHON_INTERNALS
#include "internal/pycore_ceval.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_pymem.h"
#include "internal/pycore_runtime.h"
#else
extern const char *_PyMem_GetCurrentAllocatorName(void); /* exported, declared inside only */
#endif

#if PY_VERSION_HEX < 0x030B0000
#error "lair needs CPython 3.11 or later"
#endif

/* What holds for this version throughout. */
enum {
    CPYTHON_KNOWN = CPYTHON_INTERNALS,               /* the structures can be read */
    CPYTHON_OWN_GILS = PY_VERSION_HEX >= 0x030C0000, /* interpreters may have a GIL of their own */
    CPYTHON_TOO_NEW = PY_VERSION_HEX >= 0x030F0000,  /* not known to this release of lair */
#if defined(Py_GIL_DISABLED)
    CPYTHON_FREE_THREADED = 1,
#else
    CPYTHON_FREE_THREADED = 0,
#endif
#if defined(Py_DEBUG)
    CPYTHON_DEBUG_BUILD = 1,
#else
    CPYTHON_DEBUG_BUILD = 0,
#endif
};

/* The thread state of the calling thread, or NULL. Any thread. */
static inline PyThreadState *cpython_thread_state(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_GetUnchecked();
#else
    return _PyThreadState_UncheckedGet();
#endif
}

/* What the structure of an interpreter says of its collector; unknown: false. */
typedef struct cpython_collector {
    bool enabled, collecting;
    int thresholds[3];
} cpython_collector;

#if CPYTHON_INTERNALS

static inline bool cpython_read_collector(const PyInterpreterState *interpreter,
                                          cpython_collector *collector)
{
    collector->enabled = interpreter->gc.enabled != 0;
    collector->collecting = interpreter->gc.collecting != 0;
    for (int i = 0; i < 3; i++)
        collector->thresholds[i] = interpreter->gc.generations[i].threshold;
    return interpreter->gc.collecting == 0 || interpreter->gc.collecting == 1;
}

/* sizeof(PyInterpreterState); unknown: 0. */
static inline size_t cpython_interpreter_bytes(void)
{
    return sizeof(PyInterpreterState);
}

#else

static inline bool cpython_read_collector(const PyInterpreterState *interpreter,
                                          cpython_collector *collector)
{
    (void)interpreter;
    (void)collector;
    return false;
}

static inline size_t cpython_interpreter_bytes(void)
{
    return 0;
}

#endif

#if CPYTHON_INTERNALS && PY_VERSION_HEX >= 0x030C0000

/* Whether two interpreters share a GIL; unknown: false. Before 3.12 all do. */
static inline bool cpython_share_gil(const PyInterpreterState *one, const PyInterpreterState *other)
{
    return one->ceval.gil == other->ceval.gil;
}

/* Whether the main interpreter's GIL looks as it should. */
static inline bool cpython_main_gil_fits(const PyInterpreterState *main)
{
    return main->ceval.own_gil == 1 && main->ceval.gil != NULL;
}

/* Has any thread of the interpreter call function(NULL) soon. False: not now. Public API where
 * the structures are unknown: on the main thread. */
static inline bool cpython_add_pending(PyThreadState *thread_state, int (*function)(void *))
{
#if PY_VERSION_HEX >= 0x030D0000
    /* The call takes both of these. Waiting for the first would let go of the GIL, which no
     * allocation may do; the second may be held by this very thread. */
    if (PyMutex_IsLocked(&thread_state->interp->ceval.pending.mutex) ||
        PyMutex_IsLocked(&_PyRuntime.interpreters.mutex))
        return false;
#endif
    return _PyEval_AddPendingCall(thread_state->interp, function, NULL, 0) == 0;
}

#else

static inline bool cpython_share_gil(const PyInterpreterState *one, const PyInterpreterState *other)
{
    return !CPYTHON_OWN_GILS || one == other;
}

static inline bool cpython_main_gil_fits(const PyInterpreterState *main)
{
    (void)main;
    return true;
}

static inline bool cpython_add_pending(PyThreadState *thread_state, int (*function)(void *))
{
    (void)thread_state;
    return Py_AddPendingCall(function, NULL) == 0;
}

#endif

/* Has the main thread call function(NULL) soon, between two bytecodes. False: not now. Any thread,
 * with the GIL or without. */
static inline bool cpython_add_main_call(int (*function)(void *))
{
    if (Py_AddPendingCall(function, NULL) != 0)
        return false;
#if PY_VERSION_HEX < 0x030D0000
    /* Asked from another thread, these versions note the call, and look for it only when something
     * else interrupts the main one. */
    _Py_atomic_store_relaxed(&PyInterpreterState_Main()->ceval.eval_breaker, 1);
#endif
    return true;
}

/* Before 3.12, on a thread other than the main one: makes the next automatic collection full and
 * due at once. Otherwise nothing. */
static inline void cpython_hurry_collection(PyThreadState *thread_state)
{
#if PY_VERSION_HEX < 0x030C0000
    if (PyThread_get_thread_ident() == _PyRuntime.main_thread)
        return;
    struct _gc_runtime_state *gc = &thread_state->interp->gc;
    for (int i = 0; i < 3; i++)
        gc->generations[i].count = gc->generations[i].threshold + 1;
    gc->long_lived_pending = gc->long_lived_total / 4 + 1;
#else
    (void)thread_state;
#endif
}

#endif /* LAIR_HOST_CPYTHON_H */

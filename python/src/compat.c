/* compat.c: the only file that knows versions of CPython and the inside of its structures.
 *
 * Read here: the size of PyInterpreterState, its `gc` and its `ceval` member, and the list of
 * pending calls. 3.14 and later are served by the public API alone.
 */
#include <patchlevel.h> /* PY_VERSION_HEX, which Python.h wants to know the next line before */

#define COMPAT_INTERNALS (PY_VERSION_HEX < 0x030E0000)

#if COMPAT_INTERNALS
#define Py_BUILD_CORE_MODULE 1
#endif

#include <Python.h>

#if COMPAT_INTERNALS
#include "internal/pycore_ceval.h"
#include "internal/pycore_interp.h"
#include "internal/pycore_pymem.h"
#include "internal/pycore_runtime.h"
#else
extern const char *_PyMem_GetCurrentAllocatorName(void); /* exported, declared inside only */
#endif

#include "compat.h"

#if PY_VERSION_HEX < 0x030B0000
#error "lair needs CPython 3.11 or later"
#endif

/* Set once by compat_check_layout. */
static bool layout_known;

const char *compat_build_refusal(void)
{
#if defined(Py_GIL_DISABLED)
    return "this is the free-threaded build of CPython, whose memory allocator cannot be replaced";
#elif PY_VERSION_HEX >= 0x030F0000
    return "this version of CPython is newer than this release of lair knows (3.11 to 3.14)";
#else
    return NULL;
#endif
}

const char *compat_allocator_name(void)
{
    return _PyMem_GetCurrentAllocatorName();
}

/* -- interpreters ---------------------------------------------------------------------------- */

static PyThreadState *current_thread_state(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_GetUnchecked();
#else
    return _PyThreadState_UncheckedGet();
#endif
}

bool compat_on_main_interpreter(void)
{
    PyThreadState *thread_state = current_thread_state();
    return thread_state != NULL && thread_state->interp == PyInterpreterState_Main();
}

bool compat_on_main_gil(void)
{
    PyThreadState *thread_state = current_thread_state();
    if (thread_state == NULL)
        return false;
    PyInterpreterState *main = PyInterpreterState_Main();
    if (thread_state->interp == main)
        return true;
#if PY_VERSION_HEX < 0x030C0000
    return true; /* there is one GIL */
#elif COMPAT_INTERNALS
    return layout_known && thread_state->interp->ceval.gil == main->ceval.gil;
#else
    return false;
#endif
}

bool compat_may_have_own_gils(void)
{
    return PY_VERSION_HEX >= 0x030C0000;
}

bool compat_sees_new_interpreters(void)
{
    return COMPAT_INTERNALS && layout_known;
}

bool compat_is_interpreter_size(size_t size)
{
#if COMPAT_INTERNALS
    const size_t expected = sizeof(PyInterpreterState);
    return size >= expected / 4 * 3 && size <= expected / 2 * 3;
#else
    (void)size;
    return true;
#endif
}

/* -- collector and safe points --------------------------------------------------------------- */

#if COMPAT_INTERNALS

/* Whether gc.get_threshold() and gc.isenabled() agree with what the structure holds. */
static bool gc_layout_fits(const PyInterpreterState *interpreter)
{
    PyObject *module = PyImport_ImportModule("gc");
    PyObject *thresholds = module ? PyObject_CallMethod(module, "get_threshold", NULL) : NULL;
    int told[3] = {-1, -1, -1};
    bool fits = thresholds != NULL &&
                PyArg_ParseTuple(thresholds, "iii", &told[0], &told[1], &told[2]) &&
                (interpreter->gc.enabled != 0) == (PyGC_IsEnabled() != 0) &&
                (interpreter->gc.collecting == 0 || interpreter->gc.collecting == 1);
    for (int i = 0; i < 3; i++)
        fits = fits && interpreter->gc.generations[i].threshold == told[i];
    Py_XDECREF(thresholds);
    Py_XDECREF(module);
    PyErr_Clear();
    return fits;
}

static bool gil_layout_fits(const PyInterpreterState *interpreter)
{
#if PY_VERSION_HEX >= 0x030C0000
    return interpreter->ceval.own_gil == 1 && interpreter->ceval.gil != NULL;
#else
    (void)interpreter;
    return true;
#endif
}

void compat_check_layout(void)
{
    const PyInterpreterState *main = PyInterpreterState_Main();
    layout_known = gc_layout_fits(main) && gil_layout_fits(main);
}

bool compat_is_collecting(void)
{
    PyThreadState *thread_state = current_thread_state();
    return layout_known && thread_state != NULL && thread_state->interp->gc.collecting != 0;
}

#else

void compat_check_layout(void)
{
}

bool compat_is_collecting(void)
{
    return false;
}

#endif

bool compat_call_soon(int (*function)(void *))
{
#if COMPAT_INTERNALS && PY_VERSION_HEX >= 0x030C0000
    PyThreadState *thread_state = current_thread_state();
    if (layout_known && thread_state != NULL) {
#if PY_VERSION_HEX >= 0x030D0000
        /* The call takes both of these. Waiting for the first would let go of the GIL, which no
         * allocation may do; the second may be held by this very thread. */
        if (PyMutex_IsLocked(&thread_state->interp->ceval.pending.mutex) ||
            PyMutex_IsLocked(&_PyRuntime.interpreters.mutex))
            return false;
#endif
        return _PyEval_AddPendingCall(thread_state->interp, function, NULL, 0) == 0;
    }
#endif
    return Py_AddPendingCall(function, NULL) == 0;
}

void compat_hurry_collection(void)
{
#if PY_VERSION_HEX < 0x030C0000
    PyThreadState *thread_state = current_thread_state();
    if (!layout_known || thread_state == NULL ||
        PyThread_get_thread_ident() == _PyRuntime.main_thread)
        return;
    struct _gc_runtime_state *gc = &thread_state->interp->gc;
    for (int i = 0; i < 3; i++)
        gc->generations[i].count = gc->generations[i].threshold + 1;
    gc->long_lived_pending = gc->long_lived_total / 4 + 1;
#endif
}

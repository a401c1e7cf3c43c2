/* compat.c: the meaning of compat.h in terms of host_cpython.h, with the check that its reading of
 * CPython's structures is right before anything relies on it.
 */
#include "host_cpython.h"

#include "compat.h"

/* Set once by compat_check_layout. */
static bool layout_known;

const char *compat_build_refusal(void)
{
    if (CPYTHON_FREE_THREADED)
        return "this is the free-threaded build of CPython, whose memory allocator cannot be "
               "replaced";
    if (CPYTHON_TOO_NEW)
        return "this version of CPython is newer than this release of lair knows (3.11 to 3.14)";
    return NULL;
}

const char *compat_allocator_name(void)
{
    return _PyMem_GetCurrentAllocatorName();
}

/* -- interpreters ---------------------------------------------------------------------------- */

bool compat_on_main_interpreter(void)
{
    PyThreadState *thread_state = cpython_thread_state();
    return thread_state != NULL && thread_state->interp == PyInterpreterState_Main();
}

bool compat_on_main_gil(void)
{
    PyThreadState *thread_state = cpython_thread_state();
    if (thread_state == NULL)
        return false;
    PyInterpreterState *main = PyInterpreterState_Main();
    if (thread_state->interp == main || !CPYTHON_OWN_GILS)
        return true;
    return layout_known && cpython_share_gil(thread_state->interp, main);
}

bool compat_may_have_own_gils(void)
{
    return CPYTHON_OWN_GILS;
}

bool compat_sees_new_interpreters(void)
{
    return CPYTHON_KNOWN && layout_known;
}

bool compat_is_interpreter_size(size_t size)
{
    const size_t expected = cpython_interpreter_bytes();
    return expected == 0 || (size >= expected / 4 * 3 && size <= expected / 2 * 3);
}

/* -- collector and safe points --------------------------------------------------------------- */

/* Whether gc.get_threshold() and gc.isenabled() agree with what the structure holds. */
static bool collector_fits(const PyInterpreterState *interpreter)
{
    cpython_collector collector;
    if (!cpython_read_collector(interpreter, &collector))
        return false;
    PyObject *module = PyImport_ImportModule("gc");
    PyObject *thresholds = module ? PyObject_CallMethod(module, "get_threshold", NULL) : NULL;
    int told[3] = {-1, -1, -1};
    bool fits = thresholds != NULL &&
                PyArg_ParseTuple(thresholds, "iii", &told[0], &told[1], &told[2]) &&
                collector.enabled == (PyGC_IsEnabled() != 0);
    for (int i = 0; i < 3; i++)
        fits = fits && collector.thresholds[i] == told[i];
    Py_XDECREF(thresholds);
    Py_XDECREF(module);
    PyErr_Clear();
    return fits;
}

void compat_check_layout(void)
{
    const PyInterpreterState *main = PyInterpreterState_Main();
    layout_known = collector_fits(main) && cpython_main_gil_fits(main);
}

bool compat_layout_known(void)
{
    return layout_known;
}

bool compat_is_collecting(void)
{
    PyThreadState *thread_state = cpython_thread_state();
    cpython_collector collector;
    return layout_known && thread_state != NULL &&
           cpython_read_collector(thread_state->interp, &collector) && collector.collecting;
}

bool compat_call_soon(int (*function)(void *))
{
    PyThreadState *thread_state = cpython_thread_state();
    if (layout_known && thread_state != NULL)
        return cpython_add_pending(thread_state, function);
    return Py_AddPendingCall(function, NULL) == 0;
}

void compat_hurry_collection(void)
{
    PyThreadState *thread_state = cpython_thread_state();
    if (layout_known && thread_state != NULL)
        cpython_hurry_collection(thread_state);
}

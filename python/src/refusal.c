/* refusal.c: why the heap cannot attach, in one sentence.
 *
 * The questions are asked from the general to the particular: the build, the interpreter, who
 * else stands between CPython and its memory.
 */
#include <Python.h>
#include <string.h>

#include "compat.h"
#include "host.h"

static bool is_cpython(void)
{
    PyObject *implementation = PySys_GetObject("implementation"); /* borrowed */
    PyObject *name = implementation ? PyObject_GetAttrString(implementation, "name") : NULL;
    bool cpython = name != NULL && PyUnicode_Check(name) &&
                   PyUnicode_CompareWithASCIIString(name, "cpython") == 0;
    Py_XDECREF(name);
    PyErr_Clear();
    return cpython;
}

static bool is_tracing(void)
{
    PyObject *module = PyImport_ImportModule("_tracemalloc");
    PyObject *tracing = module ? PyObject_CallMethod(module, "is_tracing", NULL) : NULL;
    bool yes = tracing != NULL && PyObject_IsTrue(tracing) == 1;
    Py_XDECREF(tracing);
    Py_XDECREF(module);
    PyErr_Clear();
    return yes;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), ending_length = strlen(ending);
    return length >= ending_length && strcmp(text + length - ending_length, ending) == 0;
}

static const char tracing_reason[] =
    "tracemalloc is tracing, and when it stops it would take the heap away with its own hooks; "
    "stop it, attach, and start it again";

/* Once attached, the heap can come back unless others have covered the hooks it left. */
static const char *reattach_reason(void)
{
    if (!hooks_covered())
        return NULL;
    if (is_tracing())
        return tracing_reason;
    return "another memory hook was installed after lair's heap was detached; remove it first";
}

const char *refusal_reason(void)
{
    if (!is_cpython())
        return "lair's heap needs CPython, and this is another implementation of Python";
    const char *reason = compat_build_refusal();
    if (reason != NULL)
        return reason;
    if (!compat_on_main_interpreter())
        return "this is not the main interpreter, and only from there can lair's heap attach";
    if (hooks_heap() != NULL)
        return reattach_reason();
    const char *allocator = compat_allocator_name();
    if (allocator != NULL && ends_with(allocator, "_debug"))
        return "CPython's debug hooks are installed (PYTHONMALLOC=debug, -X dev or a debug build), "
               "which check each block themselves; set PYTHONMALLOC=pymalloc to use lair's heap";
    if (is_tracing())
        return tracing_reason;
    if (allocator == NULL)
        return "another memory hook is installed, and when it is removed it would take lair's heap "
               "with it; attach before it is installed";
    return NULL;
}

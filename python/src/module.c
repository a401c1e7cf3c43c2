/* module.c: the module `lair._core`, whose contract is python/lair/_core.pyi.
 *
 * Each function checks its arguments and where it runs, calls the heap or the host, and converts
 * the result. Every interpreter may import the module, so that a program need not know in which
 * one it runs; the heap's functions answer to the main one only.
 */
#include <Python.h>

#include "compat.h"
#include "host.h"
#include "os/os.h"

/* -- errors and arguments -------------------------------------------------------------------- */

/* Raises what the last failure of the library says. Returns NULL. */
static PyObject *raise_status(lair_status status)
{
    PyObject *type = PyExc_RuntimeError;
    if (status == LAIR_ERR_INVALID)
        type = PyExc_ValueError;
    else if (status == LAIR_ERR_NO_MEMORY || status == LAIR_ERR_LIMIT)
        type = PyExc_MemoryError;
    PyErr_Format(type, "%s", lair_error_message());
    return NULL;
}

/* The heap, or NULL with RuntimeError set where there is none to use. */
static lair_heap *require_heap(void)
{
    if (!compat_on_main_interpreter()) {
        PyErr_SetString(PyExc_RuntimeError, "lair's heap answers to the main interpreter only");
        return NULL;
    }
    if (hooks_heap() == NULL)
        PyErr_SetString(PyExc_RuntimeError, "lair's heap has not been attached in this process");
    return hooks_heap();
}

static lair_heap *require_attached(void)
{
    lair_heap *heap = require_heap();
    if (heap != NULL && !hooks_attached()) {
        PyErr_SetString(PyExc_RuntimeError, "lair's heap is not attached");
        return NULL;
    }
    return heap;
}

/* A converter for PyArg_Parse*: an int of 0 or more. name says whose it is. */
static bool parse_size(PyObject *object, const char *name, size_t *size)
{
    if (!PyLong_Check(object)) {
        PyErr_Format(PyExc_TypeError, "%s must be an int, not %s", name, Py_TYPE(object)->tp_name);
        return false;
    }
    *size = PyLong_AsSize_t(object);
    if (!PyErr_Occurred())
        return true;
    PyErr_Clear();
    PyErr_Format(PyExc_ValueError, "%s must be from 0 to %zu, not %S", name, SIZE_MAX, object);
    return false;
}

/* -- attach and detach ----------------------------------------------------------------------- */

static PyObject *on_main_interpreter(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    return PyBool_FromLong(compat_on_main_interpreter());
}

static PyObject *refusal(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    const char *reason = refusal_reason();
    if (reason == NULL)
        Py_RETURN_NONE;
    return PyUnicode_FromString(reason);
}

/* Puts the limit in force before the first block is asked for. */
static bool start_limit(lair_heap *heap, size_t hard, size_t soft)
{
    size_t least = lair_heap_footprint(heap) + LIMIT_RESERVE_BYTES;
    if (hard != 0 && hard < least) {
        PyErr_Format(PyExc_ValueError,
                     "maxheapsize of %zu bytes is too small to start: the heap needs at least %zu",
                     hard, least);
        return false;
    }
    lair_status status = limit_set(heap, hard, soft);
    if (status != LAIR_OK)
        raise_status(status);
    return status == LAIR_OK;
}

/* What CPython promises of its blocks on 64-bit systems, which heap_alloc_fast counts on; and what
 * its collector keeps before an object. */
enum { CPYTHON_ALIGNMENT = 16, CPYTHON_GC_HEAD = 16 };

/* A heap without a limit, which comes later, aligned as CPython promises its blocks. NULL with an
 * exception set. */
static lair_heap *open_heap(const lair_heap_options *options)
{
    lair_heap_options unlimited = *options;
    unlimited.alignment = CPYTHON_ALIGNMENT;
    unlimited.prefix_bytes = CPYTHON_GC_HEAD;
    unlimited.max_bytes = 0;
    unlimited.soft_bytes = 0;
    lair_heap *heap = lair_heap_open(&unlimited);
    if (heap == NULL)
        raise_status(lair_error_status());
    return heap;
}

static PyObject *attach_heap(PyObject *Py_UNUSED(module), PyObject *text)
{
    const char *reason = hooks_attached() ? "it is attached already" : refusal_reason();
    if (reason != NULL)
        return PyErr_Format(PyExc_RuntimeError, "lair's heap cannot attach: %s", reason);
    bool opened = hooks_heap() != NULL;
    lair_options options;
    if (!options_for_attach(text, opened, &options))
        return NULL;
    lair_heap_options heap_options;
    lair_options_to_heap(&options, &heap_options);

    lair_heap *heap = opened ? hooks_heap() : open_heap(&heap_options);
    if (heap == NULL)
        return NULL;
    if (!start_limit(heap, heap_options.max_bytes, heap_options.soft_bytes) || !blocks_install()) {
        if (!opened)
            lair_heap_close(heap);
        return NULL;
    }
    compat_check_layout();
    options_keep(&options);
    hooks_attach(heap);
    if (opened)
        lair_heap_inject_failure(heap, heap_options.fail_at, heap_options.fail_forever);
    Py_RETURN_NONE;
}

static PyObject *detach_heap(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_attached();
    if (heap == NULL)
        return NULL;
    hooks_detach();
    limit_set(heap, 0, 0);
    Py_RETURN_NONE;
}

static PyObject *heap_attached(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    return PyBool_FromLong(hooks_attached());
}

/* -- the collector --------------------------------------------------------------------------- */

static PyObject *why_no_collector(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    const char *reason = collector_refusal();
    if (reason == NULL)
        Py_RETURN_NONE;
    return PyUnicode_FromString(reason);
}

static PyObject *attach_collector(PyObject *Py_UNUSED(module), PyObject *mode)
{
    lair_gctype type;
    if (!options_collector_mode(mode, &type) || !collector_attach(type))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *detach_collector(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    if (!collector_detach())
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *observe_collections(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    if (!collector_observe())
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *collector_numbers(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    if (!compat_on_main_interpreter()) {
        PyErr_SetString(PyExc_RuntimeError,
                        "lair's collector answers to the main interpreter only");
        return NULL;
    }
    return collector_stats();
}

static PyObject *tune_collector(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    int quantum;
    Py_ssize_t slice_ns, smallest;
    if (!PyArg_ParseTuple(arguments, "inn:tune_collector", &quantum, &slice_ns, &smallest))
        return NULL;
    if (quantum < 1 || slice_ns < 0 || smallest < 0) {
        PyErr_SetString(PyExc_ValueError, "quantum is at least 1, slice_ns and smallest 0");
        return NULL;
    }
    collector_tune(quantum, (uint64_t)slice_ns, (size_t)smallest);
    Py_RETURN_NONE;
}

static PyObject *total_references(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    return totals_of_references();
}

static PyObject *log_collections(PyObject *Py_UNUSED(module), PyObject *descriptor)
{
    int value = PyObject_AsFileDescriptor(descriptor);
    if (value < 0)
        return NULL;
    collector_log_to(value); /* which stays the caller's */
    Py_RETURN_NONE;
}

/* -- numbers --------------------------------------------------------------------------------- */

static PyObject *ledger(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_heap();
    if (heap == NULL)
        return NULL;
    lair_ledger books;
    lair_heap_ledger(heap, &books);
    return convert_ledger(&books);
}

static PyObject *peak(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_heap();
    if (heap == NULL)
        return NULL;
    lair_ledger books;
    lair_heap_peak(heap, &books);
    return convert_ledger(&books);
}

static PyObject *residency(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_heap();
    if (heap == NULL)
        return NULL;
    lair_residency resident;
    lair_status status = lair_heap_residency(heap, &resident);
    return status == LAIR_OK ? convert_residency(&resident) : raise_status(status);
}

static PyObject *stats(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_heap();
    if (heap == NULL)
        return NULL;
    limit_settle(heap);
    return convert_stats(heap);
}

static PyObject *classes(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_heap();
    if (heap == NULL)
        return NULL;
    size_t count = lair_heap_class_stats(heap, NULL, 0);
    lair_heap_class *entries = PyMem_RawCalloc(count, sizeof *entries);
    if (entries == NULL)
        return PyErr_NoMemory();
    lair_heap_class_stats(heap, entries, count);
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *entry = convert_class(&entries[i]);
        if (entry == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, entry);
    }
    PyMem_RawFree(entries);
    return list;
}

static PyObject *system_memory(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    return PyLong_FromSize_t(os_memory_total());
}

/* -- actions --------------------------------------------------------------------------------- */

static PyObject *trim(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_heap();
    if (heap == NULL)
        return NULL;
    size_t bytes = lair_heap_trim(heap);
    limit_settle(heap);
    return PyLong_FromSize_t(bytes);
}

static PyObject *get_limit(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    if (require_heap() == NULL)
        return NULL;
    return Py_BuildValue("(NN)", PyLong_FromSize_t(limit_hard()), PyLong_FromSize_t(limit_soft()));
}

static PyObject *set_limit(PyObject *Py_UNUSED(module), PyObject *args, PyObject *keywords)
{
    static char *names[] = {"max_bytes", "soft_bytes", NULL};
    PyObject *hard_object, *soft_object = NULL;
    size_t hard, soft = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O:set_limit", names, &hard_object,
                                     &soft_object) ||
        !parse_size(hard_object, names[0], &hard) ||
        (soft_object != NULL && !parse_size(soft_object, names[1], &soft)))
        return NULL;
    lair_heap *heap = require_attached();
    if (heap == NULL)
        return NULL;
    lair_status status = limit_set(heap, hard, soft);
    if (status != LAIR_OK)
        return raise_status(status);
    Py_RETURN_NONE;
}

static PyObject *check(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    lair_heap *heap = require_heap();
    if (heap == NULL)
        return NULL;
    lair_status status = lair_heap_check(heap);
    if (status != LAIR_OK)
        return raise_status(status);
    Py_RETURN_NONE;
}

/* The arguments of both functions that inject failures. */
static bool parse_failure(PyObject *args, PyObject *keywords, size_t *nth, int *forever)
{
    static char *names[] = {"nth", "forever", NULL};
    PyObject *nth_object;
    *forever = 0;
    return PyArg_ParseTupleAndKeywords(args, keywords, "O|p", names, &nth_object, forever) &&
           parse_size(nth_object, names[0], nth);
}

static PyObject *inject_failure(PyObject *Py_UNUSED(module), PyObject *args, PyObject *keywords)
{
    size_t nth;
    int forever;
    if (!parse_failure(args, keywords, &nth, &forever))
        return NULL;
    lair_heap *heap = require_attached();
    if (heap == NULL)
        return NULL;
    lair_heap_inject_failure(heap, nth, forever != 0);
    Py_RETURN_NONE;
}

static PyObject *inject_map_failure(PyObject *Py_UNUSED(module), PyObject *args, PyObject *keywords)
{
    size_t nth;
    int forever;
    if (!parse_failure(args, keywords, &nth, &forever))
        return NULL;
    (void)os_inject_failure(nth, forever != 0);
    Py_RETURN_NONE;
}

/* -- the module ------------------------------------------------------------------------------ */

#define WITHOUT_ARGUMENTS(name, text)                                                              \
    {                                                                                              \
#name, name, METH_NOARGS, PyDoc_STR(#name "()\n--\n\n" text)                               \
    }
#define WITH_KEYWORDS(name, signature, text)                                                       \
    {                                                                                              \
#name, (PyCFunction)(void (*)(void))name, METH_VARARGS | METH_KEYWORDS,                    \
            PyDoc_STR(#name signature "\n--\n\n" text)                                             \
    }

static PyMethodDef methods[] = {
    WITHOUT_ARGUMENTS(options_table, "Every option: name, kind, values, default, hosts, meaning."),
    {"parse_options", parse_options, METH_O,
     PyDoc_STR("parse_options(text)\n--\n\nThe options in \"name=value,name=value\" as a dict.")},
    WITHOUT_ARGUMENTS(on_main_interpreter, "Whether this is the main interpreter."),
    WITHOUT_ARGUMENTS(refusal, "Why the heap cannot attach here: one sentence, or None."),
    {"attach_heap", attach_heap, METH_O,
     PyDoc_STR("attach_heap(options)\n--\n\nPut the OBJ and MEM domains on lair's heap.")},
    WITHOUT_ARGUMENTS(detach_heap, "Send new blocks to the allocator from before."),
    WITHOUT_ARGUMENTS(heap_attached, "Whether new blocks go to lair's heap."),
    {"collector_refusal", why_no_collector, METH_NOARGS,
     PyDoc_STR("collector_refusal()\n--\n\nWhy the collector cannot attach here: one sentence, or "
               "None.")},
    {"attach_collector", attach_collector, METH_O,
     PyDoc_STR("attach_collector(mode)\n--\n\nPut lair's collector in the interpreter, or change "
               "its mode.")},
    WITHOUT_ARGUMENTS(detach_collector, "Give the interpreter its own collector back."),
    WITHOUT_ARGUMENTS(observe_collections, "Count and log what the built-in collector does."),
    {"collector_stats", collector_numbers, METH_NOARGS,
     PyDoc_STR("collector_stats()\n--\n\nMode, counts and pauses of the collections so far.")},
    {"tune_collector", tune_collector, METH_VARARGS,
     PyDoc_STR("tune_collector(quantum, slice_ns, smallest)\n--\n\nFor tests of the incremental "
               "mode: containers between slices, the length of a slice, and the number of objects "
               "that a smaller heap counts as.")},
    {"log_collections", log_collections, METH_O,
     PyDoc_STR("log_collections(descriptor)\n--\n\nWrite a line for each collection to a file.")},
    WITHOUT_ARGUMENTS(total_references,
                      "References to all tracked objects, immortals left out, and "
                      "how many objects those are."),
    WITHOUT_ARGUMENTS(ledger, "Where every byte of the heap is now."),
    WITHOUT_ARGUMENTS(peak, "Where every byte was when the footprint was highest."),
    WITHOUT_ARGUMENTS(residency, "What the system says is resident, by the same parts."),
    WITHOUT_ARGUMENTS(stats, "Counts of what the heap and its host did."),
    WITHOUT_ARGUMENTS(classes, "The size classes, with pools, blocks and fill."),
    WITHOUT_ARGUMENTS(trim, "Return every page possible to the system; the bytes returned."),
    WITHOUT_ARGUMENTS(get_limit, "The hard and soft limit in bytes; 0: none."),
    WITH_KEYWORDS(set_limit, "(max_bytes, soft_bytes=0)",
                  "Set or (0) remove the limit; soft_bytes 0 means 90 % of it."),
    WITHOUT_ARGUMENTS(check, "Verify every structure of the heap."),
    WITHOUT_ARGUMENTS(system_memory, "Bytes of memory this process may use at most."),
    WITH_KEYWORDS(inject_failure, "(nth, forever=False)",
                  "Testing: make the nth request from now fail; 0 stops it."),
    WITH_KEYWORDS(inject_map_failure, "(nth, forever=False)",
                  "Testing: the same of requests of Lair's to the system, the collector's too."),
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_mod_multiple_interpreters
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};

static PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "lair._core",
    .m_doc = PyDoc_STR("The C part of lair: the heap under CPython."),
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__core(void); /* called by the import system */

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}

/* blocks.c: sys.getallocatedblocks() and sys._debugmallocstats() that know of the heap.
 *
 * The functions CPython offers speak of its own small-object allocator, where the heap leaves
 * nothing. Ours add the heap's live blocks and its size classes. They stay in place after a detach,
 * because blocks of the heap stay alive.
 */
#include <Python.h>
#include <stdio.h>

#include "host.h"

/* The functions of `sys` as they were found; NULL: not replaced. */
static PyObject *stock_getallocatedblocks;
static PyObject *stock_debugmallocstats;

static PyObject *getallocatedblocks(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyObject *stock = PyObject_CallNoArgs(stock_getallocatedblocks);
    if (stock == NULL)
        return NULL;
    lair_ledger ledger;
    lair_heap_ledger(hooks_heap(), &ledger);
    PyObject *ours = PyLong_FromSize_t(ledger.blocks);
    PyObject *sum = ours ? PyNumber_Add(stock, ours) : NULL;
    Py_XDECREF(ours);
    Py_DECREF(stock);
    return sum;
}

/* In the manner of CPython's own section, which it leaves out for an allocator it does not know. */
static void print_size_classes(lair_heap *heap)
{
    lair_heap_class classes[256];
    size_t count = lair_heap_class_stats(heap, classes, 256);
    fprintf(stderr, "Small block threshold = %zu, in %zu size classes.\n\n",
            lair_heap_get_options(heap)->small_bytes, count - 1);
    fprintf(stderr, "block size   pools      blocks in use  free blocks\n");
    for (size_t i = 0; i < count; i++)
        if (classes[i].pools != 0)
            fprintf(stderr, "%10zu %7zu %18zu %12zu\n", classes[i].block_bytes, classes[i].pools,
                    classes[i].blocks, classes[i].capacity - classes[i].blocks);
    fputc('\n', stderr);
}

static PyObject *debugmallocstats(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    fflush(stderr);
    print_size_classes(hooks_heap());
    fflush(stderr);
    return PyObject_CallNoArgs(stock_debugmallocstats);
}

static PyMethodDef definitions[] = {
    {"getallocatedblocks", getallocatedblocks, METH_NOARGS,
     PyDoc_STR("getallocatedblocks($module, /)\n--\n\n"
               "Return the number of memory blocks currently allocated, those on lair's heap "
               "included.")},
    {"_debugmallocstats", debugmallocstats, METH_NOARGS,
     PyDoc_STR("_debugmallocstats($module, /)\n--\n\n"
               "Print the size classes of lair's heap, and then what CPython prints, to stderr.")},
};

/* Puts a function of ours in the place of sys.NAME, which goes to *stock. */
static bool replace(PyMethodDef *definition, PyObject **stock)
{
    if (*stock != NULL)
        return true;
    PyObject *found = PySys_GetObject(definition->ml_name); /* borrowed */
    if (found == NULL)
        return true; /* someone removed it: nothing to keep right */
    PyObject *name = PyUnicode_FromString("sys");
    PyObject *function = name ? PyCFunction_NewEx(definition, NULL, name) : NULL;
    Py_XDECREF(name);
    if (function == NULL)
        return false;
    *stock = Py_NewRef(found);
    int result = PySys_SetObject(definition->ml_name, function);
    Py_DECREF(function);
    if (result < 0)
        Py_CLEAR(*stock);
    return result == 0;
}

bool blocks_install(void)
{
    return replace(&definitions[0], &stock_getallocatedblocks) &&
           replace(&definitions[1], &stock_debugmallocstats);
}

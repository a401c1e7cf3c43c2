/* blocks.c: sys.getallocatedblocks() that knows of the heap.
 *
 * The function CPython offers counts the blocks of its own small-object allocator, where the heap
 * leaves nothing. Ours adds the heap's live blocks. It stays in place after a detach, because
 * blocks of the heap stay alive.
 */
#include <Python.h>

#include "host.h"

static PyObject *stock_function; /* sys.getallocatedblocks as it was found */

static PyObject *getallocatedblocks(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyObject *stock = PyObject_CallNoArgs(stock_function);
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

static PyMethodDef definition = {
    "getallocatedblocks", getallocatedblocks, METH_NOARGS,
    PyDoc_STR("getallocatedblocks($module, /)\n--\n\n"
              "Return the number of memory blocks currently allocated, those on lair's heap "
              "included.")};

bool blocks_install(void)
{
    if (stock_function != NULL)
        return true;
    PyObject *found = PySys_GetObject("getallocatedblocks"); /* borrowed */
    if (found == NULL)
        return true; /* someone removed it: nothing to keep right */
    PyObject *name = PyUnicode_FromString("sys");
    PyObject *function = name ? PyCFunction_NewEx(&definition, NULL, name) : NULL;
    Py_XDECREF(name);
    if (function == NULL)
        return false;
    stock_function = Py_NewRef(found);
    int result = PySys_SetObject("getallocatedblocks", function);
    Py_DECREF(function);
    if (result < 0)
        Py_CLEAR(stock_function);
    return result == 0;
}

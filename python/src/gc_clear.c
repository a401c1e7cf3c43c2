/* gc_clear.c: garbage that is cleared a little at a time.
 *
 * A set of garbage, perhaps too large for one pause, of which CPython could make nothing but one.
 * It has been proved to be garbage, nothing of it has a finalizer or a weak reference: so nobody
 * will ever see it again, and no code of the program's runs when it ends. It is on no list of
 * CPython's meanwhile, as garbage is during a collection.
 *
 * The set is ordered so that whoever is referred to comes after who refers to it, as far as there
 * is such an order. Clearing begins at the end: what a container lets go of has been emptied before
 * and takes nothing else with it.
 */
#include "gc_clear.h"

#if CPYTHON_INTERNALS

#include "gc_lists.h"
#include "os/os.h"

enum {
    LOOK = 16,          /* objects between two looks at the clock */
    LIST_PART = 1 << 12 /* items that a list lets go of at once */
};

static struct {
    PyGC_Head waiting, cleared; /* the latter end when what refers to them is cleared */
} garbage;

static PyGC_Head *lists_ready(PyGC_Head *list)
{
    if (list->_gc_next == 0)
        list_clear(list);
    return list;
}

void clear_add(PyGC_Head *list)
{
    list_append_all(lists_ready(&garbage.waiting), list);
}

bool clear_waits(void)
{
    return !list_is_empty(lists_ready(&garbage.waiting));
}

/* Clears an object, or a part of it: then it stays where it is. */
static void clear_one(PyObject *object)
{
    inquiry clear = Py_TYPE(object)->tp_clear;
    Py_ssize_t items = PyList_CheckExact(object) ? PyList_GET_SIZE(object) : 0;
    if (items > LIST_PART && PyList_SetSlice(object, items - LIST_PART, items, NULL) == 0)
        return;
    list_unlink(list_node(object));
    list_append(lists_ready(&garbage.cleared), list_node(object));
    if (clear != NULL)
        (void)clear(object);
}

void clear_some(uint64_t deadline)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    for (unsigned i = 1; clear_waits(); i++) {
        PyObject *object = list_object(list_previous(&garbage.waiting));
        Py_INCREF(object);
        clear_one(object);
        Py_DECREF(object);
        if (PyErr_Occurred())
            PyErr_WriteUnraisable(NULL);
        if (i % LOOK == 0 && os_now_ns() >= deadline)
            break;
    }
    PyErr_Restore(type, value, traceback);
}

#endif

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
    PyGC_Head waiting;
    PyGC_Head held;    /* with a reference of ours: nothing of these dies of another's end */
    PyGC_Head cleared; /* they end when what refers to them is cleared, if their types do all */
    unsigned busy;     /* calls of clear_some on the stack: an object's end may run anything */
} garbage;

static void prepare(void)
{
    if (garbage.waiting._gc_next != 0)
        return;
    list_clear(&garbage.waiting);
    list_clear(&garbage.held);
    list_clear(&garbage.cleared);
}

void clear_add(PyGC_Head *list)
{
    prepare();
    list_append_all(&garbage.waiting, list);
}

bool clear_waits(void)
{
    prepare();
    return !list_is_empty(&garbage.waiting) || !list_is_empty(&garbage.held);
}

/* Holds the last that waits. Otherwise the first link of a ring that is broken would take all the
 * others with it, in one go. */
static void hold_one(void)
{
    PyGC_Head *node = list_previous(&garbage.waiting);
    Py_INCREF(list_object(node));
    list_unlink(node);
    list_prepend(&garbage.held, node);
}

/* Clears the last that is held, or a part of it: then it stays where it is. */
static void clear_one(void)
{
    PyGC_Head *node = list_previous(&garbage.held);
    PyObject *object = list_object(node);
    Py_ssize_t items = PyList_CheckExact(object) ? PyList_GET_SIZE(object) : 0;
    if (items > LIST_PART && PyList_SetSlice(object, items - LIST_PART, items, NULL) == 0)
        return;
    list_unlink(node);
    list_append(&garbage.cleared, node);
    inquiry clear = Py_TYPE(object)->tp_clear;
    if (clear != NULL)
        (void)clear(object);
    Py_DECREF(object);
}

void clear_end(PyGC_Head *left)
{
    list_clear(left);
    if (!clear_waits() && garbage.busy == 0)
        list_append_all(left, &garbage.cleared);
}

void clear_some(uint64_t deadline)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    garbage.busy++;
    for (unsigned i = 1; clear_waits(); i++) {
        if (!list_is_empty(&garbage.waiting))
            hold_one();
        else
            clear_one();
        if (PyErr_Occurred())
            PyErr_WriteUnraisable(NULL);
        if (i % LOOK == 0 && os_now_ns() >= deadline)
            break;
    }
    garbage.busy--;
    PyErr_Restore(type, value, traceback);
}

#endif

/* gc_lists.h: the doubly linked lists of CPython's collector.
 *
 * A list is a ring through its head, which is no object. The lowest bits of the backward link are
 * flags of the object and stay as they are. Outside a collection every tracked object is on one of
 * the interpreter's lists.
 */
#ifndef LAIR_GC_LISTS_H
#define LAIR_GC_LISTS_H

#include "host_cpython_gc.h"

static inline PyGC_Head *list_node(const PyObject *object)
{
    return (PyGC_Head *)(uintptr_t)object - 1;
}

static inline PyObject *list_object(const PyGC_Head *node)
{
    return (PyObject *)(uintptr_t)(node + 1);
}

static inline PyGC_Head *list_next(const PyGC_Head *node)
{
    return (PyGC_Head *)node->_gc_next;
}

static inline PyGC_Head *list_previous(const PyGC_Head *node)
{
    return (PyGC_Head *)(node->_gc_prev & _PyGC_PREV_MASK);
}

static inline void list_join(PyGC_Head *node, PyGC_Head *next)
{
    node->_gc_next = (uintptr_t)next;
    next->_gc_prev = (next->_gc_prev & ~_PyGC_PREV_MASK) | (uintptr_t)node;
}

static inline void list_clear(PyGC_Head *list)
{
    list->_gc_next = list->_gc_prev = (uintptr_t)list;
}

static inline bool list_is_empty(const PyGC_Head *list)
{
    return list_next(list) == list;
}

/* Takes node out of its list; its own links are left to be overwritten. */
static inline void list_unlink(PyGC_Head *node)
{
    list_join(list_previous(node), list_next(node));
}

static inline void list_append(PyGC_Head *list, PyGC_Head *node)
{
    list_join(list_previous(list), node);
    list_join(node, list);
}

static inline void list_prepend(PyGC_Head *list, PyGC_Head *node)
{
    list_join(node, list_next(list));
    list_join(list, node);
}

/* Moves all of from to the end of list. */
static inline void list_append_all(PyGC_Head *list, PyGC_Head *from)
{
    if (!list_is_empty(from)) {
        list_join(list_previous(list), list_next(from));
        list_join(list_previous(from), list);
    }
    list_clear(from);
}

/* Moves all of from to the front of list. */
static inline void list_prepend_all(PyGC_Head *list, PyGC_Head *from)
{
    if (!list_is_empty(from)) {
        list_join(list_previous(from), list_next(list));
        list_join(list, list_next(from));
    }
    list_clear(from);
}

#endif /* LAIR_GC_LISTS_H */

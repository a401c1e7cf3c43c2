/* gc_untrack.c: tuples and dictionaries that cannot be part of a cycle.
 *
 * A collection of CPython's stops tracking tuples that hold nothing tracked and, when it is a full
 * one, dictionaries of which the same is true; gc.is_tracked() shows it, and programs have fewer
 * objects to collect for it. The rules are the interpreter's: any object that has a collector's
 * header counts as one that may yet be tracked, but for tuples, which never are again once they
 * are not.
 *
 * One collection untracks a tuple of tuples from the inside out, because inner tuples are older. So
 * marking notes what holds nothing tracked but tuples, and when it is over the rules are applied.
 */
#include "host_cpython_gc.h"

#include "gc_lists.h"
#include "gc_untrack.h"

#if CPYTHON_INTERNALS

enum { GRANULE_SHIFT = 4 };

/* Asked for each referent; inlined, because marking asks for most dictionaries. */
typedef bool (*referent_test)(PyObject *referent);

#define TEST static inline __attribute__((always_inline)) bool

TEST is_no_tuple(PyObject *referent)
{
    return cpython_has_header(referent) && !PyTuple_CheckExact(referent);
}

TEST may_be_tracked(PyObject *referent)
{
    return cpython_has_header(referent) &&
           (!PyTuple_CheckExact(referent) || list_node(referent)->_gc_next != 0);
}

TEST any_of_array(PyObject *const *items, size_t count, referent_test test)
{
    for (size_t i = 0; i < count; i++)
        if (items[i] != NULL && test(items[i]))
            return true;
    return false;
}

TEST any_of_dict(PyDictObject *dict, referent_test test)
{
    PyDictKeysObject *keys = dict->ma_keys;
    size_t count = (size_t)keys->dk_nentries;
    if (dict->ma_values != NULL)
        return any_of_array(dict->ma_values->values, count, test);
    if (DK_IS_UNICODE(keys)) {
        const PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(keys);
        for (size_t i = 0; i < count; i++)
            if (entry[i].me_value != NULL && test(entry[i].me_value))
                return true;
        return false;
    }
    const PyDictKeyEntry *entry = DK_ENTRIES(keys);
    for (size_t i = 0; i < count; i++)
        if (entry[i].me_value != NULL && (test(entry[i].me_value) || test(entry[i].me_key)))
            return true;
    return false;
}

/* A tuple with a place that is not filled yet is still being made. */
static bool is_complete(PyTupleObject *tuple)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(tuple); i++)
        if (tuple->ob_item[i] == NULL)
            return false;
    return true;
}

TEST any_of(PyObject *object, referent_test test)
{
    if (PyDict_CheckExact(object))
        return any_of_dict((PyDictObject *)object, test);
    return any_of_array(((PyTupleObject *)object)->ob_item, (size_t)Py_SIZE(object), test);
}

bool untrack_is_no_tuple(PyObject *object)
{
    return is_no_tuple(object);
}

bool untrack_may_be_due(PyObject *object)
{
    return !any_of(object, is_no_tuple);
}

bool untrack_is_due(PyObject *object)
{
    return !any_of(object, may_be_tracked) &&
           (PyDict_CheckExact(object) || is_complete((PyTupleObject *)object));
}

void untrack(struct address_set *set, PyObject *object)
{
    PyGC_Head *node = list_node(object);
    list_unlink(node);
    node->_gc_next = 0;
    node->_gc_prev &= _PyGC_PREV_MASK_FINALIZED;
    address_set_remove(set, GRANULE_SHIFT, (uintptr_t)object);
}

#endif

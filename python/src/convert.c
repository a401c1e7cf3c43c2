/* convert.c: structures of the heap as Python values.
 *
 * A structure is read in full before the first Python object is made, because making one changes
 * the heap.
 */
#include <Python.h>

#include "host.h"

typedef struct field {
    const char *name;
    size_t value;
} field;

static PyObject *dict_from_fields(const field *fields, size_t count)
{
    PyObject *dict = PyDict_New();
    for (size_t i = 0; dict != NULL && i < count; i++) {
        PyObject *value = PyLong_FromSize_t(fields[i].value);
        if (value == NULL || PyDict_SetItemString(dict, fields[i].name, value) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(value);
    }
    return dict;
}

/* Sets dict[name] to value, whose reference it takes. value may be NULL, with an exception set. */
static bool set_item(PyObject *dict, const char *name, PyObject *value)
{
    bool done = value != NULL && PyDict_SetItemString(dict, name, value) == 0;
    Py_XDECREF(value);
    return done;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

PyObject *convert_ledger(const lair_ledger *ledger)
{
    const field fields[] = {
        {"committed", ledger->committed},
        {"live", ledger->live},
        {"free_in_pools", ledger->free_in_pools},
        {"cached", ledger->cached},
        {"purged", ledger->purged},
        {"overhead", ledger->overhead},
        {"footprint", ledger->footprint},
        {"charged", ledger->charged},
        {"blocks", ledger->blocks},
    };
    return dict_from_fields(fields, COUNT_OF(fields));
}

PyObject *convert_residency(const lair_residency *residency)
{
    const field fields[] = {
        {"resident", residency->resident},           {"live", residency->live},
        {"free_in_pools", residency->free_in_pools}, {"cached", residency->cached},
        {"overhead", residency->overhead},
    };
    return dict_from_fields(fields, COUNT_OF(fields));
}

static PyObject *convert_fill(const lair_heap_class *size_class)
{
    Py_ssize_t count = (Py_ssize_t)COUNT_OF(size_class->fill);
    PyObject *list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyObject *pools = PyLong_FromSize_t(size_class->fill[i]);
        if (pools == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, pools);
    }
    return list;
}

PyObject *convert_class(const lair_heap_class *size_class)
{
    const field fields[] = {
        {"block_bytes", size_class->block_bytes},
        {"pool_bytes", size_class->pool_bytes},
        {"pools", size_class->pools},
        {"pools_full", size_class->pools_full},
        {"blocks", size_class->blocks},
        {"capacity", size_class->capacity},
        {"live_bytes", size_class->live_bytes},
    };
    PyObject *dict = dict_from_fields(fields, COUNT_OF(fields));
    if (dict != NULL && !set_item(dict, "fill", convert_fill(size_class)))
        Py_CLEAR(dict);
    return dict;
}

PyObject *convert_stats(lair_heap *heap)
{
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    const field fields[] = {
        {"arenas", stats.arenas},
        {"peak_footprint", stats.peak_footprint},
        {"limit", limit_hard()},
        {"soft_limit", limit_soft()},
        {"refused", stats.refused},
        {"soft_events", stats.soft_events},
        {"pools_acquired", stats.pools_acquired},
        {"pools_released", stats.pools_released},
        {"spans_acquired", stats.spans_acquired},
        {"spans_released", stats.spans_released},
        {"spans_moved", stats.spans_moved},
        {"purges", stats.purges},
        {"purged_bytes", stats.purged_bytes},
        {"purge_ns", stats.purge_ns},
        {"class_count", stats.class_count},
        {"raw_bytes", raw_bytes()},
        {"raw_blocks", raw_blocks()},
        {"foreign_frees", hooks_foreign_frees()},
        {"limit_errors", limit_errors()},
        {"soft_collections", limit_soft_collections()},
    };
    PyObject *dict = dict_from_fields(fields, COUNT_OF(fields));
    if (dict != NULL && (!set_item(dict, "reserved", PyBool_FromLong(stats.reserved)) ||
                         !set_item(dict, "huge_pages", PyBool_FromLong(stats.huge_pages))))
        Py_CLEAR(dict);
    return dict;
}

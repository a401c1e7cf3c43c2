/* gc_untrack.h: see gc_untrack.c. */
#ifndef LAIR_GC_UNTRACK_H
#define LAIR_GC_UNTRACK_H

#include <Python.h>
#include <stdbool.h>

#include "gc/address_set.h"

/* Whether object may be part of a cycle, tuples left aside. */
__attribute__((pure)) bool untrack_is_no_tuple(PyObject *object);

/* Whether object, an exact tuple or dict, refers to nothing that is or may come to be part of a
 * cycle, tuples left aside. */
bool untrack_may_be_due(PyObject *object);

/* The same, tuples not left aside: they count if they are tracked. */
bool untrack_is_due(PyObject *object);

/* Takes a tracked object off its list, and out of set. */
void untrack(struct address_set *set, PyObject *object);

#endif /* LAIR_GC_UNTRACK_H */

/* gc_roots.h: see gc_roots.c. */
#ifndef LAIR_GC_ROOTS_H
#define LAIR_GC_ROOTS_H

#include <Python.h>

typedef void (*roots_visit)(PyObject *object, void *arg);

/* Calls visit for each root of interpreter, which the calling thread runs; some more than once,
 * none NULL. */
void roots_name(PyInterpreterState *interpreter, roots_visit visit, void *arg);

#endif /* LAIR_GC_ROOTS_H */

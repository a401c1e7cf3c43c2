/* totals.c: the option showrefcount: the sum of all reference counts, as debug builds of CPython
 * have it.
 *
 * A release build keeps no sum. What can be added up is what its collector knows: the containers on
 * the lists of all generations. Immortal objects are left out, as a debug build leaves them out.
 */
#include "host_cpython_gc.h"

#include "host.h"

#if CPYTHON_INTERNALS

#include "gc_lists.h"

static void add_list(const PyGC_Head *list, size_t *references, size_t *objects)
{
    for (const PyGC_Head *node = list_next(list); node != list; node = list_next(node)) {
        ++*objects;
        if (!cpython_is_immortal(list_object(node)))
            *references += (size_t)Py_REFCNT(list_object(node));
    }
}

PyObject *totals_of_references(void)
{
    cpython_gc *gc = cpython_gc_of(PyInterpreterState_Get());
    size_t references = 0, objects = 0;
    collector_settle();
    for (int i = 0; i <= CPYTHON_OLDEST; i++)
        add_list(cpython_generation(gc, i), &references, &objects);
    add_list(cpython_frozen(gc), &references, &objects);
    return Py_BuildValue("nn", (Py_ssize_t)references, (Py_ssize_t)objects);
}

#else

PyObject *totals_of_references(void)
{
    PyErr_SetString(PyExc_RuntimeError,
                    "showrefcount needs the lists of CPython's collector, which "
                    "lair knows in 3.11 to 3.13");
    return NULL;
}

#endif

/* gc_builtins.c: functions of the module gc that the callbacks of a collection do not see.
 *
 * get_objects and get_referrers read the interpreter's lists, freeze and unfreeze move them, also
 * from a finalizer in the middle of a collection: then all objects must be on the lists. collect is
 * noted for the log, and CPython's own serves us (collector_reclaim.c). enable, disable and
 * isenabled keep their meaning for the program while the collector holds automatic collections off.
 *
 * The module's own table of functions is changed, so that every reference to them that anyone
 * holds is served. It belongs to the process: what other interpreters call goes straight on.
 */
#include "collector.h"

#if CPYTHON_INTERNALS

#include <string.h>

/* Index of a function; the order is that of `builtins`. */
enum { COLLECT, FREEZE, UNFREEZE, GET_OBJECTS, GET_REFERRERS, ENABLE, DISABLE, ISENABLED, COUNT };

/* The shapes a function may have, by the number of its arguments. */
typedef PyObject *(*call2)(PyObject *, PyObject *);
typedef PyObject *(*call3)(PyObject *, PyObject *, PyObject *);
typedef PyObject *(*call3_fast)(PyObject *, PyObject *const *, Py_ssize_t);
typedef PyObject *(*call4)(PyObject *, PyObject *const *, Py_ssize_t, PyObject *);
typedef void (*any_call)(void);

static PyCFunction stock[COUNT]; /* NULL: not replaced */

static void before(int index)
{
    collector_settle();
    if (index == FREEZE || index == UNFREEZE)
        collector_lists_move();
}

/* Four functions for one of gc's: NAME_call2 ... NAME_call4. */
#define WRAP(name, index)                                                                          \
    static PyObject *name##_call2(PyObject *module, PyObject *a)                                   \
    {                                                                                              \
        call2 call = (call2)(any_call)stock[index];                                                \
        if (!collector_is_here())                                                                  \
            return call(module, a);                                                                \
        before(index);                                                                             \
        return call(module, a);                                                                    \
    }                                                                                              \
    static PyObject *name##_call3(PyObject *module, PyObject *a, PyObject *b)                      \
    {                                                                                              \
        call3 call = (call3)(any_call)stock[index];                                                \
        if (!collector_is_here())                                                                  \
            return call(module, a, b);                                                             \
        before(index);                                                                             \
        return call(module, a, b);                                                                 \
    }                                                                                              \
    static PyObject *name##_fast(PyObject *module, PyObject *const *a, Py_ssize_t count)           \
    {                                                                                              \
        call3_fast call = (call3_fast)(any_call)stock[index];                                      \
        if (!collector_is_here())                                                                  \
            return call(module, a, count);                                                         \
        before(index);                                                                             \
        return call(module, a, count);                                                             \
    }                                                                                              \
    static PyObject *name##_call4(PyObject *module, PyObject *const *a, Py_ssize_t count,          \
                                  PyObject *names)                                                 \
    {                                                                                              \
        call4 call = (call4)(any_call)stock[index];                                                \
        if (!collector_is_here())                                                                  \
            return call(module, a, count, names);                                                  \
        before(index);                                                                             \
        return call(module, a, count, names);                                                      \
    }

WRAP(freeze, FREEZE)
WRAP(unfreeze, UNFREEZE)
WRAP(get_objects, GET_OBJECTS)
WRAP(get_referrers, GET_REFERRERS)

static PyObject *collect(PyObject *module, PyObject *const *a, Py_ssize_t count, PyObject *names)
{
    call4 call = (call4)(any_call)stock[COLLECT];
    if (!collector_is_here() || !collector_asked())
        return call(module, a, count, names);
    return collector_answered(call(module, a, count, names));
}

void builtins_collect(int generation)
{
    PyObject *number = PyLong_FromLong(generation); /* there is one of each small number */
    Py_XDECREF(((call4)(any_call)stock[COLLECT])(NULL, &number, 1, NULL));
    Py_XDECREF(number);
    PyErr_Clear();
}

static bool holds_off_here(void)
{
    return collector_is_here() && collector_holds_off();
}

static PyObject *enable(PyObject *module, PyObject *unused)
{
    if (!holds_off_here())
        return stock[ENABLE](module, unused);
    collector_set_enabled(true);
    Py_RETURN_NONE;
}

static PyObject *disable(PyObject *module, PyObject *unused)
{
    if (!holds_off_here())
        return stock[DISABLE](module, unused);
    collector_set_enabled(false);
    Py_RETURN_NONE;
}

static PyObject *isenabled(PyObject *module, PyObject *unused)
{
    if (!holds_off_here())
        return stock[ISENABLED](module, unused);
    return PyBool_FromLong(collector_enabled());
}

#define SHAPES(name) (call2) name##_call2, name##_call3, name##_fast, name##_call4
#define PLAIN(name) name, NULL, NULL, NULL

static const struct {
    const char *name;
    call2 plain;
    call3 with_keywords;
    call3_fast fast;
    call4 fast_with_keywords;
} builtins[COUNT] = {
    [COLLECT] = {"collect", NULL, NULL, NULL, collect},
    [FREEZE] = {"freeze", SHAPES(freeze)},
    [UNFREEZE] = {"unfreeze", SHAPES(unfreeze)},
    [GET_OBJECTS] = {"get_objects", SHAPES(get_objects)},
    [GET_REFERRERS] = {"get_referrers", SHAPES(get_referrers)},
    [ENABLE] = {"enable", PLAIN(enable)},
    [DISABLE] = {"disable", PLAIN(disable)},
    [ISENABLED] = {"isenabled", PLAIN(isenabled)},
};

/* Our function for a definition, by its calling convention; NULL: an unknown one. */
static PyCFunction replacement(int index, int flags)
{
    switch (flags & ~(METH_STATIC | METH_CLASS | METH_COEXIST)) {
    case METH_NOARGS:
    case METH_O:
    case METH_VARARGS:
        return builtins[index].plain;
    case METH_VARARGS | METH_KEYWORDS:
        return (PyCFunction)(any_call)builtins[index].with_keywords;
    case METH_FASTCALL:
        return (PyCFunction)(any_call)builtins[index].fast;
    case METH_FASTCALL | METH_KEYWORDS:
        return (PyCFunction)(any_call)builtins[index].fast_with_keywords;
    default:
        return NULL;
    }
}

/* The table of the module gc, which stays for the life of the process; NULL with an exception. */
static PyMethodDef *table(void)
{
    static PyMethodDef *found;
    if (found != NULL)
        return found;
    PyObject *module = PyImport_ImportModule("gc");
    if (module == NULL)
        return NULL;
    PyModuleDef *definition = PyModule_Check(module) ? PyModule_GetDef(module) : NULL;
    if (definition != NULL)
        found = definition->m_methods;
    Py_DECREF(module);
    if (found == NULL && !PyErr_Occurred())
        PyErr_SetString(PyExc_RuntimeError, "lair's collector cannot attach: the module gc is not "
                                            "the interpreter's own");
    return found;
}

static PyMethodDef *find(PyMethodDef *definitions, const char *name)
{
    for (; definitions->ml_name != NULL; definitions++)
        if (strcmp(definitions->ml_name, name) == 0)
            return definitions;
    return NULL;
}

bool builtins_install(void)
{
    PyMethodDef *definitions = table();
    if (definitions == NULL)
        return false;
    PyMethodDef *method[COUNT];
    for (int i = 0; i < COUNT; i++) {
        method[i] = find(definitions, builtins[i].name);
        if (method[i] == NULL || replacement(i, method[i]->ml_flags) == NULL) {
            PyErr_Format(PyExc_RuntimeError,
                         "lair's collector cannot attach: gc.%s is not as this release of lair "
                         "knows it",
                         builtins[i].name);
            return false;
        }
    }
    for (int i = 0; i < COUNT; i++) {
        PyCFunction ours = replacement(i, method[i]->ml_flags);
        if (stock[i] != NULL || method[i]->ml_meth == ours)
            continue;
        stock[i] = method[i]->ml_meth;
        method[i]->ml_meth = ours;
    }
    return true;
}

/* Someone may have put functions over ours since: those keep calling ours, which go straight on. */
void builtins_restore(void)
{
    PyMethodDef *definitions = table();
    for (int i = 0; i < COUNT; i++) {
        PyMethodDef *method = find(definitions, builtins[i].name);
        if (stock[i] != NULL && method->ml_meth == replacement(i, method->ml_flags)) {
            method->ml_meth = stock[i];
            stock[i] = NULL;
        }
    }
}

#endif

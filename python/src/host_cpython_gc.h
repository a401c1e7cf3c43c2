/* host_cpython_gc.h: the inside of CPython that the collector reads, version by version.
 *
 * It continues host_cpython.h: the two, and the files for one version each that this one includes,
 * are the only ones that name a version or read an internal structure. Here are the collector's
 * state and lists, the stacks of threads, and the contents of objects whose layout the collector
 * reads itself rather than through tp_traverse. For versions whose structures are not known it
 * declares nothing; the files of the collector are empty there but for the refusal.
 */
#ifndef LAIR_HOST_CPYTHON_GC_H
#define LAIR_HOST_CPYTHON_GC_H

#include "host_cpython.h"

#if CPYTHON_INTERNALS

#include <stdint.h>

#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_gc.h"
#include "internal/pycore_object.h"
#include "structmember.h"

/* Called for each object that something holds; any may be NULL. */
typedef void (*cpython_visit)(PyObject *object, void *arg);

/* Where the attributes of an instance with a managed dictionary are. Both may be there: then the
 * dictionary only shows the values, and traversal may leave it out though the instance owns it. */
typedef struct cpython_attributes {
    PyObject **values; /* NULL: none */
    size_t count;
    PyObject *dict; /* NULL: none */
} cpython_attributes;

/* Each of these defines what the comments here say.
 *
 *     enum { CPYTHON_IMMORTALS, CPYTHON_OBJECT_MEMBER };
 *         Whether counts that never change exist; the type of a member that __slots__ made.
 *     bool cpython_is_immortal(const PyObject *object);
 *     bool cpython_values_are_inline(const PyDictValues *values);
 *         Whether a dictionary's values are part of an instance, which owns what they hold.
 *     cpython_attributes cpython_attributes_of(PyObject *object, PyTypeObject *type);
 *     const void *cpython_attributes_ahead(PyObject *object);
 *         What of an instance to fetch before its attributes are read; NULL: nothing. The first
 *         line of the object itself may be read.
 *     bool cpython_is_finalizing(void);
 *         Whether the interpreter is shutting down: threads that were stopped then have left their
 *         stacks, to which their states still point.
 *     _PyInterpreterFrame *cpython_current_frame(const PyThreadState *thread_state);
 *     PyCodeObject *cpython_frame_code(const _PyInterpreterFrame *frame);
 *         The code a frame runs; NULL for one that only marks an entry from C.
 *     PyObject *cpython_frame_function(const _PyInterpreterFrame *frame);
 */
#if PY_VERSION_HEX >= 0x030D0000
#include "host_cpython_313.h"
#elif PY_VERSION_HEX >= 0x030C0000
#include "host_cpython_312.h"
#else
#include "host_cpython_311.h"
#endif

enum {
    CPYTHON_OLDEST = NUM_GENERATIONS - 1,
    /* Before 3.11.1 a frame that is being torn down could be seen on the stack. */
    CPYTHON_FRAMES_SAFE_SINCE = 0x030B0100,
};

typedef struct _gc_runtime_state cpython_gc;

static inline cpython_gc *cpython_gc_of(PyInterpreterState *interpreter)
{
    return &interpreter->gc;
}

/* The head of a generation's list. */
static inline PyGC_Head *cpython_generation(cpython_gc *gc, int generation)
{
    return &gc->generations[generation].head;
}

static inline PyGC_Head *cpython_frozen(cpython_gc *gc)
{
    return &gc->permanent_generation.head;
}

/* Whether the process never had another interpreter. Then every object that is not immortal is on
 * the lists of this one. */
static inline bool cpython_is_alone(void)
{
    return _PyRuntime.interpreters.next_id <= 1;
}

/* -- objects --------------------------------------------------------------------------------- */

/* Whether the object has the header of the collector in front of it. */
static inline bool cpython_has_header(PyObject *object)
{
    const PyTypeObject *type = Py_TYPE(object);
    return (type->tp_flags & Py_TPFLAGS_HAVE_GC) != 0 &&
           (type->tp_is_gc == NULL || type->tp_is_gc(object) != 0);
}

/* Whether code of the program's may run at the end of an object that is garbage, or afterwards tell
 * when that was: there is a finalizer that has not run, or a weak reference to it, or it is one
 * with a callback itself. To a class there are always some. */
static inline bool cpython_end_is_observable(PyObject *object, PyTypeObject *type)
{
    if ((type->tp_finalize != NULL && !PyObject_GC_IsFinalized(object)) || type->tp_del != NULL ||
        PyType_Check(object))
        return true;
    if (PyWeakref_Check(object) && ((PyWeakReference *)object)->wr_callback != NULL)
        return true;
    return PyType_SUPPORTS_WEAKREFS(type) &&
           *(PyObject **)(void *)((char *)object + type->tp_weaklistoffset) != NULL;
}

/* -- dictionaries ---------------------------------------------------------------------------- */

/* The values of a split dictionary that it owns itself; NULL where it has none. *entries says
 * whether the table's own entries count. */
static inline PyObject **cpython_dict_values(PyDictObject *dict, bool *entries)
{
    *entries = dict->ma_values == NULL;
    if (dict->ma_values == NULL || cpython_values_are_inline(dict->ma_values))
        return NULL;
    return dict->ma_values->values;
}

/* -- weak references ------------------------------------------------------------------------- */

/* What a weak reference refers to; NULL: it is none, or a dead one. */
static inline PyObject *cpython_referent(PyObject *object)
{
    if (!PyWeakref_Check(object))
        return NULL;
    PyObject *referent = ((PyWeakReference *)(void *)object)->wr_object;
    return referent != Py_None ? referent : NULL;
}

static inline bool cpython_has_callback(PyObject *object)
{
    return PyWeakref_Check(object) && ((PyWeakReference *)(void *)object)->wr_callback != NULL;
}

/* The weak references to an object, linked by wr_next. Types have them, but static types, which
 * never die, may keep them elsewhere. */
static inline PyWeakReference *cpython_weakrefs(PyObject *object)
{
    const PyTypeObject *type = Py_TYPE(object);
    if (type->tp_weaklistoffset == 0 ||
        (PyType_Check(object) &&
         !PyType_HasFeature((PyTypeObject *)(void *)object, Py_TPFLAGS_HEAPTYPE)))
        return NULL;
    return *(PyWeakReference **)(void *)((char *)object + type->tp_weaklistoffset);
}

/* -- roots ----------------------------------------------------------------------------------- */

static inline PyThreadState *cpython_first_thread(PyInterpreterState *interpreter)
{
    return interpreter->threads.head;
}

/* Calls visit for what the interpreter's own state holds, the same in all versions. The modules are
 * among it, since sys.modules is. */
static inline void cpython_visit_interpreter(PyInterpreterState *interpreter, cpython_visit visit,
                                             void *arg)
{
    visit(interpreter->sysdict, arg);
    visit(interpreter->builtins, arg);
    visit(interpreter->builtins_copy, arg);
    visit(interpreter->dict, arg);
    visit(interpreter->before_forkers, arg);
    visit(interpreter->after_forkers_parent, arg);
    visit(interpreter->after_forkers_child, arg);
    visit(interpreter->audit_hooks, arg);
    visit(interpreter->gc.garbage, arg);
}

/* The same for a thread, without its frames and exceptions. */
static inline void cpython_visit_thread(const PyThreadState *thread_state, cpython_visit visit,
                                        void *arg)
{
    visit(thread_state->dict, arg);
    visit(thread_state->context, arg);
    visit(thread_state->async_exc, arg);
    visit(thread_state->c_profileobj, arg);
    visit(thread_state->c_traceobj, arg);
    visit(thread_state->async_gen_firstiter, arg);
    visit(thread_state->async_gen_finalizer, arg);
}

#endif /* CPYTHON_INTERNALS */

#endif /* LAIR_HOST_CPYTHON_GC_H */

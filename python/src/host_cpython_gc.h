/* host_cpython_gc.h: the inside of CPython that the collector reads, version by version.
 *
 * It continues host_cpython.h: together they are the only files that name a version or read an
 * internal structure. Here are the collector's state and lists, the stacks of threads, and the
 * contents of objects whose layout the collector reads itself rather than through tp_traverse.
 * For versions whose structures are not known it declares nothing; the files of the collector are
 * empty there but for the refusal.
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

enum {
    CPYTHON_IMMORTALS = PY_VERSION_HEX >= 0x030C0000, /* counts that never change exist */
    CPYTHON_OLDEST = NUM_GENERATIONS - 1,
/* A member that __slots__ made. */
#if PY_VERSION_HEX >= 0x030C0000
    CPYTHON_OBJECT_MEMBER = Py_T_OBJECT_EX,
#else
    CPYTHON_OBJECT_MEMBER = T_OBJECT_EX,
#endif
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

static inline bool cpython_is_immortal(const PyObject *object)
{
#if PY_VERSION_HEX >= 0x030C0000
    return _Py_IsImmortal((PyObject *)(uintptr_t)object) != 0;
#else
    (void)object;
    return false;
#endif
}

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
#if PY_VERSION_HEX >= 0x030D0000
    if (dict->ma_values != NULL && dict->ma_values->embedded)
        return NULL; /* they are the instance's */
#endif
    return dict->ma_values != NULL ? dict->ma_values->values : NULL;
}

/* -- instances of classes written in Python -------------------------------------------------- */

/* Where the attributes of an instance with a managed dictionary are. Both may be there: then the
 * dictionary only shows the values, and traversal may leave it out though the instance owns it. */
typedef struct cpython_attributes {
    PyObject **values; /* NULL: none */
    size_t count;
    PyObject *dict; /* NULL: none */
} cpython_attributes;

static inline cpython_attributes cpython_attributes_of(PyObject *object, PyTypeObject *type)
{
    cpython_attributes attributes = {NULL, 0, NULL};
#if PY_VERSION_HEX >= 0x030D0000
    if ((type->tp_flags & Py_TPFLAGS_INLINE_VALUES) != 0) {
        PyDictValues *values = _PyObject_InlineValues(object);
        if (values->valid) {
            attributes.values = values->values;
            attributes.count = values->capacity;
        }
    }
    attributes.dict = (PyObject *)_PyObject_ManagedDictPointer(object)->dict;
#elif PY_VERSION_HEX >= 0x030C0000
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(object);
    if (_PyDictOrValues_IsValues(either)) {
        attributes.values = _PyDictOrValues_GetValues(either)->values;
        attributes.count = (size_t)((PyHeapTypeObject *)type)->ht_cached_keys->dk_nentries;
    } else {
        attributes.dict = _PyDictOrValues_GetDict(either);
    }
#else
    PyDictValues *values = *_PyObject_ValuesPointer(object);
    if (values != NULL) {
        attributes.values = values->values;
        attributes.count = (size_t)((PyHeapTypeObject *)type)->ht_cached_keys->dk_nentries;
    }
    attributes.dict = *_PyObject_ManagedDictPointer(object);
#endif
    return attributes;
}

/* What of an instance to fetch before its attributes are read; NULL: nothing. The first line of
 * the object itself may be read. */
static inline const void *cpython_attributes_ahead(PyObject *object)
{
#if PY_VERSION_HEX >= 0x030D0000
    (void)object;
    return NULL; /* most often inline */
#elif PY_VERSION_HEX >= 0x030C0000
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(object);
    return either.values;
#else
    PyDictValues *values = *_PyObject_ValuesPointer(object);
    return values != NULL ? (void *)values : (void *)*_PyObject_ManagedDictPointer(object);
#endif
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

/* Whether the interpreter is shutting down: threads that were stopped then have left their stacks,
 * to which their states still point. */
static inline bool cpython_is_finalizing(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    return Py_IsFinalizing() != 0;
#else
    return _Py_IsFinalizing() != 0;
#endif
}

static inline PyThreadState *cpython_first_thread(PyInterpreterState *interpreter)
{
    return interpreter->threads.head;
}

static inline _PyInterpreterFrame *cpython_current_frame(const PyThreadState *thread_state)
{
#if PY_VERSION_HEX >= 0x030D0000
    return thread_state->current_frame;
#else
    return thread_state->cframe != NULL ? thread_state->cframe->current_frame : NULL;
#endif
}

/* The code a frame runs; NULL for one that only marks an entry from C. */
static inline PyCodeObject *cpython_frame_code(const _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030D0000
    bool python = frame->owner != FRAME_OWNED_BY_CSTACK && frame->f_executable != NULL &&
                  PyCode_Check(frame->f_executable);
    return python ? (PyCodeObject *)frame->f_executable : NULL;
#elif PY_VERSION_HEX >= 0x030C0000
    return frame->owner != FRAME_OWNED_BY_CSTACK ? frame->f_code : NULL;
#else
    return frame->f_code;
#endif
}

static inline PyObject *cpython_frame_function(const _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030C0000
    return frame->f_funcobj;
#else
    return (PyObject *)frame->f_func;
#endif
}

/* Calls visit for each object the interpreter's own state holds, as far as it is easily found;
 * any may be NULL. */
static inline void cpython_visit_interpreter(PyInterpreterState *interpreter,
                                             void (*visit)(PyObject *, void *), void *arg)
{
#if PY_VERSION_HEX >= 0x030C0000
    visit(interpreter->imports.modules, arg);
    visit(interpreter->imports.modules_by_index, arg);
    visit(interpreter->imports.importlib, arg);
    visit(interpreter->imports.import_func, arg);
    visit(interpreter->sysdict_copy, arg);
#else
    visit(interpreter->modules, arg);
    visit(interpreter->modules_by_index, arg);
    visit(interpreter->importlib, arg);
    visit(interpreter->import_func, arg);
#endif
#if PY_VERSION_HEX >= 0x030D0000
    visit(interpreter->codecs.search_path, arg);
    visit(interpreter->codecs.search_cache, arg);
    visit(interpreter->codecs.error_registry, arg);
#else
    visit(interpreter->codec_search_path, arg);
    visit(interpreter->codec_search_cache, arg);
    visit(interpreter->codec_error_registry, arg);
#endif
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

/* The same for a thread, without its frames. */
static inline void cpython_visit_thread(const PyThreadState *thread_state,
                                        void (*visit)(PyObject *, void *), void *arg)
{
#if PY_VERSION_HEX >= 0x030C0000
    visit(thread_state->current_exception, arg);
#else
    visit(thread_state->curexc_type, arg);
    visit(thread_state->curexc_value, arg);
    visit(thread_state->curexc_traceback, arg);
#endif
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

/* host_cpython_312.h: what host_cpython_gc.h, which alone includes this, asks of CPython 3.12.
 *
 * One word in front of an instance leads to its values or to its dictionary.
 */
#ifndef LAIR_HOST_CPYTHON_312_H
#define LAIR_HOST_CPYTHON_312_H

enum {
    CPYTHON_IMMORTALS = true,
    CPYTHON_OBJECT_MEMBER = Py_T_OBJECT_EX,
};

static inline bool cpython_is_immortal(const PyObject *object)
{
    return _Py_IsImmortal((PyObject *)(uintptr_t)object) != 0;
}

static inline bool cpython_values_are_inline(const PyDictValues *values)
{
    (void)values;
    return false;
}

static inline cpython_attributes cpython_attributes_of(PyObject *object, PyTypeObject *type)
{
    cpython_attributes attributes = {NULL, 0, NULL};
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(object);
    if (_PyDictOrValues_IsValues(either)) {
        attributes.values = _PyDictOrValues_GetValues(either)->values;
        attributes.count = (size_t)((PyHeapTypeObject *)type)->ht_cached_keys->dk_nentries;
    } else {
        attributes.dict = _PyDictOrValues_GetDict(either);
    }
    return attributes;
}

static inline const void *cpython_attributes_ahead(PyObject *object)
{
    PyDictOrValues either = *_PyObject_DictOrValuesPointer(object);
    return either.values;
}

static inline bool cpython_is_finalizing(void)
{
    return _Py_IsFinalizing() != 0;
}

static inline _PyInterpreterFrame *cpython_current_frame(const PyThreadState *thread_state)
{
    return thread_state->cframe != NULL ? thread_state->cframe->current_frame : NULL;
}

static inline PyCodeObject *cpython_frame_code(const _PyInterpreterFrame *frame)
{
    return frame->owner != FRAME_OWNED_BY_CSTACK ? frame->f_code : NULL;
}

static inline PyObject *cpython_frame_function(const _PyInterpreterFrame *frame)
{
    return frame->f_funcobj;
}

#endif /* LAIR_HOST_CPYTHON_312_H */

/* host_cpython_311.h: what host_cpython_gc.h, which alone includes this, asks of CPython 3.11.
 *
 * Two words in front of an instance lead to its values and to its dictionary. No object is immortal
 * yet.
 */
#ifndef LAIR_HOST_CPYTHON_311_H
#define LAIR_HOST_CPYTHON_311_H

enum {
    CPYTHON_IMMORTALS = false,
    CPYTHON_OBJECT_MEMBER = T_OBJECT_EX,
};

static inline bool cpython_is_immortal(const PyObject *object)
{
    (void)object;
    return false;
}

static inline bool cpython_values_are_inline(const PyDictValues *values)
{
    (void)values;
    return false;
}

static inline cpython_attributes cpython_attributes_of(PyObject *object, PyTypeObject *type)
{
    cpython_attributes attributes = {NULL, 0, NULL};
    PyDictValues *values = *_PyObject_ValuesPointer(object);
    if (values != NULL) {
        attributes.values = values->values;
        attributes.count = (size_t)((PyHeapTypeObject *)type)->ht_cached_keys->dk_nentries;
    }
    attributes.dict = *_PyObject_ManagedDictPointer(object);
    return attributes;
}

static inline const void *cpython_attributes_ahead(PyObject *object)
{
    PyDictValues *values = *_PyObject_ValuesPointer(object);
    return values != NULL ? (void *)values : (void *)*_PyObject_ManagedDictPointer(object);
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
    return frame->f_code;
}

static inline PyObject *cpython_frame_function(const _PyInterpreterFrame *frame)
{
    return (PyObject *)frame->f_func;
}

#endif /* LAIR_HOST_CPYTHON_311_H */

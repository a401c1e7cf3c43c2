/* host_cpython_313.h: what host_cpython_gc.h, which alone includes this, asks of CPython 3.13.
 *
 * An instance's values are part of it as long as its class allows; a frame names what it runs by
 * any object.
 */
#ifndef LAIR_HOST_CPYTHON_313_H
#define LAIR_HOST_CPYTHON_313_H

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
    return values->embedded != 0;
}

static inline cpython_attributes cpython_attributes_of(PyObject *object, PyTypeObject *type)
{
    cpython_attributes attributes = {NULL, 0, NULL};
    if ((type->tp_flags & Py_TPFLAGS_INLINE_VALUES) != 0) {
        PyDictValues *values = _PyObject_InlineValues(object);
        if (values->valid) {
            attributes.values = values->values;
            attributes.count = values->capacity;
        }
    }
    attributes.dict = (PyObject *)_PyObject_ManagedDictPointer(object)->dict;
    return attributes;
}

static inline const void *cpython_attributes_ahead(PyObject *object)
{
    (void)object;
    return NULL; /* most often inline */
}

static inline bool cpython_is_finalizing(void)
{
    return Py_IsFinalizing() != 0;
}

static inline _PyInterpreterFrame *cpython_current_frame(const PyThreadState *thread_state)
{
    return thread_state->current_frame;
}

static inline PyCodeObject *cpython_frame_code(const _PyInterpreterFrame *frame)
{
    bool python = frame->owner != FRAME_OWNED_BY_CSTACK && frame->f_executable != NULL &&
                  PyCode_Check(frame->f_executable);
    return python ? (PyCodeObject *)frame->f_executable : NULL;
}

static inline PyObject *cpython_frame_function(const _PyInterpreterFrame *frame)
{
    return frame->f_funcobj;
}

#endif /* LAIR_HOST_CPYTHON_313_H */

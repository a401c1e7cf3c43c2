/* objects_cpython.c: bench-objects on CPython's C API, in an embedded interpreter, 3.11 to 3.13.
 *
 * Each operation is the quickest of the documented ways to do it from C. The cyclic collector is
 * switched off, as liblair's is: what collecting costs is measured elsewhere.
 */
#include <Python.h>
#include <structmember.h>

typedef PyObject object;
#define DROP(kind, it) Py_DECREF(it)

#include "bench.h"

enum { RECORD_FIELDS = 4 };

static PyObject *one, *two, *three, *separator, *no_arguments;
static PyObject *dict_names[3];
static PyTypeObject *record_type, *named_tuple_type;
static PyObject *field_names[RECORD_FIELDS];
static PyMemberDef *members[RECORD_FIELDS]; /* of record_type */
static PyObject *copy_deepcopy;

static void host_failed(void)
{
    if (PyErr_Occurred())
        PyErr_Print();
}

/* class Row: __slots__ = ("alpha", "beta", "gamma", "delta", "__weakref__") */
static void record_type_make(void)
{
    PyObject *made = need(PyObject_CallFunction((PyObject *)&PyType_Type, "s(){s:(OOOOs)}", "Row",
                                                "__slots__", field_names[0], field_names[1],
                                                field_names[2], field_names[3], "__weakref__"));
    record_type = (PyTypeObject *)made;
    for (size_t i = 0; i < RECORD_FIELDS; i++) {
        PyObject *descriptor = need(PyObject_GetAttr(made, field_names[i]));
        must(Py_TYPE(descriptor) == &PyMemberDescr_Type);
        members[i] = ((PyMemberDescrObject *)descriptor)->d_member;
    }
}

static void named_tuple_type_make(void)
{
    static PyStructSequence_Field fields[] = {
        {"alpha", NULL}, {"beta", NULL}, {"gamma", NULL}, {"delta", NULL}, {NULL, NULL}};
    static PyStructSequence_Desc description = {"bench.Fixed", NULL, fields, RECORD_FIELDS};
    named_tuple_type = need(PyStructSequence_NewType(&description));
}

static void host_open(void)
{
    static const char *const names[] = {"first", "second", "third"};
    static const char *const fields[] = {"alpha", "beta", "gamma", "delta"};
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        fprintf(stderr, "objects: Python does not start: %s\n", status.err_msg);
        exit(1);
    }
    (void)PyGC_Disable();
    one = need(PyLong_FromLong(1));
    two = need(PyLong_FromLong(2));
    three = need(PyLong_FromLong(3));
    separator = need(PyUnicode_FromString(", "));
    no_arguments = need(PyTuple_New(0));
    for (size_t i = 0; i < 3; i++)
        dict_names[i] = need(PyUnicode_InternFromString(names[i]));
    for (size_t i = 0; i < RECORD_FIELDS; i++)
        field_names[i] = need(PyUnicode_InternFromString(fields[i]));
    record_type_make();
    named_tuple_type_make();
    PyObject *copy = need(PyImport_ImportModule("copy"));
    copy_deepcopy = need(PyObject_GetAttrString(copy, "deepcopy"));
}

/* -- one object of each kind ----------------------------------------------------------------- */

static object *make_int(size_t i)
{
    return PyLong_FromLong(FIRST_INT + (long)i);
}

static object *int_key(int64_t value)
{
    return PyLong_FromLong(value);
}

static inline int64_t int_read(object *it)
{
    return PyLong_AsLong(it);
}

static inline uint64_t read_int(object *it)
{
    return (uint64_t)PyLong_AsLong(it);
}

static object *make_float(size_t i)
{
    return PyFloat_FromDouble((double)i);
}

static inline uint64_t read_float(object *it)
{
    return (uint64_t)PyFloat_AS_DOUBLE(it);
}

static object *make_str(size_t i)
{
    (void)i;
    return PyUnicode_FromStringAndSize("ten bytes!", TEXT_BYTES);
}

static object *str_key(const char *text)
{
    return PyUnicode_FromString(text);
}

static inline uint64_t read_str(object *it)
{
    return (uint64_t)PyUnicode_GET_LENGTH(it);
}

static object *make_tuple3(size_t i)
{
    (void)i;
    PyObject *tuple = PyTuple_New(3);
    if (tuple != NULL) {
        PyTuple_SET_ITEM(tuple, 0, Py_NewRef(one));
        PyTuple_SET_ITEM(tuple, 1, Py_NewRef(two));
        PyTuple_SET_ITEM(tuple, 2, Py_NewRef(three));
    }
    return tuple;
}

static inline uint64_t read_tuple3(object *it)
{
    return (uint64_t)PyTuple_GET_SIZE(it);
}

static object *make_list0(size_t i)
{
    (void)i;
    return PyList_New(0);
}

static inline uint64_t read_list0(object *it)
{
    return (uint64_t)PyList_GET_SIZE(it);
}

static object *make_list3(size_t i)
{
    (void)i;
    PyObject *list = PyList_New(3);
    if (list != NULL) {
        PyList_SET_ITEM(list, 0, Py_NewRef(one));
        PyList_SET_ITEM(list, 1, Py_NewRef(two));
        PyList_SET_ITEM(list, 2, Py_NewRef(three));
    }
    return list;
}

static inline uint64_t read_list3(object *it)
{
    return (uint64_t)PyList_GET_SIZE(it);
}

static object *make_dict0(size_t i)
{
    (void)i;
    return PyDict_New();
}

static inline uint64_t read_dict0(object *it)
{
    return (uint64_t)PyDict_Size(it);
}

static object *make_dict3(size_t i)
{
    (void)i;
    PyObject *dict = PyDict_New();
    must(dict != NULL && PyDict_SetItem(dict, dict_names[0], one) == 0 &&
         PyDict_SetItem(dict, dict_names[1], two) == 0 &&
         PyDict_SetItem(dict, dict_names[2], three) == 0);
    return dict;
}

static inline uint64_t read_dict3(object *it)
{
    return (uint64_t)PyDict_Size(it);
}

static object *make_record(size_t i)
{
    (void)i;
    PyObject *record = record_type->tp_new(record_type, no_arguments, NULL);
    must(record != NULL && PyMember_SetOne((char *)record, members[0], one) == 0 &&
         PyMember_SetOne((char *)record, members[1], two) == 0 &&
         PyMember_SetOne((char *)record, members[2], three) == 0 &&
         PyMember_SetOne((char *)record, members[3], one) == 0);
    return record;
}

static inline uint64_t read_record(object *it)
{
    return it != NULL;
}

static object *make_named_tuple(size_t i)
{
    (void)i;
    PyObject *named_tuple = PyStructSequence_New(named_tuple_type);
    if (named_tuple != NULL) {
        PyStructSequence_SetItem(named_tuple, 0, Py_NewRef(one));
        PyStructSequence_SetItem(named_tuple, 1, Py_NewRef(two));
        PyStructSequence_SetItem(named_tuple, 2, Py_NewRef(three));
        PyStructSequence_SetItem(named_tuple, 3, Py_NewRef(one));
    }
    return named_tuple;
}

static inline uint64_t read_named_tuple(object *it)
{
    return (uint64_t)PyLong_AsLong(PyStructSequence_GetItem(it, 2));
}

#include "rows_create.h"

CREATE_ROW(int)
CREATE_ROW(float)
CREATE_ROW(str)
CREATE_ROW(tuple3)
CREATE_ROW(list0)
CREATE_ROW(list3)
CREATE_ROW(dict0)
CREATE_ROW(dict3)
CREATE_ROW(record)
CREATE_ROW(named_tuple)

/* -- lists ----------------------------------------------------------------------------------- */

static inline object *list_new(void)
{
    return PyList_New(0);
}

static inline bool list_append(object *list, object *item)
{
    return PyList_Append(list, item) == 0;
}

static inline object *list_get(object *list, size_t index)
{
    return PyList_GetItem(list, (Py_ssize_t)index);
}

static inline size_t list_size(object *list)
{
    return (size_t)PyList_GET_SIZE(list);
}

static inline uint64_t list_walk(object *list)
{
    uint64_t sum = 0;
    PyObject *iterator = need(PyObject_GetIter(list)), *item;
    while ((item = PyIter_Next(iterator)) != NULL) {
        sum += (uint64_t)PyLong_AsLong(item);
        Py_DECREF(item);
    }
    must(!PyErr_Occurred());
    Py_DECREF(iterator);
    return sum;
}

#include "rows_list.h"

/* -- dicts and sets -------------------------------------------------------------------------- */

static inline object *dict_new(bool strs)
{
    (void)strs;
    return PyDict_New();
}

static inline bool dict_set(object *dict, object *key, object *value)
{
    return PyDict_SetItem(dict, key, value) == 0;
}

static inline object *dict_find(object *dict, object *key)
{
    PyObject *value = PyDict_GetItemWithError(dict, key);
    must(value != NULL || !PyErr_Occurred());
    return value;
}

static inline bool dict_delete(object *dict, object *key)
{
    return PyDict_DelItem(dict, key) == 0;
}

static inline uint64_t dict_walk(object *dict)
{
    uint64_t sum = 0;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, &key, &value))
        sum += (uint64_t)PyLong_AsLong(value);
    return sum;
}

static inline uint64_t dict_walk_holding(object *dict)
{
    uint64_t sum = 0;
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, &key, &value)) {
        Py_INCREF(key);
        Py_INCREF(value);
        sum += (uint64_t)PyLong_AsLong(value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return sum;
}

static inline object *set_new(bool strs)
{
    (void)strs;
    return PySet_New(NULL);
}

static inline bool set_add(object *set, object *member)
{
    return PySet_Add(set, member) == 0;
}

static inline bool set_has(object *set, object *member)
{
    int found = PySet_Contains(set, member);
    must(found >= 0);
    return found == 1;
}

#include "rows_holding.h"

/* -- texts ----------------------------------------------------------------------------------- */

static object *pieces_new(const char *const *texts, size_t count)
{
    PyObject *pieces = need(PyList_New((Py_ssize_t)count));
    for (size_t i = 0; i < count; i++)
        PyList_SET_ITEM(pieces, (Py_ssize_t)i, need(PyUnicode_FromString(texts[i])));
    return pieces;
}

static inline object *text_join(object *pieces)
{
    return PyUnicode_Join(separator, pieces);
}

/* The writer that 3.14 made public as PyUnicodeWriter. */
static inline object *text_build(const char *const *texts, const size_t *sizes, size_t count)
{
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    for (size_t i = 0; i < count; i++)
        must(_PyUnicodeWriter_WriteASCIIString(&writer, texts[i], (Py_ssize_t)sizes[i]) == 0);
    return _PyUnicodeWriter_Finish(&writer);
}

static inline size_t text_bytes(object *text)
{
    return (size_t)PyUnicode_GET_LENGTH(text);
}

static inline object *intern(const char *text)
{
    return PyUnicode_InternFromString(text);
}

#include "rows_text.h"

/* -- records and weak references -------------------------------------------------------------- */

static inline object *field_get(object *named_tuple, size_t field)
{
    return PyStructSequence_GetItem(named_tuple, (Py_ssize_t)field);
}

static inline bool field_set(object *record, size_t field, object *value)
{
    return PyMember_SetOne((char *)record, members[field], value) == 0;
}

static inline object *name_get(object *record, size_t field)
{
    return PyObject_GetAttr(record, field_names[field]);
}

static inline bool name_set(object *record, size_t field, object *value)
{
    return PyObject_SetAttr(record, field_names[field], value) == 0;
}

static inline object *weakref_new(object *record)
{
    return PyWeakref_NewRef(record, NULL);
}

static inline object *weakref_get(object *weakref)
{
#if PY_VERSION_HEX >= 0x030D0000
    PyObject *referent;
    must(PyWeakref_GetRef(weakref, &referent) >= 0);
    return referent;
#else
    PyObject *referent = PyWeakref_GetObject(weakref);
    return referent != Py_None ? Py_NewRef(referent) : NULL;
#endif
}

#include "rows_record.h"

/* -- deep ------------------------------------------------------------------------------------ */

static object *node_new(object *left, object *right)
{
    PyObject *node = PyTuple_New(3);
    if (node != NULL) {
        PyTuple_SET_ITEM(node, 0, left != NULL ? left : Py_NewRef(Py_None));
        PyTuple_SET_ITEM(node, 1, right != NULL ? right : Py_NewRef(Py_None));
        PyTuple_SET_ITEM(node, 2, Py_NewRef(one));
    }
    return node;
}

static object *nest(object *inner)
{
    PyObject *list = need(PyList_New(0));
    if (inner != NULL) {
        must(PyList_Append(list, inner) == 0);
        Py_DECREF(inner);
    }
    return list;
}

static object *document_new(size_t i)
{
    double at = (double)i;
    return Py_BuildValue("{s:n,s:s,s:[s,s],s:(d,d)}", "id", (Py_ssize_t)(FIRST_INT + i), "name",
                         key_text(i), "tags", "red", "green", "place", at, at + 0.5);
}

static inline object *deep_copy(object *it)
{
    return PyObject_CallOneArg(copy_deepcopy, it);
}

#include "rows_copy.h"
#include "rows_nest.h"
#include "rows_tree.h"

/* -- the tables ------------------------------------------------------------------------------ */

#include "rows_all.h"

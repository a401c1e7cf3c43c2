/* collecting_cpython.c: bench-gc on CPython's C API, in an embedded interpreter: a type of three
 * references with the collector as it comes.
 */
#include <Python.h>

enum { LINKS = 3 };

typedef struct node {
    PyObject_HEAD PyObject *links[LINKS];
} node;

static PyTypeObject *type;

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    for (int i = 0; i < LINKS; i++)
        Py_VISIT(((node *)self)->links[i]);
    return 0;
}

static int clear(PyObject *self)
{
    for (int i = 0; i < LINKS; i++)
        Py_CLEAR(((node *)self)->links[i]);
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *own = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, dealloc)(void) clear(self);
    own->tp_free(self);
    Py_DECREF(own);
    Py_TRASHCAN_END
}

static node *node_new(void)
{
    node *self = (node *)type->tp_alloc(type, 0);
    if (self == NULL) {
        PyErr_Print();
        exit(1);
    }
    return self;
}

static node *node_link(const node *self, int i)
{
    return (node *)self->links[i];
}

static void node_set(node *self, int i, node *to)
{
    PyObject *old = self->links[i];
    self->links[i] = Py_NewRef((PyObject *)to);
    Py_XDECREF(old);
}

static void node_drop(node *self)
{
    Py_DECREF(self);
}

/* From 3.12 on collections wait until Python code runs, or until this is called. */
static void host_poll(void)
{
    (void)PyErr_CheckSignals();
}

static void host_open(void)
{
    static PyType_Slot slots[] = {
        {Py_tp_traverse, traverse}, {Py_tp_clear, clear}, {Py_tp_dealloc, dealloc}, {0, NULL}};
    static PyType_Spec spec = {"bench.Node", sizeof(node), 0,
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
    Py_InitializeEx(0);
    type = (PyTypeObject *)PyType_FromSpec(&spec);
    if (type == NULL) {
        PyErr_Print();
        exit(1);
    }
}

static void host_collect(void)
{
    (void)PyGC_Collect();
}

#include "collecting.h"

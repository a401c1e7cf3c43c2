/* churn_pymalloc.c: the churn set on CPython's own allocator, in an embedded interpreter. */
#include <Python.h>
#include <stdbool.h>

static bool host_open(void)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = 0;
    PyStatus status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status))
        fprintf(stderr, "churn: Python does not start: %s\n", status.err_msg);
    return !PyStatus_Exception(status);
}

static inline void *block_new(size_t size)
{
    return PyObject_Malloc(size);
}

static inline void *block_resize(void *block, size_t size)
{
    return PyObject_Realloc(block, size);
}

static inline void block_free(void *block)
{
    PyObject_Free(block);
}

#include "churn.h"

/* options.c: the option table for Python, and options given as text (lair/options.h).
 */
#include <Python.h>
#include <string.h>

#include "host.h"

/* What the heap was opened with; lent to the next attach, where it was not given. */
static lair_options in_force;

/* -- one row --------------------------------------------------------------------------------- */

static PyObject *list_of_hosts(const lair_option_row *row)
{
    static const char *const names[LAIR_HOST_COUNT] = {
        [LAIR_HOST_C] = "liblair",
        [LAIR_HOST_CPYTHON] = "cpython",
    };
    PyObject *list = PyList_New(0);
    for (int host = 0; list != NULL && host < LAIR_HOST_COUNT; host++) {
        if (row->refusal[host][0] != '\0')
            continue;
        PyObject *name = PyUnicode_FromString(names[host]);
        if (name == NULL || PyList_Append(list, name) < 0)
            Py_CLEAR(list);
        Py_XDECREF(name);
    }
    return list;
}

static PyObject *convert_row(const lair_option_row *row)
{
    const char *meaning = row->meaning[LAIR_HOST_CPYTHON];
    if (meaning[0] == '\0')
        meaning = row->meaning[LAIR_HOST_C];
    return Py_BuildValue("{s:s,s:s,s:s,s:s,s:N,s:s,s:s}", "name", row->name, "kind",
                         lair_option_kind_name(row->kind), "values", row->values, "default",
                         row->initial, "hosts", list_of_hosts(row), "meaning", meaning, "refusal",
                         row->refusal[LAIR_HOST_CPYTHON]);
}

PyObject *options_table(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(arguments))
{
    size_t count;
    const lair_option_row *rows = lair_options_rows(&count);
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *row = convert_row(&rows[i]);
        if (row == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, row);
    }
    return list;
}

/* -- text to options ------------------------------------------------------------------------- */

/* Sets what text names. False with TypeError or ValueError set. */
static bool parse(PyObject *text, lair_options *options)
{
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "options must be a str, not %s", Py_TYPE(text)->tp_name);
        return false;
    }
    Py_ssize_t length;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &length);
    if (bytes == NULL)
        return false;
    if (strlen(bytes) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "options must not contain a null character");
        return false;
    }
    if (lair_options_parse(options, LAIR_HOST_CPYTHON, bytes) == LAIR_OK)
        return true;
    PyErr_Format(PyExc_ValueError, "%s", lair_error_message());
    return false;
}

static PyObject *value_of(const lair_options *options, const lair_option_row *row)
{
    const char *field = (const char *)options + row->offset;
    switch (row->kind) {
    case LAIR_OPTION_SIZE:
    case LAIR_OPTION_COUNT:
        return PyLong_FromUnsignedLongLong(*(const uint64_t *)(const void *)field);
    case LAIR_OPTION_MILLISECONDS:
        return PyLong_FromUnsignedLong(*(const uint32_t *)(const void *)field);
    case LAIR_OPTION_SWITCH:
        return PyBool_FromLong(*(const bool *)field);
    case LAIR_OPTION_CHOICE:
    case LAIR_OPTION_TEXT:
        break;
    }
    char text[LAIR_TEXT_BYTES];
    lair_option_print(options, row, text, sizeof text);
    return PyUnicode_DecodeFSDefault(text);
}

PyObject *parse_options(PyObject *Py_UNUSED(module), PyObject *text)
{
    lair_options options;
    lair_options_defaults(&options);
    if (!parse(text, &options))
        return NULL;
    PyObject *dict = PyDict_New();
    size_t count;
    const lair_option_row *rows = lair_options_rows(&count);
    for (size_t i = 0; dict != NULL && i < count; i++) {
        PyObject *value = value_of(&options, &rows[i]);
        if (value == NULL || PyDict_SetItemString(dict, rows[i].name, value) < 0)
            Py_CLEAR(dict);
        Py_XDECREF(value);
    }
    return dict;
}

/* -- options of an attach -------------------------------------------------------------------- */

/* Whether the heap that is there can serve options: its own may not change. */
static bool heap_can_serve(const lair_options *options)
{
    static const char *const fixed[] = {"pagesize", "smallsize", "reserve",   "addressspace",
                                        "decay",    "idlepurge", "hugepages", "hardened"};
    size_t count;
    const lair_option_row *rows = lair_options_rows(&count);
    for (size_t i = 0; i < count; i++) {
        bool is_fixed = false;
        for (size_t j = 0; j < sizeof fixed / sizeof *fixed; j++)
            is_fixed = is_fixed || strcmp(rows[i].name, fixed[j]) == 0;
        char now[LAIR_TEXT_BYTES], wanted[LAIR_TEXT_BYTES];
        lair_option_print(&in_force, &rows[i], now, sizeof now);
        lair_option_print(options, &rows[i], wanted, sizeof wanted);
        if (is_fixed && strcmp(now, wanted) != 0) {
            PyErr_Format(PyExc_ValueError,
                         "%s=%s: the heap of this process was opened with %s, which cannot change",
                         rows[i].name, wanted, now);
            return false;
        }
    }
    return true;
}

bool options_for_attach(PyObject *text, bool opened, lair_options *options)
{
    lair_options_defaults(options);
    if (opened) {
        uint64_t no_limit = options->maxheapsize;
        *options = in_force;
        options->maxheapsize = no_limit;
        options->softheapsize = no_limit;
        options->failat = 0;
    }
    return parse(text, options) && (!opened || heap_can_serve(options));
}

bool options_collector_mode(PyObject *name, lair_gctype *mode)
{
    lair_options options;
    lair_options_defaults(&options);
    PyObject *text = PyUnicode_Check(name) ? PyUnicode_FromFormat("gctype=%U", name) : NULL;
    if (text == NULL) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_TypeError, "the collector's mode is a str, not %s",
                         Py_TYPE(name)->tp_name);
        return false;
    }
    bool done = parse(text, &options);
    Py_DECREF(text);
    *mode = (lair_gctype)options.gctype;
    return done;
}

void options_keep(const lair_options *options)
{
    in_force = *options;
}

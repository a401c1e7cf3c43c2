/* gc_roots.c: what CPython holds from outside all objects, as far as it is easily found.
 *
 * A root that is not named here costs time, never correctness: what only it holds is found alive
 * by its count. So nothing is done for the many objects that C code keeps in variables of its own,
 * while whatever large structures hang from is named: modules, and the frames of all threads.
 */
#include "host_cpython_gc.h"

#include "gc_roots.h"

#if CPYTHON_INTERNALS

typedef struct root_naming {
    roots_visit visit;
    void *arg;
} root_naming;

static void name(PyObject *object, void *arg)
{
    const root_naming *naming = arg;
    if (object != NULL)
        naming->visit(object, naming->arg);
}

/* While a frame runs, the depth of its evaluation stack is known to the machine's registers only;
 * then its variables are named and the rest is not. */
static void name_frame(const _PyInterpreterFrame *frame, root_naming *naming)
{
    PyCodeObject *code = cpython_frame_code(frame);
    if (code == NULL)
        return;
    name((PyObject *)code, naming);
    name(cpython_frame_function(frame), naming);
    name(frame->f_globals, naming);
    name(frame->f_builtins, naming);
    name(frame->f_locals, naming);
    name((PyObject *)frame->frame_obj, naming);
    int count = code->co_nlocalsplus;
    if (frame->stacktop > count)
        count = frame->stacktop;
    for (int i = 0; i < count; i++)
        name(frame->localsplus[i], naming);
}

static void name_thread(const PyThreadState *thread_state, root_naming *naming)
{
    cpython_visit_thread(thread_state, name, naming);
    for (const _PyErr_StackItem *item = thread_state->exc_info; item; item = item->previous_item)
        name(item->exc_value, naming);
    const _PyInterpreterFrame *frame = cpython_current_frame(thread_state);
    for (; frame != NULL; frame = frame->previous)
        name_frame(frame, naming);
}

void roots_name(PyInterpreterState *interpreter, roots_visit visit, void *arg)
{
    root_naming naming = {visit, arg};
    cpython_visit_interpreter(interpreter, name, &naming);
    if (cpython_is_finalizing()) {
        name_thread(cpython_thread_state(), &naming);
        return;
    }
    for (const PyThreadState *thread_state = cpython_first_thread(interpreter); thread_state;
         thread_state = thread_state->next)
        name_thread(thread_state, &naming);
}

#endif

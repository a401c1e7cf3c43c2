/* collector.c: Lair's collector in an unmodified CPython. Read this first, from hook() down.
 *
 * CPython decides when to collect and calls the functions on its list of callbacks before and after
 * it has. In the place of that list stands one of ours, with one function, hook(), which calls the
 * program's callbacks itself. It sees every collection, automatic ones and gc.collect() alike:
 *
 *   generation 0   left as it is: young objects die young, and there are few
 *   generation 1   the oldest list is set aside, so that at the stop it holds the newly promoted,
 *                  and those alone; they are added to the address set
 *   generation 2   the garbage is found by Lair's passes (collector_full.c); CPython is left with
 *                  exactly the garbage, and validates and reclaims it: weak references, finalizers,
 *                  resurrection, gc.garbage are its own code. The survivors come back at the stop
 *
 * Between start and stop `survivors` holds objects that are on no list of CPython's. The stop can
 * be lost, as when there is no memory for its arguments: so every way into this file begins with
 * collector_settle(). Between collections nothing is missing from CPython's lists.
 *
 * With debug flags set (gc.set_debug) a collection is CPython's alone: its output counts objects.
 * So is one inside another: 3.12 runs those that were scheduled before the other began, as soon as
 * Python code runs in it, and keeps what is being collected on lists that nobody else knows.
 */
#include "collector.h"

#include "compat.h"

#if CPYTHON_INTERNALS

#include "collector_wake.h"
#include "gc/pace.h"
#include "gc_clear.h"
#include "gc_lists.h"
#include "os/os.h"

/* What a collection has set aside. */
typedef enum phase { PHASE_NONE, PHASE_PROMOTING, PHASE_RECLAIMING } phase;

static struct {
    PyInterpreterState *interpreter; /* NULL before the first attach */
    PyObject *callbacks;             /* ours; NULL: not attached */
    lair_gctype mode;
    bool enabled; /* what the program last said, while automatic collections are held off */

    /* The collection or slice under way, as an address on the stack of the thread that does it;
     * NULL: none is. */
    const char *within;
    unsigned long within_thread;
    unsigned nested; /* collections inside it that have begun */

    PyGC_Head survivors;
    PyGC_Head young; /* what was made while batches were reclaimed */
    int young_count; /* ... as CPython counts it */
    phase phase;
    size_t survivor_count;
    collection current;
    bool asked;          /* gc.collect() is on the stack */
    uint64_t began_ns;   /* the collection, or the slice */
    bool slice;          /* the collection under way is one for a slice alone */
    size_t in_batches;   /* objects CPython's own pass has not counted, of the last collection */
    struct gc_pace pace; /* of full collections: by how much they are rarer than CPython's */
} collector;

static cpython_gc *state(void)
{
    return cpython_gc_of(collector.interpreter);
}

bool collector_is_here(void)
{
    return collector.callbacks != NULL && cpython_thread_state()->interp == collector.interpreter;
}

/* -- what was set aside ---------------------------------------------------------------------- */

static size_t list_length(const PyGC_Head *list)
{
    size_t length = 0;
    for (const PyGC_Head *node = list_next(list); node != list; node = list_next(node))
        length++;
    return length;
}

/* Remembers what has come to the oldest generation by itself; survivors is set aside. */
static void note_promoted(void)
{
    PyGC_Head *oldest = cpython_generation(state(), CPYTHON_OLDEST);
    full_add(oldest);
    if (collector.mode == LAIR_GC_INCREMENTAL && collector.phase == PHASE_PROMOTING)
        collector.pace.pending += list_length(oldest);
}

void collector_settle(void)
{
    wake_settle(collector.interpreter);
    reclaim_settle();
    if (collector.phase == PHASE_NONE)
        return;
    PyGC_Head *oldest = cpython_generation(state(), CPYTHON_OLDEST);
    note_promoted(); /* or the resurrected and their like */
    if (collector.phase == PHASE_RECLAIMING) {
        size_t total = collector.survivor_count + list_length(oldest);
        state()->long_lived_total = (Py_ssize_t)(total * collector.pace.patience);
        list_prepend_all(cpython_generation(state(), 0), &collector.young);
        state()->generations[0].count += collector.young_count;
        collector.young_count = 0;
    }
    list_prepend_all(oldest, &collector.survivors);
    collector.phase = PHASE_NONE;
}

/* What is known of the lists holds no more. */
static void forget(void)
{
    do
        round_abandon(); /* which may run code that has another round begin */
    while (round_is_active());
    full_forget();
}

void collector_vacated(char *base, size_t bytes)
{
    full_vacated(base, bytes);
}

void collector_lists_move(void)
{
    forget();
}

/* Whether collections of everything are done in slices. */
static bool is_stepping(void)
{
    return collector.mode == LAIR_GC_INCREMENTAL && state()->debug == 0 && !cpython_is_finalizing();
}

/* -- one inside another ---------------------------------------------------------------------- */

/* Whether a collection is under way that we know of, seen from this frame. One whose stop was lost
 * is over when its place on the stack is no longer in use. */
static bool is_within(const char *frame)
{
    return collector.within != NULL &&
           (collector.within_thread != PyThread_get_thread_ident() || frame < collector.within);
}

static void enter(const char *frame)
{
    collector.within = frame;
    collector.within_thread = PyThread_get_thread_ident();
    collector.nested = 0;
}

static void leave(void)
{
    collector.within = NULL;
}

/* -- a collection ---------------------------------------------------------------------------- */

/* One batch of garbage. What is left of it goes to the oldest list. */
static reclaim_counts reclaim_batch(PyGC_Head *objects, const full_batch *batch)
{
    PyGC_Head left;
    list_clear(&left);
    reclaim_counts counts = {.collected = batch->left};
    if (batch->unseen) {
        clear_add(objects);
        clear_some(UINT64_MAX);
        clear_end(&left);
    } else {
        counts = collector_reclaim(objects, &left);
    }
    counts.collected += batch->dead;
    collector.survivor_count += list_length(&left);
    full_add(&left);
    list_append_all(cpython_generation(state(), CPYTHON_OLDEST), &left);
    return counts;
}

/* Reclaims the garbage that waits in batches, which leaves CPython's own pass nothing to do.
 * Meanwhile everything is where the program may look for it: the survivors on the oldest list, all
 * counts at zero. */
static void reclaim_batches(void)
{
    reclaim_counts *reclaimed = &collector.current.reclaimed;
    PyGC_Head *oldest = cpython_generation(state(), CPYTHON_OLDEST);
    list_append_all(oldest, &collector.survivors);
    for (int i = 0; i <= CPYTHON_OLDEST; i++)
        state()->generations[i].count = 0;
    full_batch batch;
    for (PyGC_Head *objects; (objects = full_next_batch(&batch)) != NULL;) {
        reclaim_counts counts = reclaim_batch(objects, &batch);
        reclaimed->collected += counts.collected;
        reclaimed->uncollectable += counts.uncollectable;
    }
    collector.in_batches = reclaimed->collected + reclaimed->uncollectable;
    struct gc_generation_stats *stats = &state()->generation_stats[CPYTHON_OLDEST];
    stats->collected += (Py_ssize_t)reclaimed->collected;
    stats->uncollectable += (Py_ssize_t)reclaimed->uncollectable;
    list_append_all(&collector.survivors, oldest);
    for (int i = 0; i < CPYTHON_OLDEST; i++)
        list_append_all(&collector.young, cpython_generation(state(), i));
    collector.young_count = state()->generations[0].count;
}

static void begin_oldest(void)
{
    round_abandon();
    if (full_collect(collector.interpreter, &collector.survivors, &collector.current.full)) {
        collector.survivor_count = collector.current.full.survivors;
        if (collector.current.full.batches != 0)
            reclaim_batches();
        collector.phase = PHASE_RECLAIMING;
    } else {
        collector.current.stock = true;
        forget();
    }
}

/* The interpreter's end begins with a collection that is announced. Later ones may be neither
 * announced nor, before 3.13, marked as under way: then a finalizer can begin one inside another,
 * whose garbage is on no list of CPython's though its bits are there. */
static bool is_past_end(int generation)
{
    static bool ending;
    if (!cpython_is_finalizing())
        return ending = false;
    bool past = ending || collector.asked;
    ending |= generation == CPYTHON_OLDEST;
    return past;
}

static void begin(int generation)
{
    collector_settle();
    collector.current = (collection){
        .generation = generation,
        .asked = collector.asked,
        .began_ns = collector.began_ns,
    };
    if (collector.mode == LAIR_GC_STOCK) {
        collector.current.stock = true;
    } else if (state()->debug != 0 || is_past_end(generation)) {
        collector.current.stock = true;
        if (generation > 0)
            forget();
    } else if (generation == CPYTHON_OLDEST) {
        begin_oldest();
    } else if (generation == CPYTHON_OLDEST - 1 && !round_is_active()) {
        list_append_all(&collector.survivors, cpython_generation(state(), CPYTHON_OLDEST));
        collector.phase = PHASE_PROMOTING;
    }
}

static void end(size_t collected, size_t uncollectable)
{
    collection *done = &collector.current;
    done->collected = collected;
    done->uncollectable = uncollectable;
    /* CPython collects everything when what waits for it is a quarter of `long_lived_total`, which
     * settling sets. */
    if (done->generation == CPYTHON_OLDEST)
        gc_pace_collected(&collector.pace,
                          done->stock ? (size_t)state()->long_lived_total : done->full.survivors,
                          collected + uncollectable, done->asked);
    collector_settle();
    if (round_is_active())
        collector.pace.pending += round_promoted();
    if (is_stepping() && !done->asked)
        wake_collected(collector.interpreter, done->generation);
    done->ns = os_now_ns() - done->began_ns;
    log_collection(done);
    done->reclaimed = (reclaim_counts){0, 0}; /* a start can be lost as well */
}

/* -- the hook -------------------------------------------------------------------------------- */

/* Made at the attach: nothing is allocated during a collection. */
static struct {
    PyObject *generation, *collected, *uncollectable;
} key;

/* The number info has under a key; -1: none. */
static Py_ssize_t number(PyObject *info, PyObject *name)
{
    PyObject *value = PyDict_Check(info) ? PyDict_GetItemWithError(info, name) : NULL;
    Py_ssize_t result = value != NULL && PyLong_Check(value) ? PyLong_AsSsize_t(value) : -1;
    PyErr_Clear();
    return result;
}

/* Calls the callbacks of the program, in the way CPython does: the list may change meanwhile. */
static void call_callbacks(PyObject *callbacks, PyObject *const *arguments)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(callbacks); i++) {
        PyObject *callback = Py_NewRef(PyList_GET_ITEM(callbacks, i));
        PyObject *result = PyObject_Vectorcall(callback, arguments, 2, NULL);
        if (result == NULL)
            PyErr_WriteUnraisable(callback);
        Py_XDECREF(result);
        Py_DECREF(callback);
    }
}

/* -- slices ---------------------------------------------------------------------------------- */

static void announce(PyObject *callbacks, const char *what, size_t collected, size_t uncollectable)
{
    PyObject *arguments[2] = {
        PyUnicode_InternFromString(what),
        Py_BuildValue("{O:i,O:n,O:n}", key.generation, CPYTHON_OLDEST, key.collected,
                      (Py_ssize_t)collected, key.uncollectable, (Py_ssize_t)uncollectable),
    };
    if (arguments[0] != NULL && arguments[1] != NULL)
        call_callbacks(callbacks, arguments);
    else
        PyErr_WriteUnraisable(callbacks);
    Py_XDECREF(arguments[0]);
    Py_XDECREF(arguments[1]);
}

/* A round is one collection to the program, which hears of it when it is over: what measures the
 * time from start to stop must not be told that the program's own is the collector's. */
void collector_round_over(const round_counts *counts)
{
    PyObject *callbacks = Py_NewRef(PyCFunction_GET_SELF(PyList_GET_ITEM(collector.callbacks, 0)));
    if (PyList_GET_SIZE(callbacks) != 0) {
        announce(callbacks, "start", 0, 0);
        announce(callbacks, "stop", counts->collected, counts->uncollectable);
    }
    Py_DECREF(callbacks);
    struct gc_generation_stats *stats = &state()->generation_stats[CPYTHON_OLDEST];
    stats->collections++;
    stats->collected += (Py_ssize_t)counts->collected;
    stats->uncollectable += (Py_ssize_t)counts->uncollectable;
    gc_pace_collected(&collector.pace, counts->survivors, counts->collected + counts->uncollectable,
                      false);
    log_round(counts);
}

void collector_idle(void)
{
    const char *frame = __builtin_frame_address(0);
    if (!collector_is_here() || !is_stepping() || !collector_may_reclaim() || !state()->enabled ||
        is_within(frame))
        return;
    uint64_t began_ns = os_now_ns();
    enter(frame);
    collector_settle();
    wake_idle();
    leave();
    log_pause(os_now_ns() - began_ns);
}

static void set_mode(lair_gctype mode);

/* -- the hook itself ------------------------------------------------------------------------- */

/* What the program's callbacks are told was collected, and gc.collect() says, includes the batches.
 */
static void add_reclaimed(PyObject *info, PyObject *name, size_t reclaimed)
{
    Py_ssize_t before = number(info, name);
    if (reclaimed == 0 || before < 0)
        return;
    PyObject *sum = PyLong_FromSsize_t(before + (Py_ssize_t)reclaimed);
    if (sum != NULL)
        (void)PyDict_SetItem(info, name, sum);
    Py_XDECREF(sum);
    PyErr_Clear();
}

static void on_start(PyObject *callbacks, PyObject *const *arguments, int generation)
{
    collector.began_ns = os_now_ns();
    collector_settle();
    if (collector.mode == LAIR_GC_INCREMENTAL && cpython_is_finalizing())
        set_mode(LAIR_GC_AUTO); /* where settle_at_exit was not called */
    collector.slice = is_stepping() && !collector.asked && generation < CPYTHON_OLDEST &&
                      wake_begin(collector.interpreter, &collector.pace);
    if (collector.slice)
        return;
    uint64_t called_ns = os_now_ns();
    call_callbacks(callbacks, arguments);
    collector.began_ns += os_now_ns() - called_ns;
    begin(generation);
}

static void on_stop(PyObject *callbacks, PyObject *const *arguments, int generation)
{
    if (collector.slice) {
        wake_end(collector.interpreter, generation);
        collector.slice = false;
        log_pause(os_now_ns() - collector.began_ns);
        leave();
        return;
    }
    const reclaim_counts *reclaimed = &collector.current.reclaimed;
    add_reclaimed(arguments[1], key.collected, reclaimed->collected);
    add_reclaimed(arguments[1], key.uncollectable, reclaimed->uncollectable);
    end((size_t)number(arguments[1], key.collected),
        (size_t)number(arguments[1], key.uncollectable));
    leave();
    call_callbacks(callbacks, arguments);
}

/* The function on our list; its `self` is the program's list. */
static PyObject *hook(PyObject *callbacks, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyUnicode_Check(arguments[0]) || !collector_is_here()) {
        PyErr_SetString(PyExc_TypeError, "only the interpreter's collector calls this");
        return NULL;
    }
    /* A callback of the program may change info. */
    int generation = (int)number(arguments[1], key.generation);
    bool start = PyUnicode_CompareWithASCIIString(arguments[0], "start") == 0;
    const char *frame = __builtin_frame_address(0);
    if (start ? is_within(frame) : collector.nested != 0) {
        collector.nested += start ? 1U : -1U;
        collector_settle();
        forget();
        call_callbacks(callbacks, arguments);
    } else if (start) {
        enter(frame);
        on_start(callbacks, arguments, generation);
    } else {
        on_stop(callbacks, arguments, generation);
    }
    Py_RETURN_NONE;
}

static PyMethodDef hook_definition = {
    "lair_hook", (PyCFunction)(void (*)(void))hook, METH_FASTCALL,
    PyDoc_STR("Stands for gc.callbacks while lair's collector is attached.")};

/* -- modes ----------------------------------------------------------------------------------- */

bool collector_asked(void)
{
    if (state()->collecting != 0 || is_within(__builtin_frame_address(0)))
        return false;
    collector.asked = true;
    collector.in_batches = 0;
    return true;
}

PyObject *collector_answered(PyObject *result)
{
    collector.asked = false;
    if (collector.in_batches == 0 || result == NULL || !PyLong_Check(result))
        return result;
    Py_ssize_t more = (Py_ssize_t)collector.in_batches;
    PyObject *sum = PyLong_FromSsize_t(PyLong_AsSsize_t(result) + more);
    Py_DECREF(result);
    return sum;
}

bool collector_holds_off(void)
{
    return collector.mode == LAIR_GC_MANUAL;
}

bool collector_enabled(void)
{
    return collector.enabled;
}

void collector_set_enabled(bool enabled)
{
    collector.enabled = enabled;
}

static void set_mode(lair_gctype mode)
{
    if (mode == collector.mode)
        return;
    if (mode == LAIR_GC_MANUAL)
        collector.enabled = PyGC_Disable() != 0;
    else if (collector_holds_off() && collector.enabled)
        PyGC_Enable();
    lair_gctype before = collector.mode;
    collector.mode = mode; /* first: ending a round may run code of the program's */
    if (mode == LAIR_GC_INCREMENTAL)
        wake_start(collector.interpreter);
    else if (before == LAIR_GC_INCREMENTAL)
        wake_stop(collector.interpreter);
}

/* -- checks before an attach ----------------------------------------------------------------- */

/* Whether gc.callbacks and gc.garbage are where the structure has them. */
static bool state_fits(void)
{
    PyObject *module = PyImport_ImportModule("gc");
    PyObject *callbacks = module ? PyObject_GetAttrString(module, "callbacks") : NULL;
    PyObject *garbage = callbacks ? PyObject_GetAttrString(module, "garbage") : NULL;
    const cpython_gc *gc = cpython_gc_of(PyInterpreterState_Main());
    bool fits = garbage != NULL && gc->callbacks == callbacks && gc->garbage == garbage &&
                PyList_CheckExact(callbacks) && gc->collecting == 0;
    Py_XDECREF(garbage);
    Py_XDECREF(callbacks);
    Py_XDECREF(module);
    PyErr_Clear();
    return fits;
}

/* Whether the innermost frame is where the thread's state has it. */
static bool frames_fit(void)
{
    PyFrameObject *frame = PyThreadState_GetFrame(PyThreadState_Get());
    if (frame == NULL)
        return true;
    PyCodeObject *code = PyFrame_GetCode(frame);
    const _PyInterpreterFrame *inner = cpython_current_frame(PyThreadState_Get());
    while (inner != NULL && cpython_frame_code(inner) == NULL)
        inner = inner->previous;
    bool fits = inner != NULL && cpython_frame_code(inner) == code;
    Py_DECREF(code);
    Py_DECREF(frame);
    return fits;
}

/* Objects of every kind that gc_host.h scans itself, some longer than GC_PART. */
static const char samples_source[] =
    "class Plain: pass\n"
    "class Slots: __slots__ = ('a', 'b', '__weakref__')\n"
    "class Both(Slots): pass\n"
    "class Derived(list): pass\n"
    "def fill(o, **more):\n"
    "    o.a = [1]\n"
    "    o.__dict__.update(more) if more else None\n"
    "    return o\n"
    "samples = [[1, 'a', []], (1, 2, ()), {1, 'a'}, {},\n"
    "    {'a': 1, 'b': []}, {1: 'a', (): []}, frozenset('ab'),\n"
    "    Plain(), fill(Plain()), fill(Plain(), b=2),\n"
    "    fill(Plain()).__dict__, Slots(), fill(Slots()), Both(),\n"
    "    fill(Both()), fill(Both(), c=3), Derived('ab'),\n"
    "    [*range(-5, 257)] * 2, dict.fromkeys(range(-5, 257), 1)]\n";

/* Whether their contents are read as their own traversal reads them. */
static bool objects_fit(void)
{
    PyObject *names = PyDict_New();
    PyObject *done = names ? PyRun_String(samples_source, Py_file_input, names, names) : NULL;
    PyObject *plain = done ? PyDict_GetItemString(names, "Plain") : NULL;
    PyObject *samples = done ? PyDict_GetItemString(names, "samples") : NULL;
    bool fits = plain != NULL && PyType_Check(plain) && samples != NULL && PyList_Check(samples);
    if (fits) {
        full_open(((PyTypeObject *)plain)->tp_traverse, log_listener());
        fits = full_reads_rightly(samples);
    }
    Py_XDECREF(done);
    Py_XDECREF(names);
    PyErr_Clear();
    return fits;
}

static bool is_ours(void)
{
    return collector.callbacks != NULL &&
           cpython_gc_of(PyInterpreterState_Main())->callbacks == collector.callbacks;
}

const char *collector_refusal(void)
{
    static int fits = -1;
    if (compat_build_refusal() != NULL)
        return compat_build_refusal();
    if (CPYTHON_DEBUG_BUILD)
        return "this is a debug build of CPython, whose collector checks lists while it works";
    if (Py_Version < CPYTHON_FRAMES_SAFE_SINCE)
        return "CPython 3.11.0 shows frames that are being torn down; 3.11.1 does not";
    if (!compat_on_main_interpreter())
        return "this is not the main interpreter, and only there can lair's collector attach";
    if (is_ours())
        return NULL;
    if (cpython_gc_of(PyInterpreterState_Main())->collecting)
        return "a collection is under way; attach when it is over";
    if (!compat_layout_known())
        compat_check_layout();
    if (!compat_layout_known() || !state_fits())
        return "the state of CPython's collector is not where lair knows it to be, or gc.callbacks "
               "or gc.garbage has been replaced";
    if (fits < 0)
        fits = frames_fit() && objects_fit();
    if (!fits)
        return "objects or frames of this CPython are not laid out as lair knows them";
    return NULL;
}

/* -- attach and detach ----------------------------------------------------------------------- */

static bool make_keys(void)
{
    if (key.generation == NULL)
        key.generation = PyUnicode_InternFromString("generation");
    if (key.collected == NULL)
        key.collected = PyUnicode_InternFromString("collected");
    if (key.uncollectable == NULL)
        key.uncollectable = PyUnicode_InternFromString("uncollectable");
    return key.generation != NULL && key.collected != NULL && key.uncollectable != NULL;
}

/* Our list, with the hook on it, for the program's. Neither is an object the program meets: gc
 * does not track them. */
static PyObject *make_callbacks(PyObject *theirs)
{
    PyObject *function = PyCFunction_New(&hook_definition, theirs);
    PyObject *ours = function ? PyList_New(1) : NULL;
    if (ours == NULL) {
        Py_XDECREF(function);
        return NULL;
    }
    PyObject_GC_UnTrack(function);
    PyObject_GC_UnTrack(ours);
    PyList_SET_ITEM(ours, 0, function);
    return ours;
}

static PyObject *settle_at_exit(PyObject *unused, PyObject *arguments)
{
    (void)unused;
    (void)arguments;
    if (collector_is_here()) {
        collector_settle();
        set_mode(LAIR_GC_AUTO); /* no slices from now on */
    }
    Py_RETURN_NONE;
}

static PyMethodDef settle_definition = {
    "lair_settle", settle_at_exit, METH_NOARGS,
    PyDoc_STR("Before finalization, whose own collections call no callbacks.")};

/* Once. Without it a collection whose stop was lost, right before the end, leaves some objects to
 * the end of the process: no harm but that. */
static void register_settle(void)
{
    static bool registered;
    if (registered)
        return;
    PyObject *function = PyCFunction_New(&settle_definition, NULL);
    PyObject *module = function ? PyImport_ImportModule("atexit") : NULL;
    PyObject *result = module ? PyObject_CallMethod(module, "register", "O", function) : NULL;
    registered = result != NULL;
    Py_XDECREF(result);
    Py_XDECREF(module);
    Py_XDECREF(function);
    PyErr_Clear();
}

static bool install(void)
{
    PyInterpreterState *interpreter = PyInterpreterState_Main();
    cpython_gc *gc = cpython_gc_of(interpreter);
    PyObject *ours = make_keys() && round_prepare() ? make_callbacks(gc->callbacks) : NULL;
    if (ours == NULL)
        return false;
    if (!builtins_install()) {
        Py_DECREF(ours);
        return false;
    }
    Py_DECREF(gc->callbacks); /* the hook holds it */
    gc->callbacks = ours;
    list_clear(&collector.survivors);
    list_clear(&collector.young);
    collector.interpreter = interpreter;
    collector.callbacks = ours;
    collector.phase = PHASE_NONE;
    collector.mode = LAIR_GC_AUTO;
    collector.pace = (struct gc_pace){.patience = 1};
    register_settle();
    return true;
}

static void uninstall(void)
{
    collector_settle();
    set_mode(LAIR_GC_AUTO);
    forget();
    PyObject *ours = collector.callbacks;
    if (ours == NULL)
        return; /* a finalizer has done it meanwhile */
    collector.callbacks = NULL;
    leave();
    builtins_restore();
    state()->callbacks = Py_NewRef(PyCFunction_GET_SELF(PyList_GET_ITEM(ours, 0)));
    Py_DECREF(ours);
}

bool collector_attach(lair_gctype mode)
{
    if (!is_ours())
        collector.callbacks =
            NULL; /* not attached, or CPython was finalized and initialized again */
    const char *reason = collector_refusal();
    if (reason == NULL && is_ours() && state()->collecting)
        reason = "a collection is under way; change its mode when it is over";
    if (reason != NULL) {
        PyErr_Format(PyExc_RuntimeError, "lair's collector cannot attach: %s", reason);
        return false;
    }
    if (!is_ours() && !install())
        return false;
    collector_settle();
    set_mode(mode);
    if (mode == LAIR_GC_STOCK)
        forget();
    return true;
}

bool collector_observe(void)
{
    return is_ours() || collector_attach(LAIR_GC_STOCK);
}

bool collector_detach(void)
{
    if (!is_ours()) {
        PyErr_SetString(PyExc_RuntimeError, "lair's collector is not attached");
        return false;
    }
    if (state()->collecting) {
        PyErr_SetString(PyExc_RuntimeError, "lair's collector cannot detach: a collection is under "
                                            "way; detach when it is over");
        return false;
    }
    uninstall();
    return true;
}

lair_gctype collector_mode(void)
{
    return is_ours() ? collector.mode : LAIR_GC_STOCK;
}

#else

bool collector_observe(void)
{
    return collector_attach(LAIR_GC_STOCK);
}

const char *collector_refusal(void)
{
    return "lair's collector knows CPython 3.11 to 3.13, and this is a later version";
}

bool collector_attach(lair_gctype mode)
{
    (void)mode;
    PyErr_Format(PyExc_RuntimeError, "lair's collector cannot attach: %s", collector_refusal());
    return false;
}

bool collector_detach(void)
{
    PyErr_SetString(PyExc_RuntimeError, "lair's collector is not attached");
    return false;
}

lair_gctype collector_mode(void)
{
    return LAIR_GC_STOCK;
}

void collector_tune(int quantum, uint64_t slice_ns, size_t smallest)
{
    (void)quantum, (void)slice_ns, (void)smallest;
}

void collector_settle(void)
{
}

void collector_vacated(char *base, size_t bytes)
{
    (void)base;
    (void)bytes;
}

#endif

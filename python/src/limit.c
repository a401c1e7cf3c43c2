/* limit.c: the memory limit as a Python program sees it.
 *
 * The heap counts and refuses (lair/heap.h); CPython turns a refused request into MemoryError.
 * What is added here:
 *
 *   Reserve. Handlers and tracebacks need memory too. The first request refused for want of room
 *   lifts the limit to LIMIT_RESERVE_BYTES above itself or, where RAW went past it, above the
 *   footprint. It closes when the footprint has fallen below the limit by as much, which is
 *   looked at when the soft limit is told again on the way up, and whenever Python asks for the
 *   heap's numbers.
 *
 *   Modules. CPython imports some 3 MB of Python before it prints a traceback. They are imported
 *   when the soft limit is reached, so that the reserve is for the program's own handlers, and a
 *   program that stays below pays nothing. Where the way from the soft to the hard limit is too
 *   short for them, they are imported when the limit is set. Where neither was possible, the
 *   reserve is larger by MODULES_BYTES.
 *
 *   Collector. It cannot fail half-way: while it runs, the limit moves up as needed. It comes
 *   back in the same manner.
 *
 *   Soft limit. It has a full collection and a trim done at the next safe point, between two
 *   bytecodes. No Python code ever runs inside an allocation. Where collections free little they
 *   are few: SOFT_STEPS on the way from the soft to the hard limit.
 *
 * Everything runs under the main GIL.
 */
#include <Python.h>

#include "compat.h"
#include "host.h"

enum { SOFT_STEPS = 4 }; /* collections between the soft and the hard limit, at most */
enum { MODULES_BYTES = 4 * 1024 * 1024 }; /* more than what tracebacks import */

static struct {
    size_t hard, soft;   /* as asked for; 0: none */
    size_t allowance;    /* bytes by which the heap's limit stands above hard now */
    bool armed;          /* collect_soon() is on its way */
    bool modules_loaded; /* load_traceback() has run */
    size_t collected_at; /* footprint after the last such collection; 0: none yet */
    uint64_t errors;
    uint64_t soft_collections;
} limit;

static size_t reserve_bytes(void)
{
    return LIMIT_RESERVE_BYTES + (limit.modules_loaded ? 0 : MODULES_BYTES);
}

/* Sets the heap's limit to hard and allowance. The soft limit stays low enough to be told on the
 * way from where the reserve closes. */
static bool apply(lair_heap *heap, size_t allowance)
{
    size_t soft = limit.soft, reserve = reserve_bytes();
    if (allowance > 0 && limit.hard > reserve && soft > limit.hard - reserve)
        soft = limit.hard - reserve;
    if (lair_heap_set_limit(heap, limit.hard + allowance, soft) != LAIR_OK)
        return false;
    limit.allowance = allowance;
    return true;
}

void limit_settle(lair_heap *heap)
{
    if (limit.allowance > 0 && lair_heap_footprint(heap) + reserve_bytes() < limit.hard)
        apply(heap, 0);
}

/* What a traceback takes from the library, once. Only a loss of comfort where it fails. */
static void load_traceback(void)
{
    static const char *const modules[] = {"traceback", "linecache", "tokenize", "ast"};
    if (limit.modules_loaded)
        return;
    limit.modules_loaded = true;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        PyObject *module = PyImport_ImportModule(modules[i]);
        if (module == NULL)
            PyErr_Clear();
        Py_XDECREF(module);
    }
}

/* False where a request was too large for what is left, and refused: there still is room then. */
static bool is_past_soft(const lair_heap *heap)
{
    return limit.hard != 0 && lair_heap_footprint(heap) >= limit.soft;
}

/* The safe point. */
static int collect_soon(void *unused)
{
    (void)unused;
    bool attached = hooks_attached() && compat_on_main_gil();
    if (attached && is_past_soft(hooks_heap()) && compat_on_main_interpreter())
        load_traceback();
    limit.armed = false; /* not before: what is imported may reach the next step */
    if (!attached)
        return 0;
    if (!compat_is_collecting()) {
        limit.soft_collections++;
        bool enabled = PyGC_IsEnabled();
        PyGC_Enable(); /* a disabled collector does not collect even when asked to */
        PyGC_Collect();
        if (!enabled)
            PyGC_Disable();
    }
    lair_heap_trim(hooks_heap());
    limit.collected_at = lair_heap_footprint(hooks_heap());
    limit_settle(hooks_heap());
    return 0;
}

/* Whether a collection now could free what the last one could not: not before the program has
 * used up a fair part of what was left to it, or has freed something itself. */
static bool collection_is_due(size_t footprint)
{
    size_t step = (limit.hard - limit.soft) / SOFT_STEPS;
    return footprint < limit.collected_at || footprint >= limit.collected_at + step;
}

/* The soft limit was reached. Should the safe point be out of reach, the heap tells again later. */
static void soft_reached(lair_heap *heap, const lair_heap_event *event)
{
    limit_settle(heap);
    if (!hooks_attached() || !collection_is_due(event->footprint))
        return;
    if (!limit.armed)
        limit.armed = compat_call_soon(collect_soon);
    compat_hurry_collection();
}

/* A request does not fit. Returns whether it is to be tried once more. */
static bool hard_reached(lair_heap *heap, const lair_heap_event *event)
{
    if (compat_is_collecting()) {
        size_t needed = event->footprint + event->request - limit.hard;
        return apply(heap, needed + LIMIT_RESERVE_BYTES);
    }
    limit.errors++;
    if (limit.allowance == 0 && event->footprint + reserve_bytes() > limit.hard) {
        /* RAW, which is never refused, may have brought the footprint over the limit already. */
        size_t over = event->footprint > limit.hard ? event->footprint - limit.hard : 0;
        apply(heap, over + reserve_bytes());
    }
    return false;
}

static bool listen(lair_heap *heap, const lair_heap_event *event, void *unused)
{
    (void)unused;
    switch (event->kind) {
    case LAIR_HEAP_SOFT_LIMIT:
        soft_reached(heap, event);
        return false;
    case LAIR_HEAP_HARD_LIMIT:
        return hard_reached(heap, event);
    case LAIR_HEAP_FAULT:
        return false; /* the heap says what is wrong and aborts */
    }
    return false;
}

/* Whether to import the modules now: they may not fit between the soft and the hard limit, and they
 * fit below it now. Before the attach what they take does not count. */
static bool load_is_due(const lair_heap *heap, size_t hard, size_t soft)
{
    size_t way = soft == 0 ? hard / 10 : soft < hard ? hard - soft : 0;
    return hard != 0 && way < MODULES_BYTES &&
           (!hooks_attached() || lair_heap_footprint(heap) + MODULES_BYTES < hard);
}

lair_status limit_set(lair_heap *heap, size_t hard, size_t soft)
{
    if (load_is_due(heap, hard, soft))
        load_traceback();
    lair_status status = lair_heap_set_limit(heap, hard, soft);
    if (status != LAIR_OK)
        return status;
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    limit.hard = hard;
    limit.soft = stats.soft_limit;
    limit.allowance = 0;
    limit.collected_at = 0;
    lair_heap_set_listener(heap, listen, NULL);
    return LAIR_OK;
}

size_t limit_hard(void)
{
    return limit.hard;
}

size_t limit_soft(void)
{
    return limit.soft;
}

uint64_t limit_errors(void)
{
    return limit.errors;
}

uint64_t limit_soft_collections(void)
{
    return limit.soft_collections;
}

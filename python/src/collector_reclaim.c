/* collector_reclaim.c: CPython reclaims one batch of garbage, wherever Python code may run.
 *
 * CPython is asked to collect its youngest generation, while that holds the batch and nothing else,
 * and the one above it is empty. What it does not reclaim it promotes: so what is left of the batch
 * is in the middle generation afterwards, what finalizers have made meanwhile in the youngest, and
 * the oldest is as it was. A collection of the youngest also leaves alone what belongs to a full
 * one: free lists, dictionaries to be untracked, the count of old objects.
 *
 * The two younger lists are set aside meanwhile. Whoever looks at the lists from a finalizer must
 * see all objects, less the garbage, which no collection shows: then the two come back at once
 * (collector_settle), and what is left of the batch stays among them, as any young object does.
 */
#include "collector.h"

#if CPYTHON_INTERNALS

#include "base/assert.h"
#include "gc_lists.h"

static struct {
    PyGC_Head lists[CPYTHON_OLDEST]; /* the younger generations' */
    bool aside;                      /* they are in lists */
    bool busy;
} reclaiming;

static cpython_gc *state(void)
{
    return cpython_gc_of(PyInterpreterState_Main());
}

bool collector_may_reclaim(void)
{
    return state()->collecting == 0 && !reclaiming.busy;
}

static void set_aside(cpython_gc *gc)
{
    for (int i = 0; i < CPYTHON_OLDEST; i++) {
        list_clear(&reclaiming.lists[i]);
        list_append_all(&reclaiming.lists[i], cpython_generation(gc, i));
    }
    reclaiming.aside = true;
}

void reclaim_settle(void)
{
    if (!reclaiming.aside)
        return;
    for (int i = 0; i < CPYTHON_OLDEST; i++)
        list_prepend_all(cpython_generation(state(), i), &reclaiming.lists[i]);
    reclaiming.aside = false;
}

/* With our list of callbacks empty the collection is announced to nobody, and with the flag of the
 * one we may be in taken down it is not refused as a second one. */
static void collect_youngest(cpython_gc *gc)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *callbacks = gc->callbacks;
    Py_ssize_t callback_count = PyList_GET_SIZE(callbacks);
    int collecting = gc->collecting;
    Py_SET_SIZE(callbacks, 0);
    gc->collecting = 0;
    builtins_collect(0);
    gc->collecting = collecting;
    Py_SET_SIZE(callbacks, callback_count);
    PyErr_Restore(type, value, traceback);
}

reclaim_counts collector_reclaim(PyGC_Head *batch, PyGC_Head *left)
{
    cpython_gc *gc = state();
    lair_assert(!reclaiming.busy, "a batch is reclaimed inside another");
    reclaiming.busy = true;
    set_aside(gc);
    list_append_all(cpython_generation(gc, 0), batch);
    struct gc_generation_stats *stats = &gc->generation_stats[0];
    const struct gc_generation_stats before = *stats;
    int young_count = gc->generations[0].count;
    gc->generations[1].count--; /* to be counted up again */
    collect_youngest(gc);
    gc->generations[0].count += young_count;
    reclaim_counts counts = {
        .collected = (size_t)(stats->collected - before.collected),
        .uncollectable = (size_t)(stats->uncollectable - before.uncollectable),
    };
    *stats = before;
    if (reclaiming.aside)
        list_append_all(left, cpython_generation(gc, 1));
    reclaim_settle();
    reclaiming.busy = false;
    return counts;
}

#endif

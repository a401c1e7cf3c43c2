/* collector_wake.c: when the slices of a round happen.
 *
 * The clock is allocation. CPython counts the containers that are made less those that die, and
 * starts a collection when they are more than a threshold; while a round is under way the count is
 * set forward after each slice, so that the next one comes after `quantum` more. Then CPython finds
 * its young lists empty, for they are held out, unless a young collection is due by the program's
 * own thresholds. So the collector works as fast as the program allocates, whatever the machine:
 * garbage that is made meanwhile is bounded.
 *
 * In this mode CPython never collects the oldest generation by itself: its count stays zero. Only
 * where there is no memory for a round its next collection is one of everything.
 */
#include "collector.h"

#include "collector_timer.h"
#include "collector_wake.h"

#if CPYTHON_INTERNALS

#include "gc_lists.h"
#include "os/os.h"

static struct {
    int quantum;       /* containers between two slices */
    uint64_t slice_ns; /* of a slice */
    size_t smallest;   /* a heap that is smaller counts as one of so many objects */
} pace = {500, 1000000, 20000};

static struct {
    PyGC_Head held[CPYTHON_OLDEST];
    bool holding;
    int counts[CPYTHON_OLDEST + 1]; /* of the generations, before */
    int base;                       /* the youngest count as we left it */
    size_t allocated;               /* containers since the last young collection */
    size_t credit;                  /* ... since the last slice */
    int quantum;                    /* containers between two slices of this round */
    bool starved;                   /* there is no memory for rounds: CPython is to collect all */
} wake;

void collector_tune(int quantum, uint64_t slice_ns, size_t smallest)
{
    pace.quantum = wake.quantum = quantum;
    pace.slice_ns = slice_ns;
    pace.smallest = smallest;
}

static struct gc_generation *generations(PyInterpreterState *interpreter)
{
    return cpython_gc_of(interpreter)->generations;
}

/* -- young objects, held out ------------------------------------------------------------------ */

static void hold(PyInterpreterState *interpreter)
{
    for (int i = 0; i < CPYTHON_OLDEST; i++) {
        list_clear(&wake.held[i]);
        list_append_all(&wake.held[i], cpython_generation(cpython_gc_of(interpreter), i));
    }
    for (int i = 0; i <= CPYTHON_OLDEST; i++)
        wake.counts[i] = generations(interpreter)[i].count;
    wake.holding = true;
}

void wake_settle(PyInterpreterState *interpreter)
{
    if (!wake.holding)
        return;
    for (int i = 0; i < CPYTHON_OLDEST; i++)
        list_prepend_all(cpython_generation(cpython_gc_of(interpreter), i), &wake.held[i]);
    wake.holding = false;
}

/* -- the clock -------------------------------------------------------------------------------- */

static void count_allocations(PyInterpreterState *interpreter)
{
    int fresh = generations(interpreter)[0].count - wake.base;
    if (fresh < 0) /* more died than were made; or the program collected */
        fresh = 0;
    wake.allocated += (size_t)fresh;
    wake.credit += (size_t)fresh;
}

/* The middle generation is collected with every second collection of the youngest, however long its
 * threshold makes it wait: many young objects are one long pause. */
static void keep_young_few(PyInterpreterState *interpreter)
{
    generations(interpreter)[1].count = generations(interpreter)[1].threshold + 1;
}

/* The next slice, or young collection, comes in time. */
static void set_clock(PyInterpreterState *interpreter)
{
    int threshold = generations(interpreter)[0].threshold;
    int count = wake.allocated < (size_t)threshold ? (int)wake.allocated : threshold;
    if (round_is_active() && count < threshold - wake.quantum)
        count = threshold - wake.quantum;
    generations(interpreter)[0].count = wake.base = count;
    struct gc_generation *oldest = &generations(interpreter)[CPYTHON_OLDEST];
    oldest->count = wake.starved ? oldest->threshold + 1 : 0;
    if (wake.starved)
        cpython_gc_of(interpreter)->long_lived_total = 0; /* a quarter of which has to wait */
}

/* A round is due when the old objects are 12 % more; 18 or 30 where rounds find little. */
static bool round_is_due(const struct gc_pace *full)
{
    return full->pending >= (full->long_lived + pace.smallest) / 100 * (6 + 6 * full->patience);
}

static int safe_point(void *unused)
{
    (void)unused;
    collector_idle();
    return 0;
}

static void slice(uint64_t ns)
{
    wake.credit = 0;
    log_step();
    round_counts counts;
    if (!round_slice(os_now_ns() + ns, &counts))
        return;
    timer_stop();
    wake.starved = counts.starved;
    if (counts.starved)
        return;
    wake.quantum = (int)gc_pace_quantum(counts.survivors, counts.slices, (size_t)pace.quantum);
    collector_round_over(&counts);
}

void wake_idle(void)
{
    if (round_is_active())
        slice(pace.slice_ns);
    else
        timer_stop(); /* the round was ended by others */
}

void wake_start(PyInterpreterState *interpreter)
{
    wake.allocated = wake.credit = 0;
    wake.starved = false;
    wake.quantum = pace.quantum;
    wake.base = generations(interpreter)[0].count;
}

void wake_stop(PyInterpreterState *interpreter)
{
    wake_settle(interpreter);
    timer_stop();
    round_abandon();
}

bool wake_begin(PyInterpreterState *interpreter, const struct gc_pace *full)
{
    count_allocations(interpreter);
    if (!round_is_active() && !wake.starved && round_is_due(full)) {
        full_readiness readiness = round_begin(interpreter, os_now_ns() + pace.slice_ns);
        wake.starved = readiness == FULL_NO_MEMORY;
        if (readiness == FULL_READY)
            timer_start(safe_point);
    }
    if (!round_is_active())
        return false;
    bool young_due = wake.allocated > (size_t)generations(interpreter)[0].threshold;
    if (wake.credit >= (size_t)wake.quantum) {
        timer_start(safe_point); /* which a fork has ended */
        slice(young_due ? pace.slice_ns / 2 : pace.slice_ns);
    }
    if (!young_due)
        hold(interpreter);
    return !young_due;
}

void wake_end(PyInterpreterState *interpreter, int generation)
{
    wake_settle(interpreter);
    for (int i = 0; i <= CPYTHON_OLDEST; i++)
        generations(interpreter)[i].count = wake.counts[i];
    cpython_gc_of(interpreter)->generation_stats[generation].collections--;
    set_clock(interpreter);
}

void wake_collected(PyInterpreterState *interpreter, int generation)
{
    wake.allocated = 0;
    if (generation == 0)
        keep_young_few(interpreter);
    else if (generation == CPYTHON_OLDEST)
        wake.starved = false;
    set_clock(interpreter);
}

#endif

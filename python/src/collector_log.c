/* collector_log.c: what the collector did: counts, pauses, a line for each collection.
 *
 * The line goes straight to a descriptor: in the middle of a collection there is no file object to
 * be trusted with it.
 */
#include "host_cpython_gc.h"

#include "collector.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bits.h"
#include "gc/event.h"

/* Pauses by their length: below 1 us << i, but for the last, which holds all longer ones. */
enum { HISTOGRAM = 24 };

static struct {
    uint64_t collections[3];
    uint64_t freed, uncollectable;
    uint64_t stock, walks, rounds, slices;
    uint64_t pause_ns, longest_ns;
    uint64_t histogram[HISTOGRAM];
    uint64_t pass_ns[GC_EVENT_COUNT]; /* of the collection under way */
    uint64_t asked;
    full_counts full; /* of the last full collection */
    int descriptor;   /* -1: no log */
    struct stat file;
} noted = {.descriptor = -1};

void collector_log_to(int descriptor)
{
    noted.descriptor = fstat(descriptor, &noted.file) == 0 ? descriptor : -1;
}

#if CPYTHON_INTERNALS

static void hear(void *arg, gc_event event, uint64_t count, uint64_t ns)
{
    (void)arg;
    (void)count;
    if (event == GC_EVENT_START)
        memset(noted.pass_ns, 0, sizeof noted.pass_ns);
    else
        noted.pass_ns[event] = ns;
}

gc_listener log_listener(void)
{
    return (gc_listener){hear, NULL};
}

/* -- the line -------------------------------------------------------------------------------- */

static double milliseconds(uint64_t ns)
{
    return (double)ns / 1e6;
}

static const char *trigger(const collection *done)
{
    if (done->asked)
        return "asked";
    return cpython_is_finalizing() ? "at exit" : "automatic";
}

/* What a full collection found on its way; "" for others. */
static void describe_full(const collection *done, char *text, size_t size)
{
    text[0] = '\0';
    if (done->stock && collector_mode() != LAIR_GC_STOCK)
        snprintf(text, size, ", left to the built-in collector");
    else if (done->generation == CPYTHON_OLDEST && !done->stock)
        snprintf(text, size, ", %zu live on, %zu on trial%s%s (mark %.2f ms, trial %.2f ms)",
                 done->full.survivors, done->full.suspects,
                 done->full.walked ? ", list walked" : "", done->full.batches ? ", in batches" : "",
                 milliseconds(noted.pass_ns[GC_EVENT_MARK]),
                 milliseconds(noted.pass_ns[GC_EVENT_SUSPECTS] + noted.pass_ns[GC_EVENT_TRIAL]));
}

/* A program that becomes a daemon closes all descriptors, and may open files of its own there. */
static bool log_is_open(void)
{
    struct stat file;
    if (noted.descriptor >= 0 &&
        (fstat(noted.descriptor, &file) != 0 || file.st_dev != noted.file.st_dev ||
         file.st_ino != noted.file.st_ino))
        noted.descriptor = -1;
    return noted.descriptor >= 0;
}

static void write_line(const collection *done)
{
    char full[200], line[400];
    describe_full(done, full, sizeof full);
    int length = snprintf(line, sizeof line,
                          "lair: gc: generation %d, %s, %.3f ms, %zu freed, %zu uncollectable%s\n",
                          done->generation, trigger(done), milliseconds(done->ns), done->collected,
                          done->uncollectable, full);
    /* A line that cannot be written is lost. */
    if (length > 0 && write(noted.descriptor, line, (size_t)length) < 0)
        return;
}

static void note_pause(uint64_t ns)
{
    size_t slot = 0;
    while (slot < HISTOGRAM - 1 && ns >= (uint64_t)1000 << slot)
        slot++;
    noted.histogram[slot]++;
    noted.pause_ns += ns;
    if (ns > noted.longest_ns)
        noted.longest_ns = ns;
}

void log_step(void)
{
    noted.slices++;
}

void log_pause(uint64_t ns)
{
    note_pause(ns);
}

void log_round(const round_counts *counts)
{
    noted.rounds++;
    noted.collections[CPYTHON_OLDEST]++;
    noted.freed += counts->collected;
    noted.uncollectable += counts->uncollectable;
    if (!log_is_open())
        return;
    char line[400];
    int length =
        snprintf(line, sizeof line,
                 "lair: gc: generation %d in %zu slices, automatic, %.3f ms, longest %.3f "
                 "ms, %zu freed, %zu uncollectable, %zu live on, %zu on trial in %zu "
                 "batches, the largest set %zu\n",
                 CPYTHON_OLDEST, counts->slices, milliseconds(counts->ns),
                 milliseconds(counts->longest_ns), counts->collected, counts->uncollectable,
                 counts->survivors, counts->suspects, counts->batches, counts->largest_tree);
    if (length > 0 && write(noted.descriptor, line, (size_t)length) < 0)
        return;
}

void log_collection(const collection *done)
{
    note_pause(done->ns);
    noted.collections[done->generation]++;
    noted.freed += done->collected;
    noted.uncollectable += done->uncollectable;
    noted.asked += done->asked;
    noted.stock += done->stock;
    noted.walks += done->full.walked;
    if (done->generation == CPYTHON_OLDEST && !done->stock)
        noted.full = done->full;
    if (log_is_open())
        write_line(done);
}

#endif

/* -- numbers for Python ---------------------------------------------------------------------- */

static PyObject *list_of(const uint64_t *numbers, size_t count)
{
    PyObject *list = PyList_New((Py_ssize_t)count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        PyObject *number = PyLong_FromUnsignedLongLong(numbers[i]);
        if (number == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, number);
    }
    return list;
}

/* What the last full collection of Lair's found. */
static PyObject *last_full(void)
{
    const full_counts *full = &noted.full;
    return Py_BuildValue("{s:n,s:n,s:n,s:n,s:n}", "survivors", (Py_ssize_t)full->survivors,
                         "garbage", (Py_ssize_t)full->garbage, "reached", (Py_ssize_t)full->reached,
                         "suspects", (Py_ssize_t)full->suspects, "batches",
                         (Py_ssize_t)full->batches);
}

static bool in_round(void)
{
#if CPYTHON_INTERNALS
    return round_is_active();
#else
    return false;
#endif
}

static size_t side_bytes(void)
{
#if CPYTHON_INTERNALS
    return full_bytes();
#else
    return 0;
#endif
}

PyObject *collector_stats(void)
{
    static const char *const modes[] = {"stock", "auto", "manual", "incremental"};
    /* clang-format off: a line for each pair */
    return Py_BuildValue("{s:s,s:N,s:K,s:K,s:K,s:K,s:K,s:O,s:K,s:K,s:K,s:K,s:N,s:N,s:n}", "mode",
                         modes[collector_mode()], "collections", list_of(noted.collections, 3),
                         "freed", noted.freed, "uncollectable", noted.uncollectable, "asked",
                         noted.asked, "stock", noted.stock, "walks", noted.walks, "in_round",
                         in_round() ? Py_True : Py_False, "rounds", noted.rounds, "slices",
                         noted.slices, "pause_ns", noted.pause_ns, "longest_ns", noted.longest_ns,
                         "histogram", list_of(noted.histogram, HISTOGRAM), "last_full", last_full(),
                         "side_bytes", (Py_ssize_t)side_bytes());
    /* clang-format on */
}

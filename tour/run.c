/* run.c: a stop's evidence, and the heaps and blocks that stops work with. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tour.h"

/* -- evidence ---------------------------------------------------------------------------------- */

static void give_reason(tour_run *run, tour_outcome outcome, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/* A failure outranks a difference, and the first failure outranks later ones. */
static void give_reason(tour_run *run, tour_outcome outcome, const char *format, va_list args)
{
    if (run->outcome < outcome) {
        run->outcome = outcome;
        (void)vsnprintf(run->reason, sizeof run->reason, format, args);
    }
}

void tour_show(tour_run *run, const char *format, ...)
{
    if (!tour_expect(run, run->shown_count < TOUR_LINES, "more lines than the tour can hold")) {
        return;
    }
    va_list args;
    va_start(args, format);
    (void)vsnprintf(run->shown[run->shown_count++], TOUR_LINE_BYTES, format, args);
    va_end(args);
}

void tour_show_more(tour_run *run, const char *format, ...)
{
    if (!tour_expect(run, run->shown_count > 0, "there is no line to add to")) {
        return;
    }
    char *line = run->shown[run->shown_count - 1];
    size_t used = strlen(line);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line + used, TOUR_LINE_BYTES - used, format, args);
    va_end(args);
}

bool tour_expect(tour_run *run, bool holds, const char *format, ...)
{
    if (!holds) {
        va_list args;
        va_start(args, format);
        give_reason(run, TOUR_FAILS, format, args);
        va_end(args);
    }
    return holds;
}

void tour_differs(tour_run *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    give_reason(run, TOUR_DIFFERS, format, args);
    va_end(args);
}

bool tour_keeps_dead(tour_run *run)
{
    if (LAIR_DEBUG_REFERENCES) {
        tour_differs(run, "this build of the library keeps dead objects aside for a while, to find "
                          "uses of them; in any other they make room at once");
    }
    return LAIR_DEBUG_REFERENCES;
}

void tour_missing(tour_run *run, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    give_reason(run, TOUR_MISSING, format, args);
    va_end(args);
}

/* -- heaps and blocks -------------------------------------------------------------------------- */

lair_heap *tour_heap_open(tour_run *run, const char *text)
{
    lair_options options;
    lair_options_defaults(&options);
    if (lair_options_parse(&options, LAIR_HOST_C, run->settings) != LAIR_OK ||
        lair_options_parse(&options, LAIR_HOST_C, text) != LAIR_OK) {
        (void)tour_expect(run, false, "options \"%s\": %s", text, lair_error_message());
        return NULL;
    }
    lair_heap_options heap_options;
    lair_options_to_heap(&options, &heap_options);
    lair_heap *heap = lair_heap_open(&heap_options);
    (void)tour_expect(run, heap != NULL, "a heap could not be opened: %s", lair_error_message());
    return heap;
}

void *tour_alloc(tour_run *run, lair_heap *heap, size_t size)
{
    void *block = lair_heap_alloc(heap, size);
    (void)tour_expect(run, block != NULL, "a block of %zu bytes was refused: %s", size,
                      lair_error_message());
    return block;
}

bool tour_alloc_many(tour_run *run, lair_heap *heap, void **blocks, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        blocks[i] = tour_alloc(run, heap, size);
        if (blocks[i] == NULL) {
            tour_free_many(heap, blocks, i);
            return false;
        }
        *(volatile char *)blocks[i] = 1;
    }
    return true;
}

void tour_free_many(lair_heap *heap, void **blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        lair_heap_free(heap, blocks[i]);
    }
}

lair_heap_class tour_class_for(tour_run *run, lair_heap *heap, size_t size)
{
    enum { CLASSES_MAX = 256 };
    lair_heap_class classes[CLASSES_MAX];
    lair_heap_class before[CLASSES_MAX];
    (void)lair_heap_class_stats(heap, before, CLASSES_MAX);
    void *block = tour_alloc(run, heap, size);
    size_t count = lair_heap_class_stats(heap, classes, CLASSES_MAX);
    lair_heap_class found = {0};
    (void)tour_expect(run, count <= CLASSES_MAX, "the heap has more size classes than expected");
    for (size_t i = 0; i < count && i < CLASSES_MAX; i++) {
        if (classes[i].blocks > before[i].blocks) {
            found = classes[i];
        }
    }
    lair_heap_free(heap, block);
    return found;
}

/* -- objects ----------------------------------------------------------------------------------- */

lair_object *tour_object(tour_run *run, lair_object *object)
{
    (void)tour_expect(run, object != NULL, "%s", lair_error_message());
    return object;
}

lair_type *tour_type(tour_run *run, lair_type *type)
{
    if (tour_expect(run, type != NULL, "%s", lair_error_message())) {
        lair_immortalize(lair_type_object(type));
    }
    return type;
}

bool tour_ok(tour_run *run, lair_status status)
{
    return tour_expect(run, status == LAIR_OK, "%s", lair_error_message());
}

void tour_expect_refusal(tour_run *run, lair_status status, lair_status wanted)
{
    if (tour_expect(run, status == wanted, "it was answered with %s, not %s",
                    lair_status_name(status), lair_status_name(wanted))) {
        tour_show(run, "refused: %s", lair_error_message());
    }
}

size_t tour_live(lair_heap *heap)
{
    lair_ledger ledger;
    (void)lair_heap_trim(heap);
    lair_heap_ledger(heap, &ledger);
    return ledger.live;
}

lair_object *tour_room(tour_run *run, lair_heap *heap, size_t count)
{
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    if (list == NULL || !tour_ok(run, lair_list_reserve(list, count))) {
        return NULL;
    }
    return lair_steal(&list);
}

/* -- another process --------------------------------------------------------------------------- */

bool tour_in_child(tour_run *run, tour_work *work, const void *given, void *answer, size_t bytes)
{
    int fds[2];
    if (!tour_expect(run, pipe(fds) == 0, "no pipe to a child process")) {
        return false;
    }
    pid_t child = fork();
    if (child == 0) {
        work(run, given, answer);
        _exit(write(fds[1], answer, bytes) == (ssize_t)bytes ? 0 : 1);
    }
    (void)close(fds[1]);
    ssize_t got = child > 0 ? read(fds[0], answer, bytes) : -1;
    (void)close(fds[0]);
    if (child > 0) {
        (void)waitpid(child, NULL, 0);
    }
    return tour_expect(run, got == (ssize_t)bytes, "the child process gave no answer");
}

/* -- words and time ---------------------------------------------------------------------------- */

tour_text tour_bytes(size_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
        amount /= 1024;
        unit++;
    }
    tour_text text;
    bool whole = unit == 0 || bytes % ((size_t)1 << (10 * unit)) == 0;
    (void)snprintf(text.text, sizeof text.text, whole ? "%.0f %s" : "%.1f %s", amount, units[unit]);
    return text;
}

double tour_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void tour_sleep_ms(unsigned milliseconds)
{
    struct timespec left = {.tv_sec = milliseconds / 1000,
                            .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0) {
        /* a signal came; sleep the rest */
    }
}

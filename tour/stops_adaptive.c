/* stops_adaptive.c: memory that comes and goes with the need: limits that ask first, pages that go
 * back to the system, a process that leaves nothing behind. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stops.h"

/* -- a soft limit ------------------------------------------------------------------------------ */

enum { CACHE_ENTRIES = 4096, ENTRY_BYTES = 16 << 10 };

/* A cache that can be recomputed: it fills the heap and gives way when asked. */
typedef struct cache {
    void *entries[CACHE_ENTRIES];
    size_t count;
    size_t asked;    /* times it was asked to give way */
    size_t released; /* bytes the system got back then */
} cache;

static bool give_way(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    cache *kept = arg;
    if (event->kind != LAIR_HEAP_SOFT_LIMIT) {
        return false;
    }
    size_t half = kept->count / 2;
    tour_free_many(heap, kept->entries + half, kept->count - half);
    kept->count = half;
    kept->asked++;
    kept->released += lair_heap_trim(heap);
    return true;
}

void stop_soft_limit(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "maxheapsize=16M");
    cache *kept = calloc(1, sizeof *kept);
    if (!tour_expect(run, kept != NULL, "no memory for the cache") || heap == NULL) {
        goto done;
    }
    lair_heap_set_listener(heap, give_way, kept);
    for (size_t i = 0; i < CACHE_ENTRIES; i++) {
        void *entry = tour_alloc(run, heap, ENTRY_BYTES);
        if (entry == NULL) {
            goto done;
        }
        *(volatile char *)entry = 1;
        kept->entries[kept->count++] = entry;
    }
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    tour_show(run, "hard limit %s, soft limit %s; %s were asked for in all",
              tour_bytes(stats.limit).text, tour_bytes(stats.soft_limit).text,
              tour_bytes((size_t)CACHE_ENTRIES * ENTRY_BYTES).text);
    tour_show(run,
              "the cache was asked to give way %zu times, %s went back to the system, "
              "%llu requests were refused",
              kept->asked, tour_bytes(kept->released).text, (unsigned long long)stats.refused);
    (void)tour_expect(run, kept->asked > 0 && stats.soft_events == kept->asked,
                      "the soft limit was not told");
    (void)tour_expect(run, stats.refused == 0, "requests were refused all the same");
    (void)tour_expect(run, stats.peak_footprint <= stats.limit, "the hard limit was passed");
done:
    lair_heap_close(heap);
    free(kept);
}

/* -- memory that goes back --------------------------------------------------------------------- */

enum { BURST_BLOCKS = 100000, BURST_BYTES = 256 };

/* Allocates and frees a burst; what is resident of the heap afterwards, or 0 after a failure. */
static size_t burst(tour_run *run, lair_heap *heap, void **blocks, size_t *during)
{
    lair_residency residency = {0};
    if (!tour_alloc_many(run, heap, blocks, BURST_BLOCKS, BURST_BYTES)) {
        return 0;
    }
    (void)lair_heap_residency(heap, &residency);
    *during = residency.resident;
    tour_free_many(heap, blocks, BURST_BLOCKS);
    lair_status status = lair_heap_residency(heap, &residency);
    (void)tour_expect(run, status == LAIR_OK, "%s", lair_error_message());
    return residency.resident;
}

static size_t resident(lair_heap *heap)
{
    lair_residency residency = {0};
    (void)lair_heap_residency(heap, &residency);
    return residency.resident;
}

/* The heap's helper thread is to return the memory while this thread only waits. */
static void show_idle_purge(tour_run *run, void **blocks)
{
    enum { STEP_MS = 20, WAIT_MS = 5000 };
    lair_heap *heap = tour_heap_open(run, "decay=50ms");
    size_t during = 0;
    if (heap != NULL && burst(run, heap, blocks, &during) > 0) {
        unsigned waited = 0;
        while (resident(heap) > during / 4 && waited < WAIT_MS) {
            tour_sleep_ms(STEP_MS);
            waited += STEP_MS;
        }
        tour_show(run, "decay=50ms: %s resident, all freed; %u ms of idling later %s",
                  tour_bytes(during).text, waited, tour_bytes(resident(heap)).text);
        (void)tour_expect(run, resident(heap) <= during / 4, "an idle heap kept its memory");
    }
    lair_heap_close(heap);
}

static void show_trim(tour_run *run, void **blocks)
{
    lair_heap *heap = tour_heap_open(run, "decay=never");
    size_t during = 0;
    size_t after = heap != NULL ? burst(run, heap, blocks, &during) : 0;
    if (after > 0) {
        size_t returned = lair_heap_trim(heap);
        tour_show(run, "decay=never: %s resident, all freed: still %s; lair_heap_trim returned %s",
                  tour_bytes(during).text, tour_bytes(after).text, tour_bytes(returned).text);
        (void)tour_expect(run, after >= during / 2, "memory went back although it was to stay");
        (void)tour_expect(run, returned >= during / 2 && resident(heap) <= during / 4,
                          "a trim left memory behind");
    }
    lair_heap_close(heap);
}

void stop_memory_goes_back(tour_run *run)
{
    void **blocks = calloc(BURST_BLOCKS, sizeof *blocks);
    if (tour_expect(run, blocks != NULL, "no memory for the pointers")) {
        show_idle_purge(run, blocks);
        show_trim(run, blocks);
    }
    free(blocks);
}

/* -- a process that crashes -------------------------------------------------------------------- */

/* In a child: fills a heap, says so, and waits to be killed. */
static void hold_memory(tour_run *run, int fd)
{
    enum { COUNT = 64, BYTES = 1 << 20 };
    lair_heap *heap = tour_heap_open(run, "");
    for (size_t i = 0; heap != NULL && i < COUNT; i++) {
        void *block = tour_alloc(run, heap, BYTES);
        if (block == NULL) {
            _exit(1);
        }
        memset(block, 1, BYTES);
    }
    if (heap == NULL || write(fd, "", 1) != 1) {
        _exit(1);
    }
    for (;;) {
        pause();
    }
}

/* Bytes resident of a process, or 0 when the system knows no such process. */
static size_t resident_of(pid_t process)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)process);
    FILE *file = fopen(path, "re");
    char line[128] = "";
    if (file == NULL) {
        return 0;
    }
    char *read = fgets(line, sizeof line, file);
    (void)fclose(file);
    if (read == NULL) {
        return 0;
    }
    char *second;
    (void)strtoul(line, &second, 10);
    return strtoul(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

void stop_crash_returns_memory(tour_run *run)
{
    int fds[2];
    if (!tour_expect(run, pipe(fds) == 0, "no pipe to a child process")) {
        return;
    }
    pid_t child = fork();
    if (child == 0) {
        hold_memory(run, fds[1]);
    }
    (void)close(fds[1]);
    char ready;
    bool filled = child > 0 && read(fds[0], &ready, 1) == 1;
    (void)close(fds[0]);
    size_t before = filled ? resident_of(child) : 0;
    if (child > 0) {
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
    }
    if (tour_expect(run, filled, "the child process could not fill its heap")) {
        size_t after = resident_of(child);
        tour_show(run, "a process with %s resident was killed: now the system counts %s for it",
                  tour_bytes(before).text, tour_bytes(after).text);
        (void)tour_expect(run, before >= 64 << 20 && after == 0, "memory outlived its process");
        tour_differs(run, "the system takes all memory of a process back, however it ends; only "
                          "within a living process can pools hold on to objects");
    }
}

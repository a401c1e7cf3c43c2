/* stops_options.c: the parameters of document 0, each as it is written there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stops.h"

/* Shows what the library answers to an option it must refuse; "" when it does not refuse it. */
static const char *expect_refusal(tour_run *run, const char *text)
{
    lair_options options;
    lair_options_defaults(&options);
    lair_status answer = lair_options_parse(&options, LAIR_HOST_C, text);
    if (!tour_expect(run, answer == LAIR_ERR_INVALID, "%s was answered with %s", text,
                     lair_status_name(answer))) {
        return "";
    }
    tour_show(run, "%s: %s", text, lair_error_message());
    return lair_error_message();
}

/* An option that waits for a part of Lair which is not there. Once it is accepted this stop fails,
 * so that it will be replaced by one that shows the effect. */
static void expect_not_yet(tour_run *run, const char *text)
{
    static const char mark[] = "not yet: ";
    const char *reason = strstr(expect_refusal(run, text), mark);
    if (tour_expect(run, reason != NULL, "%s is not said to come later", text)) {
        tour_missing(run, "%s", reason + sizeof mark - 1);
    }
}

void stop_option_syntax(tour_run *run)
{
    lair_options options;
    lair_options_defaults(&options);
    lair_status status = lair_options_parse(&options, LAIR_HOST_C, "maxheapsize=64M,pagesize=8K");
    if (tour_expect(run, status == LAIR_OK, "%s", lair_error_message())) {
        tour_show(run, "\"maxheapsize=64M,pagesize=8K\" means %llu and %llu bytes",
                  (unsigned long long)options.maxheapsize, (unsigned long long)options.pagesize);
    }
    (void)tour_expect(run, options.maxheapsize == 64 << 20 && options.pagesize == 8 << 10,
                      "the sizes were misread");

    char *before = getenv("LAIR_OPTIONS");
    char *kept = before != NULL ? strdup(before) : NULL;
    (void)setenv("LAIR_OPTIONS", "maxheapsize=1G", 1);
    status = lair_options_from_environment(&options, LAIR_HOST_C);
    (void)tour_expect(run, status == LAIR_OK && options.maxheapsize == 1 << 30,
                      "LAIR_OPTIONS in the environment was not followed");
    tour_show(run, "LAIR_OPTIONS=maxheapsize=1G in the environment means %s",
              tour_bytes((size_t)options.maxheapsize).text);
    (void)(kept != NULL ? setenv("LAIR_OPTIONS", kept, 1) : unsetenv("LAIR_OPTIONS"));
    free(kept);

    (void)expect_refusal(run, "heapsize=1G");
    (void)expect_refusal(run, "maxheapsize=lots");
}

/* The line that a heap with a list of three strings ends with. In a process of its own, whose
 * standard error is a file. */
static void close_a_heap(tour_run *run, const void *given, void *answer)
{
    (void)given;
    FILE *file = tmpfile();
    int kept = dup(STDERR_FILENO);
    if (file == NULL || kept < 0 || dup2(fileno(file), STDERR_FILENO) < 0) {
        return;
    }
    {
        LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "showrefcount=on");
        lair_object *left =
            tour_object(run, LAIR_LIST(heap, lair_str_new(heap, "one"), lair_str_new(heap, "two"),
                                       lair_str_new(heap, "three")));
        (void)lair_incref(left);
    }
    (void)dup2(kept, STDERR_FILENO);
    rewind(file);
    if (fgets(answer, TOUR_LINE_BYTES, file) != NULL) {
        ((char *)answer)[strcspn(answer, "\n")] = '\0';
    }
    (void)fclose(file);
}

void stop_option_showrefcount(tour_run *run)
{
    char line[TOUR_LINE_BYTES] = "";
    if (!tour_in_child(run, close_a_heap, NULL, line, sizeof line)) {
        return;
    }
    tour_show(run, "a heap closes in which a list with three strings was left, held twice: %s",
              line);
    unsigned references = 0, blocks = 0;
    int read = sscanf(line, "[%u refs, %u blocks]", &references, &blocks);
    (void)tour_expect(run, read == 2 && references == 5 && blocks > 4, "the sum is another");
}

void stop_option_trackrefs(tour_run *run)
{
    expect_not_yet(run, "trackrefs=on");
}

/* Dead floats that wait for reuse after 200 died and everything was collected. */
static size_t kept_floats(tour_run *run, const char *options)
{
    enum { FLOATS = 200 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, options);
    LAIR_SCOPED lair_object *one = tour_object(run, lair_float_new(heap, 0.5));
    LAIR_SCOPED lair_object *all = tour_object(run, lair_list_new(heap));
    for (int i = 0; i < FLOATS; i++) {
        if (!tour_ok(run, lair_list_append_new(all, lair_float_new(heap, i)))) {
            return 0;
        }
    }
    (void)tour_ok(run, lair_list_clear(all));
    (void)tour_ok(run, lair_gc_collect(heap, 2, NULL));
    lair_type_stats stats = {0};
    if (one != NULL) {
        lair_type_get_stats(lair_type_of(one), &stats);
    }
    return stats.free_list;
}

void stop_option_objects(tour_run *run)
{
    size_t none = kept_floats(run, ""), some = kept_floats(run, "objects=100");
    tour_show(run,
              "200 floats died; after a collection of everything %zu are kept for reuse, with "
              "objects=100 %zu",
              none, some);
    size_t kept = tour_keeps_dead(run) ? 0 : 100;
    (void)tour_expect(run, none == 0 && some == kept, "another number was kept");
}

/* Old garbage, collected a slice at a time while the program makes other things. */
static void incremental_round(tour_run *run)
{
    enum { OLD = 50000 };
    lair_heap *heap = tour_heap_open(run, "gctype=incremental");
    LAIR_SCOPED lair_object *all = heap != NULL ? tour_object(run, lair_list_new(heap)) : NULL;
    for (int i = 0; all != NULL && i < OLD; i++) {
        LAIR_SCOPED lair_object *cycle = tour_object(run, lair_list_new(heap));
        (void)tour_ok(run, lair_list_append(cycle, cycle));
        (void)tour_ok(run, lair_list_append(all, cycle));
    }
    lair_gc_stats before[LAIR_GC_GENERATIONS], after[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, before);
    lair_clear_ref(&all);
    while (lair_gc_step(heap, 500000)) {
        continue;
    }
    lair_gc_get_stats(heap, after);
    tour_show(run,
              "in slices of half a millisecond, asked for with lair_gc_step: %llu old cycles freed",
              (unsigned long long)(after[2].collected - before[2].collected));
    (void)tour_expect(run, after[2].collected > before[2].collected, "none was freed");
    lair_heap_close(heap);
}

void stop_option_gctype(tour_run *run)
{
    enum { DROPPED = 20000 };
    static const char *const texts[] = {"gctype=auto", "gctype=incremental", "gctype=manual"};
    for (int i = 0; i < 3; i++) {
        lair_heap *heap = tour_heap_open(run, texts[i]);
        if (heap == NULL) {
            return;
        }
        for (int j = 0; j < DROPPED; j++) {
            LAIR_SCOPED lair_object *cycle = tour_object(run, lair_list_new(heap));
            (void)tour_ok(run, lair_list_append(cycle, cycle));
        }
        lair_gc_stats stats[LAIR_GC_GENERATIONS];
        lair_gc_get_stats(heap, stats);
        size_t left = 0;
        (void)tour_ok(run, lair_gc_collect(heap, 2, &left));
        bool starts = stats[0].collections != 0;
        tour_show(run,
                  "%s: %llu automatic collections while %d cycles were dropped; lair_gc_collect "
                  "found %zu more",
                  texts[i], (unsigned long long)stats[0].collections, DROPPED, left);
        (void)tour_expect(run, starts == (lair_gc_get_mode(heap) != LAIR_GC_MANUAL),
                          "the mode is another");
        (void)tour_expect(run, starts ? left < DROPPED / 10 : left == DROPPED, "%zu were left",
                          left);
        lair_heap_close(heap);
    }
    incremental_round(run);
}

void stop_option_maxheapsize(tour_run *run)
{
    enum { BLOCK_BYTES = 64 << 10, LIMIT_BYTES = 8 << 20, BLOCKS_MAX = LIMIT_BYTES / BLOCK_BYTES };
    lair_heap *heap = tour_heap_open(run, "maxheapsize=8M");
    if (heap == NULL) {
        return;
    }
    void *blocks[BLOCKS_MAX + 1];
    size_t count = 0;
    while (count <= BLOCKS_MAX && (blocks[count] = lair_heap_alloc(heap, BLOCK_BYTES)) != NULL) {
        count++;
    }
    if (tour_expect(run, count > 0 && count <= BLOCKS_MAX, "%zu blocks fitted under the limit",
                    count)) {
        tour_show(run, "block %zu of 64 KiB was refused at a footprint of %s: %s", count + 1,
                  tour_bytes(lair_heap_footprint(heap)).text, lair_error_message());
        (void)tour_expect(run, lair_error_status() == LAIR_ERR_LIMIT, "it was refused with %s",
                          lair_status_name(lair_error_status()));
        (void)tour_expect(run, lair_heap_footprint(heap) <= LIMIT_BYTES, "the limit was passed");
        lair_heap_free(heap, blocks[--count]);
        void *block = tour_alloc(run, heap, BLOCK_BYTES);
        tour_show(run, "after one block was freed, the next request %s",
                  block != NULL ? "succeeded" : "was refused");
    }
    lair_heap_close(heap);
}

void stop_option_pagesize(tour_run *run)
{
    static const struct {
        const char *option;
        size_t bytes;
    } sizes[] = {{"pagesize=4K", 4 << 10}, {"pagesize=16K", 16 << 10}, {"pagesize=64K", 64 << 10}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        lair_heap *heap = tour_heap_open(run, sizes[i].option);
        if (heap == NULL) {
            return;
        }
        lair_heap_class found = tour_class_for(run, heap, 64);
        tour_show(run, "%s: blocks of 64 bytes come from pools of %s that hold %zu each",
                  sizes[i].option, tour_bytes(found.pool_bytes).text,
                  found.pools > 0 ? found.capacity / found.pools : 0);
        (void)tour_expect(run, found.pool_bytes == sizes[i].bytes, "%s gave pools of %zu bytes",
                          sizes[i].option, found.pool_bytes);
        lair_heap_close(heap);
    }
    (void)expect_refusal(run, "pagesize=5000");
}

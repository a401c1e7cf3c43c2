/* A cache in front of something slow: a bounded one that drops what was not used for longest, and
 * one whose entries live for a time.
 *
 *     cc memoize.c $(pkg-config --cflags --libs lair) -o memoize && ./memoize
 *
 * What it shows: lair_cache_get with a function that makes what is missing, statistics, and that
 * entries that have expired are dropped, not merely hidden. The slow thing counts the steps of a
 * number to 1 (the Collatz sequence); the clock of the second cache is the program's own, so that
 * its output is the same each time. It prints
 *
 *     least recently used, room for 3
 *       27 takes 111 steps
 *       97 takes 118 steps
 *       27 takes 111 steps
 *       871 takes 178 steps
 *       6171 takes 261 steps
 *       97 takes 118 steps
 *       27 takes 111 steps
 *       asked 7 times, worked out 6 times, 1 hit, 3 evicted, 3 of 3 kept
 *     for 100 ms each
 *       0 ms: 27 takes 111 steps
 *       60 ms: 97 takes 118 steps
 *       90 ms: 27 takes 111 steps
 *       120 ms: 27 takes 111 steps
 *       2 entries
 *       170 ms: 1 entry
 *       300 ms: 0 entries
 *       worked out 3 times, 1 hit, 3 expired
 */
#include <inttypes.h>
#include <stdio.h>

#include <lair/lair.h>

/* -- what is slow ------------------------------------------------------------------------------ */

/* The value of a key that the cache does not have: a new reference. arg counts the calls. */
static lair_object *count_steps(lair_object *key, void *arg)
{
    unsigned *calls = arg;
    int64_t number, steps = 0;
    ++*calls;
    if (lair_int_get(key, &number) != LAIR_OK)
        return NULL;
    for (; number > 1; steps++)
        number = number % 2 == 0 ? number / 2 : 3 * number + 1;
    return lair_int_new(lair_heap_of(key), steps);
}

static bool ask(lair_object *cache, int64_t number, unsigned *calls)
{
    LAIR_SCOPED lair_object *key = lair_int_new(lair_heap_of(cache), number);
    LAIR_SCOPED lair_object *steps = lair_cache_get(cache, key, count_steps, calls);
    if (steps == NULL)
        return false;
    printf("%" PRId64 " takes %" PRId64 " steps\n", number, lair_int_value(steps));
    return true;
}

/* -- least recently used ---------------------------------------------------------------------- */

static bool show_lru(lair_heap *heap)
{
    static const int64_t numbers[] = {27, 97, 27, 871, 6171, 97, 27};
    enum { ASKED = sizeof numbers / sizeof *numbers };
    LAIR_SCOPED lair_object *cache = lair_lru_cache_new(heap, 3);
    unsigned calls = 0;
    if (cache == NULL)
        return false;
    printf("least recently used, room for 3\n");
    for (size_t i = 0; i < ASKED; i++) {
        printf("  ");
        if (!ask(cache, numbers[i], &calls))
            return false;
    }
    lair_cache_stats stats;
    if (lair_cache_get_stats(cache, &stats) != LAIR_OK)
        return false;
    printf("  asked %d times, worked out %u times, %" PRIu64 " hit, %" PRIu64
           " evicted, %zu of %zu kept\n",
           (int)ASKED, calls, stats.hits, stats.evicted, stats.length, stats.capacity);
    return true;
}

/* -- for a time ------------------------------------------------------------------------------ */

static uint64_t own_clock(void *arg)
{
    return *(const uint64_t *)arg;
}

static void print_length(lair_object *cache)
{
    size_t length = lair_length(cache);
    printf("%zu %s\n", length, length == 1 ? "entry" : "entries");
}

static bool show_ttl(lair_heap *heap)
{
    static const struct {
        uint64_t time;
        int64_t number;
    } asked[] = {{0, 27}, {60, 97}, {90, 27}, {120, 27}};
    uint64_t now = 0;
    unsigned calls = 0;
    LAIR_SCOPED lair_object *cache = lair_ttl_cache_new(heap, 0, 100, own_clock, &now);
    if (cache == NULL)
        return false;
    printf("for 100 ms each\n");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        now = asked[i].time;
        printf("  %" PRIu64 " ms: ", now);
        if (!ask(cache, asked[i].number, &calls))
            return false;
    }
    printf("  ");
    print_length(cache);
    for (now = 170; now <= 300; now += 130) {
        printf("  %" PRIu64 " ms: ", now);
        print_length(cache);
    }
    lair_cache_stats stats;
    if (lair_cache_get_stats(cache, &stats) != LAIR_OK)
        return false;
    printf("  worked out %u times, %" PRIu64 " hit, %" PRIu64 " expired\n", calls, stats.hits,
           stats.expired);
    return true;
}

int main(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    if (!show_lru(heap) || !show_ttl(heap)) {
        fprintf(stderr, "memoize: %s\n", lair_error_message());
        return 1;
    }
    return 0;
}

/* stops_patterns.c: patterns and cases: measuring, pools and caches, streaming, batches. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stops.h"

/* -- measuring --------------------------------------------------------------------------------- */

void stop_total_size(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *samples =
        tour_object(run, lair_build(heap, "(l, d, s, [], {})", INT64_C(1000), 0.0, "hello"));
    LAIR_SCOPED lair_object *data = tour_object(
        run, lair_build(heap, "{s:[i, i, i], s:{s:i, s:i}}", "a", 1, 2, 3, "b", "c", 4, "d", 5));
    LAIR_SCOPED lair_object *twice = tour_object(run, lair_build(heap, "[O, O]", data, data));
    if (samples == NULL || data == NULL || twice == NULL) {
        return;
    }
    tour_show(run, "lair_sizeof gives");
    LAIR_EACH(at, samples)
    {
        LAIR_SCOPED lair_object *text = tour_object(run, lair_repr(at.item));
        if (text != NULL) {
            tour_show_more(run, "%s %zu for %s", at.position > 1 ? "," : "", lair_sizeof(at.item),
                           lair_str_text(text));
            (void)tour_expect(run, lair_sizeof(at.item) > 0, "an object of no size");
        }
    }
    size_t total = lair_total_size(data);
    tour_show(run,
              "a dict with a list and a dict in it: %zu itself, %zu in all; twice in a list: "
              "%zu",
              lair_sizeof(data), total, lair_total_size(twice));
    (void)tour_expect(run, total > lair_sizeof(data), "the total is no larger");
    (void)tour_expect(run, lair_total_size(twice) == total + lair_sizeof(twice),
                      "shared parts were counted twice");
    if (tour_ok(run, lair_list_append(twice, twice))) {
        size_t circular = lair_total_size(twice);
        tour_show(run, "with that list in itself as well: %zu", circular);
        (void)tour_expect(run, circular == total + lair_sizeof(twice), "it was counted otherwise");
        (void)tour_ok(run, lair_list_clear(twice));
    }
}

/* -- pools and caches -------------------------------------------------------------------------- */

static lair_object *make_dict(lair_heap *heap, void *arg)
{
    (void)arg;
    return lair_dict_new(heap);
}

static bool reset_dict(lair_object *dict, void *count)
{
    ++*(size_t *)count;
    return lair_dict_clear(dict) == LAIR_OK;
}

/* Takes an object, which must be empty, and uses it: a new reference, or NULL. */
static lair_object *use_one(tour_run *run, lair_object *pool, lair_object *item)
{
    LAIR_SCOPED lair_object *dict = tour_object(run, lair_object_pool_take(pool));
    (void)tour_expect(run, dict == NULL || lair_dict_length(dict) == 0, "it was not reset");
    return tour_ok(run, lair_dict_set_str(dict, "data", item)) ? lair_steal(&dict) : NULL;
}

void stop_object_pool(tour_run *run)
{
    enum { IN_TURN = 1000, AT_ONCE = 30, BOUND = 10 };
    size_t resets = 0;
    lair_pool_spec spec = {.make = make_dict, .reset = reset_dict, .arg = &resets, .bound = BOUND};
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *pool = tour_object(run, lair_object_pool_new(heap, &spec));
    LAIR_SCOPED lair_object *item = tour_object(run, lair_str_new(heap, "item"));
    if (pool == NULL || item == NULL) {
        return;
    }
    for (size_t i = 0; i < IN_TURN; i++) {
        lair_object *dict = use_one(run, pool, item);
        if (dict == NULL || !tour_ok(run, lair_object_pool_give(pool, dict))) {
            return;
        }
    }
    lair_object *held[AT_ONCE];
    size_t count = 0;
    while (count < AT_ONCE && (held[count] = use_one(run, pool, item)) != NULL) {
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        (void)tour_ok(run, lair_object_pool_give(pool, held[i]));
    }
    lair_pool_stats stats;
    if (!tour_ok(run, lair_object_pool_get_stats(pool, &stats))) {
        return;
    }
    tour_show(run, "%d uses one after another and %d at once made %llu objects and used %llu again",
              IN_TURN, AT_ONCE, (unsigned long long)stats.made, (unsigned long long)stats.reused);
    tour_show(run, "%zu resets; %zu are kept, %llu were one too many", resets, stats.idle,
              (unsigned long long)stats.dropped);
    (void)tour_expect(run, stats.made == AT_ONCE && stats.reused == IN_TURN,
                      "objects were not used again");
    (void)tour_expect(run,
                      stats.idle == BOUND && stats.dropped == AT_ONCE - BOUND && stats.in_use == 0,
                      "the bound was not kept");
    (void)tour_expect(run, resets >= IN_TURN, "objects were not reset");
}

static lair_object *slow_square(lair_object *key, void *count)
{
    ++*(size_t *)count;
    return lair_multiply(key, key);
}

/* Asks for the square of value; false after a failure. */
static bool ask(tour_run *run, lair_object *cache, int64_t value, size_t *computed)
{
    LAIR_SCOPED lair_object *key = tour_object(run, lair_int_new(lair_heap_of(cache), value));
    LAIR_SCOPED lair_object *square =
        tour_object(run, lair_cache_get(cache, key, slow_square, computed));
    return square != NULL &&
           tour_expect(run, lair_int_value(square) == value * value, "a wrong answer");
}

void stop_lru_cache(tour_run *run)
{
    enum { CAPACITY = 128, KEYS = 130 };
    size_t computed = 0;
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *cache = tour_object(run, lair_lru_cache_new(heap, CAPACITY));
    if (cache == NULL || !ask(run, cache, 10, &computed) || !ask(run, cache, 10, &computed)) {
        return;
    }
    tour_show(run, "asked twice for the square of 10, computed it %zu time", computed);
    (void)tour_expect(run, computed == 1, "the second call computed again");
    for (int64_t key = 0; key < KEYS; key++) {
        if (!ask(run, cache, key, &computed)) {
            return;
        }
    }
    lair_cache_stats stats;
    if (!tour_ok(run, lair_cache_get_stats(cache, &stats))) {
        return;
    }
    tour_show(run, "after %d keys more: %llu hits, %llu misses, %llu evicted, %zu of %zu kept",
              KEYS, (unsigned long long)stats.hits, (unsigned long long)stats.misses,
              (unsigned long long)stats.evicted, stats.length, stats.capacity);
    (void)tour_expect(run, stats.hits == 2 && stats.misses == KEYS && computed == KEYS,
                      "the statistics are others");
    (void)tour_expect(run, stats.length == CAPACITY && stats.evicted == KEYS - CAPACITY,
                      "the cache passed its size");
    if (tour_ok(run, lair_cache_clear(cache))) {
        tour_show(run, "cleared: %zu kept", lair_length(cache));
        (void)tour_expect(run, lair_length(cache) == 0, "the cache was not cleared");
    }
}

static uint64_t told_time(void *milliseconds)
{
    return *(const uint64_t *)milliseconds;
}

/* Makes a list, so that a weak reference can watch it. */
static lair_object *look_outside(lair_object *city, void *count)
{
    ++*(size_t *)count;
    return LAIR_LIST(lair_heap_of(city), lair_incref(city),
                     lair_str_new(lair_heap_of(city), "clear"));
}

void stop_timed_cache(tour_run *run)
{
    static const uint64_t moments[] = {0, 9000, 11000};
    enum { MOMENTS = sizeof moments / sizeof moments[0], TTL = 10000 };
    uint64_t now = 0;
    size_t computed = 0;
    size_t counts[MOMENTS] = {0};
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *cache =
        tour_object(run, lair_ttl_cache_new(heap, 0, TTL, told_time, &now));
    LAIR_SCOPED lair_object *city = tour_object(run, lair_str_new(heap, "Beijing"));
    LAIR_SCOPED lair_object *watch = NULL;
    for (size_t i = 0; city != NULL && i < MOMENTS; i++) {
        now = moments[i];
        LAIR_SCOPED lair_object *weather =
            tour_object(run, lair_cache_get(cache, city, look_outside, &computed));
        if (weather == NULL) {
            return;
        }
        counts[i] = computed;
        if (i == 0) {
            watch = tour_object(run, lair_weakref_new(weather, NULL, NULL));
        }
    }
    if (watch == NULL) {
        return;
    }
    bool gone = !lair_weakref_is_alive(watch);
    tour_show(run,
              "computed by second 0, 9, 11 of a ten-second cache: %zu, %zu, %zu; the first "
              "answer is then %s",
              counts[0], counts[1], counts[2], gone ? "gone from memory" : "still in memory");
    (void)tour_expect(run, counts[0] == 1 && counts[1] == 1 && counts[2] == 2,
                      "results were kept too long or too short");
    (void)tour_expect(run, gone, "an expired result was hidden, not freed");
    now += 2 * TTL;
    tour_show(run, "ten seconds after the last: %zu entries", lair_length(cache));
    (void)tour_expect(run, lair_length(cache) == 0, "an expired entry stayed");
}

/* -- a large file ------------------------------------------------------------------------------ */

enum { LINES = 50000, LINE_BYTES = 64 };

/* A line in capitals: a new str. */
static lair_object *capitals(lair_heap *heap, const char *line)
{
    char text[LINE_BYTES];
    size_t length = 0;
    for (; line[length] != '\0' && line[length] != '\n'; length++) {
        text[length] = (char)toupper((unsigned char)line[length]);
    }
    return lair_str_new_n(heap, text, length);
}

typedef struct reader {
    FILE *file; /* not the reader's own */
    lair_object *(*make)(lair_heap *heap, const char *line);
} reader;

static lair_object *read_line(lair_heap *heap, void *state, lair_status *status)
{
    const reader *at = state;
    char line[LINE_BYTES];
    if (fgets(line, sizeof line, at->file) == NULL) {
        return NULL;
    }
    lair_object *made = at->make(heap, line);
    *status = made != NULL ? LAIR_OK : lair_error_status();
    return made;
}

static const lair_generator_spec lines_spec = {
    .name = "lines", .state_bytes = sizeof(reader), .next = read_line};

/* What make makes of each line of file, one after another: a generator, or NULL. */
static lair_object *lines_of(tour_run *run, lair_heap *heap, FILE *file,
                             lair_object *(*make)(lair_heap *, const char *))
{
    reader start = {.file = file, .make = make};
    rewind(file);
    return tour_object(run, lair_generator_new(heap, &lines_spec, &start));
}

/* Each line of lines in capitals, as a list: its length. */
static size_t capitalise(tour_run *run, lair_heap *heap, lair_object *lines)
{
    LAIR_SCOPED lair_object *results = tour_object(run, lair_list_new(heap));
    LAIR_EACH(at, lines)
    {
        if (!tour_ok(run, lair_list_append_new(results, capitals(heap, lair_str_text(at.item))))) {
            return 0;
        }
    }
    return results != NULL ? lair_list_length(results) : 0;
}

/* Three ways to put a file into capitals: each returns the lines it has seen. */
static size_t all_at_once(tour_run *run, lair_heap *heap, FILE *file)
{
    LAIR_SCOPED lair_object *lines = lines_of(run, heap, file, lair_str_new);
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_from(lines));
    return capitalise(run, heap, list);
}

static size_t line_by_line(tour_run *run, lair_heap *heap, FILE *file)
{
    LAIR_SCOPED lair_object *lines = lines_of(run, heap, file, lair_str_new);
    return capitalise(run, heap, lines);
}

static size_t streaming(tour_run *run, lair_heap *heap, FILE *file)
{
    LAIR_SCOPED lair_object *lines = lines_of(run, heap, file, capitals);
    size_t seen = 0;
    LAIR_EACH(at, lines)
    {
        seen++;
    }
    return seen;
}

/* Bytes by which a heap of its own grew while work ran. */
static size_t peak_of(tour_run *run, size_t (*work)(tour_run *, lair_heap *, FILE *), FILE *file)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    if (tour_object(run, lair_none(heap)) == NULL) {
        return 0;
    }
    size_t before = lair_heap_footprint(heap);
    size_t lines = work(run, heap, file);
    (void)tour_expect(run, lines == LINES, "%zu lines were read", lines);
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    return stats.peak_footprint - before;
}

void stop_file_streaming(tour_run *run)
{
    FILE *file = tmpfile();
    if (!tour_expect(run, file != NULL, "no temporary file")) {
        return;
    }
    for (int i = 0; i < LINES; i++) {
        (void)fprintf(file, "line number %d\n", i);
    }
    size_t at_once = peak_of(run, all_at_once, file);
    size_t by_line = peak_of(run, line_by_line, file);
    size_t streamed = peak_of(run, streaming, file);
    (void)fclose(file);
    tour_show(run,
              "%d lines, most memory of the heap at a time: all at once %s, line by line %s, a "
              "generator %s",
              LINES, tour_bytes(at_once).text, tour_bytes(by_line).text, tour_bytes(streamed).text);
    size_t times = tour_keeps_dead(run) ? 1 : 10;
    (void)tour_expect(run, at_once > by_line && by_line > times * streamed,
                      "the ways need memory otherwise");
}

/* -- many customers ---------------------------------------------------------------------------- */

enum { FIELDS = 3 };
static const char *const customer_fields[FIELDS] = {"name", "email", "address"};

typedef lair_object *customer_maker(lair_heap *heap, lair_type *type, size_t number);

static lair_object *instance_customer(lair_heap *heap, lair_type *type, size_t number)
{
    LAIR_SCOPED lair_object *customer = lair_instance_new(type);
    for (size_t i = 0; i < FIELDS; i++) {
        lair_object *text = lair_str_format(heap, "%s %zu", customer_fields[i], number);
        if (lair_attribute_set_new(customer, customer_fields[i], text) != LAIR_OK) {
            return NULL;
        }
    }
    return lair_steal(&customer);
}

static lair_object *record_customer(lair_heap *heap, lair_type *type, size_t number)
{
    lair_object *values[FIELDS];
    for (size_t i = 0; i < FIELDS; i++) {
        values[i] = lair_str_format(heap, "%s %zu", customer_fields[i], number);
    }
    return lair_record_steal(type, values);
}

static lair_object *one_string_customer(lair_heap *heap, lair_type *type, size_t number)
{
    lair_object *data = lair_str_format(heap, "%s %zu|%s %zu|%s %zu", customer_fields[0], number,
                                        customer_fields[1], number, customer_fields[2], number);
    return lair_record_steal(type, &data);
}

/* Bytes that each of many customers takes, strings included. *last is one of them, a new
 * reference. */
static double customer_cost(tour_run *run, lair_heap *heap, lair_type *type, customer_maker *make,
                            lair_object **last)
{
    enum { COUNT = 10000 };
    LAIR_SCOPED lair_object *kept = tour_room(run, heap, COUNT);
    if (type == NULL || kept == NULL) {
        return 0;
    }
    size_t before = tour_live(heap);
    for (size_t i = 0; i < COUNT; i++) {
        if (!tour_ok(run, lair_list_append_new(kept, make(heap, type, i)))) {
            return 0;
        }
    }
    size_t bytes = tour_live(heap) - before;
    lair_set_ref(last, lair_list_get(kept, COUNT - 1));
    return (double)bytes / COUNT;
}

/* The email of a customer of one string: a new reference. */
static lair_object *email_of(tour_run *run, lair_heap *heap, lair_object *customer)
{
    LAIR_SCOPED lair_object *bar = tour_object(run, lair_str_new(heap, "|"));
    LAIR_SCOPED lair_object *parts =
        tour_object(run, lair_str_split(lair_attribute_get(customer, "data"), bar));
    return lair_incref(tour_object(run, lair_list_get(parts, 1)));
}

void stop_packed_records(tour_run *run)
{
    static const char *const data[] = {"data"};
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *last = NULL;
    lair_type *open = tour_type(run, lair_instance_type(heap, "customer"));
    lair_type *slots =
        tour_type(run, lair_record_type(heap, "customer", customer_fields, FIELDS, 0));
    lair_type *joined = tour_type(run, lair_record_type(heap, "customer", data, 1, 0));
    double instance = customer_cost(run, heap, open, instance_customer, &last);
    double record = customer_cost(run, heap, slots, record_customer, &last);
    double packed = customer_cost(run, heap, joined, one_string_customer, &last);
    LAIR_SCOPED lair_object *email = email_of(run, heap, last);
    LAIR_SCOPED lair_object *orders = tour_object(run, lair_list_new(heap));
    if (email == NULL || orders == NULL) {
        return;
    }
    tour_show(run,
              "a customer with its strings: an instance takes %.0f bytes, a record %.0f, a "
              "record of one joined string %.0f",
              instance, record, packed);
    tour_show(run, "the last one's email, cut out again: '%s'", lair_str_text(email));
    (void)tour_expect(run, instance > record && record > packed, "each step did not save");
    (void)tour_expect(run, strcmp(lair_str_text(email), "email 9999") == 0, "it was cut wrongly");
    tour_expect_refusal(run, lair_attribute_set(last, "orders", orders), LAIR_ERR_ATTRIBUTE);
    tour_differs(run, "the saving is real, but the document's packed class also sets an attribute, "
                      "orders, that its slots do not declare");
}

/* -- batches ----------------------------------------------------------------------------------- */

enum { INSERTS = 100, BATCH = 50 };

typedef struct insertion {
    size_t commits, bytes;
    double milliseconds;
} insertion;

/* Writes numbers to a file of their own, and commits after every `batch` of them: the file is then
 * on the disk. Only one batch is in memory at a time. */
static insertion insert(tour_run *run, lair_heap *heap, size_t batch)
{
    insertion done = {0};
    FILE *file = tmpfile();
    LAIR_SCOPED lair_object *numbers = tour_object(run, lair_range(heap, 0, INSERTS, 1));
    LAIR_SCOPED lair_object *rows = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *separator = tour_object(run, lair_str_new(heap, "\n"));
    if (!tour_expect(run, file != NULL, "no temporary file")) {
        return done;
    }
    double start = tour_now_ns();
    LAIR_EACH(at, numbers)
    {
        lair_object *row = lair_str_format(heap, "insert %lld", (long long)lair_int_value(at.item));
        if (!tour_ok(run, lair_list_append_new(rows, row))) {
            break;
        }
        if (lair_list_length(rows) < batch) {
            continue;
        }
        LAIR_SCOPED lair_object *text = tour_object(run, lair_str_join(separator, rows));
        if (text == NULL || !tour_ok(run, lair_list_clear(rows))) {
            break;
        }
        int written = fprintf(file, "%s\n", lair_str_text(text));
        (void)tour_expect(run, fflush(file) == 0 && fdatasync(fileno(file)) == 0 && written > 0,
                          "a batch was not written");
        done.commits++;
        done.bytes += (size_t)written;
    }
    done.milliseconds = (tour_now_ns() - start) / 1e6;
    (void)fclose(file);
    return done;
}

void stop_batch_inserts(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    insertion alone = insert(run, heap, 1);
    insertion together = insert(run, heap, BATCH);
    tour_show(run,
              "%d rows to a file: one by one %zu commits to the disk, %.1f ms; in batches of %d, "
              "%zu commits, %.1f ms",
              INSERTS, alone.commits, alone.milliseconds, BATCH, together.commits,
              together.milliseconds);
    (void)tour_expect(run, alone.commits == INSERTS && together.commits == INSERTS / BATCH,
                      "they were committed otherwise");
    (void)tour_expect(run, alone.bytes == together.bytes, "they wrote different rows");
}

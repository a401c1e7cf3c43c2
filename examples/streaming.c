/* A stream instead of a list: readings are made one by one, worked off in batches, and never all in
 * memory.
 *
 *     cc streaming.c $(pkg-config --cflags --libs lair) -o streaming && ./streaming
 *
 * What it shows: a generator with state of its own, room made beforehand (lair_list_reserve,
 * lair_dict_reserve), a text built piece by piece, and what a list of it all would have taken. It
 * prints
 *
 *     200000 readings in 200 batches
 *     north 49.5, east 99.5, south 149.5, west 199.5
 *     the readings as a list take more than 50 times the memory of the stream
 */
#include <stdio.h>

#include <lair/lair.h>

enum { READINGS = 200000, BATCH = 1000, SENSORS = 4 };

static const char *const sensor_names[SENSORS] = {"north", "east", "south", "west"};

/* -- the stream ------------------------------------------------------------------------------ */

typedef struct position {
    int64_t next;
} position;

/* The next reading, (sensor, value): what a file or a socket would give. */
static lair_object *next_reading(lair_heap *heap, void *state, lair_status *status)
{
    position *at = state;
    if (at->next == READINGS)
        return NULL;
    int64_t number = at->next++;
    int64_t sensor = number % SENSORS;
    double value = (double)(number / SENSORS % 100) + (double)(50 * sensor);
    lair_object *reading = LAIR_TUPLE(heap, lair_str_intern_text(heap, sensor_names[sensor]),
                                      lair_float_new(heap, value));
    if (reading == NULL)
        *status = lair_error_status();
    return reading;
}

static const lair_generator_spec readings = {
    .name = "readings",
    .state_bytes = sizeof(position),
    .next = next_reading,
};

/* -- working it off -------------------------------------------------------------------------- */

/* Fills batch, which is emptied first, with up to BATCH items. Not LAIR_OK: the stream broke. */
static lair_status next_batch(lair_object *stream, lair_object *batch)
{
    lair_status status = lair_list_remove(batch, 0, SIZE_MAX);
    while (status == LAIR_OK && lair_list_length(batch) < BATCH) {
        lair_object *item = NULL;
        status = lair_next(stream, &item);
        if (status != LAIR_OK || item == NULL)
            break;
        status = lair_list_append_new(batch, item);
    }
    return status;
}

/* Adds a batch to the sums, a dict of sensor: sum. */
static lair_status add_up(lair_object *sums, lair_object *batch)
{
    LAIR_SCOPED lair_object *zero = lair_float_new(lair_heap_of(sums), 0);
    LAIR_EACH(at, batch)
    {
        lair_object *sensor = lair_tuple_get(at.item, 0);
        lair_object *sum = lair_dict_set_default(sums, sensor, zero);
        lair_object *more = lair_add(sum, lair_tuple_get(at.item, 1));
        lair_status status = lair_dict_set_new(sums, lair_incref(sensor), more);
        if (status != LAIR_OK)
            return status;
    }
    return LAIR_OK;
}

/* "north 49.5, east ...": a new str. */
static lair_object *report(lair_object *sums)
{
    lair_str_builder text = lair_str_builder_of(lair_heap_of(sums), 64);
    const char *between = "";
    LAIR_EACH(at, sums)
    {
        (void)lair_str_builder_format(&text, "%s%s %.1f", between, lair_str_text(at.key),
                                      lair_float_value(at.item) / (READINGS / SENSORS));
        between = ", ";
    }
    return lair_str_builder_end(&text); /* NULL if any piece failed */
}

static bool work_off(lair_heap *heap)
{
    LAIR_SCOPED lair_object *stream = lair_generator_new(heap, &readings, NULL);
    LAIR_SCOPED lair_object *batch = lair_list_new(heap);
    LAIR_SCOPED lair_object *sums = lair_dict_new(heap);
    size_t batches = 0, items = 0;
    if (lair_list_reserve(batch, BATCH) != LAIR_OK || lair_dict_reserve(sums, SENSORS) != LAIR_OK)
        return false;
    while (next_batch(stream, batch) == LAIR_OK && lair_list_length(batch) != 0) {
        if (add_up(sums, batch) != LAIR_OK)
            return false;
        batches++;
        items += lair_list_length(batch);
    }
    LAIR_SCOPED lair_object *text = report(sums);
    if (items != READINGS || text == NULL)
        return false;
    printf("%zu readings in %zu batches\n", items, batches);
    return lair_println(text) == LAIR_OK;
}

static size_t peak_bytes(lair_heap *heap)
{
    lair_ledger peak;
    lair_heap_peak(heap, &peak);
    return peak.live;
}

int main(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    size_t before = lair_none(heap) != NULL ? peak_bytes(heap) : 0;
    if (!work_off(heap)) {
        fprintf(stderr, "streaming: %s\n", lair_error_message());
        return 1;
    }
    size_t streamed = peak_bytes(heap) - before;
    LAIR_SCOPED lair_object *stream = lair_generator_new(heap, &readings, NULL);
    LAIR_SCOPED lair_object *all = lair_list_from(stream);
    size_t listed = all != NULL ? lair_total_size(all) : 0;
    printf("the readings as a list take %s than 50 times the memory of the stream\n",
           listed > 50 * streamed ? "more" : "less");
    return 0;
}

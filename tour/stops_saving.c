/* stops_saving.c: ways to need less memory: slots, generators, arrays, the right structure. */
#include <stdlib.h>
#include <string.h>

#include "stops.h"

/* -- records and instances --------------------------------------------------------------------- */

enum { FIELDS = 3 };
static const char *const person_fields[FIELDS] = {"name", "age", "address"};

/* Makes one object from three values. */
typedef lair_object *maker(lair_type *type, lair_object *const *values);

static lair_object *make_instance(lair_type *type, lair_object *const *values)
{
    LAIR_SCOPED lair_object *instance = lair_instance_new(type);
    for (size_t i = 0; i < FIELDS; i++) {
        if (lair_attribute_set(instance, person_fields[i], values[i]) != LAIR_OK) {
            return NULL;
        }
    }
    return lair_steal(&instance);
}

static lair_object *make_packed(lair_type *type, lair_object *const *values)
{
    LAIR_SCOPED lair_object *packed = lair_packed_new(type);
    for (size_t i = 0; i < FIELDS; i++) {
        if (lair_packed_set(packed, person_fields[i], values[i]) != LAIR_OK) {
            return NULL;
        }
    }
    return lair_steal(&packed);
}

/* Bytes of the heap that each of many such objects takes; their values are shared. */
static double cost(tour_run *run, lair_heap *heap, lair_type *type, maker *make)
{
    enum { COUNT = 10000 };
    LAIR_SCOPED lair_object *values =
        tour_object(run, lair_build(heap, "(s, i, s)", "Alice", 30, "123 Main St"));
    LAIR_SCOPED lair_object *kept = tour_room(run, heap, COUNT);
    if (type == NULL || values == NULL || kept == NULL) {
        return 0;
    }
    lair_object *const items[FIELDS] = {lair_tuple_get(values, 0), lair_tuple_get(values, 1),
                                        lair_tuple_get(values, 2)};
    size_t before = tour_live(heap);
    for (size_t i = 0; i < COUNT; i++) {
        if (!tour_ok(run, lair_list_append_new(kept, make(type, items)))) {
            return 0;
        }
    }
    return (double)(tour_live(heap) - before) / COUNT;
}

static const lair_packed_field packed_person[FIELDS] = {
    {"name", LAIR_PACKED_OBJECT}, {"age", LAIR_PACKED_U8}, {"address", LAIR_PACKED_OBJECT}};

void stop_slots_smaller(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    double instance =
        cost(run, heap, tour_type(run, lair_instance_type(heap, "person")), make_instance);
    lair_type *slots = tour_type(run, lair_record_type(heap, "person", person_fields, FIELDS, 0));
    lair_type *narrow = tour_type(run, lair_packed_type(heap, "person", packed_person, FIELDS));
    double record = cost(run, heap, slots, lair_record_new);
    double packed = cost(run, heap, narrow, make_packed);
    if (run->outcome == TOUR_FAILS) {
        return;
    }
    tour_show(run,
              "a person of three attributes: an instance with a dict of its own takes %.0f bytes, "
              "a record %.0f, a packed record %.0f",
              instance, record, packed);
    (void)tour_expect(run, record * 2 < instance, "slots saved little");
    (void)tour_expect(run, packed <= record && packed > 0, "packing saved nothing");
}

void stop_slots_refuse(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *slots = tour_type(run, lair_record_type(heap, "person", person_fields, FIELDS, 0));
    lair_type *open = tour_type(run, lair_instance_type(heap, "person"));
    LAIR_SCOPED lair_object *record = tour_object(run, lair_record_new(slots, NULL));
    LAIR_SCOPED lair_object *instance = tour_object(run, lair_instance_new(open));
    LAIR_SCOPED lair_object *number = tour_object(run, lair_str_new(heap, "555 1234"));
    if (record == NULL || instance == NULL || number == NULL) {
        return;
    }
    size_t before = lair_sizeof(record);
    bool declared = tour_ok(run, lair_attribute_set(record, "address", number));
    tour_show(run, "a record before and after a declared attribute was set: %zu and %zu bytes",
              before, lair_sizeof(record));
    (void)tour_expect(run, declared && lair_sizeof(record) == before, "its size is not fixed");
    tour_expect_refusal(run, lair_attribute_set(record, "phone", number), LAIR_ERR_ATTRIBUTE);

    before = lair_total_size(instance);
    bool taken = tour_ok(run, lair_attribute_set(instance, "phone", number));
    tour_show(run, "an instance %s it; with all that it holds it grew from %zu bytes to %zu",
              taken ? "takes" : "refuses", before, lair_total_size(instance));
    (void)tour_expect(run, taken && lair_attribute_get(instance, "phone") == number,
                      "the attribute was not kept");
}

/* Two records of one type with equal values: whether they are equal. */
static bool equal_twins(tour_run *run, lair_type *type, lair_object *const *values)
{
    LAIR_SCOPED lair_object *a = tour_object(run, lair_record_new(type, values));
    LAIR_SCOPED lair_object *b = tour_object(run, lair_record_new(type, values));
    bool equal = false;
    (void)tour_ok(run, lair_equal(a, b, &equal));
    return equal;
}

void stop_records(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *frozen = tour_type(
        run, lair_record_type(heap, "named_tuple", person_fields, FIELDS, LAIR_RECORD_FROZEN));
    lair_type *data = tour_type(
        run, lair_record_type(heap, "data_class", person_fields, FIELDS, LAIR_RECORD_EQUAL));
    LAIR_SCOPED lair_object *name = tour_object(run, lair_str_new(heap, "Alice"));
    LAIR_SCOPED lair_object *age = tour_object(run, lair_int_new(heap, 30));
    LAIR_SCOPED lair_object *address = tour_object(run, lair_str_new(heap, "123 Main St"));
    lair_object *const values[FIELDS] = {name, age, address};
    LAIR_SCOPED lair_object *person = tour_object(run, lair_record_new(frozen, values));
    LAIR_SCOPED lair_object *text = tour_object(run, lair_repr(person));
    uint64_t hash = 0;
    if (text == NULL || data == NULL || !tour_ok(run, lair_hash(person, &hash))) {
        return;
    }
    tour_show(run, "%s takes %zu bytes; its name is read by name and by position",
              lair_str_text(text), lair_sizeof(person));
    (void)tour_expect(
        run, lair_attribute_get(person, "name") == name && lair_record_get(person, 0) == name,
        "no field called name");
    lair_status refused = lair_attribute_set(person, "age", age);
    if (tour_expect(run, refused != LAIR_OK, "a frozen record was changed")) {
        tour_show(run, "refused: %s", lair_error_message());
    }
    tour_show(run, "two with equal values are equal: frozen %s, as a data class %s",
              equal_twins(run, frozen, values) ? "yes" : "no",
              equal_twins(run, data, values) ? "yes" : "no");
    (void)tour_expect(run, equal_twins(run, frozen, values) && equal_twins(run, data, values),
                      "they are compared otherwise");
}

/* -- generators -------------------------------------------------------------------------------- */

typedef struct squares {
    int64_t next, end;
} squares;

static lair_object *next_square(lair_heap *heap, void *state, lair_status *status)
{
    squares *at = state;
    if (at->next == at->end) {
        return NULL;
    }
    lair_object *square = lair_int_new(heap, at->next * at->next);
    if (square == NULL) {
        *status = lair_error_status();
    }
    at->next++;
    return square;
}

static const lair_generator_spec squares_spec = {
    .name = "squares", .state_bytes = sizeof(squares), .next = next_square};

/* The sum of whatever gives ints; *most is what was live beyond base half-way. */
static int64_t sum_of(tour_run *run, lair_object *numbers, size_t half, size_t base, size_t *most)
{
    int64_t sum = 0;
    size_t seen = 0;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(numbers);
    while (lair_next_item(&at)) {
        sum += lair_int_value(at.item);
        if (++seen == half) {
            *most = tour_live(lair_heap_of(numbers)) - base;
        }
    }
    (void)tour_ok(run, at.status);
    return sum;
}

void stop_generator_small(tour_run *run)
{
    enum { COUNT = 1000000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    if (list == NULL) {
        return;
    }
    size_t base = tour_live(heap);
    for (int64_t i = 0; i < COUNT; i++) {
        if (!tour_ok(run, lair_list_append_new(list, lair_int_new(heap, i * i)))) {
            return;
        }
    }
    size_t listed = 0;
    int64_t list_sum = sum_of(run, list, COUNT / 2, base, &listed);
    base = tour_live(heap);
    squares start = {.end = COUNT};
    LAIR_SCOPED lair_object *generator =
        tour_object(run, lair_generator_new(heap, &squares_spec, &start));
    if (generator == NULL) {
        return;
    }
    size_t generated = SIZE_MAX;
    size_t size = lair_sizeof(generator);
    int64_t sum = sum_of(run, generator, COUNT / 2, base, &generated);
    tour_show(run, "%d squares: a list of them takes %s, a generator %zu bytes", COUNT,
              tour_bytes(listed).text, size);
    tour_show(run, "half-way through, the generator and its one square have %zu bytes live",
              generated);
    (void)tour_expect(run, sum == list_sum, "they are not the same numbers");
    (void)tour_expect(run, generated < 1000 && listed > 1000 * generated,
                      "the generator is no smaller");
}

/* -- arrays ------------------------------------------------------------------------------------ */

void stop_array_packed(tour_run *run)
{
    enum { COUNT = 100000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    if (list == NULL) {
        return;
    }
    for (int64_t i = 0; i < COUNT; i++) {
        if (!tour_ok(run, lair_list_append_new(list, lair_int_new(heap, 1000 + i)))) {
            return;
        }
    }
    LAIR_SCOPED lair_object *array = tour_object(run, lair_array_from(list, LAIR_ARRAY_I32));
    LAIR_SCOPED lair_object *last = tour_object(run, lair_array_get(array, COUNT - 1));
    if (last == NULL) {
        return;
    }
    size_t list_bytes = lair_total_size(list);
    size_t array_bytes = lair_total_size(array);
    tour_show(run, "%d ints: in a list %s, in an array of 32 bits each %s", COUNT,
              tour_bytes(list_bytes).text, tour_bytes(array_bytes).text);
    const int32_t *values = lair_array_values(array);
    (void)tour_expect(run, values[0] == 1000 && lair_int_value(last) == 999 + COUNT,
                      "they are not the same numbers");
    (void)tour_expect(run, array_bytes * 4 < list_bytes, "the array saved little");
    LAIR_SCOPED lair_object *large = tour_object(run, lair_int_new(heap, INT64_C(1) << 40));
    tour_expect_refusal(run, lair_array_append(array, large), LAIR_ERR_OVERFLOW);
}

void stop_numeric_arrays(tour_run *run)
{
    enum { COUNT = 100000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    if (list == NULL) {
        return;
    }
    double listed = 0;
    for (size_t i = 0; i < COUNT; i++) {
        listed += (double)i / 8;
        if (!tour_ok(run, lair_list_append_new(list, lair_float_new(heap, (double)i / 8)))) {
            return;
        }
    }
    LAIR_SCOPED lair_object *array = tour_object(run, lair_array_from(list, LAIR_ARRAY_F64));
    double sum = 0;
    if (array == NULL || !tour_ok(run, lair_array_sum(array, &sum))) {
        return;
    }
    size_t list_bytes = lair_total_size(list);
    size_t array_bytes = lair_total_size(array);
    tour_show(run, "%d floats: in a list %s, in an array %s; their sum is %.1f", COUNT,
              tour_bytes(list_bytes).text, tour_bytes(array_bytes).text, sum);
    (void)tour_expect(run, sum == listed, "they are not the same numbers");
    (void)tour_expect(run, array_bytes * 2 < list_bytes, "the array saved little");
}

/* -- the right structure ----------------------------------------------------------------------- */

/* A number that counts how often it is compared. */
struct probe {
    lair_object object;
    uint64_t value;
    size_t *comparisons;
};

static struct probe *probe_of(lair_object *object)
{
    return (struct probe *)(void *)object;
}

static lair_step probe_hash(lair_walk *walk, lair_frame *frame)
{
    walk->hash = probe_of(frame->self)->value;
    return LAIR_STEP_DONE;
}

static lair_step probe_equal(lair_walk *walk, lair_frame *frame)
{
    ++*probe_of(frame->self)->comparisons;
    walk->order = probe_of(frame->self)->value != probe_of(frame->other)->value;
    return LAIR_STEP_DONE;
}

static const lair_type_spec probe_spec = {.name = "probe",
                                          .size = sizeof(struct probe),
                                          .flags = LAIR_TYPE_IMMUTABLE,
                                          .hash = probe_hash,
                                          .equal = probe_equal};

static lair_object *probe_new(lair_type *type, uint64_t value, size_t *comparisons)
{
    struct probe *probe = probe_of(lair_new(type));
    if (probe != NULL) {
        probe->value = value;
        probe->comparisons = comparisons;
    }
    return (lair_object *)probe;
}

/* What finding the last of many members takes. */
typedef struct lookup {
    size_t list, set; /* comparisons */
    double list_ns, set_ns;
} lookup;

/* Finds wanted in container: the comparisons, and the least time of a few times. */
static size_t comparisons_for(tour_run *run, lair_object *container, lair_object *wanted,
                              double *ns)
{
    enum { TIMES = 5 };
    size_t *comparisons = probe_of(wanted)->comparisons;
    for (size_t i = 0; i < TIMES; i++) {
        bool found = false;
        *comparisons = 0;
        double start = tour_now_ns();
        (void)tour_ok(run, lair_contains(container, wanted, &found));
        double took = tour_now_ns() - start;
        *ns = i == 0 || took < *ns ? took : *ns;
        (void)tour_expect(run, found, "a member was not found");
    }
    return *comparisons;
}

static lookup look_up(tour_run *run, size_t count)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *type = tour_type(run, lair_type_new(heap, &probe_spec));
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    size_t comparisons = 0;
    for (size_t i = 0; list != NULL && i < count; i++) {
        if (!tour_ok(run, lair_list_append_new(list, probe_new(type, i, &comparisons)))) {
            break;
        }
    }
    LAIR_SCOPED lair_object *set = tour_object(run, lair_set_from(list));
    LAIR_SCOPED lair_object *wanted =
        tour_object(run, type != NULL ? probe_new(type, count - 1, &comparisons) : NULL);
    lookup found = {0};
    if (set != NULL && wanted != NULL) {
        found.list = comparisons_for(run, list, wanted, &found.list_ns);
        found.set = comparisons_for(run, set, wanted, &found.set_ns);
        tour_show(run, "%zu members: list %zu comparisons, %.0f ns; set %zu, %.0f ns", count,
                  found.list, found.list_ns, found.set, found.set_ns);
    }
    return found;
}

void stop_set_against_list(tour_run *run)
{
    lookup small = look_up(run, 1000);
    lookup large = look_up(run, 100000);
    (void)tour_expect(run, small.list == 1000 && large.list == 100000,
                      "a list's work does not grow with its length");
    (void)tour_expect(run, small.set == 1 && large.set == 1, "a set's work grows with its size");
}

/* -- lazy values ------------------------------------------------------------------------------- */

static lair_object *make_squares(lair_heap *heap, lair_object *argument, void *arg)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    ++*(size_t *)arg;
    for (int64_t i = 0; i < lair_int_value(argument); i++) {
        if (lair_list_append_new(list, lair_int_new(heap, i * i)) != LAIR_OK) {
            return NULL;
        }
    }
    return lair_steal(&list);
}

void stop_lazy_resource(tour_run *run)
{
    size_t made = 0;
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *count = tour_object(run, lair_int_new(heap, 100000));
    if (count == NULL) {
        return;
    }
    size_t start = tour_live(heap);
    LAIR_SCOPED lair_object *lazy =
        tour_object(run, lair_lazy_new(heap, make_squares, count, &made));
    if (lazy == NULL) {
        return;
    }
    size_t before = tour_live(heap) - start;
    bool early = lair_lazy_is_made(lazy);
    lair_object *list = tour_object(run, lair_lazy_get(lazy));
    if (list == NULL) {
        return;
    }
    bool kept = lair_lazy_get(lazy) == list;
    size_t after = tour_live(heap) - start;
    tour_show(run,
              "a lazy list of 100000 squares: %zu bytes; after it was asked for twice: %s, "
              "made %zu time",
              before, tour_bytes(after).text, made);
    (void)tour_expect(run, !early && before < 1000 && after > 1 << 20,
                      "it was not made on first use");
    (void)tour_expect(run, kept && made == 1, "it was made again");
}

/* -- strings and lists that grow --------------------------------------------------------------- */

enum { PIECES = 5000 };

/* Strings that a heap has ever made. */
static uint64_t strings_made(lair_object *any)
{
    lair_type_stats stats;
    lair_type_get_stats(lair_type_of(any), &stats);
    return stats.created;
}

/* Appends piece by piece, each time to a new string; *copied is what moved. */
static lair_object *grow(tour_run *run, lair_heap *heap, lair_object *pieces, size_t *copied)
{
    LAIR_SCOPED lair_object *text = tour_object(run, lair_str_new(heap, ""));
    LAIR_EACH(at, pieces)
    {
        lair_object *longer = tour_object(run, lair_str_concat(text, at.item));
        if (longer == NULL) {
            return NULL;
        }
        *copied += lair_str_bytes(text);
        lair_decref(text);
        text = longer;
    }
    return lair_steal(&text);
}

static lair_object *build(tour_run *run, lair_heap *heap, lair_object *pieces)
{
    lair_str_builder builder = lair_str_builder_of(heap, 0);
    LAIR_EACH(at, pieces)
    {
        (void)lair_str_builder_add_str(&builder, at.item);
    }
    return tour_object(run, lair_str_builder_end(&builder));
}

void stop_strings_joined(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *pieces = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *nothing = tour_object(run, lair_str_new(heap, ""));
    for (size_t i = 0; pieces != NULL && i < PIECES; i++) {
        if (!tour_ok(run, lair_list_append_new(pieces, lair_str_format(heap, "%04zu", i)))) {
            return;
        }
    }
    if (pieces == NULL || nothing == NULL) {
        return;
    }
    size_t copied = 0;
    uint64_t start = strings_made(nothing);
    LAIR_SCOPED lair_object *grown = grow(run, heap, pieces, &copied);
    uint64_t by_growing = strings_made(nothing) - start;
    LAIR_SCOPED lair_object *joined = tour_object(run, lair_str_join(nothing, pieces));
    uint64_t by_join = strings_made(nothing) - start - by_growing;
    LAIR_SCOPED lair_object *built = build(run, heap, pieces);
    uint64_t by_builder = strings_made(nothing) - start - by_growing - by_join;
    if (grown == NULL || joined == NULL || built == NULL) {
        return;
    }
    tour_show(run, "%d pieces, %s in all: growing made %llu strings and copied %s", PIECES,
              tour_bytes(lair_str_bytes(joined)).text, (unsigned long long)by_growing,
              tour_bytes(copied).text);
    tour_show(run, "lair_str_join made %llu, a builder %llu", (unsigned long long)by_join,
              (unsigned long long)by_builder);
    (void)tour_expect(run,
                      strcmp(lair_str_text(grown), lair_str_text(joined)) == 0 &&
                          strcmp(lair_str_text(built), lair_str_text(joined)) == 0,
                      "the texts differ");
    (void)tour_expect(run, by_growing >= PIECES - 1 && by_join == 1 && by_builder == 1,
                      "the strings were made otherwise");
}

/* Appends count numbers; how often the list's room changed. */
static size_t resizes(tour_run *run, lair_object *list, size_t count)
{
    size_t changes = 0;
    size_t room = lair_list_capacity(list);
    for (size_t i = 0; i < count; i++) {
        lair_object *number = lair_int_new(lair_heap_of(list), (int64_t)i);
        if (!tour_ok(run, lair_list_append_new(list, number))) {
            break;
        }
        changes += lair_list_capacity(list) != room;
        room = lair_list_capacity(list);
    }
    return changes;
}

void stop_list_presized(tour_run *run)
{
    enum { COUNT = 10000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *grown = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *sized = tour_room(run, heap, COUNT);
    if (grown == NULL || sized == NULL) {
        return;
    }
    size_t by_append = resizes(run, grown, COUNT);
    size_t by_reserve = resizes(run, sized, COUNT);
    tour_show(run,
              "%d elements: a list that grows is resized %zu times, one with the room "
              "reserved %zu times",
              COUNT, by_append, by_reserve);
    tour_show(run, "room left over: %zu places, and %zu", lair_list_capacity(grown) - COUNT,
              lair_list_capacity(sized) - COUNT);
    (void)tour_expect(run, by_append > 10 && by_reserve == 0, "they were resized otherwise");
    (void)tour_expect(run, by_append < COUNT / 50, "growing is not amortised");
}

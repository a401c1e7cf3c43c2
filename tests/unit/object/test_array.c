/* test_array.c: arrays of every kind: ranges, growth, sums, comparison, copies, and what fails. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "ground.h"

static const struct kind_range {
    lair_array_kind kind;
    const char *name;
    size_t bytes;
    int64_t low, high;
} ints[] = {
    {LAIR_ARRAY_I8, "i8", 1, INT8_MIN, INT8_MAX},     {LAIR_ARRAY_U8, "u8", 1, 0, UINT8_MAX},
    {LAIR_ARRAY_I16, "i16", 2, INT16_MIN, INT16_MAX}, {LAIR_ARRAY_U16, "u16", 2, 0, UINT16_MAX},
    {LAIR_ARRAY_I32, "i32", 4, INT32_MIN, INT32_MAX}, {LAIR_ARRAY_U32, "u32", 4, 0, UINT32_MAX},
    {LAIR_ARRAY_I64, "i64", 8, INT64_MIN, INT64_MAX},
};
enum { INT_KINDS = sizeof ints / sizeof ints[0] };

/* -- values ---------------------------------------------------------------------------------- */

static void test_ranges(lair_heap *heap)
{
    for (size_t i = 0; i < INT_KINDS; i++) {
        const struct kind_range *range = &ints[i];
        LAIR_SCOPED lair_object *array = lair_array_new(heap, range->kind);
        REQUIRE(array != NULL);
        lair_array_kind kind;
        CHECK(lair_array_kind_of(array, &kind) == LAIR_OK && kind == range->kind);
        CHECK(lair_array_values(array) == NULL && lair_array_length(array) == 0);
        CHECK(!lair_truth(array));
        CHECK(lair_array_append_int(array, range->low) == LAIR_OK);
        CHECK(lair_array_append_int(array, range->high) == LAIR_OK);
        CHECK(lair_truth(array) && lair_length(array) == 2);
        int64_t value = 0;
        CHECK(lair_array_get_int(array, 0, &value) == LAIR_OK && value == range->low);
        CHECK(lair_array_get_int(array, 1, &value) == LAIR_OK && value == range->high);
        double real = 0;
        CHECK(lair_array_get_float(array, 1, &real) == LAIR_OK && real == (double)range->high);
        if (range->bytes < 8) {
            CHECK(lair_array_append_int(array, range->low - 1) == LAIR_ERR_OVERFLOW);
            CHECK(lair_array_append_int(array, range->high + 1) == LAIR_ERR_OVERFLOW);
            CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
            LAIR_SCOPED lair_object *beyond = lair_int_new(heap, range->high + 1);
            CHECK(lair_array_append(array, beyond) == LAIR_ERR_OVERFLOW);
            CHECK(lair_array_set(array, 0, beyond) == LAIR_ERR_OVERFLOW);
            CHECK(lair_array_get_int(array, 0, &value) == LAIR_OK && value == range->low);
        }
        CHECK(lair_array_append_float(array, 1.0) == LAIR_ERR_TYPE);
        CHECK(lair_array_length(array) == 2);
        LAIR_SCOPED lair_object *first = lair_array_get(array, 0);
        CHECK(lair_is(first, LAIR_KIND_INT) && lair_int_value(first) == range->low);
        CHECK(lair_sizeof(array) >= lair_sizeof(lair_none(heap)) + 2 * range->bytes);
    }
}

static void test_floats(lair_heap *heap)
{
    LAIR_SCOPED lair_object *wide = lair_array_new(heap, LAIR_ARRAY_F64);
    LAIR_SCOPED lair_object *narrow = lair_array_new(heap, LAIR_ARRAY_F32);
    CHECK(lair_array_append_float(wide, DBL_MAX) == LAIR_OK);
    CHECK(lair_array_append_int(wide, 3) == LAIR_OK);
    CHECK(lair_array_append_float(narrow, 0.5) == LAIR_OK);
    CHECK(lair_array_append_float(narrow, DBL_MAX) == LAIR_ERR_OVERFLOW);
    CHECK(lair_array_append_float(narrow, -INFINITY) == LAIR_OK);
    CHECK(lair_array_append_float(narrow, NAN) == LAIR_OK);
    CHECK(lair_array_append_int(narrow, 7) == LAIR_OK);
    CHECK(shows(narrow, "array('f32', [0.5, -inf, nan, 7.0])"));
    LAIR_SCOPED lair_object *item = lair_array_get(wide, 1);
    CHECK(lair_is(item, LAIR_KIND_FLOAT) && lair_float_value(item) == 3.0);
    int64_t value;
    CHECK(lair_array_get_int(wide, 1, &value) == LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *real = lair_float_new(heap, 2.5);
    CHECK(lair_array_set(wide, 0, real) == LAIR_OK && lair_array_append(wide, real) == LAIR_OK);
    CHECK(shows(wide, "array('f64', [2.5, 3.0, 2.5])"));
}

/* -- room ------------------------------------------------------------------------------------ */

static void test_growth(lair_heap *heap)
{
    LAIR_SCOPED lair_object *array = lair_array_new(heap, LAIR_ARRAY_I32);
    const void *values = NULL;
    size_t moves = 0;
    enum { MANY = 100000 };
    for (int i = 0; i < MANY; i++) {
        REQUIRE(lair_array_append_int(array, i) == LAIR_OK);
        moves += lair_array_values(array) != values;
        values = lair_array_values(array);
    }
    CHECK(moves < 150); /* an eighth more each time */
    const int32_t *numbers = lair_array_values(array);
    size_t right = 0;
    for (int i = 0; i < MANY; i++)
        right += numbers[i] == i;
    CHECK(right == MANY);
    CHECK(lair_array_resize(array, 10) == LAIR_OK && lair_array_length(array) == 10);
    size_t before = lair_sizeof(array);
    CHECK(lair_array_shrink(array) == LAIR_OK && lair_sizeof(array) < before / 100);
    CHECK(lair_array_resize(array, 12) == LAIR_OK);
    CHECK(shows(array, "array('i32', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0])"));
    CHECK(lair_array_reserve(array, 1000) == LAIR_OK);
    values = lair_array_values(array);
    CHECK(lair_array_resize(array, 1000) == LAIR_OK && lair_array_values(array) == values);
    CHECK(lair_array_reserve(array, 5) == LAIR_OK && lair_array_length(array) == 1000);
    CHECK(lair_array_resize(array, 0) == LAIR_OK && lair_array_shrink(array) == LAIR_OK);
    CHECK(shows(array, "array('i32', [])"));
    CHECK(lair_array_resize(array, SIZE_MAX) == LAIR_ERR_INVALID);
    CHECK(lair_array_reserve(array, SIZE_MAX) != LAIR_OK && lair_array_length(array) == 0);
}

static void test_extend(lair_heap *heap)
{
    const int16_t start[] = {1, 2, 3};
    LAIR_SCOPED lair_object *array = lair_array_from_values(heap, LAIR_ARRAY_I16, start, 3);
    for (int i = 0; i < 6; i++) /* of its own values, moving meanwhile */
        CHECK(lair_array_extend(array, lair_array_values(array), lair_array_length(array)) ==
              LAIR_OK);
    REQUIRE(lair_array_length(array) == 192);
    const int16_t *values = lair_array_values(array);
    for (int i = 0; i < 192; i++)
        CHECK(values[i] == start[i % 3]);
    CHECK(lair_array_extend(array, NULL, 0) == LAIR_OK);
    CHECK(lair_array_extend(array, NULL, 1) == LAIR_ERR_INVALID);
    CHECK(lair_array_extend(array, start, SIZE_MAX) == LAIR_ERR_INVALID);
    CHECK(lair_array_length(array) == 192);
    LAIR_SCOPED lair_object *zeros = lair_array_from_values(heap, LAIR_ARRAY_U8, NULL, 3);
    CHECK(shows(zeros, "array('u8', [0, 0, 0])"));
}

static void test_from(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (int i = 0; i < 300; i += 100)
        CHECK(lair_list_append_new(list, lair_int_new(heap, i)) == LAIR_OK);
    LAIR_SCOPED lair_object *array = lair_array_from(list, LAIR_ARRAY_U8);
    CHECK(shows(array, "array('u8', [0, 100, 200])"));
    LAIR_SCOPED lair_object *reals = lair_array_from(array, LAIR_ARRAY_F64);
    CHECK(shows(reals, "array('f64', [0.0, 100.0, 200.0])"));
    CHECK(lair_array_from(list, LAIR_ARRAY_I8) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    CHECK(strstr(lair_error_message(), " in an array") != NULL);
    LAIR_SCOPED lair_object *range = lair_range(heap, 0, 1000, 1);
    LAIR_SCOPED lair_object *many = lair_list_from(range);
    LAIR_SCOPED lair_object *exact = lair_array_from(many, LAIR_ARRAY_I64);
    LAIR_SCOPED lair_object *zeros =
        lair_array_from_values(heap, LAIR_ARRAY_I64, NULL, lair_array_length(exact));
    CHECK(lair_array_length(exact) == 1000 && lair_sizeof(exact) == lair_sizeof(zeros));
    CHECK(lair_list_append(list, lair_none(heap)) == LAIR_OK);
    CHECK(lair_array_from(list, LAIR_ARRAY_I32) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_array_from(lair_none(heap), LAIR_ARRAY_I32) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    size_t seen = 0;
    LAIR_EACH(at, array)
    CHECK(lair_int_value(at.item) == (int64_t)seen++ * 100);
    CHECK(seen == 3);
}

/* -- sums ------------------------------------------------------------------------------------ */

static void test_sums(lair_heap *heap)
{
    const int64_t large[] = {INT64_MAX, INT64_MAX, -1, INT64_MIN, INT64_MIN};
    LAIR_SCOPED lair_object *ints_array = lair_array_from_values(heap, LAIR_ARRAY_I64, large, 5);
    int64_t exact = 0;
    double sum = 1;
    CHECK(lair_array_sum_int(ints_array, &exact) == LAIR_OK && exact == -3);
    CHECK(lair_array_sum(ints_array, &sum) == LAIR_OK && sum == -3.0);
    CHECK(lair_array_resize(ints_array, 2) == LAIR_OK);
    CHECK(lair_array_sum_int(ints_array, &exact) == LAIR_ERR_OVERFLOW && exact == -3);
    CHECK(lair_array_sum(ints_array, &sum) == LAIR_OK && sum == 0x1p64);
    const double reals[] = {1e100, 1.0, -1e100, 1.0};
    LAIR_SCOPED lair_object *reals_array = lair_array_from_values(heap, LAIR_ARRAY_F64, reals, 4);
    CHECK(lair_array_sum(reals_array, &sum) == LAIR_OK && sum == 2.0);
    CHECK(lair_array_sum_int(reals_array, &exact) == LAIR_ERR_TYPE);
    CHECK(lair_array_append_float(reals_array, INFINITY) == LAIR_OK);
    CHECK(lair_array_sum(reals_array, &sum) == LAIR_OK && isinf(sum) && sum > 0);
    LAIR_SCOPED lair_object *empty = lair_array_new(heap, LAIR_ARRAY_F32);
    CHECK(lair_array_sum(empty, &sum) == LAIR_OK && sum == 0.0);
}

/* -- comparing and copying ------------------------------------------------------------------- */

static int order_of(lair_object *a, lair_object *b)
{
    int order = 99;
    CHECK(lair_compare(a, b, &order) == LAIR_OK);
    return order;
}

static void test_compare(lair_heap *heap)
{
    const int8_t one_two[] = {1, 2};
    const float one_two_f[] = {1, 2};
    const int64_t large[] = {INT64_MAX};
    const double large_f[] = {0x1p63};
    LAIR_SCOPED lair_object *a = lair_array_from_values(heap, LAIR_ARRAY_I8, one_two, 2);
    LAIR_SCOPED lair_object *b = lair_array_from_values(heap, LAIR_ARRAY_F32, one_two_f, 2);
    LAIR_SCOPED lair_object *c = lair_array_from_values(heap, LAIR_ARRAY_I64, large, 1);
    LAIR_SCOPED lair_object *d = lair_array_from_values(heap, LAIR_ARRAY_F64, large_f, 1);
    CHECK(equal(a, b) && order_of(a, b) == 0);
    CHECK(!equal(c, d) && order_of(c, d) < 0 && order_of(d, c) > 0);
    CHECK(lair_array_append_int(b, 0) == LAIR_OK);
    CHECK(!equal(a, b) && order_of(a, b) < 0 && order_of(b, a) > 0 && order_of(a, c) < 0);
    CHECK(lair_array_append_float(b, NAN) == LAIR_OK);
    CHECK(!equal(b, b));
    LAIR_SCOPED lair_object *b_copy = lair_copy(b);
    int order;
    CHECK(lair_compare(b, b_copy, &order) == LAIR_ERR_VALUE);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(!equal(a, list) && lair_compare(a, list, &order) == LAIR_ERR_TYPE);
    uint64_t hash;
    CHECK(lair_hash(a, &hash) == LAIR_ERR_UNHASHABLE);
    bool found = false;
    LAIR_SCOPED lair_object *two = lair_float_new(heap, 2.0);
    CHECK(lair_contains(a, two, &found) == LAIR_OK && found);
    CHECK(lair_contains(a, lair_bool(heap, true), &found) == LAIR_OK && found);
    CHECK(lair_contains(a, lair_int_new(heap, 3), &found) == LAIR_OK && !found);
    found = true;
    CHECK(lair_contains(a, list, &found) == LAIR_OK && !found);
}

static void test_copy(lair_heap *heap)
{
    const uint16_t values[] = {7, 65535};
    LAIR_SCOPED lair_object *array = lair_array_from_values(heap, LAIR_ARRAY_U16, values, 2);
    LAIR_SCOPED lair_object *copy = lair_copy(array);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(array);
    CHECK(copy != array && deep != array && equal(array, copy) && equal(array, deep));
    CHECK(lair_array_append_int(copy, 1) == LAIR_OK && lair_array_resize(deep, 0) == LAIR_OK);
    CHECK(lair_array_length(array) == 2);
    lair_object *dying = lair_copy(array);
    LAIR_SCOPED lair_object *weak = lair_weakref_new(dying, NULL, NULL);
    CHECK(lair_weakref_is_alive(weak));
    lair_decref(dying);
    CHECK(!lair_weakref_is_alive(weak));
}

/* -- what fails ------------------------------------------------------------------------------ */

static void test_errors(lair_heap *heap)
{
    lair_object *none = lair_none(heap);
    LAIR_SCOPED lair_object *array = lair_array_new(heap, LAIR_ARRAY_I32);
    lair_array_kind kind;
    int64_t i;
    double d;
    CHECK(lair_array_new(heap, (lair_array_kind)9) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_array_new(heap, (lair_array_kind)-1) == NULL);
    CHECK(lair_array_new(NULL, LAIR_ARRAY_I8) == NULL);
    CHECK(lair_array_from(NULL, LAIR_ARRAY_I8) == NULL);
    CHECK(lair_array_from_values(heap, LAIR_ARRAY_I64, NULL, SIZE_MAX / 4) == NULL);
    CHECK(lair_array_kind_of(none, &kind) == LAIR_ERR_TYPE);
    CHECK(lair_array_length(none) == SIZE_MAX && lair_array_values(none) == NULL);
    CHECK(lair_array_get(none, 0) == NULL && lair_array_get(array, 0) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INDEX);
    CHECK(lair_array_get_int(array, 0, &i) == LAIR_ERR_INDEX);
    CHECK(lair_array_get_float(array, SIZE_MAX, &d) == LAIR_ERR_INDEX);
    CHECK(lair_array_set(array, 0, none) == LAIR_ERR_INDEX);
    CHECK(lair_array_append(array, none) == LAIR_ERR_TYPE);
    CHECK(lair_array_append(none, none) == LAIR_ERR_TYPE);
    CHECK(lair_array_append_int(none, 1) == LAIR_ERR_TYPE);
    CHECK(lair_array_append_float(none, 1) == LAIR_ERR_TYPE);
    CHECK(lair_array_extend(none, &i, 1) == LAIR_ERR_TYPE);
    CHECK(lair_array_resize(none, 1) == LAIR_ERR_TYPE);
    CHECK(lair_array_reserve(none, 1) == LAIR_ERR_TYPE);
    CHECK(lair_array_shrink(none) == LAIR_ERR_TYPE);
    CHECK(lair_array_sum(none, &d) == LAIR_ERR_TYPE);
    CHECK(lair_array_sum_int(none, &i) == LAIR_ERR_TYPE);
    CHECK(lair_array_append(array, NULL) != LAIR_OK && lair_array_length(array) == 0);
    CHECK(lair_array_set(NULL, 0, none) != LAIR_OK);
}

static bool make_and_use(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *array = lair_array_new(heap, LAIR_ARRAY_I64);
    if (array == NULL)
        return false;
    for (size_t i = 0; i < 100; i++)
        if (lair_array_append_int(array, 1000 + (int64_t)i) != LAIR_OK) {
            CHECK(lair_array_length(array) == i);
            return false;
        }
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 100000);
    if (number == NULL || lair_array_append(array, number) != LAIR_OK ||
        lair_array_reserve(array, 300) != LAIR_OK || lair_array_resize(array, 400) != LAIR_OK)
        return false;
    if (lair_array_extend(array, lair_array_values(array), 400) != LAIR_OK) {
        CHECK(lair_array_length(array) == 400);
        return false;
    }
    LAIR_SCOPED lair_object *copy = lair_copy(array);
    LAIR_SCOPED lair_object *deep = copy != NULL ? lair_deep_copy(array) : NULL;
    LAIR_SCOPED lair_object *from = deep != NULL ? lair_array_from(array, LAIR_ARRAY_I32) : NULL;
    LAIR_SCOPED lair_object *repr = from != NULL ? lair_repr(from) : NULL;
    LAIR_SCOPED lair_object *item = repr != NULL ? lair_array_get(array, 0) : NULL;
    size_t seen = 0;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(item != NULL ? array : NULL);
    while (lair_next_item(&at))
        seen++;
    CHECK(item == NULL || seen == 800 || at.status == LAIR_ERR_NO_MEMORY);
    return item != NULL && at.status == LAIR_OK;
}

static void test_no_memory(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_and_use, NULL);
}

/* -- a listener that changes the array --------------------------------------------------------- */

static lair_object *grows;
static lair_status (*change)(lair_object *array);

static bool change_meanwhile(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    (void)heap, (void)event;
    CHECK(change(grows) == LAIR_OK);
    ++*(unsigned *)arg;
    return false;
}

static lair_status empty_it(lair_object *array)
{
    CHECK(lair_array_resize(array, 0) == LAIR_OK);
    return lair_array_shrink(array);
}

static lair_status append_one(lair_object *array)
{
    return lair_array_append_int(array, 1);
}

/* What grows is out of its reach. */
static void test_listener(void)
{
    enum { LONG = 1 << 20 };
    static const struct {
        lair_status (*change)(lair_object *array);
        lair_status status;
        size_t length;
    } cases[] = {{empty_it, LAIR_OK, LONG + 1},
                 {append_one, LAIR_ERR_CHANGED, LONG},
                 {lair_truncate, LAIR_ERR_CHANGED, SIZE_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned told = 0;
        LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
        (void)lair_none(heap);
        size_t before = ground_blocks(heap);
        LAIR_SCOPED lair_object *array = lair_array_from_values(heap, LAIR_ARRAY_I32, NULL, LONG);
        REQUIRE(array != NULL);
        size_t soft = lair_heap_footprint(heap) + (64 << 10);
        REQUIRE(lair_heap_set_limit(heap, 1 << 30, soft) == LAIR_OK);
        grows = array;
        change = cases[i].change;
        lair_heap_set_listener(heap, change_meanwhile, &told);
        CHECK(lair_array_append_int(array, 1) == cases[i].status && told == 1);
        lair_heap_set_listener(heap, NULL, NULL);
        CHECK(lair_array_length(array) == cases[i].length);
        CHECK(lair_heap_check(heap) == LAIR_OK);
        lair_clear_ref(&array);
        CHECK(ground_blocks(heap) == before);
    }
}

/* -- against a simple model ------------------------------------------------------------------ */

static void test_model(lair_heap *heap)
{
    enum { ROOM = 600 };
    static int64_t model[ROOM];
    size_t length = 0;
    LAIR_SCOPED lair_object *array = lair_array_new(heap, LAIR_ARRAY_I16);
    srand(42);
    for (int step = 0; step < 20000; step++) {
        int64_t value = rand() % 80000 - 40000;
        bool fits = value >= INT16_MIN && value <= INT16_MAX;
        size_t index = (size_t)rand() % ROOM;
        LAIR_SCOPED lair_object *number = lair_int_new(heap, value);
        switch (rand() % 8) {
        case 0:
            CHECK(lair_array_resize(array, index) == LAIR_OK);
            for (; length < index; length++)
                model[length] = 0;
            length = index;
            break;
        case 1:
            CHECK(lair_array_set(array, index, number) == (index >= length ? LAIR_ERR_INDEX
                                                           : fits          ? LAIR_OK
                                                                           : LAIR_ERR_OVERFLOW));
            if (index < length && fits)
                model[index] = value;
            break;
        case 2:
            CHECK(lair_array_shrink(array) == LAIR_OK);
            break;
        default:
            if (length == ROOM)
                break;
            CHECK(lair_array_append_int(array, value) == (fits ? LAIR_OK : LAIR_ERR_OVERFLOW));
            if (fits)
                model[length++] = value;
        }
        REQUIRE(lair_array_length(array) == length);
        int64_t seen;
        if (index < length)
            CHECK(lair_array_get_int(array, index, &seen) == LAIR_OK && seen == model[index]);
    }
    int64_t sum = 0, expected = 0;
    for (size_t i = 0; i < length; i++)
        expected += model[i];
    CHECK(lair_array_sum_int(array, &sum) == LAIR_OK && sum == expected);
}

int main(void)
{
    on_every_heap(test_ranges);
    on_every_heap(test_floats);
    on_every_heap(test_growth);
    on_every_heap(test_extend);
    on_every_heap(test_from);
    on_every_heap(test_sums);
    on_every_heap(test_compare);
    on_every_heap(test_copy);
    on_every_heap(test_errors);
    on_every_heap(test_no_memory);
    on_every_heap(test_model);
    test_listener();
    return check_finish("arrays");
}

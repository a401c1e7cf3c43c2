/* test_number.c: none, bools, ints and floats: values, arithmetic that does not wrap, order and
 * hashes across types, texts that read back. */
#include "ground.h"

#include <math.h>
#include <stdlib.h>

__extension__ typedef __int128 wide; /* holds every product of two ints */

static int order_of(lair_object *a, lair_object *b)
{
    int order = 99;
    CHECK(lair_compare(a, b, &order) == LAIR_OK);
    return order;
}

static uint64_t hash_of(lair_object *object)
{
    uint64_t hash = 0;
    CHECK(lair_hash(object, &hash) == LAIR_OK);
    return hash;
}

static void test_singletons(lair_heap *heap)
{
    lair_object *none = lair_none(heap), *yes = lair_bool(heap, true), *no = lair_bool(heap, false);
    CHECK(none == lair_none(heap) && yes == lair_bool(heap, 5) && no != yes);
    CHECK(lair_is_none(none) && !lair_is_none(no) && !lair_is_none(NULL));
    CHECK(!lair_truth(none) && lair_truth(yes) && !lair_truth(no));
    CHECK(shows(none, "None") && shows(yes, "True") && shows(no, "False"));
    CHECK(lair_kind_of(none) == LAIR_KIND_NONE && lair_is(yes, LAIR_KIND_BOOL));
    for (int64_t value = -5; value <= 256; value++) {
        lair_object *small = lair_int_new(heap, value);
        CHECK(small == lair_int_new(heap, value) && lair_refcount(small) == UINT32_MAX);
        CHECK(lair_int_value(small) == value);
        lair_decref(small);
    }
    LAIR_SCOPED lair_object *below = lair_int_new(heap, -6);
    LAIR_SCOPED lair_object *above = lair_int_new(heap, 257);
    CHECK(lair_refcount(below) == 1 && lair_refcount(above) == 1);
    CHECK(lair_none(NULL) == NULL && lair_bool(NULL, true) == NULL);
    CHECK(lair_int_new(NULL, 1) == NULL && lair_float_new(NULL, 1) == NULL);
}

static void test_reading(lair_heap *heap)
{
    LAIR_SCOPED lair_object *whole = lair_int_new(heap, INT64_MIN);
    LAIR_SCOPED lair_object *part = lair_float_new(heap, -0.75);
    int64_t value = 1;
    double number = 1;
    CHECK(lair_int_get(whole, &value) == LAIR_OK && value == INT64_MIN);
    CHECK(lair_int_get(lair_bool(heap, true), &value) == LAIR_OK && value == 1);
    value = 77;
    CHECK(lair_int_get(part, &value) == LAIR_ERR_TYPE && value == 77);
    CHECK(lair_int_get(NULL, &value) == LAIR_ERR_TYPE); /* the pending one */
    CHECK(lair_float_get(part, &number) == LAIR_OK && number == -0.75);
    CHECK(lair_float_get(whole, &number) == LAIR_OK && number == -0x1p63);
    CHECK(lair_float_get(lair_none(heap), &number) == LAIR_ERR_TYPE && number == -0x1p63);
    CHECK(lair_int_value(part) == 0 && lair_int_value(NULL) == 0);
    CHECK(lair_float_value(lair_none(heap)) == 0 && lair_float_value(whole) == -0x1p63);
}

static lair_object *(*const operations[])(lair_object *, lair_object *) = {lair_add, lair_subtract,
                                                                           lair_multiply};

static void test_arithmetic(lair_heap *heap)
{
    static const int64_t values[] = {
        0,         1,        -1,       2,          -3, 255,         -6,       INT64_MAX,
        INT64_MIN, 1L << 31, 1L << 32, 3037000500, 7,  -(1L << 62), 1L << 62, INT64_MAX - 1};
    enum { COUNT = sizeof values / sizeof values[0] };
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < COUNT; j++)
            for (int k = 0; k < 3; k++) {
                LAIR_SCOPED lair_object *a = lair_int_new(heap, values[i]);
                LAIR_SCOPED lair_object *b = lair_int_new(heap, values[j]);
                LAIR_SCOPED lair_object *result = operations[k](a, b);
                wide x = values[i], y = values[j];
                wide exact = k == 0 ? x + y : k == 1 ? x - y : x * y;
                if (exact >= INT64_MIN && exact <= INT64_MAX) {
                    CHECK(lair_is(result, LAIR_KIND_INT) && lair_int_value(result) == exact);
                } else {
                    CHECK(result == NULL);
                    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
                }
            }
    LAIR_SCOPED lair_object *half = lair_float_new(heap, 0.5);
    LAIR_SCOPED lair_object *sum = lair_add(half, lair_int_new(heap, 2));
    LAIR_SCOPED lair_object *difference = lair_subtract(lair_bool(heap, true), half);
    LAIR_SCOPED lair_object *product = lair_multiply(half, half);
    CHECK(shows(sum, "2.5") && shows(difference, "0.5") && shows(product, "0.25"));
    CHECK(lair_add(half, lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_multiply(NULL, half) == NULL && lair_subtract(half, NULL) == NULL);
    LAIR_SCOPED lair_object *more = lair_add(lair_bool(heap, true), lair_bool(heap, true));
    CHECK(lair_is(more, LAIR_KIND_INT) && lair_int_value(more) == 2);
}

/* How a float and an int stand to each other. The float is infinite, or a multiple of a half and of
 * a size that twice as much is an int that a wide holds, exactly. */
static int exact_order(double x, int64_t y)
{
    if (isinf(x))
        return x < 0 ? -1 : 1;
    wide twice_x = (wide)(2 * x), twice_y = (wide)2 * y;
    return (twice_x > twice_y) - (twice_x < twice_y);
}

/* Ints and floats in one order, exactly, though a double cannot hold every int. */
static void test_order(lair_heap *heap)
{
    static const double floats[] = {-INFINITY, -0x1p63, -9.5,   -1,         -0.0,   0.5,
                                    1,         2.5,     0x1p53, 0x1p53 + 2, 0x1p63, INFINITY};
    static const int64_t ints[] = {
        INT64_MIN, -9, -1, 0, 1, 2, (1L << 53), (1L << 53) + 1, INT64_MAX - 1024, INT64_MAX};
    for (size_t i = 0; i < sizeof floats / sizeof floats[0]; i++)
        for (size_t j = 0; j < sizeof ints / sizeof ints[0]; j++) {
            LAIR_SCOPED lair_object *a = lair_float_new(heap, floats[i]);
            LAIR_SCOPED lair_object *b = lair_int_new(heap, ints[j]);
            int expected = exact_order(floats[i], ints[j]);
            CHECK(order_of(a, b) == expected && order_of(b, a) == -expected);
            CHECK(equal(a, b) == (expected == 0) && equal(b, a) == (expected == 0));
            CHECK(expected != 0 || hash_of(a) == hash_of(b));
        }
    CHECK(equal(lair_bool(heap, true), lair_int_new(heap, 1)));
    CHECK(hash_of(lair_bool(heap, true)) == hash_of(lair_int_new(heap, 1)));
    CHECK(!equal(lair_none(heap), lair_int_new(heap, 0)));
    int order;
    CHECK(lair_compare(lair_none(heap), lair_none(heap), &order) == LAIR_ERR_TYPE);
}

static void test_nan(lair_heap *heap)
{
    LAIR_SCOPED lair_object *nan = lair_float_new(heap, (double)NAN);
    LAIR_SCOPED lair_object *other = lair_float_new(heap, (double)NAN);
    LAIR_SCOPED lair_object *one = lair_float_new(heap, 1);
    int order = 5;
    CHECK(!equal(nan, nan) && !equal(nan, other) && !equal(one, nan) && shows(nan, "nan"));
    CHECK(lair_compare(nan, one, &order) == LAIR_ERR_VALUE && order == 5);
    CHECK(lair_compare(lair_bool(heap, true), nan, &order) == LAIR_ERR_VALUE);
    CHECK(hash_of(nan) != hash_of(other)); /* many of them are no quadratic case */
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_incref(nan));
    LAIR_SCOPED lair_object *same = LAIR_LIST(heap, lair_incref(nan));
    LAIR_SCOPED lair_object *unlike = LAIR_LIST(heap, lair_incref(other));
    CHECK(equal(list, same) && !equal(list, unlike)); /* a container asks for identity first */
    CHECK(order_of(list, same) == 0);
    bool found = false;
    CHECK(lair_contains(list, nan, &found) == LAIR_OK && found);
    CHECK(lair_contains(list, other, &found) == LAIR_OK && !found);
}

static void test_text(lair_heap *heap)
{
    static const struct {
        double value;
        const char *text;
    } floats[] = {{0, "0.0"},
                  {-0.0, "-0.0"},
                  {1, "1.0"},
                  {0.1, "0.1"},
                  {1.0 / 3, "0.3333333333333333"},
                  {1e100, "1e+100"},
                  {-2.5e-7, "-2.5e-07"},
                  {123456789.25, "123456789.25"},
                  {INFINITY, "inf"},
                  {-INFINITY, "-inf"}};
    for (size_t i = 0; i < sizeof floats / sizeof floats[0]; i++) {
        LAIR_SCOPED lair_object *number = lair_float_new(heap, floats[i].value);
        CHECK(shows(number, floats[i].text));
    }
    uint64_t bits = 1;
    for (int i = 0; i < 2000; i++) {
        bits = bits * UINT64_C(6364136223846793005) + 1442695040888963407;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isnan(value))
            continue;
        LAIR_SCOPED lair_object *number = lair_float_new(heap, value);
        LAIR_SCOPED lair_object *text = lair_repr(number);
        CHECK(strtod(lair_str_text(text), NULL) == value);
    }
    LAIR_SCOPED lair_object *least = lair_int_new(heap, INT64_MIN);
    CHECK(shows(least, "-9223372036854775808"));
    LAIR_SCOPED lair_object *copy = lair_copy(least);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(least);
    CHECK(copy == least && deep == least && lair_refcount(least) == 3);
}

static bool calculate(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *a = lair_int_new(heap, 1000);
    LAIR_SCOPED lair_object *b = lair_float_new(heap, 0.5);
    LAIR_SCOPED lair_object *product = a != NULL && b != NULL ? lair_multiply(a, b) : NULL;
    LAIR_SCOPED lair_object *text = product != NULL ? lair_repr(product) : NULL;
    return text != NULL;
}

static void test_failures(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, calculate, NULL);
}

int main(void)
{
    on_every_heap(test_singletons);
    on_every_heap(test_reading);
    on_every_heap(test_arithmetic);
    on_every_heap(test_order);
    on_every_heap(test_nan);
    on_every_heap(test_text);
    on_every_heap(test_failures);
    return check_finish("numbers");
}

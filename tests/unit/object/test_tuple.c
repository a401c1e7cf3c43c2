/* test_tuple.c: fixed sequences: making by copy and by stealing, reading, order and hash, reuse of
 * dead ones. (Cycles and depth: test_core.c.) */
#include "ground.h"

static void test_making(lair_heap *heap)
{
    LAIR_SCOPED lair_object *a = lair_int_new(heap, 1000);
    lair_object *items[] = {a, lair_none(heap), a};
    LAIR_SCOPED lair_object *tuple = lair_tuple_new(heap, items, 3);
    CHECK(lair_is(tuple, LAIR_KIND_TUPLE) && lair_tuple_length(tuple) == 3);
    CHECK(lair_length(tuple) == 3 && lair_truth(tuple) && lair_refcount(a) == 3);
    CHECK(lair_tuple_get(tuple, 2) == a && shows(tuple, "(1000, None, 1000)"));
    CHECK(lair_tuple_get(tuple, 3) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INDEX);
    CHECK(lair_tuple_get(a, 0) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_tuple_length(a) == SIZE_MAX);
    LAIR_SCOPED lair_object *empty = lair_tuple_new(heap, NULL, 0);
    LAIR_SCOPED lair_object *also = lair_tuple_steal(heap, NULL, 0);
    CHECK(empty == also && shows(empty, "()") && !lair_truth(empty));
    LAIR_SCOPED lair_object *one = LAIR_TUPLE(heap, lair_incref(a));
    CHECK(shows(one, "(1000,)") && lair_refcount(a) == 4);
    CHECK(LAIR_TUPLE(heap, lair_incref(a), lair_tuple_get(one, 7), lair_incref(a)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INDEX);
    CHECK(lair_refcount(a) == 4);
    items[1] = NULL;
    CHECK(lair_tuple_new(heap, items, 3) == NULL && lair_refcount(a) == 4);
    CHECK(lair_tuple_new(NULL, items, 1) == NULL);
    CHECK(lair_tuple_steal(NULL, (lair_object *[]){lair_incref(a)}, 1) == NULL);
    CHECK(lair_refcount(a) == 4);
    CHECK(lair_tuple_new(heap, items, 0) == empty);
}

/* An item that cannot be one, at each place: the others are as they were. */
static void test_bad_items(lair_heap *heap)
{
    enum { LENGTH = 5 };
    LAIR_SCOPED_HEAP lair_heap *other = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *good = lair_float_new(heap, 0.5);
    LAIR_SCOPED lair_object *foreign = lair_float_new(other, 0.5);
    for (int bad = 0; bad < LENGTH; bad++) {
        lair_object *items[LENGTH] = {good, good, good, good, good};
        items[bad] = foreign;
        CHECK(lair_tuple_new(heap, items, LENGTH) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
        CHECK(lair_refcount(good) == 1 && lair_refcount(foreign) == 1);
        for (int i = 0; i < LENGTH; i++)
            (void)lair_incref(items[i]);
        CHECK(lair_tuple_steal(heap, items, LENGTH) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
        CHECK(lair_refcount(good) == 1 && lair_refcount(foreign) == 1);
        LAIR_SCOPED lair_object *tuple =
            lair_tuple_new(heap, (lair_object *[]){good, good, good, good, good}, LENGTH);
        CHECK(lair_tuple_length(tuple) == LENGTH && lair_refcount(good) == LENGTH + 1);
    }
}

static void test_from_and_slice(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_build(heap, "[i, i, i]", 1, 2, 3);
    LAIR_SCOPED lair_object *tuple = lair_tuple_from(list);
    LAIR_SCOPED lair_object *same = lair_tuple_from(tuple);
    CHECK(same == tuple && shows(tuple, "(1, 2, 3)") && !equal(list, tuple));
    CHECK(lair_tuple_from(lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_tuple_from(NULL) == NULL);
    LAIR_SCOPED lair_object *middle = lair_tuple_slice(tuple, 1, 2);
    LAIR_SCOPED lair_object *rest = lair_tuple_slice(tuple, 1, SIZE_MAX);
    LAIR_SCOPED lair_object *all = lair_tuple_slice(tuple, 0, 3);
    LAIR_SCOPED lair_object *none = lair_tuple_slice(tuple, 3, 1);
    CHECK(shows(middle, "(2,)") && shows(rest, "(2, 3)") && all == tuple && shows(none, "()"));
    CHECK(lair_tuple_slice(list, 0, 1) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    size_t items = 0;
    LAIR_EACH(at, tuple)
    CHECK(lair_int_value(at.item) == (int64_t)++items);
    CHECK(items == 3);
    bool found = false;
    CHECK(lair_contains(tuple, lair_int_new(heap, 3), &found) == LAIR_OK && found);
    CHECK(lair_contains(tuple, lair_none(heap), &found) == LAIR_OK && !found);
    LAIR_SCOPED lair_object *copy = lair_copy(tuple);
    CHECK(copy == tuple);
}

static void test_order_and_hash(lair_heap *heap)
{
    static const struct {
        int a[3], b[3];
        size_t a_length, b_length;
        int order;
    } pairs[] = {{{1, 2}, {1, 2}, 2, 2, 0},     {{1, 2}, {1, 3}, 2, 2, -1},
                 {{1, 2}, {1, 2, 0}, 2, 3, -1}, {{2}, {1, 9, 9}, 1, 3, 1},
                 {{0}, {0}, 0, 0, 0},           {{0}, {0}, 0, 1, -1}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        lair_object *items[2][3];
        for (int j = 0; j < 3; j++) {
            items[0][j] = lair_int_new(heap, pairs[i].a[j]);
            items[1][j] = lair_int_new(heap, pairs[i].b[j]);
        }
        LAIR_SCOPED lair_object *a = lair_tuple_new(heap, items[0], pairs[i].a_length);
        LAIR_SCOPED lair_object *b = lair_tuple_new(heap, items[1], pairs[i].b_length);
        int order = 9;
        CHECK(lair_compare(a, b, &order) == LAIR_OK && order == pairs[i].order);
        CHECK(equal(a, b) == (pairs[i].order == 0));
        uint64_t one = 0, two = 0;
        CHECK(lair_hash(a, &one) == LAIR_OK && lair_hash(b, &two) == LAIR_OK);
        CHECK((one == two) == (pairs[i].order == 0));
    }
    LAIR_SCOPED lair_object *swapped = lair_build(heap, "(i, i)", 2, 1);
    LAIR_SCOPED lair_object *straight = lair_build(heap, "(i, d)", 1, 2.0);
    LAIR_SCOPED lair_object *ints = lair_build(heap, "(i, i)", 1, 2);
    uint64_t a = 0, b = 0, c = 0;
    CHECK(lair_hash(swapped, &a) == LAIR_OK && lair_hash(straight, &b) == LAIR_OK);
    CHECK(lair_hash(ints, &c) == LAIR_OK && a != c && b == c && equal(straight, ints));
    LAIR_SCOPED lair_object *holder = lair_build(heap, "(i, [])", 1);
    CHECK(lair_hash(holder, &a) == LAIR_ERR_UNHASHABLE);
    /* None has no order, but where both hold the same one the next items decide. */
    LAIR_SCOPED lair_object *x = lair_build(heap, "(n, i)", 1);
    LAIR_SCOPED lair_object *y = lair_build(heap, "(n, i)", 2);
    LAIR_SCOPED lair_object *z = lair_build(heap, "(s, i)", "a", 2);
    int order = 9;
    CHECK(lair_compare(x, y, &order) == LAIR_OK && order < 0);
    CHECK(lair_compare(x, z, &order) == LAIR_ERR_TYPE);
}

/* Dead short tuples are kept and used again, whatever their length was. */
static void test_reuse(lair_heap *heap)
{
    for (int round = 0; round < 3; round++)
        for (size_t length = 1; length < 30; length++) {
            lair_object *items[30];
            lair_object *made[100];
            for (size_t i = 0; i < length; i++)
                items[i] = lair_int_new(heap, (int64_t)(1000 + i));
            for (int i = 0; i < 100; i++)
                REQUIRE((made[i] = lair_tuple_new(heap, items, length)) != NULL);
            for (size_t i = 0; i < length; i++)
                CHECK(lair_refcount(items[i]) == 101);
            for (int i = 0; i < 100; i++) {
                CHECK(lair_tuple_get(made[i], length - 1) == items[length - 1]);
                lair_decref(made[i]);
            }
            for (size_t i = 0; i < length; i++) {
                CHECK(lair_refcount(items[i]) == 1);
                lair_decref(items[i]);
            }
        }
}

static bool make_tuples(lair_heap *heap, void *arg)
{
    lair_object *list = arg;
    LAIR_SCOPED lair_object *from = lair_tuple_from(list);
    LAIR_SCOPED lair_object *part = from != NULL ? lair_tuple_slice(from, 0, 2) : NULL;
    LAIR_SCOPED lair_object *nested =
        LAIR_TUPLE(heap, lair_incref(part), lair_int_new(heap, 7000), lair_incref(from));
    CHECK(lair_refcount(list) == 1);
    return nested != NULL;
}

static void test_failures(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_build(heap, "[i, i, i]", 1000, 2000, 3000);
    FAIL_AT_EVERY_STEP(heap, make_tuples, list);
}

int main(void)
{
    on_every_heap(test_making);
    on_every_heap(test_bad_items);
    on_every_heap(test_from_and_slice);
    on_every_heap(test_order_and_hash);
    on_every_heap(test_reuse);
    on_every_heap(test_failures);
    return check_finish("tuples");
}

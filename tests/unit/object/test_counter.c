/* test_counter.c: counters: counts, totals, ranks, and what may go wrong. */
#include "ground.h"
#include "object/keyed.h"

static lair_object *counter_of(lair_heap *heap, const char *text)
{
    lair_object *counter = lair_counter_new(heap);
    for (; *text != '\0'; text++) {
        LAIR_SCOPED lair_object *item = lair_str_new_n(heap, text, 1);
        REQUIRE(lair_counter_add(counter, item, 1) == LAIR_OK);
    }
    return counter;
}

static int64_t count_in(lair_object *counter, const char *text)
{
    LAIR_SCOPED lair_object *item = lair_str_new(lair_heap_of(counter), text);
    int64_t times = -1;
    CHECK(lair_counter_get(counter, item, &times) == LAIR_OK);
    return times;
}

static void test_counting(lair_heap *heap)
{
    LAIR_SCOPED lair_object *empty = lair_counter_new(heap);
    LAIR_SCOPED lair_object *counter = counter_of(heap, "abracadabra");
    int64_t total = -1;
    CHECK(shows(empty, "Counter()") && !lair_truth(empty) && lair_length(counter) == 5);
    CHECK(shows(counter, "Counter({'a': 5, 'b': 2, 'r': 2, 'c': 1, 'd': 1})"));
    CHECK(count_in(counter, "a") == 5 && count_in(counter, "z") == 0);
    CHECK(lair_counter_total(counter, &total) == LAIR_OK && total == 11);
    CHECK(lair_counter_total(empty, &total) == LAIR_OK && total == 0);
    LAIR_SCOPED lair_object *item = lair_str_new(heap, "an item");
    CHECK(lair_counter_add(counter, item, -7) == LAIR_OK && lair_refcount(item) == 2);
    CHECK(lair_counter_add(counter, item, 7) == LAIR_OK && lair_length(counter) == 6);
    bool found = false, was_there = false;
    CHECK(lair_contains(counter, item, &found) == LAIR_OK && found);
    CHECK(count_in(counter, "an item") == 0);
    CHECK(lair_counter_discard(counter, item, &was_there) == LAIR_OK && was_there);
    CHECK(lair_counter_discard(counter, item, &was_there) == LAIR_OK && !was_there);
    CHECK(lair_counter_discard(counter, item, NULL) == LAIR_OK && lair_refcount(item) == 1);
    CHECK(lair_counter_clear(counter) == LAIR_OK && lair_length(counter) == 0);
}

static void test_overflow(lair_heap *heap)
{
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    LAIR_SCOPED lair_object *a = lair_str_new(heap, "item a");
    LAIR_SCOPED lair_object *b = lair_str_new(heap, "item b");
    int64_t times = 0, total = 5;
    CHECK(lair_counter_add(counter, a, INT64_MAX) == LAIR_OK);
    CHECK(lair_counter_add(counter, a, 1) == LAIR_ERR_OVERFLOW);
    CHECK(lair_counter_get(counter, a, &times) == LAIR_OK && times == INT64_MAX);
    CHECK(lair_counter_add(counter, b, INT64_MIN) == LAIR_OK);
    CHECK(lair_counter_add(counter, b, -1) == LAIR_ERR_OVERFLOW);
    CHECK(lair_counter_total(counter, &total) == LAIR_OK && total == -1);
    CHECK(lair_counter_add(counter, b, INT64_MAX) == LAIR_OK);
    CHECK(lair_counter_add(counter, b, 2) == LAIR_OK);
    CHECK(lair_counter_total(counter, &total) == LAIR_ERR_OVERFLOW && total == -1);
    CHECK(lair_counter_count_all(counter, counter) == LAIR_ERR_OVERFLOW);
}

static void test_count_all(lair_heap *heap)
{
    LAIR_SCOPED lair_object *counter = counter_of(heap, "ab");
    LAIR_SCOPED lair_object *other = counter_of(heap, "bbc");
    LAIR_SCOPED lair_object *dict = LAIR_DICT(heap, lair_str_new(heap, "a"), lair_none(heap));
    LAIR_SCOPED lair_object *list =
        LAIR_LIST(heap, lair_str_new(heap, "c"), lair_list_new(heap), lair_str_new(heap, "d"));
    CHECK(lair_counter_count_all(counter, other) == LAIR_OK);
    CHECK(shows(counter, "Counter({'a': 1, 'b': 3, 'c': 1})"));
    CHECK(lair_counter_count_all(counter, counter) == LAIR_OK);
    CHECK(lair_counter_count_all(counter, dict) == LAIR_OK);
    CHECK(shows(counter, "Counter({'a': 3, 'b': 6, 'c': 2})"));
    CHECK(lair_counter_count_all(counter, list) == LAIR_ERR_UNHASHABLE); /* up to the failure */
    CHECK(shows(counter, "Counter({'a': 3, 'b': 6, 'c': 3})"));
    CHECK(lair_counter_count_all(counter, lair_none(heap)) == LAIR_ERR_TYPE);
}

static void test_most_common(lair_heap *heap)
{
    LAIR_SCOPED lair_object *counter = counter_of(heap, "xyabracadabra");
    LAIR_SCOPED lair_object *three = lair_counter_most_common(counter, 3);
    LAIR_SCOPED lair_object *all = lair_counter_most_common(counter, SIZE_MAX);
    LAIR_SCOPED lair_object *none = lair_counter_most_common(counter, 0);
    CHECK(shows(three, "[('a', 5), ('b', 2), ('r', 2)]") && shows(none, "[]"));
    CHECK(shows(all, "[('a', 5), ('b', 2), ('r', 2), ('x', 1), ('y', 1), ('c', 1), ('d', 1)]"));
}

static void test_iterate(lair_heap *heap)
{
    LAIR_SCOPED lair_object *counter = counter_of(heap, "aab");
    LAIR_SCOPED lair_object *large = lair_str_new(heap, "large");
    CHECK(lair_counter_add(counter, large, 100000) == LAIR_OK);
    static const int64_t counts[] = {2, 1, 100000};
    size_t i = 0;
    LAIR_EACH(at, counter)
    {
        CHECK(lair_is(at.key, LAIR_KIND_STR) && lair_int_value(at.item) == counts[i++]);
        CHECK(lair_counter_add(counter, at.key, 1) == LAIR_OK); /* no new item */
    }
    CHECK(i == 3);
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(counter);
    CHECK(lair_next_item(&at) && lair_counter_discard(counter, large, NULL) == LAIR_OK);
    CHECK(!lair_next_item(&at) && at.status == LAIR_ERR_CHANGED);
    CHECK(lair_counter_add(counter, large, 100000) == LAIR_OK);
    (void)lair_heap_trim(heap);
    LAIR_SCOPED_CURSOR lair_cursor again = lair_cursor_of(counter);
    CHECK(lair_next_item(&again) && lair_next_item(&again));
    lair_heap_inject_failure(heap, 1, true);
    CHECK(!lair_next_item(&again) && again.status == LAIR_ERR_NO_MEMORY);
    lair_heap_inject_failure(heap, 0, false);
}

static void test_equal_and_copies(lair_heap *heap)
{
    LAIR_SCOPED lair_object *counter = counter_of(heap, "abcabcabd");
    LAIR_SCOPED lair_object *other = counter_of(heap, "dcbacbaba");
    LAIR_SCOPED lair_object *shallow = lair_copy(counter);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(counter);
    CHECK(equal(counter, other) && equal(counter, shallow) && equal(deep, other));
    LAIR_SCOPED lair_object *item = lair_str_new(heap, "a");
    CHECK(lair_counter_add(deep, item, 1) == LAIR_OK && !equal(deep, counter));
    CHECK(lair_counter_discard(shallow, item, NULL) == LAIR_OK && !equal(shallow, counter));
    uint64_t hash;
    CHECK(lair_hash(counter, &hash) == LAIR_ERR_UNHASHABLE);
    CHECK(table_check(keyed_of(deep)) == NULL && table_check(keyed_of(shallow)) == NULL);
}

static void check_no_counter(lair_heap *heap, lair_object *object, lair_status status)
{
    lair_object *none = lair_none(heap);
    int64_t number = 5;
    bool answer = true;
#define REFUSES(call) CHECK_REFUSED(heap, object, status, call)
    REFUSES(lair_counter_add(object, none, 1) == status);
    REFUSES(lair_counter_count_all(object, none) == status);
    REFUSES(lair_counter_get(object, none, &number) == status);
    REFUSES(lair_counter_total(object, &number) == status);
    REFUSES(lair_counter_discard(object, none, &answer) == status);
    REFUSES(lair_counter_clear(object) == status);
    REFUSES(lair_counter_most_common(object, 1) == NULL);
    CHECK(answer && number == 5);
}

static void test_refusals(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    check_no_counter(heap, list, LAIR_ERR_TYPE);
    check_no_counter(heap, NULL, LAIR_ERR_ENCODING);
    lair_object *object = NULL;
    lair_status status = LAIR_ERR_ENCODING;
    int64_t times = 5;
    REFUSES(lair_counter_add(counter, NULL, 1) == status);
    REFUSES(lair_counter_get(counter, NULL, &times) == status);
    REFUSES(lair_counter_count_all(counter, NULL) == status);
    REFUSES(lair_counter_new(NULL) == NULL);
    CHECK(lair_counter_add(counter, list, 1) == LAIR_ERR_UNHASHABLE && times == 5);
    CHECK(lair_counter_get(counter, list, &times) == LAIR_ERR_UNHASHABLE && times == 5);
    lair_heap *elsewhere = lair_heap_open(NULL);
    CHECK(lair_counter_add(counter, lair_none(elsewhere), 1) == LAIR_ERR_WRONG_HEAP);
    lair_heap_close(elsewhere);
    CHECK(lair_length(counter) == 0);
}

/* -- memory that fails ----------------------------------------------------------------------- */

static bool make_counters(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    LAIR_SCOPED lair_object *half = lair_float_new(heap, 0.5);
    if (counter == NULL || half == NULL || lair_counter_add(counter, half, 100000) != LAIR_OK)
        return false;
    LAIR_SCOPED lair_object *list = lair_counter_most_common(counter, 1);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(counter);
    LAIR_SCOPED lair_object *shallow = lair_copy(counter);
    LAIR_SCOPED lair_object *text = lair_repr(counter);
    return list != NULL && copy != NULL && shallow != NULL && text != NULL;
}

static bool count_one(lair_heap *heap, void *arg)
{
    lair_object **given = arg;
    bool counted = lair_counter_add(given[0], given[1], 3) == LAIR_OK;
    lair_heap_inject_failure(heap, 0, false);
    CHECK(lair_length(given[0]) == (counted ? 4 : 3));
    CHECK(table_check(keyed_of(given[0])) == NULL);
    lair_decref(given[0]); /* as it was */
    given[0] = counter_of(heap, "abc");
    return counted;
}

static void test_failures(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_counters, NULL);
    lair_object *given[] = {counter_of(heap, "abc"), lair_float_new(heap, 0.5)};
    FAIL_AT_EVERY_STEP(heap, count_one, given);
    lair_decref(given[0]);
    lair_decref(given[1]);
}

int main(void)
{
    on_every_heap(test_counting);
    on_every_heap(test_overflow);
    on_every_heap(test_count_all);
    on_every_heap(test_most_common);
    on_every_heap(test_iterate);
    on_every_heap(test_equal_and_copies);
    on_every_heap(test_refusals);
    on_every_heap(test_failures);
    return check_finish("counters");
}

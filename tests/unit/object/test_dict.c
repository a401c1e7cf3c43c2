/* test_dict.c: dicts: what they hold and in what order, what they say when they cannot, what code
 * of the program may do to them from inside, and how much they take.
 */
#include <math.h>

#include "audit.h"
#include "dicts.h"
#include "node.h"

/* -- keys and values ------------------------------------------------------------------------- */

static void test_set_and_get(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *key = lair_str_new(heap, "key");
    LAIR_SCOPED lair_object *value = lair_list_new(heap);
    LAIR_SCOPED lair_object *other = lair_list_new(heap);
    CHECK(lair_dict_length(dict) == 0 && !lair_truth(dict) && shows(dict, "{}"));
    CHECK(lair_dict_set(dict, key, value) == LAIR_OK);
    CHECK(lair_refcount(key) == 2 && lair_refcount(value) == 2);
    CHECK(lair_dict_get(dict, key) == value && lair_dict_get_str(dict, "key") == value);
    CHECK(lair_refcount(value) == 2);
    CHECK(lair_dict_set(dict, key, other) == LAIR_OK);
    CHECK(lair_refcount(key) == 2 && lair_refcount(value) == 1 && lair_refcount(other) == 2);
    CHECK(lair_dict_set_new(dict, lair_incref(key), lair_incref(value)) == LAIR_OK);
    CHECK(lair_refcount(key) == 2 && lair_refcount(value) == 2 && lair_refcount(other) == 1);
    CHECK(lair_dict_length(dict) == 1 && lair_length(dict) == 1 && lair_truth(dict));
    CHECK(lair_dict_delete(dict, key) == LAIR_OK);
    CHECK(lair_refcount(key) == 1 && lair_refcount(value) == 1 && lair_dict_length(dict) == 0);
    CHECK(table_ok(dict));
}

/* A text as the key makes no object where the key is there. */
static void test_texts(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *interned = lair_str_intern_text(heap, "name");
    CHECK(lair_dict_set_str_new(dict, "name", lair_int_new(heap, 1000)) == LAIR_OK);
    LAIR_SCOPED lair_object *keys = lair_dict_keys(dict);
    CHECK(lair_list_get(keys, 0) == interned);
    lair_heap_inject_failure(heap, 1, true);
    lair_object *none = lair_none(heap), *found = NULL;
    CHECK(lair_dict_set_str(dict, "name", none) == LAIR_OK);
    CHECK(lair_dict_get_str(dict, "name") == none);
    CHECK(lair_dict_find_str(dict, "name", &found) == LAIR_OK && found == none);
    CHECK(lair_dict_find_str(dict, "nam", &found) == LAIR_OK && found == NULL);
    CHECK(lair_dict_set_str(dict, "other", none) == LAIR_ERR_NO_MEMORY);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(lair_dict_length(dict) == 1);
    CHECK(lair_dict_set_str_new(dict, "", lair_incref(interned)) == LAIR_OK);
    CHECK(lair_dict_get_str(dict, "") == interned);
    CHECK(lair_dict_delete_str(dict, "name") == LAIR_OK && lair_dict_length(dict) == 1);
    CHECK(lair_dict_set_str(dict, "\xff", none) == LAIR_ERR_ENCODING);
    CHECK(shows(dict, "{'': 'name'}"));
}

/* 1, 1.0 and true are one key, and the first that came in stays. */
static void test_equal_keys(lair_heap *heap)
{
    lair_object *const numbers[] = {lair_int_new(heap, 1), lair_float_new(heap, 1.0),
                                    lair_bool(heap, true)};
    for (size_t first = 0; first < 3; first++) {
        for (int many = 0; many < 40; many += 13) { /* a small table, and one with an index */
            LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
            for (int i = 0; i < many; i++)
                CHECK(lair_dict_set_new(dict, lair_int_new(heap, 1000 + i), lair_none(heap)) ==
                      LAIR_OK);
            for (size_t i = 0; i < 3; i++)
                CHECK(lair_dict_set(dict, numbers[(first + i) % 3], numbers[i]) == LAIR_OK);
            CHECK(lair_dict_length(dict) == (size_t)many + 1 && table_ok(dict));
            lair_object *key = NULL, *value = NULL;
            CHECK(lair_dict_pop_item(dict, &key, &value) == LAIR_OK);
            CHECK(key == numbers[first] && value == numbers[2]);
            lair_decref(key);
            lair_decref(value);
        }
    }
    for (size_t i = 0; i < 3; i++)
        lair_decref(numbers[i]);
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *far = lair_int_new(heap, INT64_MAX);
    LAIR_SCOPED lair_object *near = lair_float_new(heap, 0x1p63);
    LAIR_SCOPED lair_object *nan = lair_float_new(heap, (double)NAN);
    CHECK(lair_dict_set(dict, near, far) == LAIR_OK && lair_dict_set(dict, far, near) == LAIR_OK);
    CHECK(lair_dict_set(dict, nan, far) == LAIR_OK && lair_dict_length(dict) == 3);
    CHECK(lair_dict_get(dict, nan) == far);
}

static void test_set_default(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *key = lair_str_new(heap, "key");
    LAIR_SCOPED lair_object *value = lair_list_new(heap);
    LAIR_SCOPED lair_object *other = lair_list_new(heap);
    CHECK(lair_dict_set_default(dict, key, value) == value);
    CHECK(lair_refcount(key) == 2 && lair_refcount(value) == 2);
    CHECK(lair_dict_set_default(dict, key, other) == value);
    CHECK(lair_refcount(key) == 2 && lair_refcount(value) == 2 && lair_refcount(other) == 1);
}

static void test_pop(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *value = lair_list_new(heap);
    CHECK(lair_dict_set_str(dict, "a", value) == LAIR_OK);
    CHECK(lair_dict_set_str(dict, "b", value) == LAIR_OK);
    LAIR_SCOPED lair_object *a = lair_str_new(heap, "a");
    LAIR_SCOPED lair_object *popped = lair_dict_pop(dict, a);
    CHECK(popped == value && lair_refcount(value) == 3 && lair_dict_length(dict) == 1);
    lair_object *key = NULL, *last = NULL;
    CHECK(lair_dict_pop_item(dict, &key, &last) == LAIR_OK);
    CHECK(last == value && lair_refcount(value) == 3 && shows(key, "'b'"));
    lair_decref(key);
    lair_decref(last);
    CHECK(lair_dict_pop_item(dict, &key, &last) == LAIR_ERR_KEY);
    CHECK(lair_dict_pop(dict, a) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_KEY);
}

static void test_steal(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict =
        LAIR_DICT(heap, lair_str_new(heap, "a"), lair_int_new(heap, 1), lair_str_new(heap, "b"),
                  lair_list_new(heap), lair_str_new(heap, "a"), lair_int_new(heap, 2));
    CHECK(shows(dict, "{'a': 2, 'b': []}"));
    CHECK(LAIR_DICT(heap, lair_str_new(heap, "a"), lair_list_new(heap), lair_str_new(heap, "b")) ==
          NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(LAIR_DICT(heap, lair_str_new(heap, "a"), lair_str_new(heap, "\xff")) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
    CHECK(LAIR_DICT(heap, lair_list_new(heap), lair_str_new(heap, "a")) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_UNHASHABLE);
    LAIR_SCOPED lair_object *empty = lair_dict_steal(heap, NULL, 0);
    CHECK(lair_dict_length(empty) == 0);
}

static void test_lists(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = LAIR_DICT(heap, lair_str_new(heap, "x"), lair_int_new(heap, 1),
                                              lair_float_new(heap, 0.5), lair_str_new(heap, "y"));
    LAIR_SCOPED lair_object *keys = lair_dict_keys(dict);
    LAIR_SCOPED lair_object *values = lair_dict_values(dict);
    LAIR_SCOPED lair_object *items = lair_dict_items(dict);
    CHECK(shows(keys, "['x', 0.5]") && shows(values, "[1, 'y']"));
    CHECK(shows(items, "[('x', 1), (0.5, 'y')]"));
    lair_object *const empties[] = {lair_dict_new(heap), NULL};
    LAIR_SCOPED lair_object *none = lair_dict_items(empties[0]);
    CHECK(shows(none, "[]"));
    lair_decref(empties[0]);
}

static void test_update(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 3);
    LAIR_SCOPED lair_object *other = LAIR_DICT(heap, lair_int_new(heap, 2), lair_none(heap),
                                               lair_str_new(heap, "new"), lair_none(heap));
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(lair_dict_update(dict, other) == LAIR_OK);
    CHECK(shows(dict, "{0: 0, 1: -1, 2: None, 'new': None}"));
    CHECK(lair_dict_update(dict, dict) == LAIR_OK && lair_dict_length(dict) == 4);
    CHECK(lair_counter_add(counter, list, 1) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_counter_add(counter, lair_none(heap), 7) == LAIR_OK);
    CHECK(lair_dict_update(dict, counter) == LAIR_OK);
    CHECK(shows(dict, "{0: 0, 1: -1, 2: None, 'new': None, None: 7}"));
    CHECK(lair_dict_update(dict, list) == LAIR_OK);
    CHECK(lair_list_append(list, list) == LAIR_OK);
    CHECK(lair_dict_update(dict, list) == LAIR_ERR_TYPE);
    CHECK(lair_dict_update(dict, lair_none(heap)) == LAIR_ERR_TYPE);
    CHECK(lair_list_clear(list) == LAIR_OK);
    CHECK(lair_dict_length(dict) == 5 && table_ok(dict));
}

/* -- sizes ----------------------------------------------------------------------------------- */

/* Every size at which the block changes its form; with keys that keep their hash and without. */
static void test_growth(lair_heap *heap)
{
    static const int64_t sizes[] = {1, 3, 4, 8, 9, 16, 17, 24, 25, 48, 49, 1000, 6144, 6145, 20000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int mixed = 0; mixed < 3; mixed++) {
            LAIR_SCOPED lair_object *dict = dict_of_ints(heap, sizes[i]);
            if (mixed != 0)
                CHECK(lair_dict_set_new(dict, lair_float_new(heap, 0.5), lair_none(heap)) ==
                      LAIR_OK);
            if (mixed == 2)
                CHECK(lair_dict_shrink(dict) == LAIR_OK);
            CHECK(table_ok(dict));
            for (int64_t j = 0; j < sizes[i]; j++) {
                LAIR_SCOPED lair_object *key = lair_int_new(heap, j);
                CHECK(lair_int_value(lair_dict_get(dict, key)) == -j);
            }
            for (int64_t j = sizes[i] - 1; j >= 0; j--) {
                LAIR_SCOPED lair_object *key = lair_int_new(heap, j % 2 != 0 ? j : -1 - j);
                lair_object *found = dict;
                CHECK(lair_dict_find(dict, key, &found) == LAIR_OK && (found != NULL) == (j % 2));
                if (found != NULL)
                    CHECK(lair_dict_delete(dict, key) == LAIR_OK);
            }
            CHECK(table_ok(dict));
            CHECK(lair_dict_length(dict) == (size_t)(sizes[i] + 1) / 2 + (mixed != 0));
        }
    }
}

static void test_room(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    for (size_t count = 1; count < 3000; count = count * 3 + 1) {
        CHECK(lair_dict_clear(dict) == LAIR_OK);
        CHECK(lair_dict_reserve(dict, count) == LAIR_OK);
        lair_heap_inject_failure(heap, 1, true); /* small ints and none are there already */
        for (size_t i = 0; i < count && i < 250; i++)
            CHECK(lair_dict_set(dict, lair_int_new(heap, (int64_t)i), lair_none(heap)) == LAIR_OK);
        lair_heap_inject_failure(heap, 0, false);
        size_t before = lair_sizeof(dict);
        CHECK(lair_dict_shrink(dict) == LAIR_OK && lair_sizeof(dict) <= before && table_ok(dict));
    }
    CHECK(lair_dict_reserve(dict, (size_t)UINT32_MAX * 2) == LAIR_ERR_OVERFLOW);
    CHECK(lair_dict_reserve(dict, SIZE_MAX) == LAIR_ERR_OVERFLOW);
    CHECK(lair_dict_length(dict) == 250 && lair_dict_reserve(dict, 0) == LAIR_OK);
    CHECK(lair_dict_clear(dict) == LAIR_OK && lair_dict_shrink(dict) == LAIR_OK);
    CHECK(lair_sizeof(dict) == 32 || lair_heap_get_options(heap)->alignment != 8 ||
          LAIR_SEGREGATED_COUNTS || LAIR_DEBUG_REFERENCES);
}

/* Bytes against CPython 3.13: 64 for the dict, 32 and the index and 16 for each entry it has room
 * for, which are 5, 10, 21, 42 ..., where all keys are strs; 24 where not. */
static void test_bytes(lair_heap *heap)
{
    double worst = 0, sum = 0;
    size_t sizes = 0;
    if (lair_heap_get_options(heap)->alignment != 8 || LAIR_DEBUG_REFERENCES)
        return;
    for (size_t count = 0; count <= 2000; count = count < 20 ? count + 1 : count * 6 / 5) {
        for (int strs = 0; strs < 2; strs++) {
            LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
            for (size_t i = 0; i < count; i++) {
                lair_object *key = strs != 0 ? lair_str_format(heap, "key %zu", i)
                                             : lair_int_new(heap, (int64_t)i);
                CHECK(lair_dict_set_new(dict, key, lair_none(heap)) == LAIR_OK);
            }
            size_t slots = 8;
            while (slots * 2 / 3 < count)
                slots *= 2;
            size_t theirs = count == 0 ? 64
                                       : 64 + 32 + slots * (slots > 128 ? 2 : 1) +
                                             slots * 2 / 3 * (strs != 0 ? 16 : 24);
            double ratio = (double)lair_sizeof(dict) / (double)theirs;
            sum += ratio;
            sizes++;
            worst = ratio > worst ? ratio : worst;
        }
    }
    printf("bytes of a dict against CPython's: %.2f on average, %.2f at most\n",
           sum / (double)sizes, worst);
    CHECK(sum / (double)sizes <= 0.8 && worst <= 1.2);
}

/* -- what must not take quadratic time ------------------------------------------------------- */

static void test_queue(lair_heap *heap)
{
    enum { LENGTH = 3000, TURNS = 60000 };
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, LENGTH);
    for (int64_t i = 0; i < TURNS; i++) {
        LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(dict);
        CHECK(lair_next_item(&at) && lair_int_value(at.key) == i);
        CHECK(lair_dict_delete(dict, at.key) == LAIR_OK);
        CHECK(lair_dict_set_new(dict, lair_int_new(heap, LENGTH + i), lair_none(heap)) == LAIR_OK);
    }
    CHECK(lair_dict_length(dict) == LENGTH && table_ok(dict));
    for (int64_t i = 0; i < LENGTH; i++) { /* emptied from the front */
        LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(dict);
        CHECK(lair_next_item(&at) && lair_dict_delete(dict, at.key) == LAIR_OK);
    }
    CHECK(lair_dict_length(dict) == 0 && table_ok(dict));
}

static void test_stack(lair_heap *heap)
{
    enum { LENGTH = 6144 / 2, TURNS = 60000 }; /* an index that is just full */
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, LENGTH);
    for (int64_t i = 0; i < TURNS; i++) {
        lair_object *key = NULL, *value = NULL;
        CHECK(lair_dict_pop_item(dict, &key, &value) == LAIR_OK);
        lair_decref(key);
        lair_decref(value);
        CHECK(lair_dict_set_new(dict, lair_int_new(heap, i * 77 + 100000), lair_none(heap)) ==
              LAIR_OK);
    }
    CHECK(lair_dict_length(dict) == LENGTH && table_ok(dict));
}

/* Ints that lie badly: each pattern on its own and all together. */
static void test_patterns(lair_heap *heap)
{
    enum { COUNT = 20000, PATTERNS = 6 };
    LAIR_SCOPED lair_object *all = lair_dict_new(heap);
    for (int pattern = 0; pattern < PATTERNS; pattern++) {
        LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
        for (int64_t i = 1; i <= COUNT; i++) {
            const int64_t keys[PATTERNS] = {i << 32, i << 16,       i * 4096 + i % 2,
                                            -i,      i * 32768 * 3, i / 200 * (1 << 20) + i % 200};
            LAIR_SCOPED lair_object *key = lair_int_new(heap, keys[pattern]);
            CHECK(lair_dict_set(dict, key, key) == LAIR_OK);
            CHECK(lair_dict_set(all, key, key) == LAIR_OK);
            CHECK(lair_dict_get(dict, key) == key);
        }
        CHECK(lair_dict_length(dict) == COUNT && table_ok(dict));
    }
    CHECK(table_ok(all));
    LAIR_SCOPED lair_object *copy = lair_copy(all);
    CHECK(equal(all, copy) && table_ok(copy));
}

/* -- iterating ------------------------------------------------------------------------------- */

static void test_iterate(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 50);
    int64_t i = 0;
    LAIR_EACH(at, dict)
    {
        CHECK(lair_int_value(at.key) == i && lair_int_value(at.item) == -i);
        CHECK(lair_dict_set(dict, at.key, at.item) == LAIR_OK); /* no new key */
        i++;
    }
    CHECK(i == 50);
    lair_status (*const changes[])(lair_object *) = {lair_dict_clear, lair_dict_shrink};
    for (size_t change = 0; change < 4; change++) {
        LAIR_SCOPED lair_object *copy = lair_copy(dict);
        LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(copy);
        CHECK(lair_next_item(&at) && lair_dict_delete(copy, at.key) == LAIR_OK);
        if (change < 2)
            CHECK(changes[change](copy) == LAIR_OK);
        else if (change == 2)
            CHECK(lair_dict_reserve(copy, 1000) == LAIR_OK);
        else
            CHECK(lair_dict_set(copy, at.key, at.item) == LAIR_OK); /* the same length again */
        CHECK(!lair_next_item(&at) && at.status == LAIR_ERR_CHANGED);
        CHECK(strcmp(lair_error_message(), "dict changed size during iteration") == 0);
        CHECK(at.container == NULL && at.key == NULL && at.item == NULL);
    }
}

/* A walk that takes no references. */
static void test_walk(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    lair_dict_walk empty = {.dict = dict};
    CHECK(!lair_dict_next(&empty) && empty.status == LAIR_OK);
    for (int64_t i = 0; i < 60; i++)
        REQUIRE(lair_dict_set_new(dict, lair_int_new(heap, 1000 + i),
                                  lair_float_new(heap, (double)i)) == LAIR_OK);
    for (int64_t gone = 1000; gone < 1060; gone += gone < 1010 ? 1 : 7) {
        LAIR_SCOPED lair_object *key = lair_int_new(heap, gone);
        CHECK(lair_dict_delete(dict, key) == LAIR_OK);
    }
    LAIR_SCOPED lair_object *keys = lair_dict_keys(dict), *values = lair_dict_values(dict);
    lair_dict_walk at = {.dict = dict};
    size_t i = 0;
    for (; lair_dict_next(&at); i++) {
        CHECK(lair_list_get(keys, i) == at.key && lair_list_get(values, i) == at.value);
        CHECK(lair_refcount(at.key) == 2 && lair_refcount(at.value) == 2);
        CHECK(lair_dict_set(dict, at.key, at.value) == LAIR_OK); /* no new key */
    }
    CHECK(at.status == LAIR_OK && at.key == NULL && at.value == NULL);
    CHECK(i == lair_dict_length(dict) && i > 30 && lair_refcount(dict) == 1);
    CHECK(!lair_dict_next(&at) && at.status == LAIR_OK);
    lair_decref(lair_list_pop(values, SIZE_MAX)); /* nothing else was held */
    CHECK(lair_refcount(lair_list_get(values, 0)) == 2);
}

static void test_walk_refused(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 50);
    lair_status (*const changes[])(lair_object *) = {lair_dict_clear, lair_dict_shrink};
    for (size_t change = 0; change < 4; change++) {
        LAIR_SCOPED lair_object *copy = lair_copy(dict);
        lair_dict_walk at = {.dict = copy};
        CHECK(lair_dict_next(&at));
        LAIR_SCOPED lair_object *key = lair_incref(at.key);
        CHECK(lair_dict_delete(copy, key) == LAIR_OK);
        if (change < 2)
            CHECK(changes[change](copy) == LAIR_OK);
        else if (change == 2)
            CHECK(lair_dict_set(copy, key, key) == LAIR_OK); /* the same length again */
        CHECK(!lair_dict_next(&at) && at.status == LAIR_ERR_CHANGED);
        CHECK(strcmp(lair_error_message(), "dict changed size during iteration") == 0);
        CHECK(at.key == NULL && at.value == NULL);
    }
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    lair_object *const others[] = {list, counter};
    for (size_t i = 0; i < 2; i++) {
        lair_dict_walk at = {.dict = others[i]};
        CHECK(!lair_dict_next(&at) && at.status == LAIR_ERR_TYPE);
    }
    lair_dict_walk nothing = {.dict = NULL};
    CHECK(!lair_dict_next(&nothing) && nothing.status == LAIR_ERR_TYPE); /* the pending one */
    lair_dict_walk truncated = {.dict = dict};
    CHECK(lair_dict_next(&truncated) && lair_truncate(dict) == LAIR_OK);
    CHECK(!lair_dict_next(&truncated) && truncated.status == LAIR_ERR_TYPE);
}

/* -- text, equality, copies ------------------------------------------------------------------ */

static void test_repr(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict =
        LAIR_DICT(heap, lair_str_new(heap, "a"), lair_int_new(heap, 1), lair_int_new(heap, 2),
                  LAIR_DICT(heap, LAIR_TUPLE(heap, lair_int_new(heap, 1), lair_none(heap)),
                            lair_float_new(heap, 0.5)));
    CHECK(shows(dict, "{'a': 1, 2: {(1, None): 0.5}}"));
    CHECK(lair_dict_set_str(dict, "self", dict) == LAIR_OK);
    CHECK(shows(dict, "{'a': 1, 2: {(1, None): 0.5}, 'self': {...}}"));
    CHECK(lair_dict_delete_str(dict, "a") == LAIR_OK);
    CHECK(shows(dict, "{2: {(1, None): 0.5}, 'self': {...}}"));
    CHECK(lair_dict_clear(dict) == LAIR_OK);
}

static void test_equal(lair_heap *heap)
{
    LAIR_SCOPED lair_object *a = dict_of_ints(heap, 100);
    LAIR_SCOPED lair_object *b = lair_dict_new(heap);
    CHECK(!equal(a, b) && equal(a, a));
    for (int64_t i = 99; i >= 0; i--) /* in another order, with other objects */
        CHECK(lair_dict_set_new(b, lair_float_new(heap, (double)i), lair_int_new(heap, -i)) ==
              LAIR_OK);
    CHECK(equal(a, b) && equal(b, a));
    LAIR_SCOPED lair_object *key = lair_int_new(heap, 50);
    CHECK(lair_dict_set(b, key, lair_none(heap)) == LAIR_OK && !equal(a, b) && !equal(b, a));
    CHECK(lair_dict_delete(b, key) == LAIR_OK && !equal(a, b));
    CHECK(lair_dict_set_str(b, "50", lair_none(heap)) == LAIR_OK && !equal(a, b) && !equal(b, a));
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(!equal(a, list));
    int order;
    uint64_t hash;
    CHECK(lair_compare(a, b, &order) == LAIR_ERR_TYPE);
    CHECK(lair_hash(a, &hash) == LAIR_ERR_UNHASHABLE);
}

static void test_copies(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (int i = 0; i < 100; i++)
        CHECK(lair_dict_set_new(dict, lair_int_new(heap, i), lair_incref(list)) == LAIR_OK);
    for (int i = 0; i < 30; i++) {
        LAIR_SCOPED lair_object *key = lair_int_new(heap, i * 2);
        CHECK(lair_dict_delete(dict, key) == LAIR_OK);
    }
    CHECK(lair_dict_set_str(dict, "self", dict) == LAIR_OK);
    LAIR_SCOPED lair_object *shallow = lair_copy(dict);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(dict);
    CHECK(table_ok(shallow) && table_ok(deep));
    CHECK(lair_dict_length(shallow) == 71 && lair_dict_length(deep) == 71);
    CHECK(lair_refcount(list) == 1 + 70 * 2 && lair_dict_get_str(shallow, "self") == dict);
    CHECK(lair_dict_get_str(deep, "self") == deep);
    LAIR_SCOPED lair_object *key = lair_int_new(heap, 99);
    lair_object *copied = lair_dict_get(deep, key);
    CHECK(copied != list && lair_refcount(copied) == 70);
    const audit_root roots[] = {{dict, 1}, {shallow, 1}, {deep, 1}, {list, 1}};
    CHECK(audit_references(roots, 4, NULL));
    CHECK(lair_dict_clear(dict) == LAIR_OK && lair_dict_clear(deep) == LAIR_OK);
}

/* Keys that are copied to something else. */
static void test_copy_of_keys(lair_heap *heap)
{
    NODE_TYPE(nodes, heap, false);
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    for (int i = 0; i < 40; i++)
        CHECK(lair_dict_set_new(dict, node_new(nodes, i, dict), node_new(nodes, -i, NULL)) ==
              LAIR_OK);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(dict);
    CHECK(table_ok(copy) && equal(dict, copy) && nodes_alive(nodes) == 160);
    LAIR_EACH(at, copy)
    CHECK(lair_refcount(at.key) == 2 && node_of(at.key)->link == dict);
    CHECK(lair_dict_clear(dict) == LAIR_OK && lair_dict_clear(copy) == LAIR_OK);
}

/* -- errors ---------------------------------------------------------------------------------- */

static void test_missing(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *key = LAIR_TUPLE(heap, lair_int_new(heap, 1), lair_str_new(heap, "é"));
    CHECK(lair_dict_get(dict, key) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_KEY);
    CHECK(strcmp(lair_error_message(), "no key (1, 'é') in the dict") == 0);
    CHECK(lair_dict_get_str(dict, "it's") == NULL);
    CHECK(strcmp(lair_error_message(), "no key \"it's\" in the dict") == 0);
    CHECK(lair_dict_delete(dict, key) == LAIR_ERR_KEY);
    CHECK(lair_dict_delete_str(dict, "x") == LAIR_ERR_KEY);
    CHECK(lair_dict_pop(dict, key) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_KEY);
    char text[200] = "x"; /* cut at 80 bytes, but not inside a character */
    for (int i = 0; i < 60; i++)
        strcat(text, "é");
    CHECK(lair_dict_get_str(dict, text) == NULL);
    CHECK(strlen(lair_error_message()) == strlen("no key ... in the dict") + 80);
    text[1 + 2 * 39] = '\0';
    CHECK(strstr(lair_error_message(), text) != NULL);
    lair_heap_inject_failure(heap, 1, true);
    lair_status status = lair_dict_delete(dict, key);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(status == LAIR_ERR_KEY);
    CHECK(strcmp(lair_error_message(), "no such key, a tuple, in the dict") == 0);
}

static void test_refusals(lair_heap *heap)
{
    lair_heap *elsewhere = lair_heap_open(NULL);
    lair_object *foreign = lair_str_new(elsewhere, "foreign");
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 20);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    lair_object *none = lair_none(heap), *found = none;
    struct {
        lair_object *key, *value;
        lair_status status;
    } rows[] = {{list, none, LAIR_ERR_UNHASHABLE},
                {dict, none, LAIR_ERR_UNHASHABLE},
                {foreign, none, LAIR_ERR_WRONG_HEAP},
                {none, foreign, LAIR_ERR_WRONG_HEAP}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lair_object *key = rows[i].key, *value = rows[i].value;
        uint32_t keys = lair_refcount(key), values = lair_refcount(value);
        CHECK(lair_dict_set(dict, key, value) == rows[i].status);
        CHECK(lair_dict_set_new(dict, lair_incref(key), lair_incref(value)) == rows[i].status);
        CHECK(lair_dict_set_default(dict, key, value) == NULL);
        CHECK_FAILED_WITH(rows[i].status);
        if (value == none) {
            CHECK(lair_dict_find(dict, key, &found) == rows[i].status && found == none);
            CHECK(lair_dict_get(dict, key) == NULL && lair_error_status() == rows[i].status);
            CHECK(lair_dict_delete(dict, key) == rows[i].status);
            CHECK(lair_dict_pop(dict, key) == NULL && lair_error_status() == rows[i].status);
            bool is = true;
            CHECK(lair_contains(dict, key, &is) == rows[i].status && is);
        } else {
            CHECK(lair_dict_set_str(dict, "x", value) == rows[i].status);
        }
        CHECK(lair_refcount(key) == keys && lair_refcount(value) == values);
    }
    CHECK(lair_dict_update(dict, foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_dict_length(dict) == 20);
    lair_decref(foreign);
    lair_heap_close(elsewhere);
}

/* Everything refuses what is no dict, and hands on the error that NULL stands for. */
static void check_no_dict(lair_heap *heap, lair_object *object, lair_status status)
{
    lair_object *none = lair_none(heap), *key = none, *value = none;
#define REFUSES(call) CHECK_REFUSED(heap, object, status, call)
    REFUSES(lair_dict_length(object) == SIZE_MAX);
    REFUSES(lair_dict_set(object, none, none) == status);
    REFUSES(lair_dict_set_new(object, none, lair_list_new(heap)) == status);
    REFUSES(lair_dict_set_str(object, "x", none) == status);
    REFUSES(lair_dict_set_str_new(object, "x", lair_list_new(heap)) == status);
    REFUSES(lair_dict_get(object, none) == NULL);
    REFUSES(lair_dict_get_str(object, "x") == NULL);
    REFUSES(lair_dict_find(object, none, &value) == status);
    REFUSES(lair_dict_find_str(object, "x", &value) == status);
    REFUSES(lair_dict_set_default(object, none, none) == NULL);
    REFUSES(lair_dict_delete(object, none) == status);
    REFUSES(lair_dict_delete_str(object, "x") == status);
    REFUSES(lair_dict_pop(object, none) == NULL);
    REFUSES(lair_dict_pop_item(object, &key, &value) == status);
    REFUSES(lair_dict_clear(object) == status);
    REFUSES(lair_dict_update(object, none) == status);
    REFUSES(lair_dict_reserve(object, 1) == status);
    REFUSES(lair_dict_shrink(object) == status);
    REFUSES(lair_dict_keys(object) == NULL);
    REFUSES(lair_dict_values(object) == NULL);
    REFUSES(lair_dict_items(object) == NULL);
    CHECK(key == none && value == none);
}

static void test_no_dict(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    check_no_dict(heap, list, LAIR_ERR_TYPE);
    check_no_dict(heap, NULL, LAIR_ERR_ENCODING);
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    lair_object *object = NULL;
    lair_status status = LAIR_ERR_ENCODING;
    REFUSES(lair_dict_set(dict, NULL, list) == status);
    REFUSES(lair_dict_set(dict, list, NULL) == status);
    REFUSES(lair_dict_set_new(dict, NULL, lair_list_new(heap)) == status);
    REFUSES(lair_dict_set_str(dict, "x", NULL) == status);
    REFUSES(lair_dict_get(dict, NULL) == NULL);
    REFUSES(lair_dict_update(dict, NULL) == status);
    REFUSES(lair_dict_new(NULL) == NULL);
    REFUSES(LAIR_DICT(NULL, lair_list_new(heap), lair_list_new(heap)) == NULL);
    CHECK(lair_dict_get_str(dict, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_dict_set_str(dict, NULL, list) == LAIR_ERR_INVALID);
    CHECK(lair_dict_length(dict) == 0 && lair_refcount(list) == 1);
}

int main(void)
{
    on_every_heap(test_set_and_get);
    on_every_heap(test_texts);
    on_every_heap(test_equal_keys);
    on_every_heap(test_set_default);
    on_every_heap(test_pop);
    on_every_heap(test_steal);
    on_every_heap(test_lists);
    on_every_heap(test_update);
    on_every_heap(test_growth);
    on_every_heap(test_room);
    on_every_heap(test_bytes);
    on_every_heap(test_queue);
    on_every_heap(test_stack);
    on_every_heap(test_patterns);
    on_every_heap(test_iterate);
    on_every_heap(test_walk);
    on_every_heap(test_walk_refused);
    on_every_heap(test_repr);
    on_every_heap(test_equal);
    on_every_heap(test_copies);
    on_every_heap(test_copy_of_keys);
    on_every_heap(test_missing);
    on_every_heap(test_refusals);
    on_every_heap(test_no_dict);
    return check_finish("dicts");
}

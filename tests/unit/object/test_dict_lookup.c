/* test_dict_lookup.c: keys are found, and missing ones are not, however full a table is, wherever
 * in its index they lie, and whatever came and went before.
 */
#include "dicts.h"

enum {
    MOST = 3000,     /* entries, so that indices of several sizes fill up */
    LENGTHS = 40,    /* of texts: such as are compared in different ways */
    CROWD = 200000,  /* so many strs that some have the same hash */
    OTHERS = 1 << 24 /* ints from there on are in no table */
};

typedef lair_object *(*key_maker)(lair_heap *heap, int64_t i);

/* A str of its own for each i, of 4 to LENGTHS bytes: filled up in front, so that many have all of
 * their first bytes in common. */
static lair_object *str_key(lair_heap *heap, int64_t i)
{
    char text[LENGTHS + 1];
    int length = 8 + (int)(i % (LENGTHS - 8));
    if (i < 10000 && i % 3 == 0)
        length = 4 + (int)(i % 4);
    int bytes = snprintf(text, sizeof text, "%0*lld", length, (long long)i);
    return lair_str_new_n(heap, text, (size_t)bytes);
}

static lair_object *int_key(lair_heap *heap, int64_t i)
{
    return lair_int_new(heap, i);
}

/* Ints of which many want the same slots. */
static lair_object *strewn_key(lair_heap *heap, int64_t i)
{
    return lair_int_new(heap, i % 7 * 4096 + i / 7 * 3);
}

static bool finds(lair_object *dict, lair_object *key, int64_t expected)
{
    lair_object *value = NULL;
    bool found = lair_dict_find(dict, key, &value) == LAIR_OK && value != NULL &&
                 lair_int_value(value) == expected && lair_dict_get(dict, key) == value;
    lair_decref(key);
    return found;
}

static bool misses(lair_object *dict, lair_object *key)
{
    lair_object *value = dict;
    bool missing = lair_dict_find(dict, key, &value) == LAIR_OK && value == NULL;
    lair_decref(key);
    return missing;
}

static bool has(lair_object *set, lair_object *member)
{
    bool found = false;
    REQUIRE(lair_set_contains(set, member, &found) == LAIR_OK);
    lair_decref(member);
    return found;
}

/* Grows to MOST entries; every third is taken out again when three more are in. */
static void check_keys(lair_heap *heap, key_maker key)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap), *set = lair_set_new(heap);
    bool right = true;
    for (int64_t i = 0; i < MOST && right; i++) {
        REQUIRE(lair_dict_set_new(dict, key(heap, i), lair_int_new(heap, i)) == LAIR_OK);
        REQUIRE(lair_set_add_new(set, key(heap, i)) == LAIR_OK);
        if (i % 3 == 2) {
            LAIR_SCOPED lair_object *gone = key(heap, i - 1);
            REQUIRE(lair_dict_delete(dict, gone) == LAIR_OK);
            REQUIRE(lair_set_discard(set, gone, &right) == LAIR_OK && right);
        }
        for (int64_t back = 0; back < 12 && right; back++) {
            int64_t j = back < 6 ? i - back : i * (back - 5) / 7;
            if (j < 0)
                continue;
            bool is_in = j % 3 != 1 || j + 1 > i;
            right = is_in ? finds(dict, key(heap, j), j) : misses(dict, key(heap, j));
            right = right && has(set, key(heap, j)) == is_in;
        }
        right = right && misses(dict, key(heap, OTHERS + i)) && !has(set, key(heap, OTHERS + i));
    }
    CHECK(right && table_ok(dict) && table_ok(set));
    for (int64_t i = 0; i < MOST && right; i++)
        right = i % 3 == 1 ? misses(dict, key(heap, i)) : finds(dict, key(heap, i), i);
    CHECK(right);
}

static void test_strs(lair_heap *heap)
{
    check_keys(heap, str_key);
}

static void test_ints(lair_heap *heap)
{
    check_keys(heap, int_key);
    check_keys(heap, strewn_key);
}

/* Among so many strs of one size there are pairs with the same hash: 5 in the mean. */
static void test_same_hash(lair_heap *heap)
{
    static const int lengths[] = {3, 6, 12, 24};
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
        LAIR_SCOPED lair_object *set = lair_set_new(heap);
        char text[LENGTHS + 1];
        size_t found = 0;
        for (int round = 0; round < 2; round++)
            for (unsigned i = 0; i < CROWD; i++) {
                snprintf(text, sizeof text, "%0*x", lengths[k], i);
                memcpy(text + lengths[k] - 3,
                       (char[]){(char)(i & 63) + 48, (char)(i >> 6 & 63) + 48,
                                (char)(i >> 12 & 63) + 48},
                       3);
                LAIR_SCOPED lair_object *key = lair_str_new_n(heap, text, (size_t)lengths[k]);
                if (round == 0)
                    REQUIRE(lair_set_add(set, key) == LAIR_OK);
                else
                    found += has(set, lair_incref(key));
            }
        CHECK(lair_set_length(set) == CROWD && found == CROWD && table_ok(set));
    }
}

/* Whether interned or not, whether the same object or not. */
static void test_interned(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    for (int i = 0; i < 100; i++) {
        char text[16];
        snprintf(text, sizeof text, "name %d", i);
        LAIR_SCOPED lair_object *key =
            i % 2 == 0 ? lair_str_intern_text(heap, text) : lair_str_new(heap, text);
        REQUIRE(lair_dict_set_new(dict, lair_incref(key), lair_int_new(heap, i)) == LAIR_OK);
        CHECK(finds(dict, lair_incref(key), i));
        CHECK(finds(dict, lair_str_new(heap, text), i));
        CHECK(finds(dict, lair_str_intern_text(heap, text), i));
        text[0] = 'N';
        CHECK(misses(dict, lair_str_new(heap, text)));
        CHECK(misses(dict, lair_str_intern_text(heap, text)));
    }
    CHECK(lair_dict_length(dict) == 100);
}

int main(void)
{
    on_every_heap(test_strs);
    on_every_heap(test_ints);
    on_heap(&variants[0], NULL, test_same_hash);
    on_every_heap(test_interned);
    return check_finish("lookups");
}

/* test_record.c: record types and records: attributes, frozen ones, equality, order, hash, copies,
 * and what fails. */
#include <stdio.h>
#include <stdlib.h>

#include "ground.h"
#include "object/fields.h"

static const char *const xy[] = {"x", "y"};

static lair_type *point_type(lair_heap *heap, unsigned flags)
{
    lair_type *type = lair_record_type(heap, "point", xy, 2, flags);
    REQUIRE(type != NULL);
    return type;
}

static void type_drop(lair_type **type)
{
    lair_decref(lair_type_object(*type));
}
#define SCOPED_TYPE __attribute__((cleanup(type_drop))) lair_type

static lair_object *point(lair_type *type, int64_t x, int64_t y)
{
    lair_heap *heap = lair_heap_of(lair_type_object(type));
    lair_object *values[] = {lair_int_new(heap, x), lair_int_new(heap, y)};
    lair_object *made = lair_record_steal(type, values);
    REQUIRE(made != NULL);
    return made;
}

/* -- attributes ------------------------------------------------------------------------------ */

static void test_attributes(lair_heap *heap)
{
    SCOPED_TYPE *type = point_type(heap, 0);
    LAIR_SCOPED lair_object *p = lair_record_new(type, NULL);
    CHECK(lair_is(p, LAIR_KIND_RECORD) && strcmp(lair_type_name(p), "point") == 0);
    CHECK(shows(p, "point()"));
    CHECK(lair_attribute_get(p, "x") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ATTRIBUTE);
    CHECK(strcmp(lair_error_message(), "attribute 'x' of point is not set") == 0);
    LAIR_SCOPED lair_object *big = lair_int_new(heap, 1000);
    CHECK(lair_attribute_set(p, "x", big) == LAIR_OK && lair_refcount(big) == 2);
    CHECK(lair_attribute_get(p, "x") == big && lair_refcount(big) == 2);
    CHECK(shows(p, "point(x=1000)"));
    CHECK(lair_attribute_set_new(p, "y", lair_str_new(heap, "why")) == LAIR_OK);
    CHECK(shows(p, "point(x=1000, y='why')"));
    CHECK(lair_attribute_set(p, "x", big) == LAIR_OK && lair_refcount(big) == 2);
    CHECK(lair_attribute_set(p, "z", big) == LAIR_ERR_ATTRIBUTE && lair_refcount(big) == 2);
    CHECK(strcmp(lair_error_message(), "point has no attribute 'z'") == 0);
    CHECK(lair_attribute_set_new(p, "z", lair_incref(big)) == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_refcount(big) == 2);
    CHECK(lair_attribute_get(p, "z") == NULL && lair_attribute_get(p, "") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ATTRIBUTE);
    CHECK(lair_attribute_delete(p, "x") == LAIR_OK && lair_refcount(big) == 1);
    CHECK(lair_attribute_delete(p, "x") == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_attribute_delete(p, "z") == LAIR_ERR_ATTRIBUTE);
    CHECK(shows(p, "point(y='why')"));
    CHECK(lair_truth(p) && lair_length(p) == SIZE_MAX);
}

static void test_positions(lair_heap *heap)
{
    SCOPED_TYPE *type = point_type(heap, 0);
    LAIR_SCOPED lair_object *p = point(type, 1000, 2000);
    CHECK(lair_int_value(lair_record_get(p, 0)) == 1000);
    CHECK(lair_int_value(lair_record_get(p, 1)) == 2000);
    CHECK(lair_record_get(p, 2) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INDEX);
    LAIR_SCOPED lair_object *big = lair_int_new(heap, 3000);
    CHECK(lair_record_set(p, 1, big) == LAIR_OK && lair_refcount(big) == 2);
    CHECK(lair_record_set(p, 2, big) == LAIR_ERR_INDEX && lair_refcount(big) == 2);
    CHECK(lair_record_set_new(p, 2, lair_incref(big)) == LAIR_ERR_INDEX);
    CHECK(lair_record_set_new(p, 0, lair_incref(big)) == LAIR_OK && lair_refcount(big) == 3);
    CHECK(shows(p, "point(x=3000, y=3000)"));
    CHECK(lair_attribute_delete(p, "y") == LAIR_OK);
    CHECK(lair_record_get(p, 1) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ATTRIBUTE);
    size_t field = 9;
    CHECK(lair_record_field(type, "y", &field) == LAIR_OK && field == 1);
    CHECK(lair_record_field(type, "z", &field) == LAIR_ERR_ATTRIBUTE && field == 1);
    CHECK(lair_record_field(type, NULL, &field) == LAIR_ERR_INVALID);
    CHECK(strcmp(lair_record_field_name(type, 0), "x") == 0);
    CHECK(lair_record_field_name(type, 2) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INDEX);
    CHECK(lair_record_field_count(type) == 2);
}

/* Every name of a large type is found, and none that only looks like one. */
static void test_many_fields(lair_heap *heap)
{
    enum { MANY = 5000 };
    static char texts[MANY][48];
    static const char *names[MANY];
    for (size_t i = 0; i < MANY; i++) {
        const char *pattern = i % 2 == 0 ? "f%zu" : "a_rather_long_name_%zu_of_an_attribute";
        (void)snprintf(texts[i], sizeof texts[i], pattern, i);
        names[i] = texts[i];
    }
    SCOPED_TYPE *type = lair_record_type(heap, "large", names, MANY, LAIR_RECORD_WEAK);
    LAIR_SCOPED lair_object *record = lair_record_new(type, NULL);
    REQUIRE(record != NULL);
    for (size_t i = 0; i < MANY; i++)
        CHECK(lair_attribute_set_new(record, names[i], lair_int_new(heap, (int64_t)i)) == LAIR_OK);
    for (size_t i = 0; i < MANY; i++) {
        char near[64];
        (void)snprintf(near, sizeof near, "%s_", names[i]);
        CHECK(lair_int_value(lair_record_get(record, i)) == (int64_t)i);
        CHECK(lair_int_value(lair_attribute_get(record, names[i])) == (int64_t)i);
        CHECK(lair_attribute_get(record, near) == NULL);
    }
}

struct hashed {
    uint32_t hash;
    char name[16];
};

static int by_hash(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    return (x->hash > y->hash) - (x->hash < y->hash);
}

/* Names of the same length and hash are told apart. */
static void test_colliding_names(void)
{
    enum { MANY = 500000 }; /* some thirty pairs are to be expected */
    struct hashed *all = malloc(MANY * sizeof *all);
    REQUIRE(all != NULL);
    srand(1);
    for (size_t i = 0; i < MANY; i++) {
        for (size_t at = 0; at < 12; at++)
            all[i].name[at] = (char)('a' + rand() % 26);
        all[i].name[12] = '\0';
        all[i].hash = name_hash(all[i].name, strlen(all[i].name));
    }
    qsort(all, MANY, sizeof *all, by_hash);
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    size_t pairs = 0;
    for (size_t i = 0; i + 1 < MANY && pairs < 5; i++) {
        if (all[i].hash != all[i + 1].hash)
            continue;
        pairs++;
        const char *const names[] = {all[i].name, all[i + 1].name};
        size_t field = 9;
        SCOPED_TYPE *one = lair_record_type(heap, "one", names, 1, 0);
        CHECK(lair_record_field(one, names[1], &field) == LAIR_ERR_ATTRIBUTE);
        SCOPED_TYPE *both = lair_record_type(heap, "both", names, 2, 0);
        REQUIRE(both != NULL);
        CHECK(lair_record_field(both, names[1], &field) == LAIR_OK && field == 1);
        CHECK(lair_record_field(both, names[0], &field) == LAIR_OK && field == 0);
    }
    CHECK(pairs != 0);
    free(all);
}

/* -- types ----------------------------------------------------------------------------------- */

static void test_type_errors(lair_heap *heap)
{
    const char *const bad[][2] = {{"x", ""},  {"x", "1x"},  {"x", "a b"}, {"x", "x"},
                                  {"x", "é"}, {"x", "a-b"}, {"x", NULL}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(lair_record_type(heap, "bad", bad[i], 2, 0) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    }
    CHECK(lair_record_type(heap, "", xy, 2, 0) == NULL);
    CHECK(lair_record_type(heap, NULL, xy, 2, 0) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_record_type(heap, "bad", NULL, 2, 0) == NULL);
    CHECK(lair_record_type(heap, "bad", xy, 70000, 0) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_record_type(heap, "bad", xy, 2, 8) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_record_type(NULL, "bad", xy, 2, 0) == NULL);

    lair_type *list = lair_type_of(lair_none(heap));
    size_t field;
    CHECK(lair_record_new(list, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_record_new(NULL, NULL) == NULL && lair_record_steal(NULL, NULL) == NULL);
    CHECK(lair_record_field(list, "x", &field) == LAIR_ERR_TYPE);
    CHECK(lair_record_field_count(list) == SIZE_MAX && lair_record_field_name(list, 0) == NULL);
    CHECK(lair_record_field_count(NULL) == SIZE_MAX);
}

static void test_empty_type(lair_heap *heap)
{
    SCOPED_TYPE *type = lair_record_type(heap, "unit", NULL, 0, LAIR_RECORD_FROZEN);
    LAIR_SCOPED lair_object *a = lair_record_new(type, NULL);
    LAIR_SCOPED lair_object *b = lair_record_new(type, NULL);
    CHECK(shows(a, "unit()") && equal(a, b));
    CHECK(lair_attribute_get(a, "x") == NULL);
}

/* A type lives as long as an instance, and its names with it. */
static void test_type_outlived(lair_heap *heap)
{
    lair_type *type = point_type(heap, 0);
    lair_type_stats stats;
    lair_object *p = point(type, 1, 2), *q = point(type, 3, 4);
    lair_type_get_stats(type, &stats);
    CHECK(stats.instances == 2 && stats.created == 2);
    lair_decref(lair_type_object(type));
    CHECK(shows(p, "point(x=1, y=2)"));
    CHECK(lair_new(lair_type_of(p)) == NULL);
    lair_decref(p);
    CHECK(shows(q, "point(x=3, y=4)"));
    lair_decref(q);
}

static void test_sizes(lair_heap *heap)
{
    SCOPED_TYPE *plain = point_type(heap, 0);
    SCOPED_TYPE *weak = point_type(heap, LAIR_RECORD_WEAK);
    LAIR_SCOPED lair_object *p = point(plain, 1, 2);
    LAIR_SCOPED lair_object *q = point(weak, 1, 2);
    size_t header = sizeof(lair_object);
    size_t step = lair_heap_get_options(heap)->alignment;
    CHECK(lair_sizeof(p) <= (header + 16 + step - 1) / step * step);
    CHECK(lair_sizeof(q) <= (header + 24 + step - 1) / step * step);
    CHECK(lair_sizeof(lair_type_object(plain)) > sizeof xy);
}

static void test_weak(lair_heap *heap)
{
    SCOPED_TYPE *plain = point_type(heap, LAIR_RECORD_EQUAL);
    SCOPED_TYPE *weak = point_type(heap, LAIR_RECORD_WEAK);
    LAIR_SCOPED lair_object *p = point(plain, 1, 2);
    CHECK(lair_weakref_new(p, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    lair_object *q = point(weak, 1, 2);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(q, NULL, NULL);
    LAIR_SCOPED lair_object *got = lair_weakref_get(ref);
    CHECK(got == q);
    LAIR_SCOPED lair_object *copy = lair_copy(q);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(q);
    CHECK(lair_weakref_count(copy) == 0 && lair_weakref_count(deep) == 0);
    lair_clear_ref(&got);
    lair_decref(q);
    CHECK(!lair_weakref_is_alive(ref));
}

/* -- values ---------------------------------------------------------------------------------- */

static void test_identity(lair_heap *heap)
{
    SCOPED_TYPE *type = point_type(heap, 0);
    LAIR_SCOPED lair_object *p = point(type, 1, 2);
    LAIR_SCOPED lair_object *q = point(type, 1, 2);
    uint64_t a, b;
    int order;
    CHECK(!equal(p, q) && equal(p, p));
    CHECK(lair_hash(p, &a) == LAIR_OK && lair_hash(q, &b) == LAIR_OK && a != b);
    CHECK(lair_compare(p, q, &order) == LAIR_ERR_TYPE);
}

static void test_equal(lair_heap *heap)
{
    SCOPED_TYPE *type = point_type(heap, LAIR_RECORD_EQUAL);
    SCOPED_TYPE *other = point_type(heap, LAIR_RECORD_EQUAL);
    LAIR_SCOPED lair_object *p = point(type, 1000, 2000);
    LAIR_SCOPED lair_object *q = point(type, 1000, 2000);
    LAIR_SCOPED lair_object *r = point(other, 1000, 2000);
    uint64_t hash;
    int order;
    CHECK(equal(p, q) && !equal(p, r));
    CHECK(lair_hash(p, &hash) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_compare(p, q, &order) == LAIR_ERR_TYPE);
    CHECK(lair_attribute_delete(q, "x") == LAIR_OK && !equal(p, q) && !equal(q, p));
    CHECK(lair_attribute_delete(p, "x") == LAIR_OK && equal(p, q));
    CHECK(lair_record_set_new(p, 1, lair_float_new(heap, 2000.0)) == LAIR_OK && equal(p, q));
    CHECK(lair_record_set_new(p, 1, lair_int_new(heap, 5)) == LAIR_OK && !equal(p, q));
}

static void test_frozen(lair_heap *heap)
{
    SCOPED_TYPE *type = point_type(heap, LAIR_RECORD_FROZEN);
    LAIR_SCOPED lair_object *p = point(type, 1000, 2000);
    LAIR_SCOPED lair_object *q = point(type, 1000, 2000);
    LAIR_SCOPED lair_object *r = point(type, 1000, 2001);
    lair_object *one = lair_int_new(heap, 1);
    CHECK(lair_attribute_set(p, "x", one) == LAIR_ERR_ATTRIBUTE);
    CHECK(strcmp(lair_error_message(), "attribute 'x' of point is frozen") == 0);
    CHECK(lair_attribute_set_new(p, "x", lair_int_new(heap, 4000)) == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_record_set(p, 0, one) == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_attribute_delete(p, "x") == LAIR_ERR_ATTRIBUTE);
    CHECK(shows(p, "point(x=1000, y=2000)"));
    CHECK(lair_record_new(type, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_record_steal(type, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    uint64_t a, b, c;
    CHECK(lair_hash(p, &a) == LAIR_OK && lair_hash(q, &b) == LAIR_OK && a == b);
    CHECK(lair_hash(r, &c) == LAIR_OK && a != c);
    CHECK(equal(p, q) && !equal(p, r));
    int order = 9;
    CHECK(lair_compare(p, q, &order) == LAIR_OK && order == 0);
    CHECK(lair_compare(p, r, &order) == LAIR_OK && order < 0);
    CHECK(lair_compare(r, p, &order) == LAIR_OK && order > 0);
    LAIR_SCOPED lair_object *copy = lair_copy(p);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(p);
    CHECK(copy == p && deep == p);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *holder = lair_record_new(type, (lair_object *[]){one, list});
    CHECK(lair_hash(holder, &a) == LAIR_ERR_UNHASHABLE);
    LAIR_SCOPED lair_object *other = lair_deep_copy(holder);
    CHECK(other != holder && equal(other, holder));
    CHECK(lair_list_append(list, one) == LAIR_OK && !equal(other, holder));
}

static void test_copy(lair_heap *heap)
{
    SCOPED_TYPE *type = point_type(heap, LAIR_RECORD_EQUAL);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *p = lair_record_new(type, NULL);
    CHECK(lair_attribute_set(p, "y", list) == LAIR_OK);
    LAIR_SCOPED lair_object *copy = lair_copy(p);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(p);
    CHECK(copy != p && deep != p && lair_type_of(copy) == type && lair_type_of(deep) == type);
    CHECK(equal(copy, p) && equal(deep, p));
    CHECK(lair_attribute_get(copy, "y") == list && lair_attribute_get(deep, "y") != list);
    CHECK(lair_attribute_get(deep, "x") == NULL);

    /* sharing and a cycle are kept */
    CHECK(lair_attribute_set(p, "x", list) == LAIR_OK && lair_list_append(list, p) == LAIR_OK);
    LAIR_SCOPED lair_object *again = lair_deep_copy(p);
    lair_object *x = lair_attribute_get(again, "x");
    CHECK(x != list && x == lair_attribute_get(again, "y") && lair_list_get(x, 0) == again);
    CHECK(shows(p, "point(x=[...], y=[...])"));
    CHECK(lair_list_clear(list) == LAIR_OK && lair_list_clear(x) == LAIR_OK);
}

/* A chain of ten million is made, copied, compared, printed, measured and freed. */
static void test_deep(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    const char *const fields[] = {"next"};
    lair_type *type = lair_record_type(heap, "link", fields, 1, LAIR_RECORD_EQUAL);
    REQUIRE(type != NULL);
    lair_object *chain = lair_incref(lair_none(heap));
    for (int i = 0; i < DEEP_LEVELS; i++)
        chain = lair_record_steal(type, &chain);
    REQUIRE(chain != NULL);
    CHECK(lair_total_size(chain) == DEEP_LEVELS * lair_sizeof(chain));
    lair_object *copy = lair_deep_copy(chain);
    CHECK(copy != NULL && equal(chain, copy));
    lair_decref(copy);
    FILE *nowhere = fopen("/dev/null", "w");
    REQUIRE(nowhere != NULL);
    CHECK(lair_print_repr(chain, nowhere) == LAIR_OK);
    CHECK(fclose(nowhere) == 0);
    lair_decref(chain);
    lair_type_stats stats;
    lair_type_get_stats(type, &stats);
    CHECK(stats.instances == 0 && stats.created == 2 * DEEP_LEVELS);
}

/* -- what fails ------------------------------------------------------------------------------ */

static void test_values_errors(lair_heap *heap)
{
    SCOPED_TYPE *type = point_type(heap, 0);
    LAIR_SCOPED lair_object *p = point(type, 1, 2);
    LAIR_SCOPED lair_object *big = lair_int_new(heap, 1000);
    lair_object *none = lair_none(heap);
    lair_object *half[] = {big, NULL};
    CHECK(lair_record_new(type, half) == NULL && lair_refcount(big) == 1);
    lair_object *stolen[] = {lair_incref(big), NULL};
    CHECK(lair_record_steal(type, stolen) == NULL && lair_refcount(big) == 1);
    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    lair_object *foreign = lair_int_new(elsewhere, 1000);
    CHECK(lair_record_new(type, (lair_object *[]){big, foreign}) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    CHECK(lair_record_set(p, 0, foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_attribute_set(p, "x", foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_refcount(foreign) == 1);
    CHECK(lair_attribute_set_new(p, "x", foreign) == LAIR_ERR_WRONG_HEAP); /* steals it */
    CHECK(lair_attribute_set(p, "x", NULL) != LAIR_OK && lair_record_set(p, 0, NULL) != LAIR_OK);
    CHECK(shows(p, "point(x=1, y=2)"));
    CHECK(lair_attribute_get(none, "x") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_attribute_set(none, "x", big) == LAIR_ERR_TYPE && lair_refcount(big) == 1);
    CHECK(lair_attribute_delete(none, "x") == LAIR_ERR_TYPE);
    CHECK(lair_attribute_get(p, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_attribute_set(p, NULL, big) == LAIR_ERR_INVALID);
    CHECK(lair_attribute_delete(p, NULL) == LAIR_ERR_INVALID);
    CHECK(lair_attribute_get(NULL, "x") == NULL && lair_attribute_set(NULL, "x", big) != LAIR_OK);
    CHECK(lair_attribute_delete(NULL, "x") != LAIR_OK);
    CHECK(lair_record_get(none, 0) == NULL && lair_record_set(none, 0, big) == LAIR_ERR_TYPE);
    CHECK(lair_record_get(NULL, 0) == NULL && lair_refcount(big) == 1);
}

static bool make_type(lair_heap *heap, void *arg)
{
    (void)arg;
    lair_type *type = lair_record_type(heap, "point", xy, 2, LAIR_RECORD_WEAK);
    if (type == NULL)
        return false;
    lair_decref(lair_type_object(type));
    return true;
}

static bool make_record(lair_heap *heap, void *arg)
{
    lair_type *type = arg;
    lair_object *values[] = {lair_float_new(heap, 1), NULL};
    values[1] = values[0] != NULL ? lair_float_new(heap, 2) : NULL;
    LAIR_SCOPED lair_object *p = lair_record_steal(type, values);
    LAIR_SCOPED lair_object *q = p != NULL ? lair_record_new(type, NULL) : NULL;
    if (q == NULL)
        return false;
    if (lair_attribute_set_new(p, "x", lair_float_new(heap, 3)) != LAIR_OK) {
        CHECK(lair_float_value(lair_record_get(p, 0)) == 1);
        return false;
    }
    LAIR_SCOPED lair_object *copy = lair_copy(p);
    LAIR_SCOPED lair_object *deep = copy != NULL ? lair_deep_copy(p) : NULL;
    LAIR_SCOPED lair_object *repr = deep != NULL ? lair_repr(p) : NULL;
    return repr != NULL;
}

static bool nested_copy(lair_heap *heap, void *arg)
{
    (void)heap;
    LAIR_SCOPED lair_object *copy = lair_deep_copy(arg);
    return copy != NULL && equal(copy, arg);
}

static void test_no_memory(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_type, NULL);
    SCOPED_TYPE *type = point_type(heap, LAIR_RECORD_EQUAL);
    FAIL_AT_EVERY_STEP(heap, make_record, type);
    LAIR_SCOPED lair_object *nested = point(type, 1, 2);
    for (int i = 0; i < 6; i++)
        nested = lair_record_steal(type, (lair_object *[]){nested, lair_incref(nested)});
    LAIR_SCOPED lair_object *before = lair_repr(nested);
    bool through = false;
    for (uint64_t step = 1; !through; step++) { /* lair_equal allocates too */
        lair_heap_inject_failure(heap, step, true);
        LAIR_SCOPED lair_object *copy = lair_deep_copy(nested);
        lair_heap_inject_failure(heap, 0, false);
        through = copy != NULL;
        CHECK(through ? nested_copy(heap, nested) : lair_error_status() == LAIR_ERR_NO_MEMORY);
    }
    CHECK(shows(nested, lair_str_text(before)));
}

/* -- against a simple model ------------------------------------------------------------------ */

static void test_model(lair_heap *heap)
{
    enum { FIELDS = 20 };
    static char texts[FIELDS][8];
    const char *names[FIELDS];
    lair_object *model[FIELDS] = {0};
    for (size_t i = 0; i < FIELDS; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "n%zu", i);
        names[i] = texts[i];
    }
    SCOPED_TYPE *type = lair_record_type(heap, "model", names, FIELDS, 0);
    LAIR_SCOPED lair_object *record = lair_record_new(type, NULL);
    srand(7);
    for (int step = 0; step < 20000; step++) {
        size_t i = (size_t)rand() % FIELDS;
        LAIR_SCOPED lair_object *value = lair_int_new(heap, 1000 + step);
        switch (rand() % 4) {
        case 0:
            CHECK(lair_attribute_set(record, names[i], value) == LAIR_OK);
            model[i] = value;
            break;
        case 1:
            CHECK(lair_record_set(record, i, value) == LAIR_OK);
            model[i] = value;
            break;
        case 2:
            CHECK(lair_attribute_delete(record, names[i]) ==
                  (model[i] != NULL ? LAIR_OK : LAIR_ERR_ATTRIBUTE));
            model[i] = NULL;
            break;
        default:
            CHECK(lair_attribute_get(record, names[i]) == model[i]);
            CHECK(lair_record_get(record, i) == model[i]);
        }
    }
    for (size_t i = 0; i < FIELDS; i++)
        CHECK(model[i] == NULL || lair_refcount(model[i]) == 1);
}

int main(void)
{
    on_every_heap(test_attributes);
    on_every_heap(test_positions);
    on_every_heap(test_many_fields);
    on_every_heap(test_type_errors);
    on_every_heap(test_empty_type);
    on_every_heap(test_type_outlived);
    on_every_heap(test_sizes);
    on_every_heap(test_weak);
    on_every_heap(test_identity);
    on_every_heap(test_equal);
    on_every_heap(test_frozen);
    on_every_heap(test_copy);
    on_every_heap(test_values_errors);
    on_every_heap(test_no_memory);
    on_every_heap(test_model);
    test_colliding_names();
    test_deep();
    return check_finish("records");
}

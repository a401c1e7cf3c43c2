/* test_packed.c: packed records: layout, ranges, equality, copies, references, and what fails. */
#include <math.h>

#include "ground.h"
#include "object/fields.h"

static const lair_packed_field all[] = {
    {"ok", LAIR_PACKED_BOOL}, {"a", LAIR_PACKED_I8},     {"b", LAIR_PACKED_U8},
    {"c", LAIR_PACKED_I16},   {"d", LAIR_PACKED_U16},    {"e", LAIR_PACKED_I32},
    {"f", LAIR_PACKED_U32},   {"g", LAIR_PACKED_I64},    {"h", LAIR_PACKED_F32},
    {"i", LAIR_PACKED_F64},   {"o", LAIR_PACKED_OBJECT},
};
enum { ALL = sizeof all / sizeof all[0] };

static void type_drop(lair_type **type)
{
    lair_decref(lair_type_object(*type));
}
#define SCOPED_TYPE __attribute__((cleanup(type_drop))) lair_type

static lair_type *all_type(lair_heap *heap)
{
    lair_type *type = lair_packed_type(heap, "all", all, ALL);
    REQUIRE(type != NULL);
    return type;
}

/* -- fields ---------------------------------------------------------------------------------- */

static void test_zero(lair_heap *heap)
{
    SCOPED_TYPE *type = all_type(heap);
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    CHECK(lair_is(p, LAIR_KIND_PACKED));
    CHECK(shows(p, "all(ok=False, a=0, b=0, c=0, d=0, e=0, f=0, g=0, h=0.0, i=0.0, o=None)"));
    CHECK(lair_record_field_count(type) == ALL);
    size_t field;
    CHECK(lair_record_field(type, "g", &field) == LAIR_OK && field == 7);
    CHECK(strcmp(lair_record_field_name(type, 10), "o") == 0);
}

static void test_ranges(lair_heap *heap)
{
    static const struct {
        const char *name;
        int64_t low, high;
    } ranges[] = {
        {"ok", 0, 1},         {"a", INT8_MIN, INT8_MAX},
        {"b", 0, UINT8_MAX},  {"c", INT16_MIN, INT16_MAX},
        {"d", 0, UINT16_MAX}, {"e", INT32_MIN, INT32_MAX},
        {"f", 0, UINT32_MAX}, {"g", INT64_MIN, INT64_MAX},
    };
    SCOPED_TYPE *type = all_type(heap);
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        const char *name = ranges[i].name;
        int64_t value = 5;
        CHECK(lair_packed_set_int(p, name, ranges[i].low) == LAIR_OK);
        CHECK(lair_packed_get_int(p, name, &value) == LAIR_OK && value == ranges[i].low);
        CHECK(lair_packed_set_int(p, name, ranges[i].high) == LAIR_OK);
        CHECK(lair_packed_get_int(p, name, &value) == LAIR_OK && value == ranges[i].high);
        if (ranges[i].high != INT64_MAX) {
            CHECK(lair_packed_set_int(p, name, ranges[i].high + 1) == LAIR_ERR_OVERFLOW);
            CHECK(lair_packed_set_int(p, name, ranges[i].low - 1) == LAIR_ERR_OVERFLOW);
            LAIR_SCOPED lair_object *beyond = lair_int_new(heap, ranges[i].high + 1);
            CHECK(lair_packed_set(p, name, beyond) == LAIR_ERR_OVERFLOW);
            CHECK(strncmp(lair_error_message(), "attribute '", 11) == 0);
        }
        CHECK(lair_packed_set_float(p, name, 1.0) == LAIR_ERR_TYPE);
        LAIR_SCOPED lair_object *object = lair_packed_get(p, name);
        CHECK(lair_int_value(object) == ranges[i].high);
        CHECK(lair_is(object, i == 0 ? LAIR_KIND_BOOL : LAIR_KIND_INT));
        double real;
        CHECK(lair_packed_get_float(p, name, &real) == LAIR_OK);
        CHECK(real == (double)ranges[i].high);
    }
    /* each stands, so none lies in another */
    CHECK(shows(p, "all(ok=True, a=127, b=255, c=32767, d=65535, e=2147483647, f=4294967295, "
                   "g=9223372036854775807, h=0.0, i=0.0, o=None)"));
}

static void test_floats(lair_heap *heap)
{
    SCOPED_TYPE *type = all_type(heap);
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    double real = 0;
    int64_t whole;
    CHECK(lair_packed_set_float(p, "i", 1e300) == LAIR_OK);
    CHECK(lair_packed_set_float(p, "h", 0.5) == LAIR_OK);
    CHECK(lair_packed_set_float(p, "h", 1e300) == LAIR_ERR_OVERFLOW);
    CHECK(lair_packed_get_float(p, "h", &real) == LAIR_OK && real == 0.5);
    CHECK(lair_packed_get_int(p, "h", &whole) == LAIR_ERR_TYPE);
    CHECK(lair_packed_set_int(p, "h", 3) == LAIR_OK);
    CHECK(lair_packed_get_float(p, "h", &real) == LAIR_OK && real == 3.0);
    CHECK(lair_packed_set_float(p, "h", -INFINITY) == LAIR_OK);
    LAIR_SCOPED lair_object *value = lair_packed_get(p, "i");
    CHECK(lair_is(value, LAIR_KIND_FLOAT) && lair_float_value(value) == 1e300);
    LAIR_SCOPED lair_object *other = lair_float_new(heap, 2.25);
    CHECK(lair_packed_set(p, "i", other) == LAIR_OK);
    CHECK(lair_packed_set(p, "a", other) == LAIR_ERR_TYPE);
    CHECK(lair_packed_get_float(p, "i", &real) == LAIR_OK && real == 2.25);
    LAIR_SCOPED lair_object *nan = lair_packed_new(type);
    CHECK(lair_packed_set_float(nan, "i", NAN) == LAIR_OK && !equal(nan, nan));
}

static void test_references(lair_heap *heap)
{
    SCOPED_TYPE *type = all_type(heap);
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *unset = lair_packed_get(p, "o");
    CHECK(unset == lair_none(heap));
    CHECK(lair_packed_set(p, "o", list) == LAIR_OK && lair_refcount(list) == 2);
    CHECK(lair_packed_set(p, "o", list) == LAIR_OK && lair_refcount(list) == 2);
    lair_object *got = lair_packed_get(p, "o");
    CHECK(got == list && lair_refcount(list) == 3);
    lair_decref(got);
    CHECK(lair_list_append(list, p) == LAIR_OK); /* a cycle */
    LAIR_SCOPED lair_object *repr = lair_repr(p);
    CHECK(strstr(lair_str_text(repr), "o=[...])") != NULL);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(p);
    LAIR_SCOPED lair_object *inner = lair_packed_get(deep, "o");
    CHECK(deep != p && inner != list && lair_list_get(inner, 0) == deep);
    CHECK(lair_list_clear(inner) == LAIR_OK && lair_list_clear(list) == LAIR_OK);
    CHECK(lair_packed_set(p, "o", lair_none(heap)) == LAIR_OK && lair_refcount(list) == 1);
    LAIR_SCOPED lair_object *fresh = lair_packed_new(type);
    CHECK(equal(p, fresh)); /* unset is none */
}

/* -- layout ---------------------------------------------------------------------------------- */

/* Each field is aligned, within the instance, and apart from the others and the header. */
static void test_places(lair_heap *heap)
{
    static const size_t widths[] = {1, 1, 1, 2, 2, 4, 4, 8, 4, 8, 8};
    SCOPED_TYPE *type = all_type(heap);
    const struct field_table *table = fields_of(type);
    unsigned char taken[128] = {0};
    memset(taken, 1, sizeof(lair_object) - (LAIR_SEGREGATED_COUNTS ? 0 : 4));
    for (size_t i = 0; i < ALL; i++) {
        CHECK(table->fields[i].offset % widths[i] == 0);
        for (size_t at = 0; at < widths[i]; at++)
            CHECK(taken[table->fields[i].offset + at]++ == 0);
    }
    CHECK(type->instance_bytes <= sizeof taken && memchr(taken, 0, type->instance_bytes) == NULL);
    CHECK(taken[type->instance_bytes] == 0);
}

static size_t instance_bytes(lair_heap *heap, const lair_packed_field *fields, size_t count)
{
    SCOPED_TYPE *type = lair_packed_type(heap, "sized", fields, count);
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    REQUIRE(p != NULL);
    return lair_sizeof(p);
}

static void test_layout(lair_heap *heap)
{
    size_t step = lair_heap_get_options(heap)->alignment;
    const lair_packed_field gaps[] = {{"a", LAIR_PACKED_U8},  {"b", LAIR_PACKED_I64},
                                      {"c", LAIR_PACKED_U8},  {"d", LAIR_PACKED_F64},
                                      {"e", LAIR_PACKED_U16}, {"f", LAIR_PACKED_I32},
                                      {"g", LAIR_PACKED_U32}};
    /* 8 + 8 + 4 + 4 + 2 + 1 + 1 */
    size_t spare = LAIR_SEGREGATED_COUNTS ? 0 : 4;
    CHECK(instance_bytes(heap, gaps, 7) <=
          (sizeof(lair_object) + 28 - spare + step - 1) / step * step);
    if (!LAIR_SEGREGATED_COUNTS) { /* what the header has to spare is used */
        const lair_packed_field tiny[] = {
            {"a", LAIR_PACKED_U8}, {"b", LAIR_PACKED_BOOL}, {"c", LAIR_PACKED_I16}};
        CHECK(instance_bytes(heap, tiny, 3) == sizeof(lair_object));
    }
    CHECK(instance_bytes(heap, NULL, 0) <= 16);
}

/* -- values ---------------------------------------------------------------------------------- */

static void test_equal_and_copy(lair_heap *heap)
{
    SCOPED_TYPE *type = all_type(heap);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    for (size_t i = 0; i < ALL - 1; i++)
        CHECK(lair_packed_set_int(p, all[i].name, 1) == LAIR_OK);
    CHECK(lair_packed_set(p, "o", list) == LAIR_OK);
    LAIR_SCOPED lair_object *copy = lair_copy(p);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(p);
    CHECK(copy != p && deep != p && equal(copy, p) && equal(deep, p));
    LAIR_SCOPED lair_object *shared = lair_packed_get(copy, "o");
    LAIR_SCOPED lair_object *apart = lair_packed_get(deep, "o");
    CHECK(shared == list && apart != list);
    for (size_t i = 0; i < ALL - 1; i++) {
        CHECK(lair_packed_set_int(copy, all[i].name, 0) == LAIR_OK && !equal(copy, p));
        CHECK(lair_packed_set_int(copy, all[i].name, 1) == LAIR_OK && equal(copy, p));
    }
    CHECK(lair_list_append(list, p) == LAIR_OK && !equal(deep, p));
    CHECK(lair_list_clear(list) == LAIR_OK);
    uint64_t hash;
    int order;
    CHECK(lair_hash(p, &hash) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_compare(p, deep, &order) == LAIR_ERR_TYPE);

    SCOPED_TYPE *plain = lair_packed_type(heap, "plain", all, ALL - 1);
    LAIR_SCOPED lair_object *a = lair_packed_new(plain);
    CHECK(lair_packed_set_int(a, "g", -9) == LAIR_OK);
    LAIR_SCOPED lair_object *b = lair_deep_copy(a);
    LAIR_SCOPED lair_object *c = lair_copy(a);
    CHECK(b != a && c != a && equal(a, b) && equal(a, c) && !equal(a, p));
}

/* -- what fails ------------------------------------------------------------------------------ */

static void test_errors(lair_heap *heap)
{
    const lair_packed_field twice[] = {{"a", LAIR_PACKED_I8}, {"a", LAIR_PACKED_I16}};
    const lair_packed_field no_kind[] = {{"a", (lair_packed_kind)11}};
    CHECK(lair_packed_type(heap, "bad", twice, 2) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_packed_type(heap, "bad", no_kind, 1) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_packed_type(heap, "bad", NULL, 1) == NULL);
    CHECK(lair_packed_type(heap, NULL, all, 1) == NULL);
    CHECK(lair_packed_type(NULL, "bad", all, 1) == NULL);
    CHECK(lair_packed_new(lair_type_of(lair_none(heap))) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_packed_new(NULL) == NULL);

    SCOPED_TYPE *type = all_type(heap);
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    lair_object *none = lair_none(heap);
    int64_t i;
    double d;
    CHECK(lair_packed_get(p, "z") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ATTRIBUTE);
    CHECK(lair_packed_get(p, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_packed_get(none, "a") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_packed_set(p, "z", none) == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_packed_set(p, "a", none) == LAIR_ERR_TYPE);
    CHECK(lair_packed_set(p, "a", NULL) != LAIR_OK && lair_packed_set(NULL, "a", none) != LAIR_OK);
    CHECK(lair_packed_set_int(p, "z", 1) == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_packed_set_int(p, "o", 1) == LAIR_ERR_TYPE);
    CHECK(lair_packed_set_float(p, "o", 1) == LAIR_ERR_TYPE);
    CHECK(lair_packed_set_float(none, "a", 1) == LAIR_ERR_TYPE);
    CHECK(lair_packed_get_int(p, "o", &i) == LAIR_ERR_TYPE);
    CHECK(lair_packed_get_float(p, "z", &d) == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_attribute_get(p, "a") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    CHECK(lair_packed_set(p, "o", lair_none(elsewhere)) == LAIR_ERR_WRONG_HEAP);
}

static bool make_and_use(lair_heap *heap, void *arg)
{
    (void)arg;
    lair_type *type = lair_packed_type(heap, "all", all, ALL);
    if (type == NULL)
        return false;
    LAIR_SCOPED lair_object *p = lair_packed_new(type);
    lair_decref(lair_type_object(type));
    LAIR_SCOPED lair_object *list = p != NULL ? lair_list_new(heap) : NULL;
    if (list == NULL || lair_packed_set(p, "o", list) != LAIR_OK ||
        lair_packed_set_int(p, "g", 100000) != LAIR_OK)
        return false;
    LAIR_SCOPED lair_object *copy = lair_copy(p);
    LAIR_SCOPED lair_object *deep = copy != NULL ? lair_deep_copy(p) : NULL;
    CHECK(lair_refcount(list) == (copy != NULL ? 3 : 2));
    LAIR_SCOPED lair_object *repr = deep != NULL ? lair_repr(p) : NULL;
    LAIR_SCOPED lair_object *number = repr != NULL ? lair_packed_get(p, "g") : NULL;
    return number != NULL;
}

static void test_no_memory(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_and_use, NULL);
}

int main(void)
{
    on_every_heap(test_zero);
    on_every_heap(test_ranges);
    on_every_heap(test_floats);
    on_every_heap(test_references);
    on_every_heap(test_places);
    on_every_heap(test_layout);
    on_every_heap(test_equal_and_copy);
    on_every_heap(test_errors);
    on_every_heap(test_no_memory);
    return check_finish("packed records");
}

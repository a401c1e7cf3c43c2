/* test_instance.c: instances, which take any attribute, and what fails. */
#include <stdio.h>

#include "ground.h"

static void type_drop(lair_type **type)
{
    lair_decref(lair_type_object(*type));
}
#define SCOPED_TYPE __attribute__((cleanup(type_drop))) lair_type

static lair_type *thing_type(lair_heap *heap)
{
    lair_type *type = lair_instance_type(heap, "thing");
    REQUIRE(type != NULL);
    return type;
}

static void test_attributes(lair_heap *heap)
{
    SCOPED_TYPE *type = thing_type(heap);
    LAIR_SCOPED lair_object *thing = lair_instance_new(type);
    CHECK(lair_is(thing, LAIR_KIND_INSTANCE) && strcmp(lair_type_name(thing), "thing") == 0);
    CHECK(lair_attribute_get(thing, "size") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ATTRIBUTE);
    CHECK(strcmp(lair_error_message(), "thing has no attribute 'size'") == 0);
    CHECK(lair_attribute_delete(thing, "size") == LAIR_ERR_ATTRIBUTE);
    LAIR_SCOPED lair_object *big = lair_int_new(heap, 1000);
    CHECK(lair_attribute_set(thing, "size", big) == LAIR_OK && lair_refcount(big) == 2);
    CHECK(lair_attribute_get(thing, "size") == big && lair_refcount(big) == 2);
    CHECK(lair_attribute_get(thing, "siz") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ATTRIBUTE);
    CHECK(lair_attribute_set_new(thing, "other", lair_incref(big)) == LAIR_OK);
    CHECK(lair_refcount(big) == 3);
    lair_object *dict = lair_instance_dict(thing);
    CHECK(lair_is(dict, LAIR_KIND_DICT) && lair_dict_length(dict) == 2);
    CHECK(shows(dict, "{'size': 1000, 'other': 1000}"));
    CHECK(lair_attribute_delete(thing, "size") == LAIR_OK && lair_refcount(big) == 2);
    CHECK(lair_attribute_delete(thing, "size") == LAIR_ERR_ATTRIBUTE);
    CHECK(lair_dict_set_str(dict, "size", big) == LAIR_OK);
    CHECK(lair_attribute_get(thing, "size") == big);
    CHECK(lair_truth(thing) && lair_length(thing) == SIZE_MAX);
}

static void test_repr(lair_heap *heap)
{
    SCOPED_TYPE *type = thing_type(heap);
    LAIR_SCOPED lair_object *thing = lair_instance_new(type);
    char expected[64];
    (void)snprintf(expected, sizeof expected, "<thing object at %p>", (void *)thing);
    CHECK(shows(thing, expected));
}

static void test_identity(lair_heap *heap)
{
    SCOPED_TYPE *type = thing_type(heap);
    LAIR_SCOPED lair_object *a = lair_instance_new(type);
    LAIR_SCOPED lair_object *b = lair_instance_new(type);
    uint64_t x, y;
    CHECK(equal(a, a) && !equal(a, b));
    CHECK(lair_hash(a, &x) == LAIR_OK && lair_hash(b, &y) == LAIR_OK && x != y);
    LAIR_SCOPED lair_object *weak = lair_weakref_new(a, NULL, NULL);
    lair_clear_ref(&a);
    CHECK(!lair_weakref_is_alive(weak));
}

static void test_copy(lair_heap *heap)
{
    SCOPED_TYPE *type = thing_type(heap);
    LAIR_SCOPED lair_object *thing = lair_instance_new(type);
    LAIR_SCOPED lair_object *bare = lair_copy(thing);
    LAIR_SCOPED lair_object *bare_deep = lair_deep_copy(thing);
    CHECK(bare != thing && bare_deep != thing && lair_type_of(bare_deep) == type);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(lair_attribute_set(thing, "items", list) == LAIR_OK);
    CHECK(lair_attribute_set(thing, "me", thing) == LAIR_OK);
    LAIR_SCOPED lair_object *copy = lair_copy(thing);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(thing);
    CHECK(lair_attribute_get(copy, "items") == list && lair_attribute_get(copy, "me") == thing);
    CHECK(lair_attribute_get(deep, "items") != list && lair_attribute_get(deep, "me") == deep);
    CHECK(lair_attribute_set(copy, "new", list) == LAIR_OK);
    CHECK(lair_attribute_get(thing, "new") == NULL && lair_weakref_count(deep) == 0);
    CHECK(lair_attribute_delete(thing, "me") == LAIR_OK);
    CHECK(lair_attribute_delete(deep, "me") == LAIR_OK);
}

/* The keys of all instances are the same strs. */
static void test_shared_names(lair_heap *heap)
{
    SCOPED_TYPE *type = thing_type(heap);
    LAIR_SCOPED lair_object *a = lair_instance_new(type);
    LAIR_SCOPED lair_object *b = lair_instance_new(type);
    CHECK(lair_attribute_set(a, "name", lair_none(heap)) == LAIR_OK);
    CHECK(lair_attribute_set(b, "name", lair_none(heap)) == LAIR_OK);
    LAIR_SCOPED lair_object *keys_a = lair_dict_keys(lair_instance_dict(a));
    LAIR_SCOPED lair_object *keys_b = lair_dict_keys(lair_instance_dict(b));
    CHECK(lair_list_get(keys_a, 0) == lair_list_get(keys_b, 0));
}

static void test_errors(lair_heap *heap)
{
    SCOPED_TYPE *type = thing_type(heap);
    LAIR_SCOPED lair_object *thing = lair_instance_new(type);
    LAIR_SCOPED lair_object *big = lair_int_new(heap, 1000);
    CHECK(lair_instance_type(heap, "") == NULL && lair_instance_type(heap, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_instance_type(NULL, "thing") == NULL);
    CHECK(lair_instance_new(NULL) == NULL);
    CHECK(lair_instance_new(lair_type_of(big)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_instance_dict(big) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_instance_dict(NULL) == NULL);
    CHECK(lair_attribute_set(thing, "x", NULL) != LAIR_OK);
    CHECK(lair_attribute_set(thing, "\xff", big) == LAIR_ERR_ENCODING && lair_refcount(big) == 1);
    CHECK(lair_attribute_set(thing, NULL, big) == LAIR_ERR_INVALID && lair_refcount(big) == 1);
    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    CHECK(lair_attribute_set(thing, "x", lair_none(elsewhere)) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_attribute_get(thing, "x") == NULL);
}

static bool make_and_use(lair_heap *heap, void *arg)
{
    (void)arg;
    lair_type *type = lair_instance_type(heap, "thing");
    if (type == NULL)
        return false;
    LAIR_SCOPED lair_object *thing = lair_instance_new(type);
    lair_decref(lair_type_object(type));
    if (thing == NULL)
        return false;
    static const char *const names[] = {"one", "two", "three", "four", "five", "six", "seven"};
    for (size_t i = 0; i < 7; i++) {
        LAIR_SCOPED lair_object *value = lair_float_new(heap, (double)i);
        if (value == NULL)
            return false;
        lair_status status = lair_attribute_set(thing, names[i], value);
        CHECK(lair_refcount(value) == (status == LAIR_OK ? 2 : 1));
        if (status != LAIR_OK)
            return false;
    }
    LAIR_SCOPED lair_object *copy = lair_copy(thing);
    LAIR_SCOPED lair_object *deep = copy != NULL ? lair_deep_copy(thing) : NULL;
    LAIR_SCOPED lair_object *repr = deep != NULL ? lair_repr(thing) : NULL;
    if (repr == NULL || lair_attribute_delete(thing, "four") != LAIR_OK)
        return false;
    LAIR_SCOPED lair_object *fresh = lair_instance_new(lair_type_of(thing));
    return fresh != NULL && lair_instance_dict(fresh) != NULL;
}

static void test_no_memory(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_and_use, NULL);
}

int main(void)
{
    on_every_heap(test_attributes);
    on_every_heap(test_repr);
    on_every_heap(test_identity);
    on_every_heap(test_copy);
    on_every_heap(test_shared_names);
    on_every_heap(test_errors);
    on_every_heap(test_no_memory);
    return check_finish("instances");
}

/* test_iterator.c: iterators over containers: items, ends, changes meanwhile, copies, failures. */
#include "ground.h"

static lair_object *numbers(lair_heap *heap, int64_t count)
{
    lair_object *list = lair_list_new(heap);
    for (int64_t i = 0; i < count; i++)
        REQUIRE(lair_list_append_new(list, lair_int_new(heap, i)) == LAIR_OK);
    return list;
}

static void test_list(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = numbers(heap, 1000);
    LAIR_SCOPED lair_object *it = lair_iter(list);
    REQUIRE(it != NULL);
    CHECK(lair_is(it, LAIR_KIND_ITERATOR) && lair_refcount(list) == 2);
    LAIR_SCOPED lair_object *again = lair_iter(it);
    CHECK(again == it && lair_refcount(it) == 2);
    LAIR_SCOPED lair_object *text = lair_repr(it);
    CHECK(strncmp(lair_str_text(text), "<iterator over list at 0x", 25) == 0);
    int64_t right = 0;
    lair_object *item;
    while (lair_next(it, &item) == LAIR_OK && item != NULL) {
        right += lair_int_value(item) == right;
        lair_decref(item);
        if (right == 500)
            break;
    }
    /* A cursor over the iterator goes on where it stands. */
    LAIR_EACH(at, it)
    {
        right += lair_int_value(at.item) == right;
    }
    CHECK(right == 1000);
    CHECK(lair_refcount(list) == 1); /* let go at the end */
    CHECK(lair_list_append(list, list) == LAIR_OK);
    CHECK(lair_next(it, &item) == LAIR_OK && item == NULL); /* for good */
    LAIR_SCOPED lair_object *ended = lair_repr(it);
    CHECK(strncmp(lair_str_text(ended), "<iterator at 0x", 15) == 0);
    CHECK(lair_list_clear(list) == LAIR_OK);
    CHECK(lair_truth(it) && lair_sizeof(it) >= sizeof(lair_object));
    CHECK(lair_length(it) == SIZE_MAX);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
}

static void test_others(lair_heap *heap)
{
    LAIR_SCOPED lair_object *tuple = LAIR_TUPLE(heap, lair_int_new(heap, 1), lair_int_new(heap, 2));
    LAIR_SCOPED lair_object *it = lair_iter(tuple);
    LAIR_SCOPED lair_object *list = lair_list_from(it);
    CHECK(shows(list, "[1, 2]"));
    bool found = true;
    LAIR_SCOPED lair_object *two = lair_int_new(heap, 2);
    LAIR_SCOPED lair_object *searched = lair_iter(tuple);
    CHECK(lair_contains(searched, two, &found) == LAIR_OK && found);
    LAIR_SCOPED lair_object *empty = lair_list_new(heap);
    LAIR_SCOPED lair_object *none = lair_iter(empty);
    lair_object *item = tuple;
    CHECK(lair_next(none, &item) == LAIR_OK && item == NULL);
}

static void test_dict(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    CHECK(lair_dict_set_str_new(dict, "a", lair_int_new(heap, 1000)) == LAIR_OK);
    CHECK(lair_dict_set_str_new(dict, "b", lair_int_new(heap, 2000)) == LAIR_OK);
    LAIR_SCOPED lair_object *it = lair_iter(dict);
    LAIR_SCOPED lair_object *key = NULL;
    CHECK(lair_next(it, &key) == LAIR_OK && shows(key, "'a'"));
    LAIR_EACH(at, it)
    {
        CHECK(shows(at.key, "'b'") && lair_int_value(at.item) == 2000);
    }
    LAIR_SCOPED lair_object *changed = lair_iter(dict);
    CHECK(lair_dict_set_str(dict, "c", dict) == LAIR_OK);
    lair_object *item = dict;
    CHECK(lair_next(changed, &item) == LAIR_ERR_CHANGED && item == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_CHANGED);
    CHECK(lair_next(changed, &item) == LAIR_OK && item == NULL);
    CHECK(lair_dict_clear(dict) == LAIR_OK);
}

static void test_misuse(lair_heap *heap)
{
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 1);
    LAIR_SCOPED lair_object *list = numbers(heap, 3);
    LAIR_SCOPED lair_object *it = lair_iter(list);
    lair_object *item;
    CHECK(lair_iter(number) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_iter(NULL) == NULL && lair_next(NULL, &item) == LAIR_ERR_TYPE);
    CHECK(lair_next(number, &item) == LAIR_ERR_TYPE && lair_next(list, &item) == LAIR_ERR_TYPE);
    CHECK(lair_copy(it) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_deep_copy(it) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_refcount(it) == 1 && lair_refcount(list) == 2);
    CHECK(lair_truncate(list) == LAIR_OK);
    CHECK(lair_next(it, &item) == LAIR_OK && item == NULL);
}

/* -- a container whose iteration runs code of the program -------------------------------------- */

static lair_object *own_iterator; /* which the iteration steps */
static lair_status inner_status;
static bool truncates, drops;

static void counter_begin(lair_cursor *at)
{
    at->version = 1;
}

static bool counter_next(lair_cursor *at)
{
    lair_object *item;
    inner_status = lair_next(own_iterator, &item);
    if (truncates)
        CHECK(lair_truncate(own_iterator) == LAIR_OK);
    if (drops)
        lair_clear_ref(&own_iterator);
    at->item = lair_int_new(lair_heap_of(at->container), (int64_t)at->position);
    return at->position++ < 3;
}

static void test_steps_itself(lair_heap *heap)
{
    static const lair_type_spec spec = {.name = "counting",
                                        .size = sizeof(lair_object),
                                        .begin = counter_begin,
                                        .next = counter_next};
    lair_type *type = lair_type_new(heap, &spec);
    REQUIRE(type != NULL);
    LAIR_SCOPED lair_object *keep = lair_type_object(type);
    LAIR_SCOPED lair_object *counting = lair_new(type);
    lair_object *item;

    own_iterator = lair_iter(counting);
    CHECK(lair_next(own_iterator, &item) == LAIR_OK && inner_status == LAIR_ERR_BUSY);
    lair_decref(item);
    truncates = true;
    CHECK(lair_next(own_iterator, &item) == LAIR_ERR_TYPE && item == NULL);
    lair_clear_ref(&own_iterator);
    truncates = false;

    own_iterator = lair_iter(counting);
    drops = true;
    CHECK(lair_next(own_iterator, &item) == LAIR_OK && lair_int_value(item) == 0);
    lair_decref(item);
    CHECK(own_iterator == NULL && lair_refcount(counting) == 1);
    drops = false;
}

/* -- cycles and memory ----------------------------------------------------------------------- */

static void test_references(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = numbers(heap, 3);
    lair_object *it = lair_iter(list);
    CHECK(lair_list_append(list, it) == LAIR_OK); /* a cycle */
    CHECK(lair_total_size(it) >= lair_sizeof(list) + lair_sizeof(it));
    CHECK(lair_list_remove(list, 3, 4) == LAIR_OK);
    lair_decref(it);
    CHECK(lair_refcount(list) == 1);
}

static bool iterate(lair_heap *heap, void *arg)
{
    (void)heap;
    LAIR_SCOPED lair_object *it = lair_iter(arg);
    LAIR_SCOPED lair_object *item = NULL;
    return it != NULL && lair_next(it, &item) == LAIR_OK && item != NULL;
}

static void test_no_memory(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = numbers(heap, 3);
    FAIL_AT_EVERY_STEP(heap, iterate, list);
    CHECK(lair_refcount(list) == 1);
}

int main(void)
{
    on_every_heap(test_list);
    on_every_heap(test_others);
    on_every_heap(test_dict);
    on_every_heap(test_misuse);
    on_every_heap(test_steps_itself);
    on_every_heap(test_references);
    on_every_heap(test_no_memory);
    return check_finish("iterators");
}

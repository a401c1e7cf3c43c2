/* test_no_memory.c: memory that fails, for the public functions whose own tests do without: those
 * that ask for memory fail at each step and leave nothing behind, those that do not work as ever.
 * check_failures.py says which functions no test calls while memory fails.
 */
#include "ground.h"
#include "node.h"

enum { MANY = 40, LONG = 1000, DEEP = 30, TEXT_BYTES = 60 };

/* -- functions that ask for memory ------------------------------------------------------------ */

static bool use_array(lair_heap *heap, void *arg)
{
    (void)arg;
    const double values[] = {1.5, 2.5};
    LAIR_SCOPED lair_object *array = lair_array_from_values(heap, LAIR_ARRAY_F64, values, 2);
    for (size_t i = 0; i < MANY; i++)
        if (lair_array_append_float(array, 0.5) != LAIR_OK) {
            CHECK(array == NULL || lair_array_length(array) == i + 2);
            return false;
        }
    size_t length = lair_array_length(array);
    bool shrunk = lair_array_resize(array, 3) == LAIR_OK && lair_array_shrink(array) == LAIR_OK;
    CHECK(length == MANY + 2 && lair_array_length(array) == 3);
    return shrunk;
}

static lair_object *build(lair_heap *heap, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    lair_object *made = lair_build_v(heap, format, arguments);
    va_end(arguments);
    return made;
}

static bool use_build(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *made =
        build(heap, "{s:[i, d, (N)], I:<s, y>}", "first key", 1000, 0.5, lair_list_new(heap),
              "second key", "a text of some length", "bytes", (size_t)5);
    CHECK(made == NULL || lair_dict_length(made) == 2);
    return made != NULL;
}

static bool use_dict(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    for (int64_t i = 0; i < MANY; i++)
        if (lair_dict_set_new(dict, lair_int_new(heap, 1000 + i), lair_list_new(heap)) != LAIR_OK) {
            CHECK(dict == NULL || lair_dict_length(dict) == (size_t)i);
            return false;
        }
    LAIR_SCOPED lair_object *keys = lair_dict_keys(dict);
    LAIR_SCOPED lair_object *values = keys != NULL ? lair_dict_values(dict) : NULL;
    CHECK(values == NULL || lair_list_length(values) == MANY);
    return values != NULL;
}

static bool use_set(lair_heap *heap, void *arg)
{
    LAIR_SCOPED lair_object *set = lair_set_new(heap);
    for (int64_t i = 0; i < MANY; i++)
        if (lair_set_add_new(set, lair_int_new(heap, 1000 + i)) != LAIR_OK) {
            CHECK(set == NULL || lair_set_length(set) == (size_t)i);
            return false;
        }
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    return counter != NULL && lair_counter_count_all(counter, arg) == LAIR_OK &&
           lair_set_update(set, arg) == LAIR_OK && lair_set_length(set) == MANY + LONG &&
           lair_length(counter) == LONG;
}

static bool use_list(lair_heap *heap, void *arg)
{
    LAIR_SCOPED lair_object *list = lair_list_slice(arg, 0, SIZE_MAX);
    if (list == NULL || lair_list_set_new(list, 0, lair_int_new(heap, 1000)) != LAIR_OK ||
        lair_list_reverse(list) != LAIR_OK)
        return false;
    lair_status status = lair_list_sort(list);
    CHECK(lair_list_length(list) == LONG);
    return status == LAIR_OK;
}

/* Lists in lists: more frames than a walk has at hand. The text goes to standard output. */
static lair_object *nest(lair_heap *heap)
{
    lair_object *list = lair_list_new(heap);
    for (size_t i = 0; i < DEEP; i++)
        list = LAIR_LIST(heap, list);
    return list;
}

static bool write_deep(lair_heap *heap, void *arg)
{
    (void)heap;
    LAIR_SCOPED lair_object *text = lair_to_str(arg);
    CHECK(text == NULL || lair_str_bytes(text) == 2 * (DEEP + 1));
    return text != NULL && lair_print_repr(arg, stdout) == LAIR_OK && lair_println(arg) == LAIR_OK;
}

static bool compare_deep(lair_heap *heap, void *arg)
{
    int order = 99;
    bool found = false;
    LAIR_SCOPED lair_object *other = nest(heap);
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_incref(arg));
    if (other == NULL || list == NULL || lair_compare(arg, other, &order) != LAIR_OK) {
        CHECK(order == 99);
        return false;
    }
    lair_status status = lair_contains(list, other, &found);
    CHECK(order == 0 && found == (status == LAIR_OK));
    return found;
}

static bool hash_deep(lair_heap *heap, void *arg)
{
    uint64_t hash = 99;
    LAIR_SCOPED lair_object *tuple = lair_tuple_new(heap, arg, 1);
    for (size_t i = 0; i < DEEP && tuple != NULL; i++)
        tuple = LAIR_TUPLE(heap, tuple);
    if (tuple != NULL && lair_hash(tuple, &hash) == LAIR_OK)
        return true;
    CHECK(hash == 99);
    return false;
}

static bool use_texts(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *interned = lair_str_intern_n(heap, "a text to intern", 6);
    if (interned == NULL)
        return false;
    lair_str_builder builder = lair_str_builder_of(heap, 0);
    lair_status status = LAIR_OK;
    for (size_t i = 0; i < MANY && status == LAIR_OK; i++)
        status = lair_str_builder_add(&builder, "0123456789", 10);
    CHECK(builder.status == status);
    lair_str_builder_drop(&builder);
    return status == LAIR_OK;
}

static bool use_numbers(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *large = lair_int_new(heap, 100000);
    LAIR_SCOPED lair_object *small = lair_bool(heap, true);
    LAIR_SCOPED lair_object *difference = large != NULL ? lair_subtract(large, small) : NULL;
    CHECK(difference == NULL || lair_int_value(difference) == 99999);
    return difference != NULL;
}

static bool use_record(lair_heap *heap, void *arg)
{
    lair_type *type = arg;
    LAIR_SCOPED lair_object *record = lair_record_new(type, NULL);
    return record != NULL && lair_record_set_new(record, 0, lair_list_new(heap)) == LAIR_OK &&
           lair_refcount(lair_record_get(record, 0)) == 1;
}

/* -- a type of the program's own -------------------------------------------------------------- */

struct words {
    lair_object object;
    char *own;
    size_t items[];
};

static void words_dealloc(lair_object *self)
{
    lair_heap_free(lair_heap_of(self), ((struct words *)self)->own);
}

static lair_step words_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    char text[TEXT_BYTES];
    memset(text, '.', sizeof text);
    const struct words *words = (struct words *)frame->self;
    lair_status status = lair_write_text(writer, "words(");
    for (size_t i = 0; i < MANY && status == LAIR_OK; i++) {
        status = lair_write(writer, text, sizeof text);
        if (status == LAIR_OK)
            status = lair_write_format(writer, "%zu %s", words->items[i], words->own);
    }
    return status == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static const lair_type_spec words_spec = {
    .name = "words",
    .size = sizeof(struct words),
    .item_size = sizeof(size_t),
    .user = "user",
    .dealloc = words_dealloc,
    .repr = words_repr,
};

static bool use_type(lair_heap *heap, void *arg)
{
    (void)heap;
    LAIR_SCOPED lair_object *object = lair_new_items(arg, MANY);
    struct words *words = object != NULL ? lair_instance_of(object, arg) : NULL;
    if (words == NULL || (words->own = lair_own_alloc(object, 10)) == NULL)
        return false;
    CHECK(lair_type_user(arg) == words_spec.user);
    memcpy(words->own, "own", 4);
    LAIR_SCOPED lair_object *text = lair_repr(object);
    CHECK(text == NULL || lair_str_bytes(text) == 6 + MANY * (TEXT_BYTES + 5));
    return text != NULL;
}

static void test_failures(lair_heap *heap)
{
    static const char *const fields[] = {"field"};
    LAIR_SCOPED lair_object *range = lair_range(heap, 2000, 2000 + LONG, 1);
    LAIR_SCOPED lair_object *numbers = lair_list_from(range);
    LAIR_SCOPED lair_object *deep = nest(heap);
    lair_object *none = lair_none(heap);
    lair_type *record_type = lair_record_type(heap, "record", fields, 1, 0);
    lair_type *words_type = lair_type_new(heap, &words_spec);
    REQUIRE(numbers != NULL && deep != NULL && record_type != NULL && words_type != NULL);
    FAIL_AT_EVERY_STEP(heap, use_array, NULL);
    FAIL_AT_EVERY_STEP(heap, use_build, NULL);
    FAIL_AT_EVERY_STEP(heap, use_dict, NULL);
    FAIL_AT_EVERY_STEP(heap, use_set, numbers);
    FAIL_AT_EVERY_STEP(heap, use_list, numbers);
    FAIL_AT_EVERY_STEP(heap, write_deep, deep);
    FAIL_AT_EVERY_STEP(heap, compare_deep, deep);
    FAIL_AT_EVERY_STEP(heap, hash_deep, &none);
    FAIL_AT_EVERY_STEP(heap, use_texts, NULL);
    FAIL_AT_EVERY_STEP(heap, use_numbers, NULL);
    FAIL_AT_EVERY_STEP(heap, use_record, record_type);
    FAIL_AT_EVERY_STEP(heap, use_type, words_type);
    lair_decref(lair_type_object(record_type));
    lair_decref(lair_type_object(words_type));
}

/* -- functions that do without ----------------------------------------------------------------- */

static void test_numbers(lair_heap *heap)
{
    LAIR_SCOPED lair_object *array = lair_array_new(heap, LAIR_ARRAY_I16);
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 1234);
    for (int64_t i = 0; i < MANY; i++)
        REQUIRE(lair_array_append_int(array, i) == LAIR_OK);
    lair_array_kind kind;
    int64_t whole = 0;
    double real = 0;
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_array_kind_of(array, &kind) == LAIR_OK && kind == LAIR_ARRAY_I16);
    CHECK(lair_array_set(array, 0, number) == LAIR_OK);
    CHECK(lair_array_get_int(array, 0, &whole) == LAIR_OK && whole == 1234);
    CHECK(lair_array_get_float(array, 1, &real) == LAIR_OK && real == 1);
    CHECK(lair_array_sum_int(array, &whole) == LAIR_OK && whole == 1234 + MANY * (MANY - 1) / 2);
    CHECK(lair_array_sum(array, &real) == LAIR_OK && real == (double)whole);
    CHECK(lair_int_get(number, &whole) == LAIR_OK && whole == 1234);
    CHECK(lair_float_get(number, &real) == LAIR_OK && real == 1234);
    CHECK(lair_is_none(lair_none(heap)) && lair_bool(heap, false) != NULL && lair_truth(number));
    lair_heap_inject_failure(heap, 0, false);
}

static void test_texts(lair_heap *heap)
{
    LAIR_SCOPED lair_object *text = lair_str_new(heap, "one text and another");
    LAIR_SCOPED lair_object *part = lair_str_new(heap, "text");
    LAIR_SCOPED lair_object *bytes = lair_bytes_new(heap, "bytes", 5);
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_str_is_ascii(text) && lair_str_find(text, part) == 4);
    CHECK(!lair_str_starts_with(text, part) && !lair_str_ends_with(text, part));
    CHECK(memcmp(lair_bytes_data(bytes), "bytes", 6) == 0 && lair_bytes_size(bytes) == 5);
    CHECK(lair_to_str(text) == text);
    lair_heap_inject_failure(heap, 0, false);
    lair_decref(text);
}

static void test_lists(lair_heap *heap)
{
    LAIR_SCOPED lair_object *range = lair_range(heap, 1000, 1000 + LONG, 1);
    LAIR_SCOPED lair_object *list = lair_list_from(range);
    LAIR_SCOPED lair_object *tuple = lair_tuple_from(list);
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_list_set(list, 0, list) == LAIR_OK && lair_list_reverse(list) == LAIR_OK);
    CHECK(lair_list_get(list, LONG - 1) == list);
    CHECK(lair_tuple_get(tuple, 1) == lair_list_get(list, LONG - 2));
    CHECK(lair_tuple_length(tuple) == LONG && lair_list_capacity(list) >= LONG);
    for (size_t i = 0; i < LONG - 1; i++) { /* what it could give back it cannot, and stays */
        LAIR_SCOPED lair_object *item = lair_list_pop(list, 0);
        CHECK(lair_int_value(item) == 1000 + LONG - 1 - (int64_t)i);
    }
    CHECK(lair_list_length(list) == 1 && lair_list_clear(list) == LAIR_OK);
    lair_heap_inject_failure(heap, 0, false);
}

static void test_dicts(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    LAIR_SCOPED lair_object *copy = lair_dict_new(heap);
    for (int64_t i = 0; i < LONG; i++)
        REQUIRE(lair_dict_set_new(dict, lair_int_new(heap, i), lair_int_new(heap, -i)) == LAIR_OK);
    REQUIRE(lair_dict_update(copy, dict) == LAIR_OK);
    LAIR_SCOPED lair_object *keys = lair_dict_keys(dict);
    lair_heap_inject_failure(heap, 1, true);
    size_t seen = 0;
    lair_dict_walk at = {.dict = dict};
    for (; lair_dict_next(&at); seen++)
        CHECK(lair_list_get(keys, seen) == at.key);
    CHECK(seen == LONG && at.status == LAIR_OK);
    for (size_t i = 0; i < LONG - 2; i++) { /* from the front: ranks are closed where they are */
        lair_object *key = lair_list_get(keys, i), *found = NULL;
        CHECK(lair_dict_find(dict, key, &found) == LAIR_OK && found == lair_dict_get(dict, key));
        LAIR_SCOPED lair_object *value = lair_dict_pop(dict, key);
        CHECK(lair_int_value(value) == -(int64_t)i);
        CHECK(lair_dict_delete(copy, key) == LAIR_OK);
    }
    lair_object *key = NULL, *value = NULL;
    CHECK(lair_dict_pop_item(dict, &key, &value) == LAIR_OK && lair_int_value(key) == LONG - 1);
    CHECK(lair_dict_length(dict) == 1 && lair_dict_length(copy) == 2);
    lair_heap_inject_failure(heap, 0, false);
    lair_decref(key);
    lair_decref(value);
}

static void test_sets(lair_heap *heap)
{
    LAIR_SCOPED lair_object *range = lair_range(heap, 1000, 1000 + LONG, 1);
    LAIR_SCOPED lair_object *set = lair_set_from(range);
    LAIR_SCOPED lair_object *copy = lair_frozenset_from(set);
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    REQUIRE(lair_counter_count_all(counter, set) == LAIR_OK);
    bool result = false;
    int64_t times = 0;
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_set_is_subset(set, copy, &result) == LAIR_OK && result);
    LAIR_SCOPED lair_object *member = lair_set_pop(set);
    CHECK(lair_int_value(member) == 1000 + LONG - 1);
    CHECK(lair_set_contains(set, member, &result) == LAIR_OK && !result);
    CHECK(lair_counter_get(counter, member, &times) == LAIR_OK && times == 1);
    CHECK(lair_counter_total(counter, &times) == LAIR_OK && times == LONG);
    CHECK(lair_counter_discard(counter, member, &result) == LAIR_OK && result);
    CHECK(lair_counter_clear(counter) == LAIR_OK && lair_set_clear(set) == LAIR_OK);
    lair_heap_inject_failure(heap, 0, false);
}

static uint64_t stopped_clock(void *arg)
{
    return *(uint64_t *)arg;
}

static void test_caches(lair_heap *heap)
{
    uint64_t now = 0;
    LAIR_SCOPED lair_object *cache = lair_ttl_cache_new(heap, 0, 10, stopped_clock, &now);
    LAIR_SCOPED lair_object *key = lair_str_new(heap, "key");
    LAIR_SCOPED lair_object *other = lair_str_new(heap, "other");
    REQUIRE(lair_cache_set(cache, key, key) == LAIR_OK);
    REQUIRE(lair_cache_set(cache, other, key) == LAIR_OK);
    bool was_there = false;
    lair_object *found = NULL;
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_cache_set(cache, key, other) == LAIR_OK); /* it has an entry */
    CHECK(lair_cache_find(cache, key, &found) == LAIR_OK && found == other);
    CHECK(lair_cache_delete(cache, key, &was_there) == LAIR_OK && was_there);
    now = 10;
    CHECK(lair_ttl_cache_expire(cache) == 1 && lair_length(cache) == 0);
    CHECK(lair_cache_clear(cache) == LAIR_OK);
    lair_heap_inject_failure(heap, 0, false);
    lair_decref(found);
}

static void test_weak(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_weak_key_dict_new(heap);
    LAIR_SCOPED lair_object *set = lair_weak_set_new(heap);
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *a = node_new(type, 1, NULL), *b = node_new(type, 2, NULL);
    REQUIRE(lair_weak_dict_set(dict, a, b) == LAIR_OK && lair_weak_dict_set(dict, b, b) == LAIR_OK);
    REQUIRE(lair_weak_set_add(set, a) == LAIR_OK && lair_weak_set_add(set, b) == LAIR_OK);
    bool was_there = false;
    lair_object *found = NULL;
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_weakref_count(a) == 2 && lair_weak_dict_find(dict, a, &found) == LAIR_OK);
    CHECK(found == b && lair_weak_dict_delete(dict, a) == LAIR_OK);
    CHECK(lair_weak_set_discard(set, a, &was_there) == LAIR_OK && was_there);
    CHECK(lair_weakref_count(a) == 0 && lair_weak_dict_clear(dict) == LAIR_OK);
    CHECK(lair_weak_set_clear(set) == LAIR_OK && lair_weakref_count(b) == 0);
    lair_heap_inject_failure(heap, 0, false);
    lair_decref(found);
}

static void close_nothing(void *pointer)
{
    ++*(int *)pointer;
}

static void test_things(lair_heap *heap)
{
    static const char *const fields[] = {"first", "second"};
    static const lair_packed_field packed_fields[] = {{"small", LAIR_PACKED_I8},
                                                      {"real", LAIR_PACKED_F32}};
    int closed = 0;
    lair_type *record_type = lair_record_type(heap, "record", fields, 2, 0);
    lair_type *packed_type = lair_packed_type(heap, "packed", packed_fields, 2);
    LAIR_SCOPED lair_object *record = lair_record_new(record_type, NULL);
    LAIR_SCOPED lair_object *packed = lair_packed_new(packed_type);
    LAIR_SCOPED lair_object *capsule = lair_capsule_new(heap, "capsule", &closed, close_nothing);
    REQUIRE(record != NULL && packed != NULL && capsule != NULL);
    size_t field = 0;
    int64_t whole = 0;
    double real = 0;
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_record_field(record_type, "second", &field) == LAIR_OK && field == 1);
    CHECK(strcmp(lair_record_field_name(record_type, 0), "first") == 0);
    CHECK(lair_record_field_count(record_type) == 2);
    CHECK(lair_record_set(record, 1, packed) == LAIR_OK);
    CHECK(lair_attribute_get(record, "second") == packed);
    CHECK(lair_packed_set_float(packed, "real", 0.5) == LAIR_OK);
    CHECK(lair_packed_get_float(packed, "real", &real) == LAIR_OK && real == 0.5);
    CHECK(lair_packed_get_int(packed, "small", &whole) == LAIR_OK && whole == 0);
    CHECK(lair_capsule_get(capsule, "capsule") == &closed);
    CHECK(lair_capsule_close(capsule) == LAIR_OK && closed == 1);
    lair_heap_inject_failure(heap, 0, false);
    lair_decref(lair_type_object(record_type));
    lair_decref(lair_type_object(packed_type));
}

static void test_any(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &words_spec);
    LAIR_SCOPED lair_object *object = lair_new_items(type, 1);
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_int_new(heap, 1000));
    REQUIRE(object != NULL && list != NULL);
    lair_type_stats stats;
    bool found = true;
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_type_of(object) == type && lair_heap_of(object) == heap);
    CHECK(lair_kind_of(object) == LAIR_KIND_USER && lair_id(object) == (uintptr_t)object);
    CHECK(strcmp(lair_type_name(object), "words") == 0);
    CHECK(lair_type_user(type) == words_spec.user);
    lair_type_get_stats(type, &stats);
    CHECK(stats.instances == 1 && lair_instance_of(object, type) == object);
    CHECK(lair_truth(list) && lair_contains(list, object, &found) == LAIR_OK && !found);
    CHECK(lair_sizeof(list) > 0 && lair_length(list) == 1);
    lair_heap_inject_failure(heap, 0, false);
    lair_decref(lair_type_object(type));
}

/* An immortal object is there until the heap closes, which the other tests do not allow for. */
static void test_immortal(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    lair_object *list = lair_list_new(heap);
    lair_heap_inject_failure(heap, 1, true);
    lair_immortalize(list);
    lair_decref(list);
    CHECK(lair_refcount(list) == UINT32_MAX && lair_list_length(list) == 0);
    lair_heap_inject_failure(heap, 0, false);
}

/* -- the collector ----------------------------------------------------------------------------- */

static void hear(lair_heap *heap, const lair_gc_event *event, void *arg)
{
    (void)heap, (void)event;
    ++*(unsigned *)arg;
}

/* What only reads or sets; collecting and freezing have tests of their own (test_gc_failures.c). */
static void test_collector(lair_heap *heap)
{
    size_t thresholds[LAIR_GC_GENERATIONS], counts[LAIR_GC_GENERATIONS];
    lair_gc_stats stats[LAIR_GC_GENERATIONS];
    unsigned heard = 0;
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    lair_gctype mode = lair_gc_get_mode(heap);
    lair_heap_inject_failure(heap, 1, true);
    lair_gc_get_thresholds(heap, thresholds);
    CHECK(lair_gc_set_thresholds(heap, thresholds) == LAIR_OK);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    CHECK(lair_gc_get_mode(heap) == LAIR_GC_MANUAL && lair_gc_set_mode(heap, mode) == LAIR_OK);
    lair_gc_disable(heap);
    CHECK(!lair_gc_is_enabled(heap) && !lair_gc_is_collecting(heap));
    lair_gc_enable(heap);
    lair_gc_get_counts(heap, counts);
    lair_gc_get_stats(heap, stats);
    CHECK(lair_gc_is_tracked(list) && !lair_gc_is_finalized(list));
    lair_gc_set_flags(heap, LAIR_GC_SAVE_ALL);
    CHECK(lair_gc_get_flags(heap) == LAIR_GC_SAVE_ALL);
    lair_gc_set_flags(heap, 0);
    lair_gc_set_listener(heap, hear, &heard);
    CHECK(lair_gc_collect(heap, 0, NULL) == LAIR_OK && heard > 0);
    lair_gc_set_listener(heap, NULL, NULL);
    CHECK(lair_gc_frozen(heap) == 0 && lair_gc_unfreeze(heap) == LAIR_OK);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(lair_gc_is_enabled(heap));
}

/* Without a ledger there is nothing to report; with one, nothing that is left. */
static void test_debug(lair_heap *heap)
{
    lair_heap_inject_failure(heap, 1, true);
    size_t left = lair_debug_report(heap, stderr);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(left == (LAIR_DEBUG_REFERENCES ? 0 : SIZE_MAX));
}

int main(void)
{
    on_every_heap(test_failures);
    on_every_heap(test_numbers);
    on_every_heap(test_texts);
    on_every_heap(test_lists);
    on_every_heap(test_dicts);
    on_every_heap(test_sets);
    on_every_heap(test_caches);
    on_every_heap(test_weak);
    on_every_heap(test_things);
    on_every_heap(test_any);
    test_immortal();
    on_every_heap(test_collector);
    on_every_heap(test_debug);
    return check_finish("memory that fails, where no other test has it fail");
}

/* test_truncate.c: an object becomes none in place: whoever looks at it on the way or later finds
 * it whole or truncated. */
#include "ground.h"

static lair_object *number(lair_heap *heap)
{
    return lair_int_new(heap, 123456789);
}

static void check_is_none(lair_object *object)
{
    lair_heap *heap = lair_heap_of(object);
    CHECK(lair_kind_of(object) == LAIR_KIND_TRUNCATED && lair_is_none(object));
    CHECK(shows(object, "None") && !lair_truth(object));
    CHECK(equal(object, lair_none(heap)) && equal(lair_none(heap), object));
    CHECK(!equal(object, lair_bool(heap, false)) && !equal(lair_bool(heap, false), object));
    uint64_t a, b;
    CHECK(lair_hash(object, &a) == LAIR_OK && lair_hash(lair_none(heap), &b) == LAIR_OK && a == b);
    LAIR_SCOPED lair_object *copy = lair_copy(object);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(object);
    CHECK(copy == object && deep == object);
    CHECK(lair_weakref_new(object, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_length(object) == SIZE_MAX && lair_total_size(object) == lair_sizeof(object));
    CHECK(lair_truncate(object) == LAIR_OK); /* again: nothing happens */
}

/* -- kinds ----------------------------------------------------------------------------------- */

static void check_truncates(lair_object *object)
{
    REQUIRE(object != NULL);
    lair_heap *heap = lair_heap_of(object);
    lair_type *type = lair_type_of(object);
    LAIR_SCOPED lair_object *holder = LAIR_LIST(heap, lair_incref(object), lair_incref(object));
    lair_type_stats before, after;
    lair_type_get_stats(type, &before);
    CHECK(lair_refcount(object) == 3);
    CHECK(lair_truncate(object) == LAIR_OK && lair_refcount(object) == 3);
    lair_type_get_stats(type, &after);
    CHECK(after.instances == before.instances - 1);
    CHECK(shows(holder, "[None, None]"));
    check_is_none(object);
    lair_decref(object);
}

static void test_kinds(lair_heap *heap)
{
    const char *const fields[] = {"x"};
    lair_type *record = lair_record_type(heap, "record", fields, 1, LAIR_RECORD_WEAK);
    const lair_packed_field packed_fields[] = {{"x", LAIR_PACKED_OBJECT}, {"y", LAIR_PACKED_U8}};
    lair_type *packed = lair_packed_type(heap, "packed", packed_fields, 2);
    lair_type *instance = lair_instance_type(heap, "instance");
    lair_object *object = lair_record_steal(record, (lair_object *[]){number(heap)});
    lair_decref(lair_type_object(record));
    (void)lair_incref(lair_type_object(record));
    check_truncates(object);
    object = lair_packed_new(packed);
    CHECK(lair_packed_set(object, "x", lair_type_object(packed)) == LAIR_OK);
    check_truncates(object);
    object = lair_instance_new(instance);
    CHECK(lair_attribute_set_new(object, "x", number(heap)) == LAIR_OK);
    check_truncates(object);
    lair_decref(lair_type_object(record));
    lair_decref(lair_type_object(packed));
    lair_decref(lair_type_object(instance));

    check_truncates(LAIR_LIST(heap, number(heap), number(heap)));
    check_truncates(lair_list_new(heap));
    object = lair_dict_new(heap);
    CHECK(lair_dict_set_str_new(object, "key", number(heap)) == LAIR_OK);
    check_truncates(object);
    check_truncates(lair_array_from_values(heap, LAIR_ARRAY_I64, NULL, 1000));
}

/* The type goes with its last instance, which is truncated and stays. */
static void test_type_goes(lair_heap *heap)
{
    size_t before = ground_blocks(heap);
    const char *const fields[] = {"x"};
    lair_type *type = lair_record_type(heap, "gone", fields, 1, 0);
    LAIR_SCOPED lair_object *object = lair_record_new(type, NULL);
    lair_decref(lair_type_object(type));
    CHECK(lair_truncate(object) == LAIR_OK);
    CHECK(ground_blocks(heap) == before + 1);
    check_is_none(object);
}

static void test_memory_goes(lair_heap *heap)
{
    size_t before = ground_blocks(heap);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (int i = 0; i < 1000; i++)
        CHECK(lair_list_append_new(list, LAIR_LIST(heap, number(heap))) == LAIR_OK);
    CHECK(lair_list_append(list, list) == LAIR_OK); /* even what a cycle keeps */
    lair_object *keep = lair_incref(lair_list_get(list, 7));
    CHECK(lair_truncate(list) == LAIR_OK && lair_refcount(list) == 1);
    CHECK(shows(keep, "[123456789]") && lair_refcount(keep) == 1);
    lair_decref(keep);
    CHECK(ground_blocks(heap) == before + 1);
}

/* -- refusals -------------------------------------------------------------------------------- */

static void check_refused(lair_object *object)
{
    REQUIRE(object != NULL);
    lair_kind kind = lair_kind_of(object);
    LAIR_SCOPED lair_object *before = lair_repr(object);
    CHECK(lair_truncate(object) == LAIR_ERR_INVALID && lair_kind_of(object) == kind);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(shows(object, lair_str_text(before)));
    lair_decref(object);
}

static void test_refusals(lair_heap *heap)
{
    const char *const fields[] = {"x"};
    lair_type *frozen = lair_record_type(heap, "frozen", fields, 1, LAIR_RECORD_FROZEN);
    check_refused(lair_record_steal(frozen, (lair_object *[]){number(heap)}));
    check_refused(lair_type_object(frozen));
    check_refused(lair_none(heap));
    check_refused(lair_bool(heap, true));
    check_refused(lair_int_new(heap, 5));
    check_refused(number(heap));
    check_refused(lair_float_new(heap, 1.5));
    check_refused(lair_str_new(heap, "a text of some length"));
    check_refused(LAIR_TUPLE(heap, number(heap)));
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    check_refused(lair_weakref_new(list, NULL, NULL));
    check_refused(lair_incref(lair_type_object(lair_type_of(list))));
    CHECK(lair_truncate(NULL) != LAIR_OK);
}

static void test_immortal(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    lair_object *list = LAIR_LIST(heap, number(heap));
    lair_immortalize(list);
    CHECK(lair_truncate(list) == LAIR_ERR_INVALID && shows(list, "[123456789]"));
}

/* -- later uses ------------------------------------------------------------------------------ */

static void test_later_uses(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, number(heap), number(heap));
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(list);
    CHECK(lair_next_item(&at));
    CHECK(lair_truncate(list) == LAIR_OK);
    CHECK(!lair_next_item(&at) && at.status == LAIR_OK);
    CHECK(lair_list_append(list, list) == LAIR_ERR_TYPE);
    CHECK(strcmp(lair_error_message(), "expected a list, not a truncated object") == 0);
    CHECK(lair_list_get(list, 0) == NULL && lair_list_length(list) == SIZE_MAX);
    bool found;
    CHECK(lair_contains(list, list, &found) == LAIR_ERR_TYPE);
    int order;
    CHECK(lair_compare(list, list, &order) == LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap); /* it may be a key, as none may */
    CHECK(lair_dict_set(dict, list, lair_none(heap)) == LAIR_OK);
    CHECK(lair_dict_get(dict, lair_none(heap)) == lair_none(heap));
}

/* -- weak references and finalizers ------------------------------------------------------------ */

static int called;
static lair_object *watched; /* looked at by callbacks and destructors */

static void on_death(lair_object *weakref, void *arg)
{
    called++;
    CHECK(!lair_weakref_is_alive(weakref) && arg == &called);
    CHECK(lair_is(watched, LAIR_KIND_TRUNCATED));
    CHECK(lair_list_append(watched, weakref) == LAIR_ERR_TYPE);
}

static void test_weak_references(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = watched = LAIR_LIST(heap, number(heap));
    LAIR_SCOPED lair_object *plain = lair_weakref_new(list, NULL, NULL);
    LAIR_SCOPED lair_object *first = lair_weakref_new(list, on_death, &called);
    LAIR_SCOPED lair_object *second = lair_weakref_new(list, on_death, &called);
    called = 0;
    CHECK(lair_truncate(list) == LAIR_OK && called == 2);
    CHECK(lair_weakref_get(plain) == NULL && lair_weakref_get(first) == NULL);
    CHECK(lair_weakref_count(list) == 0);
    LAIR_SCOPED lair_object *values = lair_weak_value_dict_new(heap);
    LAIR_SCOPED lair_object *value = lair_list_new(heap);
    CHECK(lair_weak_dict_set(values, lair_int_new(heap, 1), value) == LAIR_OK);
    CHECK(lair_length(values) == 1);
    CHECK(lair_truncate(value) == LAIR_OK && lair_length(values) == 0);
}

/* A callback of the last holder's drops the object itself. */
static void drop_it(lair_object *weakref, void *arg)
{
    (void)weakref;
    lair_clear_ref(arg);
}

static void test_callback_drops(lair_heap *heap)
{
    lair_object *list = LAIR_LIST(heap, number(heap));
    LAIR_SCOPED lair_object *weak = lair_weakref_new(list, drop_it, &list);
    CHECK(lair_truncate(list) == LAIR_OK && list == NULL);
}

struct thing {
    lair_object object;
    lair_object *held;
    void *weakrefs;
    size_t number;
};

static int finalized, deallocated;

static lair_object **held_of(const lair_object *self)
{
    return &((struct thing *)(void *)self)->held;
}

static void thing_finalize(lair_object *self)
{
    finalized++;
    CHECK(*held_of(self) != NULL); /* it is whole */
    if (watched == self)
        CHECK(lair_truncate(self) == LAIR_OK);
    else
        CHECK(lair_list_append_new(*held_of(self), number(lair_heap_of(self))) == LAIR_OK);
}

static int thing_traverse(lair_object *self, lair_visit visit, void *arg)
{
    return *held_of(self) != NULL ? visit(*held_of(self), arg) : 0;
}

static void thing_clear(lair_object *self)
{
    lair_clear_ref(held_of(self));
}

static void thing_dealloc(lair_object *self)
{
    deallocated++;
    if (watched != NULL && watched != self)
        CHECK(lair_is(watched, LAIR_KIND_TRUNCATED));
    thing_clear(self);
}

static const lair_type_spec thing_spec = {
    .name = "thing",
    .size = sizeof(struct thing),
    .flags = LAIR_TYPE_CONTAINER,
    .weakrefs = offsetof(struct thing, weakrefs),
    .dealloc = thing_dealloc,
    .traverse = thing_traverse,
    .clear = thing_clear,
    .finalize = thing_finalize,
};

static lair_object *thing_new(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &thing_spec);
    lair_object *thing = lair_new(type);
    REQUIRE(thing != NULL);
    lair_decref(lair_type_object(type));
    *held_of(thing) = lair_list_new(heap);
    ((struct thing *)(void *)thing)->number = 7;
    return thing;
}

static void test_finalizer(lair_heap *heap)
{
    watched = NULL;
    finalized = deallocated = 0;
    LAIR_SCOPED lair_object *thing = thing_new(heap);
    CHECK(lair_truncate(thing) == LAIR_OK && finalized == 1 && deallocated == 1);
    check_is_none(thing);
    CHECK(((struct thing *)(void *)thing)->number == 0); /* nothing is left to be misread */
    lair_clear_ref(&thing);
    CHECK(finalized == 1 && deallocated == 1);
    thing = watched = thing_new(heap); /* truncates itself in its finalizer */
    CHECK(lair_truncate(thing) == LAIR_OK && finalized == 2 && deallocated == 2);
    check_is_none(thing);
    watched = NULL;
}

/* What the object held dies, and looks at it: it is none already. */
static void test_destructor_looks(lair_heap *heap)
{
    finalized = deallocated = 0;
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, thing_new(heap), thing_new(heap));
    watched = list;
    CHECK(lair_truncate(list) == LAIR_OK);
    CHECK(finalized == 2 && deallocated == 2);
    watched = NULL;
}

static int destroyed;

static void destroy(void *pointer)
{
    CHECK(pointer == &destroyed && lair_capsule_get(watched, "c") == NULL);
    destroyed++;
}

static void test_capsule(lair_heap *heap)
{
    destroyed = 0;
    LAIR_SCOPED lair_object *capsule = lair_capsule_new(heap, "c", &destroyed, destroy);
    watched = capsule;
    CHECK(lair_truncate(capsule) == LAIR_OK && destroyed == 1);
    check_is_none(capsule);
    watched = NULL;
}

/* -- during a walk --------------------------------------------------------------------------- */

static lair_step truncating_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk, (void)frame;
    CHECK(lair_truncate(watched) == LAIR_OK);
    return lair_write_text(writer, "bang") == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static lair_step truncating_equal(lair_walk *walk, lair_frame *frame)
{
    (void)frame;
    CHECK(lair_truncate(watched) == LAIR_OK);
    walk->order = 0;
    return LAIR_STEP_DONE;
}

static lair_step truncating_copy(lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    CHECK(lair_truncate(watched) == LAIR_OK);
    frame->other = lair_incref(frame->self);
    return LAIR_STEP_DONE;
}

static lair_step truncating_hash(lair_walk *walk, lair_frame *frame)
{
    (void)frame;
    walk->hash = 1;
    return LAIR_STEP_DONE;
}

static const lair_type_spec bomb_spec = {
    .name = "bomb",
    .size = sizeof(lair_object) + 8,
    .repr = truncating_repr,
    .hash = truncating_hash,
    .equal = truncating_equal,
    .copy = truncating_copy,
};

static lair_object *bombs(lair_type *type)
{
    lair_heap *heap = lair_heap_of(lair_type_object(type));
    return LAIR_LIST(heap, number(heap), lair_new(type), number(heap));
}

static void test_during_walks(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &bomb_spec);
    LAIR_SCOPED lair_object *shown = watched = bombs(type);
    CHECK(shows(shown, "[123456789, bangNone"));
    LAIR_SCOPED lair_object *copied = watched = bombs(type);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(copied);
    CHECK(copy == copied);
    LAIR_SCOPED lair_object *a = bombs(type);
    LAIR_SCOPED lair_object *b = watched = bombs(type);
    CHECK(!equal(a, b));
    LAIR_SCOPED lair_object *c = watched = bombs(type);
    CHECK(!equal(c, a));
    lair_decref(lair_type_object(type));
    watched = NULL;
}

/* The comparing of a key truncates the container that looks for it. */
static void test_during_lookups(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &bomb_spec);
    LAIR_SCOPED lair_object *key = lair_new(type);
    LAIR_SCOPED lair_object *same = lair_new(type);
    bool found;
    watched = NULL;
    for (int way = 0; way < 3; way++) {
        LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
        CHECK(lair_dict_set(dict, key, same) == LAIR_OK);
        watched = dict;
        if (way == 0)
            CHECK(lair_dict_get(dict, same) == NULL);
        else if (way == 1)
            CHECK(lair_dict_set(dict, same, key) != LAIR_OK);
        else
            CHECK(lair_dict_delete(dict, same) != LAIR_OK);
        check_is_none(dict);
    }
    LAIR_SCOPED lair_object *set = lair_set_new(heap);
    CHECK(lair_set_add(set, key) == LAIR_OK);
    watched = set;
    CHECK(lair_contains(set, same, &found) != LAIR_OK);
    check_is_none(set);
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_incref(key), number(heap));
    watched = list;
    CHECK(lair_contains(list, same, &found) == LAIR_OK);
    check_is_none(list);
    lair_decref(lair_type_object(type));
    watched = NULL;
}

/* -- memory ---------------------------------------------------------------------------------- */

static bool truncate(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (int i = 0; i < 3; i++)
        if (list == NULL || lair_list_append_new(list, number(heap)) != LAIR_OK)
            return false;
    lair_status status = lair_truncate(list);
    CHECK(status == LAIR_OK || (lair_list_length(list) == 3 && lair_refcount(list) == 1));
    return status == LAIR_OK;
}

static void test_no_memory(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, truncate, NULL);
}

static void test_deep(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *deep = lair_list_new(heap);
    size_t before = ground_blocks(heap);
    for (int i = 0; i < DEEP_LEVELS; i++)
        deep = lair_list_steal(heap, &deep, 1);
    CHECK(lair_truncate(deep) == LAIR_OK);
    CHECK(ground_blocks(heap) == before);
}

int main(void)
{
    on_every_heap(test_kinds);
    on_every_heap(test_type_goes);
    on_every_heap(test_memory_goes);
    on_every_heap(test_refusals);
    test_immortal();
    on_every_heap(test_later_uses);
    on_every_heap(test_weak_references);
    on_every_heap(test_callback_drops);
    on_every_heap(test_finalizer);
    on_every_heap(test_destructor_looks);
    on_every_heap(test_capsule);
    on_every_heap(test_during_walks);
    on_every_heap(test_during_lookups);
    on_every_heap(test_no_memory);
    test_deep();
    return check_finish("truncation");
}

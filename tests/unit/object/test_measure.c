/* test_measure.c: sizes of objects, alone and with all they reach. */
#include "ground.h"

static lair_object *number(lair_heap *heap)
{
    return lair_int_new(heap, 123456789);
}

/* What an object and all it reaches take is what goes when it goes. */
static void test_sizeof(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    size_t empty = lair_sizeof(list);
    CHECK(empty >= sizeof(lair_object) + 32);
    CHECK(lair_list_reserve(list, 1000) == LAIR_OK);
    size_t large = lair_sizeof(list);
    CHECK(large >= empty + 8000 && large < empty + 10000);
    CHECK(lair_total_size(list) == large);
    (void)lair_heap_trim(heap);
    lair_ledger before, after;
    LAIR_SCOPED lair_object *nested = lair_list_new(heap);
    for (int i = 0; i < 1000; i++) {
        LAIR_SCOPED lair_object *item = lair_list_new(heap);
        CHECK(lair_list_append_new(item, number(heap)) == LAIR_OK);
        CHECK(lair_list_append(nested, item) == LAIR_OK);
    }
    size_t total = lair_total_size(nested);
    (void)lair_heap_trim(heap);
    lair_heap_ledger(heap, &before);
    lair_clear_ref(&nested);
    (void)lair_heap_trim(heap);
    lair_heap_ledger(heap, &after);
    if (lair_heap_get_options(heap)->hardened == LAIR_ON) /* guards are counted in the books */
        CHECK(total < before.live - after.live);
    else
        CHECK(total == before.live - after.live);
}

static void test_shared_and_immortal(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *shared = number(heap);
    CHECK(lair_list_reserve(list, 8) == LAIR_OK);
    for (int i = 0; i < 4; i++)
        CHECK(lair_list_append(list, shared) == LAIR_OK);
    CHECK(lair_list_append(list, lair_none(heap)) == LAIR_OK);
    CHECK(lair_list_append_new(list, lair_int_new(heap, 7)) == LAIR_OK);
    CHECK(lair_list_append(list, lair_type_object(lair_type_of(list))) == LAIR_OK);
    CHECK(lair_list_append(list, list) == LAIR_OK); /* itself */
    CHECK(lair_total_size(list) == lair_sizeof(list) + lair_sizeof(shared));
    CHECK(lair_total_size(lair_none(heap)) == lair_sizeof(lair_none(heap)));
    CHECK(lair_refcount(shared) == 5 && lair_refcount(list) == 2);
    CHECK(lair_list_clear(list) == LAIR_OK);

    /* weak references are not followed */
    LAIR_SCOPED lair_object *weak = lair_weakref_new(list, NULL, NULL);
    CHECK(lair_total_size(weak) == lair_sizeof(weak));
}

/* Marks are gone: what was measured can be shown and compared. */
static void test_marks_cleared(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *inner = LAIR_TUPLE(heap, number(heap), lair_list_new(heap));
    CHECK(lair_list_append(list, inner) == LAIR_OK);
    for (int i = 0; i < 3; i++) {
        CHECK(lair_total_size(list) > 0);
        CHECK(shows(list, "[(123456789, [])]"));
    }
    for (uint64_t step = 1; step < 4; step++) {
        LAIR_SCOPED lair_object *many = lair_list_new(heap);
        for (int i = 0; i < 500; i++)
            CHECK(lair_list_append_new(many, lair_list_new(heap)) == LAIR_OK);
        lair_heap_inject_failure(heap, step, true);
        CHECK(lair_total_size(many) == SIZE_MAX);
        CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
        lair_heap_inject_failure(heap, 0, false);
        LAIR_SCOPED lair_object *repr = lair_repr(many);
        CHECK(strstr(lair_str_text(repr), "...") == NULL);
        CHECK(lair_refcount(lair_list_get(many, 0)) == 1);
    }
}

static bool measure(lair_heap *heap, void *arg)
{
    (void)heap;
    return lair_total_size(arg) != SIZE_MAX;
}

static void test_no_memory(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (int i = 0; i < 5000; i++)
        CHECK(lair_list_append_new(list, LAIR_LIST(heap, number(heap))) == LAIR_OK);
    FAIL_AT_EVERY_STEP(heap, measure, list);
    CHECK(lair_total_size(NULL) == SIZE_MAX && lair_sizeof(NULL) == SIZE_MAX);
}

/* -- inside a walk, and inside itself --------------------------------------------------------- */

struct nest {
    lair_object object;
    lair_object *held;
};

static size_t seen_inside, seen_in_size_of;

static lair_object **held_of(const lair_object *self)
{
    return &((struct nest *)(void *)self)->held;
}

static int nest_traverse(lair_object *self, lair_visit visit, void *arg)
{
    /* twice, as a type may that holds an object in two places */
    int result = *held_of(self) != NULL ? visit(*held_of(self), arg) : 0;
    return result != 0 || *held_of(self) == NULL ? result : visit(*held_of(self), arg);
}

static void nest_clear(lair_object *self)
{
    lair_clear_ref(held_of(self));
}

static lair_step nest_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    seen_inside = lair_total_size(frame->self);
    return lair_write_text(writer, "nest") == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static size_t nest_size_of(const lair_object *self)
{
    static bool inside;
    if (inside || *held_of(self) == NULL)
        return 0;
    inside = true;
    seen_in_size_of = lair_total_size(*held_of(self));
    inside = false;
    return 0;
}

static const lair_type_spec nest_spec = {
    .name = "nest",
    .size = sizeof(struct nest),
    .flags = LAIR_TYPE_CONTAINER,
    .traverse = nest_traverse,
    .clear = nest_clear,
    .repr = nest_repr,
};

static void test_inside_walk(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &nest_spec);
    LAIR_SCOPED lair_object *nest = lair_new(type);
    lair_decref(lair_type_object(type));
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *shared = LAIR_LIST(heap, number(heap));
    lair_set_ref(held_of(nest), list);
    for (int i = 0; i < 200; i++) {
        CHECK(lair_list_append(list, shared) == LAIR_OK);
        CHECK(lair_list_append_new(list, number(heap)) == LAIR_OK);
    }
    CHECK(lair_list_append(list, nest) == LAIR_OK); /* the walk is inside list and nest */
    size_t outside = lair_total_size(nest);
    LAIR_SCOPED lair_object *repr = lair_repr(list);
    CHECK(seen_inside == outside);
    LAIR_SCOPED lair_object *again = lair_repr(list); /* the walk's marks were left alone */
    CHECK(equal(repr, again));
    CHECK(lair_list_clear(list) == LAIR_OK);
}

static void test_inside_itself(lair_heap *heap)
{
    lair_type_spec spec = nest_spec;
    spec.size_of = nest_size_of;
    lair_type *type = lair_type_new(heap, &spec);
    LAIR_SCOPED lair_object *nest = lair_new(type);
    lair_decref(lair_type_object(type));
    LAIR_SCOPED lair_object *list =
        LAIR_LIST(heap, number(heap), lair_list_new(heap), lair_incref(nest));
    size_t all = lair_total_size(list);
    lair_set_ref(held_of(nest), list); /* a cycle, of which size_of measures the other side */
    CHECK(lair_total_size(list) == all && seen_in_size_of == all);
    CHECK(lair_total_size(nest) == all && seen_in_size_of == all);
    CHECK(lair_list_clear(list) == LAIR_OK);
}

/* The heap's listener takes the object apart while the vector of what was found grows. */
static lair_object *victim;

static bool drop_victim(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    (void)heap;
    (void)arg;
    if (event->kind != LAIR_HEAP_SOFT_LIMIT || victim == NULL)
        return false;
    CHECK(lair_list_clear(victim) == LAIR_OK);
    lair_clear_ref(&victim);
    return true;
}

static void test_listener(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap =
        lair_heap_open(&(lair_heap_options){.max_bytes = (size_t)512 << 20});
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (int i = 0; i < 500000; i++)
        CHECK(lair_list_append_new(list, number(heap)) == LAIR_OK);
    victim = lair_incref(list);
    lair_heap_set_listener(heap, drop_victim, NULL);
    REQUIRE(lair_heap_set_limit(heap, (size_t)512 << 20, lair_heap_footprint(heap) + 1) == LAIR_OK);
    CHECK(lair_total_size(list) >= lair_sizeof(list));
    CHECK(victim == NULL && lair_list_length(list) == 0);
    CHECK(lair_heap_check(heap) == LAIR_OK);
}

/* Ten million levels. */
static void test_deep(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *deep = lair_tuple_new(heap, NULL, 0);
    for (int i = 0; i < DEEP_LEVELS; i++)
        deep = lair_tuple_steal(heap, &deep, 1);
    CHECK(lair_total_size(deep) == DEEP_LEVELS * lair_sizeof(deep));
}

int main(void)
{
    on_every_heap(test_sizeof);
    on_every_heap(test_shared_and_immortal);
    on_every_heap(test_marks_cleared);
    on_every_heap(test_no_memory);
    on_every_heap(test_inside_walk);
    on_every_heap(test_inside_itself);
    test_listener();
    test_deep();
    return check_finish("measuring");
}

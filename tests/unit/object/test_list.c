/* test_list.c: growing sequences: every function and every way it can fail, room, who owns what,
 * destructors that look at the list they leave. (Cycles and depth: test_core.c.) */
#include "ground.h"

/* A list of the ints from first up to end. */
static lair_object *ints(lair_heap *heap, int first, int end)
{
    lair_object *list = lair_list_new(heap);
    for (int i = first; i < end; i++)
        REQUIRE(lair_list_append_new(list, lair_int_new(heap, i)) == LAIR_OK);
    return list;
}

static void test_items(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *a = lair_int_new(heap, 1000);
    LAIR_SCOPED lair_object *b = lair_float_new(heap, 0.5);
    CHECK(lair_list_length(list) == 0 && lair_list_capacity(list) == 0 && !lair_truth(list));
    CHECK(lair_list_append(list, a) == LAIR_OK && lair_refcount(a) == 2);
    CHECK(lair_list_append_new(list, lair_incref(b)) == LAIR_OK && lair_refcount(b) == 2);
    CHECK(lair_list_insert(list, 0, b) == LAIR_OK && lair_list_insert(list, 3, a) == LAIR_OK);
    CHECK(lair_list_insert(list, 2, lair_none(heap)) == LAIR_OK);
    CHECK(shows(list, "[0.5, 1000, None, 0.5, 1000]") && lair_length(list) == 5);
    CHECK(lair_list_set(list, 2, a) == LAIR_OK && lair_refcount(a) == 4);
    CHECK(lair_list_set_new(list, 2, lair_incref(b)) == LAIR_OK);
    CHECK(lair_refcount(a) == 3 && lair_refcount(b) == 4);
    CHECK(lair_list_set(list, 0, lair_list_get(list, 0)) == LAIR_OK && lair_refcount(b) == 4);
    CHECK(lair_list_get(list, 4) == a);
    LAIR_SCOPED lair_object *first = lair_list_pop(list, 0);
    LAIR_SCOPED lair_object *last = lair_list_pop(list, SIZE_MAX);
    CHECK(first == b && last == a && shows(list, "[1000, 0.5, 0.5]"));
    CHECK(lair_list_reverse(list) == LAIR_OK && shows(list, "[0.5, 0.5, 1000]"));
    bool found = false;
    CHECK(lair_contains(list, a, &found) == LAIR_OK && found);
    CHECK(lair_list_remove(list, 1, 2) == LAIR_OK && shows(list, "[0.5, 1000]"));
    CHECK(lair_list_clear(list) == LAIR_OK && lair_list_length(list) == 0);
    CHECK(lair_refcount(a) == 2 && lair_refcount(b) == 2);
    CHECK(lair_list_reverse(list) == LAIR_OK && lair_list_clear(list) == LAIR_OK);
}

static void test_errors(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = ints(heap, 1000, 1003);
    LAIR_SCOPED lair_object *item = lair_int_new(heap, 5000);
    lair_object *none = lair_none(heap);
#define FAILS(status, call)                                                                        \
    do {                                                                                           \
        CHECK(call);                                                                               \
        CHECK_FAILED_WITH(status);                                                                 \
        CHECK(lair_refcount(item) == 1 && lair_list_length(list) == 3);                            \
    } while (0)
    FAILS(LAIR_ERR_INDEX, lair_list_get(list, 3) == NULL);
    FAILS(LAIR_ERR_INDEX, lair_list_set(list, 3, item) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_set_new(list, 3, lair_incref(item)) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_insert(list, 4, item) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_pop(list, 3) == NULL);
    FAILS(LAIR_ERR_INDEX, lair_list_append(list, NULL) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_append_new(list, NULL) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_set(list, 0, NULL) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_insert(list, 0, NULL) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_append(NULL, item) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_append_new(NULL, lair_incref(item)) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, lair_list_extend(list, NULL) == LAIR_ERR_INDEX);
    FAILS(LAIR_ERR_INDEX, LAIR_LIST(heap, lair_incref(item), NULL, lair_incref(item)) == NULL);
    FAILS(LAIR_ERR_TYPE, lair_list_append(none, item) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_append_new(none, lair_incref(item)) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_get(none, 0) == NULL);
    FAILS(LAIR_ERR_TYPE, lair_list_set(none, 0, item) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_insert(none, 0, item) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_pop(none, 0) == NULL);
    FAILS(LAIR_ERR_TYPE, lair_list_remove(none, 0, 1) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_clear(none) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_extend(none, list) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_extend(list, item) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_slice(none, 0, 1) == NULL);
    FAILS(LAIR_ERR_TYPE, lair_list_reverse(none) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_sort(none) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_reserve(none, 5) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_shrink(none) == LAIR_ERR_TYPE);
    FAILS(LAIR_ERR_TYPE, lair_list_length(none) == SIZE_MAX);
    FAILS(LAIR_ERR_TYPE, lair_list_capacity(none) == 0);
    FAILS(LAIR_ERR_TYPE, lair_list_from(item) == NULL);
    FAILS(LAIR_ERR_INVALID, lair_list_reserve(list, SIZE_MAX) == LAIR_ERR_INVALID);
#undef FAILS
    CHECK(lair_list_new(NULL) == NULL);
    LAIR_SCOPED lair_object *empty = lair_list_new(heap);
    CHECK(lair_list_pop(empty, SIZE_MAX) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INDEX);
    CHECK(lair_list_pop(empty, 0) == NULL);
}

static void test_room(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(lair_list_reserve(list, 100) == LAIR_OK && lair_list_capacity(list) >= 100);
    size_t capacity = lair_list_capacity(list);
    CHECK(lair_list_reserve(list, 5) == LAIR_OK && lair_list_capacity(list) == capacity);
    for (int i = 0; i < 100; i++)
        CHECK(lair_list_append(list, lair_none(heap)) == LAIR_OK);
    CHECK(lair_list_capacity(list) == capacity);
    CHECK(lair_list_append(list, lair_none(heap)) == LAIR_OK);
    CHECK(lair_list_shrink(list) == LAIR_OK && lair_list_capacity(list) == 101);

    /* Growth is amortised: the room is enlarged a few times for each doubling. */
    size_t growths = 0, before = lair_list_capacity(list);
    for (int i = 101; i < 100000; i++) {
        CHECK(lair_list_append(list, lair_none(heap)) == LAIR_OK);
        growths += lair_list_capacity(list) != before;
        before = lair_list_capacity(list);
    }
    CHECK(growths < 80 && before < 100000 + 100000 / 8 + 8);
    size_t large = lair_sizeof(list);
    while (lair_list_length(list) > 10)
        lair_decref(lair_list_pop(list, SIZE_MAX));
    CHECK(lair_list_capacity(list) <= 40 && lair_sizeof(list) < large / 100);
    CHECK(lair_list_clear(list) == LAIR_OK && lair_list_capacity(list) == 0);
    CHECK(lair_list_shrink(list) == LAIR_OK && lair_list_capacity(list) == 0);
}

static void test_slices(lair_heap *heap)
{
    static const size_t bounds[] = {0, 1, 2, 5, 6, 7, SIZE_MAX};
    LAIR_SCOPED lair_object *list = ints(heap, 1000, 1006);
    LAIR_SCOPED lair_object *empty = lair_list_new(heap);
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 7; j++) {
            size_t end = bounds[j] < 6 ? bounds[j] : 6;
            size_t start = bounds[i] < end ? bounds[i] : end;
            LAIR_SCOPED lair_object *slice = lair_list_slice(list, bounds[i], bounds[j]);
            CHECK(lair_list_length(slice) == end - start);
            for (size_t k = start; k < end; k++)
                CHECK(lair_list_get(slice, k - start) == lair_list_get(list, k));
            LAIR_SCOPED lair_object *nothing = lair_list_slice(empty, bounds[i], bounds[j]);
            CHECK(lair_list_length(nothing) == 0);

            LAIR_SCOPED lair_object *rest = lair_copy(list);
            CHECK(lair_list_remove(rest, bounds[i], bounds[j]) == LAIR_OK);
            CHECK(lair_list_length(rest) == 6 - (end - start));
            for (size_t k = 0; k < 6 - (end - start); k++)
                CHECK(lair_list_get(rest, k) ==
                      lair_list_get(list, k < start ? k : k + end - start));
            CHECK(lair_list_remove(empty, bounds[i], bounds[j]) == LAIR_OK);
        }
    CHECK(lair_refcount(lair_list_get(list, 0)) == 1);
}

static void test_extend(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = ints(heap, 0, 2);
    CHECK(lair_list_extend(list, list) == LAIR_OK && shows(list, "[0, 1, 0, 1]"));
    LAIR_SCOPED lair_object *tuple = lair_build(heap, "(s, n)", "x");
    CHECK(lair_list_extend(list, tuple) == LAIR_OK && shows(list, "[0, 1, 0, 1, 'x', None]"));
    LAIR_SCOPED lair_object *dict = lair_build(heap, "{s:i}", "key", 1);
    CHECK(lair_list_extend(list, dict) == LAIR_OK && lair_list_length(list) == 7);
    LAIR_SCOPED lair_object *from = lair_list_from(list);
    CHECK(from != list && equal(from, list));
    CHECK(lair_list_from(NULL) == NULL);
    LAIR_SCOPED lair_object *empty = lair_list_new(heap);
    CHECK(lair_list_extend(empty, empty) == LAIR_OK && lair_list_length(empty) == 0);
    LAIR_SCOPED lair_object *none = lair_copy(empty);
    CHECK(none != empty && equal(none, empty) && shows(none, "[]"));
}

static void test_compare(lair_heap *heap)
{
    LAIR_SCOPED lair_object *a = ints(heap, 1, 4);
    LAIR_SCOPED lair_object *b = ints(heap, 1, 5);
    LAIR_SCOPED lair_object *c = ints(heap, 2, 3);
    int order;
    CHECK(lair_compare(a, b, &order) == LAIR_OK && order < 0);
    CHECK(lair_compare(c, b, &order) == LAIR_OK && order > 0);
    CHECK(lair_compare(a, a, &order) == LAIR_OK && order == 0);
    CHECK(!equal(a, b) && equal(a, a));
    CHECK(lair_list_append(a, lair_none(heap)) == LAIR_OK);
    CHECK(lair_compare(a, b, &order) == LAIR_ERR_TYPE);
    uint64_t hash;
    CHECK(lair_hash(a, &hash) == LAIR_ERR_UNHASHABLE);
}

static void test_iteration(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = ints(heap, 1000, 1010);
    int seen = 0;
    LAIR_EACH(at, list)
    {
        CHECK(at.key == NULL && lair_refcount(at.item) == 2);
        if (++seen == 3) /* the list may change: what is at the position next is given */
            CHECK(lair_list_remove(list, 0, 5) == LAIR_OK);
        if (seen == 4)
            CHECK(lair_int_value(at.item) == 1008);
        if (seen == 5)
            CHECK(lair_list_append_new(list, lair_int_new(heap, 7000)) == LAIR_OK);
    }
    CHECK(seen == 6 && lair_list_length(list) == 6);
    LAIR_EACH(at, list)
    if (at.position == 2)
        break;
    CHECK(lair_refcount(list) == 1 && lair_refcount(lair_list_get(list, 1)) == 1);
}

/* -- destructors that look ----------------------------------------------------------------------
 */

struct watcher {
    lair_object object;
    lair_object *list; /* borrowed */
    int *calls;
};

static void watcher_dealloc(lair_object *self)
{
    struct watcher *watcher = (struct watcher *)self;
    size_t length = lair_list_length(watcher->list);
    for (size_t i = 0; i < length; i++)
        CHECK(lair_list_get(watcher->list, i) != self);
    if (++*watcher->calls == 2) /* what is added meanwhile stays */
        CHECK(lair_list_append(watcher->list, lair_none(lair_heap_of(self))) == LAIR_OK);
}

static const lair_type_spec watcher_spec = {
    .name = "watcher", .size = sizeof(struct watcher), .dealloc = watcher_dealloc};

static lair_object *watchers(lair_heap *heap, lair_type *type, int *calls)
{
    lair_object *list = lair_list_new(heap);
    for (int i = 0; i < 5; i++) {
        lair_object *made = lair_new(type);
        REQUIRE(made != NULL);
        ((struct watcher *)made)->list = list;
        ((struct watcher *)made)->calls = calls;
        CHECK(lair_list_append_new(list, made) == LAIR_OK);
    }
    *calls = 0;
    return list;
}

static void test_destructors(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &watcher_spec);
    REQUIRE(type != NULL);
    int calls;
    LAIR_SCOPED lair_object *cleared = watchers(heap, type, &calls);
    CHECK(lair_list_clear(cleared) == LAIR_OK && calls == 5 && lair_list_length(cleared) == 1);
    LAIR_SCOPED lair_object *cut = watchers(heap, type, &calls);
    CHECK(lair_list_remove(cut, 1, 4) == LAIR_OK && calls == 3 && lair_list_length(cut) == 3);
    CHECK(lair_is_none(lair_list_get(cut, 2)));
    CHECK(lair_list_remove(cut, 0, 1) == LAIR_OK && calls == 4);
    calls = 1;
    CHECK(lair_list_set(cut, 0, lair_none(heap)) == LAIR_OK && calls == 2);
    CHECK(lair_list_length(cut) == 3);
    lair_decref(lair_type_object(type));
}

/* -- failing memory ---------------------------------------------------------------------------- */

static bool use_lists(lair_heap *heap, void *arg)
{
    lair_object *tuple = arg;
    LAIR_SCOPED lair_object *list = lair_list_from(tuple);
    LAIR_SCOPED lair_object *slice = list != NULL ? lair_list_slice(list, 1, 4) : NULL;
    LAIR_SCOPED lair_object *made =
        LAIR_LIST(heap, lair_incref(slice), lair_int_new(heap, 9000), lair_incref(tuple));
    if (made == NULL)
        return false;
    for (int i = 0; i < 30; i++) {
        size_t length = lair_list_length(made);
        lair_status status = i % 3 == 0   ? lair_list_append(made, tuple)
                             : i % 3 == 1 ? lair_list_insert(made, 0, tuple)
                                          : lair_list_extend(made, tuple);
        if (status != LAIR_OK)
            return CHECK(lair_list_length(made) == length) && false;
        CHECK(lair_list_length(made) > length);
    }
    size_t length = lair_list_length(made);
    if (lair_list_reserve(made, 5000) != LAIR_OK || lair_list_shrink(made) != LAIR_OK ||
        lair_list_remove(made, 3, 8) != LAIR_OK)
        return CHECK(lair_list_length(made) == length) && false;
    return lair_list_append_new(made, lair_float_new(heap, 0.5)) == LAIR_OK;
}

static void test_failures(lair_heap *heap)
{
    LAIR_SCOPED lair_object *tuple = lair_build(heap, "(i, i, i, i, i)", 1, 2, 3, 4, 5);
    FAIL_AT_EVERY_STEP(heap, use_lists, tuple);
    CHECK(lair_refcount(tuple) == 1);
}

/* -- a listener that changes the list ---------------------------------------------------------- */

static struct {
    lair_object *list;
    lair_status (*change)(lair_object *list);
    unsigned told;
} meanwhile;

static bool change_meanwhile(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    (void)heap, (void)event, (void)arg;
    meanwhile.told++;
    CHECK(meanwhile.change(meanwhile.list) == LAIR_OK);
    return false;
}

static lair_status append_none(lair_object *list)
{
    return lair_list_append(list, lair_none(lair_heap_of(list)));
}

enum { LONG_LIST = 200000 };

/* A list without room to spare, of which one more request for its size tells the listener. */
static lair_object *list_at_limit(lair_heap *heap, lair_status (*change)(lair_object *))
{
    lair_heap_set_listener(heap, NULL, NULL);
    lair_object *list = lair_list_new(heap), *item = lair_list_new(heap);
    for (size_t i = 0; i < LONG_LIST; i++)
        REQUIRE(lair_list_append(list, item) == LAIR_OK);
    lair_decref(item);
    REQUIRE(lair_list_shrink(list) == LAIR_OK);
    (void)lair_heap_trim(heap);
    size_t soft = lair_heap_footprint(heap) + (64 << 10);
    REQUIRE(lair_heap_set_limit(heap, 1 << 30, soft) == LAIR_OK);
    meanwhile.list = list;
    meanwhile.change = change;
    meanwhile.told = 0;
    lair_heap_set_listener(heap, change_meanwhile, NULL);
    return list;
}

static lair_status append_to(lair_object *list)
{
    return append_none(list);
}

static lair_status extend_by_itself(lair_object *list)
{
    return lair_list_extend(list, list);
}

static lair_status slice_of(lair_object *list)
{
    LAIR_SCOPED lair_object *part = lair_list_slice(list, 10, SIZE_MAX);
    CHECK(part == NULL || lair_list_length(part) == LONG_LIST - 10);
    return part != NULL ? LAIR_OK : lair_error_status();
}

static lair_status copy_of(lair_object *list)
{
    LAIR_SCOPED lair_object *copy = lair_copy(list);
    return copy != NULL ? LAIR_OK : lair_error_status();
}

static lair_status remove_from(lair_object *list)
{
    return lair_list_remove(list, 10, LONG_LIST - 10);
}

/* What grows is out of the listener's reach; what is copied may be gone. */
static void test_listener(void)
{
    static const struct {
        lair_status (*run)(lair_object *list);
        lair_status cleared, appended, truncated; /* how it ends, by what the listener does */
        size_t length_cleared, length_appended;   /* of the list then */
    } cases[] = {
        {append_to, LAIR_OK, LAIR_ERR_CHANGED, LAIR_ERR_CHANGED, LONG_LIST + 1, LONG_LIST},
        {extend_by_itself, LAIR_OK, LAIR_ERR_CHANGED, LAIR_ERR_CHANGED, 2 * LONG_LIST, LONG_LIST},
        {slice_of, LAIR_ERR_CHANGED, LAIR_OK, LAIR_ERR_CHANGED, 0, LONG_LIST + 1},
        {copy_of, LAIR_ERR_CHANGED, LAIR_OK, LAIR_ERR_CHANGED, 0, LONG_LIST + 1},
        {remove_from, LAIR_ERR_CHANGED, LAIR_OK, LAIR_ERR_CHANGED, 0, 21},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
        (void)lair_none(heap);
        size_t before = ground_blocks(heap);
        {
            LAIR_SCOPED lair_object *list = list_at_limit(heap, lair_list_clear);
            CHECK(cases[i].run(list) == cases[i].cleared && meanwhile.told == 1);
            CHECK(lair_list_length(list) == cases[i].length_cleared);
        }
        {
            LAIR_SCOPED lair_object *list = list_at_limit(heap, append_none);
            CHECK(cases[i].run(list) == cases[i].appended && meanwhile.told == 1);
            CHECK(lair_list_length(list) == cases[i].length_appended);
        }
        {
            LAIR_SCOPED lair_object *list = list_at_limit(heap, lair_truncate);
            CHECK(cases[i].run(list) == cases[i].truncated && meanwhile.told == 1);
            CHECK(lair_is_none(list));
        }
        lair_heap_set_listener(heap, NULL, NULL);
        CHECK(ground_blocks(heap) == before && lair_heap_check(heap) == LAIR_OK);
    }
}

/* A list that another is extended by is cleared. */
static void test_listener_extend(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *other = lair_list_new(heap);
    LAIR_SCOPED lair_object *list = list_at_limit(heap, lair_list_clear);
    CHECK(lair_list_extend(other, list) == LAIR_ERR_CHANGED && meanwhile.told == 1);
    CHECK(lair_list_length(other) == 0 && lair_list_length(list) == 0);
}

int main(void)
{
    on_every_heap(test_items);
    on_every_heap(test_errors);
    on_every_heap(test_room);
    on_every_heap(test_slices);
    on_every_heap(test_extend);
    on_every_heap(test_compare);
    on_every_heap(test_iteration);
    on_every_heap(test_destructors);
    on_every_heap(test_failures);
    test_listener();
    test_listener_extend();
    return check_finish("lists");
}

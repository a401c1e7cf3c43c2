/* test_set.c: sets and frozensets: members, algebra, hashes, and what may go wrong. */
#include "audit.h"
#include "ground.h"
#include "node.h"
#include "object/keyed.h"

static bool table_ok(lair_object *set)
{
    const char *fault = table_check(keyed_of(set));
    if (fault != NULL)
        printf("%s\n", fault);
    return fault == NULL;
}

static lair_object *range(lair_heap *heap, int64_t start, int64_t end)
{
    lair_object *set = lair_set_new(heap);
    for (int64_t i = start; i < end; i++)
        REQUIRE(lair_set_add_new(set, lair_int_new(heap, i)) == LAIR_OK);
    return set;
}

static lair_object *frozen_range(lair_heap *heap, int64_t start, int64_t end)
{
    LAIR_SCOPED lair_object *set = range(heap, start, end);
    return lair_frozenset_from(set);
}

static bool has(lair_object *set, lair_object *member)
{
    bool found = false, found_too = false;
    CHECK(lair_set_contains(set, member, &found) == LAIR_OK);
    CHECK(lair_contains(set, member, &found_too) == LAIR_OK && found_too == found);
    return found;
}

/* -- members --------------------------------------------------------------------------------- */

static void test_members(lair_heap *heap)
{
    LAIR_SCOPED lair_object *set = lair_set_new(heap);
    LAIR_SCOPED lair_object *a = lair_str_new(heap, "member");
    LAIR_SCOPED lair_object *same = lair_str_new(heap, "member");
    CHECK(lair_set_length(set) == 0 && !lair_truth(set) && shows(set, "set()"));
    CHECK(lair_set_add(set, a) == LAIR_OK && lair_refcount(a) == 2);
    CHECK(lair_set_add(set, same) == LAIR_OK && lair_refcount(same) == 1);
    CHECK(lair_set_add_new(set, lair_incref(same)) == LAIR_OK && lair_refcount(same) == 1);
    CHECK(has(set, same) && lair_set_length(set) == 1 && shows(set, "{'member'}"));
    bool was_there = false;
    CHECK(lair_set_discard(set, same, &was_there) == LAIR_OK && was_there);
    CHECK(lair_refcount(a) == 1 && !has(set, a));
    CHECK(lair_set_discard(set, same, &was_there) == LAIR_OK && !was_there);
    CHECK(lair_set_discard(set, same, NULL) == LAIR_OK);
    CHECK(lair_set_add(set, a) == LAIR_OK);
    LAIR_SCOPED lair_object *popped = lair_set_pop(set);
    CHECK(popped == a && lair_refcount(a) == 2 && lair_set_pop(set) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_KEY);
    CHECK(table_ok(set));
}

static void test_growth(lair_heap *heap)
{
    static const int64_t sizes[] = {1, 3, 4, 8, 9, 16, 17, 100, 3000, 6145, 30000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        LAIR_SCOPED lair_object *set = range(heap, 0, sizes[i]);
        CHECK(table_ok(set) && lair_set_length(set) == (size_t)sizes[i]);
        CHECK(lair_set_add_new(set, lair_float_new(heap, 0.5)) == LAIR_OK && table_ok(set));
        CHECK(lair_set_shrink(set) == LAIR_OK && table_ok(set));
        for (int64_t j = 0; j < sizes[i]; j++) {
            LAIR_SCOPED lair_object *member = lair_float_new(heap, (double)j);
            bool was_there = false;
            CHECK(lair_set_discard(set, member, &was_there) == LAIR_OK && was_there);
        }
        CHECK(lair_set_length(set) == 1 && shows(set, "{0.5}") && table_ok(set));
    }
}

static lair_object *member_of(lair_heap *heap, bool strs, int64_t number)
{
    return strs ? lair_str_format(heap, "member %lld", (long long)number)
                : lair_int_new(heap, number * 7);
}

/* Members come and go while the table is as full as it gets, and grows in each of its steps. */
static void test_turnover(lair_heap *heap)
{
    static const int64_t sizes[] = {15, 16, 17, 47, 49, 71, 84, 85, 191, 288, 336, 337, 1343, 1345};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        bool strs = i % 2 != 0;
        int64_t size = sizes[i / 2], first = 0, next = 0;
        LAIR_SCOPED lair_object *set = lair_set_new(heap);
        while (next < size)
            CHECK(lair_set_add_new(set, member_of(heap, strs, next++)) == LAIR_OK);
        CHECK(table_ok(set));
        for (int64_t turn = 0; turn < 3 * size; turn++) {
            LAIR_SCOPED lair_object *oldest = member_of(heap, strs, first++);
            bool was_there = false;
            CHECK(lair_set_discard(set, oldest, &was_there) == LAIR_OK && was_there);
            CHECK(lair_set_add_new(set, member_of(heap, strs, next++)) == LAIR_OK);
            if (turn % 61 == 0)
                CHECK(table_ok(set) && !has(set, oldest));
        }
        CHECK(table_ok(set) && lair_set_length(set) == (size_t)size);
        LAIR_EACH(at, set)
        {
            LAIR_SCOPED lair_object *expected = member_of(heap, strs, first++);
            bool same = false;
            CHECK(lair_equal(at.item, expected, &same) == LAIR_OK && same);
        }
        CHECK(first == next);
    }
}

static void test_room(lair_heap *heap)
{
    LAIR_SCOPED lair_object *set = lair_set_new(heap);
    CHECK(lair_set_reserve(set, 200) == LAIR_OK);
    lair_heap_inject_failure(heap, 1, true);
    for (int i = 0; i < 200; i++)
        CHECK(lair_set_add(set, lair_int_new(heap, i)) == LAIR_OK);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(lair_set_length(set) == 200 && table_ok(set));
    CHECK(lair_set_reserve(set, SIZE_MAX) == LAIR_ERR_OVERFLOW);
    CHECK(lair_set_clear(set) == LAIR_OK && lair_set_length(set) == 0);
    CHECK(lair_set_clear(set) == LAIR_OK && lair_set_shrink(set) == LAIR_OK);
}

static void test_from(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list =
        LAIR_LIST(heap, lair_int_new(heap, 2), lair_int_new(heap, 1), lair_int_new(heap, 2));
    LAIR_SCOPED lair_object *set = lair_set_from(list);
    LAIR_SCOPED lair_object *frozen = lair_frozenset_from(set);
    LAIR_SCOPED lair_object *same = lair_frozenset_from(frozen);
    LAIR_SCOPED lair_object *thawed = lair_set_from(frozen);
    LAIR_SCOPED lair_object *dict = LAIR_DICT(heap, lair_int_new(heap, 7), lair_none(heap));
    LAIR_SCOPED lair_object *keys = lair_set_from(dict);
    LAIR_SCOPED lair_object *literal =
        LAIR_SET(heap, lair_int_new(heap, 1), lair_str_new(heap, "x"), lair_int_new(heap, 1));
    CHECK(shows(set, "{2, 1}") && shows(frozen, "frozenset({2, 1})") && same == frozen);
    CHECK(shows(thawed, "{2, 1}") && shows(keys, "{7}") && shows(literal, "{1, 'x'}"));
    CHECK(lair_set_length(frozen) == 2 && table_ok(literal));
    CHECK(LAIR_SET(heap, lair_list_new(heap), lair_list_new(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_UNHASHABLE);
    CHECK(LAIR_SET(heap, lair_list_new(heap), lair_str_new(heap, "\xff")) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
    CHECK(lair_set_from(lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *empty = lair_set_steal(heap, NULL, 0);
    LAIR_SCOPED lair_object *frozen_empty = lair_frozenset_from(empty);
    LAIR_SCOPED lair_object *frozen_none = lair_set_intersection(frozen, keys);
    CHECK(frozen_empty == frozen_none && shows(frozen_none, "frozenset()"));
    CHECK(lair_refcount(frozen_empty) == UINT32_MAX);
}

static void test_iterate(lair_heap *heap)
{
    LAIR_SCOPED lair_object *set = range(heap, 0, 40);
    int64_t i = 0;
    LAIR_EACH(at, set)
    {
        CHECK(at.key == NULL && lair_int_value(at.item) == i++);
        CHECK(lair_set_add(set, at.item) == LAIR_OK);
    }
    CHECK(i == 40);
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(set);
    CHECK(lair_next_item(&at) && lair_set_discard(set, at.item, NULL) == LAIR_OK);
    CHECK(lair_set_add(set, at.item) == LAIR_OK);
    CHECK(!lair_next_item(&at) && at.status == LAIR_ERR_CHANGED);
    CHECK(strcmp(lair_error_message(), "set changed size during iteration") == 0);
}

/* -- algebra --------------------------------------------------------------------------------- */

/* Each operation, sets and frozensets in each combination. */
static void test_algebra(lair_heap *heap)
{
    static const struct {
        lair_object *(*operation)(lair_object *, lair_object *);
        const char *members;
    } rows[] = {
        {lair_set_union, "{0, 1, 2, 3, 4, 5}"},
        {lair_set_intersection, "{2, 3}"},
        {lair_set_difference, "{0, 1}"},
        {lair_set_symmetric_difference, "{0, 1, 4, 5}"},
    };
    lair_object *const as[] = {range(heap, 0, 4), frozen_range(heap, 0, 4)};
    lair_object *const bs[] = {range(heap, 2, 6), frozen_range(heap, 2, 6)};
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        for (size_t i = 0; i < 4; i++) {
            char expected[64];
            bool frozen = i % 2 != 0;
            LAIR_SCOPED lair_object *result = rows[row].operation(as[i % 2], bs[i / 2]);
            (void)snprintf(expected, sizeof expected, "%s%s%s", frozen ? "frozenset(" : "",
                           rows[row].members, frozen ? ")" : "");
            CHECK(shows(result, expected) && table_ok(result));
            LAIR_SCOPED lair_object *self = rows[row].operation(as[i % 2], as[i % 2]);
            CHECK(lair_set_length(self) == (row < 2 ? 4 : 0));
            CHECK(rows[row].operation(as[i % 2], lair_none(heap)) == NULL);
            CHECK_FAILED_WITH(LAIR_ERR_TYPE);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        lair_decref(as[i]);
        lair_decref(bs[i]);
    }
}

static void test_subset(lair_heap *heap)
{
    LAIR_SCOPED lair_object *small = frozen_range(heap, 1, 3);
    LAIR_SCOPED lair_object *large = range(heap, 0, 30);
    LAIR_SCOPED lair_object *other = range(heap, 2, 40);
    bool subset = false;
    CHECK(lair_set_is_subset(small, large, &subset) == LAIR_OK && subset);
    CHECK(lair_set_is_subset(large, small, &subset) == LAIR_OK && !subset);
    CHECK(lair_set_is_subset(small, other, &subset) == LAIR_OK && !subset);
    CHECK(lair_set_is_subset(large, large, &subset) == LAIR_OK && subset);
    CHECK(lair_set_is_subset(large, lair_none(heap), &subset) == LAIR_ERR_TYPE && subset);
}

static void test_update(lair_heap *heap)
{
    LAIR_SCOPED lair_object *set = range(heap, 0, 3);
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_int_new(heap, 9), lair_int_new(heap, 1),
                                              lair_list_new(heap), lair_int_new(heap, 10));
    LAIR_SCOPED lair_object *counter = lair_counter_new(heap);
    CHECK(lair_set_update(set, set) == LAIR_OK && lair_set_length(set) == 3);
    CHECK(lair_set_update(set, list) == LAIR_ERR_UNHASHABLE);
    CHECK(shows(set, "{0, 1, 2, 9}")); /* up to the failure */
    CHECK(lair_counter_add(counter, lair_none(heap), 3) == LAIR_OK);
    CHECK(lair_set_update(set, counter) == LAIR_OK && shows(set, "{0, 1, 2, 9, None}"));
    CHECK(lair_set_update(set, lair_none(heap)) == LAIR_ERR_TYPE && table_ok(set));
}

/* -- equality, hashes, copies ---------------------------------------------------------------- */

static void test_equal_and_hash(lair_heap *heap)
{
    LAIR_SCOPED lair_object *set = range(heap, 0, 50);
    LAIR_SCOPED lair_object *frozen = lair_frozenset_from(set);
    LAIR_SCOPED lair_object *list = lair_list_from(set);
    CHECK(lair_list_reverse(list) == LAIR_OK);
    LAIR_SCOPED lair_object *turned = lair_frozenset_from(list);
    CHECK(equal(set, frozen) && equal(frozen, set) && equal(frozen, turned) && !equal(set, list));
    uint64_t a = 1, b = 2, c = 3, again = 4;
    int order;
    CHECK(lair_hash(frozen, &a) == LAIR_OK && lair_hash(turned, &b) == LAIR_OK && a == b);
    CHECK(lair_hash(frozen, &again) == LAIR_OK && again == a);
    CHECK(lair_hash(set, &c) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_compare(set, frozen, &order) == LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *other = frozen_range(heap, 1, 51);
    CHECK(lair_hash(other, &c) == LAIR_OK && c != a && !equal(other, frozen));
    LAIR_SCOPED lair_object *less = frozen_range(heap, 1, 50);
    CHECK(!equal(less, frozen) && !equal(frozen, less));
    /* as members of a set: {frozenset({0})} */
    LAIR_SCOPED lair_object *sets = lair_set_new(heap);
    CHECK(lair_set_add(sets, frozen) == LAIR_OK && has(sets, turned) && !has(sets, other));
    /* 2^12 different sets of 12 have as many hashes */
    LAIR_SCOPED lair_object *hashes = lair_set_new(heap);
    for (int subset = 0; subset < 4096; subset++) {
        LAIR_SCOPED lair_object *members = lair_set_new(heap);
        for (int i = 0; i < 12; i++)
            if ((subset >> i & 1) != 0)
                CHECK(lair_set_add(members, lair_int_new(heap, i)) == LAIR_OK);
        LAIR_SCOPED lair_object *key = lair_frozenset_from(members);
        CHECK(lair_hash(key, &a) == LAIR_OK);
        CHECK(lair_set_add_new(hashes, lair_int_new(heap, (int64_t)a)) == LAIR_OK);
    }
    CHECK(lair_set_length(hashes) == 4096);
}

static void test_copies(lair_heap *heap)
{
    NODE_TYPE(nodes, heap, false);
    LAIR_SCOPED lair_object *set = lair_set_new(heap);
    LAIR_SCOPED lair_object *plain = frozen_range(heap, 0, 30);
    for (int i = 0; i < 30; i++)
        CHECK(lair_set_add_new(set, node_new(nodes, i, NULL)) == LAIR_OK);
    CHECK(lair_set_add(set, plain) == LAIR_OK);
    LAIR_SCOPED lair_object *frozen = lair_frozenset_from(set);
    LAIR_SCOPED lair_object *shallow = lair_copy(set);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(set);
    LAIR_SCOPED lair_object *frozen_shallow = lair_copy(frozen);
    LAIR_SCOPED lair_object *frozen_deep = lair_deep_copy(frozen);
    LAIR_SCOPED lair_object *plain_deep = lair_deep_copy(plain);
    CHECK(frozen_shallow == frozen && plain_deep == plain && frozen_deep != frozen);
    CHECK(equal(set, shallow) && equal(set, deep) && equal(set, frozen_deep));
    CHECK(nodes_alive(nodes) == 90 && table_ok(deep) && table_ok(frozen_deep));
    uint64_t a = 1, b = 2;
    CHECK(lair_hash(frozen, &a) == LAIR_OK && lair_hash(frozen_deep, &b) == LAIR_OK && a == b);
    const audit_root roots[] = {{set, 1},  {plain, 2},       {frozen, 2},
                                {deep, 1}, {frozen_deep, 1}, {shallow, 1}};
    CHECK(audit_references(roots, 6, NULL));
}

/* Two members whose copies are equal cannot both be in the copy. */
static void become_equal(struct node *self)
{
    self->number = 5;
}

static void test_copies_that_are_equal(lair_heap *heap)
{
    NODE_TYPE(nodes, heap, false);
    LAIR_SCOPED lair_object *set =
        LAIR_SET(heap, node_new(nodes, 1, NULL), node_new(nodes, 2, NULL));
    node_hooks.copy = become_equal;
    CHECK(lair_deep_copy(set) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_VALUE);
    node_hooks.copy = NULL;
}

/* -- errors, and code of the program from inside --------------------------------------------- */

static void check_no_set(lair_heap *heap, lair_object *object, bool frozen, lair_status status)
{
    lair_object *none = lair_none(heap);
    LAIR_SCOPED lair_object *other = lair_set_new(heap);
    bool answer = true;
#define REFUSES(call) CHECK_REFUSED(heap, object, status, call)
    REFUSES(lair_set_add(object, none) == status);
    REFUSES(lair_set_add_new(object, lair_list_new(heap)) == status);
    REFUSES(lair_set_discard(object, none, &answer) == status);
    REFUSES(lair_set_pop(object) == NULL);
    REFUSES(lair_set_clear(object) == status);
    REFUSES(lair_set_update(object, none) == status);
    REFUSES(lair_set_reserve(object, 1) == status);
    REFUSES(lair_set_shrink(object) == status);
    CHECK(answer);
    if (frozen)
        return;
    REFUSES(lair_set_length(object) == SIZE_MAX);
    REFUSES(lair_set_contains(object, none, &answer) == status);
    REFUSES(lair_set_union(object, other) == NULL);
    REFUSES(lair_set_intersection(other, object) == NULL);
    REFUSES(lair_set_difference(object, other) == NULL);
    REFUSES(lair_set_symmetric_difference(other, object) == NULL);
    REFUSES(lair_set_is_subset(other, object, &answer) == status);
    CHECK(answer);
}

static void test_refusals(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *frozen = frozen_range(heap, 0, 3);
    LAIR_SCOPED lair_object *set = range(heap, 0, 3);
    check_no_set(heap, list, false, LAIR_ERR_TYPE);
    check_no_set(heap, frozen, true, LAIR_ERR_TYPE);
    check_no_set(heap, NULL, false, LAIR_ERR_ENCODING);
    lair_object *object = NULL;
    lair_status status = LAIR_ERR_ENCODING;
    REFUSES(lair_set_add(set, NULL) == status);
    REFUSES(lair_set_add_new(set, NULL) == status);
    REFUSES(lair_set_update(set, NULL) == status);
    REFUSES(lair_set_from(NULL) == NULL);
    REFUSES(lair_frozenset_from(NULL) == NULL);
    REFUSES(lair_set_new(NULL) == NULL);
    bool found = true;
    CHECK(lair_set_add(set, list) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_set_add_new(set, lair_list_new(heap)) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_set_discard(set, list, &found) == LAIR_ERR_UNHASHABLE && found);
    CHECK(lair_set_contains(set, list, &found) == LAIR_ERR_UNHASHABLE && found);
    lair_heap *elsewhere = lair_heap_open(NULL);
    lair_object *foreign = lair_set_new(elsewhere);
    CHECK(lair_set_add(set, lair_none(elsewhere)) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_set_contains(set, lair_none(elsewhere), &found) == LAIR_ERR_WRONG_HEAP && found);
    CHECK(lair_set_update(set, foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_set_union(set, foreign) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    lair_decref(foreign);
    lair_heap_close(elsewhere);
    CHECK(lair_set_length(set) == 3);
}

static lair_object *victim;

static void equal_clears(struct node *a, struct node *b)
{
    (void)a, (void)b;
    CHECK(lair_set_clear(victim) == LAIR_OK);
}

static void equal_truncates(struct node *a, struct node *b)
{
    (void)a, (void)b;
    if (!lair_is_none(victim))
        CHECK(lair_truncate(victim) == LAIR_OK);
}

static lair_object *frozen_union(lair_object *a, lair_object *b)
{
    LAIR_SCOPED lair_object *frozen = lair_frozenset_from(a);
    return frozen != NULL ? lair_set_union(frozen, b) : NULL;
}

/* One of two sets goes while they are gone through. Whatever comes of it, nothing is lost. */
static void test_algebra_of_what_changes(lair_heap *heap)
{
    lair_object *(*const operations[])(lair_object *, lair_object *) = {
        lair_set_union, lair_set_intersection, lair_set_difference, frozen_union,
        lair_set_symmetric_difference};
    void (*const hooks[])(struct node *, struct node *) = {equal_clears, equal_truncates};
    for (size_t i = 0; i < 5 * 4; i++) {
        NODE_TYPE(nodes, heap, false);
        LAIR_SCOPED lair_object *a = lair_set_new(heap);
        LAIR_SCOPED lair_object *b = lair_set_new(heap);
        for (int j = 0; j < 25; j++) {
            CHECK(lair_set_add_new(a, node_new(nodes, j, NULL)) == LAIR_OK);
            CHECK(lair_set_add_new(b, node_new(nodes, j, NULL)) == LAIR_OK);
        }
        victim = i % 2 != 0 ? a : b;
        node_hooks.equal = hooks[i / 2 % 2];
        LAIR_SCOPED lair_object *result = operations[i / 4](a, b);
        bool answer = false;
        (void)lair_set_is_subset(a, b, &answer);
        (void)lair_equal(a, b, &answer);
        CHECK(result != NULL || lair_error_status() == LAIR_ERR_CHANGED ||
              lair_error_status() == LAIR_ERR_TYPE);
        node_hooks.equal = NULL;
        const audit_root roots[] = {{a, 1}, {b, 1}, {result, 1}};
        CHECK(audit_references(roots, result != NULL ? 3 : 2, NULL));
    }
}

static void test_weakref(lair_heap *heap)
{
    LAIR_SCOPED lair_object *set = range(heap, 0, 3);
    LAIR_SCOPED lair_object *frozen = lair_frozenset_from(set);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(set, NULL, NULL);
    LAIR_SCOPED lair_object *frozen_ref = lair_weakref_new(frozen, NULL, NULL);
    lair_clear_ref(&set);
    lair_clear_ref(&frozen);
    CHECK(!lair_weakref_is_alive(ref) && !lair_weakref_is_alive(frozen_ref));
}

/* -- memory that fails ----------------------------------------------------------------------- */

static bool make_sets(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *set = LAIR_SET(heap, lair_str_new(heap, "abc"),
                                            lair_float_new(heap, 0.5), lair_int_new(heap, 1000));
    LAIR_SCOPED lair_object *frozen = set != NULL ? lair_frozenset_from(set) : NULL;
    LAIR_SCOPED lair_object *copy = set != NULL ? lair_copy(set) : NULL;
    LAIR_SCOPED lair_object *deep = set != NULL ? lair_deep_copy(set) : NULL;
    LAIR_SCOPED lair_object *from = set != NULL ? lair_set_from(set) : NULL;
    LAIR_SCOPED lair_object *text = frozen != NULL ? lair_repr(frozen) : NULL;
    return frozen != NULL && copy != NULL && deep != NULL && from != NULL && text != NULL;
}

static bool combine_sets(lair_heap *heap, void *arg)
{
    (void)heap;
    lair_object *const *sets = arg;
    LAIR_SCOPED lair_object *a = lair_set_union(sets[0], sets[1]);
    LAIR_SCOPED lair_object *b = lair_set_intersection(sets[0], sets[1]);
    LAIR_SCOPED lair_object *c = lair_set_difference(sets[0], sets[1]);
    LAIR_SCOPED lair_object *d = lair_set_symmetric_difference(sets[0], sets[1]);
    return a != NULL && b != NULL && c != NULL && d != NULL;
}

static bool add_one(lair_heap *heap, void *arg)
{
    lair_object *const *sets = arg;
    bool added = lair_set_add(sets[0], sets[2]) == LAIR_OK;
    lair_heap_inject_failure(heap, 0, false);
    CHECK(lair_set_length(sets[0]) == (added ? 17 : 16) && table_ok(sets[0]));
    CHECK(lair_refcount(sets[2]) == (added ? 2 : 1));
    CHECK(lair_set_discard(sets[0], sets[2], NULL) == LAIR_OK);
    CHECK(lair_set_shrink(sets[0]) == LAIR_OK);
    return added;
}

static void test_failures(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_sets, NULL);
    lair_object *sets[] = {range(heap, 0, 16), range(heap, 10, 26), lair_float_new(heap, 0.5)};
    CHECK(lair_set_shrink(sets[0]) == LAIR_OK);
    FAIL_AT_EVERY_STEP(heap, combine_sets, sets);
    FAIL_AT_EVERY_STEP(heap, add_one, sets);
    for (size_t i = 0; i < 3; i++)
        lair_decref(sets[i]);
}

int main(void)
{
    on_every_heap(test_members);
    on_every_heap(test_growth);
    on_every_heap(test_turnover);
    on_every_heap(test_room);
    on_every_heap(test_from);
    on_every_heap(test_iterate);
    on_every_heap(test_algebra);
    on_every_heap(test_subset);
    on_every_heap(test_update);
    on_every_heap(test_equal_and_hash);
    on_every_heap(test_copies);
    on_every_heap(test_copies_that_are_equal);
    on_every_heap(test_refusals);
    on_every_heap(test_algebra_of_what_changes);
    on_every_heap(test_weakref);
    on_every_heap(test_failures);
    return check_finish("sets and frozensets");
}

/* test_dict_inside.c: dicts that code of the program changes from inside their own functions, and
 * memory that fails.
 */
#include "audit.h"
#include "dicts.h"
#include "node.h"

/* -- code of the program, from inside -------------------------------------------------------- */

static lair_object *victim; /* what the hooks below change */
static lair_heap *victim_heap;

static void clear_victim(struct node *self)
{
    (void)self;
    CHECK(lair_dict_clear(victim) == LAIR_OK);
}

static void truncate_victim(struct node *self)
{
    (void)self;
    CHECK(lair_truncate(victim) == LAIR_OK);
}

static void test_copy_that_changes(lair_heap *heap)
{
    void (*const hooks[])(struct node *) = {clear_victim, truncate_victim};
    for (size_t i = 0; i < 2; i++) {
        NODE_TYPE(nodes, heap, false);
        LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 5);
        CHECK(lair_dict_set_new(dict, node_new(nodes, 1, NULL), lair_none(heap)) == LAIR_OK);
        CHECK(lair_dict_set_new(dict, node_new(nodes, 2, NULL), lair_none(heap)) == LAIR_OK);
        victim = dict;
        node_hooks.copy = hooks[i];
        LAIR_SCOPED lair_object *copy = lair_deep_copy(dict);
        if (i == 0) {
            CHECK(copy == NULL);
            CHECK_FAILED_WITH(LAIR_ERR_CHANGED);
        } else {
            CHECK(copy == dict && lair_is_none(copy));
        }
    }
}

static unsigned calls_left;

static bool once_more(void)
{
    return calls_left != 0 && calls_left-- != 0;
}

static void equal_inserts(struct node *a, struct node *b)
{
    (void)a, (void)b;
    if (!once_more())
        return;
    for (int i = 0; i < 100; i++)
        CHECK(lair_dict_set_new(victim, lair_int_new(victim_heap, 5000 + i),
                                lair_none(victim_heap)) == LAIR_OK);
}

static void equal_clears(struct node *a, struct node *b)
{
    (void)a, (void)b;
    if (once_more())
        CHECK(lair_dict_clear(victim) == LAIR_OK);
}

static void equal_shrinks(struct node *a, struct node *b)
{
    (void)a, (void)b;
    if (once_more())
        CHECK(lair_dict_reserve(victim, 500) == LAIR_OK && lair_dict_shrink(victim) == LAIR_OK);
}

static void equal_truncates(struct node *a, struct node *b)
{
    (void)a, (void)b;
    if (once_more())
        CHECK(lair_truncate(victim) == LAIR_OK);
}

static lair_status ask(lair_object *dict, int what, lair_object *key, lair_object *value)
{
    lair_object *found = NULL;
    switch (what) {
    case 0:
        return lair_dict_set(dict, key, value);
    case 1:
        return lair_dict_find(dict, key, &found);
    case 2:
        return lair_dict_set_default(dict, key, value) != NULL ? LAIR_OK : lair_error_status();
    case 3:
        return lair_dict_delete(dict, key);
    default:
        return lair_contains(dict, key, &(bool){false});
    }
}

/* The search begins again; when that does not end, it says so. */
static void test_equal_that_changes(lair_heap *heap)
{
    void (*const hooks[])(struct node *, struct node *) = {equal_inserts, equal_clears,
                                                           equal_shrinks, equal_truncates};
    victim_heap = heap;
    for (size_t hook = 0; hook < 4; hook++) {
        for (unsigned calls = 1; calls < 100; calls += 98) {
            for (int what = 0; what < 5; what++) {
                NODE_TYPE(nodes, heap, false);
                LAIR_SCOPED lair_object *dict = dict_of_ints(heap, what % 2 != 0 ? 3 : 100);
                LAIR_SCOPED lair_object *key = node_new(nodes, 7007, NULL);
                node_hooks.hashes = 7000; /* as 7, which is there: no node */
                CHECK(lair_dict_set_new(dict, node_new(nodes, 14007, NULL), lair_none(heap)) ==
                      LAIR_OK);
                CHECK(lair_dict_set_new(dict, node_new(nodes, 7007, NULL), lair_none(heap)) ==
                      LAIR_OK);
                victim = dict;
                calls_left = calls;
                node_hooks.equal = hooks[hook];
                lair_status status = ask(dict, what, key, key);
                node_hooks.equal = NULL;
                if (hook == 3)
                    CHECK(status == LAIR_ERR_CHANGED);
                else if (hook == 0 || hook == 2) /* the keys are where they were */
                    CHECK(status == LAIR_OK || (calls > 1 && status == LAIR_ERR_CHANGED));
                else
                    CHECK(status == (what == 3 ? LAIR_ERR_KEY : LAIR_OK));
                if (hook == 2 && calls > 1)
                    CHECK(status == LAIR_ERR_CHANGED);
                const audit_root roots[] = {{dict, 1}, {key, 1}};
                CHECK(audit_references(roots, 2, NULL));
                CHECK(hook == 3 || table_ok(dict));
            }
        }
    }
}

static void test_hash_and_equal_that_fail(lair_heap *heap)
{
    NODE_TYPE(nodes, heap, false);
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 30);
    LAIR_SCOPED lair_object *a = node_new(nodes, 1, NULL);
    LAIR_SCOPED lair_object *b = node_new(nodes, 1, NULL);
    LAIR_SCOPED lair_object *other = lair_copy(dict);
    CHECK(lair_dict_set(dict, a, a) == LAIR_OK && lair_dict_set(other, b, a) == LAIR_OK);
    for (int what = 0; what < 5; what++) {
        node_hooks.fail_equal = true;
        CHECK(ask(dict, what, b, b) == LAIR_ERR_TYPE);
        CHECK(ask(dict, what == 3 ? 1 : what, a, a) == LAIR_OK); /* the same: not asked */
        node_hooks.fail_hash = true;
        CHECK(ask(dict, what, a, a) == LAIR_ERR_TYPE);
        node_hooks.fail_equal = node_hooks.fail_hash = false;
    }
    bool same = false;
    node_hooks.fail_equal = true;
    CHECK(lair_equal(dict, other, &same) == LAIR_ERR_TYPE && !same);
    CHECK(lair_dict_update(dict, other) == LAIR_ERR_TYPE);
    node_hooks.fail_equal = false;
    CHECK(equal(dict, other) && lair_dict_length(dict) == 31);
}

static void hash_truncates(struct node *self)
{
    (void)self;
    CHECK(lair_truncate(victim) == LAIR_OK);
}

static void test_hash_that_truncates(lair_heap *heap)
{
    for (int what = 0; what < 5; what++) {
        NODE_TYPE(nodes, heap, false);
        LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 5);
        LAIR_SCOPED lair_object *key = node_new(nodes, 1, NULL);
        victim = dict;
        node_hooks.hash = hash_truncates;
        CHECK(ask(dict, what, key, key) == LAIR_ERR_CHANGED);
        CHECK(lair_is_none(dict) && lair_refcount(key) == 1);
    }
}

static size_t length_seen;
static unsigned deaths;

/* An object that dies finds the dict in order, and may change it. */
static void dealloc_looks(struct node *self)
{
    (void)self;
    deaths++;
    length_seen = lair_dict_length(victim);
    CHECK(table_ok(victim));
    if (length_seen < 40)
        CHECK(lair_dict_set_new(victim, lair_int_new(victim_heap, 7000 + (int64_t)deaths),
                                lair_none(victim_heap)) == LAIR_OK);
}

static void test_death_that_looks(lair_heap *heap)
{
    NODE_TYPE(nodes, heap, false);
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    victim = dict;
    victim_heap = heap;
    deaths = 0;
    node_hooks.dealloc = dealloc_looks;
    for (int64_t i = 0; i < 30; i++)
        CHECK(lair_dict_set_new(dict, lair_int_new(heap, i), node_new(nodes, i, NULL)) == LAIR_OK);
    LAIR_SCOPED lair_object *key = lair_int_new(heap, 3);
    CHECK(lair_dict_set(dict, key, lair_none(heap)) == LAIR_OK);
    CHECK(deaths == 1 && length_seen == 30 && lair_dict_length(dict) == 31);
    LAIR_SCOPED lair_object *key_2 = lair_int_new(heap, 4);
    CHECK(lair_dict_delete(dict, key_2) == LAIR_OK);
    CHECK(deaths == 2 && length_seen == 30 && lair_dict_length(dict) == 31);
    CHECK(lair_dict_clear(dict) == LAIR_OK && deaths == 30);
    CHECK(lair_dict_length(dict) == 28 && table_ok(dict));
    node_hooks.dealloc = NULL;
}

static void test_weakref_and_truncate(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 30);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(dict, NULL, NULL);
    LAIR_SCOPED lair_object *copy = lair_copy(dict);
    CHECK(lair_weakref_count(copy) == 0);
    CHECK(lair_truncate(dict) == LAIR_OK && lair_is_none(dict));
    CHECK(!lair_weakref_is_alive(ref) && lair_dict_length(copy) == 30);
    LAIR_SCOPED lair_object *ref_2 = lair_weakref_new(copy, NULL, NULL);
    lair_clear_ref(&copy);
    CHECK(!lair_weakref_is_alive(ref_2));
}

/* -- memory that fails ----------------------------------------------------------------------- */

/* What an operation works on; made before the failures begin, and as before after each. */
struct given {
    lair_object *dict, *other, *key, *before;
    int what;
};

static bool make_dicts(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *dict =
        LAIR_DICT(heap, lair_str_new(heap, "abc"), lair_int_new(heap, 1000),
                  lair_float_new(heap, 0.5), lair_list_new(heap));
    LAIR_SCOPED lair_object *copy = lair_deep_copy(dict);
    LAIR_SCOPED lair_object *text = lair_repr(copy);
    LAIR_SCOPED lair_object *items = lair_dict_items(dict);
    return copy != NULL && text != NULL && items != NULL;
}

static bool change_once(lair_heap *heap, void *arg)
{
    const struct given *given = arg;
    lair_status status = LAIR_OK;
    switch (given->what) {
    case 0:
        status = lair_dict_set(given->dict, given->key, given->dict);
        break;
    case 1:
        status = lair_dict_set_default(given->dict, given->key, given->dict) != NULL
                     ? LAIR_OK
                     : lair_error_status();
        break;
    case 2:
        status = lair_dict_set_str(given->dict, "a new text", given->dict);
        break;
    case 3:
        status = lair_dict_reserve(given->dict, 400);
        break;
    case 4:
        status = lair_dict_update(given->dict, given->other);
        break;
    default:
        status = lair_dict_set_str_new(given->dict, "a new text", lair_list_new(heap));
    }
    lair_heap_inject_failure(heap, 0, false);
    CHECK(table_ok(given->dict));
    if (status != LAIR_OK) {
        CHECK(given->what == 4 || equal(given->dict, given->before));
        CHECK(lair_refcount(given->dict) == 1 || given->what == 4);
    }
    /* as it was */
    CHECK(lair_dict_clear(given->dict) == LAIR_OK);
    CHECK(lair_dict_update(given->dict, given->before) == LAIR_OK);
    CHECK(lair_dict_shrink(given->dict) == LAIR_OK);
    return status == LAIR_OK;
}

static void test_failures(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_dicts, NULL);
    static const int64_t sizes[] = {0, 3, 16, 24};
    for (size_t i = 0; i < 4; i++) {
        for (int what = 0; what < 6; what++) {
            LAIR_SCOPED lair_object *dict = dict_of_ints(heap, sizes[i]);
            LAIR_SCOPED lair_object *before = lair_copy(dict);
            LAIR_SCOPED lair_object *other =
                LAIR_DICT(heap, lair_str_new(heap, "from other"), lair_none(heap));
            LAIR_SCOPED lair_object *key = lair_float_new(heap, 0.5);
            CHECK(lair_dict_shrink(dict) == LAIR_OK);
            struct given given = {dict, other, key, before, what};
            FAIL_AT_EVERY_STEP(heap, change_once, &given);
        }
    }
}

/* What needs no memory: taking out, also where a table gives most of its memory back. */
static void test_removal_without_memory(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = dict_of_ints(heap, 20000);
    LAIR_SCOPED lair_object *keys = lair_dict_keys(dict);
    size_t full = lair_sizeof(dict);
    lair_heap_inject_failure(heap, 1, true);
    for (size_t i = 0; i < 19900; i++)
        CHECK(lair_dict_delete(dict, lair_list_get(keys, i)) == LAIR_OK);
    CHECK(table_ok(dict) && lair_sizeof(dict) == full);
    lair_heap_inject_failure(heap, 0, false);
    for (size_t i = 19900; i < 19990; i++)
        CHECK(lair_dict_delete(dict, lair_list_get(keys, i)) == LAIR_OK);
    CHECK(table_ok(dict) && lair_sizeof(dict) < full / 10 && lair_dict_length(dict) == 10);
}

int main(void)
{
    on_every_heap(test_copy_that_changes);
    on_every_heap(test_equal_that_changes);
    on_every_heap(test_hash_and_equal_that_fail);
    on_every_heap(test_hash_that_truncates);
    on_every_heap(test_death_that_looks);
    on_every_heap(test_weakref_and_truncate);
    on_every_heap(test_failures);
    on_every_heap(test_removal_without_memory);
    return check_finish("dicts changed from inside, and without memory");
}

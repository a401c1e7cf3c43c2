/* test_lazy.c: lazy values: made once, failures, cycles, copies. */
#include "ground.h"
#include "node.h"

static struct maker {
    unsigned calls;
    bool fail;
    lair_object *self; /* asked for from inside */
    bool truncate, drop;
    lair_object *foreign;
} maker;

/* [argument] */
static lair_object *make(lair_heap *heap, lair_object *argument, void *arg)
{
    maker.calls++;
    CHECK(arg == &maker);
    if (maker.self != NULL) {
        CHECK(lair_lazy_get(maker.self) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_BUSY);
        CHECK(lair_copy(maker.self) == NULL && lair_deep_copy(maker.self) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_BUSY);
        CHECK(!lair_lazy_is_made(maker.self));
        if (maker.truncate)
            CHECK(lair_truncate(maker.self) == LAIR_OK);
        if (maker.drop)
            lair_clear_ref(&maker.self);
    }
    if (maker.foreign != NULL)
        return lair_incref(maker.foreign);
    return maker.fail ? lair_list_new(NULL) : LAIR_LIST(heap, lair_incref(argument));
}

static void test_made_once(lair_heap *heap)
{
    maker = (struct maker){0};
    LAIR_SCOPED lair_object *argument = lair_list_new(heap);
    LAIR_SCOPED lair_object *lazy = lair_lazy_new(heap, make, argument, &maker);
    REQUIRE(lazy != NULL);
    CHECK(lair_is(lazy, LAIR_KIND_LAZY) && lair_refcount(argument) == 2);
    CHECK(!lair_lazy_is_made(lazy) && shows(lazy, "<lazy>") && maker.calls == 0);
    CHECK(lair_total_size(lazy) == lair_sizeof(lazy) + lair_sizeof(argument));
    maker.fail = true;
    CHECK(lair_lazy_get(lazy) == NULL && lair_lazy_get(lazy) == NULL && maker.calls == 2);
    CHECK(!lair_lazy_is_made(lazy) && lair_refcount(argument) == 2);
    maker.fail = false;
    lair_object *value = lair_lazy_get(lazy);
    CHECK(value != NULL && shows(value, "[[]]") && lair_refcount(value) == 1);
    CHECK(lair_lazy_get(lazy) == value && maker.calls == 3 && lair_lazy_is_made(lazy));
    CHECK(shows(lazy, "<lazy [[]]>"));
    CHECK(lair_refcount(argument) == 2); /* the value's */
    CHECK(lair_list_append(value, lazy) == LAIR_OK);
    CHECK(shows(lazy, "<lazy [[], ...]>"));
    CHECK(lair_list_clear(value) == LAIR_OK);
}

static void test_asks_itself(lair_heap *heap)
{
    LAIR_SCOPED lair_object *argument = lair_list_new(heap);
    LAIR_SCOPED lair_object *lazy = lair_lazy_new(heap, make, argument, &maker);
    maker = (struct maker){.self = lazy};
    CHECK(lair_lazy_get(lazy) != NULL && maker.calls == 1);

    LAIR_SCOPED lair_object *truncated = lair_lazy_new(heap, make, argument, &maker);
    maker = (struct maker){.self = truncated, .truncate = true};
    LAIR_SCOPED lair_object *kept = lair_list_new(heap); /* the argument goes with it */
    CHECK(lair_lazy_get(truncated) == NULL && lair_is_none(truncated));
}

/* -- an argument that only the lazy value has -------------------------------------------------- */

static lair_object *ended; /* the lazy value that is truncated meanwhile */

static lair_object *truncate_and_use(lair_heap *heap, lair_object *argument, void *arg)
{
    (void)heap, (void)arg;
    CHECK(lair_truncate(ended) == LAIR_OK);
    CHECK(node_of(argument)->number == 7);
    return lair_incref(argument);
}

static void test_truncated_by_make(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *argument = node_new(type, 7, NULL);
    LAIR_SCOPED lair_object *lazy = lair_lazy_new(heap, truncate_and_use, argument, NULL);
    lair_clear_ref(&argument);
    ended = lazy;
    CHECK(lair_lazy_get(lazy) == NULL && lair_is_none(lazy));
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(nodes_alive(type) == 0);
}

static lair_object *make_list(lair_heap *heap, lair_object *argument, void *arg)
{
    (void)argument, (void)arg;
    return lair_list_new(heap);
}

static void truncate_ended(struct node *self)
{
    CHECK(self->number == 7 && lair_lazy_is_made(ended));
    CHECK(lair_truncate(ended) == LAIR_OK);
}

static void test_truncated_by_argument(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    LAIR_SCOPED lair_object *argument = node_new(type, 7, NULL);
    LAIR_SCOPED lair_object *lazy = lair_lazy_new(heap, make_list, argument, NULL);
    lair_clear_ref(&argument);
    ended = lazy;
    node_hooks.finalize = truncate_ended;
    CHECK(lair_lazy_get(lazy) == NULL && lair_is_none(lazy));
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    node_hooks.finalize = NULL;
    CHECK(nodes_alive(type) == 0);
}

static void test_misuse(lair_heap *heap)
{
    maker = (struct maker){0};
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(lair_lazy_new(heap, NULL, list, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_lazy_new(NULL, make, list, &maker) == NULL);
    CHECK(lair_lazy_get(list) == NULL && !lair_lazy_is_made(list));
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_lazy_get(NULL) == NULL && !lair_lazy_is_made(NULL));
    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    lair_object *foreign = lair_list_new(elsewhere);
    CHECK(lair_lazy_new(heap, make, foreign, &maker) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    LAIR_SCOPED lair_object *lazy = lair_lazy_new(heap, make, NULL, &maker);
    maker.foreign = foreign;
    CHECK(lair_lazy_get(lazy) == NULL && lair_refcount(foreign) == 1);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    lair_decref(foreign);
    CHECK(lair_refcount(list) == 1);
}

static void test_copies(lair_heap *heap)
{
    maker = (struct maker){0};
    LAIR_SCOPED lair_object *argument = lair_list_new(heap);
    LAIR_SCOPED lair_object *lazy = lair_lazy_new(heap, make, argument, &maker);
    LAIR_SCOPED lair_object *shallow = lair_copy(lazy), *deep = lair_deep_copy(lazy);
    CHECK(shallow != lazy && deep != lazy && lair_refcount(argument) == 3);
    lair_object *value = lair_lazy_get(lazy);
    CHECK(maker.calls == 1 && lair_lazy_get(shallow) != value && lair_lazy_get(deep) != value);
    CHECK(maker.calls == 3);
    CHECK(lair_list_get(lair_lazy_get(shallow), 0) == argument);
    CHECK(lair_list_get(lair_lazy_get(deep), 0) != argument);
    LAIR_SCOPED lair_object *made = lair_copy(lazy), *made_deep = lair_deep_copy(lazy);
    CHECK(lair_lazy_get(made) == value && lair_lazy_is_made(made_deep));
    CHECK(lair_lazy_get(made_deep) != value && maker.calls == 3);
    CHECK(shows(made_deep, "<lazy [[]]>"));
    LAIR_SCOPED lair_object *bare = lair_lazy_new(heap, make, NULL, &maker);
    LAIR_SCOPED lair_object *bare_copy = lair_deep_copy(bare);
    CHECK(bare_copy != NULL && bare_copy != bare);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(bare, NULL, NULL);
    lair_clear_ref(&bare);
    CHECK(!lair_weakref_is_alive(ref));

    LAIR_SCOPED lair_object *itself = lair_lazy_new(heap, make, argument, &maker);
    CHECK(lair_list_append(lair_lazy_get(itself), itself) == LAIR_OK); /* a cycle */
    LAIR_SCOPED lair_object *cycle = lair_deep_copy(itself);
    CHECK(cycle != NULL && lair_list_get(lair_lazy_get(cycle), 1) == cycle);
    CHECK(lair_list_clear(lair_lazy_get(itself)) == LAIR_OK);
    CHECK(lair_list_clear(lair_lazy_get(cycle)) == LAIR_OK);
}

static bool use_lazy(lair_heap *heap, void *arg)
{
    maker = (struct maker){0};
    LAIR_SCOPED lair_object *lazy = lair_lazy_new(heap, make, arg, &maker);
    if (lazy == NULL)
        return false;
    if (lair_lazy_get(lazy) == NULL) {
        CHECK(!lair_lazy_is_made(lazy));
        return false;
    }
    LAIR_SCOPED lair_object *copy = lair_copy(lazy);
    if (copy == NULL)
        return false;
    LAIR_SCOPED lair_object *deep = lair_deep_copy(lazy);
    LAIR_SCOPED lair_object *text = deep != NULL ? lair_repr(deep) : NULL;
    return text != NULL;
}

static void test_no_memory(lair_heap *heap)
{
    LAIR_SCOPED lair_object *argument = lair_list_new(heap);
    FAIL_AT_EVERY_STEP(heap, use_lazy, argument);
    CHECK(lair_refcount(argument) == 1);
}

int main(void)
{
    on_every_heap(test_made_once);
    on_every_heap(test_asks_itself);
    on_every_heap(test_truncated_by_make);
    on_every_heap(test_truncated_by_argument);
    on_every_heap(test_misuse);
    on_every_heap(test_copies);
    on_every_heap(test_no_memory);
    return check_finish("lazy values");
}

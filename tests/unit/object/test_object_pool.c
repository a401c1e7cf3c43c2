/* test_object_pool.c: objects for reuse: taking and giving back, what is refused, what is dropped,
 * statistics, and what happens when pool or objects die first.
 */
#include "ground.h"

#include "node.h"

static struct {
    lair_type *type;
    lair_object *pool;
    int64_t made, reset;
    bool refuse, fail_make;
    lair_object *again;   /* given out once more by make */
    lair_object *keep;    /* taken by reset */
    bool keeps;           /* reset keeps a reference */
    bool gives;           /* reset gives the object back itself */
    bool truncates;       /* reset truncates it */
    bool drops_pool;      /* reset drops the pool */
    bool truncates_pool;  /* make truncates the pool */
    bool takes_and_gives; /* reset goes through the pool with another */
} hooks;

static lair_object *make(lair_heap *heap, void *arg)
{
    CHECK(arg == &hooks);
    if (hooks.fail_make)
        return lair_list_new(NULL);
    if (hooks.again != NULL)
        return lair_incref(hooks.again);
    if (hooks.truncates_pool)
        CHECK(lair_truncate(hooks.pool) == LAIR_OK);
    (void)heap;
    return node_new(hooks.type, ++hooks.made, NULL);
}

static bool reset(lair_object *object, void *arg)
{
    CHECK(arg == &hooks);
    hooks.reset++;
    if (hooks.keeps)
        hooks.keep = lair_incref(object);
    if (hooks.gives) {
        CHECK(lair_object_pool_give(hooks.pool, object) == LAIR_ERR_BUSY);
        CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    }
    if (hooks.truncates)
        CHECK(lair_truncate(object) == LAIR_OK);
    if (hooks.drops_pool)
        lair_clear_ref(&hooks.pool);
    if (hooks.takes_and_gives) {
        hooks.takes_and_gives = false;
        lair_object *other = lair_object_pool_take(hooks.pool);
        CHECK(other != NULL && other != object);
        CHECK(lair_object_pool_give(hooks.pool, other) == LAIR_OK);
    }
    return !hooks.refuse;
}

/* A pool whose hooks are as above; hooks.pool is borrowed. */
static lair_object *pool_new(lair_heap *heap, lair_type *type, size_t bound)
{
    memset(&hooks, 0, sizeof hooks);
    hooks.type = type;
    lair_pool_spec spec = {.make = make, .reset = reset, .arg = &hooks, .bound = bound};
    hooks.pool = lair_object_pool_new(heap, &spec);
    memset(&spec, 0, sizeof spec); /* it was copied */
    REQUIRE(hooks.pool != NULL);
    return hooks.pool;
}

static bool stats_are(lair_object *pool, uint64_t made, uint64_t reused, uint64_t returned,
                      uint64_t dropped, size_t idle, size_t in_use)
{
    lair_pool_stats stats;
    CHECK(lair_object_pool_get_stats(pool, &stats) == LAIR_OK);
    bool right = stats.made == made && stats.reused == reused && stats.returned == returned &&
                 stats.dropped == dropped && stats.idle == idle && stats.in_use == in_use;
    if (!right)
        printf("stats: made %lu, reused %lu, returned %lu, dropped %lu, idle %zu, in use %zu\n",
               stats.made, stats.reused, stats.returned, stats.dropped, stats.idle, stats.in_use);
    return right;
}

/* -- taking and giving ----------------------------------------------------------------------- */

static void test_reuse(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 2);
    CHECK(lair_is(pool, LAIR_KIND_OBJECT_POOL) && stats_are(pool, 0, 0, 0, 0, 0, 0));
    lair_object *a = lair_object_pool_take(pool), *b = lair_object_pool_take(pool),
                *c = lair_object_pool_take(pool);
    CHECK(a != b && b != c && lair_refcount(a) == 1 && stats_are(pool, 3, 0, 0, 0, 0, 3));
    CHECK(shows(pool, "<object pool: 0 idle, 3 in use>"));
    CHECK(lair_object_pool_give(pool, b) == LAIR_OK && hooks.reset == 1);
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK && stats_are(pool, 3, 0, 2, 0, 2, 1));
    CHECK(lair_refcount(a) == 1 && nodes_alive(type) == 3);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(a, NULL, NULL);
    CHECK(lair_total_size(pool) ==
          lair_sizeof(pool) + 3 * lair_sizeof(ref) + lair_sizeof(a) + lair_sizeof(b));
    lair_clear_ref(&ref);
    CHECK(lair_object_pool_give(pool, c) == LAIR_OK); /* beyond the bound */
    CHECK(nodes_alive(type) == 2 && stats_are(pool, 3, 0, 3, 1, 2, 0) && hooks.reset == 2);
    CHECK(lair_object_pool_take(pool) == a && lair_object_pool_take(pool) == b);
    CHECK(lair_refcount(a) == 1 && stats_are(pool, 3, 2, 3, 1, 0, 2));
    hooks.refuse = true;
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK && nodes_alive(type) == 1);
    CHECK(stats_are(pool, 3, 2, 4, 2, 0, 1));
    hooks.refuse = false;
    CHECK(lair_object_pool_give(pool, b) == LAIR_OK && stats_are(pool, 3, 2, 5, 2, 1, 0));
    lair_pool_stats stats;
    CHECK(lair_object_pool_get_stats(pool, &stats) == LAIR_OK && stats.bound == 2);
    lair_clear_ref(&pool);
    CHECK(nodes_alive(type) == 0);
}

static void test_refused(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *other_pool = pool_new(heap, type, 5);
    LAIR_SCOPED lair_object *foreign = lair_object_pool_take(other_pool);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 5);
    LAIR_SCOPED lair_object *stray = node_new(type, 1, NULL);
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 7);
    lair_object *a = lair_object_pool_take(pool);
    CHECK(lair_object_pool_give(pool, stray) == LAIR_ERR_INVALID && lair_refcount(stray) == 1);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_object_pool_give(pool, foreign) == LAIR_ERR_INVALID);
    CHECK(lair_object_pool_give(pool, number) == LAIR_ERR_INVALID);
    LAIR_SCOPED lair_object *second = lair_incref(a);
    CHECK(lair_object_pool_give(pool, a) == LAIR_ERR_BUSY && lair_refcount(a) == 2);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    lair_clear_ref(&second);
    CHECK(hooks.reset == 0 && lair_object_pool_give(pool, a) == LAIR_OK);
    CHECK(lair_object_pool_give(pool, a) == LAIR_ERR_INVALID); /* twice */
    CHECK(stats_are(pool, 1, 0, 1, 0, 1, 0));
    CHECK(lair_object_pool_give(pool, NULL) != LAIR_OK);
    CHECK(lair_object_pool_give(NULL, a) != LAIR_OK && lair_object_pool_take(NULL) == NULL);
    CHECK(lair_object_pool_give(number, a) == LAIR_ERR_TYPE);
    CHECK(lair_object_pool_take(number) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    lair_pool_stats stats;
    CHECK(lair_object_pool_get_stats(number, &stats) == LAIR_ERR_TYPE);
    CHECK(lair_object_pool_new(heap, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_object_pool_new(heap, &(lair_pool_spec){.bound = 1}) == NULL);
    CHECK(lair_object_pool_new(NULL, &(lair_pool_spec){.make = make}) == NULL);
    CHECK(lair_copy(pool) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
}

static void test_make(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 5);
    hooks.fail_make = true;
    CHECK(lair_object_pool_take(pool) == NULL && stats_are(pool, 0, 0, 0, 0, 0, 0));
    hooks.fail_make = false;
    hooks.again = lair_int_new(heap, 123456);
    CHECK(lair_object_pool_take(pool) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE); /* cannot be referred to weakly */
    lair_clear_ref(&hooks.again);
    LAIR_SCOPED lair_object *a = lair_object_pool_take(pool);
    hooks.again = a;
    CHECK(lair_object_pool_take(pool) == NULL && lair_refcount(a) == 1);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    hooks.again = lair_list_new(elsewhere);
    CHECK(lair_object_pool_take(pool) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    lair_clear_ref(&hooks.again);
    CHECK(stats_are(pool, 1, 0, 0, 0, 0, 1));
}

/* -- who dies first -------------------------------------------------------------------------- */

static void test_dropped_in_use(lair_heap *heap)
{
    enum { COUNT = 1000 };
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 2000);
    static lair_object *taken[COUNT];
    for (int i = 0; i < COUNT; i++)
        taken[i] = lair_object_pool_take(pool);
    for (int i = 0; i < COUNT; i += 3) {
        lair_decref(taken[i]); /* never given back */
        CHECK(stats_are(pool, COUNT, 0, 0, 0, 0, (size_t)(COUNT - i / 3 - 1)));
    }
    CHECK(nodes_alive(type) == COUNT - 334);
    for (int i = 1; i < COUNT; i += 3)
        CHECK(lair_object_pool_give(pool, taken[i]) == LAIR_OK);
    CHECK(stats_are(pool, COUNT, 0, 333, 0, 333, 333));
    for (int i = 0; i < 333; i++) /* the newest first */
        CHECK(lair_object_pool_take(pool) == taken[COUNT - 3 - 3 * i]);
    for (int i = 0; i < COUNT; i++)
        if (i % 3 != 0)
            lair_decref(taken[i]);
    CHECK(stats_are(pool, COUNT, 333, 333, 0, 0, 0) && nodes_alive(type) == 0);
    lair_decref(lair_object_pool_take(pool));
    for (int i = 0; i < 3; i++)
        taken[i] = lair_object_pool_take(pool);
    lair_decref(taken[0]); /* the pool lets go of the others when it dies */
    lair_clear_ref(&pool);
    for (int i = 1; i < 3; i++) {
        CHECK(lair_weakref_count(taken[i]) == 0);
        lair_decref(taken[i]);
    }
}

/* What dies with the pool refers to an object in use, and the other way round. */
static void test_pool_dies(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    for (int way = 0; way < 3; way++) {
        LAIR_SCOPED lair_object *pool = pool_new(heap, type, 5);
        LAIR_SCOPED lair_object *ref = lair_weakref_new(pool, NULL, NULL);
        lair_object *a = lair_object_pool_take(pool), *b = lair_object_pool_take(pool);
        LAIR_SCOPED lair_object *c = lair_object_pool_take(pool);
        node_of(a)->link = b;
        CHECK(lair_object_pool_give(pool, a) == LAIR_OK);
        CHECK(lair_refcount(b) == 1 && stats_are(pool, 3, 0, 1, 0, 1, 2));
        if (way == 0) {
            lair_clear_ref(&pool);
            CHECK(!lair_weakref_is_alive(ref) && nodes_alive(type) == 1);
        } else if (way == 1) {
            CHECK(lair_truncate(pool) == LAIR_OK && nodes_alive(type) == 1);
        } else { /* its last reference goes in reset */
            hooks.drops_pool = true;
            lair_object *last = lair_object_pool_take(pool);
            CHECK(last == a && lair_object_pool_give(lair_steal(&pool), a) == LAIR_OK);
            CHECK(!lair_weakref_is_alive(ref) && nodes_alive(type) == 1);
        }
        CHECK(lair_weakref_count(c) == 0 && lair_refcount(c) == 1);
    }
    CHECK(nodes_alive(type) == 0);
}

static void test_idle_object_found(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 5);
    lair_object *a = lair_object_pool_take(pool), *b = lair_object_pool_take(pool),
                *c = lair_object_pool_take(pool);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(a, NULL, NULL);
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK && lair_object_pool_give(pool, b) == LAIR_OK);
    {
        /* By a weak reference of somebody else's; truncated, it is no more in the pool. */
        LAIR_SCOPED lair_object *got = lair_weakref_get(ref);
        CHECK(got == a && lair_truncate(got) == LAIR_OK);
        CHECK(lair_refcount(got) == 1);
    }
    CHECK(stats_are(pool, 3, 0, 2, 0, 1, 1) && lair_object_pool_take(pool) == b);
    lair_decref(b);
    CHECK(stats_are(pool, 3, 1, 2, 0, 0, 1));
    CHECK(lair_object_pool_give(pool, c) == LAIR_OK && stats_are(pool, 3, 1, 3, 0, 1, 0));
}

static lair_object *saved;
static void save(struct node *self)
{
    saved = lair_incref(&self->object);
}

static void test_resurrected(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 5);
    node_hooks.finalize = save;
    lair_object *a = lair_object_pool_take(pool);
    lair_decref(a);
    CHECK(saved == a && stats_are(pool, 1, 0, 0, 0, 0, 1));
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK && stats_are(pool, 1, 0, 1, 0, 1, 0));
}

/* -- what reset does ------------------------------------------------------------------------- */

static void test_reset_acts(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 1);
    lair_object *a = lair_object_pool_take(pool);
    hooks.gives = true;
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK && stats_are(pool, 1, 0, 1, 0, 1, 0));
    CHECK(lair_object_pool_take(pool) == a);
    hooks.gives = false;
    hooks.keeps = true;
    CHECK(lair_object_pool_give(pool, a) == LAIR_ERR_BUSY && lair_refcount(a) == 2);
    CHECK(stats_are(pool, 1, 1, 1, 0, 0, 1));
    hooks.keeps = false;
    lair_clear_ref(&hooks.keep);
    hooks.takes_and_gives = true; /* the bound is reached meanwhile */
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK && stats_are(pool, 2, 1, 3, 1, 1, 0));
    lair_object *b = lair_object_pool_take(pool);
    hooks.truncates = true;
    CHECK(lair_object_pool_give(pool, b) == LAIR_ERR_INVALID && lair_is_none(b));
    CHECK(stats_are(pool, 2, 2, 3, 1, 0, 0));
    lair_decref(b);
}

/* -- what make does -------------------------------------------------------------------------- */

static void test_make_truncates(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 1);
    LAIR_SCOPED lair_object *a = lair_object_pool_take(pool);
    hooks.truncates_pool = true;
    CHECK(lair_object_pool_take(pool) == NULL && lair_is_none(pool));
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(nodes_alive(type) == 1 && lair_weakref_count(a) == 0);
}

/* -- its weak references, seen from outside ---------------------------------------------------- */

/* They hash as any do, and the pool goes on. */
static void test_referents(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 5);
    lair_object *a = lair_object_pool_take(pool), *b = lair_object_pool_take(pool);
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK);
    {
        LAIR_SCOPED lair_object *referents = lair_gc_referents(pool);
        size_t weakrefs = 0;
        LAIR_EACH(at, referents)
        {
            if (!lair_is(at.item, LAIR_KIND_WEAKREF))
                continue;
            LAIR_SCOPED lair_object *referent = lair_weakref_get(at.item);
            uint64_t hash = 0, own = 0;
            CHECK(lair_hash(at.item, &hash) == LAIR_OK && lair_hash(referent, &own) == LAIR_OK);
            CHECK(hash == (own != 0 ? own : 1)); /* small numbers fold to themselves */
            weakrefs++;
        }
        CHECK(weakrefs == 2);
    }
    CHECK(lair_object_pool_give(pool, b) == LAIR_OK && stats_are(pool, 2, 0, 2, 0, 2, 0));
    CHECK(lair_object_pool_take(pool) == b && lair_object_pool_take(pool) == a);
    CHECK(stats_are(pool, 2, 2, 2, 0, 0, 2));
    lair_decref(a);
    lair_decref(b);
}

/* -- memory ---------------------------------------------------------------------------------- */

static bool use_pool(lair_heap *heap, void *arg)
{
    LAIR_SCOPED lair_object *list = NULL;
    memset(&hooks, 0, sizeof hooks);
    hooks.type = arg;
    lair_pool_spec spec = {.make = make, .reset = reset, .arg = &hooks, .bound = 100};
    LAIR_SCOPED lair_object *pool = lair_object_pool_new(heap, &spec);
    if (pool == NULL)
        return false;
    list = lair_list_new(heap);
    for (size_t i = 0; i < 20 && list != NULL; i++) {
        LAIR_SCOPED lair_object *taken = lair_object_pool_take(pool);
        if (!CHECK(stats_are(pool, i + (taken != NULL), 0, 0, 0, 0, i + (taken != NULL))) ||
            taken == NULL || lair_list_append(list, taken) != LAIR_OK)
            return false;
    }
    LAIR_SCOPED lair_object *text = list != NULL ? lair_repr(pool) : NULL;
    return text != NULL;
}

static void test_no_memory(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    FAIL_AT_EVERY_STEP(heap, use_pool, type);
    /* Taking from the idle ones and giving back need none. */
    LAIR_SCOPED lair_object *pool = pool_new(heap, type, 2);
    lair_object *a = lair_object_pool_take(pool);
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK && lair_object_pool_take(pool) == a);
    lair_decref(a);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(stats_are(pool, 1, 1, 1, 0, 0, 0));
}

int main(void)
{
    on_every_heap(test_reuse);
    on_every_heap(test_refused);
    on_every_heap(test_make);
    on_every_heap(test_dropped_in_use);
    on_every_heap(test_pool_dies);
    on_every_heap(test_idle_object_found);
    on_every_heap(test_resurrected);
    on_every_heap(test_reset_acts);
    on_every_heap(test_make_truncates);
    on_every_heap(test_referents);
    on_every_heap(test_no_memory);
    return check_finish("object pools");
}

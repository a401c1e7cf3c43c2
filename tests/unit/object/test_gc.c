/* test_gc.c: what the collector takes for garbage: cycles through containers of every kind, the
 * generations, what is tracked, roots, the frozen, deep and large garbage.
 */
#include "collecting.h"
#include "node.h"
#include "random.h"

/* -- cycles of every kind -------------------------------------------------------------------- */

/* What cycles are made of besides what the library has. */
static struct kit {
    lair_heap *heap;
    lair_type *node, *linked, *record, *wide, *frozen, *instance, *packed;
} kit;

enum { WIDE = 300, LONG = 2000 };

/* Of a type that says where its references are. */
struct linked {
    lair_object object;
    uint64_t number;
    lair_object *links[WIDE];
    void *weakrefs;
};

static struct linked *linked_of(lair_object *object)
{
    return (struct linked *)(void *)object;
}

/* A list that holds object, whose other references are the caller's. */
static lair_object *list_with(lair_object *object)
{
    return LAIR_LIST(kit.heap, lair_incref(object));
}

static lair_object *of_list(void)
{
    lair_object *list = lair_list_new(kit.heap);
    CHECK(lair_list_append(list, list) == LAIR_OK);
    return list;
}

/* More than is scanned at a time. */
static lair_object *of_long_list(void)
{
    lair_object *list = lair_list_new(kit.heap);
    for (int i = 0; i < LONG; i++)
        CHECK(lair_list_append_new(list, list_with(list)) == LAIR_OK);
    return list;
}

static lair_object *of_dict_value(void)
{
    lair_object *dict = lair_dict_new(kit.heap);
    CHECK(lair_dict_set_str(dict, "self", dict) == LAIR_OK);
    return dict;
}

static lair_object *of_dict_key(void)
{
    lair_object *dict = lair_dict_new(kit.heap);
    for (int i = 0; i < LONG; i++) {
        LAIR_SCOPED lair_object *key = node_new(kit.node, i, dict);
        CHECK(lair_dict_set(dict, key, lair_none(kit.heap)) == LAIR_OK);
    }
    return dict;
}

static lair_object *of_set(void)
{
    lair_object *set = lair_set_new(kit.heap);
    for (int i = 0; i < LONG; i++)
        CHECK(lair_set_add_new(set, node_new(kit.node, i, set)) == LAIR_OK);
    return set;
}

static lair_object *of_frozenset(void)
{
    LAIR_SCOPED lair_object *node = node_new(kit.node, 1, NULL);
    LAIR_SCOPED lair_object *list = list_with(node);
    lair_object *set = lair_frozenset_from(list);
    lair_set_ref(&node_of(node)->link, set);
    return set;
}

static lair_object *of_counter(void)
{
    lair_object *counter = lair_counter_new(kit.heap);
    LAIR_SCOPED lair_object *node = node_new(kit.node, 1, counter);
    CHECK(lair_counter_add(counter, node, 3) == LAIR_OK);
    return counter;
}

/* The first link, the last and one of those between. */
static lair_object *of_links(void)
{
    static const size_t used[] = {0, WIDE / 2, WIDE - 1};
    lair_object *first = lair_new(kit.linked);
    REQUIRE(first != NULL);
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++) {
        lair_object *other = lair_new(kit.linked);
        REQUIRE(other != NULL);
        lair_set_ref(&linked_of(other)->links[used[i]], first);
        linked_of(first)->links[used[i]] = other;
    }
    return first;
}

static lair_object *of_tuple(void)
{
    LAIR_SCOPED lair_object *list = lair_list_new(kit.heap);
    lair_object *tuple = LAIR_TUPLE(kit.heap, lair_incref(list), lair_none(kit.heap));
    CHECK(lair_list_append(list, tuple) == LAIR_OK);
    return tuple;
}

static lair_object *of_record(void)
{
    lair_object *record = lair_record_new(kit.record, NULL);
    CHECK(lair_record_set(record, 1, record) == LAIR_OK);
    return record;
}

static lair_object *of_wide_record(void)
{
    lair_object *record = lair_record_new(kit.wide, NULL);
    for (size_t i = 0; i < WIDE; i++)
        CHECK(lair_record_set(record, i, record) == LAIR_OK);
    return record;
}

static lair_object *of_frozen_record(void)
{
    LAIR_SCOPED lair_object *list = lair_list_new(kit.heap);
    lair_object *values[] = {list, lair_none(kit.heap)};
    lair_object *record = lair_record_new(kit.frozen, values);
    CHECK(lair_list_append(list, record) == LAIR_OK);
    return record;
}

static lair_object *of_instance(void)
{
    lair_object *instance = lair_instance_new(kit.instance);
    CHECK(lair_attribute_set(instance, "self", instance) == LAIR_OK);
    CHECK(lair_attribute_set(instance, "dict", lair_instance_dict(instance)) == LAIR_OK);
    return instance;
}

static lair_object *of_packed(void)
{
    lair_object *packed = lair_packed_new(kit.packed);
    CHECK(lair_packed_set(packed, "other", packed) == LAIR_OK);
    return packed;
}

static lair_object *of_node(void)
{
    lair_object *node = node_new(kit.node, 1, NULL);
    node_of(node)->link = lair_incref(node);
    return node;
}

struct held {
    lair_object *object;
};

static lair_object *give_held(lair_heap *heap, void *state, lair_status *status)
{
    (void)heap, (void)status;
    return lair_incref(((struct held *)state)->object);
}

static int traverse_held(void *state, lair_visit visit, void *arg)
{
    struct held *held = state;
    return held->object != NULL ? visit(held->object, arg) : 0;
}

static void drop_held(void *state)
{
    lair_clear_ref(&((struct held *)state)->object);
}

static lair_object *of_generator(void)
{
    static const lair_generator_spec spec = {"held", sizeof(struct held), give_held, traverse_held,
                                             drop_held};
    LAIR_SCOPED lair_object *list = lair_list_new(kit.heap);
    struct held held = {lair_incref(list)};
    lair_object *generator = lair_generator_new(kit.heap, &spec, &held);
    LAIR_SCOPED lair_object *item = NULL;
    CHECK(lair_next(generator, &item) == LAIR_OK && item == list);
    CHECK(lair_list_append(list, generator) == LAIR_OK);
    return generator;
}

static lair_object *of_iterator(void)
{
    LAIR_SCOPED lair_object *list = lair_list_new(kit.heap);
    lair_object *iterator = lair_iter(list);
    CHECK(lair_list_append(list, iterator) == LAIR_OK);
    return iterator;
}

static lair_object *make_same(lair_heap *heap, lair_object *argument, void *arg)
{
    (void)heap, (void)arg;
    return lair_incref(argument);
}

static lair_object *of_lazy(void)
{
    LAIR_SCOPED lair_object *list = lair_list_new(kit.heap);
    lair_object *lazy = lair_lazy_new(kit.heap, make_same, list, NULL);
    CHECK(lair_list_append(list, lazy) == LAIR_OK);
    return lazy;
}

static lair_object *of_made_lazy(void)
{
    lair_object *lazy = of_lazy();
    CHECK(lair_lazy_get(lazy) != NULL && lair_lazy_is_made(lazy));
    return lazy;
}

/* Key and value lead back to the cache. */
static lair_object *of_cache(lair_object *cache)
{
    LAIR_SCOPED lair_object *key = node_new(kit.node, 1, cache);
    LAIR_SCOPED lair_object *value = list_with(cache);
    CHECK(lair_cache_set(cache, key, value) == LAIR_OK);
    return cache;
}

static lair_object *of_lru_cache(void)
{
    return of_cache(lair_lru_cache_new(kit.heap, 8));
}

static lair_object *of_ttl_cache(void)
{
    return of_cache(lair_ttl_cache_new(kit.heap, 8, 100000, NULL, NULL));
}

/* The value is alive as long as the key, which leads back. */
static lair_object *of_weak_values(void)
{
    lair_object *dict = lair_weak_value_dict_new(kit.heap);
    LAIR_SCOPED lair_object *value = list_with(dict);
    LAIR_SCOPED lair_object *key = node_new(kit.node, 1, value);
    CHECK(lair_weak_dict_set(dict, key, value) == LAIR_OK);
    return dict;
}

/* Key and value lead to the dict, and its holder to the key and to itself. */
static lair_object *of_weak_keys(void)
{
    lair_object *dict = lair_weak_key_dict_new(kit.heap);
    LAIR_SCOPED lair_object *key = node_new(kit.node, 1, dict);
    LAIR_SCOPED lair_object *value = list_with(dict);
    CHECK(lair_weak_dict_set(dict, key, value) == LAIR_OK);
    lair_object *list = LAIR_LIST(kit.heap, dict, lair_incref(key));
    CHECK(lair_list_append(list, list) == LAIR_OK);
    return list;
}

static lair_object *of_weak_set(void)
{
    lair_object *set = lair_weak_set_new(kit.heap);
    LAIR_SCOPED lair_object *member = node_new(kit.node, 1, set);
    CHECK(lair_weak_set_add(set, member) == LAIR_OK);
    lair_object *list = LAIR_LIST(kit.heap, set, lair_incref(member));
    CHECK(lair_list_append(list, list) == LAIR_OK);
    return list;
}

static lair_object *make_node(lair_heap *heap, void *arg)
{
    (void)heap;
    return node_new(kit.node, 0, arg);
}

static lair_object *of_object_pool(void)
{
    lair_object *pool = lair_object_pool_new(kit.heap, &(lair_pool_spec){make_node, NULL, NULL, 4});
    lair_object *a = lair_object_pool_take(pool), *b = lair_object_pool_take(pool);
    lair_set_ref(&node_of(a)->link, b); /* a is idle, b in use */
    lair_set_ref(&node_of(b)->link, pool);
    CHECK(lair_object_pool_give(pool, a) == LAIR_OK);
    lair_decref(b);
    return pool;
}

/* A weak reference with a callback that its own referent holds. */
static void never(lair_object *ref, void *arg)
{
    (void)ref, (void)arg;
    CHECK(false && "the callback of a weak reference that is garbage ran");
}

static lair_object *of_weakref(void)
{
    lair_object *list = lair_list_new(kit.heap);
    CHECK(lair_list_append_new(list, lair_weakref_new(list, never, NULL)) == LAIR_OK);
    CHECK(lair_list_append(list, list) == LAIR_OK);
    return list;
}

static const struct {
    const char *name;
    lair_object *(*make)(void);
    size_t least; /* objects of the garbage, at least */
} kinds[] = {
    {"list", of_list, 1},
    {"long list", of_long_list, LONG + 1},
    {"dict value", of_dict_value, 1},
    {"dict key", of_dict_key, LONG + 1},
    {"set", of_set, LONG + 1},
    {"frozenset", of_frozenset, 2},
    {"counter", of_counter, 2},
    {"tuple", of_tuple, 2},
    {"record", of_record, 1},
    {"wide record", of_wide_record, 1},
    {"frozen record", of_frozen_record, 2},
    {"instance", of_instance, 2},
    {"packed", of_packed, 1},
    {"node", of_node, 1},
    {"links", of_links, 4},
    {"generator", of_generator, 2},
    {"iterator", of_iterator, 2},
    {"lazy", of_lazy, 2},
    {"made lazy", of_made_lazy, 2},
    {"LRU cache", of_lru_cache, 3},
    {"TTL cache", of_ttl_cache, 3},
    {"weak values", of_weak_values, 3},
    {"weak keys", of_weak_keys, 3},
    {"weak set", of_weak_set, 3},
    {"object pool", of_object_pool, 3},
    {"weak reference", of_weakref, 2},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* The types' references, to be dropped when the test ends. */
static lair_object *kit_make(lair_heap *heap)
{
    static const char *const two[] = {"first", "second"};
    static char texts[WIDE][8];
    static const char *names[WIDE];
    for (int i = 0; i < WIDE; i++) {
        (void)snprintf(texts[i], sizeof texts[i], "f%d", i);
        names[i] = texts[i];
    }
    static const lair_packed_field fields[] = {{"number", LAIR_PACKED_I64},
                                               {"other", LAIR_PACKED_OBJECT}};
    static const lair_type_spec linked = {.name = "linked",
                                          .size = sizeof(struct linked),
                                          .flags = LAIR_TYPE_CONTAINER,
                                          .links = offsetof(struct linked, links),
                                          .link_count = WIDE,
                                          .weakrefs = offsetof(struct linked, weakrefs)};
    kit = (struct kit){.heap = heap,
                       .node = node_type(heap, false),
                       .linked = lair_type_new(heap, &linked),
                       .record = lair_record_type(heap, "pair", two, 2, LAIR_RECORD_WEAK),
                       .wide = lair_record_type(heap, "wide", names, WIDE, 0),
                       .frozen = lair_record_type(heap, "frozen", two, 2, LAIR_RECORD_FROZEN),
                       .instance = lair_instance_type(heap, "thing"),
                       .packed = lair_packed_type(heap, "packed", fields, 2)};
    return LAIR_LIST(heap, lair_type_object(kit.node), lair_type_object(kit.linked),
                     lair_type_object(kit.record), lair_type_object(kit.wide),
                     lair_type_object(kit.frozen), lair_type_object(kit.instance),
                     lair_type_object(kit.packed));
}

/* Each alone; in each generation; reached from others; and all alive when they are. */
static void test_kinds(lair_heap *heap)
{
    LAIR_SCOPED lair_object *types = kit_make(heap);
    REQUIRE(types != NULL);
    lair_gc_disable(heap);
    for (size_t i = 0; i < KINDS; i++) {
        (void)collect(heap, 2);
        size_t before = tracked(heap), blocks = ground_blocks(heap);
        for (int generation = 0; generation < LAIR_GC_GENERATIONS; generation++) {
            lair_object *made = kinds[i].make();
            REQUIRE(made != NULL);
            CHECK(lair_gc_is_tracked(made));
            CHECK(collect(heap, generation) == 0);
            size_t alive = tracked(heap) - before;
            lair_decref(made);
            CHECK(tracked(heap) - before == alive); /* counts do not see it */
            size_t found = collect(heap, generation < 2 ? generation + 1 : 2);
            if (!CHECK(found == alive && found >= kinds[i].least) ||
                !CHECK(tracked(heap) == before) || !CHECK(ground_blocks(heap) == blocks))
                printf("%s, generation %d: %zu of %zu found\n", kinds[i].name, generation, found,
                       alive);
        }
    }
    lair_gc_enable(heap);
}

/* All kinds, in one graph: alive while its head is, garbage when that goes. */
static void test_kinds_together(lair_heap *heap)
{
    LAIR_SCOPED lair_object *types = kit_make(heap);
    REQUIRE(types != NULL);
    (void)collect(heap, 2);
    size_t before = tracked(heap);
    for (int rooted = 0; rooted < 2; rooted++) {
        lair_object *head = lair_list_new(heap);
        if (rooted)
            CHECK(lair_gc_add_root(heap, &head) == LAIR_OK);
        for (size_t i = 0; i < KINDS; i++)
            CHECK(lair_list_append_new(head, kinds[i].make()) == LAIR_OK);
        CHECK(lair_list_append(head, head) == LAIR_OK);
        size_t alive = tracked(heap);
        CHECK(collect(heap, 2) == 0 && tracked(heap) == alive);
        for (size_t i = 0; i < KINDS; i++)
            CHECK(lair_gc_is_tracked(lair_list_get(head, i)));
        CHECK(lair_list_remove(head, 0, KINDS / 2) == LAIR_OK);
        CHECK(collect(heap, 2) > KINDS / 2);
        lair_clear_ref(&head);
        (void)collect(heap, 2);
        CHECK(tracked(heap) == before);
        if (rooted)
            CHECK(lair_gc_remove_root(heap, &head) == LAIR_OK);
    }
}

/* -- what is tracked ------------------------------------------------------------------------- */

static void test_tracked(lair_heap *heap)
{
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 1 << 20);
    LAIR_SCOPED lair_object *plain = LAIR_TUPLE(heap, lair_incref(number), lair_none(heap));
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *tuple = LAIR_TUPLE(heap, lair_incref(list));
    LAIR_SCOPED lair_object *silent = lair_weakref_new(list, NULL, NULL);
    LAIR_SCOPED lair_object *loud = lair_weakref_new(list, never, NULL);
    LAIR_SCOPED lair_object *refs = LAIR_TUPLE(heap, lair_incref(loud));
    CHECK(!lair_gc_is_tracked(number) && !lair_gc_is_tracked(plain) && !lair_gc_is_tracked(silent));
    CHECK(lair_gc_is_tracked(list) && lair_gc_is_tracked(tuple) && lair_gc_is_tracked(loud));
    CHECK(lair_gc_is_tracked(refs) && !lair_gc_is_tracked(NULL));
    CHECK(!lair_gc_is_tracked(lair_none(heap)) && !lair_gc_is_finalized(list));
    LAIR_SCOPED lair_object *other = lair_list_new(heap);
    size_t before = tracked(heap);
    CHECK(lair_truncate(other) == LAIR_OK && !lair_gc_is_tracked(other));
    CHECK(tracked(heap) == before - 1);
    CHECK(lair_list_append(list, other) == LAIR_OK && collect(heap, 2) == 0);
}

/* What is truncated drops out of a cycle; the rest is garbage. */
static void test_truncate(lair_heap *heap)
{
    (void)collect(heap, 2);
    size_t before = tracked(heap);
    lair_object *list = knot_new(heap, NULL);
    LAIR_SCOPED lair_object *inner = knot_new(heap, list);
    CHECK(lair_list_append(list, inner) == LAIR_OK);
    lair_decref(list);
    CHECK(lair_truncate(inner) == LAIR_OK);
    CHECK(collect(heap, 2) == 1 && tracked(heap) == before);
    CHECK(lair_kind_of(inner) == LAIR_KIND_TRUNCATED && lair_refcount(inner) == 1);
}

/* -- who refers to what ---------------------------------------------------------------------- */

static void test_referrers(lair_heap *heap)
{
    LAIR_SCOPED lair_object *sought = lair_list_new(heap);
    LAIR_SCOPED lair_object *twice = LAIR_LIST(heap, lair_incref(sought), lair_incref(sought));
    LAIR_SCOPED lair_object *dict = LAIR_DICT(heap, lair_int_new(heap, 1), lair_incref(sought));
    LAIR_SCOPED lair_object *other = LAIR_TUPLE(heap, lair_incref(dict));
    {
        LAIR_SCOPED lair_object *referrers = lair_gc_referrers(sought);
        bool found = false;
        CHECK(lair_list_length(referrers) == 2);
        CHECK(lair_contains(referrers, twice, &found) == LAIR_OK && found);
        CHECK(lair_contains(referrers, dict, &found) == LAIR_OK && found);
        LAIR_SCOPED lair_object *none = lair_gc_referrers(other);
        CHECK(lair_list_length(none) == 0);
    }
    LAIR_SCOPED lair_object *referents = lair_gc_referents(twice);
    CHECK(lair_list_length(referents) == 2 && lair_list_get(referents, 0) == sought &&
          lair_list_get(referents, 1) == sought);
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 1 << 20);
    LAIR_SCOPED lair_object *nothing = lair_gc_referents(number);
    CHECK(lair_list_length(nothing) == 0);
}

/* -- roots ----------------------------------------------------------------------------------- */

/* Seeded graphs of lists, of which two have a holder; the same with roots and without. */
static size_t garbage_of_graph(lair_heap *heap, bool rooted)
{
    enum { GRAPHS = 20, EACH = 25, LISTS = GRAPHS * EACH };
    lair_object *lists[LISTS], *root = NULL;
    uint64_t random = 1;
    (void)collect(heap, 2);
    for (int i = 0; i < LISTS; i++)
        lists[i] = lair_list_new(heap);
    for (size_t i = 0; i < 3 * LISTS / 2; i++) {
        lair_object **graph = lists + i % GRAPHS * EACH;
        CHECK(lair_list_append(graph[random_next(&random) % EACH],
                               graph[random_next(&random) % EACH]) == LAIR_OK);
    }
    lair_set_ref(&root, lists[random_next(&random) % LISTS]);
    lair_object *held = lair_incref(lists[random_next(&random) % LISTS]);
    if (rooted)
        CHECK(lair_gc_add_root(heap, &root) == LAIR_OK);
    size_t before = tracked(heap);
    for (int i = 0; i < LISTS; i++)
        lair_decref(lists[i]);
    size_t died = before - tracked(heap), found = collect(heap, 2);
    if (!CHECK(found > 0 && found < LISTS))
        printf("%zu died, %zu were found\n", died, found);
    if (rooted)
        CHECK(lair_gc_remove_root(heap, &root) == LAIR_OK);
    CHECK(collect(heap, 2) == 0);
    lair_decref(held);
    lair_decref(root);
    (void)collect(heap, 2);
    return died * LISTS + found;
}

static void test_roots(lair_heap *heap)
{
    size_t plain = garbage_of_graph(heap, false);
    CHECK(garbage_of_graph(heap, true) == plain);
    lair_object *roots[40] = {0}, *tuple = LAIR_TUPLE(heap, lair_int_new(heap, 1 << 20));
    roots[7] = tuple; /* not tracked */
    roots[8] = lair_none(heap);
    for (size_t i = 0; i < 40; i++)
        CHECK(lair_gc_add_root(heap, &roots[i]) == LAIR_OK);
    CHECK(lair_gc_add_root(heap, &roots[0]) == LAIR_OK); /* twice */
    lair_set_ref(&roots[39], roots[7]);
    CHECK(collect(heap, 2) == 0);
    for (size_t i = 0; i < 40; i++)
        CHECK(lair_gc_remove_root(heap, &roots[i]) == LAIR_OK);
    CHECK(lair_gc_remove_root(heap, &roots[0]) == LAIR_OK);
    CHECK(lair_gc_remove_root(heap, &roots[0]) == LAIR_ERR_INVALID);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    lair_decref(roots[39]);
    lair_decref(tuple);
}

/* -- the frozen ------------------------------------------------------------------------------ */

static void test_freeze(lair_heap *heap)
{
    (void)collect(heap, 2);
    size_t before = tracked(heap);
    lair_object *alive = knot_new(heap, NULL), *dies = lair_list_new(heap);
    knot_drop(heap, NULL);
    CHECK(lair_gc_frozen(heap) == 0 && lair_gc_freeze(heap) == LAIR_OK);
    size_t frozen = lair_gc_frozen(heap);
    CHECK(frozen == before + 3 && tracked(heap) == 0 && lair_gc_is_tracked(alive));
    CHECK(collect(heap, 2) == 0);
    lair_decref(dies); /* counts free it as ever */
    CHECK(lair_gc_frozen(heap) == frozen - 1);

    /* What is young now may lie where a frozen one did. */
    lair_object *young = lair_list_new(heap);
    CHECK(lair_list_append(young, alive) == LAIR_OK && lair_list_append(alive, young) == LAIR_OK);
    lair_decref(young);
    lair_decref(alive);
    CHECK(tracked_in(heap, 0) == 1 && collect(heap, 2) == 0);
    knot_drop(heap, NULL);
    CHECK(collect(heap, 1) == 1);
    CHECK(lair_gc_freeze(heap) == LAIR_OK && lair_gc_frozen(heap) == frozen);
    CHECK(lair_gc_unfreeze(heap) == LAIR_OK && lair_gc_frozen(heap) == 0);
    CHECK(tracked(heap) == frozen && tracked_in(heap, 2) == frozen);
    CHECK(collect(heap, 1) == 0);
    CHECK(collect(heap, 2) == 3 && tracked(heap) == before);

    /* Frozen anew, with deaths in both sets. */
    lair_object *lists[100];
    for (size_t i = 0; i < 100; i++)
        lists[i] = lair_list_new(heap);
    CHECK(lair_gc_freeze(heap) == LAIR_OK);
    for (size_t i = 0; i < 100; i += 2)
        lair_set_ref(&lists[i], lists[1]);
    CHECK(lair_gc_frozen(heap) == before + 50);
    for (size_t i = 0; i < 100; i += 2)
        lair_decref(lists[i]);
    for (size_t i = 0; i < 100; i += 2)
        lists[i] = knot_new(heap, lists[i + 1]);
    CHECK(lair_gc_unfreeze(heap) == LAIR_OK && tracked(heap) == before + 100);
    CHECK(tracked_in(heap, 0) == 50 && tracked_in(heap, 2) == before + 50);
    for (size_t i = 0; i < 100; i++)
        lair_decref(lists[i]);
    CHECK(collect(heap, 2) == 100 && tracked(heap) == before);
}

/* -- much, and deep -------------------------------------------------------------------------- */

/* A chain of nodes that ends where it begins. */
static lair_object *ring_new(lair_type *type, size_t length)
{
    lair_object *first = node_new(type, 0, NULL), *last = first;
    for (size_t i = 1; i < length && last != NULL; i++) {
        lair_object *next = node_new(type, (int64_t)i, NULL);
        if (next == NULL)
            break;
        node_of(last)->link = next;
        last = next;
    }
    node_of(last)->link = lair_incref(first);
    return first;
}

static void test_deep(void)
{
    enum { DEEP = 1000000 };
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    NODE_TYPE(type, heap, false);
    lair_object *ring = ring_new(type, DEEP);
    CHECK(nodes_alive(type) == DEEP && collect(heap, 2) == 0);
    lair_object *tail = lair_incref(node_of(ring)->link);
    lair_decref(ring);
    CHECK(collect(heap, 2) == 0 && nodes_alive(type) == DEEP);
    lair_decref(tail);
    CHECK(collect(heap, 2) == DEEP && nodes_alive(type) == 0);
    CHECK_BOOKS(heap);
}

/* More than several batches, in chains that lead to others and in cliques. */
static void test_many(lair_heap *heap)
{
    enum { CLIQUES = 100, MEMBERS = 40, RINGS = 700, RING = 70 };
    NODE_TYPE(type, heap, false);
    (void)collect(heap, 2);
    size_t before = tracked(heap);
    LAIR_SCOPED lair_object *all = lair_list_new(heap);
    for (size_t i = 0; i < CLIQUES; i++) {
        LAIR_SCOPED lair_object *clique = lair_list_new(heap);
        for (size_t j = 0; j < MEMBERS; j++)
            CHECK(lair_list_append_new(clique, lair_list_new(heap)) == LAIR_OK);
        for (size_t j = 0; j < MEMBERS; j++)
            CHECK(lair_list_extend(lair_list_get(clique, j), clique) == LAIR_OK);
        CHECK(lair_list_append(all, lair_list_get(clique, 0)) == LAIR_OK);
        if (i != 0) /* one leads to the next */
            CHECK(lair_list_append(lair_list_get(all, i - 1), lair_list_get(clique, 1)) == LAIR_OK);
    }
    for (size_t i = 0; i < RINGS; i++)
        CHECK(lair_list_append_new(all, ring_new(type, RING)) == LAIR_OK);
    CHECK(collect(heap, 2) == 0);
    lair_object *kept = lair_incref(lair_list_get(all, CLIQUES / 2));
    lair_clear_ref(&all);
    CHECK(collect(heap, 2) == CLIQUES / 2 * MEMBERS + RINGS * RING);
    CHECK(tracked(heap) == before + CLIQUES / 2 * MEMBERS && nodes_alive(type) == 0);
    lair_decref(kept);
    CHECK(collect(heap, 2) == CLIQUES / 2 * MEMBERS && tracked(heap) == before);
}

/* An immortal object, and all that it refers to, is no garbage. */
static void test_immortal(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    lair_object *inner = knot_new(heap, NULL), *knot = knot_new(heap, inner);
    CHECK(lair_list_append(inner, knot) == LAIR_OK);
    lair_immortalize(knot);
    lair_decref(inner);
    lair_decref(knot);
    knot_drop(heap, knot);
    for (int generation = 0; generation < LAIR_GC_GENERATIONS; generation++)
        CHECK(collect(heap, generation) == (generation == 0));
    CHECK(tracked(heap) == 2 && lair_list_length(knot) == 2 && lair_list_length(inner) == 2);
}

int main(void)
{
    collect_on_every_heap(test_kinds);
    collect_on_every_heap(test_kinds_together);
    collect_on_every_heap(test_tracked);
    collect_on_every_heap(test_truncate);
    collect_on_every_heap(test_referrers);
    collect_on_every_heap(test_roots);
    collect_on_every_heap(test_freeze);
    collect_on_every_heap(test_many);
    test_deep();
    test_immortal();
    return check_finish("what the collector takes for garbage");
}

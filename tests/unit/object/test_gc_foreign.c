/* test_gc_foreign.c: the program's code inside collections: finalizers, resurrection, weak
 * references and their callbacks, types that do not clear, heaps that close.
 */
#include "collecting.h"
#include "node.h"

/* -- finalizers ------------------------------------------------------------------------------ */

enum { MOST = 8000 };
static struct world {
    lair_heap *heap;
    lair_type *type;
    unsigned runs[MOST]; /* finalizers, by number */
    unsigned calls;      /* of callbacks */
    size_t order[MOST], finalized;
    lair_object *saved, *saved_too, *other;
    void (*act)(struct node *self);
} world;

static void on_finalize(struct node *self)
{
    REQUIRE(self->number >= 0 && self->number < MOST);
    CHECK(lair_refcount(&self->object) > 0 && lair_gc_is_finalized(&self->object));
    world.runs[self->number]++;
    world.order[world.finalized++ % MOST] = (size_t)self->number;
    if (world.act != NULL)
        world.act(self);
}

static void world_begin(lair_heap *heap, lair_type *type, void (*act)(struct node *self))
{
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    (void)collect(heap, 2);
    world = (struct world){.heap = heap, .type = type, .act = act};
    node_hooks.finalize = on_finalize;
}

/* A ring of count nodes with numbers from first on: its first. */
static lair_object *ring_new(int64_t first, int64_t count)
{
    lair_object *head = node_new(world.type, first, NULL), *last = head;
    for (int64_t i = 1; i < count; i++) {
        lair_object *next = node_new(world.type, first + i, NULL);
        node_of(last)->link = next;
        last = next;
    }
    node_of(last)->link = lair_incref(head);
    return head;
}

static unsigned runs_from(size_t first, size_t count)
{
    unsigned runs = 0;
    for (size_t i = first; i < first + count; i++) {
        runs += world.runs[i];
        CHECK(world.runs[i] <= 1);
    }
    return runs;
}

static lair_gc_stats oldest_stats(lair_heap *heap)
{
    lair_gc_stats stats[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, stats);
    return stats[2];
}

static void test_finalizers(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, NULL);
    lair_object *ring = ring_new(0, 50);
    CHECK(!lair_gc_is_finalized(ring));
    CHECK(collect(heap, 2) == 0 && world.finalized == 0);
    lair_decref(ring);
    CHECK(collect(heap, 2) == 50 && runs_from(0, 50) == 50 && nodes_alive(type) == 0);
}

/* -- resurrection ---------------------------------------------------------------------------- */

static void save_self(struct node *self)
{
    if (self->number == 3)
        world.saved = lair_incref(&self->object);
}

/* The object itself: and so all of its ring. It is never finalized again. */
static void test_resurrect_self(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, save_self);
    uint64_t before = oldest_stats(heap).resurrected, collected = oldest_stats(heap).collected;
    lair_decref(ring_new(0, 10));
    lair_decref(ring_new(10, 10));
    CHECK(collect(heap, 2) == 20 && runs_from(0, 20) == 20 && nodes_alive(type) == 10);
    CHECK(oldest_stats(heap).resurrected == before + 10);
    CHECK(oldest_stats(heap).collected == collected + 10);
    REQUIRE(world.saved != NULL);
    const struct node *at = node_of(world.saved);
    for (int i = 0; i < 10; i++, at = node_of(at->link))
        CHECK(at->number == (3 + i) % 10); /* whole */
    CHECK(collect(heap, 2) == 0 && lair_refcount(world.saved) == 2);
    lair_clear_ref(&world.saved);
    CHECK(collect(heap, 2) == 10 && runs_from(0, 20) == 20 && nodes_alive(type) == 0);
    CHECK(oldest_stats(heap).resurrected == before + 10);
}

static void save_neighbour(struct node *self)
{
    if (self->number == 3)
        world.saved = lair_incref(self->link);
}

/* A neighbour, which may be finalized by then or not; what only the saviour's side holds goes. */
static void test_resurrect_neighbour(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, save_neighbour);
    lair_object *ring = ring_new(10, 5), *knot = node_new(type, 3, ring);
    LAIR_SCOPED lair_object *knots = knot_new(heap, knot); /* a list that holds itself and it */
    lair_decref(ring);
    lair_decref(knot);
    lair_clear_ref(&knots);
    CHECK(collect(heap, 2) >= 6);
    CHECK(world.runs[3] == 1 && world.saved == ring && nodes_alive(type) == 5);
    lair_clear_ref(&world.saved);
    CHECK(collect(heap, 2) == 5 && runs_from(0, 20) == 6 && nodes_alive(type) == 0);
}

/* Rings so large that each is a batch of its own; the first node of each saves what it leads to. */
enum { RINGS = 3, RING = 2500 };
static lair_object *rescued[RINGS];

static void save_far(struct node *self)
{
    /* The first of each ring has a list that leads to the next ring. */
    if (self->number % RING == 0 && rescued[self->number / RING] == NULL) {
        const lair_object *list = self->link;
        if (lair_list_length(list) == 2)
            rescued[self->number / RING] = lair_incref(lair_list_get(list, 1));
    }
}

static void clear_rescued(void)
{
    for (size_t i = 0; i < RINGS; i++)
        lair_clear_ref(&rescued[i]);
}

/* Rings in a row, each of which leads to the one before through its first node's list. */
static lair_object *row_of_rings(lair_heap *heap)
{
    LAIR_SCOPED lair_object *before = NULL;
    for (int64_t i = 0; i < RINGS; i++) {
        LAIR_SCOPED lair_object *ring = ring_new(i * RING, RING);
        LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_incref(node_of(ring)->link));
        if (before != NULL)
            CHECK(lair_list_append(list, before) == LAIR_OK);
        lair_set_ref(&node_of(ring)->link, list);
        lair_set_ref(&before, ring);
    }
    return lair_steal(&before);
}

/* What a finalizer saves of a batch that is yet to come is not touched: its weak references stay,
 * and its finalizers do not run, as long as it is alive. */
static void test_resurrect_later(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, save_far);
    lair_object *row = row_of_rings(heap);
    LAIR_SCOPED lair_object *list = lair_incref(node_of(row)->link);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(lair_list_get(list, 1), NULL, NULL);
    lair_clear_ref(&list);
    lair_decref(row);
    CHECK(collect(heap, 2) == RINGS * (RING + 1));
    CHECK(nodes_alive(type) == (RINGS - 1) * RING);
    /* The last comes first, as nothing leads to it. */
    REQUIRE(rescued[RINGS - 1] != NULL);
    CHECK(node_of(rescued[RINGS - 1])->number == (RINGS - 2) * RING);
    CHECK(runs_from((RINGS - 1) * RING, RING) == RING && runs_from(0, (RINGS - 1) * RING) == 0);
    CHECK(lair_weakref_is_alive(ref));
    clear_rescued();
    for (int i = 0; i < 2 * RINGS; i++) {
        (void)collect(heap, 2);
        clear_rescued();
    }
    CHECK(runs_from(0, RINGS * RING) == RINGS * RING && nodes_alive(type) == 0);
    CHECK(!lair_weakref_is_alive(ref));
}

/* -- finalizers that do other things ---------------------------------------------------------- */

/* Breaks the ring, truncates, makes garbage, collects, freezes. */
static void do_much(struct node *self)
{
    size_t found = 7;
    LAIR_SCOPED lair_object *objects = NULL;
    switch (self->number % 8) {
    case 0:
        lair_clear_ref(&self->link);
        break;
    case 1:
        if (self->link != NULL)
            CHECK(lair_truncate(self->link) == LAIR_OK);
        break;
    case 2:
        knot_drop(world.heap, NULL);
        break;
    case 3:
        CHECK(lair_gc_is_collecting(world.heap));
        CHECK(lair_gc_collect(world.heap, 2, &found) == LAIR_OK && found == 0);
        break;
    case 4:
        for (int i = 0; i < 50; i++)
            lair_decref(node_new(world.type, MOST - 1, NULL));
        world.runs[MOST - 1] = 0;
        break;
    case 5:
        (void)lair_list_get(&self->object, 0); /* an error that nobody hears of */
        break;
    case 6:
        objects = lair_gc_objects(world.heap, -1); /* dropped again */
        CHECK(objects != NULL);
        break;
    default:
        CHECK(lair_truncate(&self->object) == LAIR_OK);
        break;
    }
}

static void test_finalizers_act(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, do_much);
    CHECK(lair_list_get(NULL, 0) == NULL);
    for (int64_t i = 0; i < 20; i++)
        lair_decref(ring_new(i * 100, 100 - i));
    size_t expected = 0;
    for (size_t i = 0; i < 20; i++)
        expected += 100 - i;
    CHECK(collect(heap, 2) == expected);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID); /* the error of before */
    (void)collect(heap, 2);
    world.runs[MOST - 1] = 0;
    CHECK(runs_from(0, 2000) == expected && nodes_alive(type) == 0);
}

static void freeze(struct node *self)
{
    if (self->number == 40)
        CHECK(lair_gc_freeze(world.heap) == LAIR_OK);
    if (self->number == 41)
        CHECK(lair_gc_unfreeze(world.heap) == LAIR_OK);
}

/* In the midst of a batch, with others to come. */
static void test_finalizers_freeze(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    for (int64_t last = 41; last < 43; last++) {
        world_begin(heap, type, freeze);
        lair_decref(ring_new(0, last));
        lair_decref(ring_new(100, 3000));
        CHECK(collect(heap, 2) == (size_t)last + 3000);
        CHECK((lair_gc_frozen(heap) != 0) == (last == 41));
        world.act = NULL;
        CHECK(lair_gc_unfreeze(heap) == LAIR_OK);
        (void)collect(heap, 2);
        CHECK(nodes_alive(type) == 0 && runs_from(0, 3100) == (unsigned)last + 3000);
    }
}

/* -- weak references ------------------------------------------------------------------------- */

static void on_death(lair_object *ref, void *arg)
{
    CHECK(!lair_weakref_is_alive(ref) && lair_weakref_get(ref) == NULL);
    CHECK(world.finalized == 0 || arg != NULL); /* before any finalizer */
    world.calls++;
}

static void never(lair_object *ref, void *arg)
{
    (void)ref, (void)arg;
    CHECK(false && "the callback of a weak reference that is garbage ran");
}

static void look_back(struct node *self)
{
    (void)self;
    CHECK(!lair_weakref_is_alive(world.other) && world.calls == 2);
}

/* Cleared, and callbacks called, before the first finalizer; the garbage ones' never. */
static void test_weakrefs(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, look_back);
    lair_object *ring = ring_new(0, 1), *knot = knot_new(heap, ring);
    CHECK(lair_list_append_new(knot, lair_weakref_new(ring, never, NULL)) == LAIR_OK);
    CHECK(lair_list_append_new(knot, lair_weakref_new(knot, never, NULL)) == LAIR_OK);
    CHECK(lair_list_append_new(knot, LAIR_TUPLE(heap, lair_weakref_new(ring, never, NULL))) ==
          LAIR_OK);
    lair_set_ref(&node_of(ring)->link, knot);
    world.other = lair_weakref_new(ring, NULL, NULL);
    LAIR_SCOPED lair_object *a = lair_weakref_new(ring, on_death, NULL);
    LAIR_SCOPED lair_object *b = lair_weakref_new(knot, on_death, NULL);
    /* One that is garbage, to what is alive: nothing happens to either. */
    LAIR_SCOPED lair_object *alive = lair_list_new(heap);
    CHECK(lair_list_append_new(knot, lair_weakref_new(alive, never, NULL)) == LAIR_OK);
    lair_decref(ring);
    CHECK(collect(heap, 2) == 0 && world.calls == 0);
    lair_decref(knot);
    CHECK(collect(heap, 2) == 7); /* list, node, four weak references, tuple */
    CHECK(world.finalized == 1 && world.calls == 2 && lair_weakref_count(alive) == 0 &&
          nodes_alive(type) == 0);
    CHECK(!lair_weakref_is_alive(a) && !lair_weakref_is_alive(b));
    lair_clear_ref(&world.other);
}

/* What is resurrected has lost its weak references, and callbacks do not run a second time. */
static void test_weakref_resurrected(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, save_self);
    lair_object *ring = ring_new(3, 1);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(ring, on_death, &world);
    lair_decref(ring);
    CHECK(collect(heap, 2) == 1 && world.calls == 1 && world.saved == ring);
    CHECK(!lair_weakref_is_alive(ref) && lair_weakref_count(ring) == 0);
    LAIR_SCOPED lair_object *again = lair_weakref_new(ring, on_death, &world);
    CHECK(lair_weakref_is_alive(again));
    lair_clear_ref(&world.saved);
    CHECK(collect(heap, 2) == 1 && world.calls == 2 && !lair_weakref_is_alive(again));
}

static void refer_to_self(struct node *self)
{
    if (self->number == 0) {
        world.other = lair_weakref_new(&self->object, on_death, &world);
        CHECK(world.other != NULL);
    }
}

/* No container. */
static const lair_type_spec leaf_spec = {
    .name = "leaf", .size = sizeof(struct node), .finalize = node_finalize};

/* A leaf that dies while garbage is cleared, and looks at it. */
static void look_at_other(struct node *self)
{
    refer_to_self(self);
    if (self->number == 1 && world.other != NULL)
        world.saved = lair_weakref_get(world.other);
}

/* Drops a cycle of a node, 0, and a list, which holds last as well; last becomes 1. */
static void drop_ring_with(lair_object *last)
{
    lair_object *ring = ring_new(0, 1);
    node_of(last)->number = 1;
    LAIR_SCOPED lair_object *list = LAIR_LIST(lair_heap_of(ring), lair_incref(ring), last);
    lair_set_ref(&node_of(ring)->link, list);
    lair_decref(ring);
}

/* A finalizer refers weakly to what is garbage all the same: nobody sees it being cleared. */
static void test_weakref_of_finalizer(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    lair_type *leaf = lair_type_new(heap, &leaf_spec);
    LAIR_SCOPED lair_object *keep_leaf = lair_type_object(leaf);
    world_begin(heap, type, look_at_other);
    drop_ring_with(lair_new(leaf));
    CHECK(collect(heap, 2) == 2 && world.runs[0] == 1 && world.runs[1] == 1);
    CHECK(world.saved == NULL && world.calls == 1 && !lair_weakref_is_alive(world.other));
    CHECK(nodes_alive(type) == 0);
    lair_clear_ref(&world.other);
}

/* A callback finds the garbage among all objects, and refers to it weakly while others wait. */
static void refer_to_all(lair_object *ref, void *arg)
{
    (void)arg;
    CHECK(!lair_weakref_is_alive(ref));
    world.calls++;
    LAIR_SCOPED lair_object *objects = lair_gc_objects(world.heap, -1);
    for (size_t i = 0; i < lair_list_length(objects); i++) {
        lair_object *object = lair_list_get(objects, i);
        if (object != world.saved && lair_is(object, LAIR_KIND_LIST) &&
            lair_list_length(object) == 3)
            CHECK(lair_list_append_new(world.saved, lair_weakref_new(object, on_death, &world)) ==
                  LAIR_OK);
    }
}

static void test_callback_refers(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, NULL);
    world.saved = lair_list_new(heap);
    LAIR_SCOPED lair_object *refs = lair_list_new(heap);
    for (int i = 0; i < 3; i++) {
        LAIR_SCOPED lair_object *knot = knot_new(heap, NULL);
        CHECK(lair_list_append(knot, knot) == LAIR_OK && lair_list_append(knot, knot) == LAIR_OK);
        for (int j = 0; j < 3; j++)
            CHECK(lair_list_append_new(refs, lair_weakref_new(knot, refer_to_all, NULL)) ==
                  LAIR_OK);
    }
    CHECK(collect(heap, 2) == 3);
    size_t made = lair_list_length(world.saved);
    CHECK(made == 27 && world.calls == 9 + 27);
    for (size_t i = 0; i < made; i++)
        CHECK(!lair_weakref_is_alive(lair_list_get(world.saved, i)));
    lair_clear_ref(&world.saved);
}

/* Weak containers lose what is garbage. */
static void test_weak_containers(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    world_begin(heap, type, NULL);
    LAIR_SCOPED lair_object *keys = lair_weak_key_dict_new(heap);
    LAIR_SCOPED lair_object *values = lair_weak_value_dict_new(heap);
    LAIR_SCOPED lair_object *set = lair_weak_set_new(heap);
    for (int64_t i = 0; i < 40; i++) {
        LAIR_SCOPED lair_object *ring = ring_new(i, 1);
        LAIR_SCOPED lair_object *number = lair_int_new(heap, i);
        LAIR_SCOPED lair_object *value = node_new(type, i + 100, NULL);
        CHECK(lair_weak_dict_set(keys, ring, value) == LAIR_OK);
        CHECK(lair_weak_dict_set(values, number, ring) == LAIR_OK);
        CHECK(lair_weak_set_add(set, ring) == LAIR_OK);
        if (i % 4 == 0) /* goes by count */
            lair_clear_ref(&node_of(ring)->link);
    }
    CHECK(lair_length(keys) == 30 && lair_length(values) == 30 && lair_length(set) == 30);
    CHECK(collect(heap, 0) == 30);
    CHECK(lair_length(keys) == 0 && lair_length(values) == 0 && lair_length(set) == 0);
    CHECK(nodes_alive(type) == 0 && runs_from(0, 40) == 40 && runs_from(100, 40) == 40);
}

/* -- what clearing does not free --------------------------------------------------------------- */

static void keep_link(lair_object *self)
{
    (void)self;
}

static void test_uncollectable(lair_heap *heap)
{
    const lair_type_spec stubborn_spec = {
        .name = "stubborn",
        .size = sizeof(struct node),
        .flags = LAIR_TYPE_CONTAINER,
        .weakrefs = offsetof(struct node, weakrefs),
        .dealloc = node_dealloc,
        .traverse = node_traverse,
        .clear = keep_link,
    };
    NODE_TYPE(type, heap, false);
    world_begin(heap, type, NULL);
    lair_type *stubborn = lair_type_new(heap, &stubborn_spec);
    LAIR_SCOPED lair_object *keep_stubborn = lair_type_object(stubborn);
    lair_object *garbage = lair_gc_garbage(heap);
    uint64_t before = oldest_stats(heap).uncollectable, collected = oldest_stats(heap).collected;

    /* A cycle of two that do not clear; one of a stubborn and a willing one; a willing one. */
    lair_object *a = node_new(stubborn, 1, NULL), *b = node_new(stubborn, 2, a);
    lair_set_ref(&node_of(a)->link, b);
    lair_decref(a);
    lair_decref(b);
    a = node_new(stubborn, 3, NULL), b = node_new(type, 4, a);
    lair_set_ref(&node_of(a)->link, b);
    lair_decref(a);
    lair_decref(b);
    knot_drop(heap, NULL);
    CHECK(collect(heap, 2) == 5);
    CHECK(lair_list_length(garbage) == 2 && nodes_alive(stubborn) == 2 && nodes_alive(type) == 0);
    CHECK(oldest_stats(heap).uncollectable == before + 2);
    CHECK(oldest_stats(heap).collected == collected + 3);
    CHECK(collect(heap, 2) == 0 && lair_list_length(garbage) == 2);
    lair_object *first = lair_list_get(garbage, 0);
    lair_clear_ref(&node_of(first)->link); /* the program breaks the cycle */
    CHECK(lair_list_clear(garbage) == LAIR_OK);
    CHECK(nodes_alive(stubborn) == 0);
}

/* -- limits and closing ----------------------------------------------------------------------- */

static size_t limit_collections;

static bool on_limit(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    size_t found = 0;
    (void)arg;
    CHECK(event->kind != LAIR_HEAP_FAULT);
    CHECK(lair_gc_collect(heap, 2, &found) == LAIR_OK);
    limit_collections++;
    return found != 0;
}

/* Garbage in cycles, and a limit that only holds if it goes: the listener collects. */
static void test_limit(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 24 << 20});
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    lair_heap_set_listener(heap, on_limit, NULL);
    LAIR_SCOPED lair_object *kept = lair_list_new(heap);
    for (int i = 0; i < 400000; i++) {
        LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
        REQUIRE(dict != NULL);
        REQUIRE(lair_dict_set_str(dict, "self", dict) == LAIR_OK);
        REQUIRE(lair_dict_set_str_new(dict, "number", lair_int_new(heap, i + 1000)) == LAIR_OK);
        if (i % 40 == 0)
            REQUIRE(lair_list_append(kept, dict) == LAIR_OK);
    }
    CHECK(limit_collections > 1);
    for (size_t i = 0; i < lair_list_length(kept); i++) {
        int64_t number;
        CHECK(lair_int_get(lair_dict_get_str(lair_list_get(kept, i), "number"), &number) ==
                  LAIR_OK &&
              number == (int64_t)i * 40 + 1000);
    }
    CHECK_BOOKS(heap);
}

static void make_more(struct node *self)
{
    if (self->number < 3)
        lair_decref(ring_new(self->number + 1, 1));
}

/* Finalizers of garbage run when the heap closes, and those of garbage that they make. */
static void test_close(lair_gctype mode)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.gctype = mode});
    lair_type *type = node_type(heap, true);
    world_begin(heap, type, make_more);
    lair_decref(ring_new(0, 1));
    lair_object *alive = ring_new(100, 1);
    (void)alive; /* goes with the heap, unseen */
    lair_gc_disable(heap);
    lair_heap_close(heap);
    CHECK(runs_from(0, 4) == 4 && world.runs[100] == 0);
    node_hooks.finalize = NULL;
}

/* What was saved is collected after all. */
static void test_close_saved(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    lair_type *type = node_type(heap, true), *leaf = lair_type_new(heap, &leaf_spec);
    world_begin(heap, type, NULL);
    lair_gc_set_flags(heap, LAIR_GC_SAVE_ALL);
    drop_ring_with(lair_new(leaf));
    CHECK(collect(heap, 2) == 2 && world.runs[0] == 1 && world.runs[1] == 0);
    lair_decref(lair_type_object(leaf));
    lair_decref(lair_type_object(type));
    lair_heap_close(heap);
    CHECK(world.runs[0] == 1 && world.runs[1] == 1);
    node_hooks.finalize = NULL;
}

int main(void)
{
    collect_on_every_heap(test_finalizers);
    collect_on_every_heap(test_resurrect_self);
    collect_on_every_heap(test_resurrect_neighbour);
    collect_on_every_heap(test_resurrect_later);
    collect_on_every_heap(test_finalizers_act);
    collect_on_every_heap(test_finalizers_freeze);
    collect_on_every_heap(test_weakrefs);
    collect_on_every_heap(test_weakref_resurrected);
    collect_on_every_heap(test_weakref_of_finalizer);
    collect_on_every_heap(test_callback_refers);
    collect_on_every_heap(test_weak_containers);
    collect_on_every_heap(test_uncollectable);
    test_limit();
    test_close(LAIR_GC_AUTO);
    test_close(LAIR_GC_MANUAL);
    test_close_saved();
    return check_finish("the program's code inside collections");
}

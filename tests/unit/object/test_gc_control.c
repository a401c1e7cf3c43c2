/* test_gc_control.c: when the collector runs, and what it says: modes, thresholds, generations,
 * statistics, callbacks, events, flags, and wrong arguments.
 */
#include "collecting.h"
#include "node.h"

#include "child.h"

static lair_gc_stats stats_of(lair_heap *heap, int generation)
{
    lair_gc_stats stats[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, stats);
    return stats[generation];
}

static size_t count_of(lair_heap *heap, int generation)
{
    size_t counts[LAIR_GC_GENERATIONS];
    lair_gc_get_counts(heap, counts);
    return counts[generation];
}

/* -- when ------------------------------------------------------------------------------------ */

static void test_defaults(lair_heap *heap)
{
    size_t thresholds[LAIR_GC_GENERATIONS];
    lair_gc_get_thresholds(heap, thresholds);
    CHECK(thresholds[0] == 700 && thresholds[1] == 10 && thresholds[2] == 10);
    CHECK(lair_gc_get_mode(heap) == LAIR_GC_AUTO && lair_gc_is_enabled(heap));
    CHECK(!lair_gc_is_collecting(heap) && lair_gc_get_flags(heap) == 0 &&
          lair_gc_frozen(heap) == 0);
}

/* Collections of generation 0 while containers of one kind are made and kept. */
static uint64_t runs_while(lair_heap *heap, lair_object *(*make)(lair_heap *heap), size_t count)
{
    (void)collect(heap, 2);
    uint64_t before = stats_of(heap, 0).collections;
    lair_object *made[100];
    REQUIRE(count <= 100);
    for (size_t i = 0; i < count; i++) {
        made[i] = make(heap);
        REQUIRE(made[i] != NULL);
    }
    uint64_t runs = stats_of(heap, 0).collections - before;
    for (size_t i = 0; i < count; i++)
        lair_decref(made[i]);
    return runs;
}

static lair_object *source;
static lair_type *made_type;

static lair_object *make_list(lair_heap *heap)
{
    return lair_list_new(heap);
}

static lair_object *make_tuple(lair_heap *heap)
{
    (void)heap;
    return lair_tuple_new(heap, &source, 1);
}

static lair_object *make_dict(lair_heap *heap)
{
    return lair_dict_new(heap);
}

static lair_object *make_set(lair_heap *heap)
{
    return lair_set_new(heap);
}

static lair_object *make_set_from(lair_heap *heap)
{
    (void)heap;
    return lair_set_from(source);
}

static lair_object *make_counter(lair_heap *heap)
{
    return lair_counter_new(heap);
}

static lair_object *make_lru_cache(lair_heap *heap)
{
    return lair_lru_cache_new(heap, 4);
}

static lair_object *make_ttl_cache(lair_heap *heap)
{
    return lair_ttl_cache_new(heap, 4, 1000, NULL, NULL);
}

static lair_object *make_weak_keys(lair_heap *heap)
{
    return lair_weak_key_dict_new(heap);
}

static lair_object *make_weak_values(lair_heap *heap)
{
    return lair_weak_value_dict_new(heap);
}

static lair_object *make_weak_set(lair_heap *heap)
{
    return lair_weak_set_new(heap);
}

static lair_object *make_iterator(lair_heap *heap)
{
    (void)heap;
    return lair_iter(source);
}

static lair_object *make_range(lair_heap *heap)
{
    return lair_range(heap, 0, 10, 1);
}

static lair_object *make_value(lair_heap *heap, lair_object *argument, void *arg)
{
    (void)heap, (void)arg;
    return lair_incref(argument);
}

static lair_object *make_lazy(lair_heap *heap)
{
    return lair_lazy_new(heap, make_value, source, NULL);
}

static lair_object *make_for_pool(lair_heap *heap, void *arg)
{
    (void)arg;
    return lair_list_new(heap);
}

static lair_object *make_pool(lair_heap *heap)
{
    return lair_object_pool_new(heap, &(lair_pool_spec){.make = make_for_pool, .bound = 1});
}

static lair_object *make_built(lair_heap *heap)
{
    return lair_build(heap, "[]");
}

static lair_object *make_copy(lair_heap *heap)
{
    (void)heap;
    return lair_copy(source);
}

static lair_object *make_deep_copy(lair_heap *heap)
{
    (void)heap;
    return lair_deep_copy(source);
}

static lair_object *make_slice(lair_heap *heap)
{
    (void)heap;
    return lair_list_slice(source, 0, 1);
}

static lair_object *make_node(lair_heap *heap)
{
    (void)heap;
    return lair_new(made_type);
}

static lair_object *make_instance(lair_heap *heap)
{
    (void)heap;
    return lair_instance_new(made_type);
}

static lair_object *make_record(lair_heap *heap)
{
    (void)heap;
    return lair_record_new(made_type, NULL);
}

static lair_object *make_packed(lair_heap *heap)
{
    (void)heap;
    return lair_packed_new(made_type);
}

static void test_trigger_with(lair_heap *heap, const char *name,
                              lair_object *(*make)(lair_heap *heap))
{
    set_thresholds(heap, 20, 1000, 1000);
    uint64_t runs = runs_while(heap, make, 100);
    if (!CHECK(runs == 4)) /* at the 22nd, the 43rd ... */
        printf("%s: %lu runs\n", name, (unsigned long)runs);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    CHECK(runs_while(heap, make, 100) == 0);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_AUTO) == LAIR_OK);
    lair_gc_disable(heap);
    CHECK(!lair_gc_is_enabled(heap) && runs_while(heap, make, 100) == 0);
    lair_gc_enable(heap);
    set_thresholds(heap, 0, 0, 0);
    CHECK(lair_gc_is_enabled(heap) && runs_while(heap, make, 100) == 0);
    set_thresholds(heap, 700, 10, 10);
}

#define TRIGGER(heap, kind) test_trigger_with(heap, #kind, make_##kind)

/* Each function that makes a container may collect, and nothing does when it is not to. */
static void test_trigger(lair_heap *heap)
{
    static const char *const fields[] = {"a"};
    static const lair_packed_field packed[] = {{"a", LAIR_PACKED_OBJECT}};
    source = LAIR_LIST(heap, lair_int_new(heap, 1));
    TRIGGER(heap, list);
    TRIGGER(heap, tuple);
    TRIGGER(heap, dict);
    TRIGGER(heap, set);
    TRIGGER(heap, set_from);
    TRIGGER(heap, counter);
    TRIGGER(heap, lru_cache);
    TRIGGER(heap, ttl_cache);
    TRIGGER(heap, weak_keys);
    TRIGGER(heap, weak_values);
    TRIGGER(heap, weak_set);
    TRIGGER(heap, iterator);
    TRIGGER(heap, range);
    TRIGGER(heap, lazy);
    TRIGGER(heap, pool);
    TRIGGER(heap, built);
    TRIGGER(heap, copy);
    TRIGGER(heap, deep_copy);
    TRIGGER(heap, slice);
    made_type = node_type(heap, false);
    TRIGGER(heap, node);
    lair_decref(lair_type_object(made_type));
    made_type = lair_instance_type(heap, "thing");
    TRIGGER(heap, instance);
    lair_decref(lair_type_object(made_type));
    made_type = lair_record_type(heap, "record", fields, 1, 0);
    TRIGGER(heap, record);
    lair_decref(lair_type_object(made_type));
    made_type = lair_packed_type(heap, "packed", packed, 1);
    TRIGGER(heap, packed);
    lair_decref(lair_type_object(made_type));
    lair_clear_ref(&source);
}

/* Counts are of what was made less what died; each collection counts for the next generation. */
static void test_counts(lair_heap *heap)
{
    (void)collect(heap, 2);
    CHECK(count_of(heap, 0) == 0 && count_of(heap, 1) == 0 && count_of(heap, 2) == 0);
    LAIR_SCOPED lair_object *a = lair_list_new(heap), *b = lair_dict_new(heap);
    CHECK(count_of(heap, 0) == 2);
    lair_decref(lair_list_new(heap));
    CHECK(count_of(heap, 0) == 2);
    (void)collect(heap, 0);
    CHECK(count_of(heap, 0) == 0 && count_of(heap, 1) == 1);
    lair_clear_ref(&a);
    CHECK(count_of(heap, 0) == 0);
    (void)collect(heap, 0);
    CHECK(count_of(heap, 1) == 2);
    (void)collect(heap, 1);
    CHECK(count_of(heap, 1) == 0 && count_of(heap, 2) == 1);
    (void)collect(heap, 2);
    CHECK(count_of(heap, 1) == 0 && count_of(heap, 2) == 0);
}

/* Older generations run when theirs are passed. */
static void test_older(lair_heap *heap)
{
    (void)collect(heap, 2);
    set_thresholds(heap, 10, 2, 2);
    lair_gc_stats before[LAIR_GC_GENERATIONS], after[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, before);
    LAIR_SCOPED lair_object *all = lair_list_new(heap);
    for (int i = 0; i < 1000; i++)
        CHECK(lair_list_append_new(all, lair_list_new(heap)) == LAIR_OK);
    lair_gc_get_stats(heap, after);
    uint64_t runs[LAIR_GC_GENERATIONS];
    for (int i = 0; i < LAIR_GC_GENERATIONS; i++)
        runs[i] = after[i].collections - before[i].collections;
    CHECK(runs[0] + runs[1] + runs[2] == 1000 / 11);
    CHECK(runs[1] > 10 && runs[2] >= 2 && runs[2] < 10 && runs[0] >= 2 * runs[1]);
    set_thresholds(heap, 700, 10, 10);
}

/* -- generations ----------------------------------------------------------------------------- */

static void test_promotion(lair_heap *heap)
{
    (void)collect(heap, 2);
    size_t old = tracked_in(heap, 2);
    CHECK(tracked_in(heap, 0) == 0 && tracked_in(heap, 1) == 0 && old == tracked(heap));
    LAIR_SCOPED lair_object *a = lair_list_new(heap);
    CHECK(tracked_in(heap, 0) == 1);
    (void)collect(heap, 0);
    CHECK(tracked_in(heap, 0) == 0 && tracked_in(heap, 1) == 1);
    LAIR_SCOPED lair_object *b = lair_list_new(heap);
    (void)collect(heap, 0);
    CHECK(tracked_in(heap, 1) == 2);
    {
        LAIR_SCOPED lair_object *objects = lair_gc_objects(heap, 1);
        bool found = false;
        CHECK(lair_gc_is_tracked(objects));
        for (size_t i = 0; i < lair_list_length(objects); i++)
            found = found || lair_list_get(objects, i) == a;
        CHECK(found);
    }
    lair_clear_ref(&b);
    CHECK(tracked_in(heap, 1) == 1);
    b = lair_list_new(heap); /* where the other was: it is young */
    CHECK(tracked_in(heap, 0) == 1 && tracked_in(heap, 1) == 1);
    (void)collect(heap, 0);
    CHECK(tracked_in(heap, 0) == 0 && tracked_in(heap, 1) == 2);
    (void)collect(heap, 1);
    CHECK(tracked_in(heap, 1) == 0 && tracked_in(heap, 2) == old + 2);
    CHECK(tracked(heap) == old + 2);

    /* Garbage is found by those that look where it is. */
    knot_drop(heap, NULL);
    LAIR_SCOPED lair_object *knot = knot_new(heap, NULL);
    CHECK(collect(heap, 0) == 1);
    CHECK(lair_list_append(knot, a) == LAIR_OK);
    lair_clear_ref(&knot);
    CHECK(collect(heap, 0) == 0 && collect(heap, 1) == 1);
    knot = knot_new(heap, NULL);
    (void)collect(heap, 1);
    lair_clear_ref(&knot);
    CHECK(collect(heap, 1) == 0 && collect(heap, 2) == 1);
}

static void test_stats(lair_heap *heap)
{
    lair_gc_stats before = stats_of(heap, 1);
    knot_drop(heap, NULL);
    CHECK(collect(heap, 1) == 1 && collect(heap, 1) == 0);
    lair_gc_stats after = stats_of(heap, 1);
    CHECK(after.collections == before.collections + 2 && after.collected == before.collected + 1);
    CHECK(after.uncollectable == before.uncollectable && after.resurrected == before.resurrected);
    CHECK(after.total_ns > before.total_ns && after.longest_ns > 0);
    CHECK(after.longest_ns <= after.total_ns);
}

/* -- callbacks ------------------------------------------------------------------------------- */

static struct heard {
    int starts, stops, generation;
    size_t collected;
    bool remove, add, collect, make;
} heard[4];

static void hear(lair_heap *heap, const lair_gc_info *info, void *arg)
{
    struct heard *self = arg;
    CHECK(lair_gc_is_collecting(heap));
    info->stop ? self->stops++ : self->starts++;
    CHECK(info->stop || (info->collected == 0 && info->uncollectable == 0));
    self->generation = info->generation;
    self->collected = info->collected;
    if (self->remove) {
        self->remove = false;
        CHECK(lair_gc_remove_callback(heap, hear, self) == LAIR_OK);
        CHECK(lair_gc_remove_callback(heap, hear, self) == LAIR_ERR_INVALID);
    }
    if (self->add) {
        self->add = false;
        for (int i = 0; i < 20; i++)
            CHECK(lair_gc_add_callback(heap, hear, &heard[3]) == LAIR_OK);
    }
    if (self->collect) {
        size_t found = 7;
        CHECK(lair_gc_collect(heap, 2, &found) == LAIR_OK && found == 0);
    }
    if (self->make)
        for (int i = 0; i < 2000; i++)
            lair_decref(lair_list_new(heap));
}

static void test_callbacks(lair_heap *heap)
{
    CHECK(lair_gc_remove_callback(heap, hear, NULL) == LAIR_ERR_INVALID);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    memset(heard, 0, sizeof heard);
    for (size_t i = 0; i < 3; i++)
        CHECK(lair_gc_add_callback(heap, hear, &heard[i]) == LAIR_OK);
    knot_drop(heap, NULL);
    CHECK(collect(heap, 1) == 1);
    for (size_t i = 0; i < 3; i++) {
        CHECK(heard[i].starts == 1 && heard[i].stops == 1);
        CHECK(heard[i].generation == 1 && heard[i].collected == 1);
    }
    /* One that goes while it is called leaves none out; those that come wait for the next time. */
    heard[0].remove = heard[1].add = heard[2].collect = heard[2].make = true;
    CHECK(collect(heap, 2) == 0);
    CHECK(heard[0].starts == 2 && heard[0].stops == 1);
    CHECK(heard[1].starts == 2 && heard[1].stops == 2);
    CHECK(heard[2].starts == 2 && heard[2].stops == 2);
    CHECK(heard[3].starts == 0 && heard[3].stops == 20);
    for (int i = 0; i < 20; i++)
        CHECK(lair_gc_remove_callback(heap, hear, &heard[3]) == LAIR_OK);
    heard[1].remove = heard[2].remove = true;
    CHECK(collect(heap, 0) == 0);
    CHECK(heard[1].starts == 3 && heard[1].stops == 2 && heard[2].starts == 3);
    CHECK(collect(heap, 0) == 0 && heard[2].starts == 3);
    CHECK(lair_gc_remove_callback(heap, hear, &heard[1]) == LAIR_ERR_INVALID);
}

/* -- events ---------------------------------------------------------------------------------- */

static struct {
    const char *passes[16];
    uint64_t counts[16];
    size_t count;
} told;

static void listen(lair_heap *heap, const lair_gc_event *event, void *arg)
{
    CHECK(arg == &told && heap != NULL && event->counted != NULL);
    REQUIRE(told.count < 16);
    told.passes[told.count] = event->pass;
    told.counts[told.count++] = event->count;
}

static void expect_events(const char *const *passes, size_t count)
{
    if (!CHECK(told.count == count))
        return;
    for (size_t i = 0; i < count; i++)
        CHECK(strcmp(told.passes[i], passes[i]) == 0);
}

static void test_events(lair_heap *heap)
{
    static const char *const plain[] = {"start", "candidates", "suspects", "trial",
                                        "order", "reclaim",    "stop"};
    static const char *const rooted[] = {"start", "candidates", "mark",    "suspects",
                                         "trial", "order",      "reclaim", "stop"};
    (void)collect(heap, 2);
    lair_gc_set_listener(heap, listen, &told);
    lair_object *root = lair_list_new(heap);
    knot_drop(heap, NULL);
    told.count = 0;
    CHECK(collect(heap, 0) == 1);
    expect_events(plain, 7);
    CHECK(told.counts[0] == 0 && told.counts[1] == 2 && told.counts[3] == 1 &&
          told.counts[5] == 1 && told.counts[6] == 1);
    CHECK(lair_gc_add_root(heap, &root) == LAIR_OK);
    told.count = 0;
    CHECK(collect(heap, 1) == 0);
    expect_events(plain, 7);
    told.count = 0;
    CHECK(collect(heap, 2) == 0);
    expect_events(rooted, 8);
    CHECK(told.counts[2] == 1);
    lair_gc_set_listener(heap, NULL, NULL);
    told.count = 0;
    CHECK(collect(heap, 2) == 0 && told.count == 0);
    CHECK(lair_gc_remove_root(heap, &root) == LAIR_OK);
    lair_decref(root);
}

/* -- flags ----------------------------------------------------------------------------------- */

static int say(void *arg)
{
    (void)arg;
    lair_heap *heap = lair_heap_open(NULL);
    knot_drop(heap, NULL);
    lair_gc_set_flags(heap, LAIR_GC_STATS | LAIR_GC_COLLECTABLE);
    (void)collect(heap, 2);
    lair_gc_set_flags(heap, 0);
    knot_drop(heap, NULL);
    (void)collect(heap, 2);
    lair_heap_close(heap);
    return check_failures() != 0;
}

static void test_save_all(lair_heap *heap)
{
    (void)collect(heap, 2);
    size_t before = tracked(heap);
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 1 << 20);
    CHECK(lair_gc_get_flags(heap) == 0);
    lair_gc_set_flags(heap, LAIR_GC_SAVE_ALL);
    CHECK(lair_gc_get_flags(heap) == LAIR_GC_SAVE_ALL);
    for (int i = 0; i < 3; i++)
        knot_drop(heap, number);
    CHECK(collect(heap, 2) == 3 && lair_refcount(number) == 4);
    lair_object *garbage = lair_gc_garbage(heap);
    CHECK(lair_list_length(garbage) == 3 && tracked(heap) == before + 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(lair_list_length(lair_list_get(garbage, i)) == 2); /* as it was */
    CHECK(collect(heap, 2) == 0);
    lair_gc_set_flags(heap, 0);
    CHECK(lair_list_clear(garbage) == LAIR_OK);
    CHECK(collect(heap, 2) == 3 && tracked(heap) == before && lair_refcount(number) == 1);
}

/* -- wrong arguments ------------------------------------------------------------------------- */

static void test_misuse(lair_heap *heap)
{
    static const int wrong[] = {-1, 3, 1000, -1000};
    for (size_t i = 0; i < 4; i++) {
        size_t found = 7;
        CHECK(lair_gc_collect(heap, wrong[i], &found) == LAIR_ERR_INVALID && found == 7);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(wrong[i] == -1 || lair_gc_objects(heap, wrong[i]) == NULL);
    }
    CHECK(lair_gc_collect(heap, 2, NULL) == LAIR_OK);
    CHECK(lair_gc_collect(NULL, 2, NULL) == LAIR_ERR_INVALID);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_STOCK) == LAIR_ERR_UNSUPPORTED);
    CHECK_FAILED_WITH(LAIR_ERR_UNSUPPORTED);
    CHECK(lair_gc_set_mode(heap, (lair_gctype)99) == LAIR_ERR_UNSUPPORTED);
    CHECK(lair_gc_get_mode(heap) == LAIR_GC_AUTO);
    CHECK(lair_gc_set_thresholds(heap, NULL) == LAIR_ERR_INVALID);
    CHECK(lair_gc_add_root(heap, NULL) == LAIR_ERR_INVALID);
    CHECK(lair_gc_remove_root(heap, NULL) == LAIR_ERR_INVALID);
    CHECK(lair_gc_add_callback(heap, NULL, NULL) == LAIR_ERR_INVALID);
    CHECK(lair_gc_remove_callback(heap, NULL, NULL) == LAIR_ERR_INVALID);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_gc_referrers(NULL) == NULL && lair_gc_referents(NULL) == NULL);
    CHECK(!lair_gc_is_finalized(NULL));
    CHECK(lair_gc_freeze(NULL) == LAIR_ERR_INVALID && lair_gc_unfreeze(NULL) == LAIR_ERR_INVALID);
    CHECK(lair_gc_objects(NULL, 0) == NULL && lair_gc_garbage(NULL) == NULL);
    CHECK(lair_gc_add_root(NULL, &source) == LAIR_ERR_INVALID);
    CHECK(lair_gc_add_callback(NULL, hear, NULL) == LAIR_ERR_INVALID);
    CHECK(lair_gc_set_mode(NULL, LAIR_GC_AUTO) == LAIR_ERR_INVALID);
    lair_gc_set_listener(NULL, NULL, NULL);
    lair_gc_set_flags(NULL, 1);
    lair_gc_enable(NULL);
    CHECK(lair_gc_frozen(NULL) == 0 && lair_gc_get_flags(NULL) == 0);
}

/* A heap without an object. */
static void test_fresh(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    CHECK(collect(heap, 2) == 0 && lair_gc_frozen(heap) == 0 && tracked(heap) == 0);
    LAIR_SCOPED_HEAP lair_heap *manual =
        lair_heap_open(&(lair_heap_options){.gctype = LAIR_GC_MANUAL});
    CHECK(lair_gc_get_mode(manual) == LAIR_GC_MANUAL && lair_gc_is_enabled(manual));
    set_thresholds(manual, 1, 1, 1);
    CHECK(runs_while(manual, make_list, 50) == 0);
    LAIR_SCOPED_HEAP lair_heap *closing = lair_heap_open(NULL);
    CHECK(lair_gc_freeze(closing) == LAIR_OK && lair_gc_unfreeze(closing) == LAIR_OK);
}

int main(void)
{
    collect_on_every_heap(test_defaults);
    collect_on_every_heap(test_trigger);
    collect_on_every_heap(test_counts);
    collect_on_every_heap(test_older);
    collect_on_every_heap(test_promotion);
    collect_on_every_heap(test_stats);
    collect_on_every_heap(test_callbacks);
    collect_on_every_heap(test_events);
    collect_on_every_heap(test_save_all);
    collect_on_every_heap(test_misuse);
    test_fresh();
    child_result said = child_run(say, NULL);
    CHECK_CHILD_PASSED(said);
    CHECK(strstr(said.output, "lair: gc: collecting generation 2 of 1 objects\n") != NULL);
    CHECK(strstr(said.output, "lair: gc: collectable list at 0x") != NULL);
    CHECK(strstr(said.output, "lair: gc: done, 1 collected, 0 resurrected, 0 uncollectable, ") !=
          NULL);
    CHECK(strstr(said.output, "lair: gc: collecting") ==
          strstr(said.output, "lair: gc: collecting generation 2 of 1"));
    return check_finish("when the collector runs and what it says");
}

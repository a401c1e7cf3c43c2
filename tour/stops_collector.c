/* stops_collector.c: cycles, generations, what starts a collection, and how garbage is told from
 * what lives.
 */
#include <stdio.h>
#include <string.h>

#include "stops.h"

/* -- cycles ------------------------------------------------------------------------------------ */

/* Two lists that hold each other, and a weak reference to one of them, which is all the caller
 * gets. NULL: the stop has failed. */
static lair_object *dropped_cycle(tour_run *run, lair_heap *heap)
{
    LAIR_SCOPED lair_object *a = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *b = tour_object(run, lair_list_new(heap));
    if (a == NULL || b == NULL || !tour_ok(run, lair_list_append(a, b)) ||
        !tour_ok(run, lair_list_append(b, a))) {
        return NULL;
    }
    return tour_object(run, lair_weakref_new(a, NULL, NULL));
}

static const char *there_or_gone(const lair_object *weakref)
{
    return lair_weakref_is_alive(weakref) ? "there" : "gone";
}

static size_t collect(tour_run *run, lair_heap *heap, int generation)
{
    size_t found = 0;
    (void)tour_ok(run, lair_gc_collect(heap, generation, &found));
    return found;
}

/* The generation an object is in: 0, 1, 2, or -1. */
static int generation_of(tour_run *run, const lair_object *object)
{
    int found = -1;
    for (int generation = 0; generation < LAIR_GC_GENERATIONS; generation++) {
        LAIR_SCOPED lair_object *all =
            tour_object(run, lair_gc_objects(lair_heap_of(object), generation));
        for (size_t i = 0; all != NULL && i < lair_list_length(all); i++) {
            found = lair_list_get(all, i) == object ? generation : found;
        }
    }
    return found;
}

void stop_cycle_defeats_counts(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *ghost = dropped_cycle(run, heap);
    if (ghost == NULL) {
        return;
    }
    bool before = lair_weakref_is_alive(ghost);
    tour_show(run, "two lists that hold each other, and nobody holds them: %s",
              there_or_gone(ghost));
    size_t found = collect(run, heap, 2);
    tour_show(run, "a collection finds %zu objects; then they are %s", found, there_or_gone(ghost));
    (void)tour_expect(run, before, "the cycle went without a collection");
    (void)tour_expect(run, found == 2 && !lair_weakref_is_alive(ghost),
                      "the cycle outlived the collection");
}

void stop_cycle_of_dicts(tour_run *run)
{
    enum { CALLS = 100 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL) {
        return;
    }
    lair_gc_disable(heap);
    for (int i = 0; i < CALLS; i++) {
        LAIR_SCOPED lair_object *x = tour_object(run, lair_dict_new(heap));
        LAIR_SCOPED lair_object *y = tour_object(run, lair_dict_new(heap));
        if (x == NULL || y == NULL || !tour_ok(run, lair_dict_set_str(x, "y", y)) ||
            !tour_ok(run, lair_dict_set_str(y, "x", x))) {
            return;
        }
    }
    size_t live = tour_live(heap);
    size_t found = collect(run, heap, 2);
    tour_show(run, "%d calls left %zu unreachable dicts; collecting them freed %s", (int)CALLS,
              found, tour_bytes(live - tour_live(heap)).text);
    (void)tour_expect(run, found == 2 * CALLS, "the dicts went by themselves");
}

/* -- alive or not ------------------------------------------------------------------------------ */

void stop_counted_is_kept(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *held = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *watch = tour_object(run, lair_weakref_new(held, NULL, NULL));
    if (watch == NULL) {
        return;
    }
    uint32_t count = lair_refcount(held);
    size_t found = collect(run, heap, 2);
    tour_show(run, "a list with a count of %u: a collection finds %zu objects, the list is %s",
              count, found, there_or_gone(watch));
    (void)tour_expect(run, lair_weakref_is_alive(watch) && found == 0,
                      "an object in use was collected");
}

void stop_unreachable_is_cleared(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *ghost = dropped_cycle(run, heap);
    LAIR_SCOPED lair_object *kept = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *reached = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *watch = tour_object(run, lair_weakref_new(reached, NULL, NULL));
    if (ghost == NULL || watch == NULL || !tour_ok(run, lair_list_append(kept, reached)) ||
        !tour_ok(run, lair_list_append(reached, kept))) {
        return;
    }
    lair_clear_ref(&reached);
    size_t live = tour_live(heap);
    size_t found = collect(run, heap, 2);
    tour_show(run, "reachable from a variable: %s; unreachable: %s; %zu objects and %s went",
              there_or_gone(watch), there_or_gone(ghost), found,
              tour_bytes(live - tour_live(heap)).text);
    (void)tour_expect(run, lair_weakref_is_alive(watch), "a reachable object was cleared");
    (void)tour_expect(run, !lair_weakref_is_alive(ghost), "an unreachable object was kept");
    (void)lair_list_clear(kept);
}

void stop_survivors_stay(tour_run *run)
{
    enum { SURVIVORS = 1000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *kept = tour_object(run, lair_list_new(heap));
    uintptr_t before[SURVIVORS];
    for (size_t i = 0; i < SURVIVORS; i++) {
        if (!tour_ok(run, lair_list_append_new(kept, lair_list_new(heap)))) {
            return;
        }
        before[i] = lair_id(lair_list_get(kept, i));
    }
    (void)collect(run, heap, 2);
    size_t moved = 0;
    for (size_t i = 0; i < SURVIVORS; i++) {
        moved += lair_id(lair_list_get(kept, i)) != before[i];
    }
    tour_show(run, "of %d survivors %zu changed their address", (int)SURVIVORS, moved);
    (void)tour_expect(run, moved == 0, "the collector moved objects");
    tour_differs(run, "survivors stay where they are: C programs hold their addresses; empty "
                      "pools and pages go back instead");
}

/* -- how it is told ---------------------------------------------------------------------------- */

struct heard {
    uint64_t reached, suspects, garbage;
};

static void hear(lair_heap *heap, const lair_gc_event *event, void *arg)
{
    (void)heap;
    struct heard *heard = arg;
    if (strcmp(event->pass, "mark") == 0) {
        heard->reached = event->count;
    } else if (strcmp(event->pass, "suspects") == 0) {
        heard->suspects = event->count;
    } else if (strcmp(event->pass, "trial") == 0) {
        heard->garbage = event->count;
    }
}

void stop_root_set(tour_run *run)
{
    enum { REACHED = 100 };
    struct heard without = {0}, with = {0};
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *ghost = dropped_cycle(run, heap);
    LAIR_SCOPED lair_object *global = tour_object(run, lair_list_new(heap));
    for (size_t i = 0; i < REACHED; i++) {
        if (!tour_ok(run, lair_list_append_new(global, lair_list_new(heap)))) {
            return;
        }
    }
    lair_gc_set_listener(heap, hear, &without);
    (void)collect(run, heap, 2);
    LAIR_SCOPED lair_object *second = dropped_cycle(run, heap);
    if (ghost == NULL || second == NULL || !tour_ok(run, lair_gc_add_root(heap, &global))) {
        return;
    }
    lair_gc_set_listener(heap, hear, &with);
    (void)collect(run, heap, 2);
    tour_show(run, "without roots: %llu objects are suspects, %llu of them garbage",
              (unsigned long long)without.suspects, (unsigned long long)without.garbage);
    tour_show(run, "a variable named as a root reaches %llu; %llu are suspects, %llu garbage",
              (unsigned long long)with.reached, (unsigned long long)with.suspects,
              (unsigned long long)with.garbage);
    (void)tour_expect(run, without.garbage == 2 && with.garbage == 2,
                      "roots changed what is garbage");
    (void)tour_expect(run, with.reached == REACHED + 1 && with.suspects == 2,
                      "marking from the root did not reach all");
    (void)tour_ok(run, lair_gc_remove_root(heap, &global));
    tour_differs(run, "a program names roots if it likes: they make a collection faster; counts "
                      "alone tell what is garbage");
}

void stop_collection_keeps_counts(tour_run *run)
{
    enum { OBJECTS = 100 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *all = tour_object(run, lair_list_new(heap));
    uint32_t before = 0, after = 0;
    for (size_t i = 0; i < OBJECTS; i++) {
        if (!tour_ok(run, lair_list_append_new(all, lair_list_new(heap))) ||
            !tour_ok(run, lair_list_append(lair_list_get(all, i), lair_list_get(all, 0)))) {
            return;
        }
    }
    for (size_t i = 0; i < OBJECTS; i++) {
        before += lair_refcount(lair_list_get(all, i));
    }
    (void)collect(run, heap, 2);
    for (size_t i = 0; i < OBJECTS; i++) {
        after += lair_refcount(lair_list_get(all, i));
    }
    tour_show(run, "counts of %d objects before and after a collection: %u and %u in all",
              (int)OBJECTS, before, after);
    (void)tour_expect(run, before == after, "a collection changed counts");
    (void)lair_list_clear(lair_list_get(all, 0));
}

/* Three objects: one that a variable holds and that holds the second, and a third that only holds
 * itself. */
void stop_copies_find_roots(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    struct heard heard = {0};
    LAIR_SCOPED lair_object *first = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *second = tour_object(run, lair_list_new(heap));
    lair_object *third = tour_object(run, lair_list_new(heap));
    if (first == NULL || second == NULL || third == NULL ||
        !tour_ok(run, lair_list_append(first, second)) ||
        !tour_ok(run, lair_list_append(third, third))) {
        return;
    }
    lair_object *only_inside = second;
    lair_clear_ref(&second);
    tour_show(run, "counts: %u held by a variable, %u held by that one, %u in a cycle of its own",
              lair_refcount(first), lair_refcount(only_inside), lair_refcount(third) - 1);
    lair_decref(third);
    lair_gc_set_listener(heap, hear, &heard);
    size_t found = collect(run, heap, 2);
    tour_show(run,
              "less the references among the three: 1, 0, 0; the first is a root object, the "
              "second is reached from it, and of %llu suspects %zu is garbage",
              (unsigned long long)heard.suspects, found);
    (void)tour_expect(run, heard.suspects == 3 && found == 1, "the copies misled the collector");
    (void)tour_expect(run, lair_refcount(only_inside) == 1, "what is reached was collected");
}

/* -- generations ------------------------------------------------------------------------------- */

void stop_generations_promote(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *kept = tour_object(run, lair_list_new(heap));
    if (kept == NULL) {
        return;
    }
    int path[3];
    path[0] = generation_of(run, kept);
    (void)collect(run, heap, 0);
    path[1] = generation_of(run, kept);
    (void)collect(run, heap, 1);
    path[2] = generation_of(run, kept);
    tour_show(run,
              "the generation of an object when new, after one collection, after two: "
              "%d, %d, %d",
              path[0], path[1], path[2]);
    (void)tour_expect(run, path[0] == 0 && path[1] == 1 && path[2] == 2,
                      "it did not grow older step by step");
}

void stop_generations_three(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL) {
        return;
    }
    size_t thresholds[LAIR_GC_GENERATIONS], counts[LAIR_GC_GENERATIONS];
    lair_gc_get_thresholds(heap, thresholds);
    lair_gc_get_counts(heap, counts);
    tour_show(run, "thresholds %zu, %zu, %zu; counts %zu, %zu, %zu", thresholds[0], thresholds[1],
              thresholds[2], counts[0], counts[1], counts[2]);
    (void)tour_expect(run, LAIR_GC_GENERATIONS == 3, "there are not three generations");
    tour_differs(run, "there are three generations, and they are sets of objects, not spaces of "
                      "memory");
}

void stop_old_garbage_waits(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_object *old = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *watch = tour_object(run, lair_weakref_new(old, NULL, NULL));
    if (watch == NULL || !tour_ok(run, lair_list_append(old, old))) {
        return;
    }
    (void)collect(run, heap, 2);
    lair_decref(old);
    (void)collect(run, heap, 0);
    (void)collect(run, heap, 1);
    bool waited = lair_weakref_is_alive(watch);
    (void)collect(run, heap, 2);
    tour_show(run, "old garbage after collections of the young: %s; after one of all: %s",
              waited ? "there" : "gone", there_or_gone(watch));
    (void)tour_expect(run, waited && !lair_weakref_is_alive(watch),
                      "garbage was not found when it was due");
}

void stop_default_thresholds(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    size_t thresholds[LAIR_GC_GENERATIONS] = {0};
    if (heap != NULL) {
        lair_gc_get_thresholds(heap, thresholds);
    }
    tour_show(run, "thresholds at first: %zu, %zu, %zu", thresholds[0], thresholds[1],
              thresholds[2]);
    (void)tour_expect(run, thresholds[0] == 700 && thresholds[1] == 10 && thresholds[2] == 10,
                      "they are others");
}

static size_t births(tour_run *run, lair_heap *heap, size_t count, lair_object *kept)
{
    for (size_t i = 0; i < count; i++) {
        LAIR_SCOPED lair_object *born = tour_object(run, lair_list_new(heap));
        if (born == NULL || !tour_ok(run, lair_list_append(born, born)) ||
            (i % 50 == 0 && !tour_ok(run, lair_list_append(kept, born)))) {
            return 0;
        }
    }
    lair_gc_stats stats[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, stats);
    return (size_t)stats[0].collected;
}

void stop_most_die_young(tour_run *run)
{
    enum { BIRTHS = 20000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *kept = tour_object(run, lair_list_new(heap));
    if (kept == NULL) {
        return;
    }
    size_t died = births(run, heap, BIRTHS, kept);
    tour_show(run,
              "of %d objects in cycles, one in fifty kept, %zu died in collections of the "
              "youngest generation alone",
              (int)BIRTHS, died);
    (void)tour_expect(run, died > BIRTHS * 8 / 10, "young collections found little");
}

/* -- what starts a collection ------------------------------------------------------------------ */

void stop_gc_parameters(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    size_t now[LAIR_GC_GENERATIONS];
    if (heap == NULL || !tour_ok(run, lair_gc_set_thresholds(heap, (const size_t[]){500, 5, 5}))) {
        return;
    }
    lair_gc_get_thresholds(heap, now);
    bool first = lair_gc_is_enabled(heap);
    lair_gc_disable(heap);
    bool disabled = lair_gc_is_enabled(heap);
    lair_gc_enable(heap);
    tour_show(run,
              "thresholds set to %zu, %zu, %zu; enabled at first, after disable, after "
              "enable: %d, %d, %d",
              now[0], now[1], now[2], first, disabled, lair_gc_is_enabled(heap));
    (void)tour_expect(run, now[0] == 500 && now[1] == 5 && now[2] == 5,
                      "the thresholds were not set");
    (void)tour_expect(run, first && !disabled && lair_gc_is_enabled(heap),
                      "switching had no effect");
}

void stop_gc_collect_and_stats(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *ghost = dropped_cycle(run, heap);
    if (ghost == NULL) {
        return;
    }
    size_t found = collect(run, heap, 2);
    lair_gc_stats stats[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, stats);
    tour_show(run, "lair_gc_collect found %zu; of everything %llu collection, %llu collected",
              found, (unsigned long long)stats[2].collections,
              (unsigned long long)stats[2].collected);
    (void)tour_expect(run, found == 2 && stats[2].collections == 1 && stats[2].collected == 2,
                      "the statistics did not count it");
}

static void count_start(lair_heap *heap, const lair_gc_info *info, void *count)
{
    (void)heap;
    *(size_t *)count += !info->stop;
}

void stop_threshold_triggers(tour_run *run)
{
    enum { OBJECTS = 1000 };
    size_t started = 0;
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *kept = tour_object(run, lair_list_new(heap));
    if (kept == NULL || !tour_ok(run, lair_gc_add_callback(heap, count_start, &started)) ||
        !tour_ok(run, lair_gc_set_thresholds(heap, (const size_t[]){100, 10, 10}))) {
        return;
    }
    for (size_t i = 0; i < OBJECTS; i++) {
        if (!tour_ok(run, lair_list_append_new(kept, lair_list_new(heap)))) {
            return;
        }
    }
    tour_show(run, "%d new objects at a threshold of 100: %zu collections started by themselves",
              (int)OBJECTS, started);
    (void)tour_expect(run, started >= 5, "the threshold started nothing");
    (void)tour_ok(run, lair_gc_remove_callback(heap, count_start, &started));
}

/* -- finalizers -------------------------------------------------------------------------------- */

struct finalized {
    lair_object object;
    lair_object *other;
};

static size_t finalizers_run;

static int finalized_traverse(lair_object *self, lair_visit visit, void *arg)
{
    lair_object *other = ((struct finalized *)(void *)self)->other;
    return other != NULL ? visit(other, arg) : 0;
}

static void finalized_clear(lair_object *self)
{
    lair_clear_ref(&((struct finalized *)(void *)self)->other);
}

static void finalized_finalize(lair_object *self)
{
    (void)self;
    finalizers_run++;
}

static const lair_type_spec finalized_spec = {
    .name = "finalized",
    .size = sizeof(struct finalized),
    .flags = LAIR_TYPE_CONTAINER,
    .traverse = finalized_traverse,
    .clear = finalized_clear,
    .finalize = finalized_finalize,
};

/* Two instances that hold each other and that nobody holds. */
static bool finalized_cycle(tour_run *run, lair_heap *heap)
{
    lair_type *type = tour_type(run, lair_type_new(heap, &finalized_spec));
    LAIR_SCOPED lair_object *a = type != NULL ? tour_object(run, lair_new(type)) : NULL;
    LAIR_SCOPED lair_object *b = type != NULL ? tour_object(run, lair_new(type)) : NULL;
    if (a == NULL || b == NULL) {
        return false;
    }
    lair_set_ref(&((struct finalized *)(void *)a)->other, b);
    lair_set_ref(&((struct finalized *)(void *)b)->other, a);
    finalizers_run = 0;
    return true;
}

void stop_finalizers_in_cycles(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL || !finalized_cycle(run, heap)) {
        return;
    }
    size_t before = finalizers_run;
    size_t found = collect(run, heap, 2) + collect(run, heap, 2);
    size_t given_up = lair_list_length(lair_gc_garbage(heap));
    tour_show(run,
              "finalizers run before a collection: %zu; after two: %zu; found %zu, given up %zu",
              before, finalizers_run, found, given_up);
    (void)tour_expect(run, before == 0 && finalizers_run == 2, "not each was finalized once");
    (void)tour_expect(run, found == 2 && given_up == 0, "the collector gave up on them");
    tour_differs(run, "such cycles are collected, each finalizer runs once, as in Python since 3.4 "
                      "(PEP 442)");
}

void stop_exit_triggers(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL || !finalized_cycle(run, heap)) {
        lair_heap_close(heap);
        return;
    }
    size_t before = finalizers_run;
    lair_heap_close(heap);
    tour_show(run,
              "finalizers of an unreachable cycle run before the heap closes: %zu; by its end: "
              "%zu",
              before, finalizers_run);
    (void)tour_expect(run, before == 0 && finalizers_run == 2, "the end collected nothing");
}

/* collecting.h: what tests of the collector ask of it over and over. */
#ifndef LAIR_TESTS_OBJECT_COLLECTING_H
#define LAIR_TESTS_OBJECT_COLLECTING_H

#include "ground.h"

/* Collects: how many objects were found to be garbage. */
static inline size_t collect(lair_heap *heap, int generation)
{
    size_t found = SIZE_MAX;
    CHECK(lair_gc_collect(heap, generation, &found) == LAIR_OK);
    return found;
}

/* Tracked objects of a generation; -1: of all. */
static inline size_t tracked_in(lair_heap *heap, int generation)
{
    LAIR_SCOPED lair_object *objects = lair_gc_objects(heap, generation);
    REQUIRE(objects != NULL);
    return lair_list_length(objects);
}

static inline size_t tracked(lair_heap *heap)
{
    return tracked_in(heap, -1);
}

/* A list that holds itself and, unless NULL, object, of which it takes a reference. */
static inline lair_object *knot_new(lair_heap *heap, lair_object *object)
{
    lair_object *knot = lair_list_new(heap);
    REQUIRE(knot != NULL);
    CHECK(lair_list_append(knot, knot) == LAIR_OK);
    if (object != NULL)
        CHECK(lair_list_append(knot, object) == LAIR_OK);
    return knot;
}

/* ... and is garbage at once. */
static inline void knot_drop(lair_heap *heap, lair_object *object)
{
    lair_decref(knot_new(heap, object));
}

static inline void set_thresholds(lair_heap *heap, size_t young, size_t middle, size_t old)
{
    const size_t thresholds[LAIR_GC_GENERATIONS] = {young, middle, old};
    CHECK(lair_gc_set_thresholds(heap, thresholds) == LAIR_OK);
}

static inline void settling_callback(lair_heap *heap, const lair_gc_info *info, void *arg)
{
    (void)heap, (void)info, (void)arg;
}

/* Has the collector make what it keeps for good, so that books can be compared. */
static inline void settle_collector(lair_heap *heap)
{
    lair_object *none = NULL;
    REQUIRE(lair_gc_garbage(heap) != NULL);
    REQUIRE(lair_gc_add_root(heap, &none) == LAIR_OK);
    REQUIRE(lair_gc_remove_root(heap, &none) == LAIR_OK);
    REQUIRE(lair_gc_add_callback(heap, settling_callback, NULL) == LAIR_OK);
    REQUIRE(lair_gc_remove_callback(heap, settling_callback, NULL) == LAIR_OK);
}

/* Runs test on a heap of each kind, after that. */
static inline void collect_on_every_heap(ground_test test)
{
    for (size_t i = 0; i < variant_count; i++)
        on_heap(&variants[i], settle_collector, test);
}

#endif /* LAIR_TESTS_OBJECT_COLLECTING_H */

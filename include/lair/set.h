/* lair/set.h: set and frozenset, in the order of insertion, and counter.
 *
 * Compact as dict is (lair/dict.h), with 8 bytes for each member (16 when they are not all strs and
 * ints) and, beyond 16 members, an index of 2 to 15 bytes for each. A frozenset is hashable, the
 * empty one exists once in a heap.
 */
#ifndef LAIR_SET_H
#define LAIR_SET_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

LAIR_API lair_object *lair_set_new(lair_heap *heap);
LAIR_API lair_object *lair_set_from(lair_object *iterable);
LAIR_API lair_object *lair_frozenset_from(lair_object *iterable);

/* STEALING each member; any NULL hands the pending error on. */
LAIR_API lair_object *lair_set_steal(lair_heap *heap, lair_object **members, size_t count);
#define LAIR_SET(heap, ...)                                                                        \
    lair_set_steal((heap), (lair_object *[]){__VA_ARGS__},                                         \
                   sizeof((lair_object *[]){__VA_ARGS__}) / sizeof(lair_object *))

/* Of a set or a frozenset. SIZE_MAX: neither (error set). */
LAIR_API size_t lair_set_length(const lair_object *set);

LAIR_API lair_status lair_set_add(lair_object *set, lair_object *member);
LAIR_API lair_status lair_set_add_new(lair_object *set, lair_object *member);
/* was_there may be NULL. */
LAIR_API lair_status lair_set_discard(lair_object *set, lair_object *member, bool *was_there);
LAIR_API lair_object *lair_set_pop(lair_object *set); /* the newest; LAIR_ERR_KEY when empty */
LAIR_API lair_status lair_set_clear(lair_object *set);

/* Adds every item (of mappings: every key), all of them or, failing, those up to the failure. */
LAIR_API lair_status lair_set_update(lair_object *set, lair_object *iterable);

/* Room for count members in all without growing; and gives back room not used. */
LAIR_API lair_status lair_set_reserve(lair_object *set, size_t count);
LAIR_API lair_status lair_set_shrink(lair_object *set);

/* Of a set or a frozenset. */
LAIR_API lair_status lair_set_contains(lair_object *set, lair_object *member, bool *found);

/* New sets, of the type of a; a and b may be sets and frozensets. Members in the order of a, then
 * of b; of an intersection in the order of the smaller one, whose members they are. */
LAIR_API lair_object *lair_set_union(lair_object *a, lair_object *b);
LAIR_API lair_object *lair_set_intersection(lair_object *a, lair_object *b);
LAIR_API lair_object *lair_set_difference(lair_object *a, lair_object *b);
LAIR_API lair_object *lair_set_symmetric_difference(lair_object *a, lair_object *b);
LAIR_API lair_status lair_set_is_subset(lair_object *a, lair_object *b, bool *subset);

/* -- counter: how often things occur ---------------------------------------------------------
 *
 * Iterates as a dict does: items are keys, counts are ints. */

LAIR_API lair_object *lair_counter_new(lair_heap *heap);

/* Adds times (which may be negative) to the count of item. LAIR_ERR_OVERFLOW changes nothing. */
LAIR_API lair_status lair_counter_add(lair_object *counter, lair_object *item, int64_t times);

/* Counts every item (of mappings: every key) once, and adds the counts of another counter; all of
 * them or, failing, those up to the failure. */
LAIR_API lair_status lair_counter_count_all(lair_object *counter, lair_object *iterable);

/* *times is 0 when item was never counted. */
LAIR_API lair_status lair_counter_get(lair_object *counter, lair_object *item, int64_t *times);

/* The sum of all counts. LAIR_ERR_OVERFLOW. */
LAIR_API lair_status lair_counter_total(lair_object *counter, int64_t *total);

/* Forgets an item, or all; a count of 0 does not do so by itself. was_there may be NULL. */
LAIR_API lair_status lair_counter_discard(lair_object *counter, lair_object *item, bool *was_there);
LAIR_API lair_status lair_counter_clear(lair_object *counter);

/* A list of (item, count) tuples, highest counts first, at most count of them (SIZE_MAX: all);
 * equal counts in the order of insertion. */
LAIR_API lair_object *lair_counter_most_common(lair_object *counter, size_t count);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_SET_H */

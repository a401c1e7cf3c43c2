/* lair/tuple.h: fixed sequences. The empty tuple exists once in a heap; short ones are reused.
 */
#ifndef LAIR_TUPLE_H
#define LAIR_TUPLE_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The items of an array, each of which the tuple refers to; count may be 0. */
LAIR_API lair_object *lair_tuple_new(lair_heap *heap, lair_object *const *items, size_t count);

/* As above, STEALING each item; any NULL among them hands the pending error on (and the rest is
 * dropped). For nested construction: LAIR_TUPLE(heap, lair_int_new(heap, 1), lair_none(heap)). */
LAIR_API lair_object *lair_tuple_steal(lair_heap *heap, lair_object **items, size_t count);
#define LAIR_TUPLE(heap, ...)                                                                      \
    lair_tuple_steal((heap), (lair_object *[]){__VA_ARGS__},                                       \
                     sizeof((lair_object *[]){__VA_ARGS__}) / sizeof(lair_object *))

/* The items of a list, or of whatever can be iterated. */
LAIR_API lair_object *lair_tuple_from(lair_object *iterable);

/* BORROWED. LAIR_ERR_INDEX, LAIR_ERR_TYPE. */
LAIR_API lair_object *lair_tuple_get(const lair_object *tuple, size_t index);
LAIR_API size_t lair_tuple_length(const lair_object *tuple); /* SIZE_MAX: no tuple (error set) */

/* Items from start up to end (SIZE_MAX: the end), as a new tuple. */
LAIR_API lair_object *lair_tuple_slice(lair_object *tuple, size_t start, size_t end);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_TUPLE_H */

/* lair/list.h: growing sequences. Room grows by an eighth, so appending is amortised constant time.
 */
#ifndef LAIR_LIST_H
#define LAIR_LIST_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

LAIR_API lair_object *lair_list_new(lair_heap *heap);

/* A list of the items, STEALING each; any NULL among them hands the pending error on (and the rest
 * is dropped). LAIR_LIST(heap, lair_int_new(heap, 1), lair_str_new(heap, "two")). */
LAIR_API lair_object *lair_list_steal(lair_heap *heap, lair_object **items, size_t count);
#define LAIR_LIST(heap, ...)                                                                       \
    lair_list_steal((heap), (lair_object *[]){__VA_ARGS__},                                        \
                    sizeof((lair_object *[]){__VA_ARGS__}) / sizeof(lair_object *))

/* The items of whatever can be iterated. */
LAIR_API lair_object *lair_list_from(lair_object *iterable);

LAIR_API size_t lair_list_length(const lair_object *list); /* SIZE_MAX: no list (error set) */

/* BORROWED: valid until the list changes there. LAIR_ERR_INDEX, LAIR_ERR_TYPE. */
LAIR_API lair_object *lair_list_get(const lair_object *list, size_t index);

LAIR_API lair_status lair_list_set(lair_object *list, size_t index, lair_object *item);
LAIR_API lair_status lair_list_set_new(lair_object *list, size_t index, lair_object *item);
LAIR_API lair_status lair_list_append(lair_object *list, lair_object *item);
LAIR_API lair_status lair_list_append_new(lair_object *list, lair_object *item);

/* Before position index (the length: at the end). */
LAIR_API lair_status lair_list_insert(lair_object *list, size_t index, lair_object *item);

/* Takes an item out: a new reference. SIZE_MAX: the last one. LAIR_ERR_INDEX. */
LAIR_API lair_object *lair_list_pop(lair_object *list, size_t index);

/* Removes the items from start up to end (SIZE_MAX: the end). */
LAIR_API lair_status lair_list_remove(lair_object *list, size_t start, size_t end);
LAIR_API lair_status lair_list_clear(lair_object *list);

/* Appends the items of whatever can be iterated; all of them or, failing, none. */
LAIR_API lair_status lair_list_extend(lair_object *list, lair_object *iterable);

LAIR_API lair_object *lair_list_slice(lair_object *list, size_t start, size_t end);
LAIR_API lair_status lair_list_reverse(lair_object *list);

/* Sorts by lair_compare, stable. While it runs the list is empty to everybody; a comparison that
 * fails leaves the items in some order, none lost. */
LAIR_API lair_status lair_list_sort(lair_object *list);

/* Makes room for capacity items in all, and gives back room not used. */
LAIR_API lair_status lair_list_reserve(lair_object *list, size_t capacity);
LAIR_API lair_status lair_list_shrink(lair_object *list);
LAIR_API size_t lair_list_capacity(const lair_object *list);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_LIST_H */

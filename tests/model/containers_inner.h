/* containers_inner.h: what the operations on containers (containers.h) have in common. */
#ifndef LAIR_TESTS_CONTAINERS_INNER_H
#define LAIR_TESTS_CONTAINERS_INNER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "containers.h"

enum {
    INTS_END = 6000,
    STRS_END = 8000,
    NODES_END = 8600,
    TUPLES_END = 8900,
};

/* Objects of a class are equal. */
static inline uint32_t class_of(uint32_t position)
{
    return position / 2;
}

static inline int64_t int_of(uint32_t class)
{
    if (class < 1000)
        return (int64_t) class - 5;
    if (class < 2000)
        return (int64_t)(class - 999) << 32;
    return (int64_t) class * 7919 + 100000;
}

/* -- the plain side -------------------------------------------------------------------------- */

/* The row of a key equal to the one at position; the count when there is none. */
static inline size_t row_of(const struct plain_map *map, uint32_t position)
{
    size_t i = 0;
    while (i < map->count && class_of(map->rows[i].key) != class_of(position))
        i++;
    return i;
}

static inline bool has(const struct plain_map *map, uint32_t position)
{
    return row_of(map, position) < map->count;
}

static inline void row_set(struct plain_map *map, uint32_t position, int64_t value)
{
    size_t i = row_of(map, position);
    if (i == map->count) {
        map->count++;
        map->rows[i].key = position;
    }
    map->rows[i].value = value;
}

static inline void row_remove(struct plain_map *map, size_t i)
{
    memmove(&map->rows[i], &map->rows[i + 1], (--map->count - i) * sizeof map->rows[0]);
}

static inline void plain_insert(struct plain_list *list, size_t index, uint32_t position)
{
    memmove(&list->items[index + 1], &list->items[index],
            (list->count++ - index) * sizeof list->items[0]);
    list->items[index] = position;
}

static inline void plain_cut(struct plain_list *list, size_t start, size_t end)
{
    memmove(&list->items[start], &list->items[end], (list->count - end) * sizeof list->items[0]);
    list->count -= end - start;
}

/* -- the ground of an operation -------------------------------------------------------------- */

typedef struct ground {
    containers *all;
    uint64_t a, b;
    uint32_t first, second;   /* positions in the pool ... */
    lair_object *one, *other; /* ... and what is there */
    lair_object *list, *dict, *set, *set_2;
    struct plain_list *plain_list;
    struct plain_map *plain_dict, *plain_set, *plain_set_2;
} ground;

/* Sometimes memory fails during the call that follows. */
static inline void maybe_fail(const ground *on)
{
    if (on->all->may_fail && on->a >> 56 < 64)
        lair_heap_inject_failure(on->all->heap, 1 + (on->b >> 48) % 3, (on->b >> 63) != 0);
}

/* Whether the call got through; else memory failed, and nothing must have changed. */
static inline bool through(const ground *on, bool succeeded)
{
    lair_heap_inject_failure(on->all->heap, 0, false);
    if (!succeeded) {
        CHECK(on->all->may_fail);
        CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
        on->all->failures++;
    }
    return succeeded;
}

/* A number up to count, which is one of them. */
static inline size_t within(uint64_t number, size_t count)
{
    return (size_t)(number % (count + 1));
}

/* -- what must hold -------------------------------------------------------------------------- */

/* Checks that the table of a dict, set or counter is in order; that it holds what the plain one
 * does. */
void check_table(lair_object *object);
void compare_map(containers *all, lair_object *object, const struct plain_map *plain);

/* -- operations ------------------------------------------------------------------------------ */

void on_list_append(ground *on);
void on_list_insert(ground *on);
void on_list_set(ground *on);
void on_list_pop(ground *on);
void on_list_remove(ground *on);
void on_list_extend(ground *on);
void on_list_double(ground *on);
void on_list_reverse(ground *on);
void on_list_contains(ground *on);
void on_list_to_tuple(ground *on);
void on_list_sort(ground *on);
void on_list_shrink(ground *on);
void on_list_clear(ground *on);
void on_dict_set(ground *on);
void on_dict_set_text(ground *on);
void on_dict_get(ground *on);
void on_dict_set_default(ground *on);
void on_dict_delete(ground *on);
void on_dict_pop_item(ground *on);
void on_dict_rotate(ground *on);
void on_dict_set_many(ground *on);
void on_dict_delete_many(ground *on);
void on_dict_update(ground *on);
void on_dict_copy(ground *on);
void on_dict_deep_copy(ground *on);
void on_dict_equal(ground *on);
void on_dict_lists(ground *on);
void on_dict_iterate(ground *on);
void on_dict_room(ground *on);
void on_dict_clear(ground *on);
void on_set_add(ground *on);
void on_set_add_many(ground *on);
void on_set_discard(ground *on);
void on_set_pop(ground *on);
void on_set_update(ground *on);
void on_set_algebra(ground *on);
void on_set_freeze(ground *on);
void on_set_copy(ground *on);
void on_set_room(ground *on);
void on_set_clear(ground *on);
void on_counter_add(ground *on);
void on_counter_get(ground *on);
void on_counter_count_all(ground *on);
void on_counter_discard(ground *on);
void on_counter_most_common(ground *on);
void on_counter_copy(ground *on);

#endif /* LAIR_TESTS_CONTAINERS_INNER_H */

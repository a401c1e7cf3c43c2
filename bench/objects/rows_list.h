/* rows_list.h: a list grows, is read by position, and is walked.
 *
 *     static inline object *list_new(void);
 *     static inline bool list_append(object *list, object *item);    the list takes a reference
 *     static inline object *list_get(object *list, size_t index);    borrowed; checked
 *     static inline uint64_t list_walk(object *list);                the sum of its ints
 *     static object *int_key(int64_t value);
 *     static inline int64_t int_read(object *it);
 */
#ifndef ROWS_LIST_H
#define ROWS_LIST_H

#include "bench.h"

static void list_items(object **items)
{
    for (size_t i = 0; i < BATCH; i++)
        items[i] = need(int_key(FIRST_INT + (int64_t)i));
}

static void list_items_drop(object **items)
{
    for (size_t i = 0; i < BATCH; i++)
        DROP(int, items[i]);
}

static void list_fill(object *list, object **items)
{
    for (size_t i = 0; i < LARGE / BATCH; i++)
        for (size_t j = 0; j < BATCH; j++)
            must(list_append(list, items[j]));
}

/* Appending one by one to an empty list, LARGE items. */
static void list_append_row(work *run)
{
    object *items[BATCH];
    list_items(items);
    size_t turns = (run->operations + LARGE - 1) / LARGE;
    for (size_t turn = 0; turn < turns; turn++) {
        object *list = need(list_new());
        time_begin(run);
        list_fill(list, items);
        time_end(run);
        run->checksum += (uint64_t)int_read(list_get(list, LARGE - 1));
        DROP(list, list);
    }
    list_items_drop(items);
    run->operations = turns * LARGE;
}

/* Each item of a list of LARGE by its position. */
static void list_index_row(work *run)
{
    object *items[BATCH], *list = need(list_new());
    list_items(items);
    list_fill(list, items);
    size_t turns = (run->operations + LARGE - 1) / LARGE;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < LARGE; i++)
            run->checksum += (uint64_t)int_read(need(list_get(list, i)));
    time_end(run);
    DROP(list, list);
    list_items_drop(items);
    run->operations = turns * LARGE;
}

/* The same through the host's iteration. */
static void list_walk_row(work *run)
{
    object *items[BATCH], *list = need(list_new());
    list_items(items);
    list_fill(list, items);
    size_t turns = (run->operations + LARGE - 1) / LARGE;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++)
        run->checksum += list_walk(list);
    time_end(run);
    DROP(list, list);
    list_items_drop(items);
    run->operations = turns * LARGE;
}

#define LIST_ROWS                                                                                  \
    {"list-append", 20 * LARGE, list_append_row}, {"list-index", 50 * LARGE, list_index_row},      \
    {                                                                                              \
        "list-iterate", 30 * LARGE, list_walk_row                                                  \
    }

#endif /* ROWS_LIST_H */

/* rows_table.h: dicts and sets of LARGE and of SMALL entries, with ints and with strs as keys.
 *
 * Ints are dense, as ids are, and inserted in ascending order; strs differ in every character.
 * Keys are made beforehand. What is looked up is equal to a key and another object, in an order
 * that looks random, as are the keys that are deleted.
 *
 *     static object *int_key(int64_t value);
 *     static object *str_key(const char *text);
 *     static inline object *dict_new(bool strs);
 *     static inline bool dict_set(object *dict, object *key, object *value);
 *     static inline object *dict_find(object *dict, object *key);    borrowed; NULL: not there
 *     static inline bool dict_delete(object *dict, object *key);
 *     static inline uint64_t dict_walk(object *dict);                the sum of its int values
 *     static inline object *set_new(bool strs);
 *     static inline bool set_add(object *set, object *member);
 *     static inline bool set_has(object *set, object *member);
 *     static inline int64_t int_read(object *it);
 */
#ifndef ROWS_TABLE_H
#define ROWS_TABLE_H

#include "bench.h"

/* What the operations on a table of count entries need. */
typedef struct table_keys {
    bool strs;
    size_t count;
    object **keys;   /* in the order of insertion */
    object **others; /* equal to the keys, or to none of them, in the order of lookup */
    object **values; /* BATCH ints */
} table_keys;

static object *table_key(bool strs, size_t i)
{
    return need(strs ? str_key(key_text(i)) : int_key(FIRST_INT + (int64_t)i));
}

static void table_key_drop(bool strs, object *key)
{
    if (strs)
        DROP(str, key);
    else
        DROP(int, key);
}

/* present: whether the others are in the table. */
static table_keys table_keys_new(bool strs, size_t count, bool present)
{
    table_keys made = {strs, count, array_new(count, sizeof(object *)),
                       array_new(count, sizeof(object *)), array_new(BATCH, sizeof(object *))};
    for (size_t i = 0; i < count; i++)
        made.keys[i] = table_key(strs, i);
    for (size_t i = 0; i < BATCH; i++)
        made.values[i] = need(int_key(FIRST_INT + (int64_t)i));
    uint32_t *order = shuffled(count);
    for (size_t i = 0; i < count; i++)
        made.others[i] = table_key(strs, present ? order[i] : count + order[i]);
    free(order);
    return made;
}

static void table_keys_drop(table_keys *made)
{
    for (size_t i = 0; i < made->count; i++) {
        table_key_drop(made->strs, made->keys[i]);
        table_key_drop(made->strs, made->others[i]);
    }
    for (size_t i = 0; i < BATCH; i++)
        DROP(int, made->values[i]);
    free(made->keys);
    free(made->others);
    free(made->values);
}

static void dict_fill(object *dict, const table_keys *made)
{
    for (size_t i = 0; i < made->count; i++)
        must(dict_set(dict, made->keys[i], made->values[i % BATCH]));
}

static void set_fill(object *set, const table_keys *made)
{
    for (size_t i = 0; i < made->count; i++)
        must(set_add(set, made->keys[i]));
}

/* -- one operation, over and over -------------------------------------------------------------- */

static void dict_insert(work *run, bool strs, size_t count)
{
    table_keys made = table_keys_new(strs, count, true);
    size_t turns = (run->operations + count - 1) / count;
    for (size_t turn = 0; turn < turns; turn++) {
        object *dict = need(dict_new(strs));
        time_begin(run);
        dict_fill(dict, &made);
        time_end(run);
        run->checksum += (uint64_t)int_read(dict_find(dict, made.keys[turn % count]));
        DROP(dict, dict);
    }
    table_keys_drop(&made);
    run->operations = turns * count;
}

static void dict_lookup(work *run, bool strs, size_t count, bool present)
{
    table_keys made = table_keys_new(strs, count, present);
    size_t turns = (run->operations + count - 1) / count;
    object *dict = need(dict_new(strs));
    dict_fill(dict, &made);
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < count; i++) {
            object *value = dict_find(dict, made.others[i]);
            run->checksum += value != NULL ? (uint64_t)int_read(value) : 1;
        }
    time_end(run);
    DROP(dict, dict);
    table_keys_drop(&made);
    run->operations = turns * count;
}

static void dict_remove(work *run, bool strs, size_t count)
{
    table_keys made = table_keys_new(strs, count, true);
    size_t turns = (run->operations + count - 1) / count;
    for (size_t turn = 0; turn < turns; turn++) {
        object *dict = need(dict_new(strs));
        dict_fill(dict, &made);
        time_begin(run);
        for (size_t i = 0; i < count; i++)
            must(dict_delete(dict, made.others[i]));
        time_end(run);
        run->checksum += dict_find(dict, made.keys[turn % count]) == NULL;
        DROP(dict, dict);
    }
    table_keys_drop(&made);
    run->operations = turns * count;
}

static inline void dict_iterate(work *run, bool strs, size_t count, uint64_t (*walk)(object *dict))
{
    table_keys made = table_keys_new(strs, count, true);
    size_t turns = (run->operations + count - 1) / count;
    object *dict = need(dict_new(strs));
    dict_fill(dict, &made);
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++)
        run->checksum += walk(dict);
    time_end(run);
    DROP(dict, dict);
    table_keys_drop(&made);
    run->operations = turns * count;
}

static void set_insert(work *run, bool strs, size_t count)
{
    table_keys made = table_keys_new(strs, count, true);
    size_t turns = (run->operations + count - 1) / count;
    for (size_t turn = 0; turn < turns; turn++) {
        object *set = need(set_new(strs));
        time_begin(run);
        set_fill(set, &made);
        time_end(run);
        run->checksum += set_has(set, made.others[turn % count]);
        DROP(set, set);
    }
    table_keys_drop(&made);
    run->operations = turns * count;
}

static void set_lookup(work *run, bool strs, size_t count, bool present)
{
    table_keys made = table_keys_new(strs, count, present);
    size_t turns = (run->operations + count - 1) / count;
    object *set = need(set_new(strs));
    set_fill(set, &made);
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < count; i++)
            run->checksum += set_has(set, made.others[i]);
    time_end(run);
    DROP(set, set);
    table_keys_drop(&made);
    run->operations = turns * count;
}

/* -- the rows -------------------------------------------------------------------------------- */

#define TABLE_FUNCTIONS(keys, strs, size, count)                                                   \
    static void dict_insert_##keys##_##size(work *run)                                             \
    {                                                                                              \
        dict_insert(run, strs, count);                                                             \
    }                                                                                              \
    static void dict_hit_##keys##_##size(work *run)                                                \
    {                                                                                              \
        dict_lookup(run, strs, count, true);                                                       \
    }                                                                                              \
    static void dict_miss_##keys##_##size(work *run)                                               \
    {                                                                                              \
        dict_lookup(run, strs, count, false);                                                      \
    }                                                                                              \
    static void dict_delete_##keys##_##size(work *run)                                             \
    {                                                                                              \
        dict_remove(run, strs, count);                                                             \
    }                                                                                              \
    static void set_add_##keys##_##size(work *run)                                                 \
    {                                                                                              \
        set_insert(run, strs, count);                                                              \
    }                                                                                              \
    static void set_contains_##keys##_##size(work *run)                                            \
    {                                                                                              \
        set_lookup(run, strs, count, true);                                                        \
    }
TABLE_FUNCTIONS(int, false, 1e3, SMALL)
TABLE_FUNCTIONS(str, true, 1e3, SMALL)
TABLE_FUNCTIONS(int, false, 1e6, LARGE)
TABLE_FUNCTIONS(str, true, 1e6, LARGE)

static void dict_iterate_str_1e6(work *run)
{
    dict_iterate(run, true, LARGE, dict_walk);
}

/* clang-format off */
#define TABLE_ROWS                                                                                 \
    {"dict-insert-int-1e3", 5 * LARGE, dict_insert_int_1e3},                                       \
    {"dict-insert-str-1e3", 5 * LARGE, dict_insert_str_1e3},                                       \
    {"dict-insert-int-1e6", 4 * LARGE, dict_insert_int_1e6},                                       \
    {"dict-insert-str-1e6", 4 * LARGE, dict_insert_str_1e6},                                       \
    {"dict-hit-int-1e3", 10 * LARGE, dict_hit_int_1e3},                                            \
    {"dict-hit-str-1e3", 10 * LARGE, dict_hit_str_1e3},                                            \
    {"dict-hit-int-1e6", 4 * LARGE, dict_hit_int_1e6},                                             \
    {"dict-hit-str-1e6", 4 * LARGE, dict_hit_str_1e6},                                             \
    {"dict-miss-int-1e3", 10 * LARGE, dict_miss_int_1e3},                                          \
    {"dict-miss-str-1e3", 10 * LARGE, dict_miss_str_1e3},                                          \
    {"dict-miss-int-1e6", 4 * LARGE, dict_miss_int_1e6},                                           \
    {"dict-miss-str-1e6", 4 * LARGE, dict_miss_str_1e6},                                           \
    {"dict-delete-int-1e3", 5 * LARGE, dict_delete_int_1e3},                                       \
    {"dict-delete-str-1e3", 5 * LARGE, dict_delete_str_1e3},                                       \
    {"dict-delete-int-1e6", 2 * LARGE, dict_delete_int_1e6},                                       \
    {"dict-delete-str-1e6", 2 * LARGE, dict_delete_str_1e6},                                       \
    {"dict-iterate", 20 * LARGE, dict_iterate_str_1e6},                                            \
    {"set-add-int-1e3", 5 * LARGE, set_add_int_1e3},                                               \
    {"set-add-str-1e3", 5 * LARGE, set_add_str_1e3},                                               \
    {"set-add-int-1e6", 4 * LARGE, set_add_int_1e6},                                               \
    {"set-add-str-1e6", 4 * LARGE, set_add_str_1e6},                                               \
    {"set-contains-int-1e3", 10 * LARGE, set_contains_int_1e3},                                    \
    {"set-contains-str-1e3", 10 * LARGE, set_contains_str_1e3},                                    \
    {"set-contains-int-1e6", 4 * LARGE, set_contains_int_1e6},                                     \
    {"set-contains-str-1e6", 4 * LARGE, set_contains_str_1e6}
/* clang-format on */

/* -- the weight of an entry ------------------------------------------------------------------- */

static const table_keys *small_keys(void)
{
    static table_keys made;
    if (made.keys == NULL)
        made = table_keys_new(false, SMALL, true);
    return &made;
}

static object *make_dict_1000(size_t i)
{
    object *dict = dict_new(false);
    dict_fill(dict, small_keys());
    (void)i;
    return dict;
}

static object *make_set_1000(size_t i)
{
    object *set = set_new(false);
    set_fill(set, small_keys());
    (void)i;
    return set;
}

#define TABLE_KINDS                                                                                \
    {"dict-entry", make_dict_1000, SMALL},                                                         \
    {                                                                                              \
        "set-entry", make_set_1000, SMALL                                                          \
    }

#endif /* ROWS_TABLE_H */

/* containers.c: see containers.h. The plain side first, then what must hold, then the operations by
 * type, then their table, which is the place to begin.
 */
#include "containers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "books.h"
#include "check.h"
#include "node.h"
#include "object/keyed.h"

enum {
    INTS_END = 6000,
    STRS_END = 8000,
    NODES_END = 8600,
    TUPLES_END = 8900,
    MANY = 5000, /* keys that one operation touches at most */
};

/* -- the pool -------------------------------------------------------------------------------- */

/* Objects of a class are equal. */
static uint32_t class_of(uint32_t position)
{
    return position / 2;
}

static int64_t int_of(uint32_t class)
{
    if (class < 1000)
        return (int64_t) class - 5;
    if (class < 2000)
        return (int64_t)(class - 999) << 32;
    return (int64_t) class * 7919 + 100000;
}

static lair_object *pool_number(lair_heap *heap, uint32_t position)
{
    int64_t value = int_of(class_of(position));
    if (position % 2 != 0 && value == 1)
        return lair_bool(heap, true);
    if (position % 2 != 0 && class_of(position) % 10 == 3)
        return lair_float_new(heap, (double)value);
    return lair_int_new(heap, value);
}

static lair_object *pool_str(lair_heap *heap, uint32_t position)
{
    const char *more = class_of(position) % 7 == 0 ? " of those that are long enough" : "";
    lair_object *str = lair_str_format(heap, "key %u%s", class_of(position), more);
    if (str == NULL || position % 6 != 0)
        return str;
    lair_object *interned = lair_str_intern(str);
    lair_decref(str);
    return interned;
}

static lair_object *pool_frozenset(lair_heap *heap, uint32_t position)
{
    uint32_t class = class_of(position);
    lair_object *first = lair_int_new(heap, class), *second = lair_str_format(heap, "%u", class);
    bool turned = position % 2 != 0;
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, turned ? second : first,
                                              turned ? first : second, lair_float_new(heap, 0.5));
    return lair_frozenset_from(list);
}

static lair_object *pool_object(containers *all, uint32_t position)
{
    lair_heap *heap = all->heap;
    uint32_t class = class_of(position);
    if (position < INTS_END)
        return pool_number(heap, position);
    if (position < STRS_END)
        return pool_str(heap, position);
    if (position < NODES_END)
        return node_new(all->nodes, class, NULL);
    if (position < TUPLES_END)
        return LAIR_TUPLE(heap, lair_int_new(heap, class), lair_str_new(heap, "in a tuple"));
    return pool_frozenset(heap, position);
}

/* A position: often one of few, so that operations meet; of each kind. */
static uint32_t pick(uint64_t a)
{
    static const uint32_t starts[] = {0,        0,        2000,      INTS_END,
                                      INTS_END, STRS_END, NODES_END, TUPLES_END};
    static const uint32_t ranges[] = {6, 30, 100, POOL};
    uint32_t start = starts[a % 8], range = ranges[a / 8 % 4];
    return (uint32_t)((start + a / 32 % range) % POOL);
}

/* -- the plain side -------------------------------------------------------------------------- */

/* The row of a key equal to the one at position; the count when there is none. */
static size_t row_of(const struct plain_map *map, uint32_t position)
{
    size_t i = 0;
    while (i < map->count && class_of(map->rows[i].key) != class_of(position))
        i++;
    return i;
}

static bool has(const struct plain_map *map, uint32_t position)
{
    return row_of(map, position) < map->count;
}

static void row_set(struct plain_map *map, uint32_t position, int64_t value)
{
    size_t i = row_of(map, position);
    if (i == map->count) {
        map->count++;
        map->rows[i].key = position;
    }
    map->rows[i].value = value;
}

static void row_remove(struct plain_map *map, size_t i)
{
    memmove(&map->rows[i], &map->rows[i + 1], (--map->count - i) * sizeof map->rows[0]);
}

static void plain_insert(struct plain_list *list, size_t index, uint32_t position)
{
    memmove(&list->items[index + 1], &list->items[index],
            (list->count++ - index) * sizeof list->items[0]);
    list->items[index] = position;
}

static void plain_cut(struct plain_list *list, size_t start, size_t end)
{
    memmove(&list->items[start], &list->items[end], (list->count - end) * sizeof list->items[0]);
    list->count -= end - start;
}

/* -- what must hold -------------------------------------------------------------------------- */

static void compare_list(containers *all, lair_object *list, const struct plain_list *plain)
{
    CHECK(lair_list_length(list) == plain->count);
    for (size_t i = 0; i < plain->count; i++)
        if (!CHECK(lair_list_get(list, i) == all->pool[plain->items[i]]))
            return;
}

static void check_table(lair_object *object)
{
    const char *fault = table_check(keyed_of(object));
    if (!CHECK(fault == NULL))
        printf("%s\n", fault);
}

/* keyed: a dict or a counter, else a set. */
static void compare_map(containers *all, lair_object *object, const struct plain_map *plain)
{
    size_t i = 0;
    check_table(object);
    CHECK(lair_length(object) == plain->count);
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(object);
    for (; lair_next_item(&at); i++) {
        if (!CHECK(i < plain->count))
            return;
        int64_t value = plain->rows[i].value;
        bool right = (at.key != NULL ? at.key : at.item) == all->pool[plain->rows[i].key];
        if (lair_is(object, LAIR_KIND_DICT))
            right = right && at.item == all->pool[value];
        else if (lair_is(object, LAIR_KIND_COUNTER))
            right = right && lair_int_value(at.item) == value;
        if (!CHECK(right))
            return;
    }
    CHECK(i == plain->count && at.status == LAIR_OK);
}

static void audit(containers *all)
{
    static audit_root roots[POOL + LISTS + DICTS + SETS + 1];
    size_t count = 0;
    for (size_t i = 0; i < POOL; i++)
        roots[count++] = (audit_root){all->pool[i], 1};
    for (size_t i = 0; i < LISTS; i++)
        roots[count++] = (audit_root){all->lists[i], 1};
    for (size_t i = 0; i < DICTS; i++)
        roots[count++] = (audit_root){all->dicts[i], 1};
    for (size_t i = 0; i < SETS; i++)
        roots[count++] = (audit_root){all->sets[i], 1};
    roots[count++] = (audit_root){all->counter, 1};
    size_t objects = 0;
    CHECK(audit_references(roots, count, &objects));
    CHECK(objects > POOL);
}

void containers_compare(containers *all)
{
    for (size_t i = 0; i < LISTS; i++)
        compare_list(all, all->lists[i], &all->plain_lists[i]);
    for (size_t i = 0; i < DICTS; i++)
        compare_map(all, all->dicts[i], &all->plain_dicts[i]);
    for (size_t i = 0; i < SETS; i++)
        compare_map(all, all->sets[i], &all->plain_sets[i]);
    compare_map(all, all->counter, &all->plain_counter);
    audit(all);
    CHECK(lair_heap_check(all->heap) == LAIR_OK);
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
static void maybe_fail(const ground *on)
{
    if (on->all->may_fail && on->a >> 56 < 64)
        lair_heap_inject_failure(on->all->heap, 1 + (on->b >> 48) % 3, (on->b >> 63) != 0);
}

/* Whether the call got through; else memory failed, and nothing must have changed. */
static bool through(const ground *on, bool succeeded)
{
    lair_heap_inject_failure(on->all->heap, 0, false);
    if (!succeeded) {
        CHECK(on->all->may_fail);
        CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
        on->all->failures++;
    }
    return succeeded;
}

/* -- lists and tuples ------------------------------------------------------------------------ */

static size_t within(uint64_t number, size_t count)
{
    return (size_t)(number % (count + 1));
}

static bool list_is_full(const ground *on, size_t more)
{
    return on->plain_list->count + more > LIST_MOST;
}

static void list_append(ground *on)
{
    if (list_is_full(on, 1))
        return;
    maybe_fail(on);
    if (through(on, lair_list_append(on->list, on->one) == LAIR_OK))
        plain_insert(on->plain_list, on->plain_list->count, on->first);
}

static void list_insert(ground *on)
{
    size_t index = within(on->b, on->plain_list->count);
    if (list_is_full(on, 1))
        return;
    maybe_fail(on);
    if (through(on, lair_list_insert(on->list, index, on->one) == LAIR_OK))
        plain_insert(on->plain_list, index, on->first);
}

static void list_set(ground *on)
{
    size_t index = within(on->b, on->plain_list->count);
    lair_status status = lair_list_set(on->list, index, on->one);
    CHECK(status == (index == on->plain_list->count ? LAIR_ERR_INDEX : LAIR_OK));
    if (status == LAIR_OK)
        on->plain_list->items[index] = on->first;
}

static void list_pop(ground *on)
{
    struct plain_list *plain = on->plain_list;
    size_t index = on->b % 3 == 0 ? SIZE_MAX : within(on->b, plain->count);
    lair_object *item = lair_list_pop(on->list, index);
    if (index == SIZE_MAX && plain->count != 0)
        index = plain->count - 1;
    if (index >= plain->count) {
        CHECK(item == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INDEX);
        return;
    }
    CHECK(item == on->all->pool[plain->items[index]]);
    plain_cut(plain, index, index + 1);
    lair_decref(item);
}

static void list_remove(ground *on)
{
    size_t start = within(on->a >> 8, on->plain_list->count);
    size_t end = start + within(on->b, on->plain_list->count - start);
    maybe_fail(on);
    if (through(on, lair_list_remove(on->list, start, end) == LAIR_OK))
        plain_cut(on->plain_list, start, end);
}

static void list_extend(ground *on)
{
    const struct plain_map *set = on->plain_set;
    if (list_is_full(on, set->count))
        return;
    maybe_fail(on);
    if (through(on, lair_list_extend(on->list, on->set) == LAIR_OK))
        for (size_t i = 0; i < set->count; i++)
            plain_insert(on->plain_list, on->plain_list->count, set->rows[i].key);
}

static void list_double(ground *on)
{
    size_t count = on->plain_list->count;
    if (list_is_full(on, count))
        return;
    maybe_fail(on);
    if (through(on, lair_list_extend(on->list, on->list) == LAIR_OK)) {
        memcpy(&on->plain_list->items[count], on->plain_list->items, count * sizeof(uint32_t));
        on->plain_list->count += count;
    }
}

static void list_reverse(ground *on)
{
    struct plain_list *plain = on->plain_list, turned = {.count = plain->count};
    CHECK(lair_list_reverse(on->list) == LAIR_OK);
    for (size_t i = 0; i < plain->count; i++)
        turned.items[plain->count - 1 - i] = plain->items[i];
    *plain = turned;
}

static void list_contains(ground *on)
{
    bool found = false, expected = false;
    CHECK(lair_contains(on->list, on->one, &found) == LAIR_OK);
    for (size_t i = 0; i < on->plain_list->count; i++)
        expected |= class_of(on->plain_list->items[i]) == class_of(on->first);
    CHECK(found == expected);
}

/* A tuple and a slice of the list, their equality, order, hash and copies. */
static void list_to_tuple(ground *on)
{
    const struct plain_list *plain = on->plain_list;
    size_t start = within(on->a >> 8, plain->count), end = start + within(on->b, 50);
    maybe_fail(on);
    LAIR_SCOPED lair_object *slice = lair_list_slice(on->list, start, end);
    LAIR_SCOPED lair_object *tuple = lair_tuple_from(slice);
    LAIR_SCOPED lair_object *back = lair_list_from(tuple);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(tuple);
    if (!through(on, slice != NULL && tuple != NULL && back != NULL && copy != NULL))
        return;
    bool same = false, same_copy = false;
    size_t count = end < plain->count ? end - start : plain->count - start;
    CHECK(lair_tuple_length(tuple) == count && lair_list_length(slice) == count);
    for (size_t i = 0; i < count; i++)
        CHECK(lair_tuple_get(tuple, i) == on->all->pool[plain->items[start + i]]);
    CHECK(lair_equal(slice, back, &same) == LAIR_OK && same);
    CHECK(lair_equal(tuple, copy, &same_copy) == LAIR_OK && same_copy);
    uint64_t hash = 0, hash_copy = 1;
    CHECK(lair_hash(tuple, &hash) == LAIR_OK && lair_hash(copy, &hash_copy) == LAIR_OK);
    CHECK(hash == hash_copy);
}

/* What the list is sorted by, and where it was. */
struct sorted {
    int64_t number;
    uint32_t position, before;
};

static int sorted_compare(const void *left, const void *right)
{
    const struct sorted *a = left, *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->before < b->before ? -1 : 1;
}

/* After a sort that failed: the same items in whatever order. */
static void list_adopt(ground *on)
{
    struct plain_list *plain = on->plain_list, was = *plain;
    REQUIRE(lair_list_length(on->list) == plain->count);
    for (size_t i = 0; i < plain->count; i++) {
        lair_object *item = lair_list_get(on->list, i);
        size_t j = 0;
        while (j < was.count && on->all->pool[was.items[j]] != item)
            j++;
        if (!CHECK(j < was.count))
            return;
        plain->items[i] = was.items[j];
        was.items[j] = was.items[--was.count];
    }
}

static void list_sort(ground *on)
{
    static struct sorted items[LIST_MOST];
    struct plain_list *plain = on->plain_list;
    size_t numbers = 0, strs = 0;
    if (on->b % 4 != 0) { /* most lists are of all kinds: let few remain */
        for (size_t i = plain->count; i-- > 0;) {
            if (plain->items[i] < INTS_END)
                continue;
            CHECK(lair_list_remove(on->list, i, i + 1) == LAIR_OK);
            plain_cut(plain, i, i + 1);
        }
    }
    for (size_t i = 0; i < plain->count; i++) {
        uint32_t position = plain->items[i];
        numbers += position < INTS_END;
        strs += position >= INTS_END && position < STRS_END;
        items[i] = (struct sorted){int_of(class_of(position)), position, (uint32_t)i};
    }
    maybe_fail(on);
    lair_status status = lair_list_sort(on->list);
    lair_heap_inject_failure(on->all->heap, 0, false);
    if (status == LAIR_OK && numbers == plain->count) {
        qsort(items, plain->count, sizeof items[0], sorted_compare);
        for (size_t i = 0; i < plain->count; i++)
            plain->items[i] = items[i].position;
    } else if (status == LAIR_ERR_NO_MEMORY) {
        on->all->failures++;
        list_adopt(on);
    } else {
        CHECK(status == LAIR_OK || status == LAIR_ERR_TYPE);
        CHECK((status == LAIR_OK) == (plain->count < 2 || strs == plain->count) ||
              plain->items[0] >= NODES_END);
        list_adopt(on);
    }
}

static void list_shrink(ground *on)
{
    maybe_fail(on);
    (void)through(on, lair_list_shrink(on->list) == LAIR_OK);
}

static void list_clear(ground *on)
{
    if (on->b % 8 != 0)
        return;
    CHECK(lair_list_clear(on->list) == LAIR_OK);
    on->plain_list->count = 0;
}

/* -- dicts ----------------------------------------------------------------------------------- */

static void dict_set(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_dict_set(on->dict, on->one, on->other) == LAIR_OK
                               : lair_dict_set_new(on->dict, lair_incref(on->one),
                                                   lair_incref(on->other)) == LAIR_OK;
    if (through(on, done))
        row_set(on->plain_dict, on->first, on->second);
}

/* By text: the key must be there already, or the pool's object would not be the one put in. */
static void dict_set_text(ground *on)
{
    uint32_t position = on->first;
    size_t row = row_of(on->plain_dict, position);
    if (position < INTS_END || position >= STRS_END)
        return;
    const char *text = lair_str_text(on->one);
    lair_object *value = NULL;
    CHECK(lair_dict_find_str(on->dict, text, &value) == LAIR_OK);
    CHECK((value != NULL) == (row < on->plain_dict->count));
    CHECK(lair_dict_get_str(on->dict, text) == value);
    if (value == NULL) {
        CHECK_FAILED_WITH(LAIR_ERR_KEY);
        CHECK(lair_dict_delete_str(on->dict, text) == LAIR_ERR_KEY);
    } else if (on->b % 2 != 0) {
        CHECK(lair_dict_set_str(on->dict, text, on->other) == LAIR_OK);
        on->plain_dict->rows[row].value = on->second;
    } else {
        CHECK(lair_dict_delete_str(on->dict, text) == LAIR_OK);
        row_remove(on->plain_dict, row);
    }
}

static void dict_get(ground *on)
{
    size_t row = row_of(on->plain_dict, on->first);
    lair_object *value = on->one, *expected = NULL;
    bool found = false;
    if (row < on->plain_dict->count)
        expected = on->all->pool[on->plain_dict->rows[row].value];
    CHECK(lair_dict_find(on->dict, on->one, &value) == LAIR_OK && value == expected);
    CHECK(lair_contains(on->dict, on->one, &found) == LAIR_OK && found == (expected != NULL));
    CHECK(lair_dict_get(on->dict, on->one) == expected);
    if (expected == NULL)
        CHECK_FAILED_WITH(LAIR_ERR_KEY);
}

static void dict_set_default(ground *on)
{
    size_t row = row_of(on->plain_dict, on->first);
    maybe_fail(on);
    lair_object *value = lair_dict_set_default(on->dict, on->one, on->other);
    if (!through(on, value != NULL))
        return;
    if (row == on->plain_dict->count)
        row_set(on->plain_dict, on->first, on->second);
    CHECK(value == on->all->pool[on->plain_dict->rows[row].value]);
}

static void dict_delete(ground *on)
{
    size_t row = row_of(on->plain_dict, on->first);
    lair_status expected = row < on->plain_dict->count ? LAIR_OK : LAIR_ERR_KEY;
    if (on->b % 2 != 0) {
        CHECK(lair_dict_delete(on->dict, on->one) == expected);
    } else {
        LAIR_SCOPED lair_object *value = lair_dict_pop(on->dict, on->one);
        CHECK((value != NULL) == (expected == LAIR_OK));
        CHECK(value == NULL || value == on->all->pool[on->plain_dict->rows[row].value]);
    }
    if (expected == LAIR_OK)
        row_remove(on->plain_dict, row);
}

/* The newest, several times. */
static void dict_pop_item(ground *on)
{
    struct plain_map *plain = on->plain_dict;
    for (uint64_t i = 0; i < 1 + on->b % 40; i++) {
        lair_object *key = NULL, *value = NULL;
        lair_status status = lair_dict_pop_item(on->dict, &key, &value);
        if (plain->count == 0) {
            CHECK(status == LAIR_ERR_KEY && key == NULL && value == NULL);
            return;
        }
        plain->count--;
        CHECK(status == LAIR_OK && key == on->all->pool[plain->rows[plain->count].key] &&
              value == on->all->pool[plain->rows[plain->count].value]);
        lair_decref(key);
        lair_decref(value);
    }
}

/* The oldest, and put in again behind the others: a queue. */
static void dict_rotate(ground *on)
{
    struct plain_map *plain = on->plain_dict;
    for (uint64_t i = 0; i < on->b % 300 && plain->count != 0; i++) {
        uint32_t key = plain->rows[0].key;
        int64_t value = plain->rows[0].value;
        CHECK(lair_dict_delete(on->dict, on->all->pool[key]) == LAIR_OK);
        row_remove(plain, 0);
        CHECK(lair_dict_set(on->dict, on->all->pool[key], on->all->pool[value]) == LAIR_OK);
        row_set(plain, key, value);
    }
}

static void dict_set_many(ground *on)
{
    for (uint32_t i = 0; i < on->b % MANY; i += 2) {
        uint32_t key = (on->first + i) % POOL;
        CHECK(lair_dict_set(on->dict, on->all->pool[key], on->other) == LAIR_OK);
        row_set(on->plain_dict, key, on->second);
    }
}

static void dict_delete_many(ground *on)
{
    for (uint32_t i = 0; i < on->b % MANY; i += 1 + (uint32_t)(on->b % 2)) {
        uint32_t key = (on->first + i) % POOL;
        size_t row = row_of(on->plain_dict, key);
        if (row == on->plain_dict->count)
            continue;
        CHECK(lair_dict_delete(on->dict, on->all->pool[key]) == LAIR_OK);
        row_remove(on->plain_dict, row);
    }
}

static void dict_update(ground *on)
{
    const struct plain_map *from = &on->all->plain_dicts[on->b % DICTS];
    CHECK(lair_dict_update(on->dict, on->all->dicts[on->b % DICTS]) == LAIR_OK);
    for (size_t i = 0; i < from->count; i++)
        row_set(on->plain_dict, from->rows[i].key, from->rows[i].value);
}

/* A copy takes the place of another dict. */
static void dict_copy(ground *on)
{
    maybe_fail(on);
    lair_object *copy = lair_copy(on->dict);
    if (!through(on, copy != NULL))
        return;
    bool same = false;
    CHECK(lair_equal(on->dict, copy, &same) == LAIR_OK && same);
    lair_decref(on->all->dicts[on->b % DICTS]);
    on->all->dicts[on->b % DICTS] = copy;
    on->all->plain_dicts[on->b % DICTS] = *on->plain_dict;
}

static void dict_deep_copy(ground *on)
{
    if (on->plain_dict->count > 1000)
        return;
    maybe_fail(on);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(on->dict);
    if (!through(on, copy != NULL))
        return;
    bool same = false;
    check_table(copy);
    CHECK(lair_equal(on->dict, copy, &same) == LAIR_OK && same);
}

static void dict_equal(ground *on)
{
    const struct plain_map *a = &on->all->plain_dicts[0], *b = &on->all->plain_dicts[1];
    bool same = false, expected = a->count == b->count;
    for (size_t i = 0; i < a->count && expected; i++) {
        size_t row = row_of(b, a->rows[i].key);
        expected = row < b->count &&
                   class_of((uint32_t)b->rows[row].value) == class_of((uint32_t)a->rows[i].value);
    }
    CHECK(lair_equal(on->all->dicts[0], on->all->dicts[1], &same) == LAIR_OK);
    CHECK(same == expected);
}

static void dict_lists(ground *on)
{
    const struct plain_map *plain = on->plain_dict;
    maybe_fail(on);
    LAIR_SCOPED lair_object *keys = lair_dict_keys(on->dict);
    LAIR_SCOPED lair_object *values = lair_dict_values(on->dict);
    LAIR_SCOPED lair_object *items = lair_dict_items(on->dict);
    if (!through(on, keys != NULL && values != NULL && items != NULL))
        return;
    CHECK(lair_list_length(keys) == plain->count && lair_list_length(values) == plain->count &&
          lair_list_length(items) == plain->count);
    for (size_t i = 0; i < plain->count; i++) {
        lair_object *key = on->all->pool[plain->rows[i].key];
        lair_object *value = on->all->pool[plain->rows[i].value];
        CHECK(lair_list_get(keys, i) == key && lair_list_get(values, i) == value);
        CHECK(lair_tuple_get(lair_list_get(items, i), 0) == key);
        CHECK(lair_tuple_get(lair_list_get(items, i), 1) == value);
    }
}

/* A key that comes or goes ends an iteration; a value that is replaced does not. */
static void dict_iterate(ground *on)
{
    struct plain_map *plain = on->plain_dict;
    if (plain->count < 2 || plain->count == POOL / 2)
        return;
    size_t stop = within(on->b, plain->count - 2);
    lair_cursor at = lair_cursor_of(on->dict);
    for (size_t i = 0; i <= stop; i++) {
        CHECK(lair_next_item(&at) && at.key == on->all->pool[plain->rows[i].key]);
        CHECK(lair_dict_set(on->dict, at.key, on->other) == LAIR_OK);
        plain->rows[i].value = on->second;
    }
    size_t row = row_of(plain, on->first);
    if (row < plain->count) {
        CHECK(lair_dict_delete(on->dict, on->one) == LAIR_OK);
        row_remove(plain, row);
    } else {
        CHECK(lair_dict_set(on->dict, on->one, on->other) == LAIR_OK);
        row_set(plain, on->first, on->second);
    }
    CHECK(!lair_next_item(&at) && at.status == LAIR_ERR_CHANGED);
}

static void dict_room(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_dict_shrink(on->dict) == LAIR_OK
                               : lair_dict_reserve(on->dict, on->b / 2 % 3000) == LAIR_OK;
    (void)through(on, done);
}

static void dict_clear(ground *on)
{
    if (on->b % 4 != 0)
        return;
    CHECK(lair_dict_clear(on->dict) == LAIR_OK);
    on->plain_dict->count = 0;
}

/* -- sets ------------------------------------------------------------------------------------ */

static void set_add(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_set_add(on->set, on->one) == LAIR_OK
                               : lair_set_add_new(on->set, lair_incref(on->one)) == LAIR_OK;
    if (through(on, done))
        row_set(on->plain_set, on->first, 0);
}

static void set_add_many(ground *on)
{
    for (uint32_t i = 0; i < on->b % MANY; i += 3) {
        uint32_t member = (on->first + i) % POOL;
        CHECK(lair_set_add(on->set, on->all->pool[member]) == LAIR_OK);
        row_set(on->plain_set, member, 0);
    }
}

static void set_discard(ground *on)
{
    bool was_there = false, found = true;
    size_t row = row_of(on->plain_set, on->first);
    CHECK(lair_set_discard(on->set, on->one, &was_there) == LAIR_OK);
    CHECK(was_there == (row < on->plain_set->count));
    CHECK(lair_set_contains(on->set, on->one, &found) == LAIR_OK && !found);
    if (was_there)
        row_remove(on->plain_set, row);
}

static void set_pop(ground *on)
{
    struct plain_map *plain = on->plain_set;
    LAIR_SCOPED lair_object *member = lair_set_pop(on->set);
    if (plain->count == 0) {
        CHECK(member == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_KEY);
    } else {
        CHECK(member == on->all->pool[plain->rows[--plain->count].key]);
    }
}

static void set_update(ground *on)
{
    CHECK(lair_set_update(on->set, on->list) == LAIR_OK);
    for (size_t i = 0; i < on->plain_list->count; i++)
        if (!has(on->plain_set, on->plain_list->items[i]))
            row_set(on->plain_set, on->plain_list->items[i], 0);
    CHECK(lair_set_update(on->set, on->set_2) == LAIR_OK);
    for (size_t i = 0; i < on->plain_set_2->count; i++)
        if (!has(on->plain_set, on->plain_set_2->rows[i].key))
            row_set(on->plain_set, on->plain_set_2->rows[i].key, 0);
}

/* Adds the members of a that are (or are not) in b. */
static void plain_select(struct plain_map *to, const struct plain_map *a, const struct plain_map *b,
                         bool wanted)
{
    for (size_t i = 0; i < a->count; i++)
        if (has(b, a->rows[i].key) == wanted)
            to->rows[to->count++].key = a->rows[i].key;
}

static lair_object *combine(unsigned how, lair_object *a, lair_object *b)
{
    switch (how) {
    case 0:
        return lair_set_union(a, b);
    case 1:
        return lair_set_intersection(a, b);
    case 2:
        return lair_set_difference(a, b);
    default:
        return lair_set_symmetric_difference(a, b);
    }
}

static void plain_combine(unsigned how, const struct plain_map *a, const struct plain_map *b,
                          struct plain_map *to)
{
    const struct plain_map *smaller = a->count <= b->count ? a : b;
    to->count = 0;
    switch (how) {
    case 0:
        *to = *a;
        plain_select(to, b, a, false);
        break;
    case 1:
        plain_select(to, smaller, smaller == a ? b : a, true);
        break;
    case 2:
        plain_select(to, a, b, false);
        break;
    default:
        plain_select(to, a, b, false);
        plain_select(to, b, a, false);
    }
}

static void set_algebra(ground *on)
{
    static struct plain_map expected;
    unsigned how = (unsigned)(on->b % 4);
    maybe_fail(on);
    LAIR_SCOPED lair_object *result = combine(how, on->set, on->set_2);
    if (!through(on, result != NULL))
        return;
    plain_combine(how, on->plain_set, on->plain_set_2, &expected);
    compare_map(on->all, result, &expected);
    bool subset = false, all = true;
    for (size_t i = 0; i < expected.count; i++)
        all = all && has(on->plain_set_2, expected.rows[i].key);
    CHECK(lair_set_is_subset(result, on->set_2, &subset) == LAIR_OK && subset == all);
}

/* Whatever the order of members: equal, and of the same hash. */
static void set_freeze(ground *on)
{
    maybe_fail(on);
    LAIR_SCOPED lair_object *frozen = lair_frozenset_from(on->set);
    LAIR_SCOPED lair_object *list = lair_list_from(on->set);
    LAIR_SCOPED lair_object *turned =
        list != NULL && lair_list_reverse(list) == LAIR_OK ? lair_frozenset_from(list) : NULL;
    LAIR_SCOPED lair_object *copy = frozen != NULL ? lair_deep_copy(frozen) : NULL;
    if (!through(on, frozen != NULL && turned != NULL && copy != NULL))
        return;
    bool same = false, same_set = false, same_copy = false;
    uint64_t hash = 0, hash_turned = 1;
    CHECK(lair_equal(frozen, turned, &same) == LAIR_OK && same);
    CHECK(lair_equal(on->set, turned, &same_set) == LAIR_OK && same_set);
    CHECK(lair_equal(copy, turned, &same_copy) == LAIR_OK && same_copy);
    CHECK(lair_hash(frozen, &hash) == LAIR_OK && lair_hash(turned, &hash_turned) == LAIR_OK);
    CHECK(hash == hash_turned);
    compare_map(on->all, frozen, on->plain_set);
}

static void set_copy(ground *on)
{
    size_t to = (size_t)(on->a >> 40) % SETS;
    maybe_fail(on);
    lair_object *copy = on->b % 2 != 0 ? lair_copy(on->set) : lair_set_from(on->set);
    if (!through(on, copy != NULL))
        return;
    lair_decref(on->all->sets[to]);
    on->all->sets[to] = copy;
    on->all->plain_sets[to] = *on->plain_set;
}

static void set_room(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_set_shrink(on->set) == LAIR_OK
                               : lair_set_reserve(on->set, on->b / 2 % 3000) == LAIR_OK;
    (void)through(on, done);
}

static void set_clear(ground *on)
{
    if (on->b % 4 != 0)
        return;
    CHECK(lair_set_clear(on->set) == LAIR_OK);
    on->plain_set->count = 0;
}

/* -- counters -------------------------------------------------------------------------------- */

static void counter_add(ground *on)
{
    struct plain_map *plain = &on->all->plain_counter;
    size_t row = row_of(plain, on->first);
    int64_t times = (int64_t)(on->b % 100) - 30,
            before = row < plain->count ? plain->rows[row].value : 0;
    maybe_fail(on);
    if (through(on, lair_counter_add(on->all->counter, on->one, times) == LAIR_OK))
        row_set(plain, on->first, before + times);
}

static void counter_get(ground *on)
{
    const struct plain_map *plain = &on->all->plain_counter;
    size_t row = row_of(plain, on->first);
    int64_t times = -1, total = -1, sum = 0;
    CHECK(lair_counter_get(on->all->counter, on->one, &times) == LAIR_OK);
    CHECK(times == (row < plain->count ? plain->rows[row].value : 0));
    for (size_t i = 0; i < plain->count; i++)
        sum += plain->rows[i].value;
    CHECK(lair_counter_total(on->all->counter, &total) == LAIR_OK && total == sum);
}

static void counter_count_all(ground *on)
{
    struct plain_map *plain = &on->all->plain_counter;
    CHECK(lair_counter_count_all(on->all->counter, on->list) == LAIR_OK);
    for (size_t i = 0; i < on->plain_list->count; i++) {
        size_t row = row_of(plain, on->plain_list->items[i]);
        row_set(plain, on->plain_list->items[i],
                row < plain->count ? plain->rows[row].value + 1 : 1);
    }
}

static void counter_discard(ground *on)
{
    struct plain_map *plain = &on->all->plain_counter;
    size_t row = row_of(plain, on->first);
    bool was_there = false;
    CHECK(lair_counter_discard(on->all->counter, on->one, &was_there) == LAIR_OK);
    CHECK(was_there == (row < plain->count));
    if (was_there)
        row_remove(plain, row);
    if (on->b % 64 == 0) {
        CHECK(lair_counter_clear(on->all->counter) == LAIR_OK);
        plain->count = 0;
    }
}

static void counter_most_common(ground *on)
{
    const struct plain_map *plain = &on->all->plain_counter;
    static bool taken[POOL];
    size_t wanted = on->b % 8;
    maybe_fail(on);
    LAIR_SCOPED lair_object *list = lair_counter_most_common(on->all->counter, wanted);
    if (!through(on, list != NULL))
        return;
    memset(taken, 0, sizeof taken);
    CHECK(lair_list_length(list) == (wanted < plain->count ? wanted : plain->count));
    for (size_t i = 0; i < lair_list_length(list); i++) {
        size_t best = plain->count;
        for (size_t j = 0; j < plain->count; j++)
            if (!taken[j] &&
                (best == plain->count || plain->rows[j].value > plain->rows[best].value))
                best = j;
        taken[best] = true;
        lair_object *pair = lair_list_get(list, i);
        CHECK(lair_tuple_get(pair, 0) == on->all->pool[plain->rows[best].key]);
        CHECK(lair_int_value(lair_tuple_get(pair, 1)) == plain->rows[best].value);
    }
}

static void counter_copy(ground *on)
{
    bool same = false;
    maybe_fail(on);
    LAIR_SCOPED lair_object *copy =
        on->b % 2 != 0 ? lair_copy(on->all->counter) : lair_deep_copy(on->all->counter);
    if (through(on, copy != NULL))
        CHECK(lair_equal(on->all->counter, copy, &same) == LAIR_OK && same);
}

/* -- all together ---------------------------------------------------------------------------- */

static void repr_all(ground *on)
{
    maybe_fail(on);
    LAIR_SCOPED lair_object *list = lair_repr(on->list);
    LAIR_SCOPED lair_object *dict = lair_repr(on->dict);
    LAIR_SCOPED lair_object *set = lair_repr(on->set);
    LAIR_SCOPED lair_object *counter = lair_repr(on->all->counter);
    (void)through(on, list != NULL && dict != NULL && set != NULL && counter != NULL);
}

static const struct operation {
    const char *name;
    void (*run)(ground *on);
} operations[] = {
    {"list append", list_append},
    {"list append", list_append},
    {"list insert", list_insert},
    {"list set", list_set},
    {"list pop", list_pop},
    {"list remove", list_remove},
    {"list extend", list_extend},
    {"list extend by itself", list_double},
    {"list reverse", list_reverse},
    {"list contains", list_contains},
    {"list to tuple", list_to_tuple},
    {"list sort", list_sort},
    {"list shrink", list_shrink},
    {"list clear", list_clear},
    {"dict set", dict_set},
    {"dict set", dict_set},
    {"dict set", dict_set},
    {"dict set by text", dict_set_text},
    {"dict get", dict_get},
    {"dict set default", dict_set_default},
    {"dict delete", dict_delete},
    {"dict delete", dict_delete},
    {"dict pop item", dict_pop_item},
    {"dict rotate", dict_rotate},
    {"dict set many", dict_set_many},
    {"dict delete many", dict_delete_many},
    {"dict update", dict_update},
    {"dict copy", dict_copy},
    {"dict deep copy", dict_deep_copy},
    {"dict equal", dict_equal},
    {"dict lists", dict_lists},
    {"dict iterate", dict_iterate},
    {"dict room", dict_room},
    {"dict clear", dict_clear},
    {"set add", set_add},
    {"set add", set_add},
    {"set add many", set_add_many},
    {"set discard", set_discard},
    {"set pop", set_pop},
    {"set update", set_update},
    {"set algebra", set_algebra},
    {"set freeze", set_freeze},
    {"set copy", set_copy},
    {"set room", set_room},
    {"set clear", set_clear},
    {"counter add", counter_add},
    {"counter get", counter_get},
    {"counter count all", counter_count_all},
    {"counter discard", counter_discard},
    {"counter most common", counter_most_common},
    {"counter copy", counter_copy},
    {"repr", repr_all},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

size_t containers_operations(void)
{
    return OPERATIONS;
}

const char *containers_operation_name(unsigned operation)
{
    return operations[operation % OPERATIONS].name;
}

void containers_step(containers *all, unsigned operation, uint64_t a, uint64_t b)
{
    size_t list = (size_t)(a >> 32) % LISTS, dict = (size_t)(a >> 34) % DICTS;
    size_t set = (size_t)(a >> 36) % SETS, set_2 = (size_t)(a >> 40) % SETS;
    ground on = {
        .all = all,
        .a = a,
        .b = b,
        .first = pick(a & UINT32_MAX),
        .second = pick(b & UINT32_MAX),
        .list = all->lists[list],
        .dict = all->dicts[dict],
        .set = all->sets[set],
        .set_2 = all->sets[set_2],
        .plain_list = &all->plain_lists[list],
        .plain_dict = &all->plain_dicts[dict],
        .plain_set = &all->plain_sets[set],
        .plain_set_2 = &all->plain_sets[set_2],
    };
    on.one = all->pool[on.first];
    on.other = all->pool[on.second];
    operations[operation % OPERATIONS].run(&on);
}

void containers_open(containers *all, const lair_heap_options *options)
{
    memset(all, 0, sizeof *all);
    all->heap = lair_heap_open(options);
    REQUIRE(all->heap != NULL);
    all->nodes = node_type(all->heap, false);
    REQUIRE(all->nodes != NULL);
    node_hooks.hashes = 32;
    for (uint32_t i = 0; i < POOL; i++) {
        all->pool[i] = pool_object(all, i);
        REQUIRE(all->pool[i] != NULL);
    }
    for (size_t i = 0; i < LISTS; i++)
        all->lists[i] = lair_list_new(all->heap);
    for (size_t i = 0; i < DICTS; i++)
        all->dicts[i] = lair_dict_new(all->heap);
    for (size_t i = 0; i < SETS; i++)
        all->sets[i] = lair_set_new(all->heap);
    all->counter = lair_counter_new(all->heap);
    REQUIRE(all->counter != NULL);
    containers_compare(all);
}

void containers_close(containers *all)
{
    containers_compare(all);
    for (size_t i = 0; i < LISTS; i++)
        lair_decref(all->lists[i]);
    for (size_t i = 0; i < DICTS; i++)
        lair_decref(all->dicts[i]);
    for (size_t i = 0; i < SETS; i++)
        lair_decref(all->sets[i]);
    lair_decref(all->counter);
    for (size_t i = 0; i < POOL; i++) {
        CHECK(lair_refcount(all->pool[i]) == 1 || lair_refcount(all->pool[i]) == UINT32_MAX ||
              lair_str_is_interned(all->pool[i]));
        lair_decref(all->pool[i]);
    }
    CHECK(nodes_alive(all->nodes) == 0);
    lair_decref(lair_type_object(all->nodes));
    CHECK_BOOKS(all->heap);
    lair_heap_close(all->heap);
}

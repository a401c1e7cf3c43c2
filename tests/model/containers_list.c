/* containers_list.c: operations on lists and tuples. */
#include "containers_inner.h"

static bool list_is_full(const ground *on, size_t more)
{
    return on->plain_list->count + more > LIST_MOST;
}

void on_list_append(ground *on)
{
    if (list_is_full(on, 1))
        return;
    maybe_fail(on);
    if (through(on, lair_list_append(on->list, on->one) == LAIR_OK))
        plain_insert(on->plain_list, on->plain_list->count, on->first);
}

void on_list_insert(ground *on)
{
    size_t index = within(on->b, on->plain_list->count);
    if (list_is_full(on, 1))
        return;
    maybe_fail(on);
    if (through(on, lair_list_insert(on->list, index, on->one) == LAIR_OK))
        plain_insert(on->plain_list, index, on->first);
}

void on_list_set(ground *on)
{
    size_t index = within(on->b, on->plain_list->count);
    lair_status status = lair_list_set(on->list, index, on->one);
    CHECK(status == (index == on->plain_list->count ? LAIR_ERR_INDEX : LAIR_OK));
    if (status == LAIR_OK)
        on->plain_list->items[index] = on->first;
}

void on_list_pop(ground *on)
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

void on_list_remove(ground *on)
{
    size_t start = within(on->a >> 8, on->plain_list->count);
    size_t end = start + within(on->b, on->plain_list->count - start);
    maybe_fail(on);
    if (through(on, lair_list_remove(on->list, start, end) == LAIR_OK))
        plain_cut(on->plain_list, start, end);
}

void on_list_extend(ground *on)
{
    const struct plain_map *set = on->plain_set;
    if (list_is_full(on, set->count))
        return;
    maybe_fail(on);
    if (through(on, lair_list_extend(on->list, on->set) == LAIR_OK))
        for (size_t i = 0; i < set->count; i++)
            plain_insert(on->plain_list, on->plain_list->count, set->rows[i].key);
}

void on_list_double(ground *on)
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

void on_list_reverse(ground *on)
{
    struct plain_list *plain = on->plain_list, turned = {.count = plain->count};
    CHECK(lair_list_reverse(on->list) == LAIR_OK);
    for (size_t i = 0; i < plain->count; i++)
        turned.items[plain->count - 1 - i] = plain->items[i];
    *plain = turned;
}

void on_list_contains(ground *on)
{
    bool found = false, expected = false;
    CHECK(lair_contains(on->list, on->one, &found) == LAIR_OK);
    for (size_t i = 0; i < on->plain_list->count; i++)
        expected |= class_of(on->plain_list->items[i]) == class_of(on->first);
    CHECK(found == expected);
}

/* A tuple and a slice of the list, their equality, order, hash and copies. */
void on_list_to_tuple(ground *on)
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

void on_list_sort(ground *on)
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

void on_list_shrink(ground *on)
{
    maybe_fail(on);
    (void)through(on, lair_list_shrink(on->list) == LAIR_OK);
}

void on_list_clear(ground *on)
{
    if (on->b % 8 != 0)
        return;
    CHECK(lair_list_clear(on->list) == LAIR_OK);
    on->plain_list->count = 0;
}

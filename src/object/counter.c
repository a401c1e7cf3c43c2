/* counter.c: how often things occur. Counts stand as numbers in the table: no int is made for one
 * until somebody looks at it as an object.
 */
#include <stdlib.h>

#include <lair/list.h>
#include <lair/set.h>
#include <lair/tuple.h>

#include "builtin.h"
#include "keyed.h"
#include "table_put.h"

enum { COUNTER_FREE_LIST = 20 };

lair_object *lair_counter_new(lair_heap *heap)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    collector_safe_point(space);
    struct keyed *counter = keyed_make(builtin_type(space, LAIR_KIND_COUNTER));
    return counter != NULL ? &counter->object : NULL;
}

/* -- counting -------------------------------------------------------------------------------- */

/* Adds to the count of an item whose hash is known; counter and item are in order. */
static lair_status count(struct keyed *counter, lair_object *item, uint64_t hash, int64_t times)
{
    placed result = table_put(counter, item, hash, (word){.number = times});
    if (result.was == SOUGHT_FAILED)
        return lair_error_status();
    if (result.was == SOUGHT_MISSING)
        (void)lair_incref(item);
    else if (__builtin_add_overflow(result.entry[1].number, times, &times))
        return lair_fail(LAIR_ERR_OVERFLOW, "a count does not fit 64 bits");
    else
        result.entry[1].number = times;
    return LAIR_OK;
}

lair_status lair_counter_add(lair_object *self, lair_object *item, int64_t times)
{
    uint64_t hash;
    if (!expect(self, LAIR_KIND_COUNTER) || !same_heap(self, item) ||
        key_hash(item, &hash) != LAIR_OK)
        return lair_error_status();
    return count(keyed_of(self), item, hash, times);
}

/* The counts of another counter; each changes only its own key, so self may be other. */
static lair_status add_counts(struct keyed *self, const struct keyed *other)
{
    table_walk entries = table_walk_of(other);
    while (table_step(&entries)) {
        LAIR_SCOPED lair_object *item = lair_incref(entries.key);
        lair_status status = count(self, item, entries.hash, entries.value.number);
        if (status != LAIR_OK)
            return status;
    }
    return entries.status;
}

lair_status lair_counter_count_all(lair_object *self, lair_object *iterable)
{
    if (!expect(self, LAIR_KIND_COUNTER) || !same_heap(self, iterable))
        return lair_error_status();
    if (is_kind(iterable, LAIR_KIND_COUNTER))
        return add_counts(keyed_of(self), keyed_of(iterable));
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(iterable);
    while (lair_next_item(&at)) {
        lair_status status = lair_counter_add(self, at.key != NULL ? at.key : at.item, 1);
        if (status != LAIR_OK)
            return status;
    }
    return at.status;
}

/* -- reading --------------------------------------------------------------------------------- */

static sought find(lair_object *self, lair_object *item, place *at)
{
    uint64_t hash;
    if (!expect(self, LAIR_KIND_COUNTER) || !same_heap(self, item) ||
        key_hash(item, &hash) != LAIR_OK)
        return SOUGHT_FAILED;
    return table_find(keyed_of(self), item, hash, at);
}

lair_status lair_counter_get(lair_object *self, lair_object *item, int64_t *times)
{
    place at;
    sought result = find(self, item, &at);
    if (result == SOUGHT_FAILED)
        return lair_error_status();
    *times = result == SOUGHT_FOUND ? at.entry[1].number : 0;
    return LAIR_OK;
}

lair_status lair_counter_total(lair_object *self, int64_t *total)
{
    if (!expect(self, LAIR_KIND_COUNTER))
        return lair_error_status();
    int64_t sum = 0;
    table_walk entries = table_walk_of(keyed_of(self));
    while (table_step(&entries))
        if (__builtin_add_overflow(sum, entries.value.number, &sum))
            return lair_fail(LAIR_ERR_OVERFLOW, "the total of the counts does not fit 64 bits");
    *total = sum;
    return LAIR_OK;
}

/* -- taking out ------------------------------------------------------------------------------ */

lair_status lair_counter_discard(lair_object *self, lair_object *item, bool *was_there)
{
    place at;
    sought result = find(self, item, &at);
    if (result == SOUGHT_FAILED)
        return lair_error_status();
    if (was_there != NULL)
        *was_there = result == SOUGHT_FOUND;
    if (result == SOUGHT_FOUND) {
        lair_object *gone;
        word times;
        table_remove(keyed_of(self), &at, &gone, &times);
        lair_decref(gone);
    }
    return LAIR_OK;
}

lair_status lair_counter_clear(lair_object *self)
{
    if (!expect(self, LAIR_KIND_COUNTER))
        return lair_error_status();
    table_clear(keyed_of(self));
    return LAIR_OK;
}

/* -- the most common ------------------------------------------------------------------------- */

struct ranked {
    lair_object *item;
    int64_t times;
    size_t position; /* in the order of insertion */
};

static int rank(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->times != b->times)
        return a->times > b->times ? -1 : 1;
    return a->position < b->position ? -1 : 1;
}

/* A list of the first count of them, as tuples. NULL: the error is set. */
static lair_object *list_of_ranked(lair_heap *heap, const struct ranked *ranks, size_t count)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    if (list == NULL || lair_list_reserve(list, count) != LAIR_OK)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        lair_object *pair =
            LAIR_TUPLE(heap, lair_incref(ranks[i].item), lair_int_new(heap, ranks[i].times));
        if (lair_list_append_new(list, pair) != LAIR_OK)
            return NULL;
    }
    return lair_steal(&list);
}

lair_object *lair_counter_most_common(lair_object *self, size_t count)
{
    if (!expect(self, LAIR_KIND_COUNTER))
        return NULL;
    lair_heap *heap = self->type->heap;
    LAIR_SCOPED lair_object *held =
        lair_copy(self); /* what asking for memory may run is nothing to it */
    if (held == NULL)
        return NULL;
    size_t length = keyed_length(keyed_of(held));
    struct ranked *ranks = lair_heap_alloc(heap, length * sizeof(*ranks));
    if (ranks == NULL)
        return NULL;
    table_walk entries = table_walk_of(keyed_of(held));
    for (size_t i = 0; table_step(&entries); i++)
        ranks[i] = (struct ranked){entries.key, entries.value.number, i};
    qsort(ranks, length, sizeof(*ranks), rank);
    lair_object *list = list_of_ranked(heap, ranks, count < length ? count : length);
    lair_heap_free(heap, ranks);
    return list;
}

/* -- the type -------------------------------------------------------------------------------- */

static lair_step counter_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    if (keyed_length(keyed_of(frame->self)) == 0 && frame->state[1] == 0)
        return step_of(lair_write_text(writer, "Counter()"));
    return keyed_repr(writer, walk, frame, "Counter({", "})");
}

static bool counter_next(lair_cursor *at)
{
    const word *entry = keyed_next(at);
    if (entry == NULL)
        return false;
    at->key = lair_incref(entry[0].object);
    at->item = lair_int_new(at->container->type->heap, entry[1].number);
    if (at->item != NULL)
        return true;
    at->status = lair_error_status();
    return false;
}

const lair_type_spec counter_spec = {
    .name = "counter",
    .size = sizeof(struct keyed),
    .flags = LAIR_TYPE_CONTAINER,
    .free_list = COUNTER_FREE_LIST,
    KEYED_SPEC,
    .repr = counter_repr,
    .copy = keyed_copy,
    .shallow_copy = keyed_shallow_copy,
    .next = counter_next,
};

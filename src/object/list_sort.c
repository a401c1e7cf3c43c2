/* list_sort.c: sorting a list: a stable merge sort of the runs that are there.
 *
 * Runs that ascend, or strictly descend, are found from left to right; short ones are extended by
 * insertion. When two neighbours are merged, their "power" says (Munro and Wild, "Nearly-Optimal
 * Mergesorts", 2018): so what is sorted in parts costs little. A merge copies the shorter of two
 * runs aside; room for half the items is asked for first, and nothing can fail after it but a
 * comparison. Once one has failed, all items count as in order, and what has begun goes on to its
 * end: no item is lost.
 *
 * Lists of nothing but ints, floats or strs are compared without a call.
 */
#include <math.h>

#include "list.h"
#include "number.h"
#include "str.h"

enum {
    SHORT_RUN = 24, /* runs are extended to this */
    BUFFER_AT_HAND = 64,
    RUNS_MOST = 8 * sizeof(size_t) + 2,
};

typedef enum sort_order { ORDER_ANY, ORDER_INTS, ORDER_FLOATS, ORDER_STRS } sort_order;

struct sorter {
    lair_object **buffer;
    lair_status status; /* of the first comparison that failed */
};

#define INLINE static inline __attribute__((always_inline))

/* -- comparing ------------------------------------------------------------------------------- */

static bool str_less(const lair_object *a, const lair_object *b)
{
    size_t bytes_a = str_bytes(a), bytes_b = str_bytes(b);
    int order = memcmp(str_text(a), str_text(b), bytes_a < bytes_b ? bytes_a : bytes_b);
    return order != 0 ? order < 0 : bytes_a < bytes_b;
}

static bool any_less(struct sorter *sorter, lair_object *a, lair_object *b)
{
    int order = 0;
    if (sorter->status == LAIR_OK)
        sorter->status = lair_compare(a, b, &order);
    return sorter->status == LAIR_OK && order < 0;
}

INLINE bool less(struct sorter *sorter, sort_order by, lair_object *a, lair_object *b)
{
    switch (by) {
    case ORDER_INTS:
        return int_value(a) < int_value(b);
    case ORDER_FLOATS:
        return float_value(a) < float_value(b);
    case ORDER_STRS:
        return str_less(a, b);
    case ORDER_ANY:
        break;
    }
    return any_less(sorter, a, b);
}

/* What all items are. NaN has no place in an order: comparing it is an error. */
static sort_order order_of(lair_object *const *items, size_t count)
{
    size_t ints = 0, floats = 0, strs = 0;
    for (size_t i = 0; i < count; i++) {
        ints += is_int(items[i]);
        floats += is_kind(items[i], LAIR_KIND_FLOAT) && !isnan(float_value(items[i]));
        strs += is_kind(items[i], LAIR_KIND_STR);
    }
    return ints == count     ? ORDER_INTS
           : floats == count ? ORDER_FLOATS
           : strs == count   ? ORDER_STRS
                             : ORDER_ANY;
}

/* -- runs ------------------------------------------------------------------------------------ */

static void reverse(lair_object **items, size_t count)
{
    for (size_t low = 0, high = count; low + 1 < high; low++) {
        lair_object *item = items[low];
        items[low] = items[--high];
        items[high] = item;
    }
}

/* The length of the run that items begin with, which ascends then. count is 1 or more. */
INLINE size_t run_find(struct sorter *sorter, sort_order by, lair_object **items, size_t count)
{
    size_t length = 1;
    if (count == 1)
        return 1;
    if (less(sorter, by, items[1], items[0])) {
        while (length < count && less(sorter, by, items[length], items[length - 1]))
            length++;
        reverse(items, length);
    } else {
        while (length < count && !less(sorter, by, items[length], items[length - 1]))
            length++;
    }
    return length;
}

/* Items that sorted ones are joined by, each at the place found by halving. */
INLINE void insert_rest(struct sorter *sorter, sort_order by, lair_object **items, size_t sorted,
                        size_t count)
{
    for (; sorted < count; sorted++) {
        lair_object *item = items[sorted];
        size_t low = 0, high = sorted;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (less(sorter, by, item, items[middle]))
                high = middle;
            else
                low = middle + 1;
        }
        memmove(items + low + 1, items + low, (sorted - low) * sizeof(*items));
        items[low] = item;
    }
}

/* -- merging --------------------------------------------------------------------------------- */

/* How many of the first items are not greater than item. */
INLINE size_t count_not_above(struct sorter *sorter, sort_order by, lair_object **items,
                              size_t count, lair_object *item)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (less(sorter, by, item, items[middle]))
            count = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* How many of the first items are less than item. */
INLINE size_t count_below(struct sorter *sorter, sort_order by, lair_object **items, size_t count,
                          lair_object *item)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (less(sorter, by, items[middle], item))
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/* The left run is the shorter one: it is copied aside, and the merge goes from left to right. */
INLINE void merge_up(struct sorter *sorter, sort_order by, lair_object **items, size_t left,
                     size_t right)
{
    lair_object **a = sorter->buffer, **a_end = a + left;
    lair_object **b = items + left, **b_end = b + right;
    memcpy(a, items, left * sizeof(*items));
    while (a != a_end && b != b_end)
        *items++ = less(sorter, by, *b, *a) ? *b++ : *a++;
    memcpy(items, a, (size_t)(a_end - a) * sizeof(*items));
}

INLINE void merge_down(struct sorter *sorter, sort_order by, lair_object **items, size_t left,
                       size_t right)
{
    lair_object **a = items + left, **b = sorter->buffer + right, **end = items + left + right;
    memcpy(sorter->buffer, items + left, right * sizeof(*items));
    while (a != items && b != sorter->buffer)
        *--end = less(sorter, by, b[-1], a[-1]) ? *--a : *--b;
    memcpy(items, sorter->buffer, (size_t)(b - sorter->buffer) * sizeof(*items));
}

/* Merges two neighbours, of which neither is empty. Items that are in their place stay there. */
INLINE void merge(struct sorter *sorter, sort_order by, lair_object **items, size_t left,
                  size_t right)
{
    size_t first = count_not_above(sorter, by, items, left, items[left]);
    if (first == left)
        return;
    items += first;
    left -= first;
    right = count_below(sorter, by, items + left, right, items[left - 1]);
    if (left <= right)
        merge_up(sorter, by, items, left, right);
    else
        merge_down(sorter, by, items, left, right);
}

/* The level of the tree of merges where two neighbours meet: the first binary digit in which their
 * middles, as fractions of the whole, differ. */
static unsigned power_of(size_t start, size_t left, size_t right, size_t count)
{
    size_t a = 2 * start + left, b = a + left + right;
    unsigned power = 1;
    while ((a >= count) == (b >= count)) {
        size_t digit = a >= count ? count : 0;
        a = 2 * (a - digit);
        b = 2 * (b - digit);
        power++;
    }
    return power;
}

/* -- the driver ------------------------------------------------------------------------------ */

/* Sorts count items, two or more. */
INLINE void sort_by(struct sorter *sorter, sort_order by, lair_object **items, size_t count)
{
    struct run {
        size_t start, length;
        unsigned power; /* of this one and the next */
    } runs[RUNS_MOST];
    size_t depth = 0;
    for (size_t start = 0; start < count;) {
        size_t rest = count - start;
        size_t length = run_find(sorter, by, items + start, rest);
        if (length < SHORT_RUN && length < rest) {
            size_t wanted = rest < SHORT_RUN ? rest : SHORT_RUN;
            insert_rest(sorter, by, items + start, length, wanted);
            length = wanted;
        }
        if (depth != 0) {
            const struct run *last = &runs[depth - 1];
            unsigned power = power_of(last->start, last->length, length, count);
            while (depth >= 2 && runs[depth - 2].power > power) {
                struct run *left = &runs[depth - 2], *right = &runs[depth - 1];
                merge(sorter, by, items + left->start, left->length, right->length);
                left->length += right->length;
                depth--;
            }
            runs[depth - 1].power = power;
        }
        runs[depth++] = (struct run){start, length, 0};
        start += length;
    }
    for (; depth >= 2; depth--) {
        struct run *left = &runs[depth - 2], *right = &runs[depth - 1];
        merge(sorter, by, items + left->start, left->length, right->length);
        left->length += right->length;
    }
}

static lair_status sort(lair_object **items, size_t count, lair_object **buffer)
{
    struct sorter sorter = {.buffer = buffer};
    switch (order_of(items, count)) {
    case ORDER_INTS:
        sort_by(&sorter, ORDER_INTS, items, count);
        break;
    case ORDER_FLOATS:
        sort_by(&sorter, ORDER_FLOATS, items, count);
        break;
    case ORDER_STRS:
        sort_by(&sorter, ORDER_STRS, items, count);
        break;
    case ORDER_ANY:
        sort_by(&sorter, ORDER_ANY, items, count);
    }
    return sorter.status;
}

lair_status lair_list_sort(lair_object *self)
{
    if (!expect(self, LAIR_KIND_LIST))
        return lair_error_status();
    struct list *list = list_of(self);
    lair_object *at_hand[BUFFER_AT_HAND], **buffer = at_hand;
    size_t half = list->length / 2;
    if (half > BUFFER_AT_HAND)
        buffer = lair_heap_alloc(self->type->heap, half * sizeof(*buffer));
    if (buffer == NULL)
        return lair_error_status();
    if (list->length / 2 > half) { /* asking for memory ran the heap's listener */
        lair_heap_free(self->type->heap, buffer != at_hand ? buffer : NULL);
        return lair_fail(LAIR_ERR_CHANGED, "a list changed while it was sorted");
    }
    struct list sorted = list_take_out(list);
    lair_status status = LAIR_OK;
    if (sorted.length >= 2)
        status = sort(sorted.items, sorted.length, buffer);
    status = list_put_back(self, sorted, status);
    if (buffer != at_hand)
        lair_heap_free(self->type->heap, buffer);
    return status;
}

/* array.c: packed numbers. */
#include <lair/array.h>

#include <inttypes.h>
#include <math.h>

#include "builtin.h"
#include "cell.h"
#include "walk.h"

enum { ARRAY_FREE_LIST = 32 };

struct array {
    OBJECT_HEAD;  /* own: the cell_kind */
    char *values; /* a block of the heap; NULL while capacity is 0 */
    size_t length, capacity;
    struct weakref *weakrefs;
};

static inline struct array *array_of(const lair_object *object)
{
    return (struct array *)(void *)object;
}

static inline cell_kind kind_of(const struct array *array)
{
    return (cell_kind)OBJECT_OWN(array);
}

static inline void *cell_at(const struct array *array, size_t index)
{
    return array->values + index * cell_bytes[kind_of(array)];
}

/* -- room ------------------------------------------------------------------------------------ */

/* Should asking for memory run the heap's listener, it finds the array empty; what it puts in is
 * dropped, and an array that it truncates stays so: LAIR_ERR_CHANGED. */
static lair_status set_capacity(struct array *array, size_t capacity)
{
    lair_heap *heap = array->object.type->heap;
    size_t bytes = bytes_for(0, capacity, cell_bytes[kind_of(array)]), length = array->length;
    char *contents = array->values;
    array->values = NULL;
    size_t capacity_before = array->capacity;
    array->length = array->capacity = 0;
    if (capacity == 0) {
        lair_heap_free(heap, contents);
        return LAIR_OK;
    }
    char *values = lair_heap_realloc(heap, contents, bytes);
    lair_status status = values != NULL ? LAIR_OK : lair_error_status();
    if (values == NULL) {
        values = contents;
        capacity = capacity_before;
    }
    bool truncated = !is_kind(&array->object, LAIR_KIND_ARRAY);
    if ((truncated || array->values != NULL) && status == LAIR_OK)
        status = lair_fail(LAIR_ERR_CHANGED, "an array was changed while it grew");
    lair_heap_free(heap, truncated ? values : array->values);
    if (truncated)
        return status;
    array->values = values;
    array->length = length;
    array->capacity = capacity;
    return status;
}

/* Room for length items and an eighth more, so that growing one by one costs a constant each. */
static lair_status grow(struct array *array, size_t length)
{
    size_t capacity = length + length / 8 + 8;
    return set_capacity(array, capacity & ~(size_t)7);
}

/* Room for more items. */
static inline lair_status need(struct array *array, size_t more)
{
    if (likely(more <= array->capacity - array->length))
        return LAIR_OK;
    size_t length;
    if (__builtin_add_overflow(array->length, more, &length) || length > PTRDIFF_MAX / 2)
        return lair_fail(LAIR_ERR_INVALID, "an array of %zu and %zu more items is too long",
                         array->length, more);
    return grow(array, length);
}

lair_status lair_array_reserve(lair_object *self, size_t capacity)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    struct array *array = array_of(self);
    return capacity > array->capacity ? set_capacity(array, capacity) : LAIR_OK;
}

lair_status lair_array_shrink(lair_object *self)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    struct array *array = array_of(self);
    return array->length < array->capacity ? set_capacity(array, array->length) : LAIR_OK;
}

lair_status lair_array_resize(lair_object *self, size_t count)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    struct array *array = array_of(self);
    if (count > array->length) {
        lair_status status = need(array, count - array->length);
        if (status != LAIR_OK)
            return status;
        memset(cell_at(array, array->length), 0,
               (count - array->length) * cell_bytes[kind_of(array)]);
    }
    array->length = count;
    return LAIR_OK;
}

/* -- making ---------------------------------------------------------------------------------- */

static struct array *array_make(struct space *space, cell_kind kind, size_t capacity)
{
    struct array *array = object_alloc_fixed(builtin_type(space, LAIR_KIND_ARRAY));
    if (array == NULL)
        return NULL;
    OBJECT_OWN(array) = kind;
    array->values = NULL;
    array->length = array->capacity = 0;
    array->weakrefs = NULL;
    if (capacity != 0 && set_capacity(array, capacity) != LAIR_OK) {
        lair_decref(&array->object);
        return NULL;
    }
    return array;
}

static struct array *array_with(struct space *space, cell_kind kind, const void *values,
                                size_t count)
{
    struct array *array = array_make(space, kind, count);
    if (array == NULL || count == 0)
        return array;
    if (values != NULL)
        memcpy(array->values, values, count * cell_bytes[kind]);
    else
        memset(array->values, 0, count * cell_bytes[kind]);
    array->length = count;
    return array;
}

static bool kind_valid(lair_array_kind kind)
{
    if ((unsigned)kind <= LAIR_ARRAY_F64)
        return true;
    (void)lair_fail(LAIR_ERR_INVALID, "%d is no kind of array", (int)kind);
    return false;
}

lair_object *lair_array_from_values(lair_heap *heap, lair_array_kind kind, const void *values,
                                    size_t count)
{
    struct space *space = space_of(heap);
    if (space == NULL || !kind_valid(kind))
        return NULL;
    struct array *array = array_with(space, (cell_kind)(kind + 1), values, count);
    return array != NULL ? &array->object : NULL;
}

lair_object *lair_array_new(lair_heap *heap, lair_array_kind kind)
{
    return lair_array_from_values(heap, kind, NULL, 0);
}

/* Whether it is known how many items object has. */
static bool is_row(const lair_object *object)
{
    return is_kind(object, LAIR_KIND_LIST) || is_kind(object, LAIR_KIND_TUPLE) ||
           is_kind(object, LAIR_KIND_ARRAY);
}

lair_object *lair_array_from(lair_object *iterable, lair_array_kind kind)
{
    if (iterable == NULL) {
        (void)pending_error();
        return NULL;
    }
    LAIR_SCOPED lair_object *array = lair_array_new(lair_heap_of(iterable), kind);
    if (array != NULL && is_row(iterable) &&
        lair_array_reserve(array, lair_length(iterable)) != LAIR_OK)
        return NULL;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(array != NULL ? iterable : NULL);
    while (lair_next_item(&at))
        if (lair_array_append(array, at.key != NULL ? at.key : at.item) != LAIR_OK)
            return NULL;
    if (at.status != LAIR_OK)
        return NULL;
    (void)lair_array_shrink(array); /* where that fails it keeps its room */
    return lair_steal(&array);
}

/* -- items ----------------------------------------------------------------------------------- */

lair_status lair_array_kind_of(const lair_object *self, lair_array_kind *kind)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    *kind = (lair_array_kind)(kind_of(array_of(self)) - 1);
    return LAIR_OK;
}

size_t lair_array_length(const lair_object *self)
{
    return expect(self, LAIR_KIND_ARRAY) ? array_of(self)->length : SIZE_MAX;
}

void *lair_array_values(lair_object *self)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return NULL;
    return array_of(self)->length != 0 ? array_of(self)->values : NULL;
}

/* The item's place; NULL: the error is set. */
static inline void *item_at(const lair_object *self, size_t index)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return NULL;
    const struct array *array = array_of(self);
    if (likely(index < array->length))
        return cell_at(array, index);
    (void)lair_fail(LAIR_ERR_INDEX, "item %zu of an array of %zu", index, array->length);
    return NULL;
}

lair_object *lair_array_get(lair_object *self, size_t index)
{
    const void *cell = item_at(self, index);
    return cell != NULL ? cell_object(self->type->heap, kind_of(array_of(self)), cell) : NULL;
}

lair_status lair_array_get_int(const lair_object *self, size_t index, int64_t *value)
{
    const void *cell = item_at(self, index);
    if (cell == NULL)
        return lair_error_status();
    cell_kind kind = kind_of(array_of(self));
    if (cell_is_float(kind))
        return lair_fail(LAIR_ERR_TYPE, "an array of %s has no ints", cell_names[kind]);
    *value = cell_int(kind, cell);
    return LAIR_OK;
}

lair_status lair_array_get_float(const lair_object *self, size_t index, double *value)
{
    const void *cell = item_at(self, index);
    if (cell == NULL)
        return lair_error_status();
    *value = cell_float(kind_of(array_of(self)), cell);
    return LAIR_OK;
}

lair_status lair_array_set(lair_object *self, size_t index, lair_object *number)
{
    void *cell = item_at(self, index);
    if (cell == NULL)
        return lair_error_status();
    if (number == NULL)
        return pending_error();
    return cell_store(kind_of(array_of(self)), cell, number, self);
}

lair_status lair_array_append(lair_object *self, lair_object *number)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    if (number == NULL)
        return pending_error();
    if (is_int(number))
        return lair_array_append_int(self, int_value(number));
    struct array *array = array_of(self);
    lair_status status = need(array, 1);
    if (status == LAIR_OK)
        status = cell_store(kind_of(array), cell_at(array, array->length), number, self);
    array->length += status == LAIR_OK;
    return status;
}

lair_status lair_array_append_int(lair_object *self, int64_t value)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    struct array *array = array_of(self);
    lair_status status = need(array, 1);
    if (likely(status == LAIR_OK))
        status = cell_store_int(kind_of(array), cell_at(array, array->length), value, self);
    array->length += status == LAIR_OK;
    return status;
}

lair_status lair_array_append_float(lair_object *self, double value)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    struct array *array = array_of(self);
    lair_status status = need(array, 1);
    if (unlikely(status != LAIR_OK))
        return status;
    if (likely(kind_of(array) == CELL_F64))
        ((double *)(void *)array->values)[array->length] = value;
    else
        status = cell_store_float(kind_of(array), cell_at(array, array->length), value, self);
    array->length += status == LAIR_OK;
    return status;
}

lair_status lair_array_extend(lair_object *self, const void *values, size_t count)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    if (count == 0)
        return LAIR_OK;
    if (values == NULL)
        return lair_fail(LAIR_ERR_INVALID, "the values to append are NULL");
    struct array *array = array_of(self);
    size_t offset = (uintptr_t)values - (uintptr_t)array->values;
    bool own = array->values != NULL && offset < array->length * cell_bytes[kind_of(array)];
    lair_status status = need(array, count);
    if (status != LAIR_OK)
        return status;
    memmove(cell_at(array, array->length), own ? array->values + offset : values,
            count * cell_bytes[kind_of(array)]);
    array->length += count;
    return LAIR_OK;
}

/* -- sums ------------------------------------------------------------------------------------ */

__extension__ typedef __int128 wide;

/* Of ints: no number of them that fits in memory overflows. */
static wide sum_of_ints(const struct array *array)
{
    cell_kind kind = kind_of(array);
    wide sum = 0;
    for (size_t i = 0; i < array->length; i++)
        sum += cell_int(kind, cell_at(array, i));
    return sum;
}

/* What each addition rounds away is summed apart. */
static double sum_of_floats(const struct array *array)
{
    double sum = 0, lost = 0;
    for (size_t i = 0; i < array->length; i++) {
        double value = cell_float(kind_of(array), cell_at(array, i));
        double next = sum + value;
        lost += fabs(sum) >= fabs(value) ? sum - next + value : value - next + sum;
        sum = next;
    }
    return isfinite(lost) ? sum + lost : sum; /* infinities have nothing to make good */
}

lair_status lair_array_sum(lair_object *self, double *sum)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    const struct array *array = array_of(self);
    *sum = cell_is_float(kind_of(array)) ? sum_of_floats(array) : (double)sum_of_ints(array);
    return LAIR_OK;
}

lair_status lair_array_sum_int(lair_object *self, int64_t *sum)
{
    if (!expect(self, LAIR_KIND_ARRAY))
        return lair_error_status();
    const struct array *array = array_of(self);
    if (cell_is_float(kind_of(array)))
        return lair_fail(LAIR_ERR_TYPE, "an array of %s has no sum of ints",
                         cell_names[kind_of(array)]);
    wide exact = sum_of_ints(array);
    if (exact != (int64_t)exact)
        return lair_fail(LAIR_ERR_OVERFLOW, "the sum of %zu items does not fit an int of 64 bits",
                         array->length);
    *sum = (int64_t)exact;
    return LAIR_OK;
}

/* -- the type -------------------------------------------------------------------------------- */

static void array_dealloc(lair_object *self)
{
    lair_heap_free(self->type->heap, array_of(self)->values);
}

static size_t array_size_of(const lair_object *self)
{
    return lair_heap_usable_size(self->type->heap, array_of(self)->values);
}

static lair_step array_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const struct array *array = array_of(frame->self);
    cell_kind kind = kind_of(array);
    lair_status status = lair_write_format(writer, "array('%s', [", cell_names[kind]);
    for (size_t i = 0; i < array->length && status == LAIR_OK; i++) {
        if (i != 0)
            status = lair_write(writer, ", ", 2);
        if (status == LAIR_OK)
            status = cell_write(writer, kind, cell_at(array, i));
    }
    return step_of(status == LAIR_OK ? lair_write_text(writer, "])") : status);
}

static lair_step array_equal(lair_walk *walk, lair_frame *frame)
{
    const struct array *a = array_of(frame->self), *b = array_of(frame->other);
    walk->order = a->length != b->length;
    for (size_t i = 0; i < a->length && walk->order == 0; i++) {
        const void *x = cell_at(a, i), *y = cell_at(b, i);
        walk->order = cells_have_nan(kind_of(a), x, kind_of(b), y) ||
                      cell_compare(kind_of(a), x, kind_of(b), y) != 0;
    }
    return LAIR_STEP_DONE;
}

static lair_step array_compare(lair_walk *walk, lair_frame *frame)
{
    const struct array *a = array_of(frame->self), *b = array_of(frame->other);
    walk->order = 0;
    for (size_t i = 0; i < a->length && i < b->length && walk->order == 0; i++) {
        const void *x = cell_at(a, i), *y = cell_at(b, i);
        if (cells_have_nan(kind_of(a), x, kind_of(b), y)) {
            (void)lair_fail(LAIR_ERR_VALUE, "NaN has no place in an order");
            return LAIR_STEP_FAILED;
        }
        walk->order = cell_compare(kind_of(a), x, kind_of(b), y);
    }
    if (walk->order == 0)
        walk->order = (a->length > b->length) - (a->length < b->length);
    return LAIR_STEP_DONE;
}

static lair_object *array_shallow_copy(lair_object *self)
{
    const struct array *array = array_of(self);
    struct array *copy =
        array_with(self->type->space, kind_of(array), array->values, array->length);
    return copy != NULL ? &copy->object : NULL;
}

static lair_step array_copy(lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    frame->other = array_shallow_copy(frame->self);
    return frame->other != NULL ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static size_t array_length_slot(lair_object *self)
{
    return array_of(self)->length;
}

static lair_status array_contains(lair_object *self, lair_object *item, bool *found)
{
    const struct array *array = array_of(self);
    *found = false;
    if (!is_number(item))
        return LAIR_OK;
    cell_kind item_kind = is_int(item) ? CELL_I64 : CELL_F64;
    int64_t as_int = lair_int_value(item);
    double as_float = lair_float_value(item);
    const void *sought = item_kind == CELL_I64 ? (const void *)&as_int : &as_float;
    for (size_t i = 0; i < array->length && !*found; i++) {
        const void *cell = cell_at(array, i);
        *found = !cells_have_nan(kind_of(array), cell, item_kind, sought) &&
                 cell_compare(kind_of(array), cell, item_kind, sought) == 0;
    }
    return LAIR_OK;
}

static void array_begin(lair_cursor *at)
{
    (void)at;
}

static bool array_next(lair_cursor *at)
{
    const struct array *array = array_of(at->container);
    if (at->position >= array->length)
        return false;
    at->item = cell_object(at->container->type->heap, kind_of(array), cell_at(array, at->position));
    if (at->item == NULL)
        at->status = lair_error_status();
    at->position += at->item != NULL;
    return at->item != NULL;
}

const lair_type_spec array_spec = {
    .name = "array",
    .size = sizeof(struct array),
    .weakrefs = offsetof(struct array, weakrefs),
    .free_list = ARRAY_FREE_LIST,
    .dealloc = array_dealloc,
    .size_of = array_size_of,
    .repr = array_repr,
    .equal = array_equal,
    .compare = array_compare,
    .copy = array_copy,
    .shallow_copy = array_shallow_copy,
    .length = array_length_slot,
    .contains = array_contains,
    .begin = array_begin,
    .next = array_next,
};

_Static_assert((int)CELL_I8 == (int)LAIR_ARRAY_I8 + 1 && (int)CELL_F64 == (int)LAIR_ARRAY_F64 + 1,
               "cells are of the kinds that arrays have, after bool");

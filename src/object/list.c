/* list.c: growing sequences.
 *
 * References are dropped last: what a destructor sees is a list in order.
 */
#include "list.h"

#include "builtin.h"

enum { LIST_FREE_LIST = 1024 };

/* -- room ------------------------------------------------------------------------------------ */

lair_status list_put_back(lair_object *self, struct list contents, lair_status status)
{
    lair_heap *heap = self->type->heap;
    struct list other = contents;
    bool truncated = !is_kind(self, LAIR_KIND_LIST);
    if (!truncated) {
        struct list *list = list_of(self);
        other = *list;
        list->items = contents.items;
        list->length = contents.length;
        list->capacity = contents.capacity;
    }
    if ((truncated || other.items != NULL) && status == LAIR_OK)
        status =
            lair_fail(LAIR_ERR_CHANGED, "a list was changed by code that one of its functions ran");
    items_drop(other.items, other.length);
    lair_heap_free(heap, other.items);
    return status;
}

/* Should asking for memory run the heap's listener, it finds the list empty. */
static lair_status set_capacity(struct list *list, size_t capacity)
{
    lair_heap *heap = list->object.type->heap;
    size_t bytes = bytes_for(0, capacity, sizeof(*list->items));
    struct list contents = list_take_out(list);
    if (capacity == 0) {
        lair_heap_free(heap, contents.items);
        return LAIR_OK;
    }
    lair_object **items = lair_heap_realloc(heap, contents.items, bytes);
    if (items == NULL)
        return list_put_back(&list->object, contents, lair_error_status());
    contents.items = items;
    contents.capacity = capacity;
    return list_put_back(&list->object, contents, LAIR_OK);
}

/* Room for length items and an eighth more, so that growing one by one costs a constant each. */
static __attribute__((noinline, cold)) lair_status grow(struct list *list, size_t length)
{
    size_t capacity = length + length / 8 + (length < 9 ? 3 : 6);
    return set_capacity(list, capacity & ~(size_t)3);
}

static inline lair_status need(struct list *list, size_t more)
{
    size_t length = list->length + more;
    return likely(length <= list->capacity) ? LAIR_OK : grow(list, length);
}

lair_status lair_list_reserve(lair_object *self, size_t capacity)
{
    if (!expect(self, LAIR_KIND_LIST))
        return lair_error_status();
    struct list *list = list_of(self);
    return capacity > list->capacity ? set_capacity(list, capacity) : LAIR_OK;
}

lair_status lair_list_shrink(lair_object *self)
{
    if (!expect(self, LAIR_KIND_LIST))
        return lair_error_status();
    struct list *list = list_of(self);
    return list->length < list->capacity ? set_capacity(list, list->length) : LAIR_OK;
}

size_t lair_list_capacity(const lair_object *self)
{
    return expect(self, LAIR_KIND_LIST) ? list_of(self)->capacity : 0;
}

/* -- making ---------------------------------------------------------------------------------- */

static struct list *list_make(struct space *space, size_t capacity)
{
    struct list *list = object_track(object_alloc_fixed(builtin_type(space, LAIR_KIND_LIST)));
    if (list == NULL)
        return NULL;
    list->items = NULL;
    list->length = list->capacity = 0;
    list->weakrefs = NULL;
    if (capacity == 0)
        return list;
    list->items = block_alloc(space->heap, bytes_for(0, capacity, sizeof(*list->items)));
    if (list->items == NULL) {
        lair_decref(&list->object);
        return NULL;
    }
    list->capacity = capacity;
    return list;
}

lair_object *lair_list_new(lair_heap *heap)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    collector_safe_point(space);
    struct list *list = list_make(space, 0);
    return list != NULL ? &list->object : NULL;
}

lair_object *lair_list_steal(lair_heap *heap, lair_object **items, size_t count)
{
    struct space *space = space_of(heap);
    struct list *list = NULL;
    if (likely(space != NULL)) {
        collector_safe_point(space);
        list = list_make(space, count);
    }
    for (size_t i = 0; i < count && likely(list != NULL); i++) {
        debug_alive(items[i]);
        if (unlikely(items[i] == NULL) || unlikely(items[i]->type->heap != heap)) {
            lair_decref(&list->object); /* it has no items yet */
            (void)items_valid(heap, items, count);
            list = NULL;
            break;
        }
        list->items[i] = items[i];
    }
    if (unlikely(list == NULL)) {
        items_drop(items, count);
        return NULL;
    }
    list->length = count;
    return &list->object;
}

/* A list of the items from start up to end, which are there; but asking for memory may run the
 * heap's listener, and that may take some out. */
static lair_object *list_of_part(lair_object *self, size_t start, size_t end)
{
    struct list *list = list_make(self->type->space, end - start);
    if (list == NULL)
        return NULL;
    sequence row = list_row(self);
    if (unlikely(row.length < end)) {
        lair_decref(&list->object);
        (void)lair_fail(LAIR_ERR_CHANGED, "a list changed while a part of it was copied");
        return NULL;
    }
    for (size_t i = start; i < end; i++)
        list->items[list->length++] = lair_incref(row.items[i]);
    return &list->object;
}

lair_object *lair_list_from(lair_object *iterable)
{
    if (iterable == NULL) {
        (void)pending_error();
        return NULL;
    }
    LAIR_SCOPED lair_object *list = lair_list_new(lair_heap_of(iterable));
    return list != NULL && lair_list_extend(list, iterable) == LAIR_OK ? lair_steal(&list) : NULL;
}

/* -- items ----------------------------------------------------------------------------------- */

static lair_status bad_index(const struct list *list, size_t index)
{
    return lair_fail(LAIR_ERR_INDEX, "item %zu of a list of %zu", index, list->length);
}

size_t lair_list_length(const lair_object *self)
{
    return expect(self, LAIR_KIND_LIST) ? list_of(self)->length : SIZE_MAX;
}

lair_object *lair_list_get(const lair_object *self, size_t index)
{
    if (!expect(self, LAIR_KIND_LIST))
        return NULL;
    const struct list *list = list_of(self);
    if (likely(index < list->length))
        return list->items[index];
    (void)bad_index(list, index);
    return NULL;
}

/* Puts item in and hands the old one out; no reference is counted. */
static lair_status exchange(lair_object *self, size_t index, lair_object *item, lair_object **old)
{
    if (!expect(self, LAIR_KIND_LIST) || !same_heap(self, item))
        return lair_error_status();
    struct list *list = list_of(self);
    if (index >= list->length)
        return bad_index(list, index);
    *old = list->items[index];
    list->items[index] = item;
    return LAIR_OK;
}

lair_status lair_list_set_new(lair_object *self, size_t index, lair_object *item)
{
    lair_object *old = item; /* what is dropped when it fails */
    lair_status status = exchange(self, index, item, &old);
    lair_decref(old);
    return status;
}

lair_status lair_list_set(lair_object *self, size_t index, lair_object *item)
{
    return lair_list_set_new(self, index, lair_incref(item));
}

/* Puts item, whose reference it takes over, behind the others; false: it is not as easy as that,
 * and nothing has changed. Apart from the rest, it needs no stack. */
static inline bool append_easily(lair_object *self, lair_object *item)
{
    struct list *list = list_of(self);
    if (unlikely(self == NULL) || unlikely(item == NULL) ||
        unlikely(self->type != builtin_type(item->type->space, LAIR_KIND_LIST)) ||
        unlikely(list->length >= list->capacity))
        return false;
    list->items[list->length++] = item;
    return true;
}

static __attribute__((noinline)) lair_status append(lair_object *self, lair_object *item)
{
    if (!expect(self, LAIR_KIND_LIST) || !same_heap(self, item))
        return lair_error_status();
    struct list *list = list_of(self);
    lair_status status = need(list, 1);
    if (status == LAIR_OK)
        list->items[list->length++] = lair_incref(item);
    return status;
}

static __attribute__((noinline)) lair_status append_new(lair_object *self, lair_object *item)
{
    lair_status status = append(self, item);
    lair_decref(item);
    return status;
}

lair_status lair_list_append(lair_object *self, lair_object *item)
{
    if (unlikely(!append_easily(self, item)))
        return append(self, item);
    (void)lair_incref(item);
    return LAIR_OK;
}

lair_status lair_list_append_new(lair_object *self, lair_object *item)
{
    return likely(append_easily(self, item)) ? LAIR_OK : append_new(self, item);
}

lair_status lair_list_insert(lair_object *self, size_t index, lair_object *item)
{
    if (!expect(self, LAIR_KIND_LIST) || !same_heap(self, item))
        return lair_error_status();
    struct list *list = list_of(self);
    if (index > list->length)
        return bad_index(list, index);
    lair_status status = need(list, 1);
    if (status != LAIR_OK)
        return status;
    memmove(list->items + index + 1, list->items + index,
            (list->length - index) * sizeof(*list->items));
    list->items[index] = lair_incref(item);
    list->length++;
    return LAIR_OK;
}

/* Gives back most of the room of a list that has become short. Where that fails it stays. */
static void settle(struct list *list)
{
    if (list->length < list->capacity / 2)
        (void)set_capacity(list, list->length + list->length / 8);
}

lair_object *lair_list_pop(lair_object *self, size_t index)
{
    if (!expect(self, LAIR_KIND_LIST))
        return NULL;
    struct list *list = list_of(self);
    if (index == SIZE_MAX && list->length != 0)
        index = list->length - 1;
    if (index >= list->length) {
        if (list->length == 0)
            (void)lair_fail(LAIR_ERR_INDEX, "pop from an empty list");
        else
            (void)bad_index(list, index);
        return NULL;
    }
    lair_object *item = list->items[index];
    list->length--;
    memmove(list->items + index, list->items + index + 1,
            (list->length - index) * sizeof(*list->items));
    settle(list);
    return item;
}

lair_status lair_list_remove(lair_object *self, size_t start, size_t end)
{
    if (!expect(self, LAIR_KIND_LIST))
        return lair_error_status();
    struct list *list = list_of(self);
    slice_clamp(list->length, &start, &end);
    if (start == end)
        return LAIR_OK;
    if (start == 0 && end == list->length)
        return lair_list_clear(self);
    if (end - start == 1) {
        lair_decref(lair_list_pop(self, start));
        return LAIR_OK;
    }
    /* Another list takes the references over and drops them when this one is in order. */
    LAIR_SCOPED lair_object *gone = list_of_part(self, start, end);
    if (gone == NULL)
        return lair_error_status();
    for (size_t i = start; i < end; i++)
        lair_decref(list->items[i]); /* gone holds them */
    memmove(list->items + start, list->items + end, (list->length - end) * sizeof(*list->items));
    list->length -= end - start;
    settle(list);
    return LAIR_OK;
}

lair_status lair_list_clear(lair_object *self)
{
    if (!expect(self, LAIR_KIND_LIST))
        return lair_error_status();
    struct list *list = list_of(self);
    lair_object **items = list->items;
    size_t length = list->length;
    list->items = NULL;
    list->length = list->capacity = 0;
    items_drop(items, length);
    lair_heap_free(self->type->heap, items);
    return LAIR_OK;
}

/* -- many items ------------------------------------------------------------------------------ */

/* Takes the newest items off again. */
static void cut(struct list *list, size_t length)
{
    while (list->length > length)
        lair_decref(list->items[--list->length]);
}

lair_status lair_list_extend(lair_object *self, lair_object *iterable)
{
    if (!expect(self, LAIR_KIND_LIST) || !same_heap(self, iterable))
        return lair_error_status();
    struct list *list = list_of(self);
    if (is_kind(iterable, LAIR_KIND_LIST)) {
        size_t more = list_of(iterable)->length;
        lair_status status = need(list, more);
        if (status == LAIR_OK && list_of(iterable)->length < more)
            status = lair_fail(LAIR_ERR_CHANGED, "a list changed while another was extended by it");
        for (size_t i = 0; i < more && status == LAIR_OK; i++)
            list->items[list->length++] = lair_incref(list_of(iterable)->items[i]);
        return status;
    }
    size_t before = list->length;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(iterable);
    while (lair_next_item(&at)) {
        lair_object *item = at.key != NULL ? at.key : at.item;
        lair_status status = lair_list_append(self, item);
        if (status != LAIR_OK) {
            cut(list, before);
            return status;
        }
    }
    if (at.status != LAIR_OK)
        cut(list, before);
    return at.status;
}

lair_object *lair_list_slice(lair_object *self, size_t start, size_t end)
{
    if (self != NULL)
        collector_safe_point(self->type->space);
    if (!expect(self, LAIR_KIND_LIST))
        return NULL;
    slice_clamp(list_of(self)->length, &start, &end);
    return list_of_part(self, start, end);
}

lair_status lair_list_reverse(lair_object *self)
{
    if (!expect(self, LAIR_KIND_LIST))
        return lair_error_status();
    struct list *list = list_of(self);
    for (size_t low = 0, high = list->length; low + 1 < high; low++) {
        lair_object *item = list->items[low];
        list->items[low] = list->items[--high];
        list->items[high] = item;
    }
    return LAIR_OK;
}

/* -- the type -------------------------------------------------------------------------------- */

static void list_dealloc(lair_object *self)
{
    struct list *list = list_of(self);
    for (size_t i = list->length; i-- > 0;)
        lair_decref(list->items[i]);
    block_free(self->type->heap, list->items);
}

static int list_traverse(lair_object *self, lair_visit visit, void *arg)
{
    const struct list *list = list_of(self);
    for (size_t i = 0; i < list->length; i++)
        VISIT(list->items[i]);
    return 0;
}

static void list_clear(lair_object *self)
{
    (void)lair_list_clear(self);
}

static size_t list_size_of(const lair_object *self)
{
    const struct list *list = list_of(self);
    return list->items != NULL ? lair_heap_usable_size(self->type->heap, list->items) : 0;
}

static lair_step list_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    return sequence_repr(writer, walk, frame, list_row(frame->self), "[", "]");
}

static lair_step list_equal(lair_walk *walk, lair_frame *frame)
{
    return sequence_equal(walk, frame, list_row(frame->self), list_row(frame->other));
}

static lair_step list_compare(lair_walk *walk, lair_frame *frame)
{
    return sequence_compare(walk, frame, list_row(frame->self), list_row(frame->other));
}

/* state[0]: items done. */
static lair_step list_copy(lair_walk *walk, lair_frame *frame)
{
    const struct list *list = list_of(frame->self);
    size_t done = frame->state[0]++;
    if (done == 0) {
        struct list *copy = list_make(frame->self->type->space, list->length);
        if (copy == NULL)
            return LAIR_STEP_FAILED;
        frame->other = &copy->object;
    } else if (lair_list_append_new(frame->other, lair_steal(&walk->copied)) != LAIR_OK) {
        return LAIR_STEP_FAILED;
    }
    return done < list->length ? step_child(walk, list->items[done]) : LAIR_STEP_DONE;
}

static lair_object *list_shallow_copy(lair_object *self)
{
    return list_of_part(self, 0, list_of(self)->length);
}

static size_t list_length_slot(lair_object *self)
{
    return list_of(self)->length;
}

static lair_status list_contains(lair_object *self, lair_object *item, bool *found)
{
    return sequence_contains(list_row, self, item, found);
}

static void list_begin(lair_cursor *at)
{
    (void)at;
}

static bool list_next(lair_cursor *at)
{
    const struct list *list = list_of(at->container);
    if (at->position >= list->length)
        return false;
    at->item = lair_incref(list->items[at->position++]);
    return true;
}

const lair_type_spec list_spec = {
    .name = "list",
    .size = sizeof(struct list),
    .flags = LAIR_TYPE_CONTAINER,
    .weakrefs = offsetof(struct list, weakrefs),
    .free_list = LIST_FREE_LIST,
    .dealloc = list_dealloc,
    .traverse = list_traverse,
    .clear = list_clear,
    .size_of = list_size_of,
    .repr = list_repr,
    .equal = list_equal,
    .compare = list_compare,
    .copy = list_copy,
    .shallow_copy = list_shallow_copy,
    .length = list_length_slot,
    .contains = list_contains,
    .begin = list_begin,
    .next = list_next,
};

/* tuple.c: fixed sequences. */
#include "tuple.h"

#include "builtin.h"
#include "list.h"
#include "sequence.h"

/* -- making ---------------------------------------------------------------------------------- */

/* Its items are the caller's to fill before anybody sees it. */
static inline lair_object *tuple_alloc(struct space *space, size_t length)
{
    lair_type *type = builtin_type(space, LAIR_KIND_TUPLE);
    if (unlikely(length > TUPLE_LENGTH_MAX)) {
        (void)lair_fail(LAIR_ERR_OVERFLOW, "a tuple of %zu items: %u is the most", length,
                        TUPLE_LENGTH_MAX);
        return NULL;
    }
    lair_object *object =
        length <= TUPLE_FREE_LENGTHS ? free_list_take(&space->tuples[length]) : NULL;
    if (object != NULL)
        object_start(type, object);
    else
        object = object_alloc(type, bytes_for(sizeof(struct tuple), length, sizeof(void *)));
    if (object != NULL)
        OBJECT_OWN(tuple_of(object)) = (uint32_t)length;
    return object;
}

/* The collector is told of a tuple; NULL where there is no memory for that. */
static inline lair_object *tuple_track(lair_object *object)
{
    OBJECT_OWN(tuple_of(object)) |= TUPLE_TRACKED;
    return object_track(object);
}

lair_object *tuple_make(struct space *space, size_t length)
{
    if (length == 0)
        return space->empty_tuple;
    lair_object *object = tuple_alloc(space, length);
    if (object == NULL)
        return NULL;
    memset(tuple_of(object)->items, 0, length * sizeof(lair_object *));
    return tuple_track(object);
}

bool tuples_make(struct space *space)
{
    space->empty_tuple = tuple_alloc(space, 0);
    if (space->empty_tuple == NULL)
        return false;
    lair_immortalize(space->empty_tuple);
    if (space->heap->options.hardened != LAIR_ON)
        for (size_t length = 1; length <= TUPLE_FREE_LENGTHS; length++)
            space->tuples[length].most = TUPLE_FREE_EACH;
    return true;
}

void tuples_discard(struct space *space)
{
    lair_heap_free(space->heap, space->empty_tuple);
}

/* Gives up a tuple that nobody has seen, of which the first items are filled. */
static __attribute__((noinline, cold)) void tuple_give_up(lair_object *object, size_t filled,
                                                          bool owned)
{
    size_t length = tuple_length(object);
    lair_object **items = tuple_of(object)->items;
    if (!owned)
        filled = 0; /* these stay the caller's */
    memset(items + filled, 0, (length - filled) * sizeof(*items));
    lair_decref(object);
}

/* A tuple of items; take: it takes references of its own. One of items that cannot be part of a
 * cycle is not tracked. */
static inline lair_object *tuple_of_items(lair_heap *heap, lair_object *const *items, size_t count,
                                          bool take)
{
    struct space *space = space_of(heap);
    if (unlikely(space == NULL))
        return NULL;
    if (unlikely(count == 0))
        return space->empty_tuple;
    collector_safe_point(space);
    lair_object *object = tuple_alloc(space, count);
    if (unlikely(object == NULL))
        return NULL;
    lair_object **target = tuple_of(object)->items;
    bool of_interest = false;
    for (size_t i = 0; i < count; i++) {
        lair_object *item = items[i];
        debug_alive(item);
        if (unlikely(item == NULL) || unlikely(item->type->heap != heap)) {
            tuple_give_up(object, i, take);
            (void)items_valid(heap, items, count);
            return NULL;
        }
        of_interest |= item->type->is_of_interest;
        target[i] = take ? lair_incref(item) : item;
    }
    return of_interest ? tuple_track(object) : object;
}

lair_object *lair_tuple_new(lair_heap *heap, lair_object *const *items, size_t count)
{
    return tuple_of_items(heap, items, count, true);
}

lair_object *lair_tuple_steal(lair_heap *heap, lair_object **items, size_t count)
{
    lair_object *object = tuple_of_items(heap, items, count, false);
    if (object == NULL)
        items_drop(items, count);
    return object;
}

lair_object *lair_tuple_from(lair_object *iterable)
{
    if (lair_is(iterable, LAIR_KIND_TUPLE))
        return lair_incref(iterable);
    LAIR_SCOPED lair_object *list = lair_list_from(iterable);
    if (list == NULL)
        return NULL;
    sequence row = list_row(list);
    return lair_tuple_new(lair_heap_of(list), row.items, row.length);
}

/* -- reading --------------------------------------------------------------------------------- */

static sequence tuple_row(const lair_object *self)
{
    return (sequence){tuple_of(self)->items, tuple_length(self)};
}

lair_object *lair_tuple_get(const lair_object *tuple, size_t index)
{
    if (!expect(tuple, LAIR_KIND_TUPLE))
        return NULL;
    if (index < tuple_length(tuple))
        return tuple_of(tuple)->items[index];
    (void)lair_fail(LAIR_ERR_INDEX, "item %zu of a tuple of %zu", index, tuple_length(tuple));
    return NULL;
}

size_t lair_tuple_length(const lair_object *tuple)
{
    return expect(tuple, LAIR_KIND_TUPLE) ? tuple_length(tuple) : SIZE_MAX;
}

lair_object *lair_tuple_slice(lair_object *tuple, size_t start, size_t end)
{
    if (!expect(tuple, LAIR_KIND_TUPLE))
        return NULL;
    slice_clamp(tuple_length(tuple), &start, &end);
    if (start == 0 && end == tuple_length(tuple))
        return lair_incref(tuple);
    return lair_tuple_new(lair_heap_of(tuple), tuple_of(tuple)->items + start, end - start);
}

/* -- the type -------------------------------------------------------------------------------- */

static void tuple_dealloc(lair_object *self)
{
    tuple_drop_items(self);
}

static int tuple_traverse(lair_object *self, lair_visit visit, void *arg)
{
    size_t length = tuple_length(self);
    for (size_t i = 0; i < length; i++)
        VISIT(tuple_of(self)->items[i]);
    return 0;
}

/* A tuple in a cycle is freed when the list or dict that completes the cycle is cleared. */
static void tuple_clear(lair_object *self)
{
    (void)self;
}

static lair_step tuple_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    const char *close = tuple_length(frame->self) == 1 ? ",)" : ")";
    return sequence_repr(writer, walk, frame, tuple_row(frame->self), "(", close);
}

static lair_step tuple_hash(lair_walk *walk, lair_frame *frame)
{
    return sequence_hash(walk, frame, tuple_row(frame->self));
}

static lair_step tuple_equal(lair_walk *walk, lair_frame *frame)
{
    return sequence_equal(walk, frame, tuple_row(frame->self), tuple_row(frame->other));
}

static lair_step tuple_compare(lair_walk *walk, lair_frame *frame)
{
    return sequence_compare(walk, frame, tuple_row(frame->self), tuple_row(frame->other));
}

/* state[0]: items done; state[1]: whether an item's copy is not the item itself. */
static lair_step tuple_copy(lair_walk *walk, lair_frame *frame)
{
    const struct tuple *tuple = tuple_of(frame->self);
    size_t done = frame->state[0]++;
    if (done == 0) {
        frame->other = tuple_make(frame->self->type->space, tuple_length(frame->self));
        if (frame->other == NULL)
            return LAIR_STEP_FAILED;
    } else {
        frame->state[1] |= walk->copied != tuple->items[done - 1];
        tuple_of(frame->other)->items[done - 1] = walk->copied;
        walk->copied = NULL;
    }
    if (done < tuple_length(frame->self))
        return step_child(walk, tuple->items[done]);
    if (frame->state[1] == 0) /* the copy would differ in nothing */
        lair_set_ref(&frame->other, frame->self);
    return LAIR_STEP_DONE;
}

static size_t tuple_length_slot(lair_object *self)
{
    return tuple_length(self);
}

static lair_status tuple_contains(lair_object *self, lair_object *item, bool *found)
{
    return sequence_contains(tuple_row, self, item, found);
}

static void tuple_begin(lair_cursor *at)
{
    (void)at;
}

static bool tuple_next(lair_cursor *at)
{
    if (at->position >= tuple_length(at->container))
        return false;
    at->item = lair_incref(tuple_of(at->container)->items[at->position++]);
    return true;
}

const lair_type_spec tuple_spec = {
    .name = "tuple",
    .size = sizeof(struct tuple),
    .item_size = sizeof(lair_object *),
    .flags = LAIR_TYPE_CONTAINER | LAIR_TYPE_IMMUTABLE,
    .dealloc = tuple_dealloc,
    .traverse = tuple_traverse,
    .clear = tuple_clear,
    .repr = tuple_repr,
    .hash = tuple_hash,
    .equal = tuple_equal,
    .compare = tuple_compare,
    .copy = tuple_copy,
    .length = tuple_length_slot,
    .contains = tuple_contains,
    .begin = tuple_begin,
    .next = tuple_next,
};

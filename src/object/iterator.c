/* iterator.c: an object that walks over another, item by item.
 *
 * It is a cursor (lair/object.h) made an object; between two steps it keeps what a cursor keeps but
 * for the item.
 */
#include "iterator.h"

#include "builtin.h"

struct iterator {
    OBJECT_HEAD;            /* own: 1 while it steps */
    lair_object *container; /* NULL: at the end, or stepping */
    size_t position;
    uint64_t version;
};

static struct iterator *iterator_of(const lair_object *object)
{
    return (struct iterator *)(void *)object;
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_object *lair_iter(lair_object *iterable)
{
    if (iterable != NULL && is_iterator(iterable))
        return lair_incref(iterable);
    if (iterable != NULL)
        collector_safe_point(iterable->type->space);
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(iterable);
    if (at.status != LAIR_OK)
        return NULL;
    struct space *space = iterable->type->space;
    struct iterator *it = object_track(object_alloc_fixed(builtin_type(space, LAIR_KIND_ITERATOR)));
    if (it == NULL)
        return NULL;
    OBJECT_OWN(it) = 0;
    it->container = lair_steal(&at.container);
    it->position = at.position;
    it->version = at.version;
    return &it->object;
}

lair_status lair_next(lair_object *iterator, lair_object **item)
{
    if (iterator == NULL)
        return pending_error();
    const lair_type_spec *spec = &iterator->type->spec;
    if (!is_iterator(iterator))
        return lair_fail(LAIR_ERR_TYPE, "expected an iterator, not a %s", spec->name);
    lair_cursor at = {.container = iterator, .status = LAIR_OK};
    *item = NULL;
    if (!spec->next(&at))
        return at.status;
    *item = at.key != NULL ? at.key : at.item;
    if (at.key != NULL)
        lair_decref(at.item);
    return LAIR_OK;
}

/* -- the type -------------------------------------------------------------------------------- */

lair_object *iterator_no_copy(lair_object *self)
{
    (void)lair_fail(LAIR_ERR_TYPE, "a %s cannot be copied", lair_type_name(self));
    return NULL;
}

lair_step iterator_no_deep_copy(lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    (void)iterator_no_copy(frame->self);
    return LAIR_STEP_FAILED;
}

void iterator_begin(lair_cursor *at)
{
    (void)at;
}

/* The container is held by the cursor while it steps, which may run code of the program. */
static bool iterator_next(lair_cursor *at)
{
    LAIR_SCOPED lair_object *self = lair_incref(at->container);
    struct iterator *it = iterator_of(self);
    if (OBJECT_OWN(it) != 0) {
        at->status = lair_fail(LAIR_ERR_BUSY, "the iterator is stepping already");
        return false;
    }
    lair_cursor inner = {.position = it->position, .version = it->version, .status = LAIR_OK};
    inner.container = lair_steal(&it->container);
    OBJECT_OWN(it) = 1;
    bool stepped = lair_next_item(&inner);
    OBJECT_OWN(it) = 0;
    if (!expect(self, LAIR_KIND_ITERATOR)) { /* truncated meanwhile */
        at->status = lair_error_status();
        lair_cursor_end(&inner);
        return false;
    }
    it->container = inner.container;
    it->position = inner.position;
    it->version = inner.version;
    at->key = inner.key;
    at->item = inner.item;
    at->status = inner.status;
    return stepped;
}

static void iterator_dealloc(lair_object *self)
{
    lair_clear_ref(&iterator_of(self)->container);
}

static int iterator_traverse(lair_object *self, lair_visit visit, void *arg)
{
    VISIT(iterator_of(self)->container);
    return 0;
}

static lair_step iterator_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const lair_object *self = frame->self, *container = iterator_of(self)->container;
    lair_status status = container != NULL
                             ? lair_write_format(writer, "<iterator over %s at %p>",
                                                 lair_type_name(container), (const void *)self)
                             : lair_write_format(writer, "<iterator at %p>", (const void *)self);
    return status == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

const lair_type_spec iterator_spec = {
    .name = "iterator",
    .size = sizeof(struct iterator),
    .flags = LAIR_TYPE_CONTAINER,
    .free_list = 16,
    .dealloc = iterator_dealloc,
    .traverse = iterator_traverse,
    .clear = iterator_dealloc,
    .repr = iterator_repr,
    .copy = iterator_no_deep_copy,
    .shallow_copy = iterator_no_copy,
    .begin = iterator_begin,
    .next = iterator_next,
};

/* lazy.c: a value that is made when it is first asked for. */
#include <lair/iterator.h>

#include "builtin.h"
#include "walk.h"

/* How far the value is. */
enum { NOT_MADE = 0, MAKING, MADE, CLEARED };

struct lazy {
    OBJECT_HEAD;         /* own: how far the value is */
    lair_object *holds;  /* the argument, then the value; may be NULL */
    lair_lazy_make make; /* with arg, of no use once the value is made */
    void *arg;
    struct weakref *weakrefs;
};

static struct lazy *lazy_of(const lair_object *object)
{
    return (struct lazy *)(void *)object;
}

static struct lazy *lazy_make(struct space *space, const struct lazy *like, lair_object *holds)
{
    struct lazy *made = object_track(object_alloc_fixed(builtin_type(space, LAIR_KIND_LAZY)));
    if (made == NULL)
        return NULL;
    OBJECT_OWN(made) = OBJECT_OWN(like);
    made->holds = lair_incref(holds);
    made->make = like->make;
    made->arg = like->arg;
    made->weakrefs = NULL;
    return made;
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_object *lair_lazy_new(lair_heap *heap, lair_lazy_make make, lair_object *argument, void *arg)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    if (make == NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "a lazy value needs a function that makes it");
        return NULL;
    }
    if (argument != NULL && !same_heap(&builtin_type(space, LAIR_KIND_LAZY)->object, argument))
        return NULL;
    collector_safe_point(space);
    struct lazy like = {.make = make, .arg = arg};
    struct lazy *lazy = lazy_make(space, &like, argument);
    return lazy != NULL ? &lazy->object : NULL;
}

/* Makes the value, once. */
static lair_object *lazy_resolve(struct lazy *lazy)
{
    lair_heap *heap = lazy->object.type->heap;
    LAIR_SCOPED lair_object *self = lair_incref(&lazy->object);
    LAIR_SCOPED lair_object *argument = lair_incref(lazy->holds); /* also when make truncates */
    OBJECT_OWN(lazy) = MAKING;
    LAIR_SCOPED lair_object *value = lazy->make(heap, argument, lazy->arg);
    if (!expect(self, LAIR_KIND_LAZY)) /* truncated meanwhile */
        return NULL;
    OBJECT_OWN(lazy) = NOT_MADE;
    if (!same_heap(self, value))
        return NULL;
    lair_decref(lazy->holds); /* the argument, which is held */
    lazy->holds = lair_steal(&value);
    OBJECT_OWN(lazy) = MADE;
    lair_clear_ref(&argument); /* its destructor may do as make may */
    return expect(self, LAIR_KIND_LAZY) ? lazy->holds : NULL;
}

lair_object *lair_lazy_get(lair_object *self)
{
    if (!expect(self, LAIR_KIND_LAZY))
        return NULL;
    struct lazy *lazy = lazy_of(self);
    switch (OBJECT_OWN(lazy)) {
    case MADE:
        return lazy->holds;
    case NOT_MADE:
        return lazy_resolve(lazy);
    case MAKING:
        (void)lair_fail(LAIR_ERR_BUSY, "the lazy value is being made");
        return NULL;
    default:
        (void)lair_fail(LAIR_ERR_INVALID, "the lazy value was cleared");
        return NULL;
    }
}

bool lair_lazy_is_made(const lair_object *self)
{
    return expect(self, LAIR_KIND_LAZY) && OBJECT_OWN(lazy_of(self)) == MADE;
}

/* -- the type -------------------------------------------------------------------------------- */

static void lazy_dealloc(lair_object *self)
{
    lair_decref(lazy_of(self)->holds);
}

static int lazy_traverse(lair_object *self, lair_visit visit, void *arg)
{
    VISIT(lazy_of(self)->holds);
    return 0;
}

static void lazy_clear(lair_object *self)
{
    OBJECT_OWN(lazy_of(self)) = CLEARED;
    lair_clear_ref(&lazy_of(self)->holds);
}

/* state[0]: whether the value was written. */
static lair_step lazy_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    const struct lazy *lazy = lazy_of(frame->self);
    if (frame->state[0]++ != 0)
        return step_of(lair_write_text(writer, ">"));
    if (OBJECT_OWN(lazy) != MADE)
        return step_of(lair_write_text(writer, "<lazy>"));
    if (lair_write_text(writer, "<lazy ") != LAIR_OK)
        return LAIR_STEP_FAILED;
    return step_child(walk, lazy->holds);
}

static bool can_be_copied(const lair_object *self)
{
    uint32_t how_far = OBJECT_OWN(lazy_of(self));
    if (how_far == NOT_MADE || how_far == MADE)
        return true;
    (void)lair_fail(LAIR_ERR_BUSY, "a lazy value that is being made cannot be copied");
    return false;
}

/* state[0]: whether the copy exists. */
static lair_step lazy_copy(lair_walk *walk, lair_frame *frame)
{
    const struct lazy *lazy = lazy_of(frame->self);
    if (frame->state[0]++ != 0) {
        lazy_of(frame->other)->holds = lair_steal(&walk->copied);
        return LAIR_STEP_DONE;
    }
    if (!can_be_copied(frame->self))
        return LAIR_STEP_FAILED;
    struct lazy *copy = lazy_make(frame->self->type->space, lazy, NULL);
    if (copy == NULL)
        return LAIR_STEP_FAILED;
    frame->other = &copy->object;
    return lazy->holds != NULL ? step_child(walk, lazy->holds) : LAIR_STEP_DONE;
}

static lair_object *lazy_shallow_copy(lair_object *self)
{
    if (!can_be_copied(self))
        return NULL;
    struct lazy *copy = lazy_make(self->type->space, lazy_of(self), lazy_of(self)->holds);
    return copy != NULL ? &copy->object : NULL;
}

const lair_type_spec lazy_spec = {
    .name = "lazy",
    .size = sizeof(struct lazy),
    .flags = LAIR_TYPE_CONTAINER,
    .weakrefs = offsetof(struct lazy, weakrefs),
    .dealloc = lazy_dealloc,
    .traverse = lazy_traverse,
    .clear = lazy_clear,
    .repr = lazy_repr,
    .copy = lazy_copy,
    .shallow_copy = lazy_shallow_copy,
};

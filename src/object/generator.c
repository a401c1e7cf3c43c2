/* generator.c: items made by a function of the program, and the ints of a range. */
#include "iterator.h"

#include <lair/number.h>

#include "builtin.h"

/* What a generator is doing. */
enum { WAITING = 0, RUNNING, ENDED };

struct generator {
    OBJECT_HEAD; /* own: what it is doing */
    const lair_generator_spec *spec;
    struct weakref *weakrefs;
    char state[]; /* at the alignment of the heap's blocks, 16 at most */
};

_Static_assert(offsetof(struct generator, state) % 16 == 0, "the state is aligned as its block is");

static struct generator *generator_of(const lair_object *object)
{
    return (struct generator *)(void *)object;
}

static const char *name_of(const lair_object *self)
{
    const char *name = generator_of(self)->spec->name;
    return name != NULL ? name : "?";
}

/* -- making and stepping --------------------------------------------------------------------- */

lair_object *lair_generator_new(lair_heap *heap, const lair_generator_spec *spec, const void *state)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    if (spec == NULL || spec->next == NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "a generator needs a description with next");
        return NULL;
    }
    collector_safe_point(space);
    size_t bytes = bytes_for(sizeof(struct generator), spec->state_bytes, 1);
    struct generator *made =
        object_track(object_alloc(builtin_type(space, LAIR_KIND_GENERATOR), bytes));
    if (made == NULL)
        return NULL;
    OBJECT_OWN(made) = WAITING;
    made->spec = spec;
    made->weakrefs = NULL;
    if (state != NULL)
        memcpy(made->state, state, spec->state_bytes);
    else
        memset(made->state, 0, spec->state_bytes);
    return &made->object;
}

/* No item comes any more: what the state holds is given up. */
static void end(struct generator *self)
{
    if (OBJECT_OWN(self) == ENDED)
        return;
    OBJECT_OWN(self) = ENDED;
    if (self->spec->finish != NULL)
        self->spec->finish(self->state);
}

/* What next made may be handed out; else the error is set and item is dropped. */
static lair_status accept(lair_object *self, lair_object *item, lair_status status)
{
    if (item != NULL && is_kind(self, LAIR_KIND_GENERATOR) && same_heap(self, item))
        return LAIR_OK;
    if (!is_kind(self, LAIR_KIND_GENERATOR))
        status = lair_fail(LAIR_ERR_CHANGED, "a generator was truncated while it ran");
    else if (item != NULL)
        status = lair_error_status();
    else if (status != LAIR_OK && status != lair_error_status())
        status = lair_fail(status, "the generator '%s' failed", name_of(self));
    lair_decref(item);
    return status;
}

static bool generator_next(lair_cursor *at)
{
    LAIR_SCOPED lair_object *object = lair_incref(at->container);
    struct generator *self = generator_of(object);
    if (OBJECT_OWN(self) == ENDED)
        return false;
    if (OBJECT_OWN(self) == RUNNING) {
        at->status =
            lair_fail(LAIR_ERR_BUSY, "the generator '%s' is running already", name_of(object));
        return false;
    }
    lair_status status = LAIR_OK;
    OBJECT_OWN(self) = RUNNING;
    lair_object *item = self->spec->next(object->type->heap, self->state, &status);
    OBJECT_OWN(self) = WAITING;
    at->status = accept(object, item, status);
    if (item != NULL && at->status == LAIR_OK) {
        at->item = item;
        return true;
    }
    if (is_kind(object, LAIR_KIND_GENERATOR)) {
        struct error_kept error; /* survives what finish does */
        error_keep(&error);
        end(self);
        error_restore(&error);
    }
    return false;
}

/* -- the type -------------------------------------------------------------------------------- */

static void generator_dealloc(lair_object *self)
{
    end(generator_of(self));
}

static int generator_traverse(lair_object *object, lair_visit visit, void *arg)
{
    struct generator *self = generator_of(object);
    if (OBJECT_OWN(self) == ENDED || self->spec->traverse == NULL)
        return 0;
    return self->spec->traverse(self->state, visit, arg);
}

static lair_step generator_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    lair_status status = lair_write_format(writer, "<generator %s at %p>", name_of(frame->self),
                                           (const void *)frame->self);
    return status == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

const lair_type_spec generator_spec = {
    .name = "generator",
    .size = sizeof(struct generator),
    .item_size = 1, /* the state */
    .flags = LAIR_TYPE_CONTAINER,
    .weakrefs = offsetof(struct generator, weakrefs),
    .dealloc = generator_dealloc,
    .traverse = generator_traverse,
    .clear = generator_dealloc,
    .repr = generator_repr,
    .copy = iterator_no_deep_copy,
    .shallow_copy = iterator_no_copy,
    .begin = iterator_begin,
    .next = generator_next,
};

/* -- range ----------------------------------------------------------------------------------- */

struct range {
    int64_t next, step;
    uint64_t left; /* items to come: up to 2^64 - 1 */
};

static lair_object *range_next(lair_heap *heap, void *state, lair_status *status)
{
    struct range *range = state;
    if (range->left == 0)
        return NULL;
    lair_object *item = lair_int_new(heap, range->next);
    if (item == NULL)
        *status = lair_error_status();
    else if (--range->left != 0)
        range->next += range->step;
    return item;
}

static const lair_generator_spec range_spec = {
    .name = "range",
    .state_bytes = sizeof(struct range),
    .next = range_next,
};

lair_object *lair_range(lair_heap *heap, int64_t start, int64_t stop, int64_t step)
{
    if (step == 0) {
        (void)lair_fail(LAIR_ERR_VALUE, "the step of a range is 0");
        return NULL;
    }
    struct range range = {.next = start, .step = step};
    /* Distances fit 64 bits without a sign. */
    if (step > 0 && start < stop)
        range.left = ((uint64_t)stop - (uint64_t)start - 1) / (uint64_t)step + 1;
    else if (step < 0 && start > stop)
        range.left = ((uint64_t)start - (uint64_t)stop - 1) / -(uint64_t)step + 1;
    return lair_generator_new(heap, &range_spec, &range);
}

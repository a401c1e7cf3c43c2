/* walk.c: repr, hash, equal, compare and deep copy, to any depth.
 *
 * walk_run is the driver: read it first. A child that is no container is done on the spot, without
 * a frame of its own. Deep copy remembers what it copied (memo.h) only where an object has more
 * than one reference: what has one is reached once.
 */
#include "walk.h"

#include "memo.h"
#include "str.h"

enum { FRAMES_AT_HAND = 8 };

struct walk {
    lair_walk shared; /* what the steps see */
    walk_kind kind;
    lair_writer *writer; /* repr */
    struct memo memo;    /* copy */
    lair_frame *frames;  /* at_hand, or a block of the heap */
    size_t depth, capacity;
    lair_frame at_hand[FRAMES_AT_HAND];
};

/* -- calling a type -------------------------------------------------------------------------- */

static lair_step repr_by_name(lair_writer *writer, const lair_frame *frame)
{
    const lair_object *self = frame->self;
    return step_of(
        lair_write_format(writer, "<%s at %p>", lair_type_name(self), (const void *)self));
}

static lair_step hash_by_identity(lair_walk *walk, const lair_frame *frame)
{
    const lair_type *type = frame->self->type;
    if (type->spec.equal != NULL) {
        (void)lair_fail(LAIR_ERR_UNHASHABLE, "a %s cannot be hashed", type->spec.name);
        return LAIR_STEP_FAILED;
    }
    walk->hash = (uintptr_t)frame->self >> 3;
    return LAIR_STEP_DONE;
}

static lair_step no_order(const lair_frame *frame)
{
    (void)lair_fail(LAIR_ERR_TYPE, "a %s and a %s have no order", lair_type_name(frame->self),
                    lair_type_name(frame->other));
    return LAIR_STEP_FAILED;
}

/* What cannot be copied is shared: the copy is the object itself. */
static lair_step copy_by_sharing(lair_frame *frame)
{
    frame->other = lair_incref(frame->self);
    return LAIR_STEP_DONE;
}

static lair_step call_step(struct walk *walk, lair_frame *frame)
{
    const lair_type_spec *spec = &frame->self->type->spec;
    lair_walk *shared = &walk->shared;
    switch (walk->kind) {
    case WALK_REPR:
        return spec->repr != NULL ? spec->repr(walk->writer, shared, frame)
                                  : repr_by_name(walk->writer, frame);
    case WALK_HASH:
        return spec->hash != NULL ? spec->hash(shared, frame) : hash_by_identity(shared, frame);
    case WALK_EQUAL:
        if (spec->equal != NULL && types_comparable(frame->self, frame->other))
            return spec->equal(shared, frame);
        shared->order = frame->self != frame->other;
        return LAIR_STEP_DONE;
    case WALK_COMPARE:
        return spec->compare != NULL && types_comparable(frame->self, frame->other)
                   ? spec->compare(shared, frame)
                   : no_order(frame);
    case WALK_COPY:
        break;
    }
    return spec->copy != NULL ? spec->copy(shared, frame) : copy_by_sharing(frame);
}

static bool is_numeric(const lair_object *object)
{
    lair_kind kind = object->type->kind;
    return kind == LAIR_KIND_INT || kind == LAIR_KIND_FLOAT || kind == LAIR_KIND_BOOL;
}

static bool is_set(const lair_object *object)
{
    lair_kind kind = object->type->kind;
    return kind == LAIR_KIND_SET || kind == LAIR_KIND_FROZENSET;
}

bool types_comparable(const lair_object *a, const lair_object *b)
{
    return a->type == b->type || (is_numeric(a) && is_numeric(b)) || (is_set(a) && is_set(b));
}

/* -- results that need no step --------------------------------------------------------------- */

/* The text of a container inside itself. */
static const char *recursion_text(const lair_object *object)
{
    switch (object->type->kind) {
    case LAIR_KIND_LIST:
        return "[...]";
    case LAIR_KIND_DICT:
        return "{...}";
    case LAIR_KIND_TUPLE:
        return "(...)";
    default:
        return "...";
    }
}

/* An object the walk is inside of already. */
static lair_step recursion(struct walk *walk, const lair_object *self)
{
    if (walk->kind == WALK_REPR)
        return step_of(lair_write_text(walk->writer, recursion_text(self)));
    (void)lair_fail(LAIR_ERR_DEPTH, "a %s that contains itself has no %s", lair_type_name(self),
                    walk->kind == WALK_HASH ? "hash" : "order and no equal");
    return LAIR_STEP_FAILED;
}

/* -- frames ---------------------------------------------------------------------------------- */

static bool frames_grow(struct walk *walk)
{
    size_t capacity = walk->capacity * 2;
    bool at_hand = walk->frames == walk->at_hand;
    lair_frame *frames = lair_heap_realloc(walk->shared.heap, at_hand ? NULL : walk->frames,
                                           capacity * sizeof(*frames));
    if (frames == NULL)
        return false;
    if (at_hand)
        memcpy(frames, walk->at_hand, sizeof walk->at_hand);
    walk->frames = frames;
    walk->capacity = capacity;
    return true;
}

static bool enter(struct walk *walk, lair_object *self, lair_object *other)
{
    if (walk->depth == walk->capacity && !frames_grow(walk))
        return false;
    lair_frame *frame = &walk->frames[walk->depth++];
    *frame = (lair_frame){.self = lair_incref(self)};
    if (walk->kind == WALK_COPY)
        return true;
    frame->other = lair_incref(other); /* NULL but for equal and compare */
    mark_set(self);
    return true;
}

/* The object on top is finished, or given up. */
static void leave(struct walk *walk)
{
    lair_frame frame = walk->frames[--walk->depth];
    if (walk->kind == WALK_COPY) {
        /* The reference to the copy goes to whoever asked, or is dropped below. */
        walk->shared.copied = frame.other;
    } else {
        mark_clear(frame.self);
        lair_decref(frame.other);
    }
    lair_decref(frame.self);
}

/* -- one object ------------------------------------------------------------------------------ */

/* Does self with the copy that exists already, or by entering it, or on the spot. DONE: finished;
 * CHILD: its frame is on top now. */
static lair_step begin(struct walk *walk, lair_object *self, lair_object *other)
{
    if (self == NULL || ((walk->kind == WALK_EQUAL || walk->kind == WALK_COMPARE) && !other)) {
        (void)pending_error();
        return LAIR_STEP_FAILED;
    }
    if (walk->kind == WALK_EQUAL && self == other && walk->depth != 0) {
        walk->shared.order = 0; /* containers take identity for equality, as NaN shows */
        return LAIR_STEP_DONE;
    }
    if (walk->kind == WALK_COPY) {
        walk->shared.copied = lair_incref(memo_find(&walk->memo, self));
        if (walk->shared.copied != NULL)
            return LAIR_STEP_DONE;
    } else if (unlikely(mark_get(self))) {
        return recursion(walk, self);
    }
    if ((self->type->spec.flags & LAIR_TYPE_CONTAINER) == 0) {
        lair_frame frame = {.self = self, .other = walk->kind == WALK_COPY ? NULL : other};
        lair_step step = call_step(walk, &frame);
        if (step == LAIR_STEP_DONE)
            walk->shared.copied = walk->kind == WALK_COPY ? frame.other : NULL;
        if (step != LAIR_STEP_CHILD)
            return step;
        lair_decref(walk->kind == WALK_COPY ? frame.other : NULL);
        (void)lair_fail(LAIR_ERR_INVALID, "type '%s' is no container and asked for a child",
                        lair_type_name(self));
        return LAIR_STEP_FAILED;
    }
    return enter(walk, self, other) ? LAIR_STEP_CHILD : LAIR_STEP_FAILED;
}

/* Deep copy: what may be reached again is remembered as soon as its copy exists. The caller's
 * reference and the walk's make two. */
static bool remember(struct walk *walk, const lair_frame *frame)
{
    if (frame->other == NULL || lair_refcount(frame->self) <= 2)
        return true;
    return memo_add(&walk->memo, frame->self, frame->other);
}

/* -- the driver ------------------------------------------------------------------------------ */

static lair_status walk_run(struct walk *walk, lair_object *self, lair_object *other)
{
    if (self == NULL)
        return pending_error();
    struct space *space = self->type->space;
    walk->shared.heap = space->heap;
    walk->frames = walk->at_hand;
    walk->capacity = FRAMES_AT_HAND;
    if (++space->walk_depth > LAIR_DEPTH_MAX) {
        space->walk_depth--;
        return lair_fail(LAIR_ERR_DEPTH, "%d calls inside each other went into a %s",
                         LAIR_DEPTH_MAX, lair_type_name(self));
    }
    lair_step step = begin(walk, self, other);
    while (walk->depth != 0 && step != LAIR_STEP_FAILED) {
        lair_frame *top = &walk->frames[walk->depth - 1];
        bool first = top->other == NULL;
        step = call_step(walk, top);
        if (walk->kind == WALK_COPY && first && step != LAIR_STEP_FAILED && !remember(walk, top))
            step = LAIR_STEP_FAILED;
        if (step == LAIR_STEP_DONE)
            leave(walk);
        else if (step == LAIR_STEP_CHILD)
            step = begin(walk, walk->shared.child, walk->shared.other_child);
    }
    while (walk->depth != 0) {
        leave(walk);
        lair_clear_ref(&walk->shared.copied);
    }
    if (step == LAIR_STEP_FAILED)
        lair_clear_ref(&walk->shared.copied);
    if (walk->frames != walk->at_hand)
        lair_heap_free(space->heap, walk->frames);
    memo_drop(&walk->memo, space->heap);
    space->walk_depth--;
    return step == LAIR_STEP_FAILED ? lair_error_status() : LAIR_OK;
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_status walk_repr(lair_writer *writer, lair_object *object)
{
    struct walk walk = {.kind = WALK_REPR, .writer = writer};
    return walk_run(&walk, object, NULL);
}

lair_object *lair_repr(lair_object *object)
{
    if (object == NULL) {
        (void)pending_error();
        return NULL;
    }
    lair_writer writer = {.heap = lair_heap_of(object)};
    lair_object *text = NULL;
    if (walk_repr(&writer, object) == LAIR_OK)
        text = str_from_valid(object->type->space, writer.text, writer.bytes);
    writer_drop(&writer);
    return text;
}

lair_object *lair_to_str(lair_object *object)
{
    return lair_is(object, LAIR_KIND_STR) ? lair_incref(object) : lair_repr(object);
}

lair_status lair_print_repr(lair_object *object, FILE *stream)
{
    if (object == NULL)
        return pending_error();
    lair_writer writer = {.heap = lair_heap_of(object), .stream = stream};
    return walk_repr(&writer, object);
}

lair_status lair_println(lair_object *object)
{
    if (object == NULL)
        return pending_error();
    lair_writer writer = {.heap = lair_heap_of(object), .stream = stdout};
    lair_status status = lair_is(object, LAIR_KIND_STR)
                             ? lair_write(&writer, lair_str_text(object), lair_str_bytes(object))
                             : walk_repr(&writer, object);
    return status == LAIR_OK ? lair_write(&writer, "\n", 1) : status;
}

lair_status lair_equal(lair_object *a, lair_object *b, bool *equal)
{
    struct walk walk = {.kind = WALK_EQUAL};
    lair_status status = walk_run(&walk, a, b);
    if (status == LAIR_OK)
        *equal = walk.shared.order == 0;
    return status;
}

lair_status lair_compare(lair_object *a, lair_object *b, int *order)
{
    struct walk walk = {.kind = WALK_COMPARE};
    lair_status status = walk_run(&walk, a, b);
    if (status == LAIR_OK)
        *order = walk.shared.order;
    return status;
}

lair_status lair_hash(lair_object *object, uint64_t *hash)
{
    struct walk walk = {.kind = WALK_HASH};
    lair_status status = walk_run(&walk, object, NULL);
    if (status == LAIR_OK)
        *hash = walk.shared.hash;
    return status;
}

lair_object *lair_deep_copy(lair_object *object)
{
    struct walk walk = {.kind = WALK_COPY};
    return walk_run(&walk, object, NULL) == LAIR_OK ? walk.shared.copied : NULL;
}

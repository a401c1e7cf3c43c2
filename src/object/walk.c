/* walk.c: repr, hash, equal, compare and deep copy, to any depth.
 *
 * walk_run is the driver: read it first. A child that is no container is done on the spot, without
 * a frame of its own. Deep copy remembers what it copied (memo.h) only where an object has more
 * than one reference: what has one is reached once.
 *
 * A walk may run inside another, from a step of a type of the program's. The mark does not tell
 * whose it is; where that matters the frames of the outer walks do, which are linked.
 */
#include "walk.h"

#include <lair/number.h>

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
    struct walk *outer; /* the walk from whose step this one runs, or NULL */
    size_t borrowed;    /* frames whose object an outer walk had marked, and will unmark */
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

/* Whether a copy that is said to be done is there. */
static bool copy_given(const lair_frame *frame)
{
    if (unlikely(frame->other == NULL))
        (void)lair_fail(LAIR_ERR_INVALID, "the copy function of type '%s' gave no copy",
                        lair_type_name(frame->self));
    return frame->other != NULL;
}

/* What cannot be copied is shared: the copy is the object itself. */
static lair_step copy_by_sharing(lair_frame *frame)
{
    lair_set_ref(&frame->other, frame->self); /* one that was truncated meanwhile has a copy */
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

/* Whether two objects are gone through side by side. */
static bool compares(const struct walk *walk)
{
    return walk->kind == WALK_EQUAL || walk->kind == WALK_COMPARE;
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
    return a->type == b->type || (is_numeric(a) && is_numeric(b)) || (is_set(a) && is_set(b)) ||
           (lair_is_none(a) && lair_is_none(b));
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

/* -- walks inside walks ---------------------------------------------------------------------- */

static bool is_inside(const struct walk *walk, const lair_object *object)
{
    for (size_t i = walk->depth; i-- > 0;)
        if (walk->frames[i].self == object)
            return true;
    return false;
}

/* Whether a walk outside this one has marked object. Copies mark nothing. */
static bool is_borrowed(const struct walk *walk, const lair_object *object)
{
    for (const struct walk *outer = walk->outer; outer != NULL; outer = outer->outer)
        if (outer->kind != WALK_COPY && is_inside(outer, object))
            return true;
    return false;
}

/* Whether a marked object is met again by what marked it: by this walk, or, since a repr shows what
 * it is inside of, by a repr from which this one was called. */
static bool is_recursion(const struct walk *walk, const lair_object *object)
{
    if (likely(walk->outer == NULL) || is_inside(walk, object))
        return true;
    for (const struct walk *outer = walk->outer; outer != NULL; outer = outer->outer)
        if (walk->kind == WALK_REPR && outer->kind == WALK_REPR && is_inside(outer, object))
            return true;
    return false;
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
    walk->borrowed += mark_get(self);
    mark_set(self);
    return true;
}

/* The object on top is finished, or given up. */
static void leave(struct walk *walk)
{
    lair_frame frame = walk->frames[--walk->depth];
    if (walk->kind == WALK_COPY) {
        /* The reference to the copy goes to whoever asked, or is dropped. */
        lair_clear_ref(&walk->shared.copied);
        walk->shared.copied = frame.other;
    } else {
        if (unlikely(walk->borrowed != 0) && is_borrowed(walk, frame.self))
            walk->borrowed--;
        else
            mark_clear(frame.self);
        lair_decref(frame.other);
    }
    lair_decref(frame.self);
}

/* -- one object ------------------------------------------------------------------------------ */

/* The step of an object that is finished, or fails, at once: it can ask for no child, since it is
 * no container. It is held, as what runs meanwhile may take it out of where it was found. */
static lair_step do_on_the_spot(struct walk *walk, lair_object *self, lair_object *other)
{
    bool copies = walk->kind == WALK_COPY;
    lair_frame frame = {.self = lair_incref(self), .other = copies ? NULL : lair_incref(other)};
    lair_step step = call_step(walk, &frame);
    if (step == LAIR_STEP_CHILD) {
        (void)lair_fail(LAIR_ERR_INVALID, "type '%s' is no container and asked for a child",
                        lair_type_name(self));
        step = LAIR_STEP_FAILED;
    }
    if (copies && step == LAIR_STEP_DONE && !copy_given(&frame))
        step = LAIR_STEP_FAILED;
    if (copies && step == LAIR_STEP_DONE)
        walk->shared.copied = frame.other;
    else
        lair_decref(frame.other);
    lair_decref(self);
    return step;
}

/* Does self with the copy that exists already, or by entering it, or on the spot. DONE: finished;
 * CHILD: its frame is on top now. */
static lair_step begin(struct walk *walk, lair_object *self, lair_object *other)
{
    debug_alive(self);
    debug_alive(other);
    if (self == NULL || (compares(walk) && other == NULL)) {
        (void)pending_error();
        return LAIR_STEP_FAILED;
    }
    if (compares(walk) && self == other && walk->depth != 0) {
        walk->shared.order = 0; /* containers take identity for equality, as NaN shows */
        return LAIR_STEP_DONE;
    }
    if (walk->kind == WALK_COPY) {
        lair_clear_ref(&walk->shared.copied); /* one that the step did not take */
        walk->shared.copied = lair_incref(memo_find(&walk->memo, self));
        if (walk->shared.copied != NULL)
            return LAIR_STEP_DONE;
    } else if (unlikely(mark_get(self)) && is_recursion(walk, self)) {
        return recursion(walk, self);
    }
    if ((self->type->spec.flags & LAIR_TYPE_CONTAINER) == 0)
        return do_on_the_spot(walk, self, other);
    return enter(walk, self, other) ? LAIR_STEP_CHILD : LAIR_STEP_FAILED;
}

/* Deep copy: what may be reached again is remembered as soon as its copy exists. The reference by
 * which it was reached and the walk's make two; the first object may have been reached by any. */
static bool remember(struct walk *walk, const lair_frame *frame)
{
    if (frame->other == NULL || (walk->depth != 1 && lair_refcount(frame->self) <= 2))
        return true;
    return memo_add(&walk->memo, frame->self, frame->other);
}

/* Deep copy: the last step of the object on top may have settled for another copy. */
static bool copy_settle(struct walk *walk, const lair_frame *frame)
{
    if (!copy_given(frame))
        return false;
    if (frame->other == frame->self)
        memo_replace(&walk->memo, frame->self, frame->other);
    return true;
}

/* -- the driver ------------------------------------------------------------------------------ */

/* Frames at hand stay as they are until they are entered. */
static lair_status walk_start(struct walk *walk, struct space *space, const lair_object *self)
{
    if (space->measuring && space->walk == NULL)
        return lair_fail(LAIR_ERR_BUSY, "the size_of of a type went into a %s",
                         lair_type_name(self));
    if (space->walk_depth == LAIR_DEPTH_MAX)
        return lair_fail(LAIR_ERR_DEPTH, "%d calls inside each other went into a %s",
                         LAIR_DEPTH_MAX, lair_type_name(self));
    walk->shared = (lair_walk){.heap = space->heap};
    walk->memo = (struct memo){0};
    walk->frames = walk->at_hand;
    walk->depth = walk->borrowed = 0;
    walk->capacity = FRAMES_AT_HAND;
    walk->outer = space->walk;
    space->walk = walk;
    space->walk_depth++;
    return LAIR_OK;
}

/* Goes through self (and other): kind, and writer for a repr, are set, the rest is not. */
static lair_status walk_run(struct walk *walk, lair_object *self, lair_object *other)
{
    if (self == NULL)
        return pending_error();
    debug_alive(self);
    struct space *space = self->type->space;
    if (walk_start(walk, space, self) != LAIR_OK)
        return lair_error_status();
    lair_step step = begin(walk, self, other);
    while (walk->depth != 0 && step != LAIR_STEP_FAILED) {
        lair_frame *top = &walk->frames[walk->depth - 1];
        bool first = top->other == NULL;
        step = call_step(walk, top);
        if (walk->kind == WALK_COPY && step != LAIR_STEP_FAILED) {
            bool kept = !first || remember(walk, top);
            if (!kept || (step == LAIR_STEP_DONE && !copy_settle(walk, top)))
                step = LAIR_STEP_FAILED;
        }
        if (step == LAIR_STEP_DONE)
            leave(walk);
        else if (step == LAIR_STEP_CHILD)
            step = begin(walk, walk->shared.child, walk->shared.other_child);
    }
    lair_status status = step == LAIR_STEP_FAILED ? lair_error_status() : LAIR_OK;
    while (walk->depth != 0)
        leave(walk);
    if (step == LAIR_STEP_FAILED)
        lair_clear_ref(&walk->shared.copied);
    space->walk = walk->outer;
    space->walk_depth--;
    if (walk->frames != walk->at_hand)
        lair_heap_free(space->heap, walk->frames);
    memo_drop(&walk->memo, space->heap);
    return status;
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_status walk_repr(lair_writer *writer, lair_object *object)
{
    struct walk walk;
    walk.kind = WALK_REPR;
    walk.writer = writer;
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
        text = lair_str_new_n(writer.heap, writer.text != NULL ? writer.text : "", writer.bytes);
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
    if (likely(a != NULL && b != NULL) && a->type == b->type && is_kind(a, LAIR_KIND_STR)) {
        *equal = str_equal(a, b);
        return LAIR_OK;
    }
    struct walk walk;
    walk.kind = WALK_EQUAL;
    lair_status status = walk_run(&walk, a, b);
    if (status == LAIR_OK)
        *equal = walk.shared.order == 0;
    return status;
}

lair_status lair_compare(lair_object *a, lair_object *b, int *order)
{
    struct walk walk;
    walk.kind = WALK_COMPARE;
    lair_status status = walk_run(&walk, a, b);
    if (status == LAIR_OK)
        *order = walk.shared.order;
    return status;
}

lair_status lair_hash(lair_object *object, uint64_t *hash)
{
    if (likely(object != NULL) && is_kind(object, LAIR_KIND_STR)) {
        *hash = str_hash(object);
        return LAIR_OK;
    }
    struct walk walk;
    walk.kind = WALK_HASH;
    lair_status status = walk_run(&walk, object, NULL);
    if (status == LAIR_OK)
        *hash = walk.shared.hash;
    return status;
}

lair_object *lair_deep_copy(lair_object *object)
{
    if (object != NULL)
        collector_safe_point(object->type->space);
    struct walk walk;
    walk.kind = WALK_COPY;
    return walk_run(&walk, object, NULL) == LAIR_OK ? walk.shared.copied : NULL;
}

/* truncate.c: an object becomes none where it is.
 *
 * The difference from an object's death is that others still refer to it and may look at it at any
 * moment: whatever of the program's code runs on the way (destructors of what it held, callbacks of
 * weak references) must find it either whole or truncated. So what it refers to is held while its
 * type takes it apart, and let go when it is none.
 */
#include "builtin.h"
#include "number.h"
#include "weakref.h"

/* -- what the object refers to ---------------------------------------------------------------- */

struct held {
    lair_object **items; /* a block of the heap */
    size_t count, capacity;
};

static int count_one(lair_object *referent, void *arg)
{
    (void)referent;
    ++*(size_t *)arg;
    return 0;
}

static int hold_one(lair_object *referent, void *arg)
{
    struct held *held = arg;
    held->items[held->count++] = lair_incref(referent);
    return 0;
}

/* Room for everything object refers to. To get memory may run the heap's listener, and so change
 * what the object refers to: then it is counted again. */
static lair_status held_reserve(struct held *held, lair_object *object)
{
    for (;;) {
        const lair_type *type = object->type; /* of the truncated, if the listener did that */
        size_t referents = 0;
        if (type->spec.traverse != NULL)
            (void)type->spec.traverse(object, count_one, &referents);
        if (referents <= held->capacity)
            return LAIR_OK;
        lair_object **items =
            lair_heap_realloc(type->heap, held->items, referents * sizeof(lair_object *));
        if (items == NULL)
            return lair_error_status();
        held->items = items;
        held->capacity = referents;
    }
}

static void held_drop(struct held *held, lair_heap *heap)
{
    for (size_t i = 0; i < held->count; i++)
        lair_decref(held->items[i]);
    lair_heap_free(heap, held->items);
}

/* -- steps ----------------------------------------------------------------------------------- */

static lair_status refuse(const lair_object *object)
{
    const char *why = NULL;
    if (is_kind(object, LAIR_KIND_TYPE))
        why = "is in use by its instances";
    else if (count_is_immortal(object))
        why = "is immortal";
    else if (lair_refcount(object) == 0)
        why = "is being freed";
    else if ((object->type->spec.flags & LAIR_TYPE_IMMUTABLE) != 0)
        why = "never changes, and may be in use as a key";
    if (why == NULL)
        return LAIR_OK;
    return lair_fail(LAIR_ERR_INVALID, "a %s %s: it cannot be truncated", lair_type_name(object),
                     why);
}

/* The object's contents go; no code of the program runs but its type's. What remains is zero, so
 * that a function further up the stack that looks again finds nothing, rather than what is gone;
 * but for the weak references, whose turn is next. */
static void take_apart(lair_object *object, const lair_type *type)
{
    size_t slot = type->spec.weakrefs;
    if (type->spec.dealloc != NULL)
        type->spec.dealloc(object);
    else if (type->spec.clear != NULL)
        type->spec.clear(object);
    struct weakref *weakrefs = slot != 0 ? *weakrefs_of(object, type) : NULL;
    memset(object + 1, 0, type->spec.size - sizeof(*object));
    if (slot != 0)
        *weakrefs_of(object, type) = weakrefs;
}

/* From now on the object is of the type of the truncated, which outlives every other. */
static void become_none(lair_object *object)
{
    lair_type *type = builtin_type(object->type->space, LAIR_KIND_TRUNCATED);
    object->type->to_heap++;
    type->from_heap++;
    object->type = type;
}

/* The caller holds the object and its type. */
static lair_status truncate_held(lair_object *object, const lair_type *type)
{
    struct held held = {0};
    lair_status status = held_reserve(&held, object);
    if (status == LAIR_OK && type_finalize(object))
        status = held_reserve(&held, object); /* the finalizer may have changed it */
    if (status != LAIR_OK || object->type != type) {
        lair_heap_free(type->heap, held.items);
        return status; /* or the finalizer has truncated it */
    }
    if (type->spec.traverse != NULL)
        (void)type->spec.traverse(object, hold_one, &held);
    collector_untrack(&type->space->collector, object);
    take_apart(object, type);
    bool called = type->spec.weakrefs != 0 && *weakrefs_of(object, type) != NULL &&
                  weakrefs_clear(object, type);
    become_none(object);
    if (called)
        weakrefs_call(weakrefs_of(object, type));
    held_drop(&held, type->heap);
    return LAIR_OK;
}

/* -- the driver ------------------------------------------------------------------------------ */

lair_status lair_truncate(lair_object *object)
{
    if (object == NULL)
        return pending_error();
    if (is_kind(object, LAIR_KIND_TRUNCATED))
        return LAIR_OK;
    lair_status status = refuse(object);
    if (status != LAIR_OK)
        return status;
    lair_type *type = object->type;
    (void)lair_incref(&type->object);
    (void)lair_incref(object);
    status = truncate_held(object, type);
    lair_decref(object);
    lair_decref(&type->object);
    return status;
}

void truncated_report(const lair_object *object, const char *expected)
{
    (void)fprintf(stderr, "lair: the object at %p was truncated, and is used as a %s\n",
                  (const void *)object, expected);
}

/* -- the type -------------------------------------------------------------------------------- */

const lair_type_spec truncated_spec = {
    .name = "truncated object",
    .size = sizeof(lair_object),
    .flags = LAIR_TYPE_IMMUTABLE,
    .repr = none_repr,
    .hash = none_hash,
    .equal = none_equal,
    .truth = none_truth,
};

/* count.c: the last reference goes, and an object is taken apart.
 *
 * Taking a container apart drops references, which may be the last of other containers, and so on:
 * a list of a list of a list. Down to RELEASE_DEPTH this goes on the stack, which is the fast way.
 * Deeper objects wait on a list that is worked off when the stack has unwound. The list needs no
 * memory: a waiting object is linked through its type field, and its count word, of no use any
 * more, says what its type was.
 */
#include "heap/plane.h"
#include "tuple.h"
#include "weakref.h"

enum { RELEASE_DEPTH = 40 };

const int lair_object_layout = LAIR_SEGREGATED_COUNTS;

/* -- where counts are ------------------------------------------------------------------------ */

bool counts_make(struct space *space)
{
    unsigned plane = 0;
    if (LAIR_SEGREGATED_COUNTS &&
        plane_register_lasting(space->heap, sizeof(uint32_t), &plane) != LAIR_OK)
        return false;
    space->count_plane = (uint8_t)plane;
    return true;
}

void counts_discard(struct space *space)
{
    if (LAIR_SEGREGATED_COUNTS)
        plane_unregister(space->heap, space->count_plane);
}

/* -- an object's end, in order --------------------------------------------------------------- */

static inline void take_apart(lair_object *object, lair_type *type)
{
    if (type->kind == LAIR_KIND_TUPLE)
        tuple_drop_items(object);
    else if (type->spec.dealloc != NULL)
        type->spec.dealloc(object);
    else if (type->spec.clear != NULL)
        type->spec.clear(object);
    object_discard(object, type);
}

static void defer(struct space *space, lair_object *object)
{
    *count_word(object) = object->type->index;
    object->type = (lair_type *)space->dying;
    space->dying = object;
}

static __attribute__((noinline)) void work_off(struct space *space)
{
    const lair_type *any = builtin_type(space, LAIR_KIND_TYPE);
    while (space->dying != NULL) {
        lair_object *object = space->dying;
        uint32_t *count = count_word_as(any, object);
        space->dying = (lair_object *)object->type;
        object->type = space->types[*count];
        *count = 0;
        if (object->type->spec.weakrefs != 0 && *weakrefs_of(object, object->type) != NULL)
            weakrefs_call(weakrefs_of(object, object->type));
        take_apart(object, object->type);
    }
}

/* Weak references are cleared at once; their callbacks, like the parts of a container, may make
 * others die, and wait where that has become deep. */
static __attribute__((noinline)) void release_other(lair_object *object, lair_type *type)
{
    struct space *space = type->space;
    bool called = false;
    if (type->kind != LAIR_KIND_TUPLE) {
        if (unlikely(type->guard != NULL)) {
            if (type->guard(object))
                return;
            type = object->type; /* the finalizer may have truncated it */
        }
        called = type->spec.weakrefs != 0 && *weakrefs_of(object, type) != NULL &&
                 weakrefs_clear(object, type);
        if (!called && !type->may_be_deep) {
            take_apart(object, type);
            return;
        }
        collector_untrack(&space->collector, object);
    } else if (tuple_was_tracked(object)) {
        collector_untrack(&space->collector, object);
    }
    unsigned depth = space->release_depth;
    if (unlikely(depth >= RELEASE_DEPTH)) {
        defer(space, object);
        return;
    }
    space->release_depth = depth + 1;
    if (unlikely(called))
        weakrefs_call(weakrefs_of(object, type));
    take_apart(object, type);
    if (unlikely(space->dying != NULL) && depth == 0)
        work_off(space);
    space->release_depth = depth;
}

void lair_object_release(lair_object *object)
{
    lair_type *type = object->type;
    if (LAIR_DEBUG_REFERENCES || !type->is_plain || unlikely(!free_list_keep(&type->free, object)))
        release_other(object, type);
}

/* -- counts ---------------------------------------------------------------------------------- */

void lair_object_up(lair_object *object)
{
    uint32_t *count = count_word(object);
    if ((*count & COUNT_IMMORTAL) == 0)
        *count += COUNT_ONE;
}

void lair_object_down(lair_object *object)
{
    uint32_t *count = count_word(object);
    if ((*count & COUNT_IMMORTAL) != 0)
        return;
    *count -= COUNT_ONE;
    if (*count == 0)
        lair_object_release(object);
}

uint32_t lair_refcount(const lair_object *object)
{
    debug_alive(object);
    uint32_t count = *count_word(object);
    return (count & COUNT_IMMORTAL) != 0 ? UINT32_MAX : count / COUNT_ONE;
}

void lair_immortalize(lair_object *object)
{
    debug_alive(object);
    *count_word(object) |= COUNT_IMMORTAL;
}

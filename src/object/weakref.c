/* weakref.c: references that do not keep their object alive.
 *
 * The references to an object are a list from the object's slot. When the object dies they are all
 * cleared first, and containers forget it; then the callbacks run, of which each is sure that
 * nobody sees the object any more. The two halves are apart so that a chain of objects each of
 * which dies by the callback of another is worked off without the stack (count.c).
 */
#include "weakref.h"

#include "builtin.h"

enum { WEAKREF_FREE_LIST = 1024 };

/* -- the list -------------------------------------------------------------------------------- */

/* The reference without a callback comes first, so that it is found at once. */
static void link_ref(struct weakref **slot, struct weakref *ref)
{
    struct weakref *first = *slot;
    if (ref->callback != NULL && first != NULL && first->callback == NULL) {
        ref->prev = first;
        ref->next = first->next;
        first->next = ref;
    } else {
        ref->prev = NULL;
        ref->next = first;
        *slot = ref;
    }
    if (ref->next != NULL)
        ref->next->prev = ref;
}

static void unlink_ref(struct weakref **slot, struct weakref *ref)
{
    if (ref->prev != NULL)
        ref->prev->next = ref->next;
    else
        *slot = ref->next;
    if (ref->next != NULL)
        ref->next->prev = ref->prev;
}

/* -- the referent dies ----------------------------------------------------------------------- */

/* The callback of references that containers own: drops what the container handed out, and the
 * container's reference to ref. */
static void drop_owned(lair_object *ref, void *arg)
{
    lair_decref(arg);
    lair_decref(ref);
}

/* Whether ref must wait for its callback. */
static bool clear_ref(struct weakref *ref)
{
    struct weak_owner *owner = ref->callback == drop_owned ? ref->arg : NULL;
    if (owner != NULL)
        ref->arg = owner->forget(owner, ref);
    ref->referent = NULL;
    ref->next = ref->prev = NULL;
    if (owner == NULL || ref->arg != NULL)
        return ref->callback != NULL;
    lair_decref(&ref->object);
    return false;
}

bool weakrefs_clear(lair_object *object, const lair_type *type)
{
    struct weakref **waiting = weakrefs_of(object, type);
    struct weakref *ref = *waiting;
    *waiting = NULL;
    for (struct weakref *next; ref != NULL; ref = next) {
        next = ref->next;
        if (clear_ref(ref)) {
            (void)lair_incref(&ref->object);
            *waiting = ref;
            waiting = &ref->next;
        }
    }
    return *weakrefs_of(object, type) != NULL;
}

void weakref_silence(struct weakref *ref)
{
    unlink_ref(weakrefs_of(ref->referent, ref->referent->type), ref);
    ref->referent = NULL;
    ref->next = ref->prev = NULL;
}

struct weakref **weakrefs_move(lair_object *object, const lair_type *type, struct weakref **end)
{
    struct weakref **slot = weakrefs_of(object, type);
    *end = *slot;
    *slot = NULL;
    while (*end != NULL)
        end = &(*end)->next;
    return end;
}

void weakrefs_call(struct weakref **waiting)
{
    struct error_kept error;
    error_keep(&error);
    while (*waiting != NULL) {
        struct weakref *ref = *waiting;
        *waiting = ref->next;
        ref->next = NULL;
        if (lair_refcount(&ref->object) > 1) /* else an earlier callback has dropped it */
            ref->callback(&ref->object, ref->arg);
        lair_decref(&ref->object);
    }
    error_restore(&error);
}

/* -- making ---------------------------------------------------------------------------------- */

static bool can_be_referent(const lair_object *object)
{
    if (object == NULL)
        (void)pending_error();
    else if (object->type->spec.weakrefs == 0)
        (void)lair_fail(LAIR_ERR_TYPE, "a %s cannot be referred to weakly", lair_type_name(object));
    else if (lair_refcount(object) == 0)
        (void)lair_fail(LAIR_ERR_INVALID, "a %s that is being freed cannot be referred to weakly",
                        lair_type_name(object));
    else
        return true;
    return false;
}

static struct weakref *weakref_make(lair_object *referent, lair_weakref_callback callback,
                                    void *arg)
{
    const lair_type *type = referent->type;
    struct weakref *ref = object_alloc_fixed(builtin_type(type->space, LAIR_KIND_WEAKREF));
    if (ref == NULL)
        return NULL;
    OBJECT_OWN(ref) = 0;
    ref->referent = referent;
    ref->callback = callback;
    ref->arg = arg;
    /* Whether a callback runs depends on whether the weak reference is garbage itself. */
    if (object_track_if(ref, callback != NULL && callback != drop_owned) == NULL)
        return NULL;
    link_ref(weakrefs_of(referent, type), ref);
    return ref;
}

struct weakref *weakref_owned(struct weak_owner *owner, lair_object *referent)
{
    return can_be_referent(referent) ? weakref_make(referent, drop_owned, owner) : NULL;
}

void weakref_disown(struct weakref *ref)
{
    if (ref->referent != NULL)
        unlink_ref(weakrefs_of(ref->referent, ref->referent->type), ref);
    ref->referent = NULL;
    lair_decref(&ref->object);
}

struct weakref *weakref_find_owned(const struct weak_owner *owner, const lair_object *referent)
{
    if (referent->type->spec.weakrefs == 0)
        return NULL;
    struct weakref *ref = *weakrefs_of(referent, referent->type);
    while (ref != NULL && (ref->callback != drop_owned || ref->arg != owner))
        ref = ref->next;
    return ref;
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_object *lair_weakref_new(lair_object *referent, lair_weakref_callback callback, void *arg)
{
    if (!can_be_referent(referent))
        return NULL;
    struct weakref *ref = *weakrefs_of(referent, referent->type);
    if (callback == NULL && ref != NULL && ref->callback == NULL)
        return lair_incref(&ref->object);
    ref = weakref_make(referent, callback, arg);
    return ref != NULL ? &ref->object : NULL;
}

lair_object *lair_weakref_get(const lair_object *self)
{
    return expect(self, LAIR_KIND_WEAKREF) ? lair_incref(weakref_of(self)->referent) : NULL;
}

bool lair_weakref_is_alive(const lair_object *self)
{
    return expect(self, LAIR_KIND_WEAKREF) && weakref_of(self)->referent != NULL;
}

size_t lair_weakref_count(const lair_object *object)
{
    if (object == NULL || object->type->spec.weakrefs == 0)
        return 0;
    size_t count = 0;
    for (struct weakref *ref = *weakrefs_of(object, object->type); ref != NULL; ref = ref->next)
        count++;
    return count;
}

/* -- the type -------------------------------------------------------------------------------- */

static void weakref_dealloc(lair_object *self)
{
    struct weakref *ref = weakref_of(self);
    if (ref->referent != NULL)
        unlink_ref(weakrefs_of(ref->referent, ref->referent->type), ref);
    if (ref->callback != NULL)
        collector_untrack(&self->type->space->collector, self);
}

static lair_step weakref_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const lair_object *referent = weakref_of(frame->self)->referent;
    lair_status status = referent != NULL
                             ? lair_write_format(writer, "<weakref to %s at %p>",
                                                 lair_type_name(referent), (const void *)referent)
                             : lair_write_text(writer, "<weakref to dead>");
    return status == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

/* The hash is the referent's, and stays when that dies: a dead key can be found. One that belongs
 * to a container, which lair_gc_referents shows, has no room to keep it. */
static lair_step weakref_hash(lair_walk *walk, lair_frame *frame)
{
    struct weakref *ref = weakref_of(frame->self);
    bool owned = ref->callback == drop_owned;
    uint32_t folded = owned ? 0 : OBJECT_OWN(ref);
    if (folded == 0) {
        LAIR_SCOPED lair_object *referent = lair_incref(ref->referent);
        uint64_t hash;
        if (referent == NULL) {
            (void)lair_fail(LAIR_ERR_UNHASHABLE,
                            "a weakref whose object died before it was hashed has no hash");
            return LAIR_STEP_FAILED;
        }
        if (lair_hash(referent, &hash) != LAIR_OK)
            return LAIR_STEP_FAILED;
        folded = (uint32_t)(hash ^ hash >> 32);
        folded = folded != 0 ? folded : 1;
        if (!owned)
            OBJECT_OWN(ref) = folded;
    }
    walk->hash = folded;
    return LAIR_STEP_DONE;
}

/* Equal while both live and their objects are; the dead equal only themselves. */
static lair_step weakref_equal(lair_walk *walk, lair_frame *frame)
{
    LAIR_SCOPED lair_object *referent = lair_incref(weakref_of(frame->self)->referent);
    LAIR_SCOPED lair_object *other = lair_incref(weakref_of(frame->other)->referent);
    bool equal = frame->self == frame->other || (referent != NULL && referent == other);
    if (!equal && referent != NULL && other != NULL &&
        lair_equal(referent, other, &equal) != LAIR_OK)
        return LAIR_STEP_FAILED;
    walk->order = !equal;
    return LAIR_STEP_DONE;
}

const lair_type_spec weakref_spec = {
    .name = "weakref",
    .size = sizeof(struct weakref),
    .flags = LAIR_TYPE_IMMUTABLE,
    .free_list = WEAKREF_FREE_LIST,
    .dealloc = weakref_dealloc,
    .repr = weakref_repr,
    .hash = weakref_hash,
    .equal = weakref_equal,
};

/* weakref.c: references that do not keep their object alive.
 *
 * The references to an object are a list from the object's slot. When the object dies they are all
 * cleared first; then the callbacks run, of which each is sure that nobody sees the object any
 * more.
 */
#include "weakref.h"

#include "builtin.h"

static struct weakref *weakref_of(const lair_object *object)
{
    return (struct weakref *)(void *)object;
}

/* -- the list -------------------------------------------------------------------------------- */

static void link_first(struct weakref **slot, struct weakref *ref)
{
    ref->prev = NULL;
    ref->next = *slot;
    if (ref->next != NULL)
        ref->next->prev = ref;
    *slot = ref;
}

static void unlink_ref(struct weakref **slot, struct weakref *ref)
{
    if (ref->prev != NULL)
        ref->prev->next = ref->next;
    else
        *slot = ref->next;
    if (ref->next != NULL)
        ref->next->prev = ref->prev;
    ref->next = ref->prev = NULL;
}

/* A reference without a callback is shared: the one there is, or NULL. */
static struct weakref *find_plain(struct weakref *first)
{
    while (first != NULL && first->callback != NULL)
        first = first->next;
    return first;
}

void weakrefs_clear(lair_object *object, const lair_type *type)
{
    struct weakref **slot = weakrefs_of(object, type);
    struct weakref *called = NULL, **last = &called; /* those with a callback, held, in order */
    while (*slot != NULL) {
        struct weakref *ref = *slot;
        unlink_ref(slot, ref);
        ref->referent = NULL;
        if (ref->callback != NULL) {
            (void)lair_incref(&ref->object);
            *last = ref;
            last = &ref->next;
        }
    }
    while (called != NULL) {
        struct weakref *ref = called;
        called = ref->next;
        ref->next = NULL;
        ref->callback(&ref->object, ref->arg);
        lair_decref(&ref->object);
    }
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_object *lair_weakref_new(lair_object *referent, lair_weakref_callback callback, void *arg)
{
    if (referent == NULL) {
        (void)pending_error();
        return NULL;
    }
    lair_type *type = referent->type;
    if (type->spec.weakrefs == 0) {
        (void)lair_fail(LAIR_ERR_TYPE, "a %s cannot be referred to weakly", type->spec.name);
        return NULL;
    }
    struct weakref **slot = weakrefs_of(referent, type);
    struct weakref *ref = callback == NULL ? find_plain(*slot) : NULL;
    if (ref != NULL)
        return lair_incref(&ref->object);
    ref = object_alloc_fixed(builtin_type(type->space, LAIR_KIND_WEAKREF));
    if (ref == NULL)
        return NULL;
    ref->referent = referent;
    ref->callback = callback;
    ref->arg = arg;
    link_first(slot, ref);
    return &ref->object;
}

lair_object *lair_weakref_get(const lair_object *self)
{
    if (!expect(self, LAIR_KIND_WEAKREF))
        return NULL;
    return lair_incref(weakref_of(self)->referent);
}

bool lair_weakref_is_alive(const lair_object *self)
{
    return expect(self, LAIR_KIND_WEAKREF) && weakref_of(self)->referent != NULL;
}

size_t lair_weakref_count(const lair_object *object)
{
    size_t count = 0;
    if (object->type->spec.weakrefs != 0)
        for (struct weakref *ref = *weakrefs_of(object, object->type); ref; ref = ref->next)
            count++;
    return count;
}

/* -- the type -------------------------------------------------------------------------------- */

static void weakref_dealloc(lair_object *self)
{
    struct weakref *ref = weakref_of(self);
    if (ref->referent != NULL)
        unlink_ref(weakrefs_of(ref->referent, ref->referent->type), ref);
}

static lair_step weakref_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const lair_object *referent = weakref_of(frame->self)->referent;
    const char *what = referent != NULL ? lair_type_name(referent) : "dead";
    return lair_write_format(writer, "<weakref to %s>", what) == LAIR_OK ? LAIR_STEP_DONE
                                                                         : LAIR_STEP_FAILED;
}

const lair_type_spec weakref_spec = {
    .name = "weakref",
    .size = sizeof(struct weakref),
    .flags = LAIR_TYPE_IMMUTABLE,
    .dealloc = weakref_dealloc,
    .repr = weakref_repr,
};

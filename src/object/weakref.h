/* weakref.h: an object's list of weak references, for the files that end objects and for containers
 * that do not keep what is in them alive.
 */
#ifndef LAIR_OBJECT_WEAKREF_H
#define LAIR_OBJECT_WEAKREF_H

#include <lair/weakref.h>

#include "space.h"

/* A weak reference. Those to one object are a list from the object's slot: first the one without a
 * callback, if there is one; then the others, newest first. */
struct weakref {
    OBJECT_HEAD;           /* own: the hash, folded, 0: never asked for; or the owner's */
    lair_object *referent; /* NULL: dead */
    struct weakref *next, *prev;
    lair_weakref_callback callback; /* NULL: none */
    void *arg;
};

static inline struct weakref *weakref_of(const lair_object *object)
{
    return (struct weakref *)(void *)object;
}

/* The object's slot; its type has one. */
static inline struct weakref **weakrefs_of(const lair_object *object, const lair_type *type)
{
    return (struct weakref **)(void *)((char *)object + type->spec.weakrefs);
}

/* -- an object's end ------------------------------------------------------------------------- */

/* The object dies: clears all weak references to it, and takes it out of the containers that own
 * some of them. Runs no code of the program. True: callbacks wait in the slot. */
bool weakrefs_clear(lair_object *object, const lair_type *type);

/* Ref is garbage, as is its referent: it is dead from now on, and its callback will not run. */
void weakref_silence(struct weakref *ref);

/* Runs the callbacks that wait in a list, as the slot is one then. */
void weakrefs_call(struct weakref **waiting);

/* Moves what waits in the object's slot behind *end, the end of a list; returns the new end. For
 * objects that may be referred to weakly anew before the callbacks run. */
struct weakref **weakrefs_move(lair_object *object, const lair_type *type, struct weakref **end);

/* -- containers of weak references ------------------------------------------------------------ */

/* What a container that owns weak references begins with. They are handed out by nobody but
 * lair_gc_referents, and the four bytes of their own are the container's. */
struct weak_owner {
    OBJECT_HEAD;
    /* The referent of ref dies: lets go of ref (whose reference the caller takes over), and hands
     * out another reference that went with it, or NULL. Must not fail, allocate, or run code of
     * the program. */
    lair_object *(*forget)(struct weak_owner *self, struct weakref *ref);
    struct weakref *weakrefs;
};

static inline struct weak_owner *weak_owner_of(const lair_object *object)
{
    return (struct weak_owner *)(void *)object;
}

/* A weak reference that belongs to owner: a new one. NULL: the error is set. */
struct weakref *weakref_owned(struct weak_owner *owner, lair_object *referent);

/* Its owner gives it up: it is dead, the owner will not hear of it, and the owner's reference
 * is dropped. */
void weakref_disown(struct weakref *ref);

/* The one of owner to referent, or NULL. BORROWED. */
struct weakref *weakref_find_owned(const struct weak_owner *owner, const lair_object *referent);

#endif /* LAIR_OBJECT_WEAKREF_H */

/* weakref.h: an object's list of weak references, for the files that end objects. */
#ifndef LAIR_OBJECT_WEAKREF_H
#define LAIR_OBJECT_WEAKREF_H

#include <lair/weakref.h>

#include "space.h"

/* A weak reference. Those to one object are a list, newest first, from the object's slot. */
struct weakref {
    OBJECT_HEAD;
    lair_object *referent; /* NULL: dead */
    struct weakref *next, *prev;
    lair_weakref_callback callback; /* NULL: none */
    void *arg;
};

/* The object's slot; its type has one. */
static inline struct weakref **weakrefs_of(const lair_object *object, const lair_type *type)
{
    return (struct weakref **)(void *)((char *)object + type->spec.weakrefs);
}

/* The object dies: clears all weak references to it, then runs their callbacks. */
void weakrefs_clear(lair_object *object, const lair_type *type);

#endif /* LAIR_OBJECT_WEAKREF_H */

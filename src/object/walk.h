/* walk.h: going into what objects hold, without the stack. See lair/type.h for steps and frames.
 *
 * A walk keeps its frames in a block of the heap and calls the step function of the object on top.
 * Repr, hash, equal, compare and deep copy are walks. A container inside itself is noticed by the
 * mark in its count word; the walk holds a reference to everything it is inside of, so a type's
 * step may do as it likes.
 */
#ifndef LAIR_OBJECT_WALK_H
#define LAIR_OBJECT_WALK_H

#include "space.h"
#include "writer.h"

typedef enum walk_kind {
    WALK_REPR,
    WALK_HASH,
    WALK_EQUAL,
    WALK_COMPARE,
    WALK_COPY,
} walk_kind;

/* Writes the repr of object. */
lair_status walk_repr(lair_writer *writer, lair_object *object);

/* Whether objects of these types can be equal, and are handed to the type of a. */
bool types_comparable(const lair_object *a, const lair_object *b);

/* For step functions: DONE or FAILED. */
static inline lair_step step_of(lair_status status)
{
    return status == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static inline lair_step step_child(lair_walk *walk, lair_object *child)
{
    walk->child = child;
    return LAIR_STEP_CHILD;
}

static inline lair_step step_children(lair_walk *walk, lair_object *child, lair_object *other)
{
    walk->child = child;
    walk->other_child = other;
    return LAIR_STEP_CHILD;
}

#endif /* LAIR_OBJECT_WALK_H */

/* tuple.h: tuples for the other files of the object model. */
#ifndef LAIR_OBJECT_TUPLE_H
#define LAIR_OBJECT_TUPLE_H

#include <lair/tuple.h>

#include "space.h"

struct tuple {
    OBJECT_HEAD; /* own: the length */
    lair_object *items[];
};

static inline struct tuple *tuple_of(const lair_object *object)
{
    return (struct tuple *)(void *)object;
}

static inline size_t tuple_length(const lair_object *object)
{
    return OBJECT_OWN(tuple_of(object));
}

/* A tuple of length items, all NULL, for the caller to fill before anybody sees it; or the empty
 * one. */
lair_object *tuple_make(struct space *space, size_t length);

/* Where a dead tuple may wait for reuse; lists of other lengths keep none. */
static inline free_list *tuple_free_list(const lair_object *object)
{
    struct space *space = object->type->space;
    size_t length = tuple_length(object);
    return &space->tuples[length <= TUPLE_FREE_LENGTHS ? length : 0];
}

bool tuples_make(struct space *space);
void tuples_discard(struct space *space);

#endif /* LAIR_OBJECT_TUPLE_H */

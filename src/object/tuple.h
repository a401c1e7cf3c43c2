/* tuple.h: tuples for the other files of the object model. */
#ifndef LAIR_OBJECT_TUPLE_H
#define LAIR_OBJECT_TUPLE_H

#include <lair/tuple.h>

#include "space.h"

struct tuple {
    OBJECT_HEAD; /* own: the length, and TUPLE_TRACKED */
    lair_object *items[];
};

/* The collector was told of the tuple: some of its items may be part of cycles. */
#define TUPLE_TRACKED UINT32_C(0x80000000)
#define TUPLE_LENGTH_MAX (TUPLE_TRACKED - 1)

static inline struct tuple *tuple_of(const lair_object *object)
{
    return (struct tuple *)(void *)object;
}

static inline size_t tuple_length(const lair_object *object)
{
    return OBJECT_OWN(tuple_of(object)) & TUPLE_LENGTH_MAX;
}

static inline bool tuple_was_tracked(const lair_object *object)
{
    return (OBJECT_OWN(tuple_of(object)) & TUPLE_TRACKED) != 0;
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

/* What a tuple holds goes; NULL in one that was not completed. */
static inline void tuple_drop_items(lair_object *object)
{
    lair_object **items = tuple_of(object)->items, **end = items + tuple_length(object);
    for (; items < end; items++)
        lair_decref(*items);
}

/* The block of a dead object is kept for reuse, or freed. */
static inline void object_discard(lair_object *object, lair_type *type)
{
    free_list *list = &type->free;
    if (type->kind == LAIR_KIND_TUPLE)
        list = tuple_free_list(object);
    if (LAIR_DEBUG_REFERENCES || !free_list_keep(list, object))
        object_free(object, type);
    else if (unlikely(*count_word(&type->object) == 0))
        object_gone(type);
}

bool tuples_make(struct space *space);
void tuples_discard(struct space *space);

#endif /* LAIR_OBJECT_TUPLE_H */

/* list.h: lists for the other files of the object model. */
#ifndef LAIR_OBJECT_LIST_H
#define LAIR_OBJECT_LIST_H

#include <lair/list.h>

#include "sequence.h"
#include "space.h"

struct weakref;

struct list {
    lair_object object;
    lair_object **items; /* a block of the heap; NULL while capacity is 0 */
    size_t length, capacity;
    struct weakref *weakrefs;
};

static inline struct list *list_of(const lair_object *object)
{
    return (struct list *)(void *)object;
}

static inline sequence list_row(const lair_object *self)
{
    return (sequence){list_of(self)->items, list_of(self)->length};
}

#endif /* LAIR_OBJECT_LIST_H */

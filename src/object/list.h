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

/* Takes the contents out of a list, which is empty then, for work during which code of the program
 * may run. */
static inline struct list list_take_out(struct list *list)
{
    struct list contents = *list;
    list->items = NULL;
    list->length = list->capacity = 0;
    return contents;
}

/* ... and puts them back. What was put into the list meanwhile is dropped, and so are they
 * themselves when the list was truncated: LAIR_ERR_CHANGED then, unless status is an error. */
lair_status list_put_back(lair_object *self, struct list contents, lair_status status);

static inline sequence list_row(const lair_object *self)
{
    return (sequence){list_of(self)->items, list_of(self)->length};
}

#endif /* LAIR_OBJECT_LIST_H */

/* weak_table.h: what weak-key dict, weak-value dict and weak set have in common. */
#ifndef LAIR_OBJECT_WEAK_TABLE_H
#define LAIR_OBJECT_WEAK_TABLE_H

#include "entries.h"
#include "walk.h"

/* The kind says whether keys or values are weak; a set has weak keys and no values. */
struct weak_table {
    struct weak_owner owner;
    struct entries entries;
};

static inline struct weak_table *weak_table_of(const lair_object *object)
{
    return (struct weak_table *)(void *)object;
}

/* An empty one of the kind. NULL: the error is set. For programs, which may collect garbage first;
 * and inside the object model. */
lair_object *weak_table_new(lair_heap *heap, lair_kind kind);
lair_object *weak_table_make(lair_heap *heap, lair_kind kind);

/* What programs ask for, of a self of the right kind. A key or member stays when an equal one is
 * there. value is NULL for sets. */
lair_status weak_table_set(lair_object *self, lair_object *key, lair_object *value);
lair_status weak_table_find(lair_object *self, lair_object *key, struct entry **found);
lair_status weak_table_discard(lair_object *self, lair_object *key, bool *was_there);

/* For the descriptions of the types. */
void weak_table_clear(lair_object *self);
int weak_table_traverse(lair_object *self, lair_visit visit, void *arg);
size_t weak_table_size_of(const lair_object *self);
lair_step weak_table_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame);
lair_step weak_table_deep_copy(lair_walk *walk, lair_frame *frame); /* of the dicts */
lair_object *weak_table_copy(lair_object *self);
size_t weak_table_length(lair_object *self);
lair_status weak_table_contains(lair_object *self, lair_object *key, bool *found);
void weak_table_begin(lair_cursor *at);
bool weak_table_next(lair_cursor *at);

/* What their descriptions share: all but name and deep copy. */
#define WEAK_TABLE_DESCRIPTION                                                                     \
    .size = sizeof(struct weak_table), .flags = LAIR_TYPE_CONTAINER,                               \
    .weakrefs = offsetof(struct weak_owner, weakrefs), .dealloc = weak_table_clear,                \
    .traverse = weak_table_traverse, .clear = weak_table_clear, .size_of = weak_table_size_of,     \
    .repr = weak_table_repr, .shallow_copy = weak_table_copy, .length = weak_table_length,         \
    .contains = weak_table_contains, .begin = weak_table_begin, .next = weak_table_next

#endif /* LAIR_OBJECT_WEAK_TABLE_H */

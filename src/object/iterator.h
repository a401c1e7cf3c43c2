/* iterator.h: iterators and generators for each other. */
#ifndef LAIR_OBJECT_ITERATOR_H
#define LAIR_OBJECT_ITERATOR_H

#include <lair/iterator.h>

#include "space.h"

/* What is iterated by asking it for its next item: an iterator or a generator. */
static inline bool is_iterator(const lair_object *object)
{
    return is_kind(object, LAIR_KIND_ITERATOR) || is_kind(object, LAIR_KIND_GENERATOR);
}

/* The copy functions of both: where they stand cannot be copied. */
lair_object *iterator_no_copy(lair_object *self);
lair_step iterator_no_deep_copy(lair_walk *walk, lair_frame *frame);

/* ... and their begin: a cursor over an iterator goes on where the iterator stands. */
void iterator_begin(lair_cursor *at);

#endif /* LAIR_OBJECT_ITERATOR_H */

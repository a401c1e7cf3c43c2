/* sequence.h: what tuples and lists have in common: steps over a row of items. */
#ifndef LAIR_OBJECT_SEQUENCE_H
#define LAIR_OBJECT_SEQUENCE_H

#include "walk.h"

/* A row of items at this moment; a list's may change between steps. */
typedef struct sequence {
    lair_object *const *items;
    size_t length;
} sequence;

lair_step sequence_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame, sequence row,
                        const char *open, const char *close);
lair_step sequence_hash(lair_walk *walk, lair_frame *frame, sequence row);
lair_step sequence_equal(lair_walk *walk, lair_frame *frame, sequence row, sequence other);
lair_step sequence_compare(lair_walk *walk, lair_frame *frame, sequence row, sequence other);

/* Whether item equals one of the row's. */
lair_status sequence_contains(sequence (*row_of)(const lair_object *), lair_object *self,
                              lair_object *item, bool *found);

/* start and end of a slice, brought within length. */
void slice_clamp(size_t length, size_t *start, size_t *end);

/* Drops the references of an array. */
void items_drop(lair_object **items, size_t count);

/* Whether all are there and of heap; else the error is set. */
bool items_valid(lair_heap *heap, lair_object *const *items, size_t count);

#endif /* LAIR_OBJECT_SEQUENCE_H */

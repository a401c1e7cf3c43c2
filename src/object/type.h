/* type.h: the inside of a type, for the other files of the object model. */
#ifndef LAIR_OBJECT_TYPE_H
#define LAIR_OBJECT_TYPE_H

#include <lair/type.h>

struct space;

/* Dead objects of one size, kept for reuse. */
typedef struct free_list {
    lair_object *first; /* linked through the type field */
    uint32_t count, most;
} free_list;

struct lair_type {
    lair_object object; /* a type is an object, of the type type */
    lair_heap *heap;
    struct space *space;
    lair_kind kind;
    uint32_t index;      /* in space->types */
    uint8_t count_plane; /* where instances have their counts, in builds that keep them apart */
    bool may_be_deep;    /* instances hold others: their release must not go down the stack */
    size_t instance_bytes;
    bool (*guard)(lair_object *self); /* may keep an object whose last reference is gone; NULL */
    free_list free;
    uint64_t created, reused, died;
    void *owned; /* a block that goes with the type: a record's names; NULL: none */
    lair_type_spec spec; /* name points at a copy of the type's own */
};

#endif /* LAIR_OBJECT_TYPE_H */

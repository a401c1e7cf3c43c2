/* type.h: the inside of a type, for the other files of the object model. */
#ifndef LAIR_OBJECT_TYPE_H
#define LAIR_OBJECT_TYPE_H

#include <lair/type.h>

struct space;

/* Dead objects of one size, kept for reuse: kept - reused of them. Counting both ways, each way is
 * one addition, and tells how many instances there were. */
typedef struct free_list {
    lair_object *first; /* linked through the type field */
    uint64_t kept, reused;
    uint64_t most;
} free_list;

static inline lair_object *free_list_take(free_list *list)
{
    lair_object *object = list->first;
    if (object != NULL) {
        list->first = (lair_object *)object->type;
        list->reused++;
    }
    return object;
}

/* False: there are enough already. */
static inline bool free_list_keep(free_list *list, lair_object *object)
{
    if (list->kept - list->reused >= list->most)
        return false;
    object->type = (lair_type *)list->first;
    list->first = object;
    list->kept++;
    return true;
}

struct lair_type {
    lair_object object; /* a type is an object, of the type type */
    lair_heap *heap;
    struct space *space;
    lair_kind kind;
    uint32_t index;      /* in space->types */
    uint8_t count_plane; /* where instances have their counts, in builds that keep them apart */
    bool may_be_deep;    /* instances hold others: their release must not go down the stack */
    bool is_plain;       /* instances hold nothing, and the type itself is immortal */
    bool is_of_interest; /* to the collector: cycles can go through instances, or, as for weak
                            references, what their callbacks do depends on who holds them */
    size_t instance_bytes;
    bool (*guard)(lair_object *self); /* may keep an object whose last reference is gone; NULL */
    free_list free;
    uint64_t from_heap, to_heap; /* blocks of instances; those in free lists are from the heap */
    void *owned;                 /* a block that goes with the type: a record's names; NULL: none */
    lair_type_spec spec;         /* name points at a copy of the type's own */
};

/* The first of an instance's links, see lair_type_spec. */
static inline lair_object **links_of(const lair_object *object, const lair_type *type)
{
    return (lair_object **)(void *)((char *)(uintptr_t)object + type->spec.links);
}

#endif /* LAIR_OBJECT_TYPE_H */

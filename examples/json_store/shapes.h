/* shapes.h: which sets of names the objects of a JSON text have, and a record type for each. */
#ifndef JSON_STORE_SHAPES_H
#define JSON_STORE_SHAPES_H

#include "store.h"

/* What the values of one name are, in all objects of a shape. */
struct column {
    const char *name; /* belongs to the JSON text */
    bool bools, ints, floats, others;
    int64_t low, high; /* of the ints */
    bool narrow;       /* each float is the same in 32 bits */
    lair_packed_kind kind;
};

struct shape {
    lair_type *type; /* a reference; NULL: such objects stay dicts */
    struct column *columns;
    size_t count;
};

struct shapes {
    lair_object *by_names; /* dict: the names, joined, to the position in items */
    struct shape *items;
    size_t count, capacity;
    size_t last; /* found last: objects come in rows of one shape */
};

/* Looks through json and makes the types, of packed records or of others. shapes_close must follow,
 * also when it failed. */
bool shapes_open(struct shapes *shapes, lair_heap *heap, const json_t *json, bool packed);
void shapes_close(struct shapes *shapes);

/* The shape of a JSON object; NULL: not found (error set). */
const struct shape *shape_of(struct shapes *shapes, const json_t *object);

#endif /* JSON_STORE_SHAPES_H */

/* memo.h: what a deep copy has copied already. */
#ifndef LAIR_OBJECT_MEMO_H
#define LAIR_OBJECT_MEMO_H

#include <lair/object.h>

/* Open addressing, linear probing, at most half full. Zero is an empty memo. Holds references to
 * copies and originals: the address of one that died could come back as another's. */
struct memo {
    struct memo_entry {
        lair_object *original; /* NULL: empty */
        lair_object *copy;
    } * entries;
    size_t count, capacity; /* capacity is 0 or a power of two */
};

/* BORROWED, or NULL. */
lair_object *memo_find(const struct memo *memo, const lair_object *original);

/* False: no memory, the error is set. */
bool memo_add(struct memo *memo, lair_object *original, lair_object *copy);

/* The copy of original, if it is there, is this one after all. */
void memo_replace(struct memo *memo, const lair_object *original, lair_object *copy);

/* Ends the memo. */
void memo_drop(struct memo *memo, lair_heap *heap);

#endif /* LAIR_OBJECT_MEMO_H */

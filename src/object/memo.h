/* memo.h: what a deep copy has copied already. */
#ifndef LAIR_OBJECT_MEMO_H
#define LAIR_OBJECT_MEMO_H

#include <lair/object.h>

/* Open addressing, linear probing, at most half full. Zero is an empty memo. Holds a reference to
 * each copy, not to the originals, which the walk's caller keeps. */
struct memo {
    struct memo_entry {
        const lair_object *original; /* NULL: empty */
        lair_object *copy;
    } * entries;
    size_t count, capacity; /* capacity is 0 or a power of two */
};

/* BORROWED, or NULL. */
lair_object *memo_find(const struct memo *memo, const lair_object *original);

/* False: no memory, the error is set. */
bool memo_add(struct memo *memo, const lair_object *original, lair_object *copy);

/* Ends the memo. */
void memo_drop(struct memo *memo, lair_heap *heap);

#endif /* LAIR_OBJECT_MEMO_H */

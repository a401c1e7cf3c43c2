/* entries.h: what caches and weak containers keep: entries that never move, found by key, in the
 * order in which they came.
 *
 * A dict's table (table.h) is smaller; here an entry is a block of its own, to which others may
 * point, and leaves in constant time without a comparison: an object that dies takes its entry
 * along while no code of the program may run. It leaves a gap in the order, which stays until an
 * addition needs the room; so an iteration is not disturbed by what leaves, only by additions.
 */
#ifndef LAIR_OBJECT_ENTRIES_H
#define LAIR_OBJECT_ENTRIES_H

#include "space.h"
#include "weakref.h"

/* Begins the entry of each container. The references are the entry's. */
struct entry {
    struct entry *chain; /* the next of its bucket */
    uint32_t hash;       /* see entries_hash */
    uint32_t index;      /* in the order */
    lair_object *key;    /* with weak keys: the weak reference to it */
    lair_object *value;  /* with weak values: the weak reference to it; sets: NULL */
};

/* live <= used <= capacity, which is 0 or a power of two. */
struct entries {
    struct entry **order; /* capacity places, NULL: a gap; behind them as many buckets */
    uint32_t live;        /* entries */
    uint32_t used;        /* ... and gaps before the last of them */
    uint32_t capacity;
    uint32_t additions; /* ever: iterations notice them */
    uint32_t changes;   /* of the buckets, ever: searches notice them */
    bool weak_keys, weak_values;
};

/* The key as an object: BORROWED. */
static inline lair_object *entry_key(const struct entries *entries, const struct entry *entry)
{
    return entries->weak_keys ? weakref_of(entry->key)->referent : entry->key;
}

static inline lair_object *entry_value(const struct entries *entries, const struct entry *entry)
{
    return entries->weak_values ? weakref_of(entry->value)->referent : entry->value;
}

/* The hash that entries keep of key: mixed under the process's key, so that nobody can choose ints
 * that collide. */
lair_status entries_hash(lair_object *key, uint32_t *hash);

/* *found: the entry of key, or NULL. The caller holds key and the container. */
lair_status entries_find(struct entries *entries, lair_object *key, uint32_t hash,
                         struct entry **found);

/* A new entry of bytes, the last in the order, for a key that was not found; key and value are for
 * the caller to set. NULL: the error is set and nothing has changed. */
void *entries_add(struct entries *entries, lair_heap *heap, size_t bytes, uint32_t hash);

/* Takes entry out and gives up its weak reference, where it has one; the other references and the
 * block are the caller's. Neither fails nor runs code of the program. */
void entries_remove(struct entries *entries, struct entry *entry);

/* Drops what a removed entry still refers to, and its block. */
void entry_drop(lair_heap *heap, struct entry *entry);

/* The entry that has this weak reference, which is there. */
struct entry *entries_of_ref(const struct entries *entries, const struct weakref *ref,
                             uint32_t hash);

/* The first entry at *index or behind it, and *index is beyond it; NULL: none. */
struct entry *entries_next(const struct entries *entries, size_t *index);

/* Takes all entries out, and drops what they refer to: weak references first. */
void entries_clear(struct entries *entries, lair_heap *heap);

int entries_traverse(const struct entries *entries, lair_visit visit, void *arg);
size_t entries_size(const struct entries *entries, lair_heap *heap);

/* For cursors: sets the next entry's key and value; false: the end, or at->status says that keys
 * were added. */
bool entries_step(const struct entries *entries, lair_cursor *at);

/* "no key 'x' in the weak-key dict". */
lair_status entries_no_key(const lair_object *container, lair_object *key);

/* Says what is wrong, or NULL. For tests. */
const char *entries_check(const struct entries *entries);

#endif /* LAIR_OBJECT_ENTRIES_H */

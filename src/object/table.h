/* table.h: the compact hash table that dict, set, frozenset and counter share.
 *
 * A table is one block: a header, an index, and the entries, dense and in the order of insertion.
 * An entry is one to three words: the key, the value where there is one, and the key's hash, which
 * is kept only once a key came in that is neither str nor int: these tell theirs at once.
 *
 * The index. Up to TABLE_SMALL entries it has a byte for each entry, the lowest byte of its hash,
 * and eight are compared at a time. Larger tables have 2^log2 slots of 2, 4 or 8 bytes, three
 * quarters of them taken at most, probed one after another. A slot holds the position of an entry
 * in its low log2 bits and bits of the hash above, so that an entry is seldom looked at in vain.
 *
 * Where probing begins, the low bits of the hash say. Strs have good hashes; ints hash to
 * themselves, so that ints in a row have slots in a row. Should keys that are no strs crowd, by
 * chance or by design, the table is made TABLE_MIXED: from then on all hashes are multiplied under
 * the heap's key.
 *
 * A removed entry has no key and stays until the entries close ranks: when there is no room, or
 * more than half are such. Small tables close ranks at once. Each change of the keys, and each
 * closing of ranks, raises the version.
 */
#ifndef LAIR_OBJECT_TABLE_H
#define LAIR_OBJECT_TABLE_H

#include "number.h"
#include "space.h"
#include "str.h"

enum { TABLE_SMALL = 16 };

typedef union word {
    lair_object *object;
    int64_t number;
    uint64_t hash;
} word;

typedef enum table_shape {
    TABLE_VALUES = 1,        /* entries have a value */
    TABLE_VALUE_OBJECTS = 2, /* ... which is a reference, not a number */
    TABLE_HASHED = 4,        /* entries keep the key's hash, in their last word */
    TABLE_MIXED = 8,         /* the index is of hashes that are mixed */
} table_shape;

/* live <= used <= capacity; all entries before first are removed, and so is none behind used;
 * small tables: live == used, first == vacant == 0. */
struct table {
    uint32_t live;     /* entries with a key */
    uint32_t first;    /* 0, or the first live entry */
    uint32_t used;     /* entries, the removed ones among them */
    uint32_t capacity; /* entries there is room for */
    uint32_t vacant;   /* empty slots that may be taken yet */
    uint8_t log2;      /* the index has 2^log2 slots ... */
    uint8_t width;     /* ... of 2^width bytes; 0: a small table */
    uint8_t stride;    /* words of an entry */
    uint8_t shape;     /* table_shape, or-ed */
};

/* What dict, set, frozenset and counter begin with. */
struct keyed {
    OBJECT_HEAD;         /* own: the version */
    struct table *table; /* NULL: no entry yet */
    struct weakref *weakrefs;
};

static inline struct keyed *keyed_of(const lair_object *object)
{
    return (struct keyed *)(void *)object;
}

static inline uint32_t keyed_length(const struct keyed *self)
{
    return self->table != NULL ? self->table->live : 0;
}

static inline word *table_entry(const struct table *table, size_t position)
{
    size_t index_bytes = (size_t)1 << (table->log2 + table->width);
    return (word *)(void *)((char *)(table + 1) + index_bytes) + position * table->stride;
}

/* -- hashes ---------------------------------------------------------------------------------- */

/* Whether key is of a type whose hash costs nothing. */
static inline bool has_hash_at_hand(const lair_object *key)
{
    return is_kind(key, LAIR_KIND_STR) || is_int(key);
}

/* ... and then its hash. */
static inline bool key_hash_at_hand(const lair_object *key, uint64_t *hash)
{
    if (likely(is_kind(key, LAIR_KIND_STR)))
        *hash = str_hash(key);
    else if (likely(is_int(key)))
        *hash = int_hash(int_value(key));
    else
        return false;
    return true;
}

static inline lair_status key_hash(lair_object *key, uint64_t *hash)
{
    return likely(key_hash_at_hand(key, hash)) ? LAIR_OK : lair_hash(key, hash);
}

/* The hash of a key that is in a table whose entries do not keep it: of a str or an int. */
static inline uint64_t kept_hash(const lair_object *key)
{
    return likely(is_kind(key, LAIR_KIND_STR)) ? OBJECT_OWN(str_of(key)) : int_hash(int_value(key));
}

/* The hash of an entry's key. */
static inline uint64_t entry_hash(const struct table *table, const word *entry)
{
    return (table->shape & TABLE_HASHED) != 0 ? entry[table->stride - 1].hash
                                              : kept_hash(entry->object);
}

/* -- looking up ------------------------------------------------------------------------------ */

typedef enum sought {
    SOUGHT_FOUND,
    SOUGHT_MISSING,
    SOUGHT_FAILED, /* comparing failed, or changed the table again and again: the error is set */
} sought;

/* Where a key is, or would be put. Valid until the version changes. */
typedef struct place {
    word *entry; /* where it was found, and its position */
    size_t position;
    size_t slot; /* of the index: its own, or the one for it */
} place;

/* Whether a str, an int or a bool, a text is there. */
bool table_seek_str(const struct keyed *self, lair_object *key, uint64_t hash, place *at);
bool table_seek_int(const struct keyed *self, lair_object *key, place *at);
bool table_seek_text(const struct keyed *self, const char *text, size_t bytes, place *at);

/* Keys of other types. Their comparing may run code of the program. */
sought table_find_other(struct keyed *self, lair_object *key, uint64_t hash, place *at);

static inline sought table_find(struct keyed *self, lair_object *key, uint64_t hash, place *at)
{
    bool found;
    if (likely(is_kind(key, LAIR_KIND_STR)))
        found = table_seek_str(self, key, hash, at);
    else if (likely(is_int(key)))
        found = table_seek_int(self, key, at);
    else
        return table_find_other(self, key, hash, at);
    return found ? SOUGHT_FOUND : SOUGHT_MISSING;
}

/* The entry of a str, of an int or a bool; NULL: it is not there. */
word *table_get_str(const struct keyed *self, lair_object *key, uint64_t hash);
word *table_get_int(const struct keyed *self, lair_object *key, uint64_t hash);

/* As table_find where the entry is all that is wanted. */
static inline sought table_get(struct keyed *self, lair_object *key, uint64_t hash, word **entry)
{
    place at;
    if (likely(is_kind(key, LAIR_KIND_STR))) {
        *entry = table_get_str(self, key, hash);
    } else if (likely(is_int(key))) {
        *entry = table_get_int(self, key, hash);
    } else {
        sought result = table_find_other(self, key, hash, &at);
        *entry = result == SOUGHT_FOUND ? at.entry : NULL;
        return result;
    }
    return *entry != NULL ? SOUGHT_FOUND : SOUGHT_MISSING;
}

/* -- changing -------------------------------------------------------------------------------- */

/* Puts in a key that is known not to be there (else see table_put.h). The table takes over the
 * references to key and value; when it fails they stay with the caller and nothing has changed. */
lair_status table_add(struct keyed *self, lair_object *key, uint64_t hash, word value);

/* Takes out the entry at a place; the references in *key and *value are the caller's. */
void table_remove(struct keyed *self, const place *at, lair_object **key, word *value);

/* The place of the newest entry. False: there is none. */
bool table_newest(const struct keyed *self, place *at);

/* Room for count entries in all; or no more than there are. */
lair_status table_reserve(struct keyed *self, size_t count);
lair_status table_shrink(struct keyed *self);

/* Empties the table and drops its references. */
void table_clear(struct keyed *self);

/* Gives an empty table the keys and values of another one of the same shape. */
lair_status table_copy(struct keyed *self, const struct keyed *from);

/* -- going over the entries ------------------------------------------------------------------ */

/* The live entry at *position or behind it, where *position then is; NULL: none. */
static inline word *table_next(const struct table *table, size_t *position)
{
    if (table == NULL)
        return NULL;
    size_t at = *position < table->first ? table->first : *position;
    word *entry = table_entry(table, at);
    for (; at < table->used; at++, entry += table->stride) {
        if (entry->object != NULL) {
            *position = at;
            return entry;
        }
    }
    return NULL;
}

/* -- the check ------------------------------------------------------------------------------- */

/* Verifies what stands beside the fields above; says what is wrong, or NULL. For tests. */
const char *table_check(const struct keyed *self);

#endif /* LAIR_OBJECT_TABLE_H */

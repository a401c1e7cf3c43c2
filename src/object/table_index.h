/* table_index.h: the index of a table (table.h), slot by slot. */
#ifndef LAIR_OBJECT_TABLE_INDEX_H
#define LAIR_OBJECT_TABLE_INDEX_H

#include "table.h"

enum { CROWD = 32 /* a slot this far from where probing began says that keys crowd */ };

#define NO_SLOT SIZE_MAX

__extension__ typedef unsigned __int128 wide;

/* The hash as the index of a table takes it. Mixed: the product folded, so that each bit of the
 * hash reaches all bits of the result. */
static inline uint64_t spread(const struct keyed *self, const struct table *table, uint64_t hash)
{
    if (likely((table->shape & TABLE_MIXED) == 0))
        return hash;
    const uint64_t *key = self->object.type->space->hash_key;
    wide product = (wide)(hash ^ key[0]) * (key[1] | 1);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline bool is_small(const struct table *table)
{
    return table->width == 0;
}

static inline char *index_of(const struct table *table)
{
    return (char *)(uintptr_t)(table + 1);
}

static inline uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)hash;
}

/* Which of eight tags are those of the hash: the top bit of each byte, and of some above one that
 * is. */
static inline uint64_t tags_fitting(uint64_t tags, uint64_t hash)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t differing = tags ^ tag_of(hash) * ones;
    return (differing - ones) & ~differing & tops;
}

/* Slots that may be taken. */
static inline size_t slot_limit(unsigned log2)
{
    return ((size_t)1 << log2) - ((size_t)1 << log2) / 4;
}

/* An empty slot has all its bits set; one whose entry was removed all but the lowest. Neither can
 * be the position of an entry. */
static inline uint64_t empty_of(unsigned width)
{
    return ~UINT64_C(0) >> (64 - (8U << width));
}

static inline uint64_t slot_empty(const struct table *table)
{
    return empty_of(table->width);
}

static inline uint64_t slot_removed(const struct table *table)
{
    return slot_empty(table) - 1;
}

static inline size_t slot_mask(const struct table *table)
{
    return ((size_t)1 << table->log2) - 1;
}

static inline size_t slot_first(const struct table *table, uint64_t hash)
{
    return (size_t)hash & slot_mask(table);
}

#define INLINE static inline __attribute__((always_inline))

/* A slot of an index whose width the compiler knows. */
INLINE uint64_t slot_get(const char *index, size_t slot, unsigned width)
{
    const char *at = index + (slot << width);
    uint16_t narrow;
    if (width == 2)
        return load_32(at);
    if (width == 3)
        return load_64(at);
    memcpy(&narrow, at, sizeof narrow);
    return narrow;
}

INLINE void slot_put(char *index, size_t slot, unsigned width, uint64_t value)
{
    memcpy(index + (slot << width), &value, (size_t)1 << width);
}

static inline uint64_t slot_load(const struct table *table, size_t slot)
{
    switch (table->width) {
    case 1:
        return slot_get(index_of(table), slot, 1);
    case 2:
        return slot_get(index_of(table), slot, 2);
    default:
        return slot_get(index_of(table), slot, 3);
    }
}

/* The slot for a key that is not there. */
static inline size_t slot_vacant(const struct table *table, uint64_t hash)
{
    size_t mask = slot_mask(table), slot = slot_first(table, hash);
    while (slot_load(table, slot) < slot_removed(table))
        slot = (slot + 1) & mask;
    return slot;
}

/* The slot of the entry at position, whose key has the hash; NO_SLOT only if the table is damaged.
 */
static inline size_t slot_of(const struct table *table, uint64_t hash, size_t position)
{
    size_t mask = slot_mask(table), slot = slot_first(table, hash);
    for (;; slot = (slot + 1) & mask) {
        uint64_t value = slot_load(table, slot);
        if ((value & mask) == position)
            return slot;
        if (value == slot_empty(table))
            return NO_SLOT;
    }
}

/* Fills a slot for the entry at position; whether it is far from where probing began. */
INLINE bool slot_fill(struct table *table, size_t slot, unsigned width, uint64_t hash,
                      size_t position)
{
    char *index = index_of(table);
    size_t mask = slot_mask(table);
    table->vacant -= slot_get(index, slot, width) == empty_of(width);
    slot_put(index, slot, width, (hash & ~(uint64_t)mask) | position);
    return ((slot - (size_t)hash) & mask) > CROWD;
}

/* The entry of a slot is gone. Where nothing was ever pushed on past the slot, it becomes empty. */
INLINE void slot_clear(struct table *table, size_t slot, unsigned width)
{
    char *index = index_of(table);
    bool last = slot_get(index, (slot + 1) & slot_mask(table), width) == empty_of(width);
    slot_put(index, slot, width, empty_of(width) - !last);
    table->vacant += last;
}

/* -- adding ---------------------------------------------------------------------------------- */

/* Whether a table, whose width the compiler may know, has room for one more entry. */
INLINE bool has_room(const struct table *table, unsigned width)
{
    return table->used < table->capacity && (width == 0 || table->vacant != 0);
}

/* Appends an entry to a table that has room for it, which is where entry points to; the index is
 * for the caller. */
INLINE void entry_append(struct keyed *self, struct table *table, word *entry, lair_object *key,
                         uint64_t hash, word value)
{
    size_t stride = table->stride;
    entry[0].object = key;
    if (stride != 1) {
        if ((table->shape & TABLE_VALUES) != 0)
            entry[1] = value;
        if ((table->shape & TABLE_HASHED) != 0)
            entry[stride - 1].hash = hash;
    }
    table->used++;
    table->live++;
    OBJECT_OWN(self)++;
}

/* Enters the entry at position in the index; slot is the one for it, and hash what the index takes
 * its hash as. Whether keys crowd there. */
INLINE bool index_enter(struct table *table, unsigned width, uint64_t hash, size_t position,
                        size_t slot)
{
    if (width != 0)
        return slot_fill(table, slot, width, hash, position);
    index_of(table)[position] = (char)tag_of(hash);
    return false;
}

/* Keys that are no strs crowd: their hashes do not spread well, and shall from now on. Entries may
 * move; the newest stays the last. */
void table_mix(struct keyed *self);

/* -- the index as a whole -------------------------------------------------------------------- */

/* Writes the index of the entries anew; none of them is removed. */
void index_write(const struct keyed *self, struct table *table);

/* All removed entries were before the others, which have moved up by as much: so do the positions
 * in the index. */
void index_shift(struct table *table, size_t by);

#endif /* LAIR_OBJECT_TABLE_INDEX_H */

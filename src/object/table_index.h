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
    uint64_t value = 0;
    memcpy(&value, index + (slot << width), (size_t)1 << width);
    return value;
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

static inline size_t slot_vacant(const struct table *table, uint64_t hash)
{
    size_t mask = slot_mask(table), slot = slot_first(table, hash);
    while (slot_load(table, slot) != slot_empty(table))
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
    table->fill += slot_get(index, slot, width) == empty_of(width);
    slot_put(index, slot, width, (hash & ~(uint64_t)mask) | position);
    return ((slot - (size_t)hash) & mask) > CROWD;
}

/* The entry of a slot is gone. Where nothing was ever pushed on past the slot, it becomes empty. */
INLINE void slot_clear(struct table *table, size_t slot, unsigned width)
{
    char *index = index_of(table);
    bool last = slot_get(index, (slot + 1) & slot_mask(table), width) == empty_of(width);
    slot_put(index, slot, width, empty_of(width) - !last);
    table->fill -= last;
}

/* Writes the index of the entries anew; none of them is removed. */
void index_write(const struct keyed *self, struct table *table);

/* All removed entries were before the others, which have moved up by as much: so do the positions
 * in the index. */
void index_shift(struct table *table, size_t by);

#endif /* LAIR_OBJECT_TABLE_INDEX_H */

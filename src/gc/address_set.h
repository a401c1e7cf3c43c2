/* address_set.h: a set of objects as bits, found from their addresses by arithmetic.
 *
 * One bit stands for a granule of 2^shift bytes, small enough that no two objects begin in the same
 * one. The bits of 2^17 granules and what a collection needs beside them are a region; regions are
 * found through a table of two levels. Nothing here reads an object: an address may be stale, or
 * not an object's at all, and then its bit is simply not set.
 *
 * Each region has two sets. `tracked` lasts: the objects that can be garbage. `white` exists during
 * a collection: its candidates, less those that something alive was found to refer to. `rank`
 * numbers the white objects, so that what is known of each (its count) is dense. A collection of a
 * few young objects in a large heap looks at the words they are in and at no others: regions with
 * white bits are in the active list, and `summary` has a bit for each word that ever was not zero.
 *
 * Threads: the owner's.
 */
#ifndef LAIR_GC_ADDRESS_SET_H
#define LAIR_GC_ADDRESS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bits.h"

enum {
    REGION_SHIFT = 17, /* log2 of the granules of a region */
    REGION_WORDS = 1 << (REGION_SHIFT - 6),
    SET_TABLE_SHIFT = 14, /* log2 of the entries of each level of the table */
    SET_TABLE_ENTRIES = 1 << SET_TABLE_SHIFT,
};

#define SET_NO_REGION (SIZE_MAX / 2) /* further from any region's number than a table is long */

struct address_region {
    uint64_t tracked[REGION_WORDS];
    uint64_t white[REGION_WORDS]; /* zero where summary is, and everywhere between collections */
    uint32_t rank[REGION_WORDS];  /* white objects in the words before, over all active regions */
    uint64_t summary[REGION_WORDS / 64];
    size_t number;                      /* the region's addresses, shifted right */
    struct address_region *next;        /* in the order of addresses */
    struct address_region *next_active; /* in the order of the first white bit */
    bool active;
    uint64_t young[REGION_WORDS]; /* the host's own; last, as not every host uses it */
};

struct address_set {
    unsigned shift;                 /* log2 of the bytes of a granule: 3 or 4 */
    struct address_region ***table; /* NULL until the first region */
    struct address_region **near; /* the entries of the first region and its surroundings, which */
    size_t near_first; /* nearly all are in, and the number of the first of them; NULL, */
                       /* SET_NO_REGION: none yet */
    struct address_region *first;  /* all regions, by address */
    struct address_region *active; /* those that may have white bits */
    struct address_region **active_end;
    size_t region_count;
    size_t bytes; /* of memory taken from the system */
};

/* Makes the empty set; takes no memory. */
void address_set_open(struct address_set *set, unsigned shift);

/* Gives all memory back; the set is empty and open. */
void address_set_close(struct address_set *set);

/* The region of address, made if it is not there. NULL: no memory. */
struct address_region *address_set_reserve(struct address_set *set, uintptr_t address);

/* white := tracked; nothing is white yet. Returns how many bits that are. */
size_t address_set_whiten(struct address_set *set);

/* What is tracked in `from`, a region of another set, is tracked and white in set as well; *count
 * goes up by how many that are. False: no memory. */
bool address_set_copy_region(struct address_set *set, const struct address_region *from,
                             size_t *count);

/* As address_set_whiten, one region. */
size_t address_set_whiten_region(struct address_set *set, struct address_region *region);

/* Numbers the white bits; returns how many there are. */
size_t address_set_rank(struct address_set *set);

/* The same of one active region, of the order of the active list: `before` are in those before it.
 * Returns how many there are with it. */
size_t address_region_rank(struct address_region *region, size_t before);

/* Removes from tracked what is white. */
void address_set_drop_white(struct address_set *set);

/* No object lies in [from, to) any more: memory for what is tracked there goes back. */
void address_set_vacate(struct address_set *set, uintptr_t from, uintptr_t to);

/* Nothing is white any more. Takes memory that only collections need back where it is much. */
void address_set_rest(struct address_set *set);

/* The same of the first active region, which is active no longer. False: none is. */
bool address_set_rest_some(struct address_set *set);

/* Enters region in the active list. */
static inline void address_region_activate(struct address_set *set, struct address_region *region)
{
    if (region->active)
        return;
    region->active = true;
    region->next_active = NULL;
    *set->active_end = region;
    set->active_end = &region->next_active;
}

/* As address_region_of, far from the first region. */
static inline struct address_region *address_region_far(const struct address_set *set,
                                                        size_t number)
{
    size_t leaf = number >> SET_TABLE_SHIFT;
    if (set->table == NULL || leaf >> SET_TABLE_SHIFT != 0 || set->table[leaf] == NULL)
        return NULL;
    return set->table[leaf][number % SET_TABLE_ENTRIES];
}

/* The region of address; NULL: there is none, and no bit of it is set. */
static inline struct address_region *address_region_of(const struct address_set *set,
                                                       unsigned shift, uintptr_t address)
{
    size_t number = address >> (REGION_SHIFT + shift);
    size_t at = number - set->near_first;
    return likely(at < SET_TABLE_ENTRIES) ? set->near[at] : address_region_far(set, number);
}

static inline size_t address_word(unsigned shift, uintptr_t address)
{
    return (address >> (shift + 6)) & (REGION_WORDS - 1);
}

static inline uint64_t address_bit(unsigned shift, uintptr_t address)
{
    return (uint64_t)1 << ((address >> shift) & 63);
}

/* Whether the bit of address is set in its word. One instruction, where a mask takes several. */
static inline bool address_is_in(uint64_t word, unsigned shift, uintptr_t address)
{
    return (word >> ((address >> shift) & 63) & 1) != 0;
}

/* The address of a bit: of its granule's first byte. */
static inline uintptr_t address_of_bit(const struct address_set *set,
                                       const struct address_region *region, size_t word,
                                       unsigned bit)
{
    return (((uintptr_t)region->number << REGION_SHIFT) + (word << 6) + bit) << set->shift;
}

static inline bool address_set_has(const struct address_set *set, unsigned shift, uintptr_t address)
{
    const struct address_region *region = address_region_of(set, shift, address);
    return region != NULL &&
           address_is_in(region->tracked[address_word(shift, address)], shift, address);
}

/* Adds address to tracked. False: no memory. */
static inline bool address_set_add(struct address_set *set, unsigned shift, uintptr_t address)
{
    struct address_region *region = address_region_of(set, shift, address);
    if (unlikely(region == NULL)) {
        region = address_set_reserve(set, address);
        if (region == NULL)
            return false;
    }
    region->tracked[address_word(shift, address)] |= address_bit(shift, address);
    return true;
}

/* Removes address from tracked, where it need not be. */
static inline void address_set_remove(struct address_set *set, unsigned shift, uintptr_t address)
{
    struct address_region *region = address_region_of(set, shift, address);
    if (region != NULL)
        region->tracked[address_word(shift, address)] &= ~address_bit(shift, address);
}

/* Whether address is white. */
static inline bool address_set_is_white(const struct address_set *set, unsigned shift,
                                        uintptr_t address)
{
    const struct address_region *region = address_region_of(set, shift, address);
    return region != NULL &&
           address_is_in(region->white[address_word(shift, address)], shift, address);
}

/* Whether an address in region was white; it is no longer. */
static inline bool address_region_take_white(struct address_region *region, unsigned shift,
                                             uintptr_t address)
{
    uint64_t *whites = &region->white[address_word(shift, address)];
    if (!address_is_in(*whites, shift, address))
        return false;
    *whites &= ~address_bit(shift, address);
    return true;
}

static inline bool address_set_take_white(struct address_set *set, unsigned shift,
                                          uintptr_t address)
{
    struct address_region *region = address_region_of(set, shift, address);
    return region != NULL && address_region_take_white(region, shift, address);
}

/* Makes a bit of region white; false when it is already. */
static inline bool address_region_make_white(struct address_set *set, struct address_region *region,
                                             size_t word, uint64_t bit)
{
    uint64_t white = region->white[word];
    if ((white & bit) != 0)
        return false;
    region->white[word] = white | bit;
    if (white == 0) {
        address_region_activate(set, region);
        region->summary[word / 64] |= (uint64_t)1 << (word % 64);
    }
    return true;
}

/* Makes a tracked address white; false when it is already. */
static inline bool address_set_make_white(struct address_set *set, unsigned shift,
                                          uintptr_t address)
{
    return address_region_make_white(set, address_region_of(set, shift, address),
                                     address_word(shift, address), address_bit(shift, address));
}

/* The next word from *word on that may have white bits; false: there is none in the region. */
static inline bool address_region_next_word(const struct address_region *region, size_t *word)
{
    for (size_t i = *word / 64, from = *word % 64; i < REGION_WORDS / 64; i++, from = 0) {
        uint64_t bits = region->summary[i] >> from << from;
        if (bits != 0) {
            *word = i * 64 + ctz64(bits);
            return true;
        }
    }
    return false;
}

#endif /* LAIR_GC_ADDRESS_SET_H */

/* table_seek.h: looking up the keys that are found at once, or seen to be missing: compiled into
 * the callers. Those are nearly all strs and ints; table_find.c looks up the rest.
 */
#ifndef LAIR_OBJECT_TABLE_SEEK_H
#define LAIR_OBJECT_TABLE_SEEK_H

#include "table_group.h"

typedef enum match {
    MATCH_NO,
    MATCH_YES,
    MATCH_STOP, /* here: it is not decided; table_find.c: the table may be another one now */
} match;

/* Whether the entry at a position of the table is that of a str. */
INLINE match seek_str_at(const struct table *table, word *entries, size_t position,
                         const lair_object *key, place *at)
{
    if (unlikely(position >= table->used))
        return MATCH_STOP;
    word *entry = entries + position * table->stride;
    const lair_object *candidate = entry->object;
    at->position = position;
    at->entry = entry;
    return candidate == key ||
                   (likely(candidate->type == key->type) && likely(str_same_short(candidate, key)))
               ? MATCH_YES
               : MATCH_STOP;
}

/* Of a small table's first eight entries, the first whose tag fits. */
INLINE match seek_str_small(const struct table *table, uint64_t hash, const lair_object *key,
                            place *at)
{
    size_t used = table->used;
    uint64_t fitting = tags_fitting(load_64(index_of(table)), hash);
    if (fitting == 0)
        return likely(used <= 8) ? MATCH_NO : MATCH_STOP;
    return seek_str_at(table, table_entry(table, 0), ctz64(fitting) / 8, key, at);
}

#if HAS_GROUPS

/* Of the first group, the first slot that fits. */
INLINE match seek_str_group(const struct table *table, unsigned width, uint64_t hash,
                            const lair_object *key, bool for_slot, place *at)
{
    const char *index = index_of(table);
    unsigned log2 = table->log2;
    size_t all = (size_t)1 << log2, slot = (size_t)hash & (all - 1);
    if (unlikely(slot > all - (GROUP_BYTES >> width)))
        return MATCH_STOP;
    __m128i slots = group_load(index, slot, width);
    unsigned empty = group_empty(slots, width);
    unsigned fitting =
        group_before(group_fitting(slots, width, group_key_of(log2, width, hash)), empty);
    if (fitting == 0) {
        if (unlikely(empty == 0))
            return MATCH_STOP;
        if (for_slot)
            at->slot = slot + group_first(group_vacant(slots, width), width);
        return MATCH_NO;
    }
    at->slot = slot + group_first(fitting, width);
    word *entries = (word *)(uintptr_t)(index + (all << width));
    return seek_str_at(table, entries, (size_t)slot_get(index, at->slot, width) & (all - 1), key,
                       at);
}

#endif

/* A str whose hash is known. MATCH_NO: at->slot is the one for it, where for_slot says that it is
 * wanted. */
INLINE match seek_str_quickly(const struct table *table, const lair_object *key, uint64_t hash,
                              bool for_slot, place *at)
{
    if (unlikely(table == NULL) || unlikely((table->shape & TABLE_MIXED) != 0))
        return MATCH_STOP;
#if HAS_GROUPS
    if (table->width == 1)
        return seek_str_group(table, 1, hash, key, for_slot, at);
    if (table->width == 2)
        return seek_str_group(table, 2, hash, key, for_slot, at);
#else
    (void)for_slot;
#endif
    return likely(table->width == 0) ? seek_str_small(table, hash, key, at) : MATCH_STOP;
}

/* An int in the slot where probing begins. */
INLINE match seek_int_slot(const struct table *table, unsigned width, const lair_object *key,
                           place *at)
{
    const char *index = index_of(table);
    uint64_t hash = int_hash(int_value(key)), value;
    size_t all = (size_t)1 << table->log2;
    at->slot = (size_t)hash & (all - 1);
    value = slot_get(index, at->slot, width);
    if (value == empty_of(width))
        return MATCH_NO;
    at->position = (size_t)value & (all - 1);
    if (((value ^ hash) & empty_of(width)) >= all || unlikely(at->position >= table->used))
        return MATCH_STOP;
    at->entry = (word *)(uintptr_t)(index + (all << width)) + at->position * table->stride;
    const lair_object *candidate = at->entry->object;
    return likely(candidate->type == key->type) && likely(int_value(candidate) == int_value(key))
               ? MATCH_YES
               : MATCH_STOP;
}

INLINE match seek_int_quickly(const struct table *table, const lair_object *key, place *at)
{
    if (unlikely(table == NULL) || unlikely((table->shape & TABLE_MIXED) != 0))
        return MATCH_STOP;
    if (table->width == 1)
        return seek_int_slot(table, 1, key, at);
    return likely(table->width == 2) ? seek_int_slot(table, 2, key, at) : MATCH_STOP;
}

/* As table_get; MATCH_STOP: it is not decided. */
INLINE match table_get_quickly(const struct keyed *self, const lair_object *key, word **entry)
{
    place at = {.slot = 0};
    match result = MATCH_STOP;
    lair_kind kind = key->type->kind;
    if (likely(kind == LAIR_KIND_STR)) {
        uint32_t hash = OBJECT_OWN(str_of(key));
        if (likely(hash != 0))
            result = seek_str_quickly(self->table, key, hash, false, &at);
    } else if (kind == LAIR_KIND_INT) {
        result = seek_int_quickly(self->table, key, &at);
    }
    *entry = result == MATCH_YES ? at.entry : NULL;
    return result;
}

#endif /* LAIR_OBJECT_TABLE_SEEK_H */

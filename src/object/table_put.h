/* table_put.h: looking a key up and, where it is missing, putting it in. The most frequent case is
 * compiled into the callers.
 */
#ifndef LAIR_OBJECT_TABLE_PUT_H
#define LAIR_OBJECT_TABLE_PUT_H

#include "table_index.h"

/* What became of a key. */
typedef struct placed {
    sought was;  /* missing: it has been added; found, failed: nothing has changed */
    word *entry; /* its entry, where it has one */
} placed;

placed table_put_str(struct keyed *self, lair_object *key, uint64_t hash, word value);
placed table_put_int(struct keyed *self, lair_object *key, uint64_t hash, word value);
placed table_put_other(struct keyed *self, lair_object *key, uint64_t hash, word value);

/* Puts in a key that is missing, where that is easily seen: no slot on the way could be that of the
 * key, or was that of one that is gone. NULL: it is not seen, and nothing has changed. */
INLINE word *table_put_easily(struct keyed *self, lair_object *key, uint64_t hash, word value,
                              bool may_crowd)
{
    enum { WIDTH = 1 };
    struct table *table = self->table;
    if (unlikely(table == NULL) || table->width != WIDTH || (table->shape & TABLE_MIXED) != 0 ||
        unlikely(!has_room(table, WIDTH)))
        return NULL;
    char *index = index_of(table);
    size_t mask = slot_mask(table), slot = (size_t)hash & mask;
    uint64_t found;
    while ((found = slot_get(index, slot, WIDTH)) < empty_of(WIDTH) - 1) {
        if (((found ^ hash) & empty_of(WIDTH)) <= mask)
            return NULL;
        slot = (slot + 1) & mask;
    }
    if (found != empty_of(WIDTH) || (may_crowd && ((slot - (size_t)hash) & mask) > CROWD))
        return NULL;
    size_t position = table->used;
    word *entry = (word *)(void *)(index + ((mask + 1) << WIDTH)) + position * table->stride;
    slot_put(index, slot, WIDTH, (hash & ~(uint64_t)mask) | position);
    table->vacant--;
    entry_append(self, table, entry, key, hash, value);
    return entry;
}

/* Looks a key up and, where it is missing, puts it in with its value. The table takes over the
 * references to what it has added. */
static inline placed table_put(struct keyed *self, lair_object *key, uint64_t hash, word value)
{
    bool is_str = is_kind(key, LAIR_KIND_STR);
    if (unlikely(!is_str) && unlikely(!is_int(key)))
        return table_put_other(self, key, hash, value);
    word *entry = table_put_easily(self, key, hash, value, !is_str);
    if (likely(entry != NULL))
        return (placed){SOUGHT_MISSING, entry};
    return is_str ? table_put_str(self, key, hash, value) : table_put_int(self, key, hash, value);
}

#endif /* LAIR_OBJECT_TABLE_PUT_H */

/* table_index.c: the index of a table as a whole, and the check of a table. */
#include "table_index.h"

/* -- writing --------------------------------------------------------------------------------- */

static void tags_write(const struct keyed *self, struct table *table)
{
    for (size_t i = 0; i < table->used; i++) {
        uint64_t hash = entry_hash(table, table_entry(table, i));
        index_of(table)[i] = (char)tag_of(spread(self, table, hash));
    }
}

INLINE void slots_write(const struct keyed *self, struct table *table, unsigned width)
{
    char *index = index_of(table);
    size_t mask = slot_mask(table), used = table->used, stride = table->stride;
    bool hashed = (table->shape & TABLE_HASHED) != 0, mixed = (table->shape & TABLE_MIXED) != 0;
    const word *entry = table_entry(table, 0);
    memset(index, 0xff, (mask + 1) << width);
    for (size_t i = 0; i < used; i++, entry += stride) {
        uint64_t hash = hashed ? entry[stride - 1].hash : kept_hash(entry->object);
        if (unlikely(mixed))
            hash = spread(self, table, hash);
        size_t slot = (size_t)hash & mask;
        while (slot_get(index, slot, width) != empty_of(width))
            slot = (slot + 1) & mask;
        slot_put(index, slot, width, (hash & ~(uint64_t)mask) | i);
    }
    table->vacant = (uint32_t)(slot_limit(table->log2) - used);
}

void index_write(const struct keyed *self, struct table *table)
{
    switch (table->width) {
    case 0:
        tags_write(self, table);
        break;
    case 1:
        slots_write(self, table, 1);
        break;
    case 2:
        slots_write(self, table, 2);
        break;
    default:
        slots_write(self, table, 3);
    }
}

INLINE void slots_shift(struct table *table, size_t by, unsigned width)
{
    uint64_t removed = slot_removed(table);
    char *at = index_of(table), *end = at + ((size_t)1 << (table->log2 + width));
    for (; at != end; at += (size_t)1 << width) {
        uint64_t value = 0;
        memcpy(&value, at, (size_t)1 << width);
        value -= value < removed ? by : 0;
        memcpy(at, &value, (size_t)1 << width);
    }
}

void index_shift(struct table *table, size_t by)
{
    switch (table->width) {
    case 1:
        slots_shift(table, by, 1);
        break;
    case 2:
        slots_shift(table, by, 2);
        break;
    default:
        slots_shift(table, by, 3);
    }
}

/* -- the check ------------------------------------------------------------------------------- */

static const char *check_slots(const struct keyed *self)
{
    const struct table *table = self->table;
    size_t taken = 0, pointing = 0;
    for (size_t slot = 0; slot <= slot_mask(table); slot++) {
        uint64_t value = slot_load(table, slot);
        taken += value != slot_empty(table);
        pointing += value < slot_removed(table) && (value & slot_mask(table)) < table->used;
    }
    if (taken > slot_limit(table->log2) || taken != slot_limit(table->log2) - table->vacant)
        return "slots that are taken are counted wrongly, or too many";
    if (pointing != table->live)
        return "there are not as many slots with an entry as live entries";
    for (size_t i = 0; i < table->used; i++) {
        const word *entry = table_entry(table, i);
        if (entry->object != NULL &&
            slot_of(table, spread(self, table, entry_hash(table, entry)), i) == NO_SLOT)
            return "an entry cannot be found by its hash";
    }
    return NULL;
}

const char *table_check(const struct keyed *self)
{
    const struct table *table = self->table;
    if (table == NULL)
        return NULL;
    size_t live = 0;
    for (size_t i = 0; i < table->used; i++)
        live += table_entry(table, i)->object != NULL;
    if (live != table->live || table->used > table->capacity || table->first > table->used)
        return "the counts of entries are wrong";
    if (live != 0 && (table_entry(table, table->first)->object == NULL ||
                      table_entry(table, table->used - 1)->object == NULL))
        return "an end is no live entry";
    if (!is_small(table))
        return check_slots(self);
    if (table->used != table->live || table->first != 0 || table->vacant != 0)
        return "a small table has removed entries";
    for (size_t i = 0; i < table->used; i++)
        if ((uint8_t)index_of(table)[i] !=
            tag_of(spread(self, table, entry_hash(table, table_entry(table, i)))))
            return "a tag is wrong";
    return NULL;
}

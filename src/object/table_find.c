/* table_find.c: looking keys up, and putting in those that are missing. The ways of comparing come
 * first, then the two of searching, which are compiled for each.
 */
#include "keyed.h"
#include "table_put.h"
#include "table_seek.h"

enum { MOST_RESTARTS = 16 };

/* What is looked for. */
struct quest {
    lair_object *key;
    const char *text;
    size_t bytes;
    uint64_t hash;
    struct keyed *self; /* of match_other, to see whether it changed */
    uint32_t version;
    bool failed;
};

typedef match (*matcher)(const struct table *table, const word *entry, struct quest *quest);

INLINE match match_str(const struct table *table, const word *entry, struct quest *quest)
{
    (void)table;
    const lair_object *candidate = entry->object;
    if (candidate == quest->key)
        return MATCH_YES;
    return candidate != NULL && is_kind(candidate, LAIR_KIND_STR) &&
                   OBJECT_OWN(str_of(candidate)) == quest->hash &&
                   str_same_text(candidate, quest->key)
               ? MATCH_YES
               : MATCH_NO;
}

INLINE match match_text(const struct table *table, const word *entry, struct quest *quest)
{
    (void)table;
    const lair_object *candidate = entry->object;
    return candidate != NULL && is_kind(candidate, LAIR_KIND_STR) &&
                   str_hash(candidate) == quest->hash &&
                   str_is_text(candidate, quest->text, quest->bytes)
               ? MATCH_YES
               : MATCH_NO;
}

static inline bool float_is_int(double number, int64_t value)
{
    return number >= -0x1p63 && number < 0x1p63 && (int64_t)number == value &&
           (double)(int64_t)number == number;
}

INLINE match match_int(const struct table *table, const word *entry, struct quest *quest)
{
    (void)table;
    lair_object *candidate = entry->object;
    if (candidate == quest->key)
        return MATCH_YES;
    if (candidate == NULL)
        return MATCH_NO;
    int64_t value = (int64_t)quest->hash;
    bool equal = is_int(candidate) ? int_value(candidate) == value
                                   : is_kind(candidate, LAIR_KIND_FLOAT) &&
                                         float_is_int(float_value(candidate), value);
    return equal ? MATCH_YES : MATCH_NO;
}

/* Keys of other types, whose comparing may run code of the program. */
INLINE match match_other(const struct table *table, const word *entry, struct quest *quest)
{
    lair_object *candidate = entry->object;
    if (candidate == quest->key)
        return MATCH_YES;
    if (candidate == NULL || !types_comparable(candidate, quest->key) ||
        entry_hash(table, entry) != quest->hash)
        return MATCH_NO;
    bool equal = false;
    (void)lair_incref(candidate);
    quest->failed = lair_equal(candidate, quest->key, &equal) != LAIR_OK;
    lair_decref(candidate);
    if (quest->failed || quest->self->table != table || OBJECT_OWN(quest->self) != quest->version)
        return MATCH_STOP;
    return equal ? MATCH_YES : MATCH_NO;
}

INLINE match seek_small(const struct table *table, uint64_t hash, matcher matches,
                        struct quest *quest, place *at)
{
    size_t used = table->used;
    for (size_t base = 0; base < used; base += 8) {
        uint64_t candidates = tags_fitting(load_64(index_of(table) + base), hash);
        for (; candidates != 0; candidates &= candidates - 1) {
            size_t position = base + ctz64(candidates) / 8;
            if (position >= used)
                break;
            at->entry = table_entry(table, position);
            at->position = position;
            match result = matches(table, at->entry, quest);
            if (result != MATCH_NO)
                return result;
        }
    }
    return MATCH_NO;
}

/* Where the key is not found: the first slot on the way whose entry was removed, else the empty one
 * at its end. */
INLINE match seek_slots(const struct table *table, unsigned width, uint64_t hash, matcher matches,
                        struct quest *quest, place *at)
{
    const char *index = index_of(table);
    size_t mask = slot_mask(table), slot = (size_t)hash & mask, vacant = NO_SLOT;
    word *entries = (word *)(uintptr_t)(index + ((mask + 1) << width));
    uint64_t fragment = hash & empty_of(width) & ~(uint64_t)mask;
    for (;; slot = (slot + 1) & mask) {
        uint64_t value = slot_get(index, slot, width);
        size_t position = (size_t)value & mask;
        if ((value ^ fragment) <= mask && likely(position < table->used)) {
            at->entry = entries + position * table->stride;
            at->position = position;
            at->slot = slot;
            match result = matches(table, at->entry, quest);
            if (likely(result != MATCH_NO))
                return result;
        }
        if (value >= empty_of(width) - 1) {
            if (vacant == NO_SLOT)
                vacant = slot;
            if (value == empty_of(width)) {
                at->slot = vacant;
                return MATCH_NO;
            }
        }
    }
}

INLINE match seek(const struct keyed *self, matcher matches, struct quest *quest, place *at)
{
    const struct table *table = self->table;
    at->slot = 0;
    if (unlikely(table == NULL))
        return MATCH_NO;
    uint64_t hash = spread(self, table, quest->hash);
    switch (table->width) {
    case 0:
        return seek_small(table, hash, matches, quest, at);
    case 1:
        return seek_slots(table, 1, hash, matches, quest, at);
    case 2:
        return seek_slots(table, 2, hash, matches, quest, at);
    default:
        return seek_slots(table, 3, hash, matches, quest, at);
    }
}

/* -- strs ------------------------------------------------------------------------------------ */

#if HAS_GROUPS

/* As seek_slots for match_str, a group of slots at a time. */
INLINE match seek_groups(const struct table *table, unsigned width, uint64_t hash,
                         struct quest *quest, place *at)
{
    const size_t members = (size_t)GROUP_BYTES >> width;
    const char *index = index_of(table);
    size_t mask = slot_mask(table), last = mask + 1 - members;
    size_t slot = (size_t)hash & mask, vacant = NO_SLOT;
    word *entries = (word *)(uintptr_t)(index + ((mask + 1) << width));
    group_key key = group_key_of(table->log2, width, hash);
    for (;;) {
        size_t from = slot <= last ? slot : last; /* the slots from there up to slot do not count */
        unsigned skip = (unsigned)(slot - from) << width;
        __m128i slots = group_load(index, from, width);
        unsigned empty = group_empty(slots, width) >> skip;
        unsigned fitting = group_before(group_fitting(slots, width, key) >> skip, empty);
        for (; fitting != 0; fitting = group_without_first(fitting, width)) {
            at->slot = slot + group_first(fitting, width);
            at->position = (size_t)slot_get(index, at->slot, width) & mask;
            if (unlikely(at->position >= table->used))
                continue;
            at->entry = entries + at->position * table->stride;
            if (likely(match_str(table, at->entry, quest) == MATCH_YES))
                return MATCH_YES;
        }
        unsigned free = group_vacant(slots, width) >> skip;
        if (free != 0 && vacant == NO_SLOT)
            vacant = slot + group_first(free, width);
        if (empty != 0) {
            at->slot = vacant;
            return MATCH_NO;
        }
        slot = (from + members) & mask;
    }
}

#endif

static __attribute__((noinline)) bool seek_str_slowly(const struct keyed *self, lair_object *key,
                                                      uint64_t hash, place *at)
{
    struct quest quest = {.key = key, .hash = hash};
#if HAS_GROUPS
    const struct table *table = self->table;
    uint64_t spread_hash = table != NULL ? spread(self, table, hash) : 0;
    if (table != NULL && table->width == 1)
        return seek_groups(table, 1, spread_hash, &quest, at) == MATCH_YES;
    if (table != NULL && table->width == 2)
        return seek_groups(table, 2, spread_hash, &quest, at) == MATCH_YES;
#endif
    return seek(self, match_str, &quest, at) == MATCH_YES;
}

bool table_seek_str(const struct keyed *self, lair_object *key, uint64_t hash, place *at)
{
    place found = {.slot = 0};
    match result = seek_str_quickly(self->table, key, hash, true, &found);
    if (unlikely(result == MATCH_STOP))
        return seek_str_slowly(self, key, hash, at);
    *at = found;
    return result == MATCH_YES;
}

bool table_seek_int(const struct keyed *self, lair_object *key, place *at)
{
    struct quest quest = {.key = key, .hash = int_hash(int_value(key))};
    return seek(self, match_int, &quest, at) == MATCH_YES;
}

bool table_seek_text(const struct keyed *self, const char *text, size_t bytes, place *at)
{
    struct quest quest = {
        .text = text, .bytes = bytes, .hash = text_hash_32(self->object.type->space, text, bytes)};
    return seek(self, match_text, &quest, at) == MATCH_YES;
}

sought table_find_other(struct keyed *self, lair_object *key, uint64_t hash, place *at)
{
    for (int i = 0; i < MOST_RESTARTS && is_keyed(&self->object); i++) {
        struct quest quest = {.self = self, .key = key, .hash = hash, .version = OBJECT_OWN(self)};
        match result = seek(self, match_other, &quest, at);
        if (result != MATCH_STOP)
            return result == MATCH_YES ? SOUGHT_FOUND : SOUGHT_MISSING;
        if (quest.failed)
            return SOUGHT_FAILED;
    }
    (void)table_interfered(self);
    return SOUGHT_FAILED;
}

word *table_get_str(const struct keyed *self, lair_object *key, uint64_t hash)
{
    place at;
    return seek_str_slowly(self, key, hash, &at) ? at.entry : NULL;
}

word *table_get_int(const struct keyed *self, lair_object *key, uint64_t hash)
{
    place at;
    struct quest quest = {.key = key, .hash = hash};
    return seek(self, match_int, &quest, &at) == MATCH_YES ? at.entry : NULL;
}

/* -- putting in ------------------------------------------------------------------------------ */

static word *newest_entry(const struct keyed *self)
{
    return table_entry(self->table, self->table->used - 1);
}

/* A key that is missing goes in where all is not ready for it. */
static __attribute__((noinline)) placed put_missing(struct keyed *self, lair_object *key,
                                                    uint64_t hash, word value)
{
    if (table_add(self, key, hash, value) != LAIR_OK)
        return (placed){SOUGHT_FAILED, NULL};
    return (placed){SOUGHT_MISSING, newest_entry(self)};
}

static __attribute__((noinline, cold)) placed put_in_crowd(struct keyed *self)
{
    table_mix(self);
    return (placed){SOUGHT_MISSING, newest_entry(self)};
}

/* The searching has found the slot that a missing key takes. */
INLINE placed put_into(struct keyed *self, unsigned width, uint64_t spread_hash, matcher matches,
                       struct quest *quest, word value)
{
    struct table *table = self->table;
    place at = {.slot = 0};
    match result = width == 0 ? seek_small(table, spread_hash, matches, quest, &at)
                              : seek_slots(table, width, spread_hash, matches, quest, &at);
    if (result == MATCH_YES)
        return (placed){SOUGHT_FOUND, at.entry};
    if (unlikely(!has_room(table, width)))
        return put_missing(self, quest->key, quest->hash, value);
    word *entry = table_entry(table, table->used);
    entry_append(self, table, entry, quest->key, quest->hash, value);
    bool crowd = index_enter(table, width, spread_hash, table->used - 1, at.slot);
    if (unlikely(crowd) && matches != match_str)
        return put_in_crowd(self);
    return (placed){SOUGHT_MISSING, entry};
}

INLINE placed put_known(struct keyed *self, matcher matches, lair_object *key, uint64_t hash,
                        word value)
{
    const struct table *table = self->table;
    if (unlikely(table == NULL))
        return put_missing(self, key, hash, value);
    struct quest quest = {.key = key, .hash = hash};
    uint64_t spread_hash = spread(self, table, hash);
    switch (table->width) {
    case 0:
        return put_into(self, 0, spread_hash, matches, &quest, value);
    case 1:
        return put_into(self, 1, spread_hash, matches, &quest, value);
    case 2:
        return put_into(self, 2, spread_hash, matches, &quest, value);
    default:
        return put_into(self, 3, spread_hash, matches, &quest, value);
    }
}

placed table_put_str(struct keyed *self, lair_object *key, uint64_t hash, word value)
{
    return put_known(self, match_str, key, hash, value);
}

placed table_put_int(struct keyed *self, lair_object *key, uint64_t hash, word value)
{
    return put_known(self, match_int, key, hash, value);
}

placed table_put_other(struct keyed *self, lair_object *key, uint64_t hash, word value)
{
    place at;
    switch (table_find_other(self, key, hash, &at)) {
    case SOUGHT_FOUND:
        return (placed){SOUGHT_FOUND, at.entry};
    case SOUGHT_MISSING:
        return put_missing(self, key, hash, value);
    default:
        return (placed){SOUGHT_FAILED, NULL};
    }
}

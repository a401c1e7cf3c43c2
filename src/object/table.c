/* table.c: see table.h. From the index, over looking up and room, to the order of the entries. */
#include "keyed.h"

enum {
    FIRST_CAPACITY = 3,
    FIRST_LOG2 = 5,   /* slots of the smallest table that is not small */
    NARROW_LOG2 = 13, /* up to here slots have two bytes: three bits of the hash at least */
    MIDDLE_LOG2 = 28, /* up to here four */
    LAST_LOG2 = 32,
    COMPACT_FROM = 32, /* fewer entries close ranks only when there is no room */
    CROWD = 32,        /* a slot this far from where probing began says that keys crowd */
    MOST_RESTARTS = 16,
};

#define NO_SLOT SIZE_MAX

/* -- the index ------------------------------------------------------------------------------- */

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

static inline void slot_store(struct table *table, size_t slot, uint64_t value)
{
    switch (table->width) {
    case 1:
        slot_put(index_of(table), slot, 1, value);
        break;
    case 2:
        slot_put(index_of(table), slot, 2, value);
        break;
    default:
        slot_put(index_of(table), slot, 3, value);
    }
}

static size_t slot_vacant(const struct table *table, uint64_t hash)
{
    size_t mask = slot_mask(table), slot = slot_first(table, hash);
    while (slot_load(table, slot) != slot_empty(table))
        slot = (slot + 1) & mask;
    return slot;
}

/* The slot of the entry at position, whose key has the hash; NO_SLOT only if the table is damaged.
 */
static size_t slot_of(const struct table *table, uint64_t hash, size_t position)
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

/* The entry of a slot is gone. Where nothing was ever pushed on past the slot, it becomes empty. */
INLINE void slot_clear(struct table *table, size_t slot, unsigned width)
{
    char *index = index_of(table);
    bool last = slot_get(index, (slot + 1) & slot_mask(table), width) == empty_of(width);
    slot_put(index, slot, width, empty_of(width) - !last);
    table->fill -= last;
}

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
    size_t mask = slot_mask(table), used = table->used;
    const word *entry = table_entry(table, 0);
    memset(index, 0xff, (mask + 1) << width);
    for (size_t i = 0; i < used; i++, entry += table->stride) {
        uint64_t hash = spread(self, table, entry_hash(table, entry));
        size_t slot = (size_t)hash & mask;
        while (slot_get(index, slot, width) != empty_of(width))
            slot = (slot + 1) & mask;
        slot_put(index, slot, width, (hash & ~(uint64_t)mask) | i);
    }
    table->fill = (uint32_t)used;
}

/* Writes the index of the entries anew; none of them is removed. */
static void index_write(const struct keyed *self, struct table *table)
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

/* -- looking up ------------------------------------------------------------------------------ */

static lair_status interfered(const struct keyed *self)
{
    return lair_fail(LAIR_ERR_CHANGED, "a %s was changed by code that one of its functions ran",
                     lair_type_name(&self->object));
}

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

typedef enum match {
    MATCH_NO,
    MATCH_YES,
    MATCH_STOP, /* the table may be another one now */
} match;

typedef match (*matcher)(const struct table *table, const word *entry, struct quest *quest);

INLINE match match_str(const struct table *table, const word *entry, struct quest *quest)
{
    (void)table;
    const lair_object *candidate = entry->object;
    if (likely(candidate == quest->key))
        return MATCH_YES;
    return candidate != NULL && is_kind(candidate, LAIR_KIND_STR) &&
                   str_equal(candidate, quest->key)
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
    static const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    size_t used = table->used;
    for (size_t base = 0; base < used; base += 8) {
        uint64_t differing = load_64(index_of(table) + base) ^ tag_of(hash) * ones;
        /* the top bit of each byte that is zero, and of some above one that is */
        uint64_t candidates = (differing - ones) & ~differing & tops;
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

bool table_seek_str(const struct keyed *self, lair_object *key, uint64_t hash, place *at)
{
    struct quest quest = {.key = key, .hash = hash};
    return seek(self, match_str, &quest, at) == MATCH_YES;
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
    (void)interfered(self);
    return SOUGHT_FAILED;
}

place table_vacancy(const struct keyed *self, uint64_t hash)
{
    const struct table *table = self->table;
    place at = {.slot = 0};
    if (table != NULL && !is_small(table))
        at.slot = slot_vacant(table, spread(self, table, hash));
    return at;
}

/* -- blocks ---------------------------------------------------------------------------------- */

/* How large a table is that has room for capacity entries. */
struct plan {
    size_t capacity;
    uint8_t log2, width, shape, stride;
};

static struct plan plan_for(size_t capacity, unsigned shape)
{
    struct plan plan = {.capacity = capacity, .shape = (uint8_t)shape};
    plan.stride = (uint8_t)(1 + ((shape & TABLE_VALUES) != 0) + ((shape & TABLE_HASHED) != 0));
    if (capacity <= TABLE_SMALL) {
        plan.log2 = capacity <= 8 ? 3 : 4;
    } else {
        plan.log2 = FIRST_LOG2;
        while (plan.log2 <= LAST_LOG2 && slot_limit(plan.log2) < capacity)
            plan.log2++;
        plan.width = plan.log2 <= NARROW_LOG2 ? 1 : plan.log2 <= MIDDLE_LOG2 ? 2 : 3;
    }
    return plan;
}

/* A set's entries are so small that it takes a larger index, and makes it anew less often. */
static struct plan plan_to_grow(size_t capacity, unsigned shape)
{
    struct plan plan = plan_for(capacity, shape);
    if (plan.width == 1 && plan.stride == 1 && plan.log2 < NARROW_LOG2)
        plan.log2++;
    return plan;
}

static size_t plan_fixed_bytes(const struct plan *plan)
{
    return sizeof(struct table) + ((size_t)1 << (plan->log2 + plan->width));
}

static size_t plan_bytes(const struct plan *plan)
{
    return bytes_for(plan_fixed_bytes(plan), plan->capacity, plan->stride * sizeof(word));
}

/* A block may be larger than asked for: what its end has room for. */
static size_t plan_capacity(const struct plan *plan, lair_heap *heap, const void *block)
{
    if (plan->width == 0)
        return plan->capacity;
    size_t entries = (lair_heap_usable_size(heap, block) - plan_fixed_bytes(plan)) /
                     (plan->stride * sizeof(word));
    size_t limit = slot_limit(plan->log2);
    return entries < limit ? entries : limit;
}

static bool plan_is_possible(const struct keyed *self, const struct plan *plan)
{
    if (plan->log2 <= LAST_LOG2)
        return true;
    (void)lair_fail(LAIR_ERR_OVERFLOW, "a %s of %zu: %zu is the most",
                    lair_type_name(&self->object), plan->capacity, slot_limit(LAST_LOG2));
    return false;
}

/* A table without entries or index; its block is the caller's. NULL: the error is set. */
static struct table *block_make(const struct keyed *self, const struct plan *plan)
{
    lair_heap *heap = self->object.type->heap;
    if (!plan_is_possible(self, plan))
        return NULL;
    size_t bytes = plan_bytes(plan);
    struct table *table = plan->width == 0 ? heap_alloc_step(heap, bytes, heap->class_shift)
                                           : lair_heap_alloc(heap, bytes);
    if (table == NULL)
        return NULL;
    *table = (struct table){.capacity = (uint32_t)plan_capacity(plan, heap, table),
                            .log2 = plan->log2,
                            .width = plan->width,
                            .stride = plan->stride,
                            .shape = plan->shape};
    return table;
}

static unsigned shape_of(const struct keyed *self)
{
    switch (self->object.type->kind) {
    case LAIR_KIND_DICT:
        return TABLE_VALUES | TABLE_VALUE_OBJECTS;
    case LAIR_KIND_COUNTER:
        return TABLE_VALUES;
    default:
        return 0;
    }
}

/* Copies the live entries of one table to the end of another, which has room; its shape may say
 * that they keep hashes from now on. */
static void entries_move(struct table *to, const struct table *from)
{
    word *target = table_entry(to, to->used);
    if (from->live == from->used && from->stride == to->stride) {
        memcpy(target, table_entry(from, 0), (size_t)from->used * from->stride * sizeof(word));
    } else {
        size_t position = 0;
        for (word *entry; (entry = table_next(from, &position)) != NULL; position++) {
            memcpy(target, entry, from->stride * sizeof(word));
            if ((to->shape & TABLE_HASHED) != 0)
                target[to->stride - 1].hash = entry_hash(from, entry);
            target += to->stride;
        }
    }
    to->used += from->live;
    to->live += from->live;
}

/* Drops the references of a table that nobody sees any more, and frees it. */
static void table_drop(struct table *table, lair_heap *heap)
{
    if (table == NULL)
        return;
    bool values = (table->shape & TABLE_VALUE_OBJECTS) != 0;
    word *entry = table_entry(table, table->first), *end = table_entry(table, table->used);
    for (; entry < end; entry += table->stride) {
        if (entry->object == NULL)
            continue;
        lair_decref(entry[0].object);
        if (values)
            lair_decref(entry[1].object);
    }
    lair_heap_free(heap, table);
}

/* Moves everything to a new block. Asking for that may run the heap's listener. */
static lair_status remake(struct keyed *self, struct plan plan)
{
    uint32_t version = OBJECT_OWN(self);
    struct table *old = self->table, *made = block_make(self, &plan);
    if (made == NULL)
        return lair_error_status();
    if (unlikely(self->table != old || OBJECT_OWN(self) != version || !is_keyed(&self->object))) {
        lair_heap_free(self->object.type->heap, made);
        return interfered(self);
    }
    if (old != NULL) {
        entries_move(made, old);
        if (is_small(made) && is_small(old))
            memcpy(index_of(made), index_of(old), old->used);
        else
            index_write(self, made);
    } else if (!is_small(made)) {
        index_write(self, made);
    }
    self->table = made;
    OBJECT_OWN(self)++;
    lair_heap_free(self->object.type->heap, old);
    return LAIR_OK;
}

/* More entries beside the same index. Should asking for memory run the heap's listener, it finds
 * the table empty, and what it puts in is dropped. */
static lair_status lengthen(struct keyed *self, size_t capacity)
{
    lair_heap *heap = self->object.type->heap;
    struct table *table = self->table;
    struct plan plan = {.capacity = capacity,
                        .log2 = table->log2,
                        .width = table->width,
                        .stride = table->stride,
                        .shape = table->shape};
    self->table = NULL;
    struct table *longer = lair_heap_realloc(heap, table, plan_bytes(&plan));
    lair_status status = longer != NULL ? LAIR_OK : lair_error_status();
    if (longer != NULL) {
        table = longer;
        table->capacity = (uint32_t)plan_capacity(&plan, heap, table);
    }
    struct table *other = self->table;
    if (unlikely(!is_keyed(&self->object))) {
        other = table;
        status = interfered(self);
    } else {
        self->table = table;
    }
    table_drop(other, heap);
    return status;
}

/* -- the order of the entries ---------------------------------------------------------------- */

/* All removed entries are before the others, which move by as much: so do the positions in the
 * index. */
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

static void index_shift(struct table *table, size_t by)
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

/* The entries close ranks, in place; the index is for the caller to bring in line. */
static void entries_close(struct keyed *self)
{
    struct table *table = self->table;
    word *target = table_entry(table, 0);
    size_t position = 0;
    for (word *entry; (entry = table_next(table, &position)) != NULL; position++) {
        memmove(target, entry, table->stride * sizeof(word));
        target += table->stride;
    }
    table->used = table->live;
    table->first = 0;
    OBJECT_OWN(self)++;
}

static void compact(struct keyed *self)
{
    struct table *table = self->table;
    size_t limit = slot_limit(table->log2), shift = table->first;
    bool all_before = table->used - table->live == shift && table->fill < limit - limit / 8;
    entries_close(self);
    if (all_before)
        index_shift(table, shift);
    else
        index_write(self, table);
}

/* Many entries were removed: what goes over the entries must not pay for them for ever. A table
 * that has become much too large gives most of its memory back, if there is some for the new one.
 */
static void settle(struct keyed *self)
{
    const struct table *table = self->table;
    if (table->live >= table->capacity / 8 ||
        remake(self, plan_for(table->live, table->shape)) != LAIR_OK)
        compact(self);
}

static size_t more_than(size_t entries)
{
    return entries + entries / 8 * (entries < 0x10000 ? 3 : 1);
}

static size_t small_capacity_above(size_t capacity)
{
    static const uint8_t steps[] = {FIRST_CAPACITY, 5, 8, 12, TABLE_SMALL};
    for (size_t i = 0; i < sizeof steps; i++)
        if (steps[i] > capacity)
            return steps[i];
    return more_than(capacity);
}

/* Makes room for one more. Whatever it costs is paid for by an eighth or more as many additions and
 * removals that went before or can follow. */
static lair_status make_room(struct keyed *self, unsigned shape)
{
    struct table *table = self->table;
    if (table == NULL)
        return remake(self, plan_for(FIRST_CAPACITY, shape));
    if (is_small(table))
        return remake(self, plan_to_grow(small_capacity_above(table->live), shape));
    size_t limit = slot_limit(table->log2);
    if (table->live >= limit - limit / 8 || shape != table->shape)
        return remake(self, plan_to_grow(more_than(table->live + 1), shape));
    if (table->used - table->live < table->used / 2 && table->fill < limit &&
        table->capacity < limit) {
        size_t capacity = more_than(table->capacity);
        return lengthen(self, capacity < limit ? capacity : limit);
    }
    compact(self);
    return LAIR_OK;
}

static inline bool has_room(const struct table *table)
{
    return table->used < table->capacity &&
           (is_small(table) || table->fill < slot_limit(table->log2));
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

/* Keys crowd: their hashes do not spread well, and shall from now on. */
static __attribute__((cold)) lair_status mix_hashes(struct keyed *self, struct table *table)
{
    if ((table->shape & TABLE_MIXED) == 0) {
        table->shape |= TABLE_MIXED;
        entries_close(self);
        index_write(self, table);
    }
    return LAIR_OK;
}

/* Appends an entry to a table that has room for it. */
INLINE lair_status append(struct keyed *self, struct table *table, lair_object *key, uint64_t hash,
                          word value, size_t slot)
{
    size_t position = table->used++;
    word *entry = table_entry(table, position);
    table->live++;
    OBJECT_OWN(self)++;
    entry[0].object = key;
    if ((table->shape & TABLE_VALUES) != 0)
        entry[1] = value;
    if ((table->shape & TABLE_HASHED) != 0)
        entry[table->stride - 1].hash = hash;
    hash = spread(self, table, hash);
    bool crowd;
    switch (table->width) {
    case 0:
        index_of(table)[position] = (char)tag_of(hash);
        return LAIR_OK;
    case 1:
        crowd = slot_fill(table, slot, 1, hash, position);
        break;
    case 2:
        crowd = slot_fill(table, slot, 2, hash, position);
        break;
    default:
        crowd = slot_fill(table, slot, 3, hash, position);
    }
    return likely(!crowd) || is_kind(key, LAIR_KIND_STR) ? LAIR_OK : mix_hashes(self, table);
}

/* Room for one more entry whose key may keep its hash only in the entry. */
static lair_status prepare(struct keyed *self, bool must_hash)
{
    const struct table *table = self->table;
    unsigned shape = table != NULL ? table->shape : shape_of(self);
    if (!is_keyed(&self->object))
        return interfered(self);
    if (!must_hash)
        return make_room(self, shape);
    return table != NULL && has_room(table)
               ? remake(self, plan_for(table->capacity, shape | TABLE_HASHED))
               : make_room(self, shape | TABLE_HASHED);
}

static __attribute__((noinline)) lair_status make_room_and_add(struct keyed *self, lair_object *key,
                                                               uint64_t hash, word value)
{
    const struct table *table = self->table;
    bool hashed = table != NULL && (table->shape & TABLE_HASHED) != 0;
    lair_status status = prepare(self, !hashed && !has_hash_at_hand(key));
    if (status != LAIR_OK)
        return status;
    return append(self, self->table, key, hash, value, table_vacancy(self, hash).slot);
}

lair_status table_add(struct keyed *self, lair_object *key, uint64_t hash, word value,
                      const place *at)
{
    struct table *table = self->table;
    if (likely(table != NULL) && likely(has_room(table)) &&
        likely(has_hash_at_hand(key) || (table->shape & TABLE_HASHED) != 0))
        return append(self, table, key, hash, value, at->slot);
    return make_room_and_add(self, key, hash, value);
}

/* Takes an entry's place from a small table. */
static void small_remove(struct table *table, size_t position)
{
    size_t behind = table->used - position - 1;
    word *entry = table_entry(table, position);
    memmove(entry, entry + table->stride, behind * table->stride * sizeof(word));
    memmove(index_of(table) + position, index_of(table) + position + 1, behind);
    table->used--;
}

/* The first or the last live entry was removed: both ends stay live entries. */
static void trim_ends(struct table *table)
{
    if (table->live == 0) {
        table->used = table->first = 0;
        return;
    }
    while (table_entry(table, table->used - 1)->object == NULL)
        table->used--;
    while (table_entry(table, table->first)->object == NULL)
        table->first++;
}

void table_remove(struct keyed *self, const place *at, lair_object **key, word *value)
{
    struct table *table = self->table;
    *key = at->entry[0].object;
    if ((table->shape & TABLE_VALUES) != 0)
        *value = at->entry[1];
    table->live--;
    OBJECT_OWN(self)++;
    if (is_small(table)) {
        small_remove(table, at->position);
        return;
    }
    at->entry[0].object = NULL;
    switch (table->width) {
    case 1:
        slot_clear(table, at->slot, 1);
        break;
    case 2:
        slot_clear(table, at->slot, 2);
        break;
    default:
        slot_clear(table, at->slot, 3);
    }
    if (at->position == table->first || at->position == table->used - 1)
        trim_ends(table);
    if (table->live < table->used / 4 && table->used > COMPACT_FROM)
        settle(self);
}

bool table_newest(const struct keyed *self, place *at)
{
    const struct table *table = self->table;
    if (table == NULL || table->live == 0)
        return false;
    at->position = table->used - 1;
    at->entry = table_entry(table, at->position);
    at->slot = 0;
    if (!is_small(table))
        at->slot = slot_of(table, spread(self, table, entry_hash(table, at->entry)), at->position);
    return true;
}

lair_status table_reserve(struct keyed *self, size_t count)
{
    const struct table *table = self->table;
    if (table == NULL ? count == 0 : count <= table->capacity - (table->used - table->live))
        return LAIR_OK;
    return remake(self, plan_for(count, table != NULL ? table->shape : shape_of(self)));
}

lair_status table_shrink(struct keyed *self)
{
    const struct table *table = self->table;
    if (table == NULL || table->live == table->capacity)
        return LAIR_OK;
    if (table->live != 0)
        return remake(self, plan_for(table->live, table->shape));
    table_clear(self);
    return LAIR_OK;
}

/* -- all at once ----------------------------------------------------------------------------- */

void table_clear(struct keyed *self)
{
    struct table *table = self->table;
    if (table == NULL)
        return;
    self->table = NULL;
    OBJECT_OWN(self)++;
    table_drop(table, self->object.type->heap);
}

lair_status table_copy(struct keyed *self, const struct keyed *from)
{
    const struct table *source = from->table;
    if (source == NULL || source->live == 0)
        return LAIR_OK;
    struct plan plan = plan_for(source->live, source->shape);
    struct table *made = block_make(self, &plan);
    if (made == NULL)
        return lair_error_status();
    entries_move(made, source);
    if (source->live == source->used && source->log2 == made->log2 && !is_small(made)) {
        memcpy(index_of(made), index_of(source), (size_t)1 << (made->log2 + made->width));
        made->fill = source->fill;
    } else {
        index_write(self, made);
    }
    size_t position = 0;
    bool values = (made->shape & TABLE_VALUE_OBJECTS) != 0;
    for (word *entry; (entry = table_next(made, &position)) != NULL; position++) {
        (void)lair_incref(entry[0].object);
        if (values)
            (void)lair_incref(entry[1].object);
    }
    self->table = made;
    return LAIR_OK;
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
    if (taken != table->fill || taken > slot_limit(table->log2))
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
    if (table->used != table->live || table->first != 0 || table->fill != 0)
        return "a small table has removed entries";
    for (size_t i = 0; i < table->used; i++)
        if ((uint8_t)index_of(table)[i] !=
            tag_of(spread(self, table, entry_hash(table, table_entry(table, i)))))
            return "a tag is wrong";
    return NULL;
}

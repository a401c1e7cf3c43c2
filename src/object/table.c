/* table.c: see table.h. From blocks, over the order of the entries, to adding and removing. */
#include "keyed.h"
#include "table_index.h"

enum {
    FIRST_CAPACITY = 3,
    FIRST_LOG2 = 5,   /* slots of the smallest table that is not small */
    NARROW_LOG2 = 13, /* up to here slots have two bytes: three bits of the hash at least */
    MIDDLE_LOG2 = 28, /* up to here four */
    LAST_LOG2 = 32,
    COMPACT_FROM = 32, /* fewer entries close ranks only when there is no room */
};

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

/* A set's entries are so small that it grows in longer steps as long as its slots are narrow: the
 * index to four times its size, 2^7 slots, 2^9, 2^11 and 2^13, with room for half of the entries
 * that it allows, and then for seven eighths, so that probing stays short. */
static bool grows_far(unsigned width, unsigned stride)
{
    return width == 1 && stride == 1;
}

static struct plan plan_to_grow(size_t capacity, unsigned shape)
{
    struct plan plan = plan_for(capacity, shape);
    if (!grows_far(plan.width, plan.stride))
        return plan;
    plan.log2 = (uint8_t)((plan.log2 + (plan.log2 == FIRST_LOG2)) | 1);
    if (plan.capacity < slot_limit(plan.log2) / 2)
        plan.capacity = slot_limit(plan.log2) / 2;
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
    struct table *table = block_alloc(heap, bytes);
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
    block_free(heap, table);
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
        return table_interfered(self);
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
        status = table_interfered(self);
    } else {
        self->table = table;
    }
    table_drop(other, heap);
    return status;
}

/* -- the order of the entries ---------------------------------------------------------------- */

/* The entries close ranks, in place; the index is for the caller to bring in line. */
static void entries_close(struct table *table)
{
    word *target = table_entry(table, 0);
    size_t position = 0;
    for (word *entry; (entry = table_next(table, &position)) != NULL; position++) {
        memmove(target, entry, table->stride * sizeof(word));
        target += table->stride;
    }
    table->used = table->live;
    table->first = 0;
}

static void compact(struct keyed *self)
{
    struct table *table = self->table;
    size_t limit = slot_limit(table->log2), shift = table->first;
    bool all_before = table->used - table->live == shift && table->vacant > limit / 8;
    entries_close(table);
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
    bool far = grows_far(table->width, table->stride);
    size_t limit = slot_limit(table->log2), eighth = limit / 8;
    size_t most = far ? limit - eighth : limit; /* entries before the index is made anew */
    if (table->live >= most - eighth || shape != table->shape)
        return remake(self, plan_to_grow(more_than(table->live + 1), shape));
    if (table->used - table->live < table->used / 2 && table->vacant != 0 &&
        table->capacity < most) {
        size_t capacity = far ? most : more_than(table->capacity);
        return lengthen(self, capacity < most ? capacity : most);
    }
    compact(self);
    return LAIR_OK;
}

/* Appends an entry, whose key is not there, to a table that has room for it. */
static void append(struct keyed *self, lair_object *key, uint64_t hash, word value)
{
    struct table *table = self->table;
    uint64_t spread_hash = spread(self, table, hash);
    size_t slot = is_small(table) ? 0 : slot_vacant(table, spread_hash);
    entry_append(self, table, table_entry(table, table->used), key, hash, value);
    if (index_enter(table, table->width, spread_hash, table->used - 1, slot) &&
        !is_kind(key, LAIR_KIND_STR))
        table_mix(self);
}

void table_mix(struct keyed *self)
{
    struct table *table = self->table;
    if ((table->shape & TABLE_MIXED) != 0)
        return;
    table->shape |= TABLE_MIXED;
    entries_close(table);
    index_write(self, table);
}

/* Room for one more entry whose key may keep its hash only in the entry. */
static lair_status prepare(struct keyed *self, bool must_hash)
{
    const struct table *table = self->table;
    unsigned shape = table != NULL ? table->shape : shape_of(self);
    if (!is_keyed(&self->object))
        return table_interfered(self);
    if (!must_hash)
        return make_room(self, shape);
    return table != NULL && has_room(table, table->width)
               ? remake(self, plan_for(table->capacity, shape | TABLE_HASHED))
               : make_room(self, shape | TABLE_HASHED);
}

lair_status table_add(struct keyed *self, lair_object *key, uint64_t hash, word value)
{
    const struct table *table = self->table;
    bool must_hash =
        (table == NULL || (table->shape & TABLE_HASHED) == 0) && !has_hash_at_hand(key);
    lair_status status = LAIR_OK;
    if (table == NULL || must_hash || !has_room(table, table->width))
        status = prepare(self, must_hash);
    if (status == LAIR_OK)
        append(self, key, hash, value);
    return status;
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
        made->vacant = source->vacant;
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

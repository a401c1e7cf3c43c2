/* intern.c: see intern.h.
 *
 * Open addressing with linear probing. An entry keeps the hash beside the str, so that only a str
 * whose hash is the right one is looked at. Removal moves later entries back: there are no
 * tombstones, and the number of entries is the number of strs.
 */
#include "intern.h"

#include "utf8.h"

typedef struct intern_entry {
    lair_object *str; /* NULL: empty */
    uint32_t hash;
} intern_entry;

/* count <= capacity * 3 / 4; capacity is 0 or a power of two. */
struct intern_table {
    intern_entry *entries;
    size_t count, capacity;
    uint64_t hits, saved_bytes;
};

enum { CAPACITY_MIN = 64 };

bool intern_make(struct space *space)
{
    space->interned = lair_heap_calloc(space->heap, 1, sizeof(*space->interned));
    return space->interned != NULL;
}

void intern_discard(struct space *space)
{
    if (space->interned == NULL)
        return;
    lair_heap_free(space->heap, space->interned->entries);
    lair_heap_free(space->heap, space->interned);
}

/* -- entries --------------------------------------------------------------------------------- */

/* The entry of the text, or the empty one where it belongs. The table has room. */
static inline intern_entry *entry_of(const struct intern_table *table, const char *text,
                                     size_t bytes, uint32_t hash)
{
    size_t mask = table->capacity - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        intern_entry *entry = &table->entries[i];
        if (entry->str == NULL || (entry->hash == hash && str_is_text(entry->str, text, bytes)))
            return entry;
    }
}

/* Puts an entry that is not there into a table that has room. */
static inline void place(intern_entry *entries, size_t mask, intern_entry entry)
{
    size_t i = entry.hash & mask;
    while (entries[i].str != NULL)
        i = (i + 1) & mask;
    entries[i] = entry;
}

static inline bool has_room(const struct intern_table *table, size_t capacity)
{
    return table->count < capacity - capacity / 4;
}

/* Gives the table another capacity, unless it turns out to be too small: to get memory may run the
 * heap's listener, and that may intern strs. False: no memory, nothing changed. */
static bool set_capacity(struct space *space, size_t capacity)
{
    struct intern_table *table = space->interned;
    intern_entry *entries = lair_heap_calloc(space->heap, capacity, sizeof(*entries));
    if (entries == NULL)
        return false;
    if (has_room(table, capacity)) {
        for (size_t i = 0; i < table->capacity; i++)
            if (table->entries[i].str != NULL)
                place(entries, capacity - 1, table->entries[i]);
        intern_entry *old = table->entries;
        table->entries = entries;
        table->capacity = capacity;
        entries = old;
    }
    lair_heap_free(space->heap, entries);
    return true;
}

static bool reserve_one(struct space *space)
{
    const struct intern_table *table = space->interned;
    while (!has_room(table, table->capacity)) {
        size_t capacity = table->capacity == 0 ? CAPACITY_MIN : table->capacity * 2;
        if (!set_capacity(space, capacity))
            return false;
    }
    return true;
}

/* Drops the entry at `hole` by moving back those that linear probing finds through it: the ones
 * whose home is not behind the hole. */
static void close_hole(struct intern_table *table, size_t hole)
{
    size_t mask = table->capacity - 1;
    for (size_t i = (hole + 1) & mask; table->entries[i].str != NULL; i = (i + 1) & mask) {
        size_t from_home = (i - table->entries[i].hash) & mask;
        if (from_home >= ((i - hole) & mask)) {
            table->entries[hole] = table->entries[i];
            hole = i;
        }
    }
    table->entries[hole].str = NULL;
}

void intern_remove(struct space *space, lair_object *str)
{
    struct intern_table *table = space->interned;
    size_t mask = table->capacity - 1;
    size_t i = OBJECT_OWN(str_of(str)) & mask;
    while (table->entries[i].str != str)
        i = (i + 1) & mask;
    close_hole(table, i);
    str_of(str)->size &= ~(uint32_t)STR_INTERNED;
    if (--table->count == 0) {
        lair_heap_free(space->heap, table->entries);
        table->entries = NULL;
        table->capacity = 0;
    }
}

void intern_trim(struct space *space)
{
    const struct intern_table *table = space->interned;
    size_t capacity = table->capacity;
    while (capacity > CAPACITY_MIN && table->count < capacity / 4)
        capacity /= 2;
    if (capacity != table->capacity)
        (void)set_capacity(space, capacity);
}

/* -- what programs call ---------------------------------------------------------------------- */

/* str is given out in place of another of its content. */
static inline lair_object *hit(struct space *space, lair_object *str)
{
    size_t step = (size_t)1 << space->heap->class_shift;
    space->interned->hits++;
    space->interned->saved_bytes += round_up(str_block_bytes(str_bytes(str)), step);
    return lair_incref(str);
}

/* Makes str the interned one, unless there is one by now. NULL: no memory, nothing changed. */
static lair_object *add(struct space *space, lair_object *str, uint32_t hash)
{
    if (!reserve_one(space))
        return NULL;
    intern_entry *entry = entry_of(space->interned, str_text(str), str_bytes(str), hash);
    if (unlikely(entry->str != NULL))
        return hit(space, entry->str);
    *entry = (intern_entry){str, hash};
    space->interned->count++;
    str_of(str)->size |= STR_INTERNED;
    return lair_incref(str);
}

/* The interned str of the text, BORROWED, or NULL. */
static inline lair_object *find(const struct space *space, const char *text, size_t bytes,
                                uint32_t hash)
{
    const struct intern_table *table = space->interned;
    return likely(table->capacity != 0) ? entry_of(table, text, bytes, hash)->str : NULL;
}

lair_object *lair_str_intern(lair_object *str)
{
    if (!expect(str, LAIR_KIND_STR))
        return NULL;
    if (str_is_interned(str))
        return lair_incref(str);
    struct space *space = str->type->space;
    uint32_t hash = (uint32_t)str_hash(str);
    lair_object *there = find(space, str_text(str), str_bytes(str), hash);
    return there != NULL ? hit(space, there) : add(space, str, hash);
}

lair_object *lair_str_intern_n(lair_heap *heap, const char *text, size_t bytes)
{
    struct space *space = space_of(heap);
    if (unlikely(space == NULL))
        return NULL;
    if (unlikely(text == NULL || bytes < 2 || bytes > STR_BYTES_MAX)) {
        LAIR_SCOPED lair_object *str = lair_str_new_n(heap, text, bytes);
        return lair_str_intern(str);
    }
    uint32_t hash = text_hash_32(space, text, bytes);
    lair_object *there = find(space, text, bytes, hash);
    if (likely(there != NULL))
        return hit(space, there);
    LAIR_SCOPED lair_object *str = lair_str_new_n(heap, text, bytes);
    if (str == NULL)
        return NULL;
    OBJECT_OWN(str_of(str)) = hash;
    return add(space, str, hash);
}

lair_object *lair_str_intern_text(lair_heap *heap, const char *text)
{
    return lair_str_intern_n(heap, text, text != NULL ? strlen(text) : 1);
}

bool lair_str_is_interned(const lair_object *str)
{
    return expect(str, LAIR_KIND_STR) && str_is_interned(str);
}

void lair_str_intern_stats(lair_heap *heap, lair_intern_stats *stats)
{
    *stats = (lair_intern_stats){0};
    const struct space *space = space_of(heap);
    if (space == NULL)
        return;
    const struct intern_table *table = space->interned;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->entries[i].str != NULL)
            stats->bytes += lair_heap_usable_size(heap, table->entries[i].str);
    stats->strings = table->count;
    stats->table_bytes = lair_heap_usable_size(heap, table->entries);
    stats->hits = table->hits;
    stats->saved_bytes = table->saved_bytes;
}

/* -- check ----------------------------------------------------------------------------------- */

lair_status intern_check(const struct space *space)
{
    const struct intern_table *table = space->interned;
    size_t count = 0;
    if (table->capacity != 0 && table->count > table->capacity - table->capacity / 4)
        return lair_fail(LAIR_ERR_CORRUPT, "the intern table is too full: %zu of %zu", table->count,
                         table->capacity);
    for (size_t i = 0; i < table->capacity; i++) {
        lair_object *str = table->entries[i].str;
        if (str == NULL)
            continue;
        count++;
        if (!str_is_interned(str) || str_hash(str) != table->entries[i].hash ||
            entry_of(table, str_text(str), str_bytes(str), table->entries[i].hash)->str != str)
            return lair_fail(LAIR_ERR_CORRUPT, "'%s' is out of place in the intern table",
                             str_text(str));
    }
    if (count != table->count)
        return lair_fail(LAIR_ERR_CORRUPT, "the intern table has %zu strs and counts %zu", count,
                         table->count);
    return LAIR_OK;
}

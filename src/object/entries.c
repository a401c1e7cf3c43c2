/* entries.c: see entries.h. A hash table of chains, load one at most, and the order beside it. */
#include "entries.h"

#include "number.h"
#include "str.h"

enum { CAPACITY_FIRST = 8, SEARCHES_MOST = 100 };

static const uint32_t CAPACITY_MOST = UINT32_C(1) << 31;

static struct entry **bucket_of(const struct entries *entries, uint32_t hash)
{
    unsigned shift = 32 - ctz64(entries->capacity);
    return entries->order + entries->capacity + (hash >> shift);
}

/* -- searching ------------------------------------------------------------------------------- */

lair_status entries_hash(lair_object *key, uint32_t *hash)
{
    uint64_t own;
    if (key == NULL)
        return pending_error();
    if (is_kind(key, LAIR_KIND_STR))
        own = str_hash(key);
    else if (lair_hash(key, &own) != LAIR_OK)
        return lair_error_status();
    *hash = (uint32_t)(own * (key->type->space->hash_key[0] | 1) >> 32);
    return LAIR_OK;
}

/* Whether two keys of the same hash are equal. */
static lair_status keys_equal(lair_object *a, lair_object *b, bool *equal)
{
    if (a == b)
        *equal = true;
    else if (is_kind(a, LAIR_KIND_STR) && is_kind(b, LAIR_KIND_STR))
        *equal = str_equal(a, b);
    else
        return lair_equal(a, b, equal);
    return LAIR_OK;
}

/* One search. *changed: comparing has changed the buckets, so that it says nothing. */
static lair_status search(const struct entries *entries, lair_object *key, uint32_t hash,
                          struct entry **found, bool *changed)
{
    uint32_t changes = entries->changes;
    struct entry *entry = entries->live != 0 ? *bucket_of(entries, hash) : NULL;
    bool equal = false;
    for (; entry != NULL; entry = entry->chain) {
        if (entry->hash != hash)
            continue;
        lair_object *held = lair_incref(entry_key(entries, entry));
        lair_status status = keys_equal(held, key, &equal);
        lair_decref(held); /* which may be the last reference */
        if (status != LAIR_OK)
            return status;
        if (equal || entries->changes != changes)
            break;
    }
    *changed = entries->changes != changes;
    *found = entry;
    return LAIR_OK;
}

lair_status entries_find(struct entries *entries, lair_object *key, uint32_t hash,
                         struct entry **found)
{
    for (int i = 0; i < SEARCHES_MOST; i++) {
        bool changed;
        lair_status status = search(entries, key, hash, found, &changed);
        if (status != LAIR_OK || !changed)
            return status;
    }
    return lair_fail(LAIR_ERR_CHANGED, "comparing a %s changes the container it is looked up in",
                     lair_type_name(key));
}

/* -- room ------------------------------------------------------------------------------------ */

/* Closes the gaps: the entries are those of from, which may be the order itself. */
static void close_ranks(struct entries *entries, struct entry **from)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < entries->used; i++) {
        struct entry *entry = from[i];
        if (entry == NULL)
            continue;
        entry->index = live;
        entries->order[live++] = entry;
    }
    entries->used = live;
}

static bool resize(struct entries *entries, lair_heap *heap, uint32_t capacity)
{
    struct entry **order = lair_heap_calloc(heap, capacity, 2 * sizeof(struct entry *));
    if (order == NULL)
        return false;
    struct entry **old = entries->order;
    entries->order = order;
    entries->capacity = capacity;
    entries->changes++;
    close_ranks(entries, old);
    for (uint32_t i = 0; i < entries->used; i++) {
        struct entry **bucket = bucket_of(entries, order[i]->hash);
        order[i]->chain = *bucket;
        *bucket = order[i];
    }
    lair_heap_free(heap, old);
    return true;
}

/* Room for one more, with a third of the places free afterwards. */
static lair_status reserve_one(struct entries *entries, lair_heap *heap)
{
    if (entries->used < entries->capacity)
        return LAIR_OK;
    if (entries->live == CAPACITY_MOST)
        return lair_fail(LAIR_ERR_OVERFLOW, "a container of more than %u entries", CAPACITY_MOST);
    uint32_t capacity = CAPACITY_FIRST;
    while (capacity < CAPACITY_MOST && capacity - capacity / 3 <= entries->live)
        capacity *= 2;
    if (capacity != entries->capacity && resize(entries, heap, capacity))
        return LAIR_OK;
    if (entries->live == entries->capacity)
        return lair_error_status();
    close_ranks(entries, entries->order);
    return LAIR_OK;
}

/* -- changing -------------------------------------------------------------------------------- */

void *entries_add(struct entries *entries, lair_heap *heap, size_t bytes, uint32_t hash)
{
    uint32_t additions = entries->additions;
    struct entry *entry = lair_heap_alloc(heap, bytes);
    if (entry == NULL)
        return NULL;
    bool room = reserve_one(entries, heap) == LAIR_OK;
    if (room && entries->additions != additions) {
        /* The heap's listener may do as it likes when memory becomes short. */
        (void)lair_fail(LAIR_ERR_CHANGED, "keys were added while memory was asked for");
        room = false;
    }
    if (!room) {
        lair_heap_free(heap, entry);
        return NULL;
    }
    struct entry **bucket = bucket_of(entries, hash);
    *entry = (struct entry){.chain = *bucket, .hash = hash, .index = entries->used};
    *bucket = entry;
    entries->order[entries->used++] = entry;
    entries->live++;
    entries->additions++;
    entries->changes++;
    return entry;
}

static void give_up_weakref(const struct entries *entries, struct entry *entry)
{
    lair_object **weak = entries->weak_keys     ? &entry->key
                         : entries->weak_values ? &entry->value
                                                : NULL;
    if (weak != NULL && *weak != NULL)
        weakref_disown(weakref_of(lair_steal(weak)));
}

struct entry *entries_of_ref(const struct entries *entries, const struct weakref *ref,
                             uint32_t hash)
{
    struct entry *entry = *bucket_of(entries, hash);
    while (entry->key != &ref->object && entry->value != &ref->object)
        entry = entry->chain;
    return entry;
}

void entries_remove(struct entries *entries, struct entry *entry)
{
    give_up_weakref(entries, entry);
    struct entry **link = bucket_of(entries, entry->hash);
    while (*link != entry)
        link = &(*link)->chain;
    *link = entry->chain;
    entries->order[entry->index] = NULL;
    entries->live--;
    while (entries->used != 0 && entries->order[entries->used - 1] == NULL)
        entries->used--;
    entries->changes++;
}

void entry_drop(lair_heap *heap, struct entry *entry)
{
    lair_object *key = entry->key, *value = entry->value;
    lair_heap_free(heap, entry);
    lair_decref(key);
    lair_decref(value);
}

void entries_clear(struct entries *entries, lair_heap *heap)
{
    struct entry **order = entries->order;
    uint32_t used = entries->used;
    entries->order = NULL;
    entries->live = entries->used = entries->capacity = 0;
    entries->changes++;
    /* An object that dies must not look for its entry here any more. */
    for (uint32_t i = 0; i < used; i++)
        if (order[i] != NULL)
            give_up_weakref(entries, order[i]);
    for (uint32_t i = 0; i < used; i++)
        if (order[i] != NULL)
            entry_drop(heap, order[i]);
    lair_heap_free(heap, order);
}

/* -- going over them ------------------------------------------------------------------------- */

struct entry *entries_next(const struct entries *entries, size_t *index)
{
    while (*index < entries->used) {
        struct entry *entry = entries->order[(*index)++];
        if (entry != NULL)
            return entry;
    }
    return NULL;
}

bool entries_step(const struct entries *entries, lair_cursor *at)
{
    if (at->version != entries->additions) {
        at->status = lair_fail(LAIR_ERR_CHANGED, "keys were added to a %s during an iteration",
                               lair_type_name(at->container));
        return false;
    }
    const struct entry *entry = entries_next(entries, &at->position);
    if (entry == NULL)
        return false;
    at->key = lair_incref(entry_key(entries, entry));
    if (entry->value != NULL) {
        at->item = lair_incref(entry_value(entries, entry));
    } else {
        at->item = at->key; /* of a set */
        at->key = NULL;
    }
    return true;
}

int entries_traverse(const struct entries *entries, lair_visit visit, void *arg)
{
    const struct entry *entry;
    for (size_t i = 0; (entry = entries_next(entries, &i)) != NULL;) {
        VISIT(entry->key);
        VISIT(entry->value);
    }
    return 0;
}

size_t entries_size(const struct entries *entries, lair_heap *heap)
{
    size_t bytes = lair_heap_usable_size(heap, entries->order);
    const struct entry *entry;
    for (size_t i = 0; (entry = entries_next(entries, &i)) != NULL;)
        bytes += lair_heap_usable_size(heap, entry);
    return bytes;
}

lair_status entries_no_key(const lair_object *container, lair_object *key)
{
    LAIR_SCOPED lair_object *shown = lair_repr(key);
    return lair_fail(LAIR_ERR_KEY, "no key %.100s in the %s",
                     shown != NULL ? lair_str_text(shown) : lair_type_name(key),
                     lair_type_name(container));
}

/* -- check ----------------------------------------------------------------------------------- */

const char *entries_check(const struct entries *entries)
{
    if (entries->live > entries->used || entries->used > entries->capacity)
        return "more entries than places";
    uint32_t in_order = 0, in_buckets = 0;
    for (uint32_t i = 0; i < entries->used; i++) {
        const struct entry *entry = entries->order[i];
        if (entry == NULL)
            continue;
        in_order++;
        if (entry->index != i)
            return "an entry that is not where it says";
        if (entry_key(entries, entry) == NULL)
            return "an entry without a key";
    }
    for (uint32_t i = 0; i < entries->capacity; i++) {
        const struct entry *entry = entries->order[entries->capacity + i];
        for (; entry != NULL; entry = entry->chain) {
            in_buckets++;
            if (bucket_of(entries, entry->hash) != entries->order + entries->capacity + i)
                return "an entry in a bucket not its own";
            if (entries->order[entry->index] != entry)
                return "an entry that is not in the order";
        }
    }
    return in_order == entries->live && in_buckets == entries->live ? NULL : "entries miscounted";
}

/* cache.c: see cache.h. What leaves is dropped when the cache is in order: its destructors may use
 * the cache.
 */
#include "cache.h"

#include "builtin.h"
#include "walk.h"

struct cache *cache_make(lair_heap *heap, lair_kind kind, size_t capacity)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    collector_safe_point(space);
    lair_object *made = object_track(object_alloc_zero(builtin_type(space, kind)));
    if (made == NULL)
        return NULL;
    cache_of(made)->capacity = capacity;
    return cache_of(made);
}

/* -- the line -------------------------------------------------------------------------------- */

static bool is_ttl(const struct cache *self)
{
    return self->ttl_ms != 0;
}

static struct cache_entry *cache_entry_of(struct entry *entry)
{
    return (struct cache_entry *)entry;
}

static void line_add(struct cache *self, struct cache_entry *entry)
{
    entry->next = NULL;
    entry->prev = self->last;
    *(self->last != NULL ? &self->last->next : &self->first) = entry;
    self->last = entry;
}

static void line_remove(struct cache *self, struct cache_entry *entry)
{
    *(entry->prev != NULL ? &entry->prev->next : &self->first) = entry->next;
    *(entry->next != NULL ? &entry->next->prev : &self->last) = entry->prev;
}

static void renew(struct cache *self, struct cache_entry *entry)
{
    line_remove(self, entry);
    line_add(self, entry);
}

static struct entry *take_out(struct cache *self, struct cache_entry *entry)
{
    line_remove(self, entry);
    entries_remove(&self->entries, &entry->entry);
    return &entry->entry;
}

/* -- expiring -------------------------------------------------------------------------------- */

static uint64_t expiry(const struct cache *self)
{
    uint64_t expires;
    return __builtin_add_overflow(self->now, self->ttl_ms, &expires) ? UINT64_MAX : expires;
}

/* All are taken out before the first is dropped: what their destructors do to the cache finds
 * nothing that has expired, and does not come here again. */
size_t cache_expire(struct cache *self)
{
    if (!is_ttl(self))
        return 0;
    lair_heap *heap = self->object.type->heap;
    uint64_t now = self->clock(self->clock_arg);
    if (now > self->now)
        self->now = now;
    size_t count = 0;
    struct entry *gone = NULL;
    while (self->first != NULL && self->first->expires <= self->now) {
        struct entry *entry = take_out(self, self->first);
        entry->chain = gone;
        gone = entry;
        count++;
    }
    self->expired += count;
    while (gone != NULL) {
        struct entry *entry = gone;
        gone = entry->chain;
        entry_drop(heap, entry);
    }
    return count;
}

/* -- what programs call ---------------------------------------------------------------------- */

/* Whether object is a cache; else the error is set. */
static bool is_cache(const lair_object *object)
{
    return (object != NULL && is_kind(object, LAIR_KIND_TTL_CACHE)) ||
           expect(object, LAIR_KIND_LRU_CACHE);
}

/* The entry of key, or NULL; and its hash. What has expired is gone. */
static lair_status find(lair_object *self, lair_object *key, uint32_t *hash,
                        struct cache_entry **found)
{
    struct entry *entry;
    if (!is_cache(self))
        return lair_error_status();
    lair_kind kind = lair_kind_of(self);
    (void)cache_expire(cache_of(self));
    lair_status status = entries_hash(key, hash);
    if (status == LAIR_OK)
        status = entries_find(&cache_of(self)->entries, key, *hash, &entry);
    if (status == LAIR_OK && !expect(self, kind)) /* truncated meanwhile */
        status = lair_error_status();
    if (status == LAIR_OK)
        *found = cache_entry_of(entry);
    return status;
}

/* A new entry, which may be one too many: *evicted then. */
static lair_status add(struct cache *self, lair_object *key, lair_object *value, uint32_t hash,
                       struct entry **evicted)
{
    size_t bytes =
        is_ttl(self) ? sizeof(struct cache_entry) : offsetof(struct cache_entry, expires);
    struct cache_entry *entry = entries_add(&self->entries, self->object.type->heap, bytes, hash);
    if (entry == NULL)
        return lair_error_status();
    entry->entry.key = lair_incref(key);
    entry->entry.value = lair_incref(value);
    if (is_ttl(self))
        entry->expires = expiry(self);
    line_add(self, entry);
    if (self->capacity == 0 || self->entries.live <= self->capacity)
        return LAIR_OK;
    *evicted = take_out(self, self->first);
    self->evicted++;
    return LAIR_OK;
}

lair_status lair_cache_set(lair_object *object, lair_object *key, lair_object *value)
{
    uint32_t hash;
    struct cache_entry *found = NULL;
    if (!is_cache(object) || !same_heap(object, key) || !same_heap(object, value))
        return lair_error_status();
    LAIR_SCOPED lair_object *holds_cache = lair_incref(object);
    LAIR_SCOPED lair_object *holds_key = lair_incref(key);
    LAIR_SCOPED lair_object *holds_value = lair_incref(value);
    lair_status status = find(object, key, &hash, &found);
    if (status != LAIR_OK)
        return status;
    struct cache *self = cache_of(object);
    if (found == NULL) {
        struct entry *evicted = NULL;
        status = add(self, key, value, hash, &evicted);
        if (evicted != NULL)
            entry_drop(object->type->heap, evicted);
        return status;
    }
    if (is_ttl(self))
        found->expires = expiry(self);
    renew(self, found);
    lair_set_ref(&found->entry.value, value);
    return LAIR_OK;
}

/* Counts the use. */
static lair_status use(lair_object *object, lair_object *key, lair_object **value)
{
    uint32_t hash;
    struct cache_entry *found = NULL;
    lair_status status = find(object, key, &hash, &found);
    if (status != LAIR_OK)
        return status;
    struct cache *self = cache_of(object);
    if (found == NULL) {
        self->misses++;
        *value = NULL;
        return LAIR_OK;
    }
    self->hits++;
    if (!is_ttl(self))
        renew(self, found);
    *value = lair_incref(found->entry.value);
    return LAIR_OK;
}

lair_status lair_cache_find(lair_object *object, lair_object *key, lair_object **value)
{
    LAIR_SCOPED lair_object *holds_cache = lair_incref(object);
    LAIR_SCOPED lair_object *holds_key = lair_incref(key);
    return use(object, key, value);
}

lair_object *lair_cache_get(lair_object *object, lair_object *key, lair_cache_make make, void *arg)
{
    LAIR_SCOPED lair_object *holds_cache = lair_incref(object);
    LAIR_SCOPED lair_object *holds_key = lair_incref(key);
    LAIR_SCOPED lair_object *value = NULL;
    if (use(object, key, &value) != LAIR_OK)
        return NULL;
    if (value != NULL)
        return lair_steal(&value);
    if (make == NULL) {
        (void)entries_no_key(object, key);
        return NULL;
    }
    value = make(key, arg);
    return lair_cache_set(object, key, value) == LAIR_OK ? lair_steal(&value) : NULL;
}

lair_status lair_cache_delete(lair_object *object, lair_object *key, bool *was_there)
{
    uint32_t hash;
    struct cache_entry *found = NULL;
    LAIR_SCOPED lair_object *holds_cache = lair_incref(object);
    lair_status status = find(object, key, &hash, &found);
    if (status != LAIR_OK)
        return status;
    if (was_there != NULL)
        *was_there = found != NULL;
    if (found != NULL)
        entry_drop(object->type->heap, take_out(cache_of(object), found));
    return LAIR_OK;
}

lair_status lair_cache_clear(lair_object *object)
{
    if (!is_cache(object))
        return lair_error_status();
    LAIR_SCOPED lair_object *holds_cache = lair_incref(object);
    (void)cache_expire(cache_of(object));
    cache_clear(object);
    return LAIR_OK;
}

lair_status lair_cache_get_stats(lair_object *object, lair_cache_stats *stats)
{
    if (!is_cache(object))
        return lair_error_status();
    LAIR_SCOPED lair_object *holds_cache = lair_incref(object);
    struct cache *self = cache_of(object);
    (void)cache_expire(self);
    *stats = (lair_cache_stats){
        .hits = self->hits,
        .misses = self->misses,
        .evicted = self->evicted,
        .expired = self->expired,
        .length = self->entries.live,
        .capacity = self->capacity,
    };
    return LAIR_OK;
}

/* -- the types ------------------------------------------------------------------------------- */

void cache_clear(lair_object *object)
{
    struct cache *self = cache_of(object);
    self->first = self->last = NULL;
    entries_clear(&self->entries, object->type->heap);
}

int cache_traverse(lair_object *self, lair_visit visit, void *arg)
{
    return entries_traverse(&cache_of(self)->entries, visit, arg);
}

size_t cache_size_of(const lair_object *self)
{
    return entries_size(&cache_of(self)->entries, self->type->heap);
}

lair_step cache_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    return step_of(lair_write_format(writer, "<%s of %zu at %p>", lair_type_name(frame->self),
                                     cache_length(frame->self), (const void *)frame->self));
}

size_t cache_length(lair_object *self)
{
    LAIR_SCOPED lair_object *holds_cache = lair_incref(self);
    (void)cache_expire(cache_of(self));
    return cache_of(self)->entries.live;
}

lair_status cache_contains(lair_object *self, lair_object *key, bool *found)
{
    uint32_t hash;
    struct cache_entry *entry;
    LAIR_SCOPED lair_object *holds_cache = lair_incref(self);
    lair_status status = find(self, key, &hash, &entry);
    if (status == LAIR_OK)
        *found = entry != NULL;
    return status;
}

void cache_begin(lair_cursor *at)
{
    at->version = cache_of(at->container)->entries.additions;
}

/* What expires is not shown any more. */
bool cache_next(lair_cursor *at)
{
    (void)cache_expire(cache_of(at->container));
    return is_cache(at->container) && entries_step(&cache_of(at->container)->entries, at);
}

/* cache.h: what LRU and TTL cache have in common: an ordered table that keeps within bounds.
 *
 * The entries are in a line, in the order in which they are to go. An entry that is new or renewed
 * goes to its end: in an LRU cache each use renews, in a TTL cache only setting. So what is evicted
 * or has expired is always first in the line.
 */
#ifndef LAIR_OBJECT_CACHE_H
#define LAIR_OBJECT_CACHE_H

#include <lair/cache.h>

#include "entries.h"

struct cache_entry {
    struct entry entry;
    struct cache_entry *prev, *next; /* in the line, which is a ring through the cache */
    uint64_t expires;                /* milliseconds; only in a TTL cache */
};

struct cache {
    OBJECT_HEAD;
    struct weakref *weakrefs;
    struct entries entries;
    struct cache_entry *first, *last; /* of the line */
    size_t capacity;                  /* 0: none */
    uint64_t hits, misses, evicted, expired;
    /* TTL */
    uint64_t ttl_ms; /* 0: not a TTL cache */
    uint64_t now;    /* the latest time the clock gave: it is never taken to go back */
    lair_clock clock;
    void *clock_arg;
};

static inline struct cache *cache_of(const lair_object *object)
{
    return (struct cache *)(void *)object;
}

/* An empty one of the kind. NULL: the error is set. */
struct cache *cache_make(lair_heap *heap, lair_kind kind, size_t capacity);

/* Drops what has expired: how many. */
size_t cache_expire(struct cache *self);

/* For the descriptions of the types. */
void cache_clear(lair_object *object);
int cache_traverse(lair_object *self, lair_visit visit, void *arg);
size_t cache_size_of(const lair_object *self);
lair_step cache_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame);
size_t cache_length(lair_object *self);
lair_status cache_contains(lair_object *self, lair_object *key, bool *found);
void cache_begin(lair_cursor *at);
bool cache_next(lair_cursor *at);

/* What their descriptions share: all but the name. */
#define CACHE_DESCRIPTION                                                                          \
    .size = sizeof(struct cache), .flags = LAIR_TYPE_CONTAINER,                                    \
    .weakrefs = offsetof(struct cache, weakrefs), .dealloc = cache_clear,                          \
    .traverse = cache_traverse, .clear = cache_clear, .size_of = cache_size_of,                    \
    .repr = cache_repr, .length = cache_length, .contains = cache_contains, .begin = cache_begin,  \
    .next = cache_next

#endif /* LAIR_OBJECT_CACHE_H */

/* lair/cache.h: caches that keep themselves within bounds, and a pool of objects for reuse.
 *
 * Thread-confined, as all objects are.
 */
#ifndef LAIR_CACHE_H
#define LAIR_CACHE_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lair_cache_stats {
    uint64_t hits, misses;
    uint64_t evicted; /* to keep the bound */
    uint64_t expired; /* TTL: their time was over */
    size_t length, capacity;
} lair_cache_stats;

/* -- LRU cache ------------------------------------------------------------------------------- */

/* At most capacity entries (not 0): a further one takes the place of the one not used for
 * longest. */
LAIR_API lair_object *lair_lru_cache_new(lair_heap *heap, size_t capacity);

/* -- TTL cache ------------------------------------------------------------------------------- */

/* Entries live ttl_ms from when they were set. Those that have expired are dropped, key and value,
 * by the next operation of any kind on the cache (iteration and length included), in constant time
 * for each. capacity as above, 0: none. clock (NULL: the system's monotonic clock) gives
 * milliseconds. */
typedef uint64_t (*lair_clock)(void *arg);
LAIR_API lair_object *lair_ttl_cache_new(lair_heap *heap, size_t capacity, uint64_t ttl_ms,
                                         lair_clock clock, void *arg);

/* Drops what has expired: how many. */
LAIR_API size_t lair_ttl_cache_expire(lair_object *cache);

/* -- both ------------------------------------------------------------------------------------ */

LAIR_API lair_status lair_cache_set(lair_object *cache, lair_object *key, lair_object *value);

/* *value: a new reference, or NULL: not there, which is no error. Counts as a use. */
LAIR_API lair_status lair_cache_find(lair_object *cache, lair_object *key, lair_object **value);

/* The value of key, made by make when it is missing (and then kept): a new reference. */
typedef lair_object *(*lair_cache_make)(lair_object *key, void *arg);
LAIR_API lair_object *lair_cache_get(lair_object *cache, lair_object *key, lair_cache_make make,
                                     void *arg);
LAIR_API lair_status lair_cache_delete(lair_object *cache, lair_object *key, bool *was_there);
LAIR_API lair_status lair_cache_clear(lair_object *cache);
LAIR_API lair_status lair_cache_get_stats(lair_object *cache, lair_cache_stats *stats);

/* -- object pool ----------------------------------------------------------------------------- */

/* make gives a new object when the pool is empty; reset (may be NULL) prepares a returned one for
 * its next use, and false says it is of no more use; idle objects kept: bound at most. */
typedef struct lair_pool_spec {
    lair_object *(*make)(lair_heap *heap, void *arg);
    bool (*reset)(lair_object *object, void *arg);
    void *arg;
    size_t bound;
} lair_pool_spec;

typedef struct lair_pool_stats {
    uint64_t made, reused, returned, dropped; /* dropped: refused by reset, or beyond the bound */
    size_t idle, in_use, bound;
} lair_pool_stats;

LAIR_API lair_object *lair_object_pool_new(lair_heap *heap, const lair_pool_spec *spec);
LAIR_API lair_object *lair_object_pool_take(lair_object *pool); /* a new reference */

/* Gives an object back, STEALING the reference. LAIR_ERR_INVALID: did not come from this pool, or
 * is back already; LAIR_ERR_BUSY: somebody else still refers to it. Then the caller keeps it. */
LAIR_API lair_status lair_object_pool_give(lair_object *pool, lair_object *object);
LAIR_API lair_status lair_object_pool_get_stats(lair_object *pool, lair_pool_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_CACHE_H */

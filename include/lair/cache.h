/* lair/cache.h: caches that keep themselves within bounds, and a pool of objects for reuse.
 *
 * Thread-confined, as all objects are. Keys of caches must be hashable and compare by equality. A
 * cache or pool is what it is: lair_copy refuses (LAIR_ERR_TYPE), a deep copy of what refers to one
 * shares it, and two are equal when they are the same.
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

/* At most capacity entries (0: LAIR_ERR_INVALID): a further one takes the place of the one not used
 * for longest, in constant time. Setting and finding are uses; lair_contains and iteration are
 * not. */
LAIR_API lair_object *lair_lru_cache_new(lair_heap *heap, size_t capacity);

/* -- TTL cache ------------------------------------------------------------------------------- */

/* Entries live ttl_ms (0: LAIR_ERR_INVALID) from when they were last set. Those that have expired
 * are dropped, key and value, by the next operation of any kind on the cache (iteration and length
 * included), in constant time for each. At most capacity entries (0: no bound): a further one takes
 * the place of the one that would expire first. clock (NULL: the system's monotonic clock) gives
 * milliseconds; one that goes back is taken to stand still until it has caught up. */
typedef uint64_t (*lair_clock)(void *arg);
LAIR_API lair_object *lair_ttl_cache_new(lair_heap *heap, size_t capacity, uint64_t ttl_ms,
                                         lair_clock clock, void *arg);

/* Drops what has expired: how many. (0, with the error set, when cache is no TTL cache.) */
LAIR_API size_t lair_ttl_cache_expire(lair_object *cache);

/* -- both ------------------------------------------------------------------------------------ */

/* Iteration gives keys and values in the order in which the keys came in. What is deleted, evicted
 * or expires meanwhile is not shown; setting a new key ends it with LAIR_ERR_CHANGED. What leaves a
 * cache is dropped when the cache is in order again: destructors may use it. */

LAIR_API lair_status lair_cache_set(lair_object *cache, lair_object *key, lair_object *value);

/* *value: a new reference, or NULL: not there, which is no error. Counts as a use. */
LAIR_API lair_status lair_cache_find(lair_object *cache, lair_object *key, lair_object **value);

/* The value of key: a new reference. When it is missing it is made by make, which may use the
 * cache, and set; make gives a new reference, or NULL: then nothing is set. Without make, what is
 * missing is LAIR_ERR_KEY. */
typedef lair_object *(*lair_cache_make)(lair_object *key, void *arg);
LAIR_API lair_object *lair_cache_get(lair_object *cache, lair_object *key, lair_cache_make make,
                                     void *arg);

/* was_there may be NULL. */
LAIR_API lair_status lair_cache_delete(lair_object *cache, lair_object *key, bool *was_there);

/* Drops all entries; the statistics go on. */
LAIR_API lair_status lair_cache_clear(lair_object *cache);

LAIR_API lair_status lair_cache_get_stats(lair_object *cache, lair_cache_stats *stats);

/* -- object pool ----------------------------------------------------------------------------- */

/* make gives a new object when no idle one is there: one that can be referred to weakly, which is
 * how the pool knows its own (else LAIR_ERR_TYPE), and that it has not made before. reset (may be
 * NULL) prepares an object that comes back for its next use, and false says it is of no more use.
 * bound: idle objects kept at most. An object that was taken may as well be dropped. */
typedef struct lair_pool_spec {
    lair_object *(*make)(lair_heap *heap, void *arg);
    bool (*reset)(lair_object *object, void *arg);
    void *arg;
    size_t bound;
} lair_pool_spec;

typedef struct lair_pool_stats {
    uint64_t made, reused; /* taken: new, or from the idle ones */
    uint64_t returned;     /* given back */
    uint64_t dropped;      /* ... of these, refused by reset, or beyond the bound */
    size_t idle;
    size_t in_use; /* taken, alive, and not given back */
    size_t bound;
} lair_pool_stats;

/* spec is copied. The idle objects go with the pool; those in use stay with their users. */
LAIR_API lair_object *lair_object_pool_new(lair_heap *heap, const lair_pool_spec *spec);

LAIR_API lair_object *lair_object_pool_take(lair_object *pool); /* a new reference */

/* Gives an object back, STEALING the reference. LAIR_ERR_INVALID: did not come from this pool, or
 * is back already; LAIR_ERR_BUSY: somebody else still refers to it, or reset took a reference. Then
 * the caller keeps it. */
LAIR_API lair_status lair_object_pool_give(lair_object *pool, lair_object *object);
LAIR_API lair_status lair_object_pool_get_stats(lair_object *pool, lair_pool_stats *stats);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_CACHE_H */

/* lru_cache.c: a cache that lets go of what was not used for longest. See cache.h. */
#include "builtin.h"
#include "cache.h"

lair_object *lair_lru_cache_new(lair_heap *heap, size_t capacity)
{
    if (heap != NULL && capacity == 0) {
        (void)lair_fail(LAIR_ERR_INVALID, "an LRU cache needs a capacity");
        return NULL;
    }
    struct cache *made = cache_make(heap, LAIR_KIND_LRU_CACHE, capacity);
    return made != NULL ? &made->object : NULL;
}

const lair_type_spec lru_cache_spec = {
    .name = "LRU cache",
    CACHE_DESCRIPTION,
};

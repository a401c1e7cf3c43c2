/* ttl_cache.c: a cache whose entries live for a time. See cache.h. */
#include "builtin.h"
#include "cache.h"
#include "os/os.h"

static uint64_t monotonic_ms(void *arg)
{
    (void)arg;
    return os_coarse_ms();
}

lair_object *lair_ttl_cache_new(lair_heap *heap, size_t capacity, uint64_t ttl_ms, lair_clock clock,
                                void *arg)
{
    if (heap != NULL && ttl_ms == 0) {
        (void)lair_fail(LAIR_ERR_INVALID, "a TTL cache needs a time for its entries to live");
        return NULL;
    }
    struct cache *made = cache_make(heap, LAIR_KIND_TTL_CACHE, capacity);
    if (made == NULL)
        return NULL;
    made->ttl_ms = ttl_ms;
    made->clock = clock != NULL ? clock : monotonic_ms;
    made->clock_arg = arg;
    return &made->object;
}

size_t lair_ttl_cache_expire(lair_object *self)
{
    if (!expect(self, LAIR_KIND_TTL_CACHE))
        return 0;
    LAIR_SCOPED lair_object *holds_cache = lair_incref(self);
    return cache_expire(cache_of(self));
}

const lair_type_spec ttl_cache_spec = {
    .name = "TTL cache",
    CACHE_DESCRIPTION,
};

/* walk.c: every live block, and whether an address is one. */
#include "internal.h"

/* Calls visit for the live blocks of one pool. */
static bool pool_walk(lair_heap *heap, const struct region *region, const struct pool *pool,
                      lair_heap_visit visit, void *arg)
{
    const size_class_info *info = &heap->info[pool->size_class];
    for (uint32_t i = 0; i < info->capacity; i++) {
        void *block = pool->base + (size_t)i * info->bytes;
        if (pool_is_free(pool, block))
            continue;
        size_t size = heap->off & OFF_HARDENED ? harden_usable(heap, region, block) : info->bytes;
        if (!visit(block, size, arg))
            return false;
    }
    return true;
}

static bool spans_walk(lair_heap *heap, const struct region *region, lair_heap_visit visit,
                       void *arg)
{
    bool more = true;
    for (size_t page = 0; more && page < region->committed;) {
        /* The helper joins free spans meanwhile, so step from span to span under the lock. */
        pthread_mutex_lock(&heap->lock);
        const struct span *span = region->spans[page];
        bool live = span->state == SPAN_LIVE;
        void *block = span_base(span);
        page = span->first + span->pages;
        pthread_mutex_unlock(&heap->lock);
        if (live)
            more = visit(block, lair_heap_usable_size(heap, block), arg);
    }
    return more;
}

static bool regions_walk(lair_heap *heap, lair_heap_visit visit, void *arg)
{
    for (int kind = 0; kind < ZONE_SPAN; kind++)
        for (struct region *region = heap->zones[kind].regions; region; region = region->next)
            for (size_t page = 0; page < region->frontier; page++)
                if (region->pools[page].state != POOL_FREE && region->pools[page].used != 0 &&
                    !pool_walk(heap, region, &region->pools[page], visit, arg))
                    return false;
    for (struct region *region = heap->zones[ZONE_SPAN].regions; region; region = region->next)
        if (!spans_walk(heap, region, visit, arg))
            return false;
    return true;
}

lair_status lair_heap_walk(lair_heap *heap, lair_heap_visit visit, void *arg)
{
    if (heap->walking == 0)
        remote_drain(heap);
    front_cache_off(heap, OFF_WALK);
    heap->walking++;
    (void)regions_walk(heap, visit, arg);
    if (--heap->walking == 0)
        front_cache_on(heap, OFF_WALK);
    return LAIR_OK;
}

bool lair_heap_is_live(lair_heap *heap, const void *address)
{
    struct region *region = region_holding(heap, address);
    if (region == NULL)
        return false;
    unsigned size_class = region_class(region, address);
    if (size_class == CLASS_NONE)
        return false;
    if (size_class == CLASS_SPAN)
        return span_base(span_at(region, address)) == address;
    const struct pool *pool = pool_of(region, address);
    const size_class_info *info = &heap->info[size_class];
    size_t offset = (size_t)((const char *)address - pool->base);
    if (offset % info->bytes != 0 || offset >= pool_end(info))
        return false;
    const struct bin *bin = &heap->bins[size_class];
    for (size_t i = 0; i < bin_count(bin); i++)
        if (bin->slot[i] == address)
            return false;
    return !pool_is_free(pool, address);
}

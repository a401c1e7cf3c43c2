/* check.c: verifies every structure of a heap. Each function checks what its name says and reports
 * the first damage; lair_heap_check at the end is the driver.
 */
#include "internal.h"

#define DAMAGE(...) (lair_fail(LAIR_ERR_CORRUPT, __VA_ARGS__), false)

static bool bit(const uint64_t *map, size_t i)
{
    return (map[i / 64] >> (i % 64) & 1) != 0;
}

/* -- pools ----------------------------------------------------------------------------------- */

static bool check_pool_count(const lair_heap *heap, const struct pool *pool)
{
    const size_class_info *info = &heap->info[pool->size_class];
    size_t free_blocks = 0;
    for (size_t word = 0; word < (info->capacity + 63) / 64; word++)
        free_blocks += popcount64(pool->free[word]);
    if (pool->used + free_blocks != info->capacity)
        return DAMAGE("pool %p of %u-byte blocks: %u used and %zu free of %u", (void *)pool->base,
                      info->bytes, pool->used, free_blocks, info->capacity);
    if (info->capacity % 64 != 0 && pool->free[info->capacity / 64] >> (info->capacity % 64) != 0)
        return DAMAGE("pool %p of %u-byte blocks: free blocks beyond the %u there are",
                      (void *)pool->base, info->bytes, info->capacity);
    return true;
}

/* Every block that touches a hollow page is free. */
static bool check_hollow(const lair_heap *heap, const struct pool *pool)
{
    const size_class_info *info = &heap->info[pool->size_class];
    for (uint32_t left = pool->hollow; left != 0; left &= left - 1) {
        uint32_t i, last;
        for (page_blocks(heap, info, ctz64(left), &i, &last); i <= last; i++)
            if (!bit(pool->free, i))
                return DAMAGE("pool %p of %u-byte blocks: block %u is used, but its page is hollow",
                              (void *)pool->base, info->bytes, i);
    }
    return true;
}

static bool check_pool_state(const lair_heap *heap, const struct pool *pool)
{
    const size_class_info *info = &heap->info[pool->size_class];
    bool current = heap->current[pool->size_class] == pool;
    bool full = pool->used == info->capacity;
    if (current != (pool->state == POOL_CURRENT))
        return DAMAGE("pool %p: state %u, but current is %d", (void *)pool->base, pool->state,
                      current);
    if (pool->state == POOL_FULL && (!full || pool->trigger != info->capacity - 1))
        return DAMAGE("pool %p: full with %u of %u blocks used, trigger %u", (void *)pool->base,
                      pool->used, info->capacity, pool->trigger);
    bool low = pool->trigger != 0 && pool->used <= pool->trigger;
    if (pool->state == POOL_PARTIAL && (full || pool->used == 0 || low))
        return DAMAGE("pool %p: partial with %u of %u blocks used, trigger %u", (void *)pool->base,
                      pool->used, info->capacity, pool->trigger);
    return true;
}

/* Live blocks of a hardened heap carry whole guards, free ones the whole fill. (None is in a bin:
 * the front cache is off.) */
static bool check_guards(lair_heap *heap, struct region *region, const struct pool *pool)
{
    if ((heap->off & OFF_HARDENED) == 0)
        return true;
    const size_class_info *info = &heap->info[pool->size_class];
    for (uint32_t i = 0; i < info->capacity; i++) {
        void *block = pool->base + (size_t)i * info->bytes;
        const char *fault = bit(pool->free, i) ? harden_fault_of_free(heap, block, info->bytes)
                                               : harden_fault_of(heap, region, block);
        if (fault != NULL)
            return DAMAGE("block %p of %u bytes: %s", block, info->bytes, fault);
    }
    return true;
}

static bool check_page(lair_heap *heap, struct region *region, size_t page)
{
    const struct pool *pool = &region->pools[page];
    bool is_free = bit(region->free_map, page);
    char *base = region->base + (page << region->page_shift);
    if (is_free != (pool->state == POOL_FREE))
        return DAMAGE("page %p: free map says %d, pool state %u", (void *)base, is_free,
                      pool->state);
    if (bit(region->dirty_map, page) && !is_free)
        return DAMAGE("page %p is dirty but not free", (void *)base);
    if (is_free && !bit(region->summary, page / 64))
        return DAMAGE("page %p is free but its summary bit is not set", (void *)base);
    if (region_class(region, base) != pool->size_class)
        return DAMAGE("page %p: class map says %u, pool %u", (void *)base,
                      region_class(region, base), pool->size_class);
    if (is_free)
        return true;
    if (pool->base != base + heap->info[pool->size_class].lead)
        return DAMAGE("page %p: its pool has base %p", (void *)base, (void *)pool->base);
    return check_pool_count(heap, pool) && check_hollow(heap, pool) &&
           check_pool_state(heap, pool) && check_guards(heap, region, pool);
}

static bool check_pool_zone(lair_heap *heap, int kind)
{
    const struct zone *zone = &heap->zones[kind];
    size_t dirty = 0;
    for (struct region *region = zone->regions; region != NULL; region = region->next) {
        size_t in_use = 0;
        for (size_t page = 0; page < region->frontier; page++) {
            if (!check_page(heap, region, page))
                return false;
            in_use += !bit(region->free_map, page);
            dirty += bit(region->dirty_map, page);
        }
        if (in_use != region->in_use || region->frontier > region->committed)
            return DAMAGE("region %p: %zu pages in use, counted %zu; frontier %zu of %zu committed",
                          (void *)region->base, in_use, region->in_use, region->frontier,
                          region->committed);
        if (in_use < region->pages && !region->open)
            return DAMAGE("region %p has free pages but is not open", (void *)region->base);
    }
    if (dirty << zone->page_shift != zone->dirty)
        return DAMAGE("zone %d: %zu dirty bytes, counted %zu", kind, dirty << zone->page_shift,
                      zone->dirty);
    return true;
}

/* -- classes --------------------------------------------------------------------------------- */

/* Nodes of an address heap, each below its children. SIZE_MAX: damaged. */
static size_t count_partial(const lair_heap *heap, unsigned size_class)
{
    size_t count = 0;
    const address_node *node = heap->partial[size_class];
    while (node != NULL) {
        const struct pool *pool = (const struct pool *)(const void *)node;
        if (pool->state != POOL_PARTIAL || pool->size_class != size_class)
            return SIZE_MAX;
        count++;
        if (node->child != NULL) {
            if (node->child < node || node->child->prev != node)
                return SIZE_MAX;
            node = node->child;
            continue;
        }
        while (node != NULL && node->next == NULL) {
            /* Up: the first sibling's prev is the parent. */
            while (node->prev != NULL && node->prev->child != node)
                node = node->prev;
            node = node->prev;
        }
        if (node != NULL)
            node = node->next;
    }
    return count;
}

static bool check_partial(const lair_heap *heap)
{
    size_t counts[CLASS_MAX] = {0};
    for (int kind = 0; kind < ZONE_SPAN; kind++)
        for (struct region *region = heap->zones[kind].regions; region; region = region->next)
            for (size_t page = 0; page < region->frontier; page++)
                if (region->pools[page].state == POOL_PARTIAL)
                    counts[region->pools[page].size_class]++;
    for (unsigned size_class = CLASS_FIRST; size_class < heap->class_end; size_class++) {
        size_t count = count_partial(heap, size_class);
        if (count != counts[size_class])
            return DAMAGE("class of %u bytes: %zu partial pools, %zu in its heap",
                          heap->info[size_class].bytes, counts[size_class], count);
    }
    return true;
}

static bool check_sparse(const lair_heap *heap)
{
    size_t unswept = 0;
    for (unsigned size_class = CLASS_FIRST; size_class < heap->class_end; size_class++) {
        const address_node *before = NULL;
        const struct pool *pool = heap->sparse[size_class];
        for (; pool != NULL; pool = (const struct pool *)(const void *)pool->node.next) {
            if (pool->state != POOL_SPARSE || pool->size_class != size_class ||
                pool->node.prev != before)
                return DAMAGE("class of %u bytes: pool %p does not belong on the sparse list",
                              heap->info[size_class].bytes, (const void *)pool->base);
            unswept += !pool->swept;
            before = &pool->node;
        }
    }
    if (unswept != heap->unswept)
        return DAMAGE("%zu sparse pools not swept, counted %zu", unswept, heap->unswept);
    return true;
}

static bool check_bins(const lair_heap *heap)
{
    for (unsigned size_class = CLASS_FIRST; size_class < heap->class_end; size_class++) {
        const struct bin *bin = &heap->bins[size_class];
        size_t count = bin_count(bin);
        if (count > heap->info[size_class].front_cap || (heap->off != 0 && count != 0))
            return DAMAGE("bin of %u bytes holds %zu blocks", heap->info[size_class].bytes, count);
        for (size_t i = 0; i < count; i++) {
            const struct region *region = region_find(heap, bin->slot[i]);
            if (region == NULL || region_class(region, bin->slot[i]) != size_class)
                return DAMAGE("bin of %u bytes holds %p, which is no block of its class",
                              heap->info[size_class].bytes, bin->slot[i]);
        }
    }
    return true;
}

/* -- spans ----------------------------------------------------------------------------------- */

typedef struct span_sums {
    size_t live, live_pages, dirty_pages, free_spans;
} span_sums;

static bool check_span_region(lair_heap *heap, struct region *region, span_sums *sums)
{
    const struct span *before = NULL;
    for (size_t page = 0; page < region->committed;) {
        const struct span *span = region->spans[page];
        if (span == NULL || span->first != page || span->region != region || span->pages == 0 ||
            page + span->pages > region->committed || region->spans[page + span->pages - 1] != span)
            return DAMAGE("span at page %zu of region %p is damaged", page, (void *)region->base);
        bool live = span->state == SPAN_LIVE;
        if (before != NULL && !live && before->state == span->state)
            return DAMAGE("free spans at %p and %p stand side by side", (void *)span_base(before),
                          (void *)span_base(span));
        if (region_class(region, span_base(span)) != (live ? CLASS_SPAN : CLASS_NONE))
            return DAMAGE("span %p: state %u, class map %u", (void *)span_base(span), span->state,
                          region_class(region, span_base(span)));
        if (live && (heap->off & OFF_HARDENED)) {
            const char *fault = harden_fault_of(heap, region, span_base(span));
            if (fault != NULL)
                return DAMAGE("block %p of %zu bytes: %s", (void *)span_base(span),
                              span_bytes(span), fault);
        }
        sums->live += live;
        sums->live_pages += live ? span->pages : 0;
        sums->dirty_pages += span->state == SPAN_DIRTY ? span->pages : 0;
        sums->free_spans += !live;
        before = span;
        page += span->pages;
    }
    return true;
}

static bool check_spans(lair_heap *heap)
{
    const struct zone *zone = &heap->zones[ZONE_SPAN];
    span_sums sums = {0};
    for (struct region *region = zone->regions; region != NULL; region = region->next)
        if (!check_span_region(heap, region, &sums))
            return false;
    size_t binned = 0;
    for (int state = 0; state < 2; state++)
        for (unsigned i = 0; i < SPAN_BINS; i++) {
            if ((heap->span_bins[state][i] != NULL) != bit(heap->span_bin_map[state], i))
                return DAMAGE("bin %u of free spans and its bit disagree", i);
            for (struct span *span = heap->span_bins[state][i]; span != NULL; span = span->next)
                binned += (span->state == SPAN_CLEAN) == state && span->state != SPAN_LIVE;
        }
    if (binned != sums.free_spans || sums.live != heap->spans_live ||
        sums.live_pages != heap->span_live_pages ||
        sums.dirty_pages << zone->page_shift != zone->dirty)
        return DAMAGE("spans: %zu of %zu free in bins; %zu live, counted %zu; dirty %zu pages, %zu "
                      "bytes counted",
                      binned, sums.free_spans, sums.live, heap->spans_live, sums.dirty_pages,
                      zone->dirty);
    return true;
}

/* -- the books ------------------------------------------------------------------------------- */

static bool check_books(lair_heap *heap)
{
    lair_ledger ledger;
    ledger_read(heap, &ledger);
    size_t sum =
        ledger.live + ledger.free_in_pools + ledger.cached + ledger.purged + ledger.overhead;
    if (ledger.committed != sum)
        return DAMAGE("the ledger's parts make %zu bytes of %zu committed", sum, ledger.committed);
    if (ledger.footprint != ledger.committed - ledger.purged + ledger.charged)
        return DAMAGE("the footprint is %zu bytes, the ledger says %zu", ledger.footprint,
                      ledger.committed - ledger.purged + ledger.charged);
    return true;
}

/* Read this first. Structures that the helper changes are checked under the lock. */
lair_status lair_heap_check(lair_heap *heap)
{
    remote_drain(heap);
    pthread_mutex_lock(&heap->lock);
    bool sound = check_pool_zone(heap, ZONE_SMALL) && check_pool_zone(heap, ZONE_MEDIUM) &&
                 check_partial(heap) && check_sparse(heap) && check_bins(heap) && check_spans(heap);
    pthread_mutex_unlock(&heap->lock);
    return sound && check_books(heap) ? LAIR_OK : LAIR_ERR_CORRUPT;
}

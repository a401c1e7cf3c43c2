/* ledger.c: the books. Where every committed byte is, by the heap's own counts and as the system
 * sees it, and the same by size class.
 */
#include <string.h>

#include "internal.h"

/* -- by the heap's counts -------------------------------------------------------------------- */

/* Blocks in the front cache, and their bytes: free, though their pools count them as used. */
static void front_cache_sum(const lair_heap *heap, size_t *blocks, size_t *bytes)
{
    *blocks = *bytes = 0;
    for (unsigned size_class = CLASS_FIRST; size_class < heap->class_end; size_class++) {
        *blocks += bin_count(&heap->bins[size_class]);
        *bytes += bin_count(&heap->bins[size_class]) * heap->info[size_class].bytes;
    }
}

static void ledger_add_pool(const lair_heap *heap, const struct pool *pool, size_t page_bytes,
                            lair_ledger *ledger)
{
    const size_class_info *info = &heap->info[pool->size_class];
    /* Blocks that touch hollow pages are free, and take no less room than those. */
    size_t hollow = pool->hollow == 0 ? 0 : popcount64(pool->hollow) * heap->system_page;
    ledger->blocks += pool->used;
    ledger->live += (size_t)pool->used * info->bytes;
    ledger->free_in_pools += (size_t)(info->capacity - pool->used) * info->bytes - hollow;
    ledger->purged += hollow;
    ledger->overhead += page_bytes - pool_end(info);
}

/* Reads the books; the owner's thread, which may hold no lock. */
void ledger_read(lair_heap *heap, lair_ledger *ledger)
{
    memset(ledger, 0, sizeof(*ledger));
    pthread_mutex_lock(&heap->lock);
    for (int kind = 0; kind < ZONE_COUNT; kind++) {
        const struct zone *zone = &heap->zones[kind];
        size_t page_bytes = (size_t)1 << zone->page_shift;
        size_t committed = 0;
        size_t in_use = 0;
        size_t pools = 0;
        for (const struct region *region = zone->regions; region != NULL; region = region->next) {
            committed += region->committed;
            in_use += region->in_use;
            for (size_t page = 0; kind != ZONE_SPAN && page < region->frontier; page++)
                if (region->pools[page].state != POOL_FREE) {
                    ledger_add_pool(heap, &region->pools[page], page_bytes, ledger);
                    pools++;
                }
        }
        if (kind == ZONE_SPAN)
            in_use = pools = heap->span_live_pages;
        ledger->committed += committed * page_bytes;
        ledger->cached += zone->dirty + (in_use - pools) * page_bytes; /* taken for the reserve */
        ledger->purged += (committed - in_use) * page_bytes - zone->dirty;
    }
    ledger->live += heap->span_live_pages << heap->zones[ZONE_SPAN].page_shift;
    ledger->blocks += heap->spans_live;
    ledger->overhead += heap->meta_bytes;
    ledger->committed += heap->meta_bytes;
    ledger->charged = (size_t)atomic_load_explicit(&heap->charged, memory_order_relaxed);
    ledger->footprint = lair_heap_footprint(heap);
    pthread_mutex_unlock(&heap->lock);

    size_t blocks;
    size_t bytes;
    front_cache_sum(heap, &blocks, &bytes);
    ledger->blocks -= blocks;
    ledger->live -= bytes;
    ledger->free_in_pools += bytes;
}

void lair_heap_ledger(lair_heap *heap, lair_ledger *ledger)
{
    remote_drain(heap);
    ledger_read(heap, ledger);
}

void lair_heap_peak(lair_heap *heap, lair_ledger *ledger)
{
    if (heap->peak.committed == 0)
        ledger_read(heap, &heap->peak);
    *ledger = heap->peak;
    ledger->footprint = atomic_load_explicit(&heap->peak_footprint, memory_order_relaxed);
}

/* -- as the system sees it ------------------------------------------------------------------- */

enum { SYSTEM_PAGES_MAX = ARENA_BYTES / 4096 };

typedef struct residency_sum {
    lair_residency *sum;
    size_t system_page;
    bool failed;
} residency_sum;

/* Bytes of [first, first + count) system pages that are resident. */
static size_t resident_bytes(const unsigned char *resident, size_t first, size_t count, size_t page)
{
    size_t bytes = 0;
    for (size_t i = first; i < first + count; i++)
        bytes += resident[i] != 0 ? page : 0;
    return bytes;
}

static void residency_add_pool(const lair_heap *heap, const struct pool *pool, size_t bytes,
                               lair_residency *sum)
{
    if (pool->state == POOL_FREE) {
        sum->cached += bytes;
        return;
    }
    const size_class_info *info = &heap->info[pool->size_class];
    size_t live = (size_t)pool->used * info->bytes;
    size_t unused = pool_end(info) - live - popcount64(pool->hollow) * heap->system_page;
    live = live < bytes ? live : bytes;
    unused = unused < bytes - live ? unused : bytes - live;
    sum->live += live;
    sum->free_in_pools += unused;
    sum->overhead += bytes - live - unused;
}

static bool residency_of_pools(const lair_heap *heap, const struct region *region,
                               lair_residency *sum)
{
    unsigned char resident[SYSTEM_PAGES_MAX];
    size_t each = ((size_t)1 << region->page_shift) / heap->system_page;
    size_t pages = ARENA_BYTES >> region->page_shift;
    for (size_t first = 0; first < region->committed; first += pages) {
        if (!os_resident(region->base + (first << region->page_shift), ARENA_BYTES, resident))
            return false;
        for (size_t i = 0; i < pages; i++)
            residency_add_pool(heap, &region->pools[first + i],
                               resident_bytes(resident, i * each, each, heap->system_page), sum);
    }
    return true;
}

/* Locked: the helper joins free spans. */
static bool residency_of_spans(const lair_heap *heap, const struct region *region,
                               lair_residency *sum)
{
    unsigned char resident[SYSTEM_PAGES_MAX];
    size_t pages = ARENA_BYTES >> region->page_shift;
    const struct span *span = region->committed == 0 ? NULL : region->spans[0];
    for (size_t first = 0; first < region->committed; first += pages) {
        if (!os_resident(region->base + (first << region->page_shift), ARENA_BYTES, resident))
            return false;
        for (size_t page = first; page < first + pages; page++) {
            if (page == span->first + span->pages)
                span = region->spans[page];
            size_t bytes = resident[page - first] != 0 ? heap->system_page : 0;
            if (span->state == SPAN_LIVE)
                sum->live += bytes;
            else
                sum->cached += bytes;
        }
    }
    return true;
}

static void residency_of_range(const void *address, size_t bytes, void *arg)
{
    residency_sum *total = arg;
    unsigned char resident[SYSTEM_PAGES_MAX];
    for (size_t done = 0; done < bytes;) {
        size_t step = bytes - done < ARENA_BYTES ? bytes - done : ARENA_BYTES;
        if (!os_resident((const char *)address + done, step, resident))
            total->failed = true;
        else
            total->sum->overhead +=
                resident_bytes(resident, 0, step / total->system_page, total->system_page);
        done += step;
    }
}

lair_status lair_heap_residency(lair_heap *heap, lair_residency *residency)
{
    lair_residency sum = {0};
    residency_sum ranges = {.sum = &sum, .system_page = heap->system_page};
    remote_drain(heap);
    pthread_mutex_lock(&heap->lock);
    for (int kind = 0; kind < ZONE_COUNT && !ranges.failed; kind++)
        for (struct region *region = heap->zones[kind].regions; region; region = region->next)
            ranges.failed |= !(kind == ZONE_SPAN ? residency_of_spans(heap, region, &sum)
                                                 : residency_of_pools(heap, region, &sum));
    residency_of_range(heap, heap->mapped_bytes, &ranges);
    regions_each_side(heap, residency_of_range, &ranges);
    meta_each(heap, residency_of_range, &ranges);
    pthread_mutex_unlock(&heap->lock);
    if (ranges.failed)
        return lair_fail(LAIR_ERR_UNSUPPORTED, "the system does not tell which pages are resident");

    size_t blocks;
    size_t bytes;
    front_cache_sum(heap, &blocks, &bytes);
    bytes = bytes < sum.live ? bytes : sum.live;
    sum.live -= bytes;
    sum.free_in_pools += bytes;
    sum.resident = sum.live + sum.free_in_pools + sum.cached + sum.overhead;
    *residency = sum;
    return LAIR_OK;
}

/* -- by size class --------------------------------------------------------------------------- */

static void class_add_pool(const size_class_info *info, const struct pool *pool,
                           lair_heap_class *entry)
{
    size_t tenth = (size_t)pool->used * 10 / info->capacity;
    entry->pools++;
    entry->pools_full += pool->used == info->capacity;
    entry->blocks += pool->used;
    entry->capacity += info->capacity;
    entry->fill[tenth < 10 ? tenth : 9]++;
}

size_t lair_heap_class_stats(lair_heap *heap, lair_heap_class *classes, size_t count)
{
    size_t class_count = heap->class_end - CLASS_FIRST + 1;
    if (classes == NULL || count == 0)
        return class_count;
    lair_heap_class sums[CLASS_MAX] = {{0}};
    remote_drain(heap);
    for (int kind = 0; kind < ZONE_SPAN; kind++) {
        const struct region *region = heap->zones[kind].regions;
        for (; region != NULL; region = region->next)
            for (size_t page = 0; page < region->frontier; page++) {
                const struct pool *pool = &region->pools[page];
                if (pool->state != POOL_FREE)
                    class_add_pool(&heap->info[pool->size_class], pool,
                                   &sums[pool->size_class - CLASS_FIRST]);
            }
    }
    for (size_t i = 0; i < class_count - 1; i++) {
        unsigned size_class = CLASS_FIRST + (unsigned)i;
        sums[i].block_bytes = heap->info[size_class].bytes;
        sums[i].pool_bytes = (size_t)1 << heap->zones[heap->info[size_class].zone].page_shift;
        sums[i].blocks -= bin_count(&heap->bins[size_class]);
        sums[i].live_bytes = sums[i].blocks * sums[i].block_bytes;
    }
    lair_heap_class *spans = &sums[class_count - 1];
    spans->pools = spans->pools_full = spans->blocks = spans->capacity = heap->spans_live;
    spans->live_bytes = heap->span_live_pages << heap->zones[ZONE_SPAN].page_shift;
    spans->fill[9] = heap->spans_live;
    memcpy(classes, sums, (count < class_count ? count : class_count) * sizeof(*classes));
    return class_count;
}

void lair_heap_get_stats(lair_heap *heap, lair_heap_stats *stats)
{
    memset(stats, 0, sizeof(*stats));
    lair_heap_ledger(heap, &stats->ledger);
    pthread_mutex_lock(&heap->lock);
    for (int kind = 0; kind < ZONE_COUNT; kind++)
        for (struct region *region = heap->zones[kind].regions; region; region = region->next)
            stats->arenas += region->committed >> (ARENA_SHIFT - region->page_shift);
    stats->peak_footprint = atomic_load_explicit(&heap->peak_footprint, memory_order_relaxed);
    stats->limit = heap->hard;
    stats->soft_limit = heap->soft;
    stats->refused = heap->refused;
    stats->soft_events = heap->soft_events;
    stats->pools_acquired = heap->pools_acquired;
    stats->pools_released = heap->pools_released;
    stats->spans_acquired = heap->spans_acquired;
    stats->spans_released = heap->spans_released;
    stats->spans_moved = heap->spans_moved;
    stats->purges = heap->purges;
    stats->purged_bytes = heap->purged_bytes;
    stats->purge_ns = heap->purge_ns;
    stats->reserved = heap->extent != 0;
    stats->huge_pages = heap->huge_on;
    stats->class_count = heap->class_end - CLASS_FIRST + 1;
    pthread_mutex_unlock(&heap->lock);
}

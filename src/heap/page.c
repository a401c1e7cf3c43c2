/* page.c: whole pages of the pool zones, lowest address first.
 *
 * Each region keeps two bitmaps over its pages: free, and free with memory behind it (dirty). A
 * pool gets a page from the lowest word of the free map that has one, a dirty one if that word
 * has one, so that the heap stays dense at low addresses and high arenas empty out.
 */
#include "internal.h"

static void bit_set(uint64_t *map, size_t i)
{
    map[i / 64] |= (uint64_t)1 << (i % 64);
}

static void bit_clear(uint64_t *map, size_t i)
{
    map[i / 64] &= ~((uint64_t)1 << (i % 64));
}

/* Takes page off the free map. */
static void page_claim(struct region *region, size_t page)
{
    bit_clear(region->free_map, page);
    bit_clear(region->dirty_map, page);
    if (region->free_map[page / 64] == 0)
        bit_clear(region->summary, page / 64);
    region->in_use++;
}

/* The lowest word of the free map that is not zero, or SIZE_MAX. */
static size_t lowest_free_word(struct region *region)
{
    size_t end = (region->frontier + 4095) / 4096;
    while (region->hint < end && region->summary[region->hint] == 0)
        region->hint++;
    if (region->hint >= end)
        return SIZE_MAX;
    return region->hint * 64 + ctz64(region->summary[region->hint]);
}

static bool take_dirty(struct region *region, size_t *page)
{
    for (size_t word = 0; word < (region->frontier + 63) / 64; word++) {
        if (region->dirty_map[word] != 0) {
            *page = word * 64 + ctz64(region->dirty_map[word]);
            return true;
        }
    }
    return false;
}

typedef enum page_kind { PAGE_NONE, PAGE_DIRTY, PAGE_CLEAN } page_kind;

/* Finds and claims a page of the region. */
static page_kind region_take(struct region *region, bool allow_clean, size_t *page)
{
    size_t word = lowest_free_word(region);
    if (word != SIZE_MAX) {
        uint64_t dirty = region->dirty_map[word];
        if (dirty != 0 || allow_clean) {
            *page = word * 64 + ctz64(dirty != 0 ? dirty : region->free_map[word]);
            page_claim(region, *page);
            return dirty != 0 ? PAGE_DIRTY : PAGE_CLEAN;
        }
        if (take_dirty(region, page)) {
            page_claim(region, *page);
            return PAGE_DIRTY;
        }
        return PAGE_NONE;
    }
    if (!allow_clean || region->frontier == region->pages)
        return PAGE_NONE;
    if (region->frontier == region->committed && !region_commit(region, region->frontier + 1))
        return PAGE_NONE;
    *page = region->frontier++;
    region->in_use++;
    return PAGE_CLEAN;
}

/* Whether any page of the region is free or yet to be committed. */
static bool region_has_page(struct region *region)
{
    return region->in_use < region->pages;
}

/* Locked. */
static struct pool *zone_take(lair_heap *heap, zone_kind kind, bool allow_clean)
{
    struct zone *zone = &heap->zones[kind];
    size_t bytes = (size_t)1 << zone->page_shift;
    bool added = false;
    for (;;) {
        for (struct region *region = zone->open; region != NULL; region = zone->open) {
            size_t page;
            page_kind found = region_take(region, allow_clean, &page);
            if (found != PAGE_NONE) {
                if (found == PAGE_DIRTY) {
                    zone->dirty -= bytes;
                    zone->low = zone->dirty < zone->low ? zone->dirty : zone->low;
                } else {
                    footprint_add(heap, (ptrdiff_t)bytes);
                }
                heap->pools_acquired++;
                heap->activity++;
                struct pool *pool = &region->pools[page];
                pool->base = region->base + (page << region->page_shift);
                return pool;
            }
            if (region_has_page(region))
                break;
            zone->open = region->next_open;
            region->open = false;
        }
        if (!allow_clean || added || region_add(heap, kind, 1) == NULL)
            return NULL;
        added = true;
    }
}

/* Locked. A page and the map of its blocks. */
static struct pool *page_take(lair_heap *heap, zone_kind kind, size_t blocks, bool allow_clean)
{
    heap->growth = (size_t)1 << heap->zones[kind].page_shift;
    heap->meta_refused = false;
    uint64_t *map = NULL;
    if (blocks != 0 && (map = meta_alloc(heap, block_map_bytes(blocks))) == NULL)
        return NULL;
    struct pool *pool = zone_take(heap, kind, allow_clean);
    if (pool != NULL)
        pool->free = map;
    else
        meta_free(heap, map, block_map_bytes(blocks));
    return pool;
}

struct pool *page_acquire(lair_heap *heap, zone_kind kind, size_t blocks)
{
    size_t bytes = (size_t)1 << heap->zones[kind].page_shift;
    bool quiet = limit_quiet(heap, bytes);
    pthread_mutex_lock(&heap->lock);
    decay_step(heap);
    struct pool *pool = page_take(heap, kind, blocks, quiet);
    pthread_mutex_unlock(&heap->lock);
    if (pool != NULL)
        return pool;
    if (!quiet) {
        if (!limit_admit(heap, bytes))
            return NULL;
        pthread_mutex_lock(&heap->lock);
        pool = page_take(heap, kind, blocks, true);
        pthread_mutex_unlock(&heap->lock);
    }
    if (pool == NULL && !heap->meta_refused)
        (void)lair_fail(LAIR_ERR_NO_MEMORY, "the system refused memory for a pool of %zu bytes",
                        bytes);
    return pool;
}

void page_release(lair_heap *heap, zone_kind kind, struct pool *pool)
{
    struct zone *zone = &heap->zones[kind];
    struct region *region = region_find(heap, pool->base);
    size_t page = region_page(region, pool->base);
    size_t bytes = (size_t)1 << zone->page_shift;
    region_set_class(region, pool->base, bytes, CLASS_NONE);
    unsigned size_class = pool->size_class;
    pool->state = POOL_FREE;
    pool->size_class = CLASS_NONE;

    pthread_mutex_lock(&heap->lock);
    planes_drop_page(region, page, size_class);
    meta_free(heap, pool->free, block_map_bytes(heap->info[size_class].capacity));
    pool->free = NULL;
    bit_set(region->free_map, page);
    bit_set(region->summary, page / 64);
    if (page / 4096 < region->hint)
        region->hint = page / 4096;
    region->in_use--;
    if (!region->open) {
        region->open = true;
        region->next_open = zone->open;
        zone->open = region;
    }
    if (pool->hollow == 0) {
        bit_set(region->dirty_map, page);
        zone->dirty += bytes;
    } else { /* the rest of it goes back at once, so that no page is dirty in part */
        purge_range(heap, region, page, 1, false);
        footprint_add(heap, (ptrdiff_t)(popcount64(pool->hollow) * heap->system_page));
        pool->hollow = 0;
    }
    heap->pools_released++;
    heap->activity++;
    decay_step(heap);
    purge_excess(heap);
    idle_notice(heap);
    pthread_mutex_unlock(&heap->lock);
}

/* purge.c: memory goes back to the system.
 *
 * Free pages stay dirty for a while, because most are needed again soon. Every decay_ms a step
 * looks at the least that was dirty since the last one: that much was not needed, and is purged.
 * Dirty memory is also bounded by a share of the footprint. Within a zone high addresses go
 * first, and whole arenas before single pages: an arena that is backed by a huge page is worth
 * keeping whole.
 */
#include "internal.h"

enum {
    KEEP_BYTES = 2 << 20,   /* dirty bytes a step leaves a busy zone */
    BOUND_BYTES = 16 << 20, /* dirty memory may be this much ... */
    BOUND_SHARE = 8,        /* ... or this part of the footprint, if that is more */
    SWEEP_MS = 10,          /* rest of a sparse pool where pages go back at once */
    SWEEP_POOLS = 64,       /* sparse pools hollowed out in one go */
};

void purge_range(lair_heap *heap, struct region *region, size_t page, size_t pages, bool renew)
{
    char *base = region->base + (page << region->page_shift);
    size_t bytes = pages << region->page_shift;
    uint64_t start = os_now_ns();
    if (!renew || !os_renew(base, bytes))
        (void)os_purge(base, bytes);
    heap->purge_ns += os_now_ns() - start;
    heap->purges++;
    heap->purged_bytes += bytes;
    footprint_add(heap, -(ptrdiff_t)bytes);
}

/* -- pool zones ------------------------------------------------------------------------------ */

/* While an arena is purged in part, the system must not fill its holes to make a huge page again;
 * once it is wholly purged it may. */
static void arena_huge(struct region *region, size_t arena, bool on)
{
    uint64_t bit = (uint64_t)1 << (arena % 64);
    bool is_on = (region->huge[arena / 64] & bit) != 0;
    if (!region->heap->huge_on || is_on == on)
        return;
    os_advise_huge(region->base + arena * ARENA_BYTES, ARENA_BYTES, on);
    region->huge[arena / 64] ^= bit;
}

/* Purges the dirty pages of one arena, at most `most` bytes of them. */
static size_t arena_purge(struct region *region, size_t arena, size_t most)
{
    size_t count = ARENA_BYTES >> region->page_shift;
    size_t first = arena * count;
    size_t bytes = 0;
    for (size_t page = first; page < first + count && bytes < most;) {
        uint64_t word = region->dirty_map[page / 64] >> (page % 64);
        if (word == 0) {
            page = (page / 64 + 1) * 64;
            continue;
        }
        page += ctz64(word);
        if (page >= first + count)
            break;
        size_t end = page;
        while (end < first + count && (region->dirty_map[end / 64] >> (end % 64) & 1) != 0) {
            region->dirty_map[end / 64] &= ~((uint64_t)1 << (end % 64));
            end++;
        }
        purge_range(region->heap, region, page, end - page, false);
        bytes += (end - page) << region->page_shift;
        page = end;
    }
    return bytes;
}

/* Dirty pages of an arena, and whether all its pages are free or were never given out. */
static size_t arena_dirty(const struct region *region, size_t arena, bool *all_free)
{
    size_t count = ARENA_BYTES >> region->page_shift;
    size_t dirty = 0;
    *all_free = true;
    for (size_t page = arena * count; page < (arena + 1) * count; page++) {
        dirty += region->dirty_map[page / 64] >> (page % 64) & 1;
        if (page < region->frontier && (region->free_map[page / 64] >> (page % 64) & 1) == 0)
            *all_free = false;
    }
    return dirty;
}

/* No page of the arena is in use: what is kept beside it goes too. A free page's pool has nothing
 * to say that zero does not. It stays in the books, as it may come back without asking. */
static void arena_vacate(struct region *region, size_t arena)
{
    lair_heap *heap = region->heap;
    size_t bytes = (ARENA_BYTES >> region->page_shift) * sizeof(struct pool);
    size_t from = round_up(arena * bytes, heap->system_page);
    size_t to = round_down((arena + 1) * bytes, heap->system_page);
    if (from < to)
        (void)os_purge((char *)region->pools + from, to - from);
    if (heap->vacated != NULL && !heap->by_helper)
        heap->vacated(region->base + arena * ARENA_BYTES, ARENA_BYTES);
}

/* One pass over a region from its top: whole arenas only, or whatever is dirty. */
static size_t region_purge(struct region *region, bool whole, size_t most)
{
    size_t count = ARENA_BYTES >> region->page_shift;
    size_t bytes = 0;
    for (size_t arena = (region->frontier + count - 1) / count; arena-- > 0 && bytes < most;) {
        bool all_free;
        if (arena_dirty(region, arena, &all_free) == 0 || (whole && !all_free))
            continue;
        arena_huge(region, arena, all_free && region_may_be_huge(region, arena));
        bytes += arena_purge(region, arena, most - bytes);
        if (all_free)
            arena_vacate(region, arena);
    }
    return bytes;
}

/* Purges pool pages of a zone until at most keep bytes are dirty, at most `most` bytes. */
static size_t pools_purge(lair_heap *heap, zone_kind kind, size_t keep, size_t most)
{
    struct zone *zone = &heap->zones[kind];
    size_t bytes = 0;
    for (int whole = 1; whole >= 0 && zone->dirty > keep; whole--) {
        struct region *next;
        for (struct region *region = zone->regions; region != NULL && zone->dirty > keep;
             region = next) {
            next = region->next;
            size_t excess = zone->dirty - keep;
            size_t now =
                region_purge(region, whole != 0, excess < most - bytes ? excess : most - bytes);
            zone->dirty -= now;
            bytes += now;
            if (bytes >= most)
                return bytes;
        }
    }
    return bytes;
}

/* Whether no page of a region of one arena, or of one that was never committed, is dirty. */
static bool region_is_clean(const struct region *region)
{
    bool all_free;
    return region->committed == 0 || (region->pages == ARENA_BYTES >> region->page_shift &&
                                      arena_dirty(region, 0, &all_free) == 0);
}

/* Gives back the address space of empty clean regions outside the reserved range. Not under the
 * helper, because the owner walks regions without the lock. */
static void regions_retire(lair_heap *heap)
{
    if (heap->by_helper || heap->radix == NULL)
        return;
    for (int kind = 0; kind < ZONE_SPAN; kind++) {
        struct region *next;
        for (struct region *region = heap->zones[kind].regions; region != NULL; region = next) {
            next = region->next;
            if (!region->primary && region->in_use == 0 && region_is_clean(region))
                region_remove(region);
        }
    }
    spans_retire(heap);
}

/* -- all zones ------------------------------------------------------------------------------- */

/* Dirty bytes of a zone that the reserve of this heap does not hold back. */
static size_t reserve_of(const lair_heap *heap, int kind)
{
    size_t reserve = heap->options.reserve_bytes;
    if (kind != ZONE_SMALL || reserve == 0)
        return 0;
    size_t in_use = 0;
    for (const struct region *region = heap->zones[kind].regions; region != NULL;
         region = region->next)
        in_use += region->in_use << region->page_shift;
    return in_use < reserve ? reserve - in_use : 0;
}

static size_t zone_purge(lair_heap *heap, int kind, size_t keep, size_t most)
{
    size_t reserve = reserve_of(heap, kind);
    keep = keep > reserve ? keep : reserve;
    size_t bytes = kind == ZONE_SPAN ? spans_purge(heap, keep, most)
                                     : pools_purge(heap, (zone_kind)kind, keep, most);
    struct zone *zone = &heap->zones[kind];
    zone->low = zone->dirty < zone->low ? zone->dirty : zone->low;
    if (bytes != 0)
        regions_retire(heap);
    return bytes;
}

size_t purge_all(lair_heap *heap)
{
    size_t bytes = 0;
    for (int kind = 0; kind < ZONE_COUNT; kind++)
        bytes += zone_purge(heap, kind, 0, SIZE_MAX);
    regions_retire(heap);
    return bytes;
}

size_t purgeable_bytes(const lair_heap *heap)
{
    size_t reserve = reserve_of(heap, ZONE_SMALL);
    size_t small = heap->zones[ZONE_SMALL].dirty;
    return dirty_bytes(heap) - (small < reserve ? small : reserve) +
           (heap->unswept << heap->zones[ZONE_SMALL].page_shift);
}

void purge_excess(lair_heap *heap)
{
    if (heap->options.decay_ms == LAIR_DECAY_NEVER)
        return;
    size_t bound = 0;
    if (heap->options.decay_ms != LAIR_DECAY_AT_ONCE) {
        bound = atomic_load_explicit(&heap->footprint, memory_order_relaxed) / BOUND_SHARE;
        bound = bound > BOUND_BYTES ? bound : BOUND_BYTES;
    }
    size_t dirty = dirty_bytes(heap);
    if (dirty <= bound)
        return;
    for (int kind = ZONE_COUNT; kind-- > 0;) {
        size_t share = heap->zones[kind].dirty / 2;
        (void)zone_purge(heap, kind, bound == 0 ? 0 : share, SIZE_MAX);
    }
}

uint32_t decay_interval(const lair_heap *heap)
{
    return heap->options.decay_ms == LAIR_DECAY_AT_ONCE ? SWEEP_MS : heap->options.decay_ms;
}

static bool decay_due(lair_heap *heap)
{
    if (heap->options.decay_ms == LAIR_DECAY_NEVER ||
        (dirty_bytes(heap) == 0 && heap->unswept == 0))
        return false;
    uint64_t now = os_coarse_ms();
    if (now - heap->decay_last < decay_interval(heap))
        return false;
    heap->decay_last = now;
    return true;
}

void decay_step(lair_heap *heap)
{
    if (!decay_due(heap))
        return;
    heap->decay_steps++;
    (void)sparse_sweep(heap, SWEEP_POOLS);
    for (int kind = 0; kind < ZONE_COUNT; kind++) {
        struct zone *zone = &heap->zones[kind];
        if (zone->low > KEEP_BYTES)
            (void)zone_purge(heap, kind, zone->dirty - (zone->low - KEEP_BYTES), SIZE_MAX);
        zone->low = zone->dirty;
    }
    heap->activity_last = heap->activity;
}

/* Nothing happened for an interval: whatever can go goes, `most` bytes at a time. */
static size_t idle_purge(lair_heap *heap, size_t most)
{
    heap->decay_steps++;
    size_t bytes = heap->unswept >= SWEEP_POOLS ? most : 0;
    bytes += sparse_sweep(heap, SWEEP_POOLS);
    for (int kind = 0; kind < ZONE_COUNT && bytes < most; kind++)
        bytes += zone_purge(heap, kind, 0, most - bytes);
    return bytes;
}

bool decay_idle(lair_heap *heap, size_t most)
{
    size_t bytes = 0;
    heap->by_helper = true;
    if (heap->activity != heap->activity_last)
        decay_step(heap);
    else
        bytes = idle_purge(heap, most);
    heap->by_helper = false;
    return bytes >= most;
}

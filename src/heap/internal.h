/* internal.h: what the files of the heap offer each other, in the order of the layers.
 *
 * "Locked" functions are called with heap->lock held; all others without it, by the owner.
 */
#ifndef LAIR_HEAP_INTERNAL_H
#define LAIR_HEAP_INTERNAL_H

#include "base/assert.h"
#include "base/bits.h"
#include "base/error.h"
#include "fast.h"
#include "os/os.h"
#include "types.h"

/* -- classes.c ------------------------------------------------------------------------------- */

/* Fills the tables of size classes from heap->options. */
void classes_init(lair_heap *heap);

/* The class of a request of size bytes (0 counts as 1), or CLASS_SPAN. */
static inline unsigned class_for(const lair_heap *heap, size_t size)
{
    if (size - 1 < heap->small_bytes)
        return CLASS_FIRST + (unsigned)((size - 1) >> heap->class_shift);
    if (size > MEDIUM_MAX)
        return CLASS_SPAN;
    return heap->class_of[(size + CLASS_UNIT - 1) / CLASS_UNIT];
}

/* -- bins ------------------------------------------------------------------------------------ */

static inline size_t bin_count(const struct bin *bin)
{
    return (size_t)(bin->top - bin->slot);
}

/* Whether the bin of a class takes another block, planes or not. */
static inline bool bin_has_room(const lair_heap *heap, unsigned size_class)
{
    return bin_count(&heap->bins[size_class]) < heap->info[size_class].front_cap;
}

static inline void bin_push(struct bin *bin, void *block)
{
    *bin->top++ = block;
}

/* -- meta.c: memory for metadata (locked) ---------------------------------------------------- */

/* Zeroed memory for metadata, or NULL. */
void *meta_alloc(lair_heap *heap, size_t size);
void meta_free(lair_heap *heap, void *memory, size_t size);
void meta_close(lair_heap *heap);

/* Counts bytes of metadata (committed and unfootprinted alike). */
void meta_count(lair_heap *heap, ptrdiff_t bytes);

/* -- region.c -------------------------------------------------------------------------------- */

/* Reserves the primary regions where options and system allow. False: no memory. */
bool regions_open(lair_heap *heap);
void regions_close(lair_heap *heap);

/* Locked. A further region of the zone for at least pages pages, on the open list; or NULL. */
struct region *region_add(lair_heap *heap, zone_kind kind, size_t pages);

/* Locked. Commits address space up to `pages` pages and the side arrays with it. */
bool region_commit(struct region *region, size_t pages);

/* Whether huge pages may be asked for in an arena of the region. */
bool region_may_be_huge(const struct region *region, size_t arena);

/* Locked. Returns the address space of a region outside the reserved range whose pages are all
 * free and clean. */
void region_remove(struct region *region);

/* The region of address, in the reserved range or outside; NULL when not the heap's. Any thread. */
struct region *region_find(const lair_heap *heap, const void *address);

/* As region_find, NULL also where the region is not committed yet: there are no side arrays. */
struct region *region_holding(const lair_heap *heap, const void *address);

static inline size_t region_page(const struct region *region, const void *address)
{
    return (size_t)((const char *)address - region->base) >> region->page_shift;
}

/* Sets the class map of the slices from address on. */
void region_set_class(struct region *region, const void *address, size_t bytes,
                      unsigned size_class);

/* Commits the slots of plane `index` as far as the region's pages are committed. Locked. */
bool region_commit_plane(struct region *region, unsigned index);

/* The size class of the pool at address, CLASS_SPAN where a span starts, or CLASS_NONE. */
static inline unsigned region_class(const struct region *region, const void *address)
{
    unsigned entry = region->classes[(size_t)((const char *)address - region->base) >> SLICE_SHIFT];
    return entry != CLASS_SPARSE ? entry : region->pools[region_page(region, address)].size_class;
}

/* -- page.c: whole pages of the pool zones --------------------------------------------------- */

/* A page for a pool of so many blocks: base is set, free has room for a bit for each (NULL: for
 * none), all else is as page_release left it. NULL: the error is set. */
struct pool *page_acquire(lair_heap *heap, zone_kind kind, size_t blocks);
void page_release(lair_heap *heap, zone_kind kind, struct pool *pool);

/* -- pool.c: blocks of pools ----------------------------------------------------------------- */

/* Takes one block of the class, and up to the batch of its bin more into the bin unless the front
 * cache is off. NULL: the error is set. */
void *pool_refill(lair_heap *heap, unsigned size_class);

/* A free brought used down to the trigger: the pool changes its state. */
void pool_triggered(lair_heap *heap, struct pool *pool);

/* Turns the front cache off for a reason (OFF_...), or that reason off again. */
void front_cache_off(lair_heap *heap, unsigned reason);
void front_cache_on(lair_heap *heap, unsigned reason);

/* Opens or closes the bins to the fast path's frees, which planes must see. */
void front_cache_update(lair_heap *heap);

/* Gives the blocks of the bins back to their pools, from a zone's classes on. */
void pools_flush(lair_heap *heap, zone_kind from);

/* All free memory in pools becomes hollow, or dirty pages, from a zone's pools on. */
void pools_trim(lair_heap *heap, zone_kind from);

static inline uint32_t block_index(const size_class_info *info, size_t offset)
{
    return (uint32_t)(((uint64_t)offset * info->reciprocal) >> 32);
}

static inline struct pool *pool_of(const struct region *region, const void *block)
{
    return &region->pools[region_page(region, block)];
}

/* Where the last block of a pool ends, from its first. */
static inline uint32_t pool_end(const size_class_info *info)
{
    return info->capacity * info->bytes;
}

/* The blocks that touch the ith system page of a pool. The last block ends there or later. */
static inline void page_blocks(const lair_heap *heap, const size_class_info *info, unsigned i,
                               uint32_t *first, uint32_t *last)
{
    size_t from = i * heap->system_page;
    *first = from == 0 ? 0 : block_index(info, from - info->lead);
    *last = block_index(info, from + heap->system_page - 1 - info->lead);
}

/* Which block of pool address lies in. */
static inline uint32_t pool_index(const struct pool *pool, const void *address)
{
    return (uint32_t)((uint64_t)((const char *)address - pool->base) * pool->reciprocal >> 32);
}

/* Whether the block that address lies in is free. Blocks in the front cache are not. */
static inline bool pool_is_free(const struct pool *pool, const void *address)
{
    uint32_t i = pool_index(pool, address);
    return (pool->free[i / 64] >> (i % 64) & 1) != 0;
}

static inline void pool_set_free(struct pool *pool, const void *block)
{
    uint32_t i = pool_index(pool, block);
    pool->free[i / 64] |= (uint64_t)1 << (i % 64);
}

/* Bytes of a map with one bit for each of so many blocks. */
static inline size_t block_map_bytes(size_t blocks)
{
    return (blocks + 63) / 64 * sizeof(uint64_t);
}

/* Gives block back to its sparse pool. Unlocked. */
void sparse_put(lair_heap *heap, struct pool *pool, void *block);

/* Locked. Hollows out sparse pools that did not change for a decay interval, at most `most` of
 * them; returns bytes given back. */
size_t sparse_sweep(lair_heap *heap, size_t most);

/* Gives block back to its pool, which is not sparse. */
static inline void pool_put(lair_heap *heap, struct pool *pool, void *block)
{
    pool_set_free(pool, block);
    if (unlikely(--pool->used == pool->trigger))
        pool_triggered(heap, pool);
}

/* Gives block back to its pool, whatever its state. */
static inline void pool_give(lair_heap *heap, struct pool *pool, void *block)
{
    if (unlikely(pool->state == POOL_SPARSE))
        sparse_put(heap, pool, block);
    else
        pool_put(heap, pool, block);
}

/* -- span.c ---------------------------------------------------------------------------------- */

/* A span for size bytes at a multiple of align (a power of two); *zero (may be NULL) tells whether
 * it reads as zero. */
void *span_alloc(lair_heap *heap, size_t size, size_t align, bool *zero);
void span_free(lair_heap *heap, struct span *span);

/* Resizes in place or by moving pages. NULL: the limit refused (*refused, error set), or neither is
 * possible here but a copy may be. */
void *span_resize(lair_heap *heap, struct span *span, size_t size, bool *refused);

static inline struct span *span_at(const struct region *region, const void *block)
{
    return region->spans[region_page(region, block)];
}

static inline size_t span_bytes(const struct span *span)
{
    return span->pages << span->region->page_shift;
}

static inline char *span_base(const struct span *span)
{
    return span->region->base + (span->first << span->region->page_shift);
}

/* Locked. Gives back the address space of empty regions outside the reserved range. */
void spans_retire(lair_heap *heap);

/* Locked. Purges dirty spans until the zone's dirty bytes are at most keep; returns bytes. */
size_t spans_purge(lair_heap *heap, size_t keep, size_t most);

/* -- purge.c, idle.c ------------------------------------------------------------------------- */

/* Locked. A decay step if one is due: what stayed dirty since the last one is purged. */
void decay_step(lair_heap *heap);

/* Milliseconds between decay steps. */
uint32_t decay_interval(const lair_heap *heap);

/* Locked. As decay_step for the helper: at most `most` bytes; true when more is left to do. */
bool decay_idle(lair_heap *heap, size_t most);

/* Locked. Purges dirty pages of every zone; the reserve stays. Returns bytes. */
size_t purge_all(lair_heap *heap);

/* Locked. Keeps dirty memory within its bound after a page or span became dirty. */
void purge_excess(lair_heap *heap);

/* Locked. Takes the memory behind a range back and books it. */
void purge_range(lair_heap *heap, struct region *region, size_t page, size_t pages, bool renew);

static inline size_t dirty_bytes(const lair_heap *heap)
{
    return heap->zones[ZONE_SMALL].dirty + heap->zones[ZONE_MEDIUM].dirty +
           heap->zones[ZONE_SPAN].dirty;
}

/* Locked. Dirty bytes that the reserve does not hold back, and sparse pools to be hollowed out. */
size_t purgeable_bytes(const lair_heap *heap);

/* Locked. Starts or wakes the helper when there is enough to purge. */
void idle_notice(lair_heap *heap);
void idle_init(lair_heap *heap);
void idle_stop(lair_heap *heap);

/* -- fork.c: heaps of this process, for fork ------------------------------------------------- */

bool registry_add(lair_heap *heap);
void registry_remove(lair_heap *heap);

/* -- limit.c --------------------------------------------------------------------------------- */

void limit_init(lair_heap *heap);

/* Whether the footprint may grow by bytes without the slow way. */
static inline bool limit_quiet(const lair_heap *heap, size_t bytes)
{
    return atomic_load_explicit(&heap->footprint, memory_order_relaxed) + bytes <= heap->watch;
}

/* Whether the footprint may grow by bytes and stay below the soft limit. */
static inline bool limit_ample(const lair_heap *heap, size_t bytes)
{
    return heap->hard == 0 ||
           atomic_load_explicit(&heap->footprint, memory_order_relaxed) + bytes <= heap->soft;
}

/* Asks for growth by bytes: purges, tells the listener, reads the books for the peak as due.
 * False: refused, the error is set. The heap is in order and unlocked: listeners may use it. */
bool limit_admit(lair_heap *heap, size_t bytes);

/* Locked. Whether metadata may grow by bytes and the request being served still fit. Sets the error
 * and meta_refused. */
bool limit_leaves_room(lair_heap *heap, size_t bytes);

/* Books growth or (negative) shrinkage of the footprint. */
void footprint_add(lair_heap *heap, ptrdiff_t bytes);

/* -- ledger.c -------------------------------------------------------------------------------- */

void ledger_read(lair_heap *heap, lair_ledger *ledger);

/* -- remote.c -------------------------------------------------------------------------------- */

/* Completes what other threads freed. */
void remote_drain(lair_heap *heap);

/* -- plane.c --------------------------------------------------------------------------------- */

/* Zeroes what the planes say of a block that is being freed. */
void planes_clear(lair_heap *heap, struct region *region, void *block);

/* Locked. A page left its class, its slots go. */
void planes_drop_page(struct region *region, size_t page, unsigned size_class);

/* -- harden.c -------------------------------------------------------------------------------- */

void *harden_alloc(lair_heap *heap, size_t size, size_t align);
void harden_free(lair_heap *heap, struct region *region, void *block);
size_t harden_usable(const lair_heap *heap, const struct region *region, const void *block);

/* The live block that pointer should be, checked whole; a fault is reported and false returned. */
bool harden_verify(lair_heap *heap, struct region *region, const void *block, const char *action);

/* What is wrong with a pointer that should be the start of a live block; NULL: nothing. */
const char *harden_fault_of(const lair_heap *heap, const struct region *region, const void *block);

/* Fills a free block of a pool. */
void harden_fill(const lair_heap *heap, void *block, size_t bytes);

/* What is wrong with a free block of a pool; NULL: nothing. */
const char *harden_fault_of_free(const lair_heap *heap, const void *block, size_t bytes);

/* Tells a fault to the listener; aborts with the message unless it says to go on. */
void harden_fault(lair_heap *heap, const void *block, const char *format, ...) LAIR_PRINTF(3, 4);

/* -- blocks.c -------------------------------------------------------------------------------- */

/* Block-level steps that harden.c builds on: no front cache, no checks. */
void *block_take(lair_heap *heap, size_t size, size_t align, bool *zero);
void block_give(lair_heap *heap, struct region *region, void *block);
size_t block_bytes(const lair_heap *heap, const struct region *region, const void *block);

/* -- ranges of metadata, for residency: region.c, meta.c ------------------------------------- */

typedef void (*range_visit)(const void *address, size_t bytes, void *arg);
void regions_each_side(const lair_heap *heap, range_visit visit, void *arg);
void meta_each(const lair_heap *heap, range_visit visit, void *arg);

#endif /* LAIR_HEAP_INTERNAL_H */

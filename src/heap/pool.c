/* pool.c: pools and their blocks.
 *
 * A class allocates from its current pool, lowest address first. When the pool is exhausted it
 * becomes full, and the class goes on with its partial pool of the lowest address, a sparse one, or
 * a new page. A full pool becomes partial with the first block freed; a partial pool becomes sparse
 * when few blocks are left; when the last one is freed, its page goes back.
 */
#include <string.h>

#include "internal.h"

/* -- states ---------------------------------------------------------------------------------- */

/* Pools of at least this many blocks are set aside when one in this many is left. */
enum { SPARSE_SHARE = 16 };

static void pool_become_partial(lair_heap *heap, struct pool *pool)
{
    uint32_t few =
        heap->off & OFF_HARDENED ? 0 : heap->info[pool->size_class].capacity / SPARSE_SHARE;
    pool->state = POOL_PARTIAL;
    pool->trigger = pool->used > few ? few : 0;
    address_heap_insert(&heap->partial[pool->size_class], &pool->node);
}

/* The current pool of its class stops being it. */
static void pool_retire(lair_heap *heap, struct pool *pool)
{
    if (pool == &heap->no_pool)
        return;
    if (pool->used == heap->info[pool->size_class].capacity) {
        pool->state = POOL_FULL;
        pool->trigger = heap->info[pool->size_class].capacity - 1;
    } else {
        pool_become_partial(heap, pool);
    }
}

static void pool_become_current(lair_heap *heap, struct pool *pool)
{
    pool->state = POOL_CURRENT;
    pool->trigger = TRIGGER_NEVER;
    heap->current[pool->size_class] = pool;
}

static void pool_start(lair_heap *heap, struct pool *pool, unsigned size_class)
{
    const size_class_info *info = &heap->info[size_class];
    pool->used = 0;
    pool->fresh = 0;
    pool->hollow = 0;
    pool->size_class = (uint8_t)size_class;
    pool->reciprocal = info->reciprocal;
    pool->base += info->lead;
    memset(pool->free, 0xFF, info->capacity / 64 * sizeof(uint64_t));
    if (info->capacity % 64 != 0)
        pool->free[info->capacity / 64] = ((uint64_t)1 << (info->capacity % 64)) - 1;
    if (heap->off & OFF_HARDENED)
        for (uint32_t offset = 0; offset < pool_end(info); offset += info->bytes)
            harden_fill(heap, pool->base + offset, info->bytes);
    struct region *region = region_find(heap, pool->base);
    region_set_class(region, pool->base, (size_t)1 << region->page_shift, size_class);
}

/* -- hollow pages ---------------------------------------------------------------------------- */

/* The lowest run of hollow pages: its first page, and how many there are. */
static unsigned hollow_run(uint32_t hollow, unsigned *first)
{
    *first = ctz64(hollow);
    return ctz64(~((uint64_t)hollow >> *first));
}

static uint32_t run_mask(unsigned first, unsigned count)
{
    return (uint32_t)((((uint64_t)1 << count) - 1) << first);
}

static size_t hollow_bytes(const lair_heap *heap, const struct pool *pool)
{
    return popcount64(pool->hollow) * heap->system_page;
}

/* The current pool gets its hollow pages back, and counts whole again. False: refused, the error is
 * set. */
static bool pool_fill_hollow(lair_heap *heap, unsigned size_class)
{
    size_t bytes = hollow_bytes(heap, heap->current[size_class]);
    if (!limit_quiet(heap, bytes) && !limit_admit(heap, bytes))
        return false;
    /* A limit listener may have been at work, and the pool be another. */
    struct pool *pool = heap->current[size_class];
    if (hollow_bytes(heap, pool) <= bytes) {
        footprint_add(heap, (ptrdiff_t)hollow_bytes(heap, pool));
        pool->hollow = 0;
    }
    return true;
}

/* Which system pages of the pool have been in use and hold no byte of a live block: they can be
 * purged. A last page that ends in the pool's remainder stays. */
static uint32_t pool_idle_pages(const lair_heap *heap, const struct pool *pool)
{
    const size_class_info *info = &heap->info[pool->size_class];
    size_t page = heap->system_page;
    size_t touched = info->lead + pool->fresh;
    uint32_t idle = 0;
    for (unsigned i = 0; i * page < touched && (i + 1) * page <= info->lead + pool_end(info); i++) {
        uint32_t block, last;
        page_blocks(heap, info, i, &block, &last);
        while (block <= last && (pool->free[block / 64] >> (block % 64) & 1) != 0)
            block++;
        if (block > last)
            idle |= (uint32_t)1 << i;
    }
    return idle & ~pool->hollow;
}

/* Locked. */
static size_t pool_hollow_out(lair_heap *heap, struct pool *pool)
{
    uint32_t idle = pool_idle_pages(heap, pool);
    if (idle == 0)
        return 0;
    char *page = pool->base - heap->info[pool->size_class].lead;
    pool->hollow |= idle;
    for (uint32_t left = idle; left != 0;) {
        unsigned first;
        unsigned count = hollow_run(left, &first);
        uint64_t start = os_now_ns();
        os_purge(page + (size_t)first * heap->system_page, count * heap->system_page);
        heap->purge_ns += os_now_ns() - start;
        heap->purges++;
        heap->purged_bytes += count * heap->system_page;
        left &= ~run_mask(first, count);
    }
    size_t bytes = popcount64(idle) * heap->system_page;
    footprint_add(heap, -(ptrdiff_t)bytes);
    return bytes;
}

/* Purges the system pages inside the zone's pools that hold no live block. */
static void zone_hollow(lair_heap *heap, const struct zone *zone)
{
    for (struct region *region = zone->regions; region != NULL; region = region->next)
        for (size_t page = 0; page < region->frontier; page++) {
            struct pool *pool = &region->pools[page];
            /* At most 32 system pages to a pool, so the mask suffices everywhere. */
            if (pool->state != POOL_FREE && pool->state != POOL_FULL) {
                pthread_mutex_lock(&heap->lock);
                (void)pool_hollow_out(heap, pool);
                pthread_mutex_unlock(&heap->lock);
            }
        }
}

/* -- sparse pools ---------------------------------------------------------------------------- */

/* Taking a block from a sparse pool, or giving one back, goes through the lock, so that the helper
 * can hollow it out while the owner is idle. The class map sends frees here. */

static struct pool *sparse_next(const struct pool *pool)
{
    return (struct pool *)(void *)pool->node.next;
}

/* Locked. The pool changed: it is swept again when it has rested. */
static void sparse_touch(lair_heap *heap, struct pool *pool)
{
    pool->touched = heap->decay_steps;
    heap->activity++;
    heap->unswept += pool->swept;
    pool->swept = false;
}

static void pool_become_sparse(lair_heap *heap, struct pool *pool)
{
    struct region *region = region_find(heap, pool->base);
    pthread_mutex_lock(&heap->lock);
    struct pool **list = &heap->sparse[pool->size_class];
    region_set_class(region, pool->base, (size_t)1 << region->page_shift, CLASS_SPARSE);
    pool->state = POOL_SPARSE;
    pool->node = (address_node){.next = (address_node *)*list};
    if (*list != NULL)
        (*list)->node.prev = &pool->node;
    *list = pool;
    pool->swept = true; /* sparse_touch counts it */
    sparse_touch(heap, pool);
    idle_notice(heap);
    pthread_mutex_unlock(&heap->lock);
}

/* Locked. */
static void sparse_unlink(lair_heap *heap, struct pool *pool)
{
    if (pool->node.prev != NULL)
        pool->node.prev->next = pool->node.next;
    else
        heap->sparse[pool->size_class] = sparse_next(pool);
    if (pool->node.next != NULL)
        pool->node.next->prev = pool->node.prev;
    heap->unswept -= !pool->swept;
}

/* A sparse pool of the class becomes an ordinary one again, for the caller to make current. */
static struct pool *sparse_take(lair_heap *heap, unsigned size_class)
{
    if (heap->sparse[size_class] == NULL)
        return NULL;
    pthread_mutex_lock(&heap->lock);
    struct pool *pool = heap->sparse[size_class];
    sparse_unlink(heap, pool);
    struct region *region = region_find(heap, pool->base);
    region_set_class(region, pool->base, (size_t)1 << region->page_shift, size_class);
    pthread_mutex_unlock(&heap->lock);
    return pool;
}

void sparse_put(lair_heap *heap, struct pool *pool, void *block)
{
    pthread_mutex_lock(&heap->lock);
    pool_set_free(pool, block);
    bool empty = --pool->used == 0;
    if (empty)
        sparse_unlink(heap, pool);
    else
        sparse_touch(heap, pool);
    pthread_mutex_unlock(&heap->lock);
    if (empty)
        page_release(heap, (zone_kind)heap->info[pool->size_class].zone, pool);
}

size_t sparse_sweep(lair_heap *heap, size_t most)
{
    size_t bytes = 0;
    for (unsigned size_class = CLASS_FIRST; size_class < heap->class_end; size_class++) {
        struct pool *pool = heap->sparse[size_class];
        for (; pool != NULL && heap->unswept != 0 && most != 0; pool = sparse_next(pool)) {
            /* At least one whole interval of rest. */
            if (pool->swept || (uint8_t)(heap->decay_steps - pool->touched) < 2)
                continue;
            bytes += pool_hollow_out(heap, pool);
            pool->swept = true;
            heap->unswept--;
            most--;
        }
    }
    return bytes;
}

/* Gives the class a current pool with a block to give. False: the error is set. */
static bool pool_next(lair_heap *heap, unsigned size_class)
{
    struct pool *exhausted = heap->current[size_class];
    heap->current[size_class] = &heap->no_pool;
    pool_retire(heap, exhausted);
    struct pool *next = (struct pool *)(void *)address_heap_pop(&heap->partial[size_class]);
    if (next == NULL)
        next = sparse_take(heap, size_class);
    if (next == NULL) {
        next = page_acquire(heap, (zone_kind)heap->info[size_class].zone,
                            heap->info[size_class].capacity);
        if (next == NULL)
            return false;
        pool_start(heap, next, size_class);
        /* A limit listener may have allocated meanwhile. */
        pool_retire(heap, heap->current[size_class]);
    }
    pool_become_current(heap, next);
    return true;
}

/* The current pool of the class, if it holds no live block, gives its page back. */
static void pool_drop_current(lair_heap *heap, unsigned size_class)
{
    struct pool *pool = heap->current[size_class];
    if (pool == &heap->no_pool || pool->used != 0)
        return;
    heap->current[size_class] = &heap->no_pool;
    page_release(heap, (zone_kind)heap->info[size_class].zone, pool);
}

/* -- blocks ---------------------------------------------------------------------------------- */

/* A block came back and used reached the trigger. */
void pool_triggered(lair_heap *heap, struct pool *pool)
{
    zone_kind kind = (zone_kind)heap->info[pool->size_class].zone;
    if (pool->state == POOL_PARTIAL)
        address_heap_remove(&heap->partial[pool->size_class], &pool->node);
    if (pool->used == 0)
        page_release(heap, kind, pool);
    else if (pool->state == POOL_PARTIAL)
        pool_become_sparse(heap, pool);
    else
        pool_become_partial(heap, pool);
}

/* Blocks up to this one have been handed out. */
static void pool_reach(struct pool *pool, const char *block, const size_class_info *info)
{
    uint32_t end = (uint32_t)(block - pool->base) + info->bytes;
    pool->fresh = end > pool->fresh ? end : pool->fresh;
}

/* Takes the free block of the lowest address, and those that follow it, count in all, into the bin,
 * so that they go out in the order of their addresses. There are as many. */
static void *pool_take(struct pool *pool, struct bin *bin, const size_class_info *info,
                       size_t count)
{
    uint64_t *word = pool->free;
    char *row = pool->base; /* the block of the word's first bit */
    size_t stride = 64 * (size_t)info->bytes;
    for (; *word == 0; word++)
        row += stride;
    uint64_t bits = *word;
    char *lowest = row + (size_t)ctz64(bits) * info->bytes;
    char *block = lowest;
    bits &= bits - 1;
    pool->used += (uint32_t)count;
    void **to = bin->top += count - 1;
    for (size_t left = count - 1; left != 0; left--) {
        while (bits == 0) {
            *word = 0;
            bits = *++word;
            row += stride;
        }
        block = row + (size_t)ctz64(bits) * info->bytes;
        *--to = block;
        bits &= bits - 1;
    }
    *word = bits;
    pool_reach(pool, block, info);
    return lowest;
}

/* Takes a free block that touches no hollow page; NULL: there is none. */
static void *pool_take_resident(const lair_heap *heap, struct pool *pool,
                                const size_class_info *info)
{
    unsigned shift = ctz64(heap->system_page);
    for (uint32_t i = 0; i < info->capacity; i++) {
        size_t offset = info->lead + (size_t)i * info->bytes;
        unsigned first = (unsigned)(offset >> shift);
        unsigned pages = (unsigned)((offset + info->bytes - 1) >> shift) - first + 1;
        if ((pool->free[i / 64] >> (i % 64) & 1) != 0 &&
            (pool->hollow & run_mask(first, pages)) == 0) {
            pool->free[i / 64] &= ~((uint64_t)1 << (i % 64));
            pool->used++;
            pool_reach(pool, pool->base + (size_t)i * info->bytes, info);
            return pool->base + (size_t)i * info->bytes;
        }
    }
    return NULL;
}

void *pool_refill(lair_heap *heap, unsigned size_class)
{
    const size_class_info *info = &heap->info[size_class];
    struct bin *bin = &heap->bins[size_class];
    if (unlikely(atomic_load_explicit(&heap->remote, memory_order_relaxed) != NULL))
        remote_drain(heap);
    for (;;) {
        struct pool *pool = heap->current[size_class];
        if (unlikely(pool->used >= info->capacity)) {
            if (!pool_next(heap, size_class))
                return NULL;
        } else if (unlikely(pool->hollow != 0)) {
            /* While growth must be asked for, what has memory behind it goes first. */
            bool quiet = limit_quiet(heap, hollow_bytes(heap, pool));
            void *block = quiet ? NULL : pool_take_resident(heap, pool, info);
            if (block != NULL)
                return block;
            if (!pool_fill_hollow(heap, size_class))
                return NULL;
        } else {
            /* The bin is empty, unless remote frees or a limit listener filled it just now. */
            size_t count = heap->off != 0 || bin_count(bin) != 0 ? 1 : info->batch;
            size_t left = info->capacity - pool->used;
            return pool_take(pool, bin, info, count < left ? count : left);
        }
    }
}

/* The smallest size class of a zone; those of the zones that follow are larger. */
static unsigned class_from(const lair_heap *heap, zone_kind from)
{
    unsigned size_class = CLASS_FIRST;
    while (size_class < heap->class_end && heap->info[size_class].zone < from)
        size_class++;
    return size_class;
}

void pools_flush(lair_heap *heap, zone_kind from)
{
    for (unsigned size_class = class_from(heap, from); size_class < heap->class_end; size_class++) {
        struct bin *bin = &heap->bins[size_class];
        while (bin->top != bin->slot) {
            void *block = *--bin->top;
            pool_give(heap, pool_of(region_find(heap, block), block), block);
        }
    }
}

void pools_trim(lair_heap *heap, zone_kind from)
{
    pools_flush(heap, from);
    /* A current pool without a live block is as good as a free page. */
    for (unsigned size_class = class_from(heap, from); size_class < heap->class_end; size_class++)
        pool_drop_current(heap, size_class);
    if (heap->off & OFF_HARDENED) /* the fill of freed blocks must stay */
        return;
    for (zone_kind kind = from; kind < ZONE_SPAN; kind++)
        zone_hollow(heap, &heap->zones[kind]);
}

void front_cache_update(lair_heap *heap)
{
    bool on = heap->off == 0 && heap->plane_count == 0;
    for (unsigned size_class = CLASS_FIRST; size_class < heap->class_end; size_class++) {
        struct bin *bin = &heap->bins[size_class];
        bin->end = bin->slot + (on ? heap->info[size_class].front_cap : 0);
    }
}

void front_cache_off(lair_heap *heap, unsigned reason)
{
    if (heap->off == 0)
        pools_flush(heap, ZONE_SMALL);
    heap->off |= reason;
    front_cache_update(heap);
}

void front_cache_on(lair_heap *heap, unsigned reason)
{
    heap->off &= ~reason;
    front_cache_update(heap);
}

/* pool.c: pools and their blocks.
 *
 * A class allocates from its current pool: first blocks that were freed (warm), then blocks never
 * handed out, then hollow pages. When the pool is exhausted it becomes full, and the class goes on
 * with its partial pool of the lowest address, a sparse one, or a new page. A full pool becomes
 * partial with the first block freed; a partial pool becomes sparse when few blocks are left; when
 * the last one is freed, its page goes back.
 */
#include <string.h>

#include "internal.h"

/* -- states ---------------------------------------------------------------------------------- */

static bool pool_exhausted(const lair_heap *heap, const struct pool *pool)
{
    return pool->free == NULL && pool->hollow == 0 &&
           pool->fresh == pool_end(&heap->info[pool->size_class]);
}

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
    if (pool_exhausted(heap, pool)) {
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
    pool->free = NULL;
    pool->used = 0;
    pool->fresh = 0;
    pool->hollow = 0;
    pool->size_class = (uint8_t)size_class;
    if (heap->off & OFF_HARDENED) /* marks of an earlier life of the page must not be believed */
        memset(pool->base, 0, (size_t)1 << heap->zones[heap->info[size_class].zone].page_shift);
    struct region *region = region_find(heap, pool->base);
    region_set_class(region, pool->base, (size_t)1 << region->page_shift, size_class);
}

/* -- hollow pages ---------------------------------------------------------------------------- */

/* A free block that touches a hollow page is on no list. Runs of hollow pages are filled whole, and
 * no free block touches two runs: the page between them would hold nothing live and be hollow. */

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

/* Puts the blocks that touch the lowest run of hollow pages of the current pool back on its free
 * list. False: refused, the error is set. */
static bool pool_fill_hollow(lair_heap *heap, unsigned size_class)
{
    const size_class_info *info = &heap->info[size_class];
    unsigned first_page;
    unsigned count = hollow_run(heap->current[size_class]->hollow, &first_page);
    size_t bytes = count * heap->system_page;
    if (!limit_quiet(heap, bytes) && !limit_admit(heap, bytes))
        return false;
    struct pool *pool = heap->current[size_class];
    uint32_t mask = run_mask(first_page, count);
    if ((pool->hollow & mask) != mask) /* a limit listener was at work */
        return true;
    pool->hollow &= ~mask;
    footprint_add(heap, (ptrdiff_t)bytes);
    uint32_t first = block_index(info, first_page * heap->system_page);
    uint32_t last = block_index(info, first_page * heap->system_page + bytes - 1);
    for (uint32_t i = last + 1; i-- > first;) {
        void *block = pool->base + (size_t)i * info->bytes;
        link_set(heap, block, pool->free);
        pool->free = block;
    }
    return true;
}

/* Which system pages of the pool hold no byte of a live block and can be purged. */
static uint32_t pool_idle_pages(const lair_heap *heap, const struct pool *pool)
{
    const size_class_info *info = &heap->info[pool->size_class];
    uint64_t bits[POOL_BITS / 64] = {0};
    size_t page = heap->system_page;
    pool_free_bits(heap, pool, bits);
    uint32_t idle = 0;
    for (size_t from = 0; from + page <= pool->fresh; from += page) {
        size_t first = from / info->bytes; /* the block that overlaps the first byte */
        size_t last = (from + page - 1) / info->bytes;
        bool live = false;
        for (size_t i = first; i <= last && i < info->capacity && !live; i++)
            live = (bits[i / 64] >> (i % 64) & 1) == 0;
        if (!live)
            idle |= (uint32_t)1 << (from / page);
    }
    return idle & ~pool->hollow;
}

/* Locked. */
static size_t pool_hollow_out(lair_heap *heap, struct pool *pool)
{
    uint32_t idle = pool_idle_pages(heap, pool);
    if (idle == 0)
        return 0;
    unsigned shift = ctz64(heap->system_page);
    size_t last_byte = heap->info[pool->size_class].bytes - 1;
    void *kept = NULL;
    for (void *next, *block = pool->free; block != NULL; block = next) {
        next = link_get(heap, block);
        size_t offset = (size_t)((char *)block - pool->base);
        unsigned first = (unsigned)(offset >> shift);
        unsigned pages = (unsigned)((offset + last_byte) >> shift) - first + 1;
        if ((idle & run_mask(first, pages)) == 0) {
            link_set(heap, block, kept);
            kept = block;
        }
    }
    pool->free = kept;
    pool->hollow |= idle;
    for (uint32_t left = idle; left != 0;) {
        unsigned first;
        unsigned count = hollow_run(left, &first);
        uint64_t start = os_now_ns();
        os_purge(pool->base + (size_t)first * heap->system_page, count * heap->system_page);
        heap->purge_ns += os_now_ns() - start;
        heap->purges++;
        heap->purged_bytes += count * heap->system_page;
        left &= ~run_mask(first, count);
    }
    size_t bytes = popcount64(idle) * heap->system_page;
    footprint_add(heap, -(ptrdiff_t)bytes);
    return bytes;
}

size_t pools_hollow(lair_heap *heap)
{
    size_t bytes = 0;
    if (heap->off & OFF_HARDENED) /* the fill of freed blocks must stay */
        return 0;
    for (int kind = 0; kind < ZONE_SPAN; kind++)
        for (struct region *region = heap->zones[kind].regions; region != NULL;
             region = region->next)
            for (size_t page = 0; page < region->frontier; page++) {
                struct pool *pool = &region->pools[page];
                /* At most 32 system pages to a pool, so the mask suffices everywhere. */
                if (pool->state != POOL_FREE && pool->free != NULL) {
                    pthread_mutex_lock(&heap->lock);
                    bytes += pool_hollow_out(heap, pool);
                    pthread_mutex_unlock(&heap->lock);
                }
            }
    return bytes;
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
    link_set(heap, block, pool->free);
    pool->free = block;
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
        next = page_acquire(heap, (zone_kind)heap->info[size_class].zone);
        if (next == NULL)
            return false;
        pool_start(heap, next, size_class);
        /* A limit listener may have allocated meanwhile. */
        pool_retire(heap, heap->current[size_class]);
    }
    pool_become_current(heap, next);
    return true;
}

void pool_drop_current(lair_heap *heap, unsigned size_class)
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

/* The block after a free one. Hardened mode looks before it leaps: a link that was written over
 * ends the list, and what followed counts as used from then on. */
static void *free_list_next(lair_heap *heap, struct pool *pool, void *block)
{
    void *next = link_get(heap, block);
    if (likely(heap->link_key == 0) || next == NULL)
        return next;
    const size_class_info *info = &heap->info[pool->size_class];
    size_t offset = (size_t)((char *)next - pool->base);
    if (offset < pool->fresh && offset % info->bytes == 0)
        return next;
    harden_fault(heap, block, "%p (%u bytes) was written to after it was freed", block,
                 info->bytes);
    pool->used = pool->fresh / info->bytes - 1; /* all but the block itself */
    return NULL;
}

/* Takes a freed block, and up to more further ones into the bin. */
static void *take_freed(lair_heap *heap, struct pool *pool, struct bin *bin, size_t more)
{
    void *block = pool->free;
    void *next = free_list_next(heap, pool, block);
    pool->used++;
    for (; next != NULL && more != 0; more--) {
        bin_push(bin, next);
        next = free_list_next(heap, pool, next);
        pool->used++;
    }
    pool->free = next;
    return block;
}

/* Takes the first block never handed out, and up to more that follow into the bin, so that they go
 * out in the order of their addresses. */
static void *take_fresh(struct pool *pool, struct bin *bin, const size_class_info *info,
                        size_t more)
{
    size_t left = (pool_end(info) - pool->fresh) / info->bytes - 1;
    more = more < left ? more : left;
    char *block = pool->base + pool->fresh;
    for (char *last = block + more * info->bytes; last != block; last -= info->bytes)
        bin_push(bin, last);
    pool->fresh += (uint32_t)(more + 1) * info->bytes;
    pool->used += (uint32_t)more + 1;
    return block;
}

void *pool_refill(lair_heap *heap, unsigned size_class)
{
    const size_class_info *info = &heap->info[size_class];
    struct bin *bin = &heap->bins[size_class];
    if (unlikely(atomic_load_explicit(&heap->remote, memory_order_relaxed) != NULL))
        remote_drain(heap);
    for (;;) {
        struct pool *pool = heap->current[size_class];
        /* The bin is empty, unless remote frees or a limit listener filled it just now. */
        size_t more = heap->off != 0 || bin_count(bin) != 0 ? 0 : info->batch - 1U;
        if (pool->free != NULL)
            return take_freed(heap, pool, bin, more);
        if (pool->fresh < pool_end(info))
            return take_fresh(pool, bin, info, more);
        if (!(pool->hollow != 0 ? pool_fill_hollow(heap, size_class) : pool_next(heap, size_class)))
            return NULL;
    }
}

void pools_flush(lair_heap *heap)
{
    for (unsigned size_class = CLASS_FIRST; size_class < heap->class_end; size_class++) {
        struct bin *bin = &heap->bins[size_class];
        while (bin->top != bin->slot) {
            void *block = *--bin->top;
            pool_give(heap, pool_of(region_find(heap, block), block), block);
        }
    }
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
        pools_flush(heap);
    heap->off |= reason;
    front_cache_update(heap);
}

void front_cache_on(lair_heap *heap, unsigned reason)
{
    heap->off &= ~reason;
    front_cache_update(heap);
}

void pool_free_bits(const lair_heap *heap, const struct pool *pool, uint64_t *bits)
{
    const size_class_info *info = &heap->info[pool->size_class];
    for (void *block = pool->free; block != NULL; block = link_get(heap, block)) {
        uint32_t i = block_index(info, (size_t)((char *)block - pool->base));
        bits[i / 64] |= (uint64_t)1 << (i % 64);
    }
    for (uint32_t i = block_index(info, pool->fresh); i < info->capacity; i++)
        bits[i / 64] |= (uint64_t)1 << (i % 64);
    for (uint32_t left = pool->hollow; left != 0; left &= left - 1) {
        size_t from = ctz64(left) * heap->system_page;
        uint32_t last = block_index(info, from + heap->system_page - 1);
        for (uint32_t i = block_index(info, from); i <= last; i++)
            bits[i / 64] |= (uint64_t)1 << (i % 64);
    }
}

/* blocks.c: allocation, resizing and freeing as programs see them.
 *
 * The inline paths of fast.h end here when a bin cannot serve them. While the front cache is off
 * every request comes through here, is counted (failure injection), refused (walks), or served with
 * guards (hardened mode).
 */
#include <string.h>

#include "internal.h"

/* -- block-level steps ----------------------------------------------------------------------- */

static void *class_take(lair_heap *heap, unsigned size_class)
{
    struct bin *bin = &heap->bins[size_class];
    return bin->top != bin->slot ? *--bin->top : pool_refill(heap, size_class);
}

/* The smallest class whose blocks all lie at multiples of align, for size bytes, or CLASS_SPAN. */
static unsigned class_aligned(const lair_heap *heap, size_t size, size_t align)
{
    if (size > MEDIUM_MAX)
        return CLASS_SPAN;
    for (unsigned size_class = class_for(heap, size); size_class < heap->class_end; size_class++) {
        const size_class_info *info = &heap->info[size_class];
        if ((info->bytes | info->lead) % align == 0 &&
            align <= (size_t)1 << heap->zones[info->zone].page_shift)
            return size_class;
    }
    return CLASS_SPAN;
}

void *block_take(lair_heap *heap, size_t size, size_t align, bool *zero)
{
    if (zero != NULL)
        *zero = false;
    if (size > PTRDIFF_MAX) {
        (void)lair_fail(LAIR_ERR_INVALID, "a request of %zu bytes is larger than any object can be",
                        size);
        return NULL;
    }
    size += size == 0;
    unsigned size_class =
        align <= heap->options.alignment ? class_for(heap, size) : class_aligned(heap, size, align);
    if (size_class != CLASS_SPAN)
        return class_take(heap, size_class);
    return span_alloc(heap, size, align > heap->system_page ? align : heap->system_page, zero);
}

size_t block_bytes(const lair_heap *heap, const struct region *region, const void *block)
{
    unsigned size_class = region_class(region, block);
    return size_class == CLASS_SPAN ? span_bytes(span_at(region, block))
                                    : heap->info[size_class].bytes;
}

void block_give(lair_heap *heap, struct region *region, void *block)
{
    unsigned size_class = region_class(region, block);
    if (size_class == CLASS_SPAN) {
        span_free(heap, span_at(region, block));
        return;
    }
    if (size_class == CLASS_NONE)
        lair_fatal("%p was freed but is not a live block of this heap", block);
    if (heap->plane_count != 0)
        planes_clear(heap, region, block);
    struct pool *pool = pool_of(region, block);
    if (heap->off == 0 && pool->state != POOL_SPARSE && bin_has_room(heap, size_class))
        bin_push(&heap->bins[size_class], block);
    else
        pool_give(heap, pool, block);
}

/* -- requests while the front cache is off --------------------------------------------------- */

/* Whether a request may go on: not inside a walk, and not the one to fail. */
static bool request_passes(lair_heap *heap)
{
    if (heap->off == 0)
        return true;
    if (heap->walking != 0) {
        (void)lair_fail(LAIR_ERR_BUSY, "the heap is being walked");
        return false;
    }
    if (heap->fail_in != 0 && --heap->fail_in == 0) {
        lair_heap_inject_failure(heap, heap->fail_forever ? 1 : 0, heap->fail_forever);
        (void)lair_fail(LAIR_ERR_NO_MEMORY, "an injected failure refused memory");
        return false;
    }
    return true;
}

static void *request_serve(lair_heap *heap, size_t size, size_t align, bool *zero)
{
    if ((heap->off & OFF_HARDENED) == 0)
        return block_take(heap, size, align, zero);
    if (zero != NULL)
        *zero = false;
    return harden_alloc(heap, size, align);
}

/* -- the slow ends of fast.h ----------------------------------------------------------------- */

void *heap_alloc_slow(lair_heap *heap, size_t size)
{
    if (unlikely(heap->off != 0))
        return request_passes(heap) ? request_serve(heap, size, 1, NULL) : NULL;
    if (likely(size - 1 < heap->small_bytes))
        return pool_refill(heap, class_for(heap, size));
    return block_take(heap, size, 1, NULL);
}

static __attribute__((noinline)) void free_guarded(lair_heap *heap, struct region *region,
                                                   void *block)
{
    if (heap->walking != 0)
        (void)lair_fail(LAIR_ERR_BUSY, "the heap is being walked");
    else if (heap->off & OFF_HARDENED)
        harden_free(heap, region, block);
    else
        block_give(heap, region, block);
}

/* The bin of a class is full: its older half goes back to the pools, block becomes its newest. */
static void bin_overflow(lair_heap *heap, unsigned size_class, void *block)
{
    struct bin *bin = &heap->bins[size_class];
    const struct region *primary = heap->primary[heap->info[size_class].zone];
    size_t count = bin_count(bin);
    size_t half = (count + 1) / 2;
    if (likely(heap->radix == NULL)) {
        char *base = primary->base;
        unsigned shift = primary->page_shift;
        struct pool *pools = primary->pools;
        for (void **old = bin->slot; old < bin->slot + half; old++)
            pool_give(heap, &pools[(size_t)((char *)*old - base) >> shift], *old);
    } else {
        for (size_t i = 0; i < half; i++)
            pool_give(heap, pool_of(region_find(heap, bin->slot[i]), bin->slot[i]), bin->slot[i]);
    }
    memmove(bin->slot, bin->slot + half, (count - half) * sizeof(void *));
    bin->top -= half;
    bin_push(bin, block);
}

void heap_free_slow(lair_heap *heap, void *block)
{
    unsigned size_class = heap->classes[((uintptr_t)block - heap->base) >> SLICE_SHIFT];
    if (likely(size_class >= CLASS_FIRST && heap->off == 0 && heap->plane_count == 0))
        bin_overflow(heap, size_class, block);
    else
        free_guarded(heap, region_find(heap, block), block);
}

bool heap_try_free_far(lair_heap *heap, void *block)
{
    struct region *region = region_holding(heap, block);
    if (region == NULL)
        return false;
    free_guarded(heap, region, block);
    return true;
}

/* -- public ---------------------------------------------------------------------------------- */

void *lair_heap_alloc(lair_heap *heap, size_t size)
{
    return heap_alloc_step(heap, size, heap->class_shift);
}

void *lair_heap_calloc(lair_heap *heap, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        (void)lair_fail(LAIR_ERR_INVALID, "%zu times %zu bytes is more than a size can hold", count,
                        size);
        return NULL;
    }
    bool zero = false;
    void *block;
    if (likely(bytes - 1 < heap->small_bytes))
        block = lair_heap_alloc(heap, bytes);
    else
        block = request_passes(heap) ? request_serve(heap, bytes, 1, &zero) : NULL;
    if (block != NULL && !zero)
        memset(block, 0, bytes);
    return block;
}

void *lair_heap_aligned_alloc(lair_heap *heap, size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment) || alignment > ARENA_BYTES) {
        (void)lair_fail(LAIR_ERR_INVALID, "an alignment of %zu is not a power of two up to 2 MiB",
                        alignment);
        return NULL;
    }
    return request_passes(heap) ? request_serve(heap, size, alignment, NULL) : NULL;
}

/* A new block with the contents of the old one, which is freed. */
static void *move_block(lair_heap *heap, struct region *region, void *block, size_t old_bytes,
                        size_t size)
{
    void *new = request_serve(heap, size, 1, NULL);
    if (new == NULL)
        return NULL;
    memcpy(new, block, old_bytes < size ? old_bytes : size);
    free_guarded(heap, region, block);
    return new;
}

/* Whether a block of `bytes` stays the right one for size: it fits, and wastes at most a quarter.
 */
static bool is_still_right(size_t bytes, size_t size)
{
    return size <= bytes && size > bytes - bytes / 4;
}

enum { SLACK_LEAST = 4096, SLACK_MOST = 128 * 1024 };

/* What to ask for when a block of `bytes` grows to size. What grows by a small step will grow again
 * and need not be copied at each: it gets up to a quarter more, as far as is_still_right allows.
 * Below SLACK_LEAST a copy is cheap and the room would be felt; above SLACK_MOST pages are moved
 * instead; and near the limit memory is for what is asked for. */
static size_t size_with_slack(const lair_heap *heap, size_t bytes, size_t size)
{
    size_t room = size + size / 4;
    if (size <= bytes || size - bytes > bytes / 4 || size < SLACK_LEAST || size > SLACK_MOST ||
        !limit_ample(heap, room + ((size_t)1 << MEDIUM_SHIFT)))
        return size;
    if (room > MEDIUM_MAX) {
        room = round_down(room, heap->system_page);
        return room > size ? room : size;
    }
    unsigned size_class = class_for(heap, room);
    while (!is_still_right(heap->info[size_class].bytes, size))
        size_class--;
    return heap->info[size_class].bytes;
}

void *lair_heap_realloc(lair_heap *heap, void *block, size_t size)
{
    size_t offset = (uintptr_t)block - heap->base;
    if (likely(offset < heap->reach && heap->off == 0)) {
        unsigned size_class = heap->classes[offset >> SLICE_SHIFT];
        if (size_class >= CLASS_FIRST && is_still_right(heap->info[size_class].bytes, size))
            return block;
    }
    if (block == NULL)
        return lair_heap_alloc(heap, size);
    if (!request_passes(heap))
        return NULL;
    struct region *region = region_holding(heap, block);
    if (heap->off & OFF_HARDENED) {
        if (!harden_verify(heap, region, block, "resized")) {
            (void)lair_fail(LAIR_ERR_FOREIGN, "%p is not a live block of this heap", block);
            return NULL;
        }
        return move_block(heap, region, block, harden_usable(heap, region, block), size);
    }
    if (region == NULL) {
        (void)lair_fail(LAIR_ERR_FOREIGN, "%p is not a block of this heap", block);
        return NULL;
    }
    unsigned size_class = region_class(region, block);
    if (size_class == CLASS_SPAN && size > MEDIUM_MAX && size <= PTRDIFF_MAX) {
        bool refused;
        void *same = span_resize(heap, span_at(region, block), size, &refused);
        if (same != NULL || refused)
            return same;
    }
    size_t bytes = block_bytes(heap, region, block);
    if (size_class != CLASS_SPAN &&
        (is_still_right(bytes, size) || class_for(heap, size + (size == 0)) == size_class))
        return block;
    void *moved = move_block(heap, region, block, bytes, size_with_slack(heap, bytes, size));
    return moved == NULL && size <= bytes ? block : moved; /* what shrinks can stay where it is */
}

void lair_heap_free(lair_heap *heap, void *block)
{
    if (heap_try_free(heap, block) || block == NULL)
        return;
    if (heap->off & OFF_HARDENED)
        harden_fault(heap, block, "%p was freed but was never a block of this heap", block);
    else
        lair_fatal("%p was freed but was never a block of this heap", block);
}

size_t lair_heap_usable_size(const lair_heap *heap, const void *block)
{
    const struct region *region = region_holding(heap, block);
    if (region == NULL || region_class(region, block) == CLASS_NONE)
        return 0;
    if (heap->off & OFF_HARDENED)
        return harden_usable(heap, region, block);
    return block_bytes(heap, region, block);
}

bool lair_heap_owns(const lair_heap *heap, const void *address)
{
    return heap_owns_fast(heap, address);
}

void lair_heap_inject_failure(lair_heap *heap, uint64_t nth, bool forever)
{
    heap->fail_in = nth;
    heap->fail_forever = forever;
    if (nth != 0)
        front_cache_off(heap, OFF_INJECT);
    else
        front_cache_on(heap, OFF_INJECT);
}

/* fast.h: the paths that run for every block: a pop from a bin, a push into one.
 *
 * Everything else is out of line (blocks.c). A bin whose end is its start sends frees to the slow
 * path, an empty one sends allocations there: that is how the front cache is turned off (hardened
 * mode, walks, failure injection, planes) without a test on these paths.
 */
#ifndef LAIR_HEAP_FAST_H
#define LAIR_HEAP_FAST_H

#include "base/bits.h"
#include "types.h"

/* Out of line: the bin was empty, or the size is 0 or not small. */
void *heap_alloc_slow(lair_heap *heap, size_t size);

/* Out of line: block lies in the reserved range, its bin is full or off. */
void heap_free_slow(lair_heap *heap, void *block);

/* Out of line: block lies beyond the fast path's reach. True when it was ours and is free now. */
bool heap_try_free_far(lair_heap *heap, void *block);

/* Whether address lies in a region, wherever it is. */
bool heap_owns_far(const lair_heap *heap, const void *address);

/* A block of size bytes where the heap's alignment is (1 << step). */
static inline void *heap_alloc_step(lair_heap *heap, size_t size, unsigned step)
{
    size_t slot = size - 1;
    if (likely(slot < heap->small_bytes)) {
        struct bin *bin = &heap->bins[CLASS_FIRST + (slot >> step)];
        void **top = bin->top;
        if (likely(top != bin->slot)) {
            bin->top = top - 1;
            return top[-1];
        }
    }
    return heap_alloc_slow(heap, size);
}

/* For hosts whose heap has the alignment of 16. */
static inline void *heap_alloc_fast(lair_heap *heap, size_t size)
{
    return heap_alloc_step(heap, size, 4);
}

/* Frees block and returns true, or returns false when block is not the heap's (NULL included). */
static inline bool heap_try_free(lair_heap *heap, void *block)
{
    size_t offset = (uintptr_t)block - heap->base;
    if (unlikely(offset >= heap->reach))
        return heap_try_free_far(heap, block);
    struct bin *bin = &heap->bins[heap->classes[offset >> SLICE_SHIFT]];
    void **top = bin->top;
    if (likely(top < bin->end)) {
        *top = block;
        bin->top = top + 1;
    } else {
        heap_free_slow(heap, block);
    }
    return true;
}

static inline bool heap_owns_fast(const lair_heap *heap, const void *address)
{
    return (uintptr_t)address - heap->base < heap->reach || heap_owns_far(heap, address);
}

#endif /* LAIR_HEAP_FAST_H */

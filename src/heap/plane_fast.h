/* plane_fast.h: the slot of a block, by arithmetic, for planes that are looked at all the time. */
#ifndef LAIR_HEAP_PLANE_FAST_H
#define LAIR_HEAP_PLANE_FAST_H

#include "base/bits.h"
#include "plane.h"
#include "types.h"

/* As plane_slot for a plane of 4 bytes and a block whose slot exists. Blocks in pools of the
 * reserved range, which is to say nearly all, take the inline way. */
static inline uint32_t *plane_slot_u32(lair_heap *heap, unsigned id, const void *block)
{
    size_t offset = (uintptr_t)block - heap->base;
    if (unlikely(offset >= heap->extent || offset >> heap->zone_shift == ZONE_SPAN))
        return plane_slot(heap, id, block);
    const struct region *region = heap->primary[offset >> heap->zone_shift];
    size_t in_zone = (uintptr_t)block - (uintptr_t)region->base;
    size_t page = in_zone >> region->page_shift;
    const struct pool *pool = &region->pools[page];
    uint64_t in_pool = (uintptr_t)block - (uintptr_t)pool->base;
    uint32_t *slots = region->planes[id][page];
    return slots + (in_pool * pool->reciprocal >> 32); /* as pool_index has it */
}

/* Whether the slot of block exists, as it does once it was asked for in its pool, if this can be
 * told at once. */
static inline bool plane_slot_is_there(const lair_heap *heap, unsigned id, const void *block)
{
    size_t offset = (uintptr_t)block - heap->base;
    if (unlikely(offset >= heap->extent || offset >> heap->zone_shift == ZONE_SPAN))
        return false;
    const struct region *region = heap->primary[offset >> heap->zone_shift];
    size_t in_zone = (uintptr_t)block - (uintptr_t)region->base;
    return region->planes[id][in_zone >> region->page_shift] != NULL;
}

#endif /* LAIR_HEAP_PLANE_FAST_H */

/* harden.c: blocks with guards.
 *
 *     | what the program asked for, n bytes | canary ... | n, sealed |
 *
 * The last word of a live block holds n, sealed with the heap's key and the block's address; the
 * bytes between are a canary. A free block of a pool is filled, and its last word says so; when it
 * is handed out the fill must be whole. So a double free, a foreign or inner pointer, a write past
 * the end and a write after free are each found and named. Which blocks are free is noted out of
 * line, where no block's overrun reaches.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

enum { CANARY = 0xC5, FREED = 0xDF, SEAL_BYTES = 8, GUARD_BYTES = 16, MESSAGE_BYTES = 256 };

static uint64_t seal(const lair_heap *heap, const void *block, uint64_t value)
{
    return value ^ heap->key ^ ((uint64_t)(uintptr_t)block << 16 | 0x5EA1);
}

static uint64_t last_word(const void *block, size_t bytes)
{
    uint64_t word;
    memcpy(&word, (const char *)block + bytes - SEAL_BYTES, sizeof(word));
    return word;
}

static void set_last_word(void *block, size_t bytes, uint64_t word)
{
    memcpy((char *)block + bytes - SEAL_BYTES, &word, sizeof(word));
}

static bool is_filled(const void *from, size_t bytes, unsigned char value)
{
    const unsigned char *at = from;
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != value)
            return false;
    return true;
}

void harden_fault(lair_heap *heap, const void *block, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    lair_heap_event event = {
        .kind = LAIR_HEAP_FAULT,
        .footprint = lair_heap_footprint(heap),
        .block = block,
        .message = message,
    };
    if (heap->listener == NULL || !heap->listener(heap, &event, heap->listener_arg))
        lair_fatal("%s", message);
    (void)lair_fail(LAIR_ERR_FOREIGN, "%s", message);
}

const char *harden_fault_of(const lair_heap *heap, const struct region *region, const void *block)
{
    unsigned size_class = region_class(region, block);
    if (size_class == CLASS_NONE)
        return "it lies in memory that holds no block (freed already, or never allocated)";
    size_t bytes;
    if (size_class == CLASS_SPAN) {
        const struct span *span = span_at(region, block);
        if (span == NULL || span->state != SPAN_LIVE || span_base(span) != block)
            return "it points inside a block";
        bytes = span_bytes(span);
    } else {
        const struct pool *pool = pool_of(region, block);
        size_t offset = (size_t)((const char *)block - pool->base);
        bytes = heap->info[size_class].bytes;
        if (offset >= pool_end(&heap->info[size_class]) || offset % bytes != 0)
            return "it points inside a block, or between blocks";
        if (pool_is_free(pool, block))
            return "it is free already";
    }
    uint64_t size = last_word(block, bytes) ^ seal(heap, block, 0);
    if (size > bytes - GUARD_BYTES)
        return "the end of the block is damaged: something wrote past it";
    if (!is_filled((const char *)block + size, bytes - SEAL_BYTES - size, CANARY))
        return "the bytes after the block are damaged: something wrote past its end";
    return NULL;
}

void harden_fill(const lair_heap *heap, void *block, size_t bytes)
{
    memset(block, FREED, bytes - SEAL_BYTES);
    set_last_word(block, bytes, seal(heap, block, UINT64_MAX));
}

const char *harden_fault_of_free(const lair_heap *heap, const void *block, size_t bytes)
{
    bool whole = last_word(block, bytes) == seal(heap, block, UINT64_MAX) &&
                 is_filled(block, bytes - SEAL_BYTES, FREED);
    return whole ? NULL : "it was written to while it was free";
}

bool harden_verify(lair_heap *heap, struct region *region, const void *block, const char *action)
{
    if (region == NULL) {
        harden_fault(heap, block, "%p was %s but was never a block of this heap", block, action);
        return false;
    }
    const char *fault = harden_fault_of(heap, region, block);
    if (fault == NULL)
        return true;
    unsigned size_class = region_class(region, block);
    harden_fault(heap, block, "%p (size class %u bytes) was %s, but %s", block,
                 size_class < CLASS_FIRST ? 0 : heap->info[size_class].bytes, action, fault);
    return false;
}

void *harden_alloc(lair_heap *heap, size_t size, size_t align)
{
    size = size < sizeof(void *) ? sizeof(void *) : size; /* room for the link of a remote free */
    if (size <= PTRDIFF_MAX && size > PTRDIFF_MAX - GUARD_BYTES) {
        (void)lair_fail(LAIR_ERR_NO_MEMORY, "no memory for %zu bytes and their guards", size);
        return NULL;
    }
    size_t guard = size <= PTRDIFF_MAX ? GUARD_BYTES : 0; /* what is too large is refused below */
    void *block = block_take(heap, size + guard, align, NULL);
    if (block == NULL)
        return NULL;
    const struct region *region = region_find(heap, block);
    size_t bytes = block_bytes(heap, region, block);
    const char *fault = region->kind == ZONE_SPAN ? NULL : harden_fault_of_free(heap, block, bytes);
    if (fault != NULL)
        harden_fault(heap, block, "%p (%zu bytes) is to be handed out, but %s", block, bytes,
                     fault);
    memset((char *)block + size, CANARY, bytes - SEAL_BYTES - size);
    set_last_word(block, bytes, seal(heap, block, size));
    return block;
}

void harden_free(lair_heap *heap, struct region *region, void *block)
{
    if (!harden_verify(heap, region, block, "freed"))
        return;
    size_t bytes = block_bytes(heap, region, block);
    if (region->kind != ZONE_SPAN)
        harden_fill(heap, block, bytes);
    block_give(heap, region, block);
}

size_t harden_usable(const lair_heap *heap, const struct region *region, const void *block)
{
    size_t bytes = block_bytes(heap, region, block);
    uint64_t size = last_word(block, bytes) ^ seal(heap, block, 0);
    return size <= bytes - GUARD_BYTES ? (size_t)size : 0;
}

/* meta.c: memory for the heap's own metadata (span descriptors, plane slots, regions).
 *
 * Pieces are powers of two from 32 bytes, cut from chunks of 64 KiB and kept in free lists;
 * larger ones are chunks of their own. Nothing goes back to the system before the heap closes,
 * except the large ones.
 */
#include <string.h>

#include "internal.h"

enum { PIECE_SHIFT = 5, PIECE_KINDS = 11, CHUNK_BYTES = 64 * 1024 }; /* 32 bytes .. 32 KiB */

/* Stands at the start of each mapping. */
typedef struct chunk {
    struct chunk *next;
    struct chunk *prev;
    size_t bytes;
    size_t unused; /* keeps what follows aligned to 32 bytes */
} chunk;

void meta_count(lair_heap *heap, ptrdiff_t bytes)
{
    heap->meta_bytes += (size_t)bytes;
    footprint_add(heap, bytes);
}

static chunk *chunk_map(lair_heap *heap, size_t bytes)
{
    bytes = round_up(bytes, heap->system_page);
    chunk *new = limit_leaves_room(heap, bytes) ? os_map(bytes, heap->system_page) : NULL;
    if (new == NULL)
        return NULL;
    os_name(new, bytes, "lair: metadata");
    chunk *head = heap->meta_chunks;
    new->bytes = bytes;
    new->next = head;
    if (head != NULL)
        head->prev = new;
    heap->meta_chunks = new;
    meta_count(heap, (ptrdiff_t)bytes);
    return new;
}

static unsigned piece_kind(size_t size)
{
    return size <= (1U << PIECE_SHIFT) ? 0 : log2_floor(size - 1) + 1 - PIECE_SHIFT;
}

void *meta_alloc(lair_heap *heap, size_t size)
{
    unsigned kind = piece_kind(size);
    if (kind >= PIECE_KINDS) {
        chunk *own = chunk_map(heap, size + sizeof(chunk));
        return own == NULL ? NULL : own + 1;
    }
    size_t bytes = (size_t)1 << (kind + PIECE_SHIFT);
    void *piece = heap->meta_free[kind];
    if (piece != NULL) {
        heap->meta_free[kind] = *(void **)piece;
        memset(piece, 0, bytes);
        return piece;
    }
    if ((size_t)(heap->meta_end - heap->meta_fresh) < bytes) {
        chunk *new = chunk_map(heap, CHUNK_BYTES);
        if (new == NULL)
            return NULL;
        heap->meta_fresh = (char *)(new + 1);
        heap->meta_end = (char *)new + new->bytes;
    }
    piece = heap->meta_fresh;
    heap->meta_fresh += bytes;
    return piece;
}

void meta_free(lair_heap *heap, void *memory, size_t size)
{
    if (memory == NULL)
        return;
    unsigned kind = piece_kind(size);
    if (kind < PIECE_KINDS) {
        *(void **)memory = heap->meta_free[kind];
        heap->meta_free[kind] = memory;
        return;
    }
    chunk *own = (chunk *)memory - 1;
    if (own->prev != NULL)
        own->prev->next = own->next;
    else
        heap->meta_chunks = own->next;
    if (own->next != NULL)
        own->next->prev = own->prev;
    meta_count(heap, -(ptrdiff_t)own->bytes);
    os_unmap(own, own->bytes);
}

void meta_close(lair_heap *heap)
{
    chunk *next;
    for (chunk *each = heap->meta_chunks; each != NULL; each = next) {
        next = each->next;
        os_unmap(each, each->bytes);
    }
    heap->meta_chunks = NULL;
}

void meta_each(const lair_heap *heap, range_visit visit, void *arg)
{
    for (const chunk *each = heap->meta_chunks; each != NULL; each = each->next)
        visit(each, each->bytes, arg);
}

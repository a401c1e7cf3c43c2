/* plane.h: per-block side arrays that other modules register on a heap.
 *
 * A plane gives each live block a slot of one bit or of 1, 2, 4 or 8 bytes, found from the block by
 * arithmetic. A slot reads as zero for a new block and is zeroed when the block is freed; a block
 * that realloc moves starts with zeroed slots. Slots of a pool are allocated when the first of them
 * is set, all at once. Foreign addresses (blocks of another allocator) have slots too, in a hash
 * map; their owner forgets them by hand.
 *
 * A lasting plane is for slots that their user sets when a block's life begins: they are not zeroed
 * when it ends, and a new block finds what the last one left. They cost frees nothing.
 *
 * Threads: the heap's owner. While any plane but lasting ones is registered, frees take the slow
 * path, which zeroes.
 */
#ifndef LAIR_HEAP_PLANE_H
#define LAIR_HEAP_PLANE_H

#include <lair/heap.h>

/* Registers a plane of slots of 0 (one bit), 1, 2, 4 or 8 bytes; *id is its number. Blocks live
 * already have zero slots. LAIR_ERR_INVALID, LAIR_ERR_NO_MEMORY, LAIR_ERR_UNSUPPORTED (too many).
 */
lair_status plane_register(lair_heap *heap, unsigned slot_bytes, unsigned *id);
lair_status plane_register_lasting(lair_heap *heap, unsigned slot_bytes, unsigned *id);

/* Drops a plane and all its slots. */
void plane_unregister(lair_heap *heap, unsigned id);

/* The slot of a block (for planes of bytes), for writing: NULL when there is no memory for the
 * pool's slots (error set). block is a live block of the heap. */
void *plane_slot(lair_heap *heap, unsigned id, const void *block);

/* The slot for reading: NULL stands for zero. */
const void *plane_peek(const lair_heap *heap, unsigned id, const void *block);

/* The bit of a block in a plane of bits. Setting to true can fail for want of memory. */
bool plane_bit(const lair_heap *heap, unsigned id, const void *block);
bool plane_set_bit(lair_heap *heap, unsigned id, const void *block, bool value);

/* The slot (8 bytes, whatever the plane's size) of an address that is not the heap's; created as
 * zero where create is set, else NULL when there is none. */
uint64_t *plane_foreign(lair_heap *heap, unsigned id, const void *address, bool create);
void plane_forget_foreign(lair_heap *heap, unsigned id, const void *address);

#endif /* LAIR_HEAP_PLANE_H */

/* remote.c: frees from threads that do not own the heap.
 *
 * They push onto a stack linked through the blocks; the owner takes the whole stack at once at one
 * of its next slow allocations, so no block is ever popped twice (no ABA).
 */
#include "internal.h"

void lair_heap_free_remote(lair_heap *heap, void *block)
{
    if (block == NULL)
        return;
    void *head = atomic_load_explicit(&heap->remote, memory_order_relaxed);
    do {
        *(void **)block = head;
    } while (!atomic_compare_exchange_weak_explicit(&heap->remote, &head, block,
                                                    memory_order_release, memory_order_relaxed));
}

void remote_drain(lair_heap *heap)
{
    void *block = atomic_exchange_explicit(&heap->remote, NULL, memory_order_acquire);
    while (block != NULL) {
        void *next = *(void **)block;
        lair_heap_free(heap, block);
        block = next;
    }
}

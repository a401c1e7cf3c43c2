/* churn_lair.c: the churn set on a heap of liblair with default options and a limit. */
#include <stdbool.h>
#include <stdio.h>

#include <lair/heap.h>

static lair_heap *heap;

static bool host_open(void)
{
    heap = lair_heap_open(&(lair_heap_options){.max_bytes = (size_t)16 << 30});
    if (heap == NULL)
        fprintf(stderr, "churn: %s\n", lair_error_message());
    return heap != NULL;
}

static inline void *block_new(size_t size)
{
    return lair_heap_alloc(heap, size);
}

static inline void *block_resize(void *block, size_t size)
{
    return lair_heap_realloc(heap, block, size);
}

static inline void block_free(void *block)
{
    lair_heap_free(heap, block);
}

#include "churn.h"

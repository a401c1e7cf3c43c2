/* churn_malloc.c: the churn set on malloc, the C library's own or one that is preloaded. */
#include <stdbool.h>
#include <stdlib.h>

static bool host_open(void)
{
    return true;
}

static inline void *block_new(size_t size)
{
    return malloc(size);
}

static inline void *block_resize(void *block, size_t size)
{
    return realloc(block, size);
}

static inline void block_free(void *block)
{
    free(block);
}

#include "churn.h"

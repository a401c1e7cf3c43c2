/* model.h: a heap beside a trivially right model of it.
 *
 * The model is an array of {address, size, seed}. Every block is filled with a pattern made from
 * its seed, so a block that is handed out twice, moved wrongly or written by the heap shows when
 * its pattern is next read. Random tests and fuzzers drive the same steps; where the numbers come
 * from is the only difference between them.
 */
#ifndef LAIR_TESTS_MODEL_H
#define LAIR_TESTS_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include <lair/heap.h>

typedef struct model_block {
    unsigned char *address;
    size_t size;   /* as asked for */
    size_t usable; /* as the heap said when it gave the block */
    uint32_t seed;
} model_block;

typedef struct heap_model {
    lair_heap *heap;
    model_block *blocks;
    size_t count, capacity;
    size_t live;       /* bytes asked for */
    size_t most_bytes; /* above this, or above most_blocks, allocations become frees */
    size_t most_blocks;
    ptrdiff_t charged;
    uint64_t steps;
    uint64_t refusals; /* requests that the limit refused */
} heap_model;

/* Opens a heap with these options and an empty model. Ends the process where it cannot. */
void model_open(heap_model *model, const lair_heap_options *options);

/* Does one operation on both and checks what it says. kind chooses the operation, a and b its
 * arguments; all values are valid. */
void model_step(heap_model *model, unsigned kind, uint64_t a, uint64_t b);

/* Compares everything: every pattern, the walk against the model's set, overlaps, the books. */
void model_compare(heap_model *model);

/* Compares, closes the heap and forgets. */
void model_close(heap_model *model);

#endif /* LAIR_TESTS_MODEL_H */

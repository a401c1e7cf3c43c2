/* variants.h: the kinds of heap that tests run over: every option at both ends. */
#ifndef LAIR_TESTS_VARIANTS_H
#define LAIR_TESTS_VARIANTS_H

#include <stddef.h>

#include <lair/heap.h>

typedef struct heap_variant {
    const char *name;
    lair_heap_options options;
} heap_variant;

extern const heap_variant variants[];
extern const size_t variant_count;

/* Opens a heap of this kind, says so on standard output, and ends the test where it cannot. */
lair_heap *variant_open(const heap_variant *variant);

#endif /* LAIR_TESTS_VARIANTS_H */

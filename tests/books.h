/* books.h: what must hold of every heap between any two calls, checked from outside. */
#ifndef LAIR_TESTS_BOOKS_H
#define LAIR_TESTS_BOOKS_H

#include <lair/heap.h>

/* The heap's own check passes; the ledger adds up, agrees with the footprint, with a walk over
 * the live blocks and with the statistics by size class. O(blocks). The caller owns the heap and
 * no other thread charges it. */
#define CHECK_BOOKS(heap) check_books((heap), __FILE__, __LINE__)
void check_books(lair_heap *heap, const char *file, int line);

/* What the system says is resident: the parts add up, and none is larger than its entry in the
 * ledger. */
#define CHECK_RESIDENCY(heap) check_residency((heap), __FILE__, __LINE__)
void check_residency(lair_heap *heap, const char *file, int line);

#endif /* LAIR_TESTS_BOOKS_H */

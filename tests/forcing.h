/* forcing.h: a heap that collects garbage at every chance it has. */
#ifndef LAIR_TESTS_FORCING_H
#define LAIR_TESTS_FORCING_H

#include <lair/heap.h>

/* From now on every function that makes a container collects first, whenever there is any object
 * younger than the last collection; older generations every second time. Until the thresholds, the
 * mode or whether the collector is enabled are set anew. */
void force_collections(lair_heap *heap);

#endif /* LAIR_TESTS_FORCING_H */

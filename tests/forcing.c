/* forcing.c: below any threshold that programs can set. */
#include "forcing.h"

#include "check.h"
#include "object/space.h"

void force_collections(lair_heap *heap)
{
    const size_t thresholds[LAIR_GC_GENERATIONS] = {1, 1, 1};
    struct space *space = space_of(heap);
    REQUIRE(space != NULL);
    REQUIRE(lair_gc_set_thresholds(heap, thresholds) == LAIR_OK);
    space->collector.trigger = 0;
}

/* totals.c: the option showrefcount: the sum of all counts and the blocks alive, when a heap
 * closes.
 *
 * No list of all objects is kept for this. An object is a live block that begins with the address
 * of one of the heap's types; dead ones that wait for reuse begin with a link. Immortal objects are
 * left out, as CPython leaves them out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "space.h"

struct totals {
    struct space *space;
    const lair_type **types; /* in the order of addresses */
    size_t type_count;
    size_t references, blocks;
};

static int by_address(const void *a, const void *b)
{
    uintptr_t one = *(const uintptr_t *)a, other = *(const uintptr_t *)b;
    return (one > other) - (one < other);
}

static bool is_type(const struct totals *totals, uintptr_t address)
{
    return bsearch(&address, (const void *)totals->types, totals->type_count,
                   sizeof(*totals->types), by_address) != NULL;
}

static bool add_block(void *block, size_t size, void *arg)
{
    struct totals *totals = arg;
    totals->blocks++;
    uintptr_t first;
    memcpy(&first, block, sizeof(first));
    if (size < sizeof(lair_object) || block == (void *)totals->space->types ||
        block == (void *)totals->types || !is_type(totals, first))
        return true;
    const lair_object *object = block;
    if (!count_is_immortal(object))
        totals->references += lair_refcount(object);
    return true;
}

void totals_print(struct space *space)
{
    struct totals totals = {.space = space};
    totals.types = lair_heap_alloc(space->heap, space->type_count * sizeof(*totals.types));
    if (totals.types == NULL) {
        (void)fprintf(stderr, "lair: no memory to add up the reference counts\n");
        return;
    }
    for (uint32_t i = 0; i < space->type_count; i++)
        if (space->types[i] != NULL)
            totals.types[totals.type_count++] = space->types[i];
    qsort((void *)totals.types, totals.type_count, sizeof(*totals.types), by_address);
    (void)lair_heap_walk(space->heap, add_block, &totals);
    (void)fprintf(stderr, "[%zu refs, %zu blocks]\n", totals.references, totals.blocks - 1);
    lair_heap_free(space->heap, (void *)totals.types);
}

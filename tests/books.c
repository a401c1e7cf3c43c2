/* books.c: the ledger against everything else the heap says about itself. */
#include "books.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"

#define THAT(condition) check_that((condition), #condition, file, line)

typedef struct walk_sum {
    size_t blocks;
    size_t bytes;
} walk_sum;

static bool add_block(void *block, size_t size, void *arg)
{
    walk_sum *sum = arg;
    (void)block;
    sum->blocks++;
    sum->bytes += size;
    return true;
}

static void check_classes(lair_heap *heap, const lair_ledger *ledger, const char *file, int line)
{
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    lair_heap_class *classes = calloc(stats.class_count, sizeof *classes);
    check_required(classes != NULL, "memory for the class statistics", file, line);
    THAT(lair_heap_class_stats(heap, classes, stats.class_count) == stats.class_count);

    size_t blocks = 0;
    size_t live = 0;
    for (size_t i = 0; i < stats.class_count; i++) {
        const lair_heap_class *c = &classes[i];
        bool spans = c->block_bytes == 0;
        blocks += c->blocks;
        live += c->live_bytes;
        THAT(spans == (i + 1 == stats.class_count));
        THAT(spans || i == 0 || c->block_bytes > classes[i - 1].block_bytes);
        THAT(spans || c->live_bytes == c->blocks * c->block_bytes);
        THAT(c->blocks <= c->capacity);
        THAT(c->pools_full <= c->pools);
        size_t filled = 0;
        for (size_t tenth = 0; tenth < 10; tenth++) {
            filled += c->fill[tenth];
        }
        THAT(spans || filled == c->pools);
    }
    THAT(blocks == ledger->blocks);
    THAT(live == ledger->live);
    free(classes);
}

void check_books(lair_heap *heap, const char *file, int line)
{
    lair_status status = lair_heap_check(heap);
    if (status != LAIR_OK) {
        fprintf(stderr, "lair_heap_check: %s\n", lair_error_message());
    }
    THAT(status == LAIR_OK);

    /* The helper thread may purge at any moment, so the footprint may fall between two looks. */
    lair_ledger ledger;
    size_t before = lair_heap_footprint(heap);
    lair_heap_ledger(heap, &ledger);
    size_t after = lair_heap_footprint(heap);
    THAT(ledger.committed ==
         ledger.live + ledger.free_in_pools + ledger.cached + ledger.purged + ledger.overhead);
    THAT(ledger.footprint == ledger.committed - ledger.purged + ledger.charged);
    THAT(ledger.footprint <= before && ledger.footprint >= after);

    /* In hardened mode a block's guards are live bytes that the program may not use. */
    bool hardened = lair_heap_get_options(heap)->hardened == LAIR_ON;
    walk_sum sum = {0};
    THAT(lair_heap_walk(heap, add_block, &sum) == LAIR_OK);
    THAT(sum.blocks == ledger.blocks);
    THAT(hardened ? sum.bytes <= ledger.live : sum.bytes == ledger.live);
    check_classes(heap, &ledger, file, line);

    lair_ledger peak;
    lair_heap_stats stats;
    lair_heap_peak(heap, &peak);
    lair_heap_get_stats(heap, &stats);
    THAT(peak.committed ==
         peak.live + peak.free_in_pools + peak.cached + peak.purged + peak.overhead);
    THAT(peak.footprint >= ledger.footprint);
    THAT(stats.peak_footprint == peak.footprint);
}

void check_residency(lair_heap *heap, const char *file, int line)
{
    lair_ledger before;
    lair_ledger after;
    lair_residency at;
    lair_heap_ledger(heap, &before);
    THAT(lair_heap_residency(heap, &at) == LAIR_OK);
    lair_heap_ledger(heap, &after);
    THAT(at.resident == at.live + at.free_in_pools + at.cached + at.overhead);
    THAT(at.resident <= before.committed || at.resident <= after.committed);
    THAT(at.live <= before.live || at.live <= after.live);
    THAT(at.free_in_pools <= before.free_in_pools || at.free_in_pools <= after.free_in_pools);
    THAT(at.overhead <= before.overhead || at.overhead <= after.overhead);
}

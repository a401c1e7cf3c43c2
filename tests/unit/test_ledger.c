/* test_ledger.c: every byte is accounted for at every step; peak, residency and statistics. */
#include <stdlib.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "variants.h"

static const size_t MIB = (size_t)1 << 20;

/* The books after each of some thousand steps of growth, churn and decline. */
static void test_every_step(const heap_variant *variant)
{
    enum { SLOTS = 300, STEPS = 1200 };
    void *blocks[SLOTS] = {0};
    size_t expected_blocks = 0;
    lair_heap *heap = variant_open(variant);
    for (size_t step = 0; step < STEPS; step++) {
        size_t slot = step * 7919 % SLOTS;
        size_t size = step % 40 == 0 ? step * 1000 : step * 37 % 2000;
        if (blocks[slot] == NULL) {
            blocks[slot] = lair_heap_alloc(heap, size);
            REQUIRE(blocks[slot] != NULL);
            expected_blocks++;
        } else if (step % 3 == 0) {
            blocks[slot] = lair_heap_realloc(heap, blocks[slot], size);
            REQUIRE(blocks[slot] != NULL);
        } else {
            lair_heap_free(heap, blocks[slot]);
            blocks[slot] = NULL;
            expected_blocks--;
        }
        lair_ledger ledger;
        lair_heap_ledger(heap, &ledger);
        CHECK(ledger.blocks == expected_blocks);
        CHECK(ledger.committed ==
              ledger.live + ledger.free_in_pools + ledger.cached + ledger.purged + ledger.overhead);
        if (step % 20 == 0) {
            CHECK_BOOKS(heap);
        }
        if (step % 200 == 0) {
            CHECK_RESIDENCY(heap);
            lair_heap_trim(heap);
            CHECK_BOOKS(heap);
        }
    }
    lair_heap_close(heap);
}

static void test_live_is_usable_size(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    size_t live = 0;
    for (size_t size = 0; size < 100000; size += 1 + size / 5) {
        void *block = lair_heap_alloc(heap, size);
        REQUIRE(block != NULL);
        live += lair_heap_usable_size(heap, block);
        lair_ledger ledger;
        lair_heap_ledger(heap, &ledger);
        CHECK(ledger.live == live);
    }
    lair_heap_close(heap);
}

static void test_peak(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.idle_purge = LAIR_OFF});
    REQUIRE(heap != NULL);
    size_t highest = lair_heap_footprint(heap);
    void *spans[50];
    for (int i = 0; i < 50; i++) {
        spans[i] = lair_heap_alloc(heap, MIB);
        REQUIRE(spans[i] != NULL);
        size_t now = lair_heap_footprint(heap);
        highest = now > highest ? now : highest;
    }
    lair_heap_charge(heap, (ptrdiff_t)MIB);
    highest = lair_heap_footprint(heap) > highest ? lair_heap_footprint(heap) : highest;
    lair_heap_charge(heap, -(ptrdiff_t)MIB);
    for (int i = 0; i < 50; i++) {
        lair_heap_free(heap, spans[i]);
    }
    lair_heap_trim(heap);
    lair_ledger peak;
    lair_heap_peak(heap, &peak);
    CHECK(peak.footprint == highest);
    CHECK(peak.live >= 45 * MIB);
    CHECK(peak.live <= 50 * MIB + 50 * 4096);
    lair_ledger now;
    lair_heap_ledger(heap, &now);
    CHECK(now.footprint < 4 * MIB);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

static void test_residency(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.huge_pages = LAIR_OFF});
    REQUIRE(heap != NULL);
    char *span = lair_heap_alloc(heap, 32 * MIB);
    REQUIRE(span != NULL);
    lair_residency untouched;
    REQUIRE(lair_heap_residency(heap, &untouched) == LAIR_OK);
    CHECK(untouched.live < MIB);
    memset(span, 1, 32 * MIB);
    lair_residency touched;
    REQUIRE(lair_heap_residency(heap, &touched) == LAIR_OK);
    CHECK(touched.live >= 32 * MIB);
    CHECK(touched.resident < 40 * MIB);
    CHECK_RESIDENCY(heap);
    lair_heap_free(heap, span);
    lair_heap_trim(heap);
    lair_residency trimmed;
    REQUIRE(lair_heap_residency(heap, &trimmed) == LAIR_OK);
    CHECK(trimmed.resident < 4 * MIB);
    CHECK(trimmed.live == 0);
    CHECK_RESIDENCY(heap);
    lair_heap_close(heap);
}

static void test_stats(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 512 * MIB});
    REQUIRE(heap != NULL);
    enum { SMALL = 20000 };
    static void *blocks[SMALL];
    for (size_t i = 0; i < SMALL; i++) {
        blocks[i] = lair_heap_alloc(heap, 48);
        REQUIRE(blocks[i] != NULL);
    }
    void *span = lair_heap_alloc(heap, 3 * MIB);
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.limit == 512 * MIB);
    CHECK(stats.soft_limit >= 460 * MIB && stats.soft_limit <= 461 * MIB);
    CHECK(stats.arenas >= 2);
    CHECK(stats.refused == 0 && stats.soft_events == 0);
    CHECK(stats.pools_acquired >= SMALL * 48 / 16384);
    CHECK(stats.spans_acquired == 1 && stats.spans_released == 0);
    CHECK(stats.ledger.blocks == SMALL + 1);

    lair_heap_class *classes = calloc(stats.class_count, sizeof *classes);
    REQUIRE(classes != NULL);
    CHECK(lair_heap_class_stats(heap, NULL, 0) == stats.class_count);
    CHECK(lair_heap_class_stats(heap, classes, 1) == stats.class_count);
    CHECK(classes[1].block_bytes == 0 && classes[1].pools == 0); /* only what fits is written */
    CHECK(lair_heap_class_stats(heap, classes, stats.class_count) == stats.class_count);
    bool found = false;
    for (size_t i = 0; i + 1 < stats.class_count; i++) {
        if (classes[i].block_bytes == 48) {
            found = true;
            CHECK(classes[i].blocks == SMALL);
            CHECK(classes[i].pool_bytes == 16384);
            CHECK(classes[i].pools == (SMALL + 340) / 341);
            CHECK(classes[i].fill[9] >= classes[i].pools - 2);
        } else {
            CHECK(classes[i].blocks == 0);
        }
    }
    CHECK(found);
    const lair_heap_class *spans = &classes[stats.class_count - 1];
    CHECK(spans->blocks == 1 && spans->pools == 1 && spans->live_bytes == 3 * MIB);
    free(classes);

    lair_heap_free(heap, span);
    for (size_t i = 0; i < SMALL; i++) {
        lair_heap_free(heap, blocks[i]);
    }
    lair_heap_trim(heap);
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.spans_released == 1);
    CHECK(stats.pools_released == stats.pools_acquired);
    CHECK(stats.purges > 0);
    CHECK(stats.purged_bytes >= SMALL * 48);
    CHECK(stats.purge_ns > 0);
    CHECK(stats.ledger.blocks == 0);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

int main(void)
{
    for (size_t i = 0; i < variant_count; i++) {
        test_every_step(&variants[i]);
    }
    test_live_is_usable_size();
    test_peak();
    test_residency();
    test_stats();
    return check_finish("ledger, peak, residency and statistics");
}

/* test_pools.c: where blocks lie: in order of address, beside a prefix, with room to grow, and in
 * pools whose pages went back. */
#include <stdint.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"

enum { MANY = 30000 };
static char *blocks[MANY];

static lair_heap *open_heap(lair_heap_options options)
{
    options.decay_ms = LAIR_DECAY_NEVER;
    options.idle_purge = LAIR_OFF;
    lair_heap *heap = lair_heap_open(&options);
    REQUIRE(heap != NULL);
    return heap;
}

static lair_ledger ledger_of(lair_heap *heap)
{
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    return ledger;
}

/* Every block of the bins goes back to its pool: failure injection does without bins. */
static void flush_bins(lair_heap *heap)
{
    lair_heap_inject_failure(heap, UINT64_MAX, false);
    lair_heap_inject_failure(heap, 0, false);
}

static void allocate(lair_heap *heap, size_t count, size_t size)
{
    for (size_t i = 0; i < count; i++) {
        blocks[i] = lair_heap_alloc(heap, size);
        REQUIRE(blocks[i] != NULL);
        memset(blocks[i], 1, size);
    }
}

/* How often a block lies below the one that was handed out before it. */
static size_t descents(size_t count)
{
    size_t found = 0;
    for (size_t i = 1; i < count; i++) {
        found += blocks[i] < blocks[i - 1];
    }
    return found;
}

/* What is built in one go lies in order, in new pools and in those with holes. */
static void test_order(size_t size)
{
    lair_heap *heap = open_heap((lair_heap_options){0});
    allocate(heap, MANY, size);
    CHECK(descents(MANY) == 0);
    char *last = blocks[MANY - 1];
    for (size_t i = 0; i < MANY; i += 3) {
        lair_heap_free(heap, blocks[i * 7 % MANY]);
    }
    lair_heap_trim(heap); /* the bins go back too */
    allocate(heap, MANY / 3, size);
    CHECK(descents(MANY / 3) <= 1); /* the current pool comes before the lowest */
    for (size_t i = 0; i < MANY / 3; i++) {
        CHECK(blocks[i] < last + 16384); /* in the holes, or in the current pool */
    }
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* Blocks of whole cache lines lie so that what follows the prefix begins a line. */
static void test_prefix(size_t prefix, lair_choice hardened)
{
    lair_heap *heap = open_heap(
        (lair_heap_options){.alignment = 16, .prefix_bytes = prefix, .hardened = hardened});
    CHECK(lair_heap_get_options(heap)->prefix_bytes == prefix);
    size_t guard = hardened == LAIR_ON ? 16 : 0;
    for (size_t size = 16; size <= 1024; size += 16) {
        allocate(heap, 1000, size - (size > guard ? guard : 0));
        for (size_t i = 0; i < 1000; i++) {
            uintptr_t address = (uintptr_t)blocks[i];
            CHECK(address % 16 == 0);
            CHECK(size % 64 != 0 || size > 512 || (address + prefix) % 64 == 0);
            CHECK(lair_heap_is_live(heap, blocks[i]));
            CHECK(!lair_heap_is_live(heap, blocks[i] - 16) || size == 16);
        }
        for (size_t align = 32; align <= 4096; align *= 2) {
            void *aligned = lair_heap_aligned_alloc(heap, align, size);
            CHECK(aligned != NULL && (uintptr_t)aligned % align == 0);
            lair_heap_free(heap, aligned);
        }
        CHECK_BOOKS(heap);
        for (size_t i = 0; i < 1000; i += 2) {
            lair_heap_free(heap, blocks[i]);
        }
        lair_heap_trim(heap);
        CHECK_BOOKS(heap);
        for (size_t i = 1; i < 1000; i += 2) {
            CHECK(blocks[i][0] == 1);
            lair_heap_free(heap, blocks[i]);
        }
    }
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* Grows block, of 4096 bytes, by an eighth at a time to 128 KiB, never in place; returns in how
 * many of the steps it was moved. */
static size_t moves_of_growth(lair_heap *heap, char *block, size_t *steps)
{
    char *neighbour = NULL;
    size_t moves = 0;
    memset(block, 7, 4096);
    *steps = 0;
    for (size_t size = 4096; size < (size_t)128 * 1024; size += size / 8) {
        char *before = block;
        void *beside = lair_heap_alloc(heap, size);
        block = lair_heap_realloc(heap, block, size);
        REQUIRE(block != NULL && beside != NULL);
        lair_heap_free(heap, neighbour);
        neighbour = beside;
        ++*steps;
        moves += block != before;
        CHECK(lair_heap_usable_size(heap, block) >= size);
        CHECK(lair_heap_usable_size(heap, block) <= size + size / 3);
        CHECK(block[0] == 7 && block[4095] == 7);
        CHECK(lair_heap_realloc(heap, block, size) == block); /* the room is kept for growth */
    }
    lair_heap_free(heap, neighbour);
    lair_heap_free(heap, block);
    return moves;
}

/* A block that grows by small steps is not copied at each of them; only that one gets more than its
 * class, and none where the limit is near. */
static void test_growth(void)
{
    lair_heap *heap = open_heap((lair_heap_options){0});
    size_t steps;
    CHECK(moves_of_growth(heap, lair_heap_alloc(heap, 4096), &steps) <= steps / 2 + 1);
    CHECK(steps > 25);

    char *exact = lair_heap_alloc(heap, 10240);
    char *small = lair_heap_realloc(heap, lair_heap_alloc(heap, 1600), 1792);
    char *twice = lair_heap_realloc(heap, lair_heap_alloc(heap, 5000), 10240);
    char *less = lair_heap_realloc(heap, lair_heap_alloc(heap, 30000), 8192);
    char *large = lair_heap_realloc(heap, lair_heap_alloc(heap, 300000), 320 << 10);
    CHECK(lair_heap_usable_size(heap, exact) == 10240);
    CHECK(lair_heap_usable_size(heap, small) == 1792);
    CHECK(lair_heap_usable_size(heap, twice) == 10240);
    CHECK(lair_heap_usable_size(heap, less) == 8192);
    CHECK(lair_heap_usable_size(heap, large) == 320 << 10);

    size_t now = lair_heap_footprint(heap);
    CHECK(lair_heap_set_limit(heap, now + (1 << 20), now + (32 << 10)) == LAIR_OK);
    char *tight = lair_heap_realloc(heap, lair_heap_alloc(heap, 9000), 10240);
    CHECK(lair_heap_usable_size(heap, tight) == 10240);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* A pool with hollow pages counts whole when a block of it is handed out. Where the limit has no
 * room for that, the free blocks that have memory behind them still serve. */
static void test_hollow_is_filled(void)
{
    lair_heap *heap = open_heap((lair_heap_options){0});
    allocate(heap, MANY, 64);
    for (size_t i = 0; i < MANY; i++) {
        if (i % 1000 != 0) {
            lair_heap_free(heap, blocks[i]);
        }
    }
    lair_heap_trim(heap);
    lair_ledger hollow = ledger_of(heap);
    CHECK(hollow.purged > hollow.live);

    CHECK(lair_heap_set_limit(heap, hollow.footprint, hollow.footprint) == LAIR_OK);
    char *resident[256];
    size_t served = 0;
    while (served < 256 && (resident[served] = lair_heap_alloc(heap, 64)) != NULL) {
        memset(resident[served++], 2, 64);
    }
    CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
    CHECK(served > 0 && served < 256);
    CHECK(ledger_of(heap).footprint == hollow.footprint);
    CHECK(ledger_of(heap).purged == hollow.purged);
    CHECK_BOOKS(heap);

    CHECK(lair_heap_set_limit(heap, 0, 0) == LAIR_OK);
    char *last = lair_heap_alloc(heap, 64);
    REQUIRE(last != NULL);
    lair_ledger filled = ledger_of(heap);
    size_t grown = filled.footprint - hollow.footprint;
    CHECK(grown >= 4096 && grown < lair_heap_get_options(heap)->pool_bytes);
    CHECK(hollow.purged - filled.purged == grown);
    CHECK_BOOKS(heap);

    /* The last block of such a pool takes what is left of it along: nothing is cached. */
    lair_heap_trim(heap);
    size_t before = lair_heap_footprint(heap);
    while (served > 0) {
        CHECK(resident[--served][63] == 2);
        lair_heap_free(heap, resident[served]);
    }
    for (size_t i = 0; i < MANY; i += 1000) {
        CHECK(blocks[i][0] == 1 && blocks[i][63] == 1);
        lair_heap_free(heap, blocks[i]);
        CHECK(lair_heap_footprint(heap) <= before);
    }
    flush_bins(heap);
    CHECK(ledger_of(heap).cached == 0);
    CHECK(lair_heap_footprint(heap) < before);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* Pages of a pool go back that have been in use, and only those. */
static void test_fresh_pages(void)
{
    enum { COUNT = 150 };
    lair_heap *heap = open_heap((lair_heap_options){.pool_bytes = 16384});
    char *first = lair_heap_alloc(heap, 64);
    size_t purged = ledger_of(heap).purged;
    CHECK(lair_heap_trim(heap) == 0);
    CHECK(ledger_of(heap).purged == purged);
    allocate(heap, COUNT, 64);
    for (size_t i = 0; i < COUNT; i++) {
        lair_heap_free(heap, blocks[i]);
    }
    flush_bins(heap);
    lair_heap_free(heap, lair_heap_alloc(heap, 64)); /* a low one again */
    CHECK(lair_heap_trim(heap) == (size_t)2 * 4096); /* not the page of first, nor the last one */
    CHECK(ledger_of(heap).purged == purged + (size_t)2 * 4096);
    CHECK(lair_heap_is_live(heap, first));
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* No page is purged that a live block reaches into, be it with one end. */
static void test_straddling(size_t size, size_t prefix)
{
    lair_heap *heap = open_heap((lair_heap_options){.alignment = 16, .prefix_bytes = prefix});
    char ones[1152];
    memset(ones, 1, sizeof ones);
    allocate(heap, MANY, size);
    for (size_t i = 0; i < MANY; i++) {
        if ((uintptr_t)blocks[i] % 4096 + size <= 4096) {
            lair_heap_free(heap, blocks[i]);
            blocks[i] = NULL;
        }
    }
    lair_heap_trim(heap);
    CHECK_BOOKS(heap);
    for (size_t i = 0; i < MANY; i++) {
        CHECK(blocks[i] == NULL || memcmp(blocks[i], ones, size) == 0);
    }
    lair_heap_close(heap);
}

/* What a pool's books take is used again. */
static void test_books_are_reused(void)
{
    lair_heap *heap = open_heap((lair_heap_options){0});
    size_t overhead = 0;
    for (int round = 0; round < 30; round++) {
        allocate(heap, MANY, 16);
        for (size_t i = 0; i < MANY; i++) {
            lair_heap_free(heap, blocks[i]);
        }
        lair_heap_trim(heap);
        lair_ledger ledger = ledger_of(heap);
        CHECK(round == 0 || ledger.overhead == overhead);
        overhead = ledger.overhead;
    }
    lair_heap_close(heap);
}

int main(void)
{
    test_order(16);
    test_order(48);
    test_order(64);
    test_order(200);
    for (size_t prefix = 0; prefix < 64; prefix += 16) {
        test_prefix(prefix, LAIR_OFF);
        test_prefix(prefix, LAIR_ON);
    }
    test_growth();
    test_hollow_is_filled();
    for (size_t prefix = 0; prefix < 64; prefix += 16) {
        test_straddling(64, prefix);
        test_straddling(192, prefix);
        test_straddling(448, prefix);
        test_straddling(1152, prefix);
    }
    test_fresh_pages();
    test_books_are_reused();
    return check_finish("where blocks lie");
}

/* test_arenas.c: heaps whose address range is small, refused, or may not be asked for. */
#include <stdint.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "child.h"

static const size_t MIB = (size_t)1 << 20;
enum { MANY = 200000 };
static unsigned *blocks[MANY];

/* Fills with blocks of mixed sizes up to bytes, checks them, frees them in another order. */
static void use(lair_heap *heap, size_t bytes)
{
    size_t count = 0;
    for (size_t total = 0; total < bytes && count < MANY; count++) {
        size_t size = count % 500 == 0 ? 200000 : count % 20 == 0 ? 6000 : 16 + count % 600;
        blocks[count] = lair_heap_alloc(heap, size);
        REQUIRE(blocks[count] != NULL);
        blocks[count][0] = (unsigned)count;
        total += size;
    }
    CHECK_BOOKS(heap);
    CHECK_RESIDENCY(heap);
    for (size_t i = 0; i < count; i++) {
        CHECK(blocks[i][0] == (unsigned)i && lair_heap_owns(heap, blocks[i]));
    }
    for (size_t i = 0; i < count; i++) {
        if (i % 2 == 0) {
            lair_heap_free(heap, blocks[i]);
        }
    }
    for (size_t i = count; i-- > 0;) {
        if (i % 2 != 0) {
            lair_heap_free(heap, blocks[i]);
        }
    }
    lair_heap_trim(heap);
    CHECK_BOOKS(heap);
    CHECK(lair_heap_footprint(heap) < 8 * MIB);
}

static void test_small_ranges(void)
{
    static const size_t ranges[] = {1, 4096, 2 << 20, 3 << 20, 6 << 20, 10 << 20, 64 << 20};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        lair_heap *heap = lair_heap_open(&(lair_heap_options){.address_bytes = ranges[i]});
        REQUIRE(heap != NULL);
        use(heap, 100 * MIB);
        use(heap, 100 * MIB);
        lair_heap_close(heap);
    }
}

/* -- under ulimit -v ------------------------------------------------------------------------- */

static int under_limit(void *arg)
{
    (void)arg;
    child_limit_address_space(1024 * MIB);
    size_t before = child_address_space();
    for (int round = 0; round < 3; round++) {
        lair_heap *heap = lair_heap_open(NULL);
        REQUIRE(heap != NULL);
        lair_heap_stats stats;
        lair_heap_get_stats(heap, &stats);
        CHECK(!stats.reserved);
        CHECK(child_address_space() - before < 256 * MIB); /* room for the rest of the program */
        use(heap, 200 * MIB);
        lair_heap_close(heap);
    }
    return 0;
}

static int until_refused(void *arg)
{
    const lair_heap_options *options = arg;
    child_limit_address_space(256 * MIB);
    lair_heap *heap = lair_heap_open(options);
    REQUIRE(heap != NULL);
    for (int round = 0; round < 3; round++) {
        static const size_t sizes[] = {2000, 30000, 300000};
        size_t count = 0;
        while (count < MANY) {
            blocks[count] = lair_heap_alloc(heap, sizes[round]);
            if (blocks[count] == NULL) {
                break;
            }
            blocks[count++][0] = 7;
        }
        CHECK(count < MANY);
        CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
        CHECK(count * sizes[round] > 64 * MIB);
        CHECK_BOOKS(heap);
        while (count > 0) {
            lair_heap_free(heap, blocks[--count]);
        }
        lair_heap_trim(heap);
        CHECK_BOOKS(heap);
        CHECK(lair_heap_alloc(heap, sizes[round]) != NULL);
    }
    lair_heap_close(heap);
    return 0;
}

static int no_room_to_open(void *arg)
{
    (void)arg;
    child_limit_address_space(0);
    lair_heap *heap = lair_heap_open(NULL);
    if (heap == NULL) {
        CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
    } else {
        CHECK(lair_heap_alloc(heap, 64 * MIB) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
        lair_heap_close(heap);
    }
    return 0;
}

static void test_limited_address_space(void)
{
    child_result result = child_run(under_limit, NULL);
    CHECK_CHILD_PASSED(result);
    lair_heap_options plain = {0};
    result = child_run(until_refused, &plain);
    CHECK_CHILD_PASSED(result);
    lair_heap_options small_range = {.address_bytes = 32 * MIB, .hardened = LAIR_ON};
    result = child_run(until_refused, &small_range);
    CHECK_CHILD_PASSED(result);
    result = child_run(no_room_to_open, NULL);
    CHECK_CHILD_PASSED(result);
}

/* Closing gives all address space back. */
static void test_close_returns_everything(void)
{
    static const size_t ranges[] = {0, 1, 8 << 20};
    for (size_t i = 0; i < 3; i++) {
        size_t before = 0;
        for (int round = 0; round < 20; round++) {
            lair_heap *heap = lair_heap_open(
                &(lair_heap_options){.address_bytes = ranges[i], .idle_purge = LAIR_OFF});
            REQUIRE(heap != NULL);
            for (size_t size = 1; size < 20 * MIB; size += size / 3 + 1) {
                REQUIRE(lair_heap_alloc(heap, size) != NULL);
            }
            lair_heap_close(heap);
            if (round == 4) {
                before = child_address_space();
            }
        }
        size_t after = child_address_space();
        CHECK(after <= before + (child_is_instrumented() != NULL ? MIB : 0));
    }
}

int main(void)
{
    test_small_ranges();
    test_limited_address_space();
    test_close_returns_everything();
    return check_finish("arenas");
}

/* test_blocks.c: alloc, calloc, aligned_alloc, realloc, free, and what is said of a block, over
 * every kind of heap. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "variants.h"

static const size_t KIB = 1024;
static const size_t MIB = (size_t)1 << 20;

/* Sizes around every boundary: classes, small to medium, pools to spans, arenas. */
static size_t sizes_of_interest(size_t *sizes, size_t count)
{
    size_t n = 0;
    for (size_t size = 0; size <= 1100 && n < count; size++) {
        sizes[n++] = size;
    }
    for (size_t power = 2 * KIB; power <= 4 * MIB; power *= 2) {
        for (size_t eighth = 0; eighth < (power < 128 * KIB ? 8 : 1); eighth++) {
            size_t size = power + power / 8 * eighth;
            for (size_t near = size - 1; near <= size + 1 && n < count; near++) {
                sizes[n++] = near;
            }
        }
    }
    return n;
}

static void fill(void *block, size_t size, unsigned seed)
{
    unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(i * 31 + seed);
    }
}

static bool filled(const void *block, size_t size, unsigned seed)
{
    const unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != (unsigned char)(i * 31 + seed)) {
            return false;
        }
    }
    return true;
}

static void test_every_size(lair_heap *heap, const heap_variant *variant)
{
    static size_t sizes[2048];
    size_t count = sizes_of_interest(sizes, sizeof sizes / sizeof sizes[0]);
    size_t alignment = lair_heap_get_options(heap)->alignment;
    void **blocks = calloc(count, sizeof *blocks);
    REQUIRE(blocks != NULL);
    for (size_t i = 0; i < count; i++) {
        blocks[i] = lair_heap_alloc(heap, sizes[i]);
        REQUIRE(blocks[i] != NULL);
        size_t usable = lair_heap_usable_size(heap, blocks[i]);
        CHECK(usable >= sizes[i]);
        CHECK(usable > 0 || variant->options.hardened);
        CHECK((uintptr_t)blocks[i] % alignment == 0);
        CHECK(lair_heap_owns(heap, blocks[i]));
        CHECK(lair_heap_owns(heap, (char *)blocks[i] + (usable != 0 ? usable - 1 : 0)));
        CHECK(lair_heap_is_live(heap, blocks[i]));
        CHECK(!lair_heap_is_live(heap, (char *)blocks[i] + 1));
        if (!variant->options.hardened && sizes[i] > 0) {
            size_t step = sizes[i] <= 512 ? 64 : sizes[i] / 8 + 4 * KIB;
            CHECK(usable < sizes[i] + step);
        }
        fill(blocks[i], usable, (unsigned)i);
    }
    CHECK_BOOKS(heap);
    for (size_t i = 0; i < count; i++) {
        CHECK(filled(blocks[i], lair_heap_usable_size(heap, blocks[i]), (unsigned)i));
    }
    for (size_t i = 0; i < count; i++) {
        lair_heap_free(heap, blocks[i * 7919 % count]); /* 7919 is prime: each once */
        CHECK(!lair_heap_is_live(heap, blocks[i * 7919 % count]));
    }
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    CHECK(ledger.blocks == 0 && ledger.live == 0);
    CHECK_BOOKS(heap);
    free(blocks);
}

static void test_size_zero(lair_heap *heap)
{
    void *first = lair_heap_alloc(heap, 0);
    void *second = lair_heap_alloc(heap, 0);
    void *third = lair_heap_calloc(heap, 0, 100);
    void *fourth = lair_heap_calloc(heap, 100, 0);
    void *fifth = lair_heap_realloc(heap, NULL, 0);
    void *sixth = lair_heap_aligned_alloc(heap, 64, 0);
    REQUIRE(first && second && third && fourth && fifth && sixth);
    CHECK(first != second && second != third && third != fourth && fourth != fifth);
    CHECK((uintptr_t)sixth % 64 == 0);
    size_t smallest = lair_heap_usable_size(heap, first);
    CHECK(smallest > 0 || lair_heap_get_options(heap)->hardened == LAIR_ON);
    CHECK(smallest == lair_heap_usable_size(heap, third));
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    CHECK(ledger.blocks == 6);

    /* Size 0 does not free. */
    void *same = lair_heap_realloc(heap, first, 0);
    CHECK(same != NULL && lair_heap_is_live(heap, same));
    void *large = lair_heap_realloc(heap, same, 100 * KIB);
    REQUIRE(large != NULL);
    void *shrunk = lair_heap_realloc(heap, large, 0);
    CHECK(shrunk != NULL && lair_heap_usable_size(heap, shrunk) <= 4 * KIB);
    lair_heap_ledger(heap, &ledger);
    CHECK(ledger.blocks == 6);
    void *all[] = {shrunk, second, third, fourth, fifth, sixth};
    for (size_t i = 0; i < 6; i++) {
        lair_heap_free(heap, all[i]);
    }
    CHECK_BOOKS(heap);
}

static void test_sizes_too_large(lair_heap *heap)
{
    static const size_t invalid[] = {(size_t)PTRDIFF_MAX + 1, SIZE_MAX - 15, SIZE_MAX};
    static const size_t too_large[] = {PTRDIFF_MAX, PTRDIFF_MAX - 4096, (size_t)1 << 60};
    char *kept = lair_heap_alloc(heap, 100);
    REQUIRE(kept != NULL);
    fill(kept, 100, 9);
    for (size_t i = 0; i < 3; i++) {
        CHECK(lair_heap_alloc(heap, invalid[i]) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(lair_heap_calloc(heap, 1, invalid[i]) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(lair_heap_calloc(heap, invalid[i], 1) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(lair_heap_realloc(heap, kept, invalid[i]) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(lair_heap_realloc(heap, NULL, invalid[i]) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(lair_heap_aligned_alloc(heap, 16, invalid[i]) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);

        CHECK(lair_heap_alloc(heap, too_large[i]) == NULL);
        CHECK(lair_error_status() == LAIR_ERR_NO_MEMORY || lair_error_status() == LAIR_ERR_LIMIT);
        CHECK(lair_heap_realloc(heap, kept, too_large[i]) == NULL);
        CHECK(lair_heap_calloc(heap, too_large[i], 1) == NULL);
        CHECK(lair_heap_aligned_alloc(heap, 2 * MIB, too_large[i]) == NULL);
        CHECK(lair_error_status() == LAIR_ERR_NO_MEMORY || lair_error_status() == LAIR_ERR_LIMIT);
    }
    static const size_t overflows[][2] = {
        {SIZE_MAX, 2}, {2, SIZE_MAX}, {(size_t)1 << 32, (size_t)1 << 32}, {SIZE_MAX / 2 + 1, 2}};
    for (size_t i = 0; i < 4; i++) {
        CHECK(lair_heap_calloc(heap, overflows[i][0], overflows[i][1]) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    }
    CHECK(filled(kept, 100, 9));
    CHECK_BOOKS(heap);
    lair_heap_free(heap, kept);
}

/* calloc gives zeros where dirty blocks of the same size lay before. */
static void test_calloc(lair_heap *heap)
{
    static const size_t sizes[] = {1, 16, 100, 512, 513, 5000, 32 * 1024, 40000, 300000, 5000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *blocks[8];
        for (int round = 0; round < 3; round++) {
            for (int j = 0; j < 8; j++) {
                unsigned char *bytes = lair_heap_calloc(heap, 1, sizes[i]);
                REQUIRE(bytes != NULL);
                size_t zeros = 0;
                while (zeros < sizes[i] && bytes[zeros] == 0) {
                    zeros++;
                }
                CHECK(zeros == sizes[i]);
                memset(bytes, 0xa5, lair_heap_usable_size(heap, bytes));
                blocks[j] = bytes;
            }
            for (int j = 0; j < 8; j++) {
                lair_heap_free(heap, blocks[j]);
            }
            if (round == 1) {
                lair_heap_trim(heap);
            }
        }
    }
    CHECK_BOOKS(heap);
}

static void test_aligned(lair_heap *heap)
{
    static const size_t sizes[] = {1, 24, 64, 500, 513, 4000, 4096, 32768, 33000, 700000, 3000000};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (size_t alignment = 1; alignment <= 2 * MIB; alignment *= 2) {
        void *blocks[SIZES];
        for (size_t i = 0; i < SIZES; i++) {
            blocks[i] = lair_heap_aligned_alloc(heap, alignment, sizes[i]);
            REQUIRE(blocks[i] != NULL);
            CHECK((uintptr_t)blocks[i] % alignment == 0);
            CHECK(lair_heap_usable_size(heap, blocks[i]) >= sizes[i]);
            CHECK(lair_heap_is_live(heap, blocks[i]));
            fill(blocks[i], sizes[i], (unsigned)i);
        }
        CHECK_BOOKS(heap);
        for (size_t i = 0; i < SIZES; i++) {
            CHECK(filled(blocks[i], sizes[i], (unsigned)i));
            size_t other = sizes[(i + 3) % SIZES];
            blocks[i] = lair_heap_realloc(heap, blocks[i], other);
            REQUIRE(blocks[i] != NULL);
            CHECK(filled(blocks[i], other < sizes[i] ? other : sizes[i], (unsigned)i));
        }
        CHECK_BOOKS(heap);
        for (size_t i = 0; i < SIZES; i++) {
            lair_heap_free(heap, blocks[i]);
        }
    }
    CHECK_BOOKS(heap);
    static const size_t bad[] = {0, 3, 24, 100, 4095, 4 << 20, SIZE_MAX, (SIZE_MAX >> 1) + 1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(lair_heap_aligned_alloc(heap, bad[i], 100) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    }
}

static void test_realloc(lair_heap *heap)
{
    static const size_t sizes[] = {
        1,      16,      17,  500,     512,   513,   2000,    32768, 32769,    65536, 100000,
        300000, 2 << 20, 100, 5000000, 40000, 39000, 6 << 20, 6000,  64 << 10, 600,   3000000};
    enum { SIZES = sizeof sizes / sizeof sizes[0] };
    for (size_t from = 0; from < SIZES; from++) {
        char *block = lair_heap_realloc(heap, NULL, sizes[from]);
        REQUIRE(block != NULL);
        fill(block, sizes[from], (unsigned)from);
        size_t valid = sizes[from];
        for (size_t to = 0; to < SIZES; to++) {
            block = lair_heap_realloc(heap, block, sizes[to]);
            REQUIRE(block != NULL);
            CHECK(lair_heap_usable_size(heap, block) >= sizes[to]);
            CHECK(lair_heap_is_live(heap, block));
            valid = valid < sizes[to] ? valid : sizes[to];
            CHECK(filled(block, valid, (unsigned)from));
            fill(block, sizes[to], (unsigned)from);
            valid = sizes[to];
        }
        lair_heap_free(heap, block);
    }
    /* A large block that shrinks gives its pages up. */
    char *block = lair_heap_alloc(heap, 16 * MIB);
    REQUIRE(block != NULL);
    block = lair_heap_realloc(heap, block, 100 * KIB);
    REQUIRE(block != NULL);
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    CHECK(ledger.live < MIB);
    /* Growing by steps, beside neighbours that are in the way. */
    size_t size = 100 * KIB;
    fill(block, size, 77);
    void *neighbours[64];
    size_t grown = 0;
    for (; size < 8 * MIB; size += size / 4) {
        neighbours[grown++] = lair_heap_alloc(heap, 50 * KIB);
        block = lair_heap_realloc(heap, block, size + size / 4);
        REQUIRE(block != NULL);
        CHECK(filled(block, 100 * KIB, 77));
    }
    CHECK_BOOKS(heap);
    lair_heap_free(heap, block);
    while (grown > 0) {
        lair_heap_free(heap, neighbours[--grown]);
    }
    CHECK_BOOKS(heap);
}

static void test_not_blocks(lair_heap *heap)
{
    int on_stack = 0;
    void *foreign = malloc(100);
    CHECK(!lair_heap_owns(heap, NULL));
    CHECK(!lair_heap_owns(heap, &on_stack));
    CHECK(!lair_heap_owns(heap, foreign));
    CHECK(!lair_heap_owns(heap, (void *)UINTPTR_MAX));
    CHECK(!lair_heap_is_live(heap, NULL));
    CHECK(!lair_heap_is_live(heap, &on_stack));
    CHECK(!lair_heap_is_live(heap, foreign));
    CHECK(!lair_heap_is_live(heap, (void *)UINTPTR_MAX));
    CHECK(lair_heap_usable_size(heap, NULL) == 0);
    CHECK(lair_heap_usable_size(heap, &on_stack) == 0);
    CHECK(lair_heap_usable_size(heap, foreign) == 0);
    CHECK(lair_heap_usable_size(heap, (void *)UINTPTR_MAX) == 0);
    lair_heap_free(heap, NULL);
    free(foreign);

    /* In the reserved range where there is one, far from anything committed. */
    char *near = lair_heap_alloc(heap, 100);
    REQUIRE(near != NULL);
    for (int shift = 30; shift < 34; shift++) {
        CHECK(!lair_heap_is_live(heap, near + ((size_t)1 << shift)));
        CHECK(lair_heap_usable_size(heap, near + ((size_t)1 << shift)) == 0);
    }
    lair_heap_free(heap, near);

    /* No address inside a block is live but its first. */
    static const size_t sizes[] = {16, 48, 500, 3000, 30000, 50000, 3000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *block = lair_heap_alloc(heap, sizes[i]);
        REQUIRE(block != NULL);
        size_t usable = lair_heap_usable_size(heap, block);
        for (size_t offset = 1; offset < usable; offset += usable / 15 + 1) {
            CHECK(!lair_heap_is_live(heap, block + offset));
        }
        lair_heap_free(heap, block);
    }
}

static void run(const heap_variant *variant)
{
    lair_heap *heap = variant_open(variant);
    test_size_zero(heap);
    test_every_size(heap, variant);
    test_sizes_too_large(heap);
    test_calloc(heap);
    test_aligned(heap);
    test_realloc(heap);
    test_not_blocks(heap);
    CHECK_RESIDENCY(heap);
    lair_heap_close(heap);
}

int main(void)
{
    for (size_t i = 0; i < variant_count; i++) {
        run(&variants[i]);
    }
    return check_finish("blocks in every kind of heap");
}

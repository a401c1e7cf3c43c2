/* test_walk.c: a walk sees each live block once, in order, and nobody may disturb it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "variants.h"

enum { BLOCKS = 6000 };

typedef struct walk_log {
    const lair_heap *heap;
    void *blocks[BLOCKS + 1];
    size_t count;
    size_t stop_after;
    bool sizes_agree;
} walk_log;

static bool note(void *block, size_t size, void *arg)
{
    walk_log *seen = arg;
    if (seen->count <= BLOCKS) {
        seen->blocks[seen->count] = block;
    }
    seen->count++;
    seen->sizes_agree &= size == lair_heap_usable_size(seen->heap, block);
    return seen->count != seen->stop_after;
}

static int by_address(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t) * (void *const *)left;
    uintptr_t b = (uintptr_t) * (void *const *)right;
    return (a > b) - (a < b);
}

static void test_exact(const heap_variant *variant)
{
    static walk_log seen;
    static void *blocks[BLOCKS];
    lair_heap *heap = variant_open(variant);
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = lair_heap_alloc(heap, i % 100 == 0 ? i * 20 : i % 700);
        REQUIRE(blocks[i] != NULL);
    }
    size_t kept = 0;
    for (size_t i = 0; i < BLOCKS; i++) {
        if (i % 3 == 1) {
            lair_heap_free(heap, blocks[i]);
        } else {
            blocks[kept++] = blocks[i];
        }
    }
    seen.heap = heap;
    seen.count = 0;
    seen.stop_after = 0;
    seen.sizes_agree = true;
    CHECK(lair_heap_walk(heap, note, &seen) == LAIR_OK);
    CHECK(seen.count == kept);
    CHECK(seen.sizes_agree);
    size_t descents = 0;
    for (size_t i = 1; i < seen.count && i < BLOCKS; i++) {
        descents += (uintptr_t)seen.blocks[i] < (uintptr_t)seen.blocks[i - 1];
    }
    if (variant->options.address_bytes == 0) {
        CHECK(descents <= 2); /* three kinds of arena, each in order */
    }
    qsort(seen.blocks, seen.count < BLOCKS ? seen.count : BLOCKS, sizeof(void *), by_address);
    qsort(blocks, kept, sizeof(void *), by_address);
    CHECK(memcmp(seen.blocks, blocks, kept * sizeof(void *)) == 0);

    seen.count = 0;
    seen.stop_after = 7;
    CHECK(lair_heap_walk(heap, note, &seen) == LAIR_OK);
    CHECK(seen.count == 7);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

typedef struct walk_intruder {
    lair_heap *heap;
    void *block;
    size_t inner;
    int calls;
} walk_intruder;

static bool count_only(void *block, size_t size, void *arg)
{
    (void)block;
    (void)size;
    ++*(size_t *)arg;
    return true;
}

/* Everything that allocates is refused inside a walk; looking is allowed. */
static bool intrude(void *block, size_t size, void *arg)
{
    walk_intruder *intruder = arg;
    lair_heap *heap = intruder->heap;
    (void)size;
    intruder->calls++;
    CHECK(lair_heap_alloc(heap, 16) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    CHECK(lair_heap_alloc(heap, 100000) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    CHECK(lair_heap_calloc(heap, 1, 16) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    CHECK(lair_heap_aligned_alloc(heap, 64, 16) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    CHECK(lair_heap_realloc(heap, intruder->block, 5000) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    CHECK(lair_heap_realloc(heap, NULL, 5000) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    CHECK(lair_heap_owns(heap, block));
    CHECK(lair_heap_is_live(heap, block));
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    intruder->inner = 0;
    CHECK(lair_heap_walk(heap, count_only, &intruder->inner) == LAIR_OK);
    CHECK(intruder->inner == ledger.blocks);
    return intruder->calls < 3;
}

static void test_busy(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    void *blocks[10];
    for (size_t i = 0; i < 10; i++) {
        blocks[i] = lair_heap_alloc(heap, 1 + i * i * i * 100);
        REQUIRE(blocks[i] != NULL);
    }
    walk_intruder intruder = {.heap = heap, .block = blocks[0]};
    CHECK(lair_heap_walk(heap, intrude, &intruder) == LAIR_OK);
    CHECK(intruder.calls == 3);
    CHECK_BOOKS(heap);
    CHECK(lair_heap_alloc(heap, 16) != NULL); /* the walk is over */
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

static bool free_it(void *block, size_t size, void *arg)
{
    (void)size;
    lair_heap_free(arg, block);
    return false;
}

/* A free inside a walk fails too: the block stays. */
static void test_free_inside(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    void *block = lair_heap_alloc(heap, 100);
    REQUIRE(block != NULL);
    CHECK(lair_heap_walk(heap, free_it, heap) == LAIR_OK);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
    CHECK(lair_heap_is_live(heap, block));
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

static void test_empty(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    size_t count = 0;
    CHECK(lair_heap_walk(heap, count_only, &count) == LAIR_OK);
    CHECK(count == 0);
    lair_heap_close(heap);
}

int main(void)
{
    for (size_t i = 0; i < variant_count; i++) {
        test_exact(&variants[i]);
    }
    test_busy();
    test_free_inside();
    test_empty();
    return check_finish("walks over live blocks");
}

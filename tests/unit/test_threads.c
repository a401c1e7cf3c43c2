/* test_threads.c: heaps in threads, frees from other threads, fork. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "child.h"
#include "variants.h"

static const size_t MIB = (size_t)1 << 20;
enum { BLOCKS = 8000, THREADS = 4 };

/* -- frees from other threads ---------------------------------------------------------------- */

typedef struct thread_share {
    lair_heap *heap;
    void **blocks;
    size_t count;
} thread_share;

static void *free_share(void *arg)
{
    thread_share *share = arg;
    for (size_t i = 0; i < share->count; i++) {
        lair_heap_free_remote(share->heap, share->blocks[i]);
    }
    return NULL;
}

static size_t live_blocks(lair_heap *heap)
{
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    return ledger.blocks;
}

static void test_free_remote(const heap_variant *variant)
{
    static void *blocks[BLOCKS];
    lair_heap *heap = variant_open(variant);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            blocks[i] = lair_heap_alloc(heap, i % 50 == 0 ? 40000 : i % 1000);
            REQUIRE(blocks[i] != NULL);
        }
        pthread_t threads[THREADS];
        thread_share shares[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            shares[i] = (thread_share){heap, blocks + i * (BLOCKS / THREADS), BLOCKS / THREADS};
            REQUIRE(pthread_create(&threads[i], NULL, free_share, &shares[i]) == 0);
        }
        /* The owner goes on meanwhile. */
        for (size_t i = 0; i < 20000; i++) {
            void *block = lair_heap_alloc(heap, i % 300);
            REQUIRE(block != NULL);
            memset(block, 3, i % 300);
            lair_heap_free(heap, block);
        }
        for (size_t i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
        /* "At one of its next allocations": of a few of each kind here. */
        void *fresh[100];
        for (int tries = 0; tries < 10 && live_blocks(heap) > 0; tries++) {
            for (size_t i = 0; i < 100; i++) {
                fresh[i] = lair_heap_alloc(heap, i * 9);
            }
            for (size_t i = 0; i < 100; i++) {
                lair_heap_free(heap, fresh[i]);
            }
        }
        CHECK(live_blocks(heap) == 0);
        CHECK_BOOKS(heap);
    }
    lair_heap_trim(heap);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* -- a heap for each thread ------------------------------------------------------------------ */

static void *use_own_heap(void *arg)
{
    (void)arg;
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.decay_ms = 2});
    REQUIRE(heap != NULL);
    void *blocks[500] = {0};
    for (size_t i = 0; i < 20000; i++) {
        size_t slot = i * 7919 % 500;
        lair_heap_free(heap, blocks[slot]);
        blocks[slot] = lair_heap_alloc(heap, i % 97 == 0 ? i * 3 : i % 800);
        REQUIRE(blocks[slot] != NULL);
    }
    CHECK(lair_heap_alloc(heap, SIZE_MAX) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
    return NULL;
}

static void test_heap_per_thread(void)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        REQUIRE(pthread_create(&threads[i], NULL, use_own_heap, NULL) == 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    CHECK(lair_error_status() != LAIR_ERR_INVALID); /* errors belong to their thread */
}

/* -- fork ------------------------------------------------------------------------------------ */

static size_t threads_at_start; /* this one, and a sanitizer's own */

typedef struct fork_state {
    lair_heap *heap;
    char *block;
} fork_state;

static bool shrinks_to(const lair_heap *heap, size_t bytes)
{
    for (int i = 0; i < 1000; i++) {
        if (lair_heap_footprint(heap) <= bytes) {
            return true;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return false;
}

/* The child's copy of the heap is whole, can be used, and shrinks by itself. */
static int child_uses(void *arg)
{
    fork_state *family = arg;
    lair_heap *heap = family->heap;
    CHECK(child_thread_count() <= threads_at_start);
    CHECK_BOOKS(heap);
    CHECK(strcmp(family->block, "of the parent") == 0);
    lair_heap_free(heap, family->block);
    void *spans[32];
    for (int i = 0; i < 32; i++) {
        spans[i] = lair_heap_alloc(heap, MIB);
        REQUIRE(spans[i] != NULL);
        memset(spans[i], 1, MIB);
    }
    CHECK_BOOKS(heap);
    for (int i = 0; i < 32; i++) {
        lair_heap_free(heap, spans[i]);
    }
    if (lair_heap_get_options(heap)->idle_purge == LAIR_ON) {
        CHECK(shrinks_to(heap, 8 * MIB));
    }
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
    lair_heap *own = lair_heap_open(NULL);
    REQUIRE(own != NULL);
    CHECK(lair_heap_alloc(own, 100) != NULL);
    lair_heap_close(own);
    return 0;
}

static void test_fork(lair_choice idle_purge, bool helper_at_work)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.decay_ms = 5, .idle_purge = idle_purge});
    REQUIRE(heap != NULL);
    fork_state family = {heap, lair_heap_alloc(heap, 100)};
    REQUIRE(family.block != NULL);
    strcpy(family.block, "of the parent");
    for (int round = 0; round < 5; round++) {
        if (helper_at_work) {
            void *span = lair_heap_alloc(heap, 32 * MIB);
            REQUIRE(span != NULL);
            memset(span, 1, 32 * MIB);
            lair_heap_free(heap, span);
        }
        child_result result = child_run(child_uses, &family);
        CHECK_CHILD_PASSED(result);
        CHECK_BOOKS(heap);
        CHECK(strcmp(family.block, "of the parent") == 0);
        CHECK(lair_heap_alloc(heap, 1000) != NULL);
        if (idle_purge == LAIR_ON) {
            CHECK(shrinks_to(heap, 8 * MIB));
        }
    }
    lair_heap_close(heap);
}

int main(void)
{
    threads_at_start = child_threads_at_rest();
    for (size_t i = 0; i < variant_count; i++) {
        test_free_remote(&variants[i]);
    }
    test_heap_per_thread();
    test_fork(LAIR_OFF, false);
    test_fork(LAIR_ON, false);
    test_fork(LAIR_ON, true);
    return check_finish("threads and fork");
}

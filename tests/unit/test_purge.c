/* test_purge.c: memory goes back: by trim, by decay, and while the owner sleeps. Nothing here
 * measures time; what must happen some day is waited for, for seconds at most. */
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "child.h"
#include "heap/types.h"

static const size_t MIB = (size_t)1 << 20;
enum { MANY = 100000 };
static void *blocks[MANY];
static size_t threads_at_start; /* this one, and a sanitizer's own */

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Waits, without calling into the heap but to read its footprint, until it is at most bytes. */
static bool shrinks_to(const lair_heap *heap, size_t bytes)
{
    for (int i = 0; i < 1000; i++) {
        if (lair_heap_footprint(heap) <= bytes) {
            return true;
        }
        sleep_ms(10);
    }
    return false;
}

static size_t cached(lair_heap *heap)
{
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    return ledger.cached;
}

/* Many touched blocks of size, all but each keep-th freed (0: all). */
static void churn(lair_heap *heap, size_t size, size_t count, size_t keep)
{
    for (size_t i = 0; i < count; i++) {
        blocks[i] = lair_heap_alloc(heap, size);
        REQUIRE(blocks[i] != NULL);
        memset(blocks[i], 1, size);
    }
    for (size_t i = 0; i < count; i++) {
        if (keep == 0 || i % keep != 0) {
            lair_heap_free(heap, blocks[i]);
        }
    }
}

static void test_trim(lair_choice hardened)
{
    static const size_t sizes[] = {64, 1000, 20000, 50000};
    for (size_t i = 0; i < 4; i++) {
        lair_heap *heap = lair_heap_open(&(lair_heap_options){
            .decay_ms = LAIR_DECAY_NEVER, .idle_purge = LAIR_OFF, .hardened = hardened});
        REQUIRE(heap != NULL);
        size_t count = 32 * MIB / sizes[i];
        count = count > MANY ? MANY : count;
        churn(heap, sizes[i], count, 0);
        size_t before = lair_heap_footprint(heap);
        size_t returned = lair_heap_trim(heap);
        size_t after = lair_heap_footprint(heap);
        CHECK(returned > 0);
        CHECK(before - after == returned);
        CHECK(after < 4 * MIB);
        CHECK(cached(heap) == 0);
        CHECK_BOOKS(heap);
        CHECK_RESIDENCY(heap);
        CHECK(lair_heap_trim(heap) == 0);

        /* Few blocks here and there: the unused system pages around them go back. */
        churn(heap, sizes[i], count, 1000);
        lair_heap_trim(heap);
        lair_ledger ledger;
        lair_heap_ledger(heap, &ledger);
        CHECK(ledger.blocks == (count + 999) / 1000);
        CHECK(ledger.footprint < 5 * MIB);
        CHECK_BOOKS(heap);
        CHECK_RESIDENCY(heap);
        for (size_t j = 0; j < count; j += 1000) {
            CHECK(((char *)blocks[j])[0] == 1 && ((char *)blocks[j])[sizes[i] - 1] == 1);
        }
        /* And pools with such holes can be used again. */
        static void *more[MANY];
        for (size_t j = 0; j < count; j++) {
            more[j] = lair_heap_calloc(heap, 1, sizes[i]);
            REQUIRE(more[j] != NULL);
            CHECK(((char *)more[j])[0] == 0 && ((char *)more[j])[sizes[i] - 1] == 0);
            memset(more[j], 2, sizes[i]);
        }
        for (size_t j = 0; j < count; j += 1000) {
            CHECK(((char *)blocks[j])[0] == 1 && ((char *)blocks[j])[sizes[i] - 1] == 1);
        }
        CHECK_BOOKS(heap);
        for (size_t j = 0; j < count; j++) {
            lair_heap_free(heap, more[j]);
        }
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
}

static void test_never(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.decay_ms = LAIR_DECAY_NEVER});
    REQUIRE(heap != NULL);
    churn(heap, 100000, 200, 0);
    sleep_ms(300);
    churn(heap, 100, 1000, 0);
    CHECK(cached(heap) >= 19 * MIB);
    CHECK(child_thread_count() == threads_at_start);
    lair_heap_trim(heap);
    CHECK(cached(heap) == 0);
    lair_heap_close(heap);
}

static void test_at_once(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.decay_ms = LAIR_DECAY_AT_ONCE});
    REQUIRE(heap != NULL);
    churn(heap, 100000, 200, 0);
    CHECK(cached(heap) == 0);
    churn(heap, 1000, 20000, 0);
    CHECK(cached(heap) == 0);
    CHECK_BOOKS(heap);
    CHECK_RESIDENCY(heap);
    lair_heap_close(heap);
}

/* What lies between a few live blocks goes back too, and those stay as they are. */
static void test_idle_among_live_blocks(lair_heap *heap)
{
    enum { COUNT = 60000, KEEP = 1000 };
    churn(heap, 500, COUNT, KEEP);
    CHECK(shrinks_to(heap, 10 * MIB));
    CHECK_BOOKS(heap);
    for (size_t i = 0; i < COUNT; i += KEEP) {
        const char *bytes = blocks[i];
        CHECK(lair_heap_is_live(heap, bytes));
        CHECK(bytes[0] == 1 && bytes[499] == 1);
    }
    static char *more[COUNT];
    for (size_t i = 0; i < COUNT; i++) { /* into the holes */
        more[i] = lair_heap_calloc(heap, 1, 500);
        REQUIRE(more[i] != NULL);
        CHECK(more[i][0] == 0 && more[i][499] == 0);
        memset(more[i], 2, 500);
    }
    for (size_t i = 0; i < COUNT; i += KEEP) {
        const char *bytes = blocks[i];
        CHECK(bytes[0] == 1 && bytes[499] == 1);
        lair_heap_free(heap, blocks[i]);
    }
    CHECK_BOOKS(heap);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK(more[i][0] == 2 && more[i][499] == 2);
        lair_heap_free(heap, more[i]);
    }
    CHECK_BOOKS(heap);
}

/* The owner sleeps; its memory goes back all the same. */
static void test_idle(lair_choice huge_pages)
{
    lair_heap *heap =
        lair_heap_open(&(lair_heap_options){.decay_ms = 20, .huge_pages = huge_pages});
    REQUIRE(heap != NULL);
    for (int round = 0; round < 3; round++) {
        churn(heap, 1 * MIB, 64, 0);
        CHECK(shrinks_to(heap, 8 * MIB));
        churn(heap, 1000, 60000, 0);
        CHECK(shrinks_to(heap, 8 * MIB));
        CHECK_BOOKS(heap);
        test_idle_among_live_blocks(heap);
    }
    CHECK_RESIDENCY(heap);
    lair_heap_close(heap);
    for (int i = 0; child_thread_count() > threads_at_start && i < 500; i++) {
        sleep_ms(10); /* a joined thread may show for a moment */
    }
    CHECK(child_thread_count() == threads_at_start);
}

/* Without a helper the owner's own activity purges. */
static void test_decay_by_owner(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.decay_ms = 20, .idle_purge = LAIR_OFF});
    REQUIRE(heap != NULL);
    churn(heap, 1 * MIB, 64, 0);
    CHECK(child_thread_count() == threads_at_start);
    bool small = false;
    for (int i = 0; i < 1000 && !small; i++) {
        void *span = lair_heap_alloc(heap, 50000);
        REQUIRE(span != NULL);
        lair_heap_free(heap, span);
        for (size_t j = 0; j < 200; j++) {
            blocks[j] = lair_heap_alloc(heap, 1000);
        }
        for (size_t j = 0; j < 200; j++) {
            lair_heap_free(heap, blocks[j]);
        }
        small = lair_heap_footprint(heap) < 8 * MIB;
        sleep_ms(10);
    }
    CHECK(small);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

static size_t vacated_bytes;

/* No block that is left lies in what is told to be without any. */
static void note_vacated(char *base, size_t bytes)
{
    vacated_bytes += bytes;
    size_t inside = 0;
    for (size_t i = 0; i < MANY; i++) {
        const char *block = blocks[i];
        inside += block >= base && block < base + bytes;
    }
    CHECK(inside == 0);
}

static void fill_from(lair_heap *heap, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        blocks[i] = lair_heap_alloc(heap, 500);
        REQUIRE(blocks[i] != NULL);
        memset(blocks[i], 1, 500);
    }
}

/* Huge pages are asked for when there is enough to fill them; what lies beside arenas that are free
 * again goes back with them, and comes back when they are used. */
static void test_arenas_come_and_go(void)
{
    enum { FEW = 1000, SOME = 15000, LOTS = 80000 };
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.decay_ms = LAIR_DECAY_NEVER});
    REQUIRE(heap != NULL);
    memset(blocks, 0, sizeof blocks);
    heap->vacated = note_vacated;
    lair_heap_stats stats;
    fill_from(heap, 0, SOME);
    lair_heap_get_stats(heap, &stats);
    CHECK(!stats.huge_pages);
    fill_from(heap, SOME, LOTS);
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.huge_pages == stats.reserved);
    for (int round = 0; round < 2; round++) {
        lair_residency full;
        lair_residency after;
        CHECK(lair_heap_residency(heap, &full) == LAIR_OK);
        for (size_t i = FEW; i < LOTS; i++) {
            lair_heap_free(heap, blocks[i]);
            blocks[i] = NULL;
        }
        vacated_bytes = 0;
        lair_heap_trim(heap);
        CHECK(vacated_bytes >= 32 * MIB);
        CHECK(lair_heap_residency(heap, &after) == LAIR_OK);
        CHECK(after.overhead < full.overhead - full.overhead / 8);
        CHECK(after.resident < 8 * MIB);
        CHECK_BOOKS(heap);
        fill_from(heap, FEW, LOTS);
        CHECK_BOOKS(heap);
    }
    lair_heap_close(heap);
}

/* Signals of the process are not for the helper thread. */
static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals = signals + 1;
}

static void test_signals(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.decay_ms = 5});
    REQUIRE(heap != NULL);
    signal(SIGUSR1, count_signal);
    churn(heap, 1 * MIB, 32, 0);
    CHECK(shrinks_to(heap, 8 * MIB));
    CHECK(child_thread_count() == threads_at_start + 1); /* the helper is there */
    sigset_t set;
    sigset_t before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    kill(getpid(), SIGUSR1);
    sleep_ms(50);
    CHECK(signals == 0);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CHECK(signals == 1);
    lair_heap_close(heap);
}

int main(void)
{
    threads_at_start = child_threads_at_rest();
    test_trim(LAIR_OFF);
    test_trim(LAIR_ON);
    test_never();
    test_at_once();
    test_idle(LAIR_ON);
    test_idle(LAIR_OFF);
    test_decay_by_owner();
    test_arenas_come_and_go();
    test_signals();
    return check_finish("memory goes back");
}

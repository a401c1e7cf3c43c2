/* test_limit.c: hard and soft limit, listener, charges, suspension. */
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"

static const size_t MIB = (size_t)1 << 20;
enum { MAX_BLOCKS = 20000 };

static void *blocks[MAX_BLOCKS];

/* Fills the heap with blocks of size until it refuses; returns their number. */
static size_t fill_up(lair_heap *heap, size_t size)
{
    size_t limit = lair_heap_get_options(heap)->max_bytes;
    for (size_t count = 0; count < MAX_BLOCKS; count++) {
        blocks[count] = lair_heap_alloc(heap, size);
        if (lair_heap_footprint(heap) > limit) {
            CHECK(lair_heap_footprint(heap) <= limit);
            return count;
        }
        if (blocks[count] == NULL) {
            return count;
        }
    }
    check_that(false, "the heap refuses before the test runs out of room", __FILE__, __LINE__);
    return MAX_BLOCKS;
}

static void free_all(lair_heap *heap, size_t count)
{
    while (count > 0) {
        lair_heap_free(heap, blocks[--count]);
    }
}

static void test_hard_limit(void)
{
    static const size_t sizes[] = {500, 4000, 32000, 33000, 400000, 3000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 8 * MIB});
        REQUIRE(heap != NULL);
        size_t count = fill_up(heap, sizes[i]);
        CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
        CHECK(count * sizes[i] > 4 * MIB);
        lair_heap_stats stats;
        lair_heap_get_stats(heap, &stats);
        CHECK(stats.refused == 1);
        CHECK(stats.limit == 8 * MIB);
        CHECK_BOOKS(heap);

        /* A block that could not grow stands as it was. */
        memset(blocks[0], 0x5a, sizes[i]);
        CHECK(lair_heap_realloc(heap, blocks[0], 9 * MIB) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
        lair_heap_get_stats(heap, &stats);
        CHECK(stats.refused == 2); /* one request is one refusal, whatever ways were tried */
        CHECK(lair_heap_is_live(heap, blocks[0]));
        CHECK(((char *)blocks[0])[0] == 0x5a && ((char *)blocks[0])[sizes[i] - 1] == 0x5a);
        CHECK(lair_heap_calloc(heap, 9, MIB) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
        CHECK(lair_heap_aligned_alloc(heap, 4096, 9 * MIB) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
        CHECK_BOOKS(heap);

        /* What was freed can be had again, for other sizes too: pages on hold are purged first. */
        free_all(heap, count);
        size_t again = fill_up(heap, sizes[(i + 1) % 6]);
        CHECK(again * sizes[(i + 1) % 6] > 4 * MIB);
        free_all(heap, again);
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
}

static void test_set_limit(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    char *span = lair_heap_alloc(heap, 8 * MIB);
    REQUIRE(span != NULL);
    CHECK(lair_heap_set_limit(heap, 4 * MIB, 0) == LAIR_ERR_INVALID);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    void *more = lair_heap_alloc(heap, 8 * MIB); /* nothing changed: no limit */
    CHECK(more != NULL);
    lair_heap_free(heap, more);
    CHECK(lair_heap_set_limit(heap, 10 * MIB, 11 * MIB) == LAIR_ERR_INVALID);
    CHECK(lair_heap_set_limit(heap, 10 * MIB, 0) == LAIR_OK); /* after a trim */
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.limit == 10 * MIB && stats.soft_limit == 9 * MIB);
    CHECK(lair_heap_alloc(heap, 4 * MIB) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
    CHECK(lair_heap_set_limit(heap, 4 * MIB, 0) == LAIR_ERR_INVALID);
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.limit == 10 * MIB && stats.soft_limit == 9 * MIB);
    CHECK(lair_heap_set_limit(heap, 20 * MIB, 12 * MIB) == LAIR_OK);
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.limit == 20 * MIB && stats.soft_limit == 12 * MIB);
    CHECK(lair_heap_get_options(heap)->max_bytes == 20 * MIB);
    CHECK(lair_heap_set_limit(heap, 0, 0) == LAIR_OK);
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.limit == 0 && stats.soft_limit == 0);
    CHECK(lair_heap_alloc(heap, 64 * MIB) != NULL);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* -- the listener ---------------------------------------------------------------------------- */

typedef struct event_log {
    int soft, hard, fault;
    bool in_event;
    bool answer;      /* to HARD_LIMIT */
    size_t frees;     /* blocks to free on HARD_LIMIT, from the end */
    size_t count;     /* blocks there are */
    size_t allocated; /* blocks allocated inside events */
    size_t limit;
} event_log;

static bool listen(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    event_log *log = arg;
    CHECK(!log->in_event); /* no event from inside an event */
    log->in_event = true;
    CHECK(event->message != NULL && event->message[0] != '\0');
    CHECK(event->block == NULL);
    CHECK(event->request > 0);
    CHECK(event->footprint <= log->limit);
    CHECK_BOOKS(heap); /* the heap is in order */
    switch (event->kind) {
    case LAIR_HEAP_SOFT_LIMIT:
        log->soft++;
        CHECK(event->limit < log->limit);
        CHECK(event->footprint + event->request > event->limit);
        break;
    case LAIR_HEAP_HARD_LIMIT:
        log->hard++;
        CHECK(event->limit == log->limit);
        CHECK(event->footprint + event->request > event->limit);
        for (; log->frees > 0 && log->count > 0; log->frees--) {
            lair_heap_free(heap, blocks[--log->count]);
        }
        lair_heap_trim(heap);
        break;
    case LAIR_HEAP_FAULT:
        log->fault++;
        break;
    }
    /* Requests that pass the limits, inside an event. */
    CHECK(lair_heap_alloc(heap, log->limit + 1) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
    void *small = lair_heap_alloc(heap, 16);
    if (small != NULL) {
        log->allocated++;
        lair_heap_free(heap, small);
    }
    log->in_event = false;
    return log->answer;
}

static void test_listener(void)
{
    event_log log = {.limit = 8 * MIB, .answer = false};
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 8 * MIB});
    REQUIRE(heap != NULL);
    lair_heap_set_listener(heap, listen, &log);
    log.count = fill_up(heap, 2000);
    CHECK(log.soft >= 1 && log.soft <= 30);
    CHECK(log.hard == 1);
    CHECK_FAILED_WITH(LAIR_ERR_LIMIT);

    /* Refused again: told again; answering true without freeing does not loop. */
    log.answer = true;
    CHECK(lair_heap_alloc(heap, 100000) == NULL);
    CHECK(log.hard == 2);

    /* Freed inside the event and answered true: the request is tried again and succeeds. */
    log.frees = 200;
    void *block = lair_heap_alloc(heap, 100000);
    CHECK(block != NULL);
    CHECK(log.hard == 3);
    lair_heap_free(heap, block);

    /* Freed and answered false: the request fails. */
    log.answer = false;
    log.frees = log.count;
    CHECK(lair_heap_alloc(heap, 4 * MIB) == NULL);
    CHECK(log.hard == 4 && log.count == 0);

    /* The heap fell far below the soft limit: it is told again on the way up. */
    int soft = log.soft;
    log.frees = 0;
    log.count = fill_up(heap, 2000);
    CHECK(log.soft > soft);
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    CHECK(stats.soft_events == (uint64_t)log.soft);

    /* Removed: silent. */
    int hard = log.hard;
    lair_heap_set_listener(heap, NULL, NULL);
    CHECK(lair_heap_alloc(heap, 16 * MIB) == NULL);
    CHECK(log.hard == hard);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* A listener that allocates and frees blocks of the very class whose request it interrupts, more
 * of them than the front cache holds. */
static bool churn_inside(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    size_t size = *(size_t *)arg;
    void *held[100];
    (void)event;
    for (int i = 0; i < 100; i++) {
        held[i] = lair_heap_alloc(heap, size);
    }
    for (int i = 0; i < 100; i++) {
        lair_heap_free(heap, held[i]);
    }
    return false;
}

static void test_listener_uses_same_class(void)
{
    for (size_t size = 16; size <= 32768; size *= 2) {
        lair_heap *heap =
            lair_heap_open(&(lair_heap_options){.max_bytes = 16 * MIB, .soft_bytes = 8 * MIB});
        REQUIRE(heap != NULL);
        lair_heap_set_listener(heap, churn_inside, &size);
        size_t count = 0;
        for (; count < MAX_BLOCKS; count++) {
            blocks[count] = lair_heap_alloc(heap, size);
            if (blocks[count] == NULL) {
                break;
            }
            memset(blocks[count], (int)count, size);
        }
        lair_heap_stats stats;
        lair_heap_get_stats(heap, &stats);
        /* The smallest do not reach the soft limit within the room: a charge brings it near. */
        if (stats.soft_events == 0) {
            free_all(heap, count);
            lair_heap_trim(heap);
            lair_heap_charge(heap, (ptrdiff_t)(8 * MIB - lair_heap_footprint(heap)) - 4096);
            for (count = 0; count < MAX_BLOCKS; count++) {
                blocks[count] = lair_heap_alloc(heap, size);
                REQUIRE(blocks[count] != NULL);
                memset(blocks[count], (int)count, size);
            }
        }
        lair_heap_get_stats(heap, &stats);
        CHECK(stats.soft_events > 0);
        CHECK_BOOKS(heap);
        for (size_t i = 0; i < count; i++) {
            unsigned char *bytes = blocks[i];
            CHECK(bytes[0] == (unsigned char)i && bytes[size - 1] == (unsigned char)i);
        }
        free_all(heap, count);
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
}

/* Swinging just around the soft limit tells it once, not at every swing. */
static void test_soft_once(void)
{
    event_log log = {.limit = 64 * MIB};
    lair_heap *heap =
        lair_heap_open(&(lair_heap_options){.max_bytes = 64 * MIB, .soft_bytes = 32 * MIB});
    REQUIRE(heap != NULL);
    lair_heap_set_listener(heap, listen, &log);
    void *base = lair_heap_alloc(heap, 31 * MIB);
    REQUIRE(base != NULL);
    CHECK(log.soft == 0);
    for (int i = 0; i < 50; i++) {
        void *span = lair_heap_alloc(heap, 2 * MIB);
        REQUIRE(span != NULL);
        lair_heap_free(heap, span);
        lair_heap_trim(heap);
    }
    CHECK(log.soft == 1);
    void *most = lair_heap_alloc(heap, 25 * MIB); /* half-way nearer to the hard limit */
    REQUIRE(most != NULL);
    CHECK(log.soft == 2);
    lair_heap_close(heap);
}

/* -- charges and suspension ------------------------------------------------------------------ */

static void *charge_and_return(void *heap)
{
    for (int i = 0; i < 10000; i++) {
        lair_heap_charge(heap, 100);
        lair_heap_charge(heap, -40);
    }
    return NULL;
}

static void test_charge(void)
{
    lair_heap *heap =
        lair_heap_open(&(lair_heap_options){.max_bytes = 16 * MIB, .idle_purge = LAIR_OFF});
    REQUIRE(heap != NULL);
    size_t before = lair_heap_footprint(heap);
    lair_heap_charge(heap, 1000);
    CHECK(lair_heap_footprint(heap) == before + 1000);
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    CHECK(ledger.charged == 1000);
    CHECK_BOOKS(heap);
    lair_heap_charge(heap, -1000);
    CHECK(lair_heap_footprint(heap) == before);

    /* Never refused, but it counts. */
    lair_heap_charge(heap, (ptrdiff_t)(20 * MIB));
    CHECK(lair_heap_alloc(heap, MIB) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
    CHECK_BOOKS(heap);
    lair_heap_charge(heap, -(ptrdiff_t)(20 * MIB));
    void *span = lair_heap_alloc(heap, MIB);
    CHECK(span != NULL);
    lair_heap_free(heap, span);
    lair_heap_trim(heap);

    before = lair_heap_footprint(heap);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        REQUIRE(pthread_create(&threads[i], NULL, charge_and_return, heap) == 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    CHECK(lair_heap_footprint(heap) == before + 4 * 10000 * 60);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

static void test_suspend(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 8 * MIB});
    REQUIRE(heap != NULL);
    CHECK(lair_heap_alloc(heap, 12 * MIB) == NULL);
    lair_heap_suspend_limit(heap);
    lair_heap_suspend_limit(heap);
    void *first = lair_heap_alloc(heap, 12 * MIB);
    CHECK(first != NULL);
    lair_heap_resume_limit(heap);
    void *second = lair_heap_alloc(heap, 12 * MIB);
    CHECK(second != NULL);
    for (int i = 0; i < 1000; i++) {
        CHECK(lair_heap_alloc(heap, 1000) != NULL);
    }
    CHECK(lair_heap_footprint(heap) > 24 * MIB);
    CHECK_BOOKS(heap);
    lair_heap_resume_limit(heap);
    CHECK(lair_heap_alloc(heap, MIB) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
    lair_heap_free(heap, first);
    lair_heap_free(heap, second);
    CHECK(lair_heap_alloc(heap, MIB) != NULL);
    CHECK(lair_heap_footprint(heap) <= 8 * MIB);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

int main(void)
{
    test_hard_limit();
    test_set_limit();
    test_listener();
    test_listener_uses_same_class();
    test_soft_once();
    test_charge();
    test_suspend();
    return check_finish("limits");
}

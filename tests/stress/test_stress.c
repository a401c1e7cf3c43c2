/* test_stress.c: heaps under load from several threads, with the purging helper beside each owner
 * and forks in the middle.
 *
 *     test_stress [SECONDS]
 *
 * Each thread owns a heap, churns it, and hands some blocks to its neighbour, which frees them
 * from outside. Meanwhile the main thread churns a heap of its own, and forks; each child proves
 * that its copy of that heap is whole.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "child.h"
#include "random.h"

enum { WORKERS = 3, SLOTS = 6000, MAIL = 64 };

/* A block begins with its own size and ends with a byte made from it. */
typedef struct stress_parcel {
    size_t size;
} stress_parcel;

typedef struct stress_worker {
    lair_heap *heap;
    pthread_t thread;
    stress_parcel *slots[SLOTS];
    _Atomic(stress_parcel *) mail[MAIL]; /* blocks of this heap that the neighbour is to free */
    struct stress_worker *neighbour;
    uint64_t random;
    uint64_t operations;
    uint64_t remote_frees;
} stress_worker;

static atomic_bool stop;
static atomic_uint finished;

static unsigned char parcel_end(size_t size)
{
    return (unsigned char)(size * 31 ^ 0x55);
}

static void parcel_write(stress_parcel *parcel, size_t size)
{
    parcel->size = size;
    ((unsigned char *)parcel)[size - 1] = parcel_end(size);
}

static bool parcel_holds(const stress_parcel *parcel)
{
    return ((const unsigned char *)parcel)[parcel->size - 1] == parcel_end(parcel->size);
}

static size_t parcel_size(uint64_t random)
{
    uint64_t detail = random >> 16;
    size_t size = random % 256 == 0  ? detail % 2000000
                  : random % 16 == 0 ? detail % 40000
                                     : detail % 700;
    return sizeof(stress_parcel) + 1 + size;
}

/* One operation of the owner. */
static void churn(stress_worker *worker)
{
    uint64_t random = random_next(&worker->random);
    stress_parcel **slot = &worker->slots[random % SLOTS];
    size_t size = parcel_size(random_next(&worker->random));
    worker->operations++;
    if (*slot == NULL) {
        *slot = lair_heap_alloc(worker->heap, size);
        REQUIRE(*slot != NULL);
        parcel_write(*slot, size);
        return;
    }
    CHECK(parcel_holds(*slot));
    switch (random >> 32 & 7) {
    case 0:
        *slot = lair_heap_realloc(worker->heap, *slot, size);
        REQUIRE(*slot != NULL);
        parcel_write(*slot, size);
        return;
    case 1: {
        stress_parcel *none = NULL;
        if (atomic_compare_exchange_strong(&worker->mail[random >> 40 & (MAIL - 1)], &none,
                                           *slot)) {
            *slot = NULL;
            return;
        }
        break;
    }
    default:
        break;
    }
    lair_heap_free(worker->heap, *slot);
    *slot = NULL;
}

/* Frees what the neighbour handed over, as a thread that does not own its heap. */
static void collect_mail(stress_worker *worker)
{
    struct stress_worker *neighbour = worker->neighbour;
    for (int i = 0; i < MAIL; i++) {
        stress_parcel *parcel = atomic_exchange(&neighbour->mail[i], NULL);
        if (parcel != NULL) {
            CHECK(parcel_holds(parcel));
            lair_heap_free_remote(neighbour->heap, parcel);
            worker->remote_frees++;
        }
    }
}

static void free_slots(stress_worker *worker)
{
    for (int i = 0; i < SLOTS; i++) {
        lair_heap_free(worker->heap, worker->slots[i]);
        worker->slots[i] = NULL;
    }
}

/* Frees all but each 40th, so that the helper finds pools with few live blocks. */
static void thin_out(stress_worker *worker)
{
    for (int i = 0; i < SLOTS; i++) {
        if (i % 40 != 0) {
            lair_heap_free(worker->heap, worker->slots[i]);
            worker->slots[i] = NULL;
        }
    }
}

static void *work(void *arg)
{
    stress_worker *worker = arg;
    while (!atomic_load(&stop)) {
        for (int i = 0; i < 2000; i++) {
            churn(worker);
        }
        collect_mail(worker);
        uint64_t random = random_next(&worker->random);
        if (random % 16 == 0) { /* a wave of purging follows */
            if (random >> 8 & 1) {
                free_slots(worker);
            } else {
                thin_out(worker);
            }
            nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        }
        if (random % 64 == 1) {
            lair_heap_trim(worker->heap);
        }
        if (random % 32 == 2) {
            CHECK(lair_heap_check(worker->heap) == LAIR_OK);
        }
    }
    atomic_fetch_add(&finished, 1);
    while (atomic_load(&finished) < WORKERS) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000},
                  NULL); /* nobody hands out mail any more */
    }
    collect_mail(worker);
    return NULL;
}

/* In the child there is only this thread; the heap of the main thread is its own. */
static int child_churns(void *arg)
{
    stress_worker *worker = arg;
    CHECK_BOOKS(worker->heap);
    for (int i = 0; i < 5000; i++) {
        churn(worker);
    }
    free_slots(worker);
    lair_heap_trim(worker->heap);
    CHECK_BOOKS(worker->heap);
    lair_heap_close(worker->heap);
    lair_heap *fresh = lair_heap_open(NULL);
    REQUIRE(fresh != NULL);
    CHECK(lair_heap_alloc(fresh, 1000) != NULL);
    lair_heap_close(fresh);
    return 0;
}

static void worker_init(stress_worker *worker, uint64_t seed)
{
    worker->random = seed;
    worker->heap = lair_heap_open(&(lair_heap_options){.decay_ms = (uint32_t)(1 + seed % 7)});
    REQUIRE(worker->heap != NULL);
}

int main(int argc, char **argv)
{
    static stress_worker workers[WORKERS];
    static stress_worker self;
    long seconds = argc > 1 ? strtol(argv[1], NULL, 10) : 3;
    if (seconds <= 0) {
        fprintf(stderr, "test_stress: \"%s\" is not a number of seconds above 0\n", argv[1]);
        return 2;
    }
    worker_init(&self, 1000);
    for (size_t i = 0; i < WORKERS; i++) {
        worker_init(&workers[i], i + 1);
        workers[i].neighbour = &workers[(i + 1) % WORKERS];
    }
    for (size_t i = 0; i < WORKERS; i++) {
        REQUIRE(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
    }

    unsigned forks = 0;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    for (time_t end = now.tv_sec + seconds; now.tv_sec < end; forks++) {
        for (int i = 0; i < 5000; i++) {
            churn(&self);
        }
        for (int i = 0; i < MAIL; i++) { /* no neighbour: the mail is freed here */
            lair_heap_free(self.heap, atomic_exchange(&self.mail[i], NULL));
        }
        child_result result = child_run(child_churns, &self);
        CHECK_CHILD_PASSED(result);
        clock_gettime(CLOCK_MONOTONIC, &now);
    }
    atomic_store(&stop, true);

    uint64_t operations = self.operations;
    uint64_t remote_frees = 0;
    for (size_t i = 0; i < WORKERS; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        free_slots(&workers[i]);
        for (int j = 0; j < 100; j++) { /* completes the remote frees */
            lair_heap_free(workers[i].heap, lair_heap_alloc(workers[i].heap, (size_t)j * 8));
        }
        lair_heap_trim(workers[i].heap);
        CHECK_BOOKS(workers[i].heap);
        lair_ledger ledger;
        lair_heap_ledger(workers[i].heap, &ledger);
        CHECK(ledger.blocks == 0);
        operations += workers[i].operations;
        remote_frees += workers[i].remote_frees;
        lair_heap_close(workers[i].heap);
    }
    lair_heap_close(self.heap);
    CHECK(remote_frees > 0 && forks > 0);
    printf("%llu operations, %llu remote frees, %u forks\n", (unsigned long long)operations,
           (unsigned long long)remote_frees, forks);
    return check_finish("heaps in threads under load");
}

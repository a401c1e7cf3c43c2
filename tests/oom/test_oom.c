/* test_oom.c: memory fails at every step of every public function, once and for ever.
 *
 * An operation is tried with the failure at its first step, then at its second, and so on until
 * no step is left to fail. After each try: a failure says why; the heap is whole, its books add
 * up, the blocks it held hold what they held; the same operation succeeds once memory is back;
 * and in the end nothing is leaked. A step is a call of the system for memory (os_inject_failure)
 * or a request to the heap (lair_heap_inject_failure).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "child.h"
#include "os/os.h"
#include "variants.h"

static const size_t KIB = 1024;
static const size_t MIB = (size_t)1 << 20;

/* -- the ground an operation stands on ------------------------------------------------------- */

enum { HELD = 60, FRESH = 10000, MOST_STEPS = 2000 };

typedef struct test_ground {
    const lair_heap_options *options;
    lair_heap *heap;
    unsigned char *held[HELD]; /* blocks from before, patterned */
    size_t held_size[HELD];
    void *fresh[FRESH]; /* what the operation got */
    size_t fresh_count;
} test_ground;

static void ground_open(test_ground *ground, const lair_heap_options *options)
{
    memset(ground, 0, sizeof *ground);
    ground->options = options;
    ground->heap = lair_heap_open(options);
    REQUIRE(ground->heap != NULL);
    for (size_t i = 0; i < HELD; i++) {
        ground->held_size[i] = i % 12 == 0 ? 40 * KIB + i * 1000 : i % 5 == 0 ? i * 500 : i * 8 + 1;
        ground->held[i] = lair_heap_alloc(ground->heap, ground->held_size[i]);
        REQUIRE(ground->held[i] != NULL);
        memset(ground->held[i], (int)i + 1, ground->held_size[i]);
    }
}

static void ground_check(const test_ground *ground)
{
    for (size_t i = 0; i < HELD; i++) {
        size_t intact = 0;
        while (intact < ground->held_size[i] && ground->held[i][intact] == i + 1) {
            intact++;
        }
        CHECK(intact == ground->held_size[i]);
    }
    CHECK_BOOKS(ground->heap);
    lair_ledger ledger;
    lair_heap_ledger(ground->heap, &ledger);
    CHECK(ledger.blocks == HELD + ground->fresh_count);
}

static void ground_close(test_ground *ground)
{
    ground_check(ground);
    for (size_t i = 0; i < HELD; i++) {
        lair_heap_free(ground->heap, ground->held[i]);
    }
    while (ground->fresh_count > 0) {
        lair_heap_free(ground->heap, ground->fresh[--ground->fresh_count]);
    }
    lair_ledger ledger;
    lair_heap_ledger(ground->heap, &ledger);
    CHECK(ledger.blocks == 0 && ledger.live == 0);
    lair_heap_close(ground->heap);
}

static bool took(test_ground *ground, void *block)
{
    if (block != NULL) {
        ground->fresh[ground->fresh_count++] = block;
    }
    return block != NULL;
}

/* -- operations: each returns whether it succeeded, and leaves no half of itself -------------- */

static bool alloc_many(test_ground *ground, size_t size, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!took(ground, lair_heap_alloc(ground->heap, size))) {
            return false;
        }
    }
    return true;
}

static bool alloc_zero(test_ground *ground)
{
    return took(ground, lair_heap_alloc(ground->heap, 0));
}

static bool alloc_small(test_ground *ground)
{
    return took(ground, lair_heap_alloc(ground->heap, 333));
}

static bool alloc_small_arenas(test_ground *ground)
{
    return alloc_many(ground, 500, 4500);
}

static bool alloc_medium_arenas(test_ground *ground)
{
    return alloc_many(ground, 30000, 150);
}

static bool alloc_spans(test_ground *ground)
{
    return alloc_many(ground, 500 * KIB, 8);
}

static bool alloc_huge(test_ground *ground)
{
    return took(ground, lair_heap_alloc(ground->heap, 40 * MIB));
}

static bool calloc_small(test_ground *ground)
{
    return took(ground, lair_heap_calloc(ground->heap, 7, 100));
}

static bool calloc_span(test_ground *ground)
{
    return took(ground, lair_heap_calloc(ground->heap, 1000, 1000));
}

static bool aligned_small(test_ground *ground)
{
    return took(ground, lair_heap_aligned_alloc(ground->heap, 256, 100));
}

static bool aligned_page(test_ground *ground)
{
    return took(ground, lair_heap_aligned_alloc(ground->heap, 64 * KIB, 5000));
}

static bool aligned_arena(test_ground *ground)
{
    return took(ground, lair_heap_aligned_alloc(ground->heap, 2 * MIB, 3 * MIB));
}

static bool resize_held(test_ground *ground, size_t which, size_t size)
{
    unsigned char *block = lair_heap_realloc(ground->heap, ground->held[which], size);
    if (block == NULL) {
        return false;
    }
    if (size > ground->held_size[which]) {
        CHECK(block[ground->held_size[which] - 1] == which + 1);
        memset(block, (int)which + 1, size);
    }
    ground->held[which] = block;
    ground->held_size[which] = size;
    return true;
}

static bool realloc_new(test_ground *ground)
{
    return took(ground, lair_heap_realloc(ground->heap, NULL, 3000));
}

static bool realloc_within_pools(test_ground *ground)
{
    return resize_held(ground, 7, 900);
}

static bool realloc_to_span(test_ground *ground)
{
    return resize_held(ground, 8, 300 * KIB);
}

static bool realloc_span_grows(test_ground *ground)
{
    return resize_held(ground, 12, 500 * KIB);
}

static bool realloc_span_grows_much(test_ground *ground)
{
    return resize_held(ground, 24, 3 * MIB);
}

static bool realloc_span_shrinks(test_ground *ground)
{
    return resize_held(ground, 36, 35 * KIB);
}

static bool realloc_span_to_pool(test_ground *ground)
{
    return resize_held(ground, 48, 60);
}

static bool see(void *block, size_t size, void *arg)
{
    (void)block;
    (void)size;
    ++*(size_t *)arg;
    return true;
}

static bool walk(test_ground *ground)
{
    size_t count = 0;
    bool done = lair_heap_walk(ground->heap, see, &count) == LAIR_OK;
    CHECK(!done || count == HELD + ground->fresh_count);
    return done;
}

static bool residency(test_ground *ground)
{
    lair_residency residency;
    return lair_heap_residency(ground->heap, &residency) == LAIR_OK;
}

static bool set_limit(test_ground *ground)
{
    return lair_heap_set_limit(ground->heap, 512 * MIB, 0) == LAIR_OK;
}

static bool check(test_ground *ground)
{
    return lair_heap_check(ground->heap) == LAIR_OK;
}

/* What can never fail: frees, trims, readings. */
static bool free_and_trim(test_ground *ground)
{
    void *span = ground->held[12];
    void *small = ground->held[7];
    lair_heap_free(ground->heap, span);
    lair_heap_free_remote(ground->heap, small);
    lair_heap_charge(ground->heap, 5000);
    (void)lair_heap_trim(ground->heap);
    lair_ledger ledger;
    lair_heap_ledger(ground->heap, &ledger);
    lair_heap_stats stats;
    lair_heap_get_stats(ground->heap, &stats);
    lair_heap_charge(ground->heap, -5000);
    os_inject_failure(0, false);
    lair_heap_inject_failure(ground->heap, 0, false);
    for (size_t which = 7; which <= 12; which += 5) {
        ground->held[which] = NULL;
        ground->held[which] = lair_heap_alloc(ground->heap, ground->held_size[which]);
        REQUIRE(ground->held[which] != NULL);
        memset(ground->held[which], (int)which + 1, ground->held_size[which]);
    }
    for (int i = 0; i < 100; i++) {
        lair_heap_free(ground->heap, lair_heap_alloc(ground->heap, 16));
    }
    return true;
}

/* A second heap beside the first. */
static bool open_and_close(test_ground *ground)
{
    lair_heap *heap = lair_heap_open(ground->options);
    bool opened = heap != NULL;
    if (opened) {
        CHECK_BOOKS(heap);
    }
    lair_heap_close(heap);
    return opened;
}

static bool open_reserved(test_ground *ground)
{
    lair_heap_options options = *ground->options;
    options.reserve_bytes = 5 * MIB;
    options.max_bytes = 64 * MIB;
    lair_heap *heap = lair_heap_open(&options);
    bool opened = heap != NULL;
    lair_heap_close(heap);
    return opened;
}

static const struct operation {
    const char *name;
    bool (*run)(test_ground *ground);
    bool requests; /* asks the heap for few blocks: each request is made to fail too */
} operations[] = {
    {"alloc 0", alloc_zero, true},
    {"alloc small", alloc_small, true},
    {"alloc small, several arenas", alloc_small_arenas, false},
    {"alloc medium, several arenas", alloc_medium_arenas, false},
    {"alloc spans", alloc_spans, true},
    {"alloc 40 MiB", alloc_huge, true},
    {"calloc small", calloc_small, true},
    {"calloc span", calloc_span, true},
    {"aligned_alloc 256", aligned_small, true},
    {"aligned_alloc 64K", aligned_page, true},
    {"aligned_alloc 2M", aligned_arena, true},
    {"realloc NULL", realloc_new, true},
    {"realloc within pools", realloc_within_pools, true},
    {"realloc to span", realloc_to_span, true},
    {"realloc span, larger", realloc_span_grows, true},
    {"realloc span, much larger", realloc_span_grows_much, true},
    {"realloc span, smaller", realloc_span_shrinks, true},
    {"realloc span to pool", realloc_span_to_pool, true},
    {"walk", walk, false},
    {"residency", residency, false},
    {"set_limit", set_limit, false},
    {"check", check, false},
    {"free, trim, charge, ledger, stats", free_and_trim, false},
    {"open", open_and_close, false},
    {"open with a reserve", open_reserved, false},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

/* -- the loop -------------------------------------------------------------------------------- */

/* Both blocks and system calls of one operation, failing at step nth; whether it succeeded. */
static bool attempt(const struct operation *operation, test_ground *ground, bool in_system,
                    uint64_t nth, bool forever, uint64_t *steps)
{
    if (in_system) {
        os_inject_failure(nth, forever);
    } else {
        lair_heap_inject_failure(ground->heap, nth, forever);
    }
    bool succeeded = operation->run(ground);
    *steps = os_inject_failure(0, false);
    lair_heap_inject_failure(ground->heap, 0, false);
    return succeeded;
}

static uint64_t exhaust(const struct operation *operation, const lair_heap_options *options,
                        bool in_system, bool forever, bool trim)
{
    uint64_t failures = 0;
    for (uint64_t nth = 1; nth <= MOST_STEPS; nth++) {
        test_ground ground;
        uint64_t steps = 0;
        ground_open(&ground, options);
        bool succeeded = attempt(operation, &ground, in_system, nth, forever, &steps);
        if (!succeeded) {
            failures++;
            CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
            ground_check(&ground);
            if (trim) { /* what the failure left behind must stand that as well */
                lair_heap_free(ground.heap, lair_heap_alloc(ground.heap, 100 * KIB));
                (void)lair_heap_trim(ground.heap);
                ground_check(&ground);
            }
            CHECK(operation->run(&ground));
        }
        ground_close(&ground);
        bool reached = in_system ? steps >= nth : !succeeded;
        if (!reached) {
            CHECK(succeeded);
            return failures;
        }
    }
    check_that(false, "the operation succeeds in the end", __FILE__, __LINE__);
    return failures;
}

/* The failures of one kind of heap, twice, the second time with a trim after each. It leaves no
 * more address space in use than the first. */
static void test_variant(const heap_variant *variant)
{
    lair_heap_options options = variant->options;
    options.idle_purge = LAIR_OFF; /* its thread would count as address space */
    size_t after[2];
    uint64_t system = 0;
    uint64_t request = 0;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < OPERATIONS; i++) {
            for (int forever = 0; forever < 2; forever++) {
                system += exhaust(&operations[i], &options, true, forever, round == 1);
                if (operations[i].requests) {
                    uint64_t failures =
                        exhaust(&operations[i], &options, false, forever, round == 1);
                    CHECK(failures > 0);
                    request += failures;
                }
            }
            if (check_failures() != 0) {
                fprintf(stderr, "failed in heap \"%s\", operation \"%s\"\n", variant->name,
                        operations[i].name);
                return;
            }
        }
        after[round] = child_address_space();
    }
    CHECK(system > 0);
    CHECK(after[1] <= after[0] + (child_is_instrumented() != NULL ? MIB : 0));
    printf("heap: %s: %llu failures of the system, %llu of requests\n", variant->name,
           (unsigned long long)system, (unsigned long long)request);
}

int main(void)
{
    for (size_t i = 0; i < variant_count; i++) {
        test_variant(&variants[i]);
    }
    printf("the same under ulimit -v, which makes arenas come one by one\n");
    child_limit_address_space((size_t)1 << 40);
    for (size_t i = 0; i < variant_count; i++) {
        if (variants[i].options.address_bytes == 0) {
            test_variant(&variants[i]);
        }
    }
    return check_finish("memory that fails at every step");
}

/* test_open.c: opening and closing heaps, the options and their defaults, the names of states. */
#include <stdint.h>
#include <string.h>

#include <lair/lair.h>

#include "books.h"
#include "check.h"
#include "child.h"
#include "os/os.h"

static const size_t MIB = (size_t)1 << 20;

static void test_status_names(void)
{
    CHECK(strcmp(lair_status_name(LAIR_OK), "OK") == 0);
    CHECK(strcmp(lair_status_name(LAIR_ERR_NO_MEMORY), "NO_MEMORY") == 0 ||
          strcmp(lair_status_name(LAIR_ERR_NO_MEMORY), "ERR_NO_MEMORY") == 0);
    for (int status = LAIR_OK; status <= LAIR_ERR_UNSUPPORTED; status++) {
        CHECK(lair_status_name((lair_status)status)[0] != '\0');
    }
    CHECK(lair_status_name((lair_status)1000) != NULL);
    CHECK(strchr(lair_version(), '.') != NULL);
    CHECK(lair_error_status() == LAIR_OK);
    CHECK(lair_error_message()[0] == '\0');
}

static void test_defaults(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    const lair_heap_options *options = lair_heap_get_options(heap);
    CHECK(options->max_bytes == 0);
    CHECK(options->reserve_bytes == 0);
    /* valgrind refuses as much, and the heap takes what it gets */
    CHECK(options->address_bytes == (size_t)192 << 30 || child_is_instrumented() != NULL);
    CHECK(options->pool_bytes == 16384 || options->pool_bytes == os_page_size());
    CHECK(options->small_bytes == 512);
    CHECK(options->alignment == 8);
    CHECK(options->decay_ms == 100);
    CHECK(options->idle_purge == LAIR_ON);
    CHECK(options->huge_pages == LAIR_ON);
    CHECK(options->hardened == LAIR_OFF);
    CHECK(options->fail_at == 0);
    CHECK_BOOKS(heap);
    CHECK_RESIDENCY(heap);
    lair_heap_close(heap);
    lair_heap_close(NULL);
}

static void test_options_are_copied(void)
{
    lair_heap_options options = {
        .max_bytes = 64 * MIB,
        .pool_bytes = 64 * 1024,
        .small_bytes = 1024,
        .alignment = 8,
        .decay_ms = LAIR_DECAY_NEVER,
        .idle_purge = LAIR_OFF,
        .huge_pages = LAIR_OFF,
        .hardened = LAIR_ON,
    };
    lair_heap *heap = lair_heap_open(&options);
    REQUIRE(heap != NULL);
    memset(&options, 0xee, sizeof options);
    const lair_heap_options *inside = lair_heap_get_options(heap);
    CHECK(inside->max_bytes == 64 * MIB);
    CHECK(inside->soft_bytes >= 64 * MIB / 10 * 9 && inside->soft_bytes <= 64 * MIB / 10 * 9 + 16);
    CHECK(inside->pool_bytes == 64 * 1024);
    CHECK(inside->small_bytes == 1024);
    CHECK(inside->alignment == 8);
    CHECK(inside->decay_ms == LAIR_DECAY_NEVER);
    CHECK(inside->idle_purge == LAIR_OFF);
    CHECK(inside->huge_pages == LAIR_OFF);
    CHECK(inside->hardened == LAIR_ON);
    lair_heap_close(heap);
}

/* The options are refused with a message that names the option. */
static void check_refused(lair_heap_options options, const char *name)
{
    lair_heap *heap = lair_heap_open(&options);
    if (CHECK(heap == NULL)) {
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(strstr(lair_error_message(), name) != NULL);
    }
    lair_heap_close(heap);
}

static void test_bad_options(void)
{
    static const size_t bad_pools[] = {1, 2048, 4095, 5000, 12288, 128 * 1024, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad_pools / sizeof bad_pools[0]; i++) {
        check_refused((lair_heap_options){.pool_bytes = bad_pools[i]}, "pool");
    }
    static const size_t bad_smalls[] = {1, 32, 63, 65, 100, 1025, 1088, 2048, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad_smalls / sizeof bad_smalls[0]; i++) {
        check_refused((lair_heap_options){.small_bytes = bad_smalls[i]}, "small");
    }
    static const size_t bad_alignments[] = {1, 4, 7, 12, 32, 4096, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad_alignments / sizeof bad_alignments[0]; i++) {
        check_refused((lair_heap_options){.alignment = bad_alignments[i]}, "alignment");
    }
    static const size_t bad_prefixes[] = {1, 8, 24, 64, 4096, SIZE_MAX - 15};
    for (size_t i = 0; i < sizeof bad_prefixes / sizeof bad_prefixes[0]; i++) {
        check_refused((lair_heap_options){.prefix_bytes = bad_prefixes[i]}, "prefix");
    }
    check_refused((lair_heap_options){.idle_purge = (lair_choice)3}, "idle");
    check_refused((lair_heap_options){.huge_pages = (lair_choice)-1}, "huge");
    check_refused((lair_heap_options){.hardened = (lair_choice)99}, "hardened");
    check_refused((lair_heap_options){.max_bytes = 16 * MIB, .soft_bytes = 17 * MIB}, "soft");
}

/* Sizes that no system can fulfil are errors, not crashes. Address space is limited meanwhile, so
 * that a heap that takes them at their word does not take the machine with it. */
static int open_absurd(void *arg)
{
    static const size_t absurd[] = {SIZE_MAX, PTRDIFF_MAX, (size_t)1 << 62, (size_t)1 << 50};
    (void)arg;
    child_limit_address_space(512 * MIB);
    for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
        lair_heap *heap = lair_heap_open(&(lair_heap_options){.reserve_bytes = absurd[i]});
        CHECK(heap == NULL);
        CHECK(lair_error_message()[0] != '\0');
        lair_heap_close(heap);
        heap = lair_heap_open(&(lair_heap_options){.address_bytes = absurd[i]});
        if (heap != NULL) {
            CHECK(lair_heap_alloc(heap, 100) != NULL);
            CHECK_BOOKS(heap);
            lair_heap_close(heap);
        } else {
            CHECK(lair_error_message()[0] != '\0');
        }
    }
    return 0;
}

static void test_absurd_sizes(void)
{
    child_result result = child_run(open_absurd, NULL);
    CHECK_CHILD_PASSED(result);
}

/* A limit too small for the heap itself is refused or leaves a heap that refuses requests. */
static void test_tiny_limit(void)
{
    for (size_t limit = 1; limit <= MIB; limit *= 2) {
        lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = limit});
        if (heap == NULL) {
            CHECK(lair_error_status() == LAIR_ERR_INVALID || lair_error_status() == LAIR_ERR_LIMIT);
            CHECK(lair_error_message()[0] != '\0');
            continue;
        }
        while (lair_heap_alloc(heap, 1000) != NULL) {
            REQUIRE(lair_heap_footprint(heap) <= limit);
        }
        CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
}

static void test_reserve(void)
{
    static const size_t reserves[] = {1, 4096, 100000, MIB, 8 * MIB + 1, 64 * MIB};
    for (size_t i = 0; i < sizeof reserves / sizeof reserves[0]; i++) {
        lair_heap *heap = lair_heap_open(&(lair_heap_options){.reserve_bytes = reserves[i]});
        REQUIRE(heap != NULL);
        lair_ledger ledger;
        lair_heap_ledger(heap, &ledger);
        CHECK(ledger.committed >= reserves[i]);
        CHECK(ledger.blocks == 0 && ledger.live == 0);
        CHECK_BOOKS(heap);
        CHECK(lair_heap_alloc(heap, 100) != NULL);
        CHECK_BOOKS(heap);
        lair_heap_trim(heap);
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
    lair_heap *heap =
        lair_heap_open(&(lair_heap_options){.reserve_bytes = 32 * MIB, .max_bytes = 4 * MIB});
    CHECK(heap == NULL || lair_heap_footprint(heap) <= 4 * MIB);
    lair_heap_close(heap);
}

static void test_fail_at(void)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.fail_at = 3});
    REQUIRE(heap != NULL);
    CHECK(lair_heap_alloc(heap, 10) != NULL);
    CHECK(lair_heap_alloc(heap, 10) != NULL);
    CHECK(lair_heap_alloc(heap, 10) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
    CHECK(lair_heap_alloc(heap, 10) != NULL);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);

    heap = lair_heap_open(&(lair_heap_options){.fail_at = 2, .fail_forever = true});
    REQUIRE(heap != NULL);
    CHECK(lair_heap_alloc(heap, 10) != NULL);
    for (int i = 0; i < 5; i++) {
        CHECK(lair_heap_alloc(heap, 10) == NULL);
    }
    lair_heap_inject_failure(heap, 0, false);
    CHECK(lair_heap_alloc(heap, 10) != NULL);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* Heaps side by side know nothing of each other. */
static void test_side_by_side(void)
{
    enum { HEAPS = 20 };
    lair_heap *heaps[HEAPS];
    char *blocks[HEAPS];
    for (int i = 0; i < HEAPS; i++) {
        heaps[i] = lair_heap_open(&(lair_heap_options){.hardened = i % 2 ? LAIR_ON : LAIR_OFF});
        REQUIRE(heaps[i] != NULL);
        blocks[i] = lair_heap_alloc(heaps[i], (size_t)1 << i);
        REQUIRE(blocks[i] != NULL);
        memset(blocks[i], i, (size_t)1 << i);
    }
    for (int i = 0; i < HEAPS; i++) {
        for (int j = 0; j < HEAPS; j++) {
            CHECK(lair_heap_owns(heaps[i], blocks[j]) == (i == j));
            CHECK(lair_heap_is_live(heaps[i], blocks[j]) == (i == j));
            CHECK((lair_heap_usable_size(heaps[i], blocks[j]) != 0) == (i == j));
        }
    }
    for (int i = 0; i < HEAPS; i += 2) {
        lair_heap_close(heaps[i]);
    }
    for (int i = 1; i < HEAPS; i += 2) {
        CHECK(blocks[i][0] == i && blocks[i][((size_t)1 << i) - 1] == i);
        CHECK_BOOKS(heaps[i]);
        lair_heap_close(heaps[i]);
    }
}

int main(void)
{
    test_status_names();
    test_defaults();
    test_options_are_copied();
    test_bad_options();
    test_absurd_sizes();
    test_tiny_limit();
    test_reserve();
    test_fail_at();
    test_side_by_side();
    return check_finish("opening and closing heaps");
}

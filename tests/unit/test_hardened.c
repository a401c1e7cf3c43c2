/* test_hardened.c: hardened mode finds bad frees and damaged blocks, and says which. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lair/heap.h>

#include "books.h"
#include "check.h"
#include "child.h"

static const size_t sizes[] = {1, 16, 24, 100, 512, 513, 4000, 32000, 33000, 500000, 3000000};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

typedef struct fault_log {
    int count;
    const void *block;
    char message[512];
} fault_log;

static bool note_fault(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    fault_log *faults = arg;
    (void)heap;
    CHECK(event->kind == LAIR_HEAP_FAULT);
    CHECK(event->message != NULL && event->message[0] != '\0');
    faults->count++;
    faults->block = event->block;
    snprintf(faults->message, sizeof faults->message, "%s", event->message);
    return true;
}

static lair_heap *open_hardened(fault_log *faults)
{
    lair_heap *heap =
        lair_heap_open(&(lair_heap_options){.hardened = LAIR_ON, .idle_purge = LAIR_OFF});
    REQUIRE(heap != NULL);
    memset(faults, 0, sizeof *faults);
    lair_heap_set_listener(heap, note_fault, faults);
    return heap;
}

/* Exactly one fault more than before, about this block, named by its address. */
static void check_fault(fault_log *faults, int before, const void *block)
{
    char address[32];
    snprintf(address, sizeof address, "%p", block);
    CHECK(faults->count == before + 1);
    CHECK(faults->block == block);
    CHECK(strstr(faults->message, address) != NULL);
}

static void test_correct_use_is_silent(void)
{
    fault_log faults;
    lair_heap *heap = open_hardened(&faults);
    for (int round = 0; round < 20; round++) {
        void *blocks[SIZES];
        for (size_t i = 0; i < SIZES; i++) {
            blocks[i] = lair_heap_alloc(heap, sizes[i]);
            REQUIRE(blocks[i] != NULL);
            memset(blocks[i], 0xff, lair_heap_usable_size(heap, blocks[i]));
        }
        for (size_t i = 0; i < SIZES; i++) {
            blocks[i] = lair_heap_realloc(heap, blocks[i], sizes[(i + 5) % SIZES]);
            REQUIRE(blocks[i] != NULL);
            memset(blocks[i], 0xff, lair_heap_usable_size(heap, blocks[i]));
        }
        CHECK_BOOKS(heap);
        for (size_t i = 0; i < SIZES; i++) {
            lair_heap_free(heap, blocks[i]);
        }
        CHECK_BOOKS(heap);
    }
    CHECK(faults.count == 0);
    lair_heap_close(heap);
}

static void test_double_free(void)
{
    fault_log faults;
    lair_heap *heap = open_hardened(&faults);
    for (size_t i = 0; i < SIZES; i++) {
        void *keep = lair_heap_alloc(heap, sizes[i]);
        void *block = lair_heap_alloc(heap, sizes[i]);
        REQUIRE(keep != NULL && block != NULL);
        lair_heap_free(heap, block);
        CHECK(faults.count == (int)i * 3);
        lair_heap_free(heap, block);
        check_fault(&faults, (int)i * 3, block);
        CHECK(sizes[i] > 32000 || strstr(faults.message, "free already") != NULL);
        CHECK_BOOKS(heap); /* the second free was ignored */
        CHECK(lair_heap_realloc(heap, block, 10) == NULL);
        check_fault(&faults, (int)i * 3 + 1, block);
        CHECK_BOOKS(heap);
        lair_heap_free(heap, keep);
        /* A pool or span that went back whole. */
        lair_heap_trim(heap);
        lair_heap_free(heap, block);
        check_fault(&faults, (int)i * 3 + 2, block);
        CHECK_BOOKS(heap);
    }
    lair_heap_close(heap);
}

static void test_foreign_free(void)
{
    fault_log faults;
    lair_heap *heap = open_hardened(&faults);
    lair_heap *other = lair_heap_open(NULL);
    REQUIRE(other != NULL);
    int on_stack[4] = {0};
    char *own = lair_heap_alloc(heap, 100);
    REQUIRE(own != NULL);
    void *blocks[] = {on_stack,
                      malloc(100),
                      lair_heap_alloc(other, 100),
                      lair_heap_alloc(other, 100000),
                      (void *)16,
                      (void *)(UINTPTR_MAX - 15),
                      own + ((size_t)1 << 32), /* in the range, where nothing was ever committed */
                      own + (1 << 20)};
    for (int i = 0; i < 8; i++) {
        lair_heap_free(heap, blocks[i]);
        check_fault(&faults, i, blocks[i]);
    }
    CHECK(lair_heap_is_live(other, blocks[2]));
    CHECK_BOOKS(heap);
    CHECK_BOOKS(other);
    free(blocks[1]);
    lair_heap_close(other);
    lair_heap_close(heap);
}

static void test_interior_free(void)
{
    fault_log faults;
    lair_heap *heap = open_hardened(&faults);
    for (size_t i = 0; i < SIZES; i++) {
        char *block = lair_heap_alloc(heap, sizes[i]);
        REQUIRE(block != NULL);
        static const size_t offsets[] = {1, 8, 16, 4096};
        for (size_t j = 0; j < 4; j++) {
            if (offsets[j] < sizes[i]) {
                int before = faults.count;
                lair_heap_free(heap, block + offsets[j]);
                check_fault(&faults, before, block + offsets[j]);
                CHECK(lair_heap_is_live(heap, block));
            }
        }
        lair_heap_free(heap, block);
    }
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* One byte past the usable size is found by the check, at the free and at a realloc. */
static void test_overrun(void)
{
    for (size_t i = 0; i < SIZES; i++) {
        fault_log faults;
        lair_heap *heap = open_hardened(&faults);
        char *block = lair_heap_alloc(heap, sizes[i]);
        REQUIRE(block != NULL);
        size_t usable = lair_heap_usable_size(heap, block);
        if (sizes[i] <= 32000 || usable % 4096 != 0) {
            CHECK(lair_heap_check(heap) == LAIR_OK);
            block[usable] = (char)(block[usable] + 1);
            CHECK(lair_heap_check(heap) == LAIR_ERR_CORRUPT);
            CHECK_FAILED_WITH(LAIR_ERR_CORRUPT);
            CHECK(lair_heap_realloc(heap, block, sizes[i] + 1000) == NULL);
            check_fault(&faults, 0, block);
            lair_heap_free(heap, block);
            check_fault(&faults, 1, block);
            block[usable] = (char)(block[usable] - 1);
            CHECK_BOOKS(heap);
        } else {
            printf("no overrun of %zu bytes: a page of its own ends there\n", sizes[i]);
        }
        lair_heap_close(heap);
    }
}

/* Bytes written into a freed block must not become a pointer that alloc gives out. */
static void test_write_after_free(void)
{
    for (size_t i = 0; i < SIZES && sizes[i] <= 32000; i++) {
        fault_log faults;
        lair_heap *heap = open_hardened(&faults);
        enum { MANY = 200 };
        char *blocks[MANY];
        for (int j = 0; j < MANY; j++) {
            blocks[j] = lair_heap_alloc(heap, sizes[i]);
            REQUIRE(blocks[j] != NULL);
        }
        for (int j = 0; j < MANY; j += 2) {
            lair_heap_free(heap, blocks[j]);
        }
        static char elsewhere[64];
        void *aim = elsewhere;
        memcpy(blocks[20], &aim, sizeof aim < sizes[i] ? sizeof aim : sizes[i]);
        CHECK(lair_heap_check(heap) == LAIR_ERR_CORRUPT);
        for (int j = 0; j < 2 * MANY; j++) {
            char *block = lair_heap_alloc(heap, sizes[i]);
            CHECK(block == NULL || lair_heap_owns(heap, block));
        }
        CHECK(faults.count > 0);
        lair_heap_close(heap);
    }
}

/* -- without a listener: the process aborts with a message ------------------------------------ */

typedef enum crime { DOUBLE_FREE, FOREIGN_FREE, INTERIOR_FREE, OVERRUN, CRIMES } crime;

static bool refuse(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    (void)heap;
    (void)event;
    (void)arg;
    return false;
}

static int commit(void *arg)
{
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.hardened = LAIR_ON});
    REQUIRE(heap != NULL);
    int which = *(int *)arg;
    if (which >= CRIMES) {
        lair_heap_set_listener(heap, refuse, NULL);
    }
    char *block = lair_heap_alloc(heap, 100);
    void *foreign = &which;
    fprintf(stderr, "block %p\n",
            which % CRIMES == FOREIGN_FREE    ? foreign
            : which % CRIMES == INTERIOR_FREE ? block + 16
                                              : block);
    switch ((crime)(which % CRIMES)) {
    case DOUBLE_FREE:
        lair_heap_free(heap, block);
        break;
    case FOREIGN_FREE:
        block = foreign;
        break;
    case INTERIOR_FREE:
        block += 16;
        break;
    case OVERRUN:
        block[lair_heap_usable_size(heap, block)] ^= 1;
        break;
    case CRIMES:
        break;
    }
    lair_heap_free(heap, block);
    return 0;
}

static void test_abort(void)
{
    for (int which = 0; which < 2 * CRIMES; which++) {
        child_result result = child_run(commit, &which);
        CHECK(result.signal == SIGABRT);
        char address[32] = "";
        CHECK(sscanf(result.output, "block %31s", address) == 1);
        char *message = strchr(result.output, '\n');
        CHECK(message != NULL && strstr(message + 1, address) != NULL);
        printf("%s", message != NULL ? message + 1 : "no message\n");
    }
}

int main(void)
{
    test_correct_use_is_silent();
    test_double_free();
    test_foreign_free();
    test_interior_free();
    test_overrun();
    test_write_after_free();
    test_abort();
    return check_finish("hardened mode");
}

/* test_plane.c: planes: slots per block, zero for new blocks, kept while a block lives, cleared
 * when it goes; slots of foreign addresses. */
#include "heap/plane.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "check.h"
#include "heap/plane_fast.h"
#include "os/os.h"
#include "random.h"
#include "variants.h"

enum { BLOCKS = 3000, PLANES = 5 };

static const unsigned widths[PLANES] = {0, 1, 2, 4, 8};

typedef struct slot_model {
    void *block;
    uint64_t value; /* what was last set, for planes of bytes; its low bit for the plane of bits */
} slot_model;

/* Writes value to the block's slot in each plane. */
static void set_all(lair_heap *heap, const unsigned ids[PLANES], slot_model *slot, uint64_t value)
{
    slot->value = value;
    CHECK(plane_set_bit(heap, ids[0], slot->block, (value & 1) != 0));
    for (int i = 1; i < PLANES; i++) {
        void *bytes = plane_slot(heap, ids[i], slot->block);
        REQUIRE(bytes != NULL);
        CHECK((uintptr_t)bytes % widths[i] == 0);
        memcpy(bytes, &value, widths[i]);
    }
}

static bool holds_all(const lair_heap *heap, const unsigned ids[PLANES], const slot_model *slot)
{
    bool same = plane_bit(heap, ids[0], slot->block) == (slot->value & 1);
    for (int i = 1; i < PLANES; i++) {
        const void *bytes = plane_peek(heap, ids[i], slot->block);
        uint64_t zero = 0;
        same &= memcmp(bytes != NULL ? bytes : &zero, &slot->value, widths[i]) == 0;
    }
    return same;
}

static void register_all(lair_heap *heap, unsigned ids[PLANES])
{
    for (int i = 0; i < PLANES; i++) {
        REQUIRE(plane_register(heap, widths[i], &ids[i]) == LAIR_OK);
    }
}

static size_t random_size(uint64_t random)
{
    return random % 40 == 0 ? random >> 8 & 0x3ffff : random >> 8 & 0x3ff;
}

/* Random allocations, frees, resizes and slot writes against an array of values. */
static void test_model(const heap_variant *variant)
{
    static slot_model slots[BLOCKS];
    unsigned ids[PLANES];
    uint64_t random = 7;
    lair_heap *heap = variant_open(variant);
    memset(slots, 0, sizeof slots);
    for (size_t i = 0; i < BLOCKS / 2; i++) { /* these live already when the planes come */
        slots[i].block = lair_heap_alloc(heap, i % 700);
        REQUIRE(slots[i].block != NULL);
    }
    register_all(heap, ids);
    for (int step = 0; step < 60000; step++) {
        slot_model *slot = &slots[random_next(&random) % BLOCKS];
        uint64_t kind = random_next(&random) % 8;
        if (slot->block == NULL) {
            slot->block = lair_heap_alloc(heap, random_size(random_next(&random)));
            REQUIRE(slot->block != NULL);
            slot->value = 0;
            CHECK(holds_all(heap, ids, slot)); /* zero for a new block */
            continue;
        }
        CHECK(holds_all(heap, ids, slot));
        if (kind < 3) {
            lair_heap_free(heap, slot->block);
            slot->block = NULL;
        } else if (kind == 3) {
            void *before = slot->block;
            slot->block = lair_heap_realloc(heap, before, random_size(random_next(&random)));
            REQUIRE(slot->block != NULL);
            if (slot->block != before) {
                bool span = lair_heap_usable_size(heap, slot->block) > 32768;
                if (span && !holds_all(heap, ids, slot)) {
                    slot->value = 0; /* moved by copying */
                } else if (!span) {
                    slot->value = 0;
                }
                CHECK(holds_all(heap, ids, slot));
            }
        } else {
            set_all(heap, ids, slot, random_next(&random));
        }
        if (step % 5000 == 0) {
            lair_heap_trim(heap);
            CHECK_BOOKS(heap);
        }
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        CHECK(slots[i].block == NULL || holds_all(heap, ids, &slots[i]));
    }

    /* A plane that comes in the place of another starts from zero. */
    for (int i = 0; i < PLANES; i++) {
        plane_unregister(heap, ids[i]);
    }
    register_all(heap, ids);
    for (size_t i = 0; i < BLOCKS; i++) {
        slots[i].value = 0;
        CHECK(slots[i].block == NULL || holds_all(heap, ids, &slots[i]));
    }
    CHECK_BOOKS(heap);
    for (size_t i = 0; i < BLOCKS; i++) {
        lair_heap_free(heap, slots[i].block);
    }
    lair_heap_trim(heap);
    CHECK_BOOKS(heap);
    lair_heap_close(heap); /* with planes registered */
}

/* A block freed from another thread loses its slots too. */
/* A lasting plane leaves frees on the fast path: a new block finds the slot of the last one, and
 * the inline way finds the same slot as the other. */
static void test_lasting(const heap_variant *variant)
{
    static const size_t sizes[] = {8, 24, 160, 512, 2000, 30000, 70000, 3 << 20};
    lair_heap *heap = variant_open(variant);
    unsigned lasting;
    REQUIRE(plane_register_lasting(heap, 4, &lasting) == LAIR_OK);
    CHECK(heap->plane_count == 0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *first = lair_heap_alloc(heap, sizes[i]);
        REQUIRE(first != NULL);
        uint32_t *slot = plane_slot(heap, lasting, first);
        REQUIRE(slot != NULL);
        CHECK(plane_slot_u32(heap, lasting, first) == slot);
        CHECK(*slot == 0);
        *slot = 4711;
        void *second = lair_heap_alloc(heap, sizes[i]);
        REQUIRE(second != NULL && plane_slot(heap, lasting, second) != NULL);
        CHECK(plane_slot_u32(heap, lasting, second) != slot);
        lair_heap_free(heap, first);
        if (sizes[i] <= 512 && heap->off == 0) {
            CHECK(lair_heap_alloc(heap, sizes[i]) == first);
            CHECK(*plane_slot_u32(heap, lasting, first) == 4711);
            CHECK(plane_slot_is_there(heap, lasting, first) == (heap->extent != 0));
        }
    }
    CHECK_BOOKS(heap);
    plane_unregister(heap, lasting);
    CHECK(heap->plane_count == 0);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

static void test_free_remote(void)
{
    unsigned id = 0;
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    REQUIRE(plane_register(heap, 4, &id) == LAIR_OK);
    void *keep = lair_heap_alloc(heap, 64); /* so that the pool stays */
    void *block = lair_heap_alloc(heap, 64);
    REQUIRE(keep != NULL && block != NULL);
    uint32_t *slot = plane_slot(heap, id, block);
    REQUIRE(slot != NULL);
    *slot = 0xdeadbeef;
    lair_heap_free_remote(heap, block);
    for (int i = 0; i < 500; i++) {
        void *fresh = lair_heap_alloc(heap, 64);
        REQUIRE(fresh != NULL);
        const uint32_t *peek = plane_peek(heap, id, fresh);
        CHECK(peek == NULL || *peek == 0);
    }
    lair_heap_close(heap);
}

static void test_refusals(void)
{
    unsigned id = 99;
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    static const unsigned bad[] = {3, 5, 6, 7, 9, 16, 1000};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(plane_register(heap, bad[i], &id) == LAIR_ERR_INVALID);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(id == 99);
    }
    unsigned ids[32];
    unsigned count = 0;
    while (count < 32 && plane_register(heap, 1, &ids[count]) == LAIR_OK) {
        count++;
    }
    CHECK(count >= 4 && count < 32);
    CHECK_FAILED_WITH(LAIR_ERR_UNSUPPORTED);
    plane_unregister(heap, ids[1]);
    CHECK(plane_register(heap, 2, &ids[1]) == LAIR_OK);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* -- foreign addresses ----------------------------------------------------------------------- */

static void test_foreign(void)
{
    enum { ADDRESSES = 20000 };
    static uint64_t values[ADDRESSES]; /* 0: none */
    unsigned id = 0;
    uint64_t random = 3;
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    REQUIRE(plane_register(heap, 4, &id) == LAIR_OK);
    for (int step = 0; step < 200000; step++) {
        size_t i = random_next(&random) % ADDRESSES;
        const void *address = (const void *)(0x500000000000U + i * 16);
        uint64_t *slot = plane_foreign(heap, id, address, false);
        CHECK((slot != NULL) == (values[i] != 0));
        CHECK(slot == NULL || *slot == values[i]);
        if (random_next(&random) % 5 < 2) {
            plane_forget_foreign(heap, id, address);
            values[i] = 0;
        } else {
            slot = plane_foreign(heap, id, address, true);
            REQUIRE(slot != NULL);
            CHECK(values[i] != 0 || *slot == 0);
            *slot = values[i] = random_next(&random) | 1;
        }
    }
    CHECK_BOOKS(heap);
    plane_unregister(heap, id);
    REQUIRE(plane_register(heap, 4, &id) == LAIR_OK);
    CHECK(plane_foreign(heap, id, (const void *)0x500000000010U, false) == NULL);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* -- memory that fails ----------------------------------------------------------------------- */

/* Registers, sets slots in many pools, and goes on allocating, with the nth step refused; returns
 * the number of steps there were. */
static uint64_t use_under_failure(uint64_t nth, bool forever)
{
    enum { MANY = 30000 };
    static char *blocks[MANY];
    unsigned id = 0;
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.idle_purge = LAIR_OFF});
    REQUIRE(heap != NULL);
    os_inject_failure(nth, forever);
    bool registered = plane_register(heap, 8, &id) == LAIR_OK;
    if (!registered) {
        CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
    }
    for (size_t i = 0; i < MANY; i++) {
        blocks[i] = lair_heap_alloc(heap, 200);
        if (blocks[i] == NULL || !registered) {
            continue;
        }
        uint64_t *slot = plane_slot(heap, id, blocks[i]);
        if (slot != NULL) {
            CHECK(*slot == 0);
            *slot = i + 1;
        } else {
            CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
        }
        if (plane_foreign(heap, id, &blocks[i], true) == NULL) {
            CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
        }
    }
    uint64_t steps = os_inject_failure(0, false);
    CHECK_BOOKS(heap);
    for (size_t i = 0; i < MANY; i++) {
        const uint64_t *slot =
            registered && blocks[i] != NULL ? plane_peek(heap, id, blocks[i]) : NULL;
        CHECK(slot == NULL || *slot == i + 1 || *slot == 0);
        lair_heap_free(heap, blocks[i]);
    }
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
    return steps;
}

static void test_failures(void)
{
    for (int forever = 0; forever < 2; forever++) {
        uint64_t nth = 1;
        while (nth < 200 && use_under_failure(nth, forever) >= nth) {
            nth++;
        }
        CHECK(nth > 3 && nth < 200);
    }
}

int main(void)
{
    for (size_t i = 0; i < variant_count; i++) {
        test_model(&variants[i]);
        test_lasting(&variants[i]);
    }
    test_free_remote();
    test_refusals();
    test_foreign();
    test_failures();
    return check_finish("planes");
}

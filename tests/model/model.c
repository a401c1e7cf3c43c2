/* model.c: the operations, each done on the heap and on the model. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "check.h"

static const size_t MIB = (size_t)1 << 20;

/* -- patterns -------------------------------------------------------------------------------- */

/* All of a small block is filled and read; of a large one both ends and a byte here and there, so
 * that a step stays cheap. */
enum { DENSE = 2048, SPARSE_STRIDE = 16381 };

static unsigned char pattern(uint32_t seed, size_t offset)
{
    return (unsigned char)((offset * 0x9e3779b1U + seed) >> 7);
}

static size_t next_offset(size_t offset, size_t size)
{
    if (offset < DENSE || offset + 64 >= size) {
        return offset + 1;
    }
    size_t next = offset + SPARSE_STRIDE;
    return next < size - 64 ? next : size - 64;
}

static void pattern_write(unsigned char *bytes, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i = next_offset(i, size)) {
        bytes[i] = pattern(seed, i);
    }
}

/* Whether bytes still hold what pattern_write wrote for `written` bytes, as far as size. */
static bool pattern_holds(const unsigned char *bytes, size_t size, size_t written, uint32_t seed)
{
    for (size_t i = 0; i < size; i = next_offset(i, written)) {
        if (bytes[i] != pattern(seed, i)) {
            return false;
        }
    }
    return true;
}

static bool reads_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i = next_offset(i, size)) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* -- the model ------------------------------------------------------------------------------- */

static model_block *pick(heap_model *model, uint64_t a)
{
    return model->count == 0 ? NULL : &model->blocks[a % model->count];
}

/* A new or resized block: what the heap says of it must be true. */
static void describe(heap_model *model, model_block *block, void *address, size_t size,
                     uint32_t seed)
{
    block->address = address;
    block->size = size;
    block->usable = lair_heap_usable_size(model->heap, address);
    block->seed = seed;
    CHECK(block->usable >= size);
    CHECK((uintptr_t)address % lair_heap_get_options(model->heap)->alignment == 0);
    CHECK(lair_heap_owns(model->heap, address));
    pattern_write(block->address, block->usable, seed);
}

static void add(heap_model *model, void *address, size_t size, uint32_t seed)
{
    if (model->count == model->capacity) {
        model->capacity = model->capacity * 2 + 64;
        model->blocks = realloc(model->blocks, model->capacity * sizeof *model->blocks);
        REQUIRE(model->blocks != NULL);
    }
    model->live += size;
    describe(model, &model->blocks[model->count++], address, size, seed);
}

static void forget(heap_model *model, model_block *block)
{
    model->live -= block->size;
    *block = model->blocks[--model->count];
}

/* In an ordinary run only the limit refuses. */
static void check_refusal(heap_model *model)
{
    model->refusals++;
    CHECK_FAILED_WITH(LAIR_ERR_LIMIT);
    CHECK(lair_heap_get_options(model->heap)->max_bytes != 0);
}

/* Mostly small sizes, each magnitude up to 4 MiB now and then. */
static size_t size_from(uint64_t a)
{
    uint64_t detail = a >> 5;
    switch (a % 32) {
    case 31:
        return detail % (4 * MIB);
    case 30:
    case 29:
        return detail % 400000;
    case 28:
    case 27:
    case 26:
        return detail % 70000;
    case 25:
    case 24:
    case 23:
    case 22:
        return detail % 4096;
    default:
        return detail % 600;
    }
}

static bool full(const heap_model *model)
{
    return model->live > model->most_bytes || model->count > model->most_blocks;
}

/* -- operations ------------------------------------------------------------------------------ */

static void do_free(heap_model *model, uint64_t a)
{
    model_block *block = pick(model, a);
    if (block == NULL) {
        lair_heap_free(model->heap, NULL);
        return;
    }
    CHECK(pattern_holds(block->address, block->usable, block->usable, block->seed));
    lair_heap_free(model->heap, block->address);
    forget(model, block);
}

static void do_alloc(heap_model *model, uint64_t a, uint64_t b)
{
    size_t size = size_from(a);
    void *address = lair_heap_alloc(model->heap, size);
    if (address == NULL) {
        check_refusal(model);
    } else {
        add(model, address, size, (uint32_t)b);
    }
}

static void do_calloc(heap_model *model, uint64_t a, uint64_t b)
{
    size_t size = size_from(a);
    size_t count = b % 5;
    size_t total = count * size;
    void *address = lair_heap_calloc(model->heap, count, size);
    if (address == NULL) {
        check_refusal(model);
        return;
    }
    CHECK(reads_zero(address, total));
    add(model, address, total, (uint32_t)b);
}

static void do_aligned(heap_model *model, uint64_t a, uint64_t b)
{
    size_t size = size_from(a);
    size_t alignment = (size_t)1 << (b % 64 == 0 ? 21 : b % 14);
    void *address = lair_heap_aligned_alloc(model->heap, alignment, size);
    if (address == NULL) {
        check_refusal(model);
        return;
    }
    CHECK((uintptr_t)address % alignment == 0);
    add(model, address, size, (uint32_t)b);
}

static void do_realloc(heap_model *model, uint64_t a, uint64_t b)
{
    model_block *block = pick(model, b);
    if (block == NULL) {
        return;
    }
    size_t size = size_from(a);
    if (a >> 31 & 1) { /* a small step up or down, as growing buffers do */
        size = block->size + block->size / 8 + size % 64;
    }
    if (size > block->size && full(model)) {
        return;
    }
    unsigned char *address = lair_heap_realloc(model->heap, block->address, size);
    if (address == NULL) {
        check_refusal(model);
        CHECK(lair_heap_usable_size(model->heap, block->address) == block->usable);
        CHECK(pattern_holds(block->address, block->usable, block->usable, block->seed));
        return;
    }
    size_t kept = size < block->size ? size : block->size;
    CHECK(pattern_holds(address, kept, block->usable, block->seed));
    model->live = model->live - block->size + size;
    describe(model, block, address, size, (uint32_t)a);
}

static void do_free_remote(heap_model *model, uint64_t a)
{
    model_block *block = pick(model, a);
    if (block == NULL) {
        return;
    }
    void *address = block->address;
    CHECK(pattern_holds(address, block->usable, block->usable, block->seed));
    lair_heap_free_remote(model->heap, address);
    forget(model, block);
    /* The owner completes it at one of its next allocations. */
    for (int tries = 0; tries < 100 && lair_heap_is_live(model->heap, address); tries++) {
        void *held[40];
        for (int i = 0; i < 40; i++) {
            held[i] = lair_heap_alloc(model->heap, 16);
        }
        for (int i = 0; i < 40; i++) {
            lair_heap_free(model->heap, held[i]);
        }
    }
    CHECK(!lair_heap_is_live(model->heap, address));
}

static void do_query(heap_model *model, uint64_t a, uint64_t b)
{
    model_block *block = pick(model, a);
    if (block == NULL) {
        CHECK(!lair_heap_owns(model->heap, model));
        return;
    }
    size_t inside = block->usable != 0 ? b % block->usable : 0; /* hardened, size 0 */
    CHECK(lair_heap_usable_size(model->heap, block->address) == block->usable);
    CHECK(lair_heap_owns(model->heap, block->address + inside));
    CHECK(lair_heap_is_live(model->heap, block->address));
    CHECK(inside == 0 || !lair_heap_is_live(model->heap, block->address + inside));
    CHECK(pattern_holds(block->address, block->usable, block->usable, block->seed));
}

static void do_inject(heap_model *model, uint64_t a, uint64_t b)
{
    if (model->charged > 0 || lair_heap_get_options(model->heap)->max_bytes != 0) {
        return; /* the limit might refuse first */
    }
    size_t size = size_from(a);
    bool forever = b & 1;
    lair_heap_inject_failure(model->heap, 1, forever);
    CHECK(lair_heap_alloc(model->heap, size) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
    void *address = lair_heap_alloc(model->heap, size);
    CHECK((address == NULL) == forever);
    lair_heap_inject_failure(model->heap, 0, false);
    if (address != NULL) {
        add(model, address, size, (uint32_t)b);
    }
}

static void do_set_limit(heap_model *model, uint64_t a)
{
    if (a % 3 == 0) {
        CHECK(lair_heap_set_limit(model->heap, 0, 0) == LAIR_OK);
        return;
    }
    size_t bytes = lair_heap_footprint(model->heap) / 2 + (size_t)(a >> 8) % (32 * MIB);
    size_t before = lair_heap_get_options(model->heap)->max_bytes;
    lair_status status = lair_heap_set_limit(model->heap, bytes, 0);
    if (status == LAIR_OK) {
        CHECK(lair_heap_get_options(model->heap)->max_bytes == bytes);
        CHECK(bytes == 0 || lair_heap_footprint(model->heap) <= bytes);
    } else {
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        CHECK(lair_heap_get_options(model->heap)->max_bytes == before);
    }
}

static void do_charge(heap_model *model, uint64_t a)
{
    ptrdiff_t bytes = model->charged > 0 ? -model->charged : (ptrdiff_t)(a % (4 * MIB));
    lair_heap_charge(model->heap, bytes);
    model->charged += bytes;
    lair_ledger ledger;
    lair_heap_ledger(model->heap, &ledger);
    CHECK(ledger.charged == (size_t)model->charged);
}

static void do_trim(heap_model *model)
{
    size_t before = lair_heap_footprint(model->heap);
    size_t returned = lair_heap_trim(model->heap);
    CHECK(lair_heap_footprint(model->heap) <= before);
    CHECK(returned <= before);
}

/* Frees most blocks, so that pools and arenas empty. */
static void do_exodus(heap_model *model, uint64_t a)
{
    size_t keep = a % (model->count + 1) / 8;
    while (model->count > keep) {
        do_free(model, a += 0x9e3779b97f4a7c15U);
    }
}

void model_step(heap_model *model, unsigned kind, uint64_t a, uint64_t b)
{
    model->steps++;
    kind %= 256;
    if (kind < 96) {
        if (full(model)) {
            do_free(model, b);
        } else {
            do_alloc(model, a, b);
        }
    } else if (kind < 176) {
        do_free(model, b);
    } else if (kind < 206) {
        do_realloc(model, a, b);
    } else if (kind < 216) {
        if (!full(model)) {
            do_calloc(model, a, b);
        }
    } else if (kind < 224) {
        if (!full(model)) {
            do_aligned(model, a, b);
        }
    } else if (kind < 244) {
        do_query(model, a, b);
    } else {
        switch (kind) {
        case 244:
        case 245:
        case 246:
            do_free_remote(model, b);
            break;
        case 247:
        case 248:
            do_inject(model, a, b);
            break;
        case 249:
        case 250:
            do_set_limit(model, a);
            break;
        case 251:
            do_charge(model, a);
            break;
        case 252:
            if (b % 4 == 0) {
                do_trim(model);
            }
            break;
        case 253:
            if (b % 8 == 0) {
                do_exodus(model, a);
            }
            break;
        case 254:
            CHECK(lair_heap_check(model->heap) == LAIR_OK);
            break;
        default:
            if (b % 8 == 0) {
                model_compare(model);
            }
        }
    }
}

/* -- comparison ------------------------------------------------------------------------------ */

typedef struct found_blocks {
    model_block *blocks;
    size_t count, capacity;
} found_blocks;

static bool find(void *block, size_t size, void *arg)
{
    found_blocks *found = arg;
    if (found->count < found->capacity) {
        found->blocks[found->count] = (model_block){.address = block, .usable = size};
    }
    found->count++;
    return true;
}

static int by_address(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t)((const model_block *)left)->address;
    uintptr_t b = (uintptr_t)((const model_block *)right)->address;
    return (a > b) - (a < b);
}

void model_compare(heap_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const model_block *block = &model->blocks[i];
        CHECK(pattern_holds(block->address, block->usable, block->usable, block->seed));
    }
    found_blocks found = {.capacity = model->count};
    found.blocks = calloc(model->count + 1, sizeof *found.blocks);
    REQUIRE(found.blocks != NULL);
    CHECK(lair_heap_walk(model->heap, find, &found) == LAIR_OK);
    if (CHECK(found.count == model->count) && found.count != 0) {
        qsort(found.blocks, found.count, sizeof *found.blocks, by_address);
        qsort(model->blocks, model->count, sizeof *model->blocks, by_address);
        for (size_t i = 0; i < model->count; i++) {
            CHECK(found.blocks[i].address == model->blocks[i].address);
            CHECK(found.blocks[i].usable == model->blocks[i].usable);
            CHECK(i == 0 || model->blocks[i - 1].address + model->blocks[i - 1].usable <=
                                model->blocks[i].address);
        }
    }
    free(found.blocks);
    CHECK_BOOKS(model->heap);
}

void model_open(heap_model *model, const lair_heap_options *options)
{
    *model = (heap_model){
        .heap = lair_heap_open(options),
        .most_bytes = 48 * MIB,
        .most_blocks = 20000,
    };
    REQUIRE(model->heap != NULL);
}

void model_close(heap_model *model)
{
    model_compare(model);
    lair_heap_close(model->heap);
    free(model->blocks);
    *model = (heap_model){0};
}

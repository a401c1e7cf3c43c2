/* stops_pool.c: arenas, pools and blocks: the pyramid, what pools are for and what they cost. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <lair/process_map.h>

#include "stops.h"

enum { MANY = 100000 };

/* Room for many pointers; the stop has failed when it is NULL. */
static void **pointers(tour_run *run, size_t count)
{
    void **blocks = calloc(count, sizeof *blocks);
    (void)tour_expect(run, blocks != NULL, "no memory for %zu pointers", count);
    return blocks;
}

static lair_ledger books(lair_heap *heap)
{
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    return ledger;
}

/* -- the pyramid ------------------------------------------------------------------------------- */

static bool owned(const void *address, void *heap)
{
    return lair_heap_owns(heap, address);
}

void stop_pyramid(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL) {
        return;
    }
    lair_heap_class small = tour_class_for(run, heap, 100);
    lair_heap_class medium = tour_class_for(run, heap, 5000);
    lair_heap_class large = tour_class_for(run, heap, 1 << 20);
    void *block = tour_alloc(run, heap, 100);
    if (block != NULL) {
        memset(block, 1, 100); /* pages come with the first touch */
    }
    lair_heap_stats stats;
    lair_heap_get_stats(heap, &stats);
    lair_process_map map;
    if (tour_expect(run, lair_process_map_read(&map, owned, heap) == LAIR_OK, "%s",
                    lair_error_message())) {
        tour_show(run, "system: %s of %s committed address space have pages behind them",
                  tour_bytes(map.parts[LAIR_REGION_LAIR_HEAP].resident).text,
                  tour_bytes(map.parts[LAIR_REGION_LAIR_HEAP].bytes).text);
        (void)tour_expect(run, map.parts[LAIR_REGION_LAIR_HEAP].resident > 0,
                          "the system knows no memory of the heap");
    }
    tour_show(run, "arenas: %zu of 2 MiB", stats.arenas);
    tour_show(run, "pools: 100 bytes come from a pool of %s, 5000 bytes from one of %s",
              tour_bytes(small.pool_bytes).text, tour_bytes(medium.pool_bytes).text);
    tour_show(run, "blocks: 100 bytes take one of %zu, 5000 bytes one of %zu", small.block_bytes,
              medium.block_bytes);
    LAIR_SCOPED lair_object *number = tour_object(run, lair_int_new(heap, 1000));
    if (number != NULL) {
        tour_show(run, "objects: the int 1000 takes a block of %zu", lair_sizeof(number));
    }
    tour_show(run, "1 MiB takes %s",
              large.block_bytes == 0 ? "a span of pages of its own" : "a block of a pool");
    (void)tour_expect(run, small.pool_bytes > 0 && small.block_bytes == 104,
                      "100 bytes took a block of %zu", small.block_bytes);
    (void)tour_expect(run, medium.pool_bytes > 0, "5000 bytes were not served by a pool");
    (void)tour_expect(run, large.block_bytes == 0, "1 MiB was served by a pool");
    tour_differs(run, "malloc is no level of Lair: large blocks are spans of pages of the heap "
                      "itself, so that limit and ledger cover them too");
}

void stop_heap_functions(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL) {
        return;
    }
    static const char text[] = "kept";
    char *block = tour_alloc(run, heap, sizeof text);
    if (block != NULL) {
        memcpy(block, text, sizeof text);
        size_t before = lair_heap_usable_size(heap, block);
        char *larger = lair_heap_realloc(heap, block, 1000);
        if (tour_expect(run, larger != NULL, "realloc was refused: %s", lair_error_message())) {
            tour_show(run, "alloc 5 bytes: a block of %zu; realloc to 1000: a block of %zu", before,
                      lair_heap_usable_size(heap, larger));
            (void)tour_expect(run, strcmp(larger, text) == 0, "realloc lost the contents");
            block = larger;
        }
        (void)tour_expect(run, books(heap).blocks == 1, "there are %zu blocks, not one",
                          books(heap).blocks);
        lair_heap_free(heap, block);
        tour_show(run, "after free the heap holds %zu live bytes", books(heap).live);
        (void)tour_expect(run, books(heap).live == 0, "the block is still live");
    }
    lair_heap_close(heap);
}

/* -- what pools are for ------------------------------------------------------------------------ */

void stop_pool_cuts_blocks(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "pagesize=16K");
    void **blocks = pointers(run, MANY);
    if (heap == NULL || blocks == NULL || !tour_alloc_many(run, heap, blocks, 1, 64)) {
        goto done;
    }
    lair_ledger first = books(heap);
    tour_show(run, "the first block of 64 bytes made the heap take %s",
              tour_bytes(first.committed - first.overhead).text);
    (void)tour_expect(run, first.free_in_pools >= 100 * 64, "no blocks were taken ahead");
    if (tour_alloc_many(run, heap, blocks + 1, MANY - 1, 64)) {
        lair_heap_stats stats;
        lair_heap_get_stats(heap, &stats);
        tour_show(run, "%d blocks were cut from %llu pools in %zu arenas", MANY,
                  (unsigned long long)stats.pools_acquired, stats.arenas);
        (void)tour_expect(run, stats.pools_acquired < MANY / 100 && stats.arenas < 10,
                          "pools were asked for too often");
    }
done:
    free(blocks);
    lair_heap_close(heap);
}

void stop_pool_fragmentation(tour_run *run)
{
    static const size_t sizes[] = {32, 64, 96, 208, 512};
    enum { ROUNDS = sizeof sizes / sizeof sizes[0], BYTES = 8 << 20 };
    lair_heap *heap = tour_heap_open(run, "decay=never");
    void **blocks = pointers(run, BYTES / 32);
    size_t first = 0;
    for (size_t round = 0; heap != NULL && blocks != NULL && round < ROUNDS; round++) {
        size_t count = BYTES / sizes[round];
        if (!tour_alloc_many(run, heap, blocks, count, sizes[round])) {
            break;
        }
        size_t footprint = lair_heap_footprint(heap);
        first = round == 0 ? footprint : first;
        tour_show(run, "8 MiB in blocks of %zu bytes: footprint %s", sizes[round],
                  tour_bytes(footprint).text);
        (void)tour_expect(run, footprint <= first + first / 10,
                          "pools freed by one size did not serve the next");
        tour_free_many(heap, blocks, count);
    }
    free(blocks);
    lair_heap_close(heap);
}

void stop_pool_churn(tour_run *run)
{
    enum { LIVE = 2000, WARM_UP = 100000, STEPS = 2000000 };
    lair_heap *heap = tour_heap_open(run, "decay=never");
    void **blocks = pointers(run, LIVE);
    if (heap == NULL || blocks == NULL) {
        goto done;
    }
    size_t warm = 0;
    uint32_t random = 1;
    for (size_t step = 0; step < STEPS; step++) {
        random = random * 1664525 + 1013904223;
        void **slot = &blocks[(random >> 8) % LIVE];
        lair_heap_free(heap, *slot);
        *slot = tour_alloc(run, heap, 1 + (random >> 20) % 512);
        if (*slot == NULL) {
            goto done;
        }
        warm = step == WARM_UP ? lair_heap_footprint(heap) : warm;
    }
    size_t footprint = lair_heap_footprint(heap);
    tour_show(run, "footprint after %d blocks came and went: %s; after %d: %s", WARM_UP,
              tour_bytes(warm).text, STEPS, tour_bytes(footprint).text);
    (void)tour_expect(run, footprint <= warm + warm / 4, "memory was lost on the way");
    tour_free_many(heap, blocks, LIVE);
    (void)tour_expect(run, books(heap).live == 0, "%zu bytes are still live", books(heap).live);
done:
    free(blocks);
    lair_heap_close(heap);
}

void stop_heap_scope(tour_run *run)
{
    enum { COUNT = 4000, SIZE = 8000 };
    lair_process_map before;
    lair_process_map during;
    lair_process_map after;
    void **blocks = pointers(run, COUNT);
    (void)lair_process_map_read(&before, NULL, NULL);
    lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL || blocks == NULL || !tour_alloc_many(run, heap, blocks, COUNT, SIZE)) {
        goto done;
    }
    for (size_t i = 0; i < COUNT; i++) {
        memset(blocks[i], 1, SIZE);
    }
    (void)lair_process_map_read(&during, NULL, NULL);
    lair_heap_close(heap);
    heap = NULL;
    if (!tour_expect(run, lair_process_map_read(&after, NULL, NULL) == LAIR_OK, "%s",
                     lair_error_message())) {
        goto done;
    }
    tour_show(run, "%d blocks, one lair_heap_close: the process had %s, then %s, then %s", COUNT,
              tour_bytes(before.total.resident).text, tour_bytes(during.total.resident).text,
              tour_bytes(after.total.resident).text);
    (void)tour_expect(run, after.total.resident + (COUNT / 2) * SIZE < during.total.resident,
                      "closing the heap did not give its memory back");
done:
    free(blocks);
    lair_heap_close(heap);
}

/* Nanoseconds for one block from the heap and back. */
static double heap_pair_ns(tour_run *run, lair_heap *heap)
{
    enum { PAIRS = 1000000 };
    double start = tour_now_ns();
    for (size_t i = 0; i < PAIRS; i++) {
        void *block = tour_alloc(run, heap, 64);
        if (block == NULL) {
            return 0;
        }
        *(volatile char *)block = 1;
        lair_heap_free(heap, block);
    }
    return (tour_now_ns() - start) / PAIRS;
}

/* Nanoseconds for one page from the system and back. */
static double system_pair_ns(tour_run *run)
{
    enum { PAIRS = 20000, BYTES = 4096 };
    double start = tour_now_ns();
    for (size_t i = 0; i < PAIRS; i++) {
        void *page = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (!tour_expect(run, page != MAP_FAILED, "the system refused a page")) {
            return 0;
        }
        *(volatile char *)page = 1;
        (void)munmap(page, BYTES);
    }
    return (tour_now_ns() - start) / PAIRS;
}

void stop_pool_spares_system_calls(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    if (heap == NULL) {
        return;
    }
    double pool = heap_pair_ns(run, heap);
    double system = system_pair_ns(run);
    tour_show(run,
              "64 bytes from the pool and back: %.1f ns; a page from the system and back: "
              "%.0f ns",
              pool, system);
    (void)tour_expect(run, pool < system, "the pool is slower than the system");
    lair_heap_close(heap);
}

/* -- what pools cost --------------------------------------------------------------------------- */

void stop_pool_cost(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    void **blocks = pointers(run, MANY);
    if (heap != NULL && blocks != NULL && tour_alloc_many(run, heap, blocks, MANY, 48)) {
        lair_ledger ledger = books(heap);
        tour_show(run, "%d blocks of 48 bytes: %s live, %s free in pools, %s overhead (%.1f %%)",
                  MANY, tour_bytes(ledger.live).text, tour_bytes(ledger.free_in_pools).text,
                  tour_bytes(ledger.overhead).text,
                  100.0 * (double)ledger.overhead / (double)ledger.live);
        tour_show(run, "one block and back takes %.1f ns", heap_pair_ns(run, heap));
        (void)tour_expect(run, ledger.overhead > 0, "the heap claims to cost nothing");
        (void)tour_expect(run,
                          ledger.committed == ledger.live + ledger.free_in_pools + ledger.cached +
                                                  ledger.purged + ledger.overhead,
                          "the books do not add up");
    }
    free(blocks);
    lair_heap_close(heap);
}

/* What a heap in a bounded address space gave: blocks, and the answer after the last one. */
typedef struct served {
    size_t blocks;
    lair_status answer;
} served;

/* In a child: fills a heap until the system refuses. */
static void fill_address_space(tour_run *run, const void *given, void *answer)
{
    enum { EXTRA = 256 << 20, BLOCK_BYTES = 1 << 20 };
    (void)given;
    lair_process_map map;
    if (!tour_ok(run, lair_process_map_read(&map, NULL, NULL))) {
        return;
    }
    rlim_t bytes = map.total.bytes + EXTRA;
    (void)setrlimit(RLIMIT_AS, &(struct rlimit){.rlim_cur = bytes, .rlim_max = bytes});
    lair_heap *heap = tour_heap_open(run, "");
    served got = {0};
    while (heap != NULL && got.blocks <= EXTRA / BLOCK_BYTES &&
           lair_heap_alloc(heap, BLOCK_BYTES) != NULL) {
        got.blocks++;
    }
    got.answer = heap != NULL ? lair_error_status() : LAIR_OK;
    memcpy(answer, &got, sizeof got);
}

void stop_pool_bounded(tour_run *run)
{
    served got = {0};
    if (tour_in_child(run, fill_address_space, NULL, &got, sizeof got)) {
        tour_show(run,
                  "with 256 MiB of address space left a heap served %zu blocks of 1 MiB, then "
                  "answered %s",
                  got.blocks, lair_status_name(got.answer));
        (void)tour_expect(run, got.blocks > 0 && got.answer == LAIR_ERR_NO_MEMORY,
                          "the end of memory was not told");
    }
}

void stop_pool_reserve(tour_run *run)
{
    enum { COUNT = 50000, RESERVE = 8 << 20 };
    lair_heap *plain = tour_heap_open(run, "");
    lair_heap *heap = tour_heap_open(run, "reserve=8M");
    void **blocks = pointers(run, COUNT);
    if (plain == NULL || heap == NULL || blocks == NULL) {
        goto done;
    }
    size_t opened = books(heap).committed;
    tour_show(run, "committed when it opens: %s without, %s with reserve=8M",
              tour_bytes(books(plain).committed).text, tour_bytes(opened).text);
    (void)tour_expect(run, opened >= RESERVE && opened > books(plain).committed,
                      "the reserve was not taken");
    if (tour_alloc_many(run, heap, blocks, COUNT, 96)) {
        tour_show(run, "after %d blocks, %s in all, still %s", COUNT,
                  tour_bytes(books(heap).live).text, tour_bytes(books(heap).committed).text);
        (void)tour_expect(run, books(heap).committed == opened,
                          "requests that fit the reserve took more");
    }
done:
    free(blocks);
    lair_heap_close(heap);
    lair_heap_close(plain);
}

static bool count_block(void *block, size_t size, void *count)
{
    (void)block;
    (void)size;
    (*(size_t *)count)++;
    return true;
}

void stop_pool_leak(tour_run *run)
{
    enum { COUNT = 1000, FORGOTTEN = 10 };
    lair_heap *heap = tour_heap_open(run, "");
    void *blocks[COUNT];
    if (heap == NULL || !tour_alloc_many(run, heap, blocks, COUNT, 100)) {
        goto done;
    }
    tour_free_many(heap, blocks, COUNT - FORGOTTEN);
    (void)lair_heap_trim(heap);
    size_t found = 0;
    lair_status status = lair_heap_walk(heap, count_block, &found);
    tour_show(run, "of %d blocks %d were never freed; a walk after a trim finds %zu, %zu bytes",
              COUNT, FORGOTTEN, found, books(heap).live);
    (void)tour_expect(run, status == LAIR_OK && found == FORGOTTEN, "the walk missed blocks");
done:
    lair_heap_close(heap);
}

/* -- the boundary of small --------------------------------------------------------------------- */

/* Shows which block each of some sizes gets, and returns the one that 257 bytes get. */
static size_t show_classes(tour_run *run, const char *option)
{
    static const size_t sizes[] = {256, 257, 513, 32768, 32769};
    size_t blocks[sizeof sizes / sizeof sizes[0]] = {0};
    lair_heap *heap = tour_heap_open(run, option);
    if (heap == NULL) {
        return 0;
    }
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        blocks[i] = tour_class_for(run, heap, sizes[i]).block_bytes;
    }
    tour_show(run,
              "%s: 256 bytes take a block of %zu, 257 of %zu, 513 of %zu, 32768 of %zu; "
              "32769 %s",
              option, blocks[0], blocks[1], blocks[2], blocks[3],
              blocks[4] == 0 ? "a span of its own" : "a block");
    (void)tour_expect(run, blocks[0] == 256, "256 bytes took %zu", blocks[0]);
    (void)tour_expect(run, blocks[4] == 0, "32769 bytes came from a pool");
    lair_heap_close(heap);
    return blocks[1];
}

void stop_small_threshold(tour_run *run)
{
    size_t as_documented = show_classes(run, "smallsize=256");
    size_t today = show_classes(run, "smallsize=512");
    (void)tour_expect(run, today == 264, "with 512, 257 bytes took a block of %zu", today);
    (void)tour_expect(run, as_documented > today, "with 256, 257 bytes were still small");
    tour_differs(run, "the boundary is 512 unless set; above it come coarser classes, and only "
                      "above 32 KiB memory straight from the system");
}

void stop_small_threshold_option(tour_run *run)
{
    static const char *const options[] = {"smallsize=64", "smallsize=256", "smallsize=512",
                                          "smallsize=1024"};
    static const size_t boundaries[] = {64, 256, 512, 1024};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        lair_heap *heap = tour_heap_open(run, options[i]);
        if (heap == NULL) {
            return;
        }
        size_t boundary = boundaries[i];
        size_t step = boundary > 128 ? boundary / 8 : 16; /* above it, eight to a doubling */
        size_t below = tour_class_for(run, heap, boundary - 7).block_bytes;
        size_t above = tour_class_for(run, heap, boundary + 1).block_bytes;
        tour_show(run, "%s: %zu bytes take a block of %zu, %zu one of %zu", options[i],
                  boundary - 7, below, boundary + 1, above);
        (void)tour_expect(run, below == boundary && above == boundary + step, "%s was not followed",
                          options[i]);
        lair_heap_close(heap);
    }
}

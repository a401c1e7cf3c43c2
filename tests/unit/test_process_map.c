/* test_process_map.c: each kind of region is told by an address that is known to be of it. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <lair/heap.h>
#include <lair/process_map.h>

#include "check.h"

enum { MAPPED_BYTES = 4 << 20, TOUCHED_BYTES = 1 << 20 };

static int initialised_variable = 1;
static char zeroed_variable[1 << 20];
static const char constant[] = "a constant of the program";

/* -- finding the region of an address ---------------------------------------------------------- */

typedef struct search {
    uintptr_t address;
    const lair_heap *heap;
    bool found;
    lair_region region; /* without its name */
    char name[256];
} search;

static bool owned_by_heap(const void *address, void *arg)
{
    const search *wanted = arg;
    return wanted->heap != NULL && lair_heap_owns(wanted->heap, address);
}

static bool is_wanted(const lair_region *region, void *arg)
{
    search *wanted = arg;
    if (wanted->address - region->start >= region->bytes) {
        return true;
    }
    wanted->found = true;
    wanted->region = *region;
    wanted->region.name = NULL;
    (void)snprintf(wanted->name, sizeof wanted->name, "%s", region->name);
    return false;
}

static search find(const void *address, const lair_heap *heap)
{
    search wanted = {.address = (uintptr_t)address, .heap = heap};
    CHECK(lair_process_map_walk(is_wanted, owned_by_heap, &wanted) == LAIR_OK);
    CHECK(wanted.found);
    return wanted;
}

static lair_region_kind kind_of(const void *address)
{
    return find(address, NULL).region.kind;
}

/* -- the parts of a program -------------------------------------------------------------------- */

static void test_program(void)
{
    int local = 0;
    CHECK(kind_of(&local) == LAIR_REGION_STACK);
    CHECK(kind_of(&initialised_variable) == LAIR_REGION_STATIC);
    zeroed_variable[sizeof zeroed_variable / 2] = 1;
    CHECK(kind_of(&zeroed_variable[sizeof zeroed_variable / 2]) == LAIR_REGION_STATIC);
    CHECK(kind_of(constant) == LAIR_REGION_READ_ONLY);
    CHECK(kind_of((const void *)(uintptr_t)test_program) == LAIR_REGION_CODE);

    search code = find((const void *)(uintptr_t)memcpy, NULL); /* of a library */
    CHECK(code.region.kind == LAIR_REGION_CODE);
    CHECK(code.region.executable && !code.region.writable);

    void *block = malloc(64);
    REQUIRE(block != NULL);
    CHECK(kind_of(block) == LAIR_REGION_SYSTEM_HEAP);
    free(block);
}

static void *stack_of_thread(void *arg)
{
    int local = 0;
    CHECK(kind_of(&local) == LAIR_REGION_STACK);
    (void)arg;
    return NULL;
}

typedef struct waiting {
    pthread_barrier_t barrier;
    const void *local;
} waiting;

static void *wait_with_a_local(void *arg)
{
    waiting *shared = arg;
    int local = 0;
    shared->local = &local;
    pthread_barrier_wait(&shared->barrier);
    pthread_barrier_wait(&shared->barrier);
    return NULL;
}

static void test_threads(void)
{
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, stack_of_thread, NULL) == 0);
    pthread_join(thread, NULL);

    waiting shared;
    pthread_barrier_init(&shared.barrier, NULL, 2);
    REQUIRE(pthread_create(&thread, NULL, wait_with_a_local, &shared) == 0);
    pthread_barrier_wait(&shared.barrier);
    /* Another thread's stack is told by its guard, which may have joined a neighbour. */
    lair_region_kind kind = kind_of(shared.local);
    CHECK(kind == LAIR_REGION_STACK || kind == LAIR_REGION_SYSTEM_HEAP);
    pthread_barrier_wait(&shared.barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&shared.barrier);
}

static void test_mappings(void)
{
    char *reserved = mmap(NULL, MAPPED_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(reserved != MAP_FAILED);
    CHECK(kind_of(reserved) == LAIR_REGION_RESERVED);

    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    char *file = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
    REQUIRE(file != MAP_FAILED);
    search mapped = find(file, NULL);
    CHECK(mapped.region.kind == LAIR_REGION_FILE); /* the program's file, but not as a program */
    CHECK(mapped.name[0] == '/');
    munmap(file, 1);
    close(fd);

    /* Between two gaps nothing joins it, so its size is exactly what was made accessible. */
    char *middle = reserved + TOUCHED_BYTES;
    REQUIRE(mprotect(middle, 2 * TOUCHED_BYTES, PROT_READ | PROT_WRITE) == 0);
    (void)madvise(middle, 2 * TOUCHED_BYTES, MADV_NOHUGEPAGE);
    memset(middle, 1, TOUCHED_BYTES);
    search anonymous = find(middle, NULL);
    CHECK(anonymous.region.kind == LAIR_REGION_SYSTEM_HEAP);
    CHECK(anonymous.region.start == (uintptr_t)middle);
    CHECK(anonymous.region.bytes == 2 * TOUCHED_BYTES);
    CHECK(anonymous.region.resident == TOUCHED_BYTES);
    munmap(reserved, MAPPED_BYTES);
}

static void test_heap(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    char *block = lair_heap_alloc(heap, 100);
    REQUIRE(block != NULL);
    CHECK(find(block, heap).region.kind == LAIR_REGION_LAIR_HEAP);
    CHECK(find(block, NULL).region.kind != LAIR_REGION_LAIR_HEAP);
    lair_heap_close(heap);
}

/* -- the walk and the sums --------------------------------------------------------------------- */

typedef struct order {
    uintptr_t last_end;
    size_t visits;
    size_t stop_after;
} order;

static bool in_order(const lair_region *region, void *arg)
{
    order *seen = arg;
    CHECK(region->start >= seen->last_end);
    CHECK(region->bytes > 0);
    CHECK(region->resident <= region->bytes);
    CHECK((unsigned)region->kind < LAIR_REGION_KINDS);
    CHECK(region->name != NULL);
    seen->last_end = region->start + region->bytes;
    return ++seen->visits != seen->stop_after;
}

static void test_walk(void)
{
    order all = {0};
    CHECK(lair_process_map_walk(in_order, NULL, &all) == LAIR_OK);
    CHECK(all.visits > 10);

    order few = {.stop_after = 3};
    CHECK(lair_process_map_walk(in_order, NULL, &few) == LAIR_OK);
    CHECK(few.visits == 3);
}

static void test_sums(void)
{
    lair_process_map map;
    REQUIRE(lair_process_map_read(&map, NULL, NULL) == LAIR_OK);
    lair_process_part sum = {0};
    for (size_t kind = 0; kind < LAIR_REGION_KINDS; kind++) {
        sum.regions += map.parts[kind].regions;
        sum.bytes += map.parts[kind].bytes;
        sum.resident += map.parts[kind].resident;
    }
    CHECK(sum.regions == map.total.regions);
    CHECK(sum.bytes == map.total.bytes);
    CHECK(sum.resident == map.total.resident);
    CHECK(map.parts[LAIR_REGION_STACK].resident > 0);
    CHECK(map.parts[LAIR_REGION_STATIC].resident > 0);
    CHECK(map.parts[LAIR_REGION_CODE].resident > 0);
    CHECK(map.parts[LAIR_REGION_LAIR_HEAP].regions == 0);
}

static void test_unreadable(void)
{
    struct rlimit limit;
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = limit.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0); /* no file can be opened */
    lair_process_map map = {.total = {.bytes = 7}};
    CHECK(lair_process_map_read(&map, NULL, NULL) == LAIR_ERR_UNSUPPORTED);
    CHECK_FAILED_WITH(LAIR_ERR_UNSUPPORTED);
    CHECK(map.total.bytes == 7);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

static void test_names(void)
{
    for (unsigned kind = 0; kind <= LAIR_REGION_KINDS; kind++) {
        CHECK(lair_region_kind_name((lair_region_kind)kind)[0] != '\0');
    }
    CHECK(strcmp(lair_region_kind_name(LAIR_REGION_CODE), "code") == 0);
    CHECK(strcmp(lair_region_kind_name(LAIR_REGION_KINDS), "unknown") == 0);
}

int main(void)
{
    test_program();
    test_threads();
    test_mappings();
    test_heap();
    test_walk();
    test_sums();
    test_unreadable();
    test_names();
    return check_finish("the parts of the process are told apart");
}

/* test_os.c: the promises of os.h, kept by the system this runs on. */
#include <string.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "check.h"
#include "child.h"
#include "os/os.h"

enum { MIB = 1 << 20 };

static bool all_bytes(const char *memory, size_t size, char value)
{
    for (size_t i = 0; i < size; i++) {
        if (memory[i] != value) {
            return false;
        }
    }
    return true;
}

static void test_reserve(void)
{
    CHECK(is_power_of_two(os_page_size()) && os_page_size() >= 4096);
    char *range = os_reserve(64 * MIB, 2 * MIB);
    REQUIRE(range != NULL);
    CHECK((uintptr_t)range % (2 * MIB) == 0);
    REQUIRE(os_commit(range, 4 * MIB));
    CHECK(all_bytes(range, 4 * MIB, 0));

    memset(range, 1, MIB);
    unsigned char resident[4 * MIB / 4096];
    REQUIRE(os_resident(range, 4 * MIB, resident));
    CHECK(resident[0] == 1);
    CHECK(os_purge(range, MIB));
    REQUIRE(os_resident(range, MIB, resident));
    for (size_t i = 0; i < MIB / os_page_size(); i++) {
        CHECK(resident[i] == 0);
    }
    CHECK(all_bytes(range, MIB, 0));

    os_advise_huge(range, 4 * MIB, true);
    os_advise_huge(range, 4 * MIB, false);
    memset(range, 7, 2 * MIB);
    os_make_huge(range, 2 * MIB);
    CHECK(all_bytes(range, 2 * MIB, 7));
    os_name(range, 4 * MIB, "lair: test");
    os_unmap(range, 64 * MIB);

    char *map = os_map(os_page_size(), 1 << 16);
    REQUIRE(map != NULL);
    CHECK((uintptr_t)map % (1 << 16) == 0);
    *map = 1;
    os_unmap(map, os_page_size());
    CHECK(os_reserve((size_t)1 << 60, os_page_size()) == NULL);
    CHECK(os_map((size_t)1 << 60, 2 * MIB) == NULL);
    CHECK(os_map(SIZE_MAX & ~(os_page_size() - 1), 2 * MIB) == NULL);
}

/* Moves size bytes and checks both ranges, whichever way it went. Returns whether they moved. */
static bool move_and_check(char *from, char *to, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        from[i] = (char)(i / 4096 + 1);
    }
    memset(to, 99, size);
    bool moved = os_move(from, to, size);
    const char *kept = moved ? to : from;
    bool right = true;
    for (size_t i = 0; i < size; i++) {
        right = right && kept[i] == (char)(i / 4096 + 1);
    }
    CHECK(right);
    CHECK(moved ? all_bytes(from, size, 0) : all_bytes(to, size, 99));
    from[size - 1] = to[size - 1] = 1; /* both can be written */
    return moved;
}

static void test_move(void)
{
    char *range = os_reserve(64 * MIB, 2 * MIB);
    REQUIRE(range != NULL && os_commit(range, 32 * MIB));
    bool moves = move_and_check(range, range + 8 * MIB, MIB);
    CHECK(move_and_check(range, range + 8 * MIB, MIB) == moves);
    /* Half of this source came from elsewhere: for the system it is several mappings. */
    CHECK(move_and_check(range + 8 * MIB, range + 16 * MIB, 2 * MIB) == moves);
    /* Back and forth. */
    CHECK(move_and_check(range + 16 * MIB, range + 8 * MIB, 2 * MIB) == moves);
    /* Mappings of odd sizes. */
    CHECK(madvise(range + 24 * MIB + 5 * os_page_size(), 3 * os_page_size(), MADV_DONTFORK) == 0);
    CHECK(move_and_check(range + 24 * MIB, range, MIB) == moves);
    os_unmap(range, 64 * MIB);
}

static void test_injection(void)
{
    size_t page = os_page_size();
    os_inject_failure(2, false);
    char *first = os_map(page, page);
    CHECK(first != NULL);
    CHECK(os_map(page, page) == NULL);
    CHECK(os_commit(first, page));
    CHECK(os_inject_failure(1, true) == 3);
    CHECK(os_map(page, page) == NULL);
    CHECK(os_reserve(page, page) == NULL);
    CHECK(!os_commit(first, page));
    *first = 5;
    CHECK(!os_move(first, first + page, page) && *first == 5);
    CHECK(os_inject_failure(0, false) == 4);
    char *second = os_map(page, page);
    CHECK(second != NULL);
    os_unmap(first, page);
    os_unmap(second, page);
}

static int limited(void *arg)
{
    (void)arg;
    CHECK(!os_address_space_limited());
    child_limit_address_space(64 * MIB);
    CHECK(os_address_space_limited());
    CHECK(os_reserve(256 * MIB, os_page_size()) == NULL);
    char *map = os_map(MIB, os_page_size());
    CHECK(map != NULL);
    return check_failures() != 0;
}

static void test_machine(void)
{
    CHECK(os_memory_total() >= 16 * MIB);
    unsigned char a[32] = {0};
    unsigned char b[32] = {0};
    os_random(a, sizeof a);
    os_random(b, sizeof b);
    CHECK(memcmp(a, b, sizeof a) != 0);

    uint64_t ns = os_now_ns();
    uint64_t ms = os_coarse_ms();
    while (os_coarse_ms() < ms + 20) {
    }
    uint64_t passed = os_now_ns() - ns;
    CHECK(passed > 5000000 && passed < 10000000000);
}

int main(void)
{
    test_reserve();
    test_move();
    test_injection();
    test_machine();
    if (!os_address_space_limited()) {
        child_result result = child_run(limited, NULL);
        CHECK_CHILD_PASSED(result);
    }
    return check_finish("the system's memory");
}

/* test_gc_passes.c: the collector's passes on random graphs, against an oracle.
 *
 *     test_gc_passes [--graphs N] [--seed S]
 *
 * The oracle says of a set of candidates: alive is whatever has a reference from outside the set,
 * or is a root, or never dies, and all that these reach within the set. It follows edges until
 * nothing changes, which is slow and obviously right. A failure names its seed and graph.
 */
#include <stdio.h>

#include "gc_host.h"

#include "gc/collect.h"

#include "arguments.h"
#include "check.h"
#include "random.h"

static graph it;
static struct gc gc;
static bool candidate[NODES_MAX], root[NODES_MAX], alive[NODES_MAX];

/* -- random graphs --------------------------------------------------------------------------- */

static uint64_t state;

static unsigned below(unsigned end)
{
    return (unsigned)((random_next(&state) >> 33) % end);
}

static bool chance(unsigned percent)
{
    return below(100) < percent;
}

static void graph_count(void)
{
    for (size_t i = 0; i < it.count; i++)
        it.refs[i] = it.nodes[i].held;
    for (size_t i = 0; i < it.count; i++)
        for (size_t k = 0; k < it.nodes[i].edge_count; k++)
            it.refs[it.nodes[i].edges[k]]++;
}

/* Graphs differ in how dense they are, how local their edges, how much is held and how much is a
 * candidate: each extreme has a pass of its own that it exercises. */
static void graph_make(void)
{
    it.count = 1 + below(chance(30) ? 12 : NODES_MAX);
    it.reached = 0;
    unsigned edges = 1 + below(EDGES_MAX);
    unsigned reach = chance(50) ? 4 : NODES_MAX;
    unsigned held = chance(40) ? 2 : below(40);
    unsigned candidates = chance(50) ? 100 : below(101);
    unsigned roots = chance(50) ? 0 : below(10);
    for (size_t i = 0; i < it.count; i++) {
        node *n = &it.nodes[i];
        *n = (node){.graph = &it};
        n->edge_count = below(edges + 1);
        for (size_t k = 0; k < n->edge_count; k++)
            n->edges[k] = (uint16_t)((i + below(reach)) % it.count);
        n->held = chance(held) ? 1 + below(3) : 0;
        n->forever = chance(1);
        root[i] = chance(roots);
        n->held += root[i];
        candidate[i] = chance(candidates);
    }
    graph_count();
}

/* -- the oracle ------------------------------------------------------------------------------ */

static void oracle(void)
{
    uint32_t inner[NODES_MAX] = {0};
    for (size_t i = 0; i < it.count; i++)
        for (size_t k = 0; candidate[i] && k < it.nodes[i].edge_count; k++)
            inner[it.nodes[i].edges[k]]++;
    for (size_t i = 0; i < it.count; i++)
        alive[i] = !candidate[i] || root[i] || it.nodes[i].forever || it.refs[i] > inner[i];
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < it.count; i++)
            for (size_t k = 0; alive[i] && k < it.nodes[i].edge_count; k++) {
                changed = changed || !alive[it.nodes[i].edges[k]];
                alive[it.nodes[i].edges[k]] = true;
            }
    }
}

/* -- comparing ------------------------------------------------------------------------------- */

static void mark_roots(struct gc *of, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < it.count; i++)
        if (root[i])
            gc_mark(of, &it.nodes[i]);
}

static size_t whiten(void)
{
    size_t count = 0;
    for (size_t i = 0; i < it.count; i++) {
        if (!address_set_add(&gc.set, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[i])) {
            CHECK(false);
            return 0;
        }
        if (candidate[i] &&
            address_set_make_white(&gc.set, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[i]))
            count++;
    }
    return count;
}

static void compare_garbage(void)
{
    bool found[NODES_MAX] = {false};
    for (size_t i = 0; i < gc.garbage_count; i++)
        found[node_index(gc.garbage[i])] = true;
    for (size_t i = 0; i < it.count; i++)
        CHECK(found[i] == !alive[i]);
}

/* Every batch, with those before it, holds all that refers into it; each object comes
 * once. */
static void compare_batches(void)
{
    bool taken[NODES_MAX] = {false};
    size_t total = 0;
    for (size_t count; (count = gc_batch(&gc, 1 + below(20))) > 0;) {
        for (size_t i = 0; i < count; i++) {
            size_t index = node_index(gc.queue[gc.queue_left + i]);
            CHECK(!taken[index] && !alive[index]);
            taken[index] = true;
        }
        total += count;
        for (size_t i = 0; i < it.count; i++) {
            if (alive[i])
                continue;
            for (size_t k = 0; !taken[i] && k < it.nodes[i].edge_count; k++)
                CHECK(!taken[it.nodes[i].edges[k]]);
        }
    }
    CHECK(total == gc.garbage_count);
}

/* As gc_find_garbage, with a list of the suspects. */
static bool find_listed(size_t candidates, bool with_roots)
{
    if (!gc_begin(&gc, candidates))
        return false;
    if (with_roots) {
        mark_roots(&gc, NULL);
        gc_drain(&gc);
    }
    if (!gc_suspect_whites(&gc) || !gc_trial(&gc))
        return false;
    gc_check_trial(&gc);
    return true;
}

static bool find_garbage(size_t candidates, bool with_roots, bool listed)
{
    return listed ? find_listed(candidates, with_roots)
                  : gc_find_garbage(&gc, candidates, with_roots ? mark_roots : NULL, NULL);
}

static void one_graph(void)
{
    graph_make();
    oracle();
    size_t candidates = whiten();
    bool with_roots = chance(70);
    for (size_t i = 0; i < it.count && !with_roots; i++)
        root[i] = false; /* they are held as well: the result is the same */
    bool listed = chance(30);
    if (!find_garbage(candidates, with_roots, listed)) {
        CHECK(false);
    } else {
        CHECK(it.reached + gc.garbage_count == candidates);
        compare_garbage();
        if (listed || chance(70))
            CHECK(gc_order(&gc));
        else
            gc_order_as_one(&gc);
        compare_batches();
    }
    gc_end(&gc);
    gc_end_queue(&gc);
    for (size_t i = 0; i < it.count; i++)
        CHECK(!address_set_is_white(&gc.set, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[i]));
}

/* -- memory that fails ----------------------------------------------------------------------- */

/* Each request for memory fails once: then nothing is found, nothing stays white, and the next
 * collection is as good as any. */
static void test_failures(void)
{
    state = 99;
    for (int i = 0; i < 50; i++) {
        graph_make();
        oracle();
        bool done = false;
        for (uint64_t nth = 1; !done; nth++) {
            size_t candidates = whiten();
            (void)os_inject_failure(nth, false);
            done = find_garbage(candidates, true, i % 2 == 0) && gc_order(&gc);
            (void)os_inject_failure(0, false);
            if (done) {
                compare_garbage();
                compare_batches();
            }
            gc_end(&gc);
            gc_end_queue(&gc);
            CHECK(nth < 10);
        }
    }
    struct gc empty;
    gc_open(&empty);
    for (uint64_t nth = 1; nth <= 3; nth++) {
        (void)os_inject_failure(nth, false);
        CHECK(!address_set_add(&empty.set, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[0]));
        (void)os_inject_failure(0, false);
        CHECK(!address_set_has(&empty.set, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[0]));
        address_set_close(&empty.set);
        CHECK(empty.set.bytes == 0);
    }
    gc_close(&empty);
}

/* -- the set --------------------------------------------------------------------------------- */

/* Addresses from one end of the address space to the other; nothing is read through them. */
static void test_set(void)
{
    struct address_set set;
    address_set_open(&set, GC_GRANULE_SHIFT);
    const uintptr_t highest = ((uintptr_t)1 << 48) - 8;
    const uintptr_t some[] = {8, 0x10000, 0x7fff00000000, 0x555500000008, highest, 0xfffff8};
    enum { SOME = sizeof(some) / sizeof(*some) };
    for (size_t i = 0; i < SOME; i++)
        CHECK(!address_set_has(&set, GC_GRANULE_SHIFT, some[i]));
    for (size_t i = 0; i < SOME; i++)
        CHECK(address_set_add(&set, GC_GRANULE_SHIFT, some[i]));
    CHECK(!address_set_add(&set, GC_GRANULE_SHIFT, UINTPTR_MAX - 7)); /* no program's */
    CHECK(!address_set_has(&set, GC_GRANULE_SHIFT, UINTPTR_MAX - 7));
    CHECK(address_set_whiten(&set) == SOME);
    CHECK(address_set_rank(&set) == SOME);
    for (size_t i = 0; i < SOME; i++) {
        CHECK(address_set_is_white(&set, GC_GRANULE_SHIFT, some[i]));
        CHECK(!address_set_make_white(&set, GC_GRANULE_SHIFT, some[i]));
    }
    uintptr_t before = 0;
    for (const struct address_region *region = set.first; region; region = region->next) {
        for (size_t word = 0; address_region_next_word(region, &word); word++)
            for (uint64_t bits = region->white[word]; bits != 0; bits &= bits - 1) {
                uintptr_t address = address_of_bit(&set, region, word, ctz64(bits));
                CHECK(address > before && address_set_has(&set, GC_GRANULE_SHIFT, address));
                before = address;
            }
    }
    CHECK(before == highest);
    address_set_remove(&set, GC_GRANULE_SHIFT, some[2]);
    address_set_remove(&set, GC_GRANULE_SHIFT, 0x123456789000);
    address_set_rest(&set);
    CHECK(!address_set_is_white(&set, GC_GRANULE_SHIFT, some[0]));
    CHECK(address_set_whiten(&set) == SOME - 1);
    address_set_drop_white(&set);
    address_set_rest(&set);
    CHECK(address_set_whiten(&set) == 0);
    address_set_close(&set);
    CHECK(set.bytes == 0);
}

/* -- main ------------------------------------------------------------------------------------ */

int main(int argc, char **argv)
{
    uint64_t graphs = 3000, seed = 1;
    const argument known[] = {{"--graphs", &graphs}, {"--seed", &seed}};
    arguments_read(argc, argv, known, sizeof known / sizeof known[0]);
    gc_open(&gc);
    state = seed;
    for (uint64_t i = 0; i < graphs && check_failures() == 0; i++) {
        one_graph();
        if (check_failures() != 0)
            fprintf(stderr, "seed %llu, graph %llu\n", (unsigned long long)seed,
                    (unsigned long long)i);
    }
    test_failures();
    gc_close(&gc);
    test_set();
    return check_finish("the passes of the collector");
}

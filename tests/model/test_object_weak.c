/* test_object_weak.c: weak containers and caches against plain arrays, by random operations, while
 * objects die, come back in their finalizers, and memory fails.
 *
 * Objects are nodes that are held by slots of the test, by values of the weak-key dict and by
 * values of the caches. The model knows every one of these references, so it knows how many each
 * node must have, and which nodes must be alive.
 */
#include <stdio.h>
#include <string.h>

#include <lair/lair.h>

#include "arguments.h"
#include "books.h"
#include "check.h"
#include "node.h"
#include "object/cache.h"
#include "object/weak_table.h"
#include "random.h"
#include "variants.h"

enum { SLOTS = 40, NUMBERS = 30, MOST = 256, LRU_CAPACITY = 8, TTL_MS = 50, ROUNDS = 4000 };

/* -- the model ------------------------------------------------------------------------------- */

typedef enum which { WEAK_KEYS, WEAK_VALUES, WEAK_SET, LRU, TTL, CONTAINERS } which;

struct row {
    lair_object *node; /* what dies: key, value or member; NULL in caches */
    int64_t number;    /* the key where it is an int */
    lair_object *held; /* a value that the container holds; NULL: none */
    uint64_t serial;   /* when the key came in */
    uint64_t due;      /* LRU: when it was last used; TTL: when it expires */
    uint64_t shown;    /* by which iteration */
};

static struct world {
    uint64_t random;
    lair_heap *heap;
    lair_type *type;
    lair_object *slots[SLOTS];
    lair_object *containers[CONTAINERS];
    struct row rows[CONTAINERS][MOST]; /* in the order in which the keys came in */
    size_t count[CONTAINERS];
    uint64_t serial, tick, iteration;
    uint64_t clock, now; /* what the clock says, and the latest it has said */
    lair_cache_stats stats[CONTAINERS];
    size_t deaths, resurrections, failures, seen;
} world;

static size_t below(size_t bound)
{
    return (size_t)(random_next(&world.random) % bound);
}

static void row_remove(which w, size_t index)
{
    struct row *rows = world.rows[w];
    memmove(rows + index, rows + index + 1, (--world.count[w] - index) * sizeof *rows);
}

static struct row *row_add(which w)
{
    REQUIRE(world.count[w] < MOST);
    struct row *row = &world.rows[w][world.count[w]++];
    *row = (struct row){.serial = ++world.serial};
    return row;
}

/* The index of a node's number or a number; the count when there is none. */
static size_t row_find(which w, int64_t number)
{
    size_t i = 0;
    while (i < world.count[w] && world.rows[w][i].number != number)
        i++;
    return i;
}

/* A node dies: its entries leave. */
static void on_dealloc(struct node *self)
{
    world.deaths++;
    for (int w = 0; w < CONTAINERS; w++)
        for (size_t i = world.count[w]; i-- > 0;)
            if (world.rows[w][i].node == &self->object)
                row_remove((which)w, i);
}

/* ... or comes back into a slot, from which another goes. */
static void on_finalize(struct node *self)
{
    if (below(4) != 0)
        return;
    size_t i = below(SLOTS);
    lair_object *old = world.slots[i];
    world.slots[i] = lair_incref(&self->object);
    world.resurrections++;
    lair_decref(old);
}

static uint64_t model_clock(void *arg)
{
    (void)arg;
    if (world.clock > world.now)
        world.now = world.clock;
    return world.clock;
}

/* What has expired leaves the model. To be called before each operation on the TTL cache. */
static void expire(void)
{
    (void)model_clock(NULL);
    for (size_t i = world.count[TTL]; i-- > 0;) {
        if (world.rows[TTL][i].due <= world.now) {
            world.stats[TTL].expired++;
            row_remove(TTL, i);
        }
    }
}

/* Beyond the capacity: the row that is due first leaves. */
static void evict(which w)
{
    if (world.count[w] <= LRU_CAPACITY)
        return;
    size_t first = 0;
    for (size_t i = 1; i < world.count[w]; i++)
        if (world.rows[w][i].due < world.rows[w][first].due)
            first = i;
    world.stats[w].evicted++;
    row_remove(w, first);
}

/* -- what must hold -------------------------------------------------------------------------- */

static const struct entries *entries_in(which w)
{
    lair_object *container = world.containers[w];
    return w < LRU ? &weak_table_of(container)->entries : &cache_of(container)->entries;
}

static uint32_t references(const lair_object *node)
{
    uint32_t count = 0;
    for (int i = 0; i < SLOTS; i++)
        count += world.slots[i] == node;
    for (int w = 0; w < CONTAINERS; w++)
        for (size_t i = 0; i < world.count[w]; i++)
            count += world.rows[w][i].held == node;
    return count;
}

/* Adds node to the nodes that are alive, once. */
static void note(lair_object **alive, size_t *count, lair_object *node)
{
    for (size_t i = 0; i < *count; i++)
        if (alive[i] == node)
            return;
    if (node != NULL)
        alive[(*count)++] = node;
}

static void check_lives(void)
{
    static lair_object *alive[SLOTS + CONTAINERS * MOST];
    size_t count = 0;
    for (int i = 0; i < SLOTS; i++)
        note(alive, &count, world.slots[i]);
    for (int w = 0; w < CONTAINERS; w++)
        for (size_t i = 0; i < world.count[w]; i++)
            note(alive, &count, world.rows[w][i].held);
    CHECK(nodes_alive(world.type) == count);
    for (size_t i = 0; i < count; i++) {
        size_t weak = 0;
        for (int w = 0; w < LRU; w++)
            for (size_t j = 0; j < world.count[w]; j++)
                weak += world.rows[w][j].node == alive[i];
        CHECK(lair_refcount(alive[i]) == references(alive[i]));
        CHECK(lair_weakref_count(alive[i]) == weak);
    }
}

/* A row as the cursor shows it. */
static bool row_is(which w, const struct row *row, const lair_cursor *at)
{
    switch (w) {
    case WEAK_KEYS:
        return at->key == row->node && at->item == row->held;
    case WEAK_VALUES:
        return lair_int_value(at->key) == row->number && at->item == row->node;
    case WEAK_SET:
        return at->key == NULL && at->item == row->node;
    default:
        return lair_int_value(at->key) == row->number && at->item == row->held;
    }
}

static void check_contents(which w, lair_object *container)
{
    size_t i = 0;
    CHECK(lair_length(container) == world.count[w]);
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(container);
    for (; lair_next_item(&at); i++)
        CHECK(i < world.count[w] && row_is(w, &world.rows[w][i], &at));
    CHECK(at.status == LAIR_OK && i == world.count[w]);
}

static void check_all(void)
{
    expire();
    CHECK(lair_ttl_cache_expire(world.containers[TTL]) == 0 || world.clock <= world.now);
    for (int w = 0; w < CONTAINERS; w++) {
        const char *fault = entries_check(entries_in((which)w));
        if (!CHECK(fault == NULL))
            printf("%s\n", fault);
        check_contents((which)w, world.containers[w]);
        lair_cache_stats stats;
        if (w < LRU)
            continue;
        CHECK(lair_cache_get_stats(world.containers[w], &stats) == LAIR_OK);
        const lair_cache_stats *expected = &world.stats[w];
        CHECK(stats.hits == expected->hits && stats.misses == expected->misses);
        CHECK(stats.evicted == expected->evicted && stats.expired == expected->expired);
    }
    check_lives();
}

/* -- operations ------------------------------------------------------------------------------ */

/* Sometimes memory fails during the next call. */
static void maybe_fail(void)
{
    if (below(4) == 0)
        lair_heap_inject_failure(world.heap, 1 + below(4), below(2) == 0);
}

/* Whether the call got through; else nothing must have changed. */
static bool through(lair_status status)
{
    lair_heap_inject_failure(world.heap, 0, false);
    CHECK(status == LAIR_OK || status == LAIR_ERR_NO_MEMORY);
    world.failures += status != LAIR_OK;
    return status == LAIR_OK;
}

static lair_object *any_node(void)
{
    return world.slots[below(SLOTS)];
}

static void refill_slot(void)
{
    lair_object *node = node_new(world.type, (int64_t)below(NUMBERS), NULL);
    REQUIRE(node != NULL);
    size_t i = below(SLOTS);
    lair_object *old = world.slots[i];
    world.slots[i] = node;
    lair_decref(old);
}

static void empty_slot(void)
{
    lair_clear_ref(&world.slots[below(SLOTS)]);
}

static lair_status set(which w, lair_object *key, int64_t number, lair_object *node,
                       lair_object *other)
{
    (void)number;
    lair_object *container = world.containers[w];
    switch (w) {
    case WEAK_KEYS:
        return lair_weak_dict_set(container, node, other);
    case WEAK_VALUES:
        return lair_weak_dict_set(container, key, node);
    case WEAK_SET:
        return lair_weak_set_add(container, node);
    default:
        return lair_cache_set(container, key, node);
    }
}

/* The model is changed before the last reference to the old value goes, as the container is. */
static void do_set(which w)
{
    LAIR_SCOPED lair_object *node = lair_incref(any_node());
    LAIR_SCOPED lair_object *other = lair_incref(any_node());
    if (node == NULL || other == NULL)
        return;
    bool by_node = w == WEAK_KEYS || w == WEAK_SET;
    int64_t number = by_node ? node_of(node)->number : (int64_t)below(NUMBERS);
    LAIR_SCOPED lair_object *key = lair_int_new(world.heap, number);
    LAIR_SCOPED lair_object *old = NULL; /* keeps the replaced value until the model knows */
    if (w == TTL)
        expire();
    size_t index = row_find(w, number);
    if (index < world.count[w])
        old = lair_incref(world.rows[w][index].held);
    /* What is evicted must not take others with it before the model knows. */
    static lair_object *kept[MOST];
    size_t kept_count = world.count[w];
    for (size_t i = 0; i < kept_count; i++)
        kept[i] = lair_incref(world.rows[w][i].held);
    maybe_fail();
    if (through(set(w, key, number, node, other))) {
        struct row *row = index < world.count[w] ? &world.rows[w][index] : row_add(w);
        row->number = number;
        if (w == WEAK_VALUES || (row->node == NULL && by_node))
            row->node = node;
        if (!by_node && w != WEAK_VALUES)
            row->held = node;
        if (w == WEAK_KEYS)
            row->held = other;
        row->due = w == TTL ? world.now + TTL_MS : ++world.tick;
        if (w == LRU)
            evict(w);
    }
    for (size_t i = 0; i < kept_count; i++)
        lair_decref(kept[i]);
}

static void do_get(which w)
{
    LAIR_SCOPED lair_object *node = lair_incref(any_node());
    if (node == NULL)
        return;
    bool by_node = w == WEAK_KEYS || w == WEAK_SET;
    int64_t number = by_node ? node_of(node)->number : (int64_t)below(NUMBERS);
    LAIR_SCOPED lair_object *key = by_node ? lair_incref(node) : lair_int_new(world.heap, number);
    LAIR_SCOPED lair_object *value = NULL;
    if (w == TTL)
        expire();
    size_t index = row_find(w, number);
    struct row *row = index < world.count[w] ? &world.rows[w][index] : NULL;
    bool found = false;
    CHECK(lair_contains(world.containers[w], key, &found) == LAIR_OK && found == (row != NULL));
    if (w == WEAK_SET)
        return;
    lair_status status = w < LRU ? lair_weak_dict_find(world.containers[w], key, &value)
                                 : lair_cache_find(world.containers[w], key, &value);
    CHECK(status == LAIR_OK);
    CHECK(value == (row == NULL ? NULL : w == WEAK_VALUES ? row->node : row->held));
    *(row != NULL ? &world.stats[w].hits : &world.stats[w].misses) += w >= LRU;
    if (w == LRU && row != NULL)
        row->due = ++world.tick;
}

static void delete_number(which w, int64_t number)
{
    bool by_node = w == WEAK_KEYS || w == WEAK_SET;
    if (w == TTL)
        expire();
    size_t index = row_find(w, number);
    bool there = index < world.count[w], was_there = false;
    LAIR_SCOPED lair_object *key =
        by_node ? node_new(world.type, number, NULL) : lair_int_new(world.heap, number);
    LAIR_SCOPED lair_object *held = there ? lair_incref(world.rows[w][index].held) : NULL;
    lair_status status;
    if (w >= LRU)
        status = lair_cache_delete(world.containers[w], key, &was_there);
    else if (w == WEAK_SET)
        status = lair_weak_set_discard(world.containers[w], key, &was_there);
    else
        was_there = (status = lair_weak_dict_delete(world.containers[w], key)) == LAIR_OK;
    CHECK(was_there == there);
    CHECK(status == LAIR_OK || (status == LAIR_ERR_KEY && !there));
    if (there)
        row_remove(w, index);
}

static void do_clear(which w)
{
    if (w == TTL)
        expire();
    static lair_object *kept[MOST];
    size_t count = world.count[w];
    for (size_t i = 0; i < count; i++)
        kept[i] = lair_incref(world.rows[w][i].held);
    CHECK((w >= LRU        ? lair_cache_clear(world.containers[w])
           : w == WEAK_SET ? lair_weak_set_clear(world.containers[w])
                           : lair_weak_dict_clear(world.containers[w])) == LAIR_OK);
    world.count[w] = 0;
    for (size_t i = 0; i < count; i++)
        lair_decref(kept[i]);
}

/* A copy holds the same; its values are held once more. */
static void do_copy(which w)
{
    if (w >= LRU)
        return;
    maybe_fail();
    LAIR_SCOPED lair_object *copy = lair_copy(world.containers[w]);
    if (through(copy != NULL ? LAIR_OK : lair_error_status()))
        check_contents(w, copy);
}

/* Goes over a container while entries leave. Each that is there all the time is shown, once, in
 * order; and nothing else. */
static void do_iterate(which w)
{
    if (w == TTL)
        expire();
    uint64_t iteration = ++world.iteration, last = 0;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(world.containers[w]);
    for (;;) {
        if (w == TTL)
            expire();
        if (!lair_next_item(&at))
            break;
        size_t i = 0;
        while (i < world.count[w] && !row_is(w, &world.rows[w][i], &at))
            i++;
        if (!CHECK(i < world.count[w]))
            break;
        CHECK(world.rows[w][i].serial > last);
        last = world.rows[w][i].serial;
        world.rows[w][i].shown = iteration;
        world.seen++;
        size_t drops = below(3);
        for (size_t k = 0; k < drops; k++)
            empty_slot();
        if (below(4) == 0)
            delete_number(w, (int64_t)below(NUMBERS));
        if (below(8) == 0)
            world.clock += below(TTL_MS / 2);
        if (below(50) == 0)
            return; /* left early */
    }
    CHECK(at.status == LAIR_OK);
    for (size_t i = 0; i < world.count[w]; i++)
        CHECK(world.rows[w][i].shown == iteration);
}

static void do_something(void)
{
    which w = (which)below(CONTAINERS);
    switch (below(16)) {
    case 0:
    case 1:
    case 2:
        refill_slot();
        break;
    case 3:
        empty_slot();
        break;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        do_set(w);
        break;
    case 9:
    case 10:
        do_get(w);
        break;
    case 11:
        delete_number(w, (int64_t)below(NUMBERS));
        break;
    case 12:
        do_copy(w);
        break;
    case 13:
        do_iterate(w);
        break;
    case 14:
        world.clock += below(20);
        if (below(10) == 0)
            world.clock -= below((size_t)(world.clock < 100 ? world.clock + 1 : 100));
        break;
    default:
        if (below(8) == 0)
            do_clear(w);
        break;
    }
}

/* -- one world ------------------------------------------------------------------------------- */

static size_t live_blocks(void)
{
    lair_ledger ledger;
    (void)lair_heap_trim(world.heap);
    lair_heap_ledger(world.heap, &ledger);
    return ledger.blocks;
}

static void run(const heap_variant *variant, uint64_t seed)
{
    world = (struct world){.random = seed, .clock = 1000};
    world.heap = variant_open(variant);
    REQUIRE(lair_none(world.heap) != NULL);
    size_t before = live_blocks();
    world.type = node_type(world.heap, true);
    REQUIRE(world.type != NULL);
    node_hooks.dealloc = on_dealloc;
    node_hooks.finalize = on_finalize;
    node_hooks.hashes = seed % 3 == 0 ? 3 : 0; /* sometimes many hash alike */
    world.containers[WEAK_KEYS] = lair_weak_key_dict_new(world.heap);
    world.containers[WEAK_VALUES] = lair_weak_value_dict_new(world.heap);
    world.containers[WEAK_SET] = lair_weak_set_new(world.heap);
    world.containers[LRU] = lair_lru_cache_new(world.heap, LRU_CAPACITY);
    world.containers[TTL] = lair_ttl_cache_new(world.heap, 0, TTL_MS, model_clock, NULL);
    for (int i = 0; i < ROUNDS && check_failures() == 0; i++) {
        do_something();
        check_all();
        if (check_failures() != 0)
            printf("seed %lu, round %d\n", (unsigned long)seed, i);
    }
    CHECK(world.deaths > ROUNDS / 20 && world.resurrections > ROUNDS / 200);
    CHECK(world.failures > ROUNDS / 200 && world.seen > ROUNDS / 20);
    /* Some containers die before the nodes, some after. */
    node_hooks.finalize = NULL;
    for (int w = 0; w < CONTAINERS; w += 2) {
        world.count[w] = 0;
        lair_decref(world.containers[w]);
    }
    for (int i = 0; i < SLOTS; i++)
        lair_clear_ref(&world.slots[i]);
    for (int w = 1; w < CONTAINERS; w += 2)
        lair_decref(world.containers[w]);
    CHECK(nodes_alive(world.type) == 0);
    lair_decref(lair_type_object(world.type));
    CHECK(live_blocks() == before);
    CHECK_BOOKS(world.heap);
    lair_heap_close(world.heap);
}

int main(int argc, char **argv)
{
    uint64_t seed = 1, only = UINT64_MAX;
    const argument known[] = {{"--seed", &seed}, {"--variant", &only}};
    arguments_read(argc, argv, known, sizeof known / sizeof known[0]);
    for (size_t i = 0; i < variant_count; i++)
        if (only == UINT64_MAX || only == i)
            run(&variants[i], seed + i);
    return check_finish("weak containers and caches against a model");
}

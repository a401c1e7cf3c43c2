/* test_gc_incremental.c: the incremental mode: rounds that go on while the program runs.
 *
 * A slice of no nanoseconds is one step; so these tests are the same on every machine.
 */
#include "collecting.h"
#include "node.h"

#include "object/collector_round.h"
#include "object/space.h"
#include "os/os.h"

static struct round_pace *pace_of(lair_heap *heap)
{
    return &space_of(heap)->collector.rounds;
}

enum { NEVER = 1 << 30 };

/* Slices come after so many containers, each of one step of so many objects; or when they are asked
 * for alone. */
static void begin(lair_heap *heap, size_t quantum, size_t chunk)
{
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    (void)collect(heap, 2);
    set_thresholds(heap, 700, 10, 10);
    *pace_of(heap) = (struct round_pace){
        .quantum = quantum, .smallest = quantum == NEVER ? NEVER : 400, .chunk = chunk};
    CHECK(lair_gc_set_mode(heap, LAIR_GC_INCREMENTAL) == LAIR_OK);
}

/* One step. Returns whether a round is under way. */
static bool step(lair_heap *heap)
{
    const struct collector *collector = &space_of(heap)->collector;
    bool more = lair_gc_step(heap, 0);
    CHECK(more || !rounds_are_active(collector));
    return rounds_are_active(collector);
}

/* Steps of a round until it is over: how many. */
static size_t finish(lair_heap *heap)
{
    size_t steps = 1;
    while (step(heap))
        steps++;
    return steps;
}

/* A round that is begun whether there is anything to do or not, and has done one step. */
static void start(lair_heap *heap)
{
    space_of(heap)->collector.settled = false;
    CHECK(step(heap));
}

static void run_round(lair_heap *heap)
{
    start(heap);
    (void)finish(heap);
}

static lair_object *ring_new(lair_type *type, int64_t count)
{
    lair_object *head = node_new(type, 0, NULL), *last = head;
    for (int64_t i = 1; i < count; i++) {
        lair_object *next = node_new(type, i, NULL);
        node_of(last)->link = next;
        last = next;
    }
    node_of(last)->link = lair_incref(head);
    return head;
}

/* Garbage that is old. */
static void ring_drop(lair_type *type, int64_t count)
{
    lair_object *ring = ring_new(type, count);
    (void)collect(ring->type->heap, 1);
    lair_decref(ring);
}

/* -- the mode -------------------------------------------------------------------------------- */

static void test_mode(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, 10, 4);
    CHECK(lair_gc_get_mode(heap) == LAIR_GC_INCREMENTAL);
    CHECK(lair_gc_set_mode(heap, (lair_gctype)99) == LAIR_ERR_UNSUPPORTED);
    CHECK_FAILED_WITH(LAIR_ERR_UNSUPPORTED);
    CHECK(lair_gc_get_mode(heap) == LAIR_GC_INCREMENTAL);
    CHECK(!lair_gc_step(NULL, 0));
    while (lair_gc_step(heap, 0))
        continue;
    CHECK(!lair_gc_step(heap, 0) && !lair_gc_step(heap, UINT64_MAX)); /* nothing is left */
    ring_drop(type, 500);
    CHECK(lair_gc_step(heap, 0) && nodes_alive(type) == 500);
    while (lair_gc_step(heap, UINT64_MAX))
        continue;
    CHECK(nodes_alive(type) == 0);
    ring_drop(type, 500);
    start(heap);
    CHECK(collect(heap, 2) == 500 && !lair_gc_step(heap, 0)); /* at once, and the round is off */
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    ring_drop(type, 500);
    CHECK(lair_gc_step(heap, 0)); /* in any mode */
    (void)finish(heap);
    CHECK(nodes_alive(type) == 0);
}

/* What is let go in the middle of a round is found as well, though nothing is made any more; in the
 * middle of the last one, which nobody could know of, when something is. */
static void test_idle(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    for (size_t steps = 0; steps < 400; steps += 23) {
        begin(heap, NEVER, 3);
        lair_object *ring = ring_new(type, 300);
        for (size_t i = 0; i < steps; i++)
            (void)lair_gc_step(heap, 0);
        lair_decref(ring);
        while (lair_gc_step(heap, 0))
            continue;
        CHECK(nodes_alive(type) == 0 || steps > 0);
        knot_drop(heap, NULL);
        while (lair_gc_step(heap, 0))
            continue;
        CHECK(nodes_alive(type) == 0);
    }
}

static void test_option(void)
{
    lair_heap_options options = {.gctype = LAIR_GC_INCREMENTAL};
    lair_heap *heap = lair_heap_open(&options);
    REQUIRE(heap != NULL && lair_none(heap) != NULL);
    CHECK(lair_gc_get_mode(heap) == LAIR_GC_INCREMENTAL);
    lair_heap_close(heap);
}

/* -- progress and bounds ---------------------------------------------------------------------- */

enum { LIVE = 3000, CHURNED = 60000 };

/* A window of rings, each of which lives while LIVE more are made: garbage is old. Returns how many
 * nodes there were at most. */
static size_t churn(lair_type *type, lair_object **window)
{
    size_t most = 0;
    for (size_t i = 0; i < CHURNED; i++) {
        lair_object *ring = ring_new(type, 2);
        lair_decref(window[i % LIVE]);
        window[i % LIVE] = ring;
        if (nodes_alive(type) > most)
            most = nodes_alive(type);
    }
    return most;
}

/* Rounds begin by themselves, end, and keep up: there is never more garbage than what grows old
 * until a round is due and while it runs, twice over (what dies while a round runs waits for the
 * next), and what is young. */
static void test_bound(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    static lair_object *window[LIVE];
    memset(window, 0, sizeof window);
    begin(heap, 100, 1000);
    size_t most = churn(type, window);
    const size_t live = 2 * LIVE + 2;
    CHECK(most > live); /* the test makes garbage */
    CHECK(most < live + 2 * (live / 4 + live * 3 / 1000 * 100) + 11 * 700);
    lair_gc_stats stats[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, stats);
    CHECK(stats[2].collections > 10 && stats[2].collected > CHURNED);
    for (size_t i = 0; i < LIVE; i++)
        lair_clear_ref(&window[i]);
    for (int i = 0; i < 4; i++)
        run_round(heap);
    CHECK(nodes_alive(type) == 0);
}

/* What is garbage when a round begins is gone when it ends; what was found alive by its count waits
 * for the fourth at most. */
static void test_whole_round(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 3);
    LAIR_SCOPED lair_object *held = ring_new(type, 100);
    for (int i = 0; i < 9; i++) {
        ring_drop(type, 70 + i);
        run_round(heap);
        CHECK(nodes_alive(type) == 100);
    }
    lair_clear_ref(&held);
    size_t rounds = 0;
    for (; nodes_alive(type) != 0 && rounds < 5; rounds++)
        run_round(heap);
    CHECK(rounds <= 4 && nodes_alive(type) == 0);
}

/* What is reached from a root need not be counted, and what a root has let go of is found. */
static void test_roots(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 3);
    lair_object *variable = ring_new(type, 300);
    CHECK(lair_gc_add_root(heap, &variable) == LAIR_OK);
    (void)collect(heap, 1);
    start(heap);
    ring_drop(type, 50); /* after it began */
    (void)finish(heap);
    CHECK(nodes_alive(type) >= 300);
    run_round(heap);
    CHECK(nodes_alive(type) == 300);
    lair_clear_ref(&variable);
    run_round(heap);
    CHECK(nodes_alive(type) == 0);
    CHECK(lair_gc_remove_root(heap, &variable) == LAIR_OK);
}

/* -- large things ----------------------------------------------------------------------------- */

enum { HUGE_LENGTH = 10000, PLACES = 12 };

static lair_object *huge_list(lair_heap *heap, lair_type *type)
{
    lair_object *list = knot_new(heap, NULL);
    for (int i = 1; i < HUGE_LENGTH; i++)
        CHECK(lair_list_append_new(list, ring_new(type, 1)) == LAIR_OK);
    return list;
}

/* A list is scanned in parts, of GC_PART: with a chunk of one, that many steps. */
static void test_huge_list(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 1);
    lair_object *list = huge_list(heap, type);
    (void)collect(heap, 1);
    lair_decref(list);
    start(heap);
    CHECK(finish(heap) > HUGE_LENGTH / GC_PART && nodes_alive(type) == 0);
}

/* ... and may become shorter, or end, between any two of them, whatever they look for. */
static void test_shrinking_list(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 1);
    for (size_t round = 0; round < PLACES; round++) {
        lair_object *list = huge_list(heap, type);
        if (round % 2 == 0)
            CHECK(lair_gc_add_root(heap, &list) == LAIR_OK);
        start(heap);
        for (size_t i = round * round * 300; i > 0 && step(heap); i--)
            continue;
        CHECK(nodes_alive(type) >= HUGE_LENGTH - 1);
        CHECK(lair_list_remove(list, 1 + round * 500, HUGE_LENGTH) == LAIR_OK);
        for (size_t i = 100; i > 0 && step(heap); i--)
            continue;
        CHECK(lair_list_length(list) == 1 + round * 500);
        if (round % 2 == 0)
            CHECK(lair_gc_remove_root(heap, &list) == LAIR_OK);
        (void)lair_list_remove(list, 0, SIZE_MAX);
        lair_decref(list);
        for (int i = 0; i < 5; i++) /* the first may have begun before */
            run_round(heap);
        CHECK(nodes_alive(type) == 0);
    }
}

/* Garbage that hangs together, with no end that anybody could observe, goes a little at a time. */
static void test_slices_of_garbage(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 0);
    ring_drop(type, 50000);
    start(heap);
    size_t before = nodes_alive(type), most = 0;
    bool going = true;
    for (; going; before = nodes_alive(type)) {
        going = step(heap);
        CHECK(nodes_alive(type) <= before);
        if (before - nodes_alive(type) > most)
            most = before - nodes_alive(type);
    }
    CHECK(nodes_alive(type) == 0 && most > 0 && most < 500);
}

static void begin_clearing(lair_heap *heap, lair_type *type)
{
    ring_drop(type, 50000);
    start(heap);
    while (nodes_alive(type) == 50000)
        REQUIRE(step(heap));
    CHECK(nodes_alive(type) > 40000);
}

/* Whoever asks for all objects, or for another mode, finds none half-way. */
static void test_settling(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 0);
    begin_clearing(heap, type);
    size_t others = tracked(heap);
    CHECK(nodes_alive(type) == 0);
    begin_clearing(heap, type);
    LAIR_SCOPED lair_object *list = knot_new(heap, NULL);
    lair_object *referrers = lair_gc_referrers(list);
    CHECK(lair_list_length(referrers) == 1 && nodes_alive(type) == 0);
    lair_decref(referrers);
    (void)finish(heap);
    begin_clearing(heap, type);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_AUTO) == LAIR_OK && nodes_alive(type) == 0);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_INCREMENTAL) == LAIR_OK);
    begin_clearing(heap, type);
    CHECK(collect(heap, 2) == 0 && nodes_alive(type) == 0);
    begin_clearing(heap, type);
    CHECK(lair_gc_freeze(heap) == LAIR_OK && nodes_alive(type) == 0);
    CHECK(lair_gc_unfreeze(heap) == LAIR_OK);
    CHECK(lair_list_remove(list, 0, 1) == LAIR_OK);
    begin_clearing(heap, type);
    CHECK(collect(heap, 0) == 0 && nodes_alive(type) > 40000);
    (void)finish(heap);
    CHECK(nodes_alive(type) == 0);
    lair_clear_ref(&list);
    CHECK(tracked(heap) == others);
}

/* A heap that closes in the middle, of whatever it is. */
static void test_closing(void)
{
    for (size_t steps = 0; steps < 1200; steps += 60) {
        lair_heap *heap = lair_heap_open(NULL);
        REQUIRE(heap != NULL);
        lair_type *type = node_type(heap, false);
        begin(heap, NEVER, 0);
        ring_drop(type, 50000);
        LAIR_SCOPED lair_object *held = ring_new(type, 1000);
        start(heap);
        for (size_t i = 0; i < steps; i++)
            (void)lair_gc_step(heap, 0);
        lair_clear_ref(&held);
        lair_decref(lair_type_object(type)); /* the one that was given */
        lair_heap_close(heap);
    }
}

/* What clearing does not free goes to the list, from small batches and from large ones. */
static void no_clear(lair_object *self)
{
    (void)self;
}

static lair_type *stubborn_type(lair_heap *heap)
{
    const lair_type_spec spec = {.name = "stubborn",
                                 .size = sizeof(struct node),
                                 .flags = LAIR_TYPE_CONTAINER,
                                 .dealloc = node_dealloc,
                                 .traverse = node_traverse,
                                 .clear = no_clear};
    return lair_type_new(heap, &spec);
}

static void test_uncollectable(lair_heap *heap, int64_t count)
{
    node_hooks = (struct node_hooks){0};
    lair_type *type = stubborn_type(heap);
    REQUIRE(type != NULL);
    begin(heap, NEVER, 0);
    lair_object *garbage = lair_gc_garbage(heap);
    lair_gc_stats before[LAIR_GC_GENERATIONS], after[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, before);
    ring_drop(type, count);
    run_round(heap);
    lair_gc_get_stats(heap, after);
    CHECK(lair_list_length(garbage) == (size_t)count && nodes_alive(type) == (size_t)count);
    CHECK(after[2].uncollectable - before[2].uncollectable == (size_t)count);
    CHECK(after[2].collected == before[2].collected);
    lair_object *first = lair_list_get(garbage, 0);
    REQUIRE(first != NULL);
    lair_clear_ref(&node_of(first)->link);
    CHECK(lair_list_remove(garbage, 0, SIZE_MAX) == LAIR_OK && nodes_alive(type) == 0);
    lair_decref(lair_type_object(type));
}

static void test_uncollectables(lair_heap *heap)
{
    test_uncollectable(heap, 7);
    test_uncollectable(heap, 9000);
}

/* -- the program's code ----------------------------------------------------------------------- */

static struct foreign {
    lair_heap *heap;
    unsigned finalized, calls, starts, stops;
    size_t collected;
    lair_object *saved;
    void (*act)(void);
} foreign;

static void on_finalize(struct node *self)
{
    foreign.finalized++;
    CHECK(lair_gc_is_collecting(foreign.heap) && lair_refcount(&self->object) > 0);
    CHECK(self->link != NULL);
    if (self->number == 3 && foreign.saved == NULL)
        foreign.saved = lair_incref(&self->object);
    if (foreign.act != NULL)
        foreign.act();
}

static void test_resurrection(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    node_hooks.finalize = on_finalize;
    foreign = (struct foreign){.heap = heap};
    begin(heap, NEVER, 2);
    ring_drop(type, 5);
    ring_drop(type, 5);
    run_round(heap);
    CHECK(foreign.finalized == 10 && nodes_alive(type) == 5);
    REQUIRE(foreign.saved != NULL);
    run_round(heap);
    CHECK(nodes_alive(type) == 5);
    lair_clear_ref(&foreign.saved);
    for (int i = 0; i < 4; i++)
        run_round(heap);
    CHECK(foreign.finalized == 10 && nodes_alive(type) == 0);
    ring_drop(type, 9000); /* too many for a slice, and not quiet */
    run_round(heap);
    CHECK(foreign.finalized == 9010 && nodes_alive(type) == 9000);
    lair_clear_ref(&foreign.saved);
    for (int i = 0; i < 4; i++)
        run_round(heap);
    CHECK(foreign.finalized == 9010 && nodes_alive(type) == 0);
}

static void end_round(void)
{
    lair_heap *heap = foreign.heap;
    size_t found;
    (void)lair_gc_step(heap, 0); /* nothing: it is inside one */
    CHECK(lair_gc_collect(heap, 2, &found) == LAIR_OK && found == 0);
    switch (foreign.finalized % 5) {
    case 0:
        CHECK(lair_gc_set_mode(heap, LAIR_GC_AUTO) == LAIR_OK);
        CHECK(lair_gc_set_mode(heap, LAIR_GC_INCREMENTAL) == LAIR_OK);
        break;
    case 1:
        CHECK(lair_gc_freeze(heap) == LAIR_OK && lair_gc_unfreeze(heap) == LAIR_OK);
        break;
    case 2:
        knot_drop(heap, NULL);
        break;
    case 3:
        lair_decref(lair_gc_objects(heap, -1));
        break;
    default:
        break;
    }
}

/* A finalizer may end the round that it is called by. */
static void test_end_inside(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    node_hooks.finalize = on_finalize;
    for (unsigned first = 0; first < 5; first++) {
        foreign = (struct foreign){.heap = heap, .act = end_round, .finalized = first};
        begin(heap, NEVER, 2);
        pace_of(heap)->goal = 3;
        for (int i = 0; i < 20; i++)
            ring_drop(type, 4 + i % 3);
        for (int i = 0; i < 60 && nodes_alive(type) > 6; i++)
            run_round(heap);
        lair_clear_ref(&foreign.saved);
        for (int i = 0; i < 4; i++)
            run_round(heap);
        CHECK(nodes_alive(type) == 0 && foreign.finalized == first + 20 * 5 - 1);
    }
}

static void on_death(lair_object *ref, void *arg)
{
    CHECK(!lair_weakref_is_alive(ref));
    CHECK(arg != NULL);
    foreign.calls++;
}

/* Callbacks run once, unless they are garbage themselves. Of those made while a round runs nothing
 * is said: they may be garbage of another collection. */
static void test_weakrefs(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    for (int later = 0; later < 2; later++) {
        foreign = (struct foreign){.heap = heap};
        begin(heap, NEVER, 2);
        lair_object *ring = ring_new(type, 10);
        LAIR_SCOPED lair_object *outside = lair_weakref_new(ring, on_death, heap);
        LAIR_SCOPED lair_object *set = lair_weak_set_new(heap);
        CHECK(lair_weak_set_add(set, ring) == LAIR_OK);
        if (later == 1)
            start(heap);
        lair_object *knot = knot_new(heap, NULL);
        CHECK(lair_list_append_new(knot, lair_weakref_new(ring, on_death, heap)) == LAIR_OK);
        if (later == 0)
            (void)collect(heap, 1); /* all is old: the round has it to do */
        lair_decref(ring);
        lair_decref(knot);
        if (later == 0) {
            CHECK(nodes_alive(type) == 10 && foreign.calls == 0);
            run_round(heap);
            CHECK(nodes_alive(type) == 0 && foreign.calls == 1);
        }
        for (int i = 0; i < 5; i++)
            run_round(heap);
        CHECK(foreign.calls == 1 || (later == 1 && foreign.calls == 2));
        CHECK(nodes_alive(type) == 0 && !lair_weakref_is_alive(outside) && lair_length(set) == 0);
    }
}

static void on_collection(lair_heap *heap, const lair_gc_info *info, void *arg)
{
    CHECK(arg == &foreign && heap == foreign.heap);
    if (info->generation != 2)
        return;
    foreign.starts += !info->stop;
    foreign.stops += info->stop;
    CHECK(foreign.starts == foreign.stops + !info->stop);
    foreign.collected += info->collected;
    knot_drop(heap, NULL);
}

static void test_callbacks(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 5);
    foreign = (struct foreign){.heap = heap};
    CHECK(lair_gc_add_callback(heap, on_collection, &foreign) == LAIR_OK);
    lair_gc_stats before[LAIR_GC_GENERATIONS], after[LAIR_GC_GENERATIONS];
    lair_gc_get_stats(heap, before);
    ring_drop(type, 50);
    start(heap);
    CHECK(foreign.starts == 1 && foreign.stops == 0);
    (void)collect(heap, 0);
    (void)finish(heap);
    CHECK(foreign.starts == 1 && foreign.stops == 1 && foreign.collected == 50);
    start(heap);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    CHECK(foreign.starts == 2 && foreign.stops == 2);
    lair_gc_get_stats(heap, after);
    CHECK(after[2].collections == before[2].collections + 2);
    CHECK(after[2].collected == before[2].collected + foreign.collected);
    CHECK(after[2].longest_ns <= after[2].total_ns);
    CHECK(lair_gc_remove_callback(heap, on_collection, &foreign) == LAIR_OK);
    (void)collect(heap, 2);
}

/* -- debugging ------------------------------------------------------------------------------- */

static void test_save_all(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 0);
    lair_object *garbage = lair_gc_garbage(heap);
    lair_gc_set_flags(heap, LAIR_GC_SAVE_ALL);
    ring_drop(type, 9000);
    run_round(heap);
    CHECK(lair_list_length(garbage) == 9000 && nodes_alive(type) == 9000);
    lair_gc_set_flags(heap, 0);
    CHECK(lair_list_remove(garbage, 0, SIZE_MAX) == LAIR_OK);
    for (int i = 0; i < 4; i++)
        run_round(heap);
    CHECK(nodes_alive(type) == 0);
}

static void on_event(lair_heap *heap, const lair_gc_event *event, void *arg)
{
    (void)heap;
    char *heard = arg;
    size_t length = strlen(heard);
    (void)snprintf(heard + length, 200 - length, "%s ", event->pass);
    CHECK(strcmp(event->pass, "stop") != 0 || event->count == 60);
}

static void test_listener(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    begin(heap, NEVER, 5);
    char heard[200] = "";
    ring_drop(type, 60);
    start(heap);
    lair_gc_set_listener(heap, on_event, heard);
    (void)finish(heap);
    lair_gc_set_listener(heap, NULL, NULL);
    CHECK(strcmp(heard, "start candidates mark suspects order trial reclaim stop ") == 0);
    CHECK(nodes_alive(type) == 0);
}

/* -- memory that fails ------------------------------------------------------------------------ */

/* Each request to the system fails once, or all from one on: a round is off then, quietly, what is
 * alive lives, and the next one finds what there is. */
static void test_failures(lair_heap *heap)
{
    for (int kind = 0; kind < 4; kind++) {
        NODE_TYPE(type, heap, kind % 2 == 1);
        bool through = false;
        for (uint64_t nth = 1; !through; nth++) {
            begin(heap, NEVER, 7);
            pace_of(heap)->goal = 100;
            LAIR_SCOPED lair_object *held = ring_new(type, 30);
            for (int i = 0; i < 5; i++)
                ring_drop(type, i % 2 == 0 ? 300 : 20);
            space_of(heap)->collector.settled = false;
            round_close(&space_of(heap)->collector);
            (void)os_inject_failure(nth, kind >= 2);
            (void)finish(heap);
            (void)os_inject_failure(0, false);
            through = nodes_alive(type) == 30 && nth > 4;
            CHECK(nodes_alive(type) >= 30 && nth < 200);
            lair_clear_ref(&held);
            for (int i = 0; i < 5; i++)
                run_round(heap);
            CHECK(nodes_alive(type) == 0);
        }
    }
}

/* For what is the same whatever the heap is like. */
static void on_one_heap(ground_test test)
{
    on_heap(&variants[0], settle_collector, test);
}

int main(void)
{
    test_option();
    collect_on_every_heap(test_mode);
    collect_on_every_heap(test_idle);
    on_one_heap(test_bound);
    collect_on_every_heap(test_whole_round);
    collect_on_every_heap(test_roots);
    on_one_heap(test_huge_list);
    on_one_heap(test_shrinking_list);
    on_one_heap(test_slices_of_garbage);
    on_one_heap(test_settling);
    test_closing();
    on_one_heap(test_uncollectables);
    collect_on_every_heap(test_resurrection);
    on_one_heap(test_end_inside);
    collect_on_every_heap(test_weakrefs);
    collect_on_every_heap(test_callbacks);
    collect_on_every_heap(test_save_all);
    collect_on_every_heap(test_listener);
    on_one_heap(test_failures);
    return check_finish("the incremental mode");
}

/* test_gc_failures.c: memory that fails, of the heap and of the system, at every step of what a
 * program asks of the collector: a clear error, nothing leaked, nothing half-done.
 */
#include "collecting.h"
#include "node.h"

#include "audit.h"
#include "os/os.h"

/* -- the heap's memory ------------------------------------------------------------------------ */

static bool add_roots(lair_heap *heap, void *arg)
{
    lair_object *roots[20] = {0};
    size_t added = 0;
    (void)arg;
    while (added < 20 && lair_gc_add_root(heap, &roots[added]) == LAIR_OK)
        added++;
    for (size_t i = 0; i < added; i++)
        CHECK(lair_gc_remove_root(heap, &roots[i]) == LAIR_OK);
    return added == 20;
}

static bool add_callbacks(lair_heap *heap, void *arg)
{
    char args[20];
    size_t added = 0;
    (void)arg;
    while (added < 20 && lair_gc_add_callback(heap, settling_callback, &args[added]) == LAIR_OK)
        added++;
    for (size_t i = 0; i < added; i++)
        CHECK(lair_gc_remove_callback(heap, settling_callback, &args[i]) == LAIR_OK);
    return added == 20;
}

static bool list_objects(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *all = lair_gc_objects(heap, -1);
    LAIR_SCOPED lair_object *old = all != NULL ? lair_gc_objects(heap, 2) : NULL;
    return old != NULL;
}

static bool list_referrers(lair_heap *heap, void *arg)
{
    (void)heap;
    LAIR_SCOPED lair_object *referrers = lair_gc_referrers(arg);
    return referrers != NULL;
}

static bool list_referents(lair_heap *heap, void *arg)
{
    (void)heap;
    LAIR_SCOPED lair_object *referents = lair_gc_referents(arg);
    return referents != NULL;
}

static void test_heap_memory(lair_heap *heap)
{
    LAIR_SCOPED lair_object *shared = lair_list_new(heap);
    LAIR_SCOPED lair_object *all = lair_list_new(heap);
    for (int i = 0; i < 1000; i++)
        CHECK(lair_list_append_new(all, LAIR_LIST(heap, lair_incref(shared))) == LAIR_OK);
    CHECK(lair_gc_set_mode(heap, LAIR_GC_MANUAL) == LAIR_OK);
    (void)collect(heap, 2);
    FAIL_AT_EVERY_STEP(heap, list_objects, NULL);
    FAIL_AT_EVERY_STEP(heap, list_referrers, shared);
    FAIL_AT_EVERY_STEP(heap, list_referents, all);
    const audit_root roots[] = {{shared, 1}, {all, 1}};
    size_t objects;
    CHECK(audit_references(roots, 2, &objects) && objects == 1002);
}

/* Those that keep what they got: on a heap of its own each, as the books do not come back. */
static void test_kept_memory(void)
{
    for (uint64_t nth = 1; nth < 6; nth++) {
        lair_heap *heap = lair_heap_open(NULL);
        REQUIRE(lair_none(heap) != NULL);
        (void)lair_heap_trim(heap);
        lair_heap_inject_failure(heap, nth, true);
        bool roots = add_roots(heap, NULL), callbacks = add_callbacks(heap, NULL);
        lair_object *garbage = lair_gc_garbage(heap);
        lair_heap_inject_failure(heap, 0, false);
        CHECK(garbage == NULL || lair_list_length(garbage) == 0);
        CHECK(!roots || nth > 2);
        CHECK(add_roots(heap, NULL) && add_callbacks(heap, NULL) && lair_gc_garbage(heap) != NULL);
        CHECK(roots || !callbacks);
        CHECK(collect(heap, 2) == 0);
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
}

/* -- the system's memory ---------------------------------------------------------------------- */

static struct counts {
    size_t finalized, calls;
    bool make; /* finalizers make objects */
    lair_heap *heap;
} counts;

static void on_finalize(struct node *self)
{
    counts.finalized++;
    CHECK(self->link != NULL); /* not cleared before */
    if (counts.make) {
        LAIR_SCOPED lair_object *list = lair_list_new(counts.heap);
        (void)list; /* or no memory for it */
    }
}

static void on_death(lair_object *ref, void *arg)
{
    (void)ref, (void)arg;
    counts.calls++;
}

enum { RINGS = 30, RING = 150 };

/* Garbage of several batches, with finalizers, and what holds weak references to it. */
static lair_object *make_garbage(lair_heap *heap, lair_type *type)
{
    lair_object *refs = lair_list_new(heap);
    for (int i = 0; i < RINGS; i++) {
        lair_object *head = node_new(type, 0, NULL), *last = head;
        for (int j = 1; j < RING; j++) {
            lair_object *next = node_new(type, j, NULL);
            node_of(last)->link = next;
            last = next;
        }
        CHECK(lair_list_append_new(refs, lair_weakref_new(head, on_death, NULL)) == LAIR_OK);
        node_of(last)->link = head;
    }
    return refs;
}

/* A collection that got no memory says so, or not all was reclaimed; the next one does it, and
 * nothing is finalized twice. */
static void collections_failing(bool forever, bool make)
{
    bool through = false;
    size_t failed = 0;
    for (uint64_t nth = 1; !through && nth < 200; nth++) {
        lair_heap *heap = lair_heap_open(&(lair_heap_options){.gctype = LAIR_GC_MANUAL});
        lair_type *type = node_type(heap, true);
        node_hooks.finalize = on_finalize;
        lair_object *refs = make_garbage(heap, type);
        counts = (struct counts){.heap = heap, .make = make};
        size_t found = 0;
        os_inject_failure(nth, forever);
        lair_status status = lair_gc_collect(heap, 2, &found);
        uint64_t steps = os_inject_failure(0, false);
        if (status != LAIR_OK) {
            CHECK(status == LAIR_ERR_NO_MEMORY);
            CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
            failed++;
        } else {
            CHECK(found == RINGS * RING);
        }
        through = steps < nth;
        CHECK(!through || (status == LAIR_OK && nodes_alive(type) == 0));
        CHECK(!lair_gc_is_collecting(heap));
        size_t objects;
        CHECK(audit_references((const audit_root[]){{refs, 1}}, 1, &objects));
        CHECK(lair_heap_check(heap) == LAIR_OK);
        (void)collect(heap, 2);
        CHECK(counts.finalized == RINGS * RING && counts.calls == RINGS && nodes_alive(type) == 0);
        CHECK(collect(heap, 2) == 0);
        lair_decref(refs);
        lair_decref(lair_type_object(type));
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
    CHECK(through && failed >= 4); /* stack, suspects, counts and queue */
    node_hooks.finalize = NULL;
}

/* Objects of every generation, while the collector has no memory to keep track of more. */
static void tracking_failing(bool forever)
{
    enum { LISTS = 6000 };
    bool through = false;
    size_t failures = 0;
    for (uint64_t nth = 1; !through && nth < 100; nth++) {
        lair_heap *heap = lair_heap_open(NULL);
        LAIR_SCOPED lair_object *all = NULL;
        os_inject_failure(nth, forever);
        all = lair_list_new(heap);
        size_t made = 0;
        for (size_t i = 0; i < LISTS && all != NULL; i++) {
            lair_object *list = lair_list_new(heap);
            if (list == NULL || lair_list_append(list, list) != LAIR_OK ||
                lair_list_append(all, list) != LAIR_OK) {
                CHECK(lair_error_status() == LAIR_ERR_NO_MEMORY);
                failures++;
                if (list != NULL)
                    (void)lair_list_clear(list);
            } else {
                made++;
            }
            lair_decref(list);
        }
        through = os_inject_failure(0, false) < nth;
        CHECK_BOOKS(heap);
        if (all != NULL) {
            CHECK(tracked(heap) == made + 1);
            CHECK(collect(heap, 2) == 0);
            CHECK(lair_gc_freeze(heap) == LAIR_OK && lair_gc_frozen(heap) == made + 1);
            CHECK(lair_gc_unfreeze(heap) == LAIR_OK);
            lair_clear_ref(&all);
            CHECK(collect(heap, 2) == made && tracked(heap) == 0);
        } else {
            failures++;
        }
        CHECK_BOOKS(heap);
        lair_heap_close(heap);
    }
    CHECK(through && failures > 0);
}

/* Freezing fails as a whole. */
static void freezing_failing(void)
{
    bool through = false;
    for (uint64_t nth = 1; !through && nth < 50; nth++) {
        lair_heap *heap = lair_heap_open(NULL);
        lair_object *knot = knot_new(heap, NULL);
        os_inject_failure(nth, true);
        lair_status status = lair_gc_freeze(heap);
        (void)os_inject_failure(0, false);
        through = status == LAIR_OK;
        if (!through) {
            CHECK(status == LAIR_ERR_NO_MEMORY && lair_gc_frozen(heap) == 0);
            CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
            CHECK(tracked_in(heap, 0) == 1);
        }
        lair_decref(knot);
        CHECK(collect(heap, 0) == !through);
        CHECK(lair_gc_unfreeze(heap) == LAIR_OK && collect(heap, 2) == through);
        lair_heap_close(heap);
    }
    CHECK(through);
}

/* Telling generations apart needs memory of the system. */
static void looking_failing(void)
{
    bool through = false;
    for (uint64_t nth = 1; !through && nth < 50; nth++) {
        lair_heap *heap = lair_heap_open(NULL);
        LAIR_SCOPED lair_object *kept = lair_list_new(heap);
        (void)collect(heap, 0);
        size_t blocks = ground_blocks(heap);
        os_inject_failure(nth, true);
        lair_object *list = lair_gc_objects(heap, 1);
        (void)os_inject_failure(0, false);
        through = list != NULL;
        if (!through) {
            CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
            CHECK(ground_blocks(heap) == blocks);
        }
        CHECK(!through || (lair_list_length(list) == 1 && lair_list_get(list, 0) == kept));
        lair_decref(list);
        lair_clear_ref(&kept);
        lair_heap_close(heap);
    }
    CHECK(through);
}

int main(void)
{
    collect_on_every_heap(test_heap_memory);
    test_kept_memory();
    for (int forever = 0; forever < 2; forever++) {
        collections_failing(forever != 0, false);
        collections_failing(forever != 0, true);
        tracking_failing(forever != 0);
    }
    freezing_failing();
    looking_failing();
    return check_finish("the collector without memory");
}

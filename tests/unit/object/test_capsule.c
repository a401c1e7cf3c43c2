/* test_capsule.c: a foreign resource is destroyed once: when its capsule dies, is closed, or its
 * heap closes. */
#include "ground.h"

struct resource {
    int destroyed;
    int order;          /* of its destruction among all */
    lair_heap *heap;    /* used by destroy, or NULL */
    lair_object **drop; /* dropped by destroy, or NULL */
};

static int destructions;

static void destroy(void *pointer)
{
    struct resource *resource = pointer;
    resource->destroyed++;
    resource->order = ++destructions;
    if (resource->heap != NULL) {
        LAIR_SCOPED lair_object *list = lair_list_new(resource->heap);
        for (int i = 0; i < 100; i++)
            CHECK(lair_list_append_new(list, lair_int_new(resource->heap, 1000 + i)) == LAIR_OK);
        CHECK(lair_list_get(list, 1000) == NULL); /* leaves an error of its own */
    }
    if (resource->drop != NULL)
        lair_clear_ref(resource->drop);
}

static void test_death(lair_heap *heap)
{
    struct resource resource = {.heap = heap};
    lair_object *capsule = lair_capsule_new(heap, "file", &resource, destroy);
    REQUIRE(capsule != NULL);
    CHECK(lair_is(capsule, LAIR_KIND_CAPSULE) && lair_refcount(capsule) == 1);
    CHECK(lair_capsule_get(capsule, "file") == &resource);
    CHECK(lair_capsule_get(capsule, "fil") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    (void)lair_incref(capsule);
    lair_decref(capsule);
    CHECK(resource.destroyed == 0);
    CHECK(lair_capsule_get(capsule, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    lair_decref(capsule);
    CHECK(resource.destroyed == 1);
    CHECK(lair_error_status() == LAIR_ERR_TYPE); /* destroy's own did not take its place */
}

static void test_close(lair_heap *heap)
{
    struct resource resource = {.heap = heap};
    LAIR_SCOPED lair_object *capsule = lair_capsule_new(heap, "socket", &resource, destroy);
    LAIR_SCOPED lair_object *repr = lair_repr(capsule);
    CHECK(strncmp(lair_str_text(repr), "<capsule 'socket' at 0x", 23) == 0);
    CHECK(lair_capsule_close(capsule) == LAIR_OK && resource.destroyed == 1);
    CHECK(lair_capsule_close(capsule) == LAIR_OK && resource.destroyed == 1);
    CHECK(lair_capsule_get(capsule, "socket") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_VALUE);
    CHECK(shows(capsule, "<capsule 'socket', closed>"));
}

/* Destroy drops the last reference to the capsule that is being closed. */
static void test_close_drops_itself(lair_heap *heap)
{
    lair_object *capsule = NULL;
    struct resource resource = {.drop = &capsule};
    capsule = lair_capsule_new(heap, "self", &resource, destroy);
    CHECK(lair_capsule_close(capsule) == LAIR_OK);
    CHECK(resource.destroyed == 1 && capsule == NULL);
}

/* Each destroy drops the next capsule: the chain is worked off without the stack. */
static void test_chain(lair_heap *heap)
{
    enum { LINKS = 100000 };
    static struct resource resources[LINKS];
    static lair_object *capsules[LINKS];
    for (size_t i = 0; i < LINKS; i++) {
        resources[i] = (struct resource){.drop = i + 1 < LINKS ? &capsules[i + 1] : NULL};
        capsules[i] = lair_capsule_new(heap, "link", &resources[i], destroy);
        REQUIRE(capsules[i] != NULL);
    }
    lair_clear_ref(&capsules[0]);
    size_t destroyed = 0;
    for (size_t i = 0; i < LINKS; i++)
        destroyed += resources[i].destroyed == 1;
    CHECK(destroyed == LINKS);
}

static void test_no_destroy(lair_heap *heap)
{
    int there = 5;
    lair_object *capsule = lair_capsule_new(heap, "", &there, NULL);
    CHECK(lair_capsule_get(capsule, "") == &there);
    CHECK(lair_capsule_close(capsule) == LAIR_OK && lair_capsule_get(capsule, "") == NULL);
    lair_decref(capsule);
    lair_decref(lair_capsule_new(heap, "", &there, NULL));
}

static void test_errors(lair_heap *heap)
{
    struct resource resource = {0};
    CHECK(lair_capsule_new(heap, NULL, &resource, destroy) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_capsule_new(heap, "x", NULL, destroy) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_capsule_new(NULL, "x", &resource, destroy) == NULL);
    CHECK(lair_capsule_get(lair_none(heap), "x") == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_capsule_get(NULL, "x") == NULL);
    CHECK(lair_capsule_close(lair_none(heap)) == LAIR_ERR_TYPE);
    CHECK(lair_capsule_close(NULL) != LAIR_OK);
    CHECK(resource.destroyed == 0);
}

static bool make(lair_heap *heap, void *arg)
{
    struct resource *resource = arg;
    resource->destroyed = 0;
    LAIR_SCOPED lair_object *capsule = lair_capsule_new(heap, "file", resource, destroy);
    CHECK(resource->destroyed == 0);
    LAIR_SCOPED lair_object *repr = capsule != NULL ? lair_repr(capsule) : NULL;
    return repr != NULL;
}

static void test_no_memory(lair_heap *heap)
{
    struct resource resource = {0};
    FAIL_AT_EVERY_STEP(heap, make, &resource);
    CHECK(resource.destroyed == 1);
}

/* -- the heap closes ------------------------------------------------------------------------- */

static lair_heap *closing;

static void make_another(void *pointer)
{
    ++*(int *)pointer;
    CHECK(lair_capsule_new(closing, "late", pointer, destroy) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_BUSY);
}

static void test_heap_closes(const heap_variant *variant)
{
    lair_heap *heap = closing = variant_open(variant);
    struct resource first = {.heap = heap}, second = {.heap = heap}, third = {.heap = heap};
    struct resource dead = {0}, closed = {0};
    int late = 0;
    lair_object *capsules[6] = {
        lair_capsule_new(heap, "first", &first, destroy),
        lair_capsule_new(heap, "dead", &dead, destroy),
        lair_capsule_new(heap, "second", &second, destroy),
        lair_capsule_new(heap, "closed", &closed, destroy),
        lair_capsule_new(heap, "late", &late, make_another),
        lair_capsule_new(heap, "third", &third, destroy),
    };
    third.drop = &capsules[0]; /* the first dies while the third is destroyed */
    lair_clear_ref(&capsules[1]);
    CHECK(lair_capsule_close(capsules[3]) == LAIR_OK);
    CHECK(dead.destroyed == 1 && closed.destroyed == 1 && first.destroyed == 0);
    lair_heap_close(heap);
    CHECK(first.destroyed == 1 && second.destroyed == 1 && third.destroyed == 1 && late == 1);
    CHECK(dead.destroyed == 1 && closed.destroyed == 1);
    CHECK(third.order < first.order && first.order < second.order);
}

int main(void)
{
    on_every_heap(test_death);
    on_every_heap(test_close);
    on_every_heap(test_close_drops_itself);
    on_every_heap(test_chain);
    on_every_heap(test_no_destroy);
    on_every_heap(test_errors);
    on_every_heap(test_no_memory);
    for (size_t i = 0; i < variant_count; i++)
        test_heap_closes(&variants[i]);
    return check_finish("capsules");
}

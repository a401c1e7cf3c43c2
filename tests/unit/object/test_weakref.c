/* test_weakref.c: weak references: when they die, what their callbacks may do, keys, failures. */
#include "ground.h"

#include "node.h"

/* Leaves an error that is pending. */
static bool leave_overflow(lair_heap *heap)
{
    LAIR_SCOPED lair_object *most = lair_int_new(heap, INT64_MAX);
    LAIR_SCOPED lair_object *sum = lair_add(most, most);
    return sum == NULL && lair_error_status() == LAIR_ERR_OVERFLOW;
}

/* -- life and death -------------------------------------------------------------------------- */

static void test_life(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(list, NULL, NULL);
    REQUIRE(ref != NULL);
    CHECK(lair_is(ref, LAIR_KIND_WEAKREF));
    CHECK(lair_refcount(list) == 1 && lair_weakref_count(list) == 1);
    CHECK(lair_weakref_is_alive(ref));
    LAIR_SCOPED lair_object *same = lair_weakref_new(list, NULL, NULL);
    CHECK(same == ref && lair_refcount(ref) == 2 && lair_weakref_count(list) == 1);
    {
        LAIR_SCOPED lair_object *got = lair_weakref_get(ref);
        CHECK(got == list && lair_refcount(list) == 2);
    }
    lair_clear_ref(&list);
    CHECK(!lair_weakref_is_alive(ref) && lair_weakref_get(ref) == NULL);
    CHECK(shows(ref, "<weakref to dead>"));

    list = lair_list_new(heap);
    LAIR_SCOPED lair_object *again = lair_weakref_new(list, NULL, NULL);
    CHECK(again != ref);
    LAIR_SCOPED lair_object *text = lair_repr(again);
    CHECK(strncmp(lair_str_text(text), "<weakref to list at 0x", 22) == 0);
    LAIR_SCOPED lair_object *copy = lair_copy(again), *deep = lair_deep_copy(again);
    CHECK(copy == again && deep == again);
    lair_clear_ref(&again);
    lair_clear_ref(&copy);
    lair_clear_ref(&deep);
    CHECK(lair_weakref_count(list) == 0);
}

static void test_misuse(lair_heap *heap)
{
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 7);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(lair_weakref_new(number, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_weakref_get(list) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(leave_overflow(heap));
    CHECK(lair_weakref_new(NULL, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    CHECK(lair_weakref_get(NULL) == NULL && !lair_weakref_is_alive(NULL));
    CHECK(!lair_weakref_is_alive(list));
    CHECK(lair_weakref_count(NULL) == 0 && lair_weakref_count(number) == 0);
}

/* -- callbacks ------------------------------------------------------------------------------- */

enum { MOST_CALLS = 16 };
static struct calls {
    size_t count;
    const void *who[MOST_CALLS];
    lair_object *drop;   /* dropped by the first callback */
    lair_object *refers; /* referred to by the first callback */
    lair_object *made;
    bool fail;
} calls;

static void on_death(lair_object *ref, void *arg)
{
    CHECK(!lair_weakref_is_alive(ref) && lair_weakref_get(ref) == NULL);
    if (calls.count < MOST_CALLS)
        calls.who[calls.count] = arg;
    if (calls.count++ != 0)
        return;
    lair_clear_ref(&calls.drop);
    if (calls.refers != NULL)
        calls.made = lair_weakref_new(calls.refers, on_death, NULL);
    if (calls.fail)
        CHECK(lair_list_get(ref, 0) == NULL);
}

static void test_callbacks(lair_heap *heap)
{
    static const char names[] = "abcd";
    lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *a = lair_weakref_new(list, on_death, (void *)&names[0]);
    LAIR_SCOPED lair_object *plain = lair_weakref_new(list, NULL, NULL);
    LAIR_SCOPED lair_object *b = lair_weakref_new(list, on_death, (void *)&names[1]);
    lair_object *early = lair_weakref_new(list, on_death, (void *)&names[2]);
    LAIR_SCOPED lair_object *c = lair_weakref_new(list, on_death, (void *)&names[3]);
    CHECK(a != b && lair_weakref_count(list) == 5);
    LAIR_SCOPED lair_object *same = lair_weakref_new(list, NULL, NULL);
    CHECK(same == plain);
    lair_decref(early);
    CHECK(lair_weakref_count(list) == 4);
    calls = (struct calls){0};
    lair_decref(list);
    CHECK(calls.count == 3 && calls.who[0] == &names[3] && calls.who[1] == &names[1] &&
          calls.who[2] == &names[0]);
    CHECK(lair_refcount(a) == 1 && lair_refcount(c) == 1);
}

/* The first callback drops the second's weak reference, makes another, and leaves an error. */
static void test_callback_acts(lair_heap *heap)
{
    lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *other = lair_list_new(heap);
    lair_object *dropped = lair_weakref_new(list, on_death, NULL);
    LAIR_SCOPED lair_object *first = lair_weakref_new(list, on_death, NULL);
    calls = (struct calls){.drop = dropped, .refers = other, .fail = true};
    CHECK(leave_overflow(heap));
    lair_decref(list);
    CHECK(calls.count == 1);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW); /* the error of before */
    CHECK(lair_weakref_count(other) == 1);
    lair_clear_ref(&calls.made);
    CHECK(lair_weakref_count(other) == 0);
}

/* -- finalizers ------------------------------------------------------------------------------ */

static struct {
    lair_object *ref;  /* to the node that is finalized */
    lair_object *made; /* in its finalizer */
    lair_object *saved;
    bool resurrect;
    unsigned runs;
} last;

static void on_finalize(struct node *self)
{
    last.runs++;
    LAIR_SCOPED lair_object *got = lair_weakref_get(last.ref);
    CHECK(got == &self->object);
    last.made = lair_weakref_new(&self->object, on_death, NULL);
    CHECK(last.made != NULL);
    if (last.resurrect)
        last.saved = lair_steal(&got);
}

static void try_when_dead(struct node *self)
{
    CHECK(lair_weakref_new(&self->object, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_weakref_count(&self->object) == 0);
}

static void test_finalizer(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    for (int resurrect = 0; resurrect < 2; resurrect++) {
        node_hooks.finalize = on_finalize;
        node_hooks.dealloc = try_when_dead;
        lair_object *node = node_new(type, 1, NULL);
        LAIR_SCOPED lair_object *ref = lair_weakref_new(node, on_death, NULL);
        last.ref = ref;
        last.resurrect = resurrect != 0;
        last.runs = 0;
        calls = (struct calls){0};
        lair_decref(node);
        CHECK(last.runs == 1);
        if (resurrect != 0) {
            CHECK(last.saved == node && lair_refcount(node) == 1 && calls.count == 0);
            CHECK(lair_weakref_is_alive(ref) && lair_weakref_is_alive(last.made));
            lair_clear_ref(&last.saved);
            CHECK(last.runs == 1); /* once in a life */
        }
        CHECK(calls.count == 2 && !lair_weakref_is_alive(ref));
        CHECK(!lair_weakref_is_alive(last.made) && nodes_alive(type) == 0);
        lair_clear_ref(&last.made);
    }
}

/* -- depth ----------------------------------------------------------------------------------- */

/* Nodes deep inside, whose last reference is gone, wait to be freed while others are: their weak
 * references do not give them. */
static lair_object *watched[8];
static size_t alive_seen;

static void look_around(struct node *self)
{
    if (self->number % 100 == 0)
        for (size_t i = 0; i < 8; i++) {
            LAIR_SCOPED lair_object *got = lair_weakref_get(watched[i]);
            alive_seen += got != NULL && node_of(got)->number >= self->number;
        }
}

static void test_deep(lair_heap *heap)
{
    enum { DEPTH = 100000 };
    NODE_TYPE(type, heap, false);
    lair_object *chain = NULL;
    for (int64_t i = 0; i < DEPTH; i++) {
        lair_object *node = node_new(type, i, chain);
        lair_decref(chain);
        chain = node;
        if (i % (DEPTH / 8) == 0)
            watched[i / (DEPTH / 8)] = lair_weakref_new(node, NULL, NULL);
    }
    alive_seen = 0;
    node_hooks.dealloc = look_around;
    lair_decref(chain);
    CHECK(alive_seen == 0 && nodes_alive(type) == 0);
    for (size_t i = 0; i < 8; i++)
        lair_clear_ref(&watched[i]);
}

/* A chain in which each object dies by the callback of the one before. */
static void pass_on(lair_object *ref, void *arg)
{
    (void)ref;
    calls.count++;
    lair_decref(arg);
}

struct plain {
    lair_object object;
    void *weakrefs;
};

static void test_chain_of_callbacks(lair_heap *heap)
{
    enum { LENGTH = 200000 };
    for (int container = 0; container < 2; container++) {
        const lair_type_spec plain = {.name = "plain",
                                      .size = sizeof(struct plain),
                                      .weakrefs = offsetof(struct plain, weakrefs)};
        lair_type *type = container != 0 ? node_type(heap, false) : lair_type_new(heap, &plain);
        REQUIRE(type != NULL);
        LAIR_SCOPED lair_object *keep = lair_type_object(type);
        lair_object *refs = lair_list_new(heap);
        lair_object *next = lair_new(type);
        for (int64_t i = 1; i < LENGTH; i++) {
            lair_object *object = lair_new(type);
            REQUIRE(lair_list_append_new(refs, lair_weakref_new(object, pass_on, next)) == LAIR_OK);
            next = object;
        }
        calls = (struct calls){0};
        lair_decref(next);
        CHECK(calls.count == LENGTH - 1 && nodes_alive(type) == 0);
        lair_decref(refs);
    }
}

/* -- keys ------------------------------------------------------------------------------------ */

static void test_hash_and_equality(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    lair_object *a = node_new(type, 5, NULL), *b = node_new(type, 5, NULL);
    LAIR_SCOPED lair_object *c = node_new(type, 6, NULL);
    LAIR_SCOPED lair_object *to_a = lair_weakref_new(a, NULL, NULL);
    LAIR_SCOPED lair_object *to_a_too = lair_weakref_new(a, on_death, NULL);
    LAIR_SCOPED lair_object *to_b = lair_weakref_new(b, NULL, NULL);
    LAIR_SCOPED lair_object *to_c = lair_weakref_new(c, NULL, NULL);
    uint64_t hash_a = 0, hash_b = 1, hash = 0;
    CHECK(equal(to_a, to_a) && equal(to_a, to_a_too) && equal(to_a, to_b) && !equal(to_a, to_c));
    CHECK(!equal(to_a, a));
    CHECK(lair_hash(to_a, &hash_a) == LAIR_OK && lair_hash(to_b, &hash_b) == LAIR_OK);
    CHECK(hash_a == hash_b);
    lair_decref(a);
    CHECK(lair_hash(to_a, &hash) == LAIR_OK && hash == hash_a);
    CHECK(lair_hash(to_a_too, &hash) == LAIR_ERR_UNHASHABLE);
    CHECK_FAILED_WITH(LAIR_ERR_UNHASHABLE);
    CHECK(equal(to_a, to_a) && !equal(to_a, to_a_too) && !equal(to_a, to_b));
    node_hooks.fail_hash = node_hooks.fail_equal = true;
    CHECK(lair_hash(to_b, &hash) == LAIR_OK); /* asked once */
    CHECK(lair_hash(to_c, &hash) == LAIR_ERR_TYPE);
    bool result = false;
    CHECK(lair_equal(to_b, to_c, &result) == LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *to_c_too = lair_weakref_new(c, on_death, NULL);
    CHECK(equal(to_c, to_c_too)); /* of one object: without asking it */
    lair_decref(b);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *to_list = lair_weakref_new(list, NULL, NULL);
    CHECK(lair_hash(to_list, &hash) == LAIR_ERR_UNHASHABLE);
}

/* Comparing and hashing drop the last reference to the object: it lives on until they are done. */
static lair_object *used;
static void drop_used(struct node *self)
{
    const lair_type *type = lair_type_of(&self->object);
    size_t alive = nodes_alive(type);
    lair_clear_ref(&used);
    CHECK(nodes_alive(type) == alive);
}

static void drop_compared(struct node *a, struct node *b)
{
    (void)b;
    drop_used(a);
}

static void test_dies_while_used(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    for (int turn = 0; turn < 3; turn++) {
        used = node_new(type, 5, NULL);
        LAIR_SCOPED lair_object *b = node_new(type, 5, NULL);
        LAIR_SCOPED lair_object *to_a = lair_weakref_new(used, NULL, NULL);
        LAIR_SCOPED lair_object *to_b = lair_weakref_new(b, NULL, NULL);
        node_hooks.equal = drop_compared;
        node_hooks.hash = drop_used;
        uint64_t hash;
        if (turn == 0)
            CHECK(equal(to_a, to_b));
        else if (turn == 1)
            CHECK(equal(to_b, to_a));
        else
            CHECK(lair_hash(to_a, &hash) == LAIR_OK && hash == 5);
        CHECK(!lair_weakref_is_alive(to_a) && nodes_alive(type) == 1);
    }
}

/* -- truncation, sizes, memory --------------------------------------------------------------- */

static void test_truncated(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(list, on_death, NULL);
    calls = (struct calls){0};
    CHECK(lair_truncate(list) == LAIR_OK);
    CHECK(calls.count == 1 && lair_weakref_get(ref) == NULL);
}

static bool make_refs(lair_heap *heap, void *arg)
{
    (void)heap;
    LAIR_SCOPED lair_object *plain = lair_weakref_new(arg, NULL, NULL);
    if (plain == NULL)
        return false;
    LAIR_SCOPED lair_object *called = lair_weakref_new(arg, on_death, NULL);
    if (called == NULL)
        return false;
    LAIR_SCOPED lair_object *text = lair_repr(plain);
    return text != NULL;
}

static void test_no_memory(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    FAIL_AT_EVERY_STEP(heap, make_refs, list);
    CHECK(lair_weakref_count(list) == 0 && lair_refcount(list) == 1);
}

/* A death needs no memory. */
static void test_death_without_memory(lair_heap *heap)
{
    lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(list, on_death, NULL);
    calls = (struct calls){0};
    lair_heap_inject_failure(heap, 1, true);
    lair_decref(list);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(calls.count == 1 && !lair_weakref_is_alive(ref));
}

int main(void)
{
    on_every_heap(test_life);
    on_every_heap(test_misuse);
    on_every_heap(test_callbacks);
    on_every_heap(test_callback_acts);
    on_every_heap(test_finalizer);
    on_every_heap(test_deep);
    on_every_heap(test_chain_of_callbacks);
    on_every_heap(test_hash_and_equality);
    on_every_heap(test_dies_while_used);
    on_every_heap(test_truncated);
    on_every_heap(test_no_memory);
    on_every_heap(test_death_without_memory);
    return check_finish("weak references");
}

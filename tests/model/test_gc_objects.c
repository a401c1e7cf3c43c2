/* test_gc_objects.c: the collector of liblair's objects against plain arrays, by random operations.
 *
 * A graph of vertices, each an object of one of several kinds. The model knows every reference: the
 * edges, and the slots of the test. So it knows after each step who may not have died: what a slot
 * or a frozen object reaches; who must have: what nobody refers to; and after a collection of
 * everything who is gone: all but what may not. Objects say when their contents go, a node by its
 * type's functions, a container by a tag in it. Rounds of the incremental mode go on meanwhile, a
 * few steps at a time. Finalizers and callbacks act at random, in the model as well.
 *
 * Options: --steps N, --seed N (default 1).
 */
#include <stdio.h>
#include <string.h>

#include <lair/lair.h>

#include "arguments.h"
#include "books.h"
#include "check.h"
#include "object/collector_round.h"
#include "object/space.h"
#include "os/os.h"
#include "random.h"

enum {
    VERTICES = 240,
    EDGES = 6,
    SLOTS = 24,
    ROOTS = 8,
    STEPS = 600000,
    ROUND = 4000,
    HIDDEN_ROUNDS = 4
};

typedef enum vertex_kind {
    NODE,
    FINALIZING, /* a node with a finalizer */
    LINKED,     /* of a type that says where its references are */
    LIST,
    DICT,
    TUPLE,
    SET,
    RECORD,
    INSTANCE,
    ITERATOR,
    WEAKREF,
    KINDS
} vertex_kind;

struct vertex {
    lair_object *object; /* NULL: the place is free */
    vertex_kind kind;
    bool gone; /* its contents are */
    bool frozen;
    bool lives, lived; /* is reached from slots or the frozen; before this step */
    bool finalized;
    size_t edge_count;
    size_t edges[EDGES];
    int64_t keys[EDGES]; /* of dicts and instances */
    size_t refs;         /* scratch */
    uint64_t serial;
    /* weak references */
    size_t target;
    uint64_t target_serial;
    bool calls_back, seen_dead;
    unsigned calls;
};

static struct world {
    uint64_t random, serial;
    lair_heap *heap;
    lair_type *node, *finalizing, *linked, *tag, *record, *instance;
    lair_object *weak_set;
    struct vertex vertices[VERTICES];
    size_t slots[SLOTS];       /* vertices, or VERTICES */
    lair_object *roots[ROOTS]; /* the first slots, as variables */
    bool rooted[ROOTS];
    bool quiet;         /* finalizers and callbacks do nothing */
    bool only_collects; /* nothing has changed since it was known what lives */
    bool disturbed;     /* one has done something in this step */
    size_t collections, rounds, died, finalized, resurrected, called;
} world;

static size_t below(size_t bound)
{
    return (size_t)(random_next(&world.random) % bound);
}

/* -- the types ------------------------------------------------------------------------------- */

struct node {
    lair_object object;
    size_t vertex;
    lair_object *edges[EDGES];
    lair_object *tag; /* of the linked, one of its links; else NULL */
    void *weakrefs;
};

struct tag {
    lair_object object;
    size_t vertex;
};

static void contents_go(size_t index)
{
    world.vertices[index].gone = true;
}

static void tag_dealloc(lair_object *self)
{
    contents_go(((struct tag *)(void *)self)->vertex);
}

static int node_traverse(lair_object *self, lair_visit visit, void *arg)
{
    struct node *node = (struct node *)(void *)self;
    int result = 0;
    for (size_t i = 0; i < EDGES && result == 0; i++)
        if (node->edges[i] != NULL)
            result = visit(node->edges[i], arg);
    return result;
}

static void node_clear(lair_object *self)
{
    struct node *node = (struct node *)(void *)self;
    contents_go(node->vertex);
    for (size_t i = 0; i < EDGES; i++)
        lair_clear_ref(&node->edges[i]);
}

static void on_finalize(lair_object *self);

static lair_type *node_type(lair_heap *heap, bool finalizes)
{
    const lair_type_spec spec = {
        .name = finalizes ? "finalizing node" : "node",
        .size = sizeof(struct node),
        .flags = LAIR_TYPE_CONTAINER,
        .weakrefs = offsetof(struct node, weakrefs),
        .free_list = 8,
        .traverse = node_traverse,
        .clear = node_clear,
        .finalize = finalizes ? on_finalize : NULL,
    };
    return lair_type_new(heap, &spec);
}

static lair_type *linked_type(lair_heap *heap)
{
    const lair_type_spec spec = {
        .name = "linked node",
        .size = sizeof(struct node),
        .flags = LAIR_TYPE_CONTAINER,
        .links = offsetof(struct node, edges),
        .link_count = EDGES + 1,
        .weakrefs = offsetof(struct node, weakrefs),
    };
    return lair_type_new(heap, &spec);
}

/* -- the graph ------------------------------------------------------------------------------- */

static struct vertex *vertex_at(size_t index)
{
    return &world.vertices[index];
}

static size_t free_vertex(void)
{
    for (size_t i = 0, at = below(VERTICES); i < VERTICES; i++, at = (at + 1) % VERTICES)
        if (world.vertices[at].object == NULL)
            return at;
    return VERTICES;
}

static size_t vertex_of(const lair_object *object)
{
    size_t i = 0;
    while (i < VERTICES && world.vertices[i].object != object)
        i++;
    return i;
}

/* A vertex that a slot reaches. */
static size_t any_vertex(void)
{
    size_t at = world.slots[below(SLOTS)];
    for (size_t steps = below(5); steps > 0 && at != VERTICES; steps--) {
        const struct vertex *vertex = vertex_at(at);
        if (vertex->edge_count != 0)
            at = vertex->edges[below(vertex->edge_count)];
    }
    return at;
}

static void slot_set(size_t slot, size_t index)
{
    size_t before = world.slots[slot];
    if (index != VERTICES)
        (void)lair_incref(vertex_at(index)->object);
    world.slots[slot] = index;
    if (slot < ROOTS)
        world.roots[slot] = index != VERTICES ? vertex_at(index)->object : NULL;
    if (before != VERTICES)
        lair_decref(vertex_at(before)->object);
}

/* Into a slot, out of which something goes; the caller's reference is taken over. */
static void slot_put(size_t index)
{
    slot_set(below(SLOTS), index);
    lair_decref(vertex_at(index)->object);
}

static void attribute_name(char *name, size_t bytes, int64_t key)
{
    (void)snprintf(name, bytes, "a%lld", (long long)key);
}

static bool is_node(vertex_kind kind)
{
    return kind == NODE || kind == FINALIZING;
}

/* The place in a node or record that is free. */
static int64_t free_place(const struct vertex *vertex)
{
    for (int64_t place = 0;; place++) {
        bool used = false;
        for (size_t i = 0; i < vertex->edge_count; i++)
            used = used || vertex->keys[i] == place;
        if (!used)
            return place;
    }
}

static void edge_add(size_t from, size_t to)
{
    struct vertex *vertex = vertex_at(from);
    lair_object *self = vertex->object, *object = vertex_at(to)->object;
    struct node *node = (struct node *)(void *)self;
    char name[32];
    if (vertex->edge_count == EDGES)
        return;
    int64_t key = free_place(vertex);
    lair_status status = LAIR_OK;
    switch (vertex->kind) {
    case NODE:
    case FINALIZING:
    case LINKED:
        node->edges[key] = lair_incref(object);
        break;
    case LIST:
        status = lair_list_append(self, object);
        break;
    case DICT: {
        LAIR_SCOPED lair_object *number = lair_int_new(world.heap, key);
        status = lair_dict_set(self, number, object);
        break;
    }
    case SET:
        if (!is_node(vertex_at(to)->kind))
            return;
        for (size_t i = 0; i < vertex->edge_count; i++)
            if (vertex->edges[i] == to)
                return;
        status = lair_set_add(self, object);
        break;
    case RECORD:
        status = lair_record_set(self, (size_t)key + 1, object);
        break;
    case INSTANCE:
        attribute_name(name, sizeof name, key);
        status = lair_attribute_set(self, name, object);
        break;
    default:
        return;
    }
    REQUIRE(status == LAIR_OK);
    vertex->keys[vertex->edge_count] = key;
    vertex->edges[vertex->edge_count++] = to;
}

/* The model knows first: what goes may run finalizers. */
static void edge_remove(size_t from, size_t which)
{
    struct vertex *vertex = vertex_at(from);
    lair_object *self = vertex->object;
    struct node *node = (struct node *)(void *)self;
    char name[32];
    if (vertex->kind == TUPLE || vertex->kind == ITERATOR)
        return;
    int64_t key = vertex->keys[which];
    size_t to = vertex->edges[which];
    vertex->edge_count--;
    memmove(vertex->edges + which, vertex->edges + which + 1,
            (vertex->edge_count - which) * sizeof vertex->edges[0]);
    memmove(vertex->keys + which, vertex->keys + which + 1,
            (vertex->edge_count - which) * sizeof vertex->keys[0]);
    lair_status status = LAIR_OK;
    switch (vertex->kind) {
    case NODE:
    case FINALIZING:
    case LINKED:
        lair_clear_ref(&node->edges[key]);
        break;
    case LIST:
        status = lair_list_remove(self, which + 1, which + 2);
        break;
    case DICT: {
        LAIR_SCOPED lair_object *number = lair_int_new(world.heap, key);
        status = lair_dict_delete(self, number);
        break;
    }
    case SET: {
        LAIR_SCOPED lair_object *member = lair_incref(vertex_at(to)->object);
        status = lair_set_discard(self, member, NULL);
        break;
    }
    case RECORD:
        status = lair_record_set(self, (size_t)key + 1, lair_none(world.heap));
        break;
    case INSTANCE:
        attribute_name(name, sizeof name, key);
        status = lair_attribute_delete(self, name);
        break;
    default:
        break;
    }
    REQUIRE(status == LAIR_OK);
}

static lair_object *tag_for(size_t index)
{
    lair_object *tag = lair_new(world.tag);
    REQUIRE(tag != NULL);
    ((struct tag *)(void *)tag)->vertex = index;
    return tag;
}

/* The object of a new vertex; edges that it has for life are noted. Whatever is made may collect
 * garbage first, so the model comes last, and what is referred to is held. */
static lair_object *object_for(size_t index, vertex_kind kind, size_t to)
{
    struct vertex *vertex = vertex_at(index);
    LAIR_SCOPED lair_object *tag = NULL;
    lair_object *made = NULL, *other = to != VERTICES ? vertex_at(to)->object : NULL;
    switch (kind) {
    case NODE:
    case FINALIZING:
        made = lair_new(kind == NODE ? world.node : world.finalizing);
        ((struct node *)(void *)made)->vertex = index;
        return made;
    case ITERATOR:
        made = lair_iter(other);
        vertex->edges[vertex->edge_count++] = to;
        return made;
    default:
        tag = tag_for(index);
        break;
    }
    switch (kind) {
    case LINKED:
        made = lair_new(world.linked);
        ((struct node *)(void *)made)->tag = lair_steal(&tag);
        return made;
    case LIST:
        return LAIR_LIST(world.heap, lair_steal(&tag));
    case DICT:
        return LAIR_DICT(world.heap, lair_none(world.heap), lair_steal(&tag));
    case SET:
        return LAIR_SET(world.heap, lair_steal(&tag));
    case TUPLE:
        if (other == NULL)
            return LAIR_TUPLE(world.heap, lair_steal(&tag));
        made = LAIR_TUPLE(world.heap, lair_steal(&tag), lair_incref(other), lair_incref(other));
        vertex->edges[vertex->edge_count++] = to;
        vertex->edges[vertex->edge_count++] = to;
        return made;
    case RECORD:
        made = lair_record_new(world.record, NULL);
        REQUIRE(lair_record_set(made, 0, tag) == LAIR_OK);
        return made;
    default:
        made = lair_instance_new(world.instance);
        REQUIRE(lair_attribute_set(made, "tag", tag) == LAIR_OK);
        return made;
    }
}

/* A new vertex, in a slot. */
static void vertex_make(vertex_kind kind)
{
    size_t index = free_vertex(), to = any_vertex();
    if (index == VERTICES || (kind == ITERATOR && to == VERTICES))
        return;
    if (kind == ITERATOR && vertex_at(to)->kind != LIST)
        return;
    struct vertex *vertex = vertex_at(index);
    lair_object *held = to != VERTICES ? lair_incref(vertex_at(to)->object) : NULL;
    /* Its place is taken before finalizers can look for one. */
    static lair_object taken;
    *vertex = (struct vertex){.object = &taken, .kind = kind, .serial = ++world.serial};
    lair_object *made = object_for(index, kind, to);
    REQUIRE(made != NULL);
    vertex->object = made;
    slot_put(index);
    lair_decref(held);
}

/* -- weak references ------------------------------------------------------------------------- */

static void on_death(lair_object *ref, void *arg);

static bool can_be_target(vertex_kind kind)
{
    return kind != TUPLE && kind != WEAKREF && kind != ITERATOR;
}

/* The newest: others may have gone in this step. */
static size_t weakref_without_callback(size_t target)
{
    size_t newest = VERTICES;
    for (size_t i = 0; i < VERTICES; i++) {
        const struct vertex *vertex = vertex_at(i);
        if (vertex->object != NULL && vertex->kind == WEAKREF && !vertex->calls_back &&
            vertex->target == target && vertex->target_serial == vertex_at(target)->serial &&
            (newest == VERTICES || vertex->serial > vertex_at(newest)->serial))
            newest = i;
    }
    return newest;
}

static void weakref_make(bool calls_back)
{
    size_t index = free_vertex(), target = any_vertex();
    if (index == VERTICES || target == VERTICES || !can_be_target(vertex_at(target)->kind))
        return;
    struct vertex *vertex = vertex_at(index);
    lair_object *made =
        lair_weakref_new(vertex_at(target)->object, calls_back ? on_death : NULL, vertex);
    REQUIRE(made != NULL);
    if (lair_refcount(made) > 1) {
        CHECK(!calls_back);
        index = weakref_without_callback(target);
        REQUIRE(index != VERTICES && vertex_at(index)->object == made);
    } else {
        *vertex = (struct vertex){.object = made,
                                  .kind = WEAKREF,
                                  .serial = ++world.serial,
                                  .target = target,
                                  .target_serial = vertex_at(target)->serial,
                                  .calls_back = calls_back};
    }
    slot_put(index);
}

/* -- the program's code ----------------------------------------------------------------------- */

static void edge_add_any(void)
{
    size_t from = any_vertex(), to = any_vertex();
    if (from != VERTICES && to != VERTICES)
        edge_add(from, to);
}

static void edge_remove_any(void)
{
    size_t from = any_vertex();
    if (from != VERTICES && vertex_at(from)->edge_count != 0)
        edge_remove(from, below(vertex_at(from)->edge_count));
}

/* Acts on what is alive. */
static void disturb(void)
{
    world.disturbed = true;
    switch (below(6)) {
    case 0:
        slot_set(below(SLOTS), VERTICES);
        break;
    case 4:
        (void)lair_heap_trim(world.heap);
        break;
    case 1:
        vertex_make((vertex_kind)below(INSTANCE + 1));
        break;
    case 2:
        edge_add_any();
        break;
    case 3:
        weakref_make(below(2) == 0);
        break;
    default:
        edge_remove_any();
        break;
    }
}

static void on_finalize(lair_object *self)
{
    size_t index = ((struct node *)(void *)self)->vertex, other;
    struct vertex *vertex = vertex_at(index);
    CHECK(vertex->object == self && vertex->kind == FINALIZING);
    CHECK(!vertex->finalized && !vertex->gone);
    vertex->finalized = true;
    world.finalized++;
    if (world.quiet)
        return;
    switch (below(12)) {
    case 0: /* comes back */
        world.disturbed = true;
        world.resurrected++;
        slot_set(below(SLOTS), index);
        break;
    case 1: /* with a neighbour */
        if (vertex->edge_count == 0)
            break;
        world.disturbed = true;
        world.resurrected++;
        other = vertex->edges[below(vertex->edge_count)];
        CHECK(!vertex_at(other)->gone);
        slot_set(below(SLOTS), other);
        break;
    case 2: /* from something alive */
        other = any_vertex();
        if (other == VERTICES)
            break;
        world.disturbed = true;
        world.resurrected++;
        edge_add(other, index);
        break;
    case 3:
        world.disturbed = true;
        if (vertex->edge_count != 0)
            edge_remove(index, below(vertex->edge_count));
        break;
    case 4:
        disturb();
        break;
    default:
        break;
    }
}

static void on_death(lair_object *ref, void *arg)
{
    struct vertex *vertex = arg;
    CHECK(vertex->object == ref && vertex->kind == WEAKREF && vertex->calls_back);
    CHECK(!lair_weakref_is_alive(ref) && vertex->calls == 0);
    CHECK(vertex->lives || !world.only_collects || world.disturbed); /* or it was garbage itself */
    vertex->calls++;
    world.called++;
    if (!world.quiet && below(6) == 0)
        disturb();
}

/* -- what must hold after each step ------------------------------------------------------------ */

static void reach(size_t index)
{
    static size_t stack[VERTICES];
    size_t depth = 0;
    if (vertex_at(index)->lives)
        return;
    vertex_at(index)->lives = true;
    stack[depth++] = index;
    while (depth > 0) {
        const struct vertex *vertex = vertex_at(stack[--depth]);
        for (size_t i = 0; i < vertex->edge_count; i++)
            if (!vertex_at(vertex->edges[i])->lives) {
                vertex_at(vertex->edges[i])->lives = true;
                stack[depth++] = vertex->edges[i];
            }
    }
}

/* Whether it lives because it is frozen: only those are asked that say when they go. */
static bool is_frozen(const struct vertex *vertex)
{
    return vertex->object != NULL && vertex->frozen && !vertex->gone && vertex->kind != WEAKREF &&
           vertex->kind != ITERATOR;
}

static void find_alive(void)
{
    for (size_t i = 0; i < VERTICES; i++) {
        world.vertices[i].lived = world.vertices[i].lives;
        world.vertices[i].lives = false;
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (world.slots[i] != VERTICES)
            reach(world.slots[i]);
    for (size_t i = 0; i < VERTICES; i++)
        if (is_frozen(&world.vertices[i]))
            reach(i);
}

static void count_references(void)
{
    for (size_t i = 0; i < VERTICES; i++)
        world.vertices[i].refs = 0;
    for (size_t i = 0; i < SLOTS; i++)
        if (world.slots[i] != VERTICES)
            vertex_at(world.slots[i])->refs++;
    for (size_t i = 0; i < VERTICES; i++)
        for (size_t j = 0; j < world.vertices[i].edge_count; j++)
            vertex_at(world.vertices[i].edges[j])->refs++;
}

static void vertex_end(size_t index)
{
    struct vertex *vertex = vertex_at(index);
    if (vertex->kind == FINALIZING)
        CHECK(vertex->finalized);
    vertex->object = NULL;
    vertex->edge_count = 0;
    vertex->lives = vertex->frozen = vertex->gone = false;
    vertex->serial = 0;
    world.died++;
}

/* Weak references and iterators say nothing when they go: nobody refers to them. */
static void bury(void)
{
    bool again = true;
    for (size_t i = 0; i < VERTICES; i++)
        if (world.vertices[i].object != NULL && world.vertices[i].gone)
            vertex_end(i);
    while (again) {
        again = false;
        count_references();
        for (size_t i = 0; i < VERTICES; i++) {
            const struct vertex *vertex = vertex_at(i);
            if (vertex->object == NULL || vertex->refs != 0)
                continue;
            CHECK(vertex->kind == WEAKREF || vertex->kind == ITERATOR);
            vertex_end(i);
            again = true;
        }
    }
}

/* A weak reference that is alive. */
static void check_weakref(struct vertex *vertex)
{
    const struct vertex *target = vertex_at(vertex->target);
    bool exists = target->object != NULL && target->serial == vertex->target_serial;
    bool alive = lair_weakref_is_alive(vertex->object);
    CHECK(vertex->calls <= (vertex->calls_back && !alive));
    if (alive) {
        LAIR_SCOPED lair_object *got = lair_weakref_get(vertex->object);
        CHECK(exists && got == target->object);
    } else if (!vertex->seen_dead) {
        /* It was alive before this step, unless foreign code may have made it garbage meanwhile:
         * then its callback runs, and its target is dead, or was garbage. */
        vertex->seen_dead = true;
        if (vertex->lived && !world.disturbed) {
            CHECK(vertex->calls == vertex->calls_back);
            CHECK(!(exists && target->lived && target->lives));
        }
    }
}

static void check_step(void)
{
    find_alive();
    for (size_t i = 0; i < VERTICES; i++)
        if (!CHECK(!world.vertices[i].gone || !world.vertices[i].lives))
            printf("vertex %zu of kind %d\n", i, (int)world.vertices[i].kind);
    bury();
    for (size_t i = 0; i < VERTICES; i++) {
        struct vertex *vertex = vertex_at(i);
        if (vertex->object == NULL)
            continue;
        for (size_t j = 0; j < vertex->edge_count; j++)
            CHECK(vertex_at(vertex->edges[j])->object != NULL);
        if (!CHECK(lair_refcount(vertex->object) == vertex->refs))
            printf("vertex %zu of kind %d: %u references, not %zu\n", i, (int)vertex->kind,
                   lair_refcount(vertex->object), vertex->refs);
        if (vertex->kind == WEAKREF && vertex->lives)
            check_weakref(vertex);
    }
}

/* Members of the weak set are there, and those that live are members as long as they do. */
static void check_weak_set(void)
{
    size_t seen = 0;
    LAIR_EACH(at, world.weak_set)
    {
        seen++;
        CHECK(vertex_of(at.item) != VERTICES);
    }
    CHECK(seen == lair_length(world.weak_set));
}

/* -- collections ----------------------------------------------------------------------------- */

/* Only what lives is left. */
static void check_collected(void)
{
    for (size_t i = 0; i < VERTICES; i++)
        if (!CHECK(world.vertices[i].object == NULL || world.vertices[i].lives))
            printf("vertex %zu of kind %d is left\n", i, (int)world.vertices[i].kind);
}

static void collect_all(void)
{
    size_t found = 0, garbage = 0;
    for (int rounds = 0; rounds < 60; rounds++) {
        world.disturbed = false;
        garbage = 0;
        for (size_t i = 0; i < VERTICES; i++)
            garbage += world.vertices[i].object != NULL && !world.vertices[i].lives &&
                       !world.vertices[i].frozen && lair_gc_is_tracked(world.vertices[i].object);
        world.only_collects = true;
        CHECK(lair_gc_collect(world.heap, 2, &found) == LAIR_OK);
        world.only_collects = false;
        world.collections++;
        if (!CHECK(found >= garbage && (found == 0) == (garbage == 0)))
            printf("%zu found, %zu expected\n", found, garbage);
        check_step();
        if (!world.disturbed)
            break;
    }
    if (!world.disturbed)
        check_collected();
}

static void collect_some(void)
{
    size_t found;
    bool failing = below(8) == 0;
    if (failing)
        (void)os_inject_failure(1 + below(12), below(2) == 0);
    world.only_collects = true;
    lair_status status = lair_gc_collect(world.heap, (int)below(3), &found);
    world.only_collects = false;
    (void)os_inject_failure(0, false);
    world.collections++;
    CHECK(status == LAIR_OK || (failing && status == LAIR_ERR_NO_MEMORY));
}

/* Some steps of a round, with what else they lead to. */
static void round_some(void)
{
    bool failing = below(8) == 0;
    if (failing)
        (void)os_inject_failure(1 + below(12), below(2) == 0);
    for (size_t i = below(30); i > 0; i--)
        (void)lair_gc_step(world.heap, 0);
    (void)os_inject_failure(0, false);
}

/* A whole round, whether one is due or not. */
static void round_whole(void)
{
    struct collector *collector = &space_of(world.heap)->collector;
    collector->settled = false;
    do {
        CHECK(lair_gc_step(world.heap, 0) || collector->settled);
    } while (rounds_are_active(collector));
    world.rounds++;
}

/* What is garbage is gone at the latest when nothing has been done in so many rounds. */
static void round_all(void)
{
    world.disturbed = false;
    round_whole(); /* it may have begun before */
    for (int quiet = 0, rounds = 0; quiet < HIDDEN_ROUNDS && rounds < 200; rounds++) {
        check_step();
        quiet = world.disturbed ? 0 : quiet + 1;
        world.disturbed = false;
        round_whole();
    }
    check_step();
    if (!world.disturbed)
        check_collected();
}

static void change_mode(void)
{
    static const lair_gctype modes[] = {LAIR_GC_AUTO, LAIR_GC_MANUAL, LAIR_GC_INCREMENTAL,
                                        LAIR_GC_INCREMENTAL};
    const lair_gctype mode = modes[below(4)];
    CHECK(lair_gc_set_mode(world.heap, mode) == LAIR_OK);
    CHECK(lair_gc_get_mode(world.heap) == mode);
}

static void change_pace(void)
{
    space_of(world.heap)->collector.rounds = (struct round_pace){
        .quantum = 1 + below(20),
        .slice_ns = below(3) == 0 ? 20000 : 0,
        .smallest = below(2) == 0 ? 0 : 1000,
        .chunk = 1 + below(below(2) == 0 ? 4 : 60),
        .goal = 1 + below(below(2) == 0 ? 4 : 60),
    };
}

static void freeze(void)
{
    CHECK(lair_gc_freeze(world.heap) == LAIR_OK);
    for (size_t i = 0; i < VERTICES; i++)
        world.vertices[i].frozen = world.vertices[i].object != NULL;
}

static void unfreeze(void)
{
    CHECK(lair_gc_unfreeze(world.heap) == LAIR_OK && lair_gc_frozen(world.heap) == 0);
    for (size_t i = 0; i < VERTICES; i++)
        world.vertices[i].frozen = false;
}

/* -- operations ------------------------------------------------------------------------------ */

static void change_root(void)
{
    size_t i = below(ROOTS);
    lair_object *const *root = &world.roots[i];
    CHECK((world.rooted[i] ? lair_gc_remove_root(world.heap, root)
                           : lair_gc_add_root(world.heap, root)) == LAIR_OK);
    world.rooted[i] = !world.rooted[i];
}

static void change_thresholds(void)
{
    static const size_t choices[][LAIR_GC_GENERATIONS] = {
        {1, 1, 1}, {2, 1, 3}, {10, 2, 2}, {50, 3, 3}, {700, 10, 10}, {0, 0, 0},
    };
    CHECK(lair_gc_set_thresholds(world.heap, choices[below(6)]) == LAIR_OK);
    space_of(world.heap)->collector.batch = 1 + below(below(2) == 0 ? 4 : 100);
}

static void move_subtree(void)
{
    size_t from = any_vertex(), to = any_vertex();
    if (from == VERTICES || to == VERTICES || vertex_at(from)->edge_count == 0)
        return;
    size_t which = below(vertex_at(from)->edge_count);
    edge_add(to, vertex_at(from)->edges[which]);
    edge_remove(from, which);
}

static void weak_set_add(void)
{
    size_t index = any_vertex();
    if (index != VERTICES && is_node(vertex_at(index)->kind))
        CHECK(lair_weak_set_add(world.weak_set, vertex_at(index)->object) == LAIR_OK);
}

static void step(void)
{
    size_t choice = below(1060), index;
    world.disturbed = false;
    if (choice < 330) {
        edge_add_any();
    } else if (choice < 500) {
        vertex_make((vertex_kind)below(ITERATOR + 1));
    } else if (choice < 580) {
        edge_remove_any();
    } else if (choice < 680) {
        move_subtree();
    } else if (choice < 760) {
        index = any_vertex();
        slot_set(below(SLOTS), index);
    } else if (choice < 820) {
        slot_set(below(SLOTS), VERTICES);
    } else if (choice < 880) {
        weakref_make(below(3) != 0);
    } else if (choice < 900) {
        weak_set_add();
    } else if (choice < 960) {
        collect_some();
    } else if (choice < 975) {
        change_thresholds();
    } else if (choice < 980) {
        freeze();
    } else if (choice < 988) {
        unfreeze();
    } else if (choice < 998) {
        change_root();
    } else if (choice < 1000) {
        (void)lair_heap_trim(world.heap);
    } else if (choice < 1050) {
        round_some();
    } else if (choice < 1055) {
        change_mode();
    } else {
        change_pace();
    }
    check_step();
    if (below(40) == 0)
        collect_all();
    else if (below(60) == 0)
        round_all();
}

/* -- a round: a heap's life ------------------------------------------------------------------- */

static void round_begin(uint64_t seed)
{
    static const char *const fields[] = {"tag", "a", "b", "c", "d", "e", "f"};
    const lair_type_spec tag_spec = {
        .name = "tag", .size = sizeof(struct tag), .free_list = 8, .dealloc = tag_dealloc};
    world = (struct world){.random = seed};
    lair_heap *heap = world.heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    world.node = node_type(heap, false);
    world.finalizing = node_type(heap, true);
    world.linked = linked_type(heap);
    world.tag = lair_type_new(heap, &tag_spec);
    world.record = lair_record_type(heap, "record", fields, EDGES + 1, LAIR_RECORD_WEAK);
    world.instance = lair_instance_type(heap, "instance");
    world.weak_set = lair_weak_set_new(heap);
    change_pace();
    REQUIRE(world.node && world.finalizing && world.linked && world.tag && world.record &&
            world.instance);
    for (size_t i = 0; i < SLOTS; i++)
        world.slots[i] = VERTICES;
}

static void expect_none(const lair_type *type)
{
    lair_type_stats stats;
    lair_type_get_stats(type, &stats);
    CHECK(stats.instances == 0);
}

/* With all slots empty nothing is left. */
static void round_end(void)
{
    check_weak_set();
    world.quiet = true;
    unfreeze();
    for (size_t i = 0; i < SLOTS; i++)
        slot_set(i, VERTICES);
    check_step();
    collect_all();
    for (size_t i = 0; i < VERTICES; i++)
        CHECK(world.vertices[i].object == NULL);
    expect_none(world.node);
    expect_none(world.finalizing);
    expect_none(world.tag);
    expect_none(world.linked);
    expect_none(world.record);
    expect_none(world.instance);
    CHECK(lair_length(world.weak_set) == 0);
    lair_decref(world.weak_set);
    lair_decref(lair_type_object(world.node));
    lair_decref(lair_type_object(world.finalizing));
    lair_decref(lair_type_object(world.tag));
    lair_decref(lair_type_object(world.linked));
    lair_decref(lair_type_object(world.record));
    lair_decref(lair_type_object(world.instance));
    CHECK_BOOKS(world.heap);
    lair_heap_close(world.heap);
}

int main(int argc, char **argv)
{
    uint64_t steps = STEPS, seed = 1;
    const argument known[] = {{"--steps", &steps}, {"--seed", &seed}};
    arguments_read(argc, argv, known, sizeof known / sizeof known[0]);
    size_t collections = 0, rounds = 0, died = 0, finalized = 0, resurrected = 0, called = 0;
    for (uint64_t done = 0; done < steps && check_failures() == 0; done += ROUND, seed++) {
        round_begin(seed);
        for (unsigned long i = 0; i < ROUND && check_failures() == 0; i++)
            step();
        if (check_failures() != 0) {
            printf("failed with --seed %lu\n", (unsigned long)seed);
            break;
        }
        round_end();
        collections += world.collections;
        rounds += world.rounds;
        died += world.died;
        finalized += world.finalized;
        resurrected += world.resurrected;
        called += world.called;
    }
    CHECK(collections > 0 && rounds > 0 && died > 0 && finalized > 0 && resurrected > 0 &&
          called > 0);
    printf("%llu steps, %zu deaths, %zu finalizers, %zu resurrections, %zu callbacks\n",
           (unsigned long long)steps, died, finalized, resurrected, called);
    return check_finish("the collector against a graph in arrays");
}

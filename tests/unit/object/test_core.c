/* test_core.c: what holds for objects of all types: types of the program's own with every function
 * a type can have, counting and its end, scopes, finalizers, walks inside walks, and structures as
 * deep as memory allows. Argument: the depth (a million unless given).
 */
#include "ground.h"

#include <stdlib.h>

#include "object/count.h"

/* -- a type of the program's own, with every function ----------------------------------------- */

/* A node of a tree: a label, a payload the node owns, and any number of children. */
struct node {
    lair_object object;
    lair_object *label;     /* may be NULL */
    lair_object **children; /* memory of the node's own */
    size_t count;
    char *payload;
    void *weakrefs;
};

static int node_deallocs, node_finalizes;
static lair_object *resurrected;
static bool resurrect;

static struct node *node_of(lair_object *object)
{
    return (struct node *)object;
}

static void node_clear(lair_object *self)
{
    struct node *node = node_of(self);
    lair_object **children = node->children;
    size_t count = node->count;
    node->children = NULL;
    node->count = 0;
    lair_clear_ref(&node->label);
    for (size_t i = 0; i < count; i++)
        lair_decref(children[i]);
    lair_heap_free(lair_heap_of(self), children);
}

static void node_dealloc(lair_object *self)
{
    node_deallocs++;
    if (lair_refcount(self) != 0) /* once for each of a million: not counted as a check */
        CHECK(false);
    node_clear(self);
    lair_heap_free(lair_heap_of(self), node_of(self)->payload);
}

static int node_traverse(lair_object *self, lair_visit visit, void *arg)
{
    const struct node *node = node_of(self);
    int result = node->label != NULL ? visit(node->label, arg) : 0;
    for (size_t i = 0; i < node->count && result == 0; i++)
        result = visit(node->children[i], arg);
    return result;
}

static void node_finalize(lair_object *self)
{
    node_finalizes++;
    if (resurrect)
        resurrected = lair_incref(self);
}

static size_t node_size_of(const lair_object *self)
{
    const struct node *node = (const struct node *)self;
    lair_heap *heap = lair_heap_of(self);
    return lair_heap_usable_size(heap, node->children) + lair_heap_usable_size(heap, node->payload);
}

/* state[0]: 0: nothing done; 1: the label, if there is one, was written; then the children. */
static lair_step node_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    const struct node *node = node_of(frame->self);
    size_t done = frame->state[0]++;
    if (done == 0) {
        if (lair_write_text(writer, "node(") != LAIR_OK)
            return LAIR_STEP_FAILED;
        walk->child = node->label;
        if (walk->child != NULL)
            return LAIR_STEP_CHILD;
        done = frame->state[0]++;
    }
    if (done <= node->count) {
        if (lair_write(writer, ", ", 2) != LAIR_OK)
            return LAIR_STEP_FAILED;
        walk->child = node->children[done - 1];
        return LAIR_STEP_CHILD;
    }
    return lair_write_format(writer, ")%s", "") == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static lair_step node_hash(lair_walk *walk, lair_frame *frame)
{
    const struct node *node = node_of(frame->self);
    size_t done = frame->state[0]++;
    if (done != 0)
        frame->state[1] = frame->state[1] * 31 + walk->hash;
    if (done == node->count) {
        walk->hash = frame->state[1] + 7;
        return LAIR_STEP_DONE;
    }
    walk->child = node->children[done];
    return LAIR_STEP_CHILD;
}

static lair_step node_equal(lair_walk *walk, lair_frame *frame)
{
    const struct node *a = node_of(frame->self), *b = node_of(frame->other);
    size_t done = frame->state[0]++;
    if (a->count != b->count)
        walk->order = 1;
    if (a->count != b->count || (done != 0 && walk->order != 0))
        return LAIR_STEP_DONE;
    if (done == a->count) {
        walk->order = 0;
        return LAIR_STEP_DONE;
    }
    walk->child = a->children[done];
    walk->other_child = b->children[done];
    return LAIR_STEP_CHILD;
}

/* By the number of children. */
static lair_step node_compare(lair_walk *walk, lair_frame *frame)
{
    size_t a = node_of(frame->self)->count, b = node_of(frame->other)->count;
    walk->order = (a > b) - (a < b);
    return LAIR_STEP_DONE;
}

static lair_status node_add(lair_object *self, lair_object *child)
{
    struct node *node = node_of(self);
    lair_object **children = lair_heap_realloc(lair_heap_of(self), node->children,
                                               (node->count + 1) * sizeof(lair_object *));
    if (children == NULL)
        return lair_error_status();
    children[node->count++] = lair_incref(child);
    node->children = children;
    return LAIR_OK;
}

static lair_step node_copy(lair_walk *walk, lair_frame *frame)
{
    const struct node *node = node_of(frame->self);
    size_t done = frame->state[0]++;
    if (done == 0) {
        frame->other = lair_new(lair_type_of(frame->self));
        if (frame->other == NULL)
            return LAIR_STEP_FAILED;
        node_of(frame->other)->label = lair_incref(node->label);
    } else {
        LAIR_SCOPED lair_object *copied = lair_steal(&walk->copied);
        if (node_add(frame->other, copied) != LAIR_OK)
            return LAIR_STEP_FAILED;
    }
    if (done == node->count)
        return LAIR_STEP_DONE;
    walk->child = node->children[done];
    return LAIR_STEP_CHILD;
}

static lair_object *node_shallow_copy(lair_object *self)
{
    LAIR_SCOPED lair_object *copy = lair_new(lair_type_of(self));
    for (size_t i = 0; copy != NULL && i < node_of(self)->count; i++)
        if (node_add(copy, node_of(self)->children[i]) != LAIR_OK)
            return NULL;
    return lair_steal(&copy);
}

static size_t node_length(lair_object *self)
{
    return node_of(self)->count;
}

static lair_status node_contains(lair_object *self, lair_object *item, bool *found)
{
    *found = false;
    for (size_t i = 0; i < node_of(self)->count; i++)
        *found |= node_of(self)->children[i] == item;
    return LAIR_OK;
}

static bool node_truth(lair_object *self)
{
    return node_of(self)->label != NULL;
}

static void node_begin(lair_cursor *at)
{
    at->position = node_of(at->container)->count;
}

/* Backwards. */
static bool node_next(lair_cursor *at)
{
    if (at->position == 0)
        return false;
    at->item = lair_incref(node_of(at->container)->children[--at->position]);
    return true;
}

static const int node_user = 42;

static const lair_type_spec node_spec = {
    .name = "node",
    .size = sizeof(struct node),
    .flags = LAIR_TYPE_CONTAINER,
    .weakrefs = offsetof(struct node, weakrefs),
    .free_list = 4,
    .user = &node_user,
    .dealloc = node_dealloc,
    .traverse = node_traverse,
    .clear = node_clear,
    .finalize = node_finalize,
    .size_of = node_size_of,
    .repr = node_repr,
    .hash = node_hash,
    .equal = node_equal,
    .compare = node_compare,
    .copy = node_copy,
    .shallow_copy = node_shallow_copy,
    .length = node_length,
    .contains = node_contains,
    .truth = node_truth,
    .begin = node_begin,
    .next = node_next,
};

/* A node with a label (NULL: none) and children, up to a NULL; each stolen. */
static lair_object *node_new(lair_type *type, const char *label, lair_object *first,
                             lair_object *second)
{
    LAIR_SCOPED lair_object *one = first;
    LAIR_SCOPED lair_object *two = second;
    LAIR_SCOPED lair_object *made = lair_new(type);
    if (made == NULL)
        return NULL;
    if (label != NULL)
        node_of(made)->label = lair_str_new(lair_heap_of(made), label);
    if (label != NULL && node_of(made)->label == NULL)
        return NULL;
    if ((one != NULL && node_add(made, one) != LAIR_OK) ||
        (two != NULL && node_add(made, two) != LAIR_OK))
        return NULL;
    return lair_steal(&made);
}

static void forget(lair_object *weakref, void *arg)
{
    CHECK(lair_weakref_get(weakref) == NULL);
    ++*(int *)arg;
}

static void test_user_type(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &node_spec);
    REQUIRE(type != NULL);
    CHECK(lair_type_user(type) == &node_user);
    CHECK(shows(lair_type_object(type), "<type 'node'>"));
    node_deallocs = node_finalizes = 0;
    LAIR_SCOPED lair_object *leaf = node_new(type, "leaf", NULL, NULL);
    LAIR_SCOPED lair_object *tree =
        node_new(type, NULL, lair_incref(leaf), node_new(type, "x", lair_int_new(heap, 7), NULL));
    REQUIRE(tree != NULL);
    CHECK(lair_kind_of(tree) == LAIR_KIND_USER && lair_is(tree, LAIR_KIND_USER));
    CHECK(strcmp(lair_type_name(tree), "node") == 0 && lair_type_of(tree) == type);
    CHECK(lair_heap_of(tree) == heap && lair_id(tree) == (uintptr_t)tree);
    CHECK(lair_instance_of(tree, type) == tree);
    CHECK(lair_instance_of(lair_none(heap), type) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(shows(tree, "node(, node('leaf'), node('x', 7))"));
    CHECK(lair_length(tree) == 2 && !lair_truth(tree) && lair_truth(leaf));
    bool found = false;
    CHECK(lair_contains(tree, leaf, &found) == LAIR_OK && found);
    CHECK(lair_contains(tree, tree, &found) == LAIR_OK && !found);

    size_t own = lair_sizeof(leaf);
    node_of(leaf)->payload = lair_own_alloc(leaf, 1000);
    CHECK(node_of(leaf)->payload != NULL && lair_sizeof(leaf) >= own + 1000);
    CHECK(lair_total_size(tree) >= lair_sizeof(tree) + lair_sizeof(leaf));

    LAIR_SCOPED lair_object *copy = lair_copy(tree);
    CHECK(node_of(copy)->children[0] == leaf);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(tree);
    CHECK(deep != NULL && node_of(deep)->children[0] != leaf);
    CHECK(equal(tree, deep) && equal(tree, copy));
    uint64_t hash = 0, same = 1;
    CHECK(lair_hash(tree, &hash) == LAIR_OK && lair_hash(deep, &same) == LAIR_OK && hash == same);
    int order = 9;
    CHECK(lair_compare(leaf, tree, &order) == LAIR_OK && order < 0);
    CHECK(!equal(tree, leaf) && !equal(tree, lair_none(heap)));

    LAIR_SCOPED lair_object *last = NULL;
    size_t items = 0;
    LAIR_EACH(at, tree)
    {
        lair_set_ref(&last, at.item);
        items++;
    }
    CHECK(items == 2 && last == leaf);

    int forgotten = 0;
    LAIR_SCOPED lair_object *weak = lair_weakref_new(tree, forget, &forgotten);
    lair_type_stats stats;
    lair_type_get_stats(type, &stats);
    CHECK(stats.instances == 7 && stats.created == 7);
    int deallocs = node_deallocs;
    lair_clear_ref(&tree);
    CHECK(forgotten == 1 && node_deallocs == deallocs + 1 && !lair_weakref_is_alive(weak));

    /* The type lives as long as an instance does, whoever else has gone. */
    lair_decref(lair_type_object(type));
    CHECK(strcmp(lair_type_name(leaf), "node") == 0);
    LAIR_SCOPED lair_object *late = lair_new(lair_type_of(leaf));
    CHECK(late != NULL && node_of(late)->label == NULL && node_of(late)->count == 0);
    CHECK(node_finalizes == node_deallocs);
}

/* -- finalizers ------------------------------------------------------------------------------ */

static void test_finalizer(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &node_spec);
    REQUIRE(type != NULL);
    node_deallocs = node_finalizes = 0;
    resurrect = true;
    lair_object *object = node_new(type, "back", NULL, NULL);
    REQUIRE(object != NULL);
    LAIR_SCOPED lair_object *weak = lair_weakref_new(object, NULL, NULL);
    lair_decref(object);
    CHECK(node_finalizes == 1 && node_deallocs == 0 && resurrected == object);
    CHECK(lair_refcount(object) == 1 && lair_weakref_is_alive(weak));
    CHECK(shows(object, "node('back')"));
    lair_clear_ref(&resurrected); /* a second time it is not asked */
    CHECK(node_finalizes == 1 && node_deallocs == 1 && resurrected == NULL);
    CHECK(!lair_weakref_is_alive(weak));
    resurrect = false;

    /* A block that is used again is not taken for one that was finalized. */
    lair_decref(node_new(type, NULL, NULL, NULL));
    CHECK(node_finalizes == 2 && node_deallocs == 2);

    /* The type's own reference goes while its last instance is resurrected. */
    resurrect = true;
    object = node_new(type, NULL, NULL, NULL);
    lair_decref(lair_type_object(type));
    lair_decref(object);
    CHECK(node_finalizes == 3 && resurrected == object);
    resurrect = false;
    lair_clear_ref(&resurrected);
    CHECK(node_deallocs == 3);
}

/* -- descriptions that are wrong --------------------------------------------------------------- */

static void test_descriptions(lair_heap *heap)
{
    const lair_type_spec good = {.name = "good", .size = sizeof(struct node)};
    lair_type_spec bad[18];
    size_t count = 0;
#define BAD(field, value)                                                                          \
    do {                                                                                           \
        bad[count] = good;                                                                         \
        bad[count++].field = (value);                                                              \
    } while (0)
    BAD(name, NULL);
    BAD(name, "");
    BAD(size, sizeof(lair_object) - 1);
    BAD(size, SIZE_MAX);
    BAD(item_size, SIZE_MAX);
    BAD(flags, LAIR_TYPE_CONTAINER);
    BAD(weakrefs, 4);
    BAD(weakrefs, sizeof(struct node));
    BAD(hash, node_hash);
    BAD(next, node_next);
    bad[count] = good;
    bad[count].item_size = 8;
    bad[count++].free_list = 1;
    bad[count] = good;
    bad[count].item_size = 8;
    bad[count++].finalize = node_finalize;
    BAD(link_count, 1); /* where the header is */
    for (int i = 0; i < 5; i++) {
        bad[count] = good;
        bad[count].links = sizeof(lair_object);
        bad[count++].link_count = 1;
    }
    bad[count - 5].links += 4;
    bad[count - 4].links = sizeof(struct node);
    bad[count - 3].link_count = SIZE_MAX / 2;
    bad[count - 2].traverse = node_traverse;
    bad[count - 1].clear = node_clear;
#undef BAD
    for (size_t i = 0; i < count; i++) {
        CHECK(lair_type_new(heap, &bad[i]) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    }
    CHECK(lair_type_new(heap, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_new(NULL) == NULL && lair_new_items(NULL, 1) == NULL);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(lair_new(lair_type_of(list)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *tuple = LAIR_TUPLE(heap, lair_none(heap));
    CHECK(lair_new_items(lair_type_of(tuple), 5) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
}

/* -- the least of types: identity, name and address ------------------------------------------- */

struct plain {
    lair_object object;
    int64_t value;
};

static void test_least_type(lair_heap *heap)
{
    const lair_type_spec spec = {.name = "plain", .size = sizeof(struct plain), .item_size = 16};
    lair_type *type = lair_type_new(heap, &spec);
    REQUIRE(type != NULL);
    LAIR_SCOPED lair_object *a = lair_new_items(type, 10);
    LAIR_SCOPED lair_object *b = lair_new(type);
    REQUIRE(a != NULL && b != NULL);
    CHECK(((struct plain *)a)->value == 0 && lair_sizeof(a) >= sizeof(struct plain) + 160);
    CHECK(equal(a, a) && !equal(a, b) && lair_truth(a));
    uint64_t hash = 0, other = 0;
    CHECK(lair_hash(a, &hash) == LAIR_OK && lair_hash(b, &other) == LAIR_OK && hash != other);
    int order;
    CHECK(lair_compare(a, b, &order) == LAIR_ERR_TYPE);
    char text[64];
    snprintf(text, sizeof text, "<plain at %p>", (void *)a);
    CHECK(shows(a, text));
    CHECK(lair_length(a) == SIZE_MAX);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    bool found;
    CHECK(lair_contains(a, b, &found) == LAIR_ERR_TYPE);
    CHECK(lair_copy(a) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *shared = lair_deep_copy(a); /* what cannot be copied is shared */
    CHECK(shared == a);
    LAIR_EACH(at, a)
    CHECK(false);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_weakref_new(a, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_new_items(type, SIZE_MAX / 16) == NULL);
    lair_decref(lair_type_object(type));
}

/* -- recursion by calls ------------------------------------------------------------------------ */

/* A link of a chain whose repr and equal call the library for the next: bounded depth. */
struct link {
    lair_object object;
    lair_object *next;
};

static lair_step link_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    lair_object *next = ((struct link *)frame->self)->next;
    LAIR_SCOPED lair_object *text = next != NULL ? lair_repr(next) : NULL;
    if (next != NULL && text == NULL)
        return LAIR_STEP_FAILED;
    return lair_write_format(writer, "link(%s)", text != NULL ? lair_str_text(text) : "") == LAIR_OK
               ? LAIR_STEP_DONE
               : LAIR_STEP_FAILED;
}

static lair_step link_equal(lair_walk *walk, lair_frame *frame)
{
    lair_object *a = ((struct link *)frame->self)->next, *b = ((struct link *)frame->other)->next;
    bool same = a == b;
    if (a != NULL && b != NULL && lair_equal(a, b, &same) != LAIR_OK)
        return LAIR_STEP_FAILED;
    walk->order = !same;
    return LAIR_STEP_DONE;
}

static void link_dealloc(lair_object *self)
{
    lair_clear_ref(&((struct link *)self)->next);
}

/* No container, since it has no cycles: its end must not go down the stack all the same. */
static const lair_type_spec link_spec = {.name = "link",
                                         .size = sizeof(struct link),
                                         .dealloc = link_dealloc,
                                         .repr = link_repr,
                                         .equal = link_equal};

static lair_object *chain(lair_type *type, int length)
{
    lair_object *head = NULL;
    for (int i = 0; i < length; i++) {
        lair_object *made = lair_new(type);
        REQUIRE(made != NULL);
        ((struct link *)made)->next = head;
        head = made;
    }
    return head;
}

static void test_recursive_type(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &link_spec);
    REQUIRE(type != NULL);
    LAIR_SCOPED lair_object *three = chain(type, 3);
    CHECK(shows(three, "link(link(link()))"));
    LAIR_SCOPED lair_object *most = chain(type, LAIR_DEPTH_MAX);
    LAIR_SCOPED lair_object *same = chain(type, LAIR_DEPTH_MAX);
    CHECK(equal(most, same));
    LAIR_SCOPED lair_object *text = lair_repr(most);
    CHECK(text != NULL);
    LAIR_SCOPED lair_object *more = chain(type, LAIR_DEPTH_MAX + 1);
    LAIR_SCOPED lair_object *too = chain(type, LAIR_DEPTH_MAX + 1);
    bool is_equal;
    CHECK(lair_repr(more) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_DEPTH);
    CHECK(lair_equal(more, too, &is_equal) == LAIR_ERR_DEPTH);
    CHECK(equal(most, same)); /* nothing is left of it */
    LAIR_SCOPED lair_object *long_one = chain(type, 300000);
    lair_decref(lair_type_object(type));
}

/* -- walks inside walks ------------------------------------------------------------------------ */

/* A container that, asked for its repr, does something with what holds it. */
struct spy {
    lair_object object;
    lair_object *holder; /* borrowed */
    int what;
};

enum { SPY_EQUAL, SPY_REPR, SPY_EMPTY };

static int spy_traverse(lair_object *self, lair_visit visit, void *arg)
{
    (void)self, (void)visit, (void)arg;
    return 0;
}

static void spy_clear(lair_object *self)
{
    (void)self;
}

static lair_step spy_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const struct spy *spy = (const struct spy *)frame->self;
    if (spy->what == SPY_EMPTY && spy->holder != NULL)
        CHECK(lair_list_clear(spy->holder) == LAIR_OK); /* drops the spy itself */
    if (spy->what == SPY_REPR && spy->holder != NULL)
        CHECK(shows(spy->holder, "[...]"));
    if (spy->what == SPY_EQUAL && spy->holder != NULL) {
        LAIR_SCOPED lair_object *copy = lair_copy(spy->holder);
        CHECK(equal(spy->holder, copy));
    }
    return lair_write_text(writer, "spy") == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static lair_step spy_equal(lair_walk *walk, lair_frame *frame)
{
    const struct spy *spy = (const struct spy *)frame->self;
    if (spy->what == SPY_REPR && spy->holder != NULL)
        CHECK(shows(spy->holder, "[spy]")); /* not "[...]": no repr is under way */
    if (spy->what == SPY_EMPTY && spy->holder != NULL)
        CHECK(lair_list_clear(spy->holder) == LAIR_OK);
    walk->order = 0;
    return LAIR_STEP_DONE;
}

static void test_walks_inside_walks(lair_heap *heap)
{
    lair_type_spec spec = {.name = "spy",
                           .size = sizeof(struct spy),
                           .traverse = spy_traverse,
                           .clear = spy_clear,
                           .repr = spy_repr,
                           .equal = spy_equal};
    for (unsigned flags = 0; flags <= LAIR_TYPE_CONTAINER; flags++) {
        spec.flags = flags;
        lair_type *type = lair_type_new(heap, &spec);
        REQUIRE(type != NULL);
        LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_new(type));
        LAIR_SCOPED lair_object *other = LAIR_LIST(heap, lair_new(type));
        REQUIRE(list != NULL && other != NULL);
        struct spy *inside = (struct spy *)lair_list_get(list, 0);
        inside->holder = list;
        inside->what = SPY_EQUAL;
        CHECK(shows(list, "[spy]"));
        CHECK(lair_list_append(list, list) == LAIR_OK);
        CHECK(shows(list, "[spy, [...]]")); /* the inner walk leaves the mark of the outer one */
        lair_decref(lair_list_pop(list, 1));
        inside->what = SPY_REPR;
        CHECK(shows(list, "[spy]"));
        inside->holder = NULL;
        CHECK(shows(list, "[spy]"));
        inside->holder = list;
        CHECK(equal(list, other));
        inside->what = SPY_EMPTY;
        CHECK(shows(list, "[spy]"));
        CHECK(shows(list, "[]"));
        lair_object *again = lair_new(type);
        ((struct spy *)again)->holder = list;
        ((struct spy *)again)->what = SPY_EMPTY;
        CHECK(lair_list_append_new(list, again) == LAIR_OK);
        bool is_equal = true;
        CHECK(lair_equal(list, other, &is_equal) == LAIR_OK && !is_equal);
        CHECK(lair_list_length(list) == 0);
        lair_decref(lair_type_object(type));
    }
}

/* -- steps that break the rules ---------------------------------------------------------------- */

static lair_step copy_nothing(lair_walk *walk, lair_frame *frame)
{
    (void)walk, (void)frame;
    return LAIR_STEP_DONE;
}

static lair_step copy_then_fail(lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    frame->other = lair_incref(frame->self);
    CHECK(lair_length(frame->self) == SIZE_MAX); /* sets an error */
    return LAIR_STEP_FAILED;
}

/* Asks for a child again and again and takes none. */
static lair_step copy_take_nothing(lair_walk *walk, lair_frame *frame)
{
    if (frame->state[0] == 0)
        frame->other = lair_list_new(walk->heap);
    if (frame->other == NULL)
        return LAIR_STEP_FAILED;
    walk->child = ((struct spy *)frame->self)->holder;
    return frame->state[0]++ < 3 ? LAIR_STEP_CHILD : LAIR_STEP_DONE;
}

static lair_step repr_ask(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)writer;
    walk->child = frame->self;
    return LAIR_STEP_CHILD;
}

static lair_step repr_not_text(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk, (void)frame;
    return lair_write(writer, "\xff", 1) == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

static void test_bad_steps(lair_heap *heap)
{
    lair_type_spec spec = {.name = "bad",
                           .size = sizeof(struct spy),
                           .traverse = spy_traverse,
                           .clear = spy_clear,
                           .repr = repr_not_text};
    lair_step (*const copies[])(lair_walk *, lair_frame *) = {copy_nothing, copy_then_fail,
                                                              copy_take_nothing};
    LAIR_SCOPED lair_object *held = LAIR_LIST(heap, lair_int_new(heap, 1234));
    for (unsigned flags = 0; flags <= LAIR_TYPE_CONTAINER; flags++)
        for (size_t i = 0; i < 3; i++) {
            spec.flags = flags;
            spec.copy = copies[i];
            lair_type *type = lair_type_new(heap, &spec);
            LAIR_SCOPED lair_object *bad = lair_new(type);
            REQUIRE(bad != NULL);
            ((struct spy *)bad)->holder = held;
            LAIR_SCOPED lair_object *list = LAIR_LIST(heap, lair_incref(bad), lair_list_new(heap));
            LAIR_SCOPED lair_object *copy = lair_deep_copy(list);
            CHECK((copy != NULL) == (i == 2 && flags != 0));
            if (copy == NULL)
                CHECK_FAILED_WITH(i == 1 ? LAIR_ERR_TYPE : LAIR_ERR_INVALID);
            CHECK(lair_repr(bad) == NULL);
            CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
            lair_decref(lair_type_object(type));
        }
    CHECK(lair_refcount(held) == 1);
    spec.flags = 0;
    spec.repr = repr_ask;
    lair_type *type = lair_type_new(heap, &spec);
    LAIR_SCOPED lair_object *bad = lair_new(type);
    CHECK(lair_repr(bad) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    lair_decref(lair_type_object(type));
}

/* -- counting ---------------------------------------------------------------------------------- */

static void test_counting(lair_heap *heap)
{
    CHECK(lair_incref(NULL) == NULL);
    lair_decref(NULL);
    lair_object *list = lair_list_new(heap);
    CHECK(lair_refcount(list) == 1 && lair_incref(list) == list && lair_refcount(list) == 2);
    lair_object *slot = NULL;
    lair_set_ref(&slot, list);
    CHECK(slot == list && lair_refcount(list) == 3);
    lair_set_ref(&slot, slot);
    CHECK(slot == list && lair_refcount(list) == 3);
    lair_set_ref(&slot, NULL);
    CHECK(slot == NULL && lair_refcount(list) == 2);
    {
        LAIR_SCOPED lair_object *scoped = lair_incref(list);
        LAIR_SCOPED lair_object *given = lair_incref(list);
        CHECK(lair_refcount(list) == 4);
        slot = lair_steal(&given);
        CHECK(given == NULL && scoped == list);
    }
    CHECK(lair_refcount(list) == 3);
    lair_clear_ref(&slot);
    lair_clear_ref(&slot);
    lair_decref(list);
    CHECK(lair_refcount(list) == 1);

    /* Saturation: two references short of what a count can hold. */
    *count_word(list) = COUNT_IMMORTAL - 2 * COUNT_ONE;
    CHECK(lair_refcount(list) == (UINT32_C(1) << 30) - 2);
    (void)lair_incref(list);
    CHECK(lair_refcount(list) == (UINT32_C(1) << 30) - 1);
    (void)lair_incref(list);
    CHECK(lair_refcount(list) == UINT32_MAX);
    for (int i = 0; i < 5; i++)
        lair_decref(list);
    CHECK(lair_refcount(list) == UINT32_MAX && lair_list_length(list) == 0);
    (void)lair_incref(list);
    CHECK(lair_list_append_new(list, lair_int_new(heap, 5)) == LAIR_OK);
    CHECK(shows(list, "[5]")); /* a walk's mark fits beside immortality */
    CHECK(lair_refcount(list) == UINT32_MAX);
    *count_word(list) = COUNT_ONE;
    lair_decref(list);

    lair_object *for_ever = lair_float_new(heap, 1.25);
    lair_immortalize(for_ever);
    lair_decref(for_ever);
    CHECK(lair_refcount(for_ever) == UINT32_MAX && lair_float_value(for_ever) == 1.25);
    *count_word(for_ever) = COUNT_ONE;
    lair_decref(for_ever);
    CHECK(lair_refcount(lair_none(heap)) == UINT32_MAX);
    CHECK(lair_refcount(lair_type_object(lair_type_of(lair_none(heap)))) == UINT32_MAX);
}

static void test_wrong_heap(lair_heap *heap)
{
    LAIR_SCOPED_HEAP lair_heap *other = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *foreign = lair_list_new(other);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    CHECK(lair_list_append(list, foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_list_append(list, lair_none(other)) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_list_append_new(list, lair_incref(foreign)) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_tuple_new(heap, &foreign, 1) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    CHECK(LAIR_TUPLE(heap, lair_incref(foreign)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    CHECK(lair_list_extend(list, foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_refcount(foreign) == 1 && lair_list_length(list) == 0);
    CHECK(!equal(list, foreign)); /* comparing is no reference, but their types are two */
    CHECK(equal(lair_bool(heap, true), lair_bool(other, true)));
}

/* -- copies of graphs -------------------------------------------------------------------------- */

static void test_deep_copy(lair_heap *heap)
{
    /* What is shared stays shared, immutable things that reach nothing mutable are themselves. */
    LAIR_SCOPED lair_object *pair = lair_build(heap, "(i, i)", 1000, 2000);
    LAIR_SCOPED lair_object *inner = lair_build(heap, "[O]", pair);
    LAIR_SCOPED lair_object *outer =
        lair_build(heap, "[O, O, O, O, (O, O)]", pair, pair, inner, inner, inner, pair);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(outer);
    REQUIRE(copy != NULL && equal(copy, outer));
    CHECK(lair_list_get(copy, 0) == pair && lair_list_get(copy, 1) == pair);
    CHECK(lair_list_get(copy, 2) != inner && lair_list_get(copy, 2) == lair_list_get(copy, 3));
    CHECK(lair_tuple_get(lair_list_get(copy, 4), 0) == lair_list_get(copy, 2));
    CHECK(lair_tuple_get(lair_list_get(copy, 4), 1) == pair);

    /* A cycle through a tuple, entered at the list, at the tuple, and by a borrowed reference. */
    lair_object *list = lair_list_new(heap);
    lair_object *tuple = LAIR_TUPLE(heap, lair_incref(list));
    CHECK(lair_list_append(list, tuple) == LAIR_OK);
    CHECK(shows(list, "[([...],)]") && shows(tuple, "([(...)],)"));
    LAIR_SCOPED lair_object *copied_list = lair_deep_copy(list);
    lair_object *copied_in = lair_list_get(copied_list, 0);
    CHECK(copied_list != list && copied_in != tuple);
    CHECK(lair_tuple_get(copied_in, 0) == copied_list);
    LAIR_SCOPED lair_object *copied_tuple = lair_deep_copy(tuple);
    CHECK(lair_list_get(lair_tuple_get(copied_tuple, 0), 0) == copied_tuple);
    lair_decref(tuple); /* the list alone has it now */
    LAIR_SCOPED lair_object *borrowed = lair_deep_copy(tuple);
    CHECK(lair_list_get(lair_tuple_get(borrowed, 0), 0) == borrowed);
    bool is_equal;
    uint64_t hash;
    CHECK(lair_equal(list, copied_list, &is_equal) == LAIR_ERR_DEPTH);
    CHECK(lair_hash(tuple, &hash) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_list_clear(list) == LAIR_OK);
    CHECK(lair_list_clear(copied_list) == LAIR_OK);
    CHECK(lair_list_clear(lair_tuple_get(copied_tuple, 0)) == LAIR_OK);
    CHECK(lair_list_clear(lair_tuple_get(borrowed, 0)) == LAIR_OK);
    lair_decref(list);
}

/* -- NULL, and the errors that stand ----------------------------------------------------------- */

static void test_pending(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    bool flag;
    int order;
    uint64_t hash;
    CHECK(lair_list_get(list, 7) == NULL);
#define PENDING(expression)                                                                        \
    do {                                                                                           \
        CHECK(expression);                                                                         \
        CHECK(lair_error_status() == LAIR_ERR_INDEX);                                              \
    } while (0)
    PENDING(lair_repr(NULL) == NULL);
    PENDING(lair_to_str(NULL) == NULL);
    PENDING(lair_println(NULL) == LAIR_ERR_INDEX);
    PENDING(lair_print_repr(NULL, stdout) == LAIR_ERR_INDEX);
    PENDING(lair_equal(NULL, list, &flag) == LAIR_ERR_INDEX);
    PENDING(lair_equal(list, NULL, &flag) == LAIR_ERR_INDEX);
    PENDING(lair_compare(list, NULL, &order) == LAIR_ERR_INDEX);
    PENDING(lair_hash(NULL, &hash) == LAIR_ERR_INDEX);
    PENDING(lair_copy(NULL) == NULL);
    PENDING(lair_deep_copy(NULL) == NULL);
    PENDING(lair_length(NULL) == SIZE_MAX);
    PENDING(lair_contains(NULL, list, &flag) == LAIR_ERR_INDEX);
    PENDING(lair_contains(list, NULL, &flag) == LAIR_ERR_INDEX);
    PENDING(!lair_truth(NULL));
    PENDING(!lair_is(NULL, LAIR_KIND_LIST));
    PENDING(lair_new(NULL) == NULL);
    lair_cursor at = lair_cursor_of(NULL);
    PENDING(at.status == LAIR_ERR_INDEX && !lair_next_item(&at));
    lair_cursor_end(&at);
#undef PENDING
}

/* -- print ------------------------------------------------------------------------------------- */

static void test_print(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_build(heap, "[i, s]", 1, "it's");
    char text[64] = "";
    FILE *stream = fmemopen(text, sizeof text, "w");
    REQUIRE(stream != NULL);
    CHECK(lair_print_repr(list, stream) == LAIR_OK);
    fclose(stream);
    CHECK(strcmp(text, "[1, \"it's\"]") == 0);
    FILE *full = fopen("/dev/full", "w");
    REQUIRE(full != NULL);
    setvbuf(full, NULL, _IONBF, 0);
    CHECK(lair_print_repr(list, full) == LAIR_ERR_IO);
    fclose(full);
    LAIR_SCOPED lair_object *str = lair_to_str(lair_list_get(list, 1));
    CHECK(str == lair_list_get(list, 1));
}

/* -- depth ------------------------------------------------------------------------------------- */

typedef lair_object *(*wrap)(lair_heap *heap, lair_type *type, lair_object *inner);

static lair_object *wrap_list(lair_heap *heap, lair_type *type, lair_object *inner)
{
    (void)type;
    return lair_list_steal(heap, &inner, 1);
}

static lair_object *wrap_tuple(lair_heap *heap, lair_type *type, lair_object *inner)
{
    (void)type;
    return lair_tuple_steal(heap, &inner, 1);
}

static lair_object *wrap_dict(lair_heap *heap, lair_type *type, lair_object *inner)
{
    (void)type;
    lair_object *entry[] = {lair_int_new(heap, 1), inner};
    return lair_dict_steal(heap, entry, 2);
}

static lair_object *wrap_node(lair_heap *heap, lair_type *type, lair_object *inner)
{
    (void)heap;
    return node_new(type, NULL, inner, NULL);
}

static lair_object *build_deep(lair_heap *heap, lair_type *type, wrap step, size_t depth)
{
    lair_object *deep = lair_list_new(heap);
    for (size_t i = 0; i < depth; i++) {
        deep = step(heap, type, deep);
        REQUIRE(deep != NULL);
    }
    return deep;
}

static void test_deep(lair_heap *heap, lair_type *type, wrap step, size_t depth)
{
    LAIR_SCOPED lair_object *deep = build_deep(heap, type, step, depth);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(deep);
    CHECK(copy != NULL && equal(deep, copy));
    CHECK(lair_total_size(deep) > depth * sizeof(lair_object));
    FILE *nowhere = fopen("/dev/null", "w");
    REQUIRE(nowhere != NULL);
    CHECK(lair_print_repr(deep, nowhere) == LAIR_OK);
    fclose(nowhere);
    LAIR_SCOPED lair_object *text = lair_repr(deep);
    CHECK(text != NULL && lair_str_bytes(text) >= 2 * depth);
    uint64_t hash;
    CHECK(lair_hash(deep, &hash) == LAIR_ERR_UNHASHABLE);
}

static bool all_walks(lair_heap *heap, void *arg)
{
    lair_object *deep = arg;
    LAIR_SCOPED lair_object *text = lair_repr(deep);
    LAIR_SCOPED lair_object *copy = text != NULL ? lair_deep_copy(deep) : NULL;
    bool is_equal = false;
    (void)heap;
    return copy != NULL && lair_equal(deep, copy, &is_equal) == LAIR_OK && CHECK(is_equal) &&
           lair_total_size(deep) != SIZE_MAX;
}

static void test_failures(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &node_spec);
    REQUIRE(type != NULL);
    LAIR_SCOPED lair_object *nodes = build_deep(heap, type, wrap_node, 20);
    LAIR_SCOPED lair_object *lists = build_deep(heap, type, wrap_list, 20);
    LAIR_SCOPED lair_object *tuples = build_deep(heap, type, wrap_tuple, 20);
    LAIR_SCOPED lair_object *all =
        lair_build(heap, "[OOOOOO]", nodes, lists, tuples, tuples, lists, nodes);
    FAIL_AT_EVERY_STEP(heap, all_walks, all);
    lair_decref(lair_type_object(type));
}

static bool make_type(lair_heap *heap, void *arg)
{
    lair_type *type = lair_type_new(heap, arg);
    if (type == NULL)
        return false;
    LAIR_SCOPED lair_object *instance = lair_new(type);
    lair_decref(lair_type_object(type));
    return instance != NULL;
}

static void test_type_failures(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, make_type, (void *)&node_spec);
    lair_type *types[200]; /* the table of types grows */
    for (int i = 0; i < 200; i++)
        REQUIRE((types[i] = lair_type_new(heap, &node_spec)) != NULL);
    for (int i = 0; i < 200; i++)
        lair_decref(lair_type_object(types[i]));
}

/* The object model of a heap is made by the first object, or not at all. */
static void test_opening(void)
{
    for (int forever = 0; forever < 2; forever++) {
        bool made = false;
        for (uint64_t step = 1; !made && step < 5000; step++) {
            lair_heap *heap = lair_heap_open(NULL);
            REQUIRE(heap != NULL);
            lair_heap_inject_failure(heap, step, forever != 0);
            made = lair_none(heap) != NULL;
            lair_heap_inject_failure(heap, 0, false);
            if (!made) {
                CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
                CHECK(ground_blocks(heap) == 0);
                CHECK(lair_none(heap) != NULL);
            }
            CHECK(lair_heap_check(heap) == LAIR_OK);
            lair_heap_close(heap);
        }
        CHECK(made);
    }
    CHECK(lair_list_new(NULL) == NULL);
}

/* What is alive when its heap closes goes with it: deallocs do not run. */
static void test_close_alive(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    lair_type *type = lair_type_new(heap, &node_spec);
    node_deallocs = node_finalizes = 0;
    lair_object *kept = node_new(type, "kept", NULL, NULL);
    CHECK(kept != NULL);
    lair_immortalize(kept);
    lair_immortalize(lair_type_object(type));
    lair_immortalize(node_of(kept)->label);
    lair_heap_close(heap);
    CHECK(node_deallocs == 0 && node_finalizes == 0);
}

int main(int argc, char **argv)
{
    size_t depth = argc > 1 ? strtoul(argv[1], NULL, 10) : LAIR_DEBUG_REFERENCES ? 50000 : 1000000;
    on_every_heap(test_user_type);
    on_every_heap(test_finalizer);
    on_every_heap(test_descriptions);
    on_every_heap(test_least_type);
    on_every_heap(test_recursive_type);
    on_every_heap(test_walks_inside_walks);
    on_every_heap(test_bad_steps);
    on_every_heap(test_counting);
    on_every_heap(test_wrong_heap);
    on_every_heap(test_deep_copy);
    on_every_heap(test_pending);
    on_every_heap(test_print);
    on_every_heap(test_failures);
    on_every_heap(test_type_failures);
    test_opening();
    test_close_alive();
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    lair_type *type = lair_type_new(heap, &node_spec);
    REQUIRE(type != NULL);
    static const wrap wraps[] = {wrap_list, wrap_tuple, wrap_dict, wrap_node};
    for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++)
        test_deep(heap, type, wraps[i], depth);
    lair_decref(lair_type_object(type));
    CHECK_BOOKS(heap);
    return check_finish("objects of all types");
}

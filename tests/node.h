/* node.h: a type of the program's own for tests: weakly referable, hashable, equal by number, with
 * a reference to another object, and hooks where the library calls the program.
 */
#ifndef LAIR_TESTS_NODE_H
#define LAIR_TESTS_NODE_H

#include <lair/lair.h>

struct node {
    lair_object object;
    int64_t number;
    lair_object *link;
    void *weakrefs;
};

/* Called, where not NULL, when nodes are hashed, copied deeply, compared, finalized, and taken
 * apart. */
struct node_hooks {
    void (*hash)(struct node *self);
    void (*copy)(struct node *self);
    void (*equal)(struct node *a, struct node *b);
    void (*finalize)(struct node *self);
    void (*dealloc)(struct node *self);
    uint64_t hashes; /* nodes hash to their number modulo this; 0: to the number */
    bool fail_hash, fail_equal;
};
static struct node_hooks node_hooks;

static inline struct node *node_of(lair_object *object)
{
    return (struct node *)(void *)object;
}

static inline void node_dealloc(lair_object *self)
{
    if (node_hooks.dealloc != NULL)
        node_hooks.dealloc(node_of(self));
    lair_decref(node_of(self)->link);
}

static inline int node_traverse(lair_object *self, lair_visit visit, void *arg)
{
    return node_of(self)->link != NULL ? visit(node_of(self)->link, arg) : 0;
}

static inline void node_clear(lair_object *self)
{
    lair_clear_ref(&node_of(self)->link);
}

static inline void node_finalize(lair_object *self)
{
    if (node_hooks.finalize != NULL)
        node_hooks.finalize(node_of(self));
}

/* Fails with the error of an object that has no number. */
static inline lair_step node_fail(lair_frame *frame)
{
    double none;
    (void)lair_float_get(frame->self, &none);
    return LAIR_STEP_FAILED;
}

static inline lair_step node_hash(lair_walk *walk, lair_frame *frame)
{
    uint64_t number = (uint64_t)node_of(frame->self)->number;
    if (node_hooks.fail_hash)
        return node_fail(frame);
    if (node_hooks.hash != NULL)
        node_hooks.hash(node_of(frame->self));
    walk->hash = node_hooks.hashes != 0 ? number % node_hooks.hashes : number;
    return LAIR_STEP_DONE;
}

static inline lair_step node_equal(lair_walk *walk, lair_frame *frame)
{
    struct node *self = node_of(frame->self), *other = node_of(frame->other);
    if (node_hooks.fail_equal)
        return node_fail(frame);
    walk->order = self->number != other->number;
    if (node_hooks.equal != NULL)
        node_hooks.equal(self, other);
    return LAIR_STEP_DONE;
}

static inline lair_step node_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    lair_status status =
        lair_write_format(writer, "n%lld", (long long)node_of(frame->self)->number);
    return status == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

/* A copy has the same number and link. */
static inline lair_object *node_copy(lair_object *self)
{
    lair_object *copy = lair_new(lair_type_of(self));
    if (copy != NULL) {
        node_of(copy)->number = node_of(self)->number;
        node_of(copy)->link = lair_incref(node_of(self)->link);
    }
    return copy;
}

static inline lair_step node_deep_copy(lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    if (node_hooks.copy != NULL)
        node_hooks.copy(node_of(frame->self));
    frame->other = node_copy(frame->self);
    return frame->other != NULL ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

/* The type: a new reference, as an object. With finalizers or without. */
static inline lair_type *node_type(lair_heap *heap, bool finalizes)
{
    const lair_type_spec spec = {
        .name = "node",
        .size = sizeof(struct node),
        .flags = LAIR_TYPE_CONTAINER,
        .weakrefs = offsetof(struct node, weakrefs),
        .dealloc = node_dealloc,
        .traverse = node_traverse,
        .clear = node_clear,
        .finalize = finalizes ? node_finalize : NULL,
        .repr = node_repr,
        .hash = node_hash,
        .equal = node_equal,
        .copy = node_deep_copy,
        .shallow_copy = node_copy,
    };
    node_hooks = (struct node_hooks){0};
    return lair_type_new(heap, &spec);
}

/* Declares a type of nodes that goes with the scope. */
#define NODE_TYPE(type, heap, finalizes)                                                           \
    lair_type *type = node_type((heap), (finalizes));                                              \
    REQUIRE(type != NULL);                                                                         \
    LAIR_SCOPED lair_object *keep_##type = lair_type_object(type);                                 \
    (void)keep_##type

/* A node that refers to link, of which it takes a reference. */
static inline lair_object *node_new(lair_type *type, int64_t number, lair_object *link)
{
    lair_object *node = lair_new(type);
    if (node != NULL) {
        node_of(node)->number = number;
        node_of(node)->link = lair_incref(link);
    }
    return node;
}

static inline size_t nodes_alive(const lair_type *type)
{
    lair_type_stats stats;
    lair_type_get_stats(type, &stats);
    return stats.instances;
}

#endif /* LAIR_TESTS_NODE_H */

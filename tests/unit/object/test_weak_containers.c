/* test_weak_containers.c: weak-key dict, weak-value dict and weak set: what leaves when objects
 * die, during iterations too, equality of keys, copies, and failures.
 */
#include "ground.h"

#include "node.h"
#include "object/weak_table.h"

/* The three, filled in the same way: by node, which is what dies. */
enum { KINDS = 3 };
static const lair_kind kinds[KINDS] = {LAIR_KIND_WEAK_KEY_DICT, LAIR_KIND_WEAK_VALUE_DICT,
                                       LAIR_KIND_WEAK_SET};

static lair_object *container_new(lair_heap *heap, lair_kind kind)
{
    return kind == LAIR_KIND_WEAK_SET          ? lair_weak_set_new(heap)
           : kind == LAIR_KIND_WEAK_VALUE_DICT ? lair_weak_value_dict_new(heap)
                                               : lair_weak_key_dict_new(heap);
}

/* {node: other}, {node's number: node}, or {node}. */
static lair_status put(lair_object *container, lair_object *node, lair_object *other)
{
    if (lair_is(container, LAIR_KIND_WEAK_SET))
        return lair_weak_set_add(container, node);
    if (lair_is(container, LAIR_KIND_WEAK_KEY_DICT))
        return lair_weak_dict_set(container, node, other);
    LAIR_SCOPED lair_object *key = lair_int_new(lair_heap_of(container), node_of(node)->number);
    return lair_weak_dict_set(container, key, node);
}

static lair_object *weak_of(const lair_cursor *at)
{
    return lair_is(at->container, LAIR_KIND_WEAK_KEY_DICT) ? at->key : at->item;
}

static bool whole(lair_object *container)
{
    const char *fault = entries_check(&weak_table_of(container)->entries);
    if (fault != NULL)
        printf("%s\n", fault);
    return fault == NULL;
}

static lair_object *nodes_new(lair_heap *heap, lair_type *type, int64_t count)
{
    lair_object *nodes = lair_list_new(heap);
    for (int64_t i = 0; i < count; i++)
        REQUIRE(lair_list_append_new(nodes, node_new(type, i, NULL)) == LAIR_OK);
    return nodes;
}

static void put_all(lair_object *container, lair_object *nodes)
{
    LAIR_EACH(at, nodes)
    {
        REQUIRE(put(container, at.item, at.item == NULL ? NULL : lair_none(lair_heap_of(nodes))) ==
                LAIR_OK);
    }
}

/* -- what leaves ----------------------------------------------------------------------------- */

static void test_death(lair_heap *heap)
{
    enum { COUNT = 1000 };
    NODE_TYPE(type, heap, false);
    for (int k = 0; k < KINDS; k++) {
        LAIR_SCOPED lair_object *container = container_new(heap, kinds[k]);
        REQUIRE(container != NULL && lair_is(container, kinds[k]));
        CHECK(lair_length(container) == 0 && !lair_truth(container));
        LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, COUNT);
        put_all(container, nodes);
        put_all(container, nodes);
        CHECK(lair_length(container) == COUNT && lair_truth(container) && whole(container));
        LAIR_SCOPED lair_object *node = lair_incref(lair_list_get(nodes, 3));
        CHECK(lair_refcount(node) == 2 && lair_weakref_count(node) == 1);
        CHECK(lair_list_remove(nodes, 0, 10) == LAIR_OK);
        CHECK(lair_length(container) == COUNT - 9 && whole(container));
        CHECK(lair_sizeof(container) > COUNT * sizeof(struct entry));
        CHECK(lair_total_size(container) > lair_sizeof(container));
        CHECK(lair_list_remove(nodes, 500, COUNT) == LAIR_OK);
        CHECK(lair_length(container) == 501 && whole(container));
        int64_t expected = 3;
        LAIR_EACH(at, container)
        {
            CHECK(node_of(weak_of(&at))->number == expected);
            expected = expected == 3 ? 10 : expected + 1;
        }
        CHECK(expected == 510);
        lair_clear_ref(&node);
        CHECK(lair_list_clear(nodes) == LAIR_OK && lair_length(container) == 0);
        CHECK(nodes_alive(type) == 0);
        LAIR_EACH(at, container)
        {
            CHECK(false);
        }
    }
}

/* The container dies first, or is cleared, or truncated. */
static void test_container_dies(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    for (int k = 0; k < KINDS * 3; k++) {
        LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, 100);
        LAIR_SCOPED lair_object *other = lair_list_new(heap);
        LAIR_SCOPED lair_object *container = container_new(heap, kinds[k % KINDS]);
        LAIR_SCOPED lair_object *ref = lair_weakref_new(container, NULL, NULL);
        LAIR_EACH(at, nodes)
        {
            REQUIRE(put(container, at.item, other) == LAIR_OK);
        }
        if (k < KINDS) {
            lair_clear_ref(&container);
            CHECK(!lair_weakref_is_alive(ref));
        } else if (k < 2 * KINDS) {
            lair_status status = kinds[k % KINDS] == LAIR_KIND_WEAK_SET
                                     ? lair_weak_set_clear(container)
                                     : lair_weak_dict_clear(container);
            CHECK(status == LAIR_OK && lair_length(container) == 0);
            put_all(container, nodes);
            CHECK(lair_length(container) == 100);
            lair_clear_ref(&container);
        } else {
            CHECK(lair_truncate(container) == LAIR_OK && lair_is_none(container));
        }
        CHECK(lair_refcount(other) == 1);
        LAIR_EACH(at, nodes)
        {
            CHECK(lair_weakref_count(at.item) == 0 && lair_refcount(at.item) == 2);
        }
    }
}

/* -- iteration ------------------------------------------------------------------------------- */

static void test_death_during_iteration(lair_heap *heap)
{
    enum { COUNT = 200 };
    NODE_TYPE(type, heap, false);
    for (int k = 0; k < KINDS; k++) {
        LAIR_SCOPED lair_object *container = container_new(heap, kinds[k]);
        LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, COUNT);
        put_all(container, nodes);
        size_t seen = 0;
        int64_t last = -1;
        LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(container);
        while (lair_next_item(&at)) {
            int64_t number = node_of(weak_of(&at))->number;
            CHECK(number > last);
            CHECK(lair_refcount(weak_of(&at)) >= 2); /* alive but for the cursor */
            last = number;
            seen++;
            /* The one shown, those behind it, and some far before it go. */
            size_t length = lair_list_length(nodes);
            if (number % 10 == 3 && length > 60)
                CHECK(lair_list_remove(nodes, 0, 5) == LAIR_OK &&
                      lair_list_remove(nodes, length - 15, length - 5) == LAIR_OK);
        }
        CHECK(at.status == LAIR_OK && seen < COUNT && seen > 30);
        /* Deletions do not disturb it either, additions do. */
        LAIR_EACH(each, container)
        {
            if (kinds[k] == LAIR_KIND_WEAK_SET)
                CHECK(lair_weak_set_discard(container, each.item, NULL) == LAIR_OK);
            else
                CHECK(lair_weak_dict_delete(container, each.key) == LAIR_OK);
        }
        CHECK(lair_length(container) == 0 && whole(container));
        put_all(container, nodes);
        LAIR_SCOPED lair_object *late = node_new(type, 1000, NULL);
        LAIR_SCOPED_CURSOR lair_cursor stopped = lair_cursor_of(container);
        CHECK(lair_next_item(&stopped));
        CHECK(put(container, late, late) == LAIR_OK);
        CHECK(!lair_next_item(&stopped) && stopped.status == LAIR_ERR_CHANGED);
        CHECK_FAILED_WITH(LAIR_ERR_CHANGED);
        LAIR_SCOPED_CURSOR lair_cursor again = lair_cursor_of(container);
        CHECK(lair_next_item(&again));
        CHECK(put(container, late, late) == LAIR_OK); /* is there already */
        CHECK(lair_next_item(&again));
    }
}

/* -- while objects die ----------------------------------------------------------------------- */

static struct scene {
    lair_object *container;
    lair_object *drop;
    size_t length; /* of the container, as seen from a callback */
    unsigned calls;
} scene;

static void look(lair_object *ref, void *arg)
{
    (void)ref, (void)arg;
    scene.calls++;
    if (scene.container != NULL) {
        scene.length = lair_length(scene.container);
        LAIR_EACH(at, scene.container)
        {
            CHECK(weak_of(&at) != NULL);
        }
    }
    lair_clear_ref(&scene.drop);
}

/* A callback newer than the container's weak reference sees that the entry has gone, and may end
 * the container. */
static void test_callbacks_see_it_gone(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    for (int k = 0; k < KINDS; k++) {
        lair_object *container = container_new(heap, kinds[k]);
        LAIR_SCOPED lair_object *value = lair_list_new(heap);
        lair_object *node = node_new(type, 1, NULL);
        LAIR_SCOPED lair_object *other = node_new(type, 2, NULL);
        LAIR_SCOPED lair_object *early = lair_weakref_new(node, look, NULL);
        CHECK(put(container, node, value) == LAIR_OK && put(container, other, value) == LAIR_OK);
        LAIR_SCOPED lair_object *late = lair_weakref_new(node, look, NULL);
        scene = (struct scene){.container = container, .length = 99};
        lair_decref(node);
        CHECK(scene.calls == 2 && scene.length == 1);
        node = node_new(type, 1, NULL);
        CHECK(put(container, node, value) == LAIR_OK);
        LAIR_SCOPED lair_object *ends = lair_weakref_new(node, look, NULL);
        scene = (struct scene){.drop = container};
        lair_decref(node);
        CHECK(scene.calls == 1 && lair_refcount(value) == 1 && lair_weakref_count(other) == 0);
    }
}

/* The value that goes with a dead key may be the next key: a chain of any length. */
static void test_chain(lair_heap *heap)
{
    enum { LENGTH = 100000 };
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *dict = lair_weak_key_dict_new(heap);
    lair_object *key = node_new(type, 0, NULL);
    for (int64_t i = 1; i < LENGTH; i++) {
        lair_object *before = node_new(type, i, NULL);
        REQUIRE(lair_weak_dict_set(dict, before, key) == LAIR_OK);
        lair_decref(key);
        key = before;
    }
    CHECK(lair_length(dict) == LENGTH - 1);
    lair_heap_inject_failure(heap, 1, true); /* nor does it need memory */
    lair_decref(key);
    lair_heap_inject_failure(heap, 0, false);
    CHECK(lair_length(dict) == 0 && nodes_alive(type) == 0 && whole(dict));
}

/* What goes with the container may be what later entries refer to weakly. */
static void test_cleared_chain(lair_heap *heap)
{
    enum { LENGTH = 1000 };
    NODE_TYPE(type, heap, false);
    for (int way = 0; way < 3; way++) {
        LAIR_SCOPED lair_object *dict = lair_weak_key_dict_new(heap);
        LAIR_SCOPED lair_object *first = node_new(type, 0, NULL);
        lair_object *key = first;
        for (int64_t i = 1; i < LENGTH; i++) {
            LAIR_SCOPED lair_object *value = node_new(type, i, NULL);
            REQUIRE(lair_weak_dict_set(dict, key, value) == LAIR_OK);
            key = value;
        }
        CHECK(lair_length(dict) == LENGTH - 1 && nodes_alive(type) == LENGTH);
        if (way == 0)
            CHECK(lair_weak_dict_clear(dict) == LAIR_OK && whole(dict));
        else if (way == 1)
            CHECK(lair_truncate(dict) == LAIR_OK);
        else
            lair_clear_ref(&dict);
        CHECK(nodes_alive(type) == 1 && lair_weakref_count(first) == 0);
    }
    /* A key that holds its value. */
    LAIR_SCOPED lair_object *dict = lair_weak_value_dict_new(heap);
    LAIR_SCOPED lair_object *alike = node_new(type, 1, NULL);
    for (int way = 0; way < 2; way++) {
        LAIR_SCOPED lair_object *key = node_new(type, 1, NULL);
        lair_object *value = node_new(type, 2, NULL);
        node_of(key)->link = value;
        CHECK(lair_weak_dict_set(dict, key, value) == LAIR_OK);
        lair_clear_ref(&key);
        CHECK(nodes_alive(type) == 3 && lair_length(dict) == 1);
        CHECK((way == 0 ? lair_weak_dict_delete(dict, alike) : lair_weak_dict_clear(dict)) ==
              LAIR_OK);
        CHECK(nodes_alive(type) == 1 && lair_length(dict) == 0 && whole(dict));
    }
}

static void resurrect(struct node *self)
{
    LAIR_SCOPED lair_object *got = NULL;
    LAIR_EACH(at, scene.container)
    {
        if (weak_of(&at) == &self->object)
            got = lair_incref(&self->object);
    }
    CHECK(got != NULL); /* it is alive in its finalizer */
    scene.drop = lair_steal(&got);
}

static void test_resurrection(lair_heap *heap)
{
    NODE_TYPE(type, heap, true);
    for (int k = 0; k < KINDS; k++) {
        LAIR_SCOPED lair_object *container = container_new(heap, kinds[k]);
        lair_object *node = node_new(type, 5, NULL);
        CHECK(put(container, node, container) == LAIR_OK || kinds[k] != LAIR_KIND_WEAK_SET);
        scene = (struct scene){.container = container};
        node_hooks.finalize = resurrect;
        lair_decref(node);
        CHECK(scene.drop == node && lair_length(container) == 1);
        lair_clear_ref(&scene.drop);
        CHECK(lair_length(container) == 0 && nodes_alive(type) == 0);
    }
}

/* -- keys ------------------------------------------------------------------------------------ */

static void test_equal_keys(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    for (uint64_t hashes = 0; hashes < 2; hashes++) { /* all hash alike the second time */
        node_hooks.hashes = hashes;
        LAIR_SCOPED lair_object *dict = lair_weak_key_dict_new(heap);
        LAIR_SCOPED lair_object *set = lair_weak_set_new(heap);
        LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, 50);
        LAIR_SCOPED lair_object *value = lair_list_new(heap);
        put_all(dict, nodes);
        put_all(set, nodes);
        LAIR_SCOPED lair_object *alike = node_new(type, 20, NULL);
        CHECK(lair_weak_set_add(set, alike) == LAIR_OK && lair_length(set) == 50);
        CHECK(lair_weak_dict_set(dict, alike, value) == LAIR_OK && lair_length(dict) == 50);
        CHECK(lair_refcount(value) == 2 && lair_weakref_count(alike) == 0);
        LAIR_SCOPED lair_object *got = lair_weak_dict_get(dict, lair_list_get(nodes, 20));
        CHECK(got == value);
        bool found = false;
        CHECK(lair_contains(dict, alike, &found) == LAIR_OK && found);
        /* The key that was there first is the entry's. */
        LAIR_SCOPED lair_object *none = lair_list_get(nodes, 20);
        (void)lair_incref(none);
        CHECK(lair_list_remove(nodes, 20, 21) == LAIR_OK);
        CHECK(lair_contains(set, alike, &found) == LAIR_OK && found);
        lair_clear_ref(&none);
        CHECK(lair_contains(set, alike, &found) == LAIR_OK && !found);
        CHECK(lair_weak_dict_get(dict, alike) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_KEY);
        CHECK(strcmp(lair_error_message(), "no key n20 in the weak-key dict") == 0);
        lair_object *missing = alike;
        CHECK(lair_weak_dict_find(dict, alike, &missing) == LAIR_OK && missing == NULL);
        CHECK(lair_weak_dict_delete(dict, alike) == LAIR_ERR_KEY);
        CHECK(lair_weak_set_discard(set, alike, &found) == LAIR_OK && !found);
        CHECK(lair_weak_set_discard(set, lair_list_get(nodes, 7), &found) == LAIR_OK && found);
        CHECK(lair_refcount(value) == 2 && lair_length(set) == 48);
        CHECK(whole(dict) && whole(set));
    }
}

static void test_values(lair_heap *heap)
{
    LAIR_SCOPED lair_object *dict = lair_weak_value_dict_new(heap);
    LAIR_SCOPED lair_object *first = lair_list_new(heap), *second = lair_list_new(heap);
    LAIR_SCOPED lair_object *key = lair_str_new(heap, "key"), *same = lair_str_new(heap, "key");
    CHECK(lair_weak_dict_set(dict, key, first) == LAIR_OK && lair_refcount(key) >= 2);
    CHECK(lair_weak_dict_set(dict, same, second) == LAIR_OK && lair_length(dict) == 1);
    CHECK(lair_weakref_count(first) == 0 && lair_weakref_count(second) == 1);
    CHECK(lair_weak_dict_set(dict, same, second) == LAIR_OK);
    CHECK(lair_weakref_count(second) == 1);
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_weak_dict_set(dict, same, second) == LAIR_OK); /* nothing to be done */
    lair_heap_inject_failure(heap, 0, false);
    LAIR_SCOPED lair_object *got = lair_weak_dict_get(dict, key);
    CHECK(got == second && lair_refcount(second) == 2);
    lair_clear_ref(&got);
    lair_clear_ref(&second);
    CHECK(lair_length(dict) == 0);
    lair_object *value = key;
    CHECK(lair_weak_dict_find(dict, key, &value) == LAIR_OK && value == NULL);
    CHECK(lair_weak_dict_set(dict, key, first) == LAIR_OK);
    CHECK(lair_weak_dict_delete(dict, same) == LAIR_OK && lair_weakref_count(first) == 0);
    LAIR_SCOPED lair_object *text = lair_repr(dict);
    CHECK(strncmp(lair_str_text(text), "<weak-value dict of 0 at 0x", 27) == 0);
}

/* -- keys whose functions do as they like ------------------------------------------------------ */

static void meddle(struct node *a, struct node *b)
{
    (void)a, (void)b;
    if (scene.calls++ > 3 && scene.calls < 1000)
        return;
    LAIR_SCOPED lair_object *node = node_new(lair_type_of(&a->object), -1, NULL);
    CHECK(lair_weak_set_clear(scene.container) == LAIR_OK);
    /* It comes and goes. */
    CHECK(lair_weak_set_add(scene.container, node) == LAIR_OK);
}

static void cut_off(struct node *a, struct node *b)
{
    (void)a, (void)b;
    CHECK(lair_truncate(scene.container) == LAIR_OK);
}

static void drop_it(struct node *a, struct node *b)
{
    (void)a, (void)b;
    lair_clear_ref(&scene.drop);
}

static void test_meddling(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    bool found = false;
    node_hooks.hashes = 1;
    LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, 20);
    LAIR_SCOPED lair_object *alike = node_new(type, 19, NULL);
    LAIR_SCOPED lair_object *set = lair_weak_set_new(heap);
    put_all(set, nodes);

    node_hooks.equal = meddle;
    scene = (struct scene){.container = set};
    CHECK(lair_contains(set, alike, &found) == LAIR_OK && !found && whole(set));
    CHECK(lair_weak_set_clear(set) == LAIR_OK);

    /* What is found dies as it is found. */
    node_hooks.equal = drop_it;
    scene = (struct scene){.drop = node_new(type, 19, NULL)};
    CHECK(lair_weak_set_add(set, scene.drop) == LAIR_OK);
    CHECK(lair_contains(set, alike, &found) == LAIR_OK && !found && lair_length(set) == 0);
    scene = (struct scene){.drop = node_new(type, 19, NULL)};
    CHECK(lair_weak_set_add(set, scene.drop) == LAIR_OK);
    CHECK(lair_weak_set_add(set, alike) == LAIR_OK && lair_length(set) == 1);
    CHECK(lair_weakref_count(alike) == 1);
    CHECK(lair_weak_set_clear(set) == LAIR_OK);

    /* The last reference to a value goes while it is set. */
    LAIR_SCOPED lair_object *dict = lair_weak_key_dict_new(heap);
    CHECK(lair_weak_dict_set(dict, lair_list_get(nodes, 19), dict) == LAIR_OK);
    scene = (struct scene){.drop = lair_list_new(heap)};
    CHECK(lair_weak_dict_set(dict, alike, scene.drop) == LAIR_OK);
    LAIR_SCOPED lair_object *value = lair_weak_dict_get(dict, alike);
    CHECK(lair_is(value, LAIR_KIND_LIST) && lair_refcount(value) == 2 && lair_length(dict) == 1);

    node_hooks.equal = NULL;
    put_all(set, nodes);
    node_hooks.equal = cut_off;
    scene = (struct scene){.container = set};
    CHECK(lair_weak_set_add(set, alike) == LAIR_ERR_TYPE && lair_is_none(set));
    CHECK(lair_weakref_count(alike) == 0);
}

/* Each comparison changes the set: in the end the search is given up. */
static void unsettle(struct node *a, struct node *b)
{
    (void)b;
    lair_object *node = scene.drop;
    scene.drop = node_new(lair_type_of(&a->object), -2, NULL);
    node_hooks.equal = NULL;
    CHECK(lair_weak_set_add(scene.container, scene.drop) == LAIR_OK);
    node_hooks.equal = unsettle;
    lair_decref(node);
}

static void test_unsettled(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    node_hooks.hashes = 1;
    bool found = false;
    LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, 3);
    LAIR_SCOPED lair_object *alike = node_new(type, 19, NULL);
    LAIR_SCOPED lair_object *set = lair_weak_set_new(heap);
    put_all(set, nodes);
    scene = (struct scene){.container = set};
    node_hooks.equal = unsettle;
    CHECK(lair_contains(set, alike, &found) == LAIR_ERR_CHANGED);
    CHECK_FAILED_WITH(LAIR_ERR_CHANGED);
    node_hooks.equal = NULL;
    lair_clear_ref(&scene.drop);
    CHECK(lair_length(set) == 3 && whole(set));
}

/* -- copies ---------------------------------------------------------------------------------- */

static void test_copies(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, 30);
    LAIR_SCOPED lair_object *value = lair_list_new(heap);
    for (int k = 0; k < KINDS; k++) {
        LAIR_SCOPED lair_object *container = container_new(heap, kinds[k]);
        LAIR_EACH(at, nodes)
        {
            REQUIRE(put(container, at.item, value) == LAIR_OK);
        }
        if (kinds[k] == LAIR_KIND_WEAK_KEY_DICT) /* a value that leads back */
            CHECK(lair_weak_dict_set(container, lair_list_get(nodes, 0), container) == LAIR_OK);
        LAIR_SCOPED lair_object *shallow = lair_copy(container);
        LAIR_SCOPED lair_object *deep = lair_deep_copy(container);
        CHECK(shallow != NULL && deep != NULL && shallow != container && deep != container);
        CHECK(lair_length(shallow) == 30 && lair_length(deep) == 30);
        CHECK(lair_weakref_count(lair_list_get(nodes, 5)) == 3);
        CHECK(whole(shallow) && whole(deep));
        LAIR_EACH(at, deep)
        {
            CHECK(weak_of(&at) == lair_list_get(nodes, at.position - 1));
        }
        if (kinds[k] == LAIR_KIND_WEAK_KEY_DICT) {
            LAIR_SCOPED lair_object *shared = lair_weak_dict_get(shallow, lair_list_get(nodes, 5));
            LAIR_SCOPED lair_object *copied = lair_weak_dict_get(deep, lair_list_get(nodes, 5));
            LAIR_SCOPED lair_object *copy_7 = lair_weak_dict_get(deep, lair_list_get(nodes, 7));
            CHECK(shared == value && copied != value && equal(copied, value) && copy_7 == copied);
            LAIR_SCOPED lair_object *back = lair_weak_dict_get(deep, lair_list_get(nodes, 0));
            CHECK(back == deep);
            CHECK(lair_weak_dict_clear(deep) == LAIR_OK);
            CHECK(lair_weak_dict_clear(container) == LAIR_OK);
        }
        bool same = true;
        CHECK(lair_equal(container, shallow, &same) == LAIR_OK && !same);
    }
    CHECK(lair_refcount(value) == 1);
}

static void add_while_copied(struct node *self)
{
    CHECK(lair_weak_dict_set(scene.container, &self->object, &self->object) == LAIR_OK);
}

static void test_changed_while_copied(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *dict = lair_weak_key_dict_new(heap);
    LAIR_SCOPED lair_object *a = node_new(type, 1, NULL), *b = node_new(type, 2, NULL);
    CHECK(lair_weak_dict_set(dict, a, b) == LAIR_OK);
    scene = (struct scene){.container = dict};
    node_hooks.copy = add_while_copied;
    CHECK(lair_deep_copy(dict) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_CHANGED);
    CHECK(lair_length(dict) == 2 && lair_weak_dict_clear(dict) == LAIR_OK);
}

/* -- misuse and memory ----------------------------------------------------------------------- */

static void test_misuse(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *node = node_new(type, 1, NULL);
    LAIR_SCOPED lair_object *number = lair_int_new(heap, 1000);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *keys = lair_weak_key_dict_new(heap);
    LAIR_SCOPED lair_object *values = lair_weak_value_dict_new(heap);
    LAIR_SCOPED lair_object *set = lair_weak_set_new(heap);
    bool there = true;
    lair_object *value;
    CHECK(lair_weak_key_dict_new(NULL) == NULL && lair_weak_set_new(NULL) == NULL);
    CHECK(lair_weak_value_dict_new(NULL) == NULL);
    CHECK(lair_weak_set_add(set, number) == LAIR_ERR_TYPE);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_weak_dict_set(keys, number, node) == LAIR_ERR_TYPE);
    CHECK(lair_weak_dict_set(values, node, number) == LAIR_ERR_TYPE);
    CHECK(lair_weak_set_add(set, list) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_weak_dict_set(values, list, node) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_weak_dict_get(keys, list) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_UNHASHABLE);
    CHECK(lair_weak_set_discard(set, list, &there) == LAIR_ERR_UNHASHABLE && there);
    CHECK(lair_contains(set, list, &there) == LAIR_ERR_UNHASHABLE && there);
    CHECK(lair_weak_dict_delete(keys, number) == LAIR_ERR_KEY);
    CHECK(lair_weak_set_add(keys, node) == LAIR_ERR_TYPE);
    CHECK(lair_weak_dict_set(set, node, node) == LAIR_ERR_TYPE);
    CHECK(lair_weak_dict_get(set, node) == NULL && lair_weak_dict_delete(list, node) != LAIR_OK);
    CHECK(lair_weak_dict_clear(set) == LAIR_ERR_TYPE && lair_weak_set_clear(keys) == LAIR_ERR_TYPE);
    CHECK(lair_weak_dict_find(list, node, &value) == LAIR_ERR_TYPE);
    CHECK(lair_weak_set_discard(list, node, &there) == LAIR_ERR_TYPE);
    CHECK(lair_weak_set_add(set, NULL) != LAIR_OK && lair_weak_set_add(NULL, node) != LAIR_OK);
    CHECK(lair_weak_dict_set(keys, node, NULL) != LAIR_OK);
    CHECK(lair_weak_dict_set(keys, NULL, node) != LAIR_OK);
    CHECK(lair_weak_dict_get(NULL, node) == NULL && lair_weak_dict_get(keys, NULL) == NULL);
    CHECK(lair_weak_set_discard(set, NULL, &there) != LAIR_OK);
    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    lair_object *foreign = lair_list_new(elsewhere);
    CHECK(lair_weak_dict_set(keys, node, foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_weak_dict_set(values, node, foreign) == LAIR_ERR_WRONG_HEAP);
    CHECK(lair_weak_set_add(set, foreign) == LAIR_ERR_WRONG_HEAP);
    lair_decref(foreign);
    CHECK(lair_weak_set_add(set, node) == LAIR_OK);
    LAIR_SCOPED lair_object *alike = node_new(type, 1, NULL);
    node_hooks.fail_equal = true;
    CHECK(lair_weak_set_add(set, alike) == LAIR_ERR_TYPE);
    node_hooks.fail_hash = true;
    CHECK(lair_contains(set, alike, &there) == LAIR_ERR_TYPE && there);
    CHECK(lair_length(set) == 1 && lair_length(keys) == 0 && lair_length(values) == 0);
}

static bool use_containers(lair_heap *heap, void *arg)
{
    size_t through = 0;
    for (int k = 0; k < KINDS; k++) {
        LAIR_SCOPED lair_object *container = container_new(heap, kinds[k]);
        if (container == NULL)
            return false;
        size_t length = 0;
        LAIR_EACH(at, arg)
        {
            lair_status status = put(container, at.item, lair_none(heap));
            CHECK(whole(container) && lair_length(container) == length + (status == LAIR_OK));
            if (status != LAIR_OK)
                return false;
            length++;
        }
        /* A value is replaced. */
        if (kinds[k] == LAIR_KIND_WEAK_VALUE_DICT) {
            LAIR_SCOPED lair_object *key = lair_int_new(heap, 1);
            if (lair_weak_dict_set(container, key, arg) != LAIR_OK) {
                LAIR_SCOPED lair_object *kept = lair_weak_dict_get(container, key);
                CHECK(kept == lair_list_get(arg, 1));
                return false;
            }
        }
        LAIR_SCOPED lair_object *copy = lair_copy(container);
        if (copy == NULL)
            return false;
        LAIR_SCOPED lair_object *deep = lair_deep_copy(container);
        if (deep == NULL)
            return false;
        LAIR_SCOPED lair_object *text = lair_repr(deep);
        through += text != NULL;
    }
    return through == KINDS;
}

static void test_no_memory(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *nodes = nodes_new(heap, type, 9);
    FAIL_AT_EVERY_STEP(heap, use_containers, nodes);
    LAIR_EACH(at, nodes)
    {
        CHECK(lair_weakref_count(at.item) == 0 && lair_refcount(at.item) == 2);
    }
}

int main(void)
{
    on_every_heap(test_death);
    on_every_heap(test_container_dies);
    on_every_heap(test_death_during_iteration);
    on_every_heap(test_callbacks_see_it_gone);
    on_every_heap(test_chain);
    on_every_heap(test_cleared_chain);
    on_every_heap(test_resurrection);
    on_every_heap(test_equal_keys);
    on_every_heap(test_values);
    on_every_heap(test_meddling);
    on_every_heap(test_unsettled);
    on_every_heap(test_copies);
    on_every_heap(test_changed_while_copied);
    on_every_heap(test_misuse);
    on_every_heap(test_no_memory);
    return check_finish("weak containers");
}

/* stops_weak.c: weak references, what they are for, and what stays behind without them. */
#include <dirent.h>
#include <stdio.h>

#include "stops.h"

/* A type whose instances take any attribute and can be referred to weakly. */
static lair_type *thing_type(tour_run *run, lair_heap *heap)
{
    return tour_type(run, lair_instance_type(heap, "thing"));
}

static const char *alive_or_gone(bool alive)
{
    return alive ? "alive" : "gone";
}

/* -- weak references --------------------------------------------------------------------------- */

static void note_end(lair_object *weakref, void *count)
{
    (void)weakref;
    ++*(size_t *)count;
}

void stop_weakref_dies(tour_run *run)
{
    size_t called = 0;
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *value = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *plain = tour_object(run, lair_weakref_new(value, NULL, NULL));
    LAIR_SCOPED lair_object *again = tour_object(run, lair_weakref_new(value, NULL, NULL));
    LAIR_SCOPED lair_object *calling = tour_object(run, lair_weakref_new(value, note_end, &called));
    if (plain == NULL || again == NULL || calling == NULL) {
        return;
    }
    tour_show(run, "a list with a weak reference, and one with a callback: its count is %u",
              lair_refcount(value));
    (void)tour_expect(run, lair_refcount(value) == 1, "a weak reference is counted");
    (void)tour_expect(run, plain == again && lair_weakref_count(value) == 2,
                      "the same weak reference was made twice");
    lair_object *got = lair_weakref_get(plain);
    bool gave = got == value;
    lair_decref(got);
    lair_clear_ref(&value);
    lair_object *after = lair_weakref_get(plain);
    tour_show(run,
              "it gave %s; after the last lair_decref it gives %s, and the callback ran %zu "
              "time",
              gave ? "the list" : "something else", after == NULL ? "none" : "an object", called);
    (void)tour_expect(run, gave && after == NULL, "the weak reference kept its object");
    (void)tour_expect(run, called == 1, "the callback was not called once");
    lair_decref(after);
}

/* How many of two observers a subject reaches when one of them has gone. */
static size_t tell_observers(tour_run *run, lair_heap *heap, lair_type *type)
{
    LAIR_SCOPED lair_object *subject = tour_object(run, lair_weak_set_new(heap));
    LAIR_SCOPED lair_object *kept = tour_object(run, lair_instance_new(type));
    LAIR_SCOPED lair_object *dropped = tour_object(run, lair_instance_new(type));
    if (subject == NULL || !tour_ok(run, lair_weak_set_add(subject, kept)) ||
        !tour_ok(run, lair_weak_set_add(subject, dropped))) {
        return 0;
    }
    lair_clear_ref(&dropped);
    size_t told = 0;
    LAIR_EACH(at, subject)
    {
        (void)tour_expect(run, at.item == kept, "a dropped observer was told");
        told++;
    }
    return told;
}

/* Whether a cache gave its value as long as somebody used it, and forgot it then. */
static bool cache_forgets(tour_run *run, lair_heap *heap, lair_type *type)
{
    LAIR_SCOPED lair_object *cache = tour_object(run, lair_weak_value_dict_new(heap));
    LAIR_SCOPED lair_object *key = tour_object(run, lair_str_new(heap, "page 7"));
    LAIR_SCOPED lair_object *value = tour_object(run, lair_instance_new(type));
    if (cache == NULL || !tour_ok(run, lair_weak_dict_set(cache, key, value))) {
        return false;
    }
    lair_object *hit = tour_object(run, lair_weak_dict_get(cache, key));
    bool gave = hit == value;
    lair_decref(hit);
    lair_clear_ref(&value);
    LAIR_SCOPED lair_object *miss = lair_weak_dict_get(cache, key);
    return gave && miss == NULL && lair_error_status() == LAIR_ERR_KEY;
}

void stop_weak_uses(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *type = thing_type(run, heap);
    if (type == NULL) {
        return;
    }
    size_t told = tell_observers(run, heap, type);
    tour_show(run, "of two observers one was dropped; its subject told %zu", told);
    (void)tour_expect(run, told == 1, "a dropped observer was kept by its subject");
    bool forgot = cache_forgets(run, heap, type);
    tour_show(run, "a cache of weak values gave a page while it was in use, and then %s",
              forgot ? "had none" : "did otherwise");
    (void)tour_expect(run, forgot, "the cache kept its value or lost it early");
    tour_show(run, "links to a parent that make no cycle are shown at 4.7.7");
}

/* -- weak containers --------------------------------------------------------------------------- */

void stop_weak_containers(tour_run *run)
{
    enum { COUNT = 100 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *type = thing_type(run, heap);
    LAIR_SCOPED lair_object *keys = tour_object(run, lair_weak_key_dict_new(heap));
    LAIR_SCOPED lair_object *values = tour_object(run, lair_weak_value_dict_new(heap));
    LAIR_SCOPED lair_object *members = tour_object(run, lair_weak_set_new(heap));
    LAIR_SCOPED lair_object *things = tour_object(run, lair_list_new(heap));
    if (type == NULL || keys == NULL || values == NULL || members == NULL || things == NULL) {
        return;
    }
    for (int64_t i = 0; i < COUNT; i++) {
        LAIR_SCOPED lair_object *thing = tour_object(run, lair_instance_new(type));
        LAIR_SCOPED lair_object *number = tour_object(run, lair_int_new(heap, i));
        if (!tour_ok(run, lair_list_append(things, thing)) ||
            !tour_ok(run, lair_weak_dict_set(keys, thing, number)) ||
            !tour_ok(run, lair_weak_dict_set(values, number, thing)) ||
            !tour_ok(run, lair_weak_set_add(members, thing))) {
            return;
        }
    }
    tour_show(run, "weak keys, weak values, weak members: %zu, %zu, %zu entries", lair_length(keys),
              lair_length(values), lair_length(members));
    (void)tour_expect(run, lair_length(keys) == COUNT && lair_length(values) == COUNT, "too few");

    size_t seen = 0;
    LAIR_EACH(at, members)
    {
        (void)tour_expect(run, at.item != NULL && ++seen == 1, "a dead member was shown");
        if (!tour_ok(run, lair_list_clear(things))) { /* only the loop holds one now */
            return;
        }
    }
    tour_show(run,
              "all things but the one at hand were dropped during a loop over the set: it saw "
              "%zu; afterwards %zu, %zu, %zu entries",
              seen, lair_length(keys), lair_length(values), lair_length(members));
    (void)tour_expect(run, seen == 1, "the loop ended otherwise");
    (void)tour_expect(
        run, lair_length(keys) == 0 && lair_length(values) == 0 && lair_length(members) == 0,
        "an entry outlived its object");
}

void stop_weak_dict_keys(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *keys = tour_object(run, lair_weak_key_dict_new(heap));
    LAIR_SCOPED lair_object *values = tour_object(run, lair_weak_value_dict_new(heap));
    LAIR_SCOPED lair_object *members = tour_object(run, lair_weak_set_new(heap));
    LAIR_SCOPED lair_object *dict = tour_object(run, lair_dict_new(heap));
    LAIR_SCOPED lair_object *name = tour_object(run, lair_str_new(heap, "value"));
    if (keys == NULL || values == NULL || members == NULL || dict == NULL || name == NULL) {
        return;
    }
    tour_expect_refusal(run, lair_weak_dict_set(keys, dict, name), LAIR_ERR_UNHASHABLE);
    tour_expect_refusal(run, lair_weak_set_add(members, dict), LAIR_ERR_UNHASHABLE);
    bool held = tour_ok(run, lair_weak_dict_set(values, name, dict));
    lair_clear_ref(&dict);
    tour_show(run, "as a weak value it %s, and once it was dropped %zu entries were left",
              held ? "was taken" : "was refused", lair_length(values));
    (void)tour_expect(run, lair_length(values) == 0, "the entry outlived the dict");
    tour_differs(run,
                 "a dict can be referred to weakly here, but not hashed, so it is a weak value "
                 "and neither key nor member; instances are all three");
}

void stop_slots_weakref(tour_run *run)
{
    static const char *const fields[] = {"name", "age", "address"};
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *plain = tour_type(run, lair_record_type(heap, "person", fields, 3, 0));
    lair_type *weak = tour_type(run, lair_record_type(heap, "person", fields, 3, LAIR_RECORD_WEAK));
    LAIR_SCOPED lair_object *without = tour_object(run, lair_record_new(plain, NULL));
    LAIR_SCOPED lair_object *with = tour_object(run, lair_record_new(weak, NULL));
    if (without == NULL || with == NULL) {
        return;
    }
    LAIR_SCOPED lair_object *none = lair_weakref_new(without, NULL, NULL);
    tour_expect_refusal(run, none == NULL ? lair_error_status() : LAIR_OK, LAIR_ERR_TYPE);
    LAIR_SCOPED lair_object *reference = tour_object(run, lair_weakref_new(with, NULL, NULL));
    tour_show(run,
              "a record of three slots: %zu bytes; declared with LAIR_RECORD_WEAK: %zu, and a "
              "weak reference to it is %s",
              lair_sizeof(without), lair_sizeof(with),
              reference != NULL ? "made" : "refused as well");
    (void)tour_expect(run, lair_sizeof(with) > lair_sizeof(without), "the slot takes no room");
}

/* -- trees with links to the parent ------------------------------------------------------------ */

typedef enum link_kind { LINK_STRONG, LINK_WEAK } link_kind;

/* A root with two children that link back to it: a new reference, or NULL. */
static lair_object *tree_new(tour_run *run, lair_heap *heap, lair_type *type, link_kind kind)
{
    LAIR_SCOPED lair_object *root = tour_object(run, lair_instance_new(type));
    LAIR_SCOPED lair_object *children = tour_object(run, lair_list_new(heap));
    if (root == NULL || !tour_ok(run, lair_attribute_set(root, "children", children))) {
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        LAIR_SCOPED lair_object *child = tour_object(run, lair_instance_new(type));
        lair_object *parent =
            kind == LINK_WEAK ? lair_weakref_new(root, NULL, NULL) : lair_incref(root);
        if (!tour_ok(run, lair_attribute_set_new(child, "parent", parent)) ||
            !tour_ok(run, lair_list_append(children, child))) {
            return NULL;
        }
    }
    return lair_steal(&root);
}

static bool cut_links(tour_run *run, lair_object *root)
{
    LAIR_SCOPED lair_object *children = lair_incref(lair_attribute_get(root, "children"));
    LAIR_EACH(at, children)
    {
        if (!tour_ok(run, lair_attribute_delete(at.item, "parent"))) {
            return false;
        }
    }
    return tour_object(run, children) != NULL;
}

void stop_parent_links(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *type = thing_type(run, heap);
    LAIR_SCOPED lair_object *strong = tree_new(run, heap, type, LINK_STRONG);
    LAIR_SCOPED lair_object *weak = tree_new(run, heap, type, LINK_WEAK);
    LAIR_SCOPED lair_object *watch = tour_object(run, lair_weakref_new(strong, NULL, NULL));
    LAIR_SCOPED lair_object *other = tour_object(run, lair_weakref_new(weak, NULL, NULL));
    if (watch == NULL || other == NULL) {
        return;
    }
    lair_clear_ref(&strong);
    lair_clear_ref(&weak);
    bool kept = lair_weakref_is_alive(watch);
    tour_show(run, "dropped, with links that count: %s; with weak links: %s", alive_or_gone(kept),
              alive_or_gone(lair_weakref_is_alive(other)));
    (void)tour_expect(run, kept, "the tree was no cycle");
    (void)tour_expect(run, !lair_weakref_is_alive(other), "weak links kept the tree");

    lair_object *root = lair_weakref_get(watch);
    bool cut = cut_links(run, root);
    lair_decref(root);
    tour_show(run, "once its links were cut by hand: %s",
              alive_or_gone(lair_weakref_is_alive(watch)));
    (void)tour_expect(run, cut && !lair_weakref_is_alive(watch), "cutting the links did not help");
}

/* -- resources --------------------------------------------------------------------------------- */

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return count;
}

static void close_file(void *file)
{
    (void)fclose(file);
}

/* A capsule around a file opened for reading: a new reference, or NULL. */
static lair_object *open_capsule(tour_run *run, lair_heap *heap)
{
    FILE *file = fopen("/dev/null", "re");
    if (!tour_expect(run, file != NULL, "a file could not be opened")) {
        return NULL;
    }
    lair_object *capsule = tour_object(run, lair_capsule_new(heap, "file", file, close_file));
    if (capsule == NULL) {
        close_file(file);
    }
    return capsule;
}

void stop_file_left_open(tour_run *run)
{
    enum { FILES = 10 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    FILE *forgotten[FILES];
    size_t before = open_descriptors();
    for (size_t i = 0; i < FILES; i++) {
        forgotten[i] = fopen("/dev/null", "re");
    }
    size_t leaked = open_descriptors() - before;
    for (size_t i = 0; i < FILES; i++) {
        if (forgotten[i] != NULL) {
            (void)fclose(forgotten[i]);
        }
    }
    tour_show(run, "%d files opened and forgotten: %zu descriptors more", FILES, leaked);
    (void)tour_expect(run, leaked == FILES, "they closed by themselves");

    for (size_t i = 0; i < FILES; i++) {
        LAIR_SCOPED lair_object *file = open_capsule(run, heap);
        if (file == NULL) {
            return;
        }
    }
    size_t scoped = open_descriptors() - before;
    for (size_t i = 0; i < FILES; i++) {
        if (!tour_ok(run, lair_list_append_new(list, open_capsule(run, heap)))) {
            return;
        }
    }
    size_t listed = open_descriptors() - before;
    lair_clear_ref(&list);
    size_t dropped = open_descriptors() - before;
    tour_show(run,
              "in capsules that a scope ends: %zu more; in capsules that a list holds: %zu, "
              "once the list is dropped: %zu",
              scoped, listed, dropped);
    (void)tour_expect(run, scoped == 0 && dropped == 0, "a file was left open");
    (void)tour_expect(run, listed == FILES, "files closed while they were held");
}

/* Opens a file and leaves in the middle, as a function does when something went wrong. */
static lair_status fail_in_the_middle(tour_run *run, lair_heap *heap, size_t *during)
{
    LAIR_SCOPED lair_object *file = open_capsule(run, heap);
    *during = open_descriptors();
    if (lair_capsule_get(file, "socket") == NULL) {
        return lair_error_status();
    }
    return LAIR_OK;
}

void stop_scoped_resources(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    size_t before = open_descriptors();
    size_t during = 0;
    lair_status status = fail_in_the_middle(run, heap, &during);
    size_t after = open_descriptors();
    tour_show(run,
              "a scope that held an open file was left with %s: descriptors before, during, "
              "after: %zu, %zu, %zu",
              lair_status_name(status), before, during, after);
    (void)tour_expect(run, status == LAIR_ERR_TYPE && during == before + 1 && after == before,
                      "the file was not closed");
    lair_object *held = open_capsule(run, heap);
    tour_show(run, "a capsule nobody dropped %s",
              held != NULL ? "is closed with its heap" : "was refused");
    lair_heap_close(heap);
    (void)tour_expect(run, open_descriptors() == before, "it outlived its heap");
}

/* -- caches that only grow --------------------------------------------------------------------- */

static lair_object *square_of(lair_object *key, void *arg)
{
    (void)arg;
    return lair_multiply(key, key);
}

void stop_global_cache_grows(tour_run *run)
{
    enum { COUNT = 100000, BOUND = 1000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *dict = tour_object(run, lair_dict_new(heap));
    LAIR_SCOPED lair_object *bounded = tour_object(run, lair_lru_cache_new(heap, BOUND));
    if (dict == NULL || bounded == NULL) {
        return;
    }
    size_t start = tour_live(heap);
    for (int64_t i = 0; i < COUNT; i++) {
        lair_object *key = lair_int_new(heap, i);
        lair_object *value = lair_multiply(key, key);
        if (!tour_ok(run, lair_dict_set_new(dict, key, value))) {
            return;
        }
    }
    size_t grown = tour_live(heap) - start;
    for (int64_t i = 0; i < COUNT; i++) {
        LAIR_SCOPED lair_object *key = tour_object(run, lair_int_new(heap, i));
        LAIR_SCOPED lair_object *value =
            tour_object(run, lair_cache_get(bounded, key, square_of, NULL));
        if (value == NULL) {
            return;
        }
    }
    size_t kept = tour_live(heap) - start - grown;
    tour_show(run, "%d results in a dict that is never pruned: %zu entries, %s", COUNT,
              lair_dict_length(dict), tour_bytes(grown).text);
    tour_show(run, "in a cache bounded at %d: %zu entries, %s", BOUND, lair_length(bounded),
              tour_bytes(kept).text);
    (void)tour_expect(run, lair_dict_length(dict) == COUNT && grown > (size_t)COUNT * 32,
                      "the dict took no memory");
    (void)tour_expect(run, lair_length(bounded) == BOUND && kept * 10 < grown,
                      "the bounded cache grew all the same");
}

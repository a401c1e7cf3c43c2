/* gc_batches.h: much garbage in batches that are reclaimed one by one, and nobody can tell.
 *
 * What of one collection the program can observe is its own code: callbacks of weak references, and
 * finalizers. CPython silences all weak references to garbage, then calls all callbacks, then all
 * finalizers, sees what they brought back to life, and only then clears the rest. A finalizer may
 * follow every reference it has, and finds all of it whole.
 *
 * So all that has to do with such code goes first, in one piece, and CPython treats it as it would
 * have treated all the garbage. The piece is: the objects whose end can be observed; what they
 * reach, because that is what finalizers can look at, change, end or revive; and whatever refers to
 * any of this, because only a set closed under referrers can be reclaimed. It is taken in whole
 * trees (gc_trees.h). The rest no code can come to see any more, since nothing that can run code
 * leads there. No matter then when it ends, nor who ends it: it needs no second look by CPython,
 * and is cleared here (gc_clear.c).
 *
 * Batches are lists. An object that dies before its batch is reclaimed takes itself off the list.
 */
#ifndef LAIR_GC_BATCHES_H
#define LAIR_GC_BATCHES_H

#include "gc_trees.h"

enum {
    BATCH = 2000,             /* objects that fit the cache */
    BATCHES_FROM = 2 * BATCH, /* less garbage is reclaimed in one piece */
};

struct batch {
    PyGC_Head list;
    PyObject *const *objects; /* that it was made of; they may be gone */
    size_t count;
    bool unseen; /* nobody can observe its end */
};

static struct {
    struct batch *all;
    size_t room, count, next;
} batches;

/* -- what can be observed -------------------------------------------------------------------- */

/* White becomes exactly the objects. */
static void batches_whiten(struct gc *gc, PyObject *const *objects, size_t count)
{
    address_set_rest(&gc->set);
    for (size_t i = 0; i < count; i++)
        address_set_make_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)trees_object(objects[i]));
}

struct batches_reaching {
    struct gc *gc;
    PyObject **objects;
    size_t end;
};

GC_INLINE int gc_visit_reach(gc_object *object, void *arg)
{
    struct batches_reaching *reaching = arg;
    if (address_set_take_white(&reaching->gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
        reaching->objects[reaching->end++] = object;
    return 0;
}

/* White becomes exactly what of the garbage, which is white, is observable or reached from there.
 * False: no memory. */
static bool batches_whiten_observable(struct gc *gc)
{
    struct batches_reaching reaching = {.gc = gc};
    reaching.objects = gc_take(gc->garbage_count, sizeof(*reaching.objects));
    if (reaching.objects == NULL)
        return false;
    for (size_t i = 0; i < full.observable_count; i++)
        (void)gc_visit_reach(full.observable[i], &reaching);
    for (size_t at = 0; at < reaching.end; at++) {
        gc_fetch_ahead(reaching.objects, at, reaching.end);
        size_t from = 0;
        do {
            from = gc_host_scan(reaching.objects[at], from, gc_visit_reach, &reaching);
        } while (from != 0);
    }
    batches_whiten(gc, reaching.objects, reaching.end);
    gc_give_back(reaching.objects, gc->garbage_count, sizeof(*reaching.objects));
    return true;
}

struct batches_look {
    const struct gc *gc;
    bool found;
};

GC_INLINE int gc_visit_look(gc_object *object, void *arg)
{
    struct batches_look *look = arg;
    look->found |= address_set_is_white(&look->gc->set, GC_GRANULE_SHIFT, (uintptr_t)object);
    return 0;
}

/* Whether something of a tree is white or refers to what is. */
static bool batches_tree_leads_to_white(const struct gc *gc, PyObject *const *tree, size_t count)
{
    struct batches_look look = {gc, false};
    for (size_t i = 0; i < count && !look.found; i++)
        (void)gc_visit_look(trees_object(tree[i]), &look);
    for (size_t i = 0; i < count && !look.found; i++) {
        size_t from = 0;
        do {
            from = gc_host_scan(trees_object(tree[i]), from, gc_visit_look, &look);
        } while (from != 0);
    }
    return look.found;
}

static size_t batches_tree_end(const struct gc *gc, size_t begin)
{
    size_t end = begin + 1;
    while (end < gc->queue_left && ((uintptr_t)gc->queue[end] & GC_TREE) == 0)
        end++;
    return end;
}

/* Moves the trees that are white, or refer to white ones, to the end of the queue, behind
 * gc->queue_left, and makes them white. Trees refer only to those before them: one pass finds all.
 * False: no memory. */
static bool batches_part_white(struct gc *gc)
{
    size_t count = 0, kept = 0;
    PyObject **white = gc_take(gc->garbage_count, sizeof(*white));
    if (white == NULL)
        return false;
    for (size_t end, begin = 0; begin < gc->queue_left; begin = end) {
        end = batches_tree_end(gc, begin);
        bool leads = batches_tree_leads_to_white(gc, gc->queue + begin, end - begin);
        for (size_t i = begin; i < end; i++) {
            if (!leads) {
                gc->queue[kept++] = gc->queue[i];
                continue;
            }
            white[count] = trees_object(gc->queue[i]);
            address_set_make_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)white[count++]);
        }
    }
    memcpy(gc->queue + kept, white, count * sizeof(*white));
    gc_give_back(white, gc->garbage_count, sizeof(*white));
    gc->queue_left = kept;
    return true;
}

/* What of the garbage can be observed goes behind gc->queue_left. False: no memory. */
static bool batches_part_observable(struct gc *gc)
{
    size_t count = 0;
    for (size_t i = 0; i < full.observable_count; i++)
        if (address_set_is_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)full.observable[i]))
            full.observable[count++] = full.observable[i];
    full.observable_count = count; /* the others are alive */
    return count == 0 || (batches_whiten_observable(gc) && batches_part_white(gc));
}

/* -- batches --------------------------------------------------------------------------------- */

static void batches_add(PyObject *const *objects, size_t count, bool unseen)
{
    if (count == 0)
        return;
    struct batch *batch = &batches.all[batches.count++];
    *batch = (struct batch){.objects = objects, .count = count, .unseen = unseen};
    list_clear(&batch->list);
    for (size_t i = 0; i < count; i++) {
        if (i + GC_AHEAD < count)
            gc_host_prefetch(objects[i + GC_AHEAD]);
        PyGC_Head *node = list_node(objects[i]);
        list_unlink(node);
        list_append(&batch->list, node);
    }
}

/* trees_count, where the suspects may be much garbage. False: no memory. */
static bool batches_count(struct gc *gc, bool listed)
{
    full.observable_count = 0;
    full.observable_room = gc->suspect_count;
    if (gc->suspect_count >= BATCHES_FROM)
        full.observable = gc_take(full.observable_room, sizeof(*full.observable));
    full.observing = full.observable != NULL;
    bool counted = trees_count(gc, listed);
    full.observing = false;
    return counted;
}

/* Makes batches of gc's garbage, which is white and in trees, if it is much: takes it off its list.
 * False: it is where it was. Drops its bits. */
static bool batches_make(struct gc *gc)
{
    address_set_drop_white(&gc->set);
    if (gc->garbage_count < BATCHES_FROM || full.observable == NULL || !batches_part_observable(gc))
        return false;
    if (gc->queue_left < BATCHES_FROM)
        return false;
    batches.room = gc->queue_left / BATCH + 2;
    batches.all = gc_take(batches.room, sizeof(*batches.all));
    if (batches.all == NULL)
        return false;
    batches_add(gc->queue + gc->queue_left, gc->garbage_count - gc->queue_left, false);
    for (size_t count; (count = gc_batch(gc, BATCH)) != 0;)
        batches_add(gc->queue + gc->queue_left, count, true);
    return true;
}

/* After the trial, and all else. */
static void batches_end(struct gc *gc)
{
    gc_give_back(full.observable, full.observable_room, sizeof(*full.observable));
    full.observable = NULL;
    if (batches.all == NULL)
        gc_end_queue(gc);
}

/* How many objects a batch has, which are fetched into the cache on the way. */
static size_t batches_fetch(const struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        gc_host_prefetch(batch->objects[i]);
    size_t count = 0;
    for (const PyGC_Head *node = list_next(&batch->list); node != &batch->list;
         node = list_next(node)) {
        gc_host_prefetch_contents(list_object(node));
        count++;
    }
    return count;
}

static PyGC_Head *batches_next(struct gc *gc, full_batch *next)
{
    if (batches.next < batches.count) {
        struct batch *batch = &batches.all[batches.next++];
        size_t left = batches_fetch(batch);
        *next = (full_batch){left, batch->count - left, batch->unseen};
        return &batch->list;
    }
    gc_give_back(batches.all, batches.room, sizeof(*batches.all));
    batches.all = NULL;
    batches.count = batches.next = 0;
    gc_end_queue(gc);
    return NULL;
}

#endif /* LAIR_GC_BATCHES_H */

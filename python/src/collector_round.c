/* collector_round.c: a full collection in slices. Read gc/incremental.h first, then round_slice.
 *
 * No object leaves CPython's list of the oldest generation while a round is under way: the list is
 * divided into segments, and objects move from one to another as marking reaches them, as they join
 * a tree, as they turn out to be alive. Segments begin at objects of our own, empty lists, so that
 * whoever walks over the list meets objects only. What dies leaves its segment by itself, as it
 * leaves any list; that is how the collector knows of it.
 *
 *     head | hidden | rest | gray | parts | fresh | tree | queue | batch | saved | done | promoted
 *
 * Nothing else is remembered of an object from one slice to the next than the segment it is in and
 * bits at its address, which say no more than what to look at.
 */
#include "collector.h"

#include "collector_round.h"

#if CPYTHON_INTERNALS

#include "collector_full.h"
#include "gc_clear.h"
#include "gc_roots.h"
#include "os/os.h"

enum { GC_HOST_IN_SLICES = true };
#include "gc_host.h"

#include "gc/incremental.h"

typedef enum segment {
    HIDDEN,   /* alive by their counts, last time: what only C code holds */
    REST,     /* not moved yet; the cursor stands behind those that are known to be black */
    GRAY,     /* marked, not scanned */
    PARTS,    /* scanned in part */
    FRESH,    /* of the tree that grows, not scanned */
    TREE,     /* of the tree that grows, scanned */
    QUEUE,    /* whole trees, the last one first */
    BATCH,    /* checked: garbage */
    SAVED,    /* in a tree, but alive, and not scanned for it */
    DONE,     /* alive */
    PROMOTED, /* come here since the last look */
    SEGMENTS,
} segment;

enum {
    UNPARK = 64,       /* gray objects that are taken up at once */
    HIDDEN_MAX = 4096, /* objects that are roots because their counts said so */
    HIDDEN_ROUNDS = 4, /* one round in so many asks again whether they are */
    PARTS_SLACK = 1 << 16,
};

static struct {
    PyObject *sentinel[SEGMENTS]; /* [0] is NULL: the list's own head stands there */
    PyObject *cursor;
    PyInterpreterState *interpreter;
    PyGC_Head *head;

    struct gc_round passes;
    size_t parked_parts; /* in gc->parts_end[-parked_parts ...], of objects in PARTS */
    size_t hidden;       /* objects that were put there */
    size_t promoted;     /* since it began */
    unsigned number;     /* of rounds begun */
    round_counts counts;
} rounds;

/* -- segments -------------------------------------------------------------------------------- */

static PyGC_Head *segment_start(segment which)
{
    return which == HIDDEN || which == SEGMENTS ? rounds.head : list_node(rounds.sentinel[which]);
}

static PyObject *segment_first(segment which)
{
    PyGC_Head *node = list_next(segment_start(which));
    return node != segment_start(which + 1) ? list_object(node) : NULL;
}

static bool segment_is_empty(segment which)
{
    return segment_first(which) == NULL;
}

static void segment_append(segment which, PyObject *object)
{
    PyGC_Head *node = list_node(object);
    list_unlink(node);
    list_append(segment_start(which + 1), node);
}

static void segment_prepend(segment which, PyObject *object)
{
    PyGC_Head *node = list_node(object);
    list_unlink(node);
    list_prepend(segment_start(which), node);
}

/* Moves all of a segment to list, which is empty. */
static void segment_take(segment which, PyGC_Head *list)
{
    PyGC_Head *start = segment_start(which), *end = segment_start(which + 1);
    list_clear(list);
    if (segment_is_empty(which))
        return;
    PyGC_Head *first = list_next(start), *last = list_previous(end);
    list_join(start, end);
    list_join(list, first);
    list_join(last, list);
}

/* A sentinel that is on no list is untracked. */
static void sentinel_remove(PyObject *sentinel)
{
    PyGC_Head *node = list_node(sentinel);
    if (node->_gc_next == 0)
        return;
    list_unlink(node);
    node->_gc_next = 0;
    node->_gc_prev &= _PyGC_PREV_MASK_FINALIZED;
}

/* All objects are in REST, but for the hidden roots in front. */
static void segments_open(size_t hidden)
{
    for (segment which = REST; which < SEGMENTS; which++)
        list_append(rounds.head, list_node(rounds.sentinel[which]));
    PyGC_Head *node = list_next(rounds.head);
    for (size_t i = 0; i < hidden && node != segment_start(REST); i++)
        node = list_next(node);
    PyGC_Head *start = segment_start(REST);
    if (node != start) {
        list_unlink(start);
        list_append(node, start);
    }
    list_prepend(start, list_node(rounds.cursor));
}

static void segments_close(void)
{
    for (segment which = REST; which < SEGMENTS; which++)
        sentinel_remove(rounds.sentinel[which]);
    sentinel_remove(rounds.cursor);
}

/* -- what the passes ask for: marking --------------------------------------------------------- */

static bool is_listed(PyObject *object)
{
    return cpython_has_header(object) && list_node(object)->_gc_next != 0;
}

/* Object is in the oldest generation for good: also when it was a young one at an address that an
 * old one had before. */
static void settle_in(segment which, PyObject *object)
{
    segment_append(which, object);
    full_know(object);
}

/* Takes the parts up again, of which some objects may have died. */
static void unpark_parts(struct gc *gc)
{
    struct gc_part *to = gc->parts_end;
    for (size_t i = 1; i <= rounds.parked_parts; i++) {
        struct gc_part part = gc->parts_end[-(ptrdiff_t)i];
        if (segment_first(PARTS) != part.object)
            continue;
        settle_in(DONE, part.object);
        *--to = part;
    }
    gc->parts = to;
    rounds.parked_parts = 0;
}

static bool gc_host_unpark(struct gc_round *round)
{
    struct gc *gc = round->gc;
    unpark_parts(gc);
    PyObject *taken[UNPARK];
    size_t count = 0;
    for (PyObject *object; count < UNPARK && (object = segment_first(GRAY)) != NULL; count++) {
        settle_in(DONE, object);
        taken[count] = object;
    }
    for (size_t i = count; i > 0; i--)
        *gc->gray_top++ = taken[i - 1];
    return !gc_nothing_gray(gc);
}

static void gc_host_park(struct gc_round *round)
{
    struct gc *gc = round->gc;
    for (gc_object **at = gc->gray; at < gc->gray_top; at++) {
        if (at + GC_AHEAD < gc->gray_top)
            gc_host_prefetch(at[GC_AHEAD]);
        if (is_listed(*at))
            segment_prepend(GRAY, *at);
    }
    gc->gray_top = gc->gray;
    for (struct gc_part *part = gc->parts_end; part > gc->parts;)
        segment_append(PARTS, (--part)->object);
    rounds.parked_parts = (size_t)(gc->parts_end - gc->parts);
    gc->parts = gc->parts_end;
}

static void mark_root(PyObject *object, void *arg)
{
    gc_mark(arg, object);
}

static void mark_from(struct gc *gc, const PyGC_Head *list)
{
    for (const PyGC_Head *node = list_next(list); node != list; node = list_next(node)) {
        __builtin_prefetch(list_next(node));
        gc_scan_part(gc, list_object(node), 0);
    }
}

static void gc_host_mark_again(struct gc_round *round)
{
    roots_name(rounds.interpreter, mark_root, round->gc);
    for (int i = 0; i < CPYTHON_OLDEST; i++)
        mark_from(round->gc, cpython_generation(cpython_gc_of(rounds.interpreter), i));
}

/* -- what the passes ask for: trees ----------------------------------------------------------- */

static bool is_white(const PyObject *object)
{
    return address_set_is_white(&rounds.passes.gc->set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

/* Walks on through REST. What has no bit was not known to the collector: the next round's. */
static gc_object *gc_host_suspect(struct gc_round *round, size_t *most)
{
    PyGC_Head *cursor = list_node(rounds.cursor), *end = segment_start(GRAY);
    PyGC_Head *node = list_next(cursor);
    PyObject *found = NULL;
    for (; node != end && *most != 0; node = list_next(node), --*most) {
        __builtin_prefetch(list_next(node));
        if (is_white(list_object(node))) {
            found = list_object(node);
            break;
        }
        if (!address_set_has(&round->gc->set, GC_GRANULE_SHIFT, (uintptr_t)list_object(node)))
            full_know(list_object(node));
    }
    if (list_next(cursor) != node) {
        list_unlink(cursor);
        list_append(node, cursor);
    }
    return found;
}

static bool gc_host_take(struct gc_round *round, gc_object *object)
{
    (void)round;
    if (!is_listed(object))
        return false;
    segment_append(FRESH, object);
    return true;
}

static gc_object *gc_host_fresh(struct gc_round *round)
{
    (void)round;
    return segment_first(FRESH);
}

static void gc_host_scanned(struct gc_round *round, gc_object *object)
{
    (void)round;
    segment_append(TREE, object);
}

static void gc_host_weak_edges(struct gc_round *round, gc_object *object)
{
    PyObject *referent = cpython_referent(object);
    if (referent != NULL)
        gc_join(round, referent);
    for (PyWeakReference *ref = cpython_weakrefs(object); ref != NULL; ref = ref->wr_next)
        gc_join(round, (PyObject *)ref);
}

static void gc_host_end_tree(struct gc_round *round)
{
    (void)round;
    PyGC_Head *queue = segment_start(QUEUE);
    list_unlink(queue);
    list_prepend(segment_start(TREE), queue);
}

/* -- what the passes ask for: check ----------------------------------------------------------- */

static gc_object *gc_host_queued(struct gc_round *round)
{
    (void)round;
    return segment_first(QUEUE);
}

static void gc_host_pass(struct gc_round *round, gc_object *object)
{
    (void)round;
    segment_append(BATCH, object);
}

/* A weak reference with a callback that is too young to be of this round may be garbage itself, and
 * then its callback must not run: what it refers to waits. */
static bool gc_host_is_kept(struct gc_round *round, gc_object *object)
{
    for (PyWeakReference *ref = cpython_weakrefs(object); ref != NULL; ref = ref->wr_next)
        if (ref->wr_callback != NULL &&
            !address_set_has(&round->gc->set, GC_GRANULE_SHIFT, (uintptr_t)ref))
            return true;
    return false;
}

static void gc_host_save(struct gc_round *round, gc_object *object)
{
    (void)round;
    if (is_listed(object))
        segment_append(SAVED, object);
}

static gc_object *gc_host_saved(struct gc_round *round)
{
    (void)round;
    return segment_first(SAVED);
}

static void gc_host_settled(struct gc_round *round, gc_object *object, bool root)
{
    (void)round;
    bool hide = root && rounds.hidden < HIDDEN_MAX;
    rounds.hidden += hide;
    settle_in(hide ? HIDDEN : DONE, object);
}

/* -- a round --------------------------------------------------------------------------------- */

bool round_prepare(void)
{
    for (segment which = REST; which <= SEGMENTS; which++) {
        PyObject **place = which < SEGMENTS ? &rounds.sentinel[which] : &rounds.cursor;
        if (*place != NULL)
            continue;
        *place = PyList_New(0);
        if (*place == NULL)
            return false;
        PyObject_GC_UnTrack(*place);
    }
    os_random(&full.key, sizeof full.key);
    return true;
}

bool round_is_active(void)
{
    return rounds.passes.phase != GC_PHASE_NONE;
}

/* What has been cleared and is still there is an object like any other again: of round, or of none
 * that is under way. */
static void take_uncleared(struct gc_round *round)
{
    PyGC_Head left;
    clear_end(&left);
    if (round == NULL && !list_is_empty(&left))
        list_append_all(rounds.head, &left);
    while (!list_is_empty(&left)) {
        PyObject *object = list_object(list_next(&left));
        gc_round_left(round, object);
        settle_in(DONE, object);
    }
}

static void leave(void)
{
    full_set_hidden(rounds.hidden);
    segments_close();
    gc_end(rounds.passes.gc);
    rounds.passes.phase = GC_PHASE_NONE;
}

/* What is cleared may take objects with it whose finalizers do anything: no round is under way for
 * them to meet, and the next may have begun when this returns. */
void round_abandon(void)
{
    if (round_is_active())
        leave();
    clear_some(UINT64_MAX);
    take_uncleared(NULL);
}

/* What was found alive by counts is a root, but for one round in HIDDEN_ROUNDS, so that it can die;
 * and then it must be found again. */
static void mark_hidden(struct gc *gc)
{
    if (rounds.number % HIDDEN_ROUNDS == 0) {
        PyGC_Head *rest = segment_start(REST);
        list_unlink(rest);
        list_prepend(rounds.head, rest);
        PyGC_Head *cursor = list_node(rounds.cursor);
        list_unlink(cursor);
        list_prepend(rest, cursor);
        rounds.hidden = 0;
        return;
    }
    const PyGC_Head *end = segment_start(REST);
    for (const PyGC_Head *node = list_next(rounds.head); node != end; node = list_next(node)) {
        PyObject *object = list_object(node);
        if (address_set_take_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object))
            gc_scan_part(gc, object, 0); /* at once: what is gray leaves its segment */
    }
}

full_readiness round_begin(PyInterpreterState *interpreter, uint64_t deadline)
{
    struct gc *gc;
    size_t candidates;
    full_readiness readiness = full_whiten(interpreter, deadline, &gc, &candidates);
    if (readiness != FULL_READY)
        return readiness;
    if (!gc_begin(gc, candidates + PARTS_SLACK)) {
        gc_end(gc);
        return FULL_NO_MEMORY;
    }
    gc->candidates = candidates;
    full_layout(&full.traverse_instance, &full.visits_beside);
    full.settled = segment_start(DONE + 1);
    rounds.interpreter = interpreter;
    rounds.head = cpython_generation(cpython_gc_of(interpreter), CPYTHON_OLDEST);
    rounds.parked_parts = rounds.promoted = 0;
    rounds.hidden = full_hidden();
    rounds.counts = (round_counts){0};
    gc_round_begin(&rounds.passes, gc);
    segments_open(rounds.hidden);
    mark_hidden(gc);
    roots_name(interpreter, mark_root, gc);
    gc_host_park(&rounds.passes);
    rounds.number++;
    return FULL_READY;
}

/* A promoted object is no candidate of this round, whatever its address was before, and what it
 * refers to is alive; so is what its callback is for, see gc_host_is_kept. */
static void admit(struct gc *gc, PyObject *object, bool marking)
{
    full_know(object);
    PyObject *called_for = cpython_has_callback(object) ? cpython_referent(object) : NULL;
    if (marking) {
        (void)address_set_take_white(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object);
        gc_scan_part(gc, object, 0);
        gc_mark(gc, called_for);
        return;
    }
    gc_round_admit(&rounds.passes, object);
    if (called_for != NULL)
        gc_round_keep(&rounds.passes, called_for);
}

size_t round_promoted(void)
{
    struct gc *gc = rounds.passes.gc;
    bool marking = rounds.passes.phase == GC_PHASE_MARK;
    size_t count = 0;
    if (marking)
        unpark_parts(gc);
    for (PyObject *object; (object = segment_first(PROMOTED)) != NULL; count++) {
        segment_append(DONE, object);
        admit(gc, object, marking);
    }
    if (marking)
        gc_host_park(&rounds.passes);
    rounds.promoted += count;
    return count;
}

static int subtract_hash(PyObject *referent, void *arg)
{
    if (gc_is_in_batch(&rounds.passes, referent))
        *(uint64_t *)arg -= node_hash(list_node(referent));
    return 0;
}

/* Whether a batch is garbage for certain and nobody can observe its end. Nobody outside refers to
 * it if each object has as many references as the batch holds to it; a sum over all of them in
 * which each counts as a hash of its own is zero then, and by no other chance than one in 2^64. */
static bool is_clean_garbage(const PyGC_Head *batch)
{
    uint64_t balance = 0;
    for (const PyGC_Head *node = list_next(batch); node != batch; node = list_next(node)) {
        __builtin_prefetch(list_next(node));
        PyObject *object = list_object(node);
        if (cpython_end_is_observable(object, Py_TYPE(object)) || cpython_is_immortal(object))
            return false;
        balance += node_hash(node) * (uint64_t)Py_REFCNT(object);
        size_t from = 0;
        do {
            from = gc_host_scan(object, from, subtract_hash, &balance);
        } while (from != 0);
    }
    return balance == 0;
}

/* Whether that round is. Code of the program's, wherever it runs, may have ended it, and begun the
 * next. */
static bool is_under_way(unsigned number)
{
    return round_is_active() && rounds.number == number;
}

/* A batch whose end nobody can observe is proved here, in one pass, and cleared in slices, however
 * large it is. Any other CPython proves, and reclaims what of it is garbage. */
static void reclaim(void)
{
    PyGC_Head batch, left;
    unsigned number = rounds.number;
    segment_take(BATCH, &batch);
    list_clear(&left);
    if (is_clean_garbage(&batch)) {
        clear_add(&batch);
        rounds.counts.batches++;
        gc_round_reclaimed(&rounds.passes);
        return;
    }
    reclaim_counts counts = collector_reclaim(&batch, &left);
    rounds.counts.uncollectable += counts.uncollectable;
    rounds.counts.batches++;
    if (!is_under_way(number)) {
        list_append_all(rounds.head, &left);
        return;
    }
    while (!list_is_empty(&left)) {
        PyObject *object = list_object(list_next(&left));
        gc_round_left(&rounds.passes, object);
        settle_in(DONE, object);
    }
    gc_round_reclaimed(&rounds.passes);
}

/* Returns whether the round is over: done, or off for want of memory. */
static bool go_on(uint64_t deadline)
{
    struct gc_round *passes = &rounds.passes;
    unsigned number = rounds.number;
    do {
        if (clear_waits()) {
            clear_some(deadline);
            take_uncleared(is_under_way(number) ? passes : NULL);
        } else if (!gc_round_slice(passes, deadline)) {
            rounds.counts.starved = true;
            return true;
        } else if (passes->phase == GC_PHASE_RECLAIM) {
            reclaim();
        }
        if (!is_under_way(number))
            return false;
    } while (passes->phase != GC_PHASE_OVER && os_now_ns() < deadline);
    return passes->phase == GC_PHASE_OVER;
}

bool round_slice(uint64_t deadline, round_counts *counts)
{
    uint64_t start = os_now_ns();
    unsigned number = rounds.number;
    bool over = go_on(deadline);
    if (!is_under_way(number))
        return false;
    uint64_t ns = os_now_ns() - start;
    rounds.counts.slices++;
    rounds.counts.ns += ns;
    if (ns > rounds.counts.longest_ns)
        rounds.counts.longest_ns = ns;
    if (!over)
        return false;
    struct gc_round *passes = &rounds.passes;
    rounds.counts.reached = passes->gc->reached;
    rounds.counts.suspects = passes->suspects;
    rounds.counts.collected = passes->suspects - passes->alive;
    rounds.counts.survivors = passes->gc->reached + passes->alive + rounds.promoted;
    rounds.counts.largest_tree = passes->largest_tree;
    *counts = rounds.counts;
    leave();
    return true;
}

#endif

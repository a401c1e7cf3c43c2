/* incremental.h: a collection of everything in slices, between which the program runs.
 *
 * There is no write barrier: nobody tells the collector what the program changes meanwhile. Two
 * facts make up for it.
 *
 *   A. Garbage is inert. Nothing outside reaches it, so nobody changes it; what was counted of it
 *      in one slice is still true in the last. What is alive and has changed is at worst taken for
 *      garbage, and then the host, which proves each batch again before it reclaims it, says no.
 *   B. No pointer is trusted across slices. The program may free any object between two of them.
 *      So the host keeps all that waits, and knows what has died of it (below).
 *
 * A round, phase by phase:
 *
 *   mark      as mark.h does, with the gray objects parked between slices. When nothing is gray the
 *             roots are marked once more, and what the young refer to: they have changed since.
 *             What marking missed because the program moved it costs time, no more.
 *   rank      what is white is numbered.
 *   trees     from each object that stayed white, breadth first, what it reaches and no earlier
 *             tree has; references from white objects are counted on the way, and taken from those
 *             that the object has when it is scanned itself. As in order.h, the last trees, as many
 *             as one likes, are closed under referrers.
 *   check     from the last tree on: an object that had other references than were counted is
 *             alive, and so is what it reaches, which is in this tree or earlier ones. The rest of
 *             some trees is a batch. References that objects have now say less: what has died since
 *             the trees were made, by itself or in a batch, has taken some of its own with it.
 *   reclaim   by the host; then the next batch is checked.
 *   rest      nothing is white any more.
 *
 * What has to do with bits alone goes region by region, since it takes time in a large heap, too.
 *
 * Trees have one of eight colours in turn, which is all that says where one ends: what dies or is
 * alive leaves no gap behind. White bits stay as they are from the trees on, for counts are found
 * through them: an address that is used again may be taken for an object that was there before, and
 * at worst is held to be alive for a round, or is proved to be by the host. If seven trees in a row
 * vanish two may become one batch; no harm.
 *
 * An incremental host defines, before this header is included:
 *
 *     static bool gc_host_unpark(struct gc_round *round);
 *     static void gc_host_park(struct gc_round *round);
 *         Between slices: takes what is gray, and the parts, into its care, and gives some of it
 *         back (gc->gray, gc->parts). False: there is none left.
 *     static void gc_host_mark_again(struct gc_round *round);
 *         Marks the roots, and what the young refer to.
 *     static gc_object *gc_host_suspect(struct gc_round *round, size_t *most);
 *         A white object that is in no tree, found in at most *most steps, which it counts down;
 *         NULL: there is none, or *most is 0 now.
 *     static bool gc_host_take(struct gc_round *round, gc_object *object);
 *         Object joins the tree. False: it is no object that can be garbage.
 *     static gc_object *gc_host_fresh(struct gc_round *round);
 *     static void gc_host_scanned(struct gc_round *round, gc_object *object);
 *         The next object of the tree that was not scanned; and now it was.
 *     static void gc_host_weak_edges(struct gc_round *round, gc_object *object);
 *         Calls gc_join for what must be reclaimed together with object though neither refers to
 *         the other: a weak reference and its referent.
 *     static void gc_host_end_tree(struct gc_round *round);
 *         All objects of the tree come to the front of the queue.
 *     static gc_object *gc_host_queued(struct gc_round *round);
 *     static void gc_host_pass(struct gc_round *round, gc_object *object);
 *         The front of the queue; and it joins the batch.
 *     static bool gc_host_is_kept(struct gc_round *round, gc_object *object);
 *         Whether object counts as alive this time whatever its references say.
 *     static void gc_host_save(struct gc_round *round, gc_object *object);
 *     static gc_object *gc_host_saved(struct gc_round *round);
 *     static void gc_host_settled(struct gc_round *round, gc_object *object, bool root);
 *         Object, of queue or batch, is alive; the next such object that was not scanned; and now
 *         it was. root: something outside refers to it.
 */
#ifndef LAIR_GC_INCREMENTAL_H
#define LAIR_GC_INCREMENTAL_H

#include "trial.h"

enum gc_phase {
    GC_PHASE_NONE, /* no round */
    GC_PHASE_MARK,
    GC_PHASE_RANK,
    GC_PHASE_TREES,
    GC_PHASE_PURGE,
    GC_PHASE_CHECK,
    GC_PHASE_REST,
    GC_PHASE_RECLAIM, /* a batch waits for the host */
    GC_PHASE_OVER,
};

enum {
    GC_CHUNK = 128,       /* objects between two looks at the clock */
    GC_REMARKS = 4,       /* times that the roots are marked again, at most */
    GC_BATCH_GOAL = 2000, /* objects of a batch, where trees are small */
};

/* What is known of a white object, in gc->counts. */
enum {
    GC_OUTER = (1u << 25) - 1, /* references less those from white objects, modulo 2^25 */
    GC_COLOUR_ONE = 1u << 25,
    GC_COLOUR = 7u << 25,
    GC_TAKEN = 1u << 28, /* it is in a tree */
    GC_ALIVE = 1u << 29,
    GC_ROOT = 1u << 30, /* alive, and something outside refers to it */
};
#define GC_PASSED (1u << 31) /* it joined a batch */

struct gc_round {
    struct gc *gc;
    enum gc_phase phase;
    bool marked_again; /* in this slice, and all it greyed was scanned but for what is gray now */
    unsigned remarks;
    size_t chunk, goal; /* GC_CHUNK and GC_BATCH_GOAL; less in tests */
    uint32_t colour;    /* of the tree that grows; then of the last that joined the batch */

    /* A container of which parts were scanned, and where the next one begins. */
    const gc_object *partly; /* only compared */
    size_t from;
    struct address_region *region; /* that is ranked or purged next */

    size_t batch;    /* objects that joined the batch; some may have left it */
    size_t suspects; /* objects in trees */
    size_t alive;    /* of these, found to be */
    size_t trees, tree, largest_tree;
};

/* Begins a round: white are the candidates, of which gc_begin has been told, and what the host
 * knows to be alive has been marked. */
static inline void gc_round_begin(struct gc_round *round, struct gc *gc)
{
    *round = (struct gc_round){
        .gc = gc, .phase = GC_PHASE_MARK, .chunk = GC_CHUNK, .goal = GC_BATCH_GOAL};
}

/* Scans a container, or a part of it; returns whether all of it has been scanned. */
GC_INLINE bool gc_scan_some(struct gc_round *round, gc_object *object, gc_visit visit)
{
    size_t from = round->partly == object ? round->from : 0;
    round->from = gc_host_scan(object, from, visit, round);
    round->partly = round->from != 0 ? object : NULL;
    return round->from == 0;
}

/* -- mark ------------------------------------------------------------------------------------ */

static bool gc_host_unpark(struct gc_round *round);
static void gc_host_park(struct gc_round *round);
static void gc_host_mark_again(struct gc_round *round);

static inline bool gc_nothing_gray(const struct gc *gc)
{
    return gc->gray_top == gc->gray && gc->parts == gc->parts_end;
}

/* Returns whether marking is over: nothing has turned gray since the roots were marked again, and
 * the program has not run since; or it was tried often enough. */
static bool gc_mark_some(struct gc_round *round)
{
    if (!gc_nothing_gray(round->gc) || gc_host_unpark(round)) {
        (void)gc_drain_some(round->gc, round->chunk);
        return false;
    }
    if (round->marked_again || round->remarks == GC_REMARKS)
        return true;
    round->remarks++;
    round->marked_again = true;
    gc_host_mark_again(round);
    return false;
}

/* -- trees ----------------------------------------------------------------------------------- */

static gc_object *gc_host_suspect(struct gc_round *round, size_t *most);
static bool gc_host_take(struct gc_round *round, gc_object *object);
static gc_object *gc_host_fresh(struct gc_round *round);
static void gc_host_scanned(struct gc_round *round, gc_object *object);
static void gc_host_weak_edges(struct gc_round *round, gc_object *object);
static void gc_host_end_tree(struct gc_round *round);

static void gc_rank_begin(struct gc_round *round)
{
    round->gc->whites = 0;
    round->region = round->gc->set.active;
    round->phase = GC_PHASE_RANK;
}

/* Numbers what is white in the next region. What is taken meanwhile leaves a number unused. Returns
 * whether all is numbered. */
static bool gc_rank_some(struct gc_round *round)
{
    if (round->region == NULL)
        return true;
    round->gc->whites = address_region_rank(round->region, round->gc->whites);
    round->region = round->region->next_active;
    return false;
}

/* What is white has its number. False: no memory. */
static bool gc_trees_begin(struct gc_round *round)
{
    struct gc *gc = round->gc;
    gc->counts = gc_scratch_take_clear(gc, GC_SCRATCH_COUNTS, gc->whites * sizeof(*gc->counts));
    if (gc->counts == NULL)
        return false;
    round->phase = GC_PHASE_TREES;
    return true;
}

static inline void gc_take_into_tree(struct gc_round *round, gc_object *object, uint32_t *count)
{
    if ((*count & GC_TAKEN) != 0 || !gc_host_take(round, object))
        return;
    *count |= GC_TAKEN | round->colour;
    round->suspects++;
    round->tree++;
}

/* Object belongs into this tree, or an earlier one, if it is white. */
static inline void gc_join(struct gc_round *round, gc_object *object)
{
    uint32_t *count = gc_count_of(round->gc, object);
    if (count != NULL)
        gc_take_into_tree(round, object, count);
}

static inline void gc_count_outer(uint32_t *count, uint32_t more)
{
    *count = (*count & ~(uint32_t)GC_OUTER) | ((*count + more) & GC_OUTER);
}

/* Object is in a tree and has been scanned. */
static inline void gc_count_refs(struct gc_round *round, const gc_object *object)
{
    uint32_t *count = gc_count_of(round->gc, object), refs = gc_host_refs(object);
    gc_count_outer(count, refs);
    if (refs > GC_OUTER)
        *count |= GC_ROOT;
}

GC_INLINE int gc_visit_tree(gc_object *object, void *arg)
{
    struct gc_round *round = arg;
    uint32_t *count = gc_count_of(round->gc, object);
    if (count == NULL)
        return 0;
    gc_count_outer(count, UINT32_MAX);
    gc_take_into_tree(round, object, count);
    return 0;
}

static inline void gc_end_tree(struct gc_round *round)
{
    if (round->tree == 0)
        return;
    gc_host_end_tree(round);
    round->colour = (round->colour + GC_COLOUR_ONE) & GC_COLOUR;
    if (round->tree > round->largest_tree)
        round->largest_tree = round->tree;
    round->trees++;
    round->tree = 0;
}

/* Returns whether all that is white is in trees. */
static bool gc_trees_some(struct gc_round *round)
{
    for (size_t most = round->chunk; most != 0; most -= most != 0) {
        gc_object *object = gc_host_fresh(round);
        if (object == NULL) {
            gc_end_tree(round);
            object = gc_host_suspect(round, &most);
            if (object != NULL)
                gc_join(round, object);
            else if (most != 0)
                return true;
        } else if (gc_scan_some(round, object, gc_visit_tree)) {
            gc_count_refs(round, object);
            gc_host_weak_edges(round, object);
            gc_host_scanned(round, object);
        }
    }
    return false;
}

/* What is white and in no tree is no object: of a word of white bits, those. */
static inline uint64_t gc_untaken(const struct gc *gc, const struct address_region *region,
                                  size_t at)
{
    uint64_t untaken = 0;
    const uint32_t *count = &gc->counts[region->rank[at]];
    for (uint64_t bits = region->white[at]; bits != 0; bits &= bits - 1)
        if ((*count++ & GC_TAKEN) == 0)
            untaken |= bits & -bits;
    return untaken;
}

/* Purges the next region of bits that belong to no object. They stay white, as ranks count them. */
static bool gc_purge_some(struct gc_round *round)
{
    struct address_region *region = round->region;
    for (size_t at = 0; region->active && address_region_next_word(region, &at); at++)
        region->tracked[at] &= ~gc_untaken(round->gc, region, at);
    round->region = region->next;
    return round->region == NULL;
}

/* -- check ----------------------------------------------------------------------------------- */

static gc_object *gc_host_queued(struct gc_round *round);
static void gc_host_pass(struct gc_round *round, gc_object *object);
static bool gc_host_is_kept(struct gc_round *round, gc_object *object);
static void gc_host_save(struct gc_round *round, gc_object *object);
static gc_object *gc_host_saved(struct gc_round *round);
static void gc_host_settled(struct gc_round *round, gc_object *object, bool root);

static inline void gc_save(struct gc_round *round, gc_object *object, uint32_t *count)
{
    *count |= GC_ALIVE;
    round->alive++;
    gc_host_save(round, object);
}

GC_INLINE int gc_visit_save(gc_object *object, void *arg)
{
    struct gc_round *round = arg;
    uint32_t *count = gc_count_of(round->gc, object);
    if (count != NULL && (*count & (GC_TAKEN | GC_ALIVE)) == GC_TAKEN)
        gc_save(round, object, count);
    return 0;
}

/* Between marking and trees there are no counts yet: what is alive is black then. What it refers to
 * is found alive by its count. */
static inline bool gc_takes_unranked(struct gc_round *round, const gc_object *object)
{
    if (round->phase == GC_PHASE_RANK)
        (void)address_set_take_white(&round->gc->set, GC_GRANULE_SHIFT, (uintptr_t)object);
    return round->phase == GC_PHASE_RANK;
}

/* Object counts as alive in this round, from whichever phase on: the host has reasons. */
static inline void gc_round_keep(struct gc_round *round, gc_object *object)
{
    if (gc_takes_unranked(round, object))
        return;
    uint32_t *count = gc_count_of(round->gc, object);
    if (count == NULL || (*count & GC_ALIVE) != 0)
        return;
    *count |= GC_ROOT;
    if (round->phase == GC_PHASE_CHECK && (*count & GC_TAKEN) != 0)
        gc_save(round, object, count);
}

/* Object is new among the old, and no candidate of this round whatever was at its address before:
 * it is not to be purged. After marking. */
static inline void gc_round_admit(struct gc_round *round, const gc_object *object)
{
    if (gc_takes_unranked(round, object))
        return;
    uint32_t *count = gc_count_of(round->gc, object);
    if (count != NULL)
        *count |= GC_TAKEN | GC_ALIVE;
}

/* Lets the front of the queue join the batch, or live. False: the batch is complete. */
static bool gc_check_next(struct gc_round *round)
{
    gc_object *object = gc_host_queued(round);
    if (object == NULL)
        return false;
    uint32_t *count = gc_count_of(round->gc, object);
    lair_assert(count != NULL, "%p, a %s, is in a tree and not white", (void *)object,
                gc_host_name(object));
    if (round->batch >= round->goal && (*count & GC_COLOUR) != round->colour)
        return false;
    round->colour = *count & GC_COLOUR;
    if ((*count & (GC_OUTER | GC_ROOT)) != 0 || gc_host_is_kept(round, object)) {
        *count |= GC_ROOT;
        gc_save(round, object, count);
    } else {
        *count |= GC_PASSED;
        round->batch++;
        gc_host_pass(round, object);
    }
    return true;
}

/* Whether object joined the batch, or one that is gone, and did not turn out to be alive. */
static inline bool gc_is_in_batch(const struct gc_round *round, const gc_object *object)
{
    const uint32_t *count = gc_count_of(round->gc, object);
    return count != NULL && (*count & (GC_PASSED | GC_ALIVE)) == GC_PASSED;
}

/* Returns whether a batch is complete; an empty one: nothing is left. */
static bool gc_check_some(struct gc_round *round)
{
    for (size_t most = round->chunk; most != 0; most--) {
        gc_object *object = gc_host_saved(round);
        if (object == NULL) {
            if (!gc_check_next(round))
                return true;
        } else if (gc_scan_some(round, object, gc_visit_save)) {
            gc_host_settled(round, object, (*gc_count_of(round->gc, object) & GC_ROOT) != 0);
        }
    }
    return false;
}

/* -- read this first ------------------------------------------------------------------------- */

/* One chunk of the phase that the round is in. False: no memory, the round is off. */
static bool gc_round_some(struct gc_round *round)
{
    switch (round->phase) {
    case GC_PHASE_MARK:
        if (gc_mark_some(round))
            gc_rank_begin(round);
        return true;
    case GC_PHASE_RANK:
        return !gc_rank_some(round) || gc_trees_begin(round);
    case GC_PHASE_TREES:
        if (gc_trees_some(round)) {
            round->region = round->gc->set.first;
            round->phase = round->region != NULL ? GC_PHASE_PURGE : GC_PHASE_CHECK;
        }
        return true;
    case GC_PHASE_PURGE:
        if (gc_purge_some(round))
            round->phase = GC_PHASE_CHECK;
        return true;
    case GC_PHASE_CHECK:
        if (gc_check_some(round))
            round->phase = round->batch != 0 ? GC_PHASE_RECLAIM : GC_PHASE_REST;
        return true;
    case GC_PHASE_REST:
        if (!address_set_rest_some(&round->gc->set))
            round->phase = GC_PHASE_OVER;
        return true;
    default:
        return true;
    }
}

/* A slice: goes on until the deadline (of os_now_ns), or until the host has to do something: to
 * reclaim the batch, and then to call gc_round_reclaimed; or to end the round. At least one chunk
 * is done. False: no memory; the round is to be ended. */
static bool gc_round_slice(struct gc_round *round, uint64_t deadline)
{
    round->marked_again = false;
    do {
        if (!gc_round_some(round))
            return false;
    } while (round->phase < GC_PHASE_RECLAIM && os_now_ns() < deadline);
    if (round->phase == GC_PHASE_MARK)
        gc_host_park(round);
    return true;
}

/* The batch is gone. What is left of it lives: the host has told gc_round_left of each. */
static inline void gc_round_reclaimed(struct gc_round *round)
{
    round->batch = 0;
    round->phase = GC_PHASE_CHECK;
}

/* Object was in the batch and is alive. */
static inline void gc_round_left(struct gc_round *round, const gc_object *object)
{
    uint32_t *count = gc_count_of(round->gc, object);
    if (count == NULL)
        return;
    *count |= GC_ALIVE;
    round->alive++;
}

#endif /* LAIR_GC_INCREMENTAL_H */

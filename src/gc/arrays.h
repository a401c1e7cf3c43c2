/* arrays.h: the larger part of an incremental host (incremental.h), for hosts that hear of every
 * death.
 *
 * What waits between slices is kept in arrays. A round has a set of its own: tracked in it are the
 * candidates that have not died. The host tells gc_arrays_forget of each one that does, and of what
 * it stops to track; no address comes back before the next round. So an entry of an array is an
 * object as long as its address is in that set, and is passed over afterwards.
 *
 *     gray       what is gray, then what is saved: each candidate is either once, at most
 *     suspects   whole trees, then the one that grows: it is scanned up to `scanned`. When all are
 *                there the check takes them from the end, and what it has looked at since the last
 *                batch is behind gc->suspect_count, up to `batch_end`.
 *
 * Hidden roots. What was found to be alive because something outside refers to it, and was not
 * reached from a root, is marked as a root in the next rounds: then what it reaches is scanned
 * once, not twice, and not counted. But what a program has just made is held from outside for a
 * moment only, and garbage soon: so it has to be found in two rounds, with as many references in
 * both, and one round in GC_HIDDEN_ROUNDS asks again. Between rounds nobody tells of their deaths:
 * at worst the next object at the address is held to be alive.
 *
 * The host includes this header instead of incremental.h, and defines gc_host_mark_again,
 * gc_host_weak_edges, gc_host_is_kept and
 *
 *     static bool gc_host_is_quiet(const gc_object *object);
 *         Whether object, which is garbage, can be taken apart without running any code.
 */
#ifndef LAIR_GC_ARRAYS_H
#define LAIR_GC_ARRAYS_H

#include "incremental.h"

enum {
    GC_UNPARK = 64,       /* gray objects that are taken up at once */
    GC_HIDDEN_MAX = 4096, /* roots because their counts said so */
    GC_HIDDEN_ROUNDS = 4, /* one round in so many asks again whether they are */
};

/* Objects that something outside refers to, and how many references each had when that was found.
 */
struct gc_outside {
    struct gc_outside_object {
        gc_object *object;
        uint32_t refs;
    } * objects; /* GC_HIDDEN_MAX have room; NULL: no memory, or no round yet */
    size_t count;
};

struct gc_arrays {
    struct gc_round round; /* the first member: it is what the passes know */
    struct gc gc;          /* the round's own */
    size_t chunk, goal;    /* of rounds, see there; 0: as they are */

    bool gathering;                        /* the candidates are not all known */
    const struct address_region *gathered; /* the region of the host's set that comes next */
    size_t candidates;

    const struct address_region *region; /* where the next tree is looked for */
    size_t word;
    size_t scanned, batch_end; /* see above */
    gc_object **saved;         /* saved objects up to gc->gray_top, not scanned */
    size_t holding, clearing;  /* of the batch, from its start: held; to be cleared */

    struct gc_outside hidden; /* roots; found in two rounds or more */
    struct gc_outside found; /* in the last round for the first time; then `young` has their bits */
    unsigned number;         /* of rounds begun */
    uint64_t key;
};

static inline struct gc_arrays *gc_arrays_of(struct gc_round *round)
{
    return (struct gc_arrays *)(void *)round;
}

static inline bool gc_arrays_has(const struct gc_arrays *arrays, const gc_object *object)
{
    return address_set_has(&arrays->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

static inline bool gc_arrays_is_active(const struct gc_arrays *arrays)
{
    return arrays->round.phase != GC_PHASE_NONE;
}

/* Object dies, or is tracked no more. */
static inline void gc_arrays_forget(struct gc_arrays *arrays, const gc_object *object)
{
    address_set_remove(&arrays->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

/* Fetches an object that comes soon, and the contents of one that comes sooner. */
GC_INLINE void gc_arrays_fetch(const struct gc_arrays *arrays, const gc_object *soon,
                               const gc_object *sooner)
{
    gc_host_prefetch(soon);
    if (gc_arrays_has(arrays, sooner))
        gc_host_prefetch_contents(sooner);
}

/* -- hidden roots ---------------------------------------------------------------------------- */

static inline void gc_outside_open(struct gc_outside *outside)
{
    if (outside->objects == NULL)
        outside->objects = gc_take(GC_HIDDEN_MAX, sizeof(*outside->objects));
}

static inline void gc_outside_close(struct gc_outside *outside)
{
    gc_give_back(outside->objects, GC_HIDDEN_MAX, sizeof(*outside->objects));
    *outside = (struct gc_outside){NULL, 0};
}

static inline void gc_outside_add(struct gc_outside *outside, gc_object *object, uint32_t refs)
{
    if (outside->objects != NULL && outside->count < GC_HIDDEN_MAX)
        outside->objects[outside->count++] = (struct gc_outside_object){object, refs};
}

/* Keeps those who are tracked, with as many references as they had. */
static inline void gc_outside_keep(struct gc_outside *outside, const struct address_set *tracked)
{
    size_t kept = 0;
    for (size_t i = 0; i < outside->count; i++) {
        const struct gc_outside_object one = outside->objects[i];
        if (address_set_has(tracked, GC_GRANULE_SHIFT, (uintptr_t)one.object) &&
            gc_host_refs(one.object) == one.refs)
            outside->objects[kept++] = one;
    }
    outside->count = kept;
}

/* This round has no hidden roots, the next one those that this one finds again. */
static inline void gc_ask_again(struct gc_arrays *arrays)
{
    for (size_t i = 0; i < arrays->hidden.count; i++)
        gc_outside_add(&arrays->found, arrays->hidden.objects[i].object,
                       arrays->hidden.objects[i].refs);
    arrays->hidden.count = 0;
}

/* Those who were found in the last round have a bit in this one, as long as they are candidates. */
static inline void gc_note_found(struct gc_arrays *arrays)
{
    for (size_t i = 0; i < arrays->found.count; i++) {
        uintptr_t address = (uintptr_t)arrays->found.objects[i].object;
        if (gc_arrays_has(arrays, arrays->found.objects[i].object))
            address_region_of(&arrays->gc.set, GC_GRANULE_SHIFT, address)
                ->young[address_word(GC_GRANULE_SHIFT, address)] |=
                address_bit(GC_GRANULE_SHIFT, address);
    }
    arrays->found.count = 0;
}

static inline bool gc_was_found(const struct gc_arrays *arrays, const gc_object *object)
{
    uintptr_t address = (uintptr_t)object;
    const struct address_region *region =
        address_region_of(&arrays->gc.set, GC_GRANULE_SHIFT, address);
    return address_is_in(region->young[address_word(GC_GRANULE_SHIFT, address)], GC_GRANULE_SHIFT,
                         address);
}

/* -- marking --------------------------------------------------------------------------------- */

/* Everything below gc->gray and behind gc->parts_end is parked. */
static void gc_host_park(struct gc_round *round)
{
    round->gc->gray = round->gc->gray_top;
    round->gc->parts_end = round->gc->parts;
}

static void gc_unpark_gray(struct gc_arrays *arrays)
{
    struct gc *gc = &arrays->gc;
    size_t parked = (size_t)(gc->gray - (gc_object **)gc->scratch[GC_SCRATCH_GRAY].memory);
    gc_object **from = gc->gray - (parked < GC_UNPARK ? parked : GC_UNPARK);
    gc_object **to = from;
    for (gc_object **at = from; at < gc->gray; at++)
        if (gc_arrays_has(arrays, *at))
            *to++ = *at;
    gc->gray = from;
    gc->gray_top = to;
}

static void gc_unpark_part(struct gc_arrays *arrays)
{
    struct gc *gc = &arrays->gc;
    struct gc_part *part = gc->parts_end++;
    gc->parts = gc_arrays_has(arrays, part->object) ? part : gc->parts_end;
}

static bool gc_host_unpark(struct gc_round *round)
{
    struct gc_arrays *arrays = gc_arrays_of(round);
    struct gc *gc = round->gc;
    char *start = gc->scratch[GC_SCRATCH_GRAY].memory;
    char *end = start + gc->scratch[GC_SCRATCH_GRAY].bytes;
    while (gc_nothing_gray(gc)) {
        if ((char *)gc->gray != start)
            gc_unpark_gray(arrays);
        else if ((char *)gc->parts_end != end)
            gc_unpark_part(arrays);
        else
            return false;
    }
    return true;
}

/* -- trees ----------------------------------------------------------------------------------- */

static gc_object *gc_host_suspect(struct gc_round *round, size_t *most)
{
    struct gc_arrays *arrays = gc_arrays_of(round);
    for (; arrays->region != NULL; arrays->region = arrays->region->next, arrays->word = 0)
        for (; address_region_next_word(arrays->region, &arrays->word); arrays->word++, --*most) {
            if (*most == 0)
                return NULL;
            uint64_t bits = gc_untaken(round->gc, arrays->region, arrays->word) &
                            arrays->region->tracked[arrays->word];
            if (bits != 0)
                return (gc_object *)address_of_bit(&round->gc->set, arrays->region, arrays->word,
                                                   ctz64(bits));
        }
    return NULL;
}

static bool gc_host_take(struct gc_round *round, gc_object *object)
{
    struct gc_arrays *arrays = gc_arrays_of(round);
    if (!gc_arrays_has(arrays, object))
        return false;
    gc_suspect(round->gc, object);
    arrays->batch_end = round->gc->suspect_count;
    return true;
}

static gc_object *gc_host_fresh(struct gc_round *round)
{
    struct gc_arrays *arrays = gc_arrays_of(round);
    const struct gc *gc = round->gc;
    for (; arrays->scanned < gc->suspect_count; arrays->scanned++) {
        gc_object *const *at = gc->suspects + arrays->scanned;
        if (arrays->scanned + GC_AHEAD < gc->suspect_count)
            gc_arrays_fetch(arrays, at[GC_AHEAD], at[GC_AHEAD_CONTENTS]);
        if (gc_arrays_has(arrays, *at))
            return *at;
    }
    return NULL;
}

static void gc_host_scanned(struct gc_round *round, gc_object *object)
{
    (void)object;
    gc_arrays_of(round)->scanned++;
}

static void gc_host_end_tree(struct gc_round *round)
{
    (void)round; /* colours tell where it begins */
}

/* -- check ----------------------------------------------------------------------------------- */

static gc_object *gc_host_queued(struct gc_round *round)
{
    struct gc *gc = round->gc;
    const struct gc_arrays *arrays = gc_arrays_of(round);
    for (; gc->suspect_count > 0; gc->suspect_count--) {
        gc_object *const *last = gc->suspects + gc->suspect_count - 1;
        if (gc->suspect_count > GC_AHEAD)
            gc_host_prefetch(last[-GC_AHEAD]);
        if (gc_arrays_has(arrays, *last) && (*gc_count_of(gc, *last) & GC_ALIVE) == 0)
            return *last;
    }
    return NULL;
}

static void gc_host_pass(struct gc_round *round, gc_object *object)
{
    (void)object;
    round->gc->suspect_count--;
}

static void gc_host_save(struct gc_round *round, gc_object *object)
{
    if (gc_arrays_has(gc_arrays_of(round), object))
        *round->gc->gray_top++ = object;
}

static gc_object *gc_host_saved(struct gc_round *round)
{
    struct gc_arrays *arrays = gc_arrays_of(round);
    struct gc *gc = round->gc;
    for (; arrays->saved < gc->gray_top; arrays->saved++) {
        if (arrays->saved + GC_AHEAD < gc->gray_top)
            gc_arrays_fetch(arrays, arrays->saved[GC_AHEAD], arrays->saved[GC_AHEAD_CONTENTS]);
        if (gc_arrays_has(arrays, *arrays->saved))
            return *arrays->saved;
    }
    arrays->saved = gc->gray_top = gc->gray;
    return NULL;
}

static void gc_host_settled(struct gc_round *round, gc_object *object, bool root)
{
    struct gc_arrays *arrays = gc_arrays_of(round);
    arrays->saved++;
    if (root)
        gc_outside_add(gc_was_found(arrays, object) ? &arrays->hidden : &arrays->found, object,
                       gc_host_refs(object));
}

/* -- the batch ------------------------------------------------------------------------------- */

/* In GC_PHASE_RECLAIM: what is still there of the batch, in the order of the trees. */
static inline size_t gc_arrays_batch(struct gc_arrays *arrays, gc_object ***batch)
{
    gc_object **start = arrays->gc.suspects + arrays->gc.suspect_count, **to = start;
    gc_object *const *end = arrays->gc.suspects + arrays->batch_end;
    for (gc_object **at = start; at < end; at++)
        if (gc_arrays_has(arrays, *at) && gc_is_in_batch(&arrays->round, *at))
            *to++ = *at;
    *batch = start;
    return (size_t)(to - start);
}

/* The batch has been dealt with; what is there of it now lives, with what it reaches. */
static inline void gc_arrays_reclaimed(struct gc_arrays *arrays, gc_object *const *batch,
                                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (gc_arrays_has(arrays, batch[i]) && gc_is_in_batch(&arrays->round, batch[i]))
            gc_save(&arrays->round, batch[i], gc_count_of(&arrays->gc, batch[i]));
    arrays->batch_end = arrays->gc.suspect_count;
    gc_round_reclaimed(&arrays->round);
}

__extension__ typedef unsigned __int128 gc_wide;

/* Of an address; no pattern of addresses cancels out. */
static inline uint64_t gc_arrays_hash(const struct gc_arrays *arrays, const gc_object *object)
{
    gc_wide product =
        (gc_wide)((uintptr_t)object ^ arrays->key) * (arrays->key | 0x9E3779B97F4A7C15u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

struct gc_balance {
    struct gc_arrays *arrays;
    uint64_t sum;
};

GC_INLINE int gc_visit_balance(gc_object *object, void *arg)
{
    struct gc_balance *balance = arg;
    if (gc_is_in_batch(&balance->arrays->round, object))
        balance->sum -= gc_arrays_hash(balance->arrays, object);
    return 0;
}

static bool gc_host_is_quiet(const gc_object *object);

/* Whether the batch is garbage for certain and nobody can observe its end; looks at each object
 * once. Nothing outside refers to it if each object has as many references as the batch holds to
 * it: then a sum over all references, in which each counts as a hash of what it refers to, is zero,
 * and otherwise by one chance in 2^64. */
static inline bool gc_arrays_is_closed(struct gc_arrays *arrays, gc_object *const *batch,
                                       size_t count)
{
    struct gc_balance balance = {arrays, 0};
    for (size_t i = 0; i < count; i++) {
        gc_fetch_ahead(batch, i, count);
        uint32_t refs = gc_host_refs(batch[i]);
        if (refs == GC_REFS_FOREVER || !gc_host_is_quiet(batch[i]))
            return false;
        balance.sum += gc_arrays_hash(arrays, batch[i]) * refs;
        size_t from = 0;
        do {
            from = gc_host_scan(batch[i], from, gc_visit_balance, &balance);
        } while (from != 0);
    }
    return balance.sum == 0;
}

/* A batch of `count` that is closed is to be cleared, some objects in each slice: the host takes
 * hold of each in turn, and then clears each and lets it go. So what dies has been cleared, and
 * takes nothing with it: a ring does not go all at once. */
static inline void gc_arrays_clear_later(struct gc_arrays *arrays, size_t count)
{
    arrays->holding = 0;
    arrays->clearing = count;
}

/* The next object to take hold of; what is not held may die, of another collection. NULL: all are
 * held. */
static inline gc_object *gc_arrays_next_to_hold(struct gc_arrays *arrays)
{
    gc_object *const *batch = arrays->gc.suspects + arrays->gc.suspect_count;
    while (arrays->holding < arrays->clearing) {
        size_t at = arrays->holding++;
        if (at + GC_AHEAD < arrays->clearing)
            gc_host_prefetch(batch[at + GC_AHEAD]);
        if (gc_arrays_has(arrays, batch[at]))
            return batch[at];
    }
    return NULL;
}

/* The next object to clear, from the last to the first. NULL: all are, and gc_arrays_reclaimed
 * follows. */
static inline gc_object *gc_arrays_next_to_clear(struct gc_arrays *arrays)
{
    gc_object *const *batch = arrays->gc.suspects + arrays->gc.suspect_count;
    while (arrays->clearing > 0) {
        size_t at = arrays->holding = --arrays->clearing;
        if (at >= GC_AHEAD)
            gc_arrays_fetch(arrays, batch[at - GC_AHEAD], batch[at - GC_AHEAD_CONTENTS]);
        if (gc_arrays_has(arrays, batch[at]))
            return batch[at];
    }
    return NULL;
}

/* -- rounds ---------------------------------------------------------------------------------- */

static inline void gc_arrays_open(struct gc_arrays *arrays)
{
    *arrays = (struct gc_arrays){.number = 0};
    gc_open(&arrays->gc);
    os_random(&arrays->key, sizeof(arrays->key));
}

/* Begins a round on all that is in tracked, whose regions stay where they are. */
static inline void gc_arrays_begin(struct gc_arrays *arrays, const struct address_set *tracked)
{
    gc_round_begin(&arrays->round, &arrays->gc);
    if (arrays->chunk != 0)
        arrays->round.chunk = arrays->chunk;
    if (arrays->goal != 0)
        arrays->round.goal = arrays->goal;
    arrays->gathering = true;
    arrays->gathered = tracked->first;
    arrays->candidates = arrays->clearing = 0;
    if (arrays->number++ % GC_HIDDEN_ROUNDS == 0)
        gc_ask_again(arrays);
    gc_outside_keep(&arrays->hidden, tracked);
    gc_outside_keep(&arrays->found, tracked);
}

/* Ends a round, if there is one, whatever it was about. */
static inline void gc_arrays_end(struct gc_arrays *arrays)
{
    gc_end(&arrays->gc);
    address_set_close(&arrays->gc.set);
    arrays->round.phase = GC_PHASE_NONE;
}

static inline void gc_arrays_close(struct gc_arrays *arrays)
{
    gc_arrays_end(arrays);
    gc_outside_close(&arrays->hidden);
    gc_outside_close(&arrays->found);
    gc_close(&arrays->gc);
}

/* All candidates are known. */
static inline bool gc_gather_end(struct gc_arrays *arrays)
{
    struct gc *gc = &arrays->gc;
    if (!gc_begin(gc, arrays->candidates) || !gc_suspects_begin(gc, arrays->candidates))
        return false;
    arrays->gathering = false;
    arrays->region = gc->set.first;
    arrays->word = arrays->scanned = arrays->batch_end = 0;
    arrays->saved = gc->gray;
    gc_outside_open(&arrays->hidden);
    gc_outside_open(&arrays->found);
    for (size_t i = 0; i < arrays->hidden.count; i++)
        if (gc_arrays_has(arrays, arrays->hidden.objects[i].object))
            gc_mark(gc, arrays->hidden.objects[i].object);
    gc_note_found(arrays);
    return true;
}

/* Gathers the next region. What dies in one that was gathered is forgotten, what dies in another
 * is not there; objects that are born meanwhile are candidates or not. False: no memory. */
static inline bool gc_gather_some(struct gc_arrays *arrays)
{
    const struct address_region *from = arrays->gathered;
    if (from == NULL)
        return gc_gather_end(arrays);
    arrays->gathered = from->next;
    return address_set_copy_region(&arrays->gc.set, from, &arrays->candidates);
}

/* A slice, see gc_round_slice. Waits while there is a batch. */
static inline bool gc_arrays_slice(struct gc_arrays *arrays, uint64_t deadline)
{
    while (arrays->gathering) {
        if (!gc_gather_some(arrays))
            return false;
        if (os_now_ns() >= deadline) {
            if (!arrays->gathering)
                gc_host_park(&arrays->round);
            return true;
        }
    }
    return arrays->round.phase >= GC_PHASE_RECLAIM || gc_round_slice(&arrays->round, deadline);
}

#endif /* LAIR_GC_ARRAYS_H */

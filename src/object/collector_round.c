/* collector_round.c: a collection of everything in slices. Read gc/incremental.h first, gc/arrays.h
 * then, and round_run here.
 *
 * A round has white bits of its own: young objects are collected meanwhile as ever. All that is
 * tracked when it begins is a candidate, the young as well; what is made later is not. Batches are
 * proved anew before they are reclaimed, in the same way as those of other collections that code of
 * the program has run since.
 *
 * The clock is allocation: a slice comes after each `quantum` of containers that were made, less
 * those that died. So the collector works as fast as the program makes garbage, on any machine. A
 * program that makes nothing for a while calls lair_gc_step.
 */
#include "collector_round.h"

#include "gc_host.h"

#include "gc/arrays.h"

const struct round_pace ROUND_PACE = {.quantum = 500, .slice_ns = 500000, .smallest = 20000};

enum {
    LARGE = 2,        /* times the goal: so large a batch is cleared in slices, if it can be */
    CLEAR_CHUNK = 32, /* objects that are cleared between two looks at the clock */
    PHASES = GC_PHASE_OVER + 1,
};

struct round {
    struct gc_arrays arrays; /* the first member: it is what the passes know */
    struct space *space;
    bool busy;      /* a slice, which may run code of the program */
    bool abandoned; /* in such code */
    gc_object **batch;
    size_t batch_count;
    struct outcome outcome;
    bool asking;                           /* without hidden roots */
    size_t pending;                        /* when it began: objects that had grown old */
    size_t young[LAIR_GC_GENERATIONS - 1]; /* ... and the counts of the younger generations */
    uint64_t ns[PHASES], longest_ns;
};

/* -- what the passes ask for ------------------------------------------------------------------ */

static struct collector *collector_of_round(struct gc_round *round)
{
    return &((struct round *)(void *)round)->space->collector;
}

static bool is_tracked(const struct collector *collector, const lair_object *object)
{
    return address_set_has(&collector->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

static bool is_candidate(const struct gc *gc, const lair_object *object)
{
    return address_set_has(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

/* What a generation's new objects refer to, as far as one part goes. */
static void mark_from(struct collector *collector, const struct generation *generation,
                      struct gc *gc)
{
    for (lair_object **at = generation->objects; at < generation->top; at++)
        if (is_tracked(collector, *at) && !is_candidate(gc, *at))
            (void)gc_host_scan(*at, 0, gc_visit_mark, gc);
}

/* Without roots there is nothing to mark: all who live are found by their counts. */
static void gc_host_mark_again(struct gc_round *round)
{
    struct collector *collector = collector_of_round(round);
    if (collector->root_count == 0 && gc_arrays_of(round)->hidden.count == 0)
        return;
    collector_mark_roots(collector, round->gc);
    mark_from(collector, &collector->generation[0], round->gc);
    mark_from(collector, &collector->generation[1], round->gc);
}

static struct weakref *weakrefs_to(const lair_object *object)
{
    return object->type->spec.weakrefs != 0 ? *weakrefs_of(object, object->type) : NULL;
}

static void gc_host_weak_edges(struct gc_round *round, gc_object *object)
{
    if (object->type->kind == LAIR_KIND_WEAKREF && weakref_of(object)->referent != NULL)
        gc_join(round, weakref_of(object)->referent);
    for (struct weakref *ref = weakrefs_to(object); ref != NULL; ref = ref->next)
        gc_join(round, &ref->object);
}

/* A weak reference that was made since the round began may be garbage, and then its callback must
 * not run: what it refers to waits for the next round. */
static bool gc_host_is_kept(struct gc_round *round, gc_object *object)
{
    const struct collector *collector = collector_of_round(round);
    for (struct weakref *ref = weakrefs_to(object); ref != NULL; ref = ref->next)
        if (is_tracked(collector, &ref->object) && !is_candidate(round->gc, &ref->object))
            return true;
    return false;
}

/* -- reclaiming ------------------------------------------------------------------------------- */

static bool gc_host_is_quiet(const gc_object *object)
{
    return object->type->spec.finalize == NULL && object->type->kind != LAIR_KIND_WEAKREF &&
           weakrefs_to(object) == NULL;
}

/* A batch that is too large for one slice is cleared in several, if nobody can observe that. */
static bool clear_later(struct round *round)
{
    const unsigned naming = LAIR_GC_COLLECTABLE | LAIR_GC_SAVE_ALL;
    struct gc_arrays *arrays = &round->arrays;
    if (round->batch_count <= LARGE * arrays->round.goal ||
        (round->space->collector.flags & naming) != 0 ||
        !gc_arrays_is_closed(arrays, round->batch, round->batch_count))
        return false;
    gc_arrays_clear_later(arrays, round->batch_count);
    return true;
}

static void reclaim(struct round *round)
{
    struct space *space = round->space;
    round->batch_count = gc_arrays_batch(&round->arrays, &round->batch);
    if (clear_later(round))
        return;
    size_t count = round->batch_count;
    size_t garbage = collector_prove(space, round->batch, count, &round->outcome);
    collector_reclaim_proved(space, round->batch, count, garbage, &round->outcome);
    gc_arrays_reclaimed(&round->arrays, round->batch, count);
    round->batch = NULL;
}

/* All has been cleared: what has not died of it cannot be collected. */
static void end_clearing(struct round *round)
{
    size_t left = 0;
    for (size_t i = 0; i < round->batch_count; i++)
        if (gc_arrays_has(&round->arrays, round->batch[i]))
            round->batch[left++] = round->batch[i];
    if (left != 0)
        collector_reclaim_left(round->space, round->batch, left, &round->outcome);
    gc_arrays_reclaimed(&round->arrays, round->batch, left);
    round->batch = NULL;
}

static void clear_some(struct round *round, uint64_t deadline)
{
    do {
        for (int i = 0; i < CLEAR_CHUNK; i++) {
            lair_object *object = gc_arrays_next_to_hold(&round->arrays);
            if (object != NULL) {
                (void)lair_incref(object);
                continue;
            }
            object = gc_arrays_next_to_clear(&round->arrays);
            if (object == NULL) {
                end_clearing(round);
                return;
            }
            if (object->type->spec.clear != NULL)
                object->type->spec.clear(object);
            lair_decref(object);
            round->outcome.collected++;
        }
    } while (os_now_ns() < deadline);
}

/* -- a round ---------------------------------------------------------------------------------- */

bool rounds_are_active(const struct collector *collector)
{
    return collector->waiting != NULL;
}

static struct round *round_make(struct space *space)
{
    struct round *round = gc_take(1, sizeof(*round));
    if (round == NULL)
        return NULL;
    gc_arrays_open(&round->arrays);
    round->space = space;
    return round;
}

void round_close(struct collector *collector)
{
    if (collector->round == NULL)
        return;
    gc_arrays_close(&collector->round->arrays);
    gc_give_back(collector->round, 1, sizeof(*collector->round));
    collector->round = NULL;
    collector->waiting = NULL;
}

static void begin(struct round *round)
{
    struct collector *collector = &round->space->collector;
    round->outcome = (struct outcome){0};
    round->abandoned = false;
    round->longest_ns = 0;
    memset(round->ns, 0, sizeof(round->ns));
    collector->waiting = &round->arrays.gc.set;
    round->arrays.chunk = collector->rounds.chunk;
    round->arrays.goal = collector->rounds.goal;
    gc_arrays_begin(&round->arrays, &collector->gc.set);
    round->asking = round->arrays.hidden.count == 0;
    collector_announce(round->space, NULL, 0);
    round->pending = collector->pace.pending;
    for (int i = 0; i < LAIR_GC_GENERATIONS - 1; i++)
        round->young[i] = collector->generation[i].count;
}

static void tell_all(struct round *round, uint64_t total)
{
    struct collector *collector = &round->space->collector;
    const struct gc_round *passes = &round->arrays.round;
    const struct {
        gc_event event;
        uint64_t count, ns;
    } rows[] = {
        {GC_EVENT_START, LAIR_GC_GENERATIONS - 1, 0},
        {GC_EVENT_CANDIDATES, round->arrays.candidates, round->ns[GC_PHASE_NONE]},
        {GC_EVENT_MARK, round->arrays.gc.reached,
         round->ns[GC_PHASE_MARK] + round->ns[GC_PHASE_RANK]},
        {GC_EVENT_SUSPECTS, passes->suspects, 0},
        {GC_EVENT_ORDER, passes->trees, round->ns[GC_PHASE_TREES] + round->ns[GC_PHASE_PURGE]},
        {GC_EVENT_TRIAL, passes->suspects - passes->alive,
         round->ns[GC_PHASE_CHECK] + round->ns[GC_PHASE_REST]},
        {GC_EVENT_RECLAIM, round->outcome.collected, round->ns[GC_PHASE_RECLAIM]},
        {GC_EVENT_STOP, round->outcome.collected, total},
    };
    const gc_listener listener = collector->gc.listener;
    for (size_t i = 0; listener.event != NULL && i < sizeof rows / sizeof *rows; i++)
        listener.event(listener.arg, rows[i].event, rows[i].count, rows[i].ns);
}

/* Whether containers have been made since the round began, as far as counts tell. */
static bool is_disturbed(const struct round *round)
{
    const struct collector *collector = &round->space->collector;
    return collector->pace.pending != round->pending ||
           collector->generation[0].count != round->young[0] ||
           collector->generation[1].count != round->young[1];
}

/* The round is over, or given up. */
static void end(struct round *round)
{
    struct space *space = round->space;
    struct collector *collector = &space->collector;
    uint64_t total = 0;
    for (int i = 0; i < PHASES; i++)
        total += round->ns[i];
    tell_all(round, total);
    collector->settled = false;
    if (round->arrays.round.phase == GC_PHASE_OVER) {
        collector->settled = round->asking && !round->outcome.no_memory && !is_disturbed(round);
        size_t since = collector->pace.pending - round->pending;
        gc_pace_collected(&collector->pace, collector->tracked, round->outcome.collected, false);
        collector->pace.pending = since;
        collector->generation[LAIR_GC_GENERATIONS - 1].count = 0;
        space_keep_free(space, space->heap->options.free_objects);
    }
    gc_arrays_end(&round->arrays);
    collector->waiting = NULL;
    collector_count_round(collector, &round->outcome, total, round->longest_ns);
    collector_announce(space, &round->outcome, total);
}

/* Steps of one phase; the time they take is counted as that phase's. False: no memory. */
static bool go_on(struct round *round, uint64_t deadline)
{
    struct gc_arrays *arrays = &round->arrays;
    if (round->batch != NULL)
        clear_some(round, deadline);
    else if (!gc_arrays_slice(arrays, deadline))
        return false;
    else if (arrays->round.phase == GC_PHASE_RECLAIM)
        reclaim(round);
    return true;
}

/* A slice: at least one step. Who dies in it makes the young no fewer. */
static void slice(struct round *round, uint64_t ns)
{
    struct space *space = round->space;
    struct collector *collector = &space->collector;
    const enum gc_phase *phase = &round->arrays.round.phase;
    size_t young = collector->generation[0].count;
    uint64_t start = os_now_ns(), now = start,
             deadline = start + ns >= start ? start + ns : UINT64_MAX;
    bool going = true;
    do {
        enum gc_phase at = round->arrays.gathering ? GC_PHASE_NONE : *phase;
        going = go_on(round, deadline);
        round->outcome.no_memory |= !going;
        uint64_t after = os_now_ns();
        round->ns[at] += after - now;
        now = after;
        going = going && !round->abandoned && *phase != GC_PHASE_OVER;
    } while (going && now < deadline);
    if (now - start > round->longest_ns)
        round->longest_ns = now - start;
    if (collector->generation[0].count < young)
        collector->generation[0].count = young;
    if (going)
        return;
    if (round->batch != NULL)
        clear_some(round, UINT64_MAX);
    end(round);
}

/* -- when ------------------------------------------------------------------------------------- */

/* What surrounds all that may run code of the program. */
struct enclosure {
    struct error_kept error;
    bool collecting;
};

static void enter(struct round *round, struct enclosure *enclosure)
{
    struct space *space = round->space;
    error_keep(&enclosure->error);
    enclosure->collecting = space->collector.collecting;
    space->collector.collecting = true;
    lair_heap_suspend_limit(space->heap);
    round->busy = true;
}

static void leave(struct round *round, const struct enclosure *enclosure)
{
    struct space *space = round->space;
    round->busy = false;
    lair_heap_resume_limit(space->heap);
    space->collector.collecting = enclosure->collecting;
    collector_rearm(&space->collector);
    error_restore(&enclosure->error);
}

/* A slice of the round that is under way, or of one that begins. False: there was no memory. */
static bool begin_or_go_on(struct space *space, uint64_t ns)
{
    struct collector *collector = &space->collector;
    if (collector->round == NULL)
        collector->round = round_make(space);
    struct round *round = collector->round;
    if (round == NULL)
        return false;
    struct enclosure enclosure;
    enter(round, &enclosure);
    if (!rounds_are_active(collector))
        begin(round);
    slice(round, ns);
    leave(round, &enclosure);
    return !round->outcome.no_memory;
}

void round_settle(struct space *space)
{
    struct round *round = space->collector.round;
    if (round == NULL || round->batch == NULL || round->busy)
        return;
    struct enclosure enclosure;
    enter(round, &enclosure);
    clear_some(round, UINT64_MAX);
    leave(round, &enclosure);
}

void rounds_abandon(struct space *space)
{
    struct round *round = space->collector.round;
    if (!rounds_are_active(&space->collector))
        return;
    if (round->busy) {
        round->abandoned = true;
        return;
    }
    round_settle(space);
    struct enclosure enclosure;
    enter(round, &enclosure);
    end(round);
    leave(round, &enclosure);
}

size_t round_trigger(const struct collector *collector, size_t threshold)
{
    size_t next = collector->generation[0].count + collector->rounds.quantum;
    return rounds_are_active(collector) && next < threshold ? next : threshold;
}

/* As for full collections of other modes (gc/pace.h), but seldom where there are few objects. */
static bool is_due(const struct collector *collector)
{
    struct gc_pace pace = collector->pace;
    pace.long_lived += collector->rounds.smallest;
    return gc_pace_due(&pace);
}

bool round_run(struct space *space)
{
    struct collector *collector = &space->collector;
    bool young_due = collector->generation[0].count > collector->generation[0].threshold;
    if (rounds_are_active(collector) || is_due(collector))
        (void)begin_or_go_on(space, collector->rounds.slice_ns);
    return young_due;
}

/* Young objects are collected first: who survives counts as new among the old. When nothing has
 * been made since the last round there may be garbage all the same, of what was let go meanwhile:
 * one more round looks for it, without hidden roots, and then there is none. */
bool round_step(struct space *space, uint64_t ns)
{
    struct collector *collector = &space->collector;
    size_t found;
    if (collector->collecting || space->closing)
        return false;
    if (!rounds_are_active(collector)) {
        bool made = collector->generation[0].count != 0 || collector->generation[1].count != 0;
        if (made)
            (void)collector_collect(space, 1, &found);
        if (!made && collector->pace.pending == 0) {
            if (collector->settled)
                return false;
            if (collector->round != NULL)
                collector->round->arrays.number = 0;
        }
    }
    return begin_or_go_on(space, ns) &&
           (rounds_are_active(collector) || collector->pace.pending != 0 || !collector->settled);
}

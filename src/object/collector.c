/* collector.c: the collector's first host: generations of liblair's objects, and what becomes of
 * their garbage. Read collect() first; gc/collect.h tells of the passes.
 *
 * An object is in the generation whose vector has its address, and in the oldest when none has. A
 * vector is never searched when an object dies: its tracked bit goes, and an entry without one is
 * passed over. An address that is used again is young again, whatever older vectors say of it.
 *
 * Garbage is reclaimed in batches closed under referrers (gc/order.h). Finalizers and callbacks of
 * one batch may do what they like to later ones: before a batch is touched, what has died of it is
 * left out, and what remains is collected anew, by itself.
 */
#include "collector.h"

#include <inttypes.h>
#include <stdio.h>

#include <lair/list.h>

#include "collector_round.h"
#include "gc_host.h"

#include "gc/collect.h"

enum {
    THRESHOLD_YOUNG = 700, /* as document 1 has them */
    THRESHOLD_OLDER = 10,
    VECTOR_FIRST = 1024, /* entries */
    BATCH = 2000,        /* objects that are reclaimed together: they fit the cache */
    EXIT_ROUNDS = 8,     /* finalizers may make new garbage when the heap closes */
};

/* -- vectors --------------------------------------------------------------------------------- */

static size_t vector_count(const struct generation *generation)
{
    return (size_t)(generation->top - generation->objects);
}

static size_t vector_room(const struct generation *generation)
{
    return (size_t)(generation->end - generation->objects);
}

static bool vector_grow(struct generation *generation)
{
    size_t count = vector_count(generation), room = vector_room(generation);
    size_t more = room == 0 ? VECTOR_FIRST : room * 2;
    lair_object **objects = gc_take(more, sizeof(*objects));
    if (objects == NULL)
        return false;
    if (count != 0)
        memcpy(objects, generation->objects, count * sizeof(*objects));
    gc_give_back(generation->objects, room, sizeof(*objects));
    generation->objects = objects;
    generation->top = objects + count;
    generation->end = objects + more;
    return true;
}

static void vector_discard(struct generation *generation)
{
    gc_give_back(generation->objects, vector_room(generation), sizeof(*generation->objects));
    generation->objects = generation->top = generation->end = NULL;
}

/* Room for so many more; false: no memory. */
static bool vector_reserve(struct generation *generation, size_t count)
{
    while ((size_t)(generation->end - generation->top) < count)
        if (!vector_grow(generation))
            return false;
    return true;
}

static bool is_tracked(const struct collector *collector, const lair_object *object)
{
    return address_set_has(&collector->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

/* The bit goes with the entry in the vector of the young. */
static void leave_youth(struct collector *collector, const lair_object *object)
{
    struct address_region *region = tracking_region(collector, object);
    region->young[address_word(GC_GRANULE_SHIFT, (uintptr_t)object)] &=
        ~address_bit(GC_GRANULE_SHIFT, (uintptr_t)object);
}

/* Leaves out of the vector of the young what has died. */
static void drop_dead_young(struct collector *collector)
{
    struct generation *young = &collector->generation[0];
    lair_object **kept = young->objects;
    for (lair_object **at = young->objects; at < young->top; at++) {
        if (is_tracked(collector, *at))
            *kept++ = *at;
        else
            leave_youth(collector, *at);
    }
    young->top = kept;
}

/* -- tracking, out of line --------------------------------------------------------------------- */

bool collector_extend(struct collector *collector, const lair_object *object)
{
    if (address_set_reserve(&collector->gc.set, (uintptr_t)object) != NULL)
        return true;
    (void)lair_fail(LAIR_ERR_NO_MEMORY, "no memory for the collector to keep track of a %s",
                    object->type->spec.name);
    return false;
}

/* Where the vector cannot grow object is old at once. */
void collector_note_young(struct collector *collector, lair_object *object)
{
    struct generation *young = &collector->generation[0];
    leave_youth(collector, object); /* so that it stays where it is */
    drop_dead_young(collector);
    bool crowded = vector_count(young) >= vector_room(young) / 2;
    if (crowded && !vector_grow(young) && young->top == young->end) {
        collector->pace.pending++;
        return;
    }
    struct address_region *region = tracking_region(collector, object);
    region->young[address_word(GC_GRANULE_SHIFT, (uintptr_t)object)] |=
        address_bit(GC_GRANULE_SHIFT, (uintptr_t)object);
    *young->top++ = object;
}

void collector_untrack_frozen(struct collector *collector, const lair_object *object)
{
    uintptr_t address = (uintptr_t)object;
    if (!address_set_has(&collector->ice, GC_GRANULE_SHIFT, address))
        return;
    address_set_remove(&collector->ice, GC_GRANULE_SHIFT, address);
    collector->frozen--;
}

/* -- candidates ------------------------------------------------------------------------------ */

static bool make_white(struct collector *collector, const lair_object *object)
{
    return address_set_make_white(&collector->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

static bool is_white(const struct collector *collector, const lair_object *object)
{
    return address_set_is_white(&collector->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object);
}

/* Makes the living of a vector white, and empties it. They are in `grown` from now on, or old:
 * where that is NULL, or has no memory for them. Returns how many there are. */
static size_t whiten_vector(struct collector *collector, struct generation *generation,
                            struct generation *grown)
{
    if (grown != NULL && !vector_reserve(grown, vector_count(generation)))
        grown = NULL;
    lair_object **to = grown != NULL ? grown->top : generation->objects;
    bool young = generation == &collector->generation[0];
    size_t count = 0;
    for (lair_object **at = generation->objects; at < generation->top; at++) {
        lair_object *object = *at;
        struct address_region *region = tracking_region(collector, object);
        size_t at_word = address_word(GC_GRANULE_SHIFT, (uintptr_t)object);
        uint64_t bit = address_bit(GC_GRANULE_SHIFT, (uintptr_t)object);
        if (young)
            region->young[at_word] &= ~bit; /* as in leave_youth */
        if ((region->tracked[at_word] & bit) != 0 &&
            address_region_make_white(&collector->gc.set, region, at_word, bit))
            to[count++] = object;
    }
    generation->top = generation->objects;
    if (grown != NULL)
        grown->top += count;
    else
        collector->pace.pending += count;
    return count;
}

/* Makes the candidates of a collection white, and as old as they will be. */
static size_t whiten(struct collector *collector, int generation)
{
    struct generation *young = &collector->generation[0], *middle = &collector->generation[1];
    if (generation == 0)
        return whiten_vector(collector, young, middle);
    if (generation == 1)
        return whiten_vector(collector, young, NULL) + whiten_vector(collector, middle, NULL);
    for (lair_object **at = young->objects; at < young->top; at++)
        leave_youth(collector, *at);
    young->top = young->objects;
    middle->top = middle->objects;
    return address_set_whiten(&collector->gc.set);
}

static void mark_roots(struct gc *gc, void *arg)
{
    const struct collector *collector = arg;
    for (size_t i = 0; i < collector->root_count; i++)
        gc_mark(gc, *collector->roots[i]);
}

/* -- debugging ------------------------------------------------------------------------------- */

static void say_object(const char *what, const lair_object *object)
{
    (void)fprintf(stderr, "lair: gc: %s %s at %p\n", what, gc_host_name(object),
                  (const void *)object);
}

static void save(struct space *space, lair_object *object)
{
    lair_object *list = lair_gc_garbage(space->heap);
    if (list == NULL || lair_list_append(list, object) != LAIR_OK)
        say_object("no memory to save", object);
}

/* -- reclaiming ------------------------------------------------------------------------------ */

/* Leaves out of a batch what has died since it was found, or died and was born again. */
static size_t drop_dead(struct collector *collector, lair_object **batch, size_t count)
{
    size_t alive = 0;
    for (size_t i = 0; i < count; i++)
        if (is_tracked(collector, batch[i]) && !collector_is_young(collector, batch[i]))
            batch[alive++] = batch[i];
    return alive;
}

/* The batch's objects are held, and white. */
static void hold(struct collector *collector, lair_object **batch, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)lair_incref(batch[i]);
        (void)make_white(collector, batch[i]);
    }
}

static void let_go(lair_object **batch, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lair_decref(batch[i]);
}

static bool has_weakrefs(const lair_object *object)
{
    return object->type->spec.weakrefs != 0 && *weakrefs_of(object, object->type) != NULL;
}

/* Clears all weak references to the batch. Returns those whose callbacks are to run; the objects
 * themselves may be referred to anew by then. */
static struct weakref *clear_weakrefs(lair_object **batch, size_t count)
{
    struct weakref *waiting = NULL, **end = &waiting;
    for (size_t i = 0; i < count; i++) {
        if (has_weakrefs(batch[i]) && weakrefs_clear(batch[i], batch[i]->type))
            end = weakrefs_move(batch[i], batch[i]->type, end);
    }
    return waiting;
}

/* All weak references to the batch are cleared before the first callback runs; then finalizers.
 * Returns whether any code has run. */
static bool run_foreign_code(lair_object **batch, size_t count)
{
    struct weakref *waiting = clear_weakrefs(batch, count);
    bool ran = waiting != NULL;
    weakrefs_call(&waiting);
    for (size_t i = 0; i < count; i++)
        if (batch[i]->type->spec.finalize != NULL)
            ran |= type_finalize(batch[i]);
    return ran;
}

/* What of the batch, which is held once and tracked, is garbage still, comes first, and is what is
 * white. *garbage: how many these are. False: no memory. */
static bool collect_anew(struct collector *collector, lair_object **batch, size_t count,
                         size_t *garbage)
{
    struct gc *gc = &collector->gc;
    gc_end(gc);
    gc->pins = 1;
    if (!gc_begin(gc, count))
        return false;
    for (size_t i = 0; i < count; i++)
        (void)make_white(collector, batch[i]);
    gc->whites = address_set_rank(&gc->set);
    lair_assert(gc->whites == count, "%zu of %zu objects of a batch are white", gc->whites, count);
    if (ASSERTS_ON && !gc_suspect_whites(gc)) /* for the check */
        return false;
    if (!gc_trial_whites(gc))
        return false;
    for (size_t i = 0; i < count; i++) {
        lair_object *object = batch[i];
        if (!is_white(collector, object))
            continue;
        batch[i] = batch[*garbage];
        batch[(*garbage)++] = object;
    }
    gc->garbage = batch;
    gc->garbage_count = *garbage;
    if (ASSERTS_ON)
        gc_check_trial(gc);
    return true;
}

/* Rearranges a batch, all of which is held: what is garbage still comes first, and is what is
 * white. *count: how many these are. What foreign code has made no container, or has frozen, is
 * tracked no more, and counts as alive. False: no memory, and nothing counts as garbage. */
static bool sift(struct collector *collector, lair_object **batch, size_t *count,
                 struct outcome *outcome)
{
    size_t tracked = 0;
    for (size_t i = 0; i < *count; i++) {
        lair_object *object = batch[i];
        if (!is_tracked(collector, object))
            continue;
        batch[i] = batch[tracked];
        batch[tracked++] = object;
    }
    *count = 0;
    if (!collect_anew(collector, batch, tracked, count)) {
        outcome->no_memory = true;
        return false;
    }
    outcome->resurrected += tracked - *count;
    return true;
}

/* What is left of garbage that was cleared is what clearing does not free: it goes to the list.
 * Code that ran meanwhile may have taken hold of some, which is then no garbage. */
static void save_uncollectable(struct space *space, lair_object **left, size_t count,
                               struct outcome *outcome)
{
    struct collector *collector = &space->collector;
    hold(collector, left, count);
    outcome->collected -= count;
    size_t resurrected = outcome->resurrected, garbage = count;
    (void)sift(collector, left, &garbage, outcome);
    outcome->resurrected = resurrected;
    outcome->uncollectable += garbage;
    for (size_t i = 0; i < garbage; i++) {
        if ((collector->flags & LAIR_GC_UNCOLLECTABLE) != 0)
            say_object("uncollectable", left[i]);
        save(space, left[i]);
    }
    let_go(left, count);
}

/* Clears garbage that is held and white, and lets it go. What dies is white no more. */
static void clear(struct space *space, lair_object **garbage, size_t count, struct outcome *outcome)
{
    struct collector *collector = &space->collector;
    for (size_t i = 0; i < count; i++)
        if (garbage[i]->type->spec.clear != NULL)
            garbage[i]->type->spec.clear(garbage[i]);
    let_go(garbage, count);
    outcome->collected += count;
    if (address_set_rank(&collector->gc.set) == 0) /* all have died */
        return;
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        if (is_white(collector, garbage[i]))
            garbage[left++] = garbage[i];
    if (left != 0)
        save_uncollectable(space, garbage, left, outcome);
}

/* A batch that is held, of which the first `garbage` are garbage, and white. What turns out to be
 * alive is let go of last: until the garbage is cleared, none of the program's code may run that
 * could take hold of it. */
static void reclaim_held(struct space *space, lair_object **batch, size_t count, size_t garbage,
                         bool calls, struct outcome *outcome)
{
    struct collector *collector = &space->collector;
    struct weakref *waiting = NULL;
    if (calls && run_foreign_code(batch, garbage)) {
        (void)sift(collector, batch, &garbage, outcome);
        /* Finalizers may have made weak references to what is cleared now. */
        if ((collector->flags & LAIR_GC_SAVE_ALL) == 0)
            waiting = clear_weakrefs(batch, garbage);
    }
    if ((collector->flags & LAIR_GC_SAVE_ALL) != 0) {
        for (size_t i = 0; i < garbage; i++)
            save(space, batch[i]);
        let_go(batch, garbage);
        outcome->collected += garbage;
    } else {
        clear(space, batch, garbage, outcome);
    }
    weakrefs_call(&waiting);
    let_go(batch + garbage, count - garbage);
    gc_end(&collector->gc);
}

/* One batch, of which some may be dead by now; or alive, when code of the program may have run
 * since it was found. */
static void reclaim_batch(struct space *space, lair_object **batch, size_t count, bool disturbed,
                          bool calls, struct outcome *outcome)
{
    struct collector *collector = &space->collector;
    if (disturbed)
        count = drop_dead(collector, batch, count);
    hold(collector, batch, count);
    size_t garbage = count;
    if (disturbed)
        (void)sift(collector, batch, &garbage, outcome);
    reclaim_held(space, batch, count, garbage, calls, outcome);
}

static void reclaim(struct space *space, bool calls, struct outcome *outcome)
{
    struct gc *gc = &space->collector.gc;
    bool disturbed = false;
    for (size_t count; (count = gc_batch(gc, space->collector.batch)) != 0; disturbed = true)
        reclaim_batch(space, gc->queue + gc->queue_left, count, disturbed, calls, outcome);
    gc_end_queue(gc);
}

/* -- the driver: read this first --------------------------------------------------------------- */

/* Callbacks may add others, behind those that are called now, and remove any: then a gap is left
 * until all have been called. */
static void call_callbacks(struct space *space, const lair_gc_info *info)
{
    struct collector *collector = &space->collector;
    size_t count = collector->callback_count, left = 0;
    collector->calling = true;
    for (size_t i = 0; i < count; i++) {
        const struct gc_callback_entry entry = collector->callbacks[i];
        if (entry.callback != NULL)
            entry.callback(space->heap, info, entry.arg);
    }
    collector->calling = false;
    for (size_t i = 0; i < collector->callback_count; i++)
        if (collector->callbacks[i].callback != NULL)
            collector->callbacks[left++] = collector->callbacks[i];
    collector->callback_count = left;
}

/* The counts begin anew, and the next older generation's goes up by one. */
static void count_collection(struct collector *collector, int generation)
{
    for (int i = 0; i <= generation; i++)
        collector->generation[i].count = 0;
    if (generation + 1 < LAIR_GC_GENERATIONS)
        collector->generation[generation + 1].count++;
}

static void count_outcome(struct collector *collector, int generation,
                          const struct outcome *outcome, uint64_t ns)
{
    lair_gc_stats *stats = &collector->generation[generation].stats;
    stats->collections++;
    stats->collected += outcome->collected;
    stats->uncollectable += outcome->uncollectable;
    stats->resurrected += outcome->resurrected;
    stats->total_ns += ns;
    if (ns > stats->longest_ns)
        stats->longest_ns = ns;
}

static void say_start(const struct collector *collector, int generation)
{
    (void)fprintf(stderr, "lair: gc: collecting generation %d of %zu objects\n", generation,
                  collector->tracked);
}

static void say_stop(const struct outcome *outcome, uint64_t ns)
{
    (void)fprintf(
        stderr, "lair: gc: done, %zu collected, %zu resurrected, %zu uncollectable, %.3f ms\n",
        outcome->collected, outcome->resurrected, outcome->uncollectable, (double)ns / 1e6);
}

/* Whether some of the garbage calls the program before it is cleared. */
static bool will_call(const struct gc *gc)
{
    for (size_t i = 0; i < gc->garbage_count; i++)
        if (gc->garbage[i]->type->spec.finalize != NULL || has_weakrefs(gc->garbage[i]))
            return true;
    return false;
}

/* The callbacks of weak references that are garbage do not run, whatever the garbage they refer to
 * dies of: it may be a batch before its own, by its count. */
static void silence_weakrefs(struct collector *collector)
{
    const struct gc *gc = &collector->gc;
    for (size_t i = 0; i < gc->garbage_count; i++) {
        if (gc->garbage[i]->type->kind != LAIR_KIND_WEAKREF)
            continue;
        struct weakref *ref = weakref_of(gc->garbage[i]);
        if (ref->referent != NULL && is_white(collector, ref->referent))
            weakref_silence(ref);
    }
}

/* Batches are for the program's code: whatever of it runs, it finds no more than one of them
 * half-way; garbage that calls none of it is reclaimed at once. False: no memory. */
static bool order(struct collector *collector, bool calls)
{
    struct gc *gc = &collector->gc;
    if (gc->garbage_count > collector->batch && calls)
        return gc_order(gc);
    gc_order_as_one(gc);
    return true;
}

/* Finds the garbage among the candidates, which are then as old as they are to be, and reclaims it.
 * *found: objects. */
static void collect_generation(struct space *space, int generation, bool asked, size_t *found,
                               struct outcome *outcome)
{
    struct collector *collector = &space->collector;
    struct gc *gc = &collector->gc;
    size_t candidates = whiten(collector, generation);
    count_collection(collector, generation);
    bool rooted = generation == LAIR_GC_GENERATIONS - 1 && collector->root_count != 0;
    bool known = gc_find_garbage(gc, candidates, rooted ? mark_roots : NULL, collector);
    *found = known ? gc->garbage_count : 0;
    if (known && (collector->flags & LAIR_GC_COLLECTABLE) != 0)
        for (size_t i = 0; i < gc->garbage_count; i++)
            say_object("collectable", gc->garbage[i]);
    if (known)
        silence_weakrefs(collector);
    bool calls = known && will_call(gc);
    bool ordered = known && order(collector, calls);
    if (ordered)
        gc_tell(gc, GC_EVENT_ORDER, gc->tree_count);
    gc_end(gc);
    outcome->no_memory = !ordered;
    if (ordered)
        reclaim(space, calls, outcome);
    if (generation == LAIR_GC_GENERATIONS - 1) {
        gc_pace_collected(&collector->pace, collector->tracked, *found, asked);
        collector->settled = ordered;
        space_keep_free(space, space->heap->options.free_objects);
    }
    gc_tell(gc, GC_EVENT_RECLAIM, outcome->collected);
}

/* A whole collection, with all who hear of it. */
static lair_status collect(struct space *space, int generation, bool asked, size_t *found)
{
    struct collector *collector = &space->collector;
    if (generation == LAIR_GC_GENERATIONS - 1)
        rounds_abandon(space);
    struct outcome outcome = {0};
    struct error_kept error;
    error_keep(&error);
    collector->collecting = true;
    lair_heap_suspend_limit(space->heap);
    lair_gc_info info = {.generation = generation};
    call_callbacks(space, &info);
    if ((collector->flags & LAIR_GC_STATS) != 0)
        say_start(collector, generation);
    uint64_t start = os_now_ns();
    collector->gc.pass_began = start;
    gc_tell(&collector->gc, GC_EVENT_START, (uint64_t)generation);
    collect_generation(space, generation, asked, found, &outcome);
    uint64_t ns = os_now_ns() - start;
    collector->gc.pass_began = start;
    gc_tell(&collector->gc, GC_EVENT_STOP, outcome.collected);
    count_outcome(collector, generation, &outcome, ns);
    if ((collector->flags & LAIR_GC_STATS) != 0)
        say_stop(&outcome, ns);
    info = (lair_gc_info){true, generation, outcome.collected, outcome.uncollectable};
    call_callbacks(space, &info);
    lair_heap_resume_limit(space->heap);
    collector->collecting = false;
    collector_rearm(collector);
    error_restore(&error);
    return outcome.no_memory ? LAIR_ERR_NO_MEMORY : LAIR_OK;
}

/* Generation 0 is due: and older ones, if their thresholds are passed. What fails for want of
 * memory fails quietly: the next collection will come. */
void collector_run(struct space *space)
{
    struct collector *collector = &space->collector;
    if (collector->collecting || space->closing)
        return;
    bool in_slices = collector->mode == LAIR_GC_INCREMENTAL;
    if (in_slices && !round_run(space))
        return;
    int generation = LAIR_GC_GENERATIONS - (in_slices ? 2 : 1);
    for (; generation > 0; generation--) {
        const struct generation *older = &collector->generation[generation];
        bool worth_it = generation < LAIR_GC_GENERATIONS - 1 || gc_pace_due(&collector->pace);
        if (older->count > older->threshold && worth_it)
            break;
    }
    size_t found;
    (void)collect(space, generation, false, &found);
}

lair_status collector_collect(struct space *space, int generation, size_t *found)
{
    *found = 0;
    if (space->collector.collecting)
        return LAIR_OK;
    if (collect(space, generation, true, found) == LAIR_OK)
        return LAIR_OK;
    return lair_fail(LAIR_ERR_NO_MEMORY, "no memory to collect generation %d", generation);
}

/* -- what rounds share ------------------------------------------------------------------------- */

void collector_announce(struct space *space, const struct outcome *outcome, uint64_t ns)
{
    struct collector *collector = &space->collector;
    lair_gc_info info = {.generation = LAIR_GC_GENERATIONS - 1};
    if (outcome != NULL) {
        info.stop = true;
        info.collected = outcome->collected;
        info.uncollectable = outcome->uncollectable;
    }
    bool says = (collector->flags & LAIR_GC_STATS) != 0;
    if (says && outcome != NULL)
        say_stop(outcome, ns);
    call_callbacks(space, &info);
    if (says && outcome == NULL)
        say_start(collector, info.generation);
}

void collector_count_round(struct collector *collector, const struct outcome *outcome,
                           uint64_t total_ns, uint64_t longest_ns)
{
    lair_gc_stats *stats = &collector->generation[LAIR_GC_GENERATIONS - 1].stats;
    uint64_t longest = stats->longest_ns > longest_ns ? stats->longest_ns : longest_ns;
    count_outcome(collector, LAIR_GC_GENERATIONS - 1, outcome, total_ns);
    stats->longest_ns = longest;
}

void collector_mark_roots(struct collector *collector, struct gc *gc)
{
    mark_roots(gc, collector);
}

/* What a first look finds alive was not resurrected. */
size_t collector_prove(struct space *space, lair_object **batch, size_t count,
                       struct outcome *outcome)
{
    struct collector *collector = &space->collector;
    size_t resurrected = outcome->resurrected, garbage = count;
    hold(collector, batch, count);
    if (!sift(collector, batch, &garbage, outcome))
        return 0;
    outcome->resurrected = resurrected;
    if ((collector->flags & LAIR_GC_COLLECTABLE) != 0)
        for (size_t i = 0; i < garbage; i++)
            say_object("collectable", batch[i]);
    silence_weakrefs(collector);
    return garbage;
}

void collector_reclaim_proved(struct space *space, lair_object **batch, size_t count,
                              size_t garbage, struct outcome *outcome)
{
    bool calls = will_call(&space->collector.gc);
    reclaim_held(space, batch, count, garbage, calls, outcome);
}

void collector_reclaim_left(struct space *space, lair_object **left, size_t count,
                            struct outcome *outcome)
{
    save_uncollectable(space, left, count, outcome);
    gc_end(&space->collector.gc);
}

/* -- beginning and end ------------------------------------------------------------------------- */

static void hear(void *arg, gc_event event, uint64_t count, uint64_t ns)
{
#define ROW(constant, name, counted) [constant] = {name, counted},
    static const struct {
        const char *name, *counted;
    } rows[] = {GC_EVENTS(ROW)};
#undef ROW
    struct space *space = arg;
    const lair_gc_event told = {rows[event].name, rows[event].counted, count, ns};
    space->collector.listener(space->heap, &told, space->collector.listener_arg);
}

void collector_set_listener(struct space *space, lair_gc_listener listener, void *arg)
{
    struct collector *collector = &space->collector;
    collector->listener = listener;
    collector->listener_arg = arg;
    collector->gc.listener = (gc_listener){listener != NULL ? hear : NULL, space};
}

void collector_open(struct space *space)
{
    struct collector *collector = &space->collector;
    *collector = (struct collector){.enabled = true, .mode = LAIR_GC_AUTO, .batch = BATCH};
    collector->rounds = ROUND_PACE;
    collector->settled = true;
    if (space->heap->options.gctype != 0)
        collector->mode = (lair_gctype)space->heap->options.gctype;
    gc_open(&collector->gc);
    address_set_open(&collector->ice, GC_GRANULE_SHIFT);
    collector->generation[0].threshold = THRESHOLD_YOUNG;
    collector->generation[1].threshold = THRESHOLD_OLDER;
    collector->generation[2].threshold = THRESHOLD_OLDER;
    collector_rearm(collector);
}

/* What was saved for the program to look at is garbage now; what cannot be collected is alive when
 * the heap closes, and the list is not. */
void collector_finish(struct space *space)
{
    struct collector *collector = &space->collector;
    collector->flags &= ~(unsigned)LAIR_GC_SAVE_ALL;
    lair_clear_ref(&collector->garbage);
    size_t found = 1;
    for (int i = 0; i < EXIT_ROUNDS && found != 0; i++)
        if (collector_collect(space, LAIR_GC_GENERATIONS - 1, &found) != LAIR_OK)
            break;
    lair_clear_ref(&collector->garbage);
}

void collector_close(struct space *space)
{
    struct collector *collector = &space->collector;
    vector_discard(&collector->generation[0]);
    vector_discard(&collector->generation[1]);
    round_close(collector);
    gc_close(&collector->gc);
    address_set_close(&collector->ice);
}

void collector_trim(struct space *space)
{
    struct collector *collector = &space->collector;
    drop_dead_young(collector);
    for (int i = 0; i < 2; i++)
        if (collector->generation[i].top == collector->generation[i].objects)
            vector_discard(&collector->generation[i]);
}

/* gc.c: what a program asks of the collector besides collecting (lair/gc.h). */
#include <lair/gc.h>

#include <lair/list.h>

#include "collector.h"
#include "collector_round.h"
#include "space.h"

/* A heap without an object has no collector yet; then it is made, or defaults are told. */
static struct collector *collector_of(lair_heap *heap)
{
    struct space *space = space_of(heap);
    return space != NULL ? &space->collector : NULL;
}

/* -- collecting ------------------------------------------------------------------------------ */

void collector_rearm(struct collector *collector)
{
    size_t threshold = collector->generation[0].threshold;
    bool starts = collector->enabled && collector->mode != LAIR_GC_MANUAL && threshold != 0;
    collector->trigger = starts ? round_trigger(collector, threshold) : SIZE_MAX;
}

lair_status lair_gc_collect(lair_heap *heap, int generation, size_t *found)
{
    size_t ignored;
    struct space *space = space_of(heap);
    if (space == NULL)
        return lair_error_status();
    if (generation < 0 || generation >= LAIR_GC_GENERATIONS)
        return lair_fail(LAIR_ERR_INVALID, "no generation %d: they are 0, 1 and 2", generation);
    return collector_collect(space, generation, found != NULL ? found : &ignored);
}

lair_status lair_gc_set_mode(lair_heap *heap, lair_gctype mode)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return lair_error_status();
    if (mode != LAIR_GC_AUTO && mode != LAIR_GC_MANUAL && mode != LAIR_GC_INCREMENTAL)
        return lair_fail(LAIR_ERR_UNSUPPORTED,
                         "no such mode of collection: auto, manual or incremental");
    if (mode != collector->mode)
        rounds_abandon(space_of(heap));
    collector->mode = mode;
    collector_rearm(collector);
    return LAIR_OK;
}

lair_gctype lair_gc_get_mode(lair_heap *heap)
{
    const struct collector *collector = collector_of(heap);
    return collector != NULL ? collector->mode : LAIR_GC_AUTO;
}

bool lair_gc_step(lair_heap *heap, uint64_t ns)
{
    struct space *space = space_of(heap);
    return space != NULL && round_step(space, ns);
}

static void set_enabled(lair_heap *heap, bool enabled)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return;
    collector->enabled = enabled;
    collector_rearm(collector);
}

void lair_gc_enable(lair_heap *heap)
{
    set_enabled(heap, true);
}

void lair_gc_disable(lair_heap *heap)
{
    set_enabled(heap, false);
}

bool lair_gc_is_enabled(lair_heap *heap)
{
    const struct collector *collector = collector_of(heap);
    return collector == NULL || collector->enabled;
}

bool lair_gc_is_collecting(lair_heap *heap)
{
    const struct collector *collector = collector_of(heap);
    return collector != NULL && collector->collecting;
}

/* -- generations ----------------------------------------------------------------------------- */

lair_status lair_gc_set_thresholds(lair_heap *heap, const size_t thresholds[LAIR_GC_GENERATIONS])
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return lair_error_status();
    if (thresholds == NULL)
        return lair_fail(LAIR_ERR_INVALID, "three thresholds were expected, not NULL");
    for (int i = 0; i < LAIR_GC_GENERATIONS; i++)
        collector->generation[i].threshold = thresholds[i];
    collector_rearm(collector);
    return LAIR_OK;
}

void lair_gc_get_thresholds(lair_heap *heap, size_t thresholds[LAIR_GC_GENERATIONS])
{
    const struct collector *collector = collector_of(heap);
    for (int i = 0; i < LAIR_GC_GENERATIONS; i++)
        thresholds[i] = collector != NULL ? collector->generation[i].threshold : 0;
}

void lair_gc_get_counts(lair_heap *heap, size_t counts[LAIR_GC_GENERATIONS])
{
    const struct collector *collector = collector_of(heap);
    for (int i = 0; i < LAIR_GC_GENERATIONS; i++)
        counts[i] = collector != NULL ? collector->generation[i].count : 0;
}

void lair_gc_get_stats(lair_heap *heap, lair_gc_stats stats[LAIR_GC_GENERATIONS])
{
    const struct collector *collector = collector_of(heap);
    for (int i = 0; i < LAIR_GC_GENERATIONS; i++)
        stats[i] = collector != NULL ? collector->generation[i].stats : (lair_gc_stats){0};
}

/* -- freezing -------------------------------------------------------------------------------- */

/* Moves all bits of one set's tracked to another's. False: no memory, nothing has changed. */
static bool move_tracked(struct address_set *from, struct address_set *to)
{
    for (struct address_region *region = from->first; region != NULL; region = region->next)
        if (address_set_reserve(to, address_of_bit(from, region, 0, 0)) == NULL)
            return false;
    for (struct address_region *region = from->first; region != NULL; region = region->next) {
        struct address_region *other = address_set_reserve(to, address_of_bit(from, region, 0, 0));
        for (size_t word = 0; word < REGION_WORDS; word++) {
            other->tracked[word] |= region->tracked[word];
            region->tracked[word] = 0;
            region->young[word] = 0;
        }
    }
    return true;
}

lair_status lair_gc_freeze(lair_heap *heap)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return lair_error_status();
    rounds_abandon(space_of(heap));
    if (!move_tracked(&collector->gc.set, &collector->ice))
        return lair_fail(LAIR_ERR_NO_MEMORY, "no memory to freeze %zu objects", collector->tracked);
    for (int i = 0; i < LAIR_GC_GENERATIONS; i++) {
        collector->generation[i].top = collector->generation[i].objects;
        collector->generation[i].count = 0;
    }
    collector->frozen += collector->tracked;
    collector->tracked = 0;
    collector->pace = (struct gc_pace){0};
    return LAIR_OK;
}

lair_status lair_gc_unfreeze(lair_heap *heap)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return lair_error_status();
    rounds_abandon(space_of(heap));
    /* Every region of the ice is one of the other set: nothing has to be made, so nothing fails,
     * and what is young there stays young. */
    for (struct address_region *region = collector->ice.first; region; region = region->next) {
        struct address_region *other =
            address_set_reserve(&collector->gc.set, address_of_bit(&collector->ice, region, 0, 0));
        for (size_t word = 0; word < REGION_WORDS; word++) {
            other->tracked[word] |= region->tracked[word];
            region->tracked[word] = 0;
        }
    }
    collector->tracked += collector->frozen;
    collector->frozen = 0;
    return LAIR_OK;
}

size_t lair_gc_frozen(lair_heap *heap)
{
    const struct collector *collector = collector_of(heap);
    return collector != NULL ? collector->frozen : 0;
}

/* -- roots and callbacks --------------------------------------------------------------------- */

/* Room for one more of size bytes in an array that doubles. False: no memory, the error is set. */
static bool array_reserve(lair_heap *heap, void **array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return true;
    size_t more = *room == 0 ? 8 : *room * 2;
    void *grown = lair_heap_realloc(heap, *array, more * size);
    if (grown == NULL)
        return false;
    *array = grown;
    *room = more;
    return true;
}

lair_status lair_gc_add_root(lair_heap *heap, lair_object *const *variable)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return lair_error_status();
    if (variable == NULL)
        return lair_fail(LAIR_ERR_INVALID, "a root is the address of a variable, not NULL");
    void *roots = (void *)collector->roots;
    if (!array_reserve(heap, &roots, collector->root_count, &collector->root_room,
                       sizeof(*collector->roots)))
        return lair_error_status();
    collector->roots = roots;
    collector->roots[collector->root_count++] = variable;
    return LAIR_OK;
}

lair_status lair_gc_remove_root(lair_heap *heap, lair_object *const *variable)
{
    struct collector *collector = collector_of(heap);
    for (size_t i = 0; collector != NULL && i < collector->root_count; i++)
        if (collector->roots[i] == variable) {
            collector->roots[i] = collector->roots[--collector->root_count];
            return LAIR_OK;
        }
    return lair_fail(LAIR_ERR_INVALID, "%p is not a root", (const void *)variable);
}

lair_status lair_gc_add_callback(lair_heap *heap, lair_gc_callback callback, void *arg)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return lair_error_status();
    if (callback == NULL)
        return lair_fail(LAIR_ERR_INVALID, "a callback was expected, not NULL");
    void *callbacks = collector->callbacks;
    if (!array_reserve(heap, &callbacks, collector->callback_count, &collector->callback_room,
                       sizeof(*collector->callbacks)))
        return lair_error_status();
    collector->callbacks = callbacks;
    collector->callbacks[collector->callback_count++] = (struct gc_callback_entry){callback, arg};
    return LAIR_OK;
}

lair_status lair_gc_remove_callback(lair_heap *heap, lair_gc_callback callback, void *arg)
{
    struct collector *collector = collector_of(heap);
    for (size_t i = 0; collector != NULL && i < collector->callback_count; i++) {
        struct gc_callback_entry *entry = &collector->callbacks[i];
        if (callback == NULL || entry->callback != callback || entry->arg != arg)
            continue;
        entry->callback = NULL;
        if (!collector->calling) {
            collector->callback_count--;
            memmove(entry, entry + 1, (collector->callback_count - i) * sizeof(*entry));
        }
        return LAIR_OK;
    }
    return lair_fail(LAIR_ERR_INVALID, "no such callback of the collector");
}

void lair_gc_set_listener(lair_heap *heap, lair_gc_listener listener, void *arg)
{
    struct space *space = space_of(heap);
    if (space != NULL)
        collector_set_listener(space, listener, arg);
}

/* -- looking --------------------------------------------------------------------------------- */

bool lair_gc_is_tracked(const lair_object *object)
{
    if (object == NULL)
        return false;
    const struct collector *collector = &object->type->space->collector;
    return address_set_has(&collector->gc.set, GC_GRANULE_SHIFT, (uintptr_t)object) ||
           (collector->frozen != 0 &&
            address_set_has(&collector->ice, GC_GRANULE_SHIFT, (uintptr_t)object));
}

bool lair_gc_is_finalized(const lair_object *object)
{
    return object != NULL && type_is_finalized(object);
}

/* Calls visit with each tracked object until it returns something other than 0. */
static int each_tracked(const struct collector *collector, lair_visit visit, void *arg)
{
    const struct address_set *set = &collector->gc.set;
    for (const struct address_region *region = set->first; region != NULL; region = region->next)
        for (size_t word = 0; word < REGION_WORDS; word++)
            for (uint64_t bits = region->tracked[word]; bits != 0; bits &= bits - 1) {
                lair_object *object = (lair_object *)address_of_bit(set, region, word, ctz64(bits));
                if (visit(object, arg) != 0)
                    return 1;
            }
    return 0;
}

/* What is gathered in a list that is made beforehand, with room for all there are. */
struct gathering {
    const struct collector *collector;
    lair_object *list;
    lair_object *sought;
    size_t found;
    int generation;
    bool refers;
    struct address_set middle; /* the objects of generation 1, when one of the old is asked for */
};

/* The vector's addresses as a set. False: no memory, the error is set. */
static bool find_middle(struct gathering *gathering)
{
    const struct generation *middle = &gathering->collector->generation[1];
    for (lair_object **at = middle->objects; at < middle->top; at++)
        if (!address_set_add(&gathering->middle, GC_GRANULE_SHIFT, (uintptr_t)*at)) {
            (void)lair_fail(LAIR_ERR_NO_MEMORY, "no memory to tell generations 1 and 2 apart");
            return false;
        }
    return true;
}

static bool in_generation(const struct gathering *gathering, const lair_object *object)
{
    if (gathering->generation < 0)
        return true;
    if (collector_is_young(gathering->collector, object))
        return gathering->generation == 0;
    bool in_middle = address_set_has(&gathering->middle, GC_GRANULE_SHIFT, (uintptr_t)object);
    return gathering->generation == (in_middle ? 1 : 2);
}

static int gather(lair_object *object, void *arg)
{
    struct gathering *gathering = arg;
    if (object != gathering->list && in_generation(gathering, object))
        return lair_list_append(gathering->list, object) != LAIR_OK;
    return 0;
}

lair_object *lair_gc_objects(lair_heap *heap, int generation)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL)
        return NULL;
    if (generation < -1 || generation >= LAIR_GC_GENERATIONS) {
        (void)lair_fail(LAIR_ERR_INVALID, "no generation %d: they are 0, 1, 2, and -1 for all",
                        generation);
        return NULL;
    }
    round_settle(space_of(heap));
    struct gathering gathering = {.collector = collector, .generation = generation};
    address_set_open(&gathering.middle, GC_GRANULE_SHIFT);
    gathering.list = lair_list_new(heap); /* which may collect */
    if (gathering.list != NULL &&
        (lair_list_reserve(gathering.list, collector->tracked) != LAIR_OK ||
         (generation > 0 && !find_middle(&gathering)) ||
         each_tracked(collector, gather, &gathering) != 0))
        lair_clear_ref(&gathering.list);
    address_set_close(&gathering.middle);
    return gathering.list;
}

static int refers_to(lair_object *referent, void *arg)
{
    struct gathering *gathering = arg;
    gathering->refers = gathering->refers || referent == gathering->sought;
    return 0;
}

static bool is_referrer(struct gathering *gathering, lair_object *object)
{
    gathering->refers = false;
    if (object != gathering->list && object->type->spec.traverse != NULL)
        (void)object->type->spec.traverse(object, refers_to, gathering);
    return gathering->refers;
}

static int count_referrer(lair_object *object, void *arg)
{
    struct gathering *gathering = arg;
    gathering->found += is_referrer(gathering, object);
    return 0;
}

static int gather_referrer(lair_object *object, void *arg)
{
    struct gathering *gathering = arg;
    return is_referrer(gathering, object) && lair_list_append(gathering->list, object) != LAIR_OK;
}

/* They are counted first: while objects are gone over nothing may be allocated, since the heap's
 * listener may collect. */
lair_object *lair_gc_referrers(lair_object *object)
{
    if (object == NULL) {
        (void)pending_error();
        return NULL;
    }
    round_settle(object->type->space);
    struct gathering gathering = {.collector = &object->type->space->collector, .sought = object};
    gathering.list = lair_list_new(object->type->heap);
    if (gathering.list == NULL)
        return NULL;
    (void)each_tracked(gathering.collector, count_referrer, &gathering);
    if (lair_list_reserve(gathering.list, gathering.found) != LAIR_OK ||
        each_tracked(gathering.collector, gather_referrer, &gathering) != 0)
        lair_clear_ref(&gathering.list);
    return gathering.list;
}

static int append(lair_object *referent, void *list)
{
    return lair_list_append(list, referent) != LAIR_OK;
}

lair_object *lair_gc_referents(lair_object *object)
{
    if (object == NULL) {
        (void)pending_error();
        return NULL;
    }
    lair_object *list = lair_list_new(object->type->heap);
    if (list != NULL && object->type->spec.traverse != NULL &&
        object->type->spec.traverse(object, append, list) != 0)
        lair_clear_ref(&list);
    return list;
}

/* -- debugging ------------------------------------------------------------------------------- */

void lair_gc_set_flags(lair_heap *heap, unsigned flags)
{
    struct collector *collector = collector_of(heap);
    if (collector != NULL)
        collector->flags = flags;
}

unsigned lair_gc_get_flags(lair_heap *heap)
{
    const struct collector *collector = collector_of(heap);
    return collector != NULL ? collector->flags : 0;
}

lair_object *lair_gc_garbage(lair_heap *heap)
{
    struct collector *collector = collector_of(heap);
    if (collector == NULL || collector->garbage != NULL)
        return collector != NULL ? collector->garbage : NULL;
    lair_object *list = lair_list_new(heap);
    if (collector->garbage == NULL) /* no collection has made one meanwhile */
        collector->garbage = list;
    else
        lair_decref(list);
    return collector->garbage;
}

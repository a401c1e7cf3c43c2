/* measure.c: how large an object is, alone and with all it reaches.
 *
 * What is reached is kept in a vector and marked, so that each object is found once; the vector is
 * also the list of those still to be gone through, so that depth costs no stack. Each object in it
 * is held: to make the vector grow may run the heap's listener, which may free things. The vector
 * grows between traversals, never inside one; the traversal that found it full is done again, and
 * skips what is marked.
 *
 * A walk that is under way has marks of its own (a type's repr may ask for a size), and so has a
 * measurement (a type's size_of may): then what was found is remembered in a memo instead.
 */
#include "memo.h"
#include "space.h"

struct measure {
    struct space *space;
    lair_object **found; /* a block of the heap, each held, and marked unless nested */
    size_t count, capacity;
    struct memo memo; /* used when nested */
    bool nested;      /* inside a walk or another measurement */
};

size_t lair_sizeof(const lair_object *object)
{
    if (object == NULL) {
        (void)pending_error();
        return SIZE_MAX;
    }
    debug_alive(object);
    const lair_type *type = object->type;
    size_t own = type->spec.size_of != NULL ? type->spec.size_of(object) : 0;
    return lair_heap_usable_size(type->heap, object) + own;
}

/* -- what was found -------------------------------------------------------------------------- */

static bool was_found(const struct measure *measure, const lair_object *object)
{
    if (unlikely(measure->nested))
        return memo_find(&measure->memo, object) != NULL;
    return mark_get(object);
}

static bool reserve(struct measure *measure)
{
    size_t capacity = measure->capacity == 0 ? 64 : measure->capacity * 2;
    lair_object **found = lair_heap_realloc(measure->space->heap, measure->found,
                                            bytes_for(0, capacity, sizeof(*found)));
    if (found == NULL)
        return false;
    measure->found = found;
    measure->capacity = capacity;
    return true;
}

/* There is room in the vector. */
static void enter(struct measure *measure, lair_object *object)
{
    measure->found[measure->count++] = lair_incref(object);
    if (likely(!measure->nested))
        mark_set(object);
}

/* lair_visit: enters what was not found yet; not 0 where there is no room. */
static int visit(lair_object *referent, void *arg)
{
    struct measure *measure = arg;
    if (was_found(measure, referent) || count_is_immortal(referent) ||
        is_kind(referent, LAIR_KIND_TYPE))
        return 0;
    if (measure->count == measure->capacity)
        return 1;
    enter(measure, referent);
    return 0;
}

/* When nested: what entered since is remembered now, when there is no traversal under way. A
 * traversal that gives an object twice enters it twice: the second is taken out again. */
static bool remember(struct measure *measure, size_t from)
{
    for (size_t i = from; i < measure->count;) {
        lair_object *object = measure->found[i];
        if (memo_find(&measure->memo, object) != NULL) {
            measure->found[i] = measure->found[--measure->count];
            lair_decref(object);
        } else if (!memo_add(&measure->memo, object, object)) {
            return false;
        } else {
            i++;
        }
    }
    return true;
}

/* Enters what object refers to. */
static bool expand(struct measure *measure, lair_object *object)
{
    const lair_type_spec *spec = &object->type->spec;
    bool complete = spec->traverse == NULL;
    while (!complete) {
        size_t from = measure->count;
        complete = spec->traverse(object, visit, measure) == 0;
        if (measure->nested && !remember(measure, from))
            return false;
        if (!complete && measure->count == measure->capacity && !reserve(measure))
            return false;
    }
    return true;
}

static void finish(struct measure *measure)
{
    if (!measure->nested)
        for (size_t i = 0; i < measure->count; i++)
            mark_clear(measure->found[i]);
    for (size_t i = 0; i < measure->count; i++)
        lair_decref(measure->found[i]);
    lair_heap_free(measure->space->heap, measure->found);
    memo_drop(&measure->memo, measure->space->heap);
}

/* -- the driver ------------------------------------------------------------------------------ */

size_t lair_total_size(lair_object *object)
{
    if (object == NULL) {
        (void)pending_error();
        return SIZE_MAX;
    }
    struct space *space = object->type->space;
    bool outer = space->measuring;
    struct measure measure = {.space = space, .nested = outer || space->walk != NULL};
    if (!reserve(&measure))
        return SIZE_MAX;
    space->measuring = true;
    enter(&measure, object);
    bool complete = !measure.nested || remember(&measure, 0);
    size_t total = 0;
    for (size_t i = 0; i < measure.count && complete; i++) {
        total += lair_sizeof(measure.found[i]);
        complete = expand(&measure, measure.found[i]);
    }
    space->measuring = outer;
    finish(&measure);
    return complete ? total : SIZE_MAX;
}

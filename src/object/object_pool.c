/* object_pool.c: objects that wait for their next use.
 *
 * The pool has a weak reference of its own to every object it made that is still alive: so an
 * object tells whose it is, and one that is taken and dropped leaves no trace. The idle ones come
 * first in the array, and the pool holds a reference to each of these. Taking and giving back move
 * the border between idle and in use; no memory is asked for but for a new object.
 */
#include <lair/cache.h>

#include "builtin.h"
#include "weakref.h"

struct object_pool {
    struct weak_owner owner;
    lair_pool_spec spec;
    struct weakref **members; /* idle ones first; the own bytes of each are its index */
    uint32_t idle, count, capacity;
    uint64_t made, reused, returned, dropped;
};

static struct object_pool *pool_of(const lair_object *object)
{
    return (struct object_pool *)(void *)object;
}

/* -- members --------------------------------------------------------------------------------- */

static void put(struct object_pool *pool, uint32_t index, struct weakref *ref)
{
    pool->members[index] = ref;
    OBJECT_OWN(ref) = index;
}

static void exchange(struct object_pool *pool, uint32_t a, uint32_t b)
{
    struct weakref *ref = pool->members[a];
    put(pool, a, pool->members[b]);
    put(pool, b, ref);
}

static bool is_idle(const struct object_pool *pool, const struct weakref *ref)
{
    return OBJECT_OWN(ref) < pool->idle;
}

static lair_status reserve_one(struct object_pool *pool)
{
    if (pool->count < pool->capacity)
        return LAIR_OK;
    if (pool->capacity > UINT32_MAX / 2)
        return lair_fail(LAIR_ERR_OVERFLOW, "an object pool of more than %u objects",
                         pool->capacity);
    uint32_t capacity = pool->capacity == 0 ? 8 : pool->capacity * 2;
    struct weakref **members = lair_heap_realloc(pool->owner.object.type->heap, pool->members,
                                                 capacity * sizeof(struct weakref *));
    if (members == NULL)
        return lair_error_status();
    pool->members = members;
    pool->capacity = capacity;
    return LAIR_OK;
}

/* A member dies (or is truncated, when it may be idle): the last of each part fills its place. */
static lair_object *pool_forget(struct weak_owner *owner, struct weakref *ref)
{
    struct object_pool *pool = (struct object_pool *)owner;
    lair_object *held = NULL;
    if (is_idle(pool, ref)) {
        held = ref->referent;
        exchange(pool, OBJECT_OWN(ref), --pool->idle);
    }
    exchange(pool, OBJECT_OWN(ref), --pool->count);
    return held;
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_object *lair_object_pool_new(lair_heap *heap, const lair_pool_spec *spec)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    if (spec == NULL || spec->make == NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "an object pool needs a function that makes objects");
        return NULL;
    }
    collector_safe_point(space);
    lair_object *made = object_track(object_alloc_zero(builtin_type(space, LAIR_KIND_OBJECT_POOL)));
    if (made == NULL)
        return NULL;
    pool_of(made)->owner.forget = pool_forget;
    pool_of(made)->spec = *spec;
    return made;
}

/* A new object becomes a member in use. */
static lair_status adopt(struct object_pool *pool, lair_object *object)
{
    if (!same_heap(&pool->owner.object, object))
        return lair_error_status();
    if (weakref_find_owned(&pool->owner, object) != NULL)
        return lair_fail(LAIR_ERR_INVALID, "a %s that the object pool has already was made again",
                         lair_type_name(object));
    lair_status status = reserve_one(pool);
    if (status != LAIR_OK)
        return status;
    struct weakref *ref = weakref_owned(&pool->owner, object);
    if (ref == NULL)
        return lair_error_status();
    put(pool, pool->count++, ref);
    pool->made++;
    return LAIR_OK;
}

lair_object *lair_object_pool_take(lair_object *object)
{
    if (!expect(object, LAIR_KIND_OBJECT_POOL))
        return NULL;
    struct object_pool *pool = pool_of(object);
    if (pool->idle != 0) {
        pool->reused++;
        return pool->members[--pool->idle]->referent;
    }
    LAIR_SCOPED lair_object *self = lair_incref(object);
    LAIR_SCOPED lair_object *made = pool->spec.make(self->type->heap, pool->spec.arg);
    if (!expect(self, LAIR_KIND_OBJECT_POOL)) /* truncated meanwhile */
        return NULL;
    return adopt(pool, made) == LAIR_OK ? lair_steal(&made) : NULL;
}

/* Whether object, which the caller gives back, may come back. */
static lair_status may_come_back(const struct object_pool *pool, const lair_object *object,
                                 uint32_t references)
{
    const struct weakref *ref = weakref_find_owned(&pool->owner, object);
    if (ref == NULL)
        return lair_fail(LAIR_ERR_INVALID, "a %s that is not of this object pool was given back",
                         lair_type_name(object));
    if (is_idle(pool, ref))
        return lair_fail(LAIR_ERR_INVALID, "a %s was given back to its object pool twice",
                         lair_type_name(object));
    if (lair_refcount(object) != references)
        return lair_fail(LAIR_ERR_BUSY, "a %s was given back that others still refer to",
                         lair_type_name(object));
    return LAIR_OK;
}

lair_status lair_object_pool_give(lair_object *self, lair_object *object)
{
    if (!expect(self, LAIR_KIND_OBJECT_POOL))
        return lair_error_status();
    if (object == NULL)
        return pending_error();
    struct object_pool *pool = pool_of(self);
    lair_status status = may_come_back(pool, object, 1);
    if (status != LAIR_OK)
        return status;
    LAIR_SCOPED lair_object *holds_pool = lair_incref(self);
    bool useful = pool->idle < pool->spec.bound;
    if (useful && pool->spec.reset != NULL) {
        /* The second reference refuses a give from inside reset. */
        LAIR_SCOPED lair_object *holds_object = lair_incref(object);
        useful = pool->spec.reset(object, pool->spec.arg) && pool->idle < pool->spec.bound;
        status = useful ? may_come_back(pool, object, 2) : LAIR_OK;
        if (status != LAIR_OK)
            return status;
    }
    pool->returned++;
    if (useful) {
        exchange(pool, OBJECT_OWN(weakref_find_owned(&pool->owner, object)), pool->idle++);
    } else {
        pool->dropped++;
        lair_decref(object);
    }
    return LAIR_OK;
}

lair_status lair_object_pool_get_stats(lair_object *self, lair_pool_stats *stats)
{
    if (!expect(self, LAIR_KIND_OBJECT_POOL))
        return lair_error_status();
    const struct object_pool *pool = pool_of(self);
    *stats = (lair_pool_stats){
        .made = pool->made,
        .reused = pool->reused,
        .returned = pool->returned,
        .dropped = pool->dropped,
        .idle = pool->idle,
        .in_use = pool->count - pool->idle,
        .bound = pool->spec.bound,
    };
    return LAIR_OK;
}

/* -- the type -------------------------------------------------------------------------------- */

/* The weak references go first: what dies by the references that follow finds no pool. */
static void pool_clear(lair_object *self)
{
    struct object_pool *pool = pool_of(self);
    struct weakref **members = pool->members;
    uint32_t idle = pool->idle, count = pool->count;
    pool->members = NULL;
    pool->idle = pool->count = pool->capacity = 0;
    lair_object **held = (lair_object **)(void *)members; /* in the place of their references */
    for (uint32_t i = 0; i < count; i++) {
        struct weakref *ref = members[i];
        held[i] = ref->referent;
        weakref_disown(ref);
    }
    for (uint32_t i = 0; i < idle; i++)
        lair_decref(held[i]);
    lair_heap_free(self->type->heap, members);
}

static int pool_traverse(lair_object *self, lair_visit visit, void *arg)
{
    const struct object_pool *pool = pool_of(self);
    for (uint32_t i = 0; i < pool->count; i++)
        VISIT(&pool->members[i]->object);
    for (uint32_t i = 0; i < pool->idle; i++)
        VISIT(pool->members[i]->referent);
    return 0;
}

static size_t pool_size_of(const lair_object *self)
{
    return lair_heap_usable_size(self->type->heap, pool_of(self)->members);
}

static lair_step pool_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const struct object_pool *pool = pool_of(frame->self);
    lair_status status = lair_write_format(writer, "<object pool: %u idle, %u in use>", pool->idle,
                                           pool->count - pool->idle);
    return status == LAIR_OK ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

const lair_type_spec object_pool_spec = {
    .name = "object pool",
    .size = sizeof(struct object_pool),
    .flags = LAIR_TYPE_CONTAINER,
    .weakrefs = offsetof(struct weak_owner, weakrefs),
    .dealloc = pool_clear,
    .traverse = pool_traverse,
    .clear = pool_clear,
    .size_of = pool_size_of,
    .repr = pool_repr,
};

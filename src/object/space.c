/* space.c: the object model of one heap begins and ends; what every function asks of its arguments.
 */
#include "space.h"

#include "builtin.h"
#include "bytes.h"
#include "capsule.h"
#include "intern.h"
#include "number.h"
#include "set.h"
#include "tuple.h"

/* By kind. Record, instance and packed types are made by the program. */
static const lair_type_spec *const builtin_specs[LAIR_KIND_COUNT] = {
    [LAIR_KIND_TYPE] = &type_spec,
    [LAIR_KIND_NONE] = &none_spec,
    [LAIR_KIND_BOOL] = &bool_spec,
    [LAIR_KIND_INT] = &int_spec,
    [LAIR_KIND_FLOAT] = &float_spec,
    [LAIR_KIND_STR] = &str_spec,
    [LAIR_KIND_BYTES] = &bytes_spec,
    [LAIR_KIND_TUPLE] = &tuple_spec,
    [LAIR_KIND_LIST] = &list_spec,
    [LAIR_KIND_DICT] = &dict_spec,
    [LAIR_KIND_SET] = &set_spec,
    [LAIR_KIND_FROZENSET] = &frozenset_spec,
    [LAIR_KIND_COUNTER] = &counter_spec,
    [LAIR_KIND_WEAKREF] = &weakref_spec,
    [LAIR_KIND_OBJECT_POOL] = &object_pool_spec,
    [LAIR_KIND_TTL_CACHE] = &ttl_cache_spec,
    [LAIR_KIND_LRU_CACHE] = &lru_cache_spec,
    [LAIR_KIND_LAZY] = &lazy_spec,
    [LAIR_KIND_GENERATOR] = &generator_spec,
    [LAIR_KIND_ITERATOR] = &iterator_spec,
    [LAIR_KIND_WEAK_SET] = &weak_set_spec,
    [LAIR_KIND_WEAK_VALUE_DICT] = &weak_value_dict_spec,
    [LAIR_KIND_WEAK_KEY_DICT] = &weak_key_dict_spec,
    [LAIR_KIND_ARRAY] = &array_spec,
    [LAIR_KIND_CAPSULE] = &capsule_spec,
    [LAIR_KIND_TRUNCATED] = &truncated_spec,
};

/* -- beginning and end ----------------------------------------------------------------------- */

/* Frees what a space that could not be completed has made; nothing refers to it yet. */
static void space_discard(struct space *space)
{
    lair_heap *heap = space->heap;
    numbers_discard(space);
    tuples_discard(space);
    sets_discard(space);
    strs_discard(space);
    bytes_discard(space);
    for (uint32_t i = 0; i < space->type_count; i++)
        lair_heap_free(heap, space->types[i]);
    lair_heap_free(heap, space->types);
    debug_close(space, false);
    collector_close(space);
    counts_discard(space);
    lair_heap_free(heap, space);
}

static bool types_make(struct space *space)
{
    for (int kind = 0; kind < LAIR_KIND_COUNT; kind++) {
        if (builtin_specs[kind] == NULL)
            continue;
        lair_type *type = type_make(space, builtin_specs[kind], (lair_kind)kind);
        if (type == NULL)
            return false;
        lair_immortalize(&type->object);
        space->builtin[kind] = type;
    }
    return true;
}

/* The heap closes. Objects that are still alive go with it, unseen; foreign resources are
 * closed. */
static void space_close(void *arg)
{
    struct space *space = arg;
    collector_finish(space);
    if (space->heap->options.show_refcount == LAIR_ON)
        totals_print(space);
    space->closing = true;
    capsules_close(space);
    debug_close(space, true);
    collector_close(space);
}

void space_keep_free(struct space *space, uint64_t most)
{
    for (uint32_t i = 0; i < space->type_count; i++)
        if (space->types[i] != NULL)
            type_keep_free(space->types[i], most);
    tuples_keep_free(space, most);
}

/* Memory is short, or asked for: dead objects are no longer kept for reuse. */
static void space_trim(void *arg)
{
    struct space *space = arg;
    space_keep_free(space, 0);
    collector_trim(space);
    intern_trim(space);
    debug_trim(space);
}

static const heap_client object_model = {.close = space_close, .trim = space_trim};

struct space *space_open(lair_heap *heap)
{
    if (heap == NULL) {
        (void)pending_error();
        return NULL;
    }
    struct space *space = lair_heap_calloc(heap, 1, sizeof(*space));
    if (space == NULL)
        return NULL;
    space->heap = heap;
    if (!counts_make(space)) {
        lair_heap_free(heap, space);
        return NULL;
    }
    debug_open(space);
    collector_open(space);
    if (!types_make(space) || !numbers_make(space) || !tuples_make(space) || !sets_make(space) ||
        !strs_make(space) || !bytes_make(space)) {
        space_discard(space);
        return NULL;
    }
    heap->client = &object_model;
    heap->client_arg = space;
    return space;
}

/* -- arguments ------------------------------------------------------------------------------- */

lair_status pending_error(void)
{
    lair_status status = lair_error_status();
    if (status == LAIR_OK)
        status = lair_fail(LAIR_ERR_INVALID, "an object was expected, not NULL");
    return status;
}

static const char *const kind_names[LAIR_KIND_COUNT] = {
    [LAIR_KIND_RECORD] = "record",
    [LAIR_KIND_INSTANCE] = "instance",
    [LAIR_KIND_PACKED] = "packed record",
};

bool expect_slow(const lair_object *object, lair_kind kind)
{
    debug_alive(object);
    if (object == NULL) {
        (void)pending_error();
        return false;
    }
    const lair_type_spec *spec = builtin_specs[kind];
    const char *name = spec != NULL ? spec->name : kind_names[kind];
    if (LAIR_DEBUG_REFERENCES && is_kind(object, LAIR_KIND_TRUNCATED))
        truncated_report(object, name);
    (void)lair_fail(LAIR_ERR_TYPE, "expected a %s, not a %s", name, object->type->spec.name);
    return false;
}

bool same_heap_slow(const lair_object *container, const lair_object *member)
{
    debug_alive(container);
    debug_alive(member);
    if (member == NULL)
        (void)pending_error();
    else
        (void)lair_fail(LAIR_ERR_WRONG_HEAP, "a %s of one heap cannot refer to a %s of another",
                        container->type->spec.name, member->type->spec.name);
    return false;
}

/* -- what an object is ----------------------------------------------------------------------- */

lair_type *lair_type_of(const lair_object *object)
{
    debug_alive(object);
    return object->type;
}

lair_heap *lair_heap_of(const lair_object *object)
{
    debug_alive(object);
    return object->type->heap;
}

lair_kind lair_kind_of(const lair_object *object)
{
    debug_alive(object);
    return object->type->kind;
}

bool lair_is(const lair_object *object, lair_kind kind)
{
    debug_alive(object);
    return object != NULL && object->type->kind == kind;
}

const char *lair_type_name(const lair_object *object)
{
    debug_alive(object);
    return object->type->spec.name;
}

uintptr_t lair_id(const lair_object *object)
{
    return (uintptr_t)object;
}

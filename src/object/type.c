/* type.c: types and their instances.
 *
 * The built-in types are made from descriptions like any other; what sets them apart is their kind
 * and that they are immortal.
 */
#include "builtin.h"
#include "space.h"
#include "tuple.h"

/* -- descriptions ---------------------------------------------------------------------------- */

static bool spec_valid(const lair_type_spec *spec)
{
    const char *fault = NULL;
    if (spec->name == NULL || spec->name[0] == '\0')
        fault = "has no name";
    else if (spec->size < sizeof(lair_object))
        fault = "is smaller than a lair_object";
    else if (spec->size > PTRDIFF_MAX / 2 || spec->item_size > PTRDIFF_MAX / 2)
        fault = "is too large";
    else if (spec->link_count != 0 && (spec->traverse != NULL || spec->clear != NULL))
        fault = "has links, and traverse or clear besides";
    else if (spec->link_count != 0 &&
             (spec->links < sizeof(lair_object) || spec->links % sizeof(void *) != 0 ||
              spec->links > spec->size ||
              spec->link_count > (spec->size - spec->links) / sizeof(lair_object *)))
        fault = "has its links outside the instance, or not aligned";
    else if ((spec->flags & LAIR_TYPE_CONTAINER) != 0 && spec->link_count == 0 &&
             (!spec->traverse || !spec->clear))
        fault = "is a container without traverse and clear, or links";
    else if (spec->weakrefs != 0 &&
             (spec->weakrefs < sizeof(lair_object) || spec->weakrefs % sizeof(void *) != 0 ||
              spec->weakrefs + sizeof(void *) > spec->size))
        fault = "has its weak-reference slot outside the instance, or not aligned";
    else if (spec->free_list != 0 && spec->item_size != 0)
        fault = "has a free list and no fixed size";
    else if (spec->finalize != NULL && spec->item_size != 0)
        fault = "has a finalizer and no fixed size";
    else if (spec->hash != NULL && spec->equal == NULL)
        fault = "has hash and no equal";
    else if (spec->next != NULL && spec->begin == NULL)
        fault = "has next and no begin";
    if (fault != NULL)
        (void)lair_fail(LAIR_ERR_INVALID, "type '%s' %s", spec->name != NULL ? spec->name : "",
                        fault);
    return fault == NULL;
}

/* -- the space's table of types -------------------------------------------------------------- */

static bool table_reserve(struct space *space)
{
    if (space->type_count < space->type_capacity)
        return true;
    uint32_t capacity = space->type_capacity == 0 ? 64 : space->type_capacity * 2;
    lair_type **types = lair_heap_realloc(space->heap, space->types, capacity * sizeof(*types));
    if (types == NULL)
        return false;
    space->types = types;
    space->type_capacity = capacity;
    return true;
}

/* The lowest index that is free; there is room. */
static uint32_t table_add(struct space *space, lair_type *type)
{
    uint32_t index = 0;
    while (index < space->type_count && space->types[index] != NULL)
        index++;
    if (index == space->type_count)
        space->type_count++;
    space->types[index] = type;
    return index;
}

/* -- guards: what may keep an object whose last reference is gone ----------------------------- */

/* Whether the finalizer has run: a byte behind the instance tells. */
static char *finalized(lair_object *object)
{
    return (char *)object + object->type->spec.size;
}

bool type_is_finalized(const lair_object *object)
{
    return object->type->spec.finalize != NULL && *finalized((lair_object *)(uintptr_t)object) != 0;
}

bool type_finalize(lair_object *object)
{
    lair_type *type = object->type;
    if (type->spec.finalize == NULL || *finalized(object) != 0)
        return false;
    *finalized(object) = 1;
    struct error_kept pending;
    error_keep(&pending);
    type->spec.finalize(object);
    error_restore(&pending);
    return true;
}

/* Runs the finalizer, once in the object's life. */
static bool finalize(lair_object *object)
{
    if (*finalized(object) != 0)
        return false;
    *count_word(object) = COUNT_ONE;
    (void)type_finalize(object);
    *count_word(object) -= COUNT_ONE;
    return *count_word(object) != 0;
}

/* Tuples wait for reuse in lists by length. */
static void add_list(const free_list *list, lair_type_stats *stats)
{
    stats->free_list += list->kept - list->reused;
    stats->reused += list->reused;
}

void lair_type_get_stats(const lair_type *type, lair_type_stats *stats)
{
    *stats = (lair_type_stats){0};
    add_list(&type->free, stats);
    for (size_t length = 1; type->kind == LAIR_KIND_TUPLE && length <= TUPLE_FREE_LENGTHS; length++)
        add_list(&type->space->tuples[length], stats);
    stats->created = type->from_heap + stats->reused;
    stats->instances = type->from_heap - type->to_heap - stats->free_list;
}

/* Whether a type, which is not that of tuples, has instances alive. */
static bool has_instances(const lair_type *type)
{
    return type->from_heap - type->to_heap != type->free.kept - type->free.reused;
}

/* The last reference to a type is gone: its instances keep it. */
static bool type_is_used(lair_object *self)
{
    const lair_type *type = (const lair_type *)self;
    return has_instances(type);
}

/* -- links, for types without traverse and clear of their own ---------------------------------- */

static int links_traverse(lair_object *self, lair_visit visit, void *arg)
{
    lair_object **links = links_of(self, self->type);
    for (size_t i = 0; i < self->type->spec.link_count; i++)
        VISIT(links[i]);
    return 0;
}

static void links_clear(lair_object *self)
{
    const lair_type *type = self->type;
    lair_object **links = links_of(self, type);
    for (size_t i = 0; i < type->spec.link_count; i++)
        lair_clear_ref(&links[i]);
}

/* -- making and ending types ----------------------------------------------------------------- */

lair_type *type_make(struct space *space, const lair_type_spec *spec, lair_kind kind)
{
    if (!table_reserve(space))
        return NULL;
    size_t name_bytes = strlen(spec->name) + 1;
    lair_type *meta = space->builtin[LAIR_KIND_TYPE]; /* NULL when this is it */
    lair_type *type = lair_heap_alloc(space->heap, sizeof(*type) + name_bytes);
    if (type == NULL)
        return NULL;
    *type = (lair_type){.heap = space->heap,
                        .space = space,
                        .kind = kind,
                        .count_plane = space->count_plane,
                        .spec = *spec};
    if (!count_prepare(type, type)) {
        lair_heap_free(space->heap, type);
        return NULL;
    }
    type->spec.name = memcpy(type + 1, spec->name, name_bytes);
    if (spec->link_count != 0) {
        type->spec.traverse = links_traverse;
        type->spec.clear = links_clear;
    }
    type->instance_bytes = spec->size;
    type->may_be_deep = (spec->flags & LAIR_TYPE_CONTAINER) != 0 ||
                        (kind == LAIR_KIND_USER && spec->dealloc != NULL) ||
                        kind == LAIR_KIND_CAPSULE;
    if (spec->finalize != NULL) {
        type->guard = finalize;
        type->instance_bytes = spec->size + sizeof(void *);
    } else if (spec == &type_spec) {
        type->guard = type_is_used;
    }
    type->is_of_interest = (spec->flags & LAIR_TYPE_CONTAINER) != 0 || kind == LAIR_KIND_WEAKREF;
    type->is_plain = spec == &int_spec || spec == &float_spec;
    if (space->heap->options.hardened != LAIR_ON)
        type->free.most = spec->free_list;
    type->index = table_add(space, type);
    if (meta == NULL)
        meta = type;
    meta->from_heap++;
    object_start(meta, type);
    return type;
}

lair_type *lair_type_new(lair_heap *heap, const lair_type_spec *spec)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    if (spec == NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "a type needs a description");
        return NULL;
    }
    return spec_valid(spec) ? type_make(space, spec, LAIR_KIND_USER) : NULL;
}

/* Frees all of the list but `most`. */
static void free_list_drop(lair_type *type, free_list *list, uint64_t most)
{
    lair_object *object;
    while (list->kept - list->reused > most && (object = free_list_take(list)) != NULL) {
        list->reused--;
        list->kept--;
        type->to_heap++;
        lair_heap_free(type->heap, object);
    }
}

void type_keep_free(lair_type *type, uint64_t most)
{
    free_list_drop(type, &type->free, most);
}

void tuples_keep_free(struct space *space, uint64_t most)
{
    for (size_t length = 1; length <= TUPLE_FREE_LENGTHS; length++)
        free_list_drop(builtin_type(space, LAIR_KIND_TUPLE), &space->tuples[length], most);
}

static void type_dealloc(lair_object *self)
{
    lair_type *type = (lair_type *)self;
    type_keep_free(type, 0);
    type->space->types[type->index] = NULL;
    lair_heap_free(type->heap, type->owned);
}

static size_t type_size_of(const lair_object *self)
{
    const lair_type *type = (const lair_type *)self;
    return lair_heap_usable_size(type->heap, type->owned);
}

/* -- instances ------------------------------------------------------------------------------- */

void *object_adopt(lair_type *type, void *block)
{
    if (!count_prepare(type, block)) {
        lair_heap_free(type->heap, block);
        return NULL;
    }
    type->from_heap++;
    return object_start(type, block);
}

void *object_alloc_slow(lair_type *type, size_t bytes)
{
    void *block = lair_heap_alloc(type->heap, bytes);
    return block != NULL ? object_adopt(type, block) : NULL;
}

void object_free(lair_object *object, lair_type *type)
{
    type->to_heap++;
    if (LAIR_DEBUG_REFERENCES)
        debug_quarantine(object, type);
    else if (!heap_try_free(type->heap, object))
        lair_fatal("%p, a %s, is not of its type's heap", (void *)object, type->spec.name);
    object_gone(type);
}

void object_gone(lair_type *type)
{
    if (unlikely(*count_word(&type->object) == 0) && !has_instances(type))
        lair_object_release(&type->object);
}

void *object_untracked(lair_object *made)
{
    *count_word(made) = 0;
    object_discard(made, made->type);
    return NULL;
}

/* Whether the program may make instances of type; other types have functions of their own. */
static bool is_open(const lair_type *type)
{
    if (type == NULL)
        (void)pending_error();
    else if (type->kind != LAIR_KIND_USER)
        (void)lair_fail(LAIR_ERR_TYPE, "a %s is not made by lair_new", type->spec.name);
    return type != NULL && type->kind == LAIR_KIND_USER;
}

lair_object *lair_new(lair_type *type)
{
    if (!is_open(type))
        return NULL;
    collector_safe_point(type->space);
    return object_track_if(object_alloc_zero(type), is_container(type));
}

lair_object *lair_new_items(lair_type *type, size_t count)
{
    if (!is_open(type))
        return NULL;
    if (type->spec.item_size == 0 && count != 0) {
        (void)lair_fail(LAIR_ERR_INVALID, "instances of '%s' have no items", type->spec.name);
        return NULL;
    }
    collector_safe_point(type->space);
    size_t bytes = bytes_for(type->instance_bytes, count, type->spec.item_size);
    lair_object *object = object_alloc(type, bytes);
    if (object != NULL)
        memset(object + 1, 0, bytes - sizeof(*object));
    return object_track_if(object, is_container(type));
}

void *lair_instance_of(lair_object *object, const lair_type *type)
{
    if (object == NULL || type == NULL) {
        (void)pending_error();
        return NULL;
    }
    if (object->type == type)
        return object;
    (void)lair_fail(LAIR_ERR_TYPE, "a %s is no %s", object->type->spec.name, type->spec.name);
    return NULL;
}

void *lair_own_alloc(lair_object *self, size_t bytes)
{
    return lair_heap_alloc(self->type->heap, bytes);
}

/* -- what a type tells ----------------------------------------------------------------------- */

lair_object *lair_type_object(lair_type *type)
{
    return &type->object;
}

const void *lair_type_user(const lair_type *type)
{
    return type->spec.user;
}

static lair_step type_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    const lair_type *type = (const lair_type *)frame->self;
    return lair_write_format(writer, "<type '%s'>", type->spec.name) == LAIR_OK ? LAIR_STEP_DONE
                                                                                : LAIR_STEP_FAILED;
}

const lair_type_spec type_spec = {
    .name = "type",
    .size = sizeof(lair_type),
    .item_size = 1, /* the name */
    .flags = LAIR_TYPE_IMMUTABLE,
    .dealloc = type_dealloc,
    .size_of = type_size_of,
    .repr = type_repr,
};

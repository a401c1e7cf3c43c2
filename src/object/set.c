/* set.c: sets and frozensets. What they stand on is in table.c and keyed.c. */
#include "set.h"

#include "builtin.h"
#include "sequence.h"
#include "table_put.h"
#include "table_seek.h"

enum { SET_FREE_LIST = 1024 };

/* -- making ---------------------------------------------------------------------------------- */

struct keyed *set_make(struct space *space, lair_kind kind)
{
    struct keyed *set = keyed_make(builtin_type(space, kind));
    if (set != NULL && kind == LAIR_KIND_FROZENSET)
        ((struct frozenset *)set)->hash = 0;
    return set;
}

lair_object *set_finish(struct keyed *set)
{
    if (set == NULL)
        return NULL;
    lair_object *made = &set->object;
    if (is_kind(made, LAIR_KIND_FROZENSET) && keyed_length(set) == 0) {
        lair_object *empty = made->type->space->empty_frozenset;
        lair_decref(made);
        made = lair_incref(empty);
    }
    return made;
}

bool sets_make(struct space *space)
{
    struct keyed *empty = set_make(space, LAIR_KIND_FROZENSET);
    if (empty == NULL)
        return false;
    space->empty_frozenset = &empty->object;
    lair_immortalize(space->empty_frozenset);
    collector_untrack(&space->collector, space->empty_frozenset);
    return true;
}

void sets_discard(struct space *space)
{
    lair_heap_free(space->heap, space->empty_frozenset);
}

lair_object *lair_set_new(lair_heap *heap)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    collector_safe_point(space);
    struct keyed *set = set_make(space, LAIR_KIND_SET);
    return set != NULL ? &set->object : NULL;
}

static lair_object *set_from(lair_object *iterable, lair_kind kind)
{
    if (iterable == NULL) {
        (void)pending_error();
        return NULL;
    }
    collector_safe_point(iterable->type->space);
    struct keyed *set = set_make(iterable->type->space, kind);
    if (set == NULL)
        return NULL;
    if (set_put_all(set, iterable) == LAIR_OK)
        return set_finish(set);
    lair_decref(&set->object);
    return NULL;
}

lair_object *lair_set_from(lair_object *iterable)
{
    return set_from(iterable, LAIR_KIND_SET);
}

lair_object *lair_frozenset_from(lair_object *iterable)
{
    if (lair_is(iterable, LAIR_KIND_FROZENSET))
        return lair_incref(iterable);
    return set_from(iterable, LAIR_KIND_FROZENSET);
}

lair_object *lair_set_steal(lair_heap *heap, lair_object **members, size_t count)
{
    LAIR_SCOPED lair_object *set = NULL;
    if (space_of(heap) != NULL && items_valid(heap, members, count))
        set = lair_set_new(heap);
    lair_status status = set != NULL ? table_reserve(keyed_of(set), count) : lair_error_status();
    for (size_t i = 0; i < count && status == LAIR_OK; i++)
        status = lair_set_add(set, members[i]);
    items_drop(members, count);
    return status == LAIR_OK ? lair_steal(&set) : NULL;
}

/* -- members --------------------------------------------------------------------------------- */

size_t lair_set_length(const lair_object *self)
{
    return expect_set(self) ? keyed_length(keyed_of(self)) : SIZE_MAX;
}

/* Adds a member whose hash is known; set and member are in order. */
static inline lair_status put(struct keyed *set, lair_object *member, uint64_t hash)
{
    placed result = table_put(set, member, hash, (word){.number = 0});
    if (unlikely(result.was == SOUGHT_FAILED))
        return lair_error_status();
    if (likely(result.was == SOUGHT_MISSING))
        (void)lair_incref(member);
    return LAIR_OK;
}

lair_status lair_set_add(lair_object *self, lair_object *member)
{
    uint64_t hash;
    if (!expect_for(self, LAIR_KIND_SET, member) || key_hash(member, &hash) != LAIR_OK)
        return lair_error_status();
    return put(keyed_of(self), member, hash);
}

lair_status lair_set_add_new(lair_object *self, lair_object *member)
{
    lair_status status = lair_set_add(self, member);
    lair_decref(member);
    return status;
}

lair_status lair_set_discard(lair_object *self, lair_object *member, bool *was_there)
{
    uint64_t hash;
    place at;
    if (!expect(self, LAIR_KIND_SET) || !same_heap(self, member) ||
        key_hash(member, &hash) != LAIR_OK)
        return lair_error_status();
    sought result = table_find(keyed_of(self), member, hash, &at);
    if (result == SOUGHT_FAILED)
        return lair_error_status();
    if (was_there != NULL)
        *was_there = result == SOUGHT_FOUND;
    if (result == SOUGHT_FOUND) {
        lair_object *gone;
        table_remove(keyed_of(self), &at, &gone, NULL);
        lair_decref(gone);
    }
    return LAIR_OK;
}

lair_object *lair_set_pop(lair_object *self)
{
    place at;
    if (!expect(self, LAIR_KIND_SET))
        return NULL;
    if (!table_newest(keyed_of(self), &at)) {
        (void)lair_fail(LAIR_ERR_KEY, "pop from an empty set");
        return NULL;
    }
    lair_object *member;
    table_remove(keyed_of(self), &at, &member, NULL);
    return member;
}

lair_status lair_set_contains(lair_object *self, lair_object *member, bool *found)
{
    word *entry;
    if (likely(self != NULL) && likely(member != NULL) &&
        likely(self->type == builtin_type(member->type->space, LAIR_KIND_SET))) {
        match result = table_get_quickly(keyed_of(self), member, &entry);
        if (likely(result != MATCH_STOP)) {
            *found = result == MATCH_YES;
            return LAIR_OK;
        }
    }
    return expect_set(self) ? keyed_contains(self, member, found) : lair_error_status();
}

lair_status lair_set_clear(lair_object *self)
{
    if (!expect(self, LAIR_KIND_SET))
        return lair_error_status();
    table_clear(keyed_of(self));
    return LAIR_OK;
}

lair_status lair_set_reserve(lair_object *self, size_t count)
{
    return expect(self, LAIR_KIND_SET) ? table_reserve(keyed_of(self), count) : lair_error_status();
}

lair_status lair_set_shrink(lair_object *self)
{
    return expect(self, LAIR_KIND_SET) ? table_shrink(keyed_of(self)) : lair_error_status();
}

/* -- many members ---------------------------------------------------------------------------- */

/* The keys of what has a table, whose hashes are known. */
static lair_status put_keys(struct keyed *set, const struct keyed *other)
{
    if (set == other)
        return LAIR_OK;
    if (set->table == NULL && is_set(&other->object))
        return table_copy(set, other);
    table_walk members = table_walk_of(other);
    while (table_step(&members)) {
        LAIR_SCOPED lair_object *member = lair_incref(members.key);
        lair_status status = put(set, member, members.hash);
        if (status != LAIR_OK)
            return status;
    }
    return members.status;
}

lair_status set_put_all(struct keyed *set, lair_object *iterable)
{
    if (is_keyed(iterable))
        return put_keys(set, keyed_of(iterable));
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(iterable);
    while (lair_next_item(&at)) {
        lair_object *member = at.key != NULL ? at.key : at.item;
        uint64_t hash;
        if (!same_heap(&set->object, member) || key_hash(member, &hash) != LAIR_OK ||
            put(set, member, hash) != LAIR_OK)
            return lair_error_status();
    }
    return at.status;
}

lair_status lair_set_update(lair_object *self, lair_object *iterable)
{
    if (!expect(self, LAIR_KIND_SET) || !same_heap(self, iterable))
        return lair_error_status();
    return set_put_all(keyed_of(self), iterable);
}

/* -- the types ------------------------------------------------------------------------------- */

static lair_step set_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    if (keyed_length(keyed_of(frame->self)) == 0 && frame->state[1] == 0)
        return step_of(lair_write_text(writer, "set()"));
    return keyed_repr(writer, walk, frame, "{", "}");
}

static lair_step frozenset_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    if (keyed_length(keyed_of(frame->self)) == 0)
        return step_of(lair_write_text(writer, "frozenset()"));
    return keyed_repr(writer, walk, frame, "frozenset({", "})");
}

static uint64_t scrambled(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    hash ^= hash >> 32;
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ hash >> 32;
}

/* The order of the members does not count: their hashes, scrambled so that they do not cancel each
 * other out, are summed up. They are all known. */
static lair_step frozenset_hash(lair_walk *walk, lair_frame *frame)
{
    struct frozenset *self = (struct frozenset *)(void *)frame->self;
    if (self->hash == 0) {
        uint64_t sum = keyed_length(&self->keyed);
        table_walk members = table_walk_of(&self->keyed);
        while (table_step(&members))
            sum += scrambled(members.hash);
        sum = scrambled(sum);
        self->hash = sum + (sum == 0);
    }
    walk->hash = self->hash;
    return LAIR_STEP_DONE;
}

/* Where no member was copied to anything but itself, the frozenset is its own copy. */
static lair_step frozenset_copy(lair_walk *walk, lair_frame *frame)
{
    bool first = frame->other == NULL;
    lair_step step = keyed_copy(walk, frame);
    if (first && frame->other != NULL)
        ((struct frozenset *)(void *)frame->other)->hash = 0;
    if (step != LAIR_STEP_DONE)
        return step;
    table_walk members = table_walk_of(keyed_of(frame->self));
    table_walk copies = table_walk_of(keyed_of(frame->other));
    bool same = true;
    while (same && table_step(&members))
        same = table_step(&copies) && members.key == copies.key;
    if (same)
        lair_set_ref(&frame->other, frame->self);
    return LAIR_STEP_DONE;
}

static bool set_next(lair_cursor *at)
{
    const word *entry = keyed_next(at);
    if (entry != NULL)
        at->item = lair_incref(entry->object);
    return entry != NULL;
}

const lair_type_spec set_spec = {
    .name = "set",
    .size = sizeof(struct keyed),
    .flags = LAIR_TYPE_CONTAINER,
    .free_list = SET_FREE_LIST,
    KEYED_SPEC,
    .repr = set_repr,
    .copy = keyed_copy,
    .shallow_copy = keyed_shallow_copy,
    .next = set_next,
};

const lair_type_spec frozenset_spec = {
    .name = "frozenset",
    .size = sizeof(struct frozenset),
    .flags = LAIR_TYPE_CONTAINER | LAIR_TYPE_IMMUTABLE,
    .free_list = SET_FREE_LIST,
    KEYED_SPEC,
    .repr = frozenset_repr,
    .hash = frozenset_hash,
    .copy = frozenset_copy,
    .next = set_next,
};

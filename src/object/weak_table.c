/* weak_table.c: containers whose entries leave when their key, member or value dies.
 *
 * The container owns a weak reference to each of these, whose own bytes are the hash of the entry:
 * so the entry is found when the object dies, by address alone.
 */
#include "weak_table.h"

#include "builtin.h"

/* -- an entry's object dies ------------------------------------------------------------------ */

/* The weak reference goes to the caller, and so is not there to be given up. */
static lair_object *weak_table_forget(struct weak_owner *owner, struct weakref *ref)
{
    struct entries *entries = &weak_table_of(&owner->object)->entries;
    struct entry *entry = entries_of_ref(entries, ref, OBJECT_OWN(ref));
    lair_object **weak = entries->weak_keys ? &entry->key : &entry->value;
    lair_object *other = entries->weak_keys ? entry->value : entry->key;
    *weak = NULL;
    entries_remove(entries, entry);
    lair_heap_free(owner->object.type->heap, entry);
    return other;
}

/* -- what programs ask for ------------------------------------------------------------------- */

lair_object *weak_table_new(lair_heap *heap, lair_kind kind)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    collector_safe_point(space);
    return weak_table_make(heap, kind);
}

lair_object *weak_table_make(lair_heap *heap, lair_kind kind)
{
    struct space *space = space_of(heap);
    lair_object *made =
        space != NULL ? object_track(object_alloc_zero(builtin_type(space, kind))) : NULL;
    if (made == NULL)
        return NULL;
    struct weak_table *self = weak_table_of(made);
    self->owner.forget = weak_table_forget;
    self->entries.weak_keys = kind != LAIR_KIND_WEAK_VALUE_DICT;
    self->entries.weak_values = !self->entries.weak_keys;
    return made;
}

/* The entry of key, or NULL; and its hash. */
static lair_status find(lair_object *self, lair_object *key, uint32_t *hash, struct entry **found)
{
    lair_kind kind = lair_kind_of(self);
    lair_status status = entries_hash(key, hash);
    if (status == LAIR_OK)
        status = entries_find(&weak_table_of(self)->entries, key, *hash, found);
    if (status == LAIR_OK && !expect(self, kind)) /* truncated meanwhile */
        status = lair_error_status();
    return status;
}

lair_status weak_table_find(lair_object *self, lair_object *key, struct entry **found)
{
    uint32_t hash;
    return find(self, key, &hash, found);
}

/* A weak reference for an entry. To get memory may run the heap's listener; when that has changed
 * the container, nothing is known of it any more. */
static struct weakref *refer_to(struct weak_table *self, lair_object *referent)
{
    uint32_t changes = self->entries.changes;
    struct weakref *ref = weakref_owned(&self->owner, referent);
    if (ref == NULL || self->entries.changes == changes)
        return ref;
    weakref_disown(ref);
    (void)lair_fail(LAIR_ERR_CHANGED, "a %s changed while memory was asked for",
                    lair_type_name(&self->owner.object));
    return NULL;
}

/* A new entry for a key that is not there. */
static lair_status add(struct weak_table *self, lair_object *key, lair_object *value, uint32_t hash)
{
    struct entries *entries = &self->entries;
    struct weakref *ref = refer_to(self, entries->weak_keys ? key : value);
    if (ref == NULL)
        return lair_error_status();
    struct entry *entry = entries_add(entries, self->owner.object.type->heap, sizeof *entry, hash);
    if (entry == NULL) {
        lair_status status = lair_error_status();
        weakref_disown(ref);
        return status;
    }
    OBJECT_OWN(ref) = hash;
    entry->key = entries->weak_keys ? &ref->object : lair_incref(key);
    entry->value = entries->weak_values ? &ref->object : lair_incref(value);
    return LAIR_OK;
}

/* A new value for a key that is there. */
static lair_status replace(struct weak_table *self, struct entry *entry, lair_object *value)
{
    if (self->entries.weak_keys) {
        lair_set_ref(&entry->value, value);
        return LAIR_OK;
    }
    if (entry_value(&self->entries, entry) == value)
        return LAIR_OK;
    struct weakref *ref = refer_to(self, value);
    if (ref == NULL)
        return lair_error_status();
    OBJECT_OWN(ref) = entry->hash;
    weakref_disown(weakref_of(entry->value));
    entry->value = &ref->object;
    return LAIR_OK;
}

lair_status weak_table_set(lair_object *self, lair_object *key, lair_object *value)
{
    uint32_t hash;
    struct entry *found;
    LAIR_SCOPED lair_object *holds_key = lair_incref(key);
    LAIR_SCOPED lair_object *holds_value = lair_incref(value);
    lair_status status = find(self, key, &hash, &found);
    if (status != LAIR_OK)
        return status;
    struct weak_table *table = weak_table_of(self);
    return found == NULL ? add(table, key, value, hash) : replace(table, found, value);
}

lair_status weak_table_discard(lair_object *self, lair_object *key, bool *was_there)
{
    struct entry *found;
    lair_status status = weak_table_find(self, key, &found);
    if (status != LAIR_OK)
        return status;
    *was_there = found != NULL;
    if (found != NULL) {
        entries_remove(&weak_table_of(self)->entries, found);
        entry_drop(self->type->heap, found);
    }
    return LAIR_OK;
}

/* -- the types ------------------------------------------------------------------------------- */

void weak_table_clear(lair_object *self)
{
    entries_clear(&weak_table_of(self)->entries, self->type->heap);
}

int weak_table_traverse(lair_object *self, lair_visit visit, void *arg)
{
    return entries_traverse(&weak_table_of(self)->entries, visit, arg);
}

size_t weak_table_size_of(const lair_object *self)
{
    return entries_size(&weak_table_of(self)->entries, self->type->heap);
}

lair_step weak_table_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    return step_of(lair_write_format(writer, "<%s of %u at %p>", lair_type_name(frame->self),
                                     weak_table_of(frame->self)->entries.live,
                                     (const void *)frame->self));
}

lair_object *weak_table_copy(lair_object *self)
{
    const struct entries *entries = &weak_table_of(self)->entries;
    LAIR_SCOPED lair_object *copy = weak_table_make(self->type->heap, self->type->kind);
    const struct entry *entry;
    for (size_t i = 0; copy != NULL && (entry = entries_next(entries, &i)) != NULL;) {
        LAIR_SCOPED lair_object *key = lair_incref(entry_key(entries, entry));
        LAIR_SCOPED lair_object *value =
            entry->value != NULL ? lair_incref(entry_value(entries, entry)) : NULL;
        if (add(weak_table_of(copy), key, value, entry->hash) != LAIR_OK)
            return NULL;
    }
    return lair_steal(&copy);
}

/* What is weakly referred to is shared by the copy, the rest is copied. state[0]: the place in the
 * order behind the entry in hand; state[1]: the additions at the beginning. */
lair_step weak_table_deep_copy(lair_walk *walk, lair_frame *frame)
{
    const struct entries *entries = &weak_table_of(frame->self)->entries;
    size_t index = frame->state[0];
    if (frame->other == NULL) {
        frame->other = weak_table_make(walk->heap, frame->self->type->kind);
        frame->state[1] = entries->additions;
        if (frame->other == NULL)
            return LAIR_STEP_FAILED;
    } else {
        LAIR_SCOPED lair_object *copied = lair_steal(&walk->copied);
        if (entries->additions != frame->state[1]) {
            (void)lair_fail(LAIR_ERR_CHANGED, "a %s changed while it was copied",
                            lair_type_name(frame->self));
            return LAIR_STEP_FAILED;
        }
        const struct entry *entry = index <= entries->used ? entries->order[index - 1] : NULL;
        if (entry != NULL &&
            weak_table_set(frame->other, entries->weak_keys ? entry_key(entries, entry) : copied,
                           entries->weak_keys ? copied : entry_value(entries, entry)) != LAIR_OK)
            return LAIR_STEP_FAILED;
    }
    const struct entry *entry = entries_next(entries, &index);
    frame->state[0] = index;
    if (entry == NULL)
        return LAIR_STEP_DONE;
    return step_child(walk, entries->weak_keys ? entry->value : entry->key);
}

size_t weak_table_length(lair_object *self)
{
    return weak_table_of(self)->entries.live;
}

lair_status weak_table_contains(lair_object *self, lair_object *key, bool *found)
{
    struct entry *entry;
    lair_status status = weak_table_find(self, key, &entry);
    if (status == LAIR_OK)
        *found = entry != NULL;
    return status;
}

void weak_table_begin(lair_cursor *at)
{
    at->version = weak_table_of(at->container)->entries.additions;
}

bool weak_table_next(lair_cursor *at)
{
    return entries_step(&weak_table_of(at->container)->entries, at);
}

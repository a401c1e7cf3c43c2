/* keyed.c: what dict, set, frozenset and counter share besides the table itself. */
#include "keyed.h"

#include <inttypes.h>

#include <lair/number.h>

#include "table_put.h"

/* -- making and going over ------------------------------------------------------------------- */

struct keyed *keyed_make(lair_type *type)
{
    struct keyed *self = object_track(object_alloc_fixed(type));
    if (self == NULL)
        return NULL;
    OBJECT_OWN(self) = 0;
    self->table = NULL;
    self->weakrefs = NULL;
    return self;
}

table_walk table_walk_of(const struct keyed *over)
{
    return (table_walk){.over = (struct keyed *)(uintptr_t)over, .version = OBJECT_OWN(over)};
}

bool table_step(table_walk *walk)
{
    const struct table *table = walk->over->table;
    if (OBJECT_OWN(walk->over) != walk->version) {
        walk->status = table_changed(walk->over);
        return false;
    }
    word *entry = table_next(table, &walk->position);
    if (entry == NULL)
        return false;
    walk->position++;
    walk->key = entry[0].object;
    if ((table->shape & TABLE_VALUES) != 0)
        walk->value = entry[1];
    walk->hash = entry_hash(table, entry);
    return true;
}

/* -- errors ---------------------------------------------------------------------------------- */

enum { KEY_SHOWN = 80 };

/* The key's text as far as it is shown, not cut inside a character. */
static lair_status no_key(const struct keyed *self, const char *text, size_t bytes)
{
    size_t shown = bytes;
    if (shown > KEY_SHOWN)
        for (shown = KEY_SHOWN; shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80;)
            shown--;
    return lair_fail(LAIR_ERR_KEY, "no key %.*s%s in the %s", (int)shown, text,
                     shown < bytes ? "..." : "", lair_type_name(&self->object));
}

lair_status table_no_key(const struct keyed *self, lair_object *key)
{
    lair_writer writer = {.heap = self->object.type->heap};
    lair_status status;
    if (walk_repr(&writer, key) == LAIR_OK)
        status = no_key(self, writer.text, writer.bytes);
    else
        status = lair_fail(LAIR_ERR_KEY, "no such key, a %s, in the %s", lair_type_name(key),
                           lair_type_name(&self->object));
    writer_drop(&writer);
    return status;
}

lair_status table_no_text(const struct keyed *self, const char *text, size_t bytes)
{
    lair_writer writer = {.heap = self->object.type->heap};
    lair_status status;
    if (writer_quote(&writer, text, bytes) == LAIR_OK)
        status = no_key(self, writer.text, writer.bytes);
    else
        status = no_key(self, text, bytes);
    writer_drop(&writer);
    return status;
}

lair_status table_interfered(const struct keyed *self)
{
    return lair_fail(LAIR_ERR_CHANGED, "a %s was changed by code that one of its functions ran",
                     lair_type_name(&self->object));
}

lair_status table_changed(const struct keyed *self)
{
    return lair_fail(LAIR_ERR_CHANGED, "%s changed size during iteration",
                     lair_type_name(&self->object));
}

/* -- steps ----------------------------------------------------------------------------------- */

/* state[1] of the steps below: the version when they began, and that they have begun. */
#define STEPS_BEGUN ((uint64_t)1 << 32)

/* Whether the entries are those that the steps began with; else the error is set. */
static bool steps_go_on(lair_frame *frame)
{
    const struct keyed *self = keyed_of(frame->self);
    if (frame->state[1] == 0)
        frame->state[1] = STEPS_BEGUN | OBJECT_OWN(self);
    if ((uint32_t)frame->state[1] == OBJECT_OWN(self))
        return true;
    (void)table_changed(self);
    return false;
}

/* state[0]: twice the position of the entry that is next, and one when its key is written. */
lair_step keyed_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame, const char *open,
                     const char *close)
{
    bool first = frame->state[1] == 0;
    const struct table *table = keyed_of(frame->self)->table;
    if (!steps_go_on(frame) || (first && lair_write_text(writer, open) != LAIR_OK))
        return LAIR_STEP_FAILED;
    size_t position = (size_t)(frame->state[0] / 2);
    if (frame->state[0] % 2 != 0) {
        const word *entry = table_entry(table, position);
        frame->state[0]++;
        if ((table->shape & TABLE_VALUE_OBJECTS) != 0)
            return lair_write_text(writer, ": ") == LAIR_OK ? step_child(walk, entry[1].object)
                                                            : LAIR_STEP_FAILED;
        if ((table->shape & TABLE_VALUES) != 0 &&
            lair_write_format(writer, ": %" PRId64, entry[1].number) != LAIR_OK)
            return LAIR_STEP_FAILED;
        position++;
    }
    const word *entry = table_next(table, &position);
    if (entry == NULL)
        return step_of(lair_write_text(writer, close));
    if (frame->state[0] != 0 && lair_write_text(writer, ", ") != LAIR_OK)
        return LAIR_STEP_FAILED;
    frame->state[0] = (uint64_t)position * 2 + 1;
    return step_child(walk, entry[0].object);
}

static lair_step unequal(lair_walk *walk)
{
    walk->order = 1;
    return LAIR_STEP_DONE;
}

/* state[0]: the position of the entry that is next. Values that are references are children; of
 * sets and counters all is done in one step. */
lair_step keyed_equal(lair_walk *walk, lair_frame *frame)
{
    struct keyed *self = keyed_of(frame->self), *other = keyed_of(frame->other);
    bool first = frame->state[1] == 0;
    if (!steps_go_on(frame))
        return LAIR_STEP_FAILED;
    if (keyed_length(self) != keyed_length(other) || (!first && walk->order != 0))
        return unequal(walk);
    table_walk entries = {
        .over = self, .version = (uint32_t)frame->state[1], .position = (size_t)frame->state[0]};
    while (table_step(&entries)) {
        place at;
        lair_object *key = lair_incref(entries.key);
        sought result = table_find(other, key, entries.hash, &at);
        lair_decref(key);
        if (result == SOUGHT_FAILED)
            return LAIR_STEP_FAILED;
        if (result == SOUGHT_MISSING)
            return unequal(walk);
        if (!steps_go_on(frame))
            return LAIR_STEP_FAILED;
        frame->state[0] = entries.position;
        if ((self->table->shape & TABLE_VALUE_OBJECTS) != 0)
            return step_children(walk, entries.value.object, at.entry[1].object);
        if ((self->table->shape & TABLE_VALUES) != 0 && entries.value.number != at.entry[1].number)
            return unequal(walk);
    }
    walk->order = 0;
    return step_of(entries.status);
}

/* -- deep copy ------------------------------------------------------------------------------- */

/* The copy of a key came: it takes its place, for the time being without a copy of the value. */
static lair_status copy_key(lair_frame *frame, const word *entry, lair_object *key)
{
    const struct table *table = keyed_of(frame->self)->table;
    struct keyed *copy = keyed_of(frame->other);
    uint64_t hash = entry_hash(table, entry);
    word value = {.number = 0};
    if ((table->shape & TABLE_VALUE_OBJECTS) != 0)
        value.object = frame->self->type->space->none;
    else if ((table->shape & TABLE_VALUES) != 0)
        value = entry[1];
    if (key != entry->object && key_hash(key, &hash) != LAIR_OK)
        return lair_error_status();
    switch (table_put(copy, key, hash, value).was) {
    case SOUGHT_FAILED:
        return lair_error_status();
    case SOUGHT_FOUND:
        return lair_fail(LAIR_ERR_VALUE, "two keys of a %s have copies that are equal",
                         lair_type_name(frame->self));
    case SOUGHT_MISSING:
        break;
    }
    (void)lair_incref(key);
    return LAIR_OK;
}

/* The copy of a value came, which it takes over: it belongs to the newest key. */
static lair_status copy_value(lair_frame *frame, lair_object *value)
{
    place at;
    if (!table_newest(keyed_of(frame->other), &at)) {
        lair_decref(value);
        return table_changed(keyed_of(frame->other));
    }
    lair_object *before = at.entry[1].object;
    at.entry[1].object = value;
    lair_decref(before);
    return LAIR_OK;
}

static lair_status copy_begin(lair_frame *frame)
{
    struct keyed *copy = keyed_make(frame->self->type);
    if (copy == NULL)
        return lair_error_status();
    frame->other = &copy->object;
    return table_reserve(copy, keyed_length(keyed_of(frame->self)));
}

/* state[0]: twice the position of the entry that is being copied, and one when the copy of its
 * value is awaited, not that of its key. Keys of types that never change need no copy. */
lair_step keyed_copy(lair_walk *walk, lair_frame *frame)
{
    bool first = frame->other == NULL;
    if (!steps_go_on(frame) || (first && copy_begin(frame) != LAIR_OK))
        return LAIR_STEP_FAILED;
    struct table *const *table = &keyed_of(frame->self)->table;
    size_t position = (size_t)(frame->state[0] / 2);
    LAIR_SCOPED lair_object *key = NULL; /* its copy is there */
    if (!first && frame->state[0] % 2 == 0) {
        key = lair_steal(&walk->copied);
    } else if (!first) {
        if (copy_value(frame, lair_steal(&walk->copied)) != LAIR_OK || !steps_go_on(frame))
            return LAIR_STEP_FAILED;
        position++;
    }
    for (const word *entry; (entry = table_next(*table, &position)) != NULL; position++) {
        frame->state[0] = (uint64_t)position * 2;
        if (key == NULL && !has_hash_at_hand(entry->object))
            return step_child(walk, entry->object);
        if (copy_key(frame, entry, key != NULL ? key : entry->object) != LAIR_OK ||
            !steps_go_on(frame))
            return LAIR_STEP_FAILED;
        lair_clear_ref(&key);
        if (!steps_go_on(frame))
            return LAIR_STEP_FAILED;
        if (((*table)->shape & TABLE_VALUE_OBJECTS) != 0) {
            frame->state[0]++;
            return step_child(walk, table_entry(*table, position)[1].object);
        }
    }
    return LAIR_STEP_DONE;
}

/* -- for the descriptions of the types ------------------------------------------------------- */

void keyed_dealloc(lair_object *self)
{
    table_clear(keyed_of(self));
}

int keyed_traverse(lair_object *self, lair_visit visit, void *arg)
{
    const struct table *table = keyed_of(self)->table;
    bool values = table != NULL && (table->shape & TABLE_VALUE_OBJECTS) != 0;
    size_t position = 0;
    for (word *entry; (entry = table_next(table, &position)) != NULL; position++) {
        VISIT(entry[0].object);
        if (values)
            VISIT(entry[1].object);
    }
    return 0;
}

void keyed_clear(lair_object *self)
{
    table_clear(keyed_of(self));
}

size_t keyed_size_of(const lair_object *self)
{
    const struct table *table = keyed_of(self)->table;
    return table != NULL ? lair_heap_usable_size(self->type->heap, table) : 0;
}

size_t keyed_length_slot(lair_object *self)
{
    return keyed_length(keyed_of(self));
}

lair_status keyed_contains(lair_object *self, lair_object *key, bool *found)
{
    uint64_t hash;
    word *entry;
    if (!same_heap(self, key) || key_hash(key, &hash) != LAIR_OK)
        return lair_error_status();
    sought result = table_get(keyed_of(self), key, hash, &entry);
    if (result == SOUGHT_FAILED)
        return lair_error_status();
    *found = result == SOUGHT_FOUND;
    return LAIR_OK;
}

void keyed_begin(lair_cursor *at)
{
    at->version = OBJECT_OWN(keyed_of(at->container));
}

lair_object *keyed_shallow_copy(lair_object *self)
{
    struct keyed *copy = keyed_make(self->type);
    if (copy == NULL)
        return NULL;
    if (table_copy(copy, keyed_of(self)) == LAIR_OK)
        return &copy->object;
    lair_decref(&copy->object);
    return NULL;
}

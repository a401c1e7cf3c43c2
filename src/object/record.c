/* record.c: records, whose attributes are slots of the object. */
#include "record.h"

#include "cell.h"
#include "sequence.h"

enum { RECORD_FREE_LIST = 1024 };

static sequence record_row(const lair_object *self)
{
    return (sequence){slotted_of(self)->slots, fields_of(self->type)->slots};
}

static bool is_frozen(const lair_type *type)
{
    return (fields_of(type)->flags & LAIR_RECORD_FROZEN) != 0;
}

/* -- making ---------------------------------------------------------------------------------- */

/* An instance whose slots are undefined. */
static inline struct slotted *record_alloc(lair_type *type)
{
    struct slotted *record = object_track(object_alloc_fixed(type));
    if (likely(record != NULL) && type->spec.weakrefs != 0)
        record->slots[fields_of(type)->slots] = NULL;
    return record;
}

/* An instance without a value. */
static struct slotted *record_make(lair_type *type)
{
    struct slotted *record = record_alloc(type);
    if (record != NULL)
        memset(record->slots, 0, fields_of(type)->slots * sizeof(lair_object *));
    return record;
}

/* An instance with one value for each slot; on failure nothing is stolen. */
static inline lair_object *record_fill(lair_type *type, lair_object *const *values, bool steal)
{
    size_t slots = fields_of(type)->slots;
    if (unlikely(!items_valid(type->heap, values, slots)))
        return NULL;
    struct slotted *record = record_alloc(type);
    if (unlikely(record == NULL))
        return NULL;
    for (size_t i = 0; i < slots; i++)
        record->slots[i] = steal ? values[i] : lair_incref(values[i]);
    return &record->object;
}

/* An instance without values. */
static lair_object *record_empty(lair_type *type)
{
    if (is_frozen(type) && fields_of(type)->count != 0) {
        (void)lair_fail(LAIR_ERR_INVALID, "%s is frozen and was given no values", type->spec.name);
        return NULL;
    }
    struct slotted *record = record_make(type);
    return record != NULL ? &record->object : NULL;
}

lair_object *lair_record_new(lair_type *type, lair_object *const *values)
{
    if (!type_expected(type, LAIR_KIND_RECORD))
        return NULL;
    collector_safe_point(type->space);
    return values != NULL ? record_fill(type, values, false) : record_empty(type);
}

lair_object *lair_record_steal(lair_type *type, lair_object **values)
{
    if (!type_expected(type, LAIR_KIND_RECORD))
        return NULL;
    collector_safe_point(type->space);
    if (values == NULL)
        return record_empty(type);
    lair_object *self = record_fill(type, values, true);
    if (self == NULL)
        items_drop(values, fields_of(type)->slots);
    return self;
}

/* -- attributes ------------------------------------------------------------------------------ */

lair_object *record_attribute(const lair_object *self, const char *name)
{
    const struct field *field = field_find(fields_of(self->type), name);
    if (unlikely(field == NULL)) {
        (void)no_attribute(self->type, name);
        return NULL;
    }
    lair_object *value = *(lair_object **)field_at(self, field);
    if (unlikely(value == NULL))
        (void)attribute_not_set(self->type, name);
    return value;
}

/* Puts value, which may be NULL, in, and drops what was there. */
static inline lair_status slot_put(lair_object *self, const struct field *field, lair_object *value)
{
    if (unlikely(is_frozen(self->type)))
        return attribute_frozen(self->type, field->name);
    lair_object **slot = field_at(self, field);
    lair_object *old = *slot;
    *slot = value;
    lair_decref(old);
    return LAIR_OK;
}

lair_status record_attribute_set_new(lair_object *self, const char *name, lair_object *value)
{
    lair_status status;
    const struct field *field = field_find(fields_of(self->type), name);
    if (unlikely(field == NULL))
        status = no_attribute(self->type, name);
    else if (unlikely(!same_heap(self, value)))
        status = lair_error_status();
    else
        status = slot_put(self, field, value);
    if (unlikely(status != LAIR_OK))
        lair_decref(value);
    return status;
}

lair_status record_attribute_delete(lair_object *self, const char *name)
{
    const struct field *field = field_find(fields_of(self->type), name);
    if (field == NULL)
        return no_attribute(self->type, name);
    if (*(lair_object **)field_at(self, field) == NULL)
        return attribute_not_set(self->type, name);
    return slot_put(self, field, NULL);
}

static lair_status bad_position(const lair_type *type, size_t field)
{
    return lair_fail(LAIR_ERR_INDEX, "field %zu of a %s of %u", field, type->spec.name,
                     fields_of(type)->count);
}

lair_object *lair_record_get(const lair_object *self, size_t field)
{
    if (!expect(self, LAIR_KIND_RECORD))
        return NULL;
    if (unlikely(field >= fields_of(self->type)->count)) {
        (void)bad_position(self->type, field);
        return NULL;
    }
    lair_object *value = slotted_of(self)->slots[field];
    if (unlikely(value == NULL))
        (void)attribute_not_set(self->type, fields_of(self->type)->fields[field].name);
    return value;
}

lair_status lair_record_set_new(lair_object *self, size_t field, lair_object *value)
{
    lair_status status;
    if (!expect(self, LAIR_KIND_RECORD) || !same_heap(self, value))
        status = lair_error_status();
    else if (unlikely(field >= fields_of(self->type)->count))
        status = bad_position(self->type, field);
    else
        status = slot_put(self, &fields_of(self->type)->fields[field], value);
    if (unlikely(status != LAIR_OK))
        lair_decref(value);
    return status;
}

lair_status lair_record_set(lair_object *self, size_t field, lair_object *value)
{
    return lair_record_set_new(self, field, lair_incref(value));
}

/* -- the type -------------------------------------------------------------------------------- */

static lair_step record_hash(lair_walk *walk, lair_frame *frame)
{
    return sequence_hash(walk, frame, record_row(frame->self));
}

/* Attributes that are unset in both are equal. state[0]: attributes begun. */
static lair_step record_equal(lair_walk *walk, lair_frame *frame)
{
    sequence row = record_row(frame->self), other = record_row(frame->other);
    if (frame->state[0] != 0 && walk->order != 0)
        return LAIR_STEP_DONE;
    while (frame->state[0] < row.length) {
        size_t i = frame->state[0]++;
        if (row.items[i] != NULL && other.items[i] != NULL)
            return step_children(walk, row.items[i], other.items[i]);
        if (row.items[i] != other.items[i]) {
            walk->order = 1;
            return LAIR_STEP_DONE;
        }
    }
    walk->order = 0;
    return LAIR_STEP_DONE;
}

static lair_step record_compare(lair_walk *walk, lair_frame *frame)
{
    return sequence_compare(walk, frame, record_row(frame->self), record_row(frame->other));
}

/* state[0]: attributes begun; state[1]: whether the copy of one is not the attribute itself. */
static lair_step record_copy(lair_walk *walk, lair_frame *frame)
{
    struct slotted *record = slotted_of(frame->self);
    if (frame->other == NULL) {
        struct slotted *copy = record_make(frame->self->type);
        if (copy == NULL)
            return LAIR_STEP_FAILED;
        frame->other = &copy->object;
    } else {
        size_t done = frame->state[0] - 1;
        frame->state[1] |= walk->copied != record->slots[done];
        slotted_of(frame->other)->slots[done] = lair_steal(&walk->copied);
    }
    while (frame->state[0] < fields_of(frame->self->type)->slots) {
        lair_object *value = record->slots[frame->state[0]++];
        if (value != NULL)
            return step_child(walk, value);
    }
    if (is_frozen(frame->self->type) && frame->state[1] == 0)
        lair_set_ref(&frame->other, frame->self); /* the copy would differ in nothing */
    return LAIR_STEP_DONE;
}

static lair_object *record_shallow_copy(lair_object *self)
{
    struct slotted *copy = record_alloc(self->type);
    if (copy == NULL)
        return NULL;
    sequence row = record_row(self);
    for (size_t i = 0; i < row.length; i++)
        copy->slots[i] = lair_incref(row.items[i]);
    return &copy->object;
}

/* As a tuple: what completes a cycle through it is cleared elsewhere. */
static void frozen_clear(lair_object *self)
{
    (void)self;
}

static lair_type_spec record_spec(const char *name, size_t count, unsigned flags)
{
    lair_type_spec spec = {
        .name = name,
        .size = sizeof(struct slotted) + count * sizeof(lair_object *),
        .flags = LAIR_TYPE_CONTAINER,
        .free_list = RECORD_FREE_LIST,
        .dealloc = slots_dealloc,
        .traverse = slots_traverse,
        .clear = slots_clear,
        .repr = fields_repr,
        .copy = record_copy,
        .shallow_copy = record_shallow_copy,
    };
    if ((flags & (LAIR_RECORD_EQUAL | LAIR_RECORD_FROZEN)) != 0)
        spec.equal = record_equal;
    if ((flags & LAIR_RECORD_FROZEN) != 0) {
        spec.flags |= LAIR_TYPE_IMMUTABLE;
        spec.clear = frozen_clear;
        spec.hash = record_hash;
        spec.compare = record_compare;
        spec.shallow_copy = NULL;
    }
    if ((flags & LAIR_RECORD_WEAK) != 0) {
        spec.weakrefs = spec.size;
        spec.size += sizeof(void *);
    }
    return spec;
}

lair_type *lair_record_type(lair_heap *heap, const char *name, const char *const *fields,
                            size_t count, unsigned flags)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    if ((flags & ~(unsigned)(LAIR_RECORD_WEAK | LAIR_RECORD_FROZEN | LAIR_RECORD_EQUAL)) != 0) {
        (void)lair_fail(LAIR_ERR_INVALID, "flags %#x are not lair_record_flags", flags);
        return NULL;
    }
    struct field_table *table = fields_make(heap, name, fields, sizeof(*fields), count);
    if (table == NULL)
        return NULL;
    table->flags = flags;
    table->slots = table->count;
    for (uint32_t i = 0; i < table->count; i++) {
        table->fields[i].kind = CELL_OBJECT;
        table->fields[i].offset = (uint32_t)offsetof(struct slotted, slots[i]);
    }
    lair_type_spec spec = record_spec(name, count, flags);
    return fields_type(space, &spec, LAIR_KIND_RECORD, table);
}

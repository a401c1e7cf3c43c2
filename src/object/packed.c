/* packed.c: records whose fields are as narrow as they were declared.
 *
 * References come first, as in a record; then numbers, widest first, so that each is aligned
 * without a gap. The header has four bytes to spare where counts are in it: narrow numbers begin
 * there.
 */
#include "cell.h"
#include "fields.h"
#include "walk.h"

enum {
    PACKED_FREE_LIST = 64,
    HEADER_BYTES = sizeof(lair_object),
    HEADER_SPARE = HEADER_BYTES >= sizeof(lair_type *) + 8 ? 4 : 0,
    HEADER_USED = HEADER_BYTES - HEADER_SPARE
};

/* -- making ---------------------------------------------------------------------------------- */

lair_object *lair_packed_new(lair_type *type)
{
    if (!type_expected(type, LAIR_KIND_PACKED))
        return NULL;
    bool refers = fields_of(type)->slots != 0;
    if (refers)
        collector_safe_point(type->space);
    lair_object *self = object_track_if(object_alloc_fixed(type), refers);
    if (self != NULL)
        memset((char *)self + HEADER_USED, 0, type->instance_bytes - HEADER_USED);
    return self;
}

/* -- fields ---------------------------------------------------------------------------------- */

/* The field of that name; NULL: the error is set. */
static const struct field *packed_field(const lair_object *self, const char *name)
{
    if (!expect(self, LAIR_KIND_PACKED))
        return NULL;
    if (name == NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "the name of a field is NULL");
        return NULL;
    }
    const struct field *field = field_find(fields_of(self->type), name);
    if (unlikely(field == NULL))
        (void)no_attribute(self->type, name);
    return field;
}

/* A reference as it is seen: one that was never set is none. */
static lair_object *packed_slot(const lair_object *self, size_t slot)
{
    lair_object *value = slotted_of(self)->slots[slot];
    return value != NULL ? value : self->type->space->none;
}

lair_object *lair_packed_get(lair_object *self, const char *name)
{
    const struct field *field = packed_field(self, name);
    if (field == NULL)
        return NULL;
    void *cell = field_at(self, field);
    if (field->kind != CELL_OBJECT)
        return cell_object(self->type->heap, (cell_kind)field->kind, cell);
    lair_object *value = *(lair_object **)cell;
    return lair_incref(value != NULL ? value : self->type->space->none);
}

/* The status of storing in a field, whose name a message should tell. */
static lair_status stored(const struct field *field, lair_status status)
{
    if (likely(status == LAIR_OK))
        return LAIR_OK;
    return lair_fail(status, "attribute '%s': %s", field->name, lair_error_message());
}

lair_status lair_packed_set(lair_object *self, const char *name, lair_object *value)
{
    const struct field *field = packed_field(self, name);
    if (field == NULL)
        return lair_error_status();
    if (value == NULL)
        return pending_error();
    void *cell = field_at(self, field);
    if (field->kind != CELL_OBJECT)
        return stored(field, cell_store((cell_kind)field->kind, cell, value, self));
    if (!same_heap(self, value))
        return lair_error_status();
    lair_set_ref(cell, value);
    return LAIR_OK;
}

/* The field of that name, which is no reference; NULL: the error is set. */
static const struct field *number_field(const lair_object *self, const char *name)
{
    const struct field *field = packed_field(self, name);
    if (field == NULL || likely(field->kind != CELL_OBJECT))
        return field;
    (void)lair_fail(LAIR_ERR_TYPE, "attribute '%s' of %s is no number", name,
                    self->type->spec.name);
    return NULL;
}

lair_status lair_packed_set_int(lair_object *self, const char *name, int64_t value)
{
    const struct field *field = number_field(self, name);
    if (field == NULL)
        return lair_error_status();
    return stored(field,
                  cell_store_int((cell_kind)field->kind, field_at(self, field), value, self));
}

lair_status lair_packed_set_float(lair_object *self, const char *name, double value)
{
    const struct field *field = number_field(self, name);
    if (field == NULL)
        return lair_error_status();
    return stored(field,
                  cell_store_float((cell_kind)field->kind, field_at(self, field), value, self));
}

lair_status lair_packed_get_int(lair_object *self, const char *name, int64_t *value)
{
    const struct field *field = number_field(self, name);
    if (field == NULL)
        return lair_error_status();
    if (cell_is_float((cell_kind)field->kind))
        return lair_fail(LAIR_ERR_TYPE, "attribute '%s' of %s is a float", name,
                         self->type->spec.name);
    *value = cell_int((cell_kind)field->kind, field_at(self, field));
    return LAIR_OK;
}

lair_status lair_packed_get_float(lair_object *self, const char *name, double *value)
{
    const struct field *field = number_field(self, name);
    if (field == NULL)
        return lair_error_status();
    *value = cell_float((cell_kind)field->kind, field_at(self, field));
    return LAIR_OK;
}

/* -- the type -------------------------------------------------------------------------------- */

/* Whether the numbers of both are the same by value. */
static bool numbers_equal(const lair_object *self, const lair_object *other)
{
    const struct field_table *table = fields_of(self->type);
    for (uint32_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        cell_kind kind = (cell_kind)field->kind;
        const void *a = field_at(self, field), *b = field_at(other, field);
        if (kind != CELL_OBJECT &&
            (cells_have_nan(kind, a, kind, b) || cell_compare(kind, a, kind, b) != 0))
            return false;
    }
    return true;
}

/* state[0]: steps done: the numbers, then one reference each. */
static lair_step packed_equal(lair_walk *walk, lair_frame *frame)
{
    size_t done = frame->state[0]++;
    if (done == 0)
        walk->order = !numbers_equal(frame->self, frame->other);
    if (walk->order != 0 || done >= fields_of(frame->self->type)->slots)
        return LAIR_STEP_DONE;
    return step_children(walk, packed_slot(frame->self, done), packed_slot(frame->other, done));
}

/* A copy of the numbers, without references. */
static lair_object *copy_numbers(lair_object *self)
{
    lair_type *type = self->type;
    lair_object *copy = object_track_if(object_alloc_fixed(type), fields_of(type)->slots != 0);
    if (copy == NULL)
        return NULL;
    memcpy((char *)copy + HEADER_USED, (char *)self + HEADER_USED,
           type->instance_bytes - HEADER_USED);
    memset(slotted_of(copy)->slots, 0, fields_of(type)->slots * sizeof(lair_object *));
    return copy;
}

/* state[0]: references begun. */
static lair_step packed_copy(lair_walk *walk, lair_frame *frame)
{
    if (frame->other == NULL) {
        frame->other = copy_numbers(frame->self);
        if (frame->other == NULL)
            return LAIR_STEP_FAILED;
    } else {
        slotted_of(frame->other)->slots[frame->state[0] - 1] = lair_steal(&walk->copied);
    }
    if (frame->state[0] < fields_of(frame->self->type)->slots)
        return step_child(walk, packed_slot(frame->self, frame->state[0]++));
    return LAIR_STEP_DONE;
}

static lair_object *packed_shallow_copy(lair_object *self)
{
    lair_object *copy = copy_numbers(self);
    if (copy != NULL)
        for (size_t i = 0; i < fields_of(self->type)->slots; i++)
            slotted_of(copy)->slots[i] = lair_incref(slotted_of(self)->slots[i]);
    return copy;
}

/* -- layout ---------------------------------------------------------------------------------- */

/* Places the fields of one width, references apart from numbers. */
static void place(struct field_table *table, size_t width, bool references, size_t *spare,
                  size_t *end)
{
    for (uint32_t i = 0; i < table->count; i++) {
        struct field *field = &table->fields[i];
        if (cell_bytes[field->kind] != width || (field->kind == CELL_OBJECT) != references)
            continue;
        size_t *at = width <= HEADER_BYTES - *spare ? spare : end;
        field->offset = (uint32_t)*at;
        *at += width;
        table->slots += references;
    }
}

/* Bytes of an instance. */
static size_t lay_out(struct field_table *table)
{
    size_t spare = HEADER_USED, end = HEADER_BYTES;
    place(table, sizeof(lair_object *), true, &spare, &end);
    for (size_t width = 8; width != 0; width /= 2)
        place(table, width, false, &spare, &end);
    return end;
}

lair_type *lair_packed_type(lair_heap *heap, const char *name, const lair_packed_field *fields,
                            size_t count)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    struct field_table *table = fields_make(heap, name, fields, sizeof(*fields), count);
    if (table == NULL)
        return NULL;
    for (uint32_t i = 0; i < table->count; i++) {
        if ((unsigned)fields[i].kind > LAIR_PACKED_OBJECT) {
            (void)lair_fail(LAIR_ERR_INVALID, "type '%s': '%s' is of kind %d, which is none", name,
                            fields[i].name, (int)fields[i].kind);
            lair_heap_free(heap, table);
            return NULL;
        }
        table->fields[i].kind = (uint8_t)fields[i].kind;
    }
    lair_type_spec spec = {
        .name = name,
        .size = lay_out(table),
        .free_list = PACKED_FREE_LIST,
        .repr = fields_repr,
        .equal = packed_equal,
        .copy = packed_copy,
        .shallow_copy = packed_shallow_copy,
    };
    if (table->slots != 0) {
        spec.flags = LAIR_TYPE_CONTAINER;
        spec.dealloc = slots_dealloc;
        spec.traverse = slots_traverse;
        spec.clear = slots_clear;
    }
    return fields_type(space, &spec, LAIR_KIND_PACKED, table);
}

_Static_assert((int)CELL_BOOL == (int)LAIR_PACKED_BOOL && (int)CELL_I64 == (int)LAIR_PACKED_I64 &&
                   (int)CELL_OBJECT == (int)LAIR_PACKED_OBJECT,
               "cells are of the kinds that packed records declare");

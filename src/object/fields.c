/* fields.c: what record types and packed types have in common. */
#include "fields.h"

#include "cell.h"
#include "walk.h"

/* -- names ----------------------------------------------------------------------------------- */

enum { FIELDS_MAX = UINT16_MAX };

static bool is_identifier(const char *name)
{
    if (name == NULL || (name[0] >= '0' && name[0] <= '9'))
        return false;
    const char *end = name;
    while ((*end >= 'a' && *end <= 'z') || (*end >= 'A' && *end <= 'Z') ||
           (*end >= '0' && *end <= '9') || *end == '_')
        end++;
    return end != name && *end == '\0';
}

static const char *name_at(const void *names, size_t stride, size_t index)
{
    return *(const char *const *)((const char *)names + index * stride);
}

/* Bytes of all names with their zero bytes; SIZE_MAX: the error is set. */
static size_t names_bytes(const char *type_name, const void *names, size_t stride, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = name_at(names, stride, i);
        if (!is_identifier(name)) {
            (void)lair_fail(LAIR_ERR_INVALID, "type '%s': '%s' is no name for a field", type_name,
                            name != NULL ? name : "");
            return SIZE_MAX;
        }
        bytes += strlen(name) + 1;
    }
    return bytes;
}

/* Enters the name of a field, of which the table has no other. */
static lair_status field_enter(struct field_table *table, size_t index, const char *type_name)
{
    struct field *field = &table->fields[index];
    if (field_find(table, field->name) != NULL)
        return lair_fail(LAIR_ERR_INVALID, "type '%s' declares '%s' twice", type_name, field->name);
    uint32_t place = field->hash;
    while (table->places[place & table->mask] != 0)
        place++;
    table->places[place & table->mask] = (uint16_t)(index + 1);
    return LAIR_OK;
}

struct field_table *fields_make(lair_heap *heap, const char *type_name, const void *names,
                                size_t stride, size_t count)
{
    const char *fault = NULL;
    if (type_name == NULL || type_name[0] == '\0')
        fault = "has no name";
    else if (names == NULL && count != 0)
        fault = "has no names for its fields";
    else if (count > FIELDS_MAX)
        fault = "has more than 65,535 fields";
    if (fault != NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "type '%s' %s", type_name != NULL ? type_name : "",
                        fault);
        return NULL;
    }
    size_t text_bytes = names_bytes(type_name, names, stride, count);
    if (text_bytes == SIZE_MAX)
        return NULL;
    size_t places = 2;
    while (places < 2 * count)
        places *= 2;
    struct field_table *table = lair_heap_calloc(heap, 1,
                                                 sizeof(*table) + count * sizeof(struct field) +
                                                     places * sizeof(uint16_t) + text_bytes);
    if (table == NULL)
        return NULL;
    table->count = (uint32_t)count;
    table->mask = (uint32_t)places - 1;
    table->places = (uint16_t *)(void *)&table->fields[count];
    char *text = (char *)&table->places[places];
    for (size_t i = 0; i < count; i++) {
        const char *name = name_at(names, stride, i);
        size_t bytes = strlen(name);
        table->fields[i].name = memcpy(text, name, bytes + 1);
        table->fields[i].bytes = (uint32_t)bytes;
        table->fields[i].hash = name_hash(name, bytes);
        text += bytes + 1;
        if (field_enter(table, i, type_name) != LAIR_OK) {
            lair_heap_free(heap, table);
            return NULL;
        }
    }
    return table;
}

lair_type *fields_type(struct space *space, const lair_type_spec *spec, lair_kind kind,
                       struct field_table *table)
{
    lair_type *type = type_make(space, spec, kind);
    if (type == NULL)
        lair_heap_free(space->heap, table);
    else
        type->owned = table;
    return type;
}

/* -- errors ---------------------------------------------------------------------------------- */

lair_status no_attribute(const lair_type *type, const char *name)
{
    return lair_fail(LAIR_ERR_ATTRIBUTE, "%s has no attribute '%s'", type->spec.name, name);
}

lair_status attribute_not_set(const lair_type *type, const char *name)
{
    return lair_fail(LAIR_ERR_ATTRIBUTE, "attribute '%s' of %s is not set", name, type->spec.name);
}

lair_status attribute_frozen(const lair_type *type, const char *name)
{
    return lair_fail(LAIR_ERR_ATTRIBUTE, "attribute '%s' of %s is frozen", name, type->spec.name);
}

bool type_expected_slow(const lair_type *type, lair_kind kind)
{
    if (type == NULL) {
        (void)pending_error();
        return false;
    }
    static const char *const makers[LAIR_KIND_COUNT] = {
        [LAIR_KIND_RECORD] = "lair_record_type",
        [LAIR_KIND_INSTANCE] = "lair_instance_type",
        [LAIR_KIND_PACKED] = "lair_packed_type",
    };
    (void)lair_fail(LAIR_ERR_TYPE, "type '%s' was not made by %s", type->spec.name, makers[kind]);
    return false;
}

/* -- what types declare ---------------------------------------------------------------------- */

static bool has_fields(const lair_type *type)
{
    return (type != NULL && type->kind == LAIR_KIND_PACKED) ||
           type_expected(type, LAIR_KIND_RECORD);
}

lair_status lair_record_field(const lair_type *type, const char *name, size_t *field)
{
    if (!has_fields(type))
        return lair_error_status();
    if (name == NULL)
        return lair_fail(LAIR_ERR_INVALID, "the name of a field is NULL");
    const struct field *found = field_find(fields_of(type), name);
    if (found == NULL)
        return no_attribute(type, name);
    *field = (size_t)(found - fields_of(type)->fields);
    return LAIR_OK;
}

const char *lair_record_field_name(const lair_type *type, size_t field)
{
    if (!has_fields(type))
        return NULL;
    if (field < fields_of(type)->count)
        return fields_of(type)->fields[field].name;
    (void)lair_fail(LAIR_ERR_INDEX, "field %zu of a %s of %u", field, type->spec.name,
                    fields_of(type)->count);
    return NULL;
}

size_t lair_record_field_count(const lair_type *type)
{
    return has_fields(type) ? fields_of(type)->count : SIZE_MAX;
}

/* -- instances of either type ----------------------------------------------------------------- */

void slots_dealloc(lair_object *self)
{
    struct slotted *slotted = slotted_of(self);
    size_t slots = fields_of(self->type)->slots;
    for (size_t i = 0; i < slots; i++)
        lair_decref(slotted->slots[i]);
}

int slots_traverse(lair_object *self, lair_visit visit, void *arg)
{
    size_t slots = fields_of(self->type)->slots;
    for (size_t i = 0; i < slots; i++)
        VISIT(slotted_of(self)->slots[i]);
    return 0;
}

void slots_clear(lair_object *self)
{
    size_t slots = fields_of(self->type)->slots;
    for (size_t i = 0; i < slots; i++)
        lair_clear_ref(&slotted_of(self)->slots[i]);
}

/* Writes what comes before a value. */
static lair_status write_name(lair_writer *writer, const struct field *field, bool first)
{
    lair_status status = first ? LAIR_OK : lair_write_text(writer, ", ");
    if (status == LAIR_OK)
        status = lair_write(writer, field->name, field->bytes);
    return status == LAIR_OK ? lair_write_text(writer, "=") : status;
}

/* state[0]: fields done; state[1]: texts written, the type's name among them. Attributes of a
 * record that are not set are left out; a packed record's are none. */
lair_step fields_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    const lair_object *self = frame->self;
    const struct field_table *table = fields_of(self->type);
    if (frame->state[1]++ == 0 && (lair_write_text(writer, self->type->spec.name) != LAIR_OK ||
                                   lair_write_text(writer, "(") != LAIR_OK))
        return LAIR_STEP_FAILED;
    while (frame->state[0] < table->count) {
        const struct field *field = &table->fields[frame->state[0]++];
        void *cell = field_at(self, field);
        lair_object *child = field->kind == CELL_OBJECT ? *(lair_object **)cell : NULL;
        if (child == NULL && is_kind(self, LAIR_KIND_RECORD))
            continue;
        if (write_name(writer, field, frame->state[1] == 1) != LAIR_OK)
            return LAIR_STEP_FAILED;
        frame->state[1]++;
        if (child != NULL)
            return step_child(walk, child);
        if (field->kind == CELL_OBJECT)
            return step_child(walk, self->type->space->none);
        if (cell_write(writer, (cell_kind)field->kind, cell) != LAIR_OK)
            return LAIR_STEP_FAILED;
    }
    return step_of(lair_write_text(writer, ")"));
}

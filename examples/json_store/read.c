/* read.c: the loaded objects, whatever their form. */
#include "store.h"

bool has_members(const lair_object *value)
{
    return lair_is(value, LAIR_KIND_DICT) || lair_is(value, LAIR_KIND_INSTANCE) ||
           lair_is(value, LAIR_KIND_RECORD) || lair_is(value, LAIR_KIND_PACKED);
}

bool has_items(const lair_object *value)
{
    return lair_is(value, LAIR_KIND_LIST) || lair_is(value, LAIR_KIND_ARRAY);
}

/* The dict of a value that keeps its members in one: BORROWED. NULL: none (or the error is set). */
static lair_object *dict_of(lair_object *value)
{
    return lair_is(value, LAIR_KIND_INSTANCE) ? lair_instance_dict(value) : value;
}

/* A member of a record by its position: a new reference. */
static lair_object *field(lair_object *record, size_t position)
{
    if (lair_is(record, LAIR_KIND_PACKED))
        return lair_packed_get(record, lair_record_field_name(lair_type_of(record), position));
    return lair_incref(lair_record_get(record, position));
}

lair_status member_find(lair_object *value, lair_object *name, lair_object **found)
{
    *found = NULL;
    if (!has_members(value))
        return LAIR_OK;
    if (lair_is(value, LAIR_KIND_RECORD) || lair_is(value, LAIR_KIND_PACKED)) {
        size_t position;
        if (lair_record_field(lair_type_of(value), lair_str_text(name), &position) != LAIR_OK)
            return LAIR_OK;
        *found = field(value, position);
        return *found != NULL ? LAIR_OK : lair_error_status();
    }
    lair_status status = lair_dict_find(dict_of(value), name, found);
    (void)lair_incref(*found);
    return status;
}

/* -- JSON ------------------------------------------------------------------------------------ */

static void print_text(FILE *stream, const lair_object *str)
{
    const char *text = lair_str_text(str);
    fputc('"', stream);
    for (size_t i = 0; i < lair_str_bytes(str); i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte == '"' || byte == '\\')
            fprintf(stream, "\\%c", byte);
        else if (byte < 0x20)
            fprintf(stream, "\\u%04x", byte);
        else
            fputc(byte, stream);
    }
    fputc('"', stream);
}

static bool print_member(FILE *stream, bool first, const lair_object *name, lair_object *value)
{
    fputs(first ? "" : ",", stream);
    print_text(stream, name);
    fputc(':', stream);
    return print_json(stream, value);
}

static bool print_dict(FILE *stream, lair_object *dict)
{
    bool first = true;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(dict);
    while (lair_next_item(&at)) {
        if (!print_member(stream, first, at.key, at.item))
            return false;
        first = false;
    }
    return at.status == LAIR_OK;
}

static bool print_record(FILE *stream, lair_object *record)
{
    lair_type *type = lair_type_of(record);
    for (size_t i = 0; i < lair_record_field_count(type); i++) {
        LAIR_SCOPED lair_object *name =
            lair_str_new(lair_heap_of(record), lair_record_field_name(type, i));
        LAIR_SCOPED lair_object *value = field(record, i);
        if (name == NULL || value == NULL || !print_member(stream, i == 0, name, value))
            return false;
    }
    return true;
}

static bool print_items(FILE *stream, lair_object *items)
{
    const char *between = "";
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(items);
    while (lair_next_item(&at)) {
        fputs(between, stream);
        if (!print_json(stream, at.item))
            return false;
        between = ",";
    }
    return at.status == LAIR_OK;
}

bool print_json(FILE *stream, lair_object *value)
{
    bool done = true;
    if (has_members(value)) {
        bool record = lair_is(value, LAIR_KIND_RECORD) || lair_is(value, LAIR_KIND_PACKED);
        fputc('{', stream);
        done = record ? print_record(stream, value) : print_dict(stream, dict_of(value));
        fputc('}', stream);
    } else if (has_items(value)) {
        fputc('[', stream);
        done = print_items(stream, value);
        fputc(']', stream);
    } else if (lair_is(value, LAIR_KIND_STR)) {
        print_text(stream, value);
    } else if (lair_is_none(value)) {
        fputs("null", stream);
    } else if (lair_is(value, LAIR_KIND_BOOL)) {
        fputs(lair_truth(value) ? "true" : "false", stream);
    } else {
        done = lair_print_repr(value, stream) == LAIR_OK;
    }
    return done;
}

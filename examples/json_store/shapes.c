/* shapes.c: which sets of names the objects of a JSON text have. */
#include "shapes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHAPES_MOST = 1000 }; /* beyond it objects have no common shapes: they stay dicts */

/* -- finding --------------------------------------------------------------------------------- */

static bool matches(const struct shape *shape, const json_t *object)
{
    if (json_object_size(object) != shape->count)
        return false;
    size_t i = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        if (strcmp(shape->columns[i++].name, name) != 0)
            return false;
    }
    return true;
}

/* The names of an object, in their order, as one str. */
static lair_object *joined_names(lair_heap *heap, const json_t *object)
{
    lair_str_builder names = lair_str_builder_of(heap, 128);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        (void)lair_str_builder_add(&names, name, strlen(name));
        (void)lair_str_builder_add(&names, "\n", 1);
    }
    return lair_str_builder_end(&names);
}

/* *found NULL: a shape that was not seen before. */
static bool find(struct shapes *shapes, lair_object *names, struct shape **found)
{
    lair_object *position;
    *found = NULL;
    if (lair_dict_find(shapes->by_names, names, &position) != LAIR_OK)
        return false;
    if (position != NULL) {
        shapes->last = (size_t)lair_int_value(position);
        *found = &shapes->items[shapes->last];
    }
    return true;
}

static struct shape *add(struct shapes *shapes, const json_t *object, lair_object *names)
{
    lair_heap *heap = lair_heap_of(names);
    if (shapes->count == shapes->capacity) {
        size_t capacity = 2 * shapes->capacity + 8;
        struct shape *items = lair_heap_realloc(heap, shapes->items, capacity * sizeof(*items));
        if (items == NULL)
            return NULL;
        shapes->items = items;
        shapes->capacity = capacity;
    }
    size_t count = json_object_size(object);
    struct shape *added = &shapes->items[shapes->count];
    *added = (struct shape){.count = count,
                            .columns = lair_heap_calloc(heap, count, sizeof(struct column))};
    if (added->columns == NULL)
        return NULL;
    size_t i = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        added->columns[i++].name = name;
    }
    lair_object *position = lair_int_new(heap, (int64_t)shapes->count);
    if (lair_dict_set_new(shapes->by_names, lair_incref(names), position) != LAIR_OK) {
        lair_heap_free(heap, added->columns);
        return NULL;
    }
    shapes->last = shapes->count++;
    return added;
}

const struct shape *shape_of(struct shapes *shapes, const json_t *object)
{
    if (shapes->count != 0 && matches(&shapes->items[shapes->last], object))
        return &shapes->items[shapes->last];
    LAIR_SCOPED lair_object *names = joined_names(lair_heap_of(shapes->by_names), object);
    struct shape *found;
    return names != NULL && find(shapes, names, &found) ? found : NULL;
}

/* -- looking through the text ------------------------------------------------------------------ */

static void column_see(struct column *column, const json_t *value)
{
    bool first = !column->ints;
    int64_t number;
    double real;
    switch (json_typeof(value)) {
    case JSON_TRUE:
    case JSON_FALSE:
        column->bools = true;
        break;
    case JSON_INTEGER:
        number = json_integer_value(value);
        column->low = first || number < column->low ? number : column->low;
        column->high = first || number > column->high ? number : column->high;
        column->ints = true;
        break;
    case JSON_REAL:
        real = json_real_value(value);
        column->narrow = (column->narrow || !column->floats) && (double)(float)real == real;
        column->floats = true;
        break;
    default:
        column->others = true;
    }
}

static bool survey(struct shapes *shapes, const json_t *json);

static bool survey_object(struct shapes *shapes, const json_t *object)
{
    LAIR_SCOPED lair_object *names = NULL;
    struct shape *seen = NULL;
    if (shapes->count != 0 && matches(&shapes->items[shapes->last], object)) {
        seen = &shapes->items[shapes->last];
    } else {
        names = joined_names(lair_heap_of(shapes->by_names), object);
        if (names == NULL || !find(shapes, names, &seen))
            return false;
        if (seen == NULL && (seen = add(shapes, object, names)) == NULL)
            return false;
    }
    size_t i = 0;
    struct column *columns = seen->columns; /* they stay where they are; shapes may move */
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        column_see(&columns[i++], value);
        if (!survey(shapes, value))
            return false;
    }
    return true;
}

static bool survey(struct shapes *shapes, const json_t *json)
{
    if (json_is_object(json))
        return survey_object(shapes, json);
    for (size_t i = 0; i < json_array_size(json); i++)
        if (!survey(shapes, json_array_get(json, i)))
            return false;
    return true;
}

/* -- types ----------------------------------------------------------------------------------- */

static lair_packed_kind narrowest(const struct column *column)
{
    static const struct {
        int64_t low, high;
        lair_packed_kind kind;
    } ranges[] = {
        {0, UINT8_MAX, LAIR_PACKED_U8},          {INT8_MIN, INT8_MAX, LAIR_PACKED_I8},
        {0, UINT16_MAX, LAIR_PACKED_U16},        {INT16_MIN, INT16_MAX, LAIR_PACKED_I16},
        {0, UINT32_MAX, LAIR_PACKED_U32},        {INT32_MIN, INT32_MAX, LAIR_PACKED_I32},
        {INT64_MIN, INT64_MAX, LAIR_PACKED_I64},
    };
    if (column->others || column->bools + column->ints + column->floats != 1)
        return LAIR_PACKED_OBJECT;
    if (column->bools)
        return LAIR_PACKED_BOOL;
    if (column->floats)
        return column->narrow ? LAIR_PACKED_F32 : LAIR_PACKED_F64;
    size_t i = 0;
    while (column->low < ranges[i].low || column->high > ranges[i].high)
        i++;
    return ranges[i].kind;
}

static lair_type *record_type(lair_heap *heap, const struct shape *shape)
{
    const char **names = lair_heap_alloc(heap, shape->count * sizeof(*names));
    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < shape->count; i++)
        names[i] = shape->columns[i].name;
    lair_type *type = lair_record_type(heap, "Record", names, shape->count, LAIR_RECORD_EQUAL);
    lair_heap_free(heap, names);
    return type;
}

static lair_type *packed_type(lair_heap *heap, const struct shape *shape)
{
    lair_packed_field *fields = lair_heap_alloc(heap, shape->count * sizeof(*fields));
    if (fields == NULL)
        return NULL;
    for (size_t i = 0; i < shape->count; i++) {
        struct column *column = &shape->columns[i];
        column->kind = narrowest(column);
        fields[i] = (lair_packed_field){column->name, column->kind};
    }
    lair_type *type = lair_packed_type(heap, "Packed", fields, shape->count);
    lair_heap_free(heap, fields);
    return type;
}

/* A name that is no identifier makes no field: such objects stay dicts. */
static bool type_make(lair_heap *heap, struct shape *shape, bool packed)
{
    if (shape->count == 0)
        return true;
    shape->type = packed ? packed_type(heap, shape) : record_type(heap, shape);
    return shape->type != NULL || lair_error_status() == LAIR_ERR_INVALID;
}

/* -- the driver ------------------------------------------------------------------------------ */

bool shapes_open(struct shapes *shapes, lair_heap *heap, const json_t *json, bool packed)
{
    *shapes = (struct shapes){.by_names = lair_dict_new(heap)};
    if (shapes->by_names == NULL || !survey(shapes, json))
        return false;
    for (size_t i = 0; i < shapes->count && shapes->count <= SHAPES_MOST; i++)
        if (!type_make(heap, &shapes->items[i], packed))
            return false;
    return true;
}

void shapes_close(struct shapes *shapes)
{
    if (shapes->by_names == NULL)
        return;
    lair_heap *heap = lair_heap_of(shapes->by_names);
    for (size_t i = 0; i < shapes->count; i++) {
        if (shapes->items[i].type != NULL)
            lair_decref(lair_type_object(shapes->items[i].type));
        lair_heap_free(heap, shapes->items[i].columns);
    }
    lair_heap_free(heap, shapes->items);
    lair_clear_ref(&shapes->by_names);
}

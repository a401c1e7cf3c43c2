/* load.c: JSON becomes objects. */
#include <string.h>
#include <time.h>

#include "shapes.h"

/* Strings up to this many bytes are interned: longer ones seldom occur twice. */
enum { INTERNED_MOST = 24 };

struct loader {
    lair_heap *heap;
    store_form form;
    bool intern;
    lair_type *instance_type; /* FORM_INSTANCES */
    struct shapes shapes;     /* FORM_RECORDS, FORM_PACKED */
};

static const char *const form_names[FORM_COUNT] = {"dicts", "instances", "records", "packed"};

const char *form_name(store_form form)
{
    return form_names[form];
}

store_form form_named(const char *name)
{
    int form = 0;
    while (form < FORM_COUNT && strcmp(form_names[form], name) != 0)
        form++;
    return (store_form)form;
}

/* -- values: each function returns a new reference --------------------------------------------- */

static lair_object *build(struct loader *loader, const json_t *json);

static lair_object *build_text(const struct loader *loader, const char *text, size_t bytes)
{
    return loader->intern && bytes <= INTERNED_MOST ? lair_str_intern_n(loader->heap, text, bytes)
                                                    : lair_str_new_n(loader->heap, text, bytes);
}

/* Whether all items are of one kind of number; *kind: the narrowest that holds them. */
static bool numbers_only(const json_t *list, lair_array_kind *kind)
{
    size_t count = json_array_size(list);
    json_type type = json_typeof(json_array_get(list, 0));
    int64_t low = 0, high = 0;
    bool narrow = true;
    if (type != JSON_INTEGER && type != JSON_REAL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        if (json_typeof(item) != type)
            return false;
        int64_t number = json_integer_value(item);
        low = number < low ? number : low;
        high = number > high ? number : high;
        narrow = narrow && (double)(float)json_real_value(item) == json_real_value(item);
    }
    if (type == JSON_REAL)
        *kind = narrow ? LAIR_ARRAY_F32 : LAIR_ARRAY_F64;
    else if (low >= 0)
        *kind = high <= UINT8_MAX    ? LAIR_ARRAY_U8
                : high <= UINT16_MAX ? LAIR_ARRAY_U16
                : high <= UINT32_MAX ? LAIR_ARRAY_U32
                                     : LAIR_ARRAY_I64;
    else
        *kind = low >= INT8_MIN && high <= INT8_MAX     ? LAIR_ARRAY_I8
                : low >= INT16_MIN && high <= INT16_MAX ? LAIR_ARRAY_I16
                : low >= INT32_MIN && high <= INT32_MAX ? LAIR_ARRAY_I32
                                                        : LAIR_ARRAY_I64;
    return true;
}

static lair_object *build_array(const struct loader *loader, const json_t *json,
                                lair_array_kind kind)
{
    LAIR_SCOPED lair_object *array = lair_array_new(loader->heap, kind);
    lair_status status = lair_array_reserve(array, json_array_size(json));
    for (size_t i = 0; i < json_array_size(json) && status == LAIR_OK; i++) {
        const json_t *item = json_array_get(json, i);
        status = json_is_integer(item) ? lair_array_append_int(array, json_integer_value(item))
                                       : lair_array_append_float(array, json_real_value(item));
    }
    return status == LAIR_OK ? lair_steal(&array) : NULL;
}

static lair_object *build_list(struct loader *loader, const json_t *json)
{
    lair_array_kind kind;
    if (loader->form == FORM_PACKED && json_array_size(json) != 0 && numbers_only(json, &kind))
        return build_array(loader, json, kind);
    LAIR_SCOPED lair_object *list = lair_list_new(loader->heap);
    lair_status status = lair_list_reserve(list, json_array_size(json));
    for (size_t i = 0; i < json_array_size(json) && status == LAIR_OK; i++)
        status = lair_list_append_new(list, build(loader, json_array_get(json, i)));
    return status == LAIR_OK ? lair_steal(&list) : NULL;
}

static bool fill_dict(struct loader *loader, lair_object *dict, const json_t *json)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json, name, value)
    {
        lair_object *key = build_text(loader, name, strlen(name));
        if (lair_dict_set_new(dict, key, build(loader, value)) != LAIR_OK)
            return false;
    }
    return true;
}

static lair_object *build_dict(struct loader *loader, const json_t *json)
{
    LAIR_SCOPED lair_object *dict = lair_dict_new(loader->heap);
    return dict != NULL && fill_dict(loader, dict, json) ? lair_steal(&dict) : NULL;
}

static lair_object *build_instance(struct loader *loader, const json_t *json)
{
    LAIR_SCOPED lair_object *instance = lair_instance_new(loader->instance_type);
    lair_object *dict = instance != NULL ? lair_instance_dict(instance) : NULL;
    return dict != NULL && fill_dict(loader, dict, json) ? lair_steal(&instance) : NULL;
}

static lair_object *build_record(struct loader *loader, const json_t *json,
                                 const struct shape *shape)
{
    LAIR_SCOPED lair_object *record = lair_record_new(shape->type, NULL);
    lair_status status = record != NULL ? LAIR_OK : lair_error_status();
    void *at = json_object_iter((json_t *)json);
    for (size_t i = 0; i < shape->count && status == LAIR_OK; i++) {
        status = lair_record_set_new(record, i, build(loader, json_object_iter_value(at)));
        at = json_object_iter_next((json_t *)json, at);
    }
    return status == LAIR_OK ? lair_steal(&record) : NULL;
}

static lair_status set_field(struct loader *loader, lair_object *packed,
                             const struct column *column, const json_t *value)
{
    if (column->kind != LAIR_PACKED_OBJECT && json_is_integer(value))
        return lair_packed_set_int(packed, column->name, json_integer_value(value));
    if (column->kind != LAIR_PACKED_OBJECT && json_is_real(value))
        return lair_packed_set_float(packed, column->name, json_real_value(value));
    LAIR_SCOPED lair_object *built = build(loader, value);
    return lair_packed_set(packed, column->name, built);
}

static lair_object *build_packed(struct loader *loader, const json_t *json,
                                 const struct shape *shape)
{
    LAIR_SCOPED lair_object *packed = lair_packed_new(shape->type);
    lair_status status = packed != NULL ? LAIR_OK : lair_error_status();
    void *at = json_object_iter((json_t *)json);
    for (size_t i = 0; i < shape->count && status == LAIR_OK; i++) {
        status = set_field(loader, packed, &shape->columns[i], json_object_iter_value(at));
        at = json_object_iter_next((json_t *)json, at);
    }
    return status == LAIR_OK ? lair_steal(&packed) : NULL;
}

static lair_object *build_object(struct loader *loader, const json_t *json)
{
    if (loader->form == FORM_DICTS)
        return build_dict(loader, json);
    if (loader->form == FORM_INSTANCES)
        return build_instance(loader, json);
    const struct shape *shape = shape_of(&loader->shapes, json);
    if (shape == NULL)
        return NULL;
    if (shape->type == NULL)
        return build_dict(loader, json);
    return loader->form == FORM_RECORDS ? build_record(loader, json, shape)
                                        : build_packed(loader, json, shape);
}

/* As deep as the parser of the JSON allows (2048). */
static lair_object *build(struct loader *loader, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return build_object(loader, json);
    case JSON_ARRAY:
        return build_list(loader, json);
    case JSON_STRING:
        return build_text(loader, json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
        return lair_int_new(loader->heap, json_integer_value(json));
    case JSON_REAL:
        return lair_float_new(loader->heap, json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return lair_bool(loader->heap, json_is_true(json));
    default:
        return lair_none(loader->heap);
    }
}

/* -- how many -------------------------------------------------------------------------------- */

static size_t alive(lair_type *type)
{
    lair_type_stats stats;
    lair_type_get_stats(type, &stats);
    return stats.instances;
}

static size_t alive_like(lair_object *one)
{
    size_t instances = one != NULL ? alive(lair_type_of(one)) : 0;
    lair_decref(one);
    return instances;
}

/* Objects of all types that a loader makes. */
static size_t objects_alive(const struct loader *loader)
{
    lair_heap *heap = loader->heap;
    size_t count = alive_like(lair_int_new(heap, 1000)) + alive_like(lair_float_new(heap, 0.5)) +
                   alive_like(lair_str_new(heap, "text")) + alive_like(lair_list_new(heap)) +
                   alive_like(lair_dict_new(heap)) +
                   alive_like(lair_array_new(heap, LAIR_ARRAY_U8));
    if (loader->instance_type != NULL)
        count += alive(loader->instance_type);
    for (size_t i = 0; i < loader->shapes.count; i++)
        if (loader->shapes.items[i].type != NULL)
            count += alive(loader->shapes.items[i].type);
    return count;
}

/* -- the driver: read this first ------------------------------------------------------------- */

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool loader_open(struct loader *loader, const json_t *json)
{
    if (loader->form == FORM_INSTANCES) {
        loader->instance_type = lair_instance_type(loader->heap, "Object");
        return loader->instance_type != NULL;
    }
    if (loader->form == FORM_RECORDS || loader->form == FORM_PACKED)
        return shapes_open(&loader->shapes, loader->heap, json, loader->form == FORM_PACKED);
    return true;
}

static void loader_close(struct loader *loader)
{
    if (loader->instance_type != NULL)
        lair_decref(lair_type_object(loader->instance_type));
    shapes_close(&loader->shapes);
}

load_result load(lair_heap *heap, const json_t *json, store_form form, bool intern)
{
    struct loader loader = {.heap = heap, .form = form, .intern = intern};
    load_result result = {0};
    double started = now();
    size_t before = objects_alive(&loader);
    if (loader_open(&loader, json))
        result.root = build(&loader, json);
    result.seconds = now() - started;
    result.objects = objects_alive(&loader) - before;
    loader_close(&loader);
    return result;
}

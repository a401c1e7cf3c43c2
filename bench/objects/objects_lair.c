/* objects_lair.c: bench-objects on liblair, with a heap of default options. Collections do not
 * start by themselves, as on CPython: what they cost is measured elsewhere.
 */
#include <lair/lair.h>

typedef lair_object object;
#define DROP(kind, it) lair_decref(it)

#include "bench.h"

static lair_heap *heap;
static lair_object *one, *two, *three, *separator;
static lair_object *dict_names[3]; /* interned */
static lair_type *record_type, *named_tuple_type;
static const char *const field_names[] = {"alpha", "beta", "gamma", "delta"};

static void host_failed(void)
{
    fprintf(stderr, "objects: %s\n", lair_error_message());
}

static void host_open(void)
{
    static const char *const names[] = {"first", "second", "third"};
    heap = need(lair_heap_open(NULL));
    lair_gc_disable(heap);
    one = need(lair_int_new(heap, 1));
    two = need(lair_int_new(heap, 2));
    three = need(lair_int_new(heap, 3));
    separator = need(lair_str_new(heap, ", "));
    for (size_t i = 0; i < 3; i++)
        dict_names[i] = need(lair_str_intern_text(heap, names[i]));
    record_type = need(lair_record_type(heap, "Row", field_names, 4, LAIR_RECORD_WEAK));
    named_tuple_type = need(lair_record_type(heap, "Fixed", field_names, 4, LAIR_RECORD_FROZEN));
}

/* -- one object of each kind ----------------------------------------------------------------- */

static object *make_int(size_t i)
{
    return lair_int_new(heap, FIRST_INT + (int64_t)i);
}

static object *int_key(int64_t value)
{
    return lair_int_new(heap, value);
}

static inline int64_t int_read(object *it)
{
    return lair_int_value(it);
}

static inline uint64_t read_int(object *it)
{
    return (uint64_t)lair_int_value(it);
}

static object *make_float(size_t i)
{
    return lair_float_new(heap, (double)i);
}

static inline uint64_t read_float(object *it)
{
    return (uint64_t)lair_float_value(it);
}

/* All texts have the same content: making them is what counts. */
static object *make_str(size_t i)
{
    (void)i;
    return lair_str_new_n(heap, "ten bytes!", TEXT_BYTES);
}

static object *str_key(const char *text)
{
    return lair_str_new(heap, text);
}

static inline uint64_t read_str(object *it)
{
    return lair_str_bytes(it);
}

static object *make_tuple3(size_t i)
{
    (void)i;
    return lair_tuple_new(heap, (object *[]){one, two, three}, 3);
}

static inline uint64_t read_tuple3(object *it)
{
    return lair_tuple_length(it);
}

static object *make_list0(size_t i)
{
    (void)i;
    return lair_list_new(heap);
}

static inline uint64_t read_list0(object *it)
{
    return lair_list_length(it);
}

static object *make_list3(size_t i)
{
    (void)i;
    return LAIR_LIST(heap, lair_incref(one), lair_incref(two), lair_incref(three));
}

static inline uint64_t read_list3(object *it)
{
    return lair_list_length(it);
}

static object *make_dict0(size_t i)
{
    (void)i;
    return lair_dict_new(heap);
}

static inline uint64_t read_dict0(object *it)
{
    return lair_dict_length(it);
}

static object *make_dict3(size_t i)
{
    (void)i;
    object *dict = lair_dict_new(heap);
    must(lair_dict_set(dict, dict_names[0], one) == LAIR_OK &&
         lair_dict_set(dict, dict_names[1], two) == LAIR_OK &&
         lair_dict_set(dict, dict_names[2], three) == LAIR_OK);
    return dict;
}

static inline uint64_t read_dict3(object *it)
{
    return lair_dict_length(it);
}

static object *make_record(size_t i)
{
    (void)i;
    return lair_record_new(record_type, (object *[]){one, two, three, one});
}

static inline uint64_t read_record(object *it)
{
    return it != NULL;
}

static object *make_named_tuple(size_t i)
{
    (void)i;
    return lair_record_new(named_tuple_type, (object *[]){one, two, three, one});
}

static inline uint64_t read_named_tuple(object *it)
{
    return (uint64_t)lair_int_value(lair_record_get(it, 2));
}

#include "rows_create.h"

CREATE_ROW(int)
CREATE_ROW(float)
CREATE_ROW(str)
CREATE_ROW(tuple3)
CREATE_ROW(list0)
CREATE_ROW(list3)
CREATE_ROW(dict0)
CREATE_ROW(dict3)
CREATE_ROW(record)
CREATE_ROW(named_tuple)

/* -- lists ----------------------------------------------------------------------------------- */

static inline object *list_new(void)
{
    return lair_list_new(heap);
}

static inline bool list_append(object *list, object *item)
{
    return lair_list_append(list, item) == LAIR_OK;
}

static inline object *list_get(object *list, size_t index)
{
    return lair_list_get(list, index);
}

static inline size_t list_size(object *list)
{
    return lair_list_length(list);
}

static inline uint64_t list_walk(object *list)
{
    uint64_t sum = 0;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(list);
    while (lair_next_item(&at))
        sum += (uint64_t)lair_int_value(at.item);
    must(at.status == LAIR_OK);
    return sum;
}

#include "rows_list.h"

/* -- dicts and sets -------------------------------------------------------------------------- */

static inline object *dict_new(bool strs)
{
    (void)strs;
    return lair_dict_new(heap);
}

static inline bool dict_set(object *dict, object *key, object *value)
{
    return lair_dict_set(dict, key, value) == LAIR_OK;
}

static inline object *dict_find(object *dict, object *key)
{
    object *value;
    must(lair_dict_find(dict, key, &value) == LAIR_OK);
    return value;
}

static inline bool dict_delete(object *dict, object *key)
{
    return lair_dict_delete(dict, key) == LAIR_OK;
}

static inline uint64_t dict_walk(object *dict)
{
    uint64_t sum = 0;
    lair_dict_walk at = {.dict = dict};
    while (lair_dict_next(&at))
        sum += (uint64_t)lair_int_value(at.value);
    must(at.status == LAIR_OK);
    return sum;
}

static inline uint64_t dict_walk_holding(object *dict)
{
    uint64_t sum = 0;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(dict);
    while (lair_next_item(&at))
        sum += (uint64_t)lair_int_value(at.item);
    must(at.status == LAIR_OK);
    return sum;
}

static inline object *set_new(bool strs)
{
    (void)strs;
    return lair_set_new(heap);
}

static inline bool set_add(object *set, object *member)
{
    return lair_set_add(set, member) == LAIR_OK;
}

static inline bool set_has(object *set, object *member)
{
    bool found;
    must(lair_set_contains(set, member, &found) == LAIR_OK);
    return found;
}

#include "rows_holding.h"

/* -- texts ----------------------------------------------------------------------------------- */

static object *pieces_new(const char *const *texts, size_t count)
{
    object *pieces = lair_list_new(heap);
    for (size_t i = 0; i < count; i++)
        must(lair_list_append_new(pieces, lair_str_new(heap, texts[i])) == LAIR_OK);
    return pieces;
}

static inline object *text_join(object *pieces)
{
    return lair_str_join(separator, pieces);
}

static inline object *text_build(const char *const *texts, const size_t *sizes, size_t count)
{
    lair_str_builder builder = lair_str_builder_of(heap, 0);
    for (size_t i = 0; i < count; i++)
        (void)lair_str_builder_add(&builder, texts[i], sizes[i]);
    return lair_str_builder_end(&builder);
}

static inline size_t text_bytes(object *text)
{
    return lair_str_bytes(text);
}

static inline object *intern(const char *text)
{
    return lair_str_intern_text(heap, text);
}

#include "rows_text.h"

/* -- records and weak references -------------------------------------------------------------- */

static inline object *field_get(object *named_tuple, size_t field)
{
    return lair_record_get(named_tuple, field);
}

static inline bool field_set(object *record, size_t field, object *value)
{
    return lair_record_set(record, field, value) == LAIR_OK;
}

static inline object *name_get(object *record, size_t field)
{
    return lair_incref(lair_attribute_get(record, field_names[field]));
}

static inline bool name_set(object *record, size_t field, object *value)
{
    return lair_attribute_set(record, field_names[field], value) == LAIR_OK;
}

static inline object *weakref_new(object *record)
{
    return lair_weakref_new(record, NULL, NULL);
}

static inline object *weakref_get(object *weakref)
{
    return lair_weakref_get(weakref);
}

#include "rows_record.h"

/* -- deep ------------------------------------------------------------------------------------ */

static object *node_new(object *left, object *right)
{
    object *none = lair_none(heap);
    return LAIR_TUPLE(heap, left != NULL ? left : none, right != NULL ? right : none, one);
}

static object *nest(object *inner)
{
    object *list = lair_list_new(heap);
    if (inner != NULL)
        must(lair_list_append_new(list, inner) == LAIR_OK);
    return list;
}

static object *document_new(size_t i)
{
    double at = (double)i;
    return lair_build(heap, "{I:i, I:s, I:[s, s], I:(d, d)}", "id", (int)(FIRST_INT + i), "name",
                      key_text(i), "tags", "red", "green", "place", at, at + 0.5);
}

static inline object *deep_copy(object *it)
{
    return lair_deep_copy(it);
}

#include "rows_copy.h"
#include "rows_nest.h"
#include "rows_tree.h"

/* -- the tables ------------------------------------------------------------------------------ */

#include "rows_all.h"

/* dict.c: mappings. What they stand on is in table.c and keyed.c.
 *
 * References are dropped last: what a destructor sees is a dict in order.
 */
#include <lair/dict.h>
#include <lair/list.h>

#include "builtin.h"
#include "keyed.h"
#include "sequence.h"
#include "table_put.h"
#include "table_seek.h"
#include "tuple.h"

enum { DICT_FREE_LIST = 1024 };

lair_object *lair_dict_new(lair_heap *heap)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    collector_safe_point(space);
    struct keyed *dict = keyed_make(builtin_type(space, LAIR_KIND_DICT));
    return dict != NULL ? &dict->object : NULL;
}

lair_object *lair_dict_steal(lair_heap *heap, lair_object **keys_and_values, size_t count)
{
    LAIR_SCOPED lair_object *dict = NULL;
    if (count % 2 != 0)
        (void)lair_fail(LAIR_ERR_INVALID, "%zu keys and values: a key is without a value", count);
    else if (space_of(heap) != NULL && items_valid(heap, keys_and_values, count))
        dict = lair_dict_new(heap);
    lair_status status =
        dict != NULL ? table_reserve(keyed_of(dict), count / 2) : lair_error_status();
    for (size_t i = 0; i < count && status == LAIR_OK; i += 2)
        status = lair_dict_set(dict, keys_and_values[i], keys_and_values[i + 1]);
    items_drop(keys_and_values, count);
    return status == LAIR_OK ? lair_steal(&dict) : NULL;
}

size_t lair_dict_length(const lair_object *self)
{
    return expect(self, LAIR_KIND_DICT) ? keyed_length(keyed_of(self)) : SIZE_MAX;
}

/* -- setting --------------------------------------------------------------------------------- */

static void replace(word *entry, lair_object *value)
{
    lair_object *before = entry[1].object;
    entry[1].object = lair_incref(value);
    lair_decref(before);
}

/* Sets a key whose hash is known; container, key and value are in order. */
static inline lair_status put(struct keyed *dict, lair_object *key, uint64_t hash,
                              lair_object *value)
{
    placed result = table_put(dict, key, hash, (word){.object = value});
    if (likely(result.was == SOUGHT_MISSING)) {
        (void)lair_incref(key);
        (void)lair_incref(value);
        return LAIR_OK;
    }
    if (result.was == SOUGHT_FAILED)
        return lair_error_status();
    replace(result.entry, value);
    return LAIR_OK;
}

lair_status lair_dict_set(lair_object *self, lair_object *key, lair_object *value)
{
    uint64_t hash;
    if (!expect_for(self, LAIR_KIND_DICT, key) || !same_heap(self, value) ||
        key_hash(key, &hash) != LAIR_OK)
        return lair_error_status();
    return put(keyed_of(self), key, hash, value);
}

lair_status lair_dict_set_new(lair_object *self, lair_object *key, lair_object *value)
{
    lair_status status = lair_dict_set(self, key, value);
    lair_decref(key);
    lair_decref(value);
    return status;
}

/* Whether text can be looked up; else the error is set. */
static bool is_text(const char *text)
{
    if (likely(text != NULL))
        return true;
    (void)lair_fail(LAIR_ERR_INVALID, "the key is NULL");
    return false;
}

lair_status lair_dict_set_str(lair_object *self, const char *text, lair_object *value)
{
    if (!expect(self, LAIR_KIND_DICT) || !is_text(text) || !same_heap(self, value))
        return lair_error_status();
    place at;
    size_t bytes = strlen(text);
    if (table_seek_text(keyed_of(self), text, bytes, &at)) {
        replace(at.entry, value);
        return LAIR_OK;
    }
    LAIR_SCOPED lair_object *key = lair_str_intern_n(self->type->heap, text, bytes);
    return lair_dict_set(self, key, value);
}

lair_status lair_dict_set_str_new(lair_object *self, const char *text, lair_object *value)
{
    lair_status status = lair_dict_set_str(self, text, value);
    lair_decref(value);
    return status;
}

lair_object *lair_dict_set_default(lair_object *self, lair_object *key, lair_object *value)
{
    uint64_t hash;
    if (!expect(self, LAIR_KIND_DICT) || !same_heap(self, key) || !same_heap(self, value) ||
        key_hash(key, &hash) != LAIR_OK)
        return NULL;
    placed result = table_put(keyed_of(self), key, hash, (word){.object = value});
    if (result.was == SOUGHT_FAILED)
        return NULL;
    if (result.was == SOUGHT_FOUND)
        return result.entry[1].object;
    (void)lair_incref(key);
    return lair_incref(value);
}

/* -- getting --------------------------------------------------------------------------------- */

/* Whether key can be looked up, with its hash; else the error is set. */
static inline bool is_key(const lair_object *self, lair_object *key, uint64_t *hash)
{
    return expect_for(self, LAIR_KIND_DICT, key) && key_hash(key, hash) == LAIR_OK;
}

static __attribute__((noinline)) sought find_slowly(lair_object *self, lair_object *key,
                                                    word **entry)
{
    uint64_t hash;
    return is_key(self, key, &hash) ? table_get(keyed_of(self), key, hash, entry) : SOUGHT_FAILED;
}

/* The entry of a key, NULL where it is missing. */
static inline sought find(lair_object *self, lair_object *key, word **entry)
{
    if (likely(self != NULL) && likely(key != NULL) &&
        likely(self->type == builtin_type(key->type->space, LAIR_KIND_DICT))) {
        match result = table_get_quickly(keyed_of(self), key, entry);
        if (likely(result != MATCH_STOP))
            return result == MATCH_YES ? SOUGHT_FOUND : SOUGHT_MISSING;
    }
    word *found = NULL;
    sought result = find_slowly(self, key, &found);
    *entry = found;
    return result;
}

/* The place of a key; one that is missing is an error. */
static inline bool find_or_fail(lair_object *self, lair_object *key, place *at)
{
    uint64_t hash;
    sought result =
        is_key(self, key, &hash) ? table_find(keyed_of(self), key, hash, at) : SOUGHT_FAILED;
    if (unlikely(result == SOUGHT_MISSING))
        (void)table_no_key(keyed_of(self), key);
    return result == SOUGHT_FOUND;
}

static inline bool find_text_or_fail(lair_object *self, const char *text, place *at)
{
    if (!expect(self, LAIR_KIND_DICT) || !is_text(text))
        return false;
    size_t bytes = strlen(text);
    if (likely(table_seek_text(keyed_of(self), text, bytes, at)))
        return true;
    (void)table_no_text(keyed_of(self), text, bytes);
    return false;
}

lair_object *lair_dict_get(lair_object *self, lair_object *key)
{
    word *entry;
    sought result = find(self, key, &entry);
    if (likely(result == SOUGHT_FOUND))
        return entry[1].object;
    if (result == SOUGHT_MISSING)
        (void)table_no_key(keyed_of(self), key);
    return NULL;
}

lair_object *lair_dict_get_str(lair_object *self, const char *text)
{
    place at;
    return find_text_or_fail(self, text, &at) ? at.entry[1].object : NULL;
}

lair_status lair_dict_find(lair_object *self, lair_object *key, lair_object **value)
{
    word *entry;
    if (unlikely(find(self, key, &entry) == SOUGHT_FAILED))
        return lair_error_status();
    *value = entry != NULL ? entry[1].object : NULL;
    return LAIR_OK;
}

lair_status lair_dict_find_str(lair_object *self, const char *text, lair_object **value)
{
    place at;
    if (!expect(self, LAIR_KIND_DICT) || !is_text(text))
        return lair_error_status();
    bool found = table_seek_text(keyed_of(self), text, strlen(text), &at);
    *value = found ? at.entry[1].object : NULL;
    return LAIR_OK;
}

/* -- going over the entries ------------------------------------------------------------------- */

static __attribute__((noinline, cold)) bool walk_fails(lair_dict_walk *at)
{
    at->key = at->value = NULL;
    at->status =
        expect(at->dict, LAIR_KIND_DICT) ? table_changed(keyed_of(at->dict)) : lair_error_status();
    return false;
}

bool lair_dict_next(lair_dict_walk *at)
{
    const struct keyed *self = keyed_of(at->dict);
    if (unlikely(at->dict == NULL) || unlikely(!is_kind(at->dict, LAIR_KIND_DICT)))
        return walk_fails(at);
    size_t position = at->position;
    if (position == 0)
        at->version = OBJECT_OWN(self);
    else if (unlikely(at->version != OBJECT_OWN(self)))
        return walk_fails(at);
    const word *entry = table_next(self->table, &position);
    if (unlikely(entry == NULL)) {
        at->key = at->value = NULL;
        return false;
    }
    at->position = position + 1;
    at->key = entry[0].object;
    at->value = entry[1].object;
    return true;
}

/* -- taking out ------------------------------------------------------------------------------ */

/* Takes out the entry at a place; gives its value, a reference of the caller's now. */
static lair_object *take(lair_object *self, const place *at)
{
    lair_object *key;
    word value;
    table_remove(keyed_of(self), at, &key, &value);
    lair_decref(key);
    return value.object;
}

lair_object *lair_dict_pop(lair_object *self, lair_object *key)
{
    place at;
    return find_or_fail(self, key, &at) ? take(self, &at) : NULL;
}

lair_status lair_dict_delete(lair_object *self, lair_object *key)
{
    place at;
    if (!find_or_fail(self, key, &at))
        return lair_error_status();
    lair_decref(take(self, &at));
    return LAIR_OK;
}

lair_status lair_dict_delete_str(lair_object *self, const char *text)
{
    place at;
    if (!find_text_or_fail(self, text, &at))
        return lair_error_status();
    lair_decref(take(self, &at));
    return LAIR_OK;
}

lair_status lair_dict_pop_item(lair_object *self, lair_object **key, lair_object **value)
{
    place at;
    word taken;
    if (!expect(self, LAIR_KIND_DICT))
        return lair_error_status();
    if (!table_newest(keyed_of(self), &at))
        return lair_fail(LAIR_ERR_KEY, "pop from an empty dict");
    table_remove(keyed_of(self), &at, key, &taken);
    *value = taken.object;
    return LAIR_OK;
}

lair_status lair_dict_clear(lair_object *self)
{
    if (!expect(self, LAIR_KIND_DICT))
        return lair_error_status();
    table_clear(keyed_of(self));
    return LAIR_OK;
}

/* -- many entries ---------------------------------------------------------------------------- */

/* From whatever gives keys with its items. */
static lair_status update_from(lair_object *self, lair_object *mapping)
{
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(mapping);
    while (lair_next_item(&at)) {
        if (at.key == NULL)
            return lair_fail(LAIR_ERR_TYPE, "a %s has no keys", lair_type_name(mapping));
        lair_status status = lair_dict_set(self, at.key, at.item);
        if (status != LAIR_OK)
            return status;
    }
    return at.status;
}

lair_status lair_dict_update(lair_object *self, lair_object *other)
{
    if (!expect(self, LAIR_KIND_DICT) || !same_heap(self, other))
        return lair_error_status();
    if (self == other)
        return LAIR_OK;
    if (!is_kind(other, LAIR_KIND_DICT))
        return update_from(self, other);
    if (keyed_length(keyed_of(self)) == 0 &&
        table_reserve(keyed_of(self), keyed_length(keyed_of(other))) != LAIR_OK)
        return lair_error_status();
    table_walk entries = table_walk_of(keyed_of(other));
    while (table_step(&entries)) {
        LAIR_SCOPED lair_object *key = lair_incref(entries.key);
        LAIR_SCOPED lair_object *value = lair_incref(entries.value.object);
        lair_status status = put(keyed_of(self), key, entries.hash, value);
        if (status != LAIR_OK)
            return status;
    }
    return entries.status;
}

lair_status lair_dict_reserve(lair_object *self, size_t count)
{
    return expect(self, LAIR_KIND_DICT) ? table_reserve(keyed_of(self), count)
                                        : lair_error_status();
}

lair_status lair_dict_shrink(lair_object *self)
{
    return expect(self, LAIR_KIND_DICT) ? table_shrink(keyed_of(self)) : lair_error_status();
}

/* -- lists of entries ------------------------------------------------------------------------ */

static lair_object *key_of(const table_walk *entry)
{
    return lair_incref(entry->key);
}

static lair_object *value_of(const table_walk *entry)
{
    return lair_incref(entry->value.object);
}

static lair_object *item_of(const table_walk *entry)
{
    return LAIR_TUPLE(entry->key->type->heap, lair_incref(entry->key),
                      lair_incref(entry->value.object));
}

static lair_object *list_of_entries(lair_object *self, lair_object *(*part)(const table_walk *))
{
    if (!expect(self, LAIR_KIND_DICT))
        return NULL;
    LAIR_SCOPED lair_object *list = lair_list_new(self->type->heap);
    if (list == NULL || lair_list_reserve(list, keyed_length(keyed_of(self))) != LAIR_OK)
        return NULL;
    table_walk entries = table_walk_of(keyed_of(self));
    while (table_step(&entries))
        if (lair_list_append_new(list, part(&entries)) != LAIR_OK)
            return NULL;
    return entries.status == LAIR_OK ? lair_steal(&list) : NULL;
}

lair_object *lair_dict_keys(lair_object *self)
{
    return list_of_entries(self, key_of);
}

lair_object *lair_dict_values(lair_object *self)
{
    return list_of_entries(self, value_of);
}

lair_object *lair_dict_items(lair_object *self)
{
    return list_of_entries(self, item_of);
}

/* -- the type -------------------------------------------------------------------------------- */

static lair_step dict_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    return keyed_repr(writer, walk, frame, "{", "}");
}

static bool dict_next(lair_cursor *at)
{
    const word *entry = keyed_next(at);
    if (entry == NULL)
        return false;
    at->key = lair_incref(entry[0].object);
    at->item = lair_incref(entry[1].object);
    return true;
}

const lair_type_spec dict_spec = {
    .name = "dict",
    .size = sizeof(struct keyed),
    .flags = LAIR_TYPE_CONTAINER,
    .free_list = DICT_FREE_LIST,
    KEYED_SPEC,
    .repr = dict_repr,
    .copy = keyed_copy,
    .shallow_copy = keyed_shallow_copy,
    .next = dict_next,
};

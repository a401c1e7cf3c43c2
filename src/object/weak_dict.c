/* weak_dict.c: mappings that do not keep their keys, or their values, alive. See weak_table.h. */
#include "builtin.h"
#include "weak_table.h"

/* Whether object is one of the two; else the error is set. */
static bool is_weak_dict(const lair_object *object)
{
    return (object != NULL && is_kind(object, LAIR_KIND_WEAK_KEY_DICT)) ||
           expect(object, LAIR_KIND_WEAK_VALUE_DICT);
}

lair_object *lair_weak_key_dict_new(lair_heap *heap)
{
    return weak_table_new(heap, LAIR_KIND_WEAK_KEY_DICT);
}

lair_object *lair_weak_value_dict_new(lair_heap *heap)
{
    return weak_table_new(heap, LAIR_KIND_WEAK_VALUE_DICT);
}

lair_status lair_weak_dict_set(lair_object *self, lair_object *key, lair_object *value)
{
    if (!is_weak_dict(self) || !same_heap(self, key) || !same_heap(self, value))
        return lair_error_status();
    return weak_table_set(self, key, value);
}

lair_status lair_weak_dict_find(lair_object *self, lair_object *key, lair_object **value)
{
    struct entry *found;
    if (!is_weak_dict(self) || weak_table_find(self, key, &found) != LAIR_OK)
        return lair_error_status();
    *value = found != NULL ? lair_incref(entry_value(&weak_table_of(self)->entries, found)) : NULL;
    return LAIR_OK;
}

lair_object *lair_weak_dict_get(lair_object *self, lair_object *key)
{
    lair_object *value = NULL;
    if (lair_weak_dict_find(self, key, &value) == LAIR_OK && value == NULL)
        (void)entries_no_key(self, key);
    return value;
}

lair_status lair_weak_dict_delete(lair_object *self, lair_object *key)
{
    bool was_there;
    if (!is_weak_dict(self) || weak_table_discard(self, key, &was_there) != LAIR_OK)
        return lair_error_status();
    return was_there ? LAIR_OK : entries_no_key(self, key);
}

lair_status lair_weak_dict_clear(lair_object *self)
{
    if (!is_weak_dict(self))
        return lair_error_status();
    weak_table_clear(self);
    return LAIR_OK;
}

/* -- the types ------------------------------------------------------------------------------- */

const lair_type_spec weak_key_dict_spec = {
    .name = "weak-key dict",
    WEAK_TABLE_DESCRIPTION,
    .copy = weak_table_deep_copy,
};

const lair_type_spec weak_value_dict_spec = {
    .name = "weak-value dict",
    WEAK_TABLE_DESCRIPTION,
    .copy = weak_table_deep_copy,
};

/* attribute.c: attributes by name, of whatever has them. */
#include "record.h"

/* Whether object can be asked for name; else the error is set, or a pending one stands. */
static bool can_be_asked(const lair_object *object, const char *name)
{
    if (object == NULL)
        (void)pending_error();
    else if (name == NULL)
        (void)lair_fail(LAIR_ERR_INVALID, "the name of an attribute is NULL");
    else if (is_kind(object, LAIR_KIND_RECORD) || is_kind(object, LAIR_KIND_INSTANCE))
        return true;
    else
        (void)lair_fail(LAIR_ERR_TYPE, "a %s has no attributes", lair_type_name(object));
    return false;
}

lair_object *lair_attribute_get(lair_object *object, const char *name)
{
    if (unlikely(!can_be_asked(object, name)))
        return NULL;
    if (is_kind(object, LAIR_KIND_RECORD))
        return record_attribute(object, name);
    return instance_attribute(object, name);
}

lair_status lair_attribute_set_new(lair_object *object, const char *name, lair_object *value)
{
    if (unlikely(!can_be_asked(object, name))) {
        lair_decref(value);
        return lair_error_status();
    }
    if (is_kind(object, LAIR_KIND_RECORD))
        return record_attribute_set_new(object, name, value);
    return instance_attribute_set_new(object, name, value);
}

lair_status lair_attribute_set(lair_object *object, const char *name, lair_object *value)
{
    return lair_attribute_set_new(object, name, lair_incref(value));
}

lair_status lair_attribute_delete(lair_object *object, const char *name)
{
    if (!can_be_asked(object, name))
        return lair_error_status();
    if (is_kind(object, LAIR_KIND_RECORD))
        return record_attribute_delete(object, name);
    return instance_attribute_delete(object, name);
}

/* container.c: length, membership, truth, shallow copies and cursors, for all types. */
#include "space.h"

size_t lair_length(lair_object *object)
{
    debug_alive(object);
    if (object == NULL) {
        (void)pending_error();
        return SIZE_MAX;
    }
    const lair_type_spec *spec = &object->type->spec;
    if (spec->length != NULL)
        return spec->length(object);
    (void)lair_fail(LAIR_ERR_TYPE, "a %s has no length", spec->name);
    return SIZE_MAX;
}

/* Membership for types that can be iterated and know no better way. */
static lair_status contains_by_iterating(lair_object *container, lair_object *item, bool *found)
{
    bool equal = false;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(container);
    while (!equal && lair_next_item(&at))
        if (lair_equal(at.key != NULL ? at.key : at.item, item, &equal) != LAIR_OK)
            return lair_error_status();
    if (at.status == LAIR_OK)
        *found = equal;
    return at.status;
}

lair_status lair_contains(lair_object *container, lair_object *item, bool *found)
{
    debug_alive(container);
    if (container == NULL || item == NULL)
        return pending_error();
    const lair_type_spec *spec = &container->type->spec;
    if (spec->contains != NULL)
        return spec->contains(container, item, found);
    return contains_by_iterating(container, item, found);
}

bool lair_truth(lair_object *object)
{
    debug_alive(object);
    if (object == NULL)
        return false;
    const lair_type_spec *spec = &object->type->spec;
    if (spec->truth != NULL)
        return spec->truth(object);
    return spec->length == NULL || spec->length(object) != 0;
}

lair_object *lair_copy(lair_object *object)
{
    debug_alive(object);
    if (object == NULL) {
        (void)pending_error();
        return NULL;
    }
    if (is_container(object->type))
        collector_safe_point(object->type->space);
    const lair_type_spec *spec = &object->type->spec;
    if (spec->shallow_copy != NULL)
        return spec->shallow_copy(object);
    if ((spec->flags & LAIR_TYPE_IMMUTABLE) != 0)
        return lair_incref(object);
    (void)lair_fail(LAIR_ERR_TYPE, "a %s cannot be copied", spec->name);
    return NULL;
}

/* -- cursors --------------------------------------------------------------------------------- */

lair_cursor lair_cursor_of(lair_object *container)
{
    debug_alive(container);
    lair_cursor at = {.status = LAIR_OK};
    if (container == NULL) {
        at.status = pending_error();
    } else if (container->type->spec.next == NULL) {
        at.status = lair_fail(LAIR_ERR_TYPE, "a %s cannot be iterated", container->type->spec.name);
    } else {
        at.container = lair_incref(container);
        container->type->spec.begin(&at);
    }
    return at;
}

bool lair_next_item(lair_cursor *at)
{
    lair_object *key = at->key, *item = at->item;
    at->key = at->item = NULL;
    lair_decref(key);
    lair_decref(item);
    if (at->container == NULL)
        return false;
    bool (*next)(lair_cursor *) = at->container->type->spec.next;
    if (likely(next != NULL) && likely(next(at)))
        return true;
    lair_cursor_end(at);
    return false;
}

void lair_cursor_end(lair_cursor *at)
{
    lair_clear_ref(&at->key);
    lair_clear_ref(&at->item);
    lair_clear_ref(&at->container);
}

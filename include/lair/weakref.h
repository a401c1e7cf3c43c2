/* lair/weakref.h: references that do not keep their object alive.
 *
 * An object dies as if it had no weak references; they give none from then on, and their callbacks
 * run, newest first, after all of them have been cleared. A weak reference that dies before its
 * object has no callback. Objects can be referred to weakly when their type has the slot
 * (lair_type_spec.weakrefs): lists, dicts, sets and their like, instances, records declared so,
 * user types; not numbers, strings and tuples (LAIR_ERR_TYPE).
 */
#ifndef LAIR_WEAKREF_H
#define LAIR_WEAKREF_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Called once when the referent dies, with the (already cleared) weak reference. It may do
 * anything but fail: an error it leaves is its own. */
typedef void (*lair_weakref_callback)(lair_object *weakref, void *arg);

/* Without a callback, weak references to one object are one object. */
LAIR_API lair_object *lair_weakref_new(lair_object *referent, lair_weakref_callback callback,
                                       void *arg);

/* A new reference to the referent, or NULL when it is dead (no error is set) or weakref is not
 * one (LAIR_ERR_TYPE is). */
LAIR_API lair_object *lair_weakref_get(const lair_object *weakref);
LAIR_API bool lair_weakref_is_alive(const lair_object *weakref);

/* Weak references to object that exist. */
LAIR_API size_t lair_weakref_count(const lair_object *object);

/* -- containers that do not keep what is in them alive ---------------------------------------- */

/* Entries leave when the key (or the value, or the member) dies. That may happen during an
 * iteration: it goes on, and never shows what has died. Keys compare by equality, as in a dict. */
LAIR_API lair_object *lair_weak_key_dict_new(lair_heap *heap);
LAIR_API lair_object *lair_weak_value_dict_new(lair_heap *heap);

/* For both. Get gives a new reference; NULL: LAIR_ERR_KEY. */
LAIR_API lair_status lair_weak_dict_set(lair_object *dict, lair_object *key, lair_object *value);
LAIR_API lair_object *lair_weak_dict_get(lair_object *dict, lair_object *key);
LAIR_API lair_status lair_weak_dict_delete(lair_object *dict, lair_object *key);

LAIR_API lair_object *lair_weak_set_new(lair_heap *heap);
LAIR_API lair_status lair_weak_set_add(lair_object *set, lair_object *member);
LAIR_API lair_status lair_weak_set_discard(lair_object *set, lair_object *member, bool *was_there);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_WEAKREF_H */

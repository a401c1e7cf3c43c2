/* lair/weakref.h: references that do not keep their object alive.
 *
 * An object dies as if it had no weak references; they give none from then on, and their callbacks
 * run, newest first, after all of them have been cleared. A weak reference that dies before its
 * object, or before its turn, has no callback. Inside its own finalizer (which may keep it alive)
 * an object can still be had. Objects can be referred to weakly when their type has the slot
 * (lair_type_spec.weakrefs): lists, dicts, sets and their like, instances, records declared so,
 * user types; not numbers, strings and tuples (LAIR_ERR_TYPE).
 *
 * A weak reference hashes as its object does (asked once, and kept when that dies); one whose
 * object died before that is LAIR_ERR_UNHASHABLE. Two are equal when their objects live and are
 * equal; a dead one equals only itself. A copy of one is itself.
 */
#ifndef LAIR_WEAKREF_H
#define LAIR_WEAKREF_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Called once when the referent dies, with the (already cleared) weak reference. It may do
 * anything but fail: the error it leaves is forgotten, the one that was pending before stands. */
typedef void (*lair_weakref_callback)(lair_object *weakref, void *arg);

/* Without a callback, weak references to one object are one object. An object that is being freed
 * (its count is 0) cannot be referred to any more: LAIR_ERR_INVALID. */
LAIR_API lair_object *lair_weakref_new(lair_object *referent, lair_weakref_callback callback,
                                       void *arg);

/* A new reference to the referent, or NULL when it is dead (no error is set) or weakref is not
 * one (LAIR_ERR_TYPE is). */
LAIR_API lair_object *lair_weakref_get(const lair_object *weakref);
LAIR_API bool lair_weakref_is_alive(const lair_object *weakref);

/* Weak references to object that exist, those of weak containers among them. */
LAIR_API size_t lair_weakref_count(const lair_object *object);

/* -- containers that do not keep what is in them alive ---------------------------------------- */

/* Entries leave when the key (or the value, or the member) dies, before any callback runs. That may
 * happen during an iteration, as may deletions: it goes on, and never shows what has gone. An
 * addition ends it with LAIR_ERR_CHANGED. Keys compare by equality, as in a dict, and must be
 * hashable; what is referred to weakly must allow it (LAIR_ERR_TYPE). When a key is set that equals
 * one that is there, that one stays, and the entry leaves with it.
 *
 * Iteration, length and lair_contains work as for dicts and sets. lair_copy gives another that
 * refers weakly to the same objects; lair_deep_copy too, and copies the rest. Two are equal when
 * they are the same. */
LAIR_API lair_object *lair_weak_key_dict_new(lair_heap *heap);
LAIR_API lair_object *lair_weak_value_dict_new(lair_heap *heap);

/* For both. Get gives a new reference; NULL: LAIR_ERR_KEY. */
LAIR_API lair_status lair_weak_dict_set(lair_object *dict, lair_object *key, lair_object *value);
LAIR_API lair_object *lair_weak_dict_get(lair_object *dict, lair_object *key);
LAIR_API lair_status lair_weak_dict_delete(lair_object *dict, lair_object *key);
LAIR_API lair_status lair_weak_dict_clear(lair_object *dict);

/* *value: a new reference, or NULL when the key is missing, which is no error. */
LAIR_API lair_status lair_weak_dict_find(lair_object *dict, lair_object *key, lair_object **value);

LAIR_API lair_object *lair_weak_set_new(lair_heap *heap);
LAIR_API lair_status lair_weak_set_add(lair_object *set, lair_object *member);
/* was_there may be NULL. */
LAIR_API lair_status lair_weak_set_discard(lair_object *set, lair_object *member, bool *was_there);
LAIR_API lair_status lair_weak_set_clear(lair_object *set);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_WEAKREF_H */

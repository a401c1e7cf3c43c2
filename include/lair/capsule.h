/* lair/capsule.h: a foreign resource (a file, a handle, memory of another library) as an object.
 */
#ifndef LAIR_CAPSULE_H
#define LAIR_CAPSULE_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/* destroy (may be NULL) is called once with pointer, when the capsule dies or is closed, or its
 * heap closes (newest capsule first, all objects still there). It may use the heap; while the heap
 * closes it makes no new capsules (LAIR_ERR_BUSY). name is for the repr and for lair_capsule_get,
 * and is copied. Neither name nor pointer may be NULL. When this fails destroy is not called. */
LAIR_API lair_object *lair_capsule_new(lair_heap *heap, const char *name, void *pointer,
                                       void (*destroy)(void *pointer));

/* The pointer. NULL: not a capsule, or of another name (LAIR_ERR_TYPE), or closed
 * (LAIR_ERR_VALUE). */
LAIR_API void *lair_capsule_get(const lair_object *capsule, const char *name);

/* Destroys the resource now. A second time does nothing. */
LAIR_API lair_status lair_capsule_close(lair_object *capsule);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_CAPSULE_H */

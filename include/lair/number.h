/* lair/number.h: none, bool, int and float.
 *
 * Ints have 64 bits and never wrap: arithmetic that leaves them is LAIR_ERR_OVERFLOW. The ints -5
 * .. 256, none, true and false exist once in a heap and are immortal; other ints and floats come
 * from a free list.
 */
#ifndef LAIR_NUMBER_H
#define LAIR_NUMBER_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/* BORROWED in effect (immortal): may be dropped any number of times. NULL when heap has no memory
 * for the object model. */
LAIR_API lair_object *lair_none(lair_heap *heap);
LAIR_API lair_object *lair_bool(lair_heap *heap, bool value);

LAIR_API lair_object *lair_int_new(lair_heap *heap, int64_t value);
LAIR_API lair_object *lair_float_new(lair_heap *heap, double value);

/* Whether object is none, or was truncated (lair_truncate). */
LAIR_API bool lair_is_none(const lair_object *object);

/* The value of an int or a bool. LAIR_ERR_TYPE. */
LAIR_API lair_status lair_int_get(const lair_object *object, int64_t *value);

/* The value of a float, an int or a bool. LAIR_ERR_TYPE. */
LAIR_API lair_status lair_float_get(const lair_object *object, double *value);

/* As above for code that knows what it holds: 0 when the object is no number. */
LAIR_API int64_t lair_int_value(const lair_object *object);
LAIR_API double lair_float_value(const lair_object *object);

/* a + b, a - b, a * b: ints as long as both are, else floats. LAIR_ERR_OVERFLOW, LAIR_ERR_TYPE. */
LAIR_API lair_object *lair_add(lair_object *a, lair_object *b);
LAIR_API lair_object *lair_subtract(lair_object *a, lair_object *b);
LAIR_API lair_object *lair_multiply(lair_object *a, lair_object *b);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_NUMBER_H */

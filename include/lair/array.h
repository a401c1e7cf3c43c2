/* lair/array.h: packed numbers, without an object for each.
 */
#ifndef LAIR_ARRAY_H
#define LAIR_ARRAY_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum lair_array_kind {
    LAIR_ARRAY_I8,
    LAIR_ARRAY_U8,
    LAIR_ARRAY_I16,
    LAIR_ARRAY_U16,
    LAIR_ARRAY_I32,
    LAIR_ARRAY_U32,
    LAIR_ARRAY_I64,
    LAIR_ARRAY_F32,
    LAIR_ARRAY_F64
} lair_array_kind;

LAIR_API lair_object *lair_array_new(lair_heap *heap, lair_array_kind kind);

/* From an array of C of that kind; values may be NULL: zeros. */
LAIR_API lair_object *lair_array_from_values(lair_heap *heap, lair_array_kind kind,
                                             const void *values, size_t count);
/* From numbers in whatever can be iterated. LAIR_ERR_OVERFLOW: a value does not fit. */
LAIR_API lair_object *lair_array_from(lair_object *iterable, lair_array_kind kind);

LAIR_API lair_status lair_array_kind_of(const lair_object *array, lair_array_kind *kind);
LAIR_API size_t lair_array_length(const lair_object *array); /* SIZE_MAX: no array (error set) */

/* The values: valid until the array grows or shrinks. NULL: not an array, or empty. */
LAIR_API void *lair_array_values(lair_object *array);

/* As objects: a new int or float. LAIR_ERR_INDEX. */
LAIR_API lair_object *lair_array_get(lair_object *array, size_t index);
LAIR_API lair_status lair_array_set(lair_object *array, size_t index, lair_object *number);
LAIR_API lair_status lair_array_append(lair_object *array, lair_object *number);
LAIR_API lair_status lair_array_append_int(lair_object *array, int64_t value);
LAIR_API lair_status lair_array_append_float(lair_object *array, double value);
LAIR_API lair_status lair_array_resize(lair_object *array, size_t count); /* new ones are zero */
LAIR_API lair_status lair_array_reserve(lair_object *array, size_t capacity);
LAIR_API lair_status lair_array_shrink(lair_object *array);
LAIR_API lair_status lair_array_sum(lair_object *array, double *sum);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_ARRAY_H */

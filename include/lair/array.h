/* lair/array.h: packed numbers, without an object for each.
 *
 * Arrays are equal, and ordered, item by item and by value, whatever their kinds; they can be
 * referred to weakly, and cannot be keys. Where a number is wanted, LAIR_ERR_TYPE is the answer to
 * what is none, and to a float for an array of ints; LAIR_ERR_OVERFLOW to one that does not fit.
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

/* Without objects. Ints may be appended to arrays of floats, and read as floats. */
LAIR_API lair_status lair_array_get_int(const lair_object *array, size_t index, int64_t *value);
LAIR_API lair_status lair_array_get_float(const lair_object *array, size_t index, double *value);
LAIR_API lair_status lair_array_append_int(lair_object *array, int64_t value);
LAIR_API lair_status lair_array_append_float(lair_object *array, double value);

/* Appends count values of C of the array's kind. They may be the array's own. */
LAIR_API lair_status lair_array_extend(lair_object *array, const void *values, size_t count);

/* To count items: new ones are zero, those beyond are gone. */
LAIR_API lair_status lair_array_resize(lair_object *array, size_t count);

/* Room for capacity items in all without growing; and gives back room not used. */
LAIR_API lair_status lair_array_reserve(lair_object *array, size_t capacity);
LAIR_API lair_status lair_array_shrink(lair_object *array);

/* The sum. Of ints: exact, and rounded once where it is given as a double; lair_array_sum_int is
 * LAIR_ERR_OVERFLOW where it does not fit, and LAIR_ERR_TYPE for floats. Of floats: with the
 * roundings made good again (Neumaier 1974). */
LAIR_API lair_status lair_array_sum(lair_object *array, double *sum);
LAIR_API lair_status lair_array_sum_int(lair_object *array, int64_t *sum);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_ARRAY_H */

/* lair/record.h: things with named attributes, in three ways that differ in what they cost.
 *
 *   record    declared once; attributes sit in slots of the object itself: 8 bytes each
 *   instance  any attribute at any time, in a dict of its own: what Python's objects cost
 *   packed    declared once with C types; fields as narrow as declared, no object for a number
 *
 * A record type is a type (lair/type.h), so records can be told apart, counted and compared.
 */
#ifndef LAIR_RECORD_H
#define LAIR_RECORD_H

#include <lair/object.h>
#include <lair/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- record ---------------------------------------------------------------------------------- */

typedef enum lair_record_flags {
    LAIR_RECORD_WEAK = 1,   /* instances have a weak-reference slot, 8 bytes more */
    LAIR_RECORD_FROZEN = 2, /* attributes are given once (named tuple): hashable, ordered */
    LAIR_RECORD_EQUAL = 4   /* compared by attributes (data class); implied by FROZEN; else by
                               identity */
} lair_record_flags;

/* A record type with the attributes named, 65,535 at most: a new reference. LAIR_ERR_INVALID: a
 * name is empty, not an identifier (ASCII letters, digits and _), or given twice. */
LAIR_API lair_type *lair_record_type(lair_heap *heap, const char *name, const char *const *fields,
                                     size_t count, unsigned flags);

/* An instance. values has one entry for each field, or is NULL: unset (a field that is read before
 * it is set is LAIR_ERR_ATTRIBUTE; LAIR_ERR_INVALID for FROZEN). lair_record_steal takes the values
 * over, also when it fails. */
LAIR_API lair_object *lair_record_new(lair_type *type, lair_object *const *values);
LAIR_API lair_object *lair_record_steal(lair_type *type, lair_object **values);

/* By name, for records and instances alike: BORROWED. LAIR_ERR_ATTRIBUTE: not declared, not set, or
 * (set and delete) frozen: the message names type and attribute. LAIR_ERR_TYPE: object is neither;
 * packed records have functions of their own. */
LAIR_API lair_object *lair_attribute_get(lair_object *object, const char *name);
LAIR_API lair_status lair_attribute_set(lair_object *object, const char *name, lair_object *value);
LAIR_API lair_status lair_attribute_set_new(lair_object *object, const char *name,
                                            lair_object *value);
LAIR_API lair_status lair_attribute_delete(lair_object *object, const char *name);

/* By position, for records: faster. Get is BORROWED. LAIR_ERR_INDEX. */
LAIR_API lair_object *lair_record_get(const lair_object *record, size_t field);
LAIR_API lair_status lair_record_set(lair_object *record, size_t field, lair_object *value);
LAIR_API lair_status lair_record_set_new(lair_object *record, size_t field, lair_object *value);

/* What a record type or a packed type declares: the position of a name (LAIR_ERR_ATTRIBUTE), the
 * name of a position, which belongs to the type (NULL: LAIR_ERR_INDEX), the number of fields
 * (SIZE_MAX: LAIR_ERR_TYPE). */
LAIR_API lair_status lair_record_field(const lair_type *type, const char *name, size_t *field);
LAIR_API const char *lair_record_field_name(const lair_type *type, size_t field);
LAIR_API size_t lair_record_field_count(const lair_type *type);

/* -- instance -------------------------------------------------------------------------------- */

/* A type whose instances take any attribute, each in a dict of the instance's own. Instances can be
 * referred to weakly, and are equal when they are the same. */
LAIR_API lair_type *lair_instance_type(lair_heap *heap, const char *name);
LAIR_API lair_object *lair_instance_new(lair_type *type);

/* BORROWED. The dict is made when the first attribute is set, or here. */
LAIR_API lair_object *lair_instance_dict(lair_object *instance);

/* -- packed record --------------------------------------------------------------------------- */

typedef enum lair_packed_kind {
    LAIR_PACKED_BOOL,
    LAIR_PACKED_I8,
    LAIR_PACKED_U8,
    LAIR_PACKED_I16,
    LAIR_PACKED_U16,
    LAIR_PACKED_I32,
    LAIR_PACKED_U32,
    LAIR_PACKED_I64,
    LAIR_PACKED_F32,
    LAIR_PACKED_F64,
    LAIR_PACKED_OBJECT /* a reference */
} lair_packed_kind;

typedef struct lair_packed_field {
    const char *name;
    lair_packed_kind kind;
} lair_packed_field;

/* Fields are laid out widest first, so that there are no gaps, and narrow ones begin in the four
 * bytes that an object's header has to spare. Instances are equal when their fields are. Names as
 * for lair_record_type; LAIR_ERR_INVALID also names a kind that is none. */
LAIR_API lair_type *lair_packed_type(lair_heap *heap, const char *name,
                                     const lair_packed_field *fields, size_t count);
LAIR_API lair_object *lair_packed_new(lair_type *type); /* zeros, and none for references */

/* As objects. A number that does not fit its field is LAIR_ERR_OVERFLOW and changes nothing; what
 * is no number, or no whole one where one is needed, is LAIR_ERR_TYPE. LAIR_ERR_ATTRIBUTE: not
 * declared. */
LAIR_API lair_object *lair_packed_get(lair_object *packed, const char *name); /* new reference */
LAIR_API lair_status lair_packed_set(lair_object *packed, const char *name, lair_object *value);

/* Without an object for the number. Ints may be written to float fields, and int fields read as
 * floats; not the other way round (LAIR_ERR_TYPE). */
LAIR_API lair_status lair_packed_set_int(lair_object *packed, const char *name, int64_t value);
LAIR_API lair_status lair_packed_set_float(lair_object *packed, const char *name, double value);
LAIR_API lair_status lair_packed_get_int(lair_object *packed, const char *name, int64_t *value);
LAIR_API lair_status lair_packed_get_float(lair_object *packed, const char *name, double *value);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_RECORD_H */

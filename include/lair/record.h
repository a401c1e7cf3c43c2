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

/* A record type with the attributes named. LAIR_ERR_INVALID: a name is empty, not an identifier, or
 * given twice. */
LAIR_API lair_type *lair_record_type(lair_heap *heap, const char *name, const char *const *fields,
                                     size_t count, unsigned flags);

/* An instance. values has one entry for each field, or is NULL: unset (a field that is read before
 * it is set is LAIR_ERR_ATTRIBUTE; not for FROZEN). lair_record_steal takes the values over. */
LAIR_API lair_object *lair_record_new(lair_type *type, lair_object *const *values);
LAIR_API lair_object *lair_record_steal(lair_type *type, lair_object **values);

/* By name, for records and instances alike: BORROWED. LAIR_ERR_ATTRIBUTE: not declared, or not set:
 * the message names type and attribute. */
LAIR_API lair_object *lair_attribute_get(lair_object *object, const char *name);
LAIR_API lair_status lair_attribute_set(lair_object *object, const char *name, lair_object *value);
LAIR_API lair_status lair_attribute_set_new(lair_object *object, const char *name,
                                            lair_object *value);
LAIR_API lair_status lair_attribute_delete(lair_object *object, const char *name);

/* By position, for records: faster. */
LAIR_API lair_object *lair_record_get(const lair_object *record, size_t field);
LAIR_API lair_status lair_record_set(lair_object *record, size_t field, lair_object *value);
LAIR_API lair_status lair_record_field(const lair_type *type, const char *name, size_t *field);

/* -- instance -------------------------------------------------------------------------------- */

/* A type whose instances take any attribute, each in a dict of the instance's own. Instances can be
 * referred to weakly. */
LAIR_API lair_type *lair_instance_type(lair_heap *heap, const char *name);
LAIR_API lair_object *lair_instance_new(lair_type *type);
LAIR_API lair_object *lair_instance_dict(lair_object *instance); /* BORROWED */

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

/* Fields are laid out widest first, so that there are no gaps. */
LAIR_API lair_type *lair_packed_type(lair_heap *heap, const char *name,
                                     const lair_packed_field *fields, size_t count);
LAIR_API lair_object *lair_packed_new(lair_type *type); /* zeros, and none for references */

/* As objects. A number that does not fit its field is LAIR_ERR_OVERFLOW and changes nothing. */
LAIR_API lair_object *lair_packed_get(lair_object *packed, const char *name); /* new reference */
LAIR_API lair_status lair_packed_set(lair_object *packed, const char *name, lair_object *value);
LAIR_API lair_status lair_packed_set_int(lair_object *packed, const char *name, int64_t value);
LAIR_API lair_status lair_packed_set_float(lair_object *packed, const char *name, double value);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_RECORD_H */

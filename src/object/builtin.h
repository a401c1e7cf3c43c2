/* builtin.h: the descriptions of the built-in types, each in the file of its type. */
#ifndef LAIR_OBJECT_BUILTIN_H
#define LAIR_OBJECT_BUILTIN_H

#include <lair/type.h>

extern const lair_type_spec type_spec;
extern const lair_type_spec none_spec, bool_spec, int_spec, float_spec;
extern const lair_type_spec str_spec;
extern const lair_type_spec tuple_spec, list_spec;
extern const lair_type_spec weakref_spec;

#endif /* LAIR_OBJECT_BUILTIN_H */

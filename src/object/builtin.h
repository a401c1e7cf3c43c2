/* builtin.h: the descriptions of the built-in types, each in the file of its type. */
#ifndef LAIR_OBJECT_BUILTIN_H
#define LAIR_OBJECT_BUILTIN_H

#include <lair/type.h>

extern const lair_type_spec type_spec;
extern const lair_type_spec none_spec, bool_spec, int_spec, float_spec;
extern const lair_type_spec str_spec, bytes_spec;
extern const lair_type_spec tuple_spec, list_spec;
extern const lair_type_spec dict_spec, set_spec, frozenset_spec, counter_spec;
extern const lair_type_spec weakref_spec, weak_key_dict_spec, weak_value_dict_spec, weak_set_spec;
extern const lair_type_spec iterator_spec, generator_spec, lazy_spec;
extern const lair_type_spec lru_cache_spec, ttl_cache_spec, object_pool_spec;
extern const lair_type_spec array_spec, capsule_spec, truncated_spec;

#endif /* LAIR_OBJECT_BUILTIN_H */

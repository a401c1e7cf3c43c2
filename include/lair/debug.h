/* lair/debug.h: references that remember who took them.
 *
 * A library built with -Ddebug_references=true keeps a ledger of every reference: the file, the
 * line and the function that took it. When a heap closes, each object that is still alive and not
 * immortal is reported on standard error: its type, its repr cut short, its references, those of
 * the program with their places and those of containers with the container. What is used after its
 * release (any function given an object that is gone) ends the process, with the place of the
 * release: the memory of dead objects is kept aside for a while (the last 20,000 of them, 4 MiB).
 *
 * In such a build the functions that return a new reference are macros, which hand on the place
 * they stand at; the functions themselves can still be pointed at, and then their references are
 * the library's in the ledger. A program that is compiled without the option does not link with the
 * library built with it.
 *
 * lair_decref drops the newest reference that the same function took; when there is none, the
 * newest that the program took. What libraries of the program's own hold in C structs counts as
 * taken by the functions that took it.
 */
#ifndef LAIR_DEBUG_H
#define LAIR_DEBUG_H

#include <lair/object.h>
#include <lair/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes what is alive in heap and not immortal to stream, as above; returns how many objects that
 * are. Nothing is written when there are none. SIZE_MAX: LAIR_ERR_UNSUPPORTED, the library keeps no
 * ledger. */
LAIR_API size_t lair_debug_report(lair_heap *heap, FILE *stream);

#if LAIR_DEBUG_REFERENCES

/* The newest reference to object was taken here. Returns object, which may be NULL. */
LAIR_API lair_object *lair_debug_new(lair_object *object, const char *file, int line,
                                     const char *function);

#endif

#if LAIR_DEBUG_REFERENCES && !defined(LAIR_INSIDE) /* the library itself goes without the macros   \
                                                    */

#define LAIR_TAKEN(call) lair_debug_new((call), __FILE__, __LINE__, __func__)

static inline lair_type *lair_debug_new_type(lair_type *type, const char *file, int line,
                                             const char *function)
{
    (void)lair_debug_new(type != NULL ? lair_type_object(type) : NULL, file, line, function);
    return type;
}

#define LAIR_TAKEN_TYPE(call) lair_debug_new_type((call), __FILE__, __LINE__, __func__)

static inline void lair_debug_set_ref(lair_object **slot, lair_object *value, const char *file,
                                      int line, const char *function)
{
    lair_object *old = *slot;
    *slot = lair_debug_incref(value, file, line, function);
    lair_debug_decref(old, file, line, function);
}

static inline void lair_debug_clear_ref(lair_object **slot, const char *file, int line,
                                        const char *function)
{
    lair_object *old = *slot;
    *slot = NULL;
    lair_debug_decref(old, file, line, function);
}

#define lair_clear_ref(slot) lair_debug_clear_ref((slot), __FILE__, __LINE__, __func__)
#define lair_set_ref(slot, value) lair_debug_set_ref((slot), (value), __FILE__, __LINE__, __func__)

/* New references. */
#define lair_add(...) LAIR_TAKEN(lair_add(__VA_ARGS__))
#define lair_array_from(...) LAIR_TAKEN(lair_array_from(__VA_ARGS__))
#define lair_array_from_values(...) LAIR_TAKEN(lair_array_from_values(__VA_ARGS__))
#define lair_array_get(...) LAIR_TAKEN(lair_array_get(__VA_ARGS__))
#define lair_array_new(...) LAIR_TAKEN(lair_array_new(__VA_ARGS__))
#define lair_build(...) LAIR_TAKEN(lair_build(__VA_ARGS__))
#define lair_build_v(...) LAIR_TAKEN(lair_build_v(__VA_ARGS__))
#define lair_bytes_concat(...) LAIR_TAKEN(lair_bytes_concat(__VA_ARGS__))
#define lair_bytes_decode(...) LAIR_TAKEN(lair_bytes_decode(__VA_ARGS__))
#define lair_bytes_new(...) LAIR_TAKEN(lair_bytes_new(__VA_ARGS__))
#define lair_bytes_slice(...) LAIR_TAKEN(lair_bytes_slice(__VA_ARGS__))
#define lair_cache_get(...) LAIR_TAKEN(lair_cache_get(__VA_ARGS__))
#define lair_capsule_new(...) LAIR_TAKEN(lair_capsule_new(__VA_ARGS__))
#define lair_copy(...) LAIR_TAKEN(lair_copy(__VA_ARGS__))
#define lair_counter_most_common(...) LAIR_TAKEN(lair_counter_most_common(__VA_ARGS__))
#define lair_counter_new(...) LAIR_TAKEN(lair_counter_new(__VA_ARGS__))
#define lair_deep_copy(...) LAIR_TAKEN(lair_deep_copy(__VA_ARGS__))
#define lair_dict_items(...) LAIR_TAKEN(lair_dict_items(__VA_ARGS__))
#define lair_dict_keys(...) LAIR_TAKEN(lair_dict_keys(__VA_ARGS__))
#define lair_dict_new(...) LAIR_TAKEN(lair_dict_new(__VA_ARGS__))
#define lair_dict_pop(...) LAIR_TAKEN(lair_dict_pop(__VA_ARGS__))
#define lair_dict_steal(...) LAIR_TAKEN(lair_dict_steal(__VA_ARGS__))
#define lair_dict_values(...) LAIR_TAKEN(lair_dict_values(__VA_ARGS__))
#define lair_float_new(...) LAIR_TAKEN(lair_float_new(__VA_ARGS__))
#define lair_frozenset_from(...) LAIR_TAKEN(lair_frozenset_from(__VA_ARGS__))
#define lair_generator_new(...) LAIR_TAKEN(lair_generator_new(__VA_ARGS__))
#define lair_instance_new(...) LAIR_TAKEN(lair_instance_new(__VA_ARGS__))
#define lair_int_new(...) LAIR_TAKEN(lair_int_new(__VA_ARGS__))
#define lair_iter(...) LAIR_TAKEN(lair_iter(__VA_ARGS__))
#define lair_lazy_new(...) LAIR_TAKEN(lair_lazy_new(__VA_ARGS__))
#define lair_list_from(...) LAIR_TAKEN(lair_list_from(__VA_ARGS__))
#define lair_list_new(...) LAIR_TAKEN(lair_list_new(__VA_ARGS__))
#define lair_list_pop(...) LAIR_TAKEN(lair_list_pop(__VA_ARGS__))
#define lair_list_slice(...) LAIR_TAKEN(lair_list_slice(__VA_ARGS__))
#define lair_list_steal(...) LAIR_TAKEN(lair_list_steal(__VA_ARGS__))
#define lair_lru_cache_new(...) LAIR_TAKEN(lair_lru_cache_new(__VA_ARGS__))
#define lair_multiply(...) LAIR_TAKEN(lair_multiply(__VA_ARGS__))
#define lair_new(...) LAIR_TAKEN(lair_new(__VA_ARGS__))
#define lair_new_items(...) LAIR_TAKEN(lair_new_items(__VA_ARGS__))
#define lair_object_pool_new(...) LAIR_TAKEN(lair_object_pool_new(__VA_ARGS__))
#define lair_object_pool_take(...) LAIR_TAKEN(lair_object_pool_take(__VA_ARGS__))
#define lair_packed_get(...) LAIR_TAKEN(lair_packed_get(__VA_ARGS__))
#define lair_packed_new(...) LAIR_TAKEN(lair_packed_new(__VA_ARGS__))
#define lair_range(...) LAIR_TAKEN(lair_range(__VA_ARGS__))
#define lair_record_new(...) LAIR_TAKEN(lair_record_new(__VA_ARGS__))
#define lair_record_steal(...) LAIR_TAKEN(lair_record_steal(__VA_ARGS__))
#define lair_repr(...) LAIR_TAKEN(lair_repr(__VA_ARGS__))
#define lair_set_difference(...) LAIR_TAKEN(lair_set_difference(__VA_ARGS__))
#define lair_set_from(...) LAIR_TAKEN(lair_set_from(__VA_ARGS__))
#define lair_set_intersection(...) LAIR_TAKEN(lair_set_intersection(__VA_ARGS__))
#define lair_set_new(...) LAIR_TAKEN(lair_set_new(__VA_ARGS__))
#define lair_set_pop(...) LAIR_TAKEN(lair_set_pop(__VA_ARGS__))
#define lair_set_steal(...) LAIR_TAKEN(lair_set_steal(__VA_ARGS__))
#define lair_set_symmetric_difference(...) LAIR_TAKEN(lair_set_symmetric_difference(__VA_ARGS__))
#define lair_set_union(...) LAIR_TAKEN(lair_set_union(__VA_ARGS__))
#define lair_str_builder_end(...) LAIR_TAKEN(lair_str_builder_end(__VA_ARGS__))
#define lair_str_concat(...) LAIR_TAKEN(lair_str_concat(__VA_ARGS__))
#define lair_str_encode(...) LAIR_TAKEN(lair_str_encode(__VA_ARGS__))
#define lair_str_format(...) LAIR_TAKEN(lair_str_format(__VA_ARGS__))
#define lair_str_intern(...) LAIR_TAKEN(lair_str_intern(__VA_ARGS__))
#define lair_str_intern_n(...) LAIR_TAKEN(lair_str_intern_n(__VA_ARGS__))
#define lair_str_intern_text(...) LAIR_TAKEN(lair_str_intern_text(__VA_ARGS__))
#define lair_str_join(...) LAIR_TAKEN(lair_str_join(__VA_ARGS__))
#define lair_str_new(...) LAIR_TAKEN(lair_str_new(__VA_ARGS__))
#define lair_str_new_lossy(...) LAIR_TAKEN(lair_str_new_lossy(__VA_ARGS__))
#define lair_str_new_n(...) LAIR_TAKEN(lair_str_new_n(__VA_ARGS__))
#define lair_str_replace(...) LAIR_TAKEN(lair_str_replace(__VA_ARGS__))
#define lair_str_slice(...) LAIR_TAKEN(lair_str_slice(__VA_ARGS__))
#define lair_str_split(...) LAIR_TAKEN(lair_str_split(__VA_ARGS__))
#define lair_str_strip(...) LAIR_TAKEN(lair_str_strip(__VA_ARGS__))
#define lair_subtract(...) LAIR_TAKEN(lair_subtract(__VA_ARGS__))
#define lair_to_str(...) LAIR_TAKEN(lair_to_str(__VA_ARGS__))
#define lair_ttl_cache_new(...) LAIR_TAKEN(lair_ttl_cache_new(__VA_ARGS__))
#define lair_tuple_from(...) LAIR_TAKEN(lair_tuple_from(__VA_ARGS__))
#define lair_tuple_new(...) LAIR_TAKEN(lair_tuple_new(__VA_ARGS__))
#define lair_tuple_slice(...) LAIR_TAKEN(lair_tuple_slice(__VA_ARGS__))
#define lair_tuple_steal(...) LAIR_TAKEN(lair_tuple_steal(__VA_ARGS__))
#define lair_weak_dict_get(...) LAIR_TAKEN(lair_weak_dict_get(__VA_ARGS__))
#define lair_weak_key_dict_new(...) LAIR_TAKEN(lair_weak_key_dict_new(__VA_ARGS__))
#define lair_weak_set_new(...) LAIR_TAKEN(lair_weak_set_new(__VA_ARGS__))
#define lair_weak_value_dict_new(...) LAIR_TAKEN(lair_weak_value_dict_new(__VA_ARGS__))
#define lair_weakref_get(...) LAIR_TAKEN(lair_weakref_get(__VA_ARGS__))
#define lair_weakref_new(...) LAIR_TAKEN(lair_weakref_new(__VA_ARGS__))
#define lair_instance_type(...) LAIR_TAKEN_TYPE(lair_instance_type(__VA_ARGS__))
#define lair_packed_type(...) LAIR_TAKEN_TYPE(lair_packed_type(__VA_ARGS__))
#define lair_record_type(...) LAIR_TAKEN_TYPE(lair_record_type(__VA_ARGS__))
#define lair_type_new(...) LAIR_TAKEN_TYPE(lair_type_new(__VA_ARGS__))
#endif /* LAIR_DEBUG_REFERENCES */

#ifdef __cplusplus
}
#endif

#endif /* LAIR_DEBUG_H */

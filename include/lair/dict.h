/* lair/dict.h: mappings, in the order of insertion.
 *
 * Compact: a table of small indices beside a dense array of entries (Raymond Hettinger's design,
 * CPython 3.6). No quadratic case: deleting from the front and re-inserting stays amortised
 * constant, and so does any other use. Keys must be hashable. A dict that gains or loses a key
 * during an iteration ends it with LAIR_ERR_CHANGED; a new value for a key that is there does not.
 * The same status says that code of the program, run to compare keys, changed the dict again and
 * again.
 *
 * A dict takes 32 bytes and, with entries, 32 more and 16 for each; beyond 16 entries an index of 2
 * to 11 bytes for each. With other keys than strs and ints an entry takes 24. The most entries are
 * 3221225472 (LAIR_ERR_OVERFLOW).
 */
#ifndef LAIR_DICT_H
#define LAIR_DICT_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

LAIR_API lair_object *lair_dict_new(lair_heap *heap);

/* A dict of count keys and values, in turn, STEALING each; any NULL hands the pending error on.
 * LAIR_DICT(heap, lair_str_new(heap, "a"), lair_int_new(heap, 1)). An odd number of them is
 * LAIR_ERR_INVALID. */
LAIR_API lair_object *lair_dict_steal(lair_heap *heap, lair_object **keys_and_values, size_t count);
#define LAIR_DICT(heap, ...)                                                                       \
    lair_dict_steal((heap), (lair_object *[]){__VA_ARGS__},                                        \
                    sizeof((lair_object *[]){__VA_ARGS__}) / sizeof(lair_object *))

LAIR_API size_t lair_dict_length(const lair_object *dict); /* SIZE_MAX: no dict (error set) */

LAIR_API lair_status lair_dict_set(lair_object *dict, lair_object *key, lair_object *value);
LAIR_API lair_status lair_dict_set_new(lair_object *dict, lair_object *key, lair_object *value);
/* (..._set_new steals both.) With a text as the key, which is interned; _new steals the value. */
LAIR_API lair_status lair_dict_set_str(lair_object *dict, const char *key, lair_object *value);
LAIR_API lair_status lair_dict_set_str_new(lair_object *dict, const char *key, lair_object *value);

/* BORROWED: valid until the dict changes there. NULL: LAIR_ERR_KEY when the key is missing (with
 * the key in the message), or comparing failed. */
LAIR_API lair_object *lair_dict_get(lair_object *dict, lair_object *key);
LAIR_API lair_object *lair_dict_get_str(lair_object *dict, const char *key);

/* *value BORROWED, or NULL when the key is missing, which is no error. */
LAIR_API lair_status lair_dict_find(lair_object *dict, lair_object *key, lair_object **value);
LAIR_API lair_status lair_dict_find_str(lair_object *dict, const char *key, lair_object **value);

/* -- a walk that takes no references --------------------------------------------------------- */

/* Where a walk over the entries of a dict stands. It begins with the dict alone, whose owner keeps
 * it until the walk is over:
 *
 *     lair_dict_walk at = {.dict = dict};
 *     while (lair_dict_next(&at))
 *         total += lair_int_value(at.value);
 *     if (at.status != LAIR_OK) ...
 *
 * LAIR_EACH (lair/object.h) holds what it shows, and so writes to each object it passes; this does
 * not, and has nothing to end when the loop is left early. It is for loops that run no code which
 * could change the dict or drop its values: destructors, comparisons of the program's own types,
 * and a collection, which any function may run that makes a container (lair/gc.h). */
typedef struct lair_dict_walk {
    lair_object *dict;        /* BORROWED */
    lair_object *key, *value; /* of the entry: BORROWED; NULL when the walk is over */
    size_t position;          /* the library's, as is version; 0 before the first step */
    uint32_t version;
    lair_status status; /* LAIR_OK while all is well and after a complete walk */
} lair_dict_walk;

/* Steps to the next entry, in the order of insertion. False at the end, or with at->status set:
 * LAIR_ERR_CHANGED when keys came or went since the first step, LAIR_ERR_TYPE when it is no dict. A
 * value may be replaced meanwhile. */
LAIR_API bool lair_dict_next(lair_dict_walk *at);

/* -- changing -------------------------------------------------------------------------------- */

/* The value of key, which is set to value first if it is missing: BORROWED. */
LAIR_API lair_object *lair_dict_set_default(lair_object *dict, lair_object *key,
                                            lair_object *value);

/* LAIR_ERR_KEY when it is missing. */
LAIR_API lair_status lair_dict_delete(lair_object *dict, lair_object *key);
LAIR_API lair_status lair_dict_delete_str(lair_object *dict, const char *key);

/* Takes a value out: a new reference. */
LAIR_API lair_object *lair_dict_pop(lair_object *dict, lair_object *key);

/* Takes the newest entry out, key and value: new references. LAIR_ERR_KEY when empty. */
LAIR_API lair_status lair_dict_pop_item(lair_object *dict, lair_object **key, lair_object **value);

LAIR_API lair_status lair_dict_clear(lair_object *dict);

/* Sets every key of other, a dict or whatever gives keys when it is iterated; all of them or,
 * failing, those up to the failure. */
LAIR_API lair_status lair_dict_update(lair_object *dict, lair_object *other);

/* Room for count entries in all without growing; and gives back room not used. Either ends the
 * iterations of the dict, as a new key does. */
LAIR_API lair_status lair_dict_reserve(lair_object *dict, size_t count);
LAIR_API lair_status lair_dict_shrink(lair_object *dict);

/* New lists. */
LAIR_API lair_object *lair_dict_keys(lair_object *dict);
LAIR_API lair_object *lair_dict_values(lair_object *dict);
LAIR_API lair_object *lair_dict_items(lair_object *dict); /* of tuples */

#ifdef __cplusplus
}
#endif

#endif /* LAIR_DICT_H */

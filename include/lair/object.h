/* lair/object.h: objects with a reference count and a type, and what works on all of them.
 *
 * An object lives in a heap (lair/heap.h) and counts the references to it. The last reference that
 * goes frees it, and with it whatever only it held. Counts saturate: an object that ever had 2^30
 * references is immortal, as small ints, none and the types themselves are from the start.
 *
 * Ownership. A function that returns an object returns a NEW reference, which the caller drops
 * with lair_decref (or LAIR_SCOPED), unless it says BORROWED: valid while the container holds it. A
 * function given an object takes a reference of its own if it keeps it, and the caller keeps
 * theirs; a function whose name ends in _new STEALS the reference it is given, also when it fails.
 *
 * Errors. NULL or a status other than LAIR_OK; lair_error_message() tells (lair/status.h). A
 * function given NULL for an object it needs hands the pending error on, so that calls can be
 * nested and checked once:
 *
 *     if (lair_list_append_new(list, lair_str_new(heap, text)) != LAIR_OK)
 *         return lair_error_status();
 *
 * Nothing is half-changed by a call that fails.
 *
 * Threads. Objects belong to their heap's owner (lair/heap.h). References between heaps are
 * refused (LAIR_ERR_WRONG_HEAP).
 *
 * Sources: CPython's object model (its reference manual, chapters "Data model" and "Objects, Types
 * and Reference Counts"); counts apart from objects as in document 0; immortal objects as in PEP
 * 683.
 */
#ifndef LAIR_OBJECT_H
#define LAIR_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <lair/config.h>
#include <lair/heap.h>
#include <lair/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lair_object lair_object;
typedef struct lair_type lair_type;

/* What every object begins with. The fields are the library's: read them with the functions
 * below. `own` is four bytes for the use of the object's type (a tuple keeps its length there). */
#if LAIR_SEGREGATED_COUNTS
struct lair_object {
    lair_type *type;
};
#else
struct lair_object {
    lair_type *type;
    uint32_t count; /* references times two; bit 0: a walk is inside the object; bit 31: immortal */
    uint32_t own;
};
#endif

/* Kinds of built-in types, for lair_is. Types of the program's own are LAIR_KIND_USER. */
typedef enum lair_kind {
    LAIR_KIND_USER = 0,
    LAIR_KIND_TYPE,
    LAIR_KIND_NONE,
    LAIR_KIND_BOOL,
    LAIR_KIND_INT,
    LAIR_KIND_FLOAT,
    LAIR_KIND_STR,
    LAIR_KIND_BYTES,
    LAIR_KIND_TUPLE,
    LAIR_KIND_LIST,
    LAIR_KIND_DICT,
    LAIR_KIND_SET,
    LAIR_KIND_FROZENSET,
    LAIR_KIND_COUNTER,
    LAIR_KIND_ARRAY,
    LAIR_KIND_RECORD, /* every record type and its instances' kind */
    LAIR_KIND_INSTANCE,
    LAIR_KIND_PACKED,
    LAIR_KIND_WEAKREF,
    LAIR_KIND_WEAK_KEY_DICT,
    LAIR_KIND_WEAK_VALUE_DICT,
    LAIR_KIND_WEAK_SET,
    LAIR_KIND_ITERATOR,
    LAIR_KIND_GENERATOR,
    LAIR_KIND_LAZY,
    LAIR_KIND_CAPSULE,
    LAIR_KIND_LRU_CACHE,
    LAIR_KIND_TTL_CACHE,
    LAIR_KIND_OBJECT_POOL,
    LAIR_KIND_TRUNCATED, /* what lair_truncate leaves */
    LAIR_KIND_COUNT
} lair_kind;

/* -- counting -------------------------------------------------------------------------------- */

/* Out of line: counting, and the end of the last reference. Not for programs; their names say how
 * counts are kept, so that a program compiled for one build does not link with another. */
#if LAIR_SEGREGATED_COUNTS && LAIR_DEBUG_REFERENCES
#define LAIR_LAYOUT(name) name##_segregated_debug
#elif LAIR_SEGREGATED_COUNTS
#define LAIR_LAYOUT(name) name##_segregated
#elif LAIR_DEBUG_REFERENCES
#define LAIR_LAYOUT(name) name##_inline_debug
#else
#define LAIR_LAYOUT(name) name##_inline
#endif
#define lair_object_release LAIR_LAYOUT(lair_object_release)
#define lair_object_up LAIR_LAYOUT(lair_object_up)
#define lair_object_down LAIR_LAYOUT(lair_object_down)
#define lair_object_layout LAIR_LAYOUT(lair_object_layout)
LAIR_API void lair_object_release(lair_object *object);
LAIR_API void lair_object_up(lair_object *object);
LAIR_API void lair_object_down(lair_object *object);
extern LAIR_API const int lair_object_layout;

/* Every object file compiled against this header refers to the layout it was compiled for. */
__attribute__((used)) static const int *const lair_object_layout_used = &lair_object_layout;

#if LAIR_SEGREGATED_COUNTS || LAIR_DEBUG_REFERENCES

#if LAIR_DEBUG_REFERENCES
LAIR_API lair_object *lair_debug_incref(lair_object *object, const char *file, int line,
                                        const char *function);
LAIR_API void lair_debug_decref(lair_object *object, const char *file, int line,
                                const char *function);
#ifdef LAIR_INSIDE
#define LAIR_FILE ((const char *)0) /* says that the library did it */
#else
#define LAIR_FILE __FILE__
#endif
#define lair_incref(object) lair_debug_incref((object), LAIR_FILE, __LINE__, __func__)
#define lair_decref(object) lair_debug_decref((object), LAIR_FILE, __LINE__, __func__)
#else
static inline lair_object *lair_incref(lair_object *object)
{
    if (object != NULL)
        lair_object_up(object);
    return object;
}
static inline void lair_decref(lair_object *object)
{
    if (object != NULL)
        lair_object_down(object);
}
#endif

#else

/* Takes a reference; returns object, which may be NULL. */
static inline lair_object *lair_incref(lair_object *object)
{
    if (object != NULL && (int32_t)object->count >= 0)
        object->count += 2;
    return object;
}

/* Drops a reference the caller owns; the last one frees the object before this returns. object may
 * be NULL. */
static inline void lair_decref(lair_object *object)
{
    if (object == NULL || (int32_t)object->count < 0)
        return;
    object->count -= 2;
    if (object->count == 0)
        lair_object_release(object);
}

#endif

/* Puts value, of which it takes a reference, in the place of *slot, and drops what was there, in
 * the order that is safe when destructors look at the slot. value may be NULL. */
static inline void lair_set_ref(lair_object **slot, lair_object *value)
{
    lair_object *old = *slot;
    *slot = lair_incref(value);
    lair_decref(old);
}

/* Sets *slot to NULL and drops what was there. */
static inline void lair_clear_ref(lair_object **slot)
{
    lair_object *old = *slot;
    *slot = NULL;
    lair_decref(old);
}

/* References that exist: UINT32_MAX for an immortal object. object must not be NULL. */
LAIR_API uint32_t lair_refcount(const lair_object *object);

/* Makes object immortal: it is freed when its heap closes. */
LAIR_API void lair_immortalize(lair_object *object);

/* -- scopes ---------------------------------------------------------------------------------- */

static inline void lair_scope_end(lair_object **slot)
{
    lair_decref(*slot);
}
static inline void lair_scope_end_heap(lair_heap **heap)
{
    lair_heap_close(*heap);
}

/* A variable that drops its reference when it goes out of scope, in the reverse order of
 * declaration; initialise it (NULL will do). To hand the reference on, use lair_steal. */
#define LAIR_SCOPED __attribute__((unused, cleanup(lair_scope_end)))

/* A heap that closes when the variable goes out of scope: declare it before the objects. */
#define LAIR_SCOPED_HEAP __attribute__((unused, cleanup(lair_scope_end_heap)))

/* Takes the reference out of *slot, which becomes NULL: return lair_steal(&list); */
static inline lair_object *lair_steal(lair_object **slot)
{
    lair_object *object = *slot;
    *slot = NULL;
    return object;
}

/* -- what an object is ----------------------------------------------------------------------- */

/* BORROWED. The type lives as long as the heap or an instance. */
LAIR_API lair_type *lair_type_of(const lair_object *object);
LAIR_API lair_heap *lair_heap_of(const lair_object *object);
LAIR_API lair_kind lair_kind_of(const lair_object *object);

/* Whether object is not NULL and of the kind. */
LAIR_API bool lair_is(const lair_object *object, lair_kind kind);

/* The name of the type ("list", or what the program gave). Belongs to the type. */
LAIR_API const char *lair_type_name(const lair_object *object);

/* The identity of an object: its address, unique among the objects alive. */
LAIR_API uintptr_t lair_id(const lair_object *object);

/* Bytes the object takes: its block and memory of its own, at full block sizes; not what it refers
 * to. */
LAIR_API size_t lair_sizeof(const lair_object *object);

/* Bytes of the object and of all it reaches, each object once; immortal ones and types are left out
 * where they are reached, and weak references are not followed. Any depth. SIZE_MAX: no memory for
 * the walk (error set). */
LAIR_API size_t lair_total_size(lair_object *object);

/* Drops an object's contents in place: whoever still refers to it sees an object that is none in
 * all respects (lair_kind_of gives LAIR_KIND_TRUNCATED, lair_is_none true, it equals none). Its
 * finalizer runs if it has not, weak references die with their callbacks, what only it held goes;
 * block and count stay. Using it as what it was is LAIR_ERR_TYPE, and debug builds report it.
 * LAIR_ERR_INVALID, with nothing changed: for immortal objects, for types, for an object that is
 * being freed, and for types whose instances never change (LAIR_TYPE_IMMUTABLE: numbers, strings,
 * tuples, frozen sets and records, weak references), since those may be keys, whose container keeps
 * their hash. A second time does nothing. */
LAIR_API lair_status lair_truncate(lair_object *object);

/* -- text ------------------------------------------------------------------------------------ */

/* The object as text that names it: a new str. Containers that contain themselves show [...] where
 * they recur. Any depth. */
LAIR_API lair_object *lair_repr(lair_object *object);

/* The object as text for people: a str as it is, all else as lair_repr. */
LAIR_API lair_object *lair_to_str(lair_object *object);

/* Writes lair_repr(object) to stream piece by piece, without making the whole text. LAIR_ERR_IO
 * when the stream refuses. */
LAIR_API lair_status lair_print_repr(lair_object *object, FILE *stream);

/* Writes lair_to_str(object) and a line end to standard output. */
LAIR_API lair_status lair_println(lair_object *object);

/* -- comparing ------------------------------------------------------------------------------- */

/* Whether a and b are equal: numbers by value (1, 1.0 and true are equal), containers item by item;
 * objects of unrelated types are not equal, which is no error. The types of one heap are unrelated
 * to those of another, but for numbers. Any depth; a container that contains itself and is compared
 * into itself is LAIR_ERR_DEPTH. */
LAIR_API lair_status lair_equal(lair_object *a, lair_object *b, bool *equal);

/* *order < 0, 0, > 0 as a is before, equal to, after b: numbers, strings, bytes (by code point and
 * by byte), tuples and lists (lexicographic), user types that compare. Else LAIR_ERR_TYPE. NaN is
 * LAIR_ERR_VALUE: it has no place in an order. */
LAIR_API lair_status lair_compare(lair_object *a, lair_object *b, int *order);

/* Equal objects hash equal. Lists, dicts, sets and what contains them: LAIR_ERR_UNHASHABLE. */
LAIR_API lair_status lair_hash(lair_object *object, uint64_t *hash);

/* Whether object counts as true: not none, false, zero, or empty. */
LAIR_API bool lair_truth(lair_object *object);

/* -- copying --------------------------------------------------------------------------------- */

/* A copy that shares what the object refers to; immutable objects are their own copy. */
LAIR_API lair_object *lair_copy(lair_object *object);

/* A copy of everything reached, sharing and cycles kept; immutable objects that hold only such are
 * shared. Any depth. */
LAIR_API lair_object *lair_deep_copy(lair_object *object);

/* -- containers in general ------------------------------------------------------------------- */

/* Items of a container, characters of a str, bytes of bytes, expired entries of a cache not
 * counted. SIZE_MAX: has no length (LAIR_ERR_TYPE). */
LAIR_API size_t lair_length(lair_object *object);

/* Whether item is in container: equal to an item of a list, tuple or array, a key of a dict, a
 * member of a set, a part of a str or bytes. */
LAIR_API lair_status lair_contains(lair_object *container, lair_object *item, bool *found);

/* -- iterating ------------------------------------------------------------------------------- */

/* Where an iteration stands. It holds references to the container and to the current key and item,
 * which lair_next_item, or lair_cursor_end when the loop is left early, drops.
 *
 *     LAIR_EACH(at, dict)
 *         printf("%s\n", lair_str_text(at.key));
 *
 *     LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(list);
 *     while (lair_next_item(&at))
 *         use(at.item);
 *     if (at.status != LAIR_OK) ...
 */
typedef struct lair_cursor {
    lair_object *container;
    lair_object *key;   /* dicts: the key; else NULL */
    lair_object *item;  /* the item; dicts: the value; sets: the member */
    size_t position;    /* items seen, or what the type makes of it */
    uint64_t version;   /* of the container, to notice changes */
    lair_status status; /* LAIR_OK while all is well and after a complete iteration */
} lair_cursor;

/* A cursor before the first item. What cannot be iterated (LAIR_ERR_TYPE) and NULL give a cursor
 * whose first step ends it with that status. */
LAIR_API lair_cursor lair_cursor_of(lair_object *container);

/* Steps to the next item; false at the end, or with at->status set: LAIR_ERR_CHANGED when a dict or
 * set gained or lost a key since the iteration began. A list may change: what is at the position
 * next is given. */
LAIR_API bool lair_next_item(lair_cursor *at);

/* Drops what the cursor holds. May be called more than once. */
LAIR_API void lair_cursor_end(lair_cursor *at);

#define LAIR_SCOPED_CURSOR __attribute__((unused, cleanup(lair_cursor_end)))
#define LAIR_EACH(at, container)                                                                   \
    for (LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(container); lair_next_item(&at);)

#ifdef __cplusplus
}
#endif

#endif /* LAIR_OBJECT_H */

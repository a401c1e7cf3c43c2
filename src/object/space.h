/* space.h: what the object model keeps for each heap, and the inside of types and objects.
 *
 * A space is made with the first object of a heap and ends with it. It holds the built-in types,
 * the objects that exist once, the intern table, and the list of objects waiting to be taken apart.
 */
#ifndef LAIR_OBJECT_SPACE_H
#define LAIR_OBJECT_SPACE_H

#include <string.h>

#include <lair/type.h>

#include "base/assert.h"
#include "base/bits.h"
#include "base/error.h"
#include "heap/fast.h"

#include "collector.h"
#include "count.h"
#include "debug.h"

enum {
    SMALL_INT_MIN = -5,
    SMALL_INT_END = 257,
    SINGLE_CHARS = 128,
    TUPLE_FREE_LENGTHS = 20, /* tuples of 1 .. 20 items are kept for reuse */
    TUPLE_FREE_EACH = 1024,
};

/* -- objects --------------------------------------------------------------------------------- */

/* What the structs of built-in types begin with: the object and four bytes of the type's own, which
 * lie in the object where counts do. */
#if LAIR_SEGREGATED_COUNTS
#define OBJECT_HEAD                                                                                \
    lair_object object;                                                                            \
    uint32_t own
#define OBJECT_OWN(self) ((self)->own)
#else
#define OBJECT_HEAD lair_object object
#define OBJECT_OWN(self) ((self)->object.own)
#endif

struct intern_table;
struct capsule;
struct debug_ledger;
struct walk;

struct space {
    lair_heap *heap;
    lair_type *builtin[LAIR_KIND_COUNT];
    lair_type **types; /* all, by index; NULL where one is gone */
    uint32_t type_count, type_capacity;

    lair_object *none, *yes, *no;
    lair_object *small_ints[SMALL_INT_END - SMALL_INT_MIN];
    lair_object *single_chars[SINGLE_CHARS];
    lair_object *empty_tuple, *empty_str, *empty_bytes, *empty_frozenset;
    free_list tuples[TUPLE_FREE_LENGTHS + 1];

    /* release: objects whose last reference is gone and that wait, linked through the type field;
     * their count word holds the index of their type */
    lair_object *dying;
    unsigned release_depth;
    uint8_t count_plane; /* see struct lair_type */
    unsigned walk_depth; /* nested walks: a type's step that calls lair_repr ... */
    struct walk *walk;   /* the innermost; NULL: none */

    struct intern_table *interned;
    uint64_t hash_key[2];     /* of strs and bytes, the same in each heap of the process */
    struct capsule *capsules; /* all alive, to be closed with the heap */
    struct debug_ledger *debug;
    struct collector collector;
    bool measuring; /* lair_total_size has marked objects */
    bool closing;
};

/* The space of heap, made if there is none yet. NULL: no memory (error set), or heap is NULL. */
struct space *space_open(lair_heap *heap);
static inline struct space *space_of(lair_heap *heap)
{
    if (likely(heap != NULL && heap->client_arg != NULL))
        return heap->client_arg;
    return space_open(heap);
}

static inline lair_type *builtin_type(const struct space *space, lair_kind kind)
{
    return space->builtin[kind];
}

/* A type made from a description that is valid. NULL: no memory (error set). */
lair_type *type_make(struct space *space, const lair_type_spec *spec, lair_kind kind);

/* Runs the finalizer of object, once in its life. False: it has run already, or there is none. */
bool type_finalize(lair_object *object);

bool type_is_finalized(const lair_object *object);

/* Frees the dead objects kept for reuse but for so many of each kind. */
void type_keep_free(lair_type *type, uint64_t most);
void tuples_keep_free(struct space *space, uint64_t most);
void space_keep_free(struct space *space, uint64_t most);

/* Prints the sum of all counts and the number of live blocks to standard error. */
void totals_print(struct space *space);

/* -- allocation ------------------------------------------------------------------------------ */

/* As lair_heap_alloc and lair_heap_free, in line. */
static inline void *block_alloc(lair_heap *heap, size_t bytes)
{
    return heap_alloc_step(heap, bytes, heap->class_shift);
}

static inline void block_free(lair_heap *heap, void *block)
{
    if (block != NULL && unlikely(!heap_try_free(heap, block)))
        lair_heap_free(heap, block); /* which says what is wrong */
}

/* The block of a new instance of type: header set, one reference, all else undefined. NULL: the
 * error is set. */
void *object_alloc_slow(lair_type *type, size_t bytes);

/* ... in a block of the heap that the caller has, and that is freed when there is no memory for
 * what belongs to an object besides. NULL: the error is set. */
void *object_adopt(lair_type *type, void *block);

/* Frees the block of a dead object (but see object_discard, tuple.h). */
void object_free(lair_object *object, lair_type *type);

/* An instance of a type to which nothing refers any more is gone: with the last one goes the type.
 */
void object_gone(lair_type *type);

/* An instance of type begins its life in block. */
static inline void *object_start(lair_type *type, void *block)
{
    lair_object *object = block;
    object->type = type;
    count_start(object);
    debug_born(object);
    return block;
}

/* A new instance of bytes (the type's fixed part and what follows it), contents undefined but for
 * the header. NULL: the error is set. */
static inline void *object_alloc(lair_type *type, size_t bytes)
{
    if (LAIR_SEGREGATED_COUNTS || LAIR_DEBUG_REFERENCES)
        return object_alloc_slow(type, bytes);
    void *block = block_alloc(type->heap, bytes);
    if (unlikely(block == NULL))
        return NULL;
    type->from_heap++;
    return object_start(type, block);
}

/* As object_alloc for types of a fixed size, from the type's free list where it can be. */
static inline void *object_alloc_fixed(lair_type *type)
{
    lair_object *object = free_list_take(&type->free);
    return likely(object != NULL) ? object_start(type, object)
                                  : object_alloc(type, type->instance_bytes);
}

/* What is made is a container, and tracked from now on; its references are set before anything else
 * is allocated. NULL where made is, or where there is no memory for that: it is gone, and the error
 * is set. */
void *object_untracked(lair_object *made);
static inline void *object_track(void *made)
{
    lair_object *object = made;
    if (unlikely(object == NULL) ||
        likely(collector_track(&object->type->space->collector, object)))
        return made;
    return object_untracked(object);
}

/* ... if it is one of a container. */
static inline void *object_track_if(void *made, bool container)
{
    return container ? object_track(made) : made;
}

static inline bool is_container(const lair_type *type)
{
    return (type->spec.flags & LAIR_TYPE_CONTAINER) != 0;
}

/* The beginning of a public function that makes a container, when nothing has been touched yet: a
 * collection may run. */
static inline void collector_safe_point(struct space *space)
{
    if (unlikely(space->collector.generation[0].count > space->collector.trigger))
        collector_run(space);
}

/* As object_alloc_fixed, with all but the header zero: lair_new for the library's own types. */
static inline lair_object *object_alloc_zero(lair_type *type)
{
    lair_object *object = object_alloc_fixed(type);
    if (likely(object != NULL))
        memset(object + 1, 0, type->instance_bytes - sizeof(*object));
    return object;
}

/* -- what every function of a type needs ----------------------------------------------------- */

static inline bool is_kind(const lair_object *object, lair_kind kind)
{
    return object->type->kind == kind;
}

/* Whether object is there and of the kind; else the error is set, or a pending one stands. */
bool expect_slow(const lair_object *object, lair_kind kind);
static inline bool expect(const lair_object *object, lair_kind kind)
{
    return likely(object != NULL && is_kind(object, kind)) || expect_slow(object, kind);
}

/* Debug builds say so when an object is used as what it was before lair_truncate. */
void truncated_report(const lair_object *object, const char *expected);

/* The error that a NULL argument hands on. */
lair_status pending_error(void);

/* Whether member may be referred to by container: same heap, not NULL. Else the error is set. */
bool same_heap_slow(const lair_object *container, const lair_object *member);
static inline bool same_heap(const lair_object *container, const lair_object *member)
{
    return likely(member != NULL && container->type->heap == member->type->heap) ||
           same_heap_slow(container, member);
}

/* Whether container is of a kind of which each heap has one type, and may refer to member; else the
 * error is set. */
static inline bool expect_for(const lair_object *container, lair_kind kind,
                              const lair_object *member)
{
    if (likely(container != NULL) && likely(member != NULL) &&
        likely(container->type == builtin_type(member->type->space, kind)))
        return true;
    return expect(container, kind) && same_heap(container, member);
}

/* Visits a reference that may be NULL, inside a traverse function. */
#define VISIT(reference)                                                                           \
    do {                                                                                           \
        if ((reference) != NULL) {                                                                 \
            int result_ = visit((reference), arg);                                                 \
            if (result_ != 0)                                                                      \
                return result_;                                                                    \
        }                                                                                          \
    } while (0)

/* count * size + base in bytes, or SIZE_MAX where that is more than a block can have. */
static inline size_t bytes_for(size_t base, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(bytes, base, &bytes) || bytes > PTRDIFF_MAX)
        return SIZE_MAX;
    return bytes;
}

#endif /* LAIR_OBJECT_SPACE_H */

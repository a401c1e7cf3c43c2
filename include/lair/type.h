/* lair/type.h: how a type is described, the built-in ones and the program's own alike.
 *
 * A type is described once (lair_type_spec, usually static const) and made for each heap that uses
 * it (lair_type_new). An instance begins with a lair_object and continues as the type likes. Every
 * function of a spec may be NULL: the type then cannot do that, or does it by identity (hash,
 * equal) or by name and address (repr).
 *
 * What a type's functions may do. dealloc, traverse and clear must not fail and must not allocate.
 * The others may allocate and fail, and must leave nothing half-changed. None may free self.
 *
 * Deep structures. Functions that go into what an object holds (repr, copy, equal, compare, hash)
 * are written as steps: they are called again and again with a frame that remembers where they
 * were, and ask for one child at a time. The library keeps the frames, so depth costs memory of the
 * heap and no stack. A type may instead call lair_repr, lair_equal ... from inside its own step;
 * then depth is bounded, and past LAIR_DEPTH_MAX nested calls they fail with LAIR_ERR_DEPTH.
 */
#ifndef LAIR_TYPE_H
#define LAIR_TYPE_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { LAIR_DEPTH_MAX = 500 };

/* -- going through references ---------------------------------------------------------------- */

/* Called with each object another refers to. A result other than 0 ends the traversal. */
typedef int (*lair_visit)(lair_object *referent, void *arg);

/* -- stepwise functions ---------------------------------------------------------------------- */

/* What a step asks for. */
typedef enum lair_step {
    LAIR_STEP_DONE,  /* self is finished */
    LAIR_STEP_CHILD, /* do walk->child first (and walk->other_child), then call again */
    LAIR_STEP_FAILED /* the error is set */
} lair_step;

/* One object on the way down. Zero at the first call, but for self and other. */
typedef struct lair_frame {
    lair_object *self;
    lair_object *other; /* equal, compare: what self is compared with, of the same type;
                           copy: the copy being made, an owned reference once the step sets it */
    uint64_t state[2];  /* the step function's own */
} lair_frame;

/* What the steps of one walk share. */
typedef struct lair_walk {
    lair_heap *heap;
    lair_object *child;       /* out: BORROWED, must stay alive while self is unchanged */
    lair_object *other_child; /* out: equal, compare */
    /* how the last child came out */
    lair_object *copied; /* copy: a new reference; the step steals it and sets NULL */
    uint64_t hash;       /* hash: of the child; and out, with LAIR_STEP_DONE: of self */
    int order; /* compare: the child's; equal: 0 when equal. With LAIR_STEP_DONE: self's */
} lair_walk;

/* Text under construction, or on its way to a stream. */
typedef struct lair_writer lair_writer;

/* Appends bytes of UTF-8, a C string, text in printf's manner. Not LAIR_OK: the error is set. */
LAIR_API lair_status lair_write(lair_writer *writer, const char *text, size_t bytes);
LAIR_API lair_status lair_write_text(lair_writer *writer, const char *text);
LAIR_API lair_status lair_write_format(lair_writer *writer, const char *format, ...)
    LAIR_PRINTF(2, 3);

/* -- the description of a type --------------------------------------------------------------- */

typedef enum lair_type_flags {
    LAIR_TYPE_CONTAINER = 1, /* instances may be part of a cycle: there are traverse and clear, or
                                links */
    LAIR_TYPE_IMMUTABLE = 2  /* instances never change: a copy is the object itself, unless it has a
                                copy function */
} lair_type_flags;

typedef struct lair_type_spec {
    const char *name; /* copied */
    size_t size;      /* bytes of an instance, the lair_object included */
    size_t item_size; /* bytes of each item that follows it, see lair_new_items; 0: none */
    unsigned flags;   /* lair_type_flags */
    size_t links; /* offset in the instance of references that lie in a row, each of which may */
    size_t link_count;  /* be NULL; and how many. See traverse. 0: none */
    size_t weakrefs;    /* offset in the instance of a `void *` for weak references; 0: instances
                           cannot be referred to weakly */
    unsigned free_list; /* dead instances kept for reuse at most (fixed size only); 0: none */
    const void *user;   /* the type's own, for lair_type_user */

    /* Gives up what the instance owns besides references, and its references: called once, when the
     * last reference is gone and after finalize. The block itself is the library's to free. NULL:
     * clear is called, or there is nothing to give up. Not called for instances that are alive when
     * their heap closes: their memory goes with it, and what they own elsewhere (an open file) is
     * theirs to lose, so hold such things in capsules (lair/capsule.h), which the heap closes. */
    void (*dealloc)(lair_object *self);
    /* Calls visit with every object self owns a reference to; returns what visit returned. A type
     * whose references are its links, all of them, leaves traverse and clear out: the library goes
     * through links by itself, and the collector is faster for it. */
    int (*traverse)(lair_object *self, lair_visit visit, void *arg);
    /* Drops every reference that could be part of a cycle, and stays valid. */
    void (*clear)(lair_object *self);
    /* Called once before the instance dies. May take references to self and so keep it alive. */
    void (*finalize)(lair_object *self);
    /* Bytes of memory the instance owns besides its block and other objects. */
    size_t (*size_of)(const lair_object *self);

    lair_step (*repr)(lair_writer *writer, lair_walk *walk, lair_frame *frame);
    lair_step (*hash)(lair_walk *walk, lair_frame *frame);
    lair_step (*equal)(lair_walk *walk, lair_frame *frame);
    lair_step (*compare)(lair_walk *walk, lair_frame *frame);
    /* Deep copy. In the first step sets frame->other to an empty copy, or to a new reference to
     * self when that will do; then asks for each child and puts walk->copied into the copy. */
    lair_step (*copy)(lair_walk *walk, lair_frame *frame);
    /* A copy that shares what self refers to: a new reference. */
    lair_object *(*shallow_copy)(lair_object *self);

    size_t (*length)(lair_object *self);
    lair_status (*contains)(lair_object *self, lair_object *item, bool *found);
    bool (*truth)(lair_object *self); /* else length != 0, else true */

    /* Iteration: sets up position and version (the rest is done); steps: sets key and item to new
     * references and returns true, or returns false. */
    void (*begin)(lair_cursor *at);
    bool (*next)(lair_cursor *at);
} lair_type_spec;

/* Makes the type for heap: a new reference, which every instance holds too. LAIR_ERR_INVALID names
 * what is wrong with the description. */
LAIR_API lair_type *lair_type_new(lair_heap *heap, const lair_type_spec *spec);

/* A type is an object. */
LAIR_API lair_object *lair_type_object(lair_type *type);

/* What the description gave as user. */
LAIR_API const void *lair_type_user(const lair_type *type);

/* Numbers of a type. */
typedef struct lair_type_stats {
    size_t instances; /* alive */
    size_t free_list; /* dead ones kept for reuse */
    uint64_t created; /* ever */
    uint64_t reused;  /* ... of these, from the free list */
} lair_type_stats;
LAIR_API void lair_type_get_stats(const lair_type *type, lair_type_stats *stats);

/* -- instances ------------------------------------------------------------------------------- */

/* A new instance with one reference; all but the lair_object is zero. */
LAIR_API lair_object *lair_new(lair_type *type);

/* ... followed by count items of item_size bytes, zero too. */
LAIR_API lair_object *lair_new_items(lair_type *type, size_t count);

/* The instance as its struct, or NULL when object is not of the type (LAIR_ERR_TYPE) or NULL (the
 * pending error stands). */
LAIR_API void *lair_instance_of(lair_object *object, const lair_type *type);

/* Memory of the object's own, from its heap; freed in dealloc with lair_heap_free. */
LAIR_API void *lair_own_alloc(lair_object *self, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_TYPE_H */

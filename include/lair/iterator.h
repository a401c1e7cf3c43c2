/* lair/iterator.h: items one after another, made when they are asked for.
 *
 * Everything here is iterated with lair_cursor_of / LAIR_EACH, or item by item with lair_next.
 */
#ifndef LAIR_ITERATOR_H
#define LAIR_ITERATOR_H

#include <lair/object.h>
#include <lair/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An object that walks over iterable; an iterator or generator is its own. It ends for good at the
 * end or a failure. Iterators and generators cannot be copied, deeply or not (LAIR_ERR_TYPE). */
LAIR_API lair_object *lair_iter(lair_object *iterable);

/* The next item of an iterator or generator, of a dict the next key: *item is a new reference, or
 * NULL at the end and on failure. One that asks itself for an item while it makes one is
 * LAIR_ERR_BUSY. */
LAIR_API lair_status lair_next(lair_object *iterator, lair_object **item);

/* -- generator ------------------------------------------------------------------------------- */

/* Makes the next item: a new reference; NULL with *status LAIR_OK (as it is on entry) at the end,
 * or with *status set to what went wrong. state is the program's, as long as the generator lives;
 * references that it holds go through the functions below. */
typedef lair_object *(*lair_generator_next)(lair_heap *heap, void *state, lair_status *status);

typedef struct lair_generator_spec {
    const char *name;         /* for its repr; not copied */
    size_t state_bytes;       /* of state, which starts as zeros (or a copy of `state` below) */
    lair_generator_next next; /* not called again after the end or a failure */
    int (*traverse)(void *state, lair_visit visit, void *arg); /* NULL: state holds no references */
    void (*finish)(void *state); /* drops them: once, at the end or a failure, or when the generator
                                    dies before; may be NULL */
} lair_generator_spec;

/* spec must outlive the generator; state (may be NULL) is copied. When this fails the caller still
 * owns what state refers to. */
LAIR_API lair_object *lair_generator_new(lair_heap *heap, const lair_generator_spec *spec,
                                         const void *state);

/* The ints from start up to (or down to), but not including, stop by step, as a generator. A step
 * of 0 is LAIR_ERR_VALUE. */
LAIR_API lair_object *lair_range(lair_heap *heap, int64_t start, int64_t stop, int64_t step);

/* -- lazy value ------------------------------------------------------------------------------ */

/* A value that is made when it is first asked for, and kept. make gives a new reference or NULL; a
 * failure is not kept. argument (may be NULL) is kept until the value is made. A value that asks
 * for itself while it is made is LAIR_ERR_BUSY. A copy shares, a deep copy copies the value or, as
 * long as it is not made, the argument, and makes its own. */
typedef lair_object *(*lair_lazy_make)(lair_heap *heap, lair_object *argument, void *arg);
LAIR_API lair_object *lair_lazy_new(lair_heap *heap, lair_lazy_make make, lair_object *argument,
                                    void *arg);
LAIR_API lair_object *lair_lazy_get(lair_object *lazy); /* BORROWED */
LAIR_API bool lair_lazy_is_made(const lair_object *lazy);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_ITERATOR_H */

/* set.h: sets and frozensets for the other files of the object model. */
#ifndef LAIR_OBJECT_SET_H
#define LAIR_OBJECT_SET_H

#include <lair/set.h>

#include "keyed.h"

/* A set is a struct keyed of its members. A frozenset remembers its hash besides; empty ones are
 * all one. */
struct frozenset {
    struct keyed keyed;
    uint64_t hash; /* 0: not computed yet */
};

static inline bool is_set(const lair_object *object)
{
    return is_kind(object, LAIR_KIND_SET) || is_kind(object, LAIR_KIND_FROZENSET);
}

/* Whether object is there and a set or a frozenset; else the error is set. */
static inline bool expect_set(const lair_object *object)
{
    return likely(object != NULL && is_set(object)) || expect(object, LAIR_KIND_SET);
}

/* An empty set or frozenset, which may be filled until somebody sees it. NULL: the error is set. */
struct keyed *set_make(struct space *space, lair_kind kind);

/* What was made, as the caller's caller gets it: the one empty frozenset for any other. Takes the
 * reference; NULL for NULL. */
lair_object *set_finish(struct keyed *set);

/* Adds what can be iterated. */
lair_status set_put_all(struct keyed *set, lair_object *iterable);

/* The empty frozenset. */
bool sets_make(struct space *space);
void sets_discard(struct space *space);

#endif /* LAIR_OBJECT_SET_H */

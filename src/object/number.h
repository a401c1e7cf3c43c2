/* number.h: none, bools, ints and floats, for the other files of the object model. */
#ifndef LAIR_OBJECT_NUMBER_H
#define LAIR_OBJECT_NUMBER_H

#include <lair/number.h>

#include "space.h"

struct int_object {
    lair_object object;
    int64_t value;
};

struct float_object {
    lair_object object;
    double value;
};

/* Bools are ints by another name. */
static inline bool is_int(const lair_object *object)
{
    return is_kind(object, LAIR_KIND_INT) || is_kind(object, LAIR_KIND_BOOL);
}

static inline bool is_number(const lair_object *object)
{
    return is_int(object) || is_kind(object, LAIR_KIND_FLOAT);
}

static inline int64_t int_value(const lair_object *object)
{
    return ((const struct int_object *)object)->value;
}

static inline double float_value(const lair_object *object)
{
    return ((const struct float_object *)object)->value;
}

/* An int as its own hash; what tables do with it spreads it. */
static inline uint64_t int_hash(int64_t value)
{
    return (uint64_t)value;
}

/* The order of an int and a float, which is no NaN, exactly. */
int compare_int_float(int64_t a, double b);

/* The shortest digits that read back as the same double, with a point where there is none. */
lair_status float_write(lair_writer *writer, double value);

/* What none does, and what was truncated. */
lair_step none_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame);
lair_step none_hash(lair_walk *walk, lair_frame *frame);
lair_step none_equal(lair_walk *walk, lair_frame *frame);
bool none_truth(lair_object *self);

/* The objects that exist once. */
bool numbers_make(struct space *space);
void numbers_discard(struct space *space);

#endif /* LAIR_OBJECT_NUMBER_H */

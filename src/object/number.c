/* number.c: none, bools, ints and floats. */
#include "number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "builtin.h"
#include "walk.h"

enum { NUMBER_FREE_LIST = 1024 };

/* -- making ---------------------------------------------------------------------------------- */

static lair_object *int_make(lair_type *type, int64_t value)
{
    struct int_object *made = object_alloc_fixed(type);
    if (made == NULL)
        return NULL;
    made->value = value;
    return &made->object;
}

lair_object *lair_int_new(lair_heap *heap, int64_t value)
{
    struct space *space = space_of(heap);
    if (unlikely(space == NULL))
        return NULL;
    if (value >= SMALL_INT_MIN && value < SMALL_INT_END)
        return space->small_ints[value - SMALL_INT_MIN];
    return int_make(builtin_type(space, LAIR_KIND_INT), value);
}

lair_object *lair_float_new(lair_heap *heap, double value)
{
    struct space *space = space_of(heap);
    if (unlikely(space == NULL))
        return NULL;
    struct float_object *made = object_alloc_fixed(builtin_type(space, LAIR_KIND_FLOAT));
    if (made == NULL)
        return NULL;
    made->value = value;
    return &made->object;
}

lair_object *lair_none(lair_heap *heap)
{
    struct space *space = space_of(heap);
    return space != NULL ? space->none : NULL;
}

lair_object *lair_bool(lair_heap *heap, bool value)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    return value ? space->yes : space->no;
}

static lair_object *immortal(lair_object *object)
{
    if (object != NULL)
        lair_immortalize(object);
    return object;
}

bool numbers_make(struct space *space)
{
    lair_type *ints = builtin_type(space, LAIR_KIND_INT);
    lair_type *none = builtin_type(space, LAIR_KIND_NONE);
    lair_type *bools = builtin_type(space, LAIR_KIND_BOOL);
    space->none = immortal(object_alloc_fixed(none));
    space->yes = immortal(int_make(bools, 1));
    space->no = immortal(int_make(bools, 0));
    bool made = space->none != NULL && space->yes != NULL && space->no != NULL;
    for (int i = 0; i < SMALL_INT_END - SMALL_INT_MIN && made; i++) {
        space->small_ints[i] = immortal(int_make(ints, i + SMALL_INT_MIN));
        made = space->small_ints[i] != NULL;
    }
    return made;
}

void numbers_discard(struct space *space)
{
    lair_heap_free(space->heap, space->none);
    lair_heap_free(space->heap, space->yes);
    lair_heap_free(space->heap, space->no);
    for (int i = 0; i < SMALL_INT_END - SMALL_INT_MIN; i++)
        lair_heap_free(space->heap, space->small_ints[i]);
}

/* -- reading --------------------------------------------------------------------------------- */

bool lair_is_none(const lair_object *object)
{
    return object != NULL &&
           (is_kind(object, LAIR_KIND_NONE) || is_kind(object, LAIR_KIND_TRUNCATED));
}

lair_status lair_int_get(const lair_object *object, int64_t *value)
{
    if (object == NULL || !is_int(object))
        return expect_slow(object, LAIR_KIND_INT) ? LAIR_OK : lair_error_status();
    *value = int_value(object);
    return LAIR_OK;
}

lair_status lair_float_get(const lair_object *object, double *value)
{
    if (object == NULL || !is_number(object))
        return expect_slow(object, LAIR_KIND_FLOAT) ? LAIR_OK : lair_error_status();
    *value = lair_float_value(object);
    return LAIR_OK;
}

int64_t lair_int_value(const lair_object *object)
{
    return object != NULL && is_int(object) ? int_value(object) : 0;
}

double lair_float_value(const lair_object *object)
{
    if (object != NULL && is_kind(object, LAIR_KIND_FLOAT))
        return float_value(object);
    return (double)lair_int_value(object);
}

/* -- arithmetic ------------------------------------------------------------------------------ */

typedef enum operation { ADD, SUBTRACT, MULTIPLY } operation;

static bool overflows(operation what, int64_t a, int64_t b, int64_t *result)
{
    switch (what) {
    case ADD:
        return __builtin_add_overflow(a, b, result);
    case SUBTRACT:
        return __builtin_sub_overflow(a, b, result);
    case MULTIPLY:
        break;
    }
    return __builtin_mul_overflow(a, b, result);
}

static double of_floats(operation what, double a, double b)
{
    switch (what) {
    case ADD:
        return a + b;
    case SUBTRACT:
        return a - b;
    case MULTIPLY:
        break;
    }
    return a * b;
}

static lair_object *calculate(operation what, lair_object *a, lair_object *b)
{
    if (a == NULL || b == NULL) {
        (void)pending_error();
        return NULL;
    }
    if (!is_number(a) || !is_number(b)) {
        (void)lair_fail(LAIR_ERR_TYPE, "numbers were expected, not a %s and a %s",
                        lair_type_name(a), lair_type_name(b));
        return NULL;
    }
    if (!is_int(a) || !is_int(b))
        return lair_float_new(lair_heap_of(a),
                              of_floats(what, lair_float_value(a), lair_float_value(b)));
    int64_t result;
    if (overflows(what, int_value(a), int_value(b), &result)) {
        static const char signs[] = {[ADD] = '+', [SUBTRACT] = '-', [MULTIPLY] = '*'};
        (void)lair_fail(LAIR_ERR_OVERFLOW,
                        "%" PRId64 " %c %" PRId64 " does not fit an int of 64 bits", int_value(a),
                        signs[what], int_value(b));
        return NULL;
    }
    return lair_int_new(lair_heap_of(a), result);
}

lair_object *lair_add(lair_object *a, lair_object *b)
{
    return calculate(ADD, a, b);
}

lair_object *lair_subtract(lair_object *a, lair_object *b)
{
    return calculate(SUBTRACT, a, b);
}

lair_object *lair_multiply(lair_object *a, lair_object *b)
{
    return calculate(MULTIPLY, a, b);
}

/* -- comparing and hashing ------------------------------------------------------------------- */

/* A double cannot hold every int of 64 bits. */
int compare_int_float(int64_t a, double b)
{
    if (b >= 0x1p63)
        return -1;
    if (b < -0x1p63)
        return 1;
    int64_t integer = (int64_t)b; /* cuts off what follows the point */
    double whole = (double)integer;
    if (a != integer)
        return a < integer ? -1 : 1;
    return whole < b ? -1 : whole > b ? 1 : 0;
}

/* The order of two numbers, neither of which is NaN. */
static int compare_numbers(const lair_object *a, const lair_object *b)
{
    if (is_int(a) && is_int(b))
        return (int_value(a) > int_value(b)) - (int_value(a) < int_value(b));
    if (is_int(a))
        return compare_int_float(int_value(a), float_value(b));
    if (is_int(b))
        return -compare_int_float(int_value(b), float_value(a));
    return (float_value(a) > float_value(b)) - (float_value(a) < float_value(b));
}

static bool is_nan(const lair_object *object)
{
    return is_kind(object, LAIR_KIND_FLOAT) && isnan(float_value(object));
}

static lair_step number_equal(lair_walk *walk, lair_frame *frame)
{
    bool nan = is_nan(frame->self) || is_nan(frame->other);
    walk->order = nan ? 1 : compare_numbers(frame->self, frame->other);
    return LAIR_STEP_DONE;
}

static lair_step number_compare(lair_walk *walk, lair_frame *frame)
{
    if (is_nan(frame->self) || is_nan(frame->other)) {
        (void)lair_fail(LAIR_ERR_VALUE, "NaN has no place in an order");
        return LAIR_STEP_FAILED;
    }
    walk->order = compare_numbers(frame->self, frame->other);
    return LAIR_STEP_DONE;
}

/* What was truncated is none too. */
lair_step none_equal(lair_walk *walk, lair_frame *frame)
{
    (void)frame;
    walk->order = 0;
    return LAIR_STEP_DONE;
}

lair_step none_hash(lair_walk *walk, lair_frame *frame)
{
    (void)frame;
    walk->hash = UINT64_C(0x6E6F6E65);
    return LAIR_STEP_DONE;
}

static lair_step int_hash_step(lair_walk *walk, lair_frame *frame)
{
    walk->hash = int_hash(int_value(frame->self));
    return LAIR_STEP_DONE;
}

/* A float that is an int hashes as that int, since the two are equal. Each NaN is equal to itself
 * alone, as a key is: were they to hash the same, many of them would collide. */
static lair_step float_hash_step(lair_walk *walk, lair_frame *frame)
{
    double value = float_value(frame->self);
    if (value >= -0x1p63 && value < 0x1p63 && value == (double)(int64_t)value) {
        walk->hash = int_hash((int64_t)value);
    } else if (isnan(value)) {
        walk->hash = (uintptr_t)frame->self >> 3;
    } else {
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        walk->hash = bits * UINT64_C(0x9E3779B97F4A7C15) ^ bits >> 32;
    }
    return LAIR_STEP_DONE;
}

/* -- text ------------------------------------------------------------------------------------ */

lair_step none_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk, (void)frame;
    return step_of(lair_write_text(writer, "None"));
}

static lair_step bool_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    return step_of(lair_write_text(writer, int_value(frame->self) != 0 ? "True" : "False"));
}

static lair_step int_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    return step_of(lair_write_format(writer, "%" PRId64, int_value(frame->self)));
}

lair_status float_write(lair_writer *writer, double value)
{
    char digits[40];
    if (isnan(value))
        return lair_write_text(writer, "nan");
    for (int precision = 15; precision <= 17; precision++) {
        (void)snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    char *comma = strchr(digits, ','); /* a locale's */
    if (comma != NULL)
        *comma = '.';
    if (strpbrk(digits, ".en") == NULL)
        memcpy(digits + strlen(digits), ".0", sizeof ".0");
    return lair_write_text(writer, digits);
}

static lair_step float_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    return step_of(float_write(writer, float_value(frame->self)));
}

bool none_truth(lair_object *self)
{
    (void)self;
    return false;
}

static bool int_truth(lair_object *self)
{
    return int_value(self) != 0;
}

static bool float_truth(lair_object *self)
{
    return float_value(self) != 0;
}

/* -- descriptions ---------------------------------------------------------------------------- */

const lair_type_spec none_spec = {
    .name = "none",
    .size = sizeof(lair_object) < 16 ? 16 : sizeof(lair_object),
    .flags = LAIR_TYPE_IMMUTABLE,
    .repr = none_repr,
    .hash = none_hash,
    .equal = none_equal,
    .truth = none_truth,
};

const lair_type_spec bool_spec = {
    .name = "bool",
    .size = sizeof(struct int_object),
    .flags = LAIR_TYPE_IMMUTABLE,
    .repr = bool_repr,
    .hash = int_hash_step,
    .equal = number_equal,
    .compare = number_compare,
    .truth = int_truth,
};

const lair_type_spec int_spec = {
    .name = "int",
    .size = sizeof(struct int_object),
    .flags = LAIR_TYPE_IMMUTABLE,
    .free_list = NUMBER_FREE_LIST,
    .repr = int_repr,
    .hash = int_hash_step,
    .equal = number_equal,
    .compare = number_compare,
    .truth = int_truth,
};

const lair_type_spec float_spec = {
    .name = "float",
    .size = sizeof(struct float_object),
    .flags = LAIR_TYPE_IMMUTABLE,
    .free_list = NUMBER_FREE_LIST,
    .repr = float_repr,
    .hash = float_hash_step,
    .equal = number_equal,
    .compare = number_compare,
    .truth = float_truth,
};

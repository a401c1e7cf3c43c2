/* cell.h: numbers as C keeps them, for packed records and arrays: their widths and ranges, and the
 * way from and to objects.
 */
#ifndef LAIR_OBJECT_CELL_H
#define LAIR_OBJECT_CELL_H

#include "number.h"
#include "writer.h"

/* As lair_packed_kind; as lair_array_kind, which has no bool, plus one. */
typedef enum cell_kind {
    CELL_BOOL,
    CELL_I8,
    CELL_U8,
    CELL_I16,
    CELL_U16,
    CELL_I32,
    CELL_U32,
    CELL_I64,
    CELL_F32,
    CELL_F64,
    CELL_OBJECT /* a reference, which is its owner's affair */
} cell_kind;

extern const uint8_t cell_bytes[CELL_OBJECT + 1];
extern const char *const cell_names[CELL_OBJECT + 1];

static inline bool cell_is_float(cell_kind kind)
{
    return kind == CELL_F32 || kind == CELL_F64;
}

/* -- numbers in C ---------------------------------------------------------------------------- */

/* The value of a cell that holds an int or a bool. */
static inline int64_t cell_int(cell_kind kind, const void *cell)
{
    switch (kind) {
    case CELL_BOOL:
    case CELL_U8:
        return *(const uint8_t *)cell;
    case CELL_I8:
        return *(const int8_t *)cell;
    case CELL_I16:
        return *(const int16_t *)cell;
    case CELL_U16:
        return *(const uint16_t *)cell;
    case CELL_I32:
        return *(const int32_t *)cell;
    case CELL_U32:
        return *(const uint32_t *)cell;
    default:
        return *(const int64_t *)cell;
    }
}

/* The value of any cell but a reference. */
static inline double cell_float(cell_kind kind, const void *cell)
{
    if (kind == CELL_F64)
        return *(const double *)cell;
    if (kind == CELL_F32)
        return (double)*(const float *)cell;
    return (double)cell_int(kind, cell);
}

/* Whether value fits a cell that holds ints or bools. */
static inline bool cell_fits(cell_kind kind, int64_t value)
{
    switch (kind) {
    case CELL_BOOL:
        return value == 0 || value == 1;
    case CELL_I8:
        return value == (int8_t)value;
    case CELL_U8:
        return value == (uint8_t)value;
    case CELL_I16:
        return value == (int16_t)value;
    case CELL_U16:
        return value == (uint16_t)value;
    case CELL_I32:
        return value == (int32_t)value;
    case CELL_U32:
        return value == (uint32_t)value;
    default:
        return true;
    }
}

/* Puts value, which fits, into a cell that holds ints or bools. */
static inline void cell_put_int(cell_kind kind, void *cell, int64_t value)
{
    switch (cell_bytes[kind]) {
    case 1:
        *(uint8_t *)cell = (uint8_t)value;
        break;
    case 2:
        *(uint16_t *)cell = (uint16_t)value;
        break;
    case 4:
        *(uint32_t *)cell = (uint32_t)value;
        break;
    default:
        *(int64_t *)cell = value;
    }
}

/* -- storing, checked ------------------------------------------------------------------------ */

/* Stores value in the cell of an owner, whose type the message names. LAIR_ERR_OVERFLOW,
 * LAIR_ERR_TYPE: the cell is as it was. */
lair_status cell_store_int_slow(cell_kind kind, void *cell, int64_t value,
                                const lair_object *owner);
static inline lair_status cell_store_int(cell_kind kind, void *cell, int64_t value,
                                         const lair_object *owner)
{
    if (unlikely(kind >= CELL_F32 || !cell_fits(kind, value)))
        return cell_store_int_slow(kind, cell, value, owner);
    cell_put_int(kind, cell, value);
    return LAIR_OK;
}

lair_status cell_store_float(cell_kind kind, void *cell, double value, const lair_object *owner);

/* ... the value of an object, which is not NULL. */
lair_status cell_store(cell_kind kind, void *cell, const lair_object *value,
                       const lair_object *owner);

/* -- objects and text ------------------------------------------------------------------------ */

/* The value as an object: a new reference. Not for references. */
lair_object *cell_object(lair_heap *heap, cell_kind kind, const void *cell);

lair_status cell_write(lair_writer *writer, cell_kind kind, const void *cell);

/* -- comparing by value ---------------------------------------------------------------------- */

/* Whether one of the cells holds NaN, which has no place in an order. */
bool cells_have_nan(cell_kind kind, const void *cell, cell_kind other_kind, const void *other);

/* < 0, 0, > 0; neither is NaN. */
int cell_compare(cell_kind kind, const void *cell, cell_kind other_kind, const void *other);

#endif /* LAIR_OBJECT_CELL_H */

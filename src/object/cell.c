/* cell.c: see cell.h. */
#include "cell.h"

#include <inttypes.h>
#include <math.h>

const uint8_t cell_bytes[CELL_OBJECT + 1] = {
    [CELL_BOOL] = 1, [CELL_I8] = 1,  [CELL_U8] = 1,     [CELL_I16] = 2,
    [CELL_U16] = 2,  [CELL_I32] = 4, [CELL_U32] = 4,    [CELL_I64] = 8,
    [CELL_F32] = 4,  [CELL_F64] = 8, [CELL_OBJECT] = 8,
};

const char *const cell_names[CELL_OBJECT + 1] = {
    [CELL_BOOL] = "bool", [CELL_I8] = "i8",   [CELL_U8] = "u8",         [CELL_I16] = "i16",
    [CELL_U16] = "u16",   [CELL_I32] = "i32", [CELL_U32] = "u32",       [CELL_I64] = "i64",
    [CELL_F32] = "f32",   [CELL_F64] = "f64", [CELL_OBJECT] = "object",
};

/* -- storing --------------------------------------------------------------------------------- */

static const char *article(const char *name)
{
    return strchr("aeiouAEIOU", name[0]) != NULL ? "an" : "a";
}

static lair_status wrong_type(cell_kind kind, const char *what, const lair_object *owner)
{
    const char *name = lair_type_name(owner);
    return lair_fail(LAIR_ERR_TYPE, "%s %s was given for a number of kind %s in %s %s",
                     article(what), what, cell_names[kind], article(name), name);
}

lair_status cell_store_int_slow(cell_kind kind, void *cell, int64_t value, const lair_object *owner)
{
    if (cell_is_float(kind))
        return cell_store_float(kind, cell, (double)value, owner);
    const char *name = lair_type_name(owner);
    return lair_fail(LAIR_ERR_OVERFLOW, "%" PRId64 " does not fit a number of kind %s in %s %s",
                     value, cell_names[kind], article(name), name);
}

lair_status cell_store_float(cell_kind kind, void *cell, double value, const lair_object *owner)
{
    if (kind == CELL_F64) {
        *(double *)cell = value;
        return LAIR_OK;
    }
    if (kind != CELL_F32)
        return wrong_type(kind, "float", owner);
    float narrow = (float)value;
    if (isinf(narrow) && !isinf(value)) {
        const char *name = lair_type_name(owner);
        return lair_fail(LAIR_ERR_OVERFLOW, "%g does not fit a number of kind f32 in %s %s", value,
                         article(name), name);
    }
    *(float *)cell = narrow;
    return LAIR_OK;
}

lair_status cell_store(cell_kind kind, void *cell, const lair_object *value,
                       const lair_object *owner)
{
    if (is_int(value))
        return cell_store_int(kind, cell, int_value(value), owner);
    if (is_kind(value, LAIR_KIND_FLOAT))
        return cell_store_float(kind, cell, float_value(value), owner);
    return wrong_type(kind, lair_type_name(value), owner);
}

/* -- objects and text ------------------------------------------------------------------------ */

lair_object *cell_object(lair_heap *heap, cell_kind kind, const void *cell)
{
    if (cell_is_float(kind))
        return lair_float_new(heap, cell_float(kind, cell));
    if (kind == CELL_BOOL)
        return lair_bool(heap, cell_int(kind, cell) != 0);
    return lair_int_new(heap, cell_int(kind, cell));
}

lair_status cell_write(lair_writer *writer, cell_kind kind, const void *cell)
{
    if (cell_is_float(kind))
        return float_write(writer, cell_float(kind, cell));
    if (kind == CELL_BOOL)
        return lair_write_text(writer, cell_int(kind, cell) != 0 ? "True" : "False");
    return lair_write_format(writer, "%" PRId64, cell_int(kind, cell));
}

/* -- comparing ------------------------------------------------------------------------------- */

bool cells_have_nan(cell_kind kind, const void *cell, cell_kind other_kind, const void *other)
{
    return (cell_is_float(kind) && isnan(cell_float(kind, cell))) ||
           (cell_is_float(other_kind) && isnan(cell_float(other_kind, other)));
}

int cell_compare(cell_kind kind, const void *cell, cell_kind other_kind, const void *other)
{
    if (!cell_is_float(kind) && !cell_is_float(other_kind)) {
        int64_t a = cell_int(kind, cell), b = cell_int(other_kind, other);
        return (a > b) - (a < b);
    }
    if (!cell_is_float(kind))
        return compare_int_float(cell_int(kind, cell), cell_float(other_kind, other));
    if (!cell_is_float(other_kind))
        return -compare_int_float(cell_int(other_kind, other), cell_float(kind, cell));
    double a = cell_float(kind, cell), b = cell_float(other_kind, other);
    return (a > b) - (a < b);
}

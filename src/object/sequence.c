/* sequence.c: see sequence.h. */
#include "sequence.h"

#include <lair/number.h>

/* state[0]: items done. */
lair_step sequence_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame, sequence row,
                        const char *open, const char *close)
{
    size_t done = frame->state[0]++;
    lair_status status = LAIR_OK;
    if (done == 0)
        status = lair_write_text(writer, open);
    else if (done < row.length)
        status = lair_write_text(writer, ", ");
    if (status != LAIR_OK)
        return LAIR_STEP_FAILED;
    if (done < row.length)
        return step_child(walk, row.items[done]);
    return step_of(lair_write_text(writer, close));
}

/* Items are mixed in as in xxHash, so that their order counts. state[1]: the hash so far. */
lair_step sequence_hash(lair_walk *walk, lair_frame *frame, sequence row)
{
    static const uint64_t prime_1 = UINT64_C(0x9E3779B185EBCA87);
    static const uint64_t prime_2 = UINT64_C(0xC2B2AE3D27D4EB4F);
    size_t done = frame->state[0]++;
    if (done != 0) {
        uint64_t mixed = frame->state[1] + walk->hash * prime_2;
        frame->state[1] = (mixed << 31 | mixed >> 33) * prime_1;
    }
    if (done < row.length)
        return step_child(walk, row.items[done]);
    walk->hash = frame->state[1] + (done ^ prime_1);
    return LAIR_STEP_DONE;
}

lair_step sequence_equal(lair_walk *walk, lair_frame *frame, sequence row, sequence other)
{
    size_t done = frame->state[0]++;
    if (row.length != other.length) {
        walk->order = 1;
        return LAIR_STEP_DONE;
    }
    if (done != 0 && walk->order != 0)
        return LAIR_STEP_DONE;
    if (done < row.length)
        return step_children(walk, row.items[done], other.items[done]);
    walk->order = 0;
    return LAIR_STEP_DONE;
}

lair_step sequence_compare(lair_walk *walk, lair_frame *frame, sequence row, sequence other)
{
    size_t done = frame->state[0]++;
    if (done != 0 && walk->order != 0)
        return LAIR_STEP_DONE;
    if (done < row.length && done < other.length)
        return step_children(walk, row.items[done], other.items[done]);
    walk->order = (row.length > other.length) - (row.length < other.length);
    return LAIR_STEP_DONE;
}

lair_status sequence_contains(sequence (*row_of)(const lair_object *), lair_object *self,
                              lair_object *item, bool *found)
{
    if (item == NULL)
        return pending_error();
    bool equal = false;
    for (size_t i = 0; i < row_of(self).length && !equal; i++) {
        LAIR_SCOPED lair_object *held = lair_incref(row_of(self).items[i]);
        equal = held == item;
        if (!equal && lair_equal(held, item, &equal) != LAIR_OK)
            return lair_error_status();
    }
    *found = equal;
    return LAIR_OK;
}

void slice_clamp(size_t length, size_t *start, size_t *end)
{
    if (*end > length)
        *end = length;
    if (*start > *end)
        *start = *end;
}

void items_drop(lair_object **items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        lair_decref(items[i]);
}

bool items_valid(lair_heap *heap, lair_object *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i] == NULL) {
            (void)pending_error();
            return false;
        }
        debug_alive(items[i]);
        if (items[i]->type->heap != heap) {
            (void)lair_fail(LAIR_ERR_WRONG_HEAP, "item %zu, a %s, is of another heap", i,
                            lair_type_name(items[i]));
            return false;
        }
    }
    return true;
}

/* weak_set.c: sets that do not keep their members alive. See weak_table.h. */
#include "builtin.h"
#include "weak_table.h"

lair_object *lair_weak_set_new(lair_heap *heap)
{
    return weak_table_new(heap, LAIR_KIND_WEAK_SET);
}

lair_status lair_weak_set_add(lair_object *self, lair_object *member)
{
    if (!expect(self, LAIR_KIND_WEAK_SET) || !same_heap(self, member))
        return lair_error_status();
    return weak_table_set(self, member, NULL);
}

lair_status lair_weak_set_discard(lair_object *self, lair_object *member, bool *was_there)
{
    bool there;
    if (!expect(self, LAIR_KIND_WEAK_SET) || weak_table_discard(self, member, &there) != LAIR_OK)
        return lair_error_status();
    if (was_there != NULL)
        *was_there = there;
    return LAIR_OK;
}

lair_status lair_weak_set_clear(lair_object *self)
{
    if (!expect(self, LAIR_KIND_WEAK_SET))
        return lair_error_status();
    weak_table_clear(self);
    return LAIR_OK;
}

/* All members are shared by the copy. */
static lair_step weak_set_deep_copy(lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    frame->other = weak_table_copy(frame->self);
    return frame->other != NULL ? LAIR_STEP_DONE : LAIR_STEP_FAILED;
}

const lair_type_spec weak_set_spec = {
    .name = "weak set",
    WEAK_TABLE_DESCRIPTION,
    .copy = weak_set_deep_copy,
};

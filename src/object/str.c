#include "str.h"
#include "builtin.h"
#include "writer.h"
struct str {
    OBJECT_HEAD;
    size_t bytes;
    char text[];
};
lair_object *str_from_valid(struct space *space, const char *text, size_t bytes)
{
    struct str *s =
        object_alloc(builtin_type(space, LAIR_KIND_STR), sizeof(struct str) + bytes + 1);
    if (!s)
        return NULL;
    s->bytes = bytes;
    if (bytes)
        memcpy(s->text, text, bytes);
    s->text[bytes] = 0;
    return &s->object;
}
lair_object *lair_str_new(lair_heap *heap, const char *text)
{
    struct space *space = space_of(heap);
    return space ? str_from_valid(space, text, strlen(text)) : NULL;
}
const char *lair_str_text(const lair_object *o)
{
    return ((const struct str *)o)->text;
}
size_t lair_str_bytes(const lair_object *o)
{
    return ((const struct str *)o)->bytes;
}
static lair_step str_repr(lair_writer *w, lair_walk *k, lair_frame *f)
{
    (void)k;
    return writer_quote(w, lair_str_text(f->self), lair_str_bytes(f->self)) == LAIR_OK
               ? LAIR_STEP_DONE
               : LAIR_STEP_FAILED;
}
const lair_type_spec str_spec = {.name = "str",
                                 .size = sizeof(struct str),
                                 .item_size = 1,
                                 .flags = LAIR_TYPE_IMMUTABLE,
                                 .repr = str_repr};

/* bytes.c: bytes, laid out as strs are (str.h). */
#include "bytes.h"

#include "builtin.h"
#include "find.h"
#include "number.h"
#include "sequence.h"
#include "str.h"

/* -- making ---------------------------------------------------------------------------------- */

static lair_object *from_data(struct space *space, const void *data, size_t size)
{
    if (size == 0)
        return space->empty_bytes;
    struct str *bytes = text_alloc(builtin_type(space, LAIR_KIND_BYTES), size, false);
    if (bytes == NULL)
        return NULL;
    text_copy(bytes->text, data, size);
    return &bytes->object;
}

/* The heap knows memory that is zero already. */
static lair_object *zeros(struct space *space, size_t size)
{
    lair_type *type = builtin_type(space, LAIR_KIND_BYTES);
    struct str *block = NULL;
    if (text_size_valid(type, size))
        block = lair_heap_calloc(space->heap, 1, str_block_bytes(size));
    return block != NULL ? text_adopt(type, block, size, false) : NULL;
}

lair_object *lair_bytes_new(lair_heap *heap, const void *data, size_t size)
{
    struct space *space = space_of(heap);
    if (space == NULL)
        return NULL;
    return data != NULL || size == 0 ? from_data(space, data, size) : zeros(space, size);
}

bool bytes_make(struct space *space)
{
    struct str *empty = text_alloc(builtin_type(space, LAIR_KIND_BYTES), 0, false);
    if (empty == NULL)
        return false;
    lair_immortalize(&empty->object);
    space->empty_bytes = &empty->object;
    return true;
}

void bytes_discard(struct space *space)
{
    lair_heap_free(space->heap, space->empty_bytes);
}

/* -- reading --------------------------------------------------------------------------------- */

static inline const unsigned char *data_of(const lair_object *bytes)
{
    return (const unsigned char *)str_text(bytes);
}

const unsigned char *lair_bytes_data(const lair_object *bytes)
{
    return expect(bytes, LAIR_KIND_BYTES) ? data_of(bytes) : NULL;
}

size_t lair_bytes_size(const lair_object *bytes)
{
    return expect(bytes, LAIR_KIND_BYTES) ? str_bytes(bytes) : SIZE_MAX;
}

/* -- new ones from others -------------------------------------------------------------------- */

lair_object *lair_bytes_concat(lair_object *a, lair_object *b)
{
    if (!expect(a, LAIR_KIND_BYTES) || !expect(b, LAIR_KIND_BYTES) || !same_heap(a, b))
        return NULL;
    size_t size_a = str_bytes(a), size_b = str_bytes(b);
    if (size_a == 0 || size_b == 0)
        return lair_incref(size_a == 0 ? b : a);
    struct str *both = text_alloc(a->type, size_a + size_b, false);
    if (both == NULL)
        return NULL;
    text_copy(both->text, str_text(a), size_a);
    text_copy(both->text + size_a, str_text(b), size_b);
    return &both->object;
}

lair_object *lair_bytes_slice(lair_object *bytes, size_t start, size_t end)
{
    if (!expect(bytes, LAIR_KIND_BYTES))
        return NULL;
    slice_clamp(str_bytes(bytes), &start, &end);
    if (start == 0 && end == str_bytes(bytes))
        return lair_incref(bytes);
    return from_data(bytes->type->space, str_text(bytes) + start, end - start);
}

lair_object *lair_bytes_decode(lair_object *bytes)
{
    if (!expect(bytes, LAIR_KIND_BYTES))
        return NULL;
    bool wide;
    if (!text_valid(str_text(bytes), str_bytes(bytes), &wide))
        return NULL;
    return str_from_known(bytes->type->space, str_text(bytes), str_bytes(bytes), wide);
}

lair_object *lair_str_encode(lair_object *str)
{
    if (!expect(str, LAIR_KIND_STR))
        return NULL;
    return from_data(str->type->space, str_text(str), str_bytes(str));
}

/* -- the type -------------------------------------------------------------------------------- */

static lair_step bytes_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    lair_status status = lair_write(writer, "b", 1);
    if (status == LAIR_OK)
        status = writer_quote_bytes(writer, str_text(frame->self), str_bytes(frame->self));
    return step_of(status);
}

static size_t bytes_length(lair_object *self)
{
    return str_bytes(self);
}

/* A part, or a byte as an int. */
static lair_status bytes_contains(lair_object *self, lair_object *item, bool *found)
{
    const char *text = str_text(self);
    if (item != NULL && is_int(item)) {
        int64_t value = int_value(item);
        if (value < 0 || value > UINT8_MAX)
            return lair_fail(LAIR_ERR_VALUE, "%lld is no byte", (long long)value);
        *found = memchr(text, (int)value, str_bytes(self)) != NULL;
        return LAIR_OK;
    }
    if (!expect(item, LAIR_KIND_BYTES))
        return lair_error_status();
    *found = text_find(text, str_bytes(self), str_text(item), str_bytes(item)) != SIZE_MAX;
    return LAIR_OK;
}

static void bytes_begin(lair_cursor *at)
{
    (void)at;
}

/* Bytes are small ints, which exist already. */
static bool bytes_next(lair_cursor *at)
{
    if (at->position >= str_bytes(at->container))
        return false;
    at->item = lair_int_new(lair_heap_of(at->container), data_of(at->container)[at->position++]);
    return true;
}

const lair_type_spec bytes_spec = {
    .name = "bytes",
    .size = sizeof(struct str),
    .item_size = 1,
    .flags = LAIR_TYPE_IMMUTABLE,
    .repr = bytes_repr,
    .hash = text_hash_step,
    .equal = text_equal_step,
    .compare = text_compare_step,
    .length = bytes_length,
    .contains = bytes_contains,
    .begin = bytes_begin,
    .next = bytes_next,
};

/* str_builder.c: strs built piece by piece, and in printf's manner.
 *
 * The text grows where a str has it, in a block with room for the rest of the str before it.
 */
#include <stdarg.h>
#include <stdio.h>

#include "str.h"

enum {
    CAPACITY_MIN = 128 - (int)offsetof(struct str, text) - 1,
    DOUBLED_MAX = 256 * 1024,
    FORMAT_AT_HAND = 256,
};

/* -- room ------------------------------------------------------------------------------------ */

/* The block of a builder that has text. */
static inline struct str *block_of(const lair_str_builder *builder)
{
    return (struct str *)(void *)(builder->text - offsetof(struct str, text));
}

static lair_status failed(lair_str_builder *builder, lair_status status)
{
    builder->status = status;
    return status;
}

static lair_status set_capacity(lair_str_builder *builder, size_t capacity)
{
    if (capacity > STR_BYTES_MAX)
        return failed(builder, lair_fail(LAIR_ERR_OVERFLOW, "a str of %zu bytes", capacity));
    struct str *block = builder->text != NULL ? block_of(builder) : NULL;
    block = lair_heap_realloc(builder->heap, block, str_block_bytes(capacity));
    if (block == NULL)
        return failed(builder, lair_error_status());
    builder->text = block->text;
    builder->capacity = capacity;
    return LAIR_OK;
}

/* Room for more bytes and as much again; large texts, which may grow where they are, take less. */
static lair_status grow(lair_str_builder *builder, size_t more)
{
    size_t needed;
    if (__builtin_add_overflow(builder->bytes, more, &needed))
        needed = SIZE_MAX;
    size_t capacity = needed <= DOUBLED_MAX ? needed * 2 : needed + needed / 2;
    if (capacity < CAPACITY_MIN)
        capacity = CAPACITY_MIN;
    return set_capacity(builder, needed <= STR_BYTES_MAX / 2 ? capacity : needed);
}

lair_str_builder lair_str_builder_of(lair_heap *heap, size_t reserve_bytes)
{
    lair_str_builder builder = {.heap = heap};
    if (space_of(heap) == NULL)
        builder.status = lair_error_status();
    else if (reserve_bytes != 0)
        (void)set_capacity(&builder, reserve_bytes);
    return builder;
}

/* -- pieces ---------------------------------------------------------------------------------- */

static inline lair_status add(lair_str_builder *builder, const char *text, size_t bytes)
{
    if (unlikely(builder->status != LAIR_OK))
        return builder->status;
    if (unlikely(bytes > builder->capacity - builder->bytes) && grow(builder, bytes) != LAIR_OK)
        return builder->status;
    if (likely(bytes != 0))
        text_copy(builder->text + builder->bytes, text, bytes);
    builder->bytes += bytes;
    return LAIR_OK;
}

lair_status lair_str_builder_add(lair_str_builder *builder, const char *text, size_t bytes)
{
    if (unlikely(text == NULL && bytes != 0) && builder->status == LAIR_OK)
        return failed(builder, lair_fail(LAIR_ERR_INVALID, "the text is NULL"));
    return add(builder, text, bytes);
}

lair_status lair_str_builder_add_str(lair_str_builder *builder, lair_object *str)
{
    if (unlikely(builder->status != LAIR_OK))
        return builder->status;
    if (unlikely(!expect(str, LAIR_KIND_STR)))
        return failed(builder, lair_error_status());
    return add(builder, str_text(str), str_bytes(str));
}

static lair_status add_formatted(lair_str_builder *builder, const char *format, va_list arguments)
{
    if (builder->status != LAIR_OK)
        return builder->status;
    char at_hand[FORMAT_AT_HAND];
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(at_hand, sizeof at_hand, format, arguments);
    size_t bytes = (size_t)length;
    if (length < 0) {
        (void)failed(builder,
                     lair_fail(LAIR_ERR_INVALID, "the format '%s' cannot be written", format));
    } else if (bytes < sizeof at_hand) {
        (void)add(builder, at_hand, bytes);
    } else if (bytes <= builder->capacity - builder->bytes || grow(builder, bytes) == LAIR_OK) {
        /* the zero has its place behind the capacity */
        (void)vsnprintf(builder->text + builder->bytes, bytes + 1, format, again);
        builder->bytes += bytes;
    }
    va_end(again);
    return builder->status;
}

lair_status lair_str_builder_format(lair_str_builder *builder, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    lair_status status = add_formatted(builder, format, arguments);
    va_end(arguments);
    return status;
}

/* -- the end --------------------------------------------------------------------------------- */

void lair_str_builder_drop(lair_str_builder *builder)
{
    if (builder->text != NULL)
        lair_heap_free(builder->heap, block_of(builder));
    *builder = (lair_str_builder){.heap = builder->heap};
}

lair_object *lair_str_builder_end(lair_str_builder *builder)
{
    struct space *space = builder->status == LAIR_OK ? space_of(builder->heap) : NULL;
    lair_object *str = NULL;
    if (builder->status != LAIR_OK && lair_error_status() != builder->status)
        (void)lair_fail(builder->status, "a piece could not be added to a str");
    if (space != NULL && builder->text == NULL) {
        str = space->empty_str;
    } else if (space != NULL) {
        bool wide;
        if (text_valid(builder->text, builder->bytes, &wide)) {
            str = str_adopt(space, block_of(builder), builder->bytes, wide);
            builder->text = NULL;
        }
    }
    lair_str_builder_drop(builder);
    return str;
}

lair_object *lair_str_format(lair_heap *heap, const char *format, ...)
{
    lair_str_builder builder = lair_str_builder_of(heap, 0);
    va_list arguments;
    va_start(arguments, format);
    (void)add_formatted(&builder, format, arguments);
    va_end(arguments);
    return lair_str_builder_end(&builder);
}

/* str_edit.c: new strs from parts of others: concat, join, slice, split, replace; and find. */
#include "find.h"
#include "list.h"
#include "sequence.h"
#include "str.h"
#include "tuple.h"
#include "utf8.h"

/* The bytes of str from start up to end, both at the beginning of a character or at the end. */
static lair_object *part_of(lair_object *str, size_t start, size_t end)
{
    if (start == 0 && end == str_bytes(str))
        return lair_incref(str);
    struct space *space = str->type->space;
    const char *text = str_text(str) + start;
    return str_is_ascii(str) ? str_from_known(space, text, end - start, false)
                             : str_from_valid(space, text, end - start);
}

/* Position in bytes of part in str from start on, or SIZE_MAX. In UTF-8 no character is found
 * inside another. */
static inline size_t find_bytes(const lair_object *str, size_t start, const lair_object *part)
{
    size_t found =
        text_find(str_text(str) + start, str_bytes(str) - start, str_text(part), str_bytes(part));
    return found != SIZE_MAX ? start + found : SIZE_MAX;
}

/* Whether both are strs of one heap; else the error is set. */
static inline bool expect_two(const lair_object *a, const lair_object *b)
{
    return expect(a, LAIR_KIND_STR) && expect(b, LAIR_KIND_STR) && same_heap(a, b);
}

/* -- putting together ------------------------------------------------------------------------ */

lair_object *lair_str_concat(lair_object *a, lair_object *b)
{
    if (!expect_two(a, b))
        return NULL;
    size_t bytes_a = str_bytes(a), bytes_b = str_bytes(b);
    if (bytes_a == 0 || bytes_b == 0)
        return lair_incref(bytes_a == 0 ? b : a);
    struct str *both = str_alloc(a->type->space, bytes_a + bytes_b,
                                 ((str_of(a)->size | str_of(b)->size) & STR_WIDE) != 0);
    if (both == NULL)
        return NULL;
    text_copy(both->text, str_text(a), bytes_a);
    text_copy(both->text + bytes_a, str_text(b), bytes_b);
    return &both->object;
}

/* The items of a list or tuple; else the error is set. */
static bool row_of(const lair_object *parts, sequence *row)
{
    if (lair_is(parts, LAIR_KIND_TUPLE)) {
        *row = (sequence){tuple_of(parts)->items, tuple_length(parts)};
        return true;
    }
    if (!expect(parts, LAIR_KIND_LIST))
        return false;
    *row = list_row(parts);
    return true;
}

/* The size of a row joined, and the flags of all its strs together. */
static bool measure(sequence row, const lair_object *separator, size_t *bytes, uint32_t *flags)
{
    size_t between = str_bytes(separator);
    *bytes = 0;
    *flags = row.length > 1 ? str_of(separator)->size : 0;
    for (size_t i = 0; i < row.length; i++) {
        if (unlikely(!is_kind(row.items[i], LAIR_KIND_STR))) {
            (void)lair_fail(LAIR_ERR_TYPE, "part %zu to be joined is a %s, not a str", i,
                            lair_type_name(row.items[i]));
            return false;
        }
        size_t more = str_bytes(row.items[i]) + (i != 0 ? between : 0);
        if (unlikely(__builtin_add_overflow(*bytes, more, bytes))) {
            (void)lair_fail(LAIR_ERR_OVERFLOW, "%zu parts are too long to be joined", row.length);
            return false;
        }
        *flags |= str_of(row.items[i])->size;
    }
    return true;
}

/* Takes the row again: to get memory may have run the heap's listener, and that may have changed a
 * list. Else the error is set. */
static bool row_again(const lair_object *parts, const lair_object *separator, sequence *row,
                      size_t bytes, uint32_t flags)
{
    size_t bytes_now;
    uint32_t flags_now;
    if (row_of(parts, row) && measure(*row, separator, &bytes_now, &flags_now) &&
        bytes_now == bytes && ((flags_now ^ flags) & STR_WIDE) == 0)
        return true;
    (void)lair_fail(LAIR_ERR_CHANGED, "the parts changed while they were joined");
    return false;
}

lair_object *lair_str_join(lair_object *separator, lair_object *parts)
{
    sequence row;
    size_t bytes;
    uint32_t flags;
    if (!expect(separator, LAIR_KIND_STR) || !row_of(parts, &row) || !same_heap(separator, parts) ||
        !measure(row, separator, &bytes, &flags))
        return NULL;
    if (bytes == 0)
        return separator->type->space->empty_str;
    if (row.length == 1)
        return lair_incref(row.items[0]);
    if (bytes == 1) { /* one of them, among empty ones */
        size_t i = 0;
        while (i < row.length && str_bytes(row.items[i]) == 0)
            i++;
        return lair_incref(i < row.length ? row.items[i] : separator);
    }
    struct str *joined = str_alloc(separator->type->space, bytes, (flags & STR_WIDE) != 0);
    if (joined == NULL)
        return NULL;
    if (unlikely(separator->type->heap->listener != NULL) &&
        !row_again(parts, separator, &row, bytes, flags)) {
        lair_decref(&joined->object);
        return NULL;
    }
    const char *between = str_text(separator);
    size_t between_bytes = str_bytes(separator);
    char *to = joined->text;
    for (size_t i = 0; i < row.length; i++) {
        if (i != 0) {
            text_copy(to, between, between_bytes);
            to += between_bytes;
        }
        size_t part_bytes = str_bytes(row.items[i]);
        text_copy(to, str_text(row.items[i]), part_bytes);
        to += part_bytes;
    }
    return &joined->object;
}

/* -- taking apart ---------------------------------------------------------------------------- */

lair_object *lair_str_slice(lair_object *str, size_t start, size_t end)
{
    if (!expect(str, LAIR_KIND_STR))
        return NULL;
    size_t bytes = str_bytes(str);
    if (!str_is_ascii(str) && start < end) {
        size_t characters = end - start;
        start = utf8_offset(str_text(str), bytes, start);
        end = start + utf8_offset(str_text(str) + start, bytes - start, characters);
    }
    slice_clamp(bytes, &start, &end);
    return part_of(str, start, end);
}

/* What str.isspace of Python says. */
static bool is_space(uint32_t character)
{
    if (character < 0x80)
        return (character >= 0x09 && character <= 0x0d) || (character >= 0x1c && character <= 0x20);
    return character == 0x85 || character == 0xa0 || character == 0x1680 ||
           (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
           character == 0x2029 || character == 0x202f || character == 0x205f || character == 0x3000;
}

/* Position of the first character from start on that is, or is not, white space; or bytes. */
static size_t skip(const char *text, size_t start, size_t bytes, bool space)
{
    while (start < bytes && is_space(utf8_decode(text + start)) == space)
        start += utf8_width(text[start]);
    return start;
}

static lair_status split_at_space(lair_object *str, lair_object *list)
{
    const char *text = str_text(str);
    size_t bytes = str_bytes(str);
    size_t start = skip(text, 0, bytes, true);
    while (start < bytes) {
        size_t end = skip(text, start, bytes, false);
        if (lair_list_append_new(list, part_of(str, start, end)) != LAIR_OK)
            return lair_error_status();
        start = skip(text, end, bytes, true);
    }
    return LAIR_OK;
}

static lair_status split_at(lair_object *str, lair_object *separator, lair_object *list)
{
    for (size_t start = 0;;) {
        size_t end = find_bytes(str, start, separator);
        bool last = end == SIZE_MAX;
        lair_object *part = part_of(str, start, last ? str_bytes(str) : end);
        lair_status status = lair_list_append_new(list, part);
        if (last || status != LAIR_OK)
            return status;
        start = end + str_bytes(separator);
    }
}

/* Whether a text to look for has a place of its own; else the error is set. */
static bool expect_some(const lair_object *part, const char *what)
{
    if (str_bytes(part) != 0)
        return true;
    (void)lair_fail(LAIR_ERR_VALUE, "%s is empty", what);
    return false;
}

lair_object *lair_str_split(lair_object *str, lair_object *separator)
{
    if (!expect(str, LAIR_KIND_STR))
        return NULL;
    if (separator != NULL &&
        (!expect_two(str, separator) || !expect_some(separator, "the separator")))
        return NULL;
    LAIR_SCOPED lair_object *list = lair_list_new(lair_heap_of(str));
    if (list == NULL)
        return NULL;
    lair_status status =
        separator != NULL ? split_at(str, separator, list) : split_at_space(str, list);
    return status == LAIR_OK ? lair_steal(&list) : NULL;
}

lair_object *lair_str_strip(lair_object *str)
{
    if (!expect(str, LAIR_KIND_STR))
        return NULL;
    const char *text = str_text(str);
    size_t end = str_bytes(str), start = skip(text, 0, end, true);
    while (end > start) {
        size_t last = end - 1;
        while (utf8_is_continuation(text[last]))
            last--;
        if (!is_space(utf8_decode(text + last)))
            break;
        end = last;
    }
    return part_of(str, start, end);
}

/* -- finding --------------------------------------------------------------------------------- */

size_t lair_str_find(lair_object *str, lair_object *part)
{
    if (!expect(str, LAIR_KIND_STR) || !expect(part, LAIR_KIND_STR))
        return SIZE_MAX;
    size_t found = find_bytes(str, 0, part);
    return found == SIZE_MAX || str_is_ascii(str) ? found : utf8_length(str_text(str), found);
}

bool lair_str_starts_with(lair_object *str, lair_object *part)
{
    return expect(str, LAIR_KIND_STR) && expect(part, LAIR_KIND_STR) &&
           str_bytes(part) <= str_bytes(str) &&
           text_same(str_text(str), str_text(part), str_bytes(part));
}

bool lair_str_ends_with(lair_object *str, lair_object *part)
{
    return expect(str, LAIR_KIND_STR) && expect(part, LAIR_KIND_STR) &&
           str_bytes(part) <= str_bytes(str) &&
           text_same(str_text(str) + (str_bytes(str) - str_bytes(part)), str_text(part),
                     str_bytes(part));
}

lair_object *lair_str_replace(lair_object *str, lair_object *part, lair_object *by)
{
    if (!expect_two(str, part) || !expect_two(str, by) || !expect_some(part, "the part to replace"))
        return NULL;
    size_t found = find_bytes(str, 0, part);
    if (found == SIZE_MAX)
        return lair_incref(str);
    lair_str_builder builder = lair_str_builder_of(lair_heap_of(str), str_bytes(str));
    size_t done = 0;
    for (; found != SIZE_MAX && builder.status == LAIR_OK; found = find_bytes(str, done, part)) {
        (void)lair_str_builder_add(&builder, str_text(str) + done, found - done);
        (void)lair_str_builder_add_str(&builder, by);
        done = found + str_bytes(part);
    }
    (void)lair_str_builder_add(&builder, str_text(str) + done, str_bytes(str) - done);
    return lair_str_builder_end(&builder);
}

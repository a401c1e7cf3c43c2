/* fuzz_str.c: any bytes are a str or refused at the right place, and what is done with a str agrees
 * with the same done slowly, on an array of characters.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lair/lair.h>

#include "check.h"
#include "object/find.h"
#include "object/intern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* -- the slow way ---------------------------------------------------------------------------- */

/* Characters of a text, with where each begins. */
typedef struct slow_text {
    uint32_t *characters;
    size_t *begins; /* one more than characters: the end */
    size_t length;
    size_t bad; /* position of the first bad byte; SIZE_MAX: none */
} slow_text;

/* Encodes a character: the only knowledge of UTF-8 here. Returns its bytes, 0 for what is none. */
static size_t encode(uint32_t character, uint8_t *to)
{
    if (character >= 0xd800 && character <= 0xdfff)
        return 0;
    if (character < 0x80) {
        to[0] = (uint8_t)character;
        return 1;
    }
    size_t width = character < 0x800 ? 2 : character < 0x10000 ? 3 : character < 0x110000 ? 4 : 0;
    static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = width; i-- > 1; character >>= 6)
        to[i] = (uint8_t)(0x80 + character % 64);
    if (width != 0)
        to[0] = (uint8_t)(marks[width] + character);
    return width;
}

/* The character whose encoding stands at data: of those that the payload of one to four bytes could
 * mean, the one that is encoded as just these bytes. 0 bytes: none. */
static size_t decode(const uint8_t *data, size_t size, uint32_t *character)
{
    static const uint32_t payload[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    for (size_t width = 1; width <= 4 && width <= size; width++) {
        uint8_t again[4];
        *character = data[0] & payload[width];
        for (size_t i = 1; i < width; i++)
            *character = *character * 64 + (data[i] & 0x3f);
        if (encode(*character, again) == width && memcmp(again, data, width) == 0)
            return width;
    }
    return 0;
}

static slow_text slow_open(const uint8_t *data, size_t size)
{
    slow_text slow = {
        .characters = calloc(size + 1, sizeof(uint32_t)),
        .begins = calloc(size + 1, sizeof(size_t)),
        .bad = SIZE_MAX,
    };
    REQUIRE(slow.characters != NULL && slow.begins != NULL);
    size_t at = 0;
    while (at < size) {
        slow.begins[slow.length] = at;
        size_t width = decode(data + at, size - at, &slow.characters[slow.length]);
        if (width == 0) {
            slow.bad = at;
            break;
        }
        slow.length++;
        at += width;
    }
    slow.begins[slow.length] = at;
    return slow;
}

static void slow_close(slow_text *slow)
{
    free(slow->characters);
    free(slow->begins);
}

/* -- one input ------------------------------------------------------------------------------- */

static bool has_text(const lair_object *str, const uint8_t *data, size_t size)
{
    return str != NULL && lair_str_bytes(str) == size &&
           memcmp(lair_str_text(str), data, size) == 0 && lair_str_text(str)[size] == '\0';
}

static void check_characters(lair_object *str, const uint8_t *data, const slow_text *slow)
{
    size_t i = 0;
    CHECK(lair_length(str) == slow->length);
    LAIR_EACH(at, str)
    {
        REQUIRE(i < slow->length);
        CHECK(has_text(at.item, data + slow->begins[i], slow->begins[i + 1] - slow->begins[i]));
        i++;
    }
    CHECK(i == slow->length);
}

/* A copy that ends where its memory ends, for what would read beyond. */
static char *copy_of(const void *data, size_t size)
{
    char *copy = malloc(size + (size == 0));
    REQUIRE(copy != NULL);
    if (size != 0)
        memcpy(copy, data, size);
    return copy;
}

/* Slices and searches at places that the input chooses. */
static void check_parts(lair_object *str, const uint8_t *data, size_t size, const slow_text *slow)
{
    for (size_t i = 0; i + 1 < size && i < 64; i += 2) {
        size_t start = ((size_t)data[i] * 256 + data[i + 1]) % (slow->length + 2);
        size_t end = start + data[i + 1] % 40;
        size_t last = end < slow->length ? end : slow->length;
        size_t first = start < last ? start : last;
        const uint8_t *from = data + slow->begins[first];
        size_t bytes = slow->begins[last] - slow->begins[first];
        LAIR_SCOPED lair_object *slice = lair_str_slice(str, start, end);
        CHECK(has_text(slice, from, bytes));
        size_t place = 0; /* where it stands first */
        while (memcmp(data + slow->begins[place], from, bytes) != 0)
            place++;
        CHECK(lair_str_find(str, slice) == place);
        char *part = copy_of(from, bytes);
        CHECK(text_find((const char *)data, size, part, bytes) == slow->begins[place]);
        free(part);
        if (bytes == 0)
            continue;
        LAIR_SCOPED lair_object *parts = lair_str_split(str, slice);
        LAIR_SCOPED lair_object *joined = lair_str_join(slice, parts);
        CHECK(has_text(joined, data, size));
        LAIR_SCOPED lair_object *replaced = lair_str_replace(str, slice, slice);
        CHECK(has_text(replaced, data, size));
    }
}

static void check_good(lair_heap *heap, lair_object *str, const uint8_t *data, size_t size,
                       const slow_text *slow)
{
    CHECK(has_text(str, data, size));
    CHECK(lair_str_is_ascii(str) == (slow->length == size));
    check_characters(str, data, slow);
    check_parts(str, data, size, slow);
    LAIR_SCOPED lair_object *lossy = lair_str_new_lossy(heap, (const char *)data, size);
    CHECK(has_text(lossy, data, size));
    LAIR_SCOPED lair_object *interned = lair_str_intern(str);
    LAIR_SCOPED lair_object *again = lair_str_intern_n(heap, (const char *)data, size);
    CHECK(interned == str && again == str);
    LAIR_SCOPED lair_object *words = lair_str_split(str, NULL);
    LAIR_SCOPED lair_object *stripped = lair_str_strip(str);
    CHECK(lair_str_starts_with(lossy, str) && lair_str_ends_with(str, lossy));
    CHECK((lair_list_length(words) == 0) == (lair_str_bytes(stripped) == 0));
    LAIR_SCOPED lair_object *repr = lair_repr(str);
    slow_text shown = slow_open((const uint8_t *)lair_str_text(repr), lair_str_bytes(repr));
    CHECK(shown.bad == SIZE_MAX && shown.length >= slow->length + 2);
    slow_close(&shown);
}

static void check_bad(lair_heap *heap, const uint8_t *data, size_t size, const slow_text *slow)
{
    char position[40];
    CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
    snprintf(position, sizeof position, "position %zu of %zu", slow->bad, size);
    CHECK(strstr(lair_error_message(), position) != NULL);
    CHECK(lair_str_intern_n(heap, (const char *)data, size) == NULL);
    LAIR_SCOPED lair_object *lossy = lair_str_new_lossy(heap, (const char *)data, size);
    REQUIRE(lossy != NULL);
    slow_text whole = slow_open((const uint8_t *)lair_str_text(lossy), lair_str_bytes(lossy));
    CHECK(whole.bad == SIZE_MAX && whole.length > slow->length);
    CHECK(memcmp(lair_str_text(lossy), data, slow->bad) == 0);
    CHECK(whole.characters[slow->length] == 0xfffd);
    slow_close(&whole);
}

/* The same in pieces, cut where the input says. */
static lair_object *build(lair_heap *heap, const uint8_t *data, size_t size)
{
    lair_str_builder builder = lair_str_builder_of(heap, 0);
    for (size_t at = 0; at < size;) {
        size_t piece = 1 + data[at] % 23;
        piece = piece < size - at ? piece : size - at;
        CHECK(lair_str_builder_add(&builder, (const char *)data + at, piece) == LAIR_OK);
        at += piece;
    }
    return lair_str_builder_end(&builder);
}

static void check_input(const uint8_t *data, size_t size)
{
    lair_heap_options options = {.idle_purge = LAIR_OFF, .hardened = LAIR_ON};
    lair_heap *heap = lair_heap_open(&options);
    REQUIRE(heap != NULL && lair_none(heap) != NULL);
    lair_ledger before, after;
    lair_heap_ledger(heap, &before);
    slow_text slow = slow_open(data, size);
    lair_object *built = build(heap, data, size);
    lair_object *str = lair_str_new_n(heap, (const char *)data, size);
    CHECK((str != NULL) == (slow.bad == SIZE_MAX) && (built != NULL) == (str != NULL));
    if (str != NULL)
        check_good(heap, str, data, size, &slow);
    else
        check_bad(heap, data, size, &slow);
    CHECK(str == NULL || has_text(built, data, size));
    CHECK(intern_check(space_of(heap)) == LAIR_OK);
    lair_decref(str);
    lair_decref(built);
    slow_close(&slow);
    (void)lair_heap_trim(heap);
    lair_heap_ledger(heap, &after);
    CHECK(after.blocks == before.blocks && lair_heap_check(heap) == LAIR_OK);
    lair_heap_close(heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_abort_on_failure();
    char *copy = copy_of(data, size);
    check_input((const uint8_t *)copy, size);
    free(copy);
    return 0;
}

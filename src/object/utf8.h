/* utf8.h: UTF-8 as the Unicode Standard defines it (section 3.9, table 3-7): no overlong forms, no
 * surrogates, nothing beyond U+10FFFF.
 */
#ifndef LAIR_OBJECT_UTF8_H
#define LAIR_OBJECT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bits.h"

/* -- any bytes ------------------------------------------------------------------------------- */

/* Bytes before the first that is not ASCII. */
size_t utf8_ascii_prefix_long(const char *text, size_t bytes);
static inline size_t utf8_ascii_prefix(const char *text, size_t bytes)
{
    static const uint64_t high_bits = UINT64_C(0x8080808080808080);
    if (likely(bytes >= 8 && bytes <= 16)) {
        uint64_t first, last; /* they overlap */
        memcpy(&first, text, sizeof first);
        memcpy(&last, text + bytes - 8, sizeof last);
        if (likely(((first | last) & high_bits) == 0))
            return bytes;
    }
    return utf8_ascii_prefix_long(text, bytes);
}

/* Bytes before the first sequence that is not UTF-8. The first `valid` bytes are known to be. */
size_t utf8_valid_prefix(const char *text, size_t bytes, size_t valid);

/* Bytes of the bad sequence at the start of text that one U+FFFD replaces: as many as could begin a
 * character, one at least (the Unicode Standard's "maximal subpart"). */
size_t utf8_bad_bytes(const char *text, size_t bytes);

/* -- text that is UTF-8 ---------------------------------------------------------------------- */

static inline bool utf8_is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Bytes of the character that begins with this byte. */
static inline size_t utf8_width(char first)
{
    unsigned char byte = (unsigned char)first;
    return byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/* The character at text. */
static inline uint32_t utf8_decode(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    switch (utf8_width(*text)) {
    case 1:
        return at[0];
    case 2:
        return (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
    case 3:
        return (at[0] & 0x0fU) << 12 | (at[1] & 0x3fU) << 6 | (at[2] & 0x3fU);
    default:
        return (at[0] & 0x07U) << 18 | (at[1] & 0x3fU) << 12 | (at[2] & 0x3fU) << 6 |
               (at[3] & 0x3fU);
    }
}

/* Characters in the text. */
size_t utf8_length(const char *text, size_t bytes);

/* Position in bytes of the character at position `characters`, or bytes where there are fewer. */
size_t utf8_offset(const char *text, size_t bytes, size_t characters);

#endif /* LAIR_OBJECT_UTF8_H */

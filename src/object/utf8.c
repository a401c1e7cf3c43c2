/* utf8.c: see utf8.h. Eight bytes at a time where all are ASCII; a character at a time elsewhere.
 */
#include "utf8.h"

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

static inline uint64_t load_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

size_t utf8_ascii_prefix_long(const char *text, size_t bytes)
{
    size_t i = 0;
    for (; i + 32 <= bytes; i += 32) {
        uint64_t any = load_word(text + i) | load_word(text + i + 8) | load_word(text + i + 16) |
                       load_word(text + i + 24);
        if ((any & high_bits) != 0)
            break;
    }
    for (; i + 8 <= bytes; i += 8) {
        uint64_t high = load_word(text + i) & high_bits;
        if (high != 0)
            return i + ctz64(high) / 8;
    }
    while (i < bytes && (unsigned char)text[i] < 0x80)
        i++;
    return i;
}

/* What the second byte of a character may be, by the first: the only byte that overlong forms,
 * surrogates and what is beyond U+10FFFF depend on. False for a byte that begins no character. */
static inline bool second_range(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return first >= 0xc2 && first <= 0xf4;
}

/* Bytes at the start of text, which is not empty, that are a character (*whole) or could begin
 * one. */
static inline size_t scan(const char *text, size_t bytes, bool *whole)
{
    unsigned char low, high;
    *whole = (unsigned char)text[0] < 0x80;
    if (*whole)
        return 1;
    if (!second_range((unsigned char)text[0], &low, &high))
        return 0;
    if (bytes < 2 || (unsigned char)text[1] < low || (unsigned char)text[1] > high)
        return 1;
    size_t width = utf8_width(text[0]), seen = 2;
    while (seen < width && seen < bytes && utf8_is_continuation(text[seen]))
        seen++;
    *whole = seen == width;
    return seen;
}

size_t utf8_valid_prefix(const char *text, size_t bytes, size_t valid)
{
    size_t i = valid;
    while (i < bytes) {
        bool whole;
        size_t seen = scan(text + i, bytes - i, &whole);
        if (!whole)
            return i;
        i += seen;
        if (seen == 1) /* ASCII seldom comes alone */
            i += utf8_ascii_prefix_long(text + i, bytes - i);
    }
    return i;
}

size_t utf8_bad_bytes(const char *text, size_t bytes)
{
    bool whole;
    size_t seen = scan(text, bytes, &whole);
    return seen != 0 ? seen : 1;
}

/* Bit 0 of each byte: whether it continues a character (10xxxxxx). */
static inline uint64_t continuations(uint64_t word)
{
    return (word >> 7 & ~word >> 6) & UINT64_C(0x0101010101010101);
}

/* Characters in the eight bytes of a word. */
static inline size_t characters_in(uint64_t word)
{
    return 8 - (size_t)(continuations(word) * UINT64_C(0x0101010101010101) >> 56);
}

size_t utf8_length(const char *text, size_t bytes)
{
    size_t length = 0, i = 0;
    for (; i + 8 <= bytes; i += 8)
        length += characters_in(load_word(text + i));
    for (; i < bytes; i++)
        length += !utf8_is_continuation(text[i]);
    return length;
}

size_t utf8_offset(const char *text, size_t bytes, size_t characters)
{
    size_t i = 0;
    /* Words are passed over while what is sought lies behind them; the character it begins with may
     * have begun inside one, so that its rest is passed over below. */
    while (i + 8 <= bytes && characters >= 8) {
        characters -= characters_in(load_word(text + i));
        i += 8;
    }
    for (; i < bytes; i++)
        if (!utf8_is_continuation(text[i]) && characters-- == 0)
            break;
    return i;
}

/* quote.c: text in quotes, in Python's notation.
 *
 * Single quotes, unless the text has such and no double ones. What cannot be seen or would change
 * how the text looks is escaped: controls, separators other than the space, format characters,
 * private use and what is no character at all.
 */
#include "utf8.h"
#include "writer.h"

/* Characters from U+0080 on that are escaped: categories Cc, Cf, Co, Zs, Zl and Zp of Unicode
 * 15.1, and the noncharacters but for the last two of each plane. In ascending order. */
static const struct range {
    uint32_t first, last;
} unprintable[] = {
    {0x80, 0xa0},        {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},
    {0x6dd, 0x6dd},      {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},
    {0x1680, 0x1680},    {0x180e, 0x180e},   {0x2000, 0x200f},   {0x2028, 0x202f},
    {0x205f, 0x206f},    {0x3000, 0x3000},   {0xe000, 0xf8ff},   {0xfdd0, 0xfdef},
    {0xfeff, 0xfeff},    {0xfff9, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f},  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0001, 0xe007f},
    {0xf0000, 0x10ffff},
};
enum { RANGES = sizeof unprintable / sizeof unprintable[0] };

static bool is_printable(uint32_t character)
{
    if ((character & 0xfffe) == 0xfffe)
        return false;
    size_t low = 0, high = RANGES; /* the ranges before low end before the character */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (unprintable[middle].last < character)
            low = middle + 1;
        else
            high = middle;
    }
    return low == RANGES || character < unprintable[low].first;
}

static lair_status write_escape(lair_writer *writer, uint32_t character)
{
    switch (character) {
    case '\n':
        return lair_write(writer, "\\n", 2);
    case '\r':
        return lair_write(writer, "\\r", 2);
    case '\t':
        return lair_write(writer, "\\t", 2);
    case '\\':
        return lair_write(writer, "\\\\", 2);
    case '\'':
        return lair_write(writer, "\\'", 2);
    default:
        return lair_write_format(writer,
                                 character <= 0xff     ? "\\x%02x"
                                 : character <= 0xffff ? "\\u%04x"
                                                       : "\\U%08x",
                                 character);
    }
}

/* Bytes from start on that stand for themselves between these quotes: the fast way over ASCII. */
static inline size_t skip_plain(const char *text, size_t start, size_t bytes, char mark)
{
    unsigned char escaped = mark == '\'' ? '\'' : '\\';
    while (start < bytes) {
        unsigned char byte = (unsigned char)text[start];
        if (byte < 0x20 || byte >= 0x7f || byte == '\\' || byte == escaped)
            break;
        start++;
    }
    return start;
}

static lair_status quote(lair_writer *writer, const char *text, size_t bytes, bool is_text)
{
    bool has_single = memchr(text, '\'', bytes) != NULL;
    char mark = has_single && memchr(text, '"', bytes) == NULL ? '"' : '\'';
    lair_status status = lair_write(writer, &mark, 1);
    size_t plain = 0; /* where the piece that needs no escape began */
    size_t i = skip_plain(text, 0, bytes, mark);
    while (i < bytes && status == LAIR_OK) {
        uint32_t character = is_text ? utf8_decode(text + i) : (unsigned char)text[i];
        size_t width = is_text ? utf8_width(text[i]) : 1;
        if (!is_text || character < 0x80 || !is_printable(character)) {
            status = lair_write(writer, text + plain, i - plain);
            plain = i + width;
            if (status == LAIR_OK)
                status = write_escape(writer, character);
        }
        i = skip_plain(text, i + width, bytes, mark);
    }
    if (status == LAIR_OK)
        status = lair_write(writer, text + plain, bytes - plain);
    return status == LAIR_OK ? lair_write(writer, &mark, 1) : status;
}

lair_status writer_quote(lair_writer *writer, const char *text, size_t bytes)
{
    return quote(writer, text, bytes, true);
}

lair_status writer_quote_bytes(lair_writer *writer, const char *data, size_t bytes)
{
    return quote(writer, data, bytes, false);
}

/* find.c: see find.h.
 *
 * Sixteen places at a time are looked at, at two bytes each: where the first and the last byte of
 * the part would stand. Where both fit, the part is compared. Texts in which that happens too often
 * without success are left to memmem, which has the better worst case and the worse average.
 */
#include "find.h"

#include <stdint.h>
#include <string.h>

#include "base/bits.h"

enum { PLACES = 16, PATIENCE = 1024, PATIENCE_FOR_EACH = 8 };

typedef unsigned char places __attribute__((vector_size(PLACES)));
typedef uint64_t halves __attribute__((vector_size(PLACES)));

static inline places load(const char *at)
{
    places bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* 0xff at each of the places where both bytes fit. */
static inline halves fitting(const char *text, size_t part_bytes, places first, places last)
{
    return (halves)((load(text) == first) & (load(text + part_bytes - 1) == last));
}

static inline bool is_at(const char *text, const char *part, size_t part_bytes)
{
    return memcmp(text + 1, part + 1, part_bytes - 1) == 0;
}

/* Few places, one by one. */
static size_t find_short(const char *text, size_t places_left, const char *part, size_t part_bytes)
{
    for (size_t i = 0; i < places_left; i++)
        if (text[i] == part[0] && text[i + part_bytes - 1] == part[part_bytes - 1] &&
            is_at(text + i, part, part_bytes))
            return i;
    return SIZE_MAX;
}

/* The first of the fitting places where the part is, or SIZE_MAX. *compared grows by the bytes
 * looked at. */
static size_t find_fitting(halves fits, const char *text, const char *part, size_t part_bytes,
                           size_t *compared)
{
    for (size_t half = 0; half < 2; half++) {
        uint64_t left = fits[half] & UINT64_C(0x0101010101010101);
        for (; left != 0; left &= left - 1) {
            size_t place = half * 8 + ctz64(left) / 8;
            if (is_at(text + place, part, part_bytes))
                return place;
            *compared += part_bytes;
        }
    }
    return SIZE_MAX;
}

size_t text_find(const char *text, size_t bytes, const char *part, size_t part_bytes)
{
    if (part_bytes > bytes)
        return SIZE_MAX;
    if (part_bytes <= 1) {
        const char *found = part_bytes == 0 ? text : memchr(text, part[0], bytes);
        return found != NULL ? (size_t)(found - text) : SIZE_MAX;
    }
    size_t all = bytes - part_bytes + 1; /* places the part could be at */
    if (all < PLACES)
        return find_short(text, all, part, part_bytes);
    places first = (places){0} + (unsigned char)part[0];
    places last = (places){0} + (unsigned char)part[part_bytes - 1];
    size_t compared = 0;
    for (size_t i = 0;;) {
        halves fits = fitting(text + i, part_bytes, first, last);
        if (unlikely((fits[0] | fits[1]) != 0)) {
            size_t place = find_fitting(fits, text + i, part, part_bytes, &compared);
            if (place != SIZE_MAX)
                return i + place;
            if (compared > PATIENCE + i * PATIENCE_FOR_EACH) {
                const char *found = memmem(text + i, bytes - i, part, part_bytes);
                return found != NULL ? (size_t)(found - text) : SIZE_MAX;
            }
        }
        if (i == all - PLACES)
            return SIZE_MAX;
        i += PLACES;
        if (i > all - PLACES) /* the last ones are looked at with some before them again */
            i = all - PLACES;
    }
}

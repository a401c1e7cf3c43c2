/* table_group.h: slots of a table's index side by side, compared at a time.
 *
 * How many slots one has to look at before a key is found, or known to be missing, depends on the
 * key, and a processor that guesses wrongly loses more time than the looking takes. A group has no
 * such branches: nearly all keys are decided in the first.
 */
#ifndef LAIR_OBJECT_TABLE_GROUP_H
#define LAIR_OBJECT_TABLE_GROUP_H

#include "table_index.h"

#if defined(__SSE2__)

#include <emmintrin.h>

#define HAS_GROUPS 1

enum { GROUP_BYTES = 16 };

/* What groups of slots are compared with: the same for all on the way of a key. */
typedef struct group_key {
    __m128i hash, shift;
} group_key;

INLINE group_key group_key_of(unsigned log2, unsigned width, uint64_t hash)
{
    __m128i shift = _mm_cvtsi32_si128((int)log2);
    return width == 1 ? (group_key){_mm_set1_epi16((short)hash), shift}
                      : (group_key){_mm_set1_epi32((int)hash), shift};
}

INLINE __m128i group_load(const char *index, size_t slot, unsigned width)
{
    return _mm_loadu_si128((const __m128i *)(const void *)(index + (slot << width)));
}

/* Sets of slots of a group, in which a slot has a bit for each of its bytes: those with the key's
 * bits of the hash; the empty ones; these and those whose entry was removed. */
INLINE unsigned group_fitting(__m128i slots, unsigned width, group_key key)
{
    const __m128i zero = _mm_setzero_si128();
    __m128i differing = _mm_xor_si128(slots, key.hash);
    __m128i found = width == 1 ? _mm_cmpeq_epi16(_mm_srl_epi16(differing, key.shift), zero)
                               : _mm_cmpeq_epi32(_mm_srl_epi32(differing, key.shift), zero);
    return (unsigned)_mm_movemask_epi8(found);
}

INLINE unsigned group_empty(__m128i slots, unsigned width)
{
    const __m128i ones = _mm_set1_epi32(-1);
    __m128i found = width == 1 ? _mm_cmpeq_epi16(slots, ones) : _mm_cmpeq_epi32(slots, ones);
    return (unsigned)_mm_movemask_epi8(found);
}

INLINE unsigned group_vacant(__m128i slots, unsigned width)
{
    __m128i lowest = width == 1 ? _mm_set1_epi16(1) : _mm_set1_epi32(1);
    return group_empty(_mm_or_si128(slots, lowest), width);
}

/* Those of a set that are before the first of another. */
INLINE unsigned group_before(unsigned slots, unsigned end)
{
    return slots & ((end & -end) - 1);
}

/* The first slot of a set of slots of a group, counted from where the group begins. */
INLINE size_t group_first(unsigned slots, unsigned width)
{
    return (size_t)(unsigned)__builtin_ctz(slots) >> width;
}

INLINE unsigned group_without_first(unsigned slots, unsigned width)
{
    unsigned bits = (1U << (1U << width)) - 1;
    return slots & ~(bits << __builtin_ctz(slots));
}

#else
#define HAS_GROUPS 0
#endif

#endif /* LAIR_OBJECT_TABLE_GROUP_H */

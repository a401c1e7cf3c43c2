/* siphash.h: SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012): one
 * round for each eight bytes, three at the end. Little-endian machines.
 */
#ifndef LAIR_OBJECT_SIPHASH_H
#define LAIR_OBJECT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct siphash_state {
    uint64_t v0, v1, v2, v3;
} siphash_state;

static inline uint64_t rotate_left(uint64_t word, unsigned bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void siphash_round(siphash_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate_left(s->v1, 13) ^ s->v0;
    s->v3 = rotate_left(s->v3, 16) ^ s->v2;
    s->v0 = rotate_left(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate_left(s->v1, 17) ^ s->v2;
    s->v3 = rotate_left(s->v3, 21) ^ s->v0;
    s->v2 = rotate_left(s->v2, 32);
}

static inline void siphash_mix(siphash_state *s, uint64_t word)
{
    s->v3 ^= word;
    siphash_round(s);
    s->v0 ^= word;
}

static inline uint64_t load_64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint64_t load_32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* 0 .. 7 bytes as a number, without a loop: the reads overlap. */
static inline uint64_t load_short(const char *text, size_t bytes)
{
    if (bytes >= 4)
        return load_32(text) | load_32(text + bytes - 4) << (bytes - 4) * 8;
    if (bytes == 0)
        return 0;
    size_t middle = bytes / 2;
    return (uint64_t)(unsigned char)text[0] | (uint64_t)(unsigned char)text[middle] << middle * 8 |
           (uint64_t)(unsigned char)text[bytes - 1] << (bytes - 1) * 8;
}

static inline uint64_t siphash_13(const uint64_t key[2], const char *text, size_t bytes)
{
    siphash_state s = {
        key[0] ^ UINT64_C(0x736f6d6570736575),
        key[1] ^ UINT64_C(0x646f72616e646f6d),
        key[0] ^ UINT64_C(0x6c7967656e657261),
        key[1] ^ UINT64_C(0x7465646279746573),
    };
    size_t rest = bytes & 7;
    const char *tail = text + (bytes - rest);
    for (; text != tail; text += 8)
        siphash_mix(&s, load_64(text));
    /* Behind eight bytes or more, the last of them are read again and shifted out. */
    uint64_t last;
    if (bytes < 8)
        last = load_short(text, bytes);
    else
        last = rest != 0 ? load_64(tail + rest - 8) >> (8 - rest) * 8 : 0;
    siphash_mix(&s, last | (uint64_t)bytes << 56);
    s.v2 ^= 0xff;
    siphash_round(&s);
    siphash_round(&s);
    siphash_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

#endif /* LAIR_OBJECT_SIPHASH_H */

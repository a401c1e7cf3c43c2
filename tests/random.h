/* random.h: pseudo-random numbers that a seed repeats (Steele, Lea and Flood's SplitMix64,
 * OOPSLA 2014). */
#ifndef LAIR_TESTS_RANDOM_H
#define LAIR_TESTS_RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

#endif /* LAIR_TESTS_RANDOM_H */

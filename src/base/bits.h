/* bits.h: arithmetic on powers of two, and hints to the compiler.
 *
 * The only place in the library that names compiler built-ins for counting bits.
 */
#ifndef LAIR_BITS_H
#define LAIR_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)

/* 0 is not a power of two. */
static inline bool is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

/* Next multiple of align (a power of two) at or above n; n + align - 1 must not overflow. */
static inline size_t round_up(size_t n, size_t align)
{
    return (n + align - 1) & ~(align - 1);
}

/* Next multiple of align (a power of two) at or below n. */
static inline size_t round_down(size_t n, size_t align)
{
    return n & ~(align - 1);
}

/* Zero bits below the lowest one, and above the highest one; n is not 0. */
static inline unsigned ctz64(uint64_t n)
{
    return (unsigned)__builtin_ctzll(n);
}

static inline unsigned clz64(uint64_t n)
{
    return (unsigned)__builtin_clzll(n);
}

/* In line where the processor's own instruction may not be there: the compiler would call. */
static inline unsigned popcount64(uint64_t n)
{
#if defined(__POPCNT__) || !defined(__x86_64__)
    return (unsigned)__builtin_popcountll(n);
#else
    n -= (n >> 1) & 0x5555555555555555U;
    n = (n & 0x3333333333333333U) + ((n >> 2) & 0x3333333333333333U);
    n = (n + (n >> 4)) & 0x0f0f0f0f0f0f0f0fU;
    return (unsigned)((n * 0x0101010101010101U) >> 56);
#endif
}

/* Whether the processor has an instruction for popcount64_native. */
static inline bool has_popcount64_native(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("popcnt") != 0;
#else
    return true;
#endif
}

/* As popcount64, in one instruction, for processors that have it. */
static inline unsigned popcount64_native(uint64_t n)
{
#if defined(__x86_64__)
    __asm__("popcnt %0, %0" : "+r"(n) : : "cc");
    return (unsigned)n;
#else
    return popcount64(n);
#endif
}

/* Position of the highest one bit: the logarithm to base two, rounded down; n is not 0. */
static inline unsigned log2_floor(uint64_t n)
{
    return 63U - clz64(n);
}

#endif /* LAIR_BITS_H */

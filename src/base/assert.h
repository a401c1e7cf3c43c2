/* assert.h: checks that speak before they abort.
 *
 * lair_assert states an invariant and says, in printf's manner, what it means that it does not
 * hold: lair_assert(n < max, "pool %p holds %zu blocks of %zu", pool, n, max). It is gone from
 * release builds (NDEBUG), where its condition is compiled but not evaluated. lair_fatal is never
 * gone. Both write with write(2) alone, so they work inside the allocator.
 *
 * Include it as "base/assert.h"; it does not replace the C library's <assert.h>.
 */
#ifndef LAIR_ASSERT_H
#define LAIR_ASSERT_H

#include <stdbool.h>

/* Writes "lair: FILE:LINE: EXPRESSION: MESSAGE" to standard error and aborts; without an
 * expression, "lair: MESSAGE". */
_Noreturn void assert_failed(const char *file, int line, const char *expression, const char *format,
                             ...) __attribute__((format(printf, 4, 5), cold));

/* Damage or misuse found at run time that cannot be reported to a caller. The fault is the
 * program's, so no place of ours is named. */
#define lair_fatal(...) assert_failed((const char *)0, 0, (const char *)0, __VA_ARGS__)

#ifdef NDEBUG
enum { ASSERTS_ON = 0 };
#else
enum { ASSERTS_ON = 1 };
#endif

#define lair_assert(condition, ...)                                                                \
    do {                                                                                           \
        if (ASSERTS_ON && !(condition)) {                                                          \
            assert_failed(__FILE__, __LINE__, #condition, __VA_ARGS__);                            \
        }                                                                                          \
    } while (0)

/* A place that control never reaches: aborts in debug builds, a promise to the compiler in
 * release builds. */
#define lair_unreachable()                                                                         \
    do {                                                                                           \
        lair_assert(false, "unreachable code was reached");                                        \
        __builtin_unreachable();                                                                   \
    } while (0)

#endif /* LAIR_ASSERT_H */

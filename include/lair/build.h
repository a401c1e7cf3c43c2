/* lair/build.h: nested values from a format.
 *
 *     lair_build(heap, "{s:i, s:[s, s]}", "id", 7, "tags", "new", "hot")
 *
 *   s  const char *, a str (NULL: none)      I  the same, interned        n  none (no argument)
 *   i  int        l  int64_t      z  size_t  d  double                    b  int, a bool
 *   O  lair_object *, referred to            N  lair_object *, STOLEN (NULL hands the error on)
 *   #  const char * and size_t, a str (NULL: none)
 *   y  const void * and size_t, bytes (NULL: none)
 *   [...] a list   (...) a tuple   {k:v, ...} a dict   <...> a set
 *
 * Between values there may be blanks and a comma, and a comma may follow the last value in a
 * bracket. Strs that are keys of a dict are interned. A text without brackets that names several
 * values gives a tuple of them: lair_build(heap, "s, i", "one", 1).
 *
 * Arguments must have the very types above: a literal 7 is an int, for l it is (int64_t)7.
 */
#ifndef LAIR_BUILD_H
#define LAIR_BUILD_H

#include <lair/object.h>
#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A new value. A format that is wrong is found before any argument is read: LAIR_ERR_INVALID says
 * where (format "{s:i" ends inside {...} opened at 0). Other failures are those of the values: no
 * memory, LAIR_ERR_ENCODING, LAIR_ERR_UNHASHABLE, LAIR_ERR_WRONG_HEAP, LAIR_ERR_OVERFLOW (z).
 *
 * N arguments are always consumed: they become part of the value, or are dropped when anything
 * fails (in a format that is wrong those before the first character that stands for nothing, since
 * what follows it is anybody's guess). Brackets may be nested to any depth. */
LAIR_API lair_object *lair_build(lair_heap *heap, const char *format, ...);
LAIR_API lair_object *lair_build_v(lair_heap *heap, const char *format, va_list arguments);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_BUILD_H */

/* lair/build.h: nested values from a format.
 *
 *     lair_build(heap, "{s:i, s:[s, s]}", "id", 7, "tags", "new", "hot")
 *
 *   s  const char *, a str (NULL: none)      I  the same, interned        n  none (no argument)
 *   i  int        l  int64_t      z  size_t  d  double                    b  int, a bool
 *   O  lair_object *, referred to            N  lair_object *, STOLEN (NULL hands the error on)
 *   #  const char * and size_t, a str        y  const void * and size_t, bytes
 *   [...] a list   (...) a tuple   {k:v, ...} a dict   <...> a set   commas and blanks between
 *
 * A text without brackets that names several values gives a tuple of them.
 */
#ifndef LAIR_BUILD_H
#define LAIR_BUILD_H

#include <lair/object.h>
#include <stdarg.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A new value. LAIR_ERR_INVALID shows where the format is wrong. On any failure every N argument is
 * dropped (a format that is wrong is found before any argument is read, and then they are too, as
 * far as they can be told). Any depth. */
LAIR_API lair_object *lair_build(lair_heap *heap, const char *format, ...);
LAIR_API lair_object *lair_build_v(lair_heap *heap, const char *format, va_list arguments);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_BUILD_H */

/* lair/str.h: text, immutable, in UTF-8.
 *
 * Lengths and positions are in characters (code points); byte counts say so. Strings of one
 * ASCII character exist once in a heap. Interned strings exist once per content and leave the table
 * when they die. Hashes are SipHash-1-3 under a key drawn for each process (Aumasson and
 * Bernstein, 2012), so that nobody can choose keys that collide.
 */
#ifndef LAIR_STR_H
#define LAIR_STR_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A str of text up to its zero byte, or of bytes bytes (which may contain zeros). Text that is not
 * UTF-8 (overlong forms, surrogates, beyond U+10FFFF, cut short) is LAIR_ERR_ENCODING with the
 * position of the first bad byte. */
LAIR_API lair_object *lair_str_new(lair_heap *heap, const char *text);
LAIR_API lair_object *lair_str_new_n(lair_heap *heap, const char *text, size_t bytes);

/* As lair_str_new_n, with each bad sequence replaced by U+FFFD. */
LAIR_API lair_object *lair_str_new_lossy(lair_heap *heap, const char *text, size_t bytes);

/* In printf's manner, as UTF-8. */
LAIR_API lair_object *lair_str_format(lair_heap *heap, const char *format, ...) LAIR_PRINTF(2, 3);

/* The text, with a zero byte after it. BORROWED: valid while object is alive. NULL: not a str. */
LAIR_API const char *lair_str_text(const lair_object *object);
LAIR_API size_t lair_str_bytes(const lair_object *object); /* without the zero; SIZE_MAX: no str */

/* Whether all characters are ASCII: known of each str, and positions of characters are then
 * positions of bytes. */
LAIR_API bool lair_str_is_ascii(const lair_object *object);

/* The one str with this content that everybody shares: a new reference to it. */
LAIR_API lair_object *lair_str_intern(lair_object *str);
LAIR_API lair_object *lair_str_intern_text(lair_heap *heap, const char *text);
LAIR_API lair_object *lair_str_intern_n(lair_heap *heap, const char *text, size_t bytes);
LAIR_API bool lair_str_is_interned(const lair_object *str);

/* What interning saves in a heap. Strs of no or one ASCII character, of which there is only one
 * each in any case, are not counted. */
typedef struct lair_intern_stats {
    size_t strings;       /* in the table now */
    size_t bytes;         /* they take, in blocks */
    size_t table_bytes;   /* the table takes */
    uint64_t hits;        /* times an existing one was given out, ever */
    uint64_t saved_bytes; /* by these, in all: copies that were not made or not kept */
} lair_intern_stats;
/* O(strings). */
LAIR_API void lair_str_intern_stats(lair_heap *heap, lair_intern_stats *stats);

LAIR_API lair_object *lair_str_concat(lair_object *a, lair_object *b);

/* Joins the strs of a list or tuple, with separator between them, in one allocation. */
LAIR_API lair_object *lair_str_join(lair_object *separator, lair_object *parts);

/* Characters from start up to end (SIZE_MAX: the end); positions beyond the end count as it. */
LAIR_API lair_object *lair_str_slice(lair_object *str, size_t start, size_t end);

/* A list of the parts between separators; separator NULL splits at runs of white space, and
 * gives no empty parts. An empty separator is LAIR_ERR_VALUE. */
LAIR_API lair_object *lair_str_split(lair_object *str, lair_object *separator);

/* Without the white space (as Python sees it) at both ends. */
LAIR_API lair_object *lair_str_strip(lair_object *str);

/* With by in the place of each part, from left to right; a part that is empty is LAIR_ERR_VALUE. */
LAIR_API lair_object *lair_str_replace(lair_object *str, lair_object *part, lair_object *by);

LAIR_API bool lair_str_starts_with(lair_object *str, lair_object *part);
LAIR_API bool lair_str_ends_with(lair_object *str, lair_object *part);

/* Position of the first part in str, SIZE_MAX when there is none (or not a str: error set). Linear
 * time, as for all that seeks a part. */
LAIR_API size_t lair_str_find(lair_object *str, lair_object *part);

/* A str built piece by piece, where it will stand: growth is amortised, and the end copies nothing
 * unless giving back the room not used moves the text. A plain value of the program's;
 * lair_str_builder_end or _drop must follow. Pieces may be cut inside a character: whether the
 * whole is UTF-8 is seen at the end. */
typedef struct lair_str_builder {
    lair_heap *heap;
    char *text;             /* not ended by a zero; NULL: none yet */
    size_t bytes, capacity; /* of text */
    lair_status status;     /* the first failure; later calls do nothing */
} lair_str_builder;
LAIR_API lair_str_builder lair_str_builder_of(lair_heap *heap, size_t reserve_bytes);
LAIR_API lair_status lair_str_builder_add(lair_str_builder *builder, const char *text,
                                          size_t bytes);
LAIR_API lair_status lair_str_builder_add_str(lair_str_builder *builder, lair_object *str);
LAIR_API lair_status lair_str_builder_format(lair_str_builder *builder, const char *format, ...)
    LAIR_PRINTF(2, 3);

/* The str, or NULL with the first failure, or LAIR_ERR_ENCODING. The builder is empty afterwards
 * and may be used again. */
LAIR_API lair_object *lair_str_builder_end(lair_str_builder *builder);
LAIR_API void lair_str_builder_drop(lair_str_builder *builder);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_STR_H */

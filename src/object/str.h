/* str.h: strings for the other files of the object model.
 *
 * A str is the header, a hash, a size and the text, in one block: 20 bytes before the text (16 with
 * counts apart), where CPython has 40. Whether all characters are ASCII is known of each str: then
 * positions of characters are positions of bytes. Bytes are laid out in the same way.
 */
#ifndef LAIR_OBJECT_STR_H
#define LAIR_OBJECT_STR_H

#include <lair/str.h>

#include "siphash.h"
#include "space.h"

struct str {
    OBJECT_HEAD;   /* own: the hash; 0: not computed yet */
    uint32_t size; /* bytes of text << STR_SIZE_SHIFT | flags */
    char text[];   /* and a zero byte */
};

enum {
    STR_WIDE = 1,     /* not all characters are ASCII */
    STR_INTERNED = 2, /* the only one in the heap with this content that everybody shares */
    STR_SIZE_SHIFT = 2,
};

/* From this size on a str says STR_LONG, and its true size stands in the last bytes of its block.
 */
#define STR_LONG (UINT32_MAX >> STR_SIZE_SHIFT)

#define STR_BYTES_MAX ((size_t)PTRDIFF_MAX - 64)

static inline struct str *str_of(const lair_object *object)
{
    return (struct str *)(void *)object;
}

static inline const char *str_text(const lair_object *object)
{
    return str_of(object)->text;
}

size_t str_bytes_long(const lair_object *object);
static inline size_t str_bytes(const lair_object *object)
{
    size_t bytes = str_of(object)->size >> STR_SIZE_SHIFT;
    return likely(bytes != STR_LONG) ? bytes : str_bytes_long(object);
}

static inline bool str_is_ascii(const lair_object *object)
{
    return (str_of(object)->size & STR_WIDE) == 0;
}

static inline bool str_is_interned(const lair_object *object)
{
    return (str_of(object)->size & STR_INTERNED) != 0;
}

/* -- making ---------------------------------------------------------------------------------- */

/* A str of text that is known to be UTF-8. NULL: the error is set. */
lair_object *str_from_valid(struct space *space, const char *text, size_t bytes);

/* As str_from_valid where it is known whether all is ASCII. */
lair_object *str_from_known(struct space *space, const char *text, size_t bytes, bool wide);

/* A str of two bytes or more of which the caller writes the text; the zero byte is there. wide:
 * some of it will not be ASCII. NULL: the error is set. */
struct str *str_alloc(struct space *space, size_t bytes, bool wide);

/* Bytes of the block of a str. */
static inline size_t str_block_bytes(size_t bytes)
{
    size_t whole = offsetof(struct str, text) + bytes + 1;
    return likely(bytes < STR_LONG) ? whole : whole + sizeof(size_t);
}

/* A str of the text that stands where a str has it in a block of the heap, at least
 * str_block_bytes(bytes) long. Takes the block in any case. NULL: the error is set. */
lair_object *str_adopt(struct space *space, struct str *block, size_t bytes, bool wide);

/* What strs and bytes have in common: one of a type that is laid out as a str. */
struct str *text_alloc(lair_type *type, size_t bytes, bool wide);
lair_object *text_adopt(lair_type *type, struct str *block, size_t bytes, bool wide);
bool text_size_valid(const lair_type *type, size_t bytes); /* else the error is set */
lair_step text_hash_step(lair_walk *walk, lair_frame *frame);
lair_step text_equal_step(lair_walk *walk, lair_frame *frame);
lair_step text_compare_step(lair_walk *walk, lair_frame *frame);

/* Whether text is UTF-8, and not all ASCII (*wide); else the error is set. */
bool text_valid(const char *text, size_t bytes, bool *wide);

/* The objects that exist once, and the intern table. */
bool strs_make(struct space *space);
void strs_discard(struct space *space);

/* -- hashing and comparing ------------------------------------------------------------------- */

/* The hash of the str with this text, without making it. */
static inline uint32_t text_hash_32(const struct space *space, const char *text, size_t bytes)
{
    uint64_t hash = siphash_13(space->hash_key, text, bytes);
    uint32_t folded = (uint32_t)(hash ^ hash >> 32);
    return folded + (folded == 0);
}
uint64_t text_hash(const struct space *space, const char *text, size_t bytes);

/* Computes the hash of a str and keeps it. */
uint64_t str_hash_slow(const lair_object *object);
static inline uint64_t str_hash(const lair_object *object)
{
    uint32_t hash = OBJECT_OWN(str_of(object));
    return likely(hash != 0) ? hash : str_hash_slow(object);
}

/* Copies text; a short one, which most are, without a call. */
static inline void text_copy(char *to, const char *from, size_t bytes)
{
    if (bytes > 16) {
        memcpy(to, from, bytes);
    } else if (bytes >= 8) {
        uint64_t first = load_64(from), last = load_64(from + bytes - 8);
        memcpy(to, &first, sizeof first);
        memcpy(to + bytes - 8, &last, sizeof last);
    } else if (bytes >= 4) {
        uint32_t first = (uint32_t)load_32(from), last = (uint32_t)load_32(from + bytes - 4);
        memcpy(to, &first, sizeof first);
        memcpy(to + bytes - 4, &last, sizeof last);
    } else if (bytes != 0) {
        char middle = from[bytes / 2], last = from[bytes - 1];
        to[0] = from[0];
        to[bytes / 2] = middle;
        to[bytes - 1] = last;
    }
}

enum { TEXT_SHORT = 16 /* bytes that are compared without a call */ };

/* Whether two texts of the same size are the same; short ones, which most are, without a call. */
static inline bool text_same(const char *a, const char *b, size_t bytes)
{
    if (bytes > TEXT_SHORT)
        return memcmp(a, b, bytes) == 0;
    if (bytes >= 8)
        return ((load_64(a) ^ load_64(b)) | (load_64(a + bytes - 8) ^ load_64(b + bytes - 8))) == 0;
    return load_short(a, bytes) == load_short(b, bytes);
}

/* Whether the str has this text. */
static inline bool str_is_text(const lair_object *object, const char *text, size_t bytes)
{
    return str_bytes(object) == bytes && text_same(str_text(object), text, bytes);
}

/* Whether two other strs of one heap, whose hashes are known, are short and have the same text;
 * false also where that takes more to find out. */
static inline bool str_same_short(const lair_object *a, const lair_object *b)
{
    /* hash and size, side by side */
    const size_t head = offsetof(struct str, size) - sizeof(uint32_t);
    uint64_t differing = load_64((const char *)a + head) ^ load_64((const char *)b + head);
    if (unlikely((differing & ~((uint64_t)STR_INTERNED << 32)) != 0))
        return false;
    const char *text_a = str_text(a), *text_b = str_text(b);
    size_t bytes = str_of(b)->size >> STR_SIZE_SHIFT;
    if (likely(bytes >= 8))
        return bytes <= TEXT_SHORT &&
               ((load_64(text_a) ^ load_64(text_b)) |
                (load_64(text_a + bytes - 8) ^ load_64(text_b + bytes - 8))) == 0;
    if (bytes >= 4)
        return ((load_32(text_a) ^ load_32(text_b)) |
                (load_32(text_a + bytes - 4) ^ load_32(text_b + bytes - 4))) == 0;
    /* the blocks have room for four bytes of text */
    return ((load_32(text_a) ^ load_32(text_b)) & (((uint64_t)1 << 8 * bytes) - 1)) == 0;
}

/* Whether two strs of one heap have the same text; they are not the same str. */
static inline bool str_same_text(const lair_object *a, const lair_object *b)
{
    uint32_t size_a = str_of(a)->size, size_b = str_of(b)->size;
    return ((size_a ^ size_b) & ~(uint32_t)STR_INTERNED) == 0 &&
           (size_a & size_b & STR_INTERNED) == 0 && str_is_text(a, str_text(b), str_bytes(b));
}

/* Whether two strs of one heap are equal. */
static inline bool str_equal(const lair_object *a, const lair_object *b)
{
    if (a == b)
        return true;
    uint32_t hash_a = OBJECT_OWN(str_of(a)), hash_b = OBJECT_OWN(str_of(b));
    if (hash_a != hash_b && hash_a != 0 && hash_b != 0)
        return false;
    return str_same_text(a, b);
}

#endif /* LAIR_OBJECT_STR_H */

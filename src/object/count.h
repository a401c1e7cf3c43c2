/* count.h: where an object's count word is, in both builds of the library.
 *
 * Inline: in the object. Segregated: in a side array of the pool, found by arithmetic, so that
 * taking a reference writes to no page of objects (document 0, section 2.4).
 */
#ifndef LAIR_OBJECT_COUNT_H
#define LAIR_OBJECT_COUNT_H

#include <lair/type.h>

/* The count word: references times two, bit 0 the mark of a walk, bit 31 immortality. */
enum { COUNT_ONE = 2, COUNT_MARK = 1 };
#define COUNT_IMMORTAL UINT32_C(0x80000000)

#if LAIR_SEGREGATED_COUNTS

/* The count word of a live object. */
uint32_t *count_word(const lair_object *object);

/* Makes room for the count word of a new block. False: no memory, the error is set. */
bool count_prepare(lair_type *type, void *block);

#else

static inline uint32_t *count_word(const lair_object *object)
{
    return (uint32_t *)&object->count;
}

static inline bool count_prepare(lair_type *type, void *block)
{
    (void)type, (void)block;
    return true;
}

#endif

static inline void count_start(lair_object *object)
{
    *count_word(object) = COUNT_ONE;
}

static inline bool count_is_immortal(const lair_object *object)
{
    return (*count_word(object) & COUNT_IMMORTAL) != 0;
}

/* -- the mark of a walk ---------------------------------------------------------------------- */

static inline bool mark_get(const lair_object *object)
{
    return (*count_word(object) & COUNT_MARK) != 0;
}

static inline void mark_set(const lair_object *object)
{
    *count_word(object) |= COUNT_MARK;
}

/* Whoever unmarks an object holds a reference to it. */
static inline void mark_clear(const lair_object *object)
{
    *count_word(object) &= ~(uint32_t)COUNT_MARK;
}

#endif /* LAIR_OBJECT_COUNT_H */

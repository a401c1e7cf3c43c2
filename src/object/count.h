/* count.h: where an object's count word is, in both builds of the library.
 *
 * Inline: in the object. Segregated: in a side array of the pool, found by arithmetic, so that
 * taking a reference writes to no page of objects (document 0, section 2.4).
 */
#ifndef LAIR_OBJECT_COUNT_H
#define LAIR_OBJECT_COUNT_H

#include "type.h"

#if LAIR_SEGREGATED_COUNTS
#include "heap/plane_fast.h"
#endif

/* The count word: references times two, bit 0 the mark of a walk, bit 31 immortality. */
enum { COUNT_ONE = 2, COUNT_MARK = 1 };
#define COUNT_IMMORTAL UINT32_C(0x80000000)

#if LAIR_SEGREGATED_COUNTS

/* The count word of an object whose type any type of the heap can stand for. */
static inline uint32_t *count_word_as(const lair_type *type, const lair_object *object)
{
    return plane_slot_u32(type->heap, type->count_plane, object);
}

/* Makes room for the count word of a new block of the type. False: no memory, the error is set. */
static inline bool count_prepare(const lair_type *type, const void *block)
{
    return likely(plane_slot_is_there(type->heap, type->count_plane, block)) ||
           plane_slot(type->heap, type->count_plane, block) != NULL;
}

#else

static inline uint32_t *count_word_as(const lair_type *type, const lair_object *object)
{
    (void)type;
    return (uint32_t *)&object->count;
}

static inline bool count_prepare(const lair_type *type, const void *block)
{
    (void)type, (void)block;
    return true;
}

#endif

/* The count word of a live object. */
static inline uint32_t *count_word(const lair_object *object)
{
    return count_word_as(object->type, object);
}

/* Makes ready for the counts of a heap's objects. False: no memory, the error is set. */
bool counts_make(struct space *space);
void counts_discard(struct space *space);

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

/* debug.h: what the object model tells the ledger of references, in builds that keep one (debug.c).
 * In all others these are nothing.
 */
#ifndef LAIR_OBJECT_DEBUG_H
#define LAIR_OBJECT_DEBUG_H

#include "type.h"

#if LAIR_DEBUG_REFERENCES

/* The kind of dead objects in quarantine; no type that lives has it. */
enum { KIND_DEAD = LAIR_KIND_COUNT };

/* Makes the ledger of a heap, before its first object; reports and ends it. */
void debug_open(struct space *space);
void debug_close(struct space *space, bool report);

/* An object begins its life with a reference. */
void debug_born(lair_object *object);

/* An object is dead: takes its block into quarantine. */
void debug_quarantine(lair_object *object, const lair_type *type);

/* Frees the blocks in quarantine. */
void debug_trim(struct space *space);

/* Ends the process when object, which may be NULL, is dead. */
_Noreturn void debug_use_after_release(const lair_object *object);
static inline void debug_alive(const lair_object *object)
{
    if (object != NULL && object->type->kind == (lair_kind)KIND_DEAD)
        debug_use_after_release(object);
}

#else

static inline void debug_open(struct space *space)
{
    (void)space;
}

static inline void debug_close(struct space *space, bool report)
{
    (void)space, (void)report;
}

static inline void debug_born(lair_object *object)
{
    (void)object;
}

static inline void debug_quarantine(lair_object *object, const lair_type *type)
{
    (void)object, (void)type;
}

static inline void debug_trim(struct space *space)
{
    (void)space;
}

static inline void debug_alive(const lair_object *object)
{
    (void)object;
}

#endif

#endif /* LAIR_OBJECT_DEBUG_H */

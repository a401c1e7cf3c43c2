/* gc_clear.h: garbage that is cleared a little at a time. */
#ifndef LAIR_GC_CLEAR_H
#define LAIR_GC_CLEAR_H

#include "host_cpython_gc.h"

#if CPYTHON_INTERNALS

#include <stdbool.h>
#include <stdint.h>

/* Takes over all objects on list, which are garbage for certain, with no end that anybody could
 * observe. The later ones are cleared first. */
void clear_add(PyGC_Head *list);

/* Whether something waits to be cleared. */
bool clear_waits(void);

/* When nothing waits: moves what has been cleared and is still there, since its type leaves
 * something of a cycle as it is, to left, which is empty before. */
void clear_end(PyGC_Head *left);

/* Clears until the deadline (of os_now_ns), but for one step; UINT64_MAX: all. */
void clear_some(uint64_t deadline);

#endif

#endif /* LAIR_GC_CLEAR_H */

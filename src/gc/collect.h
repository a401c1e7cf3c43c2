/* collect.h: one collection, pass by pass. Read this first.
 *
 * The question is which of the candidates nobody can reach. Reference counts have answered it for
 * all garbage but cycles. The passes, each in its file:
 *
 *   1. Candidates  (address_set.h)  the objects that can be garbage, as white bits
 *   2. Mark        (mark.h)         what the host's roots reach is alive: black
 *   3. Suspects    (state.h)        what stayed white, though C code may hold it
 *   4. Trial       (trial.h,        counts less inner references: zero all round is garbage
 *                   whites.h)
 *   5. Order       (order.h)        garbage in sets closed under referrers
 *   6. Reclaim     (the host)       weak references, finalizers, resurrection, clearing
 *
 * Never walk what you need not: marking scans what is alive once; only the rest is counted. Without
 * roots (a young collection; a program that registers none) pass 2 has nothing to do, and the
 * others are sound as they are.
 *
 * The host's header is included before this one (host.h says what it must hold), by one C file.
 */
#ifndef LAIR_GC_COLLECT_H
#define LAIR_GC_COLLECT_H

#include "check.h"
#include "mark.h"
#include "order.h"
#include "state.h"
#include "trial.h"
#include "whites.h"

/* Names each root with gc_mark. */
typedef void (*gc_roots)(struct gc *gc, void *arg);

/* Passes 1 to 4 for hosts whose tracked set is exact and whose objects begin at granules: the white
 * bits are set, at most `candidates` of them; afterwards gc->garbage is what of them is garbage.
 * False: no memory, nothing is decided. roots may be NULL. gc_end follows in any case. */
static inline bool gc_find_garbage(struct gc *gc, size_t candidates, gc_roots roots, void *arg)
{
    if (!gc_begin(gc, candidates))
        return false;
    gc_tell(gc, GC_EVENT_CANDIDATES, candidates);
    if (roots != NULL) {
        roots(gc, arg);
        gc_drain(gc);
        gc_tell(gc, GC_EVENT_MARK, gc->reached);
    }
    gc->whites = address_set_rank(&gc->set);
    gc_tell(gc, GC_EVENT_SUSPECTS, gc->whites);
    if (ASSERTS_ON && !gc_suspect_whites(gc)) /* for the check */
        return false;
    if (!gc_trial_whites(gc) || !gc_list_garbage(gc))
        return false;
    if (ASSERTS_ON)
        gc_check_trial(gc);
    gc_tell(gc, GC_EVENT_TRIAL, gc->garbage_count);
    return true;
}

#endif /* LAIR_GC_COLLECT_H */

/* state.h: what the passes of one collection share.
 *
 * Colours. A candidate is white until something alive is found to refer to it. An object that has
 * lost its white bit and waits to be scanned is gray: it is on the gray stack, or, when its next
 * part is to be scanned, among the parts. What is neither is black or was never a candidate.
 *
 * Memory. gc_begin takes all that marking can need, from the system: each candidate is gray once
 * at most, so the stack cannot overflow. What later passes need is taken when each begins. A pass
 * that gets no memory says so; then nothing has been changed but bits, and gc_end forgets those.
 */
#ifndef LAIR_GC_STATE_H
#define LAIR_GC_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/assert.h"
#include "base/bits.h"
#include "os/os.h"

#include "address_set.h"
#include "event.h"
#include "host.h"

/* Called with each referent; 0 goes on. */
typedef int (*gc_visit)(gc_object *referent, void *arg);

/* A container of which a part was scanned. */
struct gc_part {
    gc_object *object;
    size_t from;
};

/* What marking, suspects, counts and garbage lie in. Small collections are many: they find what the
 * last one left. */
enum gc_scratch {
    GC_SCRATCH_GRAY,
    GC_SCRATCH_SUSPECTS,
    GC_SCRATCH_COUNTS,
    GC_SCRATCH_GARBAGE,
    GC_SCRATCH_ALL
};
enum { GC_SCRATCH_KEPT = 128 << 10 }; /* bytes of each that stay between collections, at most */

struct gc {
    struct address_set set; /* lasts; the rest is of one collection */

    /* One mapping: gray objects from its start upwards, parts from its end downwards. */
    gc_object **gray, **gray_top;
    struct gc_part *parts, *parts_end;

    /* Candidates that were not reached, in the host's order; after gc_trial the garbage, in front
     * of them. `whites` is how many bits are white when gc_trial ranks them. */
    gc_object **suspects;
    size_t suspect_count, suspect_room;
    uint32_t *counts; /* by rank: references that no suspect holds */
    size_t whites;

    gc_object **garbage;
    size_t garbage_count;
    uint32_t pins; /* references that the host itself holds to each suspect */
    bool native;   /* popcount64_native can be had */

    /* Garbage in sets closed under referrers, see order.h. It outlives gc_end, so that each set can
     * be collected anew before it is reclaimed. */
    gc_object **queue;
    size_t queue_room, queue_left;
    size_t tree_count;

    size_t candidates, reached; /* white at first; of these, scanned by gc_drain */
    struct {
        void *memory;
        size_t bytes;
    } scratch[GC_SCRATCH_ALL];
    gc_listener listener;
    uint64_t pass_began;
};

/* -- memory ---------------------------------------------------------------------------------- */

static inline size_t gc_pages(size_t bytes)
{
    return round_up(bytes, os_page_size());
}

/* Room for count objects of size bytes; NULL: no memory. */
static inline void *gc_take(size_t count, size_t size)
{
    return os_map(gc_pages(count * size + 1), os_page_size());
}

static inline void gc_give_back(void *memory, size_t count, size_t size)
{
    if (memory != NULL)
        os_unmap(memory, gc_pages(count * size + 1));
}

/* The memory is its user's from now on, who gives it back. */
static inline void gc_scratch_leave(struct gc *gc, enum gc_scratch which)
{
    gc->scratch[which].memory = NULL;
    gc->scratch[which].bytes = 0;
}

/* Gives back scratch memory of more than `most` bytes. */
static inline void gc_scratch_shrink(struct gc *gc, enum gc_scratch which, size_t most)
{
    if (gc->scratch[which].bytes <= most)
        return;
    os_unmap(gc->scratch[which].memory, gc->scratch[which].bytes);
    gc_scratch_leave(gc, which);
}

/* Memory of at least so many bytes, contents undefined, until gc_end. NULL: no memory. */
static inline void *gc_scratch_take(struct gc *gc, enum gc_scratch which, size_t bytes)
{
    bytes = gc_pages(bytes + 1);
    if (gc->scratch[which].bytes >= bytes)
        return gc->scratch[which].memory;
    gc_scratch_shrink(gc, which, 0);
    gc->scratch[which].memory = os_map(bytes, os_page_size());
    gc->scratch[which].bytes = gc->scratch[which].memory != NULL ? bytes : 0;
    return gc->scratch[which].memory;
}

/* The same, all zero. Pages that are never looked at cost nothing: much is taken anew. */
static inline void *gc_scratch_take_clear(struct gc *gc, enum gc_scratch which, size_t bytes)
{
    if (bytes > GC_SCRATCH_KEPT)
        gc_scratch_shrink(gc, which, 0);
    bool fresh = gc->scratch[which].memory == NULL;
    void *memory = gc_scratch_take(gc, which, bytes);
    if (memory != NULL && !fresh)
        memset(memory, 0, bytes);
    return memory;
}

/* ... of all. */
static inline void gc_scratch_keep(struct gc *gc, size_t most)
{
    for (int i = 0; i < GC_SCRATCH_ALL; i++)
        gc_scratch_shrink(gc, (enum gc_scratch)i, most);
}

/* -- events ---------------------------------------------------------------------------------- */

static inline void gc_tell(struct gc *gc, gc_event event, uint64_t count)
{
    if (gc->listener.event == NULL)
        return;
    uint64_t now = os_now_ns();
    gc->listener.event(gc->listener.arg, event, count, now - gc->pass_began);
    gc->pass_began = os_now_ns();
}

/* -- the life of a collection ---------------------------------------------------------------- */

/* Makes gc, which is for one host, and for life. */
static inline void gc_open(struct gc *gc)
{
    *gc = (struct gc){.native = has_popcount64_native()};
    address_set_open(&gc->set, GC_GRANULE_SHIFT);
}

/* Gives back what a collection took, but for the queue; nothing is white any more. */
static inline void gc_end(struct gc *gc)
{
    gc_scratch_keep(gc, GC_SCRATCH_KEPT);
    gc->gray = gc->gray_top = gc->suspects = gc->garbage = NULL;
    gc->parts = gc->parts_end = NULL;
    gc->counts = NULL;
    gc->suspect_count = gc->suspect_room = gc->whites = gc->garbage_count = 0;
    gc->pins = 0;
    address_set_rest(&gc->set);
}

/* Gives the queue back. */
static inline void gc_end_queue(struct gc *gc)
{
    if (gc->queue != gc->scratch[GC_SCRATCH_GARBAGE].memory)
        gc_give_back(gc->queue, gc->queue_room, sizeof(*gc->queue));
    gc->queue = NULL;
    gc->queue_room = gc->queue_left = 0;
}

static inline void gc_close(struct gc *gc)
{
    gc_end(gc);
    gc_end_queue(gc);
    gc_scratch_keep(gc, 0);
    address_set_close(&gc->set);
}

/* Begins a collection whose candidates are white: those of address_set_whiten, or bits the host has
 * set itself. There are at most `candidates`. False: no memory. */
static inline bool gc_begin(struct gc *gc, size_t candidates)
{
    gc->gray = gc_scratch_take(gc, GC_SCRATCH_GRAY, (candidates + 1) * sizeof(struct gc_part));
    if (gc->gray == NULL)
        return false;
    gc->gray_top = gc->gray;
    char *end = (char *)gc->gray + gc->scratch[GC_SCRATCH_GRAY].bytes;
    gc->parts = gc->parts_end = (struct gc_part *)(void *)end;
    gc->candidates = candidates;
    gc->reached = 0;
    return true;
}

/* Makes room for the suspects, of which there are at most `room`. False: no memory. */
static inline bool gc_suspects_begin(struct gc *gc, size_t room)
{
    gc->suspects = gc_scratch_take(gc, GC_SCRATCH_SUSPECTS, room * sizeof(*gc->suspects));
    gc->suspect_room = room;
    gc->suspect_count = 0;
    return gc->suspects != NULL;
}

/* Names an object that is still white when marking is over. */
static inline void gc_suspect(struct gc *gc, gc_object *object)
{
    lair_assert(gc->suspect_count < gc->suspect_room, "more than %zu suspects", gc->suspect_room);
    gc->suspects[gc->suspect_count++] = object;
}

/* All that is white: for hosts whose tracked set is exact, and whose objects begin at granules.
 * False: no memory. */
static inline bool gc_suspect_whites(struct gc *gc)
{
    if (!gc_suspects_begin(gc, gc->candidates - gc->reached))
        return false;
    for (struct address_region *region = gc->set.active; region; region = region->next_active)
        for (size_t word = 0; address_region_next_word(region, &word); word++)
            for (uint64_t bits = region->white[word]; bits != 0; bits &= bits - 1)
                gc_suspect(gc, (gc_object *)address_of_bit(&gc->set, region, word, ctz64(bits)));
    return true;
}

#endif /* LAIR_GC_STATE_H */

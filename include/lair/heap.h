/* lair/heap.h: arenas, pools and blocks; a heap with a limit, a ledger and a memory of its own.
 *
 * A heap takes address space from the system in arenas (2 MiB), cuts arenas into pools of one
 * size class each, and pools into blocks. Requests above 32 KiB get a span of whole system pages
 * of their own. Every byte is accounted for (lair_heap_ledger), a hard limit can be set, and
 * memory that is no longer needed goes back to the system by itself.
 *
 * Threads. Heaps are independent of each other. One heap is used by one thread at a time: its
 * owner, or whoever holds the lock that stands for the owner (under CPython, the GIL). Functions
 * that other threads may call say so. A heap may keep one helper thread that returns memory
 * while the owner is idle; it blocks all signals, ends before fork() and starts again when
 * there is next something to do.
 *
 * Units. Sizes are bytes, times milliseconds, counts as named. A size of zero in an option means
 * "the default".
 *
 * Sources: the pyramid of arenas, pools and blocks is Vladimir Marangozov's (Python 2.1); the
 * front cache follows Bonwick's magazines (USENIX 2001); decay purging follows jemalloc.
 */
#ifndef LAIR_HEAP_H
#define LAIR_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lair_heap lair_heap;

/* -- opening and closing --------------------------------------------------------------------- */

typedef enum lair_choice { LAIR_DEFAULT = 0, LAIR_ON, LAIR_OFF } lair_choice;

typedef struct lair_heap_options {
    size_t max_bytes;       /* hard limit on the footprint (lair_heap_footprint); 0: none */
    size_t soft_bytes;      /* footprint at which the listener is told; 0: 90 % of max_bytes */
    size_t reserve_bytes;   /* memory committed when the heap opens, for blocks up to small_bytes;
                               0: none */
    size_t address_bytes;   /* address range to reserve; 0: 192 GiB. When the system refuses it,
                               or may not be asked (ulimit -v), arenas come one by one. */
    size_t pool_bytes;      /* size of a pool of small blocks: a power of two from 4 KiB (or the
                               system's page, where that is larger) to 64 KiB; 0: 16 KiB */
    size_t small_bytes;     /* largest small block: a multiple of 64 from 64 to 1024; 0: 512.
                               Above it size classes are geometric, eight to a doubling. */
    size_t alignment;       /* step of the small size classes and alignment of all blocks: 8 or
                               16; 0: 8. With 8, a block of a size that is a multiple of 16, as
                               that of any type that needs 16 is, lies at a multiple of 16 all
                               the same (not in hardened mode). */
    size_t prefix_bytes;    /* what the host keeps at the start of a block, before its object: 0,
                               16, 32 or 48. Small blocks of whole cache lines (64 bytes) then lie
                               so that the object, not the prefix, begins a line. */
    uint32_t decay_ms;      /* free pages unused this long go back to the system; 0: 100;
                               LAIR_DECAY_NEVER and LAIR_DECAY_AT_ONCE */
    lair_choice idle_purge; /* helper thread that purges while the owner is idle; default on */
    lair_choice huge_pages; /* ask for huge pages where a zone passes 16 MiB; default on */
    lair_choice hardened;   /* canaries, detection of double and foreign frees and of writes
                               after a free; default off */
    lair_choice show_refcount; /* print the sum of all reference counts, immortal objects left
                               out, and the number of live blocks when the heap closes (if
                               there ever was an object in it); default off */
    unsigned gctype;           /* lair_gctype (lair/gc.h): how garbage is collected; 0: automatic */
    uint64_t free_objects;     /* dead objects of each kind kept for reuse after a collection of
                                  everything */
    uint64_t fail_at;          /* the Nth request to this heap fails, N from 1; 0: none (testing) */
    bool fail_forever;         /* ... and every later one */
} lair_heap_options;

#define LAIR_DECAY_NEVER UINT32_MAX
#define LAIR_DECAY_AT_ONCE (UINT32_MAX - 1)

/* Opens a heap. options may be NULL (all defaults) and is copied. Returns a new heap that the
 * caller closes, or NULL: LAIR_ERR_INVALID names the bad option, LAIR_ERR_NO_MEMORY. */
LAIR_API lair_heap *lair_heap_open(const lair_heap_options *options);

/* Gives all memory of the heap back to the system, live blocks included; no block of it may be
 * touched afterwards. heap may be NULL. */
LAIR_API void lair_heap_close(lair_heap *heap);

/* The options in force, with every default filled in. Belongs to the heap. */
LAIR_API const lair_heap_options *lair_heap_get_options(const lair_heap *heap);

/* -- blocks ---------------------------------------------------------------------------------- */

/* A new block of at least size bytes (size 0 gives a distinct block of the smallest size),
 * aligned to the heap's alignment, contents undefined. NULL: LAIR_ERR_LIMIT or
 * LAIR_ERR_NO_MEMORY; sizes above PTRDIFF_MAX are LAIR_ERR_INVALID. */
LAIR_API void *lair_heap_alloc(lair_heap *heap, size_t size);

/* As lair_heap_alloc, for count * size bytes, all zero. A product that overflows is
 * LAIR_ERR_INVALID. */
LAIR_API void *lair_heap_calloc(lair_heap *heap, size_t count, size_t size);

/* As lair_heap_alloc, with an address that is a multiple of alignment, a power of two up to
 * 2 MiB. The block is freed and resized like any other; resizing keeps only the heap's own
 * alignment. */
LAIR_API void *lair_heap_aligned_alloc(lair_heap *heap, size_t alignment, size_t size);

/* Changes the size of block, which may move; contents are kept up to the smaller size. block
 * NULL allocates; size 0 gives the smallest block (it does not free). On failure returns NULL and
 * block stands unchanged. */
LAIR_API void *lair_heap_realloc(lair_heap *heap, void *block, size_t size);

/* Frees block, which may be NULL. A pointer that is not a live block of this heap is undefined
 * behaviour, except in hardened mode: the fault is told to the listener and, unless the listener
 * returns true, the process aborts with a message that names pointer, size class and fault. */
LAIR_API void lair_heap_free(lair_heap *heap, void *block);

/* Frees block from a thread that does not own the heap; the owner completes it at one of its
 * next allocations. Any thread. block must be a live block of this heap. */
LAIR_API void lair_heap_free_remote(lair_heap *heap, void *block);

/* Bytes usable in a live block: its size class, or its whole span; in hardened mode what was asked
 * for (8 at least), since guards follow. 0 when block is NULL or not of this heap. */
LAIR_API size_t lair_heap_usable_size(const lair_heap *heap, const void *block);

/* Whether address lies in memory that this heap manages (live block or not). A subtract and a
 * compare when the address range was reserved. Any thread. */
LAIR_API bool lair_heap_owns(const lair_heap *heap, const void *address);

/* Whether address is the start of a block that is live now. */
LAIR_API bool lair_heap_is_live(lair_heap *heap, const void *address);

/* Calls visit once for each live block, in address order within each kind of arena, until it
 * returns false. size is the usable size. visit must neither allocate from nor free to this heap
 * (such a call fails with LAIR_ERR_BUSY). Returns LAIR_OK when the walk ended or visit stopped
 * it. */
typedef bool (*lair_heap_visit)(void *block, size_t size, void *arg);
LAIR_API lair_status lair_heap_walk(lair_heap *heap, lair_heap_visit visit, void *arg);

/* -- limit and listener ---------------------------------------------------------------------- */

/* The footprint is what the limit counts: pages in use, free pages not yet returned, metadata,
 * and the bytes charged by lair_heap_charge. */
LAIR_API size_t lair_heap_footprint(const lair_heap *heap);

/* Sets or (0) removes the hard limit; soft_bytes 0 means 90 % of it. Memory in use already stays:
 * a limit below the present footprint, after a trim, is LAIR_ERR_INVALID and changes nothing. */
LAIR_API lair_status lair_heap_set_limit(lair_heap *heap, size_t max_bytes, size_t soft_bytes);

/* Counts bytes (which may be negative) that live elsewhere but belong under this heap's limit.
 * Never refused. Any thread. */
LAIR_API void lair_heap_charge(lair_heap *heap, ptrdiff_t bytes);

/* While suspended (calls nest), the hard limit refuses nothing. For callers that must not fail
 * half-way, such as a collector. */
LAIR_API void lair_heap_suspend_limit(lair_heap *heap);
LAIR_API void lair_heap_resume_limit(lair_heap *heap);

typedef enum lair_heap_event_kind {
    LAIR_HEAP_SOFT_LIMIT, /* the footprint is about to pass the soft limit: freeing and trimming
                             now may help. Told again only after the footprint fell well below the
                             soft limit, or came half-way nearer to the hard one. */
    LAIR_HEAP_HARD_LIMIT, /* a request is about to be refused, a purge not having helped. Return
                             true to have it tried once more. */
    LAIR_HEAP_FAULT,      /* hardened mode found a bad free or a damaged block: block and message
                             tell. Return true to go on (the free is ignored). */
} lair_heap_event_kind;

typedef struct lair_heap_event {
    lair_heap_event_kind kind;
    size_t footprint;    /* bytes, now */
    size_t request;      /* bytes the request would add; 0 for LAIR_HEAP_FAULT */
    size_t limit;        /* the limit concerned; 0 for LAIR_HEAP_FAULT */
    const void *block;   /* LAIR_HEAP_FAULT: the pointer given; otherwise NULL */
    const char *message; /* one sentence; belongs to the library for the time of the call */
} lair_heap_event;

/* Called on the thread that allocates, with the heap in order: it may free to and trim this heap,
 * and allocate from it (no event is told from inside an event). */
typedef bool (*lair_heap_listener)(lair_heap *heap, const lair_heap_event *event, void *arg);

/* Replaces the listener; NULL removes it. */
LAIR_API void lair_heap_set_listener(lair_heap *heap, lair_heap_listener listener, void *arg);

/* -- ledger and statistics ------------------------------------------------------------------- */

/* Every byte the heap has committed is in exactly one of the five parts:
 *     committed == live + free_in_pools + cached + purged + overhead */
typedef struct lair_ledger {
    size_t committed;     /* bytes of address space made readable and writable, metadata included */
    size_t live;          /* in blocks the program holds, at their full size (guards included) */
    size_t free_in_pools; /* free or never used blocks of pools in use, front cache included */
    size_t cached;        /* free pages that still have memory behind them */
    size_t purged;        /* free pages whose memory went back to the system or was never touched */
    size_t overhead;      /* metadata, tails of pools too short for a block */
    size_t footprint;     /* what the limit counts: committed - purged + charged */
    size_t charged;       /* by lair_heap_charge; not part of committed */
    size_t blocks;        /* live blocks */
} lair_ledger;

/* The books as they stand. O(pools). */
LAIR_API void lair_heap_ledger(lair_heap *heap, lair_ledger *ledger);

/* The books when the footprint was highest (taken whenever it passes the last such reading by
 * 3 %, so footprint may exceed the sum by as much; footprint itself is exact). */
LAIR_API void lair_heap_peak(lair_heap *heap, lair_ledger *ledger);

/* What the system says is resident of this heap's memory, split by the same parts; resident is
 * their sum. Asks the system page by page: milliseconds per GiB. */
typedef struct lair_residency {
    size_t resident;
    size_t live;
    size_t free_in_pools;
    size_t cached;
    size_t overhead;
} lair_residency;
LAIR_API lair_status lair_heap_residency(lair_heap *heap, lair_residency *residency);

/* One size class. Classes of pools come in ascending block size; the last entry gathers all
 * spans (block_bytes 0). */
typedef struct lair_heap_class {
    size_t block_bytes; /* usable size of a block; 0: spans, each of its own size */
    size_t pool_bytes;  /* size of a pool; 0 for spans */
    size_t pools;       /* pools of this class now; spans: their number */
    size_t pools_full;  /* ... without a free block */
    size_t blocks;      /* live blocks */
    size_t capacity;    /* blocks the pools could hold */
    size_t live_bytes;  /* blocks * block_bytes; spans: their sum */
    size_t fill[10];    /* pools by fill: [0] up to 10 % of blocks live ... [9] above 90 % */
} lair_heap_class;

typedef struct lair_heap_stats {
    lair_ledger ledger;
    size_t arenas;            /* units of 2 MiB with committed memory */
    size_t peak_footprint;    /* bytes */
    size_t limit, soft_limit; /* bytes; 0: none */
    uint64_t refused;         /* requests the hard limit refused */
    uint64_t soft_events;     /* times the soft limit was told */
    uint64_t pools_acquired;  /* pools taken, ever */
    uint64_t pools_released;  /* pools given back whole, ever */
    uint64_t spans_acquired;  /* spans taken, ever */
    uint64_t spans_released;
    uint64_t spans_moved;  /* spans grown by moving their pages, not their bytes */
    uint64_t purges;       /* calls to the system to take pages back */
    uint64_t purged_bytes; /* by them, in all */
    uint64_t purge_ns;     /* time they took */
    bool reserved;         /* the address range is reserved (false: arenas one by one) */
    bool huge_pages;       /* the system was asked for huge pages */
    size_t class_count;    /* entries lair_heap_class_stats can give */
} lair_heap_stats;
LAIR_API void lair_heap_get_stats(lair_heap *heap, lair_heap_stats *stats);

/* Fills up to count entries of classes in order; returns class_count. O(pools). */
LAIR_API size_t lair_heap_class_stats(lair_heap *heap, lair_heap_class *classes, size_t count);

/* -- giving memory back ---------------------------------------------------------------------- */

/* Returns every page it can to the system now: empties the front cache, frees empty pools, gives
 * back the unused system pages inside pools that are partly used, purges. Returns the bytes by
 * which the footprint fell. */
LAIR_API size_t lair_heap_trim(lair_heap *heap);

/* -- checks ---------------------------------------------------------------------------------- */

/* Verifies every structure of the heap. LAIR_ERR_CORRUPT names the first damage found. */
LAIR_API lair_status lair_heap_check(lair_heap *heap);

/* From now on the nth request to the heap (from 1) fails as if the system had refused it, and,
 * with forever, each one after it; 0 stops it. Turns the fast path off while armed. Testing. */
LAIR_API void lair_heap_inject_failure(lair_heap *heap, uint64_t nth, bool forever);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_HEAP_H */

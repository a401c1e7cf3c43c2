/* types.h: the words and structures of the heap. Read this first.
 *
 *   block    what a program gets: a pool's slot of its size class, or a whole span
 *   bin      the front cache of one size class: a short stack of blocks, shared by its pools
 *   pool     a page of a pool zone in use, cut into blocks of one size class
 *   span     a run of system pages that holds one large block, or is free
 *   page     the unit of a zone: pool_bytes (small), 64 KiB (medium), a system page (spans)
 *   arena    2 MiB, aligned: the unit of commit, of huge pages, and of purging first
 *   region   a range of address space that belongs to one zone, with its side arrays
 *   zone     all regions of one kind: small pools, medium pools, spans
 *   slice    4 KiB: the granularity of the class map, which says what a pointer points at
 *   side array  metadata held out of line, indexed by page, so that blocks stay dense
 *   clean    (free page) no memory behind it: never touched, or purged; reads as zero
 *   dirty    (free page) memory is still behind it ("cached" in the ledger)
 *   hollow   (system page inside a pool in use) purged: all blocks that touch it are free
 *   sparse   (pool) holds few live blocks: set aside, under the lock, to be hollowed out
 *
 * With one reserved address range the three zones are three regions, one after another, and a
 * pointer is found by a subtraction and one byte of the class map. Further regions (the range
 * ran out, or could not be reserved) are found through a radix map and take the slow path; in
 * all else they are the same.
 *
 * Who may touch what. The owner's thread: everything. The idle helper: what stands below "under
 * the lock" and nothing else. Other threads: the atomics `charged` and `remote`.
 */
#ifndef LAIR_HEAP_TYPES_H
#define LAIR_HEAP_TYPES_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/heap.h>

#include "address_heap.h"

enum {
    SLICE_SHIFT = 12,
    ARENA_SHIFT = 21,
    MEDIUM_SHIFT = 16,
    MEDIUM_MAX = 32 * 1024, /* largest block that comes from a pool, in bytes */
    BIN_CAP = 30,
    CLASS_NONE = 0,   /* class map: nothing live starts here */
    CLASS_SPAN = 1,   /* class map: a span starts here */
    CLASS_SPARSE = 2, /* class map: a sparse pool, which knows its size class itself */
    CLASS_FIRST = 3,  /* the smallest size class of pools */
    CLASS_MAX = 192,
    CLASS_UNIT = 16, /* granularity of class_of, in bytes */
    CACHE_LINE = 64,
    PLANES_MAX = 6,
    SPAN_BINS = 192,
    BATCH_MAX = 16,
};

#define ARENA_BYTES ((size_t)1 << ARENA_SHIFT)
#define SLICE_BYTES ((size_t)1 << SLICE_SHIFT)

/* A stack in place. slot <= top; while the front cache is on, top <= end == slot + front_cap. While
 * it is off, or planes see every free, end == slot and the fast path pushes nothing. */
struct bin {
    void **top; /* above the newest block */
    void **end; /* the fast path pushes below it only */
    void *slot[BIN_CAP];
};

typedef enum pool_state {
    POOL_FREE = 0,
    POOL_CURRENT,
    POOL_PARTIAL,
    POOL_FULL,
    POOL_SPARSE,
} pool_state;

/* used + (bits set in free) == capacity. A pool is FULL when no bit is set; PARTIAL pools, and only
 * they, are in their class's address heap; one pool of a class at most is CURRENT. SPARSE pools are
 * on their class's list, and everything about them is under the lock. */
struct pool {
    address_node node;   /* in heap->partial[class], or next and prev in heap->sparse[class]; first,
                            so that node and pool share addresses */
    char *base;          /* the first block; of a page just acquired, the first byte */
    uint64_t *free;      /* bit i: block i is free (in a bin it is not); metadata */
    uint32_t used;       /* blocks with the program or in the front cache */
    uint32_t fresh;      /* offset from base of the blocks never handed out so far */
    uint32_t trigger;    /* when a free brings used down to this, the pool changes its state */
    uint32_t hollow;     /* bit i: system page i of this pool is hollow */
    uint32_t reciprocal; /* its size class's */
    uint8_t size_class;  /* CLASS_NONE when the page is free */
    uint8_t state;       /* pool_state */
    uint8_t touched;     /* the decay step (its low byte) when a sparse pool last changed */
    bool swept;          /* a sparse pool was hollowed out since it last changed */
} __attribute__((aligned(64)));

#define TRIGGER_NEVER UINT32_MAX

typedef enum span_state { SPAN_LIVE, SPAN_DIRTY, SPAN_CLEAN } span_state;

struct span {
    struct span *next, *prev; /* in its free bin */
    struct region *region;
    size_t first, pages;        /* in the region, in system pages */
    uint8_t state;              /* span_state */
    bool moved;                 /* its mapping came by moving pages; renewed when next purged */
    uint64_t slots[PLANES_MAX]; /* what the planes say of it */
};

typedef enum zone_kind { ZONE_SMALL, ZONE_MEDIUM, ZONE_SPAN, ZONE_COUNT } zone_kind;

struct region {
    struct lair_heap *heap;
    struct region *next;      /* all regions of the zone, newest first */
    struct region *next_open; /* regions with a page to give (pool zones) */
    char *base;
    size_t bytes;
    zone_kind kind;
    unsigned page_shift;
    size_t pages;     /* bytes >> page_shift */
    bool primary;     /* part of the heap's reserved range */
    bool open;        /* on the zone's open list */
    uint8_t *classes; /* class map from base on, one byte a slice */
    char *side;       /* side arrays below, one range of address space */
    size_t side_bytes;
    size_t side_committed; /* arenas the side arrays reach */
    uint64_t *huge;        /* bit an arena: huge pages are asked for */

    /* under the lock */
    size_t committed;    /* pages readable and writable, from the start */
    size_t frontier;     /* pages ever given out, from the start (pool zones) */
    size_t in_use;       /* pages (pool zones) */
    size_t hint;         /* no summary word below this one has a free page */
    uint64_t *free_map;  /* bit a page below frontier: free */
    uint64_t *dirty_map; /* bit a page: free and dirty; a subset of free_map */
    uint64_t *summary;   /* bit a word of free_map: not zero */

    struct pool *pools;        /* [pages] (pool zones) */
    struct span **spans;       /* [pages]: at the first and last page of each span */
    void **planes[PLANES_MAX]; /* [pages]: the pool's slots, or NULL (pool zones) */
    size_t planes_committed[PLANES_MAX];
};

struct zone {
    struct region *regions;
    struct region *open;
    unsigned page_shift;
    size_t arenas; /* committed; under the lock */
    size_t dirty;  /* bytes of dirty pages; under the lock */
    size_t low;    /* the least `dirty` since the last decay step; under the lock */
};

struct plane {
    bool used;
    bool lasting;  /* slots are not cleared when blocks are freed */
    uint8_t bytes; /* of a slot; 0: one bit */
    struct foreign_map *foreign;
};

/* What is built on a heap (the object model) and has a part in its closing and trimming. */
typedef struct heap_client {
    void (*close)(void *arg); /* before anything of the heap is gone */
    void (*trim)(void *arg);  /* free blocks that are kept for reuse only */
} heap_client;

typedef struct size_class_info {
    uint32_t bytes;      /* of a block; 0 above class_count */
    uint32_t capacity;   /* blocks in a pool */
    uint32_t reciprocal; /* 2^32 / bytes, rounded up: offset * reciprocal >> 32 is the index */
    uint16_t front_cap;  /* blocks its bin may hold while the front cache is on */
    uint16_t batch;      /* blocks a refill moves at most */
    uint8_t zone;        /* zone_kind */
    uint8_t lead;        /* bytes of a pool before its first block: see prefix_bytes */
} size_class_info;

struct helper {
    pthread_t thread;
    pthread_cond_t wake;
    bool running;
    bool stop;
    bool asleep;      /* waits without a time-out, for something to become dirty */
    bool unavailable; /* the system refused a thread; the owner alone purges */
};

/* Why the front cache is off (any bit set: off). */
enum { OFF_HARDENED = 1, OFF_WALK = 2, OFF_INJECT = 4 };

struct lair_heap {
    /* what the fast path reads */
    uintptr_t base;     /* the reserved range ... */
    size_t reach;       /* ... as far as the fast path goes: extent, or 0 in hardened mode, where
                           every pointer is looked at first */
    uint8_t *classes;   /* class map of the range */
    size_t small_bytes; /* requests 1 .. small_bytes are in classes by arithmetic */
    unsigned class_shift;
    unsigned off; /* why the front cache is off */
    struct bin bins[CLASS_MAX] __attribute__((aligned(64)));

    /* blocks and pools */
    size_t extent;       /* of the reserved range; 0 without one */
    unsigned zone_shift; /* log2 of a zone's part of it */
    struct pool *current[CLASS_MAX];
    address_node *partial[CLASS_MAX];
    size_class_info info[CLASS_MAX];
    unsigned class_end; /* one past the last size class */
    uint8_t class_of[MEDIUM_MAX / CLASS_UNIT + 1];
    struct zone zones[ZONE_COUNT];
    struct region *primary[ZONE_COUNT]; /* the parts of the reserved range; NULL without one */
    uint64_t key;                       /* of hardened mode's seals */
    struct pool no_pool;                /* stands for "no current pool": full, never freed to */

    struct plane planes[PLANES_MAX];
    unsigned plane_count;   /* of those that must see every free: lasting ones are not among them */
    _Atomic(void *) remote; /* blocks freed by other threads, linked through their first word */

    const heap_client *client; /* NULL: none */
    void *client_arg;
    /* No block lies in these bytes any more, which went back. Told under the lock, by the owner:
     * what the helper gives back is not told. NULL: nobody asks. */
    void (*vacated)(char *base, size_t bytes);

    lair_heap_options options; /* filled in */
    size_t system_page;
    size_t mapped_bytes; /* this structure and its mapping */
    unsigned walking;    /* nested walks */
    uint64_t fail_in;    /* requests until injected failure; 0: disarmed */
    bool fail_forever;

    /* limit */
    _Atomic size_t footprint; /* pages in use, dirty pages, metadata, charged */
    _Atomic ptrdiff_t charged;
    size_t hard, soft;          /* 0: none */
    size_t soft_next;           /* footprint at which the soft limit is told next */
    _Atomic size_t rearm_below; /* a footprint below this brings the soft limit back; 0: in force */
    _Atomic size_t watch;       /* growth beyond this takes the slow way: soft_next, hard or peak */
    unsigned limit_suspended;
    bool in_event;
    size_t growth;     /* bytes of the request being served: metadata must leave room */
    bool meta_refused; /* ... and did not: the error is set; under the lock */
    lair_heap_listener listener;
    void *listener_arg;
    _Atomic size_t peak_footprint;
    size_t peak_next;       /* footprint at which the books are read for the peak again */
    size_t peak_purge_next; /* ... and at which dirty memory is purged before it grows */
    lair_ledger peak;
    uint64_t refused, soft_events;

    /* under the lock */
    struct pool *sparse[CLASS_MAX];
    size_t unswept;      /* sparse pools not yet hollowed out */
    uint8_t decay_steps; /* taken so far, its low byte */
    pthread_mutex_t lock;
    struct helper helper;
    uint64_t decay_last;    /* os_coarse_ms of the last decay step */
    uint64_t activity;      /* whole pages acquired and released, ever */
    uint64_t activity_last; /* ... at the last decay step */
    size_t meta_bytes;      /* metadata committed, this structure included */
    void *meta_free[16];    /* free metadata by power of two */
    char *meta_fresh, *meta_end;
    void *meta_chunks;                    /* all metadata mappings, linked */
    struct span *span_bins[2][SPAN_BINS]; /* free spans: [0] dirty, [1] clean */
    uint64_t span_bin_map[2][SPAN_BINS / 64];
    size_t span_live_pages, spans_live;
    bool huge_on;   /* an arena asked for huge pages */
    bool by_helper; /* the helper is at work: regions must stay where they are */
    uint64_t pools_acquired, pools_released, spans_acquired, spans_released, spans_moved;
    uint64_t purges, purged_bytes, purge_ns;

    void **radix; /* regions outside the reserved range, by arena */
    struct lair_heap *registry_next, *registry_prev;
};

#endif /* LAIR_HEAP_TYPES_H */

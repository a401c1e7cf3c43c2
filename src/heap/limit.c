/* limit.c: the footprint, the hard and the soft limit, the listener, and the peak.
 *
 * Growth asks one question, "footprint + bytes <= watch?", and `watch` is the nearest of the
 * places where something is to be done: the next reading for the peak, the soft limit, the hard
 * limit. Everything else happens here, rarely.
 */
#include "internal.h"

enum {
    PEAK_STEP = 32, /* the books are read again when the peak grew by one part of this */
    PEAK_FIRST = 256 * 1024,
    PEAK_PURGE = 64 * 1024, /* dirty bytes worth purging before a new peak */
};

static size_t footprint_now(const lair_heap *heap)
{
    return atomic_load_explicit(&heap->footprint, memory_order_relaxed);
}

static void watch_update(lair_heap *heap)
{
    size_t watch = heap->peak_next;
    if (heap->hard != 0 && heap->limit_suspended == 0) {
        watch = heap->hard < watch ? heap->hard : watch;
        watch = heap->soft_next < watch ? heap->soft_next : watch;
    }
    bool told = heap->hard != 0 && heap->soft_next > heap->soft;
    atomic_store_explicit(&heap->rearm_below, told ? heap->soft - heap->soft / 8 : 0,
                          memory_order_relaxed);
    atomic_store_explicit(&heap->watch, watch, memory_order_relaxed);
}

void limit_init(lair_heap *heap)
{
    heap->peak_next = PEAK_FIRST;
    heap->soft_next = SIZE_MAX;
    watch_update(heap);
}

static void peak_raise(lair_heap *heap, size_t footprint)
{
    size_t peak = atomic_load_explicit(&heap->peak_footprint, memory_order_relaxed);
    while (footprint > peak &&
           !atomic_compare_exchange_weak_explicit(&heap->peak_footprint, &peak, footprint,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

void footprint_add(lair_heap *heap, ptrdiff_t bytes)
{
    size_t before =
        atomic_fetch_add_explicit(&heap->footprint, (size_t)bytes, memory_order_relaxed);
    size_t now = before + (size_t)bytes;
    if (bytes > 0)
        peak_raise(heap, now);
    else if (now < atomic_load_explicit(&heap->rearm_below, memory_order_relaxed))
        /* The owner's next growth takes the slow way, and finds the soft limit to be told anew. */
        atomic_store_explicit(&heap->watch, 0, memory_order_relaxed);
}

/* -- growth ---------------------------------------------------------------------------------- */

static size_t step_above(size_t footprint)
{
    size_t step = footprint / PEAK_STEP;
    return footprint + (step > PEAK_FIRST ? step : PEAK_FIRST);
}

/* Growth by bytes may make a new peak: what is dirty goes first, so that the peak is what was
 * needed, and so does what is free in medium pools: there a few blocks make a whole pool's memory
 * stay. Each time, the mark rises, so that a program at its peak is not purged at every turn. */
static void peak_purge(lair_heap *heap, size_t bytes)
{
    size_t footprint = footprint_now(heap) + bytes;
    if (footprint <= heap->peak_purge_next || heap->options.decay_ms == LAIR_DECAY_NEVER)
        return;
    heap->peak_purge_next = step_above(footprint);
    pools_trim(heap, ZONE_MEDIUM);
    pthread_mutex_lock(&heap->lock);
    if (dirty_bytes(heap) > PEAK_PURGE)
        (void)purge_all(heap);
    pthread_mutex_unlock(&heap->lock);
}

/* Reads the books every few percent on the way up; the highest reading stands. Of two that are less
 * than a step apart it is the one with more live blocks: after much was freed, what is kept for
 * reuse can make a footprint a little higher than the one that was needed. */
static void peak_approach(lair_heap *heap, size_t bytes)
{
    peak_purge(heap, bytes);
    lair_ledger now;
    ledger_read(heap, &now);
    size_t peak = heap->peak.footprint;
    if (now.footprint >= step_above(peak) || (now.footprint >= peak && now.live >= heap->peak.live))
        heap->peak = now;
    heap->peak_next = step_above(now.footprint > peak ? now.footprint : peak);
}

static bool tell(lair_heap *heap, lair_heap_event_kind kind, size_t request, size_t limit,
                 const char *message)
{
    if (heap->listener == NULL || heap->in_event)
        return false;
    lair_heap_event event = {
        .kind = kind,
        .footprint = footprint_now(heap),
        .request = request,
        .limit = limit,
        .message = message,
    };
    heap->in_event = true;
    bool answer = heap->listener(heap, &event, heap->listener_arg);
    heap->in_event = false;
    return answer;
}

/* Where the soft limit is told next: again from the limit once the footprint has fallen an eighth
 * below it, else half-way to the hard one. */
static void soft_rearm(lair_heap *heap)
{
    size_t footprint = footprint_now(heap);
    if (footprint < heap->soft - heap->soft / 8)
        heap->soft_next = heap->soft;
    else if (footprint < heap->hard)
        heap->soft_next = footprint + (heap->hard - footprint) / 2;
}

static void soft_approach(lair_heap *heap, size_t bytes)
{
    heap->soft_events++;
    heap->soft_next = SIZE_MAX;
    (void)tell(heap, LAIR_HEAP_SOFT_LIMIT, bytes, heap->soft, "the soft limit is reached");
    soft_rearm(heap);
}

static bool fits(const lair_heap *heap, size_t bytes)
{
    size_t footprint = footprint_now(heap);
    return heap->hard == 0 || heap->limit_suspended != 0 ||
           (footprint <= heap->hard && bytes <= heap->hard - footprint);
}

static bool hard_approach(lair_heap *heap, size_t bytes)
{
    pthread_mutex_lock(&heap->lock);
    (void)purge_all(heap);
    pthread_mutex_unlock(&heap->lock);
    if (fits(heap, bytes))
        return true;
    if (tell(heap, LAIR_HEAP_HARD_LIMIT, bytes, heap->hard, "the hard limit is reached") &&
        fits(heap, bytes))
        return true;
    heap->refused++;
    (void)lair_fail(LAIR_ERR_LIMIT, "%zu more bytes would pass the heap's limit of %zu bytes",
                    bytes, heap->hard);
    return false;
}

bool limit_leaves_room(lair_heap *heap, size_t bytes)
{
    if (fits(heap, bytes + heap->growth))
        return true;
    heap->meta_refused = true;
    heap->refused++;
    (void)lair_fail(LAIR_ERR_LIMIT,
                    "%zu bytes of metadata would pass the heap's limit of %zu bytes", bytes,
                    heap->hard);
    return false;
}

bool limit_admit(lair_heap *heap, size_t bytes)
{
    if (footprint_now(heap) + bytes > heap->peak_next)
        peak_approach(heap, bytes);
    if (heap->hard != 0 && heap->limit_suspended == 0) {
        /* A fall well below the soft limit since it was last told brings it back into force. */
        if (heap->soft_next > heap->soft && footprint_now(heap) < heap->soft - heap->soft / 8)
            heap->soft_next = heap->soft;
        if (footprint_now(heap) + bytes > heap->soft_next && !heap->in_event)
            soft_approach(heap, bytes);
    }
    bool admitted = fits(heap, bytes) || hard_approach(heap, bytes);
    watch_update(heap);
    return admitted;
}

/* -- public ---------------------------------------------------------------------------------- */

size_t lair_heap_footprint(const lair_heap *heap)
{
    return footprint_now(heap);
}

lair_status lair_heap_set_limit(lair_heap *heap, size_t max_bytes, size_t soft_bytes)
{
    if (max_bytes == 0 && soft_bytes != 0)
        return lair_fail(LAIR_ERR_INVALID, "a soft limit of %zu bytes needs a hard limit",
                         soft_bytes);
    if (soft_bytes > max_bytes)
        return lair_fail(LAIR_ERR_INVALID,
                         "the soft limit of %zu bytes is above the hard limit of %zu bytes",
                         soft_bytes, max_bytes);
    if (max_bytes != 0 && footprint_now(heap) > max_bytes) {
        (void)lair_heap_trim(heap);
        if (footprint_now(heap) > max_bytes)
            return lair_fail(LAIR_ERR_INVALID,
                             "a limit of %zu bytes is below the %zu bytes in use now", max_bytes,
                             footprint_now(heap));
    }
    heap->hard = max_bytes;
    heap->soft = max_bytes == 0 ? 0 : soft_bytes != 0 ? soft_bytes : max_bytes - max_bytes / 10;
    heap->soft_next = max_bytes == 0 ? SIZE_MAX : heap->soft;
    heap->options.max_bytes = heap->hard;
    heap->options.soft_bytes = heap->soft;
    watch_update(heap);
    return LAIR_OK;
}

void lair_heap_charge(lair_heap *heap, ptrdiff_t bytes)
{
    atomic_fetch_add_explicit(&heap->charged, bytes, memory_order_relaxed);
    footprint_add(heap, bytes);
}

void lair_heap_suspend_limit(lair_heap *heap)
{
    heap->limit_suspended++;
    watch_update(heap);
}

void lair_heap_resume_limit(lair_heap *heap)
{
    lair_assert(heap->limit_suspended != 0, "the limit of heap %p is not suspended", (void *)heap);
    heap->limit_suspended--;
    watch_update(heap);
}

void lair_heap_set_listener(lair_heap *heap, lair_heap_listener listener, void *arg)
{
    heap->listener = listener;
    heap->listener_arg = arg;
}

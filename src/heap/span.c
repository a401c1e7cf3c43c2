/* span.c: large blocks, each a run of whole system pages.
 *
 * Free spans are kept in bins by size, dirty ones apart from clean ones; neighbours of the same
 * state are joined when one becomes free. side array spans[] holds a span's descriptor at its
 * first and its last page. A request takes a dirty span if one fits (memory is behind it already),
 * else a clean one, else fresh address space at the region's end.
 *
 * A span grows in place into a free neighbour; failing that, a large one moves by its page tables
 * (os_move), and the bytes are not copied.
 */
#include <string.h>

#include "internal.h"

enum {
    EXACT_BINS = 64,         /* spans of 1 .. 63 pages have a bin to themselves */
    BIN_SEARCH = 8,          /* entries of an inexact bin looked at before a larger bin */
    MOVE_BYTES = 128 * 1024, /* from here on pages are moved rather than bytes copied */
};

/* -- bins (locked) --------------------------------------------------------------------------- */

static unsigned bin_of(size_t pages)
{
    if (pages < EXACT_BINS)
        return (unsigned)pages;
    unsigned log = log2_floor(pages);
    unsigned bin = EXACT_BINS + (log - 6) * 4 + (unsigned)(pages >> (log - 2) & 3);
    return bin < SPAN_BINS ? bin : SPAN_BINS - 1;
}

static void bin_insert(lair_heap *heap, struct span *span)
{
    unsigned state = span->state == SPAN_CLEAN;
    unsigned i = bin_of(span->pages);
    struct span **bin = &heap->span_bins[state][i];
    span->prev = NULL;
    span->next = *bin;
    if (*bin != NULL)
        (*bin)->prev = span;
    *bin = span;
    heap->span_bin_map[state][i / 64] |= (uint64_t)1 << (i % 64);
    if (!state)
        heap->zones[ZONE_SPAN].dirty += span_bytes(span);
}

static void bin_remove(lair_heap *heap, struct span *span)
{
    unsigned state = span->state == SPAN_CLEAN;
    unsigned i = bin_of(span->pages);
    if (span->prev != NULL)
        span->prev->next = span->next;
    else
        heap->span_bins[state][i] = span->next;
    if (span->next != NULL)
        span->next->prev = span->prev;
    if (heap->span_bins[state][i] == NULL)
        heap->span_bin_map[state][i / 64] &= ~((uint64_t)1 << (i % 64));
    if (!state)
        heap->zones[ZONE_SPAN].dirty -= span_bytes(span);
}

/* A request was served from the bins: the decay step must know how little was left. (Not in
 * bin_remove: spans leave their bin only to come back cut or joined.) */
static void note_low(struct zone *zone)
{
    zone->low = zone->dirty < zone->low ? zone->dirty : zone->low;
}

static struct span *bin_search(lair_heap *heap, unsigned state, size_t pages)
{
    unsigned i = bin_of(pages);
    unsigned left = BIN_SEARCH;
    for (struct span *each = heap->span_bins[state][i]; each != NULL && left-- != 0;
         each = each->next)
        if (each->pages >= pages)
            return each;
    const uint64_t *map = heap->span_bin_map[state];
    for (unsigned next = i + 1; next < SPAN_BINS; next = (next / 64 + 1) * 64) {
        uint64_t word = map[next / 64] >> (next % 64);
        if (word != 0)
            return heap->span_bins[state][next + ctz64(word)];
    }
    return NULL;
}

/* -- descriptors (locked) -------------------------------------------------------------------- */

static void span_mark(struct span *span)
{
    struct span **map = span->region->spans;
    map[span->first] = span;
    map[span->first + span->pages - 1] = span;
}

static struct span *span_new(lair_heap *heap, struct region *region, size_t first, size_t pages,
                             span_state state)
{
    struct span *new = meta_alloc(heap, sizeof(struct span));
    if (new != NULL) {
        new->region = region;
        new->first = first;
        new->pages = pages;
        new->state = (uint8_t)state;
    }
    return new;
}

static struct span *span_before(const struct span *span)
{
    return span->first == 0 ? NULL : span->region->spans[span->first - 1];
}

static struct span *span_after(const struct span *span)
{
    size_t next = span->first + span->pages;
    return next == span->region->committed ? NULL : span->region->spans[next];
}

/* Joins a span that is in no bin with free neighbours of its state and puts it in its bin. */
static void span_settle(lair_heap *heap, struct span *free)
{
    struct span *before = span_before(free);
    if (before != NULL && before->state == free->state) {
        bin_remove(heap, before);
        free->first = before->first;
        free->pages += before->pages;
        free->moved |= before->moved;
        meta_free(heap, before, sizeof(struct span));
    }
    struct span *after = span_after(free);
    if (after != NULL && after->state == free->state) {
        bin_remove(heap, after);
        free->pages += after->pages;
        free->moved |= after->moved;
        meta_free(heap, after, sizeof(struct span));
    }
    span_mark(free);
    bin_insert(heap, free);
}

/* Cuts the pages from `pages` on off a span that is in no bin, as a free span of the given state.
 * The span is live from here on, so that the rest does not join it again. False: no memory for a
 * descriptor; the span stays whole and as it was. */
static bool span_cut(lair_heap *heap, struct span *span, size_t pages, span_state state)
{
    if (pages == span->pages) {
        span->state = SPAN_LIVE;
        return true;
    }
    struct span *rest =
        span_new(heap, span->region, span->first + pages, span->pages - pages, state);
    if (rest == NULL)
        return false;
    rest->moved = span->moved;
    span->pages = pages;
    span->state = SPAN_LIVE;
    span_mark(span);
    span_settle(heap, rest);
    return true;
}

/* Fresh address space for at least pages pages, settled as a clean span. */
static bool spans_extend(lair_heap *heap, size_t pages)
{
    struct zone *zone = &heap->zones[ZONE_SPAN];
    struct region *region = zone->open;
    for (; region != NULL; region = region->next_open)
        if (region->pages - region->committed >= pages)
            break;
    if (region == NULL) {
        region = region_add(heap, ZONE_SPAN, pages);
        if (region == NULL)
            return false;
    }
    struct span *last = region->committed == 0 ? NULL : region->spans[region->committed - 1];
    size_t have = last != NULL && last->state == SPAN_CLEAN ? last->pages : 0;
    struct span *fresh = span_new(heap, region, region->committed, 0, SPAN_CLEAN);
    if (fresh == NULL)
        return false;
    if (!region_commit(region, region->committed + (pages > have ? pages - have : 1))) {
        meta_free(heap, fresh, sizeof(struct span));
        return false;
    }
    fresh->pages = region->committed - fresh->first;
    span_settle(heap, fresh);
    return true;
}

/* -- taking and giving (locked) -------------------------------------------------------------- */

/* Where in a free span a run that starts at a multiple of align would begin, in pages. */
static size_t align_skip(const struct span *span, size_t align)
{
    uintptr_t base = (uintptr_t)span_base(span);
    return (round_up(base, align) - base) >> span->region->page_shift;
}

/* A live span of exactly pages pages at a multiple of align, from the free spans of one state. */
static struct span *span_take(lair_heap *heap, unsigned state, size_t pages, size_t align)
{
    size_t slack = align > heap->system_page ? (align >> heap->zones[ZONE_SPAN].page_shift) - 1 : 0;
    struct span *found = bin_search(heap, state, pages + slack);
    if (found == NULL)
        return NULL;
    bin_remove(heap, found);
    size_t skip = align_skip(found, align);
    if (skip != 0) {
        struct span *tail = span_new(heap, found->region, found->first + skip, found->pages - skip,
                                     (span_state)found->state);
        if (tail == NULL) {
            bin_insert(heap, found);
            return NULL;
        }
        tail->moved = found->moved;
        found->pages = skip;
        span_mark(found);
        span_mark(tail);
        bin_insert(heap, found);
        found = tail;
    }
    if (!span_cut(heap, found, pages, (span_state)found->state)) {
        span_settle(heap, found);
        return NULL;
    }
    span_mark(found);
    return found;
}

static void span_book_live(lair_heap *heap, ptrdiff_t pages)
{
    heap->span_live_pages += (size_t)pages;
}

/* The memory of a live span becomes dirty; the descriptor goes into the free bins. */
static void span_give(lair_heap *heap, struct span *span)
{
    span->state = SPAN_DIRTY;
    span_settle(heap, span);
    heap->activity++;
    decay_step(heap);
    purge_excess(heap);
    idle_notice(heap);
}

/* An empty region outside the reserved range gives its address space back; not under the helper,
 * because the owner walks regions without the lock. */
static void span_region_retire(lair_heap *heap, struct span *clean)
{
    struct region *region = clean->region;
    if (region->primary || heap->by_helper || clean->pages != region->committed ||
        clean->state != SPAN_CLEAN)
        return;
    bin_remove(heap, clean);
    meta_free(heap, clean, sizeof(struct span));
    region_remove(region);
}

void spans_retire(lair_heap *heap)
{
    struct region *next;
    for (struct region *region = heap->zones[ZONE_SPAN].regions; region != NULL; region = next) {
        next = region->next;
        if (region->committed != 0)
            span_region_retire(heap, region->spans[0]);
        else if (!region->primary) /* its first commit was refused */
            region_remove(region);
    }
}

size_t spans_purge(lair_heap *heap, size_t keep, size_t most)
{
    struct zone *zone = &heap->zones[ZONE_SPAN];
    size_t bytes = 0;
    for (unsigned i = SPAN_BINS; i-- > 0 && zone->dirty > keep && bytes < most;) {
        struct span *dirty;
        while ((dirty = heap->span_bins[0][i]) != NULL && zone->dirty > keep && bytes < most) {
            bin_remove(heap, dirty);
            purge_range(heap, dirty->region, dirty->first, dirty->pages, dirty->moved);
            bytes += span_bytes(dirty);
            dirty->moved = false;
            dirty->state = SPAN_CLEAN;
            span_settle(heap, dirty);
            span_region_retire(heap, dirty);
        }
    }
    return bytes;
}

/* -- the owner's side ------------------------------------------------------------------------ */

static size_t pages_for(const lair_heap *heap, size_t size)
{
    return round_up(size, heap->system_page) >> heap->zones[ZONE_SPAN].page_shift;
}

/* A live span: dirty if one fits, else clean as far as the limit admits. NULL: error set. */
static struct span *span_acquire(lair_heap *heap, size_t pages, size_t align, bool *zero)
{
    size_t bytes = pages << heap->zones[ZONE_SPAN].page_shift;
    pthread_mutex_lock(&heap->lock);
    heap->growth = 0;
    heap->meta_refused = false;
    decay_step(heap);
    struct span *taken = span_take(heap, 0, pages, align);
    note_low(&heap->zones[ZONE_SPAN]);
    pthread_mutex_unlock(&heap->lock);
    *zero = taken == NULL;
    if (taken == NULL) {
        if (!limit_quiet(heap, bytes) && !limit_admit(heap, bytes))
            return NULL;
        size_t reach = align > heap->system_page ? pages + (align / heap->system_page) : pages;
        pthread_mutex_lock(&heap->lock);
        heap->growth = bytes;
        taken = span_take(heap, 1, pages, align);
        if (taken == NULL && spans_extend(heap, reach))
            taken = span_take(heap, 1, pages, align);
        if (taken != NULL)
            footprint_add(heap, (ptrdiff_t)bytes);
        pthread_mutex_unlock(&heap->lock);
    }
    if (taken == NULL && !heap->meta_refused)
        (void)lair_fail(LAIR_ERR_NO_MEMORY, "the system refused %zu bytes of memory", bytes);
    return taken;
}

void *span_alloc(lair_heap *heap, size_t size, size_t align, bool *zero)
{
    bool clean;
    size_t pages = pages_for(heap, size);
    struct span *new = span_acquire(heap, pages, align, &clean);
    if (new == NULL)
        return NULL;
    memset(new->slots, 0, sizeof(new->slots));
    region_set_class(new->region, span_base(new), SLICE_BYTES, CLASS_SPAN);
    pthread_mutex_lock(&heap->lock);
    span_book_live(heap, (ptrdiff_t)pages);
    heap->spans_live++;
    heap->spans_acquired++;
    pthread_mutex_unlock(&heap->lock);
    if (zero != NULL)
        *zero = clean;
    return span_base(new);
}

void span_free(lair_heap *heap, struct span *span)
{
    region_set_class(span->region, span_base(span), SLICE_BYTES, CLASS_NONE);
    pthread_mutex_lock(&heap->lock);
    span_book_live(heap, -(ptrdiff_t)span->pages);
    heap->spans_live--;
    heap->spans_released++;
    span_give(heap, span);
    pthread_mutex_unlock(&heap->lock);
}

static void span_shrink(lair_heap *heap, struct span *span, size_t pages)
{
    pthread_mutex_lock(&heap->lock);
    size_t before = span->pages;
    if (span_cut(heap, span, pages, SPAN_DIRTY))
        span_book_live(heap, (ptrdiff_t)pages - (ptrdiff_t)before);
    purge_excess(heap);
    idle_notice(heap);
    pthread_mutex_unlock(&heap->lock);
}

/* Takes the missing pages, whose memory was admitted, from the free span that follows. */
static bool span_grow_in_place(lair_heap *heap, struct span *span, size_t pages)
{
    size_t more = pages - span->pages;
    size_t bytes = more << span->region->page_shift;
    bool grown = false;
    pthread_mutex_lock(&heap->lock);
    struct span *after = span_after(span);
    if (after == NULL && span->region->pages - span->region->committed >= more &&
        spans_extend(heap, more))
        after = span_after(span);
    bool clean = after != NULL && after->state == SPAN_CLEAN;
    if (after != NULL && after->state != SPAN_LIVE && after->pages >= more) {
        bin_remove(heap, after);
        if (span_cut(heap, after, more, (span_state)after->state)) {
            span->pages = pages;
            span->moved |= after->moved;
            span_mark(span);
            span_book_live(heap, (ptrdiff_t)more);
            if (clean)
                footprint_add(heap, (ptrdiff_t)bytes);
            meta_free(heap, after, sizeof(*after));
            note_low(&heap->zones[ZONE_SPAN]);
            grown = true;
        } else {
            bin_insert(heap, after);
        }
    }
    pthread_mutex_unlock(&heap->lock);
    return grown;
}

/* Moves the pages of span into a larger one; the growth was admitted. NULL: not possible here. */
static void *span_move(lair_heap *heap, struct span *span, size_t size)
{
    size_t old = span->pages;
    size_t bytes = span_bytes(span);
    size_t pages = pages_for(heap, size);
    size_t added = (pages - old) << span->region->page_shift;
    if (bytes < MOVE_BYTES)
        return NULL;
    pthread_mutex_lock(&heap->lock);
    struct span *to = span_take(heap, 1, pages, heap->system_page);
    if (to == NULL && spans_extend(heap, pages))
        to = span_take(heap, 1, pages, heap->system_page);
    if (to == NULL) {
        pthread_mutex_unlock(&heap->lock);
        return NULL;
    }
    if (!os_move(span_base(span), span_base(to), bytes)) {
        to->state = SPAN_CLEAN;
        span_settle(heap, to);
        pthread_mutex_unlock(&heap->lock);
        return NULL;
    }
    footprint_add(heap, (ptrdiff_t)added);
    memset(to->slots, 0, sizeof(to->slots));
    to->moved = true;
    region_set_class(to->region, span_base(to), SLICE_BYTES, CLASS_SPAN);
    region_set_class(span->region, span_base(span), SLICE_BYTES, CLASS_NONE);
    /* What was left behind has no memory: clean, but on a mapping that the move made odd. */
    span->state = SPAN_CLEAN;
    span->moved = true;
    span_settle(heap, span);
    span_region_retire(heap, span);
    span_book_live(heap, (ptrdiff_t)(pages - old));
    heap->spans_moved++;
    pthread_mutex_unlock(&heap->lock);
    return span_base(to);
}

void *span_resize(lair_heap *heap, struct span *span, size_t size, bool *refused)
{
    *refused = false;
    size_t pages = pages_for(heap, size);
    if (pages <= span->pages) {
        if (pages < span->pages - span->pages / 4)
            span_shrink(heap, span, pages);
        return span_base(span);
    }
    size_t added = (pages - span->pages) << span->region->page_shift;
    if (!limit_quiet(heap, added) && !limit_admit(heap, added)) {
        *refused = true;
        return NULL;
    }
    if (span_grow_in_place(heap, span, pages))
        return span_base(span);
    return span_move(heap, span, size);
}

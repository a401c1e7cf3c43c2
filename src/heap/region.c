/* region.c: ranges of address space and their side arrays.
 *
 * A region is committed from its start in arenas. Its side arrays lie in one range of address
 * space of their own, each array page-aligned and committed just as far as the region is. The
 * primary regions share one reserved range and one class map; others have a class map among
 * their side arrays and are entered, arena by arena, in the radix map.
 */
#include <string.h>

#include "internal.h"

enum {
    RADIX_LEAF_BITS = 13,
    RADIX_ROOT_BITS = 14, /* 48 bits of address less those of an arena and of a leaf */
    SIDE_STEP = 8,        /* arenas by which side arrays are committed */
    ADDRESS_DEFAULT_GIB = 192,
    HUGE_FROM = 32, /* arenas of a zone that come before those with huge pages from the start */
    HUGE_UNTOUCHED = 16, /* an arena is full when less than one part of this was never touched */
    HUGE_AFTER = 8,      /* an arena that is full gets them when so many more are committed */
};

/* -- side arrays ----------------------------------------------------------------------------- */

typedef struct side_array {
    size_t offset; /* from region->side */
    size_t bits;   /* of an entry, an entry a page */
} side_array;

enum { SIDE_ARRAYS = 6 };

/* The side arrays of a region, in the order they lie; returns the bytes they take in all. */
static size_t side_layout(const struct region *region, side_array arrays[SIDE_ARRAYS])
{
    bool spans = region->kind == ZONE_SPAN;
    const size_t bits[SIDE_ARRAYS] = {
        spans ? 8 * sizeof(struct span *) : 8 * sizeof(struct pool),
        spans ? 0 : 1,                                                         /* free_map */
        spans ? 0 : 1,                                                         /* dirty_map */
        spans ? 0 : 1,                                                         /* summary */
        1,                                                                     /* huge */
        region->primary ? 0 : (size_t)8 << (region->page_shift - SLICE_SHIFT), /* classes */
    };
    size_t page = os_page_size();
    size_t offset = 0;
    for (int i = 0; i < SIDE_ARRAYS; i++) {
        arrays[i].offset = offset;
        arrays[i].bits = bits[i];
        offset += round_up((region->pages * bits[i] + 7) / 8, page);
    }
    return offset;
}

static size_t arena_pages(const struct region *region)
{
    return ARENA_BYTES >> region->page_shift;
}

/* Commits what [from, to) of an array adds to what was committed for [0, from); returns false
 * when refused. *bytes counts what was committed. */
static bool commit_step(lair_heap *heap, char *base, size_t from, size_t to, size_t *bytes)
{
    size_t page = os_page_size();
    from = round_up(from, page);
    to = round_up(to, page);
    if (to <= from)
        return true;
    if (!limit_leaves_room(heap, to - from) || !os_commit(base + from, to - from))
        return false;
    *bytes += to - from;
    return true;
}

/* Commits side arrays (and the shared class map) up to `arenas`. A refusal half-way leaves some
 * arrays longer than others, which a later call makes good: committing twice is harmless, but
 * counted once, since side_committed moves only at the end. */
static bool side_commit(struct region *region, size_t arenas)
{
    lair_heap *heap = region->heap;
    size_t end = region->pages / arena_pages(region);
    if (arenas <= region->side_committed)
        return true;
    arenas = round_up(arenas, SIDE_STEP);
    arenas = arenas < end ? arenas : end;
    size_t bytes = 0;
    if (region->primary) {
        size_t slices = ARENA_BYTES >> SLICE_SHIFT;
        if (!commit_step(heap, (char *)region->classes, region->side_committed * slices,
                         arenas * slices, &bytes))
            return false;
    }
    side_array arrays[SIDE_ARRAYS];
    (void)side_layout(region, arrays);
    size_t from = region->side_committed * arena_pages(region);
    size_t to = arenas * arena_pages(region);
    for (int i = 0; i < SIDE_ARRAYS; i++) {
        if (!commit_step(heap, region->side + arrays[i].offset, (from * arrays[i].bits + 7) / 8,
                         (to * arrays[i].bits + 7) / 8, &bytes))
            return false;
    }
    meta_count(heap, (ptrdiff_t)bytes);
    region->side_committed = arenas;
    return true;
}

/* Gives a region its side arrays: address space only. */
static bool side_reserve(struct region *region)
{
    side_array arrays[SIDE_ARRAYS];
    size_t bytes = side_layout(region, arrays);
    region->side = os_reserve(bytes, os_page_size());
    if (region->side == NULL)
        return false;
    region->side_bytes = bytes;
    os_name(region->side, bytes, "lair: metadata");
    void *array[SIDE_ARRAYS];
    for (int i = 0; i < SIDE_ARRAYS; i++)
        array[i] = region->side + arrays[i].offset;
    if (region->kind == ZONE_SPAN)
        region->spans = array[0];
    else
        region->pools = array[0];
    region->free_map = array[1];
    region->dirty_map = array[2];
    region->summary = array[3];
    region->huge = array[4];
    if (!region->primary)
        region->classes = array[5];
    return true;
}

/* -- the radix map --------------------------------------------------------------------------- */

static bool radix_set(lair_heap *heap, const struct region *region, void *value)
{
    size_t root_bytes = sizeof(void *) << RADIX_ROOT_BITS;
    size_t leaf_bytes = sizeof(void *) << RADIX_LEAF_BITS;
    if (heap->radix == NULL) {
        void **root = os_map(root_bytes, heap->system_page);
        if (root == NULL)
            return false;
        meta_count(heap, (ptrdiff_t)root_bytes);
        __atomic_store_n(&heap->radix, root, __ATOMIC_RELEASE);
    }
    uintptr_t arena = (uintptr_t)region->base >> ARENA_SHIFT;
    uintptr_t end = ((uintptr_t)region->base + region->bytes) >> ARENA_SHIFT;
    for (; arena < end; arena++) {
        void **entry = &heap->radix[arena >> RADIX_LEAF_BITS];
        void **leaf = *entry;
        if (leaf == NULL) {
            leaf = os_map(leaf_bytes, heap->system_page);
            if (leaf == NULL)
                return false;
            meta_count(heap, (ptrdiff_t)leaf_bytes);
            __atomic_store_n(entry, leaf, __ATOMIC_RELEASE);
        }
        __atomic_store_n(&leaf[arena & ((1U << RADIX_LEAF_BITS) - 1)], value, __ATOMIC_RELEASE);
    }
    return true;
}

static struct region *radix_get(const lair_heap *heap, uintptr_t address)
{
    void **root = __atomic_load_n(&heap->radix, __ATOMIC_ACQUIRE);
    uintptr_t arena = address >> ARENA_SHIFT;
    if (root == NULL || arena >> (RADIX_LEAF_BITS + RADIX_ROOT_BITS) != 0)
        return NULL;
    void **leaf = __atomic_load_n(&root[arena >> RADIX_LEAF_BITS], __ATOMIC_ACQUIRE);
    if (leaf == NULL)
        return NULL;
    return __atomic_load_n(&leaf[arena & ((1U << RADIX_LEAF_BITS) - 1)], __ATOMIC_ACQUIRE);
}

static void radix_close(lair_heap *heap)
{
    if (heap->radix == NULL)
        return;
    for (size_t i = 0; i < (size_t)1 << RADIX_ROOT_BITS; i++)
        if (heap->radix[i] != NULL)
            os_unmap(heap->radix[i], sizeof(void *) << RADIX_LEAF_BITS);
    os_unmap(heap->radix, sizeof(void *) << RADIX_ROOT_BITS);
}

/* -- committing ------------------------------------------------------------------------------ */

bool region_commit_plane(struct region *region, unsigned index)
{
    size_t arenas = region->side_committed;
    size_t bytes = 0;
    size_t stride = arena_pages(region) * sizeof(void *);
    if (region->kind == ZONE_SPAN || region->planes_committed[index] >= arenas)
        return true;
    if (region->planes[index] == NULL) {
        region->planes[index] =
            os_reserve(round_up(region->pages * sizeof(void *), os_page_size()), os_page_size());
        if (region->planes[index] == NULL)
            return false;
    }
    if (!commit_step(region->heap, (char *)region->planes[index],
                     region->planes_committed[index] * stride, arenas * stride, &bytes))
        return false;
    meta_count(region->heap, (ptrdiff_t)bytes);
    region->planes_committed[index] = arenas;
    return true;
}

/* Touching one byte brings all of a huge page, so they come where one is a small part of what the
 * zone has, and the rest of the last one no great addition to a peak. */
bool region_may_be_huge(const struct region *region, size_t arena)
{
    const lair_heap *heap = region->heap;
    return heap->options.huge_pages == LAIR_ON &&
           (region->primary ? arena : heap->zones[region->kind].arenas) >= HUGE_FROM;
}

static void huge_mark(struct region *region, size_t arena)
{
    region->heap->huge_on = true;
    region->huge[arena / 64] |= (uint64_t)1 << (arena % 64);
}

/* Whether nearly all of an arena has memory behind it, and is in use. */
static bool arena_is_full(const struct region *region, size_t arena)
{
    size_t untouched = 0;
    size_t end = (arena + 1) * arena_pages(region);
    for (size_t page = arena * arena_pages(region); page < end; page++) {
        const struct pool *pool = &region->pools[page];
        if (pool->state == POOL_FREE || pool->hollow != 0)
            return false;
        untouched += ((size_t)1 << region->page_shift) - pool->fresh;
    }
    return untouched <= ARENA_BYTES / HUGE_UNTOUCHED;
}

/* Huge pages for an earlier arena, which has memory behind its pages already. */
static void arena_make_huge(struct region *region, size_t arena)
{
    if (region->kind == ZONE_SPAN || region->heap->options.huge_pages != LAIR_ON ||
        arena >= HUGE_FROM || !arena_is_full(region, arena))
        return;
    os_make_huge(region->base + arena * ARENA_BYTES, ARENA_BYTES);
    huge_mark(region, arena);
}

/* Arenas were committed: asks for huge pages in them, if they are late enough, and in earlier ones
 * that are full by now. */
static void advise_huge(struct region *region, size_t from, size_t to)
{
    for (size_t arena = from; arena < to; arena++) {
        if (region_may_be_huge(region, arena)) {
            os_advise_huge(region->base + arena * ARENA_BYTES, ARENA_BYTES, true);
            huge_mark(region, arena);
        }
        if (arena >= HUGE_AFTER)
            arena_make_huge(region, arena - HUGE_AFTER);
    }
}

bool region_commit(struct region *region, size_t pages)
{
    size_t from = region->committed / arena_pages(region);
    size_t to = (pages + arena_pages(region) - 1) / arena_pages(region);
    lair_assert(to * arena_pages(region) <= region->pages, "commit of %zu pages past the region",
                pages);
    if (to <= from)
        return true;
    if (!side_commit(region, to))
        return false;
    for (unsigned i = 0; i < PLANES_MAX; i++)
        if (region->heap->planes[i].used && !region_commit_plane(region, i))
            return false;
    if (!os_commit(region->base + from * ARENA_BYTES, (to - from) * ARENA_BYTES))
        return false;
    advise_huge(region, from, to);
    region->heap->zones[region->kind].arenas += to - from;
    region->committed = to * arena_pages(region);
    return true;
}

void region_set_class(struct region *region, const void *address, size_t bytes, unsigned size_class)
{
    size_t slice = (size_t)((const char *)address - region->base) >> SLICE_SHIFT;
    memset(region->classes + slice, (int)size_class, bytes >> SLICE_SHIFT);
}

/* -- regions --------------------------------------------------------------------------------- */

static void region_init(struct region *region, lair_heap *heap, zone_kind kind, char *base,
                        size_t bytes)
{
    region->heap = heap;
    region->kind = kind;
    region->base = base;
    region->bytes = bytes;
    region->page_shift = heap->zones[kind].page_shift;
    region->pages = bytes >> region->page_shift;
}

static void region_enlist(struct region *region)
{
    struct zone *zone = &region->heap->zones[region->kind];
    region->next = zone->regions;
    zone->regions = region;
    region->next_open = zone->open;
    zone->open = region;
    region->open = true;
}

static void region_unmap(struct region *region)
{
    for (unsigned i = 0; i < PLANES_MAX; i++)
        if (region->planes[i] != NULL)
            os_unmap(region->planes[i], round_up(region->pages * sizeof(void *), os_page_size()));
    if (region->side != NULL)
        os_unmap(region->side, region->side_bytes);
    if (!region->primary)
        os_unmap(region->base, region->bytes);
}

struct region *region_add(lair_heap *heap, zone_kind kind, size_t pages)
{
    size_t bytes = round_up(pages << heap->zones[kind].page_shift, ARENA_BYTES);
    struct region *new = meta_alloc(heap, sizeof(struct region));
    if (new == NULL)
        return NULL;
    char *base = os_reserve(bytes, ARENA_BYTES);
    if (base == NULL)
        goto fail;
    region_init(new, heap, kind, base, bytes);
    if (!side_reserve(new) || !radix_set(heap, new, new))
        goto fail_mapped;
    os_name(base, bytes, "lair: heap");
    region_enlist(new);
    return new;

fail_mapped:
    if (heap->radix != NULL)
        (void)radix_set(heap, new, NULL);
    region_unmap(new);
fail:
    meta_free(heap, new, sizeof(struct region));
    return NULL;
}

/* What side arrays and planes of the region had been counted for. */
static size_t side_counted(const struct region *region)
{
    side_array arrays[SIDE_ARRAYS];
    (void)side_layout(region, arrays);
    size_t page = os_page_size();
    size_t pages = region->side_committed * arena_pages(region);
    size_t bytes = 0;
    for (int i = 0; i < SIDE_ARRAYS; i++)
        bytes += round_up((pages * arrays[i].bits + 7) / 8, page);
    for (unsigned i = 0; i < PLANES_MAX; i++)
        bytes += round_up(region->planes_committed[i] * arena_pages(region) * sizeof(void *), page);
    return bytes;
}

static void region_unlist(struct region *gone)
{
    struct zone *zone = &gone->heap->zones[gone->kind];
    struct region **link;
    for (link = &zone->regions; *link != gone; link = &(*link)->next) {
    }
    *link = gone->next;
    if (!gone->open)
        return;
    for (link = &zone->open; *link != gone; link = &(*link)->next_open) {
    }
    *link = gone->next_open;
}

void region_remove(struct region *region)
{
    lair_heap *heap = region->heap;
    lair_assert(!region->primary, "region %p is primary", (void *)region);
    region_unlist(region);
    heap->zones[region->kind].arenas -= region->committed / arena_pages(region);
    (void)radix_set(heap, region, NULL);
    meta_count(heap, -(ptrdiff_t)side_counted(region));
    region_unmap(region);
    meta_free(heap, region, sizeof(*region));
}

struct region *region_find(const lair_heap *heap, const void *address)
{
    size_t offset = (uintptr_t)address - heap->base;
    if (offset >= heap->extent)
        return radix_get(heap, (uintptr_t)address);
    return heap->primary[offset >> heap->zone_shift];
}

struct region *region_holding(const lair_heap *heap, const void *address)
{
    struct region *region = region_find(heap, address);
    return region != NULL && region_page(region, address) < region->committed ? region : NULL;
}

bool heap_owns_far(const lair_heap *heap, const void *address)
{
    return region_find(heap, address) != NULL;
}

/* -- the reserved range ---------------------------------------------------------------------- */

/* Reserves the range of three zones and their class map; false, with nothing changed, when the
 * system refuses. zone_bytes is a power of two, at least what one page of class map covers. */
static bool range_reserve(lair_heap *heap, size_t zone_bytes)
{
    size_t bytes = zone_bytes * ZONE_COUNT;
    char *base = os_reserve(bytes, ARENA_BYTES);
    if (base == NULL)
        return false;
    uint8_t *classes = os_reserve(bytes >> SLICE_SHIFT, heap->system_page);
    if (classes == NULL) {
        os_unmap(base, bytes);
        return false;
    }
    for (int kind = 0; kind < ZONE_COUNT; kind++) {
        struct region *primary = meta_alloc(heap, sizeof(struct region));
        if (primary == NULL)
            goto fail;
        region_init(primary, heap, (zone_kind)kind, base + (size_t)kind * zone_bytes, zone_bytes);
        primary->primary = true;
        primary->classes = classes + ((size_t)kind * zone_bytes >> SLICE_SHIFT);
        if (!side_reserve(primary)) {
            meta_free(heap, primary, sizeof(struct region));
            goto fail;
        }
        heap->primary[kind] = primary;
    }
    for (int kind = 0; kind < ZONE_COUNT; kind++)
        region_enlist(heap->primary[kind]);
    os_name(base, bytes, "lair: heap");
    os_name(classes, bytes >> SLICE_SHIFT, "lair: metadata");
    heap->base = (uintptr_t)base;
    heap->extent = bytes;
    heap->zone_shift = log2_floor(zone_bytes);
    heap->reach = heap->options.hardened == LAIR_ON ? 0 : bytes;
    heap->classes = classes;
    return true;

fail:
    for (int kind = 0; kind < ZONE_COUNT; kind++) {
        if (heap->primary[kind] != NULL) {
            region_unmap(heap->primary[kind]);
            meta_free(heap, heap->primary[kind], sizeof(struct region));
            heap->primary[kind] = NULL;
        }
    }
    os_unmap(classes, bytes >> SLICE_SHIFT);
    os_unmap(base, bytes);
    return false;
}

bool regions_open(lair_heap *heap)
{
    size_t unit = heap->system_page << SLICE_SHIFT;
    size_t asked = heap->options.address_bytes;
    if (asked == 0)
        asked = (size_t)ADDRESS_DEFAULT_GIB << 30;
    else if (asked < ZONE_COUNT * unit)
        asked = ZONE_COUNT * unit;
    if (os_address_space_limited() && heap->options.address_bytes == 0)
        return true;
    for (; asked >= ZONE_COUNT * unit; asked /= 4) {
        size_t zone_bytes = (size_t)1 << log2_floor(asked / ZONE_COUNT);
        if (range_reserve(heap, zone_bytes)) {
            heap->options.address_bytes = heap->extent;
            return true;
        }
    }
    heap->options.address_bytes = 0;
    return true;
}

void regions_close(lair_heap *heap)
{
    for (int kind = 0; kind < ZONE_COUNT; kind++) {
        struct region *next;
        for (struct region *each = heap->zones[kind].regions; each != NULL; each = next) {
            next = each->next;
            region_unmap(each);
        }
        heap->zones[kind].regions = heap->zones[kind].open = NULL;
    }
    if (heap->extent != 0) {
        os_unmap((void *)heap->base, heap->extent);
        os_unmap(heap->classes, heap->extent >> SLICE_SHIFT);
    }
    radix_close(heap);
}

/* -- for residency --------------------------------------------------------------------------- */

void regions_each_side(const lair_heap *heap, range_visit visit, void *arg)
{
    for (int kind = 0; kind < ZONE_COUNT; kind++) {
        const struct region *region = heap->zones[kind].regions;
        for (; region != NULL; region = region->next) {
            side_array arrays[SIDE_ARRAYS];
            (void)side_layout(region, arrays);
            size_t pages = region->side_committed * arena_pages(region);
            for (int i = 0; i < SIDE_ARRAYS; i++)
                visit(region->side + arrays[i].offset,
                      round_up((pages * arrays[i].bits + 7) / 8, heap->system_page), arg);
            if (region->primary)
                visit(region->classes,
                      round_up(region->side_committed * (ARENA_BYTES >> SLICE_SHIFT),
                               heap->system_page),
                      arg);
            for (unsigned i = 0; i < PLANES_MAX; i++)
                if (region->planes[i] != NULL)
                    visit(
                        region->planes[i],
                        round_up(region->planes_committed[i] * arena_pages(region) * sizeof(void *),
                                 heap->system_page),
                        arg);
        }
    }
    if (heap->radix == NULL)
        return;
    visit(heap->radix, sizeof(void *) << RADIX_ROOT_BITS, arg);
    for (size_t i = 0; i < (size_t)1 << RADIX_ROOT_BITS; i++)
        if (heap->radix[i] != NULL)
            visit(heap->radix[i], sizeof(void *) << RADIX_LEAF_BITS, arg);
}

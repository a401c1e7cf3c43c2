/* heap.c: opening and closing a heap, and giving its memory back. */
#include <lair/options.h>

#include "internal.h"

enum {
    POOL_MIN = 4 * 1024,
    POOL_MAX = 64 * 1024,
    POOL_DEFAULT = 16 * 1024,
    SMALL_MIN = 64,
    SMALL_MAX = 1024,
    SMALL_DEFAULT = 512,
    ALIGNMENT_DEFAULT = 8,
    DECAY_DEFAULT_MS = 100,
};

/* -- options --------------------------------------------------------------------------------- */

static size_t or_default(size_t value, size_t standard)
{
    return value != 0 ? value : standard;
}

static lair_choice choice_or(lair_choice choice, lair_choice standard)
{
    return choice == LAIR_DEFAULT ? standard : choice;
}

static void options_fill(lair_heap_options *options)
{
    size_t page = os_page_size();
    size_t pool = POOL_DEFAULT > page ? POOL_DEFAULT : page;
    options->pool_bytes = or_default(options->pool_bytes, pool);
    options->small_bytes = or_default(options->small_bytes, SMALL_DEFAULT);
    options->alignment = or_default(options->alignment, ALIGNMENT_DEFAULT);
    options->decay_ms = options->decay_ms != 0 ? options->decay_ms : DECAY_DEFAULT_MS;
    options->idle_purge = choice_or(options->idle_purge, LAIR_ON);
    options->huge_pages = choice_or(options->huge_pages, LAIR_ON);
    options->hardened = choice_or(options->hardened, LAIR_OFF);
    options->show_refcount = choice_or(options->show_refcount, LAIR_OFF);
}

static bool choice_valid(const char *name, lair_choice choice)
{
    if (choice == LAIR_DEFAULT || choice == LAIR_ON || choice == LAIR_OFF)
        return true;
    (void)lair_fail(LAIR_ERR_INVALID, "%s %d is not LAIR_DEFAULT, LAIR_ON or LAIR_OFF", name,
                    (int)choice);
    return false;
}

/* The heap only keeps it for the objects that may live in it. */
static bool gctype_valid(unsigned gctype)
{
    if (gctype == 0 || gctype == LAIR_GC_AUTO || gctype == LAIR_GC_MANUAL ||
        gctype == LAIR_GC_INCREMENTAL)
        return true;
    (void)lair_fail(LAIR_ERR_INVALID,
                    "gctype %u is not 0, LAIR_GC_AUTO, LAIR_GC_MANUAL or LAIR_GC_INCREMENTAL",
                    gctype);
    return false;
}

static bool options_valid(const lair_heap_options *options)
{
    size_t page = os_page_size();
    size_t pool_min = POOL_MIN > page ? POOL_MIN : page;
    if (!is_power_of_two(options->pool_bytes) || options->pool_bytes < pool_min ||
        options->pool_bytes > POOL_MAX) {
        (void)lair_fail(LAIR_ERR_INVALID, "pool_bytes %zu is not a power of two from %zu to %d",
                        options->pool_bytes, pool_min, POOL_MAX);
        return false;
    }
    if (options->small_bytes % 64 != 0 || options->small_bytes < SMALL_MIN ||
        options->small_bytes > SMALL_MAX) {
        (void)lair_fail(LAIR_ERR_INVALID, "small_bytes %zu is not a multiple of 64 from %d to %d",
                        options->small_bytes, SMALL_MIN, SMALL_MAX);
        return false;
    }
    if (options->alignment != 8 && options->alignment != 16) {
        (void)lair_fail(LAIR_ERR_INVALID, "alignment %zu is not 8 or 16", options->alignment);
        return false;
    }
    if (options->prefix_bytes % 16 != 0 || options->prefix_bytes >= CACHE_LINE) {
        (void)lair_fail(LAIR_ERR_INVALID, "prefix_bytes %zu is not 0, 16, 32 or 48",
                        options->prefix_bytes);
        return false;
    }
    if (options->soft_bytes > options->max_bytes) {
        (void)lair_fail(LAIR_ERR_INVALID, "soft_bytes %zu is above max_bytes %zu",
                        options->soft_bytes, options->max_bytes);
        return false;
    }
    if (options->max_bytes != 0 && options->reserve_bytes > options->max_bytes) {
        (void)lair_fail(LAIR_ERR_INVALID, "reserve_bytes %zu is above max_bytes %zu",
                        options->reserve_bytes, options->max_bytes);
        return false;
    }
    if (options->address_bytes > (size_t)1 << 46) {
        (void)lair_fail(LAIR_ERR_INVALID, "address_bytes %zu is more than 64 TiB",
                        options->address_bytes);
        return false;
    }
    if (options->reserve_bytes > os_memory_total()) {
        (void)lair_fail(LAIR_ERR_INVALID, "reserve_bytes %zu is more than the %zu bytes there are",
                        options->reserve_bytes, os_memory_total());
        return false;
    }
    return gctype_valid(options->gctype) && choice_valid("idle_purge", options->idle_purge) &&
           choice_valid("huge_pages", options->huge_pages) &&
           choice_valid("hardened", options->hardened) &&
           choice_valid("show_refcount", options->show_refcount);
}

/* -- opening and closing --------------------------------------------------------------------- */

/* Commits the reserve: pages of the small zone, touched, then free and dirty. */
static bool reserve_commit(lair_heap *heap)
{
    size_t page = (size_t)1 << heap->zones[ZONE_SMALL].page_shift;
    size_t left = (heap->options.reserve_bytes + page - 1) / page;
    struct pool *taken = NULL; /* linked through their node */
    bool complete = true;
    for (; left != 0 && complete; left--) {
        struct pool *pool = page_acquire(heap, ZONE_SMALL, 0);
        complete = pool != NULL;
        if (!complete)
            break;
        for (size_t at = 0; at < page; at += heap->system_page)
            ((volatile char *)pool->base)[at] = 0;
        pool->node.next = (address_node *)taken;
        taken = pool;
    }
    while (taken != NULL) {
        struct pool *next = (struct pool *)(void *)taken->node.next;
        page_release(heap, ZONE_SMALL, taken);
        taken = next;
    }
    return complete;
}

static void heap_init(lair_heap *heap, const lair_heap_options *options, size_t mapped)
{
    heap->options = *options;
    heap->system_page = os_page_size();
    heap->mapped_bytes = mapped;
    heap->zones[ZONE_SMALL].page_shift = ctz64(options->pool_bytes);
    heap->zones[ZONE_MEDIUM].page_shift = MEDIUM_SHIFT;
    heap->zones[ZONE_SPAN].page_shift = ctz64(heap->system_page);
    pthread_mutex_init(&heap->lock, NULL);
    heap->no_pool.state = POOL_FULL;
    heap->no_pool.used = UINT32_MAX;
    heap->no_pool.trigger = TRIGGER_NEVER;
    classes_init(heap);
    for (unsigned size_class = 0; size_class < heap->class_end; size_class++) {
        heap->current[size_class] = &heap->no_pool;
        heap->bins[size_class].top = heap->bins[size_class].end = heap->bins[size_class].slot;
    }
    limit_init(heap);
    idle_init(heap);
    meta_count(heap, (ptrdiff_t)mapped);
    if (options->hardened == LAIR_ON) {
        os_random(&heap->key, sizeof(heap->key));
        front_cache_off(heap, OFF_HARDENED);
    } else {
        front_cache_on(heap, 0);
    }
}

static void heap_discard(lair_heap *heap)
{
    regions_close(heap);
    meta_close(heap);
    pthread_cond_destroy(&heap->helper.wake);
    pthread_mutex_destroy(&heap->lock);
    os_unmap(heap, heap->mapped_bytes);
}

lair_heap *lair_heap_open(const lair_heap_options *options)
{
    lair_heap_options filled = options != NULL ? *options : (lair_heap_options){0};
    options_fill(&filled);
    if (!options_valid(&filled))
        return NULL;
    size_t mapped = round_up(sizeof(lair_heap), os_page_size());
    lair_heap *heap = os_map(mapped, os_page_size());
    if (heap == NULL) {
        (void)lair_fail(LAIR_ERR_NO_MEMORY, "the system refused %zu bytes for a heap", mapped);
        return NULL;
    }
    os_name(heap, mapped, "lair: metadata");
    heap_init(heap, &filled, mapped);
    if (!regions_open(heap) || !registry_add(heap)) {
        (void)lair_fail(LAIR_ERR_NO_MEMORY, "the system refused what a heap needs to start");
        goto fail;
    }
    if (!reserve_commit(heap))
        goto fail_registered;
    if (filled.max_bytes != 0 &&
        lair_heap_set_limit(heap, filled.max_bytes, filled.soft_bytes) != LAIR_OK)
        goto fail_registered;
    lair_heap_inject_failure(heap, filled.fail_at, filled.fail_forever);
    return heap;

fail_registered:
    registry_remove(heap);
    idle_stop(heap);
fail:
    heap_discard(heap);
    return NULL;
}

void lair_heap_close(lair_heap *heap)
{
    if (heap == NULL)
        return;
    if (heap->client != NULL)
        heap->client->close(heap->client_arg);
    registry_remove(heap);
    idle_stop(heap);
    heap_discard(heap);
}

const lair_heap_options *lair_heap_get_options(const lair_heap *heap)
{
    return &heap->options;
}

size_t lair_heap_trim(lair_heap *heap)
{
    size_t before = lair_heap_footprint(heap);
    remote_drain(heap);
    if (heap->client != NULL)
        heap->client->trim(heap->client_arg);
    pools_trim(heap, ZONE_SMALL);
    pthread_mutex_lock(&heap->lock);
    (void)purge_all(heap);
    pthread_mutex_unlock(&heap->lock);
    size_t after = lair_heap_footprint(heap);
    return after < before ? before - after : 0;
}

/* A cache that gives way: it grows until its heap comes near the limit, and halves itself then.
 *
 *     cc cache.c $(pkg-config --cflags --libs lair) -o cache && ./cache
 *
 * The heap may hold 64 MiB. Past the soft limit (90 % of that) the listener drops the older half
 * of the cache and trims the heap, so that 390 MiB of entries pass through and no request fails.
 */
#include <stdio.h>
#include <string.h>

#include <lair/lair.h>

enum { LIMIT_BYTES = 64 << 20, ENTRIES = 100000, ENTRY_BYTES = 4096, SLOTS = 32768 };

/* A ring of entries, oldest first. Entry i lies in slot i % SLOTS while first <= i < end. */
typedef struct ring {
    void *slot[SLOTS];
    size_t first, end;
} ring;

static double mebibytes(size_t bytes)
{
    return (double)bytes / (1 << 20);
}

static void drop_oldest(lair_heap *heap, ring *cache)
{
    lair_heap_free(heap, cache->slot[cache->first++ % SLOTS]);
}

/* Called by the heap, on the thread that allocates, before the allocation goes on. */
static bool give_way(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    ring *cache = arg;
    if (event->kind != LAIR_HEAP_SOFT_LIMIT)
        return false;
    size_t half = (cache->end - cache->first) / 2;
    for (size_t i = 0; i < half; i++)
        drop_oldest(heap, cache);
    (void)lair_heap_trim(heap);
    printf("near the limit: %zu entries dropped, footprint %.1f -> %.1f MiB\n", half,
           mebibytes(event->footprint), mebibytes(lair_heap_footprint(heap)));
    return true;
}

static bool fill(lair_heap *heap, ring *cache)
{
    for (int i = 0; i < ENTRIES; i++) {
        char *entry = lair_heap_alloc(heap, ENTRY_BYTES);
        if (entry == NULL)
            return false;
        memset(entry, i & 0xFF, ENTRY_BYTES);
        if (cache->end - cache->first == SLOTS)
            drop_oldest(heap, cache);
        cache->slot[cache->end++ % SLOTS] = entry;
    }
    return true;
}

static void print_part(const char *name, size_t bytes)
{
    printf("  %-14s%8.2f MiB\n", name, mebibytes(bytes));
}

static void print_ledger(lair_heap *heap)
{
    lair_ledger books;
    lair_heap_ledger(heap, &books);
    printf("%zu entries are in the cache; the heap has committed\n", books.blocks);
    print_part("live", books.live);
    print_part("free in pools", books.free_in_pools);
    print_part("cached", books.cached);
    print_part("purged", books.purged);
    print_part("overhead", books.overhead);
    print_part("= committed", books.committed);
    print_part("footprint", books.footprint);
}

int main(void)
{
    static ring entries;
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = LIMIT_BYTES});
    if (heap == NULL) {
        fprintf(stderr, "cache: %s\n", lair_error_message());
        return 1;
    }
    lair_heap_set_listener(heap, give_way, &entries);
    bool filled = fill(heap, &entries);
    if (filled)
        print_ledger(heap);
    else
        fprintf(stderr, "cache: %s\n", lair_error_message());
    lair_heap_close(heap);
    return filled ? 0 : 1;
}

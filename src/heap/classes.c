/* classes.c: the size classes.
 *
 * Small classes rise in steps of the alignment up to small_bytes, so that a request finds its
 * class by arithmetic. Above, classes are geometric, eight to a doubling (at most a ninth of a
 * block is lost), up to 32 KiB, and found in a table.
 */
#include "internal.h"

/* A class gives up its front cache beyond about this many bytes, so that a burst of frees of
 * large blocks does not stay out of the pools. */
enum { FRONT_BYTES = 8 * 1024, BATCH_BYTES = 2 * 1024 };

static unsigned clamp(size_t value, size_t low, size_t high)
{
    return (unsigned)(value < low ? low : value > high ? high : value);
}

static void class_add(lair_heap *heap, size_t bytes, zone_kind kind)
{
    size_t page = (size_t)1 << heap->zones[kind].page_shift;
    size_class_info *info = &heap->info[heap->class_end];
    info->bytes = (uint32_t)bytes;
    if (kind == ZONE_SMALL && bytes % CACHE_LINE == 0)
        info->lead = (uint8_t)(-heap->options.prefix_bytes % CACHE_LINE);
    info->capacity = (uint32_t)((page - info->lead) / bytes);
    info->reciprocal = (uint32_t)((((uint64_t)1 << 32) + bytes - 1) / bytes);
    info->front_cap = (uint16_t)clamp(FRONT_BYTES / bytes, 2, BIN_CAP);
    info->batch = (uint16_t)clamp(BATCH_BYTES / bytes, 1, BATCH_MAX);
    info->zone = (uint8_t)kind;
    if (kind == ZONE_SMALL)
        info->front_cap = BIN_CAP;
    heap->class_end++;
}

void classes_init(lair_heap *heap)
{
    size_t step = heap->options.alignment;
    heap->class_end = CLASS_FIRST;
    heap->class_shift = ctz64(step);
    heap->small_bytes = heap->options.small_bytes;
    for (size_t bytes = step; bytes <= heap->small_bytes; bytes += step)
        class_add(heap, bytes, ZONE_SMALL);

    size_t last = heap->small_bytes;
    for (size_t base = round_down(last, 64) / 2; base < MEDIUM_MAX; base *= 2) {
        base = (size_t)1 << log2_floor(base);
        for (size_t eighth = 1; eighth <= 8; eighth++) {
            size_t bytes = round_up(base + base / 8 * eighth, CLASS_UNIT);
            if (bytes > last && bytes <= MEDIUM_MAX) {
                class_add(heap, bytes, ZONE_MEDIUM);
                last = bytes;
            }
        }
    }
    lair_assert(heap->class_end <= CLASS_MAX, "%u size classes", heap->class_end);

    unsigned size_class = CLASS_FIRST;
    for (size_t unit = 0; unit <= MEDIUM_MAX / CLASS_UNIT; unit++) {
        while (heap->info[size_class].bytes < unit * CLASS_UNIT)
            size_class++;
        heap->class_of[unit] = (uint8_t)size_class;
    }
}

/* variants.c: the table of heaps. */
#include "variants.h"

#include <stdio.h>

#include "check.h"

const heap_variant variants[] = {
    {"default", {0}},
    {"alignment 16, prefix 16", {.alignment = 16, .prefix_bytes = 16}},
    {"alignment 8, small 64, pools 4K", {.alignment = 8, .small_bytes = 64, .pool_bytes = 4096}},
    {"small 1024, pools 64K", {.small_bytes = 1024, .pool_bytes = 65536}},
    {"pools 8K, small 256, no huge pages",
     {.pool_bytes = 8192, .small_bytes = 256, .huge_pages = LAIR_OFF}},
    {"decay at once", {.decay_ms = LAIR_DECAY_AT_ONCE}},
    {"decay never", {.decay_ms = LAIR_DECAY_NEVER, .idle_purge = LAIR_OFF}},
    {"decay 1 ms beside a helper", {.decay_ms = 1}},
    {"range of 1 byte", {.address_bytes = 1}},
    {"range of 8 MiB", {.address_bytes = 8 << 20}},
    {"range of 64 MiB, reserve 4 MiB", {.address_bytes = 64 << 20, .reserve_bytes = 4 << 20}},
    {"limit 1 GiB", {.max_bytes = 1 << 30}},
    {"hardened", {.hardened = LAIR_ON}},
    {"hardened, alignment 8, pools 4K, small 64, range of 8 MiB",
     {.hardened = LAIR_ON,
      .alignment = 8,
      .pool_bytes = 4096,
      .small_bytes = 64,
      .address_bytes = 8 << 20}},
};

const size_t variant_count = sizeof variants / sizeof variants[0];

lair_heap *variant_open(const heap_variant *variant)
{
    printf("heap: %s\n", variant->name);
    fflush(stdout);
    lair_heap *heap = lair_heap_open(&variant->options);
    REQUIRE(heap != NULL);
    return heap;
}

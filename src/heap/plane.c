/* plane.c: see plane.h. Slots of a pool are one piece of metadata, found through the region's
 * array of pages; a span carries its slots in its descriptor. */
#include "plane.h"

#include <string.h>

#include "internal.h"

/* -- the map of foreign addresses: open addressing, linear probing, at most half full -------- */

struct foreign_entry {
    uintptr_t address; /* 0: empty */
    uint64_t slot;
};

struct foreign_map {
    size_t count, capacity; /* capacity is a power of two */
    struct foreign_entry entries[];
};

static size_t foreign_bytes(size_t capacity)
{
    return sizeof(struct foreign_map) + capacity * sizeof(struct foreign_entry);
}

/* Where address is, or would be put. */
static struct foreign_entry *foreign_find(struct foreign_map *map, uintptr_t address)
{
    size_t i = (size_t)((address >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 20);
    for (;; i++) {
        struct foreign_entry *entry = &map->entries[i & (map->capacity - 1)];
        if (entry->address == address || entry->address == 0)
            return entry;
    }
}

static struct foreign_map *foreign_grow(lair_heap *heap, struct foreign_map *old)
{
    size_t capacity = old == NULL ? 64 : old->capacity * 2;
    pthread_mutex_lock(&heap->lock);
    struct foreign_map *map = meta_alloc(heap, foreign_bytes(capacity));
    pthread_mutex_unlock(&heap->lock);
    if (map == NULL)
        return NULL;
    map->capacity = capacity;
    for (size_t i = 0; old != NULL && i < old->capacity; i++) {
        if (old->entries[i].address != 0) {
            *foreign_find(map, old->entries[i].address) = old->entries[i];
            map->count++;
        }
    }
    return map;
}

static void foreign_drop(lair_heap *heap, struct foreign_map *map)
{
    if (map == NULL)
        return;
    pthread_mutex_lock(&heap->lock);
    meta_free(heap, map, foreign_bytes(map->capacity));
    pthread_mutex_unlock(&heap->lock);
}

uint64_t *plane_foreign(lair_heap *heap, unsigned id, const void *address, bool create)
{
    struct foreign_map *map = heap->planes[id].foreign;
    if (map != NULL) {
        struct foreign_entry *entry = foreign_find(map, (uintptr_t)address);
        if (entry->address != 0)
            return &entry->slot;
    }
    if (!create)
        return NULL;
    if (map == NULL || map->count * 2 >= map->capacity) {
        struct foreign_map *larger = foreign_grow(heap, map);
        if (larger == NULL) {
            (void)lair_fail(LAIR_ERR_NO_MEMORY, "no memory for the slots of foreign blocks");
            return NULL;
        }
        foreign_drop(heap, map);
        heap->planes[id].foreign = map = larger;
    }
    struct foreign_entry *entry = foreign_find(map, (uintptr_t)address);
    entry->address = (uintptr_t)address;
    entry->slot = 0;
    map->count++;
    return &entry->slot;
}

void plane_forget_foreign(lair_heap *heap, unsigned id, const void *address)
{
    struct foreign_map *map = heap->planes[id].foreign;
    if (map == NULL)
        return;
    struct foreign_entry *gone = foreign_find(map, (uintptr_t)address);
    if (gone->address == 0)
        return;
    gone->address = 0;
    map->count--;
    /* Entries that follow without a gap may have been pushed past this place: put them again. */
    size_t i = (size_t)(gone - map->entries);
    for (;;) {
        i = (i + 1) & (map->capacity - 1);
        struct foreign_entry moved = map->entries[i];
        if (moved.address == 0)
            return;
        map->entries[i].address = 0;
        *foreign_find(map, moved.address) = moved;
    }
}

/* -- slots of blocks ------------------------------------------------------------------------- */

static size_t page_bytes(const lair_heap *heap, unsigned id, unsigned size_class)
{
    size_t capacity = heap->info[size_class].capacity;
    unsigned bytes = heap->planes[id].bytes;
    return bytes == 0 ? (capacity + 7) / 8 : capacity * bytes;
}

/* The pool's slots, which are made if asked for; *index is the block's. */
static char *pool_slots(const lair_heap *heap, struct region *region, unsigned id,
                        const void *block, bool create, uint32_t *index)
{
    struct pool *pool = pool_of(region, block);
    *index = pool_index(pool, block);
    void **slots = &region->planes[id][region_page(region, block)];
    if (*slots == NULL && create) {
        pthread_mutex_lock(&region->heap->lock);
        *slots = meta_alloc(region->heap, page_bytes(heap, id, pool->size_class));
        pthread_mutex_unlock(&region->heap->lock);
        if (*slots == NULL)
            (void)lair_fail(LAIR_ERR_NO_MEMORY, "no memory for the slots of a plane");
    }
    return *slots;
}

static char *slot_find(const lair_heap *heap, unsigned id, const void *block, bool create,
                       uint32_t *bit)
{
    struct region *region = region_find(heap, block);
    unsigned bytes = heap->planes[id].bytes;
    *bit = 0;
    if (region->kind == ZONE_SPAN)
        return (char *)&span_at(region, block)->slots[id];
    uint32_t index;
    char *slots = pool_slots(heap, region, id, block, create, &index);
    if (slots == NULL)
        return NULL;
    *bit = index % 8;
    return slots + (bytes == 0 ? index / 8 : (size_t)index * bytes);
}

void *plane_slot(lair_heap *heap, unsigned id, const void *block)
{
    uint32_t bit;
    return slot_find(heap, id, block, true, &bit);
}

const void *plane_peek(const lair_heap *heap, unsigned id, const void *block)
{
    uint32_t bit;
    return slot_find(heap, id, block, false, &bit);
}

bool plane_bit(const lair_heap *heap, unsigned id, const void *block)
{
    uint32_t bit;
    const char *byte = slot_find(heap, id, block, false, &bit);
    return byte != NULL && ((unsigned char)*byte >> bit & 1) != 0;
}

bool plane_set_bit(lair_heap *heap, unsigned id, const void *block, bool value)
{
    uint32_t bit;
    char *byte = slot_find(heap, id, block, value, &bit);
    if (byte == NULL)
        return !value;
    *byte = (char)(((unsigned char)*byte & ~(1U << bit)) | ((unsigned)value << bit));
    return true;
}

/* -- for the heap ---------------------------------------------------------------------------- */

void planes_clear(lair_heap *heap, struct region *region, void *block)
{
    for (unsigned id = 0; id < PLANES_MAX; id++) {
        uint32_t index;
        if (!heap->planes[id].used || heap->planes[id].lasting)
            continue;
        char *slots = pool_slots(heap, region, id, block, false, &index);
        unsigned bytes = heap->planes[id].bytes;
        if (slots == NULL)
            continue;
        if (bytes == 0)
            slots[index / 8] = (char)((unsigned char)slots[index / 8] & ~(1U << index % 8));
        else
            memset(slots + (size_t)index * bytes, 0, bytes);
    }
}

void planes_drop_page(struct region *region, size_t page, unsigned size_class)
{
    for (unsigned id = 0; id < PLANES_MAX; id++) {
        if (region->heap->planes[id].used && region->planes[id][page] != NULL) {
            meta_free(region->heap, region->planes[id][page],
                      page_bytes(region->heap, id, size_class));
            region->planes[id][page] = NULL;
        }
    }
}

static void plane_drop_slots(lair_heap *heap, unsigned id)
{
    for (int kind = 0; kind < ZONE_SPAN; kind++) {
        for (struct region *region = heap->zones[kind].regions; region; region = region->next) {
            for (size_t page = 0; region->planes[id] != NULL && page < region->frontier; page++) {
                void **slots = &region->planes[id][page];
                if (*slots != NULL) {
                    pthread_mutex_lock(&heap->lock);
                    meta_free(heap, *slots, page_bytes(heap, id, region->pools[page].size_class));
                    pthread_mutex_unlock(&heap->lock);
                    *slots = NULL;
                }
            }
        }
    }
    for (struct region *region = heap->zones[ZONE_SPAN].regions; region; region = region->next)
        for (size_t page = 0; page < region->committed;) {
            region->spans[page]->slots[id] = 0;
            page += region->spans[page]->pages;
        }
}

static lair_status register_plane(lair_heap *heap, unsigned slot_bytes, bool lasting, unsigned *id)
{
    if (slot_bytes > 8 || (slot_bytes & (slot_bytes - 1)) != 0)
        return lair_fail(LAIR_ERR_INVALID, "a plane's slot of %u bytes is not 0, 1, 2, 4 or 8",
                         slot_bytes);
    unsigned free_id = 0;
    while (free_id < PLANES_MAX && heap->planes[free_id].used)
        free_id++;
    if (free_id == PLANES_MAX)
        return lair_fail(LAIR_ERR_UNSUPPORTED, "a heap has at most %d planes", PLANES_MAX);
    bool ready = true;
    pthread_mutex_lock(&heap->lock);
    for (int kind = 0; kind < ZONE_SPAN; kind++)
        for (struct region *region = heap->zones[kind].regions; region; region = region->next)
            ready = ready && region_commit_plane(region, free_id);
    pthread_mutex_unlock(&heap->lock);
    if (!ready)
        return lair_fail(LAIR_ERR_NO_MEMORY, "no memory for a plane");
    heap->planes[free_id] =
        (struct plane){.used = true, .lasting = lasting, .bytes = (uint8_t)slot_bytes};
    heap->plane_count += !lasting;
    front_cache_update(heap);
    *id = free_id;
    return LAIR_OK;
}

lair_status plane_register(lair_heap *heap, unsigned slot_bytes, unsigned *id)
{
    return register_plane(heap, slot_bytes, false, id);
}

lair_status plane_register_lasting(lair_heap *heap, unsigned slot_bytes, unsigned *id)
{
    return register_plane(heap, slot_bytes, true, id);
}

void plane_unregister(lair_heap *heap, unsigned id)
{
    plane_drop_slots(heap, id);
    foreign_drop(heap, heap->planes[id].foreign);
    heap->plane_count -= !heap->planes[id].lasting;
    heap->planes[id] = (struct plane){.used = false};
    front_cache_update(heap);
}

/* address_set.c: regions come and go; what runs over all of them. */
#include "address_set.h"

#include <string.h>

#include "os/os.h"

enum {
    TABLE_ENTRIES = 1 << SET_TABLE_SHIFT,
    REST_REGIONS = 8, /* so many regions keep all their memory after a collection */
};

static size_t pages(size_t bytes)
{
    return round_up(bytes, os_page_size());
}

static void *take(struct address_set *set, size_t bytes)
{
    void *memory = os_map(pages(bytes), os_page_size());
    if (memory != NULL)
        set->bytes += pages(bytes);
    return memory;
}

static void give_back(struct address_set *set, void *memory, size_t bytes)
{
    if (memory == NULL)
        return;
    os_unmap(memory, pages(bytes));
    set->bytes -= pages(bytes);
}

/* -- beginning and end ----------------------------------------------------------------------- */

void address_set_open(struct address_set *set, unsigned shift)
{
    *set = (struct address_set){.shift = shift, .near_first = SET_NO_REGION};
    set->active_end = &set->active;
}

void address_set_close(struct address_set *set)
{
    for (struct address_region *next, *region = set->first; region != NULL; region = next) {
        next = region->next;
        give_back(set, region, sizeof(*region));
    }
    for (size_t i = 0; set->table != NULL && i < TABLE_ENTRIES; i++)
        give_back(set, set->table[i], TABLE_ENTRIES * sizeof(void *));
    give_back(set, set->table, TABLE_ENTRIES * sizeof(void *));
    address_set_open(set, set->shift);
}

/* -- regions --------------------------------------------------------------------------------- */

/* Where the entry of region number is, with the levels of the table made. NULL: no memory, or no
 * address of a program is that high. */
static struct address_region **table_entry(struct address_set *set, size_t number)
{
    size_t leaf = number >> SET_TABLE_SHIFT;
    if (leaf >= TABLE_ENTRIES)
        return NULL;
    if (set->table == NULL)
        set->table = take(set, TABLE_ENTRIES * sizeof(void *));
    if (set->table != NULL && set->table[leaf] == NULL)
        set->table[leaf] = take(set, TABLE_ENTRIES * sizeof(void *));
    if (set->table == NULL || set->table[leaf] == NULL)
        return NULL;
    if (set->near == NULL) {
        set->near = set->table[leaf];
        set->near_first = leaf << SET_TABLE_SHIFT;
    }
    return &set->table[leaf][number & (TABLE_ENTRIES - 1)];
}

struct address_region *address_set_reserve(struct address_set *set, uintptr_t address)
{
    size_t number = address >> (REGION_SHIFT + set->shift);
    struct address_region **entry = table_entry(set, number);
    if (entry == NULL || *entry != NULL)
        return entry != NULL ? *entry : NULL;
    struct address_region *region = take(set, sizeof(*region));
    if (region == NULL)
        return NULL;
    region->number = number;
    struct address_region **link = &set->first;
    while (*link != NULL && (*link)->number < number)
        link = &(*link)->next;
    region->next = *link;
    *link = region;
    set->region_count++;
    *entry = region;
    return region;
}

/* -- over many regions ----------------------------------------------------------------------- */

static size_t whiten_region(struct address_region *region)
{
    size_t count = 0;
    for (size_t i = 0; i < REGION_WORDS; i++) {
        if (region->tracked[i] != 0) {
            region->white[i] = region->tracked[i];
            region->summary[i / 64] |= (uint64_t)1 << (i % 64);
            count += popcount64(region->tracked[i]);
        }
    }
    return count;
}

size_t address_set_whiten_region(struct address_set *set, struct address_region *region)
{
    address_region_activate(set, region);
    return whiten_region(region);
}

size_t address_set_whiten(struct address_set *set)
{
    size_t count = 0;
    for (struct address_region *region = set->first; region != NULL; region = region->next)
        count += address_set_whiten_region(set, region);
    return count;
}

bool address_set_copy_region(struct address_set *set, const struct address_region *from,
                             size_t *count)
{
    struct address_region *region = address_set_reserve(set, address_of_bit(set, from, 0, 0));
    if (region == NULL)
        return false;
    memcpy(region->tracked, from->tracked, sizeof(region->tracked));
    *count += address_set_whiten_region(set, region);
    return true;
}

size_t address_region_rank(struct address_region *region, size_t before)
{
    size_t count = before;
    for (size_t word = 0; address_region_next_word(region, &word); word++) {
        region->rank[word] = (uint32_t)count;
        count += popcount64(region->white[word]);
    }
    return count;
}

size_t address_set_rank(struct address_set *set)
{
    size_t count = 0;
    for (struct address_region *region = set->active; region; region = region->next_active)
        count = address_region_rank(region, count);
    return count;
}

void address_set_drop_white(struct address_set *set)
{
    for (struct address_region *region = set->active; region; region = region->next_active)
        for (size_t word = 0; address_region_next_word(region, &word); word++)
            region->tracked[word] &= ~region->white[word];
}

void address_set_vacate(struct address_set *set, uintptr_t from, uintptr_t to)
{
    unsigned shift = REGION_SHIFT + set->shift;
    for (size_t number = from >> shift; number < to >> shift; number++) {
        struct address_region *region = address_region_of(set, set->shift, number << shift);
        size_t bytes = round_down(sizeof(region->tracked), os_page_size());
        if (region != NULL && bytes != 0)
            (void)os_purge(region->tracked, bytes);
    }
}

/* The memory of white and rank, less what they share with others. */
static void purge_region(struct address_region *region)
{
    size_t from = round_up(offsetof(struct address_region, white), os_page_size());
    size_t to = round_down(offsetof(struct address_region, summary), os_page_size());
    if (from < to)
        (void)os_purge((char *)region + from, to - from);
}

/* The first active region; there is one. */
static void rest_first(struct address_set *set, bool purge)
{
    struct address_region *region = set->active;
    set->active = region->next_active;
    if (set->active == NULL)
        set->active_end = &set->active;
    for (size_t word = 0; address_region_next_word(region, &word); word++)
        region->white[word] = 0;
    memset(region->summary, 0, sizeof(region->summary));
    region->active = false;
    if (purge)
        purge_region(region);
}

bool address_set_rest_some(struct address_set *set)
{
    if (set->active == NULL)
        return false;
    rest_first(set, set->region_count > REST_REGIONS);
    return true;
}

void address_set_rest(struct address_set *set)
{
    for (size_t count = 1; set->active != NULL; count++)
        rest_first(set, count > REST_REGIONS);
}

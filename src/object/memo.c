/* memo.c: see memo.h. */
#include "memo.h"

#include "base/bits.h"

enum { MEMO_FIRST = 32 };

static struct memo_entry *memo_place(const struct memo *memo, const lair_object *original)
{
    size_t i = (size_t)((uintptr_t)original * UINT64_C(0x9E3779B97F4A7C15) >> 20);
    for (;; i++) {
        struct memo_entry *entry = &memo->entries[i & (memo->capacity - 1)];
        if (entry->original == original || entry->original == NULL)
            return entry;
    }
}

lair_object *memo_find(const struct memo *memo, const lair_object *original)
{
    return memo->count != 0 ? memo_place(memo, original)->copy : NULL;
}

static bool memo_grow(struct memo *memo, lair_heap *heap)
{
    struct memo grown = {.capacity = memo->capacity == 0 ? MEMO_FIRST : memo->capacity * 2,
                         .count = memo->count};
    grown.entries = lair_heap_calloc(heap, grown.capacity, sizeof(*grown.entries));
    if (grown.entries == NULL)
        return false;
    for (size_t i = 0; i < memo->capacity; i++)
        if (memo->entries[i].original != NULL)
            *memo_place(&grown, memo->entries[i].original) = memo->entries[i];
    lair_heap_free(heap, memo->entries);
    *memo = grown;
    return true;
}

bool memo_add(struct memo *memo, lair_object *original, lair_object *copy)
{
    if (memo->count * 2 >= memo->capacity && !memo_grow(memo, lair_heap_of(copy)))
        return false;
    *memo_place(memo, original) = (struct memo_entry){lair_incref(original), lair_incref(copy)};
    memo->count++;
    return true;
}

void memo_replace(struct memo *memo, const lair_object *original, lair_object *copy)
{
    struct memo_entry *entry = memo->count != 0 ? memo_place(memo, original) : NULL;
    if (entry != NULL && entry->original != NULL)
        lair_set_ref(&entry->copy, copy);
}

void memo_drop(struct memo *memo, lair_heap *heap)
{
    for (size_t i = 0; i < memo->capacity; i++)
        if (memo->entries[i].original != NULL) {
            lair_decref(memo->entries[i].copy);
            lair_decref(memo->entries[i].original);
        }
    lair_heap_free(heap, memo->entries);
    *memo = (struct memo){0};
}

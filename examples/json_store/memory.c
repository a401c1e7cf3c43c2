/* memory.c: the same data in every form, and what each takes. */
#include "store.h"

struct measured {
    double bytes;
    size_t objects;
    double seconds;
};

static size_t live_bytes(lair_heap *heap)
{
    lair_ledger books;
    (void)lair_heap_trim(heap); /* dead objects that were kept for reuse are not data */
    lair_heap_ledger(heap, &books);
    return books.live;
}

/* In a heap of its own. */
static bool measure(const json_t *json, store_form form, bool intern, struct measured *result)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    if (lair_none(heap) == NULL)
        return false;
    size_t before = live_bytes(heap);
    load_result loaded = load(heap, json, form, intern);
    if (loaded.root == NULL)
        return false;
    *result =
        (struct measured){(double)(live_bytes(heap) - before), loaded.objects, loaded.seconds};
    lair_decref(loaded.root);
    return true;
}

static void print_row(const char *name, const struct measured *row, const struct measured *first)
{
    printf("%-24s %12.1f KiB %11zu %9.3f s %6.0f %%\n", name, row->bytes / 1024, row->objects,
           row->seconds, 100 * row->bytes / first->bytes);
}

/* A sentence on what ours saves of theirs. */
static void print_saving(const char *what, const struct measured *ours,
                         const struct measured *theirs)
{
    printf("%s: %.0f %% of the bytes, %.0f %% of the objects saved\n", what,
           100 - 100 * ours->bytes / theirs->bytes,
           100 - 100 * (double)ours->objects / (double)theirs->objects);
}

bool report_memory(const json_t *json)
{
    struct measured plain, forms[FORM_COUNT];
    if (!measure(json, FORM_DICTS, false, &plain))
        return false;
    for (int form = 0; form < FORM_COUNT; form++)
        if (!measure(json, (store_form)form, true, &forms[form]))
            return false;
    printf("%-24s %16s %11s %11s %8s\n", "", "memory", "objects", "time", "of first");
    print_row("dicts, not interned", &plain, &plain);
    for (int form = 0; form < FORM_COUNT; form++)
        print_row(form_name((store_form)form), &forms[form], &plain);
    print_saving("interning, in dicts", &forms[FORM_DICTS], &plain);
    print_saving("records beside instances", &forms[FORM_RECORDS], &forms[FORM_INSTANCES]);
    print_saving("packed beside records", &forms[FORM_PACKED], &forms[FORM_RECORDS]);
    return true;
}

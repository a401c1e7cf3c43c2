/* stops_process.c: the parts of this process's memory, each found by something that lives there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lair/process_map.h>

#include "manifest.h"
#include "stops.h"

static int static_variable = 1;
static const char constant[] = "a constant";

/* -- which part an address belongs to ---------------------------------------------------------- */

typedef struct search {
    uintptr_t address;
    const lair_heap *heap; /* or NULL */
    lair_region region;    /* without its name; kind LAIR_REGION_KINDS until it is found */
} search;

static bool owned(const void *address, void *arg)
{
    const search *wanted = arg;
    return wanted->heap != NULL && lair_heap_owns(wanted->heap, address);
}

static bool is_elsewhere(const lair_region *region, void *arg)
{
    search *wanted = arg;
    if (wanted->address - region->start >= region->bytes) {
        return true;
    }
    wanted->region = *region;
    wanted->region.name = NULL;
    return false;
}

static lair_region find(tour_run *run, const void *address, const lair_heap *heap)
{
    search wanted = {.address = (uintptr_t)address, .heap = heap};
    wanted.region.kind = LAIR_REGION_KINDS;
    lair_status status = lair_process_map_walk(is_elsewhere, owned, &wanted);
    (void)tour_expect(run, status == LAIR_OK, "%s", lair_error_message());
    return wanted.region;
}

/* Shows where a thing lives and expects it in a part. */
static lair_region expect_in(tour_run *run, const char *thing, const void *address,
                             const lair_heap *heap, lair_region_kind kind)
{
    lair_region region = find(run, address, heap);
    tour_show(run, "%s at %p: %s, %s, %c%c%c", thing, address, lair_region_kind_name(region.kind),
              tour_bytes(region.bytes).text, region.readable ? 'r' : '-',
              region.writable ? 'w' : '-', region.executable ? 'x' : '-');
    (void)tour_expect(run, region.kind == kind, "%s is in %s", thing,
                      lair_region_kind_name(region.kind));
    return region;
}

/* Shows a part's size over the whole process. */
static void show_part(tour_run *run, lair_region_kind kind, const lair_heap *heap)
{
    search all = {.heap = heap};
    lair_process_map map;
    if (!tour_expect(run, lair_process_map_read(&map, owned, &all) == LAIR_OK, "%s",
                     lair_error_message())) {
        return;
    }
    const lair_process_part *part = &map.parts[kind];
    tour_show(run, "%s, regions: %zu, in all %s, resident %s", lair_region_kind_name(kind),
              part->regions, tour_bytes(part->bytes).text, tour_bytes(part->resident).text);
    (void)tour_expect(run, part->resident > 0, "nothing of it is resident");
}

static const void *code_address(void (*function)(tour_run *))
{
    return (const void *)(uintptr_t)function;
}

/* -- the parts in order ------------------------------------------------------------------------ */

void stop_process_parts(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    void *block = heap != NULL ? tour_alloc(run, heap, 100) : NULL;
    if (block == NULL) {
        lair_heap_close(heap);
        return;
    }
    *(volatile char *)block = 1; /* pages come with the first touch */
    for (unsigned kind = 0; kind < LAIR_REGION_OTHER; kind++) {
        search all = {.heap = heap};
        lair_process_map map;
        if (!tour_expect(run, lair_process_map_read(&map, owned, &all) == LAIR_OK, "%s",
                         lair_error_message())) {
            break;
        }
        tour_show(run, "%-18s %10s, resident %s", lair_region_kind_name((lair_region_kind)kind),
                  tour_bytes(map.parts[kind].bytes).text,
                  tour_bytes(map.parts[kind].resident).text);
    }
    uintptr_t stack = (uintptr_t)&block;
    uintptr_t data = (uintptr_t)&static_variable;
    uintptr_t code = (uintptr_t)code_address(stop_process_parts);
    tour_show(run,
              "from high to low here: stack %#zx, Lair's heap %#zx, static %#zx, constants "
              "%#zx, code %#zx",
              (size_t)stack, (size_t)(uintptr_t)block, (size_t)data, (size_t)(uintptr_t)constant,
              (size_t)code);
    (void)tour_expect(run, stack > data && data > code, "the parts are in another order");
    if ((uintptr_t)block > data) {
        tour_differs(run, "the parts are there, but heaps lie between the static data and the "
                          "stack, not below the code");
    }
    lair_heap_close(heap);
}

/* Where a local of a called function was, as a number: it is gone when the caller looks. */
__attribute__((noinline)) static void note_local(uintptr_t *address)
{
    volatile char local = 0;
    *address = (uintptr_t)&local;
}

void stop_process_stack(tour_run *run)
{
    int local = 0;
    (void)expect_in(run, "a local", &local, NULL, LAIR_REGION_STACK);
    uintptr_t first;
    uintptr_t second;
    note_local(&first);
    note_local(&second);
    tour_show(run,
              "the local of a called function lies %zu bytes lower, in two calls at the same "
              "address",
              (size_t)((uintptr_t)&local - first));
    (void)tour_expect(run, first < (uintptr_t)&local, "the stack does not grow down");
    (void)tour_expect(run, first == second, "the frame was not released after the first call");
    show_part(run, LAIR_REGION_STACK, NULL);
}

void stop_process_static(tour_run *run)
{
    static unsigned visits;
    visits++;
    (void)expect_in(run, "a global variable", &static_variable, NULL, LAIR_REGION_STATIC);
    (void)expect_in(run, "a static variable of a function", &visits, NULL, LAIR_REGION_STATIC);
    show_part(run, LAIR_REGION_STATIC, NULL);
}

void stop_process_read_only(tour_run *run)
{
    lair_region region = expect_in(run, "a constant", constant, NULL, LAIR_REGION_READ_ONLY);
    (void)tour_expect(run, !region.writable, "it can be written");
    show_part(run, LAIR_REGION_READ_ONLY, NULL);
}

void stop_process_code(tour_run *run)
{
    lair_region region =
        expect_in(run, "a function", code_address(stop_process_code), NULL, LAIR_REGION_CODE);
    (void)tour_expect(run, region.executable && !region.writable, "it can be written");
    show_part(run, LAIR_REGION_CODE, NULL);
}

void stop_process_method_area(tour_run *run)
{
    (void)expect_in(run, "a method, that is its machine code", code_address(stop_process_code),
                    NULL, LAIR_REGION_CODE);
    (void)expect_in(run, "the table of the tour's stops, with a pointer to each", tour_documents,
                    NULL, LAIR_REGION_READ_ONLY);
    tour_differs(run,
                 "a C program has no method area: functions are code, and tables that describe "
                 "them are constants");
}

void stop_process_heap(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    void *block = heap != NULL ? tour_alloc(run, heap, 100) : NULL;
    void *foreign = malloc(100);
    if (block != NULL && tour_expect(run, foreign != NULL, "malloc refused 100 bytes")) {
        *(volatile char *)block = 1;
        (void)expect_in(run, "a block of a heap", block, heap, LAIR_REGION_LAIR_HEAP);
        (void)expect_in(run, "a block of malloc's", foreign, heap, LAIR_REGION_SYSTEM_HEAP);
        show_part(run, LAIR_REGION_LAIR_HEAP, heap);
        show_part(run, LAIR_REGION_SYSTEM_HEAP, heap);
    }
    free(foreign);
    lair_heap_close(heap);
}

void stop_stack_and_heap(tour_run *run)
{
    lair_heap *heap = tour_heap_open(run, "");
    lair_ledger ledger = {0};
    void *block = heap != NULL ? tour_alloc(run, heap, 100) : NULL;
    if (block != NULL) {
        {
            char local[100];
            memset(local, 1, sizeof local);
            (void)expect_in(run, "100 bytes declared in a block of code", local, heap,
                            LAIR_REGION_STACK);
        }
        (void)expect_in(run, "100 bytes from a heap", block, heap, LAIR_REGION_LAIR_HEAP);
        lair_heap_ledger(heap, &ledger);
        size_t before = ledger.live;
        lair_heap_free(heap, block);
        lair_heap_ledger(heap, &ledger);
        tour_show(run, "live in the heap: %zu bytes until it is freed by hand, then %zu", before,
                  ledger.live);
        (void)tour_expect(run, before > 0 && ledger.live == 0, "freeing had no effect");
    }
    lair_heap_close(heap);
}

void stop_objects_on_heap(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_object *number = tour_object(run, lair_int_new(heap, 1));
    lair_object *text = tour_object(run, lair_str_new(heap, "immutable"));
    lair_object *list = tour_object(run, lair_list_new(heap));
    if (number != NULL && text != NULL && list != NULL) {
        (void)expect_in(run, "a local variable, a reference", &list, heap, LAIR_REGION_STACK);
        (void)expect_in(run, "the list it refers to", list, heap, LAIR_REGION_LAIR_HEAP);
        (void)expect_in(run, "a str", text, heap, LAIR_REGION_LAIR_HEAP);
        (void)expect_in(run, "the int 1", number, heap, LAIR_REGION_LAIR_HEAP);
    }
    lair_decref(list);
    lair_decref(text);
    lair_decref(number);
}

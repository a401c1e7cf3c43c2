/* stops_counts.c: objects, what they consist of, and how their references are counted. */
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "stops.h"

/* -- a type of the tour's own ------------------------------------------------------------------ */

/* A thing counts the things that have ended. */
struct thing {
    lair_object object;
    size_t *ended;
};

static void thing_dealloc(lair_object *self)
{
    ++*((struct thing *)(void *)self)->ended;
}

static const lair_type_spec thing_spec = {
    .name = "thing", .size = sizeof(struct thing), .dealloc = thing_dealloc};

static lair_object *thing_new(lair_type *type, size_t *ended)
{
    struct thing *thing = (struct thing *)(void *)lair_new(type);
    if (thing != NULL) {
        thing->ended = ended;
    }
    return (lair_object *)thing;
}

/* -- what an object is ------------------------------------------------------------------------- */

void stop_values_are_objects(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_object *values[] = {
        lair_none(heap),
        lair_bool(heap, true),
        lair_int_new(heap, 1000),
        lair_float_new(heap, 2.5),
        lair_str_new(heap, "text"),
        lair_bytes_new(heap, "bytes", 5),
        LAIR_TUPLE(heap, lair_int_new(heap, 1)),
        lair_list_new(heap),
        lair_dict_new(heap),
        lair_set_new(heap),
    };
    enum { COUNT = sizeof values / sizeof values[0] };
    tour_show(run, "bytes, headers included:");
    for (size_t i = 0; i < COUNT; i++) {
        lair_object *value = tour_object(run, values[i]);
        if (value != NULL) {
            tour_show_more(run, "%s %s %zu", i > 0 ? "," : "", lair_type_name(value),
                           lair_sizeof(value));
            (void)tour_expect(run, lair_refcount(value) > 0, "a value without a count");
            (void)tour_expect(run, lair_heap_owns(heap, value) && lair_heap_of(value) == heap,
                              "a %s is not in its heap", lair_type_name(value));
        }
    }
    if (values[2] != NULL) {
        lair_object *type = lair_type_object(lair_type_of(values[2]));
        tour_show(run, "their types are objects too: int is a %s of %zu bytes",
                  lair_type_name(type), lair_sizeof(type));
        (void)tour_expect(run, lair_is(type, LAIR_KIND_TYPE), "it is none");
    }
    for (size_t i = 0; i < COUNT; i++) {
        lair_decref(values[i]);
    }
}

/* Reads the header as it lies in memory. */
static void show_header(tour_run *run, lair_object *list)
{
    lair_type *type;
    uint32_t word;
    memcpy(&type, list, sizeof type);
    memcpy(&word, (const char *)list + sizeof type, sizeof word);
    tour_show(run,
              "a list with %u references begins with its type's address, %#zx, and the word %u: "
              "twice the count",
              lair_refcount(list), (size_t)(uintptr_t)type, word);
    (void)tour_expect(run, type == lair_type_of(list), "the first word is not the type");
    (void)tour_expect(run, word / 2 == lair_refcount(list),
                      "the second word is not the count, twice");
}

void stop_object_header(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *number = tour_object(run, lair_int_new(heap, 1000));
    if (list == NULL || number == NULL) {
        return;
    }
    LAIR_SCOPED lair_object *alias = lair_incref(list);
    tour_show(run, "header: %zu bytes; an int: %zu, 8 of them its value", sizeof(lair_object),
              lair_sizeof(number));
    if (LAIR_SEGREGATED_COUNTS) {
        tour_differs(run, "this build of the library keeps counts apart: a header is the type");
    } else {
        show_header(run, list);
    }

    lair_type *type = tour_type(run, lair_type_new(heap, &thing_spec));
    size_t ended = 0;
    lair_decref(tour_object(run, thing_new(type, &ended)));
    tour_show(run, "an object of the tour's own type: at zero its dealloc ran %zu time", ended);
    (void)tour_expect(run, ended == 1, "dealloc did not run once");
}

void stop_freed_at_zero(tour_run *run)
{
    enum { MANY = 1000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    lair_type *type = tour_type(run, lair_type_new(heap, &thing_spec));
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    if (type == NULL || list == NULL) {
        return;
    }
    size_t ended = 0;
    size_t before = tour_live(heap);
    lair_object *thing = tour_object(run, thing_new(type, &ended));
    if (thing == NULL) {
        return;
    }
    tour_show(run, "with one reference: %zu bytes more are live, %zu objects ended",
              tour_live(heap) - before, ended);
    (void)tour_expect(run, ended == 0, "it ended while it was referred to");
    lair_decref(thing);
    tour_show(run, "right after lair_decref: %zu bytes more, %zu ended", tour_live(heap) - before,
              ended);
    (void)tour_expect(run, ended == 1 && tour_live(heap) == before, "it outlived its references");

    for (size_t i = 0; i < MANY; i++) {
        if (!tour_ok(run, lair_list_append_new(list, thing_new(type, &ended)))) {
            return;
        }
    }
    lair_clear_ref(&list);
    tour_show(run, "%d objects that only a list held: %zu ended with the list", MANY, ended - 1);
    (void)tour_expect(run, ended == MANY + 1, "some outlived the list");
}

/* -- counts ------------------------------------------------------------------------------------ */

void stop_count_alias(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *a = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *watch = tour_object(run, lair_weakref_new(a, NULL, NULL));
    if (watch == NULL) {
        return;
    }
    uint32_t one = lair_refcount(a);
    lair_object *b = lair_incref(a);
    uint32_t two = lair_refcount(b);
    lair_clear_ref(&b);
    uint32_t again = lair_refcount(a);
    lair_clear_ref(&a);
    bool gone = !lair_weakref_is_alive(watch);
    tour_show(run, "count with one name: %u, with two: %u, with one again: %u; with none: %s", one,
              two, again, gone ? "gone" : "still there");
    (void)tour_expect(run, one == 1 && two == 2 && again == 1, "the counts were others");
    (void)tour_expect(run, gone, "an object without a name stayed");
}

void stop_refcount_borrows(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *a = tour_object(run, lair_list_new(heap));
    if (a == NULL) {
        return;
    }
    uint32_t made = lair_refcount(a);
    lair_object *b = lair_incref(a);
    uint32_t named = lair_refcount(a);
    lair_decref(b);
    uint32_t dropped = lair_refcount(a);
    tour_show(run, "lair_refcount of a new list: %u, with a second name: %u, without it: %u", made,
              named, dropped);
    (void)tour_expect(run, made == 1 && named == 2 && dropped == 1, "the counts were others");
    tour_differs(run, "lair_refcount borrows its argument, so it tells the count itself: each "
                      "number is one less than getrefcount's");
}

static uint32_t count_inside(const lair_object *argument)
{
    return lair_refcount(argument);
}

void stop_count_rises(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *x = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *dict = tour_object(run, lair_dict_new(heap));
    if (x == NULL || list == NULL || dict == NULL) {
        return;
    }
    uint32_t made = lair_refcount(x);
    LAIR_SCOPED lair_object *y = lair_incref(x);
    uint32_t named = lair_refcount(x);
    uint32_t inside = count_inside(x);
    tour_show(run, "created: %u, another name: %u, as an argument: %u", made, named, inside);
    (void)tour_expect(run, made == 1 && named == 2, "a second name did not add one");
    (void)tour_expect(run, inside == named, "an argument was counted");

    bool put = tour_ok(run, lair_list_append(list, x));
    uint32_t listed = lair_refcount(x);
    put = put && tour_ok(run, lair_list_append(list, x));
    uint32_t twice = lair_refcount(x);
    put = put && tour_ok(run, lair_dict_set_str(dict, "x", x));
    uint32_t mapped = lair_refcount(x);
    LAIR_SCOPED lair_object *tuple = tour_object(run, lair_tuple_new(heap, &x, 1));
    tour_show(run, "in a list: %u, twice in it: %u, in a dict too: %u, in a tuple too: %u", listed,
              twice, mapped, lair_refcount(x));
    (void)tour_expect(run, put && listed == 3 && twice == 4 && mapped == 5 && lair_refcount(x) == 6,
                      "a place in a container did not add one");
    tour_differs(run,
                 "being an argument adds nothing in C: the caller's own reference lasts longer "
                 "than the call");
}

void stop_count_falls(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *x = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *other = tour_object(run, lair_int_new(heap, 789));
    if (x == NULL || list == NULL || other == NULL) {
        return;
    }
    uint32_t inside;
    {
        LAIR_SCOPED lair_object *local = lair_incref(x);
        inside = lair_refcount(local);
    }
    uint32_t scope = lair_refcount(x);
    lair_object *y = lair_incref(x);
    lair_clear_ref(&y);
    uint32_t dropped = lair_refcount(x);
    LAIR_SCOPED lair_object *name = lair_incref(x);
    lair_set_ref(&name, other);
    uint32_t rebound = lair_refcount(x);
    tour_show(run,
              "in a scope: %u; after its end: %u, after lair_clear_ref: %u, after another "
              "value took its place: %u",
              inside, scope, dropped, rebound);
    (void)tour_expect(run, inside == 2, "the local was not counted");
    (void)tour_expect(run, scope == 1 && dropped == 1 && rebound == 1,
                      "a reference was not given back");

    bool done = tour_ok(run, lair_list_append(list, x));
    uint32_t listed = lair_refcount(x);
    done = done && tour_ok(run, lair_list_remove(list, 0, 1));
    uint32_t removed = lair_refcount(x);
    done = done && tour_ok(run, lair_list_append(list, x));
    lair_clear_ref(&list);
    tour_show(run, "in a list: %u; after removal: %u, after the list's own end: %u", listed,
              removed, lair_refcount(x));
    (void)tour_expect(run, done && listed == 2 && removed == 1 && lair_refcount(x) == 1,
                      "the list kept its reference");
}

/* -- what counting costs ----------------------------------------------------------------------- */

enum { ROUNDS = 1000000 };

static void *take_and_drop(void *object)
{
    for (size_t i = 0; i < ROUNDS; i++) {
        lair_object *alias = lair_incref(object);
        __asm__ volatile("" : : "r"(alias) : "memory"); /* or the pair would vanish */
        lair_decref(alias);
    }
    return NULL;
}

void stop_counting_cost(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *first = tour_heap_open(run, "");
    LAIR_SCOPED_HEAP lair_heap *second = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *ours = tour_object(run, lair_list_new(first));
    LAIR_SCOPED lair_object *theirs = tour_object(run, lair_list_new(second));
    if (ours == NULL || theirs == NULL) {
        return;
    }
    double start = tour_now_ns();
    (void)take_and_drop(ours);
    tour_show(run, "a reference taken and dropped: %.1f ns", (tour_now_ns() - start) / ROUNDS);

    pthread_t thread;
    if (!tour_expect(run, pthread_create(&thread, NULL, take_and_drop, theirs) == 0, "no thread")) {
        return;
    }
    (void)take_and_drop(ours);
    (void)pthread_join(thread, NULL);
    tour_show(run, "two threads, each with a heap of its own, %d times each: counts %u and %u",
              ROUNDS, lair_refcount(ours), lair_refcount(theirs));
    (void)tour_expect(run, lair_refcount(ours) == 1 && lair_refcount(theirs) == 1,
                      "counts were lost");
    tour_expect_refusal(run, lair_list_append(ours, theirs), LAIR_ERR_WRONG_HEAP);
    tour_differs(run, "counting takes time, but no lock: an object belongs to one heap, a heap to "
                      "one thread at a time");
}

/* -- counts apart from the objects ------------------------------------------------------------- */

/* In a child: reads every item of a list of its parent's, and tells the pages that this copied. */
static void read_all(tour_run *run, const void *given, void *answer)
{
    (void)run;
    lair_object *list = *(lair_object *const *)given;
    struct rusage before;
    struct rusage after;
    size_t characters = 0;
    (void)getrusage(RUSAGE_SELF, &before);
    LAIR_EACH(at, list)
    {
        characters += lair_str_bytes(at.item);
    }
    (void)getrusage(RUSAGE_SELF, &after);
    size_t copied = characters > 0 ? (size_t)(after.ru_minflt - before.ru_minflt) : SIZE_MAX;
    memcpy(answer, &copied, sizeof copied);
}

void stop_counts_apart(tour_run *run)
{
    enum { COUNT = 20000, LETTERS = 400 };
    static char text[LETTERS + 1];
    memset(text, 'x', LETTERS);
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *list = tour_room(run, heap, COUNT);
    LAIR_SCOPED lair_object *number = tour_object(run, lair_int_new(heap, 1000));
    for (size_t i = 0; list != NULL && i < COUNT; i++) {
        if (!tour_ok(run, lair_list_append_new(list, lair_str_new(heap, text)))) {
            return;
        }
    }
    size_t copied = 0;
    if (list == NULL || number == NULL ||
        !tour_in_child(run, read_all, &list, &copied, sizeof copied)) {
        return;
    }
    lair_residency residency = {0};
    (void)tour_ok(run, lair_heap_residency(heap, &residency));
    size_t pages = residency.resident / (size_t)sysconf(_SC_PAGESIZE);
    tour_show(run, "this build keeps counts %s: a header takes %zu bytes, an int %zu",
              LAIR_SEGREGATED_COUNTS ? "apart" : "in the objects", sizeof(lair_object),
              lair_sizeof(number));
    tour_show(run, "a forked child that reads %d strings copies %zu of %zu pages", COUNT, copied,
              pages);
    if (LAIR_SEGREGATED_COUNTS) {
        (void)tour_expect(run, lair_sizeof(number) < 24, "an int is no smaller");
        (void)tour_expect(run, copied < pages / 4, "reading copied the pages all the same");
    } else {
        (void)tour_expect(run, copied > pages / 2 && copied <= 2 * pages,
                          "the counts are not in the objects");
        tour_differs(run, "counts are in the objects unless the library is built with "
                          "segregated_counts: then headers take 8 bytes less, and reading copies "
                          "few pages");
    }
}

/* -- truncation -------------------------------------------------------------------------------- */

void stop_truncation(tour_run *run)
{
    enum { COUNT = 1000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *list = tour_object(run, lair_list_new(heap));
    LAIR_SCOPED lair_object *holder = tour_object(run, lair_tuple_new(heap, &list, 1));
    for (size_t i = 0; holder != NULL && i < COUNT; i++) {
        if (!tour_ok(run, lair_list_append_new(list, lair_str_format(heap, "item %zu", i)))) {
            return;
        }
    }
    if (holder == NULL) {
        return;
    }
    size_t before = lair_total_size(list);
    if (!tour_ok(run, lair_truncate(list))) {
        return;
    }
    lair_object *seen = lair_tuple_get(holder, 0);
    tour_show(run, "a list of %d strings: %s before, %s after lair_truncate", COUNT,
              tour_bytes(before).text, tour_bytes(lair_total_size(list)).text);
    tour_show(run, "a tuple that holds it now finds %s",
              lair_is_none(seen) ? "none" : lair_type_name(seen));
    (void)tour_expect(run, lair_is_none(seen) && lair_is(seen, LAIR_KIND_TRUNCATED),
                      "its holder finds something else");
    (void)tour_expect(run, lair_total_size(list) * 100 < before, "its contents are still there");
    tour_expect_refusal(run, lair_truncate(lair_none(heap)), LAIR_ERR_INVALID);
}

/* debug.c: who took each reference, what was never given back, and what is used after its release.
 *
 * Each heap has a ledger: a record for each object, alive or in quarantine, with the place that
 * took each of its references. It lives in memory of its own (malloc), so that the heap is as it
 * would be without it. A dead object's block is not freed at once: it waits in quarantine, under a
 * type that stands for death, until so many others have died that its turn comes.
 *
 * Which reference goes. A reference has no name, so what lair_decref drops is a matter of rules: a
 * program's function drops the newest one that it took itself, else the newest that any function of
 * the program took; the library (a list that dies) the newest that the library took, else the
 * newest. So what a container holds is dropped by the container, and a function that forgets its
 * own is found. The takings of an object are a stack for each function, and one for the library, so
 * that these rules cost the same however many references there are. In reports what containers hold
 * is told apart by asking them (traverse), not by rules.
 */
#include "debug.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <lair/debug.h>

#include "space.h"

enum {
    BUCKETS_FIRST = 1 << 12,
    QUARANTINE_MOST = 20000,    /* objects */
    QUARANTINE_BYTES = 4 << 20, /* of their blocks, or ... */
    QUARANTINE_SHARE = 16,      /* ... one in this many of a limited heap's */
    TAKINGS_CHUNK = 1000,       /* takings for which memory is asked at once */
    NAME_ROOM = 40,
    REPR_ROOM = 64,
    SHOWN_MOST = 100, /* objects that a report shows */
    PLACES_MOST = 8,  /* places that it shows of each */
    DEAD_BYTE = 0xDD,
};

/* Where something was done. file NULL: inside the library. */
typedef struct place {
    const char *file, *function;
    int line;
} place;

/* A reference that exists. Those of one taker (same_taker) are a stack. */
typedef struct taking {
    struct taking *older; /* in its stack */
    struct taking *other; /* of the top of a stack: that of another taker */
    place by;
    uint64_t serial; /* takings are counted as they come */
} taking;

typedef struct record {
    struct record *next;      /* in its bucket */
    struct record *next_dead; /* in quarantine, oldest first */
    lair_object *object;
    taking *tops;         /* of the stacks, in no order */
    size_t count;         /* takings */
    uint64_t serial;      /* objects are counted as they are born */
    place released;       /* dead: by whom */
    size_t bytes;         /* dead: of the block */
    char name[NAME_ROOM]; /* dead: of the type */
    /* in a report */
    uint32_t held;             /* references by objects that are alive */
    const lair_object *holder; /* one of these */
} record;

/* Memory for takings. */
typedef struct chunk {
    struct chunk *next;
    taking takings[TAKINGS_CHUNK];
} chunk;

struct debug_ledger {
    struct space *space;
    record **buckets;
    size_t count, capacity; /* capacity is a power of two */
    uint64_t born, taken;
    taking *spare; /* linked through older */
    chunk *chunks;
    record *oldest, *newest; /* in quarantine */
    size_t quarantined, quarantined_bytes;
    place releasing; /* what the program is about to drop, or dropped last */
    bool reporting;  /* nothing leaves quarantine */
    lair_type dead;  /* the type of dead objects */
};

/* -- memory ---------------------------------------------------------------------------------- */

/* Zeroed. The ledger cannot do without. */
static void *ledger_memory(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        lair_fatal("no memory for the ledger of references");
    return memory;
}

/* -- records --------------------------------------------------------------------------------- */

static record **bucket_of(const struct debug_ledger *ledger, const lair_object *object)
{
    uint64_t hash = (uintptr_t)object * UINT64_C(0x9E3779B97F4A7C15) >> 20;
    return &ledger->buckets[hash & (ledger->capacity - 1)];
}

static record *record_find(const struct debug_ledger *ledger, const lair_object *object)
{
    record *found = *bucket_of(ledger, object);
    while (found != NULL && found->object != object)
        found = found->next;
    return found;
}

static void ledger_grow(struct debug_ledger *ledger)
{
    record **old = ledger->buckets;
    size_t old_capacity = ledger->capacity;
    ledger->capacity = old_capacity == 0 ? BUCKETS_FIRST : old_capacity * 2;
    ledger->buckets = ledger_memory(ledger->capacity, sizeof(record *));
    for (size_t i = 0; i < old_capacity; i++)
        for (record *next, *each = old[i]; each != NULL; each = next) {
            next = each->next;
            record **bucket = bucket_of(ledger, each->object);
            each->next = *bucket;
            *bucket = each;
        }
    free(old);
}

static record *record_add(struct debug_ledger *ledger, lair_object *object)
{
    if (ledger->count == ledger->capacity)
        ledger_grow(ledger);
    record *new = ledger_memory(1, sizeof(*new));
    record **bucket = bucket_of(ledger, object);
    *new = (record){.next = *bucket, .object = object, .serial = ++ledger->born};
    *bucket = new;
    ledger->count++;
    return new;
}

static void record_remove(struct debug_ledger *ledger, record *gone)
{
    record **link = bucket_of(ledger, gone->object);
    while (*link != gone)
        link = &(*link)->next;
    *link = gone->next;
    ledger->count--;
    free(gone);
}

/* -- takings --------------------------------------------------------------------------------- */

static bool is_inside(place at)
{
    return at.file == NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

/* Whether both are the library, or the same function of the program. */
static bool same_taker(place a, place b)
{
    if (is_inside(a) || is_inside(b))
        return is_inside(a) && is_inside(b);
    return same_text(a.function, b.function) && same_text(a.file, b.file);
}

static taking *taking_new(struct debug_ledger *ledger)
{
    if (ledger->spare == NULL) {
        chunk *more = ledger_memory(1, sizeof(*more));
        more->next = ledger->chunks;
        ledger->chunks = more;
        for (size_t i = 0; i < TAKINGS_CHUNK; i++) {
            more->takings[i].older = ledger->spare;
            ledger->spare = &more->takings[i];
        }
    }
    taking *new = ledger->spare;
    ledger->spare = new->older;
    return new;
}

static void taking_free(struct debug_ledger *ledger, taking *gone)
{
    gone->older = ledger->spare;
    ledger->spare = gone;
}

static void takings_push(struct debug_ledger *ledger, record *of, place by)
{
    taking **top = &of->tops;
    while (*top != NULL && !same_taker((*top)->by, by))
        top = &(*top)->other;
    taking *new = taking_new(ledger);
    *new = (taking){.older = *top,
                    .other = *top != NULL ? (*top)->other : NULL,
                    .by = by,
                    .serial = ++ledger->taken};
    *top = new;
    of->count++;
}

static void takings_pop(struct debug_ledger *ledger, record *of, taking **top)
{
    taking *gone = *top;
    *top = gone->other;
    if (gone->older != NULL) {
        gone->older->other = gone->other;
        *top = gone->older;
    }
    taking_free(ledger, gone);
    of->count--;
}

/* The stack from which a drop at a place drops, by the rules above; there is one. */
static taking **takings_match(record *of, place at)
{
    taking **match = &of->tops;
    for (taking **top = &of->tops; *top != NULL; top = &(*top)->other) {
        if (same_taker((*top)->by, at))
            return top;
        bool newer = is_inside((*match)->by) || (*top)->serial > (*match)->serial;
        if (newer && !is_inside((*top)->by))
            match = top;
    }
    return match;
}

static void takings_drop(struct debug_ledger *ledger, record *of, place at)
{
    if (of->count != 0) /* what a finalizer is lent is not in the books */
        takings_pop(ledger, of, takings_match(of, at));
}

static void takings_clear(struct debug_ledger *ledger, record *of)
{
    while (of->count != 0)
        takings_pop(ledger, of, &of->tops);
}

/* -- saying where ---------------------------------------------------------------------------- */

static const char *place_text(place at, char *text, size_t room)
{
    if (at.function == NULL)
        (void)snprintf(text, room, "an unknown place");
    else if (is_inside(at))
        (void)snprintf(text, room, "the library, by %s", at.function);
    else
        (void)snprintf(text, room, "%s:%d, in %s", at.file, at.line, at.function);
    return text;
}

enum { PLACE_ROOM = 300 };

static _Noreturn void die(const record *dead, place at)
{
    char released[PLACE_ROOM], used[PLACE_ROOM];
    bool known = at.function != NULL;
    lair_fatal("use after release: the %s at %p was released at %s, and is used again%s%s",
               dead->name, (void *)dead->object,
               place_text(dead->released, released, sizeof released), known ? " at " : "",
               known ? place_text(at, used, sizeof used) : "");
}

_Noreturn void debug_use_after_release(const lair_object *object)
{
    const record *dead = record_find(object->type->space->debug, object);
    die(dead, (place){0});
}

/* The record of an object that is alive; the process ends when it is dead. */
static record *record_alive(const lair_object *object, place at)
{
    record *found = record_find(object->type->space->debug, object);
    if (found == NULL)
        lair_fatal("%p is used at %s:%d but is no object", (const void *)object,
                   at.file != NULL ? at.file : "the library", at.line);
    if (object->type->kind == (lair_kind)KIND_DEAD)
        die(found, at);
    return found;
}

/* -- counting -------------------------------------------------------------------------------- */

void debug_born(lair_object *object)
{
    struct debug_ledger *ledger = object->type->space->debug;
    place by = {.function = "the function that made it"};
    takings_push(ledger, record_add(ledger, object), by);
}

lair_object *lair_debug_incref(lair_object *object, const char *file, int line,
                               const char *function)
{
    if (object == NULL)
        return NULL;
    place at = {file, function, line};
    record *of = record_alive(object, at);
    if (!count_is_immortal(object))
        takings_push(object->type->space->debug, of, at);
    lair_object_up(object);
    return object;
}

void lair_debug_decref(lair_object *object, const char *file, int line, const char *function)
{
    if (object == NULL)
        return;
    place at = {file, function, line};
    record *of = record_alive(object, at);
    if (count_is_immortal(object))
        return;
    struct debug_ledger *ledger = object->type->space->debug;
    takings_drop(ledger, of, at);
    place outer = ledger->releasing;
    if (!is_inside(at) || outer.function == NULL)
        ledger->releasing = at;
    lair_object_down(object);
    ledger->releasing = outer;
}

lair_object *lair_debug_new(lair_object *object, const char *file, int line, const char *function)
{
    if (object == NULL)
        return NULL;
    place at = {file, function, line};
    struct debug_ledger *ledger = object->type->space->debug;
    record *of = record_alive(object, at);
    taking **newest = &of->tops;
    while (*newest != NULL && !is_inside((*newest)->by))
        newest = &(*newest)->other;
    if (*newest != NULL) {
        takings_pop(ledger, of, newest);
        takings_push(ledger, of, at); /* the newest of all now: what a function drops first */
    }
    return object;
}

/* -- quarantine ------------------------------------------------------------------------------ */

static void quarantine_free_oldest(struct debug_ledger *ledger)
{
    record *gone = ledger->oldest;
    ledger->oldest = gone->next_dead;
    if (ledger->oldest == NULL)
        ledger->newest = NULL;
    ledger->quarantined--;
    ledger->quarantined_bytes -= gone->bytes;
    lair_heap_free(ledger->space->heap, gone->object);
    record_remove(ledger, gone);
}

static size_t quarantine_room(const struct debug_ledger *ledger)
{
    size_t limit = ledger->space->heap->options.max_bytes / QUARANTINE_SHARE;
    return limit != 0 && limit < QUARANTINE_BYTES ? limit : QUARANTINE_BYTES;
}

void debug_quarantine(lair_object *object, const lair_type *type)
{
    struct debug_ledger *ledger = type->space->debug;
    record *dead = record_find(ledger, object);
    dead->released = ledger->releasing;
    takings_clear(ledger, dead);
    dead->bytes = lair_heap_usable_size(type->heap, object);
    (void)snprintf(dead->name, sizeof dead->name, "%s", type->spec.name);
    memset(object, DEAD_BYTE, dead->bytes);
    object->type = &ledger->dead;
    if (ledger->newest != NULL)
        ledger->newest->next_dead = dead;
    else
        ledger->oldest = dead;
    ledger->newest = dead;
    ledger->quarantined++;
    ledger->quarantined_bytes += dead->bytes;
    size_t room = quarantine_room(ledger);
    while (!ledger->reporting && ledger->oldest != NULL &&
           (ledger->quarantined > QUARANTINE_MOST || ledger->quarantined_bytes > room))
        quarantine_free_oldest(ledger);
}

void debug_trim(struct space *space)
{
    while (!space->debug->reporting && space->debug->oldest != NULL)
        quarantine_free_oldest(space->debug);
}

/* -- reports --------------------------------------------------------------------------------- */

static int by_serial(const void *a, const void *b)
{
    uint64_t first = (*(record *const *)a)->serial, second = (*(record *const *)b)->serial;
    return (first > second) - (first < second);
}

/* All objects alive, in the order of their birth; the caller frees the array. */
static record **alive_list(struct debug_ledger *ledger, size_t *count)
{
    record **list = ledger_memory(ledger->count + 1, sizeof(record *));
    *count = 0;
    for (size_t i = 0; i < ledger->capacity; i++)
        for (record *each = ledger->buckets[i]; each != NULL; each = each->next)
            if (each->object->type != &ledger->dead) {
                each->held = 0;
                each->holder = NULL;
                list[(*count)++] = each;
            }
    qsort(list, *count, sizeof(record *), by_serial);
    return list;
}

static int count_held(lair_object *referent, void *arg)
{
    lair_object *holder = arg;
    record *of = record_find(holder->type->space->debug, referent);
    if (of != NULL) {
        of->held++;
        of->holder = holder;
    }
    return 0;
}

/* The repr of object, cut short, on one line. What it says may be wrong, and why it failed is of no
 * interest. */
static void show_repr(lair_object *object, FILE *stream)
{
    char text[REPR_ROOM + 1] = "";
    FILE *short_text = fmemopen(text, sizeof text, "w");
    if (short_text == NULL)
        return;
    setvbuf(short_text, NULL, _IONBF, 0); /* a long repr ends when there is no more room */
    bool whole = lair_print_repr(object, short_text) == LAIR_OK;
    fclose(short_text);
    text[REPR_ROOM] = '\0';
    fprintf(stream, "%s%s", text, whole ? "" : "...");
}

static int newest_first(const void *a, const void *b)
{
    uint64_t first = (*(taking *const *)a)->serial, second = (*(taking *const *)b)->serial;
    return (first < second) - (first > second);
}

/* All takings of an object, newest first; the caller frees the array. */
static const taking **takings_list(const record *of)
{
    const taking **list = ledger_memory(of->count + 1, sizeof(taking *));
    size_t count = 0;
    for (const taking *top = of->tops; top != NULL; top = top->other)
        for (const taking *each = top; each != NULL; each = each->older)
            list[count++] = each;
    qsort(list, count, sizeof(taking *), newest_first);
    return list;
}

static void show_takings(const record *of, uint32_t outstanding, FILE *stream)
{
    char text[PLACE_ROOM];
    size_t shown = 0, outside = 0;
    const taking **takings = takings_list(of);
    for (size_t i = 0; i < of->count; i++)
        outside += !is_inside(takings[i]->by);
    if (outside > outstanding) /* containers were given some of these */
        fprintf(stream, "    %" PRIu32 " of these %zu:\n", outstanding, outside);
    for (size_t i = 0; i < of->count && shown < PLACES_MOST; i++)
        if (!is_inside(takings[i]->by)) {
            fprintf(stream, "    taken at %s\n", place_text(takings[i]->by, text, sizeof text));
            shown++;
        }
    if (outside > shown)
        fprintf(stream, "    and at %zu more places\n", outside - shown);
    for (size_t i = 0; i < of->count && outside < outstanding; i++)
        if (is_inside(takings[i]->by)) {
            fprintf(stream, "    taken by %s\n", place_text(takings[i]->by, text, sizeof text));
            outside++;
        }
    free(takings);
}

static void show_leak(const record *of, FILE *stream)
{
    lair_object *object = of->object;
    uint32_t count = lair_refcount(object);
    uint32_t outstanding = count > of->held ? count - of->held : 0;
    fprintf(stream, "  %s at %p, ", lair_type_name(object), (void *)object);
    show_repr(object, stream);
    fprintf(stream, ": %" PRIu32 " reference%s\n", count, count == 1 ? "" : "s");
    if (outstanding != 0)
        show_takings(of, outstanding, stream);
    if (of->held != 0)
        fprintf(stream, "    %" PRIu32 " held by the %s at %p%s\n", of->held,
                lair_type_name(of->holder), (const void *)of->holder,
                of->held > 1 ? " and others" : "");
}

/* Objects alive that are not there for good: how many. Nothing is written when there are none. */
static size_t report(struct debug_ledger *ledger, FILE *stream)
{
    struct error_kept error;
    error_keep(&error);
    ledger->reporting = true;
    size_t count, leaks = 0, shown = 0;
    record **alive = alive_list(ledger, &count);
    for (size_t i = 0; i < count; i++) {
        lair_object *object = alive[i]->object;
        leaks += !count_is_immortal(object);
        if (object->type->spec.traverse != NULL)
            (void)object->type->spec.traverse(object, count_held, object);
    }
    if (leaks != 0)
        fprintf(stream, "lair: %zu object%s of heap %p still alive:\n", leaks,
                leaks == 1 ? "" : "s", (void *)ledger->space->heap);
    for (size_t i = 0; i < count && shown < SHOWN_MOST; i++)
        if (alive[i]->object->type != &ledger->dead && !count_is_immortal(alive[i]->object)) {
            show_leak(alive[i], stream);
            shown++;
        }
    if (leaks > shown)
        fprintf(stream, "  and %zu more\n", leaks - shown);
    free(alive);
    ledger->reporting = false;
    error_restore(&error);
    return leaks;
}

size_t lair_debug_report(lair_heap *heap, FILE *stream)
{
    struct space *space = space_of(heap);
    return space != NULL ? report(space->debug, stream) : SIZE_MAX;
}

/* -- beginning and end ----------------------------------------------------------------------- */

void debug_open(struct space *space)
{
    struct debug_ledger *ledger = ledger_memory(1, sizeof(*ledger));
    ledger->space = space;
    /* No heap: a dead object is a stranger to all others, which the checks on the way in notice. */
    ledger->dead = (lair_type){.space = space, .kind = (lair_kind)KIND_DEAD};
    ledger->dead.spec.name = "dead object";
    ledger_grow(ledger);
    space->debug = ledger;
}

void debug_close(struct space *space, bool tell)
{
    struct debug_ledger *ledger = space->debug;
    if (tell)
        (void)report(ledger, stderr);
    for (size_t i = 0; i < ledger->capacity; i++)
        while (ledger->buckets[i] != NULL)
            record_remove(ledger, ledger->buckets[i]);
    while (ledger->chunks != NULL) {
        chunk *gone = ledger->chunks;
        ledger->chunks = gone->next;
        free(gone);
    }
    free(ledger->buckets);
    free(ledger);
    space->debug = NULL;
}

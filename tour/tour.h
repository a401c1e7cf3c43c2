/* tour.h: what a stop of the tour is made of.
 *
 * A stop is a function that runs a claim of the documents on the library as it is. It shows what
 * it measured, states what must be true for the claim to hold, and, where the claim does not
 * describe today's Lair, says why. It must not depend on what other stops did.
 */
#ifndef LAIR_TOUR_TOUR_H
#define LAIR_TOUR_TOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/lair.h>

typedef enum tour_outcome {
    TOUR_HOLDS,   /* what the stop expected was so */
    TOUR_DIFFERS, /* so it was, and the claim says something else; the reason tells */
    TOUR_MISSING, /* so it was: the library refuses what it cannot do yet; the reason tells */
    TOUR_FAILS,   /* something expected was not so; the reason tells */
} tour_outcome;

enum { TOUR_LINE_BYTES = 256, TOUR_LINES = 24 };

typedef struct tour_run {
    const char *settings; /* options for every heap that a stop opens, as text */
    tour_outcome outcome;
    char reason[TOUR_LINE_BYTES];
    char shown[TOUR_LINES][TOUR_LINE_BYTES];
    size_t shown_count;
} tour_run;

typedef void tour_stop(tour_run *run);

/* Adds one line of evidence: numbers as they were measured. */
void tour_show(tour_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds to the last line of evidence. */
void tour_show_more(tour_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* States what must be true, in words. The first that is false makes the stop fail and is the
 * reason. Returns holds. */
bool tour_expect(tour_run *run, bool holds, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Why the claim does not describe Lair as it is today. */
void tour_differs(tour_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether the library keeps dead objects aside for a while, as a build with a ledger of references
 * does to find uses of them: a claim that their memory is used again differs there, and it is said
 * why. */
bool tour_keeps_dead(tour_run *run);

/* What the library says when asked for something it cannot do yet. */
void tour_missing(tour_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Opens a heap with options written as users write them ("pagesize=4K"; "" for the defaults).
 * NULL, after which the stop has failed, when the library refuses. The caller closes the heap. */
lair_heap *tour_heap_open(tour_run *run, const char *options);

/* A new block; NULL, after which the stop has failed, when the heap refuses. */
void *tour_alloc(tour_run *run, lair_heap *heap, size_t size);

/* Fills blocks with count new ones of size bytes, whose first byte is written; false, after which
 * the stop has failed and no block is held, when the heap refuses. */
bool tour_alloc_many(tour_run *run, lair_heap *heap, void **blocks, size_t count, size_t size);
void tour_free_many(lair_heap *heap, void **blocks, size_t count);

/* The heap's class whose blocks serve requests of size bytes; block_bytes is 0 where spans do. The
 * stop has one block of that size to spend; it fails when the heap refuses it. */
lair_heap_class tour_class_for(tour_run *run, lair_heap *heap, size_t size);

/* Hands object on. When it is NULL the stop has failed for the library's reason. */
lair_object *tour_object(tour_run *run, lair_object *object);

/* Hands type on in the same way, and lets it live as long as its heap. */
lair_type *tour_type(tour_run *run, lair_type *type);

/* Whether status is LAIR_OK. When it is not, the stop has failed for the library's reason. */
bool tour_ok(tour_run *run, lair_status status);

/* Expects that something was refused with the status wanted, and shows what the library says. */
void tour_expect_refusal(tour_run *run, lair_status status, lair_status wanted);

/* Bytes in live blocks of heap, without the dead objects that are kept for reuse. */
size_t tour_live(lair_heap *heap);

/* An empty list with room for count items, so that filling it takes no memory for the list itself.
 * NULL: the stop has failed. The caller owns it. */
lair_object *tour_room(tour_run *run, lair_heap *heap, size_t count);

/* Runs work in a child process, which leaves bytes of an answer in *answer; false, after which the
 * stop has failed, when none came. */
typedef void tour_work(tour_run *run, const void *given, void *answer);
bool tour_in_child(tour_run *run, tour_work *work, const void *given, void *answer, size_t bytes);

/* A number of bytes in words: tour_bytes(65536).text is "64 KiB". */
typedef struct tour_text {
    char text[32];
} tour_text;
tour_text tour_bytes(size_t bytes);

/* Nanoseconds of a clock that only goes forward. */
double tour_now_ns(void);

/* Waits. */
void tour_sleep_ms(unsigned milliseconds);

#endif /* LAIR_TOUR_TOUR_H */

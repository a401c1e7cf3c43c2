/* ground.h: what a test of objects stands on: a heap whose books must be as before at the end, and
 * memory that fails at every step.
 */
#ifndef LAIR_TESTS_OBJECT_GROUND_H
#define LAIR_TESTS_OBJECT_GROUND_H

#include <stdio.h>
#include <string.h>

#include <lair/lair.h>

#include "books.h"
#include "check.h"
#include "forcing.h"
#include "variants.h"

/* Levels of a structure that is deep. A ledger of references takes some 200 bytes for each. */
enum { DEEP_LEVELS = LAIR_DEBUG_REFERENCES ? 200 * 1000 : 10 * 1000 * 1000 };

/* Live blocks, those that are kept for reuse only not counted. */
static inline size_t ground_blocks(lair_heap *heap)
{
    (void)lair_heap_trim(heap);
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    return ledger.blocks;
}

/* Memory that is handed out next is not zero by chance. */
static inline void make_dirty(lair_heap *heap)
{
    enum { BLOCKS = 400 };
    void *blocks[BLOCKS];
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = lair_heap_alloc(heap, 8 + i % 20 * 8);
        REQUIRE(blocks[i] != NULL);
        memset(blocks[i], 0xa5, 8 + i % 20 * 8);
    }
    for (size_t i = 0; i < BLOCKS; i++)
        lair_heap_free(heap, blocks[i]);
}

/* A test on a heap: it must leave as many objects as it found. ready: what is done to the heap
 * beforehand; NULL: nothing. */
typedef void (*ground_test)(lair_heap *heap);
static inline void on_heap(const heap_variant *variant, void (*ready)(lair_heap *),
                           ground_test test)
{
    lair_heap *heap = variant_open(variant);
    REQUIRE(lair_none(heap) != NULL);
    make_dirty(heap);
    if (ready != NULL)
        ready(heap);
    size_t before = ground_blocks(heap);
    test(heap);
    CHECK(ground_blocks(heap) == before);
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
}

/* Runs test on a heap of each kind, and on one that collects garbage at every chance. */
static inline void on_every_heap(ground_test test)
{
    for (size_t i = 0; i < variant_count; i++)
        on_heap(&variants[i], NULL, test);
    on_heap(&variants[0], force_collections, test);
}

/* Runs operation with the failure of memory at its first step, at its second and so on, until it
 * gets through; once with a single failure and once with all later steps failing too. It returns
 * whether it got through, and leaves nothing behind either way. arg is the test's own. */
typedef bool (*ground_operation)(lair_heap *heap, void *arg);
#define FAIL_AT_EVERY_STEP(heap, operation, arg)                                                   \
    fail_at_every_step((heap), (operation), (arg), #operation)
static inline void fail_at_every_step(lair_heap *heap, ground_operation operation, void *arg,
                                      const char *name)
{
    enum { MOST_STEPS = 1000 };
    size_t before = ground_blocks(heap);
    for (int forever = 0; forever < 2; forever++) {
        bool through = false;
        uint64_t step = 0;
        while (!through && step < MOST_STEPS) {
            (void)lair_heap_trim(heap);
            lair_heap_inject_failure(heap, ++step, forever != 0);
            through = operation(heap, arg);
            lair_heap_inject_failure(heap, 0, false);
            if (!through)
                CHECK_FAILED_WITH(LAIR_ERR_NO_MEMORY);
            if (!CHECK(ground_blocks(heap) == before) || !CHECK(lair_heap_check(heap) == LAIR_OK))
                printf("in %s at step %lu\n", name, (unsigned long)step);
        }
        if (!CHECK(through && step > 1)) /* an operation without a step tests nothing */
            printf("in %s\n", name);
    }
}

/* Whether the repr of object is text. */
static inline bool shows(lair_object *object, const char *text)
{
    LAIR_SCOPED lair_object *repr = lair_repr(object);
    if (repr == NULL || strcmp(lair_str_text(repr), text) == 0)
        return repr != NULL;
    printf("repr is %s, not %s\n", lair_str_text(repr), text);
    return false;
}

static inline bool equal(lair_object *a, lair_object *b)
{
    bool result = false;
    return CHECK(lair_equal(a, b, &result) == LAIR_OK) && result;
}

/* Checks a call that is given an object it must refuse with status. NULL stands for an error that
 * was there before and is handed on: it is made here, and status is its own. */
#define CHECK_REFUSED(heap, object, status, call)                                                  \
    do {                                                                                           \
        if ((object) == NULL)                                                                      \
            (void)lair_str_new((heap), "\xff");                                                    \
        CHECK(call);                                                                               \
        CHECK_FAILED_WITH(status);                                                                 \
    } while (0)

#endif /* LAIR_TESTS_OBJECT_GROUND_H */

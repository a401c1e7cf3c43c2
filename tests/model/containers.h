/* containers.h: lists, tuples, dicts, sets and counters beside arrays that are searched from end to
 * end.
 *
 * What containers hold comes from a pool of objects: ints in a row and far apart, floats and a bool
 * equal to some, strs, tuples, frozensets, and nodes whose hashes collide; of each there are two
 * that are equal and not the same. An operation is done on both sides; containers_compare then
 * finds every difference, in contents, in order, and in which of two equal objects is there.
 */
#ifndef LAIR_TESTS_CONTAINERS_H
#define LAIR_TESTS_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/lair.h>

enum { POOL = 9000, LIST_MOST = 6000, LISTS = 2, DICTS = 2, SETS = 3 };

/* Positions in the pool. */
struct plain_list {
    uint32_t items[LIST_MOST];
    size_t count;
};

struct plain_map {
    struct {
        uint32_t key;
        int64_t value; /* a position, or a count */
    } rows[POOL];      /* in the order of insertion */
    size_t count;
};

typedef struct containers {
    lair_heap *heap;
    lair_type *nodes;
    lair_object *pool[POOL];
    bool may_fail;      /* some operations meet with a failure of memory */
    uint64_t failures;  /* that did */
    uint32_t most_keys; /* that one operation on a dict or set puts in or takes out: thousands */

    lair_object *lists[LISTS], *dicts[DICTS], *sets[SETS], *counter;
    struct plain_list plain_lists[LISTS];
    struct plain_map plain_dicts[DICTS], plain_sets[SETS], plain_counter;
} containers;

void containers_open(containers *all, const lair_heap_options *options);

/* One operation, and on what, from three numbers. */
void containers_step(containers *all, unsigned operation, uint64_t a, uint64_t b);

/* The number of operations there are, and the name of one. */
size_t containers_operations(void);
const char *containers_operation_name(unsigned operation);

/* Checks that both sides hold the same, that tables are in order, and that each count equals the
 * references that exist. */
void containers_compare(containers *all);

/* Compares once more, drops everything, and checks that the heap is as it was. */
void containers_close(containers *all);

#endif /* LAIR_TESTS_CONTAINERS_H */

/* test_list_sort.c: sorting: order, stability, what comparing may do to the list, and what fails.
 */
#include <math.h>
#include <stdlib.h>

#include "audit.h"
#include "ground.h"
#include "node.h"
#include "random.h"

enum { MOST = 3000 };

/* -- order and stability --------------------------------------------------------------------- */

static int64_t shaped(int shape, int64_t i, int64_t count, uint64_t *random)
{
    switch (shape) {
    case 0:
        return i;
    case 1:
        return -i;
    case 2:
        return i % 7;
    case 3:
        return (int64_t)(random_next(random) % 1000);
    case 4: /* teeth */
        return i % 50 + i / 500;
    case 5: /* in order but for a few */
        return i % 97 == 0 ? 0 : i;
    case 6: /* two halves */
        return i < count / 2 ? 2 * i : 2 * (i - count / 2) + 1;
    default:
        return 5;
    }
}

static lair_object *item_of(lair_heap *heap, int kind, int64_t number)
{
    switch (kind) {
    case 0:
        return lair_int_new(heap, number);
    case 1:
        return lair_float_new(heap, (double)number / 2);
    case 2:
        return lair_str_format(heap, "%06lld%s", (long long)number + 100000,
                               number % 3 == 0 ? "" : " and more");
    case 3: /* of both kinds of numbers */
        return number % 2 != 0 ? lair_int_new(heap, number) : lair_float_new(heap, (double)number);
    default:
        return LAIR_TUPLE(heap, lair_int_new(heap, number), lair_str_new(heap, "x"));
    }
}

struct placed {
    int64_t number;
    int64_t place;
};

static int placed_compare(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

static void test_order(lair_heap *heap)
{
    static const int64_t sizes[] = {0, 1, 2, 3, 23, 24, 25, 60, 128, 129, 1000, MOST};
    static lair_object *items[MOST];
    static struct placed expected[MOST];
    uint64_t random = 7;
    for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
        for (int shape = 0; shape < 8; shape++) {
            int kind = (int)(random_next(&random) % 5);
            int64_t count = sizes[size];
            LAIR_SCOPED lair_object *list = lair_list_new(heap);
            for (int64_t i = 0; i < count; i++) {
                expected[i] = (struct placed){shaped(shape, i, count, &random), i};
                items[i] = item_of(heap, kind, expected[i].number);
                CHECK(lair_list_append_new(list, items[i]) == LAIR_OK);
            }
            qsort(expected, (size_t)count, sizeof expected[0], placed_compare);
            CHECK(lair_list_sort(list) == LAIR_OK);
            CHECK(lair_list_length(list) == (size_t)count);
            bool right = true;
            for (int64_t i = 0; i < count; i++)
                right = right && (lair_list_get(list, (size_t)i) == items[expected[i].place] ||
                                  lair_refcount(items[expected[i].place]) == UINT32_MAX);
            if (!CHECK(right))
                printf("shape %d, kind %d, %lld items\n", shape, kind, (long long)count);
        }
    }
}

/* Strs are ordered by code point, bools are ints, and the shorter comes first. */
static void test_mixed(lair_heap *heap)
{
    LAIR_SCOPED lair_object *strs =
        LAIR_LIST(heap, lair_str_new(heap, "b"), lair_str_new(heap, "\xf0\x9f\x98\x80"),
                  lair_str_new(heap, "ab"), lair_str_new(heap, "é"), lair_str_new(heap, "a"),
                  lair_str_new(heap, ""), lair_str_new(heap, "\xef\xbf\xbd"));
    CHECK(lair_list_sort(strs) == LAIR_OK);
    CHECK(shows(strs, "['', 'a', 'ab', 'b', 'é', '\xef\xbf\xbd', '\xf0\x9f\x98\x80']"));
    LAIR_SCOPED lair_object *ints =
        LAIR_LIST(heap, lair_int_new(heap, 2), lair_bool(heap, true), lair_int_new(heap, 0),
                  lair_bool(heap, false), lair_int_new(heap, 1));
    CHECK(lair_list_sort(ints) == LAIR_OK && shows(ints, "[0, False, True, 1, 2]"));
}

/* -- what fails ------------------------------------------------------------------------------ */

static bool has_all(lair_object *list, lair_object *const *items, size_t count)
{
    bool all = lair_list_length(list) == count;
    for (size_t i = 0; i < count && all; i++) {
        all = false;
        for (size_t j = 0; j < count && !all; j++)
            all = lair_list_get(list, j) == items[i];
    }
    return all;
}

static void test_no_order(lair_heap *heap)
{
    static const size_t sizes[] = {2, 30, 200};
    for (size_t size = 0; size < 3; size++) {
        for (int kind = 0; kind < 3; kind++) {
            for (size_t at = 0; at < sizes[size]; at += 1 + at) {
                lair_object *items[200];
                LAIR_SCOPED lair_object *list = lair_list_new(heap);
                for (size_t i = 0; i < sizes[size]; i++) {
                    items[i] = lair_float_new(heap, (double)(i * 7 % 50));
                    if (i == at)
                        lair_set_ref(&items[i], NULL);
                    if (i == at)
                        items[i] = kind == 0   ? lair_str_new(heap, "no number")
                                   : kind == 1 ? lair_float_new(heap, (double)NAN)
                                               : lair_dict_new(heap);
                    CHECK(lair_list_append_new(list, items[i]) == LAIR_OK);
                }
                lair_status status = lair_list_sort(list);
                CHECK(status == (kind == 1 ? LAIR_ERR_VALUE : LAIR_ERR_TYPE));
                CHECK(has_all(list, items, sizes[size]));
            }
        }
    }
    CHECK(lair_list_sort(NULL) != LAIR_OK);
    CHECK(lair_list_sort(lair_none(heap)) == LAIR_ERR_TYPE);
}

static bool sort_long(lair_heap *heap, void *arg)
{
    lair_object *const *items = arg;
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    lair_heap_inject_failure(heap, 0, false); /* only sorting is to fail */
    for (size_t i = 0; i < 200; i++)
        CHECK(lair_list_append(list, items[i]) == LAIR_OK);
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_list_sort(list) == LAIR_ERR_NO_MEMORY);
    lair_heap_inject_failure(heap, 0, false);
    for (size_t i = 0; i < 200; i++) /* nothing has changed */
        CHECK(lair_list_get(list, i) == items[i]);
    CHECK(lair_list_remove(list, 100, SIZE_MAX) == LAIR_OK);
    lair_heap_inject_failure(heap, 1, true);
    CHECK(lair_list_sort(list) == LAIR_OK); /* short lists need no memory */
    lair_heap_inject_failure(heap, 0, false);
    return true;
}

static void test_memory(lair_heap *heap)
{
    lair_object *items[200];
    for (size_t i = 0; i < 200; i++)
        items[i] = lair_int_new(heap, (int64_t)((i * 77) % 1000) + 1000);
    CHECK(sort_long(heap, items));
    for (size_t i = 0; i < 200; i++)
        lair_decref(items[i]);
}

/* -- comparing that looks at the list -------------------------------------------------------- */

static lair_object *victim;
static unsigned compares;
static void (*on_compare)(void);

static lair_step node_compare(lair_walk *walk, lair_frame *frame)
{
    int64_t a = node_of(frame->self)->number, b = node_of(frame->other)->number;
    compares++;
    if (on_compare != NULL)
        on_compare();
    walk->order = (a > b) - (a < b);
    return LAIR_STEP_DONE;
}

/* Nodes that are compared by their numbers. */
static const lair_type_spec ordered_spec = {.name = "ordered",
                                            .size = sizeof(struct node),
                                            .flags = LAIR_TYPE_CONTAINER,
                                            .traverse = node_traverse,
                                            .clear = node_clear,
                                            .compare = node_compare};

static void see_empty(void)
{
    CHECK(lair_list_length(victim) == 0);
}

static void append_one(void)
{
    if (compares == 3)
        CHECK(lair_list_append_new(victim, lair_list_new(lair_heap_of(victim))) == LAIR_OK);
}

static void sort_again(void)
{
    CHECK(lair_list_sort(victim) == LAIR_OK);
}

static void truncate_it(void)
{
    if (compares == 3)
        CHECK(lair_truncate(victim) == LAIR_OK);
}

static void test_comparing(lair_heap *heap)
{
    static const struct {
        void (*hook)(void);
        lair_status status;
    } rows[] = {{see_empty, LAIR_OK},
                {append_one, LAIR_ERR_CHANGED},
                {sort_again, LAIR_OK},
                {truncate_it, LAIR_ERR_CHANGED}};
    lair_type *type = lair_type_new(heap, &ordered_spec);
    LAIR_SCOPED lair_object *keep = lair_type_object(type);
    for (size_t row = 0; row < 4; row++) {
        LAIR_SCOPED lair_object *list = lair_list_new(heap);
        for (int64_t i = 0; i < 300; i++)
            CHECK(lair_list_append_new(list, node_new(type, i * 131 % 300, NULL)) == LAIR_OK);
        victim = list;
        compares = 0;
        on_compare = rows[row].hook;
        CHECK(lair_list_sort(list) == rows[row].status);
        on_compare = NULL;
        const audit_root roots[] = {{list, 1}};
        CHECK(audit_references(roots, 1, NULL));
        CHECK(lair_is_none(list) == (row == 3));
        CHECK(nodes_alive(type) == (row == 3 ? 0U : 300U));
        for (size_t i = 0; i < 300 && row != 3; i++)
            CHECK(node_of(lair_list_get(list, i))->number == (int64_t)i);
    }
}

/* What is in order, or falls, costs one comparison for each item. */
static void test_runs_are_cheap(lair_heap *heap)
{
    lair_type *type = lair_type_new(heap, &ordered_spec);
    LAIR_SCOPED lair_object *keep = lair_type_object(type);
    for (int falls = 0; falls < 2; falls++) {
        LAIR_SCOPED lair_object *list = lair_list_new(heap);
        for (int64_t i = 0; i < 1000; i++)
            CHECK(lair_list_append_new(list, node_new(type, falls != 0 ? -i : i, NULL)) == LAIR_OK);
        compares = 0;
        CHECK(lair_list_sort(list) == LAIR_OK && compares <= 1000);
    }
}

int main(void)
{
    on_every_heap(test_order);
    on_every_heap(test_mixed);
    on_every_heap(test_no_order);
    on_every_heap(test_memory);
    on_every_heap(test_comparing);
    on_every_heap(test_runs_are_cheap);
    return check_finish("sorting");
}

/* objects_malloc.c: bench-objects on plain structs and the C library's malloc, which know no type
 * and no count: what objects cost in a program that frees each thing by hand.
 */
#include <stdint.h>
#include <stdlib.h>

typedef void object;
#define DROP(kind, it) drop_##kind(it)

#include "bench.h"

typedef struct pair {
    struct pair *left, *right;
    void *value;
} pair;

typedef struct vector {
    void **items;
    size_t length, capacity;
} vector;

typedef struct fields {
    void *field[4];
} fields;

static int one, two, three;

static void host_failed(void)
{
}

static void host_open(void)
{
}

/* -- one object of each kind ----------------------------------------------------------------- */

static object *make_int(size_t i)
{
    int64_t *it = malloc(sizeof(*it));
    if (it != NULL)
        *it = FIRST_INT + (int64_t)i;
    return it;
}

static inline uint64_t read_int(object *it)
{
    return (uint64_t) * (int64_t *)it;
}

static inline void drop_int(object *it)
{
    free(it);
}

static object *make_float(size_t i)
{
    double *it = malloc(sizeof(*it));
    if (it != NULL)
        *it = (double)i;
    return it;
}

static inline uint64_t read_float(object *it)
{
    return (uint64_t) * (double *)it;
}

static inline void drop_float(object *it)
{
    free(it);
}

static object *make_str(size_t i)
{
    char *it = malloc(TEXT_BYTES + 1);
    (void)i;
    return it != NULL ? memcpy(it, "ten bytes!", TEXT_BYTES + 1) : NULL;
}

static inline uint64_t read_str(object *it)
{
    return strlen(it);
}

static inline void drop_str(object *it)
{
    free(it);
}

static object *make_tuple3(size_t i)
{
    void **it = malloc(3 * sizeof(*it));
    (void)i;
    if (it != NULL) {
        it[0] = &one;
        it[1] = &two;
        it[2] = &three;
    }
    return it;
}

static inline uint64_t read_tuple3(object *it)
{
    return it != NULL ? 3 : 0;
}

static inline void drop_tuple3(object *it)
{
    free(it);
}

static object *make_list0(size_t i)
{
    (void)i;
    return calloc(1, sizeof(vector));
}

static inline uint64_t read_list0(object *it)
{
    return ((vector *)it)->length;
}

static inline void drop_list0(object *it)
{
    free(((vector *)it)->items);
    free(it);
}

static object *make_list3(size_t i)
{
    vector *list = malloc(sizeof(*list));
    void **items = malloc(3 * sizeof(*items));
    (void)i;
    must(list != NULL && items != NULL);
    items[0] = &one;
    items[1] = &two;
    items[2] = &three;
    *list = (vector){items, 3, 3};
    return list;
}

static inline uint64_t read_list3(object *it)
{
    return ((vector *)it)->length;
}

static inline void drop_list3(object *it)
{
    drop_list0(it);
}

static object *make_record(size_t i)
{
    fields *it = malloc(sizeof(*it));
    (void)i;
    if (it != NULL)
        *it = (fields){{&one, &two, &three, &one}};
    return it;
}

static inline uint64_t read_record(object *it)
{
    return it != NULL;
}

static inline void drop_record(object *it)
{
    free(it);
}

#include "rows_create.h"

CREATE_ROW(int)
CREATE_ROW(float)
CREATE_ROW(str)
CREATE_ROW(tuple3)
CREATE_ROW(list0)
CREATE_ROW(list3)
CREATE_ROW(record)

/* -- deep ------------------------------------------------------------------------------------ */

static object *node_new(object *left, object *right)
{
    pair *node = malloc(sizeof(*node));
    if (node != NULL)
        *node = (pair){left, right, &one};
    return node;
}

static void drop_tree(object *root)
{
    pair *node = root;
    if (node == NULL)
        return;
    drop_tree(node->left);
    drop_tree(node->right);
    free(node);
}

static object *nest(object *inner)
{
    vector *list = calloc(1, sizeof(*list));
    if (list != NULL && inner != NULL) {
        list->items = need(malloc(4 * sizeof(*list->items))); /* as a list that was appended to */
        list->items[list->length++] = inner;
        list->capacity = 4;
    }
    return list;
}

/* Each list has one item: no recursion is needed. */
static void drop_nested(object *outermost)
{
    vector *list = outermost;
    while (list != NULL) {
        vector *inner = list->length != 0 ? list->items[0] : NULL;
        free(list->items);
        free(list);
        list = inner;
    }
}

#include "rows_nest.h"
#include "rows_tree.h"

/* -- the tables ------------------------------------------------------------------------------ */

static const row rows[] = {
    {"create-int", 10 * LARGE, create_int},
    {"create-float", 10 * LARGE, create_float},
    {"create-str", 10 * LARGE, create_str},
    {"create-tuple3", 10 * LARGE, create_tuple3},
    {"create-list0", 10 * LARGE, create_list0},
    {"create-list3", 5 * LARGE, create_list3},
    {"create-record", 5 * LARGE, create_record},
    TREE_ROW,
    NEST_ROW,
};

static const kind kinds[] = {
    {"int", make_int, 1},       {"float", make_float, 1}, {"str", make_str, 1},
    {"tuple3", make_tuple3, 1}, {"list0", make_list0, 1}, {"list3", make_list3, 1},
    {"record", make_record, 1},
};

BENCH_MAIN

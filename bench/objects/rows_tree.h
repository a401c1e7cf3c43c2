/* rows_tree.h: the last reference to a large tree goes, and all of it with it.
 *
 *     static object *node_new(object *left, object *right);    steals both; NULL: no child
 */
#ifndef ROWS_TREE_H
#define ROWS_TREE_H

#include "bench.h"

enum { TREE_DEPTH = 20 };

static object *tree_new(unsigned depth)
{
    if (depth == 0)
        return NULL;
    object *left = tree_new(depth - 1);
    return need(node_new(left, tree_new(depth - 1)));
}

/* A complete binary tree of 2^20 - 1 nodes. */
static void tree_free_row(work *run)
{
    const size_t nodes = ((size_t)1 << TREE_DEPTH) - 1;
    size_t turns = (run->operations + nodes - 1) / nodes;
    for (size_t turn = 0; turn < turns; turn++) {
        object *tree = tree_new(TREE_DEPTH);
        time_begin(run);
        DROP(tree, tree);
        time_end(run);
        run->checksum += nodes;
    }
    run->operations = turns * nodes;
}

#define TREE_ROW                                                                                   \
    {                                                                                              \
        "free-tree", 4 * LARGE, tree_free_row                                                      \
    }

#endif /* ROWS_TREE_H */

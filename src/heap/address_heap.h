/* address_heap.h: an intrusive pairing heap whose order is the address of its nodes.
 *
 * Gives the lowest of a set: insert in O(1), remove in O(log n) amortised. Keeping to the lowest
 * addresses packs a heap's blocks into few arenas and lets the others empty.
 *
 * Source: Fredman, Sedgewick, Sleator, Tarjan, "The pairing heap" (Algorithmica 1986).
 */
#ifndef LAIR_HEAP_ADDRESS_HEAP_H
#define LAIR_HEAP_ADDRESS_HEAP_H

#include <stddef.h>

typedef struct address_node {
    struct address_node *child; /* lowest-level first child */
    struct address_node *next;  /* next sibling */
    struct address_node *prev;  /* previous sibling, or the parent of a first child */
} address_node;

/* Joins two roots (neither has siblings); returns the lower. */
static inline address_node *address_heap_meld(address_node *a, address_node *b)
{
    if (b < a) {
        address_node *lower = b;
        b = a;
        a = lower;
    }
    b->next = a->child;
    if (b->next != NULL)
        b->next->prev = b;
    b->prev = a;
    a->child = b;
    return a;
}

static inline void address_heap_insert(address_node **root, address_node *node)
{
    node->child = node->next = node->prev = NULL;
    *root = *root == NULL ? node : address_heap_meld(*root, node);
}

/* Joins a list of siblings into one root, in two passes: pairs from left to right, then all pairs
 * from right to left. */
static inline address_node *address_heap_join(address_node *first)
{
    address_node *pairs = NULL;
    while (first != NULL) {
        address_node *a = first;
        address_node *b = a->next;
        first = b == NULL ? NULL : b->next;
        a->next = a->prev = NULL;
        if (b != NULL) {
            b->next = b->prev = NULL;
            a = address_heap_meld(a, b);
        }
        a->next = pairs;
        pairs = a;
    }
    address_node *root = NULL;
    while (pairs != NULL) {
        address_node *next = pairs->next;
        pairs->next = NULL;
        root = root == NULL ? pairs : address_heap_meld(root, pairs);
        pairs = next;
    }
    return root;
}

/* Takes out the lowest node, or returns NULL. */
static inline address_node *address_heap_pop(address_node **root)
{
    address_node *lowest = *root;
    if (lowest != NULL)
        *root = address_heap_join(lowest->child);
    return lowest;
}

static inline void address_heap_remove(address_node **root, address_node *node)
{
    if (node == *root) {
        (void)address_heap_pop(root);
        return;
    }
    if (node->prev->child == node)
        node->prev->child = node->next;
    else
        node->prev->next = node->next;
    if (node->next != NULL)
        node->next->prev = node->prev;
    address_node *children = address_heap_join(node->child);
    if (children != NULL)
        *root = address_heap_meld(*root, children);
}

#endif /* LAIR_HEAP_ADDRESS_HEAP_H */

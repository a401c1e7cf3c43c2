/* query.h: questions to the loaded data.
 *
 *   query       path [ '|' 'group by' path ] [ '|' aggregate ]
 *   path        step... or '.' alone, the whole
 *   step        .name          the member of that name, of each value
 *               [3]            the item at that position, of each list, from 0
 *               [condition]    those items for which the condition holds
 *   condition   comparison { ('and' | 'or') comparison }, 'and' first
 *   comparison  path operator literal      operators: = != < <= > >= ~ (contains)
 *   aggregate   count() | sum(path) | avg(path) | min(path) | max(path), the path of values in each
 *               item; () for the item itself
 *
 * Where a step needs something of a list, it takes it of each item. In comparisons and after group
 * by the dot in front may be left out: .users[age>30 and city='Rome'].name | count()
 */
#ifndef JSON_STORE_QUERY_H
#define JSON_STORE_QUERY_H

#include "store.h"

struct query;

/* NULL: the text is no query; message (of size bytes) says where and why. */
struct query *query_parse(lair_heap *heap, const char *text, char *message, size_t size);
void query_free(struct query *query);

/* Prints the answer: each value as JSON on a line of its own. False: error set. */
bool query_answer(const struct query *query, lair_object *root, FILE *stream);

#endif /* JSON_STORE_QUERY_H */

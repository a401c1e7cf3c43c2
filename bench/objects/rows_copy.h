/* rows_copy.h: a copy of everything that a list of documents reaches.
 *
 *     static inline object *deep_copy(object *it);
 *     static inline size_t list_size(object *list);
 *     static object *document_new(size_t i);    {'id': int, 'name': str, 'tags': [str, str],
 *                                                'place': (float, float)}
 *     static inline object *list_new(void);
 *     static inline bool list_append(object *list, object *item);
 */
#ifndef ROWS_COPY_H
#define ROWS_COPY_H

#include "bench.h"

static void deep_copy_row(work *run)
{
    object *documents = need(list_new());
    for (size_t i = 0; i < SMALL; i++) {
        object *document = need(document_new(i));
        must(list_append(documents, document));
        DROP(dict, document);
    }
    size_t turns = (run->operations + SMALL - 1) / SMALL;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++) {
        object *copy = need(deep_copy(documents));
        run->checksum += list_size(copy);
        DROP(list, copy);
    }
    time_end(run);
    DROP(list, documents);
    run->operations = turns * SMALL;
}

#define COPY_ROW                                                                                   \
    {                                                                                              \
        "deep-copy", 50 * SMALL, deep_copy_row                                                     \
    }

#endif /* ROWS_COPY_H */

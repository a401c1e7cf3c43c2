/* rows_holding.h: as the dict-iterate of rows_table.h, which this includes, but each key and value
 * is held while it is looked at: what a loop needs that runs code which may change the dict.
 *
 *     static inline uint64_t dict_walk_holding(object *dict);    the sum of its int values
 */
#ifndef ROWS_HOLDING_H
#define ROWS_HOLDING_H

#include "rows_table.h"

static void dict_iterate_holding(work *run)
{
    dict_iterate(run, true, LARGE, dict_walk_holding);
}

#define HOLDING_ROW                                                                                \
    {                                                                                              \
        "dict-iterate-holding", 20 * LARGE, dict_iterate_holding                                   \
    }

#endif /* ROWS_HOLDING_H */

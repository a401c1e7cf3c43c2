/* rows_nest.h: the last reference to something deep goes, and all of it with it.
 *
 *     static object *nest(object *inner);    a list of inner, which it steals; NULL: an empty list
 */
#ifndef ROWS_NEST_H
#define ROWS_NEST_H

#include "bench.h"

/* A list in a list in a list, LARGE deep. */
static void nested_free_row(work *run)
{
    size_t turns = (run->operations + LARGE - 1) / LARGE;
    for (size_t turn = 0; turn < turns; turn++) {
        object *nested = NULL;
        for (size_t i = 0; i < LARGE; i++)
            nested = need(nest(nested));
        time_begin(run);
        DROP(nested, nested);
        time_end(run);
        run->checksum += LARGE;
    }
    run->operations = turns * LARGE;
}

#define NEST_ROW                                                                                   \
    {                                                                                              \
        "free-nested", 4 * LARGE, nested_free_row                                                  \
    }

#endif /* ROWS_NEST_H */

/* rows_create.h: objects of every kind made and freed, BATCH alive at once.
 *
 * For each kind the host defines
 *
 *     static object *make_KIND(size_t i);
 *     static inline uint64_t read_KIND(object *it);    what is in it, the same for every host
 *
 * and writes CREATE_ROW(KIND), which defines create_KIND for its table.
 */
#ifndef ROWS_CREATE_H
#define ROWS_CREATE_H

#include "bench.h"

#define CREATE_ROW(kind)                                                                           \
    static void create_##kind(work *run)                                                           \
    {                                                                                              \
        object *kept[BATCH];                                                                       \
        size_t batches = (run->operations + BATCH - 1) / BATCH;                                    \
        time_begin(run);                                                                           \
        for (size_t batch = 0; batch < batches; batch++) {                                         \
            for (size_t i = 0; i < BATCH; i++)                                                     \
                kept[i] = need(make_##kind(batch * BATCH + i));                                    \
            for (size_t i = 0; i < BATCH; i++) {                                                   \
                run->checksum += read_##kind(kept[i]);                                             \
                DROP(kind, kept[i]);                                                               \
            }                                                                                      \
        }                                                                                          \
        time_end(run);                                                                             \
        run->operations = batches * BATCH;                                                         \
    }

#endif /* ROWS_CREATE_H */

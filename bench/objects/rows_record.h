/* rows_record.h: attributes of a record of four fields, by position and by name; weak references.
 *
 *     static object *make_record(size_t i);       mutable, can be referred to weakly
 *     static object *make_named_tuple(size_t i);  its fields are given once
 *     static inline object *field_get(object *named_tuple, size_t field);  borrowed
 *     static inline bool field_set(object *record, size_t field, object *value);
 *     static inline object *name_get(object *record, size_t field);        a new reference
 *     static inline bool name_set(object *record, size_t field, object *value);
 *     static inline object *weakref_new(object *record);
 *     static inline object *weakref_get(object *weakref);   a new reference; NULL: dead
 *     static object *int_key(int64_t value);
 *     static inline int64_t int_read(object *it);
 */
#ifndef ROWS_RECORD_H
#define ROWS_RECORD_H

#include "bench.h"

enum { FIELDS = 4 };

static void records_make(object **records, object *(*make)(size_t i))
{
    for (size_t i = 0; i < BATCH; i++)
        records[i] = need(make(i));
}

static void records_drop(object **records)
{
    for (size_t i = 0; i < BATCH; i++)
        DROP(record, records[i]);
}

/* -- attributes ------------------------------------------------------------------------------ */

static inline uint64_t name_read(object *record, size_t field)
{
    object *value = need(name_get(record, field));
    uint64_t read = (uint64_t)int_read(value);
    DROP(int, value);
    return read;
}

/* Runs body for each field of BATCH records, made by make, turns times. */
#define FIELD_ROW(name, make, body)                                                                \
    static void name(work *run)                                                                    \
    {                                                                                              \
        object *records[BATCH], *value = need(int_key(FIRST_INT));                                 \
        records_make(records, make);                                                               \
        size_t turns = (run->operations + BATCH * FIELDS - 1) / (BATCH * FIELDS);                  \
        time_begin(run);                                                                           \
        for (size_t turn = 0; turn < turns; turn++)                                                \
            for (size_t i = 0; i < BATCH; i++)                                                     \
                for (size_t field = 0; field < FIELDS; field++)                                    \
                    body;                                                                          \
        time_end(run);                                                                             \
        run->checksum += name_read(records[turns % BATCH], 3);                                     \
        records_drop(records);                                                                     \
        DROP(int, value);                                                                          \
        run->operations = turns * BATCH * FIELDS;                                                  \
    }

FIELD_ROW(field_get_row, make_named_tuple,
          run->checksum += (uint64_t)int_read(need(field_get(records[i], field))))
FIELD_ROW(field_set_row, make_record, must(field_set(records[i], field, value)))
FIELD_ROW(name_get_row, make_record, run->checksum += name_read(records[i], field))
FIELD_ROW(name_set_row, make_record, must(name_set(records[i], field, value)))

/* -- weak references -------------------------------------------------------------------------- */

/* A weak reference to a record is made and dropped. */
static void weakref_new_row(work *run)
{
    object *records[BATCH], *refs[BATCH];
    records_make(records, make_record);
    size_t turns = (run->operations + BATCH - 1) / BATCH;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++) {
        for (size_t i = 0; i < BATCH; i++)
            refs[i] = need(weakref_new(records[i]));
        for (size_t i = 0; i < BATCH; i++)
            DROP(weakref, refs[i]);
        run->checksum++;
    }
    time_end(run);
    records_drop(records);
    run->operations = turns * BATCH;
}

static void weakref_get_row(work *run)
{
    object *records[BATCH], *refs[BATCH];
    records_make(records, make_record);
    for (size_t i = 0; i < BATCH; i++)
        refs[i] = need(weakref_new(records[i]));
    size_t turns = (run->operations + BATCH - 1) / BATCH;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < BATCH; i++) {
            object *record = weakref_get(refs[i]);
            run->checksum += record == records[i];
            DROP(record, record);
        }
    time_end(run);
    for (size_t i = 0; i < BATCH; i++)
        DROP(weakref, refs[i]);
    records_drop(records);
    run->operations = turns * BATCH;
}

/* A record with a weak reference dies, the reference is seen to be dead, and dropped. */
static void weakref_die_row(work *run)
{
    object *records[BATCH], *refs[BATCH];
    size_t turns = (run->operations + BATCH - 1) / BATCH;
    for (size_t turn = 0; turn < turns; turn++) {
        records_make(records, make_record);
        for (size_t i = 0; i < BATCH; i++)
            refs[i] = need(weakref_new(records[i]));
        time_begin(run);
        records_drop(records);
        for (size_t i = 0; i < BATCH; i++) {
            run->checksum += weakref_get(refs[i]) == NULL;
            DROP(weakref, refs[i]);
        }
        time_end(run);
    }
    run->operations = turns * BATCH;
}

#define RECORD_ROWS                                                                                \
    {"get-by-position", 50 * LARGE, field_get_row},                                                \
        {"set-by-position", 50 * LARGE, field_set_row}, {"get-by-name", 20 * LARGE, name_get_row}, \
        {"set-by-name", 20 * LARGE, name_set_row}, {"weakref-new", 5 * LARGE, weakref_new_row},    \
        {"weakref-get", 20 * LARGE, weakref_get_row},                                              \
    {                                                                                              \
        "weakref-die", 5 * LARGE, weakref_die_row                                                  \
    }

#endif /* ROWS_RECORD_H */

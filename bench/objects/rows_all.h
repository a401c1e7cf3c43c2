/* rows_all.h: the tables and main of a host that has every operation. The host has included the
 * other rows before.
 */
#ifndef ROWS_ALL_H
#define ROWS_ALL_H

static const row rows[] = {
    {"create-int", 10 * LARGE, create_int},
    {"create-float", 10 * LARGE, create_float},
    {"create-str", 10 * LARGE, create_str},
    {"create-tuple3", 10 * LARGE, create_tuple3},
    {"create-list0", 10 * LARGE, create_list0},
    {"create-list3", 5 * LARGE, create_list3},
    {"create-dict0", 10 * LARGE, create_dict0},
    {"create-dict3", 2 * LARGE, create_dict3},
    {"create-record", 5 * LARGE, create_record},
    {"create-named-tuple", 5 * LARGE, create_named_tuple},
    LIST_ROWS,
    TABLE_ROWS,
    HOLDING_ROW,
    TEXT_ROWS,
    RECORD_ROWS,
    TREE_ROW,
    NEST_ROW,
    COPY_ROW,
};

static const kind kinds[] = {
    {"int", make_int, 1},
    {"float", make_float, 1},
    {"str", make_str, 1},
    {"tuple3", make_tuple3, 1},
    {"list0", make_list0, 1},
    {"list3", make_list3, 1},
    {"dict0", make_dict0, 1},
    {"dict3", make_dict3, 1},
    {"record", make_record, 1},
    {"named-tuple", make_named_tuple, 1},
    TABLE_KINDS,
};

BENCH_MAIN

#endif /* ROWS_ALL_H */

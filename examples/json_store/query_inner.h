/* query_inner.h: a query when it has been parsed. */
#ifndef JSON_STORE_QUERY_INNER_H
#define JSON_STORE_QUERY_INNER_H

#include "query.h"

enum { STEPS_MOST = 16, COMPARISONS_MOST = 16, NAMES_MOST = 8 };

enum operation { EQUAL, NOT_EQUAL, LESS, AT_MOST, GREATER, AT_LEAST, CONTAINS };

enum aggregate { NO_AGGREGATE, COUNT, SUM, AVERAGE, MINIMUM, MAXIMUM };

/* Names one after another. */
struct names {
    lair_object *name[NAMES_MOST]; /* interned; references */
    size_t count;
};

struct comparison {
    struct names path;
    enum operation operation;
    lair_object *literal; /* a reference */
    bool begins;          /* the first after an `or` (or of all) */
};

typedef enum step_kind { STEP_NAME, STEP_POSITION, STEP_CONDITION } step_kind;

struct step {
    step_kind kind;
    lair_object *name; /* STEP_NAME: interned, a reference */
    size_t position;   /* STEP_POSITION */
    size_t first, end; /* STEP_CONDITION: of the query's comparisons */
};

struct query {
    struct step steps[STEPS_MOST];
    size_t step_count;
    struct comparison comparisons[COMPARISONS_MOST];
    size_t comparison_count;
    bool grouped;
    struct names group, of; /* what is grouped by, and aggregated */
    enum aggregate aggregate;
};

#endif /* JSON_STORE_QUERY_INNER_H */

/* query_answer.c: a query is answered, step by step: each makes a list of values of the one before.
 */
#include "query_inner.h"

/* -- steps ----------------------------------------------------------------------------------- */

/* *found: a new reference to what the names lead to from value; NULL: nothing. */
static lair_status follow(lair_object *value, const struct names *names, lair_object **found)
{
    lair_status status = LAIR_OK;
    *found = lair_incref(value);
    for (size_t i = 0; i < names->count && *found != NULL && status == LAIR_OK; i++) {
        LAIR_SCOPED lair_object *from = lair_steal(found);
        status = member_find(from, names->name[i], found);
    }
    return status;
}

/* Values that are lists give way to their items: a new list. */
static lair_object *items_of(lair_object *values)
{
    LAIR_SCOPED lair_object *items = lair_list_new(lair_heap_of(values));
    LAIR_EACH(at, values)
    {
        lair_status status = has_items(at.item) ? lair_list_extend(items, at.item)
                                                : lair_list_append(items, at.item);
        if (status != LAIR_OK)
            return NULL;
    }
    return lair_steal(&items);
}

/* Values of different types are in no order. */
static lair_status compares(lair_object *value, const struct comparison *comparison, bool *holds)
{
    int order = 0;
    lair_status status;
    switch (comparison->operation) {
    case EQUAL:
    case NOT_EQUAL:
        status = lair_equal(value, comparison->literal, holds);
        *holds = *holds == (comparison->operation == EQUAL);
        return status;
    case CONTAINS:
        status = lair_contains(value, comparison->literal, holds);
        break;
    default:
        status = lair_compare(value, comparison->literal, &order);
    }
    if (status == LAIR_ERR_TYPE) {
        *holds = false;
        return LAIR_OK;
    }
    switch (comparison->operation) {
    case LESS:
        *holds = order < 0;
        break;
    case AT_MOST:
        *holds = order <= 0;
        break;
    case GREATER:
        *holds = order > 0;
        break;
    case AT_LEAST:
        *holds = order >= 0;
        break;
    default:
        break;
    }
    return status;
}

/* Rows of comparisons that must all hold; one row must. */
static lair_status holds(const struct query *query, const struct step *step, lair_object *value,
                         bool *result)
{
    bool row = false;
    *result = false;
    for (size_t i = step->first; i < step->end; i++) {
        const struct comparison *comparison = &query->comparisons[i];
        if (comparison->begins) {
            *result = *result || row;
            row = true;
        }
        if (*result || !row)
            continue;
        LAIR_SCOPED lair_object *member = NULL;
        lair_status status = follow(value, &comparison->path, &member);
        if (status == LAIR_OK && member != NULL)
            status = compares(member, comparison, &row);
        else
            row = false;
        if (status != LAIR_OK)
            return status;
    }
    *result = *result || row;
    return LAIR_OK;
}

/* The value of one item in the next list: *next is a new reference, or NULL: it drops out. */
static lair_status step_item(const struct query *query, const struct step *step, lair_object *item,
                             lair_object **next)
{
    bool stays;
    *next = NULL;
    if (step->kind == STEP_NAME)
        return member_find(item, step->name, next);
    lair_status status = holds(query, step, item, &stays);
    if (status == LAIR_OK && stays)
        *next = lair_incref(item);
    return status;
}

static lair_object *step_positions(const struct step *step, lair_object *values)
{
    LAIR_SCOPED lair_object *next = lair_list_new(lair_heap_of(values));
    LAIR_EACH(at, values)
    {
        if (!has_items(at.item) || step->position >= lair_length(at.item))
            continue;
        lair_object *item = lair_is(at.item, LAIR_KIND_ARRAY)
                                ? lair_array_get(at.item, step->position)
                                : lair_incref(lair_list_get(at.item, step->position));
        if (lair_list_append_new(next, item) != LAIR_OK)
            return NULL;
    }
    return lair_steal(&next);
}

/* A new list. */
static lair_object *take_step(const struct query *query, const struct step *step,
                              lair_object *values)
{
    if (step->kind == STEP_POSITION)
        return step_positions(step, values);
    LAIR_SCOPED lair_object *items = items_of(values);
    LAIR_SCOPED lair_object *next = lair_list_new(lair_heap_of(values));
    LAIR_EACH(at, items)
    {
        LAIR_SCOPED lair_object *item = NULL;
        lair_status status = step_item(query, step, at.item, &item);
        if (status == LAIR_OK && item != NULL)
            status = lair_list_append(next, item);
        if (status != LAIR_OK)
            return NULL;
    }
    return items != NULL ? lair_steal(&next) : NULL;
}

/* -- aggregates ------------------------------------------------------------------------------ */

/* What an aggregate has seen. best: the sum, or the smallest, or the largest; a reference. */
struct tally {
    int64_t count;
    lair_object *best;
};

static lair_status tally_add(struct tally *tally, enum aggregate aggregate, lair_object *value)
{
    int order = 0;
    lair_status status = LAIR_OK;
    tally->count++;
    if (aggregate == COUNT)
        return LAIR_OK;
    if (tally->best == NULL) {
        tally->best = lair_incref(value);
    } else if (aggregate == SUM || aggregate == AVERAGE) {
        LAIR_SCOPED lair_object *sum = lair_add(tally->best, value);
        if (sum == NULL)
            return lair_error_status();
        lair_set_ref(&tally->best, sum);
    } else {
        status = lair_compare(value, tally->best, &order);
        if (status == LAIR_OK && (aggregate == MINIMUM ? order < 0 : order > 0))
            lair_set_ref(&tally->best, value);
    }
    return status;
}

/* The result, a new reference, and the end of the tally. */
static lair_object *tally_end(struct tally *tally, lair_heap *heap, enum aggregate aggregate)
{
    LAIR_SCOPED lair_object *best = lair_steal(&tally->best);
    double sum;
    if (aggregate == COUNT)
        return lair_int_new(heap, tally->count);
    if (best == NULL)
        return aggregate == SUM ? lair_int_new(heap, 0) : lair_none(heap);
    if (aggregate != AVERAGE)
        return lair_steal(&best);
    return lair_float_get(best, &sum) == LAIR_OK ? lair_float_new(heap, sum / (double)tally->count)
                                                 : NULL;
}

/* One value for all items: a new reference. Items without what is asked for do not count. */
static lair_object *aggregate_all(const struct query *query, lair_object *items)
{
    struct tally tally = {0};
    lair_status status = LAIR_OK;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(items);
    while (status == LAIR_OK && lair_next_item(&at)) {
        LAIR_SCOPED lair_object *value = NULL;
        status = follow(at.item, &query->of, &value);
        if (status == LAIR_OK && value != NULL)
            status = tally_add(&tally, query->aggregate, value);
    }
    LAIR_SCOPED lair_object *result = tally_end(&tally, lair_heap_of(items), query->aggregate);
    return status == LAIR_OK ? lair_steal(&result) : NULL;
}

/* A new dict: key to a list of the items that have it, keys in the order of their first. */
static lair_object *groups_of(const struct query *query, lair_object *items)
{
    lair_heap *heap = lair_heap_of(items);
    LAIR_SCOPED lair_object *groups = lair_dict_new(heap);
    LAIR_EACH(at, items)
    {
        LAIR_SCOPED lair_object *key = NULL;
        lair_object *group = NULL;
        lair_status status = follow(at.item, &query->group, &key);
        if (status != LAIR_OK)
            return NULL;
        if (key == NULL)
            continue;
        if (lair_dict_find(groups, key, &group) != LAIR_OK)
            return NULL;
        if (group == NULL) {
            LAIR_SCOPED lair_object *made = lair_list_new(heap);
            group = made;
            if (lair_dict_set(groups, key, made) != LAIR_OK)
                return NULL;
        }
        if (lair_list_append(group, at.item) != LAIR_OK)
            return NULL;
    }
    return lair_steal(&groups);
}

/* -- the driver: read this first ------------------------------------------------------------- */

static bool print_all(lair_object *values, FILE *stream)
{
    LAIR_EACH(at, values)
    {
        if (!print_json(stream, at.item))
            return false;
        fputc('\n', stream);
    }
    return values != NULL;
}

static bool print_groups(const struct query *query, lair_object *groups, FILE *stream)
{
    LAIR_EACH(at, groups)
    {
        LAIR_SCOPED lair_object *result = aggregate_all(query, at.item);
        if (result == NULL || !print_json(stream, at.key))
            return false;
        fputs(": ", stream);
        if (!print_json(stream, result))
            return false;
        fputc('\n', stream);
    }
    return groups != NULL;
}

bool query_answer(const struct query *query, lair_object *root, FILE *stream)
{
    LAIR_SCOPED lair_object *values = LAIR_LIST(lair_heap_of(root), lair_incref(root));
    for (size_t i = 0; i < query->step_count && values != NULL; i++) {
        LAIR_SCOPED lair_object *next = take_step(query, &query->steps[i], values);
        lair_set_ref(&values, next);
    }
    if (values == NULL)
        return false;
    if (query->aggregate == NO_AGGREGATE)
        return print_all(values, stream);
    LAIR_SCOPED lair_object *items = items_of(values);
    if (items == NULL)
        return false;
    if (query->grouped) {
        LAIR_SCOPED lair_object *groups = groups_of(query, items);
        return print_groups(query, groups, stream);
    }
    LAIR_SCOPED lair_object *result = aggregate_all(query, items);
    if (result == NULL || !print_json(stream, result))
        return false;
    fputc('\n', stream);
    return true;
}

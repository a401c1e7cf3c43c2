/* set_algebra.c: union, intersection, difference and subset of sets and frozensets, each in time
 * proportional to their sizes.
 */
#include "set.h"

/* Both are sets, of one heap; else the error is set. */
static bool are_sets(const lair_object *a, const lair_object *b)
{
    return expect_set(a) && expect_set(b) && same_heap(a, b);
}

/* Adds the members of one set that are (or are not) in another one to a third. None of them is in
 * that yet. */
static lair_status select_members(struct keyed *to, const struct keyed *from, struct keyed *other,
                                  sought wanted)
{
    table_walk members = table_walk_of(from);
    while (table_step(&members)) {
        LAIR_SCOPED lair_object *member = lair_incref(members.key);
        place at;
        sought result = table_find(other, member, members.hash, &at);
        if (result == SOUGHT_FAILED)
            return lair_error_status();
        if (result != wanted)
            continue;
        lair_status status = table_add(to, member, members.hash, (word){.number = 0});
        if (status != LAIR_OK)
            return status;
        (void)lair_incref(member);
    }
    return members.status;
}

/* The result, or, when its making failed, NULL. */
static lair_object *finish(struct keyed *set, lair_status status)
{
    if (status == LAIR_OK)
        return set_finish(set);
    lair_decref(&set->object);
    return NULL;
}

static struct keyed *empty_like(const lair_object *a)
{
    collector_safe_point(a->type->space);
    return set_make(a->type->space, a->type->kind);
}

lair_object *lair_set_union(lair_object *a, lair_object *b)
{
    struct keyed *set = are_sets(a, b) ? empty_like(a) : NULL;
    if (set == NULL)
        return NULL;
    lair_status status = table_copy(set, keyed_of(a));
    return finish(set, status == LAIR_OK ? set_put_all(set, b) : status);
}

lair_object *lair_set_intersection(lair_object *a, lair_object *b)
{
    struct keyed *set = are_sets(a, b) ? empty_like(a) : NULL;
    if (set == NULL)
        return NULL;
    struct keyed *smaller = keyed_of(a), *larger = keyed_of(b);
    if (keyed_length(smaller) > keyed_length(larger)) {
        smaller = keyed_of(b);
        larger = keyed_of(a);
    }
    return finish(set, select_members(set, smaller, larger, SOUGHT_FOUND));
}

lair_object *lair_set_difference(lair_object *a, lair_object *b)
{
    struct keyed *set = are_sets(a, b) ? empty_like(a) : NULL;
    if (set == NULL)
        return NULL;
    return finish(set, select_members(set, keyed_of(a), keyed_of(b), SOUGHT_MISSING));
}

lair_object *lair_set_symmetric_difference(lair_object *a, lair_object *b)
{
    struct keyed *set = are_sets(a, b) ? empty_like(a) : NULL;
    if (set == NULL)
        return NULL;
    lair_status status = select_members(set, keyed_of(a), keyed_of(b), SOUGHT_MISSING);
    if (status == LAIR_OK)
        status = select_members(set, keyed_of(b), keyed_of(a), SOUGHT_MISSING);
    return finish(set, status);
}

lair_status lair_set_is_subset(lair_object *a, lair_object *b, bool *subset)
{
    if (!are_sets(a, b))
        return lair_error_status();
    bool all = keyed_length(keyed_of(a)) <= keyed_length(keyed_of(b));
    table_walk members = table_walk_of(keyed_of(a));
    while (all && table_step(&members)) {
        LAIR_SCOPED lair_object *member = lair_incref(members.key);
        place at;
        sought result = table_find(keyed_of(b), member, members.hash, &at);
        if (result == SOUGHT_FAILED)
            return lair_error_status();
        all = result == SOUGHT_FOUND;
    }
    if (members.status == LAIR_OK)
        *subset = all;
    return members.status;
}

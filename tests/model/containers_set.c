/* containers_set.c: operations on sets and counters. */
#include "containers_inner.h"

/* -- sets ------------------------------------------------------------------------------------ */

void on_set_add(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_set_add(on->set, on->one) == LAIR_OK
                               : lair_set_add_new(on->set, lair_incref(on->one)) == LAIR_OK;
    if (through(on, done))
        row_set(on->plain_set, on->first, 0);
}

void on_set_add_many(ground *on)
{
    for (uint32_t i = 0; i < on->b % on->all->most_keys; i += 3) {
        uint32_t member = (on->first + i) % POOL;
        CHECK(lair_set_add(on->set, on->all->pool[member]) == LAIR_OK);
        row_set(on->plain_set, member, 0);
    }
}

void on_set_discard(ground *on)
{
    bool was_there = false, found = true;
    size_t row = row_of(on->plain_set, on->first);
    CHECK(lair_set_discard(on->set, on->one, &was_there) == LAIR_OK);
    CHECK(was_there == (row < on->plain_set->count));
    CHECK(lair_set_contains(on->set, on->one, &found) == LAIR_OK && !found);
    if (was_there)
        row_remove(on->plain_set, row);
}

void on_set_pop(ground *on)
{
    struct plain_map *plain = on->plain_set;
    LAIR_SCOPED lair_object *member = lair_set_pop(on->set);
    if (plain->count == 0) {
        CHECK(member == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_KEY);
    } else {
        CHECK(member == on->all->pool[plain->rows[--plain->count].key]);
    }
}

void on_set_update(ground *on)
{
    CHECK(lair_set_update(on->set, on->list) == LAIR_OK);
    for (size_t i = 0; i < on->plain_list->count; i++)
        if (!has(on->plain_set, on->plain_list->items[i]))
            row_set(on->plain_set, on->plain_list->items[i], 0);
    CHECK(lair_set_update(on->set, on->set_2) == LAIR_OK);
    for (size_t i = 0; i < on->plain_set_2->count; i++)
        if (!has(on->plain_set, on->plain_set_2->rows[i].key))
            row_set(on->plain_set, on->plain_set_2->rows[i].key, 0);
}

/* Adds the members of a that are (or are not) in b. */
static void plain_select(struct plain_map *to, const struct plain_map *a, const struct plain_map *b,
                         bool wanted)
{
    for (size_t i = 0; i < a->count; i++)
        if (has(b, a->rows[i].key) == wanted)
            to->rows[to->count++].key = a->rows[i].key;
}

static lair_object *combine(unsigned how, lair_object *a, lair_object *b)
{
    switch (how) {
    case 0:
        return lair_set_union(a, b);
    case 1:
        return lair_set_intersection(a, b);
    case 2:
        return lair_set_difference(a, b);
    default:
        return lair_set_symmetric_difference(a, b);
    }
}

static void plain_combine(unsigned how, const struct plain_map *a, const struct plain_map *b,
                          struct plain_map *to)
{
    const struct plain_map *smaller = a->count <= b->count ? a : b;
    to->count = 0;
    switch (how) {
    case 0:
        *to = *a;
        plain_select(to, b, a, false);
        break;
    case 1:
        plain_select(to, smaller, smaller == a ? b : a, true);
        break;
    case 2:
        plain_select(to, a, b, false);
        break;
    default:
        plain_select(to, a, b, false);
        plain_select(to, b, a, false);
    }
}

void on_set_algebra(ground *on)
{
    static struct plain_map expected;
    unsigned how = (unsigned)(on->b % 4);
    maybe_fail(on);
    LAIR_SCOPED lair_object *result = combine(how, on->set, on->set_2);
    if (!through(on, result != NULL))
        return;
    plain_combine(how, on->plain_set, on->plain_set_2, &expected);
    compare_map(on->all, result, &expected);
    bool subset = false, all = true;
    for (size_t i = 0; i < expected.count; i++)
        all = all && has(on->plain_set_2, expected.rows[i].key);
    CHECK(lair_set_is_subset(result, on->set_2, &subset) == LAIR_OK && subset == all);
}

/* Whatever the order of members: equal, and of the same hash. */
void on_set_freeze(ground *on)
{
    maybe_fail(on);
    LAIR_SCOPED lair_object *frozen = lair_frozenset_from(on->set);
    LAIR_SCOPED lair_object *list = lair_list_from(on->set);
    LAIR_SCOPED lair_object *turned =
        list != NULL && lair_list_reverse(list) == LAIR_OK ? lair_frozenset_from(list) : NULL;
    LAIR_SCOPED lair_object *copy = frozen != NULL ? lair_deep_copy(frozen) : NULL;
    if (!through(on, frozen != NULL && turned != NULL && copy != NULL))
        return;
    bool same = false, same_set = false, same_copy = false;
    uint64_t hash = 0, hash_turned = 1;
    CHECK(lair_equal(frozen, turned, &same) == LAIR_OK && same);
    CHECK(lair_equal(on->set, turned, &same_set) == LAIR_OK && same_set);
    CHECK(lair_equal(copy, turned, &same_copy) == LAIR_OK && same_copy);
    CHECK(lair_hash(frozen, &hash) == LAIR_OK && lair_hash(turned, &hash_turned) == LAIR_OK);
    CHECK(hash == hash_turned);
    compare_map(on->all, frozen, on->plain_set);
}

void on_set_copy(ground *on)
{
    size_t to = (size_t)(on->a >> 40) % SETS;
    maybe_fail(on);
    lair_object *copy = on->b % 2 != 0 ? lair_copy(on->set) : lair_set_from(on->set);
    if (!through(on, copy != NULL))
        return;
    lair_decref(on->all->sets[to]);
    on->all->sets[to] = copy;
    on->all->plain_sets[to] = *on->plain_set;
}

void on_set_room(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_set_shrink(on->set) == LAIR_OK
                               : lair_set_reserve(on->set, on->b / 2 % 3000) == LAIR_OK;
    (void)through(on, done);
}

void on_set_clear(ground *on)
{
    if (on->b % 4 != 0)
        return;
    CHECK(lair_set_clear(on->set) == LAIR_OK);
    on->plain_set->count = 0;
}

/* -- counters -------------------------------------------------------------------------------- */

void on_counter_add(ground *on)
{
    struct plain_map *plain = &on->all->plain_counter;
    size_t row = row_of(plain, on->first);
    int64_t times = (int64_t)(on->b % 100) - 30,
            before = row < plain->count ? plain->rows[row].value : 0;
    maybe_fail(on);
    if (through(on, lair_counter_add(on->all->counter, on->one, times) == LAIR_OK))
        row_set(plain, on->first, before + times);
}

void on_counter_get(ground *on)
{
    const struct plain_map *plain = &on->all->plain_counter;
    size_t row = row_of(plain, on->first);
    int64_t times = -1, total = -1, sum = 0;
    CHECK(lair_counter_get(on->all->counter, on->one, &times) == LAIR_OK);
    CHECK(times == (row < plain->count ? plain->rows[row].value : 0));
    for (size_t i = 0; i < plain->count; i++)
        sum += plain->rows[i].value;
    CHECK(lair_counter_total(on->all->counter, &total) == LAIR_OK && total == sum);
}

void on_counter_count_all(ground *on)
{
    struct plain_map *plain = &on->all->plain_counter;
    CHECK(lair_counter_count_all(on->all->counter, on->list) == LAIR_OK);
    for (size_t i = 0; i < on->plain_list->count; i++) {
        size_t row = row_of(plain, on->plain_list->items[i]);
        row_set(plain, on->plain_list->items[i],
                row < plain->count ? plain->rows[row].value + 1 : 1);
    }
}

void on_counter_discard(ground *on)
{
    struct plain_map *plain = &on->all->plain_counter;
    size_t row = row_of(plain, on->first);
    bool was_there = false;
    CHECK(lair_counter_discard(on->all->counter, on->one, &was_there) == LAIR_OK);
    CHECK(was_there == (row < plain->count));
    if (was_there)
        row_remove(plain, row);
    if (on->b % 64 == 0) {
        CHECK(lair_counter_clear(on->all->counter) == LAIR_OK);
        plain->count = 0;
    }
}

void on_counter_most_common(ground *on)
{
    const struct plain_map *plain = &on->all->plain_counter;
    static bool taken[POOL];
    size_t wanted = on->b % 8;
    maybe_fail(on);
    LAIR_SCOPED lair_object *list = lair_counter_most_common(on->all->counter, wanted);
    if (!through(on, list != NULL))
        return;
    memset(taken, 0, sizeof taken);
    CHECK(lair_list_length(list) == (wanted < plain->count ? wanted : plain->count));
    for (size_t i = 0; i < lair_list_length(list); i++) {
        size_t best = plain->count;
        for (size_t j = 0; j < plain->count; j++)
            if (!taken[j] &&
                (best == plain->count || plain->rows[j].value > plain->rows[best].value))
                best = j;
        taken[best] = true;
        lair_object *pair = lair_list_get(list, i);
        CHECK(lair_tuple_get(pair, 0) == on->all->pool[plain->rows[best].key]);
        CHECK(lair_int_value(lair_tuple_get(pair, 1)) == plain->rows[best].value);
    }
}

void on_counter_copy(ground *on)
{
    bool same = false;
    maybe_fail(on);
    LAIR_SCOPED lair_object *copy =
        on->b % 2 != 0 ? lair_copy(on->all->counter) : lair_deep_copy(on->all->counter);
    if (through(on, copy != NULL))
        CHECK(lair_equal(on->all->counter, copy, &same) == LAIR_OK && same);
}

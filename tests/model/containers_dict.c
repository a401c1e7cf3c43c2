/* containers_dict.c: operations on dicts. */
#include "containers_inner.h"

void on_dict_set(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_dict_set(on->dict, on->one, on->other) == LAIR_OK
                               : lair_dict_set_new(on->dict, lair_incref(on->one),
                                                   lair_incref(on->other)) == LAIR_OK;
    if (through(on, done))
        row_set(on->plain_dict, on->first, on->second);
}

/* By text: the key must be there already, or the pool's object would not be the one put in. */
void on_dict_set_text(ground *on)
{
    uint32_t position = on->first;
    size_t row = row_of(on->plain_dict, position);
    if (position < INTS_END || position >= STRS_END)
        return;
    const char *text = lair_str_text(on->one);
    lair_object *value = NULL;
    CHECK(lair_dict_find_str(on->dict, text, &value) == LAIR_OK);
    CHECK((value != NULL) == (row < on->plain_dict->count));
    CHECK(lair_dict_get_str(on->dict, text) == value);
    if (value == NULL) {
        CHECK_FAILED_WITH(LAIR_ERR_KEY);
        CHECK(lair_dict_delete_str(on->dict, text) == LAIR_ERR_KEY);
    } else if (on->b % 2 != 0) {
        CHECK(lair_dict_set_str(on->dict, text, on->other) == LAIR_OK);
        on->plain_dict->rows[row].value = on->second;
    } else {
        CHECK(lair_dict_delete_str(on->dict, text) == LAIR_OK);
        row_remove(on->plain_dict, row);
    }
}

void on_dict_get(ground *on)
{
    size_t row = row_of(on->plain_dict, on->first);
    lair_object *value = on->one, *expected = NULL;
    bool found = false;
    if (row < on->plain_dict->count)
        expected = on->all->pool[on->plain_dict->rows[row].value];
    CHECK(lair_dict_find(on->dict, on->one, &value) == LAIR_OK && value == expected);
    CHECK(lair_contains(on->dict, on->one, &found) == LAIR_OK && found == (expected != NULL));
    CHECK(lair_dict_get(on->dict, on->one) == expected);
    if (expected == NULL)
        CHECK_FAILED_WITH(LAIR_ERR_KEY);
}

void on_dict_set_default(ground *on)
{
    size_t row = row_of(on->plain_dict, on->first);
    maybe_fail(on);
    lair_object *value = lair_dict_set_default(on->dict, on->one, on->other);
    if (!through(on, value != NULL))
        return;
    if (row == on->plain_dict->count)
        row_set(on->plain_dict, on->first, on->second);
    CHECK(value == on->all->pool[on->plain_dict->rows[row].value]);
}

void on_dict_delete(ground *on)
{
    size_t row = row_of(on->plain_dict, on->first);
    lair_status expected = row < on->plain_dict->count ? LAIR_OK : LAIR_ERR_KEY;
    if (on->b % 2 != 0) {
        CHECK(lair_dict_delete(on->dict, on->one) == expected);
    } else {
        LAIR_SCOPED lair_object *value = lair_dict_pop(on->dict, on->one);
        CHECK((value != NULL) == (expected == LAIR_OK));
        CHECK(value == NULL || value == on->all->pool[on->plain_dict->rows[row].value]);
    }
    if (expected == LAIR_OK)
        row_remove(on->plain_dict, row);
}

/* The newest, several times. */
void on_dict_pop_item(ground *on)
{
    struct plain_map *plain = on->plain_dict;
    for (uint64_t i = 0; i < 1 + on->b % 40; i++) {
        lair_object *key = NULL, *value = NULL;
        lair_status status = lair_dict_pop_item(on->dict, &key, &value);
        if (plain->count == 0) {
            CHECK(status == LAIR_ERR_KEY && key == NULL && value == NULL);
            return;
        }
        plain->count--;
        CHECK(status == LAIR_OK && key == on->all->pool[plain->rows[plain->count].key] &&
              value == on->all->pool[plain->rows[plain->count].value]);
        lair_decref(key);
        lair_decref(value);
    }
}

/* The oldest, and put in again behind the others: a queue. */
void on_dict_rotate(ground *on)
{
    struct plain_map *plain = on->plain_dict;
    for (uint64_t i = 0; i < on->b % 300 && plain->count != 0; i++) {
        uint32_t key = plain->rows[0].key;
        int64_t value = plain->rows[0].value;
        CHECK(lair_dict_delete(on->dict, on->all->pool[key]) == LAIR_OK);
        row_remove(plain, 0);
        CHECK(lair_dict_set(on->dict, on->all->pool[key], on->all->pool[value]) == LAIR_OK);
        row_set(plain, key, value);
    }
}

void on_dict_set_many(ground *on)
{
    for (uint32_t i = 0; i < on->b % on->all->most_keys; i += 2) {
        uint32_t key = (on->first + i) % POOL;
        CHECK(lair_dict_set(on->dict, on->all->pool[key], on->other) == LAIR_OK);
        row_set(on->plain_dict, key, on->second);
    }
}

void on_dict_delete_many(ground *on)
{
    for (uint32_t i = 0; i < on->b % on->all->most_keys; i += 1 + (uint32_t)(on->b % 2)) {
        uint32_t key = (on->first + i) % POOL;
        size_t row = row_of(on->plain_dict, key);
        if (row == on->plain_dict->count)
            continue;
        CHECK(lair_dict_delete(on->dict, on->all->pool[key]) == LAIR_OK);
        row_remove(on->plain_dict, row);
    }
}

void on_dict_update(ground *on)
{
    const struct plain_map *from = &on->all->plain_dicts[on->b % DICTS];
    CHECK(lair_dict_update(on->dict, on->all->dicts[on->b % DICTS]) == LAIR_OK);
    for (size_t i = 0; i < from->count; i++)
        row_set(on->plain_dict, from->rows[i].key, from->rows[i].value);
}

/* A copy takes the place of another dict. */
void on_dict_copy(ground *on)
{
    maybe_fail(on);
    lair_object *copy = lair_copy(on->dict);
    if (!through(on, copy != NULL))
        return;
    bool same = false;
    CHECK(lair_equal(on->dict, copy, &same) == LAIR_OK && same);
    lair_decref(on->all->dicts[on->b % DICTS]);
    on->all->dicts[on->b % DICTS] = copy;
    on->all->plain_dicts[on->b % DICTS] = *on->plain_dict;
}

void on_dict_deep_copy(ground *on)
{
    if (on->plain_dict->count > 1000)
        return;
    maybe_fail(on);
    LAIR_SCOPED lair_object *copy = lair_deep_copy(on->dict);
    if (!through(on, copy != NULL))
        return;
    bool same = false;
    check_table(copy);
    CHECK(lair_equal(on->dict, copy, &same) == LAIR_OK && same);
}

void on_dict_equal(ground *on)
{
    const struct plain_map *a = &on->all->plain_dicts[0], *b = &on->all->plain_dicts[1];
    bool same = false, expected = a->count == b->count;
    for (size_t i = 0; i < a->count && expected; i++) {
        size_t row = row_of(b, a->rows[i].key);
        expected = row < b->count &&
                   class_of((uint32_t)b->rows[row].value) == class_of((uint32_t)a->rows[i].value);
    }
    CHECK(lair_equal(on->all->dicts[0], on->all->dicts[1], &same) == LAIR_OK);
    CHECK(same == expected);
}

void on_dict_lists(ground *on)
{
    const struct plain_map *plain = on->plain_dict;
    maybe_fail(on);
    LAIR_SCOPED lair_object *keys = lair_dict_keys(on->dict);
    LAIR_SCOPED lair_object *values = lair_dict_values(on->dict);
    LAIR_SCOPED lair_object *items = lair_dict_items(on->dict);
    if (!through(on, keys != NULL && values != NULL && items != NULL))
        return;
    CHECK(lair_list_length(keys) == plain->count && lair_list_length(values) == plain->count &&
          lair_list_length(items) == plain->count);
    for (size_t i = 0; i < plain->count; i++) {
        lair_object *key = on->all->pool[plain->rows[i].key];
        lair_object *value = on->all->pool[plain->rows[i].value];
        CHECK(lair_list_get(keys, i) == key && lair_list_get(values, i) == value);
        CHECK(lair_tuple_get(lair_list_get(items, i), 0) == key);
        CHECK(lair_tuple_get(lair_list_get(items, i), 1) == value);
    }
}

/* A key that comes or goes ends an iteration; a value that is replaced does not. */
void on_dict_iterate(ground *on)
{
    struct plain_map *plain = on->plain_dict;
    if (plain->count < 2 || plain->count == POOL / 2)
        return;
    size_t stop = within(on->b, plain->count - 2);
    lair_cursor at = lair_cursor_of(on->dict);
    for (size_t i = 0; i <= stop; i++) {
        CHECK(lair_next_item(&at) && at.key == on->all->pool[plain->rows[i].key]);
        CHECK(lair_dict_set(on->dict, at.key, on->other) == LAIR_OK);
        plain->rows[i].value = on->second;
    }
    size_t row = row_of(plain, on->first);
    if (row < plain->count) {
        CHECK(lair_dict_delete(on->dict, on->one) == LAIR_OK);
        row_remove(plain, row);
    } else {
        CHECK(lair_dict_set(on->dict, on->one, on->other) == LAIR_OK);
        row_set(plain, on->first, on->second);
    }
    CHECK(!lair_next_item(&at) && at.status == LAIR_ERR_CHANGED);
}

void on_dict_room(ground *on)
{
    maybe_fail(on);
    bool done = on->b % 2 != 0 ? lair_dict_shrink(on->dict) == LAIR_OK
                               : lair_dict_reserve(on->dict, on->b / 2 % 3000) == LAIR_OK;
    (void)through(on, done);
}

void on_dict_clear(ground *on)
{
    if (on->b % 4 != 0)
        return;
    CHECK(lair_dict_clear(on->dict) == LAIR_OK);
    on->plain_dict->count = 0;
}

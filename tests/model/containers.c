/* containers.c: see containers.h. The pool, what must hold, and the table of operations, which are
 * in a file for each type.
 */
#include "audit.h"
#include "books.h"
#include "containers_inner.h"
#include "node.h"
#include "object/keyed.h"

/* -- the pool -------------------------------------------------------------------------------- */

static lair_object *pool_number(lair_heap *heap, uint32_t position)
{
    int64_t value = int_of(class_of(position));
    if (position % 2 != 0 && value == 1)
        return lair_bool(heap, true);
    if (position % 2 != 0 && class_of(position) % 10 == 3)
        return lair_float_new(heap, (double)value);
    return lair_int_new(heap, value);
}

static lair_object *pool_str(lair_heap *heap, uint32_t position)
{
    const char *more = class_of(position) % 7 == 0 ? " of those that are long enough" : "";
    lair_object *str = lair_str_format(heap, "key %u%s", class_of(position), more);
    if (str == NULL || position % 6 != 0)
        return str;
    lair_object *interned = lair_str_intern(str);
    lair_decref(str);
    return interned;
}

static lair_object *pool_frozenset(lair_heap *heap, uint32_t position)
{
    uint32_t class = class_of(position);
    lair_object *first = lair_int_new(heap, class), *second = lair_str_format(heap, "%u", class);
    bool turned = position % 2 != 0;
    LAIR_SCOPED lair_object *list = LAIR_LIST(heap, turned ? second : first,
                                              turned ? first : second, lair_float_new(heap, 0.5));
    return lair_frozenset_from(list);
}

static lair_object *pool_object(containers *all, uint32_t position)
{
    lair_heap *heap = all->heap;
    uint32_t class = class_of(position);
    if (position < INTS_END)
        return pool_number(heap, position);
    if (position < STRS_END)
        return pool_str(heap, position);
    if (position < NODES_END)
        return node_new(all->nodes, class, NULL);
    if (position < TUPLES_END)
        return LAIR_TUPLE(heap, lair_int_new(heap, class), lair_str_new(heap, "in a tuple"));
    return pool_frozenset(heap, position);
}

/* A position: often one of few, so that operations meet; of each kind. */
static uint32_t pick(uint64_t a)
{
    static const uint32_t starts[] = {0,        0,        2000,      INTS_END,
                                      INTS_END, STRS_END, NODES_END, TUPLES_END};
    static const uint32_t ranges[] = {6, 30, 100, POOL};
    uint32_t start = starts[a % 8], range = ranges[a / 8 % 4];
    return (uint32_t)((start + a / 32 % range) % POOL);
}

/* -- what must hold -------------------------------------------------------------------------- */

static void compare_list(containers *all, lair_object *list, const struct plain_list *plain)
{
    CHECK(lair_list_length(list) == plain->count);
    for (size_t i = 0; i < plain->count; i++)
        if (!CHECK(lair_list_get(list, i) == all->pool[plain->items[i]]))
            return;
}

void check_table(lair_object *object)
{
    const char *fault = table_check(keyed_of(object));
    if (!CHECK(fault == NULL))
        printf("%s\n", fault);
}

void compare_map(containers *all, lair_object *object, const struct plain_map *plain)
{
    size_t i = 0;
    check_table(object);
    CHECK(lair_length(object) == plain->count);
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(object);
    for (; lair_next_item(&at); i++) {
        if (!CHECK(i < plain->count))
            return;
        int64_t value = plain->rows[i].value;
        bool right = (at.key != NULL ? at.key : at.item) == all->pool[plain->rows[i].key];
        if (lair_is(object, LAIR_KIND_DICT))
            right = right && at.item == all->pool[value];
        else if (lair_is(object, LAIR_KIND_COUNTER))
            right = right && lair_int_value(at.item) == value;
        if (!CHECK(right))
            return;
    }
    CHECK(i == plain->count && at.status == LAIR_OK);
}

static void audit(containers *all)
{
    static audit_root roots[POOL + LISTS + DICTS + SETS + 1];
    size_t count = 0;
    for (size_t i = 0; i < POOL; i++)
        roots[count++] = (audit_root){all->pool[i], 1};
    for (size_t i = 0; i < LISTS; i++)
        roots[count++] = (audit_root){all->lists[i], 1};
    for (size_t i = 0; i < DICTS; i++)
        roots[count++] = (audit_root){all->dicts[i], 1};
    for (size_t i = 0; i < SETS; i++)
        roots[count++] = (audit_root){all->sets[i], 1};
    roots[count++] = (audit_root){all->counter, 1};
    size_t objects = 0;
    CHECK(audit_references(roots, count, &objects));
    CHECK(objects > POOL);
}

void containers_compare(containers *all)
{
    for (size_t i = 0; i < LISTS; i++)
        compare_list(all, all->lists[i], &all->plain_lists[i]);
    for (size_t i = 0; i < DICTS; i++)
        compare_map(all, all->dicts[i], &all->plain_dicts[i]);
    for (size_t i = 0; i < SETS; i++)
        compare_map(all, all->sets[i], &all->plain_sets[i]);
    compare_map(all, all->counter, &all->plain_counter);
    audit(all);
    CHECK(lair_heap_check(all->heap) == LAIR_OK);
}

/* -- all together ---------------------------------------------------------------------------- */

static void repr_all(ground *on)
{
    maybe_fail(on);
    LAIR_SCOPED lair_object *list = lair_repr(on->list);
    LAIR_SCOPED lair_object *dict = lair_repr(on->dict);
    LAIR_SCOPED lair_object *set = lair_repr(on->set);
    LAIR_SCOPED lair_object *counter = lair_repr(on->all->counter);
    (void)through(on, list != NULL && dict != NULL && set != NULL && counter != NULL);
}

static const struct operation {
    const char *name;
    void (*run)(ground *on);
} operations[] = {
    {"list append", on_list_append},
    {"list append", on_list_append},
    {"list insert", on_list_insert},
    {"list set", on_list_set},
    {"list pop", on_list_pop},
    {"list remove", on_list_remove},
    {"list extend", on_list_extend},
    {"list extend by itself", on_list_double},
    {"list reverse", on_list_reverse},
    {"list contains", on_list_contains},
    {"list to tuple", on_list_to_tuple},
    {"list sort", on_list_sort},
    {"list shrink", on_list_shrink},
    {"list clear", on_list_clear},
    {"dict set", on_dict_set},
    {"dict set", on_dict_set},
    {"dict set", on_dict_set},
    {"dict set by text", on_dict_set_text},
    {"dict get", on_dict_get},
    {"dict set default", on_dict_set_default},
    {"dict delete", on_dict_delete},
    {"dict delete", on_dict_delete},
    {"dict pop item", on_dict_pop_item},
    {"dict rotate", on_dict_rotate},
    {"dict set many", on_dict_set_many},
    {"dict delete many", on_dict_delete_many},
    {"dict update", on_dict_update},
    {"dict copy", on_dict_copy},
    {"dict deep copy", on_dict_deep_copy},
    {"dict equal", on_dict_equal},
    {"dict lists", on_dict_lists},
    {"dict iterate", on_dict_iterate},
    {"dict room", on_dict_room},
    {"dict clear", on_dict_clear},
    {"set add", on_set_add},
    {"set add", on_set_add},
    {"set add many", on_set_add_many},
    {"set discard", on_set_discard},
    {"set pop", on_set_pop},
    {"set update", on_set_update},
    {"set algebra", on_set_algebra},
    {"set freeze", on_set_freeze},
    {"set copy", on_set_copy},
    {"set room", on_set_room},
    {"set clear", on_set_clear},
    {"counter add", on_counter_add},
    {"counter get", on_counter_get},
    {"counter count all", on_counter_count_all},
    {"counter discard", on_counter_discard},
    {"counter most common", on_counter_most_common},
    {"counter copy", on_counter_copy},
    {"repr", repr_all},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

size_t containers_operations(void)
{
    return OPERATIONS;
}

const char *containers_operation_name(unsigned operation)
{
    return operations[operation % OPERATIONS].name;
}

void containers_step(containers *all, unsigned operation, uint64_t a, uint64_t b)
{
    size_t list = (size_t)(a >> 32) % LISTS, dict = (size_t)(a >> 34) % DICTS;
    size_t set = (size_t)(a >> 36) % SETS, set_2 = (size_t)(a >> 40) % SETS;
    ground on = {
        .all = all,
        .a = a,
        .b = b,
        .first = pick(a & UINT32_MAX),
        .second = pick(b & UINT32_MAX),
        .list = all->lists[list],
        .dict = all->dicts[dict],
        .set = all->sets[set],
        .set_2 = all->sets[set_2],
        .plain_list = &all->plain_lists[list],
        .plain_dict = &all->plain_dicts[dict],
        .plain_set = &all->plain_sets[set],
        .plain_set_2 = &all->plain_sets[set_2],
    };
    on.one = all->pool[on.first];
    on.other = all->pool[on.second];
    operations[operation % OPERATIONS].run(&on);
}

void containers_open(containers *all, const lair_heap_options *options)
{
    memset(all, 0, sizeof *all);
    all->most_keys = 5000;
    all->heap = lair_heap_open(options);
    REQUIRE(all->heap != NULL);
    all->nodes = node_type(all->heap, false);
    REQUIRE(all->nodes != NULL);
    node_hooks.hashes = 32;
    for (uint32_t i = 0; i < POOL; i++) {
        all->pool[i] = pool_object(all, i);
        REQUIRE(all->pool[i] != NULL);
    }
    for (size_t i = 0; i < LISTS; i++)
        all->lists[i] = lair_list_new(all->heap);
    for (size_t i = 0; i < DICTS; i++)
        all->dicts[i] = lair_dict_new(all->heap);
    for (size_t i = 0; i < SETS; i++)
        all->sets[i] = lair_set_new(all->heap);
    all->counter = lair_counter_new(all->heap);
    REQUIRE(all->counter != NULL);
    containers_compare(all);
}

void containers_close(containers *all)
{
    containers_compare(all);
    for (size_t i = 0; i < LISTS; i++)
        lair_decref(all->lists[i]);
    for (size_t i = 0; i < DICTS; i++)
        lair_decref(all->dicts[i]);
    for (size_t i = 0; i < SETS; i++)
        lair_decref(all->sets[i]);
    lair_decref(all->counter);
    for (size_t i = 0; i < POOL; i++) {
        CHECK(lair_refcount(all->pool[i]) == 1 || lair_refcount(all->pool[i]) == UINT32_MAX ||
              lair_str_is_interned(all->pool[i]));
        lair_decref(all->pool[i]);
    }
    CHECK(nodes_alive(all->nodes) == 0);
    lair_decref(lair_type_object(all->nodes));
    CHECK_BOOKS(all->heap);
    lair_heap_close(all->heap);
}

/* test_generator.c: generators: items, ends and failures, what they hold, and ranges. */
#include "ground.h"

/* -- a generator that does as it is told ------------------------------------------------------ */

struct script {
    lair_object *held; /* a reference */
    int64_t at, end;   /* items: at .. end - 1 */
    int64_t fail_at;   /* an item fails here, when not 0; or ... */
    int64_t odd_at;    /* ... sets a status without an error; or ... */
    lair_object *foreign_item;
};

static struct told {
    unsigned calls, finished;
    lair_object *self; /* asked for an item from inside */
    lair_status inner;
    bool truncate, drop;
} told;

static lair_object *script_next(lair_heap *heap, void *state, lair_status *status)
{
    struct script *script = state;
    told.calls++;
    CHECK(*status == LAIR_OK && told.finished == 0);
    if (told.self != NULL) {
        lair_object *item = told.self;
        told.inner = lair_next(told.self, &item);
        CHECK(item == NULL);
        if (told.truncate)
            CHECK(lair_truncate(told.self) == LAIR_OK);
        if (told.drop)
            lair_clear_ref(&told.self);
        if (told.truncate)
            return lair_int_new(heap, 12345);
    }
    if (script->fail_at != 0 && script->at == script->fail_at) {
        *status = lair_list_append(script->held, NULL);
        return NULL;
    }
    if (script->odd_at != 0 && script->at == script->odd_at) {
        *status = LAIR_ERR_IO;
        return NULL;
    }
    if (script->foreign_item != NULL)
        return lair_incref(script->foreign_item);
    return script->at < script->end ? lair_int_new(heap, script->at++) : NULL;
}

static int script_traverse(void *state, lair_visit visit, void *arg)
{
    struct script *script = state;
    return script->held != NULL ? visit(script->held, arg) : 0;
}

static void script_finish(void *state)
{
    struct script *script = state;
    told.finished++;
    if (script->held != NULL)
        CHECK(lair_lru_cache_new(lair_heap_of(script->held), 0) == NULL); /* leaves an error */
    lair_clear_ref(&script->held);
}

static const lair_generator_spec script_spec = {
    .name = "script",
    .state_bytes = sizeof(struct script),
    .next = script_next,
    .traverse = script_traverse,
    .finish = script_finish,
};

/* A generator of the script, which holds list. */
static lair_object *play(lair_heap *heap, lair_object *list, struct script script)
{
    told = (struct told){0};
    script.held = lair_incref(list);
    lair_object *made = lair_generator_new(heap, &script_spec, &script);
    REQUIRE(made != NULL);
    return made;
}

/* -- items and ends -------------------------------------------------------------------------- */

static void test_items(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *generator = play(heap, list, (struct script){.at = 2, .end = 5});
    CHECK(lair_is(generator, LAIR_KIND_GENERATOR) && lair_refcount(list) == 2);
    LAIR_SCOPED lair_object *it = lair_iter(generator);
    CHECK(it == generator);
    LAIR_SCOPED lair_object *text = lair_repr(generator);
    CHECK(strncmp(lair_str_text(text), "<generator script at 0x", 23) == 0);
    CHECK(lair_sizeof(generator) >= sizeof(lair_object) + sizeof(struct script));
    CHECK(lair_total_size(generator) >= lair_sizeof(generator) + lair_sizeof(list));
    LAIR_SCOPED lair_object *items = lair_list_from(generator);
    CHECK(shows(items, "[2, 3, 4]") && told.calls == 4 && told.finished == 1);
    CHECK(lair_refcount(list) == 1);
    lair_object *item = list;
    CHECK(lair_next(generator, &item) == LAIR_OK && item == NULL && told.calls == 4);
    lair_clear_ref(&it);
    lair_clear_ref(&generator);
    CHECK(told.finished == 1);
}

static void test_dies_early(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *generator = play(heap, list, (struct script){.end = 5});
    LAIR_SCOPED lair_object *ref = lair_weakref_new(generator, NULL, NULL);
    LAIR_EACH(at, generator)
    {
        if (lair_int_value(at.item) == 2)
            break;
    }
    CHECK(told.calls == 3 && told.finished == 0);
    lair_clear_ref(&generator);
    CHECK(told.finished == 1 && lair_refcount(list) == 1 && !lair_weakref_is_alive(ref));
}

static void test_failures(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *wrong = lair_tuple_new(heap, NULL, 0);
    LAIR_SCOPED lair_object *fails = play(heap, wrong, (struct script){.end = 5, .fail_at = 1});
    lair_object *item;
    CHECK(lair_next(fails, &item) == LAIR_OK && lair_int_value(item) == 0);
    lair_decref(item);
    CHECK(lair_next(fails, &item) == LAIR_ERR_TYPE && item == NULL && told.finished == 1);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE); /* not what finish left */
    CHECK(lair_next(fails, &item) == LAIR_OK && item == NULL && told.calls == 2);

    LAIR_SCOPED lair_object *odd = play(heap, list, (struct script){.at = 3, .odd_at = 3});
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(odd);
    CHECK(!lair_next_item(&at) && at.status == LAIR_ERR_IO && told.finished == 1);
    CHECK_FAILED_WITH(LAIR_ERR_IO);

    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    lair_object *foreign = lair_list_new(elsewhere);
    LAIR_SCOPED lair_object *strays = play(heap, list, (struct script){.foreign_item = foreign});
    CHECK(lair_next(strays, &item) == LAIR_ERR_WRONG_HEAP && item == NULL);
    CHECK(lair_refcount(foreign) == 1 && told.finished == 1);
    lair_decref(foreign);

    CHECK(lair_generator_new(heap, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_generator_new(heap, &(lair_generator_spec){.name = "x"}, NULL) == NULL);
    CHECK(lair_generator_new(NULL, &script_spec, NULL) == NULL);
    CHECK(lair_copy(odd) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_deep_copy(odd) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
}

static void test_asks_itself(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    lair_object *generator = play(heap, list, (struct script){.end = 5});
    lair_object *item;
    told.self = generator;
    CHECK(lair_next(generator, &item) == LAIR_OK && told.inner == LAIR_ERR_BUSY);
    CHECK(lair_int_value(item) == 0);
    lair_decref(item);
    told.drop = true; /* the last reference, while it runs */
    CHECK(lair_next(generator, &item) == LAIR_OK && lair_int_value(item) == 1);
    CHECK(told.finished == 1 && lair_refcount(list) == 1);
    lair_decref(item);

    generator = play(heap, list, (struct script){.end = 5});
    told.self = generator;
    told.truncate = true;
    CHECK(lair_next(generator, &item) == LAIR_ERR_CHANGED && item == NULL);
    CHECK(told.finished == 1 && lair_refcount(list) == 1 && lair_is_none(generator));
    lair_decref(generator);
}

/* State that starts as zeros, and a generator without a name, finish and traverse. */
static lair_object *count_up(lair_heap *heap, void *state, lair_status *status)
{
    (void)status;
    unsigned char *bytes = state;
    return bytes[99] < 3 ? lair_int_new(heap, bytes[99]++) : NULL;
}

static void test_plain(lair_heap *heap)
{
    static const lair_generator_spec spec = {.state_bytes = 100, .next = count_up};
    LAIR_SCOPED lair_object *generator = lair_generator_new(heap, &spec, NULL);
    LAIR_SCOPED lair_object *text = lair_repr(generator);
    CHECK(strncmp(lair_str_text(text), "<generator ? at 0x", 18) == 0);
    LAIR_SCOPED lair_object *tuple = lair_tuple_from(generator);
    CHECK(shows(tuple, "(0, 1, 2)"));
}

/* Generators in generators, deep down, are freed without the stack. */
static void test_deep(lair_heap *heap)
{
    enum { DEPTH = 100000 };
    lair_object *inner = NULL;
    for (int i = 0; i < DEPTH; i++) {
        lair_object *outer = play(heap, inner, (struct script){.end = 1});
        lair_decref(inner);
        inner = outer;
    }
    lair_decref(inner);
    CHECK(told.finished == DEPTH);
}

/* -- range ----------------------------------------------------------------------------------- */

static void check_range(lair_heap *heap, int64_t start, int64_t stop, int64_t step,
                        const char *expected)
{
    LAIR_SCOPED lair_object *range = lair_range(heap, start, stop, step);
    LAIR_SCOPED lair_object *list = lair_list_from(range);
    CHECK(shows(list, expected));
}

static void test_range(lair_heap *heap)
{
    check_range(heap, 0, 5, 1, "[0, 1, 2, 3, 4]");
    check_range(heap, 5, 0, -2, "[5, 3, 1]");
    check_range(heap, 0, 6, 3, "[0, 3]");
    check_range(heap, 0, 7, 3, "[0, 3, 6]");
    check_range(heap, 3, 3, 1, "[]");
    check_range(heap, 3, 3, -1, "[]");
    check_range(heap, 0, 5, -1, "[]");
    check_range(heap, 5, 0, 1, "[]");
    check_range(heap, INT64_MAX - 2, INT64_MAX, 1, "[9223372036854775805, 9223372036854775806]");
    check_range(heap, INT64_MAX - 2, INT64_MAX, 5, "[9223372036854775805]");
    check_range(heap, INT64_MIN + 2, INT64_MIN, -1, "[-9223372036854775806, -9223372036854775807]");
    check_range(heap, INT64_MIN, INT64_MAX, INT64_MAX,
                "[-9223372036854775808, -1, 9223372036854775806]");
    check_range(heap, INT64_MAX, INT64_MIN, INT64_MIN, "[9223372036854775807, -1]");
    check_range(heap, INT64_MAX, INT64_MIN, -INT64_MAX,
                "[9223372036854775807, 0, -9223372036854775807]");
    LAIR_SCOPED lair_object *all = lair_range(heap, INT64_MIN, INT64_MAX, 1); /* 2^64 - 1 */
    LAIR_SCOPED lair_object *first = NULL;
    CHECK(lair_next(all, &first) == LAIR_OK && lair_int_value(first) == INT64_MIN);
    CHECK(lair_range(heap, 0, 5, 0) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_VALUE);
    CHECK(lair_range(NULL, 0, 5, 1) == NULL);
}

/* -- memory ---------------------------------------------------------------------------------- */

static bool run_generators(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *range = lair_range(heap, 1000, 1003, 1);
    LAIR_SCOPED lair_object *list = lair_list_from(range);
    if (list == NULL)
        return false;
    CHECK(lair_list_length(list) == 3);
    struct script script = {.held = lair_incref(list), .at = 1000, .end = 1002};
    told = (struct told){0};
    LAIR_SCOPED lair_object *generator = lair_generator_new(heap, &script_spec, &script);
    if (generator == NULL) {
        CHECK(lair_refcount(list) == 2 && told.finished == 0); /* still the caller's */
        lair_decref(script.held);
        return false;
    }
    lair_object *item = NULL;
    lair_status status = LAIR_OK;
    do {
        lair_decref(item);
        status = lair_next(generator, &item);
    } while (item != NULL);
    /* The script does not tell a lack of memory: it seems to end. */
    return status == LAIR_OK && told.calls == 3;
}

static void test_no_memory(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, run_generators, NULL);
}

int main(void)
{
    on_every_heap(test_items);
    on_every_heap(test_dies_early);
    on_every_heap(test_failures);
    on_every_heap(test_asks_itself);
    on_every_heap(test_plain);
    on_every_heap(test_deep);
    on_every_heap(test_range);
    on_every_heap(test_no_memory);
    return check_finish("generators");
}

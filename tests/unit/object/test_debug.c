/* test_debug.c: what a build with a ledger of references says about leaks and uses after release.
 * Each case runs in a child, whose words are read. */
#include "ground.h"

#include <signal.h>

#include "child.h"

#if LAIR_DEBUG_REFERENCES

#include <stdarg.h>

/* -- leaks ----------------------------------------------------------------------------------- */

/* Lines are asserted by their distance from a marked one. */
static int marked;
#define MARK() (marked = __LINE__)

static lair_heap *heap_new(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    return heap;
}

static lair_object *make_list(lair_heap *heap)
{
    return lair_list_new(heap);
}

static int leak_each_way(void *arg)
{
    (void)arg;
    lair_heap *heap = heap_new();
    lair_object *list = make_list(heap);
    lair_object *text = lair_str_new(heap, "a text");
    CHECK(lair_list_append(list, text) == LAIR_OK);
    CHECK(lair_list_append_new(list, lair_int_new(heap, 77777)) == LAIR_OK);
    LAIR_SCOPED lair_object *dict = lair_dict_new(heap);
    CHECK(lair_dict_set_str(dict, "key", list) == LAIR_OK);
    lair_object *slot = NULL;
    lair_set_ref(&slot, list);
    (void)lair_incref(text);
    lair_decref(text);
    lair_clear_ref(&dict);
    fprintf(stderr, "marked %d\n", MARK());
    lair_heap_close(heap);
    return 0;
}

/* Whether said holds the text made of format. */
static bool says(const char *said, const char *format, ...)
{
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (strstr(said, text) != NULL)
        return true;
    printf("expected: %s\nsaid: %s\n", text, said);
    return false;
}

static void test_leaks(void)
{
    child_result result = child_run(leak_each_way, NULL);
    CHECK_CHILD_PASSED(result);
    int mark = 0;
    REQUIRE(sscanf(result.output, "marked %d", &mark) == 1);
    const char *said = result.output;
    CHECK(says(said, "lair: 3 objects of heap"));
    CHECK(says(said, "['a text', 77777]: 2 references\n"));
    CHECK(says(said, "taken at %s:%d, in leak_each_way\n", __FILE__, mark - 4));
    CHECK(says(said, "test_debug.c:%d, in make_list\n", mark - 18));
    CHECK(says(said, "'a text': 2 references\n"));
    CHECK(says(said, "test_debug.c:%d, in leak_each_way\n", mark - 10));
    CHECK(says(said, "    1 held by the list at 0x"));
    CHECK(says(said, "77777: 1 reference\n    1 held by the list"));
    CHECK(strstr(said, "dict") == NULL && strstr(said, "'key'") == NULL);
}

/* Nothing is said of a heap whose references were all given back, whatever was done. */
static int leak_nothing(void *arg)
{
    (void)arg;
    lair_heap *heap = heap_new();
    {
        LAIR_SCOPED lair_object *value =
            lair_build(heap, "{s:[i, d, (O, N)], s:<I>, i:n}", "a", 1000, 2.5, lair_none(heap),
                       lair_bytes_new(heap, "abc", 3), "b", "interned", 300);
        LAIR_SCOPED lair_object *copy = lair_deep_copy(value);
        CHECK(equal(value, copy));
        LAIR_EACH(at, value)
        {
            LAIR_SCOPED lair_object *text = lair_repr(at.item);
            CHECK(text != NULL);
        }
        LAIR_SCOPED lair_object *keys = lair_dict_keys(value);
        LAIR_SCOPED lair_object *taken = lair_list_pop(keys, 0);
        LAIR_SCOPED lair_object *weak = lair_weakref_new(keys, NULL, NULL);
        LAIR_SCOPED lair_object *again = lair_weakref_get(weak);
        CHECK(again == keys);
        CHECK(lair_debug_report(heap, stdout) > 5);
    }
    CHECK(lair_debug_report(heap, stderr) == 0);
    lair_heap_close(heap);
    return 0;
}

static void test_no_leaks(void)
{
    child_result result = child_run(leak_nothing, NULL);
    CHECK_CHILD_PASSED(result);
    CHECK(result.output[0] == '\0');
}

/* A function drops what it took itself before what others took. */
static void drop_own(lair_object *object)
{
    (void)lair_incref(object);
    lair_decref(object);
}

static lair_object *keep(lair_object *object)
{
    return lair_incref(object);
}

static int match_functions(void *arg)
{
    (void)arg;
    lair_heap *heap = heap_new();
    lair_object *list = lair_list_new(heap);
    drop_own(list);
    lair_object *twice = lair_incref(make_list(heap));
    lair_decref(twice);
    lair_object *kept = keep(lair_float_new(heap, 8.5));
    lair_decref(kept); /* this function's own, though the newest is not */
    lair_heap_close(heap);
    return 0;
}

static void test_matching(void)
{
    child_result result = child_run(match_functions, NULL);
    CHECK_CHILD_PASSED(result);
    CHECK(says(result.output, "lair: 3 objects"));
    const char *kept = strstr(result.output, "8.5: 1 reference\n    taken at ");
    CHECK(kept != NULL && strstr(kept, ", in keep\n") != NULL);
    CHECK(strstr(result.output, "in drop_own") == NULL);
    CHECK(says(result.output, "in match_functions"));
    CHECK(says(result.output, "in make_list"));
}

/* An object with very many references, taken by few functions: each drop finds its taking at once.
 * The newest go first, whoever drops them. */
static lair_object *wrap(lair_heap *heap, lair_object *shared)
{
    return LAIR_LIST(heap, lair_incref(shared));
}

static int many_references(void *arg)
{
    enum { MANY = 300000 };
    (void)arg;
    lair_heap *heap = heap_new();
    lair_object *shared = lair_float_new(heap, 8.5);
    (void)keep(shared);
    lair_object *all = lair_list_new(heap), *same = lair_list_new(heap);
    for (int i = 0; i < MANY; i++) {
        CHECK(lair_list_append_new(all, wrap(heap, shared)) == LAIR_OK);
        CHECK(lair_list_append(same, shared) == LAIR_OK);
        drop_own(shared);
    }
    CHECK(lair_refcount(shared) == 2 + 2 * MANY);
    lair_decref(all);
    lair_decref(same);
    lair_heap_close(heap);
    return 0;
}

static void test_many(void)
{
    child_result result = child_run(many_references, NULL);
    CHECK_CHILD_PASSED(result);
    CHECK(says(result.output, "lair: 1 object of heap"));
    const char *said = strstr(result.output, "8.5: 2 references\n    taken at ");
    CHECK(said != NULL && strstr(said, ", in keep\n    taken at ") != NULL);
    CHECK(said != NULL && strstr(said, ", in many_references\n") != NULL);
    CHECK(strstr(result.output, "in wrap") == NULL && strstr(result.output, "drop_own") == NULL);
}

static int leak_cycle(void *arg)
{
    (void)arg;
    lair_heap *heap = heap_new();
    lair_object *list = lair_list_new(heap);
    CHECK(lair_list_append(list, list) == LAIR_OK);
    for (int i = 0; i < 1000; i++)
        CHECK(lair_list_append_new(list, lair_float_new(heap, i + 0.5)) == LAIR_OK);
    CHECK(lair_debug_report(heap, stderr) == 1001);
    lair_decref(list);
    CHECK(lair_debug_report(heap, stderr) == 1001);
    return 0;
}

static void test_cycle(void)
{
    child_result result = child_run(leak_cycle, NULL);
    CHECK_CHILD_PASSED(result);
    CHECK(says(result.output, "lair: 1001 objects"));
    CHECK(says(result.output, "[[...], 0.5, 1.5"));
    CHECK(says(result.output, "...: 2 references\n    taken at"));
}

/* -- use after release ----------------------------------------------------------------------- */

typedef enum use {
    USE_INCREF,
    USE_DECREF,
    USE_REPR,
    USE_EQUAL,
    USE_HASH,
    USE_COPY,
    USE_LENGTH,
    USE_TRUTH,
    USE_GET,
    USE_APPEND,
    USE_STEAL,
    USE_TUPLE,
    USE_BUILD,
    USE_EACH,
    USE_CONTAINS,
    USE_TYPE_NAME,
    USE_KIND,
    USE_COUNT,
    USE_SIZEOF,
    USE_TOTAL_SIZE,
    USE_TRUNCATE,
    USE_WEAKREF,
    USE_IMMORTALIZE,
    USES
} use;

static void use_object(lair_heap *heap, use how, lair_object *dead)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    bool flag;
    uint64_t hash;
    switch (how) {
    case USE_INCREF:
        (void)lair_incref(dead);
        break;
    case USE_DECREF:
        lair_decref(dead);
        break;
    case USE_REPR:
        (void)lair_repr(dead);
        break;
    case USE_EQUAL:
        (void)lair_equal(list, dead, &flag);
        break;
    case USE_HASH:
        (void)lair_hash(dead, &hash);
        break;
    case USE_COPY:
        (void)lair_copy(dead);
        break;
    case USE_LENGTH:
        (void)lair_length(dead);
        break;
    case USE_TRUTH:
        (void)lair_truth(dead);
        break;
    case USE_GET:
        (void)lair_list_get(dead, 0);
        break;
    case USE_APPEND:
        (void)lair_list_append(list, dead);
        break;
    case USE_STEAL:
        (void)lair_list_append_new(list, dead);
        break;
    case USE_TUPLE:
        (void)lair_tuple_new(heap, &dead, 1);
        break;
    case USE_BUILD:
        (void)lair_build(heap, "O", dead);
        break;
    case USE_EACH: {
        LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(dead);
        break;
    }
    case USE_CONTAINS:
        (void)lair_contains(list, dead, &flag);
        (void)lair_contains(dead, list, &flag);
        break;
    case USE_TYPE_NAME:
        (void)lair_type_name(dead);
        break;
    case USE_KIND:
        (void)lair_kind_of(dead);
        break;
    case USE_COUNT:
        (void)lair_refcount(dead);
        break;
    case USE_SIZEOF:
        (void)lair_sizeof(dead);
        break;
    case USE_TOTAL_SIZE:
        (void)lair_total_size(dead);
        break;
    case USE_TRUNCATE:
        (void)lair_truncate(dead);
        break;
    case USE_WEAKREF:
        (void)lair_weakref_new(dead, NULL, NULL);
        break;
    case USE_IMMORTALIZE:
    case USES:
        lair_immortalize(dead);
        break;
    }
}

static int use_after_release(void *arg)
{
    lair_heap *heap = heap_new();
    lair_object *list = lair_list_new(heap);
    lair_decref(list);
    use_object(heap, *(use *)arg, list);
    return 0;
}

static void test_use_after_release(void)
{
    for (use how = 0; how < USES; how++) {
        child_result result = child_run(use_after_release, &how);
        if (!CHECK(result.signal == SIGABRT))
            printf("use %d: signal %d\n", how, result.signal);
        CHECK(says(result.output, "lair: use after release: the list at 0x"));
        CHECK(says(result.output, "was released at %s:", __FILE__));
        CHECK(says(result.output, ", in use_after_release, and is used again"));
        if (how <= USE_DECREF)
            CHECK(says(result.output, ", in use_object\n"));
    }
}

/* An object that died in its container: the program's drop of the container is the place. */
static int use_item_after_release(void *arg)
{
    (void)arg;
    lair_heap *heap = heap_new();
    lair_object *item = lair_float_new(heap, 1.5);
    lair_object *list = LAIR_LIST(heap, item);
    lair_decref(list);
    lair_decref(item);
    return 0;
}

static void test_item(void)
{
    child_result result = child_run(use_item_after_release, NULL);
    CHECK(result.signal == SIGABRT);
    CHECK(says(result.output, "the float at 0x"));
    CHECK(says(result.output, "was released at %s:", __FILE__));
}

/* -- the quarantine -------------------------------------------------------------------------- */

static int fill_quarantine(void *arg)
{
    (void)arg;
    lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 8 << 20});
    REQUIRE(heap != NULL);
    for (int i = 0; i < 1000000; i++) {
        LAIR_SCOPED lair_object *number = lair_float_new(heap, i + 0.5);
        if (!CHECK(number != NULL))
            break;
    }
    for (int i = 0; i < 1000; i++) {
        LAIR_SCOPED lair_object *bytes = lair_bytes_new(heap, NULL, 100000);
        if (!CHECK(bytes != NULL))
            break;
    }
    size_t full = ground_blocks(heap);
    lair_object *kept = lair_float_new(heap, 1);
    CHECK(ground_blocks(heap) == full + 1);
    lair_decref(kept);
    CHECK(ground_blocks(heap) == full); /* a trim empties the quarantine */
    CHECK_BOOKS(heap);
    lair_heap_close(heap);
    return 0;
}

static void test_quarantine(void)
{
    child_result result = child_run(fill_quarantine, NULL);
    CHECK_CHILD_PASSED(result);
    CHECK(result.output[0] == '\0');
}

int main(void)
{
    test_leaks();
    test_no_leaks();
    test_matching();
    test_many();
    test_cycle();
    test_use_after_release();
    test_item();
    test_quarantine();
    return check_finish("the ledger of references");
}

#else

int main(void)
{
    lair_heap *heap = lair_heap_open(NULL);
    REQUIRE(heap != NULL);
    CHECK(lair_debug_report(heap, stderr) == SIZE_MAX);
    CHECK_FAILED_WITH(LAIR_ERR_UNSUPPORTED);
    lair_heap_close(heap);
    printf("the rest needs a build with debug_references\n");
    return check_finish("the ledger of references, which this build has not");
}

#endif

/* test_build.c: nested values from formats: every letter and bracket, formats that are wrong, what
 * becomes of stolen arguments, any depth, and memory that fails at every step. */
#include "ground.h"

#include <stdlib.h>

/* Whether lair_build made a value that is shown as text; drops it. */
static bool makes(lair_object *made, const char *text)
{
    LAIR_SCOPED lair_object *value = made;
    return value != NULL && shows(value, text);
}

static void test_letters(lair_heap *heap)
{
    LAIR_SCOPED lair_object *kept = lair_int_new(heap, 5000);
    CHECK(makes(lair_build(heap, "s", "text"), "'text'"));
    CHECK(makes(lair_build(heap, "s", NULL), "None"));
    CHECK(makes(lair_build(heap, "I", NULL), "None"));
    CHECK(makes(lair_build(heap, "#", "textual", (size_t)4), "'text'"));
    CHECK(makes(lair_build(heap, "#", NULL, (size_t)4), "None"));
    CHECK(makes(lair_build(heap, "y", "a\0b", (size_t)3), "b'a\\x00b'"));
    CHECK(makes(lair_build(heap, "y", NULL, (size_t)3), "None"));
    CHECK(makes(lair_build(heap, "n"), "None"));
    CHECK(makes(lair_build(heap, "i", -7), "-7"));
    CHECK(makes(lair_build(heap, "l", INT64_MIN), "-9223372036854775808"));
    CHECK(makes(lair_build(heap, "z", (size_t)INT64_MAX), "9223372036854775807"));
    CHECK(makes(lair_build(heap, "d", 0.5), "0.5"));
    CHECK(makes(lair_build(heap, "b", 17), "True"));
    CHECK(makes(lair_build(heap, "b", 0), "False"));
    CHECK(makes(lair_build(heap, "O", kept), "5000"));
    CHECK(lair_refcount(kept) == 1);
    CHECK(
        makes(lair_build(heap, "[O, N, O]", kept, lair_incref(kept), kept), "[5000, 5000, 5000]"));
    CHECK(lair_refcount(kept) == 1);
    LAIR_SCOPED lair_object *interned = lair_build(heap, "I", "a name");
    CHECK(lair_str_is_interned(interned));
    LAIR_SCOPED lair_object *plain = lair_build(heap, "s", "another name");
    CHECK(!lair_str_is_interned(plain));
    LAIR_SCOPED lair_object *dict =
        lair_build(heap, "{s:s, #: s}", "key", "value", "keys", (size_t)4, "v");
    LAIR_EACH(at, dict)
    CHECK(lair_str_is_interned(at.key));
    CHECK(!lair_str_is_interned(lair_dict_get_str(dict, "key")));
}

static void test_nesting(lair_heap *heap)
{
    CHECK(makes(lair_build(heap, "{s:i, s:[s, s]}", "id", 7, "tags", "new", "hot"),
                "{'id': 7, 'tags': ['new', 'hot']}"));
    CHECK(makes(lair_build(heap, "[]"), "[]"));
    CHECK(makes(lair_build(heap, "()"), "()"));
    CHECK(makes(lair_build(heap, "{}"), "{}"));
    CHECK(makes(lair_build(heap, "<>"), "set()"));
    CHECK(makes(lair_build(heap, "(i,)", 1), "(1,)"));
    CHECK(makes(lair_build(heap, "(i)", 1), "(1,)"));
    CHECK(makes(lair_build(heap, "<i i,i>", 1, 2, 1), "{1, 2}"));
    CHECK(makes(lair_build(heap, "s, i", "one", 1), "('one', 1)"));
    CHECK(makes(lair_build(heap, " \t\nii", 1, 2), "(1, 2)"));
    CHECK(makes(lair_build(heap, "[[](){}<>n]"), "[[], (), {}, set(), None]"));
    CHECK(makes(lair_build(heap, "{(ii):{i:[d]} s:n,}", 1, 2, 3, 1.5, "k"),
                "{(1, 2): {3: [1.5]}, 'k': None}"));
    CHECK(makes(lair_build(heap, "{i:i,i:i}", 1, 2, 1, 3), "{1: 3}"));
}

/* More values and brackets than the function has at hand. */
static void test_many(lair_heap *heap)
{
    CHECK(makes(lair_build(heap, "[[[[[[[[[[[[[[[i]]]]]]]]]]]]]]]", 9),
                "[[[[[[[[[[[[[[[9]]]]]]]]]]]]]]]"));
    enum { MANY = 5000 };
    char *format = malloc(MANY + 3);
    REQUIRE(format != NULL);
    memset(format + 1, 'n', MANY);
    format[0] = '[';
    memcpy(format + 1 + MANY, "]", 2);
    LAIR_SCOPED lair_object *list = lair_build(heap, format);
    CHECK(lair_list_length(list) == MANY);
    free(format);
}

static void test_depth(lair_heap *heap)
{
    enum { DEEP = 300000 };
    char *format = malloc(2 * DEEP + 2);
    REQUIRE(format != NULL);
    memset(format, '[', DEEP);
    format[DEEP] = 'i';
    memset(format + DEEP + 1, ']', DEEP);
    format[2 * DEEP + 1] = '\0';
    LAIR_SCOPED lair_object *deep = lair_build(heap, format, 12345);
    CHECK(deep != NULL && lair_list_length(deep) == 1);
    format[2 * DEEP] = '\0';
    lair_object *stolen = lair_int_new(heap, 999);
    format[DEEP] = 'N';
    CHECK(lair_build(heap, format, lair_incref(stolen)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(strstr(lair_error_message(), "[[[...\" ends inside [...] opened at 0") != NULL);
    CHECK(lair_refcount(stolen) == 1);
    lair_decref(stolen);
    free(format);
}

static void test_wrong_formats(lair_heap *heap)
{
    static const struct {
        const char *format, *message;
    } wrong[] = {
        {"", "format \"\" names no value"},
        {"  ", "format \"  \" names no value"},
        {"{s:i", "format \"{s:i\" ends inside {...} opened at 0"},
        {"[s, [s]", "format \"[s, [s]\" ends inside [...] opened at 0"},
        {"[s, (s", "format \"[s, (s\" ends inside (...) opened at 4"},
        {"[s)", "format \"[s)\" has ')' at 2, which is the wrong end inside [...] opened at 0"},
        {"s]", "format \"s]\" has ']' at 1, which closes nothing"},
        {"x", "format \"x\" has 'x' at 0, which stands for nothing"},
        {"[s*]", "format \"[s*]\" has '*' at 2, which stands for nothing inside [...] opened at 0"},
        {"[,s]", "format \"[,s]\" has ',' at 1, which follows no value inside [...] opened at 0"},
        {"[s,,s]",
         "format \"[s,,s]\" has ',' at 3, which follows no value inside [...] opened at 0"},
        {"s,", "format \"s,\" ends with a ','"},
        {",", "format \",\" has ',' at 0, which follows no value"},
        {"s:s", "format \"s:s\" has ':' at 1, which follows no key"},
        {"{:s}", "format \"{:s}\" has ':' at 1, which follows no key inside {...} opened at 0"},
        {"{s:s:s}",
         "format \"{s:s:s}\" has ':' at 4, which follows no key inside {...} opened at 0"},
        {"{s::s}", "format \"{s::s}\" has ':' at 3, which follows no key inside {...} opened at 0"},
        {"{s s}",
         "format \"{s s}\" has 's' at 3, which stands where a ':' must follow the key inside "
         "{...} opened at 0"},
        {"{s[]}",
         "format \"{s[]}\" has '[' at 2, which stands where a ':' must follow the key inside "
         "{...} opened at 0"},
        {"{s,s:s}",
         "format \"{s,s:s}\" has ',' at 2, which follows a key without a value inside {...} "
         "opened at 0"},
        {"{s}",
         "format \"{s}\" has '}' at 2, which follows a key without a value inside {...} opened "
         "at 0"},
        {"{s:}", "format \"{s:}\" has '}' at 3, which follows a key without a value inside {...} "
                 "opened at 0"},
        {"{s:,s:s}",
         "format \"{s:,s:s}\" has ',' at 3, which follows no value inside {...} opened at "
         "0"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK(lair_build(heap, wrong[i].format, "a", "b", "c", "d", "e") == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_INVALID);
        if (!CHECK(strcmp(lair_error_message(), wrong[i].message) == 0))
            printf("%s\n", lair_error_message());
    }
    CHECK(lair_build(heap, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
}

/* N arguments are dropped wherever it fails, each once; others are left alone. */
static void test_stolen(lair_heap *heap)
{
    lair_heap *other = lair_heap_open(NULL);
    REQUIRE(other != NULL);
    LAIR_SCOPED lair_object *foreign = lair_list_new(other);
    LAIR_SCOPED lair_object *a = lair_list_new(heap);
    LAIR_SCOPED lair_object *b = lair_int_new(heap, 70000);
#define A lair_incref(a)
#define B lair_incref(b)
#define FAILS(status, ...)                                                                         \
    do {                                                                                           \
        CHECK(lair_build(heap, __VA_ARGS__) == NULL);                                              \
        CHECK_FAILED_WITH(status);                                                                 \
        CHECK(lair_refcount(a) == 1 && lair_refcount(b) == 1);                                     \
    } while (0)
    FAILS(LAIR_ERR_INVALID, "[N, N", A, B);
    FAILS(LAIR_ERR_INVALID, "N]iO{N", A, 1, b, B);
    FAILS(LAIR_ERR_INVALID, "[N sIi l z d b # y O N)", A, "s", "I", 1, (int64_t)2, (size_t)3, 4.0,
          5, "#", (size_t)1, "y", (size_t)1, a, B);
    FAILS(LAIR_ERR_INVALID, "N*", A); /* what follows the star is not known */
    FAILS(LAIR_ERR_UNHASHABLE, "{N:N, s:N}", A, B, "k", A);
    FAILS(LAIR_ERR_UNHASHABLE, "[N, <N>, N]", A, A, B);
    FAILS(LAIR_ERR_ENCODING, "[N, {s:N}, N]", A, "\xff", B, A);
    FAILS(LAIR_ERR_OVERFLOW, "N, z, N", A, SIZE_MAX, B);
    FAILS(LAIR_ERR_WRONG_HEAP, "[N, O, N]", A, foreign, B);
    FAILS(LAIR_ERR_WRONG_HEAP, "[N, N, N]", A, lair_incref(foreign), B);
    FAILS(LAIR_ERR_WRONG_HEAP, "N", lair_incref(foreign));
    CHECK(lair_refcount(foreign) == 1);
    CHECK(lair_list_get(a, 3) == NULL); /* a pending error */
    FAILS(LAIR_ERR_INDEX, "[N, N, N]", A, NULL, B);
    CHECK(lair_list_get(a, 3) == NULL);
    FAILS(LAIR_ERR_INDEX, "[N, O, N]", A, NULL, B);
    CHECK(lair_build(NULL, "[N, N]", A, B) == NULL);
    CHECK(lair_refcount(a) == 1 && lair_refcount(b) == 1);
#undef A
#undef B
#undef FAILS
    lair_clear_ref(&foreign);
    lair_heap_close(other);
}

static bool build_something(lair_heap *heap, void *arg)
{
    lair_object *kept = arg;
    LAIR_SCOPED lair_object *value = lair_build(
        heap, "{s:[i, l, d, (O, N)], #:<z, b, n>, I:y, (i, i):{i:[[[[[[[[[[[[[i]]]]]]]]]]]]]}}",
        "first key", 1000, INT64_C(2000), 3.5, kept, lair_incref(kept), "second", (size_t)6,
        (size_t)4000, 1, "third", "bytes", (size_t)5, 5000, 6000, 7000, 8000);
    CHECK(lair_refcount(kept) == (value != NULL ? 3 : 1));
    return value != NULL;
}

static void test_failures(lair_heap *heap)
{
    LAIR_SCOPED lair_object *kept = lair_int_new(heap, 100000);
    FAIL_AT_EVERY_STEP(heap, build_something, kept);
}

int main(void)
{
    on_every_heap(test_letters);
    on_every_heap(test_nesting);
    on_every_heap(test_many);
    on_every_heap(test_depth);
    on_every_heap(test_wrong_formats);
    on_every_heap(test_stolen);
    on_every_heap(test_failures);
    return check_finish("lair_build");
}

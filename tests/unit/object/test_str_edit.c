/* test_str_edit.c: strs are put together, taken apart, searched. */
#include <stdlib.h>

#include "object/str.h"
#include "random.h"
#include "texts.h"

/* -- putting together ------------------------------------------------------------------------ */

static void test_concat(lair_heap *heap)
{
    static const char *const parts[] = {
        "", "a", "bc", NAIVE, "0123456789", EURO, "a longer one of more than sixteen bytes"};
    enum { COUNT = sizeof parts / sizeof parts[0] };
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            char expected[200];
            snprintf(expected, sizeof expected, "%s%s", parts[i], parts[j]);
            LAIR_SCOPED lair_object *a = text(heap, parts[i]);
            LAIR_SCOPED lair_object *b = text(heap, parts[j]);
            LAIR_SCOPED lair_object *both = lair_str_concat(a, b);
            LAIR_SCOPED lair_object *made = text(heap, expected);
            CHECK(is(lair_incref(both), expected));
            CHECK(str_equal(both, made) && lair_str_is_ascii(both) == lair_str_is_ascii(made));
        }
    LAIR_SCOPED lair_object *str = text(heap, "str");
    LAIR_SCOPED_HEAP lair_heap *other = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *foreign = text(other, "foreign");
    CHECK(lair_str_concat(str, foreign) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    CHECK(lair_str_concat(str, lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_concat(lair_none(heap), str) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_concat(NULL, str) == NULL && lair_str_concat(str, NULL) == NULL);
    CHECK(lair_refcount(str) == 1 && lair_refcount(foreign) == 1);
}

static void test_join(lair_heap *heap)
{
    LAIR_SCOPED lair_object *comma = text(heap, ", ");
    LAIR_SCOPED lair_object *euro = text(heap, EURO);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    lair_str_builder expected = lair_str_builder_of(heap, 0);
    lair_str_builder expected_euro = lair_str_builder_of(heap, 0);
    for (size_t i = 0; i < 40; i++) {
        char part[64];
        memset(part, 'a' + (int)(i % 26), sizeof part);
        CHECK(lair_list_append_new(list, lair_str_new_n(heap, part, i)) == LAIR_OK);
        (void)lair_str_builder_add(&expected, ", ", i != 0 ? 2 : 0);
        (void)lair_str_builder_add(&expected, part, i);
        (void)lair_str_builder_add(&expected_euro, EURO, i != 0 ? 3 : 0);
        (void)lair_str_builder_add(&expected_euro, part, i);
    }
    LAIR_SCOPED lair_object *with_comma = lair_str_builder_end(&expected);
    LAIR_SCOPED lair_object *with_euro = lair_str_builder_end(&expected_euro);
    LAIR_SCOPED lair_object *tuple = lair_tuple_from(list);
    CHECK(is(lair_str_join(comma, list), lair_str_text(with_comma)));
    CHECK(is(lair_str_join(comma, tuple), lair_str_text(with_comma)));
    LAIR_SCOPED lair_object *joined = lair_str_join(euro, list);
    CHECK(str_equal(joined, with_euro) && !lair_str_is_ascii(joined));
    LAIR_SCOPED lair_object *one = LAIR_LIST(heap, lair_str_new(heap, "alone"));
    LAIR_SCOPED lair_object *alone = lair_str_join(euro, one);
    CHECK(alone == lair_list_get(one, 0) && lair_refcount(alone) == 2);
    LAIR_SCOPED lair_object *wide =
        LAIR_LIST(heap, lair_str_new(heap, NAIVE), lair_str_new(heap, "x"));
    CHECK(is(lair_str_join(comma, wide), NAIVE ", x"));
    LAIR_SCOPED lair_object *mixed =
        LAIR_LIST(heap, lair_str_new(heap, "x"), lair_int_new(heap, 7));
    CHECK(lair_str_join(comma, mixed) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(strstr(lair_error_message(), "part 1") != NULL);
    CHECK(lair_str_join(comma, comma) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_join(list, list) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    LAIR_SCOPED_HEAP lair_heap *other = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *foreign = lair_list_new(other);
    CHECK(lair_str_join(comma, foreign) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    CHECK(lair_str_join(NULL, list) == NULL && lair_str_join(comma, NULL) == NULL);
    CHECK(lair_refcount(comma) == 1 && lair_refcount(list) == 1);
}

static bool clear_list(lair_heap *heap, const lair_heap_event *event, void *list)
{
    (void)heap, (void)event;
    CHECK(lair_list_clear(list) == LAIR_OK);
    return false;
}

/* The request for the joined str passes the soft limit, and the listener changes the list. */
static void test_join_changed(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 1 << 30});
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *part = lair_str_format(heap, "%1000d", 7);
    for (size_t i = 0; i < 4000; i++)
        REQUIRE(lair_list_append(list, part) == LAIR_OK);
    lair_object *comma = text(heap, ",");
    LAIR_SCOPED lair_object *joined = lair_str_join(comma, list);
    CHECK(lair_str_bytes(joined) == 4000 * 1001 - 1);
    size_t footprint = lair_heap_footprint(heap);
    REQUIRE(lair_heap_set_limit(heap, 1 << 30, footprint + (1 << 20)) == LAIR_OK);
    lair_heap_set_listener(heap, clear_list, list);
    CHECK(lair_str_join(comma, list) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_CHANGED);
    CHECK(lair_list_length(list) == 0 && lair_refcount(part) == 1);
}

/* Sizes that no text can have are refused before anything is asked for. */
static void test_overflow(lair_heap *heap)
{
    enum { PARTS = 1 << 10 };
    LAIR_SCOPED lair_object *zeros = lair_bytes_new(heap, NULL, 1 << 20);
    LAIR_SCOPED lair_object *part = lair_bytes_decode(zeros);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (size_t i = 0; i < PARTS; i++)
        CHECK(lair_list_append(list, part) == LAIR_OK);
    CHECK(lair_bytes_new(heap, NULL, SIZE_MAX) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    CHECK(lair_bytes_new(heap, NULL, PTRDIFF_MAX) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    CHECK(str_alloc(space_of(heap), (size_t)PTRDIFF_MAX + 2, false) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    lair_str_builder builder = lair_str_builder_of(heap, SIZE_MAX);
    CHECK(builder.status == LAIR_ERR_OVERFLOW);
    CHECK(lair_str_builder_add(&builder, "a", 1) == LAIR_ERR_OVERFLOW);
    CHECK(lair_str_builder_end(&builder) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    builder = lair_str_builder_of(heap, 0);
    CHECK(lair_str_builder_add(&builder, "ab", 2) == LAIR_OK);
    CHECK(lair_str_builder_add(&builder, "ab", SIZE_MAX) == LAIR_ERR_OVERFLOW);
    CHECK(lair_str_builder_end(&builder) == NULL);
}

static void test_builder(lair_heap *heap)
{
    size_t before = ground_blocks(heap);
    lair_str_builder builder = lair_str_builder_of(heap, 0);
    char *expected = malloc(400000);
    size_t bytes = 0;
    REQUIRE(expected != NULL);
    LAIR_SCOPED lair_object *piece = text(heap, NAIVE);
    for (size_t i = 0; i < 10000; i++) {
        switch (i % 4) {
        case 0:
            bytes += (size_t)sprintf(expected + bytes, "%zu", i);
            CHECK(lair_str_builder_format(&builder, "%zu", i) == LAIR_OK);
            break;
        case 1:
            bytes += (size_t)sprintf(expected + bytes, "%s", NAIVE);
            CHECK(lair_str_builder_add_str(&builder, piece) == LAIR_OK);
            break;
        case 2: /* a character in two pieces */
            bytes += (size_t)sprintf(expected + bytes, "%s", CLEF);
            CHECK(lair_str_builder_add(&builder, CLEF, 3) == LAIR_OK);
            CHECK(lair_str_builder_add(&builder, &CLEF[3], 1) == LAIR_OK);
            break;
        default:
            memset(expected + bytes, 'x', i % 50);
            CHECK(lair_str_builder_add(&builder, expected + bytes, i % 50) == LAIR_OK);
            bytes += i % 50;
        }
        if (i % 1000 == 3) {
            char pad[601];
            memset(pad, 'p', 600);
            pad[600] = '\0';
            bytes += (size_t)sprintf(expected + bytes, "%s!", pad);
            CHECK(lair_str_builder_format(&builder, "%s!", pad) == LAIR_OK);
        }
    }
    LAIR_SCOPED lair_object *str = lair_str_builder_end(&builder);
    CHECK(str != NULL && lair_str_bytes(str) == bytes);
    CHECK(memcmp(lair_str_text(str), expected, bytes) == 0 && lair_str_text(str)[bytes] == '\0');
    CHECK(lair_heap_usable_size(heap, str) < bytes + bytes / 4); /* room was given back */
    CHECK(!lair_str_is_ascii(str));
    free(expected);
    CHECK(is(lair_str_builder_end(&builder), "")); /* it may be used again */
    CHECK(lair_str_builder_add(&builder, "again", 5) == LAIR_OK);
    CHECK(is(lair_str_builder_end(&builder), "again"));
    /* reserve, drop, errors */
    builder = lair_str_builder_of(heap, 1000);
    CHECK(builder.capacity >= 1000 && builder.bytes == 0);
    CHECK(lair_str_builder_add(&builder, NULL, 0) == LAIR_OK);
    CHECK(lair_str_builder_add(&builder, NULL, 1) == LAIR_ERR_INVALID);
    CHECK(lair_str_builder_add(&builder, "a", 1) == LAIR_ERR_INVALID);
    lair_str_builder_drop(&builder);
    lair_str_builder_drop(&builder);
    CHECK(lair_str_builder_add(&builder, "ab\xff", 3) == LAIR_OK);
    CHECK(lair_str_builder_end(&builder) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
    CHECK(lair_str_builder_add_str(&builder, lair_none(heap)) == LAIR_ERR_TYPE);
    (void)lair_str_new(heap, NULL); /* another failure in between */
    CHECK(lair_str_builder_format(&builder, "%d", 3) == LAIR_ERR_TYPE);
    CHECK(lair_str_builder_end(&builder) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_builder_add_str(&builder, NULL) != LAIR_OK);
    lair_str_builder_drop(&builder);
    builder = lair_str_builder_of(NULL, 10);
    CHECK(builder.status != LAIR_OK && lair_str_builder_add(&builder, "a", 1) != LAIR_OK);
    CHECK(lair_str_builder_end(&builder) == NULL);
    lair_decref(lair_steal(&str));
    lair_decref(lair_steal(&piece));
    CHECK(ground_blocks(heap) == before);
}

static void test_format(lair_heap *heap)
{
    CHECK(is(lair_str_format(heap, "%d %s %5.2f|%c", -7, EURO, 1.5, 'x'), "-7 " EURO "  1.50|x"));
    for (int width = 240; width < 300; width++) {
        LAIR_SCOPED lair_object *str = lair_str_format(heap, "%*d", width, 5);
        CHECK(lair_str_bytes(str) == (size_t)width && lair_str_text(str)[width - 1] == '5');
        CHECK(lair_str_text(str)[width] == '\0' && lair_str_text(str)[0] == ' ');
    }
    CHECK(lair_str_format(NULL, "%d", 1) == NULL);
}

/* -- taking apart ---------------------------------------------------------------------------- */

/* Slices against the characters one by one. */
static void test_slice(lair_heap *heap)
{
    static const char *const wholes[] = {
        "0123456789abcdefghij",
        "",
        "a",
        NAIVE,
        EURO CLEF "abc" NAIVE EURO EURO "12345678" CLEF "z",
        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
    };
    for (size_t i = 0; i < sizeof wholes / sizeof wholes[0]; i++) {
        LAIR_SCOPED lair_object *str = text(heap, wholes[i]);
        LAIR_SCOPED lair_object *characters = lair_list_from(str);
        size_t length = lair_list_length(characters);
        CHECK(lair_length(str) == length);
        LAIR_SCOPED lair_object *whole = lair_str_slice(str, 0, SIZE_MAX);
        CHECK(whole == str);
        for (size_t start = 0; start <= length + 2; start++)
            for (size_t end = 0; end <= length + 3; end++) {
                size_t stop = end == length + 3 ? SIZE_MAX : end;
                LAIR_SCOPED lair_object *slice = lair_str_slice(str, start, stop);
                LAIR_SCOPED lair_object *empty = text(heap, "");
                LAIR_SCOPED lair_object *list = lair_list_slice(characters, start, stop);
                LAIR_SCOPED lair_object *expected = lair_str_join(empty, list);
                CHECK(str_equal(slice, expected));
                CHECK(lair_str_is_ascii(slice) == lair_str_is_ascii(expected));
            }
    }
    CHECK(lair_str_slice(lair_none(heap), 0, 1) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_slice(NULL, 0, 1) == NULL);
}

static void test_split(lair_heap *heap)
{
    static const struct {
        const char *text, *separator, *parts; /* the repr of what comes out */
    } cases[] = {
        {"a,b,,c,", ",", "['a', 'b', '', 'c', '']"},
        {"", ",", "['']"},
        {",", ",", "['', '']"},
        {"abc", "abcd", "['abc']"},
        {"a--b---c", "--", "['a', 'b', '-c']"},
        {"1" EURO "2" EURO "3", EURO, "['1', '2', '3']"},
        {"aaaa", "aa", "['', '', '']"},
        {"", NULL, "[]"},
        {" \t\n", NULL, "[]"},
        {"one", NULL, "['one']"},
        {"  one\t\r\ntwo   three\v\f", NULL, "['one', 'two', 'three']"},
        {"a\xc2\xa0"
         "b\xe2\x80\xa8"
         "c\xe3\x80\x80"
         "d\x1c"
         "e\xc2\x85"
         "f",
         NULL, "['a', 'b', 'c', 'd', 'e', 'f']"},
        {"a\xe2\x80\x8b"
         "b",
         NULL, "['a\\u200bb']"}, /* has no width and is no space */
        {NAIVE " caf\xc3\xa9", NULL, "['" NAIVE "', 'caf\xc3\xa9']"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        LAIR_SCOPED lair_object *str = text(heap, cases[i].text);
        LAIR_SCOPED lair_object *separator =
            cases[i].separator != NULL ? text(heap, cases[i].separator) : NULL;
        LAIR_SCOPED lair_object *list = lair_str_split(str, separator);
        REQUIRE(list != NULL);
        CHECK(is(lair_repr(list), cases[i].parts));
        if (separator != NULL) {
            LAIR_SCOPED lair_object *again = lair_str_join(separator, list);
            CHECK(str_equal(again, str));
        }
    }
    LAIR_SCOPED lair_object *str = text(heap, "a b");
    CHECK(lair_str_split(str, text(heap, "")) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_VALUE);
    CHECK(lair_str_split(str, lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_split(lair_none(heap), str) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_split(NULL, NULL) == NULL);
}

static void test_strip(lair_heap *heap)
{
    static const char *const cases[][2] = {
        {"", ""},
        {" ", ""},
        {"a", "a"},
        {" a ", "a"},
        {"\t\n a b \r\n", "a b"},
        {"\xe3\x80\x80" NAIVE "\xc2\xa0\xe2\x80\x89", NAIVE},
        {"\xe3\x80\x80", ""},
        {EURO " ", EURO},
        {" \xc3\xa9", "\xc3\xa9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        LAIR_SCOPED lair_object *str = text(heap, cases[i][0]);
        CHECK(is(lair_str_strip(str), cases[i][1]));
    }
    CHECK(lair_str_strip(lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_strip(NULL) == NULL);
}

/* -- finding --------------------------------------------------------------------------------- */

/* Every part of random texts over two letters, against a search one by one. */
static void test_find_random(lair_heap *heap)
{
    uint64_t random = 7;
    for (int round = 0; round < 300; round++) {
        char whole[120], part[40];
        size_t bytes = random_next(&random) % sizeof whole;
        size_t part_bytes = random_next(&random) % (round % 3 == 0 ? sizeof part : 6);
        for (size_t i = 0; i < bytes; i++)
            whole[i] = random_next(&random) % 8 == 0 ? 'b' : 'a';
        size_t from = random_next(&random) % sizeof whole;
        for (size_t i = 0; i < part_bytes; i++)
            part[i] = round % 2 == 0 && from + i < bytes ? whole[from + i]
                      : random_next(&random) % 8 == 0    ? 'b'
                                                         : 'a';
        size_t expected = 0;
        while (expected + part_bytes <= bytes && memcmp(whole + expected, part, part_bytes) != 0)
            expected++;
        if (expected + part_bytes > bytes)
            expected = SIZE_MAX;
        LAIR_SCOPED lair_object *str = lair_str_new_n(heap, whole, bytes);
        LAIR_SCOPED lair_object *sought = lair_str_new_n(heap, part, part_bytes);
        bool found = expected == SIZE_MAX;
        CHECK(lair_str_find(str, sought) == expected);
        CHECK(lair_contains(str, sought, &found) == LAIR_OK && found == (expected != SIZE_MAX));
        CHECK(lair_str_starts_with(str, sought) == (expected == 0));
        CHECK(lair_str_ends_with(str, sought) ==
              (part_bytes <= bytes && memcmp(whole + bytes - part_bytes, part, part_bytes) == 0));
    }
}

static void test_find(lair_heap *heap)
{
    LAIR_SCOPED lair_object *str = text(heap, NAIVE " caf\xc3\xa9 " EURO);
    LAIR_SCOPED lair_object *euro = text(heap, EURO);
    LAIR_SCOPED lair_object *cafe = text(heap, "caf\xc3\xa9");
    CHECK(lair_str_find(str, euro) == 11 && lair_str_find(str, cafe) == 6);
    CHECK(lair_str_find(str, text(heap, "")) == 0);
    CHECK(lair_str_find(text(heap, "x"), euro) == SIZE_MAX);
    CHECK(lair_str_ends_with(str, euro) && !lair_str_starts_with(str, euro));
    CHECK(lair_str_find(str, lair_none(heap)) == SIZE_MAX);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_find(lair_none(heap), str) == SIZE_MAX);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(!lair_str_starts_with(str, lair_none(heap)) && !lair_str_ends_with(NULL, str));
    bool found = false;
    CHECK(lair_contains(str, lair_none(heap), &found) == LAIR_ERR_TYPE);
    /* What a search one by one would never end: a million times "a", twice half a million and "b".
     */
    enum { LONG = 1 << 20 };
    char *whole = malloc(LONG);
    REQUIRE(whole != NULL);
    memset(whole, 'a', LONG);
    LAIR_SCOPED lair_object *as = lair_str_new_n(heap, whole, LONG);
    whole[LONG / 4] = 'b';
    for (size_t part = 3; part <= LONG / 2; part *= 7) {
        LAIR_SCOPED lair_object *with_b = lair_str_new_n(heap, whole + LONG / 4 - part / 2, part);
        CHECK(lair_str_find(as, with_b) == SIZE_MAX);
    }
    free(whole);
}

static void test_replace(lair_heap *heap)
{
    static const char *const cases[][4] = {
        {"a-b-c", "-", "+", "a+b+c"},     {"aaa", "aa", "b", "ba"},
        {"abc", "x", "y", "abc"},         {NAIVE, "\xc3\xaf", "i", "naive"},
        {"1.2", ".", EURO, "1" EURO "2"}, {"--", "-", "", ""},
        {"xy", "xy", "z", "z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        LAIR_SCOPED lair_object *str = text(heap, cases[i][0]);
        LAIR_SCOPED lair_object *part = text(heap, cases[i][1]);
        LAIR_SCOPED lair_object *by = text(heap, cases[i][2]);
        LAIR_SCOPED lair_object *expected = text(heap, cases[i][3]);
        LAIR_SCOPED lair_object *replaced = lair_str_replace(str, part, by);
        REQUIRE(replaced != NULL);
        CHECK(str_equal(replaced, expected));
        CHECK(lair_str_is_ascii(replaced) == lair_str_is_ascii(expected));
    }
    LAIR_SCOPED lair_object *str = text(heap, "str");
    CHECK(lair_str_replace(str, text(heap, ""), str) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_VALUE);
    CHECK(lair_str_replace(str, str, lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_replace(str, lair_none(heap), str) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_replace(NULL, str, str) == NULL && lair_str_replace(str, str, NULL) == NULL);
}

/* -- memory that fails ----------------------------------------------------------------------- */

/* What the operations below work on. */
typedef struct test_ground {
    lair_object *str, *wide, *comma, *list;
} test_ground;

static bool make_format(lair_heap *heap, void *arg)
{
    (void)arg;
    return made(lair_str_format(heap, "%700d", 4));
}

static bool concat(lair_heap *heap, void *arg)
{
    (void)heap;
    const test_ground *ground = arg;
    return made(lair_str_concat(ground->str, ground->wide));
}

static bool join(lair_heap *heap, void *arg)
{
    (void)heap;
    const test_ground *ground = arg;
    return made(lair_str_join(ground->comma, ground->list));
}

static bool slice(lair_heap *heap, void *arg)
{
    (void)heap;
    const test_ground *ground = arg;
    return made(lair_str_slice(ground->str, 2, 6));
}

static bool split(lair_heap *heap, void *arg)
{
    (void)heap;
    const test_ground *ground = arg;
    return made(lair_str_split(ground->str, ground->comma));
}

static bool split_space(lair_heap *heap, void *arg)
{
    (void)heap;
    const test_ground *ground = arg;
    return made(lair_str_split(ground->wide, NULL));
}

static bool strip(lair_heap *heap, void *arg)
{
    (void)heap;
    const test_ground *ground = arg;
    return made(lair_str_strip(ground->wide));
}

static bool replace(lair_heap *heap, void *arg)
{
    (void)heap;
    const test_ground *ground = arg;
    return made(lair_str_replace(ground->str, ground->comma, ground->wide));
}

static bool build(lair_heap *heap, void *arg)
{
    const test_ground *ground = arg;
    lair_str_builder builder = lair_str_builder_of(heap, 3);
    for (int i = 0; i < 100; i++) {
        (void)lair_str_builder_add_str(&builder, ground->str);
        (void)lair_str_builder_format(&builder, "%d %300d", i, i);
    }
    return made(lair_str_builder_end(&builder));
}

static void test_failures(lair_heap *heap)
{
    test_ground ground = {
        .str = text(heap, "one, two, three, four, five, six, seven, eight, nine"),
        .wide = text(heap, " " NAIVE " caf\xc3\xa9 \x01\x02 "),
        .comma = text(heap, ", "),
    };
    ground.list = LAIR_LIST(heap, lair_incref(ground.str), lair_incref(ground.wide));
    REQUIRE(ground.list != NULL);
    FAIL_AT_EVERY_STEP(heap, make_format, NULL);
    FAIL_AT_EVERY_STEP(heap, concat, &ground);
    FAIL_AT_EVERY_STEP(heap, join, &ground);
    FAIL_AT_EVERY_STEP(heap, slice, &ground);
    FAIL_AT_EVERY_STEP(heap, split, &ground);
    FAIL_AT_EVERY_STEP(heap, split_space, &ground);
    FAIL_AT_EVERY_STEP(heap, strip, &ground);
    FAIL_AT_EVERY_STEP(heap, replace, &ground);
    FAIL_AT_EVERY_STEP(heap, build, &ground);
    CHECK(lair_refcount(ground.str) == 2 && lair_refcount(ground.comma) == 1);
    lair_decref(ground.list);
    lair_decref(ground.str);
    lair_decref(ground.wide);
    lair_decref(ground.comma);
}

/* The space cannot be made: nothing is left of it. */
static void test_all(lair_heap *heap)
{
    test_concat(heap);
    test_join(heap);
    test_overflow(heap);
    test_builder(heap);
    test_format(heap);
    test_slice(heap);
    test_split(heap);
    test_strip(heap);
    test_find_random(heap);
    test_find(heap);
    test_replace(heap);
    test_failures(heap);
}

int main(void)
{
    on_every_heap(test_all);
    test_join_changed();
    return check_finish("strs put together and taken apart");
}

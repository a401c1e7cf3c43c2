/* test_bytes.c: bytes. */
#include <lair/bytes.h>

#include "texts.h"

static lair_object *bytes_of(lair_heap *heap, const void *data, size_t size)
{
    lair_object *bytes = lair_bytes_new(heap, data, size);
    REQUIRE(bytes != NULL);
    return bytes;
}

static void test_make(lair_heap *heap)
{
    unsigned char source[300];
    for (size_t i = 0; i < sizeof source; i++)
        source[i] = (unsigned char)(i * 7);
    for (size_t size = 0; size < sizeof source; size++) {
        LAIR_SCOPED lair_object *bytes = bytes_of(heap, source, size);
        CHECK(lair_is(bytes, LAIR_KIND_BYTES) && lair_bytes_size(bytes) == size);
        CHECK(memcmp(lair_bytes_data(bytes), source, size) == 0);
        CHECK(lair_bytes_data(bytes)[size] == 0);
        CHECK(lair_length(bytes) == size && lair_truth(bytes) == (size != 0));
        CHECK(lair_refcount(bytes) == (size == 0 ? UINT32_MAX : 1));
        LAIR_SCOPED lair_object *zeros = bytes_of(heap, NULL, size);
        CHECK(lair_bytes_size(zeros) == size);
        for (size_t i = 0; i <= size; i++)
            CHECK(lair_bytes_data(zeros)[i] == 0);
        LAIR_SCOPED lair_object *copy = lair_copy(bytes);
        LAIR_SCOPED lair_object *deep = lair_deep_copy(bytes);
        CHECK(copy == bytes && deep == bytes);
    }
    CHECK(lair_bytes_new(heap, "", 0) == lair_bytes_new(heap, NULL, 0));
    CHECK(lair_bytes_new(NULL, "ab", 2) == NULL);
    CHECK(lair_bytes_new(heap, NULL, SIZE_MAX) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    CHECK(lair_bytes_new(heap, "", SIZE_MAX - 8) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_OVERFLOW);
    CHECK(lair_bytes_data(lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_bytes_size(lair_none(heap)) == SIZE_MAX);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_bytes_data(NULL) == NULL && lair_bytes_size(NULL) == SIZE_MAX);
}

static void test_compare(lair_heap *heap)
{
    static const struct {
        const char *data;
        size_t size;
    } ascending[] = {{"", 0},  {"\0", 1},        {"\0\0", 2}, {"\0\1", 2}, {"a", 1},     {"ab", 2},
                     {"b", 1}, {"bbbbbbbbb", 9}, {"\x80", 1}, {"\xff", 1}, {"\xff\0", 2}};
    enum { COUNT = sizeof ascending / sizeof ascending[0] };
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            LAIR_SCOPED lair_object *a = bytes_of(heap, ascending[i].data, ascending[i].size);
            LAIR_SCOPED lair_object *b = bytes_of(heap, ascending[j].data, ascending[j].size);
            int order = 99;
            uint64_t hash_a = 0, hash_b = 1;
            CHECK(lair_compare(a, b, &order) == LAIR_OK);
            CHECK((order < 0) == (i < j) && (order > 0) == (i > j));
            CHECK(equal(a, b) == (i == j));
            CHECK(lair_hash(a, &hash_a) == LAIR_OK && lair_hash(b, &hash_b) == LAIR_OK);
            CHECK((hash_a == hash_b) == (i == j));
            CHECK(equal(a, b) == (i == j));
        }
    LAIR_SCOPED lair_object *bytes = bytes_of(heap, "abc", 3);
    LAIR_SCOPED lair_object *str = text(heap, "abc");
    int order;
    CHECK(!equal(bytes, str) && !equal(str, bytes));
    CHECK(lair_compare(bytes, str, &order) == LAIR_ERR_TYPE);
}

static void test_concat_and_slice(lair_heap *heap)
{
    static const char whole[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    size_t size = sizeof whole - 1;
    LAIR_SCOPED lair_object *bytes = bytes_of(heap, whole, size);
    for (size_t cut = 0; cut <= size; cut++) {
        LAIR_SCOPED lair_object *a = lair_bytes_slice(bytes, 0, cut);
        LAIR_SCOPED lair_object *b = lair_bytes_slice(bytes, cut, SIZE_MAX);
        LAIR_SCOPED lair_object *both = lair_bytes_concat(a, b);
        CHECK(lair_bytes_size(a) == cut && lair_bytes_size(b) == size - cut);
        CHECK(memcmp(lair_bytes_data(b), whole + cut, size - cut + 1) == 0);
        CHECK(equal(both, bytes) && (cut != 0 || both == bytes) && (cut != size || both == bytes));
    }
    LAIR_SCOPED lair_object *same = lair_bytes_slice(bytes, 0, size);
    CHECK(same == bytes && lair_bytes_slice(bytes, 9, 4) == lair_bytes_new(heap, NULL, 0));
    CHECK(lair_bytes_slice(bytes, 90, 99) == lair_bytes_new(heap, NULL, 0));
    CHECK(lair_bytes_slice(lair_none(heap), 0, 1) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_bytes_concat(bytes, lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_bytes_concat(NULL, bytes) == NULL && lair_bytes_slice(NULL, 0, 1) == NULL);
    LAIR_SCOPED_HEAP lair_heap *other = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *foreign = bytes_of(other, "ab", 2);
    CHECK(lair_bytes_concat(bytes, foreign) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_WRONG_HEAP);
    CHECK(lair_refcount(bytes) == 2 && lair_refcount(foreign) == 1);
}

static void test_code(lair_heap *heap)
{
    LAIR_SCOPED lair_object *str = text(heap, NAIVE);
    LAIR_SCOPED lair_object *bytes = lair_str_encode(str);
    CHECK(lair_bytes_size(bytes) == 6 && memcmp(lair_bytes_data(bytes), NAIVE, 7) == 0);
    LAIR_SCOPED lair_object *back = lair_bytes_decode(bytes);
    CHECK(equal(back, str) && !lair_str_is_ascii(back));
    CHECK(lair_bytes_decode(lair_bytes_new(heap, NULL, 0)) == lair_str_new(heap, ""));
    CHECK(lair_str_encode(lair_str_new(heap, "")) == lair_bytes_new(heap, NULL, 0));
    LAIR_SCOPED lair_object *one = bytes_of(heap, "x", 1);
    CHECK(lair_bytes_decode(one) == lair_str_new(heap, "x"));
    LAIR_SCOPED lair_object *bad = bytes_of(heap, "abc\xff", 4);
    CHECK(lair_bytes_decode(bad) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
    CHECK(strstr(lair_error_message(), "0xff at position 3") != NULL);
    CHECK(lair_bytes_decode(str) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_encode(bytes) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_bytes_decode(NULL) == NULL && lair_str_encode(NULL) == NULL);
}

static void test_contains(lair_heap *heap)
{
    LAIR_SCOPED lair_object *bytes = bytes_of(heap, "a\0bc\xff", 5);
    LAIR_SCOPED lair_object *part = bytes_of(heap, "\0b", 2);
    LAIR_SCOPED lair_object *other = bytes_of(heap, "\0c", 2);
    bool found = false;
    CHECK(lair_contains(bytes, part, &found) == LAIR_OK && found);
    CHECK(lair_contains(bytes, other, &found) == LAIR_OK && !found);
    CHECK(lair_contains(bytes, lair_bytes_new(heap, NULL, 0), &found) == LAIR_OK && found);
    CHECK(lair_contains(bytes, lair_int_new(heap, 'd'), &found) == LAIR_OK && !found);
    CHECK(lair_contains(bytes, lair_int_new(heap, 255), &found) == LAIR_OK && found);
    CHECK(lair_contains(bytes, lair_int_new(heap, 256), &found) == LAIR_ERR_VALUE);
    CHECK(lair_contains(bytes, lair_int_new(heap, -1), &found) == LAIR_ERR_VALUE);
    CHECK(lair_contains(bytes, lair_none(heap), &found) == LAIR_ERR_TYPE && found);
}

static void test_repr_and_iterate(lair_heap *heap)
{
    static const unsigned char source[] = {'a', 0, '\n', '\'', 0x7f, 0x80, 0xc3, 0xaf, 255};
    LAIR_SCOPED lair_object *bytes = bytes_of(heap, source, sizeof source);
    CHECK(shows(bytes, "b\"a\\x00\\n'\\x7f\\x80\\xc3\\xaf\\xff\""));
    CHECK(shows(lair_bytes_new(heap, NULL, 0), "b''"));
    LAIR_SCOPED lair_object *quotes = bytes_of(heap, "'\"", 2);
    CHECK(shows(quotes, "b'\\'\"'"));
    size_t i = 0;
    LAIR_EACH(at, bytes)
    CHECK(lair_int_value(at.item) == source[i++]);
    CHECK(i == sizeof source && lair_refcount(bytes) == 1);
}

/* -- memory that fails ----------------------------------------------------------------------- */

static bool make(lair_heap *heap, void *arg)
{
    (void)arg;
    return made(lair_bytes_new(heap, "some bytes", 10));
}

static bool make_zeros(lair_heap *heap, void *arg)
{
    (void)arg;
    return made(lair_bytes_new(heap, NULL, 100));
}

static bool concat(lair_heap *heap, void *bytes)
{
    (void)heap;
    return made(lair_bytes_concat(bytes, bytes));
}

static bool slice(lair_heap *heap, void *bytes)
{
    (void)heap;
    return made(lair_bytes_slice(bytes, 1, 3));
}

static bool decode(lair_heap *heap, void *bytes)
{
    (void)heap;
    return made(lair_bytes_decode(bytes));
}

static bool encode(lair_heap *heap, void *arg)
{
    (void)arg;
    LAIR_SCOPED lair_object *str = lair_str_new(heap, "a str");
    return made(lair_str_encode(str));
}

static bool repr(lair_heap *heap, void *bytes)
{
    (void)heap;
    return made(lair_repr(bytes));
}

static void test_failures(lair_heap *heap)
{
    LAIR_SCOPED lair_object *bytes = bytes_of(heap, "a few", 5);
    FAIL_AT_EVERY_STEP(heap, make, NULL);
    FAIL_AT_EVERY_STEP(heap, make_zeros, NULL);
    FAIL_AT_EVERY_STEP(heap, concat, bytes);
    FAIL_AT_EVERY_STEP(heap, slice, bytes);
    FAIL_AT_EVERY_STEP(heap, decode, bytes);
    FAIL_AT_EVERY_STEP(heap, encode, NULL);
    FAIL_AT_EVERY_STEP(heap, repr, bytes);
    CHECK(lair_refcount(bytes) == 1);
}

static void test_all(lair_heap *heap)
{
    test_make(heap);
    test_compare(heap);
    test_concat_and_slice(heap);
    test_code(heap);
    test_contains(heap);
    test_repr_and_iterate(heap);
    test_failures(heap);
}

int main(void)
{
    on_every_heap(test_all);
    return check_finish("bytes");
}

/* test_str.c: strs are made, read, hashed, compared, written and iterated. */
#include <stdlib.h>

#include "object/str.h"
#include "os/os.h"
#include "texts.h"

/* -- making and reading ---------------------------------------------------------------------- */

static void test_make(lair_heap *heap)
{
    char source[400] = {0};
    for (size_t bytes = 0; bytes < sizeof source; bytes++) {
        for (size_t i = 0; i < bytes; i++)
            source[i] = (char)('!' + (i * 31 + bytes) % 90);
        LAIR_SCOPED lair_object *str = lair_str_new_n(heap, source, bytes);
        REQUIRE(str != NULL);
        CHECK(lair_is(str, LAIR_KIND_STR) && lair_str_bytes(str) == bytes);
        CHECK(memcmp(lair_str_text(str), source, bytes) == 0 && lair_str_text(str)[bytes] == '\0');
        CHECK(lair_length(str) == bytes && lair_truth(str) == (bytes != 0));
        CHECK(lair_str_is_ascii(str));
        CHECK(lair_refcount(str) == (bytes <= 1 ? UINT32_MAX : 1));
        CHECK(lair_heap_usable_size(heap, str) >= str_block_bytes(bytes));
    }
    CHECK(is(lair_str_new_n(heap, "a\0b", 1), "a"));
    LAIR_SCOPED lair_object *zeros = lair_str_new_n(heap, "a\0b", 3);
    CHECK(lair_str_bytes(zeros) == 3 && memcmp(lair_str_text(zeros), "a\0b", 4) == 0);
    CHECK(lair_length(zeros) == 3);
    CHECK(lair_str_new(heap, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_str_new_n(heap, NULL, 3) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(is(lair_str_new_n(heap, NULL, 0), ""));
    CHECK(lair_str_new(NULL, "a") == NULL);
    CHECK(lair_str_new_n(NULL, "ab", 2) == NULL);
    CHECK(lair_str_new_lossy(NULL, "ab", 2) == NULL);
    CHECK(lair_str_new_lossy(heap, NULL, 2) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_str_text(lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_bytes(lair_none(heap)) == SIZE_MAX);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(!lair_str_is_ascii(lair_none(heap)));
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_text(NULL) == NULL);
}

/* There is one str of each ASCII character and one empty one, whoever makes it. */
static void test_singles(lair_heap *heap)
{
    for (int c = 0; c < 128; c++) {
        char source[3] = {(char)c, 'x', (char)c};
        lair_object *one = lair_str_new_n(heap, source, 1);
        CHECK(one != NULL && lair_refcount(one) == UINT32_MAX && lair_str_text(one)[0] == c);
        LAIR_SCOPED lair_object *three = lair_str_new_n(heap, source, 3);
        CHECK(lair_str_slice(three, 2, 3) == one);
        lair_str_builder builder = lair_str_builder_of(heap, 100);
        CHECK(lair_str_builder_add(&builder, source, 1) == LAIR_OK);
        CHECK(lair_str_builder_end(&builder) == one);
        CHECK(c == 0 || lair_str_format(heap, "%c", c) == one);
        CHECK(lair_str_is_interned(one) && lair_str_intern(one) == one);
    }
    lair_object *empty = text(heap, "");
    CHECK(lair_refcount(empty) == UINT32_MAX && lair_str_is_interned(empty));
    LAIR_SCOPED lair_object *abc = text(heap, "abc");
    CHECK(lair_str_slice(abc, 2, 2) == empty && lair_str_slice(abc, 7, 9) == empty);
    CHECK(lair_str_format(heap, "%s", "") == empty);
    LAIR_SCOPED lair_object *none = lair_list_new(heap);
    CHECK(lair_str_join(abc, none) == empty);
    /* one character out of several strs */
    lair_object *comma = text(heap, ",");
    LAIR_SCOPED lair_object *two = LAIR_LIST(heap, lair_str_new(heap, ""), lair_str_new(heap, ""));
    CHECK(lair_str_join(comma, two) == comma);
    LAIR_SCOPED lair_object *three =
        LAIR_LIST(heap, lair_str_new(heap, ""), lair_incref(comma), lair_str_new(heap, ""));
    CHECK(lair_str_join(empty, three) == comma);
    CHECK(lair_str_concat(empty, comma) == comma && lair_str_concat(comma, empty) == comma);
}

/* -- UTF-8 ----------------------------------------------------------------------------------- */

static const struct sample {
    const char *text;
    size_t bad;        /* position of the first bad byte; SIZE_MAX: it is UTF-8 */
    const char *lossy; /* as Python decodes it with errors="replace" */
    size_t length;     /* in characters, when good */
} samples[] = {
    {"plain", SIZE_MAX, "plain", 5},
    {NAIVE, SIZE_MAX, NAIVE, 5},
    {EURO CLEF, SIZE_MAX, EURO CLEF, 2},
    {"\xc2\x80\xdf\xbf", SIZE_MAX, "\xc2\x80\xdf\xbf", 2},
    {"\xe0\xa0\x80\xef\xbf\xbf", SIZE_MAX, "\xe0\xa0\x80\xef\xbf\xbf", 2},
    {"\xed\x9f\xbf\xee\x80\x80", SIZE_MAX, "\xed\x9f\xbf\xee\x80\x80", 2},
    {"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", SIZE_MAX, "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 2},
    {"0123456789abcdefghijklmnopqrstuvwxyz" EURO "0123456789abcdefghijklmnopqrstuvwxyz", SIZE_MAX,
     "0123456789abcdefghijklmnopqrstuvwxyz" EURO "0123456789abcdefghijklmnopqrstuvwxyz", 73},
    {"\x80", 0, REPLACED, 0},
    {"a\xbf", 1, "a" REPLACED, 0},
    {"\xc0\xaf", 0, REPLACED REPLACED, 0},              /* overlong */
    {"\xc1\xbf", 0, REPLACED REPLACED, 0},              /* overlong */
    {"\xe0\x80\xaf", 0, REPLACED REPLACED REPLACED, 0}, /* overlong */
    {"\xe0\x9f\xbf", 0, REPLACED REPLACED REPLACED, 0}, /* overlong */
    {"\xf0\x8f\xbf\xbf", 0, REPLACED REPLACED REPLACED REPLACED, 0},
    {"\xed\xa0\x80", 0, REPLACED REPLACED REPLACED, 0},              /* a surrogate */
    {"\xed\xbf\xbf", 0, REPLACED REPLACED REPLACED, 0},              /* a surrogate */
    {"\xf4\x90\x80\x80", 0, REPLACED REPLACED REPLACED REPLACED, 0}, /* beyond U+10FFFF */
    {"\xf5\x80\x80\x80", 0, REPLACED REPLACED REPLACED REPLACED, 0},
    {"\xff\xfe", 0, REPLACED REPLACED, 0},
    {"ab\xc3", 2, "ab" REPLACED, 0}, /* cut short */
    {"ab\xe2\x82", 2, "ab" REPLACED, 0},
    {"ab\xf0\x9d\x84", 2, "ab" REPLACED, 0},
    {"ab\xe2\x82z", 2, "ab" REPLACED "z", 0},
    {"ab\xf0\x9d\x84" EURO, 2, "ab" REPLACED EURO, 0},
    {EURO "\xe2" EURO, 3, EURO REPLACED EURO, 0},
    {"0123456789abcdefghijklmnopqrstuvwxyz\x80"
     "0123456789",
     36, "0123456789abcdefghijklmnopqrstuvwxyz" REPLACED "0123456789", 0},
    {"0123456789abcdef\xff", 16, "0123456789abcdef" REPLACED, 0},
    {"0123456\xff", 7, "0123456" REPLACED, 0},
    {"\xff"
     "0123456",
     0, REPLACED "0123456", 0},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static void test_encoding(lair_heap *heap)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        size_t bytes = strlen(sample->text);
        LAIR_SCOPED lair_object *str = lair_str_new_n(heap, sample->text, bytes);
        LAIR_SCOPED lair_object *raw = lair_bytes_new(heap, sample->text, bytes);
        LAIR_SCOPED lair_object *decoded = lair_bytes_decode(raw);
        LAIR_SCOPED lair_object *formatted = lair_str_format(heap, "%s", sample->text);
        CHECK((str != NULL) == (sample->bad == SIZE_MAX));
        CHECK((decoded != NULL) == (str != NULL) && (formatted != NULL) == (str != NULL));
        CHECK(is(lair_str_new_lossy(heap, sample->text, bytes), sample->lossy));
        if (sample->bad == SIZE_MAX) {
            CHECK(lair_length(str) == sample->length);
            CHECK(lair_str_is_ascii(str) == (sample->length == bytes));
            continue;
        }
        char position[40];
        CHECK(lair_str_intern_n(heap, sample->text, bytes) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
        CHECK(lair_str_new(heap, sample->text) == NULL);
        CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
        snprintf(position, sizeof position, "position %zu", sample->bad);
        CHECK(strstr(lair_error_message(), position) != NULL);
    }
}

/* -- hashing and comparing ------------------------------------------------------------------- */

/* SipHash-1-3 of the bytes 0, 1, 2 ... under the key 00 01 .. 0f. */
static void test_siphash(void)
{
    static const uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};
    static const uint64_t expected[] = {
        UINT64_C(0xabac0158050fc4dc), UINT64_C(0xc9f49bf37d57ca93), UINT64_C(0x82cb9b024dc7d44d),
        UINT64_C(0x8bf80ab8e7ddf7fb), UINT64_C(0xcf75576088d38328), UINT64_C(0xdef9d52f49533b67),
        UINT64_C(0xc50d2b50c59f22a7), UINT64_C(0xd3927d989bb11140), UINT64_C(0x369095118d299a8e),
        UINT64_C(0x25a48eb36c063de4), UINT64_C(0x79de85ee92ff097f), UINT64_C(0x70c118c1f94dc352),
        UINT64_C(0x78a384b157b4d9a2), UINT64_C(0x306f760c1229ffa7), UINT64_C(0x605aa111c0f95d34),
        UINT64_C(0xd320d86d2a519956), UINT64_C(0xcc4fdd1a7d908b66), UINT64_C(0x9cf2689063dbd80c),
    };
    char input[1000];
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (char)i;
    for (size_t bytes = 0; bytes < sizeof expected / sizeof expected[0]; bytes++)
        CHECK(siphash_13(key, input, bytes) == expected[bytes]);
    CHECK(siphash_13(key, input, sizeof input) == UINT64_C(0x2cf8d9d4f270cadf));
}

static void test_hash(lair_heap *heap)
{
    enum { STRS = 2000 };
    static uint64_t hashes[STRS];
    uint64_t low = 0;
    for (size_t i = 0; i < STRS; i++) {
        LAIR_SCOPED lair_object *str = lair_str_format(heap, "key %zu", i);
        LAIR_SCOPED lair_object *again = lair_str_format(heap, "key %zu", i);
        uint64_t hash_again = 0, hash_third = 0;
        bool equal = false;
        CHECK(lair_equal(str, again, &equal) == LAIR_OK && equal);
        CHECK(lair_hash(str, &hashes[i]) == LAIR_OK && lair_hash(again, &hash_again) == LAIR_OK);
        CHECK(lair_hash(str, &hash_third) == LAIR_OK && hash_third == hashes[i]);
        CHECK(hashes[i] == hash_again && hashes[i] != 0);
        CHECK(text_hash(space_of(heap), lair_str_text(str), lair_str_bytes(str)) == hashes[i]);
        CHECK(lair_equal(str, again, &equal) == LAIR_OK && equal);
        low += hashes[i] & 1;
    }
    CHECK(low > STRS / 3 && low < STRS - STRS / 3);
    size_t same = 0;
    for (size_t i = 0; i < STRS; i++)
        for (size_t j = 0; j < i; j++)
            same += hashes[i] == hashes[j];
    CHECK(same <= 2); /* two million pairs, four thousand million hashes */
    LAIR_SCOPED_HEAP lair_heap *other = lair_heap_open(NULL);
    LAIR_SCOPED lair_object *here = text(heap, "the same");
    LAIR_SCOPED lair_object *there = text(other, "the same");
    uint64_t hash_here = 0, hash_there = 0;
    CHECK(lair_hash(here, &hash_here) == LAIR_OK && lair_hash(there, &hash_there) == LAIR_OK);
    CHECK(hash_here == hash_there); /* the key is the process's */
}

static int order_of(lair_object *a, lair_object *b)
{
    int order = 99, reverse = 99;
    bool equal = false;
    CHECK(lair_compare(a, b, &order) == LAIR_OK && lair_compare(b, a, &reverse) == LAIR_OK);
    CHECK(lair_equal(a, b, &equal) == LAIR_OK && equal == (order == 0));
    CHECK((order < 0) == (reverse > 0) && (order == 0) == (reverse == 0));
    return order;
}

static void test_compare(lair_heap *heap)
{
    static const char *const ascending[] = {
        "",
        "A",
        "AB",
        "B",
        "a",
        "aa",
        "aaaaaaaa",
        "aaaaaaaab",
        "aaaaaaaac",
        "b",
        "\xc2\x80",
        "\xc3\xaf",
        ("\xc3\xaf"
         "a"),
        EURO,
        "\xef\xbf\xbf",
        CLEF,
        "\xf4\x8f\xbf\xbf",
    };
    enum { COUNT = sizeof ascending / sizeof ascending[0] };
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            LAIR_SCOPED lair_object *a = text(heap, ascending[i]);
            LAIR_SCOPED lair_object *b = text(heap, ascending[j]);
            int order = order_of(a, b);
            CHECK((order < 0) == (i < j) && (order > 0) == (i > j));
        }
    LAIR_SCOPED lair_object *long_a = text(heap, "a text of more than sixteen bytes, and then a");
    LAIR_SCOPED lair_object *long_b = text(heap, "a text of more than sixteen bytes, and then b");
    CHECK(order_of(long_a, long_b) < 0);
    bool equal = true;
    int order;
    CHECK(lair_equal(long_a, lair_none(heap), &equal) == LAIR_OK && !equal);
    CHECK(lair_compare(long_a, lair_none(heap), &order) == LAIR_ERR_TYPE);
    /* Texts of one size that differ in one byte, at each place. */
    char one[40], other[40];
    for (size_t bytes = 2; bytes < sizeof one; bytes++)
        for (size_t at = 0; at < bytes; at++) {
            memset(one, 'x', bytes);
            memset(other, 'x', bytes);
            other[at] = 'y';
            LAIR_SCOPED lair_object *a = lair_str_new_n(heap, one, bytes);
            LAIR_SCOPED lair_object *b = lair_str_new_n(heap, other, bytes);
            LAIR_SCOPED lair_object *c = lair_str_new_n(heap, one, bytes);
            CHECK(!str_equal(a, b) && str_equal(a, c));
            (void)str_hash(a);
            CHECK(!str_equal(a, b) && str_equal(a, c));
            (void)str_hash(b), (void)str_hash(c);
            CHECK(!str_equal(a, b) && str_equal(a, c));
        }
}

static void test_copies(lair_heap *heap)
{
    LAIR_SCOPED lair_object *str = text(heap, "never changes");
    LAIR_SCOPED lair_object *copy = lair_copy(str);
    LAIR_SCOPED lair_object *deep = lair_deep_copy(str);
    LAIR_SCOPED lair_object *same = lair_to_str(str);
    CHECK(copy == str && deep == str && same == str && lair_refcount(str) == 4);
}

/* -- writing and iterating ------------------------------------------------------------------- */

static void test_repr(lair_heap *heap)
{
    static const char *const cases[][2] = {
        {"", "''"},
        {"plain", "'plain'"},
        {"it's", "\"it's\""},
        {"\"it's\"", "'\"it\\'s\"'"},
        {"\"q\"", "'\"q\"'"},
        {"a\nb\rc\td\\e", "'a\\nb\\rc\\td\\\\e'"},
        {"\x01\x1b\x7f", "'\\x01\\x1b\\x7f'"},
        {NAIVE EURO CLEF, "'" NAIVE EURO CLEF "'"},
        {"\xc2\x85\xc2\xa0\xc2\xad", "'\\x85\\xa0\\xad'"},
        {"\xe2\x80\xa8\xe2\x80\xa9\xe3\x80\x80\xef\xbb\xbf", "'\\u2028\\u2029\\u3000\\ufeff'"},
        {"\xee\x80\x80\xef\xbf\xbf\xef\xbf\xbd", "'\\ue000\\uffff\xef\xbf\xbd'"},
        {"\xf3\xa0\x80\x81\xf4\x8f\xbf\xbf", "'\\U000e0001\\U0010ffff'"},
        {"\xe2\x80\x90\xe2\x80\x8f", "'\xe2\x80\x90\\u200f'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        LAIR_SCOPED lair_object *str = text(heap, cases[i][0]);
        CHECK(is(lair_repr(str), cases[i][1]));
    }
}

static void test_iterate(lair_heap *heap)
{
    static const char *const characters[] = {"n", "a", "\xc3\xaf", EURO, CLEF, "z"};
    LAIR_SCOPED lair_object *str = text(heap, "na\xc3\xaf" EURO CLEF "z");
    size_t i = 0;
    LAIR_EACH(at, str)
    {
        CHECK(at.key == NULL && strcmp(lair_str_text(at.item), characters[i]) == 0);
        CHECK(lair_length(at.item) == 1);
        i++;
    }
    CHECK(i == sizeof characters / sizeof characters[0] && lair_refcount(str) == 1);
    LAIR_EACH(at, text(heap, ""))
    CHECK(at.item == NULL); /* never runs */
}

/* -- sizes ----------------------------------------------------------------------------------- */

/* From 2^30 bytes on the size is kept in another place. Most of the memory is never touched. */
static void test_long(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    size_t limit = STR_LONG;
    if (os_memory_total() < 3 * limit) {
        printf("long strs: skipped, they take 2 GiB of memory\n");
        return;
    }
    for (size_t bytes = limit - 1; bytes <= limit + 1; bytes++) {
        LAIR_SCOPED lair_object *zeros = lair_bytes_new(heap, NULL, bytes);
        REQUIRE(zeros != NULL);
        CHECK(lair_bytes_size(zeros) == bytes && lair_bytes_data(zeros)[bytes] == 0);
        CHECK(lair_length(zeros) == bytes);
        LAIR_SCOPED lair_object *end = lair_bytes_slice(zeros, bytes - 9, SIZE_MAX);
        CHECK(lair_bytes_size(end) == 9);
    }
    lair_str_builder builder = lair_str_builder_of(heap, limit + 5000);
    REQUIRE(builder.status == LAIR_OK);
    builder.bytes = limit - 1; /* zeros, as the system gave them */
    CHECK(lair_str_builder_add(&builder, EURO, 3) == LAIR_OK);
    LAIR_SCOPED lair_object *str = lair_str_builder_end(&builder);
    REQUIRE(str != NULL);
    CHECK(lair_str_bytes(str) == limit + 2 && lair_length(str) == limit);
    CHECK(strcmp(lair_str_text(str) + limit - 1, EURO) == 0);
    CHECK(is(lair_str_slice(str, limit - 1, SIZE_MAX), EURO));
    CHECK(lair_heap_check(heap) == LAIR_OK);
}

/* Smaller than CPython's, which take 41 bytes and the text, in steps of 16; 0.8 of them in all. */
static void test_size(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    size_t ours = 0, theirs = 0;
    for (size_t bytes = 2; bytes < 60; bytes++) {
        LAIR_SCOPED lair_object *str = lair_str_format(heap, "%*d", (int)bytes, 0);
        size_t one = lair_heap_usable_size(heap, str), other = (41 + bytes + 15) & ~(size_t)15;
        CHECK(one < other);
        ours += one;
        theirs += other;
    }
    CHECK(ours * 10 <= theirs * 8);
    printf("strs of 2 to 59 bytes take %.2f of CPython's\n", (double)ours / (double)theirs);
}

/* -- memory that fails ----------------------------------------------------------------------- */

static bool make_ascii(lair_heap *heap, void *arg)
{
    (void)arg;
    return made(lair_str_new(heap, "some text"));
}

static bool make_wide(lair_heap *heap, void *arg)
{
    (void)arg;
    return made(lair_str_new_n(heap, NAIVE, 6));
}

static bool make_lossy(lair_heap *heap, void *arg)
{
    (void)arg;
    return made(
        lair_str_new_lossy(heap, "some \xff\xff text that is bad and grows to \xff\xff\xff", 42));
}

static bool repr(lair_heap *heap, void *str)
{
    (void)heap;
    return made(lair_repr(str));
}

static bool iterate(lair_heap *heap, void *str)
{
    (void)heap;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(str);
    while (lair_next_item(&at))
        CHECK(lair_str_bytes(at.item) != SIZE_MAX);
    return at.status == LAIR_OK;
}

static void test_failures(lair_heap *heap)
{
    LAIR_SCOPED lair_object *wide = text(heap, " " NAIVE " caf\xc3\xa9 \x01\x02 ");
    FAIL_AT_EVERY_STEP(heap, make_ascii, NULL);
    FAIL_AT_EVERY_STEP(heap, make_wide, NULL);
    FAIL_AT_EVERY_STEP(heap, make_lossy, NULL);
    FAIL_AT_EVERY_STEP(heap, repr, wide);
    FAIL_AT_EVERY_STEP(heap, iterate, wide);
    CHECK(lair_refcount(wide) == 1);
}

/* The space, which the first object makes, cannot be made: nothing is left of it. */
static void test_no_space(void)
{
    bool opened = false;
    for (uint64_t step = 1; !opened; step++) {
        LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
        REQUIRE(heap != NULL);
        size_t before = ground_blocks(heap);
        lair_heap_inject_failure(heap, step, true);
        opened = lair_str_new(heap, "") != NULL;
        lair_heap_inject_failure(heap, 0, false);
        CHECK(opened || ground_blocks(heap) == before);
        CHECK(lair_str_new(heap, "") != NULL && lair_heap_check(heap) == LAIR_OK);
    }
}

static void test_all(lair_heap *heap)
{
    test_make(heap);
    test_singles(heap);
    test_encoding(heap);
    test_hash(heap);
    test_compare(heap);
    test_copies(heap);
    test_repr(heap);
    test_iterate(heap);
    test_failures(heap);
}

int main(void)
{
    test_siphash();
    test_size();
    on_every_heap(test_all);
    test_no_space();
    test_long();
    return check_finish("strs");
}

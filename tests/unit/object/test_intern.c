/* test_intern.c: one str per content, as long as somebody holds it. */
#include <stdlib.h>

#include "object/intern.h"
#include "random.h"
#include "texts.h"

static lair_intern_stats stats_of(lair_heap *heap)
{
    lair_intern_stats stats;
    lair_str_intern_stats(heap, &stats);
    CHECK(intern_check(space_of(heap)) == LAIR_OK);
    return stats;
}

static void test_same(lair_heap *heap)
{
    static const char *const texts[] = {
        "ab",
        NAIVE,
        "a key",
        "0123456",
        "01234567",
        "0123456789abcdef",
        "0123456789abcdefg",
        "a text that is longer than all that is compared without a call",
    };
    lair_intern_stats before = stats_of(heap);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        LAIR_SCOPED lair_object *made_first = text(heap, texts[i]);
        CHECK(!lair_str_is_interned(made_first));
        LAIR_SCOPED lair_object *first = lair_str_intern(made_first);
        CHECK(first == made_first && lair_refcount(first) == 2 && lair_str_is_interned(first));
        LAIR_SCOPED lair_object *again = lair_str_intern(first);
        CHECK(again == first && lair_refcount(first) == 3);
        LAIR_SCOPED lair_object *made_second = text(heap, texts[i]);
        LAIR_SCOPED lair_object *second = lair_str_intern(made_second);
        CHECK(second == first && made_second != first && !lair_str_is_interned(made_second));
        CHECK(lair_refcount(made_second) == 1 && lair_refcount(first) == 4);
        LAIR_SCOPED lair_object *third = lair_str_intern_text(heap, texts[i]);
        LAIR_SCOPED lair_object *fourth = lair_str_intern_n(heap, texts[i], strlen(texts[i]));
        CHECK(third == first && fourth == first && lair_refcount(first) == 6);
        CHECK(equal(first, made_second) && equal(made_second, first));
        /* a part of it is another content */
        LAIR_SCOPED lair_object *part = lair_str_intern_n(heap, texts[i], strlen(texts[i]) - 1);
        CHECK(part == NULL || part != first);
        CHECK(stats_of(heap).strings - before.strings >= 1);
    }
    lair_intern_stats after = stats_of(heap);
    CHECK(after.strings == before.strings && after.bytes == before.bytes);
    CHECK(after.hits == before.hits + 3 * sizeof texts / sizeof texts[0]);
}

/* Content of which there is one str in any case. */
static void test_singles(lair_heap *heap)
{
    lair_intern_stats before = stats_of(heap);
    CHECK(lair_str_intern_text(heap, "") == lair_str_new(heap, ""));
    CHECK(lair_str_intern_n(heap, NULL, 0) == lair_str_new(heap, ""));
    CHECK(lair_str_intern_text(heap, "x") == lair_str_new(heap, "x"));
    CHECK(lair_str_intern(text(heap, "x")) == lair_str_new(heap, "x"));
    lair_intern_stats after = stats_of(heap);
    CHECK(memcmp(&before, &after, sizeof after) == 0);
}

static void test_errors(lair_heap *heap)
{
    CHECK(lair_str_intern(NULL) == NULL);
    CHECK(lair_str_intern(lair_none(heap)) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(!lair_str_is_interned(lair_none(heap)));
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_str_intern_text(heap, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_str_intern_n(heap, NULL, 5) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_str_intern_n(heap, "ab\xff", 3) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_ENCODING);
    CHECK(lair_str_intern_n(NULL, "ab", 2) == NULL);
    lair_intern_stats stats = {.strings = 7};
    lair_str_intern_stats(NULL, &stats);
    CHECK(stats.strings == 0);
}

/* A str that dies leaves the table, and the table that is empty is no more. */
static void test_weak(lair_heap *heap)
{
    size_t before = ground_blocks(heap);
    lair_object *str = lair_str_intern_text(heap, "short-lived");
    lair_intern_stats stats = stats_of(heap);
    CHECK(stats.strings == 1 && stats.bytes == lair_heap_usable_size(heap, str));
    CHECK(stats.table_bytes > 0 && lair_refcount(str) == 1);
    uint64_t saved = stats.saved_bytes;
    LAIR_SCOPED lair_object *same = lair_str_intern_text(heap, "short-lived");
    stats = stats_of(heap);
    CHECK(stats.saved_bytes - saved >= 32 && stats.saved_bytes - saved <= 48);
    lair_decref(lair_steal(&same));
    lair_decref(str);
    stats = stats_of(heap);
    CHECK(stats.strings == 0 && stats.bytes == 0 && stats.table_bytes == 0);
    CHECK(ground_blocks(heap) == before);
    /* what comes after is a new one */
    LAIR_SCOPED lair_object *later = lair_str_intern_text(heap, "short-lived");
    CHECK(lair_refcount(later) == 1 && stats_of(heap).strings == 1);
    CHECK(lair_truncate(later) == LAIR_ERR_INVALID && stats_of(heap).strings == 1);
    /* an immortal one stays */
    lair_object *kept = lair_str_intern_text(heap, "kept for ever");
    lair_immortalize(kept);
    lair_decref(kept);
    CHECK(lair_str_intern_text(heap, "kept for ever") == kept);
    *count_word(kept) = COUNT_ONE; /* the test's end must be as its beginning */
    lair_decref(kept);
}

/* Random texts come and go, against an array of what should be there. */
static void test_random(lair_heap *heap)
{
    enum { TEXTS = 3000, STEPS = 40000 };
    static lair_object *held[TEXTS];
    static uint32_t references[TEXTS];
    uint64_t random = 3;
    size_t alive = 0;
    for (size_t step = 0; step < STEPS; step++) {
        /* the table grows, shrinks, and grows again */
        bool grows = step / 10000 % 2 == 0;
        size_t i = random_next(&random) % TEXTS;
        if (random_next(&random) % 4 == (grows ? 0 : 1) || (!grows && references[i] != 0)) {
            if (references[i] != 0) {
                alive -= --references[i] == 0;
                lair_decref(held[i]);
            }
        } else {
            char source[32];
            int bytes = snprintf(source, sizeof source, "text %zu", i);
            lair_object *str = lair_str_intern_n(heap, source, (size_t)bytes);
            REQUIRE(str != NULL);
            CHECK(references[i] == 0 || str == held[i]);
            held[i] = str;
            alive += references[i]++ == 0;
            CHECK(lair_refcount(str) == references[i]);
            CHECK(memcmp(lair_str_text(str), source, (size_t)bytes + 1) == 0);
        }
        if (step % 1000 == 0) {
            lair_intern_stats stats = stats_of(heap);
            CHECK(stats.strings == alive);
            if (step % 5000 == 0) {
                (void)lair_heap_trim(heap);
                CHECK(stats_of(heap).strings == alive);
                CHECK(stats_of(heap).table_bytes <= 64 * 16 + alive * 16 * 8);
            }
        }
    }
    for (size_t i = 0; i < TEXTS; i++)
        for (; references[i] != 0; references[i]--)
            lair_decref(held[i]);
    CHECK(stats_of(heap).strings == 0 && stats_of(heap).table_bytes == 0);
}

/* A key cannot be chosen so that all fall together: runs in the table stay short, so that a hundred
 * thousand texts of one form take no longer each than a hundred. */
static void test_many(lair_heap *heap)
{
    enum { MANY = 20000 };
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (size_t i = 0; i < MANY; i++) {
        char source[32];
        snprintf(source, sizeof source, "%016zx", i << 32);
        REQUIRE(lair_list_append_new(list, lair_str_intern_text(heap, source)) == LAIR_OK);
    }
    lair_intern_stats stats = stats_of(heap);
    CHECK(stats.strings == MANY && stats.table_bytes <= MANY * 16 * 3);
    CHECK(lair_list_clear(list) == LAIR_OK);
    CHECK(stats_of(heap).strings == 0);
}

/* -- a listener that interns ----------------------------------------------------------------- */

enum { LISTENER_TEXTS = 140000 }; /* more than the larger table has entries */

struct told {
    lair_object *list; /* what the listener interned */
    unsigned times;
};

static bool intern_meanwhile(lair_heap *heap, const lair_heap_event *event, void *arg)
{
    struct told *told = arg;
    (void)event;
    if (told->times++ == 0)
        for (size_t i = LISTENER_TEXTS; i-- > 0;) {
            char source[32];
            snprintf(source, sizeof source, "text %zu", i);
            CHECK(lair_list_append_new(told->list, lair_str_intern_text(heap, source)) == LAIR_OK);
        }
    return false;
}

/* The request for a larger table passes the soft limit, and the listener that is told fills the
 * table further, with the very text too that is being interned. */
static void test_listener(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(&(lair_heap_options){.max_bytes = 1 << 30});
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    struct told told = {.list = lair_list_new(heap)};
    size_t i = 0;
    for (; i < 49152; i++) { /* three quarters of 65536 */
        char source[32];
        snprintf(source, sizeof source, "text %zu", i);
        REQUIRE(lair_list_append_new(list, lair_str_intern_text(heap, source)) == LAIR_OK);
    }
    size_t footprint = lair_heap_footprint(heap);
    REQUIRE(lair_heap_set_limit(heap, 1 << 30, footprint + (1 << 20)) == LAIR_OK);
    lair_heap_set_listener(heap, intern_meanwhile, &told);
    LAIR_SCOPED lair_object *last = lair_str_intern_text(heap, "text 49152");
    CHECK(told.times == 1 && last == lair_list_get(told.list, LISTENER_TEXTS - 1 - 49152));
    CHECK(stats_of(heap).strings == LISTENER_TEXTS);
    lair_decref(told.list);
    CHECK(stats_of(heap).strings == 49153);
}

/* -- memory that fails ----------------------------------------------------------------------- */

static bool intern_text(lair_heap *heap, void *arg)
{
    (void)arg;
    bool done = made(lair_str_intern_text(heap, "interned"));
    CHECK(intern_check(space_of(heap)) == LAIR_OK);
    return done;
}

static bool intern_str(lair_heap *heap, void *str)
{
    bool done = made(lair_str_intern(str));
    CHECK(done == lair_str_is_interned(str) && intern_check(space_of(heap)) == LAIR_OK);
    if (done) { /* as it was, for the next time */
        intern_remove(space_of(heap), str);
        CHECK(!lair_str_is_interned(str));
    }
    return done;
}

/* The table is full to its limit and must grow. */
static bool intern_one_more(lair_heap *heap, void *list)
{
    CHECK(stats_of(heap).strings == 48);
    bool done = made(lair_str_intern_text(heap, "one more"));
    CHECK(stats_of(heap).strings == lair_list_length(list));
    return done;
}

static void test_failures(lair_heap *heap)
{
    LAIR_SCOPED lair_object *str = text(heap, "a str to intern");
    FAIL_AT_EVERY_STEP(heap, intern_text, NULL);
    FAIL_AT_EVERY_STEP(heap, intern_str, str);
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    for (size_t i = 0; i < 48; i++) {
        char source[32];
        snprintf(source, sizeof source, "held %zu", i);
        REQUIRE(lair_list_append_new(list, lair_str_intern_text(heap, source)) == LAIR_OK);
    }
    FAIL_AT_EVERY_STEP(heap, intern_one_more, list);
}

static void test_all(lair_heap *heap)
{
    test_same(heap);
    test_singles(heap);
    test_errors(heap);
    test_weak(heap);
    test_random(heap);
    test_many(heap);
    test_failures(heap);
}

int main(void)
{
    on_every_heap(test_all);
    test_listener();
    return check_finish("interned strs");
}

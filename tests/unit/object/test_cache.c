/* test_cache.c: LRU and TTL caches: order, bounds, time, statistics, re-entrance, failures. */
#include "ground.h"

#include "node.h"
#include "object/cache.h"

/* Whether keys, line and order of the cache are as they should be. */
static bool whole(lair_object *object)
{
    const struct cache *self = cache_of(object);
    const char *fault = entries_check(&self->entries);
    uint32_t in_line = 0;
    const struct cache_entry *before = NULL;
    for (const struct cache_entry *at = self->first; at != NULL; before = at, at = at->next) {
        if (at->prev != before ||
            (before != NULL && self->ttl_ms != 0 && before->expires > at->expires))
            fault = "the line is broken";
        in_line++;
    }
    if (self->last != before || in_line != self->entries.live)
        fault = "the line is not that of the entries";
    if (fault != NULL)
        printf("%s\n", fault);
    return fault == NULL;
}

static lair_status set_int(lair_object *cache, int64_t key, int64_t value)
{
    LAIR_SCOPED lair_object *k = lair_int_new(lair_heap_of(cache), key);
    LAIR_SCOPED lair_object *v = lair_int_new(lair_heap_of(cache), value);
    return lair_cache_set(cache, k, v);
}

/* The value of key, or -1. */
static int64_t find_int(lair_object *cache, int64_t key)
{
    LAIR_SCOPED lair_object *k = lair_int_new(lair_heap_of(cache), key);
    LAIR_SCOPED lair_object *value = NULL;
    CHECK(lair_cache_find(cache, k, &value) == LAIR_OK);
    return value != NULL ? lair_int_value(value) : -1;
}

static bool has_int(lair_object *cache, int64_t key)
{
    LAIR_SCOPED lair_object *k = lair_int_new(lair_heap_of(cache), key);
    bool found = false;
    CHECK(lair_contains(cache, k, &found) == LAIR_OK);
    return found;
}

static bool stats_are(lair_object *cache, uint64_t hits, uint64_t misses, uint64_t evicted,
                      uint64_t expired, size_t length)
{
    lair_cache_stats stats;
    CHECK(lair_cache_get_stats(cache, &stats) == LAIR_OK);
    bool right = stats.hits == hits && stats.misses == misses && stats.evicted == evicted &&
                 stats.expired == expired && stats.length == length;
    if (!right)
        printf("stats: %lu hits, %lu misses, %lu evicted, %lu expired, length %zu\n", stats.hits,
               stats.misses, stats.evicted, stats.expired, stats.length);
    return right;
}

/* -- time ------------------------------------------------------------------------------------ */

static uint64_t clock_now;
static uint64_t test_clock(void *arg)
{
    CHECK(arg == &clock_now);
    return clock_now;
}

static lair_object *ttl_new(lair_heap *heap, size_t capacity, uint64_t ttl_ms)
{
    clock_now = 1000;
    lair_object *made = lair_ttl_cache_new(heap, capacity, ttl_ms, test_clock, &clock_now);
    REQUIRE(made != NULL);
    return made;
}

/* -- LRU ------------------------------------------------------------------------------------- */

static void test_lru(lair_heap *heap)
{
    LAIR_SCOPED lair_object *cache = lair_lru_cache_new(heap, 3);
    REQUIRE(cache != NULL && lair_is(cache, LAIR_KIND_LRU_CACHE));
    CHECK(!lair_truth(cache));
    for (int64_t i = 1; i <= 3; i++)
        CHECK(set_int(cache, i, i * 10) == LAIR_OK);
    CHECK(find_int(cache, 1) == 10); /* order of use: 2 3 1 */
    CHECK(has_int(cache, 2));        /* no use */
    LAIR_EACH(at, cache)
    {
        CHECK(lair_int_value(at.item) == lair_int_value(at.key) * 10); /* none either */
    }
    CHECK(set_int(cache, 4, 40) == LAIR_OK);
    CHECK(!has_int(cache, 2) && has_int(cache, 3) && has_int(cache, 1) && whole(cache));
    CHECK(set_int(cache, 3, 33) == LAIR_OK); /* a use: 1 4 3 */
    CHECK(set_int(cache, 5, 50) == LAIR_OK);
    CHECK(!has_int(cache, 1) && find_int(cache, 3) == 33 && find_int(cache, 1) == -1);
    CHECK(stats_are(cache, 2, 1, 2, 0, 3) && lair_length(cache) == 3 && lair_truth(cache));
    bool there = false;
    LAIR_SCOPED lair_object *four = lair_int_new(heap, 4);
    CHECK(lair_cache_delete(cache, four, &there) == LAIR_OK && there);
    CHECK(lair_cache_delete(cache, four, &there) == LAIR_OK && !there);
    CHECK(lair_cache_delete(cache, four, NULL) == LAIR_OK);
    LAIR_SCOPED lair_object *text = lair_repr(cache);
    CHECK(strncmp(lair_str_text(text), "<LRU cache of 2 at 0x", 21) == 0);
    CHECK(lair_cache_clear(cache) == LAIR_OK && stats_are(cache, 2, 1, 2, 0, 0));
    CHECK(set_int(cache, 6, 60) == LAIR_OK && find_int(cache, 6) == 60 && whole(cache));
}

static void test_lru_large(lair_heap *heap)
{
    enum { CAPACITY = 1000, KEYS = 5000 };
    LAIR_SCOPED lair_object *cache = lair_lru_cache_new(heap, CAPACITY);
    for (int64_t i = 0; i < KEYS; i++)
        CHECK(set_int(cache, i * 1000, i) == LAIR_OK);
    CHECK(stats_are(cache, 0, 0, KEYS - CAPACITY, 0, CAPACITY) && whole(cache));
    int64_t expected = KEYS - CAPACITY;
    LAIR_EACH(at, cache)
    {
        CHECK(lair_int_value(at.item) == expected++);
    }
    CHECK(expected == KEYS);
    CHECK(lair_sizeof(cache) < CAPACITY * 100); /* it does not grow with what has gone */
    CHECK(lair_total_size(cache) > lair_sizeof(cache) + (size_t)CAPACITY * 16);
}

static void test_strings(lair_heap *heap)
{
    LAIR_SCOPED lair_object *cache = lair_lru_cache_new(heap, 2);
    LAIR_SCOPED lair_object *a = lair_str_new(heap, "a key"), *same = lair_str_new(heap, "a key");
    LAIR_SCOPED lair_object *value = lair_list_new(heap);
    CHECK(a != same && lair_cache_set(cache, a, value) == LAIR_OK);
    CHECK(lair_refcount(value) == 2 && lair_refcount(a) == 2);
    LAIR_SCOPED lair_object *got = NULL;
    CHECK(lair_cache_find(cache, same, &got) == LAIR_OK && got == value);
    LAIR_SCOPED lair_object *ref = lair_weakref_new(cache, NULL, NULL);
    LAIR_SCOPED lair_object *holder = LAIR_LIST(heap, lair_incref(cache));
    LAIR_SCOPED lair_object *deep = lair_deep_copy(holder);
    CHECK(lair_list_get(deep, 0) == cache);
    CHECK(lair_copy(cache) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    lair_clear_ref(&deep);
    lair_clear_ref(&holder);
    lair_clear_ref(&cache);
    CHECK(!lair_weakref_is_alive(ref) && lair_refcount(value) == 2 && lair_refcount(a) == 1);
}

/* -- TTL ------------------------------------------------------------------------------------- */

static void test_ttl(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *cache = ttl_new(heap, 0, 100);
    CHECK(lair_is(cache, LAIR_KIND_TTL_CACHE));
    for (int64_t i = 0; i < 50; i++) {
        LAIR_SCOPED lair_object *key = node_new(type, i, NULL), *value = node_new(type, -i, NULL);
        CHECK(lair_cache_set(cache, key, value) == LAIR_OK);
        clock_now++;
    }
    CHECK(clock_now == 1050 && lair_length(cache) == 50 && nodes_alive(type) == 100);
    clock_now = 1099;
    CHECK(lair_length(cache) == 50);
    clock_now = 1100; /* set at 1000: its time is over */
    CHECK(lair_length(cache) == 49 && nodes_alive(type) == 98 && whole(cache));
    LAIR_SCOPED lair_object *key = node_new(type, 1, NULL), *value = node_new(type, 100, NULL);
    CHECK(lair_cache_set(cache, key, value) == LAIR_OK); /* renewed until 1200 */
    CHECK(lair_length(cache) == 49 && whole(cache));
    clock_now = 1149;
    LAIR_SCOPED lair_object *got = NULL;
    CHECK(lair_cache_find(cache, key, &got) == LAIR_OK && got == value);
    CHECK(stats_are(cache, 1, 0, 0, 49, 1)); /* 49, set at 1049, goes now */
    clock_now = 1199;
    CHECK(lair_ttl_cache_expire(cache) == 0);
    clock_now = 1200; /* a use did not renew it */
    CHECK(lair_ttl_cache_expire(cache) == 1 && stats_are(cache, 1, 0, 0, 50, 0));
    CHECK(lair_refcount(key) == 1 && nodes_alive(type) == 2);
}

/* Each operation drops what has expired. */
static void test_ttl_operations(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *one = lair_int_new(heap, 1), *two = lair_int_new(heap, 2);
    enum { OPERATIONS = 11 };
    for (int operation = 0; operation < OPERATIONS; operation++) {
        LAIR_SCOPED lair_object *cache = ttl_new(heap, 10, 100);
        CHECK(lair_cache_set(cache, one, list) == LAIR_OK && lair_refcount(list) == 2);
        clock_now = 1100;
        bool found = true;
        LAIR_SCOPED lair_object *value = NULL;
        lair_cache_stats stats;
        switch (operation) {
        case 0:
            CHECK(lair_cache_set(cache, two, two) == LAIR_OK);
            break;
        case 1:
            CHECK(lair_cache_find(cache, two, &value) == LAIR_OK && value == NULL);
            break;
        case 2:
            CHECK(lair_cache_find(cache, one, &value) == LAIR_OK && value == NULL);
            break;
        case 3:
            CHECK(lair_cache_get(cache, two, NULL, NULL) == NULL);
            break;
        case 4:
            CHECK(lair_cache_delete(cache, one, &found) == LAIR_OK && !found);
            break;
        case 5:
            CHECK(lair_cache_get_stats(cache, &stats) == LAIR_OK && stats.length == 0);
            break;
        case 6:
            CHECK(lair_contains(cache, one, &found) == LAIR_OK && !found);
            break;
        case 7: {
            LAIR_EACH(at, cache)
            {
                CHECK(false);
            }
            break;
        }
        case 8:
            value = lair_repr(cache);
            CHECK(strncmp(lair_str_text(value), "<TTL cache of 0 at 0x", 21) == 0);
            break;
        case 9:
            CHECK(!lair_truth(cache));
            break;
        case 10:
            CHECK(lair_cache_clear(cache) == LAIR_OK);
            break;
        }
        CHECK(lair_refcount(list) == 1);
        CHECK(lair_cache_get_stats(cache, &stats) == LAIR_OK && stats.expired == 1);
    }
}

static void test_clock_goes_back(lair_heap *heap)
{
    LAIR_SCOPED lair_object *cache = ttl_new(heap, 0, 100);
    CHECK(set_int(cache, 1, 1) == LAIR_OK);
    clock_now = 1050;
    CHECK(set_int(cache, 2, 2) == LAIR_OK);
    clock_now = 10; /* taken for 1050 */
    CHECK(set_int(cache, 3, 3) == LAIR_OK && lair_length(cache) == 3 && whole(cache));
    clock_now = 1100;
    CHECK(lair_length(cache) == 2);
    clock_now = 1000;
    CHECK(lair_length(cache) == 2 && set_int(cache, 4, 4) == LAIR_OK && whole(cache));
    clock_now = 1150;
    CHECK(lair_length(cache) == 1 && find_int(cache, 4) == 4);
    clock_now = UINT64_MAX - 50; /* 4 expires; what is set now never does */
    CHECK(set_int(cache, 5, 5) == LAIR_OK && lair_length(cache) == 1);
    clock_now = UINT64_MAX - 1;
    CHECK(lair_length(cache) == 1);
}

static void test_ttl_capacity(lair_heap *heap)
{
    LAIR_SCOPED lair_object *cache = ttl_new(heap, 3, 100);
    for (int64_t i = 0; i < 3; i++)
        CHECK(set_int(cache, i, i) == LAIR_OK);
    CHECK(find_int(cache, 0) == 0 && set_int(cache, 1, 11) == LAIR_OK);
    CHECK(set_int(cache, 3, 3) == LAIR_OK && !has_int(cache, 0));
    CHECK(set_int(cache, 4, 4) == LAIR_OK && !has_int(cache, 2) && has_int(cache, 1));
    CHECK(stats_are(cache, 1, 0, 2, 0, 3));
    clock_now = 1100;
    CHECK(set_int(cache, 5, 5) == LAIR_OK && stats_are(cache, 1, 0, 2, 3, 1) && whole(cache));
}

static void test_system_clock(lair_heap *heap)
{
    LAIR_SCOPED lair_object *cache = lair_ttl_cache_new(heap, 0, 1000000000, NULL, NULL);
    CHECK(set_int(cache, 1, 1) == LAIR_OK && find_int(cache, 1) == 1);
    LAIR_SCOPED lair_object *brief = lair_ttl_cache_new(heap, 0, 1, NULL, NULL);
    CHECK(set_int(brief, 1, 1) == LAIR_OK);
    while (lair_length(brief) != 0) /* which the test's time limit bounds */
        continue;
    CHECK(stats_are(brief, 0, 0, 0, 1, 0));
}

/* -- iteration ------------------------------------------------------------------------------- */

static void test_iteration(lair_heap *heap)
{
    LAIR_SCOPED lair_object *cache = ttl_new(heap, 0, 100);
    for (int64_t i = 0; i < 20; i++) {
        CHECK(set_int(cache, i, i) == LAIR_OK);
        clock_now++;
    }
    int64_t expected = 0;
    size_t seen = 0;
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(cache);
    while (lair_next_item(&at)) {
        CHECK(lair_int_value(at.key) == expected && lair_int_value(at.item) == expected);
        seen++;
        expected++;
        if (expected == 5) {
            clock_now = 1110; /* 0 .. 10 go */
            expected = 11;
        }
        if (expected == 15) {
            CHECK(lair_cache_delete(cache, at.key, NULL) == LAIR_OK); /* the one shown: 14 */
            LAIR_SCOPED lair_object *next = lair_int_new(heap, 15);
            CHECK(lair_cache_delete(cache, next, NULL) == LAIR_OK);
            expected = 16;
        }
        if (expected == 17) /* uses and new values */
            CHECK(find_int(cache, 11) == 11 && set_int(cache, 12, 12) == LAIR_OK);
    }
    CHECK(at.status == LAIR_OK && expected == 20 && seen == 5 + 4 + 4);
    LAIR_SCOPED_CURSOR lair_cursor stopped = lair_cursor_of(cache);
    CHECK(lair_next_item(&stopped) && set_int(cache, 99, 99) == LAIR_OK);
    CHECK(!lair_next_item(&stopped) && stopped.status == LAIR_ERR_CHANGED);
}

/* -- make ------------------------------------------------------------------------------------ */

static unsigned made;

/* Fibonacci's numbers, by way of the cache. */
static lair_object *fibonacci(lair_object *key, void *arg)
{
    made++;
    int64_t n = lair_int_value(key);
    lair_heap *heap = lair_heap_of(key);
    if (n < 2)
        return lair_int_new(heap, n);
    LAIR_SCOPED lair_object *one = lair_int_new(heap, n - 1), *two = lair_int_new(heap, n - 2);
    LAIR_SCOPED lair_object *a = lair_cache_get(arg, one, fibonacci, arg);
    LAIR_SCOPED lair_object *b = lair_cache_get(arg, two, fibonacci, arg);
    return lair_add(a, b);
}

static lair_object *make_nothing(lair_object *key, void *arg)
{
    (void)arg;
    made++;
    return lair_list_get(key, 0); /* fails */
}

/* Puts another value under the key meanwhile, and drops the cache. */
static lair_object *make_meanwhile(lair_object *key, void *arg)
{
    lair_object **cache = arg;
    CHECK(lair_cache_set(*cache, key, key) == LAIR_OK);
    lair_object *value = lair_list_new(lair_heap_of(key));
    if (lair_refcount(*cache) == 2) /* the caller's, which is given away, and the call's */
        lair_clear_ref(cache);
    return value;
}

static void test_make(lair_heap *heap)
{
    LAIR_SCOPED lair_object *cache = lair_lru_cache_new(heap, 200);
    LAIR_SCOPED lair_object *n = lair_int_new(heap, 90);
    made = 0;
    LAIR_SCOPED lair_object *value = lair_cache_get(cache, n, fibonacci, cache);
    CHECK(lair_int_value(value) == 2880067194370816120 && made == 91);
    CHECK(stats_are(cache, 88, 91, 0, 0, 91) && whole(cache));
    LAIR_SCOPED lair_object *again = lair_cache_get(cache, n, fibonacci, cache);
    CHECK(again == value && made == 91 && stats_are(cache, 89, 91, 0, 0, 91));

    /* A capacity smaller than the recursion: entries leave while it goes on. */
    LAIR_SCOPED lair_object *small = lair_lru_cache_new(heap, 2);
    LAIR_SCOPED lair_object *fewer = lair_int_new(heap, 12);
    LAIR_SCOPED lair_object *same = lair_cache_get(small, fewer, fibonacci, small);
    CHECK(lair_int_value(same) == 144 && lair_length(small) == 2 && whole(small));

    made = 0;
    LAIR_SCOPED lair_object *missing = lair_int_new(heap, 7777);
    CHECK(lair_cache_get(cache, missing, make_nothing, NULL) == NULL && made == 1);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(stats_are(cache, 89, 92, 0, 0, 91));
    CHECK(lair_cache_get(cache, missing, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_KEY);
    CHECK(strcmp(lair_error_message(), "no key 7777 in the LRU cache") == 0);

    LAIR_SCOPED lair_object *ref = lair_weakref_new(cache, NULL, NULL);
    LAIR_SCOPED lair_object *fresh = lair_cache_get(cache, missing, make_meanwhile, &cache);
    CHECK(lair_is(fresh, LAIR_KIND_LIST) && lair_refcount(fresh) == 1);
    CHECK(cache == NULL && !lair_weakref_is_alive(ref));
}

/* -- what the dropped do --------------------------------------------------------------------- */

static lair_object *used; /* a cache, by destructors */
static size_t deepest, depth;

static void use_cache(struct node *self)
{
    if (used == NULL || self->number < 0)
        return;
    depth++;
    deepest = depth > deepest ? depth : deepest;
    CHECK(whole(used));
    LAIR_SCOPED lair_object *key = lair_int_new(lair_heap_of(used), self->number);
    bool found = true;
    CHECK(lair_contains(used, key, &found) == LAIR_OK && found == (self->number == 500));
    if (self->number % 3 == 0)
        CHECK(set_int(used, 100000 + self->number, 1) == LAIR_OK);
    depth--;
}

static void set_node(lair_object *cache, lair_type *type, int64_t number)
{
    LAIR_SCOPED lair_object *key = lair_int_new(lair_heap_of(cache), number);
    LAIR_SCOPED lair_object *node = node_new(type, number, NULL);
    CHECK(lair_cache_set(cache, key, node) == LAIR_OK);
}

static void test_destructors_use_it(lair_heap *heap)
{
    enum { MANY = 3000 };
    NODE_TYPE(type, heap, false);
    node_hooks.dealloc = use_cache;
    LAIR_SCOPED lair_object *lru = lair_lru_cache_new(heap, 10);
    used = lru;
    for (int64_t i = 0; i < 100; i++)
        set_node(lru, type, i);
    CHECK(lair_length(lru) == 10 && whole(lru));
    CHECK(lair_cache_clear(lru) == LAIR_OK && nodes_alive(type) == 0 && whole(lru));
    set_node(lru, type, 500);
    CHECK(set_int(lru, 500, 1) == LAIR_OK); /* replaced; its destructor sees the key */
    used = NULL;

    /* Many expire at once: one after another, not one inside another. */
    LAIR_SCOPED lair_object *ttl = ttl_new(heap, 0, 100);
    used = ttl;
    deepest = 0;
    for (int64_t i = 0; i < MANY; i++)
        set_node(ttl, type, i * 3 + 1);
    clock_now += 100;
    CHECK(lair_ttl_cache_expire(ttl) == MANY && deepest == 1 && nodes_alive(type) == 0);
    used = NULL;
}

static struct meddler {
    lair_object *cache;
    unsigned calls;
    bool truncate;
} meddler;

static void meddle(struct node *a, struct node *b)
{
    (void)a, (void)b;
    if (meddler.truncate)
        CHECK(lair_truncate(meddler.cache) == LAIR_OK);
    else if (meddler.calls++ < 3)
        CHECK(lair_cache_clear(meddler.cache) == LAIR_OK);
}

static void test_keys_meddle(lair_heap *heap)
{
    NODE_TYPE(type, heap, false);
    LAIR_SCOPED lair_object *a = node_new(type, 1, NULL), *b = node_new(type, 1, NULL);
    for (int truncate = 0; truncate < 2; truncate++) {
        LAIR_SCOPED lair_object *cache = lair_lru_cache_new(heap, 10);
        node_hooks.equal = NULL;
        CHECK(lair_cache_set(cache, a, a) == LAIR_OK);
        node_hooks.equal = meddle;
        meddler = (struct meddler){.cache = cache, .truncate = truncate != 0};
        if (truncate != 0) {
            CHECK(lair_cache_set(cache, b, b) == LAIR_ERR_TYPE && lair_is_none(cache));
        } else {
            CHECK(lair_cache_set(cache, b, b) == LAIR_OK && lair_length(cache) == 1);
            CHECK(lair_refcount(a) == 1 && lair_refcount(b) == 3 && whole(cache));
        }
    }
    CHECK(lair_refcount(b) == 1);
}

/* -- misuse and memory ----------------------------------------------------------------------- */

static void test_misuse(lair_heap *heap)
{
    LAIR_SCOPED lair_object *list = lair_list_new(heap);
    LAIR_SCOPED lair_object *one = lair_int_new(heap, 1);
    LAIR_SCOPED lair_object *lru = lair_lru_cache_new(heap, 1);
    lair_cache_stats stats;
    lair_object *value = one;
    bool there = true;
    CHECK(lair_lru_cache_new(heap, 0) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_ttl_cache_new(heap, 5, 0, NULL, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_INVALID);
    CHECK(lair_lru_cache_new(NULL, 5) == NULL &&
          lair_ttl_cache_new(NULL, 5, 5, NULL, NULL) == NULL);
    CHECK(lair_cache_set(list, one, one) == LAIR_ERR_TYPE);
    CHECK(lair_cache_find(list, one, &value) == LAIR_ERR_TYPE && value == one);
    CHECK(lair_cache_get(list, one, fibonacci, NULL) == NULL);
    CHECK(lair_cache_delete(list, one, &there) == LAIR_ERR_TYPE && there);
    CHECK(lair_cache_clear(list) == LAIR_ERR_TYPE);
    CHECK(lair_cache_get_stats(list, &stats) == LAIR_ERR_TYPE);
    CHECK(lair_ttl_cache_expire(lru) == 0);
    CHECK_FAILED_WITH(LAIR_ERR_TYPE);
    CHECK(lair_cache_set(lru, list, one) == LAIR_ERR_UNHASHABLE);
    CHECK(lair_cache_find(lru, list, &value) == LAIR_ERR_UNHASHABLE && value == one);
    CHECK(lair_cache_get(lru, list, fibonacci, NULL) == NULL);
    CHECK_FAILED_WITH(LAIR_ERR_UNHASHABLE);
    CHECK(lair_cache_delete(lru, list, &there) == LAIR_ERR_UNHASHABLE && there);
    CHECK(lair_cache_set(lru, NULL, one) != LAIR_OK && lair_cache_set(lru, one, NULL) != LAIR_OK);
    CHECK(lair_cache_set(NULL, one, one) != LAIR_OK);
    CHECK(lair_cache_find(NULL, one, &value) != LAIR_OK && lair_cache_find(lru, NULL, &value));
    LAIR_SCOPED_HEAP lair_heap *elsewhere = lair_heap_open(NULL);
    lair_object *foreign = lair_list_new(elsewhere);
    CHECK(lair_cache_set(lru, one, foreign) == LAIR_ERR_WRONG_HEAP);
    lair_decref(foreign);
    CHECK(stats_are(lru, 0, 0, 0, 0, 0));
    CHECK(lair_cache_get_stats(lru, &stats) == LAIR_OK && stats.capacity == 1);
}

static bool use_caches(lair_heap *heap, void *arg)
{
    (void)arg;
    clock_now = 1000;
    for (int ttl = 0; ttl < 2; ttl++) {
        LAIR_SCOPED lair_object *cache =
            ttl != 0 ? lair_ttl_cache_new(heap, 10, 100, test_clock, &clock_now)
                     : lair_lru_cache_new(heap, 10);
        if (cache == NULL)
            return false;
        for (int64_t i = 0; i < 15; i++) {
            size_t length = lair_length(cache);
            lair_cache_stats before, after;
            CHECK(lair_cache_get_stats(cache, &before) == LAIR_OK);
            LAIR_SCOPED lair_object *key = lair_int_new(heap, 1000 + i);
            if (key == NULL)
                return false;
            lair_status status = lair_cache_set(cache, key, key);
            CHECK(lair_cache_get_stats(cache, &after) == LAIR_OK && whole(cache));
            if (status != LAIR_OK) {
                CHECK(lair_length(cache) == length && before.evicted == after.evicted);
                CHECK(lair_refcount(key) == 1);
                return false;
            }
        }
        LAIR_SCOPED lair_object *n = lair_int_new(heap, 4);
        LAIR_SCOPED lair_object *value = lair_cache_get(cache, n, fibonacci, cache);
        CHECK(whole(cache));
        if (value == NULL)
            return false;
        LAIR_SCOPED lair_object *text = lair_repr(cache);
        if (text == NULL)
            return false;
    }
    return true;
}

static void test_no_memory(lair_heap *heap)
{
    FAIL_AT_EVERY_STEP(heap, use_caches, NULL);
}

int main(void)
{
    on_every_heap(test_lru);
    on_every_heap(test_lru_large);
    on_every_heap(test_strings);
    on_every_heap(test_ttl);
    on_every_heap(test_ttl_operations);
    on_every_heap(test_clock_goes_back);
    on_every_heap(test_ttl_capacity);
    on_every_heap(test_system_clock);
    on_every_heap(test_iteration);
    on_every_heap(test_make);
    on_every_heap(test_destructors_use_it);
    on_every_heap(test_keys_meddle);
    on_every_heap(test_misuse);
    on_every_heap(test_no_memory);
    return check_finish("caches");
}

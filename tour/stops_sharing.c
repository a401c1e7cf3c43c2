/* stops_sharing.c: objects that are shared: small integers, characters, interned strings,
 * immutables, counted things. */
#include <string.h>

#include "stops.h"

/* Whether two objects, of which it takes the references, are one. */
static bool same(tour_run *run, lair_object *a, lair_object *b)
{
    LAIR_SCOPED lair_object *first = tour_object(run, a);
    LAIR_SCOPED lair_object *second = tour_object(run, b);
    return first != NULL && second != NULL && lair_id(first) == lair_id(second);
}

static const char *one_or_two(bool same)
{
    return same ? "one object" : "two objects";
}

/* -- integers ---------------------------------------------------------------------------------- */

void stop_same_small_int(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *a = tour_object(run, lair_int_new(heap, 1));
    LAIR_SCOPED lair_object *b = tour_object(run, lair_int_new(heap, 1));
    if (a == NULL || b == NULL) {
        return;
    }
    tour_show(run, "two ints of value 1: lair_id %#zx and %#zx", (size_t)lair_id(a),
              (size_t)lair_id(b));
    (void)tour_expect(run, a == b, "they are two objects");
}

void stop_small_int_range(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    int64_t shared = 0;
    for (int64_t value = -20; value < 300; value++) {
        if (same(run, lair_int_new(heap, value), lair_int_new(heap, value))) {
            first = value < first ? value : first;
            last = value;
            shared++;
        }
    }
    tour_show(run, "of -20..299 the %lld ints from %lld to %lld are one object each",
              (long long)shared, (long long)first, (long long)last);
    (void)tour_expect(run, first == -5 && last == 256 && shared == 262, "another range is shared");

    LAIR_SCOPED lair_object *small = tour_object(run, lair_int_new(heap, 256));
    if (small != NULL) {
        uint32_t before = lair_refcount(small);
        lair_decref(small); /* for good: it is immortal */
        tour_show(run, "256 is immortal, its count stands at the highest: %u", before);
        (void)tour_expect(run, before == UINT32_MAX && lair_refcount(small) == before,
                          "it is counted");
    }
}

void stop_large_int_reuse(tour_run *run)
{
    enum { ROUNDS = 1000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "hardened=off");
    LAIR_SCOPED lair_object *kept = tour_object(run, lair_int_new(heap, 1000));
    if (kept == NULL) {
        return;
    }
    lair_type_stats before;
    lair_type_stats after;
    size_t again = 0;
    lair_type_get_stats(lair_type_of(kept), &before);
    for (int64_t i = 0; i < ROUNDS; i++) {
        lair_object *first = tour_object(run, lair_int_new(heap, 1000000 + i));
        const void *address = first;
        lair_decref(first);
        lair_object *second = tour_object(run, lair_int_new(heap, 2000000 + i));
        again += second != NULL && second == address;
        lair_decref(second);
    }
    lair_type_get_stats(lair_type_of(kept), &after);
    tour_show(run,
              "of %d large ints, each made right after another was freed, %zu took its place; "
              "%llu came from the free list of ints",
              ROUNDS, again, (unsigned long long)(after.reused - before.reused));
    if (tour_keeps_dead(run)) {
        (void)tour_expect(run, again == 0, "freed ints were used again");
    } else {
        (void)tour_expect(run, again == ROUNDS && after.reused - before.reused >= ROUNDS,
                          "freed ints were not used again");
    }
    (void)tour_expect(run, after.instances == before.instances, "ints were left");
}

/* -- strings ----------------------------------------------------------------------------------- */

void stop_cached_and_distinct(tour_run *run)
{
    static const char letters[] = "the same text, too long for any cache of short strings";
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    bool small = same(run, lair_int_new(heap, 42), lair_int_new(heap, 42));
    bool character = same(run, lair_str_new(heap, "h"), lair_str_new(heap, "h"));
    bool word = same(run, lair_str_new(heap, "hello"), lair_str_new(heap, "hello"));
    bool interned =
        same(run, lair_str_intern_text(heap, "hello"), lair_str_intern_text(heap, "hello"));
    tour_show(run, "made twice: 42 is %s, 'h' %s, 'hello' %s, 'hello' interned %s",
              one_or_two(small), one_or_two(character), one_or_two(word), one_or_two(interned));
    (void)tour_expect(run, small && character && !word && interned, "sharing is otherwise");

    bool large = same(run, lair_int_new(heap, 10000000000), lair_int_new(heap, 10000000000));
    bool text = same(run, lair_str_new(heap, letters), lair_str_new(heap, letters));
    bool list = same(run, lair_list_new(heap), lair_list_new(heap));
    tour_show(run, "10000000000 is %s, a long string %s, an empty list %s", one_or_two(large),
              one_or_two(text), one_or_two(list));
    (void)tour_expect(run, !large && !text && !list, "what should be distinct is shared");
    tour_differs(run, "a string of several characters is shared when the program interns it; there "
                      "is no compiler to do that for literals");
}

void stop_literals_interned(tour_run *run)
{
    static const char *const texts[] = {"hello", "hello world"};
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        bool plain = same(run, lair_str_new(heap, texts[i]), lair_str_new(heap, texts[i]));
        bool interned =
            same(run, lair_str_intern_text(heap, texts[i]), lair_str_intern_text(heap, texts[i]));
        tour_show(run, "'%s' made twice: %s; interned twice: %s", texts[i], one_or_two(plain),
                  one_or_two(interned));
        (void)tour_expect(run, !plain && interned, "'%s' is shared otherwise", texts[i]);
    }
    LAIR_SCOPED lair_object *dict = tour_object(run, lair_dict_new(heap));
    LAIR_SCOPED lair_object *name = tour_object(run, lair_str_intern_text(heap, "hello"));
    if (dict == NULL || name == NULL || !tour_ok(run, lair_dict_set_str(dict, "hello", name))) {
        return;
    }
    LAIR_EACH(at, dict)
    {
        tour_show(run, "'hello' as the name of an entry: %s", one_or_two(at.key == name));
        (void)tour_expect(run, at.key == name, "names are not interned");
    }
    tour_differs(run, "what looks like a name makes no difference: Lair interns the names that "
                      "programs give to entries and attributes, and what they ask for");
}

void stop_single_characters(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *text = tour_object(run, lair_str_new(heap, "abc"));
    if (text == NULL) {
        return;
    }
    bool cut = same(run, lair_str_slice(text, 0, 1), lair_str_new(heap, "a"));
    bool accented = same(run, lair_str_new(heap, "é"), lair_str_new(heap, "é"));
    bool wide = same(run, lair_str_new(heap, "中"), lair_str_new(heap, "中"));
    tour_show(run, "'a' made and cut from 'abc': %s", one_or_two(cut));
    tour_show(run, "'é', two bytes in UTF-8: %s; '中', three bytes: %s", one_or_two(accented),
              one_or_two(wide));
    (void)tour_expect(run, cut, "single characters are not shared");
    (void)tour_expect(run, !accented && !wide, "wider characters are shared as well");
}

void stop_intern_by_hand(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *a = tour_object(run, lair_str_new(heap, "a string"));
    LAIR_SCOPED lair_object *b = tour_object(run, lair_str_new(heap, "a string"));
    LAIR_SCOPED lair_object *first = tour_object(run, lair_str_intern(a));
    LAIR_SCOPED lair_object *second = tour_object(run, lair_str_intern(b));
    if (first == NULL || second == NULL) {
        return;
    }
    tour_show(run, "two equal strings: %s; after lair_str_intern: %s", one_or_two(a == b),
              one_or_two(first == second));
    (void)tour_expect(run, a != b && first == second, "interning did not join them");
    (void)tour_expect(run, lair_str_is_interned(first), "it is not interned");
}

/* Fills list with count labels of few different texts; bytes they take, 0 after a failure. */
static size_t fill_with_labels(tour_run *run, lair_heap *heap, lair_object *list, size_t count,
                               size_t kinds, bool interned)
{
    size_t before = tour_live(heap);
    for (size_t i = 0; i < count; i++) {
        LAIR_SCOPED lair_object *label =
            tour_object(run, lair_str_format(heap, "a label that recurs: %zu", i % kinds));
        lair_object *kept = interned ? lair_str_intern(label) : lair_incref(label);
        if (!tour_ok(run, lair_list_append_new(list, kept))) {
            return 0;
        }
    }
    return tour_live(heap) - before;
}

void stop_intern_saves(tour_run *run)
{
    enum { COUNT = 20000, KINDS = 100 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *plain = tour_room(run, heap, COUNT);
    LAIR_SCOPED lair_object *shared = tour_room(run, heap, COUNT);
    if (plain == NULL || shared == NULL) {
        return;
    }
    lair_intern_stats before;
    lair_intern_stats during;
    lair_intern_stats after;
    lair_str_intern_stats(heap, &before);
    size_t plain_bytes = fill_with_labels(run, heap, plain, COUNT, KINDS, false);
    size_t shared_bytes = fill_with_labels(run, heap, shared, COUNT, KINDS, true);
    lair_str_intern_stats(heap, &during);
    lair_clear_ref(&shared);
    lair_str_intern_stats(heap, &after);
    tour_show(run, "%d labels of %d kinds: %s as they come, %s interned", COUNT, KINDS,
              tour_bytes(plain_bytes).text, tour_bytes(shared_bytes).text);
    tour_show(
        run,
        "the table held %zu strings, served %llu requests from them and saved %s; once nobody "
        "used them it held %zu",
        during.strings - before.strings, (unsigned long long)(during.hits - before.hits),
        tour_bytes((size_t)(during.saved_bytes - before.saved_bytes)).text,
        after.strings - before.strings);
    (void)tour_expect(run, shared_bytes > 0 && shared_bytes * 10 < plain_bytes,
                      "interning saved little");
    (void)tour_expect(
        run, during.strings - before.strings == KINDS && during.hits - before.hits == COUNT - KINDS,
        "the table counts otherwise");
    (void)tour_expect(run, after.strings == before.strings, "dead strings stayed in the table");
}

/* -- what cannot change ------------------------------------------------------------------------ */

/* Blocks that count copies of an object take, while they are kept. */
static size_t blocks_of_copies(tour_run *run, lair_heap *heap, lair_object *object, size_t count)
{
    LAIR_SCOPED lair_object *copies = tour_room(run, heap, count);
    lair_ledger before;
    lair_ledger after;
    lair_heap_ledger(heap, &before);
    for (size_t i = 0; copies != NULL && i < count; i++) {
        if (!tour_ok(run, lair_list_append_new(copies, lair_copy(object)))) {
            break;
        }
    }
    lair_heap_ledger(heap, &after);
    return after.blocks - before.blocks;
}

void stop_immutable_shared(tour_run *run)
{
    enum { COUNT = 10000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *tuple = tour_object(run, lair_build(heap, "(i, i, i)", 1, 2, 3));
    LAIR_SCOPED lair_object *list = tour_object(run, lair_build(heap, "[i, i, i]", 1, 2, 3));
    if (tuple == NULL || list == NULL) {
        return;
    }
    size_t tuples = blocks_of_copies(run, heap, tuple, COUNT);
    size_t lists = blocks_of_copies(run, heap, list, COUNT);
    LAIR_SCOPED lair_object *deep = tour_object(run, lair_deep_copy(tuple));
    tour_show(run,
              "%d copies of a tuple took %zu blocks, of a list %zu; a deep copy of the tuple "
              "is %s",
              COUNT, tuples, lists, deep == tuple ? "the tuple itself" : "another");
    (void)tour_expect(run, tuples == 0 && deep == tuple, "the tuple was copied");
    (void)tour_expect(run, lists >= COUNT, "the lists were not copied");
}

void stop_immutable_replaced(tour_run *run)
{
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *one = tour_object(run, lair_int_new(heap, 1));
    LAIR_SCOPED lair_object *number = tour_object(run, lair_int_new(heap, 1000));
    LAIR_SCOPED lair_object *sum = tour_object(run, lair_add(number, one));
    LAIR_SCOPED lair_object *text = tour_object(run, lair_str_new(heap, "abcd"));
    LAIR_SCOPED lair_object *tail = tour_object(run, lair_str_new(heap, "e"));
    LAIR_SCOPED lair_object *longer = tour_object(run, lair_str_concat(text, tail));
    if (sum == NULL || longer == NULL) {
        return;
    }
    tour_show(run, "1000 at %#zx plus 1 is %lld at %#zx", (size_t)lair_id(number),
              (long long)lair_int_value(sum), (size_t)lair_id(sum));
    tour_show(run, "'abcd' at %#zx and 'e' are '%s' at %#zx", (size_t)lair_id(text),
              lair_str_text(longer), (size_t)lair_id(longer));
    (void)tour_expect(run, number != sum && lair_int_value(number) == 1000,
                      "the integer itself was changed");
    (void)tour_expect(run, text != longer && strcmp(lair_str_text(text), "abcd") == 0,
                      "the string itself was changed");
}

/* -- things counted ---------------------------------------------------------------------------- */

void stop_counter_shares(tour_run *run)
{
    enum { COUNT = 20000 };
    LAIR_SCOPED_HEAP lair_heap *heap = tour_heap_open(run, "");
    LAIR_SCOPED lair_object *words = tour_object(run, lair_list_new(heap));
    for (size_t i = 0; words != NULL && i < COUNT; i++) {
        lair_object *word = lair_str_format(heap, "word %zu", i * i % 100);
        if (!tour_ok(run, lair_list_append_new(words, word))) {
            return;
        }
    }
    LAIR_SCOPED lair_object *counter = tour_object(run, lair_counter_new(heap));
    LAIR_SCOPED lair_object *set = tour_object(run, lair_set_from(words));
    int64_t total = 0;
    if (set == NULL || counter == NULL || !tour_ok(run, lair_counter_count_all(counter, words)) ||
        !tour_ok(run, lair_counter_total(counter, &total))) {
        return;
    }
    LAIR_SCOPED lair_object *common = tour_object(run, lair_counter_most_common(counter, 1));
    LAIR_SCOPED lair_object *text = tour_object(run, lair_repr(common));
    size_t whole = lair_total_size(words);
    size_t counted = lair_total_size(counter);
    tour_show(run, "%d words: %s as a list, %s as a counter of %zu, %s as a set", COUNT,
              tour_bytes(whole).text, tour_bytes(counted).text, lair_length(counter),
              tour_bytes(lair_total_size(set)).text);
    if (text != NULL) {
        tour_show(run, "most common: %s", lair_str_text(text));
    }
    (void)tour_expect(run, total == COUNT && lair_length(counter) == lair_set_length(set),
                      "words were lost");
    (void)tour_expect(run, counted * 10 < whole, "counting saved little");
}

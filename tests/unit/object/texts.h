/* texts.h: what the tests of strs share. */
#ifndef LAIR_TESTS_OBJECT_TEXTS_H
#define LAIR_TESTS_OBJECT_TEXTS_H

#include "ground.h"

#define NAIVE "na\xc3\xafve"    /* 5 characters in 6 bytes */
#define EURO "\xe2\x82\xac"     /* U+20AC */
#define CLEF "\xf0\x9d\x84\x9e" /* U+1D11E */
#define REPLACED "\xef\xbf\xbd" /* U+FFFD */

static inline lair_object *text(lair_heap *heap, const char *c_string)
{
    lair_object *str = lair_str_new(heap, c_string);
    REQUIRE(str != NULL);
    return str;
}

/* Whether str, a reference that this drops, is a str of this text. */
static inline bool is(lair_object *str, const char *expected)
{
    LAIR_SCOPED lair_object *held = str;
    if (!CHECK(lair_is(str, LAIR_KIND_STR)))
        return false;
    bool same = lair_str_bytes(str) == strlen(expected) &&
                memcmp(lair_str_text(str), expected, strlen(expected) + 1) == 0;
    if (!same)
        fprintf(stderr, "\"%s\", not \"%s\"\n", lair_str_text(str), expected);
    return same;
}

/* Whether object was made; it is dropped. */
static inline bool made(lair_object *object)
{
    lair_decref(object);
    return object != NULL;
}

#endif /* LAIR_TESTS_OBJECT_TEXTS_H */

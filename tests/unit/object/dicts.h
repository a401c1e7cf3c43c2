/* dicts.h: what the tests of dicts share. */
#ifndef LAIR_TESTS_OBJECT_DICTS_H
#define LAIR_TESTS_OBJECT_DICTS_H

#include "ground.h"
#include "object/keyed.h"

/* Whether the table inside a dict, set or counter is as it should be; says what is not. */
static inline bool table_ok(lair_object *keyed)
{
    const char *fault = table_check(keyed_of(keyed));
    if (fault != NULL)
        printf("%s\n", fault);
    return fault == NULL;
}

/* A dict {0: 0, 1: -1, 2: -2, ...}. */
static inline lair_object *dict_of_ints(lair_heap *heap, int64_t count)
{
    lair_object *dict = lair_dict_new(heap);
    for (int64_t i = 0; i < count; i++)
        REQUIRE(lair_dict_set_new(dict, lair_int_new(heap, i), lair_int_new(heap, -i)) == LAIR_OK);
    return dict;
}

#endif /* LAIR_TESTS_OBJECT_DICTS_H */

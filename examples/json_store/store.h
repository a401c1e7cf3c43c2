/* store.h: what the files of json-store share: the forms in which JSON becomes objects.
 *
 * Functions that can fail return false or NULL and leave the error with liblair
 * (lair_error_message), unless they say otherwise.
 */
#ifndef JSON_STORE_H
#define JSON_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>
#include <lair/lair.h>

/* What a JSON object becomes. */
typedef enum store_form {
    FORM_DICTS,     /* a dict */
    FORM_INSTANCES, /* an instance with a dict of attributes */
    FORM_RECORDS,   /* a record, of a type for each set of names */
    FORM_PACKED,    /* a packed record with fields as narrow as the data allows; lists of numbers
                       become arrays */
    FORM_COUNT
} store_form;

const char *form_name(store_form form);

/* FORM_COUNT when there is none of that name. */
store_form form_named(const char *name);

/* -- load.c ---------------------------------------------------------------------------------- */

typedef struct load_result {
    lair_object *root; /* a new reference; NULL: it failed */
    size_t objects;    /* alive because of it */
    double seconds;
} load_result;

/* intern: names, and strings that are short enough to be shared often, exist once. */
load_result load(lair_heap *heap, const json_t *json, store_form form, bool intern);

/* -- read.c ---------------------------------------------------------------------------------- */

/* Whether value is what a JSON object became. */
bool has_members(const lair_object *value);

/* Whether value is what a JSON array became. */
bool has_items(const lair_object *value);

/* *found: a new reference to the member called name (an interned str), or NULL: there is none. */
lair_status member_find(lair_object *value, lair_object *name, lair_object **found);

/* Writes value as JSON on one line. */
bool print_json(FILE *stream, lair_object *value);

/* -- memory.c -------------------------------------------------------------------------------- */

/* Loads json in every form and prints what each takes. */
bool report_memory(const json_t *json);

/* -- sample.c -------------------------------------------------------------------------------- */

/* Writes a file of count users and twice as many orders, the same each time. False: the stream
 * refused it (errno). */
bool write_sample(FILE *stream, unsigned long count);

#endif /* JSON_STORE_H */

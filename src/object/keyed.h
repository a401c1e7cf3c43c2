/* keyed.h: what dict, set, frozenset and counter share besides the table itself (table.h): going
 * over the entries, errors, and the functions that describe their types.
 */
#ifndef LAIR_OBJECT_KEYED_H
#define LAIR_OBJECT_KEYED_H

#include "table.h"
#include "walk.h"

/* An empty instance of one of the four types. NULL: the error is set. */
struct keyed *keyed_make(lair_type *type);

/* -- going over the entries ------------------------------------------------------------------ */

typedef struct table_walk {
    struct keyed *over;
    uint32_t version;
    size_t position; /* of the next entry */
    /* the entry: BORROWED */
    lair_object *key;
    word value;
    uint64_t hash;
    lair_status status; /* LAIR_ERR_CHANGED when keys came or went meanwhile */
} table_walk;

table_walk table_walk_of(const struct keyed *over);
bool table_step(table_walk *walk);

/* -- errors ---------------------------------------------------------------------------------- */

/* LAIR_ERR_KEY, "no key 'x' in the dict", and the same of a text. */
lair_status table_no_key(const struct keyed *self, lair_object *key);
lair_status table_no_text(const struct keyed *self, const char *text, size_t bytes);

/* LAIR_ERR_CHANGED, "dict changed size during iteration". */
lair_status table_changed(const struct keyed *self);

/* LAIR_ERR_CHANGED, of a change from inside a function that works on the table. */
lair_status table_interfered(const struct keyed *self);

/* -- for the descriptions of the types ------------------------------------------------------- */

void keyed_dealloc(lair_object *self);
int keyed_traverse(lair_object *self, lair_visit visit, void *arg);
void keyed_clear(lair_object *self);
size_t keyed_size_of(const lair_object *self);
lair_step keyed_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame, const char *open,
                     const char *close);
lair_step keyed_equal(lair_walk *walk, lair_frame *frame);
lair_step keyed_copy(lair_walk *walk, lair_frame *frame);
lair_object *keyed_shallow_copy(lair_object *self);
size_t keyed_length_slot(lair_object *self);
lair_status keyed_contains(lair_object *self, lair_object *key, bool *found);
void keyed_begin(lair_cursor *at);

/* The next entry of a cursor, or NULL: at its end, or at->status says why. */
static inline word *keyed_next(lair_cursor *at)
{
    const struct keyed *self = keyed_of(at->container);
    if (unlikely(at->version != OBJECT_OWN(self))) {
        at->status = table_changed(self);
        return NULL;
    }
    size_t position = at->position;
    word *entry = table_next(self->table, &position);
    at->position = position + (entry != NULL);
    return entry;
}

/* Whether object is one of the four types. Code of the program that one of their functions ran may
 * have truncated it in between; then it has no table. */
static inline bool is_keyed(const lair_object *object)
{
    return object->type->spec.traverse == keyed_traverse;
}

/* What the descriptions of the four types have in common. */
#define KEYED_SPEC                                                                                 \
    .weakrefs = offsetof(struct keyed, weakrefs), .dealloc = keyed_dealloc,                        \
    .traverse = keyed_traverse, .clear = keyed_clear, .size_of = keyed_size_of,                    \
    .equal = keyed_equal, .length = keyed_length_slot, .contains = keyed_contains,                 \
    .begin = keyed_begin

#endif /* LAIR_OBJECT_KEYED_H */

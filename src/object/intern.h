/* intern.h: the table of interned strs.
 *
 * It holds no references: a str that dies leaves it. Strs of no or one ASCII character are as good
 * as interned (there is one of each) and not in it.
 */
#ifndef LAIR_OBJECT_INTERN_H
#define LAIR_OBJECT_INTERN_H

#include "str.h"

struct intern_table;

/* False: no memory, the error is set. */
bool intern_make(struct space *space);
void intern_discard(struct space *space);

/* Gives back room that is not needed, where it can. */
void intern_trim(struct space *space);

/* An interned str dies, or is interned no more. Neither fails nor allocates. */
void intern_remove(struct space *space, lair_object *str);

/* Verifies the table: LAIR_ERR_CORRUPT. */
lair_status intern_check(const struct space *space);

#endif /* LAIR_OBJECT_INTERN_H */

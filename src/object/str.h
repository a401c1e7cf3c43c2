/* str.h: strings for the other files of the object model. */
#ifndef LAIR_OBJECT_STR_H
#define LAIR_OBJECT_STR_H

#include <lair/str.h>

#include "space.h"

/* A str of text that is known to be UTF-8. NULL: no memory. */
lair_object *str_from_valid(struct space *space, const char *text, size_t bytes);

#endif /* LAIR_OBJECT_STR_H */

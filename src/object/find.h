/* find.h: a text within a text. */
#ifndef LAIR_OBJECT_FIND_H
#define LAIR_OBJECT_FIND_H

#include <stddef.h>

/* Position of the first part in text, SIZE_MAX when there is none. Linear time. */
size_t text_find(const char *text, size_t bytes, const char *part, size_t part_bytes);

#endif /* LAIR_OBJECT_FIND_H */

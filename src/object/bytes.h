/* bytes.h: bytes for the other files of the object model. */
#ifndef LAIR_OBJECT_BYTES_H
#define LAIR_OBJECT_BYTES_H

#include <lair/bytes.h>

#include "space.h"

/* The empty bytes, which exist once. */
bool bytes_make(struct space *space);
void bytes_discard(struct space *space);

#endif /* LAIR_OBJECT_BYTES_H */

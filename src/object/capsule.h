/* capsule.h: what the heap's end asks of capsules. */
#ifndef LAIR_OBJECT_CAPSULE_H
#define LAIR_OBJECT_CAPSULE_H

#include "space.h"

/* Destroys the resources of all capsules that are open, newest first. */
void capsules_close(struct space *space);

#endif /* LAIR_OBJECT_CAPSULE_H */

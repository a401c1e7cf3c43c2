/* record.h: attributes by name of records and of instances, for attribute.c. */
#ifndef LAIR_OBJECT_RECORD_H
#define LAIR_OBJECT_RECORD_H

#include "fields.h"

/* BORROWED; NULL: the error is set. */
lair_object *record_attribute(const lair_object *self, const char *name);
lair_object *instance_attribute(lair_object *self, const char *name);

/* Sets, taking value over also on failure. */
lair_status record_attribute_set_new(lair_object *self, const char *name, lair_object *value);
lair_status instance_attribute_set_new(lair_object *self, const char *name, lair_object *value);

lair_status record_attribute_delete(lair_object *self, const char *name);
lair_status instance_attribute_delete(lair_object *self, const char *name);

#endif /* LAIR_OBJECT_RECORD_H */

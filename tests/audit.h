/* audit.h: whether every count equals the references that exist.
 *
 * From the roots on, everything that objects refer to is visited, each object once. An object must
 * have as many references as objects that were visited refer to it, and those that the test holds
 * itself, which it says of the roots. Objects that are immortal are only passed through.
 */
#ifndef LAIR_TESTS_AUDIT_H
#define LAIR_TESTS_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/object.h>

typedef struct audit_root {
    lair_object *object;
    uint32_t held; /* references that the test holds; rows of the same object add up */
} audit_root;

/* Prints object, type, references expected and found of the first that are wrong, and returns
 * whether there are none. *objects, unless NULL: how many were visited. */
bool audit_references(const audit_root *roots, size_t count, size_t *objects);

#endif /* LAIR_TESTS_AUDIT_H */

/* fields.h: the names a record type or a packed type declares, and where in an instance each is.
 *
 * The table is one block, which goes with its type. Names are found by a hash of their bytes: the
 * names come from C text, so there is no object whose address could be compared.
 */
#ifndef LAIR_OBJECT_FIELDS_H
#define LAIR_OBJECT_FIELDS_H

#include <lair/record.h>

#include "space.h"

struct field {
    const char *name; /* in the table's block */
    uint32_t hash;
    uint32_t bytes;  /* of the name */
    uint32_t offset; /* in the instance */
    uint8_t kind;    /* cell_kind */
};

struct field_table {
    uint32_t count;
    uint32_t flags;        /* lair_record_flags */
    uint32_t slots;        /* references, which an instance begins with */
    uint32_t mask;         /* of places */
    uint16_t *places;      /* by hash: position plus one; 0: nothing there */
    struct field fields[]; /* as declared */
};

/* The table for count names, of which the first is *names and the next stride bytes on. Offsets,
 * kinds and slots are the caller's to fill. NULL: the error is set. */
struct field_table *fields_make(lair_heap *heap, const char *type_name, const void *names,
                                size_t stride, size_t count);

/* A type that owns the table, which is freed where that fails. */
lair_type *fields_type(struct space *space, const lair_type_spec *spec, lair_kind kind,
                       struct field_table *table);

/* The table of a record type or a packed type. */
static inline const struct field_table *fields_of(const lair_type *type)
{
    return type->owned;
}

static inline uint32_t name_hash(const char *name, size_t bytes)
{
    uint64_t hash = bytes, word;
    for (; bytes >= sizeof word; name += sizeof word, bytes -= sizeof word) {
        memcpy(&word, name, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 32;
    }
    for (word = 0; bytes != 0; bytes--)
        word = word << 8 | (unsigned char)*name++;
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(hash >> 32);
}

/* The field of that name, or NULL, which is no error. */
static inline const struct field *field_find(const struct field_table *table, const char *name)
{
    size_t bytes = strlen(name);
    uint32_t hash = name_hash(name, bytes);
    for (uint32_t i = hash;; i++) {
        uint32_t place = table->places[i & table->mask];
        if (place == 0)
            return NULL;
        const struct field *field = &table->fields[place - 1];
        if (field->hash == hash && field->bytes == bytes && memcmp(field->name, name, bytes) == 0)
            return field;
    }
}

/* -- instances of either type ----------------------------------------------------------------- */

/* An instance begins with its references, NULL where one is unset. */
struct slotted {
    lair_object object;
    lair_object *slots[];
};

static inline struct slotted *slotted_of(const lair_object *object)
{
    return (struct slotted *)(void *)object;
}

static inline void *field_at(const lair_object *object, const struct field *field)
{
    return (char *)(void *)object + field->offset;
}

void slots_dealloc(lair_object *self);
int slots_traverse(lair_object *self, lair_visit visit, void *arg);
void slots_clear(lair_object *self);
/* point(x=1, y=2) */
lair_step fields_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame);

/* -- errors ---------------------------------------------------------------------------------- */

lair_status no_attribute(const lair_type *type, const char *name);
lair_status attribute_not_set(const lair_type *type, const char *name);
lair_status attribute_frozen(const lair_type *type, const char *name);

/* Whether type is there and of the kind; else the error is set, or a pending one stands. */
bool type_expected_slow(const lair_type *type, lair_kind kind);
static inline bool type_expected(const lair_type *type, lair_kind kind)
{
    return likely(type != NULL && type->kind == kind) || type_expected_slow(type, kind);
}

#endif /* LAIR_OBJECT_FIELDS_H */

/* audit.c: counting references without a look at the counts. */
#include "audit.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "object/space.h"

enum { WRONG_SHOWN = 10, FIRST_CAPACITY = 1024 };

/* What is known of an object: a table by address, at most half full, and the order of discovery. */
struct seen {
    lair_object *object;
    uint64_t references;
};

struct audit {
    struct seen *seen; /* in the order of discovery */
    size_t *index;     /* capacity * 2 places: 0, or one more than a position in seen */
    size_t count, capacity;
};

static size_t *audit_place(const struct audit *audit, const lair_object *object)
{
    size_t places = audit->capacity * 2;
    size_t i = (size_t)((uintptr_t)object >> 3) * 0x9e3779b1U % places;
    while (audit->index[i] != 0 && audit->seen[audit->index[i] - 1].object != object)
        i = (i + 1) % places;
    return &audit->index[i];
}

static void audit_grow(struct audit *audit)
{
    audit->capacity = audit->capacity == 0 ? FIRST_CAPACITY : audit->capacity * 2;
    audit->seen = realloc(audit->seen, audit->capacity * sizeof(*audit->seen));
    free(audit->index);
    audit->index = calloc(audit->capacity * 2, sizeof(*audit->index));
    REQUIRE(audit->seen != NULL && audit->index != NULL);
    for (size_t i = 0; i < audit->count; i++)
        *audit_place(audit, audit->seen[i].object) = i + 1;
}

static void audit_add(struct audit *audit, lair_object *object, uint64_t references)
{
    if (audit->count == audit->capacity)
        audit_grow(audit);
    size_t *place = audit_place(audit, object);
    if (*place == 0) {
        audit->seen[audit->count++] = (struct seen){object, 0};
        *place = audit->count;
    }
    audit->seen[*place - 1].references += references;
}

static int audit_visit(lair_object *referent, void *arg)
{
    audit_add(arg, referent, 1);
    return 0;
}

bool audit_references(const audit_root *roots, size_t count, size_t *objects)
{
    struct audit audit = {0};
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        audit_add(&audit, roots[i].object, roots[i].held);
    for (size_t i = 0; i < audit.count; i++) {
        lair_object *object = audit.seen[i].object;
        if (object->type->spec.traverse != NULL)
            (void)object->type->spec.traverse(object, audit_visit, &audit);
    }
    for (size_t i = 0; i < audit.count; i++) {
        const struct seen *seen = &audit.seen[i];
        uint32_t found = lair_refcount(seen->object);
        if (found != UINT32_MAX && found != seen->references && wrong++ < WRONG_SHOWN)
            fprintf(stderr, "audit: %s at %p: expected %llu references, found %u\n",
                    lair_type_name(seen->object), (void *)seen->object,
                    (unsigned long long)seen->references, found);
    }
    if (objects != NULL)
        *objects = audit.count;
    free(audit.seen);
    free(audit.index);
    return wrong == 0;
}

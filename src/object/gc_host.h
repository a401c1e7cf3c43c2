/* gc_host.h: liblair's objects as the collector sees them (gc/host.h). */
#ifndef LAIR_OBJECT_GC_HOST_H
#define LAIR_OBJECT_GC_HOST_H

#include "fields.h"
#include "keyed.h"
#include "list.h"
#include "space.h"
#include "tuple.h"
#include "weakref.h"

#include "gc/host.h"

static inline uint32_t gc_host_refs(const gc_object *object)
{
    uint32_t count = *count_word(object);
    return (count & COUNT_IMMORTAL) != 0 ? GC_REFS_FOREVER : count / COUNT_ONE;
}

/* Where a part that begins at from ends. What is scanned in slices may have become shorter. */
static inline size_t gc_part_end(size_t from, size_t length)
{
    return from < length && length - from > GC_PART ? from + GC_PART : length;
}

/* Items [from, ...) of a row, a part at the most. */
GC_INLINE size_t gc_scan_row(lair_object *const *items, size_t length, size_t from, gc_visit visit,
                             void *arg)
{
    size_t end = gc_part_end(from, length);
    for (size_t i = from; i < end; i++)
        if (items[i] != NULL)
            (void)visit(items[i], arg);
    return end < length ? end : 0;
}

GC_INLINE size_t gc_scan_table(const struct table *table, size_t from, gc_visit visit, void *arg)
{
    if (table == NULL || from >= table->used)
        return 0;
    size_t end = gc_part_end(from, table->used);
    bool values = (table->shape & TABLE_VALUE_OBJECTS) != 0;
    const word *entry = table_entry(table, from);
    for (size_t i = from; i < end; i++, entry += table->stride) {
        if (entry[0].object == NULL)
            continue;
        (void)visit(entry[0].object, arg);
        if (values && entry[1].object != NULL)
            (void)visit(entry[1].object, arg);
    }
    return end < table->used ? end : 0;
}

/* The common containers and links in line, the others by their type's traverse function, which
 * visits all. */
GC_INLINE size_t gc_host_scan(gc_object *object, size_t from, gc_visit visit, void *arg)
{
    const lair_type *type = object->type;
    if (type->spec.link_count != 0) {
        lair_object **links = links_of(object, type), **end = links + type->spec.link_count;
        for (lair_object **link = links; link < end; link++)
            if (*link != NULL)
                (void)visit(*link, arg);
        return 0;
    }
    switch (type->kind) {
    case LAIR_KIND_LIST:
        return gc_scan_row(list_of(object)->items, list_of(object)->length, from, visit, arg);
    case LAIR_KIND_TUPLE:
        return gc_scan_row(tuple_of(object)->items, tuple_length(object), from, visit, arg);
    case LAIR_KIND_DICT:
    case LAIR_KIND_SET:
    case LAIR_KIND_FROZENSET:
        return gc_scan_table(keyed_of(object)->table, from, visit, arg);
    case LAIR_KIND_RECORD:
        return gc_scan_row(slotted_of(object)->slots, fields_of(type)->slots, from, visit, arg);
    default:
        if (type->spec.traverse != NULL)
            (void)type->spec.traverse(object, visit, arg);
        return 0;
    }
}

static inline bool gc_host_reached(struct gc *gc, gc_object *object)
{
    (void)gc, (void)object;
    return true;
}

GC_INLINE void gc_host_prefetch(const gc_object *object)
{
    __builtin_prefetch(object);
}

GC_INLINE void gc_host_prefetch_contents(const gc_object *object)
{
    switch (object->type->kind) {
    case LAIR_KIND_LIST:
        __builtin_prefetch(list_of(object)->items);
        break;
    case LAIR_KIND_DICT:
    case LAIR_KIND_SET:
    case LAIR_KIND_FROZENSET:
        __builtin_prefetch(keyed_of(object)->table);
        break;
    default:
        break;
    }
}

static inline const char *gc_host_name(const gc_object *object)
{
    return object->type->spec.name;
}

#endif /* LAIR_OBJECT_GC_HOST_H */

/* gc_host.h: the collector's second host, CPython's objects.
 *
 * What gc/host.h asks for, and after it the passes. Two files include this, each for its own kind
 * of collection: collector_full.c for those in one piece, collector_round.c for those in slices.
 * They say which beforehand, by a constant GC_HOST_IN_SLICES.
 *
 * Containers that programs are made of (dict, list, tuple, set, instances of classes written in
 * Python) are scanned here, inlined; what they refer to, and how often, is what their tp_traverse
 * says, because trial deletion subtracts one for each. All others go through tp_traverse.
 */
#ifndef LAIR_GC_HOST_PYTHON_H
#define LAIR_GC_HOST_PYTHON_H

#include "gc_lists.h"
#include "host_cpython_gc.h"

#include "gc/host.h"

typedef PyObject gc_object;

enum {
    GC_GRANULE_SHIFT = 4, /* a header of the collector stands between any two objects */
    GC_PART = 256,
    GC_TRAVERSED_PART = 4096, /* of what tp_traverse visits: each part begins from the start */
    GC_FEW = 2048,
};

#include "gc/state.h"
#include "gc_untrack.h"

GC_INLINE int gc_visit_mark(gc_object *object, void *arg);

/* What a collection of the whole heap keeps beside the passes' state. */
static struct {
    bool linking;    /* the links of what marking reaches are noted, see note_link */
    PyGC_Head *head; /* of the list */
    size_t strays;   /* of these, such as lead where no bits are */
    uint64_t key;    /* of node_hash */
    bool recording;  /* what marking reaches is a suspect */
    traverseproc traverse_instance;
    bool visits_beside;     /* which visits the dictionary beside inline values too */
    PyGC_Head *settled;     /* in slices: before what marking puts what it has reached */
    PyObject **untrackable; /* tuples and dictionaries to be untracked */
    size_t untrackable_count, untrackable_room;
    bool observing; /* what is scanned is noted if its end can be observed */
    PyObject **observable;
    size_t observable_count, observable_room;
} full;

static inline uint32_t gc_host_refs(const gc_object *object)
{
    if (cpython_is_immortal(object))
        return GC_REFS_FOREVER;
    Py_ssize_t count = Py_REFCNT((PyObject *)(uintptr_t)object);
    return count < (Py_ssize_t)GC_REFS_FOREVER ? (uint32_t)count : GC_REFS_FOREVER;
}

static const char *gc_host_name(const gc_object *object)
{
    return Py_TYPE(object)->tp_name;
}

/* -- scanning -------------------------------------------------------------------------------- */

#define VISIT(referent)                                                                            \
    do {                                                                                           \
        PyObject *visited = (referent);                                                            \
        if (visited != NULL)                                                                       \
            (void)visit(visited, arg);                                                             \
    } while (0)

/* The end of the part that begins at from; *next is where the one after it begins, or 0. */
static inline size_t part_end(size_t from, size_t count, size_t *next)
{
    bool more = count > from && count - from > GC_PART;
    *next = more ? from + GC_PART : 0;
    return more ? from + GC_PART : count;
}

GC_INLINE size_t scan_array(PyObject **items, size_t count, size_t from, gc_visit visit, void *arg)
{
    size_t next, end = part_end(from, count, &next);
    for (size_t i = from; i < end; i++)
        VISIT(items[i]);
    return next;
}

GC_INLINE size_t scan_dict(PyDictObject *dict, size_t from, gc_visit visit, void *arg)
{
    PyDictKeysObject *keys = dict->ma_keys;
    size_t next, count = (size_t)keys->dk_nentries;
    bool entries;
    PyObject **values = cpython_dict_values(dict, &entries);
    if (values != NULL)
        return scan_array(values, count, from, visit, arg);
    if (!entries)
        return 0;
    size_t end = part_end(from, count, &next);
    if (DK_IS_UNICODE(keys)) {
        PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(keys);
        for (size_t i = from; i < end; i++)
            VISIT(entry[i].me_value);
    } else {
        PyDictKeyEntry *entry = DK_ENTRIES(keys);
        for (size_t i = from; i < end; i++)
            if (entry[i].me_value != NULL) {
                VISIT(entry[i].me_value);
                VISIT(entry[i].me_key);
            }
    }
    return next;
}

/* What marks a free place in the table of a set is no candidate of ours: no need to tell it. */
GC_INLINE size_t scan_set(PySetObject *set, size_t from, gc_visit visit, void *arg)
{
    size_t next, end = part_end(from, (size_t)set->mask + 1, &next);
    for (size_t i = from; i < end; i++)
        VISIT(set->table[i].key);
    return next;
}

/* The members that a class written in Python adds by __slots__. */
GC_INLINE void scan_slots(PyObject *object, PyTypeObject *type, gc_visit visit, void *arg)
{
    const PyMemberDef *member =
        (const PyMemberDef *)(const void *)((char *)type + Py_TYPE(type)->tp_basicsize);
    for (Py_ssize_t i = Py_SIZE(type); i > 0; i--, member++)
        if (member->type == CPYTHON_OBJECT_MEMBER)
            VISIT(*(PyObject **)(void *)((char *)object + member->offset));
}

/* An instance of a class written in Python. */
GC_INLINE void scan_instance(PyObject *object, PyTypeObject *type, gc_visit visit, void *arg)
{
    PyTypeObject *base = type;
    for (; base->tp_traverse == full.traverse_instance; base = base->tp_base)
        if (Py_SIZE(base) != 0)
            scan_slots(object, base, visit, arg);
    if ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0) {
        cpython_attributes attributes = cpython_attributes_of(object, type);
        for (size_t i = 0; i < attributes.count; i++)
            VISIT(attributes.values[i]);
        /* Marking may know more than traversal tells; trial deletion must not. */
        if (attributes.values == NULL || full.visits_beside || visit == gc_visit_mark)
            VISIT(attributes.dict);
    }
    (void)visit((PyObject *)type, arg);
}

/* Whether scan_instance knows the layout: all of it comes from classes written in Python, and the
 * dictionary, if there is one, is a managed one. */
static inline bool is_plain_instance(const PyTypeObject *type)
{
    if (type->tp_traverse != full.traverse_instance)
        return false;
    const PyTypeObject *base = type;
    while (base->tp_traverse == full.traverse_instance)
        base = base->tp_base;
    return base->tp_traverse == NULL && ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0 ||
                                         type->tp_dictoffset == base->tp_dictoffset);
}

static inline void note_observable(PyObject *object, PyTypeObject *type)
{
    if (cpython_end_is_observable(object, type))
        full.observable[full.observable_count++] = object;
}

struct traversed_part {
    gc_visit visit;
    void *arg;
    size_t skip, most;
};

static int visit_traversed_part(PyObject *referent, void *arg)
{
    struct traversed_part *part = arg;
    if (part->skip != 0) {
        part->skip--;
        return 0;
    }
    if (part->most == 0)
        return 1;
    part->most--;
    return part->visit(referent, part->arg);
}

/* tp_traverse knows no parts: it visits again what is skipped, and is told to stop. The further it
 * has come the more is a part, so that it visits nothing more than about ten times. */
static size_t traverse_part(PyObject *object, PyTypeObject *type, size_t from, gc_visit visit,
                            void *arg)
{
    size_t most = from / 8 > GC_TRAVERSED_PART ? from / 8 : GC_TRAVERSED_PART;
    struct traversed_part part = {visit, arg, from, most};
    return type->tp_traverse(object, visit_traversed_part, &part) != 0 ? from + most : 0;
}

GC_INLINE size_t scan_other(PyObject *object, PyTypeObject *type, size_t from, gc_visit visit,
                            void *arg)
{
    if (unlikely(full.observing) && from == 0)
        note_observable(object, type);
    if (type == &PySet_Type || type == &PyFrozenSet_Type)
        return scan_set((PySetObject *)object, from, visit, arg);
    if (is_plain_instance(type))
        scan_instance(object, type, visit, arg);
    else if (GC_HOST_IN_SLICES && type->tp_traverse != NULL)
        return traverse_part(object, type, from, visit, arg);
    else if (type->tp_traverse != NULL)
        (void)type->tp_traverse(object, visit, arg);
    return 0;
}

/* Remembers a tuple or dictionary that can be untracked, perhaps together with inner ones. */
static __attribute__((noinline)) void note_untrackable(PyObject *object)
{
    if (full.untrackable_count < full.untrackable_room && untrack_may_be_due(object))
        full.untrackable[full.untrackable_count++] = object;
}

/* How marking scans tuples and dictionaries: with an eye on whether they need to be tracked. */
struct marking {
    struct gc *gc;
    bool holds; /* something tracked that is no tuple, or that was not reached before */
};

GC_INLINE int visit_mark_noting(gc_object *object, void *arg)
{
    struct marking *marking = arg;
    struct gc *gc = marking->gc;
    uintptr_t address = (uintptr_t)object;
    struct address_region *region = address_region_of(&gc->set, GC_GRANULE_SHIFT, address);
    if (region == NULL)
        return 0;
    if (address_region_take_white(region, GC_GRANULE_SHIFT, address)) {
        *gc->gray_top++ = object;
        marking->holds = true;
    } else if (!marking->holds &&
               address_is_in(region->tracked[address_word(GC_GRANULE_SHIFT, address)],
                             GC_GRANULE_SHIFT, address)) {
        marking->holds = untrack_is_no_tuple(object); /* the bit may be a stale one */
    }
    return 0;
}

GC_INLINE size_t scan_table(gc_object *object, bool dict, size_t from, gc_visit visit, void *arg)
{
    if (dict)
        return scan_dict((PyDictObject *)object, from, visit, arg);
    return scan_array(((PyTupleObject *)object)->ob_item, (size_t)Py_SIZE(object), from, visit,
                      arg);
}

GC_INLINE size_t gc_host_scan(gc_object *object, size_t from, gc_visit visit, void *arg)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type == &PyList_Type)
        return scan_array(((PyListObject *)object)->ob_item, (size_t)Py_SIZE(object), from, visit,
                          arg);
    bool dict = type == &PyDict_Type;
    if (!dict && type != &PyTuple_Type)
        return scan_other(object, type, from, visit, arg);
    if (visit != gc_visit_mark)
        return scan_table(object, dict, from, visit, arg);
    struct marking marking = {arg, false};
    size_t next = scan_table(object, dict, from, visit_mark_noting, &marking);
    if (!marking.holds && next == 0)
        note_untrackable(object);
    return next;
}

/* Two lines of 64 bytes: what stands before the header (the dictionary of an instance) to the
 * contents' addresses behind it, wherever the object begins in a line. */
GC_INLINE void gc_host_prefetch(const gc_object *object)
{
    __builtin_prefetch((const char *)object - 24);
    __builtin_prefetch((const char *)object + 32);
}

GC_INLINE void gc_host_prefetch_contents(const gc_object *object)
{
    PyTypeObject *type = Py_TYPE(object);
    if (GC_HOST_IN_SLICES && cpython_has_header((PyObject *)(uintptr_t)object)) {
        __builtin_prefetch(list_next(list_node(object)), 1);
        __builtin_prefetch(list_previous(list_node(object)), 1);
    }
    if (type == &PyDict_Type) {
        const char *keys = (const char *)((const PyDictObject *)object)->ma_keys;
        const PyDictValues *values = ((const PyDictObject *)object)->ma_values;
        __builtin_prefetch(keys);
        if (values != NULL) {
            __builtin_prefetch(values);
        } else {
            __builtin_prefetch(keys + 64);
            __builtin_prefetch(keys + 128);
        }
    } else if (type == &PyList_Type) {
        __builtin_prefetch(((const PyListObject *)object)->ob_item);
    } else if ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0) {
        const void *ahead = cpython_attributes_ahead((PyObject *)(uintptr_t)object);
        if (ahead != NULL)
            __builtin_prefetch(ahead);
    }
}

/* -- what marking reaches -------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 wide;

/* A hash of a node's address, which no pattern of addresses cancels out. */
static inline uint64_t node_hash(const PyGC_Head *node)
{
    wide product = (wide)((uintptr_t)node ^ full.key) * (full.key | 0x9E3779B97F4A7C15u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Notes the link that leaves node: `young` of a region has a bit for what stands on the list behind
 * something that was reached. */
static inline void note_link(struct gc *gc, const PyGC_Head *node)
{
    const PyGC_Head *next = list_next(node);
    uintptr_t address = (uintptr_t)list_object(next);
    struct address_region *region = address_region_of(&gc->set, GC_GRANULE_SHIFT, address);
    if (likely(region != NULL))
        region->young[address_word(GC_GRANULE_SHIFT, address)] |=
            address_bit(GC_GRANULE_SHIFT, address);
    else
        full.strays += next != full.head;
}

static inline bool gc_host_reached(struct gc *gc, gc_object *object)
{
    /* The type is asked first: what is not the collector's has no header to be read. */
    if (unlikely(!cpython_has_header(object) || list_node(object)->_gc_next == 0)) {
        address_set_remove(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object);
        return false;
    }
    if (unlikely(cpython_is_immortal(object))) {
        /* Its list may be that of the frozen. */
        address_set_remove(&gc->set, GC_GRANULE_SHIFT, (uintptr_t)object);
        return true;
    }
    if (GC_HOST_IN_SLICES) {
        list_unlink(list_node(object));
        list_append(full.settled, list_node(object));
        return true;
    }
    if (full.linking)
        note_link(gc, list_node(object));
    if (full.recording)
        gc_suspect(gc, object);
    return true;
}

#include "gc/collect.h"

#endif /* LAIR_GC_HOST_PYTHON_H */

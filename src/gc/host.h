/* host.h: what the collector asks of its host. Read this before any pass.
 *
 * The passes (the other headers of this folder, read from collect.h) know no layout of
 * objects. A host is a header that defines what is below and then includes gc/collect.h; only
 * the host's files that collect include that header. All of it is static and inline: no edge of the
 * graph costs a call through a pointer. Hosts: src/object/gc_host.h (liblair's objects),
 * python/src/gc_host.h (CPython's), tests/model/gc_host.h (a graph in arrays, with an oracle).
 *
 *     typedef ... gc_object;
 *         An object. The passes handle pointers to it and read nothing through them.
 *
 *     enum { GC_GRANULE_SHIFT, GC_PART, GC_FEW };
 *         No two objects begin in the same 2^GC_GRANULE_SHIFT bytes. Containers with more than
 *         GC_PART referents are scanned in parts, so that the stack stays small. So many candidates
 *         fit the cache: nothing is fetched ahead of a look at them.
 *
 *     static inline uint32_t gc_host_refs(const gc_object *object);
 *         The references to object that exist, GC_REFS_FOREVER for one that never dies.
 *
 *     static inline size_t gc_host_scan(gc_object *object, size_t from, gc_visit visit, void *arg);
 *         Calls visit(referent, arg) for the references that object owns: each one, as often as
 *         there are references, never NULL. from is 0 at first. Returns 0 when all were visited,
 *         else what to pass as from to go on. The host inlines it and, through it, visit.
 *
 *     static inline bool gc_host_reached(struct gc *gc, gc_object *object);
 *         Marking has reached object, for the first time. False: it is not to be scanned, as when
 *         a stale bit made it a candidate.
 *
 *     GC_INLINE void gc_host_prefetch(const gc_object *object);
 *     GC_INLINE void gc_host_prefetch_contents(const gc_object *object);
 *         Fetch what gc_host_reached and gc_host_scan will read first; then, some time later, what
 *         they will read through that. The second may read the object, the first may not.
 *
 *     static const char *gc_host_name(const gc_object *object);
 *         The name of object's type, for messages about corruption.
 *
 * No function of the host may allocate, run foreign code or change an object, the last excepted
 * where a scan says so.
 */
#ifndef LAIR_GC_HOST_H
#define LAIR_GC_HOST_H

#include <stdint.h>

#define GC_REFS_FOREVER UINT32_MAX

/* Inlined even where the compiler would not: what makes visit a constant to it; and what does
 * nothing but fetch memory, calls to which gcc drops as having no effect. */
#define GC_INLINE static inline __attribute__((always_inline))

#endif /* LAIR_GC_HOST_H */

/* lair/process_map.h: what the memory of this process consists of.
 *
 * The system knows a process as a row of regions. This module reads that row and says of each
 * region which part of a program it belongs to: stack, static data, constants, code, heap.
 * Nothing here allocates, so the map can be read when memory is gone.
 *
 * Units: sizes are bytes. Threads: any thread; regions that other threads map or unmap meanwhile
 * may be seen or not.
 */
#ifndef LAIR_PROCESS_MAP_H
#define LAIR_PROCESS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum lair_region_kind {
    LAIR_REGION_STACK,     /* of the first thread, the calling thread, and every thread whose
                              stack lies above a guard region of its own */
    LAIR_REGION_STATIC,    /* global and static variables of the program and its libraries */
    LAIR_REGION_READ_ONLY, /* their constants */
    LAIR_REGION_CODE,      /* machine code: theirs, and generated code that is no longer written */
    LAIR_REGION_LAIR_HEAP, /* what the caller says is Lair's */
    LAIR_REGION_SYSTEM_HEAP, /* the C library's heap and other writable anonymous memory */
    LAIR_REGION_FILE,        /* other files mapped into memory, shared memory among them */
    LAIR_REGION_RESERVED,    /* address space with no access: reserves and guards */
    LAIR_REGION_OTHER,       /* the kernel's own pages and what is none of the above */
    LAIR_REGION_KINDS
} lair_region_kind;

typedef struct lair_region {
    uintptr_t start; /* first address */
    size_t bytes;    /* of address space */
    size_t resident; /* of it with memory behind it now */
    lair_region_kind kind;
    bool readable, writable, executable;
    const char *name; /* a file's path, or the system's own name such as "[stack]"; "" where
                         there is none. Holds for the time of the visit. */
} lair_region;

/* Called once for each region, in ascending order of addresses, until it returns false. */
typedef bool (*lair_region_visit)(const lair_region *region, void *arg);

/* Whether the region that starts at address is Lair's; ask lair_heap_owns for each heap. Where the
 * system joins a region of Lair's to a neighbour (heaps without a reserved address range, on
 * kernels that cannot name memory), the start decides for both. */
typedef bool (*lair_region_owner)(const void *address, void *arg);

/* Visits every region of this process. owner may be NULL (nothing is Lair's); arg is passed to
 * both functions. Returns LAIR_OK when the walk ended or visit stopped it, LAIR_ERR_UNSUPPORTED
 * when the system does not tell (no /proc). Takes milliseconds per GiB resident. */
LAIR_API lair_status lair_process_map_walk(lair_region_visit visit, lair_region_owner owner,
                                           void *arg);

typedef struct lair_process_part {
    size_t regions;
    size_t bytes;
    size_t resident;
} lair_process_part;

typedef struct lair_process_map {
    lair_process_part parts[LAIR_REGION_KINDS];
    lair_process_part total; /* the sum of the parts */
} lair_process_map;

/* Sums the regions by kind. As lair_process_map_walk; map is unchanged on failure. */
LAIR_API lair_status lair_process_map_read(lair_process_map *map, lair_region_owner owner,
                                           void *arg);

/* The name of a kind in words ("read-only data"). Never NULL. */
LAIR_API const char *lair_region_kind_name(lair_region_kind kind);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_PROCESS_MAP_H */

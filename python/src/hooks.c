/* hooks.c: the OBJ and MEM domains of CPython on Lair's heap (PEP 445).
 *
 * The functions CPython calls for every block stand under "hot" below; they load the address
 * of a heap and use its front cache, nothing else. Out of the ordinary, what they load is
 * the address of `no_heap`, which owns no address and serves no size: so they come to the cold
 * functions without a test of their own, and those find out what to do.
 *
 *   state          alloc_heap  free_heap  new blocks                    blocks of the heap
 *   attached       the heap    the heap   the heap                      freed directly
 *   detached       no_heap     the heap   the previous allocator        freed directly
 *   dispatching    no_heap     no_heap    the heap on the main GIL      freed directly on the main
 *                                         while attached, otherwise     GIL, otherwise remotely
 *                                         the previous allocator
 *
 * Dispatching begins when an interpreter is being created that may have a GIL of its own, and
 * lasts: such an interpreter must never touch the heap, and may be given a block of it to free.
 *
 * Blocks that are not the heap's go to the allocator that was there before, which also resizes
 * them. The context argument is not used: a caller may pair our functions with another's context
 * while PyMem_SetAllocator is at work, and other hooks keep copies of our functions.
 *
 * Other people's hooks. Someone who installs hooks over ours keeps our functions and calls them,
 * whatever we do later. So detaching touches the domain only where ours are on top: there
 * malloc and calloc become the previous allocator's own, free and realloc stay ours for good.
 */
#include <Python.h>
#include <stdatomic.h>
#include <string.h>

#include "base/bits.h"
#include "compat.h"
#include "heap/fast.h"
#include "host.h"

#define HOT __attribute__((hot))
#define SLOW __attribute__((noinline))

typedef enum host_domain { DOMAIN_MEM, DOMAIN_OBJ, DOMAIN_COUNT } host_domain;

static const PyMemAllocatorDomain domain_name[DOMAIN_COUNT] = {
    [DOMAIN_MEM] = PYMEM_DOMAIN_MEM,
    [DOMAIN_OBJ] = PYMEM_DOMAIN_OBJ,
};

/* All zero: its address range and its sizes are empty. */
static lair_heap no_heap;

/* What the hot functions load; plain reads. */
static struct {
    _Atomic(lair_heap *) alloc_heap;
    _Atomic(lair_heap *) free_heap;
} hot = {&no_heap, &no_heap};

/* The rest; changed under the main GIL, but for dispatching. */
static struct {
    lair_heap *heap; /* NULL before the first attach, the same ever after */
    atomic_bool attached;
    atomic_bool dispatching;
    PyMemAllocatorEx previous[DOMAIN_COUNT]; /* set before the hooks are, never changed */
    bool forwarding[DOMAIN_COUNT];           /* detached while ours were on top */
    _Atomic uint64_t foreign_frees;
} host;

static inline lair_heap *load(_Atomic(lair_heap *) *heap)
{
    return atomic_load_explicit(heap, memory_order_relaxed);
}

/* Whether the calling thread may use the heap: always, unless dispatching. */
static bool owns_heap(void)
{
    return !atomic_load_explicit(&host.dispatching, memory_order_relaxed) || compat_on_main_gil();
}

/* -- off the hot path: large, foreign, detached, several interpreters ------------------------- */

/* The heap for a new block; NULL: the previous allocator has it. */
static lair_heap *heap_for_alloc(void)
{
    lair_heap *heap = load(&hot.alloc_heap);
    if (likely(heap != &no_heap))
        return heap;
    bool ours = atomic_load_explicit(&host.attached, memory_order_relaxed) && owns_heap();
    return ours ? host.heap : NULL;
}

static SLOW void *alloc_slow(host_domain domain, size_t size)
{
    lair_heap *heap = heap_for_alloc();
    if (likely(heap != NULL))
        return heap_alloc_fast(heap, size);
    const PyMemAllocatorEx *previous = &host.previous[domain];
    return previous->malloc(previous->ctx, size);
}

/* block may be NULL, ours in a scattered arena, ours on a thread that does not own the heap, or
 * foreign. */
static SLOW void free_slow(host_domain domain, void *block)
{
    if (block == NULL)
        return;
    if (!heap_owns_fast(host.heap, block)) {
        atomic_fetch_add_explicit(&host.foreign_frees, 1, memory_order_relaxed);
        const PyMemAllocatorEx *previous = &host.previous[domain];
        previous->free(previous->ctx, block);
    } else if (owns_heap()) {
        lair_heap_free(host.heap, block);
    } else {
        lair_heap_free_remote(host.heap, block);
    }
}

/* Resizes a block of the heap on a thread that does not own it: the block moves away. */
static SLOW void *realloc_remote(host_domain domain, void *block, size_t size)
{
    const PyMemAllocatorEx *previous = &host.previous[domain];
    void *moved = previous->malloc(previous->ctx, size);
    if (moved == NULL)
        return NULL;
    size_t usable = lair_heap_usable_size(host.heap, block);
    memcpy(moved, block, size < usable ? size : usable);
    lair_heap_free_remote(host.heap, block);
    return moved;
}

/* -- hot: for every block -------------------------------------------------------------------- */

/* The two questions that separate the hot path from the rest. */
static inline bool serves(const lair_heap *heap, size_t size)
{
    return size - 1 < heap->small_bytes;
}

static inline bool has_in_range(const lair_heap *heap, const void *block)
{
    return (uintptr_t)block - heap->base < heap->reach;
}

static inline void *hook_malloc(host_domain domain, size_t size)
{
    lair_heap *heap = load(&hot.alloc_heap);
    if (likely(serves(heap, size)))
        return heap_alloc_fast(heap, size);
    return alloc_slow(domain, size);
}

static inline void hook_free(host_domain domain, void *block)
{
    lair_heap *heap = load(&hot.free_heap);
    if (likely(has_in_range(heap, block)))
        (void)heap_try_free(heap, block);
    else
        free_slow(domain, block);
}

static inline void *hook_calloc(host_domain domain, size_t count, size_t size)
{
    lair_heap *heap = heap_for_alloc();
    if (likely(heap != NULL))
        return lair_heap_calloc(heap, count, size);
    const PyMemAllocatorEx *previous = &host.previous[domain];
    return previous->calloc(previous->ctx, count, size);
}

/* A block of the heap stays in it, even while detached: it may be large, and grow in place. */
static inline void *hook_realloc(host_domain domain, void *block, size_t size)
{
    lair_heap *heap = load(&hot.free_heap);
    if (likely(has_in_range(heap, block)))
        return lair_heap_realloc(heap, block, size);
    if (block == NULL)
        return alloc_slow(domain, size);
    if (!heap_owns_fast(host.heap, block)) {
        const PyMemAllocatorEx *previous = &host.previous[domain];
        return previous->realloc(previous->ctx, block, size);
    }
    if (owns_heap())
        return lair_heap_realloc(host.heap, block, size);
    return realloc_remote(domain, block, size);
}

static HOT void *mem_malloc(void *context, size_t size)
{
    (void)context;
    return hook_malloc(DOMAIN_MEM, size);
}

static void *mem_calloc(void *context, size_t count, size_t size)
{
    (void)context;
    return hook_calloc(DOMAIN_MEM, count, size);
}

static HOT void *mem_realloc(void *context, void *block, size_t size)
{
    (void)context;
    return hook_realloc(DOMAIN_MEM, block, size);
}

static HOT void mem_free(void *context, void *block)
{
    (void)context;
    hook_free(DOMAIN_MEM, block);
}

static HOT void *obj_malloc(void *context, size_t size)
{
    (void)context;
    return hook_malloc(DOMAIN_OBJ, size);
}

static void *obj_calloc(void *context, size_t count, size_t size)
{
    (void)context;
    return hook_calloc(DOMAIN_OBJ, count, size);
}

static HOT void *obj_realloc(void *context, void *block, size_t size)
{
    (void)context;
    return hook_realloc(DOMAIN_OBJ, block, size);
}

static HOT void obj_free(void *context, void *block)
{
    (void)context;
    hook_free(DOMAIN_OBJ, block);
}

static const PyMemAllocatorEx domain_hooks[DOMAIN_COUNT] = {
    [DOMAIN_MEM] = {NULL, mem_malloc, mem_calloc, mem_realloc, mem_free},
    [DOMAIN_OBJ] = {NULL, obj_malloc, obj_calloc, obj_realloc, obj_free},
};

/* -- what is installed ----------------------------------------------------------------------- */

/* The functions that stay on top of a domain after a detach. */
static PyMemAllocatorEx forwarding_hooks(host_domain domain)
{
    PyMemAllocatorEx hooks = host.previous[domain];
    hooks.realloc = domain_hooks[domain].realloc;
    hooks.free = domain_hooks[domain].free;
    return hooks;
}

static bool is_on_top(host_domain domain, const PyMemAllocatorEx *hooks)
{
    PyMemAllocatorEx top;
    PyMem_GetAllocator(domain_name[domain], &top);
    return top.malloc == hooks->malloc && top.calloc == hooks->calloc &&
           top.realloc == hooks->realloc && top.free == hooks->free;
}

static void put_on_top(host_domain domain, PyMemAllocatorEx hooks)
{
    PyMem_SetAllocator(domain_name[domain], &hooks);
}

bool hooks_covered(void)
{
    for (host_domain domain = 0; domain < DOMAIN_COUNT; domain++) {
        PyMemAllocatorEx forwarding = forwarding_hooks(domain);
        if (host.forwarding[domain] && !is_on_top(domain, &forwarding))
            return true;
    }
    return false;
}

/* -- attach and detach ----------------------------------------------------------------------- */

/* Brings what the hot functions load in line with the state. */
static void publish(void)
{
    bool dispatching = atomic_load(&host.dispatching);
    bool direct = atomic_load(&host.attached) && !dispatching;
    atomic_store(&hot.alloc_heap, direct ? host.heap : &no_heap);
    atomic_store(&hot.free_heap, dispatching ? &no_heap : host.heap);
}

void hooks_dispatch(void)
{
    atomic_store(&host.dispatching, true);
    atomic_store(&hot.alloc_heap, &no_heap);
    atomic_store(&hot.free_heap, &no_heap);
}

static bool has_other_interpreters(void)
{
    PyInterpreterState *first = PyInterpreterState_Head();
    return first != NULL && PyInterpreterState_Next(first) != NULL;
}

void hooks_attach(lair_heap *heap)
{
    bool first_time = host.heap == NULL;
    if (first_time) {
        host.heap = heap;
        heap->vacated = collector_vacated;
        for (host_domain domain = 0; domain < DOMAIN_COUNT; domain++)
            PyMem_GetAllocator(domain_name[domain], &host.previous[domain]);
    }
    if (compat_may_have_own_gils() && (!compat_sees_new_interpreters() || has_other_interpreters()))
        atomic_store(&host.dispatching, true);
    raw_attach(heap);
    atomic_store(&host.attached, true);
    publish();
    for (host_domain domain = 0; domain < DOMAIN_COUNT; domain++) {
        if (first_time || host.forwarding[domain])
            put_on_top(domain, domain_hooks[domain]);
        host.forwarding[domain] = false;
    }
}

void hooks_detach(void)
{
    atomic_store(&host.attached, false);
    publish();
    for (host_domain domain = 0; domain < DOMAIN_COUNT; domain++) {
        host.forwarding[domain] = is_on_top(domain, &domain_hooks[domain]);
        if (host.forwarding[domain])
            put_on_top(domain, forwarding_hooks(domain));
    }
}

lair_heap *hooks_heap(void)
{
    return host.heap;
}

bool hooks_attached(void)
{
    return atomic_load(&host.attached);
}

uint64_t hooks_foreign_frees(void)
{
    return atomic_load_explicit(&host.foreign_frees, memory_order_relaxed);
}

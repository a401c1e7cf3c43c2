/* raw.c: the RAW domain, counted.
 *
 * RAW blocks stay with the C library: they are requested without the GIL and before there are
 * interpreters, and CPython aborts where it cannot have one. They are counted at the size the C
 * library gives them, so that a block needs no header and one from before the attach can be
 * resized and freed. Such blocks were never added, so the sum is held at zero from below.
 *
 * The heap's footprint learns of the sum in steps of CHARGE_STEP bytes, so it is wrong by less
 * than that. Once installed, the hooks stay: the sum must not miss a block while detached.
 *
 * Everything here may run on any thread, with or without a GIL, and uses no Python object, no
 * block of the heap and no context argument (see hooks.c).
 */
#include <Python.h>
#include <malloc.h>
#include <stdatomic.h>

#include "compat.h"
#include "host.h"

enum { CHARGE_STEP = 64 * 1024 };

static struct {
    PyMemAllocatorEx previous; /* set before the hooks are, never changed */
    lair_heap *heap;
    _Atomic ptrdiff_t bytes; /* may be below zero for a moment */
    _Atomic ptrdiff_t blocks;
    _Atomic ptrdiff_t charged; /* of bytes, what the heap knows; never below zero */
} raw;

/* Takes back what brought sum below zero; returns what it is then. */
static ptrdiff_t hold_at_zero(_Atomic ptrdiff_t *sum)
{
    ptrdiff_t now = atomic_load_explicit(sum, memory_order_relaxed);
    if (now >= 0)
        return now;
    atomic_fetch_sub_explicit(sum, now, memory_order_relaxed);
    return 0;
}

/* Holds the sums at zero and tells the heap. Concurrent calls are in order: each charges what
 * differs from the last. */
static __attribute__((cold, noinline)) void charge(void)
{
    ptrdiff_t bytes = hold_at_zero(&raw.bytes);
    hold_at_zero(&raw.blocks);
    ptrdiff_t before = atomic_exchange_explicit(&raw.charged, bytes, memory_order_relaxed);
    if (bytes != before)
        lair_heap_charge(raw.heap, bytes - before);
}

static inline void count(ptrdiff_t bytes, ptrdiff_t blocks)
{
    ptrdiff_t now = atomic_fetch_add_explicit(&raw.bytes, bytes, memory_order_relaxed) + bytes;
    if (blocks != 0)
        atomic_fetch_add_explicit(&raw.blocks, blocks, memory_order_relaxed);
    ptrdiff_t uncharged = now - atomic_load_explicit(&raw.charged, memory_order_relaxed);
    if (now < 0 || uncharged >= CHARGE_STEP || uncharged <= -CHARGE_STEP)
        charge();
}

static inline ptrdiff_t usable_size(void *block)
{
    return (ptrdiff_t)malloc_usable_size(block);
}

static void *raw_malloc(void *context, size_t size)
{
    (void)context;
    void *block = raw.previous.malloc(raw.previous.ctx, size);
    if (block != NULL)
        count(usable_size(block), 1);
    return block;
}

static void *raw_calloc(void *context, size_t items, size_t size)
{
    (void)context;
    /* Whoever creates an interpreter starts here, before any code of it can run. */
    if (items == 1 && compat_is_interpreter_size(size) && compat_may_have_own_gils())
        hooks_dispatch();
    void *block = raw.previous.calloc(raw.previous.ctx, items, size);
    if (block != NULL)
        count(usable_size(block), 1);
    return block;
}

static void *raw_realloc(void *context, void *block, size_t size)
{
    (void)context;
    ptrdiff_t before = block != NULL ? usable_size(block) : 0;
    void *resized = raw.previous.realloc(raw.previous.ctx, block, size);
    if (resized != NULL)
        count(usable_size(resized) - before, block == NULL ? 1 : 0);
    return resized;
}

static void raw_free(void *context, void *block)
{
    (void)context;
    if (block == NULL)
        return;
    count(-usable_size(block), -1);
    raw.previous.free(raw.previous.ctx, block);
}

void raw_attach(lair_heap *heap)
{
    if (raw.heap != NULL)
        return;
    raw.heap = heap;
    PyMem_GetAllocator(PYMEM_DOMAIN_RAW, &raw.previous);
    PyMemAllocatorEx hooks = {NULL, raw_malloc, raw_calloc, raw_realloc, raw_free};
    PyMem_SetAllocator(PYMEM_DOMAIN_RAW, &hooks);
}

static size_t at_least_zero(ptrdiff_t sum)
{
    return sum > 0 ? (size_t)sum : 0;
}

size_t raw_bytes(void)
{
    return at_least_zero(atomic_load_explicit(&raw.bytes, memory_order_relaxed));
}

size_t raw_blocks(void)
{
    return at_least_zero(atomic_load_explicit(&raw.blocks, memory_order_relaxed));
}

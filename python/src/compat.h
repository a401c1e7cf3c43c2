/* compat.h: what differs between versions of CPython, as functions with one meaning.
 *
 * Behind it, the host_cpython headers are the only files that name a Python version or read
 * CPython's internal structures. Where a version or build does not show what a function needs, the
 * function answers with the value that is safe, named beside it; everything else then works on the
 * public API alone.
 *
 * Threads: each function needs the GIL of the calling thread's interpreter, except those marked
 * "any thread".
 */
#ifndef LAIR_COMPAT_H
#define LAIR_COMPAT_H

#include <stdbool.h>
#include <stddef.h>

/* Why this version or build of Python is not supported at all: one sentence, a literal. NULL when
 * it is supported. */
const char *compat_build_refusal(void);

/* Compares the internal structures with what the public API says of them. Until it has found
 * them in order, and for good when it has not, the functions below do without them. Call it on
 * the main interpreter, before the hooks are installed. May run Python code; clears errors. */
void compat_check_layout(void);

/* Whether compat_check_layout has found them in order. Any thread. */
bool compat_layout_known(void);

/* The name of the allocator behind all three domains as CPython knows it ("pymalloc",
 * "malloc_debug"); NULL when a function of someone else is installed. A literal. */
const char *compat_allocator_name(void);

/* Whether the calling thread runs the main interpreter. */
bool compat_on_main_interpreter(void);

/* Whether the calling thread runs an interpreter that shares the main interpreter's GIL. False
 * without a current thread state, and, where the structures cannot be read, in every interpreter
 * but the main one. Any thread. */
bool compat_on_main_gil(void);

/* Whether interpreters with a GIL of their own may exist, and whether their creation can be told
 * by compat_is_interpreter_size. Constant once compat_check_layout has run. */
bool compat_may_have_own_gils(void);
bool compat_sees_new_interpreters(void);

/* Whether a request for zeroed memory of this size may be that for a PyInterpreterState. Generous:
 * sizes differ a little between patch releases, and a false alarm only costs time. Any thread. */
bool compat_is_interpreter_size(size_t size);

/* Whether the cycle collector of the current interpreter is running. False when unknown. Does
 * not allocate and runs no Python code. */
bool compat_is_collecting(void);

/* Has the interpreter call function(NULL) soon, between two bytecodes, with no exception set: on
 * any thread of the current interpreter from 3.12, on the main thread before. False when that
 * cannot be arranged now. Does not allocate and runs no Python code. */
bool compat_call_soon(int (*function)(void *));

/* Before 3.12, when called on a thread other than the main one: makes the next automatic
 * collection full and due at once, since compat_call_soon may take long to come. Otherwise does
 * nothing. Does not allocate and runs no Python code. */
void compat_hurry_collection(void);

#endif /* LAIR_COMPAT_H */

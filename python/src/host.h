/* host.h: what the files of the CPython host offer each other. Read this first.
 *
 *   hooks.c      the OBJ and MEM domains: the functions that run for every block, attach, detach
 *   raw.c        the RAW domain: counted, never refused
 *   limit.c      the memory limit as Python sees it: reserve, collection, MemoryError
 *   collector.h  the collector, in files of its own
 *   refusal.c    why the heap cannot attach here
 *   blocks.c     sys.getallocatedblocks()
 *   convert.c    structures of the heap as Python values
 *   options.c    the option table, and options given as text
 *   module.c     the module `lair._core`
 *   compat.h     what differs between versions of CPython
 *
 * There is one host in a process, as there is one set of allocation hooks: its state is static.
 * Once attached it stays for the life of the process, because blocks of the heap may live that
 * long: detaching only sends new blocks elsewhere.
 *
 * Threads. "The main GIL" is the lock of the main interpreter; whoever holds it owns the heap.
 * Functions need it unless they say otherwise.
 */
#ifndef LAIR_HOST_H
#define LAIR_HOST_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/lair.h>

/* -- hooks.c --------------------------------------------------------------------------------- */

/* Puts the OBJ and MEM domains on heap, and counts RAW from the first time on. heap is the same
 * each time. What refusal_reason() tells apart has been ruled out. */
void hooks_attach(lair_heap *heap);

/* Sends new blocks to the allocators from before. */
void hooks_detach(void);

/* The heap of the first attach, or NULL before it; and whether new blocks go to it now. */
lair_heap *hooks_heap(void);
bool hooks_attached(void);

/* Whether hooks_attach was called before and someone has since put functions of their own over
 * the forwarding ones, so that it cannot be called again. */
bool hooks_covered(void);

/* From now on look at each call's interpreter: one with a GIL of its own may come up. Any
 * thread. */
void hooks_dispatch(void);

/* Blocks from before the attach that were freed since. */
uint64_t hooks_foreign_frees(void);

/* -- raw.c ----------------------------------------------------------------------------------- */

/* Starts to count the RAW domain, whose allocator is the C library's, and to charge it to heap.
 * Only the first call has an effect. */
void raw_attach(lair_heap *heap);

/* Bytes (as the C library rounds them) and blocks allocated since and not freed. Any thread. */
size_t raw_bytes(void);
size_t raw_blocks(void);

/* -- limit.c --------------------------------------------------------------------------------- */

/* Bytes above the limit that open when a request is first refused; more where what tracebacks need
 * could not be imported before. */
enum { LIMIT_RESERVE_BYTES = 2 << 20 };

/* Sets or (hard 0) removes the limit of heap; soft 0 means 90 % of hard. Installs the listener, and
 * where the soft limit would be late for it imports what tracebacks need. Fails as
 * lair_heap_set_limit does, and changes nothing then. May run Python code; clears errors. */
lair_status limit_set(lair_heap *heap, size_t hard, size_t soft);

/* The limit as it was asked for, whatever the reserve does; 0: none. */
size_t limit_hard(void);
size_t limit_soft(void);

/* Closes the reserve when the footprint has fallen far enough. */
void limit_settle(lair_heap *heap);

/* Requests refused by the limit; collections made because of the soft limit. */
uint64_t limit_errors(void);
uint64_t limit_soft_collections(void);

/* -- collector.c, collector_log.c ------------------------------------------------------------ */

/* Why the collector cannot attach in this process now: one sentence, valid for the life of the
 * process. NULL when it can. Runs Python code; clears errors. Any interpreter. */
const char *collector_refusal(void);

/* Puts Lair's collector in the interpreter (LAIR_GC_AUTO or LAIR_GC_MANUAL), or changes its mode.
 * False with an exception set. */
bool collector_attach(lair_gctype mode);

/* Watches the built-in collector from the same hook, for the log and the numbers, and leaves all
 * work to it. Where Lair's is attached nothing is to be done. False with an exception set. */
bool collector_observe(void);

/* Gives the interpreter its own back. False with RuntimeError set: not attached, or in the middle
 * of a collection. */
bool collector_detach(void);

/* LAIR_GC_STOCK where it is not attached. Main interpreter. */
lair_gctype collector_mode(void);

/* Puts back what a collection whose end was lost has set aside. May always be called. */
void collector_settle(void);

/* For lair_heap's `vacated`: what is known of objects that lay there can go. */
void collector_vacated(char *base, size_t bytes);

/* Counts and pauses of all collections so far: a dict, or NULL with an exception set. */
PyObject *collector_stats(void);

/* The references to all tracked objects that are not immortal, and how many objects those are, as a
 * tuple; NULL with RuntimeError where CPython's lists are not known. */
PyObject *totals_of_references(void);

/* For tests of the incremental mode: containers between slices, the length of a slice, and how many
 * objects a smaller heap counts as when it is asked whether a round is due. */
void collector_tune(int quantum, uint64_t slice_ns, size_t smallest);

/* Has each collection write a line to descriptor from now on; -1: no longer. */
void collector_log_to(int descriptor);

/* -- refusal.c ------------------------------------------------------------------------------- */

/* Why the heap cannot attach in this process now: one sentence, valid for the life of the process.
 * NULL when it can. Runs Python code; clears errors. Any interpreter. */
const char *refusal_reason(void);

/* -- blocks.c -------------------------------------------------------------------------------- */

/* Puts a sys.getallocatedblocks() in place that counts the heap's blocks too, once. False with an
 * exception set on failure. */
bool blocks_install(void);

/* -- convert.c ------------------------------------------------------------------------------- */

/* Each returns a new reference, or NULL with an exception set. */
PyObject *convert_ledger(const lair_ledger *ledger);
PyObject *convert_residency(const lair_residency *residency);
PyObject *convert_class(const lair_heap_class *size_class);
PyObject *convert_stats(lair_heap *heap);

/* -- options.c ------------------------------------------------------------------------------- */

/* The functions of the same names in python/lair/_core.pyi. */
PyObject *options_table(PyObject *, PyObject *);
PyObject *parse_options(PyObject *, PyObject *text);

/* What an attach with these options (a str) means. opened: the heap is there from an earlier
 * attach, whose options stand where text names none, but for the limit. False with TypeError or
 * ValueError set: an unknown option, a bad value, or one that an opened heap cannot change. */
bool options_for_attach(PyObject *text, bool opened, lair_options *options);

/* The mode of the collector that a str names, by the table. False with TypeError or ValueError
 * set. */
bool options_collector_mode(PyObject *name, lair_gctype *mode);

/* Remembers the options of an attach that succeeded. */
void options_keep(const lair_options *options);

#endif /* LAIR_HOST_H */

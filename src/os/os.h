/* os.h: what Lair asks of the operating system. One file per system implements it (os_linux.c).
 *
 * Addresses and sizes are multiples of os_page_size() unless said otherwise. No function here
 * allocates from the C library. All functions may be called by any thread. A bool is true on
 * success.
 */
#ifndef LAIR_OS_H
#define LAIR_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* -- memory ---------------------------------------------------------------------------------- */

/* Size of a system page in bytes (a power of two, 4 KiB or more). Cached after the first call. */
size_t os_page_size(void);

/* Address space without memory behind it (PROT_NONE, not charged against overcommit), starting at
 * a multiple of align (a power of two). NULL when the system refuses. */
void *os_reserve(size_t size, size_t align);

/* Makes reserved address space readable and writable; new pages read as zero. */
bool os_commit(void *address, size_t size);

/* As os_reserve followed by os_commit. */
void *os_map(size_t size, size_t align);

/* Gives address space back (all or part of what os_reserve or os_map returned). */
void os_unmap(void *address, size_t size);

/* Takes the memory behind committed pages back; they stay committed and read as zero. */
bool os_purge(void *address, size_t size);

/* As os_purge, and makes the mapping like new, undoing what os_move left of it. False: nothing
 * changed. */
bool os_renew(void *address, size_t size);

/* Asks for (or no longer for) huge pages in a committed range. Advice: failure is harmless. */
void os_advise_huge(void *address, size_t size, bool on);

/* Asks for huge pages in a committed range that has memory, and to have them now where the system
 * can: what is there is copied. Advice, too. */
void os_make_huge(void *address, size_t size);

/* Moves the pages behind [from, from + size) to [to, to + size), without copying them; both
 * ranges are committed, do not overlap, and what stood at `to` is dropped. Afterwards `from` is
 * still committed and reads as zero. False, with both ranges unchanged, where it cannot. */
bool os_move(void *from, void *to, size_t size);

/* Sets resident[i] to 1 or 0 for each system page of the committed range: whether memory is
 * behind it now. resident has size / os_page_size() entries. */
bool os_resident(const void *address, size_t size, unsigned char *resident);

/* Names a range in the system's own maps where it can ("lair: heap"). name is a literal. */
void os_name(void *address, size_t size, const char *name);

/* Whether address space of this process is limited (ulimit -v), so that big reserves would starve
 * the rest of the program. */
bool os_address_space_limited(void);

/* Memory this process may use at most, in bytes: the machine's, or the control group's limit
 * where that is smaller. */
size_t os_memory_total(void);

/* Fills buffer with unpredictable bytes (keys for hardened mode, not cryptography). */
void os_random(void *buffer, size_t size);

/* -- time ------------------------------------------------------------------------------------ */

/* Nanoseconds of a monotonic clock; and milliseconds of a coarse one that costs a few
 * nanoseconds to read. */
uint64_t os_now_ns(void);
uint64_t os_coarse_ms(void);

/* -- failure injection (tests) --------------------------------------------------------------- */

/* The nth call from now (from 1) of os_reserve, os_commit, os_map or os_move fails, and, with
 * forever, each later one. 0 stops it. Returns the number of such calls counted since the last
 * arming. Process-wide, one thread at a time. */
uint64_t os_inject_failure(uint64_t nth, bool forever);

#endif /* LAIR_OS_H */

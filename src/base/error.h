/* error.h: how the inside of the library reports a failure (see lair/status.h).
 *
 * Usage: return lair_fail(LAIR_ERR_INVALID, "pagesize %zu is not a power of two", size);
 * The sentence starts in lower case and has no full stop.
 */
#ifndef LAIR_ERROR_H
#define LAIR_ERROR_H

#include <lair/status.h>

/* Room for the sentence, its terminating zero included; a longer one is cut. */
enum { ERROR_MESSAGE_BYTES = 512 };

/* Stores status and sentence for this thread and returns status, which is not LAIR_OK. Allocates
 * nothing. A sentence may quote lair_error_message() itself. */
lair_status lair_fail(lair_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3), cold));

/* The failure that is pending on this thread, kept aside while code runs that may leave failures of
 * its own: what the program has to say when an object dies. */
struct error_kept {
    lair_status status;
    char message[ERROR_MESSAGE_BYTES];
};
void error_keep(struct error_kept *kept);
void error_restore(const struct error_kept *kept);

#endif /* LAIR_ERROR_H */

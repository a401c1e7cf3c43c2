/* debug_off.c: in builds without a ledger of references there is nothing to report. */
#include <lair/debug.h>

#include "base/error.h"

size_t lair_debug_report(lair_heap *heap, FILE *stream)
{
    (void)heap, (void)stream;
    (void)lair_fail(LAIR_ERR_UNSUPPORTED,
                    "references are not recorded: the library was built without debug_references");
    return SIZE_MAX;
}

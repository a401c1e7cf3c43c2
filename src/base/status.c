/* status.c: the last failure of each thread, and the library's version. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* Static thread-local storage: a failure must be reportable when memory is gone. */
static _Thread_local lair_status last_status = LAIR_OK;
static _Thread_local char last_message[ERROR_MESSAGE_BYTES];

lair_status lair_fail(lair_status status, const char *format, ...)
{
    char message[ERROR_MESSAGE_BYTES]; /* apart, for sentences that quote the previous one */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    memcpy(last_message, message, strlen(message) + 1);
    last_status = status;
    return status;
}

void error_keep(struct error_kept *kept)
{
    kept->status = last_status;
    memcpy(kept->message, last_message, strlen(last_message) + 1);
}

void error_restore(const struct error_kept *kept)
{
    last_status = kept->status;
    memcpy(last_message, kept->message, strlen(kept->message) + 1);
}

lair_status lair_error_status(void)
{
    return last_status;
}

const char *lair_error_message(void)
{
    return last_message;
}

const char *lair_status_name(lair_status status)
{
    switch (status) {
    case LAIR_OK:
        return "OK";
    case LAIR_ERR_NO_MEMORY:
        return "NO_MEMORY";
    case LAIR_ERR_LIMIT:
        return "LIMIT";
    case LAIR_ERR_INVALID:
        return "INVALID";
    case LAIR_ERR_FOREIGN:
        return "FOREIGN";
    case LAIR_ERR_CORRUPT:
        return "CORRUPT";
    case LAIR_ERR_BUSY:
        return "BUSY";
    case LAIR_ERR_UNSUPPORTED:
        return "UNSUPPORTED";
    case LAIR_ERR_TYPE:
        return "TYPE";
    case LAIR_ERR_VALUE:
        return "VALUE";
    case LAIR_ERR_OVERFLOW:
        return "OVERFLOW";
    case LAIR_ERR_INDEX:
        return "INDEX";
    case LAIR_ERR_KEY:
        return "KEY";
    case LAIR_ERR_ATTRIBUTE:
        return "ATTRIBUTE";
    case LAIR_ERR_UNHASHABLE:
        return "UNHASHABLE";
    case LAIR_ERR_CHANGED:
        return "CHANGED";
    case LAIR_ERR_WRONG_HEAP:
        return "WRONG_HEAP";
    case LAIR_ERR_DEPTH:
        return "DEPTH";
    case LAIR_ERR_ENCODING:
        return "ENCODING";
    case LAIR_ERR_IO:
        return "IO";
    }
    return "UNKNOWN";
}

const char *lair_version(void)
{
    return LAIR_VERSION;
}

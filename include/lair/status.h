/* lair/status.h: how every public function of Lair says what went wrong.
 *
 * A function that can fail returns NULL or a lair_status other than LAIR_OK, and leaves one
 * sentence that names the fault in a buffer of the calling thread. Nothing is half-changed when
 * a function fails. No function here allocates, so errors can be reported when memory is gone.
 */
#ifndef LAIR_STATUS_H
#define LAIR_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* Everything public is exported; everything else in the library is hidden. */
#if defined(__GNUC__)
#define LAIR_API __attribute__((visibility("default")))
#define LAIR_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define LAIR_API
#define LAIR_PRINTF(text, first)
#endif

typedef enum lair_status {
    LAIR_OK = 0,
    LAIR_ERR_NO_MEMORY,   /* the system refused memory */
    LAIR_ERR_LIMIT,       /* the heap's own hard limit refused memory */
    LAIR_ERR_INVALID,     /* an argument or option is not valid; the message names it */
    LAIR_ERR_FOREIGN,     /* the pointer is not a live block of this heap */
    LAIR_ERR_CORRUPT,     /* a structure of the heap is damaged; the message names it */
    LAIR_ERR_BUSY,        /* not now: called from inside a callback that may not do this */
    LAIR_ERR_UNSUPPORTED, /* this system or host cannot do what was asked */
    LAIR_ERR_TYPE,        /* an object is of the wrong type; the message names both */
    LAIR_ERR_VALUE,       /* an object is of the right type and its value will not do */
    LAIR_ERR_OVERFLOW,    /* a number does not fit where it should go */
    LAIR_ERR_INDEX,       /* a position is beyond the end */
    LAIR_ERR_KEY,         /* a key is not there; the message shows it */
    LAIR_ERR_ATTRIBUTE,   /* an attribute was not declared, or is not set */
    LAIR_ERR_UNHASHABLE,  /* an object that can change cannot be a key */
    LAIR_ERR_CHANGED,     /* a container changed while it was iterated or compared */
    LAIR_ERR_WRONG_HEAP,  /* a reference from one heap into another was asked for */
    LAIR_ERR_DEPTH,       /* recursion too deep, or a container compared into itself */
    LAIR_ERR_ENCODING,    /* text is not UTF-8; the message says where */
    LAIR_ERR_IO,          /* a stream refused what was written to it */
} lair_status;

/* The name of a status as it stands above, without the prefix ("NO_MEMORY"). Never NULL. */
LAIR_API const char *lair_status_name(lair_status status);

/* The status and the sentence of the last failure on this thread. The sentence is never NULL
 * (it is empty before the first failure), belongs to the library, and holds until the next
 * failure on this thread. A success does not clear them. */
LAIR_API lair_status lair_error_status(void);
LAIR_API const char *lair_error_message(void);

/* The library's version, "major.minor.patch". */
LAIR_API const char *lair_version(void);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_STATUS_H */

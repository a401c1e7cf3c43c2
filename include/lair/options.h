/* lair/options.h: the options of Lair, as text and as a struct.
 *
 * The same names and values work in the environment (LAIR_OPTIONS), on the command line of
 * `lair run` and here:
 *
 *     lair_options options;
 *     lair_options_defaults(&options);
 *     if (lair_options_parse(&options, LAIR_HOST_C, "maxheapsize=64M,hardened=on") != LAIR_OK)
 *         return complain(lair_error_message());
 *     lair_heap_options heap_options;
 *     lair_options_to_heap(&options, &heap_options);
 *
 * The text is "name=value,name=value"; spaces around names and values do not count, a switch may
 * stand alone ("hardened"), and of two values for one name the later counts. A value can hold no
 * comma.
 *
 * Threads: nothing here is shared; any thread. Nothing allocates.
 */
#ifndef LAIR_OPTIONS_H
#define LAIR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lair/heap.h>
#include <lair/options_table.h>
#include <lair/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who asks. Some options have no meaning, or another one, on a host. */
typedef enum lair_host {
    LAIR_HOST_C,       /* a C program that opens heaps itself */
    LAIR_HOST_CPYTHON, /* the Python package */
} lair_host;
enum { LAIR_HOST_COUNT = 2 };

/* How an option is written, and the type of its field. */
typedef enum lair_option_kind {
    LAIR_OPTION_SIZE,         /* size_t, bytes: 65536, 64K, 64KiB, 1G, or 25% of the machine's
                                 memory or the control group's limit, the smaller one */
    LAIR_OPTION_COUNT,        /* uint64_t */
    LAIR_OPTION_MILLISECONDS, /* uint32_t: 100, 100ms, 2s; "now" and 0 are LAIR_DECAY_AT_ONCE,
                                 "never" is LAIR_DECAY_NEVER */
    LAIR_OPTION_SWITCH,       /* bool: 1 0 on off yes no true false */
    LAIR_OPTION_CHOICE,       /* int: a constant of the enum that belongs to the option */
    LAIR_OPTION_TEXT,         /* char[LAIR_TEXT_BYTES], zero-terminated; "" for none */
} lair_option_kind;

enum { LAIR_TEXT_BYTES = 1024 };

typedef enum lair_gctype {
    LAIR_GC_STOCK,
    LAIR_GC_AUTO,
    LAIR_GC_MANUAL,
    LAIR_GC_INCREMENTAL,
} lair_gctype;

typedef enum lair_report_place { LAIR_REPORT_OFF, LAIR_REPORT_TERMINAL } lair_report_place;

/* One field for each row of the table, named as the option: size_t maxheapsize, ... */
#define LAIR_FIELD_SIZE(name) size_t name
#define LAIR_FIELD_COUNT(name) uint64_t name
#define LAIR_FIELD_MILLISECONDS(name) uint32_t name
#define LAIR_FIELD_SWITCH(name) bool name
#define LAIR_FIELD_CHOICE(name) int name
#define LAIR_FIELD_TEXT(name) char name[LAIR_TEXT_BYTES]
#define LAIR_FIELD(name, kind, ...) LAIR_FIELD_##kind(name);
typedef struct lair_options {
    LAIR_OPTIONS_TABLE(LAIR_FIELD)
} lair_options;
#undef LAIR_FIELD

/* Sets every field to its default. */
LAIR_API void lair_options_defaults(lair_options *options);

/* Sets the fields that text names, leaving the others. text may be NULL or empty. LAIR_ERR_INVALID:
 * the name is not known, this host cannot have the option, or the value is not valid; the sentence
 * names the fault and what is valid, and *options is unchanged. */
LAIR_API lair_status lair_options_parse(lair_options *options, lair_host host, const char *text);

/* As lair_options_parse with the environment variable LAIR_OPTIONS; nothing is set where there is
 * no such variable. */
LAIR_API lair_status lair_options_from_environment(lair_options *options, lair_host host);

/* What the options say about a heap. Overwrites *heap_options. */
LAIR_API void lair_options_to_heap(const lair_options *options, lair_heap_options *heap_options);

/* One option, for documentation and for hosts. All strings belong to the library. */
typedef struct lair_option_row {
    const char *name;
    lair_option_kind kind;
    size_t offset;                        /* of its field in lair_options */
    uint64_t low, high;                   /* bounds, in the unit of the kind */
    const char *values;                   /* what is valid, in words */
    const char *initial;                  /* the default, as a user would write it */
    const char *meaning[LAIR_HOST_COUNT]; /* "": has no meaning on this host */
    const char *refusal[LAIR_HOST_COUNT]; /* why it is refused on this host; "": accepted */
} lair_option_row;

/* The rows of the table in order; *count is their number. */
LAIR_API const lair_option_row *lair_options_rows(size_t *count);

/* The word for a kind: "size", "count", "milliseconds", "switch", "choice" or "text". Never
 * NULL. */
LAIR_API const char *lair_option_kind_name(lair_option_kind kind);

/* Writes the value that an option has, as text that lair_options_parse reads back to the same
 * value, to buffer, cut to size bytes, terminating zero included (LAIR_TEXT_BYTES are enough). */
LAIR_API void lair_option_print(const lair_options *options, const lair_option_row *row,
                                char *buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_OPTIONS_H */

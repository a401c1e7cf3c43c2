/* options.h: the parser of options, apart from what it must ask the machine. */
#ifndef LAIR_BASE_OPTIONS_H
#define LAIR_BASE_OPTIONS_H

#include <lair/options.h>

/* lair_options_parse, with the function that says what 100 % of the memory are, in bytes (asked
 * only where the text has a percentage). */
lair_status options_parse(lair_options *options, lair_host host, const char *text,
                          size_t (*memory_total)(void));

#endif /* LAIR_BASE_OPTIONS_H */

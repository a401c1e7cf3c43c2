/* arguments.h: the few arguments that long-running tests take. */
#ifndef LAIR_TESTS_ARGUMENTS_H
#define LAIR_TESTS_ARGUMENTS_H

#include <stdint.h>

/* The number that option is given as text; what is none, or NULL, ends the test with exit code 2
 * and a sentence that names the option. */
uint64_t argument_number(const char *option, const char *text);

#endif /* LAIR_TESTS_ARGUMENTS_H */

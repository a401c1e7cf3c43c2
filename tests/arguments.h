/* arguments.h: the few options that long-running tests take. */
#ifndef LAIR_TESTS_ARGUMENTS_H
#define LAIR_TESTS_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

/* An option, which takes a number, and where the number goes. */
typedef struct argument {
    const char *option;
    uint64_t *value;
} argument;

/* Reads what main was given: options out of count known ones, each with its number. What is not
 * given stays as it is. Anything else ends the test with exit code 2 and a sentence. */
void arguments_read(int argc, char **argv, const argument *known, size_t count);

#endif /* LAIR_TESTS_ARGUMENTS_H */

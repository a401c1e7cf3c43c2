#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number that option is given as text, which may be NULL. */
static uint64_t number_of(const char *option, const char *text)
{
    char *end = NULL;
    errno = 0;
    unsigned long long value = text != NULL ? strtoull(text, &end, 10) : 0;
    if (text == NULL || *text == '\0' || *text == '-' || *end != '\0' || errno != 0) {
        (void)fprintf(stderr, "%s needs a number, not \"%s\"\n", option, text != NULL ? text : "");
        exit(2);
    }
    return value;
}

static const argument *find(const char *option, const argument *known, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(option, known[i].option) == 0)
            return &known[i];
    (void)fprintf(stderr, "unknown option %s; known:", option);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(stderr, " %s", known[i].option);
    (void)fprintf(stderr, "\n");
    exit(2);
}

void arguments_read(int argc, char **argv, const argument *known, size_t count)
{
    for (int i = 1; i < argc; i += 2) {
        const argument *found = find(argv[i], known, count);
        *found->value = number_of(argv[i], argv[i + 1]);
    }
}

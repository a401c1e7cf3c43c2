#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t argument_number(const char *option, const char *text)
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

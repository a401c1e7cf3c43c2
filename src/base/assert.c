/* assert.c: the last words of a process whose invariants do not hold. */
#include "base/assert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void assert_failed(const char *file, int line, const char *expression, const char *format,
                             ...)
{
    char text[1024];
    size_t room = sizeof text - 1; /* for the newline */
    int n = expression ? snprintf(text, room, "lair: %s:%d: %s: ", file, line, expression)
                       : snprintf(text, room, "lair: ");
    size_t length = n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text + length, room - length, format, args);
    va_end(args);
    length = strlen(text);
    text[length++] = '\n';
    const char *next = text;
    while (length > 0) {
        ssize_t written = write(STDERR_FILENO, next, length);
        if (written <= 0) {
            break;
        }
        next += written;
        length -= (size_t)written;
    }
    abort();
}

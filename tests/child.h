/* child.h: runs a part of a test in a forked child, for what must abort, exhaust or limit the
 * process. */
#ifndef LAIR_TESTS_CHILD_H
#define LAIR_TESTS_CHILD_H

#include <stddef.h>

typedef struct child_result {
    int exit_code;     /* or -1 when a signal ended it */
    int signal;        /* or 0 */
    char output[4096]; /* what it wrote to standard error, cut off and terminated */
} child_result;

/* Runs body(arg) in a child; its return value is the exit code (1 if any check failed in it). The
 * child's standard error is captured. */
child_result child_run(int (*body)(void *arg), void *arg);

/* The child ended with exit code 0; prints its output otherwise. */
#define CHECK_CHILD_PASSED(result) child_check_passed(&(result), __FILE__, __LINE__)
void child_check_passed(const child_result *result, const char *file, int line);

/* Address space of this process in bytes, from /proc/self/statm. */
size_t child_address_space(void);

/* Limits this process to extra more bytes of address space than it has now, as ulimit -v does. */
void child_limit_address_space(size_t extra);

/* Threads of this process now. */
size_t child_thread_count(void);

/* Threads there are before the test makes any: this one, and a sanitizer's own. */
size_t child_threads_at_rest(void);

/* Why figures of the whole process cannot be exact here (a sanitizer's or valgrind's own memory
 * is among them), or NULL. */
const char *child_is_instrumented(void);

#endif /* LAIR_TESTS_CHILD_H */

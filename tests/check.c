/* check.c: counting and printing checks. */
#include "check.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Past this many a test has nothing new to say. */
enum { FAILURES_SHOWN = 25 };

static atomic_ulong checks;
static atomic_ulong failures;
static atomic_bool abort_on_failure;

static void fail(const char *text, const char *file, int line)
{
    unsigned long before = atomic_fetch_add(&failures, 1);
    if (before < FAILURES_SHOWN) {
        fprintf(stderr, "%s:%d: check failed: %s\n", file, line, text);
    } else if (before == FAILURES_SHOWN) {
        fprintf(stderr, "further failures are only counted\n");
    }
    if (atomic_load(&abort_on_failure)) {
        abort();
    }
}

bool check_that(bool condition, const char *text, const char *file, int line)
{
    atomic_fetch_add_explicit(&checks, 1, memory_order_relaxed);
    if (!condition) {
        fail(text, file, line);
    }
    return condition;
}

void check_required(bool condition, const char *text, const char *file, int line)
{
    if (!check_that(condition, text, file, line)) {
        fprintf(stderr, "cannot go on (last error: %s: %s)\n",
                lair_status_name(lair_error_status()), lair_error_message());
        exit(1);
    }
}

void check_failed_with(lair_status status, const char *file, int line)
{
    char text[160];
    snprintf(text, sizeof text, "status is %s (it is %s: \"%s\")", lair_status_name(status),
             lair_status_name(lair_error_status()), lair_error_message());
    check_that(lair_error_status() == status, text, file, line);
    check_that(lair_error_message()[0] != '\0', "the failure left a message", file, line);
}

void check_abort_on_failure(void)
{
    atomic_store(&abort_on_failure, true);
}

unsigned long check_failures(void)
{
    return atomic_load(&failures);
}

int check_finish(const char *what)
{
    unsigned long failed = atomic_load(&failures);
    printf("%s: %lu checks, %lu failed\n", what, atomic_load(&checks), failed);
    return failed == 0 ? 0 : 1;
}

/* check.h: what every C test is made of.
 *
 * CHECK states what must be true; a failure is printed with its place, counted, and the test goes
 * on. REQUIRE is for what the rest of the test stands on: a failure ends the process. A test's
 * main ends with `return check_finish("what was tested")`. Any thread may check.
 */
#ifndef LAIR_TESTS_CHECK_H
#define LAIR_TESTS_CHECK_H

#include <stdbool.h>

#include <lair/status.h>

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define REQUIRE(condition) check_required((condition), #condition, __FILE__, __LINE__)

/* The call before failed with this status and left a sentence. */
#define CHECK_FAILED_WITH(status) check_failed_with((status), __FILE__, __LINE__)

/* Returns condition, so that a check can guard what depends on it. */
bool check_that(bool condition, const char *text, const char *file, int line);
void check_required(bool condition, const char *text, const char *file, int line);
void check_failed_with(lair_status status, const char *file, int line);

/* From now on the first failure aborts the process: for fuzzers and debuggers. */
void check_abort_on_failure(void);

/* Failures so far. */
unsigned long check_failures(void);

/* Prints what was done; returns the exit code of the test: 0, or 1 after any failure. */
int check_finish(const char *what);

#endif /* LAIR_TESTS_CHECK_H */

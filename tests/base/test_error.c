/* test_error.c: the last failure of a thread, and the last words of a process. */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/assert.h"
#include "base/error.h"
#include "check.h"
#include "child.h"

static void *fail_elsewhere(void *arg)
{
    (void)arg;
    CHECK(lair_error_status() == LAIR_OK);
    CHECK(lair_error_message()[0] == '\0');
    lair_fail(LAIR_ERR_BUSY, "of another thread");
    return NULL;
}

static int abort_with_long_message(void *arg)
{
    char name[3000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    lair_fatal("%s %s", (const char *)arg, name);
}

int main(void)
{
    CHECK(lair_error_status() == LAIR_OK);
    CHECK(strcmp(lair_error_message(), "") == 0);

    CHECK(lair_fail(LAIR_ERR_LIMIT, "%d bytes", 7) == LAIR_ERR_LIMIT);
    CHECK(lair_error_status() == LAIR_ERR_LIMIT);
    CHECK(strcmp(lair_error_message(), "7 bytes") == 0);

    lair_fail(LAIR_ERR_INVALID, "outer: %s", lair_error_message());
    CHECK(strcmp(lair_error_message(), "outer: 7 bytes") == 0);

    char text[2 * ERROR_MESSAGE_BYTES];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    lair_fail(LAIR_ERR_CORRUPT, "%s", text);
    CHECK(strlen(lair_error_message()) == ERROR_MESSAGE_BYTES - 1);

    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, fail_elsewhere, NULL) == 0);
    pthread_join(thread, NULL);
    CHECK(lair_error_status() == LAIR_ERR_CORRUPT);

    for (int status = LAIR_OK; status <= LAIR_ERR_UNSUPPORTED; status++) {
        CHECK(strcmp(lair_status_name((lair_status)status), "UNKNOWN") != 0);
    }
    CHECK(strcmp(lair_status_name(LAIR_ERR_FOREIGN), "FOREIGN") == 0);
    CHECK(strcmp(lair_version(), LAIR_VERSION) == 0);

    char word[] = "damage";
    child_result result = child_run(abort_with_long_message, word);
    CHECK(result.signal == SIGABRT);
    CHECK(strncmp(result.output, "lair: ", 6) == 0);
    CHECK(strstr(result.output, "test_error.c") == NULL); /* the fault is the program's */
    CHECK(strstr(result.output, "damage xxx") != NULL);
    CHECK(result.output[strlen(result.output) - 1] == '\n');
    return check_finish("errors of threads and last words");
}

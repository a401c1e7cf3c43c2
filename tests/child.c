/* child.c: forked parts of a test, and what the system says about this process. */
#include "child.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

child_result child_run(int (*body)(void *arg), void *arg)
{
    child_result result = {.exit_code = -1};
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    fflush(NULL);
    pid_t pid = fork();
    REQUIRE(pid >= 0);
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        unsigned long inherited = check_failures();
        int code = body(arg);
        _exit(check_failures() != inherited ? 1 : code);
    }
    close(ends[1]);
    size_t length = 0;
    char rest[512];
    for (;;) {
        size_t room = sizeof result.output - 1 - length;
        ssize_t got = room > 0 ? read(ends[0], result.output + length, room)
                               : read(ends[0], rest, sizeof rest);
        if (got <= 0) {
            break;
        }
        length += room > 0 ? (size_t)got : 0;
    }
    close(ends[0]);
    int status = 0;
    REQUIRE(waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status)) {
        result.exit_code = WEXITSTATUS(status);
    } else if (WIFSIGNALED(status)) {
        result.signal = WTERMSIG(status);
    }
    return result;
}

void child_check_passed(const child_result *result, const char *file, int line)
{
    if (!check_that(result->exit_code == 0, "the child passed", file, line)) {
        fprintf(stderr, "exit code %d, signal %d (%s); it said:\n%s", result->exit_code,
                result->signal, result->signal != 0 ? strsignal(result->signal) : "none",
                result->output);
    }
}

size_t child_address_space(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    REQUIRE(file != NULL);
    size_t pages = 0;
    REQUIRE(fscanf(file, "%zu", &pages) == 1);
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

void child_limit_address_space(size_t extra)
{
    rlim_t bytes = child_address_space() + extra;
    struct rlimit limit = {bytes, bytes};
    REQUIRE(setrlimit(RLIMIT_AS, &limit) == 0);
}

size_t child_thread_count(void)
{
    DIR *tasks = opendir("/proc/self/task");
    REQUIRE(tasks != NULL);
    size_t count = 0;
    for (struct dirent *entry = readdir(tasks); entry != NULL; entry = readdir(tasks)) {
        count += entry->d_name[0] != '.';
    }
    closedir(tasks);
    return count;
}

static void *end_at_once(void *arg)
{
    return arg;
}

size_t child_threads_at_rest(void)
{
    pthread_t thread; /* ThreadSanitizer starts its own with the first */
    REQUIRE(pthread_create(&thread, NULL, end_at_once, NULL) == 0);
    pthread_join(thread, NULL);
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* a joined one shows for a moment */
    return child_thread_count();
}

/* Tests fork while threads run, which ThreadSanitizer refuses unless told otherwise; it calls this
 * function by its name. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0";
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const char *const sanitizer = "built with a sanitizer";
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
static const char *const sanitizer = "built with a sanitizer";
#else
static const char *const sanitizer = NULL;
#endif
#else
static const char *const sanitizer = NULL;
#endif

const char *child_is_instrumented(void)
{
    const char *preload = getenv("LD_PRELOAD");
    if (preload != NULL && strstr(preload, "vgpreload") != NULL) {
        return "under valgrind";
    }
    return sanitizer;
}

/* collector_timer.c: a call at a safe point when none has come for a while.
 *
 * Slices happen when objects are allocated. A program that allocates nothing for a while would stop
 * in the middle of a round, with garbage in its memory; for that a thread, which touches nothing of
 * the program's, asks CPython for a call. It is there while a round is under way and no longer, and
 * never across a fork: CPython warns of threads then.
 */
#include "host_cpython.h"

#include "collector_timer.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include "os/thread.h"

static struct {
    int (*call)(void *);
    pthread_t thread;
    bool running; /* under the GIL, but for the child of a fork */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stop; /* under the lock */
    atomic_bool rested, pending;
} timer = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int run_pending(void *unused)
{
    (void)unused;
    atomic_store(&timer.pending, false);
    return timer.running ? timer.call(NULL) : 0;
}

static void add_milliseconds(struct timespec *at, long ms)
{
    at->tv_nsec += ms * 1000000;
    at->tv_sec += at->tv_nsec / 1000000000;
    at->tv_nsec %= 1000000000;
}

/* Waits; false: the thread is to end. */
static bool wait(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    add_milliseconds(&at, TIMER_MS);
    pthread_mutex_lock(&timer.lock);
    for (int status = 0; !timer.stop && status != ETIMEDOUT;)
        status = pthread_cond_timedwait(&timer.wake, &timer.lock, &at);
    bool go_on = !timer.stop;
    pthread_mutex_unlock(&timer.lock);
    return go_on;
}

static void *run(void *unused)
{
    while (wait()) {
        if (atomic_exchange(&timer.rested, false) || atomic_exchange(&timer.pending, true))
            continue;
        if (!cpython_add_main_call(run_pending))
            atomic_store(&timer.pending, false);
    }
    return unused;
}

/* -- the thread ------------------------------------------------------------------------------ */

static void after_fork_child(void)
{
    timer.running = false;
    atomic_store(&timer.pending, false);
}

static bool prepare(void)
{
    static bool done, fit;
    if (done)
        return fit;
    done = true;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    fit = pthread_cond_init(&timer.wake, &attributes) == 0 &&
          pthread_atfork(timer_stop, NULL, after_fork_child) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return fit;
}

void timer_start(int (*call)(void *))
{
    atomic_store(&timer.rested, true);
    timer.call = call;
    if (timer.running || !prepare())
        return;
    timer.stop = false;
    timer.running = os_thread_start(&timer.thread, run, NULL);
}

void timer_stop(void)
{
    if (!timer.running)
        return;
    pthread_mutex_lock(&timer.lock);
    timer.stop = true;
    pthread_cond_signal(&timer.wake);
    pthread_mutex_unlock(&timer.lock);
    pthread_join(timer.thread, NULL);
    timer.running = false;
}

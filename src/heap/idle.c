/* idle.c: the helper thread that purges while the owner is idle.
 *
 * A quiet program frees nothing and allocates nothing, so no decay step of its own would run. The
 * helper starts when enough became dirty, takes steps while anything is dirty, and sleeps without
 * a time-out when nothing is. It touches what the lock guards and nothing else, and holds the lock
 * for a few megabytes at a time.
 */
#include <errno.h>
#include <time.h>

#include "internal.h"
#include "os/thread.h"

enum {
    NOTICE_BYTES = 1 << 20,  /* less dirty memory is not worth a thread */
    SLICE_OF_WORK = 4 << 20, /* bytes purged without letting go of the lock */
};

static struct timespec deadline_in(uint32_t ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Waits for a decay interval, or to be stopped. */
static void helper_wait(lair_heap *heap)
{
    struct timespec at = deadline_in(decay_interval(heap));
    int status = 0;
    while (!heap->helper.stop && status != ETIMEDOUT)
        status = pthread_cond_timedwait(&heap->helper.wake, &heap->lock, &at);
}

static void *helper_main(void *arg)
{
    lair_heap *heap = arg;
    pthread_mutex_lock(&heap->lock);
    while (!heap->helper.stop) {
        if (purgeable_bytes(heap) < NOTICE_BYTES) {
            heap->helper.asleep = true;
            pthread_cond_wait(&heap->helper.wake, &heap->lock);
            heap->helper.asleep = false;
            continue;
        }
        helper_wait(heap);
        while (!heap->helper.stop && decay_idle(heap, SLICE_OF_WORK)) {
            pthread_mutex_unlock(&heap->lock);
            pthread_mutex_lock(&heap->lock);
        }
    }
    pthread_mutex_unlock(&heap->lock);
    return NULL;
}

void idle_notice(lair_heap *heap)
{
    struct helper *helper = &heap->helper;
    if (purgeable_bytes(heap) < NOTICE_BYTES || helper->unavailable)
        return;
    if (!helper->running) {
        helper->stop = false;
        helper->running = os_thread_start(&helper->thread, helper_main, heap);
        helper->unavailable = !helper->running;
    } else if (helper->asleep) {
        pthread_cond_signal(&helper->wake);
    }
}

void idle_init(lair_heap *heap)
{
    struct helper *helper = &heap->helper;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&helper->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    helper->running = helper->stop = helper->asleep = false;
    helper->unavailable =
        heap->options.idle_purge == LAIR_OFF || heap->options.decay_ms == LAIR_DECAY_NEVER;
}

void idle_stop(lair_heap *heap)
{
    struct helper *helper = &heap->helper;
    pthread_mutex_lock(&heap->lock);
    bool running = helper->running;
    helper->stop = true;
    pthread_cond_signal(&helper->wake);
    pthread_mutex_unlock(&heap->lock);
    if (!running)
        return;
    pthread_join(helper->thread, NULL);
    pthread_mutex_lock(&heap->lock);
    helper->running = helper->asleep = false;
    pthread_mutex_unlock(&heap->lock);
}

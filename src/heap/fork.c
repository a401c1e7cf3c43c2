/* fork.c: the heaps of this process, so that fork() finds each in order.
 *
 * Before a fork the helpers end (a child has only the thread that forked) and the locks are held,
 * so that the child's copies are in order. Helpers start again, in parent and child, when there
 * is next something to purge. A fork must come from a heap's owner or while the owner is at rest.
 */
#include "internal.h"

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static lair_heap *registry;

static void before_fork(void)
{
    pthread_mutex_lock(&registry_lock);
    for (lair_heap *heap = registry; heap != NULL; heap = heap->registry_next) {
        idle_stop(heap);
        pthread_mutex_lock(&heap->lock);
    }
}

static void after_fork_parent(void)
{
    for (lair_heap *heap = registry; heap != NULL; heap = heap->registry_next)
        pthread_mutex_unlock(&heap->lock);
    pthread_mutex_unlock(&registry_lock);
}

static void after_fork_child(void)
{
    for (lair_heap *heap = registry; heap != NULL; heap = heap->registry_next) {
        idle_init(heap);
        pthread_mutex_unlock(&heap->lock);
    }
    pthread_mutex_unlock(&registry_lock);
}

bool registry_add(lair_heap *heap)
{
    static bool hooked;
    pthread_mutex_lock(&registry_lock);
    if (!hooked)
        hooked = pthread_atfork(before_fork, after_fork_parent, after_fork_child) == 0;
    if (hooked) {
        heap->registry_prev = NULL;
        heap->registry_next = registry;
        if (registry != NULL)
            registry->registry_prev = heap;
        registry = heap;
    }
    pthread_mutex_unlock(&registry_lock);
    return hooked;
}

void registry_remove(lair_heap *heap)
{
    pthread_mutex_lock(&registry_lock);
    if (heap->registry_prev != NULL)
        heap->registry_prev->registry_next = heap->registry_next;
    else
        registry = heap->registry_next;
    if (heap->registry_next != NULL)
        heap->registry_next->registry_prev = heap->registry_prev;
    pthread_mutex_unlock(&registry_lock);
}

/* thread.h: threads of Lair's own. */
#ifndef LAIR_OS_THREAD_H
#define LAIR_OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread with a small stack, on which no signal of the program's lands. It is to be
 * joined. False: the system refuses. Safe from any thread. */
bool os_thread_start(pthread_t *thread, void *(*run)(void *), void *arg);

#endif /* LAIR_OS_THREAD_H */

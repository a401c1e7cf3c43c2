/* collector_timer.h: a call at a safe point when none has come for a while. */
#ifndef LAIR_COLLECTOR_TIMER_H
#define LAIR_COLLECTOR_TIMER_H

/* Calls `call` in the main thread, where Python code may run, each time that this was not called
 * again for TIMER_MS, until timer_stop or a fork. Nothing happens where no thread can be had. With
 * the GIL held. */
void timer_start(int (*call)(void *));

/* Ends the thread, if there is one. */
void timer_stop(void);

enum { TIMER_MS = 20 };

#endif /* LAIR_COLLECTOR_TIMER_H */

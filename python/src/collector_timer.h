/* collector_timer.h: a call at a safe point when none has come for a while. */
#ifndef LAIR_COLLECTOR_TIMER_H
#define LAIR_COLLECTOR_TIMER_H

/* Calls `call` in the main thread, where Python code may run, each time that timer_rest was not
 * called for TIMER_MS, until timer_stop. Nothing happens where no thread can be had. With the GIL
 * held. */
void timer_start(int (*call)(void *));

/* There was a safe point. */
void timer_rest(void);

/* Ends the thread, if there is one. */
void timer_stop(void);

enum { TIMER_MS = 20 };

#endif /* LAIR_COLLECTOR_TIMER_H */

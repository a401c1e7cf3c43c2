/* pace.h: when a collection of everything is worth its time.
 *
 * Its cost grows with what is alive, its yield with what has grown old since. So it waits until a
 * quarter as many objects have grown old as survived the last one (Martin von Loewis' rule), which
 * keeps the total cost linear. Where collections of everything find nothing and as many survive as
 * before, as in a server whose old objects simply live, each waits twice as long as the one before,
 * up to PACE_PATIENCE_MAX. A program that grows says nothing of the garbage it will make.
 *
 * Only collections that start by themselves become rarer so: one that is asked for says nothing of
 * how often others are worth it.
 *
 * The bound: at no time are there more objects of old garbage than PACE_PATIENCE_MAX quarters of
 * what survived the last collection of everything, and those that were young.
 */
#ifndef LAIR_GC_PACE_H
#define LAIR_GC_PACE_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PACE_PATIENCE_MAX = 4,
    PACE_YIELD = 50, /* one in so many being garbage, a collection was worth it */
    PACE_GROWTH = 8, /* with one in so many more survivors a program grows */
    PACE_ROUND = 10, /* a round is over when one in so many more containers were made */
    PACE_HURRY = 8,  /* slices come so many times as often at most */
};

struct gc_pace {
    size_t long_lived; /* objects that survived the last collection of everything */
    size_t pending;    /* objects that have grown old since */
    unsigned patience; /* 1, 2 or 4; 0 before the first */
};

static inline bool gc_pace_due(const struct gc_pace *pace)
{
    unsigned patience = pace->patience != 0 ? pace->patience : 1;
    return pace->pending >= pace->long_lived / 4 * patience;
}

/* A collection of everything is over; asked: the program wanted it. */
static inline void gc_pace_collected(struct gc_pace *pace, size_t survivors, size_t garbage,
                                     bool asked)
{
    bool worth_it = garbage >= (survivors + garbage) / PACE_YIELD;
    bool grows = survivors > pace->long_lived + pace->long_lived / PACE_GROWTH;
    if (worth_it || grows || pace->patience == 0)
        pace->patience = 1;
    else if (!asked && pace->patience < PACE_PATIENCE_MAX)
        pace->patience *= 2;
    pace->long_lived = survivors;
    pace->pending = 0;
}

/* How many containers may be made between two slices, `most` or fewer, if a round takes as many
 * slices as the last one, which had `survivors`. A machine that is slow gets more slices, not more
 * garbage. */
static inline size_t gc_pace_quantum(size_t survivors, size_t slices, size_t most)
{
    size_t quantum = survivors / PACE_ROUND / (slices != 0 ? slices : 1);
    size_t least = (most + PACE_HURRY - 1) / PACE_HURRY;
    return quantum > most ? most : quantum < least ? least : quantum;
}

#endif /* LAIR_GC_PACE_H */

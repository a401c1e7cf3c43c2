/* collector_full.h: see collector_full.c. All of it belongs to the main interpreter. */
#ifndef LAIR_COLLECTOR_FULL_H
#define LAIR_COLLECTOR_FULL_H

#include "host_cpython_gc.h"

#include "gc/event.h"

/* What a full pass found; for logs, but for `survivors`, and `garbage`. */
typedef struct full_counts {
    size_t survivors; /* tracked objects that live on */
    size_t garbage;
    size_t reached;  /* scanned from roots */
    size_t suspects; /* counted in the trial */
    bool walked;     /* the list had to be walked */
    size_t batches;  /* the garbage waits in so many; 0: it is in one piece */
} full_counts;

#if CPYTHON_INTERNALS

/* Once, before all else. instance_traverse: tp_traverse of classes written in Python. */
void full_open(traverseproc traverse_instance, gc_listener listener);

/* Whether what a scan finds in each object on the list `samples` is what its tp_traverse finds. */
bool full_reads_rightly(PyObject *samples);

/* Gives all memory back. full_collect works as before afterwards. */
void full_forget(void);

/* No object lies in these bytes any more. */
void full_vacated(char *base, size_t bytes);

/* Remembers that the objects on list have come to the oldest generation. */
void full_add(const PyGC_Head *list);

/* Finds the garbage among all tracked objects. True: the oldest list holds exactly the garbage, or
 * nothing where that is in batches, the younger ones are empty, survivors (empty before) holds all
 * else. False, for want of memory: nothing is missing from the lists, and a collection can go on as
 * if this had not been called. */
bool full_collect(PyInterpreterState *interpreter, PyGC_Head *survivors, full_counts *counts);

struct gc;

typedef enum full_readiness { FULL_READY, FULL_NOT_YET, FULL_NO_MEMORY } full_readiness;

/* For rounds (collector_round.c). Whitens the objects of the oldest generation, until the deadline
 * but for one step. When all are: the passes' state, and how many candidates there are. It begins
 * anew where a collection of everything has come between. */
full_readiness full_whiten(PyInterpreterState *interpreter, uint64_t deadline, struct gc **passes,
                           size_t *candidates);

/* What gc_host.h has to know of objects. How many objects at the front of the oldest list were
 * hidden roots. */
void full_layout(traverseproc *traverse_instance, bool *visits_beside);
size_t full_hidden(void);
void full_set_hidden(size_t count);

/* Remembers one object of the oldest generation; where there is no memory, a walk will find it. */
void full_know(PyObject *object);

/* A batch of garbage. */
typedef struct full_batch {
    size_t left; /* objects on its list */
    size_t dead; /* that are no longer, because they have died with an earlier one */
    bool unseen; /* it is garbage whatever has happened since, and nobody can observe its end */
} full_batch;

/* The next batch, a list. NULL: there are no more. */
PyGC_Head *full_next_batch(full_batch *batch);

/* Bytes taken from the system at present. */
size_t full_bytes(void);

#endif

#endif /* LAIR_COLLECTOR_FULL_H */

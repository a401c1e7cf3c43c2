/* bench.h: what the programs of bench-objects share: the clock, keys, and how they are called.
 *
 * Each program is one contender (a host): it defines the same few operations on its own objects and
 * includes the rows_*.h that it has counterparts for, so that all contenders run the same loops
 * with nothing between the loop and the operation. A host begins with
 *
 *     typedef ... object;                     what it works on; handled by pointer
 *     static void host_open(void);            makes it ready; ends the process when that fails
 *     static void host_failed(void);          prints the error that is pending, if it has any
 *     #define DROP(kind, it) ...              gives up a reference to an object of a kind: int,
 * str, list, dict, set, and so on
 *
 * and ends with its tables `rows` (what is timed) and `kinds` (what is weighed) and BENCH_MAIN.
 */
#ifndef BENCH_H
#define BENCH_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BATCH = 1000,      /* objects alive at once where objects are made and freed */
    LARGE = 1000000,   /* entries of a large container */
    SMALL = 1000,      /* ... of a small one */
    TEXT_BYTES = 10,   /* of every key */
    FIRST_INT = 1000,  /* beyond the ints that exist once */
    RESIDENT_ROOM = 64 /* bytes for a line of /proc/self/statm */
};

/* What one row did. */
typedef struct work {
    size_t operations; /* asked for; what was done in the end */
    uint64_t nanoseconds, processor_ns;
    uint64_t checksum; /* of what the operations read: the same for every host */
    uint64_t started, processor_started;
} work;

typedef struct row {
    const char *name;
    size_t operations; /* at size 100 */
    void (*run)(work *run);
} row;

/* -- failure --------------------------------------------------------------------------------- */

static void host_open(void);
static void host_failed(void);

static void give_up(void)
{
    fprintf(stderr, "objects: an operation failed\n");
    host_failed();
    exit(1);
}

static inline void must(bool done)
{
    if (__builtin_expect(!done, 0))
        give_up();
}

static inline void *need(void *made)
{
    must(made != NULL);
    return made;
}

/* -- the clock ------------------------------------------------------------------------------- */

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What lies between these counts. The slower clock is read outside of what the other measures. */
static void time_begin(work *run)
{
    run->processor_started = now_ns(CLOCK_THREAD_CPUTIME_ID);
    run->started = now_ns(CLOCK_MONOTONIC);
}

static void time_end(work *run)
{
    run->nanoseconds += now_ns(CLOCK_MONOTONIC) - run->started;
    run->processor_ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - run->processor_started;
}

/* -- numbers, texts and orders, the same for every host --------------------------------------- */

/* A number that looks random and is different for each i below 2^32 (Murmur3's finalizer). */
static inline uint32_t scatter(uint32_t i)
{
    i ^= i >> 16;
    i *= 0x85EBCA6Bu;
    i ^= i >> 13;
    i *= 0xC2B2AE35u;
    return i ^ i >> 16;
}

/* The text of key i: TEXT_BYTES characters, a different one for each i. */
static inline const char *key_text(size_t i)
{
    static char text[TEXT_BYTES + 1];
    snprintf(text, sizeof text, "k-%08" PRIx32, scatter((uint32_t)i));
    return text;
}

static void *array_new(size_t count, size_t size)
{
    void *array = malloc(count * size);
    if (array == NULL) {
        fprintf(stderr, "objects: no memory for %zu items\n", count);
        exit(1);
    }
    memset(array, 1, count * size); /* resident before anything is counted; zeros would not be */
    return array;
}

/* The numbers below count in an order that looks random: the caller frees it. */
static inline uint32_t *shuffled(size_t count)
{
    uint32_t *order = array_new(count, sizeof(*order));
    for (size_t i = 0; i < count; i++) {
        size_t j = scatter((uint32_t)i) % (i + 1);
        order[i] = order[j];
        order[j] = (uint32_t)i;
    }
    return order;
}

/* -- weighing -------------------------------------------------------------------------------- */

typedef struct kind {
    const char *name;
    object *(*make)(size_t i);
    size_t parts; /* what the weight is divided by: 1, or the entries of a container */
} kind;

static size_t resident_bytes(void)
{
    char line[RESIDENT_ROOM];
    FILE *file = fopen("/proc/self/statm", "r");
    size_t total, resident;
    if (file == NULL || fgets(line, sizeof line, file) == NULL ||
        sscanf(line, "%zu %zu", &total, &resident) != 2) {
        fprintf(stderr, "objects: cannot read /proc/self/statm\n");
        exit(1);
    }
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* Resident memory that count parts of objects of the kind add, in bytes for each. */
static double weigh(const kind *what, size_t count)
{
    size_t objects = count / what->parts;
    object **kept = array_new(objects, sizeof(*kept));
    (void)need(what->make(0)); /* what exists once is there */
    size_t before = resident_bytes();
    for (size_t i = 0; i < objects; i++)
        kept[i] = need(what->make(i));
    double bytes = (double)(resident_bytes() - before) / (double)(objects * what->parts);
    return kept[objects - 1] != NULL ? bytes : 0;
}

/* -- the driver: read this first ------------------------------------------------------------- */

/*  PROGRAM list               the names: "time NAME" or "bytes NAME" on each line
 *  PROGRAM time NAME SIZE     prints checksum, operations, nanoseconds by the clock, and of the
 *                             processor; SIZE in % of a full run
 *  PROGRAM bytes NAME COUNT   prints bytes for each of COUNT objects */
static int bench_main(int argc, char **argv, const row *rows, size_t row_count, const kind *kinds,
                      size_t kind_count)
{
    const char *what = argc > 1 ? argv[1] : "";
    size_t number = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (strcmp(what, "list") == 0) {
        for (size_t i = 0; i < row_count; i++)
            printf("time %s\n", rows[i].name);
        for (size_t i = 0; i < kind_count; i++)
            printf("bytes %s\n", kinds[i].name);
        return 0;
    }
    for (size_t i = 0; number > 0 && strcmp(what, "time") == 0 && i < row_count; i++) {
        if (strcmp(rows[i].name, argv[2]) != 0)
            continue;
        host_open();
        work run = {.operations = (rows[i].operations * number + 99) / 100};
        rows[i].run(&run);
        printf("%" PRIu64 " %zu %" PRIu64 " %" PRIu64 "\n", run.checksum, run.operations,
               run.nanoseconds, run.processor_ns);
        return 0;
    }
    for (size_t i = 0; number > 0 && strcmp(what, "bytes") == 0 && i < kind_count; i++) {
        if (strcmp(kinds[i].name, argv[2]) != 0)
            continue;
        host_open();
        printf("%.2f\n", weigh(&kinds[i], number));
        return 0;
    }
    fprintf(stderr, "usage: objects list | time NAME SIZE | bytes NAME COUNT (numbers from 1)\n");
    return 2;
}

#define BENCH_MAIN                                                                                 \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return bench_main(argc, argv, rows, sizeof rows / sizeof *rows, kinds,                     \
                          sizeof kinds / sizeof *kinds);                                           \
    }

#endif /* BENCH_H */

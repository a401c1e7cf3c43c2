/* collecting.h: what the C programs that measure collectors share: the work, the clock, how they
 * are called.
 *
 * Each program is one contender (a host) with nodes of its own: an object with LINKS references to
 * others. It includes this file after it has defined
 *
 *     typedef ... node;
 *     static void host_open(void);                      ends the process when that fails
 *     static node *node_new(void);                      without links; the caller holds it
 *     static node *node_link(const node *self, int i);  what a link refers to, or NULL
 *     static void node_set(node *self, int i, node *to);
 *     static void node_drop(node *self);                the caller holds it no more
 *     static void host_collect(void);                   everything, now
 *     static void host_poll(void);                      once a step: a collection that is due may
 * run
 *
 *     collecting_HOST NAME SIZE
 *
 * does one kind of work, SIZE in % of the full one, and prints a line: seconds, the longest step in
 * milliseconds, peak of resident memory in MiB, and a checksum, the same for each host. A step is
 * STEP nodes made: the longest is a pause of the collector, where there was any.
 *
 * Source of `trees`: the GCBench of J. Ellis, P. Kovac and H. Boehm, here with links to the parent,
 * so that counts do not free anything.
 */
#ifndef BENCH_COLLECTING_H
#define BENCH_COLLECTING_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    LEFT,
    RIGHT,
    UP,
    STEP = 100,
    TREES_NODES = 6000000,
    LONG_LIVED_DEPTH = 17,
    CHURN_NODES = 6000000,
    CHURN_LIVE = 200000,
    PAIRS_NODES = 6000000,
};

static struct clock {
    uint64_t began, longest;
    unsigned made;
} steps;

static uint64_t now_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

/* Peak of resident memory since the program was started; 0 where the system does not say. What
 * getrusage tells includes the process that became this one, which may have been larger. */
static unsigned long peak_kibibytes(void)
{
    unsigned long peak = 0;
    char line[128];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (strncmp(line, "VmHWM:", 6) == 0)
            peak = strtoul(line + 6, NULL, 10);
    if (status != NULL)
        (void)fclose(status);
    return peak;
}

/* A node, counted. */
static node *make(void)
{
    if (++steps.made == STEP) {
        host_poll();
        uint64_t now = now_ns();
        if (now - steps.began > steps.longest)
            steps.longest = now - steps.began;
        steps.began = now;
        steps.made = 0;
    }
    return node_new();
}

/* -- work ------------------------------------------------------------------------------------ */

static node *tree_new(int depth)
{
    node *self = make();
    if (depth == 0)
        return self;
    for (int side = LEFT; side <= RIGHT; side++) {
        node *child = tree_new(depth - 1);
        node_set(child, UP, self);
        node_set(self, side, child);
        node_drop(child);
    }
    return self;
}

static uint64_t tree_count(const node *self)
{
    if (self == NULL)
        return 0;
    return 1 + tree_count(node_link(self, LEFT)) + tree_count(node_link(self, RIGHT));
}

/* Trees of all sizes, one after the other, beside one that lives. */
static uint64_t trees(size_t nodes)
{
    node *alive = tree_new(LONG_LIVED_DEPTH);
    uint64_t sum = 0;
    for (int depth = 4; depth <= 16; depth += 4) {
        size_t each = ((size_t)2 << depth) - 1;
        for (size_t made = 0; made < nodes / 4; made += each) {
            node *tree = tree_new(depth);
            sum += tree_count(tree);
            node_drop(tree);
        }
    }
    sum += tree_count(alive);
    node_drop(alive);
    return sum;
}

/* A window of pairs that refer to each other: each lives as long as the window is wide. */
static uint64_t churn(size_t nodes)
{
    static node *window[CHURN_LIVE / 2];
    uint64_t sum = 0;
    for (size_t i = 0; i < nodes / 2; i++) {
        node **at = &window[i % (CHURN_LIVE / 2)];
        node *self = make(), *other = make();
        node_set(self, LEFT, other);
        node_set(other, UP, self);
        node_drop(other);
        if (*at != NULL) {
            sum += node_link(node_link(*at, LEFT), UP) == *at;
            node_drop(*at);
        }
        *at = self;
    }
    for (size_t i = 0; i < CHURN_LIVE / 2; i++) {
        if (window[i] != NULL)
            node_drop(window[i]);
        window[i] = NULL;
    }
    return sum;
}

/* Pairs that die young. */
static uint64_t pairs(size_t nodes)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < nodes / 2; i++) {
        node *self = make(), *other = make();
        node_set(self, LEFT, other);
        node_set(other, UP, self);
        node_drop(other);
        sum += node_link(node_link(self, LEFT), UP) == self;
        node_drop(self);
    }
    return sum;
}

/* -- the driver ------------------------------------------------------------------------------ */

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        uint64_t (*run)(size_t nodes);
        size_t nodes;
    } works[] = {
        {"trees", trees, TREES_NODES},
        {"churn", churn, CHURN_NODES},
        {"pairs", pairs, PAIRS_NODES},
    };
    const char *name = argc > 1 ? argv[1] : "";
    size_t size = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
    for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
        if (strcmp(works[i].name, name) != 0)
            continue;
        host_open();
        uint64_t start = steps.began = now_ns();
        uint64_t sum = works[i].run(works[i].nodes / 100 * size);
        double seconds = (double)(now_ns() - start) / 1e9;
        host_collect();
        printf("%.3f %.3f %.1f %" PRIu64 "\n", seconds, (double)steps.longest / 1e6,
               (double)peak_kibibytes() / 1024, sum);
        return 0;
    }
    fprintf(stderr, "usage: %s trees|churn|pairs [SIZE]\n", argv[0]);
    return 2;
}

#endif /* BENCH_COLLECTING_H */

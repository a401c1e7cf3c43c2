/* churn.h: the C churn set, six ways in which programs use an allocator.
 *
 * A host is a small .c file that defines four functions and then includes this one, so that every
 * allocator runs the same work with nothing between it and the loop:
 *
 *     static bool host_open(void);                          makes the allocator ready
 *     static inline void *block_new(size_t size);
 *     static inline void *block_resize(void *block, size_t size);
 *     static inline void block_free(void *block);
 *
 * Every block is written when it is made and read when it is freed; what is read goes into a
 * checksum that must not depend on the allocator. The program is called with a workload and a
 * size (100 is about a second) and prints the checksum and the nanoseconds that the work took,
 * without the start of the process.
 */
#ifndef CHURN_H
#define CHURN_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SIZES = 4096 };

static uint64_t checksum;
static uint16_t small_sizes[SIZES]; /* bytes: what Python objects ask for, 16 to 512 */
static uint16_t mixed_sizes[SIZES]; /* bytes: the same with a tail up to 32 KiB */

/* -- the pieces of every workload ------------------------------------------------------------ */

/* Marsaglia's xorshift64 (Journal of Statistical Software, 2003). state is not 0. */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static void fill_sizes(void)
{
    uint64_t state = 11;
    for (size_t i = 0; i < SIZES; i++) {
        uint64_t kind = random_next(&state) % 100;
        uint64_t size = random_next(&state);
        uint64_t small = 16 + size % 65;
        if (kind >= 70)
            small = kind < 95 ? 81 + size % 176 : 257 + size % 256;
        small_sizes[i] = (uint16_t)small;
        uint64_t large = kind < 98 ? 513 + size % 3584 : 4097 + size % 28672;
        mixed_sizes[i] = (uint16_t)(kind < 92 ? small : large);
    }
}

static inline uint64_t *tagged_new(size_t size, uint64_t tag)
{
    uint64_t *block = block_new(size);
    if (block == NULL) {
        fprintf(stderr, "churn: no memory for %zu bytes\n", size);
        exit(1);
    }
    *block = tag;
    return block;
}

static inline void tagged_free(uint64_t *block)
{
    checksum += *block;
    block_free(block);
}

static uint64_t **slots_new(size_t count)
{
    uint64_t **slots = calloc(count, sizeof(*slots));
    if (slots == NULL) {
        fprintf(stderr, "churn: no memory for %zu slots\n", count);
        exit(1);
    }
    return slots;
}

/* -- workloads ------------------------------------------------------------------------------- */

/* Call frames and expressions: what was made last goes first. */
static void churn_lifo(size_t size)
{
    enum { DEPTH = 200 };
    uint64_t *stack[DEPTH];
    for (size_t turn = 0; turn < size * 1400; turn++) {
        for (size_t i = 0; i < DEPTH; i++)
            stack[i] = tagged_new(small_sizes[(turn * 31 + i) % SIZES], turn ^ i);
        for (size_t i = DEPTH; i > 0; i--)
            tagged_free(stack[i - 1]);
    }
}

/* Messages and buffers: what was made first goes first. */
static void churn_fifo(size_t size)
{
    enum { LENGTH = 20000 };
    uint64_t **queue = slots_new(LENGTH);
    size_t place = 0;
    for (size_t turn = 0; turn < size * 60000; turn++) {
        if (queue[place] != NULL)
            tagged_free(queue[place]);
        queue[place] = tagged_new(small_sizes[turn % SIZES], turn);
        place = place + 1 == LENGTH ? 0 : place + 1;
    }
    for (size_t i = 0; i < LENGTH; i++)
        if (queue[i] != NULL)
            tagged_free(queue[i]);
    free(queue);
}

/* Caches and tables: any block may be replaced by one of any other size. */
static void replace_at_random(size_t slot_count, size_t turns, const uint16_t *sizes)
{
    uint64_t **slots = slots_new(slot_count);
    uint64_t state = 12;
    for (size_t turn = 0; turn < turns; turn++) {
        uint64_t number = random_next(&state);
        size_t place = (size_t)(number >> 20) % slot_count;
        if (slots[place] != NULL)
            tagged_free(slots[place]);
        slots[place] = tagged_new(sizes[number % SIZES], number);
    }
    for (size_t i = 0; i < slot_count; i++)
        if (slots[i] != NULL)
            tagged_free(slots[i]);
    free(slots);
}

static void churn_random(size_t size)
{
    replace_at_random(40000, size * 50000, small_sizes);
}

static void churn_mixed(size_t size)
{
    replace_at_random(20000, size * 40000, mixed_sizes);
}

/* Load, work, drop: many blocks are made, then all are freed. */
static void churn_bulk(size_t size)
{
    enum { COUNT = 200000 };
    uint64_t **blocks = slots_new(COUNT);
    for (size_t turn = 0; turn < (size + 5) / 6; turn++) {
        for (size_t i = 0; i < COUNT; i++)
            blocks[i] = tagged_new(small_sizes[(turn + i) % SIZES], i);
        for (size_t i = 0; i < COUNT; i++)
            tagged_free(blocks[i]);
    }
    free(blocks);
}

/* Lists and buffers that grow: eight at a time, by an eighth, to 64 KiB. */
static void churn_grow(size_t size)
{
    enum { BUFFERS = 8 };
    const size_t largest = 65536;
    for (size_t turn = 0; turn < size * 100; turn++) {
        uint64_t *buffers[BUFFERS];
        for (size_t i = 0; i < BUFFERS; i++)
            buffers[i] = tagged_new(16 + 8 * i, turn ^ i);
        for (size_t bytes = 88; bytes <= largest >> turn % 8; bytes += bytes / 8 & ~(size_t)7) {
            for (size_t i = 0; i < BUFFERS; i++) {
                uint64_t *grown = block_resize(buffers[i], bytes);
                if (grown == NULL) {
                    fprintf(stderr, "churn: no memory for %zu bytes\n", bytes);
                    exit(1);
                }
                grown[bytes / 8 - 1] = bytes;
                buffers[i] = grown;
            }
        }
        for (size_t i = 0; i < BUFFERS; i++)
            tagged_free(buffers[i]);
    }
}

/* -- the driver: read this first ------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*run)(size_t size);
} workloads[] = {
    {"lifo", churn_lifo}, {"fifo", churn_fifo},   {"random", churn_random},
    {"bulk", churn_bulk}, {"mixed", churn_mixed}, {"grow", churn_grow},
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t size = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    void (*run)(size_t) = NULL;
    for (size_t i = 0; size > 0 && i < sizeof(workloads) / sizeof(workloads[0]); i++)
        if (strcmp(argv[1], workloads[i].name) == 0)
            run = workloads[i].run;
    if (run == NULL) {
        fprintf(stderr, "usage: churn lifo|fifo|random|bulk|mixed|grow SIZE (from 1)\n");
        return 2;
    }
    fill_sizes();
    if (!host_open())
        return 1;
    uint64_t start = now_ns();
    run(size);
    uint64_t nanoseconds = now_ns() - start;
    printf("%" PRIu64 " %" PRIu64 "\n", checksum, nanoseconds);
    return 0;
}

#endif /* CHURN_H */

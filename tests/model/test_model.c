/* test_model.c: random operations on every kind of heap, against the model.
 *
 *     test_model [--steps N] [--seed S] [--variant V]
 *
 * N operations on each kind of heap (default 40000), numbers from seed S (default 1), and only
 * the V-th kind of heap (from 0) if given; then the same under ulimit -v, which makes arenas come
 * one by one. A failure names its seed and step.
 */
#include <stdio.h>

#include "arguments.h"
#include "check.h"
#include "child.h"
#include "model.h"
#include "random.h"
#include "variants.h"

enum { COMPARE_EVERY = 5000 };

static bool run(const heap_variant *variant, uint64_t seed, uint64_t steps)
{
    heap_model model;
    uint64_t state = seed;
    uint64_t refusals = 0;
    printf("heap: %s, seed %llu", variant->name, (unsigned long long)seed);
    fflush(stdout);
    model_open(&model, &variant->options);
    for (uint64_t step = 0; step < steps; step++) {
        uint64_t a = random_next(&state);
        uint64_t b = random_next(&state);
        model_step(&model, (unsigned)(random_next(&state) >> 20), a, b);
        if (step % COMPARE_EVERY == 0) {
            model_compare(&model);
        }
        if (check_failures() != 0) {
            fprintf(stderr, "heap \"%s\", seed %llu: failed at step %llu\n", variant->name,
                    (unsigned long long)seed, (unsigned long long)step);
            return false;
        }
    }
    refusals = model.refusals;
    printf(", %llu steps, %zu blocks at the end, %llu requests refused\n",
           (unsigned long long)steps, model.count, (unsigned long long)refusals);
    model_close(&model);
    return true;
}

static bool run_all(uint64_t only, uint64_t seed, uint64_t steps)
{
    for (size_t i = 0; i < variant_count; i++) {
        if ((only == UINT64_MAX || only == i) && !run(&variants[i], seed + i, steps)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    uint64_t steps = 40000;
    uint64_t seed = 1;
    uint64_t only = UINT64_MAX;
    const argument known[] = {{"--steps", &steps}, {"--seed", &seed}, {"--variant", &only}};
    arguments_read(argc, argv, known, sizeof known / sizeof known[0]);
    if (run_all(only, seed, steps)) {
        printf("under ulimit -v\n");
        child_limit_address_space((size_t)1 << 40);
        (void)run_all(only, seed, steps);
    }
    return check_finish("random operations against the model");
}

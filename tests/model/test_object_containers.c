/* test_object_containers.c: random operations on containers, on several kinds of heap, against
 * plain arrays.
 *
 *     test_object_containers [--steps N] [--seed S] [--variant V]
 *
 * N operations on each kind of heap (default 2500), numbers from seed S (default 1), and only the
 * V-th kind of heap (from 0) if given. A failure names its seed, step and operation.
 */
#include <stdio.h>

#include "arguments.h"
#include "check.h"
#include "containers.h"
#include "random.h"
#include "variants.h"

enum { COMPARE_EVERY = 500 };

static bool run(const heap_variant *variant, uint64_t seed, uint64_t steps)
{
    static containers all;
    uint64_t state = seed;
    printf("heap: %s, seed %llu", variant->name, (unsigned long long)seed);
    fflush(stdout);
    containers_open(&all, &variant->options);
    all.may_fail = true;
    for (uint64_t step = 0; step < steps; step++) {
        uint64_t a = random_next(&state);
        uint64_t b = random_next(&state);
        unsigned operation = (unsigned)(random_next(&state) >> 40);
        containers_step(&all, operation, a, b);
        if (step % COMPARE_EVERY == 0)
            containers_compare(&all);
        if (check_failures() != 0) {
            fprintf(stderr, "heap \"%s\", seed %llu: failed at step %llu, %s\n", variant->name,
                    (unsigned long long)seed, (unsigned long long)step,
                    containers_operation_name(operation));
            return false;
        }
    }
    printf(", %llu steps, %llu met with a failure of memory\n", (unsigned long long)steps,
           (unsigned long long)all.failures);
    CHECK(steps < 1000 || all.failures > 0);
    containers_close(&all);
    return check_failures() == 0;
}

int main(int argc, char **argv)
{
    uint64_t steps = 2500;
    uint64_t seed = 1;
    uint64_t only = UINT64_MAX;
    const argument known[] = {{"--steps", &steps}, {"--seed", &seed}, {"--variant", &only}};
    arguments_read(argc, argv, known, sizeof known / sizeof known[0]);
    for (size_t i = 0; i < variant_count; i++)
        if ((only == UINT64_MAX || only == i) && !run(&variants[i], seed + i, steps))
            break;
    return check_finish("random operations on containers against plain arrays");
}

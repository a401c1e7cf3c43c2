/* fuzz_objects.c: bytes as operations on containers, with plain arrays beside them.
 *
 * The first byte chooses the kind of heap. Then each eleven bytes are one step: the operation, six
 * bytes for its first argument (least significant first), four for its second.
 */
#include <stddef.h>
#include <stdint.h>

#include "check.h"
#include "containers.h"
#include "variants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP_BYTES = 11 };

static uint64_t little_endian(const uint8_t *bytes, size_t count)
{
    uint64_t number = 0;
    while (count-- > 0)
        number = number << 8 | bytes[count];
    return number;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    check_abort_on_failure();
    lair_heap_options options = variants[data[0] % variant_count].options;
    options.idle_purge = LAIR_OFF; /* the same bytes must do the same each time */
    static containers all;
    containers_open(&all, &options);
    all.most_keys = 400; /* the plain side is slow with many */
    for (size_t at = 1; at + STEP_BYTES <= size; at += STEP_BYTES) {
        const uint8_t *step = data + at;
        containers_step(&all, step[0], little_endian(step + 1, 6), little_endian(step + 7, 4));
    }
    containers_close(&all);
    return 0;
}

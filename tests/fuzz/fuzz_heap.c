/* fuzz_heap.c: bytes as operations on a heap, with the model beside it.
 *
 * The first byte chooses the kind of heap. Then each seven bytes are one step: the operation,
 * four bytes for its first argument (least significant first), two for its second.
 */
#include <stddef.h>
#include <stdint.h>

#include "check.h"
#include "model.h"
#include "variants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEP_BYTES = 7 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    check_abort_on_failure();
    lair_heap_options options = variants[data[0] % variant_count].options;
    options.idle_purge = LAIR_OFF; /* the same bytes must do the same each time */
    heap_model model;
    model_open(&model, &options);
    model.most_bytes = (size_t)8 << 20;
    model.most_blocks = 2000;
    for (size_t at = 1; at + STEP_BYTES <= size; at += STEP_BYTES) {
        const uint8_t *step = data + at;
        uint64_t a =
            step[1] | (uint64_t)step[2] << 8 | (uint64_t)step[3] << 16 | (uint64_t)step[4] << 24;
        uint64_t b = step[5] | (uint64_t)step[6] << 8;
        model_step(&model, step[0], a, b);
    }
    model_close(&model);
    return 0;
}

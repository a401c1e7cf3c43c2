/* fuzz_options.c: any text is parsed or refused with a message, and changes nothing when refused.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lair/options.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted can be printed and parsed back to the same. */
static void check_round_trip(const lair_options *options, lair_host host)
{
    size_t count = 0;
    const lair_option_row *rows = lair_options_rows(&count);
    for (size_t i = 0; i < count; i++) {
        char value[LAIR_TEXT_BYTES];
        char text[LAIR_TEXT_BYTES + 64];
        if (rows[i].refusal[host][0] != '\0') {
            continue;
        }
        lair_option_print(options, &rows[i], value, sizeof value);
        strcpy(text, rows[i].name);
        strcat(text, "=");
        strcat(text, value);
        lair_options again = *options;
        CHECK(lair_options_parse(&again, host, text) == LAIR_OK);
        CHECK(memcmp(&again, options, sizeof again) == 0);
    }
}

/* What was accepted opens a heap, or the heap says which option it cannot have. */
static void check_opens(const lair_options *options)
{
    lair_heap_options heap_options;
    lair_options_to_heap(options, &heap_options);
    if (heap_options.reserve_bytes > 1 << 20) {
        return; /* the machine might really not have it */
    }
    heap_options.idle_purge = LAIR_OFF;
    lair_heap *heap = lair_heap_open(&heap_options);
    if (heap == NULL) {
        CHECK(lair_error_status() != LAIR_OK && lair_error_message()[0] != '\0');
        return;
    }
    void *block = lair_heap_alloc(heap, 100);
    CHECK(block != NULL || heap_options.max_bytes != 0 || heap_options.fail_at == 1);
    lair_heap_free(heap, block);
    CHECK(lair_heap_check(heap) == LAIR_OK);
    lair_heap_close(heap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_abort_on_failure();
    char *text = malloc(size + 1);
    REQUIRE(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    for (int host = 0; host < LAIR_HOST_COUNT; host++) {
        lair_options options;
        lair_options before;
        memset(&options, 0, sizeof options);
        lair_options_defaults(&options);
        memcpy(&before, &options, sizeof before);
        if (lair_options_parse(&options, (lair_host)host, text) == LAIR_OK) {
            check_round_trip(&options, (lair_host)host);
            check_opens(&options);
        } else {
            CHECK_FAILED_WITH(LAIR_ERR_INVALID);
            CHECK(memcmp(&options, &before, sizeof before) == 0);
        }
    }
    free(text);
    return 0;
}

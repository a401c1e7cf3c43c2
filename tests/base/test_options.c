/* test_options.c: what LAIR_OPTIONS and the command line accept, refuse, and say about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lair/options.h>

#include "base/options.h"
#include "check.h"

static lair_options defaults;
static unsigned memory_asked;

/* A machine of 1000 MiB and one byte, so that percentages show how they are rounded. */
static size_t small_machine(void)
{
    memory_asked++;
    return ((size_t)1000 << 20) + 1;
}

static lair_options parsed(lair_host host, const char *text)
{
    lair_options options = defaults;
    lair_status status = options_parse(&options, host, text, small_machine);
    if (!CHECK(status == LAIR_OK)) {
        fprintf(stderr, "  '%s': %s\n", text, lair_error_message());
    }
    return options;
}

/* text is refused on host with a sentence that contains `says`, and changes nothing. */
static void check_refused(lair_host host, const char *text, const char *says)
{
    lair_options options = defaults;
    if (!CHECK(options_parse(&options, host, text, small_machine) == LAIR_ERR_INVALID)) {
        fprintf(stderr, "  '%s' was accepted\n", text);
        return;
    }
    if (!CHECK(strstr(lair_error_message(), says) != NULL)) {
        fprintf(stderr, "  '%s': '%s' does not say '%s'\n", text, lair_error_message(), says);
    }
    CHECK(memcmp(&options, &defaults, sizeof options) == 0);
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        size_t bytes;
    } sizes[] = {
        {"maxheapsize=1048576", (size_t)1 << 20},  {"maxheapsize=64M", (size_t)64 << 20},
        {"maxheapsize=2G", (size_t)2 << 30},       {"maxheapsize=3t", (size_t)3 << 40},
        {"maxheapsize=2048k", (size_t)2 << 20},    {"maxheapsize=2048KiB", (size_t)2 << 20},
        {"maxheapsize=4Mi", (size_t)4 << 20},      {"maxheapsize=4mb", (size_t)4 << 20},
        {"maxheapsize=2000000B", 2000000},         {"maxheapsize=0", 0},
        {" maxheapsize = 64M ", (size_t)64 << 20}, {"maxheapsize=64T", (size_t)1 << 46},
        {"maxheapsize=50%", (size_t)500 << 20},    {"maxheapsize=100%", ((size_t)1000 << 20) + 1},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CHECK(parsed(LAIR_HOST_C, sizes[i].text).maxheapsize == sizes[i].bytes);
    }
    CHECK(memory_asked == 2);

    static const char *const wrong[] = {"",     "12Q", "-1",   "1e9",  "300%", "0%",
                                        "1.5G", "M",   "64M%", "64 M", "0x10", "+1",
                                        "KiB",  "4MM", "%",    "4iB"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "maxheapsize=%s", wrong[i]);
        check_refused(LAIR_HOST_C, text, "maxheapsize: '");
    }
    check_refused(LAIR_HOST_C, "maxheapsize=1023K", "too small");
    check_refused(LAIR_HOST_C, "maxheapsize=65T", "too large");
    check_refused(LAIR_HOST_C, "maxheapsize=18446744073709551617", "too large");
    check_refused(LAIR_HOST_C, "maxheapsize=17592186044417M", "too large");
    check_refused(LAIR_HOST_C, "maxheapsize", "needs a value");

    CHECK(parsed(LAIR_HOST_C, "pagesize=64K").pagesize == 65536);
    check_refused(LAIR_HOST_C, "pagesize=5000", "power of two from 4K to 64K");
    check_refused(LAIR_HOST_C, "pagesize=2K", "too small");
    check_refused(LAIR_HOST_C, "pagesize=128K", "too large");
    CHECK(parsed(LAIR_HOST_C, "smallsize=256").smallsize == 256);
    check_refused(LAIR_HOST_C, "smallsize=100", "multiple of 64");
}

static void test_other_kinds(void)
{
    CHECK(parsed(LAIR_HOST_C, "decay=5").decay == 5);
    CHECK(parsed(LAIR_HOST_C, "decay=5ms").decay == 5);
    CHECK(parsed(LAIR_HOST_C, "decay=2s").decay == 2000);
    CHECK(parsed(LAIR_HOST_C, "decay=0").decay == LAIR_DECAY_AT_ONCE);
    CHECK(parsed(LAIR_HOST_C, "decay=now").decay == LAIR_DECAY_AT_ONCE);
    CHECK(parsed(LAIR_HOST_C, "decay=never").decay == LAIR_DECAY_NEVER);
    check_refused(LAIR_HOST_C, "decay=2d", "not a time");
    check_refused(LAIR_HOST_C, "decay=86401s", "too large");
    check_refused(LAIR_HOST_C, "decay=18446744073709551615s", "too large");

    CHECK(parsed(LAIR_HOST_C, "failat=12").failat == 12);
    check_refused(LAIR_HOST_C, "failat=12K", "not a number");
    check_refused(LAIR_HOST_C, "failat=4294967296", "too large");

    static const char *const on[] = {"hardened", "hardened=1", "hardened=ON", "hardened=yes",
                                     "hardened=true"};
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
        CHECK(parsed(LAIR_HOST_C, on[i]).hardened);
    }
    static const char *const off[] = {"hugepages=0", "hugepages=off", "hugepages=no",
                                      "hugepages=FALSE"};
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++) {
        CHECK(!parsed(LAIR_HOST_C, off[i]).hugepages);
    }
    check_refused(LAIR_HOST_C, "hardened=2", "neither on nor off");
    check_refused(LAIR_HOST_C, "hardened=", "neither on nor off");

    CHECK(parsed(LAIR_HOST_CPYTHON, "report=terminal").report == LAIR_REPORT_TERMINAL);
    check_refused(LAIR_HOST_CPYTHON, "report=paper", "off or terminal");
    CHECK(strcmp(parsed(LAIR_HOST_CPYTHON, "reportfile=/tmp/a b%p").reportfile, "/tmp/a b%p") == 0);
    char text[2 * LAIR_TEXT_BYTES] = "reportfile=";
    memset(text + 11, 'x', sizeof text - 12);
    check_refused(LAIR_HOST_CPYTHON, text, "too long");
}

static void test_hosts(void)
{
    check_refused(LAIR_HOST_C, "attach=on", "opens its heaps itself");
    CHECK(parsed(LAIR_HOST_CPYTHON, "attach=on").attach);
    check_refused(LAIR_HOST_CPYTHON, "objects=5", "free lists are its own");
    CHECK(parsed(LAIR_HOST_C, "objects=5").objects == 5);
    CHECK(parsed(LAIR_HOST_C, "showrefcount").showrefcount);
    CHECK(parsed(LAIR_HOST_CPYTHON, "gctype=incremental").gctype == LAIR_GC_INCREMENTAL);
    check_refused(LAIR_HOST_CPYTHON, "gctype=fast", "stock, auto, manual or incremental");
    CHECK(parsed(LAIR_HOST_CPYTHON, "gctype=stock").gctype == LAIR_GC_STOCK);
    CHECK(parsed(LAIR_HOST_CPYTHON, "gctype=manual").gctype == LAIR_GC_MANUAL);
    CHECK(parsed(LAIR_HOST_CPYTHON, "").gctype == LAIR_GC_AUTO);
    CHECK(parsed(LAIR_HOST_C, "gctype=incremental").gctype == LAIR_GC_INCREMENTAL);
    CHECK(parsed(LAIR_HOST_CPYTHON, "showrefcount").showrefcount);
    check_refused(LAIR_HOST_CPYTHON, "trackrefs=1", "not yet");
}

static void test_lists(void)
{
    lair_options options =
        parsed(LAIR_HOST_C, "maxheapsize=64M, hardened ,decay=7,maxheapsize=32M");
    CHECK(options.maxheapsize == (size_t)32 << 20 && options.hardened && options.decay == 7);
    options = parsed(LAIR_HOST_C, "");
    CHECK(memcmp(&options, &defaults, sizeof options) == 0);
    options = parsed(LAIR_HOST_C, NULL);
    CHECK(memcmp(&options, &defaults, sizeof options) == 0);

    check_refused(LAIR_HOST_C, "maxheapsize=64M,", "empty option");
    check_refused(LAIR_HOST_C, ",maxheapsize=64M", "empty option");
    check_refused(LAIR_HOST_C, "=5", "unknown option ''");
    check_refused(LAIR_HOST_C, "MaxHeapSize=64M", "unknown option 'MaxHeapSize'; valid: ");
    check_refused(LAIR_HOST_C, "maxheapsize=64M,colour=red", "unknown option 'colour'");
    lair_options unchanged = defaults;
    CHECK(options_parse(&unchanged, LAIR_HOST_C, "colour=red", small_machine) != LAIR_OK);
    CHECK(strstr(lair_error_message(), "softheapsize") != NULL);
    CHECK(strstr(lair_error_message(), "attach") == NULL);

    REQUIRE(setenv("LAIR_OPTIONS", "decay=9", 1) == 0);
    CHECK(lair_options_from_environment(&unchanged, LAIR_HOST_C) == LAIR_OK);
    CHECK(unchanged.decay == 9);
    REQUIRE(unsetenv("LAIR_OPTIONS") == 0);
    CHECK(lair_options_from_environment(&unchanged, LAIR_HOST_C) == LAIR_OK);
    CHECK(unchanged.decay == 9);
}

/* Every value prints as text that reads back as the same value; every default is printed as the
 * table has it. */
static void test_printing(void)
{
    lair_options options = parsed(
        LAIR_HOST_CPYTHON, "maxheapsize=2000001,softheapsize=3G,pagesize=4K,decay=never,hardened,"
                           "idlepurge=off,failat=77,report=terminal,reportfile=a=b,attach");
    size_t count;
    const lair_option_row *rows = lair_options_rows(&count);
    CHECK(count > 6);
    for (size_t i = 0; i < count; i++) {
        char text[LAIR_TEXT_BYTES];
        lair_option_print(&defaults, &rows[i], text, sizeof text);
        CHECK(strcmp(text, rows[i].initial) == 0);
        CHECK(rows[i].values[0] != '\0');
        for (int host = 0; host < LAIR_HOST_COUNT; host++) {
            CHECK(rows[i].meaning[host][0] != '\0' || rows[i].refusal[host][0] != '\0');
        }
        if (rows[i].refusal[LAIR_HOST_CPYTHON][0] == '\0') {
            char item[LAIR_TEXT_BYTES + 64];
            lair_option_print(&options, &rows[i], text, sizeof text);
            snprintf(item, sizeof item, "%s=%s", rows[i].name, text);
            CHECK(lair_options_parse(&options, LAIR_HOST_CPYTHON, item) == LAIR_OK);
            char again[LAIR_TEXT_BYTES];
            lair_option_print(&options, &rows[i], again, sizeof again);
            CHECK(strcmp(text, again) == 0);
        }
    }
    CHECK(options.maxheapsize == 2000001);
}

static void test_heap_options(void)
{
    lair_options options = parsed(LAIR_HOST_C, "maxheapsize=64M,softheapsize=32M,reserve=2M,"
                                               "addressspace=1G,pagesize=64K,smallsize=256,decay=9,"
                                               "idlepurge=off,hugepages=off,hardened,failat=3");
    lair_heap_options heap;
    lair_options_to_heap(&options, &heap);
    CHECK(heap.max_bytes == (size_t)64 << 20 && heap.soft_bytes == (size_t)32 << 20);
    CHECK(heap.reserve_bytes == (size_t)2 << 20 && heap.address_bytes == (size_t)1 << 30);
    CHECK(heap.pool_bytes == 65536 && heap.small_bytes == 256 && heap.decay_ms == 9);
    CHECK(heap.idle_purge == LAIR_OFF && heap.huge_pages == LAIR_OFF && heap.hardened == LAIR_ON);
    CHECK(heap.fail_at == 3 && !heap.fail_forever && heap.alignment == 0);
}

int main(void)
{
    lair_options_defaults(&defaults);
    test_sizes();
    test_other_kinds();
    test_hosts();
    test_lists();
    test_printing();
    test_heap_options();
    return check_finish("options");
}

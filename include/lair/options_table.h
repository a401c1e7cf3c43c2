/* lair/options_table.h: every option of Lair, said once.
 *
 * This table is the source of the struct, of what LAIR_OPTIONS and the command line accept, of
 * lair_options_rows() and of docs/options.md. Include lair/options.h instead, unless you make
 * something else from the table.
 *
 * LAIR_OPTIONS_TABLE(X) expands X once for each option:
 *
 *   X(name, kind, low, high, rule, values, initial,
 *     on_liblair, not_on_liblair, on_cpython, not_on_cpython)
 *
 *   name            as written by the user; also the field of lair_options
 *   kind            SIZE, COUNT, MILLISECONDS, SWITCH, CHOICE or TEXT (see lair_option_kind)
 *   low, high       bounds, included, of SIZE (bytes), COUNT and MILLISECONDS; the words of
 *                   MILLISECONDS (now, never) stand outside them; 0 for other kinds
 *   rule            what else a number must fulfil: ANY, OR_ZERO (0 is valid below low too),
 *                   POWER_OF_TWO, MULTIPLE_OF_64
 *   values          what is valid, in words: "a power of two from 4K to 64K"
 *   initial         the default, as a user would write it
 *   on_liblair      what it means for a C program; "" where it has no meaning
 *   not_on_liblair  why it is refused for a C program; "" where it is accepted
 *   on_cpython, not_on_cpython   the same under CPython
 *
 * The first six names and their meanings come from the documents Lair follows.
 */
#ifndef LAIR_OPTIONS_TABLE_H
#define LAIR_OPTIONS_TABLE_H

#define LAIR_SIZE_LARGEST ((uint64_t)1 << 46)
#define LAIR_SIZES "bytes, or with K, M, G, or % of the memory"

/* clang-format off */
#define LAIR_OPTIONS_TABLE(X)                                                                      \
    X(showrefcount, SWITCH, 0, 0, ANY, "on or off", "off",                                         \
      "when a heap closes, print the sum of all reference counts and the number of live blocks",   \
      "",                                                                                          \
      "at exit, print the sum of the counts of all tracked objects, immortals left out, and blocks", \
      "")                                                   \
    X(trackrefs, SWITCH, 0, 0, ANY, "on or off", "off",                                            \
      "at exit, list every object still alive and where it was allocated",                         \
      "not yet: it comes with Lair's tracing",                                                     \
      "at exit, list every object still alive and where it was allocated",                         \
      "not yet: it comes with Lair's tracing")                                                     \
    X(maxheapsize, SIZE, 1 << 20, LAIR_SIZE_LARGEST, OR_ZERO,                                      \
      LAIR_SIZES ", from 1M; 0: no limit", "0",                                                    \
      "hard limit: a request that would pass it fails", "",                                        \
      "hard limit: past it the program gets MemoryError and can go on", "")                        \
    X(pagesize, SIZE, 4 << 10, 64 << 10, POWER_OF_TWO, "a power of two from 4K to 64K", "16K",     \
      "size of a pool of small blocks", "",                                                        \
      "size of a pool of small blocks", "")                                                        \
    X(objects, COUNT, 0, UINT32_MAX, ANY, "a number of objects", "0",                              \
      "dead objects of each kind kept for reuse after a collection of everything", "",             \
      "", "the interpreter's free lists are its own")                                              \
    X(gctype, CHOICE, 0, 0, ANY, "stock, auto, manual or incremental", "auto",                     \
      "how garbage is collected; manual: by lair_gc_collect alone", "",                            \
      "how garbage is collected; manual: by gc.collect() alone; stock: the built-in collector", "") \
    X(gclog, TEXT, 0, 0, ANY, "a path, or - for standard error; %p is the process id", "",         \
      "", "a C program listens to its collector",                                                  \
      "where a line goes for each collection", "")                 \
    X(softheapsize, SIZE, 1 << 20, LAIR_SIZE_LARGEST, OR_ZERO,                                     \
      LAIR_SIZES ", from 1M; 0: 90 % of maxheapsize", "0",                                         \
      "heap size at which the program's listener is told", "",                                     \
      "heap size at which Lair collects garbage and gives memory back", "")                        \
    X(smallsize, SIZE, 64, 1024, MULTIPLE_OF_64, "a multiple of 64 from 64 to 1024", "512",        \
      "largest small block; above it size classes are geometric", "",                              \
      "largest small block; above it size classes are geometric", "")                              \
    X(reserve, SIZE, 0, LAIR_SIZE_LARGEST, ANY, LAIR_SIZES, "0",                                   \
      "memory committed when the heap opens", "",                                                  \
      "memory committed when the heap opens", "")                                                  \
    X(addressspace, SIZE, 64 << 20, LAIR_SIZE_LARGEST, OR_ZERO,                                    \
      LAIR_SIZES ", from 64M; 0: 192G, or none under ulimit -v", "0",                              \
      "address range reserved for the heap", "",                                                   \
      "address range reserved for the heap", "")                                                   \
    X(decay, MILLISECONDS, 0, 86400000, ANY,                                                       \
      "milliseconds, or with ms or s, up to a day; now; never", "100",                             \
      "free pages unused this long go back to the system", "",                                     \
      "free pages unused this long go back to the system", "")                                     \
    X(idlepurge, SWITCH, 0, 0, ANY, "on or off", "on",                                             \
      "a thread of its own gives memory back while the program is idle", "",                       \
      "a thread of its own gives memory back while the program is idle", "")                       \
    X(hugepages, SWITCH, 0, 0, ANY, "on or off", "on",                                             \
      "ask for huge pages where a zone of the heap passes 16 MiB", "",                             \
      "ask for huge pages where a zone of the heap passes 16 MiB", "")                             \
    X(hardened, SWITCH, 0, 0, ANY, "on or off", "off",                                             \
      "canaries, encoded free lists, detection of double and foreign frees", "",                   \
      "canaries, encoded free lists, detection of double and foreign frees", "")                   \
    X(failat, COUNT, 0, UINT32_MAX, ANY, "a number of requests; 0: none", "0",                     \
      "for tests: the request of this number fails as if memory were gone", "",                    \
      "for tests: the request of this number fails as if memory were gone", "")                    \
    X(attach, SWITCH, 0, 0, ANY, "on or off", "off",                                               \
      "", "a C program opens its heaps itself",                                                    \
      "put the interpreter's memory on Lair at start", "")                                         \
    X(strict, SWITCH, 0, 0, ANY, "on or off", "off",                                               \
      "", "only the Python package attaches",                                                      \
      "end with exit code 2 where Lair cannot attach, instead of running on stock memory", "")     \
    X(report, CHOICE, 0, 0, ANY, "off or terminal", "off",                                         \
      "", "a C program asks for the ledger",                                                       \
      "where the report at exit goes", "")                                                         \
    X(reportfile, TEXT, 0, 0, ANY, "a path; %p in it is the process id", "",                       \
      "", "a C program asks for the ledger",                                                       \
      "file for the report at exit, as JSON", "")                                                  \
    X(reportsignal, TEXT, 0, 0, ANY, "a signal: USR1", "",                                         \
      "", "a C program asks for the ledger",                                                       \
      "signal that asks for a report while the program runs", "")                                  \
    X(children, SWITCH, 0, 0, ANY, "on or off", "on",                                              \
      "", "only the Python package has children",                                                  \
      "child processes of the interpreter start with these options too", "")

/* The values of each CHOICE: X(option, constant, name, why_refused), "" where it is available. */
#define LAIR_CHOICES_TABLE(X)                                                                      \
    X(gctype, LAIR_GC_STOCK, "stock", "")                                                          \
    X(gctype, LAIR_GC_AUTO, "auto", "")                                                            \
    X(gctype, LAIR_GC_MANUAL, "manual", "")                                                        \
    X(gctype, LAIR_GC_INCREMENTAL, "incremental", "")       \
    X(report, LAIR_REPORT_OFF, "off", "")                                                          \
    X(report, LAIR_REPORT_TERMINAL, "terminal", "")
/* clang-format on */

#endif /* LAIR_OPTIONS_TABLE_H */

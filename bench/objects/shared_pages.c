/* shared_pages.c: how many pages of a graph of objects stay shared with a forked child that reads
 * it.
 *
 *     shared_pages [MEBIBYTES]
 *
 * Builds a graph of documents (dicts, lists, tuples, strs, ints, floats) of MEBIBYTES (1024), and
 * forks. The child goes through all of it by the public functions, which take a reference to each
 * object and drop it again, and then asks the system which pages it has now that its parent has
 * not. The first word that is printed is the part that is still shared, from 0 to 1; what follows
 * says the rest. The same program linked with the library that keeps counts apart shows what that
 * is worth (document 0, section 2.4).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <lair/lair.h>

enum { MEBIBYTES = 1024, DOCUMENTS_AT_ONCE = 1000 };

static void give_up(const char *what)
{
    fprintf(stderr, "shared_pages: %s (%s)\n", what, lair_error_message());
    exit(1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* -- the graph ------------------------------------------------------------------------------- */

/* One document: what a reader of JSON would make of a record in a catalogue. */
static lair_object *document(lair_heap *heap, unsigned number)
{
    return lair_build(heap, "{s:i, s:N, s:[N, N, N], s:(d, d), s:N, s:b}", /* keys are interned */
                      "id", (int)number,                                   /* by the dict */
                      "title", lair_str_format(heap, "The life and times of number %u", number),
                      "tags", lair_str_format(heap, "catalogue %u", number / 100),
                      lair_str_format(heap, "shelf %u", number / 7), lair_str_new(heap, "lending"),
                      "place", number * 0.5, number * 0.25, "summary",
                      lair_str_format(heap,
                                      "Document %u tells, in some sixty words which are not given "
                                      "here, of what became of document %u",
                                      number, number / 2),
                      "lent", number % 3 == 0);
}

static size_t live_bytes(lair_heap *heap)
{
    lair_ledger ledger;
    lair_heap_ledger(heap, &ledger);
    return ledger.live;
}

static lair_object *graph_new(lair_heap *heap, size_t bytes)
{
    lair_object *graph = lair_list_new(heap);
    for (unsigned number = 0; live_bytes(heap) < bytes; number += DOCUMENTS_AT_ONCE)
        for (unsigned i = 0; i < DOCUMENTS_AT_ONCE; i++)
            if (lair_list_append_new(graph, document(heap, number + i)) != LAIR_OK)
                give_up("the graph could not be built");
    return graph;
}

/* -- reading --------------------------------------------------------------------------------- */

typedef struct reading {
    size_t objects, bytes;
    double numbers;
} reading;

/* Reads object and what it holds. Documents are four levels deep. */
static void read_object(lair_object *object, reading *seen)
{
    seen->objects++;
    switch (lair_kind_of(object)) {
    case LAIR_KIND_STR:
        seen->bytes += lair_str_bytes(object) + (lair_str_text(object)[0] == 'T');
        break;
    case LAIR_KIND_INT:
    case LAIR_KIND_FLOAT:
    case LAIR_KIND_BOOL:
        seen->numbers += lair_float_value(object);
        break;
    default:
        LAIR_EACH(at, object)
        {
            if (at.key != NULL)
                read_object(at.key, seen);
            read_object(at.item, seen);
        }
    }
}

/* -- pages ----------------------------------------------------------------------------------- */

typedef struct pages {
    size_t resident, own; /* bytes */
} pages;

/* Whether a line of smaps begins a mapping, and then whether it is one of memory (not of a file).
 */
static bool is_mapping(const char *line, bool *anonymous)
{
    unsigned long from, to, inode;
    char name[256] = "";
    if (sscanf(line, "%lx-%lx %*s %*s %*s %lu %255[^\n]", &from, &to, &inode, name) < 3)
        return false;
    *anonymous = inode == 0 && (name[0] != '[' || strncmp(name, "[anon", 5) == 0);
    return true;
}

/* Anonymous memory of this process; nearly all of it is the heap's. */
static pages pages_now(void)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    if (file == NULL)
        give_up("/proc/self/smaps cannot be read");
    pages sum = {0};
    bool anonymous = false;
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        size_t kibibytes;
        if (is_mapping(line, &anonymous) || !anonymous)
            continue;
        if (sscanf(line, "Rss: %zu kB", &kibibytes) == 1)
            sum.resident += kibibytes << 10;
        if (sscanf(line, "Private_Dirty: %zu kB", &kibibytes) == 1)
            sum.own += kibibytes << 10;
    }
    fclose(file);
    return sum;
}

/* -- the driver: read this first -------------------------------------------------------------- */

static int child(lair_object *graph, double built, double read_before)
{
    reading seen = {0};
    pages before = pages_now();
    double start = seconds();
    read_object(graph, &seen);
    double took = seconds() - start;
    pages after = pages_now();
    double shared = 1 - (double)after.own / (double)after.resident;
    printf("%.4f of the pages are still shared; counts are %s\n", shared,
           LAIR_SEGREGATED_COUNTS ? "apart from the objects" : "in the objects");
    printf("graph: %zu MiB resident, built in %.2f s, read in %.2f s before the fork\n",
           after.resident >> 20, built, read_before);
    printf("child: read %zu objects (%zu bytes of text) in %.2f s\n", seen.objects, seen.bytes,
           took);
    printf("pages of its own: %zu MiB, and %zu MiB before it began\n", after.own >> 20,
           before.own >> 20);
    return 0;
}

int main(int argc, char **argv)
{
    size_t mebibytes = argc > 1 ? strtoul(argv[1], NULL, 10) : MEBIBYTES;
    if (argc > 2 || mebibytes == 0 || mebibytes > (SIZE_MAX >> 20)) {
        fprintf(stderr, "usage: shared_pages [MEBIBYTES]\n");
        return 2;
    }
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    if (heap == NULL)
        give_up("no heap");
    double start = seconds();
    LAIR_SCOPED lair_object *graph = graph_new(heap, mebibytes << 20);
    double built = seconds() - start;
    reading seen = {0};
    start = seconds();
    read_object(graph, &seen);
    double read_before = seconds() - start;
    fflush(stdout);
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork failed");
    if (pid == 0) {
        int code = child(graph, built, read_before);
        fflush(stdout);
        _exit(code);
    }
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        give_up("the child died");
    lair_immortalize(graph); /* the heap takes it along, which is quicker */
    return WEXITSTATUS(status);
}

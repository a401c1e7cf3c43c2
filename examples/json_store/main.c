/* json-store: loads a JSON file into Lair's objects, answers queries, and tells what the data takes
 * in memory in each form it can have.
 *
 *     json-store --sample 50000 >people.json
 *     json-store people.json --query ".users[age>80 and city='Cairo'].name"
 *                            --query ".orders | group by state | avg(price)"
 *     json-store people.json --memory
 *
 * The file is parsed by Jansson; what it says becomes dicts, instances with attribute dicts,
 * records, or packed records and arrays (--as). The forms answer alike and differ in what they
 * take. It ends with 0, with 1 when the file or a query cannot be worked off, and with 2 when the
 * command line or the text of a query is wrong.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "query.h"

enum { QUERIES_MOST = 32, DONE = 0, FAILED = 1, MISUSED = 2 };

struct command {
    const char *file;
    store_form form;
    bool intern, memory;
    unsigned long sample; /* 0: none is asked for */
    const char *queries[QUERIES_MOST];
    size_t query_count;
};

static const char usage[] =
    "usage: json-store FILE [OPTION...]        FILE may be - for standard input\n"
    "       json-store --sample N >FILE\n"
    "  -a, --as FORM       objects become dicts (default), instances, records or packed\n"
    "  -n, --no-intern     do not share equal names and short strings\n"
    "  -q, --query QUERY   answer it (may be given again), for example\n"
    "                        .users[age>30 and city='Cairo'].name\n"
    "                        .orders[state='open'] | sum(price)\n"
    "                        .users | group by city | avg(age)\n"
    "  -m, --memory        load the file in every form and compare what each takes\n"
    "  -s, --sample N      write a file of N users and 2N orders to try it on\n"
    "  -h, --help          this text\n";

static int complain(int code, const char *what, const char *why)
{
    fprintf(stderr, "json-store: %s: %s\n", what, why);
    return code;
}

/* -- the command line ------------------------------------------------------------------------ */

static bool read_count(const char *text, unsigned long *count)
{
    char *end;
    errno = 0;
    *count = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *count > 0 &&
           *count <= 100000000;
}

/* One option. Not DONE: something was wrong with it, and said. */
static int take_option(struct command *command, int option)
{
    switch (option) {
    case 'a':
        command->form = form_named(optarg);
        if (command->form == FORM_COUNT)
            return complain(MISUSED, optarg, "no form: dicts, instances, records or packed");
        break;
    case 'n':
        command->intern = false;
        break;
    case 'q':
        if (command->query_count == QUERIES_MOST)
            return complain(MISUSED, optarg, "too many queries: 32 are the most");
        command->queries[command->query_count++] = optarg;
        break;
    case 'm':
        command->memory = true;
        break;
    case 's':
        if (!read_count(optarg, &command->sample))
            return complain(MISUSED, optarg, "--sample takes a number from 1 to 100000000");
        break;
    case 'h':
        fputs(usage, stdout);
        exit(DONE);
    default: /* getopt has said what is wrong */
        fputs("try json-store --help\n", stderr);
        return MISUSED;
    }
    return DONE;
}

static int read_command(struct command *command, int argc, char **argv)
{
    static const struct option options[] = {
        {"as", required_argument, NULL, 'a'},
        {"no-intern", no_argument, NULL, 'n'},
        {"query", required_argument, NULL, 'q'},
        {"memory", no_argument, NULL, 'm'},
        {"sample", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option, code = DONE;
    *command = (struct command){.intern = true};
    while (code == DONE && (option = getopt_long(argc, argv, "a:nq:ms:h", options, NULL)) != -1)
        code = take_option(command, option);
    if (code != DONE)
        return code;
    if (command->sample != 0 && optind == argc)
        return DONE;
    if (optind + 1 != argc || command->sample != 0) {
        fputs(usage, stderr);
        return MISUSED;
    }
    command->file = argv[optind];
    return DONE;
}

/* -- the file -------------------------------------------------------------------------------- */

/* NULL: failed, and said why. */
static json_t *parse_file(const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *stream = standard ? stdin : fopen(name, "rb");
    if (stream == NULL) {
        (void)complain(FAILED, name, strerror(errno));
        return NULL;
    }
    json_error_t error;
    json_t *json = json_loadf(stream, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json == NULL && ferror(stream))
        (void)complain(FAILED, name, strerror(errno));
    else if (json == NULL)
        fprintf(stderr, "json-store: %s: line %d, column %d: %s\n", name, error.line, error.column,
                error.text);
    if (!standard)
        fclose(stream);
    return json;
}

/* -- working it off -------------------------------------------------------------------------- */

static void print_summary(const struct command *command, lair_heap *heap, size_t before,
                          const load_result *loaded)
{
    lair_ledger books;
    lair_heap_ledger(heap, &books);
    printf("%s, as %s%s: %zu objects, %.1f KiB, %.3f s\n", command->file, form_name(command->form),
           command->intern ? "" : " without interning", loaded->objects,
           (double)(books.live - before) / 1024, loaded->seconds);
}

static int answer(struct query *const *queries, size_t count, lair_object *root)
{
    for (size_t i = 0; i < count; i++)
        if (!query_answer(queries[i], root, stdout))
            return complain(FAILED, "the query cannot be answered", lair_error_message());
    return DONE;
}

static int load_and_answer(const struct command *command, lair_heap *heap,
                           struct query *const *queries)
{
    json_t *json = parse_file(command->file);
    if (json == NULL)
        return FAILED;
    int code = DONE;
    if (command->memory) {
        if (!report_memory(json))
            code = complain(FAILED, command->file, lair_error_message());
    }
    if (code != DONE || (command->memory && command->query_count == 0)) {
        json_decref(json);
        return code;
    }
    lair_ledger before;
    lair_heap_ledger(heap, &before);
    load_result loaded = load(heap, json, command->form, command->intern);
    json_decref(json);
    if (loaded.root == NULL)
        return complain(FAILED, command->file, lair_error_message());
    if (command->query_count == 0)
        print_summary(command, heap, before.live, &loaded);
    code = answer(queries, command->query_count, loaded.root);
    lair_decref(loaded.root);
    return code;
}

/* Queries are parsed first: a wrong one should not wait for a large file. */
static int run(const struct command *command)
{
    struct query *queries[QUERIES_MOST];
    char message[256];
    size_t parsed = 0;
    int code = DONE;
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    if (lair_none(heap) == NULL)
        return complain(FAILED, command->file, lair_error_message());
    for (; parsed < command->query_count && code == DONE; parsed++) {
        queries[parsed] = query_parse(heap, command->queries[parsed], message, sizeof message);
        if (queries[parsed] == NULL)
            code = complain(MISUSED, "bad query", message);
    }
    if (code == DONE)
        code = load_and_answer(command, heap, queries);
    while (parsed > 0)
        query_free(queries[--parsed]);
    return code;
}

int main(int argc, char **argv)
{
    struct command command;
    int code = read_command(&command, argc, argv);
    if (code != DONE)
        return code;
    if (command.sample != 0) {
        if (!write_sample(stdout, command.sample))
            return complain(FAILED, "the sample", strerror(errno));
        return DONE;
    }
    code = run(&command);
    if (fflush(stdout) != 0 && code == DONE)
        code = complain(FAILED, "standard output", strerror(errno));
    return code;
}

/* options_page.c: writes docs/options.md from the table of options.
 *
 *   options_page          prints the page
 *   options_page FILE     compares FILE with it; exit code 1 where they differ
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lair/options.h>

static const char head[] =
    "# Options\n"
    "\n"
    "<!-- Written by `make docs` from include/lair/options_table.h: change it there. -->\n"
    "\n"
    "The same names and values work everywhere:\n"
    "\n"
    "- `lair run --set name=value script.py`, or `-X name=value` as CPython's own options;\n"
    "- the environment variable `LAIR_OPTIONS=name=value,name=value`;\n"
    "- in C, `lair_options_parse` (`lair/options.h`).\n"
    "\n"
    "Unknown names and bad values are errors that say what is valid. Sizes are bytes; `K`, `M`,\n"
    "`G` and `T` (also `KiB`, `Ki` and so on) are powers of 1024; `25%` is a share of the "
    "machine's\n"
    "memory or of the control group's limit, whichever is smaller. A switch is `on` or `off` (`1`\n"
    "`0`, `yes` `no`, `true` `false`), and its name alone turns it on.\n";

/* A row of the table: pipes and line ends do not occur in the strings. */
static void print_meaning(FILE *page, const lair_option_row *row, lair_host host)
{
    const char *meaning = row->meaning[host];
    const char *refusal = row->refusal[host];
    if (refusal[0] == '\0') {
        fprintf(page, " %s |", meaning);
    } else if (meaning[0] == '\0') {
        fprintf(page, " refused: %s |", refusal);
    } else {
        fprintf(page, " %s (%s) |", meaning, refusal);
    }
}

static void print_page(FILE *page)
{
    size_t count;
    const lair_option_row *rows = lair_options_rows(&count);
    fputs(head, page);
    fputs("\n| option | kind | values | default | in a C program | under CPython |\n"
          "|---|---|---|---|---|---|\n",
          page);
    for (size_t i = 0; i < count; i++) {
        const char *initial = rows[i].initial[0] == '\0' ? "none" : rows[i].initial;
        fprintf(page, "| `%s` | %s | %s | %s |", rows[i].name, lair_option_kind_name(rows[i].kind),
                rows[i].values, initial);
        print_meaning(page, &rows[i], LAIR_HOST_C);
        print_meaning(page, &rows[i], LAIR_HOST_CPYTHON);
        fputc('\n', page);
    }
}

static bool same_as_file(const char *text, size_t length, const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    bool same = true;
    for (size_t i = 0; i < length && same; i++) {
        same = fgetc(file) == (unsigned char)text[i];
    }
    same = same && fgetc(file) == EOF;
    fclose(file);
    return same;
}

int main(int argc, char **argv)
{
    if (argc == 1) {
        print_page(stdout);
        return EXIT_SUCCESS;
    }
    char *text = NULL;
    size_t length = 0;
    FILE *page = open_memstream(&text, &length);
    if (page == NULL) {
        fprintf(stderr, "options_page: no memory\n");
        return EXIT_FAILURE;
    }
    print_page(page);
    fclose(page);
    bool same = same_as_file(text, length, argv[1]);
    free(text);
    if (!same) {
        fprintf(stderr, "%s is not what the table of options says: run make docs\n", argv[1]);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

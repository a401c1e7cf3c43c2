/* main.c: lair-tour, the walk through the documents in C.
 *
 *     lair-tour [--list | --json] [--set NAME=VALUE]... [DOCUMENT[.SECTION]]
 *
 * Exit codes: 0 everything that is live holds or differs for a stated reason, 1 something does
 * not hold, 2 the command line is wrong. With --json there is one line for each stop, read by
 * `lair tour`, which shows the same walk with CPython beside it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manifest.h"

enum { EXIT_FAILS = 1, EXIT_USAGE = 2, WIDTH = 100, STOPS_MAX = 256 };

typedef enum form { FORM_TEXT, FORM_JSON, FORM_LIST } form;

/* A stop that has run, and the section that showed it first. */
typedef struct past_stop {
    tour_stop *stop;
    tour_outcome outcome;
    char reason[TOUR_LINE_BYTES];
    int document;
    const char *section;
} past_stop;

typedef struct walk {
    form form;
    char settings[LAIR_TEXT_BYTES];
    int document;        /* the one wanted, or -1 for all */
    const char *section; /* ... and of it the one wanted with those below it, or NULL for all */
    past_stop past[STOPS_MAX];
    size_t past_count;
    size_t claims[TOUR_FAILS + 1]; /* by outcome; TOUR_MISSING gathers those without a stop too */
} walk;

/* -- text -------------------------------------------------------------------------------------- */

static int columns(const char *start, const char *end)
{
    int count = 0;
    for (; start < end; start++) {
        count += ((unsigned char)*start & 0xC0) != 0x80; /* not inside a UTF-8 character */
    }
    return count;
}

/* Prints lead and text, wrapped at words, later lines indented to where the text began. */
static void print_wrapped(const char *lead, const char *text)
{
    int indent = columns(lead, lead + strlen(lead));
    int column = indent;
    printf("%s", lead);
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        int width = columns(text, text + length);
        if (column > indent && column + 1 + width > WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)length, text);
        column += width;
        text += length + (text[length] == ' ');
    }
    putchar('\n');
}

static void print_outcome(tour_outcome outcome, const char *reason)
{
    static const char *const leads[] = {[TOUR_HOLDS] = "    ✓ ",
                                        [TOUR_DIFFERS] = "    differs today: ",
                                        [TOUR_MISSING] = "    not yet: ",
                                        [TOUR_FAILS] = "    ✗ "};
    print_wrapped(leads[outcome], outcome == TOUR_HOLDS ? "holds" : reason);
}

/* -- JSON -------------------------------------------------------------------------------------- */

static void print_quoted(const char *text)
{
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            printf("\\%c", *text);
        } else if ((unsigned char)*text < ' ') {
            printf("\\u%04x", (unsigned)*text);
        } else {
            putchar(*text);
        }
    }
    putchar('"');
}

static void print_stop_as_json(const char *name, const tour_run *run)
{
    static const char *const outcomes[] = {[TOUR_HOLDS] = "holds",
                                           [TOUR_DIFFERS] = "differs",
                                           [TOUR_MISSING] = "not yet",
                                           [TOUR_FAILS] = "fails"};
    printf("{\"stop\": ");
    print_quoted(name);
    printf(", \"outcome\": \"%s\", \"reason\": ", outcomes[run->outcome]);
    print_quoted(run->reason);
    printf(", \"shown\": [");
    for (size_t i = 0; i < run->shown_count; i++) {
        printf(i > 0 ? ", " : "");
        print_quoted(run->shown[i]);
    }
    printf("]}\n");
    (void)fflush(stdout);
}

/* -- claims ------------------------------------------------------------------------------------ */

static const past_stop *find_past(const walk *tour, tour_stop *stop)
{
    for (size_t i = 0; i < tour->past_count; i++) {
        if (tour->past[i].stop == stop) {
            return &tour->past[i];
        }
    }
    return NULL;
}

static const past_stop *run_stop(walk *tour, int document, const tour_section *section,
                                 const tour_side *side)
{
    static tour_run run;
    run = (tour_run){.settings = tour->settings};
    side->stop(&run);
    if (tour->form == FORM_JSON) {
        print_stop_as_json(side->text, &run);
    } else {
        for (size_t i = 0; i < run.shown_count; i++) {
            print_wrapped("      ", run.shown[i]);
        }
    }
    if (tour->past_count == STOPS_MAX) {
        (void)fprintf(stderr, "lair-tour: more than %d stops\n", STOPS_MAX);
        abort();
    }
    past_stop *past = &tour->past[tour->past_count++];
    *past = (past_stop){.stop = side->stop,
                        .outcome = run.outcome,
                        .document = document,
                        .section = section->number};
    memcpy(past->reason, run.reason, sizeof past->reason);
    return past;
}

static void answer_claim(walk *tour, int document, const tour_section *section,
                         const tour_claim *claim)
{
    const tour_side *side = &claim->c;
    bool text = tour->form == FORM_TEXT;
    if (text) {
        print_wrapped("  ", claim->text);
    }
    if (side->kind != TOUR_STOP) {
        tour->claims[TOUR_MISSING] += side->kind == TOUR_NOT_YET;
        if (text) {
            print_wrapped(side->kind == TOUR_NOT_YET ? "    not yet: " : "    does not apply: ",
                          side->text);
        }
        return;
    }
    const past_stop *past = find_past(tour, side->stop);
    if (past != NULL && text) {
        printf("      as shown at %d.%s\n", past->document, past->section);
    } else if (past == NULL) {
        past = run_stop(tour, document, section, side);
    }
    tour->claims[past->outcome]++;
    if (text) {
        print_outcome(past->outcome, past->reason);
    }
}

/* -- the listing ------------------------------------------------------------------------------- */

static void list_side(const char *name, const tour_side *side)
{
    static const char *const leads[] = {
        [TOUR_STOP] = "", [TOUR_NOT_YET] = "not yet: ", [TOUR_NONE] = "none: "};
    printf("      %s: %s%s\n", name, leads[side->kind], side->text);
}

static void list_section(const tour_section *section)
{
    if (section->shown_at[0] != '\0') {
        printf("    see %s\n", section->shown_at);
    }
    for (size_t i = 0; i < section->claim_count; i++) {
        printf("    %s\n", section->claims[i].text);
        list_side("C", &section->claims[i].c);
        list_side("Python", &section->claims[i].python);
    }
}

/* -- selection --------------------------------------------------------------------------------- */

static bool is_wanted(const walk *tour, const tour_section *section)
{
    if (tour->section == NULL) {
        return true;
    }
    size_t length = strlen(tour->section);
    return strncmp(section->number, tour->section, length) == 0 &&
           (section->number[length] == '\0' || section->number[length] == '.');
}

static const tour_document *find_document(const char *number, size_t length)
{
    for (size_t i = 0; i < tour_document_count; i++) {
        char own[16];
        (void)snprintf(own, sizeof own, "%d", tour_documents[i].number);
        if (strlen(own) == length && strncmp(own, number, length) == 0) {
            return &tour_documents[i];
        }
    }
    return NULL;
}

static bool has_section(const walk *tour, const tour_document *document)
{
    for (size_t i = 0; i < document->section_count; i++) {
        if (is_wanted(tour, &document->sections[i])) {
            return tour->section == NULL || tour->section[0] != '\0';
        }
    }
    return false;
}

/* Understands DOCUMENT[.SECTION]; false after having said what there is instead. */
static bool choose(walk *tour, const char *wanted)
{
    size_t length = strcspn(wanted, ".");
    const tour_document *document = find_document(wanted, length);
    if (document == NULL) {
        (void)fprintf(stderr, "lair-tour: there is no document %.*s; the documents are:\n",
                      (int)length, wanted);
        for (size_t i = 0; i < tour_document_count; i++) {
            (void)fprintf(stderr, "  %d  %s\n", tour_documents[i].number, tour_documents[i].title);
        }
        return false;
    }
    tour->document = document->number;
    tour->section = wanted[length] == '.' ? wanted + length + 1 : NULL;
    if (has_section(tour, document)) {
        return true;
    }
    (void)fprintf(stderr, "lair-tour: document %d has no section %s; its sections are:\n",
                  document->number, tour->section[0] != '\0' ? tour->section : "(empty)");
    for (size_t i = 0; i < document->section_count; i++) {
        (void)fprintf(stderr, "  %d.%s  %s\n", document->number, document->sections[i].number,
                      document->sections[i].title);
    }
    return false;
}

static bool add_setting(walk *tour, const char *pair)
{
    size_t used = strlen(tour->settings);
    int added = snprintf(tour->settings + used, sizeof tour->settings - used, "%s%s",
                         used > 0 ? "," : "", pair);
    if ((size_t)added >= sizeof tour->settings - used) {
        (void)fprintf(stderr, "lair-tour: --set: the options are too long\n");
        return false;
    }
    lair_options options;
    lair_options_defaults(&options);
    if (lair_options_parse(&options, LAIR_HOST_C, tour->settings) != LAIR_OK) {
        (void)fprintf(stderr, "lair-tour: --set %s: %s\n", pair, lair_error_message());
        return false;
    }
    return true;
}

static const char usage[] =
    "usage: lair-tour [--list | --json] [--set NAME=VALUE]... [DOCUMENT[.SECTION]]\n"
    "\n"
    "Walks through the documents Lair follows and runs what they claim.\n"
    "\n"
    "  DOCUMENT[.SECTION]  only this document, or this section and those below it\n"
    "  --list              what there is, without running it\n"
    "  --json              one JSON object for each stop\n"
    "  --set NAME=VALUE    an option for every heap the tour opens\n"
    "  --help              this text\n";

/* Reads the command line. Returns -1 to go on, or the exit code. */
static int read_arguments(walk *tour, int argc, char **argv)
{
    static const struct option names[] = {{"list", no_argument, NULL, 'l'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"set", required_argument, NULL, 's'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    for (int option; (option = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
        switch (option) {
        case 'l':
            tour->form = FORM_LIST;
            break;
        case 'j':
            tour->form = FORM_JSON;
            break;
        case 's':
            if (!add_setting(tour, optarg)) {
                return EXIT_USAGE;
            }
            break;
        case 'h':
            printf("%s", usage);
            return EXIT_SUCCESS;
        default: /* getopt has said what is wrong */
            (void)fprintf(stderr, "%s", usage);
            return EXIT_USAGE;
        }
    }
    if (argc - optind > 1) {
        (void)fprintf(stderr, "lair-tour: one DOCUMENT[.SECTION] at most, and not also %s\n",
                      argv[optind + 1]);
        return EXIT_USAGE;
    }
    return optind < argc && !choose(tour, argv[optind]) ? EXIT_USAGE : -1;
}

/* -- the walk: read this first ----------------------------------------------------------------- */

static void visit_section(walk *tour, int document, const tour_section *section)
{
    if (tour->form == FORM_LIST) {
        printf("%d.%s  %s\n", document, section->number, section->title);
        list_section(section);
        return;
    }
    if (tour->form == FORM_TEXT) {
        printf("\n%d.%s  %s\n", document, section->number, section->title);
        if (section->shown_at[0] != '\0') {
            print_wrapped("  shown at ", section->shown_at);
        }
    }
    for (size_t i = 0; i < section->claim_count; i++) {
        answer_claim(tour, document, section, &section->claims[i]);
    }
}

static void visit_document(walk *tour, const tour_document *document)
{
    if (tour->form == FORM_LIST) {
        printf("%d  %s\n", document->number, document->title);
    } else if (tour->form == FORM_TEXT) {
        printf("\nDocument %d: %s\n", document->number, document->title);
    }
    for (size_t i = 0; i < document->section_count; i++) {
        if (is_wanted(tour, &document->sections[i])) {
            visit_section(tour, document->number, &document->sections[i]);
        }
    }
}

int main(int argc, char **argv)
{
    static walk tour;
    tour = (walk){.document = -1};
    int code = read_arguments(&tour, argc, argv);
    if (code >= 0) {
        return code;
    }
    for (size_t i = 0; i < tour_document_count; i++) {
        if (tour.document < 0 || tour.document == tour_documents[i].number) {
            visit_document(&tour, &tour_documents[i]);
        }
    }
    if (tour.form == FORM_TEXT) {
        printf("\nclaims that hold: %zu, differ today: %zu, do not hold: %zu, not yet there: %zu\n",
               tour.claims[TOUR_HOLDS], tour.claims[TOUR_DIFFERS], tour.claims[TOUR_FAILS],
               tour.claims[TOUR_MISSING]);
    }
    return tour.claims[TOUR_FAILS] > 0 ? EXIT_FAILS : EXIT_SUCCESS;
}

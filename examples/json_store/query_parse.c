/* query_parse.c: the text of a query becomes steps. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "query_inner.h"

struct parser {
    lair_heap *heap;
    const char *text, *at;
    struct query *query;
    char *message; /* empty while all is well */
    size_t message_bytes;
};

/* -- pieces ---------------------------------------------------------------------------------- */

static bool fail(struct parser *parser, const char *what)
{
    if (parser->message[0] == '\0')
        snprintf(parser->message, parser->message_bytes, "%s at column %td of query '%s'", what,
                 parser->at - parser->text + 1, parser->text);
    return false;
}

static void skip_blanks(struct parser *parser)
{
    while (isspace((unsigned char)*parser->at))
        parser->at++;
}

static bool take(struct parser *parser, const char *token)
{
    skip_blanks(parser);
    size_t bytes = strlen(token);
    if (strncmp(parser->at, token, bytes) != 0)
        return false;
    parser->at += bytes;
    return true;
}

static bool is_name(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '-' || (byte & 0x80) != 0;
}

/* As take, for a whole word. */
static bool take_word(struct parser *parser, const char *word)
{
    const char *before = parser->at;
    if (take(parser, word) && !is_name(*parser->at))
        return true;
    parser->at = before;
    return false;
}

/* A name as it stands, or in double quotes: a new reference. NULL: failed. */
static lair_object *parse_name(struct parser *parser)
{
    skip_blanks(parser);
    const char *begin = parser->at, *end;
    if (*begin == '"') {
        begin++;
        end = strchr(begin, '"');
        if (end == NULL) {
            (void)fail(parser, "the closing '\"' is missing");
            return NULL;
        }
        parser->at = end + 1;
    } else {
        for (end = begin; is_name(*end); end++) {
        }
        if (end == begin) {
            (void)fail(parser, "a name is missing");
            return NULL;
        }
        parser->at = end;
    }
    lair_object *name = lair_str_intern_n(parser->heap, begin, (size_t)(end - begin));
    if (name == NULL)
        (void)fail(parser, lair_error_message());
    return name;
}

/* [.]name{.name} */
static bool parse_names(struct parser *parser, struct names *names)
{
    (void)take(parser, ".");
    do {
        if (names->count == NAMES_MOST)
            return fail(parser, "too many names, eight are the most,");
        lair_object *name = parse_name(parser);
        if (name == NULL)
            return false;
        names->name[names->count++] = name;
    } while (take(parser, "."));
    return true;
}

/* -- conditions ------------------------------------------------------------------------------ */

static lair_object *parse_number(struct parser *parser)
{
    char *int_end, *float_end;
    errno = 0;
    long long value = strtoll(parser->at, &int_end, 10);
    bool fits = errno == 0;
    double real = strtod(parser->at, &float_end);
    if (float_end == parser->at) {
        (void)fail(parser, "a number, a text in quotes, true, false or null is missing");
        return NULL;
    }
    parser->at = float_end;
    return float_end == int_end && fits ? lair_int_new(parser->heap, value)
                                        : lair_float_new(parser->heap, real);
}

static lair_object *parse_literal(struct parser *parser)
{
    skip_blanks(parser);
    char quote = *parser->at;
    if (quote == '\'' || quote == '"') {
        const char *begin = parser->at + 1, *end = strchr(begin, quote);
        if (end == NULL) {
            (void)fail(parser, "the closing quote is missing of what begins");
            return NULL;
        }
        parser->at = end + 1;
        return lair_str_intern_n(parser->heap, begin, (size_t)(end - begin));
    }
    if (take_word(parser, "true"))
        return lair_bool(parser->heap, true);
    if (take_word(parser, "false"))
        return lair_bool(parser->heap, false);
    if (take_word(parser, "null"))
        return lair_none(parser->heap);
    return parse_number(parser);
}

static bool parse_operation(struct parser *parser, enum operation *operation)
{
    static const struct {
        const char *token;
        enum operation operation;
    } table[] = {{"<=", AT_MOST}, {">=", AT_LEAST}, {"!=", NOT_EQUAL}, {"==", EQUAL},
                 {"=", EQUAL},    {"<", LESS},      {">", GREATER},    {"~", CONTAINS}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (take(parser, table[i].token)) {
            *operation = table[i].operation;
            return true;
        }
    return fail(parser, "one of = != < <= > >= ~ is missing");
}

static bool parse_comparison(struct parser *parser, bool begins)
{
    struct query *query = parser->query;
    if (query->comparison_count == COMPARISONS_MOST)
        return fail(parser, "too many comparisons, sixteen are the most,");
    struct comparison *added = &query->comparisons[query->comparison_count++];
    added->begins = begins;
    if (!parse_names(parser, &added->path) || !parse_operation(parser, &added->operation))
        return false;
    added->literal = parse_literal(parser);
    return added->literal != NULL || fail(parser, lair_error_message());
}

/* What stands in brackets; the opening one has been taken. */
static bool parse_brackets(struct parser *parser, struct step *step)
{
    skip_blanks(parser);
    char *end;
    unsigned long long position = strtoull(parser->at, &end, 10);
    if (isdigit((unsigned char)*parser->at) && *end == ']') {
        *step = (struct step){.kind = STEP_POSITION, .position = (size_t)position};
        parser->at = end + 1;
        return true;
    }
    *step = (struct step){.kind = STEP_CONDITION, .first = parser->query->comparison_count};
    bool begins = true, more = true;
    while (more) {
        if (!parse_comparison(parser, begins))
            return false;
        begins = take_word(parser, "or");
        more = begins || take_word(parser, "and");
    }
    step->end = parser->query->comparison_count;
    return take(parser, "]") || fail(parser, "']' is missing");
}

/* -- the whole ------------------------------------------------------------------------------- */

static bool parse_path(struct parser *parser)
{
    struct query *query = parser->query;
    skip_blanks(parser);
    if (*parser->at != '.' && *parser->at != '[')
        return fail(parser, "a path begins with '.':");
    if (parser->at[0] == '.' &&
        (parser->at[1] == '\0' || parser->at[1] == '[' || isspace((unsigned char)parser->at[1])))
        parser->at++; /* the whole */
    for (;;) {
        bool brackets = take(parser, "[");
        if (!brackets && !take(parser, "."))
            return true;
        if (query->step_count == STEPS_MOST)
            return fail(parser, "too many steps, sixteen are the most,");
        struct step *added = &query->steps[query->step_count++];
        if (brackets) {
            if (!parse_brackets(parser, added))
                return false;
        } else {
            *added = (struct step){.kind = STEP_NAME, .name = parse_name(parser)};
            if (added->name == NULL)
                return false;
        }
    }
}

static bool parse_aggregate(struct parser *parser)
{
    static const struct {
        const char *name;
        enum aggregate aggregate;
    } table[] = {
        {"count", COUNT}, {"sum", SUM}, {"avg", AVERAGE}, {"min", MINIMUM}, {"max", MAXIMUM}};
    struct query *query = parser->query;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (take_word(parser, table[i].name))
            query->aggregate = table[i].aggregate;
    if (query->aggregate == NO_AGGREGATE)
        return fail(parser, "one of group by, count, sum, avg, min, max is missing");
    if (!take(parser, "("))
        return fail(parser, "'(' is missing");
    if (take(parser, ")"))
        return true;
    if (query->aggregate == COUNT)
        return fail(parser, "count() takes nothing:");
    return parse_names(parser, &query->of) && (take(parser, ")") || fail(parser, "')' is missing"));
}

static bool parse(struct parser *parser)
{
    struct query *query = parser->query;
    if (!parse_path(parser))
        return false;
    bool more = take(parser, "|");
    if (more && take_word(parser, "group")) {
        if (!take_word(parser, "by"))
            return fail(parser, "'by' is missing");
        query->grouped = true;
        if (!parse_names(parser, &query->group))
            return false;
        more = take(parser, "|");
        if (!more)
            query->aggregate = COUNT;
    }
    if (more && !parse_aggregate(parser))
        return false;
    skip_blanks(parser);
    return *parser->at == '\0' || fail(parser, "the end, '|' or a step is missing");
}

struct query *query_parse(lair_heap *heap, const char *text, char *message, size_t size)
{
    struct parser parser = {heap, text, text, calloc(1, sizeof(struct query)), message, size};
    message[0] = '\0';
    if (parser.query == NULL) {
        (void)fail(&parser, "out of memory");
        return NULL;
    }
    if (parse(&parser))
        return parser.query;
    query_free(parser.query);
    return NULL;
}

static void names_drop(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        lair_decref(names->name[i]);
}

void query_free(struct query *query)
{
    if (query == NULL)
        return;
    for (size_t i = 0; i < query->step_count; i++)
        lair_decref(query->steps[i].name);
    for (size_t i = 0; i < query->comparison_count; i++) {
        names_drop(&query->comparisons[i].path);
        lair_decref(query->comparisons[i].literal);
    }
    names_drop(&query->group);
    names_drop(&query->of);
    free(query);
}

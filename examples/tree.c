/* A parser's tree: arithmetic becomes nested records, is shown, worked out, and freed by scope.
 *
 *     cc tree.c $(pkg-config --cflags --libs lair) -o tree && ./tree
 *
 * What it shows: record types as nodes, functions that hand NULL on, lair_repr of a whole tree,
 * arithmetic that never wraps, and that no line here frees anything. It prints
 *
 *     1 + 2 * 3
 *       = Binary(op='+', left=1, right=Binary(op='*', left=2, right=3))
 *       = 7
 *     (1 + 2) * -(3 - 4.5)
 *       = Binary(op='*', left=..., right=...)      (the longest line, cut here)
 *       = 4.5
 *     9223372036854775807 + 1
 *       = Binary(op='+', left=9223372036854775807, right=1)
 *       ! 9223372036854775807 + 1 does not fit an int of 64 bits
 *     2 * (3 +
 *       ! a number or '(' is missing at column 9
 *     nodes alive at the end: 0
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lair/lair.h>

enum { OP, LEFT, RIGHT }; /* fields of a Binary */
enum { OF };              /* of a Negation */

struct grammar {
    lair_heap *heap;
    lair_type *binary, *negation;
};

struct parser {
    const struct grammar *of;
    const char *text, *at;
    const char *missing; /* what was expected where `at` stands; NULL while all is well */
};

/* -- parsing: each function returns a new reference, or NULL and somebody has said why --------- */

static lair_object *parse_sum(struct parser *parser);

static char next_char(struct parser *parser)
{
    while (*parser->at == ' ')
        parser->at++;
    return *parser->at;
}

static lair_object *missing(struct parser *parser, const char *what)
{
    parser->missing = what;
    return NULL;
}

static lair_object *parse_number(struct parser *parser)
{
    char *int_end, *float_end;
    errno = 0;
    long long value = strtoll(parser->at, &int_end, 10);
    double real = strtod(parser->at, &float_end);
    bool is_int = float_end == int_end && errno == 0;
    parser->at = float_end;
    return is_int ? lair_int_new(parser->of->heap, value) : lair_float_new(parser->of->heap, real);
}

/* number | '(' sum ')' | '-' factor */
static lair_object *parse_factor(struct parser *parser)
{
    char first = next_char(parser);
    if (isdigit((unsigned char)first))
        return parse_number(parser);
    if (first == '-') {
        parser->at++;
        lair_object *operand = parse_factor(parser);
        return operand ? lair_record_steal(parser->of->negation, &operand) : NULL;
    }
    if (first != '(')
        return missing(parser, "a number or '('");
    parser->at++;
    LAIR_SCOPED lair_object *inner = parse_sum(parser);
    if (inner == NULL)
        return NULL;
    if (next_char(parser) != ')')
        return missing(parser, "')'");
    parser->at++;
    return lair_steal(&inner);
}

/* operand (operator operand)*, from the left; operators is the set of characters. */
static lair_object *parse_row(struct parser *parser, const char *operators,
                              lair_object *(*parse_operand)(struct parser *parser))
{
    LAIR_SCOPED lair_object *left = parse_operand(parser);
    while (left != NULL && next_char(parser) != '\0' && strchr(operators, *parser->at) != NULL) {
        lair_object *op = lair_str_intern_n(parser->of->heap, parser->at++, 1);
        lair_object *right = parse_operand(parser);
        lair_object *fields[] = {op, lair_steal(&left), right};
        left = lair_record_steal(parser->of->binary, fields); /* a NULL field is handed on */
    }
    return lair_steal(&left);
}

static lair_object *parse_product(struct parser *parser)
{
    return parse_row(parser, "*", parse_factor);
}

static lair_object *parse_sum(struct parser *parser)
{
    return parse_row(parser, "+-", parse_product);
}

static lair_object *parse(struct parser *parser)
{
    LAIR_SCOPED lair_object *tree = parse_sum(parser);
    if (tree != NULL && next_char(parser) != '\0')
        return missing(parser, "an operator");
    return lair_steal(&tree);
}

/* -- evaluating ------------------------------------------------------------------------------ */

static lair_object *evaluate(const struct grammar *grammar, lair_object *node)
{
    if (lair_type_of(node) == grammar->negation) {
        LAIR_SCOPED lair_object *zero = lair_int_new(grammar->heap, 0);
        LAIR_SCOPED lair_object *value = evaluate(grammar, lair_record_get(node, OF));
        return lair_subtract(zero, value);
    }
    if (lair_type_of(node) != grammar->binary)
        return lair_incref(node); /* a number */
    LAIR_SCOPED lair_object *left = evaluate(grammar, lair_record_get(node, LEFT));
    LAIR_SCOPED lair_object *right = left ? evaluate(grammar, lair_record_get(node, RIGHT)) : NULL;
    switch (lair_str_text(lair_record_get(node, OP))[0]) {
    case '+':
        return lair_add(left, right);
    case '-':
        return lair_subtract(left, right);
    default:
        return lair_multiply(left, right);
    }
}

/* -- the program ----------------------------------------------------------------------------- */

static void print_line(const char *mark, lair_object *object)
{
    LAIR_SCOPED lair_object *text = lair_repr(object);
    if (text != NULL)
        printf("  %s %s\n", mark, lair_str_text(text));
    else
        printf("  ! %s\n", lair_error_message());
}

static void show(const struct grammar *grammar, const char *text)
{
    struct parser parser = {.of = grammar, .text = text, .at = text};
    printf("%s\n", text);
    LAIR_SCOPED lair_object *tree = parse(&parser);
    if (tree == NULL && parser.missing != NULL) {
        printf("  ! %s is missing at column %td\n", parser.missing, parser.at - text + 1);
        return;
    }
    print_line("=", tree);
    LAIR_SCOPED lair_object *value = tree != NULL ? evaluate(grammar, tree) : NULL;
    print_line("=", value);
}

static size_t alive(lair_type *type)
{
    lair_type_stats stats;
    lair_type_get_stats(type, &stats);
    return stats.instances;
}

int main(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    struct grammar grammar = {
        .heap = heap,
        .binary = lair_record_type(heap, "Binary", (const char *[]){"op", "left", "right"}, 3,
                                   LAIR_RECORD_FROZEN),
        .negation =
            lair_record_type(heap, "Negation", (const char *[]){"of"}, 1, LAIR_RECORD_FROZEN),
    };
    if (grammar.binary == NULL || grammar.negation == NULL) {
        fprintf(stderr, "tree: %s\n", lair_error_message());
        return 1;
    }
    LAIR_SCOPED lair_object *binary = lair_type_object(grammar.binary); /* a type is an object: */
    LAIR_SCOPED lair_object *negation = lair_type_object(grammar.negation); /* it too is dropped */
    show(&grammar, "1 + 2 * 3");
    show(&grammar, "(1 + 2) * -(3 - 4.5)");
    show(&grammar, "9223372036854775807 + 1");
    show(&grammar, "2 * (3 +");
    printf("nodes alive at the end: %zu\n", alive(grammar.binary) + alive(grammar.negation));
    return 0;
}

/* build.c: nested values from a format (lair/build.h).
 *
 * The format is checked whole before any argument is read. Then values are made from left to right
 * and wait on a stack; a closing bracket takes those since its opening one and leaves the container
 * in their place. A level of brackets costs a frame and no call.
 */
#include <lair/build.h>

#include <lair/bytes.h>
#include <lair/dict.h>
#include <lair/list.h>
#include <lair/number.h>
#include <lair/set.h>
#include <lair/str.h>
#include <lair/tuple.h>

#include "space.h"

enum { FRAMES_AT_HAND = 12, VALUES_AT_HAND = 32, FORMAT_SHOWN = 100 };

/* What stood last in a bracket. */
typedef enum token { NOTHING, VALUE, COMMA, COLON } token;

/* A bracket that is open; the first frame is the format itself. */
struct frame {
    size_t opened; /* position of the bracket */
    size_t values; /* checking: how many it has so far; building: where they begin on the stack */
    char bracket;  /* 0: the format itself */
    token last;
};

/* A copy that functions can advance, which a va_list as a parameter is not. */
struct arguments {
    va_list list;
};

struct build {
    lair_heap *heap;
    const char *format;
    struct arguments *arguments;
    struct frame *frames;
    lair_object **values; /* owned */
    size_t depth, count;
};

/* -- the letters ----------------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return c != '\0' && strchr("sInilzdbON#y", c) != NULL;
}

/* The bracket that closes an opening one, or 0. */
static char closing_of(char c)
{
    switch (c) {
    case '[':
        return ']';
    case '(':
        return ')';
    case '{':
        return '}';
    case '<':
        return '>';
    default:
        return '\0';
    }
}

static bool is_closing(char c)
{
    return c == ']' || c == ')' || c == '}' || c == '>';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

/* -- arguments ------------------------------------------------------------------------------- */

/* NULL: none. Keys of dicts are interned. */
static lair_object *text_value(lair_heap *heap, const char *text, size_t bytes, bool interned)
{
    if (text == NULL)
        return lair_none(heap);
    return interned ? lair_str_intern_n(heap, text, bytes) : lair_str_new_n(heap, text, bytes);
}

static lair_object *size_value(lair_heap *heap, size_t value)
{
    if (value <= INT64_MAX)
        return lair_int_new(heap, (int64_t)value);
    (void)lair_fail(LAIR_ERR_OVERFLOW, "%zu does not fit an int of 64 bits", value);
    return NULL;
}

/* object, if it may be part of a value in heap: else the error is set. */
static lair_object *of_heap(lair_heap *heap, lair_object *object)
{
    debug_alive(object);
    if (object == NULL)
        (void)pending_error();
    else if (object->type->heap != heap)
        (void)lair_fail(LAIR_ERR_WRONG_HEAP, "a value of one heap cannot refer to a %s of another",
                        lair_type_name(object));
    else
        return object;
    return NULL;
}

/* The value that a letter and its arguments make: a new reference. */
static lair_object *letter_value(lair_heap *heap, char letter, struct arguments *arguments,
                                 bool is_key)
{
    const char *text;
    lair_object *object;
    switch (letter) {
    case 's':
    case 'I':
        text = va_arg(arguments->list, const char *);
        return text_value(heap, text, text != NULL ? strlen(text) : 0, letter == 'I' || is_key);
    case '#':
        text = va_arg(arguments->list, const char *);
        return text_value(heap, text, va_arg(arguments->list, size_t), is_key);
    case 'y':
        text = va_arg(arguments->list, const void *);
        if (text == NULL) {
            (void)va_arg(arguments->list, size_t);
            return lair_none(heap);
        }
        return lair_bytes_new(heap, text, va_arg(arguments->list, size_t));
    case 'i':
        return lair_int_new(heap, va_arg(arguments->list, int));
    case 'l':
        return lair_int_new(heap, va_arg(arguments->list, int64_t));
    case 'z':
        return size_value(heap, va_arg(arguments->list, size_t));
    case 'd':
        return lair_float_new(heap, va_arg(arguments->list, double));
    case 'b':
        return lair_bool(heap, va_arg(arguments->list, int) != 0);
    case 'O':
        return lair_incref(of_heap(heap, va_arg(arguments->list, lair_object *)));
    case 'N':
        object = va_arg(arguments->list, lair_object *);
        if (of_heap(heap, object) == NULL)
            lair_decref(object);
        else
            return object;
        return NULL;
    default:
        return lair_none(heap);
    }
}

/* Passes over the arguments of a letter, dropping what was to be stolen. */
static void letter_drop(char letter, struct arguments *arguments)
{
    switch (letter) {
    case 's':
    case 'I':
    case 'O':
        (void)va_arg(arguments->list, void *);
        break;
    case '#':
    case 'y':
        (void)va_arg(arguments->list, void *);
        (void)va_arg(arguments->list, size_t);
        break;
    // NOLINTNEXTLINE(bugprone-branch-clone): each reads an argument of another type
    case 'i':
    case 'b':
        (void)va_arg(arguments->list, int);
        break;
    case 'l':
        (void)va_arg(arguments->list, int64_t);
        break;
    case 'z':
        (void)va_arg(arguments->list, size_t);
        break;
    case 'd':
        (void)va_arg(arguments->list, double);
        break;
    case 'N':
        lair_decref(va_arg(arguments->list, lair_object *));
        break;
    default:
        break;
    }
}

/* Drops what the rest of a format was to steal, as far as it can be told what it says. */
static void rest_drop(const char *rest, struct arguments *arguments)
{
    struct error_kept error;
    error_keep(&error);
    for (; *rest != '\0'; rest++) {
        if (is_letter(*rest))
            letter_drop(*rest, arguments);
        else if (!is_blank(*rest) && strchr(",:[](){}<>", *rest) == NULL)
            break;
    }
    error_restore(&error);
}

/* -- checking -------------------------------------------------------------------------------- */

/* The format is wrong: fault says what, at which position (SIZE_MAX: at none); the bracket that
 * this is in, if any, follows. */
static bool wrong(const struct build *build, size_t at, const char *fault)
{
    const struct frame *top = &build->frames[build->depth];
    const char *more = strlen(build->format) > FORMAT_SHOWN ? "..." : "";
    char place[48] = "";
    if (at != SIZE_MAX)
        (void)snprintf(place, sizeof place, " has '%c' at %zu, which", build->format[at], at);
    char inside[48] = "";
    if (top->bracket != '\0')
        (void)snprintf(inside, sizeof inside, " inside %c...%c opened at %zu", top->bracket,
                       closing_of(top->bracket), top->opened);
    (void)lair_fail(LAIR_ERR_INVALID, "format \"%.*s%s\"%s %s%s", FORMAT_SHOWN, build->format, more,
                    place, fault, inside);
    return false;
}

static bool frame_is_key(const struct frame *frame)
{
    return frame->bracket == '{' && frame->last != COLON;
}

/* A value begins at a position. */
static bool check_value(struct build *build, size_t at)
{
    struct frame *top = &build->frames[build->depth];
    if (top->bracket == '{' && top->values % 2 != 0 && top->last != COLON)
        return wrong(build, at, "stands where a ':' must follow the key");
    top->values++;
    top->last = VALUE;
    return true;
}

static bool check_closing(struct build *build, size_t at)
{
    const struct frame *top = &build->frames[build->depth];
    if (top->bracket == '\0')
        return wrong(build, at, "closes nothing");
    if (build->format[at] != closing_of(top->bracket))
        return wrong(build, at, "is the wrong end");
    if (top->bracket == '{' && top->values % 2 != 0)
        return wrong(build, at, "follows a key without a value");
    build->depth--;
    return true;
}

static bool check_at(struct build *build, size_t at)
{
    struct frame *top = &build->frames[build->depth];
    char c = build->format[at];
    bool wants_colon = top->bracket == '{' && top->last == VALUE && top->values % 2 != 0;
    if (is_blank(c))
        return true;
    if (is_letter(c))
        return check_value(build, at);
    if (closing_of(c) != '\0') {
        if (!check_value(build, at))
            return false;
        build->frames[++build->depth] = (struct frame){.opened = at, .bracket = c};
        return true;
    }
    if (is_closing(c))
        return check_closing(build, at);
    if (c == ':' && wants_colon) {
        top->last = COLON;
        return true;
    }
    if (c == ':')
        return wrong(build, at, "follows no key");
    if (c != ',')
        return wrong(build, at, "stands for nothing");
    if (top->last != VALUE || wants_colon)
        return wrong(build, at, wants_colon ? "follows a key without a value" : "follows no value");
    top->last = COMMA;
    return true;
}

static bool format_check(struct build *build)
{
    build->frames[0] = (struct frame){0};
    for (size_t at = 0; build->format[at] != '\0'; at++)
        if (!check_at(build, at))
            return false;
    if (build->depth != 0)
        return wrong(build, SIZE_MAX, "ends");
    if (build->frames[0].last == COMMA)
        return wrong(build, SIZE_MAX, "ends with a ','");
    if (build->frames[0].values == 0)
        return wrong(build, SIZE_MAX, "names no value");
    return true;
}

/* -- building -------------------------------------------------------------------------------- */

static bool push(struct build *build, lair_object *value)
{
    build->values[build->count] = value;
    build->count += value != NULL;
    return value != NULL;
}

/* The values of the innermost bracket become one. */
static bool close_bracket(struct build *build)
{
    const struct frame *top = &build->frames[build->depth--];
    lair_object **values = build->values + top->values;
    size_t count = build->count - top->values;
    build->count = top->values; /* what follows steals them, come what may */
    switch (top->bracket) {
    case '[':
        return push(build, lair_list_steal(build->heap, values, count));
    case '{':
        return push(build, lair_dict_steal(build->heap, values, count));
    case '<':
        return push(build, lair_set_steal(build->heap, values, count));
    default:
        return push(build, lair_tuple_steal(build->heap, values, count));
    }
}

/* Makes the values of a format that is right. *rest is what was not read when it fails. */
static bool values_make(struct build *build, const char **rest)
{
    build->depth = 0;
    build->frames[0] = (struct frame){0};
    for (const char *at = build->format; *at != '\0'; at++) {
        struct frame *top = &build->frames[build->depth];
        bool done = true;
        *rest = at + 1;
        if (is_letter(*at)) {
            done = push(build, letter_value(build->heap, *at, build->arguments, frame_is_key(top)));
            top->last = VALUE;
        } else if (closing_of(*at) != '\0') {
            top->last = VALUE;
            build->frames[++build->depth] = (struct frame){.bracket = *at, .values = build->count};
        } else if (is_closing(*at)) {
            done = close_bracket(build);
        } else if (!is_blank(*at)) {
            top->last = *at == ':' ? COLON : COMMA;
        }
        if (!done)
            return false;
    }
    return build->count == 1 || close_bracket(build);
}

static void values_drop(struct build *build)
{
    struct error_kept error;
    error_keep(&error);
    while (build->count != 0)
        lair_decref(build->values[--build->count]);
    error_restore(&error);
}

/* Checks and makes; frames and values have room. */
static lair_object *build_run(struct build *build)
{
    const char *rest = build->format;
    if (format_check(build) && values_make(build, &rest))
        return build->values[0];
    values_drop(build);
    rest_drop(rest, build->arguments);
    return NULL;
}

/* -- what programs call ---------------------------------------------------------------------- */

lair_object *lair_build_v(lair_heap *heap, const char *format, va_list list)
{
    struct frame frames[FRAMES_AT_HAND];
    lair_object *values[VALUES_AT_HAND];
    struct arguments arguments;
    struct build build = {.heap = heap,
                          .format = format,
                          .arguments = &arguments,
                          .frames = frames,
                          .values = values};
    if (format == NULL) {
        (void)lair_fail(LAIR_ERR_INVALID, "a format was expected, not NULL");
        return NULL;
    }
    if (heap != NULL && space_of(heap) != NULL)
        collector_safe_point(space_of(heap));
    size_t depth = 1, most = 1;
    for (const char *at = format; *at != '\0'; at++) {
        depth += closing_of(*at) != '\0';
        most += is_letter(*at) || closing_of(*at) != '\0';
    }
    va_copy(arguments.list, list);
    lair_object *made = NULL;
    void *block = NULL;
    bool at_hand = depth <= FRAMES_AT_HAND && most <= VALUES_AT_HAND;
    if (heap == NULL)
        (void)pending_error();
    else if (!at_hand)
        block = lair_heap_alloc(heap, depth * sizeof(*frames) + most * sizeof(values[0]));
    if (block != NULL) {
        build.frames = block;
        build.values = (lair_object **)(void *)(build.frames + depth);
    }
    if (heap != NULL && (at_hand || block != NULL))
        made = build_run(&build);
    else
        rest_drop(format, &arguments);
    va_end(arguments.list);
    if (heap != NULL)
        lair_heap_free(heap, block);
    return made;
}

lair_object *lair_build(lair_heap *heap, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    lair_object *made = lair_build_v(heap, format, arguments);
    va_end(arguments);
    return made;
}

/* options.c: reading and printing the options of lair/options_table.h.
 *
 * A value is a range of characters of the user's text, never copied. Each kind has one function
 * that reads a value and one that prints it; a reader returns NULL or the words for what is wrong,
 * and options_parse makes the sentence of them.
 */
#include "base/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/assert.h"
#include "base/bits.h"
#include "base/error.h"

/* -- the table ------------------------------------------------------------------------------- */

typedef enum option_rule { ANY, OR_ZERO, POWER_OF_TWO, MULTIPLE_OF_64 } option_rule;

#define ROW(name_, kind_, low_, high_, rule_, values_, initial_, on_c, not_on_c, on_py, not_on_py) \
    {.name = #name_,                                                                               \
     .kind = LAIR_OPTION_##kind_,                                                                  \
     .offset = offsetof(lair_options, name_),                                                      \
     .low = (low_),                                                                                \
     .high = (high_),                                                                              \
     .values = (values_),                                                                          \
     .initial = (initial_),                                                                        \
     .meaning = {(on_c), (on_py)},                                                                 \
     .refusal = {(not_on_c), (not_on_py)}},
static const lair_option_row rows[] = {LAIR_OPTIONS_TABLE(ROW)};
#undef ROW

enum { ROW_COUNT = sizeof rows / sizeof rows[0] };

/* The rule of each row; apart, because only the parser needs it. */
#define RULE(name, kind, low, high, rule, ...) rule,
static const option_rule rules[ROW_COUNT] = {LAIR_OPTIONS_TABLE(RULE)};
#undef RULE

typedef struct option_choice {
    const char *option;
    int constant;
    const char *name;
    const char *refusal; /* "": available */
} option_choice;

#define CHOICE(option, constant, name, refusal) {#option, constant, name, refusal},
static const option_choice choices[] = {LAIR_CHOICES_TABLE(CHOICE)};
#undef CHOICE

enum { CHOICE_COUNT = sizeof choices / sizeof choices[0] };

const lair_option_row *lair_options_rows(size_t *count)
{
    *count = ROW_COUNT;
    return rows;
}

const char *lair_option_kind_name(lair_option_kind kind)
{
    static const char *const names[] = {"size",   "count",  "milliseconds",
                                        "switch", "choice", "text"};
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

/* -- pieces of text -------------------------------------------------------------------------- */

typedef struct slice {
    const char *start;
    size_t length;
} slice;

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static slice slice_trim(slice text)
{
    while (text.length > 0 && is_space(text.start[0])) {
        text.start++;
        text.length--;
    }
    while (text.length > 0 && is_space(text.start[text.length - 1])) {
        text.length--;
    }
    return text;
}

/* Cuts the part before the first separator off rest, which is NULL at start after the last part.
 * Without a separator the part is all of rest. */
static slice slice_cut(slice *rest, char separator)
{
    const char *found = memchr(rest->start, separator, rest->length);
    slice part = *rest;
    if (found == NULL) {
        *rest = (slice){NULL, 0};
        return part;
    }
    part.length = (size_t)(found - part.start);
    *rest = (slice){found + 1, rest->length - part.length - 1};
    return part;
}

/* Case counts in names of options, not in values. */
static bool slice_is(slice text, const char *word)
{
    return strlen(word) == text.length && memcmp(text.start, word, text.length) == 0;
}

static bool slice_is_word(slice text, const char *word)
{
    return strlen(word) == text.length && strncasecmp(text.start, word, text.length) == 0;
}

/* Arguments for "%.*s", so that a message never carries more of the user's text than is read. */
#define SLICE_ARGS(text) ((text).length < 60 ? (int)(text).length : 60), (text).start

/* Reads the digits at the start of text and removes them. False where there are none; a number
 * too large for 64 bits becomes UINT64_MAX. */
static bool slice_take_number(slice *text, uint64_t *number)
{
    uint64_t value = 0;
    size_t digits = 0;
    for (; digits < text->length && text->start[digits] >= '0' && text->start[digits] <= '9';
         digits++) {
        unsigned digit = (unsigned)(text->start[digits] - '0');
        value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
    }
    text->start += digits;
    text->length -= digits;
    *number = value;
    return digits > 0;
}

/* -- reading values -------------------------------------------------------------------------- */

static const char NOT_A_NUMBER[] = "is not a number";
static const char NOT_A_SIZE[] = "is not a size";
static const char NOT_A_TIME[] = "is not a time";
static const char TOO_SMALL[] = "is too small";
static const char TOO_LARGE[] = "is too large";

static const char *check_number(const lair_option_row *row, uint64_t value)
{
    option_rule rule = rules[row - rows];
    if (rule == OR_ZERO && value == 0) {
        return NULL;
    }
    if (value < row->low) {
        return TOO_SMALL;
    }
    if (value > row->high) {
        return TOO_LARGE;
    }
    if (rule == POWER_OF_TWO && !is_power_of_two((size_t)value)) {
        return "is not a power of two";
    }
    if (rule == MULTIPLE_OF_64 && value % 64 != 0) {
        return "is not a multiple of 64";
    }
    return NULL;
}

static const char *read_count(const lair_option_row *row, slice text, uint64_t *value)
{
    if (!slice_take_number(&text, value) || text.length > 0) {
        return NOT_A_NUMBER;
    }
    return check_number(row, *value);
}

/* K, M, G, T and their forms KB, Ki, KiB, in either case: powers of 1024. */
static bool unit_shift(slice unit, unsigned *shift)
{
    static const char letters[] = "KMGT";
    if (unit.length == 0 || slice_is_word(unit, "B")) {
        *shift = 0;
        return true;
    }
    for (unsigned i = 0; i < sizeof letters - 1; i++) {
        if (strncasecmp(unit.start, &letters[i], 1) == 0) {
            slice form = {unit.start + 1, unit.length - 1};
            *shift = 10 * (i + 1);
            return form.length == 0 || slice_is_word(form, "i") || slice_is_word(form, "B") ||
                   slice_is_word(form, "iB");
        }
    }
    return false;
}

static const char *read_size(const lair_option_row *row, slice text, size_t (*memory_total)(void),
                             size_t *value)
{
    uint64_t number;
    if (!slice_take_number(&text, &number)) {
        return NOT_A_SIZE;
    }
    if (slice_is(text, "%")) {
        if (number < 1 || number > 100) {
            return "is not a percentage from 1% to 100%";
        }
        size_t total = memory_total();
        number = total / 100 * number + total % 100 * number / 100;
    } else {
        unsigned shift;
        if (!unit_shift(text, &shift)) {
            return NOT_A_SIZE;
        }
        if (number > row->high >> shift) {
            return TOO_LARGE;
        }
        number <<= shift;
    }
    *value = (size_t)number;
    return check_number(row, number);
}

/* 0 is "now", not the heap's default. */
static const char *read_milliseconds(const lair_option_row *row, slice text, uint32_t *value)
{
    if (slice_is_word(text, "never")) {
        *value = LAIR_DECAY_NEVER;
        return NULL;
    }
    if (slice_is_word(text, "now")) {
        *value = LAIR_DECAY_AT_ONCE;
        return NULL;
    }
    uint64_t number;
    if (!slice_take_number(&text, &number)) {
        return NOT_A_TIME;
    }
    if (slice_is_word(text, "s")) {
        number = number > row->high ? UINT64_MAX : number * 1000;
    } else if (text.length > 0 && !slice_is_word(text, "ms")) {
        return NOT_A_TIME;
    }
    const char *fault = check_number(row, number);
    if (fault == NULL) {
        *value = number == 0 ? LAIR_DECAY_AT_ONCE : (uint32_t)number;
    }
    return fault;
}

static const char *read_switch(slice text, bool *value)
{
    static const char *const words[2][4] = {{"0", "off", "no", "false"},
                                            {"1", "on", "yes", "true"}};
    for (size_t i = 0; i < 4; i++) {
        for (int on = 0; on < 2; on++) {
            if (slice_is_word(text, words[on][i])) {
                *value = on != 0;
                return NULL;
            }
        }
    }
    return "is neither on nor off";
}

static const char *read_choice(const lair_option_row *row, slice text, int *value)
{
    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        if (strcmp(choices[i].option, row->name) == 0 && slice_is_word(text, choices[i].name)) {
            *value = choices[i].constant;
            return choices[i].refusal[0] == '\0' ? NULL : choices[i].refusal;
        }
    }
    return "is not a choice";
}

static const char *read_text(slice text, char *value)
{
    if (text.length >= LAIR_TEXT_BYTES) {
        return "is too long";
    }
    memcpy(value, text.start, text.length);
    value[text.length] = '\0';
    return NULL;
}

/* Reads text into the field of row. Returns NULL, or what is wrong with the text; the field may
 * then have changed. */
static const char *read_value(lair_options *options, const lair_option_row *row, slice text,
                              size_t (*memory_total)(void))
{
    void *field = (char *)options + row->offset;
    switch (row->kind) {
    case LAIR_OPTION_SIZE:
        return read_size(row, text, memory_total, field);
    case LAIR_OPTION_COUNT:
        return read_count(row, text, field);
    case LAIR_OPTION_MILLISECONDS:
        return read_milliseconds(row, text, field);
    case LAIR_OPTION_SWITCH:
        return read_switch(text, field);
    case LAIR_OPTION_CHOICE:
        return read_choice(row, text, field);
    case LAIR_OPTION_TEXT:
        return read_text(text, field);
    }
    lair_unreachable();
}

/* -- printing values ------------------------------------------------------------------------- */

static void print_size(size_t value, char *buffer, size_t size)
{
    static const char *const units[] = {"", "K", "M", "G", "T"};
    size_t unit = 0;
    while (value != 0 && value % 1024 == 0 && unit < sizeof units / sizeof units[0] - 1) {
        value /= 1024;
        unit++;
    }
    (void)snprintf(buffer, size, "%zu%s", value, units[unit]);
}

static void print_milliseconds(uint32_t value, char *buffer, size_t size)
{
    if (value == LAIR_DECAY_NEVER) {
        (void)snprintf(buffer, size, "never");
    } else if (value == LAIR_DECAY_AT_ONCE) {
        (void)snprintf(buffer, size, "now");
    } else {
        (void)snprintf(buffer, size, "%" PRIu32, value);
    }
}

static const char *choice_name(const lair_option_row *row, int value)
{
    for (size_t i = 0; i < CHOICE_COUNT; i++) {
        if (strcmp(choices[i].option, row->name) == 0 && choices[i].constant == value) {
            return choices[i].name;
        }
    }
    return "?";
}

void lair_option_print(const lair_options *options, const lair_option_row *row, char *buffer,
                       size_t size)
{
    const void *field = (const char *)options + row->offset;
    switch (row->kind) {
    case LAIR_OPTION_SIZE:
        print_size(*(const size_t *)field, buffer, size);
        return;
    case LAIR_OPTION_COUNT:
        (void)snprintf(buffer, size, "%" PRIu64, *(const uint64_t *)field);
        return;
    case LAIR_OPTION_MILLISECONDS:
        print_milliseconds(*(const uint32_t *)field, buffer, size);
        return;
    case LAIR_OPTION_SWITCH:
        (void)snprintf(buffer, size, "%s", *(const bool *)field ? "on" : "off");
        return;
    case LAIR_OPTION_CHOICE:
        (void)snprintf(buffer, size, "%s", choice_name(row, *(const int *)field));
        return;
    case LAIR_OPTION_TEXT:
        (void)snprintf(buffer, size, "%s", (const char *)field);
        return;
    }
    lair_unreachable();
}

/* -- the driver: read this first ------------------------------------------------------------- */

static const lair_option_row *find_row(slice name)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (slice_is(name, rows[i].name)) {
            return &rows[i];
        }
    }
    return NULL;
}

static lair_status fail_unknown(lair_host host, slice name)
{
    char valid[ERROR_MESSAGE_BYTES] = "";
    size_t length = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (rows[i].refusal[host][0] == '\0') {
            int n = snprintf(valid + length, sizeof valid - length, "%s%s", length ? ", " : "",
                             rows[i].name);
            length += (size_t)n;
            lair_assert(length < sizeof valid, "the names of all options are too long to print");
        }
    }
    return lair_fail(LAIR_ERR_INVALID, "unknown option '%.*s'; valid: %s", SLICE_ARGS(name), valid);
}

/* One "name=value", or the name of a switch alone. */
static lair_status parse_one(lair_options *options, lair_host host, slice item,
                             size_t (*memory_total)(void))
{
    slice value = item;
    slice name = slice_trim(slice_cut(&value, '='));
    const lair_option_row *row = find_row(name);
    if (row == NULL) {
        return fail_unknown(host, name);
    }
    if (row->refusal[host][0] != '\0') {
        return lair_fail(LAIR_ERR_INVALID, "option %s: %s", row->name, row->refusal[host]);
    }
    if (value.start == NULL && row->kind == LAIR_OPTION_SWITCH) {
        value = (slice){"on", 2};
    }
    if (value.start == NULL) {
        return lair_fail(LAIR_ERR_INVALID, "option %s needs a value; valid: %s", row->name,
                         row->values);
    }
    value = slice_trim(value);
    const char *fault = read_value(options, row, value, memory_total);
    if (fault != NULL) {
        return lair_fail(LAIR_ERR_INVALID, "option %s: '%.*s' %s; valid: %s", row->name,
                         SLICE_ARGS(value), fault, row->values);
    }
    return LAIR_OK;
}

void lair_options_defaults(lair_options *options)
{
    memset(options, 0, sizeof *options);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        slice text = {rows[i].initial, strlen(rows[i].initial)};
        const char *fault = read_value(options, &rows[i], text, NULL);
        lair_assert(fault == NULL, "the default of %s, '%s', %s", rows[i].name, rows[i].initial,
                    fault);
        (void)fault;
    }
}

lair_status options_parse(lair_options *options, lair_host host, const char *text,
                          size_t (*memory_total)(void))
{
    lair_options parsed = *options;
    slice rest = {text, text == NULL ? 0 : strlen(text)};
    if (slice_trim(rest).length == 0) {
        return LAIR_OK;
    }
    while (rest.start != NULL) {
        slice item = slice_trim(slice_cut(&rest, ','));
        if (item.length == 0) {
            return lair_fail(LAIR_ERR_INVALID, "empty option in '%.100s'", text);
        }
        lair_status status = parse_one(&parsed, host, item, memory_total);
        if (status != LAIR_OK) {
            return status;
        }
    }
    *options = parsed;
    return LAIR_OK;
}

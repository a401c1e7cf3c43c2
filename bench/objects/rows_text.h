/* rows_text.h: texts put together from pieces, and interned.
 *
 *     static object *str_key(const char *text);
 *     static object *pieces_new(const char *const *texts, size_t count);  what text_join takes
 *     static inline object *text_join(object *pieces);         with ", " between
 *     static inline object *text_build(const char *const *texts, const size_t *sizes, size_t
 *                                      count);                 piece by piece
 *     static inline size_t text_bytes(object *text);
 *     static inline object *intern(const char *text);          the one with this content
 */
#ifndef ROWS_TEXT_H
#define ROWS_TEXT_H

#include "bench.h"

enum { PIECES = 1000 };

static char piece_store[PIECES][24];
static const char *piece_texts[PIECES];
static size_t piece_sizes[PIECES];

/* Pieces of 1 to 16 bytes. */
static void pieces_make(void)
{
    for (size_t i = 0; i < PIECES; i++) {
        size_t size = 1 + scatter((uint32_t)i) % 16;
        memset(piece_store[i], 'a' + (int)(i % 26), size);
        piece_texts[i] = piece_store[i];
        piece_sizes[i] = size;
    }
}

static void text_join_row(work *run)
{
    pieces_make();
    object *pieces = need(pieces_new(piece_texts, PIECES));
    size_t turns = (run->operations + PIECES - 1) / PIECES;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++) {
        object *text = need(text_join(pieces));
        run->checksum += text_bytes(text);
        DROP(text, text);
    }
    time_end(run);
    run->operations = turns * PIECES;
}

static void text_build_row(work *run)
{
    pieces_make();
    size_t turns = (run->operations + PIECES - 1) / PIECES;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++) {
        object *text = need(text_build(piece_texts, piece_sizes, PIECES));
        run->checksum += text_bytes(text);
        DROP(text, text);
    }
    time_end(run);
    run->operations = turns * PIECES;
}

/* Texts, SMALL of them, side by side. */
typedef char key_texts[SMALL][TEXT_BYTES + 1];

static void key_texts_make(key_texts texts, size_t first)
{
    for (size_t i = 0; i < SMALL; i++)
        memcpy(texts[i], key_text(first + i), TEXT_BYTES + 1);
}

/* SMALL texts that are all interned already, over and over. */
static void intern_hit_row(work *run)
{
    static key_texts texts;
    object *held[SMALL];
    key_texts_make(texts, 0);
    for (size_t i = 0; i < SMALL; i++)
        held[i] = need(intern(texts[i]));
    size_t turns = (run->operations + SMALL - 1) / SMALL;
    time_begin(run);
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < SMALL; i++) {
            object *again = need(intern(texts[i]));
            run->checksum += again == held[i];
            DROP(interned, again);
        }
    time_end(run);
    for (size_t i = 0; i < SMALL; i++)
        DROP(interned, held[i]);
    run->operations = turns * SMALL;
}

/* New texts, which nobody refers to any more after a batch. */
static void intern_miss_row(work *run)
{
    static key_texts texts;
    object *held[SMALL];
    size_t turns = (run->operations + SMALL - 1) / SMALL;
    for (size_t turn = 0; turn < turns; turn++) {
        key_texts_make(texts, turn * SMALL);
        time_begin(run);
        for (size_t i = 0; i < SMALL; i++)
            held[i] = need(intern(texts[i]));
        for (size_t i = 0; i < SMALL; i++)
            DROP(interned, held[i]);
        time_end(run);
        run->checksum += turn;
    }
    run->operations = turns * SMALL;
}

#define TEXT_ROWS                                                                                  \
    {"str-join", 20 * LARGE, text_join_row}, {"str-builder", 20 * LARGE, text_build_row},          \
        {"intern-hit", 5 * LARGE, intern_hit_row},                                                 \
    {                                                                                              \
        "intern-miss", 2 * LARGE, intern_miss_row                                                  \
    }

#endif /* ROWS_TEXT_H */

/* writer.h: text under construction, in memory or on its way to a stream. */
#ifndef LAIR_OBJECT_WRITER_H
#define LAIR_OBJECT_WRITER_H

#include <lair/type.h>

struct lair_writer {
    lair_heap *heap;
    FILE *stream; /* NULL: the text is kept */
    char *text;   /* a block of the heap; NULL: none yet */
    size_t bytes, capacity;
};

/* Gives the memory back. */
void writer_drop(lair_writer *writer);

/* Writes the text of a str quoted and escaped as Python's repr does, but for characters that no
 * version of Unicode up to 15.1 has: they stay. (quote.c) */
lair_status writer_quote(lair_writer *writer, const char *text, size_t bytes);

/* ... of bytes, without the b: what is not ASCII is escaped. */
lair_status writer_quote_bytes(lair_writer *writer, const char *data, size_t bytes);

#endif /* LAIR_OBJECT_WRITER_H */

/* writer.c: text grows in a block of the heap, or goes to a stream piece by piece. */
#include "writer.h"

#include <stdarg.h>
#include <string.h>

#include "base/error.h"

static lair_status writer_reserve(lair_writer *writer, size_t more)
{
    if (more <= writer->capacity - writer->bytes)
        return LAIR_OK;
    if (more > PTRDIFF_MAX / 2 - writer->bytes)
        return lair_fail(LAIR_ERR_OVERFLOW, "a text of more than %zu bytes", writer->bytes + more);
    size_t capacity = writer->bytes + more;
    capacity = capacity < 64 ? 64 : capacity + capacity / 2;
    char *text = lair_heap_realloc(writer->heap, writer->text, capacity);
    if (text == NULL)
        return lair_error_status();
    writer->text = text;
    writer->capacity = capacity;
    return LAIR_OK;
}

lair_status lair_write(lair_writer *writer, const char *text, size_t bytes)
{
    if (writer->stream != NULL) {
        if (fwrite(text, 1, bytes, writer->stream) != bytes)
            return lair_fail(LAIR_ERR_IO, "the stream refused %zu bytes", bytes);
        return LAIR_OK;
    }
    lair_status status = writer_reserve(writer, bytes);
    if (status == LAIR_OK && bytes != 0) {
        memcpy(writer->text + writer->bytes, text, bytes);
        writer->bytes += bytes;
    }
    return status;
}

lair_status lair_write_text(lair_writer *writer, const char *text)
{
    return lair_write(writer, text, strlen(text));
}

lair_status lair_write_format(lair_writer *writer, const char *format, ...)
{
    char short_text[256];
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(short_text, sizeof short_text, format, arguments);
    va_end(arguments);
    lair_status status;
    if (length < 0) {
        status = lair_fail(LAIR_ERR_INVALID, "the format '%s' cannot be written", format);
    } else if ((size_t)length < sizeof short_text) {
        status = lair_write(writer, short_text, (size_t)length);
    } else {
        size_t room = (size_t)length + 1;
        char *text = lair_heap_alloc(writer->heap, room);
        status = text != NULL ? LAIR_OK : lair_error_status();
        if (text != NULL) {
            (void)vsnprintf(text, room, format, again);
            status = lair_write(writer, text, (size_t)length);
            lair_heap_free(writer->heap, text);
        }
    }
    va_end(again);
    return status;
}

void writer_drop(lair_writer *writer)
{
    lair_heap_free(writer->heap, writer->text);
    writer->text = NULL;
    writer->bytes = writer->capacity = 0;
}

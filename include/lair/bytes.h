/* lair/bytes.h: bytes, immutable.
 */
#ifndef LAIR_BYTES_H
#define LAIR_BYTES_H

#include <lair/object.h>

#ifdef __cplusplus
extern "C" {
#endif

/* data may be NULL: then all bytes are zero. */
LAIR_API lair_object *lair_bytes_new(lair_heap *heap, const void *data, size_t size);

/* BORROWED; a zero byte follows the last. NULL: not bytes. */
LAIR_API const unsigned char *lair_bytes_data(const lair_object *bytes);
LAIR_API size_t lair_bytes_size(const lair_object *bytes); /* SIZE_MAX: not bytes */

LAIR_API lair_object *lair_bytes_concat(lair_object *a, lair_object *b);
LAIR_API lair_object *lair_bytes_slice(lair_object *bytes, size_t start, size_t end);

/* bytes as text: LAIR_ERR_ENCODING names the first bad byte. And back. */
LAIR_API lair_object *lair_bytes_decode(lair_object *bytes);
LAIR_API lair_object *lair_str_encode(lair_object *str);

#ifdef __cplusplus
}
#endif

#endif /* LAIR_BYTES_H */

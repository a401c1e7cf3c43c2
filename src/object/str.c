/* str.c: strs are made, read, hashed, compared and iterated. */
#include "str.h"

#include <pthread.h>

#include "builtin.h"
#include "find.h"
#include "intern.h"
#include "os/os.h"
#include "utf8.h"
#include "walk.h"

/* -- the key of the hashes ------------------------------------------------------------------- */

static uint64_t process_key[2];

static void draw_key(void)
{
    os_random(process_key, sizeof process_key);
}

/* -- size ------------------------------------------------------------------------------------ */

/* Where a long str keeps its size. */
static char *long_size_at(const lair_object *object)
{
    size_t block = lair_heap_usable_size(object->type->heap, object);
    return (char *)str_of(object) + block - sizeof(size_t);
}

size_t str_bytes_long(const lair_object *object)
{
    size_t bytes;
    memcpy(&bytes, long_size_at(object), sizeof bytes);
    return bytes;
}

/* The object has its type; the block is long enough. */
static inline void set_size(struct str *str, size_t bytes, bool wide)
{
    uint32_t size = likely(bytes < STR_LONG) ? (uint32_t)bytes : STR_LONG;
    str->size = size << STR_SIZE_SHIFT | (wide ? STR_WIDE : 0);
    str->text[bytes] = '\0';
    if (unlikely(size == STR_LONG))
        memcpy(long_size_at(&str->object), &bytes, sizeof bytes);
}

/* -- making ---------------------------------------------------------------------------------- */

bool text_size_valid(const lair_type *type, size_t bytes)
{
    if (likely(bytes <= STR_BYTES_MAX))
        return true;
    (void)lair_fail(LAIR_ERR_OVERFLOW, "a %s of %zu bytes", type->spec.name, bytes);
    return false;
}

static inline struct str *start(struct str *str, size_t bytes, bool wide)
{
    if (unlikely(str == NULL))
        return NULL;
    OBJECT_OWN(str) = 0;
    set_size(str, bytes, wide);
    return str;
}

static inline struct str *make(lair_type *type, size_t bytes, bool wide)
{
    if (!text_size_valid(type, bytes))
        return NULL;
    return start(object_alloc(type, str_block_bytes(bytes)), bytes, wide);
}

struct str *text_alloc(lair_type *type, size_t bytes, bool wide)
{
    return make(type, bytes, wide);
}

lair_object *text_adopt(lair_type *type, struct str *block, size_t bytes, bool wide)
{
    struct str *str = start(object_adopt(type, block), bytes, wide);
    return str != NULL ? &str->object : NULL;
}

struct str *str_alloc(struct space *space, size_t bytes, bool wide)
{
    return make(builtin_type(space, LAIR_KIND_STR), bytes, wide);
}

/* The str that exists once, or NULL. */
static inline lair_object *existing(const struct space *space, const char *text, size_t bytes)
{
    if (bytes > 1)
        return NULL;
    if (bytes == 0)
        return space->empty_str;
    return (unsigned char)text[0] < SINGLE_CHARS ? space->single_chars[(unsigned char)text[0]]
                                                 : NULL;
}

static inline lair_object *from_known(struct space *space, const char *text, size_t bytes,
                                      bool wide)
{
    lair_object *there = existing(space, text, bytes);
    if (there != NULL)
        return there;
    struct str *str = make(builtin_type(space, LAIR_KIND_STR), bytes, wide);
    if (unlikely(str == NULL))
        return NULL;
    text_copy(str->text, text, bytes);
    return &str->object;
}

lair_object *str_from_known(struct space *space, const char *text, size_t bytes, bool wide)
{
    return from_known(space, text, bytes, wide);
}

lair_object *str_from_valid(struct space *space, const char *text, size_t bytes)
{
    return from_known(space, text, bytes, utf8_ascii_prefix(text, bytes) != bytes);
}

lair_object *str_adopt(struct space *space, struct str *block, size_t bytes, bool wide)
{
    lair_object *there = existing(space, block->text, bytes);
    if (there != NULL) {
        lair_heap_free(space->heap, block);
        return there;
    }
    struct str *shrunk = lair_heap_realloc(space->heap, block, str_block_bytes(bytes));
    if (shrunk != NULL) /* else it stays as large as it is */
        block = shrunk;
    return text_adopt(builtin_type(space, LAIR_KIND_STR), block, bytes, wide);
}

static bool text_invalid(const char *text, size_t bytes, size_t bad)
{
    (void)lair_fail(LAIR_ERR_ENCODING, "not UTF-8: byte 0x%02x at position %zu of %zu",
                    (unsigned char)text[bad], bad, bytes);
    return false;
}

bool text_valid(const char *text, size_t bytes, bool *wide)
{
    size_t valid = utf8_ascii_prefix(text, bytes);
    *wide = valid != bytes;
    if (*wide)
        valid = utf8_valid_prefix(text, bytes, valid);
    return valid == bytes || text_invalid(text, bytes, valid);
}

/* Whether there is text; else the error is set. */
static inline bool is_there(const char *text, size_t bytes)
{
    if (likely(text != NULL || bytes == 0))
        return true;
    (void)lair_fail(LAIR_ERR_INVALID, "the text is NULL");
    return false;
}

static inline lair_object *from_text(lair_heap *heap, const char *text, size_t bytes)
{
    struct space *space = space_of(heap);
    bool wide;
    if (unlikely(space == NULL) || !is_there(text, bytes) || !text_valid(text, bytes, &wide))
        return NULL;
    return from_known(space, text, bytes, wide);
}

lair_object *lair_str_new_n(lair_heap *heap, const char *text, size_t bytes)
{
    return from_text(heap, text, bytes);
}

lair_object *lair_str_new(lair_heap *heap, const char *text)
{
    return is_there(text, 1) ? from_text(heap, text, strlen(text)) : NULL;
}

lair_object *lair_str_new_lossy(lair_heap *heap, const char *text, size_t bytes)
{
    static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */
    struct space *space = space_of(heap);
    if (space == NULL || !is_there(text, bytes))
        return NULL;
    size_t good = utf8_valid_prefix(text, bytes, 0);
    if (good == bytes)
        return str_from_valid(space, text, bytes);
    lair_str_builder builder = lair_str_builder_of(heap, bytes);
    for (size_t i = 0; i < bytes;) {
        size_t bad = i + utf8_valid_prefix(text + i, bytes - i, 0);
        (void)lair_str_builder_add(&builder, text + i, bad - i);
        i = bad;
        if (i < bytes) {
            (void)lair_str_builder_add(&builder, replacement, sizeof replacement - 1);
            i += utf8_bad_bytes(text + i, bytes - i);
        }
    }
    return lair_str_builder_end(&builder);
}

bool strs_make(struct space *space)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, draw_key);
    memcpy(space->hash_key, process_key, sizeof process_key);
    if (!intern_make(space))
        return false;
    for (int i = -1; i < SINGLE_CHARS; i++) {
        struct str *str = str_alloc(space, i >= 0, false);
        if (str == NULL)
            return false;
        if (i >= 0)
            str->text[0] = (char)i;
        str->size |= STR_INTERNED;
        lair_immortalize(&str->object);
        *(i >= 0 ? &space->single_chars[i] : &space->empty_str) = &str->object;
    }
    return true;
}

void strs_discard(struct space *space)
{
    for (int i = 0; i < SINGLE_CHARS; i++)
        lair_heap_free(space->heap, space->single_chars[i]);
    lair_heap_free(space->heap, space->empty_str);
    intern_discard(space);
}

/* -- reading --------------------------------------------------------------------------------- */

const char *lair_str_text(const lair_object *object)
{
    return expect(object, LAIR_KIND_STR) ? str_text(object) : NULL;
}

size_t lair_str_bytes(const lair_object *object)
{
    return expect(object, LAIR_KIND_STR) ? str_bytes(object) : SIZE_MAX;
}

bool lair_str_is_ascii(const lair_object *object)
{
    return expect(object, LAIR_KIND_STR) && str_is_ascii(object);
}

/* -- hashing and comparing ------------------------------------------------------------------- */

uint64_t text_hash(const struct space *space, const char *text, size_t bytes)
{
    return text_hash_32(space, text, bytes);
}

uint64_t str_hash_slow(const lair_object *object)
{
    uint32_t hash = text_hash_32(object->type->space, str_text(object), str_bytes(object));
    OBJECT_OWN(str_of(object)) = hash;
    return hash;
}

lair_step text_hash_step(lair_walk *walk, lair_frame *frame)
{
    walk->hash = str_hash(frame->self);
    return LAIR_STEP_DONE;
}

lair_step text_equal_step(lair_walk *walk, lair_frame *frame)
{
    walk->order = !str_equal(frame->self, frame->other);
    return LAIR_STEP_DONE;
}

/* The order of code points is the order of the bytes of their UTF-8. */
lair_step text_compare_step(lair_walk *walk, lair_frame *frame)
{
    size_t bytes = str_bytes(frame->self), other_bytes = str_bytes(frame->other);
    size_t common = bytes < other_bytes ? bytes : other_bytes;
    walk->order = memcmp(str_text(frame->self), str_text(frame->other), common);
    if (walk->order == 0)
        walk->order = (bytes > other_bytes) - (bytes < other_bytes);
    return LAIR_STEP_DONE;
}

/* -- the type -------------------------------------------------------------------------------- */

static void str_dealloc(lair_object *self)
{
    if (unlikely(str_is_interned(self)))
        intern_remove(self->type->space, self);
}

static lair_step str_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    (void)walk;
    return step_of(writer_quote(writer, str_text(frame->self), str_bytes(frame->self)));
}

static size_t str_length(lair_object *self)
{
    return str_is_ascii(self) ? str_bytes(self) : utf8_length(str_text(self), str_bytes(self));
}

static bool str_truth(lair_object *self)
{
    return str_bytes(self) != 0;
}

static lair_status str_contains(lair_object *self, lair_object *item, bool *found)
{
    if (!expect(item, LAIR_KIND_STR))
        return lair_error_status();
    *found =
        text_find(str_text(self), str_bytes(self), str_text(item), str_bytes(item)) != SIZE_MAX;
    return LAIR_OK;
}

static void str_begin(lair_cursor *at)
{
    (void)at;
}

/* at->position counts bytes. */
static bool str_next(lair_cursor *at)
{
    if (at->position >= str_bytes(at->container))
        return false;
    const char *text = str_text(at->container) + at->position;
    if (likely((unsigned char)*text < SINGLE_CHARS)) {
        at->item = at->container->type->space->single_chars[(unsigned char)*text];
        at->position++;
        return true;
    }
    size_t width = utf8_width(*text);
    at->item = str_from_known(at->container->type->space, text, width, true);
    if (at->item == NULL) {
        at->status = lair_error_status();
        return false;
    }
    at->position += width;
    return true;
}

const lair_type_spec str_spec = {
    .name = "str",
    .size = sizeof(struct str),
    .item_size = 1,
    .flags = LAIR_TYPE_IMMUTABLE,
    .dealloc = str_dealloc,
    .repr = str_repr,
    .hash = text_hash_step,
    .equal = text_equal_step,
    .compare = text_compare_step,
    .length = str_length,
    .truth = str_truth,
    .contains = str_contains,
    .begin = str_begin,
    .next = str_next,
};

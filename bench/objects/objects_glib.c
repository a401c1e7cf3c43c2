/* objects_glib.c: bench-objects on GLib: GRefString, GPtrArray, GHashTable, GString, GNode.
 *
 * Ints are kept in pointers, as GLib's users do, and keys of dicts are texts that outlive them.
 * What GLib has no counterpart for is not in its tables: objects for numbers, tuples, records, weak
 * references (GObject's are another library's), deep copies; and freeing a deep nest is
 * recursive, which a million levels do not survive.
 */
#include <glib.h>

typedef void object;
#define DROP(kind, it) drop_##kind(it)

#include "bench.h"

static void host_failed(void)
{
}

static void host_open(void)
{
}

/* -- giving up, by kind ---------------------------------------------------------------------- */

static inline void drop_int(object *it)
{
    (void)it;
}

static inline void drop_str(object *it)
{
    g_free(it);
}

static inline void drop_ref_str(object *it)
{
    g_ref_string_release(it);
}

static inline void drop_interned(object *it)
{
    g_ref_string_release(it);
}

static inline void drop_text(object *it)
{
    g_free(it);
}

static inline void drop_list(object *it)
{
    g_ptr_array_unref(it);
}

static inline void drop_dict(object *it)
{
    g_hash_table_unref(it);
}

static inline void drop_set(object *it)
{
    g_hash_table_unref(it);
}

static inline void drop_tree(object *it)
{
    g_node_destroy(it);
}

/* -- one object of each kind ----------------------------------------------------------------- */

static object *int_key(int64_t value)
{
    return GSIZE_TO_POINTER((gsize)value);
}

static inline int64_t int_read(object *it)
{
    return (int64_t)GPOINTER_TO_SIZE(it);
}

static object *str_key(const char *text)
{
    return g_strdup(text);
}

/* Counted, as the others' strings are. */
static object *make_ref_str(size_t i)
{
    (void)i;
    return g_ref_string_new_len("ten bytes!", TEXT_BYTES);
}

static inline uint64_t read_ref_str(object *it)
{
    return g_ref_string_length(it);
}

static object *make_list0(size_t i)
{
    (void)i;
    return g_ptr_array_new();
}

static inline uint64_t read_list0(object *it)
{
    return ((GPtrArray *)it)->len;
}

static object *make_list3(size_t i)
{
    (void)i;
    GPtrArray *list = g_ptr_array_sized_new(3);
    g_ptr_array_add(list, int_key(1));
    g_ptr_array_add(list, int_key(2));
    g_ptr_array_add(list, int_key(3));
    return list;
}

static inline uint64_t read_list3(object *it)
{
    return ((GPtrArray *)it)->len;
}

static object *make_dict0(size_t i)
{
    (void)i;
    return g_hash_table_new(g_str_hash, g_str_equal);
}

static inline uint64_t read_dict0(object *it)
{
    return g_hash_table_size(it);
}

static object *make_dict3(size_t i)
{
    static char names[3][8] = {"first", "second", "third"};
    (void)i;
    GHashTable *dict = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(dict, names[0], int_key(1));
    g_hash_table_insert(dict, names[1], int_key(2));
    g_hash_table_insert(dict, names[2], int_key(3));
    return dict;
}

static inline uint64_t read_dict3(object *it)
{
    return g_hash_table_size(it);
}

static inline void drop_list0(object *it)
{
    drop_list(it);
}

static inline void drop_list3(object *it)
{
    drop_list(it);
}

static inline void drop_dict0(object *it)
{
    drop_dict(it);
}

static inline void drop_dict3(object *it)
{
    drop_dict(it);
}

#include "rows_create.h"

CREATE_ROW(ref_str)
CREATE_ROW(list0)
CREATE_ROW(list3)
CREATE_ROW(dict0)
CREATE_ROW(dict3)

/* -- lists ----------------------------------------------------------------------------------- */

static inline object *list_new(void)
{
    return g_ptr_array_new();
}

static inline bool list_append(object *list, object *item)
{
    g_ptr_array_add(list, item);
    return true;
}

static inline object *list_get(object *list, size_t index)
{
    GPtrArray *array = list;
    return index < array->len ? g_ptr_array_index(array, index) : NULL;
}

static inline uint64_t list_walk(object *list)
{
    const GPtrArray *array = list;
    uint64_t sum = 0;
    for (guint i = 0; i < array->len; i++)
        sum += (uint64_t)int_read(g_ptr_array_index(array, i));
    return sum;
}

#include "rows_list.h"

/* -- dicts and sets -------------------------------------------------------------------------- */

static inline object *dict_new(bool strs)
{
    return strs ? g_hash_table_new(g_str_hash, g_str_equal)
                : g_hash_table_new(g_direct_hash, g_direct_equal);
}

static inline bool dict_set(object *dict, object *key, object *value)
{
    g_hash_table_insert(dict, key, value);
    return true;
}

/* Values are never NULL here. */
static inline object *dict_find(object *dict, object *key)
{
    return g_hash_table_lookup(dict, key);
}

static inline bool dict_delete(object *dict, object *key)
{
    return g_hash_table_remove(dict, key);
}

static inline uint64_t dict_walk(object *dict)
{
    GHashTableIter at;
    gpointer key, value;
    uint64_t sum = 0;
    g_hash_table_iter_init(&at, dict);
    while (g_hash_table_iter_next(&at, &key, &value))
        sum += (uint64_t)int_read(value);
    return sum;
}

static inline object *set_new(bool strs)
{
    return dict_new(strs);
}

static inline bool set_add(object *set, object *member)
{
    g_hash_table_add(set, member);
    return true;
}

static inline bool set_has(object *set, object *member)
{
    return g_hash_table_contains(set, member);
}

#include "rows_table.h"

/* -- texts ----------------------------------------------------------------------------------- */

static object *pieces_new(const char *const *texts, size_t count)
{
    char **pieces = g_new0(char *, count + 1);
    for (size_t i = 0; i < count; i++)
        pieces[i] = g_strdup(texts[i]);
    return pieces;
}

static inline object *text_join(object *pieces)
{
    return g_strjoinv(", ", pieces);
}

static inline object *text_build(const char *const *texts, const size_t *sizes, size_t count)
{
    GString *builder = g_string_new(NULL);
    for (size_t i = 0; i < count; i++)
        g_string_append_len(builder, texts[i], (gssize)sizes[i]);
    return g_string_free(builder, FALSE);
}

static inline size_t text_bytes(object *text)
{
    return strlen(text);
}

/* The one of GLib's two ways to intern that frees what nobody refers to. */
static inline object *intern(const char *text)
{
    return g_ref_string_new_intern(text);
}

#include "rows_text.h"

/* -- deep ------------------------------------------------------------------------------------ */

static object *node_new(object *left, object *right)
{
    GNode *node = g_node_new(NULL);
    if (left != NULL)
        g_node_append(node, left);
    if (right != NULL)
        g_node_append(node, right);
    return node;
}

#include "rows_tree.h"

/* -- the tables ------------------------------------------------------------------------------ */

static const row rows[] = {
    {"create-str", 10 * LARGE, create_ref_str},
    {"create-list0", 10 * LARGE, create_list0},
    {"create-list3", 5 * LARGE, create_list3},
    {"create-dict0", 10 * LARGE, create_dict0},
    {"create-dict3", 2 * LARGE, create_dict3},
    LIST_ROWS,
    TABLE_ROWS,
    TEXT_ROWS,
    TREE_ROW,
};

static const kind kinds[] = {
    {"str", make_ref_str, 1}, {"list0", make_list0, 1}, {"list3", make_list3, 1},
    {"dict0", make_dict0, 1}, {"dict3", make_dict3, 1}, TABLE_KINDS,
};

BENCH_MAIN

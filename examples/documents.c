/* A document store: dicts that share their words, a query, and an index that keeps nothing alive.
 *
 *     cc documents.c $(pkg-config --cflags --libs lair) -o documents && ./documents
 *
 * What it shows: nested values from a format, interned strings, iterating, a counter, and a
 * weak-value dictionary as an index: a document that is deleted is out of it at once. It prints
 *
 *     {'id': 2, 'title': 'Pools', 'by': 'ann', 'tags': ['memory', 'draft']}
 *     by ann: ['Arenas', 'Pools']
 *     tags: [('memory', 3), ('draft', 2), ('gc', 1)]
 *     index: 3 documents; after deleting number 2: 2 documents
 *     no document 2
 */
#include <stdio.h>
#include <string.h>

#include <lair/lair.h>

/* documents: a list that owns them; by_id: an index that does not. */
struct store {
    lair_heap *heap;
    lair_object *documents, *by_id;
};

static lair_status store_open(struct store *store, lair_heap *heap)
{
    *store = (struct store){heap, lair_list_new(heap), lair_weak_value_dict_new(heap)};
    return store->documents != NULL && store->by_id != NULL ? LAIR_OK : lair_error_status();
}

static void store_close(struct store *store)
{
    lair_clear_ref(&store->by_id);
    lair_clear_ref(&store->documents);
}

/* I in a format interns: names of fields, authors and tags exist once, however many documents. */
static lair_status store_add(struct store *store, int id, const char *title, const char *author,
                             const char *tag, const char *other_tag)
{
    LAIR_SCOPED lair_object *document =
        lair_build(store->heap, "{I:i, I:s, I:I, I:[I, I]}", "id", id, "title", title, "by", author,
                   "tags", tag, other_tag);
    LAIR_SCOPED lair_object *key = lair_int_new(store->heap, id);
    lair_status status = lair_list_append(store->documents, document);
    return status != LAIR_OK ? status : lair_weak_dict_set(store->by_id, key, document);
}

/* A new reference; NULL when there is none. */
static lair_object *store_find(const struct store *store, int id)
{
    LAIR_SCOPED lair_object *key = lair_int_new(store->heap, id);
    return lair_weak_dict_get(store->by_id, key);
}

static lair_status store_delete(struct store *store, int id)
{
    LAIR_SCOPED lair_object *document = store_find(store, id);
    if (document == NULL)
        return lair_error_status();
    for (size_t i = 0; i < lair_list_length(store->documents); i++)
        if (lair_list_get(store->documents, i) == document)
            return lair_list_remove(store->documents, i, i + 1);
    return LAIR_OK;
}

/* Titles by one author, in the order of the documents: a new list. */
static lair_object *titles_by(const struct store *store, const char *author)
{
    LAIR_SCOPED lair_object *wanted = lair_str_intern_text(store->heap, author);
    LAIR_SCOPED lair_object *titles = lair_list_new(store->heap);
    LAIR_SCOPED_CURSOR lair_cursor at = lair_cursor_of(store->documents);
    while (lair_next_item(&at)) {
        if (lair_dict_get_str(at.item, "by") != wanted) /* interned: the same object */
            continue;
        if (lair_list_append(titles, lair_dict_get_str(at.item, "title")) != LAIR_OK)
            return NULL;
    }
    return at.status == LAIR_OK ? lair_steal(&titles) : NULL;
}

/* How often each tag occurs, the most frequent first: a new list of tuples. */
static lair_object *tags_of_all(const struct store *store)
{
    LAIR_SCOPED lair_object *tags = lair_counter_new(store->heap);
    LAIR_EACH(at, store->documents)
    if (lair_counter_count_all(tags, lair_dict_get_str(at.item, "tags")) != LAIR_OK)
        return NULL;
    return lair_counter_most_common(tags, SIZE_MAX);
}

static bool print_named(const char *name, lair_object *object)
{
    LAIR_SCOPED lair_object *text = lair_repr(object);
    if (text != NULL)
        printf("%s: %s\n", name, lair_str_text(text));
    return text != NULL;
}

static bool show(struct store *store)
{
    if (store_add(store, 1, "Arenas", "ann", "memory", "gc") != LAIR_OK ||
        store_add(store, 2, "Pools", "ann", "memory", "draft") != LAIR_OK ||
        store_add(store, 3, "Blocks", "bob", "memory", "draft") != LAIR_OK)
        return false;
    LAIR_SCOPED lair_object *second = store_find(store, 2);
    LAIR_SCOPED lair_object *titles = titles_by(store, "ann");
    LAIR_SCOPED lair_object *tags = tags_of_all(store);
    if (lair_println(second) != LAIR_OK || !print_named("by ann", titles) ||
        !print_named("tags", tags))
        return false;
    lair_clear_ref(&second); /* the index does not keep it; the list still does */
    printf("index: %zu documents; ", lair_length(store->by_id));
    if (store_delete(store, 2) != LAIR_OK)
        return false;
    printf("after deleting number 2: %zu documents\n", lair_length(store->by_id));
    second = store_find(store, 2);
    printf("%s\n", second != NULL ? "document 2 is still there" : "no document 2");
    return true;
}

int main(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    struct store store;
    bool done = store_open(&store, heap) == LAIR_OK && show(&store);
    if (!done)
        fprintf(stderr, "documents: %s\n", lair_error_message());
    store_close(&store);
    return done ? 0 : 1;
}

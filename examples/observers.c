/* Observers that are told while they live, and children that know their parent without keeping it.
 *
 *     cc observers.c $(pkg-config --cflags --libs lair) -o observers && ./observers
 *
 * What it shows: weak references with a callback; a subject that holds its observers weakly, so
 * that nobody has to take himself off its list; weak links upwards in a tree, so that the tree is
 * no cycle and dies at once. It prints
 *
 *     the price is 10: a chart and an alarm are told
 *     (an observer is gone)
 *     the price is 12: a chart is told
 *     the price is 15: nobody is told
 *     chapter 'Pools' is part of 'Memory'
 *     chapter 'Pools' is part of nothing
 */
#include <stdio.h>
#include <string.h>

#include <lair/lair.h>

static void fail(void)
{
    fprintf(stderr, "observers: %s\n", lair_error_message());
}

/* -- a subject and its observers --------------------------------------------------------------- */

/* The subject's list holds weak references. This is what a dying observer calls: its reference,
 * already cleared, leaves the list. */
static void observer_gone(lair_object *weakref, void *arg)
{
    lair_object *observers = arg;
    printf("(an observer is gone)\n");
    for (size_t i = 0; i < lair_list_length(observers); i++)
        if (lair_list_get(observers, i) == weakref) {
            (void)lair_list_remove(observers, i, i + 1);
            return;
        }
}

static lair_status observe(lair_object *observers, lair_object *observer)
{
    return lair_list_append_new(observers, lair_weakref_new(observer, observer_gone, observers));
}

static void tell(lair_object *observers, int price)
{
    size_t told = 0;
    printf("the price is %d: ", price);
    for (size_t i = 0; i < lair_list_length(observers); i++) {
        LAIR_SCOPED lair_object *observer = lair_weakref_get(lair_list_get(observers, i));
        if (observer == NULL)
            continue;
        lair_object *name = lair_attribute_get(observer, "name");
        printf("%s%s", told++ == 0 ? "" : " and ", lair_str_text(name));
    }
    printf("%s told\n", told == 0 ? "nobody is" : told == 1 ? " is" : " are");
}

static lair_object *observer_new(lair_type *type, const char *name)
{
    lair_object *fields[] = {lair_str_new(lair_heap_of(lair_type_object(type)), name)};
    return lair_record_steal(type, fields);
}

static bool show_observers(lair_heap *heap)
{
    /* Records can be referred to weakly when their type says so. */
    lair_type *type =
        lair_record_type(heap, "Observer", (const char *[]){"name"}, 1, LAIR_RECORD_WEAK);
    if (type == NULL)
        return false;
    LAIR_SCOPED lair_object *observers = lair_list_new(heap);
    {
        LAIR_SCOPED lair_object *chart = observer_new(type, "a chart");
        {
            LAIR_SCOPED lair_object *alarm = observer_new(type, "an alarm");
            if (observe(observers, chart) != LAIR_OK || observe(observers, alarm) != LAIR_OK)
                return false;
            tell(observers, 10);
        } /* the alarm dies */
        tell(observers, 12);
        /* A reference that is dropped before its object has no callback. */
        if (lair_list_clear(observers) != LAIR_OK)
            return false;
    }
    tell(observers, 15);
    lair_decref(lair_type_object(type));
    return true;
}

/* -- links upwards --------------------------------------------------------------------------- */

enum { TITLE, PARENT, CHILDREN };

static lair_object *chapter_new(lair_type *type, const char *title)
{
    lair_heap *heap = lair_heap_of(lair_type_object(type));
    lair_object *fields[] = {lair_str_new(heap, title), lair_none(heap), lair_list_new(heap)};
    return lair_record_steal(type, fields);
}

/* Down the tree references are strong, upwards they are weak. */
static lair_status add_child(lair_object *parent, lair_object *child)
{
    LAIR_SCOPED lair_object *up = lair_weakref_new(parent, NULL, NULL);
    lair_status status = lair_record_set(child, PARENT, up);
    return status != LAIR_OK ? status : lair_list_append(lair_record_get(parent, CHILDREN), child);
}

static void print_chapter(lair_object *chapter)
{
    LAIR_SCOPED lair_object *parent = lair_weakref_get(lair_record_get(chapter, PARENT));
    printf("chapter '%s' is part of ", lair_str_text(lair_record_get(chapter, TITLE)));
    if (parent != NULL)
        printf("'%s'\n", lair_str_text(lair_record_get(parent, TITLE)));
    else
        printf("nothing\n");
}

static bool show_tree(lair_heap *heap)
{
    lair_type *type = lair_record_type(
        heap, "Chapter", (const char *[]){"title", "parent", "children"}, 3, LAIR_RECORD_WEAK);
    if (type == NULL)
        return false;
    LAIR_SCOPED lair_object *part = chapter_new(type, "Pools");
    {
        LAIR_SCOPED lair_object *book = chapter_new(type, "Memory");
        if (add_child(book, part) != LAIR_OK)
            return false;
        print_chapter(part);
    } /* nothing refers to the book any more: it is gone, though its chapter knew it */
    print_chapter(part);
    lair_decref(lair_type_object(type));
    return true;
}

int main(void)
{
    LAIR_SCOPED_HEAP lair_heap *heap = lair_heap_open(NULL);
    if (!show_observers(heap) || !show_tree(heap)) {
        fail();
        return 1;
    }
    return 0;
}

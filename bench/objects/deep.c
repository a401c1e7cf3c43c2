/* deep.c: what it takes to work on structures that are nested ten million deep.
 *
 *     deep [DEPTH]
 *
 * For lists, tuples, dicts and a type of the program's own: DEPTH of them, each in the next, are
 * made, collected, sized, compared, printed, written to a text, copied and freed, with a stack of
 * 128 KiB. Prints for each step the processor's seconds and the most that the heap has ever taken
 * by then, in MiB. Exits with 1 when a step fails or gives a wrong result.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <lair/lair.h>

enum { DEPTH = 10000000, STACK_BYTES = 128 << 10 };

static size_t depth = DEPTH;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* -- a type of the program's own: one reference ------------------------------------------------ */

struct box {
    lair_object object;
    lair_object *inner;
};

static struct box *box_of(lair_object *object)
{
    return (struct box *)(void *)object;
}

static void box_clear(lair_object *self)
{
    lair_clear_ref(&box_of(self)->inner);
}

static int box_traverse(lair_object *self, lair_visit visit, void *arg)
{
    return box_of(self)->inner != NULL ? visit(box_of(self)->inner, arg) : 0;
}

static lair_step box_repr(lair_writer *writer, lair_walk *walk, lair_frame *frame)
{
    bool first = frame->state[0]++ == 0;
    if (lair_write_text(writer, first ? "<" : ">") != LAIR_OK)
        return LAIR_STEP_FAILED;
    walk->child = box_of(frame->self)->inner;
    return first ? LAIR_STEP_CHILD : LAIR_STEP_DONE;
}

static lair_step box_equal(lair_walk *walk, lair_frame *frame)
{
    walk->child = box_of(frame->self)->inner;
    walk->other_child = box_of(frame->other)->inner;
    return frame->state[0]++ == 0 ? LAIR_STEP_CHILD : LAIR_STEP_DONE;
}

static lair_step box_copy(lair_walk *walk, lair_frame *frame)
{
    if (frame->other == NULL) {
        frame->other = lair_new(lair_type_of(frame->self));
        walk->child = box_of(frame->self)->inner;
        return frame->other != NULL ? LAIR_STEP_CHILD : LAIR_STEP_FAILED;
    }
    box_of(frame->other)->inner = lair_steal(&walk->copied);
    return LAIR_STEP_DONE;
}

static const lair_type_spec box_spec = {
    .name = "box",
    .size = sizeof(struct box),
    .flags = LAIR_TYPE_CONTAINER,
    .traverse = box_traverse,
    .clear = box_clear,
    .repr = box_repr,
    .equal = box_equal,
    .copy = box_copy,
};

/* -- kinds of containers ----------------------------------------------------------------------- */

typedef lair_object *(*wrap)(lair_heap *heap, lair_type *box, lair_object *inner);

static lair_object *wrap_list(lair_heap *heap, lair_type *box, lair_object *inner)
{
    (void)box;
    return LAIR_LIST(heap, inner);
}

static lair_object *wrap_tuple(lair_heap *heap, lair_type *box, lair_object *inner)
{
    (void)box;
    return LAIR_TUPLE(heap, inner);
}

static lair_object *wrap_dict(lair_heap *heap, lair_type *box, lair_object *inner)
{
    (void)box;
    return LAIR_DICT(heap, lair_int_new(heap, 1), inner);
}

static lair_object *wrap_box(lair_heap *heap, lair_type *box, lair_object *inner)
{
    lair_object *made = inner != NULL ? lair_new(box) : NULL;
    (void)heap;
    if (made != NULL)
        box_of(made)->inner = inner;
    return made;
}

static const struct kind {
    const char *name;
    wrap wrap;
    size_t text_bytes; /* of one level */
} kinds[] = {
    {"list", wrap_list, 2}, {"tuple", wrap_tuple, 3}, {"dict", wrap_dict, 5}, {"box", wrap_box, 2}};

/* -- steps ------------------------------------------------------------------------------------- */

struct structure {
    const struct kind *kind;
    lair_heap *heap;
    lair_type *box;
    lair_object *deep, *copy;
};

static bool make(struct structure *on)
{
    on->deep = lair_list_new(on->heap);
    for (size_t i = 0; i < depth && on->deep != NULL; i++)
        on->deep = on->kind->wrap(on->heap, on->box, on->deep);
    return on->deep != NULL;
}

static bool collect(struct structure *on)
{
    size_t found = 1;
    return lair_gc_collect(on->heap, 2, &found) == LAIR_OK && found == 0;
}

static bool size(struct structure *on)
{
    size_t bytes = lair_total_size(on->deep);
    return bytes != SIZE_MAX && bytes > depth * sizeof(lair_object);
}

static bool print(struct structure *on)
{
    FILE *nowhere = fopen("/dev/null", "w");
    bool printed = nowhere != NULL && lair_print_repr(on->deep, nowhere) == LAIR_OK;
    return nowhere != NULL && fclose(nowhere) == 0 && printed;
}

static bool write_text(struct structure *on)
{
    lair_object *text = lair_repr(on->deep);
    bool right = text != NULL && lair_str_bytes(text) == depth * on->kind->text_bytes + 2;
    lair_decref(text);
    return right;
}

static bool copy(struct structure *on)
{
    on->copy = lair_deep_copy(on->deep);
    return on->copy != NULL && on->copy != on->deep;
}

static bool compare(struct structure *on)
{
    bool equal = false;
    return lair_equal(on->deep, on->copy, &equal) == LAIR_OK && equal;
}

static bool free_both(struct structure *on)
{
    lair_clear_ref(&on->copy);
    lair_clear_ref(&on->deep);
    return true;
}

static const struct step {
    const char *name;
    bool (*run)(struct structure *on);
} steps[] = {{"make", make},       {"collect", collect},    {"size", size},
             {"print", print},     {"text", write_text},    {"copy", copy},
             {"compare", compare}, {"free both", free_both}};

/* -- the driver: read this first --------------------------------------------------------------- */

static bool run_kind(const struct kind *kind)
{
    lair_heap *heap = lair_heap_open(NULL);
    struct structure on = {.kind = kind, .heap = heap, .box = lair_type_new(heap, &box_spec)};
    bool right = on.box != NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && right; i++) {
        double began = seconds();
        right = steps[i].run(&on);
        double ended = seconds();
        lair_heap_stats stats;
        lair_heap_get_stats(heap, &stats);
        printf("%-6s %-10s %8.2f s %8.0f MiB\n", kind->name, steps[i].name, ended - began,
               (double)stats.peak_footprint / (1 << 20));
        fflush(stdout);
    }
    if (!right)
        fprintf(stderr, "deep: %s: a step failed (%s)\n", kind->name, lair_error_message());
    lair_heap_close(heap);
    return right;
}

static void *run(void *arg)
{
    bool *right = arg;
    *right = true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && *right; i++)
        *right = run_kind(&kinds[i]);
    return NULL;
}

int main(int argc, char **argv)
{
    char *end = NULL;
    if (argc > 1)
        depth = strtoul(argv[1], &end, 10);
    if (argc > 2 || depth == 0 || (end != NULL && *end != '\0')) {
        fprintf(stderr, "usage: deep [DEPTH] (levels, from 1)\n");
        return 2;
    }
    pthread_t thread;
    pthread_attr_t attributes;
    bool right = false;
    if (pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstacksize(&attributes, STACK_BYTES) != 0 ||
        pthread_create(&thread, &attributes, run, &right) != 0 || pthread_join(thread, NULL) != 0) {
        fprintf(stderr, "deep: no thread with a small stack\n");
        return 1;
    }
    return right ? 0 : 1;
}

/* collector_full.c: the garbage of the whole heap, without a walk over it. Read full_collect first.
 *
 * The subset theorem. CPython's collector is right for any set of objects it is given: what is not
 * in the set counts as outside. So the garbage is found here, by marking what is alive, and only
 * the garbage is left on the list that CPython is about to collect.
 *
 * The list. CPython's list of the oldest generation says which objects there are, and reading it
 * costs a cache miss for each. The address set (gc/address_set.h) says it as bits, but may say too
 * much: an object that dies by its count takes no bit with it. So marking is what decides: it
 * reaches real objects only, and reads each one's link to the next while it is at it. If the links
 * that leave what was reached lead to what was reached, and nowhere else, it was the whole ring.
 * Bits tell: of what was reached, and of what stands behind it on the list.
 *
 * Hidden roots. A few thousand objects are held by variables of C code only. They are found once,
 * by their counts, and then kept at the front of the list, where the next collection looks first;
 * what only they reach is put to the trial again. Only if the ring is still not closed then is
 * there garbage, or a new hidden root: it stands on the list behind something that was reached.
 *
 * Bits are hints in one direction: an object on the list without a bit is found by its place there,
 * a bit without an object is never followed by itself.
 */
#include "collector_full.h"

#if CPYTHON_INTERNALS

#include <stdbool.h>
#include <string.h>

enum { GC_HOST_IN_SLICES = false };
#include "gc_host.h"

#include "gc_batches.h"
#include "gc_roots.h"

enum {
    BITLESS_MAX = 1 << 16, /* objects without a bit a walk makes room for */
    UNTRACK_ROUNDS = 4,
    SORT_GARBAGE_FROM = 100000, /* less is cleared in the order of the list */
    ORDER_UP_TO = 100000,       /* in longer lists the order of the garbage is not looked for */
};

static const uintptr_t GRANULE_MASK = ((uintptr_t)1 << GC_GRANULE_SHIFT) - 1;

static struct gc gc;

/* What lasts from one collection to the next. */
static struct {
    bool known;    /* the objects of the oldest generation have bits, as far as known */
    uintptr_t odd; /* their addresses or'ed */
    size_t hidden; /* so many objects from the front of the list were hidden roots */
} kept;

/* How far the white bits are that a round begins with. */
static struct {
    bool begun;
    struct address_region *next;
    size_t count;
} whitening;

/* Of one collection. */
static struct {
    PyGC_Head *list, *frozen;
    size_t list_count; /* objects on it; known once all suspects are */
    size_t bitless;    /* suspects that had no bit */
    bool walked;
    bool listed;        /* the suspects are in gc.suspects, ... */
    bool in_order;      /* ... in the order of CPython's list */
    PyObject **outside; /* suspects that were referred to from outside */
    size_t outside_count, outside_room;
} now;

void full_open(traverseproc traverse_instance, gc_listener listener)
{
    gc_open(&gc);
    gc.listener = listener;
    full.traverse_instance = traverse_instance;
    os_random(&full.key, sizeof full.key);
}

/* Somebody else needs the white bits. */
static void whitening_end(void)
{
    if (whitening.begun)
        address_set_rest(&gc.set);
    whitening.begun = false;
}

void full_forget(void)
{
    whitening_end();
    address_set_close(&gc.set);
    kept.known = false;
    kept.odd = 0;
    kept.hidden = 0;
}

void full_vacated(char *base, size_t bytes)
{
    address_set_vacate(&gc.set, (uintptr_t)base, (uintptr_t)base + bytes);
}

size_t full_bytes(void)
{
    return gc.set.bytes;
}

/* -- layout ---------------------------------------------------------------------------------- */

static int add_address(PyObject *referent, void *arg)
{
    uintptr_t *sum = arg;
    *sum += (uintptr_t)referent * 31 + 1;
    return 0;
}

static bool reads_rightly(PyObject *sample)
{
    uintptr_t ours = 0, theirs = 0;
    size_t from = 0;
    do {
        from = gc_host_scan(sample, from, add_address, &ours);
    } while (from != 0);
    (void)Py_TYPE(sample)->tp_traverse(sample, add_address, &theirs);
    return ours == theirs;
}

/* Releases of one version differ in visits_beside: either answer is right if all samples agree. */
bool full_reads_rightly(PyObject *samples)
{
    for (int beside = 0; beside < 2; beside++) {
        full.visits_beside = beside != 0;
        bool right = true;
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(samples); i++)
            right = right && reads_rightly(PyList_GET_ITEM(samples, i));
        if (right)
            return true;
    }
    return false;
}

/* -- candidates ------------------------------------------------------------------------------ */

/* While whitening is under way what comes is a candidate, too: who has a bit that is not white in a
 * round is taken for alive. */
static bool add(const PyGC_Head *node)
{
    uintptr_t address = (uintptr_t)list_object(node);
    kept.odd |= address;
    if (!address_set_add(&gc.set, GC_GRANULE_SHIFT, address))
        return false;
    if (whitening.begun)
        whitening.count += address_set_make_white(&gc.set, GC_GRANULE_SHIFT, address);
    return true;
}

void full_know(PyObject *object)
{
    (void)add(list_node(object));
}

void full_add(const PyGC_Head *list)
{
    if (!kept.known)
        return;
    for (const PyGC_Head *node = list_next(list); node != list; node = list_next(node))
        if (!add(node)) {
            full_forget();
            return;
        }
}

/* Objects that have become immortal are not collected: CPython puts them among the frozen. */
static bool set_aside_immortal(PyGC_Head *node)
{
    if (!CPYTHON_IMMORTALS || !cpython_is_immortal(list_object(node)))
        return false;
    list_unlink(node);
    list_append(now.frozen, node);
    return true;
}

/* Gives the objects of a young list their bits. */
static bool add_young(PyGC_Head *list)
{
    for (PyGC_Head *next, *node = list_next(list); node != list; node = next) {
        next = list_next(node);
        if (!set_aside_immortal(node) && !add(node))
            return false;
    }
    return true;
}

/* One pass over the list where its bits are not known. */
static bool add_all(void)
{
    full_forget();
    for (PyGC_Head *next, *node = list_next(now.list); node != now.list; node = next) {
        next = list_next(node);
        __builtin_prefetch(next);
        if (!set_aside_immortal(node) && !add(node))
            return false;
    }
    now.walked = true;
    kept.known = true;
    return true;
}

static bool gather(PyInterpreterState *interpreter)
{
    cpython_gc *state = cpython_gc_of(interpreter);
    now.list = cpython_generation(state, CPYTHON_OLDEST);
    now.frozen = cpython_frozen(state);
    for (int i = 0; i < CPYTHON_OLDEST; i++) {
        if (kept.known && !add_young(cpython_generation(state, i)))
            kept.known = false;
        list_append_all(now.list, cpython_generation(state, i));
    }
    return kept.known || add_all();
}

/* -- marking --------------------------------------------------------------------------------- */

static void mark_root(PyObject *object, void *arg)
{
    gc_mark(arg, object);
}

/* What of a word was reached. */
static uint64_t black_bits(const struct address_region *region, size_t word)
{
    return region->tracked[word] & ~region->white[word];
}

static PyGC_Head *node_of_bit(const struct address_region *region, size_t word, uint64_t bits)
{
    return list_node((PyObject *)address_of_bit(&gc.set, region, word, ctz64(bits)));
}

/* Whether node is what the list's head has become as a bit. The head is part of CPython's state and
 * need not begin at a granule; nothing else does in its granule. */
static bool is_head(const PyGC_Head *node)
{
    uintptr_t apart = (uintptr_t)list_object(node) ^ (uintptr_t)list_object(now.list);
    return (apart & ~GRANULE_MASK) == 0;
}

/* Whether no link that was noted leads to what was not reached: then that is the whole list. */
static bool ring_is_closed(void)
{
    if (full.strays != 0)
        return false;
    for (const struct address_region *region = gc.set.first; region; region = region->next)
        for (size_t word = 0; word < REGION_WORDS; word++) {
            uint64_t astray = region->young[word] & ~black_bits(region, word);
            if (unlikely(astray != 0) &&
                ((astray & (astray - 1)) != 0 || !is_head(node_of_bit(region, word, astray))))
                return false;
        }
    return true;
}

static void forget_links(void)
{
    for (struct address_region *region = gc.set.first; region != NULL; region = region->next)
        memset(region->young, 0, sizeof(region->young));
    full.strays = 0;
}

static void mark(PyInterpreterState *interpreter)
{
    full.recording = false;
    forget_links();
    full.linking = true;
    full.head = now.list;
    note_link(&gc, now.list);
    roots_name(interpreter, mark_root, &gc);
    gc_drain(&gc);
    gc_tell(&gc, GC_EVENT_MARK, gc.reached);
}

/* -- suspects -------------------------------------------------------------------------------- */

static bool is_white(const PyGC_Head *node)
{
    return address_set_is_white(&gc.set, GC_GRANULE_SHIFT, (uintptr_t)list_object(node));
}

/* Marks from the hidden roots that are still white; what that reaches are suspects. */
static void suspect_hidden(size_t *black)
{
    PyGC_Head *node = list_next(now.list);
    for (size_t i = 0; i < kept.hidden && node != now.list; i++, node = list_next(node)) {
        if (is_white(node))
            gc_mark(&gc, list_object(node));
        else
            ++*black;
    }
    full.recording = true;
    gc_drain(&gc);
    full.recording = false;
}

/* White becomes exactly the suspects. What else is white is no object: its bit goes for good. */
static void whiten_suspects(void)
{
    address_set_drop_white(&gc.set);
    address_set_rest(&gc.set);
    for (size_t i = 0; i < gc.suspect_count; i++) {
        (void)add(list_node(gc.suspects[i])); /* its region is there */
        address_set_make_white(&gc.set, GC_GRANULE_SHIFT, (uintptr_t)gc.suspects[i]);
    }
}

/* Suspects node, which is on the list and was not reached. False: too many had no bit. */
static bool suspect(PyGC_Head *node)
{
    if (set_aside_immortal(node))
        return true;
    uintptr_t address = (uintptr_t)list_object(node);
    if (!address_set_has(&gc.set, GC_GRANULE_SHIFT, address)) {
        if (now.bitless++ == BITLESS_MAX || !add(node))
            return false;
        address_set_make_white(&gc.set, GC_GRANULE_SHIFT, address);
    }
    gc_suspect(&gc, list_object(node));
    now.list_count++;
    return true;
}

static bool is_black(const PyGC_Head *node)
{
    uintptr_t address = (uintptr_t)list_object(node);
    const struct address_region *region = address_region_of(&gc.set, GC_GRANULE_SHIFT, address);
    return region != NULL && (black_bits(region, address_word(GC_GRANULE_SHIFT, address)) &
                              address_bit(GC_GRANULE_SHIFT, address)) != 0;
}

/* Suspects node, and what follows on the list, up to what was reached. */
static bool suspect_from(PyGC_Head *node)
{
    for (PyGC_Head *next; node != now.list && !is_black(node); node = next) {
        next = list_next(node);
        __builtin_prefetch(next);
        if (!suspect(node))
            return false;
    }
    return true;
}

/* Follows the links that lead astray. What was not reached, but is on the list, stands there behind
 * something that was, or behind another of its kind. False: as suspect. */
static bool suspect_astray(void)
{
    now.list_count = gc.reached;
    for (const struct address_region *region = gc.set.first; region; region = region->next)
        for (size_t word = 0; word < REGION_WORDS; word++)
            for (uint64_t bits = region->young[word] & ~black_bits(region, word); bits != 0;
                 bits &= bits - 1) {
                PyGC_Head *node = node_of_bit(region, word, bits);
                if (!is_head(node) && !suspect_from(node))
                    return false;
            }
    return true;
}

/* The same by a walk over the list, where links lead to where no bits are, an address is not told
 * by its bit, or something with a stale bit might be on another interpreter's list. */
static bool suspect_listed(void)
{
    for (size_t i = 0; i < gc.suspect_count; i++)
        address_set_make_white(&gc.set, GC_GRANULE_SHIFT, (uintptr_t)gc.suspects[i]);
    now.list_count = gc.reached - gc.suspect_count;
    gc.suspect_count = 0;
    now.walked = now.in_order = true;
    for (PyGC_Head *next, *node = list_next(now.list); node != now.list; node = next) {
        next = list_next(node);
        __builtin_prefetch(next);
        if (!is_black(node) && !suspect(node))
            return false;
    }
    return true;
}

/* Bits name the suspects as well. A long list of them would be two fifths of what a trial adds to
 * the process's peak. */
static void forget_list(void)
{
    gc_scratch_shrink(&gc, GC_SCRATCH_SUSPECTS, 0);
    gc.suspects = gc.garbage = NULL;
}

/* Names as suspects at least all the garbage. False: as gc_suspects_begin, or suspect. */
static bool find_suspects(size_t *black)
{
    if (!gc_suspects_begin(&gc, gc.candidates - gc.reached + BITLESS_MAX))
        return false;
    suspect_hidden(black);
    full.linking = false;
    now.list_count = gc.reached;
    bool told = full.strays == 0 && (kept.odd & GRANULE_MASK) == 0 && cpython_is_alone();
    bool found = ring_is_closed() || (told ? suspect_astray() : suspect_listed());
    if (found)
        whiten_suspects();
    forget_links(); /* trees need the bits */
    now.listed = now.list_count <= ORDER_UP_TO || (kept.odd & GRANULE_MASK) != 0;
    if (!now.listed && !ASSERTS_ON)
        forget_list();
    return found;
}

/* -- trial ----------------------------------------------------------------------------------- */

/* The suspects that are referred to from outside: this collection's roots, and the next one's
 * hidden ones. False: no memory. */
static bool find_outside(void)
{
    now.outside_room = gc.suspect_count;
    now.outside = gc_take(now.outside_room, sizeof(*now.outside));
    if (now.outside == NULL)
        return false;
    for (size_t i = 0; i < gc.suspect_count; i++) {
        PyObject *object = trees_object(gc.queue[i]);
        if (*gc_count_of(&gc, object) != 0)
            now.outside[now.outside_count++] = object;
    }
    return true;
}

/* What they reach is alive, too; the rest is garbage, in gc.queue and, where the suspects are
 * listed, in gc.garbage. */
static void decide(void)
{
    for (size_t i = 0; i < now.outside_count; i++)
        gc_mark(&gc, now.outside[i]);
    gc_drain(&gc);
    trees_keep_garbage(&gc);
    if (now.listed || ASSERTS_ON)
        gc_trial_decide(&gc, 0);
    if (ASSERTS_ON)
        gc_check_trial(&gc);
    if (!now.listed)
        forget_list();
}

/* Brings the garbage into the order of the list, which is roughly that of age. What is cleared
 * first is nobody's promise, but C code exists that finds out. After a walk it is in that order. */
static void order_garbage(void)
{
    if (now.in_order || now.list_count > ORDER_UP_TO)
        return;
    size_t count = 0;
    const PyGC_Head *node = list_next(now.list);
    for (; count < gc.garbage_count; node = list_next(node))
        if (is_white(node))
            gc.garbage[count++] = list_object(node);
}

/* -- the lists ------------------------------------------------------------------------------- */

/* Untracks what of the noted objects can be, either tuples or dictionaries. Returns how many. */
static size_t untrack_noted_of(const PyTypeObject *type, bool backwards)
{
    size_t count = 0;
    for (size_t i = 0; i < full.untrackable_count; i++) {
        PyObject *object = full.untrackable[backwards ? full.untrackable_count - 1 - i : i];
        const PyGC_Head *node = list_node(object);
        if (Py_TYPE(object) != type || node->_gc_next == 0 || is_white(node))
            continue; /* of the other type, noted twice, or garbage */
        if (untrack_is_due(object)) {
            untrack(&gc.set, object);
            count++;
        }
    }
    return count;
}

/* Inner tuples come before outer ones. Marking meets them mostly the other way round; what it met
 * in neither order may have to wait for the next collection, as it may under CPython. */
static size_t untrack_noted(void)
{
    size_t count = 0;
    for (int round = 0; round < UNTRACK_ROUNDS; round++) {
        size_t more = untrack_noted_of(&PyTuple_Type, round % 2 == 0);
        count += more;
        if (more == 0)
            break;
    }
    return count + untrack_noted_of(&PyDict_Type, true);
}

static PyObject *garbage_at(size_t i)
{
    return gc.garbage != NULL ? gc.garbage[i] : trees_object(gc.queue[i]);
}

/* White becomes exactly the garbage. */
static void whiten_garbage(void)
{
    address_set_drop_white(&gc.set);
    address_set_rest(&gc.set);
    for (size_t i = 0; i < gc.garbage_count; i++)
        address_set_make_white(&gc.set, GC_GRANULE_SHIFT, (uintptr_t)garbage_at(i));
}

PyGC_Head *full_next_batch(full_batch *batch)
{
    return batches_next(&gc, batch);
}

/* Moves the garbage from where it is to list, by address where it is much and bits tell: CPython
 * passes over it several times. */
static void move_garbage(PyGC_Head *list)
{
    if (gc.garbage_count < SORT_GARBAGE_FROM || now.listed) {
        for (size_t i = 0; i < gc.garbage_count; i++) {
            list_unlink(list_node(garbage_at(i)));
            list_append(list, list_node(garbage_at(i)));
        }
        address_set_drop_white(&gc.set);
        return;
    }
    whiten_garbage();
    for (struct address_region *region = gc.set.first; region != NULL; region = region->next)
        for (size_t word = 0; region->active && address_region_next_word(region, &word); word++)
            for (uint64_t bits = region->white[word]; bits != 0; bits &= bits - 1) {
                uintptr_t address = address_of_bit(&gc.set, region, word, ctz64(bits));
                PyGC_Head *node = list_node((PyObject *)address);
                list_unlink(node);
                list_append(list, node);
            }
}

/* -- survivors ------------------------------------------------------------------------------- */

/* Brings this collection's hidden roots to the front. Of older ones that are none now, `black`,
 * half are looked at again: they come and go with the frames of the program. */
static void keep_hidden(PyGC_Head *list, size_t black)
{
    for (size_t i = 0; i < now.outside_count; i++) {
        PyGC_Head *node = list_node(now.outside[i]);
        if (node->_gc_next == 0)
            continue; /* untracked just now */
        list_unlink(node);
        list_prepend(list, node);
    }
    kept.hidden = now.outside_count + black / 2;
}

/* -- read this first ------------------------------------------------------------------------- */

/* Passes 1 to 4 of gc/collect.h. black: see keep_hidden. */
static bool find_garbage(PyInterpreterState *interpreter, size_t *black)
{
    whitening_end();
    if (!gather(interpreter))
        return false;
    size_t candidates = address_set_whiten(&gc.set);
    if (!gc_begin(&gc, candidates + BITLESS_MAX))
        return false;
    gc.candidates = candidates;
    full.untrackable = gc_take(candidates, sizeof(*full.untrackable));
    full.untrackable_room = full.untrackable != NULL ? candidates : 0;
    full.untrackable_count = 0;
    gc_tell(&gc, GC_EVENT_CANDIDATES, candidates);

    mark(interpreter);
    if (ring_is_closed()) {
        now.list_count = gc.reached;
        *black = kept.hidden;
        return true;
    }
    if (!find_suspects(black)) {
        kept.known = false;
        return false;
    }
    gc_tell(&gc, GC_EVENT_SUSPECTS, gc.suspect_count);
    if (gc.suspect_count == 0)
        return true;
    if (!batches_count(&gc, now.listed))
        return false;
    if (!find_outside())
        return false;
    decide();
    order_garbage();
    gc_tell(&gc, GC_EVENT_TRIAL, gc.garbage_count);
    return true;
}

static bool know_all(PyInterpreterState *interpreter)
{
    if (kept.known)
        return true;
    memset(&now, 0, sizeof now);
    now.list = cpython_generation(cpython_gc_of(interpreter), CPYTHON_OLDEST);
    now.frozen = cpython_frozen(cpython_gc_of(interpreter));
    return add_all();
}

full_readiness full_whiten(PyInterpreterState *interpreter, uint64_t deadline, struct gc **passes,
                           size_t *candidates)
{
    if (!know_all(interpreter))
        return FULL_NO_MEMORY;
    if (!whitening.begun) {
        whitening.begun = true;
        whitening.next = gc.set.first;
        whitening.count = 0;
    }
    while (whitening.next != NULL) {
        whitening.count += address_set_whiten_region(&gc.set, whitening.next);
        whitening.next = whitening.next->next;
        if (whitening.next != NULL && os_now_ns() >= deadline)
            return FULL_NOT_YET;
    }
    whitening.begun = false;
    *passes = &gc;
    *candidates = whitening.count;
    return FULL_READY;
}

void full_layout(traverseproc *traverse_instance, bool *visits_beside)
{
    *traverse_instance = full.traverse_instance;
    *visits_beside = full.visits_beside;
}

size_t full_hidden(void)
{
    return kept.hidden;
}

void full_set_hidden(size_t count)
{
    kept.hidden = count;
}

static void finish(void)
{
    full.linking = false;
    gc_give_back(full.untrackable, full.untrackable_room, sizeof(*full.untrackable));
    gc_give_back(now.outside, now.outside_room, sizeof(*now.outside));
    full.untrackable = now.outside = NULL;
    batches_end(&gc);
    gc_end(&gc);
}

bool full_collect(PyInterpreterState *interpreter, PyGC_Head *survivors, full_counts *counts)
{
    memset(&now, 0, sizeof now);
    gc_tell(&gc, GC_EVENT_START, CPYTHON_OLDEST);
    size_t black = 0;
    if (!find_garbage(interpreter, &black)) {
        finish();
        return false;
    }
    size_t count = now.list_count - gc.garbage_count - untrack_noted();
    list_append_all(survivors, now.list);
    if (!batches_make(&gc))
        move_garbage(now.list);
    *counts = (full_counts){
        .survivors = count,
        .garbage = gc.garbage_count,
        .reached = gc.reached,
        .suspects = gc.suspect_count,
        .walked = now.walked,
        .batches = batches.count,
    };
    keep_hidden(survivors, black);
    finish();
    return true;
}

#endif

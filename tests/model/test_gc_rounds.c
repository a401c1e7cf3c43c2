/* test_gc_rounds.c: incremental rounds on random graphs that change between slices.
 *
 *     test_gc_rounds [--graphs N] [--seed S]
 *
 * A program holds some nodes and changes what it reaches from them, which is all that a program can
 * do: it moves edges, drops nodes, makes others where dead ones were. Rounds run meanwhile, a chunk
 * of a few steps at a time. The oracle follows edges from what is held, and says
 *
 *     of each batch: what a trial of it alone finds to be garbage, nothing held reaches; the quick
 *         proof (gc_arrays_is_closed) agrees with the trial;
 *     of each round: what was garbage when it began is gone when it ends, but for what a finalizer
 *         has saved, what the host kept and what hidden roots reach; these are none in one round of
 *         GC_HIDDEN_ROUNDS;
 *     of every look at a node: it is not dead;
 *     of a graph that stands still: each batch is all garbage;
 *     of weak references: one that was garbage at the beginning is never left when what it refers
 * to is reclaimed.
 *
 * A failure names its seed and graph.
 */
#include <stdio.h>
#include <string.h>

#include "gc_host.h"

#include "gc/arrays.h"
#include "gc/collect.h"

#include "arguments.h"
#include "check.h"
#include "random.h"

enum { NONE = NODES_MAX };

static graph it;
static bool exists[NODES_MAX];
static bool root[NODES_MAX];   /* held, and the collector knows it */
static bool kept[NODES_MAX];   /* the host says so */
static bool doomed[NODES_MAX]; /* garbage when the round began, and nothing saves it */
static bool reached[NODES_MAX];
static bool pinned[NODES_MAX];   /* held by the collector */
static unsigned weak[NODES_MAX]; /* what it refers to weakly, or NONE */

static struct address_set tracked;
static struct gc_arrays rounds;
static struct gc proof;
static uint64_t failing; /* the request for memory that is to fail, from now on; 0: none */

static struct {
    unsigned mutations, finalizers, roots; /* per cent */
    bool weak, kept, young, others;
} mood;

static struct {
    size_t rounds, hidden, batches, closed, reclaimed, rejected, deaths, saved, failures;
} done;

/* -- chance ---------------------------------------------------------------------------------- */

static uint64_t state;

static unsigned below(unsigned end)
{
    return (unsigned)((random_next(&state) >> 33) % end);
}

static bool chance(unsigned percent)
{
    return below(100) < percent;
}

/* -- the graph ------------------------------------------------------------------------------- */

static void node_die(unsigned first)
{
    static unsigned dying[NODES_MAX];
    unsigned count = 0;
    dying[count++] = first;
    while (count > 0) {
        unsigned i = dying[--count];
        node *n = &it.nodes[i];
        exists[i] = root[i] = doomed[i] = false;
        n->dead = true;
        address_set_remove(&tracked, GC_GRANULE_SHIFT, (uintptr_t)n);
        gc_arrays_forget(&rounds, n);
        done.deaths++;
        for (unsigned k = 0; k < NODES_MAX; k++)
            if (weak[k] == i)
                weak[k] = NONE;
        weak[i] = NONE;
        for (unsigned k = 0; k < n->edge_count; k++)
            if (--it.refs[n->edges[k]] == 0 && !it.nodes[n->edges[k]].forever)
                dying[count++] = n->edges[k];
        n->edge_count = 0;
    }
}

static void drop(unsigned i)
{
    CHECK(it.refs[i] > 0);
    if (--it.refs[i] == 0 && !it.nodes[i].forever)
        node_die(i);
}

static void edge_add(unsigned from, unsigned to)
{
    node *n = &it.nodes[from];
    if (n->edge_count == EDGES_MAX)
        return;
    n->edges[n->edge_count++] = (uint16_t)to;
    it.refs[to]++;
}

static void edge_remove(unsigned from, unsigned which)
{
    node *n = &it.nodes[from];
    unsigned to = n->edges[which];
    n->edges[which] = n->edges[--n->edge_count];
    drop(to);
}

static void hold(unsigned i)
{
    it.nodes[i].held++;
    it.refs[i]++;
}

static void let_go(unsigned i)
{
    if (--it.nodes[i].held == 0)
        root[i] = false;
    drop(i);
}

/* A new node, which is held. NONE: there is no room. */
static unsigned node_make(void)
{
    unsigned i = below(NODES_MAX);
    if (exists[i] || !address_set_add(&tracked, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[i]))
        return NONE;
    it.nodes[i] = (node){.graph = &it};
    it.refs[i] = 0;
    exists[i] = true;
    hold(i);
    return i;
}

/* Graphs differ in size, how dense they are, how local their edges and how much is held. */
static void graph_make(void)
{
    unsigned count = 1 + below(chance(30) ? 12 : NODES_MAX - 50);
    unsigned edges = below(chance(60) ? 3 : EDGES_MAX), reach = chance(50) ? 4 : NODES_MAX;
    unsigned held = chance(40) ? 2 : below(40);
    for (unsigned i = 0; i < NODES_MAX; i++) {
        exists[i] = i < count;
        it.nodes[i] = (node){.graph = &it, .dead = i >= count};
        it.refs[i] = 0;
        root[i] = kept[i] = doomed[i] = false;
        weak[i] = NONE;
    }
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = below(edges + 1); k > 0; k--)
            edge_add(i, (i + below(reach)) % count);
        if (chance(held))
            hold(i);
        it.nodes[i].forever = chance(1) && chance(30);
        root[i] = it.nodes[i].held != 0 && chance(mood.roots);
        weak[i] = mood.weak && chance(20) ? below(count) : NONE;
        REQUIRE(address_set_add(&tracked, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[i]));
    }
    for (unsigned i = 0; i < count; i++)
        if (exists[i] && it.refs[i] == 0 && !it.nodes[i].forever)
            node_die(i);
}

/* -- the oracle ------------------------------------------------------------------------------ */

static void reach(unsigned first)
{
    static unsigned stack[NODES_MAX];
    unsigned count = 0;
    if (reached[first])
        return;
    reached[first] = true;
    stack[count++] = first;
    while (count > 0) {
        const node *n = &it.nodes[stack[--count]];
        for (unsigned k = 0; k < n->edge_count; k++)
            if (!reached[n->edges[k]]) {
                reached[n->edges[k]] = true;
                stack[count++] = n->edges[k];
            }
    }
}

static void find_reached(void)
{
    memset(reached, 0, sizeof reached);
    for (unsigned i = 0; i < NODES_MAX; i++)
        if (exists[i] && (it.nodes[i].held != 0 || it.nodes[i].forever))
            reach(i);
}

static void find_doomed(void)
{
    find_reached();
    for (unsigned i = 0; i < NODES_MAX; i++)
        if (exists[i] && kept[i])
            reach(i);
    for (size_t i = 0; i < rounds.hidden.count; i++)
        if (exists[node_index(rounds.hidden.objects[i].object)])
            reach((unsigned)node_index(rounds.hidden.objects[i].object));
    for (unsigned i = 0; i < NODES_MAX; i++)
        doomed[i] = exists[i] && !reached[i];
}

/* Something has been saved, and so all that it reaches. */
static void spare(void)
{
    find_reached();
    for (unsigned i = 0; i < NODES_MAX; i++)
        doomed[i] = doomed[i] && !reached[i];
}

/* -- the program ----------------------------------------------------------------------------- */

/* A node that the program reaches, or NONE. */
static unsigned pick(void)
{
    unsigned at = NONE;
    for (unsigned tries = 0; tries < 20 && at == NONE; tries++) {
        unsigned i = below(NODES_MAX);
        if (exists[i] && it.nodes[i].held != 0)
            at = i;
    }
    for (unsigned steps = below(6); steps > 0 && at != NONE; steps--)
        if (it.nodes[at].edge_count != 0)
            at = it.nodes[at].edges[below(it.nodes[at].edge_count)];
    return at;
}

static void mutate(void)
{
    unsigned from = pick(), to = pick(), made, which;
    if (from == NONE || to == NONE)
        return;
    node *n = &it.nodes[from];
    switch (below(9)) {
    case 0:
    case 8:
        edge_add(from, to);
        break;
    case 1:
        if (n->edge_count != 0)
            edge_remove(from, below(n->edge_count));
        break;
    case 2: /* an edge moves */
        if (n->edge_count == 0 || it.nodes[to].edge_count == EDGES_MAX)
            break;
        which = below(n->edge_count);
        edge_add(to, n->edges[which]);
        edge_remove(from, which);
        break;
    case 3:
        made = node_make();
        if (made == NONE)
            break;
        edge_add(made, from);
        if (chance(50))
            edge_add(to, made);
        weak[made] = mood.weak && chance(20) ? from : NONE;
        break;
    case 4:
        hold(from);
        root[from] = chance(mood.roots);
        break;
    case 5: /* all who hold it let go, or it of all it holds */
        while (n->held != 0 && chance(80))
            let_go(from);
        break;
    case 6:
        while (exists[from] && n->edge_count != 0 && chance(80))
            edge_remove(from, below(n->edge_count));
        break;
    default: /* a loop, which is garbage when it is let go */
        edge_add(from, to);
        edge_add(to, from);
        if (n->held != 0)
            let_go(from);
        break;
    }
}

static void mutate_some(void)
{
    while (chance(mood.mutations))
        mutate();
}

/* -- the host -------------------------------------------------------------------------------- */

static void gc_host_mark_again(struct gc_round *round)
{
    for (unsigned i = 0; i < NODES_MAX; i++) {
        if (root[i])
            gc_mark(round->gc, &it.nodes[i]);
        if (mood.young && exists[i] && !gc_arrays_has(&rounds, &it.nodes[i]))
            (void)gc_host_scan(&it.nodes[i], 0, gc_visit_mark, round->gc);
    }
}

static void gc_host_weak_edges(struct gc_round *round, gc_object *object)
{
    unsigned i = (unsigned)node_index(object);
    if (weak[i] != NONE)
        gc_join(round, &it.nodes[weak[i]]);
    for (unsigned k = 0; k < NODES_MAX; k++)
        if (weak[k] == i)
            gc_join(round, &it.nodes[k]);
}

static bool gc_host_is_kept(struct gc_round *round, gc_object *object)
{
    (void)round;
    return kept[node_index(object)];
}

static bool gc_host_is_quiet(const gc_object *object)
{
    return !kept[node_index(object)];
}

/* -- reclaiming ------------------------------------------------------------------------------ */

/* Nothing changes the graph but the rounds. Finalizers of earlier batches would, and so would what
 * another collection takes between two slices: a node is counted when its referrer is scanned and
 * once more with its own references, and a referrer that dies in between makes up for one outside.
 */
static bool stands_still(void)
{
    return mood.mutations == 0 && mood.finalizers == 0 && !mood.others;
}

/* The oracle's own requests for memory do not fail, and do not count. */
static void pause_failures(void)
{
    uint64_t requests = os_inject_failure(0, false);
    failing = failing > requests ? failing - requests : 0;
}

static void resume_failures(void)
{
    (void)os_inject_failure(failing, false);
}

/* What of the batch is garbage, for certain: proof.garbage. */
static void prove(gc_object *const *batch, size_t count)
{
    pause_failures();
    gc_end(&proof);
    REQUIRE(gc_begin(&proof, count) && gc_suspects_begin(&proof, count));
    for (size_t i = 0; i < count; i++) {
        REQUIRE(address_set_add(&proof.set, GC_GRANULE_SHIFT, (uintptr_t)batch[i]));
        CHECK(address_set_make_white(&proof.set, GC_GRANULE_SHIFT, (uintptr_t)batch[i]));
        gc_suspect(&proof, batch[i]);
    }
    REQUIRE(gc_trial(&proof));
    resume_failures();
}

static void check_proof(gc_object *const *batch, size_t count)
{
    bool found[NODES_MAX] = {false};
    find_reached();
    for (size_t i = 0; i < proof.garbage_count; i++) {
        size_t index = node_index(proof.garbage[i]);
        CHECK(!reached[index] && exists[index]);
        found[index] = true;
    }
    for (size_t i = 0; i < count; i++)
        CHECK(found[node_index(batch[i])] || !doomed[node_index(batch[i])]);
    for (unsigned i = 0; i < NODES_MAX; i++)
        if (doomed[i] && weak[i] != NONE && found[weak[i]])
            CHECK(found[i]);
}

static void clear(gc_object *const *garbage, size_t count)
{
    for (size_t i = 0; i < count; i++)
        it.refs[node_index(garbage[i])]++;
    for (size_t i = 0; i < count; i++)
        while (garbage[i]->edge_count > 0)
            edge_remove((unsigned)node_index(garbage[i]), 0);
    for (size_t i = 0; i < count; i++)
        drop((unsigned)node_index(garbage[i]));
    for (size_t i = 0; i < count; i++)
        CHECK(!exists[node_index(garbage[i])]);
}

/* A finalizer of one of the garbage does what it likes with it, or another. */
static void finalize(void)
{
    unsigned saved = (unsigned)node_index(proof.garbage[below((unsigned)proof.garbage_count)]);
    hold(saved);
    spare();
    mutate_some();
    done.saved++;
}

static void reclaim(void)
{
    gc_object **batch, *left[NODES_MAX];
    size_t count = gc_arrays_batch(&rounds, &batch);
    bool closed = gc_arrays_is_closed(&rounds, batch, count);
    prove(batch, count);
    check_proof(batch, count);
    CHECK(!closed || proof.garbage_count == count);
    CHECK(!stands_still() || proof.garbage_count == count);
    done.batches++;
    done.closed += closed;
    done.rejected += count - proof.garbage_count;
    if (closed && count != 0 && chance(40)) {
        gc_arrays_clear_later(&rounds, count);
        return;
    }
    if (proof.garbage_count != 0 && chance(mood.finalizers)) {
        finalize();
        size_t there = 0;
        for (size_t i = 0; i < count; i++)
            if (gc_arrays_has(&rounds, batch[i]))
                left[there++] = batch[i];
        prove(left, there);
        check_proof(left, there);
    }
    done.reclaimed += proof.garbage_count;
    memcpy(left, proof.garbage, proof.garbage_count * sizeof *left);
    clear(left, proof.garbage_count);
    gc_arrays_reclaimed(&rounds, batch, count);
}

/* Another collection, of everything but what a round holds. */
static void collect_others(void)
{
    static gc_object *garbage[NODES_MAX];
    size_t count = 0;
    find_reached();
    for (unsigned i = 0; i < NODES_MAX; i++)
        if (exists[i] && pinned[i])
            reach(i);
    for (unsigned i = 0; i < NODES_MAX; i++)
        if (exists[i] && !reached[i])
            garbage[count++] = &it.nodes[i];
    clear(garbage, count);
}

/* One object of garbage that is cleared in slices. */
static void clear_one(void)
{
    gc_object *object = gc_arrays_next_to_hold(&rounds);
    if (object != NULL) {
        it.refs[node_index(object)]++;
        CHECK(!pinned[node_index(object)]);
        pinned[node_index(object)] = true;
        return;
    }
    object = gc_arrays_next_to_clear(&rounds);
    if (object == NULL) {
        gc_arrays_reclaimed(&rounds, NULL, 0);
        return;
    }
    unsigned i = (unsigned)node_index(object);
    find_reached();
    CHECK(exists[i] && !reached[i] && pinned[i]);
    pinned[i] = false;
    while (object->edge_count > 0)
        edge_remove(i, 0);
    drop(i);
    done.reclaimed++;
}

/* -- rounds ---------------------------------------------------------------------------------- */

/* To the end, or until memory is refused: then false, and nothing is left of the round. */
static bool one_round(void)
{
    static unsigned unasked; /* rounds since there were no hidden roots */
    for (unsigned i = 0; i < NODES_MAX; i++)
        kept[i] = mood.kept && chance(3);
    rounds.chunk = 1 + below(chance(50) ? 3 : 40);
    rounds.goal = 1 + below(chance(50) ? 4 : 100);
    gc_arrays_begin(&rounds, &tracked);
    find_doomed();
    unasked = rounds.hidden.count == 0 ? 0 : unasked + 1;
    CHECK(unasked < GC_HIDDEN_ROUNDS);
    done.hidden += rounds.hidden.count;
    bool going = true;
    for (bool waits = false; going && rounds.round.phase != GC_PHASE_OVER;) {
        mutate_some();
        if (mood.others && chance(3))
            collect_others();
        if (waits)
            clear_one();
        else
            going = gc_arrays_slice(&rounds, 0);
        if (!waits && rounds.round.phase == GC_PHASE_RECLAIM)
            reclaim();
        waits = rounds.round.phase == GC_PHASE_RECLAIM;
    }
    for (unsigned i = 0; going && i < NODES_MAX; i++)
        if (!CHECK(!doomed[i]))
            printf("node %u is left\n", i);
    CHECK(it.stale == 0);
    gc_arrays_end(&rounds);
    done.rounds++;
    return going;
}

static void forget_all(void)
{
    for (unsigned i = 0; i < NODES_MAX; i++)
        address_set_remove(&tracked, GC_GRANULE_SHIFT, (uintptr_t)&it.nodes[i]);
    rounds.hidden.count = rounds.found.count = 0;
}

static void one_graph(void)
{
    mood.mutations = chance(20) ? 0 : below(95);
    mood.roots = chance(50) ? 0 : below(100);
    mood.finalizers = mood.mutations == 0 || chance(50) ? 0 : below(60);
    mood.weak = chance(50);
    mood.kept = chance(20);
    mood.young = chance(50);
    mood.others = chance(20);
    graph_make();
    for (unsigned n = 1 + below(6); n > 0 && check_failures() == 0; n--)
        CHECK(one_round());
    forget_all();
}

/* Each request for memory fails once: then the round is off, and the next one as good as any. */
static void test_failures(void)
{
    for (unsigned i = 0; i < 40; i++) {
        mood.mutations = 1 + below(50);
        graph_make();
        for (uint64_t nth = 1, over = 0; over == 0; nth++) {
            failing = nth;
            resume_failures();
            over = one_round();
            failing = 0;
            resume_failures();
            done.failures += over == 0;
            CHECK(one_round());
            CHECK(nth < 20);
        }
        forget_all();
    }
}

/* -- main ------------------------------------------------------------------------------------ */

int main(int argc, char **argv)
{
    uint64_t graphs = 3000, seed = 1;
    const argument known[] = {{"--graphs", &graphs}, {"--seed", &seed}};
    arguments_read(argc, argv, known, sizeof known / sizeof known[0]);
    address_set_open(&tracked, GC_GRANULE_SHIFT);
    gc_arrays_open(&rounds);
    gc_open(&proof);
    state = seed;
    for (uint64_t i = 0; i < graphs && check_failures() == 0; i++) {
        one_graph();
        if (check_failures() != 0)
            fprintf(stderr, "seed %llu, graph %llu\n", (unsigned long long)seed,
                    (unsigned long long)i);
    }
    test_failures();
    CHECK(done.hidden > 0 && done.closed > 0 && done.rejected > 0 && done.saved > 0 &&
          done.failures > 0);
    printf("%zu rounds, %zu batches, %zu of them closed, %zu reclaimed, %zu rejected, %zu saved, "
           "%zu deaths\n",
           done.rounds, done.batches, done.closed, done.reclaimed, done.rejected, done.saved,
           done.deaths);
    gc_close(&proof);
    gc_arrays_close(&rounds);
    address_set_close(&tracked);
    CHECK(tracked.bytes == 0 && rounds.gc.set.bytes == 0);
    return check_finish("incremental rounds on graphs that change");
}

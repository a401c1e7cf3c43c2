/* manifest_table.c: the documents, their sections and claims.
 *
 * Made by tour/generate.py from tour/manifest.toml; edit that. */

#include "manifest.h"
#include "stops.h"

/* clang-format off */

static const tour_claim claims_0_2_1[] = {
    {"Every value is an object: numbers, strings, lists, tuples and dicts alike.",
     {TOUR_STOP, "values_are_objects", stop_values_are_objects},
     {TOUR_STOP, "values_are_objects", NULL}},
    {"An object is one block that holds its value and a header with its type and reference count.",
     {TOUR_STOP, "object_header", stop_object_header},
     {TOUR_STOP, "object_header", NULL}},
};

static const tour_claim claims_0_2_2[] = {
    {"An object whose count falls to zero is reclaimed.",
     {TOUR_STOP, "freed_at_zero", stop_freed_at_zero},
     {TOUR_STOP, "freed_at_zero", NULL}},
    {"Of two names for one object, dropping one lowers the count that the other sees.",
     {TOUR_STOP, "count_alias", stop_count_alias},
     {TOUR_STOP, "count_alias", NULL}},
    {"An object with a count above zero is in use and is not collected.",
     {TOUR_STOP, "counted_is_kept", stop_counted_is_kept},
     {TOUR_STOP, "counted_is_kept", NULL}},
};

static const tour_claim claims_0_2_3[] = {
    {"Objects start in the youngest generation and move on to older ones as they survive.",
     {TOUR_STOP, "generations_promote", stop_generations_promote},
     {TOUR_STOP, "generations_promote", NULL}},
    {"Memory is divided into four spaces: newborn, survivor, young and old.",
     {TOUR_STOP, "generations_three", stop_generations_three},
     {TOUR_STOP, "generations_three", NULL}},
};

static const tour_claim claims_0_2_4[] = {
    {"Counts can be kept apart from the references, which makes every object smaller.",
     {TOUR_STOP, "counts_apart", stop_counts_apart},
     {TOUR_NONE, "CPython keeps every count in the object's own header", NULL}},
    {"By default counting and generations work together, and parameters of gc tune them.",
     {TOUR_STOP, "gc_parameters", stop_gc_parameters},
     {TOUR_STOP, "gc_parameters", NULL}},
};

static const tour_claim claims_0_2_5[] = {
    {"An object can be emptied in place to save memory; whoever still refers to it finds none.",
     {TOUR_STOP, "truncation", stop_truncation},
     {TOUR_NONE, "CPython has no such function; Lair offers it to C programs only", NULL}},
};

static const tour_claim claims_0_3_1[] = {
    {"The collector starts from a root set: globals, locals and the values in stack frames.",
     {TOUR_STOP, "root_set", stop_root_set},
     {TOUR_STOP, "root_set", NULL}},
    {"What is reachable from the roots is live; the rest is cleared from memory.",
     {TOUR_STOP, "unreachable_is_cleared", stop_unreachable_is_cleared},
     {TOUR_STOP, "unreachable_is_cleared", NULL}},
    {"What remains is gathered into the heap for later use.",
     {TOUR_STOP, "survivors_stay", stop_survivors_stay},
     {TOUR_STOP, "survivors_stay", NULL}},
};

static const tour_claim claims_0_3_2[] = {
    {"Parameters are given on the command line or in the environment.",
     {TOUR_STOP, "option_syntax", stop_option_syntax},
     {TOUR_STOP, "option_syntax", NULL}},
    {"showrefcount shows the number of references.",
     {TOUR_STOP, "option_showrefcount", stop_option_showrefcount},
     {TOUR_STOP, "option_showrefcount", NULL}},
    {"trackrefs follows what is allocated and freed.",
     {TOUR_STOP, "option_trackrefs", stop_option_trackrefs},
     {TOUR_STOP, "option_trackrefs", NULL}},
    {"maxheapsize is the most memory the heap may take.",
     {TOUR_STOP, "option_maxheapsize", stop_option_maxheapsize},
     {TOUR_STOP, "option_maxheapsize", NULL}},
    {"pagesize is the unit in which the heap is paged: the size of a pool.",
     {TOUR_STOP, "option_pagesize", stop_option_pagesize},
     {TOUR_STOP, "option_pagesize", NULL}},
    {"objects is how many freed objects are kept after each collection.",
     {TOUR_STOP, "option_objects", stop_option_objects},
     {TOUR_STOP, "option_objects", NULL}},
    {"gctype chooses the kind of collection: automatic, manual, incremental.",
     {TOUR_STOP, "option_gctype", stop_option_gctype},
     {TOUR_STOP, "option_gctype", NULL}},
};

static const tour_claim claims_0_3_3[] = {
    {"__slots__ does without per-instance attribute storage.",
     {TOUR_STOP, "slots_smaller", stop_slots_smaller},
     {TOUR_STOP, "slots_smaller", NULL}},
    {"Immutable objects need not be copied.",
     {TOUR_STOP, "immutable_shared", stop_immutable_shared},
     {TOUR_STOP, "immutable_shared", NULL}},
    {"Joining strings at once allocates less than growing one piece by piece.",
     {TOUR_STOP, "strings_joined", stop_strings_joined},
     {TOUR_STOP, "strings_joined", NULL}},
    {"Context managers close files by themselves, so nothing leaks.",
     {TOUR_STOP, "scoped_resources", stop_scoped_resources},
     {TOUR_STOP, "context_manager_closes", NULL}},
    {"A loop that touches only its own variables is faster.",
     {TOUR_NONE, "a C compiler keeps such variables in registers; there is no name to look up", NULL},
     {TOUR_STOP, "loop_locals", NULL}},
    {"A list whose length is known beforehand need not be resized.",
     {TOUR_STOP, "list_presized", stop_list_presized},
     {TOUR_STOP, "list_presized", NULL}},
};

static const tour_claim claims_0_4_1[] = {
    {"A pool takes memory ahead and cuts blocks from it on demand, so the system is asked rarely.",
     {TOUR_STOP, "pool_cuts_blocks", stop_pool_cuts_blocks},
     {TOUR_STOP, "pool_cuts_blocks", NULL}},
};

static const tour_claim claims_0_4_2[] = {
    {"Pools counter the fragmentation that frequent allocation and release cause.",
     {TOUR_STOP, "pool_fragmentation", stop_pool_fragmentation},
     {TOUR_STOP, "pool_fragmentation", NULL}},
    {"Objects that come and go all the time lose no memory to a pool.",
     {TOUR_STOP, "pool_churn", stop_pool_churn},
     {TOUR_STOP, "pool_churn", NULL}},
    {"With a pool the program's logic reads more plainly.",
     {TOUR_STOP, "heap_scope", stop_heap_scope},
     {TOUR_NONE, "allocation is not visible in Python code", NULL}},
};

static const tour_claim claims_0_4_3[] = {
    {"Going through a pool costs something of its own on every allocation and release.",
     {TOUR_STOP, "pool_cost", stop_pool_cost},
     {TOUR_STOP, "pool_overhead", NULL}},
    {"A pool is bounded by the memory there is; when that runs out it can serve no more.",
     {TOUR_STOP, "pool_bounded", stop_pool_bounded},
     {TOUR_STOP, "pool_bounded", NULL}},
};

static const tour_claim claims_0_4_4[] = {
    {"The pool takes a block of fixed size when it starts and serves requests from it.",
     {TOUR_STOP, "pool_reserve", stop_pool_reserve},
     {TOUR_STOP, "pool_reserve", NULL}},
    {"A pool cannot prevent leaks: what is never released stays in it.",
     {TOUR_STOP, "pool_leak", stop_pool_leak},
     {TOUR_STOP, "pool_leak", NULL}},
    {"Objects of a crashed process stay in the pool and burden the system.",
     {TOUR_STOP, "crash_returns_memory", stop_crash_returns_memory},
     {TOUR_STOP, "crash_returns_memory", NULL}},
    {"So collection and adaptive allocation belong together: a soft limit asks for collection.",
     {TOUR_STOP, "soft_limit", stop_soft_limit},
     {TOUR_STOP, "soft_limit", NULL}},
    {"Adaptive allocation returns memory that is no longer needed, by itself and on request.",
     {TOUR_STOP, "memory_goes_back", stop_memory_goes_back},
     {TOUR_STOP, "memory_goes_back", NULL}},
};

static const tour_section sections_0[] = {
    {"1", "Introduction",
     "0.2, 0.3, 0.4", NULL, 0},
    {"2", "How objects are laid out and allocated",
     "0.2.1, 0.2.2, 0.2.3, 0.2.4, 0.2.5", NULL, 0},
    {"2.1", "Kinds of object",
     "", claims_0_2_1, 2},
    {"2.2", "Reference counting",
     "", claims_0_2_2, 3},
    {"2.3", "Generations",
     "", claims_0_2_3, 2},
    {"2.4", "Ways to allocate",
     "", claims_0_2_4, 2},
    {"2.5", "Object truncation",
     "", claims_0_2_5, 1},
    {"3", "Garbage collection",
     "0.3.1, 0.3.2, 0.3.3", NULL, 0},
    {"3.1", "The algorithm",
     "", claims_0_3_1, 3},
    {"3.2", "Parameters of the collector",
     "", claims_0_3_2, 7},
    {"3.3", "Tuning",
     "", claims_0_3_3, 6},
    {"4", "Memory pools: the idea, for and against",
     "0.4.1, 0.4.2, 0.4.3, 0.4.4", NULL, 0},
    {"4.1", "The idea",
     "", claims_0_4_1, 1},
    {"4.2", "Why use pools",
     "", claims_0_4_2, 3},
    {"4.3", "Drawbacks of pools",
     "", claims_0_4_3, 2},
    {"4.4", "Python's pool",
     "", claims_0_4_4, 5},
};

static const tour_claim claims_1_1[] = {
    {"Assignment binds a name to an object; two names for 1 are the same object, by id and is.",
     {TOUR_STOP, "same_small_int", stop_same_small_int},
     {TOUR_STOP, "same_small_int", NULL}},
    {"Integers and short strings are cached; long strings and other objects can exist many times.",
     {TOUR_STOP, "cached_and_distinct", stop_cached_and_distinct},
     {TOUR_STOP, "cached_and_distinct", NULL}},
    {"sys.getrefcount tells the count, one too high because of its own argument.",
     {TOUR_STOP, "refcount_borrows", stop_refcount_borrows},
     {TOUR_STOP, "getrefcount_plus_one", NULL}},
};

static const tour_claim claims_1_1_1[] = {
    {"Creation, another name, being passed as an argument, and being put in a container.",
     {TOUR_STOP, "count_rises", stop_count_rises},
     {TOUR_STOP, "count_rises", NULL}},
};

static const tour_claim claims_1_1_2[] = {
    {"Leaving a scope, del, rebinding, removal from a container, and the container's own end.",
     {TOUR_STOP, "count_falls", stop_count_falls},
     {TOUR_STOP, "count_falls", NULL}},
};

static const tour_claim claims_1_2_1[] = {
    {"Counting is the simplest collection: at zero an object is garbage and goes.",
     {TOUR_STOP, "freed_at_zero", stop_freed_at_zero},
     {TOUR_STOP, "freed_at_zero", NULL}},
    {"Two lists that hold each other keep each other's count up though nobody else needs them.",
     {TOUR_STOP, "cycle_defeats_counts", stop_cycle_defeats_counts},
     {TOUR_STOP, "cycle_defeats_counts", NULL}},
};

static const tour_claim claims_1_2_2[] = {
    {"Only a copy of the counts is changed; real counts are untouched by a collection.",
     {TOUR_STOP, "collection_keeps_counts", stop_collection_keeps_counts},
     {TOUR_STOP, "collection_keeps_counts", NULL}},
    {"References within the set are taken off the copies; what stays above zero is a root object.",
     {TOUR_STOP, "copies_find_roots", stop_copies_find_roots},
     {TOUR_STOP, "copies_find_roots", NULL}},
    {"What a root object reaches moves from the unreachable list to the root list; the rest goes.",
     {TOUR_STOP, "unreachable_is_cleared", stop_unreachable_is_cleared},
     {TOUR_STOP, "unreachable_is_cleared", NULL}},
};

static const tour_claim claims_1_2_3[] = {
    {"What survives collections is moved to an older set that is examined less often.",
     {TOUR_STOP, "generations_promote", stop_generations_promote},
     {TOUR_STOP, "generations_promote", NULL}},
    {"Garbage in the older set waits longer.",
     {TOUR_STOP, "old_garbage_waits", stop_old_garbage_waits},
     {TOUR_STOP, "old_garbage_waits", NULL}},
};

static const tour_claim claims_1_3[] = {
    {"Memory is a pyramid: the system below, malloc above it, then pools, then objects.",
     {TOUR_STOP, "pyramid", stop_pyramid},
     {TOUR_STOP, "pyramid", NULL}},
    {"Small requests are served by the pool layer behind PyMem_Malloc.",
     {TOUR_NONE, "PyMem_Malloc is a function of CPython", NULL},
     {TOUR_STOP, "memory_functions", NULL}},
    {"The pool spares the switches between user mode and kernel mode.",
     {TOUR_STOP, "pool_spares_system_calls", stop_pool_spares_system_calls},
     {TOUR_STOP, "pool_spares_system_calls", NULL}},
    {"Small ends at 256 bytes; larger requests are left to malloc.",
     {TOUR_STOP, "small_threshold", stop_small_threshold},
     {TOUR_STOP, "small_threshold", NULL}},
    {"The boundary can be changed.",
     {TOUR_STOP, "small_threshold_option", stop_small_threshold_option},
     {TOUR_STOP, "small_threshold_option", NULL}},
};

static const tour_section sections_1[] = {
    {"0", "Opening: counting, collection, pools",
     "1.1, 1.2, 1.3", NULL, 0},
    {"1", "Reference counting",
     "", claims_1_1, 3},
    {"1.1", "What raises the count",
     "", claims_1_1_1, 1},
    {"1.2", "What lowers the count",
     "", claims_1_1_2, 1},
    {"2", "Garbage collection",
     "1.2.1, 1.2.2, 1.2.3", NULL, 0},
    {"2.1", "Counting as collection, and cycles",
     "", claims_1_2_1, 2},
    {"2.2", "Mark and sweep",
     "", claims_1_2_2, 3},
    {"2.3", "Generations",
     "", claims_1_2_3, 2},
    {"3", "Memory pool",
     "", claims_1_3, 5},
};

static const tour_claim claims_2_2[] = {
    {"A new list has a count of two as getrefcount sees it, three with a second name, two after del.",
     {TOUR_STOP, "refcount_borrows", stop_refcount_borrows},
     {TOUR_STOP, "getrefcount_plus_one", NULL}},
    {"At zero the object is reclaimed.",
     {TOUR_STOP, "freed_at_zero", stop_freed_at_zero},
     {TOUR_STOP, "freed_at_zero", NULL}},
};

static const tour_claim claims_2_2_1[] = {
    {"Counting cannot reclaim objects that refer to each other.",
     {TOUR_STOP, "cycle_defeats_counts", stop_cycle_defeats_counts},
     {TOUR_STOP, "cycle_defeats_counts", NULL}},
};

static const tour_claim claims_2_3_1[] = {
    {"Generation 0 holds new objects, 1 those that survived once, 2 those that survived more.",
     {TOUR_STOP, "generations_promote", stop_generations_promote},
     {TOUR_STOP, "generations_promote", NULL}},
    {"gc.collect collects now, gc.get_stats tells what was collected.",
     {TOUR_STOP, "gc_collect_and_stats", stop_gc_collect_and_stats},
     {TOUR_STOP, "gc_collect_and_stats", NULL}},
};

static const tour_claim claims_2_4[] = {
    {"Small objects are allocated from pools.",
     {TOUR_STOP, "pool_cuts_blocks", stop_pool_cuts_blocks},
     {TOUR_STOP, "pool_cuts_blocks", NULL}},
};

static const tour_claim claims_2_4_1[] = {
    {"Two 256s are one object; two 257s are two, depending on the implementation.",
     {TOUR_STOP, "small_int_range", stop_small_int_range},
     {TOUR_STOP, "small_int_range", NULL}},
};

static const tour_claim claims_2_4_2[] = {
    {"Equal literals that look like names are one object; with a space in them they are two.",
     {TOUR_STOP, "literals_interned", stop_literals_interned},
     {TOUR_STOP, "literals_interned", NULL}},
};

static const tour_claim claims_2_5_1[] = {
    {"A generator holds one value at a time where a list holds all.",
     {TOUR_STOP, "generator_small", stop_generator_small},
     {TOUR_STOP, "generator_small", NULL}},
};

static const tour_claim claims_2_5_2[] = {
    {"Declaring the attributes with __slots__ saves memory.",
     {TOUR_STOP, "slots_smaller", stop_slots_smaller},
     {TOUR_STOP, "slots_smaller", NULL}},
    {"It admits no other attributes.",
     {TOUR_STOP, "slots_refuse", stop_slots_refuse},
     {TOUR_STOP, "slots_refuse", NULL}},
};

static const tour_claim claims_2_5_3[] = {
    {"A list holds objects, an array the bare C values.",
     {TOUR_STOP, "array_packed", stop_array_packed},
     {TOUR_STOP, "array_packed", NULL}},
};

static const tour_section sections_2[] = {
    {"0", "Title and summary: allocation, collection, counting, optimisation",
     "2.2, 2.3, 2.4, 2.5", NULL, 0},
    {"1", "Introduction",
     "2.2, 2.3, 2.4, 2.5", NULL, 0},
    {"2", "Reference counting",
     "", claims_2_2, 2},
    {"2.1", "The trouble with counting",
     "", claims_2_2_1, 1},
    {"3", "Garbage collection",
     "2.3.1", NULL, 0},
    {"3.1", "Three generations",
     "", claims_2_3_1, 2},
    {"4", "Memory pool",
     "", claims_2_4, 1},
    {"4.1", "Small integers are cached",
     "", claims_2_4_1, 1},
    {"4.2", "Strings are interned",
     "", claims_2_4_2, 1},
    {"5", "Saving memory",
     "2.5.1, 2.5.2, 2.5.3", NULL, 0},
    {"5.1", "Generators",
     "", claims_2_5_1, 1},
    {"5.2", "__slots__",
     "", claims_2_5_2, 2},
    {"5.3", "Arrays instead of lists",
     "", claims_2_5_3, 1},
    {"6", "Summary",
     "2.2, 2.3, 2.4", NULL, 0},
    {"7", "References: the gc module's documentation, an article on memory management",
     "2.3.1, 2.4", NULL, 0},
};

static const tour_claim claims_3_1_1[] = {
    {"A program's memory has parts, from high addresses to low: stack, static, constants, code, heap.",
     {TOUR_STOP, "process_parts", stop_process_parts},
     {TOUR_STOP, "process_parts", NULL}},
    {"Stack: locals and frames, taken and released by themselves as blocks of code come and go.",
     {TOUR_STOP, "process_stack", stop_process_stack},
     {TOUR_STOP, "process_stack", NULL}},
    {"Static: global and static variables, there until the program ends.",
     {TOUR_STOP, "process_static", stop_process_static},
     {TOUR_STOP, "process_static", NULL}},
    {"Read-only data: constants.",
     {TOUR_STOP, "process_read_only", stop_process_read_only},
     {TOUR_STOP, "process_read_only", NULL}},
    {"Code: the machine code, and the byte code of Python modules.",
     {TOUR_STOP, "process_code", stop_process_code},
     {TOUR_STOP, "process_code", NULL}},
    {"Method area: definitions of classes and methods, modules, metadata.",
     {TOUR_STOP, "process_method_area", stop_process_method_area},
     {TOUR_STOP, "process_method_area", NULL}},
    {"Heap: everything that is allocated while the program runs.",
     {TOUR_STOP, "process_heap", stop_process_heap},
     {TOUR_STOP, "process_heap", NULL}},
    {"Garbage collection cleans up the heap.",
     {TOUR_STOP, "unreachable_is_cleared", stop_unreachable_is_cleared},
     {TOUR_STOP, "unreachable_is_cleared", NULL}},
};

static const tour_claim claims_3_1_2[] = {
    {"In C++ locals live on the stack and go by themselves; what is on the heap is freed by hand.",
     {TOUR_STOP, "stack_and_heap", stop_stack_and_heap},
     {TOUR_NONE, "the claim is about compiled languages", NULL}},
    {"In Python a local is a reference, and every object, mutable or not, lives on the heap.",
     {TOUR_STOP, "objects_on_heap", stop_objects_on_heap},
     {TOUR_STOP, "objects_on_heap", NULL}},
};

static const tour_claim claims_3_2[] = {
    {"An object starts with a count and a pointer to its type; at zero the deallocator runs.",
     {TOUR_STOP, "object_header", stop_object_header},
     {TOUR_STOP, "object_header", NULL}},
    {"On top of counting, mark-sweep and generations deal with cycles.",
     {TOUR_STOP, "cycle_defeats_counts", stop_cycle_defeats_counts},
     {TOUR_STOP, "cycle_defeats_counts", NULL}},
};

static const tour_claim claims_3_2_1[] = {
    {"Creation, another reference, being an argument, each place in a container.",
     {TOUR_STOP, "count_rises", stop_count_rises},
     {TOUR_STOP, "count_rises", NULL}},
};

static const tour_claim claims_3_2_2[] = {
    {"del, rebinding, the end of a scope, removal from a container or the container's end.",
     {TOUR_STOP, "count_falls", stop_count_falls},
     {TOUR_STOP, "count_falls", NULL}},
};

static const tour_claim claims_3_2_3[] = {
    {"A weak reference does not raise the count and does not keep its object.",
     {TOUR_STOP, "weakref_dies", stop_weakref_dies},
     {TOUR_STOP, "weakref_dies", NULL}},
    {"Objects start in the first generation and, surviving, go to the second and the third.",
     {TOUR_STOP, "generations_promote", stop_generations_promote},
     {TOUR_STOP, "generations_promote", NULL}},
};

static const tour_claim claims_3_2_4[] = {
    {"A call of gc.collect.",
     {TOUR_STOP, "gc_collect_and_stats", stop_gc_collect_and_stats},
     {TOUR_STOP, "gc_collect_and_stats", NULL}},
    {"The counter of the gc module reaching its threshold.",
     {TOUR_STOP, "threshold_triggers", stop_threshold_triggers},
     {TOUR_STOP, "threshold_triggers", NULL}},
    {"The end of the program.",
     {TOUR_STOP, "exit_triggers", stop_exit_triggers},
     {TOUR_STOP, "exit_triggers", NULL}},
};

static const tour_claim claims_3_3[] = {
    {"Numbers and strings cannot change; what looks like a change makes a new object.",
     {TOUR_STOP, "immutable_replaced", stop_immutable_replaced},
     {TOUR_STOP, "immutable_replaced", NULL}},
};

static const tour_claim claims_3_3_1[] = {
    {"The integers from -5 to 256 exist beforehand, are shared, and are never collected.",
     {TOUR_STOP, "small_int_range", stop_small_int_range},
     {TOUR_STOP, "small_int_range", NULL}},
};

static const tour_claim claims_3_3_2[] = {
    {"A freed large integer is not destroyed; a later one takes over its memory.",
     {TOUR_STOP, "large_int_reuse", stop_large_int_reuse},
     {TOUR_STOP, "large_int_reuse", NULL}},
};

static const tour_claim claims_3_3_3[] = {
    {"Strings of one single-byte character are cached.",
     {TOUR_STOP, "single_characters", stop_single_characters},
     {TOUR_STOP, "single_characters", NULL}},
};

static const tour_claim claims_3_3_4[] = {
    {"Interning maps equal strings to one object, after each has first been created.",
     {TOUR_STOP, "intern_by_hand", stop_intern_by_hand},
     {TOUR_STOP, "intern_by_hand", NULL}},
};

static const tour_claim claims_3_4[] = {
    {"Each instance has a __dict__; with __slots__ only the named attributes, and less memory.",
     {TOUR_STOP, "slots_smaller", stop_slots_smaller},
     {TOUR_STOP, "slots_smaller", NULL}},
};

static const tour_section sections_3[] = {
    {"1", "The structure of memory",
     "3.1.1, 3.1.2", NULL, 0},
    {"1.1", "The parts of a program's memory",
     "", claims_3_1_1, 8},
    {"1.2", "Stack and heap in C++ and in Python",
     "", claims_3_1_2, 2},
    {"2", "Garbage collection",
     "", claims_3_2, 2},
    {"2.1", "What adds one",
     "", claims_3_2_1, 1},
    {"2.2", "What takes one off",
     "", claims_3_2_2, 1},
    {"2.3", "Cycles and what helps",
     "", claims_3_2_3, 2},
    {"2.4", "What starts a collection",
     "", claims_3_2_4, 3},
    {"3", "Object pools",
     "", claims_3_3, 1},
    {"3.1", "Small integers",
     "", claims_3_3_1, 1},
    {"3.2", "Large integers",
     "", claims_3_3_2, 1},
    {"3.3", "String buffer",
     "", claims_3_3_3, 1},
    {"3.4", "Interning",
     "", claims_3_3_4, 1},
    {"4", "__slots__",
     "", claims_3_4, 1},
};

static const tour_claim claims_4_1[] = {
    {"Layers: a memory manager, an object allocator, pools for small objects, a collector.",
     {TOUR_STOP, "pyramid", stop_pyramid},
     {TOUR_STOP, "pyramid", NULL}},
};

static const tour_claim claims_4_1_1[] = {
    {"PyObject_Malloc, PyObject_Realloc and PyObject_Free do the work; the programmer sees nothing.",
     {TOUR_STOP, "heap_functions", stop_heap_functions},
     {TOUR_STOP, "memory_functions", NULL}},
};

static const tour_claim claims_4_2[] = {
    {"The count goes from one to two with a second name, back to one, and at zero the object goes.",
     {TOUR_STOP, "count_alias", stop_count_alias},
     {TOUR_STOP, "count_alias", NULL}},
    {"For: simple, memory comes back at once, predictable.",
     {TOUR_STOP, "freed_at_zero", stop_freed_at_zero},
     {TOUR_STOP, "freed_at_zero", NULL}},
    {"Against: cycles.",
     {TOUR_STOP, "cycle_defeats_counts", stop_cycle_defeats_counts},
     {TOUR_STOP, "cycle_defeats_counts", NULL}},
    {"Against: counting takes time, and with threads it needs a lock.",
     {TOUR_STOP, "counting_cost", stop_counting_cost},
     {TOUR_STOP, "counts_under_lock", NULL}},
};

static const tour_claim claims_4_3_1[] = {
    {"Two dicts that hold each other outlive the function that made them.",
     {TOUR_STOP, "cycle_of_dicts", stop_cycle_of_dicts},
     {TOUR_STOP, "cycle_of_dicts", NULL}},
};

static const tour_claim claims_4_3_2[] = {
    {"Most objects die young.",
     {TOUR_STOP, "most_die_young", stop_most_die_young},
     {TOUR_STOP, "most_die_young", NULL}},
    {"The thresholds are (700, 10, 10).",
     {TOUR_STOP, "default_thresholds", stop_default_thresholds},
     {TOUR_STOP, "default_thresholds", NULL}},
    {"The collector can be run, switched off and on, and asked whether it is on.",
     {TOUR_STOP, "gc_parameters", stop_gc_parameters},
     {TOUR_STOP, "gc_parameters", NULL}},
    {"New objects are in generation 0, survivors of one collection in 1, of two in 2.",
     {TOUR_STOP, "generations_promote", stop_generations_promote},
     {TOUR_STOP, "generations_promote", NULL}},
};

static const tour_claim claims_4_4[] = {
    {"Small objects come from pools.",
     {TOUR_STOP, "pool_cuts_blocks", stop_pool_cuts_blocks},
     {TOUR_STOP, "pool_cuts_blocks", NULL}},
    {"Small integers and short strings are shared, large integers are not.",
     {TOUR_STOP, "cached_and_distinct", stop_cached_and_distinct},
     {TOUR_STOP, "cached_and_distinct", NULL}},
};

static const tour_claim claims_4_5[] = {
    {"A weak reference gives its object while it lives and None afterwards.",
     {TOUR_STOP, "weakref_dies", stop_weakref_dies},
     {TOUR_STOP, "weakref_dies", NULL}},
    {"They serve caches, observers and the avoidance of cycles.",
     {TOUR_STOP, "weak_uses", stop_weak_uses},
     {TOUR_STOP, "weak_observers", NULL}},
};

static const tour_claim claims_4_5_1[] = {
    {"WeakKeyDictionary, WeakValueDictionary and WeakSet drop an entry when its object dies.",
     {TOUR_STOP, "weak_containers", stop_weak_containers},
     {TOUR_STOP, "weak_containers", NULL}},
    {"A plain dict can be a weak key or a member of a weak set.",
     {TOUR_STOP, "weak_dict_keys", stop_weak_dict_keys},
     {TOUR_STOP, "weak_dict_keys", NULL}},
};

static const tour_claim claims_4_6_1_1[] = {
    {"Objects in a cycle that have __del__ cannot be collected.",
     {TOUR_STOP, "finalizers_in_cycles", stop_finalizers_in_cycles},
     {TOUR_STOP, "finalizers_in_cycles", NULL}},
};

static const tour_claim claims_4_6_1_2[] = {
    {"A global cache that is never pruned grows for ever.",
     {TOUR_STOP, "global_cache_grows", stop_global_cache_grows},
     {TOUR_STOP, "global_cache_grows", NULL}},
};

static const tour_claim claims_4_6_1_3[] = {
    {"A file that is not closed leaks its descriptor; a context manager closes it.",
     {TOUR_STOP, "file_left_open", stop_file_left_open},
     {TOUR_STOP, "file_left_open", NULL}},
};

static const tour_claim claims_4_6_2[] = {
    {"tracemalloc compares two snapshots and names the lines that differ.",
     {TOUR_NOT_YET, "needs the tracer", NULL},
     {TOUR_STOP, "tracemalloc_compare", NULL}},
};

static const tour_claim claims_4_6_3[] = {
    {"memory_profiler watches a program's memory.",
     {TOUR_NOT_YET, "needs the tracer", NULL},
     {TOUR_NOT_YET, "needs the tracer", NULL}},
    {"objgraph draws who refers to whom.",
     {TOUR_NOT_YET, "needs the object graph", NULL},
     {TOUR_NOT_YET, "needs the object graph", NULL}},
    {"pympler analyses what uses the memory.",
     {TOUR_NOT_YET, "needs the object graph", NULL},
     {TOUR_NOT_YET, "needs the object graph", NULL}},
};

static const tour_claim claims_4_7_1[] = {
    {"A list of a million squares is large, its generator tiny.",
     {TOUR_STOP, "generator_small", stop_generator_small},
     {TOUR_STOP, "generator_small", NULL}},
};

static const tour_claim claims_4_7_2[] = {
    {"Instances with __slots__ have no __dict__ and a fixed size.",
     {TOUR_STOP, "slots_smaller", stop_slots_smaller},
     {TOUR_STOP, "slots_smaller", NULL}},
    {"Slots are not inherited by a subclass that does not declare its own.",
     {TOUR_NONE, "record types do not inherit from one another", NULL},
     {TOUR_STOP, "slots_inheritance", NULL}},
    {"Attributes that are not declared are refused.",
     {TOUR_STOP, "slots_refuse", stop_slots_refuse},
     {TOUR_STOP, "slots_refuse", NULL}},
    {"Weak references need __weakref__ among the slots.",
     {TOUR_STOP, "slots_weakref", stop_slots_weakref},
     {TOUR_STOP, "slots_weakref", NULL}},
};

static const tour_claim claims_4_7_3[] = {
    {"Both replace plain classes of data; their fields are read like attributes.",
     {TOUR_STOP, "records", stop_records},
     {TOUR_STOP, "records", NULL}},
};

static const tour_claim claims_4_7_4[] = {
    {"Membership takes time with the length of a list, but not with the size of a set.",
     {TOUR_STOP, "set_against_list", stop_set_against_list},
     {TOUR_STOP, "set_against_list", NULL}},
};

static const tour_claim claims_4_7_5[] = {
    {"What is made on first use takes no memory before.",
     {TOUR_STOP, "lazy_resource", stop_lazy_resource},
     {TOUR_STOP, "lazy_resource", NULL}},
};

static const tour_claim claims_4_7_6[] = {
    {"A numeric array of one type is smaller than a list of floats.",
     {TOUR_STOP, "numeric_arrays", stop_numeric_arrays},
     {TOUR_STOP, "numeric_arrays", NULL}},
};

static const tour_claim claims_4_7_7[] = {
    {"A tree with links to the parent is a cycle; cut the links by hand or make them weak.",
     {TOUR_STOP, "parent_links", stop_parent_links},
     {TOUR_STOP, "parent_links", NULL}},
};

static const tour_claim claims_4_8_1[] = {
    {"sys.getsizeof gives an object's own size; following references gives the total.",
     {TOUR_STOP, "total_size", stop_total_size},
     {TOUR_STOP, "total_size", NULL}},
};

static const tour_claim claims_4_8_2[] = {
    {"A snapshot lists the lines that hold most memory.",
     {TOUR_NOT_YET, "needs the tracer", NULL},
     {TOUR_STOP, "tracemalloc_lines", NULL}},
};

static const tour_claim claims_4_8_3[] = {
    {"A decorated function is reported line by line with the memory it used.",
     {TOUR_NOT_YET, "needs the tracer", NULL},
     {TOUR_NOT_YET, "needs the tracer", NULL}},
};

static const tour_claim claims_4_9_1[] = {
    {"Used objects are reset, kept up to a maximum, and handed out again.",
     {TOUR_STOP, "object_pool", stop_object_pool},
     {TOUR_STOP, "object_pool", NULL}},
};

static const tour_claim claims_4_9_2[] = {
    {"lru_cache computes once, answers again from memory, keeps statistics and can be cleared.",
     {TOUR_STOP, "lru_cache", stop_lru_cache},
     {TOUR_STOP, "lru_cache", NULL}},
};

static const tour_claim claims_4_9_3[] = {
    {"Results are used again until they are too old.",
     {TOUR_STOP, "timed_cache", stop_timed_cache},
     {TOUR_STOP, "timed_cache", NULL}},
};

static const tour_claim claims_4_10_1[] = {
    {"Reading all lines at once needs most memory, line by line less, a generator least.",
     {TOUR_STOP, "file_streaming", stop_file_streaming},
     {TOUR_STOP, "file_streaming", NULL}},
};

static const tour_claim claims_4_10_2[] = {
    {"Slots make each customer smaller, packing the fields into one string smaller still.",
     {TOUR_STOP, "packed_records", stop_packed_records},
     {TOUR_STOP, "packed_records", NULL}},
};

static const tour_claim claims_4_10_3[] = {
    {"One transaction for many inserts is faster than one for each.",
     {TOUR_STOP, "batch_inserts", stop_batch_inserts},
     {TOUR_STOP, "batch_inserts", NULL}},
};

static const tour_claim claims_4_11_2[] = {
    {"Many equal strings: intern and share them.",
     {TOUR_STOP, "intern_saves", stop_intern_saves},
     {TOUR_STOP, "intern_by_hand", NULL}},
    {"Repeated data: count it with a Counter or keep it in a set.",
     {TOUR_STOP, "counter_shares", stop_counter_shares},
     {TOUR_STOP, "counter_shares", NULL}},
    {"Frequent allocation and release: use a pool, or allocate beforehand.",
     {TOUR_STOP, "pool_churn", stop_pool_churn},
     {TOUR_STOP, "pool_churn", NULL}},
};

static const tour_section sections_4[] = {
    {"0", "Opening",
     "4.1, 4.7", NULL, 0},
    {"1", "Architecture",
     "", claims_4_1, 1},
    {"1.1", "Allocating and releasing",
     "", claims_4_1_1, 1},
    {"2", "Reference counting",
     "", claims_4_2, 4},
    {"3", "The collector",
     "4.3.1, 4.3.2", NULL, 0},
    {"3.1", "The problem of cycles",
     "", claims_4_3_1, 1},
    {"3.2", "Collection by generations",
     "", claims_4_3_2, 4},
    {"4", "Pools and small objects",
     "", claims_4_4, 2},
    {"5", "Weak references",
     "", claims_4_5, 2},
    {"5.1", "Weak containers",
     "", claims_4_5_1, 2},
    {"6", "Memory leaks",
     "4.6.1, 4.6.2, 4.6.3", NULL, 0},
    {"6.1", "Usual causes",
     "4.6.1.1, 4.6.1.2, 4.6.1.3", NULL, 0},
    {"6.1.1", "Cycles with finalizers",
     "", claims_4_6_1_1, 1},
    {"6.1.2", "Globals and singletons",
     "", claims_4_6_1_2, 1},
    {"6.1.3", "Files and connections left open",
     "", claims_4_6_1_3, 1},
    {"6.2", "Finding leaks",
     "", claims_4_6_2, 1},
    {"6.3", "Tools of third parties",
     "", claims_4_6_3, 3},
    {"7", "Techniques that save memory",
     "4.7.1, 4.7.2, 4.7.3, 4.7.4, 4.7.5, 4.7.6, 4.7.7", NULL, 0},
    {"7.1", "Generators instead of lists",
     "", claims_4_7_1, 1},
    {"7.2", "__slots__ instead of instance dicts",
     "", claims_4_7_2, 4},
    {"7.3", "Named tuples and data classes",
     "", claims_4_7_3, 1},
    {"7.4", "The right structure",
     "", claims_4_7_4, 1},
    {"7.5", "Lazy initialisation",
     "", claims_4_7_5, 1},
    {"7.6", "Libraries for numbers",
     "", claims_4_7_6, 1},
    {"7.7", "Dealing with cycles",
     "", claims_4_7_7, 1},
    {"8", "Measuring",
     "4.8.1, 4.8.2, 4.8.3", NULL, 0},
    {"8.1", "Sizes of objects",
     "", claims_4_8_1, 1},
    {"8.2", "tracemalloc",
     "", claims_4_8_2, 1},
    {"8.3", "memory_profiler",
     "", claims_4_8_3, 1},
    {"9", "Advanced management",
     "4.9.1, 4.9.2, 4.9.3", NULL, 0},
    {"9.1", "A pool of objects",
     "", claims_4_9_1, 1},
    {"9.2", "A cache that forgets",
     "", claims_4_9_2, 1},
    {"9.3", "A cache with a time limit",
     "", claims_4_9_3, 1},
    {"10", "Cases",
     "4.10.1, 4.10.2, 4.10.3", NULL, 0},
    {"10.1", "A large file",
     "", claims_4_10_1, 1},
    {"10.2", "Many customers",
     "", claims_4_10_2, 1},
    {"10.3", "Batches",
     "", claims_4_10_3, 1},
    {"11", "Summary and advice",
     "4.11.1, 4.11.2", NULL, 0},
    {"11.1", "Ten pieces of advice",
     "4.2, 4.9.1, 4.7.4, 4.6.1, 4.6.1.3, 4.7.1, 4.7.6, 4.7.2, 4.8", NULL, 0},
    {"11.2", "Problems and remedies at a glance",
     "4.7.2, 4.9.1, 4.10.2, 4.7.1, 4.7.5, 4.7.7, 4.6.1.3, 4.9.2, 4.7.6, 4.8.2", claims_4_11_2, 3},
};

const tour_document tour_documents[] = {
    {0, "Python memory: object layout, garbage collection, memory pools", sections_0, 16},
    {1, "Python's memory management in three mechanisms", sections_1, 9},
    {2, "Python's memory management in depth", sections_2, 15},
    {3, "Python memory management: process, collection, object pools", sections_3, 14},
    {4, "Memory management and optimisation", sections_4, 40},
};
const size_t tour_document_count = 5;

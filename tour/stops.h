/* stops.h: every stop of the C tour, one function each.
 *
 * Made by tour/generate.py from tour/manifest.toml; edit that. */

#ifndef LAIR_TOUR_STOPS_H
#define LAIR_TOUR_STOPS_H

#include "tour.h"

void stop_values_are_objects(tour_run *run);
void stop_object_header(tour_run *run);
void stop_freed_at_zero(tour_run *run);
void stop_count_alias(tour_run *run);
void stop_counted_is_kept(tour_run *run);
void stop_generations_promote(tour_run *run);
void stop_generations_three(tour_run *run);
void stop_counts_apart(tour_run *run);
void stop_gc_parameters(tour_run *run);
void stop_truncation(tour_run *run);
void stop_root_set(tour_run *run);
void stop_unreachable_is_cleared(tour_run *run);
void stop_survivors_stay(tour_run *run);
void stop_option_syntax(tour_run *run);
void stop_option_showrefcount(tour_run *run);
void stop_option_trackrefs(tour_run *run);
void stop_option_maxheapsize(tour_run *run);
void stop_option_pagesize(tour_run *run);
void stop_option_objects(tour_run *run);
void stop_option_gctype(tour_run *run);
void stop_slots_smaller(tour_run *run);
void stop_immutable_shared(tour_run *run);
void stop_strings_joined(tour_run *run);
void stop_scoped_resources(tour_run *run);
void stop_list_presized(tour_run *run);
void stop_pool_cuts_blocks(tour_run *run);
void stop_pool_fragmentation(tour_run *run);
void stop_pool_churn(tour_run *run);
void stop_heap_scope(tour_run *run);
void stop_pool_cost(tour_run *run);
void stop_pool_bounded(tour_run *run);
void stop_pool_reserve(tour_run *run);
void stop_pool_leak(tour_run *run);
void stop_crash_returns_memory(tour_run *run);
void stop_soft_limit(tour_run *run);
void stop_memory_goes_back(tour_run *run);
void stop_same_small_int(tour_run *run);
void stop_cached_and_distinct(tour_run *run);
void stop_refcount_borrows(tour_run *run);
void stop_count_rises(tour_run *run);
void stop_count_falls(tour_run *run);
void stop_cycle_defeats_counts(tour_run *run);
void stop_collection_keeps_counts(tour_run *run);
void stop_copies_find_roots(tour_run *run);
void stop_old_garbage_waits(tour_run *run);
void stop_pyramid(tour_run *run);
void stop_pool_spares_system_calls(tour_run *run);
void stop_small_threshold(tour_run *run);
void stop_small_threshold_option(tour_run *run);
void stop_gc_collect_and_stats(tour_run *run);
void stop_small_int_range(tour_run *run);
void stop_literals_interned(tour_run *run);
void stop_generator_small(tour_run *run);
void stop_slots_refuse(tour_run *run);
void stop_array_packed(tour_run *run);
void stop_process_parts(tour_run *run);
void stop_process_stack(tour_run *run);
void stop_process_static(tour_run *run);
void stop_process_read_only(tour_run *run);
void stop_process_code(tour_run *run);
void stop_process_method_area(tour_run *run);
void stop_process_heap(tour_run *run);
void stop_stack_and_heap(tour_run *run);
void stop_objects_on_heap(tour_run *run);
void stop_weakref_dies(tour_run *run);
void stop_threshold_triggers(tour_run *run);
void stop_exit_triggers(tour_run *run);
void stop_immutable_replaced(tour_run *run);
void stop_large_int_reuse(tour_run *run);
void stop_single_characters(tour_run *run);
void stop_intern_by_hand(tour_run *run);
void stop_heap_functions(tour_run *run);
void stop_counting_cost(tour_run *run);
void stop_cycle_of_dicts(tour_run *run);
void stop_most_die_young(tour_run *run);
void stop_default_thresholds(tour_run *run);
void stop_weak_uses(tour_run *run);
void stop_weak_containers(tour_run *run);
void stop_weak_dict_keys(tour_run *run);
void stop_finalizers_in_cycles(tour_run *run);
void stop_global_cache_grows(tour_run *run);
void stop_file_left_open(tour_run *run);
void stop_slots_weakref(tour_run *run);
void stop_records(tour_run *run);
void stop_set_against_list(tour_run *run);
void stop_lazy_resource(tour_run *run);
void stop_numeric_arrays(tour_run *run);
void stop_parent_links(tour_run *run);
void stop_total_size(tour_run *run);
void stop_object_pool(tour_run *run);
void stop_lru_cache(tour_run *run);
void stop_timed_cache(tour_run *run);
void stop_file_streaming(tour_run *run);
void stop_packed_records(tour_run *run);
void stop_batch_inserts(tour_run *run);
void stop_intern_saves(tour_run *run);
void stop_counter_shares(tour_run *run);

#endif /* LAIR_TOUR_STOPS_H */

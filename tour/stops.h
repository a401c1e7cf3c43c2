/* stops.h: every stop of the C tour, one function each.
 *
 * Made by tour/generate.py from tour/manifest.toml; edit that. */

#ifndef LAIR_TOUR_STOPS_H
#define LAIR_TOUR_STOPS_H

#include "tour.h"

void stop_option_syntax(tour_run *run);
void stop_option_showrefcount(tour_run *run);
void stop_option_trackrefs(tour_run *run);
void stop_option_maxheapsize(tour_run *run);
void stop_option_pagesize(tour_run *run);
void stop_option_objects(tour_run *run);
void stop_option_gctype(tour_run *run);
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
void stop_pyramid(tour_run *run);
void stop_pool_spares_system_calls(tour_run *run);
void stop_small_threshold(tour_run *run);
void stop_small_threshold_option(tour_run *run);
void stop_process_parts(tour_run *run);
void stop_process_stack(tour_run *run);
void stop_process_static(tour_run *run);
void stop_process_read_only(tour_run *run);
void stop_process_code(tour_run *run);
void stop_process_method_area(tour_run *run);
void stop_process_heap(tour_run *run);
void stop_stack_and_heap(tour_run *run);
void stop_heap_functions(tour_run *run);

#endif /* LAIR_TOUR_STOPS_H */

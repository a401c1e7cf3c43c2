/* heap_options.c: the options of lair/options.h where they meet the machine and the heap. */
#include <stdlib.h>

#include <lair/options.h>

#include "base/options.h"
#include "os/os.h"

lair_status lair_options_parse(lair_options *options, lair_host host, const char *text)
{
    return options_parse(options, host, text, os_memory_total);
}

lair_status lair_options_from_environment(lair_options *options, lair_host host)
{
    return lair_options_parse(options, host, getenv("LAIR_OPTIONS"));
}

static lair_choice choice_of(bool on)
{
    return on ? LAIR_ON : LAIR_OFF;
}

/* A pool is never smaller than a system page, which is 64 KiB on some machines. */
static size_t pool_bytes_of(const lair_options *options)
{
    size_t page = os_page_size();
    return options->pagesize > page ? options->pagesize : page;
}

void lair_options_to_heap(const lair_options *options, lair_heap_options *heap_options)
{
    *heap_options = (lair_heap_options){
        .max_bytes = options->maxheapsize,
        .soft_bytes = options->softheapsize,
        .reserve_bytes = options->reserve,
        .address_bytes = options->addressspace,
        .pool_bytes = pool_bytes_of(options),
        .small_bytes = options->smallsize,
        .decay_ms = options->decay,
        .idle_purge = choice_of(options->idlepurge),
        .huge_pages = choice_of(options->hugepages),
        .hardened = choice_of(options->hardened),
        .show_refcount = choice_of(options->showrefcount),
        .gctype = (unsigned)options->gctype,
        .free_objects = options->objects,
        .fail_at = options->failat,
    };
}

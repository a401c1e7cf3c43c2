/* lair/lair.h: the umbrella over Lair's public headers. */
#ifndef LAIR_LAIR_H
#define LAIR_LAIR_H

#include <lair/heap.h>
#include <lair/options.h>
#include <lair/process_map.h>
#include <lair/status.h>

#endif /* LAIR_LAIR_H */

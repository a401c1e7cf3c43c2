/* lair/lair.h: the umbrella over Lair's public headers. */
#ifndef LAIR_LAIR_H
#define LAIR_LAIR_H

#include <lair/array.h>
#include <lair/build.h>
#include <lair/bytes.h>
#include <lair/cache.h>
#include <lair/capsule.h>
#include <lair/dict.h>
#include <lair/gc.h>
#include <lair/heap.h>
#include <lair/iterator.h>
#include <lair/list.h>
#include <lair/number.h>
#include <lair/object.h>
#include <lair/options.h>
#include <lair/process_map.h>
#include <lair/record.h>
#include <lair/set.h>
#include <lair/status.h>
#include <lair/str.h>
#include <lair/tuple.h>
#include <lair/type.h>
#include <lair/weakref.h>

#include <lair/debug.h> /* last: its macros stand for functions of all the others */

#endif /* LAIR_LAIR_H */

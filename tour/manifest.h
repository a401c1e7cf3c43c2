/* manifest.h: the documents as the tour knows them. The tables are in manifest_table.c.
 *
 * A claim is answered on two sides, in C and under CPython: by a live stop, by what is still
 * missing, or by why it has no meaning there.
 */
#ifndef LAIR_TOUR_MANIFEST_H
#define LAIR_TOUR_MANIFEST_H

#include <stddef.h>

#include "tour.h"

typedef enum tour_side_kind { TOUR_STOP, TOUR_NOT_YET, TOUR_NONE } tour_side_kind;

typedef struct tour_side {
    tour_side_kind kind;
    const char *text; /* the stop's name, or the reason */
    tour_stop *stop;  /* C sides of kind TOUR_STOP; otherwise NULL */
} tour_side;

typedef struct tour_claim {
    const char *text;
    tour_side c, python;
} tour_claim;

typedef struct tour_section {
    const char *number; /* "2.1" */
    const char *title;
    const char *shown_at; /* ids of other sections, "0.2, 0.3"; "" for none */
    const tour_claim *claims;
    size_t claim_count;
} tour_section;

typedef struct tour_document {
    int number;
    const char *title;
    const tour_section *sections;
    size_t section_count;
} tour_document;

extern const tour_document tour_documents[];
extern const size_t tour_document_count;

#endif /* LAIR_TOUR_MANIFEST_H */

/* sample.c: a file of users and their orders, the same each time. */
#include <inttypes.h>

#include "store.h"

static const char *const first_names[] = {"Ada",   "Ben",   "Chloé", "Dana", "Emil",
                                          "Fatma", "Goran", "Hanna", "Igor", "June"};
static const char *const last_names[] = {"Abel", "Berg", "Costa", "Dietz",  "Evans", "Fischer",
                                         "Gao",  "Hahn", "Ito",   "Jansen", "Kaya"};
static const char *const cities[] = {"Athens", "Berlin", "Cairo", "Dublin", "Essen", "Florence"};
static const char *const tags[] = {"new", "vip", "trial", "partner", "newsletter"};
static const char *const states[] = {"paid", "shipped", "returned", "open"};

#define PICK(names, number) names[(number) % (sizeof(names) / sizeof(*(names)))]

/* Marsaglia's xorshift64 (Journal of Statistical Software, 2003). */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void write_user(FILE *stream, unsigned long id, uint64_t *random)
{
    uint64_t number = next_random(random) >> 8;
    const char *first = PICK(first_names, number), *last = PICK(last_names, number >> 8);
    fprintf(stream,
            "{\"id\":%lu,\"name\":\"%s %s\",\"email\":\"user%lu@example.org\",\"city\":\"%s\","
            "\"age\":%u,\"active\":%s,\"balance\":%.2f,\"tags\":[\"%s\",\"%s\"],\"logins\":[",
            id, first, last, id, PICK(cities, number >> 16), 18 + (unsigned)(number >> 24) % 70,
            number % 8 != 0 ? "true" : "false", (double)(number >> 32 & 0xFFFF) / 100,
            PICK(tags, number >> 12), PICK(tags, number >> 20));
    for (unsigned i = 0; i < 12; i++)
        fprintf(stream, "%s%u", i == 0 ? "" : ",", (unsigned)(next_random(random) >> 40) % 100);
    fputs("]}", stream);
}

static void write_order(FILE *stream, unsigned long id, unsigned long users, uint64_t *random)
{
    uint64_t number = next_random(random) >> 8;
    fprintf(stream,
            "{\"id\":%lu,\"user\":%lu,\"state\":\"%s\",\"quantity\":%u,\"price\":%.2f,"
            "\"place\":{\"lat\":%.4f,\"lon\":%.4f}}",
            id, 1 + (unsigned long)(number >> 16) % users, PICK(states, number),
            1 + (unsigned)(number >> 8) % 9, (double)(number >> 24 & 0xFFFFF) / 100,
            35 + (double)(number & 0xFFFFF) / 50000, (double)(number >> 20 & 0xFFFFF) / 50000);
}

bool write_sample(FILE *stream, unsigned long count)
{
    uint64_t random = 88172645463325252u;
    fputs("{\"users\":[\n", stream);
    for (unsigned long i = 1; i <= count; i++) {
        write_user(stream, i, &random);
        fputs(i < count ? ",\n" : "\n", stream);
    }
    fputs("],\"orders\":[\n", stream);
    for (unsigned long i = 1; i <= 2 * count; i++) {
        write_order(stream, i, count, &random);
        fputs(i < 2 * count ? ",\n" : "\n", stream);
    }
    fputs("]}\n", stream);
    return fflush(stream) == 0 && !ferror(stream);
}

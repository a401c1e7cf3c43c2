/* process_map_linux.c: lair/process_map.h from /proc/self/smaps and the loader's list of images.
 *
 * smaps gives, for each region, one line "start-end rwxp offset device inode name" and then lines
 * "Key: N kB". Which regions belong to the program and its libraries is asked of the loader, not
 * guessed from names: it alone knows that an anonymous region is some library's zeroed data.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include <lair/process_map.h>

/* Guards below thread stacks are a page or a few; a larger gap is somebody's reserve. */
enum { GUARD_BYTES_MAX = 64 << 10 };

/* -- lines of a file, without the C library's buffers ------------------------------------------ */

typedef struct reader {
    int fd;
    int error;                 /* errno of the read that failed, or 0 */
    size_t begin, end;         /* what is read and not yet given out */
    char buffer[PATH_MAX * 2]; /* more than any line: a path and six numbers */
} reader;

static bool reader_fill(reader *file)
{
    memmove(file->buffer, file->buffer + file->begin, file->end - file->begin);
    file->end -= file->begin;
    file->begin = 0;
    ssize_t got;
    do {
        got = read(file->fd, file->buffer + file->end, sizeof file->buffer - file->end);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        file->error = errno;
    }
    if (got <= 0) {
        return false;
    }
    file->end += (size_t)got;
    return true;
}

/* The next line, without its newline, until the next call; NULL at the end or after an error. */
static char *reader_line(reader *file)
{
    for (;;) {
        char *start = file->buffer + file->begin;
        char *newline = memchr(start, '\n', file->end - file->begin);
        if (newline != NULL) {
            *newline = '\0';
            file->begin = (size_t)(newline - file->buffer) + 1;
            return start;
        }
        if (!reader_fill(file)) {
            return NULL;
        }
    }
}

/* -- one region -------------------------------------------------------------------------------- */

/* What classifying a region needs to know beside the region. */
typedef struct context {
    lair_region_owner owner;
    void *arg;
    uintptr_t frame;     /* an address on the calling thread's stack */
    uintptr_t guard_end; /* end of the region before, when that may be a guard; 0 otherwise */
} context;

/* Fills region from its first line; false when the line is not such a line. The name points into
 * the line. */
static bool parse_region(char *line, lair_region *region)
{
    char *next;
    uintptr_t start = strtoull(line, &next, 16);
    if (next == line || *next != '-') {
        return false;
    }
    uintptr_t end = strtoull(next + 1, &next, 16);
    if (*next != ' ' || strlen(next) < 5) {
        return false;
    }
    const char *access = next + 1;
    const char *name = access;
    for (int field = 0; field < 4; field++) { /* access, offset, device, inode */
        name += strcspn(name, " ");
        name += strspn(name, " ");
    }
    *region = (lair_region){
        .start = start,
        .bytes = end - start,
        .readable = access[0] == 'r',
        .writable = access[1] == 'w',
        .executable = access[2] == 'x',
        .name = name,
    };
    return true;
}

static int image_holds(struct dl_phdr_info *image, size_t size, void *arg)
{
    (void)size;
    uintptr_t address = *(const uintptr_t *)arg;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < image->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &image->dlpi_phdr[i];
        uintptr_t start = (image->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = image->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        if (segment->p_type == PT_LOAD && address >= start && address < end) {
            return 1;
        }
    }
    return 0;
}

static bool in_loaded_image(uintptr_t address)
{
    return dl_iterate_phdr(image_holds, &address) != 0;
}

static bool is_anonymous(const lair_region *region)
{
    return region->name[0] == '\0' || strncmp(region->name, "[anon", 5) == 0;
}

static bool is_stack(const lair_region *region, const context *around)
{
    if (strcmp(region->name, "[stack]") == 0) {
        return true;
    }
    if (around->frame >= region->start && around->frame - region->start < region->bytes) {
        return true;
    }
    return is_anonymous(region) && region->writable && region->start == around->guard_end;
}

static lair_region_kind classify(const lair_region *region, const context *around)
{
    if (!region->readable && !region->writable && !region->executable) {
        return LAIR_REGION_RESERVED;
    }
    if (around->owner != NULL && around->owner((const void *)region->start, around->arg)) {
        return LAIR_REGION_LAIR_HEAP;
    }
    if (in_loaded_image(region->start) && !region->executable) {
        return region->writable ? LAIR_REGION_STATIC : LAIR_REGION_READ_ONLY;
    }
    if (is_stack(region, around)) {
        return LAIR_REGION_STACK;
    }
    if (region->executable && !region->writable) {
        return LAIR_REGION_CODE;
    }
    if (strcmp(region->name, "[heap]") == 0 || (is_anonymous(region) && region->writable)) {
        return LAIR_REGION_SYSTEM_HEAP;
    }
    return region->name[0] == '/' ? LAIR_REGION_FILE : LAIR_REGION_OTHER;
}

/* -- the walk: read this first ----------------------------------------------------------------- */

/* Visits a region once all its lines are read. Returns what the visit returned. */
static bool visit_region(lair_region *region, context *around, lair_region_visit visit)
{
    region->kind = classify(region, around);
    bool may_guard = region->kind == LAIR_REGION_RESERVED && region->bytes <= GUARD_BYTES_MAX;
    around->guard_end = may_guard ? region->start + region->bytes : 0;
    return visit(region, around->arg);
}

static void walk_lines(reader *file, context *around, lair_region_visit visit)
{
    char name[PATH_MAX]; /* the line it stood in is gone when the visit comes */
    lair_region region = {0};
    bool pending = false;
    for (char *line; (line = reader_line(file)) != NULL;) {
        lair_region next;
        if (parse_region(line, &next)) {
            if (pending && !visit_region(&region, around, visit)) {
                return;
            }
            region = next;
            pending = true;
            size_t length = strnlen(next.name, sizeof name - 1);
            memcpy(name, next.name, length);
            name[length] = '\0';
            region.name = name;
        } else if (strncmp(line, "Rss:", 4) == 0) {
            region.resident = strtoull(line + 4, NULL, 10) << 10;
        }
    }
    if (pending && file->error == 0) {
        (void)visit_region(&region, around, visit);
    }
}

lair_status lair_process_map_walk(lair_region_visit visit, lair_region_owner owner, void *arg)
{
    reader file = {.fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0) {
        return lair_fail(LAIR_ERR_UNSUPPORTED, "cannot open /proc/self/smaps: %s", strerror(errno));
    }
    context around = {.owner = owner, .arg = arg, .frame = (uintptr_t)&file};
    walk_lines(&file, &around, visit);
    close(file.fd);
    if (file.error != 0) {
        return lair_fail(LAIR_ERR_UNSUPPORTED, "cannot read /proc/self/smaps: %s",
                         strerror(file.error));
    }
    return LAIR_OK;
}

/* -- sums -------------------------------------------------------------------------------------- */

/* Keeps the caller's arg for the owner, and the sums for the visit. */
typedef struct summing {
    lair_region_owner owner;
    void *arg;
    lair_process_map map;
} summing;

static bool owned_by_caller(const void *address, void *arg)
{
    const summing *sums = arg;
    return sums->owner(address, sums->arg);
}

static void part_add(lair_process_part *part, const lair_region *region)
{
    part->regions++;
    part->bytes += region->bytes;
    part->resident += region->resident;
}

static bool add_region(const lair_region *region, void *arg)
{
    summing *sums = arg;
    part_add(&sums->map.parts[region->kind], region);
    part_add(&sums->map.total, region);
    return true;
}

lair_status lair_process_map_read(lair_process_map *map, lair_region_owner owner, void *arg)
{
    summing sums = {.owner = owner, .arg = arg};
    lair_status status =
        lair_process_map_walk(add_region, owner == NULL ? NULL : owned_by_caller, &sums);
    if (status == LAIR_OK) {
        *map = sums.map;
    }
    return status;
}

const char *lair_region_kind_name(lair_region_kind kind)
{
    static const char *const names[LAIR_REGION_KINDS] = {
        [LAIR_REGION_STACK] = "stack",
        [LAIR_REGION_STATIC] = "static data",
        [LAIR_REGION_READ_ONLY] = "read-only data",
        [LAIR_REGION_CODE] = "code",
        [LAIR_REGION_LAIR_HEAP] = "Lair's heap",
        [LAIR_REGION_SYSTEM_HEAP] = "the system's heap",
        [LAIR_REGION_FILE] = "mapped files",
        [LAIR_REGION_RESERVED] = "reserved addresses",
        [LAIR_REGION_OTHER] = "other",
    };
    return (unsigned)kind < LAIR_REGION_KINDS ? names[kind] : "unknown";
}

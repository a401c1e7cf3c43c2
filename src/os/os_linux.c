/* os_linux.c: the os.h contract on Linux (x86-64 and aarch64).
 *
 * Memory is anonymous and private throughout. A reserve is PROT_NONE and MAP_NORESERVE, which no
 * overcommit policy charges; the charge comes with os_commit.
 */
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/bits.h"

/* Kernel interfaces younger than the oldest C library we build with. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4 /* Linux 5.7 */
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* Linux 5.17 */
#define PR_SET_VMA_ANON_NAME 0
#endif

/* -- failure injection ----------------------------------------------------------------------- */

/* Calls counted since the last arming, and the call to fail: 0 when nothing is armed. */
static _Atomic uint64_t injected_calls;
static _Atomic uint64_t injected_nth;
static _Atomic bool injected_forever;

uint64_t os_inject_failure(uint64_t nth, bool forever)
{
    uint64_t calls = atomic_exchange(&injected_calls, 0);
    atomic_store(&injected_forever, forever);
    atomic_store(&injected_nth, nth);
    return calls;
}

static bool failure_is_due(void)
{
    uint64_t call = atomic_fetch_add_explicit(&injected_calls, 1, memory_order_relaxed) + 1;
    uint64_t nth = atomic_load_explicit(&injected_nth, memory_order_relaxed);
    return unlikely(nth != 0) && (call == nth || (call > nth && atomic_load(&injected_forever)));
}

/* -- memory ---------------------------------------------------------------------------------- */

size_t os_page_size(void)
{
    static _Atomic size_t cached;
    size_t size = atomic_load_explicit(&cached, memory_order_relaxed);
    if (unlikely(size == 0)) {
        size = (size_t)sysconf(_SC_PAGESIZE);
        atomic_store_explicit(&cached, size, memory_order_relaxed);
    }
    return size;
}

static bool is_page_range(const void *address, size_t size)
{
    return (((uintptr_t)address | size) & (os_page_size() - 1)) == 0;
}

/* A new anonymous mapping of size bytes at a multiple of align; NULL when refused. */
static void *map_aligned(size_t size, size_t align, int protection, int extra_flags)
{
    lair_assert(is_power_of_two(align), "alignment %zu is not a power of two", align);
    lair_assert(is_page_range(NULL, size), "size %zu is not a multiple of the page size", size);
    size_t slack = align > os_page_size() ? align - os_page_size() : 0;
    if (size == 0 || size > PTRDIFF_MAX - slack) {
        return NULL;
    }
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | extra_flags;
    char *whole = mmap(NULL, size + slack, protection, flags, -1, 0);
    if (whole == MAP_FAILED) {
        return NULL;
    }
    size_t head = round_up((uintptr_t)whole, align) - (uintptr_t)whole;
    lair_assert(head <= slack, "head %zu is larger than slack %zu", head, slack);
    if (head > 0) {
        os_unmap(whole, head);
    }
    if (slack > head) {
        os_unmap(whole + head + size, slack - head);
    }
    return whole + head;
}

void *os_reserve(size_t size, size_t align)
{
    return failure_is_due() ? NULL : map_aligned(size, align, PROT_NONE, MAP_NORESERVE);
}

bool os_commit(void *address, size_t size)
{
    lair_assert(is_page_range(address, size), "%p + %zu is not a range of pages", address, size);
    return !failure_is_due() && mprotect(address, size, PROT_READ | PROT_WRITE) == 0;
}

/* Without MAP_NORESERVE, so that a strict overcommit policy refuses here rather than at the first
 * touch. The slack of a large alignment is charged only until it is trimmed. */
void *os_map(size_t size, size_t align)
{
    return failure_is_due() ? NULL : map_aligned(size, align, PROT_READ | PROT_WRITE, 0);
}

/* munmap fails only where it would split a mapping past the limit on their number
 * (vm.max_map_count). The memory is then given back at least, and the address space is lost. */
void os_unmap(void *address, size_t size)
{
    lair_assert(is_page_range(address, size), "%p + %zu is not a range of pages", address, size);
    if (munmap(address, size) != 0) {
        (void)madvise(address, size, MADV_DONTNEED);
    }
}

bool os_purge(void *address, size_t size)
{
    lair_assert(is_page_range(address, size), "%p + %zu is not a range of pages", address, size);
    return madvise(address, size, MADV_DONTNEED) == 0;
}

bool os_renew(void *address, size_t size)
{
    lair_assert(is_page_range(address, size), "%p + %zu is not a range of pages", address, size);
    return mmap(address, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == address;
}

void os_advise_huge(void *address, size_t size, bool on)
{
    (void)madvise(address, size, on ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

void os_make_huge(void *address, size_t size)
{
    (void)madvise(address, size, MADV_HUGEPAGE);
    (void)madvise(address, size, MADV_COLLAPSE);
}

bool os_resident(const void *address, size_t size, unsigned char *resident)
{
    lair_assert(is_page_range(address, size), "%p + %zu is not a range of pages", address, size);
    /* mincore reads the range only, though its prototype says otherwise. */
    if (mincore((void *)(uintptr_t)address, size, resident) != 0) {
        return false;
    }
    size_t pages = size / os_page_size();
    for (size_t i = 0; i < pages; i++) {
        resident[i] &= 1U; /* the other bits are reserved */
    }
    return true;
}

void os_name(void *address, size_t size, const char *name)
{
    (void)prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, (unsigned long)(uintptr_t)address,
                (unsigned long)size, (unsigned long)(uintptr_t)name);
}

/* -- moving pages ---------------------------------------------------------------------------- */

/* MREMAP_FIXED drops the destination before the kernel knows whether it can move the source; a
 * refusal would leave a hole in our range that another thread's mmap may take. So pages move in
 * two steps: to a landing place of the kernel's choice, where a refusal changes nothing, and from
 * there, now certainly one mapping, to the destination, which only a kernel out of memory can
 * refuse.
 *
 * What is returned tells how far it came. */
typedef enum move_result {
    MOVED,
    MOVE_REFUSED,    /* nothing changed; errno is EFAULT where the source is several mappings */
    MOVE_BROKEN_OFF, /* `from` unchanged; `to` may not be mapped any more */
} move_result;

static move_result move_mapping(void *from, void *to, size_t size)
{
    void *landing = mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
    if (landing == MAP_FAILED) {
        return MOVE_REFUSED;
    }
    if (mremap(landing, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to) {
        memcpy(from, landing, size);
        os_unmap(landing, size);
        return MOVE_BROKEN_OFF;
    }
    return MOVED;
}

/* Undoes a move of which the first `done` bytes were made. What stood at `to` is lost, but it is
 * committed again. */
static void move_undo(void *from, void *to, size_t size, size_t done)
{
    memcpy(from, to, done);
    void *again =
        mmap(to, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (again != to) {
        lair_fatal("the system took %zu bytes at %p and does not give them back: %s", size, to,
                   strerror(errno));
    }
}

/* Kernels before 6.17 move one mapping at a time and do not say where it ends, so a piece that is
 * refused for that reason is halved until it fits. Where MREMAP_DONTUNMAP is not known (Linux
 * before 5.7, valgrind) the first piece is refused with EINVAL. */
bool os_move(void *from, void *to, size_t size)
{
    lair_assert(is_page_range(from, size), "%p + %zu is not a range of pages", from, size);
    lair_assert(is_page_range(to, size), "%p + %zu is not a range of pages", to, size);
    if (failure_is_due()) {
        return false;
    }
    size_t done = 0;
    size_t piece = size;
    while (done < size) {
        move_result result = move_mapping((char *)from + done, (char *)to + done, piece);
        if (result == MOVED) {
            done += piece;
            piece = size - done;
        } else if (result == MOVE_REFUSED && errno == EFAULT && piece > os_page_size()) {
            piece = round_down(piece / 2, os_page_size());
        } else {
            if (done > 0 || result == MOVE_BROKEN_OFF) {
                move_undo(from, to, size, done);
            }
            return false;
        }
    }
    return true;
}

/* -- the machine ----------------------------------------------------------------------------- */

bool os_address_space_limited(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

/* Reads a small file of the kernel into text, zero-terminated; false when it cannot. */
static bool read_file(const char *path, char *text, size_t room)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    size_t length = 0;
    ssize_t got;
    while (length < room - 1 && (got = read(file, text + length, room - 1 - length)) > 0) {
        length += (size_t)got;
    }
    text[length] = '\0';
    (void)close(file);
    return length > 0;
}

/* The number in a control group's limit file, SIZE_MAX for "max" or no file. */
static size_t read_limit(const char *path)
{
    char text[64];
    if (!read_file(path, text, sizeof text)) {
        return SIZE_MAX;
    }
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    return end == text || errno != 0 ? SIZE_MAX : (size_t)value;
}

/* The smallest limit of the group at path and of the groups above it, each in root/path/file.
 * path is cut short in place. */
static size_t smallest_limit(const char *root, char *path, const char *file)
{
    size_t smallest = SIZE_MAX;
    for (;;) {
        char name[PATH_MAX];
        int length = snprintf(name, sizeof name, "%s%s/%s", root, path, file);
        if (length > 0 && (size_t)length < sizeof name) {
            size_t limit = read_limit(name);
            smallest = limit < smallest ? limit : smallest;
        }
        char *slash = strrchr(path, '/');
        if (slash == NULL) {
            return smallest;
        }
        *slash = '\0';
    }
}

/* The memory limit of this process's control group: version 2 ("0::/path" in /proc/self/cgroup)
 * or the memory controller of version 1 ("4:memory:/path"). Inside a container the path may be
 * the host's; the walk up to the root of the mount then still finds the limit. */
static size_t control_group_limit(void)
{
    char groups[8192];
    if (!read_file("/proc/self/cgroup", groups, sizeof groups)) {
        return SIZE_MAX;
    }
    size_t smallest = SIZE_MAX;
    char *rest = groups;
    char *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        (void)strsep(&line, ":"); /* the hierarchy's number */
        char *controllers = strsep(&line, ":");
        if (controllers == NULL || line == NULL) {
            continue;
        }
        size_t limit = SIZE_MAX;
        if (*controllers == '\0') {
            limit = smallest_limit("/sys/fs/cgroup", line, "memory.max");
        } else if (strcmp(controllers, "memory") == 0) {
            limit = smallest_limit("/sys/fs/cgroup/memory", line, "memory.limit_in_bytes");
        }
        smallest = limit < smallest ? limit : smallest;
    }
    return smallest;
}

size_t os_memory_total(void)
{
    size_t machine = (size_t)sysconf(_SC_PHYS_PAGES) * os_page_size();
    size_t group = control_group_limit();
    return group < machine ? group : machine;
}

/* getrandom fails only on kernels before 3.17, or when a sandbox forbids it; addresses and the
 * clock then have to do. */
void os_random(void *buffer, size_t size)
{
    unsigned char *bytes = buffer;
    size_t done = 0;
    while (done < size) {
        ssize_t got = getrandom(bytes + done, size - done, GRND_NONBLOCK);
        if (got > 0) {
            done += (size_t)got;
        } else if (errno != EINTR) {
            break;
        }
    }
    uint64_t state = os_now_ns() ^ (uint64_t)(uintptr_t)&state;
    for (; done < size; done++) {
        state = state * 6364136223846793005U + 1442695040888963407U; /* Knuth, MMIX */
        bytes[done] = (unsigned char)(state >> 56);
    }
}

/* -- time ------------------------------------------------------------------------------------ */

uint64_t os_now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t os_coarse_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U;
}

/* fuzz_main.c: runs a fuzz target over files, without a fuzzer.
 *
 *     fuzz_heap_corpus [--random N] [FILE | DIRECTORY]…
 *
 * Each file, and each file in each directory, is one input; --random adds N inputs of pseudo-
 * random bytes, the same in each run.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "check.h"
#include "random.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RANDOM_BYTES = 3000, FILE_BYTES = 1 << 20 };

static unsigned long inputs;

static int run_file(const char *path)
{
    static uint8_t data[FILE_BYTES];
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        return 2;
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    inputs++;
    return 0;
}

static int run_path(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        fprintf(stderr, "no such file: %s\n", path);
        return 2;
    }
    if (!S_ISDIR(status.st_mode)) {
        return run_file(path);
    }
    DIR *directory = opendir(path);
    if (directory == NULL) {
        fprintf(stderr, "cannot open %s\n", path);
        return 2;
    }
    int code = 0;
    for (struct dirent *entry = readdir(directory); entry != NULL && code == 0;
         entry = readdir(directory)) {
        char name[4096];
        if (entry->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
            code = run_file(name);
        }
    }
    closedir(directory);
    return code;
}

static void run_random(unsigned long count)
{
    static uint8_t data[RANDOM_BYTES];
    for (unsigned long i = 0; i < count; i++) {
        uint64_t state = i;
        for (size_t j = 0; j < sizeof data; j++) {
            data[j] = (uint8_t)random_next(&state);
        }
        LLVMFuzzerTestOneInput(data, random_next(&state) % sizeof data);
        inputs++;
    }
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--random") == 0 && i + 1 < argc) {
            run_random(strtoul(argv[++i], NULL, 10));
        } else {
            int code = run_path(argv[i]);
            if (code != 0) {
                return code;
            }
        }
    }
    printf("%lu inputs\n", inputs);
    CHECK(inputs > 0);
    return check_finish("fuzz target over its inputs");
}

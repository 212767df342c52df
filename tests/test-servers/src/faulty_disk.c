/* Loaded into a program before its libraries: what it writes into files below FAULTY_DISK fails as the file FAULT says,
   whose first word is `full`, `broken` or `read-only`; while there is no such file, everything is written. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *disk, *order;
static size_t length;

__attribute__((constructor)) static void begin(void) {
    disk = getenv("FAULTY_DISK");
    order = getenv("FAULT");
    length = disk ? strlen(disk) : 0;
    if (disk && order)
        fprintf(stderr, "faulty disk in use: %s\n", disk);
}

/* What is wrong with the disk just now; 0: nothing. */
static int fault(void) {
    static __thread int reading;
    char word[16] = "";
    if (!disk || !order || reading)
        return 0;
    int before = errno, file = open(order, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        reading = 1;
        if (read(file, word, sizeof word - 1) < 0)
            word[0] = 0;
        close(file);
        reading = 0;
    }
    errno = before;
    return !strncmp(word, "full", 4) ? ENOSPC : !strncmp(word, "broken", 6) ? EIO : !strncmp(word, "read-only", 9) ? EROFS : 0;
}

static int is_below(const char *path) {
    return disk && path && !strncmp(path, disk, length) && path[length] == '/';
}

static int is_on_disk(int file) {
    char name[64], path[4096];
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    ssize_t bytes = disk ? readlink(name, path, sizeof path - 1) : -1;
    if (bytes < 0)
        return 0;
    path[bytes] = 0;
    return is_below(path);
}

/* Fails what is done to a file, if it lies on the disk and the disk is not well. */
#define FAIL(file, value)                                                                                              \
    do {                                                                                                               \
        int why = fault();                                                                                             \
        if (why && is_on_disk(file)) {                                                                                 \
            errno = why;                                                                                               \
            return value;                                                                                              \
        }                                                                                                              \
    } while (0)

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t count) {
    FAIL(file, -1);
    return REAL(write)(file, bytes, count);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    FAIL(file, -1);
    return REAL(writev)(file, parts, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    FAIL(file, -1);
    return REAL(pwrite)(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    FAIL(file, -1);
    return REAL(pwrite64)(file, bytes, count, at);
}

int fallocate(int file, int mode, off_t at, off_t count) {
    FAIL(file, -1);
    return REAL(fallocate)(file, mode, at, count);
}

int fallocate64(int file, int mode, off64_t at, off64_t count) {
    FAIL(file, -1);
    return REAL(fallocate64)(file, mode, at, count);
}

int posix_fallocate(int file, off_t at, off_t count) {
    int why = fault();
    return why && is_on_disk(file) ? why : REAL(posix_fallocate)(file, at, count);
}

int posix_fallocate64(int file, off64_t at, off64_t count) {
    int why = fault();
    return why && is_on_disk(file) ? why : REAL(posix_fallocate64)(file, at, count);
}

/* A full disk takes no bytes, but forgets none; a broken one may have lost what it took. */
int fsync(int file) {
    if (fault() == EIO)
        FAIL(file, -1);
    return REAL(fsync)(file);
}

int fdatasync(int file) {
    if (fault() == EIO)
        FAIL(file, -1);
    return REAL(fdatasync)(file);
}

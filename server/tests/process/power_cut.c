// Loaded before a server: keeps, in another folder, what a disk has of the server's database files after a power cut.
// That is everything written before a sync that ended, and a random part of what was written since, in any order, each cut off at any sector.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 512
// One write in this number reaches the disk before it is asked to.
#define EARLY 4

struct change {
    struct change *next;
    off_t at;
    // Below zero: the file was cut off at `at`.
    ssize_t length;
    char bytes[];
};

struct file {
    struct file *next;
    char name[NAME_MAX + 1];
    int disk;
    struct change *first, **last;
    // Syncs of a file take turns, so that its changes keep their order.
    pthread_mutex_t syncing;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file *files;
static unsigned seed;

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

// The database file behind a descriptor. The index of a log (`-shm`) lives in memory.
static struct file *watched(int fd) {
    const char *from = getenv("POWER_CUT_FROM"), *to = getenv("POWER_CUT_TO");
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (!from || !to || length < 0) return NULL;
    path[length] = 0;
    char *name = strrchr(path, '/');
    if (!name || strlen(from) != (size_t)(name - path) || strncmp(path, from, name - path)) return NULL;
    name++;
    if (strncmp(name, "latchkey.db", 11) || strstr(name, "-shm")) return NULL;
    pthread_mutex_lock(&lock);
    struct file *file = files;
    while (file && strcmp(file->name, name)) file = file->next;
    if (!file) {
        char disk[PATH_MAX];
        file = calloc(1, sizeof *file);
        strcpy(file->name, name);
        snprintf(disk, sizeof disk, "%s/%s", to, name);
        file->disk = open(disk, O_RDWR | O_CREAT, 0600);
        if (file->disk < 0) abort();
        file->last = &file->first;
        pthread_mutex_init(&file->syncing, NULL);
        file->next = files;
        files = file;
        if (!seed) seed = atoi(getenv("POWER_CUT_SEED")) + 1;
    }
    pthread_mutex_unlock(&lock);
    return file;
}

static void apply(struct file *file, const struct change *change, ssize_t length) {
    ssize_t (*write_at)(int, const void *, size_t, off_t) = real("pwrite64");
    int (*cut)(int, off_t) = real("ftruncate64");
    int failed = change->length < 0 ? cut(file->disk, change->at) : write_at(file->disk, change->bytes, length, change->at) != length;
    if (failed) abort();
}

static void note(struct file *file, off_t at, const void *bytes, ssize_t length) {
    struct change *change = malloc(sizeof *change + (length > 0 ? length : 0));
    *change = (struct change){.at = at, .length = length};
    if (length > 0) memcpy(change->bytes, bytes, length);
    pthread_mutex_lock(&lock);
    if (length > 0 && rand_r(&seed) % EARLY == 0) {
        ssize_t part = (rand_r(&seed) % (length / SECTOR + 1)) * SECTOR;
        apply(file, change, part ? part : length);
    }
    *file->last = change;
    file->last = &change->next;
    pthread_mutex_unlock(&lock);
}

static int sync_file(int fd, const char *name) {
    int (*sync)(int) = real(name);
    struct file *file = watched(fd);
    if (!file) return sync(fd);
    pthread_mutex_lock(&file->syncing);
    pthread_mutex_lock(&lock);
    struct change *change = file->first;
    file->first = NULL;
    file->last = &file->first;
    pthread_mutex_unlock(&lock);
    int result = sync(fd);
    if (result) abort();
    while (change) {
        struct change *next = change->next;
        apply(file, change, change->length);
        free(change);
        change = next;
    }
    pthread_mutex_unlock(&file->syncing);
    return result;
}

int fsync(int fd) { return sync_file(fd, "fsync"); }
int fdatasync(int fd) { return sync_file(fd, "fdatasync"); }

static ssize_t write_at(int fd, const void *bytes, size_t length, off_t at) {
    ssize_t (*write_at)(int, const void *, size_t, off_t) = real("pwrite64");
    ssize_t written = write_at(fd, bytes, length, at);
    struct file *file = watched(fd);
    if (file && written > 0) note(file, at, bytes, written);
    return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return write_at(fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return write_at(fd, bytes, length, at); }

static int cut_at(int fd, off_t at) {
    int (*cut)(int, off_t) = real("ftruncate64");
    int result = cut(fd, at);
    struct file *file = watched(fd);
    if (file && !result) note(file, at, NULL, -1);
    return result;
}

int ftruncate(int fd, off_t at) { return cut_at(fd, at); }
int ftruncate64(int fd, off64_t at) { return cut_at(fd, at); }

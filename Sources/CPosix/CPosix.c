#define _GNU_SOURCE

#include "CPosix.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int spawn_add_folder(posix_spawn_file_actions_t *actions, const char *folder) {
    return posix_spawn_file_actions_addchdir_np(actions, folder);
}

int spawn_add_close_others(posix_spawn_file_actions_t *actions) {
#ifdef __APPLE__
    return 0;
#else
    return posix_spawn_file_actions_addclosefrom_np(actions, 3);
#endif
}

int is_ordinary_file(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

int preallocate_file(int descriptor, int64_t bytes) {
#ifdef __APPLE__
    fstore_t store = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, bytes, 0};
    if (fcntl(descriptor, F_PREALLOCATE, &store) < 0) return errno;
    return ftruncate(descriptor, bytes) < 0 ? errno : 0;
#else
    int result;
    do {
        result = posix_fallocate(descriptor, 0, bytes);
    } while (result == EINTR);
    return result;
#endif
}

int sync_file(int descriptor) {
#ifdef __APPLE__
    // A folder knows no F_FULLFSYNC on some file systems.
    if (fcntl(descriptor, F_FULLFSYNC) == 0) return 0;
    return errno == ENOTSUP || errno == EINVAL ? fsync(descriptor) : -1;
#else
    return fsync(descriptor);
#endif
}

int sync_contents(int descriptor, void *mapping, size_t bytes) {
#ifdef __APPLE__
    if (mapping && msync(mapping, bytes, MS_SYNC) < 0) return -1;
    return sync_file(descriptor);
#else
    return fdatasync(descriptor);
#endif
}

int pin_this_thread(int processor) {
#ifdef __APPLE__
    return ENOTSUP;
#else
    if (processor < 0 || processor >= CPU_SETSIZE) return EINVAL;
    cpu_set_t processors;
    CPU_ZERO(&processors);
    CPU_SET(processor, &processors);
    return sched_setaffinity(0, sizeof(processors), &processors) == 0 ? 0 : errno;
#endif
}

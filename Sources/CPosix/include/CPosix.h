// What Swift does not see of POSIX and Linux, or not the same way in every build.

#pragma once

#include <spawn.h>
#include <stddef.h>
#include <stdint.h>

/// Starts the child in `folder`; Linux declares it for _GNU_SOURCE alone, as the next.
int spawn_add_folder(posix_spawn_file_actions_t *actions, const char *folder);

/// Closes the files of this process in the child, but for its input, output and errors.
///
/// On Darwin the flag POSIX_SPAWN_CLOEXEC_DEFAULT does so, and this does nothing.
int spawn_add_close_others(posix_spawn_file_actions_t *actions);

/// 1 when a descriptor is of an ordinary file, 0 when it is of a device, a pipe or a folder.
int is_ordinary_file(int descriptor);

/// Reserves the disk space for a file's first bytes and gives it that size: 0, or the error.
///
/// Afterwards a store through a mapping of them can't meet a full disk, which would be a signal.
/// Darwin has no posix_fallocate.
int preallocate_file(int descriptor, int64_t bytes);

/// Brings a file to the disk and not only to its cache, which on Darwin is no fsync: 0 or -1.
int sync_file(int descriptor);

/// The same for what was written through a mapping, without the file's times: 0 or -1.
///
/// On Linux fdatasync takes in what was written through a mapping; POSIX wants msync for it.
int sync_contents(int descriptor, void *mapping, size_t bytes);

/// Lets the calling thread run on one processor only: 0, or the error.
///
/// Threads that it starts do so, too. Darwin has nothing like it, and ENOTSUP is the answer.
int pin_this_thread(int processor);

/// Asks for a line of the cache that is written to soon; any address is good.
static inline void prefetch_for_writing(const void *address) {
    __builtin_prefetch(address, 1, 3);
}

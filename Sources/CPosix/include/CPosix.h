// What Swift does not see of POSIX and Linux, or not the same way in every build.

#pragma once

#include <spawn.h>

/// Starts the child in `folder`; Linux declares it for _GNU_SOURCE alone, as the next.
int spawn_add_folder(posix_spawn_file_actions_t *actions, const char *folder);

/// Closes the files of this process in the child, but for its input, output and errors.
///
/// On Darwin the flag POSIX_SPAWN_CLOEXEC_DEFAULT does so, and this does nothing.
int spawn_add_close_others(posix_spawn_file_actions_t *actions);

/// 1 when a descriptor is of an ordinary file, 0 when it is of a device, a pipe or a folder.
int is_ordinary_file(int descriptor);

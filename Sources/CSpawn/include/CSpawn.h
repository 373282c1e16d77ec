// The parts of posix_spawn that Linux declares for _GNU_SOURCE alone, which Swift does not see.

#pragma once

#include <spawn.h>

/// Starts the child in `folder`.
int spawn_add_folder(posix_spawn_file_actions_t *actions, const char *folder);

/// Closes the files of this process in the child, but for its input, output and errors.
///
/// On Darwin the flag POSIX_SPAWN_CLOEXEC_DEFAULT does so, and this does nothing.
int spawn_add_close_others(posix_spawn_file_actions_t *actions);

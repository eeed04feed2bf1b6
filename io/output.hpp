#pragma once
#include <string>
#include <vector>

namespace greenfront::io {

/// Throws Error(cannot_create) when `path` exists and not `force`, is a folder, or stands in a folder that
/// does not exist or cannot be written. Called before long work, so that it is not in vain.
void check_output(const std::string& path, bool force);

/// Throws Error(cannot_create) when `path` is one of the files that the command reads, through links too: no
/// --force makes that right. Names of files that do not exist are passed over.
void check_not_input(const std::string& path, const std::vector<std::string>& inputs);

/// Writes a text file whole or not at all: temporary name in the same folder, fsync, rename. Throws
/// Error(cannot_create) as check_output does and Error(io) when writing breaks off.
void write_file(const std::string& path, const std::string& contents, bool force);

/// Puts `contents` at `path`, whole or not at all, whatever stands there; links are not followed. Throws
/// Error(io) with nothing but what went wrong: the caller knows what to do.
void replace_file(const std::string& path, const std::string& contents);

/// Removes what killed processes have left of files that were to become `path`. No other process may be
/// writing it.
void remove_leftovers(const std::string& path);

/// A new name in a folder outlasts a power cut once its folder is on the disk; where the file system cannot
/// do that, nothing happens. Empty: the current folder.
void sync_folder(const std::string& folder);

}  // namespace greenfront::io

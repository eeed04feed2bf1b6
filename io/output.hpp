#pragma once
#include <string>

namespace greenfront::io {

/// Throws Error(cannot_create) when `path` exists and not `force`, is a folder, or stands in a folder that
/// does not exist or cannot be written. Called before long work, so that it is not in vain.
void check_output(const std::string& path, bool force);

/// Writes a text file whole or not at all: temporary name in the same folder, fsync, rename. Throws
/// Error(cannot_create) as check_output does and Error(io) when writing breaks off.
void write_file(const std::string& path, const std::string& contents, bool force);

}  // namespace greenfront::io

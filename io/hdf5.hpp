#pragma once
#include <string>

#include "engine/results.hpp"

namespace greenfront::io {

/// Writes results as docs/formats/results.md says: to a temporary name in the same folder, then renamed,
/// so that a file is whole or not there. Throws Error(cannot_create) when `path` exists and not `force`,
/// or its folder cannot be written, and Error(io) when writing breaks off.
void write_results(const Results& results, const std::string& path, bool force);

/// Reads all groups back and compares every checksum. Throws Error(no_input) or Error(data) when it is not a
/// result file, or not as it was written.
[[nodiscard]] Results read_results(const std::string& path);

/// The run id stored in a result file, or an empty string.
[[nodiscard]] std::string run_id(const std::string& path);
/// The instruction set that it was computed with, or an empty string.
[[nodiscard]] std::string instruction_set_of(const std::string& path);

}  // namespace greenfront::io

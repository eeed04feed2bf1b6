#pragma once
#include <string>

namespace greenfront::io {

/// All bytes of a file. Throws Error(Fault::no_input) with the system's reason when it does not exist,
/// cannot be opened or is a directory, and Error(Fault::io) when reading breaks off.
[[nodiscard]] std::string read_bytes(const std::string& path);

}  // namespace greenfront::io

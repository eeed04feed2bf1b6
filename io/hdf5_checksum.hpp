#pragma once
#include <string>

#include "engine/results.hpp"

/// Checksums of result files: XXH64 with seed 0 as 16 hexadecimal digits, most significant first.
namespace greenfront::io::h5 {

/// The attribute that holds one: of a dataset its values', of a group its other attributes'.
inline constexpr const char* checksum_name = "checksum";

/// Of the values as they stand in the file: little-endian numbers one after the other, texts each ended by a
/// zero byte.
[[nodiscard]] std::string checksum(const Values& values);

/// Of all attributes in bytewise order of their names: the name ended by a zero byte, then the values as
/// above.
[[nodiscard]] std::string checksum(const Attributes& attributes);

}  // namespace greenfront::io::h5

#pragma once
#include <optional>
#include <string>

#include "engine/checkpoint.hpp"

namespace greenfront::io {

/// One block of a sweep as a file; docs/formats/parts.md has the layout.
struct Part {
    std::string run_id;  ///< 32 hexadecimal digits
    std::string instruction_set;
    BlockName name;
    BlockContent content;
};

[[nodiscard]] std::string encode_part(const Part& part);

/// Throws Error(data) where `bytes` are not a whole part as it was written: `path` and the first thing that
/// is wrong.
[[nodiscard]] Part decode_part(const std::string& bytes, const std::string& path);

/// The part at `path`, which must be of this run and where its name says. Throws Error(data) otherwise.
[[nodiscard]] Part read_part(const std::string& path, BlockName name, const std::string& run_id);

/// "sweep-0-block-12.part"
[[nodiscard]] std::string part_file_name(BlockName name);
[[nodiscard]] std::optional<BlockName> read_part_file_name(const std::string& file);

}  // namespace greenfront::io

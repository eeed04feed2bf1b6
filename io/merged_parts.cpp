#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "io/part_file.hpp"
#include "io/parts.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

/// Bit by bit: a NaN is equal to itself.
bool same(const BlockContent& one, const BlockContent& other) {
    const auto &a = one.values, &b = other.values;
    return a.size() == b.size() && one.texts == other.texts &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

}  // namespace

bool MergedParts::load(BlockName name, BlockContent& content) {
    std::string first;
    std::error_code ignored;
    for (const auto& folder : folders_) {
        const std::string file = folder + "/" + part_file_name(name);
        if (!std::filesystem::exists(file, ignored)) continue;
        Part part = read_part(file, name, run_id_);
        instruction_sets_.see(file, part.instruction_set);
        if (first.empty()) {
            first = file;
            content = std::move(part.content);
        } else if (!same(content, part.content)) {
            throw Error(Fault::data,
                        fmt::format("{} and {}: hold the same block with different numbers; remove the one "
                                    "that you do not trust",
                                    first, file));
        }
    }
    if (first.empty()) return false;
    ++count_.loaded;
    return true;
}

void MergedParts::store(BlockName name, const BlockContent&) {
    throw Error(Fault::io, fmt::format("{}: has vanished while the parts were merged", part_file_name(name)));
}

}  // namespace greenfront::io

#include "io/part_file.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>

#include "io/file.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they stand in memory");

/// Bytes beyond ASCII and both ends of line: a transfer as text breaks it visibly.
constexpr std::string_view magic = "\x89GFPART\n";
constexpr std::uint64_t format_version = 1;
constexpr std::size_t id_size = 32, checksum_size = 16;
constexpr std::size_t head_size = magic.size() + 2 * sizeof(std::uint64_t) + id_size;
constexpr const char* remedy = "; remove the file and run again: its block is computed anew";

std::string checksum(std::string_view bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    std::string text(checksum_size, '\0');
    std::memcpy(text.data(), &hash.low64, sizeof hash.low64);
    std::memcpy(text.data() + sizeof hash.low64, &hash.high64, sizeof hash.high64);
    return text;
}

template <class Number>
void put(std::string& bytes, Number number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}
void put(std::string& bytes, const std::string& text) {
    put(bytes, std::uint64_t{text.size()});
    bytes += text;
}

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
    throw Error(Fault::data, fmt::format("{}: {}{}", path, what, remedy));
}

/// Takes the pieces of a file one after the other; what would reach beyond the end is refused.
class Reader {
  public:
    Reader(std::string_view bytes, const std::string& path) : left_(bytes), path_(path) {}

    std::string_view take(std::uint64_t size) {
        if (size > left_.size()) {
            refuse(path_, fmt::format("is truncated: {} bytes were to follow where {} are left", size,
                                      left_.size()));
        }
        const auto taken = left_.substr(0, static_cast<std::size_t>(size));
        left_.remove_prefix(static_cast<std::size_t>(size));
        return taken;
    }
    template <class Number>
    Number number() {
        Number value{};
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }
    std::string text() { return std::string(take(number<std::uint64_t>())); }
    [[nodiscard]] bool done() const { return left_.empty(); }

  private:
    std::string_view left_;
    const std::string& path_;
};

/// What can be wrong with a file as a whole, so that the rest may trust its counts: kind, version, size,
/// checksum.
void check_whole(std::string_view whole, const std::string& path) {
    if (whole.substr(0, magic.size()) != magic.substr(0, whole.size()))
        refuse(path, "is not a part of a run of Greenfront");
    Reader reader(whole, path);
    (void)reader.take(magic.size());
    if (const auto version = reader.number<std::uint64_t>(); version != format_version)
        refuse(path, fmt::format("has format version {}, this program reads {}", version, format_version));
    if (const auto size = reader.number<std::uint64_t>(); size != whole.size()) {
        refuse(path, fmt::format("{}: it has {} bytes where {} were written",
                                 size > whole.size() ? "is truncated" : "has bytes behind its end",
                                 whole.size(), size));
    }
    if (whole.size() < magic.size() + checksum_size) refuse(path, "is truncated");
    const std::size_t body = whole.size() - checksum_size;
    if (checksum(whole.substr(0, body)) != whole.substr(body))
        refuse(path, "is damaged: its bytes do not have the checksum at its end");
}

}  // namespace

std::string encode_part(const Part& part) {
    std::string bytes;
    put(bytes, part.name.sweep);
    put(bytes, part.name.block);
    put(bytes, part.instruction_set);
    put(bytes, std::uint64_t{part.content.values.size()});
    put(bytes, std::uint64_t{part.content.texts.size()});
    bytes.append(reinterpret_cast<const char*>(part.content.values.data()),
                 part.content.values.size() * sizeof(double));
    for (const auto& text : part.content.texts) put(bytes, text);
    std::string whole(magic);
    put(whole, format_version);
    put(whole, std::uint64_t{head_size + bytes.size() + checksum_size});
    whole += part.run_id;
    whole += bytes;
    return whole + checksum(whole);
}

Part decode_part(const std::string& bytes, const std::string& path) {
    check_whole(bytes, path);
    Reader reader(std::string_view(bytes).substr(0, bytes.size() - checksum_size), path);
    (void)reader.take(head_size - id_size);
    Part part;
    part.run_id = reader.take(id_size);
    part.name.sweep = reader.number<std::int64_t>();
    part.name.block = reader.number<std::int64_t>();
    part.instruction_set = reader.text();
    const auto numbers = reader.number<std::uint64_t>(), texts = reader.number<std::uint64_t>();
    if (numbers > bytes.size() / sizeof(double)) refuse(path, "announces more numbers than it has bytes");
    const auto values = reader.take(numbers * sizeof(double));
    part.content.values.resize(numbers);
    if (numbers > 0) std::memcpy(part.content.values.data(), values.data(), values.size());
    for (std::uint64_t i = 0; i < texts; ++i) part.content.texts.push_back(reader.text());
    if (!reader.done()) refuse(path, "has bytes that belong to nothing");
    return part;
}

Part read_part(const std::string& path, BlockName name, const std::string& run_id) {
    Part part = decode_part(read_bytes(path), path);
    if (part.run_id != run_id) {
        refuse(path, fmt::format("is a part of another run: its run id is {}, this run's is {}", part.run_id,
                                 run_id));
    }
    if (part.name != name) {
        refuse(path, fmt::format("holds block {} of sweep {}, which is not what its name says",
                                 part.name.block, part.name.sweep));
    }
    return part;
}

std::string part_file_name(BlockName name) {
    return fmt::format("sweep-{}-block-{}.part", name.sweep, name.block);
}

std::optional<BlockName> read_part_file_name(const std::string& file) {
    BlockName name;
    std::string_view text = file;
    const auto take = [&](std::string_view word, std::int64_t& number) {
        if (!text.starts_with(word)) return false;
        text.remove_prefix(word.size());
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{}) return false;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        return true;
    };
    if (!take("sweep-", name.sweep) || !take("-block-", name.block) || text != ".part") return std::nullopt;
    if (part_file_name(name) != file) return std::nullopt;  // "sweep-00-block-1.part"
    return name;
}

}  // namespace greenfront::io

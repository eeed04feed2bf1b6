#include "io/part_file.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>

#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are stored as they stand in memory");

/// Bytes beyond ASCII and both ends of line: a transfer as text breaks it visibly.
constexpr std::string_view magic = "\x89GFPART\n";
constexpr std::uint64_t format_version = 1;
constexpr std::size_t id_size = 32, checksum_size = 16;
constexpr const char* remedy =
    "; remove this file and its block is computed again, or begin anew with --fresh";

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

/// Takes the parts of a file one after the other; what a damaged length would reach beyond the end is
/// refused.
class Reader {
  public:
    Reader(std::string_view bytes, const std::string& path) : all_(bytes), left_(bytes), path_(path) {}

    [[noreturn]] void refuse(const std::string& what) const {
        throw Error(Fault::data, fmt::format("{}: {}{}", path_, what, remedy));
    }
    std::string_view take(std::uint64_t size) {
        if (size > left_.size()) {
            refuse(fmt::format("is truncated: it ends after {} bytes, but {} more were to follow byte {}",
                               all_.size() + checksum_size, size, all_.size() - left_.size()));
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
    /// A count of things of at least `size` bytes each.
    std::size_t count(std::size_t size) {
        const auto n = number<std::uint64_t>();
        if (n > left_.size() / size)
            refuse(fmt::format("is truncated: {} numbers or texts are announced, {} bytes follow", n,
                               left_.size()));
        return static_cast<std::size_t>(n);
    }
    [[nodiscard]] bool done() const { return left_.empty(); }

  private:
    std::string_view all_, left_;
    const std::string& path_;
};

}  // namespace

std::string encode_part(const Part& part) {
    std::string bytes(magic);
    put(bytes, format_version);
    bytes += part.run_id;
    put(bytes, part.name.sweep);
    put(bytes, part.name.block);
    put(bytes, part.instruction_set);
    put(bytes, std::uint64_t{part.content.values.size()});
    put(bytes, std::uint64_t{part.content.texts.size()});
    bytes.append(reinterpret_cast<const char*>(part.content.values.data()),
                 part.content.values.size() * sizeof(double));
    for (const auto& text : part.content.texts) put(bytes, text);
    return bytes + checksum(bytes);
}

Part decode_part(const std::string& bytes, const std::string& path) {
    const std::string_view whole = bytes;
    const std::size_t body = bytes.size() < checksum_size ? 0 : bytes.size() - checksum_size;
    Reader reader(whole.substr(0, body), path);
    if (whole.substr(0, magic.size()) != magic.substr(0, whole.size()))
        reader.refuse("is not a part of a run of Greenfront");
    (void)reader.take(magic.size());
    const auto version = reader.number<std::uint64_t>();
    if (version != format_version)
        reader.refuse(fmt::format("has format version {}, this program reads {}", version, format_version));
    Part part;
    part.run_id = reader.take(id_size);
    part.name.sweep = reader.number<std::int64_t>();
    part.name.block = reader.number<std::int64_t>();
    part.instruction_set = reader.text();
    const auto numbers = reader.count(1), texts = reader.count(1);
    const auto values = reader.take(std::uint64_t{numbers} * sizeof(double));
    part.content.values.resize(numbers);
    if (numbers > 0) std::memcpy(part.content.values.data(), values.data(), values.size());
    part.content.texts.reserve(texts);
    for (std::size_t i = 0; i < texts; ++i) part.content.texts.push_back(reader.text());
    if (!reader.done()) reader.refuse("has bytes behind its end");
    if (checksum(whole.substr(0, body)) != whole.substr(body))
        reader.refuse("is damaged: its bytes do not have the checksum at its end");
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
    return name;
}

}  // namespace greenfront::io

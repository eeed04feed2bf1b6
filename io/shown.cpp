#include "io/shown.hpp"

#include <fmt/format.h>

namespace greenfront::io {
namespace {

std::string written_out(std::string_view text, std::string_view kept) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool control = byte < 0x20 || byte == 0x7F;
        if (control && kept.find(c) == std::string_view::npos) {
            result += fmt::format("\\x{:02x}", byte);
        } else {
            result += c;
        }
    }
    return result;
}

}  // namespace

std::string shown(std::string_view text, std::size_t most) {
    if (text.size() <= most) return written_out(text, "");
    std::size_t end = most > 3 ? most - 3 : 0;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return written_out(text.substr(0, end), "") + "...";
}

std::string printable(std::string_view text) {
    return written_out(text, "\n\t");
}

}  // namespace greenfront::io

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "io/csv_text.hpp"

namespace greenfront::io {
namespace {

using Byte = unsigned char;

Byte at(std::string_view s, std::size_t i) {
    return i < s.size() ? static_cast<Byte>(s[i]) : Byte{0};
}

bool continues(Byte b) {
    return (b & 0xC0U) == 0x80U;
}

/// Length of the well-formed UTF-8 sequence at i (Unicode 15, table 3-7), 0 when there is none.
std::size_t utf8_sequence(std::string_view s, std::size_t i) {
    const Byte a = at(s, i), b = at(s, i + 1), c = at(s, i + 2), d = at(s, i + 3);
    if (a < 0x80) return 1;
    if (a >= 0xC2 && a <= 0xDF) return continues(b) ? 2 : 0;
    if (a >= 0xE0 && a <= 0xEF) {
        const Byte low = a == 0xE0 ? 0xA0 : 0x80, high = a == 0xED ? 0x9F : 0xBF;
        return b >= low && b <= high && continues(c) ? 3 : 0;
    }
    if (a >= 0xF0 && a <= 0xF4) {
        const Byte low = a == 0xF0 ? 0x90 : 0x80, high = a == 0xF4 ? 0x8F : 0xBF;
        return b >= low && b <= high && continues(c) && continues(d) ? 4 : 0;
    }
    return 0;
}

/// What the non-ASCII bytes are like, read as UTF-8 and as GB18030.
struct Evidence {
    std::size_t utf8_good = 0, utf8_long = 0, utf8_bad = 0;  ///< utf8_long: of three or four bytes
    std::size_t first_bad = std::string::npos;
    bool gb_whole = true;                 ///< every sequence is a legal GB18030 one
    std::size_t gb_high = 0, gb_low = 0;  ///< two-byte sequences whose second byte is not / is ASCII
};

void read_as_utf8(std::string_view s, Evidence& e) {
    std::size_t i = 0;
    while (i < s.size()) {
        std::uint64_t eight = 0;  // most files are ASCII: eight bytes at a time
        if (i + 8 <= s.size()) {
            std::memcpy(&eight, s.data() + i, 8);
            if ((eight & 0x8080808080808080ULL) == 0) {
                i += 8;
                continue;
            }
        }
        const std::size_t n = utf8_sequence(s, i);
        if (n == 0) {
            if (e.utf8_bad++ == 0) e.first_bad = i;
        } else if (n > 1) {
            ++e.utf8_good;
            if (n > 2) ++e.utf8_long;
        }
        i += std::max<std::size_t>(n, 1);
    }
}

void read_as_gb18030(std::string_view s, Evidence& e) {
    std::size_t i = 0;
    while (i < s.size() && e.gb_whole) {
        const Byte a = at(s, i), b = at(s, i + 1), c = at(s, i + 2), d = at(s, i + 3);
        const bool begins = a > 0x80 && a != 0xFF;
        if (a < 0x80) {
            ++i;
        } else if (begins && b >= 0x30 && b <= 0x39 && c >= 0x81 && d >= 0x30 && d <= 0x39) {
            i += 4;
            ++e.gb_high;
        } else if (begins && b >= 0x40 && b != 0x7F && b != 0xFF) {
            ++(b >= 0x80 ? e.gb_high : e.gb_low);
            i += 2;
        } else {
            e.gb_whole = false;
        }
    }
}

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw Error(Fault::data, fmt::format("{}: {}", path, why));
}

void refuse_known_formats(const std::string& path, std::string_view s) {
    const auto starts = [&](std::string_view magic) { return s.substr(0, magic.size()) == magic; };
    if (starts("\x89HDF\r\n")) refuse(path, "is an HDF5 file, not CSV text; export the table from it first");
    if (starts("PK\x03\x04")) {
        refuse(path,
               "is a zip archive (an Excel workbook is one), not CSV text; save the sheet as CSV UTF-8");
    }
    if (starts("\xD0\xCF\x11\xE0")) {
        refuse(path, "is an old Excel or Office file, not CSV text; save the sheet as CSV UTF-8");
    }
    if (starts("\x1F\x8B")) refuse(path, "is compressed with gzip; unpack it first: gunzip FILE");
    if (starts("<stata_dta>")) {
        refuse(path, "is a Stata file, not CSV text; in Stata: export delimited using panel.csv, nolabel");
    }
    using namespace std::string_view_literals;
    const bool utf32 = starts("\xFF\xFE\0\0"sv) || starts("\0\0\xFE\xFF"sv) ||
                       (s.size() >= 8 && s.substr(1, 3) == "\0\0\0"sv && s.substr(5, 3) == "\0\0\0"sv);
    if (utf32) {
        refuse(path, fmt::format("is UTF-32 text; convert it: iconv -f {} -t UTF-8 '{}' > utf8.csv",
                                 at(s, 0) == 0 || at(s, 0) == 0xFF ? "UTF-32" : "UTF-32LE", path));
    }
    if (starts("\xFF\xFE") || starts("\xFE\xFF")) {
        refuse(path,
               fmt::format("is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8 '{}' > utf8.csv", path));
    }
}

void refuse_nul(const std::string& path, std::string_view s) {
    const std::size_t nul = s.find('\0');
    if (nul == std::string_view::npos) return;
    const auto nuls = std::count(s.begin(), s.end(), '\0');
    if (static_cast<std::size_t>(nuls) * 3 > s.size()) {
        refuse(path,
               fmt::format("looks like UTF-16 without a byte order mark (every other byte is NUL); convert "
                           "it: iconv -f UTF-16LE -t UTF-8 '{}' > utf8.csv",
                           path));
    }
    const auto line = 1 + std::count(s.begin(), s.begin() + static_cast<std::ptrdiff_t>(nul), '\n');
    throw Error(Fault::data,
                fmt::format("{}:{}:1: contains {} NUL byte{} (the first at byte {} of the file): it is "
                            "binary or damaged; give CSV text",
                            path, line, nuls, nuls == 1 ? "" : "s", nul + 1));
}

}  // namespace

bool is_utf8(std::string_view text) {
    Evidence e;
    read_as_utf8(text, e);
    return e.utf8_bad == 0;
}

void require_utf8(const std::string& path, std::string& bytes) {
    refuse_known_formats(path, bytes);
    refuse_nul(path, bytes);
    std::size_t marks = 0;  // a file put together from others may have several
    while (bytes.compare(marks, 3, "\xEF\xBB\xBF") == 0) marks += 3;
    bytes.erase(0, marks);
    Evidence e;
    read_as_utf8(bytes, e);
    if (e.utf8_bad == 0) return;
    read_as_gb18030(bytes, e);
    const auto line =
        1 + std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(e.first_bad), '\n');
    const std::string where = fmt::format("{}:{}:1: is not UTF-8 (byte {:#04x})", path, line,
                                          static_cast<unsigned>(at(bytes, e.first_bad)));
    // GBK pairs pass for UTF-8 of two bytes now and then, but hardly for three.
    if (e.utf8_good > e.utf8_bad || 2 * e.utf8_long >= std::max<std::size_t>(e.utf8_bad, 2)) {
        throw Error(Fault::data,
                    fmt::format("{}; most of it is UTF-8, so {} place{} damaged; save the file again "
                                "from its source as UTF-8",
                                where, e.utf8_bad, e.utf8_bad == 1 ? " is" : "s are"));
    }
    // Chinese text has nearly only pairs of two high bytes; in a Western encoding a high byte stands
    // between ASCII letters.
    if (e.gb_whole && e.gb_high > e.gb_low) {
        throw Error(Fault::data,
                    fmt::format("{}; it looks like GBK (GB18030); convert it: iconv -f GB18030 -t UTF-8 "
                                "'{}' > utf8.csv",
                                where, path));
    }
    throw Error(Fault::data,
                fmt::format("{}; it may be a Western encoding; convert it: iconv -f WINDOWS-1252 -t UTF-8 "
                            "'{}' > utf8.csv",
                            where, path));
}

}  // namespace greenfront::io

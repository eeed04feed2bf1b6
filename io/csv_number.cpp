#include "io/csv_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace greenfront::io {
namespace {

bool digit(char c) {
    return c >= '0' && c <= '9';
}

bool same_word(std::string_view a, std::string_view lower) {
    return std::equal(a.begin(), a.end(), lower.begin(), lower.end(), [](char x, char y) {
        return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
    });
}

/// For digits[.digits][e[+-]digits] out of a double's range: is it too large (rather than too small)?
/// The decimal position of the first non-zero digit plus the exponent decides.
bool overflows(std::string_view s) {
    long position = 0, exponent = 0;
    bool point = false, seen = false;
    std::size_t i = 0;
    for (; i < s.size() && s[i] != 'e' && s[i] != 'E'; ++i) {
        if (s[i] == '.') {
            point = true;
        } else if (digit(s[i])) {
            seen = seen || s[i] != '0';
            if (!point && seen) ++position;
            if (point && !seen) --position;
        }
    }
    if (i < s.size()) {
        ++i;
        const bool negative = i < s.size() && s[i] == '-';
        for (; i < s.size(); ++i) {
            if (digit(s[i])) exponent = std::min(exponent * 10 + (s[i] - '0'), 1000000000L);
        }
        if (negative) exponent = -exponent;
    }
    return position + exponent > 0;
}

/// The cell without the marks that people put into numbers; true when a plain number remains.
bool number_without(std::string_view s, std::string_view marks) {
    std::string rest;
    for (const char c : s) {
        if (marks.find(c) == std::string_view::npos) rest += c;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    return error == std::errc{} && end == rest.data() + rest.size() && std::isfinite(value) &&
           std::any_of(rest.begin(), rest.end(), digit);
}

ParsedNumber malformed(const char* hint) {
    return {NumberKind::malformed, 0, hint};
}

ParsedNumber diagnose(std::string_view s) {
    static constexpr std::array<std::string_view, 4> infinite{"inf", "infinity", "+inf", "-inf"};
    const std::string_view unsigned_part = s.substr(!s.empty() && (s[0] == '-' || s[0] == '+') ? 1 : 0);
    for (const auto word : infinite) {
        if (same_word(s, word) || same_word(unsigned_part, word)) {
            return malformed("is infinite; give a finite number or leave the cell empty");
        }
    }
    if (unsigned_part.empty()) return {};
    if (s.starts_with("\xE2\x88\x92") && number_without(s.substr(3), "")) {
        return malformed("begins with the typographic minus sign; write a plain - instead");
    }
    if (!digit(unsigned_part[0]) && unsigned_part[0] != '.' && unsigned_part[0] != ',') return {};
    if (unsigned_part.back() == '%' && number_without(unsigned_part, "%, ")) {
        return malformed("is a percentage; write the bare number, as a share (0.12) or in percent (12)");
    }
    const auto commas = std::count(s.begin(), s.end(), ',');
    if (commas == 1 && number_without(unsigned_part, ",") &&
        unsigned_part.find('.') == std::string_view::npos) {
        return malformed(
            "has a comma; write a decimal point (3,14 becomes 3.14) and no thousands separators");
    }
    const auto comma = s.find(',');
    if (commas == 1 && s.find('.') < comma && number_without(unsigned_part, ".,")) {
        return malformed("has a decimal comma and thousands points; write 1234.5 for 1.234,5");
    }
    if (commas >= 1 && number_without(unsigned_part, ",")) {
        return malformed("has thousands separators; write the digits without them");
    }
    if (unsigned_part.find_first_of(" '_") != std::string_view::npos &&
        number_without(unsigned_part, " '_")) {
        return malformed("has thousands separators; write the digits without them");
    }
    return {};
}

}  // namespace

bool is_missing(std::string_view cell) {
    static constexpr std::array<std::string_view, 6> spellings{"na", "n/a", "nan", ".", "null", "#n/a"};
    return cell.empty() ||
           (cell.size() <= 4 && std::any_of(spellings.begin(), spellings.end(),
                                            [&](auto spelling) { return same_word(cell, spelling); }));
}

ParsedNumber parse_number(std::string_view cell) {
    if (is_missing(cell) || same_word(cell, "-nan")) {
        return {NumberKind::missing, std::numeric_limits<double>::quiet_NaN(), ""};
    }
    std::string_view s = cell;
    if (s[0] == '+' && s.size() > 1 && s[1] != '-') s.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
    const bool whole = end == s.data() + s.size();
    if (whole && error == std::errc::result_out_of_range) {
        if (overflows(s)) {
            return malformed(
                "is beyond the largest number (1.8e308); give a finite number or leave the cell empty");
        }
        return {NumberKind::number, s[0] == '-' ? -0.0 : 0.0, ""};
    }
    if (whole && error == std::errc{} && std::isfinite(value)) return {NumberKind::number, value, ""};
    return diagnose(cell);
}

}  // namespace greenfront::io

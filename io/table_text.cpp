#include <algorithm>
#include <array>
#include <cstdint>

#include "io/csv.hpp"
#include "io/shown.hpp"
#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

/// The code point at i and its length; a malformed byte counts as one column.
std::pair<char32_t, std::size_t> decode(const std::string& s, std::size_t i) {
    const auto byte = [&](std::size_t k) { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0U; };
    const unsigned a = byte(i);
    const auto tail = [&](std::size_t k) { return static_cast<char32_t>(byte(i + k) & 0x3FU); };
    if (a >= 0xF0)
        return {(static_cast<char32_t>(a & 7U) << 18) | (tail(1) << 12) | (tail(2) << 6) | tail(3), 4};
    if (a >= 0xE0) return {(static_cast<char32_t>(a & 15U) << 12) | (tail(1) << 6) | tail(2), 3};
    if (a >= 0xC0) return {(static_cast<char32_t>(a & 31U) << 6) | tail(1), 2};
    return {a, 1};
}

struct Range {
    char32_t first, last;
};
/// East Asian wide and full-width characters and emoji (Unicode's EastAsianWidth, whole blocks).
constexpr std::array<Range, 14> wide{{{0x1100, 0x115F},
                                      {0x2E80, 0x303E},
                                      {0x3041, 0x33FF},
                                      {0x3400, 0x4DBF},
                                      {0x4E00, 0x9FFF},
                                      {0xA000, 0xA4CF},
                                      {0xAC00, 0xD7A3},
                                      {0xF900, 0xFAFF},
                                      {0xFE30, 0xFE6F},
                                      {0xFF00, 0xFF60},
                                      {0xFFE0, 0xFFE6},
                                      {0x1F300, 0x1F64F},
                                      {0x1F900, 0x1F9FF},
                                      {0x20000, 0x3FFFD}}};
/// Combining marks and characters without width.
constexpr std::array<Range, 4> narrow{
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const Range& r) { return c >= r.first && c <= r.last; });
}

std::size_t width(const std::string& text) {
    std::size_t columns = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto [code, length] = decode(text, i);
        columns += within(narrow, code) ? 0U : within(wide, code) ? 2U : 1U;
        i += length;
    }
    return columns;
}

/// A cell on one line, without words to the terminal.
std::string flat(const std::string& cell) {
    std::string result = cell;
    std::replace_if(
        result.begin(), result.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return result;
}

std::string line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                 const std::vector<bool>& left) {
    std::string result;
    for (std::size_t c = 0; c < widths.size(); ++c) {
        const std::string cell = c < cells.size() ? flat(cells[c]) : "";
        const std::size_t used = width(cell);
        const std::string pad(widths[c] - std::min(used, widths[c]), ' ');
        if (c > 0) result += "  ";
        const bool to_left = c < left.size() ? left[c] : c == 0;
        result += to_left ? cell + pad : pad + cell;
    }
    const auto last = result.find_last_not_of(' ');
    result.erase(last == std::string::npos ? 0 : last + 1);
    return result + "\n";
}

}  // namespace

namespace {

/// Columns of one block of a wide table.
using Block = std::vector<std::size_t>;

/// Splits the columns so that no block is wider than `limit` where that is possible; every block begins
/// with the first column, which names the rows.
std::vector<Block> blocks(const std::vector<std::size_t>& widths, std::size_t limit) {
    std::vector<Block> result(1);
    std::size_t used = 0;
    for (std::size_t c = 0; c < widths.size(); ++c) {
        const std::size_t needed = widths[c] + (c > 0 ? 2 : 0);
        if (result.back().size() > 1 && used + needed > limit) {
            result.push_back({0});
            used = widths[0];
        }
        result.back().push_back(c);
        used += needed;
    }
    return result;
}

template <class T>
std::vector<T> chosen(const std::vector<T>& all, const Block& block, const T& absent) {
    std::vector<T> result;
    for (const std::size_t c : block) result.push_back(c < all.size() ? all[c] : absent);
    return result;
}

std::string block_text(const Table& table, const std::vector<std::size_t>& all_widths, const Block& block) {
    const auto widths = chosen(all_widths, block, std::size_t{0});
    std::vector<bool> left;
    for (const std::size_t c : block) left.push_back(c < table.left.size() ? table.left[c] : c == 0);
    std::size_t total = 2 * (widths.size() - 1);
    for (const auto w : widths) total += w;
    const std::string rule = std::string(total, '-') + "\n";
    const std::string none;
    std::string result = rule;
    if (!table.header.empty()) result += line(chosen(table.header, block, none), widths, left) + rule;
    const bool whole = block.size() == all_widths.size();
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        if (r > 0 && std::find(table.rules.begin(), table.rules.end(), r) != table.rules.end())
            result += rule;
        const auto cells = chosen(table.rows[r], block, none);
        // A row that says nothing about the columns of this block stands in another one.
        const bool silent =
            std::all_of(cells.begin() + 1, cells.end(), [](const auto& c) { return c.empty(); });
        if (whole || !silent) result += line(cells, widths, left);
    }
    return table.rows.empty() ? result : result + rule;
}

}  // namespace

std::string text(const Table& table, std::size_t max_width) {
    std::vector<std::size_t> widths;
    const auto widen = [&](const std::vector<std::string>& cells) {
        if (cells.size() > widths.size()) widths.resize(cells.size(), 0);
        for (std::size_t c = 0; c < cells.size(); ++c) widths[c] = std::max(widths[c], width(cells[c]));
    };
    widen(table.header);
    for (const auto& row : table.rows) widen(row);
    std::string result = table.title.empty() ? "" : flat(table.title) + "\n";
    if (!widths.empty()) {
        for (const auto& block : blocks(widths, max_width)) result += block_text(table, widths, block);
    }
    for (const auto& note : table.notes) result += printable(note) + "\n";
    return result;
}

std::string csv(const Table& table) {
    std::string result;
    const auto add = [&](const std::vector<std::string>& cells) {
        for (std::size_t c = 0; c < cells.size(); ++c) {
            if (c > 0) result += ',';
            result += csv_field(trimmed(cells[c]));
        }
        result += '\n';
    };
    add(table.header);
    for (const auto& row : table.rows) add(row);
    return result;
}

}  // namespace greenfront::io

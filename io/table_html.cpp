// Tables for pages, and what any text needs before it may stand in one.
#include <algorithm>
#include <array>

#include "io/csv_text.hpp"
#include "io/html.hpp"
#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

bool is_left(const Table& table, std::size_t column) {
    return column < table.left.size() ? table.left[column] : column == 0;
}

/// Digits line up at their right; stars and closing brackets hang over in a slot of fixed width.
std::string cell_html(const std::string& cell, bool overhanging) {
    if (is_r_squared(cell)) return html_text(cell.substr(0, cell.size() - 1)) + "<sup>2</sup>";
    if (!overhanging) return html_text(trimmed(cell));
    const HungCell parts = hang(cell);
    return html_text(parts.body) + "<span class=\"hang\">" + html_text(parts.overhang) + "</span>";
}

std::string row_html(const Table& table, const std::vector<std::string>& cells,
                     const std::vector<bool>& overhanging, bool head) {
    std::string out = "<tr>";
    for (std::size_t c = 0; c < table.header.size(); ++c) {
        const std::string cell = c < cells.size() ? cells[c] : "";
        const bool names_row = c == 0 && !head && !trimmed(cell).empty();
        const char* element = head || names_row ? "th" : "td";
        out += std::string("<") + element;
        if (head && !trimmed(cell).empty()) out += " scope=\"col\"";
        if (names_row) out += " scope=\"row\"";
        if (is_left(table, c)) out += " class=\"left\"";
        out += ">" + cell_html(cell, overhanging[c]) + "</" + element + ">";
    }
    return out + "</tr>\n";
}

std::string block_html(const Table& table) {
    std::vector<bool> overhanging;
    for (std::size_t c = 0; c < table.header.size(); ++c)
        overhanging.push_back(!is_left(table, c) && has_overhang(table, c));
    std::string out = "<div class=\"scroll\"><table>\n";
    if (!table.title.empty()) out += "<caption>" + html_text(table.title) + "</caption>\n";
    out += "<thead>" + row_html(table, table.header, overhanging, true) + "</thead>\n<tbody>\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const bool rule = std::find(table.rules.begin(), table.rules.end(), r) != table.rules.end();
        if (rule && r > 0) out += "</tbody>\n<tbody>\n";
        out += row_html(table, table.rows[r], overhanging, false);
    }
    return out + "</tbody>\n</table></div>\n";
}

}  // namespace

std::string html_text(std::string_view text) {
    const bool good = is_utf8(text);
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                if (byte < 0x20 && c != '\n' && c != '\t') {
                    result += ' ';
                } else if (byte >= 0x80 && !good) {
                    result += "\xEF\xBF\xBD";
                } else {
                    result += c;
                }
        }
    }
    return result;
}

std::string base64(std::string_view bytes) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string result;
    result.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        std::array<unsigned, 3> b{};
        for (std::size_t k = 0; k < n; ++k) b[k] = static_cast<unsigned char>(bytes[i + k]);
        const unsigned word = b[0] << 16U | b[1] << 8U | b[2];
        result += digits[word >> 18U];
        result += digits[word >> 12U & 63U];
        result += n > 1 ? digits[word >> 6U & 63U] : '=';
        result += n > 2 ? digits[word & 63U] : '=';
    }
    return result;
}

std::string html(const Table& table, std::size_t most_characters) {
    std::string out = "<div class=\"table\">\n";
    for (const auto& block : split_to_width(table, most_characters)) out += block_html(block);
    if (!table.notes.empty()) {
        out += "<div class=\"notes\">";
        for (const auto& note : table.notes) out += "<p>" + html_text(note) + "</p>\n";
        out += "</div>\n";
    }
    return out + "</div>\n";
}

}  // namespace greenfront::io

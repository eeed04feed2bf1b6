// Printed tables for papers and pages.
#include <fmt/format.h>

#include <algorithm>

#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

std::string escaped(const std::string& text, const char* special, const char* before) {
    std::string result;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            result += ' ';
            continue;
        }
        if (std::string_view(special).find(c) != std::string_view::npos) result += before;
        result += c;
    }
    return result;
}

std::string markdown_text(const std::string& text) {
    return escaped(text, "\\|*_<`[&~", "\\");
}

/// TeX text; stars of significance become a superscript.
std::string tex_text(const std::string& cell) {
    const auto end = cell.find_last_not_of('*');
    const std::size_t body = end == std::string::npos ? 0 : end + 1;
    std::string result;
    for (const char c : cell.substr(0, body)) {
        switch (c) {
            case '\\':
                result += "\\textbackslash{}";
                break;
            case '^':
                result += "\\textasciicircum{}";
                break;
            case '~':
                result += "\\textasciitilde{}";
                break;
            case '<':
            case '>':
                result += fmt::format("${}$", c);
                break;
            case '\n':
            case '\r':
            case '\t':
                result += ' ';
                break;
            default:
                result += escaped(std::string(1, c), "&%$#_{}", "\\");
        }
    }
    const std::string stars = cell.substr(body);
    return stars.empty() ? result : result + "$^{" + stars + "}$";
}

/// A note; one that begins with a bracket would be the label of its \item.
std::string item_text(const std::string& note) {
    const std::string text = tex_text(note);
    return text.starts_with("[") ? "{}" + text : text;
}

bool is_left(const Table& table, std::size_t column) {
    return column < table.left.size() ? table.left[column] : column == 0;
}

template <class Text>
std::string joined(const std::vector<std::string>& cells, std::size_t columns, const char* separator,
                   const Text& text) {
    std::string line;
    for (std::size_t c = 0; c < columns; ++c)
        line += (c > 0 ? separator : "") + (c < cells.size() ? text(trimmed(cells[c])) : std::string());
    return line;
}

}  // namespace

std::string markdown(const Table& table) {
    std::string out = table.title.empty() ? "" : "**" + markdown_text(table.title) + "**\n\n";
    const std::size_t columns = table.header.size();
    out += "| " + joined(table.header, columns, " | ", markdown_text) + " |\n|";
    for (std::size_t c = 0; c < columns; ++c) out += is_left(table, c) ? " :-- |" : " --: |";
    out += "\n";
    for (const auto& row : table.rows) out += "| " + joined(row, columns, " | ", markdown_text) + " |\n";
    for (const auto& note : table.notes) out += "\n" + markdown_text(note) + "  ";
    return out + "\n";
}

namespace {

constexpr std::size_t characters_of_a_line = 104;  // of \footnotesize in a usual text width

/// A cell; a hyphen before digits is a minus sign.
std::string tex_cell(const std::string& cell) {
    if (is_r_squared(cell)) return tex_text(cell.substr(0, cell.size() - 2)) + "$R^2$";
    const std::size_t sign = cell.starts_with('(') || cell.starts_with('[') ? 1 : 0;
    const bool negative =
        cell.size() > sign + 1 && cell[sign] == '-' && cell[sign + 1] >= '0' && cell[sign + 1] <= '9';
    if (!negative) return tex_text(cell);
    return cell.substr(0, sign) + "$-$" + tex_text(cell.substr(sign + 1));
}

/// Digits line up at their right; stars and closing brackets stand outside of the column's width.
std::string hung_text(const std::string& cell) {
    const HungCell parts = hang(cell);
    if (parts.overhang.empty()) return tex_cell(parts.body);
    return tex_cell(parts.body) + "\\rlap{" + tex_text(parts.overhang) + "}";
}

std::string latex_float(const Table& table) {
    const std::size_t columns = table.header.size();
    std::string alignment;
    std::vector<bool> hanging;
    for (std::size_t c = 0; c < columns; ++c) {
        alignment += is_left(table, c) ? 'l' : 'r';
        hanging.push_back(!is_left(table, c) && has_overhang(table, c));
    }
    if (!hanging.empty() && hanging.back()) alignment += "@{\\hspace{1.5em}}";
    const auto line = [&](const std::vector<std::string>& cells) {
        std::string text;
        for (std::size_t c = 0; c < columns; ++c) {
            const std::string cell = c < cells.size() ? cells[c] : "";
            text += (c > 0 ? " & " : "") + (hanging[c] ? hung_text(cell) : tex_cell(trimmed(cell)));
        }
        // A bracket or a star at the start of a line would be read as an option of the line end before it.
        return (text.starts_with('[') || text.starts_with('*') ? "{}" : "") + text + " \\\\\n";
    };
    std::string out = "\\begin{table}\n\\centering\\footnotesize\n\\begin{threeparttable}\n";
    if (!table.title.empty()) out += "\\caption{" + tex_text(table.title) + "}\n";
    out += "\\begin{tabular}{" + alignment + "}\n\\toprule\n" + line(table.header) + "\\midrule\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const bool rule = std::find(table.rules.begin(), table.rules.end(), r) != table.rules.end();
        if (rule && r > 0) out += "\\midrule\n";
        out += line(table.rows[r]);
    }
    out += "\\bottomrule\n\\end{tabular}\n";
    if (!table.notes.empty()) {
        out += "\\begin{tablenotes}\\footnotesize\n";
        for (const auto& note : table.notes) out += "\\item " + item_text(note) + "\n";
        out += "\\end{tablenotes}\n";
    }
    return out + "\\end{threeparttable}\n\\end{table}\n";
}

}  // namespace

std::string latex(const Table& table) {
    std::string floats;
    for (const auto& block : split_to_width(table, characters_of_a_line)) floats += latex_float(block);
    const bool plain = std::all_of(floats.begin(), floats.end(), [](char c) { return c >= 0; });
    std::string out = "% needs \\usepackage{booktabs,threeparttable}\n";
    if (!plain)
        out +=
            "% has letters beyond ASCII: XeLaTeX or LuaLaTeX with a font for them (Chinese: "
            "\\usepackage{ctex})\n";
    return out + floats;
}

}  // namespace greenfront::io

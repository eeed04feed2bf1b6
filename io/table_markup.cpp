// Printed tables for papers and pages.
#include <fmt/format.h>

#include <algorithm>

#include "io/table_access.hpp"

namespace greenfront::io {
namespace {

std::string escaped(const std::string& text, const char* special, const char* before) {
    std::string result;
    for (const char c : text) {
        if (c == '\n' || c == '\r' || c == '\t') {
            result += ' ';
            continue;
        }
        if (std::string_view(special).find(c) != std::string_view::npos) result += before;
        result += c;
    }
    return result;
}

std::string markdown_text(const std::string& text) {
    return escaped(text, "\\|*_<", "\\");
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

std::string latex(const Table& table) {
    const std::size_t columns = table.header.size();
    std::string alignment;
    for (std::size_t c = 0; c < columns; ++c) alignment += is_left(table, c) ? 'l' : 'r';
    std::string out =
        "% needs "
        "\\usepackage{booktabs,threeparttable}\n\\begin{table}\n\\centering\n\\begin{threeparttable}\n";
    if (!table.title.empty()) out += "\\caption{" + tex_text(table.title) + "}\n";
    out += "\\begin{tabular}{" + alignment + "}\n\\toprule\n";
    out += joined(table.header, columns, " & ", tex_text) + " \\\\\n\\midrule\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const bool rule = std::find(table.rules.begin(), table.rules.end(), r) != table.rules.end();
        if (rule && r > 0) out += "\\midrule\n";
        out += joined(table.rows[r], columns, " & ", tex_text) + " \\\\\n";
    }
    out += "\\bottomrule\n\\end{tabular}\n";
    if (!table.notes.empty()) {
        out += "\\begin{tablenotes}\\footnotesize\n";
        for (const auto& note : table.notes) out += "\\item " + item_text(note) + "\n";
        out += "\\end{tablenotes}\n";
    }
    return out + "\\end{threeparttable}\n\\end{table}\n";
}

}  // namespace greenfront::io

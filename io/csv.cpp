#include "io/csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>

#include "io/csv_number.hpp"
#include "io/csv_text.hpp"
#include "io/dta.hpp"
#include "io/file.hpp"
#include "io/results_panel.hpp"
#include "io/shown.hpp"

namespace greenfront::io {
namespace {

/// A long cell would drown the message.
std::string in_message(std::string_view cell) {
    return shown(cell, 40);
}

class Reader {
  public:
    explicit Reader(const std::string& path) : Reader(path, read_bytes(path)) {}
    Reader(const std::string& path, std::string bytes) : path_(path) {
        require_utf8(path, bytes);
        file_ = split_csv(path, std::move(bytes), problems_);
        name_columns();
        if (file_.records() == 0 && !problems_.any()) {
            problems_.add(fmt::format("{}:{}:1: has a header but no rows; add the observations below it",
                                      path_, file_.header_line));
        }
    }

    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
    void throw_if_any() const { problems_.throw_if_any(); }

    /// A column named by the user; Error(data) at once, with the nearest name, when there is none.
    void require_column(const std::string& name) const {
        if (name.empty() || std::find(names_.begin(), names_.end(), name) != names_.end()) return;
        problems_.throw_if_any();  // a broken header explains more than a missing name
        const std::string near = nearest(name, names_);
        throw Error(Fault::data,
                    fmt::format("{}:{}:1: there is no column \"{}\"{}", path_, file_.header_line, name,
                                near.empty() ? fmt::format("; the columns are: {}", fmt::join(names_, ", "))
                                             : fmt::format("; did you mean \"{}\"?", near)));
    }

    [[nodiscard]] Column column(std::size_t c, bool label) {
        Column result;
        result.name = names_[c];
        if (label || !read_numbers(c, result)) {
            result.text = true;
            result.number.clear();
            read_labels(c, result);
        }
        return result;
    }

    /// The unit column: the text of the file, and no gaps.
    [[nodiscard]] Column unit_column(std::size_t c) {
        Column result = column(c, true);
        for (std::size_t r = 0; r < file_.records(); ++r) {
            if (!result.label[r].empty()) continue;
            const Cell& cell = file_.cell(r, c);
            report(r, c,
                   cell.length == 0
                       ? "the unit is missing; name the unit of every row"
                       : fmt::format("\"{}\" means a missing unit; if it is a name, put it in quotes",
                                     file_.text(cell)));
        }
        return result;
    }

    /// The time column: every cell an integer.
    [[nodiscard]] Column time_column(std::size_t c) {
        Column result;
        result.name = names_[c];
        result.number.resize(file_.records());
        constexpr double largest = 9007199254740992.0;  // 2^53: integers beyond it are not exact in a double
        for (std::size_t r = 0; r < file_.records(); ++r) {
            const std::string_view text = file_.text(file_.cell(r, c));
            const ParsedNumber p = parse_number(text);
            result.number[r] = p.value;
            if (p.kind == NumberKind::missing) {
                report(r, c, "the time is missing; give the period of every row as an integer such as 2015");
            } else if (p.kind != NumberKind::number || p.value != std::floor(p.value) ||
                       std::abs(p.value) > largest) {
                report(
                    r, c,
                    fmt::format("the time \"{}\" is not an integer; number the periods (2015, or 8061 for a "
                                "quarter) and give that column",
                                in_message(text)));
            }
        }
        return result;
    }

  private:
    void name_columns() {
        std::map<std::string, std::size_t> first;
        for (std::size_t c = 0; c < file_.header.size(); ++c) {
            std::string name(file_.text(file_.header[c]));
            if (name.empty() && c == 0 && file_.header.size() > 1) name = "rownames";  // R's write.csv
            names_.push_back(name);
            if (name.empty()) {
                problems_.add(
                    fmt::format("{}:{}:{}: the column has no name; name it, or delete the separator that "
                                "makes it",
                                path_, file_.header_line, c + 1));
                continue;
            }
            const auto [place, fresh] = first.emplace(name, c + 1);
            if (!fresh) {
                problems_.add(
                    fmt::format("{}:{}:{}: the name \"{}\" is column {}'s already; give every column its own",
                                path_, file_.header_line, c + 1, in_message(name), place->second));
            }
        }
    }

    /// At least 90 % of the non-missing cells are numbers or badly written ones: then the rest are errors.
    /// Otherwise the answer is false and nothing is reported: a column of text.
    [[nodiscard]] bool read_numbers(std::size_t c, Column& column) {
        const std::size_t records = file_.records();
        column.number.resize(records);
        std::size_t present = 0, words = 0;
        std::vector<std::size_t> bad;
        for (std::size_t r = 0; r < records && words * 10 <= records; ++r) {
            const ParsedNumber p = parse_number(file_.text(file_.cell(r, c)));
            column.number[r] = p.value;
            if (p.kind != NumberKind::missing) ++present;
            if (p.kind == NumberKind::text) ++words;
            if (p.kind == NumberKind::text || p.kind == NumberKind::malformed) bad.push_back(r);
        }
        if (words * 10 > present) return false;
        for (const std::size_t r : bad) {
            const std::string_view text = file_.text(file_.cell(r, c));
            const ParsedNumber p = parse_number(text);
            const char* what =
                p.kind == NumberKind::malformed
                    ? p.hint
                    : "is not a number, but nearly all cells of the column are; correct it or leave "
                      "the cell empty";
            report(r, c, fmt::format("\"{}\" {}", in_message(text), what));
        }
        return true;
    }

    /// Quoted text is text: "NA" in quotes may be Namibia, NA without is a missing label.
    void read_labels(std::size_t c, Column& column) const {
        column.label.resize(file_.records());
        for (std::size_t r = 0; r < file_.records(); ++r) {
            const Cell& cell = file_.cell(r, c);
            const std::string_view text = file_.text(cell);
            if (cell.quoted || !is_missing(text)) column.label[r] = std::string(text);
        }
    }

    void report(std::size_t r, std::size_t c, const std::string& what) {
        problems_.add(fmt::format("{}:{}:{}: column \"{}\", record {}: {}", path_, file_.line[r], c + 1,
                                  in_message(names_[c]), file_.record[r], what));
    }

    const std::string& path_;
    Problems problems_{Fault::data};
    SplitFile file_;
    std::vector<std::string> names_;
};

}  // namespace

std::string csv_field(const std::string& text) {
    // In front of the first name, a byte order mark or <stata_dta> would be taken for the file's own, and so
    // would some control characters.
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    const bool plain = text.find_first_of(",;\t\"\r\n") == std::string::npos &&
                       std::none_of(text.begin(), text.end(), control) && !text.starts_with('<') &&
                       !text.starts_with("\xEF\xBB\xBF") && !has_blank_ends(text) &&
                       (text.empty() || !is_missing(text));
    if (plain) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::vector<Column> read_csv(const std::string& path, const std::vector<std::string>& labels) {
    Reader reader(path);
    std::vector<Column> columns;
    for (std::size_t c = 0; c < reader.names().size(); ++c) {
        const bool label = std::find(labels.begin(), labels.end(), reader.names()[c]) != labels.end();
        columns.push_back(reader.column(c, label));
    }
    reader.throw_if_any();
    return columns;
}

Panel read_panel(const std::string& path, const std::string& unit, const std::string& time) {
    std::string bytes = read_bytes(path);
    if (is_dta(bytes)) {
        return Panel::from_table(
            path, read_dta(path, bytes, unit.empty() ? std::vector<std::string>{} : std::vector{unit}), unit,
            time);
    }
    if (is_hdf5(bytes)) return Panel::from_table(path, read_results_panel(path, unit, time), unit, time);
    Reader reader(path, std::move(bytes));
    reader.require_column(unit);
    reader.require_column(time);
    std::vector<Column> columns;
    for (std::size_t c = 0; c < reader.names().size(); ++c) {
        const std::string& name = reader.names()[c];
        if (!unit.empty() && name == unit) {
            columns.push_back(reader.unit_column(c));
        } else if (!time.empty() && name == time) {
            columns.push_back(reader.time_column(c));
        } else {
            columns.push_back(reader.column(c, false));
        }
    }
    reader.throw_if_any();
    return Panel::from_table(path, std::move(columns), unit, time);
}

void write_csv(std::ostream& out, const Panel& panel) {
    std::vector<const Column*> columns;
    for (const auto& column : panel.columns()) {
        if (column.name != panel.unit_column && column.name != panel.time_column) columns.push_back(&column);
    }
    const bool has_unit = !panel.unit_column.empty();
    const std::size_t width = columns.size() + (has_unit ? 1 : 0) + (panel.has_time() ? 1 : 0);
    std::vector<std::string> unit;
    for (const auto& name : panel.unit_name) unit.push_back(csv_field(name));
    fmt::memory_buffer
        text;  // written in pieces: a call of the stream for every cell takes as long as the digits
    const auto row = [&](auto&& write_unit, auto&& write_time, auto&& write_cell) {
        bool first = true;
        const auto separate = [&] {
            if (!first) text.push_back(',');
            first = false;
        };
        if (has_unit) separate(), write_unit();
        if (panel.has_time()) separate(), write_time();
        for (const Column* column : columns) separate(), write_cell(*column);
        text.push_back('\n');
        constexpr std::size_t piece = 1 << 16;
        if (text.size() < piece) return;
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        text.clear();
    };
    const auto add = [&](std::string_view field) { text.append(field); };
    row([&] { add(csv_field(panel.unit_column)); }, [&] { add(csv_field(panel.time_column)); },
        [&](const Column& column) { add(csv_field(column.name)); });
    for (std::size_t r = 0; r < panel.rows(); ++r) {
        row([&] { add(unit[static_cast<std::size_t>(panel.unit[r])]); },
            [&] {
                fmt::format_to(std::back_inserter(text), "{}",
                               panel.time_value[static_cast<std::size_t>(panel.time[r])]);
            },
            [&](const Column& column) {
                const bool missing = column.text ? column.label[r].empty() : std::isnan(column.number[r]);
                if (missing) {
                    if (width == 1) add("\"\"");  // a blank line would be no record
                } else if (column.text) {
                    add(csv_field(column.label[r]));
                } else {
                    fmt::format_to(std::back_inserter(text), "{}", column.number[r]);
                }
            });
    }
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace greenfront::io

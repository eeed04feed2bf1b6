#include "io/csv_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace greenfront::io {
namespace {

bool blank(char c) {
    return c == ' ' || c == '\t';
}

bool ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}

/// Blanks beyond ASCII: the no-break space (U+00A0) and the ideographic one (U+3000).
constexpr std::array<std::string_view, 2> wide_blanks{"\xC2\xA0", "\xE3\x80\x80"};

/// Bytes of the wide blank that a text begins or ends with; 0 without one.
std::size_t wide_blank_in_front(std::string_view text) {
    if (text.empty() || ascii(text.front())) return 0;
    for (const auto wide : wide_blanks) {
        if (text.starts_with(wide)) return wide.size();
    }
    return 0;
}
std::size_t wide_blank_behind(std::string_view text) {
    if (text.empty() || ascii(text.back())) return 0;
    for (const auto wide : wide_blanks) {
        if (text.ends_with(wide)) return wide.size();
    }
    return 0;
}

/// Where a text's first line with anything in it begins to say it; the size without one.
std::size_t first_that_is_not_blank(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const bool narrow = blank(text[at]) || text[at] == '\r' || text[at] == '\n';
        const std::size_t bytes = narrow ? 1 : wide_blank_in_front(text.substr(at, 3));
        if (bytes == 0) break;
        at += bytes;
    }
    return at;
}

const char* delimiter_name(char c) {
    return c == ',' ? "comma" : c == ';' ? "semicolon" : "tab";
}

char find_delimiter(std::string_view text) {
    std::array<std::size_t, 3> count{};
    constexpr std::string_view candidates = ",;\t";
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') quoted = !quoted;
        if (quoted) continue;
        if (c == '\n' || c == '\r') break;
        const auto k = candidates.find(c);
        if (k != std::string_view::npos) ++count[k];
    }
    std::size_t best = 0;
    for (std::size_t k = 1; k < count.size(); ++k) {
        if (count[k] > count[best]) best = k;
    }
    return candidates[best];
}

/// Reads records one after another. Quoted cells are unescaped in place: their text only gets shorter.
class Splitter {
  public:
    Splitter(const std::string& path, std::string& bytes, char delimiter, Problems& problems)
        : path_(path), s_(bytes), delimiter_(delimiter), problems_(problems) {}

    [[nodiscard]] bool at_end() const { return i_ >= s_.size(); }
    [[nodiscard]] std::size_t line() const { return line_; }

    /// Appends the cells of the next record; false when its quoting was wrong (reported).
    bool record(std::vector<Cell>& cells) {
        bool good = true;
        const std::size_t first = cells.size();
        while (true) {
            Cell cell;
            good = read_cell(cell, cells.size() - first + 1) && good;
            cells.push_back(cell);
            if (at_end()) return good;
            const char c = s_[i_++];
            if (c == delimiter_) continue;
            if (c == '\r' && !at_end() && s_[i_] == '\n') ++i_;
            ++line_;
            return good;
        }
    }

  private:
    [[nodiscard]] bool ends_cell(char c) const { return c == delimiter_ || c == '\n' || c == '\r'; }
    void skip_blanks() {
        const std::string_view text = s_;
        while (!at_end()) {
            const bool narrow = blank(s_[i_]) && s_[i_] != delimiter_;
            const std::size_t bytes = narrow ? 1 : wide_blank_in_front(text.substr(i_, 3));
            if (bytes == 0) return;
            i_ += bytes;
        }
    }
    [[nodiscard]] std::size_t without_blanks_behind(std::size_t begin, std::size_t end) const {
        while (end > begin) {
            const std::string_view text(s_.data() + begin, end - begin);
            const std::size_t bytes = blank(text.back()) ? 1 : wide_blank_behind(text);
            if (bytes == 0) break;
            end -= bytes;
        }
        return end;
    }

    bool read_cell(Cell& cell, std::size_t column) {
        skip_blanks();
        if (!at_end() && s_[i_] == '"') return read_quoted(cell, column);
        cell.begin = i_;
        bool quote = false;
        while (!at_end() && !ends_cell(s_[i_])) quote = s_[i_++] == '"' || quote;
        cell.length = static_cast<std::uint32_t>(without_blanks_behind(cell.begin, i_) - cell.begin);
        if (quote) {
            report(line_, column,
                   "a quote inside an unquoted field; put the whole field in quotes and double the quote");
        }
        return !quote;
    }

    bool read_quoted(Cell& cell, std::size_t column) {
        const std::size_t start_line = line_;
        cell.quoted = true;
        cell.begin = ++i_;
        std::size_t out = i_;
        bool closed = false;
        while (!at_end() && !closed) {
            const char c = s_[i_++];
            if (c == '"') {
                if (!at_end() && s_[i_] == '"') {
                    s_[out++] = '"';
                    ++i_;
                } else {
                    closed = true;
                }
                continue;
            }
            const bool crlf = c == '\r' && !at_end() && s_[i_] == '\n';
            if (c == '\n' || (c == '\r' && !crlf)) ++line_;
            s_[out++] = c;
        }
        cell.length = static_cast<std::uint32_t>(out - cell.begin);
        if (!closed) {
            report(start_line, column, "a quote is opened here and never closed; add the closing quote");
            return false;
        }
        skip_blanks();
        const bool junk = !at_end() && !ends_cell(s_[i_]);
        while (!at_end() && !ends_cell(s_[i_])) ++i_;
        if (junk)
            report(line_, column, "text follows the closing quote; double a quote that belongs to the text");
        return !junk;
    }

    void report(std::size_t line, std::size_t column, const char* what) {
        problems_.add(fmt::format("{}:{}:{}: {}", path_, line, column, what));
    }

    const std::string& path_;
    std::string& s_;
    char delimiter_;
    Problems& problems_;
    std::size_t i_ = 0, line_ = 1;
};

bool is_blank_record(const std::vector<Cell>& cells, std::size_t first) {
    return cells.size() == first + 1 && cells[first].length == 0 && !cells[first].quoted;
}

/// Records whose number of fields is not the header's.
class Ragged {
  public:
    void add(std::size_t line, std::size_t record, std::size_t fields) {
        rows_.push_back({line, record, fields});
    }

    void report(const std::string& path, const SplitFile& file, Problems& problems) const {
        const std::size_t expected = file.header.size();
        bool one_more = !rows_.empty() && file.records() == 0;
        for (const auto& row : rows_) one_more = one_more && row.fields == expected + 1;
        if (one_more) {
            problems.add(fmt::format(
                "{}:{}:1: every record has {} fields but the header only {}; name the first column "
                "too (R: write.csv(..., row.names = FALSE))",
                path, file.header_line, expected + 1, expected));
            return;
        }
        for (const auto& row : rows_) {
            problems.add(fmt::format(
                "{}:{}:{}: record {} has {} field{} where the header has {} (separated by {}); "
                "complete the row, or quote fields that contain the separator",
                path, row.line, std::min(row.fields, expected) + (row.fields > expected ? 1 : 0), row.record,
                row.fields, row.fields == 1 ? "" : "s", expected, delimiter_name(file.delimiter)));
        }
    }

  private:
    struct Row {
        std::size_t line, record, fields;
    };
    std::vector<Row> rows_;
};

}  // namespace

bool has_blank_ends(std::string_view text) {
    return !text.empty() && (blank(text.front()) || blank(text.back()) || wide_blank_in_front(text) > 0 ||
                             wide_blank_behind(text) > 0);
}

SplitFile split_csv(const std::string& path, std::string bytes, Problems& problems) {
    SplitFile file;
    file.bytes = std::move(bytes);
    const std::size_t text = first_that_is_not_blank(file.bytes);
    if (text == file.bytes.size()) {
        problems.add(
            fmt::format("{}:1:1: the file is empty; it needs a header line and at least one row", path));
        return file;
    }
    const std::size_t header_begin = file.bytes.find_last_of("\r\n", text);
    file.delimiter = find_delimiter(
        std::string_view(file.bytes).substr(header_begin == std::string::npos ? 0 : header_begin + 1));
    Splitter splitter(path, file.bytes, file.delimiter, problems);
    do {
        file.header.clear();
        file.header_line = splitter.line();
        splitter.record(file.header);
    } while (is_blank_record(file.header, 0));

    const std::size_t columns = file.header.size();
    file.cells.reserve(file.bytes.size() / 6);
    Ragged ragged;
    std::size_t record = 0, blank_tail = 0;
    while (!splitter.at_end()) {
        const std::size_t line = splitter.line(), first = file.cells.size();
        const bool good = splitter.record(file.cells);
        const bool empty = is_blank_record(file.cells, first);
        if (empty && columns > 1) {
            file.cells.resize(first);
            continue;
        }
        ++record;
        blank_tail = empty ? blank_tail + 1 : 0;
        if (good && file.cells.size() - first != columns) ragged.add(line, record, file.cells.size() - first);
        if (!good || file.cells.size() - first != columns) {
            file.cells.resize(first);
            continue;
        }
        file.line.push_back(line);
        file.record.push_back(record);
    }
    file.cells.resize(file.cells.size() - blank_tail);  // only a file of one column has blank records
    file.line.resize(file.line.size() - blank_tail);
    file.record.resize(file.line.size());
    ragged.report(path, file, problems);
    return file;
}

}  // namespace greenfront::io

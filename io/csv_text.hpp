#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/problems.hpp"

/// The text side of a CSV file: its encoding and its split into cells. io/csv.hpp gives cells a meaning.
namespace greenfront::io {

/// A cell of the file: bytes in SplitFile::bytes, blanks around an unquoted cell left out and doubled
/// quotes of a quoted one undone.
struct Cell {
    std::size_t begin = 0;
    std::uint32_t length = 0;
    bool quoted = false;
};

struct SplitFile {
    std::string bytes;
    char delimiter = ',';
    std::vector<Cell> header;
    std::size_t header_line = 1;
    std::vector<Cell> cells;          ///< record-major, header.size() a record
    std::vector<std::size_t> line;    ///< file line on which each record begins
    std::vector<std::size_t> record;  ///< its number in the file, 1-based, faulty records counted too
    [[nodiscard]] std::string_view text(const Cell& c) const { return {bytes.data() + c.begin, c.length}; }
    [[nodiscard]] const Cell& cell(std::size_t row, std::size_t column) const {
        return cells[row * header.size() + column];
    }
    [[nodiscard]] std::size_t records() const { return line.size(); }
};

/// Throws Error(Fault::data), naming what the bytes look like and the way out, unless they are UTF-8 text
/// without NUL bytes. Removes a UTF-8 byte order mark.
void require_utf8(const std::string& path, std::string& bytes);

/// Whether the text is well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view text);

/// Whether the text begins or ends with a blank, which an unquoted field would lose: a space, a tab, a
/// no-break space (U+00A0) or an ideographic one (U+3000).
[[nodiscard]] bool has_blank_ends(std::string_view text);

/// Splits text that passed require_utf8. The delimiter is the most frequent of comma, semicolon and tab
/// in the header line outside quotes (comma when they tie). Blanks around an unquoted field are none of it.
/// Lines end with LF, CRLF or CR. Blank lines
/// are no records, but in a file of one column they are missing values unless they end the file. Records with
/// the wrong number of fields and faults of quoting go to `problems` and are left out.
[[nodiscard]] SplitFile split_csv(const std::string& path, std::string bytes, Problems& problems);

}  // namespace greenfront::io

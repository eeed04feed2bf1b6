#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "kernels/error.hpp"
#include "scenarios/panel.hpp"

namespace greenfront::io {

/// Reads a CSV file (RFC 4180; UTF-8 with or without BOM; comma, semicolon or tab; LF or CRLF) into
/// columns. A column is numeric when every non-missing cell is a number (at least 90 % numbers: the
/// other cells are reported as errors, unless the column is in `labels`). Missing: empty, NA, N/A, NaN,
/// ., null, #N/A (any case). Throws Error(Fault::no_input) or Error(Fault::data) with every problem of
/// the file, one a line: file:row:column, what, what to do (the first 50, then a count).
[[nodiscard]] std::vector<Column> read_csv(const std::string& path, const std::vector<std::string>& labels);

/// The panel of a CSV file, of a Stata file or of a result file (known by their first bytes); unit and time
/// may be empty.
[[nodiscard]] Panel read_panel(const std::string& path, const std::string& unit, const std::string& time);

/// A text as one field of CSV: quoted where it must be, and where it would read back as missing or lose
/// blanks at its ends.
[[nodiscard]] std::string csv_field(const std::string& text);

/// Writes a panel as CSV, rows sorted by (unit, time); numbers with 17 significant digits, shortest form.
void write_csv(std::ostream& out, const Panel& panel);

}  // namespace greenfront::io

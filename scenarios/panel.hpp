#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace greenfront {

/// One column of a panel: numbers (NaN is missing) or labels (the empty string is missing).
struct Column {
    std::string name;
    bool text = false;
    std::vector<double> number;
    std::vector<std::string> label;
    std::string unit_of_measure;  ///< for attributes in results; may be empty
};

/// A table of unit-time observations.
///
/// Rows are sorted by (unit, time), whatever the order of the file was, so that no result depends on it;
/// `file_row` leads back to the file (1-based record number, the header not counted). Units are sorted:
/// as integers when every name is one, else bytewise. Without a unit column the rows keep the file's
/// order and every row is a unit of its own, named by its record number.
class Panel {
  public:
    std::string source;                    ///< file name, for messages
    std::string unit_column, time_column;  ///< empty when not given
    std::vector<std::string> unit_name;    ///< U names
    std::vector<std::int64_t> time_value;  ///< T sorted values; empty without a time column
    std::vector<std::int32_t> unit;        ///< unit code of each row
    std::vector<std::int32_t> time;        ///< time code of each row; all 0 without a time column
    std::vector<std::int64_t> file_row;    ///< record of the file, 1-based

    [[nodiscard]] std::size_t rows() const { return unit.size(); }
    [[nodiscard]] bool has_time() const { return !time_column.empty(); }
    [[nodiscard]] bool has(std::string_view name) const;
    /// Throws Error(Fault::data), with the nearest existing name, when there is no such column.
    [[nodiscard]] const Column& column(std::string_view name) const;
    /// The same, and the column must be numeric.
    [[nodiscard]] const std::vector<double>& number(std::string_view name) const;
    /// What stands in a column of text, for messages: how many cells are no numbers, and the first in the
    /// file's order.
    [[nodiscard]] std::string texts_in(const Column& column) const;
    /// Adds or replaces a numeric column.
    void set_number(const std::string& name, std::vector<double> values, std::string unit_of_measure = {});
    void set_label(const std::string& name, std::vector<std::string> values);
    [[nodiscard]] const std::vector<Column>& columns() const { return columns_; }
    /// A panel of the rows with keep[r] != 0; unit and time codes are made anew.
    [[nodiscard]] Panel subset(const std::vector<char>& keep) const;
    /// Row of (unit code, time code), or -1.
    [[nodiscard]] std::int64_t row_of(std::int32_t unit_code, std::int32_t time_code) const;

    /// Sorts rows and makes the codes. `table` holds all columns of a file in file order. Throws
    /// Error(Fault::data) listing every duplicate (unit, time) pair, missing unit or time, and time
    /// that is not an integer. `unit`/`time` may be empty.
    static Panel from_table(std::string source, std::vector<Column> table, const std::string& unit,
                            const std::string& time);

  private:
    std::vector<Column> columns_;
};

/// The candidate nearest to `word` by edit distance, or an empty string when none is near.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace greenfront

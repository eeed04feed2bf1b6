#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

/// What one scenario of a sweep leaves: a row of numbers whose fields are named once for all scenarios.
namespace greenfront::sweep {

/// A field of the row; it becomes a dataset (scenario, dims...) of the result file.
struct Field {
    std::string name;
    std::vector<std::string> dims;   ///< beside scenario; empty: one number
    std::vector<std::size_t> shape;  ///< of dims
    std::string long_name, units;
    bool whole = false;  ///< counts, stored as integers
    std::size_t offset = 0, width = 1;
};

/// Fields one after the other. A channel that is off has no fields.
class Layout {
  public:
    /// Adds a field and returns its number.
    std::size_t add(Field field);
    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    [[nodiscard]] std::size_t width() const { return width_; }
    [[nodiscard]] const Field* find(const std::string& name) const;
    [[nodiscard]] std::span<double> part(std::span<double> row, std::size_t field) const {
        return row.subspan(fields_[field].offset, fields_[field].width);
    }

  private:
    std::vector<Field> fields_;
    std::size_t width_ = 0;
};

}  // namespace greenfront::sweep

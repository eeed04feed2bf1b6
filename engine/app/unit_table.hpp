#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/app/commands.hpp"
#include "io/table.hpp"
#include "kernels/status.hpp"
#include "scenarios/panel.hpp"

/// Results by row of a panel, in the forms that the one-shots print: a row of the file is a row of the table.
namespace greenfront::app {

class UnitTable {
  public:
    explicit UnitTable(const Panel& panel);
    /// Values by panel row; NaN is printed as nothing. `whole`: counts.
    void add(const std::string& name, std::vector<double> values, bool whole = false);
    void add(const std::string& name, const std::vector<std::int64_t>& counts);
    /// Labels by panel row; an empty one is null in JSON.
    void add(const std::string& name, std::vector<std::string> labels);
    /// The last column.
    void set_status(std::vector<Status> status) { status_ = std::move(status); }

    [[nodiscard]] Json json() const;
    /// Header and rows; with all digits where `full`.
    [[nodiscard]] io::Table table(bool full) const;
    /// "city 2005": of a panel row.
    [[nodiscard]] std::string name_of(std::size_t row) const;
    /// Names every row without an optimum on standard error, "greenfront: COMMAND: NAME: STATUS:
    /// CONSEQUENCE"; a failed one makes the exit code 3.
    void report(const std::string& command, const std::string& consequence) const;

  private:
    struct Column {
        std::string name;
        std::vector<double> values;
        std::vector<std::string> labels;  ///< of a column of labels
        bool whole = false;
    };
    const Panel& panel_;
    std::vector<std::size_t> order_;
    std::vector<Column> columns_;
    std::vector<Status> status_;
};

}  // namespace greenfront::app

#include "io/results_panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "io/hdf5.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

using Numbers = std::vector<double>;
using Words = std::vector<std::string>;

const Variable& scale_of(const std::string& path, const Results& results, const std::string& name) {
    const ResultGroup* const root = results.find("");
    const Variable* const scale = root == nullptr ? nullptr : root->find(name);
    if (scale == nullptr) throw Error(Fault::data, fmt::format("{}: there is no scale /{}", path, name));
    return *scale;
}

using Variables = std::vector<const Variable*>;

/// The name that a scale's column has: its own if that is `wanted` and no column of the panel is called so,
/// else the one that the study had for it.
std::string name_of(const ResultGroup& group, const Variables& columns, const std::string& scale,
                    const std::string& wanted) {
    const auto* const stored = group.attribute(scale + "_column");
    const auto* const name = stored == nullptr ? nullptr : std::get_if<std::string>(stored);
    if (name == nullptr || name->empty()) return scale;
    const bool taken = std::any_of(columns.begin(), columns.end(),
                                   [&](const Variable* column) { return column->name == scale; });
    return wanted == scale && !taken ? scale : *name;
}

/// Whether a cell of the grid holds a value.
bool known(const Variable& variable, std::size_t cell) {
    if (const auto* numbers = std::get_if<Numbers>(&variable.values)) return !std::isnan((*numbers)[cell]);
    return !std::get<Words>(variable.values)[cell].empty();
}

/// A variable by unit and time as a column of the cells that are rows.
Column column_of(const Variable& variable, const std::vector<std::size_t>& cells) {
    Column column;
    column.name = variable.name;
    if (const auto* numbers = std::get_if<Numbers>(&variable.values)) {
        for (const std::size_t cell : cells) column.number.push_back((*numbers)[cell]);
    } else {
        column.text = true;
        for (const std::size_t cell : cells) column.label.push_back(std::get<Words>(variable.values)[cell]);
    }
    return column;
}

}  // namespace

bool is_hdf5(std::string_view bytes) {
    return bytes.substr(0, 8) == "\x89HDF\r\n\x1a\n";
}

std::vector<Column> read_results_panel(const std::string& path, const std::string& unit,
                                       const std::string& time) {
    const Results results = read_results(path);
    const ResultGroup* const group = results.find("panel");
    if (group == nullptr) throw Error(Fault::data, fmt::format("{}: there is no group /panel", path));
    const auto& units = std::get<Words>(scale_of(path, results, "unit").values);
    const auto& periods = std::get<std::vector<std::int64_t>>(scale_of(path, results, "time").values);
    Variables variables;
    for (const auto& variable : group->variables) {
        if (variable.dims == Words{"unit", "time"}) variables.push_back(&variable);
    }
    std::vector<std::size_t> cells;
    for (std::size_t cell = 0; cell < units.size() * periods.size(); ++cell) {
        bool row = false;
        for (const Variable* variable : variables) row = row || known(*variable, cell);
        if (row) cells.push_back(cell);
    }
    std::vector<Column> columns(2);
    columns[0].name = name_of(*group, variables, "unit", unit);
    columns[0].text = true;
    columns[1].name = name_of(*group, variables, "time", time);
    for (const std::size_t cell : cells) {
        columns[0].label.push_back(units[cell / periods.size()]);
        columns[1].number.push_back(static_cast<double>(periods[cell % periods.size()]));
    }
    for (const Variable* variable : variables) columns.push_back(column_of(*variable, cells));
    return columns;
}

}  // namespace greenfront::io

#include "io/long_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>

#include "io/csv.hpp"
#include "io/table_access.hpp"
#include "kernels/error.hpp"
#include "scenarios/nearest.hpp"
#include "scenarios/panel.hpp"

namespace greenfront::io {
namespace {

constexpr std::size_t widest = 64;

std::size_t size(const Values& values) {
    return std::visit([](const auto& v) { return v.size(); }, values);
}

/// Every `stride`-th value of n from `first` on.
Values strided(const Values& values, std::size_t first, std::size_t stride, std::size_t n) {
    return std::visit(
        [&](const auto& v) -> Values {
            auto result = std::decay_t<decltype(v)>(n);
            for (std::size_t i = 0; i < n; ++i) result[i] = v[first + i * stride];
            return result;
        },
        values);
}

std::string attribute_text(const Variable& variable, std::string_view name) {
    for (const auto& [key, value] : variable.attributes) {
        if (const auto* text = std::get_if<std::string>(&value); text != nullptr && key == name) return *text;
    }
    return {};
}

/// The words of a category by their codes; none for other variables.
std::vector<std::string> meanings(const Variable& variable) {
    std::vector<std::string> words;
    if (!std::holds_alternative<std::vector<std::int8_t>>(variable.values)) return words;
    std::istringstream text(attribute_text(variable, "flag_meanings"));
    for (std::string word; text >> word;) words.push_back(word);
    return words;
}

/// "efficiency score (yuan)": what a dataset says about itself.
std::string description(const Variable& variable, const std::string& entry = "") {
    std::string label = attribute_text(variable, "long_name");
    if (label.empty()) label = variable.name;
    if (!entry.empty()) label += ": " + entry;
    const std::string units = attribute_text(variable, "units");
    return units.empty() || units == "1" ? label : fmt::format("{} ({})", label, units);
}

void add_column(LongTable& table, const std::string& name, Values values, const std::string& label,
                std::vector<std::string> words = {}) {
    table.header.push_back(name);
    table.columns.push_back(std::move(values));
    table.labels.push_back(label);
    table.meanings.push_back(std::move(words));
}

/// Categories as the words that flag_meanings gives them, missing ones empty.
Values spelled_out(const Variable& variable, Values values) {
    const auto* codes = std::get_if<std::vector<std::int8_t>>(&values);
    if (codes == nullptr) return values;
    const std::vector<std::string> words = meanings(variable);
    std::vector<std::string> result;
    for (const auto code : *codes) {
        const auto index = static_cast<std::uint8_t>(code);
        result.push_back(code < 0 ? "" : index < words.size() ? words[index] : std::to_string(code));
    }
    return result;
}

/// Units and periods as the panel calls them.
std::string key_description(const Results& results, const Variable& scale) {
    const auto* panel = results.find("panel");
    if (panel == nullptr || (scale.name != "unit" && scale.name != "time")) return description(scale);
    const std::string own = text_attribute(*panel, scale.name + "_column");
    return own.empty() ? description(scale) : own;
}

/// The key dimensions of a group: those of its first variable that is not a coordinate.
std::vector<std::string> key_dimensions(const ResultGroup& group) {
    for (const auto& variable : group.variables) {
        if (variable.is_scale() || variable.dims.empty()) continue;
        if (variable.dims.size() > 1 && variable.dims[0] == "unit" && variable.dims[1] == "time")
            return {"unit", "time"};
        return {variable.dims[0]};
    }
    return {};
}

std::pair<const ResultGroup*, std::vector<std::string>> locate(const Results& results,
                                                               const std::string& name) {
    if (const auto* group = results.find(name); group != nullptr && !name.empty())
        return {group, key_dimensions(*group)};
    const auto slash = name.rfind('/');
    if (slash != std::string::npos) {
        const auto* group = results.find(name.substr(0, slash));
        const std::string dim = name.substr(slash + 1);
        if (group != nullptr && dim == "attributes") return {group, {}};
        if (group != nullptr && results.scale(*group, dim) != nullptr) return {group, {dim}};
    }
    std::vector<std::string> known;
    for (const auto& group : results.groups) {
        if (!key_dimensions(group).empty()) known.push_back(group.path);
    }
    // A group that is there, with something else behind it: its own dimensions are what can be meant.
    std::vector<std::string> near = known;
    if (const auto* group = slash == std::string::npos ? nullptr : results.find(name.substr(0, slash))) {
        near = {group->path + "/attributes"};
        for (const auto& variable : group->variables) {
            for (const auto& dim : variable.dims) near.push_back(group->path + "/" + dim);
        }
    }
    throw Error(Fault::usage, fmt::format("there is no table \"{}\"{}; the file has {}", name,
                                          did_you_mean(name, near), fmt::join(known, ", ")));
}

/// A column for each entry of the dimension that is not a key; it varies fastest when the keys lead.
void append(LongTable& table, const Variable& variable, const Variable& extra, std::size_t rows,
            bool keys_lead) {
    const std::size_t width = size(extra.values);
    for (std::size_t j = 0; j < width; ++j) {
        const Values values = keys_lead ? strided(variable.values, j, width, rows)
                                        : strided(variable.values, j * rows, 1, rows);
        const std::string entry = cell(extra.values, j);
        add_column(table, fmt::format("{}[{}]", variable.name, entry), spelled_out(variable, values),
                   description(variable, entry), meanings(variable));
    }
}

/// How many entries a dimension has. One without coordinate has as many as the datasets say.
std::size_t length(const Results& results, const ResultGroup& group, const std::string& dim) {
    if (const auto* scale = results.scale(group, dim)) return size(scale->values);
    for (const auto& variable : group.variables) {
        const auto at = std::find(variable.dims.begin(), variable.dims.end(), dim);
        if (at != variable.dims.end())
            return variable.shape[static_cast<std::size_t>(at - variable.dims.begin())];
    }
    return 0;
}

/// The key of each row; `entry`: its place in the dimension. Positions from 1 where there is no coordinate.
void add_key(LongTable& table, const Results& results, const ResultGroup& group, const std::string& dim,
             std::size_t rows, const std::function<std::size_t(std::size_t)>& entry) {
    const auto* scale = results.scale(group, dim);
    if (scale == nullptr) {
        std::vector<std::int64_t> positions(rows);
        for (std::size_t i = 0; i < rows; ++i) positions[i] = static_cast<std::int64_t>(entry(i)) + 1;
        return add_column(table, dim, std::move(positions), dim);
    }
    Values column = std::visit(
        [&](const auto& v) -> Values {
            auto values = std::decay_t<decltype(v)>(rows);
            for (std::size_t i = 0; i < rows; ++i) values[i] = v[entry(i)];
            return values;
        },
        scale->values);
    add_column(table, dim, std::move(column), key_description(results, *scale));
}

/// Attributes as name and value.
LongTable attribute_table(const ResultGroup& group) {
    std::vector<std::string> names, values;
    for (const auto& [name, value] : group.attributes) {
        names.push_back(name);
        values.push_back(std::visit(
            [](const auto& v) {
                if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) {
                    return v;
                } else {
                    return fmt::format("{}", v);
                }
            },
            value));
    }
    return {{"name", "value"}, {names, values}};
}

}  // namespace

std::size_t LongTable::rows() const {
    return columns.empty() ? 0 : size(columns.front());
}

std::string cell(const Values& column, std::size_t row) {
    return std::visit(
        [&](const auto& v) -> std::string {
            using T = typename std::decay_t<decltype(v)>::value_type;
            if constexpr (std::is_same_v<T, std::string>) {
                return v[row];
            } else if constexpr (std::is_same_v<T, double>) {
                return std::isnan(v[row]) ? "" : fmt::format("{}", v[row]);
            } else {
                return std::to_string(v[row]);
            }
        },
        column);
}

LongTable long_table(const Results& results, const std::string& name) {
    const auto [group, keys] = locate(results, name);
    if (keys.empty()) return attribute_table(*group);
    LongTable table;
    std::vector<std::size_t> sizes;
    std::size_t rows = 1;
    for (const auto& key : keys) {
        sizes.push_back(length(results, *group, key));
        rows *= sizes.back();
    }
    std::size_t inner = rows;
    for (std::size_t k = 0; k < keys.size(); ++k) {
        inner /= std::max<std::size_t>(sizes[k], 1);
        add_key(table, results, *group, keys[k], rows,
                [&](std::size_t row) { return row / inner % sizes[k]; });
    }
    for (const auto& variable : group->variables) {
        const auto& dims = variable.dims;
        if (variable.is_scale() || std::find(dims.begin(), dims.end(), keys.front()) == dims.end()) continue;
        const bool leading = std::equal(
            keys.begin(), keys.end(), variable.dims.begin(),
            variable.dims.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), variable.dims.size())));
        const std::size_t extra_dims = variable.dims.size() - std::min(keys.size(), variable.dims.size());
        const Variable* extra = nullptr;
        if (extra_dims == 1)
            extra = results.scale(*group, leading ? variable.dims.back() : variable.dims.front());
        const bool unnamed = extra_dims == 1 && extra == nullptr;  // positions say nothing as columns
        if (variable.dims.size() < keys.size() || extra_dims > 1 || unnamed ||
            (extra != nullptr && size(extra->values) > widest)) {
            table.left_out.push_back(fmt::format("{} ({})", variable.name, fmt::join(variable.dims, " x ")));
        } else if (extra != nullptr) {
            append(table, variable, *extra, rows, leading);
        } else {
            // As in the file: a column that is called like a key gets another name.
            const bool taken = std::find(keys.begin(), keys.end(), variable.name) != keys.end();
            add_column(table, variable.name + (taken ? "_" : ""), spelled_out(variable, variable.values),
                       description(variable), meanings(variable));
        }
    }
    return table;
}

std::string csv(const LongTable& table) {
    // Numbers are never quoted; a missing one is an empty field.
    const auto field = [](const Values& column, std::size_t row) {
        const std::string text = cell(column, row);
        return std::holds_alternative<std::vector<std::string>>(column) ? csv_field(text) : text;
    };
    std::string text;
    for (std::size_t c = 0; c < table.header.size(); ++c)
        text += (c > 0 ? "," : "") + csv_field(table.header[c]);
    text += "\n";
    for (std::size_t r = 0; r < table.rows(); ++r) {
        for (std::size_t c = 0; c < table.columns.size(); ++c)
            text += (c > 0 ? "," : "") + field(table.columns[c], r);
        text += "\n";
    }
    return text;
}

}  // namespace greenfront::io

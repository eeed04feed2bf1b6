#include "scenarios/design_parts.hpp"

#include <fmt/format.h>

#include <cmath>

#include "kernels/panel/sample.hpp"

namespace greenfront {
namespace {

[[noreturn]] void bad_value(const std::string& column, double value, std::int64_t row, const char* rule) {
    throw Error(Fault::data, fmt::format("column {}: {} in data row {}; {}", column, value, row + 1, rule));
}

}  // namespace

Eigen::VectorXd at_rows(const std::vector<double>& values, const std::vector<std::int64_t>& rows) {
    Eigen::VectorXd taken(static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        taken[static_cast<Eigen::Index>(i)] = values[static_cast<std::size_t>(rows[i])];
    }
    return taken;
}

Eigen::MatrixXd at_rows(const std::vector<std::vector<double>>& columns,
                        const std::vector<std::int64_t>& rows) {
    Eigen::MatrixXd taken(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(columns.size()));
    for (std::size_t j = 0; j < columns.size(); ++j) {
        taken.col(static_cast<Eigen::Index>(j)) = at_rows(columns[j], rows);
    }
    return taken;
}

void use_weights(const DesignColumns& extra, const std::vector<double>& weight, panel::Design& design) {
    std::vector<std::int64_t> rows;
    for (const std::int64_t row : design.row) {
        const double w = weight[static_cast<std::size_t>(row)];
        if (w < 0) bad_value(extra.weight, w, row, "a weight cannot be negative");
        if (extra.weight_kind == panel::WeightKind::frequency && w != std::floor(w)) {
            bad_value(extra.weight, w, row,
                      "a frequency weight is a whole number; for other weights use analytic ones");
        }
        if (w > 0) rows.push_back(row);
    }
    const std::size_t zero = design.row.size() - rows.size();
    if (zero > 0) {
        design.warnings.push_back(
            fmt::format("{} row{} of weight zero ({}) left out", zero, zero == 1 ? "" : "s", extra.weight));
    }
    design.row = std::move(rows);
    design.weight_kind = extra.weight_kind;
    design.weight_name = extra.weight;
    design.weight = at_rows(weight, design.row);
}

void use_places(const DesignColumns& extra, const std::vector<double>& latitude,
                const std::vector<double>& longitude, panel::Design& design) {
    design.latitude_name = extra.latitude;
    design.longitude_name = extra.longitude;
    design.place = at_rows({latitude, longitude}, design.row);
    for (std::size_t i = 0; i < design.row.size(); ++i) {
        const auto place = design.place.row(static_cast<Eigen::Index>(i));
        if (std::abs(place[0]) > 90)
            bad_value(extra.latitude, place[0], design.row[i], "a latitude lies between -90 and 90 degrees");
        if (std::abs(place[1]) > 360)
            bad_value(extra.longitude, place[1], design.row[i],
                      "a longitude lies between -360 and 360 degrees");
    }
}

void use_roles(const Panel& panel, panel::Design& design) {
    if (panel.unit_column.empty() || panel.time_column.empty()) return;
    const auto roles = [&](const std::string& name, const std::vector<std::int32_t>& code, std::size_t levels,
                           std::vector<std::string> names) {
        panel::Factor all{name, {}, static_cast<std::int32_t>(levels), std::move(names)};
        all.code.assign(code.begin(), code.end());
        return panel::take_rows(all, design.row);
    };
    design.unit = roles(panel.unit_column, panel.unit, panel.unit_name.size(), panel.unit_name);
    design.period = roles(panel.time_column, panel.time, panel.time_value.size(), {});
    design.time.assign(static_cast<std::size_t>(design.period.levels), 0);
    for (std::size_t i = 0; i < design.row.size(); ++i) {
        design.time[static_cast<std::size_t>(design.period.code[i])] =
            panel.time_value[static_cast<std::size_t>(panel.time[static_cast<std::size_t>(design.row[i])])];
    }
}

}  // namespace greenfront

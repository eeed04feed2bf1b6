#include "engine/app/bootstrap_intervals.hpp"

#include <fmt/format.h>

#include <cmath>

namespace greenfront::app {

std::string shown(double value) {
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : ".";
}

std::string exact(double value) {
    return std::isfinite(value) ? fmt::format("{}", value) : "";
}

Json pair(double low, double high) {
    return {number(low), number(high)};
}

void add_intervals(Json& term, const resample::Intervals& i) {
    term["bias"] = number(i.bias);
    term["conf_normal"] = pair(i.normal_low, i.normal_high);
    term["conf_bc"] = pair(i.bc_low, i.bc_high);
    term["conf_bca"] = pair(i.bca_low, i.bca_high);
    term["z0"] = number(i.z0);
    term["acceleration"] = number(i.acceleration);
}

std::vector<std::string> interval_headers() {
    return {"bias",         "conf_normal_low", "conf_normal_high", "conf_bc_low",
            "conf_bc_high", "conf_bca_low",    "conf_bca_high",    "z0",
            "acceleration"};
}

std::vector<std::string> interval_cells(const resample::Intervals& i) {
    std::vector<std::string> cells;
    for (const double v : {i.bias, i.normal_low, i.normal_high, i.bc_low, i.bc_high, i.bca_low, i.bca_high,
                           i.z0, i.acceleration}) {
        cells.push_back(exact(v));
    }
    return cells;
}

io::Table interval_table(const std::vector<IntervalRow>& rows, double confidence, bool bca) {
    io::Table table;
    table.title = fmt::format("Other {:g}% intervals", 100 * confidence);
    table.header = {"term", "bias", "normal", "", "bias-corrected", "", "BCa", "", "z0", "acceleration"};
    for (const auto& row : rows) {
        const auto& i = row.intervals;
        std::vector<std::string> cells{row.term};
        for (const double v : {i.bias, i.normal_low, i.normal_high, i.bc_low, i.bc_high, i.bca_low,
                               i.bca_high, i.z0, i.acceleration}) {
            cells.push_back(shown(v));
        }
        table.rows.push_back(std::move(cells));
    }
    table.notes.push_back(fmt::format(
        "bias: mean of the replicates less the estimate; BCa: {}",
        bca ? "acceleration from leaving out each cluster" : "none, because no cluster can be left out"));
    return table;
}

}  // namespace greenfront::app

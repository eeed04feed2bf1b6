#include "engine/replicates.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/bootstrap_choice.hpp"
#include "engine/placebo_terms.hpp"
#include "engine/stages/stages.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/permutation.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/formula.hpp"

namespace greenfront {
namespace {

using Rows = std::vector<std::int64_t>;

Rows rows_of(const RegressionStage& regression, const Panel& panel) {
    const auto keep = select(regression.where, panel, Fault::study);
    Rows rows;
    for (std::size_t r = 0; r < panel.rows(); ++r)
        if (keep.empty() || keep[r]) rows.push_back(static_cast<std::int64_t>(r));
    if (!rows.empty()) return rows;
    rows.resize(panel.rows());
    std::iota(rows.begin(), rows.end(), std::int64_t{0});
    return rows;
}

double levels(const std::string& column, const Rows& rows, const Panel& panel) {
    const auto factor = make_factor(column, panel);
    std::set<std::int32_t> seen;
    for (const auto row : rows) seen.insert(factor.code[static_cast<std::size_t>(row)]);
    seen.erase(-1);
    return static_cast<double>(seen.size());
}

panel::Factor units(const Panel& panel) {
    return {panel.unit_column, panel.unit, static_cast<std::int32_t>(panel.unit_name.size()), {}};
}

panel::Factor periods(const Panel& panel) {
    return {panel.time_column, panel.time, static_cast<std::int32_t>(panel.time_value.size()), {}};
}

/// The treatment of the rows; NaN where only the run will know it.
Eigen::VectorXd values_of(const std::string& treatment, const Rows& rows, const Panel& panel) {
    Eigen::VectorXd values(static_cast<Eigen::Index>(rows.size()));
    const bool column = panel.has(treatment) && !panel.column(treatment).text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        values(static_cast<Eigen::Index>(i)) =
            column ? panel.number(treatment)[static_cast<std::size_t>(rows[i])] : std::nan("");
    }
    return values;
}

/// Periods between a unit's first row and its adoption, of the unit with most of them.
double leads(const Eigen::VectorXd& treatment, const Rows& rows, const Panel& panel) {
    std::vector<std::int32_t> first(panel.unit_name.size(), -1), adopted(panel.unit_name.size(), -1);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = static_cast<std::size_t>(rows[i]);
        const auto unit = static_cast<std::size_t>(panel.unit[row]);
        auto& earliest = treatment(static_cast<Eigen::Index>(i)) == 1 ? adopted[unit] : first[unit];
        if (earliest < 0 || panel.time[row] < earliest) earliest = panel.time[row];
    }
    std::int32_t most = 0;
    for (std::size_t unit = 0; unit < first.size(); ++unit) {
        if (first[unit] >= 0 && adopted[unit] >= 0) most = std::max(most, adopted[unit] - first[unit] - 1);
    }
    return most;
}

}  // namespace

std::vector<std::int64_t> regression_rows(const RegressionStage& regression, const Panel& panel) {
    return rows_of(regression, panel);
}

double count_levels(const std::string& column, const RegressionStage& regression, const Panel& panel) {
    return levels(column, rows_of(regression, panel), panel);
}

double bootstrap_replicates(const BootstrapStage& stage, const RegressionStage& regression,
                            const Panel& panel) {
    const auto asked = static_cast<double>(stage.replicates);
    const bool signs = is_wild(stage) && stage.weights == "rademacher";
    if (stage.method != "jackknife" && !stage.enumerate && !signs) return asked;
    const std::string cluster = bootstrap_clusters(stage, panel.time_column, Fault::study).front();
    const double G = levels(cluster, rows_of(regression, panel), panel);
    if (stage.method == "jackknife") return G;
    if (!signs) return std::pow(G, G);
    return stage.enumerate || std::exp2(G) <= asked ? std::exp2(G) : asked;
}

double permutations(const PlaceboStage& stage, const RegressionStage& regression, const Panel& panel) {
    resample::Scheme scheme{};
    (void)parse_scheme(stages::placebo_choice(stage).method, scheme, Fault::study);
    const Rows rows = rows_of(regression, panel);
    Eigen::VectorXd values = values_of(stage.treatment, rows, panel);
    for (Eigen::Index i = 0; i < values.size(); ++i) {
        if (std::isnan(values(i))) values(i) = static_cast<double>(i) + 0.5;
    }
    const auto within =
        stage.within.empty() ? panel::Factor{} : panel::take_rows(make_factor(stage.within, panel), rows);
    const auto exchange = resample::exchange(scheme, panel::take_rows(units(panel), rows),
                                             panel::take_rows(periods(panel), rows), within);
    return resample::Enumeration(exchange, values).count();
}

double placebo_replicates(const PlaceboStage& stage, const RegressionStage& regression, const Panel& panel) {
    const auto choice = stages::placebo_choice(stage);
    if (choice.method == "in-time") {
        const Rows rows = rows_of(regression, panel);
        return leads(values_of(stage.treatment, rows, panel), rows, panel);
    }
    const auto asked = static_cast<double>(stage.replicates);
    if (!stage.enumerate && !choice.compatibility.empty()) return asked;
    const double all = permutations(stage, regression, panel);
    return stage.enumerate || all <= asked ? all : asked;
}

}  // namespace greenfront

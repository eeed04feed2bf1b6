#include "kernels/resample/placebo_setting.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/dof.hpp"
#include "kernels/resample/literal.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using panel::Factor;
using Way = PlaceboSetting::Way;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double most_stored = 5e7;  ///< numbers of a PlaceboStore

void set_columns(PlaceboSetting& s, const panel::Prepared& prepared) {
    s.raw = prepared.sample.X.col(s.treatment);
    s.centred_ss = panel::column_scale(s.raw).centred(0);
    const Index n = s.raw.size(), others = prepared.X.cols() - 1;
    MatrixXd controls(n, others);
    controls << prepared.X.leftCols(s.treatment), prepared.X.rightCols(others - s.treatment);
    s.y = prepared.y;
    s.Q.resize(n, others);
    if (others > 0) {
        controls.colwise().normalize();  // so that no column is lost to another's units
        s.Q = Eigen::HouseholderQR<MatrixXd>(controls).householderQ() * MatrixXd::Identity(n, others);
        for (int twice = 0; twice < 2; ++twice) s.y -= s.Q * (s.Q.transpose() * s.y);
    }
    s.y_square = s.y.squaredNorm();
}

void set_variance(PlaceboSetting& s, const panel::Prepared& prepared, const panel::Fit& fit) {
    const Index n = s.raw.size();
    s.df = fit.df_residual;
    s.factor = fit.small_sample_factor;
    if (s.options.variance == panel::Variance::iid) {
        s.iid = true;
        const auto& sample = prepared.sample;
        const auto absorption = panel::absorbed_degrees(sample.effects, {}, sample.constant);
        const auto rule = panel::small_sample(s.options.small_sample.value_or(panel::SmallSample::reghdfe),
                                              panel::Variance::iid, n, prepared.X.cols(), 0, absorption,
                                              sample.effects, sample.constant, prepared.absorber);
        s.factor = 1 / rule.denominator;
    } else if (s.options.variance == panel::Variance::robust) {
        s.cluster.resize(static_cast<std::size_t>(n));
        std::iota(s.cluster.begin(), s.cluster.end(), 0);
        s.clusters = static_cast<std::int32_t>(n);
    } else {  // clustered: panel::prepare refuses every other variance
        if (prepared.sample.clusters.size() > 1) s.way = Way::literal;
        s.cluster = prepared.sample.clusters.front().code;
        s.clusters = prepared.sample.clusters.front().levels;
    }
}

void take_means(VectorXd& column, const std::vector<std::int32_t>& code, std::int32_t levels) {
    std::vector<double> sum(static_cast<std::size_t>(levels), 0.0), count(sum.size(), 0.0);
    for (std::size_t i = 0; i < code.size(); ++i) {
        sum[static_cast<std::size_t>(code[i])] += column(static_cast<Index>(i));
        ++count[static_cast<std::size_t>(code[i])];
    }
    for (std::size_t i = 0; i < code.size(); ++i) {
        const auto c = static_cast<std::size_t>(code[i]);
        column(static_cast<Index>(i)) -= sum[c] / count[c];
    }
}

/// Plain effects of the unit and of the period, of which at least one.
bool only_unit_and_time(const std::vector<panel::FixedEffect>& effects, const Factor& unit,
                        const Factor& time, bool& has_unit, bool& has_time) {
    for (const auto& effect : effects) {
        if (!effect.intercept || effect.slope.cols() > 0) return false;
        if (same_groups(effect.factor, unit))
            has_unit = true;
        else if (same_groups(effect.factor, time))
            has_time = true;
        else
            return false;
    }
    return has_unit || has_time;
}

/// Rows of one unit are in one cluster.
bool units_in_clusters(const PlaceboSetting& s, const Factor& unit) {
    return s.iid || panel::is_nested(unit, Factor{"", s.cluster, s.clusters, {}});
}

/// Units in the order in which the cells of a period hold them.
std::vector<std::int32_t> lanes_of_units(const Factor& unit, const Exchange& exchange, const Factor& within) {
    std::vector<std::int32_t> lane(static_cast<std::size_t>(unit.levels), -1);
    std::int32_t next = 0;
    const auto add = [&](std::int64_t row) {
        auto& l = lane[static_cast<std::size_t>(unit.code[static_cast<std::size_t>(row)])];
        if (l < 0) l = next++;
    };
    if (exchange.scheme == Scheme::trajectory) {
        for (const auto item : exchange.flat()) add(exchange.rows[static_cast<std::size_t>(item)][0]);
        return lane;
    }
    std::vector<std::pair<std::int32_t, std::int64_t>> rows;  // items ascend by unit
    for (const auto& item : exchange.rows)
        rows.emplace_back(within.levels > 0 ? within.code[static_cast<std::size_t>(item[0])] : 0, item[0]);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [group, row] : rows) add(row);
    return lane;
}

void set_store(PlaceboSetting& s, const Factor& unit, const Factor& time, const Factor& within) {
    const bool by_unit = units_in_clusters(s, unit);
    std::vector<std::int32_t> lane = s.cluster;
    std::int32_t lanes = s.clusters;
    if (by_unit) {
        const auto of_unit = lanes_of_units(unit, s.exchange, within);
        lane.resize(unit.code.size());
        for (std::size_t i = 0; i < lane.size(); ++i)
            lane[i] = of_unit[static_cast<std::size_t>(unit.code[i])];
        lanes = unit.levels;
    }
    const auto k = static_cast<double>(s.Q.cols() + 1);
    if (lanes * k * (k + 3) / 2 + static_cast<double>(lane.size()) * k > most_stored) return;
    const Factor cluster{"", s.cluster, s.clusters, {}};
    const bool sum_lanes = by_unit && !s.iid && !same_groups(cluster, unit);
    s.store = std::make_unique<PlaceboStore>(
        placebo_store(s.y, s.Q, lane, lanes, time.code, sum_lanes ? &cluster : nullptr, by_unit));
}

void set_way(PlaceboSetting& s, const Factor& unit, const Factor& time) {
    s.base = s.prepared->X.col(s.treatment);
    const auto& effects = s.prepared->sample.effects;
    if (commutes(effects, s.exchange)) return;
    s.way = Way::partialled;
    s.base = s.raw;
    bool has_unit = false, has_time = false;
    const bool balanced = static_cast<std::int64_t>(unit.levels) * time.levels == s.raw.size();
    if (!balanced || s.store == nullptr || !s.store->rectangular ||
        !only_unit_and_time(effects, unit, time, has_unit, has_time))
        return;
    // Effects that the permutations keep are taken out before, the others after.
    const bool before_unit = has_unit && s.exchange.scheme == Scheme::within_unit;
    const bool before_time = has_time && s.exchange.scheme == Scheme::within_time;
    s.way = Way::demeaned;
    s.demean_unit = has_unit && !before_unit;
    s.demean_period = has_time && !before_time;
    s.base.array() -= s.base.mean();
    if (before_unit) take_means(s.base, unit.code, unit.levels);
    if (before_time) take_means(s.base, time.code, time.levels);
}

}  // namespace

bool same_groups(const Factor& a, const Factor& b) {
    return a.levels == b.levels && panel::is_nested(a, b) && panel::is_nested(b, a);
}

PlaceboSetting placebo_setting(const panel::Prepared& prepared, const panel::Options& options,
                               const panel::Fit& fit, const Factor& unit, const Factor& time,
                               Exchange exchange, const PlaceboOptions& placebo) {
    PlaceboSetting s;
    s.prepared = &prepared;
    s.options = options;
    s.exchange = std::move(exchange);
    const auto& names = prepared.sample.x_name;
    const auto at = std::find(names.begin(), names.end(), placebo.treatment);
    if (at == names.end()) {
        const auto omitted = std::find_if(prepared.omitted.begin(), prepared.omitted.end(),
                                          [&](const auto& o) { return o.name == placebo.treatment; });
        throw Error(Fault::data,
                    fmt::format("the treatment \"{}\" has no coefficient: {}", placebo.treatment,
                                omitted == prepared.omitted.end() ? "it is omitted" : omitted->reason));
    }
    s.treatment = static_cast<Index>(at - names.begin());
    set_columns(s, prepared);
    set_variance(s, prepared, fit);
    if (s.way == Way::literal) {
        s.base = s.raw;
        return s;
    }
    set_store(s, unit, time, placebo.within);
    set_way(s, unit, time);
    return s;
}

PlaceboDraw placebo_direct(const PlaceboSetting& s, const Eigen::Ref<const VectorXd>& v, VectorXd& work,
                           std::vector<double>& score) {
    const double square = v.squaredNorm();
    if (!(square > 1e-9 * s.centred_ss)) return {nan, nan, Infeasible::absorbed};
    const VectorXd d = s.Q.transpose() * v;
    work.noalias() = v - s.Q * d;
    const double D = work.squaredNorm();
    if (!(D > 1e-9 * square)) return {nan, nan, Infeasible::collinear};
    PlaceboDraw draw{work.dot(s.y) / D, nan, Infeasible::none};
    const double rss = (s.y - draw.estimate * work).squaredNorm();
    double middle = rss * D;
    if (!s.iid) {
        score.assign(static_cast<std::size_t>(s.clusters), 0.0);
        for (Index i = 0; i < work.size(); ++i) {
            score[static_cast<std::size_t>(s.cluster[static_cast<std::size_t>(i)])] +=
                work(i) * (s.y(i) - draw.estimate * work(i));
        }
        middle = 0;
        for (const double c : score) middle += c * c;
        // Scores that cancel in every cluster leave rounding, and no standard error, as in panel::fit.
        if (s.factor * middle <= 1e-12 * rss * D / static_cast<double>(work.size())) {
            draw.reason = Infeasible::no_std_error;
            return draw;
        }
    }
    draw.std_error = std::sqrt(s.factor * middle) / D;
    return draw;
}

bool placebo_from_sums(const PlaceboSetting& s, const PlaceboSums& sums, PlaceboDraw& draw) {
    if (!(sums.square > 1e-6 * s.centred_ss) || !(sums.D > 1e-2 * sums.square)) return false;
    draw = {sums.numerator / sums.D, nan, Infeasible::none};
    const double rss = s.y_square - sums.numerator * draw.estimate;
    if (!(rss > 1e-4 * s.y_square)) return false;
    const double plain = rss * sums.D;
    if (!s.iid && (!(sums.middle > 1e-6 * sums.size) ||
                   !(s.factor * sums.middle > 1e-9 * plain / static_cast<double>(s.raw.size()))))
        return false;
    draw.std_error = std::sqrt(s.factor * (s.iid ? plain : sums.middle)) / sums.D;
    return true;
}

PlaceboDraw placebo_fit(const PlaceboSetting& s, const VectorXd& raw) {
    panel::Design design = s.prepared->sample;
    design.X.col(s.treatment) = raw;
    VectorXd beta, std_error;
    if (!estimate(design, s.options, beta, std_error)) return {nan, nan, Infeasible::no_fit};
    const double b = beta(s.treatment), e = std_error(s.treatment);
    if (std::isnan(b)) return {nan, nan, Infeasible::collinear};
    return {b, e, std::isnan(e) ? Infeasible::no_std_error : Infeasible::none};
}

}  // namespace greenfront::resample

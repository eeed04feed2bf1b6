#include "kernels/panel/sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"

namespace greenfront::panel {
namespace {

constexpr double collinear = 1e-9;   ///< share of a sum of squares that counts as nothing
constexpr double rounding = 1e-26;   ///< the same where only rounding errors are left
constexpr double suspicious = 1e-4;  ///< below this, distances are taken from the residual itself

std::string level_label(const FixedEffect& effect, std::int32_t level) {
    const auto& names = effect.factor.level_name;
    return fmt::format("{}={}", effect.factor.name,
                       names.empty() ? fmt::to_string(level) : names[static_cast<std::size_t>(level)]);
}

/// The next column in units of its norm, made orthogonal to those kept: appends a column to R.
struct Orthogonaliser {
    const Eigen::Ref<const Eigen::MatrixXd>& X;
    Selection& chosen;

    [[nodiscard]] Eigen::VectorXd products(const Eigen::VectorXd& x) const {
        const auto k = static_cast<Eigen::Index>(chosen.kept.size());
        Eigen::VectorXd g(k);
        for (Eigen::Index j = 0; j < k; ++j) {
            g[j] = X.col(chosen.kept[static_cast<std::size_t>(j)]).dot(x) / chosen.scale[j];
        }
        return g;
    }
    [[nodiscard]] auto factor() const {
        const auto k = static_cast<Eigen::Index>(chosen.kept.size());
        return chosen.R.topLeftCorner(k, k).triangularView<Eigen::Upper>();
    }
    /// Squared distance of column `index` (norm 1) from the span; `r` becomes its column of R above the
    /// diagonal.
    [[nodiscard]] double distance(Eigen::Index index, double norm, Eigen::VectorXd& r) const {
        r = products(X.col(index)) / norm;
        if (r.size() == 0) return 1;
        factor().transpose().solveInPlace(r);
        double squared = 1 - r.squaredNorm();
        if (squared > suspicious) return squared;
        Eigen::VectorXd rest = X.col(index) / norm;
        Eigen::VectorXd step = r;
        for (int pass = 0; pass < 3; ++pass) {
            Eigen::VectorXd weight = step;
            factor().solveInPlace(weight);
            for (Eigen::Index j = 0; j < weight.size(); ++j) {
                rest -= X.col(chosen.kept[static_cast<std::size_t>(j)]) * (weight[j] / chosen.scale[j]);
            }
            squared = rest.squaredNorm();
            step = products(rest);
            factor().transpose().solveInPlace(step);
            if (pass < 2) r += step;
        }
        return squared;
    }
};

std::string collinear_reason(const Selection& chosen, Eigen::VectorXd r,
                             const std::vector<std::string>& names) {
    const auto k = r.size();
    chosen.R.topLeftCorner(k, k).triangularView<Eigen::Upper>().solveInPlace(r);
    std::string with;
    for (Eigen::Index j = 0; j < k; ++j) {
        if (std::abs(r[j]) < 1e-6) continue;
        with += (with.empty() ? "" : ", ") +
                names[static_cast<std::size_t>(chosen.kept[static_cast<std::size_t>(j)])];
    }
    return "collinear with " + with;
}

}  // namespace

Eigen::VectorXd frequencies(const Design& design) {
    return design.weight_kind == WeightKind::frequency ? design.weight : Eigen::VectorXd();
}

Singletons find_singletons(const std::vector<FixedEffect>& effects, std::int64_t rows,
                           const Eigen::VectorXd& frequency) {
    const auto rows_of = [&](std::size_t i) {
        return frequency.size() == 0 ? std::int64_t{1}
                                     : std::llround(frequency[static_cast<Eigen::Index>(i)]);
    };
    Singletons result;
    std::vector<char> keep(static_cast<std::size_t>(rows), 1);
    std::vector<std::vector<std::int64_t>> count(effects.size());
    for (std::size_t f = 0; f < effects.size(); ++f) {
        if (!effects[f].intercept) continue;
        count[f].assign(static_cast<std::size_t>(effects[f].factor.levels), 0);
        const auto& code = effects[f].factor.code;
        for (std::size_t i = 0; i < code.size(); ++i)
            count[f][static_cast<std::size_t>(code[i])] += rows_of(i);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (std::size_t f = 0; f < effects.size(); ++f) {
            if (std::find(count[f].begin(), count[f].end(), 1) == count[f].end()) continue;
            for (std::size_t i = 0; i < keep.size(); ++i) {
                const std::int32_t level = effects[f].factor.code[i];
                if (!keep[i] || count[f][static_cast<std::size_t>(level)] != 1) continue;
                keep[i] = 0;
                changed = true;
                result.names.push_back(level_label(effects[f], level));
                for (std::size_t g = 0; g < effects.size(); ++g) {
                    if (!count[g].empty()) --count[g][static_cast<std::size_t>(effects[g].factor.code[i])];
                }
            }
        }
    }
    for (std::size_t i = 0; i < keep.size(); ++i) {
        if (keep[i]) result.kept.push_back(static_cast<std::int64_t>(i));
    }
    result.dropped = rows - static_cast<std::int64_t>(result.kept.size());
    return result;
}

Factor take_rows(const Factor& factor, const std::vector<std::int64_t>& rows) {
    std::vector<std::int32_t> code(static_cast<std::size_t>(factor.levels), -1);
    for (const std::int64_t row : rows) {
        code[static_cast<std::size_t>(factor.code[static_cast<std::size_t>(row)])] = 0;
    }
    Factor result;
    result.name = factor.name;
    for (std::size_t level = 0; level < code.size(); ++level) {
        if (code[level] < 0) continue;
        code[level] = result.levels++;
        if (!factor.level_name.empty()) result.level_name.push_back(factor.level_name[level]);
    }
    result.code.reserve(rows.size());
    for (const std::int64_t row : rows) {
        result.code.push_back(code[static_cast<std::size_t>(factor.code[static_cast<std::size_t>(row)])]);
    }
    return result;
}

namespace {

/// The periods that are left, each with its value.
void take_periods(const Design& design, const std::vector<std::int64_t>& rows, Design& result) {
    result.period = take_rows(design.period, rows);
    result.time.assign(static_cast<std::size_t>(result.period.levels), 0);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto before = design.period.code[static_cast<std::size_t>(rows[i])];
        result.time[static_cast<std::size_t>(result.period.code[i])] =
            design.time[static_cast<std::size_t>(before)];
    }
}

/// Resampling and placebo tests are written for these alone.
void check_resampled(const Design& design, const Options& options) {
    if (design.weight_kind != WeightKind::none) {
        throw Error(Fault::data,
                    fmt::format("weights {}: bootstraps and placebo tests of a weighted regression "
                                "are not available in this version; leave the weights out",
                                design.weight_name));
    }
    if (options.variance != Variance::iid && options.variance != Variance::robust &&
        options.variance != Variance::cluster) {
        throw Error(Fault::data,
                    "bootstraps and placebo tests know the variances iid, robust and cluster:NAME");
    }
}

}  // namespace

Design take_rows(const Design& design, const std::vector<std::int64_t>& rows) {
    Design result;
    result.formula = design.formula;
    result.y_name = design.y_name;
    result.x_name = design.x_name;
    result.constant = design.constant;
    result.endogenous_name = design.endogenous_name;
    result.instrument_name = design.instrument_name;
    result.n_read = design.n_read;
    result.warnings = design.warnings;
    result.weight_kind = design.weight_kind;
    result.weight_name = design.weight_name;
    if (design.weight.size() > 0) result.weight = design.weight(rows);
    result.latitude_name = design.latitude_name;
    result.longitude_name = design.longitude_name;
    if (design.place.rows() > 0) result.place = design.place(rows, Eigen::all);
    if (design.unit.levels > 0) result.unit = take_rows(design.unit, rows);
    if (design.period.levels > 0) take_periods(design, rows, result);
    result.y = design.y(rows);
    result.X = design.X(rows, Eigen::all);
    result.endogenous = design.endogenous.cols() > 0
                            ? Eigen::MatrixXd(design.endogenous(rows, Eigen::all))
                            : Eigen::MatrixXd(static_cast<Eigen::Index>(rows.size()), 0);
    result.instruments = design.instruments.cols() > 0
                             ? Eigen::MatrixXd(design.instruments(rows, Eigen::all))
                             : Eigen::MatrixXd(static_cast<Eigen::Index>(rows.size()), 0);
    for (const FixedEffect& effect : design.effects) {
        FixedEffect taken{take_rows(effect.factor, rows), effect.intercept, effect.slope_name, {}};
        if (effect.slope.cols() > 0) taken.slope = effect.slope(rows, Eigen::all);
        result.effects.push_back(std::move(taken));
    }
    for (const Factor& cluster : design.clusters) result.clusters.push_back(take_rows(cluster, rows));
    for (const std::int64_t row : rows) {
        if (!design.row.empty()) result.row.push_back(design.row[static_cast<std::size_t>(row)]);
    }
    return result;
}

bool has_empty_level(const Design& design) {
    const auto empty = [](const Factor& factor) {
        std::vector<char> used(static_cast<std::size_t>(factor.levels), 0);
        for (const std::int32_t level : factor.code) used[static_cast<std::size_t>(level)] = 1;
        return std::find(used.begin(), used.end(), 0) != used.end();
    };
    return std::any_of(design.effects.begin(), design.effects.end(),
                       [&](const FixedEffect& effect) { return empty(effect.factor); }) ||
           std::any_of(design.clusters.begin(), design.clusters.end(), empty) || empty(design.unit) ||
           empty(design.period);
}

Scale column_scale(const Eigen::Ref<const Eigen::MatrixXd>& columns) {
    Scale scale{columns.colwise().squaredNorm(), Eigen::VectorXd::Zero(columns.cols())};
    for (Eigen::Index j = 0; j < columns.cols(); ++j) {
        scale.centred[j] = (columns.col(j).array() - columns.col(j).mean()).matrix().squaredNorm();
    }
    return scale;
}

Selection select_columns(const Eigen::Ref<const Eigen::MatrixXd>& partialled, const Scale& scale,
                         const std::vector<std::string>& names, bool effects) {
    const Eigen::Index k = partialled.cols();
    Selection chosen;
    chosen.R = Eigen::MatrixXd::Zero(k, k);
    chosen.scale = Eigen::VectorXd::Zero(k);
    std::vector<double> norm(static_cast<std::size_t>(k));
    for (Eigen::Index j = 0; j < k; ++j) {
        const double squared = partialled.col(j).squaredNorm();
        const bool absorbed = squared <= collinear * scale.centred[j] || squared <= rounding * scale.raw[j];
        norm[static_cast<std::size_t>(j)] = absorbed ? 0 : std::sqrt(squared);
        if (absorbed) {
            chosen.omitted.push_back(
                {names[static_cast<std::size_t>(j)],
                 effects ? "absorbed by the fixed effects" : "collinear with the constant"});
        }
    }
    const Orthogonaliser span{partialled, chosen};
    Eigen::VectorXd r;
    for (Eigen::Index j = 0; j < k; ++j) {
        const double size = norm[static_cast<std::size_t>(j)];
        if (size == 0) continue;
        const double squared = span.distance(j, size, r);
        if (!(squared > collinear)) {
            chosen.omitted.push_back(
                {names[static_cast<std::size_t>(j)], collinear_reason(chosen, r, names)});
            continue;
        }
        const auto place = static_cast<Eigen::Index>(chosen.kept.size());
        chosen.R.col(place).head(place) = r;
        chosen.R(place, place) = std::sqrt(squared);
        chosen.scale[place] = size;
        chosen.kept.push_back(j);
    }
    const auto kept = static_cast<Eigen::Index>(chosen.kept.size());
    chosen.R.conservativeResize(kept, kept);
    chosen.scale.conservativeResize(kept);
    return chosen;
}

/// A variance is made of products of four values: beyond these they overflow, or are lost to zero.
constexpr double largest_value = 1e60, smallest_value = 1e-60;

void check_column(const std::string& name, const Eigen::Ref<const Eigen::VectorXd>& column) {
    if (!column.allFinite()) {
        throw Error(Fault::data,
                    fmt::format("{} has values that are not finite; leave these rows out", name));
    }
    const double largest = column.size() > 0 ? column.cwiseAbs().maxCoeff() : 0.0;
    if (largest == 0 || (largest >= smallest_value && largest <= largest_value)) return;
    throw Error(Fault::data,
                fmt::format("the largest value of {} is {:.6g}; products of such numbers cannot be computed: "
                            "measure it in a unit that brings it between {:g} and {:g}",
                            name, largest, smallest_value, largest_value));
}

void check_columns(const Design& design) {
    if (design.y.size() == 0 && design.n_read == 0) {
        throw Error(Fault::data,
                    fmt::format("no observations are left for {}: no row meets the condition (where)",
                                design.formula));
    }
    if (design.y.size() == 0) {
        throw Error(
            Fault::data,
            fmt::format("no observations are left for {}: of {} rows read, each has a missing value, is "
                        "excluded or is a singleton of a fixed effect",
                        design.formula, design.n_read));
    }
    check_column(design.y_name, design.y);
    for (Eigen::Index j = 0; j < design.X.cols(); ++j) {
        check_column(design.x_name[static_cast<std::size_t>(j)], design.X.col(j));
    }
    for (Eigen::Index j = 0; j < design.endogenous.cols(); ++j) {
        check_column(design.endogenous_name[static_cast<std::size_t>(j)], design.endogenous.col(j));
    }
    for (Eigen::Index j = 0; j < design.instruments.cols(); ++j) {
        check_column(design.instrument_name[static_cast<std::size_t>(j)], design.instruments.col(j));
    }
    for (const FixedEffect& effect : design.effects) {
        for (Eigen::Index j = 0; j < effect.slope.cols(); ++j) {
            check_column(effect.slope_name[static_cast<std::size_t>(j)], effect.slope.col(j));
        }
    }
}

void check_outcome(const std::string& name, const Eigen::VectorXd& y, const Scale& scale,
                   const Eigen::VectorXd& partialled, bool effects) {
    if (scale.centred[0] <= rounding * scale.raw[0] || scale.raw[0] == 0) {
        throw Error(Fault::data,
                    fmt::format("{} is constant ({:.6g}) in the {} rows of the estimation: there is "
                                "nothing to explain",
                                name, y[0], y.size()));
    }
    const double left = partialled.squaredNorm();
    if (left <= 1e-20 * scale.centred[0] || left <= rounding * scale.raw[0]) {
        throw Error(Fault::data,
                    fmt::format("{} is explained completely by {}: there is nothing left for the "
                                "regressors",
                                name, effects ? "the fixed effects" : "the constant"));
    }
}

void check_regressors(const Selection& selection, const std::vector<std::string>& names) {
    if (names.empty() || !selection.kept.empty()) return;
    std::string list;
    for (const Omitted& omitted : selection.omitted) {
        list += fmt::format("{}{} ({})", list.empty() ? "" : ", ", omitted.name, omitted.reason);
    }
    throw Error(Fault::data,
                fmt::format("every regressor is omitted: {}; use other fixed effects or regressors", list));
}

void check_clusters(const std::vector<Factor>& clusters) {
    for (const Factor& cluster : clusters) {
        if (cluster.levels >= 2) continue;
        throw Error(Fault::data,
                    fmt::format("only one cluster: {} has the single level{} in the estimation sample, so "
                                "the clustered variance is not defined; cluster by a variable with more "
                                "levels, or take a variance that is not clustered",
                                cluster.name, cluster.level_name.empty() ? "" : " " + cluster.level_name[0]));
    }
}

Prepared prepare(const Design& design, const Options& options) {
    check_columns(design);
    check_resampled(design, options);
    Singletons singletons;
    if (options.keep_singletons) {
        for (Eigen::Index i = 0; i < design.y.size(); ++i) singletons.kept.push_back(i);
    } else {
        singletons = find_singletons(design.effects, design.y.size());
    }
    Design sample = take_rows(design, singletons.kept);
    check_columns(sample);
    if (options.variance == Variance::cluster) check_clusters(sample.clusters);

    const bool effects = !sample.effects.empty();
    Absorber absorber(sample.effects, sample.y.size(), sample.constant);
    Eigen::MatrixXd partialled(sample.y.size(), sample.X.cols() + 1);
    partialled << sample.y, sample.X;
    absorber.apply(partialled);
    check_outcome(sample.y_name, sample.y, column_scale(sample.y), partialled.col(0), effects);
    Selection selection =
        select_columns(partialled.rightCols(sample.X.cols()), column_scale(sample.X), sample.x_name, effects);
    check_regressors(selection, sample.x_name);

    Eigen::MatrixXd X(sample.y.size(), static_cast<Eigen::Index>(selection.kept.size()));
    std::vector<std::string> names;
    for (std::size_t j = 0; j < selection.kept.size(); ++j) {
        X.col(static_cast<Eigen::Index>(j)) = partialled.col(1 + selection.kept[j]);
        names.push_back(sample.x_name[static_cast<std::size_t>(selection.kept[j])]);
    }
    sample.X = Eigen::MatrixXd(sample.X(Eigen::all, selection.kept));
    sample.x_name = names;
    std::vector<Omitted> omitted = selection.omitted;
    Eigen::VectorXd y = partialled.col(0);
    return {std::move(sample), std::move(singletons), std::move(omitted), std::move(y),
            std::move(X),      std::move(selection),  std::move(absorber)};
}

}  // namespace greenfront::panel

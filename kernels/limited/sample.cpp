#include "kernels/limited/sample.hpp"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/absorb.hpp"
#include "kernels/panel/sample.hpp"

namespace greenfront::limited {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double at_limit = 1e-9;   ///< of a limit's size: scores are solved to about that
constexpr double most_cells = 2e8;  ///< 1.6 GB of regressors and dummies

std::pair<double, double> limits(const Settings& settings) {
    if (settings.model == Model::fractional_logit) return {0, 1};
    return {settings.lower, settings.upper};
}

/// 1 above, -1 below, 0 at the limit.
int side_of(double y, double limit) {
    if (std::isinf(limit)) return limit > 0 ? -1 : 1;
    if (std::abs(y - limit) <= at_limit * std::abs(limit)) return 0;
    return y > limit ? 1 : -1;
}

std::vector<std::int8_t> states(const Eigen::VectorXd& y, const Settings& settings) {
    const auto [lower, upper] = limits(settings);
    std::vector<std::int8_t> state;
    for (const double value : y) {
        state.push_back(side_of(value, lower) == 0   ? std::int8_t{-1}
                        : side_of(value, upper) == 0 ? std::int8_t{1}
                                                     : std::int8_t{0});
    }
    return state;
}

void check_design(const panel::Design& design, const Settings& settings) {
    if (design.endogenous.cols() > 0 || design.instruments.cols() > 0) {
        throw Error(Fault::data,
                    "truncated, tobit and fractional-logit regressions take no instruments; use the "
                    "linear model for them");
    }
    for (const auto& effect : design.effects) {
        if (effect.intercept && effect.slope.cols() == 0) continue;
        throw Error(Fault::data,
                    fmt::format("{}: slopes that vary by level are not available here; write the "
                                "products as regressors",
                                effect.factor.name));
    }
    if (!(settings.confidence > 0 && settings.confidence < 1)) {
        throw Error(Fault::data,
                    fmt::format("the confidence level {} is not between 0 and 1", settings.confidence));
    }
    using enum panel::Variance;
    if (settings.variance != iid && settings.variance != robust && settings.variance != cluster) {
        throw Error(Fault::data,
                    "truncated, tobit and fractional-logit regressions have the variances iid, robust and "
                    "cluster:NAME");
    }
    if (settings.variance == cluster && design.clusters.empty()) {
        throw Error(Fault::data, "a clustered variance needs a cluster variable; name one: cluster:NAME");
    }
    if (settings.model == Model::fractional_logit) return;
    if (std::isnan(settings.lower) || std::isnan(settings.upper) || !(settings.lower < settings.upper)) {
        throw Error(Fault::data, fmt::format("the lower limit {} is not below the upper limit {}",
                                             settings.lower, settings.upper));
    }
    if (std::isinf(settings.lower) && std::isinf(settings.upper)) {
        throw Error(Fault::data, "no limit: give a lower limit, an upper limit or both");
    }
}

void check_range(const panel::Design& design, const Settings& settings) {
    const Eigen::Index outside = first_outside(design.y, settings);
    if (outside < 0) return;
    const auto [lower, upper] = limits(settings);
    throw Error(Fault::data,
                fmt::format("{} is {} in row {} of the estimation, outside of [{}, {}]; leave such rows out "
                            "or choose other limits",
                            design.y_name, design.y[outside], outside + 1, lower, upper));
}

void check_inside(const panel::Design& design, const Settings& settings, const Fit& fit) {
    if (fit.inside > 0 || design.y.size() == 0) return;
    if (settings.model == Model::fractional_logit) {
        if (fit.at_lower > 0 && fit.at_upper > 0) return;
        throw Error(Fault::data,
                    fmt::format("{} is {} in all {} rows (but for rounding): there is nothing to "
                                "explain",
                                design.y_name, fit.at_lower > 0 ? 0 : 1, design.y.size()));
    }
    throw Error(
        Fault::data,
        fmt::format("no {} row: {} is at a limit in all {} rows (lower {}, upper {}), so sigma is not "
                    "determined",
                    settings.model == Model::tobit ? "uncensored" : "untruncated", design.y_name,
                    fit.n_complete, fit.at_lower, fit.at_upper));
}

std::string level_name(const panel::Factor& factor, std::int32_t level) {
    const auto at = static_cast<std::size_t>(level);
    return fmt::format("{}={}", factor.name,
                       at < factor.level_name.size() ? factor.level_name[at] : fmt::to_string(level));
}

/// Dummy variables of all levels but the first of each effect, without those that depend on earlier ones.
void make_dummies(Sample& sample, Fit& fit) {
    const Eigen::Index n = sample.design.y.size();
    Eigen::Index total = 0;
    for (const auto& effect : sample.design.effects) total += effect.factor.levels - 1;
    if (static_cast<double>(total) * static_cast<double>(n) > most_cells) {
        throw Error(Fault::data,
                    fmt::format("the effects have {} dummy variables in {} rows: too many for a nonlinear "
                                "model, whose estimates would be biased besides; use fewer levels",
                                total, n));
    }
    Eigen::MatrixXd all = Eigen::MatrixXd::Zero(n, total);
    std::vector<std::string> names;
    std::vector<std::size_t> owner;
    Eigen::Index first = 0;
    for (std::size_t f = 0; f < sample.design.effects.size(); ++f) {
        const panel::Factor& factor = sample.design.effects[f].factor;
        for (Eigen::Index i = 0; i < n; ++i) {
            const std::int32_t level = factor.code[static_cast<std::size_t>(i)];
            if (level > 0) all(i, first + level - 1) = 1;
        }
        for (std::int32_t level = 1; level < factor.levels; ++level) {
            names.push_back(level_name(factor, level));
            owner.push_back(f);
        }
        first += factor.levels - 1;
        fit.effects.push_back({factor.name, factor.levels, 0});
    }
    Eigen::MatrixXd centred = all;
    centred.rowwise() -= all.colwise().mean();
    const auto chosen = panel::select_columns(centred, panel::column_scale(all), names, false);
    sample.dummies = all(Eigen::all, chosen.kept);
    for (const Eigen::Index j : chosen.kept) {
        sample.dummy_name.push_back(names[static_cast<std::size_t>(j)]);
        ++fit.effects[owner[static_cast<std::size_t>(j)]].dummies;
    }
}

/// The regressors that the effects (or the constant) and earlier regressors do not explain.
void choose_regressors(Sample& sample, Fit& fit) {
    panel::Design& design = sample.design;
    const bool effects = !design.effects.empty();
    const panel::Absorber absorber(design.effects, design.y.size(), design.constant);
    Eigen::MatrixXd partialled = design.X;
    if (partialled.cols() > 0) absorber.apply(partialled);
    const auto chosen =
        panel::select_columns(partialled, panel::column_scale(design.X), design.x_name, effects);
    panel::check_regressors(chosen, design.x_name);
    fit.omitted = chosen.omitted;
    std::vector<std::string> names;
    for (const Eigen::Index j : chosen.kept) names.push_back(design.x_name[static_cast<std::size_t>(j)]);
    design.X = Eigen::MatrixXd(design.X(Eigen::all, chosen.kept));
    design.x_name = std::move(names);
}

/// Fewest rows in a level of an effect, for the warning about dummies.
void warn_of_dummies(const panel::Design& design, Fit& fit) {
    if (design.effects.empty()) return;
    std::int64_t dummies = 0, fewest = design.y.size();
    for (std::size_t f = 0; f < design.effects.size(); ++f) {
        const auto& factor = design.effects[f].factor;
        std::vector<std::int64_t> count(static_cast<std::size_t>(factor.levels), 0);
        for (const std::int32_t level : factor.code) ++count[static_cast<std::size_t>(level)];
        fewest = std::min(fewest, *std::min_element(count.begin(), count.end()));
        dummies += fit.effects[f].dummies;
    }
    fit.warnings.push_back(fmt::format(
        "the fixed effects enter as {} dummy variables; in a nonlinear model such estimates are biased when "
        "levels have few rows (incidental parameters; the smallest level has {})",
        dummies, fewest));
}

}  // namespace

Eigen::Index first_outside(const Eigen::VectorXd& y, const Settings& settings) {
    const auto [lower, upper] = limits(settings);
    for (Eigen::Index i = 0; i < y.size(); ++i) {
        if (side_of(y[i], lower) < 0 || side_of(y[i], upper) > 0) return i;
    }
    return -1;
}

Sample make_sample(const panel::Design& design, const Settings& settings, Fit& fit) {
    check_design(design, settings);
    panel::check_columns(design);
    check_range(design, settings);
    fit.n_complete = design.y.size();

    // Rows at a truncation bound are no draws from the truncated distribution (efficient units, Simar and
    // Wilson 2007, algorithm 1): they go first.
    std::vector<std::int8_t> state = states(design.y, settings);
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < state.size(); ++i) {
        fit.at_lower += state[i] < 0;
        fit.at_upper += state[i] > 0;
        fit.inside += state[i] == 0;
        if (settings.model != Model::truncated || state[i] == 0) rows.push_back(static_cast<std::int64_t>(i));
    }
    check_inside(design, settings, fit);
    Sample sample;
    sample.design = panel::take_rows(design, rows);
    if (!settings.keep_singletons) {
        auto singletons = panel::find_singletons(sample.design.effects, sample.design.y.size());
        fit.singletons = singletons.dropped;
        fit.singleton_names = std::move(singletons.names);
        if (singletons.dropped > 0) sample.design = panel::take_rows(sample.design, singletons.kept);
    }
    panel::Design& kept = sample.design;
    panel::check_columns(kept);
    fit.n = kept.y.size();
    sample.state = states(kept.y, settings);
    if (settings.model != Model::truncated) {
        fit.at_lower = std::count(sample.state.begin(), sample.state.end(), -1);
        fit.at_upper = std::count(sample.state.begin(), sample.state.end(), 1);
    }
    fit.inside = std::count(sample.state.begin(), sample.state.end(), 0);
    check_inside(kept, settings, fit);
    if (settings.variance == panel::Variance::cluster) {
        panel::check_clusters(kept.clusters);
        for (const auto& cluster : kept.clusters) fit.clusters.emplace_back(cluster.name, cluster.levels);
    }
    const Eigen::VectorXd centred = kept.y.array() - kept.y.mean();
    panel::check_outcome(kept.y_name, kept.y, panel::column_scale(kept.y), centred, false);
    choose_regressors(sample, fit);
    if (!kept.effects.empty()) make_dummies(sample, fit);
    warn_of_dummies(kept, fit);
    return sample;
}

Problem make_problem(const Sample& sample, const Settings& settings, bool constant_only) {
    const panel::Design& design = sample.design;
    const Eigen::Index n = design.y.size();
    const Eigen::Index x = constant_only ? 0 : design.X.cols(), d = constant_only ? 0 : sample.dummies.cols();
    const bool constant = constant_only || design.constant || !design.effects.empty();
    const Eigen::Index k = x + d + (constant ? 1 : 0);
    if (k == 0) throw Error(Fault::data, "the model has neither a regressor nor a constant");
    if (n <= k) {
        throw Error(
            Fault::data,
            fmt::format("{} rows are too few for {} coefficients; use fewer regressors or effects", n, k));
    }
    Problem p;
    p.X.resize(n, k);
    p.X.leftCols(x) = design.X.leftCols(x);
    if (d > 0) p.X.middleCols(x, d) = sample.dummies;
    if (constant) p.X.col(k - 1).setOnes();
    if (!constant_only) {
        p.names = design.x_name;
        p.names.insert(p.names.end(), sample.dummy_name.begin(), sample.dummy_name.end());
    }
    if (constant) p.names.emplace_back("_cons");

    // Columns about their means in units of their norm, then orthogonal: Q = X C R^-1 sqrt(n).
    Eigen::MatrixXd C = Eigen::MatrixXd::Identity(k, k), W = p.X;
    for (Eigen::Index j = 0; j < x + d; ++j) {
        const double mean = constant ? p.X.col(j).mean() : 0;
        W.col(j).array() -= mean;
        const double norm = W.col(j).norm();
        W.col(j) /= norm;
        C(j, j) = 1 / norm;
        if (constant) C(k - 1, j) = -mean / norm;
    }
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr(W);
    const double root = std::sqrt(static_cast<double>(n));
    p.Q = root * (qr.householderQ() * Eigen::MatrixXd::Identity(n, k));
    p.T = root * qr.matrixQR().topRows(k).triangularView<Eigen::Upper>().solve<Eigen::OnTheRight>(C);
    p.state = sample.state;
    p.origin = Eigen::VectorXd::Zero(k);
    p.e = design.y;
    const auto [lower, upper] = limits(settings);
    for (Eigen::Index i = 0; i < n; ++i) {  // exactly at the limit, whatever the last digits of the data
        const int side = p.state[static_cast<std::size_t>(i)];
        if (side != 0) p.e[i] = side < 0 ? lower : upper;
    }
    if (settings.model == Model::fractional_logit) return p;

    const Eigen::VectorXd c = p.Q.transpose() * p.e / static_cast<double>(n), fitted = p.Q * c;
    const double size = p.e.norm();
    p.e -= fitted;
    p.unit = p.e.norm() / root;
    if (!(p.unit * root > 1e-10 * (design.y.array() - design.y.mean()).matrix().norm()) ||
        !(p.unit * root > 1e-13 * size)) {
        throw Error(Fault::data,
                    fmt::format("{} is fitted perfectly by the regressors and effects: sigma goes to 0 and "
                                "there is no maximum-likelihood estimate",
                                design.y_name));
    }
    p.origin = p.T * c;
    p.e /= p.unit;
    const auto limit = [&](double value) {
        return std::isinf(value) ? Eigen::VectorXd(Eigen::VectorXd::Constant(n, value))
                                 : Eigen::VectorXd((value - fitted.array()) / p.unit);
    };
    p.lower = limit(lower);
    p.upper = limit(upper);
    return p;
}

}  // namespace greenfront::limited

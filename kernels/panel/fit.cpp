#include <fmt/format.h>

#include "kernels/error.hpp"
#include "kernels/panel/estimation.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/quick_ols.hpp"
#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/panel/weights.hpp"

namespace greenfront::panel {
namespace {

std::string variance_name(const Design& design, const Options& options) {
    std::string clusters;
    for (std::size_t c = 0; c < design.clusters.size(); ++c)
        clusters += (c > 0 ? "+" : "") + design.clusters[c].name;
    switch (options.variance) {
        case Variance::iid:
            return "iid";
        case Variance::robust:
            return "robust";
        case Variance::cluster:
            return "cluster:" + clusters;
        case Variance::hc2:
            return "hc2";
        case Variance::hc3:
            return "hc3";
        case Variance::jackknife:
            return "jackknife:" + clusters;
        case Variance::driscoll_kraay:
            return fmt::format("dk:{}", options.lags);
        case Variance::newey_west:
            return fmt::format("nw:{}", options.lags);
        case Variance::conley:
            return fmt::format("conley:{},{},{}", design.latitude_name, design.longitude_name,
                               options.radius_km);
    }
    return {};
}

std::string weights_name(const Design& design) {
    if (design.weight_kind == WeightKind::none) return {};
    return (design.weight_kind == WeightKind::analytic ? "aweights:" : "fweights:") + design.weight_name;
}

/// Instruments know fewer variances.
void check_instruments(const Design& design, const Options& options, const std::string& vcov) {
    if ((design.endogenous.cols() > 0) != (design.instruments.cols() > 0)) {
        throw Error(Fault::data,
                    "endogenous variables need instruments, and instruments endogenous variables");
    }
    if (options.estimator && design.endogenous.cols() == 0) {
        throw Error(Fault::data,
                    fmt::format("an estimator (2sls, liml, gmm) is for regressions with instruments; "
                                "{} has none: leave it out, or add \"| endogenous ~ instruments\"",
                                design.formula));
    }
    if (design.endogenous.cols() == 0) return;
    if (options.variance == Variance::iid || options.variance == Variance::robust ||
        options.variance == Variance::cluster) {
        return;
    }
    throw Error(Fault::data,
                fmt::format("vcov {} with instruments is not available in this version; use iid, "
                            "robust or cluster:NAME",
                            vcov));
}

std::vector<std::string> names_of(const std::vector<std::string>& all,
                                  const std::vector<Eigen::Index>& kept) {
    std::vector<std::string> names;
    for (const Eigen::Index j : kept) names.push_back(all[static_cast<std::size_t>(j)]);
    return names;
}

void fit_ols(const Design& sample, const Options& options, Fit& fit) {
    const Eigen::VectorXd root = root_weights(sample);
    const Absorber absorber(sample.effects, sample.y.size(), sample.constant, root);
    const Setup setup = make_setup(sample, options, absorber);
    (void)residual_rule(setup, 0);
    Eigen::MatrixXd W(sample.y.size(), sample.X.cols() + 1);
    W << sample.y, sample.X;
    weigh(root, W);
    absorber.apply(W);
    const bool effects = !sample.effects.empty();
    check_outcome(sample.y_name, sample.y, column_scale(sample.y, root), W.col(0), effects);
    const Selection selection =
        select_columns(W.rightCols(sample.X.cols()), column_scale(sample.X, root), sample.x_name, effects);
    check_regressors(selection, sample.x_name);
    fit.omitted = selection.omitted;

    const auto k = static_cast<Eigen::Index>(selection.kept.size());
    Estimation e;
    e.names = names_of(sample.x_name, selection.kept);
    e.scale = selection.scale;
    e.R = selection.R;
    e.Z.resize(sample.y.size(), k);
    e.mean.resize(k);
    for (Eigen::Index j = 0; j < k; ++j) {
        const Eigen::Index column = selection.kept[static_cast<std::size_t>(j)];
        e.Z.col(j) = W.col(1 + column) / e.scale[j];
        e.mean[j] = weighted_mean(sample.X.col(column), root);
    }
    e.mean_y = weighted_mean(sample.y, root);
    e.print_constant = setup.intercept;
    fit.estimator = "ols";
    fit.tss_within = W.col(0).squaredNorm();
    least_squares(W.col(0), e);
    finish(setup, e, fit);
    add_ols_diagnostics(setup, e, fit);
}

}  // namespace

Fit fit(const Design& given, const Options& options) {
    check_instruments(given, options, variance_name(given, options));
    // The diagnostics of instruments count rows: a frequency weight is so many of them.
    const bool expand = given.weight_kind == WeightKind::frequency && given.endogenous.cols() > 0;
    const Design expanded = expand ? expand_frequencies(given) : Design();
    const Design& design = expand ? expanded : given;
    Fit result;
    result.formula = design.formula;
    result.vcov = variance_name(design, options);
    result.weights = weights_name(given);
    result.n_read = design.n_read;
    result.n_complete = given.y.size();
    result.warnings = design.warnings;
    if (const auto quick = quick_ols(design, options, result)) return *quick;
    const auto estimate = [&](const Design& sample) {
        check_columns(sample);
        if (options.variance == Variance::cluster || options.variance == Variance::jackknife) {
            for (const Factor& cluster : sample.clusters)
                result.clusters.emplace_back(cluster.name, cluster.levels);
        }
        if (options.variance == Variance::driscoll_kraay || options.variance == Variance::newey_west) {
            result.lags = options.lags;
            result.periods = sample.period.levels;
        }
        if (options.variance == Variance::conley) result.radius_km = options.radius_km;
        if (sample.endogenous.cols() > 0) {
            fit_iv(sample, options, result);
        } else {
            fit_ols(sample, options, result);
        }
    };
    check_columns(design);
    Singletons singletons;
    if (!options.keep_singletons)
        singletons = find_singletons(design.effects, design.y.size(), frequencies(design));
    result.singletons = singletons.dropped;
    result.singleton_names = std::move(singletons.names);
    // Empty levels would count as coefficients: take_rows numbers the levels anew.
    if (singletons.dropped > 0 || has_empty_level(design)) {
        if (options.keep_singletons) {
            for (Eigen::Index i = 0; i < design.y.size(); ++i) singletons.kept.push_back(i);
        }
        estimate(take_rows(design, singletons.kept));
    } else {
        estimate(design);
    }
    return result;
}

}  // namespace greenfront::panel

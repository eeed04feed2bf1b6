#include <fmt/format.h>

#include "kernels/error.hpp"
#include "kernels/panel/estimation.hpp"
#include "kernels/panel/iv.hpp"
#include "kernels/panel/regression.hpp"
#include "kernels/panel/sample.hpp"

namespace greenfront::panel {
namespace {

std::string variance_name(const Design& design, const Options& options) {
    if (options.variance == Variance::iid) return "iid";
    if (options.variance == Variance::robust) return "robust";
    std::string text = "cluster:";
    for (std::size_t c = 0; c < design.clusters.size(); ++c)
        text += (c > 0 ? "+" : "") + design.clusters[c].name;
    return text;
}

std::vector<std::string> names_of(const std::vector<std::string>& all,
                                  const std::vector<Eigen::Index>& kept) {
    std::vector<std::string> names;
    for (const Eigen::Index j : kept) names.push_back(all[static_cast<std::size_t>(j)]);
    return names;
}

/// b by the normal equations of scaled columns, refined once on the residual (corrected semi-normal
/// equations).
void least_squares(const Eigen::VectorXd& y, Estimation& e) {
    e.residual = y;
    Eigen::VectorXd b = Eigen::VectorXd::Zero(e.Z.cols());
    for (int pass = 0; pass < 2 && b.size() > 0; ++pass) {
        Eigen::VectorXd step = e.Z.transpose() * e.residual;
        solve_normal(e.R, step);
        e.residual -= e.Z * step;
        b += step;
    }
    e.estimate = b.cwiseQuotient(e.scale);
}

void fit_ols(const Design& sample, const Options& options, Fit& fit) {
    const Absorber absorber(sample.effects, sample.y.size(), sample.constant);
    const Setup setup = make_setup(sample, options, absorber);
    (void)residual_rule(setup, 0);
    Eigen::MatrixXd W(sample.y.size(), sample.X.cols() + 1);
    W << sample.y, sample.X;
    absorber.apply(W);
    const bool effects = !sample.effects.empty();
    check_outcome(sample.y_name, sample.y, column_scale(sample.y), W.col(0), effects);
    const Selection selection =
        select_columns(W.rightCols(sample.X.cols()), column_scale(sample.X), sample.x_name, effects);
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
        e.mean[j] = sample.X.col(column).mean();
    }
    e.mean_y = sample.y.mean();
    e.print_constant = setup.intercept;
    fit.estimator = "ols";
    fit.tss_within = W.col(0).squaredNorm();
    least_squares(W.col(0), e);
    finish(setup, e, fit);
}

}  // namespace

Fit fit(const Design& design, const Options& options) {
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
    check_columns(design);
    Fit result;
    result.formula = design.formula;
    result.vcov = variance_name(design, options);
    result.n_read = design.n_read;
    result.n_complete = design.y.size();
    result.warnings = design.warnings;
    const auto estimate = [&](const Design& sample) {
        check_columns(sample);
        if (options.variance == Variance::cluster) {
            for (const Factor& cluster : sample.clusters)
                result.clusters.emplace_back(cluster.name, cluster.levels);
        }
        if (sample.endogenous.cols() > 0) {
            fit_iv(sample, options, result);
        } else {
            fit_ols(sample, options, result);
        }
    };
    Singletons singletons;
    if (!options.keep_singletons) singletons = find_singletons(design.effects, design.y.size());
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

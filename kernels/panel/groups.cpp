#include "kernels/panel/groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/error.hpp"
#include "kernels/panel/estimation.hpp"
#include "kernels/panel/iv_estimators.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/panel/variance.hpp"
#include "kernels/stats/distributions.hpp"
#include "kernels/stats/percentile.hpp"

namespace greenfront::panel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Estimates of all groups in one vector, and where each group's term stands in it (-1: omitted).
struct Joint {
    Eigen::VectorXd b;
    Eigen::MatrixXd V;
    std::vector<std::vector<Eigen::Index>> place;  ///< [group][regressor]
    double df2 = infinity;
};

std::vector<std::vector<std::int64_t>> rows_by_group(const Design& design, const Factor& groups) {
    if (groups.levels < 2) {
        throw Error(Fault::data, fmt::format("{} makes {} group{}; a comparison needs two or more",
                                             groups.name, groups.levels, groups.levels == 1 ? "" : "s"));
    }
    std::vector<std::vector<std::int64_t>> rows(static_cast<std::size_t>(groups.levels));
    for (std::size_t i = 0; i < groups.code.size(); ++i)
        rows[static_cast<std::size_t>(groups.code[i])].push_back(static_cast<std::int64_t>(i));
    for (std::size_t g = 0; g < rows.size(); ++g) {
        if (!rows[g].empty()) continue;
        throw Error(Fault::data,
                    fmt::format("group {} of {} has no row of {}: every row of it is missing a value or "
                                "left out, or all values tie",
                                groups.level_name[g], groups.name, design.formula));
    }
    return rows;
}

/// Regressors whose coefficients are compared: exogenous ones first, as panel::fit lists them.
std::vector<std::string> compared_terms(const Design& design) {
    std::vector<std::string> names = design.x_name;
    names.insert(names.end(), design.endogenous_name.begin(), design.endogenous_name.end());
    return names;
}

/// Only 2SLS with everything interacted is 2SLS in each group: LIML has one k and GMM one set of weights.
void check_estimator(const Options& options) {
    const Estimator estimator = options.estimator.value_or(Estimator::tsls);
    if (estimator == Estimator::tsls) return;
    throw Error(
        Fault::data,
        fmt::format("the estimates of {} with everything interacted with the group are not those of the "
                    "groups; compare groups by 2sls",
                    name(estimator)));
}

/// Stacked scores are written for these alone.
void check_stacked(const Design& design, const Options& options) {
    if (design.endogenous.cols() > 0) {
        throw Error(Fault::data,
                    "a suest-type comparison of groups takes no instruments; compare by interaction");
    }
    const bool plain = options.variance == Variance::iid || options.variance == Variance::robust ||
                       options.variance == Variance::cluster;
    if (plain && design.weight_kind == WeightKind::none) return;
    throw Error(Fault::data,
                "a suest-type comparison of groups takes no weights and the variances iid, robust and "
                "cluster:NAME; compare by interaction");
}

Factor crossed(const Factor& factor, const Factor& groups) {
    Factor both{factor.name + "^" + groups.name, {}, factor.levels * groups.levels, {}};
    std::vector<std::int64_t> all;
    for (std::size_t i = 0; i < factor.code.size(); ++i) {
        both.code.push_back(factor.code[i] * groups.levels + groups.code[i]);
        all.push_back(static_cast<std::int64_t>(i));
    }
    if (!factor.level_name.empty()) {
        for (const auto& level : factor.level_name) {
            for (const auto& group : groups.level_name) both.level_name.push_back(level + "^" + group);
        }
    }
    return take_rows(both, all);
}

std::string interacted_name(const std::string& term, const std::string& group) {
    return term + ":" + group;
}

/// One copy of the columns for each group, zero in the rows of other groups.
void interact(const Factor& groups, Eigen::MatrixXd& columns, std::vector<std::string>& names) {
    const Eigen::Index k = columns.cols();
    Eigen::MatrixXd copies = Eigen::MatrixXd::Zero(columns.rows(), k * groups.levels);
    for (Eigen::Index i = 0; i < columns.rows(); ++i)
        copies.row(i).segment(groups.code[static_cast<std::size_t>(i)] * k, k) = columns.row(i);
    std::vector<std::string> copied;
    for (const auto& group : groups.level_name)
        for (const auto& name : names) copied.push_back(interacted_name(name, group));
    columns = std::move(copies);
    names = std::move(copied);
}

Joint by_interaction(const Design& design, const Factor& groups, const Options& options) {
    Options joint_options = options;
    joint_options.tests.clear();  // they name terms of the separate regressions
    const Fit pooled = fit(interacted(design, groups), joint_options);
    Joint joint;
    const Eigen::Index k = pooled.covariance.rows();
    joint.b.resize(k);
    for (Eigen::Index j = 0; j < k; ++j) joint.b[j] = pooled.terms[static_cast<std::size_t>(j)].estimate;
    joint.V = pooled.covariance;
    joint.df2 = pooled.df_residual;
    for (const auto& group : groups.level_name) {
        joint.place.emplace_back();
        for (const auto& name : compared_terms(design)) {
            const std::string wanted = interacted_name(name, group);
            Eigen::Index place = -1;
            for (Eigen::Index j = 0; j < k; ++j)
                if (pooled.terms[static_cast<std::size_t>(j)].name == wanted) place = j;
            joint.place.back().push_back(place);
        }
    }
    return joint;
}

/// Clusters of the rows that enter, numbered together; q of the header.
double pooled_clusters(const Design& design, const std::vector<std::int64_t>& rows, const Options& options,
                       ClusterSets& sets) {
    const auto n = static_cast<double>(rows.size());
    if (options.variance != Variance::cluster) return n / (n - 1);
    std::vector<Factor> factors;
    double fewest = infinity;
    for (const Factor& cluster : design.clusters) {
        factors.push_back(take_rows(cluster, rows));
        fewest = std::min(fewest, static_cast<double>(factors.back().levels));
    }
    check_clusters(factors);
    sets = cluster_sets(factors);
    return fewest / (fewest - 1);
}

Joint by_scores(const Design& design, const std::vector<std::vector<std::int64_t>>& rows,
                const Options& options) {
    struct Block {
        Eigen::MatrixXd psi;
        Eigen::Index first = 0;
    };
    Joint joint;
    std::vector<Block> blocks;
    std::vector<std::int64_t> used;
    Eigen::Index columns = 0;
    Options separate = options;
    separate.variance = Variance::iid;  // the variance is made here
    for (const auto& group_rows : rows) {
        const Prepared p = prepare(take_rows(design, group_rows), separate);
        const Eigen::Index k = p.X.cols();
        const Eigen::MatrixXd Z = p.X * p.selection.scale.cwiseInverse().asDiagonal();
        Eigen::VectorXd b = Eigen::VectorXd::Zero(k), u = p.y;
        for (int pass = 0; pass < 2; ++pass) {
            Eigen::VectorXd step = Z.transpose() * u;
            solve_normal(p.selection.R, step);
            u -= Z * step;
            b += step;
        }
        Eigen::MatrixXd influence = u.asDiagonal() * Z * inverse_normal(p.selection.R);
        influence *= p.selection.scale.cwiseInverse().asDiagonal();
        joint.b.conservativeResize(columns + k);
        joint.b.tail(k) = b.cwiseQuotient(p.selection.scale);
        joint.place.emplace_back(design.x_name.size(), -1);
        for (std::size_t j = 0; j < p.selection.kept.size(); ++j)
            joint.place.back()[static_cast<std::size_t>(p.selection.kept[j])] =
                columns + static_cast<Eigen::Index>(j);
        for (const auto row : p.singletons.kept) used.push_back(group_rows[static_cast<std::size_t>(row)]);
        blocks.push_back({std::move(influence), columns});
        columns += k;
    }
    Eigen::MatrixXd psi = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(used.size()), columns);
    Eigen::Index row = 0;
    for (const Block& block : blocks) {
        psi.block(row, block.first, block.psi.rows(), block.psi.cols()) = block.psi;
        row += block.psi.rows();
    }
    ClusterSets sets;
    const double q = pooled_clusters(design, used, options, sets);
    joint.V = q * score_products(psi, sets);
    return joint;
}

/// Wald test that the regressors `which` are equal in all groups.
void test_equality(const Joint& joint, const std::vector<std::size_t>& which, GroupTest test,
                   TermDifference& out) {
    const auto m = static_cast<Eigen::Index>(joint.place.size()) - 1;
    const auto q = static_cast<Eigen::Index>(which.size()) * m;
    Eigen::MatrixXd R = Eigen::MatrixXd::Zero(q, joint.b.size());
    Eigen::Index row = 0;
    for (const std::size_t j : which) {
        for (Eigen::Index g = 1; g <= m; ++g, ++row) {
            R(row, joint.place[0][j]) = 1;
            R(row, joint.place[static_cast<std::size_t>(g)][j]) = -1;
        }
    }
    const Eigen::VectorXd r = R * joint.b;
    const Eigen::MatrixXd V = R * joint.V * R.transpose();
    out.df1 = static_cast<double>(q);
    out.df2 = joint.df2;
    const double W = wald(r, V);
    out.statistic = test == GroupTest::interaction ? W / out.df1 : W;
    out.p_value = std::isnan(W)                    ? nan
                  : test == GroupTest::interaction ? stats::f_upper(out.statistic, out.df1, out.df2)
                                                   : stats::chi2_upper(W, out.df1);
    out.difference = q == 1 ? r[0] : nan;
    out.difference_se = q == 1 && V(0, 0) > 0 ? std::sqrt(V(0, 0)) : nan;
}

}  // namespace

Factor split(const std::string& name, const Eigen::VectorXd& values, Split how) {
    const std::vector<double> all(values.data(), values.data() + values.size());
    std::vector<double> cuts{stats::percentile_stata(all, 50)};
    Factor factor{name, {}, 2, {"low", "high"}};
    if (how == Split::tercile) {
        cuts = {stats::percentile_stata(all, 100.0 / 3), stats::percentile_stata(all, 200.0 / 3)};
        factor.levels = 3;
        factor.level_name = {"low", "middle", "high"};
    }
    for (const double value : all) {
        std::int32_t code = std::isnan(value) ? -1 : 0;
        for (const double cut : cuts) code += value > cut ? 1 : 0;
        factor.code.push_back(code);
    }
    return factor;
}

Design interacted(const Design& design, const Factor& groups) {
    (void)rows_by_group(design, groups);
    Design result = design;
    result.formula = fmt::format("{}, everything interacted with {}", design.formula, groups.name);
    interact(groups, result.X, result.x_name);
    interact(groups, result.endogenous, result.endogenous_name);
    interact(groups, result.instruments, result.instrument_name);
    for (FixedEffect& effect : result.effects) effect.factor = crossed(effect.factor, groups);
    if (design.effects.empty() && design.constant)
        result.effects.push_back({groups, true, {}, Eigen::MatrixXd(groups.code.size(), 0)});
    return result;
}

GroupComparison compare_groups(const Design& design, const Factor& groups, GroupTest test,
                               const Options& options) {
    const auto rows = rows_by_group(design, groups);
    if (test == GroupTest::suest) check_stacked(design, options);
    if (design.endogenous.cols() > 0) check_estimator(options);
    const auto terms = compared_terms(design);
    GroupComparison result;
    result.group = groups.level_name;
    for (std::size_t g = 0; g < rows.size(); ++g) {
        try {
            result.fit.push_back(fit(take_rows(design, rows[g]), options));
        } catch (const Error& error) {
            throw Error(error.fault(),
                        fmt::format("group {} of {}: {}", groups.level_name[g], groups.name, error.what()));
        }
    }
    const Joint joint = test == GroupTest::interaction ? by_interaction(design, groups, options)
                                                       : by_scores(design, rows, options);
    std::vector<std::size_t> everywhere;
    for (std::size_t j = 0; j < terms.size(); ++j) {
        TermDifference difference;
        difference.term = terms[j];
        difference.difference = difference.difference_se = difference.statistic = difference.p_value = nan;
        bool complete = true;
        for (std::size_t g = 0; g < rows.size(); ++g) {
            double estimate = nan, se = nan;
            for (const Term& term : result.fit[g].terms) {
                if (term.name == difference.term) estimate = term.estimate, se = term.std_error;
            }
            difference.estimate.push_back(estimate);
            difference.std_error.push_back(se);
            complete = complete && !std::isnan(estimate) && joint.place[g][j] >= 0;
        }
        if (complete) {
            everywhere.push_back(j);
            test_equality(joint, {j}, test, difference);
        }
        result.terms.push_back(std::move(difference));
    }
    result.joint.term = "all";
    result.joint.statistic = result.joint.p_value = result.joint.difference = result.joint.difference_se =
        nan;
    if (!everywhere.empty()) test_equality(joint, everywhere, test, result.joint);
    return result;
}

}  // namespace greenfront::panel

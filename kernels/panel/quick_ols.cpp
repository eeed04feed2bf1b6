#include "kernels/panel/quick_ols.hpp"

#include <algorithm>
#include <cmath>

#include "kernels/panel/rows.hpp"
#include "kernels/panel/sample.hpp"

namespace greenfront::panel {
namespace {

constexpr Eigen::Index most_numbers = 200'000;  ///< more than that is worth several threads
constexpr Eigen::Index most_columns = 32;

bool usual(const Design& design, const Options& options) {
    const Eigen::Index n = design.y.size(), k = design.X.cols();
    const bool variance = options.variance == Variance::iid || options.variance == Variance::robust ||
                          (options.variance == Variance::cluster && design.clusters.size() == 1 &&
                           design.clusters.front().levels > 1);
    return variance && design.weight_kind == WeightKind::none && design.endogenous.cols() == 0 && k > 0 &&
           k + 1 <= most_columns && n > k + 1 && n * (k + 1) < most_numbers && !design.effects.empty() &&
           design.effects.size() <= 2 &&
           std::all_of(design.effects.begin(), design.effects.end(),
                       [](const FixedEffect& e) { return e.intercept && e.slope.cols() == 0; });
}

/// The fewest rows of a level.
std::int32_t fewest_rows(const Factor& factor) {
    std::vector<std::int32_t> count(static_cast<std::size_t>(factor.levels), 0);
    for (const std::int32_t level : factor.code) ++count[static_cast<std::size_t>(level)];
    return *std::min_element(count.begin(), count.end());
}

/// Every level has rows, and more than one where single rows are dropped.
bool complete(const Design& design, const Options& options, const Absorber& absorber) {
    if (absorber.smallest_level() < (options.keep_singletons ? 1 : 2)) return false;
    return std::all_of(design.clusters.begin(), design.clusters.end(), [&](const Factor& cluster) {
        return std::any_of(design.effects.begin(), design.effects.end(),
                           [&](const FixedEffect& e) {
                               return e.factor.levels == cluster.levels && e.factor.code == cluster.code;
                           }) ||
               fewest_rows(cluster) > 0;
    });
}

/// R of the normalised regressors, when each is well away from the others.
bool factor_products(const RowProducts& rows, double n, Estimation& e) {
    const auto k = static_cast<Eigen::Index>(e.names.size());
    const auto left = rows.products.diagonal().segment(0, k + 1);
    if (!rows.products.topLeftCorner(k + 1, k + 1).allFinite() || !rows.mean.allFinite()) return false;
    for (Eigen::Index j = 0; j <= k; ++j) {
        const double raw = rows.centred[j] + n * rows.mean[j] * rows.mean[j];
        if (!(left[j] > 1e-8 * rows.centred[j]) || !(left[j] > 1e-18 * raw)) return false;
        if (!(raw > 1e-100 && raw < 1e100)) return false;  // products of four values come near the limits
    }
    e.scale = left.tail(k).cwiseSqrt();
    e.R = rows.products.block(1, 1, k, k);
    e.R = e.scale.cwiseInverse().asDiagonal() * e.R * e.scale.cwiseInverse().asDiagonal();
    for (Eigen::Index j = 0; j < k; ++j) {
        for (Eigen::Index i = 0; i <= j; ++i) {
            double sum = e.R(i, j);
            for (Eigen::Index l = 0; l < i; ++l) sum -= e.R(l, i) * e.R(l, j);
            if (i == j && !(sum > 1e-4)) return false;  // as in select_columns: the residual must decide
            e.R(i, j) = i == j ? std::sqrt(sum) : sum / e.R(i, i);
        }
    }
    e.R.triangularView<Eigen::StrictlyLower>().setZero();
    return true;
}

/// Products of the scores of [Z, 1], from those of [1, X] in lanes.
void set_score_products(const Eigen::MatrixXd& S, Estimation& e) {
    const Eigen::Index k = e.scale.size();
    Eigen::MatrixXd result(k + 1, k + 1);
    const Eigen::VectorXd unit = e.scale.cwiseInverse();
    result.topLeftCorner(k, k) = unit.asDiagonal() * S.block(1, 1, k, k) * unit.asDiagonal();
    result.col(k).head(k) = S.col(0).segment(1, k).cwiseProduct(unit);
    result.row(k).head(k) = result.col(k).head(k).transpose();
    result(k, k) = S(0, 0);
    e.score_products = std::move(result);
}

/// Estimate, residual and scores; the residual's pass runs again only if the refinement moves it.
void solve_rows(const Design& design, const Options& options, const RowBlock& block,
                const Eigen::MatrixXd& products, Estimation& e) {
    const Eigen::Index k = e.scale.size(), width = block.width;
    Eigen::VectorXd b = products.col(0).segment(1, k).cwiseQuotient(e.scale);
    solve_normal(e.R, b);  // in units of the scaled columns
    e.residual.resize(block.rows);
    const bool clustered = options.variance == Variance::cluster;
    const Factor* const clusters = clustered ? &design.clusters.front() : nullptr;
    Eigen::MatrixXd sums, S;
    Eigen::VectorXd c = Eigen::VectorXd::Zero(width), gradient(width);
    for (int pass = 0; pass < 3; ++pass) {
        c[0] = 1;
        c.segment(1, k) = -b.cwiseQuotient(e.scale);
        gradient.setZero();
        sums.setZero(width, clustered ? clusters->levels : 0);
        S.setZero(width, width);
        residual_pass(block, c.data(), e.residual.data(), gradient.data(),
                      {clustered ? clusters->code.data() : nullptr, sums.data()},
                      options.variance == Variance::robust ? S.data() : nullptr);
        Eigen::VectorXd step = gradient.segment(1, k).cwiseQuotient(e.scale);
        const double moved = step.squaredNorm();  // at least |Z (Z'Z)^-1 step|^2 up to the least eigenvalue
        solve_normal(e.R, step);
        b += step;
        if (std::max(moved, (e.R * step).squaredNorm()) <= 1e-27 * e.residual.squaredNorm()) break;
    }
    e.estimate = b.cwiseQuotient(e.scale);
    if (options.variance == Variance::iid) return;
    if (clustered) S.selfadjointView<Eigen::Lower>().rankUpdate(sums);
    set_score_products(clustered ? Eigen::MatrixXd(S.selfadjointView<Eigen::Lower>()) : S, e);
}

}  // namespace

std::optional<Fit> quick_ols(const Design& design, const Options& options, Fit fit) {
    if (!usual(design, options)) return std::nullopt;
    const Eigen::Index n = design.y.size(), k = design.X.cols();
    const Absorber absorber(design.effects, n, design.constant);
    if (!absorber.row_wise() || !complete(design, options, absorber)) return std::nullopt;
    const Setup setup = make_setup(design, options, absorber);
    if (setup.absorption.absorbed + setup.absorption.nested + k + 1 >= n) return std::nullopt;
    std::vector<const double*> column{design.y.data()};
    for (Eigen::Index j = 0; j < k; ++j) column.push_back(design.X.col(j).data());
    RowBlock block(n, k + 1);
    const RowProducts rows = absorber.apply_rows(column.data(), k + 1, block);
    Estimation e;
    e.names = design.x_name;
    if (!factor_products(rows, static_cast<double>(n), e)) return std::nullopt;
    solve_rows(design, options, block, rows.products, e);
    const double rss = e.residual.squaredNorm();
    if (!(rss > 1e-10 * rows.products(0, 0))) return std::nullopt;
    e.mean = rows.mean.tail(k);
    e.mean_y = rows.mean[0];
    e.print_constant = setup.intercept;
    fit.estimator = "ols";
    if (options.variance == Variance::cluster)
        fit.clusters.emplace_back(design.clusters.front().name, design.clusters.front().levels);
    fit.tss_within = rows.products(0, 0);
    if (design.unit.levels > 0) {  // for the weights of policies
        const Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>> stored(
            block.data, block.width, n, Eigen::OuterStride<>(block.width));
        e.Z = stored.middleRows(1, k).transpose() * e.scale.cwiseInverse().asDiagonal();
    }
    finish(setup, e, fit);
    add_ols_diagnostics(setup, e, fit);
    return fit;
}

}  // namespace greenfront::panel

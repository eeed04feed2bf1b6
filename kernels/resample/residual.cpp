#include "kernels/resample/residual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/estimation.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/tally.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

/// Replicates of one task and of one call of the absorber. Fixed, so that nothing depends on the threads.
constexpr std::int64_t together = 32;

void check(const panel::Design& design, const PairsOptions& pairs) {
    if (design.endogenous.cols() > 0) {
        throw Error(Fault::usage,
                    "the residual bootstrap is for OLS; with instruments draw whole clusters: pairs-cluster");
    }
    if (pairs.enumerate)
        throw Error(Fault::usage, "the residual bootstrap has N^N resamples; they cannot be enumerated");
    if (pairs.replicates < 1) {
        throw Error(Fault::usage, fmt::format("{} replicates: at least one is needed", pairs.replicates));
    }
}

/// What every replicate shares.
struct Model {
    MatrixXd Z;      ///< partialled regressors, divided by their norms
    VectorXd scale;  ///< the norms
    MatrixXd R;      ///< Z'Z = R'R
    VectorXd pool;   ///< e
    VectorXd plain;  ///< square roots of the diagonal of (X~'X~)^-1
    double denominator = 0;
    const panel::Absorber* absorber = nullptr;
};

Model make_model(const panel::Prepared& prepared, const panel::Fit& fit) {
    Model m;
    m.scale = prepared.selection.scale;
    m.R = prepared.selection.R;
    m.Z = prepared.X * m.scale.cwiseInverse().asDiagonal();
    m.plain = panel::inverse_normal(m.R).diagonal().cwiseSqrt().cwiseQuotient(m.scale);
    const double s = fit.terms.front().std_error / m.plain(0);
    m.denominator = fit.rss / (s * s);
    const auto n = static_cast<double>(fit.residual.size());
    m.pool = (fit.residual.array() - fit.residual.mean()) * std::sqrt(n / m.denominator);
    m.absorber = &prepared.absorber;
    return m;
}

void solve(const Model& m, const PairsOptions& pairs, std::int64_t begin, std::int64_t end,
           std::int64_t column, PairsDraws& draws) {
    // Always of full width: the products of another width might add in another order.
    MatrixXd e = MatrixXd::Zero(m.pool.size(), together);
    for (std::int64_t b = begin; b < end; ++b) {
        const auto rows = residual_rows(m.pool.size(), pairs, b);
        for (Index i = 0; i < e.rows(); ++i) e(i, b - begin) = m.pool(rows[static_cast<std::size_t>(i)]);
    }
    m.absorber->apply(e);
    const MatrixXd right = m.Z.transpose() * e;
    for (std::int64_t b = begin; b < end; ++b) {
        VectorXd step = right.col(b - begin);
        panel::solve_normal(m.R, step);
        const Index to = column + b - begin;
        draws.draw.col(to) = draws.estimate + step.cwiseQuotient(m.scale);
        draws.status[static_cast<std::size_t>(to)] = Status::optimal;
        if (!pairs.studentise) continue;
        const double rss = (e.col(b - begin) - m.Z * step).squaredNorm();
        draws.draw_std_error.col(to) = std::sqrt(rss / m.denominator) * m.plain;
    }
}

}  // namespace

std::vector<std::uint32_t> residual_rows(std::int64_t N, const PairsOptions& pairs, std::int64_t b) {
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(N));
    rng::Stream stream(pairs.seed, rng::stage_bootstrap, static_cast<std::uint64_t>(b), pairs.stream);
    stream.below(static_cast<std::uint64_t>(N), rows.data(), rows.size());
    return rows;
}

PairsDraws residual_bootstrap(const panel::Design& design, const panel::Options& options,
                              const PairsOptions& pairs) {
    check(design, pairs);
    panel::Options iid = options;
    iid.variance = panel::Variance::iid;
    const panel::Fit fit = panel::fit(design, iid);
    const panel::Prepared prepared = panel::prepare(design, iid);
    PairsDraws draws;
    draws.estimator = fit.estimator;
    draws.term = prepared.sample.x_name;
    if (draws.term.empty()) {
        throw Error(Fault::usage, fmt::format("{} has no regressor to bootstrap", design.formula));
    }
    const auto k = static_cast<Index>(draws.term.size());
    draws.estimate.resize(k);
    draws.std_error.resize(k);
    for (Index j = 0; j < k; ++j) {
        draws.estimate(j) = fit.terms[static_cast<std::size_t>(j)].estimate;
        draws.std_error(j) = fit.terms[static_cast<std::size_t>(j)].std_error;
    }
    draws.clusters = fit.n;
    const Model model = make_model(prepared, fit);
    solve_all(draws, pairs, together,
              [&](std::int64_t begin, std::int64_t end, std::int64_t column, PairsDraws& into,
                  std::vector<char>&) { solve(model, pairs, begin, end, column, into); });
    return draws;
}

}  // namespace greenfront::resample

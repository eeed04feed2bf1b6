#include "kernels/resample/pairs_solve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/resample/literal.hpp"
#include "kernels/resample/pairs_tsls.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Counts = std::vector<std::int32_t>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr Index largest_block = 600;  ///< columns of other effects that are factorised in every replicate

}  // namespace

struct PairsSolver::Outcome {
    VectorXd beta, std_error;
    bool literal = false;
};

PairsSolver::PairsSolver(const PairsModel& model, const panel::Fit& fit, const panel::Options& options,
                         bool studentise)
    : model_(model),
      options_(options),
      studentise_(studentise),
      moments_(cluster_moments(model.columns)),
      factor_(model.sample(), moments_.nested, fit, options_) {
    position_.resize(moments_.cluster.size());
    for (std::size_t g = 0; g < position_.size(); ++g) {
        position_[static_cast<std::size_t>(moments_.cluster[g].code)] = static_cast<std::int32_t>(g);
    }
    for (const auto& block : moments_.block) small_blocks_ = small_blocks_ && block.size <= largest_block;
    if (small_blocks_ && model.endogenous == 0) uniform_ = uniform_store(moments_);
}

PairsSolver::Counts PairsSolver::by_position(const Counts& by_code) const {
    Counts positions(by_code.size());
    for (std::size_t g = 0; g < by_code.size(); ++g) {
        positions[g] = by_code[static_cast<std::size_t>(moments_.cluster[g].code)];
    }
    return positions;
}

/// Columns of X+ with one value in all drawn clusters.
std::vector<char> PairsSolver::without_variation(const Counts& positions) const {
    VectorXd low = VectorXd::Constant(moments_.k + 1, std::numeric_limits<double>::infinity()), high = -low;
    for (std::size_t g = 0; g < positions.size(); ++g) {
        if (positions[g] == 0) continue;
        low = low.cwiseMin(moments_.cluster[g].low);
        high = high.cwiseMax(moments_.cluster[g].high);
    }
    std::vector<char> constant(static_cast<std::size_t>(low.size()));
    for (Index j = 0; j < low.size(); ++j) constant[static_cast<std::size_t>(j)] = low(j) == high(j) ? 1 : 0;
    return constant;
}

void PairsSolver::stacked(const Counts& count, Outcome& outcome) const {
    outcome.literal = true;
    // Whether a resample has an estimate is part of the answer: both vectors are NaN when it has none.
    static_cast<void>(
        estimate(stack(model_.sample(), count, moments_.nested), options_, outcome.beta, outcome.std_error));
}

void PairsSolver::solve_one(const Counts& count, Outcome& outcome) const {
    if (!small_blocks_) return stacked(count, outcome);
    const Index k = moments_.k;
    const Counts positions = by_position(count);
    Projection projection;
    project(moments_, positions, projection);
    if (model_.endogenous > 0) return solve_instrumented(count, positions, projection, outcome);

    std::vector<Index> kept;
    std::vector<char> constant;
    for (Index j = 0; j <= k; ++j) {
        if (projection.Q(j, j) > trusted * projection.S(j)) {
            if (j < k) kept.push_back(j);
            continue;
        }
        if (constant.empty()) constant = without_variation(positions);
        // A regressor without variation is out; a constant outcome and everything near it is for the fit.
        if (j == k || !moments_.constant_removed || constant[static_cast<std::size_t>(j)] == 0) {
            return stacked(count, outcome);
        }
    }
    outcome.beta.setConstant(k, nan);
    outcome.std_error.setConstant(k, nan);
    if (kept.empty()) return;
    MatrixXd L;
    if (!cholesky(projection.Q, kept, L)) return stacked(count, outcome);
    const double q = factor_(count, static_cast<std::int64_t>(kept.size()));
    if (std::isnan(q)) return;  // no degrees of freedom: nothing can be estimated, as panel::fit says

    VectorXd beta = projection.Q(kept, k);
    const auto invert = [&L](auto& v) {
        L.triangularView<Eigen::Lower>().solveInPlace(v);
        L.transpose().triangularView<Eigen::Upper>().solveInPlace(v);
    };
    invert(beta);
    // Nearly a perfect fit: what is left of the outcome is rounding.
    const double rss = projection.Q(k, k) - beta.dot(VectorXd(projection.Q(kept, k)));
    if (!(rss > trusted * projection.Q(k, k))) return stacked(count, outcome);
    outcome.beta(kept) = beta;
    if (!studentise_) return;
    VectorXd full = VectorXd::Zero(k);
    full(kept) = beta;
    MatrixXd score;
    scores(moments_, positions, projection, full, score);
    MatrixXd z = score(kept, Eigen::all);  // A^-1 s_g, column by column
    invert(z);
    VectorXd variance = VectorXd::Zero(beta.size());
    for (std::size_t g = 0; g < positions.size(); ++g) {
        variance += positions[g] * z.col(static_cast<Index>(g)).cwiseAbs2();
    }
    // Scores that cancel in every cluster leave rounding; where the limit lies is for panel::fit to say.
    MatrixXd inverse = MatrixXd::Identity(beta.size(), beta.size());
    invert(inverse);
    const double mean_square = rss / static_cast<double>(moments_.column.rows());
    if ((variance.array() <= 1e-10 * mean_square * inverse.diagonal().array()).any())
        return stacked(count, outcome);
    outcome.std_error(kept) = (q * variance).cwiseSqrt();
}

void PairsSolver::solve_instrumented(const Counts& count, const Counts& positions,
                                     const Projection& projection, Outcome& outcome) const {
    if ((projection.Q.diagonal().array() <= trusted * projection.S.array()).any())
        return stacked(count, outcome);
    TwoStage found;
    if (!two_stage(model_, projection.Q, found)) return stacked(count, outcome);
    const Index k = model_.terms();
    const double q = factor_(count, k);
    // No degrees of freedom here or, with more instruments than needed, in the first stage.
    if (std::isnan(q) || (!factor_.fixed() && model_.instruments > model_.endogenous &&
                          std::isnan(factor_(count, model_.exogenous + model_.instruments)))) {
        return stacked(count, outcome);
    }
    outcome.beta = found.beta;
    outcome.std_error.setConstant(k, nan);
    if (!studentise_) return;
    VectorXd full = VectorXd::Zero(moments_.k);
    full.head(k) = found.beta;
    MatrixXd score;
    scores(moments_, positions, projection, full, score);
    const MatrixXd z = influence(model_, found, score);
    VectorXd variance = VectorXd::Zero(k);
    for (std::size_t g = 0; g < positions.size(); ++g) {
        variance += positions[g] * z.col(static_cast<Index>(g)).cwiseAbs2();
    }
    MatrixXd inverse = MatrixXd::Identity(k, k);
    found.R.triangularView<Eigen::Upper>().solveInPlace(inverse);
    const double mean_square = found.rss / static_cast<double>(moments_.column.rows());
    if ((variance.array() <= 1e-10 * mean_square * inverse.rowwise().squaredNorm().array()).any())
        return stacked(count, outcome);
    outcome.std_error = (q * variance).cwiseSqrt();
}

void PairsSolver::store(const Outcome& outcome, std::int64_t column, PairsDraws& draws,
                        std::vector<char>& literal) const {
    draws.draw.col(column) = outcome.beta;
    if (studentise_) draws.draw_std_error.col(column) = outcome.std_error;
    draws.status[static_cast<std::size_t>(column)] =
        outcome.beta.array().isNaN().any() ? Status::undefined : Status::optimal;
    literal[static_cast<std::size_t>(column)] = outcome.literal ? 1 : 0;
}

/// Up to sixteen replicates of a uniform panel, counts in `scratch`; those that miss the trust test go the
/// general road.
void PairsSolver::solve_sixteen(std::int64_t column, int replicates, Scratch& scratch, PairsDraws& draws,
                                std::vector<char>& literal) const {
    StripResult result;
    solve_strip(*uniform_, scratch.count.data(), studentise_, scratch.work, result);
    const Index k = moments_.k;
    Counts count;
    for (int r = 0; r < replicates; ++r) {
        const std::int64_t b = column + r;
        if (!result.trusted[r] || !factor_.fixed()) {
            const double* const positions = scratch.count.data() + r;
            count.resize(position_.size());
            for (std::size_t g = 0; g < count.size(); ++g)
                count[g] = static_cast<std::int32_t>(positions[position_[g] * strip]);
        }
        if (!result.trusted[r]) {
            Outcome outcome;
            solve_one(count, outcome);
            store(outcome, b, draws, literal);
            continue;
        }
        const double q = factor_(count, k);  // none: no degrees of freedom, nothing can be estimated
        for (Index j = 0; j < k; ++j) {
            draws.draw(j, b) = std::isnan(q) ? nan : result.beta[j][r];
            if (studentise_) draws.draw_std_error(j, b) = std::sqrt(q * result.variance[j][r]);
        }
        draws.status[static_cast<std::size_t>(b)] = std::isnan(q) ? Status::undefined : Status::optimal;
        literal[static_cast<std::size_t>(b)] = 0;
    }
}

void PairsSolver::solve(const std::vector<Counts>& counts, std::int64_t begin, PairsDraws& draws,
                        std::vector<char>& literal) const {
    const auto all = static_cast<std::int64_t>(counts.size());
    Scratch scratch;
    for (std::int64_t first = 0; first < all; first += uniform_ != nullptr ? strip : 1) {
        if (uniform_ == nullptr) {
            Outcome outcome;
            solve_one(counts[static_cast<std::size_t>(first)], outcome);
            store(outcome, begin + first, draws, literal);
            continue;
        }
        const auto replicates = static_cast<int>(std::min<std::int64_t>(strip, all - first));
        scratch.count.assign(static_cast<std::size_t>(strip) * position_.size(), 0.0);
        for (int r = 0; r < replicates; ++r) {
            const Counts positions = by_position(counts[static_cast<std::size_t>(first + r)]);
            double* const count = scratch.count.data() + r;
            for (std::size_t g = 0; g < positions.size(); ++g) count[g * strip] = positions[g];
        }
        solve_sixteen(begin + first, replicates, scratch, draws, literal);
    }
}

void PairsSolver::solve_drawn(const PairsOptions& pairs, std::int64_t begin, std::int64_t end,
                              std::int64_t column, Scratch& scratch, PairsDraws& draws,
                              std::vector<char>& literal) const {
    const auto G = static_cast<std::int32_t>(position_.size());
    for (std::int64_t first = begin; first < end; first += uniform_ != nullptr ? strip : 1) {
        if (uniform_ == nullptr) {
            Outcome outcome;
            solve_one(cluster_counts(G, pairs, first), outcome);
            store(outcome, column + first - begin, draws, literal);
            continue;
        }
        const auto replicates = static_cast<int>(std::min<std::int64_t>(strip, end - first));
        scratch.count.assign(static_cast<std::size_t>(strip) * position_.size(), 0.0);
        scratch.drawn.resize(position_.size());
        for (int r = 0; r < replicates; ++r) {
            draw_clusters(G, pairs, first + r, scratch.drawn.data());
            double* const count = scratch.count.data() + r;
            for (const auto code : scratch.drawn) count[position_[code] * strip] += 1;
        }
        solve_sixteen(column + first - begin, replicates, scratch, draws, literal);
    }
}

}  // namespace greenfront::resample

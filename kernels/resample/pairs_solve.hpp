#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/moments.hpp"
#include "kernels/resample/pairs_model.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/sample_factor.hpp"
#include "kernels/resample/uniform.hpp"

namespace greenfront::resample {

/// Solves resamples of one estimation. With A = Q_xx(w), b = Q_xy(w) and Cholesky A = L L':
///     beta = A^-1 b,   V = q A^-1 (sum_g w_g s_g s_g') A^-1,   s_g = x-tilde_g' (y-tilde_g - x-tilde_g
///     beta).
/// Trust. A sum of squares Q_jj that kept less than 1e-8 of S_jj, or a pivot below 1e-8 of A_jj, has lost
/// half of its digits: a regressor without any variation in the resample is then not identified, and
/// everything else is decided by panel::fit on the stacked rows. With instruments (pairs_tsls.hpp) all of
/// that is decided there.
class PairsSolver {
  public:
    /// `model` must outlive this object; `fit` is that of the full sample.
    PairsSolver(const PairsModel& model, const panel::Fit& fit, const panel::Options& options,
                bool studentise);

    /// Resamples `counts` (by cluster code) into columns begin, begin + 1, ... of `draws`.
    void solve(const std::vector<std::vector<std::int32_t>>& counts, std::int64_t begin, PairsDraws& draws,
               std::vector<char>& literal) const;

    /// Space that a thread uses again and again.
    struct Scratch {
        std::vector<double> work;
        std::vector<double> count;         ///< [clusters][16], by position
        std::vector<std::uint32_t> drawn;  ///< codes
    };
    /// Replicates begin .. end - 1, drawn as cluster_counts says, into columns column, column + 1, ...
    void solve_drawn(const PairsOptions& pairs, std::int64_t begin, std::int64_t end, std::int64_t column,
                     Scratch& scratch, PairsDraws& draws, std::vector<char>& literal) const;

  private:
    struct Outcome;
    using Counts = std::vector<std::int32_t>;
    [[nodiscard]] Counts by_position(const Counts& by_code) const;
    void solve_sixteen(std::int64_t column, int replicates, Scratch& scratch, PairsDraws& draws,
                       std::vector<char>& literal) const;
    void store(const Outcome& outcome, std::int64_t column, PairsDraws& draws,
               std::vector<char>& literal) const;
    void solve_one(const std::vector<std::int32_t>& count, Outcome& outcome) const;
    void solve_instrumented(const std::vector<std::int32_t>& count, const Counts& positions,
                            const Projection& projection, Outcome& outcome) const;
    void stacked(const std::vector<std::int32_t>& count, Outcome& outcome) const;
    [[nodiscard]] std::vector<char> without_variation(const std::vector<std::int32_t>& positions) const;

    const PairsModel& model_;
    panel::Options options_;
    bool studentise_;
    ClusterMoments moments_;
    SampleFactor factor_;
    std::vector<std::int32_t> position_;  ///< of each cluster code
    bool small_blocks_ = true;
    std::unique_ptr<UniformStore> uniform_;  ///< null: every replicate goes the general road
};

}  // namespace greenfront::resample

#pragma once
#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/permutation_test.hpp"
#include "kernels/stats/exact_sum.hpp"
#include "kernels/stats/quantile_sketch.hpp"
#include "kernels/status.hpp"

/// Placebo tests: the treatment changes places, outcome and other regressors stay, and the coefficient of the
/// sample is compared with those of the draws.
namespace greenfront::resample {

/// Whose p value is reported. `permute` and `ritest` repeat the Stata commands of these names: c/m instead of
/// (c + 1)/(m + 1), and |T*| >= |T| - 1e-7 whatever the units of T.
enum class Compatibility : std::int8_t { none, permute, ritest };

struct PlaceboOptions {
    std::string treatment;  ///< one of design.x_name
    Scheme scheme = Scheme::trajectory;
    panel::Factor within;      ///< groups that nothing leaves: one code a design row; no levels: none
    bool coefficient = false;  ///< compare coefficients instead of t statistics
    Compatibility compatibility = Compatibility::none;
    std::int64_t replicates = 999;
    std::uint64_t seed = 1;
    std::uint64_t stream = 0;
    /// Every arrangement once; an error when there are more than 10^7. Done anyway where there are no more of
    /// them than replicates, unless a Stata command is repeated.
    bool enumerate = false;
    bool keep = true;  ///< the draws; false: counts and quantile sketches of them only
};

/// Why a draw has no coefficient or no standard error.
enum class Infeasible : std::int8_t { none, absorbed, collinear, no_std_error, no_fit };
inline constexpr std::array<std::string_view, 5> infeasible_names{"", "absorbed by the fixed effects",
                                                                  "collinear with other regressors",
                                                                  "no standard error", "nothing to estimate"};

/// How many draws are left out for each reason, and the numbers of the first ones.
struct LeftOut {
    static constexpr std::size_t most_listed = 11;
    std::array<std::int64_t, infeasible_names.size()> count{};
    std::vector<std::int64_t> first;  ///< ascending, from 0

    void add(std::int64_t draw, Infeasible reason);
    void merge(const LeftOut& other);
};

/// What is remembered of draws that are not kept; the same for any order of the draws.
struct RunningPlacebo {
    stats::QuantileSketch estimate, statistic;  ///< of the draws that have one
    stats::RunningMoments moments;              ///< of the coefficients
    PermutationCounts counts;
    std::int64_t replicates = 0;
};

struct PlaceboDraws {
    double estimate = 0, std_error = 0, statistic = 0;     ///< observed
    double df = 0;                                         ///< of the t statistic
    Eigen::VectorXd draw, draw_std_error, draw_statistic;  ///< R each
    Eigen::VectorXd draw_df;                               ///< R; that of the sample, except in time
    std::vector<Status> status;                            ///< undefined without a coefficient
    std::vector<Infeasible> reason;
    LeftOut left_out;
    std::optional<RunningPlacebo> running;  ///< when draws are not kept; the vectors above are then empty
    std::vector<std::int64_t> lead;         ///< in time only: periods between the fake and the true adoption
    PermutationTest test;
    double arrangements = 0;  ///< different ones, the sample among them; may be infinite
    std::int64_t units = 0, items = 0, cells = 0;
    bool enumerated = false;
    std::int64_t fixed_items = 0;  ///< items alone in their cell: they keep their place
    bool refitted = false;         ///< effects do not commute with the permutations: partialled in every draw
    bool literal = false;          ///< every draw is a panel::fit
    std::vector<std::string> warnings;

    [[nodiscard]] std::int64_t replicates() const;
    [[nodiscard]] std::int64_t infeasible() const;   ///< draws without the statistic that is compared
    [[nodiscard]] Eigen::VectorXd p_values() const;  ///< two-sided, of each draw's t
};

/// Permutation of the treatment (method 4.8). Draw r shuffles the items of kernels/resample/permutation.hpp
/// within their cells with Stream(seed, stage_placebo, r, stream). With v = M x^pi (M: effects), Q an
/// orthonormal basis of the partialled other regressors and y~ = M y less its projection on Q:
///     D = v'v - |Q'v|^2,  beta = v'y~ / D,  x~ = v - Q Q'v,  u = y~ - beta x~,
///     iid     V = u'u / (N - k - df_a) / D
///     others  V = q sum_g (sum_{i in g} x~_i u_i)^2 / D^2, each row its own cluster when robust.
/// N, the effects and so the degrees of freedom and q are those of the sample in every draw.
///
/// M x^pi is a permutation of the rows of M x where the permutations map the span of the effects to itself
/// (`commutes`); in a balanced panel with unit and period effects only, it is x^pi less its means; else M is
/// applied in every draw. Sums are those of kernels/resample/placebo_store.hpp; a draw that loses digits in
/// them (D below 1e-2 of v'v, or scores that nearly cancel) is computed from x~ itself. With several cluster
/// variables each draw is a panel::fit.
///
/// A draw with v'v not above 1e-9 of the treatment's centred sum of squares is absorbed, with D not above
/// 1e-9 of v'v collinear; it has no coefficient (NaN, status undefined) and is left out of the test, as is
/// one whose scores cancel in every cluster and which has no standard error, where t is compared. Only the
/// column `treatment` moves: a term that reads it (an interaction, a lag, an instrument) stays as it is, so a
/// caller with such terms must refuse them.
///
/// With instruments (2SLS) the treatment is the endogenous regressor, and its instruments move with it:
/// kernels/resample/placebo_iv.hpp.
///
/// Errors: those of panel::fit; Fault::usage for a treatment that is not a regressor, no replicates or more
/// than 10^7 arrangements to enumerate; Fault::data when the treatment is omitted, a unit has two rows in a
/// period, or no draw can differ from the sample.
///
/// Without `keep` a draw is counted and forgotten: memory does not depend on the number of draws, p values
/// are those of kept draws, quantiles are off by at most 2^-12 of themselves.
///
/// `unit` and `time` have one code a design row.
[[nodiscard]] PlaceboDraws placebo(const panel::Design& design, const panel::Options& options,
                                   const panel::Factor& unit, const panel::Factor& time,
                                   const PlaceboOptions& placebo);

/// Placebo in time: the treatment is 0 until a unit adopts it and 1 from then on (else Fault::data). Rows are
/// those on which it is not on, in periods before the last adoption; on them each adopting unit gets a fake
/// treatment that begins `lead` periods (of the panel) before its own. One regression by panel::fit for every
/// lead, 1 up to the largest with a row before any fake adoption; nothing is random. The leads are no
/// arrangements of the sample: the test compares their statistics with the sample's all the same.
/// `placebo.within`, replicates, seed and enumerate do not matter; the few draws are kept (Fault::usage
/// otherwise).
[[nodiscard]] PlaceboDraws placebo_in_time(const panel::Design& design, const panel::Options& options,
                                           const panel::Factor& unit, const panel::Factor& time,
                                           const PlaceboOptions& placebo);

}  // namespace greenfront::resample

#pragma once
#include <cstdint>
#include <vector>

#include "kernels/panel/regression.hpp"
#include "kernels/resample/resample.hpp"

/// Residual bootstrap of an OLS regression with fixed effects: regressors and effects stay as they are, rows
/// get other rows' residuals. It rests on independent errors of one variance; where errors depend on each
/// other within clusters, use the wild cluster or the pairs bootstrap.
///
/// u are the residuals of the regression with all its effects, N rows, K coefficients in all (regressors and
/// effects; the denominator N - K is that of the iid standard error, by the rule of --ssc), ubar their mean
/// (zero with an intercept or effects):
///     e_i   = (u_i - ubar) sqrt(N / (N - K))        so that the mean of e^2 is s^2 when ubar = 0
///     y*_i  = y_i - u_i + e_r(i),                    r(1) .. r(N) drawn from the N rows with replacement
///     b*    = b + (X~'X~)^-1 X~'e*,                  X~ freed from all effects
///     s*^2  = RSS* / (N - K),  RSS* = |M e*|^2 - (b* - b)'X~'X~(b* - b),  M takes out the effects
/// Replicate b draws r as Stream(seed, stage_bootstrap, b, stream).below(N), N times, in the order of the
/// estimation sample's rows (sorted by unit and period where the panel has both).
/// Sources: Freedman (1981), Bootstrapping regression models, Annals of Statistics 9, 1218-1228; the factor:
/// Davison and Hinkley (1997), Bootstrap Methods and their Application, section 6.2.3, with the mean
/// leverage. Cost: N draws, one partialling of a column and N k a replicate.
namespace greenfront::resample {

/// `draws.std_error` and `draw_std_error` are those of iid errors; `clusters` is N. Uses replicates, seed,
/// keep, null, stream and studentise of the options. Throws Error(Fault::usage) with instruments, with
/// `enumerate` and with fewer than one replicate, and as panel::fit does.
[[nodiscard]] PairsDraws residual_bootstrap(const panel::Design& design, const panel::Options& options,
                                            const PairsOptions& pairs);

/// Rows whose residuals replicate b gives to rows 0 .. N - 1.
[[nodiscard]] std::vector<std::uint32_t> residual_rows(std::int64_t N, const PairsOptions& pairs,
                                                       std::int64_t b);

}  // namespace greenfront::resample

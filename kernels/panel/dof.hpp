#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel/absorb.hpp"
#include "kernels/panel/regression.hpp"

/// Degrees of freedom and small-sample factors, as four programs count them.
///
/// N rows, k regressors kept (without the constant), G clusters (the fewest of several variables), L_f levels
/// of effect f. reghdfe 6.13: redundant levels M_f are (a) all L_f, when each level lies in one cluster of
/// some cluster variable ("nested"); (b) of the intercepts left, in the order given, none for the first (one
/// if any effect was nested) and for a later one max(1, connected components with any earlier one left); (c)
/// for a slope the levels in which its variable is constant (zero, without an intercept).
///     df_a = sum_f (L_f - M_f);   without effects the constant is the effect: df_a = 1.
///
///     rule        iid, robust denominator   cluster factor
///     reghdfe     N - k - df_a              (N-1)/(N - k - df_a - 1{nested})  G/(G-1)
///     ivreghdfe   N - k - max(1, df_a)      (N-1)/(N - k - max(1, df_a))      G/(G-1)
///     fixest      N - K                     (N-1)/(N - K)                     G/(G-1)
///     exact-rank  N - k - rank D            (N-1)/(N - k - rank D)            G/(G-1)
/// fixest's K = k + sum L - (intercepts - 1); with clusters nested effects count one each, or K = k + 1 when
/// all are nested. exact-rank counts every dummy, nested or not, as areg and explicit dummies do.
/// Robust, Newey-West, Conley: factor N / denominator. hc2 and hc3: factor 1, their correction is in the
/// leverages. Jackknife: (G-1)/G. Driscoll-Kraay with T periods: (N-1)/(N - k - df_a) T/(T-1), without the
/// nested 1: periods are no clusters that effects could be nested in (reghdfe). t and F have denominator
/// degrees of freedom, with clusters and jackknife min(G - 1, N - k - df_a) under reghdfe and G - 1 under the
/// others; Driscoll-Kraay the same with T for G. N counts frequency weights. Sources: the conventions of
/// reghdfe's, ivreghdfe's and fixest's own code and documentation (docs/methods/regression.md).
namespace greenfront::panel {

struct Absorption {
    std::vector<AbsorbedEffect> table;
    std::int64_t absorbed = 0;  ///< df_a
    std::int64_t nested = 0;    ///< levels of nested effects
    bool any_nested = false;
};
/// `clusters` is empty unless the variance is clustered. Codes have no empty level.
[[nodiscard]] Absorption absorbed_degrees(const std::vector<FixedEffect>& effects,
                                          const std::vector<Factor>& clusters, bool constant);

/// Whether every level of `inner` lies in one level of `outer`.
[[nodiscard]] bool is_nested(const Factor& inner, const Factor& outer);

struct SmallSampleRule {
    std::int64_t absorbed = 0;  ///< df_a as this rule counts it
    double denominator = 0;     ///< of the variance factor
    double factor = 1;          ///< multiplies the sandwich (robust, cluster); iid: 1
    double df = 0;              ///< of t and F
};
/// `clusters` is the fewest levels of a cluster variable, T for Driscoll-Kraay (else 0).
[[nodiscard]] SmallSampleRule small_sample(SmallSample rule, Variance variance, std::int64_t n,
                                           std::int64_t k, std::int64_t clusters,
                                           const Absorption& absorption,
                                           const std::vector<FixedEffect>& effects, bool constant,
                                           const Absorber& absorber);

[[nodiscard]] std::string name(SmallSample rule);

}  // namespace greenfront::panel

#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <utility>
#include <vector>

#include "kernels/panel/sample.hpp"
#include "kernels/resample/permutation.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/placebo_setting.hpp"

/// Placebo draws of 2SLS with one endogenous regressor.
namespace greenfront::resample {

/// The endogenous regressor d changes places together with its instruments Z (n x L); outcome y and exogenous
/// regressors W (n x k1) stay. So the first stage is kept, and what is broken is the tie to the outcome; to
/// permute d alone would leave it without a first stage. With M (effects), Q an orthonormal basis of M W and
/// each column v of [d Z]:
///     v~ = M v^pi - Q Q'M v^pi,   y~ = M y - Q Q'M y
///     c = (Z~'Z~)^-1 Z~'d~,  d^ = Z~ c,  beta = d^'y~ / d^'d^,  u = y~ - beta d~
///     V = q sum_g (sum_{i in g} d^_i u_i)^2 / (d^'d^)^2;  iid: q u'u / d^'d^
/// q is what makes V of the sample the square of its standard error, so N, effects and small-sample factor
/// are the sample's in every draw. Where permutations map the effects' span to itself, M v^pi = (M v)^pi.
///
/// A draw has no coefficient when d~ or a column of Z~ keeps no more than 1e-9 of its sum of squares, or Z~
/// is collinear, or d^'d^ is not above 1e-9 d~'d~ (not identified). Cost: 2 (1 + L) (2 k1 + L) n flops a
/// draw.
struct PlaceboIv {
    Eigen::MatrixXd Q, moving;  ///< n x k1; n x (1 + L), d first: what is permuted
    Eigen::VectorXd y;
    Eigen::VectorXd scale;  ///< centred sums of squares of the raw columns
    bool iid = false, commuting = false;
    std::vector<std::int32_t> cluster;
    std::int32_t clusters = 0;
    double factor = 1, df = 0;
    Exchange exchange;
    Eigen::VectorXd value;     ///< one number for each different row of the raw [d Z]
    panel::Prepared prepared;  ///< [W Z] of the sample

    explicit PlaceboIv(panel::Prepared sample) : prepared(std::move(sample)) {}
    /// [d Z] of the rows, as M leaves it where `commuting`, else raw.
    [[nodiscard]] PlaceboDraw draw(Eigen::MatrixXd& columns, std::vector<double>& score) const;
};

/// `unit`, `time` and `within` have a code a design row. Errors: Fault::usage for more than one endogenous
/// variable, another treatment, LIML or GMM, or several cluster variables.
[[nodiscard]] PlaceboIv placebo_iv(const panel::Design& design, const panel::Options& options,
                                   const panel::Fit& fit, const panel::Factor& unit,
                                   const panel::Factor& time, const PlaceboOptions& placebo);

}  // namespace greenfront::resample

#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/panel/sample.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/placebo_store.hpp"

/// Everything that a draw of a placebo test reads, and the three ways from a permutation to a coefficient.
namespace greenfront::resample {

struct PlaceboSetting {
    /// How M x^pi is made: M x permuted; means taken from the permuted column; M applied; panel::fit.
    enum class Way : std::int8_t { permuted, demeaned, partialled, literal };

    const panel::Prepared* prepared = nullptr;
    panel::Options options;
    Way way = Way::permuted;
    bool demean_period = false, demean_unit = false;
    Eigen::Index treatment = 0;           ///< column of the sample
    Eigen::VectorXd raw;                  ///< the treatment
    Eigen::VectorXd base;                 ///< what is permuted
    Eigen::MatrixXd Q;                    ///< n x (k - 1), orthonormal partialled other regressors
    Eigen::VectorXd y;                    ///< partialled outcome without its part in Q
    double y_square = 0, centred_ss = 0;  ///< of y; of the raw treatment
    bool iid = false;
    std::vector<std::int32_t> cluster;  ///< of each row; one a row when robust
    std::int32_t clusters = 0;
    double factor = 1;  ///< q, or 1 / (N - k - df_a) when iid
    double df = 0;
    Exchange exchange;
    std::unique_ptr<PlaceboStore> store;  ///< nothing when it would be too large, and for Way::literal
};

/// `unit` and `time` on the rows of the sample.
[[nodiscard]] PlaceboSetting placebo_setting(const panel::Prepared& prepared, const panel::Options& options,
                                             const panel::Fit& fit, const panel::Factor& unit,
                                             const panel::Factor& time, Exchange exchange,
                                             const PlaceboOptions& placebo);

struct PlaceboDraw {
    double estimate, std_error;
    Infeasible reason;
};
/// From v itself: x~ is formed, nothing cancels. `work` and `score` are scratch space.
[[nodiscard]] PlaceboDraw placebo_direct(const PlaceboSetting& setting,
                                         const Eigen::Ref<const Eigen::VectorXd>& v, Eigen::VectorXd& work,
                                         std::vector<double>& score);
/// From sums; false when they are not to be trusted.
[[nodiscard]] bool placebo_from_sums(const PlaceboSetting& setting, const PlaceboSums& sums,
                                     PlaceboDraw& draw);
/// By panel::fit of the sample with this column.
[[nodiscard]] PlaceboDraw placebo_fit(const PlaceboSetting& setting, const Eigen::VectorXd& raw);

/// The same whether two factors make the same groups of rows, whatever their codes.
[[nodiscard]] bool same_groups(const panel::Factor& a, const panel::Factor& b);

}  // namespace greenfront::resample

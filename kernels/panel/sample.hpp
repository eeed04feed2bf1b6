#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel/absorb.hpp"
#include "kernels/panel/regression.hpp"

/// From the complete rows of a design to the columns that are estimated: singletons, absorbed and collinear
/// regressors. Estimation, bootstraps and placebo tests all start from `prepare`.
namespace greenfront::panel {

/// Rows that stay when every row alone in a level of an intercept effect is dropped, and again until none is
/// left (the largest set of rows in which every level has two; it does not depend on the order).
struct Singletons {
    std::vector<std::int64_t> kept;  ///< design rows, ascending
    std::int64_t dropped = 0;
    std::vector<std::string> names;  ///< "effect=level" of the levels that vanished, in order of detection
};
/// With `frequency` (counts of rows, or empty) a row that stands for several is not alone.
[[nodiscard]] Singletons find_singletons(const std::vector<FixedEffect>& effects, std::int64_t rows,
                                         const Eigen::VectorXd& frequency = {});
/// The frequency weights of a design, else nothing.
[[nodiscard]] Eigen::VectorXd frequencies(const Design& design);

/// The factor on some rows, codes made anew so that no level is empty; the order of levels stays.
[[nodiscard]] Factor take_rows(const Factor& factor, const std::vector<std::int64_t>& rows);
/// The design on some rows; factors as above. `row` keeps leading to the panel.
[[nodiscard]] Design take_rows(const Design& design, const std::vector<std::int64_t>& rows);

/// Whether a factor has a level without rows.
[[nodiscard]] bool has_empty_level(const Design& design);

/// Sums of squares (weighted: kernels/panel/weights.hpp) of each column about zero and about its mean.
struct Scale {
    Eigen::VectorXd raw, centred;
};
[[nodiscard]] Scale column_scale(const Eigen::Ref<const Eigen::MatrixXd>& columns);

/// Which columns enter, in order, and the factor of their cross-products.
///
/// First those go whose partialled sum of squares is not above 1e-9 of their centred one (nor above 1e-26 of
/// their raw one: rounding); then, from left to right, every column whose squared distance from the span of
/// the kept ones before it is not above 1e-9 of its own partialled sum of squares. Distances come from the
/// Cholesky factor of the normalised cross-products, and from the residual itself (Gram-Schmidt, twice) where
/// the factor says less than 1e-4, so that R is as accurate as that of an orthogonal factorisation.
/// Cost: n k^2.
struct Selection {
    std::vector<Eigen::Index> kept;  ///< columns
    std::vector<Omitted> omitted;
    Eigen::VectorXd scale;  ///< norm of each kept column
    Eigen::MatrixXd R;      ///< upper: (X S^-1)'(X S^-1) = R'R with S = diag(scale)
};
[[nodiscard]] Selection select_columns(const Eigen::Ref<const Eigen::MatrixXd>& partialled,
                                       const Scale& scale, const std::vector<std::string>& names,
                                       bool effects);

/// The estimation sample of an OLS regression (or of the exogenous part of an IV one).
struct Prepared {
    Design sample;  ///< after dropping singletons; X holds the kept columns only
    Singletons singletons;
    std::vector<Omitted> omitted;
    Eigen::VectorXd y;    ///< partialled outcome
    Eigen::MatrixXd X;    ///< partialled kept regressors, in formula order
    Selection selection;  ///< columns of the design's X that were kept, and R
    Absorber absorber;    ///< of the sample's effects
};

/// The checks of `prepare`, each an Error(Fault::data) that names the variable and the reason.
void check_columns(const Design& design);
void check_outcome(const std::string& name, const Eigen::VectorXd& y, const Scale& scale,
                   const Eigen::VectorXd& partialled, bool effects);
void check_regressors(const Selection& selection, const std::vector<std::string>& names);
void check_clusters(const std::vector<Factor>& clusters);

/// Throws Error(Fault::data) when there are no rows, a column is not finite, y is constant, every regressor
/// is omitted, or a cluster variable has one level; and for weights or a variance other than iid, robust and
/// clustered, which resampling does not know.
[[nodiscard]] Prepared prepare(const Design& design, const Options& options);

}  // namespace greenfront::panel

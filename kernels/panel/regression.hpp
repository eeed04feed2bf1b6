#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Linear regression with fixed effects.
namespace greenfront::panel {

/// A categorical variable over the rows: codes 0..levels-1.
struct Factor {
    std::string name;
    std::vector<std::int32_t> code;
    std::int32_t levels = 0;
    std::vector<std::string> level_name;  ///< may be empty; used in messages about singletons
};

/// A fixed effect: an intercept for each level and/or slopes of some variables in each level.
struct FixedEffect {
    Factor factor;
    bool intercept = true;
    std::vector<std::string> slope_name;
    Eigen::MatrixXd slope;  ///< rows x number of slopes; 0 columns for a plain effect
};

/// What a row counts for. Analytic weights are divided by their mean, so that they sum to the number of rows;
/// a frequency weight stands for so many equal rows.
enum class WeightKind : std::int8_t { none, analytic, frequency };

/// Data of one regression. All rows are complete (no NaN) and in the same order everywhere.
struct Design {
    std::string formula;
    std::string y_name;
    Eigen::VectorXd y;                ///< n
    std::vector<std::string> x_name;  ///< exogenous regressors, in the formula's order
    Eigen::MatrixXd X;                ///< n x k
    std::vector<FixedEffect> effects;
    bool constant = true;  ///< without effects: fit a constant
    std::vector<std::string> endogenous_name;
    Eigen::MatrixXd endogenous;  ///< n x k1
    std::vector<std::string> instrument_name;
    Eigen::MatrixXd instruments;    ///< n x l1, excluded instruments
    std::vector<Factor> clusters;   ///< one for each name in the variance specification
    std::vector<std::int64_t> row;  ///< panel row of each design row
    WeightKind weight_kind = WeightKind::none;
    std::string weight_name;
    Eigen::VectorXd weight;          ///< n, positive; empty without weights
    Factor unit, period;             ///< of the panel; no levels where it has none
    std::vector<std::int64_t> time;  ///< value of the period, for each of its levels
    std::string latitude_name, longitude_name;
    Eigen::MatrixXd place;              ///< n x 2, latitude and longitude in degrees: Conley only
    std::int64_t n_read = 0;            ///< panel rows before incomplete ones were left out
    std::vector<std::string> warnings;  ///< about the formula's terms; they go on to the fit
};

enum class Variance : std::int8_t {
    iid,
    robust,
    cluster,
    hc2,
    hc3,
    jackknife,       ///< CV3: every cluster left out once
    driscoll_kraay,  ///< periods, with lags
    newey_west,      ///< within units, with lags
    conley           ///< neighbours within a period
};
enum class SmallSample : std::int8_t { reghdfe, ivreghdfe, fixest, exact_rank };
/// With instruments: two-stage least squares, limited-information maximum likelihood, two-step efficient GMM.
enum class Estimator : std::int8_t { tsls, liml, gmm };

struct Options {
    Variance variance = Variance::iid;
    std::optional<SmallSample> small_sample;  ///< default: reghdfe for OLS, ivreghdfe for IV
    bool keep_singletons = false;
    double confidence = 0.95;
    std::optional<Estimator> estimator;           ///< default: 2SLS; needs instruments
    std::int64_t lags = 0;                        ///< Driscoll-Kraay, Newey-West
    double radius_km = 0;                         ///< Conley
    std::vector<std::vector<std::string>> tests;  ///< joint tests: terms that are all zero
};

struct Term {
    std::string name;
    double estimate, std_error, statistic, p_value, conf_low, conf_high;
};

struct Omitted {
    std::string name, reason;  ///< "absorbed by the fixed effects" or "collinear with ..."
};

/// Degrees of freedom of one fixed effect, as reghdfe's footer prints them.
struct AbsorbedEffect {
    std::string name;
    std::int64_t categories, redundant, coefficients;
    bool nested;  ///< nested in a cluster variable
};

/// Wald test that some coefficients are all zero.
struct JointTest {
    std::vector<std::string> terms;  ///< those that were kept
    double f = 0, df1 = 0, df2 = 0, p_value = 0;
};

/// Weights of a policy that units adopt at different times: kernels/panel/staggered.hpp.
struct PolicyWeights {
    std::string term;
    std::int64_t treated = 0, negative = 0;  ///< cells with the policy; those with a negative weight
    double negative_sum = 0;                 ///< of the weights, which sum to one
};

struct WeakInstruments;  // kernels/panel/iv.hpp, when the model has instruments

struct Fit {
    std::string formula, vcov, ssc, estimator;
    std::int64_t n = 0, n_read = 0, n_complete = 0, singletons = 0;
    std::vector<std::string> singleton_names;                    ///< levels that lost rows, "effect=level"
    std::vector<std::pair<std::string, std::int64_t>> clusters;  ///< after dropping rows
    std::vector<Omitted> omitted;
    std::int64_t df_model = 0, df_absorbed = 0, df_nested = 0;
    double df_residual = 0;  ///< of t and F
    double small_sample_factor = 1;
    bool variance_repaired = false;  ///< negative eigenvalues were set to zero
    std::vector<Term> terms;         ///< kept regressors in formula order, `_cons` last
    Eigen::MatrixXd covariance;      ///< of the kept regressors without `_cons`
    double rss = 0, tss = 0, tss_within = 0;
    double r2 = 0, adj_r2 = 0, within_r2 = 0, within_adj_r2 = 0, rmse = 0;
    double f_statistic = std::numeric_limits<double>::quiet_NaN();
    double f_p_value = std::numeric_limits<double>::quiet_NaN();
    std::vector<AbsorbedEffect> absorbed;
    std::string weights;                           ///< "aweights:COL", "fweights:COL" or empty
    std::int64_t lags = 0, periods = 0;            ///< Driscoll-Kraay, Newey-West
    double radius_km = 0;                          ///< Conley
    std::int64_t neighbours = 0;                   ///< Conley: pairs of rows within the radius
    std::vector<std::string> singular_leave_outs;  ///< jackknife: clusters that had to stay in
    std::vector<JointTest> tests;                  ///< as asked for in the options
    std::vector<double> vif;  ///< variance inflation of each kept regressor, on partialled columns; OLS only
    std::vector<PolicyWeights> policy;
    std::vector<std::int64_t> row;              ///< design rows kept after dropping singletons
    Eigen::VectorXd residual;                   ///< of the kept rows, in the outcome's units
    std::shared_ptr<const WeakInstruments> iv;  ///< with instruments only
    std::vector<std::string> warnings;
};

/// Fits y on X (and endogenous variables by options.estimator) with the effects absorbed.
/// Throws Error(Fault::data), naming the variable and the reason, when there is nothing to estimate
/// (no rows, no residual degrees of freedom, constant y, a cluster variable with one level, ...).
[[nodiscard]] Fit fit(const Design& design, const Options& options);

}  // namespace greenfront::panel

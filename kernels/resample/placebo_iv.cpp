#include "kernels/resample/placebo_iv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/iv.hpp"

namespace greenfront::resample {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double rounding = 1e-9;

void check(const panel::Design& design, const panel::Options& options, const PlaceboOptions& placebo) {
    const auto refuse = [](const std::string& text) { throw Error(Fault::usage, text); };
    if (options.estimator.value_or(panel::Estimator::tsls) != panel::Estimator::tsls)
        refuse("the placebo test of a formula with instruments is for 2SLS, not for LIML or GMM");
    if (design.endogenous_name.size() != 1 || design.endogenous_name.front() != placebo.treatment) {
        refuse(
            fmt::format("the treatment \"{}\": with instruments it is the endogenous regressor that changes "
                        "places, together with its instruments; here there {} {}",
                        placebo.treatment, design.endogenous_name.size() == 1 ? "is" : "are",
                        fmt::join(design.endogenous_name, ", ")));
    }
    if (options.variance == panel::Variance::cluster && design.clusters.size() != 1)
        refuse("the placebo test of a formula with instruments takes one cluster variable");
}

std::vector<Index> places(const std::vector<std::string>& names, const std::vector<std::string>& all) {
    std::vector<Index> result;
    for (const auto& name : names) {
        const auto at = std::find(all.begin(), all.end(), name);
        if (at != all.end()) result.push_back(at - all.begin());
    }
    return result;
}

/// Regressors that 2SLS keeps, in the design's order.
std::vector<std::string> exogenous_terms(const panel::Fit& fit, const std::string& treatment) {
    std::vector<std::string> names;
    for (const auto& term : fit.terms) {
        if (term.name != "_cons" && term.name != treatment) names.push_back(term.name);
    }
    return names;
}

/// The sample with the kept regressors and instruments as its X.
panel::Prepared first_stage(const panel::Design& design, const panel::Options& options,
                            const std::vector<std::string>& W, const std::vector<std::string>& Z) {
    panel::Design first = design;
    first.x_name = W;
    first.x_name.insert(first.x_name.end(), Z.begin(), Z.end());
    first.X.resize(design.y.size(), static_cast<Index>(first.x_name.size()));
    first.X << design.X(Eigen::all, places(W, design.x_name)),
        design.instruments(Eigen::all, places(Z, design.instrument_name));
    first.endogenous.resize(design.y.size(), 0);
    first.endogenous_name.clear();
    first.instruments.resize(design.y.size(), 0);
    first.instrument_name.clear();
    return panel::prepare(first, options);
}

/// Rows that are alike in every column have the same number.
VectorXd numbered(const MatrixXd& columns) {
    std::map<std::vector<double>, double> seen;
    VectorXd number(columns.rows());
    for (Index i = 0; i < columns.rows(); ++i) {
        const VectorXd row = columns.row(i);
        number(i) =
            seen.emplace(std::vector<double>(row.begin(), row.end()), static_cast<double>(i)).first->second;
    }
    return number;
}

void set_clusters(PlaceboIv& s, const panel::Options& options) {
    const Index n = s.y.size();
    s.iid = options.variance == panel::Variance::iid;
    if (options.variance == panel::Variance::robust) {
        s.cluster.resize(static_cast<std::size_t>(n));
        std::iota(s.cluster.begin(), s.cluster.end(), 0);
        s.clusters = static_cast<std::int32_t>(n);
    } else if (options.variance == panel::Variance::cluster) {
        s.cluster = s.prepared.sample.clusters.front().code;
        s.clusters = s.prepared.sample.clusters.front().levels;
    }
}

}  // namespace

PlaceboDraw PlaceboIv::draw(MatrixXd& v, std::vector<double>& score) const {
    if (!commuting) prepared.absorber.apply(v);
    const VectorXd within = v.colwise().squaredNorm();
    if (!(within.array() > rounding * scale.array()).all()) return {nan, nan, Infeasible::absorbed};
    for (int pass = 0; pass < 2; ++pass) v -= Q * (Q.transpose() * v);
    const Index L = v.cols() - 1;
    const auto d = v.col(0);
    const auto Z = v.rightCols(L);
    MatrixXd square = Z.transpose() * Z;
    const VectorXd own = square.diagonal();
    if (!(own.array() > rounding * within.tail(L).array()).all()) return {nan, nan, Infeasible::collinear};
    const VectorXd unit = own.cwiseSqrt().cwiseInverse();
    square = unit.asDiagonal() * square * unit.asDiagonal();
    const Eigen::LLT<MatrixXd> llt(square);
    const VectorXd pivot = MatrixXd(llt.matrixL()).diagonal();
    if (llt.info() != Eigen::Success || !(pivot.cwiseAbs2().minCoeff() > rounding))
        return {nan, nan, Infeasible::collinear};
    const VectorXd c = unit.cwiseProduct(llt.solve(unit.cwiseProduct(Z.transpose() * d)));
    const VectorXd fitted = Z * c;
    const double D = fitted.squaredNorm();
    if (!(D > rounding * d.squaredNorm())) return {nan, nan, Infeasible::collinear};
    PlaceboDraw result{fitted.dot(y) / D, nan, Infeasible::none};
    const VectorXd u = y - result.estimate * d;
    double middle = u.squaredNorm() * D;
    if (!iid) {
        score.assign(static_cast<std::size_t>(clusters), 0.0);
        for (Index i = 0; i < u.size(); ++i)
            score[static_cast<std::size_t>(cluster[static_cast<std::size_t>(i)])] += fitted(i) * u(i);
        double sum = 0;
        for (const double s : score) sum += s * s;
        if (factor * sum <= 1e-12 * middle / static_cast<double>(u.size())) {
            result.reason = Infeasible::no_std_error;
            return result;
        }
        middle = sum;
    }
    result.std_error = std::sqrt(factor * middle) / D;
    return result;
}

PlaceboIv placebo_iv(const panel::Design& design, const panel::Options& options, const panel::Fit& fit,
                     const panel::Factor& unit, const panel::Factor& time, const PlaceboOptions& placebo) {
    check(design, options, placebo);
    const auto term = std::find_if(fit.terms.begin(), fit.terms.end(),
                                   [&](const auto& t) { return t.name == placebo.treatment; });
    if (term == fit.terms.end())
        throw Error(Fault::data,
                    fmt::format("the treatment \"{}\" has no coefficient: it is omitted", placebo.treatment));
    const auto W = exogenous_terms(fit, placebo.treatment);
    const auto& Z = fit.iv->instrument_names;
    PlaceboIv s(first_stage(design, options, W, Z));
    const auto k1 = static_cast<Index>(W.size()), L = static_cast<Index>(Z.size());
    const auto& kept = s.prepared.singletons.kept;
    s.y = s.prepared.y;
    s.moving.resize(s.y.size(), 1 + L);
    s.moving << design.endogenous(kept, Eigen::all), s.prepared.sample.X.rightCols(L);
    s.scale = panel::column_scale(s.moving).centred;
    s.value = numbered(s.moving);
    MatrixXd controls = s.prepared.X.leftCols(k1);
    controls.colwise().normalize();
    s.Q = k1 == 0 ? controls
                  : MatrixXd(Eigen::HouseholderQR<MatrixXd>(controls).householderQ() *
                             MatrixXd::Identity(s.y.size(), k1));
    for (int pass = 0; pass < 2; ++pass) s.y -= s.Q * (s.Q.transpose() * s.y);
    const auto within = placebo.within.levels > 0 ? panel::take_rows(placebo.within, kept) : placebo.within;
    s.exchange = exchange(placebo.scheme, panel::take_rows(unit, kept), panel::take_rows(time, kept), within);
    s.commuting = commutes(s.prepared.sample.effects, s.exchange);
    if (s.commuting) s.prepared.absorber.apply(s.moving);
    set_clusters(s, options);
    s.df = fit.df_residual;
    MatrixXd sample = s.moving;
    std::vector<double> score;
    const double plain = s.draw(sample, score).std_error;
    s.factor = (term->std_error / plain) * (term->std_error / plain);
    return s;
}

}  // namespace greenfront::resample

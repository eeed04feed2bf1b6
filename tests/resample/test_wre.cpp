#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/wre.hpp"
#include "tests/resample/panels.hpp"

using namespace greenfront;
using namespace test;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using resample::WildDraws;
using resample::WildOptions;
using resample::WildWeights;

namespace {

/// The columns of make_panel as a model: the first K1 are endogenous, the last L1 instruments.
Panel make_iv(int G, int T, int P, int exogenous, int K1, int L1, double missing, std::uint64_t seed) {
    Panel p = make_panel(G, T, P, exogenous + K1 + L1, missing, seed);
    Design& d = p.design;
    const MatrixXd all = d.X;
    d.endogenous = all.leftCols(K1);
    d.X = all.middleCols(K1, exogenous);
    d.instruments = all.rightCols(L1);
    const auto names = d.x_name;
    d.endogenous_name.assign(names.begin(), names.begin() + K1);
    d.instrument_name.assign(names.end() - L1, names.end());
    d.x_name.assign(names.begin() + K1, names.begin() + K1 + exogenous);
    // Instruments move the endogenous variables, whose own part is in the outcome too.
    for (Index m = 0; m < K1; ++m) {
        const VectorXd own = d.endogenous.col(m);
        for (Index z = 0; z < L1; ++z)
            d.endogenous.col(m) += (m == z % K1 ? 0.8 : 0.2) * d.instruments.col(z);
        d.y += 0.5 * own;
    }
    return p;
}

MatrixXd dummies(const Design& d) {
    Index columns = d.effects.empty() ? 1 : 0;
    for (const auto& e : d.effects) columns += e.factor.levels;
    MatrixXd W = MatrixXd::Zero(d.y.size(), columns);
    if (d.effects.empty()) W.setOnes();
    Index at = 0;
    for (const auto& e : d.effects) {
        for (Index i = 0; i < W.rows(); ++i) W(i, at + e.factor.code[static_cast<std::size_t>(i)]) = 1;
        at += e.factor.levels;
    }
    return W;
}

MatrixXd beside(const MatrixXd& a, const MatrixXd& b) {
    MatrixXd both(a.rows(), a.cols() + b.cols());
    both << a, b;
    return both;
}

MatrixXd coefficients(const MatrixXd& columns, const MatrixXd& y) {
    return Eigen::CompleteOrthogonalDecomposition<MatrixXd>(columns).solve(y);
}
MatrixXd fitted(const MatrixXd& columns, const MatrixXd& y) {
    return columns * coefficients(columns, y);
}

/// LIML by its definition, (Y'(I - k M)Y)^-1 Y'(I - k M)y with k the smallest root, on what W leaves.
VectorXd liml(const VectorXd& y, const MatrixXd& Y, const MatrixXd& W, const MatrixXd& Z) {
    MatrixXd A = beside(y, Y), B = A;
    A -= fitted(W, A);
    B -= fitted(beside(W, Z), B);
    const MatrixXd AA = A.transpose() * A, BB = B.transpose() * B;
    const Eigen::GeneralizedSelfAdjointEigenSolver<MatrixXd> roots(AA, BB);
    const MatrixXd cross = AA - roots.eigenvalues()(0) * BB;
    const Index K = Y.cols();
    return cross.bottomRightCorner(K, K).ldlt().solve(cross.bottomLeftCorner(K, 1));
}

/// The bootstrap as its definition says: restricted residuals and the efficient first stage by regressions on
/// explicit dummies; then a new sample and panel::fit.
class Literal {
  public:
    Literal(const Design& design, const panel::Options& options, const WildOptions& wild)
        : options_(options), wild_(wild) {
        design_ = panel::take_rows(design, panel::find_singletons(design.effects, design.y.size()).kept);
        const auto place = [&](const std::vector<std::string>& names) {
            return std::find(names.begin(), names.end(), wild.term) - names.begin();
        };
        const Index j = place(design_.x_name), m = place(design_.endogenous_name);
        const bool exogenous = j < design_.X.cols();
        const VectorXd tested = exogenous ? design_.X.col(j) : design_.endogenous.col(m);
        const MatrixXd D = dummies(design_);
        MatrixXd W = D, Y(design_.y.size(), 0), Z = design_.instruments;
        for (Index c = 0; c < design_.X.cols(); ++c) {
            if (c != j) W = beside(W, design_.X.col(c));
        }
        for (Index c = 0; c < design_.endogenous.cols(); ++c) {
            if (c != m) Y = beside(Y, design_.endogenous.col(c));
        }
        if (exogenous) Z = beside(Z, tested);
        const VectorXd base = design_.y - wild.null * tested;
        const VectorXd b = Y.cols() > 0 ? liml(base, Y, W, Z) : VectorXd();
        const VectorXd own = Y.cols() > 0 ? VectorXd(base - Y * b) : base;
        structure_ = fitted(W, own);
        u1_ = own - structure_;
        if (exogenous) structure_ += wild.null * tested;
        beta_.resize(design_.endogenous.cols());
        for (Index c = 0, other = 0; c < beta_.size(); ++c) beta_(c) = c == m ? wild.null : b(other++);
        const MatrixXd first = beside(beside(D, design_.X), design_.instruments);
        const MatrixXd c = coefficients(beside(first, u1_), design_.endogenous);
        fit_ = first * c.topRows(first.cols());
        u2_ = design_.endogenous - fit_;
    }

    /// beta*_j - r and t*.
    [[nodiscard]] std::pair<double, double> replicate(const std::vector<double>& v) const {
        Design d = design_;
        VectorXd by_row(d.y.size());
        for (Index i = 0; i < d.y.size(); ++i)
            by_row(i) = v[static_cast<std::size_t>(d.clusters[0].code[static_cast<std::size_t>(i)])];
        d.endogenous = fit_ + by_row.asDiagonal() * u2_;
        d.y = structure_ + d.endogenous * beta_ + by_row.cwiseProduct(u1_);
        const auto fit = panel::fit(d, options_);
        for (const auto& term : fit.terms) {
            if (term.name != wild_.term) continue;
            return {term.estimate - wild_.null, (term.estimate - wild_.null) / term.std_error};
        }
        return {NAN, NAN};
    }

  private:
    panel::Options options_;
    WildOptions wild_;
    Design design_;
    VectorXd u1_, structure_, beta_;
    MatrixXd fit_, u2_;
};

bool near(double a, double b) {
    return std::abs(a - b) <= 1e-10 * (1 + std::abs(b));
}

panel::Options clustered() {
    panel::Options options;
    options.variance = panel::Variance::cluster;
    return options;
}

WildOptions options_for(const char* term, WildWeights weights, double null) {
    WildOptions wild;
    wild.term = term;
    wild.weights = weights;
    wild.null = null;
    wild.replicates = 199;
    wild.seed = 11;
    wild.interval = false;
    return wild;
}

void compare(const Design& design, const WildOptions& wild, const std::vector<std::int64_t>& replicates) {
    const WildDraws draws = wild_cluster(design, clustered(), wild);
    const Literal literal(design, clustered(), wild);
    WildOptions drawn = wild;
    drawn.enumerate = draws.enumerated;
    for (const auto b : replicates) {
        const auto [change, t] =
            literal.replicate(resample::wild_weights(static_cast<std::int32_t>(draws.clusters), drawn, b));
        CAPTURE(b);
        CAPTURE(draws.draw(b));
        CAPTURE(t);
        CHECK(near(draws.draw_numerator(b), change));
        CHECK(near(draws.draw(b), t));
    }
}

}  // namespace

TEST_CASE("WRE: every replicate is the 2SLS regression of a new sample") {
    struct Shape {
        const char* name;
        double missing;
        int effects;  // 0 none, 1 unit, 2 unit + year, 3 unit + province x year, 4 year
        int exogenous, K1, L1;
        const char* term;
    };
    int kind = 0;
    for (const Shape& shape : {
             Shape{"constant", 0.2, 0, 2, 1, 1, "x1"},
             {"unit", 0.2, 1, 1, 1, 1, "x1"},
             {"balanced", 0, 2, 2, 1, 1, "x1"},
             {"balanced", 0, 2, 2, 1, 3, "x1"},
             {"unbalanced", 0.25, 2, 2, 1, 2, "x1"},
             {"unbalanced, exogenous term", 0.25, 2, 2, 1, 1, "x3"},
             {"unbalanced, exogenous term", 0.25, 2, 2, 1, 2, "x2"},
             {"no exogenous regressor", 0.25, 2, 0, 1, 2, "x1"},
             {"one exogenous regressor", 0.25, 2, 1, 1, 2, "x2"},
             {"province x year", 0.1, 3, 2, 1, 2, "x1"},
             {"province x year, exogenous term", 0.1, 3, 2, 1, 2, "x3"},
             {"year", 0.3, 4, 1, 1, 1, "x1"},
             {"two endogenous", 0.2, 2, 1, 2, 2, "x2"},
             {"two endogenous", 0.2, 2, 1, 2, 3, "x1"},
             {"two endogenous, exogenous term", 0.2, 2, 2, 2, 3, "x4"},
         }) {
        Panel p = make_iv(16, 6, 3, shape.exogenous, shape.K1, shape.L1, shape.missing, 5);
        if (shape.effects >= 1 && shape.effects <= 3) p.design.effects.push_back(effect(p.unit));
        if (shape.effects == 2 || shape.effects == 4) p.design.effects.push_back(effect(p.time));
        if (shape.effects == 3) p.design.effects.push_back(effect(p.cell));
        CAPTURE(shape.name);
        CAPTURE(shape.L1);
        CAPTURE(shape.term);
        compare(p.design, options_for(shape.term, static_cast<WildWeights>(kind++ % 4), 0.3), {0, 17, 198});
    }
}

TEST_CASE("WRE: clusters above the units, full enumeration, redundant columns") {
    Panel p = make_iv(24, 5, 6, 2, 1, 2, 0.15, 9);
    p.design.effects = {effect(p.unit), effect(p.time)};
    p.design.clusters = {p.province};
    compare(p.design, options_for("x1", WildWeights::webb, 0), {0, 5, 150});
    const WildOptions all = options_for("x1", WildWeights::rademacher, 0);
    compare(p.design, all, {0, 1, 63});  // 2^6 <= 199: enumerated
    const WildDraws draws = wild_cluster(p.design, clustered(), all);
    CHECK(draws.enumerated);
    CHECK(draws.draw.size() == 64);
    CHECK(near(draws.draw(0), draws.statistic));  // all signs +: the sample itself

    // A second copy of a regressor and of an instrument, and an instrument that the effects absorb.
    Design more = p.design;
    more.X = beside(more.X, 2 * more.X.col(0));
    more.x_name.emplace_back("copy");
    VectorXd level(more.y.size());
    for (Index i = 0; i < level.size(); ++i) level(i) = p.unit.code[static_cast<std::size_t>(i)];
    more.instruments = beside(beside(more.instruments, level), more.instruments.col(0) * 3);
    more.instrument_name.insert(more.instrument_name.end(), {"level", "again"});
    CHECK(wild_cluster(more, clustered(), all).draw.isApprox(draws.draw, 1e-9));
}

TEST_CASE("WRE: the interval holds the null values that are not rejected") {
    Panel p = make_iv(20, 6, 4, 1, 1, 1, 0.1, 21);
    p.design.effects = {effect(p.unit), effect(p.time)};
    for (const char* term : {"x1", "x2"}) {
        WildOptions wild = options_for(term, WildWeights::rademacher, 0);
        wild.interval = true;
        const WildDraws draws = wild_cluster(p.design, clustered(), wild);
        REQUIRE(draws.conf_low < draws.estimate);
        REQUIRE(draws.conf_high > draws.estimate);
        wild.interval = false;
        for (const double end : {draws.conf_low, draws.conf_high}) {
            REQUIRE(std::isfinite(end));
            const double away = end > draws.estimate ? draws.std_error : -draws.std_error;
            wild.null = end - away * 2e-5;
            CHECK(summarise(wild_cluster(p.design, clustered(), wild)).p_value > 0.05);
            wild.null = end + away * 2e-5;
            CHECK(summarise(wild_cluster(p.design, clustered(), wild)).p_value <= 0.05);
        }
    }
}

TEST_CASE("WRE: threads, number of replicates and units of measure") {
    Panel p = make_iv(70, 8, 4, 2, 1, 2, 0.1, 4);
    p.design.effects = {effect(p.unit), effect(p.time)};
    WildOptions wild = options_for("x1", WildWeights::rademacher, 0);
    wild.replicates = 700;
    const WildDraws base = wild_cluster(p.design, clustered(), wild);
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{8}}) {
        const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                                threads);
        CHECK(wild_cluster(p.design, clustered(), wild).draw == base.draw);
    }
    WildOptions fewer = wild;
    fewer.replicates = 333;
    CHECK(wild_cluster(p.design, clustered(), fewer).draw == base.draw.head(333));
    Design scaled = p.design;
    scaled.X.col(0) *= 1e9;
    scaled.endogenous *= 1e-5;
    scaled.instruments.col(1) *= 1e7;
    scaled.y *= 1e4;
    CHECK(wild_cluster(scaled, clustered(), wild).draw.isApprox(base.draw, 1e-8));
}

TEST_CASE("WRE: refusals say what is wrong") {
    Panel p = make_iv(8, 4, 2, 1, 1, 1, 0, 6);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto has = [&](const Design& design, const WildOptions& wild, const panel::Options& options,
                         const char* part) {
        std::string text = "no error";
        try {
            (void)wild_cluster(design, options, wild);
        } catch (const Error& error) {
            text = error.what();
        }
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    const WildOptions wild = options_for("x1", WildWeights::rademacher, 0);
    WildOptions other = wild;
    other.type = {3, 1};
    has(p.design, other, clustered(), "type 11 only");
    other = wild;
    other.impose_null = false;
    has(p.design, other, clustered(), "imposes the null");
    other = wild;
    other.term = "x9";
    has(p.design, other, clustered(), "the estimated terms are: x2, x1");
    panel::Options by_liml = clustered();
    by_liml.estimator = panel::Estimator::liml;
    has(p.design, wild, by_liml, "for 2SLS");
    Design several = p.design;
    several.clusters = {p.unit, p.time};
    has(several, wild, clustered(), "one cluster variable");
    Design weighted = p.design;
    weighted.weight_kind = panel::WeightKind::analytic;
    weighted.weight = VectorXd::Constant(weighted.y.size(), 1.0);
    weighted.weight(0) = 2;
    has(weighted, wild, clustered(), "weights");
}

#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <Eigen/QR>
#include <cmath>
#include <numeric>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/panel/variance.hpp"
#include "kernels/resample/wild.hpp"
#include "kernels/simd.hpp"
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

/// Everything as explicit columns: regressors, then dummies of all effects (or the constant). Least squares
/// by a complete orthogonal decomposition, which needs no care for redundant dummies.
struct Dummies {
    MatrixXd W;
    Index k;
    explicit Dummies(const Design& d) : k(d.X.cols()) {
        Index columns = k + (d.effects.empty() ? 1 : 0);
        for (const auto& e : d.effects) columns += e.factor.levels;
        W = MatrixXd::Zero(d.X.rows(), columns);
        W.leftCols(k) = d.X;
        Index at = k;
        if (d.effects.empty()) W.col(at).setOnes();
        for (const auto& e : d.effects) {
            for (Index i = 0; i < W.rows(); ++i) W(i, at + e.factor.code[static_cast<std::size_t>(i)]) = 1;
            at += e.factor.levels;
        }
    }
    [[nodiscard]] VectorXd solve(const VectorXd& y, const std::vector<Index>& rows,
                                 const std::vector<Index>& columns) const {
        return Eigen::CompleteOrthogonalDecomposition<MatrixXd>(W(rows, columns)).solve(y(rows));
    }
};

std::vector<Index> all_of(Index n) {
    std::vector<Index> list(static_cast<std::size_t>(n));
    std::iota(list.begin(), list.end(), Index{0});
    return list;
}

std::vector<Index> rows_of(const Factor& f, std::int32_t level, bool inside) {
    std::vector<Index> rows;
    for (std::size_t i = 0; i < f.code.size(); ++i) {
        if ((f.code[i] == level) == inside) rows.push_back(static_cast<Index>(i));
    }
    return rows;
}

/// A bootstrap written as its definition says: a new outcome, a new regression.
class Literal {
  public:
    Literal(const Design& design, const panel::Options& options, const WildOptions& wild)
        : design_(panel::prepare(design, options).sample), options_(options), wild_(wild), dummies_(design_) {
        j_ = std::find(design_.x_name.begin(), design_.x_name.end(), wild.term) - design_.x_name.begin();
        for (Index c = 0; c < dummies_.W.cols(); ++c) {
            if (!(wild.impose_null && c == j_)) free_.push_back(c);
        }
        y_ = design_.y;
        if (wild.impose_null) y_ -= wild.null * design_.X.col(j_);
        const VectorXd b = dummies_.solve(y_, all_of(y_.size()), free_);
        fitted_ = design_.y - (y_ - dummies_.W(Eigen::all, free_) * b);
        centre_ = wild.impose_null ? wild.null : b(j_);
        u_ = wild.type.residuals == 1 ? VectorXd(design_.y - fitted_) : left_out();
    }

    /// beta*_j - its value in the bootstrap's model, and t*.
    [[nodiscard]] std::pair<double, double> replicate(const std::vector<double>& v) const {
        VectorXd y = fitted_;
        for (Index i = 0; i < y.size(); ++i)
            y(i) +=
                v[static_cast<std::size_t>(design_.clusters[0].code[static_cast<std::size_t>(i)])] * u_(i);
        const VectorXd b = dummies_.solve(y, all_of(y.size()), all_of(dummies_.W.cols()));
        const double change = b(j_) - centre_;
        return {change, change / std_error(y, b)};
    }
    [[nodiscard]] double observed() const {
        const VectorXd b = dummies_.solve(design_.y, all_of(design_.y.size()), all_of(dummies_.W.cols()));
        return (b(j_) - wild_.null) / std_error(design_.y, b);
    }

  private:
    /// Residuals of each cluster from the regression without it. Columns and outcome first lose what effects
    /// within clusters explain (they are not estimated without the cluster), here by regression on its
    /// dummies.
    [[nodiscard]] VectorXd left_out() const {
        const Factor& cluster = design_.clusters[0];
        VectorXd u(y_.size());
        for (std::int32_t g = 0; g < cluster.levels; ++g) {
            const auto own = rows_of(cluster, g, true), others = rows_of(cluster, g, false);
            const VectorXd b = dummies_.solve(y_, others, free_);
            VectorXd left = (y_ - dummies_.W(Eigen::all, free_) * b)(own);
            const MatrixXd inner = nested_dummies(own, cluster);
            if (inner.cols() > 0)
                left -= inner * Eigen::CompleteOrthogonalDecomposition<MatrixXd>(inner).solve(left);
            u(own) = left;
        }
        return u;
    }
    [[nodiscard]] MatrixXd nested_dummies(const std::vector<Index>& own, const Factor& cluster) const {
        MatrixXd inner(static_cast<Index>(own.size()), 0);
        for (const auto& e : design_.effects) {
            std::vector<std::int32_t> owner(static_cast<std::size_t>(e.factor.levels), -1);
            bool nested = true;
            for (std::size_t i = 0; i < cluster.code.size(); ++i) {
                auto& o = owner[static_cast<std::size_t>(e.factor.code[i])];
                if (o < 0) o = cluster.code[i];
                nested = nested && o == cluster.code[i];
            }
            if (!nested) continue;
            for (std::int32_t l = 0; l < e.factor.levels; ++l) {
                VectorXd column(static_cast<Index>(own.size()));
                for (std::size_t r = 0; r < own.size(); ++r)
                    column(static_cast<Index>(r)) =
                        e.factor.code[static_cast<std::size_t>(own[r])] == l ? 1.0 : 0.0;
                if (column.sum() == 0) continue;
                inner.conservativeResize(Eigen::NoChange, inner.cols() + 1);
                inner.rightCols(1) = column;
            }
        }
        return inner;
    }
    [[nodiscard]] double std_error(const VectorXd& y, const VectorXd& b) const {
        if (wild_.type.variance == 3) {
            const Factor& cluster = design_.clusters[0];
            double squares = 0;
            for (std::int32_t g = 0; g < cluster.levels; ++g) {
                const VectorXd without =
                    dummies_.solve(y, rows_of(cluster, g, false), all_of(dummies_.W.cols()));
                squares += std::pow(without(j_) - b(j_), 2);
            }
            const double G = cluster.levels;
            return std::sqrt((G - 1) / G * squares);
        }
        Design d = design_;
        d.y = y;
        const auto fit = panel::fit(d, options_);
        REQUIRE_FALSE(fit.variance_repaired);
        return fit.terms[static_cast<std::size_t>(j_)].std_error;
    }

    Design design_;
    panel::Options options_;
    WildOptions wild_;
    Dummies dummies_;
    Index j_ = 0;
    std::vector<Index> free_;
    VectorXd y_, fitted_, u_;
    double centre_ = 0;
};

bool near(double a, double b, double tolerance = 1e-10) {
    return std::abs(a - b) <= tolerance * (1 + std::abs(b));
}

void compare(const Design& design, WildOptions wild, std::initializer_list<std::int64_t> replicates) {
    panel::Options options;
    options.variance = panel::Variance::cluster;
    const WildDraws draws = wild_cluster(design, options, wild);
    wild.enumerate = draws.enumerated;
    const Literal literal(design, options, wild);
    CHECK(near(draws.statistic, literal.observed()));
    for (const std::int64_t b : replicates) {
        const auto [change, t] =
            literal.replicate(resample::wild_weights(static_cast<std::int32_t>(draws.clusters), wild, b));
        CAPTURE(b);
        CHECK(near(draws.draw_numerator(b), change));
        CHECK(near(draws.draw(b), t));
    }
}

WildOptions options_for(const char* term, resample::WildType type, WildWeights weights, bool impose,
                        double null) {
    WildOptions wild;
    wild.term = term;
    wild.type = type;
    wild.weights = weights;
    wild.impose_null = impose;
    wild.null = null;
    wild.replicates = 199;
    wild.seed = 11;
    return wild;
}

}  // namespace

TEST_CASE("wild bootstrap: every replicate is the regression of a new outcome") {
    struct Shape {
        const char* name;
        double missing;
        int effects;  // 0 none, 1 unit, 2 unit + year, 3 unit + province x year, 4 year
    };
    for (const Shape& shape :
         {Shape{"constant", 0.2, 0}, Shape{"unit", 0.2, 1}, Shape{"balanced", 0, 2},
          Shape{"unbalanced", 0.25, 2}, Shape{"province x year", 0.1, 3}, Shape{"year", 0.3, 4}}) {
        Panel p = make_panel(14, 6, 3, 3, shape.missing, 5);
        if (shape.effects >= 1 && shape.effects <= 3) p.design.effects.push_back(effect(p.unit));
        if (shape.effects == 2 || shape.effects == 4) p.design.effects.push_back(effect(p.time));
        if (shape.effects == 3) p.design.effects.push_back(effect(p.cell));
        int kind = 0;
        for (const auto type : {resample::WildType{1, 1}, {1, 3}, {3, 1}, {3, 3}}) {
            for (const bool impose : {true, false}) {
                const auto weights = static_cast<WildWeights>(kind++ % 4);
                CAPTURE(shape.name);
                CAPTURE(type.residuals);
                CAPTURE(type.variance);
                CAPTURE(impose);
                compare(p.design, options_for("x2", type, weights, impose, 0.1), {0, 17, 198});
            }
        }
    }
}

TEST_CASE("wild bootstrap: clusters above the units, and several cluster variables") {
    Panel p = make_panel(24, 5, 6, 2, 0.15, 9);
    p.design.effects = {effect(p.unit), effect(p.time)};
    p.design.clusters = {p.province};
    for (const auto type : {resample::WildType{1, 1}, {3, 3}})
        compare(p.design, options_for("x1", type, WildWeights::webb, true, 0), {0, 5, 150});
    WildOptions all = options_for("x1", {1, 1}, WildWeights::rademacher, true, 0);
    compare(p.design, all, {0, 1, 63});  // 2^6 <= 199: enumerated

    Panel q = make_panel(30, 20, 5, 2, 0.1, 3);
    q.design.effects = {effect(q.unit), effect(q.time)};
    q.design.clusters = {q.unit, q.time};
    panel::Options options;
    options.variance = panel::Variance::cluster;
    const WildOptions wild = options_for("x1", {1, 1}, WildWeights::rademacher, true, 0);
    const WildDraws draws = wild_cluster(q.design, options, wild);
    const Literal literal(q.design, options, wild);
    CHECK(near(draws.statistic, literal.observed()));
    for (const std::int64_t b : {0, 3, 77}) {
        const auto [change, t] = literal.replicate(resample::wild_weights(30, wild, b));
        CHECK(near(draws.draw_numerator(b), change));
        CHECK(near(draws.draw(b), t));
    }
}

TEST_CASE("wild bootstrap: the interval holds the null values that are not rejected") {
    Panel p = make_panel(20, 6, 4, 2, 0.1, 21);
    p.design.effects = {effect(p.unit), effect(p.time)};
    panel::Options options;
    options.variance = panel::Variance::cluster;
    for (const auto type : {resample::WildType{1, 1}, {3, 1}, {3, 3}}) {
        for (const bool impose : {true, false}) {
            WildOptions wild = options_for("x1", type, WildWeights::rademacher, impose, 0);
            const WildDraws draws = wild_cluster(p.design, options, wild);
            REQUIRE(draws.conf_low < draws.estimate);
            REQUIRE(draws.conf_high > draws.estimate);
            wild.interval = false;
            for (const double end : {draws.conf_low, draws.conf_high}) {
                const double away = end > draws.estimate ? 1 : -1;
                wild.null = end - away * 1e-7;
                CHECK(summarise(wild_cluster(p.design, options, wild)).p_value > 0.05);
                wild.null = end + away * 1e-7;
                CHECK(summarise(wild_cluster(p.design, options, wild)).p_value <= 0.05);
            }
        }
    }
}

TEST_CASE("wild bootstrap: threads, instruction sets, row order and units of measure") {
    Panel p = make_panel(70, 8, 4, 3, 0.1, 4);
    p.design.effects = {effect(p.unit), effect(p.time)};
    panel::Options options;
    options.variance = panel::Variance::cluster;
    WildOptions wild = options_for("x3", {3, 3}, WildWeights::rademacher, true, 0);
    wild.replicates = 700;
    const WildDraws base = wild_cluster(p.design, options, wild);
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{8}}) {
        const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                                threads);
        CHECK(wild_cluster(p.design, options, wild).draw == base.draw);
    }
    const std::string native = simd::instruction_set();
    for (const auto& name : simd::available()) {
        REQUIRE(simd::choose(name));
        CHECK(wild_cluster(p.design, options, wild).draw.isApprox(base.draw, 1e-12));
    }
    REQUIRE(simd::choose(native));

    WildOptions fewer = wild;
    fewer.replicates = 333;  // not a multiple of anything
    CHECK(wild_cluster(p.design, options, fewer).draw == base.draw.head(333));

    Design scaled = p.design;
    scaled.X.col(0) *= 1e9;
    scaled.X.col(2) *= 1e-6;
    scaled.y *= 1e4;
    CHECK(wild_cluster(scaled, options, wild).draw.isApprox(base.draw, 1e-9));
}

TEST_CASE("wild bootstrap: refusals say what is wrong") {
    Panel p = make_panel(8, 4, 2, 2, 0, 6);
    p.design.effects = {effect(p.unit), effect(p.time)};
    panel::Options options;
    options.variance = panel::Variance::cluster;
    const auto message = [&](const Design& design, const WildOptions& wild) {
        try {
            (void)wild_cluster(design, options, wild);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    const auto has = [&](const std::string& text, const char* part) {
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    WildOptions wild = options_for("x1", {1, 1}, WildWeights::rademacher, true, 0);
    WildOptions other = wild;
    other.term = "x9";
    has(message(p.design, other), "the estimated terms are: x1, x2");
    other = wild;
    other.weights = WildWeights::webb;
    other.enumerate = true;
    has(message(p.design, other), "only Rademacher");
    other = wild;
    other.replicates = 0;
    has(message(p.design, other), "at least one");
    Design several = p.design;
    several.clusters = {p.unit, p.time};
    other = wild;
    other.type = {1, 3};
    has(message(several, other), "one cluster variable");
    // A regressor that varies in one unit only is lost with it.
    Design single = p.design;
    for (Index i = 0; i < single.X.rows(); ++i) {
        if (p.unit.code[static_cast<std::size_t>(i)] != 2) single.X(i, 0) = 0;
    }
    other = wild;
    other.type = {3, 1};
    other.term = "x2";
    has(message(single, other), "cannot be told apart");
    Panel many = make_panel(30, 3, 2, 1, 0, 6);
    other = wild;
    other.enumerate = true;
    has(message(many.design, other), "2^30");
}

#include <cmath>

#include "kernels/panel/absorb.hpp"
#include "kernels/panel/graph.hpp"
#include "kernels/panel/sample.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;
using namespace greenfront::panel_test;

namespace {

/// Largest difference of the absorber's residuals and those of dense dummies, relative to the column.
double difference(const Design& design) {
    Eigen::MatrixXd columns(design.y.size(), 1 + design.X.cols());
    columns << design.y, design.X;
    const Matrix D = dummies(design);
    Eigen::CompleteOrthogonalDecomposition<Matrix> qr(D);
    qr.setThreshold(1e-12L);
    const Matrix wanted = columns.cast<Long>() - D * qr.solve(Matrix(columns.cast<Long>()));
    const panel::Absorber absorber(design.effects, design.y.size());
    Eigen::MatrixXd got = columns;
    absorber.apply(got);
    double worst = 0;
    for (Eigen::Index j = 0; j < got.cols(); ++j) {
        const Long size = wanted.col(j).cwiseAbs().maxCoeff();
        worst = std::max(worst, static_cast<double>(
                                    (got.col(j).cast<Long>() - wanted.col(j)).cwiseAbs().maxCoeff() / size));
    }
    return worst;
}

}  // namespace

TEST_CASE("absorbing equals dense dummies for every kind of effects") {
    for (const char* effects :
         {"", "w", "y", "wy", "yw", "wf", "fwy", "wfy", "s", "sy", "ys", "S", "wS", "sfy"}) {
        CAPTURE(effects);
        for (const int components : {1, 3}) {
            const Design design = random_design(11, effects, 30, components);
            CHECK(difference(design) < 1e-11);
        }
    }
}

TEST_CASE("the balanced shortcut equals dense dummies") {
    CHECK(difference(grunfeld_design(true, true)) < 1e-12);
    CHECK(difference(grunfeld_design(true, false)) < 1e-12);
}

TEST_CASE("exact rank counts redundant dummies and slopes") {
    for (const char* effects : {"", "w", "wf", "wfy", "s", "sy", "S", "wS", "sfy", "ww"}) {
        CAPTURE(effects);
        const Design design = random_design(5, effects, 24, 3);
        const panel::Absorber absorber(design.effects, design.y.size());
        CHECK(absorber.rank() == rank(dummies(design)));
    }
    const Design design = grunfeld_design(true, true);
    CHECK(panel::Absorber(design.effects, design.y.size()).rank() == 29);
}

TEST_CASE("conjugate gradients agree with the direct solution") {
    // A third effect nested in the first changes nothing but the method: 700 more coefficients in two
    // effects.
    Design design = random_design(3, "wf", 1400, 1);
    Eigen::MatrixXd direct(design.y.size(), 2);
    direct << design.y, design.X.col(0);
    Eigen::MatrixXd iterative = direct;
    panel::Absorber(design.effects, design.y.size()).apply(direct);
    std::vector<std::int32_t> pair;
    for (const std::int32_t w : design.effects[0].factor.code) pair.push_back(w / 2);
    design.effects.push_back(effect(factor("pair", pair)));
    panel::Absorber(design.effects, design.y.size()).apply(iterative);
    CHECK((direct - iterative).norm() < 1e-11 * direct.norm());
}

TEST_CASE("a long chain of levels is absorbed to rounding") {
    // Level i of one effect is linked with i and i + 1 of the other: the slowest graph for alternating
    // projections.
    std::vector<std::int32_t> a, b;
    Numbers random{17};
    constexpr std::int32_t length = 1200;
    for (std::int32_t i = 0; i < length; ++i) {
        for (int twice = 0; twice < 2; ++twice) {
            a.push_back(i), b.push_back(i);
            a.push_back(i), b.push_back(i + 1);
        }
    }
    const auto n = static_cast<Eigen::Index>(a.size());
    Eigen::MatrixXd x(n, 1);
    for (Eigen::Index i = 0; i < n; ++i) x(i, 0) = random.normal();
    const std::vector<FixedEffect> effects{effect(factor("a", a)), effect(factor("b", b))};
    panel::Absorber(effects, n).apply(x);
    // A cell of the chain holds two rows; the effects fit their mean exactly, so residuals are half
    // differences.
    for (Eigen::Index i = 0; i + 3 < n; i += 4) {
        CHECK(std::abs(x(i, 0) + x(i + 2, 0)) < 1e-9);
        CHECK(std::abs(x(i + 1, 0) + x(i + 3, 0)) < 1e-9);
    }
}

TEST_CASE("components and singletons") {
    const auto parts = panel::components({0, 0, 1, 2, 3}, 4, {0, 1, 1, 2, 2}, 3);
    CHECK(parts.count == 2);
    CHECK(parts.of_first == std::vector<std::int32_t>{0, 0, 1, 1});
    // Row 5 is alone in a; without it row 4 is alone in b, as row 3 is from the start: a cascade.
    const std::vector<FixedEffect> effects{effect(factor("a", {0, 0, 0, 1, 1, 2})),
                                           effect(factor("b", {0, 0, 0, 3, 2, 2}))};
    const auto singles = panel::find_singletons(effects, 6);
    CHECK(singles.kept == std::vector<std::int64_t>{0, 1, 2});
    CHECK(singles.dropped == 3);
    CHECK(singles.names == std::vector<std::string>{"a=2", "b=3", "b=2"});
}

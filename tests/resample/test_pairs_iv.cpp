#include <doctest/doctest.h>

#include "kernels/error.hpp"
#include "kernels/resample/resample.hpp"
#include "tests/resample/pairs_check.hpp"

using namespace test;

namespace {

/// The first columns become instruments, the next endogenous regressors that each instrument moves by
/// itself, the rest stay exogenous; the outcome's error moves the endogenous regressors, too.
void instrument(Design& d, int endogenous, int instruments, double strength = 0.7) {
    const Eigen::MatrixXd X = d.X;
    const auto rest = X.cols() - endogenous - instruments;
    d.instruments = X.leftCols(instruments);
    d.endogenous = X.middleCols(instruments, endogenous);
    d.X = X.rightCols(rest);
    d.x_name.clear();
    for (int j = 0; j < instruments; ++j) d.instrument_name.push_back("z" + std::to_string(j + 1));
    for (int j = 0; j < endogenous; ++j) {
        d.endogenous_name.push_back("e" + std::to_string(j + 1));
        d.endogenous.col(j) += strength * (j % 2 == 0 ? 1 : -1) * d.instruments.col(j) + 0.3 * d.y;
    }
    for (Eigen::Index j = 0; j < rest; ++j) d.x_name.push_back("x" + std::to_string(j + 1));
}

std::int64_t literal(const Design& d, std::int64_t replicates) {
    return resample::pairs_cluster(d, {}, few(replicates)).literal;
}

}  // namespace

TEST_CASE("pairs 2SLS: exactly identified and overidentified, balanced panel") {
    for (const auto& [endogenous, instruments] : {std::pair{1, 1}, {1, 3}, {2, 2}, {2, 4}}) {
        auto p = make_panel(22, 6, 3, endogenous + instruments + 2, 0, 60);
        instrument(p.design, endogenous, instruments);
        p.design.effects = {effect(p.unit), effect(p.time)};
        compare_with_refits(p.design, {}, few(40));
        CHECK(literal(p.design, 40) == 0);
        const auto draws = resample::pairs_cluster(p.design, {}, few(2));
        CHECK(draws.estimator == "2sls");
        CHECK(draws.term == std::vector<std::string>(endogenous == 1
                                                         ? std::vector<std::string>{"x1", "x2", "e1"}
                                                         : std::vector<std::string>{"x1", "x2", "e1", "e2"}));
    }
}

TEST_CASE("pairs 2SLS: unbalanced panels and province-by-year effects") {
    auto p = make_panel(24, 6, 4, 5, 0.25, 61);
    instrument(p.design, 1, 2);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(50));
    CHECK(literal(p.design, 50) == 0);
    p.design.effects = {effect(p.unit), effect(p.cell)};
    compare_with_refits(p.design, {}, few(50));
    p.design.clusters = {p.province};
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(50));
}

TEST_CASE("pairs 2SLS: no exogenous regressor, no effects, no constant, every rule of small samples") {
    auto p = make_panel(18, 5, 3, 2, 0.1, 62);
    instrument(p.design, 1, 1);
    compare_with_refits(p.design, {}, few(30));
    p.design.constant = false;
    compare_with_refits(p.design, {}, few(30));
    p.design.effects = {effect(p.unit), effect(p.time)};
    for (const auto rule : {panel::SmallSample::reghdfe, panel::SmallSample::ivreghdfe,
                            panel::SmallSample::fixest, panel::SmallSample::exact_rank}) {
        panel::Options options;
        options.small_sample = rule;
        compare_with_refits(p.design, options, few(20));
    }
}

TEST_CASE("pairs 2SLS: omitted columns of the full sample stay out") {
    auto p = make_panel(20, 5, 4, 6, 0.1, 63);
    instrument(p.design, 1, 3);
    p.design.instruments.col(2) = 2 * p.design.instruments.col(0) - p.design.X.col(0);
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i)
        p.design.X(i, 1) = p.unit.code[static_cast<std::size_t>(i)];  // absorbed
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto draws = resample::pairs_cluster(p.design, {}, few(30));
    CHECK(draws.term == std::vector<std::string>{"x1", "e1"});
    compare_with_refits(p.design, {}, few(30));
}

TEST_CASE("pairs 2SLS: an instrument that few clusters carry goes to the literal fit") {
    auto p = make_panel(14, 5, 3, 4, 0, 64);
    instrument(p.design, 1, 1);
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        const auto r = static_cast<std::size_t>(i);
        p.design.instruments(i, 0) = p.unit.code[r] < 3 && p.time.code[r] >= 2 ? 1 : 0;
        p.design.endogenous(i, 0) += 3 * p.design.instruments(i, 0);
    }
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(120));
    const auto draws = resample::pairs_cluster(p.design, {}, few(120));
    const auto s = resample::summarise(draws, 2, 0, 0.95);
    CHECK(s.infeasible > 0);
    CHECK(s.infeasible == draws.literal);
}

TEST_CASE("pairs 2SLS: a weak first stage and other units keep their digits") {
    auto p = make_panel(40, 6, 3, 4, 0, 65);
    instrument(p.design, 1, 1, -0.49);
    p.design.effects = {effect(p.unit), effect(p.time)};
    compare_with_refits(p.design, {}, few(40));
    const auto base = resample::pairs_cluster(p.design, {}, few(20));
    Design scaled = p.design;
    scaled.endogenous *= 1e6;
    scaled.instruments *= 1e-5;
    const auto other = resample::pairs_cluster(scaled, {}, few(20));
    for (Eigen::Index b = 0; b < 20; ++b) {
        CHECK_UNARY(same(base.draw(2, b), other.draw(2, b) * 1e6, 1e-9));
        CHECK_UNARY(same(base.draw_std_error(2, b), other.draw_std_error(2, b) * 1e6, 1e-9));
    }
}

TEST_CASE("pairs 2SLS: LIML and GMM are refused") {
    auto p = make_panel(12, 5, 3, 4, 0, 66);
    instrument(p.design, 1, 2);
    p.design.effects = {effect(p.unit)};
    for (const auto estimator : {panel::Estimator::liml, panel::Estimator::gmm}) {
        panel::Options options;
        options.estimator = estimator;
        CHECK_THROWS_WITH_AS(static_cast<void>(resample::pairs_cluster(p.design, options, few(9))),
                             doctest::Contains("know 2sls only"), Error);
    }
}

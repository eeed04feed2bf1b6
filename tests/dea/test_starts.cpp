// Starts on facets found for other units, and what used to send programs to more digits for nothing.
#include <cmath>

#include "kernels/dea/gather.hpp"
#include "tests/dea/golden.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

/// Goods in mixes so different that a column may have entries of thousands in multiples of another unit.
Quantities uneven_panel(Eigen::Index n) {
    const Quantities plain = random_panel(Kind::smooth, 3, 3, 0, n, 77);
    Quantities q{plain.X, plain.Y, Eigen::MatrixXd(0, n)};
    for (Eigen::Index j = 0; j < n; ++j) {
        const Eigen::VectorXd mix = plain.Y.col(j).array().log().sin().abs().cube() + 1e-4;
        q.Y.col(j) = mix / mix.norm() * std::cbrt(plain.X.col(j).prod());
    }
    return q;
}

}  // namespace

TEST_CASE("programs that differ by the scales of rows begin where others ended") {
    const Quantities q = random_panel(Kind::smooth, 3, 1, 2, 700, 15);
    for (const Returns returns : {Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs}) {
        for (const Model model : {Model::radial, Model::ddf}) {
            for (const Orientation side : {Orientation::input, Orientation::output}) {
                Settings s = setting(model, model == Model::ddf ? Orientation::none : side, returns);
                const Scores begun = evaluate_all(q, s);
                s.price_all_columns = true;
                const Scores alone = evaluate_all(q, s);
                CAPTURE(static_cast<int>(model));
                CAPTURE(static_cast<int>(returns));
                CHECK((begun.score - alone.score).cwiseAbs().maxCoeff() <= 1e-12);
                CHECK(begun.counters.fallbacks == 0);
                CHECK(2 * begun.counters.pivots < alone.counters.pivots);
            }
        }
    }
}

TEST_CASE("large entries: a program with a bound is not taken for one without") {
    const Quantities q = uneven_panel(3000);
    for (const Returns returns : {Returns::crs, Returns::vrs}) {
        const Scores scores = evaluate_all(q, setting(Model::radial, Orientation::input, returns));
        CHECK(scores.counters.fallbacks == 0);
        CHECK(scores.certificate.min_reduced_cost >= -1e-9);
    }
}

TEST_CASE("a frame that grows through samples: the scores of a few units alone") {
    constexpr std::int32_t n = 17000;  // four samples of 4,096 units and more
    const Quantities q = random_panel(Kind::smooth, 3, 2, 0, n, 16);
    std::vector<std::int32_t> some;
    for (std::int32_t j = 0; j < n; j += 425) some.push_back(j);
    const Quantities few = pick(q, some);
    for (const Returns returns : {Returns::crs, Returns::vrs}) {
        Settings s = setting(Model::radial, Orientation::input, returns);
        const Scores all = evaluate_all(q, s);
        CHECK(all.counters.frame < n / 4);
        CHECK(all.certificate.min_reduced_cost >= -1e-9);
        s.price_all_columns = true;
        const Scores alone = evaluate(few, q, some, s);
        for (std::size_t k = 0; k < some.size(); ++k) {
            CAPTURE(some[k]);
            CHECK(std::abs(all.score[some[k]] - alone.score[static_cast<Eigen::Index>(k)]) <= 1e-12);
        }
    }
}

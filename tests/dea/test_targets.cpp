// Every instruction set that the kernels are compiled for, on this processor, gives the same scores.
#include <cmath>

#include "kernels/simd.hpp"
#include "tests/dea/support.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

std::vector<Settings> models() {
    std::vector<Settings> list;
    for (const Returns returns : {Returns::crs, Returns::vrs}) {
        for (const Model model : {Model::radial, Model::sbm, Model::additive, Model::ddf, Model::nddf}) {
            Settings s;
            s.model = model;
            s.returns = returns;
            if (model == Model::radial) s.orientation = Orientation::input;
            if (model == Model::additive) s.additive_weights = AdditiveWeights::mip;
            const bool directional = model == Model::ddf || model == Model::nddf;
            if (directional) s.disposability = Disposability::weak;
            list.push_back(s);
        }
    }
    Settings super;
    super.super = true;
    list.push_back(super);
    return list;
}

}  // namespace

TEST_CASE("all instruction sets of this processor agree, the portable one too") {
    const std::string native = simd::instruction_set();
    const auto sets = simd::available();
    REQUIRE(!sets.empty());
    CHECK(sets.front() == native);
    // Sizes with and without a frame, with programs of at most 8 rows and of more.
    const Quantities panels[] = {random_panel(Kind::smooth, 3, 1, 2, 300, 71),
                                 random_panel(Kind::duplicates, 2, 1, 1, 40, 72),
                                 random_panel(Kind::scales, 5, 3, 3, 90, 73)};
    for (const Quantities& panel : panels) {
        for (const Settings& s : models()) {
            REQUIRE(simd::choose("native"));
            const Scores want = evaluate_all(panel, s);
            for (const auto& name : sets) {
                REQUIRE(simd::choose(name));
                CHECK(simd::instruction_set() == name);
                const Scores got = evaluate_all(panel, s);
                check_certificate(got);
                CAPTURE(name);
                CAPTURE(static_cast<int>(s.model));
                CAPTURE(static_cast<int>(s.returns));
                for (Eigen::Index o = 0; o < panel.units(); ++o) {
                    CAPTURE(o);
                    const auto unit = static_cast<std::size_t>(o);
                    CHECK(got.status[unit] == want.status[unit]);
                    if (want.status[unit] != Status::optimal) continue;
                    CHECK(std::abs(got.score[o] - want.score[o]) <=
                          1e-10 * std::max(1.0, std::abs(want.score[o])));
                }
            }
        }
    }
    REQUIRE(simd::choose("portable"));
    CHECK(simd::instruction_set() == sets.back());
    CHECK(!simd::choose("no such set"));
    CHECK(simd::instruction_set() == sets.back());
    REQUIRE(simd::choose("native"));
    CHECK(simd::instruction_set() == native);
}

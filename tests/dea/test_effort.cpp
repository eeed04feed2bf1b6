// How much work the answers take: pivots, passes over the columns, programs that need another attempt,
// columns of the frame. Every answer is proved, and what was chosen badly is solved again, so that many a
// fault of pricing, of ratio tests or of starts costs only time; here it is seen without a clock.
#include <map>

#include "kernels/simd.hpp"
#include "tests/dea/every_model.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

struct Work {
    std::int64_t pivots, passes, fallbacks, frame;
};

/// Of all models of a family under one assumption about returns, on the panels below.
std::map<std::string, Work> measured() {
    std::map<std::string, Work> work;
    for (const Quantities& panel :
         {random_panel(Kind::smooth, 3, 1, 2, 400, 301), random_panel(Kind::integers, 2, 2, 1, 150, 302)}) {
        for (const Named& model : every_model()) {
            const std::string family = model.name.substr(0, model.name.find(' ')) + " " +
                                       model.name.substr(model.name.rfind(' ') + 1);
            const Quantities priced = with_prices(panel, model.settings);
            const Counters done = evaluate(priced, priced, identity(panel.units()), model.settings).counters;
            Work& sum = work[family];
            sum.pivots += done.pivots;
            sum.passes += done.pricing_passes;
            sum.fallbacks += done.fallbacks;
            sum.frame += done.frame;
        }
    }
    return work;
}

/// With SSE2 alone, whose roundings are those of every processor.
const std::map<std::string, Work> known{
    // clang-format off
    {"additive crs", {17823, 9521, 0, 401}},
    {"additive ndrs", {23979, 10339, 0, 579}},
    {"additive nirs", {18903, 10224, 0, 602}},
    {"additive vrs", {21974, 11058, 0, 798}},
    {"cost crs", {433, 594, 0, 0}},
    {"cost ndrs", {734, 598, 0, 0}},
    {"cost nirs", {1043, 612, 0, 0}},
    {"cost vrs", {875, 616, 0, 0}},
    {"ddf crs", {14557, 4134, 0, 75}},
    {"ddf ndrs", {12478, 2957, 0, 170}},
    {"ddf nirs", {12602, 2866, 0, 152}},
    {"ddf vrs", {28314, 4627, 0, 230}},
    {"nddf crs", {21203, 3634, 0, 44}},
    {"nddf ndrs", {18118, 2477, 0, 63}},
    {"nddf nirs", {17674, 2595, 0, 95}},
    {"nddf vrs", {27506, 3918, 0, 118}},
    {"radial crs", {1347, 1457, 0, 69}},
    {"radial ndrs", {2432, 1551, 0, 126}},
    {"radial nirs", {2464, 1501, 0, 122}},
    {"radial vrs", {3750, 1601, 0, 191}},
    {"revenue crs", {2195, 601, 0, 0}},
    {"revenue ndrs", {2922, 620, 0, 0}},
    {"revenue nirs", {3285, 612, 0, 0}},
    {"revenue vrs", {3606, 632, 0, 0}},
    {"sbm crs", {3450, 1924, 0, 76}},
    {"sbm ndrs", {5639, 2094, 0, 141}},
    {"sbm nirs", {5374, 2066, 0, 137}},
    {"sbm vrs", {5555, 2232, 0, 183}},
    {"super crs", {117667, 20374, 0, 0}},
    {"super ndrs", {129381, 16549, 0, 0}},
    {"super nirs", {123465, 16151, 0, 0}},
    {"super vrs", {171392, 21295, 0, 0}},
    // clang-format on
};

/// A hundredth more or less is what another compiler or mathematical library may make of it.
bool near(std::int64_t count, std::int64_t before) {
    const double most = 0.01 * static_cast<double>(before) + 2;
    return std::abs(static_cast<double>(count - before)) <= most;
}

}  // namespace

TEST_CASE(
    "the work of every model: a change that makes it more has to be explained, one that makes it less noted "
    "here") {
    REQUIRE(simd::choose("portable"));
    const auto work = measured();
    REQUIRE(simd::choose("native"));
    for (const auto& [family, now] : work) {
        CAPTURE(family);
        if (family.starts_with("fdh")) {
            CHECK(now.pivots + now.passes + now.fallbacks + now.frame == 0);
            continue;
        }
        const Work& before = known.at(family);
        INFO("{\"" << family << "\", {" << now.pivots << ", " << now.passes << ", " << now.fallbacks << ", "
                   << now.frame << "}},");
        CHECK(near(now.pivots, before.pivots));
        CHECK(near(now.passes, before.passes));
        CHECK(now.fallbacks == before.fallbacks);
        CHECK(near(now.frame, before.frame));
    }
}

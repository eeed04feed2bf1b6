// The synthetic panel is data that people compare with: what a seed gives stays what it was, column by
// column.
#include <cmath>
#include <map>

#include "scenarios/synth.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

namespace {

struct Known {
    int missing;
    double mean, later;  ///< mean; mean weighted by the row's number, which tells rows apart
};

std::map<std::string, Known> summary(const Panel& panel) {
    std::map<std::string, Known> all;
    for (const Column& column : panel.columns()) {
        if (column.number.empty()) continue;
        Known k{0, 0, 0};
        double rows = 0, weights = 0;
        for (std::size_t r = 0; r < column.number.size(); ++r) {
            const double v = column.number[r], weight = static_cast<double>(r + 1);
            if (std::isnan(v)) {
                ++k.missing;
                continue;
            }
            k.mean += v;
            k.later += weight * v;
            rows += 1;
            weights += weight;
        }
        k.mean /= rows;
        k.later /= weights;
        all[column.name] = k;
    }
    return all;
}

// clang-format off
const std::map<std::string, Known> without_effect{
    {"ai_enterprises", {0, 795.733333, 493.313416}},
    {"area", {0, 10156.8042, 10442.939}},
    {"broadband_ports", {0, 0.729433114, 0.671256219}},
    {"budget_expenditure", {0, 4683862.93, 5169669.45}},
    {"capital_city", {0, 0.1, 0.0614107884}},
    {"co2", {0, 46477262.6, 45854153}},
    {"depreciation", {0, 0.15, 0.149936948}},
    {"digital_finance", {0, 141.807073, 141.318654}},
    {"electricity", {0, 1377120.24, 1572168.73}},
    {"fdi", {0, 445924.936, 440901.592}},
    {"gdp", {0, 27947274.8, 26482254.3}},
    {"green_cover", {0, 46.5676078, 46.7549511}},
    {"green_patent_applications", {0, 111.716667, 105.695505}},
    {"green_patents_granted", {0, 76.8083333, 63.3459544}},
    {"ict_employment", {0, 0.0342131902, 0.0323880911}},
    {"internet_users", {1, 38.1881589, 37.6325297}},
    {"investment", {0, 18758094.4, 19665151.3}},
    {"labour", {0, 66.5727659, 67.2584915}},
    {"library_books", {0, 872.584178, 639.410767}},
    {"loans", {0, 80582597.3, 73454168.8}},
    {"lpg", {2, 1863095.02, 2140682.51}},
    {"mobile_subscribers", {0, 1.95115323, 1.91315697}},
    {"municipality", {0, 0.025, 0.000726141079}},
    {"natural_gas", {2, 3393273.58, 3770000.86}},
    {"pilot", {0, 0.308333333, 0.316770401}},
    {"pilot_wave", {0, 956, 982.36888}},
    {"pm25", {0, 49.7312235, 48.988064}},
    {"population", {0, 437.020114, 453.590532}},
    {"postal", {1, 0.0056322901, 0.00512415363}},
    {"price_index", {0, 1.04807846, 1.04894308}},
    {"resource_based", {0, 0.375, 0.346991701}},
    {"robots", {0, 55.1243664, 48.0934017}},
    {"science_spending", {0, 0.0357745839, 0.0315880643}},
    {"so2_intensity", {0, 0.000653146536, 0.000734931543}},
    {"students", {0, 0.0342343868, 0.0278944127}},
    {"telecom", {3, 0.0207753415, 0.0192734178}},
    {"telecom_volume", {0, 1609.75547, 1597.3667}},
    {"wage", {2, 88705.4181, 86963.0301}},
    {"waste_treatment", {0, 96.8099445, 96.3372571}},
    {"year", {0, 2013.5, 2013.5242}},
};
/// What the effect and its calibration change of it.
const std::map<std::string, Known> with_effect{
    {"co2", {0, 45019968.8, 44150174}},
    {"investment", {0, 20288596.4, 16141238.6}},
    {"labour", {0, 173.819365, 108.615945}},
};
// clang-format on

void compare(const std::map<std::string, Known>& found, const std::map<std::string, Known>& known,
             double relative) {
    for (const auto& [name, before] : known) {
        CAPTURE(name);
        const auto now = found.find(name);
        REQUIRE(now != found.end());
        CHECK(now->second.missing == before.missing);
        CHECK(now->second.mean == doctest::Approx(before.mean).epsilon(relative));
        CHECK(now->second.later == doctest::Approx(before.later).epsilon(relative));
    }
}

}  // namespace

TEST_CASE("seed 3 gives the panel that it gave") {
    SynthSettings s{40, 2011, 2016, 3};
    s.null_effect = true;
    const auto without = summary(synthesize(s));
    CHECK(without.size() == without_effect.size());
    compare(without, without_effect, 1e-7);
    s.null_effect = false;
    auto with = summary(synthesize(s));
    compare(with, with_effect, 1e-4);  // an optimum, where rounding ends it
    for (const auto& [name, changed] : with_effect) with.erase(name);
    for (const auto& [name, rest] : with) compare({{name, rest}}, {{name, without_effect.at(name)}}, 1e-7);
}

#include "scenarios/synth.hpp"

#include <map>
#include <set>

#include "scenarios/prepare.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

namespace {

SynthSettings settings(int cities, std::int64_t first, std::int64_t last, std::uint64_t seed = 1) {
    return {cities, first, last, seed};
}

/// Cities with a flag set, counted in the first year.
int count(const Panel& p, const std::string& flag) {
    int n = 0;
    for (std::size_t r = 0; r < p.rows(); ++r) n += p.time[r] == 0 && p.number(flag)[r] == 1 ? 1 : 0;
    return n;
}

bool same(const Panel& a, const Panel& b) {
    if (a.rows() != b.rows() || a.columns().size() != b.columns().size()) return false;
    for (std::size_t k = 0; k < a.columns().size(); ++k) {
        const Column &x = a.columns()[k], &y = b.columns()[k];
        if (x.name != y.name || x.label != y.label) return false;
        for (std::size_t r = 0; r < x.number.size(); ++r) {
            if (x.number[r] != y.number[r] && !(std::isnan(x.number[r]) && std::isnan(y.number[r])))
                return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("the synthetic panel has the structure of the reference study, exactly") {
    for (const std::uint64_t seed : {1U, 2U, 77U}) {
        CAPTURE(seed);
        const Panel p = synthesize(settings(242, 2011, 2022, seed));
        CHECK(p.rows() == 2904);
        CHECK(p.unit_name.size() == 242);
        CHECK(p.time_value.size() == 12);
        for (std::size_t r = 0; r < p.rows(); ++r) {  // balanced
            CHECK(p.unit[r] == static_cast<std::int32_t>(r / 12));
            CHECK(p.time[r] == static_cast<std::int32_t>(r % 12));
        }
        CHECK(count(p, "municipality") == 4);
        CHECK(count(p, "capital_city") == 24);
        CHECK(count(p, "resource_based") == 92);
        std::map<std::string, int> cities, municipalities, capitals;
        for (std::size_t r = 0; r < p.rows(); r += 12) {
            const auto& province = p.column("province").label[r];
            ++cities[province];
            municipalities[province] += p.number("municipality")[r] == 1 ? 1 : 0;
            capitals[province] += p.number("capital_city")[r] == 1 ? 1 : 0;
            CHECK(p.number("municipality")[r] + p.number("capital_city")[r] + p.number("resource_based")[r] <=
                  1);
        }
        CHECK(cities.size() == 30);
        int alone = 0;
        for (const auto& [province, n] : cities) {
            alone += n == 1 ? 1 : 0;
            CHECK((municipalities[province] == 0 || n == 1));
            CHECK(capitals[province] <= 1);
        }
        CHECK(alone == 7);
    }
}

TEST_CASE("pilot status follows the waves") {
    const Panel p = synthesize(settings(242, 2008, 2019));
    std::map<double, std::set<std::int32_t>> waves;
    for (std::size_t r = 0; r < p.rows(); ++r) {
        const double wave = p.number("pilot_wave")[r];
        waves[wave].insert(p.unit[r]);
        CHECK(p.number("pilot")[r] == (wave != 0 && p.number("year")[r] >= wave ? 1 : 0));
    }
    CHECK(waves[2010].size() == 52);
    CHECK(waves[2012].size() == 22);
    CHECK(waves[2017].size() == 37);
    CHECK(waves[0].size() == 131);
}

TEST_CASE("the same seed gives the same panel, another seed another one") {
    const auto s = settings(30, 2011, 2014);
    CHECK(same(synthesize(s), synthesize(s)));
    CHECK_FALSE(same(synthesize(s), synthesize(settings(30, 2011, 2014, 2))));
}

TEST_CASE("the panel without an effect has the same structure, other efficiencies and no calibration") {
    auto s = settings(60, 2011, 2016);
    const Panel with = synthesize(s);
    s.null_effect = true;
    const Panel without = synthesize(s);
    CHECK(with.number("students") == without.number("students"));
    CHECK(with.number("labour") != without.number("labour"));
}

TEST_CASE("the calibrated panel comes without a warning") {
    std::vector<std::string> warnings;
    (void)synthesize(settings(242, 2011, 2022), &warnings);
    CHECK(warnings.empty());
}

TEST_CASE("a few cells are missing, never a city's first or last year") {
    const Panel p = synthesize(settings(242, 2011, 2022));
    std::int64_t holes = 0;
    std::vector<std::string> columns;
    for (const auto& column : p.columns()) {
        if (column.text) continue;
        columns.push_back(column.name);
        for (std::size_t r = 0; r < p.rows(); ++r) {
            if (!std::isnan(column.number[r])) continue;
            ++holes;
            CHECK(p.time[r] > 0);
            CHECK(p.time[r] < 11);
        }
    }
    CHECK(holes > 50);
    CHECK(holes < 500);
    std::erase_if(columns, [](const std::string& c) { return c == "year"; });
    Preparation steps;
    steps.interpolate = {{columns, false}};
    const Prepared filled = prepare(p, steps);
    for (const auto& name : columns) {
        for (const double v : filled.panel.number(name)) CHECK_FALSE(std::isnan(v));
    }
}

TEST_CASE("quantities are usable: positive, finite, capital can be made") {
    for (const int cities : {10, 11, 37, 242, 3000}) {
        CAPTURE(cities);
        for (const std::int64_t last : {2012, 2022}) {
            const Panel p = synthesize(settings(cities, 2011, last));
            CHECK(p.unit_name.size() == static_cast<std::size_t>(cities));
            for (const auto* name :
                 {"investment", "price_index", "labour", "electricity", "gdp", "co2", "pm25", "population",
                  "area", "budget_expenditure", "loans", "green_cover", "waste_treatment"}) {
                CAPTURE(name);
                for (const double v : p.number(name)) CHECK((v > 0 && std::isfinite(v)));
            }
            const PerpetualInventory capital{
                "capital", "investment", "price_index", 0.096, "depreciation", {}, {}};
            for (const double k : perpetual_inventory(p, capital)) CHECK((k > 0 && std::isfinite(k)));
        }
    }
}

TEST_CASE("impossible sizes are refused") {
    check_error([] { (void)synthesize(settings(9, 2011, 2022)); }, Fault::usage, {"9 cities"});
    check_error([] { (void)synthesize(settings(50, 2011, 2011)); }, Fault::usage, {"two years"});
    check_error([] { (void)synthesize(settings(50, 2012, 2011)); }, Fault::usage, {"two years"});
    check_error([] { (void)synthesize(settings(50, 1800, 2011)); }, Fault::usage, {"1950"});
}

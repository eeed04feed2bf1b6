// The steps that a scenario repeats against the whole preparation, bit by bit.
#include <cstring>

#include "kernels/rng/philox.hpp"
#include "scenarios/scenario_preparation.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

namespace {

Panel random_panel(std::uint64_t seed) {
    rng::Stream random(seed, 98, 0);
    std::vector<Column> table(7);
    const char* names[] = {"city", "year", "a", "b", "c", "d", "group"};
    for (std::size_t k = 0; k < table.size(); ++k) table[k].name = names[k];
    for (int i = 0; i < 12; ++i) {
        for (int t = 0; t < 4; ++t) {
            table[0].number.push_back(i);
            table[1].number.push_back(2000 + t);
            for (std::size_t k = 2; k < 6; ++k) table[k].number.push_back(std::exp(random.normal()));
            table[6].number.push_back(i % 3);
        }
    }
    return Panel::from_table("random", std::move(table), "city", "year");
}

/// Steps of every kind that chain, replace columns in place and read them before and after.
Preparation steps() {
    Preparation p;
    p.interpolate = {{{"a"}, false}};
    p.derive = {
        {"ab", "a / b", ""},      {"cd", "c * d", ""},
        {"d", "d + a", ""},                            // replaces a column that an earlier step reads
        {"from_d", "d - cd", ""}, {"c", "2 * c", ""},  // replaces a clean column, read before and after
        {"from_c", "c + b", ""}};
    p.group = {{"mean_ab", "ab", "mean", "group"}, {"high", "ab", "above_median", ""}};
    p.lag = {{"lag_ab", "ab", 1}, {"lag_c", "c", 1}};
    p.winsorize = {{{"ab", "c", "from_d"}, 10, 90, PercentileRule::stata, ""},
                   {{"lag_ab"}, 5, 95, PercentileRule::type7, "group"}};
    return p;
}

bool same_bits(const std::vector<double>& x, const std::vector<double>& y) {
    return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(double)) == 0;
}

const std::vector<std::string> all_made{"a",      "ab", "cd",      "d",    "from_d", "c",
                                        "from_c", "b",  "mean_ab", "high", "lag_ab", "lag_c"};

void compare(const std::vector<std::string>& changed, const std::vector<std::string>& wanted) {
    const Preparation spec = steps();
    const Prepared base = prepare(random_panel(3), spec);
    const ScenarioPreparation scenario(base, spec, changed, wanted);
    Panel work = scenario.start();
    for (const double factor : {1.0, 1.5, 0.25, 1.0}) {  // one panel, again and again
        Panel whole = base.completed;
        for (const auto& name : changed) {
            auto values = base.completed.number(name);
            for (double& value : values) value *= factor;
            whole.set_number(name, values);
            work.set_number(name, values);
        }
        std::int64_t clipped = 0;
        whole = prepare_scenario(whole, spec, base.bounds, clipped);
        (void)scenario.run(work);
        for (const auto& name : wanted) {
            CAPTURE(name);
            CAPTURE(factor);
            CHECK(same_bits(work.number(name), whole.number(name)));
            const bool moved =
                std::find(scenario.moved().begin(), scenario.moved().end(), name) != scenario.moved().end();
            if (!moved) CHECK(same_bits(work.number(name), base.panel.number(name)));
        }
    }
}

}  // namespace

TEST_CASE("a scenario's steps give the bits of the whole preparation, whatever changes and is wanted") {
    for (const std::vector<std::string>& changed :
         {std::vector<std::string>{"a"}, {"b"}, {"c"}, {"d"}, {"a", "c"}, {"a", "b", "c", "d"}, {}}) {
        compare(changed, all_made);
        for (const auto& one : all_made) compare(changed, {one});
    }
}

TEST_CASE("steps that no change reaches, and columns that nobody wants, are left out") {
    const Preparation spec = steps();
    const Prepared base = prepare(random_panel(3), spec);
    CHECK(ScenarioPreparation(base, spec, {}, all_made).steps() == 0);
    CHECK(ScenarioPreparation(base, spec, {"b"}, {"cd"}).steps() == 0);
    CHECK(ScenarioPreparation(base, spec, {"b"}, {"from_c"}).steps() == 2);  // 2 c is not kept
    CHECK(ScenarioPreparation(base, spec, {"a"}, {"ab"}).steps() == 2);      // derived and winsorised
    const ScenarioPreparation all(base, spec, {"a"}, all_made);
    CHECK(all.steps() < 14);
    CHECK(std::find(all.moved().begin(), all.moved().end(), "cd") == all.moved().end());
}

TEST_CASE("a unit crosses the baseline's median") {
    Preparation spec;
    spec.derive = {{"x2", "x", ""}};
    spec.group = {{"high", "x2", "above_median", ""}};
    const Prepared base = prepare(small(), spec);
    check_close(base.panel.number("high"), {0, 0, 0, 1, 1, 1});
    Panel changed = base.completed;
    changed.set_number("x", {11, 12, 13, 14, 15, 16});  // all above the old median of 3.5
    std::int64_t clipped = 0;
    check_close(prepare_scenario(changed, spec, base.bounds, clipped).number("high"),
                std::vector<double>(6, 1));
}

#include "scenarios/prepare.hpp"

#include <algorithm>

#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

namespace {

Panel series(std::vector<double> times, std::vector<double> values) {
    const std::size_t n = times.size();
    return Panel::from_table("f.csv",
                             {labels("unit", std::vector<std::string>(n, "a")),
                              numbers("year", std::move(times)), numbers("v", std::move(values))},
                             "unit", "year");
}
std::vector<double> filled(std::vector<double> times, std::vector<double> values, bool extrapolate) {
    const Panel p = series(std::move(times), std::move(values));
    return interpolate(p, p.number("v"), extrapolate);
}

}  // namespace

TEST_CASE("interpolation follows the time values and stays inside") {
    check_close(filled({1, 2, 3, 4}, {missing, 10, missing, 30}, false), {missing, 10, 20, 30});
    check_close(filled({1, 2, 3, 4}, {missing, 10, missing, 30}, true), {0, 10, 20, 30});
    check_close(filled({2000, 2001, 2005}, {1, missing, 11}, false), {1, 3, 11});  // uneven years
    check_close(filled({1, 2, 3, 4, 5}, {missing, 1, 2, 4, missing}, true),
                {0, 1, 2, 4, 6});                                                        // the two nearest
    check_close(filled({1, 2, 3}, {missing, 5, missing}, true), {missing, 5, missing});  // one known value
    check_close(filled({1, 2, 3}, {missing, missing, missing}, true), {missing, missing, missing});
    const Panel p = small();  // never across units
    check_close(interpolate(p, p.number("gap"), false), {missing, 20, 30, 40, 50, 60});
    check_close(interpolate(p, p.number("gap"), true), {10, 20, 30, 40, 50, 60});
}

TEST_CASE("percentile rules on ten values") {
    const std::vector<double> v{10, 9, 8, 7, missing, 6, 5, 4, 3, 2, 1};
    CHECK(percentile(v, 10, PercentileRule::stata) ==
          1.5);  // n p / 100 = 1: mean of the first and the second
    CHECK(percentile(v, 15, PercentileRule::stata) == 2);
    CHECK(percentile(v, 10, PercentileRule::type7) == doctest::Approx(1.9));
    CHECK(percentile(v, 0, PercentileRule::stata) == 1);
    CHECK(percentile(v, 100, PercentileRule::type7) == 10);
    CHECK(std::isnan(percentile({missing}, 50, PercentileRule::stata)));
    check_close(winsorize(v, 10, 90, PercentileRule::stata), {9.5, 9, 8, 7, missing, 6, 5, 4, 3, 2, 1.5});
}

TEST_CASE("perpetual inventory by hand") {
    Panel p = series({1, 2, 3}, {100, 110, 121});
    PerpetualInventory spec{"K", "v", "", 0.1, "", {}, {}};
    check_close(perpetual_inventory(p, spec), {500, 560, 625});  // g = 0.1: 100 / 0.2
    spec.growth = 0.15;
    check_close(perpetual_inventory(p, spec), {400, 470, 544});
    spec.growth.reset();
    spec.initial_multiple = 3;
    check_close(perpetual_inventory(p, spec), {300, 380, 463});
    p.set_number("index", {1, 1.1, 1.21});
    p.set_number("rate", {0.1, 0.2, 0.5});
    spec = {"K", "v", "index", 0.096, "rate", 0.1, {}};
    check_close(perpetual_inventory(p, spec), {500, 500, 350});
}

TEST_CASE("perpetual inventory refuses what it cannot use, with unit and year") {
    const auto refuse = [](std::vector<double> years, std::vector<double> v, std::vector<double> index,
                           std::vector<double> rate, const std::vector<std::string>& parts) {
        Panel p = series(std::move(years), std::move(v));
        p.set_number("index", std::move(index));
        p.set_number("rate", std::move(rate));
        const PerpetualInventory spec{"K", "v", "index", 0.1, "rate", {}, {}};
        check_error([&] { (void)perpetual_inventory(p, spec); }, Fault::data, parts);
    };
    const std::vector<double> one{1, 1, 1}, tenth{.1, .1, .1};
    refuse({1, 2, 3}, {1, -1, 2}, one, tenth, {"row 2 (unit a, year 2)", "negative"});
    refuse({1, 2, 3}, {1, missing, 2}, one, tenth, {"year 2", "missing"});
    refuse({1, 2, 3}, {0, 1, 2}, one, tenth, {"year 1", "first period"});
    refuse({1, 2, 3}, {1, 1, 2}, {1, 0, 1}, tenth, {"deflator index is 0", "year 2"});
    refuse({1, 2, 3}, {1, 1, 2}, {1, 1, missing}, tenth, {"deflator index is missing", "year 3"});
    refuse({1, 2, 3}, {1, 1, 2}, one, {.1, 1, .1}, {"depreciation rate is 1", "year 2"});
    refuse({1, 2, 4}, {1, 1, 2}, one, tenth, {"year 4", "period before is missing"});
    refuse({1, 2, 3}, {8, 4, 2}, one, tenth, {"growth -0.5", "not positive"});
    const Panel single = series({1}, {5});
    check_error(
        [&] {
            (void)perpetual_inventory(single, {"K", "v", "", 0.1, "", {}, {}});
        },
        Fault::data, {"one period"});
    check_error(
        [&] {
            (void)perpetual_inventory(single, {"K", "v", "", 1.1, "", {}, {}});
        },
        Fault::study, {"depreciation 1.1"});
    check_error(
        [&] {
            (void)perpetual_inventory(single, {"K", "v", "", 0.1, "", 0.1, 2.0});
        },
        Fault::study, {"exclude each other"});
}

TEST_CASE("steps in their order, with notes") {
    Preparation steps;
    steps.interpolate = {{{"gap"}, true}};
    steps.derive = {{"y", "gap / x", "units"}, {"z", "log(y - 10)", ""}};
    steps.group = {
        {"high", "x", "above_median", ""}, {"m", "x", "mean", "city"}, {"n", "x", "count", "province"}};
    steps.lag = {{"before", "x", 1}, {"after", "x", -1}};
    steps.winsorize = {{{"x"}, 20, 80, PercentileRule::type7, ""}};
    const Prepared made = prepare(small(), steps);
    check_close(made.panel.number("y"), std::vector<double>(6, 10));
    check_close(made.panel.number("z"), std::vector<double>(6, missing));
    check_close(made.panel.number("high"), {0, 0, 0, 1, 1, 1});
    check_close(made.panel.number("m"), {2, 2, 2, 5, 5, 5});
    check_close(made.panel.number("n"), {3, 3, 3, 2, missing, 2});
    check_close(made.panel.number("before"), {missing, 1, 2, missing, 4, 5});
    check_close(made.panel.number("after"), {2, 3, missing, 5, 6, missing});
    check_close(made.panel.number("x"), {2, 2, 3, 4, 5, 5});
    CHECK(made.panel.column("y").unit_of_measure == "units");
    CHECK_FALSE(made.completed.has("y"));
    check_close(made.completed.number("gap"), {10, 20, 30, 40, 50, 60});
    check_close(made.completed.number("x"), {1, 2, 3, 4, 5, 6});
    REQUIRE(made.notes.size() == 9);
    CHECK(made.notes[0].step == "interpolate");
    CHECK(made.notes[0].cells == 2);
    CHECK(made.notes[2].column == "z");
    CHECK(made.notes[2].cells == 6);  // log 0 is not finite
    CHECK(made.notes[8].cells == 2);
}

TEST_CASE("the median's ties are low") {
    const Panel p = Panel::from_table("f", {numbers("v", {1, 2, 2, 3, missing})}, "", "");
    Preparation steps;
    steps.group = {{"high", "v", "above_median", ""}};
    check_close(prepare(p, steps).panel.number("high"), {0, 0, 0, 1, missing});
}

TEST_CASE("winsorising is at the 1st and the 99th percentile where nothing else is said") {
    const Winsorize plain;
    CHECK(plain.low == 1);
    CHECK(plain.high == 99);
    CHECK(plain.rule == PercentileRule::stata);
}

TEST_CASE("winsorising within groups") {
    Panel p = small();
    Preparation steps;
    steps.winsorize = {{{"x"}, 0, 60, PercentileRule::stata, "city"}};
    check_close(prepare(p, steps).panel.number("x"), {1, 2, 2, 4, 5, 5});
}

TEST_CASE("a scenario keeps the baseline's bounds and counts what they cut") {
    Preparation steps;
    steps.derive = {{"double", "2 * x", ""}};
    steps.winsorize = {{{"double"}, 20, 80, PercentileRule::type7, ""},
                       {{"x"}, 0, 60, PercentileRule::stata, "city"}};
    const Prepared base = prepare(small(), steps);
    check_close(base.panel.number("double"), {4, 4, 6, 8, 10, 10});
    std::int64_t clipped = -1;
    const Panel same = prepare_scenario(base.completed, steps, base.bounds, clipped);
    check_close(same.number("double"), base.panel.number("double"), 0);
    check_close(same.number("x"), base.panel.number("x"), 0);
    CHECK(clipped == 4);
    Panel changed = base.completed;
    changed.set_number("x", {10, 10, 10, 10, 10, 10});
    const Panel scenario = prepare_scenario(changed, steps, base.bounds, clipped);
    check_close(scenario.number("double"), std::vector<double>(6, 10));
    check_close(scenario.number("x"), {2, 2, 2, 5, 5, 5});
    CHECK(clipped == 12);
}

TEST_CASE("a scenario with a group that the baseline did not have is refused") {
    Preparation steps;
    steps.derive = {{"double", "2 * x", ""}};
    steps.winsorize = {{{"x"}, 0, 60, PercentileRule::stata, "province"}};
    const Prepared base = prepare(small(), steps);
    Panel changed = base.completed;
    changed.set_label("province", std::vector<std::string>(6, "new"));
    std::int64_t clipped = 0;
    check_error([&] { (void)prepare_scenario(changed, steps, base.bounds, clipped); }, Fault::study,
                {"prepare.winsorize.0", "group \"new\"", "baseline"});
}

TEST_CASE("where levers act depends on the order") {
    Preparation steps;
    steps.winsorize = {{{"x"}, 20, 80, PercentileRule::type7, ""}};
    steps.derive = {{"y", "x", ""}};
    steps.order = {"winsorize", "derive"};
    check_close(prepare(small(), steps).completed.number("x"), {2, 2, 3, 4, 5, 5});
    steps.derive.clear();
    steps.order = {"winsorize"};
    check_close(prepare(small(), steps).completed.number("x"), {2, 2, 3, 4, 5, 5});
}

TEST_CASE("wrong steps are the study's fault") {
    const auto refuse = [](const std::function<void(Preparation&)>& change,
                           const std::vector<std::string>& parts) {
        Preparation steps;
        change(steps);
        check_error([&] { (void)prepare(small(), steps); }, Fault::study, parts);
    };
    refuse([](auto& s) { s.order = {"winsorise"}; },
           {"unknown step \"winsorise\"", "did you mean \"winsorize\"?"});
    refuse([](auto& s) { s.order = {"lag", "lag"}; }, {"stands twice"});
    refuse(
        [](auto& s) {
            s.order = {"lag"};
            s.derive = {{"y", "x", ""}};
        },
        {"order does not name \"derive\""});
    refuse(
        [](auto& s) {
            s.interpolate = {{{"gpa"}, false}};
        },
        {"prepare.interpolate.0", "did you mean \"gap\"?"});
    refuse([](auto& s) { s.interpolate = {{{"province"}, false}}; }, {"holds text"});
    refuse([](auto& s) { s.winsorize = {{{"x"}, 99, 1, PercentileRule::stata, ""}}; }, {"low < high"});
    refuse(
        [](auto& s) {
            s.winsorize = {{{"year"}, 1, 99, PercentileRule::stata, ""}};
        },
        {"names the panel's rows"});
    refuse(
        [](auto& s) {
            s.winsorize = {{{"x"}, 1, 99, PercentileRule::stata, "provin"}};
        },
        {"did you mean"});
    refuse(
        [](auto& s) {
            s.derive = {{"y", "x + yr", ""}};
        },
        {"prepare.derive.0: y", "position 5", "no column"});
    refuse([](auto& s) { s.derive = {{"city", "x", ""}}; }, {"cannot be overwritten"});
    refuse([](auto& s) { s.group = {{"g", "x", "mode", ""}}; }, {"unknown statistic \"mode\""});
    refuse([](auto& s) { s.lag = {{"l", "x", 0}}; }, {"periods is 0"});
    refuse(
        [](auto& s) {
            s.perpetual_inventory = {{"K", "inv", "", .1, "", {}, {}}};
        },
        {"no column \"inv\""});
}

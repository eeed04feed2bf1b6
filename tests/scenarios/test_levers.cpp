#include "scenarios/levers.hpp"

#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

namespace {

Lever lever(std::vector<Operation> operations, double cost = 0) {
    Lever made;
    made.name = "test";
    made.operations = std::move(operations);
    made.cost_per_unit = cost;
    return made;
}
Panel applied(const AppliedLever& one, double* cost = nullptr) {
    return apply_levers(small(), small(), {one}, cost);
}
void refused(const AppliedLever& one, const std::vector<std::string>& parts) {
    check_error([&] { (void)applied(one); }, Fault::study, parts);
}

}  // namespace

TEST_CASE("paths build up from their start") {
    const Path step{"step", 2015, 0};
    CHECK(step.at(2014) == 0);
    CHECK(step.at(2015) == 1);
    const Path linear{"linear", 2015, 3};
    CHECK(linear.at(2014) == 0);
    CHECK(linear.at(2015) == 0.25);
    CHECK(linear.at(2017) == 0.75);
    CHECK(linear.at(2018) == 1);
    CHECK(linear.at(2030) == 1);
    const Path logistic{"logistic", 2015, 3};
    CHECK(logistic.at(2014) == 0);
    CHECK(logistic.at(2016) == doctest::Approx(0.5));
    CHECK(logistic.at(2018) == doctest::Approx(1));
    CHECK(logistic.at(2015) + logistic.at(2017) == doctest::Approx(1));
    CHECK(logistic.at(2015) == doctest::Approx((1 / (1 + std::exp(2.5)) - 1 / (1 + std::exp(5.0))) /
                                               (1 / (1 + std::exp(-5.0)) - 1 / (1 + std::exp(5.0)))));
}

TEST_CASE("scale multiplies the selected rows") {
    const AppliedLever one{lever({{"scale", "x", 0.5, 90, false}, {"scale", "gap", -0.1, 90, false}}, 3),
                           2,
                           "province is \"P1\"",
                           {"linear", 2002, 1}};
    double cost = 0;
    const Panel p = applied(one, &cost);
    check_close(p.number("x"), {1, 2 * 1.5, 3 * 2, 4, 5, 6});
    check_close(p.number("gap"), {missing, 20 * 0.9, 30 * 0.8, 40, missing, 60});
    CHECK(cost == doctest::Approx(3 * 2 * (0.5 + 1)));
    check_close(small().number("x"), {1, 2, 3, 4, 5, 6});
}

TEST_CASE("no intensity changes no bit") {
    const AppliedLever one{
        lever({{"scale", "x", 0.7, 90, false}, {"close_gap", "gap", 1, 90, false}}), 0, "", {}};
    const Panel p = applied(one);
    CHECK(p.number("x") == small().number("x"));
    check_close(p.number("gap"), small().number("gap"), 0);
}

TEST_CASE("close_gap moves towards the year's percentile, only from the far side") {
    // x by year: 1 and 4, 2 and 5, 3 and 6. The 90th percentile of two values is the larger one.
    check_close(applied({lever({{"close_gap", "x", 0.5, 90, false}}), 1, "", {}}).number("x"),
                {2.5, 3.5, 4.5, 4, 5, 6});
    check_close(applied({lever({{"close_gap", "x", 1, 10, true}}), 0.5, "", {}}).number("x"),
                {1, 2, 3, 2.5, 3.5, 4.5});
    check_close(applied({lever({{"close_gap", "x", 1, 50, false}}), 1, "", {}}).number("x"),
                {2.5, 3.5, 4.5, 4, 5, 6});
    check_close(applied({lever({{"close_gap", "gap", 1, 100, false}}), 1, "", {}}).number("gap"),
                {missing, 20, 60, 40, missing, 60});
}

TEST_CASE("levers act one after the other; targets are the baseline's") {
    const AppliedLever doubled{lever({{"scale", "x", 1, 90, false}}), 1, "city is \"b\"", {}};
    const AppliedLever catching_up{lever({{"close_gap", "x", 1, 100, false}}), 1, "", {}};
    double cost = -1;
    const Panel p = apply_levers(small(), small(), {doubled, catching_up}, &cost);
    check_close(p.number("x"), {4, 5, 6, 8, 10, 12});
    CHECK(cost == 0);
    CHECK(apply_levers(small(), small(), {}, nullptr).number("x") == small().number("x"));
}

TEST_CASE("what a lever cannot do is told") {
    const auto with = [](Operation operation, double intensity = 1, std::string where = "", Path path = {}) {
        return AppliedLever{lever({std::move(operation)}), intensity, std::move(where), std::move(path)};
    };
    refused(with({"scale", "xx", 1, 90, false}), {"lever test", "\"xx\"", "did you mean \"x\"?"});
    refused(with({"scale", "province", 1, 90, false}), {"no measured quantity"});
    refused(with({"scale", "year", 1, 90, false}), {"no measured quantity"});
    refused(with({"shfit", "x", 1, 90, false}),
            {"operation 0 (shfit of x)", "unknown operation", "did you mean \"shift\"?"});
    refused(with({"scale", "x", -1, 90, false}, 2), {"turns the sign"});
    refused(with({"close_gap", "x", 1, 90, false}, 1.5), {"1.5 of the gap"});
    refused(with({"close_gap", "x", 1, 90, false}, -1), {"0..1"});
    refused(with({"close_gap", "x", 1, 101, false}), {"percentile"});
    refused(with({"scale", "x", 1, 90, false}, 1, "x > 100"), {"selects no row"});
    refused(with({"scale", "x", 1, 90, false}, 1, "x >> 1"), {"expression"});
    refused(with({"scale", "x", 1, 90, false}, 1, "", {"linaer", 2001, 1}), {"did you mean \"linear\"?"});
    refused(with({"scale", "x", 1, 90, false}, 1, "", {"linear", 2001, 0}), {"length of at least 1"});
    refused(with({"scale", "x", 1, 90, false}, 1, "", {"step", 2001, 2}), {"a step has no length"});
    refused(with({"scale", "x", 1, 90, false}, 1, "", {"step", 2004, 0}), {"starts in 2004", "ends in 2003"});
    refused({lever({}), 1, "", {}}, {"no operation"});
    check_error(
        [&] {
            (void)apply_levers(small(), small().subset({1, 1, 1, 0, 0, 0}), {}, nullptr);
        },
        Fault::study, {"different rows"});
}

TEST_CASE("a full grid, the last lever fastest") {
    const auto grid = full_grid({"digital", "retrofit"}, {{0, 0.5}, {0, 10, 20}});
    REQUIRE(grid.size() == 6);
    CHECK(grid[0].name == "digital=0,retrofit=0");
    CHECK(grid[1].name == "digital=0,retrofit=10");
    CHECK(grid[4].name == "digital=0.5,retrofit=10");
    CHECK(grid[5].intensity == std::vector<double>{0.5, 20});
    check_error([] { (void)full_grid({}, {}); }, Fault::study, {"at least one"});
    check_error([] { (void)full_grid({"a", "a"}, {{1}, {2}}); }, Fault::study, {"stands twice"});
    check_error([] { (void)full_grid({"a"}, {{}}); }, Fault::study, {"no intensities"});
    check_error([] { (void)full_grid({"a"}, {{1, 1}}); }, Fault::study, {"intensity twice"});
    const std::vector<double> many = [] {
        std::vector<double> v(1000);
        for (std::size_t i = 0; i < v.size(); ++i) v[i] = static_cast<double>(i);
        return v;
    }();
    check_error(
        [&] {
            (void)full_grid({"a", "b", "c"}, {many, many, many});
        },
        Fault::study, {"more than 10000000"});
}

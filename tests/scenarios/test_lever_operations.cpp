// Every operation against results worked out by hand, on the panel
//   city a: x 1 2 3, gap - 20 30 (2001 to 2003, province P1); city b: x 4 5 6, gap 40 - 60 (P2, 2002
//   unknown).
#include <algorithm>

#include "scenarios/levers.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

namespace {

Operation operation(
    const std::string& type, const std::string& variable,
    const std::function<void(Operation&)>& more = [](Operation&) {}) {
    Operation made;
    made.type = type;
    made.variable = variable;
    more(made);
    return made;
}
AppliedLever lever(std::vector<Operation> operations, double intensity, std::string where = "",
                   Path path = {}) {
    Lever made;
    made.name = "test";
    made.operations = std::move(operations);
    return {made, intensity, std::move(where), std::move(path)};
}
Panel after(const AppliedLever& one, double* cost = nullptr) {
    return apply_levers(small(), small(), {one}, cost);
}
void refused(const AppliedLever& one, const std::vector<std::string>& parts) {
    check_error([&] { (void)after(one); }, Fault::study, parts);
}
/// A share of the way to a value: set, cap, floor.
Operation towards(const std::string& type, double value, double per_unit = 1) {
    return operation(type, "x", [&](Operation& o) { o.value = value, o.per_unit = per_unit; });
}
Operation gap(double per_unit, const GapTarget& target, const std::string& within = "",
              bool from_above = false) {
    return operation("close_gap", "x", [&](Operation& o) {
        o.per_unit = per_unit, o.target = target, o.within = within, o.from_above = from_above;
    });
}

const GapTarget mean(std::string("mean")), leader(std::string("leader")), value(std::string("value"));

}  // namespace

TEST_CASE("shift adds, times a weight where one is given") {
    check_close(after(lever({operation("shift", "x", [](Operation& o) { o.per_unit = 0.5; })}, 3, "",
                            {"linear", 2002, 1}))
                    .number("x"),
                {1, 2 + 0.75, 3 + 1.5, 4, 5 + 0.75, 6 + 1.5});
    // The weight is missing in two rows, and nothing moves there.
    check_close(after(lever({operation("shift", "x",
                                       [](Operation& o) {
                                           o.per_unit = 0.1;
                                           o.weight = "gap / 2";
                                       })},
                            1))
                    .number("x"),
                {1, 3, 4.5, 6, 5, 9});
    check_close(
        after(lever({operation("shift", "gap", [](Operation& o) { o.per_unit = 1; })}, 1)).number("gap"),
        {missing, 21, 31, 41, missing, 61});
}

TEST_CASE("set, cap and floor go a share of the way to their value") {
    check_close(after(lever({towards("set", 4)}, 0.5)).number("x"), {2.5, 3, 3.5, 4, 4.5, 5});
    check_close(after(lever({towards("cap", 4)}, 1)).number("x"), {1, 2, 3, 4, 4, 4});
    check_close(after(lever({towards("floor", 4, 0.01)}, 50)).number("x"), {2.5, 3, 3.5, 4, 5, 6});
    for (const char* type : {"set", "cap", "floor"})
        refused(lever({towards(type, 4)}, 1.5), {"operation 0", "1.5 of the way", "0..1"});
}

TEST_CASE("gaps to the mean, the leader, a value, within a column's groups") {
    // Means of the years: 2.5, 3.5, 4.5.
    check_close(after(lever({gap(1, mean)}, 0.5)).number("x"), {1.75, 2.75, 3.75, 4, 5, 6});
    check_close(after(lever({gap(1, mean, "", true)}, 1)).number("x"), {1, 2, 3, 2.5, 3.5, 4.5});
    check_close(after(lever({gap(1, leader)}, 1)).number("x"), {4, 5, 6, 4, 5, 6});
    check_close(after(lever({gap(1, leader, "", true)}, 1)).number("x"), {1, 2, 3, 1, 2, 3});
    Operation to_value = gap(1, value);
    to_value.value = 3;
    check_close(after(lever({to_value}, 1)).number("x"), {3, 3, 3, 4, 5, 6});
    // Each city is alone in its province; where the province is unknown, there is no target.
    check_close(after(lever({gap(1, leader, "province")}, 1)).number("x"), {1, 2, 3, 4, 5, 6});
    Panel panel = small();
    panel.set_label("province", {"P1", "P1", "P1", "P1", "", "P2"});
    check_close(apply_levers(panel, panel, {lever({gap(1, leader, "province")}, 1)}, nullptr).number("x"),
                {4, 2, 3, 4, 5, 6});
}

TEST_CASE("an elasticity responds to the intensity or to a driver") {
    const auto response = [](double e, double base) {
        return operation("elasticity", "x", [&](Operation& o) { o.elasticity = e, o.base = base; });
    };
    check_close(after(lever({response(2, 10)}, 5, "x > 3")).number("x"), {1, 2, 3, 9, 11.25, 13.5});
    check_close(after(lever({response(-0.5, 1)}, 3)).number("x"), {0.5, 1, 1.5, 2, 2.5, 3});
    refused(lever({response(1, 10)}, -10), {"takes away all of the base 10"});
    refused(lever({response(1, -1)}, 1), {"base is -1", "positive"});

    // gap grows by half, and x by 1.5 squared; where gap is unknown, x stays.
    Operation driven = operation("elasticity", "x", [](Operation& o) { o.elasticity = 2, o.driver = "gap"; });
    const Operation grow = operation("scale", "gap", [](Operation& o) { o.per_unit = 0.5; });
    check_close(after(lever({grow, driven}, 1)).number("x"), {1, 4.5, 6.75, 9, 5, 13.5});
    refused(lever({driven, grow}, 1), {"operation 0", "no earlier operation", "\"gap\""});
    // The response is to the lever's own change: the second of two equal levers acts on what the first left.
    const AppliedLever once = lever({grow, driven}, 1);
    check_close(
        apply_levers(small(), small(), {once, once}, nullptr).number("x"),
        {1, 2 * std::pow(2.25, 2), 3 * std::pow(2.25, 2), 4 * std::pow(2.25, 2), 5, 6 * std::pow(2.25, 2)});
    driven.base = 1;
    refused(lever({grow, driven}, 1), {"base and driver exclude each other"});
    const Operation from_nothing = operation("shift", "zero", [](Operation& o) { o.per_unit = 1; });
    driven.base = {};
    driven.driver = "zero";
    Panel panel = small();
    panel.set_number("zero", {0, 0, 0, 0, 0, 0});
    check_error(
        [&] {
            (void)apply_levers(panel, panel, {lever({from_nothing, driven}, 1)}, nullptr);
        },
        Fault::study, {"row 4", "city a", "year 2001", "driver goes from 0 to 1"});
}

TEST_CASE("a status is assigned from the path's start, above a threshold") {
    const Operation pilot = operation("assign", "x", [](Operation& o) { o.value = 1; });
    check_close(after(lever({pilot}, 0.1, "", {"linear", 2002, 5})).number("x"), {1, 1, 1, 4, 1, 1});
    const Operation strong = operation("assign", "gap", [](Operation& o) { o.value = 7, o.threshold = 0.5; });
    check_close(after(lever({strong}, 0.5)).number("gap"), small().number("gap"), 0);
    check_close(after(lever({strong}, 0.6)).number("gap"), {missing, 7, 7, 7, missing, 7});
}

TEST_CASE("bounds stop what moves, and only that") {
    const auto bounded = [](double per_unit, std::optional<double> low, std::optional<double> high) {
        return operation("shift", "x",
                         [&](Operation& o) { o.per_unit = per_unit, o.minimum = low, o.maximum = high; });
    };
    check_close(after(lever({bounded(-1, 2, {})}, 2)).number("x"),
                {1, 2, 2, 2, 3, 4});                                                    // 1 lay below already
    check_close(after(lever({bounded(1, {}, 5)}, 2)).number("x"), {3, 4, 5, 5, 5, 6});  // 6 lay above already
    refused(lever({bounded(-1, {}, {})}, 2),
            {"lever test, operation 0 (shift of x)", "row 4, city a, year 2001", "1 becomes -1", "minimum"});
    check_close(
        after(lever({operation("scale", "x", [](Operation& o) { o.per_unit = -1, o.minimum = 0; })}, 2))
            .number("x"),
        {0, 0, 0, 0, 0, 0});
    Panel below = small();
    below.set_number("x", {-1, -2, -3, -4, -5, -6});  // growth rates, say, may be negative before and after
    check_close(apply_levers(below, below, {lever({bounded(1, {}, {})}, 2)}, nullptr).number("x"),
                {1, 0, -1, -2, -3, -4});
}

TEST_CASE("costs: per unit of intensity and per unit moved") {
    AppliedLever one =
        lever({operation("shift", "x", [](Operation& o) { o.per_unit = -1, o.cost_per_unit = 7; }),
               operation("scale", "gap", [](Operation& o) { o.per_unit = 1, o.cost_per_unit = 0.1; })},
              1, "x < 4", {"linear", 2002, 1});
    double cost = 0;
    (void)after(one, &cost);  // moved: 0.5 + 1 of x; 10 + 30 of gap
    CHECK(cost == doctest::Approx(7 * 1.5 + 0.1 * 40));
    one.lever.cost_per_unit = 100;
    (void)after(one, &cost);
    CHECK(cost == doctest::Approx(7 * 1.5 + 0.1 * 40 + 100 * 1.5));
    CHECK(one.lever.costed());
}

TEST_CASE("scales and shifts commute where they should") {
    const auto scale = [](const char* variable, double by) {
        return lever({operation("scale", variable, [&](Operation& o) { o.per_unit = by; })}, 1);
    };
    const auto shift = [](double by) {
        return lever({operation("shift", "x", [&](Operation& o) { o.per_unit = by; })}, 1);
    };
    const auto both = [](const AppliedLever& a, const AppliedLever& b) {
        return apply_levers(small(), small(), {a, b}, nullptr);
    };
    check_close(both(scale("x", 0.5), scale("x", 0.25)).number("x"),
                both(scale("x", 0.25), scale("x", 0.5)).number("x"));
    for (const char* variable : {"x", "gap"}) {
        check_close(both(scale("x", 0.5), scale("gap", 0.25)).number(variable),
                    both(scale("gap", 0.25), scale("x", 0.5)).number(variable), 0);
    }
    check_close(both(shift(1), shift(0.5)).number("x"), both(shift(0.5), shift(1)).number("x"));
    // A scale and a shift do not: the order of the scenario counts.
    check_close(both(scale("x", 1), shift(1)).number("x"), {3, 5, 7, 9, 11, 13});
    check_close(both(shift(1), scale("x", 1)).number("x"), {4, 6, 8, 10, 12, 14});
}

TEST_CASE("no intensity, no path and no selection change no bit") {
    std::vector<Operation> all{
        operation("scale", "x", [](Operation& o) { o.per_unit = 0.3; }),
        operation("shift", "x", [](Operation& o) { o.per_unit = 0.3, o.weight = "gap"; }),
        towards("set", 4),
        towards("cap", 2),
        towards("floor", 5),
        gap(1, leader),
        operation("elasticity", "x", [](Operation& o) { o.elasticity = 0.3, o.base = 3; }),
        operation("elasticity", "gap", [](Operation& o) { o.elasticity = 0.3, o.driver = "x"; }),
        operation("assign", "x", [](Operation& o) { o.value = 9; })};
    const Panel baseline = small();
    for (const auto& idle : {lever(all, 0), lever(all, 1, "", {"step", 2002, 0})}) {
        const Panel p = after(idle);
        for (std::size_t r = 0; r < 6; ++r) {
            if (idle.intensity != 0 && r % 3 != 0) continue;  // before the path: 2001
            CHECK(p.number("x")[r] == baseline.number("x")[r]);
            CHECK((p.number("gap")[r] == baseline.number("gap")[r] || std::isnan(baseline.number("gap")[r])));
        }
    }
    const Panel p = after(lever(all, 0.5, "city is \"b\""));
    for (std::size_t r = 0; r < 3; ++r) CHECK(p.number("x")[r] == baseline.number("x")[r]);
    for (std::size_t r = 3; r < 6; ++r) CHECK(p.number("x")[r] != baseline.number("x")[r]);
}

TEST_CASE("what an operation lacks or cannot take is told with its key") {
    const auto plain = [](Operation o) { return lever({std::move(o)}, 1); };
    refused(plain(operation("scale", "x")), {"lever test, operation 0 (scale of x)", "needs per_unit"});
    refused(plain(operation("scale", "x", [](Operation& o) { o.per_unit = 1, o.value = 1; })),
            {"scale takes no value", "remove it"});
    refused(plain(operation("cap", "x", [](Operation& o) { o.per_unit = 1; })), {"needs value"});
    refused(plain(operation("elasticity", "x", [](Operation& o) { o.elasticity = 1; })),
            {"needs base", "or driver"});
    refused(plain(operation("elasticity", "x", [](Operation& o) { o.elasticity = 1, o.driver = "x"; })),
            {"own driver"});
    refused(plain(gap(1, std::string("laeder"))), {"did you mean \"leader\"?"});
    refused(plain(gap(1, value)), {"needs value"});
    refused(plain(gap(1, leader, "provinc")), {"within", "did you mean \"province\"?"});
    refused(plain(operation("shift", "x", [](Operation& o) { o.per_unit = 1, o.weight = "gdb"; })),
            {"weight"});
    refused(
        plain(operation("shift", "x", [](Operation& o) { o.per_unit = 1, o.minimum = 2, o.maximum = 1; })),
        {"minimum 2 lies above maximum 1"});
    // A result names its row: file, row, unit and period, of the first one that is met.
    refused(plain(operation("shift", "x", [](Operation& o) { o.per_unit = -1.5; })),
            {"small.csv: row 4, city a, year 2001", "the result is negative (1 becomes -0.5)", "minimum"});
    refused(lever({operation("scale", "x", [](Operation& o) { o.per_unit = 1e308; })}, 1, "city == \"b\""),
            {"small.csv: row 2, city b, year 2001", "the result is not finite (4 becomes inf)", "maximum"});
    Panel derived = small();
    derived.set_number("ratio", {1, 1, 1, 1, 1, 1});
    check_error(
        [&] {
            (void)apply_levers(small(), derived,
                               {plain(operation("scale", "ratio", [](Operation& o) { o.per_unit = 1; }))},
                               nullptr);
        },
        Fault::study, {"\"ratio\" is derived", "move those"});
}

TEST_CASE("a program is used again and again") {
    const LeverProgram program(small(), small(),
                               {lever({operation("scale", "x", [](Operation& o) { o.per_unit = 1; })}, 0),
                                lever({operation("shift", "gap", [](Operation& o) { o.per_unit = 1; })}, 0)});
    CHECK(program.columns() == std::vector<std::size_t>{3, 4});
    CHECK_FALSE(program.uncertain());
    CHECK_FALSE(program.costed());
    LeverProgram::Outcome out;
    program.apply({1, 2}, program.point(), out);
    check_close(out.value[0], {2, 4, 6, 8, 10, 12});
    check_close(out.value[1], {missing, 22, 32, 42, missing, 62});
    const double* room = out.value[0].data();
    program.apply({0, 0}, program.point(), out);
    check_close(out.value[0], small().number("x"), 0);
    CHECK(out.value[0].data() == room);
    CHECK(program.draw(1, 1).value == program.point().value);
}

TEST_CASE("order of rows does not matter") {
    const auto reversed = [] {
        std::vector<Column> columns;
        const Panel p = small();
        for (Column column : p.columns()) {
            std::reverse(column.number.begin(), column.number.end());
            std::reverse(column.label.begin(), column.label.end());
            columns.push_back(column);
        }
        return Panel::from_table("small.csv", columns, "city", "year");
    }();
    const AppliedLever one = lever({gap(1, mean), towards("cap", 5)}, 0.5);
    check_close(apply_levers(reversed, reversed, {one}, nullptr).number("x"), after(one).number("x"), 0);
}

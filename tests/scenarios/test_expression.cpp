#include "scenarios/expression.hpp"

#include "scenarios/expression_tokens.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

namespace {

/// Rows after sorting: a 2001..2003 (x 1 2 3, gap - 20 30, P1), b 2001..2003 (x 4 5 6, gap 40 - 60, P2 ""
/// P2).
double first(const std::string& text) {
    return evaluate(text, small(), Fault::study).value.front();
}
std::vector<double> all(const std::string& text) {
    return evaluate(text, small(), Fault::study).value;
}
void refused(const std::string& text, const std::vector<std::string>& parts) {
    CAPTURE(text);
    check_error([&] { (void)evaluate(text, small(), Fault::usage); }, Fault::usage, parts);
}

}  // namespace

TEST_CASE("arithmetic and precedence") {
    CHECK(first("1 + 2 * 3") == 7);
    CHECK(first("-2^2") == -4);
    CHECK(first("2^3^2") == 512);
    CHECK(first("2^-1") == 0.5);
    CHECK(first("8 / 4 / 2") == 1);
    CHECK(first("(1 + 2) * 3") == 9);
    CHECK(first("1e-3 * 1000 + .5") == doctest::Approx(1.5));
    CHECK(first("1e3*2") == 2000);  // one digit of an exponent, and what follows it at once
    CHECK(first("2E+2-1") == 199);
    CHECK(first("12.5e-1*2") == 2.5);
    CHECK(first("1.e1") == 10);
    CHECK(first("x > 0 ? 10 : 20") == 10);
    CHECK(first("max(x, 2, 7) + min(3, x)") == 8);
    CHECK(first("round(2.5) + floor(1.9) + ceil(1.1)") == 6);
    check_close(all("x * x - x"), {0, 2, 6, 12, 20, 30});
}

TEST_CASE("log is the natural logarithm") {
    CHECK(first("log(_e)") == doctest::Approx(1));
    CHECK(first("ln(_e)") == doctest::Approx(1));
    CHECK(first("log10(1000)") == doctest::Approx(3));
    CHECK(first("log2(8)") == doctest::Approx(3));
    CHECK(first("cos(_pi)") == doctest::Approx(-1));
}

TEST_CASE("and, or, not") {
    CHECK(first("1 or 0 and 0") == 1);
    CHECK(first("not 1 == 2") == 1);  // not (1 == 2)
    CHECK(first("!x == 2") == 0);     // (!x) == 2
    CHECK(first("not x and 0") == 0);
    CHECK(first("not (1 and 0)") == 1);
    CHECK(first("0 || 1 && 1") == 1);
    CHECK(first("x == 1 and not x == 2 or 0") == 1);
    check_close(all("x >= 3 and x < 6"), {0, 0, 1, 1, 1, 0});
    check_close(all("x != 3"), {1, 1, 0, 1, 1, 1});
}

TEST_CASE("text comparisons; a missing label is a missing result") {
    check_close(all("province is \"P1\""), {1, 1, 1, 0, missing, 0});
    check_close(all("province is not 'P1'"), {0, 0, 0, 1, missing, 1});
    check_close(all("province == \"P2\""), {0, 0, 0, 1, missing, 1});
    check_close(all("province != \"P2\""), {1, 1, 1, 0, missing, 0});
    check_close(all("province in [\"P1\", \"P9\"]"), {1, 1, 1, 0, missing, 0});
    check_close(all("province not in [\"P1\"]"), {0, 0, 0, 1, missing, 1});
    check_close(all("not province is \"P1\" and x > 4"), {0, 0, 0, 0, missing, 1});
    check_close(all("year in [2001, 2003]"), {1, 0, 1, 1, 0, 1});
    check_close(all("x in [-1, 2]"), {0, 1, 0, 0, 0, 0});
    check_close(all("(province is \"P1\") * x"), {1, 2, 3, 0, missing, 0});
    check_close(all("missing(province) or missing(gap)"), {1, 0, 0, 0, 1, 0});
}

TEST_CASE("group statistics") {
    check_close(all("mean(x)"), {3.5, 3.5, 3.5, 3.5, 3.5, 3.5});
    check_close(all("mean(x, city)"), {2, 2, 2, 5, 5, 5});
    check_close(all("median(x, year)"), {2.5, 3.5, 4.5, 2.5, 3.5, 4.5});
    check_close(all("sum_of(x, city) + min_of(x) - max_of(x, year)"), {3, 2, 1, 12, 11, 10});
    check_close(all("sd(x, city)"), {1, 1, 1, 1, 1, 1});
    check_close(all("mean(x, province)"), {2, 2, 2, 5, missing, 5});
    check_close(all("mean(gap, city)"), {25, 25, 25, 50, 50, 50});         // over the values there are
    check_close(all("p25(x) + p50(x)"), std::vector<double>(6, 2 + 3.5));  // Stata's rule
    check_close(all("x > median(x)"), {0, 0, 0, 1, 1, 1});
}

TEST_CASE("lags go by time within the unit") {
    check_close(all("lag(x, 1)"), {missing, 1, 2, missing, 4, 5});
    check_close(all("lag(x, 2)"), {missing, missing, 1, missing, missing, 4});
    check_close(all("lead(x)"), {2, 3, missing, 5, 6, missing});
    check_close(all("diff(x)"), {missing, 1, 1, missing, 1, 1});
    check_close(all("diff(x, 2)"), {missing, missing, 2, missing, missing, 2});
    const Panel holes = Panel::from_table(
        "f", {labels("u", {"a", "a", "a"}), numbers("t", {1, 3, 4}), numbers("x", {1, 3, 4})}, "u", "t");
    check_close(evaluate("lag(x, 1)", holes, Fault::study).value, {missing, missing, 3});
    check_close(evaluate("lag(x, 2)", holes, Fault::study).value, {missing, 1, missing});
}

TEST_CASE("missing operands and results that are not finite") {
    check_close(all("gap + 1"), {missing, 21, 31, 41, missing, 61});
    check_close(all("gap > 0 or 1"), {missing, 1, 1, 1, missing, 1});
    const Evaluated logs = evaluate("log(x - 1)", small(), Fault::study);
    CHECK(logs.not_finite == 1);
    CHECK(std::isnan(logs.value[0]));
    CHECK(evaluate("1 / (gap - gap)", small(), Fault::study).not_finite == 4);
    CHECK(evaluate("sqrt(-x)", small(), Fault::study).not_finite == 6);
}

TEST_CASE("selections") {
    CHECK(select("", small(), Fault::study) == std::vector<char>(6, 1));
    CHECK(select("  ", small(), Fault::study) == std::vector<char>(6, 1));
    CHECK(select("gap > 25", small(), Fault::study) == std::vector<char>{0, 0, 1, 1, 0, 1});
    CHECK(select("x - 1", small(), Fault::study) == std::vector<char>{0, 1, 1, 1, 1, 1});
}

TEST_CASE("names with other characters stand in backquotes") {
    Panel p = small();
    p.set_number("my col", {1, 2, 3, 4, 5, 6});
    p.set_number("2x", {2, 2, 2, 2, 2, 2});
    p.set_number("in", {1, 1, 1, 1, 1, 1});
    p.set_number("人口", {3, 3, 3, 3, 3, 3});
    CHECK(evaluate("`my col` * `2x` + `in` + 人口", p, Fault::study).value[1] == 8);
    CHECK(evaluate("mean(`my col`)", p, Fault::study).value[1] == 3.5);
    p.set_number("产值（亿元）", {1, 2, 3, 4, 5, 6});
    CHECK(evaluate("产值（亿元） + 1", p, Fault::study).value[1] == 3);
    check_error([&] { (void)evaluate("产值（万元）", p, Fault::study); }, Fault::study,
                {"did you mean \"产值（亿元）\"?"});
    CHECK(columns_read("`my col` + x * log(gap) + mean(x, city) + _pi", p) ==
          std::vector<std::string>{"my col", "x", "gap", "city"});
}

TEST_CASE("errors tell the place and the nearest name") {
    refused("x + yeer", {"position 5", "no column \"yeer\"", "did you mean \"year\"?"});
    refused("lgo(x)", {"position 1", "no function \"lgo\"", "did you mean \"log\"?"});
    refused("", {"empty"});
    refused("x +", {"ends too early"});
    refused("(x + 1", {"closing parenthesis"});
    refused("x + 1)", {"position 6", "never opened"});
    refused("x x", {"position 3", "operator is missing"});
    refused("x + * 2", {"position 5", "operand is missing"});
    refused("x = 1", {"position 3", "compare with =="});
    refused("x & 1", {"and"});
    refused("x, 1", {"position 2", "comma"});
    refused("1 < x < 3", {"position 7", "a < b and b < c"});
    refused("x == 1 == 1", {"comparisons in a row"});
    refused("province + 1", {"position 1", "holds text"});
    refused("x is \"P1\"", {"holds numbers"});
    refused("province is 3", {"holds text", "quotes"});
    refused("province in \"P1\"", {"list is expected"});
    refused("\"P1\" is province", {"position 1"});
    refused("min(x)", {"min_of(x)"});
    refused("sum(x)", {"sum_of(x)"});
    refused("log(x, 2)", {"too many arguments"});
    refused("mean(x + 1)", {"column names only"});
    refused("mean(x, year, x)", {"too many arguments"});
    refused("lag(x, 0)", {"position 8", "1 or more"});
    refused("lag(x, 1.5)", {"number of periods"});
    refused("x ? 1", {"condition ? value : other value"});
    refused("\"open", {"never closed"});
    refused("x # 1", {"position 3", "backquotes"});
    refused("2x", {"neither a number nor a name"});
    refused("2＋x", {"neither a number nor a name", "\"2＋\" is", "\"＋\" is no sign of formulas, \"+\" is"});
    refused("x + （x", {"position 5", "no column \"（x\"", "\"（\" is no sign of formulas, \"(\" is"});
    refused("x，y", {"no column", "\"，\" is no sign", "\",\" is"});
    refused("x + 　x", {"\"　\" is no sign of formulas, \" \" is"});
    refused("province is \"é人\" and yeer", {"position 22", "did you mean \"year\"?"});
    refused("province is “P1”", {"a text in quotes is expected", "\"“\" is no sign of formulas, \"\"\" is"});
    refused("x × 2", {"\"×\" is no sign of formulas, \"*\" is"});
    check_error([] { (void)evaluate("2x + `（`", small(), Fault::usage); }, Fault::usage,
                {"starts with a digit"});
    REQUIRE(expression::look_alike_hint("2x + `（`").empty());
    refused("1e999", {"not a number that a double can hold"});
    const Panel flat = Panel::from_table("f", {numbers("x", {1, 2})}, "", "");
    check_error([&] { (void)evaluate("lag(x)", flat, Fault::study); }, Fault::study,
                {"unit and a time column"});
}

TEST_CASE("results do not depend on the order of the file's rows") {
    const Panel other = Panel::from_table(
        "small.csv",
        {labels("city", {"a", "b", "a", "b", "a", "b"}),
         numbers("year", {2003, 2003, 2001, 2001, 2002, 2002}), numbers("x", {3, 6, 1, 4, 2, 5})},
        "city", "year");
    const std::string text = "lag(x) / mean(x, city) + p10(x, year) - log(x)";
    check_close(evaluate(text, other, Fault::study).value, all(text), 0);
}

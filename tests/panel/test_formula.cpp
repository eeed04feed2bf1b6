#include <cmath>
#include <limits>

#include "scenarios/formula.hpp"
#include "tests/panel/support.hpp"

using namespace greenfront;

namespace {

std::vector<std::string> texts(const std::vector<FormulaTerm>& terms) {
    std::vector<std::string> result;
    for (const auto& term : terms) result.push_back(term.text);
    return result;
}

using Strings = std::vector<std::string>;

std::string mistake(const std::string& text) {
    try {
        (void)parse_formula(text, Fault::usage);
    } catch (const Error& error) {
        CHECK(error.fault() == Fault::usage);
        return error.what();
    }
    return "no error";
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Panel small_panel() {
    std::vector<Column> table;
    const auto numbers = [&](const std::string& name, std::vector<double> values) {
        Column column;
        column.name = name;
        column.number = std::move(values);
        table.push_back(std::move(column));
    };
    Column city;
    city.name = "city";
    city.text = true;
    city.label = {"b", "a", "a", "b", "a", "b", "c"};
    table.push_back(city);
    numbers("year", {2001, 2000, 2001, 2000, 2003, 2002, 2000});
    numbers("y", {5, 1, 2, 4, 3, 6, 7});
    numbers("x", {50, 10, 20, 40, 30, 60, 0});
    numbers("z", {1, 2, nan, 4, 5, 6, 7});
    numbers("region", {2, 1, 1, 2, 1, 2, nan});
    return Panel::from_table("small.csv", table, "city", "year");
}

}  // namespace

TEST_CASE("a formula falls into its parts") {
    Formula f = parse_formula(
        "log(y) ~ x1 + log(x2 + 1) + l(x3, 1):x1 | city + prov^year + city[trend, x2] + prov[[t]] | d1 + d2 "
        "~ z1 + z2",
        Fault::usage);
    CHECK(f.y.text == "log(y)");
    CHECK(texts(f.x) == Strings{"x1", "log(x2 + 1)", "l(x3, 1):x1"});
    REQUIRE(f.effects.size() == 4);
    CHECK(f.effects[1].factors == Strings{"prov", "year"});
    CHECK(f.effects[2].slopes == Strings{"trend", "x2"});
    CHECK(f.effects[2].intercept);
    CHECK(!f.effects[3].intercept);
    CHECK(f.effects[3].slopes == Strings{"t"});
    CHECK(texts(f.endogenous) == Strings{"d1", "d2"});
    CHECK(texts(f.instruments) == Strings{"z1", "z2"});
    CHECK(f.constant);
}

TEST_CASE("a product of terms is all of them alone and their interactions, by order") {
    const Formula f = parse_formula("y ~ a * b * log(c + 1) + d", Fault::usage);
    CHECK(texts(f.x) ==
          Strings{"a", "b", "log(c + 1)", "a:b", "a:log(c + 1)", "b:log(c + 1)", "a:b:log(c + 1)", "d"});
}

TEST_CASE("mistakes are placed by characters, and signs of full width are named") {
    CHECK(mistake("产出 ~ 能源 + )").find("position 11: \")\" closes nothing") != std::string::npos);
    const std::string typed = mistake("产出 ～ 能源");
    CHECK(typed.find("position 8: a formula is written") != std::string::npos);
    CHECK(typed.find("\"～\" is no sign of formulas, \"~\" is") != std::string::npos);
    CHECK(mistake("`产值（亿元）` + x").find("no sign") == std::string::npos);
    CHECK(mistake("产值（亿元） + x").find("no sign") == std::string::npos);
}

TEST_CASE("what stands in quotes is one name, whatever it holds") {
    const Formula f = parse_formula(
        "`y|1` ~ `a + b` * `c:d` + log(`x (1)`) | `e^f`^g[`t,u`] + `h[1]` | `i ~ j` ~ `k - l`", Fault::usage);
    CHECK(f.y.text == "`y|1`");
    CHECK(texts(f.x) == Strings{"`a + b`", "`c:d`", "`a + b`:`c:d`", "log(`x (1)`)"});
    REQUIRE(f.effects.size() == 2);
    CHECK(f.effects[0].factors == Strings{"`e^f`", "g"});
    CHECK(f.effects[0].slopes == Strings{"`t,u`"});
    CHECK(f.effects[1].factors == Strings{"`h[1]`"});
    CHECK(texts(f.endogenous) == Strings{"`i ~ j`"});
    CHECK(texts(f.instruments) == Strings{"`k - l`"});
    const Formula apostrophes = parse_formula("y ~ x | people's^year + city's", Fault::usage);
    REQUIRE(apostrophes.effects.size() == 2);
    CHECK(apostrophes.effects[0].factors == Strings{"people's", "year"});
    CHECK(apostrophes.effects[1].factors == Strings{"city's"});
    CHECK(mistake("y ~ 1 | x ~ z + y").find("the outcome y cannot be an instrument") != std::string::npos);
}

TEST_CASE("columns with names of any kind are found, evaluated and grouped by") {
    std::vector<Column> table;
    for (const std::string name : {"city", "year", "y|1", "x (1)", "a:b?", "log(`z`)", "e^f", "g"}) {
        Column column;
        column.name = name;
        const auto k = static_cast<double>(table.size());
        if (name == "city")
            column.number = {1, 1, 2, 2};
        else if (name == "year")
            column.number = {1, 2, 1, 2};
        else
            column.number = {k, k + 1, 2 * k, 3 * k};
        table.push_back(column);
    }
    const Panel panel = Panel::from_table("odd.csv", table, "city", "year");
    const Formula f =
        parse_formula("`y|1` ~ l(`x (1)`) + `x (1)`:`a:b?` + `log(``z``)` | `e^f`^g", Fault::usage);
    CHECK(columns_read(f, panel) == Strings{"a:b?", "e^f", "g", "log(`z`)", "x (1)", "y|1"});
    const auto design = build_design(f, panel, {1, 1, 1, 1}, {});
    CHECK(design.row == std::vector<std::int64_t>{1, 3});
    CHECK(design.X(0, 0) == 3);  // of the year before
    CHECK(design.X(0, 1) == (3 + 1) * (4 + 1));
    CHECK(design.X(1, 2) == 3 * 5);
    CHECK(make_factor("`e^f`^g", panel).levels == 4);
    CHECK(make_factor("`e^f`^g", panel).name == "e^f^g");
}

TEST_CASE("constants, no effects, products") {
    CHECK(parse_formula("y ~ x | 0", Fault::usage).effects.empty());
    CHECK(parse_formula("y ~ x", Fault::usage).constant);
    CHECK(!parse_formula("y ~ x - 1", Fault::usage).constant);
    CHECK(!parse_formula("y ~ 0 + x", Fault::usage).constant);
    CHECK(texts(parse_formula("y ~ 0 + x", Fault::usage).x) == Strings{"x"});
    CHECK(parse_formula("y ~ 1", Fault::usage).x.empty());
    CHECK(texts(parse_formula("y ~ a*b", Fault::usage).x) == Strings{"a", "b", "a:b"});
    CHECK(texts(parse_formula("y ~ a*b*c", Fault::usage).x) ==
          Strings{"a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"});
    CHECK(texts(parse_formula("y ~ 100*b + 1e-3 * c", Fault::usage).x) == Strings{"100*b", "1e-3 * c"});
    CHECK(texts(parse_formula("y ~ x | d ~ z", Fault::usage).instruments) == Strings{"z"});
    CHECK(texts(parse_formula("y ~ 1 | city | d ~ z", Fault::usage).endogenous) == Strings{"d"});
}

TEST_CASE("a mistake is reported with its position") {
    CHECK(mistake("y x").find("position 4") != std::string::npos);
    CHECK(mistake("~ x").find("the outcome before ~ is missing") != std::string::npos);
    CHECK(mistake("y ~ x +").find("a regressor is missing") != std::string::npos);
    CHECK(mistake("y ~ x + log(z").find("position 12: \"(\" is not closed") != std::string::npos);
    CHECK(mistake("y ~ x)").find("position 6") != std::string::npos);
    CHECK(mistake("y ~ x - z").find("only \"- 1\"") != std::string::npos);
    CHECK(mistake("y ~ x | a + | b").find("a fixed effect is missing") != std::string::npos);
    CHECK(mistake("y ~ x | a | b").find("instruments are written endogenous ~ instruments") !=
          std::string::npos);
    CHECK(mistake("y ~ x | a | d ~ z | w").find("nothing can follow") != std::string::npos);
    CHECK(mistake("y ~ x | a | d ~").find("an instrument is missing") != std::string::npos);
    CHECK(mistake("y ~ x | a[t]b").find("brackets end") != std::string::npos);
    CHECK(mistake("y ~ x ~ z").find("position 7") != std::string::npos);
}

TEST_CASE("a design holds the complete rows") {
    const Panel panel = small_panel();  // a 2000 2001 2003, b 2000 2001 2002, c 2000
    const Formula formula = parse_formula("y ~ x + log(z) | city", Fault::usage);
    const auto design = build_design(formula, panel, {}, {"region"});
    CHECK(design.n_read == 7);
    CHECK(design.row == std::vector<std::int64_t>{0, 2, 3, 4, 5});  // z missing in a 2001, region in c
    CHECK(design.effects[0].factor.levels == 2);
    CHECK(design.effects[0].factor.code == std::vector<std::int32_t>{0, 0, 1, 1, 1});
    CHECK(design.clusters[0].levels == 2);
    CHECK(design.X(1, 1) == doctest::Approx(std::log(5)));
    CHECK(design.x_name == Strings{"x", "log(z)"});
    const auto part = build_design(formula, panel, {0, 0, 0, 1, 1, 1, 1}, {});
    CHECK(part.n_read == 4);
    CHECK(part.row == std::vector<std::int64_t>{3, 4, 5, 6});
    CHECK(part.effects[0].factor.level_name == Strings{"b", "c"});
}

TEST_CASE("lags and differences go by time within the unit and see rows that are not kept") {
    const Panel panel = small_panel();
    const auto row = [&](const std::string& term) {
        return build_design(parse_formula("y ~ " + term, Fault::usage), panel, {0, 1, 1, 1, 1, 1, 1}, {});
    };
    // a 2001 has a lag (2000, not kept); a 2003 has none (2002 is missing); b 2001 and 2002 have.
    for (const char* term : {"l(x,1)", "l(x)", "lag(x, 1)"}) {
        const auto design = row(term);
        CHECK(design.row == std::vector<std::int64_t>{1, 4, 5});
        CHECK(design.X.col(0) == Eigen::Vector3d(10, 40, 50));
    }
    CHECK(row("d(x)").X.col(0) == Eigen::Vector3d(10, 10, 10));
    CHECK(row("l(x + y, 1)").X.col(0) == Eigen::Vector3d(11, 44, 55));
    CHECK(row("d(l(x,1))").row == std::vector<std::int64_t>{5});
    CHECK(row("f(x,1)").row == std::vector<std::int64_t>{3, 4});
    CHECK(row("x:z").X(0, 0) == 150);
    CHECK(row("I(x * z)").X(0, 0) == 150);
    const auto logs = row("log(x)");
    CHECK(logs.row.size() == 5);
    REQUIRE(logs.warnings.size() == 1);
    CHECK(logs.warnings[0].find("log(x): no finite value in 1 row") == 0);
}

TEST_CASE("factors do not depend on the order of rows; interactions have the cells that occur") {
    const Panel panel = small_panel();
    const auto region = make_factor("region^year", panel);
    CHECK(region.name == "region^year");
    CHECK(region.levels == 6);
    CHECK(region.code[6] == -1);
    CHECK(region.level_name[0] == "1^2000");
    CHECK_THROWS_AS((void)make_factor("regoin", panel), Error);
    const Formula formula = parse_formula("log(y) ~ l(x,1):z | city + region^year + city[z]", Fault::usage);
    CHECK(columns_read(formula, panel) == Strings{"city", "region", "x", "y", "year", "z"});
}

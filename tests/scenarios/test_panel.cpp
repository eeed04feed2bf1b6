#include "scenarios/nearest.hpp"
#include "tests/scenarios/support.hpp"

using namespace greenfront;
using namespace greenfront::scenarios_test;

TEST_CASE("rows are sorted by unit and time and lead back to the file") {
    const Panel p = small();
    CHECK(p.rows() == 6);
    CHECK(p.unit_name == std::vector<std::string>{"a", "b"});
    CHECK(p.time_value == std::vector<std::int64_t>{2001, 2002, 2003});
    CHECK(p.number("x") == std::vector<double>{1, 2, 3, 4, 5, 6});
    CHECK(p.file_row == std::vector<std::int64_t>{4, 5, 6, 2, 3, 1});
    CHECK(p.row_of(1, 0) == 3);
    CHECK(p.row_of(0, 2) == 2);
    CHECK(p.row_of(2, 0) == -1);
    CHECK(p.row_of(0, 3) == -1);
}

TEST_CASE("units are sorted as integers only when every name is one") {
    const auto order = [](std::vector<std::string> names) {
        return Panel::from_table("f", {labels("u", std::move(names))}, "u", "").unit_name;
    };
    CHECK(order({"10", "9", "-1"}) == std::vector<std::string>{"-1", "9", "10"});
    CHECK(order({"10", "9", "x"}) == std::vector<std::string>{"10", "9", "x"});
    CHECK(order({"7", "07", "007"}) == std::vector<std::string>{"007", "07", "7"});
    const Panel numeric = Panel::from_table("f", {numbers("u", {10, 9, 2.5})}, "u", "");
    CHECK(Panel::from_table("f", {numbers("u", {1e16})}, "u", "").unit_name.front() == "10000000000000000");
    CHECK(numeric.unit_name == std::vector<std::string>{"10", "2.5", "9"});
}

TEST_CASE("without a unit column the rows keep the file's order") {
    const Panel p = Panel::from_table("f", {numbers("x", std::vector<double>(12, 1.0))}, "", "");
    CHECK(p.unit_name.back() == "12");
    CHECK(p.unit_name[9] == "10");
    CHECK(p.file_row.back() == 12);
    CHECK(p.time == std::vector<std::int32_t>(12, 0));
    CHECK_FALSE(p.has_time());
}

TEST_CASE("every duplicate is told with its file rows") {
    check_error(
        [] {
            Panel::from_table(
                "f.csv",
                {labels("city", {"b", "a", "b", "a", "a", "c"}), numbers("year", {1, 1, 1, 1, 1, 1})}, "city",
                "year");
        },
        Fault::data,
        {"f.csv: rows 2, 4, 5: city a and year 1 occurs 3 times", "rows 1, 3: city b and year 1"});
    check_error(
        [] {
            Panel::from_table("f.csv", {labels("city", {"b", "b"})}, "city", "");
        },
        Fault::data, {"rows 1, 2: city b occurs 2 times", "time column"});
}

TEST_CASE("missing keys and times that are no integers are told together") {
    check_error(
        [] {
            Panel::from_table("f.csv",
                              {labels("city", {"a", "", "c", "d"}), numbers("year", {2001.5, 1, missing, 4})},
                              "city", "year");
        },
        Fault::data,
        {"row 2: column city: the unit is missing", "row 1: column year: time \"2001.5\" is not an integer",
         "row 3: column year: time is missing", "4 * year + quarter"});
    check_error(
        [] {
            Panel::from_table("f", {labels("u", {"a"}), labels("t", {"2001Q1"})}, "u", "t");
        },
        Fault::data, {"\"2001Q1\" is not an integer"});
    CHECK(Panel::from_table("f", {labels("u", {"a"}), labels("t", {"2001"})}, "u", "t").time_value.front() ==
          2001);
}

TEST_CASE("unknown and unfit columns") {
    const Panel p = small();
    check_error([&] { (void)p.column("provinse"); }, Fault::data,
                {"\"provinse\"", "did you mean \"province\"?"});
    check_error([&] { (void)p.number("province"); }, Fault::data, {"holds text"});
    const Panel mixed = Panel::from_table(  // sorted by unit, told in the file's order
        "f", {labels("city", {"c", "b", "a", "d"}), labels("x", {"+1.5", "n. d.", "inf", "-2e3"})}, "city",
        "");
    check_error([&] { (void)mixed.number("x"); }, Fault::data,
                {"2 of 4 cells are no numbers, the first in record 2: \"n. d.\""});
    const Panel quoted = Panel::from_table("f", {labels("x", {"1", "2"})}, "", "");
    check_error([&] { (void)quoted.number("x"); }, Fault::data, {"all 2 cells are numbers, read as text"});
    check_error([] { Panel::from_table("f", {numbers("x", {1})}, "city", ""); }, Fault::data,
                {"no column \"city\""});
    check_error(
        [] {
            Panel::from_table("f", {numbers("x", {1}), numbers("x", {2})}, "", "");
        },
        Fault::data, {"both named \"x\""});
}

TEST_CASE("a subset makes its codes anew") {
    const Panel p = small().subset({0, 0, 0, 0, 1, 1});
    CHECK(p.unit_name == std::vector<std::string>{"b"});
    CHECK(p.time_value == std::vector<std::int64_t>{2002, 2003});
    CHECK(p.unit == std::vector<std::int32_t>{0, 0});
    CHECK(p.time == std::vector<std::int32_t>{0, 1});
    CHECK(p.number("x") == std::vector<double>{5, 6});
    CHECK(p.column("province").label == std::vector<std::string>{"", "P2"});
    CHECK(p.row_of(0, 1) == 1);
    CHECK(small().subset({0, 0, 0, 0, 0, 0}).rows() == 0);
}

TEST_CASE("the order of the file's rows does not matter") {
    const Panel p = small();
    const Panel q = Panel::from_table(
        "small.csv",
        {labels("city", {"a", "a", "a", "b", "b", "b"}),
         numbers("year", {2003, 2002, 2001, 2002, 2003, 2001}), numbers("x", {3, 2, 1, 5, 6, 4})},
        "city", "year");
    CHECK(p.number("x") == q.number("x"));
    CHECK(p.unit == q.unit);
    CHECK(p.time == q.time);
}

TEST_CASE("nearest name") {
    const std::vector<std::string> known{"gdp", "energy", "capital"};
    CHECK(nearest("gpd", known) == "gdp");
    CHECK(nearest("GDP", known) == "gdp");
    CHECK(nearest("enrgy", known) == "energy");
    CHECK(nearest("capitl", known) == "capital");
    CHECK(nearest("wholly_different", known).empty());
    CHECK(nearest("xyz", known).empty());
    CHECK(nearest("gdp", {}).empty());
    CHECK(nearest("cap", known) == "capital");  // the only one that begins so
    CHECK(nearest("ca", known).empty());
    CHECK(nearest("latin", {"latin-hypercube", "latin-square"}).empty());
    CHECK(nearest("model", {"models", "model-free"}) == "models");
    CHECK(did_you_mean("enrgy", known) == " (did you mean energy?)");
    CHECK(did_you_mean("xyz", known).empty());
}

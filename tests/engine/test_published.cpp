// Published figures and their tolerances; the words of specification curves.
#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>

#include "engine/curve.hpp"
#include "engine/published.hpp"
#include "kernels/error.hpp"

using namespace greenfront;

namespace {

PublishedFigure figure(double value, std::int64_t decimals, const std::string& tolerance) {
    return {"4", "1", "regression/main", "x", "coefficient", value, decimals, "", tolerance};
}

}  // namespace

TEST_CASE("tolerances as they are written") {
    using enum Tolerance::Kind;
    CHECK(parse_tolerance("").kind == none);
    CHECK(parse_tolerance("exact").kind == exact);
    CHECK(parse_tolerance("0.03").kind == absolute);
    CHECK(parse_tolerance("5%").amount == doctest::Approx(0.05));
    CHECK(parse_tolerance("0.5 se").kind == std_errors);
    CHECK(parse_tolerance("0.5se").amount == 0.5);
    for (const char* text : {"five", "-1", "%", "se", "1 %%", "nan", "inf", "0.1 SE"})
        CHECK_THROWS_AS((void)parse_tolerance(text), std::invalid_argument);
}

TEST_CASE("a figure agrees within its tolerance, or to the digits printed") {
    CHECK(agrees(figure(0.563, 3, "0.1se"), 0.570, 0.074));
    CHECK_FALSE(agrees(figure(0.563, 3, "0.1se"), 0.571, 0.074));
    CHECK_FALSE(agrees(figure(0.563, 3, "0.1se"), 0.5640, NAN));
    CHECK(agrees(figure(0.563, 3, "0.1se"), 0.5634, NAN));  // rounds to 0.563
    CHECK(agrees(figure(-0.006, 3, "0.1se"), -0.0065, 0.001));
    CHECK_FALSE(agrees(figure(-0.006, 3, "0.1se"), 0.006, 0.001));
    CHECK(agrees(figure(100, 0, "5%"), 105, NAN));
    CHECK_FALSE(agrees(figure(100, 0, "5%"), 94, NAN));
    CHECK(agrees(figure(2904, 0, "exact"), 2904, NAN));
    CHECK_FALSE(agrees(figure(2904, 0, "exact"), 2903, NAN));
    CHECK(agrees(figure(0.244, 3, "0.03"), 0.27, NAN));
    CHECK_FALSE(agrees(figure(0.244, 3, ""), NAN, NAN));
}

TEST_CASE("published standard errors belong to the coefficient of the same place") {
    auto b = figure(0.5, 1, "0.1se"), se = b, other = b;
    se.statistic = "std_error";
    se.value = 0.07;
    other.term = "z";
    const auto errors = published_errors({b, se, other});
    CHECK(errors[0] == 0.07);
    CHECK(std::isnan(errors[1]));
    CHECK(std::isnan(errors[2]));
}

TEST_CASE("names are exchanged as whole words outside of quotes") {
    CHECK(renamed("coor ~ nqp + nqp2 + l(nqp, 1)", "nqp", "x") == "coor ~ x + nqp2 + l(x, 1)");
    CHECK(renamed("name is \"nqp\" or `nqp` > 1 and nqp>2", "nqp", "x") ==
          "name is \"nqp\" or `nqp` > 1 and x>2");
    CHECK(renamed("\xC3\xA9nqp + nqp", "nqp", "x") == "\xC3\xA9nqp + x");
    CHECK(renamed("a \"open", "a", "b") == "b \"open");
    CHECK(renamed("", "a", "b").empty());
}

TEST_CASE("models of a curve") {
    const auto plain = parse_model_word("sbm");
    CHECK(plain.model == "sbm");
    CHECK_FALSE(plain.super);
    const auto both = parse_model_word("super-ddf:strong");
    CHECK(both.model == "ddf");
    CHECK(both.super);
    CHECK(both.disposability == "strong");
    for (const char* word : {"", "super-", "ddf:", ":weak"})
        CHECK_THROWS_AS((void)parse_model_word(word), Error);
}

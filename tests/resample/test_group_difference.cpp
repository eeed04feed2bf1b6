#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/group_difference.hpp"
#include "kernels/stats/distributions.hpp"
#include "tests/resample/panels.hpp"

using namespace greenfront;
using namespace test;
using Eigen::Index;
using resample::GroupDraws;
using resample::GroupOptions;

namespace {

/// The first `first` units are group a, the others b.
Factor groups_of(const Panel& p, std::int32_t first) {
    Factor group{"side", {}, 2, {"a", "b"}};
    for (const auto code : p.unit.code) group.code.push_back(code < first ? 0 : 1);
    return group;
}

GroupOptions options_for(const char* term, std::int64_t replicates) {
    GroupOptions choice;
    choice.term = term;
    choice.replicates = replicates;
    choice.seed = 4;
    return choice;
}

/// Two regressions on the rows of each side.
double brute_force(const Design& design, const Factor& unit, const std::vector<std::int32_t>& first,
                   const std::string& term) {
    double difference = 0;
    for (const bool inside : {true, false}) {
        std::vector<std::int64_t> rows;
        for (std::size_t i = 0; i < unit.code.size(); ++i) {
            const bool in = std::find(first.begin(), first.end(), unit.code[i]) != first.end();
            if (in == inside) rows.push_back(static_cast<std::int64_t>(i));
        }
        const auto fit = panel::fit(panel::take_rows(design, rows), {});
        double b = NAN;
        for (const auto& t : fit.terms)
            if (t.name == term) b = t.estimate;
        difference += inside ? b : -b;
    }
    return difference;
}

std::string message(const Design& design, const Factor& unit, const Factor& group,
                    const GroupOptions& choice) {
    try {
        (void)resample::group_permutation(design, {}, unit, group, choice);
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("group permutation: every draw is two separate regressions") {
    struct Shape {
        const char* name;
        double missing;
        int effects;  // 0 none, 1 unit, 2 unit + year, 3 unit + province x year, 4 year
    };
    for (const Shape& shape :
         {Shape{"constant", 0.2, 0}, Shape{"unit", 0.2, 1}, Shape{"balanced", 0, 2},
          Shape{"unbalanced", 0.25, 2}, Shape{"province x year", 0.1, 3}, Shape{"year", 0.3, 4}}) {
        Panel p = make_panel(24, 6, 3, 3, shape.missing, 5);
        if (shape.effects >= 1 && shape.effects <= 3) p.design.effects.push_back(effect(p.unit));
        if (shape.effects == 2 || shape.effects == 4) p.design.effects.push_back(effect(p.time));
        if (shape.effects == 3) p.design.effects.push_back(effect(p.cell));
        CAPTURE(shape.name);
        const GroupOptions choice = options_for("x2", 99);
        const GroupDraws draws = group_permutation(p.design, {}, p.unit, groups_of(p, 10), choice);
        std::vector<std::int32_t> own;
        for (std::int32_t g = 0; g < 10; ++g) own.push_back(g);
        CHECK(std::abs(draws.difference - brute_force(p.design, p.unit, own, "x2")) < 1e-10);
        CHECK(draws.group[0].units == 10);
        CHECK(draws.group[1].units == 14);
        for (const std::int64_t b : {0, 1, 2, 40, 98}) {
            const auto first = resample::first_group(24, 10, choice, b);
            CHECK(first.size() == 10);
            const double d = brute_force(p.design, p.unit, first, "x2");
            CHECK(std::abs(draws.draw(b) - d) <= 1e-10 * (1 + std::abs(d)));
        }
    }
}

TEST_CASE("group permutation: all assignments, each once, the observed one among them") {
    Panel p = make_panel(9, 5, 2, 2, 0.1, 8);
    p.design.effects = {effect(p.unit), effect(p.time)};
    GroupOptions choice = options_for("x1", 126);  // C(9, 4): enumerated without being asked
    const GroupDraws draws = group_permutation(p.design, {}, p.unit, groups_of(p, 4), choice);
    CHECK(draws.enumerated);
    REQUIRE(draws.draw.size() == 126);
    choice.enumerate = true;
    std::map<std::vector<std::int32_t>, int> seen;
    for (std::int64_t b = 0; b < 126; ++b) {
        const auto first = resample::first_group(9, 4, choice, b);
        CHECK(std::is_sorted(first.begin(), first.end()));
        ++seen[first];
        CHECK(std::abs(draws.draw(b) - brute_force(p.design, p.unit, first, "x1")) < 1e-10);
    }
    CHECK(seen.size() == 126);
    const auto s = summarise(draws, 0.95);
    CHECK(s.n_tie >= 1);
    CHECK(s.p_value == static_cast<double>(s.n_greater + s.n_tie) / 126);
    CHECK(std::isnan(s.share_low));
    choice = options_for("x1", 125);
    CHECK(!group_permutation(p.design, {}, p.unit, groups_of(p, 4), choice).enumerated);
}

TEST_CASE("group permutation: counts, p values and the interval of the share") {
    GroupDraws draws;
    draws.difference = -1;
    draws.draw.resize(8);
    draws.draw << -1, 2, 1, -0.5, -3, NAN, 0.25, -1 + 1e-12;
    const auto s = summarise(draws, 0.95);
    CHECK(s.used == 7);
    CHECK(s.infeasible == 1);
    CHECK(s.n_greater == 2);
    CHECK(s.n_tie == 3);
    CHECK(s.upper_greater == 4);
    CHECK(s.upper_tie == 2);
    CHECK(s.lower_less == 1);
    CHECK(s.p_value == 6.0 / 8);
    CHECK(s.p_share == 5.0 / 7);
    CHECK(s.p_bdiff == 1 - 6.0 / 7);
    // Clopper-Pearson by its definition: binomial tails of 2.5 % at both ends.
    const auto at_least = [](int c, double p) {
        double sum = 0;
        for (int i = c; i <= 7; ++i)
            sum += std::tgamma(8) / std::tgamma(i + 1) / std::tgamma(8 - i) * std::pow(p, i) *
                   std::pow(1 - p, 7 - i);
        return sum;
    };
    CHECK(std::abs(at_least(5, s.share_low) - 0.025) < 1e-12);
    CHECK(std::abs(1 - at_least(6, s.share_high) - 0.025) < 1e-12);
}

TEST_CASE("group permutation: assignments that leave a group without the coefficient are counted") {
    Panel p = make_panel(8, 5, 2, 2, 0, 3);
    p.design.effects = {effect(p.unit), effect(p.time)};
    // x1 varies in four units only: an assignment that gives all four to one side leaves the other without
    // it.
    for (Index i = 0; i < p.design.X.rows(); ++i)
        if (p.unit.code[static_cast<std::size_t>(i)] % 2 == 1) p.design.X(i, 0) = 7;
    const GroupDraws draws = group_permutation(p.design, {}, p.unit, groups_of(p, 4), options_for("x1", 70));
    const auto s = summarise(draws, 0.95);
    CHECK(s.infeasible == 2);
    CHECK(s.used == 68);
    CHECK(std::count(draws.status.begin(), draws.status.end(), Status::undefined) == 2);
}

TEST_CASE("group permutation: threads, number of replicates, order of rows") {
    Panel p = make_panel(40, 6, 4, 3, 0.1, 4);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const Factor group = groups_of(p, 15);
    const GroupDraws base = group_permutation(p.design, {}, p.unit, group, options_for("x3", 300));
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{8}}) {
        const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                                threads);
        CHECK(group_permutation(p.design, {}, p.unit, group, options_for("x3", 300)).draw == base.draw);
    }
    CHECK(group_permutation(p.design, {}, p.unit, group, options_for("x3", 77))
              .draw.isApprox(base.draw.head(77), 1e-13));
    std::vector<std::int64_t> reversed;
    for (Index i = p.design.y.size(); i-- > 0;) reversed.push_back(i);
    const auto turned =
        group_permutation(panel::take_rows(p.design, reversed), {}, panel::take_rows(p.unit, reversed),
                          panel::take_rows(group, reversed), options_for("x3", 300));
    CHECK(turned.draw.isApprox(base.draw, 1e-10));
}

TEST_CASE("group permutation: refusals say what is wrong") {
    Panel p = make_panel(8, 4, 2, 2, 0, 6);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const Factor group = groups_of(p, 3);
    const GroupOptions choice = options_for("x1", 20);
    const auto has = [](const std::string& text, const char* part) {
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    GroupOptions other = choice;
    other.term = "x9";
    has(message(p.design, p.unit, group, other), "the regressors are: x1, x2");
    Factor three = group;
    three.levels = 3;
    three.level_name = {"a", "b", "c"};
    has(message(p.design, p.unit, three, choice), "makes 3 groups");
    Factor torn = group;
    torn.code[0] = 1 - torn.code[0];
    has(message(p.design, p.unit, torn, choice), "moves whole units");
    has(message(p.design, p.unit, groups_of(p, 1), choice), "has 1 unit");
    other = choice;
    other.replicates = 0;
    has(message(p.design, p.unit, group, other), "at least one");
    Design flat = p.design;
    for (Index i = 0; i < flat.X.rows(); ++i)
        if (group.code[static_cast<std::size_t>(i)] == 0) flat.X(i, 0) = 1;
    has(message(flat, p.unit, group, choice), "group a of side: x1 has no coefficient");
    Design iv = p.design;
    iv.endogenous = iv.X.col(0);
    has(message(iv, p.unit, group, choice), "without instruments");
}

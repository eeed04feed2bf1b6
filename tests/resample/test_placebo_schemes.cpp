#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "kernels/error.hpp"
#include "kernels/panel/sample.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/simd.hpp"
#include "tests/resample/panels.hpp"

using namespace greenfront;
using namespace test;
using resample::PlaceboDraws;
using resample::PlaceboOptions;
using resample::Scheme;

namespace {

constexpr Scheme rows_schemes[] = {Scheme::within_time, Scheme::within_unit, Scheme::cell};

PlaceboOptions of(const std::string& treatment, std::int64_t replicates, Scheme scheme) {
    PlaceboOptions placebo;
    placebo.treatment = treatment;
    placebo.scheme = scheme;
    placebo.replicates = replicates;
    return placebo;
}

panel::Options with(panel::Variance variance) {
    panel::Options options;
    options.variance = variance;
    return options;
}

/// Permutes the raw column in the estimation sample and fits again: every number of every draw.
PlaceboDraws compare(const Panel& p, const panel::Options& options, const PlaceboOptions& placebo) {
    const auto draws = resample::placebo(p.design, options, p.unit, p.time, placebo);
    const auto prepared = panel::prepare(p.design, options);
    const auto& kept = prepared.singletons.kept;
    const auto unit = panel::take_rows(p.unit, kept), time = panel::take_rows(p.time, kept);
    const auto within = placebo.within.levels > 0 ? panel::take_rows(placebo.within, kept) : panel::Factor{};
    const auto items = resample::exchange(placebo.scheme, unit, time, within);
    Eigen::Index column = 0;
    while (prepared.sample.x_name[static_cast<std::size_t>(column)] != placebo.treatment) ++column;
    const resample::Enumeration every(items, prepared.sample.X.col(column));
    std::vector<std::int64_t> source(unit.code.size());
    for (Eigen::Index r = 0; r < draws.draw.size(); ++r) {
        const rng::Stream stream(placebo.seed, rng::stage_placebo, static_cast<std::uint64_t>(r));
        resample::source_rows(
            items, draws.enumerated ? every.assignment(r) : resample::shuffle(items, stream), source);
        Design permuted = prepared.sample;
        for (std::size_t i = 0; i < source.size(); ++i)
            permuted.X(static_cast<Eigen::Index>(i), column) = prepared.sample.X(source[i], column);
        const auto again = panel::fit(permuted, options);
        const auto& term = again.terms[static_cast<std::size_t>(column)];
        INFO("draw " << r);
        CHECK(draws.draw(r) == doctest::Approx(term.estimate).epsilon(1e-10));
        CHECK(draws.draw_std_error(r) == doctest::Approx(term.std_error).epsilon(1e-10));
        CHECK(draws.draw_statistic(r) == doctest::Approx(term.statistic).epsilon(1e-10));
        CHECK(draws.draw_df(r) == again.df_residual);
        CHECK(draws.p_values()(r) == doctest::Approx(term.p_value).epsilon(1e-8));
    }
    return draws;
}

}  // namespace

TEST_CASE("placebo: cells of two rows that do not follow each other") {
    auto p = make_panel(4, 7, 2, 2, 0, 33);
    // Two units a province and period, whose rows lie two units apart.
    p.design.effects = {effect(p.unit)};
    p.design.clusters = {p.unit};
    for (const auto scheme : rows_schemes) {
        auto placebo = of("x1", 12, scheme);
        if (scheme == Scheme::cell) placebo.within = p.cell;
        for (const auto variance : {panel::Variance::iid, panel::Variance::cluster})
            (void)compare(p, with(variance), placebo);
    }
}

TEST_CASE("placebo: units that change their group, two in each") {
    auto p = make_panel(4, 7, 2, 2, 0, 36);
    p.design.effects = {effect(p.unit)};
    p.design.clusters = {p.unit};
    std::vector<std::int32_t> pair;
    for (std::size_t i = 0; i < p.unit.code.size(); ++i) {
        const std::int32_t g = p.unit.code[i], t = p.time.code[i];
        pair.push_back(2 * t + (t % 2 == 0 ? g / 2 : g % 2));
    }
    auto placebo = of("x1", 12, Scheme::cell);
    placebo.within = test::factor("pair", pair);
    for (const auto variance : {panel::Variance::iid, panel::Variance::cluster})
        (void)compare(p, with(variance), placebo);
}

TEST_CASE("placebo: permuted rows, balanced, every variance and cluster") {
    auto p = make_panel(19, 6, 3, 4, 0, 31);
    p.design.effects = {effect(p.unit), effect(p.time)};
    for (const auto scheme : rows_schemes) {
        for (const auto variance : {panel::Variance::iid, panel::Variance::robust, panel::Variance::cluster})
            compare(p, with(variance), of("x2", 13, scheme));
        Panel q = p;
        for (const auto* cluster : {&p.province, &p.time, &p.cell}) {
            q.design.clusters = {*cluster};
            compare(q, with(panel::Variance::cluster), of("x1", 7, scheme));
        }
    }
}

TEST_CASE("placebo: permuted rows, unbalanced, and effects of every kind") {
    auto p = make_panel(17, 6, 3, 3, 0.2, 32);
    const auto options = with(panel::Variance::cluster);
    const std::vector<std::vector<FixedEffect>> effects{{},
                                                        {effect(p.unit)},
                                                        {effect(p.time)},
                                                        {effect(p.unit), effect(p.time)},
                                                        {effect(p.unit), effect(p.cell)},
                                                        {effect(p.province), effect(p.time)}};
    auto whole = make_panel(17, 6, 3, 3, 0, 33);
    const std::vector<std::vector<FixedEffect>> balanced{
        {}, {effect(whole.unit)}, {effect(whole.time)}, {effect(whole.unit), effect(whole.cell)}};
    for (const auto scheme : rows_schemes) {
        for (const auto& e : effects) {
            p.design.effects = e;
            compare(p, options, of("x3", 6, scheme));
        }
        for (const auto& e : balanced) {
            whole.design.effects = e;
            compare(whole, options, of("x1", 6, scheme));
        }
    }
    p.design.effects = {effect(p.unit), effect(p.time)};
    p.design.clusters = {p.unit, p.time};
    for (const auto scheme : rows_schemes) CHECK(compare(p, options, of("x2", 4, scheme)).literal);
}

TEST_CASE("placebo: within groups, province by year commutes with what stays in the province") {
    auto p = make_panel(16, 5, 3, 3, 0, 34);
    const auto options = with(panel::Variance::cluster);
    for (const bool cells : {false, true}) {
        p.design.effects = {effect(p.unit), effect(cells ? p.cell : p.time)};
        for (const auto scheme :
             {Scheme::trajectory, Scheme::within_time, Scheme::within_unit, Scheme::cell}) {
            auto placebo = of("x1", 8, scheme);
            placebo.within = p.province;
            const auto draws = compare(p, options, placebo);
            CHECK(draws.refitted == (scheme != Scheme::trajectory));
        }
    }
    auto placebo = of("x1", 40, Scheme::trajectory);
    placebo.within = p.province;
    const auto items = resample::exchange(Scheme::trajectory, p.unit, p.time, p.province);
    CHECK(items.cell.size() == 3);
    placebo.within = p.time;
    CHECK_THROWS_AS(static_cast<void>(resample::placebo(p.design, options, p.unit, p.time, placebo)), Error);
    auto ragged = make_panel(30, 5, 3, 2, 0.15, 35);
    ragged.design.effects = {effect(ragged.unit), effect(ragged.time)};
    for (const auto scheme : {Scheme::within_time, Scheme::cell, Scheme::trajectory}) {
        auto inside = of("x2", 8, scheme);
        inside.within = ragged.province;
        compare(ragged, options, inside);
    }
}

TEST_CASE("placebo: many, one and nearly collinear regressors") {
    for (const int k : {1, 2, 7, 9, 14}) {
        auto p = make_panel(21, 6, 3, k, 0, 36);
        p.design.effects = {effect(p.unit), effect(p.time)};
        for (const auto scheme : {Scheme::trajectory, Scheme::within_time})
            compare(p, with(panel::Variance::cluster), of("x1", 9, scheme));
    }
    // A control that is the treatment's mean over units of the period leaves little of a permuted column
    auto p = make_panel(12, 4, 2, 2, 0, 37);
    p.design.effects = {effect(p.unit)};
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        p.design.X(i, 0) = p.time.code[static_cast<std::size_t>(i)] + 1e-3 * p.design.X(i, 0);
        p.design.X(i, 1) = p.time.code[static_cast<std::size_t>(i)] + 1e-2 * p.design.X(i, 1);
    }
    compare(p, with(panel::Variance::cluster), of("x1", 30, Scheme::within_time));
    compare(p, with(panel::Variance::iid), of("x1", 30, Scheme::trajectory));
}

TEST_CASE("placebo: a nearly perfect fit") {
    auto p = make_panel(12, 5, 2, 3, 0, 38);
    p.design.effects = {effect(p.unit), effect(p.time)};
    p.design.y = p.design.X.col(1) + 1e-5 * p.design.y;
    for (const auto variance : {panel::Variance::iid, panel::Variance::cluster})
        compare(p, with(variance), of("x2", 20, Scheme::within_time));
}

TEST_CASE("placebo: rows do not depend on threads, the number of draws, instruction sets, row order") {
    auto p = make_panel(20, 5, 3, 3, 0, 39);
    p.design.effects = {effect(p.unit), effect(p.time)};
    const auto options = with(panel::Variance::cluster);
    for (const auto scheme : {Scheme::trajectory, Scheme::within_time, Scheme::within_unit, Scheme::cell}) {
        const auto run = [&](const Panel& q, std::int64_t R) {
            return resample::placebo(q.design, options, q.unit, q.time, of("x1", R, scheme));
        };
        const auto base = run(p, 203);
        for (const std::size_t threads : {1U, 8U}) {
            const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                                    threads);
            const auto again = run(p, 203);
            CHECK(again.draw == base.draw);
            CHECK(again.draw_std_error == base.draw_std_error);
        }
        CHECK(run(p, 51).draw == base.draw.head(51));
        CHECK(run(p, 51).draw_std_error == base.draw_std_error.head(51));
        for (const auto& set : simd::available()) {
            REQUIRE(simd::choose(set));
            const auto other = run(p, 70);
            for (Eigen::Index r = 0; r < 70; ++r) {
                CHECK(other.draw(r) == doctest::Approx(base.draw(r)).epsilon(1e-11));
                CHECK(other.draw_std_error(r) == doctest::Approx(base.draw_std_error(r)).epsilon(1e-11));
            }
        }
        REQUIRE(simd::choose("native"));
        std::vector<std::int64_t> order;
        for (std::int64_t i = p.design.y.size(); i-- > 0;) order.push_back(i);
        Panel reversed = p;
        reversed.design = panel::take_rows(p.design, order);
        reversed.unit = panel::take_rows(p.unit, order);
        reversed.time = panel::take_rows(p.time, order);
        const auto other = run(reversed, 50);
        for (Eigen::Index r = 0; r < 50; ++r)
            CHECK(other.draw(r) == doctest::Approx(base.draw(r)).epsilon(1e-11));
    }
}

TEST_CASE("placebo: different arrangements of equal values, each once") {
    auto p = make_panel(6, 4, 2, 2, 0, 40);
    p.design.effects = {effect(p.unit), effect(p.time)};
    for (Eigen::Index i = 0; i < p.design.y.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        p.design.X(i, 0) = p.unit.code[at] % 2 == 0 && p.time.code[at] >= 2 ? 1 : 0;
    }
    auto all = of("x1", 0, Scheme::trajectory);
    all.enumerate = true;
    const auto draws = compare(p, with(panel::Variance::cluster), all);
    CHECK(draws.draw.size() == 20);  // 6 units, 3 treated
    CHECK(draws.arrangements == 20);
    std::int64_t same = 0;
    for (Eigen::Index r = 0; r < 20; ++r) same += std::abs(draws.draw(r) - draws.estimate) < 1e-12 ? 1 : 0;
    CHECK(same == 1);
    CHECK(draws.test.p_exact == draws.test.p_share);
    // as many replicates as there are arrangements: each once
    const auto enough = resample::placebo(p.design, with(panel::Variance::cluster), p.unit, p.time,
                                          of("x1", 20, Scheme::trajectory));
    CHECK(enough.enumerated);
    CHECK(enough.draw == draws.draw);
    CHECK(enough.test.p_value == draws.test.p_value);
    // every random draw is one of them
    const auto random = resample::placebo(p.design, with(panel::Variance::cluster), p.unit, p.time,
                                          of("x1", 19, Scheme::trajectory));
    CHECK_FALSE(random.enumerated);
    for (Eigen::Index r = 0; r < 19; ++r) {
        CHECK((draws.draw.array() - random.draw(r)).abs().minCoeff() < 1e-10);
    }
    CHECK(random.test.p_exact < random.test.p_plus_one);
}

TEST_CASE("shuffles: every order of a small cell is equally frequent") {
    for (const std::int32_t n : {2, 3, 4}) {
        std::vector<std::int32_t> unit, time;
        for (std::int32_t i = 0; i < n; ++i) unit.push_back(i), time.push_back(0);
        const auto items = resample::exchange(Scheme::cell, factor("unit", unit), factor("time", time));
        std::map<std::vector<std::int32_t>, int> count;
        constexpr int draws = 24'000;
        for (int r = 0; r < draws; ++r)
            ++count[resample::shuffle(items,
                                      rng::Stream(9, rng::stage_placebo, static_cast<std::uint64_t>(r)))];
        double orders = 1, chi2 = 0;
        for (int i = 2; i <= n; ++i) orders *= i;
        CHECK(static_cast<double>(count.size()) == orders);
        for (const auto& [order, times] : count)
            chi2 += std::pow(times - draws / orders, 2) / (draws / orders);
        CHECK(chi2 < orders + 5 * std::sqrt(2 * orders));
    }
}

TEST_CASE("shuffles: in cells of many words every item reaches every place equally often") {
    // 61 items: six bits, eight numbers a word, a group of eight words less four numbers; 70: one number more
    // than a group
    for (const std::int32_t n : {61, 70, 130}) {
        std::vector<std::int32_t> unit, time;
        for (std::int32_t i = 0; i < 2 * n; ++i) unit.push_back(i / 2), time.push_back(i % 2);
        const auto items =
            resample::exchange(Scheme::within_time, factor("unit", unit), factor("time", time));
        const auto at = [](std::int32_t i) { return static_cast<std::size_t>(i); };
        std::vector<double> count(at(4 * n * n), 0.0);
        constexpr int draws = 6000;
        for (int r = 0; r < draws; ++r) {
            const auto donor =
                resample::shuffle(items, rng::Stream(11, rng::stage_placebo, static_cast<std::uint64_t>(r)));
            for (std::int32_t i = 0; i < 2 * n; ++i) ++count[at(i * 2 * n + donor[at(i)])];
        }
        double chi2 = 0, most = 0;
        const double expected = static_cast<double>(draws) / n;
        for (std::int32_t i = 0; i < 2 * n; ++i) {
            for (std::int32_t j = 0; j < 2 * n; ++j) {
                const double times = count[at(i * 2 * n + j)];
                if ((i - j) % 2 != 0) {
                    CHECK(times == 0);
                    continue;
                }
                chi2 += (times - expected) * (times - expected) / expected;
                most = std::max(most, std::abs(times - expected));
            }
        }
        const double df = 2.0 * (n - 1) * (n - 1);
        CHECK(std::abs(chi2 - df) < 5 * std::sqrt(2 * df));
        CHECK(most < 6 * std::sqrt(expected));
    }
}

TEST_CASE("shuffles: the same numbers from every instruction set, and when words are left out") {
    std::vector<std::int32_t> unit(4000), time(4000, 0);
    for (std::size_t i = 0; i < unit.size(); ++i) unit[i] = static_cast<std::int32_t>(i);
    const auto items = resample::exchange(Scheme::cell, factor("unit", unit), factor("time", time));
    const auto run = [&] {
        std::vector<std::vector<std::int32_t>> donors;
        for (std::uint64_t r = 0; r < 40; ++r)
            donors.push_back(resample::shuffle(items, rng::Stream(13, rng::stage_placebo, r)));
        return donors;
    };
    const auto base = run();
    for (const auto& set : simd::available()) {
        REQUIRE(simd::choose(set));
        CHECK(run() == base);
    }
    REQUIRE(simd::choose("native"));
    // 1,000 words a draw of which one in 2^16 or fewer is left out: the literal rule on single words
    for (std::uint64_t r = 0; r < 40; ++r) {
        rng::Stream stream(13, rng::stage_placebo, r);
        const std::uint64_t n = unit.size();
        std::vector<std::uint64_t> number(n - 1);
        for (std::uint64_t first = 0; first < n - 1; first += 32) {
            const std::uint64_t end = std::min(first + 32, n - 1),
                                words = std::min<std::uint64_t>(8, (end - first + 3) / 4);
            for (std::uint64_t w = 0; w < words; ++w) {
                std::uint64_t product = 1, factor = 1;
                for (std::uint64_t j = first + w; j < end; j += words) product *= n - j;
                const std::uint64_t value = stream.below(product);
                for (std::uint64_t j = first + w; j < end; j += words) {
                    factor *= n - j;
                    number[j] = value / (product / factor) % (n - j);
                }
            }
        }
        std::vector<std::int32_t> order(unit);
        for (std::uint64_t j = 0; j + 1 < n; ++j) std::swap(order[n - 1 - j], order[number[j]]);
        CHECK(order == base[r]);
    }
}

TEST_CASE("placebo: draws that identify nothing are counted with their reason") {
    // x1 is 1 in one row of every unit; within units it moves: some draws put all ones into one period
    auto p = make_panel(3, 2, 1, 1, 0, 41);
    p.design.effects = {effect(p.unit), effect(p.time)};
    for (Eigen::Index i = 0; i < 6; ++i) {
        const auto at = static_cast<std::size_t>(i);
        p.design.X(i, 0) = p.time.code[at] == (p.unit.code[at] == 0 ? 0 : 1) ? 1 : 0;
    }
    auto all = of("x1", 0, Scheme::within_unit);
    all.enumerate = true;
    const auto draws = resample::placebo(p.design, with(panel::Variance::iid), p.unit, p.time, all);
    CHECK(draws.draw.size() == 8);
    CHECK(draws.infeasible() == 2);  // all units treated in the same period
    std::int64_t absorbed = 0;
    for (Eigen::Index r = 0; r < 8; ++r) {
        const auto at = static_cast<std::size_t>(r);
        absorbed += draws.reason[at] == resample::Infeasible::absorbed ? 1 : 0;
        CHECK((draws.reason[at] == resample::Infeasible::absorbed) == std::isnan(draws.draw(r)));
        CHECK((draws.status[at] == Status::undefined) == std::isnan(draws.draw(r)));
    }
    CHECK(absorbed == 2);
    auto constant = of("x1", 9, Scheme::within_time);  // a permutation within periods of equal values
    for (Eigen::Index i = 0; i < 6; ++i) p.design.X(i, 0) = p.time.code[static_cast<std::size_t>(i)];
    p.design.effects = {effect(p.unit)};
    CHECK_THROWS_AS(static_cast<void>(resample::placebo(p.design, {}, p.unit, p.time, constant)), Error);
}

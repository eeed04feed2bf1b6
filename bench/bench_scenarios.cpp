// Preparation, expressions and entropy weights on the synthetic panel of 242 cities and 12 years. Each
// benchmark checks its own answer before it is timed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "bench/entropy_weights.hpp"
#include "kernels/index/entropy.hpp"
#include "scenarios/expression.hpp"
#include "scenarios/levers.hpp"
#include "scenarios/prepare.hpp"
#include "scenarios/synth.hpp"

using namespace greenfront;

namespace {

constexpr double column_bytes = 8.0 * 2904;

const Panel& panel() {
    static const Panel made = synthesize({});
    return made;
}

Preparation steps() {
    Preparation p;
    p.interpolate = {{{"natural_gas", "lpg", "wage"}, false}};
    p.perpetual_inventory = {{"capital", "investment", "price_index", 0.096, "depreciation", {}, {}}};
    p.derive = {{"output", "gdp / price_index", ""},
                {"energy", "13.3 * natural_gas + 1.7143 * lpg + 1.229 * electricity", ""},
                {"econ", "log(output / population)", ""},
                {"lnpd", "log(10000 * population / area)", ""}};
    p.winsorize = {{{"econ", "lnpd", "wage", "students", "robots"}, 1, 99, PercentileRule::stata, ""}};
    return p;
}

void expression(benchmark::State& state) {
    const std::string text = "log(gdp / population) > median(pm25) and province is not \"P07\"";
    const auto value = evaluate(text, panel(), Fault::study).value;
    const auto &gdp = panel().number("gdp"), &population = panel().number("population"),
               &pm25 = panel().number("pm25");
    const auto& province = panel().column("province").label;
    std::vector<double> sorted = pm25;
    std::sort(sorted.begin(), sorted.end());
    const double median = (sorted[sorted.size() / 2 - 1] + sorted[sorted.size() / 2]) / 2;
    for (std::size_t r = 0; r < panel().rows(); ++r) {
        const bool right = std::log(gdp[r] / population[r]) > median && province[r] != "P07";
        if (value.at(r) != (right ? 1 : 0)) return state.SkipWithError("wrong answer");
    }
    for (auto _ : state) benchmark::DoNotOptimize(evaluate(text, panel(), Fault::study));
    state.SetItemsProcessed(state.iterations() * 2904);
    bench::compare_with_reading(state, 3 * column_bytes);  // gdp, population, pm25
}

/// Output and energy by their formulas, capital by the perpetual inventory from one year to the next.
bool prepared_by_hand(const Prepared& made) {
    const Panel &raw = made.completed, &got = made.panel;
    const auto near = [](double a, double b) { return std::abs(a - b) <= 1e-9 * std::abs(b); };
    for (std::size_t r = 0; r < raw.rows(); ++r) {
        const auto at = [&](const char* name) { return raw.number(name)[r]; };
        if (!near(got.number("output")[r], at("gdp") / at("price_index"))) return false;
        if (!near(got.number("energy")[r],
                  13.3 * at("natural_gas") + 1.7143 * at("lpg") + 1.229 * at("electricity")))
            return false;
        if (r % 12 == 0) continue;
        const double before = got.number("capital")[r - 1];
        const double depreciation = at("depreciation");
        if (!near(got.number("capital")[r],
                  (1 - depreciation) * before + at("investment") / at("price_index")))
            return false;
    }
    return true;
}

void baseline(benchmark::State& state) {
    const auto spec = steps();
    const auto made = prepare(panel(), spec);
    if (!prepared_by_hand(made)) return state.SkipWithError("wrong answer");
    for (auto _ : state) benchmark::DoNotOptimize(prepare(panel(), spec));
    // The steps read 12 columns of the panel and write 10.
    bench::compare_with_reading(state, 22 * column_bytes);
}

/// One scenario of a sweep: levers, then the derived columns again.
void scenario(benchmark::State& state) {
    const auto spec = steps();
    const auto base = prepare(panel(), spec);
    Lever retrofit;
    retrofit.name = "retrofit";
    retrofit.operations = {{"scale", "electricity", -0.01, 90, false},
                           {"close_gap", "students", 0.01, 90, false}};
    const std::vector<AppliedLever> levers{{retrofit, 10, "resource_based", {"linear", 2015, 2}}};
    const auto run = [&] {
        std::int64_t clipped = 0;
        return prepare_scenario(apply_levers(base.completed, base.panel, levers, nullptr), spec, base.bounds,
                                clipped);
    };
    const Panel changed = run();
    for (std::size_t r = 0; r < changed.rows(); ++r) {
        const bool hit = panel().number("resource_based")[r] == 1 && panel().number("year")[r] >= 2015;
        if (hit != (changed.number("energy")[r] < base.panel.number("energy")[r]))
            return state.SkipWithError("wrong answer");
    }
    for (auto _ : state) benchmark::DoNotOptimize(run());
    // Two levers' columns are read and written; the deriving steps read 14 columns and write 9.
    bench::compare_with_reading(state, 27 * column_bytes);
}

/// Six compiled levers, five operations each, all rows.
void lever_program(benchmark::State& state) {
    const auto base = prepare(panel(), steps());
    std::vector<AppliedLever> levers;
    for (int l = 0; l < 6; ++l) {
        Lever lever;
        lever.name = "lever" + std::to_string(l);
        Operation response, driven;
        response.type = driven.type = "elasticity";
        response.variable = "electricity";
        response.elasticity = -0.3;
        response.base = 600;
        driven.variable = "co2";
        driven.elasticity = 1.2;
        driven.driver = "electricity";
        lever.operations = {{"scale", "robots", 0.001, 90, false},
                            {"shift", "wage", 0.1, 90, false},
                            {"close_gap", "students", 0.001, 90, false},
                            response,
                            driven};
        levers.push_back({lever, 0, "", {"linear", 2011, 2}});
    }
    const LeverProgram program(base.completed, base.panel, levers);
    const std::vector<double> intensity(6, 100);
    LeverProgram::Outcome out;
    program.apply(intensity, program.point(), out);
    // A tenth more robots from each of six levers, at full strength two years after 2011.
    for (std::size_t c = 0; c < out.value.size(); ++c) {
        const bool robots = base.completed.columns()[program.columns()[c]].name == "robots";
        for (std::size_t r = 0; r < out.value[c].size(); ++r) {
            const double value = out.value[c][r], before = base.completed.number("robots")[r];
            const bool full = panel().number("year")[r] >= 2013;
            if (!std::isfinite(value)) return state.SkipWithError("wrong answer");
            if (robots && full && !(std::abs(value - before * std::pow(1.1, 6)) <= 1e-9 * before))
                return state.SkipWithError("wrong answer");
        }
    }
    if (out.value.size() != 5 || out.value[0].size() != 2904) return state.SkipWithError("wrong answer");
    for (auto _ : state) program.apply(intensity, program.point(), out);
    // Five columns are read and written, whatever is done to them in between.
    bench::compare_with_reading(state, 10 * column_bytes);
}

void entropy(benchmark::State& state) {
    const std::vector<std::string> names{"students", "robots", "green_cover", "so2_intensity",
                                         "ai_enterprises"};
    Eigen::MatrixXd x(static_cast<Eigen::Index>(panel().rows()), 5);
    for (Eigen::Index k = 0; k < 5; ++k) {
        const auto& column = panel().number(names[static_cast<std::size_t>(k)]);
        for (Eigen::Index i = 0; i < x.rows(); ++i) x(i, k) = column[static_cast<std::size_t>(i)];
    }
    const std::vector<bool> negative{false, false, false, true, false};
    if (!((index::fit_entropy(x, negative, 0, names).weight - bench::weights_by_hand(x, negative))
              .cwiseAbs()
              .maxCoeff() < 1e-10))
        return state.SkipWithError("wrong answer");
    for (auto _ : state) benchmark::DoNotOptimize(index::fit_entropy(x, negative, 0, names));
    state.SetItemsProcessed(state.iterations() * x.size());
    bench::compare_with_reading(state, 8.0 * static_cast<double>(x.size()));
}

void synthetic_panel(benchmark::State& state) {
    SynthSettings settings;
    settings.cities = static_cast<int>(state.range(0));
    if (synthesize(settings).rows() != static_cast<std::size_t>(settings.cities) * 12)
        return state.SkipWithError("wrong answer");
    for (auto _ : state) benchmark::DoNotOptimize(synthesize(settings));
}

BENCHMARK(expression)->Unit(benchmark::kMicrosecond);
BENCHMARK(baseline)->Unit(benchmark::kMillisecond);
BENCHMARK(scenario)->Unit(benchmark::kMillisecond);
BENCHMARK(lever_program)->Unit(benchmark::kMicrosecond);
BENCHMARK(entropy)->Unit(benchmark::kMicrosecond);
BENCHMARK(synthetic_panel)->Arg(242)->Arg(2420)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();

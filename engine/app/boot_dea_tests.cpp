// `greenfront boot-dea --test returns|separability`.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/app/boot_dea.hpp"
#include "engine/settings.hpp"

namespace greenfront::app {
namespace {

Json test_json(const std::optional<std::int64_t>& time, const dea::ReturnsTest& test) {
    return {{"time", time ? Json(*time) : Json(nullptr)},
            {"units", test.units},
            {"statistic", number(test.statistic)},
            {"p_value", number(test.p_value)},
            {"n_at_most", test.at_most},
            {"without", test.without},
            {"critical_10", number(test.critical_10)},
            {"critical_05", number(test.critical_05)},
            {"critical_01", number(test.critical_01)},
            {"mean_null", number(test.mean_null)},
            {"mean_vrs", number(test.mean_vrs)},
            {"bandwidth", number(test.bandwidth)},
            {"programs", test.counters.programs},
            {"fallbacks", test.counters.fallbacks}};
}

io::Table test_table(const BootDeaOptions& options, const dea::ReturnsTestSettings& s,
                     const ReturnsTests& result) {
    io::Table table;
    table.title = fmt::format(
        "Test of returns to scale, H0 {} against vrs: radial, orientation {}, {} replicates, seed {}",
        name(s.null), name(s.orientation), s.replicates, s.seed);
    table.header = {"period",      "units",       "statistic",   "p_value",
                    "critical_10", "critical_05", "critical_01", "mean_" + name(s.null),
                    "mean_vrs",    "bandwidth"};
    for (std::size_t p = 0; p < result.parts.size(); ++p) {
        const auto& test = result.parts[p];
        std::vector<std::string> row{result.time[p] ? std::to_string(*result.time[p]) : "",
                                     std::to_string(test.units)};
        for (const double v : {test.statistic, test.p_value, test.critical_10, test.critical_05,
                               test.critical_01, test.mean_null, test.mean_vrs, test.bandwidth})
            row.push_back(options.full() ? fmt::format("{}", v) : fmt::format("{:.6f}", v));
        table.rows.push_back(std::move(row));
    }
    table.notes.emplace_back(
        "The statistic is the sum of efficiencies under H0 over that under vrs. A small one speaks against "
        "H0, which is rejected below the critical value.");
    std::int64_t without = 0;
    for (const auto& test : result.parts) without += test.without;
    if (without > 0)
        table.notes.push_back(fmt::format("{} replicates have no value and are left out.", without));
    return table;
}

Json separability_json(const std::optional<std::int64_t>& time, const dea::Separability& test) {
    Json statistics = Json::array(), p_values = Json::array();
    for (const double v : test.split_statistic) statistics.push_back(number(v));
    for (const double v : test.split_p_value) p_values.push_back(number(v));
    return {{"time", time ? Json(*time) : Json(nullptr)},
            {"units", test.units},
            {"statistic", number(test.statistic)},
            {"p_value", number(test.p_value)},
            {"mean", number(test.mean)},
            {"mean_local", number(test.mean_local)},
            {"bias", number(test.bias)},
            {"bias_local", number(test.bias_local)},
            {"counted", test.counted},
            {"counted_local", test.counted_local},
            {"bandwidth", number(test.bandwidth)},
            {"window", number(test.window)},
            {"split_statistic", std::move(statistics)},
            {"split_p_value", std::move(p_values)},
            {"programs", test.counters.programs},
            {"fallbacks", test.counters.fallbacks}};
}

io::Table separability_table(const BootDeaOptions& options, const DeaChoice& choice,
                             const dea::SeparabilitySettings& s, const SeparabilityTests& result) {
    io::Table table;
    table.title = fmt::format(
        "Test of separability from {}: model {}, orientation {}, returns {}, {} splits, {} halvings each, "
        "seed {}",
        fmt::join(options.words.environment, ", "), name(s.programs.model), name(s.programs.orientation),
        name(s.programs.returns), s.splits, s.halvings, s.seed);
    table.header = {"period",     "units",   "statistic", "p_value",       "mean",
                    "mean_local", "counted", "window",    "counted_local", "bandwidth"};
    const auto text = [&](double v) {
        return options.full() ? fmt::format("{}", v) : fmt::format("{:.6f}", v);
    };
    for (std::size_t p = 0; p < result.parts.size(); ++p) {
        const auto& test = result.parts[p];
        table.rows.push_back({result.time[p] ? std::to_string(*result.time[p]) : "",
                              std::to_string(test.units), text(test.statistic), text(test.p_value),
                              text(test.mean), text(test.mean_local), std::to_string(test.counted),
                              text(test.window), std::to_string(test.counted_local), text(test.bandwidth)});
    }
    table.notes.push_back(fmt::format(
        "H0: the environment does not move the frontier (reference {}). mean: scores against all units, "
        "mean_local: against units of like environment, both corrected for bias. A large statistic speaks "
        "against H0.{}",
        choice.reference, s.splits > 1 ? " p_value is twice the median over the splits." : ""));
    return table;
}

}  // namespace

void run_separability_test(const BootDeaOptions& options) {
    const DeaChoice choice = choose_dea(options.analysis, Fault::usage);
    const auto s = separability_settings(options.words, choice, options.seed, Fault::usage);
    const BootDeaPanel data(options, choice);
    const auto result = test_separability(data.panel, data.usable, data.choice, options.words.environment, s);
    Json tests = Json::array();
    for (std::size_t p = 0; p < result.parts.size(); ++p)
        tests.push_back(separability_json(result.time[p], result.parts[p]));
    const Json json{{"test", "separability"},
                    {"method", "daraio-simar-wilson-2018"},
                    {"environment", options.words.environment},
                    {"model", name(s.programs.model)},
                    {"orientation", name(s.programs.orientation)},
                    {"returns", name(s.programs.returns)},
                    {"reference", choice.reference},
                    {"splits", s.splits},
                    {"halvings", s.halvings},
                    {"seed", std::to_string(s.seed)},
                    {"tests", std::move(tests)}};
    print(options.format, options.json() ? json : Json(),
          options.json() ? std::vector<io::Table>{}
                         : std::vector<io::Table>{separability_table(options, choice, s, result)});
    if (const auto warning = correction_warning(result, choice); !warning.empty())
        fmt::print(stderr, "greenfront: boot-dea: {}\n", warning);
    if (const auto warning = pooled_warning(data.panel, data.choice); !warning.empty())
        fmt::print(stderr, "greenfront: boot-dea: {}\n", warning);
}

void run_returns_test(const BootDeaOptions& options) {
    if (!options.analysis.returns.empty())
        throw Error(Fault::usage,
                    "--returns: the test of returns has --null (crs or nirs) against vrs; leave "
                    "it out");
    const DeaChoice choice = choose_dea(options.analysis, Fault::usage);
    const auto s = returns_test_settings(options.words, choice, options.seed, Fault::usage);
    const BootDeaPanel data(options, choice);
    const ReturnsTests result = test_returns(data.panel, data.usable, data.choice, s);
    Json tests = Json::array();
    for (std::size_t p = 0; p < result.parts.size(); ++p)
        tests.push_back(test_json(result.time[p], result.parts[p]));
    const Json json{
        {"test", "returns"},        {"method", "simar-wilson-2002"},      {"null", name(s.null)},
        {"alternative", "vrs"},     {"orientation", name(s.orientation)}, {"reference", choice.reference},
        {"order", name(s.order)},   {"replicates", s.replicates},         {"seed", std::to_string(s.seed)},
        {"tests", std::move(tests)}};
    print(options.format, options.json() ? json : Json(),
          options.json() ? std::vector<io::Table>{} : std::vector<io::Table>{test_table(options, s, result)});
    if (const auto warning = pooled_warning(data.panel, data.choice); !warning.empty())
        fmt::print(stderr, "greenfront: boot-dea: {}\n", warning);
}

}  // namespace greenfront::app

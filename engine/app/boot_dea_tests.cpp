// `greenfront boot-dea --test returns`.
#include <fmt/format.h>

#include "engine/app/boot_dea.hpp"
#include "engine/app/efficiency_options.hpp"
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
        name(s.null), name(s.orientation), options.replicates, options.seed);
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

}  // namespace

void run_returns_test(const BootDeaOptions& options) {
    if (options.method != "homogeneous")
        throw Error(Fault::usage, "--test returns draws as --method homogeneous does; leave --method out");
    refuse_options(options, {"orientation", "bandwidth", "null"}, "--test returns");
    dea::ReturnsTestSettings s;
    s.orientation = options.radial_orientation();
    const std::string null = options.null.empty() ? "crs" : options.null;
    s.null =
        choose("--null", null, {"crs", "nirs"}, Fault::usage) == 0 ? dea::Returns::crs : dea::Returns::nirs;
    parse_bandwidth(options.bandwidth.empty() ? "sj" : options.bandwidth, s.rule, s.bandwidth, Fault::usage);
    s.replicates = options.replicates;
    s.seed = options.seed;
    const DeaVariables variables{
        names(options.inputs, "--inputs"), names(options.good, "--good"), {}, {}, false};
    const BootDeaPanel data(options, variables);
    const auto limit = options.threads.apply();
    const ReturnsTests result = test_returns(data.panel, data.usable, variables, s);
    Json tests = Json::array();
    for (std::size_t p = 0; p < result.parts.size(); ++p)
        tests.push_back(test_json(result.time[p], result.parts[p]));
    const Json json{{"test", "returns"},
                    {"method", "simar-wilson-2002"},
                    {"null", name(s.null)},
                    {"alternative", "vrs"},
                    {"orientation", name(s.orientation)},
                    {"replicates", s.replicates},
                    {"seed", std::to_string(s.seed)},
                    {"tests", std::move(tests)}};
    print(options.format, options.json() ? json : Json(),
          options.json() ? std::vector<io::Table>{} : std::vector<io::Table>{test_table(options, s, result)});
}

}  // namespace greenfront::app

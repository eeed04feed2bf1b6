#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/contest/contest.hpp"
#include "bench/dea/panels.hpp"
#include "engine/results.hpp"
#include "io/csv.hpp"
#include "io/hdf5.hpp"

namespace greenfront::bench::contest {
namespace {

constexpr std::size_t scenarios = 64;

double sum(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

void require_sums(const std::string& workload, const Panel& panel, const dea::Quantities& q) {
    const auto answer = [&](const char* name, double right) {
        const double found = sum(panel.number(name));
        if (!(std::abs(found / right - 1) < 1e-12))
            throw std::runtime_error(fmt::format("{}: the sum of {} is wrong", workload, name));
        print_answer(workload, name, found);
    };
    answer("capital", q.X.row(0).sum());
    answer("labour", q.X.row(1).sum());
    answer("energy", q.X.row(2).sum());
    answer("output", q.Y.row(0).sum());
    answer("co2", q.B.row(0).sum());
    answer("so2", q.B.row(1).sum());
}

std::vector<std::int64_t> count(std::size_t n) {
    std::vector<std::int64_t> numbers(n);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

/// As a sweep leaves them: a few large tables over scenarios, cities and years, and statuses.
Results make_results(const dea::Quantities& q) {
    constexpr auto c = static_cast<std::size_t>(cities), t = static_cast<std::size_t>(years);
    Results results;
    ResultGroup& root = results.add("");
    root.attributes = {{"format_version", result_format_version}};
    for (const auto& [name, n] : {std::pair{"scenario", scenarios}, {"city", c}, {"year", t}})
        root.variables.push_back({name, {name}, {n}, count(n), {{"long_name", std::string(name)}}});
    ResultGroup& group = results.add("sweep");
    for (Eigen::Index variable = 0; variable < 3; ++variable) {
        std::vector<double> effect;
        effect.reserve(scenarios * c * t);
        for (std::size_t s = 0; s < scenarios; ++s) {
            for (Eigen::Index i = 0; i < q.units(); ++i)
                effect.push_back(q.X(variable, i) * (1 + 0.01 * static_cast<double>(s)));
        }
        group.variables.push_back({fmt::format("effect_{}", variable),
                                   {"scenario", "city", "year"},
                                   {scenarios, c, t},
                                   effect,
                                   {{"long_name", std::string("effect")}, {"units", std::string("1")}}});
    }
    group.variables.push_back({"status",
                               {"scenario", "city", "year"},
                               {scenarios, c, t},
                               std::vector<std::int8_t>(scenarios * c * t, 0),
                               {{"long_name", std::string("status")},
                                {"flag_values", std::vector<std::int64_t>{0, 1}},
                                {"flag_meanings", std::string("optimal undefined")}}});
    return results;
}

void require_equal(const std::string& workload, const Results& found, const Results& right) {
    for (const Variable& variable : right.find("sweep")->variables) {
        const Variable* const twin = found.find("sweep")->find(variable.name);
        if (twin == nullptr || twin->values != variable.values)
            throw std::runtime_error(workload + ": " + variable.name + " is not what was written");
        if (const auto* const values = std::get_if<std::vector<double>>(&twin->values))
            print_answer(workload, variable.name, sum(*values));
    }
}

}  // namespace

void read_and_write_csv(const std::string& folder, const dea::Quantities& q) {
    Panel panel;
    print_time("csv", seconds_of([&] { panel = io::read_panel(folder + "/panel.csv", "city", "year"); }), 1);
    require_sums("csv", panel, q);
    const std::string copy = folder + "/copy.csv";
    print_time("csv-write", seconds_of([&] {
                   std::ofstream out(copy);
                   io::write_csv(out, panel);
                   if (!out.flush()) throw std::runtime_error(copy + " cannot be written");
               }),
               1);
    require_sums("csv-write", io::read_panel(copy, "city", "year"), q);
}

void read_and_write_results(const std::string& folder, const dea::Quantities& q) {
    const Results results = make_results(q);
    const std::string path = folder + "/results.h5";
    print_time("results-write", seconds_of([&] { io::write_results(results, path, true); }), 1);
    Results found;
    print_time("results-read", seconds_of([&] { found = io::read_results(path); }), 1);
    require_equal("results-write", found, results);
    require_equal("results-read", found, results);
}

}  // namespace greenfront::bench::contest

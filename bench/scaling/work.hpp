#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

/// Work of a chosen size, repeated and checked by scaling.cpp.
namespace greenfront::bench {

struct Work {
    std::function<void()> run;            ///< once; the same answer each time
    std::function<std::string()> check;   ///< of the last answer: empty, or what is wrong
    std::function<void()> spoil;          ///< makes the last answer wrong, to see that check() sees it
    std::map<std::string, double> facts;  ///< counters of the last answer, by check()
};

/// MODEL of all `units` of a synthetic panel with three inputs, three good outputs and a large frontier:
/// "radial_crs", "radial_vrs", "sbm_crs", "sbm_vrs".
[[nodiscard]] std::unique_ptr<Work> efficiency(const std::string& model, std::int64_t units);
/// Simar and Wilson's bootstrap of radial efficiency, one year of 242 cities.
[[nodiscard]] std::unique_ptr<Work> efficiency_bootstrap(std::int64_t replicates);
/// Pairs bootstrap with clustered t of a regression: 242 units, 12 years, six regressors.
[[nodiscard]] std::unique_ptr<Work> pairs_bootstrap(std::int64_t replicates);
/// Wild cluster bootstrap, type 11, of the same.
[[nodiscard]] std::unique_ptr<Work> wild_bootstrap(std::int64_t replicates);

}  // namespace greenfront::bench

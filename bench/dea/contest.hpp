#pragma once
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bench/dea/rival.hpp"

namespace greenfront::bench {

struct Options {
    int rounds = 5;
    Eigen::Index sample = 300;
    bool city = true, threads = true, tune = false;
    std::vector<Library> tuned{libraries.begin(), libraries.end()};
    std::vector<Eigen::Index> sizes{10000};
    Eigen::Index scale_sample = 300, scale_hull = 10000;
    std::string json;
};

/// One model of one panel.
struct Case {
    const char* name;
    dea::Model model;
    dea::Returns returns;
    double goal_raw, goal_reduced;  ///< W2: least ratio to CLP on all columns; to the reduced rival
};
inline constexpr Case cases[] = {
    {"radial crs", dea::Model::radial, dea::Returns::crs, 200, 15},
    {"radial vrs", dea::Model::radial, dea::Returns::vrs, 140, 12},
    {"SBM crs", dea::Model::sbm, dea::Returns::crs, 200, 18},
    {"SBM vrs", dea::Model::sbm, dea::Returns::vrs, 150, 13},
};

/// Consecutive units first, .., first + count - 1.
struct Stretch {
    Eigen::Index first, count;
};
/// About `wanted` units in stretches of 30, evenly spaced: inside a stretch a warm start is from the
/// neighbour, as in a complete run. All units when there are no more than wanted.
[[nodiscard]] std::vector<Stretch> stretches(Eigen::Index units, Eigen::Index wanted);

/// A rival whose score is farther from ours than this is wrong, or we are.
inline constexpr double agreement = 1e-6;

/// A rival's answers compared with ours.
struct Comparison {
    double largest = 0;
    std::set<Eigen::Index> compared, wrong, unanswered;  ///< units
    void add(double theirs, double ours, Eigen::Index o);
    [[nodiscard]] std::string summary() const;
};

/// Solves the sampled units. The unit before a stretch is solved beforehand and not counted. Seconds of CPU
/// time and pivots for each program.
struct Timing {
    double seconds = 0, pivots = 0;
};
[[nodiscard]] Timing time_sample(Rival& rival, Statement& statement, const std::vector<Stretch>& sample,
                                 const Eigen::VectorXd* scores, Comparison& comparison);

[[nodiscard]] double median(std::vector<double> values);
/// Of ascending values: the smallest that at least the share is not above.
[[nodiscard]] double quantile(std::vector<double> values, double share);

/// Who is right where a rival differs: units in question are evaluated again and their scores proved from the
/// data on both sides (kernels/dea/proof.hpp). Names on stderr units that the rival has wrong. False when a
/// score of ours is not proved.
[[nodiscard]] bool judge(const std::string& rival, const dea::Quantities& q, const dea::Settings& settings,
                         const Eigen::VectorXd& scores, const Comparison& comparison);

/// Each prints its table and adds to the report; false when an answer is wrong.
[[nodiscard]] bool run_city(const Options& options, nlohmann::json& report);
[[nodiscard]] bool run_threads(const Options& options, nlohmann::json& report);
[[nodiscard]] bool run_scale(const Options& options, nlohmann::json& report);
/// Times every rule of the solvers on the city panel, or with `--only scale` on the first size of W3.
[[nodiscard]] bool run_tune(const Options& options);
/// The child process of run_scale: one problem of `units` units, alone; its report goes to stdout.
[[nodiscard]] int measure_alone(Eigen::Index units, std::size_t which);
/// Evaluates the city panel with one model on one thread, warm, for a profiler; prints the model's name,
/// programs, pivots and pricing passes.
[[nodiscard]] int evaluate_steadily(std::size_t which);

}  // namespace greenfront::bench

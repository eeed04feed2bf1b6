// W3: large reference sets. Each of our runs is a process of its own, so that its peak of memory is ours
// alone.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "bench/dea/build_hull.hpp"
#include "bench/dea/contest.hpp"
#include "bench/dea/ours.hpp"
#include "bench/dea/panels.hpp"

namespace greenfront::bench {
namespace {

constexpr double goal_ratio = 50, goal_mebibytes = 64;
constexpr Eigen::Index goal_units = 100000;

/// Most resident memory that this process has had, in MiB.
double peak_memory() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    throw std::runtime_error("/proc/self/status has no VmHWM; peaks of memory are measured on Linux only");
}

/// Without figures when the run failed; it said why.
struct Alone {
    nlohmann::json figures;
    Eigen::VectorXd score;
    std::vector<std::int32_t> peers;
};

Alone run_alone(Eigen::Index units, std::size_t which) {
    const std::string command = fmt::format(
        "'{}' --alone {} {}", std::filesystem::read_symlink("/proc/self/exe").string(), units, which);
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("no child process could be started");
    std::string text;
    std::array<char, 65536> buffer{};
    for (std::size_t got = 1; got > 0; text.append(buffer.data(), got))
        got = std::fread(buffer.data(), 1, buffer.size(), pipe);
    if (pclose(pipe) != 0) return {};
    std::istringstream in(text);
    Alone alone;
    std::string line;
    std::getline(in, line);
    alone.figures = nlohmann::json::parse(line);
    alone.score.resize(units);
    for (Eigen::Index o = 0; o < units; ++o) in >> alone.score[o];
    alone.peers.resize(alone.figures.at("peers").get<std::size_t>());
    for (std::int32_t& j : alone.peers) in >> j;
    if (!in) throw std::runtime_error(fmt::format("the run of {} units ended early", units));
    return alone;
}

/// A rival after reduction: seconds a unit. Where the first phase was not run to its end, the units left are
/// taken at the pace of the last tenth of those tested (`low`: the set still grows, and what adding to it
/// costs is left out) and at that of sampled units against the final set (`high`).
struct Reduced {
    double low = 0, high = 0;
    bool complete = true;
};

Reduced first_phase(const Hull& hull, Library library, const Data& data, bool vrs, Eigen::Index sample,
                    const std::vector<std::int32_t>& final_set) {
    const auto n = static_cast<double>(data.units()), left = n - static_cast<double>(hull.tested);
    if (left <= 0) return {hull.seconds / n, hull.seconds / n, true};
    Statement membership = state_membership(data, vrs);
    const auto rival = make_rival(library, membership, final_set, best_membership_rule(library, Order::none));
    Comparison none;
    const Timing timing = time_sample(*rival, membership, stretches(data.units(), sample), nullptr, none);
    return {(hull.seconds + left * hull.last_pace) / n, (hull.seconds + left * timing.seconds) / n, false};
}

struct Problem {
    const Options& options;
    Eigen::Index units;
    dea::Quantities q;
    Data data;
    std::array<std::optional<Hull>, 2 * libraries.size()> hulls{};  ///< crs and vrs of each library
    Problem(const Options& o, Eigen::Index n) : options(o), units(n), q(scale_panel(n)), data(q) {}

    const Hull& hull(std::size_t library, bool vrs) {
        auto& slot = hulls[2 * library + (vrs ? 1 : 0)];
        if (!slot) {
            const Eigen::Index limit = std::min(units, std::max<Eigen::Index>(20, options.scale_hull));
            slot = build_hull(data, vrs, libraries[library],
                              best_membership_rule(libraries[library], Order::none), limit);
        }
        return *slot;
    }
};

struct Result {
    double ours = 0, clp = 0;  ///< seconds a program
    std::array<Reduced, libraries.size()> reduced{};
    std::array<std::size_t, libraries.size()> wrong{};  ///< answers of the reduced rivals
    std::size_t hull_size = 0;
    bool right = true;
};

Result play(Problem& problem, std::size_t which, Alone& alone) {
    const Case& c = cases[which];
    const bool vrs = c.returns == dea::Returns::vrs;
    const dea::Settings settings = make_settings(c.model, c.returns);
    const auto n = static_cast<double>(problem.units);
    const auto who = [&](const std::string& rival) {
        return fmt::format("{} units, {}, {}", problem.units, c.name, rival);
    };
    Result result;
    Statement statement = state_model(problem.data, settings);
    statement.write(0);
    {
        const Eigen::Index few = std::max<Eigen::Index>(30, 400000 / problem.units);
        const auto rival = make_rival(Library::clp, statement, themselves(problem.q),
                                      best_rule(Library::clp, Order::none, c.model));
        Comparison comparison;
        result.clp =
            time_sample(*rival, statement, stretches(problem.units, few), &alone.score, comparison).seconds;
        result.right = judge(who("CLP warm"), problem.q, settings, alone.score, comparison);
    }
    for (std::size_t k = 0; k < libraries.size(); ++k) {
        const Hull& hull = problem.hull(k, vrs);
        const bool complete = hull.tested == problem.units;
        const std::vector<std::int32_t>& columns = complete ? hull.columns : alone.peers;
        result.hull_size = columns.size();
        Reduced& cost = result.reduced[k];
        cost = first_phase(hull, libraries[k], problem.data, vrs, problem.options.scale_sample, columns);
        const auto rival =
            make_rival(libraries[k], statement, columns, best_rule(libraries[k], Order::none, c.model));
        Comparison comparison;
        const Timing timing =
            time_sample(*rival, statement, stretches(problem.units, problem.options.scale_sample),
                        &alone.score, comparison);
        cost.low += timing.seconds;
        cost.high += timing.seconds;
        result.right = judge(who(fmt::format("reduced, {}", name_of(libraries[k]))), problem.q, settings,
                             alone.score, comparison) &&
                       result.right;
        result.wrong[k] = comparison.wrong.size() + comparison.unanswered.size();
    }
    // Ours before and after the rivals, so that a drift of the machine's speed does not favour one side.
    const Alone again = run_alone(problem.units, which);
    if (again.figures.empty()) throw std::runtime_error(who("Greenfront") + ": the second run failed");
    const double first = alone.figures.at("cpu_s"), second = again.figures.at("cpu_s");
    alone.figures["cpu_s"] = (first + second) / 2;
    result.ours = (first + second) / 2 / n;
    if (again.score != alone.score) {
        fmt::print(stderr, "{}: two runs gave different scores\n", who("Greenfront"));
        result.right = false;
    }
    return result;
}

void print(const Problem& problem, std::size_t which, const Alone& alone, const Result& result,
           nlohmann::json& report) {
    const nlohmann::json& f = alone.figures;
    const auto best = std::min_element(result.reduced.begin(), result.reduced.end(),
                                       [](const Reduced& a, const Reduced& b) { return a.low < b.low; });
    const double ratio = best->low / result.ours;
    const double memory = f.at("peak_mib");
    const auto per_program = [&](const char* key) {
        return f.at(key).get<double>() / f.at("programs").get<double>();
    };
    const auto range = [](const Reduced& r) {
        return r.complete ? fmt::format("{:.0f}", 1e6 * r.low)
                          : fmt::format("{:.0f}..{:.0f}", 1e6 * r.low, 1e6 * r.high);
    };
    fmt::print(
        "  {:6} {:11} {:8.2f} {:8.2f} {:7.1f} {:7.2f} {:7.2f} {:6} {:6} {:9.0f} {:>12} {:>12} {:>12} {:8.0f} "
        "{:7.1f}{}\n",
        problem.units, cases[which].name, 1e6 * result.ours, f.at("cpu_s").get<double>(), memory,
        per_program("pivots"), per_program("passes"),
        f.at("frame").get<std::int64_t>() > 0 ? f.at("frame").get<std::int64_t>()
                                              : f.at("peers").get<std::int64_t>(),
        result.hull_size, 1e6 * result.clp, range(result.reduced[0]), range(result.reduced[1]),
        range(result.reduced[2]), result.clp / result.ours, ratio,
        problem.units < goal_units ? ""
        : ratio >= goal_ratio && memory < goal_mebibytes
            ? "  goals met"
            : fmt::format("  goals missed ({:.0f} times, {:.0f} MiB)", goal_ratio, goal_mebibytes));
    std::fflush(stdout);
    nlohmann::json entry = f;
    entry["units"] = problem.units;
    entry["case"] = cases[which].name;
    entry["rival_reference_set"] = result.hull_size;
    entry["us"] = {{"ours", 1e6 * result.ours}, {"clp_warm", 1e6 * result.clp}};
    for (std::size_t k = 0; k < libraries.size(); ++k) {
        entry["us"][fmt::format("reduced_{}", name_of(libraries[k]))] = {
            {"low", 1e6 * result.reduced[k].low},
            {"high", 1e6 * result.reduced[k].high},
            {"first_phase_complete", result.reduced[k].complete},
            {"wrong", result.wrong[k]}};
    }
    entry["ratio_clp"] = result.clp / result.ours;
    entry["ratio_reduced"] = ratio;
    report["scale"].push_back(entry);
}

}  // namespace

int measure_alone(Eigen::Index units, std::size_t which) {
    const Case& c = cases[which];
    const dea::Settings settings = make_settings(c.model, c.returns);
    const dea::Quantities q = scale_panel(units);
    Run run = run_ours(q, settings, 1, 0);
    const double memory = peak_memory();  // before anything else is kept
    if (run.seconds < 0.2) run = run_ours(q, settings, 1);
    const std::string wrong = uncertified(q, run.scores, settings, std::max<Eigen::Index>(1, units / 100));
    if (!wrong.empty()) {
        fmt::print(stderr, "{} units, {}: {}\n", units, c.name, wrong);
        return 1;
    }
    const std::vector<std::int32_t> peers = distinct_peers(run.scores, units);
    const dea::Counters& k = run.scores.counters;
    const dea::Certificate& certificate = run.scores.certificate;
    const nlohmann::json figures{{"cpu_s", run.cpu_seconds},
                                 {"wall_s", run.seconds},
                                 {"peak_mib", memory},
                                 {"programs", k.programs},
                                 {"pivots", k.pivots},
                                 {"passes", k.pricing_passes},
                                 {"fallbacks", k.fallbacks},
                                 {"frame", k.frame},
                                 {"peers", peers.size()},
                                 {"min_reduced_cost", certificate.min_reduced_cost},
                                 {"primal_residual", certificate.primal_residual},
                                 {"gap", certificate.gap}};
    std::cout << figures.dump() << '\n';
    for (Eigen::Index o = 0; o < units; ++o) std::cout << fmt::format("{:.17g}\n", run.scores.score[o]);
    for (const std::int32_t j : peers) std::cout << j << '\n';
    std::cout.flush();
    return std::cout ? 0 : 1;
}

bool run_scale(const Options& options, nlohmann::json& report) {
    fmt::print(
        "W3: 3 inputs, 3 good outputs. Microseconds of CPU time for one program. Ours: the whole problem on "
        "one thread, mean of a run before and one after the rivals; MiB: peak of a process that does nothing "
        "else. CLP warm: at least 30 sampled units. Reduced rivals: second phase {} sampled units; first "
        "phase "
        "over the first {} units; beyond them, from..to: at the pace of the last tenth tested (too low: the "
        "set still grows) .. of sampled units against the final set (ours). Ratios are to the lower figure "
        "of "
        "the faster library.\n",
        options.scale_sample, options.scale_hull);
    fmt::print(
        "  {:>6} {:11} {:>8} {:>8} {:>7} {:>7} {:>7} {:>6} {:>6} {:>9} {:>12} {:>12} {:>12} {:>8} {:>7}\n",
        "units", "model", "us", "seconds", "MiB", "pivots", "passes", "set", "rival's", "CLP warm",
        "reduced CLP", "red. GLPK", "red. lp_s.", "x CLP", "x red.");
    bool right = true;
    for (const Eigen::Index units : options.sizes) {
        Problem problem(options, units);
        for (std::size_t which = 0; which < std::size(cases); ++which) {
            Alone alone = run_alone(units, which);
            if (alone.figures.empty()) {
                fmt::print("  {:6} {:11} our run failed\n", units, cases[which].name);
                report["scale"].push_back({{"units", units}, {"case", cases[which].name}, {"failed", true}});
                right = false;
                continue;
            }
            const Result result = play(problem, which, alone);
            print(problem, which, alone, result, report);
            right = right && result.right;
        }
    }
    return right;
}

}  // namespace greenfront::bench

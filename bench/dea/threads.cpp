// Two threads against one: the only figures here of time on the clock, so the only ones that need both cores.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "bench/dea/contest.hpp"
#include "bench/dea/ours.hpp"
#include "bench/dea/panels.hpp"

namespace greenfront::bench {
namespace {

constexpr double goal = 1.85;
/// A round counts when other processes used less than so much of a core meanwhile.
constexpr double quiet = 0.1;
constexpr int most_tries = 4;  ///< for each round wanted
constexpr double least_seconds = 0.4;

/// Seconds of CPU time that all processes of the machine have had; the kernel counts hundredths.
double machine_seconds() {
    std::ifstream stat("/proc/stat");
    std::string cpu;
    double user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0;
    stat >> cpu >> user >> nice >> system >> idle >> wait >> irq >> softirq >> steal;
    if (!stat || cpu != "cpu")
        throw std::runtime_error("/proc/stat cannot be read; threads are timed on Linux only");
    return (user + nice + system + irq + softirq + steal) / 100;
}

struct Round {
    double one = 0, two = 0;  ///< seconds a batch
    double others = 0;        ///< cores that other processes used
    double machine = 0;       ///< the ratio of two loops that share nothing: what the machine has to give
    [[nodiscard]] double ratio() const { return one / two; }
};

/// Multiplications and additions that depend on each other; the result keeps them from being left out.
double spin(double seconds_worth) {
    double value = 0.5;
    for (auto left = static_cast<std::int64_t>(2.5e8 * seconds_worth); left > 0; --left)
        value = value * 1.0000001 + (value > 2 ? -1.5 : 1e-9);
    return value;
}

/// Two virtual cores may be one real one, or have a neighbour on the same host.
double machine_ratio() {
    using Clock = std::chrono::steady_clock;
    std::array<double, 2> value{};
    const auto begin = Clock::now();
    for (double& v : value) v = spin(0.1);
    const auto middle = Clock::now();
    std::thread other([&] { value[0] = spin(0.1); });
    value[1] = spin(0.1);
    other.join();
    const auto end = Clock::now();
    if (value[0] != value[1]) throw std::runtime_error("two equal loops differ");
    return std::chrono::duration<double>(middle - begin).count() /
           std::chrono::duration<double>(end - middle).count();
}

/// Empty, or what is wrong.
std::string play(const dea::Quantities& q, const dea::Settings& settings, Round& round) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    const double all = machine_seconds(), ours = cpu_seconds();
    const Run first = run_ours(q, settings, 1, least_seconds),
              second = run_ours(q, settings, 2, least_seconds);
    round.machine = machine_ratio();
    const double passed = std::chrono::duration<double>(Clock::now() - begin).count();
    const double others = (machine_seconds() - all) - (cpu_seconds() - ours);
    round = {first.seconds, second.seconds, std::max(0.0, others) / passed, round.machine};
    std::string wrong = uncertified(q, first.scores, settings, q.units());
    if (wrong.empty() && first.scores.score != second.scores.score)
        wrong = "two threads gave other scores than one";
    return wrong;
}

}  // namespace

bool run_threads(const Options& options, nlohmann::json& report) {
    const dea::Quantities q = city_panel(true);
    fmt::print(
        "Two threads against one, W2: time on the clock, median of {} rounds in which other processes "
        "used less than {} of a core\n",
        options.rounds, quiet);
    for (const Case& c : cases) {
        const dea::Settings settings = make_settings(c.model, c.returns);
        std::vector<double> ratio, one, two, machine;
        nlohmann::json rounds = nlohmann::json::array();
        double others = 0;
        int tries = 0;
        while (static_cast<int>(ratio.size()) < options.rounds && tries < most_tries * options.rounds) {
            Round round;
            const std::string wrong = play(q, settings, round);
            if (!wrong.empty()) {
                fmt::print(stderr, "{}: {}\n", c.name, wrong);
                return false;
            }
            ++tries;
            others += round.others;
            rounds.push_back({{"one_s", round.one},
                              {"two_s", round.two},
                              {"others_cores", round.others},
                              {"machine", round.machine}});
            if (round.others >= quiet) continue;
            one.push_back(round.one);
            two.push_back(round.two);
            machine.push_back(round.machine);
            ratio.push_back(round.ratio());
        }
        report["threads"].push_back({{"case", c.name}, {"rounds", rounds}, {"quiet_rounds", ratio.size()}});
        if (ratio.empty()) {
            fmt::print("  {:11} no figure: in all {} rounds others were at work ({:.1f} cores on average)\n",
                       c.name, tries, others / tries);
            continue;
        }
        report["threads"].back()["median_ratio"] = median(ratio);
        fmt::print(
            "  {:11} one {:7.2f} ms  two {:7.2f} ms  ratio {:.2f} (goal {}: {}; {} quiet rounds of {}, "
            "{:.2f} to {:.2f}); two loops that share nothing: {:.2f}, {:.2f} to {:.2f}\n",
            c.name, 1e3 * median(one), 1e3 * median(two), median(ratio), goal,
            median(ratio) >= goal ? "met" : "missed", ratio.size(), tries, quantile(ratio, 0),
            quantile(ratio, 1), median(machine), quantile(machine, 0), quantile(machine, 1));
    }
    std::fflush(stdout);
    return true;
}

}  // namespace greenfront::bench

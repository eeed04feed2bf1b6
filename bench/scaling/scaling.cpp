// One work of one size on so many threads, repeated: what scripts/bench scaling measures.
//
//     scaling WORK SIZE THREADS SECONDS [--spoil]
//
// WORK: radial_crs, radial_vrs, sbm_crs, sbm_vrs (SIZE units), efficiency_bootstrap, pairs, wild (SIZE
// replicates). Rounds of at least 0.03 seconds go on until SECONDS have passed. Prints one line of JSON: for
// each round the seconds of one run and the CPU time of every thread in it. The answer is checked: 70 when it
// is wrong. --spoil makes it wrong first.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/scaling/work.hpp"

namespace greenfront::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int wrong_answer = 70, wrong_words = 64;
constexpr double least_round = 0.03;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds of CPU time of every thread of this process, by its number, to the nanosecond: what
/// /proc/PID/task/*/schedstat says of a thread that runs is a tick of the system's clock behind.
std::map<int, double> thread_seconds() {
    std::map<int, double> result;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        const int thread = std::stoi(task.path().filename());
        // Linux' name of the clock of a thread of this process (MAKE_THREAD_CPUCLOCK with CPUCLOCK_SCHED).
        const auto clock = static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3U) | 6U);
        timespec time{};
        if (clock_gettime(clock, &time) == 0)  // not zero: the thread has just ended
            result[thread] = static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    if (result.empty()) throw std::runtime_error("threads are timed on Linux only");
    return result;
}

double peak_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    }
    return 0;
}

struct Round {
    double seconds = 0;        ///< on the clock, of one run
    std::vector<double> busy;  ///< CPU time of each thread in it, the longest first
};

Round play(const Work& work, int runs) {
    const auto before = thread_seconds();
    const auto start = Clock::now();
    for (int i = 0; i < runs; ++i) work.run();
    Round round{seconds_since(start) / runs, {}};
    for (const auto& [thread, seconds] : thread_seconds()) {
        const auto had = before.find(thread);
        const double used = (seconds - (had == before.end() ? 0 : had->second)) / runs;
        if (used > 0) round.busy.push_back(used);
    }
    std::sort(round.busy.rbegin(), round.busy.rend());
    return round;
}

std::unique_ptr<Work> work_of(const std::string& name, std::int64_t size) {
    if (name == "efficiency_bootstrap") return efficiency_bootstrap(size);
    if (name == "pairs") return pairs_bootstrap(size);
    if (name == "wild") return wild_bootstrap(size);
    return efficiency(name, size);
}

void print(const std::vector<Round>& rounds, const std::map<std::string, double>& facts) {
    std::string text, more;
    for (const Round& r : rounds) {
        text += fmt::format("{}{{\"seconds\": {:.9g}, \"busy\": [{:.6g}]}}", text.empty() ? "" : ", ",
                            r.seconds, fmt::join(r.busy, ", "));
    }
    for (const auto& [name, value] : facts) more += fmt::format(", \"{}\": {:.15g}", name, value);
    fmt::print("{{\"rounds\": [{}], \"peak_mib\": {:.1f}{}}}\n", text, peak_mib(), more);
}

int run(const std::vector<std::string>& words) {
    const bool spoil = words.size() == 5 && words[4] == "--spoil";
    if (words.size() != 4 && !spoil) {
        fmt::print(stderr, "usage: scaling WORK SIZE THREADS SECONDS [--spoil]\n");
        return wrong_words;
    }
    const auto size = std::stoll(words[1]), threads = std::stoll(words[2]);
    const double seconds = std::stod(words[3]);
    if (size < 1 || threads < 1) throw std::invalid_argument("SIZE and THREADS are at least 1");
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(threads));
    const auto work = work_of(words[0], size);
    const Round first = play(*work, 1);  // threads are started, memory is touched
    const int runs = std::max(1, static_cast<int>(least_round / first.seconds));
    std::vector<Round> rounds;
    const auto start = Clock::now();
    do rounds.push_back(play(*work, runs));
    while (seconds_since(start) < seconds);
    if (spoil) work->spoil();
    if (const std::string wrong = work->check(); !wrong.empty()) {
        fmt::print(stderr, "scaling: {} of size {}: {}\n", words[0], size, wrong);
        return wrong_answer;
    }
    print(rounds, work->facts);
    return 0;
}

}  // namespace
}  // namespace greenfront::bench

int main(int count, char** words) {
    try {
        return greenfront::bench::run({words + 1, words + count});
    } catch (const std::invalid_argument& error) {
        fmt::print(stderr, "scaling: {}\n", error.what());
        return greenfront::bench::wrong_words;
    } catch (const std::exception& error) {
        fmt::print(stderr, "scaling: {}\n", error.what());
        return greenfront::bench::wrong_answer;
    }
}

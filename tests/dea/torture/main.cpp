// Torture of efficiency analysis: random programs against a rival solver (see --help).
#include <fmt/format.h>
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/dea/torture/cases.hpp"
#include "tests/dea/torture/judge.hpp"

namespace {

using namespace greenfront::torture;

constexpr const char* help =
    R"(torture: scores random batches of units with the kernel, proves every score from peers and
multipliers, and compares units of every batch with CLP on programs written anew.

    --programs N   units to compare (10000)
    --seed S       of all batches (1)
    --model A,B    only these: radial super-radial sbm super-sbm additive ddf super-ddf nddf fdh cost revenue
    --first K      number of the first batch (0)
    --batch K      only this batch, unit by unit; give the same --seed and --model as in the run that named it
    --threads T    at most (all)
    --cases FILE   instead: a file of reference cases, to see that the programs written here are the right ones
                   (exit 77 without it)

Exit 0: no failure. 1: the kernel was wrong, uncertified, or nobody could tell. 64: wrong arguments.
)";

struct Options {
    std::int64_t programs = 10000, first = 0, batch = -1, threads = 0;
    std::uint64_t seed = 1;
    std::vector<Kind> models;
    std::string cases;
};

template <class Number>
bool read(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool read_models(std::string_view text, std::vector<Kind>& models) {
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const auto found = std::find(std::begin(kind_names), std::end(kind_names), text.substr(0, comma));
        if (found == std::end(kind_names)) return false;
        models.push_back(static_cast<Kind>(found - std::begin(kind_names)));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return !models.empty();
}

bool read(int count, char** arguments, Options& options) {
    for (int k = 1; k < count; k += 2) {
        const std::string_view name = arguments[k];
        if (k + 1 == count) return false;
        const std::string_view text = arguments[k + 1];
        const bool good = name == "--programs"  ? read(text, options.programs)
                          : name == "--seed"    ? read(text, options.seed)
                          : name == "--first"   ? read(text, options.first)
                          : name == "--batch"   ? read(text, options.batch)
                          : name == "--threads" ? read(text, options.threads)
                          : name == "--cases"   ? !(options.cases = text).empty()
                          : name == "--model"   ? read_models(text, options.models)
                                                : false;
        if (!good) return false;
    }
    if (options.models.empty()) {
        for (int k = 0; k < kinds; ++k) options.models.push_back(static_cast<Kind>(k));
    }
    return true;
}

/// Batches one after the other until enough units are compared. A wave is judged in parallel and counted in
/// order, so the report does not depend on the number of threads.
Report run(const Options& options) {
    constexpr std::int64_t wave = 64;
    Report report;
    bool enough = false;
    for (std::int64_t first = options.first; !enough; first += wave) {
        std::vector<Report> reports(static_cast<std::size_t>(wave));
        const tbb::blocked_range<std::int64_t> range(0, wave, 1);
        tbb::parallel_for(
            range,
            [&](const auto& part) {
                for (std::int64_t k = part.begin(); k < part.end(); ++k) {
                    const Batch batch = make_batch(options.seed, first + k, options.models);
                    reports[static_cast<std::size_t>(k)] = judge(batch, false);
                }
            },
            tbb::simple_partitioner());
        for (const Report& one : reports) {
            if (!enough) report.add(one);
            enough = report.compared() >= options.programs || report.failures.size() > 1000;
        }
    }
    return report;
}

}  // namespace

int main(int count, char** arguments) {
    if (count == 2 && std::strcmp(arguments[1], "--help") == 0) {
        fmt::print("{}", help);
        return 0;
    }
    Options options;
    if (!read(count, arguments, options)) {
        fmt::print(stderr, "{}", help);
        return 64;
    }
    if (!options.cases.empty()) return judge_cases(options.cases);
    std::unique_ptr<tbb::global_control> limit;
    if (options.threads > 0) {
        limit = std::make_unique<tbb::global_control>(tbb::global_control::max_allowed_parallelism,
                                                      static_cast<std::size_t>(options.threads));
    }
    Report report;
    if (options.batch >= 0) {
        const Batch batch = make_batch(options.seed, options.batch, options.models);
        fmt::print("batch {}: {}\n", batch.number, describe(batch));
        report = judge(batch, true);
    } else {
        report = run(options);
    }
    report.print();
    const bool failed = !report.failures.empty() || report.compared() == 0;
    if (failed) {
        fmt::print("\nTo see one batch again: torture --seed {} --batch K with the same --model\n",
                   options.seed);
    }
    return failed ? 1 : 0;
}

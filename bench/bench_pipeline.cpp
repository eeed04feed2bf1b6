// From a panel to a result file, in its parts: a CSV file read and written, a study prepared and run on one
// thread (preparation, efficiency of 2,904 units, index, regression, 200 replicates, a sweep), its results
// written and read. Checked: what is read back is what was written, certificates of the efficiency stage, and
// no unit of work failed.
#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bench/calibration/limit.hpp"
#include "engine/runner.hpp"
#include "io/csv.hpp"
#include "io/hdf5.hpp"
#include "io/progress_terminal.hpp"
#include "io/study_file.hpp"
#include "scenarios/synth.hpp"

namespace {

using namespace greenfront;

/// A file of its own that goes when the benchmark does.
class Scratch {
  public:
    explicit Scratch(const std::string& name)
        : path_(std::filesystem::temp_directory_path() /
                (name + std::to_string(reinterpret_cast<std::uintptr_t>(this)))) {}
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    [[nodiscard]] std::string path() const { return path_.string(); }
    [[nodiscard]] double bytes() const { return static_cast<double>(std::filesystem::file_size(path_)); }

  private:
    std::filesystem::path path_;
};

bool same(double a, double b) {
    return a == b || (std::isnan(a) && std::isnan(b));
}

bool same(const Panel& a, const Panel& b) {
    if (a.rows() != b.rows() || a.columns().size() != b.columns().size()) return false;
    for (const Column& column : a.columns()) {
        if (!b.has(column.name)) return false;
        const Column& other = b.column(column.name);
        if (column.text != other.text || column.label != other.label) return false;
        for (std::size_t r = 0; r < column.number.size(); ++r) {
            if (!same(column.number[r], other.number[r])) return false;
        }
    }
    return true;
}

bool same(const Values& a, const Values& b) {
    const auto* const x = std::get_if<std::vector<double>>(&a);
    const auto* const y = std::get_if<std::vector<double>>(&b);
    if (x == nullptr || y == nullptr) return a == b;
    if (x->size() != y->size()) return false;
    for (std::size_t i = 0; i < x->size(); ++i) {
        if (!same((*x)[i], (*y)[i])) return false;
    }
    return true;
}

bool same(const Results& a, const Results& b) {
    for (const ResultGroup& group : a.groups) {
        const ResultGroup* const other = b.find(group.path);
        if (other == nullptr) return false;
        for (const Variable& variable : group.variables) {
            const Variable* const twin = other->find(variable.name);
            if (twin == nullptr || twin->shape != variable.shape || !same(variable.values, twin->values))
                return false;
        }
    }
    return a.groups.size() == b.groups.size();
}

Panel panel_of(std::int64_t cities) {
    SynthSettings settings;
    settings.cities = static_cast<int>(cities);
    return synthesize(settings);
}

void rate(benchmark::State& state, double bytes, bench::FileWork work) {
    state.counters["MB"] = bytes * 1e-6;
    state.counters["MB/s"] = benchmark::Counter(bytes * 1e-6 * static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate);
    bench::compare_with_file(state, bytes, work);
}

void csv_read(benchmark::State& state) {
    const Panel panel = panel_of(state.range(0));
    const Scratch file("greenfront-bench-panel");
    std::ofstream out(file.path());
    io::write_csv(out, panel);
    out.close();
    Panel read;
    for (auto _ : state) read = io::read_panel(file.path(), panel.unit_column, panel.time_column);
    if (!same(panel, read)) return state.SkipWithError("the panel is not what was written");
    rate(state, file.bytes(), bench::FileWork::read);
}

void csv_write(benchmark::State& state) {
    const Panel panel = panel_of(state.range(0));
    const Scratch file("greenfront-bench-panel");
    for (auto _ : state) {
        std::ofstream out(file.path());
        io::write_csv(out, panel);
    }
    if (!same(panel, io::read_panel(file.path(), panel.unit_column, panel.time_column)))
        return state.SkipWithError("the panel is not what was written");
    rate(state, file.bytes(), bench::FileWork::write);
}

/// The study of bench/studies/sweep_10000.toml with `points` scenarios, and what it gives.
struct Pipeline {
    const tbb::global_control one{tbb::global_control::max_allowed_parallelism, 1};
    Study study;
    Named<Lever> levers = io::lever_catalogue();
    Named<Package> packages = io::package_catalogue();
    Panel panel = panel_of(242);
    std::unique_ptr<Progress> progress = io::make_progress("none");

    explicit Pipeline(std::int64_t points)
        : study(io::read_study(GREENFRONT_SOURCE "/bench/studies/sweep_10000.toml",
                               {"sweep.levers.points=" + std::to_string(points)})) {}

    Workspace prepared() {
        Workspace workspace = prepare_workspace(study, levers, panel, *progress, {}, {}, packages);
        check(workspace);
        return workspace;
    }
};

std::string wrong(const Workspace& workspace) {
    if (workspace.failed != 0) return "units of work failed";
    const DeaOutcome* const scores = workspace.dea.find("coor");
    if (scores == nullptr) return "the efficiency stage has no results";
    for (const double score : scores->score) {
        if (!(score > 0 && score <= 1 + 1e-9)) return "a score is no efficiency";
    }
    return {};
}

void panel_to_results(benchmark::State& state) {
    Pipeline pipeline(state.range(0));
    const Scratch file("greenfront-bench-results");
    std::string problem;
    for (auto _ : state) {
        Workspace workspace = pipeline.prepared();
        run(workspace);
        io::write_results(workspace.results, file.path(), true);
        state.PauseTiming();
        if (problem.empty()) problem = wrong(workspace);
        if (problem.empty() && !same(workspace.results, io::read_results(file.path())))
            problem = "the results are not what was computed";
        state.ResumeTiming();
    }
    if (!problem.empty()) return state.SkipWithError(problem.c_str());
    state.counters["scenarios/s"] = benchmark::Counter(
        static_cast<double>(state.iterations() * state.range(0)), benchmark::Counter::kIsRate);
    state.counters["MB"] = file.bytes() * 1e-6;
}

Results results_of(std::int64_t points) {
    Pipeline pipeline(points);
    Workspace workspace = pipeline.prepared();
    run(workspace);
    return workspace.results;
}

void results_write(benchmark::State& state) {
    const Results results = results_of(state.range(0));
    const Scratch file("greenfront-bench-results");
    for (auto _ : state) io::write_results(results, file.path(), true);
    if (!same(results, io::read_results(file.path())))
        return state.SkipWithError("the results are not what was written");
    rate(state, file.bytes(), bench::FileWork::write_and_sync);
}

void results_read(benchmark::State& state) {
    const Results results = results_of(state.range(0));
    const Scratch file("greenfront-bench-results");
    io::write_results(results, file.path(), true);
    Results read;
    for (auto _ : state) read = io::read_results(file.path());
    if (!same(results, read)) return state.SkipWithError("the results are not what was written");
    rate(state, file.bytes(), bench::FileWork::read);
}

BENCHMARK(csv_read)->ArgName("cities")->Arg(242)->Arg(2420)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(csv_write)->ArgName("cities")->Arg(242)->Arg(2420)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(panel_to_results)
    ->ArgName("scenarios")
    ->Arg(64)
    ->Arg(256)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(results_write)
    ->ArgName("scenarios")
    ->Arg(64)
    ->Arg(512)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(results_read)
    ->ArgName("scenarios")
    ->Arg(64)
    ->Arg(512)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace

BENCHMARK_MAIN();

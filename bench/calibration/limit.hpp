#pragma once
#include <benchmark/benchmark.h>

#include <string>

#include "bench/calibration/calibration.hpp"

namespace greenfront::bench {

/// How near a benchmark is to what the machine can do: counter `of_limit`, the seconds that the work of one
/// iteration takes at the machine's limit, over the seconds that it took; and a label that names the limit.
/// The work is the least that any program would do, or, where the label says so, that of our method. Limits
/// are CPU time: beside other work a benchmark on the clock seems farther from them than it is.
inline void compare_with_limit(benchmark::State& state, double least_seconds, const std::string& limit) {
    state.counters["of_limit"] =
        benchmark::Counter(least_seconds, benchmark::Counter::kIsIterationInvariantRate);
    state.SetLabel(limit);
}

enum class Work { least, of_method };

/// The limit is OpenBLAS' matrix product, `gflops` billion operations a second on each of `threads`.
inline void compare_with_product(benchmark::State& state, double operations, double gflops,
                                 double threads = 1, Work work = Work::least) {
    compare_with_limit(state, operations * 1e-9 / (gflops * threads),
                       work == Work::least ? "matrix product" : "matrix product, operations of our method");
}

/// The limit is to read as many bytes as columns of doubles that lie one after the other, each multiplied and
/// added once, as they come from the cache that they fit into.
inline void compare_with_reading(benchmark::State& state, double bytes) {
    compare_with_limit(state, bytes * 1e-9 / reading_pass(static_cast<int>(bytes / 8 / reading_rows)),
                       "reading");
}

/// The limit is one call of write() (and fsync(), as results are written) or read() for a file of as many
/// bytes in the folder of temporary files.
inline void compare_with_file(benchmark::State& state, double bytes, FileWork work) {
    static const char* const names[] = {"read()", "write()", "write() and fsync()"};
    compare_with_limit(state, file_seconds(bytes, work), names[static_cast<int>(work)]);
}

}  // namespace greenfront::bench

#include "bench/calibration/calibration.hpp"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <stdexcept>
#include <vector>

#include "kernels/lp/columns.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/calibration/calibration.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace greenfront::bench::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Sum of y'A; eight sums at once hide the latency of an addition. `count` is a multiple of 64.
double Read(const double* a, std::size_t count, const double* y) {
    const hn::CappedTag<double, 8> d;
    constexpr std::size_t lanes = hn::MaxLanes(hn::CappedTag<double, 8>()), sums = 8;
    const auto y0 = hn::Set(d, y[0]), y1 = hn::Set(d, y[1]), y2 = hn::Set(d, y[2]), y3 = hn::Set(d, y[3]),
               y4 = hn::Set(d, y[4]), y5 = hn::Set(d, y[5]);
    hn::Vec<hn::CappedTag<double, 8>> sum[sums];
    for (auto& s : sum) s = hn::Zero(d);
    for (std::size_t j = 0; j < count; j += sums * lanes) {
        const auto row = [&](std::size_t i, const auto& yi) {
            const double* const from = a + i * count + j;
            for (std::size_t k = 0; k < sums; ++k)
                sum[k] = hn::MulAdd(yi, hn::LoadU(d, from + k * lanes), sum[k]);
        };
        row(0, y0);
        row(1, y1);
        row(2, y2);
        row(3, y3);
        row(4, y4);
        row(5, y5);
    }
    for (std::size_t k = 1; k < sums; ++k) sum[0] = hn::Add(sum[0], sum[k]);
    return hn::GetLane(hn::SumOfLanes(d, sum[0]));
}

}  // namespace greenfront::bench::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace greenfront::bench {
namespace {
HWY_EXPORT(Read);

/// CPU time of this thread, as the benchmarks of kernels are timed: other processes do not count.
double now() {
    timespec time{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) != 0)
        throw std::runtime_error("the CPU time of a thread cannot be read here");
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}
}  // namespace

double matrix_product() {
    constexpr int size = 384;
    const std::vector<double> a(size * size, 1.0), b(size * size, 0.5);
    std::vector<double> c(size * size, 0.0);
    double best = 0;
    for (int round = 0; round < 5; ++round) {
        const double start = now();
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1.0, a.data(), size,
                    b.data(), size, 0.0, c.data(), size);
        best = std::max(best, 2.0 * size * size * size / (now() - start) * 1e-9);
    }
    if (c.front() != size / 2.0 || c.back() != size / 2.0)
        throw std::runtime_error("the matrix product of the calibration is wrong");
    return best;
}

double reading_pass(int count) {
    const auto columns = static_cast<std::size_t>(lp::round_up_to(count, 64));
    const lp::Aligned a(reading_rows * columns, 0.5);
    constexpr std::array<double, reading_rows> y{1, 2, 3, 4, 5, 6};
    const double bytes = 8.0 * static_cast<double>(a.size());
    const double right = 10.5 * static_cast<double>(columns);  // exact: halves below 2^53
    const int passes = std::max(1, static_cast<int>(2e7 / bytes));
    double best = 0;
    for (int round = 0; round < 5; ++round) {
        double sum = 0;
        const double start = now();
        for (int p = 0; p < passes; ++p) sum += HWY_DYNAMIC_DISPATCH(Read)(a.data(), columns, y.data());
        best = std::max(best, bytes * passes / (now() - start) * 1e-9);
        if (sum != right * passes) throw std::runtime_error("the reading pass of the calibration is wrong");
    }
    return best;
}

double multiplications() {
    __extension__ using Wide = unsigned __int128;
    constexpr std::uint64_t factor = 0xD2E7470EE14C6C93ULL, right = 0x7DC58CC5D267B82AULL;
    constexpr int turns = 1'000'000, chains = 8;
    double best = 0;
    for (int round = 0; round < 5; ++round) {
        std::array<std::uint64_t, chains> x{1, 2, 3, 4, 5, 6, 7, 8};
        const double start = now();
        for (int turn = 0; turn < turns; ++turn) {
            for (auto& each : x) {
                const Wide product = Wide{each} * factor;
                each = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
            }
        }
        best = std::max(best, 1e-9 * turns * chains / (now() - start));
        std::uint64_t mixed = 0;
        for (const auto each : x) mixed ^= each;
        if (mixed != right) throw std::runtime_error("the multiplications of the calibration are wrong");
    }
    return best;
}

}  // namespace greenfront::bench
#endif

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "bench/contest/contest.hpp"
#include "bench/dea/rival.hpp"
#include "kernels/rng/normal.hpp"
#include "kernels/rng/philox.hpp"

namespace greenfront::bench::contest {

void print_time(const std::string& workload, double seconds, double units) {
    fmt::print("time {} {:.9g} {}\n", workload, seconds, units);
}

void print_answer(const std::string& workload, const std::string& key, double value) {
    fmt::print("answer {} {} {:.17g}\n", workload, key, value);
}

double seconds_of(const std::function<void()>& work) {
    const double begin = cpu_seconds();
    int calls = 0;
    double passed = 0;
    for (; passed < 0.2; passed = cpu_seconds() - begin) {
        work();
        ++calls;
    }
    return passed / calls;
}

void draw_numbers() {
    constexpr std::size_t many = 100'000;
    std::vector<std::uint64_t> words(many);
    print_time("words", seconds_of([&] { rng::Stream(7, 1, 2).bits(words.data(), many); }) / many, many);
    for (std::size_t i = 0; i < many; i += 997) {
        if (words[i] != rng::philox(7, 1, 2, 0, i / 4)[i % 4])
            throw std::runtime_error("words: one is not the word of its block");
        // Sixteen bits at a time, so that a tolerance hides nothing.
        for (unsigned part = 0; part < 4; ++part)
            print_answer("words", fmt::format("{}.{}", i, part),
                         static_cast<double>(words[i] >> (16 * part) & 0xffff));
    }
    constexpr std::uint32_t n = 242;
    std::vector<std::uint32_t> below(many);
    print_time("below", seconds_of([&] { rng::Stream(7, 1, 2).below(n, below.data(), many); }) / many, many);
    std::vector<double> seen(n, 0);
    for (const auto number : below) ++seen.at(number);
    for (const double times : seen) {
        if (!(std::abs(times - many / n) < 6 * std::sqrt(many / n)))
            throw std::runtime_error("below: a number is drawn too often or too rarely");
    }
    // Others draw other numbers.
    print_answer("below", "different", static_cast<double>(n - std::count(seen.begin(), seen.end(), 0)));
    std::vector<double> quantile(many);
    const auto at = [](std::size_t i) { return (static_cast<double>(i) + 0.5) / many; };
    print_time("quantiles", seconds_of([&] {
                                for (std::size_t i = 0; i < many; ++i)
                                    quantile[i] = rng::normal_quantile(at(i));
                            }) / many,
               many);
    for (std::size_t i = 0; i < many; i += 997) {
        if (!(std::abs(0.5 * std::erfc(-quantile[i] / std::sqrt(2.0)) / at(i) - 1) < 1e-13))
            throw std::runtime_error("quantiles: one is not the inverse of the distribution");
        print_answer("quantiles", std::to_string(i), quantile[i]);
    }
}

}  // namespace greenfront::bench::contest

// Whether the thread sanitizer, with the suppressions of these tests, sees what it is there for.
// `planted_race quiet`: loops that do all that ours do, and no race. `planted_race sum` and `planted_race
// table`: one race each.
#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

double loops(const std::string& race) {
    double racing = 0, total = 0;
    for (int turn = 0; turn < 50; ++turn) {
        std::vector<double> value(2000, turn);
        tbb::enumerable_thread_specific<std::vector<double>> sums(std::vector<double>(10));
        const auto body = [&](std::size_t i) {
            value[i] += static_cast<double>(i);
            tbb::this_task_arena::isolate([&] {
                std::vector<double>& mine = sums.local();
                tbb::parallel_for(std::size_t{0}, std::size_t{4}, [&](std::size_t k) {
                    if (k == 0) mine[i % 10] += value[i];
                });
            });
            if (race == "sum") racing += value[i];
            if (race == "table") value[(i + 1000) % 2000] = 1;
        };
        tbb::parallel_for(std::size_t{0}, value.size(), body);
        for (const auto& sum : sums) total += sum[0];
        for (const double v : value) total += v;
    }
    return total + racing;
}

}  // namespace

int main(int argc, char** argv) {
    const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, 8);
    double total = 0;
    tbb::task_arena(8).execute([&] { total = loops(argc > 1 ? argv[1] : "quiet"); });
    std::printf("%g\n", total);
}

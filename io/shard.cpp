#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "io/parts.hpp"
#include "kernels/error.hpp"

namespace greenfront::io {
namespace {

bool to_whole(std::string_view text, std::int64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

/// A variable that Slurm sets for the tasks of a job array.
std::int64_t slurm(const char* name, const char* fallback) {
    const char* text = std::getenv(name);
    if (text == nullptr || *text == '\0') text = fallback;
    std::int64_t number = 0;
    if (text == nullptr) {
        throw Error(
            Fault::usage,
            fmt::format("--shard slurm: {} is not set; submit a job array (sbatch --array=1-N) or give "
                        "--shard k/N",
                        name));
    }
    if (!to_whole(text, number))
        throw Error(Fault::usage,
                    fmt::format("--shard slurm: {} is \"{}\", which is no whole number", name, text));
    return number;
}

Shard of_array() {
    const std::int64_t task = slurm("SLURM_ARRAY_TASK_ID", nullptr);
    const std::int64_t count = slurm("SLURM_ARRAY_TASK_COUNT", nullptr);
    const std::int64_t first = slurm("SLURM_ARRAY_TASK_MIN", nullptr);
    const std::int64_t step = slurm("SLURM_ARRAY_TASK_STEP", "1");
    const bool regular =
        step > 0 && count > 0 && task >= first && (task - first) % step == 0 && (task - first) / step < count;
    if (!regular) {
        throw Error(
            Fault::usage,
            fmt::format("--shard slurm: task {} is not one of {} tasks from {} in steps of {}; submit an "
                        "array without gaps, e.g. --array=1-{}, or give --shard k/N",
                        task, count, first, step, count));
    }
    return {(task - first) / step + 1, count, true};
}

}  // namespace

Shard parse_shard(const std::string& text) {
    if (text == "slurm") return of_array();
    const std::string_view all = text;
    const auto slash = all.find('/');
    Shard shard{0, 0, true};
    const bool good = slash != std::string_view::npos && to_whole(all.substr(0, slash), shard.index) &&
                      to_whole(all.substr(slash + 1), shard.count) && shard.index >= 1 &&
                      shard.index <= shard.count;
    if (!good) {
        throw Error(Fault::usage,
                    fmt::format("--shard {}: write k/N with 1 <= k <= N, e.g. 2/7, or slurm", text));
    }
    return shard;
}

}  // namespace greenfront::io

#pragma once
#include <string>

namespace greenfront::io {

struct ThreadLimit {
    int count = 1;
    std::string by;  ///< what sets it, in words
};
/// Processors that this process may use: the smallest of its affinity mask, its cgroup's CPU quota
/// (rounded up) and SLURM_CPUS_PER_TASK. At least 1.
[[nodiscard]] ThreadLimit thread_limit();
[[nodiscard]] int available_threads();

/// exp, log, pow and the like come from the C library, which has variants for processors with fused
/// multiply-add that differ in the last bit, and chooses when a process starts. Makes sure that this process
/// has the variant for all processors: starts the program anew, with the same arguments and number, unless it
/// was started so. To be called before anything was done. Throws Error(io) where it cannot be started.
void use_portable_mathematics();

/// What a process does not always have from the one that started it: descriptors 0, 1 and 2 are open, so that
/// no file gets the number of standard error and the messages; a file that grows beyond a limit is an error,
/// not the end.
void prepare_process();

[[nodiscard]] std::string host_name();
/// UTC, ISO 8601, e.g. 2026-11-22T01:38:00Z.
[[nodiscard]] std::string now_utc();
[[nodiscard]] bool stderr_is_terminal();
/// Columns of the terminal behind standard error; 80 where it does not say.
[[nodiscard]] int terminal_width();
/// 128-bit xxHash of a file's bytes as 32 hexadecimal digits. Throws Error(no_input).
[[nodiscard]] std::string file_hash(const std::string& path);

}  // namespace greenfront::io

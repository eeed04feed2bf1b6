#pragma once
#include <string>

namespace greenfront::io {

/// Processors that this process may use: the smallest of its affinity mask, its cgroup's CPU quota
/// (rounded up) and SLURM_CPUS_PER_TASK. At least 1.
[[nodiscard]] int available_threads();

[[nodiscard]] std::string host_name();
/// UTC, ISO 8601, e.g. 2026-11-22T01:38:00Z.
[[nodiscard]] std::string now_utc();
[[nodiscard]] bool stderr_is_terminal();
/// 128-bit xxHash of a file's bytes as 32 hexadecimal digits. Throws Error(no_input).
[[nodiscard]] std::string file_hash(const std::string& path);

}  // namespace greenfront::io

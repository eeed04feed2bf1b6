#pragma once
#include <chrono>
#include <string>

namespace greenfront::io {

/// From now on TERM, USR1 and the first INT are remembered, and a second INT ends the process with exit code
/// 130. Whoever works asks caught_signal() between two blocks.
void catch_stop_signals();
/// "SIGTERM" and so on; empty while none has come.
[[nodiscard]] std::string caught_signal();

/// "hh:mm:ss" as a duration. Throws Error(usage).
[[nodiscard]] std::chrono::seconds parse_time_limit(const std::string& text);

}  // namespace greenfront::io

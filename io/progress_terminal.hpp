#pragma once
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "engine/progress.hpp"

namespace greenfront::io {

/// How a run tells of its progress, all on standard error:
///   bar     one line that is drawn again and again, for a terminal
///   plain   a line when a stage ends and, where it takes longer, at most one every two seconds, for a log
///   json    one JSON object a line: {"event": "begin"|"advance"|"end"|"note"|"warning", ...}
///   none    warnings only
enum class ProgressMode { bar, plain, json, none };

/// "auto" is bar on a terminal and plain elsewhere; "plain", "json" and "none" are themselves. Throws
/// Error(usage) for another word.
[[nodiscard]] ProgressMode progress_mode(const std::string& word);

/// advance() may be called from many threads at once; the other functions from one. `out` and `quiet`,
/// the least time between two lines of a stage in a log, are for tests.
[[nodiscard]] std::unique_ptr<Progress> make_progress(
    ProgressMode mode, std::FILE* out = stderr, std::chrono::milliseconds quiet = std::chrono::seconds(2));
/// The same with the word of --progress.
[[nodiscard]] std::unique_ptr<Progress> make_progress(const std::string& word);

}  // namespace greenfront::io

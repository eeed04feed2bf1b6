#pragma once
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "engine/progress.hpp"

namespace greenfront::io {

/// How a run tells of its progress, all on standard error:
///   bar     one line that is drawn again and again, for a terminal
///   plain   a line when a stage ends and, where it takes longer, some on the way, for a log
///   json    one JSON object a line (docs/formats/progress.md)
///   none    warnings only
enum class ProgressMode { bar, plain, json, none };

/// "auto" is bar on a terminal and plain elsewhere; "plain", "json" and "none" are themselves. Throws
/// Error(usage) for another word.
[[nodiscard]] ProgressMode progress_mode(const std::string& word);

/// How a run has ended, or that it has not.
enum class RunState { running, stopped, done, failed };
[[nodiscard]] std::string name(RunState state);

/// Progress that people or machines read while it is made. advance() may be called from many threads at once,
/// as tick() may; the other functions from one.
class ShownProgress : public Progress {
  public:
    /// Time has passed: a bar is drawn again, a log gets a line where a stage has been silent for long.
    virtual void tick() = 0;
    /// The last that is told. Only json says it; people read the message that the program ends with.
    virtual void finish(RunState state, const std::string& message, int exit_code) = 0;
};

struct ProgressTimes {
    std::chrono::milliseconds quiet =
        std::chrono::seconds(2);  ///< least between two lines of a stage in a log
    std::chrono::milliseconds silent = std::chrono::seconds(60);  ///< a log gets a sign of life after it
    std::chrono::milliseconds object = std::chrono::seconds(1);   ///< between two objects beside the tenths
};

/// `out` and `times` are for tests.
[[nodiscard]] std::unique_ptr<ShownProgress> make_progress(ProgressMode mode, std::FILE* out = stderr,
                                                           ProgressTimes times = {});
/// The same with the word of --progress.
[[nodiscard]] std::unique_ptr<ShownProgress> make_progress(const std::string& word);

}  // namespace greenfront::io

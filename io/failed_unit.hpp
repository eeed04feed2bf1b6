#pragma once
#include <mutex>
#include <set>
#include <string>

#include "engine/failures.hpp"

/// A failed program as a file of its own (docs/formats/failed.md).
namespace greenfront::io {

/// The program that a file was written by.
struct FailedFrom {
    std::string version, instruction_set, run_id;
};

/// JSON; every number is written so that reading gives the same double.
[[nodiscard]] std::string write_failed(const FailedUnit& failed, const FailedFrom& from);

struct ReadFailed {
    FailedUnit unit;
    FailedFrom from;
};
/// Throws Error(no_input) where `path` cannot be opened, Error(data) with the key that is missing or wrong.
[[nodiscard]] ReadFailed read_failed(const std::string& path);

/// "OUTPUT.failed", beside the output.
[[nodiscard]] std::string failed_folder(const std::string& output);

/// Keeps failed units of a run, the first hundred that come. A file that cannot be written is no reason to
/// stop: the run counts the unit all the same, and problem() says what went wrong.
class FailedUnits : public FailureSink {
  public:
    FailedUnits(const std::string& output, FailedFrom from)
        : folder_(failed_folder(output)), from_(std::move(from)) {}
    void put(const FailedUnit& failed) override;
    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::size_t files() const { return names_.size(); }
    [[nodiscard]] const std::string& problem() const { return problem_; }  ///< the first; empty: none

  private:
    std::string folder_;
    FailedFrom from_;
    std::mutex mutex_;
    std::set<std::string> names_;
    std::string problem_;
};

}  // namespace greenfront::io

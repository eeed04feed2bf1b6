#pragma once
#include <functional>
#include <string>

#include "engine/app/study_input.hpp"
#include "engine/workspace.hpp"
#include "io/failed_unit.hpp"
#include "io/parts.hpp"
#include "io/progress_file.hpp"

/// What `run` and `merge` share: the identity of a run and its end.
namespace greenfront::app {

/// True when `output` is a complete result of this very run; an output of another run needs `force`.
[[nodiscard]] bool already_there(const std::string& output, bool force, const StudyInput& input);

[[nodiscard]] io::RunIdentity identity_of(const StudyInput& input);

/// What files of failed units say of the run that has left them.
[[nodiscard]] io::FailedFrom failed_from(const StudyInput& input);
/// Says, when a run ends in whatever way, where the programs of its failed units are kept.
class KeptUnits {
  public:
    KeptUnits(const io::FailedUnits& failed, Progress& progress) : failed_(failed), progress_(progress) {}
    KeptUnits(const KeptUnits&) = delete;
    KeptUnits& operator=(const KeptUnits&) = delete;
    ~KeptUnits();

  private:
    const io::FailedUnits& failed_;
    Progress& progress_;
};

/// Warns of failed units and sets the exit code, where there are any. A shard leaves no output to look into.
void tell_failed(const Workspace& workspace, const std::string& output, bool shard);

struct RunFacts {
    std::string started;
    int threads = 0;
    io::BlockCount blocks;
};
/// What the progress file says of the run itself.
[[nodiscard]] io::ProgressHead progress_head(const std::string& command, const StudyInput& input,
                                             const std::string& output, const io::Shard& shard, int threads);
/// Does the work and tells, in whatever way it ends, how it has ended; work that stops says so itself.
void to_the_end(io::RunProgress& progress, const std::function<void()>& work);

[[nodiscard]] ResultGroup provenance(const StudyInput& input, const RunFacts& facts);

}  // namespace greenfront::app

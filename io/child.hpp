#pragma once
#include <string>
#include <vector>

namespace greenfront::io {

struct ChildOutcome {
    int exit_code = 0;      ///< 128 + signal where one ended it
    std::string output;     ///< what it printed on standard output and standard error, the first 64 KiB
    std::string not_begun;  ///< why it could not be started; empty: it was
};

/// Runs a program and waits for it. `command` is its path and arguments, handed over as they are: no shell
/// reads them, so that no name can become a command. Standard input is empty. Throws Error(io) where no
/// process can be made.
[[nodiscard]] ChildOutcome run_child(const std::vector<std::string>& command);

/// A new folder for short-lived files below TMPDIR (or /tmp), removed with its contents in the end.
class ScratchFolder {
  public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// The folder of the running program; empty where the system does not say.
[[nodiscard]] std::string program_folder();

}  // namespace greenfront::io

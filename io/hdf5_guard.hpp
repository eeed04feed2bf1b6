#pragma once
#include <string>

#include "kernels/error.hpp"

namespace greenfront::io::h5 {

/// While it stands, a crash (SIGSEGV, SIGBUS, SIGFPE, SIGABRT), or no end (SIGVTALRM, io/hdf5_limits.hpp),
/// ends the process with a message and an exit code. The HDF5 library trusts the lengths and addresses in a
/// file, and that memory never ends; where that fails it may touch what is not there, and nothing can be done
/// after that but to say which file it was. Nothing is lost by that: results are read before anything is
/// written, and become bytes in memory before they become a file. An instruction of this program itself that
/// fails is a bug of ours, and crashes as it would without a guard. Guards may stand inside one another; the
/// outermost counts.
class CrashGuard {
  public:
    /// `what`: how the message ends that begins with the path.
    CrashGuard(const std::string& path, const std::string& what, Fault fault);
    CrashGuard(const CrashGuard&) = delete;
    CrashGuard& operator=(const CrashGuard&) = delete;
    ~CrashGuard();

    static constexpr const char* reading =
        "is damaged, in a way that the HDF5 library does not survive; copy it again from its source, or run "
        "the study again";

  private:
    bool outermost_;
};

}  // namespace greenfront::io::h5

#pragma once
#include <string>

namespace greenfront::io::h5 {

/// While it stands, a crash (SIGSEGV, SIGBUS, SIGFPE, SIGABRT) ends the process with a message and the exit
/// code of bad data. The HDF5 library trusts the lengths and addresses in a file: where those are damaged it
/// may read or free memory that is not there, and nothing can be done after that but to say which file it
/// was. Nothing is lost by that, since results are read before anything is written. Guards may stand inside
/// one another; the outermost counts.
class CrashGuard {
  public:
    explicit CrashGuard(const std::string& path);
    CrashGuard(const CrashGuard&) = delete;
    CrashGuard& operator=(const CrashGuard&) = delete;
    ~CrashGuard();

  private:
    bool outermost_;
};

}  // namespace greenfront::io::h5

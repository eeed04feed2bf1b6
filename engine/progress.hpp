#pragma once
#include <cstdint>
#include <string>

namespace greenfront {

/// What the runner tells about its work; io shows it on a terminal, in a log, or not at all.
class Progress {
  public:
    virtual ~Progress() = default;
    virtual void begin(const std::string& stage, std::int64_t units) = 0;
    virtual void resize(std::int64_t units) = 0;  ///< the stage turned out to have so many
    virtual void advance(std::int64_t units) = 0;
    virtual void failures(std::int64_t total) = 0;  ///< units of work that failed so far, in all stages
    virtual void end() = 0;
    virtual void cancel() = 0;                          ///< the stage broke off; an error message follows
    virtual void note(const std::string& text) = 0;     ///< a fact worth a line
    virtual void warning(const std::string& text) = 0;  ///< a fact that may change a conclusion
};

}  // namespace greenfront

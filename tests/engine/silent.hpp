#pragma once
#include <string>

#include "engine/progress.hpp"

namespace greenfront::engine_test {

/// Keeps warnings for a test to read.
class Silent : public Progress {
  public:
    void begin(const std::string&, std::int64_t) override {}
    void resize(std::int64_t) override {}
    void advance(std::int64_t) override {}
    void failures(std::int64_t) override {}
    void end() override {}
    void cancel() override {}
    void note(const std::string&) override {}
    void warning(const std::string& text) override { warnings += text + "\n"; }
    std::string warnings;
};

}  // namespace greenfront::engine_test

#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "kernels/error.hpp"

namespace greenfront::io {

/// Collects the problems of one input so that they reach the user together: the first 50, then a count.
class Problems {
  public:
    explicit Problems(Fault fault) : fault_(fault) {}
    void add(std::string line) {
        ++count_;
        if (lines_.size() < shown) lines_.push_back(std::move(line));
    }
    [[nodiscard]] bool any() const { return count_ > 0; }
    [[nodiscard]] std::size_t count() const { return count_; }
    void throw_if_any() const {
        if (count_ == 0) return;
        std::string text;
        for (const auto& line : lines_) text += (text.empty() ? "" : "\n") + line;
        if (count_ > shown) {
            text += "\n... and " + std::to_string(count_ - shown) + " more problems of this input";
        }
        throw Error(fault_, text);
    }

  private:
    static constexpr std::size_t shown = 50;
    Fault fault_;
    std::size_t count_ = 0;
    std::vector<std::string> lines_;
};

}  // namespace greenfront::io

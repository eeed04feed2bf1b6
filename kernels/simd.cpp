#include "kernels/simd.hpp"

#include <hwy/highway.h>

#include <algorithm>

namespace greenfront::simd {
namespace {

/// Sets of this processor for which code exists, the best (lowest bit) first.
std::vector<std::int64_t> targets() {
    hwy::SetSupportedTargetsForTest(0);  // whatever was chosen before
    const std::int64_t all = hwy::SupportedTargets() & HWY_TARGETS;
    std::vector<std::int64_t> list;
    for (std::int64_t left = all; left != 0; left &= left - 1) list.push_back(left & -left);
    return list;
}

std::int64_t chosen = 0;  ///< 0: native. The processor's dispatch is one for the process, and so is this.

void apply() {
    hwy::SetSupportedTargetsForTest(chosen);
}

}  // namespace

std::string instruction_set() {
    const auto supported = hwy::SupportedTargets() & HWY_TARGETS;
    return hwy::TargetName(supported & -supported);
}

std::vector<std::string> available() {
    std::vector<std::string> names;
    for (const std::int64_t target : targets()) names.emplace_back(hwy::TargetName(target));
    apply();
    return names;
}

bool choose(const std::string& name) {
    const auto list = targets();
    const auto named =
        std::find_if(list.begin(), list.end(), [&](auto t) { return name == hwy::TargetName(t); });
    const bool known = name == "native" || name == "portable" || named != list.end();
    if (known) chosen = name == "native" ? 0 : name == "portable" ? list.back() : *named;
    apply();
    return known;
}

}  // namespace greenfront::simd

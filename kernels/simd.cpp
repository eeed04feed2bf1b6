#include "kernels/simd.hpp"

#include <hwy/highway.h>

namespace greenfront::simd {

std::string instruction_set() {
    // Highway numbers its targets so that a better one has a lower bit.
    const auto targets = hwy::SupportedTargets() & HWY_TARGETS;
    return hwy::TargetName(targets & -targets);
}

}  // namespace greenfront::simd

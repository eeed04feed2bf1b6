#pragma once
#include <string>

namespace greenfront::simd {

/// Name of the widest vector instruction set that the kernels choose on this processor, e.g. "AVX3" for
/// AVX-512 (Google Highway's names).
[[nodiscard]] std::string instruction_set();

}  // namespace greenfront::simd

#pragma once
#include <string>
#include <vector>

/// The vector instructions that the kernels use, chosen when the program runs (Google Highway).
namespace greenfront::simd {

/// Name of the instruction set in use, e.g. "AVX3" for AVX-512 (Highway's names). At first the widest one
/// that this processor has.
[[nodiscard]] std::string instruction_set();

/// Names of the sets that the kernels are compiled for and this processor has, the widest first.
[[nodiscard]] std::vector<std::string> available();

/// Uses "native" (the widest), "portable" (the one that every processor of the architecture has, so that
/// results agree to the last bit between machines) or one of available(). False: there is no such set here;
/// nothing changes. For the whole process; not while kernels run.
[[nodiscard]] bool choose(const std::string& name);

}  // namespace greenfront::simd

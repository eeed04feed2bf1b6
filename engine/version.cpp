#include "engine/version.hpp"

#include <fmt/format.h>

#include "kernels/simd.hpp"

// The build system defines the macros below for this file alone.
namespace greenfront {

std::string version() {
    return GREENFRONT_VERSION;
}
std::string compiler() {
    return GREENFRONT_COMPILER;
}
std::string compile_flags() {
    return GREENFRONT_FLAGS;
}
std::string instruction_set() {
    return simd::instruction_set();
}

std::string version_text() {
    return fmt::format("greenfront {}\ncompiler         {}\nflags            {}\ninstruction set  {}\n",
                       version(), compiler(), compile_flags(), instruction_set());
}

}  // namespace greenfront

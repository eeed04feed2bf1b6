// The fuzzer of one target, which the build names: clang's libFuzzer brings main().
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    (void)greenfront::fuzz::GREENFRONT_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}

/// The HDF5 library keeps pieces of what it could not read; nothing that its users do gives them back.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libhdf5";
}

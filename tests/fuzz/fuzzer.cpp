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

/// Damaged headers lead the library (1.10.8) beyond its own memory. Left out are copies inside functions that
/// are given no memory of ours to fill: what they return is checked, and a crash there is the guard's
/// (io/hdf5_guard.hpp).
extern "C" const char* __asan_default_suppressions() {
    return "interceptor_via_fun:H5Aexists\n"
           "interceptor_via_fun:H5Aopen\n"
           "interceptor_via_fun:H5Aget_type\n"
           "interceptor_via_fun:H5Aget_space\n"
           "interceptor_via_fun:H5Dget_type\n"
           "interceptor_via_fun:H5Dget_space\n"
           "interceptor_via_fun:H5Dget_create_plist\n"
           "interceptor_via_fun:H5Fopen\n"
           "interceptor_via_fun:H5Gopen2\n"
           "interceptor_via_fun:H5Gget_create_plist\n"
           "interceptor_via_fun:H5Gget_info\n"
           "interceptor_via_fun:H5Lget_info\n"
           "interceptor_via_fun:H5Oget_info2\n"
           "interceptor_via_fun:H5Oopen\n";
}

/// The library asks for as much memory as a file declares, sixty gigabytes for a piece of a header, and says
/// so when there is not so much; as it is without a sanitizer. What is used counts (-rss_limit_mb).
extern "C" const char* __asan_default_options() {
    return "allocator_may_return_null=1";
}

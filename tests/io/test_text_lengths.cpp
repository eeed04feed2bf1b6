#include <hdf5.h>

#include <cstdint>
#include <cstring>

#include "io/file.hpp"
#include "io/hdf5.hpp"
#include "kernels/error.hpp"
#include "tests/io/sample_results.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

std::string as_bytes(std::uint32_t number) {
    std::string text(sizeof number, '\0');
    std::memcpy(text.data(), &number, sizeof number);
    return text;
}

/// A text's place in a file: 4 bytes of length, 8 with the address of a heap ("GCOL"), 4 with a position
/// there. The only one with this length gets another length; what the reader says then.
std::string with_length(const TemporaryFolder& folder, std::string bytes, std::uint32_t length,
                        std::uint32_t another) {
    const auto is_place = [&](std::size_t at) {
        std::uint64_t heap = 0;
        if (at + 16 > bytes.size()) return false;
        std::memcpy(&heap, bytes.data() + at + 4, sizeof heap);
        return heap < bytes.size() && bytes.compare(heap, 4, "GCOL") == 0;
    };
    auto at = bytes.find(as_bytes(length));
    while (at != std::string::npos && !is_place(at)) at = bytes.find(as_bytes(length), at + 1);
    REQUIRE(at != std::string::npos);
    bytes.replace(at, sizeof another, as_bytes(another));
    const auto path = folder.write("changed.h5", bytes);
    return message_of(Fault::data, [&] { (void)io::read_results(path); });
}

const std::string odd(1013, 'x');  // a length that nothing else in the file has

}  // namespace

TEST_CASE("texts that would not fit into their file are refused before memory is taken: datasets") {
    Results results;
    results.add("").attributes = {{"format_version", result_format_version}};
    results.add("g").variables = {sample::variable("word", {}, {}, std::vector<std::string>{odd})};
    const TemporaryFolder folder;
    io::write_results(results, folder.file("r.h5"), false);
    const std::string bytes = io::read_bytes(folder.file("r.h5"));
    for (const std::uint32_t another :
         {0xfffffff0U, 0x7fffffffU, static_cast<std::uint32_t>(bytes.size() + 1)}) {
        const auto said = with_length(folder, bytes, 1013, another);
        CHECK(contains(said, "dataset word: its texts have"));
    }
}

TEST_CASE("texts that would not fit into their file are refused before memory is taken: attributes") {
    const TemporaryFolder folder;
    const std::string path = folder.file("old.h5");
    {
        // The oldest format: its headers have no checksums that would find the change first.
        const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
        const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, access);
        const hid_t space = H5Screate(H5S_SCALAR);
        const hid_t text = H5Tcopy(H5T_C_S1);
        H5Tset_size(text, H5T_VARIABLE);
        const hid_t version =
            H5Acreate2(file, "format_version", H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
        const std::int64_t number = result_format_version;
        REQUIRE(H5Awrite(version, H5T_NATIVE_INT64, &number) >= 0);
        const hid_t title = H5Acreate2(file, "title", text, space, H5P_DEFAULT, H5P_DEFAULT);
        const char* value = odd.c_str();
        REQUIRE(H5Awrite(title, text, static_cast<const void*>(&value)) >= 0);
        for (const hid_t attribute : {version, title}) H5Aclose(attribute);
        H5Tclose(text);
        H5Sclose(space);
        H5Fclose(file);
        H5Pclose(access);
    }
    const std::string bytes = io::read_bytes(path);
    // As it is, only the checksum of our own is missing.
    CHECK(contains(message_of(Fault::data, [&] { (void)io::read_results(path); }), "there is no checksum"));
    for (const std::uint32_t another : {0xfffffff0U, static_cast<std::uint32_t>(bytes.size() + 1)}) {
        const auto said = with_length(folder, bytes, 1013, another);
        CHECK(contains(said, "attribute title: its texts have"));
    }
}

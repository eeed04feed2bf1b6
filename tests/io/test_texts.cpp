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

/// Where a text of this length has its place, the only one: 4 bytes of length, 8 with the address of a heap
/// ("GCOL"), 4 with a position there.
std::size_t place_of(const std::string& bytes, std::uint32_t length) {
    const auto is_place = [&](std::size_t at) {
        std::uint64_t heap = 0;
        if (at + 16 > bytes.size()) return false;
        std::memcpy(&heap, bytes.data() + at + 4, sizeof heap);
        return heap < bytes.size() && bytes.compare(heap, 4, "GCOL") == 0;
    };
    auto at = bytes.find(as_bytes(length));
    while (at != std::string::npos && !is_place(at)) at = bytes.find(as_bytes(length), at + 1);
    REQUIRE(at != std::string::npos);
    return at;
}

/// What the reader says of a file whose bytes from `at` on are others.
std::string changed(const TemporaryFolder& folder, std::string bytes, std::size_t at,
                    const std::string& others) {
    REQUIRE(at + others.size() <= bytes.size());
    bytes.replace(at, others.size(), others);
    const auto path = folder.write("changed.h5", bytes);
    return message_of(Fault::data, [&] { (void)io::read_results(path); });
}

const std::string odd(1013, 'x');  // a length that nothing else in the file has

/// The bytes of a result file with one group of one dataset.
std::string result_file(const TemporaryFolder& folder, const Variable& variable) {
    Results results;
    results.add("").attributes = {{"format_version", result_format_version}};
    results.add("g").variables = {variable};
    io::write_results(results, folder.file("r.h5"), false);
    return io::read_bytes(folder.file("r.h5"));
}

}  // namespace

TEST_CASE("texts whose places say what cannot be are refused before the library reads them: datasets") {
    const TemporaryFolder folder;
    const std::string bytes =
        result_file(folder, sample::variable("word", {}, {}, std::vector<std::string>{odd}));
    const std::size_t place = place_of(bytes, 1013);
    const auto whole = static_cast<std::uint32_t>(bytes.size());
    for (const std::uint32_t length : {0xfffffff0U, 0x7fffffffU, whole + 1}) {
        CHECK(contains(changed(folder, bytes, place, as_bytes(length)), "dataset word: its texts have"));
    }
    for (const std::uint32_t length : {0U, 1U, 1012U, 1014U, whole / 2}) {
        CHECK(contains(changed(folder, bytes, place, as_bytes(length)),
                       "dataset word: text 1 is not where its place says"));
    }
    for (const std::uint32_t position : {0U, 0xffffU, 0x10000U, 0x10001U}) {
        CHECK(contains(changed(folder, bytes, place + 12, as_bytes(position)),
                       "dataset word: text 1 is not where its place says"));
    }
    CHECK(contains(changed(folder, bytes, place + 4, as_bytes(whole)), "beyond the end of the file"));
    CHECK(contains(changed(folder, bytes, place + 4, as_bytes(8)), "its texts at byte 8 are not in order"));
    CHECK(contains(changed(folder, bytes, place + 8, as_bytes(0xffffffffU)), "beyond the end of the file"));
}

TEST_CASE("a heap of texts that is not in order is refused before the library reads it") {
    const TemporaryFolder folder;
    const std::string bytes =
        result_file(folder, sample::variable("word", {}, {}, std::vector<std::string>{odd}));
    std::uint64_t heap = 0;
    std::memcpy(&heap, bytes.data() + place_of(bytes, 1013) + 4, sizeof heap);
    const std::string zeros(8, '\0'), ones(8, '\xff');
    CHECK(contains(changed(folder, bytes, heap, "GCOX"), "not in order"));
    CHECK(contains(changed(folder, bytes, heap + 8, zeros), "not in order"));
    CHECK(contains(changed(folder, bytes, heap + 8, ones), "beyond the end of the file"));
    // The first object has no position and no size: the library would stay there for ever.
    CHECK(contains(changed(folder, bytes, heap + 16, std::string(16, '\0')), "not in order"));
    CHECK(contains(changed(folder, bytes, heap + 24, ones), "not in order"));
    // The space left, behind the objects, has no size either.
    std::size_t at = heap + 16;
    while (bytes[at] != 0 || bytes[at + 1] != 0) {
        std::uint64_t size = 0;
        std::memcpy(&size, bytes.data() + at + 8, sizeof size);
        at += 16 + (size + 7) / 8 * 8;
    }
    CHECK(contains(changed(folder, bytes, at + 8, zeros), "not in order"));
    CHECK(contains(changed(folder, bytes, at + 8, as_bytes(8)), "not in order"));
    // Two objects of one position.
    CHECK(contains(changed(folder, bytes, at, std::string(1, bytes[heap + 16])), "not in order"));
}

TEST_CASE("a heap of texts inside another one is refused") {
    const TemporaryFolder folder;
    std::string bytes = result_file(folder, sample::texts("word", {odd, std::string(1021, 'y')}));
    // In the middle of the first text: a collection of one object of 1,021 bytes, as far as a reader knows.
    const auto eight = [](std::uint64_t number) {
        std::string text(sizeof number, '\0');
        std::memcpy(text.data(), &number, sizeof number);
        return text;
    };
    const std::size_t inside = bytes.find(odd);
    const std::string collection =
        std::string("GCOL\1\0\0\0", 8) + eight(16 + 16 + 1024) + eight(1) + eight(1021);
    bytes.replace(inside, collection.size(), collection);
    const std::string place = as_bytes(1021) + eight(inside) + as_bytes(1);
    CHECK(contains(changed(folder, bytes, place_of(bytes, 1021), place), "lie inside others"));
}

TEST_CASE("texts whose places say what cannot be are refused before the library reads them: attributes") {
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
    const std::size_t place = place_of(bytes, 1013);
    for (const std::uint32_t length : {0xfffffff0U, static_cast<std::uint32_t>(bytes.size() + 1)}) {
        CHECK(contains(changed(folder, bytes, place, as_bytes(length)), "attribute title: its texts have"));
    }
    CHECK(contains(changed(folder, bytes, place, as_bytes(1012)), "attribute title: text 1 is not where"));
}

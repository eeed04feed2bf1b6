#include "io/hdf5_text_lengths.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace greenfront::io::h5 {
namespace {

constexpr std::size_t descriptor_size = 16;

/// HDF5's "conversion" (H5T_conv_t) of a stored text to opaque bytes: nothing is done, so the reader gets the
/// bytes as they lie in the file. Refuses files with other sizes of addresses, which greenfront does not
/// write.
extern "C" herr_t keep_as_stored(hid_t from, hid_t to, H5T_cdata_t* step, std::size_t /*count*/,
                                 std::size_t /*stride*/, std::size_t /*background_stride*/, void* /*values*/,
                                 void* /*background*/, hid_t /*transfer*/) {
    if (step->command != H5T_CONV_INIT) return 0;
    step->need_bkg = H5T_BKG_NO;
    const bool a_text = H5Tis_variable_str(from) > 0 && H5Tget_size(from) == descriptor_size;
    return a_text && H5Tget_size(to) == descriptor_size ? 0 : -1;
}

}  // namespace

void require_texts_fit(hid_t file, std::size_t count, const std::string& name, const Check& check,
                       const std::function<herr_t(hid_t, void*)>& read) {
    if (count == 0) return;
    const Handle text = text_type(check);
    const Handle stored(check.id(H5Tcreate(H5T_OPAQUE, descriptor_size), name), H5Tclose);
    static const herr_t registered =
        H5Tregister(H5T_PERS_SOFT, "text as stored", text.get(), stored.get(), keep_as_stored);
    check(registered, name);
    std::vector<unsigned char> bytes(count * descriptor_size);
    check(read(stored.get(), bytes.data()), name);
    hsize_t whole = 0;
    check(H5Fget_filesize(file, &whole), name);
    hsize_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t length = 0;  // little-endian, as the processors are that greenfront is built for
        std::memcpy(&length, bytes.data() + i * descriptor_size, sizeof length);
        sum += length;
    }
    if (sum > whole)
        throw Error(check.fault,
                    fmt::format("{}: {}: its texts have {} bytes and the whole file has {}; the file is "
                                "damaged or was changed, run the study again",
                                check.context, name, sum, whole));
}

}  // namespace greenfront::io::h5

#include "io/hdf5_handle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace greenfront::io::h5 {
namespace {

extern "C" herr_t take_first(unsigned n, const H5E_error2_t* frame, void* data) {
    if (n == 0 && frame->desc != nullptr) *static_cast<std::string*>(data) = frame->desc;
    return 0;
}

}  // namespace

Quiet::Quiet() {
    // Every handle is closed where it stands. What the library does at the end of the process on its own is
    // to wait for files that memory was too short for, and to complain.
    static const herr_t never_at_exit = H5dont_atexit();
    (void)never_at_exit;
    H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Quiet::~Quiet() {
    H5Eset_auto2(H5E_DEFAULT, function_, data_);
}

std::string innermost_error() {
    std::string text;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &text);
    // The file drivers wrap the system's message in addresses and times.
    const std::string mark = "error message = '";
    const auto begin = text.find(mark);
    if (begin != std::string::npos) {
        const auto end = text.find('\'', begin + mark.size());
        return text.substr(begin + mark.size(), end - begin - mark.size());
    }
    if (text.find("checksum") != std::string::npos) text += "; the file is damaged, run the study again";
    return text.empty() ? "no reason given" : text;
}

void Check::operator()(herr_t code, const std::string& what) const {
    if (code < 0) throw Error(fault, fmt::format("{}: {}: {}", context, what, innermost_error()));
}

hid_t Check::id(hid_t value, const std::string& what) const {
    if (value < 0) throw Error(fault, fmt::format("{}: {}: {}", context, what, innermost_error()));
    return value;
}

void require_stored(hid_t file, hid_t dataset, std::size_t count, std::size_t size, const std::string& name,
                    const Check& check) {
    const auto refuse = [&](const std::string& what) {
        throw Error(check.fault, fmt::format("{}: dataset {}: {}", check.context, name, what));
    };
    const Handle creation(check.id(H5Dget_create_plist(dataset), name), H5Pclose);
    const H5D_layout_t layout = H5Pget_layout(creation.get());
    const bool own = layout == H5D_COMPACT || layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED;
    if (!own || H5Pget_external_count(creation.get()) != 0)
        refuse("its values are in another file, which greenfront does not write");
    hsize_t whole = 0;
    check(H5Fget_filesize(file, &whole), name);
    // Deflate makes a thousandth of zeros, at best.
    constexpr hsize_t most_packed = 1100;
    const hsize_t stored = H5Dget_storage_size(dataset);
    if (stored > whole || count > stored * most_packed / std::max<std::size_t>(size, 1))
        refuse(fmt::format("it declares {} values and has {} bytes for them; the file is damaged", count,
                           stored));
}

Handle text_type(const Check& check) {
    Handle type(check.id(H5Tcopy(H5T_C_S1), "text type"), H5Tclose);
    check(H5Tset_size(type.get(), H5T_VARIABLE), "text type");
    check(H5Tset_cset(type.get(), H5T_CSET_UTF8), "text type");
    return type;
}

}  // namespace greenfront::io::h5

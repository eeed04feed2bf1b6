#include "io/hdf5_texts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

namespace greenfront::io::h5 {
namespace {

constexpr std::size_t place_size = 16;
constexpr std::uint64_t header = 16;  ///< of a collection and of an object

/// HDF5's "conversion" (H5T_conv_t) of a stored text to opaque bytes: nothing is done, so the reader gets the
/// bytes as they lie in the file. Refuses files with other sizes of addresses, which greenfront does not
/// write.
extern "C" herr_t keep_as_stored(hid_t from, hid_t to, H5T_cdata_t* step, std::size_t /*count*/,
                                 std::size_t /*stride*/, std::size_t /*background_stride*/, void* /*values*/,
                                 void* /*background*/, hid_t /*transfer*/) {
    if (step->command != H5T_CONV_INIT) return 0;
    step->need_bkg = H5T_BKG_NO;
    const bool a_text = H5Tis_variable_str(from) > 0 && H5Tget_size(from) == place_size;
    return a_text && H5Tget_size(to) == place_size ? 0 : -1;
}

/// A number as it lies in the file; greenfront is built for little-endian processors.
template <class Number>
Number at(const std::string& bytes, std::uint64_t from) {
    Number number = 0;
    std::memcpy(&number, bytes.data() + from, sizeof number);
    return number;
}

}  // namespace

TextPlaces::TextPlaces(hid_t file, Check check) : check_(std::move(check)) {
    hsize_t size = 0;
    check_(H5Fget_filesize(file, &size), "its size");
    size_ = size;
    void* handle = nullptr;
    check_(H5Fget_vfd_handle(file, H5P_DEFAULT, &handle), "its descriptor");
    descriptor_ = *static_cast<int*>(handle);
}

void TextPlaces::refuse(const std::string& name, const std::string& what) const {
    throw Error(check_.fault,
                fmt::format("{}: {}: {}; the file is damaged or was changed, run the study again",
                            check_.context, name, what));
}

std::string TextPlaces::bytes(std::uint64_t from, std::uint64_t count, const std::string& name) const {
    if (from > size_ || count > size_ - from) refuse(name, "its texts lie beyond the end of the file");
    std::string read(count, '\0');
    for (std::uint64_t done = 0; done < count;) {
        const ssize_t got =
            ::pread(descriptor_, read.data() + done, count - done, static_cast<off_t>(from + done));
        if (got <= 0) refuse(name, "its texts cannot be read");
        done += static_cast<std::uint64_t>(got);
    }
    return read;
}

TextPlaces::Collection TextPlaces::read_collection(std::uint64_t address, const std::string& name) const {
    const std::string broken = fmt::format("its texts at byte {} are not in order", address);
    const std::string begin = bytes(address, header, name);
    const auto size = at<std::uint64_t>(begin, 8);
    if (begin.compare(0, 5, "GCOL\1") != 0 || size < header) refuse(name, broken);
    const std::string all = bytes(address, size, name);
    Objects objects;
    for (std::uint64_t from = header; size - from >= header;) {
        const auto position = at<std::uint16_t>(all, from);
        const auto length = at<std::uint64_t>(all, from + 8);
        const std::uint64_t left = size - from - (position > 0 ? header : 0);
        const std::uint64_t padded =
            length <= left ? (position > 0 ? (length + 7) / 8 * 8 : length) : left + 1;
        if (padded > left || (position == 0 && length < header)) refuse(name, broken);
        if (position > 0 && !objects.emplace(position, length).second) refuse(name, broken);
        from += padded + (position > 0 ? header : 0);
    }
    return {size, std::move(objects)};
}

const TextPlaces::Objects& TextPlaces::objects_at(std::uint64_t address, const std::string& name) const {
    const auto next = known_.lower_bound(address);
    if (next != known_.end() && next->first == address) return next->second.objects;
    Collection collection = read_collection(address, name);
    // Otherwise a small file could hold as many collections as it has bytes, each nearly as long as the file.
    const bool ends_first = next == known_.end() || collection.size <= next->first - address;
    const auto before = next == known_.begin() ? known_.end() : std::prev(next);
    const bool begins_after = before == known_.end() || before->second.size <= address - before->first;
    if (!ends_first || !begins_after)
        refuse(name, fmt::format("its texts at byte {} lie inside others", address));
    return known_.emplace(address, std::move(collection)).first->second.objects;
}

void TextPlaces::require(std::size_t count, const std::string& name,
                         const std::function<herr_t(hid_t, void*)>& read) const {
    if (count == 0) return;
    const Handle text = text_type(check_);
    const Handle stored(check_.id(H5Tcreate(H5T_OPAQUE, place_size), name), H5Tclose);
    static const herr_t registered =
        H5Tregister(H5T_PERS_SOFT, "text as stored", text.get(), stored.get(), keep_as_stored);
    check_(registered, name);
    std::string places(count * place_size, '\0');
    check_(read(stored.get(), places.data()), name);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += at<std::uint32_t>(places, i * place_size);
    if (sum > size_)
        refuse(name, fmt::format("its texts have {} bytes and the whole file has {}", sum, size_));
    for (std::size_t i = 0; i < count; ++i) {
        const auto length = at<std::uint32_t>(places, i * place_size);
        const auto address = at<std::uint64_t>(places, i * place_size + 4);
        if (address == 0 && length == 0) continue;  // nothing is stored, and nothing is looked for
        const Objects& objects = objects_at(address, name);
        const auto position = at<std::uint32_t>(places, i * place_size + 12);
        const auto object =
            position <= 0xffff ? objects.find(static_cast<std::uint16_t>(position)) : objects.end();
        if (object == objects.end() || object->second != length)
            refuse(name, fmt::format("text {} is not where its place says", i + 1));
    }
}

}  // namespace greenfront::io::h5

#pragma once
#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "io/hdf5_handle.hpp"

namespace greenfront::io::h5 {

/// Looks at texts of variable length before the HDF5 library reads them: whether they are where their places
/// say.
///
/// A text's place has its length l (4 bytes), the address of a global heap collection (8; 0: no text) and its
/// position there (4). A collection has "GCOL", version 1, its size S in bytes (8, at byte 8), and from byte
/// 16 on objects, one after the other: position i (2), links (2), 4 unused bytes, size s (8), then s bytes,
/// filled up to a multiple of 8; i = 0 is the space left, with its own 16 bytes in s. All little-endian.
/// Source: HDF5 file format specification, version 3.0, sections III.E and IV.A.2.d.
///
/// The library believes these numbers. It takes memory for l, up to 4 GiB a text, copies s bytes to it, and
/// goes round for ever where i = s = 0. Required here of each text that is there: 16 <= S <= bytes of the
/// file, objects end where S does, s = l, no collection inside another; and of all together: the sum of l <=
/// bytes of the file. Cost: 16 bytes a text while it looks, about 50 for each object as long as this lives;
/// each collection is read once.
class TextPlaces {
  public:
    /// `file` was opened with the POSIX driver (the library's default).
    TextPlaces(hid_t file, Check check);
    /// `read` fills a buffer of `count` elements of the type it is given, by H5Dread or H5Aread. Throws
    /// Error(check.fault) with `name`.
    void require(std::size_t count, const std::string& name,
                 const std::function<herr_t(hid_t type, void* values)>& read) const;

  private:
    using Objects = std::map<std::uint16_t, std::uint64_t>;  ///< sizes by position
    struct Collection {
        std::uint64_t size = 0;
        Objects objects;
    };
    [[nodiscard]] const Objects& objects_at(std::uint64_t address, const std::string& name) const;
    [[nodiscard]] Collection read_collection(std::uint64_t address, const std::string& name) const;
    [[noreturn]] void refuse(const std::string& name, const std::string& what) const;
    [[nodiscard]] std::string bytes(std::uint64_t from, std::uint64_t count, const std::string& name) const;

    Check check_;
    std::uint64_t size_ = 0;
    int descriptor_ = -1;
    mutable std::map<std::uint64_t, Collection> known_;  ///< by address; read once
};

}  // namespace greenfront::io::h5

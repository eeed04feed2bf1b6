#pragma once
#include <hdf5.h>

#include <cstddef>
#include <functional>
#include <string>

#include "io/hdf5_handle.hpp"

namespace greenfront::io::h5 {

/// Throws unless a dataset's or attribute's texts of variable length fit into the file.
///
/// What stands in the place of such a text is its length (4 bytes, little-endian) and where it lies (8 + 4
/// bytes; HDF5 file format specification, version 3.0, sections IV.A.2.d and III.E). The library takes memory
/// for that length, up to 4 GiB a text, before it looks for the text; so lengths are added up first, and the
/// file cannot hold more than its size.
///
/// `read` fills a buffer of count elements of the type it is given, by H5Dread or H5Aread. Cost: 16 bytes a
/// text.
void require_texts_fit(hid_t file, std::size_t count, const std::string& name, const Check& check,
                       const std::function<herr_t(hid_t type, void* values)>& read);

}  // namespace greenfront::io::h5

#pragma once
#include <hdf5.h>

#include <string>
#include <utility>

#include "kernels/error.hpp"

/// HDF5 identifiers that close themselves, and its error stack turned into one message.
namespace greenfront::io::h5 {

/// Turns the library's printing off as long as it lives.
class Quiet {
  public:
    Quiet();
    Quiet(const Quiet&) = delete;
    Quiet& operator=(const Quiet&) = delete;
    ~Quiet();

  private:
    H5E_auto2_t function_ = nullptr;
    void* data_ = nullptr;
};

/// What the innermost frame of the error stack says, e.g. "No space left on device".
[[nodiscard]] std::string innermost_error();

/// Throws Error(fault): the context, what failed and innermost_error(), when `code` is negative.
struct Check {
    Fault fault;
    std::string context;  ///< the file's name
    void operator()(herr_t code, const std::string& what) const;
    [[nodiscard]] hid_t id(hid_t value, const std::string& what) const;
};

class Handle {
  public:
    using Close = herr_t (*)(hid_t);
    Handle(hid_t id, Close close) : id_(id), close_(close) {}
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    Handle& operator=(Handle&&) = delete;
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    [[nodiscard]] hid_t get() const { return id_; }

  private:
    hid_t id_;
    Close close_;
};

/// Throws unless the dataset is written as Greenfront writes: `count` elements of `size` bytes in the file
/// itself, of which there can be so many. Asked before memory is taken for what a file declares.
void require_stored(hid_t file, hid_t dataset, std::size_t count, std::size_t size, const std::string& name,
                    const Check& check);

/// Variable-length UTF-8 text.
[[nodiscard]] Handle text_type(const Check& check);

}  // namespace greenfront::io::h5

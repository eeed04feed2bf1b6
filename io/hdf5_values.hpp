#pragma once
#include <hdf5.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/results.hpp"
#include "io/hdf5_handle.hpp"
#include "io/hdf5_texts.hpp"

/// Values, attributes and names of dimensions of an open result file, each looked at before memory is taken
/// for what the file says of it. Everything throws Error(Fault::data) with the name of what is damaged or not
/// written by greenfront.
namespace greenfront::io::h5 {

class ValueReader {
  public:
    explicit ValueReader(hid_t file, Check check)
        : check_(std::move(check)), text_(text_type(check_)), file_(file), texts_(file, check_) {}

    [[nodiscard]] Values values(hid_t dataset, const std::string& name, std::size_t count) const;
    [[nodiscard]] AttributeValue attribute(hid_t owner, const std::string& name) const;
    /// One for each dimension; of a scale its own name.
    [[nodiscard]] std::vector<std::string> dimensions(hid_t dataset, const std::string& name,
                                                      std::size_t rank) const;
    [[noreturn]] void refuse(const std::string& what) const;

  private:
    [[nodiscard]] bool is_scale(hid_t dataset) const;
    void require_variable_length(hid_t type, const std::string& name) const;
    [[nodiscard]] std::vector<std::string> take_texts(std::vector<char*>& raw, hid_t space) const;

    Check check_;
    Handle text_;
    hid_t file_;
    TextPlaces texts_;
};

}  // namespace greenfront::io::h5

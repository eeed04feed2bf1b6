#include "engine/sweep/layout.hpp"

namespace greenfront::sweep {

std::size_t Layout::add(Field field) {
    field.offset = width_;
    field.width = 1;
    for (const std::size_t extent : field.shape) field.width *= extent;
    width_ += field.width;
    fields_.push_back(std::move(field));
    return fields_.size() - 1;
}

const Field* Layout::find(const std::string& name) const {
    for (const Field& field : fields_) {
        if (field.name == name) return &field;
    }
    return nullptr;
}

}  // namespace greenfront::sweep

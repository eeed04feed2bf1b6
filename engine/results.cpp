#include "engine/results.hpp"

#include <cassert>

namespace greenfront {

const Variable* ResultGroup::find(const std::string& name) const {
    for (const auto& variable : variables) {
        if (variable.name == name) return &variable;
    }
    return nullptr;
}

const AttributeValue* ResultGroup::attribute(const std::string& name) const {
    for (const auto& [key, value] : attributes) {
        if (key == name) return &value;
    }
    return nullptr;
}

const ResultGroup* Results::find(const std::string& path) const {
    for (const auto& group : groups) {
        if (group.path == path) return &group;
    }
    return nullptr;
}

ResultGroup& Results::add(const std::string& path) {
    assert(find(path) == nullptr);
    ResultGroup& group = groups.emplace_back();
    group.path = path;
    return group;
}

std::vector<const ResultGroup*> Results::under(const std::string& parent) const {
    std::vector<const ResultGroup*> children;
    const std::string prefix = parent.empty() ? "" : parent + "/";
    for (const auto& group : groups) {
        if (group.path.size() <= prefix.size() || group.path.compare(0, prefix.size(), prefix) != 0) continue;
        if (group.path.find('/', prefix.size()) == std::string::npos) children.push_back(&group);
    }
    return children;
}

const Variable* Results::scale(const ResultGroup& group, const std::string& dim) const {
    if (const auto* own = group.find(dim); own != nullptr && own->is_scale()) return own;
    const auto* root = find("");
    const auto* shared = root == nullptr ? nullptr : root->find(dim);
    return shared != nullptr && shared->is_scale() ? shared : nullptr;
}

}  // namespace greenfront

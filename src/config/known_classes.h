// The reference's own classes that a configuration may name, each for what stands in its place here.
//
// Any other name cannot be loaded: there is no Java in this program.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace ottla::config {

struct KnownClass {
  std::string_view name;
  std::string_view key;   // where it may stand
  std::string_view here;  // what it means in this program
};

std::span<const KnownClass> known_classes();
bool is_known_class(std::string_view name);
// Whether this class may stand in this key.
bool is_known_class_of(std::string_view key, std::string_view name);

// Keys that hold names of classes though their type is a text or a list.
bool takes_class_as_text(std::string_view key);
// The same as is_known_class_of(), and the short names that assignors have.
bool may_stand_in(std::string_view key, std::string_view name);
// All that may.
std::vector<std::string_view> names_for(std::string_view key);

}  // namespace ottla::config

// An image as a tree of names and texts, as the reference's metadata shell shows it: folders hold what stands below a
// name, files one text.
//
// Use:         walk_tree(image, visitor);   or tree_text(image)
// Order:       the children of a folder ascend by their names, as texts ("10" before "2").
// Notes:       quota entities whose name is the default have none here, and are shown as the entity of their other
//              names, or empty: the reference's names cannot say more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "metadata/image.h"

namespace ottla::metadata {

class TreeVisitor {
 public:
  virtual ~TreeVisitor() = default;
  // A folder or a file begins. What is left is the last one that was entered.
  virtual void enter(std::string_view name) = 0;
  virtual void leave() = 0;
  // The content of the file that was entered last.
  virtual void text(std::string_view content) = 0;
};

// What people must not see becomes "[redacted]".
struct TreeSecrets {
  bool credentials_shown = false;  // SCRAM and delegation tokens
  // Configurations that are shown; null shows none.
  bool (*config_shown)(ConfigResourceType type, std::string_view key) = nullptr;
};

void walk_tree(const MetadataImage& image, TreeVisitor& visitor, const TreeSecrets& secrets = {});

// In one line: folder(file(content), file(content)).
std::string tree_text(const MetadataImage& image, const TreeSecrets& secrets = {});

}  // namespace ottla::metadata

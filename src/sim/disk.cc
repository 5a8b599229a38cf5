#include "sim/disk.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace ottla::sim {
namespace {

Error not_found(std::string_view path) {
  return Error(Errc::not_found, std::string(path) + ": no such file or directory");
}

// "/a//./b/../c/" -> {"a", "c"}
std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
  }
  return parts;
}

bool holds(const DiskNode& tree, const DiskNode& node) {
  if (&tree == &node) return true;
  return std::ranges::any_of(tree.entries, [&](const auto& entry) { return holds(*entry.second, node); });
}

}  // namespace

Disk::Disk(const DiskOptions& options, std::uint64_t seed, StrikeCounts& strikes)
    : options_(options), random_(seed), strikes_(strikes), root_(new_node(DiskNode::Kind::directory)) {}

DiskNodePtr Disk::new_node(DiskNode::Kind kind) {
  auto node = std::make_shared<DiskNode>(kind, next_number_++, used_);
  touch(*node);
  return node;
}

Result<DiskNodePtr> Disk::find(std::string_view path) const {
  if (path.empty()) return not_found(path);
  DiskNodePtr node = root_;
  for (const std::string_view part : parts_of(path)) {
    if (node->kind != DiskNode::Kind::directory) return Error(Errc::not_a_directory, std::string(path));
    const auto entry = node->entries.find(part);
    if (entry == node->entries.end()) return not_found(path);
    node = entry->second;
  }
  return node;
}

Result<Disk::Place> Disk::place_of(std::string_view path) const {
  std::vector<std::string_view> parts = parts_of(path);
  if (path.empty()) return not_found(path);
  if (parts.empty()) return Error(Errc::busy, std::string(path) + ": the root of the disk");
  DiskNodePtr node = root_;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto entry = node->entries.find(parts[i]);
    if (entry == node->entries.end()) return not_found(path);
    node = entry->second;
    if (node->kind != DiskNode::Kind::directory) return Error(Errc::not_a_directory, std::string(path));
  }
  const auto entry = node->entries.find(parts.back());
  return Place{node, std::string(parts.back()), entry == node->entries.end() ? nullptr : entry->second};
}

Result<DiskNodePtr> Disk::parent_of(std::string_view path) const {
  if (parts_of(path).empty()) return root_;
  OTTLA_TRY(Place place, place_of(path));
  return place.directory;
}

void Disk::apply(const Edit& edit, const DiskNodePtr& node) {
  if (node == nullptr) {
    edit.directory->entries.erase(edit.name);
  } else {
    edit.directory->entries[edit.name] = node;
  }
}

void Disk::change(std::vector<Edit> edits) {
  for (const Edit& edit : edits) {
    apply(edit, edit.after);
    touch(*edit.directory);
    if (edit.after != nullptr && edit.directory->own_trouble)
      edit.after->own_trouble = edit.directory->own_trouble;
  }
  names_.push_back({std::move(edits)});
}

Result<DiskNodePtr> Disk::open(std::string_view path, const OpenOptions& options) {
  OTTLA_TRY(Place place, place_of(path));
  const bool writes = options.access == Access::read_write;
  if (options.truncate && !writes) {
    return Error(Errc::invalid_argument, "open " + std::string(path) + ": truncation needs write access");
  }
  if (place.node != nullptr) {
    if (options.creation == Creation::create_new) {
      return Error(Errc::already_exists, "create " + std::string(path));
    }
    if (place.node->kind == DiskNode::Kind::directory)
      return Error(Errc::is_a_directory, "open " + std::string(path));
    if (place.node->kind == DiskNode::Kind::socket)
      return Error(Errc::unsupported, "open " + std::string(path));
    if (writes && trouble_at(*place.node).read_only)
      return Error(Errc::read_only, "open " + std::string(path));
    if (options.truncate) {
      if (!place.node->views.empty())
        return Error(Errc::busy, "truncate " + std::string(path) + ": it is mapped");
      place.node->data.resize(0);
    }
    return place.node;
  }
  if (options.creation == Creation::open_existing) return not_found(path);
  if (trouble_at(*place.directory).read_only) return Error(Errc::read_only, "create " + std::string(path));
  OTTLA_CHECK(check_room(*place.directory, 1));
  DiskNodePtr node = new_node(DiskNode::Kind::file);
  change({{place.directory, place.name, nullptr, node}});
  return node;
}

Result<FileStatus> Disk::status(std::string_view path) const {
  OTTLA_TRY(DiskNodePtr node, find(path));
  return FileStatus{node->data.content().size(), node->kind == DiskNode::Kind::directory,
                    node->modified_millis};
}

Result<std::vector<DirectoryEntry>> Disk::list(std::string_view path) const {
  OTTLA_TRY(DiskNodePtr node, find(path));
  if (node->kind != DiskNode::Kind::directory)
    return Error(Errc::not_a_directory, "list " + std::string(path));
  std::vector<DirectoryEntry> entries;
  for (const auto& [name, child] : node->entries) {
    entries.push_back({name, child->kind == DiskNode::Kind::directory});
  }
  return entries;
}

Result<std::vector<DiskNodePtr>> Disk::make_directories(std::string_view path) {
  std::vector<DiskNodePtr> changed;
  DiskNodePtr node = root_;
  for (const std::string_view part : parts_of(path)) {
    if (node->kind != DiskNode::Kind::directory) return Error(Errc::not_a_directory, std::string(path));
    if (const auto entry = node->entries.find(part); entry != node->entries.end()) {
      node = entry->second;
      continue;
    }
    if (trouble_at(*node).read_only) return Error(Errc::read_only, "make directory " + std::string(path));
    OTTLA_CHECK(check_room(*node, 1));
    DiskNodePtr made = new_node(DiskNode::Kind::directory);
    change({{node, std::string(part), nullptr, made}});
    changed.push_back(node);
    node = std::move(made);
  }
  if (node->kind != DiskNode::Kind::directory) return Error(Errc::not_a_directory, std::string(path));
  return changed;
}

Result<void> Disk::rename(std::string_view from, std::string_view to) {
  OTTLA_TRY(Place source, place_of(from));
  OTTLA_TRY(Place target, place_of(to));
  if (source.node == nullptr) return not_found(from);
  if (trouble_at(*source.node).read_only) return Error(Errc::read_only, "rename " + std::string(from));
  if (source.node == target.node) return {};
  const bool moves_directory = source.node->kind == DiskNode::Kind::directory;
  if (moves_directory && holds(*source.node, *target.directory)) {
    return Error(Errc::invalid_argument, "rename " + std::string(from) + " into itself");
  }
  if (target.node != nullptr) {
    const bool onto_directory = target.node->kind == DiskNode::Kind::directory;
    if (moves_directory && !onto_directory)
      return Error(Errc::not_a_directory, "rename to " + std::string(to));
    if (!moves_directory && onto_directory)
      return Error(Errc::is_a_directory, "rename to " + std::string(to));
    if (onto_directory && !target.node->entries.empty()) {
      return Error(Errc::not_empty, "rename to " + std::string(to));
    }
  }
  change({{source.directory, source.name, source.node, nullptr},
          {target.directory, target.name, target.node, source.node}});
  return {};
}

Result<void> Disk::remove(std::string_view path) {
  OTTLA_TRY(Place place, place_of(path));
  if (place.node == nullptr) return not_found(path);
  if (!place.node->entries.empty()) return Error(Errc::not_empty, "remove " + std::string(path));
  if (trouble_at(*place.node).read_only) return Error(Errc::read_only, "remove " + std::string(path));
  change({{place.directory, place.name, place.node, nullptr}});
  return {};
}

Result<void> Disk::remove_tree(std::string_view path) {
  Result<Place> place = place_of(path);
  if (!place.ok()) {
    if (place.error() == Errc::not_found) return {};
    return std::move(place).error();
  }
  if (place->node == nullptr) return {};
  if (trouble_at(*place->node).read_only) return Error(Errc::read_only, "remove " + std::string(path));
  const std::function<void(const DiskNodePtr&)> empty = [&](const DiskNodePtr& directory) {
    while (!directory->entries.empty()) {
      const auto& [name, child] = *directory->entries.begin();
      empty(child);
      change({{directory, name, child, nullptr}});
    }
  };
  empty(place->node);
  change({{place->directory, place->name, place->node, nullptr}});
  return {};
}

Result<void> Disk::make_socket(std::string_view path) {
  OTTLA_TRY(Place place, place_of(path));
  if (place.node != nullptr) {
    if (place.node->kind != DiskNode::Kind::socket)
      return Error(Errc::address_in_use, "bind " + std::string(path));
    change({{place.directory, place.name, place.node, nullptr}});
  }
  change({{place.directory, place.name, nullptr, new_node(DiskNode::Kind::socket)}});
  return {};
}

void Disk::remove_socket(std::string_view path) {
  const Result<DiskNodePtr> node = find(path);
  if (node.ok() && (*node)->kind == DiskNode::Kind::socket) (void)remove(path);
}

DiskTrouble& Disk::split(std::string_view path) {
  const DiskNodePtr node = find(path).value();
  node->own_trouble = std::make_shared<DiskTrouble>();
  const std::function<void(DiskNode&)> hand_down = [&](DiskNode& directory) {
    for (const auto& [name, child] : directory.entries) {
      child->own_trouble = node->own_trouble;
      hand_down(*child);
    }
  };
  hand_down(*node);
  return *node->own_trouble;
}

DiskTrouble Disk::trouble_at(const DiskNode& node) const {
  DiskTrouble all = trouble;
  if (!node.own_trouble) return all;
  const DiskTrouble& own = *node.own_trouble;
  all.failing_reads = std::max(all.failing_reads, own.failing_reads);
  all.failing_writes = std::max(all.failing_writes, own.failing_writes);
  all.failing_syncs = std::max(all.failing_syncs, own.failing_syncs);
  all.full |= own.full;
  all.read_only |= own.read_only;
  return all;
}

Result<void> Disk::check_room(const DiskNode& node, std::uint64_t more) {
  const bool full = trouble_at(node).full;
  if (!full && more <= options_.capacity - std::min(used_, options_.capacity)) return {};
  if (full) strikes_.add(Strike::disk_was_full);
  return Error(Errc::no_space, "no space left on the disk");
}

Result<void> Disk::write(DiskNode& node, std::uint64_t offset, std::span<const std::byte> bytes,
                         std::uint64_t& written) {
  written = 0;
  const DiskTrouble troubled = trouble_at(node);
  if (troubled.read_only) {
    strikes_.add(Strike::disk_was_read_only);
    return Error(Errc::read_only, "write");
  }
  Result<void> outcome;
  const std::uint64_t size = node.data.content().size();
  const std::uint64_t covered = std::max(size, node.reserved);
  const std::uint64_t end = offset + bytes.size();
  if (end > covered && !check_room(node, end - covered).ok()) {
    outcome = Error(Errc::no_space, "no space left on the disk");
    bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), covered > offset ? covered - offset : 0));
  }
  if (random_.chance(troubled.failing_writes, 256)) {
    strikes_.add(Strike::write_failed);
    outcome = Error(Errc::io_error, "write");
    bytes = bytes.first(bytes.empty() ? 0 : random_.below(bytes.size() + 1));
  }
  node.data.write(offset, bytes);
  touch(node);
  written = bytes.size();
  return outcome;
}

DiskSpace Disk::space() const {
  const std::uint64_t used = std::min(used_, options_.capacity);
  return {options_.capacity, trouble.full ? 0 : options_.capacity - used};
}

void Disk::drop_durable_names() {
  while (!names_.empty() && names_.front().durable()) {
    names_.pop_front();
    ++first_name_;
  }
}

void Disk::sync_names(const DiskNode& directory, std::uint64_t mark) {
  for (std::uint64_t i = first_name_; i < mark; ++i) {
    for (Edit& edit : names_[i - first_name_].edits) edit.durable |= edit.directory.get() == &directory;
  }
  drop_durable_names();
}

void Disk::sync_everything() {
  first_name_ += names_.size();
  names_.clear();
  for (const FoundFile& file : files("")) file.node->data.make_durable(file.node->data.mark());
}

Result<void> Disk::lock(std::uint64_t node, const std::string& holder) {
  const auto [entry, fresh] = locks_.emplace(node, holder);
  if (fresh) return {};
  return Error(Errc::busy, "held by " + entry->second + "; stop it or use another directory");
}

}  // namespace ottla::sim

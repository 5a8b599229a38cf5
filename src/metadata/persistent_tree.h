// What a PersistentMap is made of: a B+ tree whose nodes are counted, and a place in it.
//
// Use:         through persistent_map.h only.
// Concurrency: as Counted: a node that more than one holds never changes.
// Invariants:  1. all leaves have level 0 and the same depth; no node is empty
//              2. a leaf's keys ascend; every key below children[i] is at least children[i].first and less than
//                 children[i + 1].first. The first of the leftmost child is not looked at and may be too large
//              3. a node has at most kFan entries or children
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/counted.h"
#include "base/invariant.h"

namespace ottla::metadata::persistent {

// Wide enough that most of a path is one or two nodes, narrow enough that a copied leaf is cheap.
inline constexpr std::size_t kFan = 16;
// Half-full nodes eight levels deep hold 2^24 times what the deepest map here does.
inline constexpr std::size_t kMostLevels = 16;

template <typename K, typename V>
struct Node : Counted {
  explicit Node(std::uint8_t node_level) : level(node_level) {}

  static void destroy(const Node* node);

  const std::uint8_t level;  // above the leaves
};

template <typename K, typename V>
struct Leaf : Node<K, V> {
  Leaf() : Node<K, V>(0) {}
  std::vector<std::pair<K, V>> entries;
};

template <typename K, typename V>
struct Inner : Node<K, V> {
  using Node<K, V>::Node;
  std::vector<std::pair<K, Ref<Node<K, V>>>> children;
};

template <typename K, typename V>
void Node<K, V>::destroy(const Node* node) {
  if (node->level == 0) {
    delete static_cast<const Leaf<K, V>*>(node);
  } else {
    delete static_cast<const Inner<K, V>*>(node);
  }
}

template <typename K, typename V>
const Leaf<K, V>& as_leaf(const Node<K, V>& node) {
  return static_cast<const Leaf<K, V>&>(node);
}
template <typename K, typename V>
const Inner<K, V>& as_inner(const Node<K, V>& node) {
  return static_cast<const Inner<K, V>&>(node);
}

// Where among a leaf's entries `key` is or belongs.
template <typename Entries, typename Key, typename Less>
std::size_t first_not_less(const Entries& entries, const Key& key, const Less& less) {
  const auto place =
      std::lower_bound(entries.begin(), entries.end(), key,
                       [&](const auto& entry, const Key& wanted) { return less(entry.first, wanted); });
  return static_cast<std::size_t>(place - entries.begin());
}

// Which child has `key`, if any has.
template <typename Children, typename Key, typename Less>
std::size_t child_of(const Children& children, const Key& key, const Less& less) {
  const auto place =
      std::upper_bound(children.begin() + 1, children.end(), key,
                       [&](const Key& wanted, const auto& child) { return less(wanted, child.first); });
  return static_cast<std::size_t>(place - children.begin()) - 1;
}

// A place in a tree: an entry, or the end.
template <typename K, typename V>
class Cursor {
 public:
  // Not defaulted, so that nothing is cleared: iterators are made often.
  Cursor() {}
  // At the first entry.
  explicit Cursor(const Node<K, V>* root) {
    if (root != nullptr) descend(root);
  }
  // At the first entry whose key is not less than `key`.
  template <typename Key, typename Less>
  Cursor(const Node<K, V>* root, const Key& key, const Less& less) {
    if (root != nullptr) descend_to(root, key, less);
  }

  bool at_end() const { return depth_ == 0; }
  const std::pair<K, V>& entry() const { return as_leaf(*top().node).entries[top().index]; }

  void next() {
    if (++top().index < as_leaf(*top().node).entries.size()) return;
    leave_node();
  }

  // When both places begin a node that the two trees share: steps over the largest such in both. In a walk that asks
  // before each step, who comes to a shared node waits at its beginning for the other.
  bool skip_shared(Cursor& other) {
    if (top().node != other.top().node) return false;
    std::size_t mine = depth_ - 1;
    std::size_t others = other.depth_ - 1;
    while (mine > 0 && others > 0 && frames_[mine - 1].node == other.frames_[others - 1].node) {
      --mine;
      --others;
    }
    depth_ = mine + 1;
    other.depth_ = others + 1;
    leave_node();
    other.leave_node();
    return true;
  }

  friend bool operator==(const Cursor& a, const Cursor& b) {
    if (a.depth_ == 0 || b.depth_ == 0) return a.depth_ == b.depth_;
    return a.top().node == b.top().node && a.top().index == b.top().index;
  }

 private:
  struct Frame {
    const Node<K, V>* node;
    std::size_t index;
  };

  Frame& top() { return frames_[depth_ - 1]; }
  const Frame& top() const { return frames_[depth_ - 1]; }

  void push(const Node<K, V>* node, std::size_t index) {
    OTTLA_INVARIANT(depth_ < kMostLevels, "a map is deeper than it can be", depth_);
    frames_[depth_++] = {.node = node, .index = index};
  }

  void descend(const Node<K, V>* node) {
    for (; node->level > 0; node = as_inner(*node).children.front().second.get()) push(node, 0);
    push(node, 0);
  }

  template <typename Key, typename Less>
  void descend_to(const Node<K, V>* node, const Key& key, const Less& less) {
    while (node->level > 0) {
      const auto& children = as_inner(*node).children;
      const std::size_t index = child_of(children, key, less);
      push(node, index);
      node = children[index].second.get();
    }
    const auto& entries = as_leaf(*node).entries;
    const std::size_t index = first_not_less(entries, key, less);
    push(node, index);
    if (index == entries.size()) leave_node();
  }

  // On to what follows the node on top.
  void leave_node() {
    for (--depth_; depth_ > 0; --depth_) {
      const auto& children = as_inner(*top().node).children;
      if (++top().index < children.size()) {
        descend(children[top().index].second.get());
        return;
      }
    }
  }

  std::array<Frame, kMostLevels> frames_;  // from the root to a leaf
  std::size_t depth_ = 0;                  // 0: at the end
};

}  // namespace ottla::metadata::persistent
